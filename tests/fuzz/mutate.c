#include "fuzz/mutate.h"

#include "common/file.h"
#include "msgpack/mp_scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void stop(const char *what, const char *path)
{
    fprintf(stderr, "%s: %s\n", path, what);
    exit(2);
}

static void *room(size_t size)
{
    void *block = malloc(size ? size : 1);
    if (!block)
        stop("out of memory", "fuzz");
    return block;
}

/* ---- documents ------------------------------------------------------------------------ */

static size_t find_values(size_t *out, const unsigned char *bytes, size_t size)
{
    size_t count = 0;
    for (size_t at = 0; at < size;) {
        eg_mp_head head;
        if (eg_mp_head_read(&head, bytes, size, at, NULL))
            return 0;
        if (out)
            out[count] = at;
        count++;
        at += head.header + head.length;
    }
    return count;
}

void document_load(document *out, const char *path)
{
    eg_mapping mapping;
    engram_error err;
    if (eg_mapping_open(&mapping, path, &err))
        stop(err.message, path);
    out->size = mapping.size;
    out->bytes = room(out->size);
    memcpy(out->bytes, mapping.data, out->size);
    eg_mapping_close(&mapping);
    out->values = find_values(NULL, out->bytes, out->size);
    if (!out->values)
        stop("no document", path);
    out->value = room(out->values * sizeof *out->value);
    find_values(out->value, out->bytes, out->size);
}

void document_free(document *d)
{
    free(d->bytes);
    free(d->value);
}

/* ---- mutations ------------------------------------------------------------------------ */

uint64_t dice_below(dice *r, uint64_t below)
{
    r->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = r->state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    z ^= z >> 31;
    return below ? z % below : 0;
}

typedef struct text {
    unsigned char *bytes;
    size_t size;
} text;

/* Put `with` in the place of [at, end). */
static void splice(text *t, size_t at, size_t end, const unsigned char *with, size_t size)
{
    const size_t behind = t->size - end;
    unsigned char *fresh = room(at + size + behind);
    memcpy(fresh, t->bytes, at);
    if (size)
        memcpy(fresh + at, with, size);
    memcpy(fresh + at + size, t->bytes + end, behind);
    free(t->bytes);
    *t = (text){fresh, at + size + behind};
}

/* The value at a random place: [*at, *end). False if the bytes are too damaged to tell. */
static bool pick(const text *t, size_t *at, size_t *end, dice *r)
{
    const size_t count = find_values(NULL, t->bytes, t->size);
    if (!count)
        return false;
    size_t *value = room(count * sizeof *value);
    find_values(value, t->bytes, t->size);
    *at = *end = value[dice_below(r, count)];
    free(value);
    return eg_mp_skip(t->bytes, t->size, end, NULL) == ENGRAM_OK;
}

/* Numbers at which something may turn over, as MessagePack. */
static size_t strange_number(unsigned char out[9], dice *r)
{
    static const uint64_t numbers[] = {0,
                                       1,
                                       2,
                                       3,
                                       7,
                                       UINT64_MAX, /* -1 */
                                       UINT64_MAX - 1,
                                       255,
                                       256,
                                       624,
                                       20000,
                                       65536,
                                       INT32_MAX,
                                       UINT64_C(0x80000000),
                                       UINT64_C(0xffffffff),
                                       UINT64_C(0x100000000),
                                       UINT64_C(1) << 53,
                                       INT64_MAX,
                                       UINT64_C(1) << 63,
                                       UINT64_C(0x7ff0000000000000),  /* as a float: infinity */
                                       UINT64_C(0x7ff8000000000000),  /* NaN */
                                       UINT64_C(0x3f1a36e2eb1c432d)}; /* 1e-4 */
    static const unsigned char kinds[] = {0xd3, 0xcf, 0xcb}; /* int64, uint64, float64 */
    const uint64_t number = numbers[dice_below(r, sizeof numbers / sizeof *numbers)];
    out[0] = kinds[dice_below(r, sizeof kinds)];
    for (int k = 0; k < 8; k++)
        out[1 + k] = (unsigned char)(number >> (56 - 8 * k));
    return 9;
}

static void damage_bytes(text *t, dice *r)
{
    for (uint64_t k = 1 + dice_below(r, 4); k > 0 && t->size; k--)
        t->bytes[dice_below(r, t->size)] ^= (unsigned char)(1 + dice_below(r, 255));
}

static void cut(text *t, dice *r)
{
    const size_t at = dice_below(r, t->size + 1);
    const size_t left = t->size - at;
    splice(t, at, at + dice_below(r, left < 64 ? left + 1 : 64), NULL, 0);
}

static void replace_number(text *t, dice *r)
{
    size_t at, end;
    unsigned char number[9];
    /* A few tries to meet a number. */
    for (int tries = 0; tries < 8; tries++) {
        eg_mp_head head;
        if (!pick(t, &at, &end, r) || eg_mp_head_read(&head, t->bytes, t->size, at, NULL))
            return;
        if (head.type == EG_MP_INT || head.type == EG_MP_FLOAT || tries == 7) {
            splice(t, at, end, number, strange_number(number, r));
            return;
        }
    }
}

/* One value in the place of another, from any document. */
static void replace_value(text *t, const document *from, size_t count, dice *r)
{
    const document *donor = &from[dice_below(r, count)];
    const size_t first = donor->value[dice_below(r, donor->values)];
    size_t last = first, at, end;
    if (pick(t, &at, &end, r) && !eg_mp_skip(donor->bytes, donor->size, &last, NULL))
        splice(t, at, end, donor->bytes + first, last - first);
}

/* Elements of arrays: bytes inside of a binary. */
static void damage_binary(text *t, dice *r)
{
    static const unsigned char borders[] = {0, 1, 2, 3, 0x7f, 0x80, 0xff};
    for (int tries = 0; tries < 64; tries++) {
        size_t at, end;
        eg_mp_head head;
        if (!pick(t, &at, &end, r) || eg_mp_head_read(&head, t->bytes, t->size, at, NULL))
            return;
        if (head.type != EG_MP_BIN || !head.length)
            continue;
        unsigned char *content = t->bytes + at + head.header;
        for (uint64_t k = 1 + dice_below(r, 3); k > 0; k--)
            content[dice_below(r, head.length)] = borders[dice_below(r, sizeof borders)];
        return;
    }
}

unsigned char *mutate(size_t *size, const document *from, size_t count, dice *r)
{
    const document *start = &from[dice_below(r, count)];
    text t = {room(start->size), start->size};
    memcpy(t.bytes, start->bytes, start->size);
    for (uint64_t k = 1 + dice_below(r, 4); k > 0; k--)
        switch (dice_below(r, 8)) {
        case 0:
            damage_bytes(&t, r);
            break;
        case 1:
            cut(&t, r);
            break;
        case 2:
        case 3:
            replace_number(&t, r);
            break;
        case 4:
            damage_binary(&t, r);
            break;
        default:
            replace_value(&t, from, count, r);
            break;
        }
    *size = t.size;
    return t.bytes;
}
