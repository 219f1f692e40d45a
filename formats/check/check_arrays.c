/* Rules on stored arrays: F19 their names, F20 what indices lead to. */
#include "check/check_arrays.h"
#include "network/net_find.h"

#include <stdio.h>
#include <string.h>

struct eg_arrays {
    eg_map *map; /* "<owner>.<variable>" -> position */
    eg_stored *item;
    size_t count, capacity;
};

/* ---- the catalogue -------------------------------------------------------------------- */

static engram_status enter(eg_checker *c, const char *key, eg_stored entry)
{
    struct eg_arrays *all = c->arrays;
    bool fresh;
    if (all->count == all->capacity) {
        const size_t capacity = all->capacity ? 2 * all->capacity : 64;
        eg_stored *item = eg_arena_array(c->arena, capacity, sizeof *item);
        if (!item)
            return eg_fail_memory(c->err, "checking arrays");
        if (all->count)
            memcpy(item, all->item, all->count * sizeof *item);
        all->item = item;
        all->capacity = capacity;
    }
    if (!key || !eg_map_put(all->map, key, all->count, &fresh))
        return eg_fail_memory(c->err, "checking arrays");
    if (fresh)
        all->item[all->count++] = entry;
    return ENGRAM_OK;
}

static engram_status enter_variable(eg_checker *c, eg_stored entry)
{
    return enter(c, eg_arena_printf(c->arena, "%s.%s", entry.owner, entry.variable), entry);
}

/* Brian2's initial values that number something (semantics 3.2). */
static void number_elements(eg_stored *entry, const eg_group *group)
{
    const bool slice = strcmp(entry->variable, "_sub_idx") == 0;
    if (!slice && strcmp(entry->variable, "i") != 0)
        return;
    entry->step = 1;
    entry->first = slice ? group->start : 0;
}

static engram_status enter_variables(eg_checker *c, const char *owner, const eg_group *group,
                                     const eg_variable_list *list)
{
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < list->count; k++) {
        const eg_variable *v = &list->item[k];
        eg_stored entry = {.owner = owner,
                           .variable = v->name,
                           .sized = v->size >= 0 && (!v->dynamic || c->net->document.state),
                           .count = v->size < 0 ? 0 : (uint64_t)v->size,
                           .engine = strcmp(v->name, "_lastindex") == 0};
        if (!eg_dtype_parse(&entry.dtype, v->dtype))
            continue; /* F10 complains */
        if (group)
            number_elements(&entry, group);
        const eg_index_array *numbers = eg_net_index_array(group, v->name);
        if (numbers)
            entry.data = numbers->values;
        status = enter_variable(c, entry);
    }
    return status;
}

static engram_status enter_clock(eg_checker *c, const eg_clock *clock)
{
    eg_stored entry = {.owner = clock->name, .sized = true, .count = 1, .engine = true};
    entry.variable = "t";
    entry.dtype = EG_F64;
    engram_status status = enter_variable(c, entry);
    entry.variable = "dt";
    if (!status && !clock->times)
        status = enter_variable(c, entry);
    entry.variable = "timestep";
    entry.dtype = EG_I64;
    return status ? status : enter_variable(c, entry);
}

static engram_status enter_synapses(eg_checker *c, const eg_synapses *s)
{
    engram_status status = enter_variables(c, s->name, NULL, &s->variables);
    for (size_t k = 0; !status && k < s->pathways.count; k++) {
        const eg_pathway *p = &s->pathways.item[k];
        const eg_array *delay = eg_net_array(c->net->document.state, p->name, "delay");
        const bool small = delay && delay->data ? delay->data->dtype == EG_F32
                                                : eg_net_float_type(c->network) == EG_F32;
        status = enter_variable(c, (eg_stored){.owner = p->name,
                                               .variable = "delay",
                                               .dtype = small ? EG_F32 : EG_F64,
                                               .sized = p->homogeneous,
                                               .count = 1});
    }
    return status;
}

static engram_status enter_state(eg_checker *c, const eg_array *array)
{
    const eg_stored entry = {.owner = array->owner,
                             .variable = array->variable,
                             .dtype = array->data->dtype,
                             .engine = strcmp(array->variable, "_lastindex") == 0};
    engram_status status = enter_variable(c, entry);
    eg_stored *stored = status ? NULL : eg_check_stored(c, array->owner, array->variable);
    if (stored) {
        stored->sized = true;
        stored->count = array->data->count;
        stored->data = array->data;
    }
    return status;
}

engram_status eg_check_arrays(eg_checker *c)
{
    const eg_network *n = c->network;
    const eg_state *state = c->net->document.state;
    if (c->arrays)
        return ENGRAM_OK;
    c->arrays = eg_arena_alloc(c->arena, sizeof *c->arrays);
    if (!c->arrays || !(c->arrays->map = eg_map_new(eg_arena_allocator(c->arena))))
        return eg_fail_memory(c->err, "checking arrays");
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < n->clocks.count; k++)
        status = enter_clock(c, &n->clocks.item[k]);
    for (size_t k = 0; !status && k < n->groups.count; k++)
        status = enter_variables(c, n->groups.item[k].name, &n->groups.item[k],
                                 &n->groups.item[k].variables);
    for (size_t k = 0; !status && k < n->synapses.count; k++)
        status = enter_synapses(c, &n->synapses.item[k]);
    for (size_t k = 0; state && !status && k < state->arrays.count; k++)
        status = enter_state(c, &state->arrays.item[k]);
    return status;
}

