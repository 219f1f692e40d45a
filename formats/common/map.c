#include "common/map.h"

#include <string.h>
#include <xxhash.h>

typedef struct entry {
    const char *key; /* borrowed; NULL: free */
    uint64_t hash;
    size_t value;
} entry;

struct eg_map {
    const engram_alloc *alloc;
    entry *entries; /* [capacity], a power of two, at most 3/4 full */
    size_t capacity;
    size_t count;
};

eg_map *eg_map_new(const engram_alloc *alloc)
{
    eg_map *map = eg_calloc(alloc, sizeof *map);
    if (map)
        map->alloc = alloc;
    return map;
}

void eg_map_free(eg_map *map)
{
    if (!map)
        return;
    eg_free(map->alloc, map->entries, map->capacity * sizeof *map->entries);
    eg_free(map->alloc, map, sizeof *map);
}

/* The entry of `key`, or the free one where it belongs. Needs capacity > count. */
static entry *probe(const eg_map *map, const char *key, uint64_t hash)
{
    for (size_t k = hash & (map->capacity - 1);; k = (k + 1) & (map->capacity - 1)) {
        entry *e = &map->entries[k];
        if (!e->key || (e->hash == hash && strcmp(e->key, key) == 0))
            return e;
    }
}

static bool grow(eg_map *map)
{
    const size_t old_capacity = map->capacity;
    entry *old = map->entries;
    const size_t capacity = old_capacity ? 2 * old_capacity : 16;
    entry *fresh = eg_calloc_array(map->alloc, capacity, sizeof *fresh);
    if (!fresh)
        return false;
    map->entries = fresh;
    map->capacity = capacity;
    for (size_t k = 0; k < old_capacity; k++)
        if (old[k].key)
            *probe(map, old[k].key, old[k].hash) = old[k];
    eg_free(map->alloc, old, old_capacity * sizeof *old);
    return true;
}

bool eg_map_put(eg_map *map, const char *key, size_t value, bool *fresh)
{
    if (4 * (map->count + 1) > 3 * map->capacity && !grow(map))
        return false;
    const uint64_t hash = XXH3_64bits(key, strlen(key));
    entry *e = probe(map, key, hash);
    if (fresh)
        *fresh = !e->key;
    if (!e->key) {
        *e = (entry){key, hash, value};
        map->count++;
    }
    return true;
}

bool eg_map_get(const eg_map *map, const char *key, size_t *value)
{
    if (!map->count)
        return false;
    const entry *e = probe(map, key, XXH3_64bits(key, strlen(key)));
    if (e->key && value)
        *value = e->value;
    return e->key != NULL;
}

size_t eg_map_count(const eg_map *map)
{
    return map->count;
}
