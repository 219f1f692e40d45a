/* utf8.h - is a text what the format wants texts to be? */
#ifndef EG_COMMON_UTF8_H
#define EG_COMMON_UTF8_H

#include <stddef.h>

/* Length of the well-formed prefix of `text`: shortest forms, no surrogates, no NUL (Unicode
 * 15, table 3-7). `size` if all of it is well-formed. */
size_t eg_utf8_prefix(const char *text, size_t size);

#endif
