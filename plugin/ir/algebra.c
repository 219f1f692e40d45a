#include "ir/algebra.h"

#include <string.h>

/* ---- literals --------------------------------------------------------------------------- */

static bool is_literal(const eg_expr *e)
{
    return e && (e->kind == EG_EXPR_INT || e->kind == EG_EXPR_FLOAT);
}

static bool is_value(const eg_expr *e, double value)
{
    return is_literal(e) && e->number == value;
}

/* Small integers: their sums and products are exact as doubles and as int64. */
static bool is_small(const eg_expr *e)
{
    return e && e->kind == EG_EXPR_INT && e->integer > -(1 << 24) && e->integer < (1 << 24);
}

static eg_expr *keep(eg_algebra *algebra, eg_expr *made)
{
    if (!made)
        algebra->failed = true;
    return made;
}

static eg_expr *integer(eg_algebra *algebra, int64_t value)
{
    return value ? keep(algebra, eg_expr_int(algebra->arena, value)) : NULL;
}

static eg_expr *binary(eg_algebra *algebra, eg_expr_op op, eg_expr *a, eg_expr *b)
{
    return keep(algebra, eg_expr_binary(algebra->arena, op, a, b));
}

/* ---- sums and products ------------------------------------------------------------------ */

eg_expr *eg_algebra_number(eg_algebra *algebra, double value)
{
    return keep(algebra, eg_expr_float(algebra->arena, value));
}

eg_expr *eg_algebra_name(eg_algebra *algebra, const char *name)
{
    return keep(algebra, eg_expr_name(algebra->arena, name));
}

eg_expr *eg_algebra_call(eg_algebra *algebra, const char *name, eg_expr *a)
{
    if (!a)
        a = eg_algebra_number(algebra, 0);
    return a ? keep(algebra, eg_expr_call(algebra->arena, name, &a, 1)) : NULL;
}

eg_expr *eg_algebra_neg(eg_algebra *algebra, eg_expr *a)
{
    if (!a || is_value(a, 0))
        return NULL;
    if (is_small(a))
        return integer(algebra, -a->integer);
    if (a->kind == EG_EXPR_UNARY && a->op == EG_OP_NEG)
        return a->arg[0];
    return keep(algebra, eg_expr_unary(algebra->arena, EG_OP_NEG, a));
}

eg_expr *eg_algebra_add(eg_algebra *algebra, eg_expr *a, eg_expr *b)
{
    if (!a || is_value(a, 0))
        return b;
    if (!b || is_value(b, 0))
        return a;
    if (is_small(a) && is_small(b))
        return integer(algebra, a->integer + b->integer);
    if (b->kind == EG_EXPR_UNARY && b->op == EG_OP_NEG)
        return binary(algebra, EG_OP_SUB, a, b->arg[0]);
    return binary(algebra, EG_OP_ADD, a, b);
}

eg_expr *eg_algebra_sub(eg_algebra *algebra, eg_expr *a, eg_expr *b)
{
    if (!b || is_value(b, 0))
        return a;
    if (!a || is_value(a, 0))
        return eg_algebra_neg(algebra, b);
    if (is_small(a) && is_small(b))
        return integer(algebra, a->integer - b->integer);
    return binary(algebra, EG_OP_SUB, a, b);
}

eg_expr *eg_algebra_mul(eg_algebra *algebra, eg_expr *a, eg_expr *b)
{
    if (!a || !b || is_value(a, 0) || is_value(b, 0))
        return NULL;
    if (is_small(a) && is_small(b))
        return integer(algebra, a->integer * b->integer);
    if (is_value(a, 1))
        return b;
    if (is_value(b, 1))
        return a;
    if (is_value(a, -1))
        return eg_algebra_neg(algebra, b);
    if (is_value(b, -1))
        return eg_algebra_neg(algebra, a);
    return binary(algebra, EG_OP_MUL, a, b);
}

eg_expr *eg_algebra_div(eg_algebra *algebra, eg_expr *a, eg_expr *b)
{
    if (!b) /* division by the literal zero: what comes of it is the engine's to say */
        b = eg_algebra_number(algebra, 0);
    if (!a || !b)
        return NULL;
    if (is_value(b, 1))
        return a;
    if (is_small(a) && is_small(b) && b->integer) {
        if (a->integer % b->integer == 0)
            return integer(algebra, a->integer / b->integer);
        return eg_algebra_number(algebra, a->number / b->number);
    }
    return binary(algebra, EG_OP_DIV, a, b);
}

static eg_expr *or_zero(eg_algebra *algebra, eg_expr *e)
{
    return e ? e : keep(algebra, eg_expr_int(algebra->arena, 0));
}

