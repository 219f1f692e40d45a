/* A network and its results, damaged at every byte and cut at every length: each is reported,
 * by check and by run, through the public calls that the command makes. */
#include "engram/convert.h"
#include "engram/model.h"
#include "engram/network.h"
#include "engram/results.h"
#include "engram/sim.h"

#include "support/check.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *temp(const char *name)
{
    static char ring[4][512];
    static unsigned turn;
    char *path = ring[turn++ % 4];
    snprintf(path, sizeof ring[0], "%s/%s", check_temp_dir(), name);
    return path;
}

typedef struct bytes {
    unsigned char *data;
    size_t size;
} bytes;

static bytes slurp(const char *path)
{
    struct stat state;
    assert_int_equal(stat(path, &state), 0);
    bytes b = {malloc((size_t)state.st_size), (size_t)state.st_size};
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(b.data, 1, b.size, file), b.size);
    fclose(file);
    return b;
}

/* What `engram check` and `engram run` say of the file, before anything is computed. */
static engram_status check_says(const char *path)
{
    engram_network *network = NULL;
    engram_error err = {0};
    engram_status status = engram_network_open(&network, path, NULL, &err);
    size_t errors = 0;
    if (!status)
        status = engram_network_check(network, NULL, NULL, &errors, &err);
    engram_network_close(network);
    assert_true(!status || err.message[0]);
    return status ? status : errors ? ENGRAM_E_SCHEMA : ENGRAM_OK;
}

static engram_status run_says(const char *path)
{
    engram_model *model = NULL;
    engram_error err = {0};
    const engram_status status = engram_model_open(&model, path, NULL, &err);
    engram_model_close(model);
    assert_true(!status || err.message[0]);
    return status;
}

static void report_each(const char *path, engram_status (*says)(const char *path))
{
    const bytes whole = slurp(path);
    assert_int_equal(says(path), ENGRAM_OK);
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    for (size_t k = 0; k < whole.size; k++) {
        static const unsigned char masks[] = {0x01, 0x80, 0xff, 0x20};
        const unsigned char wrong = whole.data[k] ^ masks[k % sizeof masks];
        assert_int_equal(pwrite(fd, &wrong, 1, (off_t)k), 1);
        if (!says(path))
            fail_msg("%s: a flip at byte %zu of %zu went through", path, k, whole.size);
        assert_int_equal(pwrite(fd, &whole.data[k], 1, (off_t)k), 1);
    }
    assert_int_equal(says(path), ENGRAM_OK);
    for (size_t size = whole.size; size-- > 0;) {
        assert_int_equal(ftruncate(fd, (off_t)size), 0);
        if (!says(path))
            fail_msg("%s: %zu of %zu bytes went through", path, size, whole.size);
    }
    close(fd);
    free(whole.data);
}

static void convert(const char *from, const char *to, unsigned flags)
{
    engram_error err;
    engram_convert_options options = ENGRAM_CONVERT_OPTIONS_INIT;
    options.flags = flags;
    assert_ok(engram_convert_file(from, to, &options, NULL, &err), &err);
}

static void documents_report_all_damage(void **state)
{
    (void)state;
    const char *path = temp("whole.mpk");
    convert(check_data_path("golden/chain.mpk"), path, 0);
    report_each(path, check_says);
    convert(check_data_path("golden/chain.mpk"), path, 0);
    report_each(path, run_says);
}

static void archives_report_all_damage(void **state)
{
    (void)state;
    const char *path = temp("whole.h5");
    convert(check_data_path("golden/minimal.mpk"), path, 0);
    report_each(path, check_says);
    convert(check_data_path("golden/minimal.mpk"), path, 0);
    report_each(path, run_says);
}

static engram_status results_check_says(const char *path)
{
    engram_error err = {0};
    engram_results_kind kind;
    engram_status status = engram_results_kind_of(&kind, path, &err);
    if (!status)
        status = engram_results_check(NULL, path, 0, &err);
    assert_true(!status || err.message[0]);
    return status;
}

static void results_report_all_damage(void **state)
{
    (void)state;
    const char *path = temp("results.h5");
    engram_error err;
    engram_model *model;
    engram_sim *sim;
    engram_sim_options options = ENGRAM_SIM_OPTIONS_INIT;
    options.results = path;
    options.last_duration = 1e-3;
    convert(check_data_path("golden/minimal.mpk"), temp("run.mpk"), 0);
    assert_ok(engram_model_open(&model, temp("run.mpk"), NULL, &err), &err);
    assert_ok(engram_sim_build(&sim, model, &options, &err), &err);
    assert_ok(engram_sim_advance(sim, 100, NULL, &err), &err);
    assert_ok(engram_sim_finish(sim, NULL, &err), &err);
    engram_sim_free(sim);
    engram_model_close(model);
    report_each(path, results_check_says);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_report_all_damage),
        cmocka_unit_test(archives_report_all_damage),
        cmocka_unit_test(results_report_all_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
