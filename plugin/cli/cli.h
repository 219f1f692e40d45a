/* cli.h - the engram command: what its commands share
 *
 * One file a command (convert, inspect, check, run, ...); main.c holds the table. Only this
 * room prints and exits. It sees public headers only: `run` is a host like any other and knows
 * nothing but the plugin table; the rest uses engram/network.h and engram/convert.h.
 *
 * Output goes to stdout, errors and progress to stderr. An error is one line, "engram: ...",
 * for equation and statement text followed by the offending line and a caret.
 */
#ifndef EG_CLI_CLI_H
#define EG_CLI_CLI_H

#include "engram/status.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { EXIT_DIFFERENT = 1, EXIT_USAGE = 2 };

/* A command: argv[0] is its name. Returns the exit code. */
typedef int (*cli_command)(int argc, char **argv);
int cli_convert(int argc, char **argv);
int cli_inspect(int argc, char **argv);
int cli_check(int argc, char **argv);
int cli_run(int argc, char **argv);
int cli_diff(int argc, char **argv);
int cli_verify(int argc, char **argv);
int cli_recover(int argc, char **argv);
int cli_resume(int argc, char **argv);

/* Print the error; returns its exit code (engram_status_exit_code). */
int cli_fail(const engram_error *err);
/* Print "engram: <command>: <text>" and where to find help; returns EXIT_USAGE. */
int cli_usage(const char *command, const char *format, ...) ENGRAM_PRINTF(2, 3);

/* Text that came from a file or a caller: control characters are printed as "?". */
void cli_text(FILE *to, const char *text);
/* A line of source text, and below it a caret under its byte number `column` (from 1). */
void cli_caret(FILE *to, int indent, const char *source, uint32_t column);

/* ---- options: --name, --name=value, --name value, operands anywhere ------------------- */

typedef struct cli_option {
    const char *name;   /* "--out" */
    const char **value; /* takes a value, stored here; NULL: a flag */
    bool *flag;         /* set to true */
} cli_option;

/* Sort argv into options (a table ended by a NULL name) and at most `most` operands. Returns
 * the number of operands, or -1 after having printed what is wrong. "--" ends the options. */
int cli_parse(int argc, char **argv, const cli_option *options, const char **operands,
              int most);

#endif
