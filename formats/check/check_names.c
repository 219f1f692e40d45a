/* Rules on names: F13 unique identifiers, F14 references, F15 slots. */
#include "check/check_rules.h"
#include "network/net_find.h"
#include "network/net_order.h"

#include <string.h>

/* ---- F13 ------------------------------------------------------------------------------ */

static bool is_identifier(const char *name)
{
    for (const char *s = name; *s; s++) {
        const bool letter = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || *s == '_';
        if (!letter && (s == name || *s < '0' || *s > '9'))
            return false;
    }
    return *name != '\0';
}

static engram_status judge_name(eg_checker *c, eg_map *seen, const char **lists,
                                const char *list, const char *name, size_t which)
{
    const char *path = eg_check_path(c, "/network/%s/%s", list, name);
    if (!is_identifier(name))
        return eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F13", path,
                            "\"%s\" is no identifier (letters, digits and _)", name);
    size_t other;
    if (eg_map_get(seen, name, &other))
        return eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F13", path,
                            "the name \"%s\" is taken: another stands in /network/%s", name,
                            lists[other]);
    return eg_map_put(seen, name, which, NULL) ? ENGRAM_OK : eg_fail_memory(c->err, "names");
}

/* Name `k` of a table whose rows have one, or of a list of texts that differ; NULL behind the
 * last and for every other field. */
static const char *name_of_row(const eg_field *field, const void *element, size_t k)
{
    static const char *const texts[] = {"variables", "record"};
    const void *at = (const char *)element + field->offset;
    if (field->kind == EG_FIELD_TABLE) {
        const eg_field *name = eg_element_field(field->element, "name");
        const eg_any_list *rows = at;
        return !name || k >= rows->count
                   ? NULL
                   : *(const char *const *)(const void *)((const char *)rows->item +
                                                          k * field->element->size +
                                                          name->offset);
    }
    bool differ = false;
    for (size_t t = 0; field->kind == EG_FIELD_STRS && t < sizeof texts / sizeof *texts; t++)
        differ |= strcmp(field->name, texts[t]) == 0;
    const eg_strs *strs = at;
    return differ && k < strs->count ? strs->item[k] : NULL;
}

static engram_status judge_rows(void *context, const char *path, const eg_field *field,
                                const void *element, engram_error *err)
{
    eg_checker *c = context;
    if (!name_of_row(field, element, 1))
        return ENGRAM_OK;
    eg_map *seen = eg_map_new(eg_arena_allocator(c->arena));
    engram_status status = seen ? ENGRAM_OK : eg_fail_memory(err, "names");
    const char *name;
    for (size_t k = 0; !status && (name = name_of_row(field, element, k)); k++) {
        bool fresh;
        if (!eg_map_put(seen, name, k, &fresh))
            status = eg_fail_memory(err, "names");
        else if (!fresh)
            status = eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F13",
                                  eg_check_path(c, "%s/%zu", path, k),
                                  "\"%.120s\" stands here a second time", name);
    }
    eg_map_free(seen);
    return status;
}

/* Whether a group has such a name without a line of model: "_idx" is the element itself, those
 * with an underscore are arrays of slices, generators and integrators of GSL. */
static bool is_built_in(const eg_group *g, const char *name)
{
    static const char *const names[] = {"i",
                                        "N",
                                        "t",
                                        "dt",
                                        "t_in_timesteps",
                                        "_idx",
                                        "_sub_idx",
                                        "_lastindex",
                                        "_last_timestep",
                                        "_failed_steps",
                                        "_step_count"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        if (!strcmp(name, names[k]))
            return true;
    if (!strcmp(g->kind, "poisson"))
        return !strcmp(name, "rates");
    return *g->refractory && (!strcmp(name, "not_refractory") || !strcmp(name, "lastspike"));
}

static engram_status judge_built_in(eg_checker *c, const eg_group *g, const char *list,
                                    const char *at, const char *name)
{
    if (!is_built_in(g, name))
        return ENGRAM_OK;
    return eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F13",
                        eg_check_path(c, "/network/groups/%s/%s/%s", g->name, list, at),
                        "\"%s\" is what Brian2 gives to the group", name);
}

static engram_status enter_equations(eg_checker *c, eg_map *seen, const eg_equation_list *list)
{
    for (size_t k = 0; k < list->count; k++)
        if (!eg_map_put(seen, list->item[k].name, k, NULL))
            return eg_fail_memory(c->err, "names");
    return ENGRAM_OK;
}

/* Names of other objects' index arrays: each is one array, and none of the object's own names.
 * `seen` has `own` of these. */
