/* exec_vm.c - the vm against the oracle, and against itself */
#include "exec_code.h"
#include "exec_models.h"
#include "exec/kernels/kernels.h"
#include "exec/vm_private.h"
#include "exec/kernels/vmath.h"
#include "support/check.h"

#include <math.h>
#include <mpfr.h>
#include <stdio.h>

static const char *const isas[] = {"sse2", "avx2", "avx512"};
static const uint32_t blocks[] = {1, 7, 64, 256};

static uint64_t random_state = 12345;

static uint32_t random_below(uint32_t n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % n;
}

/* A random float expression over x, y, z (element), p, q (scalar), b (boolean). */
static void random_expr(char *out, int depth)
{
    static const char *const leaves[] = {"x", "y", "z", "p", "q", "0.7", "2", "int(b)"};
    static const char *const binary[] = {" + ", " - ", " * ", " / (1.5 + ", " + p*", " - "};
    static const char *const unary[] = {"exp(0.3*(",    "tanh((", "sin((",   "expm1(0.2*(",
                                        "exprel(0.1*(", "(-(",    "arctan(("};
    if (depth == 0 || random_below(5) == 0) {
        strcat(out, leaves[random_below(8)]);
    } else if (random_below(4) == 0) {
        const uint32_t k = random_below(7);
        strcat(out, unary[k]);
        random_expr(out, depth - 1);
        strcat(out, "))");
    } else {
        const uint32_t k = random_below(6);
        strcat(out, "(");
        random_expr(out, depth - 1);
        strcat(out, binary[k]);
        if (k == 3)
            strcat(out, "abs(");
        random_expr(out, depth - 1);
        strcat(out, k == 3 ? ")))" : ")");
    }
}

enum { N = 300 };

static void setup(struct code *c, double **result, const char *first, const char *second)
{
    code_init(c);
    c->count = N;
    result[0] = code_array(c, "r", "float64", "_idx", "");
    double *x = result[1] = code_array(c, "x", "float64", "_idx", "b");
    double *y = code_array(c, "y", "float64", "_idx", "");
    double *z = code_array(c, "z", "float64", "_idx", "");
    bool *b = code_array(c, "b", "bool", "_idx", "");
    double *p = code_array(c, "p", "float64", "0", "");
    code_constant(c, "q", -0.37);
    *p = 1.25;
    for (int k = 0; k < N; k++) {
        x[k] = sin(k * 0.37);
        y[k] = cos(k * 1.7) + 0.5;
        z[k] = sin(k * k * 0.01) - 0.2;
        b[k] = k % 3 != 0;
    }
    code_line(c, ":=", "tmp", first);
    code_line(c, "=", "r", second);
    code_line(c, "=", "x", "tmp + 0.5*x"); /* guarded by b */
}

static void test_random_programs_agree_and_have_the_same_bits_everywhere(void **state)
{
    (void)state;
    for (int round = 0; round < 60; round++) {
        char first[4096] = "", second[4096] = "tmp - ";
        random_expr(first, 4);
        random_expr(second, 3);
        engram_error err = {0};
        struct code strict;
        double *want[2];
        setup(&strict, want, first, second);
        const engram_status reference = code_run(&strict, EG_MATH_STRICT, "", 0, &err);
        if (reference == ENGRAM_E_NUMERIC) { /* a zero divisor: strict stops, fast does not */
            code_free(&strict);
            continue;
        }
        assert_ok(reference, &err);
        double kept[2][N];
        bool have = false;
        for (size_t i = 0; i < 3; i++)
            for (size_t k = 0; k < 4; k++) {
                struct code fast;
                double *got[2];
                setup(&fast, got, first, second);
                fast.shared = k == 3 && i == 0; /* element by element: same bits too */
                const engram_status status =
                    code_run(&fast, EG_MATH_FAST, isas[i], blocks[k], &err);
                if (status == ENGRAM_E_UNSUPPORTED) {
                    code_free(&fast);
                    continue;
                }
                assert_ok(status, &err);
                for (int r = 0; r < 2; r++) {
                    if (have)
                        assert_memory_equal(got[r], kept[r], sizeof kept[r]);
                    memcpy(kept[r], got[r], sizeof kept[r]);
                    for (int j = 0; j < N; j++)
                        if (fabs(got[r][j] - want[r][j]) > 1e-11 * (1 + fabs(want[r][j])))
                            fail_msg("round %d, element %d: fast %.17g, strict %.17g\n%s\n%s",
                                     round, j, got[r][j], want[r][j], first, second);
                }
                have = true;
                code_free(&fast);
            }
        code_free(&strict);
    }
}

/* One guarded variable, changed by one statement after another. */
static void change(struct code *c, double **x, const char *const *op, const char (*expr)[1024],
                   size_t count)
{
    double *result[2];
    setup(c, result, "y", "tmp");
    *x = result[1];
    for (size_t k = 0; k < count; k++)
        code_line(c, op[k], "x", expr[k]);
}

