#include "sim/store.h"

#include "common/memory.h"
#include "network/net_find.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Cells are made one by one and only pointers to them are sorted, so that a cell's address
 * holds for the life of the store. */
struct eg_store {
    const engram_alloc *alloc;
    const eg_net *net;
    eg_arena *names; /* of cells that do not come from the net */
    eg_cell **cell;  /* [count], by (owner, variable) */
    size_t count, capacity;
    bool frozen;
};

/* Synapse and neuron numbers are int32 in Brian2; a list of events has one element more. */
static const uint64_t CELL_MAX = (uint64_t)INT32_MAX + 1;
enum { CELL_ALIGN = 64 };

/* ---- cells ---------------------------------------------------------------------------- */

static size_t padded_size(eg_dtype dtype, uint64_t count)
{
    const size_t bytes = (size_t)count * eg_dtype_size(dtype);
    return (bytes + CELL_ALIGN - 1) / CELL_ALIGN * CELL_ALIGN + (bytes ? 0 : CELL_ALIGN);
}

static int compare_names(const eg_cell *cell, const char *owner, const char *variable)
{
    const int by_owner = strcmp(cell->owner, owner);
    return by_owner ? by_owner : strcmp(cell->variable, variable);
}

static int compare_cells(const void *a, const void *b)
{
    const eg_cell *const *left = a, *const *right = b;
    return compare_names(*left, (*right)->owner, (*right)->variable);
}

