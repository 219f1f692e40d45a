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

#include "exec/kernels/loops_body.h"

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

/* ---- booleans: eight bytes of truth beside eight doubles ----------------------------------
 */

/* Compilers widen and narrow in steps of two; AVX2 has shorter ways. */
#if defined(__AVX2__) && !defined(__AVX512F__)
#define EG_BOOLEANS_BY_HAND 1
static inline __m256d wide_false(const uint8_t *mask) /* all ones where four bytes are 0 */
{
    int32_t four;
    memcpy(&four, mask, sizeof four);
    return _mm256_castsi256_pd(_mm256_cmpeq_epi64(_mm256_cvtepu8_epi64(_mm_cvtsi32_si128(four)),
                                                  _mm256_setzero_si256()));
}

/* The first two of each half of a and b, as 32-bit masks: a0 a1 b0 b1 | a2 a3 b2 b3. */
static inline __m256i narrow_pair(__m256d a, __m256d b)
{
    return _mm256_castps_si256(
        _mm256_shuffle_ps(_mm256_castpd_ps(a), _mm256_castpd_ps(b), _MM_SHUFFLE(2, 0, 2, 0)));
}

/* 32 masks of doubles -> 32 bytes, 0 or 1; where `also` is given, its bit and the mask's. */
static inline void store_truth(uint8_t *out, const __m256d *m, const uint8_t *also)
{
    const __m256i low = _mm256_packs_epi32(narrow_pair(m[0], m[1]), narrow_pair(m[2], m[3]));
    const __m256i high = _mm256_packs_epi32(narrow_pair(m[4], m[5]), narrow_pair(m[6], m[7]));
    const __m256i bytes = _mm256_and_si256(_mm256_packs_epi16(low, high), _mm256_set1_epi8(1));
    const __m128i first = _mm256_castsi256_si128(bytes);
    const __m128i second = _mm256_extracti128_si256(bytes, 1);
    __m256i truth =
        _mm256_setr_m128i(_mm_unpacklo_epi16(first, second), _mm_unpackhi_epi16(first, second));
    if (also)
        truth =
            _mm256_and_si256(truth, _mm256_loadu_si256((const __m256i *)(const void *)also));
    _mm256_storeu_si256((__m256i *)(void *)out, truth);
}

