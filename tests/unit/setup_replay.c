/* Connects and initialisers give what Brian2's standalone target gives for the same seed. */
#include "sim/setup.h"

#include "common/memory.h"
#include "ir/derive.h"
#include "sim/connect.h"
#include "support/check.h"
#include "support/equation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct model {
    eg_net *net;
    eg_network *network;
    eg_store *store;
    eg_rng *rng;
};

static void defaults(const char *type, void *element)
{
    size_t count;
    const eg_element_type *const *types = eg_element_types(&count);
    for (size_t k = 0; k < count; k++)
        if (!strcmp(types[k]->name, type))
            eg_element_defaults(types[k], element);
}

static void *zeroed(eg_net *net, size_t count, size_t size)
{
    void *made = eg_arena_array(net->arena, count, size);
    assert_non_null(made);
    return made;
}

/* Groups `a` (n neurons, variable v) and `b` (m), synapses `s` from a to b with variable w. */
static struct model new_model(int64_t n, int64_t m, size_t steps)
{
    static eg_equation v, w;
    v = eq("v", "parameter", "", "");
    w = eq("w", "parameter", "", "");
    struct model x = {0};
    assert_int_equal(eg_net_new(&x.net, engram_default_alloc(), NULL), 0);
    x.network = zeroed(x.net, 1, sizeof *x.network);
    defaults("network", x.network);
    x.network->dialect = "brian2-standalone";
    x.network->rng_rule = "brian-standalone";
    x.network->origin = "export";
    eg_clock *clock = zeroed(x.net, 1, sizeof *clock);
    *clock = (eg_clock){.name = "defaultclock", .dt = 1e-4};
    x.network->clocks = (eg_clock_list){clock, 1};
    eg_group *group = zeroed(x.net, 2, sizeof *group);
    for (int k = 0; k < 2; k++) {
        defaults("group", &group[k]);
        group[k].name = k ? "b" : "a";
        group[k].kind = "neurons";
        group[k].n = k ? m : n;
        group[k].clock = "defaultclock";
        group[k].equations = (eg_equation_list){&v, 1};
    }
    x.network->groups = (eg_group_list){group, 2};
    eg_synapses *s = zeroed(x.net, 1, sizeof *s);
    defaults("synapses", s);
    s->name = "s";
    s->source = "a";
    s->target = "b";
    s->equations = (eg_equation_list){&w, 1};
    eg_pathway *pathway = zeroed(x.net, 1, sizeof *pathway);
    defaults("pathway", pathway);
    pathway->name = "s_pre";
    pathway->key = pathway->prepost = "pre";
    pathway->code = "v_post += w";
    s->pathways = (eg_pathway_list){pathway, 1};
    x.network->synapses = (eg_synapses_list){s, 1};
    eg_setup *setup = zeroed(x.net, steps + 1, sizeof *setup);
    for (size_t k = 0; k < steps; k++) {
        defaults("setup", &setup[k]);
        setup[k].kind = "connect";
        setup[k].target = "s";
    }
    x.network->setup = (eg_setup_list){setup, steps};
    x.net->document.network = x.network;
    x.rng = calloc(1, sizeof *x.rng);
    eg_rng_init(x.rng, EG_RNG_BRIAN_STANDALONE, 0);
    return x;
}

static engram_status replay(struct model *x, engram_error *err)
{
    engram_status status = eg_derive_code(x->net, true, err);
    if (!status)
        status = eg_store_new(&x->store, x->net, engram_default_alloc(), err);
    if (!status)
        status = eg_setup_replay(x->store, x->net, x->rng, 0, x->network->setup.count, 42, err);
    return status;
}

static void close_model(struct model *x)
{
    eg_store_free(x->store);
    eg_net_free(x->net);
    free(x->rng);
}

/* Targets of the synapses of source `pre`, as text "1 2 3". */
static const char *row(const struct model *x, int32_t pre)
{
    static char text[512];
    const eg_cell *from = eg_store_find(x->store, "s", "_synaptic_pre");
    const eg_cell *to = eg_store_find(x->store, "s", "_synaptic_post");
    size_t used = 0;
    text[0] = '\0';
    for (uint64_t k = 0; k < from->count; k++)
        if (((int32_t *)from->data)[k] == pre)
            used += (size_t)snprintf(text + used, sizeof text - used, used ? " %d" : "%d",
                                     ((int32_t *)to->data)[k]);
    return text;
}

