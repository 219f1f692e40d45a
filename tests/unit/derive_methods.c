/* Each method converges with its order, run through the strict kernels: deterministic ones
 * towards a known solution, stochastic ones towards the solution that belongs to the same
 * Wiener path (strong order). */
#include "common/rng.h"
#include "exec/exec.h"
#include "ir/derive.h"
#include "sim/store.h"
#include "support/check.h"
#include "support/equation.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PATHS = 200, FINEST = 1024 };

/* A group of `n` neurons under one method, stepped by its derived updater. */
struct stepper {
    eg_net *net;
    eg_network network;
    eg_group group;
    eg_clock clock;
    eg_store *store;
    eg_kernel *kernel;
    void *base[32];
};

/* Each `xi...` of the code is read from the variable "<xi>_w" in place of being drawn. */
static void read_increments(struct stepper *s)
{
    eg_executable *code = s->net->document.code->executables.item;
    eg_binding *bindings =
        eg_arena_array(s->net->arena, code->bindings.count + 4, sizeof *bindings);
    memcpy(bindings, code->bindings.item, code->bindings.count * sizeof *bindings);
    for (size_t k = 0; k < code->statements.count; k++) {
        eg_statement *statement = &code->statements.item[k];
        if (strncmp(statement->variable, "xi", 2))
            continue;
        assert_string_equal(statement->expr, "dt**0.5*randn()");
        const char *name = eg_arena_printf(s->net->arena, "%s_w", statement->variable);
        statement->expr = name;
        bindings[code->bindings.count++] = (eg_binding){.name = name,
                                                        .kind = "array",
                                                        .dtype = "float64",
                                                        .owner = "g",
                                                        .variable = name,
                                                        .index = "_idx",
                                                        .guard = ""};
    }
    code->bindings.item = bindings;
}

static void start(struct stepper *s, const char *method, eg_equation *equations, size_t count,
                  int n, double dt)
{
    engram_error err;
    memset(s, 0, sizeof *s);
    assert_ok(eg_net_new(&s->net, engram_default_alloc(), &err), &err);
    size_t types;
    const eg_element_type *const *type = eg_element_types(&types);
    for (size_t k = 0; k < types; k++) {
        if (!strcmp(type[k]->name, "network"))
            eg_element_defaults(type[k], &s->network);
        if (!strcmp(type[k]->name, "group"))
            eg_element_defaults(type[k], &s->group);
    }
    s->clock = (eg_clock){.name = "c", .dt = dt};
    s->group.name = "g";
    s->group.kind = "neurons";
    s->group.n = n;
    s->group.clock = "c";
    s->group.method = method;
    s->group.equations = (eg_equation_list){equations, count};
    s->network.dialect = "brian2-runtime";
    s->network.clocks = (eg_clock_list){&s->clock, 1};
    s->network.groups = (eg_group_list){&s->group, 1};
    s->net->document.network = &s->network;
    assert_ok(eg_derive_code(s->net, true, &err), &err);
    read_increments(s);
    assert_ok(eg_store_new(&s->store, s->net, engram_default_alloc(), &err), &err);
    const eg_lower_options options = {.dialect = EG_DIALECT_RUNTIME,
                                      .math = EG_MATH_STRICT,
                                      .dt = dt,
                                      .functions = &s->network.functions};
    eg_program *program;
    assert_ok(eg_lower(&program, s->net->arena, s->net->document.code->executables.item,
                       &options, &err),
              &err);
    assert_ok(
        eg_kernel_new(&s->kernel, program, EG_MATH_STRICT, NULL, engram_default_alloc(), &err),
        &err);
    for (uint32_t k = 0; k < eg_program_slot_count(program); k++) {
        const eg_slot *slot = eg_program_slot(program, k);
        s->base[k] = eg_store_find(s->store, slot->owner, slot->variable)->data;
    }
}

static double *values(const struct stepper *s, const char *variable)
{
    return eg_store_find(s->store, "g", variable)->data;
}

static void step(struct stepper *s, int n)
{
    engram_error err;
    const eg_frame frame = {.base = s->base, .count = (uint64_t)s->group.n};
    *(double *)eg_store_find(s->store, "c", "t")->data = n * s->clock.dt;
    assert_ok(eg_kernel_run(s->kernel, &frame, &err), &err);
}

static void stop(struct stepper *s)
{
    eg_kernel_free(s->kernel);
    eg_store_free(s->store);
    eg_net_free(s->net);
}

/* ---- deterministic ------------------------------------------------------------------------
 */

