/* vm.c - block interpreter: each instruction runs over a block of elements
 *
 *   compile   vector instructions -> kernels; registers -> scratch rows, reused by liveness
 *   run       for each block: bind rows to memory, then one call an instruction
 *
 * Where the elements of a run are contiguous, a register that is only loaded from a slot
 * *is* the array's memory, and the value that a store wants is computed right there
 * ("forwarded"): no copies. Runs of scattered elements gather and scatter instead.
 * Programs or frames whose elements may see one another run element by element with the
 * same arithmetic (kernels' `run`).
 */
#include "exec/block.h"
#include "exec/vm_private.h"

#include "lang/body.h"

#include <string.h>

enum { DEFAULT_BLOCK = 256, FEW = 2, ALIGN = 64 };

static const double minus_zero = -0.0; /* x * y - 0 is x * y, signed zeros included */

/* ---- compile ---------------------------------------------------------------------------- */

bool eg_vm_is_vector(const eg_program *p, int32_t reg)
{
    return reg >= 0 && p->reg[reg].kind == EG_REG_VECTOR;
}

static void choose_kernel(eg_vm *vm, eg_vm_step *s)
{
    const eg_program *p = vm->program;
    const uint8_t args = eg_op(s->ins->op)->args;
    unsigned mask = 0;
    for (uint8_t k = 0; k < args; k++)
        mask |= eg_vm_is_vector(p, s->ins->arg[k]) ? 0u : 1u << k;
    if (mask == (1u << args) - 1) /* all scalars: hoisted, never here */
        mask = 0;
    s->fn = vm->set->fn[s->ins->op][mask];
    if (mask < 3 && vm->set->by_hand[s->ins->op][mask])
        s->fn = vm->set->by_hand[s->ins->op][mask];
}

static bool reads(const eg_ins *ins, int32_t reg)
{
    for (int k = 0; k < 3; k++)
        if (ins->arg[k] == reg)
            return true;
    for (uint32_t k = 0; k < ins->list_count; k++)
        if (ins->list[k] == reg)
            return true;
    return false;
}

bool eg_vm_step_reads(const eg_vm_step *s, int32_t reg)
{
    if (!s->fused)
        return reads(s->ins, reg);
    for (uint32_t k = 0; k < s->operand_count; k++)
        if (s->operand[k] == reg)
            return true;
    return false;
}

static uint32_t last_use(const eg_program *p, int32_t reg)
{
    for (uint32_t k = p->vector.count; k-- > 0;)
        if (reads(&p->vector.item[k], reg))
            return k;
    return 0;
}

static uint32_t defined_at(const eg_program *p, int32_t reg)
{
    for (uint32_t k = 0; k < p->vector.count; k++)
        if (p->vector.item[k].out == reg)
            return k;
    return UINT32_MAX;
}

bool eg_vm_same_memory(const eg_slot *a, const eg_slot *b)
{
    return a == b || eg_slot_same_array(a, b);
}

static bool by_element(const eg_slot *slot)
{
    return slot->kind == EG_SLOT_OUTPUT ||
           (slot->kind == EG_SLOT_ARRAY && slot->index == EG_INDEX_ELEMENT);
}

/* The last instruction that reads memory of a slot through some loaded register. */
static uint32_t memory_used(const eg_program *p, const eg_slot *slot)
{
    uint32_t last = 0;
    for (uint32_t k = 0; k < p->vector.count; k++) {
        const eg_ins *load = &p->vector.item[k];
        if (load->op == EG_I_LOAD && eg_vm_same_memory(&p->slot[load->imm], slot)) {
            const uint32_t use = last_use(p, load->out);
            last = use > last ? use : last;
        }
    }
    return last;
}

/* May the value that instruction `at` stores be computed in the array itself? */
static bool forwardable(const eg_vm *vm, uint32_t at)
{
    const eg_program *p = vm->program;
    const eg_ins *store = &p->vector.item[at];
    const eg_slot *slot = &p->slot[store->imm];
    if (!by_element(slot) || !eg_vm_is_vector(p, store->arg[0]))
        return false;
    const uint32_t made = defined_at(p, store->arg[0]);
    /* Draws of a block come before all else in it; a host's function may read while it writes.
     */
    if (made >= p->vector.count || p->vector.item[made].op == EG_I_LOAD ||
        p->vector.item[made].op == EG_I_CALL || eg_ins_draws_plain(&p->vector.item[made]))
        return false;
    for (uint32_t k = 0; k < p->vector.count; k++) { /* one value, one array */
        const eg_ins *other = &p->vector.item[k];
        if (other->op != EG_I_STORE || k == at)
            continue;
        if (other->arg[0] == store->arg[0] || eg_vm_same_memory(&p->slot[other->imm], slot))
            return false;
    }
    return slot->kind == EG_SLOT_OUTPUT || memory_used(p, slot) <= made;
}

