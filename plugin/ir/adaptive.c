#include "ir/adaptive.h"

#include "lang/lex.h"
#include "network/net_find.h"

#include <stdlib.h>
#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool eg_method_is(const char *named, const char *method)
{
    for (; *named && lower(*named) == *method; named++)
        method++;
    return !*named && !*method;
}

const char *eg_adaptive_stepper(const char *method)
{
    static const struct {
        const char *method, *stepper;
    } all[] = {{"gsl", "rkf45"},   {"gsl_rkf45", "rkf45"}, {"gsl_rk2", "rk2"},
               {"gsl_rk4", "rk4"}, {"gsl_rkck", "rkck"},   {"gsl_rk8pd", "rk8pd"}};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        if (eg_method_is(method, all[k].method))
            return all[k].stepper;
    return NULL;
}

/* ---- options ------------------------------------------------------------------------------
 */

/* A JSON object of names with numbers, true, false, null or one more object of numbers. */
typedef struct reader {
    const char *at;
    eg_adaptive_options *out;
    eg_arena *arena;
    const char *object;
    engram_error *err;
} reader;

static engram_status no_json(const reader *r)
{
    return eg_fail(r->err, ENGRAM_E_SYNTAX,
                   "%s: its method_options are no JSON object of an integrator's options, at "
                   "\"%.40s\"",
                   r->object, r->at);
}

