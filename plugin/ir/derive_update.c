#include "ir/derive_private.h"

#include <math.h>
#include <string.h>

/* A column of expressions, one for each equation; NULL is zero (algebra.h). */
typedef struct update {
    eg_algebra algebra;
    const system_of *system;
    const char **name; /* of each equation */
    bool *guarded;     /* unless refractory */
    eg_expr **rhs;     /* subexpressions put in, `xi` still inside */
    eg_expr **drift;   /* rhs without noise */
    eg_expr **noise;   /* [noise k][equation]: factor of xi k */
    const char **xi;   /* distinct noise names, in the order of their draws */
    size_t xi_count;
    bool multiplicative; /* a factor depends on time or a variable */
    eg_buf code;
    engram_error *err;
} update;

typedef enum noise_kind { NOISE_NONE, NOISE_ADDITIVE, NOISE_MULTIPLICATIVE } noise_kind;

static engram_status out_of_memory(update *u)
{
    return eg_fail_memory(u->err, "an integrator");
}

/* ---- putting subexpressions in ------------------------------------------------------------
 */

struct inliner {
    scope *scope;
    const char *object;
    unsigned depth;
    uint64_t nodes; /* of the tree being made, as if nothing were shared */
    engram_status status;
    engram_error *err;
};

static eg_expr *inlined(struct inliner *in, const eg_expr *expr);

static uint64_t count_nodes(const eg_expr *e)
{
    uint64_t nodes = 1;
    for (uint32_t k = 0; k < e->arg_count; k++)
        nodes += count_nodes(e->arg[k]);
    return nodes;
}

static eg_expr *inline_name(void *context, const char *name)
{
    struct inliner *in = context;
    symbol *found = in->status ? NULL : scope_find(in->scope, name);
    if (!found || found->kind != SYMBOL_SUBEXPRESSION)
        return NULL;
    if (++in->depth > DERIVE_DEPTH_MAX) {
        in->status = eg_fail(in->err, ENGRAM_E_REFERENCE,
                             "%s: subexpression \"%s\" refers to itself, or is nested more "
                             "than %d deep",
                             in->object, name, DERIVE_DEPTH_MAX);
        return NULL;
    }
    eg_expr *result = inlined(in, found->expr);
    in->depth--;
    return result;
}

static eg_expr *inlined(struct inliner *in, const eg_expr *expr)
{
    in->nodes += count_nodes(expr);
    if (in->nodes > DERIVE_NODES_MAX) {
        if (!in->status)
            in->status = eg_fail(in->err, ENGRAM_E_LIMIT,
                                 "%s: an equation has more than %d terms once its "
                                 "subexpressions are put in",
                                 in->object, DERIVE_NODES_MAX);
        return NULL;
    }
    eg_expr *result = eg_expr_substitute(in->scope->arena, expr, inline_name, in);
    if (!result && !in->status)
        in->status = eg_fail_memory(in->err, "an equation");
    return result;
}

/* ---- reading the system ------------------------------------------------------------------ */

static bool is_noise(const scope *s, const char *name)
{
    return (!strcmp(name, "xi") || !strncmp(name, "xi_", 3)) && !scope_find(s, name);
}

struct collector {
    update *u;
    const char *stateful; /* a call met, or NULL */
};

static void collect(void *context, const eg_expr *node)
{
    struct collector *c = context;
    update *u = c->u;
    if (node->kind == EG_EXPR_CALL) {
        const eg_function_info *info = eg_function_find(node->name);
        const symbol *own = scope_find(u->system->scope, node->name);
        if (own ? own->function && derive_is_stateful(own->function) : info && info->stateful)
            c->stateful = node->name;
        return;
    }
    if (!is_noise(u->system->scope, node->name))
        return;
    size_t at = 0;
    while (at < u->xi_count && strcmp(u->xi[at], node->name) < 0)
        at++;
    if (at < u->xi_count && !strcmp(u->xi[at], node->name))
        return;
    if (u->xi_count % 8 == 0) {
        const char **more = eg_arena_array(u->algebra.arena, u->xi_count + 8, sizeof *more);
        if (!more) {
            u->algebra.failed = true;
            return;
        }
        if (u->xi_count)
            memcpy(more, u->xi, u->xi_count * sizeof *more);
        u->xi = more;
    }
    memmove(u->xi + at + 1, u->xi + at, (u->xi_count - at) * sizeof *u->xi);
    u->xi[at] = node->name;
    u->xi_count++;
}

static bool depends_on_state(const update *u, const eg_expr *e)
{
    if (eg_algebra_has(e, "t", true) || eg_algebra_has(e, "t_in_timesteps", true))
        return true;
    for (size_t k = 0; k < u->system->count; k++)
        if (eg_algebra_has(e, u->name[k], true))
            return true;
    return false;
}

