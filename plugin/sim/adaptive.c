#include "sim/adaptive.h"

#include "network/net_find.h"

#include <stdio.h>
#include <string.h>

bool eg_adaptive_writes(const eg_executable *code, const char *owner, const char *variable)
{
    if (strcmp(code->template, EG_ADAPTIVE_TEMPLATE) || strcmp(code->owner, owner))
        return false;
    for (size_t k = 0; k < code->bindings.count; k++) {
        size_t length;
        uint32_t number;
        const char *name = eg_net_rate_output(code->bindings.item[k].name, &length, &number);
        if (name && length == strlen(variable) && !strncmp(name, variable, length))
            return true;
    }
    return false;
}

/* ---- what is integrated --------------------------------------------------------------------
 */

static engram_status add_variable(eg_adaptive *a, const char **name, const eg_store *store,
                                  const eg_executable *code, const char *variable,
                                  uint32_t number, uint64_t elements, engram_error *err)
{
    eg_cell *cell = eg_store_find(store, code->owner, variable);
    if (!cell || (cell->dtype != EG_F64 && cell->dtype != EG_F32))
        return eg_fail(err, ENGRAM_E_REFERENCE, "%s: %s has no variable \"%s\" to integrate",
                       code->name, code->owner, variable);
    if (cell->count < elements)
        return eg_fail(err, ENGRAM_E_LIMIT, "%s: %s.%s has %llu elements, wanted %llu",
                       code->name, code->owner, variable, (unsigned long long)cell->count,
                       (unsigned long long)elements);
    if (number >= a->count || a->variable[number])
        return eg_fail(err, ENGRAM_E_SCHEMA,
                       "%s: its derivatives are not numbered from 0 to %u, each once",
                       code->name, a->count - 1);
    a->variable[number] = cell;
    name[number] = variable;
    return ENGRAM_OK;
}

/* Outputs in any order, variables by their numbers. */
static engram_status find_variables(eg_adaptive *a, const char ***names, const eg_store *store,
                                    const eg_executable *code, uint64_t elements,
                                    eg_arena *arena, engram_error *err)
{
    for (size_t k = 0; k < code->bindings.count; k++)
        a->count += !strcmp(code->bindings.item[k].kind, "output");
    a->variable = eg_arena_array(arena, (size_t)a->count + 1, sizeof *a->variable);
    a->y = eg_arena_array(arena, (size_t)a->count + 1, sizeof *a->y);
    a->state = eg_arena_array(arena, (size_t)a->count + 1, sizeof *a->state);
    a->output = eg_arena_array(arena, (size_t)a->count + 1, sizeof *a->output);
    *names = eg_arena_array(arena, (size_t)a->count + 1, sizeof **names);
    if (!a->variable || !a->y || !a->state || !a->output || !*names)
        return eg_fail_memory(err, "an integrator");
    if (!a->count)
        return eg_fail(err, ENGRAM_E_SCHEMA, "%s computes no derivative", code->name);
    for (size_t k = 0; k < code->bindings.count; k++) {
        const eg_binding *binding = &code->bindings.item[k];
        if (strcmp(binding->kind, "output"))
            continue;
        uint32_t number;
        size_t length;
        const char *found = eg_net_rate_output(binding->name, &length, &number);
        if (!found || strcmp(binding->dtype, "float64"))
            return eg_fail(err, ENGRAM_E_SCHEMA,
                           "%s: output \"%s\" is no float64 _gsl_<variable>_f<number>",
                           code->name, binding->name);
        const char *variable = eg_arena_printf(arena, "%.*s", (int)length, found);
        if (!variable)
            return eg_fail_memory(err, "an integrator");
        engram_status status =
            add_variable(a, *names, store, code, variable, number, elements, err);
        if (status)
            return status;
    }
    for (size_t k = 0; k < a->options.named; k++) {
        bool known = false;
        for (uint32_t n = 0; n < a->count; n++)
            known |= !strcmp(a->options.name[k], (*names)[n]);
        if (!known)
            return eg_fail(err, ENGRAM_E_UNSUPPORTED,
                           "%s: absolute_error_per_variable names \"%s\", which it does not "
                           "integrate",
                           code->name, a->options.name[k]);
    }
    return ENGRAM_OK;
}

/* ---- arrays that last -----------------------------------------------------------------------
 */

