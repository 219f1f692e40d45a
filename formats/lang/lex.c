#include "lang/lex.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* isalpha and friends depend on the host's locale. */
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static char peek(const eg_lexer *lexer, size_t ahead)
{
    return lexer->at + ahead < lexer->size ? lexer->text[lexer->at + ahead] : '\0';
}

engram_status eg_lex_start(eg_lexer *lexer, const char *text, engram_error *err)
{
    const size_t size = strnlen(text, (size_t)EG_TEXT_MAX + 1);
    if (size > EG_TEXT_MAX)
        return eg_diag_fail(err, ENGRAM_E_LIMIT, text, 0,
                            "code longer than the limit of %d bytes", (int)EG_TEXT_MAX);
    *lexer = (eg_lexer){text, size, 0, 0};
    return ENGRAM_OK;
}

static void skip_blanks(eg_lexer *lexer)
{
    for (;; lexer->at++) {
        const char c = peek(lexer, 0);
        if (c == '#') {
            while (lexer->at < lexer->size && peek(lexer, 0) != '\n')
                lexer->at++;
            lexer->at--; /* the loop steps onto the newline */
        } else if (!(c == ' ' || c == '\t' || c == '\r' || c == '\f' ||
                     (c == '\n' && lexer->open))) {
            return;
        }
    }
}

/* ---- numbers --------------------------------------------------------------------- */

enum { DIGITS_MAX = 400 };

/* The digits of a decimal literal, without point and underscores. */
typedef struct digits {
    char text[DIGITS_MAX + 32];
    size_t count;
    long after_point;
} digits;

/* A run of digits with single underscores between them; false if an underscore is
 * misplaced or the literal is too long. */
static bool scan_digits(digits *out, eg_lexer *lexer, bool fraction)
{
    bool was_digit = false;
    for (;; lexer->at++) {
        const char c = peek(lexer, 0);
        if (c == '_') {
            if (!was_digit || !is_digit(peek(lexer, 1)))
                return false;
            was_digit = false;
        } else if (is_digit(c)) {
            if (out->count >= DIGITS_MAX)
                return false;
            out->text[out->count++] = c;
            out->after_point += fraction;
            was_digit = true;
        } else {
            return true;
        }
    }
}

static int digit_value(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 99;
}

static bool accumulate(int64_t *value, int base, int digit)
{
    if (*value > (INT64_MAX - digit) / base)
        return false;
    *value = *value * base + digit;
    return true;
}

static engram_status bad_number(const eg_lexer *lexer, size_t start, const char *why,
                                engram_error *err)
{
    size_t end = start;
    while (
        end < lexer->size && end < start + 40 &&
        (is_digit(lexer->text[end]) || is_letter(lexer->text[end]) || lexer->text[end] == '.'))
        end++;
    return eg_diag_fail(err, ENGRAM_E_SYNTAX, lexer->text, start, "number '%.*s': %s",
                        (int)(end - start), lexer->text + start, why);
}

static engram_status lex_based(eg_token *out, eg_lexer *lexer, int base, engram_error *err)
{
    const size_t start = lexer->at;
    lexer->at += 2;
    bool any = false;
    for (;; lexer->at++) {
        char c = peek(lexer, 0);
        if (c == '_') {
            lexer->at++;
            c = peek(lexer, 0);
            if (digit_value(c) >= base)
                return bad_number(lexer, start, "an underscore must stand before a digit", err);
        }
        const int digit = digit_value(c);
        if (digit >= base)
            break;
        any = true;
        if (!accumulate(&out->integer, base, digit))
            return bad_number(lexer, start, "does not fit in a 64-bit integer", err);
    }
    if (!any || is_letter(peek(lexer, 0)) || is_digit(peek(lexer, 0)))
        return bad_number(lexer, start, "not a digit of this base", err);
    out->kind = EG_TOKEN_INT;
    out->number = (double)out->integer;
    return ENGRAM_OK;
}

