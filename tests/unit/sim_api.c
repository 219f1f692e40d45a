/* The public way: open, build, advance, look, finish; what it refuses; what it does without
 * memory. The network is tests/golden/chain.mpk: eight neurons, each hands its spike on. */
#include "engram/engram.h"
#include "engram/plugin_abi.h"
#include "support/check.h"

#include <fenv.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static engram_model *open_chain(void)
{
    engram_model *model;
    engram_error err;
    assert_ok(engram_model_open(&model, check_data_path("golden/chain.mpk"), NULL, &err), &err);
    return model;
}

static engram_sim *build(const engram_model *model, const engram_sim_options *options)
{
    engram_sim *sim;
    engram_error err;
    assert_ok(engram_sim_build(&sim, model, options, &err), &err);
    return sim;
}

static void test_describe(void **state)
{
    (void)state;
    engram_model *model = open_chain();
    engram_error err;
    engram_model_info info = ENGRAM_MODEL_INFO_INIT;
    engram_model_describe(model, &info);
    assert_int_equal(info.runs, 2);
    assert_int_equal(info.neurons, 8);
    assert_int_equal(info.objects, 6);
    assert_string_equal(info.origin, "export");
    assert_int_equal(strlen(info.digest), 32);
    assert_true(info.dt == 1e-4);
    engram_object object = ENGRAM_OBJECT_INIT;
    assert_ok(engram_model_object(model, 1, &object, &err), &err);
    assert_int_equal(object.kind, ENGRAM_OBJECT_SYNAPSES);
    assert_string_equal(object.target, "P");
    assert_int_equal(engram_model_object(model, 6, &object, &err), ENGRAM_E_ARGUMENT);
    /* A caller that knows less gets less. */
    struct {
        size_t size;
        const char *name, *origin;
    } old = {.size = sizeof old};
    engram_model_describe(model, (engram_model_info *)(void *)&old);
    assert_string_equal(old.origin, "export");
    engram_model_close(model);
}

/* Spikes of the whole protocol as text, in portions of `steps`. */
static void trace(char *out, size_t size, const engram_sim_options *options, uint64_t steps)
{
    engram_model *model = open_chain();
    engram_sim *sim = build(model, options);
    engram_progress at = ENGRAM_PROGRESS_INIT;
    engram_error err;
    size_t used = 0;
    out[0] = '\0';
    while (!at.finished) {
        assert_ok(engram_sim_advance(sim, steps, &at, &err), &err);
        const int32_t *index;
        uint64_t count;
        assert_ok(engram_sim_spikes(sim, "P", NULL, &index, &count, &err), &err);
        for (uint64_t k = 0; steps == 1 && k < count; k++)
            used += (size_t)snprintf(out + used, size - used, "%d@%llu ", index[k],
                                     (unsigned long long)at.total);
    }
    engram_summary summary = ENGRAM_SUMMARY_INIT;
    assert_ok(engram_sim_finish(sim, &summary, &err), &err);
    assert_int_equal(summary.complete, 1);
    assert_int_equal(summary.steps, 303);
    assert_int_equal(summary.spikes, 16);
    assert_int_equal(summary.events, 14);
    assert_int_equal(summary.synapses, 7);
    assert_string_equal(summary.populations[0].name, "P");
    engram_sim_free(sim);
    engram_model_close(model);
}

static void test_a_spike_runs_down_the_chain(void **state)
{
    (void)state;
    char strict[512], fast[512], rest[512];
    engram_sim_options options = ENGRAM_SIM_OPTIONS_INIT;
    trace(fast, sizeof fast, NULL, 1);
    options.math = ENGRAM_MATH_STRICT;
    trace(strict, sizeof strict, &options, 1);
    trace(rest, sizeof rest, &options, 1000);
    assert_string_equal(strict, fast);
    /* Threshold in step 68 (the 69th); 0.5 ms of delay and one step to cross each. */
    assert_string_contains(strict, "0@69 1@75 2@81 3@87 4@93 5@99 6@105 7@111 0@138 ");
}

