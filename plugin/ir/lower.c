/* lower.c - statements -> program, in the order Brian2's templates give them (playback 5)
 *
 * One name, one local. Locals of arrays are loaded before the statements (index arrays are
 * read through their slots), written back after them, both in sorted name order.
 */
#include "ir/lower_private.h"
#include "ir/passes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- names ---------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const eg_local *)a)->name, ((const eg_local *)b)->name);
}

eg_local *eg_lower_local(const eg_lowerer *w, const char *name)
{
    const eg_local key = {.name = name};
    return bsearch(&key, w->local, w->local_count, sizeof *w->local, by_name);
}

const eg_binding *eg_lower_binding(const eg_lowerer *w, const char *name)
{
    size_t k;
    return eg_map_get(w->bindings, name, &k) ? &w->code->bindings.item[k] : NULL;
}

bool eg_lower_is_array(const eg_local *x)
{
    return x->binding && strcmp(x->binding->kind, "array") == 0;
}

bool eg_lower_is_output(const eg_local *x)
{
    return x->binding && strcmp(x->binding->kind, "output") == 0;
}

typedef struct collector {
    eg_lowerer *w;
    eg_map *seen;
    const char **name;
    size_t count, room;
    bool failed;
} collector;

static void collect(collector *c, const char *name)
{
    bool fresh;
    if (!eg_map_put(c->seen, name, 0, &fresh)) {
        c->failed = true;
        return;
    }
    if (!fresh)
        return;
    if (c->count == c->room) {
        const size_t room = c->room ? c->room * 2 : 32;
        const char **bigger = eg_arena_array(c->w->arena, room, sizeof *bigger);
        if (!bigger) {
            c->failed = true;
            return;
        }
        if (c->count)
            memcpy(bigger, c->name, c->count * sizeof *bigger);
        c->name = bigger;
        c->room = room;
    }
    c->name[c->count++] = name;
}

static void collect_node(void *context, const eg_expr *node)
{
    if (node->kind == EG_EXPR_NAME)
        collect(context, node->name);
}

static engram_status type_of(eg_dtype *out, eg_lowerer *w, const char *dtype, const char *name)
{
    eg_dtype type;
    if (!eg_dtype_parse(&type, dtype))
        return eg_fail(w->err, ENGRAM_E_SCHEMA,
                       "\"%s\" has type \"%s\", wanted an element type", name, dtype);
    *out = eg_reg_type(type);
    return ENGRAM_OK;
}

/* Cython's code declares a constant by Python's type of it, a long or a double; C++ by its own.
 */
static eg_dtype constant_type(const eg_lowerer *w, eg_dtype type)
{
    if (w->options->dialect == EG_DIALECT_STANDALONE)
        return type;
    return type == EG_F32 || type == EG_F64 ? EG_F64 : EG_I64;
}

/* Every name of the code becomes a local, sorted. */
static engram_status make_locals(eg_lowerer *w)
{
    const eg_executable *code = w->code;
    collector c = {.w = w, .seen = eg_map_new(eg_arena_allocator(w->arena))};
    if (!c.seen)
        return eg_fail_memory(w->err, "a program");
    for (size_t k = 0; k < code->statements.count; k++) {
        collect(&c, code->statements.item[k].variable);
        eg_expr_names(w->line[k].expr, collect_node, &c);
    }
    for (size_t k = 0; k < c.count; k++) { /* guards may bring new names */
        const eg_binding *binding = eg_lower_binding(w, c.name[k]);
        if (binding && binding->guard[0])
            collect(&c, binding->guard);
    }
    eg_map_free(c.seen);
    if (c.failed)
        return eg_fail_memory(w->err, "a program");
    w->local = eg_arena_array(w->arena, c.count + 1, sizeof *w->local);
    if (!w->local)
        return eg_fail_memory(w->err, "a program");
    w->local_count = (uint32_t)c.count;
    for (size_t k = 0; k < c.count; k++) {
        w->local[k] = (eg_local){.name = eg_arena_strdup(w->arena, c.name[k]),
                                 .binding = eg_lower_binding(w, c.name[k]),
                                 .type = EG_F64,
                                 .reg = EG_NO_REG,
                                 .slot = -1};
        if (!w->local[k].name)
            return eg_fail_memory(w->err, "a program");
        if (w->local[k].binding) {
            const engram_status status =
                type_of(&w->local[k].type, w, w->local[k].binding->dtype, c.name[k]);
            if (status)
                return status;
            if (strcmp(w->local[k].binding->kind, "constant") == 0)
                w->local[k].type = constant_type(w, w->local[k].type);
        }
    }
    qsort(w->local, w->local_count, sizeof *w->local, by_name);
    return ENGRAM_OK;
}

