/* engram resume <results>: a run that was killed or stopped goes on from its last checkpoint */
#include "cli.h"

#include "engine.h"
#include "progress.h"
#include "quantity.h"
#include "run_job.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static int help(void)
{
    puts("usage: engram resume <results.h5> [--network FILE] [--checkpoint-every TIME]\n"
         "                     [--threads N] [--force] [--json] [--quiet]\n\n"
         "Goes on with a run that was killed or stopped, from <results.h5>.checkpoint, which\n"
         "engram run --checkpoint-every has kept. The results become those of a run that was\n"
         "never interrupted, bit for bit. The name may also be that of the .partial or of the\n"
         "checkpoint.\n\n"
         "  --network FILE  where the network lies now; default: where it was\n"
         "  --checkpoint-every TIME\n"
         "                  as for run; default: as that was told\n"
         "  --threads N     how many; default: as before\n"
         "  --force         open an archive although its digest does not match\n"
         "  --json          the summary as one JSON object\n"
         "  --quiet         no progress, no summary");
    return 0;
}

/* "x.h5" of "x.h5", "x.h5.partial" and "x.h5.checkpoint". */
static bool results_name(char *out, size_t size, const char *operand)
{
    static const char *const endings[] = {".partial", CLI_CHECKPOINT};
    size_t length = strlen(operand);
    for (size_t k = 0; k < sizeof endings / sizeof *endings; k++) {
        const size_t tail = strlen(endings[k]);
        if (length > tail && !strcmp(operand + length - tail, endings[k])) {
            length -= tail;
            break;
        }
    }
    if (length >= size)
        return false;
    memcpy(out, operand, length);
    out[length] = '\0';
    return true;
}

/* What `engram run` wrote down for us; a checkpoint of another host has no such note. */
static int take_note(run_job *job, json_t *note)
{
    const char *network = json_string_value(json_object_get(note, "network"));
    if (json_is_true(json_object_get(note, "rules")))
        job->model_options.flags |= ENGRAM_MODEL_RULES;
    if (!(job->every > 0))
        job->every = json_number_value(json_object_get(note, "every"));
    if (!job->sim_options.threads)
        job->sim_options.threads =
            (uint32_t)json_integer_value(json_object_get(note, "threads"));
    if (!job->file)
        job->file = network;
    if (job->file && job->every > 0)
        return 0;
    fprintf(stderr, "engram: ");
    cli_text(stderr, job->checkpoint);
    fprintf(stderr, " was not kept by engram run: it wants --network and --checkpoint-every\n");
    return EXIT_USAGE;
}

static int resume(run_job *job)
{
    engram_error err = {.code = ENGRAM_OK};
    engram_checkpoint *found = NULL;
    engram_checkpoint_info info = ENGRAM_CHECKPOINT_INFO_INIT;
    if (cli_engine(&job->engine, &err) ||
        job->engine->checkpoint_open(&found, job->checkpoint, NULL, &err))
        return cli_fail(&err);
    job->engine->checkpoint_describe(found, &info);
    json_t *note = json_loads(info.note, 0, NULL);
    job->sim_options.checkpoint = found;
    job->from = &info;
    int code = take_note(job, note);
    if (!code)
        code = cli_run_job(job);
    json_decref(note);
    job->engine->checkpoint_close(found);
    return code;
}

int cli_resume(int argc, char **argv)
{
    run_job job = {.began = cli_clock(),
                   .model_options = ENGRAM_MODEL_OPTIONS_INIT,
                   .sim_options = ENGRAM_SIM_OPTIONS_INIT,
                   .info = ENGRAM_MODEL_INFO_INIT};
    const char *operand, *every = NULL, *threads = NULL;
    int64_t count_of_threads = 0;
    bool force = false, wants_help = false;
    char results[4096];
    const cli_option table[] = {
        {"--network", &job.file, NULL}, {"--checkpoint-every", &every, NULL},
        {"--threads", &threads, NULL},  {"--force", NULL, &force},
        {"--json", NULL, &job.json},    {"--quiet", NULL, &job.quiet},
        {"--help", NULL, &wants_help},  {NULL, NULL, NULL}};
    const int count = cli_parse(argc, argv, table, &operand, 1);
    if (count < 0)
        return EXIT_USAGE;
    if (wants_help)
        return help();
    if (count < 1)
        return cli_usage(argv[0], "wants the results of a run, or its checkpoint");
    if (every && (!cli_parse_time(&job.every, every) || !(job.every > 0)))
        return cli_usage(argv[0],
                         "--checkpoint-every wants a time with its unit (s, ms, us or min), "
                         "not '%s'",
                         every);
    if (threads &&
        (!cli_parse_integer(&count_of_threads, threads, 1) || count_of_threads > INT32_MAX))
        return cli_usage(argv[0], "--threads wants a number from 1 on, not '%s'", threads);
    if (!results_name(results, sizeof results, operand) ||
        !cli_checkpoint_name(job.checkpoint, sizeof job.checkpoint, results))
        return cli_usage(argv[0], "the name '%s' is too long", operand);
    job.sim_options.threads = (uint32_t)count_of_threads;
    job.out = results;
    job.sim_options.results = results;
    job.model_options.flags = force ? ENGRAM_MODEL_FORCE : 0u;
    return resume(&job);
}
