/* Each method converges with its order, run through the strict kernels. */
#include "exec/exec.h"
#include "ir/derive.h"
#include "sim/store.h"
#include "support/check.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* v at 1 s of `expr` from v = 1, in steps of 1/steps seconds. */
static double integrate(const char *method, const char *expr, int steps)
{
    engram_error err;
    eg_net *net;
    assert_ok(eg_net_new(&net, engram_default_alloc(), &err), &err);
    eg_network network;
    eg_group group;
    memset(&network, 0, sizeof network);
    memset(&group, 0, sizeof group);
    size_t count;
    const eg_element_type *const *types = eg_element_types(&count);
    for (size_t k = 0; k < count; k++) {
        if (!strcmp(types[k]->name, "network"))
            eg_element_defaults(types[k], &network);
        if (!strcmp(types[k]->name, "group"))
            eg_element_defaults(types[k], &group);
    }
    eg_clock clock = {.name = "c", .dt = 1.0 / steps};
    eg_equation v = {.name = "v",
                     .kind = "differential",
                     .type = "float",
                     .expr = expr,
                     .flags = "",
                     .unit = ""};
    group.name = "g";
    group.kind = "neurons";
    group.n = 1;
    group.clock = "c";
    group.method = method;
    group.equations = (eg_equation_list){&v, 1};
    network.dialect = "brian2-runtime";
    network.clocks = (eg_clock_list){&clock, 1};
    network.groups = (eg_group_list){&group, 1};
    net->document.network = &network;
    eg_store *store;
    assert_ok(eg_derive_code(net, true, &err), &err);
    assert_ok(eg_store_new(&store, net, engram_default_alloc(), &err), &err);
    const eg_lower_options options = {EG_DIALECT_RUNTIME, EG_MATH_STRICT, clock.dt,
                                      &network.functions, NULL};
    eg_program *program;
    eg_kernel *kernel;
    assert_ok(
        eg_lower(&program, net->arena, net->document.code->executables.item, &options, &err),
        &err);
    assert_ok(
        eg_kernel_new(&kernel, program, EG_MATH_STRICT, NULL, engram_default_alloc(), &err),
        &err);
    void *base[16] = {NULL};
    for (uint32_t k = 0; k < eg_program_slot_count(program); k++) {
        const eg_slot *slot = eg_program_slot(program, k);
        base[k] = eg_store_find(store, slot->owner, slot->variable)->data;
    }
    double *value = eg_store_find(store, "g", "v")->data;
    double *t = eg_store_find(store, "c", "t")->data;
    const eg_frame frame = {.base = base, .count = 1};
    value[0] = 1;
    for (int n = 0; n < steps; n++) {
        *t = n * clock.dt;
        assert_ok(eg_kernel_run(kernel, &frame, &err), &err);
    }
    const double result = value[0];
    eg_kernel_free(kernel);
    eg_store_free(store);
    eg_net_free(net);
    return result;
}

static void halving_the_step_divides_the_error_by_two_to_the_order(void **state)
{
    (void)state;
    const struct {
        const char *method;
        double order;
    } cases[] = {{"euler", 1}, {"heun", 1}, {"exponential_euler", 1}, {"rk2", 2}, {"rk4", 4}};
    const double wanted = exp(-0.5); /* v' = -t v */
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const double coarse = integrate(cases[c].method, "-v*t/second**2", 32) - wanted;
        const double fine = integrate(cases[c].method, "-v*t/second**2", 64) - wanted;
        const double order = log2(fabs(coarse / fine));
        if (!(fabs(order - cases[c].order) < 0.15))
            fail_msg("%s: order %g, wanted %g", cases[c].method, order, cases[c].order);
    }
}

static void exact_is_exact_for_every_step(void **state)
{
    (void)state;
    for (int steps = 1; steps <= 100; steps *= 10) {
        /* each step rounds its factor and its product once */
        assert_true(fabs(integrate("exact", "-v/second", steps) - exp(-1)) <=
                    steps * 2 * DBL_EPSILON * exp(-1));
        assert_true(fabs(integrate("exact", "(3 - v)/second", steps) - (3 - 2 * exp(-1))) <
                    1e-14);
        assert_true(fabs(integrate("exact", "2/second", steps) - 3) < 1e-14);
    }
}

static void conditionally_linear_equations_are_exact_by_exponential_euler(void **state)
{
    (void)state;
    assert_true(fabs(integrate("exponential_euler", "3*(1-v)/second-v/second", 4) -
                     (0.75 + 0.25 * exp(-4))) < 1e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(halving_the_step_divides_the_error_by_two_to_the_order),
        cmocka_unit_test(exact_is_exact_for_every_step),
        cmocka_unit_test(conditionally_linear_equations_are_exact_by_exponential_euler),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
