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
 * that v = _propagator(0,0,..)*v + _propagator(0,1,..)*w + _propagator(0,2,..). row, column and n are
 * integer literals. No other code may call it.
 */
#ifndef EG_IR_DERIVE_H
#define EG_IR_DERIVE_H

#include "network/net.h"

/* Fill net->document.code, and the `variables` tables of groups and synapses where they are
 * empty, from the rules. Everything new lives in net's arena. A net that has code is left
 * alone unless `from_rules`. Errors name object, line and reason: E_UNSUPPORTED (what cannot
 * be derived), E_SYNTAX, E_DIMENSION, E_REFERENCE, E_MEMORY. */
engram_status eg_derive_code(eg_net *net, bool from_rules, engram_error *err);

#endif