/* rhs = drift + sum of noise factors (semantics 4.1). */
static engram_status split_noise(update *u)
{
    const size_t n = u->system->count;
    u->drift = eg_arena_array(u->algebra.arena, n + 1, sizeof *u->drift);
    u->noise = eg_arena_array(u->algebra.arena, n * u->xi_count + 1, sizeof *u->noise);
    eg_expr **factor = eg_arena_array(u->algebra.arena, u->xi_count + 1, sizeof *factor);
    if (!u->drift || !u->noise || !factor)
        return out_of_memory(u);
    for (size_t k = 0; k < n; k++) {
        if (!u->xi_count) {
            u->drift[k] = eg_algebra_simplify(&u->algebra, u->rhs[k]);
            continue;
        }
        if (!eg_algebra_linear(&u->algebra, factor, &u->drift[k], u->rhs[k], u->xi, u->xi_count,
                               false))
            return u->algebra.failed ? out_of_memory(u)
                                     : eg_fail(u->err, ENGRAM_E_UNSUPPORTED,
                                               "%s, equation of %s: not linear in its noise",
                                               u->system->object, u->name[k]);
        for (size_t x = 0; x < u->xi_count; x++) {
            u->noise[x * n + k] = factor[x];
            u->multiplicative |= depends_on_state(u, factor[x]);
        }
    }
    return u->algebra.failed ? out_of_memory(u) : ENGRAM_OK;
}

/* The names that the document orders come first. */
static void order_noise(update *u)
{
    size_t done = 0;
    for (size_t k = 0; u->system->noise && k < u->system->noise->count; k++)
        for (size_t at = done; at < u->xi_count; at++)
            if (!strcmp(u->xi[at], u->system->noise->item[k])) {
                const char *found = u->xi[at];
                memmove(u->xi + done + 1, u->xi + done, (at - done) * sizeof *u->xi);
                u->xi[done++] = found;
            }
}

/* Brian2 draws for a subexpression that no equation reads, too (`stochastic_variables`). */
static void collect_unread(update *u)
{
    const eg_equation_list *table = u->system->table;
    struct collector c = {u, NULL};
    for (size_t k = 0; table && u->system->count && k < table->count; k++) {
        const symbol *own = scope_find(u->system->scope, table->item[k].name);
        if (own && own->kind == SYMBOL_SUBEXPRESSION)
            eg_expr_names(own->expr, collect, &c);
    }
}

static engram_status read_system(update *u)
{
    const system_of *system = u->system;
    eg_arena *arena = u->algebra.arena;
    u->name = eg_arena_array(arena, system->count + 1, sizeof *u->name);
    u->guarded = eg_arena_array(arena, system->count + 1, sizeof *u->guarded);
    u->rhs = eg_arena_array(arena, system->count + 1, sizeof *u->rhs);
    if (!u->name || !u->guarded || !u->rhs)
        return out_of_memory(u);
    for (size_t k = 0; k < system->count; k++) {
        const eg_equation *equation = system->equation[k];
        u->name[k] = equation->name;
        u->guarded[k] = system->refractory && derive_has_flag(equation, "unless refractory");
        eg_expr *parsed;
        engram_status status = eg_parse_expr(&parsed, arena, equation->expr, u->err);
        if (status)
            return eg_error_prefix(u->err, status, "%s, equation of %s", system->object,
                                   equation->name);
        struct inliner in = {system->scope, system->object, 0, 0, ENGRAM_OK, u->err};
        u->rhs[k] = inlined(&in, parsed);
        if (in.status)
            return in.status;
        struct collector c = {u, NULL};
        eg_expr_names(u->rhs[k], collect, &c);
        if (c.stateful)
            return eg_fail(u->err, ENGRAM_E_UNSUPPORTED,
                           "%s, equation of %s: %s() in an equation must be in a "
                           "subexpression that is constant over dt",
                           system->object, equation->name, c.stateful);
    }
    collect_unread(u);
    order_noise(u);
    return u->algebra.failed ? out_of_memory(u) : split_noise(u);
}

/* ---- writing ----------------------------------------------------------------------------- */

static eg_expr *name_of(update *u, const char *name)
{
    return eg_algebra_name(&u->algebra, name);
}

static eg_expr *times(update *u, eg_expr *a, eg_expr *b)
{
    return eg_algebra_mul(&u->algebra, a, b);
}

static eg_expr *plus(update *u, eg_expr *a, eg_expr *b)
{
    return eg_algebra_add(&u->algebra, a, b);
}

/* prefix + name of equation k, e.g. "_v", "__k_1_v". */
static const char *joined(update *u, const char *prefix, const char *name)
{
    const char *text = eg_arena_printf(u->algebra.arena, "%s%s", prefix, name);
    if (!text)
        u->algebra.failed = true;
    return text ? text : "";
}

