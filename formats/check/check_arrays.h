/* check_arrays.h - every stored array of a network, as the engine will lay it out
 *
 * One entry for each variable of a clock, group, synapses and pathway, and for each array of
 * `state` beyond them. Rules ask it how long an array is and what an index array leads to.
 * Where the file has no state, arrays whose size follows from the setup are not `sized`: the
 * engine judges them when they are there.
 */
#ifndef EG_CHECK_CHECK_ARRAYS_H
#define EG_CHECK_CHECK_ARRAYS_H

#include "check/check_rules.h"

typedef struct eg_stored {
    const char *owner, *variable;
    eg_dtype dtype;
    bool sized;
    uint64_t count;        /* elements, if sized */
    const eg_source *data; /* NULL: Brian2's initial values */
    int64_t first;         /* without data: element k is first + k * step */
    int64_t step;
    bool ranged; /* low and high are known */
    int32_t low, high;
    bool engine;         /* clocks and _lastindex: the engine counts with it */
    const char *indexes; /* what reads through it: an executable, synapses; else NULL */
    const char *writes;  /* an executable that writes it, else NULL */
} eg_stored;

/* Room to read an array by range: so many elements of 8 bytes, in the checker's arena. NULL:
 * no memory. */
enum { EG_CHECK_BLOCK = 1 << 14 };
void *eg_check_block(eg_checker *c);

/* Built on first use; in the checker's arena. */
engram_status eg_check_arrays(eg_checker *c);
/* NULL if there is none. After eg_check_arrays. */
eg_stored *eg_check_stored(const eg_checker *c, const char *owner, const char *variable);
eg_stored *eg_check_stored_at(const eg_checker *c, size_t k); /* NULL behind the last */
void eg_check_arrays_free(eg_checker *c);

/* Least and greatest value of a sized array of int32 or int64; of an empty one 0 and -1.
 * Reads it once, with what int32 does not hold as INT32_MIN or INT32_MAX. E_IO from the
 * medium, E_MEMORY. */
engram_status eg_check_range(eg_checker *c, eg_stored *array);
/* The same for an array that is not stored: a list of the network's. */
engram_status eg_check_source_range(eg_checker *c, const eg_source *source, int32_t *low,
                                    int32_t *high);

/* Elements of a group or synapses. False where that is not yet known, or nothing has the
 * name. */
bool eg_check_extent(const eg_checker *c, const char *name, uint64_t *count);

#endif
