#include "exec/propagator.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* ---- small dense matrices, row-major ---------------------------------------------------- */

static void multiply(double *out, const double *a, const double *b, uint32_t n)
{
    memset(out, 0, (size_t)n * n * sizeof *out);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < n; k++) {
            const double factor = a[i * n + k];
            if (factor == 0)
                continue;
            for (uint32_t j = 0; j < n; j++)
                out[i * n + j] += factor * b[k * n + j];
        }
}

static double norm_1(const double *a, uint32_t n)
{
    double norm = 0;
    for (uint32_t j = 0; j < n; j++) {
        double sum = 0;
        for (uint32_t i = 0; i < n; i++)
            sum += fabs(a[i * n + j]);
        if (sum > norm)
            norm = sum;
    }
    return norm;
}

/* b = a^-1 b by elimination with row pivoting; a is destroyed. */
static void solve(double *a, double *b, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++) {
        uint32_t pivot = k;
        for (uint32_t i = k + 1; i < n; i++)
            if (fabs(a[i * n + k]) > fabs(a[pivot * n + k]))
                pivot = i;
        for (uint32_t j = 0; pivot != k && j < n; j++) {
            const double left = a[k * n + j], right = b[k * n + j];
            a[k * n + j] = a[pivot * n + j];
            b[k * n + j] = b[pivot * n + j];
            a[pivot * n + j] = left;
            b[pivot * n + j] = right;
        }
        for (uint32_t i = k + 1; i < n; i++) {
            const double factor = a[i * n + k] / a[k * n + k];
            if (factor == 0)
                continue;
            for (uint32_t j = k; j < n; j++)
                a[i * n + j] -= factor * a[k * n + j];
            for (uint32_t j = 0; j < n; j++)
                b[i * n + j] -= factor * b[k * n + j];
        }
    }
    for (uint32_t k = n; k-- > 0;)
        for (uint32_t j = 0; j < n; j++) {
            double sum = b[k * n + j];
            for (uint32_t i = k + 1; i < n; i++)
                sum -= a[k * n + i] * b[i * n + j];
            b[k * n + j] = sum / a[k * n + k];
        }
}

/* Powers of two d so that D^-1 A D has off-diagonal rows and columns of about the size of
 * its diagonal. The diagonal is added to both sides, so that a triangular matrix, for which
 * the usual balancing does nothing, is balanced too. */
static void balance(double *a, int *power, uint32_t n)
{
    double diagonal = 0;
    for (uint32_t i = 0; i < n; i++)
        diagonal = fmax(diagonal, fabs(a[i * n + i]));
    if (diagonal == 0)
        diagonal = 1;
    memset(power, 0, n * sizeof *power);
    for (int sweep = 0; sweep < 8; sweep++) {
        bool changed = false;
        for (uint32_t i = 0; i < n; i++) {
            double row = 0, column = 0;
            for (uint32_t j = 0; j < n; j++) {
                if (j == i)
                    continue;
                row += fabs(a[i * n + j]);
                column += fabs(a[j * n + i]);
            }
            if (!isfinite(row) || !isfinite(column))
                continue;
            const int shift = (ilogb(row + diagonal) - ilogb(column + diagonal)) / 2;
            /* stay far from overflow and underflow of the entries */
            if (!shift || power[i] + shift > 400 || power[i] + shift < -400)
                continue;
            power[i] += shift;
            changed = true;
            for (uint32_t j = 0; j < n; j++) {
                if (j == i)
                    continue;
                a[i * n + j] = ldexp(a[i * n + j], -shift);
                a[j * n + i] = ldexp(a[j * n + i], shift);
            }
        }
        if (!changed)
            break;
    }
}

/* ---- the exponential -------------------------------------------------------------------- */

/* Coefficients and the bound of the [13/13] approximant: Higham 2005, table 2.3, (2.11). */
static const double PADE[14] = {64764752532480000.0,
                                32382376266240000.0,
                                7771770303897600.0,
                                1187353796428800.0,
                                129060195264000.0,
                                10559470521600.0,
                                670442572800.0,
                                33522128640.0,
                                1323241920.0,
                                40840800.0,
                                960960.0,
                                16380.0,
                                182.0,
                                1.0};
