/* Parser, printer and error positions. */
#include "support/check.h"

#include "lang/ast.h"

#include <stdio.h>
#include <string.h>

static const char *const same[][2] = {{"-x**2", "-(x**2)"},
                                      {"2**-1", "2**(-1)"},
                                      {"a**b**c", "a**(b**c)"},
                                      {"not a == b", "not (a == b)"},
                                      {"a and not b", "a and (not b)"},
                                      {"-a*b", "(-a)*b"},
                                      {"a - b - c", "(a - b) - c"},
                                      {"f(a,\n b)", "f(a, b)"},
                                      {"1_000", "1000"},
                                      {".5", "0.5"}};

static void test_precedence_is_pythons_and_prints_back(void **state)
{
    (void)state;
    eg_arena *arena = eg_arena_new(engram_default_alloc());
    for (size_t k = 0; k < sizeof same / sizeof *same; k++) {
        engram_error err;
        eg_expr *a, *b, *c;
        assert_ok(eg_parse_expr(&a, arena, same[k][0], &err), &err);
        assert_ok(eg_parse_expr(&b, arena, same[k][1], &err), &err);
        assert_ok(eg_parse_expr(&c, arena, eg_expr_print(arena, a), &err), &err);
        if (!eg_expr_equal(a, b) || !eg_expr_equal(a, c))
            fail_msg("'%s' is not '%s'", same[k][0], same[k][1]);
    }
    eg_arena_free(arena);
}

static void test_random_tokens_give_a_tree_or_a_place(void **state)
{
    (void)state;
    static const char *const tokens[] = {"a",   "b",  "f(",   "(",  ")",  ",",   "+",    "-",
                                         "*",   "//", "**",   "<",  "==", "and", "not",  "1",
                                         "2.5", "=",  "+=",   "\n", ";",  "#",   "True", "if",
                                         "[",   "&",  "\xff", "0x", "1_"};
    uint32_t seed = 12345;
    for (int round = 0; round < 20000; round++) {
        char text[256] = "";
        size_t used = 0;
        for (int k = 0; k < 1 + round % 12; k++) {
            seed = seed * 1664525u + 1013904223u;
            used += (size_t)snprintf(text + used, sizeof text - used, "%s ",
                                     tokens[(seed >> 16) % (sizeof tokens / sizeof *tokens)]);
        }
        engram_error err = {0};
        eg_expr *expr;
        eg_assign_list list;
        eg_arena *arena = eg_arena_new(engram_default_alloc());
        if (eg_parse_expr(&expr, arena, text, &err))
            assert_true(err.line >= 1 && err.column >= 1 && err.message[0]);
        err = (engram_error){0};
        if (eg_parse_code(&list, arena, text, &err))
            assert_true(err.line >= 1 && err.column >= 1 && err.message[0]);
        eg_arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_precedence_is_pythons_and_prints_back),
        cmocka_unit_test(test_random_tokens_give_a_tree_or_a_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
