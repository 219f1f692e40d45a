#include "network/net_run.h"

#include <string.h>

bool eg_net_run_differs(const eg_net *net, size_t run)
{
    const eg_network *network = net->document.network;
    return network && run < network->runs.count &&
           (network->runs.item[run].code || network->runs.item[run].state);
}

/* Two sorted lists become one; of equal names the later stays. */
static engram_status merge_arrays(eg_array_list *out, const eg_array_list *old,
                                  const eg_array_list *fresh, eg_arena *arena,
                                  engram_error *err)
{
    eg_array *item = eg_arena_array(arena, old->count + fresh->count + 1, sizeof *item);
    if (!item)
        return eg_fail_memory(err, "the state of a run");
    size_t count = 0, a = 0, b = 0;
    while (a < old->count || b < fresh->count) {
        const int order = a == old->count     ? 1
                          : b == fresh->count ? -1
                                              : strcmp(old->item[a].name, fresh->item[b].name);
        item[count++] = order < 0 ? old->item[a] : fresh->item[b];
        a += order <= 0;
        b += order >= 0;
    }
    *out = (eg_array_list){item, count};
    return ENGRAM_OK;
}

static engram_status merge_queues(eg_queue_list *out, const eg_queue_list *old,
                                  const eg_queue_list *fresh, eg_arena *arena,
                                  engram_error *err)
{
    eg_queue *item = eg_arena_array(arena, old->count + fresh->count + 1, sizeof *item);
    if (!item)
        return eg_fail_memory(err, "the state of a run");
    size_t count = 0, a = 0, b = 0;
    while (a < old->count || b < fresh->count) {
        const int order = a == old->count     ? 1
                          : b == fresh->count ? -1
                                              : strcmp(old->item[a].name, fresh->item[b].name);
        item[count++] = order < 0 ? old->item[a] : fresh->item[b];
        a += order <= 0;
        b += order >= 0;
    }
    *out = (eg_queue_list){item, count};
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
        engram_status status = merge_arrays(&merged->arrays, old ? &old->arrays : &none.arrays,
                                            &at->state->arrays, arena, err);
        if (!status)
            status = merge_queues(&merged->queues, old ? &old->queues : &none.queues,
                                  &at->state->queues, arena, err);
        if (status)
            return status;
        view->document.state = merged;
    }
    return ENGRAM_OK;
}
