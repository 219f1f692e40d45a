/* lower_names.c - what names of the code stand for: functions, draws, inferred types */
#include "ir/lower_private.h"

#include "lang/units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what the expressions ask --------------------------------------------------------- */

/* The network's function that a name of the code stands for; NULL if it is none of this kind.
 */
static const eg_function *function_of(const eg_lowerer *w, const char *name, const char *kind)
{
    const eg_binding *binding = eg_lower_binding(w, name);
    if (!binding || strcmp(binding->kind, "function") != 0 || !w->options->functions)
        return NULL;
    const char *wanted = binding->owner[0] ? binding->owner : name;
    for (size_t k = 0; k < w->options->functions->count; k++) {
        const eg_function *f = &w->options->functions->item[k];
        if (strcmp(f->name, wanted) == 0 && strcmp(f->kind, kind) == 0)
            return f;
    }
    return NULL;
}

static const eg_function *timed_array(const eg_lowerer *w, const char *name)
{
    const eg_function *f = function_of(w, name, "timedarray");
    return f && f->values && f->values->count > 0 ? f : NULL;
}

/* As Brian2 prints it: 15 decimals. */
static double printed(double value)
{
    char text[400];
    snprintf(text, sizeof text, "%.15f", value);
    return strtod(text, NULL);
}

/* A capture calls the draw as Brian2 did; code that is derived, by the input's name. */
static bool draws_for(const eg_lowerer *w, const char *name, const eg_input *input)
{
    const eg_binding *binding = eg_lower_binding(w, name);
    return (binding && strcmp(binding->kind, "function") == 0 &&
            strcmp(binding->owner, input->name) == 0) ||
           function_of(w, name, "custom");
}

/* What a name draws: a BinomialFunction, or the one of the PoissonInput whose code this is. */
static bool find_binomial(double *n, double *p, bool *normal, const eg_lowerer *w,
                          const char *name)
{
    const eg_function *f = function_of(w, name, "binomial");
    if (f) {
        *n = (double)f->n;
        *p = f->p;
        *normal = f->normal;
        return true;
    }
    const eg_input_list *inputs = w->options->inputs;
    for (size_t k = 0; inputs && k < inputs->count; k++) {
        const eg_input *input = &inputs->item[k];
        if (strcmp(input->name, w->code->name) != 0 || !draws_for(w, name, input))
            continue;
        *n = (double)input->n;
        *p = input->rate * w->options->dt;
        *normal = *n * *p > 5 && *n * (1 - *p) > 5;
        return true;
    }
    return false;
}

/* brian2/input/binomial.py. Cython's recursion takes p where numpy's takes min(p, 1 - p). */
bool eg_lower_ask_binomial(void *context, const char *name, eg_binomial_use *out)
{
    const eg_lowerer *w = context;
    double n, p;
    bool normal;
    if (!find_binomial(&n, &p, &normal, w, name) || n < 0 || !(p >= 0 && p <= 1))
        return false;
    *out = (eg_binomial_use){.normal = normal, .n = n, .reverse = p > 0.5};
    out->loc = printed(n * p);
    out->scale = printed(sqrt(n * p * (1 - p)));
    const double least = out->reverse ? 1.0 - p : p, q = 1.0 - least;
    out->p = printed(w->l.dialect == EG_DIALECT_RUNTIME ? p : least);
    out->q = printed(q);
    out->qn = printed(exp(n * log(q)));
    out->bound = printed(fmin(n, n * least + 10.0 * sqrt(n * least * q + 1)));
    return true;
}

