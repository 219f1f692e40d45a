/* vmath.h - the vm's own functions: branch-free, so that loops over them vectorise
 *
 * Exact steps and fma() only: the same bits whatever the vector width. Bounds (tested
 * against MPFR): exp 1.1 ulp, expm1 and exprel 2.5, log 1.1, tanh 3. The rest is SLEEF's
 * deterministic family (cinz: same bits with and without vectors and FMA, 1.0 ulp).
 */
#ifndef EG_EXEC_VMATH_H
#define EG_EXEC_VMATH_H

#include <math.h>
#include <sleef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t v_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double v_double(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* 1.5 * 2**52: adding it rounds to an integer, which the low bits then hold. */
#define V_MAGIC 0x1.8p52
#define V_LOG2E 0x1.71547652b82fep0
#define V_LN2_HI 0x1.62e42fefa39efp-1
#define V_LN2_LO 0x1.abc9e3b39803fp-56

/* (exp(r) - 1 - r) / r**2 on |r| <= ln(2)/2, Chebyshev fit, error 1.1e-16. */
static inline double v_exp_tail(double r)
{
    double q = 0x1.af38a9b0ec855p-26;
    q = fma(q, r, 0x1.289185613a3d6p-22);
    q = fma(q, r, 0x1.71de0dae63bb3p-19);
    q = fma(q, r, 0x1.a019b90d2ae7ap-16);
    q = fma(q, r, 0x1.a01a01a7c41d5p-13);
    q = fma(q, r, 0x1.6c16c1788bd90p-10);
    q = fma(q, r, 0x1.11111111109b3p-7);
    q = fma(q, r, 0x1.5555555553d63p-5);
    q = fma(q, r, 0x1.5555555555556p-3);
    return fma(q, r, 0x1.0000000000001p-1);
}

/* 2**k for the integer k held by `shifted` = k + V_MAGIC. */
static inline double v_scale(double shifted)
{
    return v_double((v_bits(shifted) + 1023) << 52);
}

static inline double eg_v_exp(double x)
{
    x = x > 710.0 ? 710.0 : x;
    x = x < -746.0 ? -746.0 : x;
    const double k = fma(x, V_LOG2E, V_MAGIC) - V_MAGIC;
    const double r = fma(-k, V_LN2_LO, fma(-k, V_LN2_HI, x));
    const double y = fma(r * r, v_exp_tail(r), r);
    const double half = fma(k, 0.5, V_MAGIC); /* two factors reach the subnormals */
    const double first = v_scale(half), second = v_scale((k - (half - V_MAGIC)) + V_MAGIC);
    return fma(y, first, first) * second;
}

static inline double eg_v_expm1(double x)
{
    const double at = x;
    x = x > 710.0 ? 710.0 : x;
    x = x < -60.0 ? -60.0 : x;
    const double k = fma(x, V_LOG2E, V_MAGIC) - V_MAGIC;
    const double r = fma(-k, V_LN2_LO, fma(-k, V_LN2_HI, x));
    const double y = fma(r * r, v_exp_tail(r), r);
    const double half = v_scale((k - 1.0) + V_MAGIC); /* 2**(k-1): 2**1024 is none */
    const double e = 2.0 * fma(half, y, half - 0.5);
    return fabs(at) < 1e-300 ? at : e;
}

static inline double eg_v_exprel(double x)
{
    const double e = eg_v_expm1(x) / x;
    const double bounded = x > 717.0 ? (double)INFINITY : e;
    return fabs(x) < 1e-16 ? 1.0 : bounded;
}

/* As fdlibm's e_log.c: x = 2**k * m, m in [sqrt(1/2), sqrt(2)), s = (m-1)/(m+1). */
static inline double eg_v_log(double x)
{
    const int tiny = x < 0x1p-1022;
    const double scaled = tiny ? x * 0x1p54 : x;
    const double shift = tiny ? 54.0 : 0.0;
    const uint64_t u = v_bits(scaled) + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);
    const double k = v_double((u >> 52) | 0x4330000000000000u) - (0x1p52 + 1023.0) - shift;
    const double m = v_double((u & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu);
    const double f = m - 1.0, s = f / (2.0 + f), z = s * s;
    double p = 1.479819860511658591e-01;
    p = fma(p, z, 1.531383769920937332e-01);
    p = fma(p, z, 1.818357216161805012e-01);
    p = fma(p, z, 2.222219843214978396e-01);
    p = fma(p, z, 2.857142874366239149e-01);
    p = fma(p, z, 3.999999999940941908e-01);
    p = fma(p, z, 6.666666666666735130e-01);
    const double half = 0.5 * f * f, tail = s * fma(z, p, half);
    const double low = fma(k, 1.90821492927058770002e-10, tail);
    const double y = fma(k, 6.93147180369123816490e-01, f - (half - low));
    const double finite = x == 0 ? -(double)INFINITY : y;
    const double real = x < 0 ? (double)NAN : finite;
    return x < (double)INFINITY ? real : x; /* inf and NaN are themselves */
}

static inline double eg_v_tanh(double x)
{
    const double a = fabs(x);
    const double t = eg_v_expm1(2.0 * (a > 22.0 ? 22.0 : a));
    return copysign(a > 22.0 ? 1.0 : t / (t + 2.0), x);
}

#define V_SLEEF1(name, f)                                                                      \
    static inline double eg_v_##name(double x)                                                 \
    {                                                                                          \
        return Sleef_cinz_##f##d1_u10purec(x);                                                 \
    }
V_SLEEF1(sin, sin)
V_SLEEF1(cos, cos)
V_SLEEF1(tan, tan)
V_SLEEF1(sinh, sinh)
V_SLEEF1(cosh, cosh)
V_SLEEF1(asin, asin)
V_SLEEF1(acos, acos)
V_SLEEF1(atan, atan)
V_SLEEF1(log10, log10)
V_SLEEF1(log1p, log1p)
#undef V_SLEEF1

static inline double eg_v_pow(double x, double y)
{
    return Sleef_cinz_powd1_u10purec(x, y);
}

/* Vectors of SLEEF by instruction set. */
#if defined(__AVX__)
#include <immintrin.h>
/* AVX-512 too takes four lanes: SLEEF's eight-lane logarithms split the exponent otherwise
 * and so differ in the last bit. */
#define EG_V_LANES 4
#define EG_V_LOAD(p) _mm256_loadu_pd(p)
#define EG_V_STORE(p, v) _mm256_storeu_pd(p, v)
#define EG_V_SLEEF(f) Sleef_cinz_##f##d4_u10avx
#elif defined(__SSE2__)
#include <emmintrin.h>
#define EG_V_LANES 2
#define EG_V_LOAD(p) _mm_loadu_pd(p)
#define EG_V_STORE(p, v) _mm_storeu_pd(p, v)
#define EG_V_SLEEF(f) Sleef_cinz_##f##d2_u10sse2
#else
#define EG_V_LANES 1
#endif

#endif
