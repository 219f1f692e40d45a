/* The document: identity, refusals by version and limit, hostile bytes, memory. */
#include "common/file.h"
#include "msgpack/mp_read.h"
#include "msgpack/mp_write.h"
#include "network/net_find.h"

#include "support/check.h"

#include <stdio.h>
#include <string.h>

static eg_mapping golden(const char *name)
{
    eg_mapping mapping;
    engram_error err;
    assert_ok(eg_mapping_open(&mapping, check_data_path(name), &err), &err);
    return mapping;
}

static void documents_come_back_byte_for_byte(void **state)
{
    (void)state;
    engram_error err;
    eg_mapping bytes = golden("golden/minimal.mpk");
    eg_net *net;
    assert_ok(eg_mp_read_net(&net, check_data_path("golden/minimal.mpk"),
                             engram_default_alloc(), &err),
              &err);
    char path[256];
    snprintf(path, sizeof path, "%s/again.mpk", check_temp_dir());
    assert_ok(eg_mp_write_net(net, path, engram_default_alloc(), &err), &err);
    eg_net_free(net);
    eg_mapping again;
    assert_ok(eg_mapping_open(&again, path, &err), &err);
    assert_int_equal(again.size, bytes.size);
    assert_memory_equal(again.data, bytes.data, bytes.size);
    eg_mapping_close(&again);
    eg_mapping_close(&bytes);
}

static void arrays_are_read_in_place(void **state)
{
    (void)state;
    engram_error err;
    eg_mapping bytes = golden("golden/minimal.mpk");
    eg_net *net;
    assert_ok(
        eg_mp_read_net_bytes(&net, bytes.data, bytes.size, NULL, engram_default_alloc(), &err),
        &err);
    const eg_array *array = eg_net_array(net->document.state, "P", "v");
    assert_non_null(array);
    double v[2];
    assert_ok(eg_source_read(array->data, v, 0, 2, &err), &err);
    assert_true(v[0] == 0.011);
    eg_net_free(net);
    eg_mapping_close(&bytes);
}

static void pieces_are_joined_on_reading_and_writing(void **state)
{
    (void)state;
    engram_error err;
    eg_mapping bytes = golden("golden/minimal.mpk");
    eg_net *net;
    assert_ok(eg_mp_read_net(&net, check_data_path("golden/pieces.mpk"), engram_default_alloc(),
                             &err),
              &err);
    const eg_source *data = net->document.state->arrays.item[0].data;
    double v[2];
    assert_ok(eg_source_read(data, v, 0, 2, &err), &err);
    assert_true(v[0] == 0.011 && v[1] == 0);
    assert_null(data->ops->data(data)); /* no single run of memory */
    eg_buf out;
    eg_buf_init(&out, engram_default_alloc());
    assert_ok(eg_mp_write_net_bytes(&out, net, engram_default_alloc(), &err), &err);
    assert_int_equal(out.size, bytes.size);
    assert_memory_equal(out.data, bytes.data, bytes.size);
    eg_buf_clear(&out);
    eg_net_free(net);
    eg_mapping_close(&bytes);
}

/* Of this version, as scripts and older writers make them. */
static void documents_without_digest_are_read(void **state)
{
    (void)state;
    engram_error err;
    eg_mapping bytes = golden("golden/minimal.mpk");
    eg_net *net, *plain;
    assert_ok(eg_mp_read_net(&plain, check_data_path("golden/unsealed.mpk"),
                             engram_default_alloc(), &err),
              &err);
    assert_int_equal(plain->seal, EG_SEAL_ABSENT);
    assert_ok(
        eg_mp_read_net_bytes(&net, bytes.data, bytes.size, NULL, engram_default_alloc(), &err),
        &err);
    assert_int_equal(net->seal, EG_SEAL_MATCHED);
    eg_buf out;
    eg_buf_init(&out, engram_default_alloc());
    assert_ok(eg_mp_write_net_bytes(&out, plain, engram_default_alloc(), &err), &err);
    assert_int_equal(out.size, bytes.size);
    assert_memory_equal(out.data, bytes.data, bytes.size);
    eg_buf_clear(&out);
    eg_net_free(net);
    eg_net_free(plain);
    eg_mapping_close(&bytes);
}

static void newer_minor_names_what_it_ignores(void **state)
{
    (void)state;
    engram_error err;
    eg_net *net;
    assert_ok(eg_mp_read_net(&net, check_data_path("golden/newer-minor.mpk"),
                             engram_default_alloc(), &err),
              &err);
    assert_int_equal(net->ignored.count, 1);
    assert_string_equal(net->ignored.item[0], "/network/groups/0/colour");
    eg_net_free(net);
}

static void no_truncation_is_accepted(void **state)
{
    (void)state;
    eg_mapping bytes = golden("golden/minimal.mpk");
    for (size_t size = 0; size < bytes.size; size++) {
        /* A block of its own, so that the sanitizer sees a read behind the end. */
        unsigned char *cut = eg_calloc(engram_default_alloc(), size);
        memcpy(cut, bytes.data, size);
        eg_net *net;
        engram_error err;
        assert_int_not_equal(
            eg_mp_read_net_bytes(&net, cut, size, NULL, engram_default_alloc(), &err),
            ENGRAM_OK);
        assert_null(net);
        eg_free(engram_default_alloc(), cut, size);
    }
    eg_mapping_close(&bytes);
}

