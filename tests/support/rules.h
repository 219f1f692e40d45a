/* rules.h - networks of rules alone, made in memory, and what is derived of them */
#ifndef EG_TEST_RULES_H
#define EG_TEST_RULES_H

#include "common/memory.h"
#include "ir/derive.h"
#include "support/check.h"
#include "support/equation.h"

#include <stdio.h>
#include <string.h>

/* A network of one neuron group, extended by the tests. Texts are static. */
struct model {
    eg_net *net;
    eg_group *group;
};

static inline eg_dim second(void)
{
    return (eg_dim){{0, 0, 1, 0, 0, 0, 0}};
}

static inline struct model new_model(const engram_alloc *alloc)
{
    struct model m = {NULL, NULL};
    if (eg_net_new(&m.net, alloc, NULL))
        return m;
    eg_arena *arena = m.net->arena;
    eg_network *network = eg_arena_alloc(arena, sizeof *network);
    m.group = eg_arena_array(arena, 2, sizeof *m.group);
    eg_clock *clock = eg_arena_alloc(arena, sizeof *clock);
    if (!network || !m.group || !clock) {
        m.group = NULL;
        return m;
    }
    size_t count;
    const eg_element_type *const *types = eg_element_types(&count);
    for (size_t k = 0; k < count; k++) {
        if (!strcmp(types[k]->name, "network"))
            eg_element_defaults(types[k], network);
        if (!strcmp(types[k]->name, "group"))
            eg_element_defaults(types[k], m.group);
    }
    network->dialect = "brian2-standalone";
    network->rng_rule = "brian-standalone";
    network->origin = "export";
    *clock = (eg_clock){.name = "defaultclock", .dt = 1e-4};
    network->clocks.item = clock;
    network->clocks.count = 1;
    m.group->name = "neurongroup";
    m.group->kind = "neurons";
    m.group->n = 10;
    m.group->clock = "defaultclock";
    network->groups.item = m.group;
    network->groups.count = 1;
    m.net->document.network = network;
    return m;
}

static inline eg_constant tau_of(const char *name, double value)
{
    return (eg_constant){
        .name = name, .dtype = "float64", .value = value, .dim = second(), .unit = ""};
}

static inline const eg_executable *find(const eg_net *net, const char *name)
{
    for (size_t k = 0; k < net->document.code->executables.count; k++)
        if (!strcmp(net->document.code->executables.item[k].name, name))
            return &net->document.code->executables.item[k];
    fail_msg("no executable %s", name);
    return NULL;
}

static inline const eg_binding *binding(const eg_executable *code, const char *name)
{
    for (size_t k = 0; k < code->bindings.count; k++)
        if (!strcmp(code->bindings.item[k].name, name))
            return &code->bindings.item[k];
    return NULL;
}

/* "part variable op expr" of each statement, a line each. */
static inline const char *listing(const eg_executable *code)
{
    static char text[8192];
    text[0] = '\0';
    for (size_t k = 0; k < code->statements.count; k++) {
        const eg_statement *s = &code->statements.item[k];
        const size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%s %s %s %s\n", s->part, s->variable, s->op,
                 s->expr);
    }
    return text;
}

static inline void derive_with(struct model *m, eg_equation *equations, size_t count,
                               const char *method)
{
    engram_error err;
    m->group->equations.item = equations;
    m->group->equations.count = count;
    m->group->method = method;
    assert_ok(eg_derive_code(m->net, true, &err), &err);
}

static inline engram_status refuse(struct model *m, eg_equation *equations, size_t count,
                                   const char *method, engram_error *err)
{
    m->group->equations.item = equations;
    m->group->equations.count = count;
    m->group->method = method;
    return eg_derive_code(m->net, true, err);
}

static inline const char *update_of(const struct model *m)
{
    return listing(find(m->net, "neurongroup_stateupdater"));
}

#endif
