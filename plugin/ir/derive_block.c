#include "ir/derive_private.h"

#include <stdlib.h>
#include <string.h>

/* One line of abstract code (brian2/codegen/translation.py, LineInfo). */
typedef struct line {
    eg_assign *assign;
    bool declares;
    eg_dtype dtype;
    bool scalar;
} line;

typedef struct block {
    scope *scope;
    const block_options *options;
    const char *where, *code;
    line *line;
    size_t line_count;
    scope locals;  /* temporaries and outputs: symbols of kind OUTPUT */
    size_t *order; /* subexpressions of the scope, those others need first */
    size_t order_count;
    uint8_t *mark; /* [scope->count] */
    eg_statement *statement;
    size_t count, capacity;
} block;

enum { NOT_DEFINED, DEFINED_CONSTANT, DEFINED_VARIABLE }; /* of a subexpression, so far */

/* ---- names ------------------------------------------------------------------------------ */

static const symbol *look(const block *b, const char *name)
{
    const symbol *found = scope_find(&b->locals, name);
    return found ? found : scope_find(b->scope, name);
}

static bool lookup_here(void *context, const char *name, eg_symbol *out)
{
    block *b = context;
    return scope_lookup(&b->locals, name, out) || scope_lookup(b->scope, name, out);
}

/* Same value for every element: nothing that varies; and no draw, unless it is made once for
 * all, in what a scalar is assigned. */
static bool is_scalar(const block *b, const eg_expr *e, bool draws)
{
    if (e->kind == EG_EXPR_NAME) {
        const symbol *found = look(b, e->name);
        return !found || found->scalar;
    }
    if (e->kind == EG_EXPR_CALL && !draws) {
        const eg_function_info *info = eg_function_find(e->name);
        const symbol *own = look(b, e->name);
        if (own ? own->function && derive_is_stateful(own->function) : info && info->stateful)
            return false;
    }
    for (uint32_t k = 0; k < e->arg_count; k++)
        if (!is_scalar(b, e->arg[k], draws))
            return false;
    return true;
}

static engram_status fail_at(const block *b, const eg_assign *assign, engram_status code,
                             engram_error *err, const char *message, const char *name)
{
    eg_fail(err, code, "%s: %s \"%s\"", b->where, message, name);
    if (err)
        eg_diag_locate(err, b->code, assign->offset);
    return code;
}

static bool has_propagator(const eg_expr *e)
{
    return e->kind == EG_EXPR_CALL && !strcmp(e->name, "_propagator");
}

/* ---- subexpressions in the order that they need each other ------------------------------- */

static engram_status visit(block *b, size_t k, unsigned depth, engram_error *err);

struct visitor {
    block *b;
    unsigned depth;
    engram_status status;
    engram_error *err;
};

static void visit_name(void *context, const eg_expr *node)
{
    struct visitor *v = context;
    if (v->status || node->kind != EG_EXPR_NAME)
        return;
    const symbol *found = scope_find(v->b->scope, node->name);
    if (found && found->kind == SYMBOL_SUBEXPRESSION)
        v->status = visit(v->b, (size_t)(found - v->b->scope->item), v->depth + 1, v->err);
}

static engram_status visit(block *b, size_t k, unsigned depth, engram_error *err)
{
    enum { OPEN = 1, DONE = 2 };
    if (b->mark[k] == DONE)
        return ENGRAM_OK;
    if (b->mark[k] == OPEN || depth > DERIVE_DEPTH_MAX)
        return eg_fail(err, ENGRAM_E_REFERENCE,
                       "%s: subexpression \"%s\" refers to itself, or is nested more than "
                       "%d deep",
                       b->where, b->scope->item[k].name, DERIVE_DEPTH_MAX);
    b->mark[k] = OPEN;
    struct visitor v = {b, depth, ENGRAM_OK, err};
    eg_expr_names(b->scope->item[k].expr, visit_name, &v);
    b->mark[k] = DONE;
    b->order[b->order_count++] = k;
    return v.status;
}

