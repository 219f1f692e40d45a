#include "hdf5/h5.h"
#include "support/check.h"
#include "unit/hdf5_fill.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *temp(const char *name)
{
    static char ring[4][256];
    static unsigned turn;
    char *path = ring[turn++ % 4];
    snprintf(path, sizeof ring[0], "%s/%s", check_temp_dir(), name);
    return path;
}

static unsigned char *slurp(const char *path, size_t *size)
{
    eg_mapping mapping;
    if (eg_mapping_open(&mapping, path, NULL))
        return NULL;
    *size = mapping.size;
    unsigned char *bytes = malloc(*size + 1);
    memcpy(bytes, mapping.data, *size);
    eg_mapping_close(&mapping);
    return bytes;
}

static void spill(const char *path, const unsigned char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static engram_status write_net(const eg_net *net, const char *path, unsigned flags)
{
    engram_error err = {0};
    const engram_status status = eg_h5_write_net(net, path, flags, NULL, &err);
    assert_ok(status, &err);
    return status;
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 12; seed++) {
        engram_error err = {0};
        const char *path = temp("round.h5");
        eg_net *net = fill_net(seed, seed == 12), *back = NULL;
        write_net(net, path, seed % 2 ? EG_HDF5_COMPRESS : 0);
        assert_ok(eg_h5_read_net(&back, path, 0, NULL, &err), &err);
        const char *difference = fill_difference(net, back);
        if (difference)
            fail_msg("seed %u: %s differs", seed, difference);
        eg_net_free(back);
        eg_net_free(net);
    }
}

static void equal_networks_give_equal_bytes(void **state)
{
    (void)state;
    for (unsigned flags = 0; flags <= EG_HDF5_COMPRESS; flags += EG_HDF5_COMPRESS) {
        size_t a_size = 0, b_size = 0, c_size = 0;
        eg_net *net = fill_net(5, false), *back = NULL;
        write_net(net, temp("a.h5"), flags);
        sleep(1); /* a stored time would differ */
        write_net(net, temp("b.h5"), flags);
        assert_int_equal(eg_h5_read_net(&back, temp("a.h5"), 0, NULL, NULL), 0);
        write_net(back, temp("c.h5"), flags); /* sources that lie in another archive */
        unsigned char *a = slurp(temp("a.h5"), &a_size), *b = slurp(temp("b.h5"), &b_size);
        unsigned char *c = slurp(temp("c.h5"), &c_size);
        assert_int_equal(a_size, b_size);
        assert_memory_equal(a, b, a_size);
        assert_int_equal(a_size, c_size);
        assert_memory_equal(a, c, a_size);
        free(a);
        free(b);
        free(c);
        eg_net_free(back);
        eg_net_free(net);
    }
}

static void refuse(const char *path, engram_status wanted, const char *part)
{
    engram_error err = {0};
    eg_net *net = (eg_net *)1;
    const engram_status status = eg_h5_read_net(&net, path, 0, NULL, &err);
    if (status != wanted)
        fail_msg("%s: %s: %s, wanted %s", path, engram_status_name(status), err.message,
                 engram_status_name(wanted));
    assert_null(net);
    assert_string_contains(err.message, part);
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    size_t size = 0;
    eg_net *net = fill_net(3, true);
    write_net(net, temp("whole.h5"), 0);
    eg_net_free(net);
    unsigned char *bytes = slurp(temp("whole.h5"), &size);
    spill(temp("cut.h5"), bytes, size);
    for (size_t length = size; length-- > 0;) {
        eg_net *back = NULL;
        assert_int_equal(truncate(temp("cut.h5"), (off_t)length), 0);
        const engram_status status = eg_h5_read_net(&back, temp("cut.h5"), 0, NULL, NULL);
        assert_null(back);
        assert_int_equal(status, ENGRAM_E_FORMAT);
    }
    spill(temp("cut.h5"), bytes, size - 7);
    refuse(temp("cut.h5"), ENGRAM_E_FORMAT, "truncated");
    free(bytes);
}

