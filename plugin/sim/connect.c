#include "sim/connect.h"

#include "lang/ast.h"
#include "network/net_find.h"

#include <ctype.h>
#include <string.h>

/* A generator: EXPR for INNER in range(LOW, HIGH, STEP) | sample(.., p= | size=) [if COND]. */
typedef struct generator {
    const char *expr, *inner, *condition;
    const char *low, *high, *step;
    const char *p, *size; /* NULL: not a sample */
    bool over_pre;        /* outer loop over pre: the result is j */
} generator;

typedef struct connector {
    const eg_evaluation *context;
    const eg_setup *step;
    const eg_synapses *synapses;
    eg_ends ends;
    int64_t pre_n, post_n, pre_start, post_start;
    eg_made made;
    uint64_t existing;
    generator from;
    eg_evaluator expr, condition, low, high, stride, amount, number; /* amount: p or size */
    bool has_condition, has_number, plain_result;
    bool condition_outer, range_first; /* 6.3, steps 1 and 4 */
    /* Candidates of one outer element that wait to be judged together. One at a time where code
     * draws, since its draws and those of the sample alternate. */
    uint32_t waiting, together;
    int64_t outer;
    int64_t result[EG_EVALUATED];
} connector;

static const char UNSUPPORTED_P[] =
    "p with explicit indices is drawn by the script, not by the network: record i and j of the "
    "live network instead";

/* ---- groups ----------------------------------------------------------------------------- */

/* Elements of a group, or as many synapses as there are by now. */
static engram_status count_side(int64_t *out, const connector *c, const char *name,
                                engram_error *err)
{
    const eg_network *network = c->context->net->document.network;
    const eg_group *group = eg_net_group(network, name);
    const eg_cell *ends =
        group ? NULL : eg_store_find(c->context->store, name, "_synaptic_pre");
    if (!group && !ends)
        return eg_fail(err, ENGRAM_E_REFERENCE, "%s: there is no group or synapses \"%s\"",
                       c->context->where, name);
    *out = group ? group->n : (int64_t)ends->count;
    return ENGRAM_OK;
}

static engram_status read_sides(connector *c, engram_error *err)
{
    const eg_network *network = c->context->net->document.network;
    for (size_t k = 0; k < network->synapses.count; k++)
        if (!strcmp(network->synapses.item[k].name, c->step->target))
            c->synapses = &network->synapses.item[k];
    if (!c->synapses)
        return eg_fail(err, ENGRAM_E_REFERENCE, "%s: there are no synapses \"%s\"",
                       c->context->where, c->step->target);
    int64_t sources = 0, targets = 0;
    engram_status status = count_side(&sources, c, c->synapses->source, err);
    if (!status)
        status = count_side(&targets, c, c->synapses->target, err);
    if (status)
        return status;
    c->pre_start = c->synapses->source_start;
    c->post_start = c->synapses->target_start;
    c->pre_n =
        (c->synapses->source_stop < 0 ? sources : c->synapses->source_stop) - c->pre_start;
    c->post_n =
        (c->synapses->target_stop < 0 ? targets : c->synapses->target_stop) - c->post_start;
    if (c->pre_start < 0 || c->post_start < 0 || c->pre_n < 0 || c->post_n < 0 ||
        c->pre_start + c->pre_n > sources || c->post_start + c->post_n > targets ||
        sources > INT32_MAX || targets > INT32_MAX)
        return eg_fail(err, ENGRAM_E_LIMIT, "%s: a slice is not inside its group",
                       c->context->where);
    const eg_cell *n = eg_store_find(c->context->store, c->synapses->name, "_synaptic_pre");
    c->existing = n ? n->count : 0;
    return ENGRAM_OK;
}

/* ---- the text of a generator --------------------------------------------------------------
 */

/* First `word` outside of parentheses with blanks on both sides; NULL if there is none. */
static char *find_word(char *text, const char *word)
{
    const size_t length = strlen(word);
    int depth = 0;
    for (char *at = text; *at; at++) {
        depth += (*at == '(') - (*at == ')');
        if (depth == 0 && *at == ' ' && !strncmp(at + 1, word, length) && at[1 + length] == ' ')
            return at;
    }
    return NULL;
}

