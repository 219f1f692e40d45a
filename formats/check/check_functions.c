/* F26: custom functions, their signature and body */
#include "check/check_rules.h"

#include <string.h>

typedef struct eg_known_signature {
    const eg_function *function;
    const eg_signature *signature; /* NULL: unsound, which F26 says */
    struct eg_known_signature *next;
} known;

static engram_status read(const eg_signature **out, eg_checker *c, const eg_function *f,
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
    return eg_signature_read(out, c->arena, &texts, err);
}

const eg_signature *eg_check_signature(eg_checker *c, const eg_function *f)
{
    if (strcmp(f->kind, "custom") != 0)
        return NULL;
    for (const known *k = c->signatures; k; k = k->next)
        if (k->function == f)
            return k->signature;
    known *fresh = eg_arena_alloc(c->arena, sizeof *fresh);
    if (!fresh)
        return NULL;
    *fresh = (known){.function = f, .next = c->signatures};
    c->signatures = fresh;
    if (read(&fresh->signature, c, f, NULL))
        fresh->signature = NULL;
    return fresh->signature;
}

static engram_status judge(eg_checker *c, const char *path, const eg_function *f)
{
    if (strcmp(f->kind, "custom") != 0)
        return ENGRAM_OK;
    engram_error found = {0};
    const eg_signature *s;
    const char *at = eg_check_path(c, "%s/%s", path, f->name);
    engram_status status = read(&s, c, f, &found);
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
