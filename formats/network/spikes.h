/* spikes.h - the digest of spike trains (docs/results.md, "Digest of a run")
 *
 * A train is what one spike monitor heard in one run. The digest of a run is that of the trains
 * of its spike monitors, in order of name; equal digests: the same spikes at the same times.
 */
#ifndef EG_NETWORK_SPIKES_H
#define EG_NETWORK_SPIKES_H

#include "common/digest.h"

typedef struct eg_train {
    eg_hash hash;
    uint64_t events;
} eg_train;

void eg_train_begin(eg_train *train);
/* `count` events in the order recorded: element and time in seconds. */
void eg_train_add(eg_train *train, uint64_t count, const int32_t *i, const double *t);

/* The digest of a run, train by train, in order of their monitors' names (by byte). */
void eg_trains_begin(eg_hash *run);
void eg_trains_add(eg_hash *run, const char *monitor, const eg_train *train);
void eg_trains_end(eg_digest *out, const eg_hash *run);

#endif