/* A load may be the array itself if no plain store writes the array before the last use. */
static bool load_direct(const eg_vm *vm, uint32_t at)
{
    const eg_program *p = vm->program;
    const eg_ins *load = &p->vector.item[at];
    const eg_slot *slot = &p->slot[load->imm];
    if (!by_element(slot))
        return false;
    const uint32_t last = last_use(p, load->out);
    for (uint32_t k = 0; k < p->vector.count; k++) {
        const eg_vm_step *s = &vm->step[k];
        if (s->ins->op == EG_I_STORE && !s->direct && k < last &&
            eg_vm_same_memory(&p->slot[s->ins->imm], slot))
            return false;
    }
    return true;
}

static void add_window(eg_vm *vm, int32_t reg, uint32_t slot)
{
    vm->window[vm->window_count++] = (eg_vm_window){reg, slot};
}

/* Without those that went into others; `moving` without those that only name memory. */
static void keep_steps(eg_vm *vm)
{
    uint32_t kept = 0;
    for (uint32_t k = 0; k < vm->step_count; k++) {
        if (vm->step[k].gone)
            continue;
        vm->step[kept] = vm->step[k];
        if (!vm->step[k].direct && !eg_ins_draws_plain(vm->step[k].ins))
            vm->moving[vm->moving_count++] = vm->step[k];
        kept++;
    }
    vm->step_count = kept;
}

static void make_steps(eg_vm *vm)
{
    const eg_program *p = vm->program;
    vm->step_count = p->vector.count;
    for (uint32_t k = 0; k < p->vector.count; k++) {
        eg_vm_step *s = &vm->step[k];
        const eg_ins *ins = s->ins = &p->vector.item[k];
        s->out = ins->out;
        s->a = ins->arg[0] < 0 ? 0 : ins->arg[0];
        s->b = ins->arg[1] < 0 ? s->a : ins->arg[1];
        s->c = ins->arg[2] < 0 ? s->a : ins->arg[2];
        if (!eg_op(ins->op)->special)
            choose_kernel(vm, s);
        if (eg_ins_draws_plain(ins))
            vm->draw[vm->draw_count++] = ins;
    }
    if (!p->straight)
        return;
    for (uint32_t k = 0; k < p->vector.count; k++)
        if (vm->step[k].ins->op == EG_I_STORE && forwardable(vm, k)) {
            vm->step[k].direct = true;
            add_window(vm, vm->step[k].ins->arg[0], vm->step[k].ins->imm);
        }
    for (uint32_t k = 0; k < p->vector.count; k++)
        if (vm->step[k].ins->op == EG_I_LOAD && load_direct(vm, k)) {
            vm->step[k].direct = true;
            add_window(vm, vm->step[k].ins->out, vm->step[k].ins->imm);
        }
    eg_vm_fuse(vm);
    keep_steps(vm);
}

enum { LOADS = 64 };

/* What follows from which load of the scalar part. False: it does more than compute. */
static bool find_followers(eg_vm *vm)
{
    const eg_program *p = vm->program;
    uint64_t *from = vm->follows + p->scalar.count; /* [reg] */
    uint32_t loads = 0;
    for (uint32_t k = 0; k < p->scalar.count; k++) {
        const eg_ins *ins = &p->scalar.item[k];
        const bool load = ins->op == EG_I_LOAD;
        const bool listed =
            ins->op == EG_I_TABLE1 || ins->op == EG_I_TABLE2 || ins->op == EG_I_PROPAGATOR;
        if (eg_op(ins->op)->special && !load && !listed)
            return false;
        if (load && (loads == LOADS || p->slot[ins->imm].index != EG_INDEX_ZERO ||
                     p->slot[ins->imm].kind != EG_SLOT_ARRAY))
            return false;
        uint64_t bits = load ? UINT64_C(1) << loads++ : 0;
        for (int j = 0; j < 3; j++)
            bits |= ins->arg[j] < 0 ? 0 : from[ins->arg[j]];
        for (uint32_t j = 0; j < ins->list_count; j++)
            bits |= from[ins->list[j]];
        vm->follows[k] = from[ins->out] = bits;
    }
    return true;
}