static void emit(update *u, const char *variable, const eg_expr *expr)
{
    const char *text = expr ? eg_expr_print(u->algebra.arena, expr) : "0.0";
    if (!text) {
        u->algebra.failed = true;
        return;
    }
    eg_buf_text(&u->code, variable);
    eg_buf_text(&u->code, " = ");
    eg_buf_text(&u->code, text);
    eg_buf_text(&u->code, "\n");
}

static void emit_noise(update *u)
{
    for (size_t x = 0; x < u->xi_count; x++)
        eg_buf_printf(&u->code, "%s = dt ** 0.5 * randn()\n", u->xi[x]);
}

/* New values stand in _v until all are there: the update is simultaneous (4.1). */
static void emit_stores(update *u)
{
    for (size_t k = 0; k < u->system->count; k++)
        eg_buf_printf(&u->code, "%s = _%s\n", u->name[k], u->name[k]);
}

/* int(not_refractory) * expr for an equation that is switched off while refractory. Needed
 * where other equations see what this one would do within the step; a method that looks at
 * old values only leaves it away, as the guarded store discards the result anyway. */
static eg_expr *switched(update *u, size_t k, eg_expr *expr)
{
    if (!u->guarded[k] || !expr)
        return expr;
    return times(u, eg_algebra_call(&u->algebra, "int", name_of(u, "not_refractory")), expr);
}

struct shift {
    update *u;
    eg_expr **value; /* of each variable; NULL: as it is */
    eg_expr *time;   /* of t; NULL: as it is */
};

static eg_expr *shift_name(void *context, const char *name)
{
    const struct shift *shift = context;
    if (shift->time && !strcmp(name, "t"))
        return shift->time;
    for (size_t k = 0; k < shift->u->system->count; k++)
        if (!strcmp(name, shift->u->name[k]))
            return shift->value[k];
    return NULL;
}

static eg_expr *shifted(update *u, const eg_expr *expr, eg_expr **value, eg_expr *time)
{
    if (!expr)
        return NULL;
    struct shift shift = {u, value, time};
    eg_expr *result = eg_expr_substitute(u->algebra.arena, expr, shift_name, &shift);
    if (!result)
        u->algebra.failed = true;
    return result;
}

static eg_expr **new_column(update *u)
{
    eg_expr **column = eg_arena_array(u->algebra.arena, u->system->count + 1, sizeof *column);
    if (!column)
        u->algebra.failed = true;
    return column;
}

/* ---- explicit methods (4.2) -------------------------------------------------------------- */

static engram_status derive_euler(update *u)
{
    const size_t n = u->system->count;
    if (u->multiplicative)
        return eg_fail(u->err, ENGRAM_E_UNSUPPORTED,
                       "%s: method euler takes additive noise only, this one depends on time "
                       "or on a variable",
                       u->system->object);
    emit_noise(u);
    for (size_t k = 0; k < n; k++) {
        eg_expr *sum = times(u, name_of(u, "dt"), u->drift[k]);
        for (size_t x = 0; x < u->xi_count; x++)
            sum = plus(u, sum, times(u, u->noise[x * n + k], name_of(u, u->xi[x])));
        emit(u, joined(u, "_", u->name[k]), plus(u, sum, name_of(u, u->name[k])));
    }
    emit_stores(u);
    return ENGRAM_OK;
}

/* One stage: prefix_v = dt * f(v + scale * from_v, t + scale * dt), `from` NULL: at (v, t). */
static void emit_stage(update *u, const char *prefix, const char *from, double divisor)
{
    eg_algebra *a = &u->algebra;
    eg_expr **at = new_column(u), *time = NULL;
    if (u->algebra.failed)
        return;
    for (size_t k = 0; from && k < u->system->count; k++)
        at[k] = plus(u, name_of(u, u->name[k]),
                     eg_algebra_div(a, name_of(u, joined(u, from, u->name[k])),
                                    eg_algebra_number(a, divisor)));
    if (from)
        time = plus(u, name_of(u, "t"),
                    eg_algebra_div(a, name_of(u, "dt"), eg_algebra_number(a, divisor)));
    for (size_t k = 0; k < u->system->count; k++)
        emit(u, joined(u, prefix, u->name[k]),
             times(u, name_of(u, "dt"),
                   switched(u, k, from ? shifted(u, u->drift[k], at, time) : u->drift[k])));
}

static engram_status derive_rk2(update *u)
{
    emit_stage(u, "__k_", NULL, 0);
    emit_stage(u, "__m_", "__k_", 2);
    for (size_t k = 0; k < u->system->count; k++)
        emit(u, joined(u, "_", u->name[k]),
             plus(u, name_of(u, joined(u, "__m_", u->name[k])), name_of(u, u->name[k])));
    emit_stores(u);
    return ENGRAM_OK;
}

