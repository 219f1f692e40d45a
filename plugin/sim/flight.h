/* flight.h - spikes in flight on one pathway, and the rows of synapses they reach
 *
 *     order    synapses sorted by (element listened to, delay, number):
 *
 *              row[3]          row[4]
 *                |  age 2 | age 7 |  ...          position -> synapse number
 *
 *     flight   a ring of the spike lists of the last steps. A list is visited at each age
 *              that occurs; every spike in it keeps a cursor into its row, so that the
 *              segment that is due starts where the last one ended.
 *
 * Order of delivery is Brian2's (semantics 6.5): step of emission, position in the spike
 * list, synapse number. A spike is never expanded into synapses before they are due
 * (docs/decisions/0004). Events that an archive brings along, or that an earlier run left,
 * are kept as synapse numbers and come first: they were pushed before anything else.
 */
#ifndef EG_SIM_FLIGHT_H
#define EG_SIM_FLIGHT_H

#include "common/memory.h"

typedef struct eg_flight eg_flight;

/* Events pushed before this queue was made. Arrays owned by whoever fills it. */
typedef struct eg_pending {
    int32_t *steps;   /* [count], ascending: executions until due, 0 is the next */
    int32_t *synapse; /* [count], in order of delivery */
    uint64_t count;
} eg_pending;

typedef struct eg_flight_plan {
    const char *name;          /* of the pathway, for errors */
    const int32_t *source;     /* [synapses] element listened to, absolute */
    uint64_t synapses;         /* below 2^31 */
    uint64_t source_count;     /* elements of the group listened to */
    const double *delay;       /* [1] or [synapses], seconds */
    uint64_t delay_count;      /* 1 or `synapses` */
    double dt;                 /* of the clock it runs on, seconds */
    int32_t start, stop;       /* elements heard */
    const eg_pending *pending; /* borrowed during the call */
} eg_flight_plan;

/* Errors: E_LIMIT (a delay that is negative, no number, or beyond 2^22 steps; an element
 * outside the group), E_MEMORY. */
engram_status eg_flight_new(eg_flight **out, const eg_flight_plan *plan,
                            const engram_alloc *alloc, engram_error *err);
void eg_flight_free(eg_flight *queue); /* NULL allowed */

/* Position -> synapse number [synapses]; NULL if positions are numbers. */
const int32_t *eg_flight_order(const eg_flight *queue);
size_t eg_flight_bytes(const eg_flight *queue);
/* Behind the last position that is always due together with `position`: the same element and
 * the same age. */
uint32_t eg_flight_segment_end(const eg_flight *queue, uint32_t position);

/* A run of due positions. */
typedef struct eg_segment {
    uint32_t first, count;
} eg_segment;

/* What one execution delivers: first `early` (synapse numbers), then the segments, each in
 * order. Lent until the next call. */
typedef struct eg_due {
    const int32_t *early;
    uint64_t early_count;
    const eg_segment *segment;
    uint32_t segment_count;
    uint64_t count; /* synapses altogether */
} eg_due;

/* One execution: push the events (element numbers, any order), take what is due, go one step
 * on. E_MEMORY. */
engram_status eg_flight_step(eg_flight *queue, const int32_t *event, uint32_t count,
                             eg_due *due, engram_error *err);

/* Everything still in flight, in the form of eg_pending; its arrays are released with
 * eg_pending_clear. E_MEMORY. */
engram_status eg_flight_pending(eg_pending *out, const eg_flight *queue, engram_error *err);
void eg_pending_clear(eg_pending *pending, const engram_alloc *alloc);

#endif
