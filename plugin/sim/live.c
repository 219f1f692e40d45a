/* live.c - what a host in whose process the network lives takes back after a run */
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
    const bool listed =
        probe->kind == ENGRAM_RECORD_SPIKES || probe->kind == ENGRAM_RECORD_EVENTS;
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

void engram_sim_random(const engram_sim *sim, engram_random *out)
{
    const eg_rng *rng = sim->rng;
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
