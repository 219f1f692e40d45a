/* task.c - an executable becomes a task: lowered, compiled, its slots bound to memory */
#include "sim/sim_private.h"

#include "common/memory.h"
#include "network/net_find.h"
#include "sim/indices.h"
#include "sim/split.h"

#include <math.h>
#include <string.h>

typedef struct binder {
    eg_task *task;
    engram_sim *sim;
    const eg_executable *code;
    const eg_network *network;
    engram_error *err;
} binder;

/* ---- what it is about ---------------------------------------------------------------------
 */

static const struct {
    const char *template;
    eg_task_kind kind;
} templates[] = {{"stateupdate", EG_TASK_UPDATE},  {EG_ADAPTIVE_TEMPLATE, EG_TASK_ADAPTIVE},
                 {"threshold", EG_TASK_THRESHOLD}, {"reset", EG_TASK_RESET},
                 {"synapses", EG_TASK_SYNAPSES},   {"summed_variable", EG_TASK_SUMMED},
                 {"statemonitor", EG_TASK_STATES}, {"spikemonitor", EG_TASK_EVENTS},
                 {"ratemonitor", EG_TASK_RATE},    {"spikegenerator", EG_TASK_GENERATE}};

static engram_status find_kind(binder *b)
{
    for (size_t k = 0; k < sizeof templates / sizeof *templates; k++)
        if (!strcmp(b->code->template, templates[k].template)) {
            b->task->kind = templates[k].kind;
            return ENGRAM_OK;
        }
    return eg_fail(b->err, ENGRAM_E_UNSUPPORTED, "%s: the engine has no template \"%s\"",
                   b->code->name, b->code->template);
}

/* The clock whose step a TimedArray in this code counts in: its owner's. */
static const char *owner_clock(const binder *b)
{
    const eg_group *group = eg_net_group(b->network, b->code->owner);
    const eg_synapses *synapses = eg_net_synapses(b->network, b->code->owner);
    const char *clock = group ? group->clock : synapses ? synapses->clock : "";
    return *clock ? clock : b->code->clock;
}

static engram_status count_elements(binder *b)
{
    const eg_group *group = eg_net_group(b->network, b->code->owner);
    const eg_cell *pre = eg_store_find(b->sim->store, b->code->owner, "_synaptic_pre");
    if (group)
        b->task->elements = (uint64_t)group->n;
    else if (pre)
        b->task->elements = pre->count;
    else
        return eg_fail(b->err, ENGRAM_E_REFERENCE, "%s: there is no group \"%s\"",
                       b->code->name, b->code->owner);
    return ENGRAM_OK;
}

eg_events *eg_sim_find_events(const engram_sim *sim, const char *group, const char *event)
{
    for (size_t k = 0; k < sim->event_count; k++)
        if (!strcmp(sim->events[k]->group, group) && !strcmp(sim->events[k]->event, event))
            return sim->events[k];
    return NULL;
}

/* What is counted in steps of a clock: E_UNSUPPORTED for an event clock. */
static engram_status need_step(const binder *b, uint32_t clock, const char *what)
{
    const eg_tick *tick = &b->sim->clocks.item[clock];
    return tick->times ? eg_fail(b->err, ENGRAM_E_UNSUPPORTED,
                                 "%s: %s by steps, and its clock %s, an event clock, has none",
                                 b->code->name, what, tick->name)
                       : ENGRAM_OK;
}

/* Events emitted by the owner, or heard from event_source within [start, stop). */
static engram_status find_events(binder *b, const char *group)
{
    const char *event = *b->code->event ? b->code->event : "spike";
    b->task->events = eg_sim_find_events(b->sim, group, event);
    if (!b->task->events)
        return eg_fail(b->err, ENGRAM_E_REFERENCE, "%s: %s has no event \"%s\"", b->code->name,
                       group, event);
    const eg_group *source = eg_net_group(b->network, group);
    const int64_t stop = b->code->stop < 0 ? source->n : b->code->stop;
    if (b->code->start < 0 || b->code->start > stop || stop > source->n)
        return eg_fail(b->err, ENGRAM_E_LIMIT,
                       "%s hears elements %lld to %lld of %s, which "
                       "has %lld",
                       b->code->name, (long long)b->code->start, (long long)stop, group,
                       (long long)source->n);
    b->task->start = (int32_t)b->code->start;
    b->task->stop = (int32_t)stop;
    const uint32_t clock =
        eg_clocks_find(&b->sim->clocks, *source->clock ? source->clock : b->code->clock);
    if (clock == UINT32_MAX)
        return eg_fail(b->err, ENGRAM_E_REFERENCE, "%s: %s has no clock", b->code->name, group);
    b->task->t = b->sim->clocks.item[clock].t;
    b->task->rate_dt = &b->sim->clocks.item[clock].dt;
    return b->task->kind == EG_TASK_RATE ? need_step(b, clock, "a rate is counted") : ENGRAM_OK;
}