/* Position of the first cell that is not before (owner, variable). */
static size_t lower_bound(const eg_store *store, const char *owner, const char *variable)
{
    size_t low = 0, high = store->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare_names(store->cell[middle], owner, variable) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static engram_status check_count(const char *owner, const char *variable, uint64_t count,
                                 engram_error *err)
{
    if (count > CELL_MAX)
        return eg_fail(err, ENGRAM_E_LIMIT, "%s.%s: %llu elements, at most %llu are allowed",
                       owner, variable, (unsigned long long)count,
                       (unsigned long long)CELL_MAX);
    return ENGRAM_OK;
}

/* Append a cell without contents; order is restored by sort_cells. */
static engram_status append(eg_cell **out, eg_store *store, const char *owner,
                            const char *variable, eg_dtype dtype, uint64_t count,
                            engram_error *err)
{
    *out = NULL;
    engram_status status = check_count(owner, variable, count, err);
    if (status)
        return status;
    if (!eg_grow(store->alloc, &store->cell, &store->capacity, store->count + 1,
                 sizeof *store->cell))
        return eg_fail_memory(err, "the list of variables");
    eg_cell *cell = eg_calloc(store->alloc, sizeof *cell);
    if (!cell)
        return eg_fail_memory(err, "a variable");
    *cell = (eg_cell){
        .owner = owner, .variable = variable, .dtype = dtype, .count = count, .unit = ""};
    store->cell[store->count++] = cell;
    *out = cell;
    return ENGRAM_OK;
}

static engram_status make_room(eg_store *store, eg_cell *cell, engram_error *err)
{
    cell->data =
        eg_calloc_aligned(store->alloc, padded_size(cell->dtype, cell->count), CELL_ALIGN);
    if (!cell->data)
        return eg_fail(err, ENGRAM_E_MEMORY, "out of memory for %s.%s (%llu elements)",
                       cell->owner, cell->variable, (unsigned long long)cell->count);
    return ENGRAM_OK;
}

static engram_status sort_cells(eg_store *store, engram_error *err)
{
    if (store->count)
        qsort(store->cell, store->count, sizeof *store->cell, compare_cells);
    for (size_t k = 1; k < store->count; k++)
        if (!compare_cells(&store->cell[k - 1], &store->cell[k]))
            return eg_fail(err, ENGRAM_E_SCHEMA, "%s.%s is declared twice",
                           store->cell[k]->owner, store->cell[k]->variable);
    return ENGRAM_OK;
}

/* ---- what the net declares ------------------------------------------------------------ */

static engram_status declare_table(eg_store *store, const char *owner,
                                   const eg_variable_list *table, engram_error *err)
{
    for (size_t k = 0; k < table->count; k++) {
        const eg_variable *variable = &table->item[k];
        eg_dtype dtype;
        if (!eg_dtype_parse(&dtype, variable->dtype))
            return eg_fail(err, ENGRAM_E_SCHEMA, "%s.%s: dtype \"%s\" is unknown", owner,
                           variable->name, variable->dtype);
        /* One that grows may leave its size to the array that is stored or lent. */
        const bool open = variable->dynamic && variable->size == -1;
        if (variable->size < 0 && !open)
            return eg_fail(err, ENGRAM_E_LIMIT, "%s.%s: a size of %lld", owner, variable->name,
                           (long long)variable->size);
        eg_cell *cell;
        engram_status status = append(&cell, store, owner, variable->name, dtype,
                                      open ? 0 : (uint64_t)variable->size, err);
        if (status)
            return status;
        cell->dim = variable->dim;
        cell->unit = variable->unit;
        cell->scalar = variable->scalar;
        cell->constant = variable->constant;
        cell->read_only = variable->read_only;
        cell->dynamic = variable->dynamic;
    }
    return ENGRAM_OK;
}

static engram_status declare_clock(eg_store *store, const eg_clock *clock, engram_error *err)
{
    static const struct {
        const char *name;
        eg_dtype dtype;
    } field[] = {{"t", EG_F64}, {"dt", EG_F64}, {"timestep", EG_I64}};
    for (size_t k = 0; k < sizeof field / sizeof *field; k++) {
        if (clock->times && !strcmp(field[k].name, "dt"))
            continue;
        eg_cell *cell;
        engram_status status =
            append(&cell, store, clock->name, field[k].name, field[k].dtype, 1, err);
        if (status)
            return status;
        cell->scalar = true;
        cell->read_only = true;
        if (field[k].dtype == EG_F64) {
            cell->dim.exponent[2] = 1;
            cell->unit = "s";
        }
    }
    return ENGRAM_OK;
}

static engram_status declare_delay(eg_store *store, const eg_network *network,
                                   const eg_pathway *pathway, engram_error *err)
{
    const eg_dtype type = eg_net_float_type(network);
    eg_cell *cell;
    engram_status status =
        append(&cell, store, pathway->name, "delay", type, pathway->homogeneous ? 1 : 0, err);
    if (status)
        return status;
    cell->dim.exponent[2] = 1;
    cell->unit = "s";
    cell->scalar = pathway->homogeneous;
    cell->dynamic = !pathway->homogeneous;
    cell->constant = true;
    return ENGRAM_OK;
}

static engram_status declare(eg_store *store, const eg_network *network, engram_error *err)
{
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < network->clocks.count; k++)
        status = declare_clock(store, &network->clocks.item[k], err);
    for (size_t k = 0; !status && k < network->groups.count; k++)
        status = declare_table(store, network->groups.item[k].name,
                               &network->groups.item[k].variables, err);
    for (size_t k = 0; !status && k < network->synapses.count; k++) {
        const eg_synapses *synapses = &network->synapses.item[k];
        status = declare_table(store, synapses->name, &synapses->variables, err);
        for (size_t p = 0; !status && p < synapses->pathways.count; p++)
            status = declare_delay(store, network, &synapses->pathways.item[p], err);
    }
    return status;
}

/* Arrays that no table lists (a monitor's own, index arrays): a cell each. */
static engram_status declare_rest(eg_store *store, const eg_state *state, engram_error *err)
{
    const size_t declared = store->count;
    for (size_t k = 0; k < state->arrays.count; k++) {
        const eg_array *array = &state->arrays.item[k];
        const size_t all = store->count;
        store->count = declared; /* search among the sorted ones only */
        const bool known = eg_store_find(store, array->owner, array->variable) != NULL;
        store->count = all;
        if (known || !array->data)
            continue;
        eg_cell *cell;
        engram_status status = append(&cell, store, array->owner, array->variable,
                                      array->data->dtype, array->data->count, err);
        if (status)
            return status;
        cell->dim = array->dim;
        cell->unit = array->unit;
    }
    return sort_cells(store, err);
}

