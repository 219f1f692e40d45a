/* A network in the caller's memory: lent arrays, kept records, calls in the schedule, and what
 * a host takes back. The networks are tests/golden/{chain,operation}.mpk. */
#include "engram/engram.h"
#include "exec/flush.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
    char *data;
    size_t size;
};

static struct bytes read_file(const char *name)
{
    FILE *file = fopen(check_data_path(name), "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    struct bytes b = {.size = (size_t)ftell(file)};
    rewind(file);
    b.data = malloc(b.size);
    assert_non_null(b.data);
    assert_int_equal(fread(b.data, 1, b.size, file), b.size);
    fclose(file);
    return b;
}

static engram_model *open_bytes(const struct bytes *b)
{
    engram_model *model;
    engram_error err;
    assert_ok(engram_model_open_bytes(&model, b->data, b->size, NULL, &err), &err);
    return model;
}

static void run_all(engram_sim *sim)
{
    engram_progress at = ENGRAM_PROGRESS_INIT;
    engram_error err;
    while (!at.finished)
        assert_ok(engram_sim_advance(sim, 37, &at, &err), &err);
}

/* The chain as arrays: neuron k to k + 1, the first is driven. */
struct arrays {
    double v[8], drive[8], w[7];
    int32_t pre[7], post[7];
};

static void lend(engram_model *model, struct arrays *a)
{
    engram_error err;
    *a = (struct arrays){.drive = {0.02}};
    for (int k = 0; k < 7; k++) {
        a->w[k] = 0.011;
        a->pre[k] = k;
        a->post[k] = k + 1;
    }
    assert_ok(engram_model_lend(model, "P", "v", ENGRAM_F64, 8, a->v, &err), &err);
    assert_ok(engram_model_lend(model, "P", "drive", ENGRAM_F64, 8, a->drive, &err), &err);
    assert_ok(engram_model_lend(model, "S", "w", ENGRAM_F64, 7, a->w, &err), &err);
    assert_ok(engram_model_lend(model, "S", "_synaptic_pre", ENGRAM_I32, 7, a->pre, &err),
              &err);
    assert_ok(engram_model_lend(model, "S", "_synaptic_post", ENGRAM_I32, 7, a->post, &err),
              &err);
}

static void test_lent_arrays_change_in_place(void **state)
{
    (void)state;
    struct bytes b = read_file("golden/chain.mpk");
    engram_model *model = open_bytes(&b);
    struct arrays a;
    engram_error err;
    lend(model, &a);
    engram_sim_options options = ENGRAM_SIM_OPTIONS_INIT;
    options.flags = ENGRAM_SIM_KEEP;
    engram_sim *sim;
    assert_ok(engram_sim_build(&sim, model, &options, &err), &err);
    assert_int_equal(engram_model_lend(model, "P", "v", ENGRAM_F64, 8, a.v, &err),
                     ENGRAM_E_STATE);
    engram_variable v = ENGRAM_VARIABLE_INIT;
    assert_ok(engram_sim_variable(sim, "P", "v", &v, &err), &err);
    assert_ptr_equal(v.data, a.v);
    run_all(sim);
    assert_true(a.v[0] > 0);
    engram_recorded r = ENGRAM_RECORDED_INIT;
    assert_ok(engram_sim_recorded(sim, "spikes", &r, &err), &err);
    assert_int_equal(r.kind, ENGRAM_RECORDED_SPIKES);
    assert_int_equal(r.records, 29); /* driven in both runs: the fourth wave is on its way */
    assert_int_equal(r.i[7], 7);
    assert_int_equal(r.count[7], 3);
    assert_true(r.t[0] == 68 * 1e-4);
    assert_ok(engram_sim_recorded(sim, "traces", &r, &err), &err);
    assert_int_equal(r.records, 303);
    assert_int_equal(r.rows, 8);
    assert_null(r.i);
    const char *name;
    engram_dtype dtype;
    const void *data;
    assert_ok(engram_sim_recorded_column(sim, "traces", 0, &name, &dtype, &data, &err), &err);
    assert_string_equal(name, "v");
    assert_int_equal(dtype, ENGRAM_F64);
    assert_true(((const double *)data)[0] == 0 && ((const double *)data)[8] > 0);
    assert_int_equal(engram_sim_recorded_column(sim, "traces", 1, &name, &dtype, &data, &err),
                     ENGRAM_E_ARGUMENT);
    assert_int_equal(engram_sim_recorded(sim, "bells", &r, &err), ENGRAM_E_REFERENCE);
    engram_sim_free(sim);
    engram_model_close(model);
    free(b.data);
}

static void test_what_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct bytes b = read_file("golden/chain.mpk");
    struct arrays a;
    engram_error err;
    engram_sim *sim;
    engram_model *model = open_bytes(&b);
    lend(model, &a);
    assert_int_equal(engram_model_lend(model, "P", "v", ENGRAM_F64, 8, NULL, &err),
                     ENGRAM_E_ARGUMENT);
    assert_ok(engram_model_lend(model, "P", "v", ENGRAM_F64, 7, a.v, &err), &err);
    assert_int_equal(engram_sim_build(&sim, model, NULL, &err), ENGRAM_E_SCHEMA);
    assert_string_contains(err.message, "P.v has 7 elements, the variable has 8");
    engram_model_close(model);
    model = open_bytes(&b);
    lend(model, &a);
    a.post[3] = 8; /* leads out of P */
    assert_int_equal(engram_sim_build(&sim, model, NULL, &err), ENGRAM_E_LIMIT);
    assert_string_contains(err.message, "element 8 of P.v, which has 8");
    engram_model_close(model);
    b.data[b.size / 2] ^= 0x55;
    assert_int_not_equal(engram_model_open_bytes(&model, b.data, b.size, NULL, &err), 0);
    assert_string_contains(err.message, "(memory)");
    free(b.data);
}