/* ---- slots ----------------------------------------------------------------------------------
 */

static void *arena_room(binder *b, uint64_t count, size_t size)
{
    return count > SIZE_MAX / 16 ? NULL
                                 : eg_arena_array(b->sim->now.arena, (size_t)count + 1, size);
}

static engram_status bind_table(void **base, binder *b, const eg_slot *slot)
{
    const eg_function *function = eg_net_function(b->network, slot->owner);
    if (!function || !function->values)
        return eg_fail(b->err, ENGRAM_E_REFERENCE, "%s: function \"%s\" has no values",
                       b->code->name, slot->owner);
    const uint64_t count = function->values->count;
    *base = arena_room(b, count, sizeof(double));
    if (!*base)
        return eg_fail_memory(b->err, "a TimedArray");
    engram_status status = eg_source_read_as(function->values, EG_F64, *base, 0, count, b->err);
    return status ? eg_error_prefix(b->err, status, "%s", slot->owner) : ENGRAM_OK;
}

static engram_status bind_native(void **base, binder *b, const eg_slot *slot)
{
    *base = eg_model_native(b->sim->model, slot->owner);
    return *base ? ENGRAM_OK
                 : eg_fail(b->err, ENGRAM_E_REFERENCE, "%s: nobody gives function %s",
                           b->code->name, slot->owner);
}

static engram_status bind_array(void **base, binder *b, const eg_slot *slot)
{
    eg_cell *cell = eg_store_find(b->sim->store, slot->owner, slot->variable);
    if (!cell)
        return eg_fail(b->err, ENGRAM_E_REFERENCE, "%s: \"%s\" is %s.%s, which is not there",
                       b->code->name, slot->name, slot->owner, slot->variable);
    if (slot->narrowed && cell->dtype == EG_I64 && cell->count >= b->task->elements) {
        *base = arena_room(b, b->task->elements, sizeof(int32_t)); /* filled when checked */
        return *base ? ENGRAM_OK : eg_fail_memory(b->err, "an index array");
    }
    if (cell->dtype != slot->dtype)
        return eg_fail(b->err, ENGRAM_E_SCHEMA, "%s: %s.%s is %s, the code takes it for %s",
                       b->code->name, slot->owner, slot->variable, eg_dtype_name(cell->dtype),
                       eg_dtype_name(slot->dtype));
    const uint64_t wanted = slot->index == EG_INDEX_ELEMENT ? b->task->elements
                            : slot->index == EG_INDEX_ZERO  ? 1
                                                            : 0;
    if (cell->count < wanted)
        return eg_fail(b->err, ENGRAM_E_LIMIT,
                       "%s: %s.%s has %llu elements, the code reads %llu", b->code->name,
                       slot->owner, slot->variable, (unsigned long long)cell->count,
                       (unsigned long long)wanted);
    *base = cell->data;
    return ENGRAM_OK;
}

engram_status eg_task_check_moving(const engram_sim *sim, const eg_task *task,
                                   engram_error *err)
{
    engram_status status = ENGRAM_OK;
    for (uint32_t k = 0; !status && k < task->moving_count; k++)
        status = eg_indices_check(sim->store, task->program, task->base, task->moving[k],
                                  task->elements, task->code->name, err);
    return status;
}

/* Does any executable of the network write this cell? */
static bool is_written(const eg_net *net, const eg_cell *cell)
{
    const eg_executable_list *all = &net->document.code->executables;
    for (size_t k = 0; k < all->count; k++) {
        const eg_executable *code = &all->item[k];
        if (eg_adaptive_writes(code, cell->owner, cell->variable))
            return true;
        for (size_t n = 0; n < code->bindings.count; n++) {
            const eg_binding *binding = &code->bindings.item[n];
            if (strcmp(binding->owner, cell->owner) ||
                strcmp(binding->variable, cell->variable))
                continue;
            for (size_t s = 0; s < code->statements.count; s++)
                if (!strcmp(code->statements.item[s].variable, binding->name))
                    return true;
        }
    }
    return false;
}