eg_operand eg_lower_draw_binomial(eg_lowering *l, const eg_binomial_use *use)
{
    eg_builder *build = &l->build;
    eg_ins ins = {.op = use->normal ? EG_I_BINOMIAL_NORMAL : EG_I_BINOMIAL,
                  .arg = {EG_NO_REG, EG_NO_REG, EG_NO_REG}};
    if (use->normal) {
        ins.arg[0] = eg_build_double(build, use->scale);
        ins.arg[1] = eg_build_double(build, use->loc);
    } else {
        const double value[5] = {use->n, use->p, use->q, use->qn, use->bound};
        int32_t *list = eg_arena_array(build->arena, 6, sizeof *list);
        for (int k = 0; list && k < 5; k++)
            list[k] = eg_build_double(build, value[k]);
        if (list)
            list[5] = eg_build_const(build, EG_BOOL, (eg_value){.b = use->reverse});
        build->failed = build->failed || !list;
        ins.list = list;
        ins.list_count = list ? 6 : 0;
    }
    const eg_dtype type = (eg_dtype)eg_op(ins.op)->result;
    ins.out = eg_build_reg(build, type, build->vector ? EG_REG_VECTOR : EG_REG_SCALAR);
    eg_build_raw(build, ins);
    return (eg_operand){.reg = ins.out, .type = type};
}

engram_status eg_lower_judge_step(const eg_lowerer *w)
{
    for (size_t k = 0; !(w->options->dt > 0) && k < w->code->bindings.count; k++) {
        const char *name = w->code->bindings.item[k].name;
        double n, p;
        bool normal;
        const bool array = timed_array(w, name) != NULL;
        if (array ||
            (!function_of(w, name, "binomial") && find_binomial(&n, &p, &normal, w, name)))
            return eg_fail(w->err, ENGRAM_E_UNSUPPORTED,
                           "%s: %s is %s, which counts in steps, and the clock of %s has none: "
                           "it is an event clock",
                           w->code->name, name, array ? "a TimedArray" : "a PoissonInput",
                           w->code->owner);
    }
    return ENGRAM_OK;
}

/* Semantics 7.4. The array's step enters Brian2's code as a literal with 18 decimals. */
bool eg_lower_ask_table(void *context, const char *name, eg_table_use *out)
{
    eg_lowerer *w = context;
    const eg_function *f = timed_array(w, name);
    if (!f || f->values->shape[0] > INT32_MAX || f->values->shape[1] > INT32_MAX ||
        f->values->ndim == 0)
        return false;
    const double k = fmax(floor(exp2(ceil(log2(8 / w->options->dt * f->dt)))), 1.0);
    char text[64];
    snprintf(text, sizeof text, "%.18f", f->dt);
    const bool two = f->values->ndim == 2;
    *out = (eg_table_use){.ndim = two ? 2 : 1,
                          .epsilon = strtod(text, NULL) / k,
                          .k = k,
                          .last = (int32_t)f->values->shape[0] - 1,
                          .columns = two ? (int32_t)f->values->shape[1] : 1};
    const eg_slot slot = {.name = name,
                          .kind = EG_SLOT_TABLE,
                          .dtype = EG_F64,
                          .owner = f->name,
                          .variable = "",
                          .load = true};
    if (eg_lower_add_slot(&out->slot, w, slot))
        w->l.build.failed = true;
    return true;
}

const eg_signature *eg_lower_ask_custom(void *context, const char *name)
{
    eg_lowerer *w = context;
    const eg_function *f = function_of(w, name, "custom");
    const eg_signature *found = NULL;
    if (f && eg_function_signature(&found, &w->custom, w->arena, f))
        w->l.build.failed = true;
    return found;
}

bool eg_lower_ask_native(void *context, const char *name, uint32_t *slot)
{
    eg_lowerer *w = context;
    const eg_function *f = function_of(w, name, "custom");
    bool given = false;
    for (size_t k = 0; f && !given && k < w->options->native_count; k++)
        given = strcmp(w->options->native[k], f->name) == 0;
    if (!given)
        return false;
    const eg_slot wanted = {.name = name,
                            .kind = EG_SLOT_FUNCTION,
                            .dtype = EG_F64,
                            .owner = f->name,
                            .variable = "",
                            .load = true};
    if (eg_lower_add_slot(slot, w, wanted))
        w->l.build.failed = true;
    return true;
}

/* Standalone code has constants and units as const of its own, so that its compiler knows them;
 * Cython's loads them. */
