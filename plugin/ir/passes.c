/* passes.c - straight code, rewritten bottom up by smart constructors
 *
 * Every register of the old code gets its counterpart in each world: world 0 is the code as
 * it is, worlds (b, false) and (b, true) assume a boolean of the element. What depends on b
 * and scalars only is select(b, true world, false world), and a select on b takes its sides
 * from those worlds.
 */
#include "ir/passes.h"

#include <float.h>
#include <string.h>

enum { ATOMS = 8, WORLDS = 1 + 2 * ATOMS, TERMS = 24 };

/* sum of coefficient * atom, plus constant: scalars but for the atoms. EG_NO_REG: none. */
typedef struct form {
    uint32_t count;
    int32_t coefficient[TERMS], atom[TERMS];
    int32_t constant;
} form;

typedef struct rewriter {
    eg_builder *to;
    const eg_builder *from;
    form **form; /* [register of `to`], NULL: an atom */
    uint32_t form_room;
    int32_t *map[WORLDS]; /* [register of `from`] */
    uint32_t *depends;    /* [register of `from`] bit per atom, bit ATOMS: anything else */
    uint32_t *uses;       /* [register of `from`] */
    int32_t atom[ATOMS];
    uint32_t atom_count;
    bool fuse_products; /* fma of element * element */
} rewriter;

static bool is_scalar(const rewriter *w, int32_t reg)
{
    return w->to->failed || w->to->reg[reg].kind != EG_REG_VECTOR;
}

static bool is_value(const rewriter *w, int32_t reg, double value)
{
    if (w->to->failed || reg < 0)
        return false;
    const eg_reg *r = &w->to->reg[reg];
    return r->kind == EG_REG_CONST && r->type == EG_F64 && r->value.d == value;
}

static int32_t op1(rewriter *w, eg_opcode op, int32_t x)
{
    return eg_build_op(w->to, op, x, EG_NO_REG, EG_NO_REG);
}

static int32_t op2(rewriter *w, eg_opcode op, int32_t x, int32_t y)
{
    return eg_build_op(w->to, op, x, y, EG_NO_REG);
}

static int32_t number(rewriter *w, double value)
{
    return eg_build_double(w->to, value);
}

static const eg_ins *made_by(const rewriter *w, int32_t reg, eg_opcode op)
{
    if (w->to->failed || reg < 0)
        return NULL;
    const eg_ins *ins = eg_build_maker(w->to, reg);
    return ins && ins->op == op ? ins : NULL;
}

/* ---- products: scalar * atom ---------------------------------------------------------- */

/* reg = coefficient * atom; coefficient EG_NO_REG means 1. */
static void split_product(const rewriter *w, int32_t reg, int32_t *coefficient, int32_t *atom)
{
    *coefficient = EG_NO_REG;
    *atom = reg;
    const eg_ins *ins = made_by(w, reg, EG_I_MUL_D);
    if (ins && is_scalar(w, ins->arg[0]) && !is_scalar(w, reg)) {
        *coefficient = ins->arg[0];
        *atom = ins->arg[1];
    }
}

static int32_t times(rewriter *w, int32_t a, int32_t b) /* scalars; EG_NO_REG is 1 */
{
    if (a < 0 || is_value(w, a, 1.0))
        return b;
    if (b < 0 || is_value(w, b, 1.0))
        return a;
    return op2(w, EG_I_MUL_D, a < b ? a : b, a < b ? b : a);
}

static int32_t scaled(rewriter *w, int32_t coefficient, int32_t atom)
{
    if (coefficient < 0 || is_value(w, coefficient, 1.0))
        return atom;
    const eg_ins *ratio = made_by(w, atom, EG_I_DIV_D);
    if (ratio && is_scalar(w, ratio->arg[0])) /* c * (s / v) = (c * s) / v */
        return op2(w, EG_I_DIV_D, times(w, coefficient, ratio->arg[0]), ratio->arg[1]);
    return op2(w, EG_I_MUL_D, coefficient, atom);
}

static int32_t product(rewriter *w, int32_t x, int32_t y)
{
    if (is_scalar(w, x) && is_scalar(w, y))
        return times(w, x, y);
    if (is_scalar(w, x) || is_scalar(w, y)) {
        const int32_t scalar = is_scalar(w, x) ? x : y;
        int32_t coefficient, atom;
        split_product(w, is_scalar(w, x) ? y : x, &coefficient, &atom);
        return scaled(w, times(w, scalar, coefficient), atom);
    }
    int32_t cx, ax, cy, ay;
    split_product(w, x, &cx, &ax);
    split_product(w, y, &cy, &ay);
    return scaled(w, times(w, cx, cy),
                  op2(w, EG_I_MUL_D, ax < ay ? ax : ay, ax < ay ? ay : ax));
}

