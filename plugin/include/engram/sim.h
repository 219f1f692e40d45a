/* sim.h - a running network
 *
 *     engram_sim_options options = ENGRAM_SIM_OPTIONS_INIT;
 *     options.results = "cuba-results.h5";
 *     status = engram_sim_build(&sim, model, &options, &err);
 *     engram_progress at = ENGRAM_PROGRESS_INIT;
 *     while (!status && !at.finished)
 *         status = engram_sim_advance(sim, 1000, &at, &err);
 *     if (!status)
 *         status = engram_sim_finish(sim, &summary, &err);
 *     engram_sim_free(sim);
 *
 * Life: build -> advance* -> finish -> free. spikes and variables may be asked for between
 * any two of them. A simulation belongs to one thread at a time; several of one model may
 * run in several threads. Nothing is printed; the floating-point environment is that of
 * IEEE while a call runs, and the caller's again when it returns. Tier: experimental.
 */
#ifndef ENGRAM_SIM_H
#define ENGRAM_SIM_H

#include "engram/model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct engram_sim engram_sim;
typedef struct engram_checkpoint engram_checkpoint; /* engram/checkpoint.h */

typedef enum engram_math {
    ENGRAM_MATH_FAST,  /* vector mathematics, the same bits on every machine and block size */
    ENGRAM_MATH_STRICT /* each statement literally, with this machine's libm */
} engram_math;

/* Called where a NetworkOperation stands in the schedule, between two steps of arithmetic:
 * arrays may be read and written through engram_variable.data. `t`: network time, seconds. 0:
 * go on; positive: stop behind this step, as Brian2's stop() does; negative: fail now, the step
 * stays unfinished. No function of the simulation may be called from inside but those that look
 * (spikes, variables). */
typedef int engram_call(void *context, const char *operation, double t);

enum {
    ENGRAM_SIM_KEEP = 1,              /* monitors are kept in memory (engram/live.h) */
    ENGRAM_SIM_IGNORE_OPERATIONS = 2, /* run without the NetworkOperations of the network */
    ENGRAM_SIM_DIGEST = 4, /* digests of the spike trains (engram_summary.trains), also without
                            * a results file */
    ENGRAM_SIM_PROFILE = 8 /* time is taken for each object (engram_sim_spent) */
};

/* Start from ENGRAM_SIM_OPTIONS_INIT; `size` tells which fields the caller knows. */
typedef struct engram_sim_options {
    size_t size;
    engram_math math;
    uint32_t threads; /* 0 or 1: one; at most 64. Results are the same bits for every number */
    int64_t seed;     /* >= 0: seeds the random streams in front of everything; -1: as the
                       * file says */
    double
        last_duration; /* seconds, replaces the duration of the last run; < 0: as in the file */
    const char *rng;   /* rule of drawing, NULL: the file's */
    const char *results; /* results file to write, NULL: none */
    const char *archive; /* name of the network for the results file, NULL: the model's path */
    const char *isa;     /* fast: force "sse2", "avx2", "avx512"; NULL or "": the best one */
    uint32_t block;      /* elements a block; 0: default; 1: one by one */
    uint32_t flags;      /* ENGRAM_SIM_* */
    engram_call *call;   /* for NetworkOperations; NULL: a network that has some is refused */
    void *call_context;
    /* Go on from here, borrowed during the call; NULL: from the start. math, seed,
     * last_duration, rng and archive are then the checkpoint's, and so is whether operations
     * are ignored; `results` goes on from what was recorded before it. */
    const engram_checkpoint *checkpoint;
} engram_sim_options;

#define ENGRAM_SIM_OPTIONS_INIT                                                                \
    {                                                                                          \
        sizeof(engram_sim_options), ENGRAM_MATH_FAST, 0, -1, -1.0, NULL, NULL, NULL, NULL, 0,  \
            0, NULL, NULL, NULL                                                                \
    }

/* Make everything that the first run needs: arrays, synapses (replayed where the file has
 * only the rules), kernels, the results file. `options` may be NULL. Errors: E_ARGUMENT
 * (options), E_UNSUPPORTED, E_REFERENCE, E_SYNTAX, E_LIMIT (sizes), E_PROVIDER and E_IO
 * (results), E_NUMERIC (an initialiser divides by zero), E_MEMORY; with a checkpoint also
 * those of engram_sim_restore, and E_DIGEST where the results file is not the one that was
 * written before it. *out is NULL on failure. */
ENGRAM_API engram_status engram_sim_build(engram_sim **out, const engram_model *model,
                                          const engram_sim_options *options,
                                          engram_error *err) ENGRAM_MUST_USE;
/* NULL is allowed. Without engram_sim_finish the unfinished results file is removed, unless a
 * checkpoint counts on it (engram/checkpoint.h). */
ENGRAM_API void engram_sim_free(engram_sim *sim);

typedef struct engram_progress {
    size_t size;
    uint32_t run;   /* number of the run that is going on or was last to end, from 0 */
    uint32_t runs;  /* how many there are */
    uint64_t step;  /* steps done in it: passages of the loop over the schedule */
    uint64_t steps; /* its steps altogether, as far as can be told (several clocks) */
    uint64_t total; /* steps done in all runs */
    double t;       /* network time, seconds */
    int run_ended;  /* 1: `run` has come to its end */
    int finished;   /* 1: all runs have */
    int stopped;    /* 1: a call asked to stop: the run has ended early */
} engram_progress;

#define ENGRAM_PROGRESS_INIT                                                                   \
    {                                                                                          \
        sizeof(engram_progress), 0, 0, 0, 0, 0, 0, 0, 0, 0                                     \
    }