engram_status eg_lower_ask_name(void *context, const char *name, eg_operand *out)
{
    eg_lowerer *w = context;
    eg_local *x = eg_lower_local(w, name);
    eg_builder *build = &w->l.build;
    double value;
    eg_dim dim;
    if (x && x->reg != EG_NO_REG) {
        *out = (eg_operand){.reg = x->known ? x->constant : x->reg,
                            .type = x->type,
                            .known = x->known,
                            .name = true};
        return ENGRAM_OK;
    }
    if (w->l.dialect == EG_DIALECT_STANDALONE && strcmp(name, "inf") == 0) {
        /* Brian2's C++ says INFINITY, which is a float: clip(inf, ...) gives one */
        *out = (eg_operand){.reg = eg_build_const(build, EG_F32, (eg_value){.f = INFINITY}),
                            .type = EG_F32,
                            .known = true,
                            .name = true};
        return ENGRAM_OK;
    }
    if (x && x->binding && strcmp(x->binding->kind, "constant") == 0) {
        eg_value bits = {.bits = 0};
        switch (x->type) {
        case EG_BOOL:
            bits.b = x->binding->integer != 0;
            break;
        case EG_I32:
            bits.i = (int32_t)x->binding->integer;
            break;
        case EG_I64:
            bits.l = x->binding->integer;
            break;
        case EG_F32:
            bits.f = (float)x->binding->value;
            break;
        default:
            bits.d = x->binding->value;
            break;
        }
        *out = (eg_operand){.reg = eg_build_const(build, x->type, bits),
                            .type = x->type,
                            .known = w->l.dialect == EG_DIALECT_STANDALONE,
                            .name = true};
        return ENGRAM_OK;
    }
    if (x && !x->binding &&
        (eg_constant_find(name, &value) || eg_unit_find(name, &value, &dim))) {
        *out = (eg_operand){.reg = eg_build_double(build, value),
                            .type = EG_F64,
                            .known = w->l.dialect == EG_DIALECT_STANDALONE,
                            .name = true};
        return ENGRAM_OK;
    }
    if (build->failed) /* then registers are missing that were made */
        return eg_fail_memory(w->err, "a program");
    if (x && (x->written[EG_PART_SCALAR] || x->written[EG_PART_VECTOR]))
        return eg_fail(w->err, ENGRAM_E_REFERENCE, "\"%s\" is read before it has a value",
                       name);
    return eg_fail(w->err, ENGRAM_E_REFERENCE,
                   "\"%s\" is no name of this code, no unit and no "
                   "constant",
                   name);
}

/* The same names for the checks of sema. */
bool eg_lower_ask_symbol(void *context, const char *name, eg_symbol *symbol)
{
    eg_lowerer *w = context;
    const eg_local *x = eg_lower_local(w, name);
    *symbol = (eg_symbol){.type = EG_F64};
    if (timed_array(w, name)) {
        eg_table_use use;
        if (!eg_lower_ask_table(w, name, &use))
            return false;
        symbol->is_function = true;
        symbol->args = use.ndim;
        return true;
    }
    eg_binomial_use binomial;
    if (eg_lower_ask_binomial(w, name, &binomial)) {
        symbol->type = binomial.normal ? EG_F32 : EG_I64;
        symbol->is_function = symbol->stateful = true;
        return true;
    }
    symbol->signature = eg_lower_ask_custom(w, name);
    if (symbol->signature) {
        symbol->is_function = true;
        symbol->args = symbol->signature->count;
        symbol->type = symbol->signature->type;
        return true;
    }
    if (!x || (!x->binding && !x->written[EG_PART_SCALAR] && !x->written[EG_PART_VECTOR]))
        return false;
    const bool truth = x->binding && strcmp(x->binding->kind, "constant") == 0 &&
                       strcmp(x->binding->dtype, "bool") == 0;
    symbol->type = truth ? EG_BOOL : x->type;
    return true;
}

bool eg_lower_has_call(const eg_expr *e, const char *name)
{
    if (e->kind == EG_EXPR_CALL && strcmp(e->name, name) == 0)
        return true;
    for (uint32_t k = 0; k < e->arg_count; k++)
        if (eg_lower_has_call(e->arg[k], name))
            return true;
    return false;
}

