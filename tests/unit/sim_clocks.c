/* Clocks: how a duration becomes steps, and which clocks are due together (semantics 1). */
#include "sim/clocks.h"
#include "support/check.h"

#include <math.h>
#include <string.h>

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

/* The run ends 3e-8 s behind 2 ms: that is the end for clocks of 1 and 0.5 ms, not for the one
 * of 0.1 ms. Whatever their order, the run ends, and nothing is executed twice. */
static void test_a_time_that_is_the_end_for_some(void **state)
{
    (void)state;
    static const double dt[] = {1e-3, 1e-4, 5e-4};
    static const int64_t end[] = {2, 20, 4}, next[] = {3, 30, 6};
    for (uint32_t first = 0; first < 3; first++) {
        const uint32_t at[] = {first, (first + 1) % 3, (first + 2) % 3};
        const double steps[] = {dt[at[0]], dt[at[1]], dt[at[2]]};
        struct bench b;
        make(&b, EG_DIALECT_RUNTIME, steps, 3);
        run(&b, 0, 2e-3 + 3e-8);
        for (uint32_t k = 0; k < 3; k++)
            assert_int_equal(b.step[k], end[at[k]]);
        run(&b, 2e-3 + 3e-8, 3e-3 + 3e-8);
        for (uint32_t k = 0; k < 3; k++)
            assert_int_equal(b.step[k], next[at[k]]);
    }
}

/* ---- event clocks (semantics 1.5) ----------------------------------------------------------
 */

static void give_times(struct bench *b, uint32_t clock, const double *times, int64_t count)
{
    b->tick[clock].dt = 0;
    b->tick[clock].times = times;
    b->tick[clock].count = count;
}

/* Which clocks tick in each step, as letters: "a", "ab", ... with blanks in between. */
static void ticks_of(char *out, struct bench *b, double from, double to)
{
    engram_error err;
    *out = '\0';
    assert_ok(eg_clocks_begin(&b->clocks, from, to, &err), &err);
    while (eg_clocks_running(&b->clocks)) {
        assert_ok(eg_clocks_judge(&b->clocks, &err), &err);
        for (uint32_t k = 0; k < b->clocks.count; k++)
            if (b->tick[k].due)
                strcat(out, b->tick[k].name);
        strcat(out, " ");
        eg_clocks_tick(&b->clocks);
    }
}

static void test_times_between_and_on_steps(void **state)
{
    (void)state;
    char ticks[200];
    struct bench b;
    const double dt[] = {1e-3, 1, 1};
    const double times[] = {0.5e-3, 2.5e-3, 4e-3, 9e-3}, others[] = {0.5e-3, 3.5e-3};
    make(&b, EG_DIALECT_RUNTIME, dt, 3);
    give_times(&b, 1, times, 4);
    give_times(&b, 2, others, 2);
    ticks_of(ticks, &b, 0, 5e-3);
    assert_string_equal(ticks, "a bc a a b a c ab ");
    assert_int_equal(b.step[1], 3); /* 9 ms is behind the end, and stands next */
    assert_true(b.t[1] == 9e-3);
    assert_true(isinf(b.t[2]));
    ticks_of(ticks, &b, 5e-3, 10e-3);
    assert_string_equal(ticks, "a a a a ab ");
    assert_true(isinf(b.t[1]));
}

/* Brian2's rule: 1e-4 of the step of a regular clock, 1e-14 s among event clocks; standalone
 * code: 1e-14 s. */
static void test_times_that_almost_agree(void **state)
{
    (void)state;
    char ticks[200];
    struct bench b;
    const double dt[] = {1e-4, 1, 1};
    const double near[] = {3.00005e-4}, far[] = {3.0002e-4, 5.5e-4}, next[] = {5.5e-4 + 9e-15};
    make(&b, EG_DIALECT_RUNTIME, dt, 2);
    give_times(&b, 1, near, 1);
    ticks_of(ticks, &b, 0, 5e-4);
    assert_string_equal(ticks, "a a a ab a ");
    make(&b, EG_DIALECT_STANDALONE, dt, 2);
    give_times(&b, 1, near, 1);
    ticks_of(ticks, &b, 0, 5e-4);
    assert_string_equal(ticks, "a a a a b a ");
    make(&b, EG_DIALECT_RUNTIME, dt, 3);
    give_times(&b, 1, far, 2);
    give_times(&b, 2, next, 1);
    ticks_of(ticks, &b, 0, 6e-4);
    assert_string_equal(ticks, "a a a a b a a bc ");
    const double apart[] = {5.5e-4 + 2e-14};
    give_times(&b, 2, apart, 1);
    ticks_of(ticks, &b, 0, 6e-4);
    assert_string_equal(ticks, "a a a a b a a b c ");
}