static engram_status derive_rk4(update *u)
{
    static const char *const stage[] = {"__k_1_", "__k_2_", "__k_3_", "__k_4_"};
    static const double weight[] = {6, 3, 3, 6};
    emit_stage(u, stage[0], NULL, 0);
    emit_stage(u, stage[1], stage[0], 2);
    emit_stage(u, stage[2], stage[1], 2);
    emit_stage(u, stage[3], stage[2], 1);
    for (size_t k = 0; k < u->system->count; k++) {
        eg_expr *sum = NULL;
        for (size_t s = 0; s < 4; s++)
            sum = plus(u, sum,
                       eg_algebra_div(&u->algebra, name_of(u, joined(u, stage[s], u->name[k])),
                                      eg_algebra_number(&u->algebra, weight[s])));
        emit(u, joined(u, "_", u->name[k]), plus(u, sum, name_of(u, u->name[k])));
    }
    emit_stores(u);
    return ENGRAM_OK;
}

static engram_status derive_heun(update *u)
{
    const size_t n = u->system->count;
    eg_algebra *a = &u->algebra;
    eg_expr **at = new_column(u), **sum = new_column(u);
    if (a->failed)
        return out_of_memory(u);
    emit_noise(u);
    for (size_t k = 0; k < n; k++)
        sum[k] = times(u, name_of(u, "dt"), switched(u, k, u->drift[k]));
    eg_expr *next = plus(u, name_of(u, "t"), name_of(u, "dt"));
    for (size_t x = 0; x < u->xi_count; x++) {
        eg_expr **factor = u->noise + x * n;
        for (size_t k = 0; k < n; k++) {
            at[k] = NULL;
            if (!factor[k])
                continue;
            const char *name =
                eg_arena_printf(a->arena, "__x_support_%s_%s", u->name[k], u->xi[x]);
            if (!name)
                return out_of_memory(u);
            emit(u, name,
                 plus(u, times(u, switched(u, k, factor[k]), name_of(u, u->xi[x])),
                      name_of(u, u->name[k])));
            at[k] = name_of(u, name);
        }
        for (size_t k = 0; k < n; k++) {
            eg_expr *both = plus(u, factor[k], shifted(u, factor[k], at, next));
            both = times(u, eg_algebra_number(a, 0.5),
                         times(u, name_of(u, u->xi[x]), switched(u, k, both)));
            sum[k] = plus(u, sum[k], both);
        }
    }
    for (size_t k = 0; k < n; k++)
        emit(u, joined(u, "_", u->name[k]), plus(u, sum[k], name_of(u, u->name[k])));
    emit_stores(u);
    return ENGRAM_OK;
}

/* One noise an equation at most, and no noise in two equations. */
static bool is_diagonal(const update *u)
{
    const size_t n = u->system->count;
    for (size_t k = 0; k < n; k++)
        for (size_t x = 0; x < u->xi_count; x++)
            for (size_t other = 0; u->noise[x * n + k] && other < n * u->xi_count; other++)
                if (u->noise[other] && other != x * n + k && (other % n == k || other / n == x))
                    return false;
    return true;
}

/* Derivative-free: the factor is looked at again where a step of one standard deviation of
 * the noise leads. */
static engram_status derive_milstein(update *u)
{
    const size_t n = u->system->count;
    eg_algebra *a = &u->algebra;
    if (!is_diagonal(u))
        return eg_fail(u->err, ENGRAM_E_UNSUPPORTED,
                       "%s: method milstein takes one noise for each equation, and no noise in "
                       "two of them",
                       u->system->object);
    eg_expr **at = new_column(u), **sum = new_column(u), *root = NULL;
    if (a->failed || eg_parse_expr(&root, a->arena, "dt**0.5", NULL))
        return out_of_memory(u);
    emit_noise(u);
    for (size_t k = 0; k < n; k++)
        sum[k] = times(u, name_of(u, "dt"), switched(u, k, u->drift[k]));
    for (size_t x = 0; x < u->xi_count; x++) {
        eg_expr **factor = u->noise + x * n, *noise = name_of(u, u->xi[x]);
        for (size_t k = 0; k < n; k++) {
            const char *name =
                eg_arena_printf(a->arena, "__x_support_%s_%s", u->name[k], u->xi[x]);
            if (!name)
                return out_of_memory(u);
            eg_expr *step = plus(u, times(u, name_of(u, "dt"), switched(u, k, u->drift[k])),
                                 times(u, root, switched(u, k, factor[k])));
            emit(u, name, plus(u, step, name_of(u, u->name[k])));
            at[k] = name_of(u, name);
        }
        for (size_t k = 0; k < n; k++) {
            if (!factor[k])
                continue;
            eg_expr *change = eg_algebra_sub(a, shifted(u, factor[k], at, NULL), factor[k]);
            change = eg_algebra_div(a, times(u, switched(u, k, change), times(u, noise, noise)),
                                    times(u, eg_algebra_number(a, 2), root));
            sum[k] =
                plus(u, plus(u, sum[k], times(u, switched(u, k, factor[k]), noise)), change);
        }
    }
    for (size_t k = 0; k < n; k++)
        emit(u, joined(u, "_", u->name[k]), plus(u, sum[k], name_of(u, u->name[k])));
    emit_stores(u);
    return ENGRAM_OK;
}

