#include "ir/lower_expr.h"

#include "lang/units.h"

#include <math.h>
#include <string.h>

eg_dtype eg_reg_type(eg_dtype storage)
{
    switch (storage) {
    case EG_U8:
        return EG_BOOL;
    case EG_U32:
        return EG_I32;
    case EG_U64:
        return EG_I64;
    default:
        return storage;
    }
}

static eg_dtype real(const eg_lowering *l, eg_operand a)
{
    return l->build.failed ? EG_F64 : l->build.reg[a.reg].type;
}

static eg_dtype wider(eg_dtype a, eg_dtype b)
{
    return a > b ? a : b;
}

/* C's promotion of two operands: nothing smaller than int. */
static eg_dtype promoted(eg_dtype a, eg_dtype b)
{
    return wider(wider(a, b), EG_I32);
}

static engram_status fail(eg_lowering *l, engram_status code, const eg_expr *at,
                          const char *what)
{
    const engram_status status = at->kind == EG_EXPR_CALL || at->kind == EG_EXPR_NAME
                                     ? eg_fail(l->err, code, "\"%s\": %s", at->name, what)
                                     : eg_fail(l->err, code, "%s", what);
    if (l->err)
        eg_diag_locate(l->err, l->text, at->offset);
    return status;
}

/* ---- operations with folding -------------------------------------------------------- */

eg_operand eg_lower_pure(eg_lowering *l, eg_opcode op, eg_operand a, eg_operand b, eg_operand c)
{
    eg_builder *build = &l->build;
    const uint8_t args = eg_op(op)->args;
    const eg_operand operand[3] = {a, b, c};
    eg_operand out = {.type = (eg_dtype)eg_op(op)->result, .known = !build->failed};
    eg_value value[3] = {{.bits = 0}};
    for (uint8_t k = 0; k < args; k++) {
        out.known = out.known && operand[k].known;
        out.object = out.object || operand[k].object;
        if (out.known)
            value[k] = build->reg[operand[k].reg].value;
    }
    if (out.known)
        out.reg = eg_build_const(build, out.type, eg_op_fold(op, value[0], value[1], value[2]));
    else
        out.reg = eg_build_op(build, op, a.reg, args > 1 ? b.reg : EG_NO_REG,
                              args > 2 ? c.reg : EG_NO_REG);
    return out;
}

static eg_operand pure1(eg_lowering *l, eg_opcode op, eg_operand a)
{
    return eg_lower_pure(l, op, a, a, a);
}

static eg_operand pure2(eg_lowering *l, eg_opcode op, eg_operand a, eg_operand b)
{
    return eg_lower_pure(l, op, a, b, b);
}

eg_operand eg_lower_to(eg_lowering *l, eg_operand a, eg_dtype type)
{
    eg_builder *build = &l->build;
    if (build->failed || real(l, a) == type)
        return a;
    if (a.known && !build->fast) {
        build->fast = true; /* the builder folds constants of fast code */
        a.reg = eg_build_convert(build, a.reg, type);
        build->fast = false;
    } else {
        a.reg = eg_build_convert(build, a.reg, type);
    }
    return a;
}

static eg_operand literal(eg_lowering *l, eg_dtype type, eg_value value)
{
    return (eg_operand){.reg = eg_build_const(&l->build, type, value),
                        .type = type,
                        .literal = true,
                        .known = true};
}

static eg_operand number(eg_lowering *l, double value)
{
    return literal(l, EG_F64, (eg_value){.d = value});
}

/* An integer literal: static type long, emitted as int where it fits (a negative one with an
 * L), else an object of Python (playback 4; Cython's Utils.long_literal). */
static eg_operand integer(eg_lowering *l, int64_t value)
{
    const bool small = value >= INT32_MIN && value <= INT32_MAX;
    const bool narrow = small && (value >= 0 || l->dialect != EG_DIALECT_RUNTIME);
    eg_value bits = {.bits = 0};
    if (narrow)
        bits.i = (int32_t)value;
    else
        bits.l = value;
    eg_operand out = literal(l, narrow ? EG_I32 : EG_I64, bits);
    if (l->dialect == EG_DIALECT_RUNTIME) {
        out.type = EG_I64;
        out.object = !small;
    }
    return out;
}

static int64_t integer_of(const eg_lowering *l, eg_operand a)
{
    if (l->build.failed)
        return 0;
    const eg_reg *reg = &l->build.reg[a.reg];
    return reg->type == EG_I64   ? reg->value.l
           : reg->type == EG_I32 ? reg->value.i
                                 : reg->value.b;
}

static bool is_float(eg_dtype type)
{
    return type == EG_F32 || type == EG_F64;
}

