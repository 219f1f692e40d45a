#include "ir/adaptive.h"
#include "ir/derive_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Executables found so far; copied into the net's arena at the end. */
typedef struct deriver {
    eg_net *net;
    const eg_network *network;
    eg_executable *item;
    size_t count, capacity;
    engram_error *err;
} deriver;

/* ---- executables ------------------------------------------------------------------------ */

static engram_status new_executable(eg_executable **out, deriver *d, const char *name,
                                    const char *template, const char *owner, const char *when,
                                    const char *fallback, int64_t order, const char *clock)
{
    *out = NULL;
    if (!name)
        return eg_fail_memory(d->err, "a name");
    if (!eg_grow(d->net->alloc, &d->item, &d->capacity, d->count + 1, sizeof *d->item))
        return eg_fail_memory(d->err, "executables");
    eg_executable *fresh = &d->item[d->count++];
    *fresh = (eg_executable){.name = name,
                             .template = template,
                             .owner = owner,
                             .when = *when ? when : fallback,
                             .order = order,
                             .clock = clock,
                             .active = true,
                             .abstract = "",
                             .event = "",
                             .event_source = "",
                             .stop = -1,
                             .pathway = "",
                             .target = "",
                             .target_variable = "",
                             .target_index = ""};
    *out = fresh;
    return ENGRAM_OK;
}

/* Two texts joined; NULL when memory is out. */
static char *joined(deriver *d, const char *a, const char *b)
{
    return eg_arena_printf(d->net->arena, "%s%s", a, b);
}

/* Clock of a part, or that of the object it belongs to. */
static engram_status clock_of(const char **out, deriver *d, const char *wanted,
                              const char *fallback, const char *object)
{
    return derive_clock_name(out, d->network, *wanted ? wanted : fallback, object, d->err);
}

static engram_status derive_regulars(deriver *d, scope *s, const eg_regular_list *regulars)
{
    for (size_t k = 0; k < regulars->count; k++) {
        const eg_regular *regular = &regulars->item[k];
        const char *clock;
        eg_executable *made;
        engram_status status = clock_of(&clock, d, regular->clock, s->clock, regular->name);
        if (!status)
            status = new_executable(&made, d, regular->name, "stateupdate", s->owner,
                                    regular->when, "start", regular->order, clock);
        if (!status)
            status = block_derive(made, s, regular->code, NULL, regular->name, d->err);
        if (status)
            return status;
    }
    return ENGRAM_OK;
}

/* ---- state updaters --------------------------------------------------------------------- */

static int by_equation_name(const void *a, const void *b)
{
    return strcmp((*(const eg_equation *const *)a)->name,
                  (*(const eg_equation *const *)b)->name);
}

/* Differential equations, by name; event-driven ones or the others. */
static engram_status select_equations(system_of *system, deriver *d,
                                      const eg_equation_list *table, bool event_driven)
{
    system->equation =
        eg_arena_array(d->net->arena, table->count + 1, sizeof *system->equation);
    if (!system->equation)
        return eg_fail_memory(d->err, "equations");
    system->count = 0;
    for (size_t k = 0; k < table->count; k++)
        if (!strcmp(table->item[k].kind, "differential") &&
            derive_has_flag(&table->item[k], "event-driven") == event_driven)
            system->equation[system->count++] = &table->item[k];
    if (system->count)
        qsort(system->equation, system->count, sizeof *system->equation, by_equation_name);
    return ENGRAM_OK;
}

/* The first line of the state updater of a group with refractoriness (5.2). */
static const char *refractory_line(deriver *d, const eg_group *group)
{
    if (!*group->refractory)
        return "";
    if (!strcmp(group->refractory_kind, "condition"))
        return eg_arena_printf(d->net->arena, "not_refractory = not_refractory or not (%s)\n",
                               group->refractory);
    return eg_arena_printf(
        d->net->arena,
        d->network->legacy_refractory
            ? "not_refractory = (t - lastspike) > (%s)\n"
            : "not_refractory = timestep(t - lastspike, dt) >= timestep(%s, dt)\n",
        group->refractory);
}

