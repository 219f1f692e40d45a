/* model.c - a file becomes a network that is judged and has statements */
#include "sim/sim_private.h"

#include "common/digest.h"
#include "common/file.h"
#include "common/memory.h"
#include "ir/derive.h"
#include "load.h"
#include "engram/convert.h"
#include "network/net_digest.h"
#include "network/net_find.h"
#include "network/net_types.h"

#include <string.h>

static void digest_of(char text[EG_DIGEST_TEXT + 1], const void *data, size_t size)
{
    eg_digest digest;
    eg_digest_bytes(&digest, data, size);
    eg_digest_text(text, &digest);
}

/* The digest that a results file names its network by: an archive's own seal, a document's
 * bytes. */
static engram_status find_digest(char digest[33], const char *path, engram_error *err)
{
    const engram_converter *kind;
    engram_status status = engram_converter_by_content(&kind, path, err);
    if (status)
        return status;
    if (strcmp(kind->name, "hdf5") == 0) {
        const eg_hdf5_provider *provider;
        eg_hdf5_kind seal;
        status = eg_hdf5_provider_get(&provider, err);
        return status ? status : provider->seal(&seal, digest, path, err);
    }
    eg_mapping mapping;
    status = eg_mapping_open(&mapping, path, err);
    if (status)
        return status;
    digest_of(digest, mapping.data, mapping.size);
    eg_mapping_close(&mapping);
    return ENGRAM_OK;
}

engram_status eg_model_identity(char out[33], const engram_model *model, engram_error *err)
{
    const eg_document *document = &model->net->document;
    eg_digest part;
    eg_hash hash;
    eg_hash_begin(&hash);
    engram_status status =
        eg_element_digest(&part, &eg_type_network, document->network, true, model->alloc, err);
    eg_hash_add(&hash, part.byte, sizeof part.byte);
    if (!status && document->code) {
        status =
            eg_element_digest(&part, &eg_type_code, document->code, true, model->alloc, err);
        eg_hash_add(&hash, part.byte, sizeof part.byte);
    }
    eg_hash_end(&part, &hash);
    eg_digest_text(out, &part);
    return status;
}

static void measure(engram_model *model)
{
    const eg_network *network = model->net->document.network;
    for (size_t k = 0; k < network->clocks.count; k++) {
        const eg_clock *clock = &network->clocks.item[k];
        if (!clock->times && (model->dt == 0 || clock->dt < model->dt))
            model->dt = clock->dt;
    }
    for (size_t k = 0; k < network->runs.count; k++)
        model->duration += network->runs.item[k].duration;
    for (size_t k = 0; k < network->groups.count; k++)
        if (strcmp(network->groups.item[k].kind, "subgroup") != 0)
            model->neurons += (uint64_t)network->groups.item[k].n;
}

/* `document` NULL: from the file at `path`. */
typedef struct source_of_model {
    const char *path;
    const void *document;
    size_t size;
} source_of_model;

static engram_status load(engram_model *model, const source_of_model *from, uint32_t flags,
                          engram_error *err)
{
    if (from->document)
        return eg_net_bytes_checked(&model->net, from->document, from->size, from->path,
                                    model->alloc, err);
    return eg_net_load_checked(&model->net, from->path,
                               flags & ENGRAM_MODEL_FORCE ? ENGRAM_CONVERT_FORCE : 0,
                               model->alloc, err);
}

static engram_status fill(engram_model *model, const source_of_model *from, uint32_t flags,
                          engram_error *err)
{
    const char *path = from->path;
    engram_status status = load(model, from, flags, err);
    if (status)
        return status;
    if (!model->net->document.network)
        return eg_fail(err, ENGRAM_E_SCHEMA, "%s describes no network", path);
    model->path = eg_arena_strdup(model->net->arena, path);
    model->built = eg_arena_alloc(model->net->arena, sizeof *model->built);
    if (!model->path || !model->built)
        return eg_fail_memory(err, "a model");
    if (!eg_dialect_parse(&model->dialect, model->net->document.network->dialect))
        return eg_fail(err, ENGRAM_E_SCHEMA, "%s: dialect \"%s\" is unknown", path,
                       model->net->document.network->dialect);
    if (from->document)
        digest_of(model->digest, from->document, from->size);
    else
        status = find_digest(model->digest, path, err);
    if (!status) {
        status = eg_derive_code(model->net, flags & ENGRAM_MODEL_RULES, err);
        if (status)
            eg_error_prefix(err, status, "%s", path);
    }
    if (!status)
        status = eg_model_find_needs(model, err);
    if (!status)
        measure(model);
    return status;
}

