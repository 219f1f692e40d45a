/* engram inspect <file>: groups, equations, synapses, monitors, runs, units, sizes */
#include "cli.h"

#include "tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *text_of(const json_t *node, const char *field)
{
    const char *text = json_string_value(json_object_get(node, field));
    return text ? text : "";
}

static json_int_t integer_of(const json_t *node, const char *field, json_int_t fallback)
{
    const json_t *value = json_object_get(node, field);
    return value ? json_integer_value(value) : fallback;
}

/* One line, indented, texts with newlines joined by "; ". */
static void line(int depth, const char *format, ...) ENGRAM_PRINTF(2, 3);
static void line(int depth, const char *format, ...)
{
    char text[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t length = strlen(text);
    while (length && text[length - 1] == '\n')
        text[--length] = '\0';
    printf("%*s", 2 * depth, "");
    for (const char *c = text; *c; c++)
        if (*c == '\n')
            fputs("; ", stdout);
        else
            putchar((unsigned char)*c < 0x20 ? ' ' : *c);
    putchar('\n');
}

static const char *bytes_text(char *out, size_t size, double bytes)
{
    static const char *const unit[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    int k = 0;
    for (; bytes >= 1024 && k < 4; k++)
        bytes /= 1024;
    snprintf(out, size, k ? "%.1f %s" : "%.0f %s", bytes, unit[k]);
    return out;
}

static void print_equations(const json_t *owner)
{
    size_t k;
    json_t *e;
    json_array_foreach(json_object_get(owner, "equations"), k, e)
    {
        const char *kind = text_of(e, "kind"), *flags = text_of(e, "flags");
        const char *unit = text_of(e, "unit"), *expr = text_of(e, "expr");
        const char *dim = text_of(e, "dim");
        const bool differential = strcmp(kind, "differential") == 0;
        line(3, "%s%s%s%s%s : %s%s%s%s", differential ? "d" : "", text_of(e, "name"),
             differential ? "/dt" : "", *expr ? " = " : "", expr,
             *unit ? unit : *dim ? dim : "1", *flags ? " (" : "", flags, *flags ? ")" : "");
    }
}

static void print_constants(const json_t *owner)
{
    size_t k;
    json_t *c;
    json_array_foreach(json_object_get(owner, "constants"), k, c)
    {
        const char *dim = text_of(c, "dim");
        const json_t *value = json_object_get(c, "value");
        line(3, "%s = %.17g %s", text_of(c, "name"), json_number_value(value),
             *dim ? dim : "(dimensionless)");
    }
}

static void print_group(const json_t *g)
{
    const char *method = text_of(g, "resolved_method"), *refractory = text_of(g, "refractory");
    if (!*method)
        method = text_of(g, "method");
    line(2, "%s: %s, N = %" JSON_INTEGER_FORMAT "%s%s%s%s", text_of(g, "name"),
         text_of(g, "kind"), integer_of(g, "n", 0), *method ? ", " : "", method,
         *refractory ? ", refractory " : "", refractory);
    if (*text_of(g, "source"))
        line(3, "slice [%" JSON_INTEGER_FORMAT ", %" JSON_INTEGER_FORMAT ") of %s",
             integer_of(g, "start", 0), integer_of(g, "stop", 0), text_of(g, "source"));
    print_equations(g);
    if (*text_of(g, "rates"))
        line(3, "rates = %s", text_of(g, "rates"));
    size_t k;
    json_t *e;
    json_array_foreach(json_object_get(g, "events"), k, e)
    {
        line(3, "%s when %s", text_of(e, "name"), text_of(e, "condition"));
        if (*text_of(e, "reset"))
            line(4, "then %s", text_of(e, "reset"));
    }
    json_array_foreach(json_object_get(g, "regulars"), k, e)
        line(3, "%s: %s", text_of(e, "name"), text_of(e, "code"));
    print_constants(g);
}

/* Number of synapses: the size of _synaptic_pre, -1 where they are not realised. */
static json_int_t synapse_count(const json_t *synapses)
{
    size_t k;
    json_t *v;
    json_array_foreach(json_object_get(synapses, "variables"), k, v)
        if (strcmp(text_of(v, "name"), "_synaptic_pre") == 0)
            return integer_of(v, "size", 1);
    return -1;
}

static void print_synapses(const json_t *s)
{
    const json_int_t count = synapse_count(s);
    line(2, "%s: %s -> %s", text_of(s, "name"), text_of(s, "source"), text_of(s, "target"));
    if (count >= 0)
        line(3, "%" JSON_INTEGER_FORMAT " synapses", count);
    else
        line(3, "synapses made by the setup below");
    print_equations(s);
    size_t k;
    json_t *p;
    json_array_foreach(json_object_get(s, "pathways"), k, p)
    {
        line(3, "%s, on %s: %s", text_of(p, "name"), text_of(p, "prepost"), text_of(p, "code"));
        if (json_is_true(json_object_get(p, "homogeneous")))
            line(4, "delay %g s", json_number_value(json_object_get(p, "delay")));
    }
    json_array_foreach(json_object_get(s, "summed"), k, p)
        line(3, "%s = %s (summed)", text_of(p, "variable"), text_of(p, "expr"));
    print_constants(s);
}

static void print_monitor(const json_t *m)
{
    char variables[512] = "";
    size_t k, used = 0;
    json_t *v;
    json_array_foreach(json_object_get(m, "variables"), k, v)
        if (used < sizeof variables)
            used += (size_t)snprintf(variables + used, sizeof variables - used, "%s%s",
                                     k ? ", " : ": ", json_string_value(v));
    line(2, "%s: %s monitor of %s%s", text_of(m, "name"), text_of(m, "kind"),
         text_of(m, "source"), variables);
}

static void print_setup(const json_t *s, size_t k)
{
    const char *kind = text_of(s, "kind"), *variable = text_of(s, "variable");
    const char *code = text_of(s, "code"), *condition = text_of(s, "condition");
    const char *p = text_of(s, "p");
    line(2, "%zu: %s %s%s%s%s%s%s%s%s%s%s%s", k, kind, text_of(s, "target"),
         *variable ? "." : "", variable, *code ? " = " : "", code, *condition ? " if " : "",
         condition, *p ? ", p = " : "", p, *text_of(s, "j") ? ", j = " : "", text_of(s, "j"));
}

typedef void (*print_one)(const json_t *node);

static void print_list(const json_t *network, const char *field, print_one print)
{
    const json_t *list = json_object_get(network, field);
    size_t k;
    json_t *node;
    if (!json_array_size(list))
        return;
    line(1, "%s", field);
    json_array_foreach(list, k, node) print(node);
}

static void print_clock(const json_t *c)
{
    line(2, "%s: dt = %g s", text_of(c, "name"), json_number_value(json_object_get(c, "dt")));
}

static void print_input(const json_t *i)
{
    line(2, "%s: %" JSON_INTEGER_FORMAT " trains of %g Hz onto %s.%s", text_of(i, "name"),
         integer_of(i, "n", 0), json_number_value(json_object_get(i, "rate")),
         text_of(i, "target"), text_of(i, "variable"));
}

static void print_function(const json_t *f)
{
    line(2, "%s: %s", text_of(f, "name"), text_of(f, "kind"));
}

static void print_network(const json_t *n)
{
    line(0, "network %s: %s, random numbers %s, from a %s", text_of(n, "name"),
         text_of(n, "dialect"), text_of(n, "rng_rule"), text_of(n, "origin"));
    print_list(n, "clocks", print_clock);
    print_list(n, "groups", print_group);
    print_list(n, "synapses", print_synapses);
    print_list(n, "inputs", print_input);
    print_list(n, "functions", print_function);
    print_list(n, "monitors", print_monitor);
    size_t k;
    json_t *node;
    if (json_array_size(json_object_get(n, "setup")))
        line(1, "setup");
    json_array_foreach(json_object_get(n, "setup"), k, node) print_setup(node, k);
    if (json_array_size(json_object_get(n, "runs")))
        line(1, "runs");
    json_array_foreach(json_object_get(n, "runs"), k, node)
        line(2, "%zu: %g s", k, json_number_value(json_object_get(node, "duration")));
}

static void print_code(const json_t *code)
{
    const json_t *list = json_object_get(code, "executables");
    size_t k, statements = 0;
    json_t *e;
    json_array_foreach(list, k, e) statements += json_array_size(json_object_get(e, "statements"));
    line(0, "code: %zu executables, %zu statements as Brian2 executed them",
         json_array_size(list), statements);
}

static void print_state(const json_t *state)
{
    const json_t *list = json_object_get(state, "arrays");
    char text[32];
    double bytes = 0;
    size_t k, spikes = 0;
    json_t *node;
    json_array_foreach(list, k, node) bytes +=
        (double)integer_of(json_object_get(node, "data"), "bytes", 0);
    json_array_foreach(json_object_get(state, "queues"), k, node) spikes += (size_t)json_integer_value(
        json_array_get(json_object_get(json_object_get(node, "steps"), "shape"), 0));
    line(0, "state: t = %g s, %zu arrays, %s, %zu events in flight",
         json_number_value(json_object_get(state, "t")), json_array_size(list),
         bytes_text(text, sizeof text, bytes), spikes);
}

static void print_provenance(const json_t *p)
{
    line(0, "provenance: %s%s%s", text_of(p, "title"), *text_of(p, "title") ? ", " : "",
         text_of(p, "created"));
    size_t k;
    json_t *v;
    if (*text_of(p, "script_name"))
        line(1, "script %s", text_of(p, "script_name"));
    json_array_foreach(json_object_get(p, "versions"), k, v)
        line(1, "%s %s", text_of(v, "name"), text_of(v, "version"));
}

static void print_text(const char *path, const json_t *root)
{
    line(0, "%s: %s %" JSON_INTEGER_FORMAT ".%" JSON_INTEGER_FORMAT, path,
         text_of(root, "format"), integer_of(root, "major", 0), integer_of(root, "minor", 0));
    static const struct {
        const char *part;
        print_one print;
    } parts[] = {{"network", print_network},
                 {"code", print_code},
                 {"state", print_state},
                 {"provenance", print_provenance}};
    for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
        if (json_object_get(root, parts[k].part))
            parts[k].print(json_object_get(root, parts[k].part));
}

int cli_inspect(int argc, char **argv)
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
        puts("usage: engram inspect <file> [--json] [--force]\n\n"
             "Prints what a document or archive holds: clocks, groups with their equations and\n"
             "units, synapses, monitors, setup, runs, code, state and sizes. --json gives every\n"
             "field (defaults left out), arrays by type and shape.");
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
    for (size_t k = 0; k < engram_network_ignored_count(network); k++)
        fprintf(stderr, "engram: ignored, of a newer version: %s\n",
                engram_network_ignored(network, k));
    json_t *root;
    const engram_status status = cli_tree(&root, network, &err);
    engram_network_close(network);
    if (status)
        return cli_fail(&err);
    if (json) {
        json_dumpf(root, stdout, JSON_INDENT(2));
        putchar('\n');
    } else {
        print_text(path, root);
    }
    json_decref(root);
    return 0;
}
