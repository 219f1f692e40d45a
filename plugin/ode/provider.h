/* provider.h - GSL's adaptive steppers behind a table of functions
 *
 * The code that includes gsl/ is a shared object of its own, libengram_gsl.so, opened when a
 * network names a gsl method and never before. GSL's licence asks that what is linked with it
 * is passed on under the GPL; the core is not linked with it (decision 10).
 *
 *     const eg_ode_provider *gsl;
 *     status = eg_ode_provider_get(&gsl, err);        the loader, links no GSL
 *     status = gsl->open(&ode, &system, dt, alloc, err);
 *     in each step: gsl->begin(ode), then for each element gsl->advance(ode, ...)
 *
 * What is called, in which order and with which numbers, is what Brian2 2.9 generates
 * (brian2/codegen/runtime/GSLcython_rt/templates/stateupdate.pyx).
 */
#ifndef EG_ODE_PROVIDER_H
#define EG_ODE_PROVIDER_H

#include "engram/alloc.h"
#include "engram/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EG_ODE_ABI UINT32_C(0x454f0001) /* "EO", 1: changed when an entry changes meaning */

typedef struct eg_ode eg_ode;

/* Derivatives of y at t into `rate`; both have `dimension` numbers. False stops the step. */
typedef bool eg_ode_rate(void *context, double t, const double *y, double *rate);

/* Borrowed until eg_ode_provider.close, `scale` during open only. */
typedef struct eg_ode_system {
    const char *stepper; /* rk2, rk4, rkf45, rkck or rk8pd */
    size_t dimension;    /* > 0 */
    const double *scale; /* [dimension] largest absolute error of one step */
    bool fixed;          /* one step of dt that fails if its error is larger */
    uint64_t max_steps;  /* adaptive: most steps; 0: any number */
    eg_ode_rate *rate;
    void *context;
} eg_ode_system;

typedef enum eg_ode_end {
    EG_ODE_DONE,
    EG_ODE_STOPPED, /* `rate` answered false */
    EG_ODE_FAILED,  /* the error cannot be had in this number of steps, or at all */
    EG_ODE_START    /* the first step asked for is not in (0, dt] */
} eg_ode_end;

typedef struct eg_ode_report {
    double last;   /* step size that the next one would begin with, seconds */
    int32_t steps; /* taken, and tried in vain */
    int32_t failed;
} eg_ode_report;

typedef struct eg_ode_provider {
    uint32_t abi; /* EG_ODE_ABI */
    size_t size;  /* of this struct, in the provider */

    /* Version of GSL in use, "2.7.1". Static. */
    const char *(*version)(void);

    /* A stepper for elements that are advanced by dt (seconds, > 0) each. Not shared between
     * threads. Errors: E_UNSUPPORTED (no such stepper), E_ARGUMENT (dt, dimension), E_MEMORY.
     */
    engram_status (*open)(eg_ode **out, const eg_ode_system *system, double dt,
                          const engram_alloc *alloc, engram_error *err);
    void (*close)(eg_ode *ode); /* NULL allowed */

    /* A new time step: the next element begins with a step of dt. */
    void (*begin)(eg_ode *ode);

    /* Advance y [dimension] from t to t + dt. `first`: step to begin with, seconds; NULL: that
     * of the element before. y is as it was last unless the answer is EG_ODE_DONE. */
    eg_ode_end (*advance)(eg_ode *ode, double t, const double *first, double *y,
                          eg_ode_report *report);
} eg_ode_provider;

/* The one exported symbol of libengram_gsl.so. */
#define EG_ODE_SYMBOL "engram_gsl_provider"
ENGRAM_API const eg_ode_provider *engram_gsl_provider(void);

/* The loader (static library eg_ode). Looks for libengram_gsl.so as common/provider.h says, or
 * takes the file that ENGRAM_GSL_PROVIDER names. It is opened once and never closed. Errors:
 * E_PROVIDER: built without GSL, not found, not loadable, of another build. */
engram_status eg_ode_provider_get(const eg_ode_provider **out, engram_error *err);

#endif
