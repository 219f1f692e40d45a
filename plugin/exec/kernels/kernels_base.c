/* kernels_base.c - every machine; on x86-64 that is SSE2, with fma() from libm */
#define EG_KERNEL_SET eg_kernels_base
#define EG_KERNEL_RUN eg_base_run
#define EG_KERNEL_ISA "sse2"
#include "exec/kernels/kernels_body.h"