static engram_status find_kept(void **out, bool wanted, const char *variable, eg_dtype type,
                               const eg_store *store, const eg_executable *code,
                               uint64_t elements, engram_error *err)
{
    *out = NULL;
    if (!wanted)
        return ENGRAM_OK;
    const eg_cell *cell = eg_store_find(store, code->owner, variable);
    if (!cell || cell->dtype != type)
        return eg_fail(err, ENGRAM_E_SCHEMA, "%s wants %s (%s) of %s", code->name, variable,
                       eg_dtype_name(type), code->owner);
    if (cell->count < elements)
        return eg_fail(err, ENGRAM_E_LIMIT,
                       "%s: %s.%s has %llu elements for %llu: Brian2 makes it in the first run "
                       "and never longer",
                       code->name, code->owner, variable, (unsigned long long)cell->count,
                       (unsigned long long)elements);
    *out = cell->data;
    return ENGRAM_OK;
}

static engram_status find_arrays(eg_adaptive *a, const eg_store *store,
                                 const eg_executable *code, uint64_t elements,
                                 engram_error *err)
{
    const eg_adaptive_options *o = &a->options;
    void *last = NULL, *failed = NULL, *steps = NULL;
    engram_status status = find_kept(&last, o->use_last_timestep, EG_ADAPTIVE_LAST, EG_F64,
                                     store, code, elements, err);
    if (!status)
        status = find_kept(&failed, o->save_failed_steps, EG_ADAPTIVE_FAILED, EG_I32, store,
                           code, elements, err);
    if (!status)
        status = find_kept(&steps, o->save_step_count, EG_ADAPTIVE_STEPS, EG_I32, store, code,
                           elements, err);
    a->last = last;
    a->failed = failed;
    a->steps = steps;
    return status;
}

/* ---- bindings -------------------------------------------------------------------------------
 */

static engram_status turn(eg_executable *turned, const eg_adaptive *a, const char *const *names,
                          const eg_executable *code, eg_arena *arena, engram_error *err)
{
    for (size_t k = 0; k < code->statements.count; k++)
        if (strcmp(code->statements.item[k].part, "vector"))
            return eg_fail(err, ENGRAM_E_UNSUPPORTED,
                           "%s, statement %zu: scalar code in an integrator of GSL", code->name,
                           k + 1);
    *turned = *code;
    turned->bindings.item =
        eg_arena_array(arena, code->bindings.count + 1, sizeof *turned->bindings.item);
    if (!turned->bindings.item)
        return eg_fail_memory(err, "an integrator");
    if (code->bindings.count)
        memcpy(turned->bindings.item, code->bindings.item,
               code->bindings.count * sizeof *turned->bindings.item);
    for (size_t k = 0; k < code->bindings.count; k++) {
        eg_binding *binding = &turned->bindings.item[k];
        bool own = !strcmp(binding->name, "t");
        for (uint32_t n = 0; n < a->count; n++)
            own |= !strcmp(binding->name, names[n]);
        if (!own || strcmp(binding->kind, "array"))
            continue;
        binding->variable = binding->name;
        binding->owner = EG_ADAPTIVE_OWNER;
        binding->dtype = "float64"; /* also of float32 variables: y is double in the code */
        binding->index = "0";
        binding->guard = "";
    }
    return ENGRAM_OK;
}

engram_status eg_adaptive_new(eg_adaptive **out, eg_executable *turned, const eg_store *store,
                              const eg_network *network, const eg_executable *code,
                              uint64_t elements, eg_arena *arena, engram_error *err)
{
    const char *method, *options, **names;
    eg_adaptive *a = *out = eg_arena_alloc(arena, sizeof *a);
    if (!a)
        return eg_fail_memory(err, "an integrator");
    *a = (eg_adaptive){.name = code->name};
    eg_adaptive_method_of(&method, &options, network, code->owner);
    engram_status status =
        eg_adaptive_read(&a->options, arena, code->name, method, options, err);
    if (!status) {
        status = eg_ode_provider_get(&a->provider, err);
        if (status)
            return eg_error_prefix(err, status, "%s: method %s", code->name, method);
    }
    if (!status)
        status = find_variables(a, &names, store, code, elements, arena, err);
    if (!status)
        status = find_arrays(a, store, code, elements, err);
    return status ? status : turn(turned, a, names, code, arena, err);
}

void *eg_adaptive_cell(eg_adaptive *a, const char *variable)
{
    for (uint32_t k = 0; k < a->count; k++)
        if (!strcmp(a->variable[k]->variable, variable))
            return &a->y[k];
    return &a->t;
}

/* ---- steps ----------------------------------------------------------------------------------
 */

static bool rate(void *context, double t, const double *y, double *out)
{
    eg_adaptive *a = context;
    a->t = t;
    memcpy(a->y, y, a->count * sizeof *y);
    for (uint32_t k = 0; k < a->count; k++)
        a->base[a->output[k]] = &out[k];
    a->status = eg_kernel_run(a->kernel, &a->frame, a->err);
    return !a->status;
}