static char *trimmed(char *text)
{
    while (*text == ' ' || *text == '\t' || *text == '\n')
        text++;
    for (size_t n = strlen(text); n && (text[n - 1] == ' ' || text[n - 1] == '\n'); n--)
        text[n - 1] = '\0';
    return text;
}

static engram_status bad_generator(const connector *c, const char *text, const char *why,
                                   engram_error *err)
{
    return eg_fail(err, ENGRAM_E_SYNTAX, "%s: generator \"%s\": %s", c->context->where, text,
                   why);
}

/* Whether [text, end) is a name, with blanks behind it at most. */
static bool is_name(const char *text, const char *end)
{
    while (end > text && end[-1] == ' ')
        end--;
    for (const char *at = text; at < end; at++)
        if (!isalnum((unsigned char)*at) && *at != '_')
            return false;
    return true;
}

/* "f(a, b, p=c)" -> low, high, step and the keyword. */
static engram_status read_call(connector *c, char *call, const char *whole, engram_error *err)
{
    generator *g = &c->from;
    char *open = strchr(call, '('), *close = strrchr(call, ')');
    if (!open || !close || *trimmed(close + 1))
        return bad_generator(c, whole, "range(...) or sample(...) is wanted after \"in\"", err);
    *open = *close = '\0';
    const char *function = trimmed(call);
    const bool sample = !strcmp(function, "sample");
    if (!sample && strcmp(function, "range"))
        return bad_generator(c, whole, "only range and sample may stand after \"in\"", err);
    const char *argument[3];
    size_t count = 0;
    int depth = 0;
    for (char *at = open + 1, *begin = at;; at++) {
        const char ch = *at;
        depth += (ch == '(') - (ch == ')');
        if (ch && (ch != ',' || depth))
            continue;
        *at = '\0';
        char *part = trimmed(begin), *equals = strchr(part, '=');
        const bool keyword = equals && equals[1] != '=' && is_name(part, equals);
        if (keyword) {
            *equals = '\0';
            const char *key = trimmed(part);
            if (sample && !strcmp(key, "p"))
                g->p = trimmed(equals + 1);
            else if (sample && !strcmp(key, "size"))
                g->size = trimmed(equals + 1);
            else
                return bad_generator(c, whole, "an unknown keyword", err);
        } else if (count == 3 || !*part) {
            return bad_generator(c, whole, "one to three arguments are wanted", err);
        } else {
            argument[count++] = part;
        }
        if (!ch)
            break;
        begin = at + 1;
    }
    if (!count || (sample && !g->p == !g->size))
        return bad_generator(
            c, whole, sample ? "sample needs either p or size" : "range needs an argument",
            err);
    g->low = count > 1 ? argument[0] : "0";
    g->high = argument[count > 1 ? 1 : 0];
    g->step = count > 2 ? argument[2] : "1";
    return ENGRAM_OK;
}

static engram_status read_generator(connector *c, const char *whole, engram_error *err)
{
    generator *g = &c->from;
    char *text = eg_arena_printf(c->context->arena, "%s ", whole);
    if (!text)
        return eg_fail_memory(err, "a generator");
    for (char *at = text; *at; at++)
        if (*at == '\n' || *at == '\t')
            *at = ' ';
    char *loop = find_word(text, "for");
    char *test = find_word(loop ? loop + 1 : text, "if");
    if (test) {
        *test = '\0';
        g->condition = trimmed(test + 3);
    }
    g->low = "0", g->high = "1", g->step = "1";
    if (loop) {
        char *in = find_word(loop + 4, "in");
        if (!in)
            return bad_generator(c, whole, "\"in\" is missing", err);
        *loop = *in = '\0';
        g->inner = trimmed(loop + 4);
        engram_status status = read_call(c, in + 3, whole, err);
        if (status)
            return status;
    }
    g->expr = trimmed(text);
    return *g->expr ? ENGRAM_OK : bad_generator(c, whole, "it has no expression", err);
}

/* ---- from arguments to a generator (6.2) --------------------------------------------------
 */

