#include "common/libm.h"

#include <stdio.h>

#if defined(__GLIBC__)
#include <gnu/libc-version.h>
#endif

void eg_libm_name(char out[EG_LIBM_NAME])
{
#if defined(__GLIBC__)
    const char *variant = "";
#if defined(__x86_64__)
    __builtin_cpu_init();
    variant = __builtin_cpu_supports("fma") ? " fma" : " sse2";
#endif
    snprintf(out, EG_LIBM_NAME, "glibc %s%s", gnu_get_libc_version(), variant);
#else
    snprintf(out, EG_LIBM_NAME, "unknown");
#endif
}
