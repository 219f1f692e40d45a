/* Rules become the executables that Brian2 would run: names, slots, guards, statements. */
#include "ir/derive.h"

#include "common/memory.h"
#include "support/check.h"

#include <stdio.h>
#include <string.h>

/* A network of one neuron group, extended by the tests. Texts are static. */
struct model {
    eg_net *net;
    eg_group *group;
};

static eg_dim second(void)
{
    return (eg_dim){{0, 0, 1, 0, 0, 0, 0}};
}

static struct model new_model(const engram_alloc *alloc)
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

static eg_equation eq(const char *name, const char *kind, const char *expr, const char *flags)
{
    return (eg_equation){.name = name,
                         .kind = kind,
                         .type = "float",
                         .expr = expr,
                         .flags = flags,
                         .unit = "",
                         .dtype = ""};
}

static eg_constant tau_of(const char *name, double value)
{
    return (eg_constant){
        .name = name, .dtype = "float64", .value = value, .dim = second(), .unit = ""};
}

static const eg_executable *find(const eg_net *net, const char *name)
{
    for (size_t k = 0; k < net->document.code->executables.count; k++)
        if (!strcmp(net->document.code->executables.item[k].name, name))
            return &net->document.code->executables.item[k];
    fail_msg("no executable %s", name);
    return NULL;
}

static const eg_binding *binding(const eg_executable *code, const char *name)
{
    for (size_t k = 0; k < code->bindings.count; k++)
        if (!strcmp(code->bindings.item[k].name, name))
            return &code->bindings.item[k];
    return NULL;
}

/* "part variable op expr" of each statement, a line each. */
static const char *listing(const eg_executable *code)
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

static void derive_with(struct model *m, eg_equation *equations, size_t count,
                        const char *method)
{
    engram_error err;
    m->group->equations.item = equations;
    m->group->equations.count = count;
    m->group->method = method;
    assert_ok(eg_derive_code(m->net, true, &err), &err);
}

static engram_status refuse(struct model *m, eg_equation *equations, size_t count,
                            const char *method, engram_error *err)
{
    m->group->equations.item = equations;
    m->group->equations.count = count;
    m->group->method = method;
    return eg_derive_code(m->net, true, err);
}

static const char *update_of(const struct model *m)
{
    return listing(find(m->net, "neurongroup_stateupdater"));
}

/* ---- methods ------------------------------------------------------------------------------
 */

static void euler_steps_all_equations_from_old_values(void **state)
{
    (void)state;
    struct model m = new_model(engram_default_alloc());
    eg_equation e[] = {eq("w", "differential", "(v - w)/second", ""),
                       eq("v", "differential", "-w/second", "")};
    derive_with(&m, e, 2, "euler");
    assert_string_equal(update_of(&m), "vector _v := dt*(-w/second) + v\n"
                                       "vector _w := dt*((v - w)/second) + w\n"
                                       "vector v = _v\n"
                                       "vector w = _w\n");
    eg_net_free(m.net);
}

static void refractory_group_has_flag_line_guard_and_threshold(void **state)
{
    (void)state;
    struct model m = new_model(engram_default_alloc());
    eg_equation e[] = {eq("v", "differential", "-v/second", "unless refractory")};
    eg_event spike = {.name = "spike",
                      .condition = "v > 1",
                      .when = "",
                      .reset = "v = 0",
                      .reset_when = "",
                      .clock = ""};
    m.group->refractory = "5*ms";
    m.group->refractory_kind = "time";
    m.group->events.item = &spike;
    m.group->events.count = 1;
    derive_with(&m, e, 1, "euler");
    const eg_executable *update = find(m.net, "neurongroup_stateupdater");
    assert_string_contains(listing(update), "not_refractory = timestep(t - lastspike, dt) >= "
                                            "timestep(5*ms, dt)\n");
    assert_string_equal(binding(update, "v")->guard, "not_refractory");
    assert_string_equal(update->when, "groups");
    const eg_executable *threshold = find(m.net, "neurongroup_spike_thresholder");
    assert_string_equal(listing(threshold), "vector _cond := v > 1 and not_refractory\n");
    assert_true(threshold->refractory);
    assert_string_equal(binding(threshold, "_cond")->kind, "output");
    const eg_executable *reset = find(m.net, "neurongroup_spike_resetter");
    assert_string_equal(binding(reset, "v")->guard, "");
    assert_string_equal(reset->when, "resets");
    eg_net_free(m.net);
}

