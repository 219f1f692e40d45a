/* scalar_ops.h - integer and Python arithmetic that C lacks, for every back end
 *
 * Source of the rules: playback 3.4 and 4 (Cython's helpers, Python's float division).
 */
#ifndef EG_IR_SCALAR_OPS_H
#define EG_IR_SCALAR_OPS_H

#include <math.h>
#include <stdint.h>

/* The letters of ops.def: a C type, and the member of an eg_value that has it. */
#define EG_C_B uint8_t
#define EG_C_I int32_t
#define EG_C_L int64_t
#define EG_C_F float
#define EG_C_D double
#define EG_M_B b
#define EG_M_I i
#define EG_M_L l
#define EG_M_F f
#define EG_M_D d

static inline int64_t eg_floordiv_l(int64_t a, int64_t b)
{
    if (b == 0)
        return 0;
    if (b == -1) /* INT64_MIN / -1 traps on some machines */
        return (int64_t)(0 - (uint64_t)a);
    const int64_t q = a / b;
    return q - ((a % b != 0) & ((a < 0) != (b < 0)));
}

static inline int64_t eg_mod_l(int64_t a, int64_t b)
{
    if (b == 0 || b == -1)
        return 0;
    const int64_t r = a % b;
    return r + ((r != 0) & ((r ^ b) < 0)) * b;
}

static inline double eg_mod_d(double a, double b)
{
    const double r = fmod(a, b);
    return r + (double)((r != 0) & ((r < 0) ^ (b < 0))) * b;
}

static inline float eg_mod_f(float a, float b)
{
    const float r = fmodf(a, b);
    return r + (float)((r != 0) & ((r < 0) ^ (b < 0))) * b;
}

static inline double eg_pymod_d(double a, double b)
{
    const double r = fmod(a, b);
    if (r == 0)
        return copysign(0.0, b);
    return (r < 0) != (b < 0) ? r + b : r;
}

static inline double eg_pydiv_d(double a, double b)
{
    if (b == 0)
        return a / b; /* numpy's; where Python would raise, that is found out before */
    double r = fmod(a, b);
    double q = (a - r) / b;
    if (r != 0 && (r < 0) != (b < 0))
        q -= 1.0;
    if (q == 0)
        return copysign(0.0, a / b);
    r = floor(q);
    return q - r > 0.5 ? r + 1.0 : r;
}

static inline int64_t eg_ipow_l(int64_t a, int64_t b)
{
    if (b < 0)
        return 0;
    uint64_t result = 1, base = (uint64_t)a;
    for (uint64_t n = (uint64_t)b; n; n >>= 1, base *= base)
        if (n & 1)
            result *= base;
    return (int64_t)result;
}

static inline int32_t eg_d_to_i(double a)
{
    return a > -2147483649.0 && a < 2147483648.0 ? (int32_t)a : INT32_MIN;
}

static inline int64_t eg_d_to_l(double a)
{
    return a >= -9223372036854775808.0 && a < 9223372036854775808.0 ? (int64_t)a : INT64_MIN;
}

#endif
