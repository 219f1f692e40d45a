#include "lang/body.h"
#include "lang/resolve.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Both dimensions by name: "volt" and "ampere". */
static engram_status mismatch(const char *what, eg_dim a, eg_dim b, size_t offset,
                              const char *text, engram_error *err)
{
    char first[160], second[160];
    return eg_diag_fail(err, ENGRAM_E_DIMENSION, text, offset,
                        "%s: left side has dimension '%s', right side '%s'", what,
                        eg_dim_print(a, first, sizeof first),
                        eg_dim_print(b, second, sizeof second));
}

static engram_status want(eg_dim found, eg_dim wanted, const eg_expr *call, uint32_t argument,
                          const char *text, engram_error *err)
{
    if (eg_dim_equal(found, wanted))
        return ENGRAM_OK;
    char first[160], second[160];
    return eg_diag_fail(err, ENGRAM_E_DIMENSION, text, call->arg[argument]->offset,
                        "argument %u of '%.80s' has dimension '%s', wanted '%s'",
                        (unsigned)argument + 1, call->name,
                        eg_dim_print(found, first, sizeof first),
                        eg_dim_print(wanted, second, sizeof second));
}

/* Value of an exponent: literals, constants and arithmetic on them. Like Brian2 it does not
 * ask for the dimension of what it evaluates (x**volt is x**1.0), nor does it know unary +. */
static engram_status constant(double *out, const eg_expr *expr, const eg_scope *scope,
                              const char *text, engram_error *err)
{
    engram_status status;
    eg_symbol symbol;
    double a, b;
    switch (expr->kind) {
    case EG_EXPR_INT:
    case EG_EXPR_FLOAT:
    case EG_EXPR_BOOL:
        *out = expr->number;
        return ENGRAM_OK;
    case EG_EXPR_NAME:
        if ((status = eg_resolve_name(&symbol, expr, scope, text, err)))
            return status;
        if (!symbol.has_value)
            break;
        *out = symbol.value;
        return ENGRAM_OK;
    case EG_EXPR_UNARY:
        if (expr->op != EG_OP_NEG)
            break;
        status = constant(&a, expr->arg[0], scope, text, err);
        *out = status ? 0 : -a;
        return status;
    case EG_EXPR_BINARY:
        if ((status = constant(&a, expr->arg[0], scope, text, err)) ||
            (status = constant(&b, expr->arg[1], scope, text, err)))
            return status;
        if (expr->op == EG_OP_ADD)
            *out = a + b;
        else if (expr->op == EG_OP_SUB)
            *out = a + b; /* sic: Brian2's _get_value_from_expression adds for both */
        else if (expr->op == EG_OP_MUL)
            *out = a * b;
        else if (expr->op == EG_OP_DIV)
            *out = b != 0 ? a / b : NAN; /* Python raises */
        else if (expr->op == EG_OP_FLOORDIV)
            *out = b != 0 ? floor(a / b) : NAN;
        else if (expr->op == EG_OP_MOD)
            *out = b != 0 ? a - b * floor(a / b) : NAN;
        else
            *out = pow(a, b);
        return ENGRAM_OK;
    case EG_EXPR_COMPARE:
    case EG_EXPR_LOGIC:
    case EG_EXPR_CALL:
        break;
    }
    return eg_diag_fail(err, ENGRAM_E_DIMENSION, text, expr->offset,
                        "the exponent of a value with units is not a constant number");
}

static engram_status power(eg_dim *out, eg_dim base, eg_dim exponent, const eg_expr *expr,
                           const eg_scope *scope, const char *text, engram_error *err)
{
    *out = eg_dim_none;
    if (eg_dim_is_none(base) && eg_dim_is_none(exponent))
        return ENGRAM_OK;
    double value;
    const engram_status status = constant(&value, expr->arg[1], scope, text, err);
    if (status)
        return status;
    if (!isfinite(value))
        return eg_diag_fail(err, ENGRAM_E_DIMENSION, text, expr->arg[1]->offset,
                            "the exponent of a value with units is not a finite number");
    *out = eg_dim_power(base, value);
    return ENGRAM_OK;
}

