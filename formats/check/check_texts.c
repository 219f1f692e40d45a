/* Rules on texts: F16 equations, F17 conditions and code.
 *
 * Names mean what Brian2 lets them mean (core/variables, groups/group.py resolve): variables
 * of the object, then external constants and functions; in synapses also those of both ends
 * with _pre and _post, and those of the target without. */
#include "check/check_rules.h"
#include "network/net_find.h"

#include <stdio.h>
#include <string.h>

typedef struct local {
    const char *name;
    eg_symbol symbol;
} local;

enum { LOCALS_MAX = 256 };

typedef struct scope {
    eg_checker *c;
    const eg_group *group;
    const eg_synapses *synapses;
    const eg_constant_list *more;      /* of the setup step; may be NULL */
    const eg_function_list *functions; /* of the setup step; may be NULL */
    local *locals;                     /* names that the code itself introduced */
    size_t local_count;
} scope;

static const eg_dim second = {{0, 0, 1, 0, 0, 0, 0}};

static eg_dtype equation_type(const eg_equation *e)
{
    return strcmp(e->type, "boolean") == 0   ? EG_BOOL
           : strcmp(e->type, "integer") == 0 ? EG_I32
                                             : EG_F64;
}

static bool found(eg_symbol *out, eg_dtype type, eg_dim dim, bool scalar)
{
    *out = (eg_symbol){.type = type, .dim = dim, .scalar = scalar};
    return true;
}

/* ---- names of objects ----------------------------------------------------------------- */

/* Where the names of an object stand: equations, then variables; and its constants. */
typedef struct object_names {
    eg_map *variables, *constants;
} object_names;

static size_t object_count(const eg_checker *c)
{
    return c->network->groups.count + c->network->synapses.count;
}

static bool enter_names(eg_checker *c, object_names *names, const eg_equation_list *equations,
                        const eg_variable_list *variables, const eg_constant_list *constants)
{
    const engram_alloc *alloc = eg_arena_allocator(c->arena);
    names->variables = eg_map_new(alloc);
    names->constants = eg_map_new(alloc);
    bool done = names->variables && names->constants;
    for (size_t k = 0; done && k < equations->count; k++)
        done = eg_map_put(names->variables, equations->item[k].name, k, NULL);
    for (size_t k = 0; done && k < variables->count; k++)
        done =
            eg_map_put(names->variables, variables->item[k].name, equations->count + k, NULL);
    for (size_t k = 0; done && k < constants->count; k++)
        done = eg_map_put(names->constants, constants->item[k].name, k, NULL);
    return done;
}

static engram_status index_names(eg_checker *c)
{
    const eg_network *n = c->network;
    c->names = eg_arena_array(c->arena, object_count(c) + 1, sizeof *c->names);
    bool done = c->names != NULL;
    for (size_t k = 0; done && k < n->groups.count; k++) {
        const eg_group *g = &n->groups.item[k];
        done = enter_names(c, &c->names[k], &g->equations, &g->variables, &g->constants);
    }
    for (size_t k = 0; done && k < n->synapses.count; k++) {
        const eg_synapses *y = &n->synapses.item[k];
        done = enter_names(c, &c->names[n->groups.count + k], &y->equations, &y->variables,
                           &y->constants);
    }
    return done ? ENGRAM_OK : eg_fail_memory(c->err, "checking names");
}

void eg_check_names_free(eg_checker *c)
{
    for (size_t k = 0; c->names && k < object_count(c); k++) {
        eg_map_free(c->names[k].variables);
        eg_map_free(c->names[k].constants);
    }
    c->names = NULL;
}

static const object_names *names_of_group(const eg_checker *c, const eg_group *g)
{
    return &c->names[g - c->network->groups.item];
}

static const object_names *names_of_synapses(const eg_checker *c, const eg_synapses *y)
{
    return &c->names[c->network->groups.count + (size_t)(y - c->network->synapses.item)];
}

static bool in_variables(const object_names *names, const eg_equation_list *equations,
                         const eg_variable_list *variables, const char *name, eg_symbol *out)
{
    size_t at;
    if (!eg_map_get(names->variables, name, &at))
        return false;
    if (at < equations->count) {
        const eg_equation *e = &equations->item[at];
        return found(out, equation_type(e), e->dim, strstr(e->flags, "shared") != NULL);
    }
    const eg_variable *v = &variables->item[at - equations->count];
    eg_dtype type;
    return found(out, eg_dtype_parse(&type, v->dtype) ? type : EG_F64, v->dim, v->scalar);
}

