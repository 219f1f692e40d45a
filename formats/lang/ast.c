#include "lang/ast.h"

#include <math.h>
#include <string.h>

static eg_expr *node(eg_arena *arena, eg_expr_kind kind, eg_expr_op op, uint32_t count)
{
    eg_expr *expr = eg_arena_alloc(arena, sizeof *expr);
    if (!expr)
        return NULL;
    expr->kind = kind;
    expr->op = op;
    expr->arg_count = count;
    if (count && !(expr->arg = eg_arena_array(arena, count, sizeof *expr->arg)))
        return NULL;
    return expr;
}

/* The language has no negative literals: -2 is NEG of 2, and prints and parses as that. */
eg_expr *eg_expr_int(eg_arena *arena, int64_t value)
{
    if (value == INT64_MIN)
        return eg_expr_binary(arena, EG_OP_SUB, eg_expr_int(arena, -INT64_MAX),
                              eg_expr_int(arena, 1));
    if (value < 0)
        return eg_expr_unary(arena, EG_OP_NEG, eg_expr_int(arena, -value));
    eg_expr *expr = node(arena, EG_EXPR_INT, EG_OP_NONE, 0);
    if (expr) {
        expr->integer = value;
        expr->number = (double)value;
    }
    return expr;
}

eg_expr *eg_expr_float(eg_arena *arena, double value)
{
    if (isnan(value))
        return eg_expr_binary(arena, EG_OP_SUB, eg_expr_name(arena, "inf"),
                              eg_expr_name(arena, "inf"));
    if (signbit(value))
        return eg_expr_unary(arena, EG_OP_NEG, eg_expr_float(arena, -value));
    if (isinf(value))
        return eg_expr_name(arena, "inf");
    eg_expr *expr = node(arena, EG_EXPR_FLOAT, EG_OP_NONE, 0);
    if (expr)
        expr->number = value;
    return expr;
}

eg_expr *eg_expr_name(eg_arena *arena, const char *name)
{
    eg_expr *expr = node(arena, EG_EXPR_NAME, EG_OP_NONE, 0);
    if (!expr || !(expr->name = eg_arena_strdup(arena, name)))
        return NULL;
    return expr;
}

eg_expr *eg_expr_unary(eg_arena *arena, eg_expr_op op, eg_expr *a)
{
    eg_expr *expr = a ? node(arena, EG_EXPR_UNARY, op, 1) : NULL;
    if (expr)
        expr->arg[0] = a;
    return expr;
}

static eg_expr_kind binary_kind(eg_expr_op op)
{
    if (op >= EG_OP_LT && op <= EG_OP_NE)
        return EG_EXPR_COMPARE;
    return op == EG_OP_AND || op == EG_OP_OR ? EG_EXPR_LOGIC : EG_EXPR_BINARY;
}

eg_expr *eg_expr_binary(eg_arena *arena, eg_expr_op op, eg_expr *a, eg_expr *b)
{
    eg_expr *expr = a && b ? node(arena, binary_kind(op), op, 2) : NULL;
    if (expr) {
        expr->arg[0] = a;
        expr->arg[1] = b;
    }
    return expr;
}

eg_expr *eg_expr_call(eg_arena *arena, const char *name, eg_expr **args, uint32_t count)
{
    for (uint32_t k = 0; k < count; k++)
        if (!args[k])
            return NULL;
    eg_expr *expr = node(arena, EG_EXPR_CALL, EG_OP_NONE, count);
    if (!expr || !(expr->name = eg_arena_strdup(arena, name)))
        return NULL;
    for (uint32_t k = 0; k < count; k++)
        expr->arg[k] = args[k];
    return expr;
}

bool eg_expr_equal(const eg_expr *a, const eg_expr *b)
{
    if (a->kind != b->kind || a->op != b->op || a->arg_count != b->arg_count ||
        a->integer != b->integer || memcmp(&a->number, &b->number, sizeof a->number) != 0)
        return false;
    if ((a->name != NULL) != (b->name != NULL) || (a->name && strcmp(a->name, b->name) != 0))
        return false;
    for (uint32_t k = 0; k < a->arg_count; k++)
        if (!eg_expr_equal(a->arg[k], b->arg[k]))
            return false;
    return true;
}

void eg_expr_names(const eg_expr *expr, void (*see)(void *context, const eg_expr *node),
                   void *context)
{
    if (expr->kind == EG_EXPR_NAME || expr->kind == EG_EXPR_CALL)
        see(context, expr);
    for (uint32_t k = 0; k < expr->arg_count; k++)
        eg_expr_names(expr->arg[k], see, context);
}

eg_expr *eg_expr_substitute(eg_arena *arena, const eg_expr *expr,
                            eg_expr *(*replace)(void *context, const char *name), void *context)
{
    if (expr->kind == EG_EXPR_NAME) {
        eg_expr *other = replace(context, expr->name);
        if (other)
            return other;
    }
    eg_expr *copy = node(arena, expr->kind, expr->op, expr->arg_count);
    if (!copy)
        return NULL;
    eg_expr **arg = copy->arg;
    *copy = *expr;
    copy->arg = arg;
    if (expr->name && !(copy->name = eg_arena_strdup(arena, expr->name)))
        return NULL;
    for (uint32_t k = 0; k < expr->arg_count; k++)
        if (!(arg[k] = eg_expr_substitute(arena, expr->arg[k], replace, context)))
            return NULL;
    return copy;
}