/* v at 1 s of `expr` from v = 1, in steps of 1/steps seconds. */
static double integrate(const char *method, const char *expr, int steps)
{
    struct stepper s;
    eg_equation v = eq("v", "differential", expr, "");
    start(&s, method, &v, 1, 1, 1.0 / steps);
    values(&s, "v")[0] = 1;
    for (int n = 0; n < steps; n++)
        step(&s, n);
    const double result = values(&s, "v")[0];
    stop(&s);
    return result;
}

static void halving_the_step_divides_the_error_by_two_to_the_order(void **state)
{
    (void)state;
    const struct {
        const char *method;
        double order;
    } cases[] = {{"euler", 1}, {"heun", 1}, {"milstein", 1}, {"exponential_euler", 1},
                 {"rk2", 2},   {"rk4", 4}};
    const double wanted = exp(-0.5); /* v' = -t v */
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const double coarse = integrate(cases[c].method, "-v*t/second**2", 32) - wanted;
        const double fine = integrate(cases[c].method, "-v*t/second**2", 64) - wanted;
        const double order = log2(fabs(coarse / fine));
        if (!(fabs(order - cases[c].order) < 0.15))
            fail_msg("%s: order %g, wanted %g", cases[c].method, order, cases[c].order);
    }
}

/* Largest error of both variables of an oscillator after 1 s. */
static double oscillate(const char *method, int steps)
{
    struct stepper s;
    eg_equation e[] = {eq("x", "differential", "3*y/second", ""),
                       eq("y", "differential", "-3*x/second", "")};
    start(&s, method, e, 2, 1, 1.0 / steps);
    values(&s, "x")[0] = 1;
    for (int n = 0; n < steps; n++)
        step(&s, n);
    const double error =
        fmax(fabs(values(&s, "x")[0] - cos(3)), fabs(values(&s, "y")[0] + sin(3)));
    stop(&s);
    return error;
}

static void systems_converge_with_the_same_order(void **state)
{
    (void)state;
    const struct {
        const char *method;
        double order;
    } cases[] = {{"euler", 1}, {"heun", 1}, {"milstein", 1}, {"exponential_euler", 1},
                 {"rk2", 2},   {"rk4", 4}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const double order =
            log2(oscillate(cases[c].method, 128) / oscillate(cases[c].method, 256));
        if (!(fabs(order - cases[c].order) < 0.15))
            fail_msg("%s: order %g, wanted %g", cases[c].method, order, cases[c].order);
    }
    for (int steps = 1; steps <= 100; steps *= 10)
        assert_true(oscillate("linear", steps) < 1e-13);
    /* one equation after the other, each exact for itself: order one for the system */
    const double order = log2(oscillate("independent", 128) / oscillate("independent", 256));
    assert_true(fabs(order - 1) < 0.15);
}

static void exact_is_exact_for_every_step(void **state)
{
    (void)state;
    static const char *const methods[] = {"exact", "independent"};
    for (int m = 0; m < 2; m++)
        for (int steps = 1; steps <= 100; steps *= 10) {
            /* each step rounds its factor and its product once */
            assert_true(fabs(integrate(methods[m], "-v/second", steps) - exp(-1)) <=
                        steps * 2 * DBL_EPSILON * exp(-1));
            assert_true(fabs(integrate(methods[m], "(3 - v)/second", steps) -
                             (3 - 2 * exp(-1))) < 1e-14);
            assert_true(fabs(integrate(methods[m], "2/second", steps) - 3) < 1e-14);
        }
}

static void conditionally_linear_equations_are_exact_by_exponential_euler(void **state)
{
    (void)state;
    assert_true(fabs(integrate("exponential_euler", "3*(1-v)/second-v/second", 4) -
                     (0.75 + 0.25 * exp(-4))) < 1e-15);
}

/* ---- stochastic ---------------------------------------------------------------------------
 */

/* Increments of PATHS Wiener paths of `noises` names over 1 s, in FINEST steps: summed over
 * several steps they are those of a coarser step of the same path. */
static double increment[2][FINEST][PATHS];

static void draw_paths(void)
{
    eg_mt mt;
    eg_mt_seed(&mt, 11);
    for (int name = 0; name < 2; name++)
        for (int k = 0; k < FINEST; k++)
            for (int path = 0; path < PATHS; path++)
                increment[name][k][path] = eg_mt_randn(&mt) / sqrt(FINEST);
}

