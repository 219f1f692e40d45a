#include "cli.h"

#include "isolate.h"

#include "engram/convert.h"
#include "engram/version.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name;
    cli_command run;
    const char *synopsis;
    const char *what;
} commands[] = {
    {"convert", cli_convert, "<in> <out>", "document (.mpk) to archive (.h5) and back"},
    {"inspect", cli_inspect, "<file> [--json]", "what is in it"},
    {"check", cli_check, "<file> [--json]", "judge it by every rule of the format"},
    {"diff", cli_diff, "<a> <b> [--json]", "what is different, object by object"},
    {"run", cli_run, "<file> [--out <results>] [--math strict|fast] [--for 1s] ...", "run it"},
    {"verify", cli_verify, "<archive> [--record]", "does it still spike as it did?"},
    {"resume", cli_resume, "<results>", "go on with a run that was killed or stopped"},
    {"recover", cli_recover, "<results>.partial", "complete what a killed run has left"},
};

enum { COMMANDS = sizeof commands / sizeof *commands };

static void print_help(FILE *to)
{
    fprintf(to, "usage: engram <command> ...\n\n");
    for (int k = 0; k < COMMANDS; k++)
        fprintf(to, "  engram %s %s\n      %s\n", commands[k].name, commands[k].synopsis,
                commands[k].what);
    fprintf(to, "\n  engram --version\n  engram <command> --help\n\nManual: man engram\n");
}

void cli_text(FILE *to, const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        fputc(*c == '\t' || (*c >= 0x20 && *c != 0x7f) ? *c : '?', to);
}

void cli_caret(FILE *to, int indent, const char *source, uint32_t column)
{
    fprintf(to, "%*s", indent, "");
    cli_text(to, source);
    fprintf(to, "\n%*s", indent, "");
    for (uint32_t k = 1; k < column && source[k - 1]; k++) {
        const unsigned char byte = (unsigned char)source[k - 1];
        if (byte == '\t')
            fputc('\t', to);            /* stays one, so that the caret stands under its byte */
        else if ((byte & 0xc0) != 0x80) /* one column a character of UTF-8 */
            fputc(' ', to);
    }
    fputs("^\n", to);
}

int cli_fail(const engram_error *err)
{
    fputs("engram: ", stderr);
    cli_text(stderr, err->message);
    if (err->line)
        fprintf(stderr, ", line %u, column %u", err->line, err->column);
    fputc('\n', stderr);
    if (err->line && err->source[0])
        cli_caret(stderr, 2, err->source, err->column);
    return engram_status_exit_code(err->code);
}

int cli_usage(const char *command, const char *format, ...)
{
    va_list args;
    char text[512];
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    fprintf(stderr, "engram: %s%s", command, *command ? ": " : "");
    cli_text(stderr, text);
    fprintf(stderr, " (see engram %s%s--help)\n", command, *command ? " " : "");
    return EXIT_USAGE;
}

/* One "--name[=value]" at argv[*k]; moves *k over a value that stands alone. */
static bool parse_option(int argc, char **argv, int *k, const cli_option *options)
{
    const char *text = argv[*k];
    const char *equals = strchr(text, '=');
    const size_t length = equals ? (size_t)(equals - text) : strlen(text);
    for (const cli_option *o = options; o->name; o++) {
        if (strlen(o->name) != length || strncmp(o->name, text, length) != 0)
            continue;
        if (!o->value && equals) {
            cli_usage(argv[0], "%s takes no value", o->name);
            return false;
        }
        if (!o->value) {
            *o->flag = true;
            return true;
        }
        *o->value = equals ? equals + 1 : *k + 1 < argc ? argv[++*k] : NULL;
        if (!*o->value || !**o->value)
            cli_usage(argv[0], "%s wants a value", o->name);
        else if (!equals && strncmp(*o->value, "--", 2) == 0)
            cli_usage(argv[0], "%s wants a value, and %s is an option: as a value, %s=%s",
                      o->name, *o->value, o->name, *o->value);
        else
            return true;
        return false;
    }
    cli_usage(argv[0], "unknown option %.*s", (int)length, text);
    return false;
}

int cli_parse(int argc, char **argv, const cli_option *options, const char **operands, int most)
{
    int count = 0;
    bool only_operands = false;
    for (int k = 1; k < argc; k++) {
        if (!only_operands && strcmp(argv[k], "--") == 0) {
            only_operands = true;
        } else if (!only_operands && argv[k][0] == '-' && argv[k][1]) {
            if (!parse_option(argc, argv, &k, options))
                return -1;
        } else if (!*argv[k]) {
            cli_usage(argv[0], "the name of a file is empty");
            return -1;
        } else if (count == most) {
            cli_usage(argv[0], "one operand too many: %s", argv[k]);
            return -1;
        } else {
            operands[count++] = argv[k];
        }
    }
    return count;
}

/* A descriptor of 0 to 2 that is closed would be given to the next file that is opened, and
 * what is printed would end up in it. */
static void hold_standard_files(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
            open("/dev/null", fd ? O_RDONLY : O_WRONLY) < 0)
            return;
}

/* Output that did not arrive is an error, also when it is only found out now. */
static int close_output(int code)
{
    const bool lost = ferror(stdout) != 0;
    errno = 0;
    if (fclose(stdout) == 0 && !lost)
        return code;
    fprintf(stderr, "engram: cannot write to the standard output%s%s\n", errno ? ": " : "",
            errno ? strerror(errno) : "");
    return code > EXIT_DIFFERENT ? code : engram_status_exit_code(ENGRAM_E_IO);
}

static int run_command(cli_command command, int argc, char **argv)
{
    int code;
    if (!cli_wants_isolation(argc, argv))
        return command(argc, argv);
    if (!cli_isolate(&code, command, argc, argv))
        return code;
    /* The child: bytes that were read by force may have left HDF5 in a state that its exit
     * handler does not survive, so there is none. */
    code = close_output(code);
    fflush(stderr);
    _exit(code);
}

static int dispatch(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "version") == 0) {
        printf("engram %s\n", ENGRAM_VERSION);
        return 0;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return 0;
    }
    for (int k = 0; k < COMMANDS; k++)
        if (strcmp(argv[1], commands[k].name) == 0)
            return run_command(commands[k].run, argc - 1, argv + 1);
    return cli_usage("", "unknown %s '%s'", argv[1][0] == '-' ? "option" : "command", argv[1]);
}

int main(int argc, char **argv)
{
    hold_standard_files();
    signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes is answered as a full disk is */
    return close_output(dispatch(argc, argv));
}
