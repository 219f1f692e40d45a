/* loops_body.h - each pure operation of ops.def over n elements: k_<name>_<which are scalars>
 *
 * The includer defines EG_FN, EG_FNF, EG_FN2, EG_FNF2, EG_FMA for the functions of ops.def.
 * The loops are plain C that compilers vectorise; loops_table.h is the table of them.
 */
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
