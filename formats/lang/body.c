#include "lang/body.h"

#include "lang/lex.h"

#include <string.h>

/* ---- units ---------------------------------------------------------------------------- */

static engram_status read_unit(eg_unit_wanted *out, const char *text, const char *what,
                               eg_arena *arena, const eg_function_texts *texts,
                               engram_error *err)
{
    *out = (eg_unit_wanted){.kind = EG_UNIT_ANY};
    if (!*text || strcmp(text, "?") == 0)
        return ENGRAM_OK;
    if (strcmp(text, "bool") == 0) {
        out->kind = EG_UNIT_BOOL;
        return ENGRAM_OK;
    }
    if (*text == '=') {
        if (!texts->parameters)
            return ENGRAM_OK; /* whose it is nobody says */
        out->kind = EG_UNIT_LIKE;
        for (size_t k = 0; k < texts->parameters; k++)
            if (strcmp(texts->parameter[k], text + 1) == 0) {
                out->like = (uint32_t)k;
                return ENGRAM_OK;
            }
        return eg_fail(err, ENGRAM_E_REFERENCE, "the unit of %s is that of '%.80s', %s", what,
                       text + 1, "which is no argument");
    }
    eg_expr *expr;
    const eg_scope units = {.dialect = EG_DIALECT_RUNTIME};
    out->kind = EG_UNIT_DIM;
    engram_status status = eg_parse_expr(&expr, arena, text, err);
    if (!status)
        status = eg_sema_dim(&out->dim, expr, &units, text, err);
    return status ? eg_error_prefix(err, status, "the unit of %s", what) : ENGRAM_OK;
}

static engram_status read_units(eg_signature *s, eg_arena *arena,
                                const eg_function_texts *texts, engram_error *err)
{
    eg_unit_wanted *argument = eg_arena_array(arena, (size_t)s->count + 1, sizeof *argument);
    if (!argument)
        return eg_fail_memory(err, "a function");
    for (uint32_t k = 0; k < s->count; k++) {
        const engram_status status =
            read_unit(&argument[k], texts->argument[k], "an argument", arena, texts, err);
        if (status)
            return status;
    }
    s->argument = argument;
    return read_unit(&s->result, texts->result, "the result", arena, texts, err);
}

/* ---- the body ------------------------------------------------------------------------- */

typedef struct reader {
    const eg_signature *signature;
    eg_body *body;
    size_t assigned; /* statements before this one */
    engram_status status;
    engram_error *err;
} reader;

static bool is_parameter(const eg_signature *s, const char *name)
{
    for (uint32_t k = 0; k < s->count; k++)
        if (strcmp(s->parameter[k], name) == 0)
            return true;
    return false;
}

static bool is_assigned(const reader *r, const char *name)
{
    for (size_t k = 0; k < r->assigned; k++)
        if (strcmp(r->body->code.item[k].variable, name) == 0)
            return true;
    return false;
}

static void see_call(void *context, const eg_expr *node)
{
    reader *r = context;
    if (r->status || node->kind != EG_EXPR_CALL)
        return;
    const eg_function_info *info = eg_function_find_in_body(node->name);
    const char *text = r->body->text;
    if (strcmp(node->name, r->signature->name) == 0 && !info)
        r->status = eg_diag_fail(r->err, ENGRAM_E_UNSUPPORTED, text, node->offset,
                                 "'%.80s' calls itself", node->name);
    else if (!info)
        r->status = eg_diag_fail(r->err, ENGRAM_E_REFERENCE, text, node->offset,
                                 "'%.80s' is no function that a body may call", node->name);
    else if (info->stateful)
        r->status =
            eg_diag_fail(r->err, ENGRAM_E_UNSUPPORTED, text, node->offset,
                         "'%.80s' draws random numbers, which a body may not", node->name);
    else if (info->args != node->arg_count)
        r->status = eg_diag_fail(r->err, ENGRAM_E_SYNTAX, text, node->offset,
                                 "function '%.80s' got %u arguments, wanted %u", node->name,
                                 (unsigned)node->arg_count, (unsigned)info->args);
}

