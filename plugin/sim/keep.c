#include "sim/keep.h"

#include <string.h>

engram_status eg_kept_init(eg_kept *out, const engram_alloc *alloc, size_t columns,
                           const eg_dtype *dtype, uint64_t rows, uint64_t elements,
                           engram_error *err)
{
    *out = (eg_kept){.alloc = alloc, .rows = rows, .columns = columns, .elements = elements};
    out->t.size = sizeof(double);
    out->i.size = sizeof(int32_t);
    out->column = eg_calloc_array(alloc, columns + 1, sizeof *out->column);
    if (elements)
        out->count = eg_calloc_array(alloc, (size_t)elements, sizeof *out->count);
    if (!out->column || (elements && !out->count)) {
        eg_kept_clear(out);
        return eg_fail_memory(err, "what a monitor keeps");
    }
    for (size_t k = 0; k < columns; k++)
        out->column[k].size = eg_dtype_size(dtype[k]);
    return ENGRAM_OK;
}

static void clear_column(const engram_alloc *alloc, eg_kept_column *column)
{
    eg_free(alloc, column->data, column->capacity * column->size);
    *column = (eg_kept_column){0};
}

void eg_kept_clear(eg_kept *kept)
{
    if (!kept->alloc)
        return;
    clear_column(kept->alloc, &kept->t);
    clear_column(kept->alloc, &kept->i);
    for (size_t k = 0; kept->column && k < kept->columns; k++)
        clear_column(kept->alloc, &kept->column[k]);
    eg_free(kept->alloc, kept->column, (kept->columns + 1) * sizeof *kept->column);
    eg_free(kept->alloc, kept->count, (size_t)kept->elements * sizeof *kept->count);
    *kept = (eg_kept){0};
}

static bool make_room(const eg_kept *kept, eg_kept_column *column, uint64_t need)
{
    return need <= SIZE_MAX / 16 &&
           eg_grow(kept->alloc, &column->data, &column->capacity, (size_t)need, column->size);
}

static void append(eg_kept_column *column, uint64_t at, const void *from, uint64_t count)
{
    if (count)
        memcpy((char *)column->data + (size_t)at * column->size, from,
               (size_t)count * column->size);
}

engram_status eg_kept_add(eg_kept *kept, uint64_t count, const double *t, const int32_t *i,
                          const void *const *column, engram_error *err)
{
    const uint64_t all = kept->records + count;
    bool room = make_room(kept, &kept->t, all) && (!i || make_room(kept, &kept->i, all));
    for (size_t k = 0; room && k < kept->columns; k++)
        room = (!kept->rows || all <= UINT64_MAX / kept->rows) &&
               make_room(kept, &kept->column[k], all * kept->rows);
    if (!room)
        return eg_fail_memory(err, "what a monitor keeps");
    append(&kept->t, kept->records, t, count);
    if (i)
        append(&kept->i, kept->records, i, count);
    for (size_t k = 0; k < kept->columns; k++)
        append(&kept->column[k], kept->records * kept->rows, column[k], count * kept->rows);
    for (uint64_t k = 0; kept->count && i && k < count; k++)
        kept->count[i[k]]++;
    kept->records = all;
    return ENGRAM_OK;
}
