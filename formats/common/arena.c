#include "common/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EG_ARENA_POISON 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define EG_ARENA_POISON 1
#endif

#ifdef EG_ARENA_POISON
#include <sanitizer/asan_interface.h>
#define POISON(address, size) ASAN_POISON_MEMORY_REGION(address, size)
#define UNPOISON(address, size) ASAN_UNPOISON_MEMORY_REGION(address, size)
#else
#define POISON(address, size) ((void)(address), (void)(size))
#define UNPOISON(address, size) ((void)(address), (void)(size))
#endif

enum { CHUNK = 32 * 1024, ALIGN = alignof(max_align_t) };

typedef struct chunk {
    struct chunk *next;
    size_t size; /* bytes behind the header */
    size_t used;
    max_align_t bytes[];
} chunk;

struct eg_arena {
    const engram_alloc *alloc;
    chunk *chunks; /* newest first */
    size_t used;
};

eg_arena *eg_arena_new(const engram_alloc *alloc)
{
    eg_arena *arena = eg_calloc(alloc, sizeof *arena);
    if (arena)
        arena->alloc = alloc;
    return arena;
}

void eg_arena_free(eg_arena *arena)
{
    if (!arena)
        return;
    const engram_alloc *alloc = arena->alloc;
    for (chunk *c = arena->chunks; c;) {
        chunk *next = c->next;
        UNPOISON(c->bytes, c->size);
        eg_free(alloc, c, sizeof *c + c->size);
        c = next;
    }
    eg_free(alloc, arena, sizeof *arena);
}

const engram_alloc *eg_arena_allocator(const eg_arena *arena)
{
    return arena->alloc;
}

void *eg_arena_alloc(eg_arena *arena, size_t size)
{
    size_t padded;
    if (!eg_add_size(&padded, size ? size : 1, ALIGN - 1))
        return NULL;
    padded = padded / ALIGN * ALIGN;
    chunk *c = arena->chunks;
    if (!c || c->size - c->used < padded) {
        const size_t room = padded > CHUNK / 4 ? padded : CHUNK;
        size_t bytes;
        if (!eg_add_size(&bytes, room, sizeof *c))
            return NULL;
        chunk *fresh = eg_calloc(arena->alloc, bytes);
        if (!fresh)
            return NULL;
        fresh->size = room;
        POISON(fresh->bytes, room);
        /* A block of its own goes behind the current chunk, whose rest stays usable. */
        if (c && room == padded) {
            fresh->next = c->next;
            c->next = fresh;
        } else {
            fresh->next = c;
            arena->chunks = fresh;
        }
        c = fresh;
    }
    char *block = (char *)c->bytes + c->used;
    UNPOISON(block, size);
    c->used += padded;
    arena->used += padded;
    return block;
}

void *eg_arena_array(eg_arena *arena, size_t count, size_t size)
{
    size_t bytes;
    return eg_mul_size(&bytes, count, size) ? eg_arena_alloc(arena, bytes) : NULL;
}

char *eg_arena_strndup(eg_arena *arena, const char *text, size_t length)
{
    if (length == SIZE_MAX)
        return NULL;
    char *copy = eg_arena_alloc(arena, length + 1);
    if (copy) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}

char *eg_arena_strdup(eg_arena *arena, const char *text)
{
    return eg_arena_strndup(arena, text, strlen(text));
}

char *eg_arena_printf(eg_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0)
        return NULL;
    char *text = eg_arena_alloc(arena, (size_t)length + 1);
    if (!text)
        return NULL;
    va_start(args, format);
    vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
    return text;
}

size_t eg_arena_used(const eg_arena *arena)
{
    return arena->used;
}
