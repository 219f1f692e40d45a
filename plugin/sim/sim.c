/* sim.c - the public calls: build, advance, look, finish */
#include "sim/sim_private.h"

#include "common/memory.h"
#include "exec/flush.h"
#include "network/net_find.h"
#include "sim/pool.h"
#include "sim/split.h"

#include <fenv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

double eg_seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* ---- build: random streams --------------------------------------------------------------- */

static engram_status make_rng(engram_sim *sim, const char *rule, const engram_checkpoint *from,
                              engram_error *err)
{
    const eg_document *document = &sim->net->document;
    sim->rng = eg_calloc(sim->alloc, sizeof *sim->rng);
    if (!sim->rng)
        return eg_fail_memory(err, "random streams");
    const char *name = rule && *rule ? rule : document->network->rng_rule;
    if (!eg_rng_rule_parse(&sim->rng->rule, name))
        return eg_fail(err, ENGRAM_E_ARGUMENT,
                       "rule of drawing \"%s\", wanted brian-runtime, brian-standalone or "
                       "philox",
                       name);
    if (!document->state || from)
        return ENGRAM_OK; /* setup or the checkpoint seeds it */
    if (sim->seed < 0 && document->state->random)
        return eg_random_load(sim->rng, document->state->random, err);
    return eg_random_seed(sim->rng, sim->seed, err);
}

static engram_status make_populations(engram_sim *sim, engram_error *err)
{
    const eg_group_list *groups = &sim->net->document.network->groups;
    sim->population = eg_arena_array(sim->arena, groups->count + 1, sizeof *sim->population);
    if (!sim->population)
        return eg_fail_memory(err, "populations");
    for (size_t k = 0; k < groups->count; k++)
        if (strcmp(groups->item[k].kind, "subgroup") != 0)
            sim->population[sim->population_count++] = (engram_population){
                .name = groups->item[k].name, .neurons = (uint64_t)groups->item[k].n};
    return ENGRAM_OK;
}

/* ---- build ------------------------------------------------------------------------------- */

static engram_status take_options(engram_sim *sim, const engram_sim_options *options,
                                  engram_error *err)
{
    const eg_network *network = sim->net->document.network;
    if (options->math != ENGRAM_MATH_FAST && options->math != ENGRAM_MATH_STRICT)
        return eg_fail(err, ENGRAM_E_ARGUMENT, "math %d, wanted fast or strict",
                       (int)options->math);
    if (options->threads > EG_POOL_MAX)
        return eg_fail(err, ENGRAM_E_ARGUMENT, "%u threads, wanted 1 to %d", options->threads,
                       EG_POOL_MAX);
    if (options->seed > UINT32_MAX)
        return eg_fail(err, ENGRAM_E_ARGUMENT, "seed %lld, wanted 0 to 4294967295",
                       (long long)options->seed);
    const double step = sim->model->dt > 0 ? sim->model->dt : 1;
    if (!(options->last_duration / step < 4e18))
        return eg_fail(err, ENGRAM_E_ARGUMENT,
                       "a duration of %g s, which is no countable number of steps of %g s",
                       options->last_duration, step);
    if (!network->runs.count && options->last_duration < 0)
        return eg_fail(err, ENGRAM_E_ARGUMENT,
                       "%s describes no run: it wants to be told for how long",
                       sim->model->path);
    sim->math = options->math == ENGRAM_MATH_STRICT ? EG_MATH_STRICT : EG_MATH_FAST;
    sim->seed = options->seed < 0 ? -1 : options->seed;
    sim->last_duration = options->last_duration < 0 ? -1.0 : options->last_duration;
    sim->runs = network->runs.count ? (uint32_t)network->runs.count : 1;
    const char *isa = options->isa ? options->isa : "";
    if (strlen(isa) >= sizeof sim->isa)
        return eg_fail(err, ENGRAM_E_ARGUMENT, "instruction set \"%s\" is unknown", isa);
    memcpy(sim->isa, isa, strlen(isa) + 1);
    sim->exec = (eg_exec_options){.isa = sim->isa, .block = options->block};
    sim->lower = (eg_lower_options){.dialect = sim->model->dialect,
                                    .math = sim->math,
                                    .dt = sim->model->dt,
                                    .functions = &network->functions,
                                    .inputs = &network->inputs,
                                    .native = sim->model->native_name,
                                    .native_count = sim->model->native_count};
    sim->flags = options->flags;
    sim->call = options->call;
    sim->call_context = options->call_context;
    const bool operations = sim->call || (options->flags & ENGRAM_SIM_IGNORE_OPERATIONS);
    const engram_status refused = eg_model_refuse(sim->model, operations, err);
    if (refused)
        return refused;
    for (size_t k = 0; !sim->call && k < network->operations.count; k++) {
        const char *name = network->operations.item[k].name;
        sim->left_out = sim->left_out
                            ? eg_arena_printf(sim->arena, "%s, %s", sim->left_out, name)
                            : eg_arena_printf(sim->arena, "operations: %s", name);
        if (!sim->left_out)
            return eg_fail_memory(err, "names of operations");
    }
    if (options->results)
        sim->results = eg_arena_strdup(sim->arena, options->results);
    sim->archive =
        eg_arena_strdup(sim->arena, options->archive ? options->archive : sim->model->path);
    sim->digest = options->checkpoint
                      ? eg_arena_strdup(sim->arena, options->checkpoint->head.info.digest)
                      : sim->model->digest;
    if (!sim->archive || !sim->digest || (options->results && !sim->results))
        return eg_fail_memory(err, "a simulation");
    return ENGRAM_OK;
}