static int32_t quotient(rewriter *w, int32_t x, int32_t y)
{
    if (is_scalar(w, y)) {
        if (is_scalar(w, x))
            return op2(w, EG_I_DIV_D, x, y);
        return product(w, op2(w, EG_I_DIV_D, number(w, 1.0), y), x);
    }
    int32_t cx, ax, cy, ay;
    split_product(w, x, &cx, &ax);
    split_product(w, y, &cy, &ay);
    if (cy >= 0) /* x / (c * v) = (x / c) / v */
        return is_scalar(w, x)
                   ? quotient(w, op2(w, EG_I_DIV_D, x, cy), ay)
                   : product(w, op2(w, EG_I_DIV_D, cx < 0 ? number(w, 1.0) : cx, cy),
                             quotient(w, ax, ay));
    const eg_ins *exponential = made_by(w, y, EG_I_EXP_D);
    if (exponential) /* x / exp(v) = x * exp(-v) */
        return product(w, x,
                       op1(w, EG_I_EXP_D, product(w, number(w, -1.0), exponential->arg[0])));
    if (cx >= 0)
        return scaled(w, cx, op2(w, EG_I_DIV_D, ax, y));
    return op2(w, EG_I_DIV_D, x, y);
}

/* ---- sums ------------------------------------------------------------------------------- */

static bool set_form(rewriter *w, int32_t reg, const form *f)
{
    if (w->to->failed)
        return false;
    if ((uint32_t)reg >= w->form_room) {
        const uint32_t room = w->to->reg_count * 2 + 64;
        form **bigger = eg_arena_array(w->to->arena, room, sizeof *bigger);
        if (!bigger) {
            w->to->failed = true;
            return false;
        }
        if (w->form_room)
            memcpy(bigger, w->form, w->form_room * sizeof *bigger);
        w->form = bigger;
        w->form_room = room;
    }
    form *copy = eg_arena_alloc(w->to->arena, sizeof *copy);
    if (!copy) {
        w->to->failed = true;
        return false;
    }
    *copy = *f;
    w->form[reg] = copy;
    return true;
}

static const form *form_of(const rewriter *w, int32_t reg)
{
    return (uint32_t)reg < w->form_room ? w->form[reg] : NULL;
}

static int32_t plus(rewriter *w, int32_t a, int32_t b) /* scalars; EG_NO_REG is 0 */
{
    if (a < 0 || is_value(w, a, 0.0))
        return b;
    if (b < 0 || is_value(w, b, 0.0))
        return a;
    return op2(w, EG_I_ADD_D, a, b);
}

static int32_t signed_scalar(rewriter *w, int32_t reg, bool negate)
{
    if (!negate)
        return reg;
    return reg < 0 ? number(w, -1.0) : op1(w, EG_I_NEG_D, reg);
}

static bool add_term(rewriter *w, form *f, int32_t coefficient, int32_t atom)
{
    for (uint32_t k = 0; k < f->count; k++)
        if (f->atom[k] == atom) {
            const int32_t one = number(w, 1.0);
            f->coefficient[k] = plus(w, f->coefficient[k] < 0 ? one : f->coefficient[k],
                                     coefficient < 0 ? one : coefficient);
            return true;
        }
    if (f->count == TERMS)
        return false;
    f->coefficient[f->count] = coefficient;
    f->atom[f->count++] = atom;
    return true;
}

/* f += or -= reg; a sum is taken apart if `open` says that nobody else needs it. */
static bool add_to(rewriter *w, form *f, int32_t reg, bool negate, bool open)
{
    if (is_scalar(w, reg)) {
        const int32_t value = negate ? op1(w, EG_I_NEG_D, reg) : reg;
        f->constant = plus(w, f->constant, value);
        return true;
    }
    const form *inner = form_of(w, reg);
    if (inner && (open || inner->count <= 1)) {
        if (inner->constant >= 0)
            f->constant = plus(w, f->constant, signed_scalar(w, inner->constant, negate));
        for (uint32_t k = 0; k < inner->count; k++)
            if (!add_term(w, f, signed_scalar(w, inner->coefficient[k], negate),
                          inner->atom[k]))
                return false;
        return true;
    }
    int32_t coefficient, atom;
    split_product(w, reg, &coefficient, &atom);
    return add_term(w, f, signed_scalar(w, coefficient, negate), atom);
}

