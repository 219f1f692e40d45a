#include "msgpack/mp_scan.h"

enum { DEPTH_MAX = 32 }; /* msgpack-c's own bound; a limit beyond it has no effect */

static uint64_t big_endian(const unsigned char *bytes, size_t size)
{
    uint64_t value = 0;
    for (size_t k = 0; k < size; k++)
        value = value << 8 | bytes[k];
    return value;
}

static engram_status truncated(size_t at, engram_error *err)
{
    return eg_fail(err, ENGRAM_E_FORMAT, "byte %zu: the document ends inside a value", at);
}

/* Formats 0xc0 to 0xdf: *type, and how many bytes behind the first hold the number or the
 * length. `fixed` is the content of fixext. */
static void describe(unsigned char first, eg_mp_type *type, size_t *number, size_t *fixed)
{
    static const struct {
        unsigned char type, number, fixed;
    } table[32] = {
        {EG_MP_NIL, 0, 0},   {EG_MP_NIL, 0, 0},   {EG_MP_BOOL, 0, 0},  {EG_MP_BOOL, 0, 0},
        {EG_MP_BIN, 1, 0},   {EG_MP_BIN, 2, 0},   {EG_MP_BIN, 4, 0},   {EG_MP_EXT, 1, 1},
        {EG_MP_EXT, 2, 1},   {EG_MP_EXT, 4, 1},   {EG_MP_FLOAT, 4, 0}, {EG_MP_FLOAT, 8, 0},
        {EG_MP_INT, 1, 0},   {EG_MP_INT, 2, 0},   {EG_MP_INT, 4, 0},   {EG_MP_INT, 8, 0},
        {EG_MP_INT, 1, 0},   {EG_MP_INT, 2, 0},   {EG_MP_INT, 4, 0},   {EG_MP_INT, 8, 0},
        {EG_MP_EXT, 0, 2},   {EG_MP_EXT, 0, 3},   {EG_MP_EXT, 0, 5},   {EG_MP_EXT, 0, 9},
        {EG_MP_EXT, 0, 17},  {EG_MP_STR, 1, 0},   {EG_MP_STR, 2, 0},   {EG_MP_STR, 4, 0},
        {EG_MP_ARRAY, 2, 0}, {EG_MP_ARRAY, 4, 0}, {EG_MP_MAP, 2, 0},   {EG_MP_MAP, 4, 0}};
    *type = (eg_mp_type)table[first - 0xc0].type;
    *number = table[first - 0xc0].number;
    *fixed = table[first - 0xc0].fixed;
}

/* Sign-extend the integer formats 0xd0 (int8) to 0xd3 (int64). */
static void set_signed(eg_mp_head *out, uint64_t value, size_t size)
{
    const uint64_t sign = UINT64_C(1) << (8 * size - 1);
    out->negative = (value & sign) != 0;
    out->integer = out->negative && size < 8 ? value | ~(2 * sign - 1) : value;
}

