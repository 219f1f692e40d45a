/* engram inspect <file>: groups, equations, synapses, monitors, runs, units, sizes */
#include "cli.h"

#include "quantity.h"
#include "say.h"
#include "tree.h"

#include "engram/convert.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* ---- fields of the tree ---------------------------------------------------------------- */

static const json_t *at(const json_t *node, const char *field)
{
    return json_object_get(node, field);
}

static const char *text_of(const json_t *node, const char *field)
{
    const char *text = json_string_value(at(node, field));
    return text ? text : "";
}

static json_int_t integer_of(const json_t *node, const char *field, json_int_t fallback)
{
    const json_t *value = at(node, field);
    return value ? json_integer_value(value) : fallback;
}

static double number_of(const json_t *node, const char *field)
{
    return json_number_value(at(node, field));
}

/* Element number `k` of an array's shape; 0 for an absent array. */
static json_int_t extent_of(const json_t *array, size_t k)
{
    return json_integer_value(json_array_get(at(array, "shape"), k));
}

static const json_t *named(const json_t *list, const char *name)
{
    size_t k;
    json_t *node;
    json_array_foreach(list, k, node)
    {
        if (strcmp(text_of(node, "name"), name) == 0)
            return node;
    }
    return NULL;
}

/* Contents of variable `variable` of `owner` in the state part; NULL: not there. */
static const json_t *stored(const json_t *root, const char *owner, const char *variable)
{
    size_t k;
    json_t *node;
    json_array_foreach(at(at(root, "state"), "arrays"), k, node)
    {
        if (strcmp(text_of(node, "owner"), owner) == 0 &&
            strcmp(text_of(node, "variable"), variable) == 0)
            return node;
    }
    return NULL;
}

/* Bytes of what is stored for `owner`; of everything if that is NULL. */
static double stored_bytes(const json_t *root, const char *owner)
{
    double bytes = 0;
    size_t k;
    json_t *node;
    json_array_foreach(at(at(root, "state"), "arrays"), k, node)
    {
        if (!owner || strcmp(text_of(node, "owner"), owner) == 0)
            bytes += (double)integer_of(at(node, "data"), "bytes", 0);
    }
    return bytes;
}

/* ---- pieces of a line ------------------------------------------------------------------ */

static void start(int depth)
{
    printf("%*s", 2 * depth, "");
}

static void end(void)
{
    putchar('\n');
}

/* The values of a stored array: one, or from and to. */
static void put_range(const json_t *array)
{
    const json_t *data = at(array, "data");
    const double low = number_of(data, "min"), high = number_of(data, "max");
    if (!at(data, "min")) {
        cli_put("?");
        return;
    }
    cli_put_number(low, text_of(array, "dim"));
    if (high > low) {
        cli_put(" to ");
        cli_put_number(high, text_of(array, "dim"));
    }
}

static void put_bytes(double bytes)
{
    char text[32];
    if (bytes > 0)
        cli_put(", %s", cli_bytes_text(text, sizeof text, bytes));
}

static void put_time(const json_t *node, const char *field)
{
    char text[32];
    cli_put("%s", cli_time_text(text, sizeof text, number_of(node, field), 9));
}

/* When a clock ticks: `step` and its step, or at which times. */
static void put_ticks(const json_t *clock, const char *step)
{
    const json_t *times = at(clock, "times");
    const json_int_t count = extent_of(times, 0);
    if (!times) {
        cli_put("%s ", step);
        put_time(clock, "dt");
        return;
    }
    cli_put("at ");
    if (count != 1)
        cli_put("%" JSON_INTEGER_FORMAT " times", count);
    if (count > 1)
        cli_put(" from ");
    if (count)
        put_time(times, "min");
    if (count > 1) {
        cli_put(" to ");
        put_time(times, "max");
    }
}

/* ---- what groups and synapses share ---------------------------------------------------- */

