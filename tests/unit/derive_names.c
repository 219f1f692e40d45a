/* What names mean in rules: links, subexpressions seen from elsewhere, types, statements. */
#include "support/rules.h"

static void links_lead_to_elements_or_are_refused(void **state)
{
    (void)state;
    enum { INDEXED = 1, LARGER = 2 };
    for (int how = 0; how < 3; how++) {
        struct model m = new_model(engram_default_alloc());
        eg_equation e[] = {eq("v", "differential", "(u - v)/second", ""),
                           eq("u", "parameter", "", "linked")};
        eg_equation there[] = {eq("w", "parameter", "", "")};
        eg_link link = {.name = "u",
                        .source = "other",
                        .variable = "w",
                        .index = how == INDEXED ? "_u_indices" : "",
                        .index_owner = "",
                        .index_variable = ""};
        m.group[1] = m.group[0];
        m.group[1].name = "other";
        m.group[1].n += how == LARGER;
        m.group[1].equations = (eg_equation_list){there, 1};
        m.net->document.network->groups.count = 2;
        m.group->links = (eg_link_list){&link, 1};
        engram_error err;
        if (how == INDEXED) {
            assert_int_equal(refuse(&m, e, 2, "euler", &err), ENGRAM_E_UNSUPPORTED);
            assert_non_null(strstr(err.message, "_u_indices"));
        } else if (how == LARGER) {
            assert_int_equal(refuse(&m, e, 2, "euler", &err), ENGRAM_E_LIMIT);
            assert_non_null(strstr(err.message, "u: linked element by element to \"other\""));
        } else {
            derive_with(&m, e, 2, "euler");
            const eg_binding *u = binding(find(m.net, "neurongroup_stateupdater"), "u");
            assert_string_equal(u->owner, "other");
            assert_string_equal(u->variable, "w");
        }
        eg_net_free(m.net);
    }
}

/* By the script's numbers, by a variable that the equations enter later, by a slice's elements.
 */
static void links_lead_through_indices(void **state)
{
    (void)state;
    struct model m = new_model(engram_default_alloc());
    static int64_t numbers[10] = {1, 0};
    const uint64_t n = 10;
    engram_error err;
    eg_equation e[] = {eq("v", "differential", "(a + b + c - v)/second", ""),
                       eq("a", "parameter", "", "linked"), eq("b", "parameter", "", "linked"),
                       eq("c", "parameter", "", "linked"), eq("k", "parameter", "", "")};
    e[4].type = "integer";
    eg_equation there[] = {eq("w", "parameter", "", ""),
                           eq("twice", "subexpression", "2*w", "")};
    eg_link links[3];
    eg_index_array indices = {.name = "_a_indices"};
    assert_ok(eg_source_memory(&indices.values, m.net->arena, EG_I64, 1, &n, numbers, &err),
              &err);
    for (int k = 0; k < 3; k++) {
        static const char *const names[] = {"a", "b", "c"};
        static const char *const through[] = {"_a_indices", "k", "_twice_index__sub_idx"};
        links[k] = (eg_link){.name = names[k],
                             .source = "other",
                             .variable = k == 2 ? "twice" : "w",
                             .index = through[k],
                             .index_owner = k == 2 ? "slice" : "",
                             .index_variable = k == 2 ? "_sub_idx" : ""};
    }
    m.group[1] = m.group[0];
    m.group[1].name = "other";
    m.group[1].n = 3;
    m.group[1].equations = (eg_equation_list){there, 2};
    m.net->document.network->groups.count = 2;
    m.group->links = (eg_link_list){links, 3};
    m.group->index_arrays = (eg_index_array_list){&indices, 1};
    derive_with(&m, e, 5, "euler");
    const eg_executable *code = find(m.net, "neurongroup_stateupdater");
    const struct {
        const char *name, *owner, *variable, *index, *dtype;
    } wanted[] = {{"a", "other", "w", "_a_indices", "float64"},
                  {"b", "other", "w", "k", "float64"},
                  {"__c_w", "other", "w", "_twice_index__sub_idx", "float64"},
                  {"_a_indices", "neurongroup", "_a_indices", "_idx", "int64"},
                  {"k", "neurongroup", "k", "_idx", "int32"},
                  {"_twice_index__sub_idx", "slice", "_sub_idx", "_idx", "int32"}};
    for (size_t k = 0; k < sizeof wanted / sizeof *wanted; k++) {
        const eg_binding *found = binding(code, wanted[k].name);
        assert_non_null(found);
        assert_string_equal(found->owner, wanted[k].owner);
        assert_string_equal(found->variable, wanted[k].variable);
        assert_string_equal(found->index, wanted[k].index);
        assert_string_equal(found->dtype, wanted[k].dtype);
    }
    for (size_t k = 0; k < m.group->variables.count; k++) /* those linked to are the other's */
        assert_true(strlen(m.group->variables.item[k].name) > 1 ||
                    strchr("ikv", m.group->variables.item[k].name[0]));
    assert_int_equal(m.group->variables.count, 4);
    static const char *const writes[] = {"i = 3", "_a_indices = 3",
                                         "_twice_index__sub_idx = 1"};
    for (size_t k = 0; k < sizeof writes / sizeof *writes; k++) {
        eg_event spike = {.name = "spike",
                          .condition = "v > 1",
                          .when = "",
                          .reset_when = "",
                          .reset = writes[k],
                          .clock = ""};
        m.group->events = (eg_event_list){&spike, 1};
        assert_int_equal(refuse(&m, e, 5, "euler", &err), ENGRAM_E_SYNTAX);
        assert_non_null(strstr(err.message, "code cannot write to \""));
    }
    eg_net_free(m.net);
}

