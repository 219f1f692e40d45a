#include "sim/clocks.h"

#include "common/memory.h"

#include <math.h>
#include <string.h>

static const double RUNTIME_EPSILON = 1e-4;     /* of a step: Clock.epsilon_dt */
static const double EVENT_EPSILON = 1e-14;      /* s: BaseClock.epsilon */
static const double STANDALONE_EPSILON = 1e-14; /* brianlib/clocks.h, network.cpp */
static const double STEPS_MAX = 4611686018427387904.0;

static engram_status read_times(eg_tick *tick, const eg_source *times, eg_arena *arena,
                                engram_error *err)
{
    if (times->count >= SIZE_MAX / sizeof(double))
        return eg_fail_memory(err, "times");
    double *room = eg_arena_array(arena, (size_t)times->count + 1, sizeof *room);
    if (!room)
        return eg_fail_memory(err, "times");
    tick->times = room;
    tick->count = (int64_t)times->count;
    return eg_source_read_as(times, EG_F64, room, 0, times->count, err);
}

engram_status eg_clocks_init(eg_clocks *out, const eg_net *net, const eg_store *store,
                             eg_dialect dialect, eg_arena *arena, engram_error *err)
{
    const eg_clock_list *clocks = &net->document.network->clocks;
    *out = (eg_clocks){.count = (uint32_t)clocks->count, .dialect = dialect};
    out->item = eg_arena_array(arena, clocks->count + 1, sizeof *out->item);
    if (!out->item)
        return eg_fail_memory(err, "clocks");
    for (uint32_t k = 0; k < out->count; k++) {
        const eg_clock *clock = &clocks->item[k];
        eg_tick *tick = &out->item[k];
        *tick = (eg_tick){.name = clock->name,
                          .step = eg_store_find(store, clock->name, "timestep")->data,
                          .t = eg_store_find(store, clock->name, "t")->data};
        if (!clock->times) {
            tick->dt = clock->dt;
            tick->dt_cell = eg_store_find(store, clock->name, "dt")->data;
            continue;
        }
        const engram_status status = read_times(tick, clock->times, arena, err);
        if (status)
            return eg_error_prefix(err, status, "clock %s", clock->name);
    }
    return ENGRAM_OK;
}

uint32_t eg_clocks_find(const eg_clocks *clocks, const char *name)
{
    for (uint32_t k = 0; k < clocks->count; k++)
        if (strcmp(clocks->item[k].name, name) == 0)
            return k;
    return UINT32_MAX;
}

void eg_clocks_set_dt(eg_clocks *clocks, uint32_t clock, double dt)
{
    clocks->item[clock].dt = dt;
    *clocks->item[clock].dt_cell = dt;
}

static double time_of(const eg_tick *tick, int64_t step)
{
    if (!tick->times)
        return (double)step * tick->dt;
    return step >= 0 && step < tick->count ? tick->times[step] : (double)INFINITY;
}

