#include "common/rng.h"

#include <math.h>
#include <string.h>

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#include <Random123/philox.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

/* ---- MT19937 -------------------------------------------------------------------------- */

enum { MT_SHIFT = 397 };

void eg_mt_seed(eg_mt *mt, uint32_t seed)
{
    memset(mt, 0, sizeof *mt);
    mt->word[0] = seed;
    for (uint32_t k = 1; k < EG_MT_WORDS; k++)
        mt->word[k] = 1812433253u * (mt->word[k - 1] ^ (mt->word[k - 1] >> 30)) + k;
    mt->position = EG_MT_WORDS;
}

static uint32_t twist(uint32_t high, uint32_t low, uint32_t far)
{
    const uint32_t y = (high & 0x80000000u) | (low & 0x7fffffffu);
    return far ^ (y >> 1) ^ ((low & 1u) ? 0x9908b0dfu : 0u);
}

/* The next 624 words from the last. */
static void regenerate(eg_mt *mt)
{
    uint32_t *w = mt->word;
    int k = 0;
    for (; k < EG_MT_WORDS - MT_SHIFT; k++)
        w[k] = twist(w[k], w[k + 1], w[k + MT_SHIFT]);
    for (; k < EG_MT_WORDS - 1; k++)
        w[k] = twist(w[k], w[k + 1], w[k + MT_SHIFT - EG_MT_WORDS]);
    w[k] = twist(w[k], w[0], w[MT_SHIFT - 1]);
    mt->position = 0;
}

