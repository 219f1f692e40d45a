#include "sim/connect.h"

#include <math.h>

int64_t eg_candidates(int64_t low, int64_t high, int64_t step)
{
    return step > 0 ? (high - low - 1) / step + 1 : (low - high - 1) / -step + 1;
}

engram_status eg_sample_p(eg_rng *rng, int64_t low, int64_t high, int64_t step, double p,
                          eg_candidate visit, void *context, engram_error *err)
{
    engram_status status = ENGRAM_OK;
    const int64_t sign = step < 0 ? -1 : 1;
    if (p == 0)
        return status;
    if (!(p < 0.25)) {
        for (int64_t k = low; !status && sign * k < sign * high; k += step)
            if (eg_rng_rand(rng) < p)
                status = visit(context, k, err);
        return status;
    }
    /* jumps of geometric length: about one draw for each candidate kept */
    const double scale = 1.0 / log(1.0 - p);
    for (int64_t k = low; !status && sign * k < sign * high; k += step) {
        const double jump = trunc(log(eg_rng_rand(rng)) * scale);
        if (!(jump < (double)(high - k) / (double)step)) /* also where u was 0 */
            break;
        k += (int64_t)jump * step;
        status = visit(context, k, err);
    }
    return status;
}

/* Keep a set of int64 as a sorted list: sizes here are below 6 % of the candidates. */
static bool insert_sorted(int64_t *set, int64_t count, int64_t value)
{
    int64_t a = 0, b = count;
    while (a < b) {
        const int64_t middle = a + (b - a) / 2;
        if (set[middle] < value)
            a = middle + 1;
        else
            b = middle;
    }
    if (a < count && set[a] == value)
        return false;
    for (int64_t k = count; k > a; k--)
        set[k] = set[k - 1];
    set[a] = value;
    return true;
}

engram_status eg_sample_size(eg_rng *rng, const engram_alloc *alloc, int64_t low, int64_t high,
                             int64_t step, int64_t size, eg_candidate visit, void *context,
                             engram_error *err)
{
    const int64_t n = eg_candidates(low, high, step);
    engram_status status = ENGRAM_OK;
    if (size <= 0)
        return status;
    if ((double)size / (double)n > 0.06) {
        for (int64_t seen = 1, taken = 0; !status && taken < size && seen <= n; seen++) {
            if ((double)(n - seen) * eg_rng_rand(rng) >= (double)(size - taken))
                continue;
            taken++;
            status = visit(context, low + (seen - 1) * step, err);
        }
        return status;
    }
    int64_t *set = eg_calloc_array(alloc, (size_t)size, sizeof *set);
    if (!set)
        return eg_fail_memory(err, "a sample");
    for (int64_t taken = 0; taken < size;)
        taken += insert_sorted(set, taken, (int64_t)(eg_rng_rand(rng) * (double)n));
    for (int64_t k = 0; !status && k < size; k++)
        status = visit(context, low + set[k] * step, err);
    eg_free(alloc, set, (size_t)size * sizeof *set);
    return status;
}
