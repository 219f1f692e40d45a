/* engram verify <archive>: does it still spike as it did? A host of the plugin, as run is. */
#include "cli.h"

#include "engine.h"
#include "target.h"
#include "tree.h"

#include "engram/convert.h"
#include "engram/network.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MODES = 2, RUNS_MOST = 10000 };

static const char *const mode_name[MODES] = {"strict", "fast"};
static const engram_math mode_math[MODES] = {ENGRAM_MATH_STRICT, ENGRAM_MATH_FAST};

/* What one simulation gave. */
typedef struct outcome {
    engram_train *train; /* digests are the outcome's own */
    char (*digest)[40];
    uint64_t count, monitors;
    char libm[64], engine[64];
} outcome;

typedef struct job {
    const char *file, *out;
    bool record, json;
    bool wanted[MODES];
    const engram_plugin *engine;
    engram_model *model;
    json_t *list; /* --json: what was compared or recorded */
} job;

static int help(void)
{
    puts("usage: engram verify <file> [--math strict|fast] [--json]\n"
         "       engram verify <file> --record [--out FILE] [--math strict|fast] [--json]\n\n"
         "Runs a network and compares the digest of its spikes with what the file expects, run "
         "by\n"
         "run. Strict digests hold for one C library: where another one made them, they are "
         "not\n"
         "comparable, and the fast ones are taken. Exit code 0: as expected; 1: different;\n"
         "6: nothing that is comparable here.\n\n"
         "  --record     run the network and write the digests of its spikes into the file\n"
         "  --out FILE   with --record: write to this file instead\n"
         "  --math MODE  compare or record this mode alone; default: strict, or fast where\n"
         "               strict is not comparable; both are recorded\n"
         "  --json       the outcome as one JSON object");
    return 0;
}

static engram_status refuse(engram_error *err, engram_status code, const char *format, ...)
    ENGRAM_PRINTF(3, 4);
static engram_status refuse(engram_error *err, engram_status code, const char *format, ...)
{
    va_list args;
    memset(err, 0, sizeof *err);
    err->code = code;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    return code;
}

/* ---- running ----------------------------------------------------------------------------- */

static void outcome_free(outcome *o)
{
    free(o->train);
    free(o->digest);
    memset(o, 0, sizeof *o);
}

static engram_status keep(outcome *o, const engram_summary *s, engram_error *err)
{
    o->count = s->train_count;
    o->monitors = s->spike_monitors;
    o->train = calloc(s->train_count + 1, sizeof *o->train);
    o->digest = calloc(s->train_count + 1, sizeof *o->digest);
    if (!o->train || !o->digest)
        return refuse(err, ENGRAM_E_MEMORY, "out of memory for digests");
    for (uint64_t k = 0; k < s->train_count; k++) {
        o->train[k] = s->trains[k];
        snprintf(o->digest[k], sizeof *o->digest, "%s", s->trains[k].digest);
        o->train[k].digest = o->digest[k];
    }
    snprintf(o->libm, sizeof o->libm, "%s", s->libm);
    snprintf(o->engine, sizeof o->engine, "%s", s->engine);
    return ENGRAM_OK;
}

static engram_status simulate(outcome *out, const job *j, engram_math math, engram_error *err)
{
    engram_sim_options options = ENGRAM_SIM_OPTIONS_INIT;
    engram_progress at = ENGRAM_PROGRESS_INIT;
    engram_summary summary = ENGRAM_SUMMARY_INIT;
    engram_sim *sim = NULL;
    options.math = math;
    options.flags = ENGRAM_SIM_DIGEST;
    engram_status status = j->engine->build(&sim, j->model, &options, err);
    while (!status && !at.finished)
        status = j->engine->advance(sim, 100000, &at, err);
    if (!status)
        status = j->engine->finish(sim, &summary, err);
    if (!status)
        status = keep(out, &summary, err);
    j->engine->free(sim);
    return status;
}

static bool same(const outcome *a, const outcome *b)
{
    bool equal = a->count == b->count;
    for (uint64_t k = 0; equal && k < a->count; k++)
        equal = strcmp(a->train[k].digest, b->train[k].digest) == 0;
    return equal;
}

/* ---- recording --------------------------------------------------------------------------- */