static void test_spikes_in_flight_are_handed_out(void **state)
{
    (void)state;
    struct bytes b = read_file("golden/chain.mpk");
    engram_model *model = open_bytes(&b);
    struct arrays a;
    engram_error err;
    engram_sim *sim;
    const int32_t *steps, *synapse;
    uint64_t count;
    lend(model, &a);
    a.v[2] = 1.0;
    engram_sim_options options = ENGRAM_SIM_OPTIONS_INIT;
    assert_ok(engram_sim_build(&sim, model, &options, &err), &err);
    assert_int_equal(engram_sim_pending(sim, "S_pre", &steps, &synapse, &count, &err),
                     ENGRAM_E_STATE);
    engram_progress at = ENGRAM_PROGRESS_INIT;
    while (!at.run_ended)
        assert_ok(engram_sim_advance(sim, 1000, &at, &err), &err);
    assert_ok(engram_sim_pending(sim, "S_pre", &steps, &synapse, &count, &err), &err);
    for (uint64_t k = 0; k < count; k++)
        assert_true(steps[k] >= 0 && steps[k] < 5 && synapse[k] >= 0 && synapse[k] < 7);
    assert_ok(engram_sim_pending(sim, "other", &steps, &synapse, &count, &err), &err);
    assert_int_equal(count, 0);
    static engram_random random;
    random.size = sizeof random;
    engram_sim_random(sim, &random);
    assert_true(random.position <= 624);
    assert_int_equal(random.next_uniform, 0);
    random.words[5] = 77;
    random.position = 9;
    random.next_normal = 3;
    random.uniforms = random.normals = NULL;
    assert_int_equal(engram_sim_set_random(sim, &random, &err), ENGRAM_E_ARGUMENT);
    assert_string_contains(err.message, "goes on at 3 and is missing");
    engram_sim_random(sim, &random); /* as it was */
    assert_int_not_equal(random.position, 9);
    static double normals[20000] = {0.5};
    random.words[5] = 77;
    random.position = 9;
    random.has_gauss = 1;
    random.gauss = -0.25;
    random.normals = normals;
    random.next_normal = 3;
    assert_ok(engram_sim_set_random(sim, &random, &err), &err);
    memset(random.words, 0, sizeof random.words);
    engram_sim_random(sim, &random);
    assert_true(random.words[5] == 77 && random.position == 9 && random.has_gauss == 1);
    assert_true(random.gauss == -0.25 && random.next_normal == 3 && random.normals[0] == 0.5);
    assert_true(random.normals != normals);
    random.position = 625;
    assert_int_equal(engram_sim_set_random(sim, &random, &err), ENGRAM_E_ARGUMENT);
    engram_sim_free(sim);
    options.rng = "philox";
    options.seed = 1;
    assert_ok(engram_sim_build(&sim, model, &options, &err), &err);
    assert_int_equal(engram_sim_set_random(sim, &random, &err), ENGRAM_E_STATE);
    engram_sim_free(sim);
    engram_model_close(model);
    free(b.data);
}

