/* Rules on single values: F10 words, F11 numbers, F12 shapes. */
#include "check/check_arrays.h"
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
    {"equation", "dtype", " bool int32 int64 float32 float64"},
    {"variable", "dtype", "bool int32 int64 float32 float64 uint8 uint32 uint64"},
    {"group", "kind", "neurons poisson spikegenerator subgroup"},
    {"group", "refractory_kind", " time condition"},
    {"pathway", "prepost", "pre post"},
    {"monitor", "kind", "spike event state rate"},
    {"monitor", "dtype", " float32"},
    {"function", "kind", "timedarray binomial custom"},
    {"function", "result_type", " integer boolean highest"},
    {"setup", "kind", "initialise connect seed"},
    {"network", "dialect", "brian2-runtime brian2-standalone"},
    {"network", "rng_rule", "brian-runtime brian-standalone philox"},
    {"network", "origin", "capture export"},
    {"network", "float_dtype", " float32"},
    {"statement", "part", "scalar vector"},
    {"statement", "op", ":= = += -= *= /="},
    {"statement", "dtype", "bool int32 int64 float32 float64"},
    {"binding", "kind", "array constant function output subexpression"},
    {"executable", "template",
     "stateupdate gsl threshold reset synapses summed_variable statemonitor spikemonitor "
     "ratemonitor spikegenerator"},
    {"random", "kind", "mt19937"},
    {"loss", "severity", "lost changed"}};

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

/* Beyond, t = timestep * dt would not tell steps apart. */
static const int64_t TIMESTEP_MAX = (int64_t)1 << 53;

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

/* A slice of a group is inside of it; how many synapses there are is known elsewhere. */
static engram_status judge_slice_of(eg_checker *c, const char *path, const char *object,
                                    int64_t start, int64_t stop)
{
    const eg_group *group = eg_net_group(c->network, object);
    if (start < 0 || (stop != -1 && stop < start) || !group ||
        (start <= group->n && stop <= group->n))
        return judge_slice(c, path, start, stop);
    return eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_LIMIT, "F11", path,
                        "slice from %lld to %lld of a group of %lld", (long long)start,
                        (long long)stop, (long long)group->n);
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
    engram_status status = judge_slice_of(c, path, s->source, s->source_start, s->source_stop);
    if (!status)
        status = judge_slice_of(c, path, s->target, s->target_start, s->target_stop);
    for (size_t k = 0; !status && k < s->pathways.count; k++) {
        const eg_pathway *p = &s->pathways.item[k];
        if (!(p->delay >= 0) || isinf(p->delay))
            status = bad_number(c, eg_check_path(c, "%s/pathways/%s/delay", path, p->name),
                                "a delay must be finite and not negative");
    }
    return status;
}

/* The times of an event clock, block by block. */
static engram_status judge_times(eg_checker *c, const char *path, const eg_source *times)
{
    double *block = eg_check_block(c);
    if (!block)
        return eg_fail_memory(c->err, "checking times");
    double before = -1;
    for (uint64_t done = 0, now; done < times->count; done += now) {
        const uint64_t left = times->count - done;
        now = left < EG_CHECK_BLOCK ? left : EG_CHECK_BLOCK;
        const engram_status status = eg_source_read(times, block, done, now, c->err);
        if (status)
            return status;
        for (uint64_t k = 0; k < now; before = block[k++])
            if (!(block[k] >= 0) || isinf(block[k]) || block[k] <= before)
                return eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F11", path,
                                    "time %llu is %.17g s: times of a clock must be finite, "
                                    "not negative, and each later than the one before",
                                    (unsigned long long)(done + k), block[k]);
    }
    return ENGRAM_OK;
}

