/* sema.h - what names mean, which type and dimension each expression has
 *
 * Types follow the dialect (semantics 3.3, 3.4; playback 4): under brian2-runtime Cython's
 * rules, under brian2-standalone C++'s. Dimensions follow Brian2's check_units
 * (parsing/rendering.py, units): + - comparisons need equal dimensions, functions declare
 * theirs, exponents are dimensionless constants unless the base is dimensionless.
 */
#ifndef EG_LANG_SEMA_H
#define EG_LANG_SEMA_H

#include "lang/ast.h"

typedef enum eg_dialect { EG_DIALECT_RUNTIME, EG_DIALECT_STANDALONE } eg_dialect;

bool eg_dialect_parse(eg_dialect *out, const char *name);

/* A default function (semantics 3.6): one table for typing, dimensions and lowering. */
typedef enum eg_function_result {
    EG_RESULT_FLOAT,   /* float64 (float32 of a float32 argument, playback 4) */
    EG_RESULT_INT,     /* int32: int, poisson, sign (0 < x) - (x < 0) */
    EG_RESULT_INT64,   /* timestep */
    EG_RESULT_HIGHEST, /* of the first argument, bool as int32: abs, clip */
    EG_RESULT_F64,     /* float64 always: exprel, rand, TimedArray */
    EG_RESULT_WIDEST   /* of the second and third argument: where */
} eg_function_result;

typedef enum eg_function_dims {
    EG_DIMS_NONE,     /* dimensionless in and out: exp, sin, int ... */
    EG_DIMS_KEEP,     /* result as first argument: abs, ceil, floor, clip */
    EG_DIMS_SQRT,     /* power 0.5 of the argument */
    EG_DIMS_SIGN,     /* any in, none out: sign */
    EG_DIMS_TIMESTEP, /* two times in, none out */
    EG_DIMS_WHERE     /* none, then two equal ones: that of these */
} eg_function_dims;

typedef struct eg_function_info {
    const char *name; /* as written in models, e.g. "arcsin" */
    uint32_t args;    /* visible arguments */
    eg_function_result result;
    eg_function_dims dims;
    bool stateful; /* rand, randn, poisson */
} eg_function_info;

/* Function by name; NULL if it is none of the default ones. */
const eg_function_info *eg_function_find(const char *name);

/* The same for the bodies of functions (body.h), which know `where` in addition. */
const eg_function_info *eg_function_find_in_body(const char *name);

enum { EG_ARGS_ANY = 0xffff };

typedef struct eg_signature eg_signature; /* body.h */

/* What a name stands for, asked of the caller. */
typedef struct eg_symbol {
    eg_dtype type;
    eg_dim dim;
    bool is_function; /* a TimedArray: result `type`, `dim`, `args` arguments */
    uint32_t args;    /* EG_ARGS_ANY: any number, dimensions of arguments not checked */
    bool stateful;    /* a function that draws random numbers */
    bool has_value;   /* a constant whose value is known: exponents need it */
    double value;
    bool scalar;                   /* same value for every element */
    const eg_signature *signature; /* a custom function: its arguments; else NULL */
} eg_symbol;

/* Returns false if the name is unknown. Units, constants and default functions need not be
 * answered: sema falls back to their tables after a false. */
typedef bool (*eg_lookup)(void *context, const char *name, eg_symbol *symbol);

typedef struct eg_scope {
    eg_lookup lookup;
    void *context;
    eg_dialect dialect;
    bool body; /* of a function: `where` is there, 0 and inf have any dimension */
} eg_scope;

/* Write `type`, the static result type, into every node:
 *   integer literal  int32 if it fits, else int64. Cython types it long but emits a plain C
 *                    literal, so k*2 with an int32 k wraps at 32 bits (playback 4)
 *   + - * // % and **  widest operand, bool as int32; ** under C++ is float64
 *   /                two non-floats: float64 under Cython, float32 under C++ (1.0f*a/b)
 *   abs(integer)     the integer type; that Cython computes on with Python objects above it
 *                    is for the lowering to imitate, as is a literal beside a float32 (static
 *                    type float32, arithmetic in double)
 * Errors with position in `text`: E_REFERENCE (unknown name
 * or function), E_SYNTAX (wrong number of arguments, boolean operator on a number). */
engram_status eg_sema_types(eg_expr *expr, const eg_scope *scope, const char *text,
                            engram_error *err);

/* Dimension of an expression. E_DIMENSION with position in `text`: both dimensions are
 * named ("volt" and "ampere" cannot be added). E_REFERENCE as above. */
engram_status eg_sema_dim(eg_dim *out, const eg_expr *expr, const eg_scope *scope,
                          const char *text, engram_error *err);

/* One statement by Brian2's check_units_statements: = += -= want the variable's dimension,
 * *= /= a dimensionless right side. *out is the variable's dimension; where the scope's lookup
 * does not know the variable, `=` makes a temporary with the dimension of its expression.
 * E_DIMENSION, E_REFERENCE (op= on an unknown name). */
engram_status eg_sema_check_assign(eg_dim *out, const eg_assign *assign, const eg_scope *scope,
                                   const char *text, engram_error *err);

/* Whether an expression has the same value for every element: no vector name in it, no
 * stateful call. */
bool eg_sema_scalar(const eg_expr *expr, const eg_scope *scope);

#endif