static engram_status judge_link_names(eg_checker *c, eg_map *seen, size_t own,
                                      const char *object, const eg_link_list *links)
{
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < links->count; k++) {
        const eg_link *link = &links->item[k];
        size_t at;
        if (!*link->index_owner)
            continue;
        const char *path = eg_check_path(c, "%s/links/%zu/index", object, k);
        if (!eg_map_get(seen, link->index, &at)) {
            if (!eg_map_put(seen, link->index, own + k, NULL))
                status = eg_fail_memory(c->err, "names");
        } else if (at < own) {
            status = eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F13", path,
                                  "\"%.120s\" is %.120s.%.120s, and a name of the object's own",
                                  link->index, link->index_owner, link->index_variable);
        } else {
            const eg_link *other = &links->item[at - own];
            if (strcmp(link->index_owner, other->index_owner) != 0 ||
                strcmp(link->index_variable, other->index_variable) != 0)
                status = eg_check_add(
                    c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F13", path,
                    "\"%.120s\" is %.120s.%.120s, and in another link %.120s.%.120s",
                    link->index, link->index_owner, link->index_variable, other->index_owner,
                    other->index_variable);
        }
    }
    return status;
}

/* Equations and index arrays of a group are names of one scope. */
static engram_status judge_group_names(eg_checker *c, eg_map *seen, const eg_group *g)
{
    engram_status status = enter_equations(c, seen, &g->equations);
    const size_t equations = g->equations.count;
    for (size_t k = 0; !status && k < equations; k++)
        status = judge_built_in(c, g, "equations", eg_check_path(c, "%zu", k),
                                g->equations.item[k].name);
    for (size_t k = 0; !status && k < g->index_arrays.count; k++) {
        const char *name = g->index_arrays.item[k].name;
        const char *path =
            eg_check_path(c, "/network/groups/%s/index_arrays/%s", g->name, name);
        size_t other;
        status = judge_built_in(c, g, "index_arrays", name, name);
        if (!status && !is_identifier(name))
            status = eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F13", path,
                                  "\"%.120s\" is no identifier (letters, digits and _)", name);
        if (!status && eg_map_get(seen, name, &other))
            status = eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F13", path,
                                  "\"%.120s\" is an equation of the group", name);
        else if (!status && !eg_map_put(seen, name, equations + k, NULL))
            status = eg_fail_memory(c->err, "names");
    }
    for (size_t k = 0; !status && k < g->links.count; k++)
        if (*g->links.item[k].index_owner)
            status = judge_built_in(c, g, "links", eg_check_path(c, "%zu/index", k),
                                    g->links.item[k].index);
    return status
               ? status
               : judge_link_names(c, seen, equations + g->index_arrays.count,
                                  eg_check_path(c, "/network/groups/%s", g->name), &g->links);
}

static engram_status judge_synapses_names(eg_checker *c, eg_map *seen, const eg_synapses *s)
{
    const engram_status status = enter_equations(c, seen, &s->equations);
    return status
               ? status
               : judge_link_names(c, seen, s->equations.count,
                                  eg_check_path(c, "/network/synapses/%s", s->name), &s->links);
}

static engram_status judge_own_names(eg_checker *c)
{
    const size_t groups = c->network->groups.count;
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < groups + c->network->synapses.count; k++) {
        eg_map *seen = eg_map_new(eg_arena_allocator(c->arena));
        if (!seen)
            return eg_fail_memory(c->err, "names");
        status = k < groups
                     ? judge_group_names(c, seen, &c->network->groups.item[k])
                     : judge_synapses_names(c, seen, &c->network->synapses.item[k - groups]);
        eg_map_free(seen);
    }
    return status;
}

engram_status eg_rule_names(eg_checker *c)
{
    const eg_network *n = c->network;
    const char *lists[] = {"clocks",   "groups",   "synapses",  "inputs",
                           "monitors", "synapses", "operations"};
    eg_map *seen = eg_map_new(eg_arena_allocator(c->arena));
    if (!seen)
        return eg_fail_memory(c->err, "names");
    engram_status status = ENGRAM_OK;
#define JUDGE(list, which)                                                                     \
    for (size_t k = 0; !status && k < (list).count; k++)                                       \
    status = judge_name(c, seen, lists, lists[which], (list).item[k].name, which)
    JUDGE(n->clocks, 0);
    JUDGE(n->groups, 1);
    JUDGE(n->synapses, 2);
    JUDGE(n->inputs, 3);
    JUDGE(n->monitors, 4);
    JUDGE(n->operations, 6);
    for (size_t s = 0; !status && s < n->synapses.count; s++)
        JUDGE(n->synapses.item[s].pathways, 5);
#undef JUDGE
    eg_map_free(seen);
    if (!status)
        status = judge_own_names(c);
    const eg_visit visit = {judge_rows, c};
    return status ? status : eg_net_walk(c->net, &visit, c->err);
}

/* ---- F14 ------------------------------------------------------------------------------ */

