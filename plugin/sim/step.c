/* step.c - what a task does, and the tasks of one step in order
 *
 * Order: (slot of the schedule, order, name), fixed before the run (semantics 2.1, 2.2).
 * Tasks of several clocks that are due together are interleaved as if they had one.
 */
#include "sim/sim_private.h"

#include "common/memory.h"
#include "exec/flush.h"
#include "sim/split.h"

#include <string.h>
#include <time.h>

static engram_status run_kernel(eg_task *task, engram_error *err)
{
    const engram_status status = eg_kernel_run(task->kernel, &task->frame, err);
    return status ? eg_error_prefix(err, status, "%s", task->code->name) : ENGRAM_OK;
}

/* All elements of an object. */
static engram_status run_elements(engram_sim *sim, eg_task *task, engram_error *err)
{
    if (task->kernels)
        return eg_split_run(task, sim, err);
    sim->worker[0].elements += task->frame.count;
    return run_kernel(task, err);
}

/* Into the caller's list, which holds their number behind the last element. */
static void show_events(const eg_events *events)
{
    if (!events->shown)
        return;
    const uint64_t count =
        events->count < events->shown_elements ? events->count : events->shown_elements;
    if (count)
        memcpy(events->shown, events->list, (size_t)count * sizeof *events->list);
    events->shown[events->shown_elements] = (int32_t)count;
}

/* Of neurons of `dtype=float32` Brian2 keeps the time of the last spike as such, too. */
static void begin_refractoriness(const eg_task *task, const eg_events *events)
{
    double *last = task->lastspike->data;
    float *single = task->lastspike->data;
    const bool is_single = task->lastspike->dtype == EG_F32;
    for (uint32_t k = 0; k < events->count; k++) {
        const int32_t neuron = events->list[k];
        task->not_refractory[neuron] = 0;
        if (is_single)
            single[neuron] = (float)*task->t;
        else
            last[neuron] = *task->t;
    }
}

static engram_status step_threshold(engram_sim *sim, eg_task *task, engram_error *err)
{
    engram_status status = run_elements(sim, task, err);
    if (status)
        return status;
    eg_events *events = task->events;
    events->count = task->compact(events->list, task->truth, (uint32_t)task->elements, 0);
    events->total += events->count;
    show_events(events);
    if (task->not_refractory)
        begin_refractoriness(task, events);
    return ENGRAM_OK;
}

/* The events within the range heard: lists ascend but for those of generators, of which there
 * are no slices. */
static const int32_t *heard(const eg_task *task, uint32_t *count)
{
    const eg_events *events = task->events;
    uint32_t first = 0, last = events->count;
    if (task->start > 0)
        while (first < last && events->list[first] < task->start)
            first++;
    if ((uint64_t)task->stop < events->capacity)
        while (last > first && events->list[last - 1] >= task->stop)
            last--;
    *count = last - first;
    return events->list + first;
}

static engram_status step_reset(eg_task *task, engram_error *err)
{
    if (!task->kernel)
        return ENGRAM_OK;
    uint32_t count;
    task->frame.index = heard(task, &count);
    task->frame.count = count;
    return count ? run_kernel(task, err) : ENGRAM_OK;
}

/* ---- synapses -----------------------------------------------------------------------------
 */

static void deliver(engram_sim *sim, const eg_task *task, const eg_due *due)
{
    const eg_rows *rows = &task->rows;
    for (uint64_t k = 0; k < due->early_count; k++) {
        const int32_t synapse = due->early[k];
        rows->target[rows->by_number[synapse]] +=
            rows->weight_by_number ? rows->weight_by_number[synapse] : rows->constant;
    }
    sim->worker[0].events += due->early_count;
    if (eg_split_deliver(task, sim, due))
        return;
    sim->worker[0].events += due->count - due->early_count;
    for (uint32_t k = 0; k < due->segment_count; k++) {
        const eg_segment s = due->segment[k];
        if (rows->weight)
            eg_deliver_weights(rows->target, rows->post + s.first, rows->weight + s.first,
                               s.count);
        else
            eg_deliver_constant(rows->target, rows->post + s.first, s.count, rows->constant);
    }
}

/* Numbers of all synapses that are due, in order of delivery. */
static engram_status list_due(eg_task *task, const engram_alloc *alloc, const eg_due *due,
                              engram_error *err)
{
    if (!eg_grow(alloc, &task->due, &task->due_capacity, (size_t)due->count, sizeof *task->due))
        return eg_fail_memory(err, "due synapses");
    const int32_t *order = eg_flight_order(task->flight);
    uint64_t n = due->early_count;
    if (n)
        memcpy(task->due, due->early, (size_t)n * sizeof *task->due);
    for (uint32_t k = 0; k < due->segment_count; k++) {
        const eg_segment s = due->segment[k];
        for (uint32_t at = s.first; at < s.first + s.count; at++)
            task->due[n++] = order ? order[at] : (int32_t)at;
    }
    return ENGRAM_OK;
}

/* How often each due synapse has come before: events in flight when the run began, and a
 * generator's that fell together, may reach one twice, and each time it draws anew. */
