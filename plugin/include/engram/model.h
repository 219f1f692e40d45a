/* model.h - a network that is going to run: opened, judged, described
 *
 *     engram_model *model;
 *     status = engram_model_open(&model, "cuba.h5", NULL, &err);
 *     engram_model_info info = ENGRAM_MODEL_INFO_INIT;
 *     engram_model_describe(model, &info);
 *     ... engram_sim_build (engram/sim.h) ...
 *     engram_model_close(model);
 *
 * A model is immutable; simulations made from it borrow it, so it is closed after them. One
 * thread at a time. Tier: experimental.
 */
#ifndef ENGRAM_MODEL_H
#define ENGRAM_MODEL_H

#include "engram/alloc.h"
#include "engram/status.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct engram_model engram_model;

enum {
    ENGRAM_MODEL_FORCE = 1, /* open an archive although its digest does not match */
    ENGRAM_MODEL_RULES = 2  /* derive statements from equations although `code` is there */
};

/* Start from ENGRAM_MODEL_OPTIONS_INIT; `size` tells which fields the caller knows. */
typedef struct engram_model_options {
    size_t size;
    uint32_t flags;            /* ENGRAM_MODEL_* */
    const engram_alloc *alloc; /* NULL: the C library's heap. Must outlive the model */
} engram_model_options;

#define ENGRAM_MODEL_OPTIONS_INIT                                                              \
    {                                                                                          \
        sizeof(engram_model_options), 0, NULL                                                  \
    }

/* Open a document or an archive (found out from the bytes), judge it by every rule of
 * docs/format.md, and derive the statements that it does not carry. `options` may be NULL.
 * Errors: those of engram_network_open; the first finding of engram_network_check that is an
 * error; E_UNSUPPORTED for what the engine cannot run, with object and reason. *out is NULL
 * on failure. */
ENGRAM_API engram_status engram_model_open(engram_model **out, const char *path,
                                           const engram_model_options *options,
                                           engram_error *err) ENGRAM_MUST_USE;
/* NULL is allowed. No simulation of the model may be left. */
ENGRAM_API void engram_model_close(engram_model *model);

/* Fields that were met and not known (only in files of a newer minor version), as in
 * engram_network_ignored: NULL from the last one on. */
ENGRAM_API const char *engram_model_ignored(const engram_model *model, uint64_t index);

/* What a host wants to know before it builds. Texts are lent until the model is closed. */
typedef struct engram_model_info {
    size_t size;
    const char *name;    /* of the network */
    const char *origin;  /* "capture" (live network) or "export" (device.runs) */
    const char *dialect; /* "brian2-runtime" or "brian2-standalone" */
    const char *rng;     /* rule of drawing: "brian-runtime", "brian-standalone", "philox" */
    const char *digest;  /* xxh3-128 of the file's contents, 32 hexadecimal digits */
    uint32_t runs;       /* calls of run() */
    double dt;           /* smallest step of a clock, seconds; 0: there are event clocks only */
    double duration;     /* of all runs, seconds */
    uint64_t neurons;    /* elements of all groups but subgroups */
    uint64_t objects;    /* see engram_model_object */
} engram_model_info;

#define ENGRAM_MODEL_INFO_INIT                                                                 \
    {                                                                                          \
        sizeof(engram_model_info), NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0                 \
    }

/* Fills the fields that info->size covers. */
ENGRAM_API void engram_model_describe(const engram_model *model, engram_model_info *info);

typedef enum engram_object_kind {
    ENGRAM_OBJECT_NEURONS,         /* NeuronGroup */
    ENGRAM_OBJECT_POISSON,         /* PoissonGroup */
    ENGRAM_OBJECT_SPIKE_GENERATOR, /* SpikeGeneratorGroup */
    ENGRAM_OBJECT_SUBGROUP,        /* a slice of one of these; it stores nothing */
    ENGRAM_OBJECT_SYNAPSES,        /* Synapses */
    ENGRAM_OBJECT_MONITOR          /* a recording */
} engram_object_kind;

typedef struct engram_object {
    size_t size;
    engram_object_kind kind;
    const char *name;   /* unique; lent until the model is closed */
    const char *source; /* subgroup: of which group; synapses: source; monitor: source. "" */
    const char *target; /* synapses: target; else "" */
    uint64_t count;     /* elements; synapses: those in the file, 0 if they are yet to be made;
                         * monitors: recorded elements */
    uint64_t start;     /* subgroup: first index in `source` */
    const char *clock;  /* name of its clock */
    double dt;          /* of that clock, seconds; 0: an event clock */
} engram_object;

#define ENGRAM_OBJECT_INIT                                                                     \
    {                                                                                          \
        sizeof(engram_object), ENGRAM_OBJECT_NEURONS, NULL, NULL, NULL, 0, 0, NULL, 0          \
    }

/* Object number `index` < info.objects: groups, synapses, monitors, each sorted by name.
 * E_ARGUMENT for a larger index. */
ENGRAM_API engram_status engram_model_object(const engram_model *model, uint64_t index,
                                             engram_object *out,
                                             engram_error *err) ENGRAM_MUST_USE;

/* ---- what only the host can run -----------------------------------------------------------
 */

typedef enum engram_need_kind {
    ENGRAM_NEED_OPERATION, /* a NetworkOperation: engram_sim_options.call, or left out */
    ENGRAM_NEED_FUNCTION   /* a function that is not translated into Engram's language */
} engram_need_kind;

/* Texts are lent until the model is closed. */
typedef struct engram_need {
    size_t size;
    engram_need_kind kind;
    const char *name;   /* of the operation or function; NULL: there are no more */
    const char *user;   /* FUNCTION: the first object that calls it; else "" */
    const char *reason; /* why the engine has it not, e.g. "line 3: a loop" */
    uint32_t arguments; /* FUNCTION */
} engram_need;

#define ENGRAM_NEED_INIT                                                                       \
    {                                                                                          \
        sizeof(engram_need), ENGRAM_NEED_OPERATION, NULL, NULL, NULL, 0                        \
    }

/* Need number `index` of the model, all at once: operations, then functions. Fills the fields
 * that out->size covers; name is NULL from the last one on. engram_sim_build refuses a model
 * (E_UNSUPPORTED) and names those that are not given, as far as one line holds. */
ENGRAM_API void engram_model_need(const engram_model *model, uint64_t index, engram_need *out);

/* A function of the host's: result[k] of argument[0][k], argument[1][k] ... for each k < count;
 * numbers in SI base units, booleans and integers as doubles. `count` is 1 in strict mode,
 * else up to a block; the order of elements is the engine's, and it is called wherever code
 * says so, also for elements whose result is not used. One call at a time, also where the
 * simulation has several threads. Not 0: it failed, and the call that ran it ends with
 * E_INTERRUPTED. No function of the simulation may be called from inside but those that look.
 */
typedef int engram_function(void *context, uint64_t count, const double *const *argument,
                            double *result);

/* Give a function of the network (`name` and the number of its arguments as in
 * engram_need) before the first build: simulations call it in the code of their steps, in
 * place of its body if it has one, and so does engram_model_connect, there with a count of 1.
 * Other expressions that set up the network are run with bodies alone. Given twice, the later
 * counts. Errors: E_REFERENCE (no such function), E_ARGUMENT (another number of arguments,
 * NULL), E_STATE (after a build), E_MEMORY. */
ENGRAM_API engram_status engram_model_function(engram_model *model, const char *name,
                                               uint32_t arguments, engram_function *function,
                                               void *context,
                                               engram_error *err) ENGRAM_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