static int32_t fused(rewriter *w, int32_t a, int32_t b, int32_t c)
{
    return eg_build_op(w->to, EG_I_FMA_D, a, b, c);
}

/* sum + coefficient * atom */
static int32_t accumulate(rewriter *w, int32_t sum, int32_t coefficient, int32_t atom)
{
    if (sum < 0)
        return scaled(w, coefficient, atom);
    const bool plain = coefficient < 0 || is_value(w, coefficient, 1.0);
    const eg_ins *pair = made_by(w, atom, EG_I_MUL_D);
    if (plain && pair && w->fuse_products)
        return fused(w, pair->arg[0], pair->arg[1], sum);
    if (plain)
        return op2(w, EG_I_ADD_D, sum, atom);
    if (is_value(w, coefficient, -1.0))
        return op2(w, EG_I_SUB_D, sum, atom);
    return fused(w, atom, coefficient, sum);
}

static int32_t emit_form(rewriter *w, form *f)
{
    uint32_t kept = 0;
    for (uint32_t k = 0; k < f->count; k++)
        if (!is_value(w, f->coefficient[k], 0.0)) {
            f->coefficient[kept] = f->coefficient[k];
            f->atom[kept++] = f->atom[k];
        }
    f->count = kept;
    int32_t sum = f->constant >= 0 && !is_value(w, f->constant, 0.0) ? f->constant : EG_NO_REG;
    uint32_t first = UINT32_MAX; /* a positive term to begin with saves a negation */
    for (uint32_t k = 0; sum < 0 && k < f->count && first == UINT32_MAX; k++)
        if (!is_value(w, f->coefficient[k], -1.0))
            first = k;
    if (first != UINT32_MAX)
        sum = accumulate(w, sum, f->coefficient[first], f->atom[first]);
    for (uint32_t k = 0; k < f->count; k++)
        if (k != first)
            sum = accumulate(w, sum, f->coefficient[k], f->atom[k]);
    if (sum < 0)
        return number(w, 0.0);
    if (f->count > 1 || (f->count == 1 && f->constant >= 0))
        set_form(w, sum, f);
    return sum;
}

static int32_t sum(rewriter *w, int32_t x, int32_t y, bool subtract, bool open_x, bool open_y)
{
    if (is_scalar(w, x) && is_scalar(w, y))
        return op2(w, subtract ? EG_I_SUB_D : EG_I_ADD_D, x, y);
    form f = {.constant = EG_NO_REG};
    if (add_to(w, &f, x, false, open_x) && add_to(w, &f, y, subtract, open_y))
        return emit_form(w, &f);
    return op2(w, subtract ? EG_I_SUB_D : EG_I_ADD_D, x, y);
}

/* ---- powers, selects ------------------------------------------------------------------ */

static int32_t power(rewriter *w, int32_t x, int32_t y)
{
    const eg_ins *exponential = made_by(w, x, EG_I_EXP_D);
    if (exponential && is_scalar(w, y)) /* exp(a)**c = exp(c * a) */
        return op1(w, EG_I_EXP_D, product(w, y, exponential->arg[0]));
    const eg_reg *base = w->to->failed ? NULL : &w->to->reg[x];
    if (base && base->kind == EG_REG_CONST && base->value.d > 0 && base->value.d <= DBL_MAX &&
        !is_scalar(w, y)) /* c**y = exp(log(c) * y) */
        return op1(w, EG_I_EXP_D, product(w, op1(w, EG_I_LOG_D, x), y));
    if (is_value(w, y, 0.5))
        return op1(w, EG_I_SQRT_D, x);
    if (is_value(w, y, -0.5))
        return quotient(w, number(w, 1.0), op1(w, EG_I_SQRT_D, x));
    int n = 0;
    for (int k = -8; k <= 8; k++)
        if (is_value(w, y, k))
            n = k;
    if (n == 0)
        return op2(w, EG_I_POW_D, x, y);
    int32_t result = EG_NO_REG, square = x;
    for (int k = n < 0 ? -n : n; k; k >>= 1) {
        if (k & 1)
            result = result < 0 ? square : product(w, result, square);
        if (k > 1)
            square = product(w, square, square);
    }
    return n < 0 ? quotient(w, number(w, 1.0), result) : result;
}

