#include "ir/adaptive.h"
#include "ir/derive_private.h"

#include <stdlib.h>
#include <string.h>

typedef struct variables {
    eg_variable *item;
    size_t count;
} variables;

enum { FIXED = 1, GROWS = 2, SHARED = 4 };

static void put(variables *v, const char *name, const char *dtype, int64_t size, eg_dim dim,
                unsigned flags)
{
    v->item[v->count++] = (eg_variable){.name = name,
                                        .dtype = dtype,
                                        .size = size,
                                        .dim = dim,
                                        .scalar = (flags & SHARED) != 0,
                                        .constant = (flags & FIXED) != 0,
                                        .read_only = (flags & FIXED) != 0,
                                        .dynamic = (flags & GROWS) != 0,
                                        .unit = ""};
}

static void put_equations(variables *v, const eg_network *network,
                          const eg_equation_list *table, int64_t n, bool grows)
{
    for (size_t k = 0; k < table->count; k++) {
        const eg_equation *equation = &table->item[k];
        const bool read = !strcmp(equation->kind, "subexpression") &&
                          !derive_has_flag(equation, "constant over dt");
        if (read || derive_has_flag(equation, "linked"))
            continue; /* computed where it is read, or another's */
        const bool shared = derive_has_flag(equation, "shared");
        put(v, equation->name, eg_dtype_name(derive_equation_type(network, equation)),
            shared ? 1 : n, equation->dim,
            shared  ? SHARED
            : grows ? GROWS
                    : 0);
        v->item[v->count - 1].constant = derive_has_flag(equation, "constant");
    }
}

/* What an integrator of GSL keeps of each element. */
static engram_status put_kept(variables *v, eg_net *net, const char *object, const char *method,
                              const char *options, int64_t n, unsigned flags, engram_error *err)
{
    eg_adaptive_options o;
    if (!eg_adaptive_stepper(method))
        return ENGRAM_OK;
    engram_status status = eg_adaptive_read(&o, net->arena, object, method, options, err);
    if (status)
        return status;
    if (o.use_last_timestep)
        put(v, EG_ADAPTIVE_LAST, "float64", n, eg_dim_none, flags);
    if (o.save_failed_steps)
        put(v, EG_ADAPTIVE_FAILED, "int32", n, eg_dim_none, flags);
    if (o.save_step_count)
        put(v, EG_ADAPTIVE_STEPS, "int32", n, eg_dim_none, flags);
    return ENGRAM_OK;
}

static int by_variable_name(const void *a, const void *b)
{
    return strcmp(((const eg_variable *)a)->name, ((const eg_variable *)b)->name);
}

static void finish_table(eg_variable_list *out, variables *v)
{
    qsort(v->item, v->count, sizeof *v->item, by_variable_name);
    out->item = v->item;
    out->count = v->count;
}

static engram_status fill_group(eg_net *net, eg_group *group, engram_error *err)
{
    static const eg_dim second = {{0, 0, 1, 0, 0, 0, 0}}, hertz = {{0, 0, -1, 0, 0, 0, 0}};
    const size_t most = group->equations.count + group->index_arrays.count + 9;
    variables v = {.item = eg_arena_array(net->arena, most, sizeof *v.item)};
    if (!v.item)
        return eg_fail_memory(err, "variables");
    if (strcmp(group->kind, "subgroup"))
        put(&v, "i", "int32", group->n, eg_dim_none, FIXED);
    const eg_network *network = net->document.network;
    put_equations(&v, network, &group->equations, group->n, false);
    for (size_t k = 0; k < group->index_arrays.count; k++)
        put(&v, group->index_arrays.item[k].name,
            eg_dtype_name(group->index_arrays.item[k].values->dtype), group->n, eg_dim_none,
            FIXED);
    if (!strcmp(group->kind, "neurons") && *group->refractory) {
        put(&v, "not_refractory", "bool", group->n, eg_dim_none, 0);
        put(&v, "lastspike", "float64", group->n, second, 0);
    }
    if (!strcmp(group->kind, "poisson") && !*group->rates)
        put(&v, "rates", eg_dtype_name(eg_net_float_type(network)), group->n, hertz, 0);
    if (!strcmp(group->kind, "spikegenerator")) /* spikes emitted: the next run goes on */
        put(&v, "_lastindex", "int32", 1, eg_dim_none, SHARED);
    if (!strcmp(group->kind, "subgroup"))
        put(&v, "_sub_idx", "int32", group->n, eg_dim_none, FIXED);
    const char *method = *group->resolved_method ? group->resolved_method : group->method;
    const engram_status status =
        put_kept(&v, net, group->name, method, group->method_options, group->n, 0, err);
    finish_table(&group->variables, &v);
    return status;
}

