/* tree.h - a network's inventory as one JSON tree: what `inspect` prints, either way
 *
 * An element is an object, a list of elements an array; fields that hold their default are
 * left out, as in files. Arrays appear as {"dtype", "shape", "bytes", "min", "max"} (the last
 * two for arrays of up to 16 million finite numbers), dimensions as text.
 * If asked for, arrays also have "xxh3_128", the digest of their elements.
 */
#ifndef EG_CLI_TREE_H
#define EG_CLI_TREE_H

#include "engram/network.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* *out is owned by the caller (json_decref); NULL on failure. E_MEMORY. */
engram_status cli_tree(json_t **out, const engram_network *network, bool digests,
                       engram_error *err);

/* Text that need not be UTF-8 (a file's name): bytes that JSON cannot hold become "?". NULL
 * without memory. */
json_t *cli_json_text(const char *text);

/* Print `root` and release it, also on failure. E_MEMORY: it is NULL, or cannot be printed. */
engram_status cli_json_print(FILE *to, json_t *root, engram_error *err) ENGRAM_MUST_USE;

#endif
