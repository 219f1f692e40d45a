#include "ir/derive_private.h"

#include <string.h>

/* ---- finding ---------------------------------------------------------------------------- */

const eg_group *derive_group(const eg_network *network, const char *name)
{
    for (size_t k = 0; k < network->groups.count; k++)
        if (!strcmp(network->groups.item[k].name, name))
            return &network->groups.item[k];
    return NULL;
}

const eg_synapses *derive_synapses(const eg_network *network, const char *name)
{
    for (size_t k = 0; k < network->synapses.count; k++)
        if (!strcmp(network->synapses.item[k].name, name))
            return &network->synapses.item[k];
    return NULL;
}

const eg_clock *derive_clock(const eg_network *network, const char *name)
{
    for (size_t k = 0; k < network->clocks.count; k++)
        if (!strcmp(network->clocks.item[k].name, name))
            return &network->clocks.item[k];
    return NULL;
}

engram_status derive_clock_name(const char **out, const eg_network *network, const char *wanted,
                                const char *object, engram_error *err)
{
    *out = wanted;
    if (*wanted) {
        if (derive_clock(network, wanted))
            return ENGRAM_OK;
        return eg_fail(err, ENGRAM_E_REFERENCE, "%s runs on clock \"%s\": no such clock",
                       object, wanted);
    }
    if (derive_clock(network, "defaultclock"))
        *out = "defaultclock";
    else if (network->clocks.count == 1)
        *out = network->clocks.item[0].name;
    else
        return eg_fail(err, ENGRAM_E_REFERENCE,
                       "%s names no clock, and there is no \"defaultclock\"", object);
    return ENGRAM_OK;
}

bool derive_has_flag(const eg_equation *equation, const char *flag)
{
    const size_t length = strlen(flag);
    for (const char *at = equation->flags; *at;) {
        while (*at == ' ' || *at == ',')
            at++;
        const size_t word = strcspn(at, ",");
        size_t end = word;
        while (end && at[end - 1] == ' ')
            end--;
        if (end == length && !strncmp(at, flag, length))
            return true;
        at += word;
    }
    return false;
}

eg_dtype derive_equation_type(const eg_network *network, const eg_equation *equation)
{
    eg_dtype stated;
    if (eg_dtype_parse(&stated, equation->dtype))
        return stated;
    if (!strcmp(equation->type, "integer"))
        return EG_I32;
    return strcmp(equation->type, "boolean") ? eg_net_float_type(network) : EG_BOOL;
}

symbol *scope_find(const scope *s, const char *name)
{
    size_t at;
    return s->place && eg_map_get(s->place, name, &at) ? &s->item[at] : NULL;
}

bool scope_lookup(void *scope_as_context, const char *name, eg_symbol *out)
{
    const scope *s = scope_as_context;
    const symbol *found = scope_find(s, name);
    if (!found)
        return false;
    *out = (eg_symbol){.type = found->dtype, .dim = found->dim, .scalar = found->scalar};
    if (found->kind == SYMBOL_FUNCTION) {
        out->is_function = true;
        out->stateful = derive_is_stateful(found->function);
        out->args = strcmp(found->function->kind, "custom") == 0
                        ? (uint32_t)found->function->arguments.count
                    : strcmp(found->function->kind, "binomial") == 0
                        ? 0
                        : (uint32_t)found->function->ndim;
    }
    if (found->kind == SYMBOL_CONSTANT) {
        out->has_value = true;
        out->value = found->constant->value;
        if (found->dtype != EG_F64 && found->dtype != EG_F32)
            out->value = (double)found->constant->integer;
    }
    return true;
}

/* ---- building --------------------------------------------------------------------------- */

void scope_free(scope *s)
{
    if (s->net)
        eg_free(s->net->alloc, s->item, s->capacity * sizeof *s->item);
    eg_map_free(s->place);
    s->place = NULL;
    s->item = NULL;
    s->count = s->capacity = 0;
}

