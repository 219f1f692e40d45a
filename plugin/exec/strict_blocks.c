/* strict_blocks.c - strict mode, block by block where nobody can tell
 *
 * Each instruction runs over a block of elements: the operation, the function of libm and the
 * order that strict.c has for each of them, so the same bits, and one dispatch for many. A
 * branch sends some elements on and leaves others: `resume[k]` is the instruction where
 * element k goes on, and between a branch and what it leads to, instructions change only those
 * that have not gone ahead.
 *
 * Draws that every element makes are made in front of the block, element by element, as the
 * stream has them. Where a check for a division by zero fails, the block has not stored
 * anything yet; what it has drawn it gives back, and it is run once more element by element, up
 * to that one.
 *
 * One element at a time remains what shows its order: elements that read what others write,
 * several draws behind a branch, functions of the host's, and checks behind a store, which
 * lowering never makes. Propagators remain, too: they are kept from one element to the next.
 * What cannot be promised is the sign and payload of a NaN made of two: compilers swap
 * operands.
 *
 * A register that has one value for all elements (made once, from such ones) stays with the
 * scalars and is computed once a block.
 */
#include "exec/block.h"
#include "exec/kernels/kernels.h"
#include "exec/libm.h"
#include "ir/scalar_ops.h"

#include "exec/kernels/loops_body.h"

enum { DEFAULT_BLOCK = 128, FEW = 2, ALIGN = 64 };

static eg_kernel_fn *const loops[EG_I_COUNT][7] = {
#include "exec/kernels/loops_table.h"
};

typedef struct step {
    eg_kernel_fn *fn; /* NULL: special */
    uint32_t size;    /* of its result, bytes */
    bool single;      /* all operands have one value */
    bool target;      /* a branch leads here */
} step;

struct eg_blocks {
    const eg_program *program;
    uint32_t block;
    step *step;    /* [instruction + 1] */
    void **at;     /* [register] its row of values, or its one value */
    bool *same;    /* [register] one value */
    char *scratch; /* rows; the last is `spare` */
    size_t scratch_size;
    void *spare;
    uint32_t *resume;    /* [block] */
    uint8_t *active;     /* [block] */
    const eg_ins **draw; /* [draw_count] in the order of the code */
    uint32_t draw_count, uniforms, normals;
    bool in_front; /* each element makes all draws: before the block's first instruction */
    bool rewinds;  /* a check may fail after a draw */
    eg_rng_bookmark stream;
};

typedef enum outcome { GOES_ON, DIVIDED } outcome;

/* ---- what may run in blocks -------------------------------------------------------------- */

/* Does each element make all draws, and can it before all else? Their registers hold the
 * numbers from the start: nothing else may make these. */
static bool draws_come_first(const eg_program *p)
{
    const eg_code_part *code = &p->vector;
    bool branched = false;
    for (uint32_t k = 0; k < code->count; k++) {
        const eg_ins *ins = &code->item[k];
        branched = branched || eg_ins_branches(ins);
        if (!eg_ins_draws(ins))
            continue;
        if (branched || !eg_ins_draws_plain(ins))
            return false;
        for (uint32_t j = 0; j < code->count; j++)
            if (j != k && code->item[j].out == ins->out)
                return false;
    }
    return true;
}

/* Sets how the code draws. False: it must run element by element. */
static bool plan(eg_blocks *b)
{
    const eg_code_part *code = &b->program->vector;
    bool plain = true, stored = false, checks = false;
    for (uint32_t k = 0; k < code->count; k++) {
        const eg_ins *ins = &code->item[k];
        if (ins->op == EG_I_CALL || ins->op == EG_I_PROPAGATOR)
            return false;
        if (eg_ins_checks(ins)) {
            if (stored || !plain)
                return false; /* no way back */
            checks = true;
            b->rewinds = b->draw_count > 0;
        }
        stored = stored || ins->op == EG_I_STORE;
        if (!eg_ins_draws(ins))
            continue;
        plain = plain && eg_ins_draws_plain(ins);
        b->draw_count++;
        b->uniforms += ins->op == EG_I_RAND;
        b->normals += ins->op == EG_I_RANDN;
    }
    b->in_front = b->draw_count && draws_come_first(b->program);
    b->rewinds = b->rewinds || (b->in_front && checks);
    return code->count > 0 && (b->draw_count <= 1 || b->in_front) &&
           !eg_program_interacts(b->program);
}