/* A simulation that goes on takes nothing from the state at the beginning; only lent arrays are
 * where that says. */
static engram_status make_store(engram_sim *sim, const engram_checkpoint *from,
                                engram_error *err)
{
    const eg_net *net = sim->net;
    if (from && !sim->model->lent_count) {
        eg_net *bare = eg_arena_alloc(sim->arena, sizeof *bare);
        if (!bare)
            return eg_fail_memory(err, "a simulation");
        *bare = *sim->net;
        bare->document.state = NULL;
        net = bare;
    }
    return eg_store_new_lent(&sim->store, net, sim->model->lent, sim->model->lent_count,
                             sim->alloc, err);
}

static engram_status fill(engram_sim *sim, const engram_sim_options *options, engram_error *err)
{
    const engram_checkpoint *from = options->checkpoint;
    sim->arena = eg_arena_new(sim->alloc);
    if (!sim->arena)
        return eg_fail_memory(err, "a simulation");
    engram_status status = take_options(sim, options, err);
    if (!status && from)
        status = eg_checkpoint_judge(sim, from, err);
    if (!status)
        status = make_store(sim, from, err);
    if (!status)
        status = make_rng(sim, options->rng, from, err);
    if (!status)
        status = eg_clocks_init(&sim->clocks, sim->net, sim->store, sim->model->dialect,
                                sim->arena, err);
    if (!status)
        status = make_populations(sim, err);
    if (!status)
        status = eg_split_begin(sim, options->threads ? options->threads : 1, err);
    if (status)
        return status;
    sim->settled = sim->net->document.state != NULL;
    sim->t = sim->settled ? sim->net->document.state->t : 0.0;
    return from ? eg_checkpoint_load(sim, from, err) : eg_run_begin(sim, err);
}

/* What a checkpoint decides is not the caller's to choose. */
static void obey_checkpoint(engram_sim_options *options)
{
    if (!options->checkpoint)
        return;
    const eg_head *head = &options->checkpoint->head;
    options->math = strcmp(head->info.math, "strict") ? ENGRAM_MATH_FAST : ENGRAM_MATH_STRICT;
    options->seed = head->info.seed;
    options->last_duration = head->last_duration;
    options->rng = head->info.rng;
    options->archive = head->info.archive;
    if (head->info.operations_left_out)
        options->flags |= ENGRAM_SIM_IGNORE_OPERATIONS;
}

engram_status engram_sim_build(engram_sim **out, const engram_model *model,
                               const engram_sim_options *options, engram_error *err)
{
    *out = NULL;
    const double start = eg_seconds_now();
    engram_sim_options asked = ENGRAM_SIM_OPTIONS_INIT;
    if (options)
        memcpy(&asked, options, options->size < sizeof asked ? options->size : sizeof asked);
    obey_checkpoint(&asked);
    engram_sim *sim = eg_calloc(model->alloc, sizeof *sim);
    if (!sim)
        return eg_fail_memory(err, "a simulation");
    sim->model = model;
    *model->built = true;
    sim->net = model->net;
    sim->alloc = model->alloc;
    fenv_t caller;
    fegetenv(&caller);
    fesetenv(FE_DFL_ENV);
    const engram_status status = fill(sim, &asked, err);
    fesetenv(&caller);
    if (status) {
        engram_sim_free(sim);
        return status;
    }
    sim->build_time += eg_seconds_now() - start;
    *out = sim;
    return ENGRAM_OK;
}

