/* clocks.h - time in whole steps (semantics 1)
 *
 *     eg_clocks_begin(&clocks, t, t + duration);
 *     while (eg_clocks_running(&clocks)) {
 *         ... run every task whose clock is due ...
 *         eg_clocks_tick(&clocks);
 *     }
 *
 * A clock is a count of steps; its time is one product, n * dt, never a sum. An event clock's
 * is times[n], and infinity behind the last. Clocks whose times agree are due together; what
 * "agree" means, and how a duration becomes a number of steps, is the dialect's
 * (brian2-runtime: within 1e-4 of a step, event clocks among each other within 1e-14 s;
 * brian2-standalone: within 1e-14 s). Event clocks tick in [t_start, t_end) to the bit.
 * The values live in the store, where model code reads them.
 */
#ifndef EG_SIM_CLOCKS_H
#define EG_SIM_CLOCKS_H

#include "lang/sema.h"
#include "sim/store.h"

typedef struct eg_tick {
    const char *name; /* borrowed from the net */
    double dt;        /* seconds; 0: an event clock */
    int64_t *step;    /* cells of the store */
    double *t, *dt_cell;
    const double *times; /* event clock: ascending, `count` of them, seconds */
    int64_t count;
    int64_t end; /* first step that no longer belongs to the run */
    bool due;
} eg_tick;

typedef struct eg_clocks {
    eg_tick *item; /* by name; in the arena given */
    uint32_t count;
    uint32_t first; /* the clock that is furthest behind */
    eg_dialect dialect;
} eg_clocks;

/* E_MEMORY; E_IO: times that cannot be read. */
engram_status eg_clocks_init(eg_clocks *out, const eg_net *net, const eg_store *store,
                             eg_dialect dialect, eg_arena *arena, engram_error *err);
/* Index of a clock by name, UINT32_MAX if there is none. */
uint32_t eg_clocks_find(const eg_clocks *clocks, const char *name);
/* A new step of a regular clock, between runs; also in the store. */
void eg_clocks_set_dt(eg_clocks *clocks, uint32_t clock, double dt);
/* Set every clock to the interval [t_start, t_end) seconds. E_LIMIT: a time that is no number
 * of steps below 2^62. */
engram_status eg_clocks_begin(eg_clocks *clocks, double t_start, double t_end,
                              engram_error *err);
/* In the middle of a run: steps and times stand in the store, `end` in each clock. */
void eg_clocks_go_on(eg_clocks *clocks);
/* Is there another step? */
bool eg_clocks_running(const eg_clocks *clocks);
/* Before a step, brian2-runtime: E_LIMIT if a clock is due whose run is over, by an event clock
 * that ticks just before the end. Brian2 runs its objects once too often and raises
 * StopIteration. */
engram_status eg_clocks_judge(const eg_clocks *clocks, engram_error *err);
/* Whether `dt` and `end`, and step and time in the store, are such as a clock can have. */
bool eg_clocks_possible(const eg_tick *tick, double dt, int64_t end);
/* Time of the step that is due, seconds. */
double eg_clocks_now(const eg_clocks *clocks);
/* Advance the clocks that are due and find out which are next. */
void eg_clocks_tick(eg_clocks *clocks);
/* Steps from here to the end if no clock ran between those of the finest one. */
uint64_t eg_clocks_left(const eg_clocks *clocks);

#endif