/* ---- compile ----------------------------------------------------------------------------- */

/* The k-th register that an instruction reads, or EG_NO_REG behind the last. */
static int32_t operand(const eg_ins *ins, uint32_t k)
{
    for (uint32_t j = 0; j < 3; j++)
        if (ins->arg[j] != EG_NO_REG && k-- == 0)
            return ins->arg[j];
    return k < ins->list_count ? ins->list[k] : EG_NO_REG;
}

static bool has_one_value(const eg_blocks *b, const eg_ins *ins)
{
    if (eg_ins_draws(ins))
        return false;
    if (ins->op == EG_I_LOAD)
        return b->program->slot[ins->imm].kind == EG_SLOT_ARRAY &&
               b->program->slot[ins->imm].index == EG_INDEX_ZERO;
    int32_t r;
    for (uint32_t k = 0; (r = operand(ins, k)) != EG_NO_REG; k++)
        if (!b->same[r])
            return false;
    return true;
}

/* Registers by how often they are made; `made` is [register]. */
static void find_same(eg_blocks *b, uint32_t *made)
{
    const eg_program *p = b->program;
    for (uint32_t k = 0; k < p->vector.count; k++)
        if (p->vector.item[k].out != EG_NO_REG)
            made[p->vector.item[k].out]++;
    for (uint32_t r = 0; r < p->reg_count; r++)
        b->same[r] = p->reg[r].kind != EG_REG_VECTOR;
    for (uint32_t k = 0; k < p->vector.count; k++) {
        const eg_ins *ins = &p->vector.item[k];
        if (ins->out != EG_NO_REG && made[ins->out] == 1)
            b->same[ins->out] = has_one_value(b, ins);
    }
}

static void make_steps(eg_blocks *b)
{
    const eg_program *p = b->program;
    for (uint32_t k = 0; k < p->vector.count; k++) {
        const eg_ins *ins = &p->vector.item[k];
        step *s = &b->step[k];
        if (eg_ins_branches(ins))
            b->step[ins->imm].target = true;
        if (ins->out != EG_NO_REG)
            s->size = (uint32_t)eg_dtype_size(p->reg[ins->out].type);
        if (eg_op(ins->op)->special)
            continue;
        unsigned mask = 0;
        for (uint8_t j = 0; j < eg_op(ins->op)->args; j++)
            mask |= b->same[ins->arg[j]] ? 1u << j : 0u;
        s->single = has_one_value(b, ins);
        s->fn = loops[ins->op][s->single ? 0 : mask];
    }
}

/* A row from where a register is first made (a draw in front: from the start) to where it is
 * last read or made; an output never shares a row with an operand. `born` and `dies` are
 * [register], `free_row` has room for all.
 */
static uint32_t give_rows(const eg_blocks *b, uint32_t *row, uint32_t *born, uint32_t *dies,
                          uint32_t *free_row)
{
    const eg_code_part *code = &b->program->vector;
    uint32_t rows = 0, free_count = 0;
    int32_t r;
    for (uint32_t k = code->count; k-- > 0;) {
        const eg_ins *ins = &code->item[k];
        for (uint32_t j = 0; (r = operand(ins, j)) != EG_NO_REG; j++)
            dies[r] = dies[r] > k ? dies[r] : k;
        if (ins->out != EG_NO_REG) {
            dies[ins->out] = dies[ins->out] > k ? dies[ins->out] : k;
            born[ins->out] = k;
        }
    }
    for (uint32_t k = 0; b->in_front && k < b->draw_count; k++)
        row[b->draw[k]->out] = rows++;
    for (uint32_t k = 0; k < code->count; k++) {
        const eg_ins *ins = &code->item[k];
        const int32_t out = ins->out;
        if (out != EG_NO_REG && !b->same[out] && born[out] == k &&
            !(b->in_front && eg_ins_draws(ins)))
            row[out] = free_count ? free_row[--free_count] : rows++;
        for (uint32_t j = 0; (r = operand(ins, j)) != EG_NO_REG; j++)
            if (!b->same[r] && dies[r] == k) {
                free_row[free_count++] = row[r];
                dies[r] = UINT32_MAX; /* an operand twice */
            }
        if (out != EG_NO_REG && !b->same[out] && dies[out] == k)
            free_row[free_count++] = row[out];
    }
    return rows;
}

