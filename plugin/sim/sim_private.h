/* sim_private.h - the parts of a running network and how they fit
 *
 *   model.c   a file -> a network that is judged and has statements
 *   needs.c   what of it only a host can run
 *   sim.c     the public calls: build, advance, finish
 *   run.c     one run(): setup, tasks, queues before it; what is left of them after it
 *   random.c  random streams from a file or a seed
 *   task.c    an executable -> a task: program, kernel, slots bound to memory
 *   step.c    a task does its work; a step is the due tasks in order
 *   checkpoint.c  all of it into bytes between two steps, and back
 *   clocks.c  flight.c store.c  probe.c  setup.c ...   what they work with
 *
 * Lifetimes: the model outlives the simulation; `arena` holds what lives as long as the
 * simulation; `now.arena` what is made anew for each run, because setup between runs may
 * resize arrays.
 */
#ifndef EG_SIM_PRIVATE_H
#define EG_SIM_PRIVATE_H

#include "common/rng.h"
#include "engram/live.h"
#include "engram/version.h"
#include "exec/exec.h"
#include "sim/adaptive.h"
#include "sim/checkpoint.h"
#include "sim/clocks.h"
#include "sim/connect.h"
#include "network/net_order.h"
#include "network/net_run.h"
#include "sim/probe.h"
#include "sim/random.h"
#include "sim/flight.h"
#include "sim/store.h"

/* One thing that the host has to give (needs.c); texts are the net's. */
typedef struct eg_need {
    engram_need_kind kind;
    const char *name, *user, *reason;
    uint32_t arguments;
} eg_need;

struct engram_model {
    eg_net *net;
    const engram_alloc *alloc;
    char *path; /* in the net's arena */
    char digest[33];
    eg_dialect dialect;
    double dt, duration;
    uint64_t neurons;
    eg_lent *lent; /* by engram_model_lend */
    size_t lent_count, lent_capacity;
    eg_need *need; /* in the net's arena */
    size_t need_count;
    const char **native_name; /* [native_count], by engram_model_function, in the net's arena */
    eg_native *native;
    size_t native_count;
    _Atomic bool *built; /* in the net's arena: nothing can be lent any more */
    eg_made made;        /* by the last engram_model_connect */
    eg_rng *rng;         /* of it; NULL before */
};

/* Fills model->need. */
engram_status eg_model_find_needs(engram_model *model, engram_error *err);
/* The host's function of a name; NULL if it gives none. */
eg_native *eg_model_native(const engram_model *model, const char *name);
/* E_UNSUPPORTED that names all that is not given; `operations`: they are called or left out. */
engram_status eg_model_refuse(const engram_model *model, bool operations, engram_error *err);

/* The list of events of one kind that one group emits. */
typedef struct eg_events {
    const char *group, *event; /* borrowed from the net */
    int32_t *list;             /* [capacity]; of the last step in which the emitter ran */
    uint32_t count;
    uint64_t capacity;
    uint64_t total;
    int32_t *shown; /* the caller's own list: [elements], then their number; or NULL */
    uint64_t shown_elements;
} eg_events;

enum { EG_SUM_BLOCK = 1024 }; /* synapses of a summed variable computed at once */

typedef enum eg_task_kind {
    EG_TASK_UPDATE,   /* state updaters, run_regularly, PoissonInput: all elements */
    EG_TASK_ADAPTIVE, /* state updaters of GSL */
    EG_TASK_THRESHOLD,
    EG_TASK_RESET,
    EG_TASK_SYNAPSES,
    EG_TASK_SUMMED,
    EG_TASK_STATES, /* monitors */
    EG_TASK_EVENTS,
    EG_TASK_RATE,
    EG_TASK_GENERATE, /* SpikeGeneratorGroup */
    EG_TASK_CALL      /* NetworkOperation */
} eg_task_kind;

/* Rows of `x_post += w` in the order of positions in flight.h. */
typedef struct eg_rows {
    bool plain;    /* the program is nothing but this */
    bool by_owner; /* segments are sorted by the thread that owns the target (split.h) */
    double *target;
    uint64_t targets;     /* elements of the array behind `target` */
    const uint32_t *post; /* [synapses] */
    const double *weight; /* [synapses]; NULL: `constant` */
    double constant;
    double *sorted;           /* own copy behind `weight`, NULL if it needs none */
    const int32_t *number;    /* with a copy: position -> synapse number */
    const eg_cell *source;    /* where the copy is from */
    const int32_t *by_number; /* target element by synapse number */
    const double *weight_by_number;
} eg_rows;

