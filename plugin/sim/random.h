/* random.h - random streams: as a file states them, as a seed makes them
 *
 * The rule of drawing (rng->rule) is the caller's and stays.
 */
#ifndef EG_SIM_RANDOM_H
#define EG_SIM_RANDOM_H

#include "common/rng.h"
#include "network/net.h"

/* E_SCHEMA: no 624 words, a position or buffer that does not fit; E_IO from the medium. */
engram_status eg_random_load(eg_rng *rng, const eg_random *random, engram_error *err);
/* -1: a seed from the system. E_IO if it has none. */
engram_status eg_random_seed(eg_rng *rng, int64_t seed, engram_error *err);

#endif
