#include "network/net_order.h"
#include "network/net_find.h"

#include <stdlib.h>
#include <string.h>

typedef struct builder {
    const eg_net *net;
    const eg_network *network; /* never NULL: an empty one stands in */
    eg_order *order;
    unsigned char *group_mark;    /* [groups] one of the marks below */
    unsigned char *synapses_mark; /* [synapses] */
    engram_error *err;
} builder;

/* Depth-first marks: a name met while it is still open closes a circle. */
enum { MARK_NEW, MARK_OPEN, MARK_DONE };
/* References deeper than this are refused like circles: the search recurses. */
enum { CHAIN_MAX = 1000 };

static void put(builder *b, eg_phase phase, const void *element)
{
    eg_order_step *step = &b->order->item[b->order->count++];
    step->phase = phase;
    step->of.element = element;
}

static engram_status missing(builder *b, const char *kind, const char *name, const char *role,
                             const char *to)
{
    return eg_fail(b->err, ENGRAM_E_REFERENCE,
                   "%s \"%s\" names \"%s\" as its %s, which is not in the network", kind, name,
                   to, role);
}

static engram_status need_clock(builder *b, const char *kind, const char *name,
                                const char *clock)
{
    if (*clock && !eg_net_clock(b->network, clock))
        return missing(b, kind, name, "clock", clock);
    return ENGRAM_OK;
}

static engram_status circle(builder *b, const char *kind, const char *name, const char *to)
{
    return eg_fail(b->err, ENGRAM_E_REFERENCE,
                   "%s \"%s\" and \"%s\" refer to each other in a circle", kind, name, to);
}

/* ---- groups --------------------------------------------------------------------------- */

static bool is_subgroup(const eg_group *group)
{
    return strcmp(group->kind, "subgroup") == 0;
}

static engram_status group_references(builder *b, const eg_group *group)
{
    engram_status status = need_clock(b, "group", group->name, group->clock);
    for (size_t k = 0; !status && k < group->events.count; k++)
        status = need_clock(b, "group", group->name, group->events.item[k].clock);
    for (size_t k = 0; !status && k < group->regulars.count; k++)
        status = need_clock(b, "group", group->name, group->regulars.item[k].clock);
    return status;
}

static engram_status visit_subgroup(builder *b, const eg_group *group, int depth)
{
    unsigned char *mark = &b->group_mark[group - b->network->groups.item];
    if (*mark == MARK_DONE)
        return ENGRAM_OK;
    *mark = MARK_OPEN;
    const eg_group *source = eg_net_group(b->network, group->source);
    if (!source)
        return missing(b, "subgroup", group->name, "source", group->source);
    if (is_subgroup(source)) {
        if (b->group_mark[source - b->network->groups.item] == MARK_OPEN || depth > CHAIN_MAX)
            return circle(b, "subgroups", group->name, source->name);
        engram_status status = visit_subgroup(b, source, depth + 1);
        if (status)
            return status;
    }
    *mark = MARK_DONE;
    put(b, EG_PHASE_SUBGROUP, group);
    return ENGRAM_OK;
}

static engram_status order_groups(builder *b)
{
    const eg_group_list *groups = &b->network->groups;
    for (size_t k = 0; k < groups->count; k++) {
        engram_status status = group_references(b, &groups->item[k]);
        if (status)
            return status;
        if (!is_subgroup(&groups->item[k]))
            put(b, EG_PHASE_GROUP, &groups->item[k]);
    }
    for (size_t k = 0; k < groups->count; k++) {
        engram_status status = ENGRAM_OK;
        if (is_subgroup(&groups->item[k]))
            status = visit_subgroup(b, &groups->item[k], 0);
        if (status)
            return status;
    }
    return ENGRAM_OK;
}

static engram_status order_inputs(builder *b)
{
    const eg_input_list *inputs = &b->network->inputs;
    for (size_t k = 0; k < inputs->count; k++) {
        const eg_input *input = &inputs->item[k];
        if (!eg_net_group(b->network, input->target))
            return missing(b, "input", input->name, "target", input->target);
        engram_status status = need_clock(b, "input", input->name, input->clock);
        if (status)
            return status;
        put(b, EG_PHASE_INPUT, input);
    }
    return ENGRAM_OK;
}

/* ---- synapses ------------------------------------------------------------------------- */

static engram_status visit_synapses(builder *b, const eg_synapses *synapses, int depth);