/* No variable has such a name in Brian2. */
static bool is_noise(const char *name)
{
    return !strncmp(name, "xi", 2) && (!name[2] || name[2] == '_');
}

/* Names that Brian2 gives to every group or synapses without a line of model. */
static bool built_in(const char *name, eg_symbol *out)
{
    if (!strcmp(name, "t") || !strcmp(name, "dt") || !strcmp(name, "lastupdate"))
        return found(out, EG_F64, second, strcmp(name, "lastupdate") != 0);
    if (!strcmp(name, "lastspike"))
        return found(out, EG_F64, second, false);
    if (!strcmp(name, "not_refractory"))
        return found(out, EG_BOOL, eg_dim_none, false);
    if (!strcmp(name, "t_in_timesteps") || !strcmp(name, "N"))
        return found(out, strcmp(name, "N") ? EG_I64 : EG_I32, eg_dim_none, true);
    if (!strcmp(name, "i"))
        return found(out, EG_I32, eg_dim_none, false);
    if (is_noise(name))
        return found(out, EG_F64, eg_dim_power(second, -0.5), false);
    return false;
}

static bool in_object(const eg_checker *c, const char *object, const char *name, eg_symbol *out,
                      int depth)
{
    const eg_group *g = eg_net_group(c->network, object);
    if (g) {
        if (in_variables(names_of_group(c, g), &g->equations, &g->variables, name, out))
            return true;
        if (*g->source && depth < 8 && in_object(c, g->source, name, out, depth + 1))
            return true;
        if (!strcmp(g->kind, "poisson") && !strcmp(name, "rates"))
            return found(out, EG_F64, eg_dim_power(second, -1), false);
        return built_in(name, out);
    }
    const eg_synapses *s = eg_net_synapses(c->network, object);
    return s &&
           (in_variables(names_of_synapses(c, s), &s->equations, &s->variables, name, out) ||
            built_in(name, out));
}

static bool constant(const eg_constant *x, eg_symbol *out)
{
    eg_dtype type;
    if (!eg_dtype_parse(&type, x->dtype))
        type = EG_F64;
    found(out, type, x->dim, true);
    out->has_value = true;
    out->value = type < EG_F32 ? (double)x->integer : x->value;
    return true;
}

/* Constants of a setup step, then those of the object. */
static bool in_constants(const scope *s, const char *name, eg_symbol *out)
{
    for (size_t k = 0; s->more && k < s->more->count; k++)
        if (strcmp(s->more->item[k].name, name) == 0)
            return constant(&s->more->item[k], out);
    if (!s->synapses && !s->group)
        return false;
    const object_names *names =
        s->synapses ? names_of_synapses(s->c, s->synapses) : names_of_group(s->c, s->group);
    const eg_constant_list *own = s->synapses ? &s->synapses->constants : &s->group->constants;
    size_t at;
    return eg_map_get(names->constants, name, &at) && constant(&own->item[at], out);
}

static bool in_synapses(const scope *s, const char *name, eg_symbol *out)
{
    const eg_synapses *y = s->synapses;
    if (in_variables(names_of_synapses(s->c, y), &y->equations, &y->variables, name, out))
        return true;
    if (!strcmp(name, "i") || !strcmp(name, "j") || !strcmp(name, "N_incoming") ||
        !strcmp(name, "N_outgoing") ||
        (*y->multisynaptic_index && !strcmp(name, y->multisynaptic_index)))
        return found(out, EG_I32, eg_dim_none, false);
    const size_t length = strlen(name);
    const bool pre = length > 4 && !strcmp(name + length - 4, "_pre");
    const bool post = length > 5 && !strcmp(name + length - 5, "_post");
    if (pre || post) {
        char bare[256];
        const size_t size = length - (pre ? 4 : 5);
        if (size >= sizeof bare)
            return false;
        memcpy(bare, name, size);
        bare[size] = '\0';
        if (in_object(s->c, pre ? y->source : y->target, bare, out, 0))
            return true;
    }
    return in_object(s->c, y->target, name, out, 0);
}

