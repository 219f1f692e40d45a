/* kernels.h - one instruction set's kernels
 *
 * Each pure operation has up to seven kernels, by which of its operands are scalars: bit k
 * of the mask says that operand k points to one value instead of n. The loops are plain C
 * that compilers vectorise; fma() is the only contraction, so all sets give the same bits.
 */
#ifndef EG_EXEC_KERNELS_H
#define EG_EXEC_KERNELS_H

#include "exec/exec_private.h"

typedef void eg_kernel_fn(void *out, const void *a, const void *b, const void *c, size_t n);

/* Several instructions in one pass; what the operands are is said with each table. */
typedef void eg_fused_fn(void *out, const void *const *operand, size_t n);
enum { EG_FUSED_TERMS = 4, EG_FUSED_OPERANDS = 1 + 2 * EG_FUSED_TERMS + 2 };

typedef struct eg_kernel_set {
    const char *isa;
    eg_kernel_fn *fn[EG_I_COUNT][7];
    eg_kernel_fn *by_hand[EG_I_COUNT][3]; /* taken instead where set */
    /* fma(x, c, ... fma(x, c, start)): [start is a vector][terms - 1][choice]; operands start,
     * x and c of each term; then for choice 1 (sum where the mask is true) and 2 (where it is
     * false) the mask and the other value. c is a scalar. */
    eg_fused_fn *sum[2][EG_FUSED_TERMS][3];
    eg_fused_fn *apart[2]; /* c < s - x, c <= s - x; operands scalars c and s, vector x */
    eg_fused_fn *both[2];  /* c < x and b, c <= x and b; operands scalar c, vectors x and b */
    eg_interp_run *run;    /* element by element, same arithmetic */
    eg_compact_fn *compact;
} eg_kernel_set;

extern const eg_kernel_set eg_kernels_base;
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define EG_HAS_X86_KERNELS 1
extern const eg_kernel_set eg_kernels_avx2, eg_kernels_avx512;
#endif

/* The set that the options or the CPU choose; NULL if the forced one is absent. */
const eg_kernel_set *eg_kernels_choose(const eg_exec_options *options);

#endif
