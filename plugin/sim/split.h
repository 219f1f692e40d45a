/* split.h - tasks whose elements are shared out among threads
 *
 * An element's result does not depend on who computes it, and what synapses add to a target
 * is added by the one thread that owns the target, in Brian2's order: results are the same
 * bits for every number of threads. A task is split where its work outweighs the wait for
 * one another (docs/decisions/0006).
 */
#ifndef EG_SIM_SPLIT_H
#define EG_SIM_SPLIT_H

#include "sim/sim_private.h"

/* What one thread has, and what it has done. */
typedef struct eg_worker {
    eg_rng *rng; /* its own place to draw at (philox); else NULL */
    uint64_t elements;
    uint64_t events;
    engram_status status;
    engram_error err;
} eg_worker;

/* sim->pool and sim->worker for `threads` of them; nothing for one. */
engram_status eg_split_begin(engram_sim *sim, uint32_t threads, engram_error *err);
void eg_split_end(engram_sim *sim);

/* For a task that is bound: kernels for the threads, if its elements may be shared out and
 * that pays. E_MEMORY. */
engram_status eg_split_kernel(eg_task *task, engram_sim *sim, engram_error *err);
/* The order of a task's synapses in flight (NULL: by number) becomes one in which each segment
 * is sorted by who owns the target, stably, if that pays: `by_owner` of its rows is set then.
 * post: [synapses] targets, all below `targets`. E_MEMORY. */
engram_status eg_split_order(const int32_t **order, eg_task *task, engram_sim *sim,
                             const int32_t *post, uint64_t targets, engram_error *err);

/* All elements of a task that has `kernels`. */
engram_status eg_split_run(eg_task *task, engram_sim *sim, engram_error *err);
/* The segments that are due, if there are rows sorted by owner and enough to do; else false. */
bool eg_split_deliver(const eg_task *task, engram_sim *sim, const eg_due *due);

#endif