/* Go on for at most `steps` steps, not beyond the end of the current run; the next call
 * begins the next run (with its setup). A call after the last run has ended does nothing.
 * `progress` may be NULL. Errors: E_NUMERIC (division by zero in strict mode, naming object
 * and element), E_IO (results), E_STATE (after an error or after finish), E_MEMORY. */
ENGRAM_API engram_status engram_sim_advance(engram_sim *sim, uint64_t steps,
                                            engram_progress *progress,
                                            engram_error *err) ENGRAM_MUST_USE;

/* Events that a group emitted in the last step that was done: element numbers, in Brian2's
 * order. `event` NULL: "spike". For a subgroup: those of its range, counted from its start.
 * *index is lent until the next call of this function, of advance or of free. E_REFERENCE:
 * no such group or event. */
ENGRAM_API engram_status engram_sim_spikes(engram_sim *sim, const char *group,
                                           const char *event, const int32_t **index,
                                           uint64_t *count, engram_error *err) ENGRAM_MUST_USE;

/* Element types, as in engram/record.h. bool is one byte, 0 or 1. */
typedef enum engram_dtype {
    ENGRAM_BOOL = 0,
    ENGRAM_I32 = 1,
    ENGRAM_I64 = 2,
    ENGRAM_F32 = 3,
    ENGRAM_F64 = 4
} engram_dtype;

typedef struct engram_variable {
    size_t size;
    const char *object, *name; /* lent until the simulation is freed */
    engram_dtype dtype;
    uint64_t count;   /* elements */
    int scalar;       /* 1: one value shared by all elements of its object */
    int writable;     /* 1: may be written through `data` between two calls of advance */
    void *data;       /* [count], live: no copy. Valid until the next run begins */
    double dim[7];    /* exponents of metre, kilogram, second, ampere, kelvin, mole, candela */
    const char *unit; /* as displayed; "": none */
} engram_variable;

#define ENGRAM_VARIABLE_INIT                                                                   \
    {                                                                                          \
        sizeof(engram_variable), NULL, NULL, ENGRAM_BOOL, 0, 0, 0, NULL, {0}, NULL             \
    }

/* Variables are sorted by (object, name). Names that begin with an underscore are the
 * engine's own, but for "i" and "j" of synapses, which are given as Brian2 shows them. */
ENGRAM_API uint64_t engram_sim_variable_count(const engram_sim *sim);
/* E_ARGUMENT: `index` is too large. */
ENGRAM_API engram_status engram_sim_variable_at(engram_sim *sim, uint64_t index,
                                                engram_variable *out,
                                                engram_error *err) ENGRAM_MUST_USE;
/* E_REFERENCE: no such object or variable. */
ENGRAM_API engram_status engram_sim_variable(engram_sim *sim, const char *object,
                                             const char *name, engram_variable *out,
                                             engram_error *err) ENGRAM_MUST_USE;

/* Spikes of one group over all runs. */
typedef struct engram_population {
    const char *name;
    uint64_t neurons;
    uint64_t spikes;
} engram_population;

/* What the spike monitors heard in one run. */
typedef struct engram_train {
    const char *digest; /* docs/results.md, "Digest of a run": 32 hexadecimal digits */
    uint64_t spikes;
    int complete; /* 0: stopped before its end */
} engram_train;

typedef struct engram_summary {
    size_t size;
    const char *math, *rng, *dialect; /* what was done; static or lent until free */
    const char *engine;               /* "engram 0.1.0"; static */
    const char *isa;                  /* instruction set of the kernels, "strict" if strict */
    int64_t seed;                     /* -1: none was set */
    uint32_t threads;
    int complete;      /* 0: finished before the end of the last run */
    uint64_t steps;    /* done in all runs */
    double simulated;  /* seconds of network time */
    double wall_time;  /* seconds inside advance */
    double build_time; /* seconds inside build and between runs */
    uint64_t spikes;   /* of all populations */
    uint64_t events;   /* synapses that were reached by a spike */
    uint64_t synapses;
    uint64_t synapse_bytes;               /* held for them, all arrays and tables */
    const engram_population *populations; /* lent until free */
    uint64_t population_count;
    const char *left_out; /* what was not run on request, "operations: kick"; NULL: nothing */
    const char *libm;     /* C library and FMA variant, "glibc 2.36 fma"; lent until free */
    const engram_train
        *trains; /* of the runs that ended (ENGRAM_SIM_DIGEST); lent until free */
    uint64_t train_count;
    uint64_t spike_monitors; /* that they are of */
    /* Done by each thread: elements of neurons and synapses, events; [threads], lent until
     * free. What is not worth sharing, or must not be, is thread 0's. */
    const uint64_t *thread_elements, *thread_events;
    double cpu_time; /* seconds of processor that the process took inside advance */
} engram_summary;

#define ENGRAM_SUMMARY_INIT                                                                    \
    {                                                                                          \
        sizeof(engram_summary), NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, \
            NULL, 0, NULL, NULL, NULL, 0, 0, NULL, NULL, 0                                     \
    }

/* Close the results file: final values, runs, seal, rename. Before the end of the last run
 * it is marked incomplete. Once only. `summary` may be NULL; it is filled also when the
 * results cannot be written. E_IO: nothing is left under the results' name that was not
 * there before; E_STATE. */
ENGRAM_API engram_status engram_sim_finish(engram_sim *sim, engram_summary *summary,
                                           engram_error *err) ENGRAM_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