/* Exponent part, if there is one: e, sign, digits. */
static bool scan_exponent(long *exponent, eg_lexer *lexer, bool *present)
{
    const char c = peek(lexer, 0);
    *present = false;
    *exponent = 0;
    if (c != 'e' && c != 'E')
        return true;
    const char sign = peek(lexer, 1);
    const size_t skip = sign == '+' || sign == '-' ? 2 : 1;
    if (!is_digit(peek(lexer, skip)))
        return false;
    lexer->at += skip;
    digits part = {.count = 0};
    if (!scan_digits(&part, lexer, false))
        return false;
    for (size_t k = 0; k < part.count; k++)
        if (*exponent < 100000) /* far outside of double already */
            *exponent = *exponent * 10 + (part.text[k] - '0');
    if (sign == '-')
        *exponent = -*exponent;
    *present = true;
    return true;
}

static engram_status lex_number(eg_token *out, eg_lexer *lexer, engram_error *err)
{
    const size_t start = lexer->at;
    const char second = peek(lexer, 1);
    if (peek(lexer, 0) == '0' && (second == 'x' || second == 'X'))
        return lex_based(out, lexer, 16, err);
    if (peek(lexer, 0) == '0' && (second == 'o' || second == 'O'))
        return lex_based(out, lexer, 8, err);
    if (peek(lexer, 0) == '0' && (second == 'b' || second == 'B'))
        return lex_based(out, lexer, 2, err);
    const char *const malformed = "misplaced underscore, or more than 400 digits";
    digits d = {.count = 0};
    if (!scan_digits(&d, lexer, false))
        return bad_number(lexer, start, malformed, err);
    const bool point = peek(lexer, 0) == '.';
    if (point) {
        lexer->at++;
        if (!scan_digits(&d, lexer, true))
            return bad_number(lexer, start, malformed, err);
    }
    long exponent;
    bool scaled;
    if (!scan_exponent(&exponent, lexer, &scaled))
        return bad_number(lexer, start, "the exponent needs digits", err);
    const char next = peek(lexer, 0);
    if (next == 'j' || next == 'J')
        return bad_number(lexer, start, "imaginary numbers are not supported", err);
    if (is_letter(next) || is_digit(next) || next == '.')
        return bad_number(lexer, start, "not a number; an operator is missing", err);
    if (point || scaled) {
        /* Without a decimal point strtod reads the same number in every locale. */
        snprintf(d.text + d.count, sizeof d.text - d.count, "e%ld", exponent - d.after_point);
        out->number = strtod(d.text, NULL);
        out->kind = EG_TOKEN_FLOAT;
        if (isinf(out->number))
            return bad_number(lexer, start, "larger than any double", err);
        return ENGRAM_OK;
    }
    for (size_t k = 0; k < d.count; k++)
        if (!accumulate(&out->integer, 10, d.text[k] - '0'))
            return bad_number(lexer, start, "does not fit in a 64-bit integer", err);
    if (out->integer && d.text[0] == '0')
        return bad_number(lexer, start, "leading zeros are not allowed", err);
    out->kind = EG_TOKEN_INT;
    out->number = (double)out->integer;
    return ENGRAM_OK;
}

/* ---- words and operators ----------------------------------------------------------- */

static const char *const keywords[] = {
    "None",   "as",     "assert", "async", "await",  "break",   "class",    "continue",
    "def",    "del",    "elif",   "else",  "except", "finally", "for",      "from",
    "global", "if",     "import", "in",    "is",     "lambda",  "nonlocal", "pass",
    "raise",  "return", "try",    "while", "with",   "yield"};

static bool word_is(const eg_token *token, const char *text, const char *word)
{
    return strlen(word) == token->length && !memcmp(text + token->offset, word, token->length);
}

static void lex_word(eg_token *out, eg_lexer *lexer)
{
    while (is_letter(peek(lexer, 0)) || is_digit(peek(lexer, 0)))
        lexer->at++;
    out->length = (uint32_t)lexer->at - out->offset;
    out->kind = EG_TOKEN_NAME;
    const char *text = lexer->text;
    if (word_is(out, text, "True") || word_is(out, text, "False")) {
        out->kind = EG_TOKEN_BOOL;
        out->integer = word_is(out, text, "True");
        out->number = (double)out->integer;
        return;
    }
    static const struct {
        const char *word;
        eg_expr_op op;
    } logic[] = {{"and", EG_OP_AND}, {"or", EG_OP_OR}, {"not", EG_OP_NOT}};
    for (size_t k = 0; k < sizeof logic / sizeof *logic; k++)
        if (word_is(out, text, logic[k].word)) {
            out->kind = EG_TOKEN_OPERATOR;
            out->op = logic[k].op;
            return;
        }
    for (size_t k = 0; k < sizeof keywords / sizeof *keywords; k++)
        if (word_is(out, text, keywords[k]))
            out->kind = EG_TOKEN_KEYWORD;
}