/* A link may go through a variable of the model, and code may change that one. */
static engram_status check_indices(binder *b, uint32_t count)
{
    eg_task *task = b->task;
    engram_status status = ENGRAM_OK;
    for (uint32_t k = 0; !status && k < count; k++)
        status = eg_indices_check(b->sim->store, task->program, task->base, k, task->elements,
                                  task->code->name, b->err);
    for (uint32_t k = 0; !status && k < count; k++) {
        const eg_slot *slot = eg_program_slot(task->program, k);
        if (slot->kind != EG_SLOT_ARRAY || slot->index != EG_INDEX_VIA)
            continue;
        const eg_slot *via = eg_program_slot(task->program, slot->via);
        const eg_cell *cell = eg_store_find(b->sim->store, via->owner, via->variable);
        if (!is_written(&b->sim->now.net, cell))
            continue;
        if (!task->moving)
            task->moving = arena_room(b, count, sizeof *task->moving);
        if (!task->moving)
            return eg_fail_memory(b->err, "a task");
        task->moving[task->moving_count++] = k;
    }
    return status;
}

/* Room for `outputs` values of each output; `names` are those that the task knows. */
static engram_status bind_output(void **base, binder *b, const eg_slot *slot, uint64_t outputs)
{
    eg_task *task = b->task;
    *base = arena_room(b, outputs + 64, eg_dtype_size(slot->dtype));
    if (!*base)
        return eg_fail_memory(b->err, "a task's output");
    if (!strcmp(slot->name, "_cond"))
        task->truth = *base;
    else if (!strcmp(slot->name, "_synaptic_var")) {
        task->sum = *base;
        task->sum_type = slot->dtype;
    }
    for (size_t k = 0; task->probe && k < task->probe->column_count; k++)
        if (!strncmp(slot->name, "_to_record_", 11) &&
            !strcmp(slot->name + 11, task->probe->column[k].name)) {
            if ((eg_dtype)task->probe->column[k].dtype != slot->dtype)
                return eg_fail(b->err, ENGRAM_E_SCHEMA, "%s: %s is recorded as %s and is %s",
                               b->code->name, task->probe->column[k].name,
                               eg_dtype_name((eg_dtype)task->probe->column[k].dtype),
                               eg_dtype_name(slot->dtype));
            task->column[k] = *base;
        }
    return ENGRAM_OK;
}

static engram_status bind_slots(binder *b, uint64_t outputs)
{
    eg_task *task = b->task;
    const uint32_t count = eg_program_slot_count(task->program);
    task->base = arena_room(b, count, sizeof *task->base);
    if (!task->base)
        return eg_fail_memory(b->err, "a task");
    engram_status status = ENGRAM_OK;
    for (uint32_t k = 0; !status && k < count; k++) {
        const eg_slot *slot = eg_program_slot(task->program, k);
        if (task->adaptive && !strcmp(slot->owner, EG_ADAPTIVE_OWNER)) {
            task->base[k] = eg_adaptive_cell(task->adaptive, slot->variable);
            continue;
        }
        status = slot->kind == EG_SLOT_OUTPUT ? bind_output(&task->base[k], b, slot, outputs)
                 : slot->kind == EG_SLOT_FUNCTION ? bind_native(&task->base[k], b, slot)
                 : slot->kind == EG_SLOT_TABLE    ? bind_table(&task->base[k], b, slot)
                                                  : bind_array(&task->base[k], b, slot);
    }
    return status ? status : check_indices(b, count);
}

static bool stores_elsewhere(const eg_program *program)
{
    for (uint32_t k = 0; k < eg_program_slot_count(program); k++) {
        const eg_slot *slot = eg_program_slot(program, k);
        if (slot->kind == EG_SLOT_ARRAY && slot->store && slot->index != EG_INDEX_ELEMENT)
            return true;
    }
    return false;
}

/* Program, kernel and frame; `outputs` elements are run at once at most. */
static engram_status compile(binder *b, uint64_t outputs)
{
    engram_sim *sim = b->sim;
    eg_task *task = b->task;
    if (!b->code->statements.count)
        return ENGRAM_OK;
    eg_lower_options options = sim->lower;
    const uint32_t clock = eg_clocks_find(&sim->clocks, owner_clock(b));
    if (clock != UINT32_MAX)
        options.dt = sim->clocks.item[clock].dt;
    engram_status status = eg_lower(&task->program, sim->now.arena, b->code, &options, b->err);
    if (!status)
        status = bind_slots(b, outputs);
    if (!status)
        status = eg_kernel_new(&task->kernel, task->program, sim->math, &sim->exec, sim->alloc,
                               b->err);
    if (status)
        return status;
    task->frame = (eg_frame){.base = task->base,
                             .count = task->elements,
                             .distinct = !stores_elsewhere(task->program),
                             .rng = sim->rng};
    task->draws = sim->rng->rule == EG_RNG_PHILOX && eg_program_draws(task->program);
    task->object = eg_rng_object(b->code->name);
    return ENGRAM_OK;
}

