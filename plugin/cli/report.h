/* report.h - what `engram run` and `engram resume` say at the end */
#ifndef EG_CLI_REPORT_H
#define EG_CLI_REPORT_H

#include "engram/checkpoint.h"

#include <stdio.h>

typedef struct cli_report {
    const char *file;    /* that was run */
    const char *results; /* that was written; NULL: none */
    const engram_model_info *model;
    const engram_summary *summary;
    double first_step; /* seconds from the start of the command until one step was done */
    const engram_checkpoint_info *from; /* that it went on from; NULL: from the start */
} cli_report;

/* For people: a line for each thing, populations with their rates. */
void cli_report_text(FILE *to, const cli_report *report);
/* For programs: one JSON object. ENGRAM_E_MEMORY. */
engram_status cli_report_json(FILE *to, const cli_report *report, engram_error *err);

#endif