static void test_events_are_shown_and_time_is_taken(void **state)
{
    (void)state;
    struct bytes b = read_file("golden/chain.mpk");
    engram_model *model = open_bytes(&b);
    struct arrays a;
    int32_t space[9] = {0};
    engram_error err;
    engram_sim *sim;
    const char *object;
    double seconds, all = 0;
    lend(model, &a);
    a.v[5] = 1.0;
    assert_ok(engram_model_lend(model, "P", "_spikespace", ENGRAM_I32, 9, space, &err), &err);
    engram_sim_options options = ENGRAM_SIM_OPTIONS_INIT;
    assert_ok(engram_sim_build(&sim, model, &options, &err), &err);
    assert_int_equal(engram_sim_spent(sim, 0, &object, &seconds, &err), ENGRAM_E_STATE);
    assert_ok(engram_sim_advance(sim, 1, NULL, &err), &err);
    assert_int_equal(space[8], 1);
    assert_int_equal(space[0], 5);
    assert_ok(engram_sim_advance(sim, 1, NULL, &err), &err);
    assert_int_equal(space[8], 0);
    engram_sim_free(sim);
    options.flags = ENGRAM_SIM_PROFILE;
    assert_ok(engram_sim_build(&sim, model, &options, &err), &err);
    run_all(sim);
    uint64_t objects = 0;
    assert_ok(engram_sim_spent(sim, 0, &object, &seconds, &err), &err);
    for (; object; all += seconds)
        assert_ok(engram_sim_spent(sim, ++objects, &object, &seconds, &err), &err);
    assert_true(objects >= 3 && all > 0);
    engram_sim_free(sim);
    engram_model_close(model);
    model = open_bytes(&b);
    lend(model, &a);
    assert_ok(engram_model_lend(model, "P", "_spikespace", ENGRAM_I32, 8, space, &err), &err);
    assert_int_equal(engram_sim_build(&sim, model, &options, &err), ENGRAM_E_SCHEMA);
    assert_string_contains(err.message, "P._spikespace is lent as int32 [8]");
    engram_model_close(model);
    free(b.data);
}

/* ---- calls ----------------------------------------------------------------------------------
 */

struct caller {
    engram_sim *sim;
    int calls, stop_at, fail_at;
    double last;
};

static int kick(void *context, const char *operation, double t)
{
    struct caller *c = context;
    assert_false(eg_flush_get()); /* whatever the engine does with its own numbers */
    assert_string_equal(operation, "kick");
    assert_true(t == c->calls * 1e-4 || c->calls > 203);
    c->last = t;
    if (c->calls == 10) {
        engram_variable v = ENGRAM_VARIABLE_INIT;
        engram_error err;
        assert_ok(engram_sim_variable(c->sim, "P", "v", &v, &err), &err);
        ((double *)v.data)[6] = 1.0;
    }
    c->calls++;
    return c->calls == c->fail_at ? -1 : c->calls == c->stop_at;
}