/* A literal's value. */
static bool literal(const connector *c, const char *text, double *value)
{
    eg_expr *parsed;
    if (eg_parse_expr(&parsed, c->context->arena, text, NULL))
        return false;
    *value = parsed->kind == EG_EXPR_BOOL ? (double)parsed->integer : parsed->number;
    return parsed->kind == EG_EXPR_INT || parsed->kind == EG_EXPR_FLOAT ||
           parsed->kind == EG_EXPR_BOOL;
}

static engram_status compile_code(connector *c, eg_evaluator *out, const char *code,
                                  eg_dtype type, engram_error *err)
{
    eg_setup_code request = {.object = c->synapses->name,
                             .output = "_value",
                             .output_type = type,
                             .step = c->step,
                             .stop = -1,
                             .connecting = true,
                             .inner = c->from.inner,
                             .code = code};
    return code ? eg_evaluator_init(out, c->context, &request, err)
                : eg_fail_memory(err, "an expression");
}

static engram_status compile(connector *c, eg_evaluator *out, const char *text, eg_dtype type,
                             engram_error *err)
{
    return compile_code(c, out, eg_arena_printf(c->context->arena, "_value = %s", text), type,
                        err);
}

/* Brian2 keeps it in a temporary, which has the type of such. */
static engram_status compile_probability(connector *c, const char *text, engram_error *err)
{
    return compile_code(
        c, &c->amount,
        eg_arena_printf(c->context->arena, "_iter_p = %s\n_value = _iter_p", text), EG_F64,
        err);
}

/* condition and p -> a generator over all of the other side. */
static engram_status generator_of_condition(connector *c, bool *nothing, engram_error *err)
{
    generator *g = &c->from;
    const char *condition = *c->step->condition ? c->step->condition : "True";
    const char *p = *c->step->p ? c->step->p : "1";
    double value;
    *nothing = literal(c, condition, &value) && value == 0;
    g->condition = literal(c, condition, &value) ? NULL : condition;
    g->over_pre = true;
    g->inner = "_k";
    g->expr = "_k";
    g->low = "0", g->high = "N_post", g->step = "1";
    if (literal(c, p, &value)) {
        if (value != 1)
            g->p = p;
        return ENGRAM_OK;
    }
    engram_status status = compile_probability(c, p, err);
    const bool per_pair = !status && (c->amount.sees_post || c->amount.sees_inner);
    eg_evaluator_clear(&c->amount);
    c->amount = (eg_evaluator){0};
    if (!per_pair) {
        g->p = p;
        return status;
    }
    g->condition = g->condition ? eg_arena_printf(c->context->arena, "(%s) and rand() < (%s)",
                                                  g->condition, p)
                                : eg_arena_printf(c->context->arena, "rand() < (%s)", p);
    return g->condition ? ENGRAM_OK : eg_fail_memory(err, "a condition");
}

static engram_status compile_generator(connector *c, engram_error *err)
{
    const generator *g = &c->from;
    const char *n = *c->step->n ? c->step->n : "1";
    double value;
    c->plain_result = g->inner && !strcmp(g->expr, g->inner);
    c->has_condition = g->condition != NULL;
    c->has_number = !literal(c, n, &value) || value != 1;
    engram_status status = compile(c, &c->low, g->low, EG_I32, err);
    if (!status)
        status = compile(c, &c->high, g->high, EG_I32, err);
    if (!status)
        status = compile(c, &c->stride, g->step, EG_I32, err);
    if (!status && (g->p || g->size))
        status = g->p ? compile_probability(c, g->p, err)
                      : compile(c, &c->amount, g->size, EG_I32, err);
    if (!status && !c->plain_result)
        status = compile(c, &c->expr, g->expr, EG_I32, err);
    if (!status && c->has_condition)
        status = compile(c, &c->condition, g->condition, EG_BOOL, err);
    if (!status && c->has_number)
        status = compile(c, &c->number, n, EG_I32, err);
    if (!status && c->has_condition) {
        const bool result = g->over_pre ? c->condition.sees_post : c->condition.sees_pre;
        c->condition_outer = !result && !c->condition.sees_inner && !c->condition.draws;
        c->range_first = result;
    }
    const bool draws = c->expr.draws || c->condition.draws || c->number.draws;
    c->together = draws ? 1 : EG_EVALUATED;
    return status;
}

