#include "ir/build.h"

#include <string.h>

void eg_build_init(eg_builder *b, eg_arena *arena, bool fast)
{
    *b = (eg_builder){.arena = arena, .fast = fast};
}

/* Arena arrays grow by copying; the old ones go with the arena. */
static bool grow(eg_builder *b, void *address, uint32_t *room, uint32_t need, size_t size)
{
    if (b->failed)
        return false;
    if (need <= *room)
        return true;
    const uint32_t wanted = *room ? *room * 2 : 64;
    void *bigger = eg_arena_array(b->arena, wanted, size);
    if (!bigger) {
        b->failed = true;
        return false;
    }
    void *old;
    memcpy(&old, address, sizeof old);
    if (*room)
        memcpy(bigger, old, *room * size);
    memcpy(address, &bigger, sizeof bigger);
    *room = wanted;
    return true;
}

int32_t eg_build_reg(eg_builder *b, eg_dtype type, eg_reg_kind kind)
{
    uint32_t room = b->reg_room;
    if (!grow(b, &b->reg, &room, b->reg_count + 1, sizeof *b->reg) ||
        !grow(b, &b->maker, &b->reg_room, b->reg_count + 1, sizeof *b->maker))
        return 0;
    b->reg[b->reg_count] = (eg_reg){.type = type, .kind = kind};
    b->maker[b->reg_count] = -1;
    return (int32_t)b->reg_count++;
}

int32_t eg_build_const(eg_builder *b, eg_dtype type, eg_value value)
{
    if (b->failed)
        return 0;
    for (uint32_t r = 0; r < b->reg_count; r++)
        if (b->reg[r].kind == EG_REG_CONST && b->reg[r].type == type &&
            b->reg[r].value.bits == value.bits)
            return (int32_t)r;
    const int32_t reg = eg_build_reg(b, type, EG_REG_CONST);
    if (!b->failed)
        b->reg[reg].value = value;
    return reg;
}

int32_t eg_build_double(eg_builder *b, double value)
{
    return eg_build_const(b, EG_F64, (eg_value){.d = value});
}

int32_t eg_build_long(eg_builder *b, int64_t value)
{
    return eg_build_const(b, EG_I64, (eg_value){.l = value});
}

const eg_ins *eg_build_maker(const eg_builder *b, int32_t reg)
{
    const int32_t at = b->failed ? -1 : b->maker[reg];
    return at < 0 ? NULL : &b->part[0].item[at];
}

uint32_t eg_build_here(const eg_builder *b)
{
    return b->part[b->fast ? 0 : b->vector].count;
}

uint32_t eg_build_raw(eg_builder *b, eg_ins ins)
{
    const int p = b->fast ? 0 : b->vector;
    eg_code_part *part = &b->part[p];
    if (!grow(b, &part->item, &b->part_room[p], part->count + 1, sizeof *part->item))
        return 0;
    ins.vector = ins.out >= 0 ? b->reg[ins.out].kind == EG_REG_VECTOR : b->vector;
    part->item[part->count] = ins;
    if (b->fast && ins.out >= 0)
        b->maker[ins.out] = (int32_t)part->count;
    return part->count++;
}

/* ---- sharing (fast) ---------------------------------------------------------------- */

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash ^= value + 0x9e3779b97f4a7c15u + (hash << 6) + (hash >> 2);
    return hash * 0xbf58476d1ce4e5b9u;
}

static uint64_t ins_hash(const eg_ins *ins)
{
    uint64_t hash = mix((uint64_t)ins->op, ins->imm);
    for (int k = 0; k < 3; k++)
        hash = mix(hash, (uint64_t)(uint32_t)ins->arg[k]);
    for (uint32_t k = 0; k < ins->list_count; k++)
        hash = mix(hash, (uint64_t)(uint32_t)ins->list[k]);
    return hash ^ (hash >> 29);
}

static bool ins_same(const eg_ins *a, const eg_ins *b)
{
    return a->op == b->op && a->imm == b->imm && a->list_count == b->list_count &&
           memcmp(a->arg, b->arg, sizeof a->arg) == 0 &&
           (a->list_count == 0 ||
            memcmp(a->list, b->list, a->list_count * sizeof *a->list) == 0);
}

static bool rehash(eg_builder *b)
{
    const uint32_t size = b->table_size ? b->table_size * 2 : 512;
    uint32_t *table = eg_arena_array(b->arena, size, sizeof *table);
    if (!table) {
        b->failed = true;
        return false;
    }
    for (uint32_t k = 0; k < b->table_size; k++) {
        if (!b->table[k])
            continue;
        uint64_t h = ins_hash(&b->part[0].item[b->table[k] - 1]);
        while (table[h & (size - 1)])
            h++;
        table[h & (size - 1)] = b->table[k];
    }
    b->table = table;
    b->table_size = size;
    return true;
}

