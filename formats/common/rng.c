#include "common/rng.h"

#include "common/digest.h"

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

static inline uint32_t twist(uint32_t high, uint32_t low, uint32_t far)
{
    const uint32_t y = (high & 0x80000000u) | (low & 0x7fffffffu);
    return far ^ (y >> 1) ^ ((0u - (low & 1u)) & 0x9908b0dfu);
}

static inline uint32_t temper(uint32_t y)
{
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    return y ^ (y >> 18);
}

/* The next 624 words from the last. */
static void regenerate(eg_mt *mt)
{
    enum { BACK = EG_MT_WORDS - MT_SHIFT }; /* no loop reads what it wrote: vectors */
    uint32_t *w = mt->word;
    for (int k = 0; k < BACK; k++)
        w[k] = twist(w[k], w[k + 1], w[k + MT_SHIFT]);
    for (int k = BACK; k < 2 * BACK; k++)
        w[k] = twist(w[k], w[k + 1], w[k - BACK]);
    for (int k = 2 * BACK; k < EG_MT_WORDS - 1; k++)
        w[k] = twist(w[k], w[k + 1], w[k - BACK]);
    w[EG_MT_WORDS - 1] = twist(w[EG_MT_WORDS - 1], w[0], w[MT_SHIFT - 1]);
    mt->position = 0;
}

uint32_t eg_mt_next(eg_mt *mt)
{
    if (mt->position >= EG_MT_WORDS)
        regenerate(mt);
    return temper(mt->word[mt->position++]);
}

double eg_mt_rand(eg_mt *mt)
{
    const uint32_t a = eg_mt_next(mt) >> 5;
    const uint32_t b = eg_mt_next(mt) >> 6;
    return (a * 67108864.0 + b) / 9007199254740992.0;
}

void eg_mt_fill(eg_mt *mt, double *out, uint32_t count)
{
    while (count) {
        const uint32_t pairs =
            mt->position >= EG_MT_WORDS ? 0 : (EG_MT_WORDS - mt->position) / 2;
        if (!pairs) { /* between two generations, or in their middle */
            *out++ = eg_mt_rand(mt);
            count--;
            continue;
        }
        const uint32_t n = pairs < count ? pairs : count;
        const uint32_t *w = mt->word + mt->position;
        for (uint32_t k = 0; k < n; k++) {
            const uint32_t a = temper(w[2 * k]) >> 5, b = temper(w[2 * k + 1]) >> 6;
            out[k] =
                ((double)(int32_t)a * 67108864.0 + (double)(int32_t)b) / 9007199254740992.0;
        }
        mt->position += 2 * n;
        out += n;
        count -= n;
    }
}

/* Marsaglia's polar method: returns the second normal of the pair, *first is the other one
 * (numpy's legacy_gauss). */
static double polar(double *first, eg_mt *mt)
{
    double x1, x2, r2;
    do {
        x1 = 2.0 * eg_mt_rand(mt) - 1.0;
        x2 = 2.0 * eg_mt_rand(mt) - 1.0;
        r2 = x1 * x1 + x2 * x2;
    } while (r2 >= 1.0 || r2 == 0.0);
    const double f = sqrt(-2.0 * log(r2) / r2);
    *first = f * x1;
    return f * x2;
}

double eg_mt_randn(eg_mt *mt)
{
    if (mt->has_gauss) {
        mt->has_gauss = false;
        const double cached = mt->gauss;
        mt->gauss = 0.0;
        return cached;
    }
    const double normal = polar(&mt->gauss, mt);
    mt->has_gauss = true;
    return normal;
}

/* ---- philox ----------------------------------------------------------------------------- */

void eg_philox_block(uint64_t out[4], const uint64_t counter[4], const uint64_t key[2])
{
    const philox4x64_ctr_t c = {{counter[0], counter[1], counter[2], counter[3]}};
    const philox4x64_key_t k = {{key[0], key[1]}};
    const philox4x64_ctr_t block = philox4x64(c, k);
    memcpy(out, block.v, sizeof block.v);
}

uint64_t eg_rng_object(const char *name)
{
    eg_digest digest;
    eg_digest_bytes(&digest, name, strlen(name));
    uint64_t number = 0;
    for (int k = 0; k < 8; k++)
        number = number << 8 | digest.byte[k];
    return number;
}

void eg_rng_place(eg_rng *rng, uint64_t object, uint64_t step, bool serial)
{
    if (rng->rule != EG_RNG_PHILOX)
        return;
    rng->philox.key[1] = object;
    rng->philox.counter[0] = EG_RNG_SHARED;
    rng->philox.counter[1] = step;
    rng->philox.counter[2] = 0;
    rng->philox.serial = serial;
}

void eg_rng_element(eg_rng *rng, uint64_t element, uint32_t turn)
{
    if (rng->rule != EG_RNG_PHILOX || rng->philox.serial)
        return;
    rng->philox.counter[0] = element;
    rng->philox.counter[2] = (uint64_t)turn << 32;
}

/* The next draw begins. */
static void philox_draw(eg_philox *p)
{
    p->counter[3] = 0;
    p->used = 4;
}

static double philox_uniform(eg_philox *p)
{
    if (p->used == 4) {
        eg_philox_block(p->word, p->counter, p->key);
        p->counter[3]++;
        p->used = 0;
    }
    return (double)(p->word[p->used++] >> 11) * 0x1p-53;
}

/* Box and Muller: one normal number of two uniform ones, so that none waits for its turn. */
static double philox_normal(eg_philox *p)
{
    const double u = philox_uniform(p), v = philox_uniform(p);
    return sqrt(-2.0 * log(1.0 - u)) * cos(6.283185307179586477 * v);
}

/* ---- one stream a simulation ------------------------------------------------------------ */