uint32_t eg_mt_next(eg_mt *mt)
{
    if (mt->position >= EG_MT_WORDS)
        regenerate(mt);
    uint32_t y = mt->word[mt->position++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    return y ^ (y >> 18);
}

double eg_mt_rand(eg_mt *mt)
{
    const uint32_t a = eg_mt_next(mt) >> 5;
    const uint32_t b = eg_mt_next(mt) >> 6;
    return (a * 67108864.0 + b) / 9007199254740992.0;
}

/* Marsaglia's polar method over any source of uniforms: returns the second normal of the
 * pair, *first is the other one (numpy's legacy_gauss). */
static double polar(double *first, double (*uniform)(void *), void *source)
{
    double x1, x2, r2;
    do {
        x1 = 2.0 * uniform(source) - 1.0;
        x2 = 2.0 * uniform(source) - 1.0;
        r2 = x1 * x1 + x2 * x2;
    } while (r2 >= 1.0 || r2 == 0.0);
    const double f = sqrt(-2.0 * log(r2) / r2);
    *first = f * x1;
    return f * x2;
}

static double mt_uniform(void *mt)
{
    return eg_mt_rand(mt);
}

double eg_mt_randn(eg_mt *mt)
{
    if (mt->has_gauss) {
        mt->has_gauss = false;
        const double cached = mt->gauss;
        mt->gauss = 0.0;
        return cached;
    }
    const double normal = polar(&mt->gauss, mt_uniform, mt);
    mt->has_gauss = true;
    return normal;
}

/* ---- one stream a simulation ------------------------------------------------------------ */

void eg_rng_init(eg_rng *rng, eg_rng_rule rule, uint64_t seed)
{
    memset(rng, 0, sizeof *rng);
    rng->rule = rule;
    eg_mt_seed(&rng->mt, (uint32_t)seed);
    rng->philox_key = seed;
}

static double philox_uniform(void *context)
{
    eg_rng *rng = context;
    uint64_t bits = rng->philox_spare;
    rng->philox_has_spare = !rng->philox_has_spare;
    if (rng->philox_has_spare) {
        const uint64_t n = rng->philox_counter++, key = rng->philox_key;
        const philox4x32_ctr_t counter = {{(uint32_t)n, (uint32_t)(n >> 32), 0, 0}};
        const philox4x32_key_t words = {{(uint32_t)key, (uint32_t)(key >> 32)}};
        const philox4x32_ctr_t block = philox4x32(counter, words);
        bits = (uint64_t)block.v[1] << 32 | block.v[0];
        rng->philox_spare = (uint64_t)block.v[3] << 32 | block.v[2];
    }
    return (double)(bits >> 11) * 0x1p-53;
}

double eg_rng_rand(eg_rng *rng)
{
    switch (rng->rule) {
    case EG_RNG_PHILOX:
        return philox_uniform(rng);
    case EG_RNG_BRIAN_STANDALONE:
        return eg_mt_rand(&rng->mt);
    case EG_RNG_BRIAN_RUNTIME:
        break;
    }
    if (rng->next_uniform == 0)
        for (int k = 0; k < EG_RNG_BUFFER; k++)
            rng->uniform[k] = eg_mt_rand(&rng->mt);
    const double value = rng->uniform[rng->next_uniform];
    rng->next_uniform = (rng->next_uniform + 1) % EG_RNG_BUFFER;
    return value;
}

double eg_rng_randn(eg_rng *rng)
{
    switch (rng->rule) {
    case EG_RNG_PHILOX:
        if (rng->mt.has_gauss) {
            rng->mt.has_gauss = false;
            return rng->mt.gauss;
        }
        rng->mt.has_gauss = true;
        return polar(&rng->mt.gauss, philox_uniform, rng);
    case EG_RNG_BRIAN_STANDALONE:
        return eg_mt_randn(&rng->mt);
    case EG_RNG_BRIAN_RUNTIME:
        break;
    }
    if (rng->next_normal == 0)
        for (int k = 0; k < EG_RNG_BUFFER; k++)
            rng->normal[k] = eg_mt_randn(&rng->mt);
    const double value = rng->normal[rng->next_normal];
    rng->next_normal = (rng->next_normal + 1) % EG_RNG_BUFFER;
    return value;
}

/* ---- Poisson (semantics 8.5; numpy legacy-distributions.c) --------------------------------
 */

/* log(gamma(x)) for x > 0 (Zhang & Jin 1996), with numpy's coefficients. */
static double log_gamma(double x)
{
    static const double c[10] = {8.333333333333333e-02, -2.777777777777778e-03,
                                 7.936507936507937e-04, -5.952380952380952e-04,
                                 8.417508417508418e-04, -1.917526917526918e-03,
                                 6.410256410256410e-03, -2.955065359477124e-02,
                                 1.796443723688307e-01, -1.39243221690590e+00};
    if (x == 1.0 || x == 2.0)
        return 0.0;
    const long n = x <= 7.0 ? (long)(7 - x) : 0;
    double x0 = x + (double)n;
    const double x2 = (1.0 / x0) * (1.0 / x0);
    double g = c[9];
    for (int k = 8; k >= 0; k--)
        g = g * x2 + c[k];
    double result =
        g / x0 + 0.5 * log(2.0 * 3.14159265358979323846) + (x0 - 0.5) * log(x0) - x0;
    for (long k = 1; x <= 7.0 && k <= n; k++) {
        result -= log(x0 - 1.0);
        x0 -= 1.0;
    }
    return result;
}

static int32_t poisson_small(eg_rng *rng, double lambda)
{
    const double limit = exp(-lambda);
    int32_t x = 0;
    for (double product = eg_rng_rand(rng); product > limit; product *= eg_rng_rand(rng))
        x++;
    return x;
}

/* PTRS, transformed rejection with squeeze (Hormann 1993). */
static int32_t poisson_large(eg_rng *rng, double lambda)
{
    const double root = sqrt(lambda), log_lambda = log(lambda);
    const double b = 0.931 + 2.53 * root, a = -0.059 + 0.02483 * b;
    const double inv_alpha = 1.1239 + 1.1328 / (b - 3.4), vr = 0.9277 - 3.6224 / (b - 2);
    for (;;) {
        const double u = eg_rng_rand(rng) - 0.5, v = eg_rng_rand(rng);
        const double us = 0.5 - fabs(u);
        const double k = floor((2 * a / us + b) * u + lambda + 0.43);
        if (us >= 0.07 && v <= vr)
            return (int32_t)k;
        if (k < 0 || (us < 0.013 && v > us))
            continue;
        if (log(v) + log(inv_alpha) - log(a / (us * us) + b) <=
            -lambda + k * log_lambda - log_gamma(k + 1))
            return (int32_t)k;
    }
}

int32_t eg_rng_poisson(eg_rng *rng, double lambda)
{
    if (!(lambda > 0))
        return 0;
    return lambda < 10 ? poisson_small(rng, lambda) : poisson_large(rng, lambda);
}

/* ---- binomial, by inversion (semantics 7.2) -------------------------------------------------
 */

int64_t eg_rng_binomial(eg_rng *rng, const eg_binomial *b)
{
    int64_t x = 0;
    double px = b->qn;
    double u = eg_rng_rand(rng);
    while (u > px) {
        x++;
        if ((double)x > b->bound) {
            x = 0;
            px = b->qn;
            u = eg_rng_rand(rng);
        } else {
            u -= px;
            px = ((b->n - (double)x + 1.0) * b->p * px) / ((double)x * b->q);
        }
    }
    return b->reverse ? (int64_t)b->n - x : x;
}

/* ---- rules by name ------------------------------------------------------------------------
 */

static const char *const rule_name[] = {
    [EG_RNG_BRIAN_RUNTIME] = "brian-runtime",
    [EG_RNG_BRIAN_STANDALONE] = "brian-standalone",
    [EG_RNG_PHILOX] = "philox",
};

const char *eg_rng_rule_name(eg_rng_rule rule)
{
    return rule_name[rule];
}

bool eg_rng_rule_parse(eg_rng_rule *out, const char *name)
{
    for (int k = 0; k <= EG_RNG_PHILOX; k++)
        if (strcmp(rule_name[k], name) == 0) {
            *out = (eg_rng_rule)k;
            return true;
        }
    return false;
}
