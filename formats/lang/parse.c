#include "lang/lex.h"

#include <string.h>

/* Binding powers, Python's table from loose to tight. */
enum {
    BIND_OR = 1,
    BIND_AND = 2,
    BIND_NOT = 3,
    BIND_COMPARE = 4,
    BIND_SUM = 5,
    BIND_PRODUCT = 6,
    BIND_SIGN = 7,
    BIND_POWER = 8
};

typedef struct parser {
    eg_lexer lexer;
    eg_token token; /* next, not yet consumed */
    eg_arena *arena;
    engram_error *err;
    uint32_t depth;
} parser;

/* A subtree and how tall it is: a + a + a + ... grows without nesting. */
typedef struct subtree {
    eg_expr *expr;
    uint32_t height;
} subtree;

static engram_status parse_above(subtree *out, parser *p, int power);

static engram_status advance(parser *p)
{
    return eg_lex_next(&p->token, &p->lexer, p->err);
}

static engram_status fail_at(parser *p, size_t offset, const char *message)
{
    return eg_diag_fail(p->err, ENGRAM_E_SYNTAX, p->lexer.text, offset, "%s", message);
}

static engram_status fail_limit(parser *p, size_t offset)
{
    return eg_diag_fail(p->err, ENGRAM_E_LIMIT, p->lexer.text, offset,
                        "expression nested deeper than %d or with more than %d operators in "
                        "a row",
                        (int)EG_EXPR_DEPTH_MAX, (int)EG_EXPR_HEIGHT_MAX);
}

/* "found X, wanted Y" at the next token. */
static engram_status unexpected(parser *p, const char *wanted)
{
    const eg_token *t = &p->token;
    const char *text = p->lexer.text + t->offset;
    if (t->kind == EG_TOKEN_END)
        return eg_diag_fail(p->err, ENGRAM_E_SYNTAX, p->lexer.text, t->offset,
                            "found the end, wanted %s", wanted);
    if (t->kind == EG_TOKEN_BREAK)
        return eg_diag_fail(p->err, ENGRAM_E_SYNTAX, p->lexer.text, t->offset,
                            "found %s, wanted %s", *text == ';' ? "';'" : "the end of the line",
                            wanted);
    const int shown = t->length > 40 ? 40 : (int)t->length;
    return eg_diag_fail(p->err, ENGRAM_E_SYNTAX, p->lexer.text, t->offset,
                        "found '%.*s', wanted %s", shown, text, wanted);
}

static bool token_is(const parser *p, const char *word)
{
    return p->token.length == strlen(word) &&
           !memcmp(p->lexer.text + p->token.offset, word, p->token.length);
}

/* Words that begin a form of Python which the language leaves out. */
static engram_status refuse_keyword(parser *p)
{
    if (token_is(p, "if") || token_is(p, "else"))
        return fail_at(p, p->token.offset,
                       "'a if c else b' is not supported, write int(c)*a + int(not c)*b");
    if (token_is(p, "in") || token_is(p, "is"))
        return fail_at(p, p->token.offset, "'in' and 'is' are not supported, use '==' or '!='");
    const int shown = (int)p->token.length;
    return eg_diag_fail(p->err, ENGRAM_E_SYNTAX, p->lexer.text, p->token.offset,
                        "'%.*s' is a Python keyword, not a name or value", shown,
                        p->lexer.text + p->token.offset);
}

static engram_status memory(parser *p)
{
    return eg_fail_memory(p->err, "an expression");
}

static eg_expr *place(eg_expr *expr, eg_token token)
{
    if (expr) {
        expr->offset = token.offset;
        expr->length = token.length;
    }
    return expr;
}

static engram_status parse_literal(subtree *out, parser *p)
{
    const eg_token t = p->token;
    eg_expr *expr = t.kind == EG_TOKEN_FLOAT ? eg_expr_float(p->arena, t.number)
                                             : eg_expr_int(p->arena, t.integer);
    if (!place(expr, t))
        return memory(p);
    if (t.kind == EG_TOKEN_BOOL)
        expr->kind = EG_EXPR_BOOL;
    *out = (subtree){expr, 1};
    return advance(p);
}