static engram_status read_body(eg_signature *s, eg_arena *arena, const char *text,
                               engram_error *err)
{
    if (strlen(text) > EG_BODY_TEXT_MAX)
        return eg_fail(err, ENGRAM_E_LIMIT, "a body of %zu bytes, at most %d are read",
                       strlen(text), EG_BODY_TEXT_MAX);
    eg_body *body = eg_arena_alloc(arena, sizeof *body);
    if (!body || !(body->text = eg_arena_strdup(arena, text)))
        return eg_fail_memory(err, "a function");
    engram_status status = eg_parse_code(&body->code, arena, body->text, err);
    if (status)
        return status;
    const size_t count = body->code.count;
    if (count > EG_BODY_STATEMENTS_MAX)
        return eg_fail(err, ENGRAM_E_LIMIT, "a body of %zu statements, at most %d are read",
                       count, EG_BODY_STATEMENTS_MAX);
    reader r = {.signature = s, .body = body, .err = err};
    for (; r.assigned < count; r.assigned++) {
        const eg_assign *a = &body->code.item[r.assigned];
        if (strcmp(a->op, "=") != 0 || is_parameter(s, a->variable) ||
            is_assigned(&r, a->variable))
            return eg_diag_fail(err, ENGRAM_E_SYNTAX, body->text, a->offset,
                                "'%.80s' is assigned a second time, wanted once each",
                                a->variable);
        eg_expr_names(a->expr, see_call, &r);
        if (r.status)
            return r.status;
    }
    if (!count || strcmp(body->code.item[count - 1].variable, EG_BODY_RESULT) != 0)
        return eg_fail(err, ENGRAM_E_SCHEMA,
                       "the body does not end with an assignment to " EG_BODY_RESULT);
    body->local = eg_arena_array(arena, count, sizeof *body->local);
    if (!body->local)
        return eg_fail_memory(err, "a function");
    s->body = body;
    return ENGRAM_OK;
}

engram_status eg_signature_read(const eg_signature **out, eg_arena *arena,
                                const eg_function_texts *texts, engram_error *err)
{
    *out = NULL;
    if (texts->arguments > EG_BODY_ARGUMENTS_MAX)
        return eg_fail(err, ENGRAM_E_LIMIT, "%zu arguments, at most %d are read",
                       texts->arguments, EG_BODY_ARGUMENTS_MAX);
    if (texts->parameters != texts->arguments && (texts->parameters || *texts->body))
        return eg_fail(err, ENGRAM_E_SCHEMA, "%zu units of %zu arguments", texts->arguments,
                       texts->parameters);
    eg_signature *s = eg_arena_alloc(arena, sizeof *s);
    if (!s)
        return eg_fail_memory(err, "a function");
    *s = (eg_signature){.name = texts->name,
                        .count = (uint32_t)texts->arguments,
                        .parameter = texts->parameter,
                        .type = strcmp(texts->type, "boolean") == 0   ? EG_BOOL
                                : strcmp(texts->type, "integer") == 0 ? EG_I64
                                                                      : EG_F64,
                        .highest = strcmp(texts->type, "highest") == 0};
    if (strcmp(texts->result, "bool") == 0)
        s->type = EG_BOOL;
    for (size_t k = 0; k < texts->parameters; k++)
        for (size_t j = 0; j < k; j++)
            if (strcmp(texts->parameter[j], texts->parameter[k]) == 0)
                return eg_fail(err, ENGRAM_E_SCHEMA, "two arguments have the name '%.80s'",
                               texts->parameter[k]);
    engram_status status = read_units(s, arena, texts, err);
    if (!status && *texts->body)
        status = read_body(s, arena, texts->body, err);
    *out = status ? NULL : s;
    return status;
}

/* ---- types and dimensions --------------------------------------------------------------- */

