#include "lang/ast.h"

#include "common/buf.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Precedence of what a node prints as, loose to tight. */
enum {
    LEVEL_OR,
    LEVEL_AND,
    LEVEL_NOT,
    LEVEL_COMPARE,
    LEVEL_SUM,
    LEVEL_PRODUCT,
    LEVEL_SIGN,
    LEVEL_POWER,
    LEVEL_ATOM
};

static int level(const eg_expr *expr)
{
    switch (expr->op) {
    case EG_OP_OR:
        return LEVEL_OR;
    case EG_OP_AND:
        return LEVEL_AND;
    case EG_OP_NOT:
        return LEVEL_NOT;
    case EG_OP_LT:
    case EG_OP_LE:
    case EG_OP_GT:
    case EG_OP_GE:
    case EG_OP_EQ:
    case EG_OP_NE:
        return LEVEL_COMPARE;
    case EG_OP_ADD:
    case EG_OP_SUB:
        return LEVEL_SUM;
    case EG_OP_MUL:
    case EG_OP_DIV:
    case EG_OP_FLOORDIV:
    case EG_OP_MOD:
        return LEVEL_PRODUCT;
    case EG_OP_NEG:
    case EG_OP_POS:
        return LEVEL_SIGN;
    case EG_OP_POW:
        return LEVEL_POWER;
    case EG_OP_NONE:
        break;
    }
    return LEVEL_ATOM;
}

static const char *spelling(eg_expr_op op)
{
    static const char *const text[] = {
        [EG_OP_NONE] = "",    [EG_OP_NEG] = "-",   [EG_OP_POS] = "+",
        [EG_OP_NOT] = "not ", [EG_OP_ADD] = " + ", [EG_OP_SUB] = " - ",
        [EG_OP_MUL] = "*",    [EG_OP_DIV] = "/",   [EG_OP_FLOORDIV] = "//",
        [EG_OP_MOD] = " % ",  [EG_OP_POW] = "**",  [EG_OP_LT] = " < ",
        [EG_OP_LE] = " <= ",  [EG_OP_GT] = " > ",  [EG_OP_GE] = " >= ",
        [EG_OP_EQ] = " == ",  [EG_OP_NE] = " != ", [EG_OP_AND] = " and ",
        [EG_OP_OR] = " or "};
    return text[op];
}

/* Shortest decimal that reads back, laid out as Python's repr does. printf is asked for
 * digits only: its decimal point is the host locale's and is skipped. */
static void print_float(eg_buf *buf, double value)
{
    char raw[64], digit[24];
    int count = 0, exponent = 0;
    for (int precision = 14; precision <= 16; precision++) {
        snprintf(raw, sizeof raw, "%.*e", precision, value);
        count = 0;
        const char *c = raw;
        for (; *c && *c != 'e'; c++)
            if (*c >= '0' && *c <= '9' && count < 20)
                digit[count++] = *c;
        exponent = *c == 'e' ? (int)strtol(c + 1, NULL, 10) : 0;
        digit[count] = '\0';
        snprintf(raw, sizeof raw, "%se%d", digit, exponent - (count - 1));
        if (strtod(raw, NULL) == value)
            break;
    }
    while (count > 1 && digit[count - 1] == '0')
        count--;
    digit[count] = '\0';
    if (exponent < -4 || exponent >= 16) {
        eg_buf_printf(buf, "%c%s%se%s%02d", digit[0], count > 1 ? "." : "", digit + 1,
                      exponent < 0 ? "-" : "+", abs(exponent));
    } else if (exponent < 0) {
        eg_buf_printf(buf, "0.%.*s%s", -exponent - 1, "0000", digit);
    } else if (count <= exponent + 1) {
        eg_buf_printf(buf, "%s%.*s.0", digit, exponent + 1 - count, "0000000000000000");
    } else {
        eg_buf_printf(buf, "%.*s.%s", exponent + 1, digit, digit + exponent + 1);
    }
}

static void print(eg_buf *buf, const eg_expr *expr);

/* As an operand that must bind at least as tightly as `least`. */
static void print_operand(eg_buf *buf, const eg_expr *expr, int least)
{
    const bool wrap = level(expr) < least;
    eg_buf_text(buf, wrap ? "(" : "");
    print(buf, expr);
    eg_buf_text(buf, wrap ? ")" : "");
}

static void print_binary(eg_buf *buf, const eg_expr *expr)
{
    const int own = level(expr);
    int left = own, right = own + 1;
    if (expr->kind == EG_EXPR_COMPARE)
        left = own + 1; /* a comparison is never chained */
    if (expr->op == EG_OP_POW) {
        left = LEVEL_ATOM;
        right = LEVEL_SIGN; /* right-associative; 2**-x needs no parentheses */
    }
    print_operand(buf, expr->arg[0], left);
    eg_buf_text(buf, spelling(expr->op));
    print_operand(buf, expr->arg[1], right);
}

static void print(eg_buf *buf, const eg_expr *expr)
{
    switch (expr->kind) {
    case EG_EXPR_INT:
        eg_buf_printf(buf, "%" PRId64, expr->integer);
        return;
    case EG_EXPR_FLOAT:
        print_float(buf, expr->number);
        return;
    case EG_EXPR_BOOL:
        eg_buf_text(buf, expr->integer ? "True" : "False");
        return;
    case EG_EXPR_NAME:
        eg_buf_text(buf, expr->name);
        return;
    case EG_EXPR_UNARY:
        eg_buf_text(buf, spelling(expr->op));
        print_operand(buf, expr->arg[0], level(expr));
        return;
    case EG_EXPR_BINARY:
    case EG_EXPR_COMPARE:
    case EG_EXPR_LOGIC:
        print_binary(buf, expr);
        return;
    case EG_EXPR_CALL:
        eg_buf_text(buf, expr->name);
        eg_buf_text(buf, "(");
        for (uint32_t k = 0; k < expr->arg_count; k++) {
            eg_buf_text(buf, k ? ", " : "");
            print(buf, expr->arg[k]);
        }
        eg_buf_text(buf, ")");
        return;
    }
}

char *eg_expr_print(eg_arena *arena, const eg_expr *expr)
{
    eg_buf buf;
    eg_buf_init(&buf, eg_arena_allocator(arena));
    print(&buf, expr);
    char *text = buf.failed || !buf.data ? NULL : eg_arena_strndup(arena, buf.data, buf.size);
    eg_buf_clear(&buf);
    return text;
}