engram_status scope_add(scope *s, const symbol *added, engram_error *err)
{
    if (scope_find(s, added->name))
        return ENGRAM_OK;
    if (!s->place)
        s->place = eg_map_new(s->net->alloc);
    if (!s->place ||
        !eg_grow(s->net->alloc, &s->item, &s->capacity, s->count + 1, sizeof *s->item) ||
        !eg_map_put(s->place, added->name, s->count, NULL))
        return eg_fail_memory(err, "the names of a group");
    symbol *fresh = &s->item[s->count++];
    *fresh = *added;
    if (!fresh->guard)
        fresh->guard = "";
    if (!fresh->index)
        fresh->index = fresh->scalar ? "0" : "_idx";
    return ENGRAM_OK;
}

engram_status scope_keep(scope *s, size_t count, engram_error *err)
{
    eg_map_free(s->place);
    s->place = eg_map_new(s->net->alloc);
    s->count = count;
    bool done = s->place != NULL;
    for (size_t k = 0; done && k < count; k++)
        done = eg_map_put(s->place, s->item[k].name, k, NULL);
    return done ? ENGRAM_OK : eg_fail_memory(err, "the names of a group");
}

static engram_status add_array(scope *s, const char *name, eg_dtype dtype, eg_dim dim,
                               const char *owner, const char *variable, const char *index,
                               engram_error *err)
{
    const symbol fresh = {.name = name,
                          .kind = SYMBOL_ARRAY,
                          .dtype = dtype,
                          .dim = dim,
                          .owner = owner,
                          .variable = variable,
                          .index = index,
                          .scalar = !strcmp(index, "0")};
    return scope_add(s, &fresh, err);
}

/* Numbers of elements: code reads them, and reads others through them. */
static engram_status add_numbers(scope *s, const char *name, eg_dtype dtype, const char *owner,
                                 const char *variable, engram_error *err)
{
    const symbol fresh = {.name = name,
                          .kind = SYMBOL_ARRAY,
                          .dtype = dtype,
                          .owner = owner,
                          .variable = variable,
                          .fixed = true};
    return scope_add(s, &fresh, err);
}

static engram_status add_time(scope *s, engram_error *err)
{
    static const eg_dim second = {{0, 0, 1, 0, 0, 0, 0}};
    engram_status status = add_array(s, "t", EG_F64, second, s->clock, "t", "0", err);
    const eg_clock *clock = derive_clock(s->net->document.network, s->clock);
    if (status || (clock && clock->times))
        return status; /* an event clock has no step */
    status = add_array(s, "dt", EG_F64, second, s->clock, "dt", "0", err);
    if (!status)
        status =
            add_array(s, "t_in_timesteps", EG_I64, eg_dim_none, s->clock, "timestep", "0", err);
    return status;
}

static engram_status add_size(scope *s, const char *name, int64_t n, engram_error *err)
{
    eg_constant *constant = eg_arena_alloc(s->arena, sizeof *constant);
    if (!constant)
        return eg_fail_memory(err, "a constant");
    *constant = (eg_constant){
        .name = name, .dtype = "int64", .value = (double)n, .integer = n, .unit = ""};
    const symbol fresh = {.name = name,
                          .kind = SYMBOL_CONSTANT,
                          .dtype = EG_I64,
                          .scalar = true,
                          .constant = constant};
    return scope_add(s, &fresh, err);
}

engram_status scope_add_constants(scope *s, const eg_constant_list *table, engram_error *err)
{
    for (size_t k = 0; k < table->count; k++) {
        symbol fresh = {.name = table->item[k].name,
                        .kind = SYMBOL_CONSTANT,
                        .scalar = true,
                        .dim = table->item[k].dim,
                        .constant = &table->item[k]};
        if (!eg_dtype_parse(&fresh.dtype, table->item[k].dtype))
            return eg_fail(err, ENGRAM_E_SCHEMA, "%s, constant %s: dtype \"%s\" is unknown",
                           s->owner, fresh.name, table->item[k].dtype);
        engram_status status = scope_add(s, &fresh, err);
        if (status)
            return status;
    }
    return ENGRAM_OK;
}

bool derive_is_stateful(const eg_function *function)
{
    return strcmp(function->kind, "binomial") == 0 ||
           (strcmp(function->kind, "custom") == 0 && !function->stateless);
}

symbol derive_function(const eg_function *function)
{
    const bool integer = strcmp(function->result_type, "integer") == 0;
    const bool boolean =
        strcmp(function->result_type, "boolean") == 0 || strcmp(function->result, "bool") == 0;
    return (symbol){.name = function->name,
                    .kind = SYMBOL_FUNCTION,
                    .dtype = boolean   ? EG_BOOL
                             : integer ? EG_I64
                                       : EG_F64,
                    .dim = function->dim,
                    .owner = function->name,
                    .function = function};
}

