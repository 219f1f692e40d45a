/* program.h - one executable, lowered: small typed code that every back end runs
 *
 * How to read ir/:
 *   ops.def      the one table of operations (name, operand types, meaning); verifier,
 *                printer, parser, interpreters and docs/ir.md follow from it
 *   program.h    this: slots, registers, instructions
 *   lower        statements (text) -> program, under a dialect and a math mode
 *   passes       fast mode only: hoisting, boolean specialisation, linear collection,
 *                common subexpressions, fused multiply-add
 *   ir_text      program <-> text, for tests and `--dump`
 *   methods.def, derive   equations -> executables (statements) where an archive has no code
 *
 * A program has two parts. The scalar part runs once per execution, the vector part once
 * per element. Every element reads and writes through slots:
 *
 *   slot kind   what base[slot] points to                      element read at position p
 *   ARRAY       an array of the simulation                     index ELEMENT: array[idx]
 *                                                              index ZERO:    array[0]
 *                                                              index VIA s:   array[slot s
 * [idx]] OUTPUT      a buffer of the caller (_cond, _to_record_x)   buffer[p] TABLE values of a
 * TimedArray                         by time where idx is the element number at position p of
 * the run's index list.
 *
 * Element semantics (playback 5, strict): load all read names (index arrays first, then by
 * name), run the statements on locals, store written names by name. A guarded statement,
 * right-hand side included, is skipped where its guard's current local is false.
 */
#ifndef EG_IR_PROGRAM_H
#define EG_IR_PROGRAM_H

#include "common/arena.h"
#include "common/dtype.h"
#include "lang/sema.h"
#include "network/net.h"

typedef enum eg_math { EG_MATH_STRICT, EG_MATH_FAST } eg_math;

typedef enum eg_slot_kind {
    EG_SLOT_ARRAY,
    EG_SLOT_OUTPUT,
    EG_SLOT_TABLE,
    EG_SLOT_FUNCTION
} eg_slot_kind;
typedef enum eg_index_kind { EG_INDEX_ELEMENT, EG_INDEX_ZERO, EG_INDEX_VIA } eg_index_kind;

typedef struct eg_slot {
    const char *name; /* in the code */
    eg_slot_kind kind;
    eg_dtype dtype;       /* of the array in memory */
    const char *owner;    /* ARRAY: object that stores it; TABLE, FUNCTION: function name */
    const char *variable; /* ARRAY: its name there */
    eg_index_kind index;
    uint32_t via; /* VIA: slot of an int32 index array, itself read at idx */
    bool load, store;
    bool narrowed; /* an index array of int64: the frame holds an int32 copy of it */
} eg_slot;

/* A function of the host's: what the base of a FUNCTION slot points to. result[k] of
 * argument[0][k], argument[1][k] ... for k < count. Not 0: it failed. */
typedef struct eg_native {
    int (*call)(void *context, uint64_t count, const double *const *argument, double *result);
    void *context;
} eg_native;

typedef struct eg_program eg_program; /* instructions: ir/program_private.h of ir and exec */

typedef struct eg_lower_options {
    eg_dialect dialect;
    eg_math math;
    double dt; /* of the owner's clock, for TimedArray (semantics 7.4); 0: an event clock */
    const eg_function_list *functions; /* network functions: TimedArrays, BinomialFunctions */
    const eg_input_list *inputs;       /* network inputs: what a PoissonInput draws; or NULL */
    /* Custom functions that the host gives: they are called, whatever body they have. */
    const char *const *native;
    size_t native_count;
    /* Names that are free to be vectors of another object and never alias: none. */
} eg_lower_options;

/* Lower one executable. The program lives in `arena` and borrows nothing from `code`.
 * Errors: E_SYNTAX, E_REFERENCE, E_UNSUPPORTED with "<executable>, statement k:" before the
 * position in the statement's text; E_MEMORY. */
engram_status eg_lower(eg_program **out, eg_arena *arena, const eg_executable *code,
                       const eg_lower_options *options, engram_error *err);

uint32_t eg_program_slot_count(const eg_program *program);
const eg_slot *eg_program_slot(const eg_program *program, uint32_t slot);
/* Slot of a name; UINT32_MAX if the program has none. */
uint32_t eg_program_find_slot(const eg_program *program, const char *name);
/* Draws random numbers: its element order is observable. */
bool eg_program_draws(const eg_program *program);
/* Nothing to do: no statement. */
bool eg_program_empty(const eg_program *program);

/* Delivery: synapse code whose only effect is  target[post] += weight  (or -=), weight a
 * constant or a float64 variable of the synapse, not guarded. Such code may run row by row
 * (same order, same additions, so the same bits in both math modes). */
typedef struct eg_delivery {
    uint32_t target; /* slot: VIA an index array */
    uint32_t weight; /* slot: ELEMENT; UINT32_MAX: `constant` */
    double constant;
    bool subtract;
} eg_delivery;
bool eg_program_delivery(const eg_program *program, eg_delivery *out);

#endif