/* ---- slots ---------------------------------------------------------------------------- */

engram_status eg_lower_add_slot(uint32_t *out, eg_lowerer *w, eg_slot slot)
{
    size_t old;
    if (eg_map_get(w->slots, slot.name, &old)) { /* a name is bound once */
        *out = (uint32_t)old;
        return ENGRAM_OK;
    }
    if (w->slot_count == w->slot_room) {
        const uint32_t room = w->slot_room ? w->slot_room * 2 : 16;
        eg_slot *bigger = eg_arena_array(w->arena, room, sizeof *bigger);
        if (!bigger)
            return eg_fail_memory(w->err, "a program");
        if (w->slot_count)
            memcpy(bigger, w->slot, w->slot_count * sizeof *bigger);
        w->slot = bigger;
        w->slot_room = room;
    }
    slot.name = eg_arena_strdup(w->arena, slot.name);
    slot.owner = eg_arena_strdup(w->arena, slot.owner);
    slot.variable = eg_arena_strdup(w->arena, slot.variable);
    if (!slot.name || !slot.owner || !slot.variable ||
        !eg_map_put(w->slots, slot.name, w->slot_count, NULL))
        return eg_fail_memory(w->err, "a program");
    w->slot[w->slot_count] = slot;
    *out = w->slot_count++;
    return ENGRAM_OK;
}

static engram_status array_slot(uint32_t *out, eg_lowerer *w, const eg_binding *binding,
                                int depth)
{
    eg_slot slot = {.name = binding->name,
                    .kind = EG_SLOT_ARRAY,
                    .owner = binding->owner,
                    .variable = binding->variable,
                    .index = EG_INDEX_ELEMENT};
    if (!eg_dtype_parse(&slot.dtype, binding->dtype))
        return eg_fail(w->err, ENGRAM_E_SCHEMA,
                       "\"%s\" has type \"%s\", wanted an element type", binding->name,
                       binding->dtype);
    if (strcmp(binding->index, "0") == 0) {
        slot.index = EG_INDEX_ZERO;
    } else if (strcmp(binding->index, "_idx") != 0 && binding->index[0]) {
        const eg_binding *index = eg_lower_binding(w, binding->index);
        if (!index || strcmp(index->kind, "array") != 0 || depth > 0 ||
            (strcmp(index->dtype, "int32") != 0 && strcmp(index->dtype, "int64") != 0))
            return eg_fail(
                w->err, ENGRAM_E_REFERENCE,
                "\"%s\" is indexed by \"%s\", wanted an array of int32 or int64 of this code",
                binding->name, binding->index);
        slot.index = EG_INDEX_VIA;
        const engram_status status = array_slot(&slot.via, w, index, depth + 1);
        if (status)
            return status;
        w->slot[slot.via].load = true;
    }
    if (depth > 0 && slot.dtype == EG_I64) { /* not the slot that the code may read */
        slot.name = eg_arena_printf(w->arena, "%s as int32", binding->name);
        slot.dtype = EG_I32;
        slot.narrowed = true;
        if (!slot.name)
            return eg_fail_memory(w->err, "a program");
    }
    return eg_lower_add_slot(out, w, slot);
}

static engram_status make_slots(eg_lowerer *w)
{
    for (uint32_t k = 0; k < w->local_count; k++) {
        eg_local *x = &w->local[k];
        uint32_t slot = 0;
        engram_status status = ENGRAM_OK;
        if (eg_lower_is_array(x)) {
            status = array_slot(&slot, w, x->binding, 0);
        } else if (eg_lower_is_output(x)) {
            eg_slot output = {
                .name = x->name, .kind = EG_SLOT_OUTPUT, .owner = "", .variable = ""};
            (void)eg_dtype_parse(&output.dtype, x->binding->dtype); /* checked in type_of */
            status = eg_lower_add_slot(&slot, w, output);
        } else {
            continue;
        }
        if (status)
            return status;
        x->slot = (int32_t)slot;
        w->slot[slot].store = x->written[EG_PART_SCALAR] || x->written[EG_PART_VECTOR];
        w->slot[slot].load =
            w->slot[slot].load || x->read[EG_PART_SCALAR] || x->read[EG_PART_VECTOR];
    }
    return ENGRAM_OK;
}