static void assert_changes(const char *const *op, const char (*expr)[1024], size_t count)
{
    engram_error err = {0};
    struct code strict, fast;
    double *want, *got;
    change(&strict, &want, op, expr, count);
    change(&fast, &got, op, expr, count);
    const engram_status status = code_run(&strict, EG_MATH_STRICT, "", 0, &err);
    if (status != ENGRAM_E_NUMERIC) { /* a zero divisor */
        assert_ok(status, &err);
        assert_ok(code_run(&fast, EG_MATH_FAST, "", 0, &err), &err);
        for (int k = 0; k < N; k++)
            if (fabs(got[k] - want[k]) > 1e-10 * (1 + fabs(want[k])))
                fail_msg("element %d: fast %.17g, strict %.17g\nx %s %s\nx %s %s", k, got[k],
                         want[k], op[0], expr[0], op[1], expr[1]);
    }
    code_free(&strict);
    code_free(&fast);
}

static void test_guarded_changes_agree(void **state)
{
    (void)state;
    /* A sum whose only reader is a sum that is already one with its choice. */
    static const char *const known_op[] = {"*=", "-="};
    static const char known[2][1024] = {"y/q", "(z - x)/p"};
    assert_changes(known_op, known, 2);
    static const char *const ops[] = {"=", "+=", "-=", "*="};
    for (int round = 0; round < 300; round++) {
        const char *op[3];
        char expr[3][1024] = {"", "", ""};
        for (int k = 0; k < 3; k++) {
            op[k] = ops[random_below(4)];
            random_expr(expr[k], 2);
        }
        assert_changes(op, (const char(*)[1024])expr, 3);
    }
}

static double model_value(const char *name, size_t k)
{
    const double u = (double)((k * 7919) % 1000) / 1000;
    if (strcmp(name, "v") == 0)
        return -0.06 + 0.009 * u;
    if (strcmp(name, "lastspike") == 0)
        return k % 3 == 0 ? 1.0 - 1e-4 * (double)(k % 70) : -1e4;
    if (strcmp(name, "t") == 0)
        return 1.0;
    if (strcmp(name, "dt") == 0)
        return 1e-4;
    if (strcmp(name, "ge") == 0 || strcmp(name, "gi") == 0)
        return 1e-9 * u;
    return 0.05 + 0.5 * u;
}

static void run_model(const eg_executable *code, eg_math math, double memory[16][N], int steps)
{
    engram_error err = {0};
    eg_arena *arena = eg_arena_new(engram_default_alloc());
    const eg_lower_options lower = {.math = math, .dt = 1e-4};
    eg_program *program;
    eg_kernel *kernel;
    assert_ok(eg_lower(&program, arena, code, &lower, &err), &err);
    assert_ok(eg_kernel_new(&kernel, program, math, NULL, engram_default_alloc(), &err), &err);
    void *base[16];
    for (uint32_t s = 0; s < eg_program_slot_count(program); s++) {
        const eg_slot *slot = eg_program_slot(program, s);
        base[s] = memory[s];
        for (size_t k = 0; k < N; k++)
            if (slot->dtype == EG_F64)
                memory[s][k] = model_value(slot->name, k);
    }
    const eg_frame frame = {.base = base, .count = N, .distinct = true};
    for (int k = 0; k < steps; k++)
        assert_ok(eg_kernel_run(kernel, &frame, &err), &err);
    eg_kernel_free(kernel);
    eg_arena_free(arena);
}

static void test_published_models_agree_over_steps(void **state)
{
    (void)state;
    static const eg_executable *const models[] = {&cuba_stateupdate, &cobahh_stateupdate};
    for (size_t m = 0; m < 2; m++) {
        static double strict[16][N], fast[16][N];
        memset(strict, 0, sizeof strict);
        memset(fast, 0, sizeof fast);
        run_model(models[m], EG_MATH_STRICT, strict, 10);
        run_model(models[m], EG_MATH_FAST, fast, 10);
        for (int s = 0; s < 16; s++)
            for (int k = 0; k < N; k++)
                if (fabs(strict[s][k] - fast[s][k]) > 1e-11 * fabs(strict[s][k]) + 1e-300)
                    fail_msg("model %zu, slot %d, element %d: %.17g, strict %.17g", m, s, k,
                             fast[s][k], strict[s][k]);
    }
}

/* Refractoriness by one comparison must be what timestep() says, at every step distance. */
static void test_step_comparison_is_exact(void **state)
{
    (void)state;
    static const char *const exprs[] = {"timestep(t - l, dt) >= timestep(0.005, dt)",
                                        "timestep(t - l, dt) > 7",
                                        "timestep(t - l, dt) < 50",
                                        "timestep(t - l, dt) <= 0",
                                        "0 >= timestep(t - l, dt)",
                                        "timestep(t - l, dt) >= -3"};
    for (size_t e = 0; e < sizeof exprs / sizeof *exprs; e++) {
        bool result[2][N];
        for (int m = 0; m < 2; m++) {
            engram_error err = {0};
            struct code c;
            code_init(&c);
            c.count = N;
            bool *r = code_array(&c, "r", "bool", "_idx", "");
            double *l = code_array(&c, "l", "float64", "_idx", "");
            *(double *)code_array(&c, "t", "float64", "0", "") = 1000 * 1e-4;
            *(double *)code_array(&c, "dt", "float64", "0", "") = 1e-4;
            for (int k = 0; k < N; k++)
                l[k] = (1010 - k) * 1e-4;
            code_typed(&c, "=", "r", exprs[e], "bool");
            assert_ok(code_run(&c, m ? EG_MATH_FAST : EG_MATH_STRICT, "", 0, &err), &err);
            memcpy(result[m], r, sizeof result[m]);
            code_free(&c);
        }
        assert_memory_equal(result[0], result[1], sizeof result[0]);
    }
}

