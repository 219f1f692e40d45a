#include "sim/probe.h"

#include "common/memory.h"
#include "network/net_find.h"

#include <string.h>

/* ---- description ------------------------------------------------------------------------- */

static uint64_t elements_of(const eg_net *net, const eg_store *store, const char *name)
{
    const eg_group *group = eg_net_group(net->document.network, name);
    if (group)
        return (uint64_t)group->n;
    const eg_cell *pre = eg_store_find(store, name, "_synaptic_pre");
    return pre ? pre->count : 0;
}

/* The type a column has: that of the code's output, else that of the stored variable. */
static eg_dtype column_type(const eg_net *net, const eg_cell *cell, const char *monitor,
                            const char *name)
{
    const eg_executable *code = eg_net_executable(net->document.code, monitor);
    const eg_run_list *runs = &net->document.network->runs;
    for (size_t k = 0; !code && k < runs->count; k++)
        code = eg_net_executable(runs->item[k].code, monitor);
    eg_dtype type = cell ? cell->dtype : EG_F64;
    for (size_t k = 0; code && k < code->bindings.count; k++) {
        const eg_binding *binding = &code->bindings.item[k];
        if (!strncmp(binding->name, "_to_record_", 11) && !strcmp(binding->name + 11, name))
            eg_dtype_parse(&type, binding->dtype);
    }
    return type;
}

static const eg_equation *find_equation(const eg_equation_list *list, const char *name)
{
    for (size_t k = 0; k < list->count; k++)
        if (!strcmp(list->item[k].name, name))
            return &list->item[k];
    return NULL;
}

/* Group that stores the variables of `name`: the parent of a slice. */
static const char *owner_of(const eg_network *network, const char *name)
{
    const eg_group *group = eg_net_group(network, name);
    return group && !strcmp(group->kind, "subgroup") ? group->source : name;
}

static void describe_column(engram_record_column *out, const eg_net *net, const eg_store *store,
                            const eg_monitor *monitor, const char *name)
{
    const eg_network *network = net->document.network;
    const char *owner = owner_of(network, monitor->source);
    const eg_cell *cell = eg_store_find(store, owner, name);
    const eg_group *group = eg_net_group(network, owner);
    const eg_synapses *synapses = eg_net_synapses(network, owner);
    const eg_equation *equation = group      ? find_equation(&group->equations, name)
                                  : synapses ? find_equation(&synapses->equations, name)
                                             : NULL;
    *out = (engram_record_column){
        .name = name,
        .dtype = (engram_record_dtype)column_type(net, cell, monitor->name, name)};
    const double *dim = cell ? cell->dim.exponent : equation ? equation->dim.exponent : NULL;
    if (dim)
        memcpy(out->dim, dim, sizeof out->dim);
    const char *unit = cell ? cell->unit : equation ? equation->unit : "";
    out->unit = *unit ? unit : NULL;
}

static bool is_column(const eg_probe *probe, const char *name)
{
    return probe->kind == ENGRAM_RECORD_STATES || (strcmp(name, "i") && strcmp(name, "t"));
}

static engram_status describe_columns(eg_probe *probe, const eg_net *net, const eg_store *store,
                                      eg_arena *arena, engram_error *err)
{
    const eg_strs *names = &probe->monitor->variables;
    probe->column = eg_arena_array(arena, names->count + 1, sizeof *probe->column);
    if (!probe->column)
        return eg_fail_memory(err, "a monitor");
    if (probe->kind == ENGRAM_RECORD_RATE) {
        probe->column[0] = (engram_record_column){
            .name = "rate",
            .dtype = probe->monitor->dtype[0] ? ENGRAM_RECORD_F32 : ENGRAM_RECORD_F64,
            .dim = {0, 0, -1},
            .unit = "Hz"};
        probe->column_count = 1;
        return ENGRAM_OK;
    }
    for (size_t k = 0; k < names->count; k++)
        if (is_column(probe, names->item[k]))
            describe_column(&probe->column[probe->column_count++], net, store, probe->monitor,
                            names->item[k]);
    return ENGRAM_OK;
}

