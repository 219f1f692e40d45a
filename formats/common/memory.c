#include "common/memory.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *heap_resize(void *context, void *block, size_t old_size, size_t new_size)
{
    (void)context;
    (void)old_size;
    if (new_size == 0) {
        free(block);
        return NULL;
    }
    return realloc(block, new_size);
}

const engram_alloc *engram_default_alloc(void)
{
    static const engram_alloc heap = {heap_resize, NULL};
    return &heap;
}

bool eg_mul_size(size_t *out, size_t a, size_t b)
{
    if (b && a > SIZE_MAX / b)
        return false;
    *out = a * b;
    return true;
}

bool eg_add_size(size_t *out, size_t a, size_t b)
{
    if (a > SIZE_MAX - b)
        return false;
    *out = a + b;
    return true;
}

void *eg_calloc(const engram_alloc *alloc, size_t size)
{
    const size_t asked = size ? size : 1;
    void *block = alloc->resize(alloc->context, NULL, 0, asked);
    if (block)
        memset(block, 0, asked);
    return block;
}

void *eg_calloc_array(const engram_alloc *alloc, size_t count, size_t size)
{
    size_t bytes;
    return eg_mul_size(&bytes, count, size) ? eg_calloc(alloc, bytes) : NULL;
}

void eg_free(const engram_alloc *alloc, void *block, size_t size)
{
    if (block)
        alloc->resize(alloc->context, block, size ? size : 1, 0);
}

/* Layout: [ ... pad ... | start of the whole block | aligned bytes ]. The word in front of
 * the aligned bytes remembers where the whole block starts. */
void *eg_calloc_aligned(const engram_alloc *alloc, size_t size, size_t align)
{
    size_t bytes;
    if (!eg_add_size(&bytes, size, align + sizeof(void *)))
        return NULL;
    char *whole = eg_calloc(alloc, bytes);
    if (!whole)
        return NULL;
    const uintptr_t first = (uintptr_t)whole + sizeof(void *);
    char *block = whole + ((first + align - 1) / align * align - (uintptr_t)whole);
    memcpy(block - sizeof(void *), &whole, sizeof whole);
    return block;
}

void eg_free_aligned(const engram_alloc *alloc, void *block, size_t size, size_t align)
{
    if (!block)
        return;
    char *whole;
    memcpy(&whole, (char *)block - sizeof(void *), sizeof whole);
    eg_free(alloc, whole, size + align + sizeof(void *));
}

bool eg_grow(const engram_alloc *alloc, void *block_address, size_t *capacity, size_t need,
             size_t size)
{
    if (need <= *capacity)
        return true;
    size_t wanted = *capacity ? *capacity : 8;
    while (wanted < need) {
        if (wanted > SIZE_MAX / 2)
            return false;
        wanted *= 2;
    }
    size_t bytes;
    if (!eg_mul_size(&bytes, wanted, size))
        return false;
    void *old;
    memcpy(&old, block_address, sizeof old);
    void *fresh = alloc->resize(alloc->context, old, *capacity * size, bytes);
    if (!fresh)
        return false;
    memcpy(block_address, &fresh, sizeof fresh);
    *capacity = wanted;
    return true;
}

/* One line: a name taken from a file must not be able to forge a second one. */
static void one_line(char *text)
{
    for (; *text; text++) {
        const unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c == 0x7f)
            *text = '?';
    }
}

/* Whether a cut before this byte parts no character of UTF-8. */
static bool is_border(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

/* A message with a long name in it is shortened in its middle: the reason stands at the end. */
static void fit(char *out, size_t size, const char *whole)
{
    static const char gap[] = "...";
    const size_t length = strlen(whole);
    if (length < size) {
        memcpy(out, whole, length + 1);
        return;
    }
    size_t head = size / 2, tail = length - (size - head - sizeof gap);
    while (head && !is_border(whole[head]))
        head--;
    while (!is_border(whole[tail]))
        tail++;
    memcpy(out, whole, head);
    memcpy(out + head, gap, sizeof gap - 1);
    memcpy(out + head + sizeof gap - 1, whole + tail, length - tail + 1);
}

engram_status eg_fail(engram_error *err, engram_status code, const char *format, ...)
{
    if (!err)
        return code;
    char whole[8192];
    va_list args;
    va_start(args, format);
    vsnprintf(whole, sizeof whole, format, args);
    va_end(args);
    memset(err, 0, sizeof *err);
    err->code = code;
    fit(err->message, sizeof err->message, whole);
    one_line(err->message);
    return code;
}

engram_status eg_fail_memory(engram_error *err, const char *what)
{
    return eg_fail(err, ENGRAM_E_MEMORY, "out of memory for %s", what);
}

engram_status eg_error_prefix(engram_error *err, engram_status status, const char *format, ...)
{
    if (!err)
        return status;
    char whole[8192];
    va_list args;
    va_start(args, format);
    vsnprintf(whole, sizeof whole - sizeof err->message - 2, format, args);
    va_end(args);
    const size_t used = strlen(whole);
    snprintf(whole + used, sizeof whole - used, ": %s", err->message);
    fit(err->message, sizeof err->message, whole);
    one_line(err->message);
    return err->code;
}
