/* loops_table.h - inside braces of an eg_kernel_fn *[EG_I_COUNT][7]: the loops of loops_body.h
 */
#define EG_OP1(name, text, r, ta, value, doc) [EG_I_##name] = {k_##name##_0},
#define EG_OP2(name, text, r, ta, tb, value, doc)                                              \
    [EG_I_##name] = {k_##name##_0, k_##name##_1, k_##name##_2},
#define EG_OP3(name, text, r, ta, tb, tc, value, doc)                                          \
    [EG_I_##name] = {k_##name##_0, k_##name##_1, k_##name##_2, k_##name##_3,                   \
                     k_##name##_4, k_##name##_5, k_##name##_6},
#include "ir/ops.def"
#undef EG_OP1
#undef EG_OP2
#undef EG_OP3