/* Literals next to a float are written as doubles; others keep the type they have. */
static eg_operand beside(eg_lowering *l, eg_operand a, eg_dtype other)
{
    if (l->dialect == EG_DIALECT_RUNTIME && a.literal && is_float(other))
        return eg_lower_to(l, a, EG_F64);
    return a;
}

static void check_divisor(eg_lowering *l, eg_operand b)
{
    if (l->dialect != EG_DIALECT_RUNTIME || l->fast || l->build.failed)
        return;
    const eg_dtype type = real(l, b);
    if (type == EG_BOOL)
        b = eg_lower_to(l, b, EG_I32);
    if (b.literal) { /* non-zero literals are not checked */
        const eg_reg *reg = &l->build.reg[b.reg];
        if (type == EG_F64 ? reg->value.d != 0 : integer_of(l, b) != 0)
            return;
    }
    eg_build_raw(&l->build, (eg_ins){.op = eg_op_family(EG_I_NONZERO_D, real(l, b)),
                                     .out = EG_NO_REG,
                                     .arg = {b.reg, EG_NO_REG, EG_NO_REG}});
}

/* ---- arithmetic under Cython's rules ------------------------------------------------ */

static eg_operand sum_or_product(eg_lowering *l, eg_opcode d, eg_operand a, eg_operand b)
{
    const bool object = a.object || b.object;
    const eg_dtype stat = promoted(a.type, b.type);
    if (object) {
        const eg_dtype type = is_float(stat) ? EG_F64 : EG_I64;
        eg_operand out =
            pure2(l, eg_op_family(d, type), eg_lower_to(l, a, type), eg_lower_to(l, b, type));
        out.object = true;
        return out;
    }
    a = beside(l, a, b.type);
    b = beside(l, b, a.type);
    const eg_dtype type = promoted(real(l, a), real(l, b));
    eg_operand out =
        pure2(l, eg_op_family(d, type), eg_lower_to(l, a, type), eg_lower_to(l, b, type));
    if (l->dialect == EG_DIALECT_RUNTIME)
        out.type = stat;
    return out;
}

/* Operands of / // % with a divisor that is no literal go through temporaries of their
 * static types; then those whose static type is not the result's are cast to it. */
static eg_operand divided(eg_lowering *l, eg_operand a, bool temporaries, eg_dtype result)
{
    if (a.literal)
        return is_float(result) ? eg_lower_to(l, a, EG_F64) : eg_lower_to(l, a, result);
    if (temporaries)
        a = eg_lower_to(l, a, a.type);
    if (a.type != result)
        a = eg_lower_to(l, a, result);
    return a;
}

static eg_operand quotient(eg_lowering *l, eg_operand a, eg_operand b)
{
    const eg_dtype type = promoted(real(l, a), real(l, b));
    eg_operand out = pure2(l, eg_op_family(EG_I_DIV_D, type), eg_lower_to(l, a, type),
                           eg_lower_to(l, b, type));
    return out;
}

static eg_operand object_division(eg_lowering *l, eg_expr_op op, eg_operand a, eg_operand b)
{
    const bool floats = op == EG_OP_DIV || is_float(wider(a.type, b.type));
    const eg_dtype type = floats ? EG_F64 : EG_I64;
    a = eg_lower_to(l, a, type);
    b = eg_lower_to(l, b, type);
    check_divisor(l, b);
    eg_opcode code = EG_I_DIV_D;
    if (op == EG_OP_FLOORDIV)
        code = floats ? EG_I_PYDIV_D : EG_I_FLOORDIV_L;
    else if (op == EG_OP_MOD)
        code = floats ? EG_I_PYMOD_D : EG_I_MOD_L;
    eg_operand out = pure2(l, code, a, b);
    if (op == EG_OP_MOD && floats) /* rendered ((a % b) + b) % b, as of numbers */
        out = pure2(l, code, pure2(l, EG_I_ADD_D, out, b), b);
    out.object = true;
    return out;
}