/* ---- exponential Euler (4.4) ------------------------------------------------------------- */

static engram_status derive_exponential_euler(update *u)
{
    eg_algebra *a = &u->algebra;
    for (size_t k = 0; k < u->system->count; k++) {
        eg_expr *rate, *rest;
        if (!eg_algebra_linear(a, &rate, &rest, u->drift[k], &u->name[k], 1, true))
            return a->failed ? out_of_memory(u)
                             : eg_fail(u->err, ENGRAM_E_UNSUPPORTED,
                                       "%s, equation of %s: method exponential_euler needs "
                                       "it to be linear in %s",
                                       u->system->object, u->name[k], u->name[k]);
        const char *result = joined(u, "_", u->name[k]);
        eg_expr *variable = name_of(u, u->name[k]), *step = name_of(u, "dt");
        if (!rate) {
            emit(u, result, plus(u, times(u, step, rest), variable));
            continue;
        }
        /* the rate often is long: written once */
        const char *rate_name = joined(u, "__A_", u->name[k]);
        emit(u, rate_name, rate);
        eg_expr *decay = eg_algebra_call(a, "exp", times(u, name_of(u, rate_name), step));
        if (!rest) {
            emit(u, result, times(u, variable, decay));
            continue;
        }
        const char *ratio = joined(u, "__BA_", u->name[k]);
        emit(u, ratio, eg_algebra_div(a, rest, name_of(u, rate_name)));
        emit(u, result,
             eg_algebra_sub(a, times(u, plus(u, variable, name_of(u, ratio)), decay),
                            name_of(u, ratio)));
    }
    emit_stores(u);
    return ENGRAM_OK;
}

/* ---- exact (4.3) ------------------------------------------------------------------------- */

struct exactness {
    const update *u;
    double dt;
    const char *reason; /* why a coefficient may not be used, or NULL */
};

/* f(t) of a TimedArray whose step is a whole number of ours holds still during a step. */
static bool is_constant_call(const struct exactness *x, const eg_expr *e)
{
    const symbol *found = scope_find(x->u->system->scope, e->name);
    if (!found || found->kind != SYMBOL_FUNCTION || e->arg_count != 1)
        return false;
    const bool plain = e->arg[0]->kind == EG_EXPR_NAME && !strcmp(e->arg[0]->name, "t");
    const double ratio = found->function->dt / x->dt;
    return plain && ratio >= 1 && floor(ratio) == ratio;
}

static void check_coefficient(struct exactness *x, const eg_expr *e)
{
    if (!e || x->reason || (e->kind == EG_EXPR_CALL && is_constant_call(x, e)))
        return;
    if (e->kind == EG_EXPR_NAME &&
        (!strcmp(e->name, "t") || !strcmp(e->name, "t_in_timesteps")))
        x->reason = "its coefficients depend on time";
    for (uint32_t k = 0; k < e->arg_count; k++)
        check_coefficient(x, e->arg[k]);
}

/* M[row][column] and B of the system, or why it has none. */
static engram_status read_matrix(update *u, eg_expr **m, eg_expr **b)
{
    const size_t n = u->system->count;
    const eg_network *network = u->system->scope->net->document.network;
    struct exactness x = {u, derive_clock(network, u->system->scope->clock)->dt, NULL};
    for (size_t row = 0; row < n; row++) {
        if (!eg_algebra_linear(&u->algebra, m + row * n, &b[row], u->drift[row], u->name, n,
                               false))
            x.reason = "it is not linear";
        for (size_t k = 0; k < n && !x.reason; k++)
            check_coefficient(&x, m[row * n + k]);
        check_coefficient(&x, b[row]);
        if (u->algebra.failed)
            return out_of_memory(u);
        if (x.reason)
            return eg_fail(u->err, ENGRAM_E_UNSUPPORTED,
                           "%s, equation of %s: method exact cannot be used, %s",
                           u->system->object, u->name[row], x.reason);
    }
    return ENGRAM_OK;
}

/* Whether each row can be given a column of its own where it is not zero (Kuhn's matching):
 * if not, the matrix is singular whatever the numbers. */
static bool give_column(eg_expr *const *m, size_t n, size_t row, size_t *owner, bool *tried)
{
    for (size_t column = 0; column < n; column++) {
        if (!m[row * n + column] || tried[column])
            continue;
        tried[column] = true;
        if (owner[column] == n || give_column(m, n, owner[column], owner, tried)) {
            owner[column] = row;
            return true;
        }
    }
    return false;
}

