/* setup.h - replay of connect, initialisers and seeds where an archive has no `state`
 *
 * In program order, as Brian2's standalone target does them (semantics 6.2, 6.3, 7.9): same
 * draws, same order of synapses. `rng` is the one stream of the simulation.
 */
#ifndef EG_SIM_SETUP_H
#define EG_SIM_SETUP_H

#include "common/rng.h"
#include "sim/store.h"

/* Replay setup[first, end). `seed` >= 0 seeds the stream in front of step 0 and takes
 * precedence over seed steps; -1: as the archive says, from the system where it says nothing.
 * Arrays of synapses are resized; counts N, N_incoming, N_outgoing follow. Errors name the
 * step, the object and the text position. */
engram_status eg_setup_replay(eg_store *store, const eg_net *net, eg_rng *rng, size_t first,
                              size_t end, int64_t seed, engram_error *err);

#endif
