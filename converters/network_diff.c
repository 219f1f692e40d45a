/* network_diff.c - what is different in another network
 *
 * Both are walked together, in the order of the schema. Elements with names are paired by
 * name, others by place, after what they begin and end with in common was set aside. */
#include "engram/network.h"

#include "common/buf.h"
#include "network/net_digest.h"
#include "network_handle.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { VALUE = 400, BLOCK = 1 << 16 };

typedef struct differ {
    engram_difference_visitor visit;
    void *context;
    const engram_alloc *alloc;
    bool stated; /* what both archives state of their arrays was covered by their digests */
    eg_buf path;
    const char *object;
    size_t count;
    engram_error *err;
} differ;

static void cut(differ *d, size_t size)
{
    if (d->path.data) {
        d->path.size = size;
        d->path.data[size] = '\0';
    }
}

static engram_status tell(differ *d, engram_change change, const char *type, const char *a,
                          const char *b, int64_t index, uint64_t count)
{
    d->count++;
    if (d->path.failed)
        return eg_fail_memory(d->err, "a path");
    const engram_difference said = {.change = change,
                                    .path = d->path.size ? d->path.data : "/",
                                    .type = type,
                                    .object = d->object,
                                    .a = a,
                                    .b = b,
                                    .index = index,
                                    .count = count};
    return d->visit ? d->visit(d->context, &said, d->err) : ENGRAM_OK;
}

/* ---- values ----------------------------------------------------------------------------- */

static const char *text_of(const eg_element_type *type, const void *element, const char *name)
{
    const eg_field *field = eg_element_field(type, name);
    if (!field || field->kind != EG_FIELD_STR)
        return "";
    return *(const char *const *)(const void *)((const char *)element + field->offset);
}

static void print_value(char out[VALUE], const eg_field *field, const void *element)
{
    const void *at = (const char *)element + field->offset;
    switch (field->kind) {
    case EG_FIELD_STR:
        snprintf(out, VALUE, "%s", *(const char *const *)at);
        break;
    case EG_FIELD_F64:
        snprintf(out, VALUE, "%.17g", *(const double *)at);
        break;
    case EG_FIELD_I64:
        snprintf(out, VALUE, "%" PRId64, *(const int64_t *)at);
        break;
    case EG_FIELD_FLAG:
        snprintf(out, VALUE, "%s", *(const bool *)at ? "true" : "false");
        break;
    case EG_FIELD_DIM:
        eg_dim_print(*(const eg_dim *)at, out, VALUE);
        break;
    case EG_FIELD_STRS: {
        const eg_strs *list = at;
        size_t used = 0;
        out[0] = '\0';
        for (size_t k = 0; k < list->count && used < VALUE; k++) {
            const int put =
                snprintf(out + used, VALUE - used, "%s%s", k ? ", " : "", list->item[k]);
            used += put > 0 ? (size_t)put : 0;
        }
        break;
    }
    default:
        out[0] = '\0';
        break;
    }
}

static engram_status compare_value(differ *d, const eg_element_type *type,
                                   const eg_field *field, const void *a, const void *b)
{
    eg_digest x, y;
    eg_hash hash;
    eg_hash_begin(&hash);
    eg_digest_value(&hash, field, a);
    eg_hash_end(&x, &hash);
    eg_hash_begin(&hash);
    eg_digest_value(&hash, field, b);
    eg_hash_end(&y, &hash);
    if (eg_digest_equal(&x, &y))
        return ENGRAM_OK;
    char left[VALUE], right[VALUE];
    print_value(left, field, a);
    print_value(right, field, b);
    return tell(d, ENGRAM_CHANGE_CHANGED, type->name, left, right, -1, 0);
}

/* ---- arrays ----------------------------------------------------------------------------- */

static void print_shape(char out[VALUE], const eg_source *s)
{
    if (s->ndim == 0)
        snprintf(out, VALUE, "%s", eg_dtype_name(s->dtype));
    else if (s->ndim == 1)
        snprintf(out, VALUE, "%s [%" PRIu64 "]", eg_dtype_name(s->dtype), s->shape[0]);
    else
        snprintf(out, VALUE, "%s [%" PRIu64 ", %" PRIu64 "]", eg_dtype_name(s->dtype),
                 s->shape[0], s->shape[1]);
}

static void print_item(char out[VALUE], eg_dtype dtype, const unsigned char *at)
{
    float f32;
    double f64;
    int64_t integer = 0;
    uint64_t count = 0;
    switch (dtype) {
    case EG_F32:
        memcpy(&f32, at, sizeof f32);
        snprintf(out, VALUE, "%.9g", (double)f32);
        return;
    case EG_F64:
        memcpy(&f64, at, sizeof f64);
        snprintf(out, VALUE, "%.17g", f64);
        return;
    case EG_I32: {
        int32_t small;
        memcpy(&small, at, sizeof small);
        integer = small;
        break;
    }
    case EG_I64:
        memcpy(&integer, at, sizeof integer);
        break;
    default:
        memcpy(&count, at, eg_dtype_size(dtype)); /* little endian */
        snprintf(out, VALUE, "%" PRIu64, count);
        return;
    }
    snprintf(out, VALUE, "%" PRId64, integer);
}

