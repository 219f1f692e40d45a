/* quantity.h - times as people write and read them */
#ifndef EG_CLI_QUANTITY_H
#define EG_CLI_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "1s", "250ms", "1.5 min", "50us" in seconds; the product is made as Brian2 makes 250*ms.
 * False: no number, no unit or another one, negative, not finite. */
bool cli_parse_time(double *seconds, const char *text);

/* A whole number from `least` on. False: anything else, or too large. */
bool cli_parse_integer(int64_t *out, const char *text, int64_t least);

/* Seconds with the unit that suits, to so many digits: "12.5 s", "0.1 ms", "20 us". Returns
 * `out`. */
const char *cli_time_text(char *out, size_t size, double seconds, int digits);

/* How long something will take, roughly: "2.4 s", "40 s", "3 min", "2.5 h". Returns `out`. */
const char *cli_wait_text(char *out, size_t size, double seconds);

/* Bytes with a binary unit, "5.2 MiB". Returns `out`. */
const char *cli_bytes_text(char *out, size_t size, double bytes);

#endif
