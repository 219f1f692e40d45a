/* program_private.h - the instructions of a program, for ir/ and exec/
 *
 * Registers are typed and numbered through both parts. A CONST register holds its bits; a
 * SCALAR register is written by the scalar part and may be read by both; a VECTOR register
 * belongs to the vector part. Strict code assigns registers more than once (locals) and
 * skips regions by forward branches; fast code (`straight`) assigns each register once and
 * has no branch. All arrays live in the program's arena.
 */
#ifndef EG_IR_PROGRAM_PRIVATE_H
#define EG_IR_PROGRAM_PRIVATE_H

#include "ir/program.h"

#define EG_OP1(name, text, r, a, value, doc) EG_I_##name,
#define EG_OP2(name, text, r, a, b, value, doc) EG_I_##name,
#define EG_OP3(name, text, r, a, b, c, value, doc) EG_I_##name,
#define EG_OPX(name, text, r, operands, doc) EG_I_##name,
typedef enum eg_opcode {
#include "ir/ops.def"
    EG_I_COUNT
} eg_opcode;
#undef EG_OP1
#undef EG_OP2
#undef EG_OP3
#undef EG_OPX

enum { EG_TYPE_NONE = 0xff, EG_NO_REG = -1 };

typedef struct eg_op_info {
    const char *text;
    const char *doc;
    uint8_t args;   /* plain operands, 0 .. 3 */
    bool special;   /* an EG_OPX row */
    uint8_t result; /* eg_dtype, or EG_TYPE_NONE */
    uint8_t arg[3];
    const char *operands; /* special: type letters */
} eg_op_info;
const eg_op_info *eg_op(eg_opcode code);

typedef union eg_value {
    double d;
    float f;
    int64_t l;
    int32_t i;
    uint8_t b;
    uint64_t bits;
} eg_value;

typedef enum eg_reg_kind { EG_REG_CONST, EG_REG_SCALAR, EG_REG_VECTOR } eg_reg_kind;

typedef struct eg_reg {
    eg_dtype type;
    eg_reg_kind kind;
    eg_value value; /* CONST; unused bytes zero */
} eg_reg;

typedef struct eg_ins {
    eg_opcode op;
    uint32_t imm; /* LOAD, STORE, TABLE: slot; BRANCH: instruction skipped to */
    int32_t out;  /* EG_NO_REG: none */
    int32_t arg[3];
    const int32_t *list; /* TABLE1, TABLE2, PROPAGATOR, BINOMIAL: all operands */
    uint32_t list_count;
    bool vector; /* while building fast code: the part it belongs to */
} eg_ins;

static inline bool eg_ins_draws(const eg_ins *ins)
{
    return ins->op >= EG_I_RAND && ins->op <= EG_I_BINOMIAL_NORMAL;
}

/* One number, no operands. */
static inline bool eg_ins_draws_plain(const eg_ins *ins)
{
    return ins->op == EG_I_RAND || ins->op == EG_I_RANDN;
}

static inline bool eg_ins_branches(const eg_ins *ins)
{
    return ins->op == EG_I_BRANCH_FALSE || ins->op == EG_I_BRANCH_TRUE;
}

/* Fails where its operand is zero. */
static inline bool eg_ins_checks(const eg_ins *ins)
{
    return ins->op >= EG_I_NONZERO_D && ins->op <= EG_I_NONZERO_I;
}

typedef struct eg_code_part {
    eg_ins *item;
    uint32_t count;
} eg_code_part;

struct eg_program {
    const char *name;
    eg_math math;
    bool draws;
    bool straight; /* no branches, single assignment: may run in blocks */
    bool deliverable;
    eg_delivery delivery;
    eg_slot *slot;
    uint32_t slot_count;
    eg_reg *reg;
    uint32_t reg_count;
    eg_code_part scalar, vector;
};

/* Plain value of a pure operation (OP1..OP3) with correctly rounded functions: what the
 * reference's compiler makes of literals. */
eg_value eg_op_fold(eg_opcode op, eg_value a, eg_value b, eg_value c);

bool eg_slot_same_array(const eg_slot *a, const eg_slot *b);
/* May an element read what another one wrote? Blocks load all elements before they store any.
 * (Elements that share a VIA target are the frame's business.) */
bool eg_program_interacts(const eg_program *program);

/* Types, ranges, order of definition, forward branches. E_SCHEMA names the instruction. */
engram_status eg_program_verify(const eg_program *program, engram_error *err);

/* Text form: one line an instruction; parse(print(p)) is p. NULL when memory is out. */
char *eg_program_print(eg_arena *arena, const eg_program *program);
engram_status eg_program_parse(eg_program **out, eg_arena *arena, const char *text,
                               engram_error *err);

#endif