typedef struct eg_generator {
    const int32_t *neuron; /* [count] */
    const int32_t *bin;    /* [count] step of each spike, ascending */
    uint64_t count;
    int64_t period; /* in steps; 0: none */
    int32_t *last;  /* cell: spikes emitted */
} eg_generator;

typedef struct eg_task {
    const eg_executable *code;     /* NULL: CALL */
    const eg_operation *operation; /* CALL, else NULL */
    eg_task_kind kind;
    uint32_t clock;
    eg_program *program; /* NULL: no statements */
    eg_kernel *kernel;
    eg_kernel **kernels; /* [kernel_count] one a thread; NULL: the task is not split */
    uint32_t kernel_count;
    void **base;
    uint32_t *moving; /* slots read through index arrays that code writes */
    uint32_t moving_count;
    eg_frame frame;
    uint64_t elements;
    eg_events *events;       /* emitted or heard */
    int32_t start, stop;     /* elements heard */
    const double *t;         /* time of the group that emits */
    uint8_t *truth;          /* THRESHOLD: output [elements] */
    eg_compact_fn *compact;  /* THRESHOLD */
    uint8_t *not_refractory; /* THRESHOLD with refractoriness, else NULL */
    const eg_cell *lastspike;
    eg_flight *flight; /* SYNAPSES */
    eg_rows rows;
    int32_t *due; /* SYNAPSES: due synapse numbers; EVENTS: recorded elements */
    size_t due_capacity;
    double *times; /* EVENTS: recorded times */
    size_t times_capacity;
    eg_cell *target; /* SUMMED */
    const int32_t *target_index;
    uint64_t target_start, target_stop;
    void *sum; /* SUMMED: output buffer [block] */
    eg_dtype sum_type;
    bool one_by_one; /* SUMMED: the expression reads its own target */
    eg_probe *probe; /* monitors */
    void **column;   /* monitors: one output buffer for each of the probe's columns */
    double *rate_dt; /* RATE: dt of the source's clock */
    bool draws;      /* by philox, which wants to know where */
    uint64_t object; /* draws: number of the executable's name */
    uint32_t *turns; /* SYNAPSES that draw: [elements], zero between steps */
    uint32_t *turn;  /* ... [due] */
    size_t turn_capacity;
    double *spent; /* seconds it took, in sim->spent; NULL: not yet measured */
    eg_generator generator;
    eg_adaptive *adaptive; /* ADAPTIVE */
} eg_task;

typedef struct eg_run_state {
    bool going;
    uint64_t step, steps;
    double start, stop_at; /* network time at its beginning and end */
    double wall;
    eg_arena *arena;
    eg_net net; /* view of the network as this run begins: its code, its state */
    eg_order order;
    eg_task *task;
    size_t task_count;
} eg_run_state;

/* What an object's work has taken (ENGRAM_SIM_PROFILE). */
typedef struct eg_spent {
    const char *object; /* borrowed from the net */
    double *seconds;    /* in the arena */
} eg_spent;

/* What a pathway still owes when a run has ended. */
typedef struct eg_left {
    const char *pathway;
    eg_pending pending;
} eg_left;

/* One entry of the list of variables. */
typedef struct eg_shown {
    const char *object, *name;
    eg_cell *cell;
    const eg_synapses *ends; /* "i" or "j" of synapses; else NULL */
    int32_t *shifted;        /* [shifted_count] relative to a slice; made when asked for */
    uint64_t shifted_count;
} eg_shown;

struct eg_worker;

struct engram_sim {
    const engram_model *model;
    const eg_net *net;
    const engram_alloc *alloc;
    eg_arena *arena;
    eg_store *store;
    eg_rng *rng;
    eg_clocks clocks;
    eg_math math;
    eg_exec_options exec;
    eg_lower_options lower;
    uint32_t threads;
    struct eg_pool *pool;                      /* NULL: one thread */
    struct eg_worker *worker;                  /* [threads] */
    uint64_t *thread_elements, *thread_events; /* [threads] for the summary */
    int64_t seed;
    double last_duration;
    char isa[16];
    eg_events **events; /* each in the arena: tasks point to them */
    size_t event_count, event_capacity;
    eg_probes probes;
    eg_left *left;
    size_t left_count;
    eg_run_state now;
    uint32_t run, runs; /* run: number of the one that goes on or comes next */
    size_t setup_done;
    bool settled; /* setup is history: there was a state */
    double t;
    bool failed, finished;
    uint64_t last_step, last_steps; /* of the run reported last */
    uint64_t total_steps, delivered;
    double wall, cpu, build_time, simulated;
    uint64_t synapses, synapse_bytes;
    eg_shown *shown;
    size_t shown_count;
    int32_t *spikes; /* of the last engram_sim_spikes, for a slice */
    size_t spike_capacity;
    engram_population *population;
    size_t population_count;
    const char *results;  /* name of the results file, NULL: none */
    const char *archive;  /* name of the network in it */
    const char *digest;   /* of its file */
    char identity[33];    /* of the model; "": not yet computed */
    const char *left_out; /* "operations: kick", NULL: nothing */
    uint32_t flags;       /* ENGRAM_SIM_* */
    engram_call *call;
    void *call_context;
    bool stop_asked, stopped; /* by a call: behind this step; the last run was */
    eg_spent *spent;
    size_t spent_count, spent_capacity;
};