/* ---- kinds ------------------------------------------------------------------------------- */

/* The code is compiled as if the stepper's time and variables were those of the store. */
static engram_status bind_adaptive(binder *b)
{
    engram_sim *sim = b->sim;
    eg_task *task = b->task;
    const uint32_t clock = eg_clocks_find(&sim->clocks, owner_clock(b));
    eg_executable turned;
    engram_status status = count_elements(b);
    if (!status)
        status = eg_adaptive_new(&task->adaptive, &turned, sim->store, b->network, b->code,
                                 task->elements, sim->now.arena, b->err);
    if (status)
        return status;
    if (clock == UINT32_MAX)
        return eg_fail(b->err, ENGRAM_E_REFERENCE, "%s: %s has no clock", b->code->name,
                       b->code->owner);
    status = need_step(b, clock, "GSL integrates");
    if (status)
        return status;
    b->code = &turned;
    status = compile(b, 1);
    b->code = task->code;
    if (status)
        return status;
    return eg_adaptive_start(task->adaptive, task->kernel, task->base, &task->frame,
                             task->elements, sim->clocks.item[clock].t,
                             &sim->clocks.item[clock].dt, sim->alloc, b->err);
}

static engram_status bind_threshold(binder *b)
{
    eg_task *task = b->task;
    engram_status status = count_elements(b);
    if (!status)
        status = find_events(b, b->code->owner);
    if (!status)
        status = compile(b, task->elements);
    if (status)
        return status;
    if (!task->truth)
        return eg_fail(b->err, ENGRAM_E_SCHEMA, "%s computes no _cond", b->code->name);
    task->compact = eg_compact();
    status = eg_split_kernel(task, b->sim, b->err);
    if (status)
        return status;
    if (!b->code->refractory)
        return ENGRAM_OK;
    eg_cell *flag = eg_store_find(b->sim->store, b->code->owner, "not_refractory");
    eg_cell *last = eg_store_find(b->sim->store, b->code->owner, "lastspike");
    if (!flag || !last || flag->dtype != EG_BOOL ||
        (last->dtype != EG_F64 && last->dtype != EG_F32) || flag->count < task->elements ||
        last->count < task->elements)
        return eg_fail(b->err, ENGRAM_E_SCHEMA,
                       "%s wants not_refractory (bool) and lastspike (float64, float32) of %s",
                       b->code->name, b->code->owner);
    task->not_refractory = flag->data;
    task->lastspike = last;
    return ENGRAM_OK;
}

static engram_status bind_reset(binder *b)
{
    engram_status status = count_elements(b);
    if (!status)
        status =
            find_events(b, *b->code->event_source ? b->code->event_source : b->code->owner);
    if (!status && b->task->elements < (uint64_t)b->task->stop)
        status = eg_fail(b->err, ENGRAM_E_SCHEMA, "%s runs over %s, and hears another group",
                         b->code->name, b->code->owner);
    return status ? status : compile(b, 0);
}