static bool lookup(void *context, const char *name, eg_symbol *out)
{
    const scope *s = context;
    for (size_t k = 0; k < s->local_count; k++)
        if (strcmp(s->locals[k].name, name) == 0) {
            *out = s->locals[k].symbol;
            return true;
        }
    if (s->synapses ? in_synapses(s, name, out)
                    : s->group && in_object(s->c, s->group->name, name, out, 0))
        return true;
    if (in_constants(s, name, out))
        return true;
    const eg_function *f = eg_net_function(s->c->network, name);
    for (size_t k = 0; !f && s->functions && k < s->functions->count; k++)
        if (strcmp(s->functions->item[k].name, name) == 0)
            f = &s->functions->item[k];
    if (!f)
        return false;
    found(out, EG_F64, f->dim, true);
    out->is_function = true;
    out->args = strcmp(f->kind, "binomial") == 0 ? 0 : f->ndim == 2 ? 2 : 1;
    out->stateful = strcmp(f->kind, "binomial") == 0;
    if (strcmp(f->kind, "custom") == 0) {
        out->signature = eg_check_signature(s->c, f);
        out->args = out->signature ? out->signature->count : EG_ARGS_ANY;
        out->type = out->signature ? out->signature->type : EG_F64;
        out->stateful = !f->stateless;
    }
    return true;
}

/* ---- one text ------------------------------------------------------------------------- */

/* Parse, type and measure an expression. *ok tells whether it held; a finding was added if
 * not. */
static engram_status judge_expr(scope *s, const char *rule, const char *path, const char *text,
                                eg_expr **expr, eg_dim *dim, bool *ok)
{
    engram_error found_error = {0};
    const eg_scope names = {lookup, s, s->c->dialect, false};
    *ok = false;
    engram_status status = eg_parse_expr(expr, s->c->arena, text, &found_error);
    if (!status)
        status = eg_sema_types(*expr, &names, text, &found_error);
    if (!status)
        status = eg_sema_dim(dim, *expr, &names, text, &found_error);
    *ok = status == ENGRAM_OK;
    return *ok ? ENGRAM_OK : eg_check_add_error(s->c, rule, path, &found_error);
}

static engram_status judge_boolean(scope *s, const char *rule, const char *path,
                                   const char *text)
{
    eg_expr *expr;
    eg_dim dim;
    bool ok;
    engram_status status = judge_expr(s, rule, path, text, &expr, &dim, &ok);
    if (status || !ok || expr->type == EG_BOOL)
        return status;
    return eg_check_add(s->c, EG_SEVERITY_ERROR, ENGRAM_E_SYNTAX, rule, path,
                        "a condition must be true or false, \"%.80s\" is a number", text);
}

static engram_status bad_dimension(scope *s, const char *rule, const char *path,
                                   const char *what, const char *name, eg_dim is, eg_dim wanted,
                                   const char *text, size_t offset)
{
    char left[128], right[128];
    engram_error e = {0};
    eg_fail(&e, ENGRAM_E_DIMENSION, "%s of \"%s\" has the dimension %s, expected %s", what,
            name, eg_dim_print(is, left, sizeof left),
            eg_dim_print(wanted, right, sizeof right));
    eg_diag_locate(&e, text, offset);
    return eg_check_add_error(s->c, rule, path, &e);
}

static engram_status judge_assign(scope *s, const char *path, const char *text,
                                  const eg_assign *a, bool *ok)
{
    engram_error e = {0};
    const eg_scope names = {lookup, s, s->c->dialect, false};
    eg_dim dim;
    *ok = false;
    engram_status status = eg_sema_types(a->expr, &names, text, &e);
    if (!status)
        status = eg_sema_dim(&dim, a->expr, &names, text, &e);
    if (status)
        return eg_check_add_error(s->c, "F17", path, &e);
    eg_symbol target;
    *ok = true;
    if (!lookup(s, a->variable, &target)) {
        if (s->local_count == LOCALS_MAX)
            return eg_check_add(s->c, EG_SEVERITY_ERROR, ENGRAM_E_LIMIT, "F17", path,
                                "more than %d names introduced by one code", LOCALS_MAX);
        if (!s->locals && !(s->locals = eg_arena_array(s->c->arena, LOCALS_MAX, sizeof(local))))
            return eg_fail_memory(s->c->err, "checking code");
        s->locals[s->local_count++] = (local){a->variable, {.type = a->expr->type, .dim = dim}};
        return ENGRAM_OK;
    }
    const bool scales = a->op[0] == '*' || a->op[0] == '/';
    const eg_dim wanted = scales ? eg_dim_none : target.dim;
    if (eg_dim_equal(dim, wanted))
        return ENGRAM_OK;
    return bad_dimension(s, "F17", path, "the value", a->variable, dim, wanted, text,
                         a->offset);
}

