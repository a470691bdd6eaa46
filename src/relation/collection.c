/* Collections in memory: NULL-terminated lists that a program may be walking over, so that a change
 * makes another list, and the old one goes after the transaction when nothing refers to it. */
#include "relation.h"
#include <string.h>

#define SET_LEAST 32            /* items from which a set pays, */
#define ASKED_LEAST 8           /* in a list that is asked so often */
#define SWEEP_LEAST 64
#define LONG_LEAST 65536        /* items, from which lists are looked at within a transaction */
#define ITEMS_MOST 262144       /* of the lists of one collection that wait to be used again */

static amph_list_head *head_of(void *const *list)
{
	return (amph_list_head *)(uintptr_t)(const void *)list - 1;
}

/* ---- lists that the program may be walking over ---- */

/* A list that was handed out is never freed before the session's end, as nobody tells when a walk over
 * it is over. It is used again, for the same collection, when more have been retired since than a walk
 * over it would retire by a change and a commit for each item: so the lists of a collection do not
 * become more. What a walk then finds is another state of the collection, and an end behind it. */
typedef struct retired_lists {
	struct { const void *owner; const amph_relation *relation; } key;
	amph_list_head *oldest, *newest;
	size_t n, items;
} retired_lists;

static retired_lists *retired_of(const amph_session *s, const void *owner, const amph_relation *r)
{
	retired_lists key = { .key = { owner, r } };

	return s->retired.count ? amph__map_get(&s->retired, &key.key, sizeof key.key) : NULL;
}

/* Without memory it stays a list, and is looked at again. */
static void retire(amph_session *s, amph_list_head *h)
{
	retired_lists *l = retired_of(s, h->owner, h->relation);

	if (!l) {
		l = AMPH_NEW(&s->retired_arena, retired_lists);
		s->retired_arena.failed = false;
		if (!l)
			return;
		l->key.owner = h->owner;
		l->key.relation = h->relation;
		if (!amph__map_put(&s->retired, &l->key, sizeof l->key, l))
			return;
	}
	*(l->newest ? &l->newest->newer : &l->oldest) = h;
	l->newest = h;
	l->n++;
	l->items += h->cap;
	h->newer = NULL;
	h->retired = true;
	s->unwalked_items += h->handed ? 0 : h->cap;
	s->n_collections--;
	s->n_items -= h->cap;
	amph__free(s->allocator, (void *)h->set);
	h->set = NULL;
	h->set_cap = 0;
	h->asked = 0;
}

static amph_list_head *used_again(amph_session *s, retired_lists *l, size_t n)
{
	amph_list_head *before = NULL, *h = l->oldest;

	for (size_t newer = l->n - 1; h; before = h, h = h->newer, newer--)
		if (h->cap >= n && (newer >= h->cap + 2 || l->items >= ITEMS_MOST + 4 * h->cap))
			break;
	if (!h)
		return NULL;
	*(before ? &before->newer : &l->oldest) = h->newer;
	if (l->newest == h)
		l->newest = before;
	l->n--;
	l->items -= h->cap;
	s->unwalked_items -= h->handed ? 0 : h->cap;
	h->retired = h->handed = h->filtered = false;
	h->n = n;
	s->n_collections++;
	s->n_items += h->cap;
	((void **)(void *)(h + 1))[n] = NULL;
	return h;
}

void **amph__list_for(amph_object *owner, const amph_relation *r, size_t n)
{
	amph_session *s = owner->extent->session;
	retired_lists *l = retired_of(s, owner, r);
	amph_list_head *h = l && l->n ? used_again(s, l, n) : NULL;
	void **list = h ? (void **)(void *)(h + 1) : amph__collection_new(s, n);

	if (!list)
		return NULL;
	head_of(list)->owner = owner;
	head_of(list)->relation = r;
	head_of(list)->transaction = s->transactions;
	head_of(list)->level = s->wrote ? s->level : 0;
	head_of(list)->journal = owner->journal;
	return list;
}

bool amph__list_is_since(const amph_session *s, const void *list, uint32_t level)
{
	const amph_list_head *h = (const amph_list_head *)list - 1;

	return h->level >= level && h->transaction == s->transactions;
}

void amph__list_hand_out(void *list)
{
	if (list)
		head_of(list)->handed = true;
}

/* What a member holds beside the snapshot may be an array that the program put there: it has no head. */
static amph_list_head *head_in(const amph_object *o, const amph_relation *r)
{
	void *const *now = *amph__relation_member(o, r);

	if (!now || now == *amph__relation_before(o, r))
		return now ? head_of(now) : NULL;
	amph_list_head *h = amph__collection_find(o->extent->session, now);
	return h && (!h->owner || h->owner == o) ? h : NULL;
}

void amph__relation_hand_out(const amph_object *o, const amph_relation *r)
{
	amph_list_head *h = head_in(o, r);

	if (h)
		h->handed = true;
}

/* Those of one collection that were never handed out. */
static void free_unwalked(amph_session *s, retired_lists *l)
{
	amph_list_head *h = l->oldest, *next;

	l->oldest = l->newest = NULL;
	for (; h; h = next) {
		next = h->newer;
		h->newer = NULL;
		if (h->handed) {
			*(l->newest ? &l->newest->newer : &l->oldest) = h;
			l->newest = h;
			continue;
		}
		l->n--;
		l->items -= h->cap;
		amph__list_free(s, h);
	}
}

static void free_all_unwalked(amph_session *s)
{
	retired_lists *l;

	if (!s->unwalked_items)
		return;
	for (size_t i = 0; (l = amph__map_next(&s->retired, &i));)
		free_unwalked(s, l);
	s->unwalked_items = 0;
}

