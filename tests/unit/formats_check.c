/* tests/refused: every file is refused with the status and message that stand beside it. */
#include "check/check.h"
#include "common/file.h"
#include "msgpack/mp_read.h"

#include "support/check.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

static engram_status load(eg_net **net, const char *path, engram_error *err)
{
    engram_status status = eg_mp_read_net(net, path, engram_default_alloc(), err);
    if (status)
        return status;
    eg_findings findings;
    status = eg_check_net(*net, &findings, (*net)->arena, err);
    return status ? status : eg_check_first_error(&findings, err);
}

static void golden_documents_are_sound(void **state)
{
    (void)state;
    static const char *const names[] = {
        "golden/minimal.mpk", "golden/coded.mpk",  "golden/pieces.mpk", "golden/linked.mpk",
        "golden/events.mpk",  "golden/single.mpk", "golden/indexed.mpk"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        eg_net *net;
        engram_error err;
        assert_ok(load(&net, check_data_path(names[k]), &err), &err);
        eg_net_free(net);
    }
}

static void refused_documents_say_why(void **state)
{
    (void)state;
    char folder[1024];
    snprintf(folder, sizeof folder, "%s", check_data_path("refused"));
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    size_t seen = 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        const size_t length = strlen(entry->d_name);
        if (length < 5 || strcmp(entry->d_name + length - 4, ".mpk") != 0)
            continue;
        char path[2048], status_name[64] = "", message[256] = "";
        snprintf(path, sizeof path, "%s/%.*s.txt", folder, (int)length - 4, entry->d_name);
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        assert_non_null(fgets(status_name, sizeof status_name, file));
        assert_non_null(fgets(message, sizeof message, file));
        fclose(file);
        status_name[strcspn(status_name, "\n")] = message[strcspn(message, "\n")] = '\0';
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        eg_net *net;
        engram_error err = {0};
        print_message("%s\n", entry->d_name);
        const engram_status status = load(&net, path, &err);
        assert_string_contains(err.message, message);
        assert_string_equal(engram_status_name(status), status_name);
        eg_net_free(net);
        seen++;
    }
    closedir(dir);
    assert_true(seen >= 15);
}

static void texts_are_located(void **state)
{
    (void)state;
    eg_net *net;
    engram_error err = {0};
    load(&net, check_data_path("refused/syntax.mpk"), &err);
    assert_int_equal(err.line, 1);
    assert_string_equal(err.source, "-v / (tau");
    assert_string_contains(err.message, "rule F16");
    eg_net_free(net);
}

/* Flipped bytes that still read: the rules meet names, numbers and texts of any kind. */
static void rules_stand_any_document(void **state)
{
    (void)state;
    eg_mapping bytes;
    engram_error err;
    assert_ok(eg_mapping_open(&bytes, check_data_path("golden/minimal.mpk"), &err), &err);
    unsigned char *copy = eg_calloc(engram_default_alloc(), bytes.size);
    eg_mp_limits past = EG_MP_LIMITS_DEFAULT; /* the digest, which finds them all */
    past.any_digest = true;
    for (size_t at = 0; at < bytes.size; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            memcpy(copy, bytes.data, bytes.size);
            copy[at] ^= (unsigned char)(1u << bit);
            eg_net *net;
            if (eg_mp_read_net_bytes(&net, copy, bytes.size, &past, engram_default_alloc(),
                                     &err))
                continue;
            eg_findings findings;
            assert_ok(eg_check_net(net, &findings, net->arena, &err), &err);
            eg_net_free(net);
        }
    eg_free(engram_default_alloc(), copy, bytes.size);
    eg_mapping_close(&bytes);
}

/* Times that no memory holds whole: time k is k, but for `bad`, which is that before it. */
struct long_clock {
    uint64_t bad, most; /* most: the longest range that was asked for */
};

static engram_status read_long_clock(const eg_source *source, void *out, uint64_t first,
                                     uint64_t count, engram_error *err)
{
    (void)err;
    struct long_clock *clock = (struct long_clock *)(uintptr_t)source->content;
    double *time = out;
    clock->most = count > clock->most ? count : clock->most;
    for (uint64_t k = 0; k < count && count <= 1 << 16; k++)
        time[k] = (double)(first + k - (first + k == clock->bad));
    return ENGRAM_OK;
}

static void times_of_a_clock_are_read_by_range(void **state)
{
    (void)state;
    static const eg_source_ops ops = {.read = read_long_clock};
    /* None, and the first and the last of a block. */
    static const uint64_t bad[] = {UINT64_MAX, 1 << 14, (1 << 15) - 1};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        struct long_clock content = {.bad = bad[k]};
        eg_source times = {.ops = &ops,
                           .dtype = EG_F64,
                           .ndim = 1,
                           .shape = {1 << 21},
                           .count = 1 << 21,
                           .content = &content};
        eg_net *net;
        engram_error err = {0};
        assert_ok(load(&net, check_data_path("golden/minimal.mpk"), &err), &err);
        eg_clock *clock = (eg_clock *)(uintptr_t)net->document.network->clocks.item;
        clock->dt = 0;
        clock->times = &times;
        eg_findings findings;
        assert_ok(eg_check_net(net, &findings, net->arena, &err), &err);
        assert_in_range(content.most, 1, 1 << 16);
        assert_int_equal(eg_check_first_error(&findings, &err), k ? ENGRAM_E_SCHEMA : 0);
        char message[64];
        snprintf(message, sizeof message, "time %llu is %llu s", (unsigned long long)bad[k],
                 (unsigned long long)bad[k] - 1);
        if (k)
            assert_string_contains(err.message, message);
        eg_net_free(net);
    }
}

static void fail_each_allocation(const char *path)
{
    for (size_t n = 0;; n++) {
        struct check_alloc alloc;
        check_alloc_init(&alloc, n);
        engram_error err;
        eg_net *net;
        engram_status status = eg_mp_read_net(&net, check_data_path(path), &alloc.alloc, &err);
        eg_findings findings;
        if (!status)
            status = eg_check_net(net, &findings, net->arena, &err);
        eg_net_free(net);
        assert_int_equal(alloc.live, 0);
        if (!status)
            break;
        assert_int_equal(status, ENGRAM_E_MEMORY);
        assert_true(n < 10000);
    }
}

static void every_failed_allocation_is_answered(void **state)
{
    (void)state;
    fail_each_allocation("refused/dangling.mpk");
    fail_each_allocation("golden/coded.mpk");
    fail_each_allocation("golden/events.mpk");
    fail_each_allocation("golden/linked.mpk");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_documents_are_sound),
        cmocka_unit_test(refused_documents_say_why),
        cmocka_unit_test(texts_are_located),
        cmocka_unit_test(rules_stand_any_document),
        cmocka_unit_test(times_of_a_clock_are_read_by_range),
        cmocka_unit_test(every_failed_allocation_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