static engram_status sort_subexpressions(block *b, engram_error *err)
{
    b->order = eg_arena_array(b->scope->arena, b->scope->count + 1, sizeof *b->order);
    b->mark = eg_arena_array(b->scope->arena, b->scope->count + 1, 1);
    if (!b->order || !b->mark)
        return eg_fail_memory(err, "a block of code");
    for (size_t k = 0; k < b->scope->count; k++)
        if (b->scope->item[k].kind == SYMBOL_SUBEXPRESSION) {
            engram_status status = visit(b, k, 0, err);
            if (status)
                return status;
        }
    return ENGRAM_OK;
}

/* Mark what an expression reads, through subexpressions: mark[k] = 1. */
static void mark_reads(void *context, const eg_expr *node)
{
    block *b = context;
    if (node->kind != EG_EXPR_NAME)
        return;
    const symbol *found = scope_find(b->scope, node->name);
    if (!found || found->kind != SYMBOL_SUBEXPRESSION)
        return;
    uint8_t *mark = &b->mark[found - b->scope->item];
    if (*mark)
        return;
    *mark = 1;
    eg_expr_names(found->expr, mark_reads, b);
}

/* ---- lines ------------------------------------------------------------------------------ */

static engram_status declare(block *b, line *l, engram_error *err)
{
    eg_assign *assign = l->assign;
    l->declares = true;
    l->scalar = is_scalar(b, assign->expr, false);
    l->dtype = eg_net_float_type(b->scope->net->document.network);
    for (size_t k = 0; k < b->options->output_count; k++)
        if (!strcmp(b->options->outputs[k], assign->variable)) {
            l->dtype = b->options->output_types[k];
            l->scalar = false;
            return ENGRAM_OK;
        }
    if (!has_propagator(assign->expr)) {
        const eg_scope types = {lookup_here, b, b->scope->dialect, false};
        engram_status status = eg_sema_types(assign->expr, &types, b->code, err);
        if (status)
            return eg_error_prefix(err, status, "%s", b->where);
        const eg_dtype type = assign->expr->type;
        if (type == EG_BOOL || type == EG_I32 || type == EG_I64)
            l->dtype = type == EG_BOOL ? EG_BOOL : EG_I64;
    }
    const symbol local = {.name = assign->variable,
                          .kind = SYMBOL_OUTPUT,
                          .dtype = l->dtype,
                          .scalar = l->scalar};
    return scope_add(&b->locals, &local, err);
}

static engram_status read_line(block *b, line *l, bool *vector_written, engram_error *err)
{
    const char *name = l->assign->variable;
    const symbol *found = look(b, name);
    if (!found) {
        if (strcmp(l->assign->op, "="))
            return fail_at(b, l->assign, ENGRAM_E_REFERENCE, err,
                           "in-place change of an unknown name", name);
        engram_status status = declare(b, l, err);
        *vector_written |= !l->scalar;
        return status;
    }
    if (found->kind == SYMBOL_SUBEXPRESSION || found->kind == SYMBOL_CONSTANT ||
        found->kind == SYMBOL_FUNCTION || found->fixed)
        return fail_at(b, l->assign, ENGRAM_E_SYNTAX, err, "code cannot write to", name);
    l->dtype = found->dtype;
    l->scalar = found->scalar;
    if (l->scalar && *vector_written)
        return fail_at(b, l->assign, ENGRAM_E_SYNTAX, err,
                       "a scalar must be written before any vector variable:", name);
    if (l->scalar && !is_scalar(b, l->assign->expr, true))
        return fail_at(b, l->assign, ENGRAM_E_SYNTAX, err,
                       "a vector expression is assigned to the scalar", name);
    *vector_written |= !l->scalar;
    return ENGRAM_OK;
}