/* An interval is half open, to the bit: a time at its end belongs to the next run. */
static void test_times_at_the_ends_of_runs(void **state)
{
    (void)state;
    char ticks[200];
    struct bench b;
    const double dt[] = {1e-4, 1};
    const double times[] = {0, 1e-4, 2e-4, 4e-4};
    make(&b, EG_DIALECT_RUNTIME, dt, 2);
    give_times(&b, 1, times, 4);
    ticks_of(ticks, &b, 0, 0);
    assert_string_equal(ticks, "");
    assert_int_equal(b.step[1], 0);
    ticks_of(ticks, &b, 0, 2e-4);
    assert_string_equal(ticks, "ab ab ");
    ticks_of(ticks, &b, 2e-4, 5e-4);
    assert_string_equal(ticks, "ab a ab ");
    ticks_of(ticks, &b, 1.5e-4, 3e-4); /* begins between two steps */
    assert_string_equal(ticks, "ab ");
}

static void test_event_clocks_alone(void **state)
{
    (void)state;
    char ticks[200];
    struct bench b;
    const double dt[] = {1, 1};
    const double times[] = {1e-3, 2e-3}, none[] = {0};
    make(&b, EG_DIALECT_RUNTIME, dt, 2);
    give_times(&b, 0, times, 2);
    give_times(&b, 1, none, 0);
    ticks_of(ticks, &b, 0, 1);
    assert_string_equal(ticks, "a a ");
    assert_true(isinf(eg_clocks_now(&b.clocks)));
    ticks_of(ticks, &b, 1, 2);
    assert_string_equal(ticks, "");
    ticks_of(ticks, &b, 0, 1.5e-3); /* as restore does */
    assert_string_equal(ticks, "a ");
    assert_true(eg_clocks_now(&b.clocks) == 2e-3);
}

/* A time within the run that a regular clock takes for the end: Brian2 raises StopIteration. */
static void test_a_time_just_before_the_end(void **state)
{
    (void)state;
    struct bench b;
    engram_error err;
    const double dt[] = {1e-4, 1};
    const double below[] = {3e-4}, equal[] = {3 * 1e-4};
    const double *const times[] = {below, equal};
    for (int k = 0; k < 2; k++) {
        const double end = k ? nextafter(3 * 1e-4, 1) : 1e-4 + 2e-4;
        make(&b, EG_DIALECT_RUNTIME, dt, 2);
        give_times(&b, 1, times[k], 1);
        assert_ok(eg_clocks_begin(&b.clocks, 1e-4, end, &err), &err);
        assert_true(*times[k] < end);
        for (int step = 0; step < 2; step++) {
            assert_ok(eg_clocks_judge(&b.clocks, &err), &err);
            eg_clocks_tick(&b.clocks);
        }
        assert_true(eg_clocks_running(&b.clocks));
        assert_int_equal(eg_clocks_judge(&b.clocks, &err), ENGRAM_E_LIMIT);
        assert_string_contains(err.message, "of clock b is so near the end of the run");
        assert_string_contains(err.message, "for clock a");
    }
    b.clocks.dialect = EG_DIALECT_STANDALONE; /* runs both, and goes on */
    assert_ok(eg_clocks_judge(&b.clocks, &err), &err);
}

static void test_what_a_clock_can_be_restored_to(void **state)
{
    (void)state;
    struct bench b;
    const double dt[] = {1e-4, 1};
    const double times[] = {1e-4, 2e-4};
    make(&b, EG_DIALECT_RUNTIME, dt, 2);
    give_times(&b, 1, times, 2);
    eg_tick *regular = &b.tick[0], *events = &b.tick[1];
    assert_true(eg_clocks_possible(regular, 1e-4, 100));
    assert_false(eg_clocks_possible(regular, 0, 100));
    b.t[1] = 1e-4;
    assert_true(eg_clocks_possible(events, 0, 2));
    assert_false(eg_clocks_possible(events, 0, 3));
    assert_false(eg_clocks_possible(events, 0, -1));
    assert_false(eg_clocks_possible(events, 1e-4, 2));
    b.step[1] = 1; /* the time does not belong to it */
    assert_false(eg_clocks_possible(events, 0, 2));
    b.step[1] = 2;
    b.t[1] = INFINITY;
    assert_true(eg_clocks_possible(events, 0, 2));
    b.step[1] = 3;
    assert_false(eg_clocks_possible(events, 0, 2));
    b.t[0] = INFINITY;
    assert_false(eg_clocks_possible(regular, 1e-4, 100));
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
        cmocka_unit_test(test_durations),
        cmocka_unit_test(test_time_is_a_product),
        cmocka_unit_test(test_several_clocks),
        cmocka_unit_test(test_a_clock_between_steps),
        cmocka_unit_test(test_a_time_that_is_the_end_for_some),
        cmocka_unit_test(test_times_between_and_on_steps),
        cmocka_unit_test(test_times_that_almost_agree),
        cmocka_unit_test(test_times_at_the_ends_of_runs),
        cmocka_unit_test(test_event_clocks_alone),
        cmocka_unit_test(test_a_time_just_before_the_end),
        cmocka_unit_test(test_what_a_clock_can_be_restored_to),
        cmocka_unit_test(test_uncountable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
