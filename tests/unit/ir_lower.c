/* ir_lower.c - folds, types and orders of the lowering, seen through the strict back end */
#include "exec_code.h"
#include "ir/program_private.h"
#include "support/check.h"

#include <math.h>

/* Value of an expression over a = 2.759, k = 7, n = -7 (int32), f = 0.3f, b = true. */
static engram_status evaluate(double *out, const char *expr, eg_math math, eg_dialect dialect,
                              engram_error *err)
{
    struct code c;
    code_init(&c);
    c.dialect = dialect;
    double *r = code_array(&c, "r", "float64", "_idx", "");
    *(double *)code_array(&c, "a", "float64", "_idx", "") = 2.759;
    *(int32_t *)code_array(&c, "k", "int32", "_idx", "") = 7;
    *(int32_t *)code_array(&c, "n", "int32", "_idx", "") = -7;
    *(int32_t *)code_array(&c, "big", "int32", "_idx", "") = 100000;
    *(float *)code_array(&c, "f", "float32", "_idx", "") = 0.3f;
    *(bool *)code_array(&c, "b", "bool", "_idx", "") = true;
    *(double *)code_array(&c, "zero", "float64", "_idx", "") = 0;
    *(double *)code_array(&c, "bad", "float64", "_idx", "") = NAN;
    code_constant(&c, "two", 2.0);
    code_constant(&c, "twelve", 0.12);
    eg_binding *single = code_binding(&c, "single", "constant", "float32");
    single->value = (double)0.7f;
    eg_binding *whole = code_binding(&c, "whole", "constant", "int32");
    whole->integer = 100000;
    code_line(&c, "=", "r", expr);
    const engram_status status = code_run(&c, math, "", 0, err);
    *out = *r;
    code_free(&c);
    return status;
}

#define assert_value(expr, wanted) assert_bits(expr, wanted, EG_DIALECT_RUNTIME)
static void assert_bits(const char *expr, double wanted, eg_dialect dialect)
{
    engram_error err = {0};
    double value;
    assert_ok(evaluate(&value, expr, EG_MATH_STRICT, dialect, &err), &err);
    if (memcmp(&value, &wanted, sizeof value) != 0)
        fail_msg("%s is %.17g (%a), wanted %.17g (%a)", expr, value, value, wanted, wanted);
}

static void test_pow_with_literal_exponents_is_folded(void **state)
{
    (void)state;
    volatile double a = 2.759, two = 2.0, half = 0.5, three = 3.0;
    assert_value("a**2", a * a);
    assert_value("a**(1+1)", a * a);
    assert_value("a**(4/2)", a * a);
    assert_value("a**-(-2)", a * a);
    assert_value("a**2.0", a * a);
    assert_value("a**1", a);
    assert_value("a**0", 1.0);
    assert_value("a**-1", 1.0 / a);
    assert_value("zero**-1", INFINITY);
    assert_value("a**two", pow(a, two)); /* an external constant is no literal */
    assert_value("a**0.5", pow(a, half));
    assert_value("a**3", pow(a, three));
}

static void test_calls_on_literals_are_correctly_rounded(void **state)
{
    (void)state;
    /* Values from mpmath with 60 digits, rounded to double. */
    assert_value("sinh(0.12)", 0x1.ecb353d02d5fcp-4);
    assert_value("log10(0.17)", -0x1.8a029956904d1p-1);
    assert_value("exp(5.66)", 0x1.1f260d70450c1p+8);
    assert_value("tanh(1/50.)", 0x1.47a2e5a063f19p-6);
    assert_value("exprel(0.12)", 0x1.0ffe47d1a2f41p+0);
    assert_value("expm1(a**0)", 0x1.b7e151628aed3p+0);
    assert_value("expm1(k**0)", 0x1.b7e151628aed3p+0);
}

static void test_literal_locals_fold_until_assigned_again(void **state)
{
    (void)state;
    engram_error err = {0};
    struct code c;
    code_init(&c);
    double *r = code_array(&c, "r", "float64", "_idx", "");
    double *b = code_array(&c, "b", "float64", "_idx", "");
    code_line(&c, "=", "b", "0.12");
    code_line(&c, "=", "r", "sinh(b)");
    assert_ok(code_run(&c, EG_MATH_STRICT, "", 0, &err), &err);
    assert_true(*r == 0x1.ecb353d02d5fcp-4);
    assert_true(*b == 0.12);
    code_free(&c);
}

