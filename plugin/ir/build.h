/* build.h - a program while it grows
 *
 * Strict: instructions are appended to the current part as they come. Fast: every pure
 * operation is looked up first (common subexpressions share a register), operations on
 * constants are folded, and what depends on scalars only is marked SCALAR; eg_build_finish
 * sorts instructions into the two parts by that mark.
 * Memory failure is sticky: ask `failed` once.
 */
#ifndef EG_IR_BUILD_H
#define EG_IR_BUILD_H

#include "ir/program_private.h"

typedef struct eg_builder {
    eg_arena *arena;
    bool fast;
    bool failed;
    bool vector; /* current part */
    eg_reg *reg;
    int32_t *maker; /* [reg] instruction of a fast register, -1: none */
    uint32_t reg_count, reg_room;
    eg_code_part part[2]; /* strict: scalar, vector; fast: all in part[0] */
    uint32_t part_room[2];
    uint32_t *table; /* fast: open addressing, instruction + 1 */
    uint32_t table_size;
} eg_builder;

void eg_build_init(eg_builder *b, eg_arena *arena, bool fast);
/* A register that instructions will assign (strict locals). */
int32_t eg_build_reg(eg_builder *b, eg_dtype type, eg_reg_kind kind);
int32_t eg_build_const(eg_builder *b, eg_dtype type, eg_value value);
int32_t eg_build_double(eg_builder *b, double value);
int32_t eg_build_long(eg_builder *b, int64_t value);
/* Result register of a pure operation. Unused operands: EG_NO_REG. */
int32_t eg_build_op(eg_builder *b, eg_opcode op, int32_t x, int32_t y, int32_t z);
/* An instruction taken as it is, never shared (loads, draws, branches). out may be
 * EG_NO_REG. Its index in the current part. */
uint32_t eg_build_raw(eg_builder *b, eg_ins ins);
/* As eg_build_raw, but shared when the same instruction exists (tables, propagators). */
int32_t eg_build_listed(eg_builder *b, eg_opcode op, uint32_t imm, const int32_t *list,
                        uint32_t count);
/* The next instruction's index in the current part. */
uint32_t eg_build_here(const eg_builder *b);
/* Convert between register types; same type: the register itself. */
int32_t eg_build_convert(eg_builder *b, int32_t reg, eg_dtype to);
/* The instruction that made a fast register, or NULL. */
const eg_ins *eg_build_maker(const eg_builder *b, int32_t reg);

/* OP_D for F64, OP_F for F32 and so on: `d` is the _D member of a D, F, L, I family. */
eg_opcode eg_op_family(eg_opcode d, eg_dtype type);

#endif
