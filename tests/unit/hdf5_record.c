#include "hdf5/h5.h"
#include "support/check.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const engram_record_column voltage = {
    .name = "v", .dtype = ENGRAM_RECORD_F64, .dim = {2, 1, -3, -1}, .unit = "mV"};
static const int32_t rows[3] = {4, 0, 7};
static const engram_record_monitor monitors[] = {
    {.name = "spikes", .kind = ENGRAM_RECORD_SPIKES, .source = "P", .rows = 10, .keep = 1},
    {.name = "states",
     .kind = ENGRAM_RECORD_STATES,
     .source = "P",
     .columns = &voltage,
     .column_count = 1,
     .rows = 3,
     .indices = rows},
    {.name = "rate",
     .kind = ENGRAM_RECORD_RATE,
     .source = "P",
     .columns = &voltage,
     .column_count = 1,
     .rows = 1},
};
static const engram_record_header header = {"net.h5", NULL, "engram test", NULL};
static const engram_record_run run = {
    0, 1, 1, 0.5, "strict", "brian-runtime", "brian2-runtime", -1, 1, 1};

static const char *target(char *path, const char *name)
{
    snprintf(path, 256, "%s/%s", check_temp_dir(), name);
    return path;
}

static engram_status feed(eg_recorder *r, int steps, engram_error *err)
{
    engram_status status = ENGRAM_OK;
    for (int k = 0; !status && k < steps; k++) {
        const int32_t i[2] = {k % 10, 9};
        const double t[2] = {k * 1e-4, k * 1e-4}, v[3] = {k, k + 0.25, k + 0.5};
        const void *columns[1] = {v};
        status = eg_h5_record_events(r, 0, 2, i, t, NULL, err);
        if (!status)
            status = eg_h5_record_samples(r, 1, 1, t, columns, err);
        if (!status)
            status = eg_h5_record_samples(r, 2, 1, t, columns, err);
    }
    return status;
}

static void what_is_recorded_is_in_the_file(void **state)
{
    (void)state;
    enum { STEPS = 30000 };
    char path[256], digest[33];
    engram_error err = {0};
    eg_recorder *r = NULL;
    const double value = 3.5;
    const engram_record_array array = {"P", "v", ENGRAM_RECORD_F64, 1, 1, &value, {0}, NULL};
    const engram_record_final final = {3.0, 1, &array, 1};
    target(path, "run.h5");
    assert_ok(eg_h5_record_open(&r, path, &header, monitors, 3, NULL, &err), &err);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_ok(feed(r, STEPS, &err), &err);
    assert_ok(eg_h5_record_run(r, &run, digest, &err), &err);
    assert_ok(eg_h5_record_finish(r, &final, &err), &err);

    eg_hdf5_kind kind;
    char seal[33], partial[300];
    assert_ok(eg_h5_seal(&kind, seal, path, &err), &err);
    assert_int_equal(kind, EG_HDF5_RESULTS);
    snprintf(partial, sizeof partial, "%s.partial", path);
    assert_int_not_equal(access(partial, F_OK), 0);

    static double v[3][STEPS];
    int32_t count[10];
    const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t set = H5Dopen2(file, "/results/states/v", H5P_DEFAULT);
    assert_true(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, v) >= 0);
    for (int k = 0; k < STEPS; k++)
        assert_true(v[0][k] == k && v[1][k] == k + 0.25 && v[2][k] == k + 0.5);
    H5Dclose(set);
    set = H5Dopen2(file, "/results/spikes/count", H5P_DEFAULT);
    assert_true(H5Dread(set, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, count) >= 0);
    assert_int_equal(count[0], STEPS / 10);
    assert_int_equal(count[9], STEPS / 10 + STEPS);
    H5Dclose(set);
    H5Fclose(file);
}

/* The digest does not depend on how the events were cut into calls. */
static void the_digest_is_that_of_the_events(void **state)
{
    (void)state;
    char path[256], digest[3][33];
    const int32_t i[3] = {1, 2, 3};
    const double t[3] = {0.1, 0.1, 0.2};
    target(path, "digest.h5");
    for (int k = 0; k < 3; k++) {
        eg_recorder *r = NULL;
        assert_int_equal(eg_h5_record_open(&r, path, &header, monitors, 1, NULL, NULL), 0);
        if (k == 0)
            assert_int_equal(eg_h5_record_events(r, 0, 3, i, t, NULL, NULL), 0);
        for (int e = 0; k && e < 4 - k; e++)
            assert_int_equal(eg_h5_record_events(r, 0, 1, i + e, t + e, NULL, NULL), 0);
        assert_int_equal(eg_h5_record_run(r, &run, digest[k], NULL), 0);
        eg_h5_record_abandon(r);
    }
    assert_string_equal(digest[0], digest[1]);
    assert_string_not_equal(digest[0], digest[2]);
}

