/* tree.h - a network's inventory as one JSON tree: what `inspect` prints, either way
 *
 * An element is an object, a list of elements an array; fields that hold their default are
 * left out, as in files. Arrays appear as {"dtype", "shape", "bytes"}, dimensions as text.
 */
#ifndef EG_CLI_TREE_H
#define EG_CLI_TREE_H

#include "engram/network.h"

#include <jansson.h>

/* *out is owned by the caller (json_decref); NULL on failure. E_MEMORY. */
engram_status cli_tree(json_t **out, const engram_network *network, engram_error *err);

#endif
