/* The random streams equal numpy's legacy generator and Brian2's, draw for draw
 * (semantics 8.1, 8.4, 8.5: check values made with both). */
#include "common/rng.h"

#include "support/check.h"

#include <math.h>
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

/* The known answers that come with Random123 (kat_vectors, philox4x64 of ten rounds). */
static void philox_gives_the_known_answers(void **state)
{
    (void)state;
    static const uint64_t known[][10] = {
        {0, 0, 0, 0, 0, 0, 0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b,
         0x7e68b68aec7ba23b},
        {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,
         0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6, 0xa09caebf594f0ba0},
        {0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89,
         0x452821e638d01377, 0xbe5466cf34e90c6c, 0xa528f45403e61d95, 0x38c72dbd566e9788,
         0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6}};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        uint64_t block[4];
        eg_philox_block(block, known[k], known[k] + 4);
        assert_memory_equal(block, known[k] + 6, sizeof block);
    }
}

/* docs/numerics.md says which word a number is made of. */
static void philox_draws_where_it_is_told(void **state)
{
    (void)state;
    eg_rng *rng = rng_new(EG_RNG_PHILOX, 77);
    const uint64_t object = eg_rng_object("neurongroup_stateupdater");
    const uint64_t key[2] = {77, object}, counter[4] = {5, 9, 1, 0};
    uint64_t block[4];
    eg_philox_block(block, counter, key);
    const double u = (double)(block[0] >> 11) * 0x1p-53, v = (double)(block[1] >> 11) * 0x1p-53;
    eg_rng_place(rng, object, 9, false);
    eg_rng_element(rng, 5, 0);
    (void)eg_rng_poisson(rng, 30); /* draw 0, however many words it takes */
    same(eg_rng_rand(rng), u);
    eg_rng_element(rng, 5, 0);
    (void)eg_rng_randn(rng);
    same(eg_rng_randn(rng), sqrt(-2 * log(1 - u)) * cos(2 * 3.14159265358979323846 * v));
    /* Element, turn, step, object and seed each lead elsewhere. */
    double seen[6];
    for (int k = 0; k < 6; k++) {
        eg_rng_init(rng, EG_RNG_PHILOX, k == 1 ? 78 : 77);
        eg_rng_place(rng, k == 2 ? object + 1 : object, k == 3 ? 10 : 9, false);
        eg_rng_element(rng, k == 4 ? 6 : 5, k == 5 ? 1 : 0);
        seen[k] = eg_rng_rand(rng);
        for (int j = 0; j < k; j++)
            assert_true(seen[j] != seen[k]);
    }
    /* Serial: no element interrupts the count. */
    eg_rng_place(rng, object, 9, true);
    const double first = eg_rng_rand(rng);
    eg_rng_element(rng, 5, 0);
    assert_true(eg_rng_rand(rng) != first);
    free(rng);
}

enum { DRAWS = 100000 };

/* Moments over elements, each of which draws once or twice; the neighbours are unrelated. */
static void philox_distributions_have_their_moments(void **state)
{
    (void)state;
    eg_rng *rng = rng_new(EG_RNG_PHILOX, 1);
    double u1 = 0, u2 = 0, lag = 0, last = 0, within = 0, z1 = 0, z2 = 0, z4 = 0;
    double p1 = 0, p2 = 0, q1 = 0, q2 = 0, b1 = 0, b2 = 0;
    const eg_binomial binomial = {
        .n = 100, .p = 0.01, .q = 0.99, .qn = 0.366032341273229, .bound = 15.1066};
    eg_rng_place(rng, 3, 4, false);
    for (uint64_t k = 0; k < DRAWS; k++) {
        eg_rng_element(rng, k, 0);
        const double u = eg_rng_rand(rng), z = eg_rng_randn(rng);
        const double p = eg_rng_poisson(rng, 3), q = eg_rng_poisson(rng, 30);
        const double b = (double)eg_rng_binomial(rng, &binomial);
        assert_true(u >= 0 && u < 1);
        u1 += u / DRAWS, u2 += (u - 0.5) * (u - 0.5) / DRAWS;
        lag += (u - 0.5) * (last - 0.5) / DRAWS, last = u;
        within += (u - 0.5) * z / DRAWS;
        z1 += z / DRAWS, z2 += z * z / DRAWS, z4 += z * z * z * z / DRAWS;
        p1 += p / DRAWS, p2 += (p - 3) * (p - 3) / DRAWS;
        q1 += q / DRAWS, q2 += (q - 30) * (q - 30) / DRAWS;
        b1 += b / DRAWS, b2 += (b - 1) * (b - 1) / DRAWS;
    }
    /* within four standard errors of 100000 draws */
    assert_float_equal(u1, 0.5, 0.0037);
    assert_float_equal(u2, 1.0 / 12, 0.001);
    assert_float_equal(lag, 0, 0.0011);
    assert_float_equal(within, 0, 0.0037);
    assert_float_equal(z1, 0, 0.0127);
    assert_float_equal(z2, 1, 0.018);
    assert_float_equal(z4, 3, 0.124);
    assert_float_equal(p1, 3, 0.022);
    assert_float_equal(p2, 3, 0.06);
    assert_float_equal(q1, 30, 0.07);
    assert_float_equal(q2, 30, 0.55);
    assert_float_equal(b1, 1, 0.0127);
    assert_float_equal(b2, 0.99, 0.022);
    free(rng);
}