static bool make_rows(eg_blocks *b, eg_kernel *kernel)
{
    const eg_program *p = b->program;
    const engram_alloc *alloc = kernel->alloc;
    const size_t n = (size_t)p->reg_count + 1;
    uint32_t *work = eg_calloc_array(alloc, 5 * n, sizeof *work);
    if (!work)
        return false;
    uint32_t *row = work + n;
    find_same(b, work);
    make_steps(b);
    const uint32_t rows = give_rows(b, row, work + 2 * n, work + 3 * n, work + 4 * n);
    const size_t width = (size_t)b->block * sizeof(double);
    const size_t stride = (width + ALIGN - 1) / ALIGN * ALIGN;
    b->scratch_size = stride * ((size_t)rows + 1);
    b->scratch = eg_calloc_aligned(alloc, b->scratch_size, ALIGN);
    if (b->scratch) {
        b->spare = b->scratch + stride * rows;
        for (uint32_t r = 0; r < p->reg_count; r++)
            b->at[r] =
                b->same[r] ? (void *)&kernel->reg[r] : (void *)(b->scratch + row[r] * stride);
    }
    eg_free(alloc, work, 5 * n * sizeof *work);
    return b->scratch;
}

engram_status eg_blocks_new(eg_blocks **out, eg_kernel *kernel, const eg_exec_options *options,
                            engram_error *err)
{
    *out = NULL;
    const eg_program *p = kernel->program;
    const uint32_t block = options && options->block ? options->block : DEFAULT_BLOCK;
    eg_blocks found = {.program = p, .block = block};
    if (block < FEW || !plan(&found))
        return ENGRAM_OK;
    const engram_alloc *alloc = kernel->alloc;
    eg_blocks *b = eg_calloc(alloc, sizeof *b);
    if (!b)
        return eg_fail_memory(err, "a kernel");
    *out = b;
    *b = found;
    const size_t steps = (size_t)p->vector.count + 1, regs = (size_t)p->reg_count + 1;
    b->step = eg_calloc_array(alloc, steps, sizeof *b->step);
    b->at = eg_calloc_array(alloc, regs, sizeof *b->at);
    b->same = eg_calloc_array(alloc, regs, sizeof *b->same);
    b->resume = eg_calloc_array(alloc, block, sizeof *b->resume);
    b->active = eg_calloc_array(alloc, block, sizeof *b->active);
    b->draw = eg_calloc_array(alloc, steps, sizeof *b->draw);
    if (!b->step || !b->at || !b->same || !b->resume || !b->active || !b->draw)
        return eg_fail_memory(err, "a kernel");
    for (uint32_t k = 0, n = 0; k < p->vector.count; k++)
        if (eg_ins_draws(&p->vector.item[k]))
            b->draw[n++] = &p->vector.item[k];
    if (!make_rows(b, kernel))
        return eg_fail_memory(err, "a kernel");
    return ENGRAM_OK;
}

void eg_blocks_free(eg_blocks *b, const engram_alloc *alloc)
{
    if (!b)
        return;
    const size_t steps = (size_t)b->program->vector.count + 1;
    const size_t regs = (size_t)b->program->reg_count + 1;
    eg_free(alloc, b->step, steps * sizeof *b->step);
    eg_free(alloc, b->at, regs * sizeof *b->at);
    eg_free(alloc, b->same, regs * sizeof *b->same);
    eg_free(alloc, b->resume, b->block * sizeof *b->resume);
    eg_free(alloc, b->active, b->block * sizeof *b->active);
    eg_free(alloc, b->draw, steps * sizeof *b->draw);
    eg_free_aligned(alloc, b->scratch, b->scratch_size, ALIGN);
    eg_free(alloc, b, sizeof *b);
}

/* ---- run --------------------------------------------------------------------------------- */

typedef struct run {
    eg_blocks *b;
    eg_interp *x;
    eg_block at;
    uint32_t pc;
    bool mixed; /* some elements have gone ahead: `active` and `resume` count */
} run;

static bool is_active(const run *r, uint32_t k)
{
    return !r->mixed || r->b->active[k];
}