static void test_unguarded_draws_come_element_by_element(void **state)
{
    (void)state;
    double first[2][N];
    for (int m = 0; m < 2; m++) {
        engram_error err = {0};
        struct code c;
        code_init(&c);
        c.count = N;
        eg_rng *rng = calloc(1, sizeof *rng);
        eg_rng_init(rng, EG_RNG_BRIAN_STANDALONE, 7);
        c.rng = rng;
        double *r = code_array(&c, "r", "float64", "_idx", "");
        double *x = code_array(&c, "x", "float64", "_idx", "");
        for (int k = 0; k < N; k++)
            x[k] = k;
        code_line(&c, ":=", "u", "x*0.5 + 1");
        code_line(&c, ":=", "xi_1", "randn()");
        code_line(&c, ":=", "xi_2", "rand()");
        code_line(&c, "=", "r", "u*xi_1 + xi_2");
        assert_ok(code_run(&c, m ? EG_MATH_FAST : EG_MATH_STRICT, "", 64, &err), &err);
        memcpy(first[m], r, sizeof first[m]);
        code_free(&c);
        free(rng);
    }
    for (int k = 0; k < N; k++)
        assert_true(fabs(first[0][k] - first[1][k]) <= 1e-13 * (1 + fabs(first[0][k])));
}

/* A draw stored over what the code reads before: draws of a block are made first. */
static void test_a_draw_does_not_come_before_what_it_overwrites_is_read(void **state)
{
    (void)state;
    double got[2][2][N];
    for (int m = 0; m < 2; m++) {
        engram_error err = {0};
        struct code c;
        code_init(&c);
        c.count = N;
        eg_rng *rng = calloc(1, sizeof *rng);
        eg_rng_init(rng, EG_RNG_BRIAN_STANDALONE, 7);
        c.rng = rng;
        double *v = code_array(&c, "v", "float64", "_idx", "");
        double *w = code_array(&c, "w", "float64", "_idx", "");
        for (int k = 0; k < N; k++)
            v[k] = 2 + 0.001 * k;
        code_line(&c, "=", "w", "exp(-v)");
        code_line(&c, "=", "v", "rand()");
        assert_ok(code_run(&c, m ? EG_MATH_FAST : EG_MATH_STRICT, "", 64, &err), &err);
        memcpy(got[m][0], v, sizeof got[m][0]);
        memcpy(got[m][1], w, sizeof got[m][1]);
        code_free(&c);
        free(rng);
    }
    assert_memory_equal(got[0][0], got[1][0], sizeof got[0][0]);
    for (int k = 0; k < N; k++)
        assert_true(fabs(got[0][1][k] - got[1][1][k]) <= 1e-13 * got[0][1][k]);
}

/* r = rand and randn of an element, and a number that all share; philox. */
static void run_keyed(double *r, eg_math math, const char *isa, uint32_t block,
                      const int32_t *index, const uint32_t *turn, uint64_t first,
                      uint64_t count)
{
    engram_error err = {0};
    struct code c;
    code_init(&c);
    eg_rng *rng = calloc(1, sizeof *rng);
    eg_rng_init(rng, EG_RNG_PHILOX, 7);
    eg_rng_place(rng, 11, 13, false);
    double *out = code_array(&c, "r", "float64", "_idx", "");
    (void)code_array(&c, "s", "float64", "0", "");
    memcpy(out, r, N * sizeof *r);
    code_line(&c, "=", "s", "rand()");
    c.statement[0].part = "scalar";
    code_line(&c, ":=", "u", "rand()");
    code_line(&c, ":=", "z", "randn()");
    code_line(&c, "=", "r", "u + 8*z + 64*s");
    eg_arena *arena = eg_arena_new(engram_default_alloc());
    const eg_exec_options options = {.isa = isa, .block = block};
    eg_program *program;
    eg_kernel *kernel;
    assert_ok(code_lower(&c, &program, arena, math, &err), &err);
    const engram_status status =
        eg_kernel_new(&kernel, program, math, &options, engram_default_alloc(), &err);
    if (!status) {
        void *base[CODE_NAMES] = {NULL};
        for (uint32_t k = 0; k < eg_program_slot_count(program); k++)
            base[k] = code_memory(&c, eg_program_slot(program, k));
        const eg_frame frame = {.base = base,
                                .index = index,
                                .turn = turn,
                                .first = first,
                                .count = count,
                                .distinct = true,
                                .rng = rng};
        assert_ok(eg_kernel_run(kernel, &frame, &err), &err);
        eg_kernel_free(kernel);
        memcpy(r, out, N * sizeof *r);
    }
    eg_arena_free(arena);
    code_free(&c);
    free(rng);
}

/* With philox a number belongs to its element: whatever the back end, the block, the part of
 * the elements that is run and their order. */