/* ---- reading the statements ----------------------------------------------------------- */

static engram_status statement_error(eg_lowerer *w, size_t k, engram_status status)
{
    return eg_error_prefix(w->err, status, "\"%s\", statement %zu", w->code->name, k + 1);
}

static engram_status parse_lines(eg_lowerer *w)
{
    static const struct {
        const char *text;
        eg_expr_op op;
    } ops[] = {{":=", EG_OP_NONE}, {"=", EG_OP_NONE}, {"+=", EG_OP_ADD},
               {"-=", EG_OP_SUB},  {"*=", EG_OP_MUL}, {"/=", EG_OP_DIV}};
    const size_t count = w->code->statements.count;
    w->line = eg_arena_array(w->arena, count + 1, sizeof *w->line);
    if (!w->line)
        return eg_fail_memory(w->err, "a program");
    for (size_t k = 0; k < count; k++) {
        const eg_statement *s = &w->code->statements.item[k];
        eg_line *x = &w->line[k];
        x->statement = s;
        size_t o = 0;
        while (o < sizeof ops / sizeof *ops && strcmp(ops[o].text, s->op) != 0)
            o++;
        if (o == sizeof ops / sizeof *ops)
            return statement_error(
                w, k, eg_fail(w->err, ENGRAM_E_UNSUPPORTED, "operator \"%s\"", s->op));
        x->op = ops[o].op;
        if (strcmp(s->part, "scalar") != 0 && strcmp(s->part, "vector") != 0)
            return statement_error(w, k,
                                   eg_fail(w->err, ENGRAM_E_SCHEMA, "part \"%s\"", s->part));
        const engram_status status = eg_parse_expr(&x->expr, w->arena, s->expr, w->err);
        if (status)
            return statement_error(w, k, status);
    }
    return ENGRAM_OK;
}

static int part_of(const eg_line *x)
{
    return strcmp(x->statement->part, "vector") == 0 ? EG_PART_VECTOR : EG_PART_SCALAR;
}

typedef struct marker {
    eg_lowerer *w;
    int part;
} marker;

static void mark_read(void *context, const eg_expr *node)
{
    const marker *m = context;
    if (node->kind == EG_EXPR_NAME)
        eg_lower_local(m->w, node->name)->read[m->part] = true;
}

/* Which part reads and writes which name; types of temporaries; guards; draws. */
static engram_status analyse(eg_lowerer *w)
{
    for (size_t k = 0; k < w->code->statements.count; k++) {
        eg_line *x = &w->line[k];
        const int part = part_of(x);
        marker m = {w, part};
        eg_expr_names(x->expr, mark_read, &m);
        eg_local *target = x->target = eg_lower_local(w, x->statement->variable);
        target->written[part] = true;
        target->read[part] = target->read[part] || x->op != EG_OP_NONE;
        if (target->binding && !eg_lower_is_array(target) && !eg_lower_is_output(target) &&
            strcmp(target->binding->kind, "subexpression") != 0)
            return statement_error(w, k,
                                   eg_fail(w->err, ENGRAM_E_UNSUPPORTED,
                                           "\"%s\" is a %s and cannot be assigned",
                                           target->name, target->binding->kind));
        if (!eg_lower_is_array(target) && !eg_lower_is_output(target)) {
            const engram_status status =
                type_of(&target->type, w, x->statement->dtype, target->name);
            if (status)
                return statement_error(w, k, status);
        }
        if (part == EG_PART_SCALAR && eg_lower_is_array(target) &&
            strcmp(target->binding->index, "0") != 0)
            return statement_error(w, k,
                                   eg_fail(w->err, ENGRAM_E_UNSUPPORTED,
                                           "scalar code writes \"%s\", a value of each element",
                                           target->name));
        if (eg_lower_is_array(target) && target->binding->guard[0] && part == EG_PART_VECTOR) {
            x->guard = eg_lower_local(w, target->binding->guard);
            if (!eg_lower_is_array(x->guard) || x->guard->type != EG_BOOL)
                return statement_error(w, k,
                                       eg_fail(w->err, ENGRAM_E_SCHEMA,
                                               "guard \"%s\" is no boolean array",
                                               x->guard->name));
            target->read[part] = x->guard->read[part] = true;
        }
        if (eg_lower_draws(w, x->expr)) {
            w->draws = true;
            w->ordered = w->ordered || x->guard || eg_lower_draws_in_branch(w, x->expr) ||
                         eg_lower_draws_several(w, x->expr);
        }
    }
    return ENGRAM_OK;
}

