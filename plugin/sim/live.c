/* live.c - what a host in whose process the network lives asks for: new synapses, and what
 * there is after a run */
#include "sim/sim_private.h"

#include "common/memory.h"

#include <string.h>

static engram_status find_kept(const eg_probe **out, const engram_sim *sim, const char *monitor,
                               engram_error *err)
{
    *out = eg_probes_find(&sim->probes, monitor);
    if (!*out)
        return eg_fail(err, ENGRAM_E_REFERENCE, "there is no monitor \"%s\"", monitor);
    if (!sim->probes.keep)
        return eg_fail(err, ENGRAM_E_STATE, "%s keeps nothing: the simulation was not asked to",
                       monitor);
    return ENGRAM_OK;
}

engram_status engram_sim_recorded(engram_sim *sim, const char *monitor, engram_recorded *out,
                                  engram_error *err)
{
    const eg_probe *probe;
    const engram_status status = find_kept(&probe, sim, monitor, err);
    if (status)
        return status;
    const bool listed = eg_probe_listed(probe);
    const engram_recorded all = {.size = out->size,
                                 .kind = (engram_recorded_kind)probe->kind,
                                 .records = probe->kept.records,
                                 .rows = probe->rows,
                                 .t = probe->kept.t.data,
                                 .i = listed ? probe->kept.i.data : NULL,
                                 .count = probe->kept.count,
                                 .columns = probe->column_count};
    memcpy(out, &all, out->size < sizeof all ? out->size : sizeof all);
    return ENGRAM_OK;
}

engram_status engram_sim_recorded_column(engram_sim *sim, const char *monitor, uint64_t index,
                                         const char **name, engram_dtype *dtype,
                                         const void **data, engram_error *err)
{
    const eg_probe *probe;
    const engram_status status = find_kept(&probe, sim, monitor, err);
    if (status)
        return status;
    if (index >= probe->column_count)
        return eg_fail(err, ENGRAM_E_ARGUMENT, "column %llu of %zu of %s",
                       (unsigned long long)index, probe->column_count, monitor);
    *name = probe->column[index].name;
    *dtype = (engram_dtype)probe->column[index].dtype;
    *data = probe->kept.column[index].data;
    return ENGRAM_OK;
}

/* ---- random streams ------------------------------------------------------------------------
 */

static void show_random(engram_random *out, const eg_rng *rng)
{
    engram_random all = {.size = out->size,
                         .position = rng->mt.position,
                         .has_gauss = rng->mt.has_gauss,
                         .gauss = rng->mt.gauss,
                         .uniforms = rng->uniform,
                         .normals = rng->normal,
                         .next_uniform = rng->next_uniform,
                         .next_normal = rng->next_normal};
    memcpy(all.words, rng->mt.word, sizeof all.words);
    memcpy(out, &all, out->size < sizeof all ? out->size : sizeof all);
}

static engram_status check_buffer(const double *buffer, uint32_t from, engram_error *err)
{
    if (from >= EG_RNG_BUFFER || (from && !buffer))
        return eg_fail(err, ENGRAM_E_ARGUMENT, "a buffer of random numbers goes on at %u%s",
                       from, buffer ? "" : " and is missing");
    return ENGRAM_OK;
}

static void take_buffer(double *out, uint32_t *next, const double *buffer, uint32_t from)
{
    if (from && buffer != out)
        memcpy(out, buffer, EG_RNG_BUFFER * sizeof *out);
    *next = from;
}

static engram_status take_random(eg_rng *rng, const engram_random *random, engram_error *err)
{
    if (random->position > EG_MT_WORDS)
        return eg_fail(err, ENGRAM_E_ARGUMENT, "random words go on at %u of 624",
                       random->position);
    engram_status status = check_buffer(random->uniforms, random->next_uniform, err);
    if (!status)
        status = check_buffer(random->normals, random->next_normal, err);
    if (status)
        return status;
    memcpy(rng->mt.word, random->words, sizeof rng->mt.word);
    rng->mt.position = random->position;
    rng->mt.has_gauss = random->has_gauss;
    rng->mt.gauss = random->gauss;
    take_buffer(rng->uniform, &rng->next_uniform, random->uniforms, random->next_uniform);
    take_buffer(rng->normal, &rng->next_normal, random->normals, random->next_normal);
    return ENGRAM_OK;
}

void engram_sim_random(const engram_sim *sim, engram_random *out)
{
    show_random(out, sim->rng);
}

