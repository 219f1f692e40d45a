/* run_job.h - a run that `engram run` begins and `engram resume` goes on with */
#ifndef EG_CLI_RUN_JOB_H
#define EG_CLI_RUN_JOB_H

#include "engram/plugin_abi.h"

#include <stdbool.h>

#define CLI_CHECKPOINT ".checkpoint"

typedef struct run_job {
    double began; /* clock at the start of the command */
    const char *file, *out;
    bool json, quiet;
    engram_model_options model_options;
    engram_sim_options sim_options;
    double every;          /* seconds of network time from checkpoint to checkpoint; 0: none */
    char checkpoint[4096]; /* its file, if there are any */
    const engram_checkpoint_info *from; /* that it goes on from; NULL: from the start */

    const engram_plugin *engine; /* found if it is NULL */
    engram_model *model;
    engram_model_info info;
    engram_sim *sim;
    double first_step; /* seconds from `began` until one step was done */
    double next;       /* network time of the next checkpoint */
} run_job;

/* Everything from the opening of the file to the exit code; errors are printed. */
int cli_run_job(run_job *job);
/* "<results>.checkpoint". False if it is too long. */
bool cli_checkpoint_name(char *out, size_t size, const char *results);

#endif
