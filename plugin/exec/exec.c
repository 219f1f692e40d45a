/* exec.c - the seam: kernels, slots, and what every back end shares */
#include "exec/block.h"

#include "exec/flush.h"
#include "ir/scalar_ops.h"
#include "lang/body.h"

#include <string.h>

double eg_exec_table(const eg_interp *x, const eg_ins *ins)
{
    const eg_value *reg = x->reg;
    const double *values = (const double *)(const void *)x->place[ins->imm].base;
    const double t = reg[ins->list[0]].d;
    const int32_t last = reg[ins->list[3]].i;
    int32_t row = eg_d_to_i((t / reg[ins->list[1]].d + 0.5) / reg[ins->list[2]].d);
    row = row < 0 ? 0 : row > last ? last : row;
    if (ins->op == EG_I_TABLE1)
        return values[row];
    const int32_t column = reg[ins->list[4]].i, columns = reg[ins->list[5]].i;
    if (column < 0 || column >= columns)
        return NAN;
    return values[(int64_t)row * columns + column];
}

bool eg_exec_call_rows(eg_interp *x, const eg_ins *ins, uint64_t count,
                       const double *const *argument, double *result)
{
    const eg_native *native = (const eg_native *)(const void *)x->place[ins->imm].base;
    const bool flushed = eg_flush_set(false);
    const int answer = native->call(native->context, count, argument, result);
    eg_flush_set(flushed);
    if (answer == 0)
        return true;
    x->failed = x->kernel->program->slot[ins->imm].owner;
    return false;
}

bool eg_exec_call(eg_interp *x, const eg_ins *ins)
{
    const double *argument[EG_BODY_ARGUMENTS_MAX];
    for (uint32_t k = 0; k < ins->list_count; k++)
        argument[k] = &x->reg[ins->list[k]].d;
    double result;
    if (!eg_exec_call_rows(x, ins, 1, argument, &result))
        return false;
    x->reg[ins->out].d = result;
    return true;
}

static int64_t binomial(eg_interp *x, const eg_ins *ins)
{
    const eg_value *reg = x->reg;
    const eg_binomial b = {.n = reg[ins->list[0]].d,
                           .p = reg[ins->list[1]].d,
                           .q = reg[ins->list[2]].d,
                           .qn = reg[ins->list[3]].d,
                           .bound = reg[ins->list[4]].d,
                           .reverse = reg[ins->list[5]].b};
    return eg_rng_binomial(x->rng, &b);
}

eg_value eg_exec_draw(eg_interp *x, const eg_ins *ins)
{
    const eg_value *reg = x->reg;
    eg_value value = {.bits = 0};
    switch (ins->op) {
    case EG_I_RAND:
        value.d = eg_rng_rand(x->rng);
        break;
    case EG_I_RANDN:
        value.d = eg_rng_randn(x->rng);
        break;
    case EG_I_POISSON:
        value.i = eg_rng_poisson(x->rng, reg[ins->arg[0]].d);
        break;
    case EG_I_BINOMIAL:
        value.l = binomial(x, ins);
        break;
    default:
        value.f = (float)(eg_rng_randn(x->rng) * reg[ins->arg[0]].d + reg[ins->arg[1]].d);
    }
    return value;
}

void eg_block_draw(const eg_interp *x, const eg_block *b, const eg_ins *const *draw,
                   uint32_t count, void *const *at)
{
    if (count == 1 && !x->keyed) {
        double *out = at[draw[0]->out];
        if (draw[0]->op == EG_I_RAND)
            eg_rng_rands(x->rng, out, b->count);
        else
            eg_rng_randns(x->rng, out, b->count);
        return;
    }
    for (uint32_t k = 0; k < b->count; k++) {
        if (x->keyed)
            eg_rng_element(x->rng, eg_block_element(b, k),
                           x->turn ? x->turn[b->position + k] : 0);
        for (uint32_t n = 0; n < count; n++)
            ((double *)at[draw[n]->out])[k] =
                draw[n]->op == EG_I_RAND ? eg_rng_rand(x->rng) : eg_rng_randn(x->rng);
    }
}