/* The derivatives are outputs. Brian2's code for GSL reads no other element than its own. */
static engram_status derive_rates(deriver *d, eg_executable *made, scope *s,
                                  const system_of *system, const char *code)
{
    const size_t n = system->count;
    const char **output = eg_arena_array(d->net->arena, n + 1, sizeof *output);
    eg_dtype *type = eg_arena_array(d->net->arena, n + 1, sizeof *type);
    if (!output || !type)
        return eg_fail_memory(d->err, "an integrator");
    for (size_t k = 0; k < n; k++) {
        output[k] = derive_rate_name(d->net->arena, system->equation[k]->name, k);
        type[k] = EG_F64;
        if (!output[k])
            return eg_fail_memory(d->err, "an integrator");
    }
    made->template = EG_ADAPTIVE_TEMPLATE;
    const block_options options = {.outputs = output, .output_types = type, .output_count = n};
    engram_status status = block_derive(made, s, code, &options, made->name, d->err);
    for (size_t k = 0; !status && k < made->bindings.count; k++) {
        const eg_binding *binding = &made->bindings.item[k];
        if (!strcmp(binding->kind, "array") && strcmp(binding->index, "0") &&
            strcmp(binding->index, "_idx"))
            status = eg_fail(d->err, ENGRAM_E_UNSUPPORTED,
                             "%s: methods of GSL take equations of an element's own variables, "
                             "\"%s\" is another's",
                             system->object, binding->name);
    }
    return status;
}

static engram_status derive_updater(deriver *d, scope *s, const system_of *system,
                                    const char *method, const char *first, const char *when,
                                    int64_t order)
{
    const char *code = "", *used = "";
    engram_status status = first ? ENGRAM_OK : eg_fail_memory(d->err, "code");
    if (!status && system->count)
        status = update_derive(&code, &used, system, method, d->err);
    if (status)
        return status;
    char *all = joined(d, first, code), *name = joined(d, s->owner, "_stateupdater");
    if (!all || !name)
        return eg_fail_memory(d->err, "code");
    if (!*all)
        return ENGRAM_OK;
    eg_executable *made;
    status = new_executable(&made, d, name, "stateupdate", s->owner, when, "groups", order,
                            s->clock);
    if (!status)
        status = eg_adaptive_stepper(used) ? derive_rates(d, made, s, system, all)
                                           : block_derive(made, s, all, NULL, name, d->err);
    return status;
}

/* Subexpressions that hold still during a step are stored before it (2.2). */
static engram_status derive_stored(deriver *d, scope *s, const eg_equation_list *table,
                                   int64_t order)
{
    eg_buf code;
    eg_buf_init(&code, d->net->alloc);
    for (size_t k = 0; k < table->count; k++)
        if (!strcmp(table->item[k].kind, "subexpression") &&
            derive_has_flag(&table->item[k], "constant over dt"))
            eg_buf_printf(&code, "%s = %s\n", table->item[k].name, table->item[k].expr);
    engram_status status = code.failed ? eg_fail_memory(d->err, "code") : ENGRAM_OK;
    if (!status && code.size) {
        eg_executable *made;
        const char *name = joined(d, s->owner, "_subexpression_update");
        status = new_executable(&made, d, name, "stateupdate", s->owner, "", "before_start",
                                order, s->clock);
        if (!status)
            status = block_derive(made, s, code.data, NULL, name, d->err);
    }
    eg_buf_clear(&code);
    return status;
}

/* ---- groups ----------------------------------------------------------------------------- */

static engram_status derive_threshold(deriver *d, scope *s, const eg_group *group,
                                      const eg_event *event, const char *clock)
{
    static const char *const output = "_cond";
    static const eg_dtype type = EG_BOOL;
    const block_options options = {
        .outputs = &output, .output_types = &type, .output_count = 1};
    const bool spike = !strcmp(event->name, "spike");
    const bool refractory = spike && *group->refractory;
    eg_executable *made;
    char *name = eg_arena_printf(d->net->arena, "%s_%s_thresholder", group->name, event->name);
    engram_status status =
        new_executable(&made, d, name, "threshold", group->name, event->when,
                       spike ? "thresholds" : "after_thresholds", event->order, clock);
    if (status)
        return status;
    made->event = event->name;
    made->refractory = refractory;
    const char *code = refractory
                           ? eg_arena_printf(d->net->arena, "_cond = (%s) and not_refractory",
                                             event->condition)
                           : joined(d, "_cond = ", event->condition);
    if (!code)
        return eg_fail_memory(d->err, "code");
    return block_derive(made, s, code, &options, name, d->err);
}