static void test_keyed_draws_do_not_depend_on_blocks_or_order(void **state)
{
    (void)state;
    double want[N], got[N];
    run_keyed(want, EG_MATH_STRICT, "", 0, NULL, NULL, 0, N);
    for (int k = 1; k < N; k++)
        assert_true(want[k] != want[k - 1]);
    for (size_t i = 0; i < 3; i++)
        for (size_t b = 0; b < 4; b++) {
            memcpy(got, want, sizeof got);
            run_keyed(got, EG_MATH_FAST, isas[i], blocks[b], NULL, NULL, 0, N);
            for (int k = 0; k < N; k++)
                assert_true(fabs(got[k] - want[k]) <= 1e-13 * (1 + fabs(want[k])));
        }
    double parts[N] = {0}, whole[N] = {0};
    run_keyed(whole, EG_MATH_FAST, "", 0, NULL, NULL, 0, N);
    run_keyed(parts, EG_MATH_FAST, "", 64, NULL, NULL, 100, N - 100);
    run_keyed(parts, EG_MATH_FAST, "", 64, NULL, NULL, 0, 100);
    assert_memory_equal(parts, whole, sizeof whole);
    static int32_t backwards[N];
    static uint32_t turn[N];
    for (int k = 0; k < N; k++)
        backwards[k] = N - 1 - k;
    memset(parts, 0, sizeof parts);
    run_keyed(parts, EG_MATH_FAST, "", 64, backwards, turn, 0, N);
    assert_memory_equal(parts, whole, sizeof whole);
    for (int k = 0; k < N; k++)
        turn[k] = 1; /* they come for the second time */
    run_keyed(parts, EG_MATH_FAST, "", 64, backwards, turn, 0, N);
    for (int k = 0; k < N; k++)
        assert_true(parts[k] != whole[k]);
}

/* What is computed once for all elements follows the values it is made of, from run to run. */
static void test_shared_values_follow_what_they_are_made_of(void **state)
{
    (void)state;
    engram_error err = {0};
    struct code c;
    code_init(&c);
    double *r = code_array(&c, "r", "float64", "_idx", "");
    double *p = code_array(&c, "p", "float64", "0", "");
    double *q = code_array(&c, "q", "float64", "0", "");
    bool *b = code_array(&c, "b", "bool", "0", "");
    code_line(&c, ":=", "u", "exp(p) + 1");
    code_line(&c, ":=", "w", "q*q + int(b)");
    code_line(&c, "=", "r", "r + u*w");
    eg_arena *arena = eg_arena_new(engram_default_alloc());
    eg_program *program;
    eg_kernel *kernel;
    assert_ok(code_lower(&c, &program, arena, EG_MATH_FAST, &err), &err);
    assert_ok(eg_kernel_new(&kernel, program, EG_MATH_FAST, NULL, engram_default_alloc(), &err),
              &err);
    void *base[CODE_NAMES] = {NULL};
    for (uint32_t k = 0; k < eg_program_slot_count(program); k++)
        base[k] = code_memory(&c, eg_program_slot(program, k));
    const eg_frame frame = {.base = base, .count = 9, .distinct = true};
    static const double values[][3] = {{0, 0, 0}, {0, 0, 0}, {1, 0, 0},    {1, 2, 0},
                                       {1, 2, 1}, {1, 2, 1}, {-0.5, 3, 0}, {-0.5, 3, 1}};
    for (size_t k = 0; k < sizeof values / sizeof *values; k++) {
        *p = values[k][0], *q = values[k][1], *b = values[k][2] != 0;
        memset(r, 0, 9 * sizeof *r);
        assert_ok(eg_kernel_run(kernel, &frame, &err), &err);
        const double wanted = (exp(*p) + 1) * (*q * *q + values[k][2]);
        for (int j = 0; j < 9; j++)
            assert_true(fabs(r[j] - wanted) <= 1e-13 * wanted);
    }
    eg_kernel_free(kernel);
    eg_arena_free(arena);
    code_free(&c);
}

static void test_swapped_arrays_and_scattered_elements(void **state)
{
    (void)state;
    engram_error err = {0};
    eg_arena *arena = eg_arena_new(engram_default_alloc());
    struct code c;
    code_init(&c);
    double *v = code_array(&c, "v", "float64", "_idx", "");
    double *w = code_array(&c, "w", "float64", "_idx", "");
    int32_t *post = code_array(&c, "post", "int32", "_idx", "");
    double *g = code_array(&c, "g", "float64", "post", "");
    for (int k = 0; k < N; k++) {
        v[k] = k;
        w[k] = -k;
        post[k] = N - 1 - k;
    }
    code_line(&c, ":=", "old", "v");
    code_line(&c, "=", "v", "w");
    code_line(&c, "=", "w", "old");
    code_line(&c, "+=", "g", "old*2");
    eg_program *program;
    eg_kernel *kernel;
    assert_ok(code_lower(&c, &program, arena, EG_MATH_FAST, &err), &err);
    assert_ok(eg_kernel_new(&kernel, program, EG_MATH_FAST, NULL, engram_default_alloc(), &err),
              &err);
    void *base[8];
    for (uint32_t s = 0; s < eg_program_slot_count(program); s++)
        base[s] = code_memory(&c, eg_program_slot(program, s));
    eg_frame frame = {.base = base, .count = N, .distinct = true};
    assert_ok(eg_kernel_run(kernel, &frame, &err), &err);
    for (int k = 0; k < N; k++)
        assert_true(v[k] == -k && w[k] == k && g[N - 1 - k] == 2.0 * k);
    const int32_t index[] = {5, 299, 0};
    frame.index = index;
    frame.count = 3;
    assert_ok(eg_kernel_run(kernel, &frame, &err), &err);
    assert_true(v[5] == 5 && w[5] == -5 && v[299] == 299 && v[6] == -6);
    eg_kernel_free(kernel);
    eg_arena_free(arena);
    code_free(&c);
}

