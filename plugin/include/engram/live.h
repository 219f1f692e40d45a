/* live.h - a network that lives in the caller's process
 *
 * For hosts that have the network in memory already (Brian2 itself): the description comes as
 * the bytes of a document, the arrays stay where they are, monitors are kept in memory, and
 * the host is called where its own code stands in the schedule.
 *
 *     engram_model_open_bytes(&model, document, size, NULL, &err);
 *     engram_model_lend(model, "neurongroup", "v", ENGRAM_F64, n, v, &err);    each array
 *     options.flags = ENGRAM_SIM_KEEP;
 *     options.call = my_operations;
 *     engram_sim_build(&sim, model, &options, &err);
 *     ... engram_sim_advance until finished: `v` changes in place ...
 *     engram_sim_recorded(sim, "spikemonitor", &records, &err);
 *     engram_sim_random(sim, &random);  engram_sim_pending(sim, "synapses_pre", ...);
 *
 * Threads and life as in model.h and sim.h. Tier: experimental.
 */
#ifndef ENGRAM_LIVE_H
#define ENGRAM_LIVE_H

#include "engram/sim.h"

#ifdef __cplusplus
extern "C" {
#endif

/* As engram_model_open, from a document's bytes, which must stay until the model is closed.
 * Errors name it "(memory)". */
ENGRAM_API engram_status engram_model_open_bytes(engram_model **out, const void *document,
                                                 size_t size,
                                                 const engram_model_options *options,
                                                 engram_error *err) ENGRAM_MUST_USE;

/* Say where a stored array is: simulations work in `data` itself, without a copy. It must be
 * aligned for its type, share no memory with what else is lent, and stay, unmoved, until the
 * last simulation of the model is freed; two simulations must not run at once in lent arrays.
 * Before the first build. Where `_spikespace` or `_<event>space` of a group is lent (int32:
 * elements, and their number in the last place), the events of its last step are shown there.
 * Dynamic variables that are lent have size -1 in the document: its rules are judged before
 * anything is lent. Errors: E_ARGUMENT (NULL with elements), E_STATE (after a build), E_MEMORY;
 * what does not fit its variable is refused by engram_sim_build. */
ENGRAM_API engram_status engram_model_lend(engram_model *model, const char *object,
                                           const char *variable, engram_dtype dtype,
                                           uint64_t count, void *data,
                                           engram_error *err) ENGRAM_MUST_USE;

/* ---- random streams ------------------------------------------------------------------------
 */

/* As they stand: MT19937 as numpy has it, and Brian2's two buffers. */
typedef struct engram_random {
    size_t size;
    uint32_t words[624];
    uint32_t position; /* 0 to 624 */
    int has_gauss;
    double gauss;
    const double *uniforms, *normals;   /* [20000] */
    uint32_t next_uniform, next_normal; /* 0: a refill comes first */
} engram_random;

/* ---- making synapses -----------------------------------------------------------------------
 */

/* The synapses that step number `step` of network/setup, a connect, creates: elements of the
 * whole source and target in order of creation, [count] each, lent until the next call or the
 * model's end. Arrays that its expressions read are lent before, or in the document's state.
 * Draws are those of Brian2's compiled targets (brian2/codegen/runtime/cython_rt/templates/
 * synapses_create_generator.pyx), from the streams of *random, which is left as they then
 * stand, also after an error; its buffers are lent likewise, and may be those of the last call.
 * A buffer whose `next` is 0 is not read. Functions of the network that expressions call are
 * those of engram_model_function, else they have bodies. Nothing of the model changes.
 * Errors: E_ARGUMENT (no such step, no connect, a missing buffer, a step of 0), E_SYNTAX,
 * E_DIMENSION, E_REFERENCE, E_LIMIT (an index or a sample out of range, 2^31 synapses),
 * E_UNSUPPORTED, E_NUMERIC, E_INTERRUPTED (a function of the host's failed), E_MEMORY. */
ENGRAM_API engram_status engram_model_connect(engram_model *model, uint64_t step,
                                              engram_random *random, const int32_t **source,
                                              const int32_t **target, uint64_t *count,
                                              engram_error *err) ENGRAM_MUST_USE;

/* The streams of the connect that is going on, for functions of the host's that draw from the
 * same ones: as engram_sim_random and engram_sim_set_random. Without one they are those that
 * the last left; before the first all is 0, and setting is E_STATE. */
ENGRAM_API void engram_model_random(const engram_model *model, engram_random *out);
ENGRAM_API engram_status engram_model_set_random(engram_model *model,
                                                 const engram_random *random,
                                                 engram_error *err) ENGRAM_MUST_USE;

/* ---- what monitors kept (ENGRAM_SIM_KEEP) ------------------------------------------------ */

typedef enum engram_recorded_kind {
    ENGRAM_RECORDED_SPIKES, /* i, t, count, columns [records] */
    ENGRAM_RECORDED_EVENTS, /* the same of custom events */
    ENGRAM_RECORDED_STATES, /* t [records], columns [records][rows] */
    ENGRAM_RECORDED_RATE    /* t and the column "rate" [records] */
} engram_recorded_kind;

/* All lent until the next engram_sim_advance or free. */
typedef struct engram_recorded {
    size_t size;
    engram_recorded_kind kind;
    uint64_t records; /* events or samples, of all runs of this simulation */
    uint64_t rows;    /* STATES: recorded elements; SPIKES, EVENTS: elements of the source */
    const double *t;  /* [records], seconds */
    const int32_t *i; /* SPIKES, EVENTS: [records], else NULL */
    const int32_t *count; /* SPIKES, EVENTS: [rows] events of each element, else NULL */
    uint64_t columns;     /* further variables: engram_sim_recorded_column */
} engram_recorded;

#define ENGRAM_RECORDED_INIT                                                                   \
    {                                                                                          \
        sizeof(engram_recorded), ENGRAM_RECORDED_SPIKES, 0, 0, NULL, NULL, NULL, 0             \
    }

/* E_REFERENCE: no such monitor; E_STATE: nothing is kept. */
ENGRAM_API engram_status engram_sim_recorded(engram_sim *sim, const char *monitor,
                                             engram_recorded *out,
                                             engram_error *err) ENGRAM_MUST_USE;
/* Column `index` of a monitor: its name, type and numbers ([records] or [records][rows]).
 * E_ARGUMENT: `index` is too large. */
ENGRAM_API engram_status engram_sim_recorded_column(engram_sim *sim, const char *monitor,
                                                    uint64_t index, const char **name,
                                                    engram_dtype *dtype, const void **data,
                                                    engram_error *err) ENGRAM_MUST_USE;

/* ---- what goes on in the next run -----------------------------------------------------------
 */

/* The buffers are lent until the next advance or free. */
ENGRAM_API void engram_sim_random(const engram_sim *sim, engram_random *out);

/* Let the streams go on as *random says, for a host whose own code draws from the same ones:
 * between two advances, or inside of one from a function that the engine calls (options.call,
 * engram_model_function). A buffer whose `next` is 0 is not read; one that engram_sim_random
 * showed stays as it is. Errors, behind which nothing is changed: E_ARGUMENT (a position out of
 * range, a missing buffer), E_STATE (the rule "philox", which keeps no streams). */
ENGRAM_API engram_status engram_sim_set_random(engram_sim *sim, const engram_random *random,
                                               engram_error *err) ENGRAM_MUST_USE;

/* Events in flight on a pathway when the last run ended: executions until due (0: the next) and
 * synapse numbers, in order of delivery; lent until the next advance or free. E_STATE while a
 * run is going on. A pathway that has none, or did not run, gives 0. */
ENGRAM_API engram_status engram_sim_pending(const engram_sim *sim, const char *pathway,
                                            const int32_t **steps, const int32_t **synapse,
                                            uint64_t *count, engram_error *err) ENGRAM_MUST_USE;

/* ---- where the time goes (ENGRAM_SIM_PROFILE) --------------------------------------------
 */

/* Seconds that object number `index` took so far, in all runs; objects in the order in which
 * they ran first. *object is NULL from the last one on, and lent until free. E_STATE: time is
 * not taken. */
ENGRAM_API engram_status engram_sim_spent(const engram_sim *sim, uint64_t index,
                                          const char **object, double *seconds,
                                          engram_error *err) ENGRAM_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