static bool constant_bool(const rewriter *w, int32_t reg, bool *value)
{
    if (w->to->failed || w->to->reg[reg].kind != EG_REG_CONST)
        return false;
    *value = w->to->reg[reg].value.b;
    return true;
}

static int32_t choose(rewriter *w, eg_opcode op, int32_t c, int32_t x, int32_t y)
{
    bool known;
    if (constant_bool(w, c, &known))
        return known ? x : y;
    if (x == y)
        return x;
    bool yes, no;
    if (op == EG_I_SELECT_B && constant_bool(w, x, &yes) && constant_bool(w, y, &no))
        return yes ? c : op1(w, EG_I_NOT_B, c);
    return eg_build_op(w->to, op, c, x, y);
}

static int32_t both(rewriter *w, int32_t x, int32_t y, bool any)
{
    bool known;
    if (constant_bool(w, x, &known))
        return known == any ? x : y;
    if (constant_bool(w, y, &known))
        return known == any ? y : x;
    return x == y ? x : op2(w, any ? EG_I_OR_B : EG_I_AND_B, x, y);
}

/* ---- one instruction in one world ------------------------------------------------------ */

static bool is_select(eg_opcode op)
{
    return op >= EG_I_SELECT_D && op <= EG_I_SELECT_B;
}

static int32_t rebuild(rewriter *w, const eg_ins *ins, const int32_t *map)
{
    int32_t a[3];
    for (int k = 0; k < 3; k++)
        a[k] = ins->arg[k] < 0 ? EG_NO_REG : map[ins->arg[k]];
    const bool open_x = ins->arg[0] >= 0 && w->uses[ins->arg[0]] <= 1;
    const bool open_y = ins->arg[1] >= 0 && w->uses[ins->arg[1]] <= 1;
    switch (ins->op) {
    case EG_I_ADD_D:
        return sum(w, a[0], a[1], false, open_x, open_y);
    case EG_I_SUB_D:
        return sum(w, a[0], a[1], true, open_x, open_y);
    case EG_I_NEG_D:
        return is_scalar(w, a[0]) ? op1(w, EG_I_NEG_D, a[0])
                                  : product(w, number(w, -1.0), a[0]);
    case EG_I_MUL_D:
        return product(w, a[0], a[1]);
    case EG_I_DIV_D:
        return quotient(w, a[0], a[1]);
    case EG_I_POW_D:
        return power(w, a[0], a[1]);
    case EG_I_AND_B:
    case EG_I_OR_B:
        return both(w, a[0], a[1], ins->op == EG_I_OR_B);
    default:
        break;
    }
    if (is_select(ins->op))
        return choose(w, ins->op, a[0], a[1], a[2]);
    if (ins->list_count) {
        int32_t *list = eg_arena_array(w->to->arena, ins->list_count, sizeof *list);
        if (!list) {
            w->to->failed = true;
            return 0;
        }
        for (uint32_t k = 0; k < ins->list_count; k++)
            list[k] = map[ins->list[k]];
        return eg_build_listed(w->to, ins->op, ins->imm, list, ins->list_count);
    }
    return eg_build_op(w->to, ins->op, a[0], a[1], a[2]);
}

/* Loads, draws, stores: once, whatever the world. */
static void copy_raw(rewriter *w, const eg_ins *ins)
{
    eg_ins copy = *ins;
    for (int k = 0; k < 3; k++)
        copy.arg[k] = ins->arg[k] < 0 ? EG_NO_REG : w->map[0][ins->arg[k]];
    if (ins->list_count) {
        int32_t *list = eg_arena_array(w->to->arena, ins->list_count, sizeof *list);
        for (uint32_t k = 0; list && k < ins->list_count; k++)
            list[k] = w->map[0][ins->list[k]];
        w->to->failed = w->to->failed || !list;
        copy.list = list;
        copy.list_count = list ? ins->list_count : 0;
    }
    if (ins->out >= 0)
        copy.out =
            eg_build_reg(w->to, w->from->reg[ins->out].type, w->from->reg[ins->out].kind);
    w->to->vector = ins->vector;
    eg_build_raw(w->to, copy);
    for (uint32_t e = 0; ins->out >= 0 && e < 1 + 2 * w->atom_count; e++)
        w->map[e][ins->out] = copy.out;
}

