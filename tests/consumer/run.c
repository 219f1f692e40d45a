/* A user of the engine: opens a network, runs it, counts. run <file> <spikes it must have> */
#include <engram/engram.h>
#include <engram/version.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static engram_status run(engram_sim *sim, engram_summary *summary, engram_error *err)
{
    engram_progress at = ENGRAM_PROGRESS_INIT;
    engram_status status = ENGRAM_OK;
    while (!status && !at.finished)
        status = engram_sim_advance(sim, 100, &at, err);
    return status ? status : engram_sim_finish(sim, summary, err);
}

int main(int argc, char **argv)
{
    engram_error err = {.code = ENGRAM_OK};
    engram_model *model = NULL;
    engram_sim *sim = NULL;
    engram_summary summary = ENGRAM_SUMMARY_INIT;
    if (argc != 3)
        return 2;
    engram_status status = engram_model_open(&model, argv[1], NULL, &err);
    if (!status)
        status = engram_sim_build(&sim, model, NULL, &err);
    if (!status)
        status = run(sim, &summary, &err);
    if (status)
        fprintf(stderr, "%s: %s\n", engram_status_name(status), err.message);
    else if (strcmp(summary.engine, "engram " ENGRAM_VERSION) != 0)
        status = ENGRAM_E_VERSION;
    else if (summary.spikes != strtoull(argv[2], NULL, 10))
        status = ENGRAM_E_NUMERIC;
    engram_sim_free(sim);
    engram_model_close(model);
    return engram_status_exit_code(status);
}
