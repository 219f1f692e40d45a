/* Threads share out elements and targets, and nothing of the result depends on how many. */
#include "exec/flush.h"
#include "sim/flight.h"
#include "sim/pool.h"
#include "support/check.h"

#include <fenv.h>

enum { MANY = 4, PIECES = 1000 };

typedef struct tally {
    uint64_t sum[MANY]; /* each its own */
    const uint64_t *given;
    int rounding[MANY];
    bool flush[MANY];
} tally;

static void add(void *context, uint32_t worker)
{
    tally *t = context;
    t->sum[worker] += *t->given;
    t->rounding[worker] = fegetround();
    t->flush[worker] = eg_flush_get();
}

static void test_each_worker_does_each_piece_once(void **state)
{
    (void)state;
    for (uint32_t threads = 1; threads <= MANY; threads++) {
        engram_error err = {0};
        eg_pool *pool;
        uint64_t given = 0;
        tally t = {.given = &given};
        assert_ok(eg_pool_new(&pool, threads, engram_default_alloc(), &err), &err);
        for (given = 1; given <= PIECES; given++)
            eg_pool_run(pool, add, &t);
        for (uint32_t w = 0; w < MANY; w++)
            assert_int_equal(t.sum[w], w < threads ? PIECES * (PIECES + 1) / 2 : 0);
        eg_pool_free(pool);
    }
    eg_pool_free(NULL);
}

/* The caller's own environment is not the threads'. */
static void test_workers_have_the_default_environment(void **state)
{
    (void)state;
    engram_error err = {0};
    eg_pool *pool;
    const uint64_t given = 1;
    tally t = {.given = &given};
    fesetround(FE_UPWARD);
    assert_ok(eg_pool_new(&pool, MANY, engram_default_alloc(), &err), &err);
    eg_pool_run(pool, add, &t);
    fesetround(FE_TONEAREST);
    for (uint32_t w = 1; w < MANY; w++)
        assert_int_equal(t.rounding[w], FE_TONEAREST);
    eg_pool_free(pool);
}

/* But for this: a step's threads compute as the one that runs it. */
static void test_workers_flush_as_the_caller_does(void **state)
{
    (void)state;
    engram_error err = {0};
    eg_pool *pool;
    const uint64_t given = 1;
    tally t = {.given = &given};
    assert_ok(eg_pool_new(&pool, MANY, engram_default_alloc(), &err), &err);
    for (int k = 0; k < 4; k++) {
        eg_flush_set(k % 2);
        const bool flush = eg_flush_get(); /* false where there is no such mode */
        eg_pool_run(pool, add, &t);
        eg_flush_set(false);
        for (uint32_t w = 0; w < MANY; w++)
            assert_int_equal(t.flush[w], flush);
    }
    eg_pool_free(pool);
}

static void test_memory_runs_out(void **state)
{
    (void)state;
    engram_error err = {0};
    struct check_alloc alloc;
    engram_status status = ENGRAM_E_MEMORY;
    for (uint64_t n = 0; status == ENGRAM_E_MEMORY; n++) {
        eg_pool *pool;
        check_alloc_init(&alloc, n);
        status = eg_pool_new(&pool, 2, &alloc.alloc, &err);
        eg_pool_free(pool);
        assert_int_equal(alloc.live, 0);
    }
    assert_ok(status, &err);
}

/* Segments: by element listened to, then by age. */
static void test_segments_end_where_element_or_age_changes(void **state)
{
    (void)state;
    engram_error err = {0};
    static const int32_t source[] = {2, 0, 2, 0, 2, 2};
    static const double delay[] = {0, 1e-4, 0, 1e-4, 2e-4, 0}, none = 0;
    eg_flight *queue;
    eg_flight_plan plan = {.name = "p",
                           .source = source,
                           .synapses = 6,
                           .source_count = 4,
                           .delay = delay,
                           .delay_count = 6,
                           .dt = 1e-4,
                           .stop = 4};
    assert_ok(eg_flight_new(&queue, &plan, engram_default_alloc(), &err), &err);
    static const uint32_t ends[] = {2, 2, 5, 5, 5, 6};
    for (uint32_t k = 0; k < 6; k++)
        assert_int_equal(eg_flight_segment_end(queue, k), ends[k]);
    eg_flight_free(queue);
    plan.delay = &none;
    plan.delay_count = 1;
    assert_ok(eg_flight_new(&queue, &plan, engram_default_alloc(), &err), &err);
    for (uint32_t k = 0; k < 6; k++)
        assert_int_equal(eg_flight_segment_end(queue, k), k < 2 ? 2 : 6);
    eg_flight_free(queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_worker_does_each_piece_once),
        cmocka_unit_test(test_workers_have_the_default_environment),
        cmocka_unit_test(test_workers_flush_as_the_caller_does),
        cmocka_unit_test(test_memory_runs_out),
        cmocka_unit_test(test_segments_end_where_element_or_age_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
