#include "common/digest.h"

#include <string.h>
#define XXH_STATIC_LINKING_ONLY /* the size of XXH3_state_t */
#include <xxhash.h>

_Static_assert(sizeof(XXH3_state_t) <= sizeof(eg_hash), "eg_hash holds a state of xxHash");

static XXH3_state_t *state_of(eg_hash *hash)
{
    return (XXH3_state_t *)(void *)hash->state;
}

static void canonical(eg_digest *out, XXH128_hash_t value)
{
    XXH128_canonical_t bytes;
    XXH128_canonicalFromHash(&bytes, value);
    memcpy(out->byte, bytes.digest, sizeof out->byte);
}

void eg_hash_begin(eg_hash *hash)
{
    memset(hash, 0, sizeof *hash);
    XXH3_128bits_reset(state_of(hash));
}

void eg_hash_add(eg_hash *hash, const void *bytes, size_t size)
{
    if (size)
        XXH3_128bits_update(state_of(hash), bytes, size);
}

void eg_hash_add_count(eg_hash *hash, uint64_t count)
{
    unsigned char bytes[8];
    for (int k = 0; k < 8; k++)
        bytes[k] = (unsigned char)(count >> (8 * k));
    eg_hash_add(hash, bytes, sizeof bytes);
}

void eg_hash_add_text(eg_hash *hash, const char *text)
{
    eg_hash_add(hash, text, strlen(text) + 1);
}

void eg_hash_end(eg_digest *out, const eg_hash *hash)
{
    canonical(out, XXH3_128bits_digest((const XXH3_state_t *)(const void *)hash->state));
}

void eg_digest_bytes(eg_digest *out, const void *bytes, size_t size)
{
    canonical(out, XXH3_128bits(bytes, size));
}

bool eg_digest_equal(const eg_digest *a, const eg_digest *b)
{
    return memcmp(a->byte, b->byte, sizeof a->byte) == 0;
}

void eg_digest_text(char out[EG_DIGEST_TEXT + 1], const eg_digest *digest)
{
    for (size_t k = 0; k < sizeof digest->byte; k++) {
        out[2 * k] = "0123456789abcdef"[digest->byte[k] >> 4];
        out[2 * k + 1] = "0123456789abcdef"[digest->byte[k] & 15];
    }
    out[EG_DIGEST_TEXT] = '\0';
}
