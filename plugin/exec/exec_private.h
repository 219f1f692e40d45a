/* exec_private.h - what the back ends share: a kernel, resolved slots, the interpreter
 *
 * interp_body.h is one dispatch loop over elements. strict.c compiles it over libm, and
 * strict_blocks.c does the same a block at a time where that cannot be told; each
 * instruction set of the vm compiles it over the vm's own functions, for programs whose
 * elements must run one after the other.
 */
#ifndef EG_EXEC_PRIVATE_H
#define EG_EXEC_PRIVATE_H

#include "exec/exec.h"
#include "exec/propagator.h"
#include "ir/program_private.h"

#include <string.h>

typedef struct eg_vm eg_vm;
typedef struct eg_blocks eg_blocks;

/* A slot during one run. */
typedef struct eg_place {
    char *base;
    const int32_t *via; /* VIA: the index array */
    uint32_t size;      /* of an element, bytes */
    eg_index_kind index;
    bool output; /* by position, not by element */
} eg_place;

struct eg_kernel {
    const eg_program *program;
    const engram_alloc *alloc;
    eg_math math;
    eg_value *reg;               /* [reg_count], constants filled in */
    eg_place *place;             /* [slot_count] */
    eg_propagators *propagators; /* NULL if the program has none */
    bool stores[3];              /* [eg_index_kind] the vector part does so in arrays */
    eg_vm *vm;                   /* math FAST */
    eg_blocks *blocks;           /* math STRICT; NULL: element by element */
};

typedef struct eg_interp {
    const eg_kernel *kernel;
    const eg_place *place;
    eg_value *reg;
    eg_rng *rng;
    const uint32_t *turn; /* by position; NULL: 0 */
    bool keyed;           /* the generator wants to know the element */
    uint64_t divided;     /* element that divided by zero */
    bool no_memory;
    const char *failed; /* function of the host's that did, or NULL */
} eg_interp;

/* Where element number `element`, the run's `position`, stands in the slot. */
static inline uint64_t eg_place_of(const eg_place *place, uint64_t element, uint64_t position)
{
    if (place->output)
        return position;
    if (place->index == EG_INDEX_ZERO)
        return 0;
    return place->index == EG_INDEX_VIA ? (uint64_t)(int64_t)place->via[element] : element;
}

/* Sizes are constants of a switch so that each copy is one move. */
static inline void eg_copy_value(void *to, const void *from, uint32_t size)
{
    if (size == 8)
        memcpy(to, from, 8);
    else if (size == 4)
        memcpy(to, from, 4);
    else
        memcpy(to, from, 1);
}

/* Run code for elements first, first + 1, ... or index[0 .. count-1]; positions start at
 * `position`. False: stopped at a division by zero (`divided`), without memory, or by the
 * host. */
typedef bool eg_interp_run(eg_interp *x, const eg_code_part *code, const int32_t *index,
                           uint64_t first, uint64_t count, uint64_t position);

eg_interp_run eg_strict_run;

/* Shared by both: a TimedArray's value (semantics 7.4), an entry of a propagator. */
double eg_exec_table(const eg_interp *x, const eg_ins *ins);
/* A function of the host's for one element, or for rows of several. False: it failed. */
bool eg_exec_call(eg_interp *x, const eg_ins *ins);
bool eg_exec_call_rows(eg_interp *x, const eg_ins *ins, uint64_t count,
                       const double *const *argument, double *result);
/* One draw of one element. */
eg_value eg_exec_draw(eg_interp *x, const eg_ins *ins);
double eg_exec_propagator(eg_interp *x, const eg_ins *ins);

/* The vm: E_UNSUPPORTED if the options ask for an instruction set that is absent. */
engram_status eg_vm_new(eg_vm **out, eg_kernel *kernel, const eg_exec_options *options,
                        engram_error *err);
void eg_vm_free(eg_vm *vm, const engram_alloc *alloc);
bool eg_vm_run(eg_vm *vm, eg_interp *x, const eg_frame *frame);

/* The vector part of a strict program in blocks, with the bits of eg_strict_run; no blocks for
 * one whose elements must run one after the other, or with a block of 1. */
engram_status eg_blocks_new(eg_blocks **out, eg_kernel *kernel, const eg_exec_options *options,
                            engram_error *err);
void eg_blocks_free(eg_blocks *blocks, const engram_alloc *alloc);
bool eg_blocks_run(eg_blocks *blocks, eg_interp *x, const eg_frame *frame);

#endif
