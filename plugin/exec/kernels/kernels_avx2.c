#define EG_KERNEL_SET eg_kernels_avx2
#define EG_KERNEL_RUN eg_avx2_run
#define EG_KERNEL_ISA "avx2"
#include "exec/kernels/kernels_body.h"
