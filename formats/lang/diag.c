#include "lang/lex.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void eg_diag_locate(engram_error *err, const char *text, size_t offset)
{
    if (!err || !text)
        return;
    size_t start = 0, at = 0;
    uint32_t line = 1;
    for (; at < offset && text[at]; at++)
        if (text[at] == '\n') {
            line++;
            start = at + 1;
        }
    size_t end = at;
    while (text[end] && text[end] != '\n')
        end++;
    /* A line that does not fit is shown as the part around the position. The column counts
     * in what is shown, so that a caret below it points at the right byte. */
    const size_t room = sizeof err->source - 1;
    if (end - start > room) {
        size_t first = at - start > room / 2 ? at - room / 2 : start;
        if (end - first < room)
            first = end - room;
        start = first;
        end = first + room;
    }
    memcpy(err->source, text + start, end - start);
    err->source[end - start] = '\0';
    for (char *c = err->source; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = ' ';
    err->line = line;
    err->column = (uint32_t)(at - start) + 1;
}

engram_status eg_diag_fail(engram_error *err, engram_status code, const char *text,
                           size_t offset, const char *format, ...)
{
    if (!err)
        return code;
    char message[sizeof err->message];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    eg_fail(err, code, "%s", message);
    eg_diag_locate(err, text, offset);
    return code;
}
