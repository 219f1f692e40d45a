/* exec_strict.c - strict mode in blocks beside strict mode element by element (a block of 1) */
#include "exec_code.h"
#include "support/check.h"

#include <stdio.h>

enum { N = 300, ARRAYS = 6 };

static const uint32_t blocks[] = {0, 2, 7, 64};
static uint64_t random_state = 4711;

static uint32_t random_below(uint32_t n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % n;
}

/* What one way of running code leaves behind. */
typedef struct outcome {
    engram_status status;
    char message[512];
    double memory[ARRAYS][CODE_ELEMENTS];
    double next; /* numbers of the stream */
} outcome;

typedef void make_code(struct code *c);

static void run(outcome *out, make_code *make, uint32_t block, eg_rng_rule rule)
{
    engram_error err = {0};
    struct code c;
    code_init(&c);
    make(&c);
    static eg_rng rng;
    eg_rng_init(&rng, rule, 7);
    eg_rng_place(&rng, eg_rng_object("G"), 3, false);
    c.rng = &rng;
    memset(out, 0, sizeof *out);
    out->status = code_run(&c, EG_MATH_STRICT, "", block, &err);
    snprintf(out->message, sizeof out->message, "%s", out->status ? err.message : "");
    for (size_t k = 0; k < ARRAYS && c.memory[k]; k++)
        memcpy(out->memory[k], c.memory[k], sizeof out->memory[k]);
    out->next = rule == EG_RNG_PHILOX ? 0 : eg_rng_rand(&rng) + 3 * eg_rng_randn(&rng);
    code_free(&c);
}

static const outcome *assert_same_in_blocks(make_code *make, eg_rng_rule rule)
{
    static outcome want, found;
    run(&want, make, 1, rule);
    for (size_t k = 0; k < sizeof blocks / sizeof *blocks; k++) {
        run(&found, make, blocks[k], rule);
        assert_int_equal(found.status, want.status);
        assert_string_equal(found.message, want.message);
        assert_memory_equal(found.memory, want.memory, sizeof want.memory);
        assert_true(found.next == want.next);
    }
    return &want;
}

/* x and y are guarded by b and c, which the code may change itself. */
static void make_arrays(struct code *c)
{
    static const char *const name[] = {"x", "y", "z"}, *const guard[] = {"b", "c", ""};
    c->count = N;
    for (int k = 0; k < 3; k++) {
        double *value = code_array(c, name[k], "float64", "_idx", guard[k]);
        for (int e = 0; e < N; e++)
            value[e] = 0.01 * ((e * (17 + 2 * k)) % 400) - 2;
    }
    bool *b = code_array(c, "b", "bool", "_idx", ""),
         *both = code_array(c, "c", "bool", "_idx", "");
    for (int e = 0; e < N; e++) {
        b[e] = e % 3 != 0;
        both[e] = e / 130 == 1; /* blocks in which all, none and some are true */
    }
    code_constant(c, "p", 1.25);
}

/* ---- statements that some elements skip -------------------------------------------------- */

enum { LINES = 5 };
static char text[LINES][256];
static const char *op[LINES], *variable[LINES], *dtype[LINES];

static void random_value(char *out)
{
    static const char *const values[] = {"x*p - y",
                                         "z + 0.5",
                                         "exp(0.1*x) + y",
                                         "clip(x, -1, y)",
                                         "1/p + x*y",
                                         "x/(2+z*z)",
                                         "int(b)*y + 2.5",
                                         "sqrt(abs(z)) - x",
                                         "int(x*7) % 5",
                                         "floor(y*3)",
                                         "p*p/3 + z",
                                         "y/(x+50)",
                                         "sign(z)*p",
                                         "exprel(y)",
                                         "z**2 - p",
                                         "p*p/3",
                                         "2.5",
                                         "u*x",
                                         "u"};
    strcpy(out, values[random_below(sizeof values / sizeof *values)]);
}

