/* lower_body.c - a call of a custom function: its body, in place of the call
 *
 * Arguments are lowered once, in the caller's arithmetic; the body then in that of Python and
 * numpy, whichever dialect the caller has: no literal has a type of its own, nothing is checked
 * for zero, integers divide to float64, `//` and `%` are Python's, and the powers that numpy
 * knows are products, quotients and roots (numpy/core/src/multiarray/number.c,
 * fast_scalar_power).
 */
#include "ir/lower_expr.h"

#include "lang/units.h"

#include <string.h>

struct eg_inlined {
    const eg_signature *signature;
    const eg_operand *argument; /* [signature->count] */
    eg_operand *local;          /* [statements] */
    size_t done;                /* statements lowered */
};

/* Values of one code that calls make: each call has its body's once more. */
enum { INLINED_VALUES_MAX = 100000 };

engram_status eg_lower_inlined_name(eg_operand *out, eg_lowering *l, const char *name)
{
    const eg_inlined *at = l->inlined;
    double value;
    eg_dim dim;
    for (uint32_t k = 0; k < at->signature->count; k++)
        if (strcmp(at->signature->parameter[k], name) == 0) {
            *out = at->argument[k];
            return ENGRAM_OK;
        }
    for (size_t k = 0; k < at->done; k++)
        if (strcmp(at->signature->body->code.item[k].variable, name) == 0) {
            *out = at->local[k];
            return ENGRAM_OK;
        }
    if (!eg_constant_find(name, &value) && !eg_unit_find(name, &value, &dim))
        return eg_fail(l->err, ENGRAM_E_REFERENCE, "\"%s\" is no name of this function", name);
    *out = (eg_operand){.reg = eg_build_double(&l->build, value), .type = EG_F64};
    return ENGRAM_OK;
}

static eg_dtype register_type(const eg_lowering *l, eg_operand a)
{
    return l->build.failed ? EG_F64 : l->build.reg[a.reg].type;
}

/* A value that nothing is known of but its register. */
static eg_operand plain(const eg_lowering *l, eg_operand a)
{
    return (eg_operand){.reg = a.reg, .type = register_type(l, a)};
}

static bool is_float(eg_dtype type)
{
    return type == EG_F32 || type == EG_F64;
}

/* ---- arithmetic ------------------------------------------------------------------------- */

static eg_operand number(eg_lowering *l, double value)
{
    return (eg_operand){.reg = eg_build_double(&l->build, value), .type = EG_F64};
}

static eg_operand power(eg_lowering *l, eg_operand a, eg_operand b)
{
    a = eg_lower_to(l, a, EG_F64);
    b = eg_lower_to(l, b, EG_F64);
    const double exponent =
        b.known && !l->build.failed ? l->build.reg[b.reg].value.d : 3.0; /* one it knows not */
    if (exponent == 2.0)
        return eg_lower_pure(l, EG_I_MUL_D, a, a, a);
    if (exponent == 1.0)
        return a;
    if (exponent == 0.0)
        return number(l, 1.0);
    if (exponent == -1.0)
        return eg_lower_pure(l, EG_I_DIV_D, number(l, 1.0), a, a);
    if (exponent == 0.5)
        return eg_lower_pure(l, EG_I_SQRT_D, a, a, a);
    return eg_lower_pure(l, EG_I_POW_D, a, b, b);
}

bool eg_lower_inlined_binary(eg_operand *out, eg_lowering *l, eg_expr_op op, eg_operand a,
                             eg_operand b)
{
    const eg_dtype left = register_type(l, a), right = register_type(l, b);
    const bool floats = is_float(left) || is_float(right);
    const bool wide = left == EG_I64 || right == EG_I64;
    const eg_dtype type = op == EG_OP_DIV || floats ? EG_F64 : wide ? EG_I64 : EG_I32;
    eg_opcode code;
    switch (op) {
    case EG_OP_DIV:
        code = EG_I_DIV_D;
        break;
    case EG_OP_FLOORDIV:
        code = floats ? EG_I_PYDIV_D : wide ? EG_I_FLOORDIV_L : EG_I_FLOORDIV_I;
        break;
    case EG_OP_MOD:
        code = floats ? EG_I_PYMOD_D : wide ? EG_I_MOD_L : EG_I_MOD_I;
        break;
    case EG_OP_POW:
        if (floats) {
            *out = power(l, a, b);
            return true;
        }
        code = wide ? EG_I_IPOW_L : EG_I_IPOW_I;
        break;
    default:
        return false;
    }
    a = eg_lower_to(l, a, type);
    b = eg_lower_to(l, b, type);
    *out = eg_lower_pure(l, code, a, b, b);
    return true;
}