double eg_exec_propagator(eg_interp *x, const eg_ins *ins)
{
    const eg_value *reg = x->reg;
    const uint32_t row = (uint32_t)reg[ins->list[0]].i, column = (uint32_t)reg[ins->list[1]].i;
    const uint32_t n = (uint32_t)reg[ins->list[2]].i;
    double m[EG_PROPAGATOR_MAX * EG_PROPAGATOR_MAX], b[EG_PROPAGATOR_MAX];
    for (uint32_t k = 0; k < n * n; k++)
        m[k] = reg[ins->list[3 + k]].d;
    for (uint32_t k = 0; k < n; k++)
        b[k] = reg[ins->list[3 + n * n + k]].d;
    const double *step = eg_propagators_get(x->kernel->propagators, n, m, b,
                                            reg[ins->list[ins->list_count - 1]].d);
    x->no_memory = !step;
    return step ? step[row * (n + 1) + column] : NAN;
}

static bool has_propagator(const eg_code_part *code)
{
    for (uint32_t k = 0; k < code->count; k++)
        if (code->item[k].op == EG_I_PROPAGATOR)
            return true;
    return false;
}

engram_status eg_kernel_new(eg_kernel **out, const eg_program *program, eg_math math,
                            const eg_exec_options *options, const engram_alloc *alloc,
                            engram_error *err)
{
    *out = NULL;
    if (program->math != math)
        return eg_fail(err, ENGRAM_E_ARGUMENT,
                       "program \"%s\" was lowered for %s mathematics, wanted %s",
                       program->name, program->math == EG_MATH_FAST ? "fast" : "strict",
                       math == EG_MATH_FAST ? "fast" : "strict");
    eg_kernel *kernel = eg_calloc(alloc, sizeof *kernel);
    if (!kernel)
        return eg_fail_memory(err, "a kernel");
    *kernel = (eg_kernel){.program = program, .alloc = alloc, .math = math};
    kernel->reg = eg_calloc_array(alloc, (size_t)program->reg_count + 1, sizeof *kernel->reg);
    kernel->place =
        eg_calloc_array(alloc, (size_t)program->slot_count + 1, sizeof *kernel->place);
    const bool exact = has_propagator(&program->scalar) || has_propagator(&program->vector);
    if (exact)
        kernel->propagators = eg_propagators_new(alloc);
    engram_status status = ENGRAM_OK;
    if (!kernel->reg || !kernel->place || (exact && !kernel->propagators))
        status = eg_fail_memory(err, "a kernel");
    else if (math == EG_MATH_FAST)
        status = eg_vm_new(&kernel->vm, kernel, options, err);
    else
        status = eg_blocks_new(&kernel->blocks, kernel, options, err);
    if (status) {
        eg_kernel_free(kernel);
        return status;
    }
    for (uint32_t k = 0; k < program->vector.count; k++) {
        const eg_ins *ins = &program->vector.item[k];
        if (ins->op == EG_I_STORE && program->slot[ins->imm].kind == EG_SLOT_ARRAY)
            kernel->stores[program->slot[ins->imm].index] = true;
    }
    for (uint32_t k = 0; k < program->slot_count; k++) {
        const eg_slot *slot = &program->slot[k];
        kernel->place[k] = (eg_place){.size = (uint32_t)eg_dtype_size(slot->dtype),
                                      .index = slot->index,
                                      .output = slot->kind == EG_SLOT_OUTPUT};
    }
    for (uint32_t r = 0; r < program->reg_count; r++)
        if (program->reg[r].kind == EG_REG_CONST)
            kernel->reg[r] = program->reg[r].value;
    *out = kernel;
    return ENGRAM_OK;
}

void eg_kernel_free(eg_kernel *kernel)
{
    if (!kernel)
        return;
    const engram_alloc *alloc = kernel->alloc;
    eg_vm_free(kernel->vm, alloc);
    eg_blocks_free(kernel->blocks, alloc);
    eg_propagators_free(kernel->propagators);
    eg_free(alloc, kernel->reg, ((size_t)kernel->program->reg_count + 1) * sizeof *kernel->reg);
    eg_free(alloc, kernel->place,
            ((size_t)kernel->program->slot_count + 1) * sizeof *kernel->place);
    eg_free(alloc, kernel, sizeof *kernel);
}

const eg_program *eg_kernel_program(const eg_kernel *kernel)
{
    return kernel->program;
}

