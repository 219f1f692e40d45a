#include "quantity.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool cli_parse_time(double *seconds, const char *text)
{
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"s", 1.0}, {"ms", 0.001}, {"us", 1e-6}, {"min", 60.0}};
    char *end;
    if ((!isdigit((unsigned char)text[0]) && text[0] != '.') || strpbrk(text, "xX"))
        return false; /* nor in base 16 */
    const double number = strtod(text, &end);
    if (end == text)
        return false;
    while (*end == ' ')
        end++;
    for (size_t k = 0; k < sizeof units / sizeof *units; k++)
        if (strcmp(end, units[k].name) == 0) {
            *seconds = number * units[k].seconds;
            return isfinite(*seconds);
        }
    return false;
}

bool cli_parse_integer(int64_t *out, const char *text, int64_t least)
{
    char *end;
    if (!isdigit((unsigned char)text[text[0] == '-']))
        return false;
    errno = 0;
    const long long number = strtoll(text, &end, 10);
    if (errno || *end || number < least)
        return false;
    *out = number;
    return true;
}

const char *cli_time_text(char *out, size_t size, double seconds, int digits)
{
    const double magnitude = fabs(seconds);
    if (magnitude == 0 || magnitude >= 1)
        snprintf(out, size, "%.*g s", digits, seconds);
    else if (magnitude >= 1e-4)
        snprintf(out, size, "%.*g ms", digits, seconds * 1e3);
    else
        snprintf(out, size, "%.*g us", digits, seconds * 1e6);
    return out;
}

const char *cli_wait_text(char *out, size_t size, double seconds)
{
    if (seconds < 10)
        snprintf(out, size, "%.1f s", seconds);
    else if (seconds < 120)
        snprintf(out, size, "%.0f s", seconds);
    else if (seconds < 7200)
        snprintf(out, size, "%.0f min", seconds / 60);
    else
        snprintf(out, size, "%.1f h", seconds / 3600);
    return out;
}

const char *cli_bytes_text(char *out, size_t size, double bytes)
{
    static const char *const unit[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    int k = 0;
    for (; bytes >= 1024 && k < 4; k++)
        bytes /= 1024;
    snprintf(out, size, k ? "%.1f %s" : "%.0f %s", bytes, unit[k]);
    return out;
}
