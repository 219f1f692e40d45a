/* ir_text.c - programs as text, the verifier, and docs/ir.md against the table
 *
 * `test_ir_text --print` writes docs/ir.md's text to standard output.
 */
#include "common/buf.h"
#include "exec_code.h"
#include "exec_models.h"
#include "ir/program_private.h"
#include "support/check.h"

#include <stdio.h>

static void assert_round_trip(const eg_executable *code, eg_math math)
{
    engram_error err = {0};
    eg_arena *arena = eg_arena_new(engram_default_alloc());
    const eg_lower_options options = {.math = math, .dt = 1e-4};
    eg_program *program, *again;
    assert_ok(eg_lower(&program, arena, code, &options, &err), &err);
    const char *text = eg_program_print(arena, program);
    assert_non_null(text);
    assert_ok(eg_program_parse(&again, arena, text, &err), &err);
    assert_string_equal(eg_program_print(arena, again), text);
    assert_int_equal(again->reg_count, program->reg_count);
    assert_int_equal(again->vector.count, program->vector.count);
    eg_arena_free(arena);
}

static void test_text_reads_back_as_the_same_program(void **state)
{
    (void)state;
    static const eg_executable *const models[] = {&cuba_stateupdate, &cuba_threshold,
                                                  &cobahh_stateupdate, &cobahh_threshold};
    for (size_t m = 0; m < 4; m++) {
        assert_round_trip(models[m], EG_MATH_STRICT);
        assert_round_trip(models[m], EG_MATH_FAST);
    }
}

/* Hoisting, boolean specialisation and collection: CUBA's step is a few operations. */
static void test_cuba_becomes_a_few_vector_operations(void **state)
{
    (void)state;
    engram_error err = {0};
    eg_arena *arena = eg_arena_new(engram_default_alloc());
    const eg_lower_options options = {.math = EG_MATH_FAST, .dt = 1e-4};
    eg_program *program;
    assert_ok(eg_lower(&program, arena, &cuba_stateupdate, &options, &err), &err);
    assert_true(program->straight);
    uint32_t arithmetic = 0;
    for (uint32_t k = 0; k < program->vector.count; k++) {
        const eg_opcode op = program->vector.item[k].op;
        assert_int_not_equal(op, EG_I_EXP_D);
        assert_int_not_equal(op, EG_I_DIV_D);
        arithmetic += !eg_op(op)->special;
    }
    assert_in_range(arithmetic, 1, 8);
    eg_arena_free(arena);
}

static void test_bad_programs_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
    } rows[] = {
        {"program \"p\" strict\nscalar\nvector\n", "wanted end"},
        {"program \"p\" quick\n", "wanted strict"},
        {"program \"p\" strict\nscalar\nvector\n  add.d 0 1 2\nend\n", "no register"},
        {"program \"p\" strict\nreg 0 float64 vector\nreg 1 int32 vector\nscalar\nvector\n"
         "  add.d 0 0 1\nend\n",
         "another type"},
        {"program \"p\" strict\nreg 0 float64 const 0x0\nscalar\nvector\n  mov.d 0 0\nend\n",
         "writes a constant"},
        {"program \"p\" strict\nreg 0 bool vector\nscalar\nvector\n  branch_true 0 to 0\nend\n",
         "forward"},
        {"program \"p\" strict\nreg 0 float64 vector\nscalar\nvector\n  load 0 slot 3\nend\n",
         "no such slot"},
        {"program \"p\" strict\nslot 0 array float64 via 9 load - \"v\" \"g\" \"v\"\nscalar\n"
         "vector\nend\n",
         "no int32 slot"},
        {"program \"p\" strict\nscalar\nvector\n  jump 0\nend\n", "an operation"},
        {"program \"p\n", "quoted"},
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        engram_error err = {0};
        eg_arena *arena = eg_arena_new(engram_default_alloc());
        eg_program *program;
        assert_int_not_equal(eg_program_parse(&program, arena, rows[k].text, &err), ENGRAM_OK);
        assert_string_contains(err.message, rows[k].part);
        assert_null(program);
        eg_arena_free(arena);
    }
}

/* ---- docs/ir.md ---------------------------------------------------------------------------
 */

static void document(eg_buf *out)
{
    eg_buf_text(out,
                "# Operations of a program\n\n"
                "Made from `plugin/ir/ops.def` by `test_ir_text --print`; a test holds the "
                "two together.\nHow programs are built and run: `plugin/ir/program.h`; "
                "what the numbers are: `numerics.md`.\nThe letter behind a name is the "
                "type: d float64, f float32, l int64, i int32, b bool.\n\n"
                "| operation | result | operands | meaning |\n|---|---|---|---|\n");
    for (int op = 0; op < EG_I_COUNT; op++) {
        const eg_op_info *info = eg_op((eg_opcode)op);
        const char *result = info->result == EG_TYPE_NONE
                                 ? op == EG_I_LOAD ? "slot's" : "-"
                                 : eg_dtype_name((eg_dtype)info->result);
        eg_buf_printf(out, "| `%s` | %s |", info->text, result);
        for (uint8_t k = 0; k < info->args; k++)
            eg_buf_printf(out, " %s", eg_dtype_name((eg_dtype)info->arg[k]));
        for (const char *c = info->operands; *c; c++) {
            static const char letters[] = "BILFDst*?";
            static const char *const names[] = {"bool",    "int32",      "int64",
                                                "float32", "float64",    "slot",
                                                "target",  "float64...", "any"};
            eg_buf_printf(out, " %s", names[strchr(letters, *c) - letters]);
        }
        eg_buf_text(out, " | ");
        for (const char *c = info->doc; *c; c++) {
            if (*c == '|' || *c == '*')
                eg_buf_text(out, "\\");
            eg_buf_append(out, c, 1);
        }
        eg_buf_text(out, " |\n");
    }
}

static void test_documentation_follows_the_table(void **state)
{
    (void)state;
    eg_buf wanted;
    eg_buf_init(&wanted, engram_default_alloc());
    document(&wanted);
    FILE *file = fopen(check_data_path("../docs/ir.md"), "rb");
    assert_non_null(file);
    char *text = calloc(1, wanted.size + 2);
    const size_t got = fread(text, 1, wanted.size + 1, file);
    fclose(file);
    assert_int_equal(got, wanted.size);
    assert_memory_equal(text, wanted.data, got);
    free(text);
    eg_buf_clear(&wanted);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--print") == 0) {
        eg_buf out;
        eg_buf_init(&out, engram_default_alloc());
        document(&out);
        fputs(out.data, stdout);
        eg_buf_clear(&out);
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_reads_back_as_the_same_program),
        cmocka_unit_test(test_cuba_becomes_a_few_vector_operations),
        cmocka_unit_test(test_bad_programs_are_refused),
        cmocka_unit_test(test_documentation_follows_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
