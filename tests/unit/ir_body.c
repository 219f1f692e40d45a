/* ir_body.c - calls of custom functions: their arithmetic is numpy's in each dialect and mode
 */
#include "exec_code.h"
#include "support/check.h"

#include <math.h>

struct function {
    const char *body, *type;
    const char *unit[2];
};

/* f(a, b) of that body in `expr`, over a = 2.759, k = 7 (int32), s = 0.3f, zero = 0. */
static engram_status evaluate(double *out, const struct function *f, const char *expr,
                              eg_math math, eg_dialect dialect, engram_error *err)
{
    static const char *names[] = {"x", "y"};
    const char *units[] = {f->unit[0] ? f->unit[0] : "", f->unit[1] ? f->unit[1] : ""};
    eg_function function = {.name = "own",
                            .kind = "custom",
                            .body = f->body,
                            .result = "1",
                            .result_type = f->type ? f->type : "",
                            .reason = "",
                            .source = "",
                            .parameters = {names, 2},
                            .arguments = {units, 2}};
    struct code c;
    code_init(&c);
    c.dialect = dialect;
    c.functions = (eg_function_list){&function, 1};
    c.count = 3;
    code_binding(&c, "f", "function", "float64")->owner = "own";
    double *r = code_array(&c, "r", "float64", "_idx", "");
    double *a = code_array(&c, "a", "float64", "_idx", "");
    double *zero = code_array(&c, "zero", "float64", "_idx", "");
    int32_t *k = code_array(&c, "k", "int32", "_idx", "");
    float *s = code_array(&c, "s", "float32", "_idx", "");
    code_array(&c, "b", "bool", "_idx", "");
    for (int n = 0; n < 3; n++) {
        a[n] = 2.759;
        zero[n] = 0;
        k[n] = 7;
        s[n] = 0.3f;
    }
    code_line(&c, "=", "r", expr);
    const engram_status status = code_run(&c, math, "", 0, err);
    *out = r[2];
    code_free(&c);
    return status;
}

static void same(const struct function *f, const char *expr, double wanted)
{
    for (int way = 0; way < 4; way++) {
        engram_error err = {0};
        double value;
        assert_ok(evaluate(&value, f, expr, way & 1 ? EG_MATH_FAST : EG_MATH_STRICT,
                           way & 2 ? EG_DIALECT_STANDALONE : EG_DIALECT_RUNTIME, &err),
                  &err);
        const bool close = way & 1 && fabs(value - wanted) <= 4e-16 * fabs(wanted);
        if (memcmp(&value, &wanted, sizeof value) != 0 && !close)
            fail_msg("%s of \"%s\" is %.17g in way %d, wanted %.17g", expr, f->body, value, way,
                     wanted);
    }
}

#define BODY(text) (&(const struct function){.body = (text)})
#define TYPED(text, of) (&(const struct function){.body = (text), .type = (of)})
#define TAKES(text, first, second)                                                             \
    (&(const struct function){.body = (text), .unit = {(first), (second)}})

static void test_arithmetic_is_numpys(void **state)
{
    (void)state;
    volatile double a = 2.759, three = 3.0;
    same(BODY("_result = x + y"), "f(a, 1)", a + 1);
    same(BODY("t = x*y\n_result = t - t/4"), "2*f(a, a)", 2 * (a * a - a * a / 4));
    same(BODY("_result = x/y"), "f(k, 2)", 3.5); /* in each dialect, unlike k/2 there */
    same(BODY("_result = x/y"), "f(a, zero)", INFINITY);
    same(BODY("_result = x//y"), "f(-a, zero)", -INFINITY);
    same(BODY("_result = x//y + x%y"), "f(-a, 0.75)", -4 + (-a + 4 * 0.75));
    same(BODY("_result = x//2 + x%4"), "f(k, 0)", 6);
    same(BODY("_result = x**2"), "f(a, 0)", a * a);
    same(BODY("_result = x**0.5"), "f(a, 0)", sqrt(a));
    same(BODY("_result = x**-1 + x**1 + x**0"), "f(a, 0)", 1 / a + a + 1);
    same(BODY("_result = x**y"), "f(a, 3)", pow(a, three));
    same(BODY("_result = x**2"), "f(k, 0)", 49);
    same(BODY("_result = abs(x) - 0.5"), "f(-k, 0)", 6.5);
    same(BODY("_result = clip(x, 0.5, 1.5)"), "f(k, 0)", 1.5);      /* not cast to an integer */
    same(BODY("_result = x + 0.1"), "f(s, 0)", (double)0.3f + 0.1); /* as a double */
    same(BODY("_result = x*mV/mV + pi - 3"), "f(a, 0)",
         a * 0.001 / 0.001 + 3.141592653589793 - 3);
}

