/* Collections in memory: NULL-terminated lists that a program may be walking over, so that a change
 * makes another list, and the old one goes after the transaction when nothing refers to it. */
#include "relation.h"
#include <string.h>

#define SET_LEAST 32            /* items from which a set pays */
#define SWEEP_LEAST 64

static amph_list_head *head_of(void *const *list)
{
	return (amph_list_head *)(uintptr_t)(const void *)list - 1;
}

/* ---- what is in a list ---- */

static size_t place_of(const amph_list_head *h, const void *item)
{
	uint64_t hash = (uint64_t)(uintptr_t)item * 0x9e3779b97f4a7c15u;
	size_t i = (size_t)(hash >> 32) & (h->set_cap - 1);

	while (h->set[i] && h->set[i] != item)
		i = (i + 1) & (h->set_cap - 1);
	return i;
}

/* Without memory for a set the list is searched. */
static void make_set(const amph_session *s, amph_list_head *h, void *const *list)
{
	size_t cap = SET_LEAST;

	while (cap < h->cap * 2)
		cap *= 2;
	h->set = amph__alloc_zero(s->allocator, cap * sizeof *h->set);
	h->set_cap = h->set ? cap : 0;
	for (size_t i = 0; h->set && i < h->n; i++)
		h->set[place_of(h, list[i])] = list[i];
}

bool amph__list_has(const amph_session *s, void *const *list, const void *item)
{
	amph_list_head *h = list ? head_of(list) : NULL;
	size_t i = 0;

	if (h && !h->set && h->n >= SET_LEAST)
		make_set(s, h, list);
	if (h && h->set)
		return h->set[place_of(h, item)] != NULL;
	while (list && list[i] && list[i] != item)
		i++;
	return list && list[i];
}

/* ---- changes ---- */

/* What was loaded is never changed in place: it tells which items are new. Later items go to a
 * longer copy, which grows by halves. */
bool amph__list_with(amph_object *owner, const amph_relation *r, void *item, amph_error *err)
{
	amph_session *s = owner->session;
	void **member = amph__relation_member(owner, r);
	void **old = *member;
	amph_list_head *head = old ? head_of(old) : NULL;
	size_t n = head ? head->n : 0;

	if (amph__list_has(s, old, item))
		return true;
	if (head && old != *amph__relation_before(owner, r) && n < head->cap) {
		old[n + 1] = NULL;
		old[n] = item;
		head->n++;
		if (head->set)
			head->set[place_of(head, item)] = item;
		return true;
	}
	void **list = amph__collection_new(s, n + 1 + n / 2);
	if (!list)
		return amph__error_nomem(err);
	if (n)
		memcpy(list, old, n * sizeof(void *));
	list[n] = item;
	list[n + 1] = NULL;
	head_of(list)->n = n + 1;
	head_of(list)->filtered = head && head->filtered;
	*member = list;
	return true;
}

bool amph__list_without(amph_object *owner, const amph_relation *r, const void *item, amph_error *err)
{
	void **member = amph__relation_member(owner, r);
	void **old = *member;
	size_t at = 0, n;

	if (!amph__list_has(owner->session, old, item))
		return true;
	while (old[at] != item)
		at++;
	n = amph_length(old) - 1;
	void **list = amph__collection_new(owner->session, n);
	if (!list)
		return amph__error_nomem(err);
	memcpy(list, old, at * sizeof(void *));
	memcpy(list + at, old + at + 1, (n - at) * sizeof(void *));
	head_of(list)->filtered = head_of(old)->filtered;
	*member = list;
	return true;
}

void amph__list_set_filtered(void *list)
{
	head_of(list)->filtered = true;
}

bool amph__list_is_filtered(void *list)
{
	return list && head_of(list)->filtered;
}

/* ---- lists that nothing refers to any more ---- */

/* A program may have put an array of its own there: only lists that are known are marked. */
static void mark_members(const amph_map *known, const amph_mapper *m, const char *members)
{
	for (const amph_relation *r = m->relations; r && r->member; r++) {
		const void *list;

		if (!amph__relation_is_list(r))
			continue;
		memcpy(&list, members + r->offset, sizeof list);
		amph_list_head *h = list ? amph__map_get(known, &list, sizeof list) : NULL;
		if (h)
			h->reachable = true;
	}
}

static void mark_all(amph_session *s, const amph_map *known)
{
	for (size_t i = 0; i < s->engine->registry->n_mappers; i++) {
		amph_extent *e = &s->extents[i];
		amph_chunk *chunk = NULL;
		uint32_t slot;
		amph_object *o;

		while (e->mapper->relations && (o = amph__object_next(e, &chunk, &slot))) {
			mark_members(known, e->mapper, amph__members(o));
			mark_members(known, e->mapper, amph__snapshot(o));
		}
	}
	for (size_t i = 0; i < s->journal.n; i++) {
		const amph_journal_entry *e = &s->journal.items[i];
		const char *copies = (const char *)(e->copies + 1);

		mark_members(known, e->object->mapper, copies);
		mark_members(known, e->object->mapper, copies + e->object->mapper->size);
	}
}

void amph__collections_sweep(amph_session *s, size_t most)
{
	if (s->n_collections < SWEEP_LEAST || s->n_collections / most < s->collections_kept)
		return;
	amph_map known;
	bool ok = true;
	amph__map_init(&known, s->allocator, (uint64_t)(uintptr_t)s);
	for (amph_list_head *h = s->lists; h && ok; h = h->next)
		ok = !h->collection || amph__map_put(&known, &h->self, sizeof h->self, h);
	if (ok)
		mark_all(s, &known);
	amph__map_clear(&known);
	for (amph_list_head *h = s->lists, *next; h && ok; h = next) {
		next = h->next;
		if (h->collection && !h->reachable)
			amph__list_free(s, h);
		else
			h->reachable = false;
	}
	s->collections_kept = s->n_collections;
}

/* ---- relationships that have nobody on the other side ---- */

typedef struct absent_key { const amph_object *object; const amph_relation *relation; } absent_key;

void amph__absent_note(const amph_object *o, const amph_relation *r)
{
	amph_session *s = o->session;
	absent_key *key = AMPH_NEW(&s->absent_arena, absent_key);

	/* without memory it is looked for again */
	s->absent_arena.failed = false;
	if (!key)
		return;
	*key = (absent_key){ o, r };
	amph__map_put(&s->absent, key, sizeof *key, key);
}

bool amph__absent_is(const amph_object *o, const amph_relation *r)
{
	absent_key key = { o, r };

	return o->session->absent.count && amph__map_get(&o->session->absent, &key, sizeof key) &&
	       !amph__object_is_modified(o);
}

void amph__absent_forget(amph_session *s)
{
	if (!s->absent.count)
		return;
	amph__map_clear(&s->absent);
	amph__arena_reset(&s->absent_arena);
}