/* ---- functions against MPFR ---------------------------------------------------------------
 */

static double worst_ulp(double (*f)(double), int (*exact)(mpfr_t, const mpfr_t, mpfr_rnd_t),
                        double low, double high)
{
    mpfr_t x, y;
    mpfr_inits2(120, x, y, (mpfr_ptr)0);
    double worst = 0;
    for (int k = 0; k < 20000; k++) {
        const double at = low + (high - low) * ((double)random_below(1u << 30) / (1u << 30));
        const double got = f(at);
        mpfr_set_d(x, at, MPFR_RNDN);
        exact(y, x, MPFR_RNDN);
        const double want = mpfr_get_d(y, MPFR_RNDN);
        const double ulp = fabs(nextafter(want, INFINITY) - want);
        mpfr_sub_d(y, y, got, MPFR_RNDN);
        worst = fmax(worst, fabs(mpfr_get_d(y, MPFR_RNDN)) / ulp);
    }
    mpfr_clears(x, y, (mpfr_ptr)0);
    return worst;
}

static double call_exp(double x)
{
    return eg_v_exp(x);
}
static double call_expm1(double x)
{
    return eg_v_expm1(x);
}
static double call_log(double x)
{
    return eg_v_log(x);
}
static double call_tanh(double x)
{
    return eg_v_tanh(x);
}