void engram_sim_free(engram_sim *sim)
{
    if (!sim)
        return;
    const engram_alloc *alloc = sim->alloc;
    eg_run_discard(sim);
    eg_split_end(sim);
    for (size_t k = 0; k < sim->left_count; k++)
        eg_pending_clear(&sim->left[k].pending, alloc);
    eg_probes_abandon(&sim->probes);
    eg_store_free(sim->store);
    eg_free(alloc, sim->events, sim->event_capacity * sizeof *sim->events);
    eg_free(alloc, sim->spent, sim->spent_capacity * sizeof *sim->spent);
    eg_free(alloc, sim->rng, sizeof *sim->rng);
    eg_free(alloc, sim->spikes, sim->spike_capacity * sizeof *sim->spikes);
    eg_arena_free(sim->arena);
    eg_free(alloc, sim, sizeof *sim);
}

/* ---- advance
 * --------------------------------------------------------------------------------------------
 */

/* Weights that a host may have changed are brought into the order of delivery again. */
static void refresh_rows(engram_sim *sim)
{
    for (size_t k = 0; k < sim->now.task_count; k++) {
        const eg_task *task = &sim->now.task[k];
        const eg_rows *rows = &task->rows;
        if (!rows->sorted || !(rows->source->lent || rows->source->borrowed))
            continue;
        for (uint64_t n = 0; n < task->elements; n++)
            rows->sorted[n] = rows->weight_by_number[rows->number[n]];
    }
}

static void report(const engram_sim *sim, engram_progress *progress, bool ended)
{
    if (!progress)
        return;
    const uint32_t last = sim->runs - 1;
    engram_progress all = {.size = progress->size,
                           .run = ended && sim->run ? sim->run - 1 : sim->run,
                           .runs = sim->runs,
                           .step = sim->last_step,
                           .steps = sim->last_steps,
                           .total = sim->total_steps,
                           .t = sim->t,
                           .run_ended = ended,
                           .finished = sim->run == sim->runs,
                           .stopped = ended && sim->stopped};
    all.run = all.run > last ? last : all.run;
    memcpy(progress, &all, progress->size < sizeof all ? progress->size : sizeof all);
}

static engram_status do_steps(engram_sim *sim, uint64_t steps, engram_error *err)
{
    engram_status status = ENGRAM_OK;
    const uint64_t before = sim->now.step;
    const bool flushed = eg_flush_set(sim->math == EG_MATH_FAST);
    while (!status && sim->now.step - before < steps && !sim->stop_asked &&
           eg_clocks_running(&sim->clocks)) {
        status = eg_step(sim, err);
        sim->now.step += !status;
    }
    eg_flush_set(flushed);
    sim->total_steps += sim->now.step - before;
    return status;
}

static engram_status advance(engram_sim *sim, uint64_t steps, bool *ended, engram_error *err)
{
    engram_status status = ENGRAM_OK;
    double start = eg_seconds_now();
    if (!sim->now.going) {
        status = eg_run_begin(sim, err);
        sim->build_time += eg_seconds_now() - start;
        start = eg_seconds_now();
    }
    if (status)
        return status;
    const double cpu = cpu_seconds();
    refresh_rows(sim);
    status = do_steps(sim, steps, err);
    const double spent = eg_seconds_now() - start;
    sim->now.wall += spent;
    sim->wall += spent;
    sim->cpu += cpu_seconds() - cpu;
    sim->last_step = sim->now.step;
    sim->last_steps = sim->now.steps;
    if (!status && (sim->stop_asked || !eg_clocks_running(&sim->clocks))) {
        *ended = true;
        status = eg_run_end(sim, sim->stop_asked ? EG_RUN_STOPPED : EG_RUN_WHOLE, err);
    }
    return status;
}

