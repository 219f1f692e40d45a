/* keep.h - what a monitor recorded, in memory
 *
 * Columns grow as they are appended to; nothing is ever taken away. Capacities are powers of
 * two, so a record costs what it holds, twice at most.
 */
#ifndef EG_SIM_KEEP_H
#define EG_SIM_KEEP_H

#include "common/dtype.h"
#include "common/memory.h"

typedef struct eg_kept_column {
    void *data;
    size_t capacity; /* elements */
    size_t size;     /* bytes of one */
} eg_kept_column;

typedef struct eg_kept {
    const engram_alloc *alloc;
    uint64_t records;
    uint64_t rows; /* numbers in one record of a column: 1 for events */
    eg_kept_column t, i;
    eg_kept_column *column; /* [columns] */
    size_t columns;
    int32_t *count; /* [elements] or NULL */
    uint64_t elements;
} eg_kept;

/* `elements`: of the source, for events; 0: samples. `dtype` [columns]. E_MEMORY. */
engram_status eg_kept_init(eg_kept *out, const engram_alloc *alloc, size_t columns,
                           const eg_dtype *dtype, uint64_t rows, uint64_t elements,
                           engram_error *err);
void eg_kept_clear(eg_kept *kept); /* zeroed: allowed */
/* `count` records: t [count], i [count] or NULL, each column [count][rows]. E_MEMORY; then
 * nothing is added. */
engram_status eg_kept_add(eg_kept *kept, uint64_t count, const double *t, const int32_t *i,
                          const void *const *column, engram_error *err);

#endif