static engram_status judge_clock(eg_checker *c, const eg_clock *clock)
{
    const char *path = eg_check_path(c, "/network/clocks/%s", clock->name);
    const eg_source *times = clock->times;
    if (!times)
        return clock->dt > 0 && !isinf(clock->dt)
                   ? ENGRAM_OK
                   : bad_number(c, eg_check_path(c, "%s/dt", path),
                                "a clock's step must be finite and above 0");
    if (clock->dt != 0) /* NaN, too */
        return bad_number(c, eg_check_path(c, "%s/dt", path),
                          "a clock has a step or times, not both");
    if (times->dtype != EG_F64 || times->ndim != 1)
        return ENGRAM_OK; /* F12 complains */
    return judge_times(c, eg_check_path(c, "%s/times", path), times);
}

static engram_status judge_tick(eg_checker *c, const char *path, const eg_ticks *ticks)
{
    const eg_clock *clock = eg_net_clock(c->network, ticks->name); /* none: F14 */
    const eg_source *times = clock ? clock->times : NULL;
    if (ticks->timestep < 0 || ticks->timestep > TIMESTEP_MAX)
        return bad_number(c, eg_check_path(c, "%s/timestep", path),
                          "steps done must be 0 to 2**53");
    if (times && (uint64_t)ticks->timestep > times->count)
        return eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F11",
                            eg_check_path(c, "%s/timestep", path),
                            "%lld steps done by a clock of %llu times",
                            (long long)ticks->timestep, (unsigned long long)times->count);
    if (times && ticks->dt != 0)
        return bad_number(c, eg_check_path(c, "%s/dt", path), "an event clock has no step");
    if (!(ticks->dt >= 0) || isinf(ticks->dt))
        return bad_number(c, eg_check_path(c, "%s/dt", path),
                          "a clock's step must be finite and above 0, or 0: unchanged");
    return ENGRAM_OK;
}

/* Where clocks stand, at the beginning or, as `where` says, when a run begins. */
static engram_status judge_ticks(eg_checker *c, const char *where, const eg_ticks_list *list)
{
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < list->count; k++)
        status = judge_tick(c, eg_check_path(c, "%s/clocks/%zu", where, k), &list->item[k]);
    return status;
}

static engram_status judge_state_numbers(eg_checker *c, const eg_state *state)
{
    if (!(state->t >= 0) || isinf(state->t))
        return bad_number(c, "/state/t", "a time must be finite and not negative");
    engram_status status = judge_ticks(c, "/state", &state->clocks);
    for (size_t k = 0; !status && !c->run && k < state->clocks.count; k++) {
        const eg_ticks *ticks = &state->clocks.item[k];
        const eg_clock *clock = eg_net_clock(c->network, ticks->name);
        if (clock && ticks->dt != 0 && ticks->dt != clock->dt)
            status = bad_number(c, eg_check_path(c, "/state/clocks/%zu/dt", k),
                                "a clock begins with its step in network/clocks");
    }
    return status;
}

static engram_status judge_executable_numbers(eg_checker *c, const eg_executable *e)
{
    const char *path = eg_check_path(c, "/code/executables/%s", e->name);
    return judge_slice_of(c, path, e->event_source, e->start, e->stop);
}

