/* Units, types and dimensions; the golden tables come from a live Brian2. */
#include "support/check.h"

#include "lang/sema.h"
#include "lang/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The variables of tests/golden/make_dims.py, and some of other types. */
static bool lookup(void *context, const char *name, eg_symbol *out)
{
    (void)context;
    static const struct {
        const char *name;
        eg_symbol symbol;
    } known[] = {
        {"v", {.type = EG_F64, .dim = {{2, 1, -3, -1, 0, 0, 0}}}},
        {"w", {.type = EG_F64, .dim = {{2, 1, -3, -1, 0, 0, 0}}}},
        {"tau", {.type = EG_F64, .dim = {{0, 0, 1, 0, 0, 0, 0}}}},
        {"t", {.type = EG_F64, .dim = {{0, 0, 1, 0, 0, 0, 0}}, .scalar = true}},
        {"x", {.type = EG_F64}},
        {"k", {.type = EG_I32}},
        {"f", {.type = EG_F32}},
        {"b", {.type = EG_BOOL}},
        {"two", {.type = EG_I64, .has_value = true, .value = 2, .scalar = true}},
        {"half", {.type = EG_F64, .has_value = true, .value = 0.5, .scalar = true}},
    };
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (!strcmp(name, known[k].name)) {
            *out = known[k].symbol;
            return true;
        }
    return false;
}

static void test_units_are_brian2s(void **state)
{
    (void)state;
    FILE *file = fopen(check_data_path("golden/units_brian2_2.9.0.txt"), "r");
    assert_non_null(file);
    char line[256];
    int count = 0;
    for (; fgets(line, sizeof line, file); count++) {
        char *next = strchr(line, ' ');
        assert_non_null(next);
        *next++ = '\0';
        double scale;
        eg_dim dim;
        if (!eg_unit_find(line, &scale, &dim) || scale != strtod(next, &next))
            fail_msg("unit %s is missing or of another scale", line);
        for (int k = 0; k < 7; k++)
            if (dim.exponent[k] != strtod(next, &next))
                fail_msg("exponent %d of %s is %g", k, line, dim.exponent[k]);
    }
    fclose(file);
    assert_int_equal(count, 1710);
    static const char *const none[] = {"mS",        "cmetre", "cmetre2", "hvolt",   "kkelvin",
                                       "mkilogram", "liter2", "mM2",     "candela", "metre4",
                                       "2",         "",       "V",       "mmvolt",  "kcm",
                                       "litre3",    "exp"};
    for (size_t k = 0; k < sizeof none / sizeof *none; k++)
        if (eg_unit_find(none[k], NULL, NULL))
            fail_msg("'%s' is not a default unit of Brian2", none[k]);
}

static void test_dimensions_are_brian2s(void **state)
{
    (void)state;
    FILE *file = fopen(check_data_path("golden/dims_brian2_2.9.0.txt"), "r");
    assert_non_null(file);
    const eg_scope scope = {lookup, NULL, EG_DIALECT_RUNTIME, false};
    char line[256];
    int count = 0, wrong = 0;
    for (; fgets(line, sizeof line, file); count++) {
        char *next = strchr(line, '\t');
        assert_non_null(next);
        *next++ = '\0';
        eg_arena *arena = eg_arena_new(engram_default_alloc());
        engram_error err = {0};
        eg_expr *expr;
        eg_dim dim;
        assert_ok(eg_parse_expr(&expr, arena, line, &err), &err);
        const engram_status status = eg_sema_dim(&dim, expr, &scope, line, &err);
        const bool refused = !strncmp(next, "error", 5);
        bool same = refused == (status != ENGRAM_OK);
        for (int k = 0; same && !refused && k < 7; k++) {
            const double off = dim.exponent[k] - strtod(next, &next);
            same = off < 1e-8 && off > -1e-8;
        }
        if (!same || (status && err.column < 1)) {
            print_error("'%s' parts from Brian2: %s\n", line,
                        status ? err.message : "accepted");
            wrong++;
        }
        eg_arena_free(arena);
    }
    fclose(file);
    assert_int_equal(wrong, 0);
    assert_int_equal(count, 227);
}

static void test_types_follow_the_dialect(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        eg_dtype runtime, standalone;
    } cases[] = {{"2147483648", EG_I64, EG_I64},
                 {"k*2", EG_I32, EG_I32},
                 {"b + b", EG_I32, EG_I32},
                 {"k/2", EG_F64, EG_F32},
                 {"k//2", EG_I32, EG_I32},
                 {"k**2", EG_I32, EG_F64},
                 {"f + 1", EG_F32, EG_F32},
                 {"f + 0.1", EG_F64, EG_F64},
                 {"exp(f)", EG_F32, EG_F32},
                 {"exprel(f)", EG_F64, EG_F64},
                 {"abs(k)", EG_I32, EG_I32},
                 {"x > 0", EG_BOOL, EG_BOOL},
                 {"timestep(t, tau)", EG_I64, EG_I64},
                 {"k*two", EG_I64, EG_I64}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        for (int d = 0; d < 2; d++) {
            const eg_scope scope = {lookup, NULL,
                                    d ? EG_DIALECT_STANDALONE : EG_DIALECT_RUNTIME, false};
            eg_arena *arena = eg_arena_new(engram_default_alloc());
            engram_error err;
            eg_expr *expr;
            assert_ok(eg_parse_expr(&expr, arena, cases[k].text, &err), &err);
            assert_ok(eg_sema_types(expr, &scope, cases[k].text, &err), &err);
            if (expr->type != (d ? cases[k].standalone : cases[k].runtime))
                fail_msg("'%s' is %s in dialect %d", cases[k].text, eg_dtype_name(expr->type),
                         d);
            eg_arena_free(arena);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_units_are_brian2s),
        cmocka_unit_test(test_dimensions_are_brian2s),
        cmocka_unit_test(test_types_follow_the_dialect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
