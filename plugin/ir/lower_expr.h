/* lower_expr.h - one expression -> instructions, under a dialect's typing rules
 *
 * A value carries two types (playback 4): `type`, what Cython believes, decides casts and
 * temporaries; the register's own type is what the emitted C computes in. Under the
 * standalone dialect both are the same.
 */
#ifndef EG_IR_LOWER_EXPR_H
#define EG_IR_LOWER_EXPR_H

#include "ir/build.h"
#include "lang/body.h"

typedef struct eg_operand {
    int32_t reg;
    eg_dtype type; /* static type */
    bool literal;  /* written as a literal, or an integer tree of them */
    bool known;    /* the reference's compiler knows its value: folds */
    bool name;     /* a bare name: never put in a temporary */
    bool object;   /* a Python object: abs() of an integer and what is above it */
    bool steps;    /* timestep(u, dt): `u`, `dt` are its arguments */
    int32_t u, dt;
} eg_operand;

typedef struct eg_table_use {
    uint32_t slot;
    uint32_t ndim;
    double epsilon, k;
    int32_t last, columns;
} eg_table_use;

/* A BinomialFunction with the constants that Brian2 prints into its code. */
typedef struct eg_binomial_use {
    bool normal;
    double loc, scale;         /* normal */
    double n, p, q, qn, bound; /* by inversion */
    bool reverse;
} eg_binomial_use;

typedef struct eg_inlined eg_inlined; /* lower_body.c */

typedef struct eg_lowering {
    eg_builder build;
    eg_dialect dialect;
    bool fast; /* straight code: no branches, no checks */
    /* More than one call of exprel in the code: the reference's compiler then leaves the
     * function whole, and what it does to a literal argument is done at run time. */
    bool exprel_whole;
    const char *text; /* of the expression, for errors */
    engram_error *err;
    /* A name that is no default function; fills *out or fails with E_REFERENCE. */
    engram_status (*name)(void *context, const char *name, eg_operand *out);
    /* A TimedArray by name; false if there is none. */
    bool (*table)(void *context, const char *name, eg_table_use *out);
    /* A BinomialFunction by name; false if there is none. */
    bool (*binomial)(void *context, const char *name, eg_binomial_use *out);
    /* A custom function by name; NULL if there is none that is sound. */
    const eg_signature *(*custom)(void *context, const char *name);
    /* The slot of a custom function that the host gives; false if it gives none. */
    bool (*native)(void *context, const char *name, uint32_t *slot);
    void *context;
    eg_inlined *inlined; /* the call whose body is being lowered; NULL: none */
} eg_lowering;

engram_status eg_lower_expr(eg_operand *out, eg_lowering *l, const eg_expr *expr);
/* a OP b for `x op= e`. */
engram_status eg_lower_binary(eg_operand *out, eg_lowering *l, eg_expr_op op, eg_operand a,
                              eg_operand b, const eg_expr *at);
/* A pure operation; folded if its operands are known. */
eg_operand eg_lower_pure(eg_lowering *l, eg_opcode op, eg_operand a, eg_operand b,
                         eg_operand c);
/* Convert to a register type, folding what is known. */
eg_operand eg_lower_to(eg_lowering *l, eg_operand a, eg_dtype type);
/* The draw of a BinomialFunction, with its constants as operands; never shared. */
eg_operand eg_lower_draw_binomial(eg_lowering *l, const eg_binomial_use *use);
/* lower_body.c: a call of a custom function with a body. The others only while one is being
 * lowered: what a name means there; operators that have a meaning of their own there, false
 * for the rest; where(). */
engram_status eg_lower_inlined(eg_operand *out, eg_lowering *l, const eg_expr *call,
                               const eg_signature *signature);
engram_status eg_lower_inlined_name(eg_operand *out, eg_lowering *l, const char *name);
bool eg_lower_inlined_binary(eg_operand *out, eg_lowering *l, eg_expr_op op, eg_operand a,
                             eg_operand b);
eg_operand eg_lower_where(eg_lowering *l, eg_operand condition, eg_operand a, eg_operand b);
/* The register type of a storage type. */
eg_dtype eg_reg_type(eg_dtype storage);
/* A call of a function of the host's, in slot `slot` of the program. */
engram_status eg_lower_native(eg_operand *out, eg_lowering *l, const eg_expr *call,
                              const eg_signature *signature, uint32_t slot);

#endif