engram_status eg_rule_numbers(eg_checker *c)
{
    const eg_network *n = c->network;
    const eg_code *code = c->net->document.code;
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < n->clocks.count; k++)
        status = judge_clock(c, &n->clocks.item[k]);
    for (size_t k = 0; !status && k < n->groups.count; k++)
        status = judge_group_numbers(c, &n->groups.item[k]);
    for (size_t k = 0; !status && k < n->synapses.count; k++)
        status = judge_synapses_numbers(c, &n->synapses.item[k]);
    for (size_t k = 0; !status && k < n->inputs.count; k++) {
        const eg_input *input = &n->inputs.item[k];
        const char *path = eg_check_path(c, "/network/inputs/%s", input->name);
        status = judge_slice_of(c, path, input->target, input->start, input->stop);
        if (!status && (input->n < 0 || !(input->rate >= 0) || isinf(input->rate)))
            status = bad_number(c, path, "trains and rate must be finite and not negative");
    }
    for (size_t k = 0; !status && k < n->monitors.count; k++) {
        const eg_monitor *m = &n->monitors.item[k];
        status = judge_slice_of(c, eg_check_path(c, "/network/monitors/%s", m->name), m->source,
                                m->start, m->stop);
    }
    for (size_t k = 0; !status && k < n->setup.count; k++)
        status = judge_slice_of(c, eg_check_path(c, "/network/setup/%zu", k),
                                n->setup.item[k].target, n->setup.item[k].start,
                                n->setup.item[k].stop);
    for (size_t k = 0; code && !status && k < code->executables.count; k++)
        status = judge_executable_numbers(c, &code->executables.item[k]);
    if (!status && c->net->document.state)
        status = judge_state_numbers(c, c->net->document.state);
    for (size_t k = 0; !status && k < n->runs.count; k++) {
        const eg_run *run = &n->runs.item[k];
        const char *path = eg_check_path(c, "/network/runs/%zu", k);
        if (!(run->duration >= 0) || isinf(run->duration))
            status = bad_number(c, path, "a duration must be finite and not negative");
        else if (run->setup_end < 0 || (uint64_t)run->setup_end > n->setup.count)
            status = bad_number(c, path, "setup_end lies outside the setup");
        else if (run->state)
            status = judge_ticks(c, eg_check_path(c, "%s/state", path), &run->state->clocks);
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

/* What a group stores for its equations, and Brian2 beside them, has its size. */
static engram_status judge_sizes(eg_checker *c, const eg_group *g)
{
    static const char *const given[] = {"i", "not_refractory", "lastspike", "_sub_idx"};
    enum { GIVEN = sizeof given / sizeof *given };
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < GIVEN + g->equations.count; k++) {
        const char *name = k < GIVEN ? given[k] : g->equations.item[k - GIVEN].name;
        const eg_variable *v = eg_net_variable(&g->variables, name);
        const int64_t size = v && v->scalar ? 1 : g->n;
        if (v && v->size != size)
            status = eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F12",
                                  eg_check_path(c, "/network/groups/%s/variables", g->name),
                                  "%s has %lld elements, expected %lld", name,
                                  (long long)v->size, (long long)size);
    }
    return status;
}

/* The element type of an equation is of its kind, and that of the variable that stores it. */
static engram_status judge_equation_types(eg_checker *c, const char *object,
                                          const eg_equation_list *equations,
                                          const eg_variable_list *variables)
{
    for (size_t k = 0; k < equations->count; k++) {
        const eg_equation *e = &equations->item[k];
        eg_dtype dtype;
        if (!eg_dtype_parse(&dtype, e->dtype))
            continue;
        const char *path = eg_check_path(c, "%s/equations/%zu", object, k);
        const char *type = dtype == EG_F64 || dtype == EG_F32 ? "float"
                           : dtype == EG_BOOL                 ? "boolean"
                                                              : "integer";
        const eg_variable *stored = eg_net_variable(variables, e->name);
        engram_status status = ENGRAM_OK;
        if (strcmp(type, e->type) != 0)
            status = eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F12", path,
                                  "%s is of %s, which is no %s", e->name, e->dtype, e->type);
        else if (stored && strcmp(stored->dtype, e->dtype) != 0)
            status = eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F12", path,
                                  "%s is of %s, but its variable is of %s", e->name, e->dtype,
                                  stored->dtype);
        if (status)
            return status;
    }
    return ENGRAM_OK;
}

/* An array, if it is there, has one dimension and the type that its field states. */
static engram_status judge_vector(eg_checker *c, const char *path, const char *field,
                                  const eg_source *source, eg_dtype dtype)
{
    if (!source || (source->dtype == dtype && source->ndim == 1))
        return ENGRAM_OK;
    return eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F12", path,
                        "%s is an array of %s with %u dimensions, expected %s with 1", field,
                        eg_dtype_name(source->dtype), (unsigned)source->ndim,
                        eg_dtype_name(dtype));
}

enum { RANDOM_WORDS = 624, RANDOM_BUFFER = 20000 };