static engram_status read_indices(eg_probe *probe, eg_arena *arena, engram_error *err)
{
    const eg_source *source = probe->monitor->indices;
    if (!source)
        return ENGRAM_OK; /* all */
    int32_t *indices = eg_arena_array(arena, (size_t)source->count + 1, sizeof *indices);
    if (!indices)
        return eg_fail_memory(err, "a monitor's elements");
    engram_status status = eg_source_read_as(source, EG_I32, indices, 0, source->count, err);
    if (status)
        return eg_error_prefix(err, status, "%s", probe->monitor->name);
    for (uint64_t k = 0; k < source->count; k++)
        if (indices[k] < 0 || (uint64_t)indices[k] >= probe->source_count)
            return eg_fail(err, ENGRAM_E_LIMIT, "%s records element %d of %llu",
                           probe->monitor->name, indices[k],
                           (unsigned long long)probe->source_count);
    probe->rows = source->count;
    probe->indices = indices;
    return ENGRAM_OK;
}

static engram_status count_elements(eg_probe *probe, const eg_net *net, const eg_store *store,
                                    engram_error *err)
{
    const eg_monitor *monitor = probe->monitor;
    const uint64_t all = elements_of(net, store, monitor->source);
    const int64_t stop = monitor->stop < 0 ? (int64_t)all : monitor->stop;
    if (monitor->start < 0 || monitor->start > stop || (uint64_t)stop > all)
        return eg_fail(err, ENGRAM_E_LIMIT, "%s records elements %lld to %lld of %llu",
                       monitor->name, (long long)monitor->start, (long long)stop,
                       (unsigned long long)all);
    probe->source_count = (uint64_t)(stop - monitor->start);
    if (!probe->indices)
        probe->rows = probe->kind == ENGRAM_RECORD_RATE ? 1 : probe->source_count;
    return ENGRAM_OK;
}

static engram_status describe(eg_probe *probe, const eg_net *net, const eg_store *store,
                              eg_arena *arena, engram_error *err)
{
    const eg_monitor *monitor = probe->monitor;
    probe->kind = !strcmp(monitor->kind, "spike")   ? ENGRAM_RECORD_SPIKES
                  : !strcmp(monitor->kind, "event") ? ENGRAM_RECORD_EVENTS
                  : !strcmp(monitor->kind, "state") ? ENGRAM_RECORD_STATES
                                                    : ENGRAM_RECORD_RATE;
    engram_status status = count_elements(probe, net, store, err);
    if (!status && probe->kind == ENGRAM_RECORD_STATES)
        status = read_indices(probe, arena, err);
    return status ? status : describe_columns(probe, net, store, arena, err);
}

engram_status eg_probes_init(eg_probes *out, const eg_net *net, const eg_store *store,
                             eg_arena *arena, engram_error *err)
{
    const eg_monitor_list *monitors = &net->document.network->monitors;
    *out = (eg_probes){.count = monitors->count};
    eg_libm_name(out->libm);
    out->item = eg_arena_array(arena, monitors->count + 1, sizeof *out->item);
    if (!out->item)
        return eg_fail_memory(err, "monitors");
    for (size_t k = 0; k < monitors->count; k++) {
        out->item[k] = (eg_probe){.monitor = &monitors->item[k], .number = k};
        engram_status status = describe(&out->item[k], net, store, arena, err);
        if (status)
            return status;
    }
    return ENGRAM_OK;
}

engram_status eg_probes_count(eg_probes *probes, const eg_net *net, const eg_store *store,
                              engram_error *err)
{
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < probes->count; k++)
        status = count_elements(&probes->item[k], net, store, err);
    return status;
}

eg_probe *eg_probes_find(const eg_probes *probes, const char *monitor)
{
    for (size_t k = 0; k < probes->count; k++)
        if (!strcmp(probes->item[k].monitor->name, monitor))
            return &probes->item[k];
    return NULL;
}

/* ---- what was recorded before ------------------------------------------------------------ */