static engram_status add_statement(block *b, const char *name, const char *op,
                                   const eg_expr *expr, eg_dtype dtype, bool scalar,
                                   engram_error *err)
{
    if (b->count == b->capacity) { /* in the arena: the statements stay */
        const size_t capacity = b->capacity ? b->capacity * 2 : 8;
        eg_statement *more = eg_arena_array(b->scope->arena, capacity, sizeof *more);
        if (!more)
            return eg_fail_memory(err, "statements");
        if (b->count)
            memcpy(more, b->statement, b->count * sizeof *more);
        b->statement = more;
        b->capacity = capacity;
    }
    eg_statement *s = &b->statement[b->count++];
    s->part = scalar ? "scalar" : "vector";
    s->op = op;
    s->variable = name;
    s->expr = eg_expr_print(b->scope->arena, expr);
    s->dtype = eg_dtype_name(dtype);
    return s->expr ? ENGRAM_OK : eg_fail_memory(err, "statements");
}

struct later {
    const block *b;
    size_t line;
    bool written;
};

static void see_later_write(void *context, const eg_expr *node)
{
    struct later *later = context;
    for (size_t k = later->line + 1; k < later->b->line_count; k++)
        if (!strcmp(later->b->line[k].assign->variable, node->name))
            later->written = true;
}

/* The subexpressions that line `at` reads: once if none of their direct inputs is written
 * later, else again before each use (3.5). */
static engram_status insert_subexpressions(block *b, size_t at, uint8_t *defined,
                                           engram_error *err)
{
    memset(b->mark, 0, b->scope->count);
    eg_expr_names(b->line[at].assign->expr, mark_reads, b);
    for (size_t k = 0; k < b->order_count; k++) {
        const size_t position = b->order[k];
        if (!b->mark[position] || defined[position] == DEFINED_CONSTANT)
            continue;
        const symbol *sub = &b->scope->item[position];
        const char *op = defined[position] == DEFINED_VARIABLE ? "=" : ":=";
        struct later later = {b, at, false};
        eg_expr_names(sub->expr, see_later_write, &later);
        if (defined[position] == NOT_DEFINED)
            defined[position] = later.written ? DEFINED_VARIABLE : DEFINED_CONSTANT;
        engram_status status =
            add_statement(b, sub->name, op, sub->expr, sub->dtype, sub->scalar, err);
        if (status)
            return status;
    }
    return ENGRAM_OK;
}

static engram_status make_statements(block *b, engram_error *err)
{
    eg_assign_list list;
    engram_status status = eg_parse_code(&list, b->scope->arena, b->code, err);
    if (status)
        return eg_error_prefix(err, status, "%s", b->where);
    b->line_count = list.count;
    b->line = eg_arena_array(b->scope->arena, list.count + 1, sizeof *b->line);
    uint8_t *defined = eg_arena_array(b->scope->arena, b->scope->count + 1, 1);
    if (!b->line || !defined)
        return eg_fail_memory(err, "a block of code");
    bool vector_written = false;
    for (size_t k = 0; !status && k < list.count; k++) {
        b->line[k].assign = &list.item[k];
        status = read_line(b, &b->line[k], &vector_written, err);
    }
    if (!status)
        status = sort_subexpressions(b, err);
    for (size_t k = 0; !status && k < list.count; k++) {
        const line *l = &b->line[k];
        status = insert_subexpressions(b, k, defined, err);
        if (!status)
            status = add_statement(b, l->assign->variable, l->declares ? ":=" : l->assign->op,
                                   l->assign->expr, l->dtype, l->scalar, err);
    }
    return status;
}

/* ---- bindings --------------------------------------------------------------------------- */

/* mark[k] = 1 for every symbol of the scope that the code needs; guards and index arrays
 * follow. */