/* `x_post += w` alone: targets, and weights that nothing changes, in the order of flight. */
static engram_status bind_rows(binder *b)
{
    eg_task *task = b->task;
    eg_delivery delivery;
    if (!task->program || !eg_program_delivery(task->program, &delivery))
        return ENGRAM_OK;
    const eg_slot *target = eg_program_slot(task->program, delivery.target);
    const int32_t *order = eg_flight_order(task->flight), *post = task->base[target->via];
    const double *weight = NULL;
    bool weight_may_change = false;
    task->rows.constant = delivery.subtract ? -delivery.constant : delivery.constant;
    if (delivery.weight != UINT32_MAX) {
        const eg_slot *slot = eg_program_slot(task->program, delivery.weight);
        eg_cell *cell = eg_store_find(b->sim->store, slot->owner, slot->variable);
        /* A copy in the order of flight would not see what an operation writes. */
        weight_may_change = is_written(&b->sim->now.net, cell) ||
                            (b->sim->call && b->network->operations.count);
        if (delivery.subtract || (order && weight_may_change))
            return ENGRAM_OK;
        weight = cell->data;
        task->rows.source = cell;
    }
    const uint64_t targets =
        eg_store_find(b->sim->store, target->owner, target->variable)->count;
    /* Weights that change stay where they are. */
    if (order || !weight || !weight_may_change) {
        const engram_status status =
            eg_split_order(&order, task, b->sim, post, targets, b->err);
        if (status)
            return status;
    }
    task->rows.number = order;
    if (order) {
        uint32_t *sorted = arena_room(b, task->elements, sizeof *sorted);
        if (!sorted)
            return eg_fail_memory(b->err, "rows of synapses");
        for (uint64_t k = 0; k < task->elements; k++)
            sorted[k] = (uint32_t)post[order[k]];
        task->rows.post = sorted;
        b->sim->synapse_bytes += task->elements * sizeof *sorted;
        if (weight) {
            task->rows.sorted = arena_room(b, task->elements, sizeof(double));
            if (!task->rows.sorted)
                return eg_fail_memory(b->err, "rows of synapses");
            for (uint64_t k = 0; k < task->elements; k++)
                task->rows.sorted[k] = weight[order[k]];
            b->sim->synapse_bytes += task->elements * sizeof(double);
        }
    } else {
        task->rows.post = (const uint32_t *)(const void *)post; /* checked: none is negative */
    }
    task->rows.weight = task->rows.sorted ? task->rows.sorted : weight;
    task->rows.weight_by_number = weight;
    task->rows.by_number = post;
    task->rows.target = task->base[delivery.target];
    task->rows.targets = targets;
    task->rows.plain = true;
    return ENGRAM_OK;
}

/* In float64, which queues count with. */
static engram_status delays_of(const double **out, binder *b, const eg_cell *delay)
{
    *out = delay->data;
    if (delay->dtype == EG_F64)
        return ENGRAM_OK;
    const float *from = delay->data;
    double *seconds = arena_room(b, delay->count, sizeof *seconds);
    if (!seconds)
        return eg_fail_memory(b->err, "delays");
    for (uint64_t n = 0; n < delay->count; n++)
        seconds[n] = (double)from[n];
    *out = seconds;
    return ENGRAM_OK;
}

/* Events in flight: what the last run left, else what the archive brought. */
static engram_status pending_of(eg_pending *out, binder *b, const char *pathway)
{
    *out = (eg_pending){0};
    for (size_t k = 0; k < b->sim->left_count; k++)
        if (!strcmp(b->sim->left[k].pathway, pathway)) {
            *out = b->sim->left[k].pending;
            return ENGRAM_OK;
        }
    const eg_run_list *runs = &b->network->runs;
    const eg_state *state = b->sim->net->document.state;
    if (b->sim->run) /* only what was changed since: the rest is in `left` */
        state = b->sim->run < runs->count ? runs->item[b->sim->run].state : NULL;
    const eg_queue *queue = eg_net_queue(state, pathway);
    if (!queue)
        return ENGRAM_OK;
    const uint64_t count = queue->steps->count;
    if (queue->synapses->count != count)
        return eg_fail(b->err, ENGRAM_E_SCHEMA,
                       "events in flight on %s: %llu steps, %llu "
                       "synapses",
                       pathway, (unsigned long long)count,
                       (unsigned long long)queue->synapses->count);
    out->steps = arena_room(b, count, sizeof(int32_t));
    out->synapse = arena_room(b, count, sizeof(int32_t));
    if (!out->steps || !out->synapse)
        return eg_fail_memory(b->err, "events in flight");
    out->count = count;
    engram_status status =
        eg_source_read_as(queue->steps, EG_I32, out->steps, 0, count, b->err);
    if (!status)
        status = eg_source_read_as(queue->synapses, EG_I32, out->synapse, 0, count, b->err);
    return status ? eg_error_prefix(b->err, status, "events in flight on %s", pathway) : status;
}