static void test_where_and_logic(void **state)
{
    (void)state;
    same(BODY("_result = where(x > y, x, 1/y)"), "f(a, zero)", 2.759);
    same(BODY("_result = where(x > y and not y == 0, 1, 2)"), "f(a, zero)", 2);
    same(TAKES("_result = where(x or y, 1, 2)", "bool", "bool"), "f(b, a > 0)", 1);
    same(TAKES("_result = where(x, y, -y)", "bool", ""), "f(a < 0, k)", -7);
    same(BODY("z = x > 1 or y > 1\n_result = where(z, where(y > 1, 3, 4), 5)"), "f(a, zero)",
         4);
}

static void test_results_have_the_type_declared(void **state)
{
    (void)state;
    same(TYPED("_result = x", "integer"), "f(a, 0)", 2);
    same(TYPED("_result = x > y", "boolean"), "int(f(a, 0))", 1);
    same(TYPED("_result = x", "highest"), "f(k, 0)//2", 3);
    same(BODY("_result = x"), "f(k, 0)/2", 3.5);
}

static void test_names_of_the_caller_are_not_the_bodys(void **state)
{
    (void)state;
    engram_error err;
    double value;
    assert_int_equal(evaluate(&value, BODY("_result = x + a"), "f(1, 2)", EG_MATH_STRICT,
                              EG_DIALECT_RUNTIME, &err),
                     ENGRAM_E_REFERENCE);
    assert_string_contains(err.message, "in own(): \"a\"");
    assert_int_equal(
        evaluate(&value, BODY(""), "f(1, 2)", EG_MATH_STRICT, EG_DIALECT_RUNTIME, &err),
        ENGRAM_E_UNSUPPORTED);
    assert_int_equal(
        evaluate(&value, BODY("_result = x"), "f(1)", EG_MATH_STRICT, EG_DIALECT_RUNTIME, &err),
        ENGRAM_E_SYNTAX);
    same(BODY("zero = x + 1\n_result = zero"), "f(zero, 0) + zero", 1);
}

static void test_arguments_keep_their_short_circuits(void **state)
{
    (void)state;
    /* the caller's division is checked, the body's is not; what is skipped is not computed */
    engram_error err;
    double value;
    assert_int_equal(evaluate(&value, BODY("_result = x"), "f(1/zero, 0)", EG_MATH_STRICT,
                              EG_DIALECT_RUNTIME, &err),
                     ENGRAM_E_NUMERIC);
    assert_ok(evaluate(&value, TYPED("_result = x > 0", "boolean"),
                       "int(a < 0 and f(1/zero, 0))", EG_MATH_STRICT, EG_DIALECT_RUNTIME, &err),
              &err);
    assert_true(value == 0);
}

/* ---- functions of the host's ------------------------------------------------------------- */

struct host {
    uint64_t calls, elements, most, fail_at; /* fail at this call */
};

