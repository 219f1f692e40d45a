/* fuse.c - neighbouring steps become one pass
 *
 * A fused step stands where its last link stood. A link may move down to it if no step in
 * between writes memory that the link reads; the choice at the end may move up to it if its
 * operands are known by then and no step in between reads what it overwrites.
 */
#include "exec/vm_private.h"

#include <string.h>

static const eg_slot *window_slot(const eg_vm *vm, int32_t reg)
{
    for (uint32_t k = 0; k < vm->window_count; k++)
        if (vm->window[k].reg == reg)
            return &vm->program->slot[vm->window[k].slot];
    return NULL;
}

/* Memory that a step writes: of a plain store, or where its result is computed in place. */
static const eg_slot *written(const eg_vm *vm, const eg_vm_step *s)
{
    if (s->ins->op == EG_I_STORE)
        return s->direct ? NULL : &vm->program->slot[s->ins->imm];
    if (s->ins->op == EG_I_LOAD || s->ins->out < 0)
        return NULL;
    return window_slot(vm, s->out);
}

static bool reads_memory(const eg_vm *vm, const eg_vm_step *s, const eg_slot *slot)
{
    if (s->ins->op == EG_I_LOAD && !s->direct)
        return eg_vm_same_memory(&vm->program->slot[s->ins->imm], slot);
    for (uint32_t k = 0; k < vm->window_count; k++)
        if (eg_vm_same_memory(&vm->program->slot[vm->window[k].slot], slot) &&
            eg_vm_step_reads(s, vm->window[k].reg))
            return true;
    return false;
}

static bool can_sink(const eg_vm *vm, uint32_t from, uint32_t to)
{
    for (uint32_t k = from + 1; k <= to; k++) {
        const eg_slot *slot = vm->step[k].gone ? NULL : written(vm, &vm->step[k]);
        if (slot && k != to && reads_memory(vm, &vm->step[from], slot))
            return false;
    }
    return true;
}

static bool can_rise(const eg_vm *vm, uint32_t from, uint32_t to)
{
    const eg_slot *slot = written(vm, &vm->step[from]);
    for (uint32_t k = to + 1; k < from; k++) {
        const eg_vm_step *s = &vm->step[k];
        if (s->gone)
            continue;
        if (s->ins->out >= 0 && eg_vm_step_reads(&vm->step[from], s->out))
            return false;
        if (slot && reads_memory(vm, s, slot))
            return false;
        const eg_slot *other = written(vm, s);
        if (other && (reads_memory(vm, &vm->step[from], other) ||
                      (slot && eg_vm_same_memory(slot, other))))
            return false;
    }
    return true;
}

/* The one step that reads a register; UINT32_MAX if there are none or several. */
static uint32_t only_reader(const eg_vm *vm, int32_t reg)
{
    uint32_t found = UINT32_MAX;
    for (uint32_t k = 0; k < vm->step_count; k++) {
        if (vm->step[k].gone || !eg_vm_step_reads(&vm->step[k], reg))
            continue;
        if (found != UINT32_MAX)
            return UINT32_MAX;
        found = k;
    }
    return found;
}

static bool vector_arg(const eg_vm *vm, const eg_vm_step *s, int k)
{
    return eg_vm_is_vector(vm->program, s->ins->arg[k]);
}

/* scalar * vector, or vector * scalar + anything */
static bool is_link(const eg_vm *vm, const eg_vm_step *s)
{
    if (s->gone || s->fused)
        return false;
    if (s->ins->op == EG_I_MUL_D)
        return !vector_arg(vm, s, 0) && vector_arg(vm, s, 1);
    return s->ins->op == EG_I_FMA_D && vector_arg(vm, s, 0) && !vector_arg(vm, s, 1);
}

typedef struct chain {
    uint32_t link[EG_FUSED_TERMS];
    uint32_t count;
    uint32_t choice; /* step; UINT32_MAX: none */
} chain;

static void find_chain(const eg_vm *vm, uint32_t at, chain *c)
{
    *c = (chain){.link = {at}, .count = 1, .choice = UINT32_MAX};
    while (c->count < EG_FUSED_TERMS) {
        const int32_t sum = vm->step[c->link[c->count - 1]].out;
        const uint32_t next = only_reader(vm, sum);
        if (next == UINT32_MAX || !is_link(vm, &vm->step[next]) ||
            vm->step[next].ins->op != EG_I_FMA_D || vm->step[next].ins->arg[2] != sum ||
            vm->step[next].ins->arg[0] == sum)
            return;
        for (uint32_t k = 0; k < c->count; k++)
            if (!can_sink(vm, c->link[k], next))
                return;
        c->link[c->count++] = next;
    }
}