/* ---- contents ------------------------------------------------------------------------- */

/* Brian2's initial values that are not zero (semantics 3.2). */
static void fill_group_default(eg_cell *cell, const eg_group *group)
{
    if (!strcmp(cell->variable, "not_refractory") && cell->dtype == EG_BOOL) {
        memset(cell->data, 1, (size_t)cell->count);
    } else if (!strcmp(cell->variable, "lastspike") && cell->dtype == EG_F64) {
        double *value = cell->data;
        for (uint64_t k = 0; k < cell->count; k++)
            value[k] = -1e4;
    } else if (!strcmp(cell->variable, "lastspike") && cell->dtype == EG_F32) {
        float *value = cell->data;
        for (uint64_t k = 0; k < cell->count; k++)
            value[k] = -1e4F;
    } else if (!strcmp(cell->variable, "i") && cell->dtype == EG_I32) {
        int32_t *value = cell->data;
        for (uint64_t k = 0; k < cell->count; k++)
            value[k] = (int32_t)k;
    } else if (!strcmp(cell->variable, "_sub_idx") && cell->dtype == EG_I32) {
        int32_t *value = cell->data;
        for (uint64_t k = 0; k < cell->count; k++)
            value[k] = (int32_t)((uint64_t)group->start + k);
    }
}

static void fill_default(eg_cell *cell, const eg_network *network)
{
    const eg_group *group = eg_net_group(network, cell->owner);
    if (group)
        fill_group_default(cell, group);
    const eg_clock *clock = eg_net_clock(network, cell->owner);
    if (clock && !strcmp(cell->variable, "dt") && cell->dtype == EG_F64 && cell->count == 1)
        *(double *)cell->data = clock->dt;
}

/* The time of a clock that has done `step` steps. */
static engram_status put_time(eg_store *store, const eg_clock *clock, int64_t step,
                              engram_error *err)
{
    double *t = eg_store_find(store, clock->name, "t")->data;
    *(int64_t *)eg_store_find(store, clock->name, "timestep")->data = step;
    *t = clock->times ? (double)INFINITY : (double)step * clock->dt;
    if (!clock->times || step < 0 || (uint64_t)step >= clock->times->count)
        return ENGRAM_OK;
    const engram_status status =
        eg_source_read_as(clock->times, EG_F64, t, (uint64_t)step, 1, err);
    return status ? eg_error_prefix(err, status, "clock %s", clock->name) : ENGRAM_OK;
}

static void fill_delays(eg_store *store, const eg_network *network)
{
    for (size_t k = 0; k < network->synapses.count; k++) {
        const eg_pathway_list *pathways = &network->synapses.item[k].pathways;
        for (size_t p = 0; p < pathways->count; p++) {
            eg_cell *cell = eg_store_find(store, pathways->item[p].name, "delay");
            if (!cell || !pathways->item[p].homogeneous)
                continue;
            if (cell->dtype == EG_F32)
                *(float *)cell->data = (float)pathways->item[p].delay;
            else
                *(double *)cell->data = pathways->item[p].delay;
        }
    }
}

static engram_status fill_index_arrays(eg_store *store, const eg_network *network,
                                       engram_error *err)
{
    for (size_t k = 0; k < network->groups.count; k++) {
        const eg_group *group = &network->groups.item[k];
        for (size_t a = 0; a < group->index_arrays.count; a++) {
            const eg_index_array *array = &group->index_arrays.item[a];
            eg_cell *cell = eg_store_find(store, group->name, array->name);
            if (!cell || cell->borrowed)
                continue;
            if (cell->count != array->values->count)
                return eg_fail(err, ENGRAM_E_SCHEMA,
                               "%s.%s has %llu elements, its values are %llu", group->name,
                               array->name, (unsigned long long)cell->count,
                               (unsigned long long)array->values->count);
            const engram_status status =
                eg_source_read_as(array->values, cell->dtype, cell->data, 0, cell->count, err);
            if (status)
                return eg_error_prefix(err, status, "%s.%s", group->name, array->name);
        }
    }
    return ENGRAM_OK;
}

