/* Rules on single values: F10 words, F11 numbers, F12 shapes. */
#include "check/check_rules.h"
#include "network/net_find.h"
#include "network/net_types.h"

#include <math.h>
#include <string.h>

/* ---- F10 ------------------------------------------------------------------------------ */

/* The words of every field that has a fixed set of them, separated by blanks. */
static const struct {
    const char *element, *field, *words;
} vocabulary[] = {
    {"constant", "dtype", "bool int32 int64 float32 float64"},
    {"equation", "kind", "differential subexpression parameter"},
    {"equation", "type", "float integer boolean"},
    {"variable", "dtype", "bool int32 int64 float32 float64 uint8 uint32 uint64"},
    {"group", "kind", "neurons poisson spikegenerator subgroup"},
    {"group", "refractory_kind", " time condition"},
    {"pathway", "prepost", "pre post"},
    {"monitor", "kind", "spike event state rate"},
    {"function", "kind", "timedarray custom"},
    {"setup", "kind", "initialise connect seed"},
    {"network", "dialect", "brian2-runtime brian2-standalone"},
    {"network", "rng_rule", "brian-runtime brian-standalone philox"},
    {"network", "origin", "capture export"},
    {"statement", "part", "scalar vector"},
    {"statement", "op", ":= = += -= *= /="},
    {"statement", "dtype", "bool int32 int64 float32 float64"},
    {"binding", "kind", "array constant function output subexpression"},
    {"executable", "template",
     "stateupdate threshold reset synapses summed_variable statemonitor spikemonitor "
     "ratemonitor spikegenerator"},
    {"random", "kind", "mt19937"}};

static bool is_word(const char *words, const char *text)
{
    const size_t length = strlen(text);
    if (length == 0)
        return words[0] == ' '; /* empty allowed */
    for (const char *at = words; (at = strstr(at, text)) != NULL; at += length)
        if ((at == words || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
            return true;
    return false;
}

static engram_status judge_words(void *context, const char *path, const eg_field *field,
                                 const void *element, engram_error *err)
{
    (void)err;
    eg_checker *c = context;
    if (field->kind != EG_FIELD_STR)
        return ENGRAM_OK;
    for (size_t k = 0; k < sizeof vocabulary / sizeof *vocabulary; k++) {
        if (strcmp(vocabulary[k].field, field->name) != 0)
            continue;
        /* A descriptor is one object, so its address tells the element. */
        size_t count;
        const eg_element_type *const *types = eg_element_types(&count);
        for (size_t t = 0; t < count; t++) {
            if (strcmp(types[t]->name, vocabulary[k].element) != 0 ||
                field < types[t]->fields || field >= types[t]->fields + types[t]->field_count)
                continue;
            const char *text =
                *(const char *const *)(const void *)((const char *)element + field->offset);
            if (!is_word(vocabulary[k].words, text))
                return eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F10", path,
                                    "unknown %s \"%s\", expected one of: %s", field->name, text,
                                    vocabulary[k].words);
        }
    }
    return ENGRAM_OK;
}

engram_status eg_rule_kinds(eg_checker *c)
{
    const eg_visit visit = {judge_words, c};
    return eg_net_walk(c->net, &visit, c->err);
}

/* ---- F11 ------------------------------------------------------------------------------ */

static engram_status bad_number(eg_checker *c, const char *path, const char *message)
{
    return eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F11", path, "%s", message);
}

static engram_status judge_slice(eg_checker *c, const char *path, int64_t start, int64_t stop)
{
    if (start >= 0 && (stop == -1 || stop >= start))
        return ENGRAM_OK;
    return eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F11", path,
                        "slice from %lld to %lld, expected 0 <= start <= stop",
                        (long long)start, (long long)stop);
}

static engram_status judge_group_numbers(eg_checker *c, const eg_group *g)
{
    const char *path = eg_check_path(c, "/network/groups/%s", g->name);
    if (g->n < 0 || g->n > INT32_MAX)
        return eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_LIMIT, "F11", path,
                            "%lld elements, expected 0 to 2147483647", (long long)g->n);
    if (!(g->period >= 0) || isinf(g->period))
        return bad_number(c, path, "period must be finite and not negative");
    if (strcmp(g->kind, "subgroup") != 0)
        return ENGRAM_OK;
    const eg_group *source = eg_net_group(c->network, g->source);
    if (g->start < 0 || g->stop < g->start || (source && g->stop > source->n) ||
        g->n != g->stop - g->start)
        return eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F11", path,
                            "subgroup of %lld from %lld to %lld of a group of %lld",
                            (long long)g->n, (long long)g->start, (long long)g->stop,
                            source ? (long long)source->n : -1LL);
    return ENGRAM_OK;
}

static engram_status judge_synapses_numbers(eg_checker *c, const eg_synapses *s)
{
    const char *path = eg_check_path(c, "/network/synapses/%s", s->name);
    engram_status status = judge_slice(c, path, s->source_start, s->source_stop);
    if (!status)
        status = judge_slice(c, path, s->target_start, s->target_stop);
    for (size_t k = 0; !status && k < s->pathways.count; k++) {
        const eg_pathway *p = &s->pathways.item[k];
        if (!(p->delay >= 0) || isinf(p->delay))
            status = bad_number(c, eg_check_path(c, "%s/pathways/%s/delay", path, p->name),
                                "a delay must be finite and not negative");
    }
    return status;
}