/* ---- creating (6.3) ------------------------------------------------------------------------
 */

static engram_status append(connector *c, int32_t pre, int32_t post, int64_t times,
                            engram_error *err)
{
    eg_made *made = &c->made;
    if (times < 0)
        times = 0;
    if (c->existing + made->count + (uint64_t)times > INT32_MAX)
        return eg_fail(err, ENGRAM_E_LIMIT, "%s: more than %d synapses", c->context->where,
                       INT32_MAX);
    const engram_alloc *alloc = eg_arena_allocator(c->context->arena);
    const size_t need = made->count + (size_t)times;
    if (!eg_grow(alloc, &made->pre, &made->pre_capacity, need, sizeof *made->pre) ||
        !eg_grow(alloc, &made->post, &made->post_capacity, need, sizeof *made->post))
        return eg_fail(err, ENGRAM_E_MEMORY, "%s: out of memory for %zu synapses",
                       c->context->where, need);
    for (; times > 0; times--, made->count++) {
        made->pre[made->count] = pre;
        made->post[made->count] = post;
    }
    return ENGRAM_OK;
}

static void set_pre(connector *c, uint32_t at, int64_t pre)
{
    c->ends.i[at] = (int32_t)pre;
    c->ends.pre[at] = (int32_t)(pre + c->pre_start);
}

static void set_post(connector *c, uint32_t at, int64_t post)
{
    c->ends.j[at] = (int32_t)post;
    c->ends.post[at] = (int32_t)(post + c->post_start);
}

static void set_outer(connector *c, uint32_t at)
{
    if (c->from.over_pre)
        set_pre(c, at, c->outer);
    else
        set_post(c, at, c->outer);
}

static void set_result(connector *c, uint32_t at)
{
    if (c->from.over_pre)
        set_post(c, at, c->result[at]);
    else
        set_pre(c, at, c->result[at]);
}

/* Candidate `from` takes the place of `to`, which is not behind it. */
static void move(connector *c, uint32_t to, uint32_t from)
{
    c->ends.inner[to] = c->ends.inner[from];
    c->result[to] = c->result[from];
    set_result(c, to);
}

/* The condition may be read before the result is known to be in range only if it does not
 * look at the result's group: its arrays would be read outside of their bounds. */
static engram_status keep_true(connector *c, engram_error *err)
{
    if (!c->has_condition || c->condition_outer)
        return ENGRAM_OK;
    engram_status status = eg_evaluate(&c->condition, NULL, 0, c->waiting, err);
    uint32_t kept = 0;
    for (uint32_t k = 0; !status && k < c->waiting; k++)
        if (c->condition.truth[k])
            move(c, kept++, k);
    c->waiting = kept;
    return status;
}

static engram_status keep_inside(connector *c, engram_error *err)
{
    const int64_t size = c->from.over_pre ? c->post_n : c->pre_n;
    uint32_t kept = 0;
    for (uint32_t k = 0; k < c->waiting; k++) {
        const bool inside = c->result[k] >= 0 && c->result[k] < size;
        if (!inside && !c->step->skip_if_invalid)
            return eg_fail(err, ENGRAM_E_LIMIT,
                           "%s: index %s = %lld for %s = %lld is outside of 0 to %lld",
                           c->context->where, c->from.over_pre ? "j" : "i",
                           (long long)c->result[k], c->from.over_pre ? "i" : "j",
                           (long long)c->outer, (long long)size - 1);
        if (inside)
            move(c, kept++, k);
    }
    c->waiting = kept;
    return ENGRAM_OK;
}