/* One end of synapses: a group, or other synapses, which then come first. */
static engram_status visit_end(builder *b, const eg_synapses *synapses, const char *role,
                               const char *to, int depth)
{
    if (eg_net_group(b->network, to))
        return ENGRAM_OK;
    const eg_synapses *other = eg_net_synapses(b->network, to);
    if (!other)
        return missing(b, "synapses", synapses->name, role, to);
    if (b->synapses_mark[other - b->network->synapses.item] == MARK_OPEN || depth > CHAIN_MAX)
        return circle(b, "synapses", synapses->name, other->name);
    return visit_synapses(b, other, depth + 1);
}

static engram_status visit_synapses(builder *b, const eg_synapses *synapses, int depth)
{
    unsigned char *mark = &b->synapses_mark[synapses - b->network->synapses.item];
    if (*mark == MARK_DONE)
        return ENGRAM_OK;
    *mark = MARK_OPEN;
    engram_status status = visit_end(b, synapses, "source", synapses->source, depth);
    if (!status)
        status = visit_end(b, synapses, "target", synapses->target, depth);
    if (!status)
        status = need_clock(b, "synapses", synapses->name, synapses->clock);
    for (size_t k = 0; !status && k < synapses->pathways.count; k++)
        status = need_clock(b, "pathway", synapses->pathways.item[k].name,
                            synapses->pathways.item[k].clock);
    for (size_t k = 0; !status && k < synapses->regulars.count; k++)
        status = need_clock(b, "synapses", synapses->name, synapses->regulars.item[k].clock);
    if (status)
        return status;
    *mark = MARK_DONE;
    put(b, EG_PHASE_SYNAPSES, synapses);
    return ENGRAM_OK;
}

static engram_status order_synapses(builder *b)
{
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < b->network->synapses.count; k++)
        status = visit_synapses(b, &b->network->synapses.item[k], 0);
    return status;
}

/* ---- what follows the synapses -------------------------------------------------------- */

static bool is_object(const builder *b, const char *name)
{
    return eg_net_group(b->network, name) || eg_net_synapses(b->network, name);
}

static engram_status order_setup(builder *b)
{
    const eg_setup_list *setup = &b->network->setup;
    for (size_t k = 0; k < setup->count; k++) {
        const eg_setup *step = &setup->item[k];
        if (*step->target && !is_object(b, step->target) &&
            !eg_net_pathway(b->network, step->target, NULL))
            return eg_fail(
                b->err, ENGRAM_E_REFERENCE,
                "setup step %zu (%s) names \"%s\" as its target, which is not in the "
                "network",
                k, step->kind, step->target);
        put(b, EG_PHASE_SETUP, step);
    }
    return ENGRAM_OK;
}

static engram_status order_monitors(builder *b)
{
    const eg_monitor_list *monitors = &b->network->monitors;
    for (size_t k = 0; k < monitors->count; k++) {
        const eg_monitor *monitor = &monitors->item[k];
        if (!is_object(b, monitor->source))
            return missing(b, "monitor", monitor->name, "source", monitor->source);
        engram_status status = need_clock(b, "monitor", monitor->name, monitor->clock);
        if (status)
            return status;
        put(b, EG_PHASE_MONITOR, monitor);
    }
    return ENGRAM_OK;
}

static engram_status executable_references(builder *b, const eg_executable *e)
{
    if (!is_object(b, e->owner) && !eg_net_monitor(b->network, e->owner))
        return missing(b, "executable", e->name, "owner", e->owner);
    if (!eg_net_clock(b->network, e->clock))
        return missing(b, "executable", e->name, "clock", e->clock);
    if (*e->event_source && !is_object(b, e->event_source))
        return missing(b, "executable", e->name, "event_source", e->event_source);
    if (*e->pathway && !eg_net_pathway(b->network, e->pathway, NULL))
        return missing(b, "executable", e->name, "pathway", e->pathway);
    if (*e->target && !is_object(b, e->target))
        return missing(b, "executable", e->name, "target", e->target);
    return ENGRAM_OK;
}

static int by_schedule(const void *a, const void *b)
{
    const eg_order_step *x = a, *y = b;
    if (x->slot != y->slot)
        return x->slot < y->slot ? -1 : 1;
    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    return strcmp(x->name, y->name); /* names of objects differ: a total order */
}

