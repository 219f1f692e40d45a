/* memory.h - allocation inside the library: checked sizes, error filling, growth
 *
 * Everything goes through an engram_alloc. `alloc` NULL never reaches here: public entry
 * points replace it by the default.
 */
#ifndef EG_COMMON_MEMORY_H
#define EG_COMMON_MEMORY_H

#include "engram/alloc.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed block of `size` bytes (size 0 gives a 1-byte block). NULL when memory is out. */
void *eg_calloc(const engram_alloc *alloc, size_t size);
/* As eg_calloc for count * size, NULL also on overflow. */
void *eg_calloc_array(const engram_alloc *alloc, size_t count, size_t size);
/* Zeroed, aligned to `align` (a power of two, at most 4096). Free with eg_free_aligned. */
void *eg_calloc_aligned(const engram_alloc *alloc, size_t size, size_t align);
void eg_free_aligned(const engram_alloc *alloc, void *block, size_t size, size_t align);
/* Release a block of `size` bytes as given to eg_calloc. NULL is allowed. */
void eg_free(const engram_alloc *alloc, void *block, size_t size);

/* Make room for `need` elements of `size` bytes in *block (which has room for *capacity):
 * doubles, at least 8. False when memory is out or the size overflows; nothing changed. */
bool eg_grow(const engram_alloc *alloc, void *block_address, size_t *capacity, size_t need,
             size_t size);

/* *out = a * b, a + b. False on overflow, *out untouched. */
bool eg_mul_size(size_t *out, size_t a, size_t b);
bool eg_add_size(size_t *out, size_t a, size_t b);

/* Fill *err (if not NULL) and return `code`. The text is cut at the end of the buffer and
 * control characters in it become '?', so that it stays one line. */
engram_status eg_fail(engram_error *err, engram_status code, const char *format, ...)
    ENGRAM_PRINTF(3, 4);
/* eg_fail(E_MEMORY, "out of memory for <what>"). */
engram_status eg_fail_memory(engram_error *err, const char *what);
/* Put "<prefix>: " before an error's message, keeping its code: the callee knows the
 * position in a text, the caller knows which object's text it was. Returns err's code
 * (or `status` when err is NULL). */
engram_status eg_error_prefix(engram_error *err, engram_status status, const char *format, ...)
    ENGRAM_PRINTF(3, 4);

#endif
