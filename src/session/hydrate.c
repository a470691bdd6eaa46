/* From rows to objects: each row is decoded straight into a slot; the identity map says whether
 * the slot becomes an object or is used again for the next row. */
#include "state.h"
#include <string.h>

#define LIST_MAGIC 0x616d70686c697374u

void *amph__list_new_with(amph_session *s, size_t n, size_t item_size, amph_text_block *text)
{
	size_t bytes;

	/* one item more, all zero: lists of pointers end in NULL */
	if (!amph__size_mul(n + 1, item_size, &bytes) ||
	    !amph__size_add(bytes, sizeof(amph_list_head), &bytes))
		return NULL;
	amph_list_head *head = amph__alloc(s->allocator, bytes);
	if (!head)
		return NULL;
	*head = (amph_list_head){ .next = s->lists, .n = n, .cap = n, .magic = LIST_MAGIC,
				  .text = text };
	if (s->lists)
		s->lists->prev = head;
	s->lists = head;
	memset((char *)(head + 1) + n * item_size, 0, item_size);
	return head + 1;
}

void *amph__list_new(amph_session *s, size_t n, size_t item_size)
{
	return amph__list_new_with(s, n, item_size, NULL);
}

size_t amph_length(const void *list)
{
	const amph_list_head *head = list ? (const amph_list_head *)list - 1 : NULL;

	return head && head->magic == LIST_MAGIC ? head->n : 0;
}

void amph_release(amph_session *s, void *list)
{
	amph_list_head *head = list ? (amph_list_head *)list - 1 : NULL;

	if (!head || head->magic != LIST_MAGIC)
		return;
	*(head->prev ? &head->prev->next : &s->lists) = head->next;
	if (head->next)
		head->next->prev = head->prev;
	head->magic = 0;
	amph__text_give(s, head->text);
	amph__free(s->allocator, head);
}

static void adopt(amph_object *o)
{
	memcpy(amph__snapshot(o), amph__members(o), o->mapper->size);
	o->state = OBJECT_PERSISTENT;
	amph__extent_of(o)->slab.live++;
}

/* The row that fresh holds is that of an object which is there: an expired one takes it over.
 * Relationship members are not columns, so they stay. */
static bool take_over(amph_object *known, const amph_shape *shape, amph_object *fresh,
		      amph_error *err)
{
	bool whole = shape->n_slots == known->mapper->n_columns;

	if (!known->expired)
		return true;
	if (!amph__journal_note(known, err))
		return false;
	if (whole)
		amph__object_drop_text(known);
	for (size_t i = 0; i < shape->n_slots; i++) {
		const amph_slot *slot = &shape->slots[i];

		memcpy((char *)amph__members(known) + slot->offset,
		       (const char *)amph__members(fresh) + slot->offset,
		       amph_type_size(slot->type, slot->nullable));
	}
	for (size_t i = 0; i < shape->n_slots; i++)
		memcpy((char *)amph__snapshot(known) + shape->slots[i].offset,
		       (const char *)amph__members(known) + shape->slots[i].offset,
		       amph_type_size(shape->slots[i].type, shape->slots[i].nullable));
	if (fresh->text) {
		amph_text_block *last = fresh->text;

		while (last->next)
			last = last->next;
		last->next = known->text;
		known->text = fresh->text;
		fresh->text = NULL;
	}
	known->expired = !whole;
	return true;
}

typedef struct row_list { void **items; size_t n, cap, n_new; } row_list;

/* Those that this result brought in are siblings. Without memory for that each is alone. */
static void make_group(amph_session *s, const row_list *rows)
{
	if (rows->n_new < 2)
		return;
	amph_group *g = amph__arena_alloc(&s->text_arena,
					  sizeof *g + rows->n_new * sizeof *g->objects);
	if (!g) {
		s->text_arena.failed = false;
		return;
	}
	g->n = 0;
	for (size_t i = 0; i < rows->n && g->n < rows->n_new; i++) {
		amph_object *o = amph__object_of(rows->items[i]);

		if (o->group)
			continue;
		o->group = g;
		g->objects[g->n++] = o;
	}
}

