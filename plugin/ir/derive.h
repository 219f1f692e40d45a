/* derive.h - equations and rules -> what Brian2 would execute
 *
 * Where an archive has no `code` (a stock device.runs), every executable is derived from the
 * rules: state updaters through methods.def, thresholders, resets, pathways, summed
 * variables, monitors, with Brian2's names, slots and orders (semantics 2.2, 4, 5, 6.4, 7).
 * Afterwards there is one path through the engine: a list of statements.
 *
 * The `exact` method writes its step with the internal function
 *     _propagator(row, column, n, M00, M01, ..., M[n-1][n-1], B0, ..., B[n-1], dt)
 * which is A[row][column] for column < n and c[row] for column == n (exec/propagator.h), so
 * that v = _propagator(0,0,..)*v + _propagator(0,1,..)*w + _propagator(0,2,..). row, column and
 * n are integer literals. No other code may call it.
 */
#ifndef EG_IR_DERIVE_H
#define EG_IR_DERIVE_H

#include "network/net.h"

/* Fill net->document.code, and the `variables` tables of groups and synapses where they are
 * empty, from the rules. Everything new lives in net's arena. A net that has code is left
 * alone unless `from_rules`. Errors name object, line and reason: E_UNSUPPORTED (what cannot
 * be derived), E_SYNTAX, E_DIMENSION, E_REFERENCE, E_MEMORY. */
engram_status eg_derive_code(eg_net *net, bool from_rules, engram_error *err);

/* One piece of setup code: what an initialiser or a connect evaluates (semantics 6.2, 7.9). */
typedef struct eg_setup_code {
    const char *object; /* group or synapses in whose names it is written */
    const char *code;   /* abstract code */
    const char *output; /* name that goes to the caller; NULL: the code writes variables */
    eg_dtype output_type;
    const eg_setup *step; /* its constants and functions come before the object's */
    /* Initialisers of a slice [start, stop): i and N are relative to it; start 0, stop -1:
     * whole. */
    int64_t start, stop;
    const char *pathway; /* whose `delay` is meant; NULL: that of `pre` */
    /* Connects: i, j, `inner` and the index arrays _presynaptic_idx, _postsynaptic_idx are
     * int32 arrays of owner EG_CONNECT_OWNER, with one element; synaptic variables have no
     * meaning. */
    bool connecting;
    const char *inner; /* name of the inner variable, NULL: none */
} eg_setup_code;

#define EG_CONNECT_OWNER "_connect"

/* An executable that lives in `arena`; errors as above, named by `where`. */
engram_status eg_derive_setup(eg_executable *out, const eg_net *net, eg_arena *arena,
                              const eg_setup_code *request, const char *where,
                              engram_error *err);

#endif
