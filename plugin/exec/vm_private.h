/* vm_private.h - the block interpreter's code, for vm.c and fuse.c */
#ifndef EG_EXEC_VM_PRIVATE_H
#define EG_EXEC_VM_PRIVATE_H

#include "exec/exec_private.h"
#include "exec/kernels/kernels.h"

typedef struct eg_vm_step {
    eg_kernel_fn *fn;     /* NULL: fused, special or gone */
    eg_fused_fn *fused;   /* several instructions at once */
    const eg_ins *ins;    /* the last of them */
    int32_t out, a, b, c; /* registers; a, b, c the first when unused */
    uint32_t operand_count;
    int32_t operand[EG_FUSED_OPERANDS]; /* fused: registers; `reg_count` is -0.0 */
    bool direct; /* LOAD, STORE: nothing to do where the element order is memory order */
    bool gone;   /* part of a fused step */
} eg_vm_step;

/* A register that is array memory during a block. */
typedef struct eg_vm_window {
    int32_t reg;
    uint32_t slot;
} eg_vm_window;

struct eg_vm {
    const eg_kernel_set *set;
    const eg_program *program;
    uint32_t block;
    eg_vm_step *step; /* in the order of the program's vector part */
    uint32_t step_count;
    eg_vm_step *moving; /* those with something to do where element order is memory order */
    uint32_t moving_count;
    eg_vm_window *window;
    uint32_t window_count;
    void **at;     /* [reg] where a register is, now; [reg_count]: -0.0 */
    void **row_of; /* [reg] its scratch row, or its scalar value */
    char *scratch;
    size_t scratch_size;
    double *wide; /* [arguments][block]: scalars as rows, for functions of the host's */
    size_t wide_count;
    /* The scalar part again and again: only what follows from loads that have changed. */
    bool remembers;    /* it stores and draws nothing: its registers keep their values */
    bool ran;          /* they have some */
    uint64_t *follows; /* [scalar instruction] from which loads, a bit each; then [register] */
    eg_ins *due;       /* [due_count] what the loads `due_for` lead to */
    uint32_t due_count;
    uint64_t due_for;
    const eg_ins **draw; /* [draw_count] of the vector part, in its order */
    uint32_t draw_count;
};

bool eg_vm_is_vector(const eg_program *program, int32_t reg);
bool eg_vm_same_memory(const eg_slot *a, const eg_slot *b);
bool eg_vm_step_reads(const eg_vm_step *step, int32_t reg);

/* Join steps whose intermediate values nobody else reads: sums of scalar * vector, then a
 * choice; a comparison of a difference; a comparison and a condition. The same operations in
 * the same order on every element, so the same bits; fewer passes over memory. */
void eg_vm_fuse(eg_vm *vm);

#endif
