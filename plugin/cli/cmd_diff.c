/* engram diff <a> <b>: what is different, object by object */
#include "cli.h"

#include "tree.h"

#include "engram/network.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct outcome {
    size_t count;
    bool without_provenance;
    json_t *list; /* --json: array of differences; else NULL */
} outcome;

static int help(void)
{
    puts("usage: engram diff <a> <b> [--no-provenance] [--json] [--force]\n\n"
         "Compares two networks, documents or archives, by what they mean: lists by name, in\n"
         "whatever order, arrays element by element. Exit code 0: the same; 1: different.\n\n"
         "  --no-provenance  whose it is, and what captured it, does not count\n"
         "  --json           the differences as one JSON object\n"
         "  --force          open archives although their digests do not match");
    return 0;
}

static const char *const change_name[] = {"removed", "added", "changed"};

static engram_status see(void *context, const engram_difference *x, engram_error *err)
{
    (void)err;
    outcome *o = context;
    if (o->without_provenance && strncmp(x->path, "/provenance", 11) == 0)
        return ENGRAM_OK;
    o->count++;
    if (o->list) {
        json_t *one = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "change",
                                change_name[x->change], "path", x->path, "type", x->type,
                                "object", x->object, "a", x->a, "b", x->b);
        if (x->index >= 0) {
            json_object_set_new(one, "index", json_integer((json_int_t)x->index));
            json_object_set_new(one, "count", json_integer((json_int_t)x->count));
        }
        json_array_append_new(o->list, one);
        return ENGRAM_OK;
    }
    printf("%s ", change_name[x->change]);
    cli_text(stdout, x->path);
    if (x->index >= 0)
        printf(", element %" PRId64, x->index);
    if (*x->a || *x->b)
        fputs(": ", stdout);
    cli_text(stdout, x->a);
    if (x->change == ENGRAM_CHANGE_CHANGED)
        fputs(" -> ", stdout);
    cli_text(stdout, x->b);
    if (x->count > 1)
        printf(" (%" PRIu64 " elements differ)", x->count);
    putchar('\n');
    return ENGRAM_OK;
}

static engram_status report(const char *const *file, outcome *o, engram_error *err)
{
    if (!o->list) {
        if (o->count)
            printf("%zu difference%s\n", o->count, o->count == 1 ? "" : "s");
        else
            puts("the same");
        return ENGRAM_OK;
    }
    json_t *root =
        json_pack("{s:o, s:o, s:b, s:O}", "a", cli_json_text(file[0]), "b",
                  cli_json_text(file[1]), "same", o->count == 0, "differences", o->list);
    return cli_json_print(stdout, root, err);
}

int cli_diff(int argc, char **argv)
{
    const char *file[2];
    bool json = false, force = false, wants_help = false;
    outcome o = {.count = 0};
    const cli_option table[] = {{"--no-provenance", NULL, &o.without_provenance},
                                {"--json", NULL, &json},
                                {"--force", NULL, &force},
                                {"--help", NULL, &wants_help},
                                {NULL, NULL, NULL}};
    const int count = cli_parse(argc, argv, table, file, 2);
    if (count < 0)
        return EXIT_USAGE;
    if (wants_help)
        return help();
    if (count < 2)
        return cli_usage(argv[0], "wants two files");
    engram_network_options options = ENGRAM_NETWORK_OPTIONS_INIT;
    options.flags = force ? ENGRAM_NETWORK_FORCE : 0u;
    engram_network *a = NULL, *b = NULL;
    engram_error err;
    o.list = json ? json_array() : NULL;
    engram_status status = engram_network_open(&a, file[0], &options, &err);
    if (!status)
        status = engram_network_open(&b, file[1], &options, &err);
    if (!status)
        status = engram_network_diff(a, b, see, &o, NULL, &err);
    if (!status)
        status = report(file, &o, &err);
    json_decref(o.list);
    engram_network_close(b);
    engram_network_close(a);
    return status ? cli_fail(&err) : o.count ? EXIT_DIFFERENT : 0;
}
