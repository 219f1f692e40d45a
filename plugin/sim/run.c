/* run.c - one run(): what is made before its first step and kept after its last */
#include "sim/sim_private.h"

#include "common/memory.h"
#include "network/net_find.h"
#include "sim/setup.h"

#include <string.h>

static const eg_run *described_run(const engram_sim *sim, uint32_t run)
{
    const eg_run_list *runs = &sim->net->document.network->runs;
    return run < runs->count ? &runs->item[run] : NULL;
}

double eg_run_duration(const engram_sim *sim, uint32_t run)
{
    const eg_run *described = described_run(sim, run);
    if (run + 1 == sim->runs && sim->last_duration >= 0)
        return sim->last_duration;
    return described ? described->duration : 0.0;
}

/* ---- before ---------------------------------------------------------------------------------
 */

/* Where the file holds the state, setup is history. */
static engram_status replay_setup(engram_sim *sim, engram_error *err)
{
    const eg_network *network = sim->net->document.network;
    if (sim->net->document.state)
        return ENGRAM_OK;
    const eg_run *run = described_run(sim, sim->run);
    const size_t end = run ? (size_t)run->setup_end : network->setup.count;
    engram_status status =
        eg_setup_replay(sim->store, sim->net, sim->rng, sim->setup_done, end, sim->seed, err);
    sim->setup_done = end;
    return status;
}

/* A pathway whose synapses were made without delays of their own has zeros (semantics 6.4). */
static engram_status fit_delays(engram_sim *sim, engram_error *err)
{
    const eg_synapses_list *all = &sim->net->document.network->synapses;
    for (size_t k = 0; k < all->count; k++) {
        const eg_cell *pre = eg_store_find(sim->store, all->item[k].name, "_synaptic_pre");
        for (size_t p = 0; pre && p < all->item[k].pathways.count; p++) {
            eg_cell *delay =
                eg_store_find(sim->store, all->item[k].pathways.item[p].name, "delay");
            if (!delay || delay->scalar || delay->count == pre->count)
                continue;
            engram_status status = eg_store_resize(sim->store, delay, pre->count, err);
            if (status)
                return status;
        }
    }
    return ENGRAM_OK;
}

static bool is_inactive(const eg_run *run, const eg_executable *code)
{
    return !code->active || (run && (eg_strs_find(&run->inactive, code->name) != SIZE_MAX ||
                                     eg_strs_find(&run->inactive, code->owner) != SIZE_MAX));
}

static bool is_monitor(const engram_sim *sim, const eg_executable *code)
{
    return eg_probes_find(&sim->probes, code->owner) != NULL;
}

static engram_status bind_tasks(engram_sim *sim, engram_error *err)
{
    const eg_run *run = described_run(sim, sim->run);
    eg_run_state *now = &sim->now;
    now->task = eg_arena_array(now->arena, sim->order->count + 1, sizeof *now->task);
    if (!now->task)
        return eg_fail_memory(err, "tasks");
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < sim->order->count; k++) {
        if (sim->order->item[k].phase != EG_PHASE_EXECUTABLE)
            continue;
        const eg_executable *code = sim->order->item[k].of.executable;
        if (is_inactive(run, code) || (is_monitor(sim, code) && !sim->probes.recorder))
            continue;
        status = eg_task_bind(&now->task[now->task_count++], sim, code, err);
    }
    return status;
}

static void count_synapses(engram_sim *sim)
{
    const eg_synapses_list *all = &sim->net->document.network->synapses;
    sim->synapses = sim->synapse_bytes = 0;
    for (size_t k = 0; k < all->count; k++) {
        const eg_cell *pre = eg_store_find(sim->store, all->item[k].name, "_synaptic_pre");
        sim->synapses += pre ? pre->count : 0;
        for (size_t c = 0; c < eg_store_count(sim->store); c++) {
            const eg_cell *cell = eg_store_at(sim->store, c);
            bool own = !strcmp(cell->owner, all->item[k].name);
            for (size_t p = 0; !own && p < all->item[k].pathways.count; p++)
                own = !strcmp(cell->owner, all->item[k].pathways.item[p].name);
            sim->synapse_bytes += own ? cell->count * eg_dtype_size(cell->dtype) : 0;
        }
    }
}