void amph__retired_forget(amph_session *s)
{
	s->unwalked_items = 0;
	amph__map_clear(&s->retired);
	amph__arena_reset(&s->retired_arena);
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

	if (h && !h->set && h->n >= SET_LEAST && ++h->asked > ASKED_LEAST)
		make_set(s, h, list);
	if (h && h->set)
		return h->set[place_of(h, item)] != NULL;
	while (list && list[i] && list[i] != item)
		i++;
	return list && list[i];
}

/* ---- changes ---- */

bool amph__list_is_own(const amph_object *o, const amph_relation *r, amph_error *err)
{
	if (!*amph__relation_member(o, r) || head_in(o, r))
		return true;
	return err && amph__error_misuse(err, "%s.%s was assigned: change a collection by amph_append and "
					 "amph_remove", o->extent->mapper->model->name, r->member);
}

/* The member gets another list. The one before it that nothing knows, neither the program, as it was not
 * handed out, nor the snapshot, nor the journal, is retired at once: a change for each of many items
 * would otherwise hold as many lists. */
static void replace(amph_object *owner, const amph_relation *r, void **list, bool filtered)
{
	amph_session *s = owner->extent->session;
	void **member = amph__relation_member(owner, r), **old = *member;
	bool known = !old || old == *amph__relation_before(owner, r) || head_of(old)->handed ||
		     head_of(old)->journal != owner->journal || head_of(old)->retired;

	head_of(list)->filtered = filtered;
	amph__collection_note(s, head_of(list));
	*member = list;
	if (!known)
		retire(s, head_of(old));
}

/* What was loaded is never changed in place: it tells which items are new. Later items go to a
 * longer copy, which grows by halves. */
bool amph__list_with(amph_object *owner, const amph_relation *r, void *item, amph_error *err)
{
	amph_session *s = owner->extent->session;
	void **member = amph__relation_member(owner, r);
	void **old = *member;

	if (!amph__list_is_own(owner, r, err))
		return false;
	amph_list_head *head = old ? head_of(old) : NULL;
	size_t n = head ? head->n : 0;
	if (amph__list_has(s, old, item))
		return true;
	if (head && !head->handed && old != *amph__relation_before(owner, r) && n < head->cap) {
		old[n + 1] = NULL;
		old[n] = item;
		head->n++;
		if (head->set)
			head->set[place_of(head, item)] = item;
		return true;
	}
	void **list = amph__list_for(owner, r, n + 1 + n / 2);
	if (!list)
		return amph__error_nomem(err);
	if (n)
		memcpy(list, old, n * sizeof(void *));
	list[n] = item;
	list[n + 1] = NULL;
	head_of(list)->n = n + 1;
	replace(owner, r, list, head && head->filtered);
	return true;
}

bool amph__list_without(amph_object *owner, const amph_relation *r, const void *item, amph_error *err)
{
	void **member = amph__relation_member(owner, r);
	void **old = *member;
	size_t at = 0, n;

	if (!amph__list_is_own(owner, r, err))
		return false;
	while (old && old[at] && old[at] != item)
		at++;
	if (!old || !old[at])
		return true;
	n = amph_length(old) - 1;
	void **list = amph__list_for(owner, r, n);
	if (!list)
		return amph__error_nomem(err);
	memcpy(list, old, at * sizeof(void *));
	memcpy(list + at, old + at + 1, (n - at) * sizeof(void *));
	replace(owner, r, list, head_of(old)->filtered);
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

bool amph__lists_are_own(const amph_object *o, amph_error *err)
{
	for (const amph_relation *r = o->extent->mapper->relations; r && r->member; r++)
		if (amph__relation_is_list(r) && !amph__list_is_own(o, r, err))
			return false;
	return true;
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

		/* without relationships */
		if (e->in_snapshot)
			continue;
		const char *copies = (const char *)(e->copies + 1);
		mark_members(known, e->object->extent->mapper, copies);
		if (!e->blank)
			mark_members(known, e->object->extent->mapper,
				     copies + e->object->extent->mapper->size);
	}
}

static void sweep(amph_session *s)
{
	amph_map known;
	bool ok = true;

	amph__map_init(&known, s->allocator, (uint64_t)(uintptr_t)s);
	for (amph_list_head *h = s->lists; h && ok; h = h->next)
		ok = !h->collection || h->retired || amph__map_put(&known, &h->self, sizeof h->self, h);
	if (ok)
		mark_all(s, &known);
	amph__map_clear(&known);
	for (amph_list_head *h = s->lists, *next; h && ok; h = next) {
		next = h->next;
		if (!h->collection || h->retired || h->reachable)
			h->reachable = false;
		else if (h->handed)
			retire(s, h);
		else
			amph__list_free(s, h);
	}
	s->collections_kept = s->n_collections;
	s->items_kept = s->n_items;
}

void amph__collections_sweep(amph_session *s, size_t most)
{
	if (s->n_collections >= SWEEP_LEAST && s->n_collections / most >= s->collections_kept)
		sweep(s);
	amph__collections_sweep_long(s);
}

void amph__collections_sweep_long(amph_session *s)
{
	free_all_unwalked(s);
	if (s->n_items >= LONG_LEAST && s->n_items / 2 >= s->items_kept)
		sweep(s);
}

/* ---- relationships that have nobody on the other side ---- */

typedef struct absent_key { const amph_object *object; const amph_relation *relation; } absent_key;

void amph__absent_note(const amph_object *o, const amph_relation *r)
{
	amph_session *s = o->extent->session;
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
	const amph_map *absent = &o->extent->session->absent;

	return absent->count && amph__map_get(absent, &key, sizeof key) && !amph__object_is_modified(o);
}

void amph__absent_forget(amph_session *s)
{
	if (!s->absent.count)
		return;
	amph__map_clear(&s->absent);
	amph__arena_reset(&s->absent_arena);
}
