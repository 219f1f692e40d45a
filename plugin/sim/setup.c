#include "sim/setup.h"

#include "common/memory.h"
#include "network/net_find.h"
#include "sim/connect.h"
#include "sim/random.h"

#include <string.h>

/* Where an initialiser writes: elements [start, stop) of one cell, known to code as
 * `variable` of `object`. */
typedef struct place {
    const char *object, *pathway, *variable;
    eg_cell *cell;
    int64_t start, stop;
} place;

/* Synapses by their name or by that of a pathway. */
static const eg_synapses *synapses_named(const eg_network *network, const char *name,
                                         const eg_pathway **pathway)
{
    const eg_synapses *owner = eg_net_synapses(network, name);
    *pathway = owner ? NULL : eg_net_pathway(network, name, &owner);
    return owner;
}

/* `delay` of synapses is that of their pathway `pre` (6.4). */
static const eg_pathway *default_pathway(const eg_synapses *synapses)
{
    for (size_t p = 0; p < synapses->pathways.count; p++)
        if (!strcmp(synapses->pathways.item[p].key, "pre"))
            return &synapses->pathways.item[p];
    return NULL;
}

static engram_status find_place(place *out, const eg_evaluation *context, const eg_setup *step,
                                engram_error *err)
{
    const eg_network *network = context->net->document.network;
    const eg_group *group = eg_net_group(network, step->target);
    const eg_pathway *pathway = NULL;
    *out = (place){.variable = step->variable, .start = step->start, .stop = step->stop};
    if (group && !strcmp(group->kind, "subgroup")) {
        out->object = group->source;
        out->start = group->start;
        out->stop = group->stop;
    } else if (group) {
        out->object = group->name;
    } else {
        const eg_synapses *synapses = synapses_named(network, step->target, &pathway);
        if (!synapses)
            return eg_fail(err, ENGRAM_E_REFERENCE, "%s: there is no object of this name",
                           context->where);
        out->object = synapses->name;
        if (!pathway && !strcmp(step->variable, "delay"))
            pathway = default_pathway(synapses);
        out->pathway = pathway ? pathway->name : NULL;
    }
    out->cell =
        eg_store_find(context->store, pathway ? pathway->name : out->object, step->variable);
    if (!out->cell)
        return eg_fail(err, ENGRAM_E_REFERENCE, "%s: there is no variable %s.%s",
                       context->where, out->object, step->variable);
    if (out->cell->scalar)
        out->start = 0, out->stop = -1;
    if (out->stop < 0)
        out->stop = (int64_t)out->cell->count;
    if (out->start < 0 || out->start > out->stop || (uint64_t)out->stop > out->cell->count)
        return eg_fail(err, ENGRAM_E_LIMIT, "%s: elements %lld to %lld of %llu", context->where,
                       (long long)out->start, (long long)out->stop,
                       (unsigned long long)out->cell->count);
    return ENGRAM_OK;
}

/* The elements listed by a step, absolute; arrays of indices are so in exports too (10.2). */
static engram_status read_indices(int32_t **out, const eg_evaluation *context, const place *at,
                                  const eg_source *source, engram_error *err)
{
    *out = eg_arena_array(context->arena, (size_t)source->count + 1, sizeof **out);
    if (!*out)
        return eg_fail_memory(err, "indices");
    engram_status status = eg_source_read_as(source, EG_I32, *out, 0, source->count, err);
    if (status)
        return eg_error_prefix(err, status, "%s", context->where);
    for (uint64_t k = 0; k < source->count; k++)
        if ((*out)[k] < 0 || (uint64_t)(*out)[k] >= at->cell->count)
            return eg_fail(err, ENGRAM_E_LIMIT, "%s: index %d of %llu elements", context->where,
                           (*out)[k], (unsigned long long)at->cell->count);
    return ENGRAM_OK;
}

static eg_setup_code request_of(const place *at, const eg_setup *step)
{
    const bool slice = at->start > 0 || (uint64_t)at->stop < at->cell->count;
    return (eg_setup_code){.object = at->object,
                           .step = step,
                           .start = at->start,
                           .stop = slice ? at->stop : -1,
                           .pathway = at->pathway};
}

/* Elements where the condition holds get the value, one after the other: the draws of
 * condition and value alternate as in standalone's loop. */
static engram_status run_conditional(const eg_evaluation *context, const place *at,
                                     const eg_setup *step, eg_evaluator *value,
                                     engram_error *err)
{
    eg_setup_code request = request_of(at, step);
    request.output = "_cond";
    request.output_type = EG_BOOL;
    request.code = eg_arena_printf(context->arena, "_cond = %s", step->condition);
    if (!request.code)
        return eg_fail_memory(err, "a condition");
    eg_evaluator condition;
    engram_status status = eg_evaluator_init(&condition, context, &request, err);
    for (int64_t k = at->start; !status && k < at->stop; k++) {
        status = eg_evaluate(&condition, NULL, (uint64_t)k, 1, err);
        if (!status && condition.truth[0])
            status = eg_evaluate(value, NULL, (uint64_t)k, 1, err);
    }
    eg_evaluator_clear(&condition);
    return status;
}

static engram_status run_code(const eg_evaluation *context, const place *at,
                              const eg_setup *step, const char *code, engram_error *err)
{
    eg_setup_code request = request_of(at, step);
    request.code = eg_arena_printf(context->arena, "%s = %s", at->variable, code);
    if (!request.code)
        return eg_fail_memory(err, "an initialiser");
    eg_evaluator value;
    engram_status status = eg_evaluator_init(&value, context, &request, err);
    if (!status && step->indices) {
        int32_t *index;
        status = read_indices(&index, context, at, step->indices, err);
        if (!status)
            status = eg_evaluate(&value, index, 0, step->indices->count, err);
    } else if (!status && *step->condition && strcmp(step->condition, "True")) {
        status = run_conditional(context, at, step, &value, err);
    } else if (!status) {
        status = eg_evaluate(&value, NULL, (uint64_t)at->start,
                             (uint64_t)(at->stop - at->start), err);
    }
    eg_evaluator_clear(&value);
    return status;
}