static const struct symbol {
    const char *spelling;
    eg_token_kind kind;
    eg_expr_op op;
    const char *refused; /* what to write instead */
} symbols[] = {
    /* longest first */
    {"**=", EG_TOKEN_ASSIGN, EG_OP_POW, NULL},
    {"//=", EG_TOKEN_ASSIGN, EG_OP_FLOORDIV, NULL},
    {">>=", EG_TOKEN_ASSIGN, EG_OP_NONE, NULL},
    {"<<=", EG_TOKEN_ASSIGN, EG_OP_NONE, NULL},
    {"...", EG_TOKEN_END, EG_OP_NONE, "'...' is not supported"},
    {"+=", EG_TOKEN_ASSIGN, EG_OP_ADD, NULL},
    {"-=", EG_TOKEN_ASSIGN, EG_OP_SUB, NULL},
    {"*=", EG_TOKEN_ASSIGN, EG_OP_MUL, NULL},
    {"/=", EG_TOKEN_ASSIGN, EG_OP_DIV, NULL},
    {"%=", EG_TOKEN_ASSIGN, EG_OP_MOD, NULL},
    {"&=", EG_TOKEN_ASSIGN, EG_OP_NONE, NULL},
    {"|=", EG_TOKEN_ASSIGN, EG_OP_NONE, NULL},
    {"^=", EG_TOKEN_ASSIGN, EG_OP_NONE, NULL},
    {":=", EG_TOKEN_END, EG_OP_NONE, "':=' is not supported inside an expression"},
    {"->", EG_TOKEN_END, EG_OP_NONE, "'->' is not an operator"},
    {"<>", EG_TOKEN_END, EG_OP_NONE, "'<>' is not an operator, use '!='"},
    {"**", EG_TOKEN_OPERATOR, EG_OP_POW, NULL},
    {"//", EG_TOKEN_OPERATOR, EG_OP_FLOORDIV, NULL},
    {"<<", EG_TOKEN_END, EG_OP_NONE, "the operator '<<' is not supported, multiply instead"},
    {">>", EG_TOKEN_END, EG_OP_NONE, "the operator '>>' is not supported, use '//' instead"},
    {"<=", EG_TOKEN_OPERATOR, EG_OP_LE, NULL},
    {">=", EG_TOKEN_OPERATOR, EG_OP_GE, NULL},
    {"==", EG_TOKEN_OPERATOR, EG_OP_EQ, NULL},
    {"!=", EG_TOKEN_OPERATOR, EG_OP_NE, NULL},
    {"&&", EG_TOKEN_END, EG_OP_NONE, "the operator '&&' is not supported, use 'and' instead"},
    {"||", EG_TOKEN_END, EG_OP_NONE, "the operator '||' is not supported, use 'or' instead"},
    {"+", EG_TOKEN_OPERATOR, EG_OP_ADD, NULL},
    {"-", EG_TOKEN_OPERATOR, EG_OP_SUB, NULL},
    {"*", EG_TOKEN_OPERATOR, EG_OP_MUL, NULL},
    {"/", EG_TOKEN_OPERATOR, EG_OP_DIV, NULL},
    {"%", EG_TOKEN_OPERATOR, EG_OP_MOD, NULL},
    {"<", EG_TOKEN_OPERATOR, EG_OP_LT, NULL},
    {">", EG_TOKEN_OPERATOR, EG_OP_GT, NULL},
    {"=", EG_TOKEN_ASSIGN, EG_OP_NONE, NULL},
    {"(", EG_TOKEN_OPEN, EG_OP_NONE, NULL},
    {")", EG_TOKEN_CLOSE, EG_OP_NONE, NULL},
    {",", EG_TOKEN_COMMA, EG_OP_NONE, NULL},
    {"&", EG_TOKEN_END, EG_OP_NONE, "the operator '&' is not supported, use 'and' instead"},
    {"|", EG_TOKEN_END, EG_OP_NONE, "the operator '|' is not supported, use 'or' instead"},
    {"^", EG_TOKEN_END, EG_OP_NONE, "the operator '^' is not supported, use '**' instead"},
    {"~", EG_TOKEN_END, EG_OP_NONE, "the operator '~' is not supported, use 'not' instead"},
    {"[", EG_TOKEN_END, EG_OP_NONE, "indexing and lists with '[...]' are not supported"},
    {"]", EG_TOKEN_END, EG_OP_NONE, "indexing and lists with '[...]' are not supported"},
    {"{", EG_TOKEN_END, EG_OP_NONE, "'{...}' is not supported"},
    {"}", EG_TOKEN_END, EG_OP_NONE, "'{...}' is not supported"},
    {".", EG_TOKEN_END, EG_OP_NONE, "accessing attributes with '.' is not supported"},
    {"@", EG_TOKEN_END, EG_OP_NONE, "the operator '@' is not supported, use '*' instead"},
    {"!", EG_TOKEN_END, EG_OP_NONE, "the operator '!' is not supported, use 'not' instead"},
    {"?", EG_TOKEN_END, EG_OP_NONE, "'?' is not supported, write int(condition)*value"},
    {":", EG_TOKEN_END, EG_OP_NONE, "unexpected ':'"},
    {"'", EG_TOKEN_END, EG_OP_NONE, "strings are not supported in expressions"},
    {"\"", EG_TOKEN_END, EG_OP_NONE, "strings are not supported in expressions"},
    {"\\", EG_TOKEN_END, EG_OP_NONE, "'\\' does not continue a line, use parentheses"},
};