static eg_operand division_runtime(eg_lowering *l, eg_expr_op op, eg_operand a, eg_operand b)
{
    if (a.object || b.object)
        return object_division(l, op, a, b);
    eg_dtype result = promoted(a.type, b.type);
    if (op == EG_OP_DIV && !is_float(result))
        result = EG_F64;
    const bool temporaries = !b.literal;
    const eg_operand written = b;
    a = divided(l, a, temporaries, result);
    b = divided(l, b, temporaries, result);
    check_divisor(l, b);
    eg_operand out;
    if (is_float(result) && op != EG_OP_MOD) {
        out = quotient(l, a, b);
        if (op == EG_OP_FLOORDIV)
            out = pure1(l, eg_op_family(EG_I_FLOOR_D, real(l, out)), out);
    } else if (is_float(result)) {
        const eg_opcode mod = result == EG_F64 ? EG_I_MOD_D : EG_I_MOD_F;
        a = eg_lower_to(l, a, result);
        b = eg_lower_to(l, b, result);
        out = pure2(l, mod, a, b); /* rendered ((a % b) + b) % b: the sum's b is no temporary */
        out.type = result;
        out = sum_or_product(l, EG_I_ADD_D, out, written);
        out = pure2(l, mod, eg_lower_to(l, out, result), b);
    } else {
        const bool wide = result == EG_I64;
        const eg_opcode mod = wide ? EG_I_MOD_L : EG_I_MOD_I;
        a = eg_lower_to(l, a, result);
        b = eg_lower_to(l, b, result);
        if (op == EG_OP_FLOORDIV) {
            out = pure2(l, wide ? EG_I_FLOORDIV_L : EG_I_FLOORDIV_I, a, b);
        } else {
            out = pure2(l, mod, a, b);
            out = pure2(l, wide ? EG_I_ADD_L : EG_I_ADD_I, out, b);
            out = pure2(l, mod, out, b);
        }
    }
    out.type = result;
    return out;
}

/* C++ as Brian2's standalone target writes it: 1.0f*a/b, which makes an integer a float32;
 * floor(1.0*a/b); a - b*floor(..). The last two are functions of the wider type of both. */
static eg_operand division_standalone(eg_lowering *l, eg_expr_op op, eg_operand a, eg_operand b)
{
    const eg_dtype widest = promoted(real(l, a), real(l, b));
    if (op == EG_OP_DIV) {
        const eg_dtype type = widest == EG_F64 ? EG_F64 : EG_F32;
        if (!is_float(real(l, a)))
            a = eg_lower_to(l, a, EG_F32);
        return quotient(l, eg_lower_to(l, a, type), eg_lower_to(l, b, type));
    }
    if (!is_float(widest)) {
        const eg_opcode floor_div = widest == EG_I64 ? EG_I_FLOORDIV_L : EG_I_FLOORDIV_I;
        const eg_opcode mod = widest == EG_I64 ? EG_I_MOD_L : EG_I_MOD_I;
        return pure2(l, op == EG_OP_MOD ? mod : floor_div, eg_lower_to(l, a, widest),
                     eg_lower_to(l, b, widest));
    }
    eg_operand out = pure1(l, EG_I_FLOOR_D,
                           quotient(l, eg_lower_to(l, a, EG_F64), eg_lower_to(l, b, EG_F64)));
    if (op == EG_OP_MOD)
        out = pure2(l, EG_I_SUB_D, eg_lower_to(l, a, EG_F64),
                    pure2(l, EG_I_MUL_D, eg_lower_to(l, b, EG_F64), out));
    out = eg_lower_to(l, out, widest);
    out.type = widest;
    return out;
}

/* ---- powers -------------------------------------------------------------------------- */

/* Known to gcc, but not written. */
static eg_operand one(eg_lowering *l, eg_dtype type)
{
    eg_value value = {.bits = 0};
    if (type == EG_F32)
        value.f = 1.0f;
    else if (type == EG_F64)
        value.d = 1.0;
    else if (type == EG_I64)
        value.l = 1;
    else
        value.i = 1;
    eg_operand out = literal(l, type, value);
    out.literal = false;
    return out;
}

/* pow(x, c): gcc folds the literal exponents 2, 1, 0, -1 and nothing else. */
static eg_operand power_float(eg_lowering *l, eg_operand a, eg_operand b, eg_dtype type)
{
    a = eg_lower_to(l, a, type);
    b = eg_lower_to(l, b, type);
    if (b.known && !a.known && !l->build.failed) {
        const eg_reg *reg = &l->build.reg[b.reg];
        const double exponent = type == EG_F32 ? (double)reg->value.f : reg->value.d;
        if (exponent == 2.0)
            return pure2(l, eg_op_family(EG_I_MUL_D, type), a, a);
        if (exponent == 1.0) {
            a.name = false;
            a.type = type;
            return a;
        }
        if (exponent == 0.0)
            return one(l, type);
        if (exponent == -1.0)
            return pure2(l, eg_op_family(EG_I_DIV_D, type), one(l, type), a);
    }
    return pure2(l, type == EG_F32 ? EG_I_POW_F : EG_I_POW_D, a, b);
}

