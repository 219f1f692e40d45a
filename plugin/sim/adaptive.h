/* adaptive.h - state updates by GSL: statements give derivatives, a stepper takes the steps
 *
 * Time and variables of the code are not those of the store but the stepper's, so the bindings
 * of `t` and of the variables are turned to cells of eg_adaptive. What lasts from step to step
 * (_last_timestep, counts) lies in ordinary arrays of the store.
 */
#ifndef EG_SIM_ADAPTIVE_H
#define EG_SIM_ADAPTIVE_H

#include "exec/exec.h"
#include "ir/adaptive.h"
#include "ode/provider.h"
#include "sim/store.h"

/* Owner of the bindings that are turned. */
#define EG_ADAPTIVE_OWNER "_stepper"

typedef struct eg_adaptive {
    const eg_ode_provider *provider;
    eg_ode *ode;
    eg_adaptive_options options;
    const char *name; /* of the executable, for messages */
    uint32_t count;   /* variables */
    eg_cell **variable;
    double *y;              /* what the code reads */
    double *state;          /* what the stepper advances */
    double t;               /* what the code reads as t */
    const double *now, *dt; /* of the clock */
    double *last;           /* [elements] or NULL */
    int32_t *failed, *steps;
    eg_kernel *kernel;
    eg_frame frame;       /* of one element */
    void **base;          /* of the frame */
    uint32_t *output;     /* slot of each rate */
    engram_status status; /* of the kernel, where it stopped a step */
    engram_error *err;
} eg_adaptive;

/* Before lowering: options, variables, and `turned`, the executable with its bindings turned.
 * All of it lives in `arena`. E_PROVIDER where GSL is not there; E_UNSUPPORTED, E_SCHEMA,
 * E_REFERENCE, E_LIMIT for what does not fit together; E_MEMORY. */
engram_status eg_adaptive_new(eg_adaptive **out, eg_executable *turned, const eg_store *store,
                              const eg_network *network, const eg_executable *code,
                              uint64_t elements, eg_arena *arena, engram_error *err);
/* Where a turned binding of that variable lies. */
void *eg_adaptive_cell(eg_adaptive *a, const char *variable);
/* After: the kernel's frame, and the stepper. Entries of _last_timestep that were never set
 * begin with dt. eg_adaptive_free closes the stepper. */
engram_status eg_adaptive_start(eg_adaptive *a, eg_kernel *kernel, void **base,
                                const eg_frame *frame, uint64_t elements, double *now,
                                const double *dt, const engram_alloc *alloc, engram_error *err);
void eg_adaptive_free(eg_adaptive *a); /* NULL allowed */

/* One time step of all elements. E_NUMERIC names the element whose step failed; those before
 * it are stored. */
engram_status eg_adaptive_step(eg_adaptive *a, uint64_t elements, engram_error *err);

/* Whether the executable integrates that variable. */
bool eg_adaptive_writes(const eg_executable *code, const char *owner, const char *variable);

#endif