static int difference(void *context, uint64_t count, const double *const *argument,
                      double *result)
{
    struct host *host = context;
    host->elements += count;
    host->most = count > host->most ? count : host->most;
    for (uint64_t k = 0; k < count; k++)
        result[k] = argument[0][k] - 10 * argument[1][k];
    return ++host->calls == host->fail_at;
}

/* r = expr over a[k] = k, shared = 3, b[k] = k > 100, for 600 elements. */
static engram_status run_native(double *r, struct host *host, const char *expr, eg_math math,
                                const char *type, engram_error *err)
{
    static const char *names[] = {"x", "y"};
    const char *units[] = {"", ""};
    eg_function function = {.name = "own",
                            .kind = "custom",
                            .body = "_result = 0",
                            .result = "1",
                            .result_type = type,
                            .reason = "",
                            .source = "",
                            .parameters = {names, 2},
                            .arguments = {units, 2}};
    struct code c;
    code_init(&c);
    c.functions = (eg_function_list){&function, 1};
    c.count = CODE_ELEMENTS;
    c.native = "own";
    c.given = (eg_native){difference, host};
    code_binding(&c, "f", "function", "float64")->owner = "own";
    double *result = code_array(&c, "r", "float64", "_idx", "");
    double *a = code_array(&c, "a", "float64", "_idx", "");
    bool *b = code_array(&c, "b", "bool", "_idx", "");
    *(int32_t *)code_array(&c, "shared", "int32", "0", "") = 3;
    for (int k = 0; k < CODE_ELEMENTS; k++) {
        a[k] = k;
        b[k] = k > 100;
    }
    code_line(&c, "=", "r", expr);
    const engram_status status = code_run(&c, math, "", 128, err);
    memcpy(r, result, sizeof *r * CODE_ELEMENTS);
    code_free(&c);
    return status;
}

static void test_functions_of_the_host(void **state)
{
    (void)state;
    static const struct {
        const char *expr, *type;
        double first, last;
    } cases[] = {{"f(a, shared) + 1", "", -29, 570},
                 {"f(shared, a)", "", 3, -5987},
                 {"2*f(f(a, 1), b)", "", -20, 1158}, /* a boolean comes as 0 or 1 */
                 {"f(a*a, 0.05)//2", "integer", 0, 179400},
                 {"f(2, shared) + a", "", -28, 571}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        for (int fast = 0; fast < 2; fast++) {
            struct host host = {0};
            double r[CODE_ELEMENTS];
            engram_error err;
            assert_ok(run_native(r, &host, cases[k].expr, fast ? EG_MATH_FAST : EG_MATH_STRICT,
                                 cases[k].type, &err),
                      &err);
            if (r[0] != cases[k].first || r[599] != cases[k].last)
                fail_msg("%s gives %g ... %g", cases[k].expr, r[0], r[599]);
            assert_int_equal(host.most, fast ? 128 : 1);
            assert_int_equal(host.elements, (k == 2 ? 2 : 1) * CODE_ELEMENTS);
        }
}

static void test_a_function_of_the_host_that_fails(void **state)
{
    (void)state;
    for (int fast = 0; fast < 2; fast++) {
        struct host host = {.fail_at = 3};
        double r[CODE_ELEMENTS];
        engram_error err;
        assert_int_equal(
            run_native(r, &host, "f(a, 0)", fast ? EG_MATH_FAST : EG_MATH_STRICT, "", &err),
            ENGRAM_E_INTERRUPTED);
        assert_string_contains(err.message, "function own failed");
        assert_int_equal(host.calls, 3);
        assert_true(r[1] == 1 && r[599] == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arithmetic_is_numpys),
        cmocka_unit_test(test_where_and_logic),
        cmocka_unit_test(test_results_have_the_type_declared),
        cmocka_unit_test(test_functions_of_the_host),
        cmocka_unit_test(test_a_function_of_the_host_that_fails),
        cmocka_unit_test(test_names_of_the_caller_are_not_the_bodys),
        cmocka_unit_test(test_arguments_keep_their_short_circuits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
