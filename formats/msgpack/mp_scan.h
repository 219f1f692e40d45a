/* mp_scan.h - judge MessagePack bytes before anything is allocated for them
 *
 * msgpack-c allocates arrays from the counts it reads (an array32 header of five bytes asks
 * for 96 GiB) and nests 32 deep. So the headers alone are read first: every count is held
 * against the bytes that are left, depth and the number of objects against limits.
 * Nothing here allocates. Source: the MessagePack specification (formats overview).
 */
#ifndef EG_MSGPACK_MP_SCAN_H
#define EG_MSGPACK_MP_SCAN_H

#include "common/memory.h"

typedef enum eg_mp_type {
    EG_MP_NIL,
    EG_MP_BOOL,
    EG_MP_INT,
    EG_MP_FLOAT,
    EG_MP_STR,
    EG_MP_BIN,
    EG_MP_EXT,
    EG_MP_ARRAY,
    EG_MP_MAP
} eg_mp_type;

/* One header: an object without its content or children. */
typedef struct eg_mp_head {
    eg_mp_type type;
    size_t header;    /* bytes of the header (with the number itself, for numbers) */
    size_t length;    /* bytes of content behind it: STR, BIN, EXT */
    uint64_t count;   /* ARRAY: elements; MAP: pairs */
    bool negative;    /* INT: `integer` is an int64_t below zero */
    uint64_t integer; /* INT, BOOL */
} eg_mp_head;

/* Read the header at `at` < size. Errors, with the byte offset: E_FORMAT (truncated, the
 * unused byte 0xc1), E_LIMIT (more children than bytes are left). */
engram_status eg_mp_head_read(eg_mp_head *out, const unsigned char *bytes, size_t size,
                              size_t at, engram_error *err);

/* Step over the object at *at, whatever its depth. Errors as above; *at then untouched. */
engram_status eg_mp_skip(const unsigned char *bytes, size_t size, size_t *at,
                         engram_error *err);

typedef struct eg_mp_limits {
    size_t depth;     /* of nested arrays and maps */
    uint64_t objects; /* in all; each takes 24 bytes or so while reading */
    bool any_digest;  /* read a document although its digest does not match */
} eg_mp_limits;

#define EG_MP_LIMITS_DEFAULT ((eg_mp_limits){24, UINT64_C(50000000), false})

/* The bytes are exactly one object within the limits. E_FORMAT also for bytes behind it. */
engram_status eg_mp_scan(const unsigned char *bytes, size_t size, const eg_mp_limits *limits,
                         engram_error *err);

/* Byte offset of the object that a path of child numbers leads to (child k of an array is
 * its k-th element; of a map, key k is 2k and its value 2k + 1). The bytes must have passed
 * eg_mp_scan, the path must exist. */
size_t eg_mp_offset(const unsigned char *bytes, size_t size, const size_t *path, size_t depth);

#endif