static void random_condition(char *out)
{
    static const char *const conditions[] = {
        "x > y",          "x > 0 and z < 1",      "b or y < -1", "not (z > p and x < y or b)",
        "b and c",        "c or (b and x*x > 1)", "z < 100",     "z > 100",
        "b and 1/(x+9)<1"};
    strcpy(out, conditions[random_below(sizeof conditions / sizeof *conditions)]);
}

static void make_random(struct code *c)
{
    make_arrays(c);
    code_line(c, ":=", "u", "x*y + p");
    for (int k = 0; k < LINES; k++)
        code_typed(c, op[k], variable[k], text[k], dtype[k]);
}

static void test_what_some_elements_skip(void **state)
{
    (void)state;
    static const char *const ops[] = {"=", "+=", "-=", "*="};
    static const char *const names[] = {"x", "y", "z", "u"};
    for (int round = 0; round < 600; round++) {
        for (int k = 0; k < LINES; k++) {
            const bool condition = random_below(4) == 0;
            op[k] = condition ? "=" : ops[random_below(4)];
            variable[k] = condition ? (random_below(2) ? "b" : "c") : names[random_below(4)];
            dtype[k] = condition ? "bool" : "float64";
            if (condition)
                random_condition(text[k]);
            else
                random_value(text[k]);
        }
        assert_same_in_blocks(make_random, EG_RNG_BRIAN_RUNTIME);
    }
}

/* ---- draws --------------------------------------------------------------------------------
 */

static void make_one_draw(struct code *c)
{
    make_arrays(c);
    code_line(c, "=", "x", "rand() + y"); /* the refractory draw nothing */
    code_line(c, "+=", "z", "x");
}

static void make_two_draws(struct code *c)
{
    make_arrays(c);
    code_line(c, "=", "x", "randn() + y");
    code_line(c, "+=", "z", "rand()");
}

static void make_many_draws(struct code *c)
{
    make_arrays(c);
    code_line(c, ":=", "u", "randn()");
    code_line(c, ":=", "w", "rand()*randn() + u");
    code_line(c, "=", "x", "u + y"); /* these wait for the refractory, the draws do not */
    code_line(c, "+=", "z", "w/(z+10)");
}

static void make_poisson(struct code *c)
{
    make_arrays(c);
    code_line(c, "=", "y", "poisson(x*x) + z");
}

static void test_draws_come_element_by_element(void **state)
{
    (void)state;
    static make_code *const codes[] = {make_one_draw, make_two_draws, make_many_draws,
                                       make_poisson};
    for (size_t k = 0; k < sizeof codes / sizeof *codes; k++) {
        assert_same_in_blocks(codes[k], EG_RNG_BRIAN_RUNTIME);
        assert_same_in_blocks(codes[k], EG_RNG_BRIAN_STANDALONE);
        assert_same_in_blocks(codes[k], EG_RNG_PHILOX);
    }
}

/* ---- a division by zero -------------------------------------------------------------------
 */

static double zero_at[2];

static void make_division(struct code *c)
{
    make_arrays(c);
    double *x = c->memory[0], *y = c->memory[1];
    memset(c->memory[3], 1, N);
    memset(c->memory[4], 1, N);
    for (int e = 0; e < N; e++) {
        x[e] = e == (int)zero_at[0] ? 0 : 1 + e;
        y[e] = e == (int)zero_at[1] ? 0 : 2 + e;
    }
    code_line(c, "=", "z", "1/x");
    code_line(c, "+=", "z", "1/y");
}

static void make_division_after_a_draw(struct code *c)
{
    make_arrays(c);
    ((double *)c->memory[0])[200] = 0;
    code_line(c, "=", "z", "rand()");
    code_line(c, "+=", "z", "1/x");
}

static void make_division_after_two_draws(struct code *c)
{
    make_arrays(c);
    ((double *)c->memory[1])[200] = 0;
    code_line(c, ":=", "u", "rand() + randn()");
    code_line(c, "=", "z", "x + u");
    code_line(c, "+=", "x", "1/y"); /* the refractory keep theirs */
    code_line(c, "=", "z", "3");
}