static void every_flipped_byte_is_refused(void **state)
{
    (void)state;
    size_t size = 0;
    eg_net *net = fill_net(3, true);
    write_net(net, temp("whole.h5"), 0);
    eg_net_free(net);
    unsigned char *bytes = slurp(temp("whole.h5"), &size);
    for (size_t k = 0; k < size; k++) {
        bytes[k] ^= 0xff;
        const eg_mapping mapping = {bytes, size};
        if (!eg_h5_seal_check(&mapping, EG_HDF5_NETWORK, 0, "flip", NULL))
            fail_msg("a flip at byte %zu of %zu went through", k, size);
        bytes[k] ^= 0xff;
    }
    bytes[size - 1] ^= 1;
    spill(temp("flip.h5"), bytes, size);
    refuse(temp("flip.h5"), ENGRAM_E_DIGEST, "damaged");
    bytes[size - 1] ^= 1;
    spill(temp("flip.h5"), bytes, size);
    FILE *more = fopen(temp("flip.h5"), "ab");
    fputc(0, more);
    fclose(more);
    refuse(temp("flip.h5"), ENGRAM_E_DIGEST, "added");
    free(bytes);
}

static void force_reads_past_a_wrong_digest(void **state)
{
    (void)state;
    size_t size = 0;
    eg_net *net = fill_net(3, false), *back = NULL;
    write_net(net, temp("force.h5"), 0);
    unsigned char *bytes = slurp(temp("force.h5"), &size);
    bytes[40] ^= 1; /* in the stored digest: the body is whole */
    spill(temp("force.h5"), bytes, size);
    refuse(temp("force.h5"), ENGRAM_E_DIGEST, "damaged");
    assert_int_equal(eg_h5_read_net(&back, temp("force.h5"), EG_HDF5_FORCE, NULL, NULL), 0);
    assert_null(fill_difference(net, back));
    eg_net_free(back);
    eg_net_free(net);
    free(bytes);
}

/* Change a good archive with HDF5 itself and seal it again: what an attacker can do. */
static hid_t tamper(const char *path)
{
    eg_net *net = fill_net(3, true);
    write_net(net, path, 0);
    eg_net_free(net);
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(file >= 0);
    return file;
}

static void seal(hid_t file, const char *path)
{
    assert_true(H5Fclose(file) >= 0);
    assert_int_equal(eg_h5_seal_write(path, EG_HDF5_NETWORK, NULL), 0);
}

static void links_are_refused(void **state)
{
    (void)state;
    const char *path = temp("link.h5");
    hid_t file = tamper(path);
    assert_true(H5Ldelete(file, "code", H5P_DEFAULT) >= 0);
    assert_true(H5Lcreate_soft("/network", file, "code", H5P_DEFAULT, H5P_DEFAULT) >= 0);
    seal(file, path);
    refuse(path, ENGRAM_E_FORMAT, "link");
    file = tamper(path);
    assert_true(H5Ldelete(file, "code", H5P_DEFAULT) >= 0);
    assert_true(H5Lcreate_external("/etc/x.h5", "/", file, "code", H5P_DEFAULT, H5P_DEFAULT) >=
                0);
    seal(file, path);
    refuse(path, ENGRAM_E_FORMAT, "link");
    file = tamper(path);
    assert_true(H5Ldelete(file, "code", H5P_DEFAULT) >= 0);
    assert_true(H5Lcreate_hard(file, "/network", file, "code", H5P_DEFAULT, H5P_DEFAULT) >= 0);
    seal(file, path);
    refuse(path, ENGRAM_E_FORMAT, "two places");
}

static void put_text(hid_t file, const char *bytes, size_t size)
{
    const hid_t group = H5Gopen2(file, "/network", H5P_DEFAULT), type = eg_h5_text(size);
    const hid_t space = H5Screate(H5S_SCALAR);
    if (H5Aexists(group, "name") > 0)
        H5Adelete(group, "name");
    const hid_t text = H5Acreate2(group, "name", type, space, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Awrite(text, type, bytes) >= 0);
    H5Aclose(text);
    H5Sclose(space);
    H5Tclose(type);
    H5Gclose(group);
}

static void texts_are_utf8_without_nul(void **state)
{
    (void)state;
    const char *path = temp("text.h5");
    hid_t file = tamper(path);
    put_text(file, "caf\xe9", 4);
    seal(file, path);
    refuse(path, ENGRAM_E_SCHEMA, "/network/name holds a text that is not valid UTF-8");
    file = tamper(path);
    put_text(file, "a\0b", 3);
    seal(file, path);
    refuse(path, ENGRAM_E_SCHEMA, "/network/name holds a text with a NUL in it");
}

