/* map.h - names to numbers: open addressing over xxh3 of the key
 *
 * Keys are borrowed: they must outlive the map. Iteration is not offered: nothing in
 * Engram may depend on hash order.
 */
#ifndef EG_COMMON_MAP_H
#define EG_COMMON_MAP_H

#include "common/memory.h"

typedef struct eg_map eg_map;

eg_map *eg_map_new(const engram_alloc *alloc);
void eg_map_free(eg_map *map);
/* Enter key -> value; an existing key keeps its value. `*fresh` (may be NULL) tells
 * whether it was new. False when memory is out. */
bool eg_map_put(eg_map *map, const char *key, size_t value, bool *fresh);
/* Value of key through *value (may be NULL). False if absent. */
bool eg_map_get(const eg_map *map, const char *key, size_t *value);
size_t eg_map_count(const eg_map *map);

#endif