static bool is_raw(eg_opcode op)
{
    return eg_op(op)->special && op != EG_I_TABLE1 && op != EG_I_TABLE2 &&
           op != EG_I_PROPAGATOR;
}

static int atom_index(const rewriter *w, int32_t reg)
{
    for (uint32_t k = 0; k < w->atom_count; k++)
        if (w->atom[k] == reg)
            return (int)k;
    return -1;
}

static eg_opcode select_of(eg_dtype type)
{
    return type == EG_BOOL ? EG_I_SELECT_B : eg_op_family(EG_I_SELECT_D, type);
}

static uint32_t dependence(const rewriter *w, const eg_ins *ins)
{
    uint32_t bits = 0;
    for (int k = 0; k < 3; k++)
        if (ins->arg[k] >= 0)
            bits |= w->depends[ins->arg[k]];
    for (uint32_t k = 0; k < ins->list_count; k++)
        bits |= w->depends[ins->list[k]];
    return bits;
}

static void rewrite(rewriter *w, const eg_ins *ins)
{
    const uint32_t other = 1u << ATOMS;
    if (is_raw(ins->op)) {
        copy_raw(w, ins);
        if (ins->out >= 0)
            w->depends[ins->out] = w->from->reg[ins->out].kind == EG_REG_VECTOR ? other : 0;
    } else {
        const uint32_t bits = w->depends[ins->out] = dependence(w, ins);
        for (uint32_t e = 1; e < 1 + 2 * w->atom_count; e++)
            w->map[e][ins->out] =
                bits >> ((e - 1) / 2) & 1 ? rebuild(w, ins, w->map[e]) : EG_NO_REG;
        const int cond = is_select(ins->op) ? atom_index(w, ins->arg[0]) : -1;
        int only = -1;
        for (uint32_t k = 0; k < w->atom_count; k++)
            if (bits == 1u << k)
                only = (int)k;
        if (only >= 0 && !w->to->failed) {
            const int32_t yes = w->map[2 + 2 * only][ins->out];
            const int32_t no = w->map[1 + 2 * only][ins->out];
            w->map[0][ins->out] = choose(w, select_of(w->from->reg[ins->out].type),
                                         w->map[0][w->atom[only]], yes, no);
        } else if (cond >= 0 && !w->to->failed) {
            w->map[0][ins->out] =
                choose(w, ins->op, w->map[0][ins->arg[0]], w->map[2 + 2 * cond][ins->arg[1]],
                       w->map[1 + 2 * cond][ins->arg[2]]);
        } else {
            w->map[0][ins->out] = rebuild(w, ins, w->map[0]);
        }
        for (uint32_t e = 1; e < 1 + 2 * w->atom_count; e++)
            if (w->map[e][ins->out] < 0)
                w->map[e][ins->out] = w->map[0][ins->out];
    }
    const int atom = ins->out >= 0 ? atom_index(w, ins->out) : -1;
    if (atom >= 0) {
        w->depends[ins->out] = 1u << atom;
        w->map[1 + 2 * atom][ins->out] = eg_build_const(w->to, EG_BOOL, (eg_value){.b = 0});
        w->map[2 + 2 * atom][ins->out] = eg_build_const(w->to, EG_BOOL, (eg_value){.b = 1});
    }
}

/* ---- survey and clearing ---------------------------------------------------------------- */

/* Booleans of the element that choose or count: the atoms. */
static void survey(rewriter *w)
{
    const eg_builder *from = w->from;
    w->fuse_products = true;
    for (uint32_t k = 0; k < from->part[0].count; k++) {
        const eg_ins *ins = &from->part[0].item[k];
        for (int j = 0; j < 3; j++)
            if (ins->arg[j] >= 0)
                w->uses[ins->arg[j]]++;
        for (uint32_t j = 0; j < ins->list_count; j++)
            w->uses[ins->list[j]]++;
        /* sqrt(a*a - b*b) must not see the product's rounding error as a negative number */
        if (ins->op == EG_I_SQRT_D || ins->op == EG_I_LOG_D || ins->op == EG_I_POW_D ||
            ins->op == EG_I_LOG10_D || ins->op == EG_I_ASIN_D || ins->op == EG_I_ACOS_D ||
            ins->op == EG_I_LOG1P_D)
            w->fuse_products = false;
        const bool counts = ins->op >= EG_I_CVT_BI && ins->op <= EG_I_CVT_BD;
        if ((counts || is_select(ins->op)) && w->atom_count < ATOMS &&
            from->reg[ins->arg[0]].kind == EG_REG_VECTOR && atom_index(w, ins->arg[0]) < 0)
            w->atom[w->atom_count++] = ins->arg[0];
    }
}