static void abandoning_leaves_nothing(void **state)
{
    (void)state;
    char path[256], partial[300];
    eg_recorder *r = NULL;
    target(path, "abandoned.h5");
    snprintf(partial, sizeof partial, "%s.partial", path);
    assert_int_equal(eg_h5_record_open(&r, path, &header, monitors, 3, NULL, NULL), 0);
    assert_int_equal(access(partial, F_OK), 0);
    eg_h5_record_abandon(r);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_not_equal(access(partial, F_OK), 0);
}

/* At every size from nothing on, the disk may be full: while creating, growing, closing. */
static void a_full_disk_is_one_line_and_no_file(void **state)
{
    (void)state;
    char path[256], partial[300];
    struct rlimit old, small;
    target(path, "full.h5");
    snprintf(partial, sizeof partial, "%s.partial", path);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    int full = 0;
    for (rlim_t limit = 0; limit < 4000000; limit += limit < 20000 ? 777 : 155555) {
        eg_recorder *r = NULL;
        engram_error err = {0};
        const engram_record_final final = {1, 1, NULL, 0};
        small = old;
        small.rlim_cur = limit;
        setrlimit(RLIMIT_FSIZE, &small);
        engram_status status = eg_h5_record_open(&r, path, &header, monitors, 3, NULL, &err);
        if (!status) {
            status = feed(r, 40000, &err);
            if (status)
                eg_h5_record_abandon(r);
            else
                status = eg_h5_record_finish(r, &final, &err);
        }
        setrlimit(RLIMIT_FSIZE, &old);
        assert_int_not_equal(access(partial, F_OK), 0);
        if (!status) {
            unlink(path);
            continue;
        }
        full++;
        assert_int_equal(status, ENGRAM_E_IO);
        assert_string_contains(err.message, "File too large");
        assert_int_not_equal(access(path, F_OK), 0);
    }
    assert_true(full > 10);
    assert_int_equal(H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL), 0);
}

static void a_folder_that_is_not_there_is_an_answer(void **state)
{
    (void)state;
    eg_recorder *r = NULL;
    engram_error err = {0};
    assert_int_equal(eg_h5_record_open(&r, "/nowhere/run.h5", &header, monitors, 3, NULL, &err),
                     ENGRAM_E_IO);
    assert_null(r);
    assert_string_contains(err.message, "/nowhere/run.h5.partial: No such file");
}

static void an_element_out_of_range_is_refused(void **state)
{
    (void)state;
    char path[256];
    const int32_t i = 10;
    const double t = 0;
    eg_recorder *r = NULL;
    assert_int_equal(
        eg_h5_record_open(&r, target(path, "range.h5"), &header, monitors, 1, NULL, NULL), 0);
    assert_int_equal(eg_h5_record_events(r, 0, 1, &i, &t, NULL, NULL), ENGRAM_E_ARGUMENT);
    eg_h5_record_abandon(r);
}

static void memory_running_out_is_answered(void **state)
{
    (void)state;
    char path[256];
    engram_status status = ENGRAM_E_MEMORY;
    const engram_record_final final = {1, 0, NULL, 0};
    target(path, "memory.h5");
    for (size_t n = 0; status && n < 200; n++) {
        struct check_alloc check;
        eg_recorder *r = NULL;
        check_alloc_init(&check, n);
        status = eg_h5_record_open(&r, path, &header, monitors, 3, &check.alloc, NULL);
        if (!status) {
            status = eg_h5_record_run(r, &run, NULL, NULL);
            const engram_status end = eg_h5_record_finish(r, &final, NULL);
            status = status ? status : end;
        }
        assert_true(!status || status == ENGRAM_E_MEMORY);
        assert_int_equal(check.live, 0);
        assert_int_equal(check.live_bytes, 0);
    }
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_recorded_is_in_the_file),
        cmocka_unit_test(the_digest_is_that_of_the_events),
        cmocka_unit_test(abandoning_leaves_nothing),
        cmocka_unit_test(a_full_disk_is_one_line_and_no_file),
        cmocka_unit_test(a_folder_that_is_not_there_is_an_answer),
        cmocka_unit_test(an_element_out_of_range_is_refused),
        cmocka_unit_test(memory_running_out_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