static bool push_row(amph_session *s, row_list *rows, amph_object *o, amph_error *err)
{
	if (rows->n == rows->cap &&
	    !amph__grow(s->allocator, (void **)&rows->items, &rows->cap, rows->n + 1, sizeof(void *)))
		return amph__error_nomem(err);
	rows->items[rows->n++] = amph__members(o);
	return true;
}

/* One row: *slot is an unused slot before and, unless a new object took it, after. */
static bool hydrate_row(amph_session *s, const amph_mapper *m, const amph_shape *shape,
			amph_result *result, amph_object **slot, amph_object **out,
			amph_error *err)
{
	amph_extent *e = &s->extents[m->ordinal];
	amph_store store = { amph__text_store, slot };
	size_t n;

	*out = NULL;
	if (!*slot && !(*slot = amph__object_new(s, m)))
		return amph__error_nomem(err);
	if (!amph__fetch(s->conn, result, shape, amph__members(*slot), m->size, 1, &store, &n,
			 err))
		return false;
	if (!n)
		return true;
	amph_object *known = amph__identity_find(e, amph__members(*slot));
	if (known) {
		bool was_expired = known->expired;

		if (!take_over(known, shape, *slot, err))
			return false;
		amph__text_give(s, (*slot)->text);
		(*slot)->text = NULL;
		*out = known;
		return !was_expired || amph__run_event(known, AMPH_AFTER_LOAD, err);
	}
	adopt(*slot);
	if (!amph__identity_add(e, s->allocator, *slot)) {
		(*slot)->state = OBJECT_TRANSIENT;
		e->slab.live--;
		return amph__error_nomem(err);
	}
	*out = *slot;
	*slot = NULL;
	return amph__run_event(*out, AMPH_AFTER_LOAD, err);
}

void **amph__hydrate(amph_session *s, const amph_mapper *m, const amph_shape *shape,
		     amph_result *result, size_t *n, amph_error *err)
{
	row_list rows = { 0 };
	amph_object *slot = NULL, *o;
	void **list = NULL;
	bool ok;

	while ((ok = hydrate_row(s, m, shape, result, &slot, &o, err)) && o) {
		rows.n_new += !o->group;
		if (!(ok = push_row(s, &rows, o, err)))
			break;
	}
	if (slot)
		amph__object_free(slot);
	if (ok) {
		list = amph__list_new(s, rows.n, sizeof(void *));
		if (!list)
			amph__error_nomem(err);
		else if (rows.n)
			memcpy(list, rows.items, rows.n * sizeof(void *));
	}
	make_group(s, &rows);
	*n = rows.n;
	amph__free(s->allocator, rows.items);
	return list;
}

bool amph__hydrate_one(amph_session *s, const amph_mapper *m, const amph_shape *shape,
		       amph_result *result, amph_object **out, amph_error *err)
{
	amph_object *slot = NULL;
	bool ok = hydrate_row(s, m, shape, result, &slot, out, err);

	if (slot)
		amph__object_free(slot);
	return ok;
}

bool amph__hydrate_into(amph_object *o, amph_result *result, bool *found, amph_error *err)
{
	amph_session *s = o->session;
	amph_object *fresh = amph__object_new(s, o->mapper);
	amph_store store = { amph__text_store, &fresh };
	size_t n = 0;

	*found = false;
	if (!fresh)
		return amph__error_nomem(err);
	bool ok = amph__fetch(s->conn, result, &o->mapper->shape, amph__members(fresh),
			      o->mapper->size, 1, &store, &n, err);
	if (ok && n) {
		o->expired = true;
		ok = take_over(o, &o->mapper->shape, fresh, err) &&
		     amph__run_event(o, AMPH_AFTER_LOAD, err);
		*found = ok;
	}
	amph__object_free(fresh);
	return ok;
}