static void need(block *b, const char *name)
{
    const symbol *found = scope_find(b->scope, name);
    if (!found || b->mark[found - b->scope->item])
        return;
    b->mark[found - b->scope->item] = 1;
    if (found->kind != SYMBOL_ARRAY)
        return;
    if (*found->guard && !b->options->unguarded)
        need(b, found->guard);
    if (strcmp(found->index, "0") && strcmp(found->index, "_idx"))
        need(b, found->index);
}

static void need_node(void *context, const eg_expr *node)
{
    need(context, node->name);
}

static void bind_symbol(eg_binding *out, const symbol *s, bool unguarded)
{
    *out = (eg_binding){.name = s->name,
                        .dtype = eg_dtype_name(s->dtype),
                        .owner = "",
                        .variable = "",
                        .index = "",
                        .guard = "",
                        .dim = s->dim};
    switch (s->kind) {
    case SYMBOL_ARRAY:
        out->kind = "array";
        out->owner = s->owner;
        out->variable = s->variable;
        out->index = s->index;
        out->guard = unguarded ? "" : s->guard;
        break;
    case SYMBOL_CONSTANT:
        out->kind = "constant";
        out->integer = s->constant->integer;
        out->value = s->dtype == EG_F64 || s->dtype == EG_F32 ? s->constant->value : 0;
        break;
    case SYMBOL_SUBEXPRESSION:
        out->kind = "subexpression";
        break;
    case SYMBOL_FUNCTION:
        out->kind = "function";
        out->owner = s->owner;
        break;
    case SYMBOL_OUTPUT:
        out->kind = "output";
        break;
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const eg_binding *)a)->name, ((const eg_binding *)b)->name);
}

static engram_status make_bindings(block *b, eg_executable *out, engram_error *err)
{
    memset(b->mark, 0, b->scope->count);
    for (size_t k = 0; k < b->line_count; k++) {
        need(b, b->line[k].assign->variable);
        eg_expr_names(b->line[k].assign->expr, need_node, b);
    }
    /* subexpressions were marked as names only: now what they read, inner ones first */
    for (size_t k = b->order_count; k-- > 0;)
        if (b->mark[b->order[k]])
            eg_expr_names(b->scope->item[b->order[k]].expr, need_node, b);
    if (b->options->also_bind)
        need(b, b->options->also_bind);
    size_t count = b->options->output_count;
    for (size_t k = 0; k < b->scope->count; k++)
        count += b->mark[k];
    eg_binding *binding = eg_arena_array(b->scope->arena, count + 1, sizeof *binding);
    if (!binding)
        return eg_fail_memory(err, "bindings");
    size_t filled = 0;
    for (size_t k = 0; k < b->scope->count; k++)
        if (b->mark[k])
            bind_symbol(&binding[filled++], &b->scope->item[k], b->options->unguarded);
    for (size_t k = 0; k < b->options->output_count; k++) {
        const symbol output = {.name = b->options->outputs[k],
                               .kind = SYMBOL_OUTPUT,
                               .dtype = b->options->output_types[k]};
        bind_symbol(&binding[filled++], &output, true);
    }
    qsort(binding, filled, sizeof *binding, by_name);
    out->bindings.item = binding;
    out->bindings.count = filled;
    return ENGRAM_OK;
}

engram_status block_derive(eg_executable *out, scope *s, const char *code,
                           const block_options *options, const char *where, engram_error *err)
{
    static const block_options none = {0};
    block b = {.scope = s, .options = options ? options : &none, .where = where, .code = code};
    b.locals = (scope){.net = s->net, .arena = s->arena, .owner = s->owner};
    engram_status status = make_statements(&b, err);
    if (!status)
        status = make_bindings(&b, out, err);
    scope_free(&b.locals);
    if (status)
        return status;
    out->abstract = eg_arena_strdup(s->arena, code);
    out->statements.item = b.statement;
    out->statements.count = b.count;
    return out->abstract ? ENGRAM_OK : eg_fail_memory(err, "code");
}