/* With what linked variables stand for. */
static void print_equations(const json_t *owner)
{
    size_t k;
    json_t *e;
    json_array_foreach(at(owner, "equations"), k, e)
    {
        const char *flags = text_of(e, "flags"), *unit = text_of(e, "unit");
        const char *dim = text_of(e, "dim"), *dtype = text_of(e, "dtype");
        const bool differential = strcmp(text_of(e, "kind"), "differential") == 0;
        start(2);
        cli_put("%s%s%s", differential ? "d" : "", text_of(e, "name"),
                differential ? "/dt" : "");
        if (*text_of(e, "expr")) {
            cli_put(" = ");
            cli_put_code(text_of(e, "expr"));
        }
        cli_put(" : %s", *unit                                 ? unit
                         : *dim                                ? dim
                         : strcmp(text_of(e, "type"), "float") ? text_of(e, "type")
                                                               : "1");
        if (*flags || *dtype)
            cli_put(" (%s%s%s)", flags, *flags && *dtype ? ", " : "", dtype);
        end();
    }
    json_array_foreach(at(owner, "links"), k, e)
    {
        const char *index = text_of(e, "index");
        start(2);
        cli_put("%s is %s.%s", text_of(e, "name"), text_of(e, "source"),
                text_of(e, "variable"));
        if (*text_of(e, "index_owner"))
            cli_put(" through %s.%s", text_of(e, "index_owner"), text_of(e, "index_variable"));
        else if (*index && strcmp(index, "0") != 0)
            cli_put(" through %s", index);
        end();
    }
}

static void print_constants(const json_t *owner)
{
    size_t k;
    json_t *c;
    json_array_foreach(at(owner, "constants"), k, c)
    {
        if (k == 0) {
            start(2);
            cli_put("with ");
        }
        cli_put("%s%s = ", k ? ", " : "", text_of(c, "name"));
        if (strncmp(text_of(c, "dtype"), "float", 5) == 0)
            cli_put_number(number_of(c, "value"), text_of(c, "dim"));
        else
            cli_put("%" JSON_INTEGER_FORMAT, integer_of(c, "integer", 0));
    }
    if (json_array_size(at(owner, "constants")))
        end();
}

/* Where the stored variables stand that the equations name. */
static void print_values(const json_t *root, const json_t *owner)
{
    size_t k, count = 0;
    json_t *e;
    json_array_foreach(at(owner, "equations"), k, e)
    {
        const json_t *array = stored(root, text_of(owner, "name"), text_of(e, "name"));
        if (!array || !extent_of(at(array, "data"), 0))
            continue;
        if (count++ == 0) {
            start(2);
            cli_put("now ");
        }
        cli_put("%s%s = ", count > 1 ? ", " : "", text_of(e, "name"));
        put_range(array);
    }
    if (count)
        end();
}

static void print_regulars(const json_t *root, const json_t *owner)
{
    size_t k;
    json_t *e;
    json_array_foreach(at(owner, "regulars"), k, e)
    {
        const char *clock =
            *text_of(e, "clock") ? text_of(e, "clock") : text_of(owner, "clock");
        start(2);
        put_ticks(named(at(at(root, "network"), "clocks"), clock), "every");
        cli_put(": ");
        cli_put_code(text_of(e, "code"));
        end();
    }
}

/* When it ticks, where that is not when the default clock does. */
static void put_clock(const json_t *root, const json_t *owner)
{
    const json_t *clocks = at(at(root, "network"), "clocks");
    const json_t *clock = named(clocks, text_of(owner, "clock"));
    const json_t *usual = named(clocks, "defaultclock");
    if (!clock || clock == (usual ? usual : json_array_get(clocks, 0)))
        return;
    cli_put(", ");
    put_ticks(clock, "dt");
}

/* ---- objects --------------------------------------------------------------------------- */

static void print_events(const json_t *g)
{
    size_t k;
    json_t *e;
    json_array_foreach(at(g, "events"), k, e)
    {
        start(2);
        cli_put("%s when ", text_of(e, "name"));
        cli_put_code(text_of(e, "condition"));
        if (*text_of(e, "reset")) {
            cli_put(", then ");
            cli_put_code(text_of(e, "reset"));
        }
        end();
    }
}