static engram_status fill_synapses(eg_net *net, eg_synapses *synapses, engram_error *err)
{
    static const eg_dim second = {{0, 0, 1, 0, 0, 0, 0}};
    variables v = {
        .item = eg_arena_array(net->arena, synapses->equations.count + 11, sizeof *v.item)};
    if (!v.item)
        return eg_fail_memory(err, "variables");
    const eg_network *network = net->document.network;
    const eg_group *source = derive_group(network, synapses->source);
    const eg_group *target = derive_group(network, synapses->target);
    put_equations(&v, network, &synapses->equations, 0, true);
    put(&v, "_synaptic_pre", "int32", 0, eg_dim_none, FIXED | GROWS);
    put(&v, "_synaptic_post", "int32", 0, eg_dim_none, FIXED | GROWS);
    put(&v, "N", "int32", 1, eg_dim_none, FIXED | SHARED);
    put(&v, "N_incoming", "int32", target ? target->n : 0, eg_dim_none, FIXED | GROWS);
    put(&v, "N_outgoing", "int32", source ? source->n : 0, eg_dim_none, FIXED | GROWS);
    bool traced = false, counted = !*synapses->multisynaptic_index;
    for (size_t k = 0; k < synapses->equations.count; k++) {
        traced |= derive_has_flag(&synapses->equations.item[k], "event-driven");
        counted |= !strcmp(synapses->equations.item[k].name, synapses->multisynaptic_index);
    }
    if (traced)
        put(&v, "lastupdate", "float64", 0, second, GROWS);
    if (!counted)
        put(&v, synapses->multisynaptic_index, "int32", 0, eg_dim_none, FIXED | GROWS);
    const char *method =
        *synapses->resolved_method ? synapses->resolved_method : synapses->method;
    const engram_status status =
        put_kept(&v, net, synapses->name, method, synapses->method_options, 0, GROWS, err);
    finish_table(&synapses->variables, &v);
    return status;
}

/* ---- slices ------------------------------------------------------------------------------ */

const eg_group *derive_range(const eg_network *network, const char *name, int64_t start,
                             int64_t stop)
{
    const eg_group *whole = derive_group(network, name);
    if (whole && stop < 0)
        stop = whole->n;
    if (!whole || (start == 0 && stop == whole->n))
        return whole;
    for (size_t k = 0; k < network->groups.count; k++) {
        const eg_group *slice = &network->groups.item[k];
        if (!strcmp(slice->kind, "subgroup") && !strcmp(slice->source, name) &&
            slice->start == start && slice->stop == stop)
            return slice;
    }
    return NULL;
}

static int by_group_name(const void *a, const void *b)
{
    return strcmp(((const eg_group *)a)->name, ((const eg_group *)b)->name);
}

/* A group that is elements `start` to `stop` of another, if there is none: an export has the
 * range alone. */
static engram_status add_slice(eg_net *net, const char *name, int64_t start, int64_t stop,
                               engram_error *err)
{
    eg_network *network = net->document.network;
    const eg_group *whole = derive_group(network, name);
    if (!whole || derive_range(network, name, start, stop))
        return ENGRAM_OK;
    if (stop < 0)
        stop = whole->n;
    const size_t count = network->groups.count;
    eg_group *all = eg_arena_array(net->arena, count + 1, sizeof *all);
    const char *own =
        eg_arena_printf(net->arena, "_%s_%lld_%lld", name, (long long)start, (long long)stop);
    while (own && (derive_group(network, own) || derive_synapses(network, own)))
        own = eg_arena_printf(net->arena, "%s_", own); /* something of the document's */
    if (!all || !own)
        return eg_fail_memory(err, "a slice");
    memcpy(all, network->groups.item, count * sizeof *all);
    all[count] = (eg_group){.name = own,
                            .kind = "subgroup",
                            .n = stop - start,
                            .clock = whole->clock,
                            .when = "",
                            .method = "",
                            .resolved_method = "",
                            .method_options = "",
                            .refractory = "",
                            .refractory_kind = "",
                            .source = whole->name,
                            .start = start,
                            .stop = stop,
                            .rates = ""};
    qsort(all, count + 1, sizeof *all, by_group_name);
    network->groups.item = all;
    network->groups.count = count + 1;
    return ENGRAM_OK;
}

engram_status derive_slices(eg_net *net, engram_error *err)
{
    const eg_network *network = net->document.network;
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < network->inputs.count; k++) {
        const eg_input *input = &network->inputs.item[k];
        status = add_slice(net, input->target, input->start, input->stop, err);
    }
    for (size_t k = 0; !status && k < network->monitors.count; k++) {
        const eg_monitor *monitor = &network->monitors.item[k];
        if (!strcmp(monitor->kind, "state"))
            status = add_slice(net, monitor->source, monitor->start, monitor->stop, err);
    }
    return status;
}

/* ---- all --------------------------------------------------------------------------------- */

/* Tables of a network that is made anew: there are no synapses yet, and a generator keeps
 * nothing but what this engine counts. */
static void begin_tables(eg_network *network)
{
    for (size_t k = 0; k < network->groups.count; k++)
        if (!strcmp(network->groups.item[k].kind, "spikegenerator"))
            network->groups.item[k].variables.count = 0;
    for (size_t k = 0; k < network->synapses.count; k++) {
        eg_variable_list *table = &network->synapses.item[k].variables;
        for (size_t v = 0; v < table->count; v++)
            if (table->item[v].dynamic)
                table->item[v].size = 0;
    }
}

engram_status derive_tables(eg_net *net, bool from_rules, engram_error *err)
{
    eg_network *network = net->document.network;
    engram_status status = ENGRAM_OK;
    if (from_rules)
        begin_tables(network);
    for (size_t k = 0; !status && k < network->groups.count; k++)
        if (!network->groups.item[k].variables.count)
            status = fill_group(net, &network->groups.item[k], err);
    for (size_t k = 0; !status && k < network->synapses.count; k++)
        if (!network->synapses.item[k].variables.count)
            status = fill_synapses(net, &network->synapses.item[k], err);
    return status;
}
