/* checkpoint.h - a simulation as it stands between two steps, to go on from
 *
 * In memory, to go back to:
 *
 *     engram_sim_store(&kept, sim, &err);
 *     ... engram_sim_advance ...
 *     engram_sim_restore(sim, kept, &err);            as often as wanted
 *     engram_checkpoint_close(kept);
 *
 * In a file, for a process that may be killed:
 *
 *     engram_sim_checkpoint(sim, "x.h5.checkpoint", NULL, &err);         now and then
 *
 *     engram_checkpoint_open(&found, "x.h5.checkpoint", NULL, &err);     in another process
 *     options.checkpoint = found;
 *     options.results = "x.h5";
 *     engram_sim_build(&sim, model, &options, &err);  instead of from the start
 *
 * A checkpoint holds everything that the steps behind it depend on: all arrays, the clocks as
 * integer ticks, the random streams with their buffers, spikes in flight, the events of the
 * last step, which run goes on and how far it is, what monitors have kept in memory, and how
 * much of the results file was written. So what follows has the same bits as if nothing had
 * happened. It does not hold the network: that is opened again, and must have the same
 * `network` and `code`; its `state` at the beginning is neither read nor compared.
 *
 * Format of the file, and what it guarantees: docs/checkpoint.md. Threads: as a simulation; a
 * checkpoint is immutable and may serve several. Tier: experimental.
 */
#ifndef ENGRAM_CHECKPOINT_H
#define ENGRAM_CHECKPOINT_H

#include "engram/sim.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Keep `sim` as it is between two calls of engram_sim_advance, in memory. Release with
 * engram_checkpoint_close, before or after the simulation and its model. Errors: E_STATE (the
 * simulation failed or was finished), E_IO (results cannot be written, or what the digest of
 * the network needs read), E_MEMORY. *out is NULL on failure; the simulation is as before. */
ENGRAM_API engram_status engram_sim_store(engram_checkpoint **out, engram_sim *sim,
                                          engram_error *err) ENGRAM_MUST_USE;

/* Go back (or forward) to where a simulation of the same network was; its seed, mathematics,
 * rule of drawing and duration come along. Pointers that variables or records gave are void.
 * What monitors keep in memory is taken back to that moment. Errors: E_STATE (a results file is
 * written: nothing can be taken back there; failed; finished; another rule of drawing; monitors
 * keep records, or are hashed, and the checkpoint has none), E_DIGEST (another network): the
 * simulation is then as before. E_FORMAT and E_LIMIT (contents that do not fit the network, a
 * lent array of another size), E_MEMORY: then only engram_sim_free is of use. */
ENGRAM_API engram_status engram_sim_restore(engram_sim *sim,
                                            const engram_checkpoint *checkpoint,
                                            engram_error *err) ENGRAM_MUST_USE;

/* engram_sim_store into a file: written beside, synced, renamed, so that `path` holds the last
 * one or this one, whole. What has been recorded goes to the disk first; the unfinished results
 * file then stays for the checkpoint if the simulation is freed without engram_sim_finish.
 * `note` (NULL: none) is a text of the host's, given back by engram_checkpoint_describe.
 * Errors: as of engram_sim_store; E_STATE also: another process writes it; E_IO: what stood at
 * `path` still does. */
ENGRAM_API engram_status engram_sim_checkpoint(engram_sim *sim, const char *path,
                                               const char *note,
                                               engram_error *err) ENGRAM_MUST_USE;

/* Open a file; it stays mapped until it is closed, and may be replaced meanwhile. `alloc` NULL:
 * the C library's heap. Errors: E_IO, E_FORMAT (no checkpoint, truncated, malformed), E_DIGEST
 * (damaged), E_VERSION (of a newer major version), E_MEMORY. *out is NULL on failure. */
ENGRAM_API engram_status engram_checkpoint_open(engram_checkpoint **out, const char *path,
                                                const engram_alloc *alloc,
                                                engram_error *err) ENGRAM_MUST_USE;
/* NULL is allowed. Not before engram_sim_build with it has returned. */
ENGRAM_API void engram_checkpoint_close(engram_checkpoint *checkpoint);

/* Texts are lent until the checkpoint is closed. */
typedef struct engram_checkpoint_info {
    size_t size;
    const char *identity;   /* digest of `network` and `code`, 32 hexadecimal digits */
    const char *archive;    /* name of the network, as results files have it */
    const char *digest;     /* of the file that it was opened from */
    const char *engine;     /* that made it, "engram 0.1.0" */
    const char *math, *rng; /* as in engram_summary */
    const char *libm;       /* C library and FMA variant that it computed with */
    const char *note;       /* the host's; "": none */
    int64_t seed;           /* -1: none was set */
    uint32_t run, runs;     /* the run that goes on or comes next, from 0; how many there are */
    uint64_t step;          /* steps done in it */
    uint64_t total;         /* steps done in all runs */
    double t;               /* network time, seconds */
    int results;            /* 1: a results file was being written */
    int operations_left_out; /* 1: ENGRAM_SIM_IGNORE_OPERATIONS was set */
} engram_checkpoint_info;

#define ENGRAM_CHECKPOINT_INFO_INIT                                                            \
    {                                                                                          \
        sizeof(engram_checkpoint_info), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0,  \
            0, 0, 0, 0.0, 0, 0                                                                 \
    }

/* Fills the fields that info->size covers. */
ENGRAM_API void engram_checkpoint_describe(const engram_checkpoint *checkpoint,
                                           engram_checkpoint_info *info);

#ifdef __cplusplus
}
#endif
#endif
