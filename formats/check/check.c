#include "check/check_arrays.h"

#include "network/net_run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The rules in order; the texts stand in docs/format.md word for word (a test compares). */
static const struct {
    eg_rule_text text;
    engram_status (*judge)(eg_checker *c);
    bool once; /* of what the runs share: code and state are not looked at */
} rules[] = {
    {{"F10", "Every kind, type and mode is one of the words that its field lists."},
     eg_rule_kinds,
     false},
    {{"F11", "Counts, steps, ranges and rates are finite and inside their bounds."},
     eg_rule_numbers,
     false},
    {{"F12", "Arrays that belong together have the type and shape that their fields state."},
     eg_rule_shapes,
     false},
    {{"F13",
      "Names are identifiers, and no two objects of a network or rows of a table share one."},
     eg_rule_names,
     true},
    {{"F14", "Every reference names something that is there, and none runs in a circle."},
     eg_rule_references,
     false},
    {{"F15", "Every slot is one of the schedule, or before_ or after_ one of it."},
     eg_rule_slots,
     false},
    {{"F16", "Equations parse, know their names, and have the dimension they declare."},
     eg_rule_equations,
     true},
    {{"F17", "Conditions, resets, pathway code and setup code parse and know their names."},
     eg_rule_code,
     true},
    {{"F18", "Executed statements parse and know their names."}, eg_rule_statements, false},
    {{"F19", "A stored array is named after its owner and its variable."},
     eg_rule_array_names,
     false},
    {{"F20", "Indices lie inside what they number."}, eg_rule_indices, false},
    {{"F21",
      "Bindings of arrays name what is stored, by its type, and nowhere lead out of it."},
     eg_rule_bindings,
     false},
    {{"F22", "No statement writes a clock, an index array with an underscore or what the "
             "engine counts by."},
     eg_rule_writes,
     false},
    {{"F23", "What carries a digest matches it, and a document carries one."},
     eg_rule_digests,
     true},
    {{"F24", "Expected spikes name a run, a number mode and a digest, each once."},
     eg_rule_expected,
     true},
    {{"F26", "Bodies of functions parse, know their names, and have the dimension declared."},
     eg_rule_functions,
     true}};

const eg_rule_text *eg_check_rule(size_t index)
{
    return index < sizeof rules / sizeof *rules ? &rules[index].text : NULL;
}

static eg_finding *new_finding(eg_checker *c, eg_severity severity)
{
    eg_findings *out = c->out;
    out->total++;
    if (severity == EG_SEVERITY_ERROR)
        out->errors++;
    if (out->count == out->capacity) {
        const size_t capacity = out->capacity ? 2 * out->capacity : 16;
        eg_finding *item = eg_arena_array(c->kept, capacity, sizeof *item);
        if (!item)
            return NULL;
        if (out->count)
            memcpy(item, out->item, out->count * sizeof *item);
        out->item = item;
        out->capacity = capacity;
    }
    return &out->item[out->count++];
}

static engram_status add(eg_checker *c, eg_severity severity, engram_status status,
                         const char *rule, const char *path, const char *message,
                         const engram_error *place)
{
    if (c->out->count >= EG_FINDINGS_MAX) {
        c->out->total++;
        c->out->errors += severity == EG_SEVERITY_ERROR;
        return ENGRAM_OK;
    }
    if (c->run && severity != EG_SEVERITY_ERROR)
        return ENGRAM_OK; /* said of the first run already */
    if (c->run)
        path = eg_check_path(c, "%s%s", c->run, path);
    eg_finding *f = new_finding(c, severity);
    if (!f)
        return eg_fail_memory(c->err, "findings");
    *f = (eg_finding){.severity = severity,
                      .status = severity == EG_SEVERITY_ERROR ? status : ENGRAM_OK,
                      .rule = rule,
                      .path = eg_arena_strdup(c->kept, path),
                      .message = eg_arena_strdup(c->kept, message),
                      .line = place ? place->line : 0,
                      .column = place ? place->column : 0,
                      .source = place ? eg_arena_strdup(c->kept, place->source) : "",
                      .number = c->out->total};
    return f->path && f->message && f->source ? ENGRAM_OK : eg_fail_memory(c->err, "findings");
}