static void legacy_refractoriness_compares_seconds(void **state)
{
    (void)state;
    struct model m = new_model(engram_default_alloc());
    eg_equation e[] = {eq("v", "parameter", "", ""), eq("period", "parameter", "", "")};
    e[1].dim = second();
    m.group->refractory = "period + 1*ms";
    m.group->refractory_kind = "time";
    m.net->document.network->legacy_refractory = true;
    derive_with(&m, e, 2, "");
    assert_string_equal(update_of(&m),
                        "vector not_refractory = t - lastspike > period + 1*ms\n");
    eg_net_free(m.net);
}

static void cuba_is_exact_without_a_switch_in_its_matrix(void **state)
{
    (void)state;
    struct model m = new_model(engram_default_alloc());
    eg_equation e[] = {eq("v", "differential", "(ge+gi-(v-El))/taum", "unless refractory"),
                       eq("ge", "differential", "-ge/taue", ""),
                       eq("gi", "differential", "-gi/taui", "")};
    eg_constant c[] = {tau_of("El", -0.049), tau_of("taue", 5e-3), tau_of("taui", 1e-2),
                       tau_of("taum", 2e-2)};
    m.group->refractory = "5*ms";
    m.group->refractory_kind = "time";
    m.group->constants.item = c;
    m.group->constants.count = 4;
    derive_with(&m, e, 3, "exact");
    const char *code = update_of(&m);
    assert_string_contains(code, "scalar __A_2_0 := _propagator(");
    assert_string_contains(code, "vector _ge := ge*exp(");
    assert_null(strstr(code, "int(not_refractory)"));
    /* an unguarded equation that looks at v brings the switch back */
    e[1].expr = "(v - ge)/taue";
    derive_with(&m, e, 3, "exact");
    assert_string_contains(update_of(&m), "int(not_refractory)");
    eg_net_free(m.net);
}

static void exponential_euler_takes_calls_as_coefficients(void **state)
{
    (void)state;
    struct model m = new_model(engram_default_alloc());
    eg_equation e[] = {
        eq("n", "differential", "alpha*(1-n)-beta*n", ""),
        eq("v", "differential", "-v*exp(v)/second", ""),
        eq("alpha", "subexpression", "0.032*(mV**-1)*5*mV/exprel((15*mV-v*mV)/(5*mV))/ms", ""),
        eq("beta", "subexpression", ".5*exp(v)/ms", "")};
    derive_with(&m, e, 4, "exponential_euler");
    const char *code = update_of(&m);
    assert_string_contains(code, "_n := (n + __BA_n)*exp(__A_n*dt) - __BA_n\n");
    assert_string_contains(code, "_v := v*exp(__A_v*dt)\n");
    engram_error err;
    eg_equation square[] = {eq("v", "differential", "v*v/second", "")};
    assert_int_equal(refuse(&m, square, 1, "exponential_euler", &err), ENGRAM_E_UNSUPPORTED);
    assert_string_contains(err.message, "neurongroup, equation of v");
    eg_net_free(m.net);
}

static void rk4_evaluates_time_and_variables_at_the_stages(void **state)
{
    (void)state;
    struct model m = new_model(engram_default_alloc());
    eg_equation e[] = {eq("v", "differential", "t*v/second**2", "")};
    derive_with(&m, e, 1, "rk4");
    const char *code = update_of(&m);
    assert_string_contains(code, "(t + dt/2.0)*(v + __k_1_v/2.0)");
    assert_string_contains(code, "(t + dt)*(v + __k_3_v)");
    assert_string_contains(code,
                           "_v := __k_1_v/6.0 + __k_2_v/3.0 + __k_3_v/3.0 + __k_4_v/6.0 + v");
    eg_net_free(m.net);
}

