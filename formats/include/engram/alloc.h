/* alloc.h - the one allocation hook
 *
 * No module of Engram calls malloc. An object remembers the allocator it was made with and
 * gives its memory back to it. Tier: stable.
 */
#ifndef ENGRAM_ALLOC_H
#define ENGRAM_ALLOC_H

#include "engram/status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* resize(context, block, old_size, new_size):
 *   block NULL, new_size > 0   allocate; aligned for any type, contents undefined
 *   block set,  new_size > 0   resize, contents kept up to the smaller size
 *   block set,  new_size == 0  release; returns NULL
 * Returns NULL when memory is out; the old block is then untouched. old_size is always
 * what was asked for last. Called from the thread that calls Engram; a run with several
 * threads allocates only while building. The struct must outlive what was made with it. */
typedef struct engram_alloc {
    void *(*resize)(void *context, void *block, size_t old_size, size_t new_size);
    void *context;
} engram_alloc;

/* The C library's heap. Static, never freed. */
ENGRAM_API const engram_alloc *engram_default_alloc(void);

#ifdef __cplusplus
}
#endif
#endif
