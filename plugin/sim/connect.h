/* connect.h - one connect step: which synapses, in which order, with which draws
 *
 * Rules: semantics 6.2 (how arguments become a generator) and 6.3 (how a generator creates).
 * The draws are those of Brian2's compiled targets.
 */
#ifndef EG_SIM_CONNECT_H
#define EG_SIM_CONNECT_H

#include "sim/evaluate.h"

/* Create the synapses of `step` and resize all arrays of its target. context->ends is set
 * here. Errors: E_REFERENCE, E_SYNTAX, E_LIMIT (2^31 synapses and more, an index out of
 * range), E_UNSUPPORTED, E_MEMORY. */
engram_status eg_connect(const eg_evaluation *context, const eg_setup *step, engram_error *err);

/* ---- the random subsets, for tests ------------------------------------------------------- */

/* Visit candidates low, low + step, ... below high, each kept with probability p. Stops at
 * the first status that is not OK. */
typedef engram_status (*eg_candidate)(void *context, int64_t candidate, engram_error *err);
engram_status eg_sample_p(eg_rng *rng, int64_t low, int64_t high, int64_t step, double p,
                          eg_candidate visit, void *context, engram_error *err);
/* `size` of the candidates, in ascending order; 0 <= size <= number of candidates. */
engram_status eg_sample_size(eg_rng *rng, const engram_alloc *alloc, int64_t low, int64_t high,
                             int64_t step, int64_t size, eg_candidate visit, void *context,
                             engram_error *err);

#endif