/* Rows of scratch: a register takes a free row where it is made and returns it after its
 * last use. An output never shares its row with an operand of another size. */
static bool make_rows(eg_vm *vm, eg_kernel *kernel)
{
    const eg_program *p = vm->program;
    const engram_alloc *alloc = kernel->alloc;
    const size_t n = p->reg_count ? p->reg_count : 1;
    uint32_t *row = eg_calloc_array(alloc, n, sizeof *row);
    uint32_t *dies = eg_calloc_array(alloc, n, sizeof *dies);
    uint32_t *spare = eg_calloc_array(alloc, n, sizeof *spare);
    uint32_t rows = 0, free_count = 0;
    bool done = row && dies && spare;
    for (uint32_t k = 0; done && k < vm->step_count; k++) {
        const eg_vm_step *s = &vm->step[k];
        if (eg_vm_is_vector(p, s->out) && eg_ins_draws_plain(s->ins))
            row[s->out] = rows++; /* filled before the block's first instruction */
        for (int32_t r = 0; r < (int32_t)p->reg_count; r++)
            if (eg_vm_is_vector(p, r) && eg_vm_step_reads(s, r))
                dies[r] = k;
    }
    for (uint32_t k = 0; done && k < vm->step_count; k++) {
        const eg_vm_step *s = &vm->step[k];
        if (eg_vm_is_vector(p, s->out) && !eg_ins_draws_plain(s->ins))
            row[s->out] = free_count ? spare[--free_count] : rows++;
        for (int32_t r = 0; r < (int32_t)p->reg_count; r++)
            if (eg_vm_is_vector(p, r) && dies[r] == k && eg_vm_step_reads(s, r))
                spare[free_count++] = row[r];
    }
    if (done) {
        const size_t width = (size_t)vm->block * sizeof(double);
        const size_t stride = (width + ALIGN - 1) / ALIGN * ALIGN;
        vm->scratch_size = stride * (rows + 1);
        vm->scratch = eg_calloc_aligned(alloc, vm->scratch_size, ALIGN);
        done = vm->scratch;
        for (uint32_t r = 0; done && r < p->reg_count; r++)
            vm->row_of[r] = eg_vm_is_vector(p, (int32_t)r)
                                ? (void *)(vm->scratch + row[r] * stride)
                                : (void *)&kernel->reg[r];
    }
    eg_free(alloc, row, n * sizeof *row);
    eg_free(alloc, dies, n * sizeof *dies);
    eg_free(alloc, spare, n * sizeof *spare);
    return done;
}

engram_status eg_vm_new(eg_vm **out, eg_kernel *kernel, const eg_exec_options *options,
                        engram_error *err)
{
    *out = NULL;
    const eg_program *p = kernel->program;
    const eg_kernel_set *set = eg_kernels_choose(options);
    if (!set)
        return eg_fail(err, ENGRAM_E_UNSUPPORTED,
                       "instruction set \"%s\", wanted one that this machine has",
                       options->isa);
    const engram_alloc *alloc = kernel->alloc;
    eg_vm *vm = eg_calloc(alloc, sizeof *vm);
    if (!vm)
        return eg_fail_memory(err, "a kernel");
    *out = vm;
    *vm = (eg_vm){.set = set,
                  .program = p,
                  .block = options && options->block ? options->block : DEFAULT_BLOCK};
    const size_t steps = (size_t)p->vector.count + 1, regs = (size_t)p->reg_count + 1;
    vm->step = eg_calloc_array(alloc, steps, sizeof *vm->step);
    vm->moving = eg_calloc_array(alloc, steps, sizeof *vm->moving);
    vm->window = eg_calloc_array(alloc, steps, sizeof *vm->window);
    vm->follows = eg_calloc_array(alloc, p->scalar.count + regs, sizeof *vm->follows);
    vm->due = eg_calloc_array(alloc, (size_t)p->scalar.count + 1, sizeof *vm->due);
    vm->draw = eg_calloc_array(alloc, (size_t)p->vector.count + 1, sizeof *vm->draw);
    vm->at = eg_calloc_array(alloc, regs, sizeof *vm->at);
    vm->row_of = eg_calloc_array(alloc, regs, sizeof *vm->row_of);
    if (!vm->step || !vm->moving || !vm->window || !vm->follows || !vm->due || !vm->draw ||
        !vm->at || !vm->row_of)
        return eg_fail_memory(err, "a kernel");
    memcpy(&vm->at[p->reg_count], &(const void *){&minus_zero}, sizeof vm->at[0]);
    make_steps(vm);
    vm->remembers = p->straight && find_followers(vm);
    for (uint32_t k = 0; k < p->vector.count; k++)
        if (p->vector.item[k].op == EG_I_CALL && p->vector.item[k].list_count > vm->wide_count)
            vm->wide_count = p->vector.item[k].list_count;
    vm->wide_count *= vm->block;
    if (vm->wide_count)
        vm->wide = eg_calloc_array(alloc, vm->wide_count, sizeof *vm->wide);
    if ((vm->wide_count && !vm->wide) || (p->straight && !make_rows(vm, kernel)))
        return eg_fail_memory(err, "a kernel");
    return ENGRAM_OK;
}