static engram_status derive_event(deriver *d, scope *s, const eg_group *group,
                                  const eg_event *event)
{
    static const block_options unguarded = {.unguarded = true};
    const char *clock;
    engram_status status = clock_of(&clock, d, event->clock, s->clock, group->name);
    if (!status)
        status = derive_threshold(d, s, group, event, clock);
    if (status || !*event->reset)
        return status;
    eg_executable *made;
    char *name = eg_arena_printf(d->net->arena, "%s_%s_resetter", group->name, event->name);
    status = new_executable(&made, d, name, "reset", group->name, event->reset_when,
                            strcmp(event->name, "spike") ? "after_resets" : "resets",
                            event->reset_order, clock);
    if (status)
        return status;
    made->event = event->name;
    made->event_source = group->name;
    return block_derive(made, s, event->reset, &unguarded, name, d->err);
}

static engram_status derive_neurons(deriver *d, scope *s, const eg_group *group)
{
    system_of system = {.scope = s,
                        .object = group->name,
                        .step = "dt",
                        .table = &group->equations,
                        .refractory = *group->refractory != 0,
                        .noise = &group->noise};
    engram_status status = derive_stored(d, s, &group->equations, group->order);
    if (!status)
        status = select_equations(&system, d, &group->equations, false);
    const char *method = *group->resolved_method ? group->resolved_method : group->method;
    if (!status)
        status = derive_updater(d, s, &system, method, refractory_line(d, group), group->when,
                                group->order);
    for (size_t k = 0; !status && k < group->events.count; k++)
        status = derive_event(d, s, group, &group->events.item[k]);
    return status;
}

static engram_status derive_poisson(deriver *d, scope *s, const eg_group *group)
{
    eg_event spike = {.name = "spike",
                      .when = "",
                      .order = group->order,
                      .reset = "",
                      .reset_when = "",
                      .clock = ""};
    if (group->events.count)
        spike = group->events.item[0];
    spike.condition = "rand() < rates * dt";
    return derive_threshold(d, s, group, &spike, s->clock);
}

static engram_status derive_generator(deriver *d, const scope *s, const eg_group *group)
{
    eg_executable *made;
    engram_status status = new_executable(&made, d, group->name, "spikegenerator", group->name,
                                          group->when, "thresholds", group->order, s->clock);
    if (!status)
        made->event = "spike";
    return status;
}

static engram_status derive_group_code(deriver *d, const eg_group *group)
{
    scope s;
    engram_status status = scope_of_group(&s, d->net, d->net->arena, group, d->err);
    if (status)
        return status;
    if (!strcmp(group->kind, "neurons"))
        status = derive_neurons(d, &s, group);
    else if (!strcmp(group->kind, "poisson"))
        status = derive_poisson(d, &s, group);
    else if (!strcmp(group->kind, "spikegenerator"))
        status = derive_generator(d, &s, group);
    else if (strcmp(group->kind, "subgroup"))
        status = eg_fail(d->err, ENGRAM_E_SCHEMA, "%s: a group of kind \"%s\"", group->name,
                         group->kind);
    if (!status)
        status = derive_regulars(d, &s, &group->regulars);
    scope_free(&s);
    return status;
}

/* ---- synapses --------------------------------------------------------------------------- */

/* The exact step of event-driven equations since the synapse's last event (6.6). */
static engram_status event_driven_code(const char **out, deriver *d, scope *s,
                                       const eg_synapses *synapses)
{
    system_of system = {.scope = s, .object = synapses->name, .step = "__h"};
    engram_status status = select_equations(&system, d, &synapses->equations, true);
    *out = "";
    if (status || !system.count)
        return status;
    const char *code, *used;
    status = update_derive(&code, &used, &system, "exact", d->err);
    if (status)
        return status;
    *out = joined(d, "__h = t - lastupdate\n", code);
    return *out ? ENGRAM_OK : eg_fail_memory(d->err, "code");
}

