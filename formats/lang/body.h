/* body.h - a custom function of a model: its signature, and its body in Engram's language
 *
 * A body is code (ast.h) over the function's parameters: assignments, each name once, the last
 * one to EG_BODY_RESULT. It knows its parameters, what it assigned, constants, units and the
 * default functions that draw nothing; and where(condition, a, b), which equations lack. It
 * calls no other function of the model, so it cannot come back to itself.
 *
 *     sigmoid(v):  x = (v - 0.01*volt)/(0.002*volt)
 *                  _result = 1/(1 + exp(-x))
 *
 * Its arithmetic is that of Python and numpy, whatever the dialect (docs/language.md).
 */
#ifndef EG_LANG_BODY_H
#define EG_LANG_BODY_H

#include "lang/sema.h"

#define EG_BODY_RESULT "_result"
enum {
    EG_BODY_ARGUMENTS_MAX = 64,
    EG_BODY_STATEMENTS_MAX = 500,
    EG_BODY_TEXT_MAX = 60000,
    EG_BODY_JUDGED_MAX = 10000 /* calls whose dimension the body has to give */
};

typedef enum eg_unit_kind {
    EG_UNIT_ANY,  /* "", "?": any dimension; of a result: what its body says */
    EG_UNIT_BOOL, /* "bool" */
    EG_UNIT_LIKE, /* "=name": that of argument `like` */
    EG_UNIT_DIM   /* `dim` */
} eg_unit_kind;

typedef struct eg_unit_wanted {
    eg_unit_kind kind;
    eg_dim dim;
    uint32_t like;
} eg_unit_wanted;

struct eg_signature {
    const char *name;
    uint32_t count;
    const char *const *parameter;   /* [count] names in the body */
    const eg_unit_wanted *argument; /* [count] */
    eg_unit_wanted result;
    eg_dtype type;        /* of the result: BOOL, I64 or F64 (also where it is the highest) */
    bool highest;         /* the result has the type that the body gives it */
    struct eg_body *body; /* NULL: none, the caller gives the function */
};

typedef struct eg_body {
    const char *text;
    eg_assign_list code;
    eg_symbol *local; /* [code.count] room for the checks below */
    size_t judged;    /* calls so far */
} eg_body;

/* What a document says of a function; texts as in schema.def. `parameter` may be empty where
 * there is no body. */
typedef struct eg_function_texts {
    const char *name, *body, *result, *type;
    const char *const *parameter, *const *argument;
    size_t parameters, arguments;
} eg_function_texts;

/* Signature and body of a function; all in `arena`. Errors say what is wrong with the function,
 * with line and column where it is in the body: E_SYNTAX, E_REFERENCE (unknown names, calls of
 * other functions), E_DIMENSION (a unit is none), E_LIMIT, E_SCHEMA (names and units do not fit
 * each other), E_MEMORY. */
engram_status eg_signature_read(const eg_signature **out, eg_arena *arena,
                                const eg_function_texts *texts, engram_error *err);

/* Dimension of the result for arguments of these dimensions ([count]), by the body; zero and
 * infinity have any dimension there, as in Brian2's quantities. E_DIMENSION with the place in
 * the body. */
engram_status eg_body_dim(eg_dim *out, const eg_signature *signature, const eg_dim *dim,
                          engram_error *err);
/* The body by itself: types, and where all units are declared the dimensions, those of the
 * result too. E_SYNTAX, E_DIMENSION with the place in the body. */
engram_status eg_body_check(const eg_signature *signature, engram_error *err);

#endif