void eg_rng_init(eg_rng *rng, eg_rng_rule rule, uint64_t seed)
{
    memset(rng, 0, sizeof *rng);
    rng->rule = rule;
    eg_mt_seed(&rng->mt, (uint32_t)seed);
    rng->philox.key[0] = seed;
}

static void refill_uniform(eg_rng *rng)
{
    if (rng->next_uniform == 0)
        eg_mt_fill(&rng->mt, rng->uniform, EG_RNG_BUFFER);
}

static void refill_normal(eg_rng *rng)
{
    for (int k = 0; rng->next_normal == 0 && k < EG_RNG_BUFFER; k++)
        rng->normal[k] = eg_mt_randn(&rng->mt);
}

/* What is left of a buffer, at most `most`; the next one begins where it ends. */
static size_t take(double *out, const double *buffer, uint32_t *next, size_t most)
{
    const size_t left = EG_RNG_BUFFER - *next, count = most < left ? most : left;
    memcpy(out, buffer + *next, count * sizeof *out);
    *next = (uint32_t)((*next + count) % EG_RNG_BUFFER);
    return count;
}

bool eg_rng_mark(eg_rng_bookmark *mark, const eg_rng *rng, size_t uniforms, size_t normals)
{
    const bool buffers = rng->rule == EG_RNG_BRIAN_RUNTIME;
    mark->philox = rng->philox;
    mark->next_uniform = rng->next_uniform;
    mark->next_normal = rng->next_normal;
    mark->fills = rng->rule == EG_RNG_BRIAN_STANDALONE ||
                  (buffers && ((uniforms && rng->next_uniform == 0) ||
                               (normals && rng->next_normal == 0)));
    if (mark->fills)
        mark->mt = rng->mt;
    return !buffers || (rng->next_uniform + uniforms <= EG_RNG_BUFFER &&
                        rng->next_normal + normals <= EG_RNG_BUFFER);
}

void eg_rng_rewind(eg_rng *rng, const eg_rng_bookmark *mark)
{
    rng->philox = mark->philox;
    rng->next_uniform = mark->next_uniform;
    rng->next_normal = mark->next_normal;
    if (mark->fills)
        rng->mt = mark->mt;
}

double eg_rng_rand(eg_rng *rng)
{
    switch (rng->rule) {
    case EG_RNG_PHILOX: {
        philox_draw(&rng->philox);
        const double value = philox_uniform(&rng->philox);
        rng->philox.counter[2]++;
        return value;
    }
    case EG_RNG_BRIAN_STANDALONE:
        return eg_mt_rand(&rng->mt);
    case EG_RNG_BRIAN_RUNTIME:
        break;
    }
    refill_uniform(rng);
    const double value = rng->uniform[rng->next_uniform];
    rng->next_uniform = (rng->next_uniform + 1) % EG_RNG_BUFFER;
    return value;
}

double eg_rng_randn(eg_rng *rng)
{
    switch (rng->rule) {
    case EG_RNG_PHILOX: {
        philox_draw(&rng->philox);
        const double value = philox_normal(&rng->philox);
        rng->philox.counter[2]++;
        return value;
    }
    case EG_RNG_BRIAN_STANDALONE:
        return eg_mt_randn(&rng->mt);
    case EG_RNG_BRIAN_RUNTIME:
        break;
    }
    refill_normal(rng);
    const double value = rng->normal[rng->next_normal];
    rng->next_normal = (rng->next_normal + 1) % EG_RNG_BUFFER;
    return value;
}

void eg_rng_rands(eg_rng *rng, double *out, size_t count)
{
    for (size_t k = 0; k < count;) {
        if (rng->rule == EG_RNG_BRIAN_RUNTIME) {
            refill_uniform(rng);
            k += take(out + k, rng->uniform, &rng->next_uniform, count - k);
        } else {
            out[k++] = eg_rng_rand(rng);
        }
    }
}

void eg_rng_randns(eg_rng *rng, double *out, size_t count)
{
    for (size_t k = 0; k < count;) {
        if (rng->rule == EG_RNG_BRIAN_RUNTIME) {
            refill_normal(rng);
            k += take(out + k, rng->normal, &rng->next_normal, count - k);
        } else {
            out[k++] = eg_rng_randn(rng);
        }
    }
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

/* The next uniform number of a draw that takes several. */
static double uniform_of_draw(eg_rng *rng)
{
    return rng->rule == EG_RNG_PHILOX ? philox_uniform(&rng->philox) : eg_rng_rand(rng);
}

static int32_t poisson_small(eg_rng *rng, double lambda)
{
    const double limit = exp(-lambda);
    int32_t x = 0;
    for (double product = uniform_of_draw(rng); product > limit;
         product *= uniform_of_draw(rng))
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
        const double u = uniform_of_draw(rng) - 0.5, v = uniform_of_draw(rng);
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
    philox_draw(&rng->philox);
    int32_t value = 0;
    if (lambda > 0)
        value = lambda < 10 ? poisson_small(rng, lambda) : poisson_large(rng, lambda);
    rng->philox.counter[2]++;
    return value;
}

/* ---- binomial, by inversion (semantics 7.2) -------------------------------------------------
 */

int64_t eg_rng_binomial(eg_rng *rng, const eg_binomial *b)
{
    int64_t x = 0;
    double px = b->qn;
    philox_draw(&rng->philox);
    double u = uniform_of_draw(rng);
    while (u > px) {
        x++;
        if ((double)x > b->bound) {
            x = 0;
            px = b->qn;
            u = uniform_of_draw(rng);
        } else {
            u -= px;
            px = ((b->n - (double)x + 1.0) * b->p * px) / ((double)x * b->q);
        }
    }
    rng->philox.counter[2]++;
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