/* `u` is linked to what another group reads through its `k`; this one's own `k` is not meant.
 */
static void links_do_not_lead_through_the_indices_of_what_they_are_linked_to(void **state)
{
    (void)state;
    static const char *const linked_to[] = {"w", "ww"};
    for (int which = 0; which < 2; which++) {
        struct model m = new_model(engram_default_alloc());
        eg_group *groups = eg_arena_array(m.net->arena, 3, sizeof *groups);
        assert_non_null(groups);
        eg_equation e[] = {eq("v", "differential", "(u - v)/second", ""),
                           eq("u", "parameter", "", "linked"), eq("k", "parameter", "", "")};
        eg_equation middle[] = {eq("w", "parameter", "", "linked"),
                                eq("k", "parameter", "", ""),
                                eq("ww", "subexpression", "w*1", "")};
        eg_equation last[] = {eq("x", "parameter", "", "")};
        e[2].type = middle[1].type = "integer";
        eg_link links[2];
        for (int k = 0; k < 2; k++)
            links[k] = (eg_link){.name = k ? "w" : "u",
                                 .source = k ? "last" : "middle",
                                 .variable = k ? "x" : linked_to[which],
                                 .index = k ? "k" : "",
                                 .index_owner = "",
                                 .index_variable = ""};
        groups[0] = groups[1] = groups[2] = *m.group;
        m.group = groups;
        groups[1].name = "middle";
        groups[1].equations = (eg_equation_list){middle, 3};
        groups[1].links = (eg_link_list){&links[1], 1};
        groups[2].name = "last";
        groups[2].equations = (eg_equation_list){last, 1};
        groups[0].links = (eg_link_list){links, 1};
        m.net->document.network->groups = (eg_group_list){groups, 3};
        engram_error err;
        assert_int_equal(refuse(&m, e, 3, "euler", &err), ENGRAM_E_UNSUPPORTED);
        char wanted[128];
        snprintf(wanted, sizeof wanted,
                 "neurongroup, u: linked to middle.%s, which reads last.x through \"k\" of "
                 "middle: link to last.x itself",
                 linked_to[which]);
        assert_non_null(strstr(err.message, wanted));
        eg_net_free(m.net);
    }
}