static void automatic_choice_is_brians(void **state)
{
    (void)state;
    struct model m = new_model(engram_default_alloc());
    const struct {
        const char *expr, *part;
    } cases[] = {
        {"-v/second", "_v := v*exp("},   /* linear: exact */
        {"-v**2/second", "_v := dt*"},   /* euler */
        {"1/second", "_v := dt*"},       /* singular: euler */
        {"-v*t/second**2", "_v := dt*"}, /* time in a coefficient: euler */
        {"-v/second + xi/second**.5", "xi := dt**0.5*randn()"}, /* additive noise: euler */
        {"v*xi/second**.5", "__x_support_v_xi := "}};           /* multiplicative: heun */
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        eg_equation e[] = {eq("v", "differential", cases[k].expr, "")};
        derive_with(&m, e, 1, "");
        assert_string_contains(update_of(&m), cases[k].part);
    }
    eg_net_free(m.net);
}

static void choice_that_needs_sympy_is_refused_the_method_itself_is_not(void **state)
{
    (void)state;
    struct model m = new_model(engram_default_alloc());
    engram_error err;
    eg_equation e[] = {eq("x", "differential", "y/second", ""),
                       eq("y", "differential", "-x/second", "")};
    assert_int_equal(refuse(&m, e, 2, "", &err), ENGRAM_E_UNSUPPORTED);
    assert_string_contains(err.message, "name the method");
    derive_with(&m, e, 2, "linear");
    assert_string_contains(update_of(&m), "_propagator(0, 1, 2");
    eg_net_free(m.net);
}

static void methods_that_cannot_are_refused_by_name(void **state)
{
    (void)state;
    struct model m = new_model(engram_default_alloc());
    const struct {
        const char *method, *expr, *part;
    } cases[] = {{"rkf45", "-v/second", "\"rkf45\"; there are exact, exponential_euler"},
                 {"milstein", "v*(xi_a + xi_b)/second**.5", "one noise for each equation"},
                 {"independent", "-v**2/second", "not linear in its own variable"},
                 {"independent", "-v*t/second**2", "depend on time"},
                 {"independent", "xi/second**.5", "independent takes no noise"},
                 {"rk4", "xi/second**.5", "rk4 takes no noise"},
                 {"euler", "v*xi/second**.5", "additive noise only"},
                 {"exact", "-v**2/second", "not linear"},
                 {"exact", "-v*t/second**2", "depend on time"},
                 {"euler", "rand()/second", "rand()"}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        engram_error err;
        eg_equation e[] = {eq("v", "differential", cases[k].expr, "")};
        assert_int_equal(refuse(&m, e, 1, cases[k].method, &err), ENGRAM_E_UNSUPPORTED);
        assert_string_contains(err.message, cases[k].part);
        assert_string_contains(err.message, "neurongroup");
    }
    eg_net_free(m.net);
}

