/* exec.h - the seam: a program becomes a kernel, a kernel runs over elements
 *
 * Back ends:
 *   strict   statement by statement, this machine's libm, no contraction; in blocks where that
 *            cannot be told from element by element. Checks what Brian2 checks (division by
 *            zero under the runtime dialect: E_NUMERIC, earlier elements stay stored). The
 *            oracle of the others.
 *   vm       block by block, vector kernels (own exp family, SLEEF for the rest), chosen by
 *            CPU; same bits for every block size and instruction set. Programs whose element
 *            order is observable (draws that a branch may skip, shared targets) are run as
 *            `strict` runs them, with the same arithmetic.
 * Whether subnormal numbers count as zero is the caller's (flush.h); functions of the host's
 * always see them.
 */
#ifndef EG_EXEC_EXEC_H
#define EG_EXEC_EXEC_H

#include "common/rng.h"
#include "ir/program.h"

typedef struct eg_kernel eg_kernel;

/* What one run works on. Plain data, filled by the caller, borrowed during the call. */
typedef struct eg_frame {
    void *const *base;    /* [eg_program_slot_count]: start of each slot's array or buffer */
    const int32_t *index; /* element numbers [count]; NULL: first, first + 1, ... */
    uint64_t first;
    uint64_t count;
    uint64_t position; /* of the first element in outputs and `turn`; 0 but for parts */
    /* What is written through VIA are pairwise different places, or nothing is: blocks are then
     * allowed, if `index` ascends or no ELEMENT is stored (an element may come twice in it). */
    bool distinct;
    eg_rng *rng; /* may be NULL if the program draws nothing; its place is the caller's */
    const uint32_t *turn; /* [count] for eg_rng_element; NULL: no element comes twice */
} eg_frame;

typedef struct eg_exec_options {
    const char *isa; /* "", or force "sse2", "avx2", "avx512" (E_UNSUPPORTED if absent) */
    uint32_t block;  /* 0: default */
} eg_exec_options;

/* Compile a program; the kernel keeps `program` (which must outlive it) and owns scratch
 * memory; not shared between threads. math STRICT gives the strict back end, FAST the vm.
 * The program must have been lowered for the same math. */
engram_status eg_kernel_new(eg_kernel **out, const eg_program *program, eg_math math,
                            const eg_exec_options *options, const engram_alloc *alloc,
                            engram_error *err);
void eg_kernel_free(eg_kernel *kernel); /* NULL allowed */
/* Nanoseconds an element takes, very roughly. */
double eg_kernel_cost(const eg_kernel *kernel);
/* May the elements of a frame be run in parts, by several kernels of the program at once? Not
 * where one sees what another writes, where draws come from one stream, where a division by
 * zero must leave later elements alone, or where the host is called. */
bool eg_kernel_separable(const eg_kernel *kernel, const eg_frame *frame);
const eg_program *eg_kernel_program(const eg_kernel *kernel);

/* Run scalar part, then the elements in order. Nothing is allocated. E_NUMERIC with the
 * element number, E_INTERRUPTED if a function of the host's failed; the executable's name is
 * put in front by the caller. */
engram_status eg_kernel_run(eg_kernel *kernel, const eg_frame *frame, engram_error *err);

/* target[post[k]] += w[k] (or the constant) for k = 0 .. count-1, in order. */
void eg_deliver_constant(double *target, const uint32_t *post, uint64_t count, double w);
void eg_deliver_weights(double *target, const uint32_t *post, const double *w, uint64_t count);
/* Positions k in [0, n) with mask[k] != 0, ascending, plus `offset`, into out (room for n).
 * Returns how many. */
typedef uint32_t eg_compact_fn(int32_t *out, const uint8_t *mask, uint32_t n, int32_t offset);
eg_compact_fn *eg_compact(void); /* the one of this machine */

/* Which instruction set the vm chose ("avx512"), and the libm variant for the records. */
const char *eg_exec_isa(const eg_exec_options *options);

#endif