engram_status scope_add_draw(scope *s, const char *name, const char *input, engram_error *err)
{
    eg_function *function = eg_arena_alloc(s->arena, sizeof *function);
    if (!function)
        return eg_fail_memory(err, "a function");
    *function =
        (eg_function){.name = input, .kind = "binomial", .result = "", .result_type = ""};
    symbol fresh = derive_function(function);
    fresh.name = name;
    return scope_add(s, &fresh, err);
}

engram_status scope_add_functions(scope *s, engram_error *err)
{
    const eg_function_list *table = &s->net->document.network->functions;
    for (size_t k = 0; k < table->count; k++) {
        const symbol fresh = derive_function(&table->item[k]);
        engram_status status = scope_add(s, &fresh, err);
        if (status)
            return status;
    }
    return ENGRAM_OK;
}

static engram_status scope_of_linked(scope *out, const scope *s, const eg_group *group,
                                     engram_error *err);

static eg_dtype stored_type(const eg_network *network, const char *owner, const char *variable)
{
    const eg_group *group = derive_group(network, owner);
    const eg_variable *stored = group ? eg_net_variable(&group->variables, variable) : NULL;
    eg_dtype type = EG_I32;
    if (stored)
        eg_dtype_parse(&type, stored->dtype);
    return type;
}

/* What a link is read through: another object's, an array of the script's, or a variable of the
 * group, which its equations enter. */
static engram_status add_link_index(scope *s, const eg_link *link, engram_error *err)
{
    const eg_network *network = s->net->document.network;
    const eg_group *own = derive_group(network, s->owner);
    if (*link->index_owner)
        return add_numbers(s, link->index,
                           stored_type(network, link->index_owner, link->index_variable),
                           link->index_owner, link->index_variable, err);
    const eg_index_array *numbers = eg_net_index_array(own, link->index);
    if (numbers)
        return add_numbers(s, link->index, numbers->values->dtype, s->owner, link->index, err);
    for (size_t k = 0; own && k < own->equations.count; k++) {
        const eg_equation *equation = &own->equations.item[k];
        if (!strcmp(equation->name, link->index) && !strcmp(equation->kind, "parameter") &&
            !strcmp(equation->type, "integer") && !derive_has_flag(equation, "linked") &&
            !derive_has_flag(equation, "shared"))
            return ENGRAM_OK;
    }
    return eg_fail(err, ENGRAM_E_UNSUPPORTED,
                   "%s, %s: linked through \"%s\", whose values are not in the rules", s->owner,
                   link->name, link->index);
}

/* What a link brought in is read at the element, at 0 or through the link's own index; an index
 * of the source's means another array here, or none. (Brian2 has no chain through a variable
 * either.) */
static engram_status judge_linked(const scope *s, size_t first, const eg_link *link,
                                  const char *index, engram_error *err)
{
    for (size_t k = first; k < s->count; k++) {
        const symbol *seen = &s->item[k];
        if (seen->kind == SYMBOL_ARRAY && strcmp(seen->index, "_idx") &&
            strcmp(seen->index, "0") && strcmp(seen->index, index))
            return eg_fail(err, ENGRAM_E_UNSUPPORTED,
                           "%s, %s: linked to %s.%s, which reads %s.%s through \"%s\" of %s: "
                           "link to %s.%s itself, through an index of %s",
                           s->owner, link->name, link->source, link->variable, seen->owner,
                           seen->variable, seen->index, link->source, seen->owner,
                           seen->variable, s->owner);
    }
    return ENGRAM_OK;
}

/* What a variable is linked to: another group's of the same size, element by element, or one
 * value for all, or what an index leads to. */