static engram_status missing(eg_checker *c, const char *path, const char *kind,
                             const char *name, const char *wanted, const char *to)
{
    return eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_REFERENCE, "F14", path,
                        "%s \"%s\" names %s \"%s\", which is not there", kind, name, wanted,
                        to);
}

static engram_status need_clock(eg_checker *c, const char *path, const char *kind,
                                const char *name, const char *clock)
{
    if (!*clock || eg_net_clock(c->network, clock))
        return ENGRAM_OK;
    return missing(c, eg_check_path(c, "%s/clock", path), kind, name, "clock", clock);
}

static bool is_object(const eg_checker *c, const char *name)
{
    return eg_net_group(c->network, name) || eg_net_synapses(c->network, name);
}

static bool stores_integers(const eg_equation_list *equations,
                            const eg_variable_list *variables, const char *name)
{
    for (size_t k = 0; k < equations->count; k++)
        if (!strcmp(equations->item[k].name, name))
            return !strcmp(equations->item[k].type, "integer");
    const eg_variable *v = eg_net_variable(variables, name);
    return v && !strncmp(v->dtype, "int", 3);
}

/* Whether a link may lead through what `owner` calls so; whether its numbers fit is what F20
 * and F21 judge. */
static bool is_index(const eg_checker *c, const char *owner, const char *name)
{
    const eg_group *g = eg_net_group(c->network, owner);
    const eg_synapses *s = eg_net_synapses(c->network, owner);
    if (eg_net_index_array(g, name))
        return true;
    if (g && (stores_integers(&g->equations, &g->variables, name) || !strcmp(name, "i") ||
              (!strcmp(g->kind, "subgroup") && !strcmp(name, "_sub_idx"))))
        return true;
    if (s && (stores_integers(&s->equations, &s->variables, name) ||
              !strcmp(name, "_synaptic_pre") || !strcmp(name, "_synaptic_post")))
        return true;
    return eg_net_array(c->net->document.state, owner, name) != NULL;
}

static engram_status judge_links(eg_checker *c, const char *path, const char *kind,
                                 const char *name, const eg_link_list *links)
{
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < links->count; k++) {
        const eg_link *link = &links->item[k];
        const char *at = eg_check_path(c, "%s/links/%zu", path, k);
        if (!is_object(c, link->source))
            status = missing(c, at, kind, name, "linked source", link->source);
        else if (*link->index_owner && !is_object(c, link->index_owner))
            status = missing(c, at, kind, name, "index owner", link->index_owner);
        else if (*link->index_owner && !is_index(c, link->index_owner, link->index_variable))
            status = missing(c, at, kind, name, "another's index array", link->index_variable);
        else if (!*link->index_owner && *link->index && strcmp(link->index, "0") != 0 &&
                 !is_index(c, name, link->index))
            status = missing(c, at, kind, name, "index array or integer variable", link->index);
    }
    return status;
}

static engram_status judge_groups(eg_checker *c)
{
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < c->network->groups.count; k++) {
        const eg_group *g = &c->network->groups.item[k];
        const char *path = eg_check_path(c, "/network/groups/%s", g->name);
        status = need_clock(c, path, "group", g->name, g->clock);
        for (size_t e = 0; !status && e < g->events.count; e++)
            status = need_clock(c, eg_check_path(c, "%s/events/%zu", path, e), "group", g->name,
                                g->events.item[e].clock);
        if (!status && strcmp(g->kind, "subgroup") == 0 && !eg_net_group(c->network, g->source))
            status = missing(c, eg_check_path(c, "%s/source", path), "subgroup", g->name,
                             "group", g->source);
        if (!status)
            status = judge_links(c, path, "group", g->name, &g->links);
    }
    return status;
}

static engram_status judge_synapses(eg_checker *c)
{
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < c->network->synapses.count; k++) {
        const eg_synapses *s = &c->network->synapses.item[k];
        const char *path = eg_check_path(c, "/network/synapses/%s", s->name);
        if (!is_object(c, s->source))
            status = missing(c, eg_check_path(c, "%s/source", path), "synapses", s->name,
                             "source group", s->source);
        if (!status && !is_object(c, s->target))
            status = missing(c, eg_check_path(c, "%s/target", path), "synapses", s->name,
                             "target group", s->target);
        if (!status)
            status = need_clock(c, path, "synapses", s->name, s->clock);
        for (size_t p = 0; !status && p < s->pathways.count; p++)
            status = need_clock(c, eg_check_path(c, "%s/pathways/%zu", path, p), "pathway",
                                s->pathways.item[p].name, s->pathways.item[p].clock);
        if (!status)
            status = judge_links(c, path, "synapses", s->name, &s->links);
    }
    return status;
}

