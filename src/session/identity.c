/* The identity map of one table, which models derived from one share: objects found by the primary key
 * of their snapshots. */
#include "state.h"
#include <string.h>

enum { FIRST_CAP = 16, GROWS_FAST = 16384, REACH_MOST = 64 };
enum { HASH_FREE, HASH_REMOVED, HASH_FIRST };

static uint32_t usable(uint32_t h)
{
	return h < HASH_FIRST ? h + HASH_FIRST : h;
}

static uint32_t mix(uint64_t h)
{
	h ^= h >> 32;
	h *= 0x9e3779b97f4a7c15u;
	return usable((uint32_t)(h >> 32));
}

/* Keys that follow each other have hashes that do, from 0 on: if that of 1 were made usable, it would be
 * in the way of 3, and each key from there on in that of the next. */
static uint32_t mix_integer(uint64_t key)
{
	return usable(((uint32_t)key ^ (uint32_t)((key >> 32) * 0x9e3779b1u)) + HASH_FIRST);
}

/* Of keys that are in each other's way: nobody who gives keys can know which have the same. */
static uint32_t mix_scattered(uint64_t key, uint64_t seed)
{
	uint64_t h = key ^ seed * 0x9e3779b97f4a7c15u;

	h = (h ^ h >> 32) * 0xd6e8feb86659fd93u;
	h = (h ^ h >> 29) * 0x9e3779b97f4a7c15u;
	return usable((uint32_t)(h >> 32));
}

/* Where the search for a hash begins: keys that follow each other are neighbours in the table, and never
 * in each other's way. */
static size_t place_of(const amph_identity_map *map, uint32_t hash)
{
	return hash & (map->cap - 1);
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

	if (has_plain_key(m) && e->identity.scattered)
		return mix_scattered((uint64_t)plain_key(m, members), h);
	if (has_plain_key(m))
		return mix_integer((uint64_t)plain_key(m, members));
	for (size_t i = 0; i < m->n_keys; i++)
		h = amph__member_hash(&m->columns[m->keys[i]].slot, members, h);
	return mix(h);
}

static void prefetch(const amph_extent *e, uint32_t hash)
{
	const amph_identity_map *map = &e->root->identity;
	size_t i = place_of(map, hash);

	__builtin_prefetch(&map->hashes[i], 1);
	__builtin_prefetch(&map->objects[i], 1);
}

