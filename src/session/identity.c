/* The identity map of one table, which models derived from one share: objects found by the primary key
 * of their snapshots. */
#include "state.h"
#include <string.h>

enum { GROWS_FAST = 16384 };
enum { HASH_FREE, HASH_REMOVED, HASH_FIRST };

static uint32_t mix(uint64_t h)
{
	h ^= h >> 32;
	h *= 0x9e3779b97f4a7c15u;
	h >>= 32;
	return (uint32_t)h < HASH_FIRST ? (uint32_t)h + HASH_FIRST : (uint32_t)h;
}

uint64_t amph__member_hash(const amph_slot *slot, const void *base, uint64_t seed)
{
	const void *at = amph__slot_value(slot, base);
	const amph_bytes *bytes = at;

	if (slot->type == AMPH_T_TEXT || slot->type == AMPH_T_JSON) {
		const char *text = *(const char *const *)at;

		return amph__hash64(text ? text : "", text ? strlen(text) : 0, seed);
	}
	if (slot->type == AMPH_T_BYTES)
		return amph__hash64(bytes->data, bytes->data ? bytes->size : 0, seed);
	if (slot->type == AMPH_T_NUMERIC) {
		/* equal numbers may differ in their scale: the double is the same for both */
		double d = amph_numeric_to_double(*(const amph_numeric *)at);

		return amph__hash64(&d, sizeof d, seed);
	}
	return amph__hash64(at, amph_type_size(slot->type, false), seed);
}

/* The usual key: one 64-bit integer. */
static bool has_plain_key(const amph_mapper *m)
{
	const amph_slot *slot = &m->columns[m->keys[0]].slot;

	return m->n_keys == 1 && slot->type == AMPH_T_INT64 && !slot->nullable;
}

static int64_t plain_key(const amph_mapper *m, const void *members)
{
	int64_t key;

	memcpy(&key, (const char *)members + m->columns[m->keys[0]].slot.offset, sizeof key);
	return key;
}

uint32_t amph__identity_hash(const amph_extent *e, const void *members)
{
	e = e->root;
	const amph_mapper *m = e->mapper;
	uint64_t h = (uint64_t)(uintptr_t)e;

	if (has_plain_key(m))
		return mix((uint64_t)plain_key(m, members) ^ h);
	for (size_t i = 0; i < m->n_keys; i++)
		h = amph__member_hash(&m->columns[m->keys[i]].slot, members, h);
	return mix(h);
}

static bool same_key(const amph_extent *e, const void *a, const void *b)
{
	const amph_mapper *m = e->mapper;

	if (has_plain_key(m))
		return plain_key(m, a) == plain_key(m, b);
	for (size_t i = 0; i < m->n_keys; i++)
		if (!amph__slot_equal(&m->columns[m->keys[i]].slot, a, b))
			return false;
	return true;
}

bool amph__identity_is_same(const amph_extent *e, const amph_object *o)
{
	return same_key(e, amph__snapshot(o), amph__members(o));
}

void amph__identity_prefetch(const amph_extent *e, uint32_t hash)
{
	const amph_identity_map *map = &e->root->identity;
	size_t i = hash & (map->cap - 1);

	__builtin_prefetch(&map->hashes[i], 1);
	__builtin_prefetch(&map->objects[i], 1);
}

amph_object *amph__identity_at(const amph_extent *e, uint32_t hash, const void *members)
{
	const amph_identity_map *map = &e->root->identity;

	if (!map->count)
		return NULL;
	for (size_t i = hash & (map->cap - 1); map->hashes[i] != HASH_FREE;
	     i = (i + 1) & (map->cap - 1))
		if (map->hashes[i] == hash && same_key(e, amph__snapshot(map->objects[i]), members))
			return map->objects[i];
	return NULL;
}

amph_object *amph__identity_find(const amph_extent *e, const void *members)
{
	return e->root->identity.count ? amph__identity_at(e, amph__identity_hash(e, members), members)
				 : NULL;
}

void amph__identity_put(amph_extent *e, uint32_t hash, amph_object *o)
{
	amph_identity_map *map = &e->root->identity;
	size_t i = hash & (map->cap - 1);

	while (map->hashes[i] >= HASH_FIRST)
		i = (i + 1) & (map->cap - 1);
	map->used += map->hashes[i] == HASH_FREE;
	map->hashes[i] = hash;
	map->objects[i] = o;
	map->count++;
}

static bool resize(amph_extent *e, const amph_allocator *a, size_t cap)
{
	amph_identity_map *map = &e->identity, old = *map;
	size_t bytes;

	if (!amph__size_mul(cap, sizeof *map->objects + sizeof *map->hashes, &bytes))
		return false;
	amph_object **objects = amph__alloc(a, bytes);
	if (!objects)
		return false;
	*map = (amph_identity_map){ .objects = objects, .hashes = (uint32_t *)(void *)(objects + cap),
				    .cap = cap };
	memset(map->hashes, HASH_FREE, cap * sizeof *map->hashes);
	for (size_t i = 0; i < old.cap; i++)
		if (old.hashes[i] >= HASH_FIRST)
			amph__identity_put(e, old.hashes[i], old.objects[i]);
	amph__free(a, old.objects);
	return true;
}

bool amph__identity_reserve(amph_extent *e, const amph_allocator *a, size_t count)
{
	const amph_identity_map *map = &e->root->identity;
	size_t cap = map->cap ? map->cap : 16;

	if (map->used + (count - map->count) < map->cap / 4 * 3)
		return true;
	/* by four while it is small, so that growing costs little */
	while (cap / 4 * 3 <= count) {
		if (cap > SIZE_MAX / 4)
			return false;
		cap *= map->cap && cap < GROWS_FAST ? 4 : 2;
	}
	return resize(e->root, a, cap);
}

bool amph__identity_add(amph_extent *e, const amph_allocator *a, amph_object *o)
{
	amph_identity_map *map = &e->root->identity;

	/* a full table without memory for a larger one is slow, but right: rollback depends on it */
	if (!amph__identity_reserve(e, a, map->count + 1) && map->used + 1 >= map->cap)
		return false;
	amph__identity_put(e, amph__identity_hash(e, amph__snapshot(o)), o);
	return true;
}

void amph__identity_remove(amph_extent *e, amph_object *o)
{
	amph_identity_map *map = &e->root->identity;

	if (!map->count)
		return;
	for (size_t i = amph__identity_hash(e, amph__snapshot(o)) & (map->cap - 1);
	     map->hashes[i] != HASH_FREE; i = (i + 1) & (map->cap - 1)) {
		if (map->hashes[i] >= HASH_FIRST && map->objects[i] == o) {
			map->hashes[i] = HASH_REMOVED;
			map->count--;
			return;
		}
	}
}

void amph__identity_clear(amph_extent *e, const amph_allocator *a)
{
	amph__free(a, e->identity.objects);
	e->identity = (amph_identity_map){ 0 };
}