static void put_scheduled(builder *b, eg_phase phase, const void *element, int64_t slot,
                          int64_t order, const char *name)
{
    put(b, phase, element);
    eg_order_step *step = &b->order->item[b->order->count - 1];
    step->slot = slot;
    step->order = order;
    step->name = name;
}

static engram_status order_executables(builder *b)
{
    const eg_code *code = b->net->document.code;
    const size_t first = b->order->count;
    for (size_t k = 0; code && k < code->executables.count; k++) {
        const eg_executable *e = &code->executables.item[k];
        engram_status status = executable_references(b, e);
        int64_t slot = 0;
        if (!status) {
            status = eg_net_slot(&slot, &b->network->schedule, e->when, b->err);
            if (status)
                return eg_error_prefix(b->err, status, "executable \"%s\"", e->name);
        }
        if (status)
            return status;
        put_scheduled(b, EG_PHASE_EXECUTABLE, e, slot, e->order, e->name);
    }
    const eg_operation_list *operations = &b->network->operations;
    for (size_t k = 0; k < operations->count; k++) {
        const eg_operation *o = &operations->item[k];
        int64_t slot = 0;
        if (!eg_net_clock(b->network, o->clock))
            return missing(b, "operation", o->name, "clock", o->clock);
        engram_status status =
            eg_net_slot(&slot, &b->network->schedule, *o->when ? o->when : "start", b->err);
        if (status)
            return eg_error_prefix(b->err, status, "operation \"%s\"", o->name);
        put_scheduled(b, EG_PHASE_OPERATION, o, slot, o->order, o->name);
    }
    const size_t count = b->order->count - first;
    if (count > 1)
        qsort(b->order->item + first, count, sizeof *b->order->item, by_schedule);
    return ENGRAM_OK;
}

engram_status eg_net_order(eg_order *out, const eg_net *net, eg_arena *arena, engram_error *err)
{
    *out = (eg_order){NULL, 0};
    static const eg_network empty;
    const eg_network *n = net->document.network ? net->document.network : &empty;
    const eg_code *code = net->document.code;
    const size_t count = n->clocks.count + n->groups.count + n->inputs.count +
                         n->synapses.count + n->setup.count + n->monitors.count +
                         n->operations.count + (code ? code->executables.count : 0);
    out->item = eg_arena_array(arena, count, sizeof *out->item);
    builder b = {.net = net,
                 .network = n,
                 .order = out,
                 .group_mark = eg_arena_alloc(arena, n->groups.count),
                 .synapses_mark = eg_arena_alloc(arena, n->synapses.count),
                 .err = err};
    if (!out->item || !b.group_mark || !b.synapses_mark)
        return eg_fail_memory(err, "the order of objects");
    for (size_t k = 0; k < n->clocks.count; k++)
        put(&b, EG_PHASE_CLOCK, &n->clocks.item[k]);
    static engram_status (*const phases[])(builder *) = {order_groups,   order_inputs,
                                                         order_synapses, order_setup,
                                                         order_monitors, order_executables};
    for (size_t k = 0; k < sizeof phases / sizeof *phases; k++) {
        engram_status status = phases[k](&b);
        if (status) {
            *out = (eg_order){NULL, 0};
            return status;
        }
    }
    return ENGRAM_OK;
}

/* A slot that stands twice is where it stands last (Network.sorted_objects). */
static size_t place_in(const eg_strs *schedule, const char *name)
{
    for (size_t k = schedule->count; k-- > 0;)
        if (strcmp(schedule->item[k], name) == 0)
            return k;
    return SIZE_MAX;
}

engram_status eg_net_slot(int64_t *slot, const eg_strs *schedule, const char *when,
                          engram_error *err)
{
    const char *name = when;
    int64_t offset = 1;
    size_t k = place_in(schedule, when); /* a slot may itself be called before_... */
    if (k == SIZE_MAX && strncmp(when, "before_", 7) == 0) {
        name = when + 7;
        offset = 0;
        k = place_in(schedule, name);
    } else if (k == SIZE_MAX && strncmp(when, "after_", 6) == 0) {
        name = when + 6;
        offset = 2;
        k = place_in(schedule, name);
    }
    if (k == SIZE_MAX)
        return eg_fail(err, ENGRAM_E_REFERENCE, "slot \"%s\" is not in the schedule", when);
    *slot = 3 * (int64_t)k + offset;
    return ENGRAM_OK;
}