static const double THETA = 5.371920351148152;

/* out = expm(a) for |a| <= THETA. work: 5 n x n. */
static void pade(double *out, const double *a, uint32_t n, double *work)
{
    const size_t cells = (size_t)n * n;
    double *a2 = work, *a4 = a2 + cells, *a6 = a4 + cells, *u = a6 + cells, *v = u + cells;
    multiply(a2, a, a, n);
    multiply(a4, a2, a2, n);
    multiply(a6, a4, a2, n);
    for (size_t k = 0; k < cells; k++)
        v[k] = PADE[13] * a6[k] + PADE[11] * a4[k] + PADE[9] * a2[k];
    multiply(u, a6, v, n);
    for (size_t k = 0; k < cells; k++) {
        u[k] += PADE[7] * a6[k] + PADE[5] * a4[k] + PADE[3] * a2[k];
        v[k] = PADE[12] * a6[k] + PADE[10] * a4[k] + PADE[8] * a2[k];
    }
    for (uint32_t i = 0; i < n; i++)
        u[i * n + i] += PADE[1];
    multiply(out, a, u, n);
    multiply(u, a6, v, n);
    for (size_t k = 0; k < cells; k++)
        u[k] += PADE[6] * a6[k] + PADE[4] * a4[k] + PADE[2] * a2[k];
    for (uint32_t i = 0; i < n; i++)
        u[i * n + i] += PADE[0];
    /* u is V, out is U: solve (V - U) X = V + U */
    for (size_t k = 0; k < cells; k++) {
        v[k] = u[k] - out[k];
        out[k] = u[k] + out[k];
    }
    solve(v, out, n);
}

void eg_expm(double *out, const double *a, uint32_t n, double *work)
{
    assert(n > 0 && n <= EG_EXPM_MAX);
    const size_t cells = (size_t)n * n;
    for (size_t k = 0; k < cells; k++)
        if (!isfinite(a[k])) {
            for (size_t c = 0; c < cells; c++)
                out[c] = NAN;
            return;
        }
    int power[EG_EXPM_MAX];
    double *scaled = work;
    memcpy(scaled, a, cells * sizeof *a);
    balance(scaled, power, n);
    const double norm = norm_1(scaled, n);
    int squarings = 0;
    if (norm > THETA)
        squarings = norm < 1e300 ? (int)ceil(log2(norm / THETA)) : 1024;
    for (size_t k = 0; k < cells; k++)
        scaled[k] = ldexp(scaled[k], -squarings);
    pade(out, scaled, n, work + cells);
    for (int k = 0; k < squarings; k++) {
        multiply(work, out, out, n);
        memcpy(out, work, cells * sizeof *out);
    }
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < n; j++)
            out[i * n + j] = ldexp(out[i * n + j], power[i] - power[j]);
}

/* ---- the cache -------------------------------------------------------------------------- */

/* One system. Behind it: M (n x n), A (n x n), P (n x n), B (n), [A c] (n x n+1). */
typedef struct entry {
    uint32_t n;
    bool filled; /* [A c] belongs to the B that stands here */
    double h;
    struct entry *next; /* in its bucket */
    uint64_t hash;
    double number[];
} entry;

enum { BUCKETS = 4096 };

struct eg_propagators {
    const engram_alloc *alloc;
    entry *last;
    size_t count, bytes;
    double *work; /* for the largest system so far */
    size_t work_size;
    entry *bucket[BUCKETS];
};

static size_t entry_size(uint32_t n)
{
    return sizeof(entry) + ((size_t)n * n * 4 + (size_t)n * 2) * sizeof(double);
}

eg_propagators *eg_propagators_new(const engram_alloc *alloc)
{
    eg_propagators *cache = eg_calloc(alloc, sizeof *cache);
    if (cache)
        cache->alloc = alloc;
    return cache;
}

static void drop_all(eg_propagators *cache)
{
    for (size_t k = 0; k < BUCKETS; k++)
        while (cache->bucket[k]) {
            entry *gone = cache->bucket[k];
            cache->bucket[k] = gone->next;
            eg_free(cache->alloc, gone, entry_size(gone->n));
        }
    cache->last = NULL;
    cache->count = 0;
    cache->bytes = 0;
}

