/* arena.h - memory that lives and dies together (a document, a compilation)
 *
 *      chunk -> chunk -> chunk        each [header | used ... | free]
 *
 * Allocation is a pointer bump; release is all at once. Under AddressSanitizer the free
 * part of every chunk is poisoned. Not shared between threads.
 */
#ifndef EG_COMMON_ARENA_H
#define EG_COMMON_ARENA_H

#include "common/memory.h"

typedef struct eg_arena eg_arena;

/* A new arena; NULL when memory is out. Free with eg_arena_free (NULL allowed). */
eg_arena *eg_arena_new(const engram_alloc *alloc);
void eg_arena_free(eg_arena *arena);
const engram_alloc *eg_arena_allocator(const eg_arena *arena);

/* Zeroed memory aligned for any type; NULL when memory is out or the size overflows. */
void *eg_arena_alloc(eg_arena *arena, size_t size);
void *eg_arena_array(eg_arena *arena, size_t count, size_t size);
/* Copies with a terminating NUL; NULL when memory is out. */
char *eg_arena_strdup(eg_arena *arena, const char *text);
char *eg_arena_strndup(eg_arena *arena, const char *text, size_t length);
char *eg_arena_printf(eg_arena *arena, const char *format, ...) ENGRAM_PRINTF(2, 3);
/* Bytes handed out so far. */
size_t eg_arena_used(const eg_arena *arena);

#endif