/* Elements that differ: how many, and of the first its place and values. */
static engram_status compare_elements(differ *d, const eg_element_type *type,
                                      const eg_source *a, const eg_source *b)
{
    const size_t size = eg_dtype_size(a->dtype);
    const uint64_t step = BLOCK / size;
    unsigned char *block = eg_calloc(d->alloc, 2 * (size_t)BLOCK);
    if (!block)
        return eg_fail_memory(d->err, "comparing arrays");
    char left[VALUE] = "", right[VALUE] = "";
    uint64_t count = 0, place = 0;
    engram_status status = ENGRAM_OK;
    for (uint64_t first = 0; !status && first < a->count; first += step) {
        const uint64_t rest = a->count - first, n = rest < step ? rest : step;
        status = eg_source_read(a, block, first, n, d->err);
        if (!status)
            status = eg_source_read(b, block + BLOCK, first, n, d->err);
        if (status || !memcmp(block, block + BLOCK, (size_t)n * size))
            continue;
        for (size_t k = 0; k < n; k++) {
            const unsigned char *x = block + k * size, *y = x + BLOCK;
            if (!memcmp(x, y, size))
                continue;
            if (!count++) {
                place = first + k;
                print_item(left, a->dtype, x);
                print_item(right, b->dtype, y);
            }
        }
    }
    eg_free(d->alloc, block, 2 * (size_t)BLOCK);
    if (!status && count)
        status = tell(d, ENGRAM_CHANGE_CHANGED, type->name, left, right, (int64_t)place, count);
    return status;
}

static engram_status compare_arrays(differ *d, const eg_element_type *type, const eg_source *a,
                                    const eg_source *b)
{
    char left[VALUE] = "", right[VALUE] = "";
    if (a)
        print_shape(left, a);
    if (b)
        print_shape(right, b);
    if (!a && !b)
        return ENGRAM_OK;
    if (!a || !b || strcmp(left, right))
        return tell(d,
                    !a   ? ENGRAM_CHANGE_ADDED
                    : !b ? ENGRAM_CHANGE_REMOVED
                         : ENGRAM_CHANGE_CHANGED,
                    type->name, left, right, -1, 0);
    if (d->stated && a->digest && b->digest && eg_digest_equal(a->digest, b->digest))
        return ENGRAM_OK;
    return compare_elements(d, type, a, b);
}

/* ---- elements --------------------------------------------------------------------------- */

static engram_status compare(differ *d, const eg_element_type *type, const void *a,
                             const void *b);

static const void *item(const eg_any_list *list, const eg_field *field, size_t k)
{
    return (const char *)list->item + k * field->element->size;
}

/* A few words for an element that came or went: its kind, code or value. */
static void print_element(char out[VALUE], const eg_element_type *type, const void *element)
{
    static const char *const telling[] = {"expr",  "code",     "condition", "kind",  "variable",
                                          "value", "duration", "version",   "source"};
    out[0] = '\0';
    for (size_t k = 0; !*out && k < sizeof telling / sizeof *telling; k++) {
        const eg_field *field = eg_element_field(type, telling[k]);
        if (field)
            print_value(out, field, element);
    }
}

static engram_status only_one(differ *d, engram_change change, const eg_element_type *type,
                              const void *element)
{
    char text[VALUE];
    print_element(text, type, element);
    return change == ENGRAM_CHANGE_REMOVED ? tell(d, change, type->name, text, "", -1, 0)
                                           : tell(d, change, type->name, "", text, -1, 0);
}

/* At "<here>/<name>" or "<here>/<k>": both, or the one that is there. */
static engram_status pair(differ *d, const eg_field *field, const char *name, size_t k,
                          const void *a, const void *b)
{
    const size_t here = d->path.size;
    const char *object = d->object;
    if (name)
        eg_buf_printf(&d->path, "/%s", name);
    else
        eg_buf_printf(&d->path, "/%zu", k);
    if (name && field->kind == EG_FIELD_LIST)
        d->object = name;
    const engram_status status = a && b ? compare(d, field->element, a, b)
                                 : a    ? only_one(d, ENGRAM_CHANGE_REMOVED, field->element, a)
                                        : only_one(d, ENGRAM_CHANGE_ADDED, field->element, b);
    d->object = object;
    cut(d, here);
    return status;
}

static const void *find(const eg_any_list *list, const eg_field *field, const char *name)
{
    for (size_t k = 0; k < list->count; k++)
        if (!strcmp(text_of(field->element, item(list, field, k), "name"), name))
            return item(list, field, k);
    return NULL;
}

static bool names_differ(const eg_any_list *list, const eg_field *field)
{
    for (size_t k = 1; k < list->count; k++)
        for (size_t j = 0; j < k; j++)
            if (!strcmp(text_of(field->element, item(list, field, j), "name"),
                        text_of(field->element, item(list, field, k), "name")))
                return false;
    return true;
}

