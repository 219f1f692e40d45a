/* The only file that includes GSL's headers; libengram_gsl.so is made of it.
 *
 * GSL answers some errors by a call of its handler, which ends the process. Nothing here leads
 * to one: steps are judged before they are handed over, and the handler is off while memory is
 * allocated. */
#include "ode/provider.h"

#include "common/memory.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>
#include <gsl/gsl_version.h>
#include <pthread.h>
#include <string.h>

static pthread_mutex_t handler_lock = PTHREAD_MUTEX_INITIALIZER;

struct eg_ode {
    const engram_alloc *alloc;
    eg_ode_rate *rate;
    void *context;
    double dt;
    bool fixed, stopped;
    gsl_odeiv2_system system;
    gsl_odeiv2_driver *driver;
};

static const char *version(void)
{
    return gsl_version;
}

static int rate(double t, const double y[], double out[], void *params)
{
    eg_ode *ode = params;
    if (ode->rate(ode->context, t, y, out))
        return GSL_SUCCESS;
    ode->stopped = true;
    return GSL_EBADFUNC;
}

static const gsl_odeiv2_step_type *find_stepper(const char *name)
{
    const struct {
        const char *name;
        const gsl_odeiv2_step_type *type;
    } steppers[] = {{"rk2", gsl_odeiv2_step_rk2},
                    {"rk4", gsl_odeiv2_step_rk4},
                    {"rkf45", gsl_odeiv2_step_rkf45},
                    {"rkck", gsl_odeiv2_step_rkck},
                    {"rk8pd", gsl_odeiv2_step_rk8pd}};
    for (size_t k = 0; k < sizeof steppers / sizeof *steppers; k++)
        if (!strcmp(steppers[k].name, name))
            return steppers[k].type;
    return NULL;
}

static engram_status open_ode(eg_ode **out, const eg_ode_system *system, double dt,
                              const engram_alloc *alloc, engram_error *err)
{
    *out = NULL;
    const gsl_odeiv2_step_type *type = find_stepper(system->stepper);
    if (!type)
        return eg_fail(err, ENGRAM_E_UNSUPPORTED,
                       "GSL's stepper \"%s\" is not one of rk2, rk4, rkf45, rkck, rk8pd",
                       system->stepper);
    if (!(dt > 0) || !system->dimension)
        return eg_fail(err, ENGRAM_E_ARGUMENT, "a step of %g s for %zu equations", dt,
                       system->dimension);
    eg_ode *ode = eg_calloc(alloc, sizeof *ode);
    if (!ode)
        return eg_fail_memory(err, "an integrator");
    *ode = (eg_ode){.alloc = alloc,
                    .rate = system->rate,
                    .context = system->context,
                    .dt = dt,
                    .fixed = system->fixed};
    ode->system =
        (gsl_odeiv2_system){.function = rate, .dimension = system->dimension, .params = ode};
    pthread_mutex_lock(&handler_lock); /* the handler is the process's */
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    ode->driver =
        gsl_odeiv2_driver_alloc_scaled_new(&ode->system, type, dt, 1, 0, 0, 0, system->scale);
    gsl_set_error_handler(handler);
    pthread_mutex_unlock(&handler_lock);
    if (!ode->driver) {
        eg_free(alloc, ode, sizeof *ode);
        return eg_fail_memory(err, "an integrator");
    }
    gsl_odeiv2_driver_set_nmax(ode->driver, (unsigned long)system->max_steps);
    gsl_odeiv2_driver_set_hmax(ode->driver, dt);
    *out = ode;
    return ENGRAM_OK;
}

static void close_ode(eg_ode *ode)
{
    if (!ode)
        return;
    gsl_odeiv2_driver_free(ode->driver);
    eg_free(ode->alloc, ode, sizeof *ode);
}

static void begin(eg_ode *ode)
{
    gsl_odeiv2_driver_reset_hstart(ode->driver, ode->dt);
}

static eg_ode_end advance(eg_ode *ode, double t, const double *first, double *y,
                          eg_ode_report *report)
{
    gsl_odeiv2_driver *driver = ode->driver;
    if (first) {
        if (!(*first > 0 && *first <= ode->dt))
            return EG_ODE_START;
        gsl_odeiv2_driver_reset_hstart(driver, *first);
    } else {
        gsl_odeiv2_driver_reset(driver);
    }
    ode->stopped = false;
    const int end = ode->fixed ? gsl_odeiv2_driver_apply_fixed_step(driver, &t, ode->dt, 1, y)
                               : gsl_odeiv2_driver_apply(driver, &t, t + ode->dt, y);
    *report = (eg_ode_report){.last = driver->h,
                              .steps = (int32_t)driver->n,
                              .failed = (int32_t)driver->e->failed_steps};
    return end == GSL_SUCCESS ? EG_ODE_DONE : ode->stopped ? EG_ODE_STOPPED : EG_ODE_FAILED;
}

static const eg_ode_provider table = {.abi = EG_ODE_ABI,
                                      .size = sizeof table,
                                      .version = version,
                                      .open = open_ode,
                                      .close = close_ode,
                                      .begin = begin,
                                      .advance = advance};

ENGRAM_API const eg_ode_provider *engram_gsl_provider(void)
{
    return &table;
}
