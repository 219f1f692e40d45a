/* program.c - the table of operations, the verifier, what others may ask of a program */
#include "ir/program_private.h"

#include <string.h>

#define T_B EG_BOOL
#define T_I EG_I32
#define T_L EG_I64
#define T_F EG_F32
#define T_D EG_F64
#define T_0 EG_TYPE_NONE
#define T_1 EG_TYPE_NONE /* LOAD: any, the slot says which */
#define EG_OP1(name, text, r, a, value, doc) {text, doc, 1, false, T_##r, {T_##a}, ""},
#define EG_OP2(name, text, r, a, b, value, doc)                                                \
    {text, doc, 2, false, T_##r, {T_##a, T_##b}, ""},
#define EG_OP3(name, text, r, a, b, c, value, doc)                                             \
    {text, doc, 3, false, T_##r, {T_##a, T_##b, T_##c}, ""},
#define EG_OPX(name, text, r, operands, doc) {text, doc, 0, true, T_##r, {0}, operands},

static const eg_op_info op_table[EG_I_COUNT] = {
#include "ir/ops.def"
};

const eg_op_info *eg_op(eg_opcode code)
{
    return &op_table[code];
}

uint32_t eg_program_slot_count(const eg_program *program)
{
    return program->slot_count;
}

const eg_slot *eg_program_slot(const eg_program *program, uint32_t slot)
{
    return &program->slot[slot];
}

uint32_t eg_program_find_slot(const eg_program *program, const char *name)
{
    for (uint32_t s = 0; s < program->slot_count; s++)
        if (strcmp(program->slot[s].name, name) == 0)
            return s;
    return UINT32_MAX;
}

bool eg_program_draws(const eg_program *program)
{
    return program->draws;
}

bool eg_program_empty(const eg_program *program)
{
    return program->scalar.count == 0 && program->vector.count == 0;
}

bool eg_program_delivery(const eg_program *program, eg_delivery *out)
{
    if (program->deliverable)
        *out = program->delivery;
    return program->deliverable;
}

bool eg_slot_same_array(const eg_slot *a, const eg_slot *b)
{
    return a->kind == EG_SLOT_ARRAY && b->kind == EG_SLOT_ARRAY &&
           strcmp(a->owner, b->owner) == 0 && strcmp(a->variable, b->variable) == 0;
}

static bool is_read_by_others(const eg_program *p, const eg_slot *stored)
{
    if (stored->kind == EG_SLOT_ARRAY && stored->index == EG_INDEX_ZERO)
        return true;
    for (uint32_t k = 0; k < p->slot_count; k++)
        if (&p->slot[k] != stored && eg_slot_same_array(&p->slot[k], stored) &&
            (p->slot[k].index != stored->index || p->slot[k].via != stored->via))
            return true;
    return false;
}

bool eg_program_interacts(const eg_program *program)
{
    for (uint32_t k = 0; k < program->vector.count; k++) {
        const eg_ins *ins = &program->vector.item[k];
        if (ins->op == EG_I_STORE && is_read_by_others(program, &program->slot[ins->imm]))
            return true;
    }
    return false;
}

/* ---- verifier ---------------------------------------------------------------------- */

typedef struct verifier {
    const eg_program *program;
    const char *part;
    const eg_code_part *code;
    uint32_t at;
    engram_error *err;
} verifier;

static engram_status bad(const verifier *v, const char *what)
{
    return eg_fail(v->err, ENGRAM_E_SCHEMA, "program \"%s\", %s instruction %u: %s",
                   v->program->name, v->part, v->at, what);
}

static engram_status check_reg(const verifier *v, int32_t reg, uint8_t type)
{
    if (reg < 0 || (uint32_t)reg >= v->program->reg_count)
        return bad(v, "operand is no register");
    if (type != EG_TYPE_NONE && v->program->reg[reg].type != (eg_dtype)type)
        return bad(v, "operand has another type than the operation wants");
    return ENGRAM_OK;
}

static uint8_t letter_type(char letter)
{
    static const char letters[] = "BILFD";
    static const uint8_t types[] = {EG_BOOL, EG_I32, EG_I64, EG_F32, EG_F64};
    const char *at = strchr(letters, letter);
    return letter && at ? types[at - letters] : EG_TYPE_NONE;
}

/* Registers hold bool, int32, int64, float32 or float64; wider storage types load into the
 * register type of the same bits. */
static bool slot_holds(eg_dtype slot, eg_dtype reg)
{
    return slot == reg || (slot == EG_U8 && reg == EG_BOOL) ||
           (slot == EG_U32 && reg == EG_I32) || (slot == EG_U64 && reg == EG_I64);
}

static engram_status check_special(const verifier *v, const eg_ins *ins)
{
    const eg_program *p = v->program;
    const bool load = ins->op == EG_I_LOAD, store = ins->op == EG_I_STORE;
    const char *operands = eg_op(ins->op)->operands;
    if (load || store) {
        const int32_t reg = load ? ins->out : ins->arg[0];
        const engram_status status = check_reg(v, reg, EG_TYPE_NONE);
        if (status)
            return status;
        if (ins->imm >= p->slot_count || p->slot[ins->imm].kind >= EG_SLOT_TABLE)
            return bad(v, "no such slot");
        if (!slot_holds(p->slot[ins->imm].dtype, p->reg[reg].type))
            return bad(v, "register and slot differ in type");
        return ENGRAM_OK;
    }
    if (strchr(operands, 't') && (ins->imm <= v->at || ins->imm > v->code->count))
        return bad(v, "branch does not lead forward");
    if (strchr(operands, 's') &&
        (ins->imm >= p->slot_count ||
         p->slot[ins->imm].kind != (ins->op == EG_I_CALL ? EG_SLOT_FUNCTION : EG_SLOT_TABLE)))
        return bad(v, "no such table or function");
    const bool listed = ins->list_count > 0;
    uint32_t k = 0;
    for (const char *c = operands; *c && *c != 't' && *c != 's' && *c != '*'; c++, k++) {
        if (listed ? k >= ins->list_count : k >= 3)
            return bad(v, "too few operands");
        const engram_status status =
            check_reg(v, listed ? ins->list[k] : ins->arg[k], letter_type(*c));
        if (status)
            return status;
    }
    for (; listed && k < ins->list_count; k++) {
        const engram_status status = check_reg(v, ins->list[k], EG_F64);
        if (status)
            return status;
    }
    return ENGRAM_OK;
}

static engram_status check_ins(const verifier *v, const eg_ins *ins)
{
    if ((unsigned)ins->op >= EG_I_COUNT)
        return bad(v, "unknown operation");
    const eg_op_info *info = eg_op(ins->op);
    for (uint8_t k = 0; k < info->args; k++) {
        const engram_status status = check_reg(v, ins->arg[k], info->arg[k]);
        if (status)
            return status;
    }
    if (ins->out != EG_NO_REG) {
        const engram_status status = check_reg(v, ins->out, info->result);
        if (status)
            return status;
        if (v->program->reg[ins->out].kind == EG_REG_CONST)
            return bad(v, "writes a constant");
    } else if (info->result != EG_TYPE_NONE) {
        return bad(v, "result goes nowhere");
    }
    return info->special ? check_special(v, ins) : ENGRAM_OK;
}

engram_status eg_program_verify(const eg_program *program, engram_error *err)
{
    for (uint32_t s = 0; s < program->slot_count; s++) {
        const eg_slot *slot = &program->slot[s];
        if (slot->index == EG_INDEX_VIA &&
            (slot->via >= program->slot_count || program->slot[slot->via].dtype != EG_I32))
            return eg_fail(err, ENGRAM_E_SCHEMA,
                           "program \"%s\", slot \"%s\": index is no int32 slot", program->name,
                           slot->name);
    }
    verifier v = {.program = program, .err = err};
    for (int part = 0; part < 2; part++) {
        v.part = part ? "vector" : "scalar";
        v.code = part ? &program->vector : &program->scalar;
        for (v.at = 0; v.at < v.code->count; v.at++) {
            const engram_status status = check_ins(&v, &v.code->item[v.at]);
            if (status)
                return status;
        }
    }
    return ENGRAM_OK;
}