/* Values as the variable holds them: a float64 is rounded to a float32, as an assignment does;
 * any other loss is refused. */
static engram_status read_values(void *out, eg_arena *arena, eg_dtype dtype,
                                 const eg_source *values, engram_error *err)
{
    if (dtype != EG_F32 || values->dtype != EG_F64)
        return eg_source_read_as(values, dtype, out, 0, values->count, err);
    double *wide = eg_arena_array(arena, (size_t)values->count + 1, sizeof *wide);
    if (!wide)
        return eg_fail_memory(err, "values");
    const engram_status status = eg_source_read_as(values, EG_F64, wide, 0, values->count, err);
    for (uint64_t k = 0; !status && k < values->count; k++)
        ((float *)out)[k] = (float)wide[k];
    return status;
}

/* `values`: one for all, or one per element written. */
static engram_status write_values(const eg_evaluation *context, const place *at,
                                  const eg_setup *step, engram_error *err)
{
    const eg_source *values = step->values;
    int32_t *index = NULL;
    engram_status status = ENGRAM_OK;
    if (step->indices)
        status = read_indices(&index, context, at, step->indices, err);
    if (status)
        return status;
    const uint64_t count =
        step->indices ? step->indices->count : (uint64_t)(at->stop - at->start);
    if (values->count != 1 && values->count != count)
        return eg_fail(err, ENGRAM_E_SCHEMA, "%s: %llu values for %llu elements",
                       context->where, (unsigned long long)values->count,
                       (unsigned long long)count);
    const size_t size = eg_dtype_size(at->cell->dtype);
    char *value = eg_arena_array(context->arena, (size_t)values->count + 1, size);
    if (!value)
        return eg_fail_memory(err, "values");
    status = read_values(value, context->arena, at->cell->dtype, values, err);
    if (status)
        return eg_error_prefix(err, status, "%s", context->where);
    for (uint64_t k = 0; k < count; k++) {
        const uint64_t to = index ? (uint64_t)index[k] : (uint64_t)at->start + k;
        memcpy((char *)at->cell->data + (size_t)to * size,
               value + (values->count == 1 ? 0 : (size_t)k * size), size);
    }
    return ENGRAM_OK;
}

static engram_status initialise(const eg_evaluation *context, const eg_setup *step,
                                engram_error *err)
{
    place at;
    engram_status status = find_place(&at, context, step, err);
    if (status)
        return status;
    if (*step->code)
        return run_code(context, &at, step, step->code, err);
    if (!step->values)
        return eg_fail(err, ENGRAM_E_SCHEMA, "%s: neither code nor values", context->where);
    if (!*step->condition || !strcmp(step->condition, "True"))
        return write_values(context, &at, step, err);
    double value;
    if (step->values->count != 1)
        return eg_fail(err, ENGRAM_E_SCHEMA, "%s: a condition takes one value", context->where);
    status = eg_source_read_as(step->values, EG_F64, &value, 0, 1, err);
    const char *code = eg_arena_printf(context->arena, "%.17g", value);
    if (status || !code)
        return status ? status : eg_fail_memory(err, "a value");
    return run_code(context, &at, step, code, err);
}

static engram_status replay_step(eg_store *store, const eg_net *net, eg_rng *rng, size_t k,
                                 bool seeded, engram_error *err)
{
    const eg_setup *step = &net->document.network->setup.item[k];
    if (!strcmp(step->kind, "seed")) {
        if (seeded)
            return ENGRAM_OK;
        return eg_random_seed(rng, step->seed, err);
    }
    eg_arena *arena = eg_arena_new(net->alloc);
    const char *where =
        arena ? eg_arena_printf(arena, "setup step %zu (%s %s%s%s)", k, step->kind,
                                step->target, *step->variable ? "." : "", step->variable)
              : NULL;
    engram_status status = where ? ENGRAM_OK : eg_fail_memory(err, "a setup step");
    eg_rng_place(rng, eg_rng_object("setup"), k, true);
    const eg_evaluation context = {
        .store = store, .net = net, .rng = rng, .arena = arena, .where = where};
    if (!status && !strcmp(step->kind, "initialise"))
        status = initialise(&context, step, err);
    else if (!status && !strcmp(step->kind, "connect"))
        status = eg_connect(&context, step, err);
    else if (!status)
        status =
            eg_fail(err, ENGRAM_E_SCHEMA, "%s: initialise, connect or seed is wanted", where);
    eg_arena_free(arena);
    return status;
}

engram_status eg_setup_replay(eg_store *store, const eg_net *net, eg_rng *rng, size_t first,
                              size_t end, int64_t seed, engram_error *err)
{
    const eg_network *network = net->document.network;
    if (end > network->setup.count)
        return eg_fail(err, ENGRAM_E_LIMIT, "setup ends at step %zu of %zu", end,
                       network->setup.count);
    engram_status status = ENGRAM_OK;
    if (!first && seed >= 0)
        eg_rng_init(rng, rng->rule, (uint64_t)seed);
    else if (!first && (!end || strcmp(network->setup.item[0].kind, "seed")))
        status = eg_random_seed(rng, -1, err);
    for (size_t k = first; !status && k < end; k++)
        status = replay_step(store, net, rng, k, seed >= 0, err);
    return status;
}
