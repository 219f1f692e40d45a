#include "sim/indices.h"

static void narrow(int32_t *out, const int64_t *wide, uint64_t count)
{
    for (uint64_t k = 0; k < count; k++)
        out[k] = wide[k] < 0 || wide[k] > INT32_MAX ? -1 : (int32_t)wide[k];
}

engram_status eg_indices_check(const eg_store *store, const eg_program *program,
                               void *const *base, uint32_t number, uint64_t elements,
                               const char *where, engram_error *err)
{
    const eg_slot *slot = eg_program_slot(program, number);
    if (slot->kind != EG_SLOT_ARRAY || slot->index != EG_INDEX_VIA)
        return ENGRAM_OK;
    const eg_slot *via = eg_program_slot(program, slot->via);
    const eg_cell *cell = eg_store_find(store, slot->owner, slot->variable);
    int32_t *index = base[slot->via];
    if (via->dtype != EG_I32 || via->index != EG_INDEX_ELEMENT)
        return eg_fail(err, ENGRAM_E_SCHEMA, "%s: index array \"%s\" is no int32 by element",
                       where, via->name);
    if (via->narrowed) {
        const eg_cell *wide = eg_store_find(store, via->owner, via->variable);
        if (wide->dtype == EG_I64)
            narrow(index, wide->data, elements);
    }
    int32_t low = 0, high = -1;
    for (uint64_t k = 0; k < elements; k++) {
        low = index[k] < low ? index[k] : low;
        high = index[k] > high ? index[k] : high;
    }
    if (low < 0 || (high >= 0 && (uint64_t)high >= cell->count))
        return eg_fail(err, ENGRAM_E_LIMIT,
                       "%s: \"%s\" leads to element %d of %s.%s, which "
                       "has %llu",
                       where, via->name, low < 0 ? low : high, slot->owner, slot->variable,
                       (unsigned long long)cell->count);
    return ENGRAM_OK;
}