/* Sorted by name. */
static engram_status compare_lists(differ *d, const eg_field *field, const eg_any_list *a,
                                   const eg_any_list *b)
{
    engram_status status = ENGRAM_OK;
    for (size_t i = 0, j = 0; !status && (i < a->count || j < b->count);) {
        const void *x = i < a->count ? item(a, field, i) : NULL;
        const void *y = j < b->count ? item(b, field, j) : NULL;
        const char *left = x ? text_of(field->element, x, "name") : NULL;
        const char *right = y ? text_of(field->element, y, "name") : NULL;
        const int order = !x ? 1 : !y ? -1 : strcmp(left, right);
        status = pair(d, field, order <= 0 ? left : right, 0, order <= 0 ? x : NULL,
                      order >= 0 ? y : NULL);
        i += order <= 0;
        j += order >= 0;
    }
    return status;
}

static engram_status compare_named_rows(differ *d, const eg_field *field, const eg_any_list *a,
                                        const eg_any_list *b)
{
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < a->count; k++) {
        const char *name = text_of(field->element, item(a, field, k), "name");
        status = pair(d, field, name, k, item(a, field, k), find(b, field, name));
    }
    for (size_t k = 0; !status && k < b->count; k++) {
        const char *name = text_of(field->element, item(b, field, k), "name");
        if (!find(a, field, name))
            status = pair(d, field, name, k, NULL, item(b, field, k));
    }
    return status;
}

static engram_status same_item(bool *same, differ *d, const eg_field *field, const void *a,
                               const void *b)
{
    eg_digest x, y;
    engram_status status =
        eg_element_digest(&x, field->element, a, d->stated, d->alloc, d->err);
    if (!status)
        status = eg_element_digest(&y, field->element, b, d->stated, d->alloc, d->err);
    *same = !status && eg_digest_equal(&x, &y);
    return status;
}

static engram_status compare_sequences(differ *d, const eg_field *field, const eg_any_list *a,
                                       const eg_any_list *b)
{
    const size_t least = a->count < b->count ? a->count : b->count;
    size_t head = 0, tail = 0;
    engram_status status = ENGRAM_OK;
    bool same = true;
    while (!status && same && head < least) {
        status = same_item(&same, d, field, item(a, field, head), item(b, field, head));
        head += same;
    }
    for (same = true; !status && same && tail < least - head; tail += same)
        status = same_item(&same, d, field, item(a, field, a->count - 1 - tail),
                           item(b, field, b->count - 1 - tail));
    const size_t left = a->count - head - tail, right = b->count - head - tail;
    for (size_t k = 0; !status && (k < left || k < right); k++)
        status = pair(d, field, NULL, head + k, k < left ? item(a, field, head + k) : NULL,
                      k < right ? item(b, field, head + k) : NULL);
    return status;
}

static engram_status compare_one(differ *d, const eg_field *field, const void *a, const void *b)
{
    if (a && b)
        return compare(d, field->element, a, b);
    if (!a && !b)
        return ENGRAM_OK;
    return only_one(d, a ? ENGRAM_CHANGE_REMOVED : ENGRAM_CHANGE_ADDED, field->element,
                    a ? a : b);
}

static engram_status compare_field(differ *d, const eg_element_type *type,
                                   const eg_field *field, const void *a, const void *b)
{
    const void *x = (const char *)a + field->offset, *y = (const char *)b + field->offset;
    switch (field->kind) {
    case EG_FIELD_ARRAY:
        return compare_arrays(d, type, *(const eg_source *const *)x,
                              *(const eg_source *const *)y);
    case EG_FIELD_ONE:
        return compare_one(d, field, *(const void *const *)x, *(const void *const *)y);
    case EG_FIELD_LIST:
        return compare_lists(d, field, x, y);
    case EG_FIELD_TABLE:
        if (eg_element_field(field->element, "name") && names_differ(x, field) &&
            names_differ(y, field))
            return compare_named_rows(d, field, x, y);
        return compare_sequences(d, field, x, y);
    case EG_FIELD_SEQ:
        return compare_sequences(d, field, x, y);
    default:
        return compare_value(d, type, field, a, b);
    }
}

static engram_status compare(differ *d, const eg_element_type *type, const void *a,
                             const void *b)
{
    const size_t here = d->path.size;
    engram_status status = ENGRAM_OK;
    for (size_t f = 0; !status && f < type->field_count; f++) {
        eg_buf_printf(&d->path, "/%s", type->fields[f].name);
        status = compare_field(d, type, &type->fields[f], a, b);
        cut(d, here);
    }
    return !status && d->path.failed ? eg_fail_memory(d->err, "a path") : status;
}

engram_status engram_network_diff(const engram_network *a, const engram_network *b,
                                  engram_difference_visitor visit, void *context, size_t *count,
                                  engram_error *err)
{
    differ d = {.visit = visit,
                .context = context,
                .alloc = a->alloc,
                .stated = a->net->seal == EG_SEAL_MATCHED && b->net->seal == EG_SEAL_MATCHED,
                .object = "",
                .err = err};
    eg_buf_init(&d.path, a->alloc);
    const engram_status status =
        compare(&d, &eg_type_document, &a->net->document, &b->net->document);
    eg_buf_clear(&d.path);
    if (count)
        *count = d.count;
    return status;
}
