#include "common/utf8.h"

size_t eg_utf8_prefix(const char *text, size_t size)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t at = 0;
    while (at < size) {
        const unsigned char c = s[at];
        size_t more;
        unsigned char low = 0x80, high = 0xbf;
        if (c >= 0x01 && c <= 0x7f) {
            at++;
            continue;
        }
        if (c >= 0xc2 && c <= 0xdf) {
            more = 1;
        } else if (c >= 0xe0 && c <= 0xef) {
            more = 2;
            low = c == 0xe0 ? 0xa0 : 0x80;
            high = c == 0xed ? 0x9f : 0xbf;
        } else if (c >= 0xf0 && c <= 0xf4) {
            more = 3;
            low = c == 0xf0 ? 0x90 : 0x80;
            high = c == 0xf4 ? 0x8f : 0xbf;
        } else {
            return at;
        }
        if (more > size - at - 1 || s[at + 1] < low || s[at + 1] > high)
            return at;
        for (size_t k = 2; k <= more; k++)
            if (s[at + k] < 0x80 || s[at + k] > 0xbf)
                return at;
        at += more + 1;
    }
    return at;
}