/* What a Poisson group or a spike generator has instead of equations. */
static void print_drive(const json_t *root, const json_t *g)
{
    const json_t *rates = stored(root, text_of(g, "name"), "rates");
    if (*text_of(g, "rates") || rates) {
        start(2);
        cli_put("rates ");
        if (*text_of(g, "rates"))
            cli_put_code(text_of(g, "rates"));
        else
            put_range(rates);
        end();
    }
    if (at(g, "times")) {
        start(2);
        cli_put("%" JSON_INTEGER_FORMAT " spikes", extent_of(at(g, "times"), 0));
        if (extent_of(at(g, "times"), 0)) {
            cli_put(" from ");
            cli_put_number(number_of(at(g, "times"), "min"), "second");
            cli_put(" to ");
            cli_put_number(number_of(at(g, "times"), "max"), "second");
        }
        if (at(g, "period")) {
            cli_put(", again every ");
            put_time(g, "period");
        }
        end();
    }
}

static void print_group(const json_t *root, const json_t *g)
{
    static const char *const kinds[][2] = {{"neurons", "neurons"},
                                           {"poisson", "Poisson neurons"},
                                           {"spikegenerator", "generated spike trains"}};
    const char *method = text_of(g, "resolved_method"), *kind = text_of(g, "kind");
    if (!*method)
        method = text_of(g, "method");
    start(1);
    cli_put("%s: ", text_of(g, "name"));
    if (*text_of(g, "source")) {
        cli_put("%s[%" JSON_INTEGER_FORMAT ":%" JSON_INTEGER_FORMAT "]", text_of(g, "source"),
                integer_of(g, "start", 0), integer_of(g, "stop", 0));
        end();
        return;
    }
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        if (strcmp(kind, kinds[k][0]) == 0)
            kind = kinds[k][1];
    cli_put("%" JSON_INTEGER_FORMAT " %s", integer_of(g, "n", 0), kind);
    if (*method)
        cli_put(", %s", method);
    put_clock(root, g);
    if (*text_of(g, "refractory")) {
        cli_put(", refractory ");
        cli_put_code(text_of(g, "refractory"));
    }
    put_bytes(stored_bytes(root, text_of(g, "name")));
    end();
    print_equations(g);
    print_drive(root, g);
    if (strcmp(text_of(g, "kind"), "poisson") != 0)
        print_events(g);
    print_regulars(root, g);
    print_constants(g);
    print_values(root, g);
}

static void print_pathway(const json_t *root, const json_t *p)
{
    const json_t *delay = stored(root, text_of(p, "name"), "delay");
    start(2);
    cli_put("%s, on %s", text_of(p, "name"), text_of(p, "prepost"));
    if (*text_of(p, "event") && strcmp(text_of(p, "event"), "spike") != 0)
        cli_put(" %s", text_of(p, "event"));
    if (json_is_true(at(p, "homogeneous"))) {
        cli_put(" after ");
        put_time(p, "delay");
    } else if (number_of(at(delay, "data"), "max") > 0) {
        cli_put(" after ");
        put_range(delay);
    }
    cli_put(": ");
    cli_put_code(text_of(p, "code"));
    end();
}

/* Whether a step of the setup makes synapses of this object. */
static bool is_connected(const json_t *root, const char *name)
{
    size_t k;
    json_t *s;
    json_array_foreach(at(at(root, "network"), "setup"), k, s)
    {
        if (strcmp(text_of(s, "kind"), "connect") == 0 &&
            strcmp(text_of(s, "target"), name) == 0)
            return true;
    }
    return false;
}

static void put_side(const json_t *s, const char *side)
{
    char field[32];
    cli_put("%s", text_of(s, side));
    snprintf(field, sizeof field, "%s_stop", side);
    const json_int_t stop = integer_of(s, field, -1);
    snprintf(field, sizeof field, "%s_start", side);
    if (stop >= 0)
        cli_put("[%" JSON_INTEGER_FORMAT ":%" JSON_INTEGER_FORMAT "]", integer_of(s, field, 0),
                stop);
}

