/* exec_programs.c - random programs in text form, strict: in blocks beside element by element
 *
 * What lowering never makes is among them: branches that overlap, registers made again in a
 * region that some elements skip, loads and stores in there, checks and draws anywhere.
 */
#include "exec/exec_private.h"
#include "support/check.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = 200, TYPES = 5, EACH = 8, ROUNDS = 1000 };
/* Slots: two element arrays of each type, a shared one, a VIA one, an output; index, table. */
enum { ELEMENT = 0, SHARED = 10, VIA = 15, OUTPUT = 20, INDEX = 25, TABLE = 26, SLOTS = 27 };
/* Registers: EACH vectors of each type; a constant, a scalar of each; int32 7; float64 vectors
 * for draws only. */
enum { DRAWS = 3 };
enum { CONSTANT = TYPES * EACH, SCALAR = CONSTANT + TYPES, SEVEN = SCALAR + TYPES, DRAWN };
enum { REGS = DRAWN + DRAWS };

static const char *const type_name[] = {"bool", "int32", "int64", "float32", "float64"};
static const size_t width[] = {1, 4, 8, 4, 8};
static uint64_t random_state = 99;

static int random_below(int n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (int)((random_state >> 33) % (uint64_t)n);
}

static char text[60000];
static size_t length;
static bool made[REGS];

static void add(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    length += (size_t)vsnprintf(text + length, sizeof text - length, format, args);
    va_end(args);
    assert_true(length < sizeof text);
}

static int slot_type(int slot)
{
    return slot == INDEX ? 1 : slot == TABLE ? 4 : slot < SHARED ? slot / 2 : slot % 5;
}

static void add_head(void)
{
    length = 0;
    add("program \"random\" strict draws\n");
    for (int s = 0; s < SLOTS; s++) {
        const char *type = type_name[slot_type(s)];
        if (s < SHARED)
            add("slot %d array %s element load store \"s%d\" \"g\" \"s%d\"\n", s, type, s, s);
        else if (s < VIA)
            add("slot %d array %s zero load - \"s%d\" \"g\" \"s%d\"\n", s, type, s, s);
        else if (s < OUTPUT)
            add("slot %d array %s via %d load store \"s%d\" \"h\" \"s%d\"\n", s, type, INDEX, s,
                s);
        else if (s < INDEX)
            add("slot %d output %s element - store \"s%d\" \"\" \"\"\n", s, type, s);
        else
            add("slot %d %s %s element load - \"s%d\" \"g\" \"%s\"\n", s,
                s == INDEX ? "array" : "table", type, s, s == INDEX ? "index" : "");
    }
    static const char *const one[] = {"0x1", "0x1", "0x1", "0x3f800000", "0x3ff0000000000000"};
    for (int r = 0; r < REGS; r++)
        if (r < CONSTANT)
            add("reg %d %s vector\n", r, type_name[r / EACH]);
        else if (r == SEVEN)
            add("reg %d int32 const 0x7\n", r);
        else if (r < SCALAR)
            add("reg %d %s const %s\n", r, type_name[r - CONSTANT], one[r - CONSTANT]);
        else if (r < DRAWN)
            add("reg %d %s scalar\n", r, type_name[r - SCALAR]);
        else
            add("reg %d float64 vector\n", r);
    add("scalar\n");
    for (int t = 0; t < TYPES; t++)
        add("  load %d slot %d\n", SCALAR + t, SHARED + t);
    add("vector\n");
}

/* A register of a type that has a value. */
static int operand(int type)
{
    for (;;) {
        const int k = random_below(EACH + 2 + (type == 4 ? DRAWS : 0));
        const int r = k < EACH        ? type * EACH + k
                      : k == EACH     ? CONSTANT + type
                      : k == EACH + 1 ? SCALAR + type
                                      : DRAWN + k - EACH - 2;
        if (made[r])
            return r;
    }
}

static int result(int type)
{
    const int r = type * EACH + random_below(EACH);
    made[r] = true;
    return r;
}

static void add_pure(void)
{
    int op;
    do
        op = random_below(EG_I_COUNT);
    while (eg_op((eg_opcode)op)->special);
    const eg_op_info *info = eg_op((eg_opcode)op);
    int from[3];
    for (int k = 0; k < info->args; k++)
        from[k] = operand(info->arg[k]);
    add("  %s %d", info->text, result(info->result));
    for (int k = 0; k < info->args; k++)
        add(" %d", from[k]);
    add("\n");
}

static void add_draw(void)
{
    const int mean = operand(4), spread = operand(4);
    switch (random_below(4)) {
    case 0:
        add("  rand %d\n", result(4));
        break;
    case 1:
        add("  randn %d\n", result(4));
        break;
    case 2:
        add("  poisson %d %d\n", result(1), mean);
        break;
    default:
        add("  binomial_normal %d %d %d\n", result(3), mean, spread);
    }
}