void eg_check_arrays_free(eg_checker *c)
{
    if (c->arrays)
        eg_map_free(c->arrays->map);
}

eg_stored *eg_check_stored(const eg_checker *c, const char *owner, const char *variable)
{
    char key[512];
    const int length = snprintf(key, sizeof key, "%s.%s", owner, variable);
    size_t at;
    if (length < 0)
        return NULL;
    if ((size_t)length < sizeof key)
        return eg_map_get(c->arrays->map, key, &at) ? &c->arrays->item[at] : NULL;
    const char *longer = eg_arena_printf(c->arena, "%s.%s", owner, variable);
    return longer && eg_map_get(c->arrays->map, longer, &at) ? &c->arrays->item[at] : NULL;
}

eg_stored *eg_check_stored_at(const eg_checker *c, size_t k)
{
    return k < c->arrays->count ? &c->arrays->item[k] : NULL;
}

bool eg_check_extent(const eg_checker *c, const char *name, uint64_t *count)
{
    const eg_group *group = eg_net_group(c->network, name);
    if (group) {
        *count = group->n < 0 ? 0 : (uint64_t)group->n;
        return true;
    }
    const eg_stored *pre = eg_check_stored(c, name, "_synaptic_pre");
    if (!pre || !pre->sized)
        return false;
    *count = pre->count;
    return true;
}

/* ---- ranges --------------------------------------------------------------------------- */

void *eg_check_block(eg_checker *c)
{
    if (!c->block)
        c->block = eg_arena_array(c->arena, EG_CHECK_BLOCK, 8);
    return c->block;
}

static int32_t narrow(int64_t value)
{
    return value < INT32_MIN ? INT32_MIN : value > INT32_MAX ? INT32_MAX : (int32_t)value;
}

static void widen(int32_t *low, int32_t *high, const int32_t *value, uint64_t count)
{
    int32_t least = *low, greatest = *high;
    for (uint64_t k = 0; k < count; k++) {
        least = value[k] < least ? value[k] : least;
        greatest = value[k] > greatest ? value[k] : greatest;
    }
    *low = least;
    *high = greatest;
}

/* The same for int64; what int32 does not hold counts as its border. */
static void widen_long(int32_t *low, int32_t *high, const int64_t *value, uint64_t count)
{
    int64_t least = *low, greatest = *high;
    for (uint64_t k = 0; k < count; k++) {
        least = value[k] < least ? value[k] : least;
        greatest = value[k] > greatest ? value[k] : greatest;
    }
    *low = narrow(least);
    *high = narrow(greatest);
}

engram_status eg_check_source_range(eg_checker *c, const eg_source *source, int32_t *low,
                                    int32_t *high)
{
    *low = INT32_MAX;
    *high = INT32_MIN;
    if (!source->count) {
        *low = 0;
        *high = -1;
    }
    void *block = eg_check_block(c);
    if (!block)
        return eg_fail_memory(c->err, "checking indices");
    for (uint64_t done = 0; done < source->count;) {
        const uint64_t left = source->count - done;
        const uint64_t now = left < EG_CHECK_BLOCK ? left : EG_CHECK_BLOCK;
        engram_status status = eg_source_read(source, block, done, now, c->err);
        if (status)
            return status;
        if (source->dtype == EG_I64)
            widen_long(low, high, block, now);
        else
            widen(low, high, block, now);
        done += now;
    }
    return ENGRAM_OK;
}

/* Without data, element k is first + k * step. */
static void default_range(eg_stored *array)
{
    const int64_t count = array->count > INT32_MAX ? INT32_MAX : (int64_t)array->count;
    array->low = narrow(array->first);
    array->high = array->step ? narrow((int64_t)array->low + count - 1) : 0;
    if (!array->count) {
        array->low = 0;
        array->high = -1;
    }
}

engram_status eg_check_range(eg_checker *c, eg_stored *array)
{
    if (array->ranged)
        return ENGRAM_OK;
    array->ranged = true;
    if (array->data)
        return eg_check_source_range(c, array->data, &array->low, &array->high);
    default_range(array);
    return ENGRAM_OK;
}

/* ---- F19 ------------------------------------------------------------------------------ */

engram_status eg_rule_array_names(eg_checker *c)
{
    const eg_state *state = c->net->document.state;
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; state && !status && k < state->arrays.count; k++) {
        const eg_array *a = &state->arrays.item[k];
        const size_t owner = strlen(a->owner);
        if (strncmp(a->name, a->owner, owner) != 0 || a->name[owner] != '.' ||
            strcmp(a->name + owner + 1, a->variable) != 0)
            status = eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_SCHEMA, "F19",
                                  eg_check_path(c, "/state/arrays/%s", a->name),
                                  "the array of %.120s.%.120s, which should be its name",
                                  a->owner, a->variable);
    }
    return status;
}