/* Once, when the synapses of the first run are there: their monitors record all of them. */
static engram_status open_probes(engram_sim *sim, engram_error *err)
{
    engram_status status = eg_probes_init(&sim->probes, sim->net, sim->store, sim->arena, err);
    if (status || !sim->results)
        return status;
    const engram_record_header header = {
        .archive = sim->archive, .archive_digest = sim->model->digest, .engine = ENGRAM_ENGINE};
    return eg_probes_open(&sim->probes, sim->net, sim->results, &header, sim->arena, err);
}

engram_status eg_run_begin(engram_sim *sim, engram_error *err)
{
    eg_run_state *now = &sim->now;
    now->arena = eg_arena_new(sim->alloc);
    if (!now->arena)
        return eg_fail_memory(err, "a run");
    eg_store_thaw(sim->store);
    now->start = sim->t;
    now->stop_at = sim->t + eg_run_duration(sim, sim->run);
    engram_status status = replay_setup(sim, err);
    if (!status)
        status = fit_delays(sim, err);
    if (!status && !sim->probes.item)
        status = open_probes(sim, err);
    eg_store_freeze(sim->store);
    for (size_t k = 0; k < sim->event_count; k++)
        sim->events[k].count = 0; /* what the last step of a run emitted is not heard later */
    if (!status)
        status = eg_clocks_begin(&sim->clocks, now->start, now->stop_at, err);
    count_synapses(sim);
    if (!status)
        status = bind_tasks(sim, err);
    if (!status)
        status = eg_sim_list_variables(sim, err);
    now->steps = eg_clocks_left(&sim->clocks);
    now->going = !status;
    return status;
}

/* ---- after ----------------------------------------------------------------------------------
 */

/* What is in flight when a run ends is delivered in the next one. Pathways that were not
 * active keep what they had. */
static engram_status keep_flights(engram_sim *sim, engram_error *err)
{
    eg_left *left =
        eg_arena_array(sim->arena, sim->now.task_count + sim->left_count + 1, sizeof *left);
    if (!left)
        return eg_fail_memory(err, "spikes in flight");
    size_t count = 0;
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < sim->now.task_count; k++) {
        const eg_task *task = &sim->now.task[k];
        if (!task->flight)
            continue;
        left[count].pathway = *task->code->pathway ? task->code->pathway : task->code->name;
        status = eg_flight_pending(&left[count].pending, task->flight, err);
        count += !status;
    }
    for (size_t k = 0; k < sim->left_count; k++) {
        bool replaced = false;
        for (size_t n = 0; n < count; n++)
            replaced |= !strcmp(left[n].pathway, sim->left[k].pathway);
        if (replaced)
            eg_pending_clear(&sim->left[k].pending, sim->alloc);
        else
            left[count++] = sim->left[k];
    }
    sim->left = left;
    sim->left_count = count;
    return status;
}

void eg_run_discard(engram_sim *sim)
{
    for (size_t k = 0; k < sim->now.task_count; k++)
        eg_task_clear(&sim->now.task[k], sim->alloc);
    eg_arena_free(sim->now.arena);
    sim->now = (eg_run_state){0};
}

static engram_status record_run(engram_sim *sim, bool complete, engram_error *err)
{
    if (!sim->probes.recorder)
        return ENGRAM_OK;
    const engram_record_run run = {.start = sim->now.start,
                                   .duration = eg_run_duration(sim, sim->run),
                                   .simulated = sim->t - sim->now.start,
                                   .wall_time = sim->now.wall,
                                   .math = sim->math == EG_MATH_STRICT ? "strict" : "fast",
                                   .rng = eg_rng_rule_name(sim->rng->rule),
                                   .dialect = sim->net->document.network->dialect,
                                   .seed = sim->seed,
                                   .threads = 1,
                                   .complete = complete};
    return sim->probes.provider->record_run(sim->probes.recorder, &run, NULL, err);
}

engram_status eg_run_end(engram_sim *sim, bool complete, engram_error *err)
{
    sim->t = complete ? sim->now.stop_at : eg_clocks_now(&sim->clocks);
    sim->simulated += sim->t - sim->now.start;
    engram_status status = keep_flights(sim, err);
    if (!status)
        status = record_run(sim, complete, err);
    eg_run_discard(sim);
    sim->run += complete;
    return status;
}