static void print_synapses(const json_t *root, const json_t *s)
{
    const json_t *made = stored(root, text_of(s, "name"), "_synaptic_pre");
    double bytes = stored_bytes(root, text_of(s, "name"));
    size_t k;
    json_t *p;
    start(1);
    cli_put("%s: ", text_of(s, "name"));
    put_side(s, "source");
    cli_put(" -> ");
    put_side(s, "target");
    if (made)
        cli_put(", %" JSON_INTEGER_FORMAT " synapses", extent_of(at(made, "data"), 0));
    else
        cli_put(", %s", is_connected(root, text_of(s, "name")) ? "synapses made by the setup"
                                                               : "no synapses");
    put_clock(root, s);
    json_array_foreach(at(s, "pathways"), k, p)
    {
        bytes += stored_bytes(root, text_of(p, "name"));
    }
    put_bytes(bytes);
    end();
    print_equations(s);
    json_array_foreach(at(s, "pathways"), k, p)
    {
        print_pathway(root, p);
    }
    json_array_foreach(at(s, "summed"), k, p)
    {
        start(2);
        cli_put("%s = sum of ", text_of(p, "variable"));
        cli_put_code(text_of(p, "expr"));
        end();
    }
    print_regulars(root, s);
    print_constants(s);
    print_values(root, s);
}

static void print_input(const json_t *root, const json_t *i)
{
    (void)root;
    start(1);
    cli_put("%s: %" JSON_INTEGER_FORMAT " Poisson trains of ", text_of(i, "name"),
            integer_of(i, "n", 0));
    cli_put_number(number_of(i, "rate"), "hertz");
    cli_put(" onto each %s.%s, weight ", text_of(i, "target"), text_of(i, "variable"));
    cli_put_code(text_of(i, "weight"));
    end();
    print_constants(i);
}

static void print_function(const json_t *root, const json_t *f)
{
    const json_t *values = at(f, "values");
    (void)root;
    start(1);
    if (!values) {
        cli_put("%s: %s", text_of(f, "name"), text_of(f, "kind"));
    } else {
        cli_put("%s: array over time, %" JSON_INTEGER_FORMAT " steps of ", text_of(f, "name"),
                extent_of(values, 0));
        put_time(f, "dt");
        if (json_array_size(at(values, "shape")) > 1)
            cli_put(", %" JSON_INTEGER_FORMAT " columns", extent_of(values, 1));
    }
    end();
}

static void print_monitor(const json_t *root, const json_t *m)
{
    size_t k;
    json_t *v;
    const char *kind = text_of(m, "kind");
    start(1);
    if (strcmp(kind, "event") == 0)
        cli_put("%s: events %s of ", text_of(m, "name"), text_of(m, "event"));
    else
        cli_put("%s: %s of ", text_of(m, "name"),
                strcmp(kind, "spike") == 0   ? "spikes"
                : strcmp(kind, "state") == 0 ? "state"
                : strcmp(kind, "rate") == 0  ? "rate"
                                             : kind);
    cli_put("%s", text_of(m, "source"));
    if (integer_of(m, "stop", -1) >= 0)
        cli_put("[%" JSON_INTEGER_FORMAT ":%" JSON_INTEGER_FORMAT "]",
                integer_of(m, "start", 0), integer_of(m, "stop", -1));
    json_array_foreach(at(m, "variables"), k, v)
    {
        cli_put("%s%s", k ? ", " : ": ", json_string_value(v));
    }
    if (json_is_true(at(m, "record_all")))
        cli_put(", all elements");
    else if (at(m, "indices"))
        cli_put(", %" JSON_INTEGER_FORMAT " elements", extent_of(at(m, "indices"), 0));
    if (at(m, "record") && !json_is_true(at(m, "record")))
        cli_put(", counts only");
    put_clock(root, m);
    end();
}