/* ---- F20 ------------------------------------------------------------------------------ */

static engram_status outside(eg_checker *c, const char *path, const char *what, int32_t low,
                             int32_t high, int64_t start, int64_t stop)
{
    if (stop < start)
        stop = start; /* F11 complains of the slice */
    if (high < low || (low >= start && high < stop))
        return ENGRAM_OK;
    return eg_check_add(c, EG_SEVERITY_ERROR, ENGRAM_E_LIMIT, "F20", path,
                        "%s %ld, expected %lld to %lld", what, low < start ? (long)low : high,
                        (long long)start, (long long)stop - 1);
}

/* A list of the network's, int32 or int64 (F12 complains if it is not). */
static engram_status judge_list(eg_checker *c, const char *path, const char *what,
                                const eg_source *list, int64_t start, int64_t stop)
{
    int32_t low, high;
    if (!list || (list->dtype != EG_I32 && list->dtype != EG_I64))
        return ENGRAM_OK;
    engram_status status = eg_check_source_range(c, list, &low, &high);
    return status ? status : outside(c, path, what, low, high, start, stop);
}

/* One side of synapses: numbers of the object as a whole, inside the slice connected. */
static engram_status judge_end(eg_checker *c, const eg_synapses *s, const char *variable,
                               const char *object, int64_t start, int64_t stop)
{
    eg_stored *ends = eg_check_stored(c, s->name, variable);
    uint64_t extent;
    if (ends)
        ends->indexes = s->name;
    if (!ends || !ends->sized || ends->dtype != EG_I32 || !eg_check_extent(c, object, &extent))
        return ENGRAM_OK;
    engram_status status = eg_check_range(c, ends);
    if (status)
        return status;
    return outside(c, eg_check_path(c, "/state/arrays/%s.%s/data", s->name, variable),
                   "a synapse at element", ends->low, ends->high, start,
                   stop < 0 || stop > (int64_t)extent ? (int64_t)extent : stop);
}

/* What a group's links read through its index arrays. */
static engram_status judge_index_arrays(eg_checker *c, const eg_group *g)
{
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < g->links.count; k++) {
        const eg_link *link = &g->links.item[k];
        const eg_index_array *numbers = eg_net_index_array(g, link->index);
        uint64_t extent;
        if (numbers && !*link->index_owner && eg_check_extent(c, link->source, &extent))
            status = judge_list(
                c, eg_check_path(c, "/network/groups/%s/index_arrays/%s", g->name, link->index),
                "a link to element", numbers->values, 0, (int64_t)extent);
    }
    return status;
}

static engram_status judge_monitor_list(eg_checker *c, const eg_monitor *m)
{
    uint64_t extent;
    if (!m->indices || m->start < 0 || !eg_check_extent(c, m->source, &extent))
        return ENGRAM_OK;
    const int64_t stop = m->stop < 0 || m->stop > (int64_t)extent ? (int64_t)extent : m->stop;
    return judge_list(c, eg_check_path(c, "/network/monitors/%s/indices", m->name), "element",
                      m->indices, 0, stop - m->start);
}

static engram_status judge_queue(eg_checker *c, const eg_queue *q)
{
    const eg_synapses *owner;
    uint64_t extent;
    const char *path = eg_check_path(c, "/state/queues/%s", q->name);
    engram_status status =
        judge_list(c, path, "a delivery in steps", q->steps, 0, EG_STEPS_IN_FLIGHT_MAX);
    if (status || !eg_net_pathway(c->network, q->name, &owner) ||
        !eg_check_extent(c, owner->name, &extent))
        return status;
    return judge_list(c, path, "a delivery at synapse", q->synapses, 0, (int64_t)extent);
}

engram_status eg_rule_indices(eg_checker *c)
{
    const eg_network *n = c->network;
    const eg_state *state = c->net->document.state;
    engram_status status = eg_check_arrays(c);
    for (size_t k = 0; !status && k < n->groups.count; k++)
        status = judge_list(
            c, eg_check_path(c, "/network/groups/%s/indices", n->groups.item[k].name),
            "a spike of element", n->groups.item[k].indices, 0, n->groups.item[k].n);
    for (size_t k = 0; !status && k < n->groups.count; k++)
        status = judge_index_arrays(c, &n->groups.item[k]);
    for (size_t k = 0; !status && k < n->synapses.count; k++) {
        const eg_synapses *s = &n->synapses.item[k];
        status = judge_end(c, s, "_synaptic_pre", s->source, s->source_start, s->source_stop);
        if (!status)
            status =
                judge_end(c, s, "_synaptic_post", s->target, s->target_start, s->target_stop);
    }
    for (size_t k = 0; !status && k < n->monitors.count; k++)
        status = judge_monitor_list(c, &n->monitors.item[k]);
    for (size_t k = 0; state && !status && k < state->queues.count; k++)
        status = judge_queue(c, &state->queues.item[k]);
    return status;
}