eg_expr *eg_algebra_simplify(eg_algebra *algebra, const eg_expr *expr)
{
    if (!expr)
        return NULL;
    if (expr->arg_count == 0 && expr->kind != EG_EXPR_CALL)
        return is_value(expr, 0) ? NULL : (eg_expr *)(uintptr_t)expr;
    eg_expr *small[2] = {NULL, NULL}, **arg = small;
    if (expr->arg_count > 2 || expr->kind == EG_EXPR_CALL) {
        arg = eg_arena_array(algebra->arena, expr->arg_count + 1, sizeof(eg_expr *));
        if (!arg)
            return keep(algebra, NULL);
    }
    for (uint32_t k = 0; k < expr->arg_count; k++)
        arg[k] = eg_algebra_simplify(algebra, expr->arg[k]);
    if (algebra->failed)
        return NULL;
    switch (expr->op) {
    case EG_OP_ADD:
        return eg_algebra_add(algebra, arg[0], arg[1]);
    case EG_OP_SUB:
        return eg_algebra_sub(algebra, arg[0], arg[1]);
    case EG_OP_MUL:
        return eg_algebra_mul(algebra, arg[0], arg[1]);
    case EG_OP_DIV:
        return eg_algebra_div(algebra, arg[0], arg[1]);
    case EG_OP_NEG:
        return eg_algebra_neg(algebra, arg[0]);
    case EG_OP_POS:
        return arg[0];
    default:
        break;
    }
    for (uint32_t k = 0; k < expr->arg_count; k++)
        arg[k] = or_zero(algebra, arg[k]);
    if (expr->kind == EG_EXPR_CALL)
        return keep(algebra, eg_expr_call(algebra->arena, expr->name, arg, expr->arg_count));
    if (expr->kind == EG_EXPR_UNARY)
        return keep(algebra, eg_expr_unary(algebra->arena, expr->op, arg[0]));
    return binary(algebra, expr->op, arg[0], arg[1]);
}

/* ---- names ------------------------------------------------------------------------------ */

bool eg_algebra_has(const eg_expr *expr, const char *name, bool in_calls)
{
    if (!expr)
        return false;
    if (expr->kind == EG_EXPR_NAME)
        return !strcmp(expr->name, name);
    if (expr->kind == EG_EXPR_CALL && !in_calls)
        return false;
    for (uint32_t k = 0; k < expr->arg_count; k++)
        if (eg_algebra_has(expr->arg[k], name, in_calls))
            return true;
    return false;
}

/* ---- linear forms ----------------------------------------------------------------------- */

typedef struct splitter {
    eg_algebra *algebra;
    const char *const *names;
    size_t count;
    bool opaque_calls;
} splitter;

static bool is_free(const splitter *s, const eg_expr *e)
{
    for (size_t k = 0; k < s->count; k++)
        if (eg_algebra_has(e, s->names[k], !s->opaque_calls))
            return false;
    return true;
}

/* form[0 .. count-1] are the factors, form[count] is the rest. */
static bool split(const splitter *s, eg_expr **form, const eg_expr *e);

static bool split_sum(const splitter *s, eg_expr **form, const eg_expr *e)
{
    eg_expr **right = eg_arena_array(s->algebra->arena, s->count + 1, sizeof(eg_expr *));
    if (!right)
        return !(s->algebra->failed = true);
    if (!split(s, form, e->arg[0]) || !split(s, right, e->arg[1]))
        return false;
    for (size_t k = 0; k <= s->count; k++)
        form[k] = e->op == EG_OP_ADD ? eg_algebra_add(s->algebra, form[k], right[k])
                                     : eg_algebra_sub(s->algebra, form[k], right[k]);
    return true;
}

static bool split_product(const splitter *s, eg_expr **form, const eg_expr *e)
{
    const bool left = is_free(s, e->arg[0]), right = is_free(s, e->arg[1]);
    if (e->op == EG_OP_MUL ? !left && !right : !right)
        return false;
    if (!split(s, form, e->arg[right ? 0 : 1]))
        return false;
    eg_expr *other = eg_algebra_simplify(s->algebra, e->arg[right ? 1 : 0]);
    for (size_t k = 0; k <= s->count; k++) {
        if (e->op == EG_OP_DIV)
            form[k] = eg_algebra_div(s->algebra, form[k], other);
        else if (right)
            form[k] = eg_algebra_mul(s->algebra, form[k], other);
        else
            form[k] = eg_algebra_mul(s->algebra, other, form[k]);
    }
    return true;
}

static bool split(const splitter *s, eg_expr **form, const eg_expr *e)
{
    if (s->algebra->failed)
        return false;
    for (size_t k = 0; k <= s->count; k++)
        form[k] = NULL;
    if (is_free(s, e)) {
        form[s->count] = eg_algebra_simplify(s->algebra, e);
        return true;
    }
    if (e->kind == EG_EXPR_NAME) {
        for (size_t k = 0; k < s->count; k++)
            if (!strcmp(e->name, s->names[k]))
                form[k] = integer(s->algebra, 1);
        return true;
    }
    switch (e->op) {
    case EG_OP_NEG:
    case EG_OP_POS:
        if (!split(s, form, e->arg[0]))
            return false;
        for (size_t k = 0; e->op == EG_OP_NEG && k <= s->count; k++)
            form[k] = eg_algebra_neg(s->algebra, form[k]);
        return true;
    case EG_OP_ADD:
    case EG_OP_SUB:
        return split_sum(s, form, e);
    case EG_OP_MUL:
    case EG_OP_DIV:
        return split_product(s, form, e);
    case EG_OP_POW: /* x**1 is what remains of powers that are linear */
        return is_value(e->arg[1], 1) && split(s, form, e->arg[0]);
    default:
        return false;
    }
}

bool eg_algebra_linear(eg_algebra *algebra, eg_expr **factor, eg_expr **rest,
                       const eg_expr *expr, const char *const *names, size_t count,
                       bool opaque_calls)
{
    const splitter s = {algebra, names, count, opaque_calls};
    eg_expr **form = eg_arena_array(algebra->arena, count + 1, sizeof(eg_expr *));
    if (!form)
        return !(algebra->failed = true);
    if (!split(&s, form, expr))
        return false;
    if (count)
        memcpy(factor, form, count * sizeof *form);
    *rest = form[count];
    return !algebra->failed;
}