/* Nothing can interrupt one element's step, so it has an end whatever a file asks for. */
static uint64_t most_steps(const eg_adaptive_options *options)
{
    enum { ANY = 10000000 };
    return options->max_steps && options->max_steps < ANY ? (uint64_t)options->max_steps : ANY;
}

engram_status eg_adaptive_start(eg_adaptive *a, eg_kernel *kernel, void **base,
                                const eg_frame *frame, uint64_t elements, double *now,
                                const double *dt, const engram_alloc *alloc, engram_error *err)
{
    const eg_program *program = eg_kernel_program(kernel);
    double *scale = a->state; /* free until the first step */
    a->kernel = kernel;
    a->base = base;
    a->frame = *frame;
    a->frame.count = 1;
    a->frame.index = NULL;
    a->now = now;
    a->dt = dt;
    for (uint32_t k = 0; k < a->count; k++) {
        char output[300];
        snprintf(output, sizeof output, "_gsl_%.200s_f%u", a->variable[k]->variable, k);
        a->output[k] = eg_program_find_slot(program, output);
        if (a->output[k] == UINT32_MAX)
            return eg_fail(err, ENGRAM_E_SCHEMA, "%s: nothing computes \"%s\"", a->name,
                           output);
        scale[k] = eg_adaptive_error(&a->options, a->variable[k]->variable);
    }
    for (uint64_t k = 0; a->last && k < elements; k++)
        if (a->last[k] == 0)
            a->last[k] = *dt;
    const eg_ode_system system = {.stepper = a->options.stepper,
                                  .dimension = a->count,
                                  .scale = scale,
                                  .fixed = !a->options.adaptable_timestep,
                                  .max_steps = most_steps(&a->options),
                                  .rate = rate,
                                  .context = a};
    const engram_status status = a->provider->open(&a->ode, &system, *dt, alloc, err);
    return status ? eg_error_prefix(err, status, "%s", a->name) : ENGRAM_OK;
}

void eg_adaptive_free(eg_adaptive *a)
{
    if (a && a->ode)
        a->provider->close(a->ode);
}

static engram_status explain(const eg_adaptive *a, eg_ode_end end, uint64_t element,
                             engram_error *err)
{
    const unsigned long long number = (unsigned long long)element;
    switch (end) {
    case EG_ODE_STOPPED:
        return eg_error_prefix(err, a->status, "%s", a->name);
    case EG_ODE_START:
        return eg_fail(err, ENGRAM_E_NUMERIC,
                       "%s, element %llu: the last step was one of %g s, and dt is %g s now: "
                       "GSL begins with no longer one than dt (use_last_timestep false does "
                       "without)",
                       a->name, number, a->last[element], *a->dt);
    default:
        if (a->options.adaptable_timestep)
            return eg_fail(
                err, ENGRAM_E_NUMERIC,
                "%s, element %llu: GSL cannot have the error wanted in %llu steps; a "
                "larger absolute_error or max_steps may help",
                a->name, number, (unsigned long long)most_steps(&a->options));
        return eg_fail(err, ENGRAM_E_NUMERIC,
                       "%s, element %llu: a step of dt has a larger error than absolute_error",
                       a->name, number);
    }
}

static void load(eg_adaptive *a, double *y, uint64_t element)
{
    for (uint32_t k = 0; k < a->count; k++)
        y[k] = a->variable[k]->dtype == EG_F64
                   ? ((const double *)a->variable[k]->data)[element]
                   : (double)((const float *)a->variable[k]->data)[element];
}

static void store(eg_adaptive *a, const double *y, uint64_t element)
{
    for (uint32_t k = 0; k < a->count; k++)
        if (a->variable[k]->dtype == EG_F64)
            ((double *)a->variable[k]->data)[element] = y[k];
        else
            ((float *)a->variable[k]->data)[element] = (float)y[k];
}

engram_status eg_adaptive_step(eg_adaptive *a, uint64_t elements, engram_error *err)
{
    double *y = a->state;
    a->err = err;
    a->provider->begin(a->ode);
    for (uint64_t k = 0; k < elements; k++) {
        eg_ode_report report;
        a->frame.first = k;
        load(a, y, k);
        const eg_ode_end end =
            a->provider->advance(a->ode, *a->now, a->last ? &a->last[k] : NULL, y, &report);
        if (end != EG_ODE_DONE)
            return explain(a, end, k, err);
        store(a, y, k);
        if (a->last)
            a->last[k] = report.last;
        if (a->failed)
            a->failed[k] = report.failed;
        if (a->steps)
            a->steps[k] = report.steps;
    }
    return ENGRAM_OK;
}