static engram_status open_model(engram_model **out, const source_of_model *from,
                                const engram_model_options *options, engram_error *err)
{
    *out = NULL;
    engram_model_options asked = ENGRAM_MODEL_OPTIONS_INIT;
    if (options)
        memcpy(&asked, options, options->size < sizeof asked ? options->size : sizeof asked);
    const engram_alloc *alloc = asked.alloc ? asked.alloc : engram_default_alloc();
    engram_model *model = eg_calloc(alloc, sizeof *model);
    if (!model)
        return eg_fail_memory(err, "a model");
    model->alloc = alloc;
    const engram_status status = fill(model, from, asked.flags, err);
    if (status) {
        engram_model_close(model);
        return status;
    }
    *out = model;
    return ENGRAM_OK;
}

engram_status engram_model_open(engram_model **out, const char *path,
                                const engram_model_options *options, engram_error *err)
{
    return open_model(out, &(source_of_model){.path = path}, options, err);
}

engram_status engram_model_open_bytes(engram_model **out, const void *document, size_t size,
                                      const engram_model_options *options, engram_error *err)
{
    const source_of_model from = {.path = "(memory)", .document = document, .size = size};
    return open_model(out, &from, options, err);
}

/* ---- lent arrays ------------------------------------------------------------------------- */

/* The state gets an array over the caller's memory, in its place by name. */
static engram_status state_array(eg_net *net, const char *owner, const char *variable,
                                 eg_dtype dtype, uint64_t count, void *data, engram_error *err)
{
    if (!net->document.state) {
        net->document.state = eg_arena_alloc(net->arena, sizeof *net->document.state);
        if (!net->document.state)
            return eg_fail_memory(err, "a lent array");
    }
    eg_array_list *list = &net->document.state->arrays;
    const char *name = eg_arena_printf(net->arena, "%s.%s", owner, variable);
    eg_source *source;
    if (!name)
        return eg_fail_memory(err, "a lent array");
    engram_status status = eg_source_memory(&source, net->arena, dtype, 1, &count, data, err);
    if (status)
        return status;
    eg_array *item = eg_arena_array(net->arena, list->count + 1, sizeof *item);
    if (!item)
        return eg_fail_memory(err, "a lent array");
    size_t at = 0, n = 0;
    for (; at < list->count && strcmp(list->item[at].name, name) < 0; at++)
        item[n++] = list->item[at];
    item[n++] = (eg_array){
        .name = name, .owner = owner, .variable = variable, .data = source, .unit = ""};
    at += at < list->count && !strcmp(list->item[at].name, name);
    for (; at < list->count; at++)
        item[n++] = list->item[at];
    *list = (eg_array_list){item, n};
    return ENGRAM_OK;
}

engram_status engram_model_lend(engram_model *model, const char *object, const char *variable,
                                engram_dtype dtype, uint64_t count, void *data,
                                engram_error *err)
{
    if (*model->built)
        return eg_fail(err, ENGRAM_E_STATE, "%s.%s is lent behind the first build", object,
                       variable);
    if ((unsigned)dtype > ENGRAM_F64 || (count && !data))
        return eg_fail(err, ENGRAM_E_ARGUMENT, "%s.%s: %llu elements of type %d at %s", object,
                       variable, (unsigned long long)count, (int)dtype,
                       data ? "an address" : "no address");
    const char *owner = eg_arena_strdup(model->net->arena, object);
    const char *name = eg_arena_strdup(model->net->arena, variable);
    if (!owner || !name ||
        !eg_grow(model->alloc, &model->lent, &model->lent_capacity, model->lent_count + 1,
                 sizeof *model->lent))
        return eg_fail_memory(err, "a lent array");
    const engram_status status =
        state_array(model->net, owner, name, (eg_dtype)dtype, count, data, err);
    if (!status)
        model->lent[model->lent_count++] = (eg_lent){owner, name, data};
    return status;
}