/* Judge the candidates that wait, make what is left of them. */
static engram_status settle(connector *c, engram_error *err)
{
    const uint32_t count = c->waiting;
    engram_status status = ENGRAM_OK;
    for (uint32_t k = 0; k < count; k++)
        set_outer(c, k);
    if (!c->plain_result)
        status = eg_evaluate(&c->expr, NULL, 0, count, err);
    for (uint32_t k = 0; !status && k < count; k++) {
        c->result[k] = c->plain_result ? c->ends.inner[k] : c->expr.integer[k];
        set_result(c, k);
    }
    if (!status && !c->range_first)
        status = keep_true(c, err);
    if (!status)
        status = keep_inside(c, err);
    if (!status && c->range_first)
        status = keep_true(c, err);
    if (!status && c->has_number && c->waiting)
        status = eg_evaluate(&c->number, NULL, 0, c->waiting, err);
    for (uint32_t k = 0; !status && k < c->waiting; k++)
        status = append(c, c->ends.pre[k], c->ends.post[k],
                        c->has_number ? c->number.integer[k] : 1, err);
    c->waiting = 0;
    return status;
}

static engram_status visit(void *context, int64_t candidate, engram_error *err)
{
    connector *c = context;
    c->ends.inner[c->waiting++] = (int32_t)candidate;
    return c->waiting < c->together ? ENGRAM_OK : settle(c, err);
}

static engram_status run_sample(connector *c, int64_t low, int64_t high, int64_t step,
                                engram_error *err)
{
    const int64_t n = eg_candidates(low, high, step);
    int64_t size = c->amount.integer[0];
    if ((size < 0 || size > n) && !c->step->skip_if_invalid)
        return eg_fail(err, ENGRAM_E_LIMIT, "%s: a sample of %lld out of %lld",
                       c->context->where, (long long)size, (long long)n);
    size = size > n ? n : size;
    return eg_sample_size(c->context->rng, eg_arena_allocator(c->context->arena), low, high,
                          step, size, visit, c, err);
}

static engram_status run_range(connector *c, engram_error *err)
{
    const int64_t low = c->low.integer[0], high = c->high.integer[0];
    const int64_t step = c->stride.integer[0];
    const generator *g = &c->from;
    if (step == 0)
        return eg_fail(err, ENGRAM_E_ARGUMENT, "%s: a step of 0", c->context->where);
    engram_status status = ENGRAM_OK;
    if (g->p)
        status =
            eg_sample_p(c->context->rng, low, high, step, c->amount.number[0], visit, c, err);
    else if (g->size)
        status = run_sample(c, low, high, step, err);
    else if (step > 0)
        for (int64_t k = low; !status && k < high; k += step)
            status = visit(c, k, err);
    /* standalone's loop creates nothing here, Cython's counts down */
    else if (strcmp(c->context->net->document.network->dialect, "brian2-standalone"))
        for (int64_t k = low; !status && k > high; k += step)
            status = visit(c, k, err);
    return status || !c->waiting ? status : settle(c, err);
}

static engram_status run_outer(connector *c, engram_error *err)
{
    const int64_t outer = c->from.over_pre ? c->pre_n : c->post_n;
    engram_status status = ENGRAM_OK;
    eg_evaluator *bounds[] = {&c->low, &c->high, &c->stride, &c->amount};
    for (c->outer = 0; !status && c->outer < outer; c->outer++) {
        set_outer(c, 0);
        if (c->condition_outer) {
            status = eg_evaluate(&c->condition, NULL, 0, 1, err);
            if (status || !c->condition.truth[0])
                continue;
        }
        for (size_t k = 0; !status && k < sizeof bounds / sizeof *bounds; k++)
            if (bounds[k]->kernel)
                status = eg_evaluate(bounds[k], NULL, 0, 1, err);
        if (!status)
            status = run_range(c, err);
    }
    return status;
}

