#define EG_KERNEL_SET eg_kernels_avx512
#define EG_KERNEL_RUN eg_avx512_run
#define EG_KERNEL_ISA "avx512"
#include "exec/kernels/kernels_body.h"