#define assert_ulp(f, exact, low, high, bound)                                                 \
    do {                                                                                       \
        const double worst = worst_ulp(f, exact, low, high);                                   \
        if (worst > (bound))                                                                   \
            fail_msg(#f " on [%g, %g]: %.3f ulp", (double)(low), (double)(high), worst);       \
    } while (0)

static void test_own_functions_hold_their_bounds(void **state)
{
    (void)state;
    assert_ulp(call_exp, mpfr_exp, -40, 40, 1.1);
    assert_ulp(call_exp, mpfr_exp, -700, 709, 1.1);
    assert_ulp(call_expm1, mpfr_expm1, -1, 1, 2.5);
    assert_ulp(call_expm1, mpfr_expm1, -40, 709, 2.5);
    assert_ulp(call_log, mpfr_log, 0.5, 2, 1.1);
    assert_ulp(call_log, mpfr_log, 1e-300, 1e300, 1.1);
    assert_ulp(call_tanh, mpfr_tanh, -1, 1, 3.0);
    assert_ulp(call_tanh, mpfr_tanh, -25, 25, 3.0);
}

static void test_own_functions_at_the_edges(void **state)
{
    (void)state;
    assert_true(eg_v_exp(0.0) == 1.0 && eg_v_exp(INFINITY) == INFINITY &&
                eg_v_exp(-INFINITY) == 0);
    assert_true(eg_v_exp(709.9) == INFINITY && eg_v_exp(-745.0) == 0x1p-1074 &&
                isnan(eg_v_exp(NAN)));
    assert_true(eg_v_expm1(-800.0) == -1.0 && eg_v_expm1(INFINITY) == INFINITY);
    assert_true(eg_v_expm1(1e-310) == 1e-310 && isnan(eg_v_expm1(NAN)));
    assert_true(eg_v_exprel(0.0) == 1.0 && eg_v_exprel(INFINITY) == INFINITY);
    assert_true(eg_v_exprel(-INFINITY) == 0 && isnan(eg_v_exprel(NAN)));
    assert_true(eg_v_log(1.0) == 0 && eg_v_log(0.0) == -INFINITY && isnan(eg_v_log(-1.0)));
    assert_true(eg_v_log(INFINITY) == INFINITY && isnan(eg_v_log(NAN)));
    assert_true(fabs(eg_v_log(0x1p-1074) + 744.44007192138126) < 1e-12);
    assert_true(eg_v_tanh(INFINITY) == 1 && eg_v_tanh(-30.0) == -1 && isnan(eg_v_tanh(NAN)));
    assert_true(signbit(eg_v_tanh(-0.0)));
}

/* ---- every operation -------------------------------------------------------------------- */

static void fill(void *memory, uint8_t type, int which)
{
    static const double values[] = {0.3, -0.7, 2.0, 0.0, 1.0, -3.0, 5.5, 0.25, -1.0, 40.0};
    for (int k = 0; k < N; k++) {
        const double value = values[(k + 3 * which + k / 10) % 10];
        if (type == EG_F64)
            ((double *)memory)[k] = value;
        else if (type == EG_F32)
            ((float *)memory)[k] = (float)value;
        else if (type == EG_I64)
            ((int64_t *)memory)[k] = (int64_t)value;
        else if (type == EG_I32)
            ((int32_t *)memory)[k] = (int32_t)value;
        else
            ((uint8_t *)memory)[k] = value > 0;
    }
}

/* `scalars`: bit k makes operand k a scalar. Result bytes into `out`. */
static engram_status run_op(eg_opcode op, unsigned scalars, eg_math math, const char *isa,
                            uint32_t block, double *out)
{
    const eg_op_info *info = eg_op(op);
    static double memory[4][N];
    char text[2048], line[256];
    snprintf(text, sizeof text, "program \"op\" %s\n",
             math == EG_MATH_FAST ? "fast straight" : "strict");
    for (int s = 0; s <= info->args; s++) {
        snprintf(line, sizeof line, "slot %d array %s %s load store \"s%d\" \"g\" \"s%d\"\n", s,
                 eg_dtype_name((eg_dtype)(s ? info->arg[s - 1] : info->result)),
                 s && scalars >> (s - 1) & 1 ? "zero" : "element", s, s);
        strcat(text, line);
        fill(memory[s], s ? info->arg[s - 1] : info->result, s);
    }
    for (int s = 0; s <= info->args; s++) {
        snprintf(line, sizeof line, "reg %d %s %s\n", s,
                 eg_dtype_name((eg_dtype)(s ? info->arg[s - 1] : info->result)),
                 s && scalars >> (s - 1) & 1 ? "scalar" : "vector");
        strcat(text, line);
    }
    for (int part = 0; part < 2; part++) {
        strcat(text, part ? "vector\n" : "scalar\n");
        for (int s = 1; s <= info->args; s++)
            if ((scalars >> (s - 1) & 1) == (part == 0)) {
                snprintf(line, sizeof line, "  load %d slot %d\n", s, s);
                strcat(text, line);
            }
    }
    snprintf(line, sizeof line, "  %s 0%s%s%s\n  store 0 slot 0\nend\n", info->text, " 1",
             info->args > 1 ? " 2" : "", info->args > 2 ? " 3" : "");
    strcat(text, line);
    engram_error err = {0};
    eg_arena *arena = eg_arena_new(engram_default_alloc());
    const eg_exec_options options = {.isa = isa, .block = block};
    eg_program *program;
    eg_kernel *kernel;
    assert_ok(eg_program_parse(&program, arena, text, &err), &err);
    const engram_status status =
        eg_kernel_new(&kernel, program, math, &options, engram_default_alloc(), &err);
    if (!status) {
        void *base[] = {out, memory[1], memory[2], memory[3]};
        const eg_frame frame = {.base = base, .count = N, .distinct = true};
        assert_ok(eg_kernel_run(kernel, &frame, &err), &err);
        eg_kernel_free(kernel);
    }
    eg_arena_free(arena);
    return status;
}

static double element(const double *memory, uint8_t type, int k)
{
    return type == EG_F64   ? memory[k]
           : type == EG_F32 ? (double)((const float *)(const void *)memory)[k]
                            : 0;
}

/* Every pure operation, every mix of scalar and vector operands: all instruction sets and
 * block sizes give the same bits, and strict's value up to the functions' bounds. */
static void test_every_operation_agrees_everywhere(void **state)
{
    (void)state;
    for (int op = 0; op < EG_I_COUNT; op++) {
        const eg_op_info *info = eg_op((eg_opcode)op);
        if (info->special)
            continue;
        for (unsigned scalars = 0; scalars < (1u << info->args) - 1; scalars++) {
            static double want[N], first[N], got[N];
            memset(want, 0, sizeof want);
            assert_ok(run_op((eg_opcode)op, scalars, EG_MATH_STRICT, "", 0, want), NULL);
            bool have = false;
            for (int i = 0; i < 3; i++)
                for (int b = 0; b < 4; b++) {
                    memset(got, 0, sizeof got);
                    if (run_op((eg_opcode)op, scalars, EG_MATH_FAST, isas[i], blocks[b], got))
                        continue;
                    if (have && memcmp(first, got, sizeof got) != 0)
                        fail_msg("%s, scalars %u: %s, block %u has other bits", info->text,
                                 scalars, isas[i], blocks[b]);
                    memcpy(first, got, sizeof got);
                    have = true;
                }
            if (info->result != EG_F64 && info->result != EG_F32)
                assert_memory_equal(first, want, sizeof want);
            for (int k = 0; k < N; k++) {
                const double x = element(first, info->result, k);
                const double y = element(want, info->result, k);
                const double bound = info->result == EG_F32 ? 3e-7 : 1e-15;
                if (!(isnan(x) && isnan(y)) && x != y && !(fabs(x - y) <= bound * fabs(y)))
                    fail_msg("%s, element %d: fast %.17g, strict %.17g", info->text, k, x, y);
            }
        }
    }
}

/* SLEEF by vectors, by scalars, and our own functions on every set: one result. */
static void test_functions_have_the_same_bits_by_vector_and_by_scalar(void **state)
{
    (void)state;
    static const eg_opcode ops[] = {EG_I_SIN_D,   EG_I_COS_D,   EG_I_TAN_D,  EG_I_SINH_D,
                                    EG_I_COSH_D,  EG_I_ASIN_D,  EG_I_ACOS_D, EG_I_ATAN_D,
                                    EG_I_LOG10_D, EG_I_LOG1P_D, EG_I_POW_D,  EG_I_EXP_D,
                                    EG_I_EXPM1_D, EG_I_LOG_D,   EG_I_TANH_D, EG_I_EXPREL_D};
    static const double ranges[] = {1.0, 30.0, 1e5};
    enum { POINTS = 3000 };
    static double x[POINTS], y[POINTS], want[POINTS], got[POINTS];
    for (size_t o = 0; o < sizeof ops / sizeof *ops; o++)
        for (size_t r = 0; r < 3; r++) {
            for (int k = 0; k < POINTS; k++) {
                x[k] = ranges[r] * ((double)random_below(1u << 30) / (1u << 29) - 1);
                y[k] = 8 * ((double)random_below(1u << 30) / (1u << 29) - 1);
                if (ops[o] == EG_I_POW_D)
                    x[k] = fabs(x[k]);
                eg_kernels_base.fn[ops[o]][0](&want[k], &x[k], &y[k], &y[k], 1);
            }
            for (int i = 0; i < 3; i++) {
                const eg_exec_options options = {.isa = isas[i]};
                const eg_kernel_set *set = eg_kernels_choose(&options);
                if (!set)
                    continue;
                eg_kernel_fn *fn =
                    set->by_hand[ops[o]][0] ? set->by_hand[ops[o]][0] : set->fn[ops[o]][0];
                fn(got, x, y, y, POINTS);
                for (int k = 0; k < POINTS; k++)
                    if (got[k] != want[k] && !(isnan(got[k]) && isnan(want[k])))
                        fail_msg("%s(%a, %a), %s: %a, scalar %a", eg_op(ops[o])->text, x[k],
                                 y[k], isas[i], got[k], want[k]);
            }
        }
}

/* ---- the rest -----------------------------------------------------------------------------
 */

/* ---- fused steps --------------------------------------------------------------------------
 */

#define FUSED_HEAD                                                                             \
    "program \"test\" fast straight\n"                                                         \
    "slot 0 array float64 element load store \"x\" \"g\" \"x\"\n"                              \
    "slot 1 array float64 element load store \"y\" \"g\" \"y\"\n"                              \
    "slot 2 array bool element load store \"b\" \"g\" \"b\"\n"                                 \
    "reg 0 float64 const 0x3fe999999999999a\nreg 1 float64 const 0x3fd3333333333333\n"         \
    "reg 2 float64 vector\nreg 3 float64 vector\nreg 4 bool vector\nreg 5 float64 vector\n"    \
    "reg 6 float64 vector\nreg 7 float64 vector\nreg 8 bool vector\nreg 9 bool vector\n"       \
    "scalar\nvector\n  load 2 slot 0\n  load 3 slot 1\n  load 4 slot 2\n"

/* Arrays x, y, b in `memory`, by blocks or element by element; how many steps were fused. */
static uint32_t run_fused(const char *code, const char *isa, bool blocks_of_16,
                          double memory[2][N], uint8_t *truth)
{
    char text[2048];
    snprintf(text, sizeof text, "%s%send\n", FUSED_HEAD, code);
    engram_error err = {0};
    eg_arena *arena = eg_arena_new(engram_default_alloc());
    const eg_exec_options options = {.isa = isa, .block = blocks_of_16 ? 16 : 0};
    eg_program *program;
    eg_kernel *kernel;
    assert_ok(eg_program_parse(&program, arena, text, &err), &err);
    for (int k = 0; k < N; k++) {
        memory[0][k] = k % 11 ? sin(k * 0.37) : 0.0;
        memory[1][k] = k % 13 ? cos(k * 1.7) : -0.0;
        truth[k] = k % 3 != 0;
    }
    uint32_t fused = UINT32_MAX;
    const engram_status status =
        eg_kernel_new(&kernel, program, EG_MATH_FAST, &options, engram_default_alloc(), &err);
    if (!status) {
        static int32_t every[N];
        for (int k = 0; k < N; k++)
            every[k] = k;
        void *base[] = {memory[0], memory[1], truth};
        const bool apart = isa[0] != 0;
        const eg_frame frame = {
            .base = base, .index = apart ? NULL : every, .count = N, .distinct = apart};
        assert_ok(eg_kernel_run(kernel, &frame, &err), &err);
        fused = 0;
        for (uint32_t k = 0; k < kernel->vm->step_count; k++)
            fused += kernel->vm->step[k].fused != NULL;
        eg_kernel_free(kernel);
    }
    eg_arena_free(arena);
    return fused;
}

/* Fused or not, by blocks or by elements: the same bits, also where a result is computed in
 * the very array that a step in between still reads. */
static void test_fused_steps_compute_what_single_ones_do(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        uint32_t fused;
    } programs[] = {
        /* x*k + c, y*k + sum, chosen where b */
        {"  fma.d 5 2 0 1\n  fma.d 6 3 1 5\n  select.d 7 4 6 2\n  store 7 slot 0\n", 1},
        {"  mul.d 5 0 2\n  fma.d 6 3 1 5\n  select.d 7 4 3 6\n  store 7 slot 1\n", 1},
        {"  add.d 5 2 3\n  fma.d 6 3 1 5\n  fma.d 7 2 0 6\n  store 7 slot 1\n", 1},
        /* c < k - x; c < y and b */
        {"  sub.d 5 0 2\n  le.d 8 1 5\n  store 8 slot 2\n", 1},
        {"  lt.d 8 1 3\n  and.b 9 8 4\n  store 9 slot 2\n", 1},
        /* x becomes k*y before the sum could be taken: k*x must not wait for it */
        {"  mul.d 5 0 2\n  mul.d 6 1 3\n  fma.d 7 3 1 5\n  store 6 slot 0\n  store 7 slot 1\n",
         0},
        /* y is still read between the sum and the choice that is computed in y */
        {"  fma.d 5 2 0 1\n  mul.d 6 0 3\n  select.d 7 4 5 3\n  store 6 slot 0\n"
         "  store 7 slot 1\n",
         0},
        /* a sum that somebody else reads stays */
        {"  mul.d 5 0 2\n  fma.d 6 3 1 5\n  store 5 slot 0\n  store 6 slot 1\n", 0},
    };
    for (size_t p = 0; p < sizeof programs / sizeof *programs; p++) {
        double want[2][N], got[2][N];
        uint8_t true_want[N], true_got[N];
        run_fused(programs[p].code, "", false, want, true_want); /* element by element */
        for (size_t k = 0; k < 6; k++) {
            const uint32_t fused =
                run_fused(programs[p].code, isas[k / 2], k % 2, got, true_got);
            if (fused == UINT32_MAX)
                continue;
            if (fused != programs[p].fused)
                fail_msg("program %zu: %u steps fused, wanted %u", p, fused, programs[p].fused);
            assert_memory_equal(got, want, sizeof want);
            assert_memory_equal(true_got, true_want, sizeof true_want);
        }
    }
}