static engram_status count_turns(engram_sim *sim, eg_task *task, uint64_t count,
                                 engram_error *err)
{
    if (!task->turns) {
        task->turns = eg_arena_array(sim->now.arena, task->elements + 1, sizeof *task->turns);
        if (!task->turns)
            return eg_fail_memory(err, "turns of synapses");
    }
    if (!eg_grow(sim->alloc, &task->turn, &task->turn_capacity, (size_t)count,
                 sizeof *task->turn))
        return eg_fail_memory(err, "turns of synapses");
    for (uint64_t k = 0; k < count; k++)
        task->turn[k] = task->turns[task->due[k]]++;
    for (uint64_t k = 0; k < count; k++)
        task->turns[task->due[k]] = 0;
    task->frame.turn = task->turn;
    return ENGRAM_OK;
}

static engram_status step_synapses(engram_sim *sim, eg_task *task, engram_error *err)
{
    eg_due due;
    engram_status status =
        eg_flight_step(task->flight, task->events->list, task->events->count, &due, err);
    if (status || !due.count)
        return status;
    sim->delivered += due.count;
    if (task->rows.plain) {
        deliver(sim, task, &due);
        return ENGRAM_OK;
    }
    sim->worker[0].events += due.count;
    if (!task->kernel)
        return ENGRAM_OK;
    status = list_due(task, sim->alloc, &due, err);
    if (status)
        return status;
    task->frame.index = task->due;
    task->frame.count = due.count;
    if (task->draws)
        status = count_turns(sim, task, due.count, err);
    return status ? status : run_kernel(task, err);
}

/* ---- summed variables (semantics 6.7) -------------------------------------------------------
 */

static void add_sums(const eg_task *task, uint64_t first, uint64_t count)
{
    const int32_t *to = task->target_index + first;
    void *target = task->target->data;
    const void *sum = task->sum;
    switch (task->sum_type) {
    case EG_F64:
        for (uint64_t k = 0; k < count; k++)
            ((double *)target)[to[k]] += ((const double *)sum)[k];
        break;
    case EG_F32:
        for (uint64_t k = 0; k < count; k++)
            ((float *)target)[to[k]] += ((const float *)sum)[k];
        break;
    case EG_I64: /* sums of integers wrap, as they do in the reference */
        for (uint64_t k = 0; k < count; k++)
            ((uint64_t *)target)[to[k]] += ((const uint64_t *)sum)[k];
        break;
    default:
        for (uint64_t k = 0; k < count; k++)
            ((uint32_t *)target)[to[k]] += ((const uint32_t *)sum)[k];
        break;
    }
}

static engram_status step_summed(eg_task *task, engram_error *err)
{
    const size_t size = eg_dtype_size(task->target->dtype);
    memset((char *)task->target->data + task->target_start * size, 0,
           (size_t)(task->target_stop - task->target_start) * size);
    const uint64_t block = task->one_by_one ? 1 : EG_SUM_BLOCK;
    for (uint64_t first = 0; first < task->elements; first += block) {
        const uint64_t left = task->elements - first;
        task->frame.first = first;
        task->frame.count = left < block ? left : block;
        const engram_status status = run_kernel(task, err);
        if (status)
            return status;
        add_sums(task, first, task->frame.count);
    }
    return ENGRAM_OK;
}

/* ---- monitors ---------------------------------------------------------------------------- */

static engram_status step_states(engram_sim *sim, eg_task *task, engram_error *err)
{
    if (task->kernel && task->frame.count) {
        const engram_status status = run_kernel(task, err);
        if (status)
            return status;
    }
    return eg_probes_samples(&sim->probes, task->probe, 1, task->t,
                             (const void *const *)task->column, err);
}

static engram_status step_events(engram_sim *sim, eg_task *task, engram_error *err)
{
    uint32_t count;
    const int32_t *index = heard(task, &count);
    if (!count)
        return ENGRAM_OK;
    if (task->kernel) {
        task->frame.index = index;
        task->frame.count = count;
        const engram_status status = run_kernel(task, err);
        if (status)
            return status;
    }
    /* Recorded as Brian2 shows them: counted from the start of the slice. */
    if (!eg_grow(sim->alloc, &task->due, &task->due_capacity, count, sizeof *task->due) ||
        !eg_grow(sim->alloc, &task->times, &task->times_capacity, count, sizeof *task->times))
        return eg_fail_memory(err, "recorded events");
    for (uint32_t k = 0; k < count; k++) {
        task->due[k] = index[k] - task->start;
        task->times[k] = *task->t;
    }
    return eg_probes_events(&sim->probes, task->probe, count, task->due, task->times,
                            (const void *const *)task->column, err);
}

static engram_status step_rate(engram_sim *sim, eg_task *task, engram_error *err)
{
    uint32_t count;
    heard(task, &count);
    const double neurons = (double)(task->stop - task->start);
    const double rate = (double)count / *task->rate_dt / neurons;
    const float single = (float)rate;
    const bool is_single = task->probe->column[0].dtype == ENGRAM_RECORD_F32;
    const void *column = is_single ? (const void *)&single : &rate;
    return eg_probes_samples(&sim->probes, task->probe, 1, task->t, &column, err);
}