static void random_connects_give_the_rows_of_seed_42(void **state)
{
    (void)state;
    const struct {
        const char *p, *j;
        int64_t m;
        const char *rows[2];
    } cases[] = {
        {"0.1", "", 40, {"9 10 13 18 36", "27 29 34 38"}},
        {"0.3", "", 20, {"4 5 6 10 13 14 15 19", "1 2 6 9 11 12 17"}},
        {"", "k for k in sample(N_post, size=3)", 100, {"37 73 95", "5 15 59"}},
        {"", "k for k in sample(N_post, size=3)", 20, {"4 6 10", "3 10 15"}},
        {"", "k for k in sample(0, N_post, p=0.1)", 40, {"9 10 13 18 36", "27 29 34 38"}},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        engram_error err;
        struct model x = new_model(2, cases[c].m, 1);
        x.network->setup.item[0].p = cases[c].p;
        x.network->setup.item[0].j = cases[c].j;
        assert_ok(replay(&x, &err), &err);
        assert_string_equal(row(&x, 0), cases[c].rows[0]);
        assert_string_equal(row(&x, 1), cases[c].rows[1]);
        close_model(&x);
    }
}

/* Brian2 keeps a probability in a temporary: of float32, one that is hardly below 0.25 is 0.25,
 * from where on each pair is drawn for itself. */
static void a_probability_has_the_type_of_temporaries(void **state)
{
    (void)state;
    const struct {
        const char *p, *float_dtype;
    } cases[] = {{"0.25", ""}, {"0.25 - 1e-12", "float32"}, {"0.25 - 1e-12", ""}};
    char rows[3][512];
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        engram_error err;
        struct model x = new_model(1, 40, 1);
        x.network->float_dtype = cases[c].float_dtype;
        x.network->setup.item[0].p = cases[c].p;
        assert_ok(replay(&x, &err), &err);
        snprintf(rows[c], sizeof rows[c], "%s", row(&x, 0));
        close_model(&x);
    }
    assert_string_equal(rows[0], rows[1]);
    assert_string_not_equal(rows[0], rows[2]);
}

static void values_of_float32_are_rounded(void **state)
{
    (void)state;
    engram_error err;
    struct model x = new_model(3, 3, 4);
    static double third = 1.0 / 3;
    eg_setup *setup = x.network->setup.item;
    x.network->float_dtype = "float32";
    for (int k = 1; k < 4; k++) {
        setup[k].kind = "initialise";
        setup[k].target = k == 3 ? "s_pre" : "s";
        setup[k].variable = k == 3 ? "delay" : "w";
    }
    const uint64_t one = 1;
    assert_ok(eg_source_memory(&setup[1].values, x.net->arena, EG_F64, 1, &one, &third, &err),
              &err);
    setup[2].code = "1.0/3";
    setup[2].condition = "j > 1";
    setup[3].code = "(j + 1)*0.1*ms";
    assert_ok(replay(&x, &err), &err);
    const eg_cell *w = eg_store_find(x.store, "s", "w");
    const eg_cell *delay = eg_store_find(x.store, "s_pre", "delay");
    assert_int_equal(w->dtype, EG_F32);
    assert_int_equal(delay->dtype, EG_F32);
    assert_int_equal(w->count, 9);
    for (uint64_t k = 0; k < w->count; k++)
        assert_true(((float *)w->data)[k] == (float)third);
    assert_true(((float *)delay->data)[1] == (float)(2 * 0.1 * 1e-3));
    close_model(&x);
}