static void test_integers_follow_cython(void **state)
{
    (void)state;
    assert_value("big*2*big", -1474836480.0);
    assert_value("big*(-2)*big", -2e10); /* written -2L */
    assert_value("big*(3-5)*big", -2e10);
    assert_value("5**2", 25.0);
    assert_value("(-8)//3", -3.0);
    assert_value("(-8)%3", 1.0);
    assert_value("10**-3*a", 0.0);
    assert_value("2**-1", 0.0);
    assert_value("k**-1", 0.0);
    assert_value("k**3", 343.0);
    assert_value("1/3", 1.0 / 3.0);
    assert_value("k/2", 3.5);
    assert_value("n//2", -4.0);
    assert_value("n%3", 2.0);
    assert_value("k%(-3)", -2.0);
    assert_value("abs(n)**-1", 1.0 / 7.0);
    assert_value("abs(n)//2", 3.0);
    assert_value("b + b", 2.0);
    assert_value("sign(n)", -1.0);
    assert_value("clip(k, 0, 2.5)", 2.0);
    assert_value("clip(a, 0, 2.5)", 2.5);
    assert_value("int(a > 2) + int(b)", 2.0);
}

static void test_int_of_what_does_not_fit_is_the_smallest(void **state)
{
    (void)state;
    assert_value("int(bad*a)", -2147483648.0);
    assert_value("int(1e10*a)", -2147483648.0);
    assert_value("int(-a)", -2.0);
}

static void test_float_modulo_and_floor(void **state)
{
    (void)state;
    volatile double a = 2.759;
    assert_value("(-a)//1.0", floor(-a / 1.0));
    const double r = fmod(fmod(-a, 2.0) + 2.0 + 2.0, 2.0);
    assert_value("(-a)%2.0", r);
}

static void test_float32_rounds_where_cython_rounds(void **state)
{
    (void)state;
    volatile float f = 0.3f;
    volatile float one = 1.0f;
    (void)one;
    assert_value("f+1", (double)f + 1.0);
    assert_value("f*f", (double)(float)(f * f));
    assert_value("exp(f)", (double)expf(f));
    assert_value("exp(f)*f", (double)(float)(expf(f) * f));
    assert_value("f*k", (double)(float)(f * 7.0f));
    const double sum = (double)f + 1.0, divisor = (double)(float)sum;
    volatile double a = 2.759;
    assert_value("1/(abs(f)+1)", 1.0 / divisor);
    assert_value("a%(abs(f)+1)", fmod(fmod(a, divisor) + sum, divisor));
}

static void test_standalone_divides_integers_in_single_precision(void **state)
{
    (void)state;
    assert_bits("k/big", (double)(7.0f / 100000.0f), EG_DIALECT_STANDALONE);
    assert_bits("1/3", (double)(1.0f / 3.0f), EG_DIALECT_STANDALONE);
    assert_bits("a/k", 2.759 / 7.0, EG_DIALECT_STANDALONE);
    assert_bits("k**2", 49.0, EG_DIALECT_STANDALONE);
    assert_bits("a/zero", INFINITY, EG_DIALECT_STANDALONE);
}

static void test_standalone_functions_of_two_have_the_wider_type(void **state)
{
    (void)state;
    volatile float f = 0.3f;
    const double left = 7.0 - (double)f * floor(7.0 / (double)f);
    assert_bits("k%f", (double)(float)left, EG_DIALECT_STANDALONE);
    assert_bits("k%f*3.0", 3.0 * (double)(float)left, EG_DIALECT_STANDALONE);
    assert_bits("16777217/a", (double)16777216.0f / 2.759, EG_DIALECT_STANDALONE);
}

/* Cython declares a constant by Python's type of it; C++ by numpy's, and its compiler knows it.
 */
