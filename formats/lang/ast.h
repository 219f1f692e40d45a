/* ast.h - expressions and statements of Brian2's language as trees
 *
 * How to read lang/, bottom up:
 *   lex    text -> tokens with offsets
 *   parse  tokens -> eg_expr (Pratt; Python's precedence: -x**2 is -(x**2), `not` below
 *          comparisons), and code blocks -> eg_assign lists
 *   units  the unit table: name -> scale and dimension
 *   sema   names, types under a dialect, dimensions
 *   diag   offset in a text -> line, column, source line for engram_error
 *
 * Nodes live in an arena and are immutable after parsing, except for the annotations that
 * sema writes. Grammar and rejected forms: docs/language.md (Brian2: parsing/rendering.py,
 * parsing/bast.py).
 */
#ifndef EG_LANG_AST_H
#define EG_LANG_AST_H

#include "common/arena.h"
#include "common/dim.h"
#include "common/dtype.h"

typedef enum eg_expr_kind {
    EG_EXPR_INT,     /* integer literal: `integer` */
    EG_EXPR_FLOAT,   /* float literal: `number` */
    EG_EXPR_BOOL,    /* True, False: `integer` 0 or 1 */
    EG_EXPR_NAME,    /* `name` */
    EG_EXPR_UNARY,   /* op NEG, POS or NOT: arg[0] */
    EG_EXPR_BINARY,  /* ADD .. POW: arg[0], arg[1] */
    EG_EXPR_COMPARE, /* LT .. NE: arg[0], arg[1] (never chained) */
    EG_EXPR_LOGIC,   /* AND, OR: arg[0], arg[1] (n-ary chains nest to the left) */
    EG_EXPR_CALL     /* name(arg[0], ... arg[arg_count-1]) */
} eg_expr_kind;

typedef enum eg_expr_op {
    EG_OP_NONE,
    EG_OP_NEG,
    EG_OP_POS,
    EG_OP_NOT,
    EG_OP_ADD,
    EG_OP_SUB,
    EG_OP_MUL,
    EG_OP_DIV,
    EG_OP_FLOORDIV,
    EG_OP_MOD,
    EG_OP_POW,
    EG_OP_LT,
    EG_OP_LE,
    EG_OP_GT,
    EG_OP_GE,
    EG_OP_EQ,
    EG_OP_NE,
    EG_OP_AND,
    EG_OP_OR
} eg_expr_op;

typedef struct eg_expr eg_expr;
struct eg_expr {
    eg_expr_kind kind;
    eg_expr_op op;
    uint32_t offset; /* of the node's first (binary: operator's) byte in the text */
    uint32_t length; /* of that token */
    uint32_t arg_count;
    eg_expr **arg;
    const char *name; /* NAME, CALL: identifier, NUL-terminated */
    double number;    /* FLOAT; for INT the same value as a double */
    int64_t integer;  /* INT, BOOL */
    /* Written by eg_sema_types: */
    eg_dtype type;
};

/* One statement: variable OP expr. */
typedef struct eg_assign {
    const char *variable;
    const char *op; /* "=" "+=" "-=" "*=" "/=" (static) */
    eg_expr *expr;
    uint32_t offset; /* of the variable in the text */
} eg_assign;

typedef struct eg_assign_list {
    eg_assign *item;
    size_t count;
} eg_assign_list;

/* Limits of one text: longer or deeper is E_LIMIT (a hostile archive must not exhaust the
 * stack). Python's own parser gives up at similar depth. */
enum {
    EG_TEXT_MAX = 1 << 20,
    EG_EXPR_DEPTH_MAX = 200,  /* nested parentheses, calls, signs, exponents */
    EG_EXPR_HEIGHT_MAX = 1000 /* of a parsed tree: a + a + ... grows without nesting */
};

/* Parse one expression; the whole text must be consumed. Errors: E_SYNTAX with line,
 * column and source line (found, wanted), E_LIMIT, E_MEMORY. Rejected by name: chained
 * comparison, `a if c else b`, & | ^ ~ << >>, indexing, attributes, tuples, keyword
 * arguments, strings. */
engram_status eg_parse_expr(eg_expr **out, eg_arena *arena, const char *text,
                            engram_error *err);

/* Parse statements separated by newlines or `;`, `#` comments allowed (semantics 3.5). An
 * open parenthesis joins lines. */
engram_status eg_parse_code(eg_assign_list *out, eg_arena *arena, const char *text,
                            engram_error *err);

/* Print with the fewest parentheses that keep the tree: parse(print(e)) equals e. Floats
 * print in the shortest form that reads back to the same bits. NULL when memory is out. */
char *eg_expr_print(eg_arena *arena, const eg_expr *expr);
/* Same tree (kinds, operators, names, literal bits). */
bool eg_expr_equal(const eg_expr *a, const eg_expr *b);

/* Call `see` for every NAME and CALL node, left to right. */
void eg_expr_names(const eg_expr *expr, void (*see)(void *context, const eg_expr *node),
                   void *context);

/* Builders for code that derives expressions (integrators). NULL args or memory out: NULL,
 * so that one check at the end suffices. `name` is copied. The language has no negative
 * literals: a negative value becomes NEG of a literal; inf the name `inf`, nan inf - inf. */
eg_expr *eg_expr_int(eg_arena *arena, int64_t value);
eg_expr *eg_expr_float(eg_arena *arena, double value);
eg_expr *eg_expr_name(eg_arena *arena, const char *name);
eg_expr *eg_expr_unary(eg_arena *arena, eg_expr_op op, eg_expr *a);
eg_expr *eg_expr_binary(eg_arena *arena, eg_expr_op op, eg_expr *a, eg_expr *b);
eg_expr *eg_expr_call(eg_arena *arena, const char *name, eg_expr **args, uint32_t count);
/* A copy in which every NAME n with replace(context, n) != NULL is that expression. */
eg_expr *eg_expr_substitute(eg_arena *arena, const eg_expr *expr,
                            eg_expr *(*replace)(void *context, const char *name),
                            void *context);

/* Fill line, column and source of `err` from a byte offset in a text (diag). */
void eg_diag_locate(engram_error *err, const char *text, size_t offset);

#endif