static bool is_singular(update *u, eg_expr *const *m)
{
    const size_t n = u->system->count;
    size_t *owner = eg_arena_array(u->algebra.arena, n + 1, sizeof *owner);
    bool *tried = eg_arena_array(u->algebra.arena, n + 1, sizeof *tried);
    if (!owner || !tried) {
        u->algebra.failed = true;
        return true;
    }
    for (size_t k = 0; k < n; k++)
        owner[k] = n;
    for (size_t row = 0; row < n; row++) {
        memset(tried, 0, n * sizeof *tried);
        if (!give_column(m, n, row, owner, tried))
            return true;
    }
    return false;
}

/* The switch of a guarded row may be left away unless an unguarded one looks at it during
 * the step: the result is discarded while refractory, else its factor is 1. */
static bool needs_switch(const update *u, eg_expr *const *m)
{
    const size_t n = u->system->count;
    for (size_t row = 0; row < n; row++)
        for (size_t column = 0; column < n; column++)
            if (m[row * n + column] && !u->guarded[row] && u->guarded[column])
                return true;
    return false;
}

static void mark_needed(eg_expr *const *m, size_t n, size_t row, bool *needed)
{
    needed[row] = true;
    for (size_t column = 0; column < n; column++)
        if (m[row * n + column] && !needed[column])
            mark_needed(m, n, column, needed);
}

static bool stands_alone(eg_expr *const *m, size_t n, size_t row)
{
    for (size_t column = 0; column < n; column++)
        if (column != row && m[row * n + column])
            return false;
    return true;
}

/* v exp(h M) + B h (exp(h M) - 1)/(h M), which also holds where M is or becomes zero. */
static eg_expr *single_step(update *u, size_t row, const char *rate, const char *drive)
{
    eg_algebra *a = &u->algebra;
    eg_expr *variable = name_of(u, u->name[row]), *step = name_of(u, u->system->step);
    if (!rate)
        return plus(u, variable, times(u, drive ? name_of(u, drive) : NULL, step));
    eg_expr *exponent = times(u, name_of(u, rate), step);
    eg_expr *decayed = times(u, variable, eg_algebra_call(a, "exp", exponent));
    if (!drive)
        return decayed;
    return plus(
        u, decayed,
        times(u, times(u, name_of(u, drive), step), eg_algebra_call(a, "exprel", exponent)));
}

/* _propagator(position, column, n, M ..., B ..., h) over the needed variables. */
static const char *propagator_call(update *u, const size_t *member, size_t n, size_t position,
                                   size_t column, const char *const *m, const char *const *b)
{
    eg_buf text;
    eg_buf_init(&text, u->system->scope->net->alloc);
    eg_buf_printf(&text, "_propagator(%zu, %zu, %zu", position, column, n);
    const size_t all = u->system->count;
    for (size_t row = 0; row < n; row++)
        for (size_t c = 0; c < n; c++) {
            const char *entry = m[member[row] * all + member[c]];
            eg_buf_printf(&text, ", %s", entry ? entry : "0.0");
        }
    for (size_t row = 0; row < n; row++)
        eg_buf_printf(&text, ", %s", b[member[row]] ? b[member[row]] : "0.0");
    eg_buf_printf(&text, ", %s)", u->system->step);
    const char *result = text.failed ? NULL : eg_arena_strdup(u->algebra.arena, text.data);
    eg_buf_clear(&text);
    if (!result)
        u->algebra.failed = true;
    return result;
}

/* The row of a coupled variable: A of what it depends on, directly or not, and c. */
static engram_status coupled_step(update *u, size_t row, eg_expr *const *m,
                                  const char *const *m_name, const char *const *b_name)
{
    const size_t all = u->system->count;
    bool *needed = eg_arena_array(u->algebra.arena, all + 1, sizeof *needed);
    size_t *member = eg_arena_array(u->algebra.arena, all + 1, sizeof *member);
    if (!needed || !member)
        return out_of_memory(u);
    mark_needed(m, all, row, needed);
    size_t n = 0, position = 0;
    bool driven = false;
    for (size_t k = 0; k < all; k++) {
        if (!needed[k])
            continue;
        if (k == row)
            position = n;
        driven |= b_name[k] != NULL;
        member[n++] = k;
    }
    eg_expr *sum = NULL;
    for (size_t c = 0; c < n + driven; c++) {
        const char *name = eg_arena_printf(u->algebra.arena, "__A_%zu_%zu", row, c);
        const char *call = propagator_call(u, member, n, position, c, m_name, b_name);
        if (!name || !call)
            return out_of_memory(u);
        eg_buf_printf(&u->code, "%s = %s\n", name, call);
        eg_expr *term = name_of(u, name);
        sum = plus(u, sum, c < n ? times(u, term, name_of(u, u->name[member[c]])) : term);
    }
    emit(u, joined(u, "_", u->name[row]), sum);
    return ENGRAM_OK;
}