engram_status eg_rule_numbers(eg_checker *c)
{
    const eg_network *n = c->network;
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < n->clocks.count; k++)
        if (!(n->clocks.item[k].dt > 0) || isinf(n->clocks.item[k].dt))
            status =
                bad_number(c, eg_check_path(c, "/network/clocks/%s/dt", n->clocks.item[k].name),
                           "a clock's step must be finite and above 0");
    for (size_t k = 0; !status && k < n->groups.count; k++)
        status = judge_group_numbers(c, &n->groups.item[k]);
    for (size_t k = 0; !status && k < n->synapses.count; k++)
        status = judge_synapses_numbers(c, &n->synapses.item[k]);
    for (size_t k = 0; !status && k < n->inputs.count; k++) {
        const eg_input *input = &n->inputs.item[k];
        const char *path = eg_check_path(c, "/network/inputs/%s", input->name);
        status = judge_slice(c, path, input->start, input->stop);
        if (!status && (input->n < 0 || !(input->rate >= 0) || isinf(input->rate)))
            status = bad_number(c, path, "trains and rate must be finite and not negative");
    }
    for (size_t k = 0; !status && k < n->runs.count; k++) {
        const eg_run *run = &n->runs.item[k];
        const char *path = eg_check_path(c, "/network/runs/%zu", k);
        if (!(run->duration >= 0) || isinf(run->duration))
            status = bad_number(c, path, "a duration must be finite and not negative");
        else if (run->setup_end < 0 || (uint64_t)run->setup_end > n->setup.count)
            status = bad_number(c, path, "setup_end lies outside the setup");
    }
    return status;
}

/* ---- F12 ------------------------------------------------------------------------------ */

static engram_status same_length(eg_checker *c, const char *path, const eg_source *a,
                                 const eg_source *b, const char *names)
{
    if (!a == !b && (!a || a->count == b->count))
        return ENGRAM_OK;
    return eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F12", path,
                        "%s have %lld and %lld elements, expected as many", names,
                        a ? (long long)a->count : -1LL, b ? (long long)b->count : -1LL);
}

static const eg_variable *stored_variable(const eg_checker *c, const eg_array *array)
{
    const eg_group *g = eg_net_group(c->network, array->owner);
    const eg_synapses *s = eg_net_synapses(c->network, array->owner);
    const eg_variable_list *list = g ? &g->variables : s ? &s->variables : NULL;
    for (size_t k = 0; list && k < list->count; k++)
        if (strcmp(list->item[k].name, array->variable) == 0)
            return &list->item[k];
    return NULL;
}

static engram_status judge_stored(eg_checker *c, const eg_array *array)
{
    const eg_variable *v = stored_variable(c, array);
    eg_dtype dtype;
    if (!v || !eg_dtype_parse(&dtype, v->dtype))
        return ENGRAM_OK;
    const char *path = eg_check_path(c, "/state/arrays/%s/data", array->name);
    if (array->data->dtype != dtype)
        return eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F12", path,
                            "elements of %s, but the variable is of %s",
                            eg_dtype_name(array->data->dtype), v->dtype);
    if (!v->dynamic && (v->size < 0 || array->data->count != (uint64_t)v->size))
        return eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F12", path,
                            "%llu elements, but the variable has %lld",
                            (unsigned long long)array->data->count, (long long)v->size);
    return ENGRAM_OK;
}

static engram_status judge_random(eg_checker *c, const eg_random *random)
{
    if (random->words->count != 624 || random->words->dtype != EG_U32 || random->position < 0 ||
        random->position > 624)
        return eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F12", "/state/random",
                            "mt19937 needs 624 words of uint32 and a position of 0 to 624");
    return ENGRAM_OK;
}

engram_status eg_rule_shapes(eg_checker *c)
{
    const eg_network *n = c->network;
    const eg_state *state = c->net->document.state;
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < n->groups.count; k++)
        status = same_length(c, eg_check_path(c, "/network/groups/%s", n->groups.item[k].name),
                             n->groups.item[k].indices, n->groups.item[k].times,
                             "indices and times");
    for (size_t k = 0; !status && k < n->setup.count; k++)
        status =
            same_length(c, eg_check_path(c, "/network/setup/%zu", k), n->setup.item[k].i_array,
                        n->setup.item[k].j_array, "i_array and j_array");
    for (size_t k = 0; !status && k < n->functions.count; k++) {
        const eg_function *f = &n->functions.item[k];
        if (strcmp(f->kind, "timedarray") == 0 &&
            (!f->values || (int64_t)f->values->ndim != f->ndim || !(f->dt > 0)))
            status = eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F12",
                                  eg_check_path(c, "/network/functions/%s", f->name),
                                  "a timedarray needs values of %lld dimensions and dt above 0",
                                  (long long)f->ndim);
    }
    for (size_t k = 0; state && !status && k < state->arrays.count; k++)
        status = judge_stored(c, &state->arrays.item[k]);
    for (size_t k = 0; state && !status && k < state->queues.count; k++)
        status = same_length(
            c, eg_check_path(c, "/state/queues/%s", state->queues.item[k].name),
            state->queues.item[k].steps, state->queues.item[k].synapses, "steps and synapses");
    if (!status && state && state->random)
        status = judge_random(c, state->random);
    return status;
}
