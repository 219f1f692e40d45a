/* Clocks: how a duration becomes steps, and which clocks are due together (semantics 1). */
#include "sim/clocks.h"
#include "support/check.h"

#include <math.h>

struct bench {
    eg_clocks clocks;
    eg_tick tick[3];
    int64_t step[3];
    double t[3];
};

static void make(struct bench *b, eg_dialect dialect, const double *dt, uint32_t count)
{
    static const char *const names[] = {"a", "b", "c"};
    *b = (struct bench){.clocks = {.item = b->tick, .count = count, .dialect = dialect}};
    for (uint32_t k = 0; k < count; k++)
        b->tick[k] =
            (eg_tick){.name = names[k], .dt = dt[k], .step = &b->step[k], .t = &b->t[k]};
}

static uint64_t run(struct bench *b, double from, double to)
{
    engram_error err;
    uint64_t steps = 0;
    assert_ok(eg_clocks_begin(&b->clocks, from, to, &err), &err);
    for (; eg_clocks_running(&b->clocks); steps++)
        eg_clocks_tick(&b->clocks);
    return steps;
}

static uint64_t steps_of(eg_dialect dialect, double from, double to)
{
    struct bench b;
    const double dt = 1e-4;
    make(&b, dialect, &dt, 1);
    return run(&b, from, to);
}

static void test_durations(void **state)
{
    (void)state;
    assert_int_equal(steps_of(EG_DIALECT_RUNTIME, 0, 1e-3), 10);
    assert_int_equal(steps_of(EG_DIALECT_RUNTIME, 0, 1.05e-3), 11);
    assert_int_equal(steps_of(EG_DIALECT_RUNTIME, 0, 0), 0);
    /* run(0.05*ms) twice: one step, then none. */
    assert_int_equal(steps_of(EG_DIALECT_RUNTIME, 0, 5e-5), 1);
    assert_int_equal(steps_of(EG_DIALECT_RUNTIME, 5e-5, 1e-4), 0);
    /* Semantics 1.3: what runtime calls the same time, standalone does not. */
    assert_int_equal(steps_of(EG_DIALECT_RUNTIME, 0, 10.000001e-3), 100);
    assert_int_equal(steps_of(EG_DIALECT_STANDALONE, 0, 10.000001e-3), 101);
    assert_int_equal(steps_of(EG_DIALECT_STANDALONE, 0, 10e-3), 100);
}

static void test_time_is_a_product(void **state)
{
    (void)state;
    struct bench b;
    const double dt = 1e-4;
    make(&b, EG_DIALECT_RUNTIME, &dt, 1);
    engram_error err;
    assert_ok(eg_clocks_begin(&b.clocks, 0, 1, &err), &err);
    for (int k = 0; k < 3; k++)
        eg_clocks_tick(&b.clocks);
    assert_true(b.t[0] == 3 * 1e-4);
    assert_true(b.t[0] != 0.0003);
    assert_int_equal(eg_clocks_left(&b.clocks), 9997);
}

static void test_several_clocks(void **state)
{
    (void)state;
    struct bench b;
    const double dt[] = {1e-4, 5e-4, 3e-4};
    make(&b, EG_DIALECT_RUNTIME, dt, 3);
    engram_error err;
    assert_ok(eg_clocks_begin(&b.clocks, 0, 3e-3, &err), &err);
    int due[3] = {0}, together = 0;
    while (eg_clocks_running(&b.clocks)) {
        for (int k = 0; k < 3; k++)
            due[k] += b.tick[k].due;
        together += b.tick[1].due && b.tick[2].due;
        eg_clocks_tick(&b.clocks);
    }
    assert_int_equal(due[0], 30);
    assert_int_equal(due[1], 6);
    assert_int_equal(due[2], 10);
    assert_int_equal(together, 2); /* at 0 and 1.5 ms */
}

static void test_a_clock_between_steps(void **state)
{
    (void)state;
    struct bench b;
    const double dt[] = {1e-3, 0.7e-3};
    make(&b, EG_DIALECT_RUNTIME, dt, 2);
    /* 0, 0.7, 1, 1.4, 2, 2.1, 2.8 ms; the loop ends when the clock that is behind has. */
    assert_int_equal(run(&b, 0, 3e-3), 7);
}

static void test_uncountable(void **state)
{
    (void)state;
    struct bench b;
    const double dt = 1e-4;
    make(&b, EG_DIALECT_RUNTIME, &dt, 1);
    engram_error err;
    assert_int_equal(eg_clocks_begin(&b.clocks, 0, 1e300, &err), ENGRAM_E_LIMIT);
    assert_int_equal(eg_clocks_begin(&b.clocks, 0, NAN, &err), ENGRAM_E_LIMIT);
    assert_string_contains(err.message, "clock a");
    b.clocks.count = 0;
    assert_false(eg_clocks_running(&b.clocks));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations),      cmocka_unit_test(test_time_is_a_product),
        cmocka_unit_test(test_several_clocks), cmocka_unit_test(test_a_clock_between_steps),
        cmocka_unit_test(test_uncountable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
