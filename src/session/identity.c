/* The identity map of one model: objects found by the primary key of their snapshots. */
#include "state.h"
#include <string.h>

static const char removed_mark;
#define REMOVED ((amph_object *)(uintptr_t)&removed_mark)

static uint64_t mix(uint64_t h)
{
	h ^= h >> 32;
	h *= 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

static uint64_t hash_slot(const amph_slot *slot, const void *base, uint64_t seed)
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

static uint64_t hash_key(const amph_extent *e, const void *members)
{
	const amph_mapper *m = e->mapper;
	uint64_t h = (uint64_t)(uintptr_t)e;

	if (has_plain_key(m))
		return mix((uint64_t)plain_key(m, members) ^ h);
	for (size_t i = 0; i < m->n_keys; i++)
		h = hash_slot(&m->columns[m->keys[i]].slot, members, h);
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

amph_object *amph__identity_find(const amph_extent *e, const void *members)
{
	const amph_identity_map *map = &e->identity;

	if (!map->count)
		return NULL;
	for (size_t i = hash_key(e, members) & (map->cap - 1); map->slots[i];
	     i = (i + 1) & (map->cap - 1)) {
		amph_object *o = map->slots[i];

		if (o != REMOVED && same_key(e, amph__snapshot(o), members))
			return o;
	}
	return NULL;
}

static void insert(amph_extent *e, amph_object *o)
{
	amph_identity_map *map = &e->identity;
	size_t i = hash_key(e, amph__snapshot(o)) & (map->cap - 1);

	while (map->slots[i] && map->slots[i] != REMOVED)
		i = (i + 1) & (map->cap - 1);
	map->used += !map->slots[i];
	map->slots[i] = o;
	map->count++;
}

bool amph__identity_reserve(amph_extent *e, const amph_allocator *a, size_t count)
{
	amph_identity_map *map = &e->identity;
	size_t cap = 16, bytes;

	while (cap / 4 * 3 <= count) {
		if (cap > SIZE_MAX / 4)
			return false;
		cap *= 2;
	}
	if (map->cap >= cap && map->used + (count - map->count) < map->cap / 4 * 3)
		return true;
	if (!amph__size_mul(cap, sizeof *map->slots, &bytes))
		return false;
	amph_object **slots = amph__alloc_zero(a, bytes), **old = map->slots;
	size_t old_cap = map->cap;

	if (!slots)
		return false;
	map->slots = slots;
	map->cap = cap;
	map->used = map->count = 0;
	for (size_t i = 0; i < old_cap; i++)
		if (old[i] && old[i] != REMOVED)
			insert(e, old[i]);
	amph__free(a, old);
	return true;
}

bool amph__identity_add(amph_extent *e, const amph_allocator *a, amph_object *o)
{
	amph_identity_map *map = &e->identity;

	if ((!map->cap || map->used + 1 > map->cap / 4 * 3) &&
	    !amph__identity_reserve(e, a, map->count + 1))
		return false;
	insert(e, o);
	return true;
}

void amph__identity_remove(amph_extent *e, amph_object *o)
{
	amph_identity_map *map = &e->identity;

	if (!map->count)
		return;
	for (size_t i = hash_key(e, amph__snapshot(o)) & (map->cap - 1); map->slots[i];
	     i = (i + 1) & (map->cap - 1)) {
		if (map->slots[i] == o) {
			map->slots[i] = REMOVED;
			map->count--;
			return;
		}
	}
}

void amph__identity_clear(amph_extent *e, const amph_allocator *a)
{
	amph__free(a, e->identity.slots);
	e->identity = (amph_identity_map){ 0 };
}
