#include "sim/clocks.h"

#include "common/memory.h"

#include <math.h>
#include <string.h>

static const double RUNTIME_EPSILON = 1e-4;     /* of a step: Clock.epsilon_dt */
static const double STANDALONE_EPSILON = 1e-14; /* brianlib/clocks.h, network.cpp */
static const double STEPS_MAX = 4611686018427387904.0;

engram_status eg_clocks_init(eg_clocks *out, const eg_net *net, const eg_store *store,
                             eg_dialect dialect, eg_arena *arena, engram_error *err)
{
    const eg_clock_list *clocks = &net->document.network->clocks;
    *out = (eg_clocks){.count = (uint32_t)clocks->count, .dialect = dialect};
    out->item = eg_arena_array(arena, clocks->count + 1, sizeof *out->item);
    if (!out->item)
        return eg_fail_memory(err, "clocks");
    for (uint32_t k = 0; k < out->count; k++) {
        const char *name = clocks->item[k].name;
        out->item[k] = (eg_tick){.name = name,
                                 .dt = clocks->item[k].dt,
                                 .step = eg_store_find(store, name, "timestep")->data,
                                 .t = eg_store_find(store, name, "t")->data,
                                 .dt_cell = eg_store_find(store, name, "dt")->data};
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
    return apart == 0 || apart / fmin(a->dt, b->dt) < RUNTIME_EPSILON;
}

static void find_due(eg_clocks *clocks)
{
    clocks->first = 0;
    for (uint32_t k = 1; k < clocks->count; k++)
        if (*clocks->item[k].t < *clocks->item[clocks->first].t)
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
        if (!(fabs(t_start / tick->dt) < STEPS_MAX && fabs(t_end / tick->dt) < STEPS_MAX))
            return eg_fail(err, ENGRAM_E_LIMIT,
                           "a run from %g s to %g s is no countable number of steps of %g s "
                           "(clock %s)",
                           t_start, t_end, tick->dt, tick->name);
        *tick->step = step_at(clocks->dialect, t_start, tick->dt);
        tick->end = step_at(clocks->dialect, t_end, tick->dt);
        /* Standalone code leaves t as the last tick made it. */
        if (clocks->dialect == EG_DIALECT_RUNTIME)
            *tick->t = (double)*tick->step * tick->dt;
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
            *tick->t = (double)*tick->step * tick->dt;
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