static void hostile_subexpressions_are_bounded(void **state)
{
    (void)state;
    struct model m = new_model(engram_default_alloc());
    engram_error err;
    eg_equation circle[] = {eq("v", "differential", "a/second", ""),
                            eq("a", "subexpression", "b", ""),
                            eq("b", "subexpression", "a", "")};
    assert_int_equal(refuse(&m, circle, 3, "euler", &err), ENGRAM_E_REFERENCE);
    static char name[31][8], expr[31][32];
    eg_equation doubling[32];
    for (int k = 0; k < 31; k++) {
        snprintf(name[k], sizeof name[k], "x%d", k);
        snprintf(expr[k], sizeof expr[k], k ? "x%d + x%d" : "v", k - 1, k - 1);
        doubling[k] = eq(name[k], "subexpression", expr[k], "");
    }
    doubling[31] = eq("v", "differential", "x30/second", "");
    assert_int_equal(refuse(&m, doubling, 32, "euler", &err), ENGRAM_E_LIMIT);
    eg_net_free(m.net);
}

enum { NESTED = 40 };

/* x0 = `first`, x1 = x0 + 1, x2 = x1 + x0 ... x39 = x38 + x37, whose ways down are 100 million.
 */
static void nest(struct model *m, eg_equation e[NESTED], const char *x, const char *first)
{
    for (int k = 0; k < NESTED; k++) {
        const char *name = eg_arena_printf(m->net->arena, "%s%d", x, k);
        const char *expr =
            k == 0   ? first
            : k == 1 ? eg_arena_printf(m->net->arena, "%s0 + 1", x)
                     : eg_arena_printf(m->net->arena, "%s%d + %s%d", x, k - 1, x, k - 2);
        e[k] = eq(name, "subexpression", expr, "");
    }
}

static void fill(const char *type, void *element)
{
    size_t count;
    const eg_element_type *const *types = eg_element_types(&count);
    for (size_t k = 0; k < count; k++)
        if (!strcmp(types[k]->name, type))
            eg_element_defaults(types[k], element);
}

/* A state monitor of x39. */
static eg_monitor monitor_of(const char *source)
{
    static const char *recorded[] = {"x39"};
    eg_monitor monitor;
    memset(&monitor, 0, sizeof monitor);
    fill("monitor", &monitor);
    monitor.name = "m";
    monitor.kind = "state";
    monitor.source = source;
    monitor.record_all = true;
    monitor.variables = (eg_strs){recorded, 1};
    return monitor;
}

/* Names seen from a monitor, a slice, synapses, and from synapses onto these: a statement each.
 */
static void nested_subexpressions_cost_what_they_are(void **state)
{
    (void)state;
    struct model m = new_model(engram_default_alloc());
    eg_network *network = m.net->document.network;
    eg_equation e[NESTED + 1], own[NESTED + 1];
    nest(&m, e, "x", "v");
    e[NESTED] = eq("v", "parameter", "", "");
    nest(&m, own, "y", "w");
    own[NESTED] = eq("w", "parameter", "", "");
    eg_synapses synapses[2];
    eg_pathway pathway;
    memset(synapses, 0, sizeof synapses);
    memset(&pathway, 0, sizeof pathway);
    for (int k = 0; k < 2; k++) {
        fill("synapses", &synapses[k]);
        synapses[k].name = k ? "onto" : "s";
        synapses[k].source = "neurongroup";
        synapses[k].target = k ? "s" : "neurongroup";
        synapses[k].clock = "defaultclock";
    }
    fill("pathway", &pathway);
    pathway.name = "onto_pre";
    pathway.key = pathway.prepost = "pre";
    pathway.code = "w_post += y39_post + x39_pre";
    synapses[0].equations = (eg_equation_list){own, NESTED + 1};
    synapses[1].pathways = (eg_pathway_list){&pathway, 1};
    eg_monitor monitor = monitor_of("neurongroup");
    monitor.stop = 5;
    eg_event spike = {.name = "spike",
                      .condition = "x39 > 1",
                      .when = "",
                      .reset = "",
                      .reset_when = "",
                      .clock = ""};
    m.group->events = (eg_event_list){&spike, 1};
    network->synapses = (eg_synapses_list){synapses, 2};
    network->monitors = (eg_monitor_list){&monitor, 1};
    derive_with(&m, e, NESTED + 1, "");
    assert_int_equal(find(m.net, "m")->statements.count, NESTED + 1);
    assert_int_equal(find(m.net, "neurongroup_spike_thresholder")->statements.count,
                     NESTED + 1);
    assert_int_equal(find(m.net, "onto_pre")->statements.count, 2 * NESTED + 1);
    eg_net_free(m.net);
}