typedef struct arguments {
    const engram_alloc *alloc;
    eg_expr **item;
    size_t count, capacity;
    uint32_t height;
} arguments;

static engram_status parse_arguments(arguments *args, parser *p)
{
    engram_status status = advance(p);
    while (!status && p->token.kind != EG_TOKEN_CLOSE) {
        if (p->token.kind == EG_TOKEN_OPERATOR &&
            (p->token.op == EG_OP_MUL || p->token.op == EG_OP_POW))
            return fail_at(p, p->token.offset,
                           "'*' and '**' before an argument are not supported");
        subtree arg;
        if ((status = parse_above(&arg, p, BIND_OR)))
            return status;
        if (!eg_grow(args->alloc, &args->item, &args->capacity, args->count + 1,
                     sizeof *args->item))
            return memory(p);
        args->item[args->count++] = arg.expr;
        if (arg.height > args->height)
            args->height = arg.height;
        if (p->token.kind == EG_TOKEN_ASSIGN)
            return fail_at(p, p->token.offset, "keyword arguments are not supported");
        if (p->token.kind == EG_TOKEN_KEYWORD)
            return refuse_keyword(p);
        if (p->token.kind == EG_TOKEN_COMMA)
            status = advance(p);
        else if (p->token.kind != EG_TOKEN_CLOSE)
            return unexpected(p, "',' or ')'");
    }
    return status ? status : advance(p);
}

static engram_status parse_name(subtree *out, parser *p)
{
    const eg_token t = p->token;
    engram_status status = advance(p);
    if (status)
        return status;
    const char *name = eg_arena_strndup(p->arena, p->lexer.text + t.offset, t.length);
    if (!name)
        return memory(p);
    if (p->token.kind != EG_TOKEN_OPEN) {
        *out = (subtree){place(eg_expr_name(p->arena, name), t), 1};
        return out->expr ? ENGRAM_OK : memory(p);
    }
    arguments args = {.alloc = eg_arena_allocator(p->arena)};
    status = parse_arguments(&args, p);
    if (!status) {
        eg_expr *call = eg_expr_call(p->arena, name, args.item, (uint32_t)args.count);
        *out = (subtree){place(call, t), args.height + 1};
        if (!call)
            status = memory(p);
    }
    eg_free(args.alloc, args.item, args.capacity * sizeof *args.item);
    return status;
}

static engram_status parse_parentheses(subtree *out, parser *p)
{
    const eg_token open = p->token;
    engram_status status = advance(p);
    if (status)
        return status;
    if (p->token.kind == EG_TOKEN_CLOSE)
        return fail_at(p, open.offset, "found '()', wanted an expression in the parentheses");
    if ((status = parse_above(out, p, BIND_OR)))
        return status;
    if (p->token.kind == EG_TOKEN_COMMA)
        return fail_at(p, p->token.offset, "tuples are not supported");
    if (p->token.kind == EG_TOKEN_KEYWORD)
        return refuse_keyword(p);
    if (p->token.kind == EG_TOKEN_END)
        return fail_at(p, open.offset, "this '(' is never closed");
    if (p->token.kind != EG_TOKEN_CLOSE)
        return unexpected(p, "an operator or ')'");
    if ((status = advance(p)))
        return status;
    if (p->token.kind == EG_TOKEN_OPEN)
        return fail_at(p, p->token.offset,
                       "only names can be called; an operator before '(' is missing");
    return ENGRAM_OK;
}

/* not, -, +: the operand may itself begin with one that binds as tightly. */
static engram_status parse_unary(subtree *out, parser *p, int power)
{
    const eg_token t = p->token;
    eg_expr_op op = EG_OP_NOT;
    int operand = BIND_NOT;
    if (t.op == EG_OP_ADD || t.op == EG_OP_SUB) {
        op = t.op == EG_OP_ADD ? EG_OP_POS : EG_OP_NEG;
        operand = BIND_SIGN;
    } else if (t.op != EG_OP_NOT) {
        return unexpected(p, "a name, number or '('");
    } else if (power > BIND_NOT) {
        return fail_at(p, t.offset, "'not' after an operator needs parentheses: (not ...)");
    }
    engram_status status = advance(p);
    if (status || (status = parse_above(out, p, operand)))
        return status;
    out->expr = place(eg_expr_unary(p->arena, op, out->expr), t);
    out->height++;
    return out->expr ? ENGRAM_OK : memory(p);
}