/* Who is heard: a slice is a range of its parent's events. */
static void set_heard(eg_executable *made, const eg_group *group, int64_t start, int64_t stop)
{
    const bool slice = !strcmp(group->kind, "subgroup");
    made->event_source = slice ? group->source : group->name;
    made->start = slice ? group->start : start;
    made->stop = slice ? group->stop : stop;
}

/* A pathway sees the synapses' names, but of a subexpression a copy whose names are its own:
 * what it reads is what was there before the pathway's code began to write. What a
 * subexpression of the ends brought along (scope_import) comes again with its copy. */
static engram_status scope_of_pathway(scope *out, const scope *synapses, engram_error *err)
{
    *out = *synapses;
    out->item = NULL;
    out->place = NULL;
    out->count = out->capacity = 0;
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < synapses->count; k++) {
        const symbol *seen = &synapses->item[k];
        const bool text = seen->kind == SYMBOL_SUBEXPRESSION;
        if (text && !strncmp(seen->name, "__", 2))
            continue;
        status = text ? scope_import(out, synapses, seen->name, seen->name, "_idx", "", err)
                      : scope_add(out, seen, err);
    }
    return status;
}

static engram_status derive_pathway(deriver *d, const scope *synapses_scope,
                                    const eg_synapses *synapses, const eg_pathway *pathway,
                                    const char *event_driven)
{
    const bool post = !strcmp(pathway->prepost, "post");
    const eg_group *heard =
        derive_group(d->network, post ? synapses->target : synapses->source);
    if (!heard)
        return eg_fail(d->err, ENGRAM_E_REFERENCE, "%s hears \"%s\", which is no group",
                       pathway->name, post ? synapses->target : synapses->source);
    const char *clock, *own;
    engram_status status = clock_of(&own, d, heard->clock, "", heard->name);
    if (!status)
        status = clock_of(&clock, d, pathway->clock, own, pathway->name);
    eg_executable *made;
    if (!status)
        status = new_executable(&made, d, pathway->name, "synapses", synapses->name,
                                pathway->when, "synapses", pathway->order, clock);
    if (status)
        return status;
    made->event = *pathway->event ? pathway->event : "spike";
    made->pathway = pathway->name;
    set_heard(made, heard, post ? synapses->target_start : synapses->source_start,
              post ? synapses->target_stop : synapses->source_stop);
    const char *code = *event_driven ? eg_arena_printf(d->net->arena, "%s%s\nlastupdate = t",
                                                       event_driven, pathway->code)
                                     : pathway->code;
    if (!code)
        return eg_fail_memory(d->err, "code");
    scope s;
    status = scope_of_pathway(&s, synapses_scope, d->err);
    if (!status)
        status = block_derive(made, &s, code, NULL, pathway->name, d->err);
    scope_free(&s);
    return status;
}

static bool ends_with(const char *text, const char *end)
{
    const size_t length = strlen(text), tail = strlen(end);
    return length > tail && !strcmp(text + length - tail, end);
}

static engram_status derive_summed(deriver *d, scope *s, const eg_synapses *synapses,
                                   const eg_summed *summed)
{
    static const char *const output = "_synaptic_var";
    const eg_dtype type = eg_net_float_type(d->network);
    const bool post = ends_with(summed->variable, "_post");
    if (!post && !ends_with(summed->variable, "_pre"))
        return eg_fail(d->err, ENGRAM_E_SCHEMA, "%s: \"%s\" ends neither in _pre nor in _post",
                       summed->name, summed->variable);
    const symbol *target = scope_find(s, summed->variable);
    if (!target || target->kind != SYMBOL_ARRAY)
        return eg_fail(d->err, ENGRAM_E_REFERENCE,
                       "%s: there is no variable \"%s\" to sum into", summed->name,
                       summed->variable);
    const char *index = post ? "_postsynaptic_idx" : "_presynaptic_idx";
    const block_options options = {
        .outputs = &output, .output_types = &type, .output_count = 1, .also_bind = index};
    const char *name = post ? synapses->target : synapses->source;
    const eg_group *group = derive_group(d->network, name);
    const char *clock;
    eg_executable *made;
    engram_status status = clock_of(
        &clock, d, group ? group->clock : derive_synapses(d->network, name)->clock, "", name);
    if (!status)
        status = new_executable(&made, d, summed->name, "summed_variable", synapses->name,
                                summed->when, "groups", summed->order, clock);
    if (status)
        return status;
    made->target = target->owner;
    made->target_variable = target->variable;
    made->target_index = post ? "_synaptic_post" : "_synaptic_pre";
    made->start = post ? synapses->target_start : synapses->source_start;
    made->stop = post ? synapses->target_stop : synapses->source_stop;
    const char *code = joined(d, "_synaptic_var = ", summed->expr);
    if (!code)
        return eg_fail_memory(d->err, "code");
    return block_derive(made, s, code, &options, summed->name, d->err);
}

