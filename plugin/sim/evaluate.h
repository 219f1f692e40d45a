/* evaluate.h - expressions of setup steps, run through the same statements and kernels as a
 * simulation: there is no second evaluator.
 */
#ifndef EG_SIM_EVALUATE_H
#define EG_SIM_EVALUATE_H

#include "common/rng.h"
#include "exec/exec.h"
#include "ir/derive.h"
#include "sim/store.h"

enum { EG_EVALUATED = 256 }; /* elements of an expression with an output at a time, at most */

/* What connects look at while synapses are being made, an element for each candidate. */
typedef struct eg_ends {
    int32_t i[EG_EVALUATED], j[EG_EVALUATED];      /* within the slices */
    int32_t pre[EG_EVALUATED], post[EG_EVALUATED]; /* absolute */
    int32_t inner[EG_EVALUATED];                   /* the generator's variable */
} eg_ends;

typedef struct eg_evaluation {
    eg_store *store;
    const eg_net *net;
    eg_rng *rng;
    eg_arena *arena;   /* of this setup step */
    const char *where; /* "setup step 3 (connect synapses)" */
    /* Functions of the network that the host gives: they are called, whatever body they have.
     */
    const char *const *native_name; /* [native_count] */
    eg_native *native;
    size_t native_count;
    eg_ends *ends; /* connects; else NULL */
} eg_evaluation;

typedef struct eg_evaluator {
    eg_kernel *kernel;
    eg_frame frame;
    union {
        double number[EG_EVALUATED]; /* output of a float64 expression */
        int32_t integer[EG_EVALUATED];
        uint8_t truth[EG_EVALUATED];
    };
    bool draws;
    /* Connects: what it depends on. Brian2 takes the name j for the generator's, whichever
     * side is the outer one, and the name i for the source's index. */
    bool sees_inner, sees_pre, sees_post;
    const eg_evaluation *context;
    const eg_cell *shortest; /* of the arrays that it reads or writes by element, or NULL */
} eg_evaluator;

/* Compile `request`; the evaluator must not move afterwards and is released with
 * eg_evaluator_clear. Its output, if it has one, is of type bool, int32 or float64, one for
 * each element of a call, at most EG_EVALUATED. Errors carry context->where. */
engram_status eg_evaluator_init(eg_evaluator *out, const eg_evaluation *context,
                                const eg_setup_code *request, engram_error *err);
void eg_evaluator_clear(eg_evaluator *evaluator); /* zeroed: allowed */
/* Run over elements [first, first + count), or over index[0 .. count-1] if not NULL, which are
 * not negative. E_LIMIT if an array has fewer. */
engram_status eg_evaluate(eg_evaluator *evaluator, const int32_t *index, uint64_t first,
                          uint64_t count, engram_error *err);

#endif
