/* adaptive.h - the methods of GSL: what their names, options and statements mean
 *
 * An executable of template "gsl" computes derivatives, not new values: for each variable
 * integrated an output `_gsl_<variable>_f<number>`, numbered from 0 in order of names, as
 * Brian2 tags them (brian2/stateupdaters/GSL.py). Stepper and options are those of the group
 * or synapses: method and method_options.
 */
#ifndef EG_IR_ADAPTIVE_H
#define EG_IR_ADAPTIVE_H

#include "network/net.h"

#define EG_ADAPTIVE_TEMPLATE "gsl"
#define EG_ADAPTIVE_LAST "_last_timestep" /* arrays of the owner, one number an element */
#define EG_ADAPTIVE_FAILED "_failed_steps"
#define EG_ADAPTIVE_STEPS "_step_count"

/* Whether a method that a script names is that one: Brian2 takes capitals for small letters. */
bool eg_method_is(const char *named, const char *method);

/* GSL's stepper of a method: rkf45 of gsl and gsl_rkf45, and so on. NULL: no method of GSL.
 * Static. */
const char *eg_adaptive_stepper(const char *method);

typedef struct eg_adaptive_options {
    const char *stepper;
    bool adaptable_timestep;
    bool use_last_timestep, save_failed_steps, save_step_count;
    int64_t max_steps;
    double absolute_error; /* largest error of a variable in a step, SI base units */
    size_t named;          /* variables with an error of their own */
    const char **name;
    double *error;
} eg_adaptive_options;

/* Of a method of GSL and its options, a JSON object or "": what is not said has Brian2's
 * default. Names and numbers live in `arena`. Errors, which name `object`: E_UNSUPPORTED (an
 * option that there is not, a value of another kind), E_SYNTAX (no JSON), E_MEMORY. */
engram_status eg_adaptive_read(eg_adaptive_options *out, eg_arena *arena, const char *object,
                               const char *method, const char *options, engram_error *err);
double eg_adaptive_error(const eg_adaptive_options *options, const char *variable);

/* The method that a group or synapses is integrated by, and its options; "" if it has none. */
void eg_adaptive_method_of(const char **method, const char **options, const eg_network *network,
                           const char *owner);

#endif
