#include "common/digest.h"

#include "common/pack.h"

#include <string.h>
#define XXH_STATIC_LINKING_ONLY /* size and members of XXH3_state_t */
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

/* ---- a hash that is under way --------------------------------------------------------------
 */

static void put_u64(unsigned char **to, uint64_t value)
{
    eg_put_little(*to, value, 8);
    *to += 8;
}

static uint64_t get_u64(const unsigned char **from)
{
    *from += 8;
    return eg_get_little(*from - 8, 8);
}

/* What xxHash adds up; the rest of its state is constant, but holds an address. */
void eg_hash_store(unsigned char out[EG_HASH_STORED], const eg_hash *hash)
{
    const XXH3_state_t *state = (const XXH3_state_t *)(const void *)hash->state;
    _Static_assert(sizeof state->acc + sizeof state->buffer + 24 == EG_HASH_STORED,
                   "what xxHash adds up");
    for (size_t k = 0; k < sizeof state->acc / 8; k++)
        put_u64(&out, state->acc[k]);
    memcpy(out, state->buffer, sizeof state->buffer);
    out += sizeof state->buffer;
    put_u64(&out, state->bufferedSize);
    put_u64(&out, state->nbStripesSoFar);
    put_u64(&out, state->totalLen);
}

bool eg_hash_load(eg_hash *hash, const unsigned char from[EG_HASH_STORED])
{
    eg_hash_begin(hash);
    XXH3_state_t *state = state_of(hash);
    for (size_t k = 0; k < sizeof state->acc / 8; k++)
        state->acc[k] = get_u64(&from);
    memcpy(state->buffer, from, sizeof state->buffer);
    from += sizeof state->buffer;
    const uint64_t buffered = get_u64(&from), stripes = get_u64(&from);
    state->totalLen = get_u64(&from);
    /* Numbers that it takes for places. */
    if (buffered > sizeof state->buffer || stripes >= state->nbStripesPerBlock ||
        buffered > state->totalLen) {
        eg_hash_begin(hash);
        return false;
    }
    state->bufferedSize = (XXH32_hash_t)buffered;
    state->nbStripesSoFar = (size_t)stripes;
    return true;
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