/* Twice: what draws from the system's random numbers cannot be expected of anybody. */
static engram_status record_mode(outcome *out, const job *j, int mode, engram_error *err)
{
    outcome again = {.count = 0};
    engram_status status = simulate(out, j, mode_math[mode], err);
    if (!status && !out->monitors)
        return refuse(err, ENGRAM_E_UNSUPPORTED,
                      "%.300s has no spike monitor, so no spikes can be expected of it",
                      j->file);
    if (!status)
        status = simulate(&again, j, mode_math[mode], err);
    if (!status && !same(out, &again))
        status = refuse(err, ENGRAM_E_UNSUPPORTED,
                        "%.300s spikes differently each time (--math %s): it draws random "
                        "numbers without a seed",
                        j->file, mode_name[mode]);
    outcome_free(&again);
    return status;
}

static void note(const job *j, const char *math, uint64_t run, const char *said,
                 const engram_train *train)
{
    if (j->list)
        json_array_append_new(j->list,
                              json_pack("{s:s, s:I, s:s, s:s, s:I}", "math", math, "run",
                                        (json_int_t)run, "outcome", said, "digest",
                                        train->digest, "spikes", (json_int_t)train->spikes));
    else
        printf("run %" PRIu64 ", %s: %s, %" PRIu64 " spikes, %s\n", run, math, said,
               train->spikes, train->digest);
}

static engram_status record(const job *j, engram_error *err)
{
    outcome made[MODES] = {{.count = 0}};
    engram_expectation *list = calloc(MODES * (size_t)RUNS_MOST, sizeof *list);
    size_t n = 0;
    engram_status status =
        list ? ENGRAM_OK : refuse(err, ENGRAM_E_MEMORY, "out of memory for digests");
    for (int m = 0; !status && m < MODES; m++) {
        if (!j->wanted[m])
            continue;
        status = record_mode(&made[m], j, m, err);
        for (uint64_t k = 0; !status && k < made[m].count && k < RUNS_MOST; k++) {
            list[n++] = (engram_expectation){.size = sizeof *list,
                                             .run = k,
                                             .math = mode_name[m],
                                             .libm = m == 0 ? made[m].libm : "",
                                             .digest = made[m].train[k].digest,
                                             .spikes = made[m].train[k].spikes,
                                             .engine = made[m].engine};
        }
    }
    if (!status)
        status = engram_network_expect(j->file, j->out ? j->out : j->file, list, n, err);
    for (int m = 0; m < MODES; m++) {
        for (uint64_t k = 0; !status && k < made[m].count && k < RUNS_MOST; k++)
            note(j, mode_name[m], k, "recorded", &made[m].train[k]);
        outcome_free(&made[m]);
    }
    free(list);
    return status;
}

/* What is recorded is written in the kind of file that was read, whatever the name says. */
static engram_status judge_target(const job *j, engram_error *err)
{
    const char *out = j->out ? j->out : j->file;
    const engram_converter *is, *named = engram_converter_by_path(out);
    engram_status status = engram_converter_by_content(&is, j->file, err);
    if (!status && j->out && named && strcmp(named->name, is->name) != 0)
        return refuse(err, ENGRAM_E_ARGUMENT,
                      "%.200s has the ending of %s, but %.200s is %s: engram convert first",
                      out, named->name, j->file, is->name);
    return status ? status : cli_target(out, NULL, err);
}

/* ---- comparing --------------------------------------------------------------------------- */

typedef struct expected {
    const engram_network *network;
    size_t count;
    bool mode[MODES]; /* what is expected at all */
} expected;

/* Expectation number `index`; its math as a mode, -1: not one that is known. */
static int at(engram_expectation *out, const expected *e, size_t index)
{
    *out = (engram_expectation)ENGRAM_EXPECTATION_INIT;
    if (engram_network_expected(e->network, index, out, NULL))
        return -1;
    for (int m = 0; m < MODES; m++)
        if (strcmp(out->math, mode_name[m]) == 0)
            return m;
    return -1;
}

/* Compare what `made` gave with what is expected of it. Returns how many runs were, and counts
 * those that differ; `other` becomes a library that made a digest which is not comparable. */