static engram_status add_linked(scope *s, const eg_link_list *links, const char *name,
                                engram_error *err)
{
    const eg_link *link = NULL;
    for (size_t k = 0; k < links->count; k++)
        if (!strcmp(links->item[k].name, name))
            link = &links->item[k];
    if (!link)
        return eg_fail(err, ENGRAM_E_UNSUPPORTED,
                       "%s, %s: a linked variable, whose link is not in the rules", s->owner,
                       name);
    const bool single = !strcmp(link->index, "0");
    const bool indexed = *link->index && !single;
    const eg_group *group = derive_group(s->net->document.network, link->source);
    if (!group)
        return eg_fail(err, ENGRAM_E_REFERENCE, "%s, %s: linked to \"%s\": no such group",
                       s->owner, name, link->source);
    const eg_group *own = derive_group(s->net->document.network, s->owner);
    if (!single && !indexed && own && own->n != group->n)
        return eg_fail(
            err, ENGRAM_E_LIMIT,
            "%s, %s: linked element by element to \"%s\", which has %lld and not %lld",
            s->owner, name, link->source, (long long)group->n, (long long)own->n);
    if (s->depth >= DERIVE_DEPTH_MAX)
        return eg_fail(err, ENGRAM_E_REFERENCE, "%s, %s: links lead round, or are more than %d",
                       s->owner, name, DERIVE_DEPTH_MAX);
    scope other;
    engram_status status = indexed ? add_link_index(s, link, err) : ENGRAM_OK;
    if (status)
        return status;
    const char *index = single ? "0" : indexed ? link->index : "_idx";
    status = scope_of_linked(&other, s, group, err);
    const size_t before = s->count;
    if (!status)
        status = scope_import(s, &other, link->variable, name, index, "", err);
    if (!status)
        status = judge_linked(s, before, link, index, err);
    scope_free(&other);
    return status;
}

static engram_status add_equation(scope *s, const eg_equation *equation,
                                  const eg_link_list *links, bool refractory, engram_error *err)
{
    symbol fresh = {.name = equation->name,
                    .kind = SYMBOL_ARRAY,
                    .dtype = derive_equation_type(s->net->document.network, equation),
                    .dim = equation->dim,
                    .owner = s->owner,
                    .variable = equation->name,
                    .scalar = derive_has_flag(equation, "shared")};
    if (derive_has_flag(equation, "linked"))
        return add_linked(s, links, equation->name, err);
    if (refractory && derive_has_flag(equation, "unless refractory"))
        fresh.guard = "not_refractory";
    if (!strcmp(equation->kind, "subexpression") &&
        !derive_has_flag(equation, "constant over dt")) {
        fresh.kind = SYMBOL_SUBEXPRESSION;
        engram_status status = eg_parse_expr(&fresh.expr, s->arena, equation->expr, err);
        if (status)
            return eg_error_prefix(err, status, "%s, equation of %s", s->owner, equation->name);
    }
    return scope_add(s, &fresh, err);
}

/* What the scope's owner stores has the type that its table of variables says. */
static void adopt_types(scope *s, const eg_variable_list *table)
{
    for (size_t k = 0; k < s->count; k++) {
        symbol *seen = &s->item[k];
        if (seen->kind != SYMBOL_ARRAY || strcmp(seen->owner, s->owner))
            continue;
        const eg_variable *stored = eg_net_variable(table, seen->variable);
        if (stored)
            eg_dtype_parse(&seen->dtype, stored->dtype);
    }
}

/* ---- a group ---------------------------------------------------------------------------- */

static engram_status fill_neurons(scope *s, const eg_group *group, engram_error *err)
{
    static const eg_dim second = {{0, 0, 1, 0, 0, 0, 0}};
    const bool refractory = *group->refractory != 0;
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < group->equations.count; k++)
        status = add_equation(s, &group->equations.item[k], &group->links, refractory, err);
    if (!status && refractory)
        status = add_array(s, "not_refractory", EG_BOOL, eg_dim_none, s->owner,
                           "not_refractory", "_idx", err);
    if (!status && refractory)
        status = add_array(s, "lastspike", EG_F64, second, s->owner, "lastspike", "_idx", err);
    return status;
}

static engram_status fill_rates(scope *s, const eg_group *group, engram_error *err)
{
    symbol rates = {.name = "rates",
                    .kind = SYMBOL_ARRAY,
                    .dtype = eg_net_float_type(s->net->document.network),
                    .dim = {{0, 0, -1, 0, 0, 0, 0}},
                    .owner = s->owner,
                    .variable = "rates"};
    if (*group->rates) {
        rates.kind = SYMBOL_SUBEXPRESSION;
        engram_status status = eg_parse_expr(&rates.expr, s->arena, group->rates, err);
        if (status)
            return eg_error_prefix(err, status, "%s, rates", s->owner);
    }
    return scope_add(s, &rates, err);
}