/* Into the variables "xi_a_w", "xi_b_w" (or "xi_w") of step n of `steps`. */
static void show_increments(const struct stepper *s, int n, int steps, const char *const *name,
                            int names)
{
    const int group = FINEST / steps;
    for (int x = 0; x < names; x++)
        for (int path = 0; path < PATHS; path++) {
            double sum = 0;
            for (int k = n * group; k < (n + 1) * group; k++)
                sum += increment[x][k][path];
            values(s, name[x])[path] = sum;
        }
}

static double wiener(int name, int path)
{
    double sum = 0;
    for (int k = 0; k < FINEST; k++)
        sum += increment[name][k][path];
    return sum;
}

/* Mean error at 1 s of geometric Brownian motion, Stratonovich: v = exp(drift + 0.8 W). */
static double geometric(const char *method, const char *expr, double drift, int steps)
{
    static const char *const name[] = {"xi_w"};
    struct stepper s;
    eg_equation e[] = {eq("v", "differential", expr, ""), eq("xi_w", "parameter", "", "")};
    start(&s, method, e, 2, PATHS, 1.0 / steps);
    for (int path = 0; path < PATHS; path++)
        values(&s, "v")[path] = 1;
    for (int n = 0; n < steps; n++) {
        show_increments(&s, n, steps, name, 1);
        step(&s, n);
    }
    double error = 0;
    for (int path = 0; path < PATHS; path++)
        error += fabs(values(&s, "v")[path] - exp(drift + 0.8 * wiener(0, path))) / PATHS;
    stop(&s);
    return error;
}

static double driftless(const char *method, int steps)
{
    return geometric(method, "0.8*v*xi/second**.5", 0, steps);
}

static double drifting(const char *method, int steps)
{
    return geometric(method, "0.5*v/second + 0.8*v*xi/second**.5", 0.5, steps);
}

/* Mean error at 1 s of v' = 2 xi_a + xi_b from 0 in v, and of w' = -w + v, which sees it. */
static double additive(const char *method, int steps)
{
    static const char *const name[] = {"xi_a_w", "xi_b_w"};
    struct stepper s;
    eg_equation e[] = {eq("v", "differential", "2*xi_a/second**.5 + xi_b/second**.5", ""),
                       eq("w", "differential", "(v - w)/second + xi_b/second**.5", ""),
                       eq("xi_a_w", "parameter", "", ""), eq("xi_b_w", "parameter", "", "")};
    start(&s, method, e, 4, PATHS, 1.0 / steps);
    for (int n = 0; n < steps; n++) {
        show_increments(&s, n, steps, name, 2);
        step(&s, n);
    }
    double error = 0, exact_v = 0;
    for (int path = 0; path < PATHS; path++) {
        /* w = integral of exp(s - 1) (v(s) ds + dW_b), by the finest steps' midpoints */
        double v = 0, w = 0;
        for (int k = 0; k < FINEST; k++) {
            const double a = increment[0][k][path], b = increment[1][k][path];
            w += exp((k + 0.5) / FINEST - 1) * ((v + (2 * a + b) / 2) / FINEST + b);
            v += 2 * a + b;
        }
        exact_v = fmax(exact_v, fabs(values(&s, "v")[path] - v));
        error += fabs(values(&s, "w")[path] - w) / PATHS;
    }
    assert_true(exact_v < 1e-12); /* the two names have numbers of their own, shared by both */
    stop(&s);
    return error;
}

static void stochastic_methods_have_their_strong_order(void **state)
{
    (void)state;
    draw_paths();
    const struct {
        const char *method;
        double (*error)(const char *, int);
        double order;
        /* Brian2's milstein puts the drift into the point where the factor is looked at again.
         * With the square of the increment, whose mean is not zero, that leaves an error of
         * order one half, which is Brian2's too. */
    } cases[] = {{"heun", driftless, 1},     {"heun", drifting, 1},
                 {"milstein", driftless, 1}, {"milstein", drifting, 0.5},
                 {"euler", additive, 1},     {"heun", additive, 1}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const double coarse = cases[c].error(cases[c].method, 32);
        const double fine = cases[c].error(cases[c].method, 128);
        const double order = log2(coarse / fine) / 2;
        if (!(fabs(order - cases[c].order) < 0.15))
            fail_msg("%s, case %zu: strong order %g, wanted %g", cases[c].method, c, order,
                     cases[c].order);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(halving_the_step_divides_the_error_by_two_to_the_order),
        cmocka_unit_test(systems_converge_with_the_same_order),
        cmocka_unit_test(exact_is_exact_for_every_step),
        cmocka_unit_test(conditionally_linear_equations_are_exact_by_exponential_euler),
        cmocka_unit_test(stochastic_methods_have_their_strong_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
