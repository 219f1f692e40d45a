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

/* The list that the caller shows: `_spikespace`, `_<event>space`. */
static engram_status find_shown(eg_events *events, const engram_sim *sim, uint64_t elements,
                                engram_error *err)
{
    const char *name = eg_arena_printf(sim->arena, "_%sspace", events->event);
    if (!name)
        return eg_fail_memory(err, "spike lists");
    const eg_cell *cell = eg_store_find(sim->store, events->group, name);
    if (!cell || !cell->borrowed)
        return ENGRAM_OK;
    if (cell->dtype != EG_I32 || cell->count != elements + 1)
        return eg_fail(err, ENGRAM_E_SCHEMA, "%s.%s is lent as %s [%llu], wanted int32 [%llu]",
                       events->group, name, eg_dtype_name(cell->dtype),
                       (unsigned long long)cell->count, (unsigned long long)elements + 1);
    events->shown = cell->data;
    events->shown_elements = elements;
    return ENGRAM_OK;
}

/* ---- before: lists of events ------------------------------------------------------------- */

engram_status eg_run_add_events(engram_sim *sim, const eg_group *group, const char *event,
                                engram_error *err)
{
    if (eg_sim_find_events(sim, group->name, event))
        return ENGRAM_OK;
    /* A generator may have several due spikes of one neuron when steps were skipped. */
    uint64_t capacity = (uint64_t)group->n;
    if (group->indices)
        capacity = group->indices->count > capacity ? group->indices->count : capacity;
    eg_events *events = eg_arena_alloc(sim->arena, sizeof *events);
    if (!events || !eg_grow(sim->alloc, &sim->events, &sim->event_capacity,
                            sim->event_count + 1, sizeof *sim->events))
        return eg_fail_memory(err, "spike lists");
    *events = (eg_events){.group = group->name, .event = event, .capacity = capacity};
    events->list = eg_arena_array(sim->arena, (size_t)capacity + 64, sizeof *events->list);
    if (!events->list)
        return eg_fail_memory(err, "spike lists");
    sim->events[sim->event_count++] = events;
    return find_shown(events, sim, (uint64_t)group->n, err);
}

/* One for each thresholder and generator, and for what is heard from groups without one. */
static engram_status make_events(engram_sim *sim, engram_error *err)
{
    const eg_executable_list *all = &sim->now.net.document.code->executables;
    const eg_network *network = sim->net->document.network;
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < all->count; k++) {
        const eg_executable *code = &all->item[k];
        const bool emits =
            !strcmp(code->template, "threshold") || !strcmp(code->template, "spikegenerator");
        const char *name = *code->event_source ? code->event_source : code->owner;
        const eg_group *group = eg_net_group(network, name);
        if (!group || (!emits && !*code->event && !*code->event_source))
            continue;
        if (!strcmp(group->kind, "subgroup"))
            return eg_fail(err, ENGRAM_E_SCHEMA, "%s hears %s, which is a slice", code->name,
                           name);
        status = eg_run_add_events(sim, group, *code->event ? code->event : "spike", err);
    }
    return status;
}

/* ---- before ---------------------------------------------------------------------------------
 */

static void forget_left(engram_sim *sim, const char *pathway)
{
    for (size_t k = 0; k < sim->left_count; k++)
        if (!strcmp(sim->left[k].pathway, pathway)) {
            eg_pending_clear(&sim->left[k].pending, sim->alloc);
            sim->left[k] = sim->left[--sim->left_count];
            return;
        }
}

/* What a recorded script changed since the run before: arrays, clocks, queues, streams. */
static engram_status apply_changes(engram_sim *sim, engram_error *err)
{
    const eg_run *run = described_run(sim, sim->run);
    const eg_state *state = run ? run->state : NULL;
    if (!state)
        return ENGRAM_OK;
    sim->t = state->t;
    for (size_t k = 0; k < state->clocks.count; k++) {
        const eg_ticks *ticks = &state->clocks.item[k];
        const uint32_t clock = eg_clocks_find(&sim->clocks, ticks->name);
        if (clock == UINT32_MAX)
            return eg_fail(err, ENGRAM_E_REFERENCE, "run %u: there is no clock \"%s\"",
                           sim->run, ticks->name);
        if (ticks->dt > 0 && !sim->clocks.item[clock].times)
            eg_clocks_set_dt(&sim->clocks, clock, ticks->dt);
    }
    engram_status status = eg_store_apply(sim->store, &state->arrays, err);
    for (size_t k = 0; !status && k < state->queues.count; k++)
        forget_left(sim, state->queues.item[k].name); /* task.c reads the file's */
    if (!status && state->random && sim->seed < 0)
        status = eg_random_load(sim->rng, state->random, err);
    return status ? eg_error_prefix(err, status, "run %u", sim->run) : ENGRAM_OK;
}