static engram_status power(eg_operand *out, eg_lowering *l, eg_operand a, eg_operand b,
                           const eg_expr *at)
{
    if (l->dialect == EG_DIALECT_STANDALONE) {
        const bool single = real(l, a) == EG_F32 && real(l, b) == EG_F32;
        *out = power_float(l, a, b, single ? EG_F32 : EG_F64);
        return ENGRAM_OK;
    }
    const eg_dtype stat = promoted(a.type, b.type);
    if (a.object || b.object) {
        if (!is_float(stat) && !b.literal)
            return fail(l, ENGRAM_E_UNSUPPORTED, at,
                        "power of Python integers with an exponent that is no literal");
        if (!is_float(stat) && integer_of(l, b) >= 0) {
            *out = pure2(l, EG_I_IPOW_L, eg_lower_to(l, a, EG_I64), eg_lower_to(l, b, EG_I64));
        } else { /* Python calls libm's pow; its operands are never folded */
            a = eg_lower_to(l, a, EG_F64);
            b = eg_lower_to(l, b, EG_F64);
            if (b.known && !l->build.failed && l->build.reg[b.reg].value.d < 0)
                check_divisor(l, a);
            *out = pure2(l, EG_I_POW_D, a, b);
        }
        out->object = true;
        return ENGRAM_OK;
    }
    if (is_float(stat)) {
        *out = power_float(l, a, b, stat);
    } else if (b.known && !l->build.failed && integer_of(l, b) == 0) {
        *out = one(l, stat);
    } else {
        *out = pure2(l, stat == EG_I64 ? EG_I_IPOW_L : EG_I_IPOW_I, eg_lower_to(l, a, stat),
                     eg_lower_to(l, b, stat));
    }
    out->type = stat;
    return ENGRAM_OK;
}

/* Integer literals under Cython: folded when Python's result is an integer. */
static bool fold_integers(eg_operand *out, eg_lowering *l, eg_expr_op op, eg_operand a,
                          eg_operand b)
{
    if (l->dialect != EG_DIALECT_RUNTIME || !a.literal || !b.literal || is_float(a.type) ||
        is_float(b.type) || l->build.failed)
        return false;
    const int64_t x = integer_of(l, a), y = integer_of(l, b);
    const bool small = x >= INT32_MIN && x <= INT32_MAX && y >= INT32_MIN && y <= INT32_MAX;
    int64_t value;
    switch (op) {
    case EG_OP_ADD:
    case EG_OP_SUB:
    case EG_OP_MUL:
        if (!small)
            return false;
        value = op == EG_OP_ADD ? x + y : op == EG_OP_SUB ? x - y : x * y;
        break;
    case EG_OP_FLOORDIV:
    case EG_OP_MOD:
        if (y == 0 || !small)
            return false;
        value = x / y - ((x % y != 0) & ((x < 0) != (y < 0)));
        if (op == EG_OP_MOD)
            value = x - value * y;
        break;
    case EG_OP_POW:
        if (y < 0 || y > 63 || fabs(pow((double)x, (double)y)) > 9e18)
            return false;
        value = 1;
        for (int64_t k = 0; k < y; k++)
            value *= x;
        break;
    default:
        return false;
    }
    *out = integer(l, value);
    return true;
}

engram_status eg_lower_binary(eg_operand *out, eg_lowering *l, eg_expr_op op, eg_operand a,
                              eg_operand b, const eg_expr *at)
{
    if (fold_integers(out, l, op, a, b))
        return ENGRAM_OK;
    if (l->inlined && eg_lower_inlined_binary(out, l, op, a, b))
        return ENGRAM_OK;
    switch (op) {
    case EG_OP_ADD:
        *out = sum_or_product(l, EG_I_ADD_D, a, b);
        return ENGRAM_OK;
    case EG_OP_SUB:
        *out = sum_or_product(l, EG_I_SUB_D, a, b);
        return ENGRAM_OK;
    case EG_OP_MUL:
        *out = sum_or_product(l, EG_I_MUL_D, a, b);
        return ENGRAM_OK;
    case EG_OP_DIV:
    case EG_OP_FLOORDIV:
    case EG_OP_MOD:
        *out = l->dialect == EG_DIALECT_RUNTIME ? division_runtime(l, op, a, b)
                                                : division_standalone(l, op, a, b);
        return ENGRAM_OK;
    case EG_OP_POW:
        return power(out, l, a, b, at);
    default:
        return fail(l, ENGRAM_E_UNSUPPORTED, at, "operator that the engine lacks");
    }
}

/* ---- unary, comparison, logic -------------------------------------------------------- */