double eg_kernel_cost(const eg_kernel *kernel)
{
    const eg_code_part *code = &kernel->program->vector;
    double cost = 0;
    for (uint32_t k = 0; k < code->count; k++) {
        const eg_opcode op = code->item[k].op;
        const bool function = op >= EG_I_EXP_D && op <= EG_I_POW_F;
        if (kernel->math == EG_MATH_STRICT)
            cost += function ? 20 : kernel->blocks && op < EG_I_RAND ? 1 : 6;
        else if (function)
            cost += 2;
        else
            cost += op >= EG_I_RAND && eg_op(op)->special ? 20 : 0.15;
    }
    return cost;
}

static bool draws_in(const eg_code_part *code)
{
    for (uint32_t k = 0; k < code->count; k++)
        if (eg_ins_draws(&code->item[k]))
            return true;
    return false;
}

/* Does another element of the program see the array that slot `s` writes? */
static bool is_seen(const eg_program *p, const eg_frame *frame, uint32_t s)
{
    for (uint32_t k = 0; k < p->slot_count; k++)
        if (p->slot[k].kind == EG_SLOT_ARRAY && p->slot[k].index != EG_INDEX_ELEMENT &&
            frame->base[k] == frame->base[s])
            return true;
    return false;
}

bool eg_kernel_separable(const eg_kernel *kernel, const eg_frame *frame)
{
    const eg_program *p = kernel->program;
    if (frame->index || !frame->distinct || draws_in(&p->scalar) ||
        (p->draws && frame->rng->rule != EG_RNG_PHILOX))
        return false;
    for (uint32_t k = 0; k < p->scalar.count; k++)
        if (p->scalar.item[k].op == EG_I_STORE || p->scalar.item[k].op == EG_I_CALL)
            return false;
    for (uint32_t k = 0; k < p->vector.count; k++) {
        const eg_ins *ins = &p->vector.item[k];
        if (eg_ins_checks(ins) || ins->op == EG_I_CALL)
            return false;
        if (ins->op == EG_I_STORE && p->slot[ins->imm].kind == EG_SLOT_ARRAY &&
            (p->slot[ins->imm].index != EG_INDEX_ELEMENT || is_seen(p, frame, ins->imm)))
            return false;
    }
    return true;
}

static void resolve_slots(eg_kernel *kernel, const eg_frame *frame)
{
    const eg_program *p = kernel->program;
    for (uint32_t s = 0; s < p->slot_count; s++) {
        kernel->place[s].base = frame->base[s];
        if (kernel->place[s].index == EG_INDEX_VIA)
            kernel->place[s].via = frame->base[p->slot[s].via];
    }
}

engram_status eg_kernel_run(eg_kernel *kernel, const eg_frame *frame, engram_error *err)
{
    const eg_program *p = kernel->program;
    if (p->draws && !frame->rng)
        return eg_fail(err, ENGRAM_E_ARGUMENT, "program \"%s\" draws and has no generator",
                       p->name);
    resolve_slots(kernel, frame);
    eg_interp x = {.kernel = kernel,
                   .place = kernel->place,
                   .reg = kernel->reg,
                   .rng = frame->rng,
                   .turn = frame->turn,
                   .keyed = p->draws && frame->rng->rule == EG_RNG_PHILOX};
    bool done;
    if (kernel->vm)
        done = eg_vm_run(kernel->vm, &x, frame);
    else
        done = eg_strict_run(&x, &p->scalar, NULL, 0, 1, 0) &&
               (kernel->blocks ? eg_blocks_run(kernel->blocks, &x, frame)
                               : eg_strict_run(&x, &p->vector, frame->index, frame->first,
                                               frame->count, frame->position));
    if (done)
        return ENGRAM_OK;
    if (x.no_memory)
        return eg_fail_memory(err, "a propagator");
    if (x.failed)
        return eg_fail(err, ENGRAM_E_INTERRUPTED, "function %s failed", x.failed);
    return eg_fail(err, ENGRAM_E_NUMERIC,
                   "division by zero at element %llu: strict mode stops there, as Brian2's "
                   "Cython code does; fast mode goes on with inf or nan",
                   (unsigned long long)x.divided);
}

void eg_deliver_constant(double *target, const uint32_t *post, uint64_t count, double w)
{
    for (uint64_t k = 0; k < count; k++)
        target[post[k]] += w;
}

void eg_deliver_weights(double *target, const uint32_t *post, const double *w, uint64_t count)
{
    for (uint64_t k = 0; k < count; k++)
        target[post[k]] += w[k];
}
