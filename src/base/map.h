/* A hash table from byte strings to pointers, open addressing, XXH3 with a seed of its own so
 * that keys cannot be chosen to collide. Keys are not copied: they must outlive the entry. */
#ifndef AMPH_BASE_MAP_H
#define AMPH_BASE_MAP_H
#include "alloc.h"
#include <stdint.h>

typedef struct amph_map_entry { const void *key; size_t key_len; uint64_t hash; void *value; } amph_map_entry;
typedef struct amph_map {
	const amph_allocator *allocator;
	amph_map_entry *entries;        /* value NULL and key NULL: free; value NULL: deleted */
	size_t count, used, cap;        /* used counts the deleted too */
	uint64_t seed;
} amph_map;

void amph__map_init(amph_map *m, const amph_allocator *a, uint64_t seed);
void amph__map_clear(amph_map *m);      /* frees the table; usable again */
bool amph__map_reserve(amph_map *m, size_t count);      /* no growth until count entries */
void *amph__map_get(const amph_map *m, const void *key, size_t len);    /* NULL: absent */
/* Adds or replaces; value is not NULL. false on failed allocation, the map unchanged. */
bool amph__map_put(amph_map *m, const void *key, size_t len, void *value);
void *amph__map_remove(amph_map *m, const void *key, size_t len);       /* what was there, or NULL */
/* for (size_t i = 0; (v = amph__map_next(m, &i)); ) */
void *amph__map_next(const amph_map *m, size_t *i);

typedef struct amph_hash128 { uint64_t lo, hi; } amph_hash128;
uint64_t amph__hash64(const void *data, size_t len, uint64_t seed);
amph_hash128 amph__hash128(const void *data, size_t len);       /* unseeded: the same everywhere */
#endif
