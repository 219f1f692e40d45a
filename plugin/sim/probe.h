/* probe.h - monitors: what is recorded, and where it goes
 *
 * Every monitor of the network is a probe, whether it is active in a run or not, because the
 * results file must hold all its datasets from the beginning. Records go to the results file,
 * to memory, or to both; where neither is wanted the tasks of monitors are not run (reading
 * changes nothing).
 */
#ifndef EG_SIM_PROBE_H
#define EG_SIM_PROBE_H

#include "engram/record.h"
#include "common/libm.h"
#include "engram/sim.h"
#include "hdf5/provider.h"
#include "network/spikes.h"
#include "sim/keep.h"
#include "sim/store.h"

typedef struct eg_probe {
    const eg_monitor *monitor;
    size_t number; /* in the recorder */
    engram_record_kind kind;
    const int32_t *indices; /* STATES [rows]: elements of the source, as `indices` has them */
    uint64_t rows;
    uint64_t source_count;        /* elements of the source or slice */
    engram_record_column *column; /* those beside i and t */
    size_t column_count;
    eg_kept kept;    /* while `keep` of all probes is set */
    eg_train *train; /* SPIKES: of this run, while `digest` of all probes is set */
} eg_probe;

/* Whether its records are events of elements, not samples. */
static inline bool eg_probe_listed(const eg_probe *probe)
{
    return probe->kind == ENGRAM_RECORD_SPIKES || probe->kind == ENGRAM_RECORD_EVENTS;
}

typedef struct eg_probes {
    eg_probe *item; /* in the arena given */
    size_t count;
    const eg_hdf5_provider *provider; /* NULL: nothing is recorded */
    eg_recorder *recorder;
    bool keep;           /* in memory */
    bool digest;         /* trains are hashed */
    engram_train *train; /* of the runs so far, in the arena */
    size_t train_count;
    char libm[EG_LIBM_NAME];
} eg_probes;

/* Describe all monitors. `store` knows sizes of synapses. E_REFERENCE, E_SCHEMA, E_MEMORY. */
engram_status eg_probes_init(eg_probes *out, const eg_net *net, const eg_store *store,
                             eg_arena *arena, engram_error *err);
/* The elements that they record, anew: there may be other synapses now. E_LIMIT. */
engram_status eg_probes_count(eg_probes *probes, const eg_net *net, const eg_store *store,
                              engram_error *err);
eg_probe *eg_probes_find(const eg_probes *probes, const char *monitor);

/* Begin the results file, and put into it what the archive says was recorded before; or, from a
 * mark that its recorder gave [mark_size], what was recorded before that. */
engram_status eg_probes_open(eg_probes *probes, const eg_net *net, const char *target,
                             const engram_record_header *header, const void *mark,
                             size_t mark_size, eg_arena *arena, engram_error *err);
/* Keep records in memory from now on. E_MEMORY. */
engram_status eg_probes_keep(eg_probes *probes, const engram_alloc *alloc, engram_error *err);
/* Hash the spikes of the next `runs` runs. E_MEMORY. */
engram_status eg_probes_digest(eg_probes *probes, size_t runs, eg_arena *arena,
                               engram_error *err);
/* A run has ended: what was hashed becomes its train. E_MEMORY. */
engram_status eg_probes_run(eg_probes *probes, bool complete, eg_arena *arena,
                            engram_error *err);
bool eg_probes_wanted(const eg_probes *probes);
void eg_probes_abandon(eg_probes *probes); /* the file; and what is kept */

/* `count` events or samples of one probe; columns as it describes them. */
engram_status eg_probes_events(eg_probes *probes, eg_probe *probe, uint64_t count,
                               const int32_t *i, const double *t, const void *const *column,
                               engram_error *err);
engram_status eg_probes_samples(eg_probes *probes, eg_probe *probe, uint64_t count,
                                const double *t, const void *const *column, engram_error *err);

#endif