static engram_status parse_operand(subtree *out, parser *p, int power)
{
    switch (p->token.kind) {
    case EG_TOKEN_INT:
    case EG_TOKEN_FLOAT:
    case EG_TOKEN_BOOL:
        return parse_literal(out, p);
    case EG_TOKEN_NAME:
        return parse_name(out, p);
    case EG_TOKEN_OPEN:
        return parse_parentheses(out, p);
    case EG_TOKEN_OPERATOR:
        return parse_unary(out, p, power);
    case EG_TOKEN_KEYWORD:
        return refuse_keyword(p);
    case EG_TOKEN_END:
    case EG_TOKEN_BREAK:
    case EG_TOKEN_ASSIGN:
    case EG_TOKEN_CLOSE:
    case EG_TOKEN_COMMA:
        break;
    }
    return unexpected(p, "a name, number or '('");
}

/* Binding power as an infix operator; 0: is none. */
static int infix_power(eg_expr_op op)
{
    switch (op) {
    case EG_OP_OR:
        return BIND_OR;
    case EG_OP_AND:
        return BIND_AND;
    case EG_OP_LT:
    case EG_OP_LE:
    case EG_OP_GT:
    case EG_OP_GE:
    case EG_OP_EQ:
    case EG_OP_NE:
        return BIND_COMPARE;
    case EG_OP_ADD:
    case EG_OP_SUB:
        return BIND_SUM;
    case EG_OP_MUL:
    case EG_OP_DIV:
    case EG_OP_FLOORDIV:
    case EG_OP_MOD:
        return BIND_PRODUCT;
    case EG_OP_POW:
        return BIND_POWER;
    case EG_OP_NONE:
    case EG_OP_NEG:
    case EG_OP_POS:
    case EG_OP_NOT:
        break;
    }
    return 0;
}

static engram_status parse_infix(subtree *out, parser *p, int power)
{
    bool compared = false;
    while (p->token.kind == EG_TOKEN_OPERATOR) {
        const eg_token t = p->token;
        if (t.op == EG_OP_NOT)
            return fail_at(p, t.offset,
                           "'not' cannot follow a value; 'not in' is not supported");
        const int own = infix_power(t.op);
        if (own < power)
            return ENGRAM_OK;
        if (own == BIND_COMPARE && compared)
            return fail_at(p, t.offset,
                           "chained comparisons are not supported, write a < b and b < c");
        compared = own == BIND_COMPARE;
        engram_status status = advance(p);
        subtree right;
        /* ** is right-associative, and its exponent may carry a sign: 2**-x**2. */
        if (status ||
            (status = parse_above(&right, p, own == BIND_POWER ? BIND_SIGN : own + 1)))
            return status;
        out->expr = place(eg_expr_binary(p->arena, t.op, out->expr, right.expr), t);
        if (!out->expr)
            return memory(p);
        out->height = (right.height > out->height ? right.height : out->height) + 1;
        if (out->height > EG_EXPR_HEIGHT_MAX)
            return fail_limit(p, t.offset);
    }
    return ENGRAM_OK;
}

/* An expression whose operators all bind at least as tightly as `power`. */
static engram_status parse_above(subtree *out, parser *p, int power)
{
    if (p->depth >= EG_EXPR_DEPTH_MAX)
        return fail_limit(p, p->token.offset);
    p->depth++;
    engram_status status = parse_operand(out, p, power);
    if (!status)
        status = parse_infix(out, p, power);
    p->depth--;
    return status;
}

/* ---- entry points ------------------------------------------------------------------ */

static engram_status start(parser *p, eg_arena *arena, const char *text, engram_error *err)
{
    *p = (parser){.arena = arena, .err = err};
    const engram_status status = eg_lex_start(&p->lexer, text, err);
    return status ? status : advance(p);
}

static bool at_newline(const parser *p)
{
    return p->token.kind == EG_TOKEN_BREAK && p->lexer.text[p->token.offset] == '\n';
}

