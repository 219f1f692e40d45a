/* F26: custom functions, their signature and body */
#include "check/check_rules.h"

#include <string.h>

struct eg_known_signature {
    const eg_function *function;
    const eg_signature *signature; /* NULL: unsound */
    eg_known_signature *next;
};

engram_status eg_function_read(const eg_signature **out, eg_arena *arena, const eg_function *f,
                               engram_error *err)
{
    const eg_function_texts texts = {.name = f->name,
                                     .body = f->body,
                                     .result = f->result,
                                     .type = f->result_type,
                                     .parameter = f->parameters.item,
                                     .parameters = f->parameters.count,
                                     .argument = f->arguments.item,
                                     .arguments = f->arguments.count};
    return eg_signature_read(out, arena, &texts, err);
}

engram_status eg_function_signature(const eg_signature **out, eg_known_signature **known,
                                    eg_arena *arena, const eg_function *f)
{
    *out = NULL;
    for (const eg_known_signature *k = *known; k; k = k->next)
        if (k->function == f) {
            *out = k->signature;
            return ENGRAM_OK;
        }
    eg_known_signature *fresh = eg_arena_alloc(arena, sizeof *fresh);
    if (!fresh)
        return ENGRAM_E_MEMORY;
    *fresh = (eg_known_signature){.function = f, .next = *known};
    *known = fresh;
    const engram_status status = eg_function_read(&fresh->signature, arena, f, NULL);
    if (status)
        fresh->signature = NULL;
    *out = fresh->signature;
    return status == ENGRAM_E_MEMORY ? status : ENGRAM_OK;
}

const eg_signature *eg_check_signature(eg_checker *c, const eg_function *f)
{
    const eg_signature *found = NULL;
    if (strcmp(f->kind, "custom") == 0)
        (void)eg_function_signature(&found, &c->signatures, c->arena, f);
    return found;
}

static engram_status judge(eg_checker *c, const char *path, const eg_function *f)
{
    if (strcmp(f->kind, "custom") != 0)
        return ENGRAM_OK;
    engram_error found = {0};
    const eg_signature *s;
    const char *at = eg_check_path(c, "%s/%s", path, f->name);
    engram_status status = eg_function_read(&s, c->arena, f, &found);
    if (!status && s->body)
        status = eg_body_check(s, &found);
    if (status)
        return eg_check_add_error(c, "F26", found.line ? eg_check_path(c, "%s/body", at) : at,
                                  &found);
    if (s->body || !*f->reason)
        return ENGRAM_OK;
    return eg_check_add(c, EG_SEVERITY_ADVICE, ENGRAM_OK, "F26", at,
                        "it has no body (%.200s): only a host that gives it can run this",
                        f->reason);
}

engram_status eg_rule_functions(eg_checker *c)
{
    const eg_network *n = c->network;
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < n->functions.count; k++)
        status = judge(c, "/network/functions", &n->functions.item[k]);
    for (size_t k = 0; !status && k < n->setup.count; k++) {
        const eg_setup *step = &n->setup.item[k];
        for (size_t f = 0; !status && f < step->functions.count; f++)
            status = judge(c, eg_check_path(c, "/network/setup/%zu/functions", k),
                           &step->functions.item[f]);
    }
    return status;
}