/* A slot of a type: often of the elements, else a VIA one or the one at `other`. */
static int some_slot(int type, int other)
{
    const int kind = random_below(4);
    return kind == 0   ? VIA + type
           : kind == 1 ? other + type
                       : ELEMENT + 2 * type + random_below(2);
}

static void add_store(void)
{
    const int type = random_below(TYPES);
    add("  store %d slot %d\n", operand(type), some_slot(type, OUTPUT));
}

static void add_load(void)
{
    const int type = random_below(TYPES);
    add("  load %d slot %d\n", result(type), some_slot(type, SHARED));
}

static void make_program(void)
{
    static const char *const check[] = {"", "nonzero.i", "nonzero.l", "nonzero.f", "nonzero.d"};
    add_head();
    memset(made, 0, sizeof made);
    memset(made + CONSTANT, 1, DRAWN - CONSTANT);
    for (int t = 0; t < TYPES; t++)
        for (int k = 0; k < EACH; k++) { /* all have a value before anything is skipped */
            add("  load %d slot %d\n", t * EACH + k,
                k == 0   ? SHARED + t
                : k == 1 ? VIA + t
                         : ELEMENT + 2 * t + k % 2);
            made[t * EACH + k] = true;
        }
    const int body = 2 * DRAWS + random_below(45), start = TYPES * EACH,
              end = start + body + TYPES;
    const bool early_stores = random_below(3) == 0;
    const int draw_at = random_below(3 * body),
              draws = random_below(4) ? 0 : 1 + random_below(3);
    bool branched = false;
    for (int k = 0; k < body; k++) {
        const int kind = random_below(20);
        int to = start + k + 1 + random_below(10);
        to = to > end || random_below(12) == 0 ? end : to;
        if (k < 2 * draws && k % 2) {
            made[DRAWN + k / 2] = !branched;
            add("  %s %d\n", random_below(2) ? "rand" : "randn", DRAWN + k / 2);
        } else if (!draws && k == draw_at)
            add_draw();
        else if (kind < 4 && (k >= 2 * draws || random_below(8) == 0)) {
            branched = true;
            add("  branch_%s %d to %d\n", random_below(2) ? "true" : "false", operand(0), to);
        } else if (kind == 4) {
            const int type = 1 + random_below(4);
            add("  %s %d\n", check[type], operand(type));
        } else if (kind == 5) {
            const int a = operand(4), b = operand(4), c = operand(4);
            add("  table1 %d : %d %d %d %d slot %d\n", result(4), a, b, c, SEVEN, TABLE);
        } else if (kind == 6)
            add_load();
        else if (kind == 7 && early_stores)
            add_store();
        else
            add_pure();
    }
    for (int t = 0; t < TYPES; t++)
        add("  store %d slot %d\n", operand(t), OUTPUT + t);
    add("end\n");
}

/* ---- running ------------------------------------------------------------------------------
 */

typedef struct memory {
    char slot[SLOTS][8 * N];
    uint32_t uniforms, normals; /* that the stream has given before */
    bool serial;
    uint32_t turn[N];
    eg_rng rng;
    char message[512];
    engram_status status;
} memory;

static void fill(memory *m)
{
    m->uniforms = random_below(4) ? 0 : EG_RNG_BUFFER - (uint32_t)random_below(2 * N);
    m->normals = random_below(4) ? 0 : EG_RNG_BUFFER - (uint32_t)random_below(2 * N);
    m->serial = random_below(4) == 0;
    for (int k = 0; k < N; k++)
        m->turn[k] = (uint32_t)random_below(3);
    static const double odd[] = {0.0, -0.0, 1e300, -1e-310, 0.5};
    for (int s = 0; s < SLOTS; s++)
        for (int k = 0; k < N; k++) {
            const double d = random_below(9)   ? (random_below(2001) - 1000) / 100.0 + 1e-3
                             : random_below(4) ? 3.0
                                               : odd[random_below(5)];
            const float f = (float)d;
            const int64_t l = random_below(60) ? (int64_t)d + 20 : 0;
            const int32_t i = (int32_t)(l % 100), target = (k * 7 + 3) % N;
            const uint8_t b = (uint8_t)random_below(2);
            const void *const value[] = {&b, &i, &l, &f, &d};
            const int type = slot_type(s);
            memcpy(m->slot[s] + (size_t)k * width[type], s == INDEX ? &target : value[type],
                   width[type]);
        }
}