static bool take(reader *r, const char *word)
{
    while (*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r')
        r->at++;
    const size_t length = strlen(word);
    if (strncmp(r->at, word, length))
        return false;
    r->at += length;
    return true;
}

/* "name": with its colon. */
static engram_status take_name(const char **name, reader *r)
{
    if (!take(r, "\""))
        return no_json(r);
    const size_t length = strcspn(r->at, "\"\\");
    *name = eg_arena_printf(r->arena, "%.*s", (int)(length < 200 ? length : 200), r->at);
    if (!*name)
        return eg_fail_memory(r->err, "options");
    if (r->at[length] != '"')
        return no_json(r);
    r->at += length + 1;
    return take(r, ":") ? ENGRAM_OK : no_json(r);
}

static engram_status take_number(double *number, bool *whole, reader *r, const char *name)
{
    (void)take(r, "");
    const size_t length = strspn(r->at, "0123456789.eE+-");
    const char *text =
        eg_arena_printf(r->arena, "%.*s", (int)(length < 64 ? length : 64), r->at);
    if (!text)
        return eg_fail_memory(r->err, "options");
    eg_lexer lexer;
    eg_token token, end;
    if (eg_lex_start(&lexer, text, NULL) || eg_lex_next(&token, &lexer, NULL) ||
        (token.kind != EG_TOKEN_INT && token.kind != EG_TOKEN_FLOAT) ||
        eg_lex_next(&end, &lexer, NULL) || end.kind != EG_TOKEN_END)
        return eg_fail(r->err, ENGRAM_E_UNSUPPORTED,
                       "%s: option \"%s\" is %.20s, wanted a number that is not negative",
                       r->object, name, r->at);
    *number = token.number;
    *whole = token.kind == EG_TOKEN_INT;
    r->at += length;
    return ENGRAM_OK;
}

static engram_status take_flag(bool *flag, reader *r, const char *name)
{
    *flag = take(r, "true");
    return *flag || take(r, "false")
               ? ENGRAM_OK
               : eg_fail(r->err, ENGRAM_E_UNSUPPORTED,
                         "%s: option \"%s\" is %.20s, wanted true or false", r->object, name,
                         r->at);
}

static engram_status take_errors(reader *r, const char *option)
{
    if (take(r, "null"))
        return ENGRAM_OK;
    if (!take(r, "{"))
        return eg_fail(r->err, ENGRAM_E_UNSUPPORTED,
                       "%s: option \"%s\" is %.20s, wanted an error for each variable named",
                       r->object, option, r->at);
    if (r->out->name)
        return eg_fail(r->err, ENGRAM_E_SYNTAX, "%s: option \"%s\" stands twice", r->object,
                       option);
    size_t room = 0;
    for (const char *c = r->at; *c && *c != '}'; c++)
        room += *c == ':';
    eg_adaptive_options *out = r->out;
    out->name = eg_arena_array(r->arena, room + 1, sizeof *out->name);
    out->error = eg_arena_array(r->arena, room + 1, sizeof *out->error);
    if (!out->name || !out->error)
        return eg_fail_memory(r->err, "options");
    if (take(r, "}"))
        return ENGRAM_OK;
    do {
        bool whole;
        if (out->named >= room)
            return no_json(r);
        engram_status status = take_name(&out->name[out->named], r);
        if (!status)
            status = take_number(&out->error[out->named], &whole, r, out->name[out->named]);
        if (status)
            return status;
        out->named++;
    } while (take(r, ","));
    return take(r, "}") ? ENGRAM_OK : no_json(r);
}

static engram_status take_option(reader *r)
{
    eg_adaptive_options *out = r->out;
    const struct {
        const char *name;
        bool *flag;
    } flags[] = {{"adaptable_timestep", &out->adaptable_timestep},
                 {"use_last_timestep", &out->use_last_timestep},
                 {"save_failed_steps", &out->save_failed_steps},
                 {"save_step_count", &out->save_step_count}};
    const char *name;
    engram_status status = take_name(&name, r);
    if (status)
        return status;
    for (size_t k = 0; k < sizeof flags / sizeof *flags; k++)
        if (!strcmp(name, flags[k].name))
            return take_flag(flags[k].flag, r, name);
    if (!strcmp(name, "absolute_error_per_variable"))
        return take_errors(r, name);
    double number;
    bool whole;
    const bool steps = !strcmp(name, "max_steps");
    if (!steps && strcmp(name, "absolute_error"))
        return eg_fail(r->err, ENGRAM_E_UNSUPPORTED, "%s: a method of GSL has no option \"%s\"",
                       r->object, name);
    status = take_number(&number, &whole, r, name);
    if (status)
        return status;
    if (steps && (!whole || number > (double)INT32_MAX))
        return eg_fail(r->err, ENGRAM_E_UNSUPPORTED,
                       "%s: option max_steps is %g, wanted a whole number of 32 bits",
                       r->object, number);
    if (steps)
        out->max_steps = (int64_t)number;
    else
        out->absolute_error = number;
    return ENGRAM_OK;
}

engram_status eg_adaptive_read(eg_adaptive_options *out, eg_arena *arena, const char *object,
                               const char *method, const char *options, engram_error *err)
{
    *out = (eg_adaptive_options){.stepper = eg_adaptive_stepper(method),
                                 .adaptable_timestep = true,
                                 .use_last_timestep = true,
                                 .max_steps = 100,
                                 .absolute_error = 1e-6};
    if (!out->stepper)
        return eg_fail(err, ENGRAM_E_UNSUPPORTED, "%s: \"%s\" is no method of GSL", object,
                       method);
    if (!*options)
        return ENGRAM_OK;
    reader r = {options, out, arena, object, err};
    if (!take(&r, "{"))
        return no_json(&r);
    if (!take(&r, "}")) {
        do {
            const engram_status status = take_option(&r);
            if (status)
                return status;
        } while (take(&r, ","));
        if (!take(&r, "}"))
            return no_json(&r);
    }
    (void)take(&r, "");
    return *r.at ? no_json(&r) : ENGRAM_OK;
}

double eg_adaptive_error(const eg_adaptive_options *options, const char *variable)
{
    for (size_t k = 0; k < options->named; k++)
        if (!strcmp(options->name[k], variable))
            return options->error[k];
    return options->absolute_error;
}

/* ---- statements ---------------------------------------------------------------------------
 */

void eg_adaptive_method_of(const char **method, const char **options, const eg_network *network,
                           const char *owner)
{
    const eg_group *group = eg_net_group(network, owner);
    const eg_synapses *synapses = eg_net_synapses(network, owner);
    *method = *options = "";
    if (group) {
        *method = *group->resolved_method ? group->resolved_method : group->method;
        *options = group->method_options;
    } else if (synapses) {
        *method = *synapses->resolved_method ? synapses->resolved_method : synapses->method;
        *options = synapses->method_options;
    }
}