static engram_status judge_code(scope *s, const char *path, const char *text)
{
    eg_assign_list code;
    engram_error e = {0};
    if (!*text)
        return ENGRAM_OK;
    if (eg_parse_code(&code, s->c->arena, text, &e))
        return eg_check_add_error(s->c, "F17", path, &e);
    s->local_count = 0;
    engram_status status = ENGRAM_OK;
    bool ok = true; /* after a bad statement, what it introduced is unknown */
    for (size_t k = 0; !status && ok && k < code.count; k++)
        status = judge_assign(s, path, text, &code.item[k], &ok);
    s->local_count = 0;
    return status;
}

/* ---- F16 ------------------------------------------------------------------------------ */

/* The xi_* of an object's equations: what its `noise` puts in order. */
typedef struct noise {
    eg_map *names;
    bool lost; /* for want of memory */
} noise;

static void note_noise(void *context, const eg_expr *node)
{
    noise *found = context;
    if (node->kind == EG_EXPR_NAME && is_noise(node->name))
        found->lost |= !eg_map_put(found->names, node->name, eg_map_count(found->names), NULL);
}

/* Each of them stands in the list, once, and nothing else: the order decides who draws first.
 */
static engram_status judge_order(scope *s, const char *path, const eg_strs *order,
                                 const eg_map *names)
{
    eg_checker *c = s->c;
    eg_map *seen = eg_map_new(eg_arena_allocator(c->arena));
    engram_status status = seen ? ENGRAM_OK : eg_fail_memory(c->err, "checking noise");
    size_t sound = 0;
    for (size_t k = 0; !status && k < order->count; k++) {
        const char *name = order->item[k];
        const char *at = eg_check_path(c, "%s/noise/%zu", path, k);
        bool fresh;
        if (!eg_map_put(seen, name, k, &fresh))
            status = eg_fail_memory(c->err, "checking noise");
        else if (!eg_map_get(names, name, NULL))
            status = eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_REFERENCE, "F16", at,
                                  "\"%.120s\" is no noise of the equations", name);
        else if (!fresh)
            status = eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F16", at,
                                  "\"%.120s\" stands here a second time", name);
        else
            sound++;
    }
    if (!status && sound == order->count && sound < eg_map_count(names))
        status = eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F16",
                              eg_check_path(c, "%s/noise", path),
                              "%zu names, but the equations have %zu noises: all of them are "
                              "put in order, or none",
                              sound, eg_map_count(names));
    eg_map_free(seen);
    return status;
}

/* Adds a finding if it does not hold. */
static engram_status judge_equation(scope *s, const char *path, const eg_equation *e,
                                    eg_expr **expr, bool *ok)
{
    eg_dim dim;
    engram_status status = judge_expr(s, "F16", path, e->expr, expr, &dim, ok);
    const bool rate = strcmp(e->kind, "differential") == 0;
    const eg_dim wanted = rate ? eg_dim_divide(e->dim, second) : e->dim;
    if (!status && *ok && !eg_dim_equal(dim, wanted))
        status = bad_dimension(s, "F16", path, rate ? "the derivative" : "the value", e->name,
                               dim, wanted, e->expr, 0);
    return status;
}

static engram_status judge_equations(scope *s, const char *path, const eg_equation_list *list,
                                     const eg_strs *order)
{
    noise found = {0};
    if (order->count && !(found.names = eg_map_new(eg_arena_allocator(s->c->arena))))
        return eg_fail_memory(s->c->err, "checking noise");
    engram_status status = ENGRAM_OK;
    bool parsed = true; /* all of them: what they draw is known */
    for (size_t k = 0; !status && k < list->count; k++) {
        const eg_equation *e = &list->item[k];
        eg_expr *expr;
        bool ok;
        if (strcmp(e->kind, "parameter") == 0)
            continue;
        status = judge_equation(s, eg_check_path(s->c, "%s/equations/%zu/expr", path, k), e,
                                &expr, &ok);
        parsed &= !status && ok;
        /* An event-driven equation has no integrator that draws. */
        if (parsed && found.names && !strstr(e->flags, "event-driven"))
            eg_expr_names(expr, note_noise, &found);
    }
    if (!status && found.lost)
        status = eg_fail_memory(s->c->err, "checking noise");
    if (!status && found.names && parsed)
        status = judge_order(s, path, order, found.names);
    eg_map_free(found.names);
    return status;
}

static scope group_scope(eg_checker *c, const eg_group *g)
{
    return (scope){.c = c, .group = g};
}

static scope synapses_scope(eg_checker *c, const eg_synapses *y)
{
    return (scope){.c = c, .synapses = y};
}

