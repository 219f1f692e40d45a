#include "sim/split.h"

#include "sim/pool.h"

#include <string.h>

enum {
    LINE = 64,           /* elements: no two threads write into one line of a cache */
    LEAST_NS = 8000,     /* of a task: below, waiting for one another costs more */
    LEAST_EVENTS = 16384 /* of a step, the same for synapses */
};

engram_status eg_split_begin(engram_sim *sim, uint32_t threads, engram_error *err)
{
    sim->threads = threads;
    const size_t size = threads * sizeof *sim->worker;
    sim->worker = eg_calloc_aligned(sim->alloc, size, 64);
    if (!sim->worker)
        return eg_fail_memory(err, "threads");
    const bool keyed = threads > 1 && sim->rng->rule == EG_RNG_PHILOX;
    for (uint32_t w = 0; keyed && w < threads; w++) {
        sim->worker[w].rng = eg_calloc(sim->alloc, sizeof *sim->worker[w].rng);
        if (!sim->worker[w].rng)
            return eg_fail_memory(err, "random streams");
        sim->worker[w].rng->rule = EG_RNG_PHILOX;
    }
    sim->thread_elements = eg_arena_array(sim->arena, threads, sizeof(uint64_t));
    sim->thread_events = eg_arena_array(sim->arena, threads, sizeof(uint64_t));
    if (!sim->thread_elements || !sim->thread_events)
        return eg_fail_memory(err, "threads");
    return threads > 1 ? eg_pool_new(&sim->pool, threads, sim->alloc, err) : ENGRAM_OK;
}

void eg_split_end(engram_sim *sim)
{
    eg_pool_free(sim->pool);
    for (uint32_t w = 0; sim->worker && w < sim->threads; w++)
        eg_free(sim->alloc, sim->worker[w].rng, sizeof *sim->worker[w].rng);
    eg_free_aligned(sim->alloc, sim->worker, sim->threads * sizeof *sim->worker, 64);
}

/* Where the part of worker `w` begins, of `count` elements. */
static uint64_t border(const engram_sim *sim, uint64_t count, uint32_t w)
{
    return w == sim->threads ? count : count * w / sim->threads / LINE * LINE;
}

/* ---- elements -----------------------------------------------------------------------------
 */

engram_status eg_split_kernel(eg_task *task, engram_sim *sim, engram_error *err)
{
    if (!sim->pool || !task->kernel ||
        eg_kernel_cost(task->kernel) * (double)task->elements < LEAST_NS ||
        !eg_kernel_separable(task->kernel, &task->frame))
        return ENGRAM_OK;
    task->kernels = eg_arena_array(sim->now.arena, sim->threads, sizeof *task->kernels);
    if (!task->kernels)
        return eg_fail_memory(err, "kernels");
    task->kernel_count = sim->threads;
    engram_status status = ENGRAM_OK;
    for (uint32_t w = 0; !status && w < sim->threads; w++)
        status = eg_kernel_new(&task->kernels[w], task->program, sim->math, &sim->exec,
                               sim->alloc, err);
    return status;
}

typedef struct element_work {
    engram_sim *sim;
    const eg_task *task;
} element_work;

static void run_part(void *context, uint32_t w)
{
    const element_work *work = context;
    engram_sim *sim = work->sim;
    eg_worker *worker = &sim->worker[w];
    eg_frame frame = work->task->frame;
    frame.first = border(sim, work->task->elements, w);
    frame.count = border(sim, work->task->elements, w + 1) - frame.first;
    frame.position = frame.first;
    if (worker->rng) {
        worker->rng->philox = sim->rng->philox;
        frame.rng = worker->rng;
    }
    worker->status = ENGRAM_OK;
    if (frame.count)
        worker->status = eg_kernel_run(work->task->kernels[w], &frame, &worker->err);
    worker->elements += frame.count;
}

engram_status eg_split_run(eg_task *task, engram_sim *sim, engram_error *err)
{
    element_work work = {sim, task};
    eg_pool_run(sim->pool, run_part, &work);
    for (uint32_t w = 0; w < sim->threads; w++)
        if (sim->worker[w].status) {
            if (err)
                *err = sim->worker[w].err;
            return eg_error_prefix(err, sim->worker[w].status, "%s", task->code->name);
        }
    return ENGRAM_OK;
}

