/* store.h - the arrays of a simulation, by owner and variable
 *
 * One cell per stored variable of every clock, group, synapses and pathway. Contents: from
 * the archive's `state` where it has them, else zero with Brian2's exceptions
 * (not_refractory True, lastspike -1e4 s; semantics 3.2). Memory is aligned to 64 bytes and
 * padded to whole blocks of 64 bytes. Cells never move after eg_store_freeze.
 */
#ifndef EG_SIM_STORE_H
#define EG_SIM_STORE_H

#include "network/net.h"

typedef struct eg_cell {
    const char *owner, *variable; /* borrowed from the net */
    eg_dtype dtype;
    uint64_t count;
    void *data; /* owned by the store unless `borrowed` */
    eg_dim dim;
    const char *unit;
    bool scalar, constant, read_only, dynamic;
    bool lent;     /* a host may write it between steps */
    bool borrowed; /* `data` is the caller's */
} eg_cell;

typedef struct eg_store eg_store;

/* An array that stays where the caller has it. */
typedef struct eg_lent {
    const char *owner, *variable; /* live as long as the store */
    void *data;
} eg_lent;

/* All variables of `net` (which must outlive the store). Clocks get cells "t" (float64),
 * "dt" (float64) and "timestep" (int64). E_MEMORY, E_SCHEMA (a state array whose type or size
 * does not fit its variable), E_REFERENCE. `lent`: arrays that are not copied; each is also in
 * the net's state, over the same memory. */
engram_status eg_store_new(eg_store **out, const eg_net *net, const engram_alloc *alloc,
                           engram_error *err);
engram_status eg_store_new_lent(eg_store **out, const eg_net *net, const eg_lent *lent,
                                size_t lent_count, const engram_alloc *alloc,
                                engram_error *err);
void eg_store_free(eg_store *store); /* NULL allowed */

/* NULL if there is none. */
eg_cell *eg_store_find(const eg_store *store, const char *owner, const char *variable);
/* All cells, in order of (owner, variable) by code point. */
size_t eg_store_count(const eg_store *store);
eg_cell *eg_store_at(const eg_store *store, size_t k);
/* Grow or shrink a dynamic cell, new elements zero. Not after freeze (asserted). */
engram_status eg_store_resize(eg_store *store, eg_cell *cell, uint64_t count,
                              engram_error *err);
/* Contents of arrays that a file states anew, between runs. Dynamic cells take the size that
 * is stated; arrays that no cell holds are a monitor's own, and left. Not after freeze. */
engram_status eg_store_apply(eg_store *store, const eg_array_list *arrays, engram_error *err);
/* A cell as another store had it: type, size and contents (`data`, of any byte for bool); one
 * that is not there yet comes to be. E_FORMAT if the variable is of another type or size.
 * Not after freeze. */
engram_status eg_store_put(eg_store *store, const eg_cell *stored, engram_error *err);
void eg_store_freeze(eg_store *store);
void eg_store_thaw(eg_store *store); /* between runs */

#endif