static engram_status derive_synapses_code(deriver *d, const eg_synapses *synapses)
{
    scope s;
    engram_status status = scope_of_synapses(&s, d->net, d->net->arena, synapses, d->err);
    if (status)
        return status;
    system_of system = {.scope = &s,
                        .object = synapses->name,
                        .table = &synapses->equations,
                        .step = "dt",
                        .noise = &synapses->noise};
    const char *method =
        *synapses->resolved_method ? synapses->resolved_method : synapses->method;
    const char *event_driven = "";
    status = derive_stored(d, &s, &synapses->equations, synapses->order);
    if (!status)
        status = select_equations(&system, d, &synapses->equations, false);
    if (!status)
        status = derive_updater(d, &s, &system, method, "", synapses->when, synapses->order);
    if (!status)
        status = event_driven_code(&event_driven, d, &s, synapses);
    for (size_t k = 0; !status && k < synapses->pathways.count; k++)
        status = derive_pathway(d, &s, synapses, &synapses->pathways.item[k], event_driven);
    for (size_t k = 0; !status && k < synapses->summed.count; k++)
        status = derive_summed(d, &s, synapses, &synapses->summed.item[k]);
    if (!status)
        status = derive_regulars(d, &s, &synapses->regulars);
    scope_free(&s);
    return status;
}

/* ---- inputs ----------------------------------------------------------------------------- */

/* A PoissonInput adds its weight as often as a binomial number says (7.2). */
static engram_status derive_input(deriver *d, const eg_input *input)
{
    const eg_group *group = derive_range(d->network, input->target, input->start, input->stop);
    if (!group)
        return eg_fail(d->err, ENGRAM_E_REFERENCE,
                       "%s: its target is elements %lld to %lld of \"%s\"", input->name,
                       (long long)input->start, (long long)input->stop, input->target);
    scope s;
    engram_status status = scope_of_group(&s, d->net, d->net->arena, group, d->err);
    if (status)
        return status;
    const char *clock;
    eg_executable *made;
    const char *draw = eg_arena_printf(d->net->arena, "_%s_binomial", input->name);
    const char *code = eg_arena_printf(d->net->arena, "%s += _%s_binomial() * (%s)",
                                       input->variable, input->name, input->weight);
    status = draw && code ? scope_add_draw(&s, draw, input->name, d->err)
                          : eg_fail_memory(d->err, "code");
    if (!status)
        status = scope_add_constants(&s, &input->constants, d->err);
    if (!status)
        status = clock_of(&clock, d, input->clock, s.clock, input->name);
    if (!status)
        status = new_executable(&made, d, input->name, "stateupdate", group->name, input->when,
                                "synapses", input->order, clock);
    if (!status)
        status = block_derive(made, &s, code, NULL, input->name, d->err);
    scope_free(&s);
    return status;
}

/* ---- monitors --------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What is recorded, sorted; monitors of events record i and t as well. */
static engram_status record_names(eg_strs *out, deriver *d, const eg_monitor *monitor,
                                  bool events)
{
    static const char *const own[] = {"i", "t"};
    out->item = eg_arena_array(d->net->arena, monitor->variables.count + 3, sizeof *out->item);
    if (!out->item)
        return eg_fail_memory(d->err, "names");
    size_t all = 0;
    for (size_t k = 0; k < monitor->variables.count; k++)
        out->item[all++] = monitor->variables.item[k];
    for (size_t k = 0; events && monitor->record && k < 2; k++)
        out->item[all++] = own[k];
    if (all)
        qsort(out->item, all, sizeof *out->item, by_text);
    out->count = 0;
    for (size_t k = 0; k < all; k++)
        if (!out->count || strcmp(out->item[out->count - 1], out->item[k]))
            out->item[out->count++] = out->item[k];
    return ENGRAM_OK;
}

