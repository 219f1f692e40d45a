/* pack.h - numbers, texts and arrays as little-endian bytes, and back
 *
 * Everything begins at a multiple of eight bytes, so what was packed is read in place:
 *     number   eight bytes: an unsigned integer, or a float64
 *     text     its length, its bytes, a zero byte, zeros up to the next multiple of eight
 *     array    the number of its bytes, the bytes, zeros up to the next multiple of eight
 *
 * Reading is bounded and sticky: behind the first thing that is not there, everything is zero,
 * "" and NULL; ask once at the end (`failed`).
 */
#ifndef EG_COMMON_PACK_H
#define EG_COMMON_PACK_H

#include "common/buf.h"

void eg_pack_u64(eg_buf *out, uint64_t value);
void eg_pack_i64(eg_buf *out, int64_t value);
void eg_pack_f64(eg_buf *out, double value);
void eg_pack_text(eg_buf *out, const char *text); /* NULL: as "" */
void eg_pack_array(eg_buf *out, const void *bytes, uint64_t size);
/* The lowest `bytes` of a number, and back. */
void eg_put_little(unsigned char *out, uint64_t value, int bytes);
uint64_t eg_get_little(const unsigned char *from, int bytes);
/* How many zeros follow `size` bytes. */
size_t eg_pack_padding(uint64_t size);

typedef struct eg_unpack {
    const unsigned char *data; /* aligned to eight */
    size_t size, at;
    bool failed;
} eg_unpack;

uint64_t eg_unpack_u64(eg_unpack *from);
int64_t eg_unpack_i64(eg_unpack *from);
double eg_unpack_f64(eg_unpack *from);
/* At most `most`, else failed. */
uint64_t eg_unpack_count(eg_unpack *from, uint64_t most);
/* In place; no zero byte is inside. Never NULL. */
const char *eg_unpack_text(eg_unpack *from);
/* In place: *size bytes; NULL when failed. */
const void *eg_unpack_array(eg_unpack *from, uint64_t *size);
/* In place: exactly `count` elements of `size` bytes; NULL when failed. */
const void *eg_unpack_elements(eg_unpack *from, uint64_t count, size_t size);

#endif