/* Rows that were never written take no room in the file, and would in memory. */
static void tables_claim_no_more_than_the_file_holds(void **state)
{
    (void)state;
    const char *path = temp("table.h5");
    const hsize_t rows = 3000000, chunk = 1000;
    hid_t file = tamper(path);
    const hid_t type = H5Tcreate(H5T_COMPOUND, 2), text = eg_h5_text(1);
    const hid_t space = H5Screate_simple(1, &rows, NULL), how = H5Pcreate(H5P_DATASET_CREATE);
    H5Tinsert(type, "name", 0, text);
    H5Tinsert(type, "version", 1, text);
    H5Pset_chunk(how, 1, &chunk);
    H5Pset_deflate(how, 1);
    if (H5Lexists(file, "/provenance/versions", H5P_DEFAULT) > 0)
        H5Ldelete(file, "/provenance/versions", H5P_DEFAULT);
    const hid_t table =
        H5Dcreate2(file, "/provenance/versions", type, space, H5P_DEFAULT, how, H5P_DEFAULT);
    assert_true(table >= 0);
    H5Dclose(table);
    H5Pclose(how);
    H5Sclose(space);
    H5Tclose(text);
    H5Tclose(type);
    seal(file, path);
    refuse(path, ENGRAM_E_LIMIT, "claims more bytes than the file can hold");
}

static void exponents_are_small_numbers(void **state)
{
    (void)state;
    const char *path = temp("dim.h5");
    const double dim[7] = {0, 1e300};
    eg_net *net = fill_net(5, false);
    char object[256];
    assert_true(net->document.state->arrays.count > 0);
    snprintf(object, sizeof object, "/state/arrays/%s",
             net->document.state->arrays.item[0].name);
    write_net(net, path, 0);
    eg_net_free(net);
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    const hid_t group = H5Gopen2(file, object, H5P_DEFAULT);
    assert_true(group >= 0);
    if (H5Aexists(group, "dim") > 0)
        H5Adelete(group, "dim");
    assert_true(eg_h5_put_number(group, "dim", EG_F64, dim, 7));
    H5Gclose(group);
    seal(file, path);
    refuse(path, ENGRAM_E_SCHEMA, "exponents that are no small numbers");
}

static void newer_major_is_refused_by_name(void **state)
{
    (void)state;
    const char *path = temp("major.h5");
    const int64_t two = 2;
    const hid_t file = tamper(path);
    assert_true(H5Adelete(file, "major") >= 0);
    assert_true(eg_h5_put_number(file, "major", EG_I64, &two, 0));
    seal(file, path);
    refuse(path, ENGRAM_E_VERSION, "2.0");
}

static void unknown_is_refused_or_named_by_minor(void **state)
{
    (void)state;
    const char *path = temp("minor.h5");
    const int64_t one = 1;
    eg_net *net = NULL;
    hid_t file = tamper(path);
    hid_t code = H5Gopen2(file, "/network", H5P_DEFAULT);
    assert_true(eg_h5_put_number(code, "novelty", EG_I64, &one, 0));
    H5Gclose(code);
    seal(file, path);
    refuse(path, ENGRAM_E_SCHEMA, "novelty");
    file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(H5Adelete(file, "minor") >= 0);
    assert_true(eg_h5_put_number(file, "minor", EG_I64, &one, 0));
    seal(file, path);
    assert_int_equal(eg_h5_read_net(&net, path, 0, NULL, NULL), 0);
    assert_int_equal(net->ignored.count, 1);
    assert_string_equal(net->ignored.item[0], "/network/novelty");
    eg_net_free(net);
}

static void objects_of_others_are_left_alone(void **state)
{
    (void)state;
    const char *path = temp("others.h5");
    eg_net *net = NULL;
    const hid_t file = tamper(path);
    const hid_t group = H5Gcreate2(file, "my notes", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Gclose(group);
    seal(file, path);
    assert_int_equal(eg_h5_read_net(&net, path, 0, NULL, NULL), 0);
    assert_int_equal(net->ignored.count, 0);
    eg_net_free(net);
}

static void other_files_are_named(void **state)
{
    (void)state;
    const char *path = temp("plain.h5");
    H5Fclose(H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    refuse(path, ENGRAM_E_FORMAT, "an HDF5 file, but not an Engram archive");
    spill(path, (const unsigned char *)"hello", 5);
    refuse(path, ENGRAM_E_FORMAT, "no HDF5 file");
    spill(path, (const unsigned char *)"", 0);
    refuse(path, ENGRAM_E_FORMAT, "no HDF5 file");
    refuse(temp("missing.h5"), ENGRAM_E_IO, "No such file");
    hid_t file = tamper(path);
    H5Fclose(file);
    assert_int_equal(eg_h5_seal_write(path, EG_HDF5_RESULTS, NULL), 0);
    refuse(path, ENGRAM_E_FORMAT, "results file");
}

static void names_that_links_cannot_hold_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"a/b", ".", ".."};
    const char *path = temp("names.h5");
    for (size_t k = 0; k < 3; k++) {
        engram_error err = {0};
        eg_net *net = fill_net(3, false);
        net->document.network->clocks.item[0].name = bad[k];
        assert_int_equal(eg_h5_write_net(net, path, 0, NULL, &err), ENGRAM_E_SCHEMA);
        assert_string_contains(err.message, "/network/clocks");
        assert_int_not_equal(access(path, F_OK), 0);
        eg_net_free(net);
    }
}