static void test_compact_gives_positions_in_order(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 300; n++) {
        uint8_t mask[300];
        int32_t out[300];
        uint32_t wanted = 0;
        for (uint32_t k = 0; k < n; k++)
            mask[k] = random_below(n % 2 ? 4 : 90) == 0;
        const uint32_t found = eg_compact()(out, mask, n, 100);
        for (uint32_t k = 0; k < n; k++)
            if (mask[k])
                assert_int_equal(out[wanted++], 100 + (int32_t)k);
        assert_int_equal(found, wanted);
    }
}

static void test_an_absent_instruction_set_is_refused(void **state)
{
    (void)state;
    engram_error err = {0};
    struct code c;
    double *result[2];
    setup(&c, result, "x", "y");
    assert_int_equal(code_run(&c, EG_MATH_FAST, "neon", 0, &err), ENGRAM_E_UNSUPPORTED);
    assert_string_contains(err.message, "\"neon\"");
    code_free(&c);
}

static void test_memory_may_run_out_anywhere(void **state)
{
    (void)state;
    for (int m = 0; m < 2; m++) {
        bool done = false;
        for (size_t fail_at = 0; !done; fail_at++) {
            engram_error err = {0};
            struct check_alloc check;
            struct code c;
            double *result[2];
            check_alloc_init(&check, fail_at);
            setup(&c, result, "int(b)*exp(x) + p*y", "tmp**2");
            const eg_math math = m ? EG_MATH_FAST : EG_MATH_STRICT;
            eg_arena *arena = eg_arena_new(&check.alloc);
            eg_program *program;
            eg_kernel *kernel = NULL;
            engram_status status = ENGRAM_E_MEMORY;
            if (arena)
                status = code_lower(&c, &program, arena, math, &err);
            if (!status)
                status = eg_kernel_new(&kernel, program, math, NULL, &check.alloc, &err);
            done = status == ENGRAM_OK;
            if (!done)
                assert_int_equal(status, ENGRAM_E_MEMORY);
            eg_kernel_free(kernel);
            eg_arena_free(arena);
            assert_int_equal(check.live, 0);
            code_free(&c);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_programs_agree_and_have_the_same_bits_everywhere),
        cmocka_unit_test(test_published_models_agree_over_steps),
        cmocka_unit_test(test_step_comparison_is_exact),
        cmocka_unit_test(test_guarded_changes_agree),
        cmocka_unit_test(test_unguarded_draws_come_element_by_element),
        cmocka_unit_test(test_a_draw_does_not_come_before_what_it_overwrites_is_read),
        cmocka_unit_test(test_keyed_draws_do_not_depend_on_blocks_or_order),
        cmocka_unit_test(test_shared_values_follow_what_they_are_made_of),
        cmocka_unit_test(test_swapped_arrays_and_scattered_elements),
        cmocka_unit_test(test_own_functions_hold_their_bounds),
        cmocka_unit_test(test_own_functions_at_the_edges),
        cmocka_unit_test(test_every_operation_agrees_everywhere),
        cmocka_unit_test(test_functions_have_the_same_bits_by_vector_and_by_scalar),
        cmocka_unit_test(test_fused_steps_compute_what_single_ones_do),
        cmocka_unit_test(test_compact_gives_positions_in_order),
        cmocka_unit_test(test_an_absent_instruction_set_is_refused),
        cmocka_unit_test(test_memory_may_run_out_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
