/* exec_code.h - small executables for tests: names with memory, lines, one run
 *
 *     struct code c;
 *     code_init(&c);
 *     double *v = code_array(&c, "v", "float64", "_idx", "");
 *     code_line(&c, "=", "v", "v + 1");
 *     assert_ok(code_run(&c, EG_MATH_STRICT, "", 0, &err), &err);
 *     code_free(&c);
 */
#ifndef EG_TESTS_EXEC_CODE_H
#define EG_TESTS_EXEC_CODE_H

#include "exec/exec.h"

#include <stdlib.h>
#include <string.h>

enum { CODE_ELEMENTS = 600, CODE_NAMES = 32 };

struct code {
    eg_statement statement[CODE_NAMES];
    eg_binding binding[CODE_NAMES];
    void *memory[CODE_NAMES];
    eg_executable executable;
    eg_function_list functions;
    const double *table; /* of a TimedArray */
    const char *native;  /* function that the host gives, or NULL */
    eg_native given;
    eg_dialect dialect;
    eg_rng *rng;
    uint64_t count;
    const int32_t *index; /* of the elements, or NULL: 0, 1, ... */
    bool shared;          /* elements are not distinct */
};

static inline void code_init(struct code *c)
{
    memset(c, 0, sizeof *c);
    c->executable = (eg_executable){.name = "test", .template = "stateupdate"};
    c->executable.statements.item = c->statement;
    c->executable.bindings.item = c->binding;
    c->count = 1;
}

static inline eg_binding *code_binding(struct code *c, const char *name, const char *kind,
                                       const char *dtype)
{
    eg_binding *b = &c->binding[c->executable.bindings.count++];
    *b = (eg_binding){.name = name,
                      .kind = kind,
                      .dtype = dtype,
                      .owner = "",
                      .variable = "",
                      .index = "",
                      .guard = ""};
    return b;
}

static inline void *code_array(struct code *c, const char *name, const char *dtype,
                               const char *index, const char *guard)
{
    const size_t k = c->executable.bindings.count;
    eg_binding *b = code_binding(c, name, "array", dtype);
    b->owner = "group";
    b->variable = name;
    b->index = index;
    b->guard = guard;
    return c->memory[k] = calloc(CODE_ELEMENTS, 8);
}

static inline void code_constant(struct code *c, const char *name, double value)
{
    code_binding(c, name, "constant", "float64")->value = value;
}

static inline void code_typed(struct code *c, const char *op, const char *variable,
                              const char *expr, const char *dtype)
{
    c->statement[c->executable.statements.count++] = (eg_statement){
        .part = "vector", .op = op, .variable = variable, .expr = expr, .dtype = dtype};
}

static inline void code_line(struct code *c, const char *op, const char *variable,
                             const char *expr)
{
    code_typed(c, op, variable, expr, "float64");
}

static inline void *code_memory(const struct code *c, const eg_slot *slot)
{
    if (slot->kind == EG_SLOT_TABLE)
        return (void *)(uintptr_t)c->table;
    if (slot->kind == EG_SLOT_FUNCTION)
        return (void *)(uintptr_t)&c->given;
    for (size_t k = 0; k < c->executable.bindings.count; k++)
        if (strcmp(c->binding[k].variable, slot->variable) == 0 && c->memory[k])
            return c->memory[k];
    return NULL;
}

static inline engram_status code_lower(struct code *c, eg_program **program, eg_arena *arena,
                                       eg_math math, engram_error *err)
{
    const eg_lower_options options = {.dialect = c->dialect,
                                      .math = math,
                                      .dt = 1e-4,
                                      .functions = &c->functions,
                                      .native = &c->native,
                                      .native_count = c->native ? 1 : 0};
    return eg_lower(program, arena, &c->executable, &options, err);
}

static inline engram_status code_run(struct code *c, eg_math math, const char *isa,
                                     uint32_t block, engram_error *err)
{
    eg_arena *arena = eg_arena_new(engram_default_alloc());
    const eg_exec_options options = {.isa = isa, .block = block};
    eg_program *program;
    eg_kernel *kernel = NULL;
    engram_status status = code_lower(c, &program, arena, math, err);
    if (!status)
        status = eg_kernel_new(&kernel, program, math, &options, engram_default_alloc(), err);
    if (!status) {
        void *base[CODE_NAMES] = {NULL};
        for (uint32_t s = 0; s < eg_program_slot_count(program); s++)
            base[s] = code_memory(c, eg_program_slot(program, s));
        const eg_frame frame = {.base = base,
                                .index = c->index,
                                .count = c->count,
                                .distinct = !c->shared,
                                .rng = c->rng};
        status = eg_kernel_run(kernel, &frame, err);
    }
    eg_kernel_free(kernel);
    eg_arena_free(arena);
    return status;
}

static inline void code_free(struct code *c)
{
    for (size_t k = 0; k < CODE_NAMES; k++)
        free(c->memory[k]);
}

#endif
