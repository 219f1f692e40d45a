/* indices.h - nothing that a file says may lead out of an array: the numbers in an index array
 * are compared with the arrays that are read through it
 */
#ifndef EG_SIM_INDICES_H
#define EG_SIM_INDICES_H

#include "ir/program.h"
#include "sim/store.h"

/* For slot `number`, an array read by way of another one: the first `elements` of that index
 * array, base[slot->via], lead into the slot's. An index array of int64 is copied to its room
 * in `base` first; what is no int32 leads nowhere. E_LIMIT, E_SCHEMA, with `where` in front.
 * Other slots are passed over. */
engram_status eg_indices_check(const eg_store *store, const eg_program *program,
                               void *const *base, uint32_t number, uint64_t elements,
                               const char *where, engram_error *err);

#endif