/* A monitor's own array from the archive; *out NULL if it is not there. */
static engram_status read_record(void **out, const eg_net *net, const char *monitor,
                                 const char *variable, eg_dtype type, uint64_t count,
                                 eg_arena *arena, engram_error *err)
{
    *out = NULL;
    const eg_array *array = eg_net_array(net->document.state, monitor, variable);
    if (!array || !array->data)
        return ENGRAM_OK;
    if (array->data->dtype != type || array->data->count != count)
        return eg_fail(err, ENGRAM_E_SCHEMA, "recorded %s.%s is %s [%llu], wanted %s [%llu]",
                       monitor, variable, eg_dtype_name(array->data->dtype),
                       (unsigned long long)array->data->count, eg_dtype_name(type),
                       (unsigned long long)count);
    *out = eg_arena_array(arena, (size_t)count + 1, eg_dtype_size(type));
    if (!*out)
        return eg_fail_memory(err, "earlier records");
    return eg_source_read(array->data, *out, 0, count, err);
}

static engram_status earlier_records(const eg_probes *probes, const eg_probe *probe,
                                     const eg_net *net, eg_arena *arena, engram_error *err)
{
    const char *name = probe->monitor->name;
    const eg_array *times = eg_net_array(net->document.state, name, "t");
    if (!times || !times->data || !times->data->count)
        return ENGRAM_OK;
    const uint64_t n = times->data->count;
    const bool listed = eg_probe_listed(probe);
    void *t, *i = NULL;
    const void **column = eg_arena_array(arena, probe->column_count + 1, sizeof *column);
    engram_status status = read_record(&t, net, name, "t", EG_F64, n, arena, err);
    if (!status && listed)
        status = read_record(&i, net, name, "i", EG_I32, n, arena, err);
    for (size_t k = 0; !status && column && k < probe->column_count; k++) {
        void *values;
        status = read_record(&values, net, name, probe->column[k].name,
                             (eg_dtype)probe->column[k].dtype, listed ? n : n * probe->rows,
                             arena, err);
        column[k] = values;
        if (!status && !values && (listed ? n : n * probe->rows))
            status = eg_fail(err, ENGRAM_E_SCHEMA, "%s has recorded times, and no %s", name,
                             probe->column[k].name);
    }
    if (status || !column)
        return status ? status : eg_fail_memory(err, "earlier records");
    if (listed && !i)
        return eg_fail(err, ENGRAM_E_SCHEMA, "%s has recorded times, and no i", name);
    if (listed)
        return probes->provider->record_events(probes->recorder, probe->number, n, i, t, column,
                                               err);
    return probes->provider->record_samples(probes->recorder, probe->number, n, t, column, err);
}

/* ---- the file -----------------------------------------------------------------------------
 */

engram_status eg_probes_open(eg_probes *probes, const eg_net *net, const char *target,
                             const engram_record_header *header, const void *mark,
                             size_t mark_size, eg_arena *arena, engram_error *err)
{
    engram_record_monitor *monitor = eg_arena_array(arena, probes->count + 1, sizeof *monitor);
    if (!monitor)
        return eg_fail_memory(err, "monitors");
    for (size_t k = 0; k < probes->count; k++) {
        const eg_probe *probe = &probes->item[k];
        monitor[k] = (engram_record_monitor){.name = probe->monitor->name,
                                             .kind = probe->kind,
                                             .source = probe->monitor->source,
                                             .columns = probe->column,
                                             .column_count = probe->column_count,
                                             .rows = probe->rows,
                                             .indices = probe->indices,
                                             .keep = probe->monitor->record};
    }
    engram_status status = eg_hdf5_provider_get(&probes->provider, err);
    if (!status && mark)
        return probes->provider->record_resume(&probes->recorder, target, header, monitor,
                                               probes->count, mark, mark_size, net->alloc, err);
    if (!status)
        status = probes->provider->record_open(&probes->recorder, target, header, monitor,
                                               probes->count, net->alloc, err);
    for (size_t k = 0; !status && k < probes->count; k++)
        status = earlier_records(probes, &probes->item[k], net, arena, err);
    return status;
}