static void test_constants_have_the_type_that_the_target_declares(void **state)
{
    (void)state;
    volatile float single = 0.7f, three = 3.0f;
    assert_value("single/3", (double)single / 3.0);
    assert_value("exp(single)", exp((double)single));
    assert_value("whole*whole", 1e10);
    assert_bits("single/3", (double)(single / three), EG_DIALECT_STANDALONE);
    assert_bits("whole*whole", 1410065408.0, EG_DIALECT_STANDALONE);
    volatile double a = 2.759;
    assert_bits("a**two", a * a, EG_DIALECT_STANDALONE);
    assert_bits("sinh(twelve)", 0x1.ecb353d02d5fcp-4, EG_DIALECT_STANDALONE);
    volatile double twelve = 0.12;
    assert_value("sinh(twelve)", sinh(twelve));
}

/* Cython has no C type for a literal beyond 32 bits: Python's arithmetic above it. */
static void test_long_literals_are_objects_of_python(void **state)
{
    (void)state;
    assert_value("4294967296 + f", 4294967296.0 + (double)0.3f);
    assert_value("(f*65536**2)", (double)0.3f * 4294967296.0);
}

static void test_division_by_zero_stops_the_run(void **state)
{
    (void)state;
    static const char *const exprs[] = {"a/zero",  "a//zero", "a%zero",
                                        "k/(k-7)", "1/0",     "k//0"};
    for (size_t e = 0; e < sizeof exprs / sizeof *exprs; e++) {
        engram_error err = {0};
        double value;
        assert_int_equal(evaluate(&value, exprs[e], EG_MATH_STRICT, EG_DIALECT_RUNTIME, &err),
                         ENGRAM_E_NUMERIC);
        assert_string_contains(err.message, "division by zero at element 0");
    }
}

static void test_earlier_elements_stay_stored(void **state)
{
    (void)state;
    engram_error err = {0};
    struct code c;
    code_init(&c);
    c.count = 3;
    double *r = code_array(&c, "r", "float64", "_idx", "");
    double *d = code_array(&c, "d", "float64", "_idx", "");
    d[0] = 4, d[1] = 0, d[2] = 2;
    code_line(&c, "=", "r", "1/d");
    assert_int_equal(code_run(&c, EG_MATH_STRICT, "", 0, &err), ENGRAM_E_NUMERIC);
    assert_true(r[0] == 0.25 && r[1] == 0 && r[2] == 0);
    code_free(&c);
}

static void test_guards_and_short_circuits_skip_draws(void **state)
{
    (void)state;
    static const eg_math maths[] = {EG_MATH_STRICT, EG_MATH_FAST};
    for (size_t m = 0; m < 2; m++) {
        engram_error err = {0};
        struct code c;
        code_init(&c);
        eg_rng *rng = calloc(2, sizeof *rng);
        eg_rng_init(&rng[0], EG_RNG_BRIAN_STANDALONE, 42);
        eg_rng_init(&rng[1], EG_RNG_BRIAN_STANDALONE, 42);
        c.rng = &rng[0];
        c.count = 4;
        double *v = code_array(&c, "v", "float64", "_idx", "active");
        bool *active = code_array(&c, "active", "bool", "_idx", "");
        bool *r = code_array(&c, "r", "bool", "_idx", "");
        active[1] = active[3] = true;
        code_line(&c, "+=", "v", "rand()");
        code_typed(&c, "=", "r", "active and rand() < 2", "bool");
        assert_ok(code_run(&c, maths[m], "", 0, &err), &err);
        for (int k = 1; k < 4; k += 2) {
            assert_true(v[k] == eg_rng_rand(&rng[1]));
            (void)eg_rng_rand(&rng[1]);
            assert_true(r[k]);
        }
        assert_true(v[0] == 0 && v[2] == 0 && !r[0] && !r[2]);
        assert_true(eg_rng_rand(&rng[0]) == eg_rng_rand(&rng[1])); /* as many draws */
        code_free(&c);
        free(rng);
    }
}

static void test_two_names_of_one_array_are_two_locals(void **state)
{
    (void)state;
    static const eg_math maths[] = {EG_MATH_STRICT, EG_MATH_FAST};
    for (size_t m = 0; m < 2; m++) {
        engram_error err = {0};
        struct code c;
        code_init(&c);
        double *v = code_array(&c, "v", "float64", "_idx", "");
        code_array(&c, "v_post", "float64", "_idx", "");
        c.binding[1].variable = "v";
        double *r = code_array(&c, "r", "float64", "_idx", "");
        *v = 1.0;
        code_line(&c, "+=", "v_post", "0.5");
        code_line(&c, "=", "r", "v"); /* still the old value */
        code_line(&c, "=", "v", "7.0");
        assert_ok(code_run(&c, maths[m], "", 0, &err), &err);
        assert_true(*r == 1.0);
        assert_true(*v == 1.5); /* the later name in sort order wins */
        code_free(&c);
    }
}