/* A run that brings code and state of its own: neuron 3 stands above the threshold, and nothing
 * but the threshold is run. */
static void test_a_run_with_its_own_code_and_state(void **state)
{
    (void)state;
    engram_model *model;
    engram_error err;
    assert_ok(engram_model_open(&model, check_data_path("golden/changed.mpk"), NULL, &err),
              &err);
    engram_sim *sim = build(model, NULL);
    engram_progress at = ENGRAM_PROGRESS_INIT;
    while (!at.run_ended)
        assert_ok(engram_sim_advance(sim, 1000, &at, &err), &err);
    uint64_t spikes = 0;
    while (!at.finished) {
        const int32_t *index;
        uint64_t count;
        assert_ok(engram_sim_advance(sim, 1, &at, &err), &err);
        assert_ok(engram_sim_spikes(sim, "P", NULL, &index, &count, &err), &err);
        assert_int_equal(count, 1);
        assert_int_equal(index[0], 3);
        spikes += count;
    }
    assert_int_equal(spikes, 100);
    engram_sim_free(sim);
    engram_model_close(model);
}

static void test_fields_of_a_newer_minor_version(void **state)
{
    (void)state;
    engram_model *model;
    engram_error err;
    assert_ok(engram_model_open(&model, check_data_path("golden/newer-minor.mpk"), NULL, &err),
              &err);
    assert_string_contains(engram_model_ignored(model, 0), "colour");
    assert_null(engram_model_ignored(model, 1));
    engram_model_close(model);
}

static void test_progress_and_runs(void **state)
{
    (void)state;
    engram_model *model = open_chain();
    engram_sim *sim = build(model, NULL);
    engram_progress at = ENGRAM_PROGRESS_INIT;
    engram_error err;
    assert_ok(engram_sim_advance(sim, 100, &at, &err), &err);
    assert_int_equal(at.run, 0);
    assert_int_equal(at.step, 100);
    assert_int_equal(at.steps, 203);
    assert_false(at.run_ended || at.finished);
    assert_ok(engram_sim_advance(sim, 1000, &at, &err), &err); /* not beyond the run */
    assert_int_equal(at.step, 203);
    assert_true(at.run_ended && !at.finished && at.run == 0);
    assert_true(at.t == 0.0203);
    assert_ok(engram_sim_advance(sim, 1000, &at, &err), &err);
    assert_true(at.run_ended && at.finished && at.run == 1);
    assert_int_equal(at.total, 303);
    assert_ok(engram_sim_advance(sim, 1, &at, &err), &err); /* nothing left */
    assert_int_equal(at.total, 303);
    engram_summary summary = ENGRAM_SUMMARY_INIT;
    assert_ok(engram_sim_finish(sim, &summary, &err), &err);
    assert_int_equal(engram_sim_finish(sim, NULL, &err), ENGRAM_E_STATE);
    assert_int_equal(engram_sim_advance(sim, 1, NULL, &err), ENGRAM_E_STATE);
    engram_sim_free(sim);
    engram_model_close(model);
}