/* Number of the first time of an event clock at or behind `t`: to the bit, both dialects. */
static int64_t event_at(const eg_tick *tick, double t)
{
    int64_t low = 0, high = tick->count;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (tick->times[middle] < t)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Number of the first step at or behind time `t` (semantics 1.2, 1.3). */
static int64_t step_at(eg_dialect dialect, double t, double dt)
{
    if (dialect == EG_DIALECT_STANDALONE) {
        const int64_t near = (int64_t)(t / dt + 0.5);
        const double back = (double)near * dt;
        if (back == t || fabs(back - t) <= STANDALONE_EPSILON * fabs(back))
            return near;
    } else {
        const int64_t near = (int64_t)rint(t / dt);
        const double back = (double)near * dt;
        if (back == t || fabs(back - t) / dt <= RUNTIME_EPSILON)
            return near;
    }
    return (int64_t)ceil(t / dt);
}

static bool together(const eg_clocks *clocks, const eg_tick *a, const eg_tick *b)
{
    const double apart = fabs(*a->t - *b->t);
    if (clocks->dialect == EG_DIALECT_STANDALONE)
        return apart <= STANDALONE_EPSILON;
    if (a->times && b->times)
        return apart < EVENT_EPSILON;
    const double dt = a->times ? b->dt : b->times ? a->dt : fmin(a->dt, b->dt);
    return apart == 0 || apart / dt < RUNTIME_EPSILON;
}

/* Of two clocks at one time Brian2 takes either, as its set of clocks has them. That shows only
 * where one of them takes this time for the end of the run (1e-4 of its step before it) and the
 * other does not. An event clock must not miss there; else the clock that has ended is taken,
 * and ends the run: with the other one Brian2 2.9 executes a step again in the next run, and
 * 2.10 fails. */
static int rank(const eg_tick *tick)
{
    if (*tick->step >= tick->end)
        return 1;
    return tick->times ? 0 : 2;
}

static bool behind(const eg_tick *a, const eg_tick *b)
{
    return *a->t < *b->t || (*a->t == *b->t && rank(a) < rank(b));
}

static void find_due(eg_clocks *clocks)
{
    clocks->first = 0;
    for (uint32_t k = 1; k < clocks->count; k++)
        if (behind(&clocks->item[k], &clocks->item[clocks->first]))
            clocks->first = k;
    const eg_tick *first = &clocks->item[clocks->first];
    for (uint32_t k = 0; k < clocks->count; k++)
        clocks->item[k].due = together(clocks, &clocks->item[k], first);
}

engram_status eg_clocks_begin(eg_clocks *clocks, double t_start, double t_end,
                              engram_error *err)
{
    for (uint32_t k = 0; k < clocks->count; k++) {
        eg_tick *tick = &clocks->item[k];
        if (tick->times) {
            *tick->step = event_at(tick, t_start);
            *tick->t = time_of(tick, *tick->step);
            tick->end = event_at(tick, t_end);
            continue;
        }
        if (!(fabs(t_start / tick->dt) < STEPS_MAX && fabs(t_end / tick->dt) < STEPS_MAX))
            return eg_fail(err, ENGRAM_E_LIMIT,
                           "a run from %g s to %g s is no countable number of steps of %g s "
                           "(clock %s)",
                           t_start, t_end, tick->dt, tick->name);
        *tick->step = step_at(clocks->dialect, t_start, tick->dt);
        tick->end = step_at(clocks->dialect, t_end, tick->dt);
        /* Standalone code leaves t as the last tick made it. */
        if (clocks->dialect == EG_DIALECT_RUNTIME)
            *tick->t = time_of(tick, *tick->step);
    }
    find_due(clocks);
    return ENGRAM_OK;
}

void eg_clocks_go_on(eg_clocks *clocks)
{
    if (clocks->count)
        find_due(clocks);
}

bool eg_clocks_running(const eg_clocks *clocks)
{
    if (!clocks->count)
        return false;
    const eg_tick *first = &clocks->item[clocks->first];
    return *first->step < first->end;
}

engram_status eg_clocks_judge(const eg_clocks *clocks, engram_error *err)
{
    const eg_tick *first = &clocks->item[clocks->first];
    for (uint32_t k = 0; clocks->dialect == EG_DIALECT_RUNTIME && k < clocks->count; k++) {
        const eg_tick *tick = &clocks->item[k];
        if (tick->due && *tick->step >= tick->end && (first->times || tick->times))
            return eg_fail(err, ENGRAM_E_LIMIT,
                           "the time %.17g s of clock %s is so near the end of the run that it "
                           "is the end for clock %s, which ticks with it: Brian2 fails here, "
                           "too",
                           *first->t, first->name, tick->name);
    }
    return ENGRAM_OK;
}

bool eg_clocks_possible(const eg_tick *tick, double dt, int64_t end)
{
    const int64_t most = tick->times ? tick->count : INT64_C(1) << 62;
    const int64_t least = tick->times ? 0 : -most;
    return (tick->times ? dt == 0 : dt > 0) && end <= most && end >= least &&
           *tick->step <= most && *tick->step >= least &&
           (tick->times ? *tick->t == time_of(tick, *tick->step) : isfinite(*tick->t));
}

double eg_clocks_now(const eg_clocks *clocks)
{
    return clocks->count ? *clocks->item[clocks->first].t : 0.0;
}

void eg_clocks_tick(eg_clocks *clocks)
{
    for (uint32_t k = 0; k < clocks->count; k++) {
        eg_tick *tick = &clocks->item[k];
        if (tick->due) {
            *tick->step += 1;
            *tick->t = time_of(tick, *tick->step);
        }
    }
    if (clocks->count > 1)
        find_due(clocks);
}

uint64_t eg_clocks_left(const eg_clocks *clocks)
{
    uint64_t most = 0;
    for (uint32_t k = 0; k < clocks->count; k++) {
        const eg_tick *tick = &clocks->item[k];
        const uint64_t left = tick->end > *tick->step ? (uint64_t)(tick->end - *tick->step) : 0;
        most = left > most ? left : most;
    }
    return most;
}