static void find_choice(const eg_vm *vm, chain *c)
{
    const uint32_t last = c->link[c->count - 1];
    const int32_t sum = vm->step[last].out;
    const uint32_t next = only_reader(vm, sum);
    if (next == UINT32_MAX || vm->step[next].fused || vm->step[next].ins->op != EG_I_SELECT_D)
        return; /* a fused step has the select of its own sum */
    const eg_vm_step *s = &vm->step[next];
    const int32_t *arg = s->ins->arg;
    if (arg[1] != arg[2] && arg[0] != sum && vector_arg(vm, s, 0) && vector_arg(vm, s, 1) &&
        vector_arg(vm, s, 2) && can_rise(vm, next, last))
        c->choice = next;
}

static void fuse_chain(eg_vm *vm, const chain *c)
{
    const uint32_t last = c->link[c->count - 1];
    eg_vm_step joined = vm->step[last];
    const eg_ins *first = vm->step[c->link[0]].ins;
    const bool product = first->op == EG_I_MUL_D;
    uint32_t n = 0;
    joined.operand[n++] = product ? (int32_t)vm->program->reg_count : first->arg[2];
    for (uint32_t k = 0; k < c->count; k++) {
        const eg_ins *ins = vm->step[c->link[k]].ins;
        const bool swapped = ins->op == EG_I_MUL_D;
        joined.operand[n++] = ins->arg[swapped ? 1 : 0];
        joined.operand[n++] = ins->arg[swapped ? 0 : 1];
        vm->step[c->link[k]].gone = true;
    }
    uint32_t choice = 0;
    if (c->choice != UINT32_MAX) {
        eg_vm_step *s = &vm->step[c->choice];
        choice = s->ins->arg[1] == joined.out ? 1 : 2;
        joined.operand[n++] = s->ins->arg[0];
        joined.operand[n++] = s->ins->arg[choice == 1 ? 2 : 1];
        joined.out = s->out;
        joined.ins = s->ins;
        s->gone = true;
    }
    const bool start = !product && eg_vm_is_vector(vm->program, first->arg[2]);
    joined.operand_count = n;
    joined.fn = NULL;
    joined.fused = vm->set->sum[start][c->count - 1][choice];
    joined.gone = false;
    vm->step[last] = joined;
}

static void fuse_sums(eg_vm *vm)
{
    for (uint32_t k = 0; k < vm->step_count; k++) {
        if (!is_link(vm, &vm->step[k]))
            continue;
        chain c;
        find_chain(vm, k, &c);
        find_choice(vm, &c);
        if (c.count > 1 || c.choice != UINT32_MAX)
            fuse_chain(vm, &c);
    }
}

static void fuse_pair(eg_vm *vm, uint32_t first, uint32_t last, eg_fused_fn *fused, int32_t a,
                      int32_t b, int32_t c)
{
    eg_vm_step *s = &vm->step[last];
    s->fn = NULL;
    s->fused = fused;
    s->operand[0] = a;
    s->operand[1] = b;
    s->operand[2] = c;
    s->operand_count = 3;
    vm->step[first].gone = true;
}

static bool is_comparison(eg_opcode op)
{
    return op == EG_I_LT_D || op == EG_I_LE_D;
}

/* c < s - x, and c < x beside another condition; c and s scalars. */
static void fuse_comparisons(eg_vm *vm)
{
    for (uint32_t k = 0; k < vm->step_count; k++) {
        const eg_vm_step *s = &vm->step[k];
        const eg_ins *ins = s->ins;
        if (s->gone || s->fused || ins->out < 0)
            continue;
        const uint32_t next = only_reader(vm, s->out);
        if (next == UINT32_MAX || !can_sink(vm, k, next))
            continue;
        const eg_vm_step *reader = &vm->step[next];
        const int32_t *arg = reader->ins->arg;
        if (reader->fused)
            continue;
        if (ins->op == EG_I_SUB_D && !vector_arg(vm, s, 0) && vector_arg(vm, s, 1) &&
            is_comparison(reader->ins->op) && arg[1] == s->out && !vector_arg(vm, reader, 0))
            fuse_pair(vm, k, next, vm->set->apart[reader->ins->op == EG_I_LE_D], arg[0],
                      ins->arg[0], ins->arg[1]);
        else if (is_comparison(ins->op) && !vector_arg(vm, s, 0) && vector_arg(vm, s, 1) &&
                 reader->ins->op == EG_I_AND_B && arg[0] != arg[1] &&
                 vector_arg(vm, reader, 0) && vector_arg(vm, reader, 1))
            fuse_pair(vm, k, next, vm->set->both[ins->op == EG_I_LE_D], ins->arg[0],
                      ins->arg[1], arg[0] == s->out ? arg[1] : arg[0]);
    }
}

void eg_vm_fuse(eg_vm *vm)
{
    fuse_sums(vm);
    fuse_comparisons(vm);
}