static void make_guarded_division(struct code *c)
{
    make_arrays(c);
    bool *b = c->memory[3];
    double *y = c->memory[1];
    for (int e = 0; e < N; e++) {
        y[e] = e == 31 || e == 222 ? 0 : 1;
        b[e] = e != 31; /* skipped there */
    }
    code_line(c, "=", "x", "1/y");
}

static void test_division_by_zero_stops_at_its_element(void **state)
{
    (void)state;
    static const double places[][2] = {{5, 200}, {200, 5}, {0, 0}, {299, -1}, {-1, 64}};
    for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
        memcpy(zero_at, places[k], sizeof zero_at);
        const outcome *want = assert_same_in_blocks(make_division, EG_RNG_BRIAN_RUNTIME);
        assert_int_equal(want->status, ENGRAM_E_NUMERIC);
    }
    for (eg_rng_rule rule = 0; rule <= EG_RNG_PHILOX; rule++) {
        const outcome *late = assert_same_in_blocks(make_division_after_a_draw, rule);
        assert_int_equal(late->status, ENGRAM_E_NUMERIC);
        late = assert_same_in_blocks(make_division_after_two_draws, rule);
        assert_string_contains(late->message, "at element 200");
        assert_true(late->memory[2][199] == 3 && late->memory[2][201] != 3);
    }
    const outcome *want = assert_same_in_blocks(make_guarded_division, EG_RNG_BRIAN_RUNTIME);
    assert_string_contains(want->message, "at element 222");
}

/* ---- elements that see one another --------------------------------------------------------
 */

static void make_chain(struct code *c)
{
    c->count = N;
    double *v = code_array(c, "v", "float64", "_idx", "");
    int32_t *before = code_array(c, "before", "int32", "_idx", "");
    eg_binding *seen = code_binding(c, "v_before", "array", "float64");
    seen->owner = "group";
    seen->variable = "v";
    seen->index = "before";
    for (int e = 0; e < N; e++) {
        v[e] = 1;
        before[e] = e ? e - 1 : 0;
    }
    code_line(c, "+=", "v", "v_before");
}

static void make_common_target(struct code *c)
{
    c->count = N;
    c->shared = true;
    double *v = code_array(c, "v", "float64", "post", "");
    int32_t *post = code_array(c, "post", "int32", "_idx", "");
    double *w = code_array(c, "w", "float64", "_idx", "");
    for (int e = 0; e < N; e++) {
        v[e] = 1;
        post[e] = e % 4;
        w[e] = 0.1 * e;
    }
    code_line(c, "=", "v", "v*0.9 + w");
}

static void test_elements_that_see_one_another(void **state)
{
    (void)state;
    const outcome *want = assert_same_in_blocks(make_chain, EG_RNG_BRIAN_RUNTIME);
    assert_true(want->memory[0][3] == 5);
    assert_same_in_blocks(make_common_target, EG_RNG_BRIAN_RUNTIME);
}

/* A generator may fire one neuron twice in a step. */
static void test_an_element_that_comes_twice(void **state)
{
    (void)state;
    static const int32_t index[] = {0, 1, 4, 4, 2, 0};
    for (int math = 0; math < 2; math++) {
        engram_error err = {0};
        struct code c;
        code_init(&c);
        double *v = code_array(&c, "v", "float64", "_idx", "");
        code_line(&c, "+=", "v", "v + 1");
        c.index = index;
        c.count = sizeof index / sizeof *index;
        assert_ok(code_run(&c, math ? EG_MATH_FAST : EG_MATH_STRICT, "", 0, &err), &err);
        assert_true(v[0] == 3 && v[1] == 1 && v[2] == 1 && v[3] == 0 && v[4] == 3);
        code_free(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_some_elements_skip),
        cmocka_unit_test(test_draws_come_element_by_element),
        cmocka_unit_test(test_division_by_zero_stops_at_its_element),
        cmocka_unit_test(test_elements_that_see_one_another),
        cmocka_unit_test(test_an_element_that_comes_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
