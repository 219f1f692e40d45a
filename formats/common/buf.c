#include "common/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void eg_buf_init(eg_buf *buf, const engram_alloc *alloc)
{
    *buf = (eg_buf){.alloc = alloc};
}

void eg_buf_clear(eg_buf *buf)
{
    eg_free(buf->alloc, buf->data, buf->capacity);
    eg_buf_init(buf, buf->alloc);
}

/* Room for `more` bytes and the NUL. */
static bool reserve(eg_buf *buf, size_t more)
{
    size_t need;
    if (buf->failed || !eg_add_size(&need, buf->size, more) || !eg_add_size(&need, need, 1) ||
        !eg_grow(buf->alloc, &buf->data, &buf->capacity, need, 1))
        buf->failed = true;
    return !buf->failed;
}

void eg_buf_append(eg_buf *buf, const void *bytes, size_t size)
{
    if (!reserve(buf, size))
        return;
    if (size)
        memcpy(buf->data + buf->size, bytes, size);
    buf->size += size;
    buf->data[buf->size] = '\0';
}

void eg_buf_text(eg_buf *buf, const char *text)
{
    eg_buf_append(buf, text, strlen(text));
}

void eg_buf_printf(eg_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0) {
        buf->failed = true;
        return;
    }
    if (!reserve(buf, (size_t)length))
        return;
    va_start(args, format);
    vsnprintf(buf->data + buf->size, (size_t)length + 1, format, args);
    va_end(args);
    buf->size += (size_t)length;
}
