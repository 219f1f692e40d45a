#include "sim/random.h"

#include "common/memory.h"

#include <stdio.h>

engram_status eg_random_seed(eg_rng *rng, int64_t seed, engram_error *err)
{
    uint64_t bits = (uint64_t)seed;
    if (seed < 0) {
        FILE *file = fopen("/dev/urandom", "rb");
        uint32_t drawn;
        const bool read = file && fread(&drawn, sizeof drawn, 1, file) == 1;
        if (file)
            fclose(file);
        if (!read)
            return eg_fail(err, ENGRAM_E_IO, "/dev/urandom gives no seed");
        bits = drawn;
    }
    eg_rng_init(rng, rng->rule, bits);
    return ENGRAM_OK;
}

static engram_status read_buffer(double *out, uint32_t *next, const eg_source *source,
                                 int64_t from, const char *name, engram_error *err)
{
    *next = 0; /* empty: refilled before the next draw */
    if (!from)
        return ENGRAM_OK;
    if (!source || source->count != EG_RNG_BUFFER || from < 0 || from >= EG_RNG_BUFFER)
        return eg_fail(err, ENGRAM_E_SCHEMA, "state/random: buffer of %s with next %lld", name,
                       (long long)from);
    *next = (uint32_t)from;
    return eg_source_read_as(source, EG_F64, out, 0, EG_RNG_BUFFER, err);
}

engram_status eg_random_load(eg_rng *rng, const eg_random *random, engram_error *err)
{
    if (random->words->count != EG_MT_WORDS || random->words->dtype != EG_U32 ||
        random->position < 0 || random->position > EG_MT_WORDS)
        return eg_fail(err, ENGRAM_E_SCHEMA,
                       "state/random: %llu words of %s at %lld, wanted 624 of uint32",
                       (unsigned long long)random->words->count,
                       eg_dtype_name(random->words->dtype), (long long)random->position);
    rng->mt.position = (uint32_t)random->position;
    rng->mt.has_gauss = random->has_gauss;
    rng->mt.gauss = random->gauss;
    engram_status status = eg_source_read(random->words, rng->mt.word, 0, EG_MT_WORDS, err);
    if (!status)
        status = read_buffer(rng->uniform, &rng->next_uniform, random->uniforms,
                             random->next_uniform, "rand", err);
    if (!status)
        status = read_buffer(rng->normal, &rng->next_normal, random->normals,
                             random->next_normal, "randn", err);
    if (!status && rng->rule == EG_RNG_PHILOX) {
        const uint64_t key = (uint64_t)rng->mt.word[0] << 32 | rng->mt.word[1];
        eg_rng_init(rng, EG_RNG_PHILOX, key);
    }
    return status;
}
