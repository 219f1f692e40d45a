/* Rules become the executables that Brian2 would run: names, slots, guards, statements. */
#include "support/rules.h"

#include <stdio.h>
#include <string.h>

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
        cmocka_unit_test(memory_running_out_is_answered_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