/* A slice shows its parent's names through _sub_idx (semantics 7.8). */
static engram_status fill_slice(scope *s, const eg_group *group, engram_error *err)
{
    const eg_network *network = s->net->document.network;
    const eg_group *parent = derive_group(network, group->source);
    if (!parent || !strcmp(parent->kind, "subgroup"))
        return eg_fail(err, ENGRAM_E_REFERENCE, "%s is a slice of \"%s\": no such group",
                       group->name, group->source);
    scope whole;
    engram_status status = scope_of_group(&whole, s->net, s->arena, parent, err);
    if (status)
        return status;
    status = add_numbers(s, "_sub_idx", EG_I32, s->owner, "_sub_idx", err);
    if (!status)
        status = scope_import(s, &whole, "i", "_source_i", "_sub_idx", "", err);
    symbol i = {.name = "i", .kind = SYMBOL_SUBEXPRESSION, .dtype = EG_I32};
    i.expr = eg_expr_binary(s->arena, EG_OP_SUB, eg_expr_name(s->arena, "_source_i"),
                            eg_expr_int(s->arena, group->start));
    if (!status)
        status = i.expr ? scope_add(s, &i, err) : eg_fail_memory(err, "a subexpression");
    for (size_t k = 0; !status && k < whole.count; k++) {
        const symbol *seen = &whole.item[k];
        if (seen->kind == SYMBOL_ARRAY || seen->kind == SYMBOL_SUBEXPRESSION)
            status =
                scope_import(s, &whole, seen->name, seen->name, "_sub_idx", seen->guard, err);
    }
    scope_free(&whole);
    return status;
}

static engram_status fill_group_scope(scope *out, const eg_net *net, eg_arena *arena,
                                      const eg_group *group, unsigned depth, engram_error *err)
{
    *out = (scope){.net = net, .arena = arena, .owner = group->name, .depth = depth};
    const eg_network *network = net->document.network;
    engram_status status =
        derive_clock_name(&out->clock, network, group->clock, group->name, err);
    if (!status && !eg_dialect_parse(&out->dialect, network->dialect))
        status = eg_fail(err, ENGRAM_E_SCHEMA, "dialect \"%s\" is unknown", network->dialect);
    if (!status && strcmp(group->kind, "subgroup"))
        status = add_numbers(out, "i", EG_I32, group->name, "i", err);
    if (!status)
        status = add_size(out, "N", group->n, err);
    if (!status)
        status = add_time(out, err);
    if (!status && !strcmp(group->kind, "neurons"))
        status = fill_neurons(out, group, err);
    if (!status && !strcmp(group->kind, "poisson"))
        status = fill_rates(out, group, err);
    if (!status && !strcmp(group->kind, "subgroup"))
        status = fill_slice(out, group, err);
    if (!status)
        adopt_types(out, &group->variables);
    if (!status)
        status = scope_add_constants(out, &group->constants, err);
    if (!status)
        status = scope_add_functions(out, err);
    if (status)
        scope_free(out);
    return status;
}

engram_status scope_of_group(scope *out, const eg_net *net, eg_arena *arena,
                             const eg_group *group, engram_error *err)
{
    return fill_group_scope(out, net, arena, group, 0, err);
}

static engram_status scope_of_linked(scope *out, const scope *s, const eg_group *group,
                                     engram_error *err)
{
    return fill_group_scope(out, s->net, s->arena, group, s->depth + 1, err);
}

/* ---- synapses --------------------------------------------------------------------------- */

struct side {
    const char *group;
    const char *suffix, *index;
    int64_t start, stop;
};

/* Which symbols of a scope have one value for each of its elements, or for all: nothing behind
 * an index array. */
struct owning {
    const scope *scope;
    uint8_t *known; /* [scope->count] */
    unsigned depth;
    bool own;
};

static bool is_own(const scope *s, uint8_t *known, const symbol *seen, unsigned depth);