void engram_model_close(engram_model *model)
{
    if (!model)
        return;
    eg_made_clear(&model->made, model->alloc);
    eg_free(model->alloc, model->rng, sizeof *model->rng);
    eg_net_free(model->net);
    eg_free(model->alloc, model->lent, model->lent_capacity * sizeof *model->lent);
    eg_free(model->alloc, model, sizeof *model);
}

const char *engram_model_ignored(const engram_model *model, uint64_t index)
{
    return index < model->net->ignored.count ? model->net->ignored.item[index] : NULL;
}

void engram_model_describe(const engram_model *model, engram_model_info *info)
{
    const eg_network *network = model->net->document.network;
    engram_model_info all = {.size = info->size,
                             .name = network->name,
                             .origin = network->origin,
                             .dialect = network->dialect,
                             .rng = network->rng_rule,
                             .digest = model->digest,
                             .runs = (uint32_t)network->runs.count,
                             .dt = model->dt,
                             .duration = model->duration,
                             .neurons = model->neurons,
                             .objects = network->groups.count + network->synapses.count +
                                        network->monitors.count};
    memcpy(info, &all, info->size < sizeof all ? info->size : sizeof all);
}

/* ---- objects --------------------------------------------------------------------------------
 */

static engram_object_kind group_kind(const eg_group *group)
{
    return !strcmp(group->kind, "neurons")          ? ENGRAM_OBJECT_NEURONS
           : !strcmp(group->kind, "poisson")        ? ENGRAM_OBJECT_POISSON
           : !strcmp(group->kind, "spikegenerator") ? ENGRAM_OBJECT_SPIKE_GENERATOR
                                                    : ENGRAM_OBJECT_SUBGROUP;
}

static void describe_group(engram_object *out, const eg_group *group)
{
    out->kind = group_kind(group);
    out->name = group->name;
    out->source = group->source;
    out->count = (uint64_t)group->n;
    out->start = (uint64_t)group->start;
    out->clock = group->clock;
}

static void describe_synapses(engram_object *out, const eg_net *net,
                              const eg_synapses *synapses)
{
    const eg_array *pre = eg_net_array(net->document.state, synapses->name, "_synaptic_pre");
    out->kind = ENGRAM_OBJECT_SYNAPSES;
    out->name = synapses->name;
    out->source = synapses->source;
    out->target = synapses->target;
    out->count = pre && pre->data ? pre->data->count : 0;
    out->clock = synapses->clock;
}

static void describe_monitor(engram_object *out, const eg_net *net, const eg_monitor *monitor)
{
    const eg_group *group = eg_net_group(net->document.network, monitor->source);
    out->kind = ENGRAM_OBJECT_MONITOR;
    out->name = monitor->name;
    out->source = monitor->source;
    out->count = monitor->indices     ? monitor->indices->count
                 : monitor->stop >= 0 ? (uint64_t)(monitor->stop - monitor->start)
                 : group              ? (uint64_t)group->n
                                      : 0;
    out->clock = monitor->clock;
}

engram_status engram_model_object(const engram_model *model, uint64_t index, engram_object *out,
                                  engram_error *err)
{
    const eg_network *network = model->net->document.network;
    engram_object all = {.size = out->size, .name = "", .source = "", .target = ""};
    const uint64_t groups = network->groups.count;
    const uint64_t ends = groups + network->synapses.count;
    const uint64_t count = ends + network->monitors.count;
    if (index >= count)
        return eg_fail(err, ENGRAM_E_ARGUMENT, "object %llu of %llu", (unsigned long long)index,
                       (unsigned long long)count);
    if (index < groups)
        describe_group(&all, &network->groups.item[index]);
    else if (index < ends)
        describe_synapses(&all, model->net, &network->synapses.item[index - groups]);
    else
        describe_monitor(&all, model->net, &network->monitors.item[index - ends]);
    const eg_clock *clock = eg_net_clock(network, all.clock);
    all.dt = clock ? clock->dt : model->dt;
    memcpy(out, &all, out->size < sizeof all ? out->size : sizeof all);
    return ENGRAM_OK;
}