eg_operand eg_lower_where(eg_lowering *l, eg_operand condition, eg_operand a, eg_operand b)
{
    static const eg_opcode select[] = {[EG_BOOL] = EG_I_SELECT_B,
                                       [EG_I32] = EG_I_SELECT_I,
                                       [EG_I64] = EG_I_SELECT_L,
                                       [EG_F32] = EG_I_SELECT_F,
                                       [EG_F64] = EG_I_SELECT_D};
    const eg_dtype left = register_type(l, a), right = register_type(l, b);
    const eg_dtype type = left > right ? left : right;
    return eg_lower_pure(l, select[type], eg_lower_to(l, condition, EG_BOOL),
                         eg_lower_to(l, a, type), eg_lower_to(l, b, type));
}

/* ---- a call ----------------------------------------------------------------------------- */

static engram_status lower_arguments(eg_operand *argument, eg_lowering *l, const eg_expr *e,
                                     const eg_signature *s)
{
    for (uint32_t k = 0; k < s->count; k++) {
        engram_status status = eg_lower_expr(&argument[k], l, e->arg[k]);
        if (status)
            return status;
        const eg_dtype type = register_type(l, argument[k]);
        if (s->argument[k].kind == EG_UNIT_BOOL)
            argument[k] = eg_lower_to(l, argument[k], EG_BOOL);
        else if (type == EG_F32 || argument[k].object)
            argument[k] = eg_lower_to(l, argument[k], type == EG_F32 ? EG_F64 : type);
        argument[k] = plain(l, argument[k]);
    }
    return ENGRAM_OK;
}

static eg_operand result_as(eg_lowering *l, eg_operand a, const eg_signature *s)
{
    const eg_dtype type = register_type(l, a);
    const bool kept = s->highest || (s->type == EG_I64 && !is_float(type) && type != EG_BOOL);
    return plain(l, kept ? a : eg_lower_to(l, a, s->type));
}

engram_status eg_lower_inlined(eg_operand *out, eg_lowering *l, const eg_expr *e,
                               const eg_signature *s)
{
    const eg_body *body = s->body;
    if (l->build.reg_count > INLINED_VALUES_MAX)
        return eg_fail(l->err, ENGRAM_E_LIMIT, "in %.80s(): more than %d values in one code",
                       s->name, INLINED_VALUES_MAX);
    eg_operand *argument = eg_arena_array(l->build.arena, (size_t)s->count + 1, sizeof *out);
    eg_operand *local = eg_arena_array(l->build.arena, body->code.count, sizeof *out);
    if (!argument || !local)
        return eg_fail_memory(l->err, "a function");
    engram_status status = lower_arguments(argument, l, e, s);
    if (status)
        return status;
    eg_inlined at = {.signature = s, .argument = argument, .local = local};
    const eg_dialect dialect = l->dialect;
    const char *text = l->text;
    l->inlined = &at;
    l->dialect = EG_DIALECT_STANDALONE; /* types are those of registers */
    l->text = body->text;
    for (; !status && at.done < body->code.count; at.done++)
        status = eg_lower_expr(&local[at.done], l, body->code.item[at.done].expr);
    l->inlined = NULL;
    l->dialect = dialect;
    l->text = text;
    if (status)
        return eg_error_prefix(l->err, status, "in %.80s()", s->name);
    *out = result_as(l, local[body->code.count - 1], s);
    return ENGRAM_OK;
}

engram_status eg_lower_native(eg_operand *out, eg_lowering *l, const eg_expr *e,
                              const eg_signature *s, uint32_t slot)
{
    eg_builder *build = &l->build;
    int32_t *list = eg_arena_array(build->arena, (size_t)s->count + 1, sizeof *list);
    if (!list)
        return eg_fail_memory(l->err, "a function");
    for (uint32_t k = 0; k < s->count; k++) {
        eg_operand argument;
        const engram_status status = eg_lower_expr(&argument, l, e->arg[k]);
        if (status)
            return status;
        list[k] = eg_lower_to(l, argument, EG_F64).reg;
    }
    const int32_t reg =
        eg_build_reg(build, EG_F64, build->vector ? EG_REG_VECTOR : EG_REG_SCALAR);
    eg_build_raw(build, (eg_ins){.op = EG_I_CALL,
                                 .imm = slot,
                                 .out = reg,
                                 .arg = {EG_NO_REG, EG_NO_REG, EG_NO_REG},
                                 .list = list,
                                 .list_count = s->count});
    *out = result_as(l, (eg_operand){.reg = reg, .type = EG_F64}, s);
    return ENGRAM_OK;
}