static engram_status connect_arrays(connector *c, engram_error *err)
{
    const eg_source *i = c->step->i_array, *j = c->step->j_array;
    double p = 1;
    if (*c->step->p && (!literal(c, c->step->p, &p) || p != 1))
        return eg_fail(err, ENGRAM_E_UNSUPPORTED, "%s: %s", c->context->where, UNSUPPORTED_P);
    if (!i || !j || (i->count != j->count && i->count != 1 && j->count != 1))
        return eg_fail(err, ENGRAM_E_SCHEMA, "%s: i and j have different sizes",
                       c->context->where);
    const uint64_t count = i->count == 1 ? j->count : i->count;
    double value;
    const char *n = *c->step->n ? c->step->n : "1";
    c->has_number = !literal(c, n, &value) || value != 1;
    engram_status status = c->has_number ? compile(c, &c->number, n, EG_I32, err) : ENGRAM_OK;
    for (uint64_t k = 0; !status && k < count; k++) {
        int32_t pre, post;
        status = eg_source_read_as(i, EG_I32, &pre, i->count == 1 ? 0 : k, 1, err);
        if (!status)
            status = eg_source_read_as(j, EG_I32, &post, j->count == 1 ? 0 : k, 1, err);
        if (status)
            return eg_error_prefix(err, status, "%s", c->context->where);
        if (pre < 0 || pre >= c->pre_n || post < 0 || post >= c->post_n)
            return eg_fail(err, ENGRAM_E_LIMIT,
                           "%s: synapse %llu from %d to %d is outside of "
                           "its groups",
                           c->context->where, (unsigned long long)k, pre, post);
        set_pre(c, 0, pre);
        set_post(c, 0, post);
        if (c->has_number)
            status = eg_evaluate(&c->number, NULL, 0, 1, err);
        if (!status)
            status = append(c, c->ends.pre[0], c->ends.post[0],
                            c->has_number ? c->number.integer[0] : 1, err);
    }
    return status;
}

/* ---- storing --------------------------------------------------------------------------------
 */

static engram_status resize_all(connector *c, uint64_t total, engram_error *err)
{
    eg_store *store = c->context->store;
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < eg_store_count(store); k++) {
        eg_cell *cell = eg_store_at(store, k);
        bool ours = !strcmp(cell->owner, c->synapses->name);
        for (size_t p = 0; p < c->synapses->pathways.count; p++)
            ours |= !strcmp(cell->owner, c->synapses->pathways.item[p].name);
        if (!ours || !cell->dynamic)
            continue;
        uint64_t size = total;
        if (!strcmp(cell->variable, "N_incoming"))
            size = (uint64_t)(c->post_n + c->post_start);
        else if (!strcmp(cell->variable, "N_outgoing"))
            size = (uint64_t)(c->pre_n + c->pre_start);
        status = eg_store_resize(store, cell, size, err);
    }
    return status;
}

static void count_ends(const eg_cell *ends, eg_cell *counts)
{
    if (!ends || !counts || counts->dtype != EG_I32)
        return;
    const int32_t *end = ends->data;
    int32_t *count = counts->data;
    memset(count, 0, (size_t)counts->count * sizeof *count);
    for (uint64_t k = 0; k < ends->count; k++)
        if ((uint64_t)end[k] < counts->count)
            count[end[k]]++;
}

/* The number of a synapse among those of its pair, in order of creation. */
static engram_status number_pairs(const connector *c, const eg_cell *pre, const eg_cell *post,
                                  eg_cell *out, engram_error *err)
{
    /* chains of the synapses of each source, the last one first */
    const engram_alloc *alloc = eg_arena_allocator(c->context->arena);
    const size_t sources = (size_t)(c->pre_n + c->pre_start), n = (size_t)pre->count;
    int64_t *last = eg_calloc_array(alloc, sources + 1, sizeof *last);
    int64_t *before = eg_calloc_array(alloc, n + 1, sizeof *before);
    const int32_t *from = pre->data, *to = post->data;
    int32_t *number = out->data;
    for (size_t k = 0; last && before && k < n; k++) {
        int64_t at = last[from[k]];
        while (at && to[at - 1] != to[k])
            at = before[at - 1];
        number[k] = at ? number[at - 1] + 1 : 0;
        before[k] = last[from[k]];
        last[from[k]] = (int64_t)k + 1;
    }
    const bool failed = !last || !before;
    if (last)
        eg_free(alloc, last, (sources + 1) * sizeof *last);
    if (before)
        eg_free(alloc, before, (n + 1) * sizeof *before);
    return failed ? eg_fail_memory(err, "a multisynaptic index") : ENGRAM_OK;
}

