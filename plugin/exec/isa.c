/* isa.c - which instruction set runs, and what depends on nothing else */
#include "exec/kernels/kernels.h"

#include <string.h>

static bool cpu_has(const char *isa)
{
    if (strcmp(isa, eg_kernels_base.isa) == 0)
        return true;
#if EG_HAS_X86_KERNELS
    if (strcmp(isa, "avx2") == 0)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (strcmp(isa, "avx512") == 0)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("fma");
#endif
    return false;
}

const eg_kernel_set *eg_kernels_choose(const eg_exec_options *options)
{
    static const eg_kernel_set *const sets[] = {
#if EG_HAS_X86_KERNELS
        &eg_kernels_avx512,
        &eg_kernels_avx2,
#endif
        &eg_kernels_base
    };
    const char *forced = options && options->isa ? options->isa : "";
    for (size_t k = 0; k < sizeof sets / sizeof *sets; k++)
        if ((!forced[0] || strcmp(forced, sets[k]->isa) == 0) && cpu_has(sets[k]->isa))
            return sets[k];
    return NULL;
}

const char *eg_exec_isa(const eg_exec_options *options)
{
    const eg_kernel_set *set = eg_kernels_choose(options);
    return set ? set->isa : "none";
}

eg_compact_fn *eg_compact(void)
{
    return eg_kernels_choose(NULL)->compact;
}