static size_t compare(const job *j, const expected *e, int mode, const outcome *made,
                      size_t *different, const char **other)
{
    size_t compared = 0;
    for (size_t k = 0; k < e->count; k++) {
        engram_expectation x;
        if (at(&x, e, k) != mode)
            continue;
        if (*x.libm && strcmp(x.libm, made->libm) != 0) {
            *other = x.libm;
            continue;
        }
        if (x.run >= made->count)
            continue;
        const engram_train *train = &made->train[x.run];
        const bool equal = strcmp(train->digest, x.digest) == 0;
        note(j, mode_name[mode], x.run, equal ? "as expected" : "DIFFERENT", train);
        if (!equal && !j->list)
            printf("  expected %" PRIu64 " spikes, %s (%s)\n", x.spikes, x.digest, x.engine);
        compared++;
        *different += !equal;
    }
    return compared;
}

static engram_status verify(const job *j, const engram_network *network, size_t *different,
                            engram_error *err)
{
    expected e = {.network = network, .count = engram_network_expected_count(network)};
    engram_status status = ENGRAM_OK;
    size_t compared = 0;
    for (size_t k = 0; k < e.count; k++) {
        engram_expectation x;
        const int mode = at(&x, &e, k);
        if (mode >= 0)
            e.mode[mode] = true;
    }
    if (!e.count)
        return refuse(err, ENGRAM_E_ARGUMENT,
                      "%.300s expects no spikes: record them with engram verify --record",
                      j->file);
    for (int m = 0; !status && !compared && m < MODES; m++) {
        outcome made = {.count = 0};
        const char *other = NULL;
        if (!e.mode[m] || !j->wanted[m])
            continue;
        status = simulate(&made, j, mode_math[m], err);
        if (!status)
            compared = compare(j, &e, m, &made, different, &other);
        if (!status && !compared && other)
            fprintf(stderr, "engram: %s: not comparable: made with %s, here is %s\n",
                    mode_name[m], other, made.libm);
        outcome_free(&made);
    }
    if (!status && !compared)
        status = refuse(err, ENGRAM_E_UNSUPPORTED,
                        "%.300s expects nothing that is comparable here", j->file);
    return status;
}

/* ---- the command ------------------------------------------------------------------------- */

static int finish(const job *j, engram_status status, size_t different, engram_error *err)
{
    if (!status && j->list) {
        json_t *root =
            json_pack("{s:o, s:b, s:b, s:O}", "file", cli_json_text(j->file), "recorded",
                      j->record, "same", different == 0, "runs", j->list);
        status = cli_json_print(stdout, root, err);
    } else if (!status && j->record) {
        cli_text(stdout, j->out ? j->out : j->file);
        puts(": written");
    } else if (!status) {
        cli_text(stdout, j->file);
        puts(different ? ": does not do what it did" : ": still does what it did");
    }
    return status ? cli_fail(err) : different ? EXIT_DIFFERENT : 0;
}

static int run(job *j)
{
    engram_error err = {.code = ENGRAM_OK};
    engram_network *network = NULL;
    engram_model_options options = ENGRAM_MODEL_OPTIONS_INIT;
    size_t different = 0;
    engram_status status = j->record ? judge_target(j, &err) : ENGRAM_OK;
    if (!status)
        status = cli_engine(&j->engine, &err);
    if (!status)
        status = engram_network_open(&network, j->file, NULL, &err);
    if (!status)
        status = j->engine->open(&j->model, j->file, &options, &err);
    if (!status)
        status = j->record ? record(j, &err) : verify(j, network, &different, &err);
    if (j->model)
        j->engine->close(j->model);
    engram_network_close(network);
    const int code = finish(j, status, different, &err);
    json_decref(j->list);
    return code;
}

int cli_verify(int argc, char **argv)
{
    job j = {.wanted = {true, true}};
    const char *math = NULL;
    bool wants_help = false;
    const cli_option table[] = {{"--record", NULL, &j.record}, {"--out", &j.out, NULL},
                                {"--math", &math, NULL},       {"--json", NULL, &j.json},
                                {"--help", NULL, &wants_help}, {NULL, NULL, NULL}};
    const int count = cli_parse(argc, argv, table, &j.file, 1);
    if (count < 0)
        return EXIT_USAGE;
    if (wants_help)
        return help();
    if (count < 1)
        return cli_usage(argv[0], "wants a file");
    if (math && strcmp(math, "strict") && strcmp(math, "fast"))
        return cli_usage(argv[0], "--math is strict or fast, not '%s'", math);
    if (j.out && !j.record)
        return cli_usage(argv[0], "--out goes with --record");
    for (int m = 0; m < MODES; m++)
        j.wanted[m] = !math || strcmp(math, mode_name[m]) == 0;
    if (j.json)
        j.list = json_array();
    return run(&j);
}