static engram_status unary(eg_operand *out, eg_lowering *l, const eg_expr *e)
{
    eg_operand a;
    const engram_status status = eg_lower_expr(&a, l, e->arg[0]);
    if (status)
        return status;
    if (e->op == EG_OP_NOT) {
        *out = pure1(l, EG_I_NOT_B, eg_lower_to(l, a, EG_BOOL));
        return ENGRAM_OK;
    }
    if (a.literal && !is_float(a.type) && l->dialect == EG_DIALECT_RUNTIME) {
        const int64_t value = integer_of(l, a);
        *out = integer(l, e->op == EG_OP_NEG ? (int64_t)(0 - (uint64_t)value) : value);
        return ENGRAM_OK;
    }
    const eg_dtype type = promoted(real(l, a), real(l, a));
    const eg_dtype stat = promoted(a.type, a.type);
    *out = eg_lower_to(l, a, type);
    if (e->op == EG_OP_NEG)
        *out = pure1(l, eg_op_family(EG_I_NEG_D, type), *out);
    out->type = stat;
    out->literal = a.literal;
    out->object = a.object;
    out->name = false;
    out->steps = false;
    return ENGRAM_OK;
}

/* timestep(u, dt) >= K in straight code: one subtraction and one comparison. For integer
 * K > 0, trunc(x) >= K is x >= K; for K <= 0 it is x > K - 1, that is x >= the double after
 * K - 1, which (K - 1) * (1 - 2**-53) gives. dt > 0. */
static eg_operand steps_at_least(eg_lowering *l, eg_operand a, eg_operand k)
{
    const eg_operand u = {.reg = a.u, .type = EG_F64}, dt = {.reg = a.dt, .type = EG_F64};
    const eg_operand steps = eg_lower_to(l, k, EG_F64);
    const eg_operand below = pure2(l, EG_I_MUL_D, pure2(l, EG_I_SUB_D, steps, number(l, 1.0)),
                                   number(l, 1.0 - 0x1p-53));
    const eg_operand bound = eg_lower_pure(
        l, EG_I_SELECT_D, pure2(l, EG_I_LT_D, number(l, 0.0), steps), steps, below);
    const eg_operand time = pure2(l, EG_I_SUB_D, pure2(l, EG_I_MUL_D, bound, dt),
                                  pure2(l, EG_I_MUL_D, number(l, 1e-3), dt));
    return pure2(l, EG_I_LE_D, time, u);
}

static bool compare_steps(eg_operand *out, eg_lowering *l, eg_expr_op op, eg_operand a,
                          eg_operand b)
{
    if (!l->fast || l->build.failed)
        return false;
    const bool left = a.steps && l->build.reg[b.reg].kind != EG_REG_VECTOR;
    const bool right = b.steps && l->build.reg[a.reg].kind != EG_REG_VECTOR;
    if ((!left && !right) || is_float(a.type) || is_float(b.type))
        return false;
    if (!left) { /* K op steps -> steps op' K */
        const eg_operand swap = a;
        a = b;
        b = swap;
        op = op == EG_OP_LT   ? EG_OP_GT
             : op == EG_OP_LE ? EG_OP_GE
             : op == EG_OP_GT ? EG_OP_LT
             : op == EG_OP_GE ? EG_OP_LE
                              : op;
    }
    if (op == EG_OP_GT || op == EG_OP_LE)
        b = pure2(l, EG_I_ADD_L, eg_lower_to(l, b, EG_I64),
                  eg_lower_to(l, integer(l, 1), EG_I64));
    if (op == EG_OP_GE || op == EG_OP_GT)
        *out = steps_at_least(l, a, b);
    else if (op == EG_OP_LT || op == EG_OP_LE)
        *out = pure1(l, EG_I_NOT_B, steps_at_least(l, a, b));
    else
        return false;
    return true;
}

static engram_status compare(eg_operand *out, eg_lowering *l, const eg_expr *e)
{
    eg_operand a, b;
    engram_status status = eg_lower_expr(&a, l, e->arg[0]);
    if (!status)
        status = eg_lower_expr(&b, l, e->arg[1]);
    if (status)
        return status;
    if (compare_steps(out, l, e->op, a, b))
        return ENGRAM_OK;
    a = beside(l, a, b.type);
    b = beside(l, b, a.type);
    const eg_dtype type = promoted(real(l, a), real(l, b));
    a = eg_lower_to(l, a, type);
    b = eg_lower_to(l, b, type);
    const bool swap = e->op == EG_OP_GT || e->op == EG_OP_GE;
    eg_opcode code = EG_I_LT_D;
    if (e->op == EG_OP_LE || e->op == EG_OP_GE)
        code = EG_I_LE_D;
    else if (e->op == EG_OP_EQ)
        code = EG_I_EQ_D;
    else if (e->op == EG_OP_NE)
        code = EG_I_NE_D;
    *out = pure2(l, eg_op_family(code, type), swap ? b : a, swap ? a : b);
    out->object = false;
    return ENGRAM_OK;
}