engram_status eg_probes_keep(eg_probes *probes, const engram_alloc *alloc, engram_error *err)
{
    probes->keep = true;
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < probes->count; k++) {
        eg_probe *probe = &probes->item[k];
        const bool listed = eg_probe_listed(probe);
        eg_dtype *dtype = eg_calloc_array(alloc, probe->column_count + 1, sizeof *dtype);
        if (!dtype)
            return eg_fail_memory(err, "what a monitor keeps");
        for (size_t c = 0; c < probe->column_count; c++)
            dtype[c] = (eg_dtype)probe->column[c].dtype;
        status = eg_kept_init(&probe->kept, alloc, probe->column_count, dtype,
                              listed ? 1 : probe->rows, listed ? probe->source_count : 0, err);
        eg_free(alloc, dtype, (probe->column_count + 1) * sizeof *dtype);
    }
    return status;
}

static void begin_trains(eg_probes *probes)
{
    for (size_t k = 0; k < probes->count; k++)
        if (probes->item[k].train)
            eg_train_begin(probes->item[k].train);
}

engram_status eg_probes_digest(eg_probes *probes, size_t runs, eg_arena *arena,
                               engram_error *err)
{
    /* Hashes are aligned to more than an arena gives. */
    const size_t align = _Alignof(eg_train);
    eg_train *train = NULL;
    char *room = eg_arena_array(arena, probes->count + 1, sizeof *train);
    probes->train = eg_arena_array(arena, runs + 1, sizeof *probes->train);
    if (!room || !probes->train)
        return eg_fail_memory(err, "digests of spikes");
    train = (eg_train *)(void *)(room + (align - (uintptr_t)room % align) % align);
    for (size_t k = 0; k < probes->count; k++)
        if (probes->item[k].kind == ENGRAM_RECORD_SPIKES)
            probes->item[k].train = train++;
    probes->digest = true;
    begin_trains(probes);
    return ENGRAM_OK;
}

/* Monitors are in the order of their names. */
engram_status eg_probes_run(eg_probes *probes, bool complete, eg_arena *arena,
                            engram_error *err)
{
    char text[EG_DIGEST_TEXT + 1];
    uint64_t spikes = 0;
    eg_hash all;
    eg_digest digest;
    if (!probes->digest)
        return ENGRAM_OK;
    eg_trains_begin(&all);
    for (size_t k = 0; k < probes->count; k++) {
        const eg_probe *probe = &probes->item[k];
        if (probe->kind != ENGRAM_RECORD_SPIKES)
            continue;
        eg_trains_add(&all, probe->monitor->name, probe->train);
        spikes += probe->train->events;
    }
    eg_trains_end(&digest, &all);
    eg_digest_text(text, &digest);
    const char *kept = eg_arena_strdup(arena, text);
    if (!kept)
        return eg_fail_memory(err, "the digest of a run");
    probes->train[probes->train_count++] = (engram_train){kept, spikes, complete};
    begin_trains(probes);
    return ENGRAM_OK;
}

bool eg_probes_wanted(const eg_probes *probes)
{
    return probes->keep || probes->digest || probes->recorder;
}

engram_status eg_probes_events(eg_probes *probes, eg_probe *probe, uint64_t count,
                               const int32_t *i, const double *t, const void *const *column,
                               engram_error *err)
{
    engram_status status = ENGRAM_OK;
    if (probes->digest && probe->kind == ENGRAM_RECORD_SPIKES)
        eg_train_add(probe->train, count, i, t);
    if (probes->keep)
        status = eg_kept_add(&probe->kept, count, t, i, column, err);
    if (!status && probes->recorder)
        status = probes->provider->record_events(probes->recorder, probe->number, count, i, t,
                                                 column, err);
    return status;
}

engram_status eg_probes_samples(eg_probes *probes, eg_probe *probe, uint64_t count,
                                const double *t, const void *const *column, engram_error *err)
{
    engram_status status = ENGRAM_OK;
    if (probes->keep)
        status = eg_kept_add(&probe->kept, count, t, NULL, column, err);
    if (!status && probes->recorder)
        status = probes->provider->record_samples(probes->recorder, probe->number, count, t,
                                                  column, err);
    return status;
}

void eg_probes_abandon(eg_probes *probes)
{
    for (size_t k = 0; probes->item && k < probes->count; k++)
        eg_kept_clear(&probes->item[k].kept);
    if (probes->recorder)
        probes->provider->record_abandon(probes->recorder);
    probes->recorder = NULL;
}