static void test_variables(void **state)
{
    (void)state;
    engram_model *model = open_chain();
    engram_sim *sim = build(model, NULL);
    engram_error err;
    engram_variable v = ENGRAM_VARIABLE_INIT;
    assert_ok(engram_sim_variable(sim, "P", "v", &v, &err), &err);
    assert_int_equal(v.count, 8);
    assert_int_equal(v.dtype, ENGRAM_F64);
    assert_true(v.writable && v.dim[0] == 2 && v.dim[3] == -1);
    ((double *)v.data)[5] = 1.0; /* neuron 5 spikes in the first step */
    assert_ok(engram_sim_advance(sim, 1, NULL, &err), &err);
    const int32_t *index;
    uint64_t count;
    assert_ok(engram_sim_spikes(sim, "P", "spike", &index, &count, &err), &err);
    assert_int_equal(count, 1);
    assert_int_equal(index[0], 5);
    assert_ok(engram_sim_variable(sim, "S", "j", &v, &err), &err);
    assert_false(v.writable);
    assert_int_equal(((const int32_t *)v.data)[6], 7);
    assert_ok(engram_sim_variable(sim, "S_pre", "delay", &v, &err), &err);
    assert_true(v.scalar && !v.writable && *(const double *)v.data == 5e-4);
    assert_int_equal(engram_sim_variable(sim, "P", "w", &v, &err), ENGRAM_E_REFERENCE);
    assert_string_contains(err.message, "P.w");
    const uint64_t all = engram_sim_variable_count(sim);
    const char *last = "";
    for (uint64_t k = 0; k < all; k++) {
        assert_ok(engram_sim_variable_at(sim, k, &v, &err), &err);
        assert_true(strcmp(last, v.object) <= 0);
        assert_int_not_equal(v.name[0], '_');
        last = v.object;
    }
    assert_int_equal(engram_sim_variable_at(sim, all, &v, &err), ENGRAM_E_ARGUMENT);
    assert_int_equal(engram_sim_spikes(sim, "Q", NULL, &index, &count, &err),
                     ENGRAM_E_REFERENCE);
    assert_int_equal(engram_sim_spikes(sim, "P", "bell", &index, &count, &err),
                     ENGRAM_E_REFERENCE);
    engram_sim_free(sim);
    engram_model_close(model);
}

/* Weights that a host changes act, whatever order of delivery they were brought into. */
static void test_weights_can_be_written(void **state)
{
    (void)state;
    engram_model *model = open_chain();
    engram_sim *sim = build(model, NULL);
    engram_error err;
    engram_variable w = ENGRAM_VARIABLE_INIT;
    assert_ok(engram_sim_variable(sim, "S", "w", &w, &err), &err);
    ((double *)w.data)[0] = 0.0; /* the chain is cut behind neuron 0 */
    engram_progress at = ENGRAM_PROGRESS_INIT;
    while (!at.finished)
        assert_ok(engram_sim_advance(sim, 50, &at, &err), &err);
    engram_summary summary = ENGRAM_SUMMARY_INIT;
    assert_ok(engram_sim_finish(sim, &summary, &err), &err);
    assert_int_equal(summary.spikes, 2);
    engram_sim_free(sim);
    engram_model_close(model);
}

static void refuse(const engram_model *model, engram_sim_options options, engram_status status,
                   const char *part)
{
    engram_sim *sim;
    engram_error err;
    assert_int_equal(engram_sim_build(&sim, model, &options, &err), status);
    assert_null(sim);
    assert_string_contains(err.message, part);
}

static void test_refusals(void **state)
{
    (void)state;
    engram_model *model = open_chain();
    engram_sim_options o = ENGRAM_SIM_OPTIONS_INIT;
    o.threads = 65;
    refuse(model, o, ENGRAM_E_ARGUMENT, "65 threads, wanted 1 to 64");
    o.threads = 1;
    o.isa = "mmx";
    refuse(model, o, ENGRAM_E_UNSUPPORTED, "mmx");
    o.isa = "a name that is far too long";
    refuse(model, o, ENGRAM_E_ARGUMENT, "instruction set");
    o.isa = NULL;
    o.rng = "dice";
    refuse(model, o, ENGRAM_E_ARGUMENT, "\"dice\"");
    o.rng = NULL;
    o.seed = INT64_C(1) << 40;
    refuse(model, o, ENGRAM_E_ARGUMENT, "seed 1099511627776");
    o.seed = 1;
    o.last_duration = 1e17;
    refuse(model, o, ENGRAM_E_ARGUMENT, "a duration of 1e+17 s");
    engram_model_close(model);
    engram_error err;
    assert_int_equal(engram_model_open(&model, "/nowhere/x.mpk", NULL, &err), ENGRAM_E_IO);
    assert_null(model);
}