/* ---- emitting ------------------------------------------------------------------------- */

/* Is this name's array loaded in this part? Scalars that the vector part only reads are
 * loaded once, in the scalar part (playback 5). */
static bool loaded_in(const eg_local *x, int part)
{
    if (!eg_lower_is_array(x))
        return false;
    const bool hoisted = strcmp(x->binding->index, "0") == 0 && !x->written[EG_PART_VECTOR];
    if (part == EG_PART_SCALAR)
        return x->read[EG_PART_SCALAR] || (hoisted && x->read[EG_PART_VECTOR]);
    return x->read[EG_PART_VECTOR] && !hoisted;
}

static eg_dtype slot_type(const eg_lowerer *w, const eg_local *x)
{
    return eg_reg_type(w->slot[x->slot].dtype);
}

/* A load into a local whose type may be wider than the array's. */
static void load_local(eg_lowerer *w, eg_local *x, int part)
{
    eg_builder *b = &w->l.build;
    const eg_reg_kind kind = part ? EG_REG_VECTOR : EG_REG_SCALAR;
    const eg_dtype stored = slot_type(w, x);
    const bool wider = stored != x->type;
    if (x->reg == EG_NO_REG || b->fast)
        x->reg = eg_build_reg(b, wider && b->fast ? stored : x->type, kind);
    const int32_t loaded = wider && !b->fast ? eg_build_reg(b, stored, kind) : x->reg;
    eg_build_raw(b, (eg_ins){.op = EG_I_LOAD,
                             .imm = (uint32_t)x->slot,
                             .out = loaded,
                             .arg = {EG_NO_REG, EG_NO_REG, EG_NO_REG}});
    if (!wider || b->failed)
        return;
    if (b->fast)
        x->reg = eg_build_convert(b, x->reg, x->type);
    else
        eg_build_raw(b, (eg_ins){.op = stored == EG_F32 ? EG_I_CVT_FD : EG_I_CVT_IL,
                                 .out = x->reg,
                                 .arg = {loaded, EG_NO_REG, EG_NO_REG}});
}

static engram_status load_part(eg_lowerer *w, int part)
{
    for (uint32_t k = 0; k < w->local_count; k++) {
        eg_local *x = &w->local[k];
        if (!loaded_in(x, part))
            continue;
        if (part == EG_PART_SCALAR && w->slot[x->slot].index != EG_INDEX_ZERO)
            return eg_fail(w->err, ENGRAM_E_UNSUPPORTED,
                           "\"%s\": scalar code reads \"%s\", a value of each element",
                           w->code->name, x->name);
        load_local(w, x, part);
        x->known = false;
    }
    return ENGRAM_OK;
}

/* Outputs have a place for each element, also for what scalar code computed: a state monitor
 * records a shared variable once for every element. */
static bool stored_in(const eg_local *x, int part)
{
    if (eg_lower_is_output(x))
        return part == EG_PART_VECTOR &&
               (x->written[EG_PART_SCALAR] || x->written[EG_PART_VECTOR]);
    return x->written[part];
}

static void store_part(eg_lowerer *w, int part)
{
    for (uint32_t k = 0; k < w->local_count; k++) {
        const eg_local *x = &w->local[k];
        if (!stored_in(x, part) || x->slot < 0 || x->reg == EG_NO_REG)
            continue;
        const int32_t stored = eg_build_convert(&w->l.build, x->reg, slot_type(w, x));
        eg_build_raw(&w->l.build, (eg_ins){.op = EG_I_STORE,
                                           .imm = (uint32_t)x->slot,
                                           .out = EG_NO_REG,
                                           .arg = {stored, EG_NO_REG, EG_NO_REG}});
    }
}

static eg_opcode typed_op(eg_opcode d, eg_opcode of_bool, eg_dtype type)
{
    return type == EG_BOOL ? of_bool : eg_op_family(d, type);
}

