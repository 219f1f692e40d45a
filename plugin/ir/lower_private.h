/* lower_private.h - what the parts of the lowering share: an executable on its way to a program
 *
 * lower.c has the order of loads, statements and stores, lower_names.c what names stand for:
 * the functions of a network, draws, the types that Cython infers.
 */
#ifndef EG_IR_LOWER_PRIVATE_H
#define EG_IR_LOWER_PRIVATE_H

#include "ir/lower_expr.h"

#include "check/signature.h"
#include "common/map.h"

enum { EG_PART_SCALAR = 0, EG_PART_VECTOR = 1 };

typedef struct eg_local {
    const char *name;
    const eg_binding *binding; /* NULL: a temporary, a unit, a constant of the language */
    eg_dtype type;
    int32_t reg;  /* EG_NO_REG: not yet defined */
    int32_t slot; /* array, output: index; -1 */
    bool known;   /* strict: assigned a literal, unconditionally; gcc reads `constant` */
    int32_t constant;
    bool read[2], written[2]; /* by part */
} eg_local;

typedef struct eg_line {
    const eg_statement *statement;
    eg_expr *expr;
    eg_expr_op op; /* NONE: plain assignment */
    eg_local *target;
    eg_local *guard;
} eg_line;

typedef struct eg_lowerer {
    eg_lowering l;
    eg_arena *arena;
    const eg_executable *code;
    const eg_lower_options *options;
    engram_error *err;
    eg_map *bindings; /* name -> position of the first of this name */
    eg_map *slots;    /* name -> slot */
    eg_local *local;  /* sorted by name */
    uint32_t local_count;
    eg_line *line;
    eg_slot *slot;
    uint32_t slot_count;
    uint32_t slot_room;
    eg_known_signature *custom; /* functions met so far */
    bool draws, ordered;        /* ordered: a draw that a guard or short circuit may skip */
} eg_lowerer;

/* Local of a name; NULL if the code has none. */
eg_local *eg_lower_local(const eg_lowerer *w, const char *name);
const eg_binding *eg_lower_binding(const eg_lowerer *w, const char *name);
bool eg_lower_is_array(const eg_local *x);
bool eg_lower_is_output(const eg_local *x);
/* E_MEMORY. *out is the slot of that name, new or old. */
engram_status eg_lower_add_slot(uint32_t *out, eg_lowerer *w, eg_slot slot);

/* lower_names.c: E_UNSUPPORTED if the code counts in steps of a clock that has no step. */
engram_status eg_lower_judge_step(const eg_lowerer *w);
/* lower_names.c: what eg_lowering and sema ask; `context` is the lowerer. */
bool eg_lower_ask_table(void *context, const char *name, eg_table_use *out);
bool eg_lower_ask_binomial(void *context, const char *name, eg_binomial_use *out);
const eg_signature *eg_lower_ask_custom(void *context, const char *name);
bool eg_lower_ask_native(void *context, const char *name, uint32_t *slot);
engram_status eg_lower_ask_name(void *context, const char *name, eg_operand *out);
bool eg_lower_ask_symbol(void *context, const char *name, eg_symbol *symbol);
bool eg_lower_has_call(const eg_expr *e, const char *name);
/* Draws random numbers; more than one a call; where a guard or short circuit may skip it. */
bool eg_lower_draws(const eg_lowerer *w, const eg_expr *e);
bool eg_lower_draws_several(const eg_lowerer *w, const eg_expr *e);
bool eg_lower_draws_in_branch(const eg_lowerer *w, const eg_expr *e);
/* Types of second names, and whether exprel stays whole: what Cython and the compiler do. */
void eg_lower_infer(eg_lowerer *w);

#endif
