#include "common/dtype.h"

#include <string.h>

static const struct {
    const char *name;
    size_t size;
} dtypes[EG_DTYPE_COUNT] = {
    [EG_BOOL] = {"bool", 1},   [EG_I32] = {"int32", 4},   [EG_I64] = {"int64", 8},
    [EG_F32] = {"float32", 4}, [EG_F64] = {"float64", 8}, [EG_U8] = {"uint8", 1},
    [EG_U32] = {"uint32", 4},  [EG_U64] = {"uint64", 8},
};

const char *eg_dtype_name(eg_dtype dtype)
{
    return dtypes[dtype].name;
}

size_t eg_dtype_size(eg_dtype dtype)
{
    return dtypes[dtype].size;
}

bool eg_dtype_parse(eg_dtype *out, const char *name)
{
    for (int k = 0; k < EG_DTYPE_COUNT; k++)
        if (strcmp(dtypes[k].name, name) == 0) {
            *out = (eg_dtype)k;
            return true;
        }
    return false;
}