typedef struct frame {
    const eg_signature *signature;
    const eg_dim *dim; /* of the arguments; NULL: types alone matter */
    size_t done;
} frame;

static bool look(void *context, const char *name, eg_symbol *out)
{
    const frame *f = context;
    const eg_signature *s = f->signature;
    for (uint32_t k = 0; k < s->count; k++)
        if (strcmp(s->parameter[k], name) == 0) {
            out->type = s->argument[k].kind == EG_UNIT_BOOL ? EG_BOOL : EG_F64;
            out->dim = f->dim ? f->dim[k] : eg_dim_none;
            return true;
        }
    for (size_t k = 0; k < f->done; k++)
        if (strcmp(s->body->code.item[k].variable, name) == 0) {
            *out = s->body->local[k];
            return true;
        }
    return false;
}

static engram_status judge(eg_dim *out, frame *f, bool types, engram_error *err)
{
    eg_body *body = f->signature->body;
    const eg_scope scope = {look, f, EG_DIALECT_RUNTIME, true};
    for (f->done = 0; f->done < body->code.count; f->done++) {
        eg_expr *expr = body->code.item[f->done].expr;
        eg_symbol *local = &body->local[f->done];
        *local = (eg_symbol){.type = EG_F64};
        engram_status status = types ? eg_sema_types(expr, &scope, body->text, err) : ENGRAM_OK;
        if (!status && types)
            local->type = expr->type;
        if (!status && f->dim)
            status = eg_sema_dim(&local->dim, expr, &scope, body->text, err);
        if (status)
            return status;
        *out = local->dim;
    }
    return ENGRAM_OK;
}

engram_status eg_body_dim(eg_dim *out, const eg_signature *signature, const eg_dim *dim,
                          engram_error *err)
{
    if (++signature->body->judged > EG_BODY_JUDGED_MAX)
        return eg_fail(err, ENGRAM_E_LIMIT, "%s() is called more than %d times",
                       signature->name, EG_BODY_JUDGED_MAX);
    frame f = {.signature = signature, .dim = dim};
    return judge(out, &f, false, err);
}

engram_status eg_body_check(const eg_signature *signature, engram_error *err)
{
    eg_dim dim[EG_BODY_ARGUMENTS_MAX], found = eg_dim_none;
    bool known = true;
    for (uint32_t k = 0; k < signature->count; k++) {
        const eg_unit_wanted *wanted = &signature->argument[k];
        if (wanted->kind == EG_UNIT_LIKE)
            wanted = &signature->argument[wanted->like];
        known = known && (wanted->kind == EG_UNIT_DIM || wanted->kind == EG_UNIT_BOOL);
        dim[k] = wanted->dim;
    }
    frame f = {.signature = signature, .dim = known ? dim : NULL};
    const engram_status status = judge(&found, &f, true, err);
    if (status || !known || signature->result.kind == EG_UNIT_ANY)
        return status;
    const eg_assign *last = &signature->body->code.item[signature->body->code.count - 1];
    const eg_dim wanted = signature->result.kind == EG_UNIT_LIKE ? dim[signature->result.like]
                                                                 : signature->result.dim;
    if (signature->result.kind == EG_UNIT_BOOL && last->expr->type != EG_BOOL)
        return eg_diag_fail(err, ENGRAM_E_SYNTAX, signature->body->text, last->offset,
                            "the result is %s, wanted a boolean",
                            eg_dtype_name(last->expr->type));
    char is[160], want[160];
    if (!eg_dim_equal(found, wanted) &&
        !(last->expr->kind <= EG_EXPR_FLOAT && last->expr->number == 0))
        return eg_diag_fail(err, ENGRAM_E_DIMENSION, signature->body->text, last->offset,
                            "the result has the dimension '%s', declared is '%s'",
                            eg_dim_print(found, is, sizeof is),
                            eg_dim_print(wanted, want, sizeof want));
    return ENGRAM_OK;
}
