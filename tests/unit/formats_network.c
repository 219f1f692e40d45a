/* Tables, defaults, canonical order, construction order, sources. */
#include "network/net.h"
#include "network/net_find.h"
#include "network/net_order.h"

#include "support/check.h"

#include <string.h>

static void descriptors_agree_with_the_structs(void **state)
{
    (void)state;
    size_t count;
    const eg_element_type *const *types = eg_element_types(&count);
    assert_ptr_equal(types[count - 1], &eg_type_document);
    for (size_t k = 0; k < count; k++)
        for (size_t f = 0; f < types[k]->field_count; f++) {
            const eg_field *field = &types[k]->fields[f];
            assert_true(field->offset < types[k]->size);
            assert_ptr_equal(eg_element_field(types[k], field->name), field);
            if (field->kind == EG_FIELD_LIST)
                assert_non_null(eg_element_field(field->element, "name"));
        }
    assert_null(eg_element_field(&eg_type_document, "colour"));
}

static void minus_zero_is_not_the_default(void **state)
{
    (void)state;
    const eg_field *field = NULL;
    size_t count;
    const eg_element_type *const *types = eg_element_types(&count);
    for (size_t k = 0; k < count; k++)
        if (strcmp(types[k]->name, "group") == 0)
            field = eg_element_field(types[k], "period");
    eg_group group = {.period = 0.0};
    assert_true(eg_field_is_default(field, &group));
    group.period = -0.0;
    assert_false(eg_field_is_default(field, &group));
}

static void slots_are_numbered_in_threes(void **state)
{
    (void)state;
    const char *names[] = {"start", "groups", "end"};
    const eg_strs schedule = {names, 3};
    int64_t slot;
    engram_error err;
    assert_ok(eg_net_slot(&slot, &schedule, "before_start", &err), &err);
    assert_int_equal(slot, 0);
    assert_ok(eg_net_slot(&slot, &schedule, "groups", &err), &err);
    assert_int_equal(slot, 4);
    assert_ok(eg_net_slot(&slot, &schedule, "after_end", &err), &err);
    assert_int_equal(slot, 8);
    assert_int_equal(eg_net_slot(&slot, &schedule, "before_", &err), ENGRAM_E_REFERENCE);
    static const char *again[] = {"groups", "end", "groups", "start"}; /* the last one counts */
    const eg_strs twice = {again, 4};
    assert_ok(eg_net_slot(&slot, &twice, "after_groups", &err), &err);
    assert_int_equal(slot, 8);
}

static eg_net *small_net(void)
{
    eg_net *net;
    engram_error err;
    assert_ok(eg_net_new(&net, engram_default_alloc(), &err), &err);
    net->document.network = eg_arena_alloc(net->arena, sizeof(eg_network));
    net->document.network->groups.item = eg_arena_array(net->arena, 3, sizeof(eg_group));
    net->document.network->groups.count = 3;
    eg_group *g = net->document.network->groups.item;
    g[0] = (eg_group){.name = "b", .kind = "subgroup", .source = "c", .clock = ""};
    g[1] = (eg_group){.name = "a", .kind = "subgroup", .source = "b", .clock = ""};
    g[2] = (eg_group){.name = "c", .kind = "neurons", .source = "", .clock = ""};
    return net;
}

static void subgroups_follow_their_source(void **state)
{
    (void)state;
    engram_error err;
    eg_net *net = small_net();
    eg_order order;
    assert_ok(eg_net_canonical(net, &err), &err);
    assert_string_equal(net->document.network->groups.item[0].name, "a");
    assert_ok(eg_net_order(&order, net, net->arena, &err), &err);
    assert_int_equal(order.count, 3);
    assert_string_equal(order.item[0].of.group->name, "c");
    assert_string_equal(order.item[1].of.group->name, "b");
    assert_string_equal(order.item[2].of.group->name, "a");
    eg_net_free(net);
}

static void circles_and_gaps_name_both_ends(void **state)
{
    (void)state;
    engram_error err;
    eg_net *net = small_net();
    eg_order order;
    net->document.network->groups.item[0].source = "a";
    assert_ok(eg_net_canonical(net, &err), &err);
    assert_int_equal(eg_net_order(&order, net, net->arena, &err), ENGRAM_E_REFERENCE);
    assert_string_contains(err.message, "\"a\"");
    assert_string_contains(err.message, "\"b\"");
    assert_string_contains(err.message, "circle");
    net->document.network->groups.item[1].source = "nowhere";
    assert_int_equal(eg_net_order(&order, net, net->arena, &err), ENGRAM_E_REFERENCE);
    assert_string_contains(err.message, "nowhere");
    eg_net_free(net);
}

static void one_name_twice_is_refused(void **state)
{
    (void)state;
    engram_error err;
    eg_net *net = small_net();
    net->document.network->groups.item[2].name = "a";
    assert_int_equal(eg_net_canonical(net, &err), ENGRAM_E_SCHEMA);
    assert_string_contains(err.message, "1 and 2 are both named \"a\"");
    eg_net_free(net);
}

static void conversions_are_exact_or_refused(void **state)
{
    (void)state;
    engram_error err;
    eg_arena *arena = eg_arena_new(engram_default_alloc());
    const double values[] = {1, -2, 0.5, 9007199254740992.0, 1e300};
    const uint64_t shape[] = {5};
    eg_source *source;
    assert_ok(eg_source_memory(&source, arena, EG_F64, 1, shape, values, &err), &err);
    int32_t narrow[5];
    int64_t wide[5];
    float single[5];
    assert_ok(eg_source_read_as(source, EG_I32, narrow, 0, 2, &err), &err);
    assert_int_equal(narrow[1], -2);
    assert_int_equal(eg_source_read_as(source, EG_I32, narrow, 0, 3, &err), ENGRAM_E_LIMIT);
    assert_string_contains(err.message, "element 2 is 0.5");
    assert_ok(eg_source_read_as(source, EG_I64, wide, 3, 1, &err), &err);
    assert_true(wide[0] == INT64_C(9007199254740992));
    assert_int_equal(eg_source_read_as(source, EG_I64, wide, 4, 1, &err), ENGRAM_E_LIMIT);
    assert_int_equal(eg_source_read_as(source, EG_F32, single, 4, 1, &err), ENGRAM_E_LIMIT);
    assert_int_equal(eg_source_read(source, wide, 4, 2, &err), ENGRAM_E_LIMIT);
    assert_int_equal(eg_source_read(source, wide, UINT64_MAX, 2, &err), ENGRAM_E_LIMIT);
    eg_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptors_agree_with_the_structs),
        cmocka_unit_test(minus_zero_is_not_the_default),
        cmocka_unit_test(slots_are_numbered_in_threes),
        cmocka_unit_test(subgroups_follow_their_source),
        cmocka_unit_test(circles_and_gaps_name_both_ends),
        cmocka_unit_test(one_name_twice_is_refused),
        cmocka_unit_test(conversions_are_exact_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
