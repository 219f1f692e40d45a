/* Rules on executed code: F18 statements, F21 bindings, F22 what is written.
 *
 * The engine reads and writes arrays by what bindings say. Whatever leads out of an array is
 * refused here; where sizes are known only after the setup was replayed (no state), the
 * engine compares them then. */
#include "check/check_arrays.h"
#include "network/net_find.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { USED = 1, WRITTEN = 2 };

/* Names of one executable: a binding's position, or that of the statement that introduces it
 * behind them. The first of equal names counts, as in the engine. */
typedef struct names {
    eg_checker *c;
    const eg_executable *e;
    eg_map *map;
    unsigned char *use; /* [bindings] */
    size_t statement;   /* names introduced before this one are known */
    const eg_expr *unknown;
} names;

static engram_status collect_names(names *x)
{
    const eg_executable *e = x->e;
    x->map = eg_map_new(eg_arena_allocator(x->c->arena));
    bool done = x->map != NULL;
    for (size_t k = 0; done && k < e->bindings.count; k++)
        done = eg_map_put(x->map, e->bindings.item[k].name, k, NULL);
    for (size_t k = 0; done && k < e->statements.count; k++)
        done = eg_map_put(x->map, e->statements.item[k].variable, e->bindings.count + k, NULL);
    return done ? ENGRAM_OK : eg_fail_memory(x->c->err, "checking statements");
}

static bool find_binding(const names *x, const char *name, size_t *at)
{
    return eg_map_get(x->map, name, at) && *at < x->e->bindings.count;
}

/* ---- F18 ------------------------------------------------------------------------------ */

static void see_name(void *context, const eg_expr *node)
{
    names *x = context;
    double value;
    eg_dim dim;
    size_t at;
    const bool known = eg_map_get(x->map, node->name, &at);
    if (known && at < x->e->bindings.count)
        x->use[at] |= USED;
    if (x->unknown || (node->kind == EG_EXPR_CALL && eg_function_find(node->name)) ||
        eg_constant_find(node->name, &value) || eg_unit_find(node->name, &value, &dim) ||
        (known && at < x->e->bindings.count + x->statement))
        return;
    x->unknown = node;
}

static engram_status judge_statement(names *x, size_t k)
{
    const eg_executable *e = x->e;
    const eg_statement *st = &e->statements.item[k];
    const char *path = eg_check_path(x->c, "/code/executables/%s/statements/%zu", e->name, k);
    eg_expr *expr;
    engram_error bad = {0};
    size_t at;
    if (find_binding(x, st->variable, &at))
        x->use[at] |= USED | WRITTEN;
    if (eg_parse_expr(&expr, x->c->arena, st->expr, &bad))
        return eg_check_add_error(x->c, "F18", path, &bad);
    x->statement = k;
    x->unknown = NULL;
    eg_expr_names(expr, see_name, x);
    if (!x->unknown)
        return ENGRAM_OK;
    eg_fail(&bad, ENGRAM_E_REFERENCE, "executable \"%s\" uses \"%s\", which has no binding",
            e->name, x->unknown->name);
    eg_diag_locate(&bad, st->expr, x->unknown->offset);
    return eg_check_add_error(x->c, "F18", path, &bad);
}

/* Also finds which bindings the statements use: c->use, for F21 and F22. */
engram_status eg_rule_statements(eg_checker *c)
{
    const eg_code *code = c->net->document.code;
    const size_t count = code ? code->executables.count : 0;
    c->use = eg_arena_array(c->arena, count + 1, sizeof *c->use);
    if (!c->use)
        return eg_fail_memory(c->err, "checking statements");
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < count; k++) {
        const eg_executable *e = &code->executables.item[k];
        names x = {.c = c, .e = e};
        x.use = c->use[k] = eg_arena_alloc(c->arena, e->bindings.count + 1);
        status = x.use ? collect_names(&x) : eg_fail_memory(c->err, "checking statements");
        for (size_t s = 0; !status && s < e->statements.count; s++)
            status = judge_statement(&x, s);
        eg_map_free(x.map);
    }
    return status;
}

/* ---- F21 ------------------------------------------------------------------------------ */

static bool is_template(const eg_executable *e, const char *name)
{
    return strcmp(e->template, name) == 0;
}