/* Coefficients get names, so that what is the same for all elements is computed once. */
static const char **named(update *u, eg_expr *const *column, size_t count, const char *prefix)
{
    const char **name = eg_arena_array(u->algebra.arena, count + 1, sizeof *name);
    if (!name)
        u->algebra.failed = true;
    for (size_t k = 0; name && k < count; k++) {
        if (!column[k])
            continue;
        name[k] = eg_arena_printf(u->algebra.arena, "%s%zu", prefix, k);
        if (!name[k]) {
            u->algebra.failed = true;
            return NULL;
        }
        emit(u, name[k], column[k]);
    }
    return name;
}

enum { EXACT_MAX = 32 }; /* EG_PROPAGATOR_MAX of exec, which this floor cannot see */

static engram_status derive_exact(update *u)
{
    const size_t n = u->system->count;
    if (n > EXACT_MAX)
        return eg_fail(u->err, ENGRAM_E_UNSUPPORTED,
                       "%s: method exact takes at most %d equations, here are %zu",
                       u->system->object, EXACT_MAX, n);
    eg_expr **m = eg_arena_array(u->algebra.arena, n * n + 1, sizeof *m), **b = new_column(u);
    if (!m || !b)
        return out_of_memory(u);
    engram_status status = read_matrix(u, m, b);
    if (status)
        return status;
    const bool keep_switch = needs_switch(u, m);
    for (size_t row = 0; keep_switch && row < n; row++) {
        for (size_t k = 0; k < n; k++)
            m[row * n + k] = switched(u, row, m[row * n + k]);
        b[row] = switched(u, row, b[row]);
    }
    const char **m_name = named(u, m, n * n, "__M_");
    const char **b_name = named(u, b, n, "__B_");
    if (!m_name || !b_name)
        return out_of_memory(u);
    for (size_t row = 0; !status && row < n; row++) {
        if (stands_alone(m, n, row))
            emit(u, joined(u, "_", u->name[row]),
                 single_step(u, row, m_name[row * n + row], b_name[row]));
        else
            status = coupled_step(u, row, m, m_name, b_name);
    }
    emit_stores(u);
    return status;
}

/* ---- independent (4.5) ------------------------------------------------------------------- */

/* Each equation for itself, the others' variables held: written at once, so that the next
 * one sees the new value. */
static engram_status derive_independent(update *u)
{
    const eg_network *network = u->system->scope->net->document.network;
    struct exactness x = {u, derive_clock(network, u->system->scope->clock)->dt, NULL};
    for (size_t k = 0; k < u->system->count; k++) {
        eg_expr *rate, *drive;
        if (!eg_algebra_linear(&u->algebra, &rate, &drive, u->drift[k], &u->name[k], 1, false))
            x.reason = "it is not linear in its own variable";
        else {
            check_coefficient(&x, rate);
            check_coefficient(&x, drive);
        }
        if (u->algebra.failed)
            return out_of_memory(u);
        if (x.reason)
            return eg_fail(
                u->err, ENGRAM_E_UNSUPPORTED,
                "%s, equation of %s: method independent cannot be derived, %s; capture "
                "the live network",
                u->system->object, u->name[k], x.reason);
        const char *rate_name = rate ? joined(u, "__A_", u->name[k]) : NULL;
        const char *drive_name = drive ? joined(u, "__B_", u->name[k]) : NULL;
        if (rate)
            emit(u, rate_name, rate);
        if (drive)
            emit(u, drive_name, drive);
        emit(u, u->name[k], single_step(u, k, rate_name, drive_name));
    }
    return ENGRAM_OK;
}

/* ---- GSL (4.6) --------------------------------------------------------------------------- */

const char *derive_rate_name(eg_arena *arena, const char *variable, size_t k)
{
    return eg_arena_printf(arena, "_gsl_%s_f%zu", variable, k);
}

/* The derivatives, as Brian2 tags them: adaptive.h. */
static engram_status derive_gsl(update *u)
{
    for (size_t k = 0; k < u->system->count; k++) {
        const char *output = derive_rate_name(u->algebra.arena, u->name[k], k);
        if (!output)
            return out_of_memory(u);
        emit(u, output, switched(u, k, u->rhs[k]));
    }
    return ENGRAM_OK;
}

/* ---- the table --------------------------------------------------------------------------- */

typedef struct method {
    const char *name, *alias;
    engram_status (*derive)(update *u);
    noise_kind noise;
} method;