static void what_is_seen_from_elsewhere_is_there_once(void **state)
{
    (void)state;
    struct model m = new_model(engram_default_alloc());
    eg_equation e[] = {eq("f", "subexpression", "v", ""), eq("g", "subexpression", "f*f", ""),
                       eq("x39", "subexpression", "f + g + v", ""),
                       eq("v", "parameter", "", "")};
    eg_monitor monitor = monitor_of("neurongroup");
    m.net->document.network->monitors = (eg_monitor_list){&monitor, 1};
    derive_with(&m, e, 4, "");
    assert_string_equal(listing(find(m.net, "m")),
                        "vector ___source_x39_f := ___source_x39_v\n"
                        "vector ___source_x39_g := ___source_x39_f*___source_x39_f\n"
                        "vector _source_x39 := ___source_x39_f + ___source_x39_g + "
                        "___source_x39_v\n"
                        "vector _to_record_x39 := _source_x39\n");
    eg_net_free(m.net);
}

/* x_post reads a, and x reads post_a: copies of either might be called __x_post_a. */
static void copies_are_not_confused(void **state)
{
    (void)state;
    struct model m = new_model(engram_default_alloc());
    eg_equation e[] = {eq("x", "subexpression", "post_a - a", ""), eq("a", "parameter", "", ""),
                       eq("post_a", "parameter", "", "")};
    eg_synapses synapses;
    memset(&synapses, 0, sizeof synapses);
    fill("synapses", &synapses);
    synapses.name = "s";
    synapses.source = synapses.target = "neurongroup";
    synapses.clock = "defaultclock";
    eg_summed summed;
    memset(&summed, 0, sizeof summed);
    fill("summed", &summed);
    summed.name = "sum";
    summed.variable = "a_post";
    summed.expr = "x_post + x";
    synapses.summed = (eg_summed_list){&summed, 1};
    m.net->document.network->synapses = (eg_synapses_list){&synapses, 1};
    derive_with(&m, e, 3, "");
    const eg_executable *code = find(m.net, "sum");
    size_t seen = 0;
    for (size_t k = 0; k < code->statements.count; k++) {
        char first[64], second[64];
        if (code->statements.item[k].variable[0] != 'x')
            continue;
        assert_int_equal(sscanf(code->statements.item[k].expr, "%63s - %63s", first, second),
                         2);
        assert_string_equal(binding(code, first)->variable, "post_a");
        assert_string_equal(binding(code, second)->variable, "a");
        seen++;
    }
    assert_int_equal(seen, 2);
    eg_net_free(m.net);
}

/* ---- statements ---------------------------------------------------------------------------
 */