void eg_vm_free(eg_vm *vm, const engram_alloc *alloc)
{
    if (!vm)
        return;
    const size_t steps = (size_t)vm->program->vector.count + 1;
    const size_t regs = (size_t)vm->program->reg_count + 1;
    eg_free(alloc, vm->step, steps * sizeof *vm->step);
    eg_free(alloc, vm->moving, steps * sizeof *vm->moving);
    eg_free(alloc, vm->follows, (vm->program->scalar.count + regs) * sizeof *vm->follows);
    eg_free(alloc, vm->due, ((size_t)vm->program->scalar.count + 1) * sizeof *vm->due);
    eg_free(alloc, vm->draw, ((size_t)vm->program->vector.count + 1) * sizeof *vm->draw);
    eg_free(alloc, vm->window, steps * sizeof *vm->window);
    eg_free(alloc, vm->at, regs * sizeof *vm->at);
    eg_free(alloc, vm->row_of, regs * sizeof *vm->row_of);
    eg_free(alloc, vm->wide, vm->wide_count * sizeof *vm->wide);
    eg_free_aligned(alloc, vm->scratch, vm->scratch_size, ALIGN);
    eg_free(alloc, vm, sizeof *vm);
}

/* ---- run -------------------------------------------------------------------------------- */

/* Tables and propagators of an element's own values: one by one. */
static bool run_listed(eg_vm *vm, eg_interp *x, const eg_ins *ins, uint32_t count)
{
    const eg_program *p = vm->program;
    for (uint32_t k = 0; k < count; k++) {
        for (uint32_t j = 0; j < ins->list_count; j++) {
            const int32_t r = ins->list[j];
            if (!eg_vm_is_vector(p, r))
                continue;
            const size_t size = eg_dtype_size(p->reg[r].type);
            memcpy(&x->reg[r], (const char *)vm->at[r] + k * size, size);
        }
        const double value =
            ins->op == EG_I_PROPAGATOR ? eg_exec_propagator(x, ins) : eg_exec_table(x, ins);
        if (x->no_memory)
            return false;
        ((double *)vm->at[ins->out])[k] = value;
    }
    return true;
}

/* A function of the host's for the whole block. */
static bool run_call(eg_vm *vm, eg_interp *x, const eg_ins *ins, uint32_t count)
{
    const double *argument[EG_BODY_ARGUMENTS_MAX];
    for (uint32_t j = 0; j < ins->list_count; j++) {
        argument[j] = vm->at[ins->list[j]];
        if (eg_vm_is_vector(vm->program, ins->list[j]))
            continue;
        double *row = vm->wide + (size_t)j * vm->block;
        for (uint32_t k = 0; k < count; k++)
            row[k] = argument[j][0];
        argument[j] = row;
    }
    return eg_exec_call_rows(x, ins, count, argument, vm->at[ins->out]);
}

