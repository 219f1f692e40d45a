/* libm.h - the functions of ops.def by this machine's libm: strict mode */
#ifndef EG_EXEC_LIBM_H
#define EG_EXEC_LIBM_H

#include <math.h>

/* Brian2's definition (semantics 3.6). */
static inline double eg_libm_exprel(double x)
{
    if (fabs(x) < 1e-16)
        return 1.0;
    if (x > 717)
        return INFINITY;
    return expm1(x) / x;
}

#define exprel eg_libm_exprel
#define EG_FN(f, x) f(x)
#define EG_FNF(name, x) name##f(x)
#define EG_FN2(f, x, y) f(x, y)
#define EG_FNF2(name, x, y) name##f(x, y)
#define EG_FMA(x, y, z) fma(x, y, z)

#endif