#define EG_COMPARE(name, suffix, at_a, at_b, op, how)                                          \
    static void b_##name##suffix(void *out, const void *pa, const void *pb, const void *pc,    \
                                 size_t n)                                                     \
    {                                                                                          \
        uint8_t *const o = out;                                                                \
        const double *const a = pa, *const b = pb;                                             \
        size_t k = 0;                                                                          \
        (void)pc;                                                                              \
        for (; k + 32 <= n; k += 32) {                                                         \
            __m256d m[8];                                                                      \
            for (size_t j = 0; j < 8; j++)                                                     \
                m[j] = _mm256_cmp_pd(at_a(a, k + 4 * j), at_b(b, k + 4 * j), how);             \
            store_truth(o + k, m, NULL);                                                       \
        }                                                                                      \
        for (; k < n; k++)                                                                     \
            o[k] = a[EG_SAME_##at_a(k)] op b[EG_SAME_##at_b(k)];                               \
    }
#define EG_EACH(p, k) _mm256_loadu_pd((p) + (k))
#define EG_ONE(p, k) _mm256_set1_pd(*(p))
#define EG_SAME_EG_EACH(k) k
#define EG_SAME_EG_ONE(k) 0
#define EG_COMPARES(name, op, how)                                                             \
    EG_COMPARE(name, _0, EG_EACH, EG_EACH, op, how)                                            \
    EG_COMPARE(name, _1, EG_ONE, EG_EACH, op, how)                                             \
    EG_COMPARE(name, _2, EG_EACH, EG_ONE, op, how)
EG_COMPARES(lt, <, _CMP_LT_OQ)
EG_COMPARES(le, <=, _CMP_LE_OQ)

static void b_select(void *out, const void *pa, const void *pb, const void *pc, size_t n)
{
    double *const o = out;
    const uint8_t *const a = pa;
    const double *const b = pb, *const c = pc;
    size_t k = 0;
    for (; k + 4 <= n; k += 4)
        _mm256_storeu_pd(o + k,
                         _mm256_blendv_pd(EG_EACH(b, k), EG_EACH(c, k), wide_false(a + k)));
    for (; k < n; k++)
        o[k] = a[k] ? b[k] : c[k];
}
#endif

/* ---- fused steps --------------------------------------------------------------------------
 */

/* `vector`, `terms` and `choice` are constants after inlining. */
static inline double sum_at(const double *start, const double *const *x, const double *c,
                            size_t k, int vector, int terms)
{
    double y = vector ? start[k] : *start;
    for (int j = 0; j < terms; j++)
        y = fma(x[j][k], c[j], y);
    return y;
}

#if defined(__GNUC__)
__attribute__((always_inline))
#endif
static inline void
sum_loop(void *out, const void *const *operand, size_t n, int vector, int terms, int choice)
{
    double *const o = out;
    const double *const start = operand[0];
    const double *x[EG_FUSED_TERMS], *other = NULL;
    const uint8_t *mask = NULL;
    double c[EG_FUSED_TERMS];
    for (int j = 0; j < terms; j++) {
        x[j] = operand[1 + 2 * j];
        c[j] = *(const double *)operand[2 + 2 * j];
    }
    if (choice) {
        mask = operand[1 + 2 * terms];
        other = operand[2 + 2 * terms];
    }
    size_t k = 0;
#if EG_BOOLEANS_BY_HAND
    for (; choice && k + 4 <= n; k += 4) {
        __m256d y = vector ? EG_EACH(start, k) : EG_ONE(start, k);
        for (int j = 0; j < terms; j++)
            y = _mm256_fmadd_pd(EG_EACH(x[j], k), _mm256_set1_pd(c[j]), y);
        const __m256d z = EG_EACH(other, k), no = wide_false(mask + k);
        EG_V_STORE(o + k,
                   choice == 1 ? _mm256_blendv_pd(y, z, no) : _mm256_blendv_pd(z, y, no));
    }
#endif
    EG_INDEPENDENT for (; k < n; k++)
    {
        const double y = sum_at(start, x, c, k, vector, terms);
        o[k] = choice == 0 ? y : (choice == 1) == (mask[k] != 0) ? y : other[k];
    }
}

#define EG_SUM(vector, terms, choice)                                                          \
    static void sum_##vector##terms##choice(void *out, const void *const *operand, size_t n)   \
    {                                                                                          \
        sum_loop(out, operand, n, vector, terms, choice);                                      \
    }
#define EG_SUMS(vector, terms)                                                                 \
    EG_SUM(vector, terms, 0)                                                                   \
    EG_SUM(vector, terms, 1)                                                                   \
    EG_SUM(vector, terms, 2)
EG_SUMS(0, 1)
EG_SUMS(0, 2)
EG_SUMS(0, 3)
EG_SUMS(0, 4)
EG_SUMS(1, 1)
EG_SUMS(1, 2)
EG_SUMS(1, 3)
EG_SUMS(1, 4)
#define EG_SUM_ROW(vector, terms)                                                              \
    {                                                                                          \
        sum_##vector##terms##0, sum_##vector##terms##1, sum_##vector##terms##2                 \
    }

#if EG_BOOLEANS_BY_HAND
#define EG_FUSED_BLOCKS(value, also)                                                           \
    for (; k + 32 <= n; k += 32) {                                                             \
        __m256d m[8];                                                                          \
        for (size_t j = 0; j < 8; j++)                                                         \
            m[j] = value;                                                                      \
        store_truth(o + k, m, also);                                                           \
    }
#else
#define EG_FUSED_BLOCKS(value, also)
#endif

#define EG_COMPARISON(name, op, how)                                                           \
    static void apart_##name(void *out, const void *const *operand, size_t n)                  \
    {                                                                                          \
        uint8_t *const o = out;                                                                \
        const double c = *(const double *)operand[0], s = *(const double *)operand[1];         \
        const double *const x = operand[2];                                                    \
        size_t k = 0;                                                                          \
        EG_FUSED_BLOCKS(_mm256_cmp_pd(_mm256_set1_pd(c),                                       \
                                      _mm256_sub_pd(_mm256_set1_pd(s), EG_EACH(x, k + 4 * j)), \
                                      how),                                                    \
                        NULL)                                                                  \
        EG_INDEPENDENT for (; k < n; k++)                                                      \
        {                                                                                      \
            o[k] = c op s - x[k];                                                              \
        }                                                                                      \
    }                                                                                          \
    static void both_##name(void *out, const void *const *operand, size_t n)                   \
    {                                                                                          \
        uint8_t *const o = out;                                                                \
        const double c = *(const double *)operand[0], *const x = operand[1];                   \
        const uint8_t *const b = operand[2];                                                   \
        size_t k = 0;                                                                          \
        EG_FUSED_BLOCKS(_mm256_cmp_pd(_mm256_set1_pd(c), EG_EACH(x, k + 4 * j), how), b + k)   \
        EG_INDEPENDENT for (; k < n; k++)                                                      \
        {                                                                                      \
            o[k] = (uint8_t)((c op x[k]) & b[k]);                                              \
        }                                                                                      \
    }
EG_COMPARISON(lt, <, _CMP_LT_OQ)
EG_COMPARISON(le, <=, _CMP_LE_OQ)

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

const eg_kernel_set EG_KERNEL_SET = {
    .isa = EG_KERNEL_ISA,
    .fn =
        {
#include "exec/kernels/loops_table.h"
        },
    .sum = {{EG_SUM_ROW(0, 1), EG_SUM_ROW(0, 2), EG_SUM_ROW(0, 3), EG_SUM_ROW(0, 4)},
            {EG_SUM_ROW(1, 1), EG_SUM_ROW(1, 2), EG_SUM_ROW(1, 3), EG_SUM_ROW(1, 4)}},
    .apart = {apart_lt, apart_le},
    .both = {both_lt, both_le},
#if EG_V_LANES > 1
    .by_hand =
        {
#if EG_BOOLEANS_BY_HAND
            [EG_I_LT_D] = {b_lt_0, b_lt_1, b_lt_2},
            [EG_I_LE_D] = {b_le_0, b_le_1, b_le_2},
            [EG_I_SELECT_D] = {b_select},
#endif
            [EG_I_SIN_D] = {s_sin},
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
