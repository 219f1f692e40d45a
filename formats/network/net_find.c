#include "network/net_find.h"
#include "network/net_types.h"

#include <stdlib.h>
#include <string.h>

void *eg_list_find(const eg_any_list *list, const eg_element_type *type, const char *name)
{
    const size_t offset = eg_element_field(type, "name")->offset;
    size_t low = 0, high = list->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        char *item = (char *)list->item + middle * type->size;
        const int order = strcmp(*(const char **)(void *)(item + offset), name);
        if (order == 0)
            return item;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* The list types differ only in the type of `item`, so one search serves all. */
#define FIND(list, element, name)                                                              \
    eg_list_find(&(const eg_any_list){(list).item, (list).count}, &eg_type_##element, name)

const eg_clock *eg_net_clock(const eg_network *network, const char *name)
{
    return network ? FIND(network->clocks, clock, name) : NULL;
}

const eg_group *eg_net_group(const eg_network *network, const char *name)
{
    return network ? FIND(network->groups, group, name) : NULL;
}

const eg_synapses *eg_net_synapses(const eg_network *network, const char *name)
{
    return network ? FIND(network->synapses, synapses, name) : NULL;
}

const eg_input *eg_net_input(const eg_network *network, const char *name)
{
    return network ? FIND(network->inputs, input, name) : NULL;
}

const eg_monitor *eg_net_monitor(const eg_network *network, const char *name)
{
    return network ? FIND(network->monitors, monitor, name) : NULL;
}

const eg_function *eg_net_function(const eg_network *network, const char *name)
{
    return network ? FIND(network->functions, function, name) : NULL;
}

static const eg_pathway *pathway_of(const eg_synapses *synapses, const char *name)
{
    return FIND(synapses->pathways, pathway, name);
}

const eg_pathway *eg_net_pathway(const eg_network *network, const char *name,
                                 const eg_synapses **owner)
{
    for (size_t k = 0; network && k < network->synapses.count; k++) {
        const eg_pathway *found = pathway_of(&network->synapses.item[k], name);
        if (found) {
            if (owner)
                *owner = &network->synapses.item[k];
            return found;
        }
    }
    return NULL;
}

const eg_variable *eg_net_variable(const eg_variable_list *table, const char *name)
{
    for (size_t k = 0; k < table->count; k++) /* tables keep the order of the file */
        if (!strcmp(table->item[k].name, name))
            return &table->item[k];
    return NULL;
}

const eg_index_array *eg_net_index_array(const eg_group *group, const char *name)
{
    return group ? FIND(group->index_arrays, index_array, name) : NULL;
}

eg_dtype eg_net_float_type(const eg_network *network)
{
    return strcmp(network->float_dtype, "float32") ? EG_F64 : EG_F32;
}

const eg_executable *eg_net_executable(const eg_code *code, const char *name)
{
    return code ? FIND(code->executables, executable, name) : NULL;
}

/* Compare "<owner>.<variable>" with a name without building it. */
static int compare_dotted(const char *name, const char *owner, const char *variable)
{
    const size_t length = strlen(owner);
    int order = strncmp(name, owner, length);
    if (order)
        return order;
    order = (unsigned char)name[length] - '.';
    return order ? order : strcmp(name + length + 1, variable);
}

const eg_array *eg_net_array(const eg_state *state, const char *owner, const char *variable)
{
    size_t low = 0, high = state ? state->arrays.count : 0;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = compare_dotted(state->arrays.item[middle].name, owner, variable);
        if (order == 0)
            return &state->arrays.item[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const eg_queue *eg_net_queue(const eg_state *state, const char *pathway)
{
    return state ? FIND(state->queues, queue, pathway) : NULL;
}

size_t eg_strs_find(const eg_strs *strs, const char *text)
{
    for (size_t k = 0; k < strs->count; k++)
        if (strcmp(strs->item[k], text) == 0)
            return k;
    return SIZE_MAX;
}

const char *eg_net_rate_output(const char *output, size_t *length, uint32_t *number)
{
    static const char begin[] = "_gsl_";
    enum { BEGIN = sizeof begin - 1, DIGITS_MAX = 6 };
    const size_t size = strlen(output);
    size_t digits = 0;
    while (digits < size && output[size - 1 - digits] >= '0' &&
           output[size - 1 - digits] <= '9')
        digits++;
    const size_t around = BEGIN + 2 + digits; /* _gsl_ ... _f1 */
    if (strncmp(output, begin, BEGIN) || !digits || digits > DIGITS_MAX || size <= around ||
        strncmp(output + size - digits - 2, "_f", 2))
        return NULL;
    *number = (uint32_t)strtoul(output + size - digits, NULL, 10);
    *length = size - around;
    return output + BEGIN;
}
