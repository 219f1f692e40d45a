/* dtype.h - the element types of arrays, constants and registers */
#ifndef EG_COMMON_DTYPE_H
#define EG_COMMON_DTYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Order is the order of width in Brian2's promotion: bool < int32 < int64 < float32 <
 * float64. The rest occur only in storage. */
typedef enum eg_dtype {
    EG_BOOL = 0,
    EG_I32 = 1,
    EG_I64 = 2,
    EG_F32 = 3,
    EG_F64 = 4,
    EG_U8 = 5,
    EG_U32 = 6,
    EG_U64 = 7,
    EG_DTYPE_COUNT
} eg_dtype;

/* "bool" "int32" "int64" "float32" "float64" "uint8" "uint32" "uint64" */
const char *eg_dtype_name(eg_dtype dtype);
bool eg_dtype_parse(eg_dtype *out, const char *name); /* false if unknown */
size_t eg_dtype_size(eg_dtype dtype);                 /* bytes; bool is 1 */

/* [rows][columns] into [columns][rows], elements of `size` bytes (1, 2, 4 or 8). */
void eg_transpose(void *to, const void *from, size_t size, size_t rows, size_t columns);

#endif