static void conditions_and_generators_choose_pairs(void **state)
{
    (void)state;
    const struct {
        const char *condition, *i, *j, *n;
        const char *row1;
    } cases[] = {{"i == j", "", "", "", "1"},
                 {"abs(i - j) < 2", "", "", "2", "0 0 1 1 2 2"},
                 {"False", "", "", "", ""},
                 {"", "", "i", "", "1"},
                 {"", "", "k for k in range(i, N_post, 2) if k != 3", "", "1 5"},
                 {"", "k for k in range(N_pre) if k != j", "", "", "0 2 3 4 5"}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        engram_error err;
        struct model x = new_model(6, 6, 1);
        x.network->setup.item[0].condition = cases[c].condition;
        x.network->setup.item[0].i = cases[c].i;
        x.network->setup.item[0].j = cases[c].j;
        x.network->setup.item[0].n = cases[c].n;
        assert_ok(replay(&x, &err), &err);
        assert_string_equal(row(&x, 1), cases[c].row1);
        close_model(&x);
    }
}

static void what_counts_down_follows_the_dialect(void **state)
{
    (void)state;
    const struct {
        const char *dialect, *j, *row1;
    } cases[] = {
        {"brian2-runtime", "k for k in range(N_post - 1, i, -2)", "5 3"},
        {"brian2-standalone", "k for k in range(N_post - 1, i, -2)", ""},
        {"brian2-runtime", "k for k in sample(N_post - 1, -1, -1, p=1.0)", "5 4 3 2 1 0"},
        {"brian2-standalone", "k for k in sample(N_post - 1, -1, -2, size=3)", "5 3 1"},
        {"brian2-runtime", "k for k in sample(int(i >= 1), 4, size=3)", "1 2 3"}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        engram_error err;
        struct model x = new_model(2, 6, 1);
        x.network->dialect = cases[c].dialect;
        x.network->setup.item[0].j = cases[c].j;
        assert_ok(replay(&x, &err), &err);
        assert_string_equal(row(&x, 1), cases[c].row1);
        close_model(&x);
    }
}

/* A condition that names j, the outer index here, is judged behind the draws of the sample: a
 * row that fails it draws all the same. */
static void a_condition_on_j_does_not_spare_draws(void **state)
{
    (void)state;
    const char *const conditions[] = {"", " if j > 0", " if v_post > 0"};
    uint32_t position[3];
    for (size_t c = 0; c < 3; c++) {
        engram_error err;
        struct model x = new_model(40, 3, 1);
        char text[80];
        snprintf(text, sizeof text, "k for k in sample(N_pre, p=0.5)%s", conditions[c]);
        x.network->setup.item[0].i = text;
        assert_ok(replay(&x, &err), &err);
        position[c] = x.rng->mt.position;
        close_model(&x);
    }
    assert_int_equal(position[0], 240);
    assert_int_equal(position[1], 240);
    assert_int_equal(position[2], 624); /* values decide in front of them */
}

static void an_index_out_of_range_is_refused_or_skipped(void **state)
{
    (void)state;
    engram_error err;
    for (int skip = 0; skip < 2; skip++) {
        struct model x = new_model(4, 4, 1);
        x.network->setup.item[0].j = "i + 1";
        x.network->setup.item[0].skip_if_invalid = skip;
        assert_int_equal(replay(&x, &err), skip ? ENGRAM_OK : ENGRAM_E_LIMIT);
        if (skip)
            assert_string_equal(row(&x, 2), "3");
        else
            assert_string_contains(err.message, "setup step 0 (connect s): index j = 4");
        close_model(&x);
    }
}

static void arrays_of_a_second_connect_follow_the_first(void **state)
{
    (void)state;
    engram_error err;
    struct model x = new_model(3, 3, 3);
    static const int32_t i[] = {2, 0}, j[] = {1, 1};
    const uint64_t two = 2;
    eg_setup *step = x.network->setup.item;
    step[0].condition = "i == j";
    assert_ok(eg_source_memory(&step[1].i_array, x.net->arena, EG_I32, 1, &two, i, &err), &err);
    assert_ok(eg_source_memory(&step[1].j_array, x.net->arena, EG_I32, 1, &two, j, &err), &err);
    step[2].kind = "initialise";
    step[2].variable = "w";
    step[2].code = "i + 10*j";
    assert_ok(replay(&x, &err), &err);
    const eg_cell *w = eg_store_find(x.store, "s", "w");
    static const double wanted[] = {0, 11, 22, 12, 10};
    assert_int_equal(w->count, 5);
    assert_memory_equal(w->data, wanted, sizeof wanted);
    static const int32_t incoming[] = {1, 3, 1}, outgoing[] = {2, 1, 2};
    assert_memory_equal(eg_store_find(x.store, "s", "N_incoming")->data, incoming, 12);
    assert_memory_equal(eg_store_find(x.store, "s", "N_outgoing")->data, outgoing, 12);
    assert_int_equal(eg_store_find(x.store, "s_pre", "delay")->count, 5);
    close_model(&x);
}