static bool reads_vector(const eg_builder *b, const eg_ins *ins)
{
    for (int k = 0; k < 3; k++)
        if (ins->arg[k] >= 0 && b->reg[ins->arg[k]].kind == EG_REG_VECTOR)
            return true;
    for (uint32_t k = 0; k < ins->list_count; k++)
        if (b->reg[ins->list[k]].kind == EG_REG_VECTOR)
            return true;
    return false;
}

/* Append, or find the same instruction made before. */
static int32_t shared(eg_builder *b, eg_ins ins, eg_dtype type)
{
    if (b->failed)
        return 0;
    if (!b->fast) {
        ins.out = eg_build_reg(b, type, b->vector ? EG_REG_VECTOR : EG_REG_SCALAR);
        eg_build_raw(b, ins);
        return ins.out;
    }
    if (b->part[0].count * 2 >= b->table_size && !rehash(b))
        return 0;
    uint64_t h = ins_hash(&ins);
    for (; b->table[h & (b->table_size - 1)]; h++) {
        const eg_ins *old = &b->part[0].item[b->table[h & (b->table_size - 1)] - 1];
        if (ins_same(old, &ins))
            return old->out;
    }
    ins.out = eg_build_reg(b, type, reads_vector(b, &ins) ? EG_REG_VECTOR : EG_REG_SCALAR);
    const uint32_t at = eg_build_raw(b, ins);
    if (b->failed)
        return 0;
    b->table[h & (b->table_size - 1)] = at + 1;
    return ins.out;
}

int32_t eg_build_op(eg_builder *b, eg_opcode op, int32_t x, int32_t y, int32_t z)
{
    if (b->failed)
        return 0;
    const eg_op_info *info = eg_op(op);
    const int32_t arg[3] = {x, y, z};
    bool constant = b->fast;
    for (uint8_t k = 0; k < info->args; k++)
        constant = constant && b->reg[arg[k]].kind == EG_REG_CONST;
    if (constant) {
        eg_value v[3] = {{.bits = 0}};
        for (uint8_t k = 0; k < info->args; k++)
            v[k] = b->reg[arg[k]].value;
        return eg_build_const(b, (eg_dtype)info->result, eg_op_fold(op, v[0], v[1], v[2]));
    }
    return shared(b, (eg_ins){.op = op, .arg = {x, y, z}}, (eg_dtype)info->result);
}

int32_t eg_build_listed(eg_builder *b, eg_opcode op, uint32_t imm, const int32_t *list,
                        uint32_t count)
{
    int32_t *copy = eg_arena_array(b->arena, count, sizeof *copy);
    if (!copy) {
        b->failed = true;
        return 0;
    }
    memcpy(copy, list, count * sizeof *copy);
    return shared(b,
                  (eg_ins){.op = op,
                           .imm = imm,
                           .arg = {EG_NO_REG, EG_NO_REG, EG_NO_REG},
                           .list = copy,
                           .list_count = count},
                  EG_F64);
}

int32_t eg_build_convert(eg_builder *b, int32_t reg, eg_dtype to)
{
    static const eg_opcode table[5][5] = {
        [EG_BOOL] = {EG_I_MOV_B, EG_I_CVT_BI, EG_I_CVT_BL, EG_I_CVT_BF, EG_I_CVT_BD},
        [EG_I32] = {EG_I_CVT_IB, EG_I_MOV_I, EG_I_CVT_IL, EG_I_CVT_IF, EG_I_CVT_ID},
        [EG_I64] = {EG_I_CVT_LB, EG_I_CVT_LI, EG_I_MOV_L, EG_I_CVT_LF, EG_I_CVT_LD},
        [EG_F32] = {EG_I_CVT_FB, EG_I_CVT_FI, EG_I_CVT_FL, EG_I_MOV_F, EG_I_CVT_FD},
        [EG_F64] = {EG_I_CVT_DB, EG_I_CVT_DI, EG_I_CVT_DL, EG_I_CVT_DF, EG_I_MOV_D}};
    if (b->failed || b->reg[reg].type == to)
        return reg;
    return eg_build_op(b, table[b->reg[reg].type][to], reg, EG_NO_REG, EG_NO_REG);
}

eg_opcode eg_op_family(eg_opcode d, eg_dtype type)
{
    static const int offset[] = {
        [EG_BOOL] = 3, [EG_I32] = 3, [EG_I64] = 2, [EG_F32] = 1, [EG_F64] = 0};
    return (eg_opcode)((int)d + offset[type]);
}