/* ---- rows of synapses ---------------------------------------------------------------------
 */

/* The owner of each LINE targets. */
static uint8_t *find_owners(const engram_sim *sim, uint64_t targets)
{
    uint8_t *owner = eg_arena_array(sim->now.arena, (size_t)(targets / LINE) + 1, 1);
    for (uint32_t w = 0; owner && w < sim->threads; w++)
        for (uint64_t k = border(sim, targets, w); k < border(sim, targets, w + 1); k += LINE)
            owner[k / LINE] = (uint8_t)w;
    return owner;
}

/* Positions [first, end) of an order of synapses, by the owners of their targets. */
static void sort_segment(int32_t *sorted, const int32_t *order, const int32_t *post,
                         const uint8_t *owner, uint32_t first, uint32_t end)
{
    uint32_t start[EG_POOL_MAX + 1] = {0};
    for (uint32_t k = first; k < end; k++)
        start[owner[post[order ? order[k] : (int32_t)k] / LINE] + 1]++;
    start[0] = first;
    for (uint32_t w = 0; w < EG_POOL_MAX; w++)
        start[w + 1] += start[w];
    for (uint32_t k = first; k < end; k++) {
        const int32_t synapse = order ? order[k] : (int32_t)k;
        sorted[start[owner[post[synapse] / LINE]]++] = synapse;
    }
}

engram_status eg_split_order(const int32_t **order, eg_task *task, engram_sim *sim,
                             const int32_t *post, uint64_t targets, engram_error *err)
{
    const size_t n = (size_t)task->elements;
    if (!sim->pool || n < LEAST_EVENTS || targets < LINE * sim->threads)
        return ENGRAM_OK;
    int32_t *sorted = eg_arena_array(sim->now.arena, n, sizeof *sorted);
    const uint8_t *owner = find_owners(sim, targets);
    if (!sorted || !owner)
        return eg_fail_memory(err, "rows of synapses");
    for (uint32_t first = 0; first < n;) {
        const uint32_t end = eg_flight_segment_end(task->flight, first);
        sort_segment(sorted, *order, post, owner, first, end);
        first = end;
    }
    *order = sorted;
    task->rows.by_owner = true;
    sim->synapse_bytes += n * sizeof *sorted;
    return ENGRAM_OK;
}

typedef struct event_work {
    engram_sim *sim;
    const eg_task *task;
    const eg_due *due;
} event_work;

/* The first of positions [first, last) whose target is not below the border. */
static uint32_t find_owned(const uint32_t *post, uint32_t first, uint32_t last, uint64_t from)
{
    while (first < last) {
        const uint32_t middle = first + (last - first) / 2;
        if (post[middle] < from)
            first = middle + 1;
        else
            last = middle;
    }
    return first;
}

static void deliver_part(void *context, uint32_t w)
{
    const event_work *work = context;
    const eg_rows *rows = &work->task->rows;
    const uint64_t from = border(work->sim, rows->targets, w);
    const uint64_t to = border(work->sim, rows->targets, w + 1);
    uint64_t events = 0;
    for (uint32_t k = 0; k < work->due->segment_count; k++) {
        const eg_segment s = work->due->segment[k];
        const uint32_t first = find_owned(rows->post, s.first, s.first + s.count, from);
        const uint32_t last = find_owned(rows->post, first, s.first + s.count, to);
        if (rows->weight)
            eg_deliver_weights(rows->target, rows->post + first, rows->weight + first,
                               last - first);
        else
            eg_deliver_constant(rows->target, rows->post + first, last - first, rows->constant);
        events += last - first;
    }
    work->sim->worker[w].events += events;
}

bool eg_split_deliver(const eg_task *task, engram_sim *sim, const eg_due *due)
{
    if (!task->rows.by_owner || due->count - due->early_count < LEAST_EVENTS)
        return false;
    event_work work = {sim, task, due};
    eg_pool_run(sim->pool, deliver_part, &work);
    return true;
}