static const method methods[] = {
#define EG_METHOD(name, alias, derive, noise, meaning) {name, alias, derive, noise},
#include "ir/methods.def"
#undef EG_METHOD
};
enum { METHODS = sizeof methods / sizeof *methods };

static engram_status unknown_method(const update *u, const char *name)
{
    char list[320] = "";
    for (size_t k = 0; k < METHODS; k++) {
        strncat(list, k ? ", " : "", sizeof list - strlen(list) - 1);
        strncat(list, methods[k].name, sizeof list - strlen(list) - 1);
    }
    return eg_fail(u->err, ENGRAM_E_UNSUPPORTED, "%s: there is no method \"%s\"; there are %s",
                   u->system->object, name, list);
}

static engram_status apply(update *u, const method *m)
{
    u->code.size = 0;
    if (u->xi_count && m->noise == NOISE_NONE)
        return eg_fail(u->err, ENGRAM_E_UNSUPPORTED, "%s: method %s takes no noise (%s)",
                       u->system->object, m->name, u->xi[0]);
    engram_status status = m->derive(u);
    if (!status && (u->code.failed || u->algebra.failed))
        status = out_of_memory(u);
    return status;
}

/* Whether two variables depend on each other, directly or not. */
static bool is_cyclic(update *u, eg_expr *const *m)
{
    const size_t n = u->system->count;
    bool *forth = eg_arena_array(u->algebra.arena, n + 1, sizeof *forth);
    bool *back = eg_arena_array(u->algebra.arena, n + 1, sizeof *back);
    if (!forth || !back) {
        u->algebra.failed = true;
        return true;
    }
    for (size_t row = 0; row < n; row++) {
        memset(forth, 0, n * sizeof *forth);
        mark_needed(m, n, row, forth);
        for (size_t other = row + 1; other < n; other++) {
            memset(back, 0, n * sizeof *back);
            mark_needed(m, n, other, back);
            if (forth[other] && back[row])
                return true;
        }
    }
    return false;
}

/* Brian2's choice among ('exact', 'euler', 'heun') (4.7). It cannot solve singular systems
 * exactly and goes on to euler there, which gives other numbers than an exact step. */
static engram_status choose(update *u, const method **used)
{
    static const char *const order[] = {"exact", "euler", "heun"};
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; k < sizeof order / sizeof *order; k++) {
        const method *m = methods;
        while (strcmp(m->name, order[k]))
            m++;
        *used = m;
        status = apply(u, m);
        if (status == ENGRAM_E_UNSUPPORTED)
            continue;
        if (status || m->derive != derive_exact)
            return status;
        eg_expr **matrix = eg_arena_array(
            u->algebra.arena, u->system->count * u->system->count + 1, sizeof *matrix);
        eg_expr **rest = new_column(u);
        if (!matrix || !rest)
            return out_of_memory(u);
        status = read_matrix(u, matrix, rest);
        const bool singular = !status && is_singular(u, matrix);
        const bool cyclic = !status && is_cyclic(u, matrix);
        if (status || u->algebra.failed)
            return status ? status : out_of_memory(u);
        if (!singular && cyclic)
            /* Brian2 takes exact unless sympy meets a complex eigenvalue, then euler: other
             * numbers, and nothing here can know which. */
            return eg_fail(u->err, ENGRAM_E_UNSUPPORTED,
                           "%s: no method is named, and for equations that depend on each "
                           "other Brian2's choice of exact or euler cannot be told from the "
                           "rules; name the method, or capture the live network",
                           u->system->object);
        if (!singular)
            return ENGRAM_OK;
    }
    return status;
}

engram_status update_derive(const char **code, const char **used, const system_of *system,
                            const char *name, engram_error *err)
{
    update u = {.algebra = {.arena = system->scope->arena}, .system = system, .err = err};
    const eg_clock *clock =
        derive_clock(system->scope->net->document.network, system->scope->clock);
    if (system->count && clock && clock->times)
        return eg_fail(
            err, ENGRAM_E_UNSUPPORTED,
            "%s: its equations are integrated over a step, and its clock %s, an event "
            "clock, has none",
            system->object, system->scope->clock);
    eg_buf_init(&u.code, system->scope->net->alloc);
    engram_status status = read_system(&u);
    const method *m = NULL;
    for (size_t k = 0; *name && k < METHODS; k++)
        if (eg_method_is(name, methods[k].name) ||
            (*methods[k].alias && eg_method_is(name, methods[k].alias)))
            m = &methods[k];
    if (!status && *name && !m)
        status = unknown_method(&u, name);
    if (!status)
        status = m ? apply(&u, m) : choose(&u, &m);
    if (!status) {
        *used = m->name;
        *code = eg_arena_strdup(system->scope->arena, u.code.data ? u.code.data : "");
        if (!*code)
            status = out_of_memory(&u);
    }
    eg_buf_clear(&u.code);
    return status;
}
