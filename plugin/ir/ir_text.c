/* ir_text.c - program <-> text
 *
 *     program "name" strict draws straight
 *     slot 0 array float64 element load store "v" "neurongroup" "v"
 *     slot 1 array float64 via 2 load - "v_post" "neurongroup" "v"
 *     reg 0 float64 const 0x3ff0000000000000
 *     reg 1 float64 vector
 *     delivery 1 4 0x0 -            (target, weight slot or -, constant's bits, + or -)
 *     scalar
 *     vector
 *       load 1 slot 0               result first, then operands, then slot or target
 *       mul.d 2 1 0
 *       store 2 slot 0
 *     end
 */
#include "common/buf.h"
#include "ir/program_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const slot_kinds[] = {"array", "output", "table", "function"};
static const char *const index_kinds[] = {"element", "zero", "via"};
static const char *const reg_kinds[] = {"const", "scalar", "vector"};

/* ---- print ------------------------------------------------------------------------------ */

static void print_quoted(eg_buf *out, const char *text)
{
    eg_buf_text(out, " \"");
    for (; *text; text++) {
        const unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c == '"' || c == '\\')
            eg_buf_printf(out, "\\x%02x", c);
        else
            eg_buf_append(out, text, 1);
    }
    eg_buf_text(out, "\"");
}

static bool has_letter(eg_opcode op, char letter)
{
    return eg_op(op)->special && strchr(eg_op(op)->operands, letter) != NULL;
}

/* Operands kept in arg[]; listed ones print behind a colon. */
static uint32_t plain_args(const eg_ins *ins)
{
    uint32_t count = 0;
    while (count < 3 && ins->arg[count] >= 0)
        count++;
    return count;
}

static void print_code(eg_buf *out, const char *name, const eg_code_part *code)
{
    eg_buf_printf(out, "%s\n", name);
    for (uint32_t k = 0; k < code->count; k++) {
        const eg_ins *ins = &code->item[k];
        eg_buf_printf(out, "  %s", eg_op(ins->op)->text);
        if (ins->out >= 0)
            eg_buf_printf(out, " %d", ins->out);
        for (uint32_t j = 0; j < plain_args(ins); j++)
            eg_buf_printf(out, " %d", ins->arg[j]);
        if (ins->list_count)
            eg_buf_text(out, " :");
        for (uint32_t j = 0; j < ins->list_count; j++)
            eg_buf_printf(out, " %d", ins->list[j]);
        if (has_letter(ins->op, 's'))
            eg_buf_printf(out, " slot %u", ins->imm);
        if (has_letter(ins->op, 't'))
            eg_buf_printf(out, " to %u", ins->imm);
        eg_buf_text(out, "\n");
    }
}

char *eg_program_print(eg_arena *arena, const eg_program *p)
{
    eg_buf out;
    eg_buf_init(&out, eg_arena_allocator(arena));
    eg_buf_text(&out, "program");
    print_quoted(&out, p->name);
    eg_buf_printf(&out, " %s%s%s\n", p->math == EG_MATH_FAST ? "fast" : "strict",
                  p->draws ? " draws" : "", p->straight ? " straight" : "");
    for (uint32_t s = 0; s < p->slot_count; s++) {
        const eg_slot *slot = &p->slot[s];
        eg_buf_printf(&out, "slot %u %s %s %s", s, slot_kinds[slot->kind],
                      eg_dtype_name(slot->dtype), index_kinds[slot->index]);
        if (slot->index == EG_INDEX_VIA)
            eg_buf_printf(&out, " %u", slot->via);
        eg_buf_printf(&out, " %s %s", slot->load ? "load" : "-", slot->store ? "store" : "-");
        print_quoted(&out, slot->name);
        print_quoted(&out, slot->owner);
        print_quoted(&out, slot->variable);
        eg_buf_text(&out, "\n");
    }
    for (uint32_t r = 0; r < p->reg_count; r++) {
        eg_buf_printf(&out, "reg %u %s %s", r, eg_dtype_name(p->reg[r].type),
                      reg_kinds[p->reg[r].kind]);
        if (p->reg[r].kind == EG_REG_CONST)
            eg_buf_printf(&out, " 0x%llx", (unsigned long long)p->reg[r].value.bits);
        eg_buf_text(&out, "\n");
    }
    if (p->deliverable) {
        const eg_value constant = {.d = p->delivery.constant};
        eg_buf_printf(&out, "delivery %u %u 0x%llx %s\n", p->delivery.target,
                      p->delivery.weight, (unsigned long long)constant.bits,
                      p->delivery.subtract ? "-" : "+");
    }
    print_code(&out, "scalar", &p->scalar);
    print_code(&out, "vector", &p->vector);
    eg_buf_text(&out, "end\n");
    char *text = out.failed ? NULL : eg_arena_strndup(arena, out.data, out.size);
    eg_buf_clear(&out);
    return text;
}