/* Fill `s`, a scope of the monitor's own, with _source_x for each x recorded. Monitors of
 * events read a variable at the element's number, as Brian2 does, also where it is linked to
 * another's through an index; those of states read what the index leads to. */
static engram_status fill_sources(deriver *d, scope *s, const scope *source,
                                  const eg_strs *record, bool events, const char **output,
                                  eg_dtype *type)
{
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < record->count; k++) {
        const char *as = joined(d, "_source_", record->item[k]);
        output[k] = joined(d, "_to_record_", record->item[k]);
        if (!as || !output[k])
            return eg_fail_memory(d->err, "a monitor");
        status = scope_import(s, source, record->item[k], as, "_idx", "", d->err);
        symbol *seen = status ? NULL : scope_find(s, as);
        if (seen)
            type[k] = seen->dtype;
        if (seen && events && seen->kind == SYMBOL_ARRAY && strcmp(seen->index, "0"))
            seen->index = "_idx";
    }
    for (size_t k = 0; !status && k < s->count; k++) { /* what they are read through */
        const symbol *seen = &s->item[k];
        if (seen->kind == SYMBOL_ARRAY && strcmp(seen->index, "0") &&
            strcmp(seen->index, "_idx"))
            status = scope_import(s, source, seen->index, seen->index, "_idx", "", d->err);
    }
    return status;
}

static engram_status derive_recording(deriver *d, eg_executable *made, const scope *source,
                                      bool events)
{
    const size_t n = made->record.count;
    scope s = {.net = d->net,
               .arena = d->net->arena,
               .owner = made->owner,
               .clock = source->clock,
               .dialect = source->dialect};
    const char **output = eg_arena_array(s.arena, n + 1, sizeof *output);
    eg_dtype *type = eg_arena_array(s.arena, n + 1, sizeof *type);
    if (!output || !type)
        return eg_fail_memory(d->err, "a monitor");
    engram_status status = fill_sources(d, &s, source, &made->record, events, output, type);
    if (!status) /* subexpressions may call them */
        status = scope_add_functions(&s, d->err);
    eg_buf code;
    eg_buf_init(&code, d->net->alloc);
    eg_buf_text(&code, "");
    for (size_t k = 0; !status && k < n; k++)
        eg_buf_printf(&code, "%s%s = _source_%s", k ? "\n" : "", output[k],
                      made->record.item[k]);
    if (!status && code.failed)
        status = eg_fail_memory(d->err, "a monitor");
    const block_options options = {.outputs = output, .output_types = type, .output_count = n};
    if (!status)
        status = block_derive(made, &s, code.data, &options, made->name, d->err);
    eg_buf_clear(&code);
    scope_free(&s);
    return status;
}

static const eg_event *event_named(const eg_group *group, const char *name)
{
    for (size_t k = 0; group && k < group->events.count; k++)
        if (!strcmp(group->events.item[k].name, name))
            return &group->events.item[k];
    return NULL;
}

/* Slot and order where the document leaves them away (2.2). */
static void monitor_place(const char **slot, int64_t *order, const eg_monitor *monitor,
                          const eg_group *group)
{
    const char *event = *monitor->event ? monitor->event : "spike";
    *order = monitor->order;
    if (!strcmp(monitor->kind, "state")) {
        *slot = "start";
    } else if (!strcmp(monitor->kind, "rate")) {
        *slot = "end";
    } else {
        const eg_event *thrown = event_named(group, event);
        *slot = strcmp(event, "spike") ? "after_thresholds" : "thresholds";
        if (thrown && *thrown->when)
            *slot = thrown->when;
        if (!*monitor->when && !monitor->order)
            *order = (thrown ? thrown->order : group ? group->order : 0) + 1;
    }
}