static engram_status bind_flight(binder *b)
{
    eg_task *task = b->task;
    const char *name = *b->code->pathway ? b->code->pathway : b->code->name;
    const eg_synapses *synapses;
    const eg_pathway *pathway = eg_net_pathway(b->network, name, &synapses);
    if (!pathway)
        return eg_fail(b->err, ENGRAM_E_REFERENCE, "%s: there is no pathway \"%s\"",
                       b->code->name, name);
    const bool post = !strcmp(pathway->prepost, "post");
    const eg_cell *ends =
        eg_store_find(b->sim->store, synapses->name, post ? "_synaptic_post" : "_synaptic_pre");
    const eg_cell *delay = eg_store_find(b->sim->store, name, "delay");
    const eg_group *source = eg_net_group(b->network, task->events->group);
    if (!ends || ends->dtype != EG_I32 || ends->count != task->elements)
        return eg_fail(b->err, ENGRAM_E_SCHEMA, "%s: synapses without their ends", name);
    if (!delay || (delay->dtype != EG_F64 && delay->dtype != EG_F32) ||
        (delay->count != 1 && delay->count != ends->count) ||
        (delay->scalar && delay->count != 1))
        return eg_fail(b->err, ENGRAM_E_SCHEMA, "%s: %llu delays for %llu synapses", name,
                       (unsigned long long)(delay ? delay->count : 0),
                       (unsigned long long)ends->count);
    eg_pending pending;
    engram_status status = need_step(b, task->clock, "spikes are delayed");
    if (!status)
        status = pending_of(&pending, b, name);
    if (status)
        return status;
    const double *seconds;
    status = delays_of(&seconds, b, delay);
    if (status)
        return status;
    const eg_flight_plan plan = {.name = name,
                                 .source = ends->data,
                                 .synapses = ends->count,
                                 .source_count = (uint64_t)source->n,
                                 .delay = seconds,
                                 .delay_count = delay->count,
                                 .dt = b->sim->clocks.item[task->clock].dt,
                                 .start = task->start,
                                 .stop = task->stop,
                                 .pending = &pending};
    status = eg_flight_new(&task->flight, &plan, b->sim->alloc, b->err);
    if (!status)
        b->sim->synapse_bytes += eg_flight_bytes(task->flight);
    return status;
}

static engram_status bind_synapses(binder *b)
{
    engram_status status = count_elements(b);
    if (!status)
        status = find_events(b, b->code->event_source);
    if (!status)
        status = compile(b, 0);
    if (!status)
        status = bind_flight(b);
    if (!status)
        status = bind_rows(b);
    if (!status)
        b->task->frame.distinct = false; /* one synapse may be due twice in a step */
    return status;
}

static engram_status bind_summed(binder *b)
{
    eg_task *task = b->task;
    engram_status status = count_elements(b);
    if (!status)
        status = compile(b, EG_SUM_BLOCK);
    if (status)
        return status;
    task->target = eg_store_find(b->sim->store, b->code->target, b->code->target_variable);
    const eg_cell *index = eg_store_find(b->sim->store, b->code->owner, b->code->target_index);
    if (!task->target || !index || index->dtype != EG_I32 || index->count < task->elements)
        return eg_fail(b->err, ENGRAM_E_REFERENCE, "%s: no target %s.%s by %s", b->code->name,
                       b->code->target, b->code->target_variable, b->code->target_index);
    if (!task->sum || task->sum_type != task->target->dtype ||
        (task->sum_type != EG_F64 && task->sum_type != EG_F32 && task->sum_type != EG_I32 &&
         task->sum_type != EG_I64))
        return eg_fail(b->err, ENGRAM_E_UNSUPPORTED, "%s sums %s into %s %s.%s", b->code->name,
                       task->sum ? eg_dtype_name(task->sum_type) : "nothing",
                       eg_dtype_name(task->target->dtype), task->target->owner,
                       task->target->variable);
    task->target_index = index->data;
    task->target_start = (uint64_t)b->code->start;
    task->target_stop = b->code->stop < 0 ? task->target->count : (uint64_t)b->code->stop;
    if (b->code->start < 0 || task->target_start > task->target_stop ||
        task->target_stop > task->target->count)
        return eg_fail(b->err, ENGRAM_E_LIMIT, "%s: elements %lld to %lld of %s.%s",
                       b->code->name, (long long)b->code->start, (long long)b->code->stop,
                       task->target->owner, task->target->variable);
    for (uint64_t k = 0; k < task->elements; k++)
        if (task->target_index[k] < 0 || (uint64_t)task->target_index[k] >= task->target->count)
            return eg_fail(b->err, ENGRAM_E_LIMIT, "%s: synapse %llu leads to element %d",
                           b->code->name, (unsigned long long)k, task->target_index[k]);
    for (uint32_t k = 0; k < eg_program_slot_count(task->program); k++)
        task->one_by_one |= task->base[k] == task->target->data;
    return ENGRAM_OK;
}

