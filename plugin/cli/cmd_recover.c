/* engram recover <results>.partial: a finished results file of what a killed run has left */
#include "cli.h"

#include "quantity.h"
#include "target.h"

#include "engram/results.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char ending[] = ".partial";

static int help(void)
{
    puts("usage: engram recover <results>.partial [-o FILE]\n\n"
         "Makes a finished results file of one that a killed run has left: everything up to "
         "the\n"
         "last step that was written whole. It says of itself that it is not complete.\n\n"
         "  --out FILE  name of the finished file (also -o); the .partial is then kept.\n"
         "              Default: the name without .partial, which must not be there yet; the\n"
         "              .partial is removed");
    return 0;
}

/* "x.h5" of "x.h5.partial". E_ARGUMENT: it has another ending, or x.h5 is there. */
static engram_status default_target(char *out, size_t size, const char *partial,
                                    engram_error *err)
{
    const size_t length = strlen(partial), tail = sizeof ending - 1;
    struct stat there;
    const bool ends = length >= tail && strcmp(partial + length - tail, ending) == 0;
    const bool named = ends && length > tail && partial[length - tail - 1] != '/';
    if (named && length - tail < size) {
        memcpy(out, partial, length - tail);
        out[length - tail] = '\0';
        if (stat(out, &there) != 0)
            return ENGRAM_OK;
    }
    memset(err, 0, sizeof *err);
    err->code = ENGRAM_E_ARGUMENT;
    if (ends && !named)
        snprintf(err->message, sizeof err->message,
                 "%.400s has no name before .partial: say with --out where to write", partial);
    else if (ends)
        snprintf(err->message, sizeof err->message,
                 "%.400s is there already: say with --out where to write", out);
    else
        snprintf(err->message, sizeof err->message,
                 "%.400s does not end in .partial: say with --out where to write", partial);
    return err->code;
}

int cli_recover(int argc, char **argv)
{
    const char *partial, *out = NULL;
    bool wants_help = false;
    char target[4096];
    const cli_option table[] = {{"--out", &out, NULL},
                                {"-o", &out, NULL},
                                {"--help", NULL, &wants_help},
                                {NULL, NULL, NULL}};
    const int count = cli_parse(argc, argv, table, &partial, 1);
    if (count < 0)
        return EXIT_USAGE;
    if (wants_help)
        return help();
    if (count < 1)
        return cli_usage(argv[0], "wants an unfinished results file");
    engram_error err;
    engram_results_info info = ENGRAM_RESULTS_INFO_INIT;
    if ((!out && default_target(target, sizeof target, partial, &err)) ||
        cli_target(out ? out : target, NULL, &err))
        return cli_fail(&err);
    if (out && cli_same_file(out, partial))
        return cli_usage(argv[0], "--out is the unfinished file itself");
    if (engram_results_recover(&info, partial, out ? out : target, &err))
        return cli_fail(&err);
    if (!out && unlink(partial))
        fprintf(stderr, "engram: the unfinished file could not be removed\n");
    char time[32];
    cli_text(stdout, out ? out : target);
    printf(": %" PRIu64 " monitors, %" PRIu64 " events, %" PRIu64 " samples, ", info.monitors,
           info.events, info.samples);
    if (info.until > 0)
        printf("before t = %s\n", cli_time_text(time, sizeof time, info.until, 9));
    else
        puts("nothing was written yet");
    return 0;
}
