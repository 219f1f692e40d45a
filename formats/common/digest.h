/* digest.h - xxh3-128 of bytes: whether they are still what they were
 *
 *     eg_hash hash;
 *     eg_hash_begin(&hash);
 *     eg_hash_add(&hash, bytes, size);      as often as there are bytes
 *     eg_hash_end(&digest, &hash);
 *
 * Finds damage, not forgery: who changes a file on purpose can change its digest too. The
 * sixteen bytes are in canonical (big endian) order, as files hold them and as text shows them.
 */
#ifndef EG_COMMON_DIGEST_H
#define EG_COMMON_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EG_DIGEST_TEXT = 32 }; /* hexadecimal digits, without the NUL */

typedef struct eg_digest {
    unsigned char byte[16];
} eg_digest;

/* The state of xxHash, whose headers stay behind digest.c. */
typedef struct eg_hash {
    _Alignas(64) unsigned char state[640];
} eg_hash;

void eg_hash_begin(eg_hash *hash);
void eg_hash_add(eg_hash *hash, const void *bytes, size_t size);
/* A count or an integer: eight bytes, little endian. */
void eg_hash_add_count(eg_hash *hash, uint64_t count);
/* A text and the zero byte that ends it. */
void eg_hash_add_text(eg_hash *hash, const char *text);
void eg_hash_end(eg_digest *out, const eg_hash *hash);

/* A hash that is under way, as bytes that another process can go on from. False: the bytes
 * are none. */
enum { EG_HASH_STORED = 344 };
void eg_hash_store(unsigned char out[EG_HASH_STORED], const eg_hash *hash);
bool eg_hash_load(eg_hash *hash, const unsigned char from[EG_HASH_STORED]);

/* Of one run of bytes. */
void eg_digest_bytes(eg_digest *out, const void *bytes, size_t size);
bool eg_digest_equal(const eg_digest *a, const eg_digest *b);
/* 32 lower-case hexadecimal digits and a NUL. */
void eg_digest_text(char out[EG_DIGEST_TEXT + 1], const eg_digest *digest);

#endif