static engram_status find_probe(binder *b)
{
    eg_task *task = b->task;
    task->probe = eg_probes_find(&b->sim->probes, b->code->owner);
    if (!task->probe)
        return eg_fail(b->err, ENGRAM_E_REFERENCE, "%s: there is no monitor \"%s\"",
                       b->code->name, b->code->owner);
    task->column = arena_room(b, task->probe->column_count, sizeof *task->column);
    return task->column ? ENGRAM_OK : eg_fail_memory(b->err, "a monitor");
}

static engram_status check_columns(binder *b)
{
    const eg_probe *probe = b->task->probe;
    for (size_t k = 0; k < probe->column_count; k++)
        if (!b->task->column[k])
            return eg_fail(b->err, ENGRAM_E_SCHEMA, "%s records %s, and does not compute it",
                           b->code->name, probe->column[k].name);
    return ENGRAM_OK;
}

static engram_status bind_states(binder *b)
{
    eg_task *task = b->task;
    engram_status status = find_probe(b);
    if (status)
        return status;
    if (task->probe->kind != ENGRAM_RECORD_STATES)
        return eg_fail(b->err, ENGRAM_E_SCHEMA, "%s is no state monitor", b->code->owner);
    const int32_t *index = task->probe->indices;
    task->elements = task->probe->rows;
    for (uint64_t k = 0; index && k < task->probe->rows; k++)
        task->elements =
            (uint64_t)index[k] >= task->elements ? (uint64_t)index[k] + 1 : task->elements;
    status = compile(b, task->probe->rows);
    task->frame.index = index;
    task->frame.count = task->probe->rows;
    task->t = b->sim->clocks.item[task->clock].t;
    return status ? status : check_columns(b);
}

static engram_status bind_record(binder *b)
{
    engram_status status = find_probe(b);
    if (!status)
        status = find_events(b, b->code->event_source);
    if (status || b->task->kind == EG_TASK_RATE)
        return status;
    if (b->task->probe->kind == ENGRAM_RECORD_STATES)
        return eg_fail(b->err, ENGRAM_E_SCHEMA, "%s is no event monitor", b->code->owner);
    b->task->elements = (uint64_t)b->task->stop;
    if (b->task->probe->column_count)
        status = compile(b, b->task->events->capacity);
    return status ? status : check_columns(b);
}

/* ---- spike generators (semantics 7.3) ---------------------------------------------------- */

static engram_status read_spikes(binder *b, const eg_group *group, int32_t *neuron,
                                 int32_t *bin)
{
    const double dt = b->sim->clocks.item[b->task->clock].dt;
    const uint64_t count = group->indices->count;
    double *time = arena_room(b, count, sizeof *time);
    if (!time)
        return eg_fail_memory(b->err, "spikes of a generator");
    engram_status status = eg_source_read_as(group->indices, EG_I32, neuron, 0, count, b->err);
    if (!status)
        status = eg_source_read_as(group->times, EG_F64, time, 0, count, b->err);
    for (uint64_t k = 0; !status && k < count; k++) {
        const double at = (time[k] + 1e-3 * dt) / dt;
        if (neuron[k] < 0 || neuron[k] >= group->n || !(at > -2e9 && at < 2147483647.0))
            return eg_fail(b->err, ENGRAM_E_LIMIT,
                           "spike %llu of %s: neuron %d of %lld at %g s", (unsigned long long)k,
                           group->name, neuron[k], (long long)group->n, time[k]);
        bin[k] = (int32_t)at;
        if (k && bin[k] < bin[k - 1])
            return eg_fail(b->err, ENGRAM_E_SCHEMA, "spikes of %s are not sorted by time",
                           group->name);
    }
    return status;
}

/* Spikes before the first step are skipped; a generator that went on from an earlier run knows
 * how many it has emitted. */
static engram_status bind_last(binder *b, const eg_group *group, bool known)
{
    eg_generator *g = &b->task->generator;
    eg_cell *cell = eg_store_find(b->sim->store, group->name, "_lastindex");
    if (cell && (cell->dtype != EG_I32 || cell->count != 1))
        return eg_fail(b->err, ENGRAM_E_SCHEMA, "%s._lastindex is no int32", group->name);
    g->last = cell ? cell->data : eg_arena_array(b->sim->arena, 1, sizeof *g->last);
    if (!g->last)
        return eg_fail_memory(b->err, "a generator");
    const int64_t now = *b->sim->clocks.item[b->task->clock].step;
    if (!known || !cell) {
        int32_t last = 0;
        while ((uint64_t)last < g->count && g->bin[last] < now)
            last++;
        *g->last = last;
    }
    if (*g->last < 0 || (uint64_t)*g->last > g->count)
        return eg_fail(b->err, ENGRAM_E_LIMIT, "%s has emitted %d of %llu spikes", group->name,
                       *g->last, (unsigned long long)g->count);
    return ENGRAM_OK;
}

