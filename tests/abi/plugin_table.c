/* The plugin as a host meets it: through dlopen, by its one symbol. */
#include "engram/plugin_abi.h"
#include "engram/version.h"
#include "support/check.h"

#include <dlfcn.h>
#include <string.h>

static engram_plugin_entry *load(void)
{
    engram_plugin_entry *entry = NULL;
    void *object = dlopen(PLUGIN_PATH, RTLD_NOW | RTLD_LOCAL);
    if (!object)
        print_error("%s\n", dlerror());
    assert_non_null(object);
    void *symbol = dlsym(object, ENGRAM_PLUGIN_SYMBOL);
    assert_non_null(symbol);
    memcpy(&entry, &symbol, sizeof entry);
    return entry;
}

static const engram_plugin *table(void)
{
    engram_error err = {0};
    const engram_plugin *engine = load()(ENGRAM_PLUGIN_ABI, &err);
    assert_non_null(engine);
    return engine;
}

static void the_version_it_was_made_for_gets_a_whole_table(void **state)
{
    (void)state;
    const engram_plugin *engine = table();
    assert_int_equal(engine->abi, ENGRAM_PLUGIN_ABI);
    assert_int_equal(engine->reserved, 0);
    assert_int_equal(engine->size, sizeof *engine);
    assert_string_equal(engine->engine, "engram " ENGRAM_VERSION);
    /* From `open` on there are function pointers only: none may be missing. */
    const unsigned char *bytes = (const unsigned char *)engine;
    for (size_t at = offsetof(engram_plugin, open); at < sizeof *engine; at += sizeof(void *)) {
        void *pointer;
        memcpy(&pointer, bytes + at, sizeof pointer);
        assert_non_null(pointer);
    }
    assert_ptr_equal(table(), engine);
}

static void every_other_version_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        uint32_t abi;
        const char *name;
    } others[] = {{0, "0.000"},    {ENGRAM_PLUGIN_ABI + 1, "0.003"},
                  {7, "0.007"},    {1000, "1.000"},
                  {1001, "1.001"}, {UINT32_MAX, "4294967.295"}};
    for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
        engram_error err = {0};
        assert_null(load()(others[k].abi, &err));
        assert_int_equal(err.code, ENGRAM_E_PROVIDER);
        assert_string_contains(err.message, others[k].name);
        assert_string_contains(err.message, "0.002");
        assert_string_contains(err.message, "engram " ENGRAM_VERSION);
        assert_null(load()(others[k].abi, NULL));
    }
}

static void a_network_runs_through_the_table_alone(void **state)
{
    (void)state;
    const engram_plugin *engine = table();
    engram_error err = {0};
    engram_model *model;
    engram_sim *sim;
    engram_model_info info = ENGRAM_MODEL_INFO_INIT;
    engram_progress at = ENGRAM_PROGRESS_INIT;
    engram_summary summary = ENGRAM_SUMMARY_INIT;
    engram_variable v = ENGRAM_VARIABLE_INIT;
    assert_ok(engine->open(&model, check_data_path("golden/minimal.mpk"), NULL, &err), &err);
    engine->describe(model, &info);
    assert_int_equal(info.neurons, 2);
    assert_int_equal(info.runs, 1);
    assert_ok(engine->build(&sim, model, NULL, &err), &err);
    while (!at.finished)
        assert_ok(engine->advance(sim, 300, &at, &err), &err);
    assert_int_equal(at.total, 1000);
    assert_ok(engine->variable(sim, "P", "v", &v, &err), &err);
    assert_int_equal(v.count, 2);
    assert_int_equal(v.dtype, ENGRAM_F64);
    assert_ok(engine->finish(sim, &summary, &err), &err);
    assert_int_equal(summary.spikes, 1); /* v starts above the threshold, once */
    assert_true(summary.complete);
    engine->free(sim);
    engine->close(model);
}

/* A host that was compiled with shorter structs gets what it has room for, and no more; what
 * it does not know of its options keeps the default. */
static void structs_of_an_older_host_are_not_read_or_written_beyond_their_size(void **state)
{
    (void)state;
    const engram_plugin *engine = table();
    engram_error err = {0};
    engram_model *model;
    engram_sim *sim;
    engram_model_info info = ENGRAM_MODEL_INFO_INIT;
    assert_ok(engine->open(&model, check_data_path("golden/minimal.mpk"), NULL, &err), &err);
    info.size = offsetof(engram_model_info, runs);
    info.runs = 12345;
    engine->describe(model, &info);
    assert_string_equal(info.origin, "capture");
    assert_int_equal(info.runs, 12345);
    assert_int_equal(info.size, offsetof(engram_model_info, runs));

    engram_sim_options options = ENGRAM_SIM_OPTIONS_INIT;
    options.size = offsetof(engram_sim_options, rng);
    options.rng = "never read";
    options.results = "/nowhere/never-written.h5";
    options.last_duration = 0.05;
    assert_ok(engine->build(&sim, model, &options, &err), &err);
    engram_progress at = ENGRAM_PROGRESS_INIT;
    at.size = offsetof(engram_progress, t);
    at.t = -1;
    assert_ok(engine->advance(sim, UINT64_MAX, &at, &err), &err);
    assert_int_equal(at.total, 500);
    assert_true(at.t < 0);
    assert_int_equal(at.finished, 0); /* beyond what this host knows */
    engram_summary summary = ENGRAM_SUMMARY_INIT;
    summary.size = offsetof(engram_summary, spikes);
    summary.spikes = 12345;
    assert_ok(engine->finish(sim, &summary, &err), &err);
    assert_int_equal(summary.steps, 500);
    assert_int_equal(summary.spikes, 12345);
    engine->free(sim);
    engine->close(model);
}

static void refusals_come_with_a_status_and_nothing_to_free(void **state)
{
    (void)state;
    const engram_plugin *engine = table();
    engram_error err = {0};
    engram_model *model = (engram_model *)1;
    const engram_status status = engine->open(&model, "/nowhere/x.h5", NULL, &err);
    assert_int_equal(status, ENGRAM_E_IO);
    assert_null(model);
    assert_string_contains(err.message, "/nowhere/x.h5");
    assert_int_equal(engine->status_exit_code(status), 3);
    assert_non_null(engine->status_text(status));
    engine->free(NULL);
    engine->close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_version_it_was_made_for_gets_a_whole_table),
        cmocka_unit_test(every_other_version_is_refused_by_name),
        cmocka_unit_test(a_network_runs_through_the_table_alone),
        cmocka_unit_test(structs_of_an_older_host_are_not_read_or_written_beyond_their_size),
        cmocka_unit_test(refusals_come_with_a_status_and_nothing_to_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
