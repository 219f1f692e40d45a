/* source.h - big arrays that are read by range
 *
 * A source is a shape, a type and a way to copy elements [first, first + count) in C order.
 * It may be a piece list of a mapped document, an HDF5 dataset, or memory. Nothing above
 * needs an array whole; `data` offers a borrowed pointer where one exists anyway.
 */
#ifndef EG_NETWORK_SOURCE_H
#define EG_NETWORK_SOURCE_H

#include "common/arena.h"
#include "common/digest.h"
#include "common/dtype.h"

enum { EG_SOURCE_DIMS = 2 };

typedef struct eg_source eg_source;

typedef struct eg_source_ops {
    /* Copy elements [first, first + count) into `out`, little-endian host layout, in the
     * source's own dtype. The range is valid (checked by eg_source_read). */
    engram_status (*read)(const eg_source *source, void *out, uint64_t first, uint64_t count,
                          engram_error *err);
    /* All elements as one aligned run of memory valid as long as the source; NULL if the
     * source has none. */
    const void *(*data)(const eg_source *source);
} eg_source_ops;

struct eg_source {
    const eg_source_ops *ops;
    eg_dtype dtype;
    uint32_t ndim; /* 0 (scalar), 1 or 2 */
    uint64_t shape[EG_SOURCE_DIMS];
    uint64_t count;          /* product of the shape */
    const void *content;     /* of the implementation */
    const eg_digest *digest; /* of the elements, as the file states it; NULL: it does not */
};

/* A source over memory that the caller keeps. Arena-allocated; E_MEMORY. */
engram_status eg_source_memory(eg_source **out, eg_arena *arena, eg_dtype dtype, uint32_t ndim,
                               const uint64_t *shape, const void *data, engram_error *err);

/* Copy a range. E_LIMIT if it is not inside; E_IO from the medium. */
engram_status eg_source_read(const eg_source *source, void *out, uint64_t first, uint64_t count,
                             engram_error *err);
/* Copy a range converted to `dtype`. Exact or refused: a value that `dtype` cannot hold
 * (range, fraction) is E_LIMIT with its index. */
engram_status eg_source_read_as(const eg_source *source, eg_dtype dtype, void *out,
                                uint64_t first, uint64_t count, engram_error *err);
/* Of the elements as they are read: little endian, C order. What `source->digest` states is
 * not looked at. E_IO, E_MEMORY. */
engram_status eg_source_digest(eg_digest *out, const eg_source *source,
                               const engram_alloc *alloc, engram_error *err);
/* Same dtype, shape and bytes. */
engram_status eg_source_equal(bool *equal, const eg_source *a, const eg_source *b,
                              engram_error *err);

#endif