static void draws_of_initialisers_and_connects_share_one_stream(void **state)
{
    (void)state;
    engram_error err;
    struct model x = new_model(4, 4, 3);
    eg_setup *step = x.network->setup.item;
    for (int k = 0; k < 3; k++) {
        step[k].kind = "initialise";
        step[k].target = "a";
        step[k].variable = "v";
    }
    step[0].code = "rand()";
    step[0].stop = 1;
    step[1].code = "randn()";
    step[1].start = 1;
    step[1].stop = 2;
    step[2].code = "rand() + 10*i";
    step[2].start = 2;
    step[2].stop = 4;
    assert_ok(replay(&x, &err), &err);
    const double *v = eg_store_find(x.store, "a", "v")->data;
    assert_true(v[0] == 0.3745401188473625);
    assert_true(v[1] == -1.1118801180469204);
    assert_true(v[2] == 0.15599452033620265); /* i is relative to the slice: 0 here */
    assert_true(v[3] > 10 && v[3] < 11);
    close_model(&x);
}

static void conditions_and_indices_choose_elements(void **state)
{
    (void)state;
    engram_error err;
    struct model x = new_model(4, 4, 2);
    static const int32_t index[] = {3, 0};
    const uint64_t two = 2;
    eg_setup *step = x.network->setup.item;
    for (int k = 0; k < 2; k++) {
        step[k].kind = "initialise";
        step[k].target = "a";
        step[k].variable = "v";
    }
    step[0].condition = "i > 1";
    step[0].code = "i + 0.5";
    step[1].code = "v + 1";
    assert_ok(eg_source_memory(&step[1].indices, x.net->arena, EG_I32, 1, &two, index, &err),
              &err);
    assert_ok(replay(&x, &err), &err);
    static const double wanted[] = {1, 0, 2.5, 4.5};
    assert_memory_equal(eg_store_find(x.store, "a", "v")->data, wanted, sizeof wanted);
    close_model(&x);
}

/* A TimedArray of steps of 1 ms at 0.99 ms, numbers of Brian2 2.9 and 2.10: a group with steps
 * of 0.1 ms is before its second value, and with 0.4 ms so near it that it is taken. */
static void a_timed_array_counts_by_the_step_in_force(void **state)
{
    (void)state;
    static const double table[] = {1, 2, 3};
    const uint64_t rows = 3;
    engram_error err;
    struct model x = new_model(1, 1, 1);
    eg_source *values;
    assert_ok(eg_source_memory(&values, x.net->arena, EG_F64, 1, &rows, table, &err), &err);
    eg_function *function = zeroed(x.net, 1, sizeof *function);
    defaults("function", function);
    function->name = "table";
    function->kind = "timedarray";
    function->dt = 1e-3;
    function->ndim = 1;
    function->values = values;
    x.network->functions = (eg_function_list){function, 1};
    eg_setup *setup = &x.network->setup.item[0];
    setup->kind = "initialise";
    setup->target = "a";
    setup->variable = "v";
    setup->code = "table(0.99*ms)";
    assert_ok(replay(&x, &err), &err);
    const double *v = eg_store_find(x.store, "a", "v")->data;
    assert_true(*v == 1);
    *(double *)eg_store_find(x.store, "defaultclock", "dt")->data = 4e-4;
    assert_ok(eg_setup_replay(x.store, x.net, x.rng, 0, 1, 42, &err), &err);
    assert_true(*v == 2);
    close_model(&x);
}