static engram_status judge_buffer(eg_checker *c, const char *field, const eg_source *buffer,
                                  int64_t next)
{
    if (next == 0 && !buffer)
        return ENGRAM_OK;
    if (buffer && buffer->dtype == EG_F64 && buffer->count == RANDOM_BUFFER && next >= 0 &&
        next < RANDOM_BUFFER)
        return ENGRAM_OK;
    return eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F12", "/state/random",
                        "%s needs %d numbers of float64 and a next one of 0 to %d, not %lld",
                        field, RANDOM_BUFFER, RANDOM_BUFFER - 1, (long long)next);
}

static engram_status judge_random(eg_checker *c, const eg_random *random)
{
    if (random->words->count != RANDOM_WORDS || random->words->dtype != EG_U32 ||
        random->position < 0 || random->position > RANDOM_WORDS)
        return eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F12", "/state/random",
                            "mt19937 needs 624 words of uint32 and a position of 0 to 624");
    engram_status status = judge_buffer(c, "uniforms", random->uniforms, random->next_uniform);
    return status ? status : judge_buffer(c, "normals", random->normals, random->next_normal);
}

static engram_status judge_function(eg_checker *c, const char *path, const eg_function *f)
{
    const eg_source *v = f->values;
    if (strcmp(f->kind, "timedarray") != 0 ||
        (v && v->dtype == EG_F64 && v->count && (v->ndim == 1 || v->ndim == 2) &&
         (int64_t)v->ndim == f->ndim && v->shape[0] <= INT32_MAX &&
         (v->ndim == 1 || v->shape[1] <= INT32_MAX) && f->dt > 0 && !isinf(f->dt)))
        return ENGRAM_OK;
    return eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F12", path,
                        "a timedarray needs values of float64 with %lld dimensions (1 or 2), "
                        "not empty, and dt above 0",
                        (long long)f->ndim);
}

static engram_status judge_setup_arrays(eg_checker *c, size_t k)
{
    const eg_setup *s = &c->network->setup.item[k];
    const char *path = eg_check_path(c, "/network/setup/%zu", k);
    engram_status status = same_length(c, path, s->i_array, s->j_array, "i_array and j_array");
    if (!status)
        status = judge_vector(c, path, "i_array", s->i_array, EG_I32);
    if (!status)
        status = judge_vector(c, path, "j_array", s->j_array, EG_I32);
    if (!status)
        status = judge_vector(c, path, "indices", s->indices, EG_I32);
    for (size_t f = 0; !status && f < s->functions.count; f++)
        status = judge_function(
            c, eg_check_path(c, "%s/functions/%s", path, s->functions.item[f].name),
            &s->functions.item[f]);
    return status;
}

static engram_status judge_group_arrays(eg_checker *c, const eg_group *g)
{
    const char *path = eg_check_path(c, "/network/groups/%s", g->name);
    engram_status status = same_length(c, path, g->indices, g->times, "indices and times");
    if (!status)
        status = judge_vector(c, path, "indices", g->indices, EG_I32);
    for (size_t k = 0; !status && k < g->index_arrays.count; k++) {
        const eg_index_array *a = &g->index_arrays.item[k];
        if ((a->values->dtype == EG_I32 || a->values->dtype == EG_I64) &&
            a->values->ndim == 1 && a->values->count == (uint64_t)g->n)
            continue;
        status =
            eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F12",
                         eg_check_path(c, "%s/index_arrays/%s", path, a->name),
                         "%llu values of %s with %u dimensions, expected %lld of int32 or "
                         "int64 with 1",
                         (unsigned long long)a->values->count, eg_dtype_name(a->values->dtype),
                         (unsigned)a->values->ndim, (long long)g->n);
    }
    return status ? status : judge_vector(c, path, "times", g->times, EG_F64);
}

static engram_status judge_queue(eg_checker *c, const eg_queue *q)
{
    const char *path = eg_check_path(c, "/state/queues/%s", q->name);
    engram_status status = same_length(c, path, q->steps, q->synapses, "steps and synapses");
    if (!status)
        status = judge_vector(c, path, "steps", q->steps, EG_I32);
    return status ? status : judge_vector(c, path, "synapses", q->synapses, EG_I32);
}