/* Short circuit: the right operand, with its draws and checks, is not reached. */
static engram_status logic(eg_operand *out, eg_lowering *l, const eg_expr *e)
{
    eg_operand a, b;
    engram_status status = eg_lower_expr(&a, l, e->arg[0]);
    if (status)
        return status;
    const bool both = e->op == EG_OP_AND;
    a = eg_lower_to(l, a, EG_BOOL);
    if (l->fast) {
        status = eg_lower_expr(&b, l, e->arg[1]);
        if (!status)
            *out = pure2(l, both ? EG_I_AND_B : EG_I_OR_B, a, eg_lower_to(l, b, EG_BOOL));
        return status;
    }
    eg_builder *build = &l->build;
    const int32_t reg =
        eg_build_reg(build, EG_BOOL, build->vector ? EG_REG_VECTOR : EG_REG_SCALAR);
    const eg_ins copy = {.op = EG_I_MOV_B, .out = reg, .arg = {a.reg, EG_NO_REG, EG_NO_REG}};
    eg_build_raw(build, copy);
    const uint32_t branch =
        eg_build_raw(build, (eg_ins){.op = both ? EG_I_BRANCH_FALSE : EG_I_BRANCH_TRUE,
                                     .out = EG_NO_REG,
                                     .arg = {reg, EG_NO_REG, EG_NO_REG}});
    status = eg_lower_expr(&b, l, e->arg[1]);
    if (status)
        return status;
    b = eg_lower_to(l, b, EG_BOOL);
    eg_ins second = copy;
    second.arg[0] = b.reg;
    eg_build_raw(build, second);
    if (!build->failed)
        build->part[build->vector].item[branch].imm = eg_build_here(build);
    *out = (eg_operand){.reg = reg, .type = EG_BOOL};
    return ENGRAM_OK;
}

/* ---- calls --------------------------------------------------------------------------- */

typedef struct libm_row {
    const char *name;
    eg_opcode d;
} libm_row;

static const libm_row libm_table[] = {
    {"sin", EG_I_SIN_D},     {"cos", EG_I_COS_D},     {"tan", EG_I_TAN_D},
    {"sinh", EG_I_SINH_D},   {"cosh", EG_I_COSH_D},   {"tanh", EG_I_TANH_D},
    {"exp", EG_I_EXP_D},     {"log", EG_I_LOG_D},     {"log10", EG_I_LOG10_D},
    {"expm1", EG_I_EXPM1_D}, {"log1p", EG_I_LOG1P_D}, {"sqrt", EG_I_SQRT_D},
    {"arcsin", EG_I_ASIN_D}, {"arccos", EG_I_ACOS_D}, {"arctan", EG_I_ATAN_D},
    {"floor", EG_I_FLOOR_D}, {"ceil", EG_I_CEIL_D}};

static eg_operand call_abs(eg_lowering *l, eg_operand a)
{
    const eg_dtype stat = promoted(a.type, a.type);
    if (l->dialect == EG_DIALECT_STANDALONE || is_float(stat)) {
        a = eg_lower_to(l, a, a.object ? EG_F64 : stat);
        return pure1(l, eg_op_family(EG_I_ABS_D, real(l, a)), a);
    }
    eg_operand out = pure1(l, EG_I_ABS_L, eg_lower_to(l, a, EG_I64));
    out.object = true; /* Python's abs */
    return out;
}

static eg_operand call_clip(eg_lowering *l, eg_operand a, eg_operand low, eg_operand high)
{
    eg_dtype type = promoted(a.type, a.type);
    if (l->inlined) /* numpy's has the widest type of the three */
        type = wider(type, promoted(low.type, high.type));
    a = eg_lower_to(l, eg_lower_to(l, a, type), EG_F64);
    low = eg_lower_to(l, low, EG_F64);
    high = eg_lower_to(l, high, EG_F64);
    eg_operand out = eg_lower_to(l, eg_lower_pure(l, EG_I_CLIP_D, a, low, high), type);
    out.type = type;
    return out;
}

/* (int64) trunc((t + 1e-3*dt) / dt) */
static eg_operand call_timestep(eg_lowering *l, eg_operand t, eg_operand dt)
{
    t = eg_lower_to(l, t, EG_F64);
    dt = eg_lower_to(l, dt, EG_F64);
    const eg_operand sum = pure2(l, EG_I_ADD_D, t, pure2(l, EG_I_MUL_D, number(l, 1e-3), dt));
    eg_operand out = pure1(l, EG_I_CVT_DL, pure2(l, EG_I_DIV_D, sum, dt));
    out.steps = true;
    out.u = t.reg;
    out.dt = dt.reg;
    return out;
}