/* Cython declares the first name of an array and infers the others: a second name of a float32
 * array is a double once something is assigned to it. */
static void test_second_names_have_inferred_types(void **state)
{
    (void)state;
    engram_error err;
    const eg_math maths[] = {EG_MATH_STRICT, EG_MATH_FAST};
    for (int m = 0; m < 2; m++) {
        struct code c;
        code_init(&c);
        float *f = code_array(&c, "f", "float32", "_idx", "");
        code_array(&c, "f_post", "float32", "_idx", "");
        c.binding[1].variable = c.binding[0].variable;
        double *r = code_array(&c, "r", "float64", "_idx", "");
        double *q = code_array(&c, "q", "float64", "_idx", "");
        *f = 0.3f;
        code_line(&c, "=", "q", "exp(f)*f");
        code_typed(&c, "*=", "f_post", "0.1", "float32");
        code_line(&c, "=", "r", "f_post");
        assert_ok(code_run(&c, maths[m], "", 0, &err), &err);
        assert_true(*q == (double)(expf(0.3f) * 0.3f) || m);
        assert_true(*r == 0.3f * 0.1);
        assert_true(*f == (float)(0.3f * 0.1));
        code_free(&c);
    }
}

static void test_unknown_things_are_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *expr, *part;
        engram_status status;
    } rows[] = {{"nobody + 1", "nobody", ENGRAM_E_REFERENCE},
                {"binomial_1(3)", "binomial_1", 0},
                {"a +", "statement 1", ENGRAM_E_SYNTAX},
                {"_propagator(0, 0, 2, a)", "_propagator", ENGRAM_E_SYNTAX}};
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        engram_error err = {0};
        double value;
        const engram_status status =
            evaluate(&value, rows[k].expr, EG_MATH_STRICT, EG_DIALECT_RUNTIME, &err);
        assert_int_not_equal(status, ENGRAM_OK);
        if (rows[k].status)
            assert_int_equal(status, rows[k].status);
        assert_string_contains(err.message, rows[k].part);
        assert_string_contains(err.message, "\"test\", statement 1");
    }
}

static void test_timed_array_clips_time_and_refuses_columns(void **state)
{
    (void)state;
    static const double values[] = {1, 2, 3, 4, 5, 6};
    eg_arena *arena = eg_arena_new(engram_default_alloc());
    engram_error err = {0};
    struct code c;
    code_init(&c);
    eg_function f = {.name = "ta", .kind = "timedarray", .dt = 1e-3, .ndim = 2};
    assert_ok(eg_source_memory(&f.values, arena, EG_F64, 2, (uint64_t[]){3, 2}, values, &err),
              &err);
    c.functions = (eg_function_list){&f, 1};
    c.table = values;
    c.count = 5;
    double *r = code_array(&c, "r", "float64", "_idx", "");
    double *t = code_array(&c, "t", "float64", "_idx", "");
    int32_t *column = code_array(&c, "column", "int32", "_idx", "");
    code_binding(&c, "ta", "function", "float64")->owner = "ta";
    const double times[] = {-1.0, 0.0, 1.0e-3, 99.0, 0.0};
    const int32_t columns[] = {0, 1, 0, 1, 2};
    memcpy(t, times, sizeof times);
    memcpy(column, columns, sizeof columns);
    code_line(&c, "=", "r", "ta(t, column)");
    assert_ok(code_run(&c, EG_MATH_STRICT, "", 0, &err), &err);
    assert_true(r[0] == 1 && r[1] == 2 && r[2] == 3 && r[3] == 6 && isnan(r[4]));
    code_free(&c);
    eg_arena_free(arena);
}

/* brian2/input/binomial.py: by inversion (semantics 7.2), normal and rounded to float32,
 * refused where Brian2 would never return. */