/* Whether blocks were allowed. */
static bool run(memory *m, const eg_program *program, uint32_t block, eg_rng_rule rule,
                uint64_t count, const int32_t *index)
{
    engram_error err = {0};
    const eg_exec_options options = {.isa = "", .block = block};
    eg_kernel *kernel;
    assert_ok(
        eg_kernel_new(&kernel, program, EG_MATH_STRICT, &options, engram_default_alloc(), &err),
        &err);
    void *base[SLOTS];
    for (int s = 0; s < SLOTS; s++)
        base[s] = m->slot[s];
    eg_rng_init(&m->rng, rule, 42);
    if (rule != EG_RNG_PHILOX) /* buffers not yet filled, or soon to be filled anew */
        for (uint32_t k = 0; k < m->uniforms || k < m->normals; k++) {
            if (k < m->uniforms)
                (void)eg_rng_rand(&m->rng);
            if (k < m->normals)
                (void)eg_rng_randn(&m->rng);
        }
    eg_rng_place(&m->rng, 77, 5, m->serial);
    const eg_frame frame = {.base = base,
                            .index = index,
                            .count = count,
                            .distinct = true,
                            .rng = &m->rng,
                            .turn = m->turn};
    m->status = eg_kernel_run(kernel, &frame, &err);
    snprintf(m->message, sizeof m->message, "%s", m->status ? err.message : "");
    const bool blocks = kernel->blocks != NULL;
    eg_kernel_free(kernel);
    return blocks;
}

static bool is_nan(const char *value, int type)
{
    double d;
    float f;
    if (type == 4) {
        memcpy(&d, value, sizeof d);
        return isnan(d);
    }
    memcpy(&f, value, sizeof f);
    return type == 3 && isnan(f);
}

static void assert_same_memory(const memory *want, const memory *found, uint32_t block)
{
    if (want->status != found->status || strcmp(want->message, found->message) != 0)
        fail_msg("blocks of %u: \"%s\", wanted \"%s\"\n%s", block, found->message,
                 want->message, text);
    for (int s = 0; s < SLOTS; s++)
        for (size_t k = 0, size = width[slot_type(s)]; k < N; k++) {
            const char *a = want->slot[s] + k * size, *b = found->slot[s] + k * size;
            if (memcmp(a, b, size) != 0 &&
                !(is_nan(a, slot_type(s)) && is_nan(b, slot_type(s))))
                fail_msg("blocks of %u: slot %d, element %zu differs\n%s", block, s, k, text);
        }
}

/* The stream's next numbers; philox has none before it is told where. */
static double next_of(eg_rng *rng)
{
    return rng->rule == EG_RNG_PHILOX && !rng->philox.serial
               ? 0
               : eg_rng_rand(rng) + 3 * eg_rng_randn(rng);
}

static uint32_t draws_of(const eg_program *program)
{
    uint32_t draws = 0;
    for (uint32_t k = 0; k < program->vector.count; k++)
        draws += eg_ins_draws(&program->vector.item[k]);
    return draws;
}

static void test_random_programs(void **state)
{
    (void)state;
    static const uint32_t blocks[] = {0, 2, 7, 64};
    static memory before, want, found;
    static int32_t odd[N / 2];
    for (int k = 0; k < N / 2; k++)
        odd[k] = 2 * k + 1;
    uint32_t finished = 0, stopped = 0, in_blocks = 0, many_draws = 0, rewound = 0;
    for (int round = 0; round < ROUNDS; round++) {
        engram_error err = {0};
        eg_arena *arena = eg_arena_new(engram_default_alloc());
        eg_program *program;
        make_program();
        assert_ok(eg_program_parse(&program, arena, text, &err), &err);
        fill(&before);
        const eg_rng_rule rule = (eg_rng_rule)random_below(3);
        const int32_t *index = random_below(3) ? NULL : odd;
        const int most = index ? N / 2 : N;
        const uint64_t count = (uint64_t)(random_below(4) ? most : 1 + random_below(most));
        want = before;
        assert_false(run(&want, program, 1, rule, count, index));
        const double next = next_of(&want.rng);
        for (size_t k = 0; k < sizeof blocks / sizeof *blocks; k++) {
            found = before;
            const bool block = run(&found, program, blocks[k], rule, count, index);
            in_blocks += block && k == 0;
            many_draws += block && k == 0 && draws_of(program) > 1;
            rewound += block && k == 0 && draws_of(program) && want.status == ENGRAM_E_NUMERIC;
            assert_same_memory(&want, &found, blocks[k]);
            if (next_of(&found.rng) != next)
                fail_msg("blocks of %u: another place in the stream\n%s", blocks[k], text);
        }
        stopped += want.status == ENGRAM_E_NUMERIC;
        finished += want.status == ENGRAM_OK;
        eg_arena_free(arena);
    }
    assert_true(stopped > ROUNDS / 20 && finished > ROUNDS / 3 && in_blocks > ROUNDS / 2);
    assert_true(many_draws > ROUNDS / 12 && rewound > ROUNDS / 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_programs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