/* Elements that the code runs over, at most. False where that is not known. */
static bool elements_of(const eg_checker *c, const eg_executable *e, uint64_t *count)
{
    const bool states = is_template(e, "statemonitor");
    if (!states && !is_template(e, "spikemonitor"))
        return eg_check_extent(c, e->owner, count);
    const eg_monitor *m = eg_net_monitor(c->network, e->owner);
    if (!m || !eg_check_extent(c, states ? m->source : e->event_source, count))
        return false; /* the events heard keep the numbers of the whole group */
    const int64_t stop = states ? m->stop : e->stop;
    if (stop >= 0 && (uint64_t)stop < *count)
        *count = (uint64_t)stop;
    if (states)
        *count -= m->start < 0 || (uint64_t)m->start > *count ? *count : (uint64_t)m->start;
    return true;
}

typedef struct bound {
    names x;
    const char *path; /* of the binding */
    bool counted;     /* `elements` is known */
    uint64_t elements;
} bound;

static engram_status bad(const bound *b, engram_status status, const char *format, ...)
    ENGRAM_PRINTF(3, 4);

static engram_status bad(const bound *b, engram_status status, const char *format, ...)
{
    char message[400];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return eg_check_add(b->x.c, EG_SEVERITY_ERROR, status, "F21", b->path, "%s", message);
}

/* Does the array have an element for each that the code runs over? */
static engram_status judge_elements(const bound *b, const eg_stored *array, uint64_t wanted)
{
    if (!array->sized || array->count >= wanted)
        return ENGRAM_OK;
    return bad(b, ENGRAM_E_LIMIT, "%.100s.%.100s has %llu elements, and the code reads %llu",
               array->owner, array->variable, (unsigned long long)array->count,
               (unsigned long long)wanted);
}

/* `array` is read at the elements that `index` holds. */
static engram_status judge_index(const bound *b, const eg_stored *array, eg_stored *index)
{
    if (!index->indexes)
        index->indexes = b->x.e->name;
    if (index->dtype != EG_I32 && index->dtype != EG_I64)
        return bad(b, ENGRAM_E_SCHEMA,
                   "the index array %.100s.%.100s is of %s, expected int32 or int64",
                   index->owner, index->variable, eg_dtype_name(index->dtype));
    engram_status status = b->counted ? judge_elements(b, index, b->elements) : ENGRAM_OK;
    if (status || !index->sized || !array->sized)
        return status;
    status = eg_check_range(b->x.c, index);
    if (status ||
        (index->low >= 0 && (index->high < 0 || (uint64_t)index->high < array->count)))
        return status;
    return bad(b, ENGRAM_E_LIMIT,
               "%.80s.%.80s leads to element %ld of %.80s.%.80s, which has %llu", index->owner,
               index->variable, index->low < 0 ? (long)index->low : (long)index->high,
               array->owner, array->variable, (unsigned long long)array->count);
}

/* The array that a binding names. A finding, and NULL, if it is not there or another type. */
static engram_status find_stored(eg_stored **out, const bound *b, const eg_binding *binding)
{
    eg_dtype type;
    *out = eg_check_stored(b->x.c, binding->owner, binding->variable);
    if (!*out)
        return bad(b, ENGRAM_E_REFERENCE, "\"%.80s\" is %.100s.%.100s, which is not stored",
                   binding->name, binding->owner, binding->variable);
    if (eg_dtype_parse(&type, binding->dtype) && type == (*out)->dtype)
        return ENGRAM_OK;
    const eg_stored *array = *out;
    *out = NULL;
    return bad(b, ENGRAM_E_SCHEMA, "\"%.80s\" is of %.40s, but %.100s.%.100s is of %s",
               binding->name, binding->dtype, array->owner, array->variable,
               eg_dtype_name(array->dtype));
}

static bool by_element(const eg_binding *binding)
{
    return !*binding->index || strcmp(binding->index, "_idx") == 0;
}

static engram_status judge_through(const bound *b, const eg_binding *binding,
                                   const eg_stored *array)
{
    size_t at;
    const eg_binding *via = NULL;
    if (find_binding(&b->x, binding->index, &at))
        via = &b->x.e->bindings.item[at];
    if (!via || strcmp(via->kind, "array") != 0 || !by_element(via))
        return bad(b, ENGRAM_E_REFERENCE,
                   "\"%.80s\" is indexed by \"%.80s\", expected _idx, 0 or an array of this "
                   "code that is indexed by _idx",
                   binding->name, binding->index);
    eg_stored *index;
    engram_status status = find_stored(&index, b, via);
    return status || !index ? status : judge_index(b, array, index);
}

