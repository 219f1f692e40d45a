/* passes.h - fast mode: the same program with less work
 *
 *   bool     code that depends on scalars and one boolean of the element becomes
 *            select(b, value for true, value for false), both hoisted
 *   linear   sums are collected to sum(scalar * atom) + scalar, products to scalar * atom
 *   power    small integer exponents multiply; x / scalar multiplies by the reciprocal
 *   fma      a * b + c is rounded once, on every machine
 *   dead     what no store needs is dropped
 * Bounds and reasons: docs/numerics.md.
 */
#ifndef EG_IR_PASSES_H
#define EG_IR_PASSES_H

#include "ir/build.h"

/* Rewrite straight code held in `from` (all in part[0]) into `to`, an initialised fast
 * builder over the same arena. Only reachable code is kept. */
void eg_passes_run(eg_builder *to, const eg_builder *from);

#endif
