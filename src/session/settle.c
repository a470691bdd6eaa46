/* After a statement of a flush: what came back goes into the objects, and objects become as their rows. */
#include "flush.h"
#include <string.h>

static bool place_in_map(amph_flusher *f, amph_object *o)
{
	return amph__identity_add(amph__extent_of(o), o) ||
	       amph__error_nomem(f->err);
}

/* Relationships of the snapshot stay as they were until all of the flush is done. */
static void keep_columns(amph_object *o)
{
	const amph_shape *shape = &o->extent->mapper->shape;

	if (!o->extent->mapper->relations) {
		memcpy(amph__snapshot(o), amph__members(o), o->extent->mapper->size);
		return;
	}
	for (size_t i = 0; i < shape->n_slots; i++) {
		const amph_slot *slot = &shape->slots[i];

		memcpy((char *)amph__snapshot(o) + slot->offset,
		       (const char *)amph__members(o) + slot->offset,
		       amph_type_size(slot->type, slot->nullable));
	}
}

/* The object is as its row is now. inserted: the identity map has room for it. */
static bool settle(amph_flusher *f, amph_object *o, bool inserted)
{
	amph_extent *e = amph__extent_of(o);
	bool known = amph__has_row(o), moves = !known || !amph__identity_is_same(e, o);

	if (!amph__object_own_text(o, f->err))
		return false;
	if (known && moves)
		amph__identity_remove(e, o);
	if (!known) {
		o->group = NULL;
		o->state = OBJECT_PERSISTENT;
		e->n_pending--;
		e->slab.live++;
	}
	keep_columns(o);
	if (!inserted)
		return !moves || place_in_map(f, o);
	amph__identity_put(e, amph__identity_hash(e, amph__snapshot(o)), o);
	return true;
}

static void settle_deleted(amph_object *o)
{
	amph_extent *e = amph__extent_of(o);

	amph__identity_remove(e, o);
	e->slab.live--;
	e->n_deleted--;
	o->state = OBJECT_TRANSIENT;
	o->deleted = true;
	o->replaced = false;
}

void amph__columns_copy(const amph_mapper *m, const amph_column_set *set, void *to,
			 const void *from)
{
	for (size_t i = 0; i < m->n_columns; i++) {
		const amph_slot *slot = &m->columns[i].slot;

		if (amph__set_has(set, i))
			memcpy((char *)to + slot->offset, (const char *)from + slot->offset,
			       amph_type_size(slot->type, slot->nullable));
	}
}

/* Only the columns of a partial update (parked values, postponed references) are in the row. */
static bool settle_some(amph_flusher *f, amph_object *o, const amph_column_set *set)
{
	if (!amph__object_own_text(o, f->err))
		return false;
	amph__identity_remove(amph__extent_of(o), o);
	amph__columns_copy(o->extent->mapper, set, amph__snapshot(o), amph__members(o));
	return place_in_map(f, o);
}

bool amph__run_settle(amph_flusher *f, const amph_run *r)
{
	amph_extent *e = &f->s->extents[r->mapper->ordinal];

	if (r->key.op == AMPH_DML_INSERT &&
	    !amph__identity_reserve(e, e->root->identity.count + r->n))
		return amph__error_nomem(f->err);
	for (size_t i = 0; i < r->n; i++) {
		amph_work *w = &r->first[i];
		bool ok = true;

		if (w->change->replaces)
			settle_deleted(w->change->replaces);
		if (w->op == AMPH_DML_DELETE)
			settle_deleted(w->object);
		else if (w->partial)
			ok = settle_some(f, w->object, &w->change->set);
		else
			ok = settle(f, w->object, w->op == AMPH_DML_INSERT);
		if (!ok)
			return false;
	}
	return true;
}

/* ---- rows that come back ---- */

static bool same_key(const amph_object *a, const amph_object *b)
{
	const amph_mapper *m = a->extent->mapper;

	for (size_t k = 0; k < m->n_keys; k++)
		if (!amph__slot_equal(&m->columns[m->keys[k]].slot, amph__members(a),
				      amph__members(b)))
			return false;
	return true;
}

/* The object of a run whose row came back: that with the same key. Rows mostly return in the
 * order in which they went out, so the search begins where the last one was found. */
static amph_object *returned_object(const amph_run *r, const amph_object *fresh, size_t *from)
{
	if (r->n == 1)
		return r->first[0].object;
	for (size_t i = 0; i < r->n; i++) {
		amph_object *o = r->first[(*from + i) % r->n].object;

		if (same_key(o, fresh)) {
			*from = (*from + i + 1) % r->n;
			return o;
		}
	}
	return NULL;
}

static void move_text(amph_object *to, amph_object *from)
{
	amph_text_block *last = from->text;

	if (!last)
		return;
	while (last->next)
		last = last->next;
	last->next = to->text;
	to->text = from->text;
	from->text = NULL;
}

static bool read_returned(amph_flusher *f, const amph_run *r, amph_result *result, const amph_shape *shape,
			  amph_object *fresh, size_t *n_rows)
{
	amph_store store = { amph__text_store, &fresh };
	size_t from = 0, n;

	for (;;) {
		if (!amph__fetch(f->conn, result, shape, amph__members(fresh), r->mapper->size, 1,
				 &store, &n, f->err))
			return false;
		if (!n)
			return true;
		amph_object *o = returned_object(r, fresh, &from);
		if (!o)
			return amph__error(f->err, "XX000", "a row of \"%s\" came back with a key "
					   "that was not sent", r->mapper->table->name);
		amph__columns_copy(r->mapper, &r->key.returning, amph__members(o), amph__members(fresh));
		move_text(o, fresh);
		++*n_rows;
	}
}

bool amph__run_take(amph_flusher *f, const amph_run *r, amph_result *result, size_t *n_rows)
{
	const amph_mapper *m = r->mapper;
	amph_slot *slots = AMPH_NEWS(f->arena, amph_slot, m->n_columns);
	amph_object *fresh = amph__object_new(f->s, m);
	amph_shape shape = { 0, slots };

	for (size_t i = 0; slots && i < m->n_columns; i++)
		if (amph__set_has(&r->key.returning, i))
			slots[shape.n_slots++] = m->columns[i].slot;
	bool ok = slots && fresh ? read_returned(f, r, result, &shape, fresh, n_rows)
				 : amph__error_nomem(f->err);
	if (fresh)
		amph__object_free(fresh);
	return ok;
}