/* Where the file holds the state, setup is history. */
static engram_status replay_setup(engram_sim *sim, engram_error *err)
{
    const eg_network *network = sim->net->document.network;
    if (sim->settled)
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

static engram_status bind_call(engram_sim *sim, const eg_run *run,
                               const eg_operation *operation, engram_error *err)
{
    if (!sim->call || (run && eg_strs_find(&run->inactive, operation->name) != SIZE_MAX))
        return ENGRAM_OK;
    const uint32_t clock = eg_clocks_find(&sim->clocks, operation->clock);
    if (clock == UINT32_MAX)
        return eg_fail(err, ENGRAM_E_REFERENCE, "%s runs on clock \"%s\": no such clock",
                       operation->name, operation->clock);
    sim->now.task[sim->now.task_count++] =
        (eg_task){.kind = EG_TASK_CALL, .clock = clock, .operation = operation};
    return ENGRAM_OK;
}

static engram_status bind_tasks(engram_sim *sim, engram_error *err)
{
    const eg_run *run = described_run(sim, sim->run);
    eg_run_state *now = &sim->now;
    now->task = eg_arena_array(now->arena, now->order.count + 1, sizeof *now->task);
    if (!now->task)
        return eg_fail_memory(err, "tasks");
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < now->order.count; k++) {
        if (now->order.item[k].phase == EG_PHASE_OPERATION)
            status = bind_call(sim, run, now->order.item[k].of.operation, err);
        if (now->order.item[k].phase != EG_PHASE_EXECUTABLE)
            continue;
        const eg_executable *code = now->order.item[k].of.executable;
        if (is_inactive(run, code) ||
            (is_monitor(sim, code) && !eg_probes_wanted(&sim->probes)))
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

static engram_status begin_results(engram_sim *sim, const engram_checkpoint *from,
                                   engram_error *err)
{
    size_t size = 0;
    const void *mark = from ? eg_checkpoint_mark(from, &size) : NULL;
    const engram_record_header header = {.archive = sim->archive,
                                         .archive_digest = sim->digest,
                                         .engine = ENGRAM_ENGINE,
                                         .left_out = sim->left_out};
    if (from && !mark)
        return eg_fail(err, ENGRAM_E_STATE,
                       "%s cannot go on from a checkpoint of a run without results",
                       sim->results);
    return eg_probes_open(&sim->probes, sim->net, sim->results, &header, mark, size, sim->arena,
                          err);
}

engram_status eg_run_open_probes(engram_sim *sim, const engram_checkpoint *from,
                                 engram_error *err)
{
    engram_status status = eg_probes_init(&sim->probes, sim->net, sim->store, sim->arena, err);
    if (!status && from)
        status = eg_checkpoint_rows(sim, from, err);
    if (!status && sim->flags & ENGRAM_SIM_KEEP)
        status = eg_probes_keep(&sim->probes, sim->alloc, err);
    if (!status && sim->flags & ENGRAM_SIM_DIGEST)
        status = eg_probes_digest(&sim->probes, sim->runs, sim->arena, err);
    return status || !sim->results ? status : begin_results(sim, from, err);
}

/* The network as this run begins, and the lists of its events. */
static engram_status look_at_run(engram_sim *sim, engram_error *err)
{
    eg_run_state *now = &sim->now;
    now->arena = eg_arena_new(sim->alloc);
    if (!now->arena)
        return eg_fail_memory(err, "a run");
    engram_status status = eg_net_at_run(&now->net, sim->net, sim->run, now->arena, err);
    if (!status)
        status = eg_net_order(&now->order, &now->net, now->arena, err);
    return status ? status : make_events(sim, err);
}

static engram_status make_tasks(engram_sim *sim, engram_error *err)
{
    count_synapses(sim);
    const engram_status status = bind_tasks(sim, err);
    return status ? status : eg_sim_list_variables(sim, err);
}

engram_status eg_run_begin(engram_sim *sim, engram_error *err)
{
    eg_run_state *now = &sim->now;
    eg_store_thaw(sim->store);
    engram_status status = look_at_run(sim, err);
    if (!status)
        status = apply_changes(sim, err);
    if (!status)
        status = replay_setup(sim, err);
    now->start = sim->t;
    now->stop_at = sim->t + eg_run_duration(sim, sim->run);
    if (!status)
        status = fit_delays(sim, err);
    /* Once, when the synapses of the first run are there: their monitors record all of them. */
    if (!status && !sim->probes.item)
        status = eg_run_open_probes(sim, NULL, err);
    eg_store_freeze(sim->store);
    for (size_t k = 0; k < sim->event_count; k++)
        sim->events[k]->count = 0; /* what the last step of a run emitted is not heard later */
    if (!status)
        status = eg_clocks_begin(&sim->clocks, now->start, now->stop_at, err);
    if (!status)
        status = make_tasks(sim, err);
    now->steps = eg_clocks_left(&sim->clocks);
    now->going = !status;
    return status;
}

engram_status eg_run_go_on(engram_sim *sim, const engram_checkpoint *from, engram_error *err)
{
    const eg_head *head = &from->head;
    eg_run_state *now = &sim->now;
    engram_status status = look_at_run(sim, err);
    if (!status)
        status = eg_checkpoint_events(sim, from, err);
    now->start = head->start;
    now->stop_at = head->stop_at;
    now->step = head->info.step;
    now->steps = head->steps;
    now->wall = head->wall;
    eg_store_freeze(sim->store);
    eg_clocks_go_on(&sim->clocks);
    if (!status)
        status = make_tasks(sim, err);
    if (!status)
        status = eg_checkpoint_generators(sim, from, err);
    now->going = !status;
    return status;
}

/* ---- after ----------------------------------------------------------------------------------
 */

/* What every pathway owes: of those that run first, whose events are the caller's; then of
 * those that are not active, as sim->left has them. */
engram_status eg_run_flights(eg_left **out, size_t *owned, size_t *count, const engram_sim *sim,
                             eg_arena *arena, engram_error *err)
{
    eg_left *left =
        eg_arena_array(arena, sim->now.task_count + sim->left_count + 1, sizeof *left);
    *out = left;
    *owned = *count = 0;
    if (!left)
        return eg_fail_memory(err, "spikes in flight");
    for (size_t k = 0; k < sim->now.task_count; k++) {
        const eg_task *task = &sim->now.task[k];
        if (!task->flight)
            continue;
        left[*owned].pathway = *task->code->pathway ? task->code->pathway : task->code->name;
        const engram_status status =
            eg_flight_pending(&left[*owned].pending, task->flight, err);
        if (status) {
            while (*owned)
                eg_pending_clear(&left[--*owned].pending, sim->alloc);
            return status;
        }
        ++*owned;
    }
    *count = *owned;
    for (size_t k = 0; k < sim->left_count; k++) {
        bool replaced = false;
        for (size_t n = 0; n < *owned; n++)
            replaced |= !strcmp(left[n].pathway, sim->left[k].pathway);
        if (!replaced)
            left[(*count)++] = sim->left[k];
    }
    return ENGRAM_OK;
}

/* What is in flight when a run ends is delivered in the next one. Pathways that were not
 * active keep what they had. */
static engram_status keep_flights(engram_sim *sim, engram_error *err)
{
    eg_left *left;
    size_t owned, count;
    const engram_status status = eg_run_flights(&left, &owned, &count, sim, sim->arena, err);
    if (status)
        return status;
    for (size_t k = 0; k < sim->left_count; k++)
        for (size_t n = 0; n < owned; n++)
            if (!strcmp(left[n].pathway, sim->left[k].pathway))
                eg_pending_clear(&sim->left[k].pending, sim->alloc);
    sim->left = left;
    sim->left_count = count;
    return ENGRAM_OK;
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
                                   .threads = sim->threads,
                                   .complete = complete};
    return sim->probes.provider->record_run(sim->probes.recorder, &run, NULL, err);
}

engram_status eg_run_end(engram_sim *sim, eg_run_outcome outcome, engram_error *err)
{
    const bool whole = outcome == EG_RUN_WHOLE;
    sim->t = whole ? sim->now.stop_at : eg_clocks_now(&sim->clocks);
    sim->simulated += sim->t - sim->now.start;
    sim->stopped = outcome == EG_RUN_STOPPED;
    sim->stop_asked = false;
    engram_status status = keep_flights(sim, err);
    if (!status)
        status = record_run(sim, outcome != EG_RUN_BROKEN, err);
    if (!status)
        status = eg_probes_run(&sim->probes, outcome != EG_RUN_BROKEN, sim->arena, err);
    eg_run_discard(sim);
    sim->run += outcome != EG_RUN_BROKEN;
    return status;
}