static engram_status store_synapses(connector *c, engram_error *err)
{
    eg_store *store = c->context->store;
    const char *name = c->synapses->name;
    engram_status status = resize_all(c, c->existing + c->made.count, err);
    if (status)
        return status;
    eg_cell *pre = eg_store_find(store, name, "_synaptic_pre");
    eg_cell *post = eg_store_find(store, name, "_synaptic_post");
    eg_cell *n = eg_store_find(store, name, "N");
    const uint64_t total = c->existing + c->made.count;
    if (!pre || !post || pre->dtype != EG_I32 || post->dtype != EG_I32 || pre->count != total ||
        post->count != total)
        return eg_fail(err, ENGRAM_E_SCHEMA,
                       "%s: %s has no growing int32 variables "
                       "_synaptic_pre and _synaptic_post",
                       c->context->where, name);
    const eg_made *made = &c->made;
    if (made->count) {
        memcpy((int32_t *)pre->data + c->existing, made->pre, made->count * sizeof *made->pre);
        memcpy((int32_t *)post->data + c->existing, made->post,
               made->count * sizeof *made->post);
    }
    if (n && n->dtype == EG_I32 && n->count == 1)
        *(int32_t *)n->data = (int32_t)total;
    count_ends(post, eg_store_find(store, name, "N_incoming"));
    count_ends(pre, eg_store_find(store, name, "N_outgoing"));
    eg_cell *pairs = *c->synapses->multisynaptic_index
                         ? eg_store_find(store, name, c->synapses->multisynaptic_index)
                         : NULL;
    if (pairs && pairs->dtype == EG_I32 && pairs->count == total)
        status = number_pairs(c, pre, post, pairs, err);
    return status;
}

/* ---- one step -------------------------------------------------------------------------------
 */

static engram_status create(connector *c, engram_error *err)
{
    const eg_setup *step = c->step;
    if (step->i_array || step->j_array)
        return connect_arrays(c, err);
    bool nothing = false;
    engram_status status;
    if (*step->i || *step->j) {
        c->from.over_pre = *step->j != 0;
        double p = 1;
        if (*step->i && *step->j)
            return eg_fail(err, ENGRAM_E_UNSUPPORTED, "%s: generators for both i and j",
                           c->context->where);
        if (*step->p && (!literal(c, step->p, &p) || p != 1))
            return eg_fail(err, ENGRAM_E_ARGUMENT, "%s: p must be 1 beside a generator",
                           c->context->where);
        status = read_generator(c, *step->j ? step->j : step->i, err);
    } else {
        status = generator_of_condition(c, &nothing, err);
    }
    if (!status && !nothing)
        status = compile_generator(c, err);
    if (!status && !nothing)
        status = run_outer(c, err);
    return status;
}

static engram_status make(connector *c, const eg_evaluation *context, engram_error *err)
{
    eg_evaluation own = *context;
    own.ends = &c->ends;
    c->context = &own;
    engram_status status = read_sides(c, err);
    if (!status)
        status = create(c, err);
    eg_evaluator *all[] = {&c->expr,   &c->condition, &c->low,   &c->high,
                           &c->stride, &c->amount,    &c->number};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        eg_evaluator_clear(all[k]);
    c->context = context;
    return status;
}

void eg_made_clear(eg_made *made, const engram_alloc *alloc)
{
    eg_free(alloc, made->pre, made->pre_capacity * sizeof *made->pre);
    eg_free(alloc, made->post, made->post_capacity * sizeof *made->post);
    *made = (eg_made){0};
}

engram_status eg_connect_make(eg_made *out, const eg_evaluation *context, const eg_setup *step,
                              engram_error *err)
{
    connector c = {.step = step};
    const engram_status status = make(&c, context, err);
    *out = c.made;
    return status;
}

engram_status eg_connect(const eg_evaluation *context, const eg_setup *step, engram_error *err)
{
    connector c = {.step = step};
    engram_status status = make(&c, context, err);
    if (!status)
        status = store_synapses(&c, err);
    eg_made_clear(&c.made, eg_arena_allocator(context->arena));
    return status;
}