static engram_status fill_clocks(eg_store *store, const eg_state *state,
                                 const eg_network *network, engram_error *err)
{
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < network->clocks.count; k++)
        if (network->clocks.item[k].times)
            status = put_time(store, &network->clocks.item[k], 0, err);
    for (size_t k = 0; state && !status && k < state->clocks.count; k++) {
        const eg_ticks *ticks = &state->clocks.item[k];
        const eg_clock *clock = eg_net_clock(network, ticks->name);
        if (!clock)
            return eg_fail(err, ENGRAM_E_REFERENCE, "state of clock \"%s\": no such clock",
                           ticks->name);
        status = put_time(store, clock, ticks->timestep, err);
    }
    return status;
}

/* Delays have the type that numbers had by default when Brian2 made them: that which is stored.
 */
static bool is_delay_of(const eg_cell *cell, eg_dtype stored)
{
    return !strcmp(cell->variable, "delay") &&
           (cell->dtype == EG_F64 || cell->dtype == EG_F32) &&
           (stored == EG_F64 || stored == EG_F32);
}

static void adopt_delay(eg_cell *cell, const eg_array *array)
{
    if (array->data && is_delay_of(cell, array->data->dtype))
        cell->dtype = array->data->dtype;
}

/* A cell that grows takes the size its array has; any other must have just that size. */
static engram_status check_fit(const eg_cell *cell, const eg_array *array, engram_error *err)
{
    if (!array->data)
        return eg_fail(err, ENGRAM_E_SCHEMA, "state of %s.%s has no data", array->owner,
                       array->variable);
    if (array->data->dtype != cell->dtype)
        return eg_fail(err, ENGRAM_E_SCHEMA, "state of %s.%s is %s, the variable is %s",
                       array->owner, array->variable, eg_dtype_name(array->data->dtype),
                       eg_dtype_name(cell->dtype));
    if (!cell->dynamic && array->data->count != cell->count)
        return eg_fail(err, ENGRAM_E_SCHEMA,
                       "state of %s.%s has %llu elements, the variable has %llu", array->owner,
                       array->variable, (unsigned long long)array->data->count,
                       (unsigned long long)cell->count);
    return check_count(cell->owner, cell->variable, array->data->count, err);
}

static engram_status fit_arrays(eg_store *store, const eg_state *state, engram_error *err)
{
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < state->arrays.count; k++) {
        const eg_array *array = &state->arrays.item[k];
        eg_cell *cell = eg_store_find(store, array->owner, array->variable);
        adopt_delay(cell, array);
        status = check_fit(cell, array, err);
        if (!status)
            cell->count = array->data->count;
    }
    return status;
}

static void normalise(eg_cell *cell)
{
    uint8_t *flag = cell->dtype == EG_BOOL ? cell->data : NULL;
    for (uint64_t n = 0; flag && n < cell->count; n++)
        flag[n] = flag[n] != 0; /* any byte may stand in a file */
}

static engram_status read_array(eg_cell *cell, const eg_array *array, engram_error *err)
{
    if (cell->borrowed)
        return ENGRAM_OK; /* it is the array */
    engram_status status = eg_source_read(array->data, cell->data, 0, cell->count, err);
    if (status)
        return eg_error_prefix(err, status, "state of %s.%s", array->owner, array->variable);
    normalise(cell);
    return ENGRAM_OK;
}

static engram_status read_arrays(eg_store *store, const eg_state *state, engram_error *err)
{
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < state->arrays.count; k++) {
        const eg_array *array = &state->arrays.item[k];
        status = read_array(eg_store_find(store, array->owner, array->variable), array, err);
    }
    return status;
}

static bool borrow(eg_cell *cell, const eg_lent *lent, size_t lent_count)
{
    for (size_t k = 0; k < lent_count; k++)
        if (!compare_names(cell, lent[k].owner, lent[k].variable)) {
            cell->data = lent[k].data;
            cell->borrowed = true;
        }
    return cell->borrowed;
}