/* ---- parse: sticky, one line at a time ----------------------------------------------------
 */

typedef struct reader {
    const char *at;
    uint32_t line;
    eg_arena *arena;
    engram_error *err;
    engram_status status;
} reader;

static void fail(reader *r, const char *wanted)
{
    if (r->status)
        return;
    r->status = eg_fail(r->err, ENGRAM_E_SYNTAX, "line %u of a program: \"%.12s\", wanted %s",
                        r->line, r->at, wanted);
}

static void blanks(reader *r)
{
    while (*r->at == ' ')
        r->at++;
}

static bool accept(reader *r, const char *word)
{
    blanks(r);
    const size_t n = strlen(word);
    if (r->status || strncmp(r->at, word, n) != 0 || (r->at[n] != ' ' && r->at[n] != '\n'))
        return false;
    r->at += n;
    return true;
}

static void end_line(reader *r)
{
    blanks(r);
    if (*r->at != '\n') {
        fail(r, "the end of the line");
        return;
    }
    r->at++;
    r->line++;
}

static uint64_t number(reader *r, uint64_t most)
{
    blanks(r);
    char *end;
    errno = 0;
    if (*r->at < '0' || *r->at > '9') {
        fail(r, "a number");
        return 0;
    }
    const unsigned long long value = strtoull(r->at, &end, 0);
    if (errno || value > most) {
        fail(r, "a smaller number");
        return 0;
    }
    r->at = end;
    return value;
}

static uint32_t word_of(reader *r, const char *const *words, uint32_t count)
{
    for (uint32_t k = 0; k < count; k++)
        if (accept(r, words[k]))
            return k;
    fail(r, words[0]);
    return 0;
}

static eg_dtype dtype_word(reader *r)
{
    for (int t = 0; t < EG_DTYPE_COUNT; t++)
        if (accept(r, eg_dtype_name((eg_dtype)t)))
            return (eg_dtype)t;
    fail(r, "an element type");
    return EG_F64;
}

static const char *quoted(reader *r)
{
    blanks(r);
    if (*r->at != '"') {
        fail(r, "a quoted text");
        return "";
    }
    const char *end = strpbrk(r->at + 1, "\"\n");
    if (!end || *end != '"') {
        fail(r, "the end of a quoted text");
        return "";
    }
    char *text = eg_arena_strndup(r->arena, r->at + 1, (size_t)(end - r->at - 1));
    r->at = end + 1;
    if (!text) {
        r->status = eg_fail_memory(r->err, "a program");
        return "";
    }
    char *to = text;
    for (const char *from = text; *from; to++) {
        if (from[0] == '\\' && from[1] == 'x' && from[2] && from[3]) {
            const char hex[3] = {from[2], from[3], 0};
            *to = (char)strtoul(hex, NULL, 16);
            from += 4;
        } else {
            *to = *from++;
        }
    }
    *to = 0;
    return text;
}

static uint32_t count_lines(const char *at, const char *word)
{
    uint32_t count = 0;
    for (const size_t n = strlen(word); at && *at; at = strchr(at, '\n'), at = at ? at + 1 : at)
        count += strncmp(at, word, n) == 0;
    return count;
}

static void *table(reader *r, uint32_t count, size_t size)
{
    void *items = eg_arena_array(r->arena, (size_t)count + 1, size);
    if (!items && !r->status)
        r->status = eg_fail_memory(r->err, "a program");
    return items;
}

static void read_slot(reader *r, eg_slot *slot)
{
    number(r, UINT32_MAX);
    slot->kind = (eg_slot_kind)word_of(r, slot_kinds, 4);
    slot->dtype = dtype_word(r);
    slot->index = (eg_index_kind)word_of(r, index_kinds, 3);
    if (slot->index == EG_INDEX_VIA)
        slot->via = (uint32_t)number(r, UINT32_MAX);
    slot->load = accept(r, "load") || !accept(r, "-");
    slot->store = accept(r, "store") || !accept(r, "-");
    slot->name = quoted(r);
    slot->owner = quoted(r);
    slot->variable = quoted(r);
    end_line(r);
}