void amph__identity_hashes(const amph_extent *e, const char *rows, size_t size, size_t n, uint32_t *out)
{
	const amph_mapper *m = e->root->mapper;
	const size_t at = m->columns[m->keys[0]].slot.offset;
	bool plain = has_plain_key(m) && !e->root->identity.scattered;

	for (size_t i = 0; i < n; i++) {
		uint64_t key = 0;

		if (plain)
			memcpy(&key, rows + i * size + at, sizeof key);
		out[i] = plain ? mix_integer(key) : amph__identity_hash(e, rows + i * size);
		prefetch(e, out[i]);
	}
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

amph_object *amph__identity_search(const amph_extent *e, uint32_t hash, const void *members)
{
	const amph_identity_map *map = &e->root->identity;

	for (size_t i = place_of(map, hash), left = map->reach; map->hashes[i] != HASH_FREE;
	     i = (i + 1) & (map->cap - 1)) {
		if (map->hashes[i] == hash && same_key(e, amph__snapshot(map->objects[i]), members))
			return map->objects[i];
		if (!left--)
			break;
	}
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
	size_t first = place_of(map, hash), i = first;

	while (map->hashes[i] >= HASH_FIRST)
		i = (i + 1) & (map->cap - 1);
	map->used += map->hashes[i] == HASH_FREE;
	map->hashes[i] = hash;
	map->objects[i] = o;
	map->count++;
	size_t way = (i - first) & (map->cap - 1);
	map->reach = way > map->reach ? way : map->reach;
}

static void refill(amph_extent *e, const amph_identity_map *old)
{
	amph_identity_map *map = &e->identity;

	memset(map->hashes, HASH_FREE, map->cap * sizeof *map->hashes);
	map->used = map->count = map->reach = 0;
	for (size_t i = 0; i < old->cap; i++) {
		amph_object *o = old->objects[i];

		if (old->hashes[i] >= HASH_FIRST)
			amph__identity_put(e, map->scattered == old->scattered ? old->hashes[i]
					      : amph__identity_hash(e, amph__snapshot(o)), o);
	}
}

/* The first is with the text, whose room a session has from its start. */
static amph_object **table_alloc(amph_extent *e, size_t bytes)
{
	amph_session *s = e->session;

	if (e->identity.cap)
		return amph__alloc(s->allocator, bytes);
	amph_object **objects = amph__arena_alloc(&s->text_arena, bytes);
	s->text_arena.failed = false;
	return objects;
}

static void table_free(const amph_extent *e, const amph_identity_map *map)
{
	if (!map->in_arena)
		amph__free(e->session->allocator, map->objects);
}

/* The same size again drops the removed. Keys that are in each other's way are scattered. */
static bool resize(amph_extent *e, size_t cap)
{
	amph_identity_map *map = &e->identity, old = *map;
	size_t bytes;

	if (!amph__size_mul(cap, sizeof *map->objects + sizeof *map->hashes, &bytes))
		return false;
	amph_object **objects = table_alloc(e, bytes);
	if (!objects)
		return false;
	map->in_arena = !old.cap;
	map->objects = objects;
	map->hashes = (uint32_t *)(void *)(objects + cap);
	map->cap = cap;
	map->scattered |= old.reach > REACH_MOST;
	refill(e, &old);
	if (map->reach > REACH_MOST && !map->scattered) {
		map->scattered = true;
		refill(e, &old);
	}
	table_free(e, &old);
	return true;
}

static size_t most_of(size_t cap)
{
	return cap - cap / 8;
}

bool amph__identity_reserve(amph_extent *e, size_t count)
{
	const amph_identity_map *map = &e->root->identity;
	size_t cap = map->cap ? map->cap : FIRST_CAP;
	bool room = map->used + (count - map->count) < most_of(map->cap);
	/* where objects come and go, the next time should not be soon */
	bool removed = map->used > map->count;

	if (room && (map->reach <= REACH_MOST || map->scattered))
		return true;
	/* by four while it is small, so that growing costs little */
	while ((removed ? cap - cap / 4 : most_of(cap)) <= count) {
		if (cap > SIZE_MAX / 4)
			return false;
		cap *= map->cap && cap < GROWS_FAST ? 4 : 2;
	}
	/* without memory to scatter the search is slow, and right */
	return resize(e->root, cap) || room;
}

bool amph__identity_add(amph_extent *e, amph_object *o)
{
	amph_identity_map *map = &e->root->identity;

	/* a full table without memory for a larger one is slow, but right: rollback depends on it */
	if (!amph__identity_reserve(e, map->count + 1) && map->used + 1 >= map->cap)
		return false;
	amph__identity_put(e, amph__identity_hash(e, amph__snapshot(o)), o);
	return true;
}

void amph__identity_remove(amph_extent *e, amph_object *o)
{
	amph_identity_map *map = &e->root->identity;
	size_t left = map->reach;

	if (!map->count)
		return;
	size_t i = place_of(map, amph__identity_hash(e, amph__snapshot(o)));
	for (;; i = (i + 1) & (map->cap - 1)) {
		if (map->hashes[i] >= HASH_FIRST && map->objects[i] == o) {
			map->hashes[i] = HASH_REMOVED;
			map->count--;
			return;
		}
		if (map->hashes[i] == HASH_FREE || !left--)
			return;
	}
}

void amph__identity_clear(amph_extent *e)
{
	table_free(e, &e->identity);
	e->identity = (amph_identity_map){ 0 };
}
