/* Spikes in flight against a queue written as Brian2's is: each spike expanded into synapse
 * numbers when it is pushed (semantics 6.5). */
#include "sim/flight.h"
#include "support/check.h"

#include <stdlib.h>
#include <string.h>

enum { SOURCES = 7, SYNAPSES = 60, STEPS = 200, MOST_DELAY = 12, ROOM = 4096 };

static uint32_t draw(uint32_t *seed, uint32_t below)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % below;
}

/* One list of due synapse numbers for each of the next steps. */
struct naive {
    int32_t list[MOST_DELAY + 1][ROOM];
    int count[MOST_DELAY + 1];
};

struct network {
    int32_t source[SYNAPSES];
    double delay[SYNAPSES];
    eg_flight_plan plan;
};

static void make(struct network *n, uint32_t seed, bool varied)
{
    for (int k = 0; k < SYNAPSES; k++) {
        n->source[k] = (int32_t)draw(&seed, SOURCES);
        n->delay[k] = (varied ? (double)draw(&seed, MOST_DELAY) : 3.0) * 1e-4;
    }
    n->plan = (eg_flight_plan){.name = "S_pre",
                               .source = n->source,
                               .synapses = SYNAPSES,
                               .source_count = SOURCES,
                               .delay = n->delay,
                               .delay_count = varied ? SYNAPSES : 1,
                               .dt = 1e-4,
                               .start = 1,
                               .stop = SOURCES};
}

static void naive_push(struct naive *q, const struct network *n, const int32_t *event,
                       int count)
{
    for (int e = 0; e < count; e++)
        for (int s = 0; event[e] >= n->plan.start && s < SYNAPSES; s++)
            if (n->source[s] == event[e]) {
                const double delay = n->plan.delay_count == 1 ? n->delay[0] : n->delay[s];
                const int slot = (int)(delay / 1e-4 + 0.5);
                q->list[slot][q->count[slot]++] = s;
            }
}

static void naive_next(struct naive *q)
{
    for (int k = 0; k < MOST_DELAY; k++) {
        memcpy(q->list[k], q->list[k + 1], sizeof q->list[k]);
        q->count[k] = q->count[k + 1];
    }
    q->count[MOST_DELAY] = 0;
}

static int flatten(int32_t *out, const eg_flight *flight, const eg_due *due)
{
    const int32_t *order = eg_flight_order(flight);
    int n = 0;
    for (uint64_t k = 0; k < due->early_count; k++)
        out[n++] = due->early[k];
    for (uint32_t k = 0; k < due->segment_count; k++)
        for (uint32_t at = 0; at < due->segment[k].count; at++) {
            const uint32_t position = due->segment[k].first + at;
            out[n++] = order ? order[position] : (int32_t)position;
        }
    assert_int_equal(n, due->count);
    return n;
}

/* Random spikes; every `swap` steps the flight is taken down and made anew from what is left.
 */
static void compare(uint32_t seed, bool varied, int swap)
{
    static struct naive naive;
    struct network n;
    engram_error err;
    eg_flight *flight;
    int delivered = 0;
    memset(&naive, 0, sizeof naive);
    make(&n, seed, varied);
    assert_ok(eg_flight_new(&flight, &n.plan, engram_default_alloc(), &err), &err);
    for (int step = 0; step < STEPS; step++) {
        int32_t event[SOURCES], got[ROOM];
        int count = 0;
        for (int32_t k = 0; k < SOURCES; k++)
            if (draw(&seed, 3) == 0)
                event[count++] = k;
        if (swap && step % swap == swap - 1) {
            eg_pending pending;
            assert_ok(eg_flight_pending(&pending, flight, &err), &err);
            eg_flight_free(flight);
            n.plan.pending = &pending;
            assert_ok(eg_flight_new(&flight, &n.plan, engram_default_alloc(), &err), &err);
            eg_pending_clear(&pending, engram_default_alloc());
            n.plan.pending = NULL;
        }
        eg_due due;
        naive_push(&naive, &n, event, count);
        assert_ok(eg_flight_step(flight, event, (uint32_t)count, &due, &err), &err);
        const int wanted = flatten(got, flight, &due);
        assert_int_equal(wanted, naive.count[0]);
        assert_memory_equal(got, naive.list[0], (size_t)wanted * sizeof *got);
        delivered += wanted;
        naive_next(&naive);
    }
    assert_true(delivered > STEPS);
    eg_flight_free(flight);
}