static void read_reg(reader *r, eg_reg *reg)
{
    number(r, UINT32_MAX);
    reg->type = dtype_word(r);
    if (reg->type > EG_F64)
        fail(r, "a register type");
    reg->kind = (eg_reg_kind)word_of(r, reg_kinds, 3);
    if (reg->kind == EG_REG_CONST)
        reg->value.bits = number(r, UINT64_MAX);
    end_line(r);
}

static void read_list(reader *r, eg_ins *ins)
{
    uint32_t count = 0;
    for (const char *c = r->at; *c && *c != '\n'; c++)
        count += c[0] == ' ' && c[1] >= '0' && c[1] <= '9';
    int32_t *list = table(r, count, sizeof *list);
    if (!list)
        return;
    for (blanks(r); *r->at >= '0' && *r->at <= '9' && !r->status; blanks(r))
        list[ins->list_count++] = (int32_t)number(r, INT32_MAX);
    ins->list = list;
}

static void read_ins(reader *r, eg_ins *ins)
{
    uint32_t op = 0;
    while (op < EG_I_COUNT && !accept(r, eg_op((eg_opcode)op)->text))
        op++;
    if (op == EG_I_COUNT) {
        fail(r, "an operation");
        return;
    }
    *ins = (eg_ins){
        .op = (eg_opcode)op, .out = EG_NO_REG, .arg = {EG_NO_REG, EG_NO_REG, EG_NO_REG}};
    const eg_op_info *info = eg_op(ins->op);
    if (info->result != EG_TYPE_NONE || ins->op == EG_I_LOAD)
        ins->out = (int32_t)number(r, INT32_MAX);
    blanks(r);
    for (int k = 0; k < 3 && *r->at >= '0' && *r->at <= '9'; k++, blanks(r))
        ins->arg[k] = (int32_t)number(r, INT32_MAX);
    if (accept(r, ":"))
        read_list(r, ins);
    if (has_letter(ins->op, 's') && !accept(r, "slot"))
        fail(r, "slot");
    if (has_letter(ins->op, 't') && !accept(r, "to"))
        fail(r, "to");
    if (has_letter(ins->op, 's') || has_letter(ins->op, 't'))
        ins->imm = (uint32_t)number(r, UINT32_MAX);
    end_line(r);
}

static void read_code(reader *r, eg_code_part *code)
{
    const char *last = r->at;
    uint32_t room = 0;
    for (; last && last[0] == ' '; room++)
        last = strchr(last, '\n') ? strchr(last, '\n') + 1 : NULL;
    code->item = table(r, room, sizeof *code->item);
    while (!r->status && *r->at == ' ' && code->count < room) {
        read_ins(r, &code->item[code->count]);
        code->item[code->count].vector = false;
        code->count++;
    }
}

engram_status eg_program_parse(eg_program **out, eg_arena *arena, const char *text,
                               engram_error *err)
{
    *out = NULL;
    reader r = {.at = text, .line = 1, .arena = arena, .err = err};
    eg_program *p = eg_arena_alloc(arena, sizeof *p);
    if (!p)
        return eg_fail_memory(err, "a program");
    if (!accept(&r, "program"))
        fail(&r, "program");
    p->name = quoted(&r);
    static const char *const maths[] = {"strict", "fast"};
    p->math = (eg_math)word_of(&r, maths, 2);
    p->draws = accept(&r, "draws");
    p->straight = accept(&r, "straight");
    end_line(&r);
    p->slot = table(&r, count_lines(text, "slot "), sizeof *p->slot);
    while (!r.status && accept(&r, "slot"))
        read_slot(&r, &p->slot[p->slot_count++]);
    p->reg = table(&r, count_lines(text, "reg "), sizeof *p->reg);
    while (!r.status && accept(&r, "reg"))
        read_reg(&r, &p->reg[p->reg_count++]);
    p->deliverable = accept(&r, "delivery");
    if (p->deliverable) {
        p->delivery.target = (uint32_t)number(&r, UINT32_MAX);
        p->delivery.weight = (uint32_t)number(&r, UINT32_MAX);
        const eg_value constant = {.bits = number(&r, UINT64_MAX)};
        p->delivery.constant = constant.d;
        p->delivery.subtract = accept(&r, "-") || !accept(&r, "+");
        end_line(&r);
    }
    for (int part = 0; part < 2; part++) {
        if (!accept(&r, part ? "vector" : "scalar"))
            fail(&r, part ? "vector" : "scalar");
        end_line(&r);
        read_code(&r, part ? &p->vector : &p->scalar);
    }
    if (!accept(&r, "end"))
        fail(&r, "end");
    if (r.status)
        return r.status;
    const engram_status status = eg_program_verify(p, err);
    if (!status)
        *out = p;
    return status;
}
