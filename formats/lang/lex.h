/* lex.h - text -> tokens
 *
 * Numbers follow Python (1e-3, .5, 5., 1_000, 0x1f; not 012, not 1j). Newline and `;` end a
 * statement outside parentheses and are blanks inside. `#` runs to the end of the line. The
 * lexer borrows the text and owns nothing. Grammar: docs/language.md.
 */
#ifndef EG_LANG_LEX_H
#define EG_LANG_LEX_H

#include "lang/ast.h"

typedef enum eg_token_kind {
    EG_TOKEN_END,
    EG_TOKEN_BREAK, /* newline or `;` outside parentheses */
    EG_TOKEN_INT,
    EG_TOKEN_FLOAT,
    EG_TOKEN_BOOL,
    EG_TOKEN_NAME,
    EG_TOKEN_KEYWORD, /* a word of Python that no expression may use */
    EG_TOKEN_OPERATOR,
    EG_TOKEN_ASSIGN, /* = and every op= */
    EG_TOKEN_OPEN,
    EG_TOKEN_CLOSE,
    EG_TOKEN_COMMA
} eg_token_kind;

typedef struct eg_token {
    eg_token_kind kind;
    eg_expr_op op; /* OPERATOR; ADD and SUB also where the parser will read a sign */
    uint32_t offset, length;
    int64_t integer; /* INT, BOOL */
    double number;   /* INT, FLOAT */
} eg_token;

typedef struct eg_lexer {
    const char *text;
    size_t size, at;
    uint32_t open; /* parentheses */
} eg_lexer;

/* E_LIMIT if the text is longer than EG_TEXT_MAX. */
engram_status eg_lex_start(eg_lexer *lexer, const char *text, engram_error *err);
/* E_SYNTAX with position; every refused character is named with what to write instead. */
engram_status eg_lex_next(eg_token *out, eg_lexer *lexer, engram_error *err);

/* eg_fail plus eg_diag_locate. */
engram_status eg_diag_fail(engram_error *err, engram_status code, const char *text,
                           size_t offset, const char *format, ...) ENGRAM_PRINTF(5, 6);

#endif