static void test_order_is_brian2s(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed < 20; seed++) {
        compare(seed, true, 0);
        compare(seed, false, 0);
    }
}

static void test_pending_spikes_survive(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed < 20; seed++) {
        compare(seed, true, 1 + (int)seed % 9);
        compare(seed, false, 2);
    }
}

static void test_delays_round_as_the_reference(void **state)
{
    (void)state;
    /* (int)(0.00025/0.0001 + 0.5) is 3. */
    const int32_t source[] = {0};
    const double delay[] = {0.00025};
    const eg_flight_plan plan = {.name = "p",
                                 .source = source,
                                 .synapses = 1,
                                 .source_count = 1,
                                 .delay = delay,
                                 .delay_count = 1,
                                 .dt = 1e-4,
                                 .stop = 1};
    engram_error err;
    eg_flight *flight;
    assert_ok(eg_flight_new(&flight, &plan, engram_default_alloc(), &err), &err);
    for (int step = 0; step < 5; step++) {
        eg_due due;
        const int32_t spike = 0;
        assert_ok(eg_flight_step(flight, &spike, step == 0, &due, &err), &err);
        assert_int_equal(due.count, step == 3);
    }
    eg_flight_free(flight);
}

static void refuse(struct network *n, const char *part)
{
    engram_error err;
    eg_flight *flight;
    assert_int_equal(eg_flight_new(&flight, &n->plan, engram_default_alloc(), &err),
                     ENGRAM_E_LIMIT);
    assert_null(flight);
    assert_string_contains(err.message, part);
}

static void test_refusals(void **state)
{
    (void)state;
    struct network n;
    int32_t steps[] = {0, 2, 1}, synapse[] = {0, 1, 2};
    const eg_pending pending = {steps, synapse, 3};
    make(&n, 1, true);
    n.delay[5] = -1e-3;
    refuse(&n, "S_pre: a delay of -0.001 s (synapse 5)");
    make(&n, 1, true);
    n.delay[5] = 1e9;
    refuse(&n, "S_pre: a delay of 1e+09 s");
    make(&n, 1, true);
    n.source[7] = SOURCES;
    refuse(&n, "synapse 7 starts at element 7 of 7");
    make(&n, 1, true);
    n.plan.pending = &pending;
    refuse(&n, "event 2 in flight");
    steps[1] = 0;
    synapse[2] = SYNAPSES;
    refuse(&n, "synapse 60 of 60");
}

static void test_no_synapses(void **state)
{
    (void)state;
    struct network n;
    engram_error err;
    eg_flight *flight;
    eg_due due;
    const int32_t event[] = {1, 2};
    make(&n, 1, true);
    n.plan.synapses = n.plan.delay_count = 0;
    assert_ok(eg_flight_new(&flight, &n.plan, engram_default_alloc(), &err), &err);
    assert_ok(eg_flight_step(flight, event, 2, &due, &err), &err);
    assert_int_equal(due.count, 0);
    eg_flight_free(flight);
}

static void test_memory_runs_out(void **state)
{
    (void)state;
    struct network n;
    int32_t steps[] = {1}, synapse[] = {0};
    const eg_pending pending = {steps, synapse, 1};
    make(&n, 3, true);
    n.plan.pending = &pending;
    engram_status status = ENGRAM_E_MEMORY;
    for (size_t nth = 0; status == ENGRAM_E_MEMORY; nth++) {
        struct check_alloc alloc;
        engram_error err;
        eg_flight *flight = NULL;
        eg_due due;
        eg_pending left = {0};
        const int32_t event[] = {1, 3, 4};
        check_alloc_init(&alloc, nth);
        status = eg_flight_new(&flight, &n.plan, &alloc.alloc, &err);
        for (int step = 0; !status && step < 3; step++)
            status = eg_flight_step(flight, event, 3, &due, &err);
        if (!status)
            status = eg_flight_pending(&left, flight, &err);
        eg_pending_clear(&left, &alloc.alloc);
        eg_flight_free(flight);
        assert_int_equal(alloc.live, 0);
    }
    assert_int_equal(status, ENGRAM_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_is_brian2s),
        cmocka_unit_test(test_pending_spikes_survive),
        cmocka_unit_test(test_delays_round_as_the_reference),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_no_synapses),
        cmocka_unit_test(test_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
