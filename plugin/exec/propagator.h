/* propagator.h - exact steps of linear systems, computed once per distinct matrix
 *
 * For X' = M X + B the step over h is X+ = A X + c with
 *     [A c; 0 1] = expm(h [M B; 0 0])
 * which needs no invertible M. expm by scaling and squaring with a [13/13] Pade approximant
 * (Higham 2005). A cache keeps the results by the bits of (n, M, B, h).
 */
#ifndef EG_EXEC_PROPAGATOR_H
#define EG_EXEC_PROPAGATOR_H

#include "common/memory.h"

enum { EG_PROPAGATOR_MAX = 32 }; /* most variables of one system */

typedef struct eg_propagators eg_propagators;

eg_propagators *eg_propagators_new(const engram_alloc *alloc);
void eg_propagators_free(eg_propagators *cache);

/* [A c] of a system: *out points to n rows of n + 1 numbers, valid until the cache is freed.
 * `m` is n x n row-major, `b` has n numbers. The last result is tried first. NULL when
 * memory is out. Non-finite input gives NaN. */
const double *eg_propagators_get(eg_propagators *cache, uint32_t n, const double *m,
                                 const double *b, double h);

/* The matrix exponential itself: out = expm(a), n x n, n <= EG_PROPAGATOR_MAX + 1. */
void eg_expm(double *out, const double *a, uint32_t n);

#endif
