/* net_order.h - in which order a network is built, and when its objects run
 *
 * One function, so that nothing depends on "whatever order the file has":
 *
 *   clocks -> groups -> subgroups -> inputs -> synapses -> setup -> monitors -> executables
 *
 * Within a phase: by name; a subgroup after its source, synapses after synapses that they
 * connect to, setup in program order, executables by (slot number, order, name by code
 * point), which is the order of a time step (Brian2: core/network.py, _get_sorted_objects).
 * Inputs (PoissonInput) follow the subgroups because a subgroup may be their target.
 *
 * Needs canonical lists (eg_net_canonical). The order lives in the arena given; elements are
 * borrowed from the network. Errors: E_REFERENCE for a missing or circular reference, naming
 * both ends; E_MEMORY.
 */
#ifndef EG_NETWORK_NET_ORDER_H
#define EG_NETWORK_NET_ORDER_H

#include "network/net.h"

typedef enum eg_phase {
    EG_PHASE_CLOCK,
    EG_PHASE_GROUP,
    EG_PHASE_SUBGROUP,
    EG_PHASE_INPUT,
    EG_PHASE_SYNAPSES,
    EG_PHASE_SETUP,
    EG_PHASE_MONITOR,
    EG_PHASE_EXECUTABLE,
    EG_PHASE_OPERATION /* sorted among the executables: it runs between them */
} eg_phase;

typedef struct eg_order_step {
    eg_phase phase;
    int64_t slot, order; /* executables, operations: eg_net_slot of `when`; else 0 */
    const char *name;    /* of these; else NULL */
    union {
        const void *element;
        const eg_clock *clock;
        const eg_group *group; /* also subgroups */
        const eg_input *input;
        const eg_synapses *synapses;
        const eg_setup *setup;
        const eg_monitor *monitor;
        const eg_executable *executable;
        const eg_operation *operation;
    } of;
} eg_order_step;

typedef struct eg_order {
    eg_order_step *item;
    size_t count;
} eg_order;

engram_status eg_net_order(eg_order *out, const eg_net *net, eg_arena *arena,
                           engram_error *err);

/* Number of a slot: for the k-th name X of the schedule, before_X is 3k, X 3k+1, after_X
 * 3k+2. E_REFERENCE if `when` is none of these. */
engram_status eg_net_slot(int64_t *slot, const eg_strs *schedule, const char *when,
                          engram_error *err);

#endif
