/* Methods of GSL from the rules: orders of convergence, errors wanted and had, what is kept of
 * each element, and what is refused. */
#include "ir/derive.h"
#include "sim/adaptive.h"
#include "support/check.h"
#include "support/equation.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A group of two neurons under one method. */
struct stepper {
    eg_net *net;
    eg_network network;
    eg_group group;
    eg_clock clock;
    eg_store *store;
    eg_kernel *kernel;
    eg_adaptive *adaptive;
    void *base[32];
    double dt;
};

static void describe(struct stepper *s, const char *method, const char *options,
                     eg_equation *equations, size_t count, double dt, const engram_alloc *alloc)
{
    engram_error err;
    memset(s, 0, sizeof *s);
    if (eg_net_new(&s->net, alloc, &err))
        return;
    size_t types;
    const eg_element_type *const *type = eg_element_types(&types);
    for (size_t k = 0; k < types; k++) {
        if (!strcmp(type[k]->name, "network"))
            eg_element_defaults(type[k], &s->network);
        if (!strcmp(type[k]->name, "group"))
            eg_element_defaults(type[k], &s->group);
    }
    s->dt = dt;
    s->clock = (eg_clock){.name = "c", .dt = dt};
    s->group.name = "g";
    s->group.kind = "neurons";
    s->group.n = 2;
    s->group.clock = "c";
    s->group.method = method;
    s->group.method_options = options;
    s->group.equations = (eg_equation_list){equations, count};
    s->network.dialect = "brian2-runtime";
    s->network.clocks = (eg_clock_list){&s->clock, 1};
    s->network.groups = (eg_group_list){&s->group, 1};
    s->net->document.network = &s->network;
}

static const eg_executable *updater(const struct stepper *s)
{
    return s->net->document.code->executables.item;
}

static engram_status compile(struct stepper *s, const engram_alloc *alloc, engram_error *err)
{
    eg_executable turned;
    eg_program *program = NULL;
    const eg_lower_options options = {.dialect = EG_DIALECT_RUNTIME,
                                      .math = EG_MATH_STRICT,
                                      .dt = s->dt,
                                      .functions = &s->network.functions,
                                      .inputs = NULL};
    engram_status status = eg_adaptive_new(&s->adaptive, &turned, s->store, &s->network,
                                           updater(s), 2, s->net->arena, err);
    if (!status)
        status = eg_lower(&program, s->net->arena, &turned, &options, err);
    if (!status)
        status = eg_kernel_new(&s->kernel, program, EG_MATH_STRICT, NULL, alloc, err);
    if (status)
        return status;
    for (uint32_t k = 0; k < eg_program_slot_count(program); k++) {
        const eg_slot *slot = eg_program_slot(program, k);
        if (!strcmp(slot->owner, EG_ADAPTIVE_OWNER))
            s->base[k] = eg_adaptive_cell(s->adaptive, slot->variable);
        else if (slot->kind == EG_SLOT_ARRAY)
            s->base[k] = eg_store_find(s->store, slot->owner, slot->variable)->data;
    }
    const eg_frame frame = {.base = s->base};
    return eg_adaptive_start(s->adaptive, s->kernel, s->base, &frame, 2,
                             eg_store_find(s->store, "c", "t")->data, &s->dt, alloc, err);
}

static engram_status prepare(struct stepper *s, const engram_alloc *alloc, engram_error *err)
{
    engram_status status =
        s->net ? eg_derive_code(s->net, true, err) : eg_fail_memory(err, "a network");
    if (!status)
        status = eg_store_new(&s->store, s->net, alloc, err);
    return status ? status : compile(s, alloc, err);
}

static void start(struct stepper *s, const char *method, const char *options,
                  eg_equation *equations, size_t count, double dt)
{
    engram_error err;
    describe(s, method, options, equations, count, dt, engram_default_alloc());
    assert_ok(prepare(s, engram_default_alloc(), &err), &err);
}

static engram_status step(struct stepper *s, int n, engram_error *err)
{
    *(double *)eg_store_find(s->store, "c", "t")->data = n * s->dt;
    return eg_adaptive_step(s->adaptive, 2, err);
}

static void stop(struct stepper *s)
{
    eg_adaptive_free(s->adaptive);
    eg_kernel_free(s->kernel);
    eg_store_free(s->store);
    eg_net_free(s->net);
}

static void *values(const struct stepper *s, const char *variable)
{
    return eg_store_find(s->store, "g", variable)->data;
}

static const char *const methods[] = {"gsl_rk2", "gsl_rk4", "GSL", "gsl_rkck", "gsl_rk8pd"};
enum { METHODS = sizeof methods / sizeof *methods };

/* Error of v at 1 s, v' = 5 v cos(5 t) from 1, the other neuron resting. */
static double integrate(const char *method, const char *options, int steps)
{
    struct stepper s;
    engram_error err;
    eg_equation v = eq("v", "differential", "v*cos(5*t/second)*5/second", "");
    start(&s, method, options, &v, 1, 1.0 / steps);
    ((double *)values(&s, "v"))[1] = 1;
    for (int n = 0; n < steps; n++)
        assert_ok(step(&s, n, &err), &err);
    const double *result = values(&s, "v"), error = fabs(result[1] - exp(sin(5)));
    assert_true(result[0] == 0);
    stop(&s);
    return error;
}