static engram_status lex_symbol(eg_token *out, eg_lexer *lexer, engram_error *err)
{
    for (size_t k = 0; k < sizeof symbols / sizeof *symbols; k++) {
        const struct symbol *symbol = &symbols[k];
        const size_t length = strlen(symbol->spelling);
        if (lexer->size - lexer->at < length ||
            memcmp(lexer->text + lexer->at, symbol->spelling, length) != 0)
            continue;
        if (symbol->refused)
            return eg_diag_fail(err, ENGRAM_E_SYNTAX, lexer->text, lexer->at, "%s",
                                symbol->refused);
        out->kind = symbol->kind;
        out->op = symbol->op;
        lexer->at += length;
        if (out->kind == EG_TOKEN_OPEN)
            lexer->open++;
        else if (out->kind == EG_TOKEN_CLOSE && lexer->open)
            lexer->open--;
        return ENGRAM_OK;
    }
    const unsigned char byte = (unsigned char)lexer->text[lexer->at];
    if (byte > 0x20 && byte < 0x7f)
        return eg_diag_fail(err, ENGRAM_E_SYNTAX, lexer->text, lexer->at,
                            "unexpected character '%c'", byte);
    return eg_diag_fail(err, ENGRAM_E_SYNTAX, lexer->text, lexer->at,
                        "unexpected byte 0x%02x, names are made of ASCII letters, digits "
                        "and '_'",
                        byte);
}

engram_status eg_lex_next(eg_token *out, eg_lexer *lexer, engram_error *err)
{
    skip_blanks(lexer);
    *out = (eg_token){.kind = EG_TOKEN_END, .offset = (uint32_t)lexer->at};
    if (lexer->at >= lexer->size)
        return ENGRAM_OK;
    const char c = peek(lexer, 0);
    engram_status status = ENGRAM_OK;
    if (is_letter(c)) {
        lex_word(out, lexer);
    } else if (is_digit(c) || (c == '.' && is_digit(peek(lexer, 1)))) {
        status = lex_number(out, lexer, err);
    } else if (c == '\n' || (c == ';' && !lexer->open)) {
        out->kind = EG_TOKEN_BREAK;
        lexer->at++;
    } else if (c == ';') {
        status = eg_diag_fail(err, ENGRAM_E_SYNTAX, lexer->text, lexer->at,
                              "';' inside parentheses, wanted ')'");
    } else {
        status = lex_symbol(out, lexer, err);
    }
    out->length = (uint32_t)lexer->at - out->offset;
    return status;
}