engram_status engram_sim_advance(engram_sim *sim, uint64_t steps, engram_progress *progress,
                                 engram_error *err)
{
    if (sim->failed || sim->finished)
        return eg_fail(err, ENGRAM_E_STATE, "the simulation has %s, it cannot go on",
                       sim->failed ? "failed" : "been finished");
    bool ended = sim->run == sim->runs;
    engram_status status = ENGRAM_OK;
    if (!ended) {
        fenv_t caller;
        fegetenv(&caller);
        fesetenv(FE_DFL_ENV);
        status = advance(sim, steps, &ended, err);
        fesetenv(&caller);
    }
    sim->failed = status != ENGRAM_OK;
    report(sim, progress, ended);
    return status;
}

/* ---- going back: checkpoint.c does it --------------------------------------------------- */

engram_status engram_sim_restore(engram_sim *sim, const engram_checkpoint *checkpoint,
                                 engram_error *err)
{
    if (sim->failed || sim->finished || sim->probes.recorder)
        return eg_fail(err, ENGRAM_E_STATE, "the simulation %s, it cannot go back",
                       sim->failed     ? "has failed"
                       : sim->finished ? "has been finished"
                                       : "writes a results file");
    engram_status status = eg_checkpoint_judge(sim, checkpoint, err);
    if (status)
        return status;
    fenv_t caller;
    fegetenv(&caller);
    fesetenv(FE_DFL_ENV);
    eg_run_discard(sim);
    status = eg_checkpoint_load(sim, checkpoint, err);
    fesetenv(&caller);
    sim->failed = status != ENGRAM_OK;
    return status;
}

/* ---- spikes
 * ------------------------------------------------------------------------------------------------
 */

engram_status engram_sim_spikes(engram_sim *sim, const char *group, const char *event,
                                const int32_t **index, uint64_t *count, engram_error *err)
{
    const eg_group *found = eg_net_group(sim->net->document.network, group);
    const char *name = event ? event : "spike";
    const bool slice = found && !strcmp(found->kind, "subgroup");
    const eg_events *events =
        found ? eg_sim_find_events(sim, slice ? found->source : group, name) : NULL;
    *index = NULL;
    *count = 0;
    if (!events)
        return eg_fail(err, ENGRAM_E_REFERENCE,
                       found ? "%s has no event \"%s\"" : "there is no group \"%s\" (event %s)",
                       group, name);
    *index = events->list;
    *count = events->count;
    if (!slice)
        return ENGRAM_OK;
    if (!eg_grow(sim->alloc, &sim->spikes, &sim->spike_capacity, (size_t)events->count + 1,
                 sizeof *sim->spikes))
        return eg_fail_memory(err, "spikes of a slice");
    uint64_t n = 0;
    for (uint32_t k = 0; k < events->count; k++)
        if (events->list[k] >= found->start && events->list[k] < found->stop)
            sim->spikes[n++] = events->list[k] - (int32_t)found->start;
    *index = sim->spikes;
    *count = n;
    return ENGRAM_OK;
}

/* ---- variables
 * ---------------------------------------------------------------------------------------------
 */

static int compare_shown(const void *a, const void *b)
{
    const eg_shown *left = a, *right = b;
    const int by_object = strcmp(left->object, right->object);
    return by_object ? by_object : strcmp(left->name, right->name);
}

static void add_ends(engram_sim *sim, const eg_synapses *synapses)
{
    static const char *const names[2][2] = {{"i", "_synaptic_pre"}, {"j", "_synaptic_post"}};
    for (int k = 0; k < 2; k++) {
        eg_cell *cell = eg_store_find(sim->store, synapses->name, names[k][1]);
        if (cell && !eg_store_find(sim->store, synapses->name, names[k][0]))
            sim->shown[sim->shown_count++] = (eg_shown){
                .object = synapses->name, .name = names[k][0], .cell = cell, .ends = synapses};
    }
}

/* Names with an underscore are the engine's own, but for what an integrator says of its work.
 */
static bool is_shown(const char *variable)
{
    return variable[0] != '_' || !strcmp(variable, EG_ADAPTIVE_LAST) ||
           !strcmp(variable, EG_ADAPTIVE_FAILED) || !strcmp(variable, EG_ADAPTIVE_STEPS);
}

