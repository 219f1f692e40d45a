/* strict.c - the oracle: every statement literally, this machine's libm, no contraction */
#include "exec/exec_private.h"
#include "ir/scalar_ops.h"

#include <string.h>

/* Brian2's definition (semantics 3.6). */
static double exprel(double x)
{
    if (fabs(x) < 1e-16)
        return 1.0;
    if (x > 717)
        return INFINITY;
    return expm1(x) / x;
}

#define EG_FN(f, x) f(x)
#define EG_FNF(name, x) name##f(x)
#define EG_FN2(f, x, y) f(x, y)
#define EG_FNF2(name, x, y) name##f(x, y)
#define EG_FMA(x, y, z) fma(x, y, z)
#define EG_INTERP_NAME eg_strict_run
#include "exec/interp_body.h"
