/* rng.h - the random streams of Brian2, and Philox
 *
 * MT19937 as numpy's legacy RandomState and Brian2's standalone code use it
 * (Matsumoto & Nishimura 1998; brian2/devices/device.py, cpp_standalone objects.cpp):
 *   rand()   (a >> 5, b >> 6) -> [0, 1), 53 bits
 *   randn()  Marsaglia's polar method, returns the second, caches the first
 * Three rules of drawing (design: "RNG rule"):
 *   brian-runtime     rand and randn each from a buffer of 20000, refilled whole from MT
 *   brian-standalone  straight from MT, interleaved
 *   philox            counter-based (Salmon 2011; Random123's philox4x64-10): each number is a
 *                     function of where it is drawn, and of nothing that was drawn before
 */
#ifndef EG_COMMON_RNG_H
#define EG_COMMON_RNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EG_MT_WORDS = 624, EG_RNG_BUFFER = 20000 };

typedef struct eg_mt {
    uint32_t word[EG_MT_WORDS];
    uint32_t position; /* 0..624; 624: regenerate before the next draw */
    bool has_gauss;
    double gauss;
} eg_mt;

void eg_mt_seed(eg_mt *mt, uint32_t seed);
uint32_t eg_mt_next(eg_mt *mt);
double eg_mt_rand(eg_mt *mt);
/* `count` times eg_mt_rand, in blocks. */
void eg_mt_fill(eg_mt *mt, double *out, uint32_t count);
double eg_mt_randn(eg_mt *mt);

typedef enum eg_rng_rule {
    EG_RNG_BRIAN_RUNTIME,
    EG_RNG_BRIAN_STANDALONE,
    EG_RNG_PHILOX
} eg_rng_rule;

/* Where philox draws. The key is (seed, object); the counter (element, step, draw, block). A
 * draw takes the 64-bit words of its blocks 0, 1, 2, ... one after the other; a uniform number
 * is (word >> 11) * 2^-53. */
typedef struct eg_philox {
    uint64_t key[2];
    uint64_t counter[4];
    uint64_t word[4]; /* of the last block */
    uint32_t used;    /* of `word` */
    bool serial;      /* elements do not matter: draws count through */
} eg_philox;

/* One stream for a whole simulation. Plain data: copying it is a checkpoint. About 320 KiB:
 * allocate it. */
typedef struct eg_rng {
    eg_rng_rule rule;
    eg_mt mt;
    double uniform[EG_RNG_BUFFER];
    double normal[EG_RNG_BUFFER];
    uint32_t next_uniform; /* 0: refill before the next draw */
    uint32_t next_normal;
    eg_philox philox;
} eg_rng;

void eg_rng_init(eg_rng *rng, eg_rng_rule rule, uint64_t seed);
/* The other rules do not ask where: these three do nothing then.
 * Draws that follow belong to this object and step; `serial`: to no element of it. */
void eg_rng_place(eg_rng *rng, uint64_t object, uint64_t step, bool serial);
/* ... and to this element, whose draws count from 0; `turn` 0, or how often the element has
 * already come in this step. EG_RNG_SHARED: what is computed once for all elements. */
void eg_rng_element(eg_rng *rng, uint64_t element, uint32_t turn);
#define EG_RNG_SHARED UINT64_MAX
/* The number of an object: from its name. */
uint64_t eg_rng_object(const char *name);
/* One block of philox4x64-10. */
void eg_philox_block(uint64_t out[4], const uint64_t counter[4], const uint64_t key[2]);

/* Where a stream is, to go on from there once more. */
typedef struct eg_rng_bookmark {
    eg_mt mt; /* only if `fills` */
    eg_philox philox;
    uint32_t next_uniform, next_normal;
    bool fills; /* the draws may change `mt` */
} eg_rng_bookmark;

/* For so many calls of eg_rng_rand and of eg_rng_randn. False: these would fill a buffer anew
 * whose last numbers are still wanted, and there is no way back. */
bool eg_rng_mark(eg_rng_bookmark *mark, const eg_rng *rng, size_t uniforms, size_t normals);
/* After at most those calls, and no others. What a spent buffer contains is not restored. */
void eg_rng_rewind(eg_rng *rng, const eg_rng_bookmark *mark);

double eg_rng_rand(eg_rng *rng);
double eg_rng_randn(eg_rng *rng);
/* As many calls of those. */
void eg_rng_rands(eg_rng *rng, double *out, size_t count);
void eg_rng_randns(eg_rng *rng, double *out, size_t count);
/* Brian2's poisson (PTRS from 10 on, Hormann 1993), whatever the rule. */
int32_t eg_rng_poisson(eg_rng *rng, double lambda);

/* What Brian2 prints into the code of a BinomialFunction (brian2/input/binomial.py). */
typedef struct eg_binomial {
    double n, p, q, qn, bound;
    bool reverse;
} eg_binomial;

int64_t eg_rng_binomial(eg_rng *rng, const eg_binomial *b);

bool eg_rng_rule_parse(eg_rng_rule *out, const char *name);
const char *eg_rng_rule_name(eg_rng_rule rule);

#endif