void eg_propagators_free(eg_propagators *cache)
{
    if (!cache)
        return;
    drop_all(cache);
    eg_free(cache->alloc, cache->work, cache->work_size);
    eg_free(cache->alloc, cache, sizeof *cache);
}

size_t eg_propagators_count(const eg_propagators *cache)
{
    return cache->count;
}

static bool matches(const entry *e, uint32_t n, const double *m, double h)
{
    return e->n == n && !memcmp(&e->h, &h, sizeof h) &&
           !memcmp(e->number, m, (size_t)n * n * sizeof *m);
}

/* A and P of an entry whose M and h are set. */
static void exponentiate(entry *e, double *work)
{
    const uint32_t n = e->n, wide = 2 * n;
    const double *m = e->number;
    double *a = e->number + (size_t)n * n, *p = a + (size_t)n * n;
    if (n == 1) { /* closed, and correct to the last bits also for tiny and huge rates */
        const double x = m[0] * e->h;
        a[0] = exp(x);
        p[0] = m[0] == 0 ? e->h : expm1(x) / m[0];
        return;
    }
    double *system = work, *result = system + (size_t)wide * wide;
    memset(system, 0, (size_t)wide * wide * sizeof *system);
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t j = 0; j < n; j++)
            system[i * wide + j] = m[i * n + j] * e->h;
        system[i * wide + n + i] = e->h;
    }
    eg_expm(result, system, wide, result + (size_t)wide * wide);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < n; j++) {
            a[i * n + j] = result[i * wide + j];
            p[i * n + j] = result[i * wide + n + j];
        }
}

static entry *make_entry(eg_propagators *cache, uint32_t n, const double *m, double h)
{
    const size_t wide = 2 * (size_t)n, need = 8 * wide * wide * sizeof(double);
    if (cache->work_size < need) {
        double *work = eg_calloc(cache->alloc, need);
        if (!work)
            return NULL;
        eg_free(cache->alloc, cache->work, cache->work_size);
        cache->work = work;
        cache->work_size = need;
    }
    if (cache->bytes + entry_size(n) > EG_PROPAGATOR_CACHE)
        drop_all(cache);
    entry *fresh = eg_calloc(cache->alloc, entry_size(n));
    if (!fresh)
        return NULL;
    fresh->n = n;
    fresh->h = h;
    memcpy(fresh->number, m, (size_t)n * n * sizeof *m);
    exponentiate(fresh, cache->work);
    return fresh;
}

static entry *find(eg_propagators *cache, uint32_t n, const double *m, double h)
{
    uint64_t seed;
    memcpy(&seed, &h, sizeof seed);
    const uint64_t hash = XXH3_64bits_withSeed(m, (size_t)n * n * sizeof *m, seed);
    for (entry *e = cache->bucket[hash % BUCKETS]; e; e = e->next)
        if (e->hash == hash && matches(e, n, m, h))
            return e;
    entry *fresh = make_entry(cache, n, m, h);
    if (!fresh)
        return NULL;
    fresh->hash = hash;
    fresh->next = cache->bucket[hash % BUCKETS];
    cache->bucket[hash % BUCKETS] = fresh;
    cache->count++;
    cache->bytes += entry_size(n);
    return fresh;
}

const double *eg_propagators_get(eg_propagators *cache, uint32_t n, const double *m,
                                 const double *b, double h)
{
    assert(n > 0 && n <= EG_PROPAGATOR_MAX);
    entry *e = cache->last;
    if (!e || !matches(e, n, m, h))
        e = find(cache, n, m, h);
    if (!e)
        return NULL;
    cache->last = e;
    const double *a = e->number + (size_t)n * n, *p = a + (size_t)n * n;
    double *kept = e->number + 3 * (size_t)n * n, *step = kept + n;
    if (e->filled && !memcmp(kept, b, n * sizeof *b))
        return step;
    memcpy(kept, b, n * sizeof *b);
    e->filled = true;
    for (uint32_t i = 0; i < n; i++) {
        double sum = 0;
        for (uint32_t j = 0; j < n; j++) {
            step[i * (n + 1) + j] = a[i * n + j];
            sum += p[i * n + j] * b[j];
        }
        step[i * (n + 1) + n] = sum;
    }
    return step;
}