static void print_setup(const json_t *root, const json_t *s)
{
    static const char *const parts[][2] = {{"condition", " if "},
                                           {"i", ", i = "},
                                           {"j", ", j = "},
                                           {"p", ", p = "},
                                           {"n", ", n = "}};
    (void)root;
    start(1);
    cli_put("%s", text_of(s, "kind"));
    if (*text_of(s, "target"))
        cli_put(" %s", text_of(s, "target"));
    if (integer_of(s, "stop", -1) >= 0)
        cli_put("[%" JSON_INTEGER_FORMAT ":%" JSON_INTEGER_FORMAT "]",
                integer_of(s, "start", 0), integer_of(s, "stop", -1));
    if (*text_of(s, "variable"))
        cli_put(".%s = ", text_of(s, "variable"));
    cli_put_code(text_of(s, "code"));
    const json_t *values = at(s, "values");
    if (values && at(values, "min") && number_of(values, "min") == number_of(values, "max"))
        cli_put("%.6g", number_of(values, "min"));
    else if (values)
        cli_put("%" JSON_INTEGER_FORMAT " values", extent_of(values, 0));
    if (at(s, "i_array"))
        cli_put(", %" JSON_INTEGER_FORMAT " given pairs", extent_of(at(s, "i_array"), 0));
    for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
        if (*text_of(s, parts[k][0])) {
            cli_put("%s", parts[k][1]);
            cli_put_code(text_of(s, parts[k][0]));
        }
    if (strcmp(text_of(s, "kind"), "seed") == 0 && integer_of(s, "seed", -1) >= 0)
        cli_put(" %" JSON_INTEGER_FORMAT, integer_of(s, "seed", -1));
    else if (strcmp(text_of(s, "kind"), "seed") == 0)
        cli_put(" from the system");
    end();
}

static void print_run(const json_t *root, const json_t *r)
{
    size_t k;
    json_t *name;
    (void)root;
    start(1);
    put_time(r, "duration");
    json_array_foreach(at(r, "inactive"), k, name)
    {
        cli_put("%s%s", k ? ", " : ", without ", json_string_value(name));
    }
    end();
}

static void print_clock(const json_t *root, const json_t *c)
{
    (void)root;
    start(1);
    cli_put("%s: ", text_of(c, "name"));
    put_ticks(c, "dt");
    end();
}

/* ---- the whole ------------------------------------------------------------------------- */

static json_int_t neurons_of(const json_t *network)
{
    json_int_t sum = 0;
    size_t k;
    json_t *g;
    json_array_foreach(at(network, "groups"), k, g)
    {
        if (!*text_of(g, "source"))
            sum += integer_of(g, "n", 0);
    }
    return sum;
}

static json_int_t synapses_of(const json_t *root)
{
    json_int_t sum = 0;
    size_t k;
    json_t *s;
    json_array_foreach(at(at(root, "network"), "synapses"), k, s)
    {
        sum += extent_of(at(stored(root, text_of(s, "name"), "_synaptic_pre"), "data"), 0);
    }
    return sum;
}

static void print_network(const json_t *root)
{
    static const struct {
        const char *field;
        void (*print)(const json_t *root, const json_t *node);
    } lists[] = {{"clocks", print_clock},       {"groups", print_group},
                 {"synapses", print_synapses},  {"inputs", print_input},
                 {"functions", print_function}, {"monitors", print_monitor},
                 {"setup", print_setup},        {"runs", print_run}};
    const json_t *network = at(root, "network");
    cli_put("network %s%s%s: %" JSON_INTEGER_FORMAT " neurons", text_of(network, "name"),
            *text_of(network, "name") ? ", " : "",
            strcmp(text_of(network, "origin"), "capture") == 0 ? "from a live network"
                                                               : "from an exported description",
            neurons_of(network));
    if (synapses_of(root))
        cli_put(", %" JSON_INTEGER_FORMAT " synapses", synapses_of(root));
    end();
    cli_put("dialect %s, random numbers as in %s", text_of(network, "dialect"),
            text_of(network, "rng_rule"));
    if (*text_of(network, "float_dtype"))
        cli_put(", numbers of %s", text_of(network, "float_dtype"));
    if (at(network, "legacy_refractory"))
        cli_put(", refractory times in seconds, not in steps");
    end();
    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
        size_t n;
        json_t *node;
        json_array_foreach(at(network, lists[k].field), n, node)
        {
            if (n == 0)
                printf("\n%s\n", lists[k].field);
            lists[k].print(root, node);
        }
    }
}

static void print_code(const json_t *code)
{
    const json_t *list = at(code, "executables");
    size_t k, statements = 0;
    json_t *e;
    json_array_foreach(list, k, e)
    {
        statements += json_array_size(at(e, "statements"));
    }
    cli_put("code: %zu objects with %zu statements, as Brian2 executed them",
            json_array_size(list), statements);
    end();
}