static engram_model *open_operation(struct bytes *b)
{
    *b = read_file("golden/operation.mpk");
    return open_bytes(b);
}

static void test_operations(void **state)
{
    (void)state;
    struct bytes b;
    engram_model *model = open_operation(&b);
    engram_error err;
    struct caller c = {.stop_at = 50};
    engram_sim_options options = ENGRAM_SIM_OPTIONS_INIT;
    assert_int_equal(engram_sim_build(&c.sim, model, &options, &err), ENGRAM_E_UNSUPPORTED);
    assert_string_contains(err.message, "kick");
    options.flags = ENGRAM_SIM_IGNORE_OPERATIONS;
    assert_ok(engram_sim_build(&c.sim, model, &options, &err), &err);
    engram_sim_free(c.sim);
    options.flags = ENGRAM_SIM_KEEP;
    options.call = kick;
    options.call_context = &c;
    assert_ok(engram_sim_build(&c.sim, model, &options, &err), &err);
    engram_progress at = ENGRAM_PROGRESS_INIT;
    assert_ok(engram_sim_advance(c.sim, 1000, &at, &err), &err);
    assert_true(at.stopped && at.run_ended && !at.finished);
    assert_int_equal(at.step, 50); /* the step it was asked in is finished */
    assert_true(at.t == 50 * 1e-4);
    engram_recorded r = ENGRAM_RECORDED_INIT;
    assert_ok(engram_sim_recorded(c.sim, "spikes", &r, &err), &err);
    assert_int_equal(r.records, 2); /* 6 was lifted in step 10, 7 follows */
    assert_int_equal(r.i[0], 6);
    assert_true(r.t[0] == 10 * 1e-4);
    /* The next run goes on from where this one was stopped. */
    assert_ok(engram_sim_advance(c.sim, 1, &at, &err), &err);
    assert_true(!at.stopped && at.run == 1 && c.last == 50 * 1e-4);
    engram_sim_free(c.sim);
    engram_model_close(model);
    free(b.data);
}

static void test_needs_are_told_all_at_once(void **state)
{
    (void)state;
    struct bytes b = read_file("golden/functions.mpk");
    engram_model *model = open_bytes(&b);
    engram_need need = ENGRAM_NEED_INIT;
    engram_model_need(model, 0, &need);
    assert_int_equal(need.kind, ENGRAM_NEED_OPERATION);
    assert_string_equal(need.name, "kick");
    engram_model_need(model, 1, &need);
    assert_int_equal(need.kind, ENGRAM_NEED_FUNCTION);
    assert_string_equal(need.name, "looped");
    assert_string_equal(need.user, "S_pre");
    assert_string_equal(need.reason, "line 2: a loop");
    assert_int_equal(need.arguments, 1);
    engram_model_need(model, 2, &need);
    assert_null(need.name);

    engram_error err;
    engram_sim *sim;
    engram_sim_options options = ENGRAM_SIM_OPTIONS_INIT;
    assert_int_equal(engram_sim_build(&sim, model, &options, &err), ENGRAM_E_UNSUPPORTED);
    assert_string_equal(err.message,
                        "2 of its parts cannot run here: kick: a NetworkOperation, "
                        "Python code that runs in each step; looped(), called by "
                        "S_pre: no translation (line 2: a loop)");
    options.flags = ENGRAM_SIM_IGNORE_OPERATIONS;
    assert_int_equal(engram_sim_build(&sim, model, &options, &err), ENGRAM_E_UNSUPPORTED);
    assert_string_contains(err.message, "1 of its parts");
    engram_model_close(model);
    free(b.data);
}

struct looped {
    int calls, fail_at;
};

