#include "lang/body.h"
#include "lang/resolve.h"
#include "lang/units.h"

#include <string.h>

static bool ask(eg_symbol *out, const char *name, const eg_scope *scope)
{
    *out = (eg_symbol){.type = EG_F64, .dim = eg_dim_none};
    return scope->lookup && scope->lookup(scope->context, name, out);
}

static const eg_function_info *default_function(const char *name, const eg_scope *scope)
{
    return scope->body ? eg_function_find_in_body(name) : eg_function_find(name);
}

engram_status eg_resolve_name(eg_symbol *out, const eg_expr *node, const eg_scope *scope,
                              const char *text, engram_error *err)
{
    bool known = ask(out, node->name, scope);
    if (!known) {
        known = eg_constant_find(node->name, &out->value) ||
                eg_unit_find(node->name, &out->value, &out->dim);
        out->has_value = out->scalar = known;
        out->is_function = !known && default_function(node->name, scope);
    }
    if (out->is_function)
        return eg_diag_fail(err, ENGRAM_E_SYNTAX, text, node->offset,
                            "'%.80s' is a function, wanted a value; call it as %.80s(...)",
                            node->name, node->name);
    if (!known)
        return eg_diag_fail(err, ENGRAM_E_REFERENCE, text, node->offset,
                            "unknown name '%.80s', wanted a variable, constant or unit",
                            node->name);
    return ENGRAM_OK;
}

engram_status eg_resolve_call(const eg_function_info **info, eg_symbol *symbol,
                              const eg_expr *node, const eg_scope *scope, const char *text,
                              engram_error *err)
{
    *info = NULL;
    const bool known = ask(symbol, node->name, scope);
    uint32_t wanted = symbol->args;
    if (!known || !symbol->is_function) {
        *info = default_function(node->name, scope);
        if (!*info)
            return eg_diag_fail(
                err, known ? ENGRAM_E_SYNTAX : ENGRAM_E_REFERENCE, text, node->offset,
                known ? "'%.80s' is a variable, wanted a function" : "unknown function '%.80s'",
                node->name);
        wanted = (*info)->args;
    }
    if (wanted != EG_ARGS_ANY && wanted != node->arg_count)
        return eg_diag_fail(err, ENGRAM_E_SYNTAX, text, node->offset,
                            "function '%.80s' got %u arguments, wanted %u", node->name,
                            (unsigned)node->arg_count, (unsigned)wanted);
    return ENGRAM_OK;
}

/* ---- types --------------------------------------------------------------------------- */

static bool is_float(eg_dtype type)
{
    return type == EG_F32 || type == EG_F64;
}

/* bool takes part in arithmetic as an int. */
static eg_dtype as_number(eg_dtype type)
{
    return type == EG_BOOL ? EG_I32 : type;
}

static eg_dtype widest(eg_dtype a, eg_dtype b)
{
    a = as_number(a);
    b = as_number(b);
    return a > b ? a : b;
}

static eg_dtype binary_type(eg_expr_op op, eg_dtype a, eg_dtype b, eg_dialect dialect)
{
    const bool floats = is_float(a) || is_float(b);
    const bool standalone = dialect == EG_DIALECT_STANDALONE;
    if (op == EG_OP_DIV && !floats)
        return standalone ? EG_F32 : EG_F64; /* C++ text: 1.0f*a/b */
    if (op == EG_OP_POW && standalone)
        return EG_F64;
    return widest(a, b);
}

static eg_dtype call_type(const eg_function_info *info, const eg_expr *call)
{
    const eg_dtype first = call->arg_count ? call->arg[0]->type : EG_F64;
    switch (info->result) {
    case EG_RESULT_FLOAT:
        return first == EG_F32 ? EG_F32 : EG_F64;
    case EG_RESULT_INT:
        return EG_I32;
    case EG_RESULT_INT64:
        return EG_I64;
    case EG_RESULT_HIGHEST:
        return as_number(first); /* clip casts to the type of what is clipped */
    case EG_RESULT_WIDEST:
        return call->arg[1]->type == EG_BOOL && call->arg[2]->type == EG_BOOL
                   ? EG_BOOL
                   : widest(call->arg[1]->type, call->arg[2]->type);
    case EG_RESULT_F64:
        break;
    }
    return EG_F64;
}