static void errors_name_step_object_and_position(void **state)
{
    (void)state;
    const struct {
        const char *kind, *target, *variable, *code, *part;
        engram_status status;
    } cases[] = {
        {"initialise", "a", "u", "1", "setup step 0 (initialise a.u)", ENGRAM_E_REFERENCE},
        {"initialise", "zz", "v", "1", "setup step 0 (initialise zz.v)", ENGRAM_E_REFERENCE},
        {"initialise", "a", "v", "1 +", "setup step 0 (initialise a.v)", ENGRAM_E_SYNTAX},
        {"initialise", "a", "v", "nothing", "setup step 0 (initialise a.v)",
         ENGRAM_E_REFERENCE},
        {"dance", "a", "v", "1", "setup step 0 (dance a.v)", ENGRAM_E_SCHEMA}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        engram_error err;
        struct model x = new_model(3, 3, 1);
        x.network->setup.item[0].kind = cases[c].kind;
        x.network->setup.item[0].target = cases[c].target;
        x.network->setup.item[0].variable = cases[c].variable;
        x.network->setup.item[0].code = cases[c].code;
        assert_int_equal(replay(&x, &err), cases[c].status);
        assert_string_contains(err.message, cases[c].part);
        close_model(&x);
    }
}

static void generators_that_are_none_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"k for k range(3)",          "k for k in list(3)",
                                        "k for k in sample(3)",      "k for k in range()",
                                        "k for k in range(0, 3, 0)", "w for k in range(3)"};
    for (size_t c = 0; c < sizeof texts / sizeof *texts; c++) {
        engram_error err;
        struct model x = new_model(3, 3, 1);
        x.network->setup.item[0].j = texts[c];
        assert_int_not_equal(replay(&x, &err), ENGRAM_OK);
        assert_string_contains(err.message, "setup step 0 (connect s)");
        close_model(&x);
    }
}

static void memory_running_out_is_answered_everywhere(void **state)
{
    (void)state;
    engram_status status = ENGRAM_E_MEMORY;
    struct model x = new_model(5, 5, 2);
    eg_setup *step = x.network->setup.item;
    engram_error err;
    step[0].j = "k for k in sample(N_post, p=0.5) if k != i";
    step[1].kind = "initialise";
    step[1].variable = "w";
    step[1].code = "rand()";
    step[1].condition = "i > 1";
    assert_ok(eg_derive_code(x.net, true, &err), &err);
    for (size_t nth = 0; status == ENGRAM_E_MEMORY && nth < 10000; nth++) {
        struct check_alloc failing;
        check_alloc_init(&failing, nth);
        const engram_alloc *kept = x.net->alloc;
        eg_store *store = NULL;
        status = eg_store_new(&store, x.net, &failing.alloc, &err);
        x.net->alloc = &failing.alloc; /* arenas of the steps come from here */
        if (!status)
            status = eg_setup_replay(store, x.net, x.rng, 0, 2, 42, &err);
        x.net->alloc = kept;
        eg_store_free(store);
        assert_int_equal(failing.live, 0);
    }
    assert_int_equal(status, ENGRAM_OK);
    close_model(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_connects_give_the_rows_of_seed_42),
        cmocka_unit_test(a_probability_has_the_type_of_temporaries),
        cmocka_unit_test(values_of_float32_are_rounded),
        cmocka_unit_test(conditions_and_generators_choose_pairs),
        cmocka_unit_test(an_index_out_of_range_is_refused_or_skipped),
        cmocka_unit_test(what_counts_down_follows_the_dialect),
        cmocka_unit_test(a_condition_on_j_does_not_spare_draws),
        cmocka_unit_test(arrays_of_a_second_connect_follow_the_first),
        cmocka_unit_test(draws_of_initialisers_and_connects_share_one_stream),
        cmocka_unit_test(conditions_and_indices_choose_elements),
        cmocka_unit_test(a_timed_array_counts_by_the_step_in_force),
        cmocka_unit_test(errors_name_step_object_and_position),
        cmocka_unit_test(generators_that_are_none_are_refused),
        cmocka_unit_test(memory_running_out_is_answered_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
