/* progress.h - one line on the terminal that says how far a run is
 *
 * Written to stderr, about ten times a second, and only if that is a terminal: percentage,
 * biological time, real-time factor (wall time over biological time) and what is left.
 */
#ifndef EG_CLI_PROGRESS_H
#define EG_CLI_PROGRESS_H

#include "engram/sim.h"

#include <stdbool.h>

typedef struct cli_progress {
    bool shown;     /* there is a terminal, and progress is wanted */
    bool begun;     /* `run`, `began` and `t` are set */
    uint32_t run;   /* run that is measured */
    uint64_t step;  /* steps that it had done ... */
    double t;       /* and network time, in seconds, ... */
    double began;   /* at this wall time, in seconds */
    double last;    /* wall time when the line was written last */
    size_t written; /* characters that stand on the line */
} cli_progress;

/* Seconds on a clock that only goes forward. */
double cli_clock(void);

void cli_progress_begin(cli_progress *p, bool wanted);
/* After each advance. */
void cli_progress_show(cli_progress *p, const engram_progress *at);
/* Take the line away. */
void cli_progress_end(cli_progress *p);

#endif