static uint32_t calls(const eg_expr *e, const char *name)
{
    uint32_t count = e->kind == EG_EXPR_CALL && strcmp(e->name, name) == 0;
    for (uint32_t k = 0; k < e->arg_count; k++)
        count += calls(e->arg[k], name);
    return count;
}

/* A call that draws, and as many numbers as it needs. */
bool eg_lower_draws_several(const eg_lowerer *w, const eg_expr *e)
{
    double n, p;
    bool normal;
    if (e->kind == EG_EXPR_CALL &&
        (strcmp(e->name, "poisson") == 0 || find_binomial(&n, &p, &normal, w, e->name)))
        return true;
    for (uint32_t k = 0; k < e->arg_count; k++)
        if (eg_lower_draws_several(w, e->arg[k]))
            return true;
    return false;
}

bool eg_lower_draws(const eg_lowerer *w, const eg_expr *e)
{
    return eg_lower_has_call(e, "rand") || eg_lower_has_call(e, "randn") ||
           eg_lower_draws_several(w, e);
}

/* A draw that may be skipped for some elements. */
bool eg_lower_draws_in_branch(const eg_lowerer *w, const eg_expr *e)
{
    if (e->kind == EG_EXPR_LOGIC && eg_lower_draws(w, e->arg[1]))
        return true;
    for (uint32_t k = 0; k < e->arg_count; k++)
        if (eg_lower_draws_in_branch(w, e->arg[k]))
            return true;
    return false;
}

/* ---- types that Cython infers (playback 4, "two names for one array") ----------------------
 *
 * Of all names of an array only the first one is declared with the array's type. Others get
 * the type that spans their assignments: of one float32 alone float32, of several a double; an
 * integer that an expression with a literal is assigned to is a long.
 */

static bool is_alias(const eg_lowerer *w, const eg_local *x)
{
    const eg_binding_list *all = &w->code->bindings;
    for (size_t k = 0; k < all->count; k++)
        if (strcmp(all->item[k].kind, "array") == 0 &&
            strcmp(all->item[k].owner, x->binding->owner) == 0 &&
            strcmp(all->item[k].variable, x->binding->variable) == 0 &&
            strcmp(all->item[k].name, x->name) < 0)
            return true;
    return false;
}

static bool has_integer(const eg_expr *e)
{
    if (e->kind == EG_EXPR_CALL)
        return false;
    for (uint32_t k = 0; k < e->arg_count; k++)
        if (has_integer(e->arg[k]))
            return true;
    return e->kind == EG_EXPR_INT;
}

/* The vector code of a state monitor is there once for each variable that it records. */
static uint32_t copies_of_code(const eg_lowerer *w)
{
    const bool repeated = strcmp(w->code->template, "statemonitor") == 0;
    return repeated && w->code->record.count > 1 ? (uint32_t)w->code->record.count : 1;
}

static void infer_type(const eg_lowerer *w, eg_local *x)
{
    if (!eg_lower_is_array(x) || (x->type != EG_F32 && x->type != EG_I32) || !is_alias(w, x))
        return;
    uint32_t assigned = x->read[EG_PART_SCALAR] || x->read[EG_PART_VECTOR];
    bool longs = false;
    for (size_t k = 0; k < w->code->statements.count; k++)
        if (w->line[k].target == x) {
            assigned++;
            longs = longs || has_integer(w->line[k].expr);
        }
    if (x->type == EG_F32 && assigned * copies_of_code(w) > 1)
        x->type = EG_F64;
    else if (x->type == EG_I32 && longs)
        x->type = EG_I64;
}

void eg_lower_infer(eg_lowerer *w)
{
    uint32_t exprels = 0;
    for (size_t k = 0; k < w->code->statements.count; k++)
        exprels += calls(w->line[k].expr, "exprel");
    w->l.exprel_whole = exprels * copies_of_code(w) > 1;
    for (uint32_t k = 0; w->options->dialect == EG_DIALECT_RUNTIME && k < w->local_count; k++)
        infer_type(w, &w->local[k]);
}
