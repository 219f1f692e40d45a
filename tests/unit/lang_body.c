/* lang_body.c - signatures and bodies of custom functions: what is read, what is refused */
#include "lang/body.h"
#include "support/check.h"

#include <string.h>

static engram_status read(const eg_signature **out, eg_arena *arena, const char *body,
                          const char *first, const char *second, const char *result,
                          engram_error *err)
{
    static const char *const names[] = {"v", "b"};
    const char **units = eg_arena_array(arena, 2, sizeof *units);
    units[0] = first;
    units[1] = second;
    const eg_function_texts texts = {.name = "f",
                                     .body = body,
                                     .result = result,
                                     .type = "",
                                     .parameter = names,
                                     .argument = units,
                                     .parameters = 2,
                                     .arguments = 2};
    return eg_signature_read(out, arena, &texts, err);
}

/* OK, or the code and a part of the message of the first complaint. */
static void judged(const char *body, const char *first, const char *second, const char *result,
                   engram_status wanted, const char *says, uint32_t line)
{
    engram_error err = {0};
    const eg_signature *s;
    eg_arena *arena = eg_arena_new(engram_default_alloc());
    engram_status status = read(&s, arena, body, first, second, result, &err);
    if (!status)
        status = eg_body_check(s, &err);
    if (status != wanted || (status && !strstr(err.message, says)) ||
        (status && err.line != line))
        fail_msg("\"%s\" gives %d at line %u: %s", body, status, err.line, err.message);
    eg_arena_free(arena);
}

static void test_bodies_are_judged(void **state)
{
    (void)state;
    judged("x = (v - 0.01*volt)/(2*mV)\n_result = where(x > 0 and b, exp(-x), x**2)", "volt",
           "bool", "1", ENGRAM_OK, "", 0);
    judged("_result = where(b, 0, clip(v, -inf, 0.1*volt))", "volt", "bool", "volt", ENGRAM_OK,
           "", 0);
    judged("_result = 0", "volt", "bool", "volt", ENGRAM_OK, "", 0);
    judged("_result = v*2", "", "bool", "amp", ENGRAM_OK, "", 0); /* unknown until called */
    judged("_result = v > 0", "=v", "1", "bool", ENGRAM_OK, "", 0);

    judged("x = v\n_result = x + 1", "volt", "bool", "volt", ENGRAM_E_DIMENSION, "cannot add",
           2);
    judged("_result = exp(v)", "volt", "bool", "1", ENGRAM_E_DIMENSION, "argument 1 of 'exp'",
           1);
    judged("_result = where(b, v, 1)", "volt", "bool", "volt", ENGRAM_E_DIMENSION,
           "argument 3 of 'where'", 1);
    judged("_result = v*v", "volt", "bool", "volt", ENGRAM_E_DIMENSION,
           "the result has the dimension", 1);
    judged("_result = f(v, b)", "1", "bool", "1", ENGRAM_E_UNSUPPORTED, "calls itself", 1);
    judged("_result = other(v)", "1", "bool", "1", ENGRAM_E_REFERENCE, "no function that", 1);
    judged("_result = v + rand()", "1", "bool", "1", ENGRAM_E_UNSUPPORTED, "draws random", 1);
    judged("_result = exp(v, v)", "1", "bool", "1", ENGRAM_E_SYNTAX, "got 2 arguments", 1);
    judged("_result = where(v, 1, 2)", "1", "bool", "1", ENGRAM_E_SYNTAX,
           "argument 1 of 'where' is float64", 1);
    judged("_result = not v", "1", "bool", "1", ENGRAM_E_SYNTAX, "operand of 'not'", 1);
    judged("_result = y", "1", "bool", "1", ENGRAM_E_REFERENCE, "unknown name 'y'", 1);
    judged("x = 1\nx = 2\n_result = x", "1", "bool", "1", ENGRAM_E_SYNTAX, "a second time", 2);
    judged("v = 1\n_result = v", "1", "bool", "1", ENGRAM_E_SYNTAX, "a second time", 1);
    judged("_result = v\nx = v", "1", "bool", "1", ENGRAM_E_SCHEMA, "does not end with", 0);
    judged("_result = v", "1", "bool", "bool", ENGRAM_E_SYNTAX, "wanted a boolean", 1);
    judged("_result = v", "=w", "bool", "1", ENGRAM_E_REFERENCE, "'w', which is no argument",
           0);
    judged("_result = v", "metres", "bool", "1", ENGRAM_E_REFERENCE, "unknown name 'metres'",
           1);
}

