/* buf.h - a growing run of bytes with a sticky failure
 *
 * Appending after memory ran out does nothing; ask once at the end (`failed`).
 * `data` is always NUL-terminated once something was appended (the NUL is not counted).
 */
#ifndef EG_COMMON_BUF_H
#define EG_COMMON_BUF_H

#include "common/memory.h"

typedef struct eg_buf {
    const engram_alloc *alloc;
    char *data; /* owned; NULL while empty */
    size_t size;
    size_t capacity;
    bool failed;
} eg_buf;

void eg_buf_init(eg_buf *buf, const engram_alloc *alloc);
void eg_buf_clear(eg_buf *buf); /* release; the buffer may be used again */
void eg_buf_append(eg_buf *buf, const void *bytes, size_t size);
void eg_buf_text(eg_buf *buf, const char *text);
void eg_buf_printf(eg_buf *buf, const char *format, ...) ENGRAM_PRINTF(2, 3);

#endif
