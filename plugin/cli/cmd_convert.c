/* engram convert <in> <out>: from one kind of file to another */
#include "cli.h"

#include "target.h"

#include "engram/convert.h"
#include "engram/network.h"

#include <stdio.h>
#include <string.h>

static int help(void)
{
    puts(
        "usage: engram convert <in> <out> [--from KIND] [--to KIND] [--compress | "
        "--no-compress]\n"
        "                      [--force]\n\n"
        "Reads a network in one form, checks it and writes it in another. The kind of <in> is\n"
        "found from its bytes, that of <out> from its ending.\n\n"
        "  --from KIND  kind of <in>\n"
        "  --to KIND    kind of <out>\n"
        "  --compress   write arrays compressed where that pays (docs/format.md)\n"
        "  --no-compress  write them as they are, to be read in place (default)\n"
        "  --force      convert although the digest does not match or a rule is broken\n\n"
        "Kinds:");
    for (size_t k = 0; k < engram_converter_count(); k++) {
        const engram_converter *c = engram_converter_at(k);
        printf("  %-10s %s (%s%s%s; endings: %s)\n", c->name, c->description,
               c->reads ? "read" : "", c->reads && c->writes ? ", " : "",
               c->writes ? "written" : "", c->extensions);
    }
    return 0;
}

/* The first finding that is an error becomes the call's; `context` is the file's name. */
static engram_status refuse(void *context, const engram_finding *f, engram_error *err)
{
    if (f->severity != ENGRAM_SEVERITY_ERROR)
        return ENGRAM_OK;
    memset(err, 0, sizeof *err);
    err->code = f->status;
    err->line = f->line;
    err->column = f->column;
    snprintf(err->source, sizeof err->source, "%s", f->source);
    snprintf(err->message, sizeof err->message, "%.200s: %s: %s (rule %s)",
             (const char *)context, f->path, f->message, f->rule);
    return f->status;
}

static engram_status check(const char *path, engram_error *err)
{
    engram_network *network;
    engram_status status = engram_network_open(&network, path, NULL, err);
    if (status)
        return status;
    char name[256];
    snprintf(name, sizeof name, "%s", path);
    status = engram_network_check(network, refuse, name, NULL, err);
    engram_network_close(network);
    return status;
}

int cli_convert(int argc, char **argv)
{
    const char *operands[2], *from = NULL, *to = NULL;
    bool compress = false, plain = false, force = false, wants_help = false;
    const cli_option table[] = {{"--from", &from, NULL},
                                {"--to", &to, NULL},
                                {"--compress", NULL, &compress},
                                {"--no-compress", NULL, &plain},
                                {"--force", NULL, &force},
                                {"--help", NULL, &wants_help},
                                {NULL, NULL, NULL}};
    const int count = cli_parse(argc, argv, table, operands, 2);
    if (count < 0)
        return EXIT_USAGE;
    if (wants_help)
        return help();
    if (count < 2)
        return cli_usage(argv[0], "wants two files, an input and an output");
    if (compress && plain)
        return cli_usage(argv[0], "--compress or --no-compress, not both");
    engram_convert_options options = ENGRAM_CONVERT_OPTIONS_INIT;
    options.flags =
        (compress ? ENGRAM_CONVERT_COMPRESS : 0u) | (force ? ENGRAM_CONVERT_FORCE : 0u);
    options.from = from;
    options.to = to;
    engram_convert_report report;
    engram_error err;
    if (cli_target(operands[1], NULL, &err) || (!force && check(operands[0], &err)) ||
        engram_convert_file(operands[0], operands[1], &options, &report, &err))
        return cli_fail(&err);
    for (size_t k = 0; k < report.count && k < ENGRAM_CONVERT_LOSSES; k++)
        fprintf(stderr, "engram: lost: %s\n", report.losses[k]);
    cli_text(stdout, operands[1]);
    printf(": written (%s to %s)\n", report.from, report.to);
    return 0;
}
