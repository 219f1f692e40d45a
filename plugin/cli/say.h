/* say.h - pieces of a line on stdout: text, code, numbers with units
 *
 * What comes from a file may hold control characters; none of them is printed.
 */
#ifndef EG_CLI_SAY_H
#define EG_CLI_SAY_H

#include "engram/status.h"

/* At most 1023 bytes. */
void cli_put(const char *format, ...) ENGRAM_PRINTF(1, 2);

/* Code of several lines as one: its lines are joined by "; ", blanks become one. */
void cli_put_code(const char *code);

/* A value in SI base units of dimension `dim` ("volt", "1"), six digits, with the prefix that
 * suits: -49 mV. */
void cli_put_number(double value, const char *dim);

#endif