/* ---- spike generators -------------------------------------------------------------------- */

static engram_status step_generate(engram_sim *sim, eg_task *task)
{
    eg_generator *g = &task->generator;
    eg_events *events = task->events;
    int64_t now = *sim->clocks.item[task->clock].step;
    if (g->period) {
        now %= g->period;
        if (*g->last > 0 && g->bin[*g->last - 1] >= now)
            *g->last = 0;
    }
    events->count = 0;
    while ((uint64_t)*g->last < g->count && g->bin[*g->last] <= now)
        events->list[events->count++] = g->neuron[(*g->last)++];
    events->total += events->count;
    show_events(events);
    return ENGRAM_OK;
}

/* ---- a step ------------------------------------------------------------------------------ */

/* ---- calls of the host ------------------------------------------------------------------- */

static engram_status step_call(engram_sim *sim, const eg_task *task, engram_error *err)
{
    const bool flushed = eg_flush_set(false);
    const int answer = sim->call(sim->call_context, task->operation->name, sim->t);
    eg_flush_set(flushed);
    if (answer > 0)
        sim->stop_asked = true;
    if (answer < 0)
        return eg_fail(err, ENGRAM_E_INTERRUPTED, "operation %s failed at %g s",
                       task->operation->name, sim->t);
    return ENGRAM_OK;
}

/* Ticks of the object's clock; each run of a network has its own. */
static uint64_t place_of_step(const engram_sim *sim, const eg_task *task)
{
    return (uint64_t)*sim->clocks.item[task->clock].step + ((uint64_t)sim->run << 40);
}

static engram_status run_task(engram_sim *sim, eg_task *task, engram_error *err)
{
    if (task->moving_count) {
        const engram_status status = eg_task_check_moving(sim, task, err);
        if (status)
            return status;
    }
    if (task->draws)
        eg_rng_place(sim->rng, task->object, place_of_step(sim, task), false);
    switch (task->kind) {
    case EG_TASK_UPDATE:
        return task->kernel ? run_elements(sim, task, err) : ENGRAM_OK;
    case EG_TASK_ADAPTIVE:
        return eg_adaptive_step(task->adaptive, task->elements, err);
    case EG_TASK_THRESHOLD:
        return step_threshold(sim, task, err);
    case EG_TASK_RESET:
        return step_reset(task, err);
    case EG_TASK_SYNAPSES:
        return step_synapses(sim, task, err);
    case EG_TASK_SUMMED:
        return step_summed(task, err);
    case EG_TASK_STATES:
        return step_states(sim, task, err);
    case EG_TASK_EVENTS:
        return step_events(sim, task, err);
    case EG_TASK_RATE:
        return step_rate(sim, task, err);
    case EG_TASK_GENERATE:
        return step_generate(sim, task);
    case EG_TASK_CALL:
        return step_call(sim, task, err);
    }
    return ENGRAM_OK;
}

/* Where the seconds of a task are added up: one place for each object. */
static engram_status find_spent(engram_sim *sim, eg_task *task, engram_error *err)
{
    const char *object = task->code ? task->code->name : task->operation->name;
    for (size_t k = 0; k < sim->spent_count; k++)
        if (!strcmp(sim->spent[k].object, object)) {
            task->spent = sim->spent[k].seconds;
            return ENGRAM_OK;
        }
    task->spent = eg_arena_array(sim->arena, 1, sizeof *task->spent);
    if (!task->spent || !eg_grow(sim->alloc, &sim->spent, &sim->spent_capacity,
                                 sim->spent_count + 1, sizeof *sim->spent))
        return eg_fail_memory(err, "a profile");
    *task->spent = 0;
    sim->spent[sim->spent_count++] = (eg_spent){object, task->spent};
    return ENGRAM_OK;
}

static engram_status run_measured(engram_sim *sim, eg_task *task, engram_error *err)
{
    if (!task->spent) {
        const engram_status status = find_spent(sim, task, err);
        if (status)
            return status;
    }
    const double start = eg_seconds_now();
    const engram_status status = run_task(sim, task, err);
    *task->spent += eg_seconds_now() - start;
    return status;
}

engram_status eg_step(engram_sim *sim, engram_error *err)
{
    const bool measured = sim->flags & ENGRAM_SIM_PROFILE;
    sim->t = eg_clocks_now(&sim->clocks);
    const engram_status possible = eg_clocks_judge(&sim->clocks, err);
    if (possible)
        return possible;
    for (size_t k = 0; k < sim->now.task_count; k++) {
        eg_task *task = &sim->now.task[k];
        if (!sim->clocks.item[task->clock].due)
            continue;
        const engram_status status =
            measured ? run_measured(sim, task, err) : run_task(sim, task, err);
        if (status)
            return status;
    }
    eg_clocks_tick(&sim->clocks);
    return ENGRAM_OK;
}
