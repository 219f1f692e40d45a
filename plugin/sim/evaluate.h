/* evaluate.h - expressions of setup steps, run through the same statements and kernels as a
 * simulation: there is no second evaluator.
 */
#ifndef EG_SIM_EVALUATE_H
#define EG_SIM_EVALUATE_H

#include "common/rng.h"
#include "exec/exec.h"
#include "ir/derive.h"
#include "sim/store.h"

/* What connects look at while a synapse is being made: one element each. */
typedef struct eg_ends {
    int32_t i, j;      /* within the slices */
    int32_t pre, post; /* absolute */
    int32_t inner;     /* the generator's variable */
} eg_ends;

typedef struct eg_evaluation {
    eg_store *store;
    const eg_net *net;
    eg_rng *rng;
    eg_arena *arena;   /* of this setup step */
    const char *where; /* "setup step 3 (connect synapses)" */
    eg_ends *ends;     /* connects; else NULL */
} eg_evaluation;

typedef struct eg_evaluator {
    eg_kernel *kernel;
    eg_frame frame;
    double number; /* output of a float64 expression */
    int32_t integer;
    uint8_t truth;
    bool draws;
    bool sees_inner, sees_pre, sees_post; /* connects: what it depends on */
    const eg_evaluation *context;
} eg_evaluator;

/* Compile `request`; the evaluator must not move afterwards and is released with
 * eg_evaluator_clear. Its output, if it has one, is one element of type bool, int32 or
 * float64. Errors carry context->where. */
engram_status eg_evaluator_init(eg_evaluator *out, const eg_evaluation *context,
                                const eg_setup_code *request, engram_error *err);
void eg_evaluator_clear(eg_evaluator *evaluator); /* zeroed: allowed */
/* Run over elements [first, first + count), or over index[0 .. count-1] if not NULL. */
engram_status eg_evaluate(eg_evaluator *evaluator, const int32_t *index, uint64_t first,
                          uint64_t count, engram_error *err);

#endif