static void subexpressions_are_computed_before_use_and_again_after_a_write(void **state)
{
    (void)state;
    struct model m = new_model(engram_default_alloc());
    eg_equation e[] = {eq("v", "parameter", "", ""), eq("w", "parameter", "", ""),
                       eq("gap", "subexpression", "v - 1", "")};
    eg_event spike = {.name = "spike",
                      .condition = "v > 1",
                      .when = "",
                      .reset_when = "",
                      .reset = "w += gap; v = 0; w += gap",
                      .clock = ""};
    m.group->events.item = &spike;
    m.group->events.count = 1;
    derive_with(&m, e, 3, "");
    assert_string_equal(listing(find(m.net, "neurongroup_spike_resetter")),
                        "vector gap := v - 1\nvector w += gap\nvector v = 0\n"
                        "vector gap = v - 1\nvector w += gap\n");
    eg_net_free(m.net);
}

static const char *type_of(const eg_executable *code, const char *variable)
{
    for (size_t k = 0; k < code->statements.count; k++)
        if (!strcmp(code->statements.item[k].variable, variable))
            return code->statements.item[k].dtype;
    return "nowhere";
}

/* Temporaries have the network's type, variables and subexpressions their own; `lastspike`,
 * which no equation types, has what its table of variables says. */
static void numbers_have_the_type_that_the_rules_say(void **state)
{
    (void)state;
    struct model m = new_model(engram_default_alloc());
    eg_equation e[] = {eq("v", "differential", "(I - v)/second", "unless refractory"),
                       eq("I", "subexpression", "2*w + k", ""), eq("w", "parameter", "", ""),
                       eq("k", "parameter", "", "")};
    e[1].dtype = e[2].dtype = "float64";
    e[3].type = "integer";
    e[3].dtype = "int64";
    m.net->document.network->float_dtype = "float32";
    m.group->refractory = "5*ms";
    m.group->refractory_kind = "time";
    eg_event spike = {.name = "spike",
                      .condition = "v > 1",
                      .when = "",
                      .reset_when = "",
                      .reset = "v = I",
                      .clock = ""};
    m.group->events.item = &spike;
    m.group->events.count = 1;
    derive_with(&m, e, 4, "rk2");
    assert_string_equal(type_of(find(m.net, "neurongroup_spike_resetter"), "I"), "float64");
    assert_string_equal(type_of(find(m.net, "neurongroup_spike_resetter"), "v"), "float32");
    const eg_executable *code = find(m.net, "neurongroup_stateupdater");
    assert_string_equal(type_of(code, "__k_v"), "float32");
    assert_string_equal(type_of(code, "_v"), "float32");
    assert_string_equal(type_of(code, "v"), "float32");
    assert_string_equal(binding(code, "v")->dtype, "float32");
    assert_string_equal(binding(code, "w")->dtype, "float64");
    assert_string_equal(binding(code, "k")->dtype, "int64");
    assert_string_equal(binding(code, "lastspike")->dtype, "float64");
    static const char *const wanted[] = {
        "i",    "int32", "k",       "int64", "lastspike", "float64", "not_refractory",
        "bool", "v",     "float32", "w",     "float64"};
    assert_int_equal(m.group->variables.count, 6);
    for (size_t k = 0; k < 6; k++) {
        assert_string_equal(m.group->variables.item[k].name, wanted[2 * k]);
        assert_string_equal(m.group->variables.item[k].dtype, wanted[2 * k + 1]);
    }
    eg_net_free(m.net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_lead_to_elements_or_are_refused),
        cmocka_unit_test(links_lead_through_indices),
        cmocka_unit_test(links_do_not_lead_through_the_indices_of_what_they_are_linked_to),
        cmocka_unit_test(hostile_subexpressions_are_bounded),
        cmocka_unit_test(nested_subexpressions_cost_what_they_are),
        cmocka_unit_test(what_is_seen_from_elsewhere_is_there_once),
        cmocka_unit_test(copies_are_not_confused),
        cmocka_unit_test(subexpressions_are_computed_before_use_and_again_after_a_write),
        cmocka_unit_test(numbers_have_the_type_that_the_rules_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
