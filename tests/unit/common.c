/* Memory, arenas, buffers, maps, dimensions, files: the ground everything stands on. */
#include "common/arena.h"
#include "common/buf.h"
#include "common/digest.h"
#include "common/dim.h"
#include "common/dtype.h"
#include "common/file.h"
#include "common/map.h"
#include "common/pack.h"
#include "common/utf8.h"

#include "support/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void statuses_follow_the_list(void **state)
{
    (void)state;
#define EG_STATUS(number, name, exit_code, text)                                               \
    assert_int_equal(ENGRAM_##name, number);                                                   \
    assert_string_equal(engram_status_name(ENGRAM_##name), "ENGRAM_" #name);                   \
    assert_int_equal(engram_status_exit_code(ENGRAM_##name), exit_code);                       \
    assert_string_equal(engram_status_text(ENGRAM_##name), text);
#include "common/status.def"
#undef EG_STATUS
    assert_int_equal(engram_status_exit_code((engram_status)999), 7);
    assert_string_equal(engram_status_name((engram_status)-1), "unknown status");
}

static void errors_stay_on_one_line(void **state)
{
    (void)state;
    engram_error err;
    assert_int_equal(eg_fail(&err, ENGRAM_E_IO, "a%sb", "\n\033[31m"), ENGRAM_E_IO);
    assert_string_equal(err.message, "a??[31mb");
    assert_int_equal(eg_error_prefix(&err, ENGRAM_E_IO, "file %d", 7), ENGRAM_E_IO);
    assert_string_equal(err.message, "file 7: a??[31mb");
    char longer[2000];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    eg_fail(&err, ENGRAM_E_IO, "%s", longer);
    eg_error_prefix(&err, ENGRAM_E_IO, "%s", longer);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
    assert_int_equal(eg_fail(NULL, ENGRAM_E_IO, "x"), ENGRAM_E_IO);
}

/* Of a name that is longer than a message the middle goes, and no character is cut in two. */
static void a_long_name_leaves_its_reason(void **state)
{
    (void)state;
    engram_error err;
    enum { ROOM = sizeof err.message };
    char name[4096];
    for (size_t length = ROOM - 30; length < ROOM + 30; length++)
        for (size_t k = 0; k < 2; k++) {
            const char *letter = k ? "\xc3\xa9" : "x"; /* of two bytes, and of one */
            for (size_t at = 0; at < length; at++)
                name[at] = letter[k ? at % 2 : 0];
            name[length - (k ? length % 2 : 0)] = '\0';
            eg_fail(&err, ENGRAM_E_IO, "cannot open %s: no", name);
            const size_t got = strlen(err.message);
            assert_true(got < ROOM && eg_utf8_prefix(err.message, got) == got);
            assert_memory_equal(err.message, "cannot open ", 12);
            assert_string_equal(err.message + got - 4, ": no");
            assert_true((strstr(err.message, "...") != NULL) ==
                        (strlen(name) + 16 >= (size_t)ROOM));
            eg_error_prefix(&err, ENGRAM_E_IO, "%s", name);
            assert_string_equal(err.message + strlen(err.message) - 4, ": no");
        }
}

static void sizes_do_not_wrap(void **state)
{
    (void)state;
    size_t out = 1;
    assert_false(eg_mul_size(&out, SIZE_MAX, 2));
    assert_false(eg_add_size(&out, SIZE_MAX, 1));
    assert_int_equal(out, 1);
    assert_null(eg_calloc_array(engram_default_alloc(), SIZE_MAX / 2, 3));
    eg_arena *arena = eg_arena_new(engram_default_alloc());
    assert_null(eg_arena_array(arena, SIZE_MAX / 2, 3));
    assert_null(eg_arena_alloc(arena, SIZE_MAX));
    eg_arena_free(arena);
}

static void aligned_blocks_are_aligned_and_zero(void **state)
{
    (void)state;
    struct check_alloc check;
    check_alloc_init(&check, SIZE_MAX);
    for (size_t align = 8; align <= 4096; align *= 2) {
        unsigned char *block = eg_calloc_aligned(&check.alloc, 100, align);
        assert_int_equal((uintptr_t)block % align, 0);
        for (int k = 0; k < 100; k++)
            assert_int_equal(block[k], 0);
        eg_free_aligned(&check.alloc, block, 100, align);
    }
    assert_int_equal(check.live, 0);
    assert_int_equal(check.live_bytes, 0);
}

static void growth_keeps_contents_and_refuses_to_wrap(void **state)
{
    (void)state;
    struct check_alloc check;
    check_alloc_init(&check, SIZE_MAX);
    int *block = NULL;
    size_t capacity = 0;
    assert_true(eg_grow(&check.alloc, &block, &capacity, 1, sizeof *block));
    assert_int_equal(capacity, 8);
    block[7] = 77;
    assert_true(eg_grow(&check.alloc, &block, &capacity, 9, sizeof *block));
    assert_int_equal(capacity, 16);
    assert_int_equal(block[7], 77);
    assert_false(eg_grow(&check.alloc, &block, &capacity, SIZE_MAX, sizeof *block));
    assert_false(eg_grow(&check.alloc, &block, &capacity, SIZE_MAX / 4, sizeof *block));
    assert_int_equal(capacity, 16);
    eg_free(&check.alloc, block, capacity * sizeof *block);
    assert_int_equal(check.live_bytes, 0);
}

static void arena_bytes_are_aligned_zero_and_apart(void **state)
{
    (void)state;
    eg_arena *arena = eg_arena_new(engram_default_alloc());
    unsigned char *last = NULL;
    for (size_t size = 1; size < 20000; size += 777) {
        unsigned char *block = eg_arena_alloc(arena, size);
        assert_int_equal((uintptr_t)block % _Alignof(max_align_t), 0);
        for (size_t k = 0; k < size; k++)
            assert_int_equal(block[k], 0);
        memset(block, 0xff, size);
        assert_true(!last || *last == 0xff);
        last = block;
    }
    eg_arena_free(arena);
    eg_arena_free(NULL);
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISONS 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define POISONS 1
#endif
#ifdef POISONS
#include <sanitizer/asan_interface.h>
#endif

static void arena_poisons_what_it_has_not_handed_out(void **state)
{
    (void)state;
#ifdef POISONS
    eg_arena *arena = eg_arena_new(engram_default_alloc());
    char *block = eg_arena_alloc(arena, 5);
    assert_false(__asan_address_is_poisoned(block + 4));
    assert_true(__asan_address_is_poisoned(block + 5));
    assert_true(__asan_address_is_poisoned(block + 100));
    eg_arena_free(arena);
#else
    skip(); /* shown by the sanitizer builds */
#endif
}

static int use_everything(const engram_alloc *alloc)
{
    int failed = 0;
    eg_arena *arena = eg_arena_new(alloc);
    if (arena) {
        for (int k = 0; k < 50; k++)
            failed |= !eg_arena_printf(arena, "text number %d", k);
        failed |= !eg_arena_alloc(arena, 100000);
        failed |= !eg_arena_strdup(arena, "behind a large one");
    }
    eg_buf buf;
    eg_buf_init(&buf, alloc);
    for (int k = 0; k < 100; k++)
        eg_buf_printf(&buf, "%d,", k);
    eg_map *map = eg_map_new(alloc);
    if (map && arena)
        for (int k = 0; k < 50; k++) {
            const char *key = eg_arena_printf(arena, "key %d", k);
            failed |= !key || !eg_map_put(map, key, (size_t)k, NULL);
        }
    failed |= !arena || !map || buf.failed;
    eg_map_free(map);
    eg_buf_clear(&buf);
    eg_arena_free(arena);
    return failed;
}

static void leaks_nothing_when_memory_runs_out(void **state)
{
    (void)state;
    struct check_alloc check;
    check_alloc_init(&check, SIZE_MAX);
    assert_int_equal(use_everything(&check.alloc), 0);
    const size_t calls = check.calls;
    assert_true(calls > 10);
    for (size_t nth = 0; nth < calls; nth++) {
        check_alloc_init(&check, nth);
        assert_int_equal(use_everything(&check.alloc), 1);
        assert_int_equal(check.live, 0);
        assert_int_equal(check.live_bytes, 0);
    }
}

static void buffers_hold_what_was_appended(void **state)
{
    (void)state;
    eg_buf buf;
    eg_buf_init(&buf, engram_default_alloc());
    eg_buf_text(&buf, "a");
    eg_buf_append(&buf, "\0b", 2);
    eg_buf_printf(&buf, "%d", 42);
    assert_int_equal(buf.size, 5);
    assert_memory_equal(buf.data, "a\0b42", 6);
    eg_buf_clear(&buf);
    assert_null(buf.data);
}

static void maps_find_what_was_put(void **state)
{
    (void)state;
    static char keys[1000][8];
    eg_map *map = eg_map_new(engram_default_alloc());
    size_t value;
    assert_false(eg_map_get(map, "absent", &value));
    for (size_t k = 0; k < 1000; k++) {
        bool fresh;
        snprintf(keys[k], sizeof keys[k], "k%zu", k);
        assert_true(eg_map_put(map, keys[k], k, &fresh));
        assert_true(fresh);
        assert_true(eg_map_put(map, keys[k], 7, &fresh));
        assert_false(fresh);
    }
    for (size_t k = 0; k < 1000; k++) {
        assert_true(eg_map_get(map, keys[k], &value));
        assert_int_equal(value, k);
    }
    assert_false(eg_map_get(map, "k1000", NULL));
    assert_int_equal(eg_map_count(map), 1000);
    eg_map_free(map);
}

static void dimensions_multiply_and_print(void **state)
{
    (void)state;
    const eg_dim second = {{0, 0, 1, 0, 0, 0, 0}}, amp = {{0, 0, 0, 1, 0, 0, 0}};
    const eg_dim volt = {{2, 1, -3, -1, 0, 0, 0}};
    char text[128];
    assert_string_equal(eg_dim_print(eg_dim_none, text, sizeof text), "1");
    assert_string_equal(eg_dim_print(volt, text, sizeof text), "volt");
    assert_string_equal(eg_dim_print(eg_dim_multiply(amp, second), text, sizeof text),
                        "coulomb");
    assert_string_equal(eg_dim_print(eg_dim_divide(amp, volt), text, sizeof text), "siemens");
    assert_string_equal(eg_dim_print(eg_dim_power(second, -0.5), text, sizeof text),
                        "second**-0.5");
    assert_string_equal(eg_dim_print(eg_dim_divide(volt, second), text, sizeof text),
                        "metre**2 kilogram second**-4 ampere**-1");
    assert_string_equal(eg_dim_print(volt, text, 3), "vo");
    assert_true(eg_dim_equal(eg_dim_power(eg_dim_power(volt, 1.0 / 3), 3), volt));
    assert_false(eg_dim_equal(volt, amp));
}

static void dtypes_have_names_and_sizes(void **state)
{
    (void)state;
    for (int k = 0; k < EG_DTYPE_COUNT; k++) {
        eg_dtype dtype;
        assert_true(eg_dtype_parse(&dtype, eg_dtype_name((eg_dtype)k)));
        assert_int_equal(dtype, k);
    }
    assert_int_equal(eg_dtype_size(EG_F64), 8);
    assert_int_equal(eg_dtype_size(EG_BOOL), 1);
    eg_dtype dtype;
    assert_false(eg_dtype_parse(&dtype, "complex128"));
}

static void utf8_is_judged_byte_by_byte(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size, good;
    } cases[] = {{"abc", 3, 3},
                 {"a\0b", 3, 1},
                 {"\xc3\xa9", 2, 2},
                 {"\xc3", 1, 0},
                 {"\xc0\x80", 2, 0},
                 {"\xed\xa0\x80", 3, 0},
                 {"\xe2\x82\xac", 3, 3},
                 {"\xf0\x9f\x98\x80", 4, 4},
                 {"\xf4\x90\x80\x80", 4, 0}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        assert_int_equal(eg_utf8_prefix(cases[k].text, cases[k].size), cases[k].good);
}

static void exponents_are_small_numbers(void **state)
{
    (void)state;
    double zero = -0.0, half = -0.5, large = 1e7, none = (double)NAN;
    assert_true(eg_dim_exponent(&zero) && !signbit(zero));
    assert_true(eg_dim_exponent(&half) && half == -0.5);
    assert_false(eg_dim_exponent(&large) || eg_dim_exponent(&none));
}

static void files_appear_whole_or_not_at_all(void **state)
{
    (void)state;
    char target[256], temporary[512];
    engram_error err;
    snprintf(target, sizeof target, "%s/x.bin", check_temp_dir());
    assert_ok(eg_beside_path(temporary, sizeof temporary, target, &err), &err);
    FILE *f = fopen(temporary, "wb");
    fputs("hello", f);
    fclose(f);
    eg_mapping mapping;
    assert_int_equal(eg_mapping_open(&mapping, target, &err), ENGRAM_E_IO);
    assert_string_contains(err.message, "No such file");
    assert_ok(eg_beside_commit(temporary, target, &err), &err);
    assert_ok(eg_mapping_open(&mapping, target, &err), &err);
    assert_int_equal(mapping.size, 5);
    assert_memory_equal(mapping.data, "hello", 5);
    eg_mapping_close(&mapping);
    assert_int_equal(eg_mapping_open(&mapping, temporary, &err), ENGRAM_E_IO);

    unsigned char head[8];
    size_t got;
    assert_ok(eg_file_head(head, sizeof head, &got, target, &err), &err);
    assert_int_equal(got, 5);
    assert_memory_equal(head, "hello\0\0\0", 8);
}

static void folders_and_missing_files_are_refused(void **state)
{
    (void)state;
    engram_error err;
    eg_mapping mapping;
    char temporary[512], target[256];
    assert_int_equal(eg_mapping_open(&mapping, check_temp_dir(), &err), ENGRAM_E_IO);
    assert_string_contains(err.message, "directory");
    assert_int_equal(eg_mapping_open(&mapping, "/dev/null", &err), ENGRAM_E_IO);
    assert_string_contains(err.message, "not a regular file");
    char pipe[256];
    snprintf(pipe, sizeof pipe, "%s/pipe", check_temp_dir());
    assert_int_equal(mkfifo(pipe, 0600), 0);
    alarm(10); /* it has no other end: a reader that waits, waits for ever */
    assert_int_equal(eg_mapping_open(&mapping, pipe, &err), ENGRAM_E_IO);
    assert_string_contains(err.message, "not a regular file");
    alarm(0);
    assert_int_equal(eg_beside_path(temporary, sizeof temporary, "folder/", &err),
                     ENGRAM_E_ARGUMENT);
    assert_int_equal(eg_beside_path(temporary, 8, "a-long-name", &err), ENGRAM_E_LIMIT);
    snprintf(target, sizeof target, "%s/missing", check_temp_dir());
    assert_int_equal(eg_beside_commit(target, "elsewhere", &err), ENGRAM_E_IO);
}

/* ---- packed bytes, stored hashes ------------------------------------------------------------
 */

static void what_is_packed_is_read_in_place(void **state)
{
    (void)state;
    const int32_t numbers[3] = {7, -1, 9};
    eg_buf buf;
    eg_buf_init(&buf, engram_default_alloc());
    eg_pack_u64(&buf, UINT64_MAX);
    eg_pack_i64(&buf, -5);
    eg_pack_f64(&buf, -0.0);
    eg_pack_text(&buf, "seven b");
    eg_pack_text(&buf, NULL);
    eg_pack_array(&buf, numbers, sizeof numbers);
    assert_int_equal(buf.size, 24 + 16 + 16 + 8 + 16);
    eg_unpack from = {.data = (const unsigned char *)buf.data, .size = buf.size};
    assert_true(eg_unpack_u64(&from) == UINT64_MAX && eg_unpack_i64(&from) == -5);
    assert_true(signbit(eg_unpack_f64(&from)));
    assert_string_equal(eg_unpack_text(&from), "seven b");
    assert_string_equal(eg_unpack_text(&from), "");
    const int32_t *back = eg_unpack_elements(&from, 3, sizeof *back);
    assert_true(back && back[1] == -1 && (uintptr_t)back % 8 == 0);
    assert_true(!from.failed && from.at == buf.size);
    assert_int_equal(eg_unpack_u64(&from), 0);
    assert_true(from.failed);
    eg_buf_clear(&buf);
}

static void bounds_of_what_is_unpacked_hold(void **state)
{
    (void)state;
    static const uint64_t lengths[] = {8, 9, 1000, UINT64_MAX, UINT64_MAX - 7};
    for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
        uint64_t words[2] = {lengths[k], 0}, size;
        eg_unpack from = {.data = (const unsigned char *)words, .size = sizeof words};
        const void *array = eg_unpack_array(&from, &size);
        assert_true(k ? !array && from.failed : array && size == 8);
        from = (eg_unpack){.data = (const unsigned char *)words, .size = sizeof words};
        assert_string_equal(eg_unpack_text(&from), "");
        assert_true(from.failed); /* 8 zero bytes are no text of 8 */
        from = (eg_unpack){.data = (const unsigned char *)words, .size = sizeof words};
        assert_null(eg_unpack_elements(&from, 3, 4));
        from = (eg_unpack){.data = (const unsigned char *)words, .size = sizeof words};
        assert_true(eg_unpack_count(&from, 7) == 0 && from.failed);
    }
}

static void a_hash_goes_on_from_its_bytes(void **state)
{
    (void)state;
    unsigned char bytes[3000], stored[EG_HASH_STORED];
    for (size_t k = 0; k < sizeof bytes; k++)
        bytes[k] = (unsigned char)(k * 7);
    for (size_t cut = 0; cut < sizeof bytes; cut += cut < 300 ? 1 : 61) {
        eg_hash first, second;
        eg_digest whole, parts;
        eg_digest_bytes(&whole, bytes, sizeof bytes);
        eg_hash_begin(&first);
        eg_hash_add(&first, bytes, cut);
        eg_hash_store(stored, &first);
        assert_true(eg_hash_load(&second, stored));
        eg_hash_add(&second, bytes + cut, sizeof bytes - cut);
        eg_hash_end(&parts, &second);
        assert_true(eg_digest_equal(&whole, &parts));
    }
    eg_hash none;
    stored[64 + 256 + 8] = 16; /* stripes: a place in the secret */
    assert_false(eg_hash_load(&none, stored));
    stored[64 + 256 + 8] = 0;
    stored[64 + 256 + 1] = 2; /* more in the buffer than it has room for */
    assert_false(eg_hash_load(&none, stored));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses_follow_the_list),
        cmocka_unit_test(what_is_packed_is_read_in_place),
        cmocka_unit_test(bounds_of_what_is_unpacked_hold),
        cmocka_unit_test(a_hash_goes_on_from_its_bytes),
        cmocka_unit_test(errors_stay_on_one_line),
        cmocka_unit_test(sizes_do_not_wrap),
        cmocka_unit_test(aligned_blocks_are_aligned_and_zero),
        cmocka_unit_test(growth_keeps_contents_and_refuses_to_wrap),
        cmocka_unit_test(arena_bytes_are_aligned_zero_and_apart),
        cmocka_unit_test(arena_poisons_what_it_has_not_handed_out),
        cmocka_unit_test(leaks_nothing_when_memory_runs_out),
        cmocka_unit_test(buffers_hold_what_was_appended),
        cmocka_unit_test(maps_find_what_was_put),
        cmocka_unit_test(dimensions_multiply_and_print),
        cmocka_unit_test(a_long_name_leaves_its_reason),
        cmocka_unit_test(dtypes_have_names_and_sizes),
        cmocka_unit_test(utf8_is_judged_byte_by_byte),
        cmocka_unit_test(exponents_are_small_numbers),
        cmocka_unit_test(files_appear_whole_or_not_at_all),
        cmocka_unit_test(folders_and_missing_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