/* Element k of an operand, where functions of exec.c look for it. */
static void bring(const run *r, const eg_ins *ins, uint32_t k)
{
    int32_t reg;
    for (uint32_t j = 0; (reg = operand(ins, j)) != EG_NO_REG; j++) {
        if (r->b->same[reg])
            continue;
        const uint32_t size = (uint32_t)eg_dtype_size(r->b->program->reg[reg].type);
        eg_copy_value(&r->x->reg[reg], (const char *)r->b->at[reg] + (size_t)k * size, size);
    }
}

/* Values of the spare row, or its first where `stride` is 0, of the elements that are here. */
static void blend(const run *r, void *to, uint32_t size, uint32_t stride)
{
    const char *from = r->b->spare;
    for (uint32_t k = 0; k < r->at.count; k++)
        if (is_active(r, k))
            eg_copy_value((char *)to + (size_t)k * size, from + (size_t)k * stride, size);
}

static void run_pure(const run *r, const eg_ins *ins)
{
    const eg_blocks *b = r->b;
    const step *s = &b->step[r->pc];
    const void *operand_at[3];
    for (int j = 0; j < 3; j++)
        operand_at[j] = b->at[ins->arg[ins->arg[j] == EG_NO_REG ? 0 : j]];
    const bool direct = s->single ? b->same[ins->out] : !r->mixed;
    s->fn(direct ? b->at[ins->out] : b->spare, operand_at[0], operand_at[1], operand_at[2],
          s->single ? 1 : r->at.count);
    if (!direct)
        blend(r, b->at[ins->out], s->size, s->single ? 0 : s->size);
}

static void run_load(const run *r, const eg_ins *ins)
{
    const eg_place *place = &r->x->place[ins->imm];
    void *const out = r->b->at[ins->out];
    if (r->b->same[ins->out])
        eg_copy_value(out, place->base, place->size);
    else if (!r->mixed)
        eg_block_gather(out, place, &r->at);
    else
        for (uint32_t k = 0; k < r->at.count; k++)
            if (r->b->active[k])
                eg_copy_value((char *)out + k * place->size,
                              place->base + eg_block_place(place, &r->at, k) * place->size,
                              place->size);
}

static void run_store(const run *r, const eg_ins *ins)
{
    const eg_place *place = &r->x->place[ins->imm];
    const char *from = r->b->at[ins->arg[0]];
    const uint32_t stride = r->b->same[ins->arg[0]] ? 0 : 1;
    if (!r->mixed) {
        eg_block_scatter(place, &r->at, from, stride);
        return;
    }
    for (uint32_t k = 0; k < r->at.count; k++)
        if (r->b->active[k])
            eg_copy_value(place->base + eg_block_place(place, &r->at, k) * place->size,
                          from + (size_t)k * stride * place->size, place->size);
}

/* Is a value zero, of `count` or, if `active` is not NULL, of those where it is true? */
#define HAS_ZERO(name, type)                                                                   \
    static bool has_zero_##name(const void *row, const uint8_t *active, uint32_t count)        \
    {                                                                                          \
        const type *const value = row;                                                         \
        uint32_t found = 0;                                                                    \
        for (uint32_t k = 0; k < count; k++)                                                   \
            found |= (value[k] == 0) & (active ? active[k] : 1u);                              \
        return found;                                                                          \
    }
HAS_ZERO(d, double)
HAS_ZERO(f, float)
HAS_ZERO(l, int64_t)
HAS_ZERO(i, int32_t)

static outcome run_check(const run *r, const eg_ins *ins)
{
    const void *row = r->b->at[ins->arg[0]];
    const bool same = r->b->same[ins->arg[0]];
    const uint8_t *active = r->mixed && !same ? r->b->active : NULL;
    const uint32_t count = same ? 1 : r->at.count;
    bool divided;
    switch (ins->op) {
    case EG_I_NONZERO_D:
        divided = has_zero_d(row, active, count);
        break;
    case EG_I_NONZERO_F:
        divided = has_zero_f(row, active, count);
        break;
    case EG_I_NONZERO_L:
        divided = has_zero_l(row, active, count);
        break;
    default:
        divided = has_zero_i(row, active, count);
    }
    return divided ? DIVIDED : GOES_ON;
}

