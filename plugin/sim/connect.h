/* connect.h - one connect step: which synapses, in which order, with which draws
 *
 * Rules: semantics 6.2 (how arguments become a generator) and 6.3 (how a generator creates).
 * The draws are those of Brian2's compiled targets.
 */
#ifndef EG_SIM_CONNECT_H
#define EG_SIM_CONNECT_H

#include "sim/evaluate.h"

/* New synapses in order of creation: elements of the whole groups. */
typedef struct eg_made {
    int32_t *pre, *post; /* [count] */
    size_t count, pre_capacity, post_capacity;
} eg_made;

/* Which synapses `step` creates; nothing is stored. Errors: E_REFERENCE, E_SYNTAX, E_LIMIT
 * (2^31 synapses and more, an index or a sample out of range), E_UNSUPPORTED, E_MEMORY. What
 * was made up to an error is given back as well; context->ends is set here. */
engram_status eg_connect_make(eg_made *out, const eg_evaluation *context, const eg_setup *step,
                              engram_error *err);
void eg_made_clear(eg_made *made, const engram_alloc *alloc); /* zeroed: allowed */

/* Create the synapses of `step` and resize all arrays of its target. Errors as above. */
engram_status eg_connect(const eg_evaluation *context, const eg_setup *step, engram_error *err);

/* ---- the random subsets, for tests ------------------------------------------------------- */

/* How many candidates Brian2 counts in low, low + step, ... before high; not below 0 only
 * where high is not in front of low. */
int64_t eg_candidates(int64_t low, int64_t high, int64_t step);
/* Visit candidates low, low + step, ... before high, each kept with probability p. step is not
 * 0. Stops at the first status that is not OK. */
typedef engram_status (*eg_candidate)(void *context, int64_t candidate, engram_error *err);
engram_status eg_sample_p(eg_rng *rng, int64_t low, int64_t high, int64_t step, double p,
                          eg_candidate visit, void *context, engram_error *err);
/* `size` of the candidates, in ascending order; 0 <= size <= number of candidates. */
engram_status eg_sample_size(eg_rng *rng, const engram_alloc *alloc, int64_t low, int64_t high,
                             int64_t step, int64_t size, eg_candidate visit, void *context,
                             engram_error *err);

#endif