static void fixed_steps_have_the_order_of_their_method(void **state)
{
    (void)state;
    static const double order[METHODS] = {3, 4, 5, 5, 8};
    static const char options[] = "{\"adaptable_timestep\": false, \"absolute_error\": 10.0, "
                                  "\"use_last_timestep\": false}";
    for (int m = 0; m < METHODS; m++) {
        const int steps = m == METHODS - 1 ? 16 : 32;
        const double found = log2(integrate(methods[m], options, steps) /
                                  integrate(methods[m], options, 2 * steps));
        if (!(fabs(found - order[m]) < 0.15))
            fail_msg("%s: order %g, wanted %g", methods[m], found, order[m]);
    }
}

static void adaptive_steps_have_the_error_wanted(void **state)
{
    (void)state;
    for (int m = 0; m < METHODS; m++)
        for (int digits = 4; digits <= 10; digits += 3) {
            char options[64];
            snprintf(options, sizeof options, "{\"absolute_error\": 1e-%d, \"max_steps\": 0}",
                     digits);
            /* of each step; some ten to some thousand of them, and v itself grows by e */
            const double error = integrate(methods[m], options, 5);
            if (!(error < 1000 * pow(10, -digits)))
                fail_msg("%s, error wanted in a step 1e-%d: %g", methods[m], digits, error);
        }
}

static void what_is_kept_of_each_element_is_its_own(void **state)
{
    (void)state;
    struct stepper s;
    engram_error err;
    eg_equation e[] = {eq("a", "parameter", "", ""),
                       eq("v", "differential", "-a*v**3/second", "")};
    start(&s, "gsl", "{\"save_failed_steps\": true, \"save_step_count\": true}", e, 2, 0.1);
    double *a = values(&s, "a"), *v = values(&s, "v"), *last = values(&s, "_last_timestep");
    const int32_t *steps = values(&s, "_step_count"), *failed = values(&s, "_failed_steps");
    assert_true(last[0] == 0.1 && last[1] == 0.1); /* set when the run began */
    a[0] = 1e-3;
    a[1] = 30;
    v[0] = v[1] = 1;
    assert_ok(step(&s, 0, &err), &err);
    assert_true(steps[0] == 1 && failed[0] == 0 && last[0] == 0.1);
    assert_true(steps[1] > 3 && failed[1] > 0 && last[1] < 0.1);
    assert_true(fabs(v[1] - 1 / sqrt(1 + 2 * 30 * 0.1)) < 1e-5);
    const int32_t first = steps[1];
    assert_ok(step(&s, 1, &err), &err); /* begins with the step that it had come to */
    assert_true(steps[1] < first && failed[1] == 0);
    stop(&s);
}

static void time_of_the_code_is_the_steppers(void **state)
{
    (void)state;
    struct stepper s;
    engram_error err;
    eg_equation v = eq("v", "differential", "2*t/second**2", "");
    start(&s, "gsl_rk2", "", &v, 1, 0.5);
    assert_ok(step(&s, 4, &err), &err);
    assert_true(fabs(((double *)values(&s, "v"))[0] - (2.5 * 2.5 - 2 * 2)) < 1e-14);
    assert_true(*(double *)eg_store_find(s.store, "c", "t")->data == 2);
    stop(&s);
}

static void steps_that_fail_name_element_and_remedy(void **state)
{
    (void)state;
    const struct {
        const char *options, *part;
        double last;
    } cases[] = {{"{\"max_steps\": 3}", "in 3 steps; a larger absolute_error or max_steps", 0},
                 {"{\"adaptable_timestep\": false}", "a larger error than absolute_error", 0},
                 {"", "begins with no longer one than dt", 0.2}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct stepper s;
        engram_error err;
        eg_equation v = eq("v", "differential", "-1e4*v/second", "");
        start(&s, "gsl", cases[k].options, &v, 1, 0.1);
        ((double *)values(&s, "v"))[1] = 1; /* the first one rests */
        if (cases[k].last > 0)
            ((double *)values(&s, "_last_timestep"))[1] = cases[k].last;
        assert_int_equal(step(&s, 0, &err), ENGRAM_E_NUMERIC);
        assert_string_contains(err.message, "g_stateupdater, element 1: ");
        assert_string_contains(err.message, cases[k].part);
        stop(&s);
    }
}

static void a_division_by_zero_within_a_step_is_answered(void **state)
{
    (void)state;
    struct stepper s;
    engram_error err;
    eg_equation v = eq("v", "differential", "1/v/second", "");
    start(&s, "gsl", "", &v, 1, 0.1);
    assert_int_equal(step(&s, 0, &err), ENGRAM_E_NUMERIC);
    assert_string_contains(err.message, "g_stateupdater: division by zero at element 0");
    stop(&s);
}