/* The list of variables: what is stored and not a monitor's or the engine's own. */
engram_status eg_sim_list_variables(engram_sim *sim, engram_error *err)
{
    const eg_network *network = sim->net->document.network;
    const size_t most = eg_store_count(sim->store) + 2 * network->synapses.count;
    if (sim->shown)
        return ENGRAM_OK;
    sim->shown = eg_arena_array(sim->arena, most + 1, sizeof *sim->shown);
    if (!sim->shown)
        return eg_fail_memory(err, "the list of variables");
    for (size_t k = 0; k < eg_store_count(sim->store); k++) {
        eg_cell *cell = eg_store_at(sim->store, k);
        if (is_shown(cell->variable) && !eg_net_monitor(network, cell->owner))
            sim->shown[sim->shown_count++] =
                (eg_shown){.object = cell->owner, .name = cell->variable, .cell = cell};
    }
    for (size_t k = 0; k < network->synapses.count; k++)
        add_ends(sim, &network->synapses.item[k]);
    if (sim->shown_count)
        qsort(sim->shown, sim->shown_count, sizeof *sim->shown, compare_shown);
    return ENGRAM_OK;
}

/* i and j count from the start of the slice that is connected. */
static engram_status end_data(const void **out, engram_sim *sim, eg_shown *shown,
                              engram_error *err)
{
    const eg_synapses *synapses = shown->ends;
    int64_t start = shown->name[0] == 'i' ? synapses->source_start : synapses->target_start;
    const eg_group *group =
        eg_net_group(sim->net->document.network,
                     shown->name[0] == 'i' ? synapses->source : synapses->target);
    if (group && !strcmp(group->kind, "subgroup"))
        start += group->start;
    *out = shown->cell->data;
    if (!start)
        return ENGRAM_OK;
    const uint64_t count = shown->cell->count;
    if (!shown->shifted || shown->shifted_count != count) {
        shown->shifted = eg_arena_array(sim->arena, (size_t)count + 1, sizeof(int32_t));
        if (!shown->shifted)
            return eg_fail_memory(err, "ends of synapses");
        shown->shifted_count = count;
    }
    for (uint64_t k = 0; k < count; k++)
        shown->shifted[k] = ((const int32_t *)shown->cell->data)[k] - (int32_t)start;
    *out = shown->shifted;
    return ENGRAM_OK;
}

static bool is_delay(const engram_sim *sim, const eg_cell *cell)
{
    return !strcmp(cell->variable, "delay") &&
           eg_net_pathway(sim->net->document.network, cell->owner, NULL);
}

static engram_status show(engram_sim *sim, eg_shown *shown, engram_variable *out,
                          engram_error *err)
{
    eg_cell *cell = shown->cell;
    const void *data = cell->data;
    if (shown->ends) {
        const engram_status status = end_data(&data, sim, shown, err);
        if (status)
            return status;
    }
    engram_variable all = {.size = out->size,
                           .object = shown->object,
                           .name = shown->name,
                           .dtype = (engram_dtype)cell->dtype,
                           .count = cell->count,
                           .scalar = cell->scalar,
                           .writable = !shown->ends && !cell->read_only && !is_delay(sim, cell),
                           .unit = cell->unit};
    memcpy(&all.data, &data, sizeof data); /* `writable` says whether it may be written */
    memcpy(all.dim, cell->dim.exponent, sizeof all.dim);
    memcpy(out, &all, out->size < sizeof all ? out->size : sizeof all);
    return ENGRAM_OK;
}

uint64_t engram_sim_variable_count(const engram_sim *sim)
{
    return sim->shown_count;
}

engram_status engram_sim_variable_at(engram_sim *sim, uint64_t index, engram_variable *out,
                                     engram_error *err)
{
    if (index >= sim->shown_count)
        return eg_fail(err, ENGRAM_E_ARGUMENT, "variable %llu of %zu",
                       (unsigned long long)index, sim->shown_count);
    sim->shown[index].cell->lent = true;
    return show(sim, &sim->shown[index], out, err);
}

engram_status engram_sim_variable(engram_sim *sim, const char *object, const char *name,
                                  engram_variable *out, engram_error *err)
{
    const eg_shown key = {.object = object, .name = name};
    eg_shown *found = sim->shown_count ? bsearch(&key, sim->shown, sim->shown_count,
                                                 sizeof *sim->shown, compare_shown)
                                       : NULL;
    if (!found)
        return eg_fail(err, ENGRAM_E_REFERENCE, "there is no variable %s.%s", object, name);
    found->cell->lent = true;
    return show(sim, found, out, err);
}