static void see_owner(void *context, const eg_expr *node)
{
    struct owning *x = context;
    const symbol *inner = scope_find(x->scope, node->name);
    x->own = x->own && (!inner || is_own(x->scope, x->known, inner, x->depth + 1));
}

static bool is_own(const scope *s, uint8_t *known, const symbol *seen, unsigned depth)
{
    enum { NOT_ASKED, ASKED_FOR, OWN, ANOTHERS };
    if (seen->kind == SYMBOL_ARRAY)
        return !strcmp(seen->index, "_idx") || !strcmp(seen->index, "0");
    if (seen->kind != SYMBOL_SUBEXPRESSION)
        return true;
    uint8_t *answer = &known[seen - s->item];
    if (*answer == ASKED_FOR || depth > DERIVE_DEPTH_MAX)
        return false;
    if (*answer == NOT_ASKED) {
        struct owning x = {s, known, depth, true};
        *answer = ASKED_FOR;
        eg_expr_names(seen->expr, see_owner, &x);
        *answer = x.own ? OWN : ANOTHERS;
    }
    return *answer == OWN;
}

static engram_status scope_of_ends(scope *out, const eg_net *net, eg_arena *arena,
                                   const eg_synapses *synapses, unsigned depth,
                                   engram_error *err);

/* Names of one side's object: of a group, or of synapses that are connected in turn. */
static engram_status scope_of_side(scope *out, scope *s, const struct side *side,
                                   engram_error *err)
{
    const eg_network *network = s->net->document.network;
    const eg_group *group = derive_group(network, side->group);
    const eg_synapses *synapses = derive_synapses(network, side->group);
    if (group)
        return scope_of_group(out, s->net, s->arena, group, err);
    if (!synapses)
        return eg_fail(err, ENGRAM_E_REFERENCE, "%s connects \"%s\": no such group or synapses",
                       s->owner, side->group);
    if (s->depth >= DERIVE_DEPTH_MAX)
        return eg_fail(err, ENGRAM_E_REFERENCE, "%s connects \"%s\", which connects it",
                       s->owner, side->group);
    return scope_of_ends(out, s->net, s->arena, synapses, s->depth + 1, err);
}

/* x_pre, x_post for every visible x of one side; plain x for the target as well. Of synapses
 * that is what is theirs: what they see of their own ends is seen through two index arrays. */
static engram_status fill_side(scope *s, const struct side *side, bool plain, engram_error *err)
{
    const eg_group *group = derive_group(s->net->document.network, side->group);
    scope other;
    engram_status status = scope_of_side(&other, s, side, err);
    if (status)
        return status;
    if (group) {
        const int64_t n = side->stop >= 0 ? side->stop - side->start : group->n;
        const char *size = eg_arena_printf(s->arena, "N%s", side->suffix);
        status = size ? add_size(s, size, n, err) : eg_fail_memory(err, "a name");
    }
    uint8_t *known = eg_calloc_array(s->net->alloc, other.count + 1, 1);
    if (!status && !known)
        status = eg_fail_memory(err, "the names of synapses");
    for (size_t k = 0; !status && k < other.count; k++) {
        const symbol *seen = &other.item[k];
        const bool visible =
            (seen->kind == SYMBOL_ARRAY || seen->kind == SYMBOL_SUBEXPRESSION) &&
            seen->name[0] != '_';
        if (!visible || (!group && !is_own(&other, known, seen, 0)))
            continue;
        const char *as = eg_arena_printf(s->arena, "%s%s", seen->name, side->suffix);
        const char *guard =
            *seen->guard ? eg_arena_printf(s->arena, "%s%s", seen->guard, side->suffix) : "";
        if (!as || !guard)
            status = eg_fail_memory(err, "a name");
        else
            status = scope_import(s, &other, seen->name, as, side->index, guard, err);
        const size_t length = strlen(seen->name);
        const bool suffixed = length > 5 && !strcmp(seen->name + length - 5, "_post");
        if (!status && plain && !suffixed)
            status = scope_import(s, &other, seen->name, seen->name, side->index, guard, err);
    }
    eg_free(s->net->alloc, known, other.count + 1);
    scope_free(&other);
    return status;
}