/* Blocks of numbers, whatever the stream's position: as one after the other. */
static void blocks_of_uniforms_are_single_ones(void **state)
{
    (void)state;
    static const uint32_t counts[] = {1, 311, 312, 313, 1000, 7, 0, 20000};
    static double block[20000];
    for (uint32_t odd = 0; odd < 2; odd++) {
        eg_mt one, many;
        eg_mt_seed(&one, 4711);
        if (odd)
            (void)eg_mt_next(&one);
        many = one;
        for (size_t n = 0; n < sizeof counts / sizeof *counts; n++) {
            eg_mt_fill(&many, block, counts[n]);
            for (uint32_t k = 0; k < counts[n]; k++)
                same(block[k], eg_mt_rand(&one));
            assert_memory_equal(one.word, many.word, sizeof one.word);
            assert_int_equal(one.position, many.position);
        }
    }
}

static double some_draw(eg_rng *rng, uint32_t k)
{
    return k % 3 ? eg_rng_rand(rng) : eg_rng_randn(rng);
}

/* Marked, drawn from and rewound, a stream gives the same numbers, and goes on as before. */
static void a_marked_stream_is_rewound(void **state)
{
    (void)state;
    enum { MARKED = 700, BEHIND = 2 * EG_RNG_BUFFER };
    static const uint32_t starts[] = {0, 1, 5, EG_RNG_BUFFER - MARKED, EG_RNG_BUFFER};
    static double first[MARKED];
    eg_rng *rng = malloc(sizeof *rng), *straight = malloc(sizeof *rng);
    assert_true(rng && straight);
    for (int rule = 0; rule <= EG_RNG_PHILOX; rule++)
        for (size_t n = 0; n < sizeof starts / sizeof *starts; n++) {
            eg_rng_bookmark mark;
            eg_rng_init(rng, (eg_rng_rule)rule, 12);
            eg_rng_place(rng, 3, 4, true);
            for (uint32_t k = 0; k < starts[n]; k++)
                (void)(eg_rng_rand(rng) + eg_rng_randn(rng));
            *straight = *rng;
            assert_true(eg_rng_mark(&mark, rng, MARKED, MARKED));
            for (uint32_t k = 0; k < MARKED; k++)
                first[k] = some_draw(rng, k);
            eg_rng_rewind(rng, &mark);
            for (uint32_t k = 0; k < MARKED + BEHIND; k++) {
                const double again = some_draw(rng, k);
                same(again, some_draw(straight, k));
                if (k < MARKED)
                    same(again, first[k]);
            }
        }
    for (int rule = 0; rule <= EG_RNG_PHILOX; rule++) { /* one number more than is left */
        eg_rng_bookmark mark;
        eg_rng_init(rng, (eg_rng_rule)rule, 12);
        for (uint32_t k = 0; k < EG_RNG_BUFFER - MARKED; k++)
            (void)eg_rng_randn(rng);
        assert_true(eg_rng_mark(&mark, rng, 0, MARKED));
        assert_true(eg_rng_mark(&mark, rng, EG_RNG_BUFFER, MARKED));
        assert_int_equal(eg_rng_mark(&mark, rng, 0, MARKED + 1), rule != EG_RNG_BRIAN_RUNTIME);
    }
    free(straight);
    free(rng);
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
        cmocka_unit_test(philox_gives_the_known_answers),
        cmocka_unit_test(philox_draws_where_it_is_told),
        cmocka_unit_test(philox_distributions_have_their_moments),
        cmocka_unit_test(blocks_of_uniforms_are_single_ones),
        cmocka_unit_test(a_marked_stream_is_rewound),
        cmocka_unit_test(rules_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