/* The only draw of the code: element by element is the order of the stream. */
static void run_draw(const run *r, const eg_ins *ins)
{
    eg_interp *x = r->x;
    char *const out = r->b->at[ins->out];
    const uint32_t size = r->b->step[r->pc].size;
    for (uint32_t k = 0; k < r->at.count; k++) {
        if (!is_active(r, k))
            continue;
        if (x->keyed)
            eg_rng_element(x->rng, eg_block_element(&r->at, k),
                           x->turn ? x->turn[r->at.position + k] : 0);
        bring(r, ins, k);
        const eg_value value = eg_exec_draw(x, ins);
        eg_copy_value(out + (size_t)k * size, &value, size);
    }
}

static void run_table(const run *r, const eg_ins *ins)
{
    const bool same = r->b->same[ins->out];
    double *const out = r->b->at[ins->out];
    for (uint32_t k = 0; k < (same ? 1 : r->at.count); k++) {
        if (!same && !is_active(r, k))
            continue;
        bring(r, ins, k);
        out[k] = eg_exec_table(r->x, ins);
    }
}

/* Elements that have not gone ahead of `pc`; where there are none, on to where one is. */
static void look_who_is_here(run *r)
{
    const eg_blocks *b = r->b;
    uint32_t here = 0, next = UINT32_MAX;
    for (uint32_t k = 0; k < r->at.count; k++)
        next = b->resume[k] < next ? b->resume[k] : next;
    r->pc = next > r->pc ? next : r->pc;
    for (uint32_t k = 0; k < r->at.count; k++) {
        b->active[k] = b->resume[k] <= r->pc;
        here += b->active[k];
    }
    r->mixed = here < r->at.count;
}

static void run_branch(run *r, const eg_ins *ins)
{
    eg_blocks *b = r->b;
    const bool same = b->same[ins->arg[0]], when = ins->op == EG_I_BRANCH_TRUE;
    const uint8_t *condition = b->at[ins->arg[0]];
    uint32_t gone = 0;
    for (uint32_t k = 0; k < r->at.count; k++)
        gone += is_active(r, k) && (condition[same ? 0 : k] != 0) == when;
    r->pc++;
    if (!gone)
        return;
    if (!r->mixed)
        memset(b->resume, 0, r->at.count * sizeof *b->resume);
    for (uint32_t k = 0; k < r->at.count; k++)
        if (is_active(r, k) && (condition[same ? 0 : k] != 0) == when)
            b->resume[k] = ins->imm;
    look_who_is_here(r);
}

static outcome run_block(run *r)
{
    const eg_code_part *code = &r->b->program->vector;
    outcome done = GOES_ON;
    while (done == GOES_ON && r->pc < code->count) {
        if (r->mixed && r->b->step[r->pc].target)
            look_who_is_here(r);
        const eg_ins *ins = &code->item[r->pc];
        if (r->b->step[r->pc].fn)
            run_pure(r, ins);
        else if (ins->op == EG_I_LOAD)
            run_load(r, ins);
        else if (ins->op == EG_I_STORE)
            run_store(r, ins);
        else if (eg_ins_branches(ins)) {
            run_branch(r, ins);
            continue;
        } else if (eg_ins_checks(ins))
            done = run_check(r, ins);
        else if (eg_ins_draws(ins)) {
            if (!r->b->in_front)
                run_draw(r, ins);
        } else
            run_table(r, ins);
        r->pc++;
    }
    return done;
}

static bool run_one_by_one(const run *r)
{
    return eg_strict_run(r->x, &r->b->program->vector, r->at.index, r->at.first, r->at.count,
                         r->at.position);
}

bool eg_blocks_run(eg_blocks *b, eg_interp *x, const eg_frame *frame)
{
    if (frame->count < FEW || !eg_block_apart(x->kernel, frame))
        return eg_strict_run(x, &b->program->vector, frame->index, frame->first, frame->count,
                             frame->position);
    run r = {.b = b, .x = x};
    for (uint64_t done = 0; done < frame->count; done += b->block) {
        r.at = eg_block_of(frame, done, b->block);
        r.pc = 0;
        r.mixed = false;
        const size_t count = r.at.count;
        if (b->rewinds &&
            !eg_rng_mark(&b->stream, x->rng, count * b->uniforms, count * b->normals)) {
            if (!run_one_by_one(&r))
                return false;
            continue;
        }
        if (b->in_front)
            eg_block_draw(x, &r.at, b->draw, b->draw_count, b->at);
        if (run_block(&r) == GOES_ON)
            continue;
        if (b->rewinds)
            eg_rng_rewind(x->rng, &b->stream);
        return run_one_by_one(&r);
    }
    return true;
}