static int looped(void *context, uint64_t count, const double *const *argument, double *result)
{
    struct looped *host = context;
    assert_false(eg_flush_get());
    for (uint64_t k = 0; k < count; k++)
        result[k] = argument[0][k];
    return ++host->calls == host->fail_at;
}

static void test_functions_are_given_by_the_host(void **state)
{
    (void)state;
    for (int strict = 0; strict < 2; strict++) {
        struct bytes b = read_file("golden/functions.mpk");
        engram_model *model = open_bytes(&b);
        engram_error err;
        struct looped host = {0};
        assert_int_equal(engram_model_function(model, "none", 1, looped, &host, &err),
                         ENGRAM_E_REFERENCE);
        assert_int_equal(engram_model_function(model, "looped", 2, looped, &host, &err),
                         ENGRAM_E_ARGUMENT);
        assert_int_equal(engram_model_function(model, "looped", 1, NULL, &host, &err),
                         ENGRAM_E_ARGUMENT);
        assert_ok(engram_model_function(model, "looped", 1, looped, NULL, &err), &err);
        assert_ok(engram_model_function(model, "looped", 1, looped, &host, &err), &err);
        engram_sim *sim;
        engram_sim_options options = ENGRAM_SIM_OPTIONS_INIT;
        options.flags = ENGRAM_SIM_IGNORE_OPERATIONS | ENGRAM_SIM_KEEP;
        options.math = strict ? ENGRAM_MATH_STRICT : ENGRAM_MATH_FAST;
        assert_ok(engram_sim_build(&sim, model, &options, &err), &err);
        assert_int_equal(engram_model_function(model, "looped", 1, looped, &host, &err),
                         ENGRAM_E_STATE);
        engram_progress at = ENGRAM_PROGRESS_INIT;
        while (!at.finished)
            assert_ok(engram_sim_advance(sim, 1000, &at, &err), &err);
        assert_false(eg_flush_get());
        engram_recorded r = ENGRAM_RECORDED_INIT;
        assert_ok(engram_sim_recorded(sim, "spikes", &r, &err), &err);
        assert_true(r.records > 3 && r.i[0] == 0 && r.i[1] == 1);        /* the chain goes on */
        assert_true(host.calls > 3 && (uint64_t)host.calls < r.records); /* one a spike, late */
        engram_sim_free(sim);

        host = (struct looped){.fail_at = 2};
        assert_ok(engram_sim_build(&sim, model, &options, &err), &err);
        at = (engram_progress)ENGRAM_PROGRESS_INIT;
        assert_int_equal(engram_sim_advance(sim, 1000, &at, &err), ENGRAM_E_INTERRUPTED);
        assert_string_contains(err.message, "S_pre: function looped failed");
        engram_sim_free(sim);
        engram_model_close(model);
        free(b.data);
    }
}

static void test_an_operation_that_fails(void **state)
{
    (void)state;
    struct bytes b;
    engram_model *model = open_operation(&b);
    engram_error err;
    struct caller c = {.fail_at = 7};
    engram_sim_options options = ENGRAM_SIM_OPTIONS_INIT;
    options.call = kick;
    options.call_context = &c;
    assert_ok(engram_sim_build(&c.sim, model, &options, &err), &err);
    engram_progress at = ENGRAM_PROGRESS_INIT;
    assert_int_equal(engram_sim_advance(c.sim, 1000, &at, &err), ENGRAM_E_INTERRUPTED);
    assert_string_contains(err.message, "kick");
    assert_int_equal(at.step, 6);
    engram_summary summary = ENGRAM_SUMMARY_INIT;
    assert_ok(engram_sim_finish(c.sim, &summary, &err), &err);
    assert_int_equal(summary.complete, 0);
    engram_sim_free(c.sim);
    engram_model_close(model);
    free(b.data);
}

