/* fold.c - operations on literals, as the reference's compiler evaluates them
 *
 * gcc evaluates a library call on literals with MPFR, correctly rounded; glibc at run time
 * is not always (playback 3.2). Plain arithmetic is ordinary IEEE on both sides.
 */
#include "ir/program_private.h"
#include "ir/scalar_ops.h"

#include <mpfr.h>

enum { DOUBLE_BITS = 53, DOUBLE_EMIN = -1073, DOUBLE_EMAX = 1024 };
enum { FLOAT_BITS = 24, FLOAT_EMIN = -148, FLOAT_EMAX = 128 };

typedef int (*mpfr_function)(mpfr_t, const mpfr_t, mpfr_rnd_t);

/* Round to nearest, subnormals included: MPFR has no subnormals unless told the range. */
static double rounded(mpfr_t x, int ternary, bool single)
{
    const mpfr_exp_t emin = mpfr_get_emin(), emax = mpfr_get_emax();
    mpfr_set_emin(single ? FLOAT_EMIN : DOUBLE_EMIN);
    mpfr_set_emax(single ? FLOAT_EMAX : DOUBLE_EMAX);
    ternary = mpfr_check_range(x, ternary, MPFR_RNDN);
    mpfr_subnormalize(x, ternary, MPFR_RNDN);
    const double value = mpfr_get_d(x, MPFR_RNDN);
    mpfr_set_emin(emin);
    mpfr_set_emax(emax);
    return value;
}

static double call1(mpfr_function f, double a, bool single)
{
    mpfr_t x, y;
    mpfr_init2(x, DOUBLE_BITS);
    mpfr_init2(y, single ? FLOAT_BITS : DOUBLE_BITS);
    mpfr_set_d(x, a, MPFR_RNDN);
    const int ternary = f(y, x, MPFR_RNDN);
    const double value = rounded(y, ternary, single);
    mpfr_clear(x);
    mpfr_clear(y);
    return value;
}

static double call_pow(double a, double b, bool single)
{
    mpfr_t x, y, z;
    mpfr_init2(x, DOUBLE_BITS);
    mpfr_init2(y, DOUBLE_BITS);
    mpfr_init2(z, single ? FLOAT_BITS : DOUBLE_BITS);
    mpfr_set_d(x, a, MPFR_RNDN);
    mpfr_set_d(y, b, MPFR_RNDN);
    const int ternary = mpfr_pow(z, x, y, MPFR_RNDN);
    const double value = rounded(z, ternary, single);
    mpfr_clear(x);
    mpfr_clear(y);
    mpfr_clear(z);
    return value;
}

/* exprel is Brian2's own function: its expm1 is folded, its division is not special. */
static double call_exprel(double a)
{
    if (fabs(a) < 1e-16)
        return 1.0;
    if (a > 717)
        return INFINITY;
    return call1(mpfr_expm1, a, false) / a;
}

#define EG_FOLD_exp(x, s) call1(mpfr_exp, x, s)
#define EG_FOLD_expm1(x, s) call1(mpfr_expm1, x, s)
#define EG_FOLD_log(x, s) call1(mpfr_log, x, s)
#define EG_FOLD_log10(x, s) call1(mpfr_log10, x, s)
#define EG_FOLD_log1p(x, s) call1(mpfr_log1p, x, s)
#define EG_FOLD_sin(x, s) call1(mpfr_sin, x, s)
#define EG_FOLD_cos(x, s) call1(mpfr_cos, x, s)
#define EG_FOLD_tan(x, s) call1(mpfr_tan, x, s)
#define EG_FOLD_sinh(x, s) call1(mpfr_sinh, x, s)
#define EG_FOLD_cosh(x, s) call1(mpfr_cosh, x, s)
#define EG_FOLD_tanh(x, s) call1(mpfr_tanh, x, s)
#define EG_FOLD_asin(x, s) call1(mpfr_asin, x, s)
#define EG_FOLD_acos(x, s) call1(mpfr_acos, x, s)
#define EG_FOLD_atan(x, s) call1(mpfr_atan, x, s)
#define EG_FOLD_exprel(x, s) call_exprel(x)
#define EG_FN(f, x) EG_FOLD_##f(x, false)
#define EG_FNF(f, x) (float)EG_FOLD_##f((double)x, true)
#define EG_FN2(f, x, y) call_##f(x, y, false)
#define EG_FNF2(f, x, y) (float)call_##f((double)x, (double)y, true)
#define EG_FMA(x, y, z) fma(x, y, z)

#define EG_OP1(name, text, r, ta, value, doc)                                                  \
    case EG_I_##name: {                                                                        \
        const EG_C_##ta a = x.EG_M_##ta;                                                       \
        out.EG_M_##r = (EG_C_##r)(value);                                                      \
        break;                                                                                 \
    }
#define EG_OP2(name, text, r, ta, tb, value, doc)                                              \
    case EG_I_##name: {                                                                        \
        const EG_C_##ta a = x.EG_M_##ta;                                                       \
        const EG_C_##tb b = y.EG_M_##tb;                                                       \
        out.EG_M_##r = (EG_C_##r)(value);                                                      \
        break;                                                                                 \
    }
#define EG_OP3(name, text, r, ta, tb, tc, value, doc)                                          \
    case EG_I_##name: {                                                                        \
        const EG_C_##ta a = x.EG_M_##ta;                                                       \
        const EG_C_##tb b = y.EG_M_##tb;                                                       \
        const EG_C_##tc c = z.EG_M_##tc;                                                       \
        out.EG_M_##r = (EG_C_##r)(value);                                                      \
        break;                                                                                 \
    }
#define EG_OPX(name, text, r, operands, doc)

eg_value eg_op_fold(eg_opcode op, eg_value x, eg_value y, eg_value z)
{
    eg_value out = {.bits = 0};
    switch (op) {
#include "ir/ops.def"
    default:
        break;
    }
    return out;
}
