#include "ir/derive_private.h"

#include <string.h>

/* One name of another scope with all that it needs. What its subexpressions read is entered
 * once, however many of them read it: none of them draws (Brian2 wants `constant over dt` for
 * that), so that a copy for each way to it, as Brian2 has, would be the same number again. */
typedef struct importer {
    scope *to;
    const scope *from;
    const char *as, *index;
    const char **copy; /* [from->count] name under which a symbol is there, or NULL */
    bool *open;        /* [from->count] a subexpression that is being entered */
    unsigned depth;
    engram_status status;
    engram_error *err;
} importer;

static void enter(importer *m, size_t at, const char *as, const char *guard);

/* A name for a copy, "__<as>_<inner>", that is none of `to` yet. */
static const char *free_name(const importer *m, const char *inner)
{
    const char *name = eg_arena_printf(m->to->arena, "__%s_%s", m->as, inner);
    while (name && scope_find(m->to, name))
        name = eg_arena_printf(m->to->arena, "%s_", name);
    return name;
}

static eg_expr *rename_inner(void *context, const char *name)
{
    importer *m = context;
    const symbol *inner = m->status ? NULL : scope_find(m->from, name);
    if (!inner)
        return NULL;
    if (inner->kind != SYMBOL_ARRAY && inner->kind != SYMBOL_SUBEXPRESSION) {
        m->status = scope_add(m->to, inner, m->err); /* keeps its name */
        return NULL;
    }
    const size_t at = (size_t)(inner - m->from->item);
    if (!m->copy[at]) {
        const char *as = free_name(m, name);
        if (as)
            enter(m, at, as, "");
        else
            m->status = eg_fail_memory(m->err, "a name");
        m->copy[at] = as;
    }
    return m->status ? NULL : eg_expr_name(m->to->arena, m->copy[at]);
}

static eg_expr *renamed(importer *m, size_t at)
{
    const symbol *seen = &m->from->item[at];
    if (m->depth > DERIVE_DEPTH_MAX || m->open[at]) {
        m->status = eg_fail(m->err, ENGRAM_E_REFERENCE,
                            "%s: subexpression \"%s\" refers to itself, or is nested more than "
                            "%d deep",
                            m->from->owner, seen->name, DERIVE_DEPTH_MAX);
        return NULL;
    }
    m->open[at] = true;
    m->depth++;
    eg_expr *expr = eg_expr_substitute(m->to->arena, seen->expr, rename_inner, m);
    m->depth--;
    m->open[at] = false;
    if (!m->status && !expr)
        m->status = eg_fail_memory(m->err, "a subexpression");
    return expr;
}

static void enter(importer *m, size_t at, const char *as, const char *guard)
{
    const symbol *seen = &m->from->item[at];
    symbol fresh = *seen;
    fresh.name = as;
    fresh.guard = guard;
    if (fresh.kind == SYMBOL_ARRAY && strcmp(seen->index, "0")) {
        if (!strcmp(seen->index, "_idx"))
            fresh.index = m->index;
        else if (strcmp(m->index, "_idx"))
            m->status = eg_fail(m->err, ENGRAM_E_UNSUPPORTED,
                                "%s: %s of %s is seen through two index arrays", m->to->owner,
                                seen->name, m->from->owner);
    }
    if (fresh.kind == SYMBOL_SUBEXPRESSION)
        fresh.expr = renamed(m, at);
    if (!m->status)
        m->status = scope_add(m->to, &fresh, m->err);
}

engram_status scope_import(scope *to, const scope *from, const char *name, const char *as,
                           const char *index, const char *guard, engram_error *err)
{
    if (scope_find(to, as))
        return ENGRAM_OK;
    const symbol *seen = scope_find(from, name);
    if (!seen)
        return eg_fail(err, ENGRAM_E_REFERENCE, "%s: %s has no variable \"%s\"", to->owner,
                       from->owner, name);
    importer m = {.to = to, .from = from, .as = as, .index = index, .err = err};
    if (seen->kind == SYMBOL_SUBEXPRESSION) {
        m.copy = eg_calloc_array(to->net->alloc, from->count, sizeof *m.copy);
        m.open = eg_calloc_array(to->net->alloc, from->count, sizeof *m.open);
        if (!m.copy || !m.open)
            m.status = eg_fail_memory(err, "a subexpression");
    }
    if (!m.status)
        enter(&m, (size_t)(seen - from->item), as, guard);
    eg_free(to->net->alloc, m.copy, from->count * sizeof *m.copy);
    eg_free(to->net->alloc, m.open, from->count * sizeof *m.open);
    return m.status;
}