/* In the body of a function a zero or an infinity that is written out has any dimension, as it
 * has for Brian2's quantities (units/fundamentalunits.py, have_same_dimensions). */
static bool any_dim(const eg_expr *expr, const eg_scope *scope)
{
    if (!scope->body)
        return false;
    if (expr->kind == EG_EXPR_UNARY)
        return any_dim(expr->arg[0], scope);
    return ((expr->kind == EG_EXPR_INT || expr->kind == EG_EXPR_FLOAT) && expr->number == 0) ||
           (expr->kind == EG_EXPR_NAME && strcmp(expr->name, "inf") == 0);
}

static engram_status binary(eg_dim *out, const eg_expr *expr, const eg_scope *scope,
                            const char *text, engram_error *err)
{
    eg_dim a, b;
    engram_status status = eg_sema_dim(&a, expr->arg[0], scope, text, err);
    if (status || (status = eg_sema_dim(&b, expr->arg[1], scope, text, err)))
        return status;
    *out = a;
    switch (expr->op) {
    case EG_OP_MUL:
        *out = eg_dim_multiply(a, b);
        return ENGRAM_OK;
    case EG_OP_DIV:
        *out = eg_dim_divide(a, b);
        return ENGRAM_OK;
    case EG_OP_POW:
        return power(out, a, b, expr, scope, text, err);
    case EG_OP_FLOORDIV:
        if (scope->body) { /* numpy's, of Brian2's quantities */
            *out = eg_dim_divide(a, b);
            return ENGRAM_OK;
        }
        if (!eg_dim_is_none(a) || !eg_dim_is_none(b))
            return mismatch("'//' divides dimensionless values only", a, b, expr->offset, text,
                            err);
        return ENGRAM_OK;
    default: /* ADD, SUB, MOD and the comparisons */
        break;
    }
    if (eg_dim_equal(a, b) || any_dim(expr->arg[1], scope))
        return ENGRAM_OK;
    if (any_dim(expr->arg[0], scope)) {
        *out = b;
        return ENGRAM_OK;
    }
    if (expr->kind == EG_EXPR_COMPARE)
        return mismatch("cannot compare", a, b, expr->offset, text, err);
    return mismatch(expr->op == EG_OP_ADD   ? "cannot add"
                    : expr->op == EG_OP_SUB ? "cannot subtract"
                                            : "cannot take '%'",
                    a, b, expr->offset, text, err);
}

/* Arguments against what a custom function declares; its result. */
static engram_status call_custom(eg_dim *out, const eg_expr *expr, const eg_signature *own,
                                 const eg_scope *scope, const char *text, engram_error *err)
{
    eg_dim dim[EG_BODY_ARGUMENTS_MAX];
    for (uint32_t k = 0; k < expr->arg_count; k++) {
        const engram_status status = eg_sema_dim(&dim[k], expr->arg[k], scope, text, err);
        if (status)
            return status;
    }
    for (uint32_t k = 0; k < expr->arg_count; k++) {
        const eg_unit_wanted *wanted = &own->argument[k];
        const engram_status status =
            wanted->kind == EG_UNIT_DIM    ? want(dim[k], wanted->dim, expr, k, text, err)
            : wanted->kind == EG_UNIT_LIKE ? want(dim[k], dim[wanted->like], expr, k, text, err)
                                           : ENGRAM_OK;
        if (status)
            return status;
    }
    *out = own->result.kind == EG_UNIT_LIKE ? dim[own->result.like] : own->result.dim;
    if (own->result.kind != EG_UNIT_ANY || !own->body)
        return ENGRAM_OK;
    const engram_status status = eg_body_dim(out, own, dim, err);
    return status ? eg_error_prefix(err, status, "in %.80s()", own->name) : ENGRAM_OK;
}

