/* Objects that come back into the session, with what they lead to: expunged, or rolled back. */
#include "../relation/relation.h"
#include <string.h>

static bool is_taken(const amph_object *o, amph_error *err)
{
	if (!o->detached || !amph__identity_find(o->extent, amph__snapshot(o)))
		return false;
	amph__error_misuse(err, "%s: the session has another object for this row",
			   o->extent->mapper->model->name);
	return true;
}

/* An expunged object whose row is there is persistent again. */
static bool reattach(amph_object *o, amph_error *err)
{
	if (is_taken(o, err))
		return false;
	if (!amph__identity_add(o->extent, o))
		return amph__error_nomem(err);
	o->state = OBJECT_PERSISTENT;
	o->detached = false;
	o->extent->session->any_expired |= o->expired;
	o->extent->slab.live++;
	return true;
}

bool amph__object_attach(amph_object *o, amph_error *err)
{
	const amph_mapper *m = o->extent->mapper;

	if (o->state == OBJECT_DELETED) {
		amph__list_remove(&o->extent->session->deleted, o);
		o->extent->n_deleted--;
		o->state = OBJECT_PERSISTENT;
		o->cascaded = o->in_flush = false;
	}
	if (o->state != OBJECT_TRANSIENT)
		return true;
	o->expunged = o->deleted = false;
	if (o->detached)
		return reattach(o, err);
	/* what the database had computed is not what the program assigns */
	for (size_t i = 0; i < m->n_columns; i++)
		if (m->columns[i].computed)
			memset((char *)amph__members(o) + m->columns[i].slot.offset, 0,
			       amph_type_size(m->columns[i].slot.type, m->columns[i].slot.nullable));
	o->given = amph__given_of(m, amph__members(o));
	memset(amph__snapshot(o), 0, m->size);
	return amph__object_pend(o, err);
}

/* ---- with the others ---- */

/* What was deleted on purpose does not come back with another. */
static bool reach(amph_session *s, const void *members, amph_object_list *out)
{
	amph_object *o = amph__session_object(s, members);

	if (!o || o->state != OBJECT_TRANSIENT || o->marked || o->deleted)
		return true;
	o->marked = true;
	return amph__list_push(s, out, o);
}

static bool reach_along(amph_session *s, const amph_object *at, const amph_relation *r,
			amph_object_list *out)
{
	void *const *member = *amph__relation_member(at, r);
	bool ok = true;

	if (!amph__relation_is_list(r))
		return reach(s, member, out);
	for (; member && *member && ok; member++)
		ok = reach(s, *member, out);
	return ok;
}

/* Objects out of the session that first leads to, along any relationship in memory; first is in the
 * list already. */
static bool reach_all(amph_session *s, amph_object_list *out)
{
	bool ok = true;

	for (size_t i = 0; i < out->n && ok; i++) {
		const amph_object *at = out->items[i];

		for (const amph_relation *r = at->extent->mapper->relations; r && r->member && ok; r++)
			ok = reach_along(s, at, r, out);
	}
	for (size_t i = 0; i < out->n; i++)
		out->items[i]->marked = false;
	return ok;
}

/* What is in the collections of a new object, and what is new in those of another, is added anew:
 * the rollback has forgotten it. */
static bool add_members(amph_object *o, amph_error *err)
{
	for (const amph_relation *r = o->extent->mapper->relations; r && r->member; r++) {
		void *const *items = *amph__relation_member(o, r);

		if (!amph__relation_is_list(r))
			continue;
		for (; items && *items; items++) {
			const amph_object *item = amph__object_of(*items);

			if (item->state != OBJECT_TRANSIENT &&
			    (o->state == OBJECT_PENDING || item->state == OBJECT_PENDING) &&
			    !amph__relation_change(o, r, *items, true, err))
				return false;
		}
	}
	return true;
}

/* A list of the program's own, of an object without a row. */
typedef struct given {
	amph_object *owner;
	const amph_relation *relation;
	void *const *items;
} given;
typedef struct givens { given *items; size_t n, cap; } givens;

static bool take_given(amph_object *o, givens *all, amph_error *err)
{
	for (const amph_relation *r = o->extent->mapper->relations; r && r->member; r++) {
		void **member = amph__relation_member(o, r);

		if (o->state != OBJECT_PENDING || !amph__relation_is_list(r) ||
		    amph__list_is_own(o, r, NULL))
			continue;
		if (!amph__grow(o->extent->session->allocator, (void **)&all->items, &all->cap, all->n + 1,
				sizeof *all->items))
			return amph__error_nomem(err);
		all->items[all->n++] = (given){ o, r, *member };
		*member = NULL;
	}
	return true;
}

/* Those of all objects are taken out of the members before the first is added: what changes a collection
 * looks at all collections of both. */
static bool adopt_given(const amph_object_list *list, givens *all, amph_error *err)
{
	for (size_t i = 0; i < list->n; i++)
		if (!take_given(list->items[i], all, err))
			return false;
	for (size_t i = 0; i < list->n; i++)
		if (!add_members(list->items[i], err))
			return false;
	for (size_t i = 0; i < all->n; i++)
		for (void *const *item = all->items[i].items; *item; item++)
			if (!amph__relation_change(all->items[i].owner, all->items[i].relation, *item, true,
						   err))
				return false;
	return true;
}

static bool attach_all(amph_session *s, const amph_object_list *list, amph_error *err)
{
	givens all = { 0 };

	for (size_t i = 0; i < list->n; i++)
		if (is_taken(list->items[i], err))
			return false;
	for (size_t i = 0; i < list->n; i++)
		if (!amph__object_attach(list->items[i], err))
			return false;
	bool ok = adopt_given(list, &all, err);
	amph__free(s->allocator, all.items);
	return ok;
}

bool amph_attach(amph_session *s, void *object)
{
	amph_error err;
	amph_object *o = amph__own_object(s, object, &err);
	amph_object_list list = { 0 };

	if (!o)
		return amph__session_error(s, &err);
	if (o->state != OBJECT_TRANSIENT)
		return amph__object_attach(o, &err);
	o->marked = true;
	bool ok = amph__list_push(s, &list, o) && reach_all(s, &list);
	o->marked = false;
	ok = ok ? attach_all(s, &list, &err) : amph__error_nomem(&err);
	amph__free(s->allocator, list.items);
	return ok || amph__session_error(s, &err);
}