engram_status eg_check_add(eg_checker *c, eg_severity severity, engram_status status,
                           const char *rule, const char *path, const char *format, ...)
{
    char message[400];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return add(c, severity, status, rule, path, message, NULL);
}

engram_status eg_check_add_error(eg_checker *c, const char *rule, const char *path,
                                 const engram_error *found)
{
    if (found->code == ENGRAM_E_MEMORY)
        return eg_fail_memory(c->err, "checking a text");
    return add(c, EG_SEVERITY_ERROR, found->code, rule, path, found->message, found);
}

const char *eg_check_path(eg_checker *c, const char *format, ...)
{
    char path[400];
    va_list args;
    va_start(args, format);
    vsnprintf(path, sizeof path, format, args);
    va_end(args);
    const char *kept = eg_arena_strdup(c->kept, path);
    return kept ? kept : "";
}

static int by_severity(const void *a, const void *b)
{
    const eg_finding *x = a, *y = b;
    if (x->severity != y->severity)
        return x->severity < y->severity ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static engram_status judge(eg_checker *c)
{
    engram_status status = ENGRAM_OK;
    c->arena = eg_arena_new(eg_arena_allocator(c->kept));
    if (!c->arena)
        return eg_fail_memory(c->err, "checking a network");
    for (size_t k = 0; !status && k < sizeof rules / sizeof *rules; k++)
        if (!c->run || !rules[k].once)
            status = rules[k].judge(c);
    eg_check_arrays_free(c);
    eg_check_names_free(c);
    eg_arena_free(c->arena);
    c->arena = NULL;
    c->arrays = NULL;
    c->block = NULL;
    c->use = NULL;
    c->signatures = NULL;
    return status;
}

/* Each later run that brings code or state, as it begins: what holds for the first has to hold
 * for it. */
static engram_status judge_runs(eg_checker *c, const eg_net *net)
{
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && !c->out->errors && k < c->network->runs.count; k++) {
        if (!eg_net_run_differs(net, k))
            continue;
        eg_net view;
        char path[64];
        eg_arena *arena = eg_arena_new(eg_arena_allocator(c->kept));
        status = arena ? eg_net_at_run(&view, net, k, arena, c->err)
                       : eg_fail_memory(c->err, "checking a run");
        snprintf(path, sizeof path, "/network/runs/%zu", k);
        c->net = &view;
        c->run = path;
        if (!status)
            status = judge(c);
        c->run = NULL;
        c->net = net;
        eg_arena_free(arena);
    }
    return status;
}

engram_status eg_check_net(const eg_net *net, eg_findings *out, eg_arena *arena,
                           engram_error *err)
{
    static const eg_network empty = {.dialect = "", .rng_rule = "", .origin = "", .name = ""};
    *out = (eg_findings){0};
    eg_checker c = {.net = net,
                    .network = net->document.network ? net->document.network : &empty,
                    .out = out,
                    .kept = arena,
                    .err = err};
    if (!eg_dialect_parse(&c.dialect, c.network->dialect))
        c.dialect = EG_DIALECT_RUNTIME; /* F10 complains */
    engram_status status = judge(&c);
    if (!status)
        status = judge_runs(&c, net);
    if (status)
        return status;
    if (out->count > 1)
        qsort(out->item, out->count, sizeof *out->item, by_severity);
    return ENGRAM_OK;
}

engram_status eg_check_first_error(const eg_findings *findings, engram_error *err)
{
    if (!findings->count || findings->item[0].severity != EG_SEVERITY_ERROR)
        return ENGRAM_OK;
    const eg_finding *f = &findings->item[0];
    eg_fail(err, f->status, "%s: %s (rule %s)", f->path, f->message, f->rule);
    if (err) {
        err->line = f->line;
        err->column = f->column;
        snprintf(err->source, sizeof err->source, "%s", f->source);
    }
    return f->status;
}