static bool lookup(void *context, const char *name, eg_symbol *out)
{
    *out = (eg_symbol){.type = EG_F64, .dim = {{2, 1, -3, -1, 0, 0, 0}}};
    if (strcmp(name, "f") == 0) {
        out->signature = context;
        out->is_function = true;
        out->args = out->signature->count;
        out->type = out->signature->type;
    }
    return true;
}

static engram_status call(eg_dim *dim, const char *expr, const char *body, const char *first,
                          const char *result, engram_error *err)
{
    eg_arena *arena = eg_arena_new(engram_default_alloc());
    const eg_signature *s;
    eg_expr *e;
    assert_ok(read(&s, arena, body, first, "bool", result, err), err);
    assert_ok(eg_parse_expr(&e, arena, expr, err), err);
    const eg_scope scope = {lookup, (void *)(uintptr_t)s, EG_DIALECT_RUNTIME, false};
    engram_status status = eg_sema_types(e, &scope, expr, err);
    if (!status)
        status = eg_sema_dim(dim, e, &scope, expr, err);
    eg_arena_free(arena);
    return status;
}

static void test_calls_are_judged_by_the_signature(void **state)
{
    (void)state;
    engram_error err;
    eg_dim dim;
    assert_ok(call(&dim, "f(x, x > x)", "", "volt", "second", &err), &err);
    assert_true(dim.exponent[2] == 1 && dim.exponent[0] == 0);
    assert_ok(call(&dim, "f(x*x, x > x)", "", "", "=v", &err), &err);
    assert_true(dim.exponent[0] == 4);
    /* computed: by the body, with the dimensions of the call */
    assert_ok(call(&dim, "f(x*x, x > x)", "y = v*v\n_result = y/volt", "", "?", &err), &err);
    assert_true(dim.exponent[0] == 6);
    assert_int_equal(call(&dim, "f(x, x > x)", "_result = v + 1", "", "?", &err),
                     ENGRAM_E_DIMENSION);
    assert_string_contains(err.message, "in f()");
    assert_int_equal(call(&dim, "f(x, x > x)", "", "amp", "1", &err), ENGRAM_E_DIMENSION);
    assert_int_equal(call(&dim, "f(x, x)", "", "volt", "1", &err), ENGRAM_E_SYNTAX);
    assert_int_equal(call(&dim, "f(x)", "", "volt", "1", &err), ENGRAM_E_SYNTAX);
}

static void test_equations_have_no_where(void **state)
{
    (void)state;
    assert_null(eg_function_find("where"));
    assert_non_null(eg_function_find_in_body("where"));
    assert_non_null(eg_function_find_in_body("exp"));
}

static engram_status parse_once(const engram_alloc *alloc)
{
    static const char *const name = "v", *const unit = "volt";
    const eg_function_texts texts = {.name = "f",
                                     .body = "x = v/volt\n_result = x*x",
                                     .result = "1",
                                     .type = "",
                                     .parameter = &name,
                                     .argument = &unit,
                                     .parameters = 1,
                                     .arguments = 1};
    engram_error err;
    const eg_signature *s;
    eg_arena *arena = eg_arena_new(alloc);
    if (!arena)
        return ENGRAM_E_MEMORY;
    engram_status status = eg_signature_read(&s, arena, &texts, &err);
    if (!status)
        status = eg_body_check(s, &err);
    eg_arena_free(arena);
    return status;
}

static void test_memory_runs_out(void **state)
{
    (void)state;
    for (size_t n = 0;; n++) {
        struct check_alloc check;
        check_alloc_init(&check, n);
        const engram_status status = parse_once(&check.alloc);
        assert_int_equal(check.live, 0);
        if (!status)
            break;
        assert_int_equal(status, ENGRAM_E_MEMORY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_bodies_are_judged),
                                       cmocka_unit_test(test_calls_are_judged_by_the_signature),
                                       cmocka_unit_test(test_equations_have_no_where),
                                       cmocka_unit_test(test_memory_runs_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