/* What may not stand after a whole expression, named where it has a name. */
static engram_status refuse_rest(parser *p, const char *wanted)
{
    switch (p->token.kind) {
    case EG_TOKEN_COMMA:
        return fail_at(p, p->token.offset, "tuples are not supported");
    case EG_TOKEN_KEYWORD:
        return refuse_keyword(p);
    case EG_TOKEN_CLOSE:
        return fail_at(p, p->token.offset, "this ')' was never opened");
    case EG_TOKEN_ASSIGN:
        return token_is(p, "=") ? fail_at(p, p->token.offset,
                                          "found '=', wanted an expression (equality is '==')")
                                : unexpected(p, wanted);
    case EG_TOKEN_END:
    case EG_TOKEN_BREAK:
    case EG_TOKEN_INT:
    case EG_TOKEN_FLOAT:
    case EG_TOKEN_BOOL:
    case EG_TOKEN_NAME:
    case EG_TOKEN_OPERATOR:
    case EG_TOKEN_OPEN:
        break;
    }
    return unexpected(p, wanted);
}

engram_status eg_parse_expr(eg_expr **out, eg_arena *arena, const char *text, engram_error *err)
{
    parser p;
    engram_status status = start(&p, arena, text, err);
    while (!status && at_newline(&p))
        status = advance(&p);
    subtree tree;
    if (status || (status = parse_above(&tree, &p, BIND_OR)))
        return status;
    while (at_newline(&p))
        if ((status = advance(&p)))
            return status;
    if (p.token.kind != EG_TOKEN_END)
        return refuse_rest(&p, "an operator or the end of the expression");
    *out = tree.expr;
    return ENGRAM_OK;
}

/* The static spelling of an assignment operator; NULL for the others. */
static const char *assign_operator(const parser *p)
{
    static const char *const known[] = {"=", "+=", "-=", "*=", "/="};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (token_is(p, known[k]))
            return known[k];
    return NULL;
}

static engram_status parse_assign(eg_assign *out, parser *p)
{
    const eg_token target = p->token;
    if (target.kind == EG_TOKEN_KEYWORD)
        return refuse_keyword(p);
    if (target.kind != EG_TOKEN_NAME)
        return unexpected(p, "the variable of a statement 'name = expression'");
    out->offset = target.offset;
    out->variable = eg_arena_strndup(p->arena, p->lexer.text + target.offset, target.length);
    if (!out->variable)
        return memory(p);
    engram_status status = advance(p);
    if (status)
        return status;
    if (p->token.kind != EG_TOKEN_ASSIGN)
        return unexpected(p, "'=', '+=', '-=', '*=' or '/=' after the variable");
    out->op = assign_operator(p);
    if (!out->op)
        return unexpected(p, "'=', '+=', '-=', '*=' or '/='");
    subtree tree;
    if ((status = advance(p)) || (status = parse_above(&tree, p, BIND_OR)))
        return status;
    if (p->token.kind != EG_TOKEN_BREAK && p->token.kind != EG_TOKEN_END)
        return refuse_rest(p, "an operator or the end of the statement");
    out->expr = tree.expr;
    return ENGRAM_OK;
}

engram_status eg_parse_code(eg_assign_list *out, eg_arena *arena, const char *text,
                            engram_error *err)
{
    parser p;
    const engram_alloc *alloc = eg_arena_allocator(arena);
    eg_assign *found = NULL;
    size_t capacity = 0, count = 0;
    engram_status status = start(&p, arena, text, err);
    while (!status && p.token.kind != EG_TOKEN_END) {
        if (p.token.kind == EG_TOKEN_BREAK) {
            status = advance(&p);
            continue;
        }
        if (!eg_grow(alloc, &found, &capacity, count + 1, sizeof *found)) {
            status = memory(&p);
            break;
        }
        status = parse_assign(&found[count], &p);
        count += !status;
    }
    if (!status) {
        *out = (eg_assign_list){NULL, count};
        if (count && !(out->item = eg_arena_array(arena, count, sizeof *found)))
            status = memory(&p);
        else if (count)
            memcpy(out->item, found, count * sizeof *found);
    }
    eg_free(alloc, found, capacity * sizeof *found);
    return status;
}