static engram_status fill(eg_store *store, const eg_net *net, const eg_lent *lent,
                          size_t lent_count, engram_error *err)
{
    const eg_network *network = net->document.network;
    const eg_state *state = net->document.state;
    engram_status status = ENGRAM_OK;
    if (state)
        status = declare_rest(store, state, err);
    if (!status && state)
        status = fit_arrays(store, state, err);
    for (size_t k = 0; !status && k < store->count; k++) {
        if (borrow(store->cell[k], lent, lent_count))
            continue;
        status = make_room(store, store->cell[k], err);
        if (!status)
            fill_default(store->cell[k], network);
    }
    if (status)
        return status;
    fill_delays(store, network);
    status = fill_index_arrays(store, network, err);
    if (!status)
        status = fill_clocks(store, state, network, err);
    if (!status && state)
        status = read_arrays(store, state, err);
    return status;
}

/* ---- the store ------------------------------------------------------------------------ */

engram_status eg_store_new(eg_store **out, const eg_net *net, const engram_alloc *alloc,
                           engram_error *err)
{
    return eg_store_new_lent(out, net, NULL, 0, alloc, err);
}

engram_status eg_store_new_lent(eg_store **out, const eg_net *net, const eg_lent *lent,
                                size_t lent_count, const engram_alloc *alloc, engram_error *err)
{
    *out = NULL;
    if (!net->document.network)
        return eg_fail(err, ENGRAM_E_SCHEMA, "the document has no network part");
    eg_store *store = eg_calloc(alloc, sizeof *store);
    if (!store)
        return eg_fail_memory(err, "the store");
    store->alloc = alloc;
    store->net = net;
    store->names = eg_arena_new(alloc);
    engram_status status = store->names ? ENGRAM_OK : eg_fail_memory(err, "the store");
    if (!status)
        status = declare(store, net->document.network, err);
    if (!status)
        status = sort_cells(store, err);
    if (!status)
        status = fill(store, net, lent, lent_count, err);
    if (status) {
        eg_store_free(store);
        return status;
    }
    *out = store;
    return ENGRAM_OK;
}

void eg_store_free(eg_store *store)
{
    if (!store)
        return;
    for (size_t k = 0; k < store->count; k++) {
        eg_cell *cell = store->cell[k];
        if (cell->data && !cell->borrowed)
            eg_free_aligned(store->alloc, cell->data, padded_size(cell->dtype, cell->count),
                            CELL_ALIGN);
        eg_free(store->alloc, cell, sizeof *cell);
    }
    eg_free(store->alloc, store->cell, store->capacity * sizeof *store->cell);
    eg_arena_free(store->names);
    eg_free(store->alloc, store, sizeof *store);
}

eg_cell *eg_store_find(const eg_store *store, const char *owner, const char *variable)
{
    const size_t k = lower_bound(store, owner, variable);
    if (k < store->count && !compare_names(store->cell[k], owner, variable))
        return store->cell[k];
    return NULL;
}

size_t eg_store_count(const eg_store *store)
{
    return store->count;
}

eg_cell *eg_store_at(const eg_store *store, size_t k)
{
    return k < store->count ? store->cell[k] : NULL;
}

engram_status eg_store_resize(eg_store *store, eg_cell *cell, uint64_t count, engram_error *err)
{
    assert(!store->frozen);
    engram_status status = check_count(cell->owner, cell->variable, count, err);
    if (status || count == cell->count)
        return status;
    eg_cell larger = *cell;
    larger.count = count;
    larger.borrowed = false;
    status = make_room(store, &larger, err);
    if (status)
        return status;
    const uint64_t kept = count < cell->count ? count : cell->count;
    memcpy(larger.data, cell->data, (size_t)kept * eg_dtype_size(cell->dtype));
    if (!cell->borrowed)
        eg_free_aligned(store->alloc, cell->data, padded_size(cell->dtype, cell->count),
                        CELL_ALIGN);
    *cell = larger;
    return ENGRAM_OK;
}

