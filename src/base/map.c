/* Hash tables with linear probing, at most three quarters used. What is removed leaves a mark,
 * which the next growth sweeps out; a mark before a free entry is freed at once. */
#include "map.h"
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { FIRST_CAP = 16 };

uint64_t amph__hash64(const void *data, size_t len, uint64_t seed)
{
	return XXH3_64bits_withSeed(data, len, seed);
}

amph_hash128 amph__hash128(const void *data, size_t len)
{
	XXH128_hash_t h = XXH3_128bits(data, len);
	return (amph_hash128){ h.low64, h.high64 };
}

void amph__map_init(amph_map *m, const amph_allocator *a, uint64_t seed)
{
	*m = (amph_map){ .allocator = a, .seed = seed };
}

void amph__map_clear(amph_map *m)
{
	amph__free(m->allocator, m->entries);
	amph__map_init(m, m->allocator, m->seed);
}

static bool is_free(const amph_map_entry *e)
{
	return e->value == NULL && e->key == NULL;
}

static void set_free(amph_map_entry *e)
{
	*e = (amph_map_entry){ 0 };
}

/* cap is a power of two with room for all entries. */
static bool resize(amph_map *m, size_t cap)
{
	size_t size;
	if (!amph__size_mul(cap, sizeof(amph_map_entry), &size))
		return false;
	amph_map_entry *entries = amph__alloc_zero(m->allocator, size);
	if (entries == NULL)
		return false;
	for (size_t i = 0; i < m->cap; i++) {
		if (m->entries[i].value == NULL)
			continue;
		size_t at = (size_t)m->entries[i].hash & (cap - 1);
		while (!is_free(&entries[at]))
			at = (at + 1) & (cap - 1);
		entries[at] = m->entries[i];
	}
	amph__free(m->allocator, m->entries);
	m->entries = entries;
	m->cap = cap;
	m->used = m->count;
	return true;
}

bool amph__map_reserve(amph_map *m, size_t count)
{
	size_t cap = m->cap == 0 ? FIRST_CAP : m->cap;
	while (cap / 4 * 3 < count) {
		if (!amph__size_mul(cap, 2, &cap))
			return false;
	}
	/* The removed ones take room too, until a resize drops them. */
	if (cap == m->cap && (count < m->count || count - m->count <= cap / 4 * 3 - m->used))
		return true;
	return resize(m, cap);
}

/* The entry of the key, or NULL. */
static amph_map_entry *find(const amph_map *m, const void *key, size_t len, uint64_t hash)
{
	if (m->cap == 0)
		return NULL;
	for (size_t at = (size_t)hash & (m->cap - 1);; at = (at + 1) & (m->cap - 1)) {
		amph_map_entry *e = &m->entries[at];
		if (is_free(e))
			return NULL;
		if (e->value != NULL && e->hash == hash && e->key_len == len &&
		    (len == 0 || memcmp(e->key, key, len) == 0))
			return e;
	}
}

void *amph__map_get(const amph_map *m, const void *key, size_t len)
{
	if (m->count == 0)
		return NULL;
	const amph_map_entry *e = find(m, key, len, amph__hash64(key, len, m->seed));
	return e == NULL ? NULL : e->value;
}

/* The first entry without a value where a new key may go. */
static amph_map_entry *find_vacant(const amph_map *m, uint64_t hash)
{
	size_t at = (size_t)hash & (m->cap - 1);
	while (m->entries[at].value != NULL)
		at = (at + 1) & (m->cap - 1);
	return &m->entries[at];
}

/* Full of marks, the table keeps its size and drops them; else it doubles. */
static bool make_room(amph_map *m)
{
	if (m->cap != 0 && m->used < m->cap / 4 * 3)
		return true;
	if (m->cap != 0 && m->count < m->cap / 2)
		return resize(m, m->cap);
	size_t cap = FIRST_CAP;
	if (m->cap != 0 && !amph__size_mul(m->cap, 2, &cap))
		return false;
	return resize(m, cap);
}

bool amph__map_put(amph_map *m, const void *key, size_t len, void *value)
{
	uint64_t hash = amph__hash64(key, len, m->seed);
	if (key == NULL)
		key = "";
	amph_map_entry *e = find(m, key, len, hash);
	if (e == NULL) {
		if (!make_room(m))
			return false;
		e = find_vacant(m, hash);
		m->used += is_free(e);
		m->count++;
	}
	*e = (amph_map_entry){ key, len, hash, value };
	return true;
}

void *amph__map_remove(amph_map *m, const void *key, size_t len)
{
	if (m->count == 0)
		return NULL;
	amph_map_entry *e = find(m, key, len, amph__hash64(key, len, m->seed));
	if (e == NULL)
		return NULL;
	void *value = e->value;
	e->value = NULL;
	e->key = "";
	m->count--;
	size_t at = (size_t)(e - m->entries);
	if (!is_free(&m->entries[(at + 1) & (m->cap - 1)]))
		return value;
	for (; m->entries[at].value == NULL && !is_free(&m->entries[at]);
	     at = (at - 1) & (m->cap - 1)) {
		set_free(&m->entries[at]);
		m->used--;
	}
	return value;
}

void *amph__map_next(const amph_map *m, size_t *i)
{
	while (*i < m->cap) {
		void *value = m->entries[(*i)++].value;
		if (value != NULL)
			return value;
	}
	return NULL;
}