/* What the rules give for synapses is what they give for neurons, by every method. */
static void synapses_are_integrated_as_neurons_are(void **state)
{
    (void)state;
    static const struct {
        const char *method, *v;
    } cases[] = {{"", "-v/second"},
                 {"", "-v**2/second"},
                 {"", "v*xi/second**.5"},
                 {"exact", "(w - v)/second"},
                 {"euler", "w/second + xi_a/second**.5 + xi_b/second**.5"},
                 {"exponential_euler", "-v*exp(w)/second"},
                 {"rk2", "-v*w/second"},
                 {"rk4", "-v*w*t/second**2"},
                 {"heun", "v*w*xi/second**.5"},
                 {"milstein", "v*w*xi/second**.5"},
                 {"independent", "(w - v)/second"}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct model m = new_model(engram_default_alloc());
        eg_equation e[] = {eq("v", "differential", cases[k].v, "clock-driven"),
                           eq("w", "differential", "-w/second", "clock-driven")};
        eg_synapses synapses;
        memset(&synapses, 0, sizeof synapses);
        size_t count;
        const eg_element_type *const *types = eg_element_types(&count);
        for (size_t t = 0; t < count; t++)
            if (!strcmp(types[t]->name, "synapses"))
                eg_element_defaults(types[t], &synapses);
        synapses.name = "s";
        synapses.source = synapses.target = "neurongroup";
        synapses.clock = "defaultclock";
        synapses.method = cases[k].method;
        synapses.equations = (eg_equation_list){e, 2};
        m.net->document.network->synapses = (eg_synapses_list){&synapses, 1};
        derive_with(&m, e, 2, cases[k].method);
        static char neurons[8192];
        snprintf(neurons, sizeof neurons, "%s", update_of(&m));
        assert_string_equal(listing(find(m.net, "s_stateupdater")), neurons);
        assert_true(strlen(neurons) > 20);
        eg_net_free(m.net);
    }
}

/* "dt**0.5*randn()" stands once for each name, before all that use it. */
static void each_noise_name_is_drawn_once(void **state)
{
    (void)state;
    static const char *const methods[] = {"euler", "heun"};
    for (size_t k = 0; k < 2; k++) {
        struct model m = new_model(engram_default_alloc());
        eg_equation e[] = {eq("v", "differential", "(xi_a + 2*xi_b + xi_a)/second**.5", ""),
                           eq("w", "differential", "(xi_b - v*Hz**.5)/second**.5", "")};
        derive_with(&m, e, 2, methods[k]);
        const char *text = update_of(&m),
                   *first = strstr(text, "vector xi_a := dt**0.5*randn()");
        assert_ptr_equal(first, text);
        assert_non_null(strstr(text, "\nvector xi_b := dt**0.5*randn()\n"));
        size_t draws = 0;
        for (const char *at = text; (at = strstr(at, "randn")); at++)
            draws++;
        assert_int_equal(draws, 2);
        eg_net_free(m.net);
    }
}

static void noise_is_drawn_in_the_order_that_the_document_has(void **state)
{
    (void)state;
    struct model m = new_model(engram_default_alloc());
    static const char *names[] = {"xi_c", "xi_a", "xi_of_nothing"};
    eg_equation e[] = {eq("v", "differential", "(xi_a + xi_b + xi_c)/second**.5", "")};
    m.group->noise = (eg_strs){names, 3};
    derive_with(&m, e, 1, "euler");
    static const char first[] = "vector xi_c := dt**0.5*randn()\n"
                                "vector xi_a := dt**0.5*randn()\n"
                                "vector xi_b := dt**0.5*randn()\n";
    assert_memory_equal(update_of(&m), first, sizeof first - 1);
    eg_net_free(m.net);
}

static const eg_executable *slice_code(struct model *m, int64_t stop)
{
    static eg_equation e[1];
    static eg_input input;
    e[0] = eq("v", "parameter", "", "");
    input = (eg_input){.name = "input",
                       .target = "neurongroup",
                       .start = 2,
                       .stop = stop,
                       .variable = "v",
                       .n = 3,
                       .rate = 10,
                       .weight = "1",
                       .when = "",
                       .clock = ""};
    m->net->document.network->inputs = (eg_input_list){&input, 1};
    derive_with(m, e, 1, "");
    return find(m->net, "input");
}

static void a_slice_may_have_no_end_and_takes_no_name(void **state)
{
    (void)state;
    struct model open = new_model(engram_default_alloc());
    char name[40];
    snprintf(name, sizeof name, "_neurongroup_2_%lld", (long long)open.group->n);
    assert_string_equal(slice_code(&open, -1)->owner, name);
    eg_net_free(open.net);
    struct model taken = new_model(engram_default_alloc());
    taken.group[1] = taken.group[0];
    taken.group[1].name = "_neurongroup_2_5";
    taken.net->document.network->groups.count = 2;
    assert_string_equal(slice_code(&taken, 5)->owner, "_neurongroup_2_5_");
    eg_net_free(taken.net);
}