static void test_binomial_functions_draw_as_brian2(void **state)
{
    (void)state;
    static const double inverted[] = {1, 3, 1, 1, 0, 0, 0, 2, 1, 1};
    const eg_math maths[] = {EG_MATH_STRICT, EG_MATH_FAST};
    engram_error err = {0};
    for (int m = 0; m < 2; m++) {
        struct code c;
        code_init(&c);
        eg_function f = {.name = "draw", .kind = "binomial", .n = 100, .p = 0.01};
        c.functions = (eg_function_list){&f, 1};
        c.count = 10;
        c.rng = malloc(sizeof *c.rng);
        assert_non_null(c.rng);
        double *r = code_array(&c, "r", "float64", "_idx", "");
        code_binding(&c, "draw", "function", "float64")->owner = "draw";
        code_line(&c, "=", "r", "draw()");
        eg_rng_init(c.rng, EG_RNG_BRIAN_STANDALONE, 42);
        assert_ok(code_run(&c, maths[m], "", 0, &err), &err);
        for (int k = 0; k < 10; k++)
            assert_true(r[k] == inverted[k]);
        f = (eg_function){
            .name = "draw", .kind = "binomial", .n = 16, .p = 0.5, .normal = true};
        eg_rng_init(c.rng, EG_RNG_BRIAN_STANDALONE, 42);
        assert_ok(code_run(&c, maths[m], "", 0, &err), &err);
        assert_true(r[0] == (double)(float)(0.4967141530112327 * 2.0 + 8.0));
        f = (eg_function){.name = "draw", .kind = "binomial", .n = 200, .p = 0.25};
        assert_int_equal(code_run(&c, maths[m], "", 0, &err), ENGRAM_E_UNSUPPORTED);
        assert_string_contains(err.message, "15 decimals");
        free(c.rng);
        code_free(&c);
    }
}

static void test_delivery_is_recognised(void **state)
{
    (void)state;
    engram_error err = {0};
    eg_arena *arena = eg_arena_new(engram_default_alloc());
    struct code c;
    code_init(&c);
    code_array(&c, "post", "int32", "_idx", "");
    code_array(&c, "g", "float64", "post", "");
    code_array(&c, "w", "float64", "_idx", "");
    code_line(&c, "+=", "g", "w");
    eg_program *program;
    eg_delivery delivery;
    assert_ok(code_lower(&c, &program, arena, EG_MATH_FAST, &err), &err);
    assert_true(eg_program_delivery(program, &delivery));
    assert_string_equal(eg_program_slot(program, delivery.target)->name, "g");
    assert_string_equal(eg_program_slot(program, delivery.weight)->name, "w");
    c.statement[0].expr = "2*w";
    assert_ok(code_lower(&c, &program, arena, EG_MATH_FAST, &err), &err);
    assert_false(eg_program_delivery(program, &delivery));
    eg_arena_free(arena);
    code_free(&c);
}

static engram_status lower_both(struct code *c, engram_error *err)
{
    eg_arena *arena = eg_arena_new(engram_default_alloc());
    eg_program *program;
    engram_status status = code_lower(c, &program, arena, EG_MATH_STRICT, err);
    assert_int_equal(code_lower(c, &program, arena, EG_MATH_FAST, err), status);
    eg_arena_free(arena);
    return status;
}

static void test_guards_are_boolean_arrays(void **state)
{
    (void)state;
    static const char *const kinds[] = {"constant", "output", "subexpression", "function"};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        engram_error err = {0};
        struct code c;
        code_init(&c);
        code_binding(&c, "free", kinds[k], "bool");
        code_array(&c, "v", "float64", "_idx", "free");
        code_line(&c, "=", "v", "2");
        assert_int_equal(lower_both(&c, &err), ENGRAM_E_SCHEMA);
        assert_string_contains(err.message, "guard \"free\" is no boolean array");
        code_free(&c);
    }
}

static void test_a_guard_without_binding_is_refused(void **state)
{
    (void)state;
    engram_error err = {0};
    struct code c;
    code_init(&c);
    code_array(&c, "v", "float64", "_idx", "free");
    code_line(&c, "=", "v", "2");
    assert_int_equal(lower_both(&c, &err), ENGRAM_E_SCHEMA);
    code_free(&c);
}

