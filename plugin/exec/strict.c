/* strict.c - the oracle: every statement literally, this machine's libm, no contraction */
#include "exec/exec_private.h"
#include "exec/libm.h"
#include "ir/scalar_ops.h"

#include <string.h>

#define EG_INTERP_NAME eg_strict_run
#include "exec/interp_body.h"