static engram_status derive_monitor(deriver *d, const eg_monitor *monitor)
{
    const eg_group *group = derive_group(d->network, monitor->source);
    const eg_synapses *synapses = derive_synapses(d->network, monitor->source);
    const bool state = !strcmp(monitor->kind, "state"), rate = !strcmp(monitor->kind, "rate");
    if (!group && !(synapses && state))
        return eg_fail(d->err, ENGRAM_E_REFERENCE, "%s records \"%s\": no such %s",
                       monitor->name, monitor->source, state ? "group or synapses" : "group");
    scope source;
    eg_arena *arena = d->net->arena;
    if (group && state)
        group = derive_range(d->network, monitor->source, monitor->start, monitor->stop);
    if (!group && !synapses)
        return eg_fail(d->err, ENGRAM_E_REFERENCE, "%s records elements %lld to %lld of \"%s\"",
                       monitor->name, (long long)monitor->start, (long long)monitor->stop,
                       monitor->source);
    engram_status status = group ? scope_of_group(&source, d->net, arena, group, d->err)
                                 : scope_of_synapses(&source, d->net, arena, synapses, d->err);
    if (status)
        return status;
    const char *slot, *clock;
    int64_t order;
    monitor_place(&slot, &order, monitor, group);
    eg_executable *made;
    status = clock_of(&clock, d, monitor->clock, source.clock, monitor->name);
    if (!status)
        status = new_executable(&made, d, monitor->name,
                                state  ? "statemonitor"
                                : rate ? "ratemonitor"
                                       : "spikemonitor",
                                monitor->name, monitor->when, slot, order, clock);
    if (!status && !state) {
        made->event = *monitor->event ? monitor->event : "spike";
        set_heard(made, group, monitor->start, monitor->stop);
    }
    if (!status && !rate)
        status = record_names(&made->record, d, monitor, !state);
    if (!status && !rate)
        status = derive_recording(d, made, &source, !state && strcmp(group->kind, "subgroup"));
    scope_free(&source);
    return status;
}

/* ---- all of it -------------------------------------------------------------------------- */

static engram_status check_network(const deriver *d)
{
    for (size_t k = 0; k < d->network->clocks.count; k++) {
        const eg_clock *clock = &d->network->clocks.item[k];
        if (!clock->times && (!(clock->dt > 0) || !isfinite(clock->dt)))
            return eg_fail(d->err, ENGRAM_E_SCHEMA, "clock \"%s\" has a step of %g s",
                           clock->name, clock->dt);
    }
    return ENGRAM_OK;
}

static engram_status derive_all(deriver *d, eg_network *network, bool from_rules)
{
    engram_status status = check_network(d);
    if (!status)
        status = derive_slices(d->net, d->err);
    if (!status)
        status = derive_tables(d->net, from_rules, d->err);
    for (size_t k = 0; !status && k < network->groups.count; k++)
        status = derive_group_code(d, &network->groups.item[k]);
    for (size_t k = 0; !status && k < network->synapses.count; k++)
        status = derive_synapses_code(d, &network->synapses.item[k]);
    for (size_t k = 0; !status && k < network->inputs.count; k++)
        status = derive_input(d, &network->inputs.item[k]);
    for (size_t k = 0; !status && k < network->monitors.count; k++)
        status = derive_monitor(d, &network->monitors.item[k]);
    return status;
}

static int by_executable_name(const void *a, const void *b)
{
    return strcmp(((const eg_executable *)a)->name, ((const eg_executable *)b)->name);
}

engram_status eg_derive_code(eg_net *net, bool from_rules, engram_error *err)
{
    if (!net->document.network)
        return eg_fail(err, ENGRAM_E_SCHEMA, "the document has no network part");
    if (net->document.code && !from_rules)
        return ENGRAM_OK;
    deriver d = {.net = net, .network = net->document.network, .err = err};
    engram_status status = derive_all(&d, net->document.network, from_rules);
    eg_code *code = NULL;
    eg_executable *kept = NULL;
    if (!status) {
        code = eg_arena_alloc(net->arena, sizeof *code);
        kept = eg_arena_array(net->arena, d.count + 1, sizeof *kept);
        if (!code || !kept)
            status = eg_fail_memory(err, "executables");
    }
    if (!status) {
        if (d.count) {
            memcpy(kept, d.item, d.count * sizeof *kept);
            qsort(kept, d.count, sizeof *kept, by_executable_name);
        }
        code->executables.item = kept;
        code->executables.count = d.count;
        net->document.code = code;
    }
    eg_free(net->alloc, d.item, d.capacity * sizeof *d.item);
    return status;
}
