/* exp of a matrix against closed forms, and the cache of exact steps. */
#include "exec/propagator.h"

#include "support/check.h"

#include <math.h>
#include <string.h>

static void assert_near(double found, double wanted, double relative)
{
    if (!(fabs(found - wanted) <= relative * fabs(wanted)))
        fail_msg("%.17g, wanted %.17g", found, wanted);
}

static void exponential_of_known_matrices(void **state)
{
    (void)state;
    double out[4], work[24];
    const double rotation[] = {0, -3, 3, 0};
    eg_expm(out, rotation, 2, work);
    assert_near(out[0], cos(3), 1e-14);
    assert_near(out[2], sin(3), 1e-13);
    const double nilpotent[] = {0, 5, 0, 0};
    eg_expm(out, nilpotent, 2, work);
    assert_near(out[1], 5, 1e-15);
    assert_near(out[0], 1, 0);
    const double equal[] = {-2, 1, 0, -2}; /* no eigenvector basis */
    eg_expm(out, equal, 2, work);
    assert_near(out[0], exp(-2), 1e-14);
    assert_near(out[1], exp(-2), 1e-14);
}

static void stiff_and_badly_scaled_systems_keep_their_digits(void **state)
{
    (void)state;
    double out[4], work[24];
    const double stiff[] = {-1000, 0, 1, -0.5};
    eg_expm(out, stiff, 2, work);
    assert_near(out[3], exp(-0.5), 1e-12);
    assert_near(out[2], (exp(-0.5) - exp(-1000.0)) / 999.5, 1e-12);
    const double units[] = {-0.005, 3e8, 0, -0.02}; /* volts driven by siemens */
    eg_expm(out, units, 2, work);
    assert_near(out[0], exp(-0.005), 1e-15);
    assert_near(out[3], exp(-0.02), 1e-15);
    assert_near(out[1], 3e8 * (exp(-0.005) - exp(-0.02)) / 0.015, 1e-13);
}

static void inverse_is_the_exponential_of_the_negative(void **state)
{
    (void)state;
    enum { N = 8 };
    double a[N * N], b[N * N], up[N * N], down[N * N], work[6 * N * N];
    uint32_t word = 1;
    for (int k = 0; k < N * N; k++) {
        word = word * 1664525u + 1013904223u;
        a[k] = (double)(word >> 8) / (1 << 24) - 0.5;
        b[k] = -a[k];
    }
    eg_expm(up, a, N, work);
    eg_expm(down, b, N, work);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            double sum = 0;
            for (int k = 0; k < N; k++)
                sum += up[i * N + k] * down[k * N + j];
            assert_true(fabs(sum - (i == j)) < 1e-13);
        }
}

static void step_of_a_singular_system_is_its_integral(void **state)
{
    (void)state;
    eg_propagators *cache = eg_propagators_new(engram_default_alloc());
    const double m[] = {0, 1, 0, 0}, b[] = {0, 2}; /* x'' = 2 */
    const double *step = eg_propagators_get(cache, 2, m, b, 0.5);
    assert_near(step[1], 0.5, 1e-15);
    assert_near(step[2], 0.25, 1e-15);
    assert_near(step[5], 1.0, 1e-15);
    const double zero = 0, drive = 3;
    assert_near(eg_propagators_get(cache, 1, &zero, &drive, 0.5)[1], 1.5, 0);
    eg_propagators_free(cache);
}

static void drive_is_not_part_of_the_key_but_of_the_result(void **state)
{
    (void)state;
    eg_propagators *cache = eg_propagators_new(engram_default_alloc());
    const double m[] = {-2, 1, 0, -3};
    for (int k = 0; k < 1000; k++) {
        const double b[] = {0, k};
        const double *step = eg_propagators_get(cache, 2, m, b, 0.1);
        assert_near(step[5], k * (1 - exp(-0.3)) / 3, 1e-13);
    }
    assert_int_equal(eg_propagators_count(cache), 1);
    const double b[] = {0, 1};
    (void)eg_propagators_get(cache, 2, m, b, 0.2);
    assert_int_equal(eg_propagators_count(cache), 2);
    eg_propagators_free(cache);
}

static void non_finite_input_gives_nan(void **state)
{
    (void)state;
    eg_propagators *cache = eg_propagators_new(engram_default_alloc());
    const double m[] = {NAN, 1, 0, INFINITY}, b[] = {0, 0};
    assert_true(isnan(eg_propagators_get(cache, 2, m, b, 0.1)[0]));
    eg_propagators_free(cache);
}

static void memory_running_out_gives_null(void **state)
{
    (void)state;
    const double m[] = {-2, 1, 0, -3}, b[] = {0, 1};
    const double *step = NULL;
    for (size_t nth = 0; !step && nth < 10; nth++) {
        struct check_alloc failing;
        check_alloc_init(&failing, nth);
        eg_propagators *cache = eg_propagators_new(&failing.alloc);
        if (cache)
            step = eg_propagators_get(cache, 2, m, b, 0.1);
        eg_propagators_free(cache);
        assert_int_equal(failing.live, 0);
    }
    assert_non_null(step);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exponential_of_known_matrices),
        cmocka_unit_test(stiff_and_badly_scaled_systems_keep_their_digits),
        cmocka_unit_test(inverse_is_the_exponential_of_the_negative),
        cmocka_unit_test(step_of_a_singular_system_is_its_integral),
        cmocka_unit_test(drive_is_not_part_of_the_key_but_of_the_result),
        cmocka_unit_test(non_finite_input_gives_nan),
        cmocka_unit_test(memory_running_out_gives_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