#define ENGRAM_ENGINE "engram " ENGRAM_VERSION

/* ---- run.c ------------------------------------------------------------------------------- */

double eg_run_duration(const engram_sim *sim, uint32_t run);
engram_status eg_run_begin(engram_sim *sim, engram_error *err);
/* After the last step of a run, or to break it off: spikes in flight are kept as pending
 * events, the results learn of the run. */
typedef enum eg_run_outcome {
    EG_RUN_WHOLE,
    EG_RUN_STOPPED, /* by the network's own code: what follows goes on from here */
    EG_RUN_BROKEN   /* by the caller: nothing follows */
} eg_run_outcome;
engram_status eg_run_end(engram_sim *sim, eg_run_outcome outcome, engram_error *err);
void eg_run_discard(engram_sim *sim);
/* In the middle of a run whose arrays, clocks, streams and flights are in place. */
engram_status eg_run_go_on(engram_sim *sim, const engram_checkpoint *from, engram_error *err);
/* `from` NULL: a simulation that starts. */
engram_status eg_run_open_probes(engram_sim *sim, const engram_checkpoint *from,
                                 engram_error *err);
/* `event` is borrowed as long as the simulation lives. */
engram_status eg_run_add_events(engram_sim *sim, const eg_group *group, const char *event,
                                engram_error *err);
engram_status eg_run_flights(eg_left **out, size_t *owned, size_t *count, const engram_sim *sim,
                             eg_arena *arena, engram_error *err);

/* ---- checkpoint.c ------------------------------------------------------------------------ */

/* A simulation without a run becomes what was stored; its store is there. */
engram_status eg_checkpoint_load(engram_sim *sim, const engram_checkpoint *from,
                                 engram_error *err);
/* E_DIGEST: of another network; E_STATE: without what the simulation's flags want. */
engram_status eg_checkpoint_judge(engram_sim *sim, const engram_checkpoint *from,
                                  engram_error *err);
/* Parts of it, for run.c. Sizes of monitors; events; spikes that generators have emitted. */
engram_status eg_checkpoint_rows(engram_sim *sim, const engram_checkpoint *from,
                                 engram_error *err);
engram_status eg_checkpoint_events(engram_sim *sim, const engram_checkpoint *from,
                                   engram_error *err);
engram_status eg_checkpoint_generators(engram_sim *sim, const engram_checkpoint *from,
                                       engram_error *err);
/* Of the results file's recorder; NULL: there was none. */
const void *eg_checkpoint_mark(const engram_checkpoint *from, size_t *size);

/* ---- model.c ----------------------------------------------------------------------------- */

/* The digest of `network` and `code` as they are run, 32 digits. E_IO, E_MEMORY. */
engram_status eg_model_identity(char out[33], const engram_model *model, engram_error *err);

/* ---- task.c ------------------------------------------------------------------------------ */

/* Fill `task` for an executable of the current run. Everything but kernel, flight and due lives
 * in sim->now.arena. */
engram_status eg_task_bind(eg_task *task, engram_sim *sim, const eg_executable *code,
                           engram_error *err);
/* E_LIMIT where code has changed an index array so that it leads out of what is read through.
 */
engram_status eg_task_check_moving(const engram_sim *sim, const eg_task *task,
                                   engram_error *err);
void eg_task_clear(eg_task *task, const engram_alloc *alloc);
eg_events *eg_sim_find_events(const engram_sim *sim, const char *group, const char *event);

/* ---- sim.c ------------------------------------------------------------------------------- */

double eg_seconds_now(void); /* of a clock that only goes on */

/* The list of variables, once; before the first step. */
engram_status eg_sim_list_variables(engram_sim *sim, engram_error *err);

/* ---- step.c ------------------------------------------------------------------------------ */

engram_status eg_step(engram_sim *sim, engram_error *err);

#endif
