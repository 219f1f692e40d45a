/* engram run <file>: a host of the plugin, no different from any other */
#include "cli.h"

#include "engine.h"
#include "progress.h"
#include "quantity.h"
#include "report.h"
#include "run_job.h"
#include "target.h"
#include "tree.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- stopping -------------------------------------------------------------------------- */

/* A signal handler has no other way to leave word. */
static volatile sig_atomic_t stopped_by;

/* The first asks for a proper end; the second finds the default and kills. */
static void remember(int number)
{
    stopped_by = number;
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
}

static void listen_for(int number)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = remember;
    action.sa_flags = SA_RESTART; /* reading and writing a file go on */
    sigemptyset(&action.sa_mask);
    struct sigaction before;
    if (sigaction(number, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(number, &action, NULL); /* who is told to ignore it (nohup, &) goes on */
}

static int stopped(const run_job *job, const engram_progress *at)
{
    char time[32];
    const char *name = stopped_by == SIGTERM ? "SIGTERM" : "SIGINT";
    if (at->total)
        fprintf(stderr, "engram: stopped by %s at t = %s", name,
                cli_time_text(time, sizeof time, at->t, 9));
    else
        fprintf(stderr, "engram: stopped by %s before the first step", name);
    if (at->total && job->out) {
        fputs("; closed and marked incomplete: ", stderr);
        cli_text(stderr, job->out);
    }
    if (job->every > 0) {
        fputs("; engram resume goes on from ", stderr);
        cli_text(stderr, job->checkpoint);
    }
    fputc('\n', stderr);
    return 128 + stopped_by;
}

/* ---- options --------------------------------------------------------------------------- */

static int help(void)
{
    puts(
        "usage: engram run <file> [--out <results.h5>] [--for TIME] [--math strict|fast]\n"
        "                  [--seed N] [--rng RULE] [--from code|rules] [--threads N]\n"
        "                  [--isa NAME] [--checkpoint-every TIME] [--force]\n"
        "                  [--ignore-operations] [--json] [--quiet]\n\n"
        "Runs a document (.mpk) or archive (.h5).\n\n"
        "  --out FILE     write what the monitors record and the final values\n"
        "  --for TIME     length of the last run instead of the file's: 1s, 250ms, 50us, 2min\n"
        "  --math MODE    strict: as Brian2 computes, bit for bit; fast (default): vectors\n"
        "  --seed N       seed of the random streams instead of the file's\n"
        "  --rng RULE     which streams are drawn: brian-runtime, brian-standalone, philox\n"
        "  --from WHAT    code (default): the statements that Brian2 executed, where the file\n"
        "                 has them; rules: derive them from equations and method\n"
        "  --threads N    share the work out; results do not depend on N (default 1)\n"
        "  --isa NAME     instruction set of the fast kernels: sse2, avx2, avx512\n"
        "  --checkpoint-every TIME\n"
        "                 with --out: keep <results>.checkpoint, new each time that this much "
        "of\n"
        "                 the network's time has passed; engram resume goes on from there\n"
        "  --force        open an archive although its digest does not match\n"
        "  --ignore-operations\n"
        "                 run without the NetworkOperations (Python code) of the network\n"
        "  --json         the summary as one JSON object\n"
        "  --quiet        no progress, no summary\n\n"
        "Ctrl-C ends the run after the step; the results are closed and marked incomplete.");
    return 0;
}

/* `text` (NULL: option not given) as one of two words; false if it is neither. */
static bool choose(bool *second, const char *text, const char *one, const char *two)
{
    *second = text && strcmp(text, two) == 0;
    return !text || *second || strcmp(text, one) == 0;
}

typedef struct run_texts {
    const char *math, *length, *threads, *seed, *from, *every;
} run_texts;

/* What the options say, as the engine wants it. 0, or the exit code after having complained. */
static int understand(run_job *job, const run_texts *texts, const char *command)
{
    bool strict, rules;
    int64_t threads = 0;
    if (!choose(&strict, texts->math, "fast", "strict"))
        return cli_usage(command, "--math is strict or fast, not '%s'", texts->math);
    if (!choose(&rules, texts->from, "code", "rules"))
        return cli_usage(command, "--from is rules or code, not '%s'", texts->from);
    if (texts->length && !cli_parse_time(&job->sim_options.last_duration, texts->length))
        return cli_usage(command,
                         "--for wants a time with its unit (s, ms, us or min), not '%s'",
                         texts->length);
    if (texts->threads &&
        (!cli_parse_integer(&threads, texts->threads, 1) || threads > INT32_MAX))
        return cli_usage(command, "--threads wants a number from 1 on, not '%s'",
                         texts->threads);
    if (texts->seed && !cli_parse_integer(&job->sim_options.seed, texts->seed, 0))
        return cli_usage(command, "--seed wants a whole number from 0 on, not '%s'",
                         texts->seed);
    if (texts->every && (!cli_parse_time(&job->every, texts->every) || !(job->every > 0)))
        return cli_usage(command,
                         "--checkpoint-every wants a time with its unit (s, ms, us or min), "
                         "not '%s'",
                         texts->every);
    if (texts->every && !job->out)
        return cli_usage(command, "--checkpoint-every wants --out: the checkpoint lies beside "
                                  "the results");
    if (texts->every && !cli_checkpoint_name(job->checkpoint, sizeof job->checkpoint, job->out))
        return cli_usage(command, "the name '%s' is too long", job->out);
    job->sim_options.math = strict ? ENGRAM_MATH_STRICT : ENGRAM_MATH_FAST;
    job->sim_options.threads = (uint32_t)threads;
    job->sim_options.results = job->out;
    const char *slash = strrchr(job->file, '/');
    job->sim_options.archive = slash ? slash + 1 : job->file; /* not whose folder it lay in */
    job->model_options.flags |= rules ? ENGRAM_MODEL_RULES : 0u;
    return 0;
}

/* ---- the run --------------------------------------------------------------------------- */

/* Steps for the next call: as many as take about 30 ms. */
static uint64_t chunk(uint64_t steps, double seconds)
{
    double factor = seconds > 0 ? 0.03 / seconds : 4;
    factor = factor > 4 ? 4 : factor < 0.1 ? 0.1 : factor;
    const double next = (double)steps * factor;
    return next < 1 ? 1 : next > 1e15 ? (uint64_t)1e15 : (uint64_t)next;
}

/* ---- checkpoints ------------------------------------------------------------------------- */

bool cli_checkpoint_name(char *out, size_t size, const char *results)
{
    return snprintf(out, size, "%s" CLI_CHECKPOINT, results) < (int)size;
}

/* What resume wants to know and the engine does not: where the network lies, and how it was
 * opened. To be released with free. */
static char *compose_note(const run_job *job)
{
    char *whole = realpath(job->file, NULL);
    json_t *note =
        json_pack("{s:o, s:b, s:f, s:i}", "network", cli_json_text(whole ? whole : job->file),
                  "rules", (job->model_options.flags & ENGRAM_MODEL_RULES) != 0, "every",
                  job->every, "threads", (int)job->sim_options.threads);
    char *text = note ? json_dumps(note, JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
    json_decref(note);
    free(whole);
    return text;
}

static engram_status keep(run_job *job, const engram_progress *at, engram_error *err)
{
    char *note = compose_note(job);
    const engram_status status = job->engine->checkpoint(job->sim, job->checkpoint, note, err);
    free(note);
    job->next = job->every * (floor(at->t / job->every) + 1);
    return status;
}

/* Not far beyond the next checkpoint. */
static uint64_t portion(const run_job *job, const engram_progress *at, uint64_t steps)
{
    if (!(job->every > 0))
        return steps;
    if (!(job->info.dt > 0)) /* event clocks only: the next step may be beyond it */
        return 1;
    const double left = ceil((job->next - at->t) / job->info.dt);
    return left < 1 ? 1 : left < (double)steps ? (uint64_t)left : steps;
}

/* The first one is at the start: from then on no moment is too early to be killed. */
static engram_status begin_checkpoints(run_job *job, engram_progress *at, engram_error *err)
{
    if (!(job->every > 0))
        return ENGRAM_OK;
    const engram_status status = job->engine->advance(job->sim, 0, at, err);
    return status ? status : keep(job, at, err);
}

static engram_status drive(run_job *job, engram_progress *at, engram_error *err)
{
    cli_progress progress;
    engram_status status = begin_checkpoints(job, at, err);
    uint64_t steps = 1, begun = at->total;
    double now = cli_clock();
    cli_progress_begin(&progress, !job->quiet);
    while (!status && !at->finished && !stopped_by) {
        const double before = now;
        const uint64_t asked = portion(job, at, steps);
        const bool first = at->total == begun;
        status = job->engine->advance(job->sim, asked, at, err);
        now = cli_clock();
        if (first)
            job->first_step = now - job->began;
        steps = chunk(asked, now - before);
        if (!status)
            cli_progress_show(&progress, at);
        if (!status && job->every > 0 && at->t >= job->next && !at->finished) {
            status = keep(job, at, err);
            now = cli_clock();
        }
    }
    cli_progress_end(&progress);
    if (!status && job->every > 0 && !at->finished)
        status = keep(job, at, err); /* stopped: nothing is computed twice */
    return status;
}

static engram_status tell(const run_job *job, const engram_summary *summary, engram_error *err)
{
    if (summary->left_out)
        fprintf(stderr, "engram: warning: left out, as asked: %s\n", summary->left_out);
    if (job->from && !strcmp(summary->math, "strict") &&
        strcmp(summary->libm, job->from->libm) != 0)
        fprintf(stderr,
                "engram: warning: begun with %s, ended with %s: strict results may differ from "
                "those of one machine\n",
                job->from->libm, summary->libm);
    const cli_report report = {job->file, job->out,        &job->info,
                               summary,   job->first_step, job->from};
    if (job->json)
        return cli_report_json(stdout, &report, err);
    if (!job->quiet)
        cli_report_text(stdout, &report);
    return ENGRAM_OK;
}

static int run_model(run_job *job, engram_error *err)
{
    engram_progress at = ENGRAM_PROGRESS_INIT;
    engram_summary summary = ENGRAM_SUMMARY_INIT;
    listen_for(SIGINT);
    listen_for(SIGTERM);
    if (job->engine->build(&job->sim, job->model, &job->sim_options, err))
        return cli_fail(err);
    if (drive(job, &at, err))
        return cli_fail(err);
    if (!at.total && stopped_by)
        return stopped(job, &at); /* nothing was computed: no results are left */
    if (job->engine->finish(job->sim, &summary, err) || tell(job, &summary, err))
        return cli_fail(err);
    if (at.finished && job->every > 0)
        unlink(job->checkpoint);
    return at.finished ? 0 : stopped(job, &at);
}

int cli_run_job(run_job *job)
{
    engram_error err = {.code = ENGRAM_OK};
    if ((job->out && cli_target(job->out, job->file, &err)) ||
        (job->every > 0 && cli_target(job->checkpoint, job->file, &err)) ||
        (!job->engine && cli_engine(&job->engine, &err)) ||
        job->engine->open(&job->model, job->file, &job->model_options, &err))
        return cli_fail(&err);
    job->engine->describe(job->model, &job->info);
    const char *ignored;
    for (uint64_t k = 0; (ignored = job->engine->ignored(job->model, k)); k++)
        fprintf(stderr, "engram: ignored, of a newer version: %s\n", ignored);
    const int code = run_model(job, &err);
    job->engine->free(job->sim);
    job->engine->close(job->model);
    return code;
}

int cli_run(int argc, char **argv)
{
    run_job job = {.began = cli_clock(),
                   .model_options = ENGRAM_MODEL_OPTIONS_INIT,
                   .sim_options = ENGRAM_SIM_OPTIONS_INIT,
                   .info = ENGRAM_MODEL_INFO_INIT};
    run_texts texts = {NULL, NULL, NULL, NULL, NULL, NULL};
    bool force = false, ignore_operations = false, wants_help = false;
    const cli_option table[] = {{"--out", &job.out, NULL},
                                {"--for", &texts.length, NULL},
                                {"--math", &texts.math, NULL},
                                {"--seed", &texts.seed, NULL},
                                {"--rng", &job.sim_options.rng, NULL},
                                {"--from", &texts.from, NULL},
                                {"--threads", &texts.threads, NULL},
                                {"--isa", &job.sim_options.isa, NULL},
                                {"--checkpoint-every", &texts.every, NULL},
                                {"--force", NULL, &force},
                                {"--ignore-operations", NULL, &ignore_operations},
                                {"--json", NULL, &job.json},
                                {"--quiet", NULL, &job.quiet},
                                {"--help", NULL, &wants_help},
                                {NULL, NULL, NULL}};
    const int count = cli_parse(argc, argv, table, &job.file, 1);
    if (count < 0)
        return EXIT_USAGE;
    if (wants_help)
        return help();
    if (count < 1)
        return cli_usage(argv[0], "wants a file");
    job.model_options.flags = force ? ENGRAM_MODEL_FORCE : 0u;
    job.sim_options.flags = ignore_operations ? ENGRAM_SIM_IGNORE_OPERATIONS : 0u;
    const int wrong = understand(&job, &texts, argv[0]);
    if (wrong)
        return wrong;
    return cli_run_job(&job);
}