/* The two ends of synapses, and their delays. */
static engram_status judge_synapses_arrays(eg_checker *c, const eg_synapses *s)
{
    const eg_array *pre = eg_net_array(c->net->document.state, s->name, "_synaptic_pre");
    const eg_array *post = eg_net_array(c->net->document.state, s->name, "_synaptic_post");
    if (!pre || !post)
        return ENGRAM_OK;
    const char *path = eg_check_path(c, "/state/arrays/%s", pre->name);
    engram_status status =
        same_length(c, path, pre->data, post->data, "_synaptic_pre and _synaptic_post");
    if (!status)
        status = judge_vector(c, path, "_synaptic_pre", pre->data, EG_I32);
    if (!status)
        status = judge_vector(c, path, "_synaptic_post", post->data, EG_I32);
    for (size_t k = 0; !status && k < s->pathways.count; k++) {
        const eg_pathway *p = &s->pathways.item[k];
        const eg_array *delay = eg_net_array(c->net->document.state, p->name, "delay");
        if (!delay)
            continue;
        path = eg_check_path(c, "/state/arrays/%s", delay->name);
        const uint64_t wanted = p->homogeneous ? 1 : pre->data->count;
        if ((delay->data->dtype != EG_F64 && delay->data->dtype != EG_F32) ||
            delay->data->count != wanted)
            status =
                eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F12", path,
                             "%llu delays of %s, expected %llu of float64 or float32",
                             (unsigned long long)delay->data->count,
                             eg_dtype_name(delay->data->dtype), (unsigned long long)wanted);
    }
    return status;
}

engram_status eg_rule_shapes(eg_checker *c)
{
    const eg_network *n = c->network;
    const eg_state *state = c->net->document.state;
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < n->clocks.count; k++)
        status = judge_vector(c, eg_check_path(c, "/network/clocks/%s", n->clocks.item[k].name),
                              "times", n->clocks.item[k].times, EG_F64);
    for (size_t k = 0; !status && k < n->groups.count; k++)
        status = judge_group_arrays(c, &n->groups.item[k]);
    for (size_t k = 0; !status && k < n->groups.count; k++)
        status = judge_sizes(c, &n->groups.item[k]);
    for (size_t k = 0; !status && k < n->groups.count; k++)
        status = judge_equation_types(
            c, eg_check_path(c, "/network/groups/%s", n->groups.item[k].name),
            &n->groups.item[k].equations, &n->groups.item[k].variables);
    for (size_t k = 0; !status && k < n->synapses.count; k++)
        status = judge_equation_types(
            c, eg_check_path(c, "/network/synapses/%s", n->synapses.item[k].name),
            &n->synapses.item[k].equations, &n->synapses.item[k].variables);
    for (size_t k = 0; !status && k < n->synapses.count; k++)
        status = judge_synapses_arrays(c, &n->synapses.item[k]);
    for (size_t k = 0; !status && k < n->monitors.count; k++)
        status =
            judge_vector(c, eg_check_path(c, "/network/monitors/%s", n->monitors.item[k].name),
                         "indices", n->monitors.item[k].indices, EG_I32);
    for (size_t k = 0; !status && k < n->setup.count; k++)
        status = judge_setup_arrays(c, k);
    for (size_t k = 0; !status && k < n->functions.count; k++)
        status = judge_function(
            c, eg_check_path(c, "/network/functions/%s", n->functions.item[k].name),
            &n->functions.item[k]);
    for (size_t k = 0; state && !status && k < state->arrays.count; k++)
        status = judge_stored(c, &state->arrays.item[k]);
    for (size_t k = 0; state && !status && k < state->queues.count; k++)
        status = judge_queue(c, &state->queues.item[k]);
    if (!status && state && state->random)
        status = judge_random(c, state->random);
    return status;
}