static void test_scalar_code_writes_no_elements(void **state)
{
    (void)state;
    engram_error err = {0};
    struct code c;
    code_init(&c);
    code_array(&c, "v", "float64", "_idx", "");
    code_line(&c, "=", "v", "2");
    c.statement[0].part = "scalar";
    assert_int_equal(lower_both(&c, &err), ENGRAM_E_UNSUPPORTED);
    assert_string_contains(err.message, "scalar code writes \"v\", a value of each element");
    c.binding[0].index = "0";
    assert_ok(lower_both(&c, &err), &err);
    code_free(&c);
}

static void test_scalar_outputs_reach_every_element(void **state)
{
    (void)state;
    for (int math = EG_MATH_STRICT; math <= EG_MATH_FAST; math++) {
        engram_error err = {0};
        struct code c;
        code_init(&c);
        c.count = CODE_ELEMENTS;
        *(double *)code_array(&c, "shared", "float64", "0", "") = 2.5;
        double *record = code_array(&c, "_to_record_s", "float64", "", "");
        c.binding[1].kind = "output";
        c.binding[1].variable = "";
        code_line(&c, ":=", "_to_record_s", "2*shared");
        c.statement[0].part = "scalar";
        assert_ok(code_run(&c, (eg_math)math, "", 0, &err), &err);
        for (size_t k = 0; k < CODE_ELEMENTS; k++)
            assert_true(record[k] == 5.0);
        code_free(&c);
    }
}

static void test_tables_need_rows(void **state)
{
    (void)state;
    static const uint64_t shapes[][2] = {{0, 0}, {0, 2}, {2, 0}};
    eg_arena *arena = eg_arena_new(engram_default_alloc());
    for (uint32_t k = 0; k < 3; k++) {
        engram_error err = {0};
        struct code c;
        code_init(&c);
        const double value = 1;
        eg_source *values;
        assert_ok(eg_source_memory(&values, arena, EG_F64, k ? 2 : 0, shapes[k], &value, &err),
                  &err);
        eg_function function = {.name = "drive",
                                .kind = "timedarray",
                                .dt = 1e-3,
                                .ndim = k ? 2 : 0,
                                .values = values};
        c.functions = (eg_function_list){&function, 1};
        code_array(&c, "v", "float64", "_idx", "");
        code_binding(&c, "drive", "function", "float64")->owner = "drive";
        code_line(&c, "=", "v", k ? "drive(0.1, 1)" : "drive(0.1)");
        assert_int_not_equal(lower_both(&c, &err), ENGRAM_OK);
        code_free(&c);
    }
    eg_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_guards_are_boolean_arrays),
        cmocka_unit_test(test_a_guard_without_binding_is_refused),
        cmocka_unit_test(test_scalar_code_writes_no_elements),
        cmocka_unit_test(test_scalar_outputs_reach_every_element),
        cmocka_unit_test(test_tables_need_rows),
        cmocka_unit_test(test_pow_with_literal_exponents_is_folded),
        cmocka_unit_test(test_calls_on_literals_are_correctly_rounded),
        cmocka_unit_test(test_literal_locals_fold_until_assigned_again),
        cmocka_unit_test(test_integers_follow_cython),
        cmocka_unit_test(test_int_of_what_does_not_fit_is_the_smallest),
        cmocka_unit_test(test_float_modulo_and_floor),
        cmocka_unit_test(test_float32_rounds_where_cython_rounds),
        cmocka_unit_test(test_standalone_divides_integers_in_single_precision),
        cmocka_unit_test(test_standalone_functions_of_two_have_the_wider_type),
        cmocka_unit_test(test_constants_have_the_type_that_the_target_declares),
        cmocka_unit_test(test_long_literals_are_objects_of_python),
        cmocka_unit_test(test_division_by_zero_stops_the_run),
        cmocka_unit_test(test_earlier_elements_stay_stored),
        cmocka_unit_test(test_guards_and_short_circuits_skip_draws),
        cmocka_unit_test(test_two_names_of_one_array_are_two_locals),
        cmocka_unit_test(test_second_names_have_inferred_types),
        cmocka_unit_test(test_unknown_things_are_refused_by_name),
        cmocka_unit_test(test_timed_array_clips_time_and_refuses_columns),
        cmocka_unit_test(test_binomial_functions_draw_as_brian2),
        cmocka_unit_test(test_delivery_is_recognised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
