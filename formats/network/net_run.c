#include "network/net_run.h"
#include "network/net_types.h"

#include <string.h>

bool eg_net_run_differs(const eg_net *net, size_t run)
{
    const eg_network *network = net->document.network;
    return network && run < network->runs.count &&
           (network->runs.item[run].code || network->runs.item[run].state);
}

/* Two lists in canonical order become one; of equal names the later stays. `list` holds the
 * older one and receives the result. */
static engram_status merge(eg_any_list *list, const eg_any_list *fresh,
                           const eg_element_type *type, eg_arena *arena, engram_error *err)
{
    const size_t size = type->size, name = eg_element_field(type, "name")->offset;
    const char *a = list->item, *b = fresh->item;
    const char *const a_end = a + list->count * size, *const b_end = b + fresh->count * size;
    char *item = eg_arena_array(arena, list->count + fresh->count + 1, size), *to = item;
    if (!item)
        return eg_fail_memory(err, "the state of a run");
    for (; a < a_end || b < b_end; to += size) {
        const int order = a == a_end   ? 1
                          : b == b_end ? -1
                                       : strcmp(*(const char *const *)(const void *)(a + name),
                                                *(const char *const *)(const void *)(b + name));
        memcpy(to, order < 0 ? a : b, size);
        a += order <= 0 ? size : 0;
        b += order >= 0 ? size : 0;
    }
    *list = (eg_any_list){item, (size_t)(to - item) / size};
    return ENGRAM_OK;
}

engram_status eg_net_at_run(eg_net *view, const eg_net *net, size_t run, eg_arena *arena,
                            engram_error *err)
{
    const eg_network *network = net->document.network;
    *view = *net;
    view->release = NULL;
    view->content = NULL;
    for (size_t k = 0; network && k <= run && k < network->runs.count; k++) {
        const eg_run *at = &network->runs.item[k];
        if (at->code)
            view->document.code = at->code;
        if (!at->state)
            continue;
        eg_state *merged = eg_arena_alloc(arena, sizeof *merged);
        if (!merged)
            return eg_fail_memory(err, "the state of a run");
        const eg_state *old = view->document.state;
        static const eg_state none;
        *merged = *at->state;
        if (!merged->random && old)
            merged->random = old->random;
        const eg_state *before = old ? old : &none;
        eg_any_list arrays = {before->arrays.item, before->arrays.count};
        eg_any_list queues = {before->queues.item, before->queues.count};
        const eg_any_list new_arrays = {at->state->arrays.item, at->state->arrays.count};
        const eg_any_list new_queues = {at->state->queues.item, at->state->queues.count};
        engram_status status = merge(&arrays, &new_arrays, &eg_type_array, arena, err);
        if (!status)
            status = merge(&queues, &new_queues, &eg_type_queue, arena, err);
        merged->arrays = (eg_array_list){arrays.item, arrays.count};
        merged->queues = (eg_queue_list){queues.item, queues.count};
        if (status)
            return status;
        view->document.state = merged;
    }
    return ENGRAM_OK;
}
