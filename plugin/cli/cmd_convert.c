/* engram convert <in> <out>: from one kind of file to another */
#include "cli.h"

#include "engram/convert.h"

#include <stdio.h>

static int help(void)
{
    puts(
        "usage: engram convert <in> <out> [--from KIND] [--to KIND] [--compress] [--force]\n\n"
        "Reads a network in one form and writes it in another. The kind of <in> is found from\n"
        "its bytes, that of <out> from its ending; --from and --to say it. --compress writes\n"
        "arrays compressed where that pays; --force reads an archive whose digest does not\n"
        "match.\n\nKinds:");
    for (size_t k = 0; k < engram_converter_count(); k++) {
        const engram_converter *c = engram_converter_at(k);
        printf("  %-10s %s (%s%s%s; endings: %s)\n", c->name, c->description,
               c->reads ? "read" : "", c->reads && c->writes ? ", " : "",
               c->writes ? "written" : "", c->extensions);
    }
    return 0;
}

int cli_convert(int argc, char **argv)
{
    const char *operands[2], *from = NULL, *to = NULL;
    bool compress = false, force = false, wants_help = false;
    const cli_option table[] = {{"--from", &from, NULL},         {"--to", &to, NULL},
                                {"--compress", NULL, &compress}, {"--force", NULL, &force},
                                {"--help", NULL, &wants_help},   {NULL, NULL, NULL}};
    const int count = cli_parse(argc, argv, table, operands, 2);
    if (count < 0)
        return EXIT_USAGE;
    if (wants_help)
        return help();
    if (count < 2)
        return cli_usage(argv[0], "wants two files, an input and an output");
    engram_convert_options options = ENGRAM_CONVERT_OPTIONS_INIT;
    options.flags =
        (compress ? ENGRAM_CONVERT_COMPRESS : 0u) | (force ? ENGRAM_CONVERT_FORCE : 0u);
    options.from = from;
    options.to = to;
    engram_convert_report report;
    engram_error err;
    if (engram_convert_file(operands[0], operands[1], &options, &report, &err))
        return cli_fail(&err);
    for (size_t k = 0; k < report.count && k < ENGRAM_CONVERT_LOSSES; k++)
        fprintf(stderr, "engram: lost: %s\n", report.losses[k]);
    printf("%s: written (%s to %s)\n", operands[1], report.from, report.to);
    return 0;
}