/* Put a value into a local: strict assigns its register, fast renames it. */
static void assign(eg_lowerer *w, eg_local *x, const eg_local *guard, eg_operand value)
{
    eg_builder *b = &w->l.build;
    if (b->failed)
        return;
    if (b->fast) {
        x->reg = guard ? eg_build_op(b, typed_op(EG_I_SELECT_D, EG_I_SELECT_B, x->type),
                                     guard->reg, value.reg, x->reg)
                       : value.reg;
        return;
    }
    if (x->reg == EG_NO_REG)
        x->reg = eg_build_reg(b, x->type, b->vector ? EG_REG_VECTOR : EG_REG_SCALAR);
    eg_build_raw(b, (eg_ins){.op = typed_op(EG_I_MOV_D, EG_I_MOV_B, x->type),
                             .out = x->reg,
                             .arg = {value.reg, EG_NO_REG, EG_NO_REG}});
    x->known = !guard && value.known;
    x->constant = value.reg;
}

static engram_status emit_line(eg_lowerer *w, const eg_line *x)
{
    eg_lowering *l = &w->l;
    l->text = x->statement->expr;
    eg_local *target = x->target;
    const eg_local *guard = x->guard;
    uint32_t branch = 0;
    if (guard && !l->fast)
        branch = eg_build_raw(&l->build, (eg_ins){.op = EG_I_BRANCH_FALSE,
                                                  .out = EG_NO_REG,
                                                  .arg = {guard->reg, EG_NO_REG, EG_NO_REG}});
    eg_operand value;
    engram_status status = eg_lower_expr(&value, l, x->expr);
    if (!status && x->op != EG_OP_NONE) {
        eg_operand old;
        status = eg_lower_ask_name(w, target->name, &old);
        if (!status)
            status = eg_lower_binary(&value, l, x->op, old, value, x->expr);
    }
    if (status)
        return status;
    assign(w, target, guard, eg_lower_to(l, value, target->type));
    if (guard && !l->fast && !l->build.failed)
        l->build.part[l->build.vector].item[branch].imm = eg_build_here(&l->build);
    return ENGRAM_OK;
}

static engram_status emit(eg_lowerer *w)
{
    for (int part = EG_PART_SCALAR; part <= EG_PART_VECTOR; part++) {
        w->l.build.vector = part == EG_PART_VECTOR;
        engram_status status = load_part(w, part);
        for (size_t k = 0; !status && k < w->code->statements.count; k++)
            if (part_of(&w->line[k]) == part) {
                status = emit_line(w, &w->line[k]);
                if (status)
                    return statement_error(w, k, status);
            }
        if (status)
            return status;
        store_part(w, part);
    }
    return ENGRAM_OK;
}

/* ---- the finished program ------------------------------------------------------------- */

static void find_delivery(const eg_lowerer *w, eg_program *p)
{
    if (w->code->statements.count != 1)
        return;
    const eg_line *x = &w->line[0];
    if (part_of(x) != EG_PART_VECTOR || x->guard ||
        (x->op != EG_OP_ADD && x->op != EG_OP_SUB) || !eg_lower_is_array(x->target) ||
        x->target->type != EG_F64)
        return;
    const uint32_t slot = (uint32_t)x->target->slot;
    if (w->slot[slot].index != EG_INDEX_VIA || w->slot[slot].dtype != EG_F64)
        return;
    p->delivery =
        (eg_delivery){.target = slot, .weight = UINT32_MAX, .subtract = x->op == EG_OP_SUB};
    if (x->expr->kind == EG_EXPR_FLOAT || x->expr->kind == EG_EXPR_INT) {
        p->delivery.constant = x->expr->number;
        p->deliverable = true;
    } else if (x->expr->kind == EG_EXPR_NAME) {
        const eg_local *weight = eg_lower_local(w, x->expr->name);
        if (eg_lower_is_array(weight)) {
            const eg_slot *from = &w->slot[weight->slot];
            p->delivery.weight = (uint32_t)weight->slot;
            p->deliverable = from->index == EG_INDEX_ELEMENT && from->dtype == EG_F64;
        } else if (weight->binding && strcmp(weight->binding->kind, "constant") == 0 &&
                   weight->type != EG_F32) {
            p->delivery.constant = weight->type == EG_F64 ? weight->binding->value
                                                          : (double)weight->binding->integer;
            p->deliverable = true;
        }
    }
}