static void test_the_callers_rounding_is_left_alone(void **state)
{
    (void)state;
    engram_model *model = open_chain();
    engram_error err;
    fesetround(FE_UPWARD);
    engram_sim *sim = build(model, NULL);
    assert_ok(engram_sim_advance(sim, 10, NULL, &err), &err);
    assert_int_equal(fegetround(), FE_UPWARD);
    fesetround(FE_TONEAREST);
    engram_sim_free(sim);
    engram_model_close(model);
}

/* With a results file the same calls need the HDF5 part; what fails leaves nothing behind. */
static engram_status whole(const engram_alloc *alloc, const char *results, engram_error *err)
{
    engram_model_options model_options = ENGRAM_MODEL_OPTIONS_INIT;
    engram_sim_options options = ENGRAM_SIM_OPTIONS_INIT;
    engram_model *model;
    engram_sim *sim = NULL;
    model_options.alloc = alloc;
    options.results = results;
    engram_status status =
        engram_model_open(&model, check_data_path("golden/chain.mpk"), &model_options, err);
    if (!status)
        status = engram_sim_build(&sim, model, &options, err);
    engram_progress at = ENGRAM_PROGRESS_INIT;
    while (!status && !at.finished)
        status = engram_sim_advance(sim, 40, &at, err);
    if (!status)
        status = engram_sim_finish(sim, NULL, err);
    engram_sim_free(sim);
    engram_model_close(model);
    return status;
}

static void test_memory_runs_out(void **state)
{
    (void)state;
    engram_status status = ENGRAM_E_MEMORY;
    for (size_t n = 0; status == ENGRAM_E_MEMORY; n++) {
        struct check_alloc alloc;
        engram_error err;
        check_alloc_init(&alloc, n);
        status = whole(&alloc.alloc, NULL, &err);
        assert_int_equal(alloc.live, 0);
        if (status != ENGRAM_E_MEMORY)
            assert_ok(status, &err);
    }
}

static void test_memory_runs_out_with_results(void **state)
{
    (void)state;
    char target[512], partial[600];
    snprintf(target, sizeof target, "%s/chain.h5", check_temp_dir());
    snprintf(partial, sizeof partial, "%s.partial", target);
    engram_status status = ENGRAM_E_MEMORY;
    for (size_t n = 0; status == ENGRAM_E_MEMORY; n += 3) { /* all of them take long */
        struct check_alloc alloc;
        engram_error err;
        check_alloc_init(&alloc, n);
        status = whole(&alloc.alloc, target, &err);
        assert_int_equal(alloc.live, 0);
        assert_int_not_equal(access(partial, F_OK), 0);
        assert_int_equal(access(target, F_OK) == 0, status == ENGRAM_OK);
        if (status != ENGRAM_E_MEMORY)
            assert_ok(status, &err);
    }
}

static void test_results_that_cannot_be_written(void **state)
{
    (void)state;
    engram_error err;
    assert_int_equal(whole(engram_default_alloc(), "/nowhere/r.h5", &err), ENGRAM_E_IO);
    assert_string_contains(err.message, "/nowhere");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_describe),
        cmocka_unit_test(test_a_spike_runs_down_the_chain),
        cmocka_unit_test(test_a_run_with_its_own_code_and_state),
        cmocka_unit_test(test_fields_of_a_newer_minor_version),
        cmocka_unit_test(test_progress_and_runs),
        cmocka_unit_test(test_variables),
        cmocka_unit_test(test_weights_can_be_written),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_the_callers_rounding_is_left_alone),
        cmocka_unit_test(test_memory_runs_out),
        cmocka_unit_test(test_memory_runs_out_with_results),
        cmocka_unit_test(test_results_that_cannot_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
