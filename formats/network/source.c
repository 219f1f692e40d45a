#include "network/source.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* The format is little-endian and sources hand out its bytes as they are. */
#if defined(__BYTE_ORDER__) && defined(__ORDER_LITTLE_ENDIAN__)
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "sources need a little-endian host");
#endif

static engram_status memory_read(const eg_source *source, void *out, uint64_t first,
                                 uint64_t count, engram_error *err)
{
    (void)err;
    const size_t size = eg_dtype_size(source->dtype);
    if (count)
        memcpy(out, (const char *)source->content + (size_t)first * size, (size_t)count * size);
    return ENGRAM_OK;
}

static const void *memory_data(const eg_source *source)
{
    return source->content;
}

static const eg_source_ops memory_ops = {memory_read, memory_data};

engram_status eg_source_memory(eg_source **out, eg_arena *arena, eg_dtype dtype, uint32_t ndim,
                               const uint64_t *shape, const void *data, engram_error *err)
{
    *out = NULL;
    if (ndim > EG_SOURCE_DIMS)
        return eg_fail(err, ENGRAM_E_LIMIT, "array of %u dimensions, at most %d are carried",
                       ndim, EG_SOURCE_DIMS);
    size_t count = 1, bytes;
    for (uint32_t k = 0; k < ndim; k++)
        if (shape[k] > SIZE_MAX || !eg_mul_size(&count, count, (size_t)shape[k]))
            return eg_fail(err, ENGRAM_E_LIMIT, "array with more elements than memory has");
    if (!eg_mul_size(&bytes, count, eg_dtype_size(dtype)))
        return eg_fail(err, ENGRAM_E_LIMIT, "array with more bytes than memory has");
    eg_source *source = eg_arena_alloc(arena, sizeof *source);
    if (!source)
        return eg_fail_memory(err, "an array");
    source->ops = &memory_ops;
    source->dtype = dtype;
    source->ndim = ndim;
    for (uint32_t k = 0; k < ndim; k++)
        source->shape[k] = shape[k];
    source->count = count;
    source->content = data;
    *out = source;
    return ENGRAM_OK;
}

engram_status eg_source_read(const eg_source *source, void *out, uint64_t first, uint64_t count,
                             engram_error *err)
{
    if (first > source->count || count > source->count - first)
        return eg_fail(err, ENGRAM_E_LIMIT,
                       "elements %llu and %llu following wanted of an array of %llu",
                       (unsigned long long)first, (unsigned long long)count,
                       (unsigned long long)source->count);
    if (count == 0)
        return ENGRAM_OK;
    return source->ops->read(source, out, first, count, err);
}

/* ---- conversion: exact or refused ---------------------------------------------------- */

/* One number of any type between its two forms. Integers stay integers, since a double does
 * not hold all of them. */
typedef struct number {
    enum { NUMBER_SIGNED, NUMBER_UNSIGNED, NUMBER_FLOAT } kind;
    int64_t i; /* negative or any int64 */
    uint64_t u;
    double f;
} number;

static number load(eg_dtype dtype, const void *from)
{
    number n = {.kind = NUMBER_SIGNED};
    switch (dtype) {
    case EG_BOOL:
        n.i = *(const unsigned char *)from != 0;
        break;
    case EG_U8:
        n.i = *(const unsigned char *)from;
        break;
    case EG_I32: {
        int32_t value;
        memcpy(&value, from, sizeof value);
        n.i = value;
        break;
    }
    case EG_U32: {
        uint32_t value;
        memcpy(&value, from, sizeof value);
        n.i = value;
        break;
    }
    case EG_I64:
        memcpy(&n.i, from, sizeof n.i);
        break;
    case EG_U64:
        memcpy(&n.u, from, sizeof n.u);
        n.kind = n.u <= INT64_MAX ? NUMBER_SIGNED : NUMBER_UNSIGNED;
        n.i = n.kind == NUMBER_SIGNED ? (int64_t)n.u : 0;
        break;
    case EG_F32: {
        float value;
        memcpy(&value, from, sizeof value);
        n.f = (double)value;
        n.kind = NUMBER_FLOAT;
        break;
    }
    case EG_F64:
        memcpy(&n.f, from, sizeof n.f);
        n.kind = NUMBER_FLOAT;
        break;
    case EG_DTYPE_COUNT:
        break;
    }
    return n;
}

/* The number as an integer, if it is one that 64 bits hold. */
static bool as_integer(const number *n, number *out)
{
    *out = *n;
    if (n->kind != NUMBER_FLOAT)
        return true;
    if (n->f != floor(n->f) || n->f < -0x1p63 || n->f >= 0x1p64) /* also NaN */
        return false;
    if (n->f < 0x1p63) {
        out->kind = NUMBER_SIGNED;
        out->i = (int64_t)n->f;
    } else {
        out->kind = NUMBER_UNSIGNED;
        out->u = (uint64_t)n->f;
    }
    return true;
}