static engram_status bind_generator(binder *b)
{
    eg_task *task = b->task;
    const eg_group *group = eg_net_group(b->network, b->code->owner);
    if (!group || strcmp(group->kind, "spikegenerator") || !group->indices || !group->times ||
        group->indices->count != group->times->count)
        return eg_fail(b->err, ENGRAM_E_SCHEMA, "%s: %s has no spikes to generate",
                       b->code->name, b->code->owner);
    task->elements = (uint64_t)group->n;
    engram_status status = find_events(b, group->name);
    const uint64_t count = group->indices->count;
    int32_t *neuron = arena_room(b, count, sizeof *neuron);
    int32_t *bin = arena_room(b, count, sizeof *bin);
    if (!status && (!neuron || !bin))
        status = eg_fail_memory(b->err, "spikes of a generator");
    if (!status)
        status = need_step(b, task->clock, "spikes are generated");
    if (!status)
        status = read_spikes(b, group, neuron, bin);
    if (status)
        return status;
    const double dt = b->sim->clocks.item[task->clock].dt;
    task->generator = (eg_generator){.neuron = neuron, .bin = bin, .count = count};
    if (group->period > 0)
        task->generator.period = (int64_t)rint(group->period / dt);
    if (task->generator.period && count && bin[count - 1] >= task->generator.period)
        return eg_fail(b->err, ENGRAM_E_LIMIT, "%s has spikes behind its period of %g s",
                       group->name, group->period);
    const bool known = b->sim->run > 0 ||
                       eg_net_array(b->sim->now.net.document.state, group->name, "_lastindex");
    return bind_last(b, group, known);
}

/* ---- all --------------------------------------------------------------------------------- */

engram_status eg_task_bind(eg_task *task, engram_sim *sim, const eg_executable *code,
                           engram_error *err)
{
    *task = (eg_task){.code = code};
    binder b = {.task = task,
                .sim = sim,
                .code = code,
                .network = sim->net->document.network,
                .err = err};
    task->clock = eg_clocks_find(&sim->clocks, code->clock);
    if (task->clock == UINT32_MAX)
        return eg_fail(err, ENGRAM_E_REFERENCE, "%s runs on clock \"%s\": no such clock",
                       code->name, code->clock);
    engram_status status = find_kind(&b);
    if (status)
        return status;
    switch (task->kind) {
    case EG_TASK_UPDATE:
        status = count_elements(&b);
        if (!status)
            status = compile(&b, task->elements);
        return status ? status : eg_split_kernel(task, sim, err);
    case EG_TASK_ADAPTIVE:
        return bind_adaptive(&b);
    case EG_TASK_THRESHOLD:
        return bind_threshold(&b);
    case EG_TASK_RESET:
        return bind_reset(&b);
    case EG_TASK_SYNAPSES:
        return bind_synapses(&b);
    case EG_TASK_SUMMED:
        return bind_summed(&b);
    case EG_TASK_STATES:
        return bind_states(&b);
    case EG_TASK_EVENTS:
    case EG_TASK_RATE:
        return bind_record(&b);
    case EG_TASK_GENERATE:
        return bind_generator(&b);
    case EG_TASK_CALL: /* made in run.c, from no executable */
        break;
    }
    return ENGRAM_OK;
}

void eg_task_clear(eg_task *task, const engram_alloc *alloc)
{
    eg_kernel_free(task->kernel);
    for (uint32_t w = 0; w < task->kernel_count; w++)
        eg_kernel_free(task->kernels[w]);
    task->kernels = NULL;
    task->kernel_count = 0;
    eg_adaptive_free(task->adaptive);
    eg_flight_free(task->flight);
    eg_free(alloc, task->due, task->due_capacity * sizeof *task->due);
    eg_free(alloc, task->times, task->times_capacity * sizeof *task->times);
    eg_free(alloc, task->turn, task->turn_capacity * sizeof *task->turn);
    task->turn = NULL;
    task->turn_capacity = 0;
    task->kernel = NULL;
    task->flight = NULL;
    task->due = NULL;
    task->times = NULL;
    task->due_capacity = task->times_capacity = 0;
}