static eg_operand draw(eg_lowering *l, eg_opcode op, int32_t mean)
{
    eg_builder *build = &l->build;
    const eg_dtype type = (eg_dtype)eg_op(op)->result;
    const int32_t reg =
        eg_build_reg(build, type, build->vector ? EG_REG_VECTOR : EG_REG_SCALAR);
    eg_build_raw(build, (eg_ins){.op = op, .out = reg, .arg = {mean, EG_NO_REG, EG_NO_REG}});
    return (eg_operand){.reg = reg, .type = type};
}

static engram_status call_table(eg_operand *out, eg_lowering *l, const eg_expr *e,
                                const eg_table_use *table, const eg_operand *arg)
{
    if (e->arg_count != table->ndim)
        return fail(l, ENGRAM_E_SYNTAX, e, "wrong number of arguments for this TimedArray");
    const int32_t list[6] = {
        eg_lower_to(l, arg[0], EG_F64).reg,
        eg_build_double(&l->build, table->epsilon),
        eg_build_double(&l->build, table->k),
        eg_build_const(&l->build, EG_I32, (eg_value){.i = table->last}),
        table->ndim == 2 ? eg_lower_to(l, arg[1], EG_I32).reg : EG_NO_REG,
        eg_build_const(&l->build, EG_I32, (eg_value){.i = table->columns})};
    const bool two = table->ndim == 2;
    *out = (eg_operand){.reg = eg_build_listed(&l->build, two ? EG_I_TABLE2 : EG_I_TABLE1,
                                               table->slot, list, two ? 6 : 4),
                        .type = EG_F64};
    return ENGRAM_OK;
}

enum { PROPAGATOR_ARGS = 4 + 32 * 33 };

static engram_status call_propagator(eg_operand *out, eg_lowering *l, const eg_expr *e)
{
    int32_t *list = eg_arena_array(l->build.arena, e->arg_count + 1, sizeof *list);
    if (!list)
        return eg_fail_memory(l->err, "a propagator");
    int64_t head[3] = {0};
    for (uint32_t k = 0; k < e->arg_count; k++) {
        eg_operand a;
        const engram_status status = eg_lower_expr(&a, l, e->arg[k]);
        if (status)
            return status;
        if (k < 3 && (!a.literal || is_float(a.type)))
            return fail(l, ENGRAM_E_SYNTAX, e, "row, column and size must be integer literals");
        if (k < 3)
            head[k] = integer_of(l, a);
        list[k] = eg_lower_to(l, a, k < 3 ? EG_I32 : EG_F64).reg;
    }
    const int64_t n = head[2];
    if (e->arg_count < 4 || e->arg_count > PROPAGATOR_ARGS || n < 1 || n > 32 ||
        e->arg_count != (uint64_t)(n * n + n + 4) || head[0] < 0 || head[0] >= n ||
        head[1] < 0 || head[1] > n)
        return fail(l, ENGRAM_E_SYNTAX, e, "matrix, vector and step do not fit its size");
    *out =
        (eg_operand){.reg = eg_build_listed(&l->build, EG_I_PROPAGATOR, 0, list, e->arg_count),
                     .type = EG_F64};
    return ENGRAM_OK;
}

static engram_status default_call(eg_operand *out, eg_lowering *l, const eg_expr *e,
                                  eg_operand *arg)
{
    const char *name = e->name;
    for (size_t k = 0; k < sizeof libm_table / sizeof *libm_table; k++)
        if (strcmp(name, libm_table[k].name) == 0) {
            const eg_dtype type = real(l, arg[0]) == EG_F32 ? EG_F32 : EG_F64;
            *out = pure1(l, eg_op_family(libm_table[k].d, type), eg_lower_to(l, arg[0], type));
            out->type = l->dialect == EG_DIALECT_RUNTIME ? EG_F64 : type;
            out->object = false;
            return ENGRAM_OK;
        }
    if (strcmp(name, "exprel") == 0) {
        arg[0].known = arg[0].known && !l->exprel_whole;
        *out = pure1(l, EG_I_EXPREL_D, eg_lower_to(l, arg[0], EG_F64));
    } else if (strcmp(name, "abs") == 0) {
        *out = call_abs(l, arg[0]);
        return ENGRAM_OK;
    } else if (strcmp(name, "sign") == 0) {
        const eg_dtype type = promoted(real(l, arg[0]), real(l, arg[0]));
        *out = pure1(l, eg_op_family(EG_I_SIGN_D, type), eg_lower_to(l, arg[0], type));
    } else if (strcmp(name, "clip") == 0) {
        *out = call_clip(l, arg[0], arg[1], arg[2]);
    } else if (strcmp(name, "where") == 0) {
        *out = eg_lower_where(l, arg[0], arg[1], arg[2]);
    } else if (strcmp(name, "int") == 0) {
        *out = eg_lower_to(l, arg[0], EG_I32);
        out->type = EG_I32;
        out->literal = out->name = out->steps = false;
    } else if (strcmp(name, "timestep") == 0) {
        *out = call_timestep(l, arg[0], arg[1]);
    } else if (strcmp(name, "rand") == 0) {
        *out = draw(l, EG_I_RAND, EG_NO_REG);
    } else if (strcmp(name, "randn") == 0) {
        *out = draw(l, EG_I_RANDN, EG_NO_REG);
    } else if (strcmp(name, "poisson") == 0) {
        *out = draw(l, EG_I_POISSON, eg_lower_to(l, arg[0], EG_F64).reg);
    } else {
        return fail(l, ENGRAM_E_UNSUPPORTED, e, "function that the engine lacks");
    }
    out->object = false;
    return ENGRAM_OK;
}