static bool store_integer(eg_dtype dtype, const number *n, void *to)
{
    number v;
    if (!as_integer(n, &v))
        return false;
    const bool is_signed = v.kind == NUMBER_SIGNED;
    switch (dtype) {
    case EG_BOOL:
    case EG_U8:
        if (!is_signed || v.i < 0 || v.i > (dtype == EG_BOOL ? 1 : UINT8_MAX))
            return false;
        *(unsigned char *)to = (unsigned char)v.i;
        return true;
    case EG_I32: {
        if (!is_signed || v.i < INT32_MIN || v.i > INT32_MAX)
            return false;
        const int32_t value = (int32_t)v.i;
        memcpy(to, &value, sizeof value);
        return true;
    }
    case EG_U32: {
        if (!is_signed || v.i < 0 || v.i > UINT32_MAX)
            return false;
        const uint32_t value = (uint32_t)v.i;
        memcpy(to, &value, sizeof value);
        return true;
    }
    case EG_I64:
        if (!is_signed)
            return false;
        memcpy(to, &v.i, sizeof v.i);
        return true;
    default: { /* EG_U64 */
        if (is_signed && v.i < 0)
            return false;
        const uint64_t value = is_signed ? (uint64_t)v.i : v.u;
        memcpy(to, &value, sizeof value);
        return true;
    }
    }
}

/* Integers survive a double up to 2**53, and beyond where the low bits are zero. */
static bool as_double(const number *n, double *out)
{
    if (n->kind == NUMBER_FLOAT) {
        *out = n->f;
        return true;
    }
    if (n->kind == NUMBER_UNSIGNED) {
        *out = (double)n->u;
        return *out < 0x1p64 && (uint64_t)*out == n->u;
    }
    *out = (double)n->i;
    return *out < 0x1p63 && (int64_t)*out == n->i;
}

static bool store(eg_dtype dtype, const number *n, void *to)
{
    if (dtype != EG_F32 && dtype != EG_F64)
        return store_integer(dtype, n, to);
    double value;
    if (!as_double(n, &value))
        return false;
    if (dtype == EG_F64) {
        memcpy(to, &value, sizeof value);
        return true;
    }
    if (isfinite(value) && fabs(value) > (double)FLT_MAX)
        return false;
    const float narrow = (float)value;
    if (!isnan(value) && (double)narrow != value)
        return false;
    memcpy(to, &narrow, sizeof narrow);
    return true;
}

engram_status eg_source_read_as(const eg_source *source, eg_dtype dtype, void *out,
                                uint64_t first, uint64_t count, engram_error *err)
{
    if (dtype == source->dtype)
        return eg_source_read(source, out, first, count, err);
    /* Through a block on the stack, so that no memory is asked for. */
    uint64_t block[512];
    const size_t from = eg_dtype_size(source->dtype), to = eg_dtype_size(dtype);
    const uint64_t step = sizeof block / from;
    if (first > source->count || count > source->count - first)
        return eg_source_read(source, out, first, count, err); /* for its message */
    for (uint64_t done = 0; done < count;) {
        const uint64_t now = count - done < step ? count - done : step;
        engram_status status = eg_source_read(source, block, first + done, now, err);
        if (status)
            return status;
        for (uint64_t k = 0; k < now; k++) {
            const number n = load(source->dtype, (const char *)block + k * from);
            if (!store(dtype, &n, (char *)out + (done + k) * to))
                return eg_fail(err, ENGRAM_E_LIMIT,
                               "element %llu is %.17g (%s), which %s cannot hold",
                               (unsigned long long)(first + done + k),
                               n.kind == NUMBER_FLOAT    ? n.f
                               : n.kind == NUMBER_SIGNED ? (double)n.i
                                                         : (double)n.u,
                               eg_dtype_name(source->dtype), eg_dtype_name(dtype));
        }
        done += now;
    }
    return ENGRAM_OK;
}

engram_status eg_source_digest(eg_digest *out, const eg_source *source,
                               const engram_alloc *alloc, engram_error *err)
{
    enum { BLOCK = 1 << 20 };
    const size_t size = eg_dtype_size(source->dtype);
    const void *whole = source->count ? source->ops->data(source) : NULL;
    if (whole || !source->count) {
        eg_digest_bytes(out, whole, (size_t)source->count * size);
        return ENGRAM_OK;
    }
    const uint64_t step = BLOCK / size < source->count ? BLOCK / size : source->count;
    unsigned char *block = eg_calloc_array(alloc, (size_t)step, size);
    if (!block)
        return eg_fail_memory(err, "the digest of an array");
    eg_hash hash;
    engram_status status = ENGRAM_OK;
    eg_hash_begin(&hash);
    for (uint64_t first = 0; !status && first < source->count; first += step) {
        const uint64_t left = source->count - first, count = left < step ? left : step;
        status = eg_source_read(source, block, first, count, err);
        if (!status)
            eg_hash_add(&hash, block, (size_t)count * size);
    }
    eg_hash_end(out, &hash);
    eg_free(alloc, block, (size_t)step * size);
    return status;
}

engram_status eg_source_equal(bool *equal, const eg_source *a, const eg_source *b,
                              engram_error *err)
{
    *equal = false;
    if (a->dtype != b->dtype || a->ndim != b->ndim || a->count != b->count)
        return ENGRAM_OK;
    for (uint32_t k = 0; k < a->ndim; k++)
        if (a->shape[k] != b->shape[k])
            return ENGRAM_OK;
    uint64_t left[512], right[512];
    const size_t size = eg_dtype_size(a->dtype);
    const uint64_t step = sizeof left / size;
    for (uint64_t done = 0; done < a->count;) {
        const uint64_t now = a->count - done < step ? a->count - done : step;
        engram_status status = eg_source_read(a, left, done, now, err);
        if (status == ENGRAM_OK)
            status = eg_source_read(b, right, done, now, err);
        if (status)
            return status;
        if (memcmp(left, right, (size_t)now * size) != 0)
            return ENGRAM_OK;
        done += now;
    }
    *equal = true;
    return ENGRAM_OK;
}