/* Sort fast instructions into the two parts; registers stay. */
static bool split(eg_lowerer *w, const eg_builder *b, eg_program *p)
{
    const eg_code_part all = b->part[0];
    for (int part = EG_PART_SCALAR; part <= EG_PART_VECTOR; part++) {
        eg_code_part *out = part ? &p->vector : &p->scalar;
        out->item = eg_arena_array(w->arena, all.count + 1, sizeof *out->item);
        if (!out->item)
            return false;
        for (uint32_t k = 0; k < all.count; k++)
            if (all.item[k].vector == (part == EG_PART_VECTOR))
                out->item[out->count++] = all.item[k];
    }
    return true;
}

static engram_status check_types(eg_lowerer *w)
{
    const eg_scope scope = {eg_lower_ask_symbol, w, w->options->dialect, false};
    for (size_t k = 0; k < w->code->statements.count; k++) {
        if (eg_lower_has_call(w->line[k].expr, "_propagator"))
            continue; /* internal and variadic: checked while lowering */
        const engram_status status =
            eg_sema_types(w->line[k].expr, &scope, w->code->statements.item[k].expr, w->err);
        if (status)
            return statement_error(w, k, status);
    }
    return ENGRAM_OK;
}

static engram_status finish(eg_program **out, eg_lowerer *w)
{
    eg_program *p = eg_arena_alloc(w->arena, sizeof *p);
    if (!p || w->l.build.failed)
        return eg_fail_memory(w->err, "a program");
    eg_builder rewritten, *b = &w->l.build;
    *p = (eg_program){.name = eg_arena_strdup(w->arena, w->code->name),
                      .math = w->options->math,
                      .draws = w->draws};
    if (w->l.fast) {
        eg_build_init(&rewritten, w->arena, true);
        eg_passes_run(&rewritten, b);
        b = &rewritten;
        if (b->failed || !split(w, b, p))
            return eg_fail_memory(w->err, "a program");
    } else {
        p->scalar = b->part[EG_PART_SCALAR];
        p->vector = b->part[EG_PART_VECTOR];
    }
    if (!p->name)
        return eg_fail_memory(w->err, "a program");
    p->slot = w->slot;
    p->slot_count = w->slot_count;
    p->reg = b->reg;
    p->reg_count = b->reg_count;
    p->straight = w->l.fast && !eg_program_interacts(p);
    find_delivery(w, p);
    const engram_status status = eg_program_verify(p, w->err);
    if (!status)
        *out = p;
    return status;
}

static engram_status lower(eg_program **out, eg_lowerer *w)
{
    engram_status status = eg_lower_judge_step(w);
    if (!status)
        status = parse_lines(w);
    if (!status)
        status = make_locals(w);
    if (!status)
        status = analyse(w);
    if (!status)
        status = make_slots(w);
    if (!status)
        status = check_types(w);
    if (status)
        return status;
    const bool fast = w->options->math == EG_MATH_FAST && !w->ordered;
    w->l = (eg_lowering){.dialect = w->options->dialect,
                         .fast = fast,
                         .err = w->err,
                         .name = eg_lower_ask_name,
                         .table = eg_lower_ask_table,
                         .binomial = eg_lower_ask_binomial,
                         .custom = eg_lower_ask_custom,
                         .native = eg_lower_ask_native,
                         .context = w};
    eg_lower_infer(w);
    eg_build_init(&w->l.build, w->arena, fast);
    status = emit(w);
    return status ? status : finish(out, w);
}

engram_status eg_lower(eg_program **out, eg_arena *arena, const eg_executable *code,
                       const eg_lower_options *options, engram_error *err)
{
    *out = NULL;
    const engram_alloc *alloc = eg_arena_allocator(arena);
    eg_lowerer w = {.arena = arena,
                    .code = code,
                    .options = options,
                    .err = err,
                    .bindings = eg_map_new(alloc),
                    .slots = eg_map_new(alloc)};
    bool done = w.bindings && w.slots;
    for (size_t k = 0; done && k < code->bindings.count; k++)
        done = eg_map_put(w.bindings, code->bindings.item[k].name, k, NULL);
    const engram_status status = done ? lower(out, &w) : eg_fail_memory(err, "a program");
    eg_map_free(w.bindings);
    eg_map_free(w.slots);
    return status;
}