static bool run_special(eg_vm *vm, eg_interp *x, const eg_vm_step *s, const eg_block *b)
{
    const eg_ins *ins = s->ins;
    const eg_place *place = &x->place[ins->imm];
    switch (ins->op) {
    case EG_I_LOAD:
        if (!s->direct || (b->index && !place->output))
            eg_block_gather(vm->at[ins->out], place, b);
        return true;
    case EG_I_STORE:
        if (!s->direct || (b->index && !place->output))
            eg_block_scatter(place, b, vm->at[ins->arg[0]],
                             eg_vm_is_vector(vm->program, ins->arg[0]));
        return true;
    case EG_I_CALL:
        return run_call(vm, x, ins, b->count);
    case EG_I_TABLE1:
    case EG_I_TABLE2:
    case EG_I_PROPAGATOR:
        return run_listed(vm, x, ins, b->count);
    default: /* draws: done for the whole block */
        return true;
    }
}

static void bind_windows(eg_vm *vm, const eg_interp *x, const eg_block *b)
{
    for (uint32_t k = 0; k < vm->window_count; k++) {
        char *stretch = eg_block_stretch(&x->place[vm->window[k].slot], b);
        if (stretch)
            vm->at[vm->window[k].reg] = stretch;
    }
}

static bool run_block(eg_vm *vm, eg_interp *x, const eg_block *b)
{
    bind_windows(vm, x, b);
    void *const *const at = vm->at;
    const eg_vm_step *s = b->index ? vm->step : vm->moving;
    const eg_vm_step *const end = s + (b->index ? vm->step_count : vm->moving_count);
    if (vm->draw_count)
        eg_block_draw(x, b, vm->draw, vm->draw_count, vm->at);
    for (; s < end; s++) {
        if (s->fn) {
            s->fn(at[s->out], at[s->a], at[s->b], at[s->c], b->count);
        } else if (s->fused) {
            const void *operand[EG_FUSED_OPERANDS];
            for (uint32_t k = 0; k < s->operand_count; k++)
                operand[k] = at[s->operand[k]];
            s->fused(at[s->out], operand, b->count);
        } else if (!run_special(vm, x, s, b)) {
            return false;
        }
    }
    return true;
}

/* Load what the scalar part loads; the loads whose value is another than before. */
static uint64_t reload(const eg_vm *vm, const eg_interp *x)
{
    uint64_t changed = 0, bit = 1;
    for (uint32_t k = 0; k < vm->program->scalar.count; k++) {
        const eg_ins *ins = &vm->program->scalar.item[k];
        if (ins->op != EG_I_LOAD)
            continue;
        const eg_place *place = &x->place[ins->imm];
        if (memcmp(&x->reg[ins->out], place->base, place->size)) {
            memcpy(&x->reg[ins->out], place->base, place->size);
            changed |= bit;
        }
        bit <<= 1;
    }
    return changed;
}

static bool run_scalars(eg_vm *vm, eg_interp *x)
{
    const eg_code_part *all = &vm->program->scalar;
    if (!vm->remembers || !vm->ran) {
        vm->ran = vm->set->run(x, all, NULL, 0, 1, 0);
        return vm->ran;
    }
    const uint64_t changed = reload(vm, x);
    if (!changed)
        return true;
    if (changed != vm->due_for) {
        vm->due_for = changed;
        vm->due_count = 0;
        for (uint32_t k = 0; k < all->count; k++)
            if (vm->follows[k] & changed && all->item[k].op != EG_I_LOAD)
                vm->due[vm->due_count++] = all->item[k];
    }
    const eg_code_part due = {.item = vm->due, .count = vm->due_count};
    vm->ran = vm->set->run(x, &due, NULL, 0, 1, 0);
    return vm->ran;
}

bool eg_vm_run(eg_vm *vm, eg_interp *x, const eg_frame *frame)
{
    const eg_program *p = vm->program;
    if (!run_scalars(vm, x))
        return false;
    if (!p->straight || frame->count < FEW || !eg_block_apart(x->kernel, frame))
        return vm->set->run(x, &p->vector, frame->index, frame->first, frame->count,
                            frame->position);
    memcpy(vm->at, vm->row_of, p->reg_count * sizeof *vm->at);
    for (uint64_t done = 0; done < frame->count; done += vm->block) {
        const eg_block b = eg_block_of(frame, done, vm->block);
        if (!run_block(vm, x, &b))
            return false;
    }
    return true;
}
