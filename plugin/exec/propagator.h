/* propagator.h - exact steps of linear systems, computed once per distinct matrix
 *
 * For X' = M X + B the step over h is X+ = A X + c with A = exp(h M) and c = P B, where P is
 * the integral of exp(s M) over s from 0 to h. Both come from one exponential,
 *     [A P; 0 1] = expm(h [M 1; 0 0])
 * which needs no invertible M. expm by scaling and squaring with a [13/13] Pade approximant
 * (Higham 2005), after a balancing by powers of two, since variables of one system may
 * differ by many decades (volts and siemens).
 *
 * The cache keeps A and P by the bits of (n, M, h). B is not part of the key: it often holds
 * an input that changes in every step.
 */
#ifndef EG_EXEC_PROPAGATOR_H
#define EG_EXEC_PROPAGATOR_H

#include "common/memory.h"

enum {
    EG_PROPAGATOR_MAX = 32,              /* most variables of one system */
    EG_EXPM_MAX = 2 * EG_PROPAGATOR_MAX, /* most rows of eg_expm */
    EG_PROPAGATOR_CACHE = 64 << 20       /* bytes kept; then the cache starts anew */
};

typedef struct eg_propagators eg_propagators;

/* NULL when memory is out. Not shared between threads. */
eg_propagators *eg_propagators_new(const engram_alloc *alloc);
void eg_propagators_free(eg_propagators *cache); /* NULL allowed */

/* [A c] of a system: n rows of n + 1 numbers, owned by the cache and valid until the next
 * call. `m` is n x n row-major, `b` has n numbers, n is 1 to EG_PROPAGATOR_MAX. The last
 * result is tried first. NULL when memory is out. Non-finite input gives NaN. */
const double *eg_propagators_get(eg_propagators *cache, uint32_t n, const double *m,
                                 const double *b, double h);
/* Distinct (n, M, h) held. */
size_t eg_propagators_count(const eg_propagators *cache);

/* The matrix exponential itself: out = expm(a), n x n row-major, n <= EG_EXPM_MAX. `out` may
 * not overlap `a`. `work` has room for 6 * n * n numbers. */
void eg_expm(double *out, const double *a, uint32_t n, double *work);

#endif
