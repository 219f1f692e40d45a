/* kernels_body.h - the kernels, compiled once per instruction set (see kernels.h) */
#include "exec/kernels/kernels.h"
#include "exec/kernels/vmath.h"
#include "ir/scalar_ops.h"

#include <string.h>

#define EG_FN(f, x) eg_v_##f(x)
#define EG_FNF(f, x) (float)eg_v_##f((double)(x))
#define EG_FN2(f, x, y) eg_v_##f(x, y)
#define EG_FNF2(f, x, y) (float)eg_v_##f((double)(x), (double)(y))
#define EG_FMA(x, y, z) fma(x, y, z)

bool EG_KERNEL_RUN(eg_interp *x, const eg_code_part *code, const int32_t *index, uint64_t first,
                   uint64_t count, uint64_t position);
#define EG_INTERP_NAME EG_KERNEL_RUN
#include "exec/interp_body.h"

/* The output may be one of the inputs, at the same index: no dependence between turns. */
#if defined(__clang__)
#define EG_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define EG_INDEPENDENT _Pragma("GCC ivdep")
#else
#define EG_INDEPENDENT
#endif

/* `at_x` is k for a vector operand, 0 for a scalar one: constant after inlining. */
#define EG_LOOP1(name, suffix, r, ta, at_a, value)                                             \
    static void k_##name##suffix(void *out, const void *pa, const void *pb, const void *pc,    \
                                 size_t n)                                                     \
    {                                                                                          \
        EG_C_##r *const o = out;                                                               \
        const EG_C_##ta *const xa = pa;                                                        \
        (void)pb;                                                                              \
        (void)pc;                                                                              \
        EG_INDEPENDENT for (size_t k = 0; k < n; k++)                                          \
        {                                                                                      \
            const EG_C_##ta a = xa[at_a];                                                      \
            o[k] = (EG_C_##r)(value);                                                          \
        }                                                                                      \
    }
#define EG_LOOP2(name, suffix, r, ta, tb, at_a, at_b, value)                                   \
    static void k_##name##suffix(void *out, const void *pa, const void *pb, const void *pc,    \
                                 size_t n)                                                     \
    {                                                                                          \
        EG_C_##r *const o = out;                                                               \
        const EG_C_##ta *const xa = pa, a0 = *xa;                                              \
        const EG_C_##tb *const xb = pb, b0 = *xb;                                              \
        (void)pc;                                                                              \
        (void)a0;                                                                              \
        (void)b0;                                                                              \
        EG_INDEPENDENT for (size_t k = 0; k < n; k++)                                          \
        {                                                                                      \
            const EG_C_##ta a = at_a;                                                          \
            const EG_C_##tb b = at_b;                                                          \
            o[k] = (EG_C_##r)(value);                                                          \
        }                                                                                      \
    }
#define EG_LOOP3(name, suffix, r, ta, tb, tc, at_a, at_b, at_c, value)                         \
    static void k_##name##suffix(void *out, const void *pa, const void *pb, const void *pc,    \
                                 size_t n)                                                     \
    {                                                                                          \
        EG_C_##r *const o = out;                                                               \
        const EG_C_##ta *const xa = pa, a0 = *xa;                                              \
        const EG_C_##tb *const xb = pb, b0 = *xb;                                              \
        const EG_C_##tc *const xc = pc, c0 = *xc;                                              \
        (void)a0;                                                                              \
        (void)b0;                                                                              \
        (void)c0;                                                                              \
        EG_INDEPENDENT for (size_t k = 0; k < n; k++)                                          \
        {                                                                                      \
            const EG_C_##ta a = at_a;                                                          \
            const EG_C_##tb b = at_b;                                                          \
            const EG_C_##tc c = at_c;                                                          \
            o[k] = (EG_C_##r)(value);                                                          \
        }                                                                                      \
    }

#define EG_OP1(name, text, r, ta, value, doc) EG_LOOP1(name, _0, r, ta, k, value)
#define EG_OP2(name, text, r, ta, tb, value, doc)                                              \
    EG_LOOP2(name, _0, r, ta, tb, xa[k], xb[k], value)                                         \
    EG_LOOP2(name, _1, r, ta, tb, a0, xb[k], value)                                            \
    EG_LOOP2(name, _2, r, ta, tb, xa[k], b0, value)
#define EG_OP3(name, text, r, ta, tb, tc, value, doc)                                          \
    EG_LOOP3(name, _0, r, ta, tb, tc, xa[k], xb[k], xc[k], value)                              \
    EG_LOOP3(name, _1, r, ta, tb, tc, a0, xb[k], xc[k], value)                                 \
    EG_LOOP3(name, _2, r, ta, tb, tc, xa[k], b0, xc[k], value)                                 \
    EG_LOOP3(name, _3, r, ta, tb, tc, a0, b0, xc[k], value)                                    \
    EG_LOOP3(name, _4, r, ta, tb, tc, xa[k], xb[k], c0, value)                                 \
    EG_LOOP3(name, _5, r, ta, tb, tc, a0, xb[k], c0, value)                                    \
    EG_LOOP3(name, _6, r, ta, tb, tc, xa[k], b0, c0, value)
#define EG_OPX(name, text, r, operands, doc)
#include "ir/ops.def"
#undef EG_OP1
#undef EG_OP2
#undef EG_OP3

/* ---- SLEEF by vectors: the deterministic family gives its scalar form's bits ------------ */

#if EG_V_LANES > 1
#define EG_SLEEF1(op, f)                                                                       \
    static void s_##op(void *out, const void *pa, const void *pb, const void *pc, size_t n)    \
    {                                                                                          \
        double *const o = out;                                                                 \
        const double *const a = pa;                                                            \
        size_t k = 0;                                                                          \
        (void)pb;                                                                              \
        (void)pc;                                                                              \
        for (; k + EG_V_LANES <= n; k += EG_V_LANES)                                           \
            EG_V_STORE(o + k, EG_V_SLEEF(f)(EG_V_LOAD(a + k)));                                \
        for (; k < n; k++)                                                                     \
            o[k] = Sleef_cinz_##f##d1_u10purec(a[k]);                                          \
    }
EG_SLEEF1(sin, sin)
EG_SLEEF1(cos, cos)
EG_SLEEF1(tan, tan)
EG_SLEEF1(sinh, sinh)
EG_SLEEF1(cosh, cosh)
EG_SLEEF1(asin, asin)
EG_SLEEF1(acos, acos)
EG_SLEEF1(atan, atan)
EG_SLEEF1(log10, log10)
EG_SLEEF1(log1p, log1p)

static void pow_loop(double *o, const double *a, const double *b, size_t step_a, size_t step_b,
                     size_t n)
{
    double left[EG_V_LANES], right[EG_V_LANES];
    size_t k = 0;
    for (; k + EG_V_LANES <= n; k += EG_V_LANES) {
        for (size_t j = 0; j < EG_V_LANES; j++) {
            left[j] = a[(k + j) * step_a];
            right[j] = b[(k + j) * step_b];
        }
        EG_V_STORE(o + k, EG_V_SLEEF(pow)(EG_V_LOAD(left), EG_V_LOAD(right)));
    }
    for (; k < n; k++)
        o[k] = eg_v_pow(a[k * step_a], b[k * step_b]);
}

static void s_pow_0(void *out, const void *a, const void *b, const void *c, size_t n)
{
    (void)c;
    pow_loop(out, a, b, 1, 1, n);
}

static void s_pow_1(void *out, const void *a, const void *b, const void *c, size_t n)
{
    (void)c;
    pow_loop(out, a, b, 0, 1, n);
}

static void s_pow_2(void *out, const void *a, const void *b, const void *c, size_t n)
{
    (void)c;
    pow_loop(out, a, b, 1, 0, n);
}
#endif

/* ---- positions of true ------------------------------------------------------------------ */

/* Spikes are rare: a whole stretch of zeros is skipped at once. */
static uint32_t compact(int32_t *out, const uint8_t *mask, uint32_t n, int32_t offset)
{
    uint32_t found = 0, k = 0;
    while (k < n) {
#if defined(__AVX512BW__)
        if (n - k >= 64) {
            const __m512i bytes = _mm512_loadu_si512((const void *)(mask + k));
            if (!_mm512_test_epi8_mask(bytes, bytes)) {
                k += 64;
                continue;
            }
        }
#elif defined(__AVX2__)
        if (n - k >= 32) {
            const __m256i bytes = _mm256_loadu_si256((const void *)(mask + k));
            if (_mm256_testz_si256(bytes, bytes)) {
                k += 32;
                continue;
            }
        }
#endif
        uint64_t word = 0;
        const uint32_t width = n - k < 8 ? n - k : 8;
        memcpy(&word, mask + k, width);
        for (uint32_t j = k; word && j < k + width; j++)
            if (mask[j])
                out[found++] = offset + (int32_t)j;
        k += width;
    }
    return found;
}

#define EG_OP1(name, text, r, ta, value, doc) [EG_I_##name] = {k_##name##_0},
#define EG_OP2(name, text, r, ta, tb, value, doc)                                              \
    [EG_I_##name] = {k_##name##_0, k_##name##_1, k_##name##_2},
#define EG_OP3(name, text, r, ta, tb, tc, value, doc)                                          \
    [EG_I_##name] = {k_##name##_0, k_##name##_1, k_##name##_2, k_##name##_3,                   \
                     k_##name##_4, k_##name##_5, k_##name##_6},

const eg_kernel_set EG_KERNEL_SET = {
    .isa = EG_KERNEL_ISA,
    .fn =
        {
#include "ir/ops.def"
        },
#if EG_V_LANES > 1
    .sleef = {[EG_I_SIN_D] = {s_sin},
              [EG_I_COS_D] = {s_cos},
              [EG_I_TAN_D] = {s_tan},
              [EG_I_SINH_D] = {s_sinh},
              [EG_I_COSH_D] = {s_cosh},
              [EG_I_ASIN_D] = {s_asin},
              [EG_I_ACOS_D] = {s_acos},
              [EG_I_ATAN_D] = {s_atan},
              [EG_I_LOG10_D] = {s_log10},
              [EG_I_LOG1P_D] = {s_log1p},
              [EG_I_POW_D] = {s_pow_0, s_pow_1, s_pow_2}},
#endif
    .run = EG_KERNEL_RUN,
    .compact = compact,
};
