/* F23 and F24: what a file says of itself */
#include "check/check_rules.h"

#include "network/net_digest.h"

#include <string.h>

static engram_status judge_array(void *context, const char *path, const eg_field *field,
                                 const void *element, engram_error *err)
{
    eg_checker *c = context;
    if (field->kind != EG_FIELD_ARRAY)
        return ENGRAM_OK;
    const eg_source *source =
        *(const eg_source *const *)(const void *)((const char *)element + field->offset);
    eg_digest found;
    if (!source || !source->digest)
        return ENGRAM_OK;
    engram_status status = eg_source_digest(&found, source, eg_arena_allocator(c->arena), err);
    if (!status && !eg_digest_equal(&found, source->digest))
        status = eg_check_add(c, EG_SEVERITY_WARNING, ENGRAM_OK, "F23", path,
                              "the elements do not match their digest: damaged");
    return status;
}

/* A digest that does not match has refused the file already, unless the caller forced it. */
engram_status eg_rule_digests(eg_checker *c)
{
    engram_status status = ENGRAM_OK;
    if (c->net->seal == EG_SEAL_ABSENT)
        return eg_check_add(
            c, EG_SEVERITY_ADVICE, ENGRAM_OK, "F23", "/",
            "the document carries no digest, so damage may pass unseen; writing "
            "it again (convert) adds one");
    if (c->net->seal != EG_SEAL_FORCED)
        return ENGRAM_OK;
    status = eg_check_add(c, EG_SEVERITY_WARNING, ENGRAM_OK, "F23", "/",
                          "opened by force: the file's digest was not asked for");
    for (size_t k = 0; !status && k < c->net->damaged.count; k++)
        status =
            eg_check_add(c, EG_SEVERITY_WARNING, ENGRAM_OK, "F23", c->net->damaged.item[k],
                         "the element does not match its digest: damaged, or a part of it");
    const eg_visit visit = {judge_array, c};
    return status ? status : eg_net_walk(c->net, &visit, c->err);
}

static bool is_digest(const char *text)
{
    return strlen(text) == EG_DIGEST_TEXT && strspn(text, "0123456789abcdef") == EG_DIGEST_TEXT;
}

engram_status eg_rule_expected(eg_checker *c)
{
    const eg_expectation_list *list = &c->net->document.expected;
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < list->count; k++) {
        const eg_expectation *e = &list->item[k];
        const char *path = eg_check_path(c, "/expected/%zu", k);
        if (e->run < 0 || (size_t)e->run >= c->network->runs.count)
            status = eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_LIMIT, "F24", path,
                                  "run %lld, but there are %zu", (long long)e->run,
                                  c->network->runs.count);
        else if (strcmp(e->math, "strict") && strcmp(e->math, "fast"))
            status = eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F24", path,
                                  "math \"%.40s\", expected strict or fast", e->math);
        else if (!is_digest(e->digest) || e->spikes < 0)
            status = eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F24", path,
                                  "expected a digest of 32 hexadecimal digits, and spikes from "
                                  "0 on");
        for (size_t j = 0; !status && j < k; j++)
            if (list->item[j].run == e->run && !strcmp(list->item[j].math, e->math) &&
                !strcmp(list->item[j].libm, e->libm))
                status = eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F24", path,
                                      "the same run, math and libm as /expected/%zu", j);
    }
    return status;
}