static void print_state(const json_t *root)
{
    const json_t *state = at(root, "state");
    char bytes[32];
    json_int_t waiting = 0;
    size_t k;
    json_t *node;
    json_array_foreach(at(state, "queues"), k, node)
    {
        waiting += extent_of(at(node, "steps"), 0);
    }
    cli_put("state: at t = ");
    put_time(state, "t");
    cli_put(", %zu arrays, %s, %" JSON_INTEGER_FORMAT " events in flight%s",
            json_array_size(at(state, "arrays")),
            cli_bytes_text(bytes, sizeof bytes, stored_bytes(root, NULL)), waiting,
            at(state, "random") ? ", random streams" : "");
    end();
}

static void print_provenance(const json_t *p)
{
    static const char *const fields[] = {"title", "doi", "licence", "script_name", "created"};
    size_t k, used = 0;
    json_t *v;
    cli_put("provenance: ");
    json_array_foreach(at(p, "authors"), k, v)
    {
        cli_put("%s%s", used++ ? ", " : "", json_string_value(v));
    }
    for (k = 0; k < sizeof fields / sizeof *fields; k++)
        if (*text_of(p, fields[k]))
            cli_put("%s%s", used++ ? ", " : "", text_of(p, fields[k]));
    end();
    json_array_foreach(at(p, "versions"), k, v)
    {
        if (k == 0)
            start(1);
        cli_put("%s%s %s", k ? ", " : "", text_of(v, "name"), text_of(v, "version"));
    }
    if (json_array_size(at(p, "versions")))
        end();
}

static void print_losses(const json_t *losses)
{
    size_t k;
    json_t *loss;
    json_array_foreach(losses, k, loss)
    {
        cli_put("%s: %s: %s: %s", text_of(loss, "severity"), text_of(loss, "element"),
                text_of(loss, "field"), text_of(loss, "reason"));
        if (*text_of(loss, "advice"))
            cli_put("; %s", text_of(loss, "advice"));
        end();
    }
}

static void print_text(const char *path, const json_t *root)
{
    const engram_converter *kind;
    struct stat file;
    cli_put("%s: ", path);
    if (engram_converter_by_content(&kind, path, NULL) == ENGRAM_OK)
        cli_put("%s, ", kind->description);
    cli_put("format %" JSON_INTEGER_FORMAT ".%" JSON_INTEGER_FORMAT,
            integer_of(root, "major", 0), integer_of(root, "minor", 0));
    if (stat(path, &file) == 0)
        put_bytes((double)file.st_size);
    end();
    if (at(root, "network"))
        print_network(root);
    putchar('\n');
    if (at(root, "code"))
        print_code(at(root, "code"));
    if (at(root, "state"))
        print_state(root);
    if (at(root, "provenance"))
        print_provenance(at(root, "provenance"));
    print_losses(at(root, "losses"));
}

int cli_inspect(int argc, char **argv)
{
    const char *path;
    bool json = false, digests = false, force = false, wants_help = false;
    const cli_option table[] = {{"--json", NULL, &json},
                                {"--digests", NULL, &digests},
                                {"--force", NULL, &force},
                                {"--help", NULL, &wants_help},
                                {NULL, NULL, NULL}};
    const int count = cli_parse(argc, argv, table, &path, 1);
    if (count < 0)
        return EXIT_USAGE;
    if (wants_help) {
        puts(
            "usage: engram inspect <file> [--json] [--digests] [--force]\n\n"
            "Prints what a document or archive holds: clocks, groups with their equations and\n"
            "units, synapses, monitors, setup, runs, code, state and sizes.\n\n"
            "  --json     every field (defaults left out), arrays by type, shape and range\n"
            "  --digests  with --json: also the digest of each array\n"
            "  --force    open an archive although its digest does not match");
        return 0;
    }
    if (count < 1)
        return cli_usage(argv[0], "wants a file");
    if (digests && !json)
        return cli_usage(argv[0], "--digests goes with --json");
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
    const engram_status status = cli_tree(&root, network, digests, &err);
    engram_network_close(network);
    if (status)
        return cli_fail(&err);
    if (json)
        return cli_json_print(stdout, root, &err) ? cli_fail(&err) : 0;
    print_text(path, root);
    json_decref(root);
    return 0;
}
