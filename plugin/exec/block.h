/* block.h - a run of elements, and how it reads and writes memory */
#ifndef EG_EXEC_BLOCK_H
#define EG_EXEC_BLOCK_H

#include "exec/exec_private.h"

typedef struct eg_block {
    const int32_t *index; /* NULL: element `first` + k */
    uint64_t first;
    uint64_t position;
    uint32_t count;
} eg_block;

/* May no element of the frame see what another one stores? (Of a program that does not let
 * them: eg_program_interacts.) */
static inline bool eg_block_apart(const eg_kernel *kernel, const eg_frame *frame)
{
    if (kernel->stores[EG_INDEX_VIA] && !frame->distinct)
        return false;
    bool ascends = true;
    if (frame->index && kernel->stores[EG_INDEX_ELEMENT])
        for (uint64_t k = 1; k < frame->count; k++)
            ascends &= frame->index[k - 1] < frame->index[k];
    return ascends;
}

/* Elements done, done + 1, ... of a frame, `width` at most. */
static inline eg_block eg_block_of(const eg_frame *frame, uint64_t done, uint32_t width)
{
    const uint64_t left = frame->count - done;
    return (eg_block){.index = frame->index ? frame->index + done : NULL,
                      .first = frame->first + done,
                      .position = frame->position + done,
                      .count = left < width ? (uint32_t)left : width};
}

static inline uint64_t eg_block_element(const eg_block *b, uint32_t k)
{
    return b->index ? (uint64_t)(int64_t)b->index[k] : b->first + k;
}

static inline uint64_t eg_block_place(const eg_place *place, const eg_block *b, uint32_t k)
{
    return eg_place_of(place, eg_block_element(b, k), b->position + k);
}

/* Where the block's elements lie one behind the other, their memory; or NULL. */
static inline char *eg_block_stretch(const eg_place *place, const eg_block *b)
{
    if (place->output)
        return place->base + b->position * place->size;
    if (place->index == EG_INDEX_ELEMENT && !b->index)
        return place->base + b->first * place->size;
    return NULL;
}

static inline void eg_block_gather(void *out, const eg_place *place, const eg_block *b)
{
    const char *stretch = eg_block_stretch(place, b);
    if (stretch)
        memcpy(out, stretch, (size_t)b->count * place->size);
    else if (place->size == 8)
        for (uint32_t k = 0; k < b->count; k++)
            memcpy((char *)out + k * 8, place->base + eg_block_place(place, b, k) * 8, 8);
    else if (place->size == 4)
        for (uint32_t k = 0; k < b->count; k++)
            memcpy((char *)out + k * 4, place->base + eg_block_place(place, b, k) * 4, 4);
    else
        for (uint32_t k = 0; k < b->count; k++)
            memcpy((char *)out + k, place->base + eg_block_place(place, b, k), 1);
}

/* `stride` 0: one value for all. */
static inline void eg_block_scatter(const eg_place *place, const eg_block *b, const void *from,
                                    uint32_t stride)
{
    const char *value = from;
    char *stretch = stride ? eg_block_stretch(place, b) : NULL;
    if (stretch)
        memcpy(stretch, value, (size_t)b->count * place->size);
    else if (place->size == 8)
        for (uint32_t k = 0; k < b->count; k++)
            memcpy(place->base + eg_block_place(place, b, k) * 8, value + k * stride * 8, 8);
    else if (place->size == 4)
        for (uint32_t k = 0; k < b->count; k++)
            memcpy(place->base + eg_block_place(place, b, k) * 4, value + k * stride * 4, 4);
    else
        for (uint32_t k = 0; k < b->count; k++)
            memcpy(place->base + eg_block_place(place, b, k), value + k * stride, 1);
}

/* `count` draws (RAND or RANDN, which all elements make), element by element as the stream has
 * them; draw[n] goes to the row at[draw[n]->out]. */
void eg_block_draw(const eg_interp *x, const eg_block *b, const eg_ins *const *draw,
                   uint32_t count, void *const *at);

#endif
