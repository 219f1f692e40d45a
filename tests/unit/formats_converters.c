/* Kinds of files, refusals by what they look like, conversion, the public view. */
#include "engram/convert.h"
#include "engram/network.h"

#include "support/check.h"

#include <stdio.h>
#include <string.h>

static const char *written(const char *name, const char *bytes, size_t size)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", check_temp_dir(), name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
    return path;
}

static void refused(const char *path, engram_status wanted, const char *message)
{
    engram_network *network;
    engram_error err;
    assert_int_equal(engram_network_open(&network, path, NULL, &err), wanted);
    assert_null(network);
    assert_string_contains(err.message, message);
}

static void wrong_files_are_told_apart(void **state)
{
    (void)state;
    refused("/nonexistent/cuba.h5", ENGRAM_E_IO, "/nonexistent/cuba.h5");
    refused(check_temp_dir(), ENGRAM_E_IO, check_temp_dir());
    refused(written("empty", "", 0), ENGRAM_E_FORMAT, "is empty");
    refused(written("a.h5", "from brian2 import *\n", 21), ENGRAM_E_FORMAT, "a text file");
    refused(written("a.npz", "PK\003\004....", 8), ENGRAM_E_FORMAT, "a zip archive");
    refused(written("a.json", "{\"a\": 1}", 8), ENGRAM_E_FORMAT, "JSON");
    refused(written("a.mpk",
                    "\x81\xa1"
                    "a\x01",
                    4),
            ENGRAM_E_FORMAT, "without the field");
}

static void kinds_follow_the_ending(void **state)
{
    (void)state;
    assert_string_equal(engram_converter_by_path("a/b.MPK")->name, "msgpack");
    assert_string_equal(engram_converter_by_path("b.h5")->name, "hdf5");
    assert_null(engram_converter_by_path("a.h5/b"));
    assert_null(engram_converter_by_path("mpk"));
    assert_null(engram_converter_at(engram_converter_count()));
}

static void outputs_of_no_kind_are_refused(void **state)
{
    (void)state;
    engram_error err;
    engram_convert_report report;
    assert_int_equal(engram_convert_file(check_data_path("golden/minimal.mpk"), "x.png", NULL,
                                         &report, &err),
                     ENGRAM_E_ARGUMENT);
    assert_string_contains(err.message, "x.png");
}

static void same_bytes(const char *a, const char *b)
{
    char left[8192], right[8192];
    FILE *x = fopen(a, "rb"), *y = fopen(b, "rb");
    assert_non_null(x);
    assert_non_null(y);
    const size_t size = fread(left, 1, sizeof left, x);
    assert_int_equal(fread(right, 1, sizeof right, y), size);
    assert_memory_equal(left, right, size);
    fclose(x);
    fclose(y);
}

static void there_and_back_is_the_identity(void **state)
{
    (void)state;
    engram_error err;
    engram_convert_report report;
    char archive[512], back[512];
    snprintf(archive, sizeof archive, "%s/m.h5", check_temp_dir());
    snprintf(back, sizeof back, "%s/m.mpk", check_temp_dir());
    const char *first = check_data_path("golden/minimal.mpk");
    assert_ok(engram_convert_file(first, archive, NULL, &report, &err), &err);
    assert_int_equal(report.count, 0);
    assert_ok(engram_convert_file(archive, back, NULL, &report, &err), &err);
    assert_string_equal(report.from, "hdf5");
    same_bytes(first, back);
}

static void what_is_left_out_is_reported(void **state)
{
    (void)state;
    engram_error err;
    engram_convert_report report;
    char back[512];
    snprintf(back, sizeof back, "%s/n.mpk", check_temp_dir());
    assert_ok(engram_convert_file(check_data_path("golden/newer-minor.mpk"), back, NULL,
                                  &report, &err),
              &err);
    assert_int_equal(report.count, 1);
    assert_string_contains(report.losses[0], "/network/groups/0/colour");
    same_bytes(check_data_path("golden/minimal.mpk"), back);
}

typedef struct seen {
    int depth, deepest, fields, arrays;
} seen;

static engram_status begin(void *context, const engram_element *element, engram_error *err)
{
    (void)err;
    seen *s = context;
    assert_true(element->index < element->count);
    if (++s->depth > s->deepest)
        s->deepest = s->depth;
    return ENGRAM_OK;
}

static engram_status field(void *context, const char *name, const char *path,
                           const engram_value *value, engram_error *err)
{
    seen *s = context;
    s->fields++;
    assert_string_contains(path, name);
    if (value->kind == ENGRAM_VALUE_ARRAY && value->array) {
        double v[2];
        assert_ok(engram_array_read_doubles(value->array, v, 0, 2, err), err);
        assert_true(v[0] == 0.011);
        s->arrays++;
    }
    return ENGRAM_OK;
}

static engram_status end(void *context, const engram_element *element, engram_error *err)
{
    (void)element;
    (void)err;
    ((seen *)context)->depth--;
    return ENGRAM_OK;
}

static void a_visitor_sees_everything(void **state)
{
    (void)state;
    engram_error err;
    engram_network *network;
    size_t errors = 1;
    assert_ok(engram_network_open(&network, check_data_path("golden/minimal.mpk"), NULL, &err),
              &err);
    seen s = {0};
    const engram_visitor visitor = {&s, begin, field, end};
    assert_ok(engram_network_visit(network, &visitor, &err), &err);
    assert_int_equal(s.depth, 0);
    assert_int_equal(s.deepest, 4);
    assert_int_equal(s.arrays, 1);
    assert_true(s.fields > 50);
    assert_ok(engram_network_check(network, NULL, NULL, &errors, &err), &err);
    assert_int_equal(errors, 0);
    engram_network_close(network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_files_are_told_apart),
        cmocka_unit_test(kinds_follow_the_ending),
        cmocka_unit_test(outputs_of_no_kind_are_refused),
        cmocka_unit_test(what_is_left_out_is_reported),
        cmocka_unit_test(a_visitor_sees_everything),
        cmocka_unit_test(there_and_back_is_the_identity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