static bool keeps(const eg_ins *ins)
{
    return ins->op == EG_I_STORE || eg_ins_draws(ins);
}

static void drop_dead(eg_builder *b)
{
    bool *needed = eg_arena_array(b->arena, (size_t)b->reg_count + 1, sizeof *needed);
    if (!needed) {
        b->failed = true;
        return;
    }
    eg_code_part *code = &b->part[0];
    for (uint32_t k = code->count; k-- > 0;) {
        eg_ins *ins = &code->item[k];
        if (!keeps(ins) && (ins->out < 0 || !needed[ins->out])) {
            ins->op = EG_I_COUNT;
            continue;
        }
        for (int j = 0; j < 3; j++)
            if (ins->arg[j] >= 0)
                needed[ins->arg[j]] = true;
        for (uint32_t j = 0; j < ins->list_count; j++)
            needed[ins->list[j]] = true;
    }
    uint32_t kept = 0;
    for (uint32_t k = 0; k < code->count; k++)
        if (code->item[k].op != EG_I_COUNT)
            code->item[kept++] = code->item[k];
    code->count = kept;
}

/* What only a store needs moves behind the rest: by then nobody reads the old value of the
 * array, so that the vm can compute in place. */
static void sink_stored(eg_builder *b)
{
    eg_code_part *code = &b->part[0];
    uint32_t *uses = eg_arena_array(b->arena, (size_t)b->reg_count + 1, sizeof *uses);
    bool *stored = eg_arena_array(b->arena, (size_t)b->reg_count + 1, sizeof *stored);
    eg_ins *sorted = eg_arena_array(b->arena, (size_t)code->count + 1, sizeof *sorted);
    if (!uses || !stored || !sorted) {
        b->failed = true;
        return;
    }
    for (uint32_t k = 0; k < code->count; k++) {
        const eg_ins *ins = &code->item[k];
        for (int j = 0; j < 3; j++)
            if (ins->arg[j] >= 0)
                uses[ins->arg[j]]++;
        for (uint32_t j = 0; j < ins->list_count; j++)
            uses[ins->list[j]]++;
        if (ins->op == EG_I_STORE)
            stored[ins->arg[0]] = true;
    }
    uint32_t n = 0;
    for (int turn = 0; turn < 3; turn++) /* the rest, what sinks, stores of elements */
        for (uint32_t k = 0; k < code->count; k++) {
            const eg_ins *ins = &code->item[k];
            int when = 0;
            if (ins->vector && ins->op == EG_I_STORE)
                when = 2;
            else if (ins->vector && ins->out >= 0 && !is_raw(ins->op) && stored[ins->out] &&
                     uses[ins->out] == 1)
                when = 1;
            if (when == turn)
                sorted[n++] = *ins;
        }
    code->item = sorted;
}

void eg_passes_run(eg_builder *to, const eg_builder *from)
{
    rewriter w = {.to = to, .from = from};
    const size_t regs = (size_t)from->reg_count + 1;
    to->failed = from->failed;
    w.depends = eg_arena_array(to->arena, regs, sizeof *w.depends);
    w.uses = eg_arena_array(to->arena, regs, sizeof *w.uses);
    if (!w.depends || !w.uses || to->failed) {
        to->failed = true;
        return;
    }
    survey(&w);
    for (uint32_t e = 0; e < 1 + 2 * w.atom_count; e++) {
        w.map[e] = eg_arena_array(to->arena, regs, sizeof **w.map);
        if (!w.map[e]) {
            to->failed = true;
            return;
        }
        for (uint32_t r = 0; r < from->reg_count; r++)
            if (from->reg[r].kind == EG_REG_CONST)
                w.map[e][r] = eg_build_const(to, from->reg[r].type, from->reg[r].value);
    }
    for (uint32_t k = 0; !to->failed && k < from->part[0].count; k++)
        rewrite(&w, &from->part[0].item[k]);
    if (!to->failed)
        drop_dead(to);
    if (!to->failed)
        sink_stored(to);
}