static void options_that_there_are_not_are_refused_by_name(void **state)
{
    (void)state;
    const struct {
        const char *method, *options, *part;
        engram_status status;
    } cases[] = {
        {"gsl", "{\"absolute_error\": \"small\"}", "\"absolute_error\" is", 0},
        {"gsl", "{\"absolute_error\": -1e-6}", "not negative", 0},
        {"gsl", "{\"relative_error\": 1e-6}", "no option \"relative_error\"", 0},
        {"gsl", "{\"max_steps\": 1.5}", "wanted a whole number", 0},
        {"gsl", "{\"use_last_timestep\": 1}", "wanted true or false", 0},
        {"gsl", "{\"absolute_error_per_variable\": 1}", "an error for each variable", 0},
        {"gsl", "{\"absolute_error_per_variable\": {\"w\": 1.0}}", "names \"w\"", 0},
        {"gsl", "{\"max_steps\": 1", "no JSON", ENGRAM_E_SYNTAX},
        {"gsl", "max_steps", "no JSON", ENGRAM_E_SYNTAX},
        {"gsl", "{} {}", "no JSON", ENGRAM_E_SYNTAX}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct stepper s;
        engram_error err;
        eg_equation v = eq("v", "differential", "-v/second", "");
        describe(&s, cases[k].method, cases[k].options, &v, 1, 0.1, engram_default_alloc());
        assert_int_equal(prepare(&s, engram_default_alloc(), &err),
                         cases[k].status ? cases[k].status : ENGRAM_E_UNSUPPORTED);
        assert_string_contains(err.message, cases[k].part);
        stop(&s);
    }
}

static void every_option_is_read(void **state)
{
    (void)state;
    static const char text[] =
        " { \"absolute_error\":2e-3, \"absolute_error_per_variable\": {\"v\": 5e-1, \"w\" : "
        "7.0},"
        "\n\"adaptable_timestep\": false,\"max_steps\": 12, \"save_failed_steps\": true,"
        " \"save_step_count\": true, \"use_last_timestep\": false } ";
    eg_arena *arena = eg_arena_new(engram_default_alloc());
    eg_adaptive_options o;
    engram_error err;
    assert_ok(eg_adaptive_read(&o, arena, "g", "gsl_rk8pd", text, &err), &err);
    assert_string_equal(o.stepper, "rk8pd");
    assert_true(o.max_steps == 12 && !o.adaptable_timestep && !o.use_last_timestep);
    assert_true(o.save_failed_steps && o.save_step_count);
    assert_true(eg_adaptive_error(&o, "v") == 0.5 && eg_adaptive_error(&o, "w") == 7);
    assert_true(eg_adaptive_error(&o, "x") == 2e-3);
    assert_ok(eg_adaptive_read(&o, arena, "g", "gsl", "{\"absolute_error_per_variable\": null}",
                               &err),
              &err);
    assert_true(o.max_steps == 100 && o.adaptable_timestep && o.use_last_timestep);
    assert_true(!o.save_failed_steps && !o.save_step_count &&
                eg_adaptive_error(&o, "v") == 1e-6);
    assert_int_equal(
        eg_adaptive_read(&o, arena, "g", "gsl",
                         "{\"absolute_error_per_variable\": {\"a\": 1, \"b\": 1, \"c\": 1}, "
                         "\"absolute_error_per_variable\": {\"d\": 1}}",
                         &err),
        ENGRAM_E_SYNTAX);
    assert_non_null(strstr(err.message, "stands twice"));
    assert_null(eg_adaptive_stepper("gsl_rk3"));
    assert_null(eg_adaptive_stepper("rk4"));
    eg_arena_free(arena);
}

static void memory_running_out_is_answered_everywhere(void **state)
{
    (void)state;
    engram_status status = ENGRAM_E_MEMORY;
    for (size_t nth = 0; status == ENGRAM_E_MEMORY && nth < 10000; nth++) {
        struct check_alloc failing;
        struct stepper s;
        engram_error err;
        eg_equation e[] = {eq("v", "differential", "(w - v)/second", ""),
                           eq("w", "differential", "-w*t/second**2", "")};
        check_alloc_init(&failing, nth);
        describe(&s, "gsl", "{\"absolute_error_per_variable\": {\"w\": 1e-3}}", e, 2, 0.1,
                 &failing.alloc);
        status = prepare(&s, &failing.alloc, &err);
        stop(&s);
        assert_int_equal(failing.live, 0);
    }
    assert_int_equal(status, ENGRAM_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixed_steps_have_the_order_of_their_method),
        cmocka_unit_test(adaptive_steps_have_the_error_wanted),
        cmocka_unit_test(what_is_kept_of_each_element_is_its_own),
        cmocka_unit_test(time_of_the_code_is_the_steppers),
        cmocka_unit_test(steps_that_fail_name_element_and_remedy),
        cmocka_unit_test(a_division_by_zero_within_a_step_is_answered),
        cmocka_unit_test(options_that_there_are_not_are_refused_by_name),
        cmocka_unit_test(every_option_is_read),
        cmocka_unit_test(memory_running_out_is_answered_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