static void no_flipped_byte_crashes(void **state)
{
    (void)state;
    eg_mapping bytes = golden("golden/minimal.mpk");
    unsigned char *copy = eg_calloc(engram_default_alloc(), bytes.size);
    static const unsigned char masks[] = {0x01, 0x80, 0xff, 0x10};
    eg_mp_limits past = EG_MP_LIMITS_DEFAULT; /* the digest, which finds them all */
    past.any_digest = true;
    for (size_t at = 0; at < bytes.size; at++)
        for (size_t m = 0; m < sizeof masks; m++) {
            memcpy(copy, bytes.data, bytes.size);
            copy[at] ^= masks[m];
            eg_net *net;
            engram_error err = {0};
            if (eg_mp_read_net_bytes(&net, copy, bytes.size, &past, engram_default_alloc(),
                                     &err))
                assert_true(err.message[0] && !net);
            eg_net_free(net);
            assert_int_not_equal(eg_mp_read_net_bytes(&net, copy, bytes.size, NULL,
                                                      engram_default_alloc(), &err),
                                 ENGRAM_OK);
        }
    eg_free(engram_default_alloc(), copy, bytes.size);
    eg_mapping_close(&bytes);
}

static void limits_are_parameters(void **state)
{
    (void)state;
    eg_mapping bytes = golden("golden/minimal.mpk");
    engram_error err;
    eg_net *net;
    const eg_mp_limits few = {24, 20, false}, flat = {2, 1000, false};
    assert_int_equal(
        eg_mp_read_net_bytes(&net, bytes.data, bytes.size, &few, engram_default_alloc(), &err),
        ENGRAM_E_LIMIT);
    assert_string_contains(err.message, "more than 20 values");
    assert_int_equal(
        eg_mp_read_net_bytes(&net, bytes.data, bytes.size, &flat, engram_default_alloc(), &err),
        ENGRAM_E_LIMIT);
    eg_mapping_close(&bytes);
}

/* A byte in a list asks for no more than a few hundred. */
static void empty_elements_ask_for_no_memory(void **state)
{
    (void)state;
    enum { COUNT = 100000 };
    static const char head[] = "\x84\xa6"
                               "format\xae"
                               "engram-network\xa5"
                               "major\x01\xa5"
                               "minor"
                               "\x00\xa7"
                               "network\x81\xa6"
                               "groups\xdd\x00\x01\x86\xa0";
    const size_t size = sizeof head - 1 + COUNT;
    unsigned char *bytes = eg_calloc(engram_default_alloc(), size);
    memcpy(bytes, head, sizeof head - 1);
    memset(bytes + sizeof head - 1, 0x80, COUNT); /* {} */
    struct check_alloc alloc;
    check_alloc_init(&alloc, SIZE_MAX);
    eg_net *net;
    engram_error err;
    assert_int_equal(eg_mp_read_net_bytes(&net, bytes, size, NULL, &alloc.alloc, &err),
                     ENGRAM_E_SCHEMA);
    assert_string_contains(err.message, "group without the required field");
    assert_int_equal(alloc.live, 0);
    assert_true(alloc.most_bytes < 200000);
    eg_free(engram_default_alloc(), bytes, size);
}

static void every_failed_allocation_is_answered(void **state)
{
    (void)state;
    eg_mapping bytes = golden("golden/minimal.mpk");
    for (size_t n = 0;; n++) {
        struct check_alloc alloc;
        check_alloc_init(&alloc, n);
        engram_error err;
        eg_net *net;
        eg_buf out;
        eg_buf_init(&out, &alloc.alloc);
        engram_status status =
            eg_mp_read_net_bytes(&net, bytes.data, bytes.size, NULL, &alloc.alloc, &err);
        if (!status)
            status = eg_mp_write_net_bytes(&out, net, &alloc.alloc, &err);
        eg_net_free(net);
        eg_buf_clear(&out);
        assert_int_equal(alloc.live, 0);
        if (!status)
            break;
        assert_int_equal(status, ENGRAM_E_MEMORY);
        assert_true(n < 10000);
    }
    eg_mapping_close(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_come_back_byte_for_byte),
        cmocka_unit_test(arrays_are_read_in_place),
        cmocka_unit_test(pieces_are_joined_on_reading_and_writing),
        cmocka_unit_test(documents_without_digest_are_read),
        cmocka_unit_test(newer_minor_names_what_it_ignores),
        cmocka_unit_test(no_truncation_is_accepted),
        cmocka_unit_test(no_flipped_byte_crashes),
        cmocka_unit_test(limits_are_parameters),
        cmocka_unit_test(empty_elements_ask_for_no_memory),
        cmocka_unit_test(every_failed_allocation_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