engram_status engram_sim_set_random(engram_sim *sim, const engram_random *random,
                                    engram_error *err)
{
    if (sim->rng->rule == EG_RNG_PHILOX)
        return eg_fail(err, ENGRAM_E_STATE,
                       "random streams cannot be set: the rule \"philox\" has none");
    return take_random(sim->rng, random, err);
}

/* ---- making synapses -----------------------------------------------------------------------
 */

static engram_status make_synapses(engram_model *model, const eg_setup *step, eg_arena *arena,
                                   engram_error *err)
{
    eg_store *store;
    engram_status status = eg_store_new_lent(&store, model->net, model->lent, model->lent_count,
                                             model->alloc, err);
    if (status)
        return status;
    const eg_evaluation context = {.store = store,
                                   .net = model->net,
                                   .rng = model->rng,
                                   .arena = arena,
                                   .where = step->target,
                                   .native_name = model->native_name,
                                   .native = model->native,
                                   .native_count = model->native_count};
    status = eg_connect_make(&model->made, &context, step, err);
    eg_store_free(store);
    return status;
}

void engram_model_random(const engram_model *model, engram_random *out)
{
    if (model->rng) {
        show_random(out, model->rng);
        return;
    }
    const engram_random none = {.size = out->size};
    memcpy(out, &none, out->size < sizeof none ? out->size : sizeof none);
}

engram_status engram_model_set_random(engram_model *model, const engram_random *random,
                                      engram_error *err)
{
    if (!model->rng)
        return eg_fail(err, ENGRAM_E_STATE, "random streams cannot be set: nothing connects");
    return take_random(model->rng, random, err);
}

engram_status engram_model_connect(engram_model *model, uint64_t step, engram_random *random,
                                   const int32_t **source, const int32_t **target,
                                   uint64_t *count, engram_error *err)
{
    *source = *target = NULL;
    *count = 0;
    eg_made_clear(&model->made, model->alloc);
    const eg_setup_list *steps = &model->net->document.network->setup;
    if (step >= steps->count || strcmp(steps->item[step].kind, "connect"))
        return eg_fail(err, ENGRAM_E_ARGUMENT, "setup step %llu of %zu is no connect",
                       (unsigned long long)step, steps->count);
    if (!model->rng)
        model->rng = eg_calloc(model->alloc, sizeof *model->rng);
    if (!model->rng)
        return eg_fail_memory(err, "random streams");
    const char *rule = model->net->document.network->rng_rule;
    if (!eg_rng_rule_parse(&model->rng->rule, rule) || model->rng->rule == EG_RNG_PHILOX)
        return eg_fail(err, ENGRAM_E_UNSUPPORTED, "%s: synapses drawn by the rule \"%s\"",
                       steps->item[step].target, rule);
    engram_status status = take_random(model->rng, random, err);
    if (status)
        return status;
    eg_arena *arena = eg_arena_new(model->alloc);
    status = arena ? make_synapses(model, &steps->item[step], arena, err)
                   : eg_fail_memory(err, "a connect");
    eg_arena_free(arena);
    show_random(random, model->rng);
    if (status)
        return status;
    *source = model->made.pre;
    *target = model->made.post;
    *count = model->made.count;
    return ENGRAM_OK;
}

engram_status engram_sim_pending(const engram_sim *sim, const char *pathway,
                                 const int32_t **steps, const int32_t **synapse,
                                 uint64_t *count, engram_error *err)
{
    *steps = *synapse = NULL;
    *count = 0;
    if (sim->now.going)
        return eg_fail(err, ENGRAM_E_STATE, "events in flight on %s: a run is going on",
                       pathway);
    for (size_t k = 0; k < sim->left_count; k++)
        if (!strcmp(sim->left[k].pathway, pathway)) {
            *steps = sim->left[k].pending.steps;
            *synapse = sim->left[k].pending.synapse;
            *count = sim->left[k].pending.count;
        }
    return ENGRAM_OK;
}

engram_status engram_sim_spent(const engram_sim *sim, uint64_t index, const char **object,
                               double *seconds, engram_error *err)
{
    *object = NULL;
    *seconds = 0;
    if (!(sim->flags & ENGRAM_SIM_PROFILE))
        return eg_fail(err, ENGRAM_E_STATE,
                       "no time was taken: the simulation was not asked to");
    if (index < sim->spent_count) {
        *object = sim->spent[index].object;
        *seconds = *sim->spent[index].seconds;
    }
    return ENGRAM_OK;
}