static engram_status call(eg_dim *out, const eg_expr *expr, const eg_scope *scope,
                          const char *text, engram_error *err)
{
    const eg_function_info *info;
    eg_symbol symbol;
    static const eg_dim second = {{0, 0, 1, 0, 0, 0, 0}};
    eg_dim first = eg_dim_none;
    engram_status status = eg_resolve_call(&info, &symbol, expr, scope, text, err);
    if (!status && !info && symbol.signature)
        return call_custom(out, expr, symbol.signature, scope, text, err);
    for (uint32_t k = 0; !status && k < expr->arg_count; k++) {
        eg_dim dim;
        if ((status = eg_sema_dim(&dim, expr->arg[k], scope, text, err)))
            return status;
        if (k == 0)
            first = dim;
        if (!info) {
            /* A TimedArray is asked for a time; its column index may be anything. */
            if (k == 0 && symbol.args != EG_ARGS_ANY)
                status = want(dim, second, expr, k, text, err);
        } else if (info->dims == EG_DIMS_NONE) {
            status = want(dim, eg_dim_none, expr, k, text, err);
        } else if (info->dims == EG_DIMS_TIMESTEP) {
            status = want(dim, second, expr, k, text, err);
        } else if (info->dims == EG_DIMS_KEEP || (info->dims == EG_DIMS_WHERE && k == 2)) {
            if (any_dim(expr->arg[info->dims == EG_DIMS_WHERE], scope))
                first = dim;
            else if (!any_dim(expr->arg[k], scope))
                status = want(dim, first, expr, k, text, err);
        } else if (info->dims == EG_DIMS_WHERE && k == 1) {
            first = dim;
        }
    }
    *out = !info                                                       ? symbol.dim
           : info->dims == EG_DIMS_KEEP || info->dims == EG_DIMS_WHERE ? first
           : info->dims == EG_DIMS_SQRT ? eg_dim_power(first, 0.5)
                                        : eg_dim_none;
    return status;
}

engram_status eg_sema_dim(eg_dim *out, const eg_expr *expr, const eg_scope *scope,
                          const char *text, engram_error *err)
{
    engram_status status;
    eg_symbol symbol;
    eg_dim dim;
    *out = eg_dim_none;
    switch (expr->kind) {
    case EG_EXPR_INT:
    case EG_EXPR_FLOAT:
    case EG_EXPR_BOOL:
        return ENGRAM_OK;
    case EG_EXPR_NAME:
        status = eg_resolve_name(&symbol, expr, scope, text, err);
        if (!status)
            *out = symbol.dim;
        return status;
    case EG_EXPR_UNARY:
        status = eg_sema_dim(&dim, expr->arg[0], scope, text, err);
        if (!status && expr->op != EG_OP_NOT)
            *out = dim;
        return status;
    case EG_EXPR_BINARY:
        return binary(out, expr, scope, text, err);
    case EG_EXPR_COMPARE:
    case EG_EXPR_LOGIC:
        break;
    case EG_EXPR_CALL:
        return call(out, expr, scope, text, err);
    }
    if (expr->kind == EG_EXPR_COMPARE) {
        status = binary(&dim, expr, scope, text, err);
        return status;
    }
    status = eg_sema_dim(&dim, expr->arg[0], scope, text, err);
    return status ? status : eg_sema_dim(&dim, expr->arg[1], scope, text, err);
}

engram_status eg_sema_check_assign(eg_dim *out, const eg_assign *assign, const eg_scope *scope,
                                   const char *text, engram_error *err)
{
    eg_dim found;
    engram_status status = eg_sema_dim(&found, assign->expr, scope, text, err);
    if (status)
        return status;
    eg_symbol target = {.dim = eg_dim_none};
    const bool known =
        scope->lookup && scope->lookup(scope->context, assign->variable, &target);
    const char op = assign->op[0];
    if (!known && op != '=')
        return eg_diag_fail(err, ENGRAM_E_REFERENCE, text, assign->offset,
                            "unknown variable '%.80s' before '%s'", assign->variable,
                            assign->op);
    *out = known ? target.dim : found;
    const eg_dim wanted = op == '*' || op == '/' ? eg_dim_none : *out;
    if (eg_dim_equal(found, wanted))
        return ENGRAM_OK;
    char first[160], second[160];
    return eg_diag_fail(err, ENGRAM_E_DIMENSION, text, assign->offset,
                        "right side of '%.80s %s' has dimension '%s', wanted '%s'",
                        assign->variable, assign->op, eg_dim_print(found, first, sizeof first),
                        eg_dim_print(wanted, second, sizeof second));
}