/* ---- finish
 * --------------------------------------------------------------------------------------------------
 */

static engram_status final_values(engram_record_array **out, engram_sim *sim, engram_error *err)
{
    *out = eg_arena_array(sim->arena, sim->shown_count + 1, sizeof **out);
    if (!*out)
        return eg_fail_memory(err, "final values");
    for (size_t k = 0; k < sim->shown_count; k++) {
        engram_variable v = ENGRAM_VARIABLE_INIT;
        const engram_status status = show(sim, &sim->shown[k], &v, err);
        if (status)
            return status;
        engram_record_array *array = &(*out)[k];
        *array = (engram_record_array){.object = v.object,
                                       .variable = v.name,
                                       .dtype = (engram_record_dtype)v.dtype,
                                       .count = v.count,
                                       .scalar = v.scalar,
                                       .data = v.data,
                                       .unit = *v.unit ? v.unit : NULL};
        memcpy(array->dim, v.dim, sizeof array->dim);
    }
    return ENGRAM_OK;
}

static engram_status write_results(engram_sim *sim, bool complete, engram_error *err)
{
    if (!sim->probes.recorder)
        return ENGRAM_OK;
    engram_record_array *arrays;
    engram_status status = final_values(&arrays, sim, err);
    if (status)
        return status;
    const engram_record_final final = {
        .t = sim->t, .complete = complete, .arrays = arrays, .array_count = sim->shown_count};
    eg_recorder *recorder = sim->probes.recorder;
    sim->probes.recorder = NULL; /* record_finish frees it, whatever comes */
    return sim->probes.provider->record_finish(recorder, &final, err);
}

static void summarise(const engram_sim *sim, engram_summary *summary, bool complete)
{
    engram_summary all = {.size = summary->size,
                          .math = sim->math == EG_MATH_STRICT ? "strict" : "fast",
                          .rng = eg_rng_rule_name(sim->rng->rule),
                          .dialect = sim->net->document.network->dialect,
                          .engine = ENGRAM_ENGINE,
                          .isa =
                              sim->math == EG_MATH_STRICT ? "strict" : eg_exec_isa(&sim->exec),
                          .seed = sim->seed,
                          .threads = sim->threads,
                          .thread_elements = sim->thread_elements,
                          .thread_events = sim->thread_events,
                          .complete = complete,
                          .steps = sim->total_steps,
                          .simulated = sim->simulated,
                          .wall_time = sim->wall,
                          .cpu_time = sim->cpu,
                          .build_time = sim->build_time,
                          .events = sim->delivered,
                          .synapses = sim->synapses,
                          .synapse_bytes = sim->synapse_bytes,
                          .populations = sim->population,
                          .population_count = sim->population_count,
                          .left_out = sim->left_out,
                          .libm = sim->probes.libm,
                          .trains = sim->probes.train,
                          .train_count = sim->probes.train_count};
    for (size_t k = 0; k < sim->probes.count; k++)
        all.spike_monitors += sim->probes.item[k].kind == ENGRAM_RECORD_SPIKES;
    for (size_t k = 0; k < sim->population_count; k++) {
        const eg_events *events = eg_sim_find_events(sim, sim->population[k].name, "spike");
        sim->population[k].spikes = events ? events->total : 0;
        all.spikes += sim->population[k].spikes;
    }
    for (uint32_t w = 0; w < sim->threads; w++) {
        sim->thread_elements[w] = sim->worker[w].elements;
        sim->thread_events[w] = sim->worker[w].events;
    }
    memcpy(summary, &all, summary->size < sizeof all ? summary->size : sizeof all);
}

engram_status engram_sim_finish(engram_sim *sim, engram_summary *summary, engram_error *err)
{
    if (sim->finished)
        return eg_fail(err, ENGRAM_E_STATE, "the simulation has been finished already");
    const bool complete = sim->run == sim->runs && !sim->failed;
    sim->finished = true;
    engram_status status = ENGRAM_OK;
    if (sim->now.going)
        status = eg_run_end(sim, EG_RUN_BROKEN, err);
    if (!status)
        status = write_results(sim, complete, err);
    if (summary)
        summarise(sim, summary, complete);
    return status;
}