static engram_status judge_guard(const bound *b, const eg_binding *binding)
{
    size_t at;
    if (find_binding(&b->x, binding->guard, &at)) {
        const eg_binding *guard = &b->x.e->bindings.item[at];
        if (strcmp(guard->kind, "array") == 0 && strcmp(guard->dtype, "bool") == 0) {
            b->x.use[at] |= USED; /* and judged as such */
            return ENGRAM_OK;
        }
    }
    return bad(b, ENGRAM_E_REFERENCE,
               "the guard \"%.80s\" of \"%.80s\" is no bool array of "
               "this code",
               binding->guard, binding->name);
}

static engram_status judge_array(const bound *b, const eg_binding *binding, unsigned use)
{
    eg_stored *array;
    engram_status status = find_stored(&array, b, binding);
    if (status || !array)
        return status;
    if (use & WRITTEN)
        array->writes = b->x.e->name;
    if (by_element(binding))
        return b->counted ? judge_elements(b, array, b->elements) : ENGRAM_OK;
    if (strcmp(binding->index, "0") == 0)
        return judge_elements(b, array, 1);
    return judge_through(b, binding, array);
}

/* `_gsl_<variable>_f<number>`: the variable is written, by element. */
static engram_status judge_rate(const bound *b, const eg_binding *binding)
{
    size_t length;
    uint32_t number;
    const char *found = eg_net_rate_output(binding->name, &length, &number);
    if (!found)
        return bad(b, ENGRAM_E_SCHEMA, "output \"%.80s\", expected _gsl_<variable>_f<number>",
                   binding->name);
    const char *variable = eg_arena_printf(b->x.c->arena, "%.*s", (int)length, found);
    if (!variable)
        return eg_fail_memory(b->x.c->err, "judging a network");
    eg_stored *array = eg_check_stored(b->x.c, b->x.e->owner, variable);
    if (!array || (array->dtype != EG_F64 && array->dtype != EG_F32))
        return bad(b, ENGRAM_E_SCHEMA, "integrates %.80s.%.80s, which is no stored float",
                   b->x.e->owner, variable);
    array->writes = b->x.e->name;
    return b->counted ? judge_elements(b, array, b->elements) : ENGRAM_OK;
}

/* What a template hands over has a place in the engine, and nothing else. */
static engram_status judge_output(const bound *b, const eg_binding *binding)
{
    const eg_executable *e = b->x.e;
    const char *name = binding->name;
    const bool monitor = is_template(e, "statemonitor") || is_template(e, "spikemonitor");
    if (is_template(e, "threshold") && strcmp(name, "_cond") == 0) {
        if (strcmp(binding->dtype, "bool") == 0)
            return ENGRAM_OK;
        return bad(b, ENGRAM_E_SCHEMA, "_cond is of %.40s, expected bool", binding->dtype);
    }
    if ((is_template(e, "summed_variable") && strcmp(name, "_synaptic_var") == 0) ||
        (monitor && strncmp(name, "_to_record_", 11) == 0))
        return ENGRAM_OK;
    if (is_template(e, "gsl") && strncmp(name, "_gsl_", 5) == 0)
        return judge_rate(b, binding);
    return bad(b, ENGRAM_E_SCHEMA, "a %.40s has no output \"%.80s\"", e->template, name);
}

static engram_status judge_bindings(bound *b)
{
    const eg_executable *e = b->x.e;
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < e->bindings.count; k++) {
        const eg_binding *binding = &e->bindings.item[k];
        b->path = eg_check_path(b->x.c, "/code/executables/%s/bindings/%zu", e->name, k);
        if ((b->x.use[k] & WRITTEN) && *binding->guard)
            status = judge_guard(b, binding);
    }
    for (size_t k = 0; !status && k < e->bindings.count; k++) {
        const eg_binding *binding = &e->bindings.item[k];
        if (!b->x.use[k])
            continue;
        b->path = eg_check_path(b->x.c, "/code/executables/%s/bindings/%zu", e->name, k);
        if (strcmp(binding->kind, "array") == 0)
            status = judge_array(b, binding, b->x.use[k]);
        else if (strcmp(binding->kind, "output") == 0)
            status = judge_output(b, binding);
    }
    return status;
}