engram_status eg_store_apply(eg_store *store, const eg_array_list *arrays, engram_error *err)
{
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < arrays->count; k++) {
        const eg_array *array = &arrays->item[k];
        eg_cell *cell = eg_store_find(store, array->owner, array->variable);
        if (!cell)
            continue;
        status = check_fit(cell, array, err);
        if (!status)
            status = eg_store_resize(store, cell, array->data->count, err);
        if (!status)
            status = read_array(cell, array, err);
    }
    return status;
}

/* A new cell in its place. */
static engram_status insert(eg_cell **out, eg_store *store, const eg_cell *like,
                            engram_error *err)
{
    const size_t place = lower_bound(store, like->owner, like->variable);
    const char *owner = eg_arena_strdup(store->names, like->owner);
    const char *variable = eg_arena_strdup(store->names, like->variable);
    const char *unit = eg_arena_strdup(store->names, like->unit);
    if (!owner || !variable || !unit)
        return eg_fail_memory(err, "a variable");
    eg_cell *cell;
    engram_status status = append(&cell, store, owner, variable, like->dtype, like->count, err);
    if (status)
        return status;
    memmove(store->cell + place + 1, store->cell + place,
            (store->count - 1 - place) * sizeof *store->cell);
    store->cell[place] = cell;
    cell->unit = unit;
    cell->dim = like->dim;
    cell->scalar = like->scalar;
    cell->constant = like->constant;
    cell->read_only = like->read_only;
    cell->dynamic = like->dynamic;
    *out = cell;
    return make_room(store, cell, err);
}

/* Contents and size of a variable that the network declares. */
static engram_status fit_stored(eg_store *store, eg_cell *cell, const eg_cell *stored,
                                engram_error *err)
{
    const bool delay =
        cell->dtype != stored->dtype && !cell->borrowed && is_delay_of(cell, stored->dtype);
    if (cell->dtype != stored->dtype && !delay)
        return eg_fail(err, ENGRAM_E_FORMAT, "%s.%s is %s in the checkpoint, wanted %s",
                       cell->owner, cell->variable, eg_dtype_name(stored->dtype),
                       eg_dtype_name(cell->dtype));
    if (cell->borrowed && cell->count != stored->count)
        return eg_fail(err, ENGRAM_E_FORMAT,
                       "%s.%s is lent with %llu elements, the checkpoint has %llu", cell->owner,
                       cell->variable, (unsigned long long)cell->count,
                       (unsigned long long)stored->count);
    if (!cell->dynamic && cell->count != stored->count)
        return eg_fail(err, ENGRAM_E_FORMAT,
                       "%s.%s has %llu elements in the checkpoint, "
                       "wanted %llu",
                       cell->owner, cell->variable, (unsigned long long)stored->count,
                       (unsigned long long)cell->count);
    engram_status status = check_count(cell->owner, cell->variable, stored->count, err);
    if (status || (cell->count == stored->count && !delay))
        return status;
    eg_cell fresh = *cell;
    fresh.count = stored->count;
    fresh.dtype = stored->dtype;
    status = make_room(store, &fresh, err);
    if (status)
        return status;
    eg_free_aligned(store->alloc, cell->data, padded_size(cell->dtype, cell->count),
                    CELL_ALIGN);
    *cell = fresh;
    return ENGRAM_OK;
}

engram_status eg_store_put(eg_store *store, const eg_cell *stored, engram_error *err)
{
    assert(!store->frozen);
    eg_cell *cell = eg_store_find(store, stored->owner, stored->variable);
    const engram_status status =
        cell ? fit_stored(store, cell, stored, err) : insert(&cell, store, stored, err);
    if (status)
        return status;
    const size_t bytes = (size_t)stored->count * eg_dtype_size(stored->dtype);
    if (bytes)
        memcpy(cell->data, stored->data, bytes);
    normalise(cell);
    return ENGRAM_OK;
}

void eg_store_freeze(eg_store *store)
{
    store->frozen = true;
}

void eg_store_thaw(eg_store *store)
{
    store->frozen = false;
}
