/* engram check <file>: every rule of docs/format.md, names and dimensions included */
#include "cli.h"

#include "engram/network.h"

#include <jansson.h>
#include <stdio.h>

typedef struct tally {
    size_t count[3]; /* by severity */
    json_t *list;    /* --json: array of findings; else NULL */
} tally;

static const char *const severity_name[] = {"error", "warning", "advice"};

static void print_caret(const engram_finding *f)
{
    if (!f->line || !f->source[0])
        return;
    printf("    %s\n    ", f->source);
    for (uint32_t k = 1; k < f->column && f->source[k - 1]; k++)
        putchar(f->source[k - 1] == '\t' ? '\t' : ' ');
    puts("^");
}

static engram_status see(void *context, const engram_finding *f, engram_error *err)
{
    (void)err;
    tally *t = context;
    t->count[f->severity]++;
    if (t->list) {
        json_array_append_new(
            t->list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:i}", "severity",
                               severity_name[f->severity], "rule", f->rule, "path", f->path,
                               "message", f->message, "status",
                               engram_status_name(f->status), "line", (int)f->line, "column",
                               (int)f->column));
        return ENGRAM_OK;
    }
    printf("%s %s: %s: %s\n", severity_name[f->severity], f->rule, f->path, f->message);
    print_caret(f);
    return ENGRAM_OK;
}

static void report(const char *path, const tally *t)
{
    if (!t->list) {
        printf("%s: %zu errors, %zu warnings, %zu advice\n", path, t->count[0], t->count[1],
               t->count[2]);
        return;
    }
    json_t *root = json_pack("{s:s, s:I, s:I, s:I, s:O}", "file", path, "errors",
                             (json_int_t)t->count[0], "warnings", (json_int_t)t->count[1],
                             "advice", (json_int_t)t->count[2], "findings", t->list);
    json_dumpf(root, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(root);
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
             "finding is an error, else that of the first error (see man engram).");
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
    tally t = {{0, 0, 0}, json ? json_array() : NULL};
    size_t errors = 0;
    const engram_status status = engram_network_check(network, see, &t, &errors, &err);
    if (!status)
        report(path, &t);
    json_decref(t.list);
    engram_network_close(network);
    if (status)
        return cli_fail(&err);
    return errors ? engram_status_exit_code(ENGRAM_E_SCHEMA) : 0;
}