engram_status eg_mp_head_read(eg_mp_head *out, const unsigned char *bytes, size_t size,
                              size_t at, engram_error *err)
{
    *out = (eg_mp_head){.header = 1};
    if (at >= size)
        return truncated(at, err);
    const unsigned char first = bytes[at];
    const size_t left = size - at - 1;
    uint64_t content = 0;
    if (first < 0x80 || first >= 0xe0) { /* small integers */
        out->type = EG_MP_INT;
        out->negative = first >= 0xe0;
        out->integer = out->negative ? first | ~UINT64_C(0xff) : first;
    } else if (first < 0xa0) { /* small maps and arrays */
        out->type = first < 0x90 ? EG_MP_MAP : EG_MP_ARRAY;
        out->count = first & 0x0f;
    } else if (first < 0xc0) {
        out->type = EG_MP_STR;
        content = first & 0x1f;
    } else if (first == 0xc1) {
        return eg_fail(err, ENGRAM_E_FORMAT, "byte %zu: 0xc1, which MessagePack does not use",
                       at);
    } else {
        size_t number, fixed;
        describe(first, &out->type, &number, &fixed);
        if (number > left)
            return truncated(at, err);
        const uint64_t value = big_endian(bytes + at + 1, number);
        out->header += number;
        if (out->type == EG_MP_BOOL)
            out->integer = first & 1;
        else if (out->type == EG_MP_INT && first >= 0xd0)
            set_signed(out, value, number);
        else if (out->type == EG_MP_INT)
            out->integer = value;
        else if (out->type == EG_MP_ARRAY || out->type == EG_MP_MAP)
            out->count = value;
        else if (out->type != EG_MP_FLOAT)
            content = value + fixed;
    }
    const size_t behind = size - at - out->header;
    if (content > behind)
        return truncated(at, err);
    out->length = (size_t)content;
    const uint64_t children = out->type == EG_MP_MAP ? 2 * out->count : out->count;
    if (children > behind)
        return eg_fail(
            err, ENGRAM_E_LIMIT,
            "byte %zu: %s of %llu, but only %zu bytes are left (truncated or damaged)", at,
            out->type == EG_MP_MAP ? "a map" : "an array", (unsigned long long)out->count,
            behind);
    return ENGRAM_OK;
}

engram_status eg_mp_skip(const unsigned char *bytes, size_t size, size_t *at, engram_error *err)
{
    size_t here = *at;
    /* Cannot overflow: every step checks its children against the bytes left. */
    uint64_t pending = 1;
    while (pending) {
        eg_mp_head head;
        engram_status status = eg_mp_head_read(&head, bytes, size, here, err);
        if (status)
            return status;
        here += head.header + head.length;
        pending += (head.type == EG_MP_MAP ? 2 * head.count : head.count) - 1;
        if (pending > size - here)
            return truncated(here, err);
    }
    *at = here;
    return ENGRAM_OK;
}

engram_status eg_mp_scan(const unsigned char *bytes, size_t size, const eg_mp_limits *limits,
                         engram_error *err)
{
    const size_t deepest = limits->depth < DEPTH_MAX ? limits->depth : DEPTH_MAX;
    uint64_t left[DEPTH_MAX + 1]; /* objects still to come at each level */
    size_t depth = 0, at = 0;
    uint64_t objects = 0;
    left[0] = 1;
    for (;;) {
        while (left[depth] == 0) {
            if (depth == 0)
                goto whole;
            depth--;
        }
        eg_mp_head head;
        engram_status status = eg_mp_head_read(&head, bytes, size, at, err);
        if (status)
            return status;
        if (++objects > limits->objects)
            return eg_fail(err, ENGRAM_E_LIMIT, "byte %zu: more than %llu values", at,
                           (unsigned long long)limits->objects);
        left[depth]--;
        if (head.type == EG_MP_ARRAY || head.type == EG_MP_MAP) {
            if (depth == deepest)
                return eg_fail(err, ENGRAM_E_LIMIT, "byte %zu: nested more than %zu deep", at,
                               deepest);
            left[++depth] = head.type == EG_MP_MAP ? 2 * head.count : head.count;
        }
        at += head.header + head.length;
    }
whole:
    if (at != size)
        return eg_fail(err, ENGRAM_E_FORMAT,
                       "byte %zu: %zu bytes behind the end of the document", at, size - at);
    return ENGRAM_OK;
}

size_t eg_mp_offset(const unsigned char *bytes, size_t size, const size_t *path, size_t depth)
{
    size_t at = 0;
    for (size_t d = 0; d < depth; d++) {
        eg_mp_head head;
        if (eg_mp_head_read(&head, bytes, size, at, NULL))
            return at;
        at += head.header;
        for (size_t k = 0; k < path[d]; k++)
            if (eg_mp_skip(bytes, size, &at, NULL))
                return at;
    }
    return at;
}
