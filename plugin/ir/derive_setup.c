#include "ir/derive_private.h"

#include <string.h>

/* Constants of the step stand before those of the object; variables before both (3.7). */
static engram_status add_step_names(scope *s, const eg_setup *step, engram_error *err)
{
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < step->constants.count; k++) {
        symbol fresh = {.name = step->constants.item[k].name,
                        .kind = SYMBOL_CONSTANT,
                        .scalar = true,
                        .dim = step->constants.item[k].dim,
                        .constant = &step->constants.item[k],
                        .index = "0",
                        .guard = ""};
        if (!eg_dtype_parse(&fresh.dtype, step->constants.item[k].dtype))
            return eg_fail(err, ENGRAM_E_SCHEMA, "constant %s: dtype \"%s\" is unknown",
                           fresh.name, step->constants.item[k].dtype);
        symbol *seen = scope_find(s, fresh.name);
        if (seen && seen->kind == SYMBOL_CONSTANT && strcmp(seen->name, "N"))
            *seen = fresh;
        else
            status = scope_add(s, &fresh, err);
    }
    for (size_t k = 0; !status && k < step->functions.count; k++) {
        const eg_function *function = &step->functions.item[k];
        const symbol fresh = derive_function(function);
        if (strcmp(function->kind, "binomial"))
            status = scope_add(s, &fresh, err);
    }
    return status;
}

/* In a slice, i counts from its start and N is its length (7.8). */
static engram_status make_relative(scope *s, int64_t start, int64_t stop, engram_error *err)
{
    symbol *i = scope_find(s, "i"), *n = scope_find(s, "N");
    if (n && n->kind == SYMBOL_CONSTANT) {
        eg_constant *length = eg_arena_alloc(s->arena, sizeof *length);
        if (!length)
            return eg_fail_memory(err, "a constant");
        *length = *n->constant;
        length->integer = stop - start;
        length->value = (double)(stop - start);
        n->constant = length;
    }
    if (!i || i->kind != SYMBOL_ARRAY || start == 0)
        return ENGRAM_OK;
    symbol whole = *i;
    whole.name = "__whole_i";
    i->kind = SYMBOL_SUBEXPRESSION;
    i->expr = eg_expr_binary(s->arena, EG_OP_SUB, eg_expr_name(s->arena, whole.name),
                             eg_expr_int(s->arena, start));
    return i->expr ? scope_add(s, &whole, err) : eg_fail_memory(err, "a subexpression");
}

static engram_status set_delay(scope *s, const char *pathway, engram_error *err)
{
    static const eg_dim second = {{0, 0, 1, 0, 0, 0, 0}};
    const symbol delay = {.name = "delay",
                          .kind = SYMBOL_ARRAY,
                          .dtype = eg_net_float_type(s->net->document.network),
                          .dim = second,
                          .owner = pathway,
                          .variable = "delay",
                          .index = "_idx",
                          .guard = ""};
    symbol *seen = scope_find(s, "delay");
    if (!seen)
        return scope_add(s, &delay, err);
    *seen = delay;
    return ENGRAM_OK;
}

/* The synapse that is being made is known by its two ends only: its variables have no
 * meaning yet, and reading them would read beyond their arrays. */
static engram_status make_connecting(scope *s, const char *inner, engram_error *err)
{
    size_t kept = 0;
    for (size_t k = 0; k < s->count; k++) {
        const symbol *seen = &s->item[k];
        const bool own = seen->kind == SYMBOL_ARRAY && strcmp(seen->index, "0") &&
                         !strcmp(seen->owner, s->owner);
        const bool delay = !strcmp(seen->name, "delay");
        const bool end = !strcmp(seen->name, "i") || !strcmp(seen->name, "j");
        if (!own && !delay && !end)
            s->item[kept++] = s->item[k];
    }
    engram_status status = scope_keep(s, kept, err);
    const char *const names[] = {"i", "j", "_presynaptic_idx", "_postsynaptic_idx", inner};
    for (size_t k = 0; !status && k < sizeof names / sizeof *names; k++) {
        if (!names[k])
            continue;
        const symbol fresh = {.name = names[k],
                              .kind = SYMBOL_ARRAY,
                              .dtype = EG_I32,
                              .owner = EG_CONNECT_OWNER,
                              .variable = names[k],
                              .index = "_idx",
                              .guard = ""};
        symbol *seen = scope_find(s, names[k]); /* the inner name hides a variable's */
        if (seen)
            *seen = fresh;
        else
            status = scope_add(s, &fresh, err);
    }
    return status;
}

engram_status eg_derive_setup(eg_executable *out, const eg_net *net, eg_arena *arena,
                              const eg_setup_code *request, const char *where,
                              engram_error *err)
{
    const eg_network *network = net->document.network;
    const eg_group *group = derive_group(network, request->object);
    const eg_synapses *synapses = derive_synapses(network, request->object);
    if (!group && !synapses)
        return eg_fail(err, ENGRAM_E_REFERENCE, "%s: there is no group or synapses \"%s\"",
                       where, request->object);
    scope s;
    engram_status status = group ? scope_of_group(&s, net, arena, group, err)
                                 : scope_of_synapses(&s, net, arena, synapses, err);
    if (status)
        return eg_error_prefix(err, status, "%s", where);
    if (group && request->stop >= 0)
        status = make_relative(&s, request->start, request->stop, err);
    if (!status && request->pathway)
        status = set_delay(&s, request->pathway, err);
    if (!status && request->connecting)
        status = make_connecting(&s, request->inner, err);
    if (!status)
        status = add_step_names(&s, request->step, err);
    *out = (eg_executable){.name = where,
                           .template = "stateupdate",
                           .owner = request->object,
                           .when = "",
                           .clock = s.clock,
                           .active = true,
                           .abstract = "",
                           .event = "",
                           .event_source = "",
                           .stop = -1,
                           .pathway = "",
                           .target = "",
                           .target_variable = "",
                           .target_index = ""};
    const block_options options = {.outputs = &request->output,
                                   .output_types = &request->output_type,
                                   .output_count = request->output ? 1 : 0};
    if (!status)
        status = block_derive(out, &s, request->code, &options, where, err);
    scope_free(&s);
    return status;
}
