/* The random streams equal numpy's legacy generator and Brian2's, draw for draw
 * (semantics 8.1, 8.4, 8.5: check values made with both). */
#include "common/rng.h"

#include "support/check.h"

#include <stdlib.h>

static eg_rng *rng_new(eg_rng_rule rule, uint64_t seed)
{
    eg_rng *rng = malloc(sizeof *rng);
    assert_non_null(rng);
    eg_rng_init(rng, rule, seed);
    return rng;
}

static void same(double have, double want)
{
    assert_memory_equal(&have, &want, sizeof have);
}

static void uniforms_are_those_of_numpy(void **state)
{
    (void)state;
    eg_mt mt;
    eg_mt_seed(&mt, 42);
    same(eg_mt_rand(&mt), 0.3745401188473625);
    same(eg_mt_rand(&mt), 0.9507143064099162);
    same(eg_mt_rand(&mt), 0.7319939418114051);
    eg_mt_seed(&mt, 1234);
    same(eg_mt_rand(&mt), 0.1915194503788923);
    same(eg_mt_rand(&mt), 0.6221087710398319);
}

static void normals_are_those_of_numpy(void **state)
{
    (void)state;
    eg_mt mt;
    eg_mt_seed(&mt, 42);
    same(eg_mt_randn(&mt), 0.4967141530112327);
    same(eg_mt_randn(&mt), -0.13826430117118466);
    same(eg_mt_randn(&mt), 0.6476885381006925);
    eg_mt_seed(&mt, 1234);
    same(eg_mt_randn(&mt), 0.47143516373249306);
    same(eg_mt_randn(&mt), -1.1909756947064645);
    same(eg_mt_randn(&mt), 1.4327069684260973);
}

static void standalone_rule_interleaves_one_stream(void **state)
{
    (void)state;
    eg_rng *rng = rng_new(EG_RNG_BRIAN_STANDALONE, 42);
    same(eg_rng_rand(rng), 0.3745401188473625);
    same(eg_rng_randn(rng), -1.1118801180469204);
    same(eg_rng_rand(rng), 0.15599452033620265);
    same(eg_rng_randn(rng), 0.31890218468938336);
    free(rng);
}

static void runtime_rule_draws_whole_buffers(void **state)
{
    (void)state;
    eg_rng *rng = rng_new(EG_RNG_BRIAN_RUNTIME, 42);
    eg_mt mt;
    eg_mt_seed(&mt, 42);
    same(eg_rng_rand(rng), eg_mt_rand(&mt));
    for (int k = 1; k < EG_RNG_BUFFER; k++)
        (void)eg_mt_rand(&mt);
    /* The normals begin behind all 20000 uniforms, whatever was used of those. */
    same(eg_rng_randn(rng), eg_mt_randn(&mt));
    same(eg_rng_rand(rng), 0.9507143064099162);
    for (int k = 1; k < EG_RNG_BUFFER; k++)
        (void)eg_mt_randn(&mt);
    for (int k = 2; k < EG_RNG_BUFFER; k++)
        (void)eg_rng_rand(rng);
    assert_int_equal(rng->next_uniform, 0);
    same(eg_rng_rand(rng), eg_mt_rand(&mt));
    free(rng);
}

static void poisson_is_that_of_brian2(void **state)
{
    (void)state;
    static const int32_t small[] = {4, 1, 3, 3, 2, 3, 2, 3, 0, 2};
    static const int32_t large[] = {28, 34, 23, 32, 36, 24, 27, 29, 32, 26};
    eg_rng *rng = rng_new(EG_RNG_BRIAN_STANDALONE, 42);
    for (int k = 0; k < 10; k++)
        assert_int_equal(eg_rng_poisson(rng, 3), small[k]);
    eg_rng_init(rng, EG_RNG_BRIAN_STANDALONE, 42);
    for (int k = 0; k < 10; k++)
        assert_int_equal(eg_rng_poisson(rng, 30), large[k]);
    assert_int_equal(eg_rng_poisson(rng, 0), 0);
    free(rng);
}

static void binomial_is_that_of_brian2(void **state)
{
    (void)state;
    static const int64_t drawn[] = {1, 3, 1, 1, 0, 0, 0, 2, 1, 1};
    const eg_binomial b = {
        .n = 100, .p = 0.01, .q = 0.99, .qn = 0.366032341273229, .bound = 15.1066};
    eg_rng *rng = rng_new(EG_RNG_BRIAN_STANDALONE, 42);
    for (int k = 0; k < 10; k++)
        assert_int_equal(eg_rng_binomial(rng, &b), drawn[k]);
    free(rng);
}

static void philox_is_uniform_and_keyed(void **state)
{
    (void)state;
    eg_rng *a = rng_new(EG_RNG_PHILOX, 1), *b = rng_new(EG_RNG_PHILOX, 2);
    double mean = 0, variance = 0;
    int equal = 0;
    for (int k = 0; k < 100000; k++) {
        const double u = eg_rng_rand(a), z = eg_rng_randn(b);
        assert_true(u >= 0 && u < 1);
        mean += u / 100000;
        variance += z * z / 100000;
        equal += u == eg_rng_rand(b);
    }
    assert_float_equal(mean, 0.5, 0.005);
    assert_float_equal(variance, 1.0, 0.02);
    assert_int_equal(equal, 0);
    free(a);
    free(b);
}

static void rules_have_names(void **state)
{
    (void)state;
    for (int k = 0; k <= EG_RNG_PHILOX; k++) {
        eg_rng_rule rule;
        assert_true(eg_rng_rule_parse(&rule, eg_rng_rule_name((eg_rng_rule)k)));
        assert_int_equal(rule, k);
    }
    eg_rng_rule rule;
    assert_false(eg_rng_rule_parse(&rule, "mt19937"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uniforms_are_those_of_numpy),
        cmocka_unit_test(normals_are_those_of_numpy),
        cmocka_unit_test(standalone_rule_interleaves_one_stream),
        cmocka_unit_test(runtime_rule_draws_whole_buffers),
        cmocka_unit_test(poisson_is_that_of_brian2),
        cmocka_unit_test(binomial_is_that_of_brian2),
        cmocka_unit_test(philox_is_uniform_and_keyed),
        cmocka_unit_test(rules_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