/* What is padded to the longest must not grow beyond what readers take. */
static void lists_of_uneven_texts_have_a_limit(void **state)
{
    (void)state;
    enum { COUNT = 5000, LONGEST = 1 << 16 };
    const char *path = temp("uneven.h5");
    engram_error err = {0};
    eg_net *net = fill_net(3, true);
    const char **texts = eg_arena_array(net->arena, COUNT, sizeof *texts);
    char *longest = eg_arena_alloc(net->arena, LONGEST + 1);
    memset(longest, 'x', LONGEST);
    for (size_t k = 0; k < COUNT; k++)
        texts[k] = k ? "" : longest;
    net->document.network->schedule = (eg_strs){texts, COUNT};
    assert_int_equal(eg_h5_write_net(net, path, 0, NULL, &err), ENGRAM_E_LIMIT);
    assert_string_contains(err.message, "/network/schedule: texts of 5000 times 65536 bytes");
    assert_int_not_equal(access(path, F_OK), 0);
    eg_net_free(net);
}

/* tests/refused/x.h5 is refused with what x.txt says: tests/golden/make_archives.py. */
static void refused_archives_say_why(void **state)
{
    (void)state;
    char folder[1024];
    snprintf(folder, sizeof folder, "%s", check_data_path("refused"));
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    size_t seen = 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        const size_t length = strlen(entry->d_name);
        if (length < 4 || strcmp(entry->d_name + length - 3, ".h5") != 0)
            continue;
        char path[2048], status_name[64] = "", message[256] = "";
        snprintf(path, sizeof path, "%s/%.*s.txt", folder, (int)length - 3, entry->d_name);
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        assert_non_null(fgets(status_name, sizeof status_name, file));
        assert_non_null(fgets(message, sizeof message, file));
        fclose(file);
        status_name[strcspn(status_name, "\n")] = message[strcspn(message, "\n")] = '\0';
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        eg_net *net = (eg_net *)1;
        engram_error err = {0};
        const engram_status status = eg_h5_read_net(&net, path, 0, NULL, &err);
        if (strcmp(engram_status_name(status), status_name))
            fail_msg("%s: %s: %s", entry->d_name, engram_status_name(status), err.message);
        assert_string_contains(err.message, message);
        assert_null(net);
        seen++;
    }
    closedir(dir);
    assert_true(seen >= 40);
}

static void memory_running_out_is_answered(void **state)
{
    (void)state;
    const char *path = temp("memory.h5");
    eg_net *net = fill_net(7, false);
    for (int reading = 0; reading < 2; reading++) {
        engram_status status = ENGRAM_E_MEMORY;
        for (size_t n = 0; status && n < 3000; n++) {
            struct check_alloc check;
            eg_net *back = NULL;
            check_alloc_init(&check, n);
            status = reading ? eg_h5_read_net(&back, path, 0, &check.alloc, NULL)
                             : eg_h5_write_net(net, path, 0, &check.alloc, NULL);
            assert_true(!status || status == ENGRAM_E_MEMORY);
            eg_net_free(back);
            assert_int_equal(check.live, 0);
            assert_int_equal(check.live_bytes, 0);
        }
        assert_int_equal(status, 0);
    }
    eg_net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(equal_networks_give_equal_bytes),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(every_flipped_byte_is_refused),
        cmocka_unit_test(force_reads_past_a_wrong_digest),
        cmocka_unit_test(links_are_refused),
        cmocka_unit_test(texts_are_utf8_without_nul),
        cmocka_unit_test(tables_claim_no_more_than_the_file_holds),
        cmocka_unit_test(exponents_are_small_numbers),
        cmocka_unit_test(newer_major_is_refused_by_name),
        cmocka_unit_test(unknown_is_refused_or_named_by_minor),
        cmocka_unit_test(objects_of_others_are_left_alone),
        cmocka_unit_test(other_files_are_named),
        cmocka_unit_test(names_that_links_cannot_hold_are_refused),
        cmocka_unit_test(lists_of_uneven_texts_have_a_limit),
        cmocka_unit_test(refused_archives_say_why),
        cmocka_unit_test(memory_running_out_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