engram_status eg_rule_equations(eg_checker *c)
{
    const eg_network *n = c->network;
    engram_status status = index_names(c);
    for (size_t k = 0; !status && k < n->groups.count; k++) {
        scope s = group_scope(c, &n->groups.item[k]);
        status = judge_equations(&s, eg_check_path(c, "/network/groups/%s", s.group->name),
                                 &s.group->equations, &s.group->noise);
    }
    for (size_t k = 0; !status && k < n->synapses.count; k++) {
        scope s = synapses_scope(c, &n->synapses.item[k]);
        status = judge_equations(&s, eg_check_path(c, "/network/synapses/%s", s.synapses->name),
                                 &s.synapses->equations, &s.synapses->noise);
    }
    return status;
}

/* ---- F17 ------------------------------------------------------------------------------ */

static engram_status judge_group_code(eg_checker *c, const eg_group *g)
{
    scope s = group_scope(c, g);
    const char *path = eg_check_path(c, "/network/groups/%s", g->name);
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < g->events.count; k++) {
        const eg_event *e = &g->events.item[k];
        if (*e->condition) /* Poisson and spike generator groups have a hidden one */
            status = judge_boolean(
                &s, "F17", eg_check_path(c, "%s/events/%zu/condition", path, k), e->condition);
        if (!status)
            status = judge_code(&s, eg_check_path(c, "%s/events/%zu/reset", path, k), e->reset);
    }
    for (size_t k = 0; !status && k < g->regulars.count; k++)
        status = judge_code(
            &s, eg_check_path(c, "%s/regulars/%s/code", path, g->regulars.item[k].name),
            g->regulars.item[k].code);
    eg_expr *expr;
    eg_dim dim;
    bool ok;
    if (!status && *g->refractory)
        status = judge_expr(&s, "F17", eg_check_path(c, "%s/refractory", path), g->refractory,
                            &expr, &dim, &ok);
    return status;
}

static engram_status judge_synapses_code(eg_checker *c, const eg_synapses *y)
{
    scope s = synapses_scope(c, y);
    const char *path = eg_check_path(c, "/network/synapses/%s", y->name);
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < y->pathways.count; k++)
        status = judge_code(
            &s, eg_check_path(c, "%s/pathways/%s/code", path, y->pathways.item[k].name),
            y->pathways.item[k].code);
    for (size_t k = 0; !status && k < y->regulars.count; k++)
        status = judge_code(
            &s, eg_check_path(c, "%s/regulars/%s/code", path, y->regulars.item[k].name),
            y->regulars.item[k].code);
    for (size_t k = 0; !status && k < y->summed.count; k++) {
        eg_expr *expr;
        eg_dim dim;
        bool ok;
        status = judge_expr(&s, "F17", eg_check_path(c, "%s/summed/%zu/expr", path, k),
                            y->summed.item[k].expr, &expr, &dim, &ok);
    }
    return status;
}

static engram_status judge_setup_code(eg_checker *c, size_t k)
{
    const eg_setup *step = &c->network->setup.item[k];
    scope s = {.c = c, .more = &step->constants, .functions = &step->functions};
    const eg_synapses *owner = NULL;
    s.synapses = eg_net_synapses(c->network, step->target);
    s.group = s.synapses ? NULL : eg_net_group(c->network, step->target);
    if (!s.synapses && !s.group && eg_net_pathway(c->network, step->target, &owner))
        s.synapses = owner;
    if (!s.synapses && !s.group)
        return ENGRAM_OK; /* F14 complains, or a seed */
    const struct {
        const char *field, *text;
    } texts[] = {{"code", step->code}, {"p", step->p}, {"n", step->n}};
    engram_status status = ENGRAM_OK;
    for (size_t f = 0; !status && f < 3; f++) {
        eg_expr *expr;
        eg_dim dim;
        bool ok;
        /* The condition of synapses' elements, p and n may use a generator's own names. */
        if (*texts[f].text && !(f && (*step->i || *step->j)))
            status = judge_expr(&s, "F17",
                                eg_check_path(c, "/network/setup/%zu/%s", k, texts[f].field),
                                texts[f].text, &expr, &dim, &ok);
    }
    if (!status && *step->condition)
        status = judge_boolean(&s, "F17", eg_check_path(c, "/network/setup/%zu/condition", k),
                               step->condition);
    return status;
}

engram_status eg_rule_code(eg_checker *c)
{
    const eg_network *n = c->network;
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < n->groups.count; k++)
        status = judge_group_code(c, &n->groups.item[k]);
    for (size_t k = 0; !status && k < n->synapses.count; k++)
        status = judge_synapses_code(c, &n->synapses.item[k]);
    for (size_t k = 0; !status && k < n->setup.count; k++)
        status = judge_setup_code(c, k);
    return status;
}