static void test_synapses_are_made(void **state)
{
    (void)state;
    struct bytes b = read_file("golden/chain.mpk");
    engram_model *model = open_bytes(&b);
    engram_error err;
    engram_random random = {.size = sizeof random, .position = 624, .words = {7}};
    const int32_t *source, *target;
    uint64_t count;
    assert_int_equal(engram_model_set_random(model, &random, &err), ENGRAM_E_STATE);
    engram_model_random(model, &random);
    assert_int_equal(random.words[0], 0);
    random.words[0] = 7;
    random.position = 624;
    for (int again = 0; again < 2; again++) {
        assert_ok(engram_model_connect(model, 1, &random, &source, &target, &count, &err),
                  &err);
        assert_int_equal(count, 7);
        for (int32_t k = 0; k < 7; k++) {
            assert_int_equal(source[k], k);
            assert_int_equal(target[k], k + 1);
        }
        assert_int_equal(random.words[0], 7);
        assert_int_equal(random.position, 624);
        assert_int_equal(random.next_uniform, 0);
    }
    assert_int_equal(engram_model_connect(model, 0, &random, &source, &target, &count, &err),
                     ENGRAM_E_ARGUMENT);
    assert_string_contains(err.message, "step 0 of 5 is no connect");
    assert_null(source);
    assert_int_equal(engram_model_connect(model, 5, &random, &source, &target, &count, &err),
                     ENGRAM_E_ARGUMENT);
    random.uniforms = NULL;
    random.next_uniform = 3;
    assert_int_equal(engram_model_connect(model, 1, &random, &source, &target, &count, &err),
                     ENGRAM_E_ARGUMENT);
    assert_string_contains(err.message, "missing");
    random.next_uniform = 0;
    random.position = 625;
    assert_int_equal(engram_model_connect(model, 1, &random, &source, &target, &count, &err),
                     ENGRAM_E_ARGUMENT);
    assert_int_equal(engram_model_set_random(model, &random, &err), ENGRAM_E_ARGUMENT);
    random.position = 8;
    assert_ok(engram_model_set_random(model, &random, &err), &err);
    random.position = 0;
    engram_model_random(model, &random);
    assert_int_equal(random.position, 8);
    engram_sim *sim; /* the model is as it was */
    assert_ok(engram_sim_build(&sim, model, NULL, &err), &err);
    run_all(sim);
    engram_sim_free(sim);
    engram_model_close(model);
    free(b.data);
}

static void test_memory_runs_out_of_synapses(void **state)
{
    (void)state;
    struct bytes b = read_file("golden/chain.mpk");
    engram_status status = ENGRAM_E_MEMORY;
    for (size_t n = 0; status == ENGRAM_E_MEMORY; n++) {
        struct check_alloc alloc;
        check_alloc_init(&alloc, n);
        engram_model_options options = ENGRAM_MODEL_OPTIONS_INIT;
        options.alloc = &alloc.alloc;
        engram_model *model;
        engram_error err;
        engram_random random = {.size = sizeof random, .position = 624};
        const int32_t *source = NULL, *target;
        uint64_t count;
        status = engram_model_open_bytes(&model, b.data, b.size, &options, &err);
        if (!status)
            status = engram_model_connect(model, 1, &random, &source, &target, &count, &err);
        assert_true(status ? !source : source && source[6] == 6);
        engram_model_close(model);
        assert_int_equal(alloc.live, 0);
    }
    assert_int_equal(status, ENGRAM_OK);
    free(b.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lent_arrays_change_in_place),
        cmocka_unit_test(test_synapses_are_made),
        cmocka_unit_test(test_memory_runs_out_of_synapses),
        cmocka_unit_test(test_what_does_not_fit_is_refused),
        cmocka_unit_test(test_spikes_in_flight_are_handed_out),
        cmocka_unit_test(test_events_are_shown_and_time_is_taken),
        cmocka_unit_test(test_operations),
        cmocka_unit_test(test_needs_are_told_all_at_once),
        cmocka_unit_test(test_functions_are_given_by_the_host),
        cmocka_unit_test(test_an_operation_that_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
