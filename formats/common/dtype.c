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

/* Rows by 16: what is written of a column then fills cache lines. */
static inline void transpose(unsigned char *to, const unsigned char *from, size_t size,
                             size_t rows, size_t columns)
{
    enum { TILE = 16 };
    for (size_t first = 0; first < rows; first += TILE) {
        const size_t stop = rows - first < TILE ? rows : first + TILE;
        for (size_t column = 0; column < columns; column++)
            for (size_t row = first; row < stop; row++)
                memcpy(to + (column * rows + row) * size,
                       from + (row * columns + column) * size, size);
    }
}

void eg_transpose(void *to, const void *from, size_t size, size_t rows, size_t columns)
{
    switch (size) { /* copies of a size that the compiler knows */
    case 1:
        transpose(to, from, 1, rows, columns);
        break;
    case 2:
        transpose(to, from, 2, rows, columns);
        break;
    case 4:
        transpose(to, from, 4, rows, columns);
        break;
    default:
        transpose(to, from, 8, rows, columns);
        break;
    }
}