/* The slice is no group of the document: its elements are seen through one that is made. */
static void inputs_draw_for_their_slice(void **state)
{
    (void)state;
    struct model m = new_model(engram_default_alloc());
    eg_equation e[] = {eq("v", "parameter", "", "")};
    eg_input input = {.name = "input",
                      .target = "neurongroup",
                      .start = 2,
                      .stop = 5,
                      .variable = "v",
                      .n = 3,
                      .rate = 10,
                      .weight = "i + 1",
                      .when = "",
                      .clock = ""};
    m.net->document.network->inputs = (eg_input_list){&input, 1};
    derive_with(&m, e, 1, "");
    const eg_executable *code = find(m.net, "input");
    assert_string_equal(listing(code), "vector i := _source_i - 2\n"
                                       "vector v += _input_binomial()*(i + 1)\n");
    assert_string_equal(code->owner, "_neurongroup_2_5");
    assert_string_equal(code->when, "synapses");
    assert_string_equal(binding(code, "v")->index, "_sub_idx");
    assert_string_equal(binding(code, "_input_binomial")->kind, "function");
    eg_net_free(m.net);
}

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

static void memory_running_out_is_answered_everywhere(void **state)
{
    (void)state;
    engram_status status = ENGRAM_E_MEMORY;
    for (size_t nth = 0; status == ENGRAM_E_MEMORY && nth < 10000; nth++) {
        struct check_alloc failing;
        check_alloc_init(&failing, nth);
        struct model m = new_model(&failing.alloc);
        if (m.group) {
            eg_equation e[] = {eq("v", "differential", "(I - v)/second", "unless refractory"),
                               eq("I", "subexpression", "2*w", ""),
                               eq("w", "differential", "-w/second", "")};
            engram_error err;
            m.group->refractory = "5*ms";
            m.group->refractory_kind = "time";
            m.group->equations.item = e;
            m.group->equations.count = 3;
            status = eg_derive_code(m.net, true, &err);
        }
        eg_net_free(m.net);
        assert_int_equal(failing.live, 0);
    }
    assert_int_equal(status, ENGRAM_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(euler_steps_all_equations_from_old_values),
        cmocka_unit_test(refractory_group_has_flag_line_guard_and_threshold),
        cmocka_unit_test(legacy_refractoriness_compares_seconds),
        cmocka_unit_test(cuba_is_exact_without_a_switch_in_its_matrix),
        cmocka_unit_test(exponential_euler_takes_calls_as_coefficients),
        cmocka_unit_test(rk4_evaluates_time_and_variables_at_the_stages),
        cmocka_unit_test(automatic_choice_is_brians),
        cmocka_unit_test(choice_that_needs_sympy_is_refused_the_method_itself_is_not),
        cmocka_unit_test(methods_that_cannot_are_refused_by_name),
        cmocka_unit_test(synapses_are_integrated_as_neurons_are),
        cmocka_unit_test(each_noise_name_is_drawn_once),
        cmocka_unit_test(noise_is_drawn_in_the_order_that_the_document_has),
        cmocka_unit_test(inputs_draw_for_their_slice),
        cmocka_unit_test(a_slice_may_have_no_end_and_takes_no_name),
        cmocka_unit_test(links_lead_to_elements_or_are_refused),
        cmocka_unit_test(hostile_subexpressions_are_bounded),
        cmocka_unit_test(nested_subexpressions_cost_what_they_are),
        cmocka_unit_test(what_is_seen_from_elsewhere_is_there_once),
        cmocka_unit_test(copies_are_not_confused),
        cmocka_unit_test(subexpressions_are_computed_before_use_and_again_after_a_write),
        cmocka_unit_test(numbers_have_the_type_that_the_rules_say),
        cmocka_unit_test(memory_running_out_is_answered_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
