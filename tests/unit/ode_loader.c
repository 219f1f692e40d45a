/* Finding GSL's provider, and the answer of a build that has none. */
#include "ode/provider.h"
#include "support/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#ifdef EG_WITHOUT_GSL

static void without_gsl_the_provider_is_refused(void **state)
{
    (void)state;
    const eg_ode_provider *gsl = (const eg_ode_provider *)1;
    engram_error err = {0};
    assert_int_equal(eg_ode_provider_get(&gsl, &err), ENGRAM_E_PROVIDER);
    assert_null(gsl);
    assert_string_equal(err.message, "this Engram was built without GSL");
}

#else

static void a_missing_provider_is_an_answer_that_can_be_repeated(void **state)
{
    (void)state;
    const eg_ode_provider *gsl = (const eg_ode_provider *)1;
    engram_error err = {0};
    setenv("ENGRAM_GSL_PROVIDER", "/nowhere/libengram_gsl.so", 1);
    for (int k = 0; k < 2; k++) {
        assert_int_equal(eg_ode_provider_get(&gsl, &err), ENGRAM_E_PROVIDER);
        assert_null(gsl);
        assert_string_contains(err.message, "cannot load the GSL provider");
        assert_string_contains(err.message, "/nowhere/libengram_gsl.so");
    }
    unsetenv("ENGRAM_GSL_PROVIDER");
}

static void the_provider_is_found_beside_the_program(void **state)
{
    (void)state;
    const eg_ode_provider *gsl = NULL, *again = NULL;
    engram_error err = {0};
    assert_ok(eg_ode_provider_get(&gsl, &err), &err);
    assert_int_equal(gsl->abi, EG_ODE_ABI);
    assert_int_equal(strncmp(gsl->version(), "2.", 2), 0);
    assert_ok(eg_ode_provider_get(&again, &err), &err);
    assert_ptr_equal(gsl, again);
}

static bool rest(void *context, double t, const double *y, double *rate)
{
    (void)context, (void)t, (void)y;
    rate[0] = 0;
    return true;
}

static void what_gsl_would_end_the_process_for_is_answered(void **state)
{
    (void)state;
    const eg_ode_provider *gsl = NULL;
    engram_error err = {0};
    assert_ok(eg_ode_provider_get(&gsl, &err), &err);
    const double scale = 1e-6;
    eg_ode_system system = {.stepper = "rkf45", .dimension = 1, .scale = &scale, .rate = rest};
    eg_ode *ode;
    assert_int_equal(gsl->open(&ode, &system, 0, engram_default_alloc(), &err),
                     ENGRAM_E_ARGUMENT);
    assert_ok(gsl->open(&ode, &system, 0.1, engram_default_alloc(), &err), &err);
    gsl->begin(ode);
    double y = 1;
    eg_ode_report report;
    const double bad[] = {0, -0.1, 0.2, (double)NAN};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
        assert_int_equal(gsl->advance(ode, 0, &bad[k], &y, &report), EG_ODE_START);
    assert_int_equal(gsl->advance(ode, 0, NULL, &y, &report), EG_ODE_DONE);
    gsl->close(ode);
    system.stepper = "bsimp";
    assert_int_equal(gsl->open(&ode, &system, 0.1, engram_default_alloc(), &err),
                     ENGRAM_E_UNSUPPORTED);
    assert_string_contains(err.message, "bsimp");
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef EG_WITHOUT_GSL
        cmocka_unit_test(without_gsl_the_provider_is_refused),
#else
        cmocka_unit_test(a_missing_provider_is_an_answer_that_can_be_repeated),
        cmocka_unit_test(the_provider_is_found_beside_the_program),
        cmocka_unit_test(what_gsl_would_end_the_process_for_is_answered),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
