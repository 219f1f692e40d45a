/* engram check <file>: every rule of docs/format.md, names and dimensions included */
#include "cli.h"

#include "tree.h"

#include "engram/results.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct tally {
    size_t count[3];     /* by severity */
    engram_status first; /* of the errors */
    json_t *list;        /* --json: array of findings; else NULL */
} tally;

static const char *const severity_name[] = {"error", "warning", "advice"};

static engram_status see(void *context, const engram_finding *f, engram_error *err)
{
    (void)err;
    tally *t = context;
    if (f->severity == ENGRAM_SEVERITY_ERROR && t->first == ENGRAM_OK)
        t->first = f->status;
    t->count[f->severity]++;
    if (t->list) {
        json_array_append_new(
            t->list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:i}", "severity",
                               severity_name[f->severity], "rule", f->rule, "path", f->path,
                               "message", f->message, "status", engram_status_name(f->status),
                               "line", (int)f->line, "column", (int)f->column));
        return ENGRAM_OK;
    }
    printf("%s %s: ", severity_name[f->severity], f->rule);
    cli_text(stdout, f->path);
    fputs(": ", stdout);
    cli_text(stdout, f->message);
    if (f->line)
        printf(", line %u, column %u", f->line, f->column);
    putchar('\n');
    if (f->line && f->source[0])
        cli_caret(stdout, 4, f->source, f->column);
    return ENGRAM_OK;
}

/* The last line: on stdout for a sound network, else it is the command's error. */
static void print_tally(const char *path, const tally *t)
{
    FILE *to = t->count[0] ? stderr : stdout;
    if (t->count[0])
        fputs("engram: ", to);
    cli_text(to, path);
    fprintf(to, ": %zu error%s, %zu warning%s, %zu advice\n", t->count[0],
            t->count[0] == 1 ? "" : "s", t->count[1], t->count[1] == 1 ? "" : "s", t->count[2]);
}

static engram_status report(const char *path, const tally *t, engram_error *err)
{
    if (!t->list || t->count[0])
        print_tally(path, t);
    if (!t->list)
        return ENGRAM_OK;
    json_t *root = json_pack("{s:o, s:I, s:I, s:I, s:O}", "file", cli_json_text(path), "errors",
                             (json_int_t)t->count[0], "warnings", (json_int_t)t->count[1],
                             "advice", (json_int_t)t->count[2], "findings", t->list);
    return cli_json_print(stdout, root, err);
}

/* A results file has no rules of meaning: it holds, or it is refused. */
static int check_results(const char *path, bool json, bool force)
{
    engram_error err;
    engram_results_info info = ENGRAM_RESULTS_INFO_INIT;
    if (engram_results_check(&info, path, force ? ENGRAM_RESULTS_FORCE : 0u, &err))
        return cli_fail(&err);
    if (json) {
        json_t *root = json_pack(
            "{s:o, s:b, s:b, s:I, s:I, s:I, s:I, s:i, s:i, s:i, s:[]}", "file",
            cli_json_text(path), "complete", info.complete, "recovered", info.recovered,
            "monitors", (json_int_t)info.monitors, "events", (json_int_t)info.events, "samples",
            (json_int_t)info.samples, "runs", (json_int_t)info.runs, "errors", 0, "warnings", 0,
            "advice", 0, "findings");
        return cli_json_print(stdout, root, &err) ? cli_fail(&err) : 0;
    }
    cli_text(stdout, path);
    printf(": results, %s%s, %" PRIu64 " runs, %" PRIu64 " monitors, %" PRIu64
           " events, %" PRIu64 " samples: 0 errors\n",
           info.complete ? "complete" : "not complete", info.recovered ? ", recovered" : "",
           info.runs, info.monitors, info.events, info.samples);
    return 0;
}

static engram_status refuse_unfinished(const char *path, engram_error *err)
{
    memset(err, 0, sizeof *err);
    err->code = ENGRAM_E_FORMAT;
    snprintf(err->message, sizeof err->message,
             "%.400s was never finished: its run goes on, or was killed (engram recover)",
             path);
    return err->code;
}

static int check_network(const char *path, bool json, bool force)
{
    engram_network_options options = ENGRAM_NETWORK_OPTIONS_INIT;
    options.flags = force ? ENGRAM_NETWORK_FORCE : 0u;
    engram_network *network;
    engram_error err;
    if (engram_network_open(&network, path, &options, &err))
        return cli_fail(&err);
    tally t = {.list = json ? json_array() : NULL};
    engram_status status = engram_network_check(network, see, &t, NULL, &err);
    if (!status)
        status = report(path, &t, &err);
    json_decref(t.list);
    engram_network_close(network);
    return status ? cli_fail(&err) : engram_status_exit_code(t.first);
}

int cli_check(int argc, char **argv)
{
    const char *path;
    bool json = false, force = false, wants_help = false;
    const cli_option table[] = {{"--json", NULL, &json},
                                {"--force", NULL, &force},
                                {"--help", NULL, &wants_help},
                                {NULL, NULL, NULL}};
    const int count = cli_parse(argc, argv, table, &path, 1);
    if (count < 0)
        return EXIT_USAGE;
    if (wants_help) {
        puts(
            "usage: engram check <file> [--json] [--force]\n\n"
            "Judges a document or archive by every rule of docs/format.md, or the digest and\n"
            "layout of results. Exit code 0 if no finding is an error, else that of the first\n"
            "error (see man engram).\n\n"
            "  --json   findings as one JSON object\n"
            "  --force  open an archive although its digest does not match");
        return 0;
    }
    if (count < 1)
        return cli_usage(argv[0], "wants a file");
    engram_results_kind kind;
    engram_error err;
    if (engram_results_kind_of(&kind, path, &err) ||
        (kind == ENGRAM_RESULTS_UNFINISHED && refuse_unfinished(path, &err)))
        return cli_fail(&err);
    return kind == ENGRAM_RESULTS_SEALED ? check_results(path, json, force)
                                         : check_network(path, json, force);
}