static engram_status call(eg_operand *out, eg_lowering *l, const eg_expr *e)
{
    if (strcmp(e->name, "_propagator") == 0)
        return call_propagator(out, l, e);
    eg_operand arg[3] = {{0}};
    const eg_function_info *info =
        l->inlined ? eg_function_find_in_body(e->name) : eg_function_find(e->name);
    eg_binomial_use binomial;
    if (!l->inlined && l->binomial && l->binomial(l->context, e->name, &binomial)) {
        if (e->arg_count)
            return fail(l, ENGRAM_E_SYNTAX, e, "a BinomialFunction has no arguments");
        if (!binomial.normal && !(binomial.qn > 0))
            return fail(
                l, ENGRAM_E_UNSUPPORTED, e,
                "(1 - p)^n is zero in 15 decimals, with which the reference draws for ever");
        *out = eg_lower_draw_binomial(l, &binomial);
        return ENGRAM_OK;
    }
    const eg_signature *custom =
        !l->inlined && l->custom ? l->custom(l->context, e->name) : NULL;
    if (custom && e->arg_count != custom->count)
        return fail(l, ENGRAM_E_SYNTAX, e, "wrong number of arguments");
    uint32_t slot;
    if (custom && l->native && l->native(l->context, e->name, &slot))
        return eg_lower_native(out, l, e, custom, slot);
    if (custom && !custom->body)
        return fail(l, ENGRAM_E_UNSUPPORTED, e, "a function without a body");
    if (custom)
        return eg_lower_inlined(out, l, e, custom);
    eg_table_use table;
    const bool is_table = !l->inlined && l->table && l->table(l->context, e->name, &table);
    if (!info && !is_table)
        return fail(l, ENGRAM_E_UNSUPPORTED, e, "function that the engine lacks");
    if (e->arg_count > 3 || (!is_table && e->arg_count != info->args))
        return fail(l, ENGRAM_E_SYNTAX, e, "wrong number of arguments");
    for (uint32_t k = 0; k < e->arg_count; k++) {
        const engram_status status = eg_lower_expr(&arg[k], l, e->arg[k]);
        if (status)
            return status;
    }
    return is_table ? call_table(out, l, e, &table, arg) : default_call(out, l, e, arg);
}

engram_status eg_lower_expr(eg_operand *out, eg_lowering *l, const eg_expr *e)
{
    *out = (eg_operand){0};
    switch (e->kind) {
    case EG_EXPR_INT:
        *out = integer(l, e->integer);
        return ENGRAM_OK;
    case EG_EXPR_BOOL:
        if (l->dialect == EG_DIALECT_RUNTIME) /* rendered 1 and 0 */
            *out = integer(l, e->integer);
        else
            *out = literal(l, EG_BOOL, (eg_value){.b = e->integer != 0});
        return ENGRAM_OK;
    case EG_EXPR_FLOAT:
        *out = number(l, e->number);
        return ENGRAM_OK;
    case EG_EXPR_NAME: {
        const engram_status status = l->inlined ? eg_lower_inlined_name(out, l, e->name)
                                                : l->name(l->context, e->name, out);
        if (status && l->err)
            eg_diag_locate(l->err, l->text, e->offset);
        return status;
    }
    case EG_EXPR_UNARY:
        return unary(out, l, e);
    case EG_EXPR_BINARY: {
        eg_operand a, b;
        engram_status status = eg_lower_expr(&a, l, e->arg[0]);
        if (!status)
            status = eg_lower_expr(&b, l, e->arg[1]);
        return status ? status : eg_lower_binary(out, l, e->op, a, b, e);
    }
    case EG_EXPR_COMPARE:
        return compare(out, l, e);
    case EG_EXPR_LOGIC:
        return logic(out, l, e);
    case EG_EXPR_CALL:
        return call(out, l, e);
    }
    return fail(l, ENGRAM_E_UNSUPPORTED, e, "expression that the engine lacks");
}
