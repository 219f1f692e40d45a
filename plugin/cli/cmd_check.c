/* engram check <file>: every rule of docs/format.md, names and dimensions included */
#include "cli.h"

#include "tree.h"

#include <stdio.h>

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
        puts("usage: engram check <file> [--json] [--force]\n\n"
             "Judges a document or archive by every rule of docs/format.md. Exit code 0 if no\n"
             "finding is an error, else that of the first error (see man engram).\n\n"
             "  --json   findings as one JSON object\n"
             "  --force  open an archive although its digest does not match");
        return 0;
    }
    if (count < 1)
        return cli_usage(argv[0], "wants a file");
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