/* Conditions are booleans: of `where`, and where a function wants one. */
static engram_status check_arguments(const eg_expr *call, const eg_function_info *info,
                                     const eg_symbol *symbol, const char *text,
                                     engram_error *err)
{
    const eg_signature *own = info ? NULL : symbol->signature;
    for (uint32_t k = 0; k < call->arg_count; k++) {
        const bool wanted = info ? info->result == EG_RESULT_WIDEST && k == 0
                                 : own && own->argument[k].kind == EG_UNIT_BOOL;
        if (wanted && call->arg[k]->type != EG_BOOL)
            return eg_diag_fail(err, ENGRAM_E_SYNTAX, text, call->arg[k]->offset,
                                "argument %u of '%.80s' is %s, wanted a boolean such as x > 0",
                                (unsigned)k + 1, call->name, eg_dtype_name(call->arg[k]->type));
    }
    return ENGRAM_OK;
}

/* and, or, not take booleans only. */
static engram_status check_logic(const eg_expr *expr, const char *text, engram_error *err)
{
    const char *word = expr->op == EG_OP_NOT ? "not" : expr->op == EG_OP_AND ? "and" : "or";
    for (uint32_t k = 0; k < expr->arg_count; k++)
        if (expr->arg[k]->type != EG_BOOL)
            return eg_diag_fail(err, ENGRAM_E_SYNTAX, text, expr->arg[k]->offset,
                                "operand of '%s' is %s, wanted a boolean such as x > 0", word,
                                eg_dtype_name(expr->arg[k]->type));
    return ENGRAM_OK;
}

engram_status eg_sema_types(eg_expr *expr, const eg_scope *scope, const char *text,
                            engram_error *err)
{
    engram_status status = ENGRAM_OK;
    for (uint32_t k = 0; k < expr->arg_count; k++)
        if ((status = eg_sema_types(expr->arg[k], scope, text, err)))
            return status;
    eg_symbol symbol;
    const eg_function_info *info;
    switch (expr->kind) {
    case EG_EXPR_INT:
        expr->type = expr->integer > INT32_MAX ? EG_I64 : EG_I32;
        return ENGRAM_OK;
    case EG_EXPR_FLOAT:
        expr->type = EG_F64;
        return ENGRAM_OK;
    case EG_EXPR_BOOL:
    case EG_EXPR_COMPARE:
        expr->type = EG_BOOL;
        return ENGRAM_OK;
    case EG_EXPR_NAME:
        status = eg_resolve_name(&symbol, expr, scope, text, err);
        expr->type = symbol.type;
        return status;
    case EG_EXPR_UNARY:
        expr->type = expr->op == EG_OP_NOT ? EG_BOOL : as_number(expr->arg[0]->type);
        return expr->op == EG_OP_NOT ? check_logic(expr, text, err) : ENGRAM_OK;
    case EG_EXPR_LOGIC:
        expr->type = EG_BOOL;
        return check_logic(expr, text, err);
    case EG_EXPR_BINARY:
        expr->type =
            binary_type(expr->op, expr->arg[0]->type, expr->arg[1]->type, scope->dialect);
        return ENGRAM_OK;
    case EG_EXPR_CALL:
        status = eg_resolve_call(&info, &symbol, expr, scope, text, err);
        if (!status)
            status = check_arguments(expr, info, &symbol, text, err);
        if (!status)
            expr->type = info ? call_type(info, expr) : symbol.type;
        return status;
    }
    return ENGRAM_OK;
}

bool eg_sema_scalar(const eg_expr *expr, const eg_scope *scope)
{
    eg_symbol symbol;
    if (expr->kind == EG_EXPR_NAME && ask(&symbol, expr->name, scope) && !symbol.scalar)
        return false;
    if (expr->kind == EG_EXPR_CALL) {
        const eg_function_info *info = default_function(expr->name, scope);
        const bool own = ask(&symbol, expr->name, scope) && symbol.is_function;
        if (own ? symbol.stateful : info && info->stateful)
            return false;
    }
    for (uint32_t k = 0; k < expr->arg_count; k++)
        if (!eg_sema_scalar(expr->arg[k], scope))
            return false;
    return true;
}