/* What a summed variable adds to, and through which array. */
static engram_status judge_summed(bound *b)
{
    const eg_executable *e = b->x.e;
    const eg_stored *target = eg_check_stored(b->x.c, e->target, e->target_variable);
    eg_stored *index = eg_check_stored(b->x.c, e->owner, e->target_index);
    if (!target || !index)
        return bad(b, ENGRAM_E_REFERENCE,
                   "sums into %.80s.%.80s by %.80s.%.80s, which is not "
                   "stored",
                   e->target, e->target_variable, e->owner, e->target_index);
    engram_status status = index->dtype == EG_I32
                               ? judge_index(b, target, index)
                               : bad(b, ENGRAM_E_SCHEMA, "%.100s.%.100s is of %s, not of int32",
                                     e->owner, e->target_index, eg_dtype_name(index->dtype));
    const int64_t stop = e->stop < 0 ? e->start : e->stop;
    if (status || !target->sized || (uint64_t)stop <= target->count)
        return status;
    return bad(b, ENGRAM_E_LIMIT, "sums into elements %lld to %lld of %llu",
               (long long)e->start, (long long)e->stop, (unsigned long long)target->count);
}

static engram_status judge_own(bound *b, const char *variable, eg_dtype type, eg_dtype other)
{
    const eg_stored *array = eg_check_stored(b->x.c, b->x.e->owner, variable);
    if (!array || (array->dtype != type && array->dtype != other))
        return bad(b, ENGRAM_E_SCHEMA, "refractoriness wants %s (%s) of %.100s", variable,
                   eg_dtype_name(type), b->x.e->owner);
    return b->counted ? judge_elements(b, array, b->elements) : ENGRAM_OK;
}

/* What the template itself reads and writes. */
static engram_status judge_template(bound *b)
{
    const eg_executable *e = b->x.e;
    b->path = eg_check_path(b->x.c, "/code/executables/%s", e->name);
    if (is_template(e, "summed_variable"))
        return judge_summed(b);
    if (is_template(e, "threshold") && e->refractory) {
        engram_status status = judge_own(b, "not_refractory", EG_BOOL, EG_BOOL);
        return status ? status : judge_own(b, "lastspike", EG_F64, EG_F32);
    }
    uint64_t heard;
    if (is_template(e, "reset") && b->counted &&
        eg_check_extent(b->x.c, *e->event_source ? e->event_source : e->owner, &heard)) {
        if (e->stop >= 0 && (uint64_t)e->stop < heard)
            heard = (uint64_t)e->stop;
        if (heard > b->elements)
            return bad(b, ENGRAM_E_LIMIT, "hears %llu elements, and %.100s has %llu",
                       (unsigned long long)heard, e->owner, (unsigned long long)b->elements);
    }
    return ENGRAM_OK;
}

engram_status eg_rule_bindings(eg_checker *c)
{
    const eg_code *code = c->net->document.code;
    engram_status status = eg_check_arrays(c);
    for (size_t k = 0; code && !status && k < code->executables.count; k++) {
        bound b = {.x = {.c = c, .e = &code->executables.item[k], .use = c->use[k]}};
        b.counted = elements_of(c, b.x.e, &b.elements);
        status = collect_names(&b.x);
        if (!status)
            status = judge_bindings(&b);
        if (!status)
            status = judge_template(&b);
        eg_map_free(b.x.map);
    }
    return status;
}

/* ---- F22 ------------------------------------------------------------------------------ */

engram_status eg_rule_writes(eg_checker *c)
{
    engram_status status = eg_check_arrays(c);
    const eg_stored *array;
    for (size_t k = 0; !status && (array = eg_check_stored_at(c, k)) != NULL; k++) {
        if (!array->writes)
            continue;
        const char *path = eg_check_path(c, "/code/executables/%s", array->writes);
        if (array->engine)
            status = eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F22", path,
                                  "writes %.100s.%.100s, by which the engine counts",
                                  array->owner, array->variable);
        else if (array->indexes && array->variable[0] == '_')
            status = eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F22", path,
                                  "writes %.80s.%.80s, an index array of \"%.80s\"",
                                  array->owner, array->variable, array->indexes);
    }
    return status;
}