static engram_status judge_others(eg_checker *c)
{
    const eg_network *n = c->network;
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < n->inputs.count; k++) {
        const eg_input *input = &n->inputs.item[k];
        const char *path = eg_check_path(c, "/network/inputs/%s", input->name);
        if (!eg_net_group(n, input->target))
            status = missing(c, path, "input", input->name, "target group", input->target);
        if (!status)
            status = need_clock(c, path, "input", input->name, input->clock);
    }
    for (size_t k = 0; !status && k < n->monitors.count; k++) {
        const eg_monitor *m = &n->monitors.item[k];
        const char *path = eg_check_path(c, "/network/monitors/%s", m->name);
        if (!is_object(c, m->source))
            status = missing(c, path, "monitor", m->name, "source", m->source);
        if (!status)
            status = need_clock(c, path, "monitor", m->name, m->clock);
    }
    for (size_t k = 0; !status && k < n->operations.count; k++) {
        const eg_operation *o = &n->operations.item[k];
        status = need_clock(c, eg_check_path(c, "/network/operations/%s", o->name), "operation",
                            o->name, o->clock);
    }
    for (size_t k = 0; !status && k < n->setup.count; k++) {
        const eg_setup *s = &n->setup.item[k];
        if (*s->target && !is_object(c, s->target) && !eg_net_pathway(n, s->target, NULL))
            status = missing(c, eg_check_path(c, "/network/setup/%zu/target", k), "setup step",
                             s->kind, "target", s->target);
    }
    return status;
}

static engram_status judge_executables(eg_checker *c)
{
    const eg_code *code = c->net->document.code;
    const eg_network *n = c->network;
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; code && !status && k < code->executables.count; k++) {
        const eg_executable *e = &code->executables.item[k];
        const char *path = eg_check_path(c, "/code/executables/%s", e->name);
        if (!is_object(c, e->owner) && !eg_net_monitor(n, e->owner))
            status = missing(c, path, "executable", e->name, "owner", e->owner);
        if (!status && !eg_net_clock(n, e->clock))
            status = missing(c, path, "executable", e->name, "clock", e->clock);
        if (!status && *e->event_source && !is_object(c, e->event_source))
            status = missing(c, path, "executable", e->name, "event source", e->event_source);
        if (!status && *e->pathway && !eg_net_pathway(n, e->pathway, NULL))
            status = missing(c, path, "executable", e->name, "pathway", e->pathway);
        if (!status && *e->target && !is_object(c, e->target))
            status = missing(c, path, "executable", e->name, "target", e->target);
    }
    return status;
}

/* What the state speaks of. */
static engram_status judge_state(eg_checker *c)
{
    const eg_state *state = c->net->document.state;
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; state && !status && k < state->clocks.count; k++)
        if (!eg_net_clock(c->network, state->clocks.item[k].name))
            status = missing(c, eg_check_path(c, "/state/clocks/%zu", k), "the state", "",
                             "clock", state->clocks.item[k].name);
    for (size_t k = 0; state && !status && k < state->queues.count; k++)
        if (!eg_net_pathway(c->network, state->queues.item[k].name, NULL))
            status = missing(c, eg_check_path(c, "/state/queues/%zu", k), "the state", "",
                             "pathway", state->queues.item[k].name);
    return status;
}

engram_status eg_rule_references(eg_checker *c)
{
    const size_t before = c->out->errors;
    engram_status status = judge_groups(c);
    if (!status)
        status = judge_synapses(c);
    if (!status)
        status = judge_others(c);
    if (!status)
        status = judge_executables(c);
    if (!status)
        status = judge_state(c);
    if (status || c->out->errors != before)
        return status;
    /* Everything is there; circles are what the construction order finds. Without the code,
     * whose slots are the matter of F15. */
    eg_net bare = *c->net;
    bare.document.code = NULL;
    eg_order order;
    engram_error found;
    status = eg_net_order(&order, &bare, c->arena, &found);
    return status ? eg_check_add_error(c, "F14", "/network", &found) : ENGRAM_OK;
}

/* ---- F15 ------------------------------------------------------------------------------ */

static engram_status judge_slot(void *context, const char *path, const eg_field *field,
                                const void *element, engram_error *err)
{
    (void)err;
    eg_checker *c = context;
    if (field->kind != EG_FIELD_STR ||
        (strcmp(field->name, "when") != 0 && strcmp(field->name, "reset_when") != 0))
        return ENGRAM_OK;
    const char *when =
        *(const char *const *)(const void *)((const char *)element + field->offset);
    int64_t slot;
    engram_error found;
    if (!*when || eg_net_slot(&slot, &c->network->schedule, when, &found) == ENGRAM_OK)
        return ENGRAM_OK;
    return eg_check_add_error(c, "F15", path, &found);
}

engram_status eg_rule_slots(eg_checker *c)
{
    const eg_visit visit = {judge_slot, c};
    return eg_net_walk(c->net, &visit, c->err);
}