/* i and j are numbers within the slice: the stored ones less where it begins (6.1). */
static engram_status add_end(scope *s, const char *name, const char *stored, int64_t start,
                             engram_error *err)
{
    if (start == 0)
        return add_array(s, name, EG_I32, eg_dim_none, s->owner, stored, "_idx", err);
    engram_status status =
        add_array(s, stored, EG_I32, eg_dim_none, s->owner, stored, "_idx", err);
    if (status)
        return status;
    symbol fresh = {.name = name, .kind = SYMBOL_SUBEXPRESSION, .dtype = EG_I32};
    fresh.expr = eg_expr_binary(s->arena, EG_OP_SUB, eg_expr_name(s->arena, stored),
                                eg_expr_int(s->arena, start));
    if (!fresh.expr)
        return eg_fail_memory(err, "a subexpression");
    return scope_add(s, &fresh, err);
}

static engram_status fill_synapses(scope *s, const eg_synapses *synapses, engram_error *err)
{
    static const eg_dim second = {{0, 0, 1, 0, 0, 0, 0}};
    const char *owner = synapses->name;
    engram_status status = add_time(s, err);
    for (size_t k = 0; !status && k < synapses->equations.count; k++)
        status = add_equation(s, &synapses->equations.item[k], &synapses->links, false, err);
    if (!status)
        status = add_end(s, "i", "_synaptic_pre", synapses->source_start, err);
    if (!status)
        status = add_end(s, "j", "_synaptic_post", synapses->target_start, err);
    const struct {
        const char *name, *variable, *index;
    } ints[] = {{"_presynaptic_idx", "_synaptic_pre", "_idx"},
                {"_postsynaptic_idx", "_synaptic_post", "_idx"},
                {"N", "N", "0"},
                {"N_incoming", "N_incoming", "_postsynaptic_idx"},
                {"N_outgoing", "N_outgoing", "_presynaptic_idx"}};
    for (size_t k = 0; !status && k < sizeof ints / sizeof *ints; k++)
        status = add_array(s, ints[k].name, EG_I32, eg_dim_none, owner, ints[k].variable,
                           ints[k].index, err);
    if (!status)
        status = add_array(s, "lastupdate", EG_F64, second, owner, "lastupdate", "_idx", err);
    for (size_t k = 0; !status && k < synapses->pathways.count; k++) {
        const eg_pathway *pathway = &synapses->pathways.item[k];
        if (!strcmp(pathway->key, "pre"))
            status =
                add_array(s, "delay", eg_net_float_type(s->net->document.network), second,
                          pathway->name, "delay", pathway->homogeneous ? "0" : "_idx", err);
    }
    if (!status && *synapses->multisynaptic_index)
        status = add_array(s, synapses->multisynaptic_index, EG_I32, eg_dim_none, owner,
                           synapses->multisynaptic_index, "_idx", err);
    if (!status)
        adopt_types(s, &synapses->variables);
    return status;
}

static engram_status scope_of_ends(scope *out, const eg_net *net, eg_arena *arena,
                                   const eg_synapses *synapses, unsigned depth,
                                   engram_error *err)
{
    *out = (scope){.net = net, .arena = arena, .owner = synapses->name, .depth = depth};
    const eg_network *network = net->document.network;
    engram_status status =
        derive_clock_name(&out->clock, network, synapses->clock, synapses->name, err);
    if (!status && !eg_dialect_parse(&out->dialect, network->dialect))
        status = eg_fail(err, ENGRAM_E_SCHEMA, "dialect \"%s\" is unknown", network->dialect);
    const struct side pre = {synapses->source, "_pre", "_presynaptic_idx",
                             synapses->source_start, synapses->source_stop};
    const struct side post = {synapses->target, "_post", "_postsynaptic_idx",
                              synapses->target_start, synapses->target_stop};
    if (!status)
        status = fill_synapses(out, synapses, err);
    if (!status)
        status = fill_side(out, &pre, false, err);
    if (!status)
        status = fill_side(out, &post, true, err);
    if (!status)
        status = scope_add_constants(out, &synapses->constants, err);
    if (!status)
        status = scope_add_functions(out, err);
    if (status)
        scope_free(out);
    return status;
}

engram_status scope_of_synapses(scope *out, const eg_net *net, eg_arena *arena,
                                const eg_synapses *synapses, engram_error *err)
{
    return scope_of_ends(out, net, arena, synapses, 0, err);
}
