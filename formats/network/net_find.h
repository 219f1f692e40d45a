/* net_find.h - elements of a network by name
 *
 * Lists in canonical order (eg_net_canonical; every reader leaves them so) are searched by
 * halving. Results are borrowed from the network. NULL where nothing has the name, also when
 * the part that is searched is absent (`network`, `code`, `state` may be NULL).
 */
#ifndef EG_NETWORK_NET_FIND_H
#define EG_NETWORK_NET_FIND_H

#include "network/net.h"

/* Of any canonical LIST, given its element type, which must have a `name`. */
void *eg_list_find(const eg_any_list *list, const eg_element_type *type, const char *name);

const eg_clock *eg_net_clock(const eg_network *network, const char *name);
const eg_group *eg_net_group(const eg_network *network, const char *name);
const eg_synapses *eg_net_synapses(const eg_network *network, const char *name);
const eg_input *eg_net_input(const eg_network *network, const char *name);
const eg_monitor *eg_net_monitor(const eg_network *network, const char *name);
const eg_function *eg_net_function(const eg_network *network, const char *name);
/* A pathway by object name, and the synapses it belongs to (`owner` may be NULL). */
const eg_pathway *eg_net_pathway(const eg_network *network, const char *name,
                                 const eg_synapses **owner);
/* A variable of an object's table, an index array of a group. */
const eg_variable *eg_net_variable(const eg_variable_list *table, const char *name);
const eg_index_array *eg_net_index_array(const eg_group *group, const char *name);
/* Of numbers whose type nothing else gives: temporaries, delays, rates. */
eg_dtype eg_net_float_type(const eg_network *network);
const eg_executable *eg_net_executable(const eg_code *code, const char *name);
/* The stored array "<owner>.<variable>". */
const eg_array *eg_net_array(const eg_state *state, const char *owner, const char *variable);
const eg_queue *eg_net_queue(const eg_state *state, const char *pathway);
/* Position of a slot name in a schedule, SIZE_MAX if it is not there. */
size_t eg_strs_find(const eg_strs *strs, const char *text);

/* The variable of an output `_gsl_<variable>_f<number>` of an executable, in `output` itself,
 * [*length]; NULL if it is none. */
const char *eg_net_rate_output(const char *output, size_t *length, uint32_t *number);

#endif
