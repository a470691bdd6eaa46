/* Relationships that a program touches: loaded for the object and the siblings of its result at once. */
#include "relation.h"

#define SIBLINGS_MOST 1000

static bool may_touch(const amph_object *o, const amph_link_path *l, amph_error *err)
{
	bool raised = o->group && l->number < 64 && o->group->raise >> l->number & 1;

	if (!raised && !o->extent->session->raise_on_touch && l->relation->lazy != AMPH_LAZY_RAISE)
		return true;
	return amph__error_misuse(err, "%s.%s is not loaded, and may not be by touching it: name it in .load",
				  o->extent->mapper->model->name, l->relation->member);
}

/* Of another kind than o, an object may lack the relationship, or have something else there. */
static bool has_relation(const amph_object *other, const amph_object *o, const amph_relation *r)
{
	if (other->extent->mapper == o->extent->mapper)
		return true;
	const amph_relation *same = amph__relation_at(other->extent->mapper, r->offset, NULL);
	return same && same->target == r->target && same->key == r->key && same->kind == r->kind;
}

/* The objects of the same result around o that do not have the relationship, o among them. */
static size_t siblings(const amph_object *o, const amph_relation *r, amph_object **out)
{
	amph_group *g = o->state == OBJECT_PERSISTENT ? o->group : NULL;
	size_t n = 0, at = 0;

	/* while the result is read, its group is empty */
	if (!g || !g->n) {
		out[0] = (amph_object *)(uintptr_t)o;
		return 1;
	}
	/* a loop touches them in their order: it goes on from where it was */
	while (at < g->n && g->objects[(g->at + at) % g->n] != o)
		at++;
	at = (g->at + at) % g->n;
	g->at = at;
	for (size_t i = at; i < g->n && n < SIBLINGS_MOST; i++)
		if (g->objects[i]->state == OBJECT_PERSISTENT && has_relation(g->objects[i], o, r) &&
		    !*amph__relation_member(g->objects[i], r) && !amph__absent_is(g->objects[i], r))
			out[n++] = g->objects[i];
	return n;
}

/* The expired objects of the same result around o, and o itself, get their rows; not those with changes,
 * which the flush looks at. */
static bool renew_rows(amph_object *o, amph_error *err)
{
	amph_session *s = o->extent->session;
	amph_object **items = amph__alloc(s->allocator, SIBLINGS_MOST * sizeof(amph_object *));
	size_t n = 0;

	if (!items)
		return amph__error_nomem(err);
	items[n++] = o;
	for (size_t i = 0; o->group && i < o->group->n && n < SIBLINGS_MOST; i++) {
		amph_object *other = o->group->objects[i];

		if (other != o && other->state == OBJECT_PERSISTENT && other->expired &&
		    other->extent->mapper == o->extent->mapper && !amph__object_is_modified(other))
			items[n++] = other;
	}
	amph__arena_reset(&s->scratch);
	bool ok = amph__objects_read(s, o->extent->mapper, items, n, &s->scratch, err);
	amph__free(s->allocator, items);
	return ok;
}

static void touch(const void *object, size_t offset)
{
	amph_object *o = amph__object_of(object);
	amph_object **objects;
	amph_link_path link;
	amph_error err;

	if (o->state == OBJECT_ROW) {
		amph__error_misuse(&err, "%s: a row of a stream has no relationships; read pages of "
				   "objects instead", o->extent->mapper->model->name);
		amph__session_error(o->extent->session, &err);
		return;
	}
	/* a new object has what the program gave it; a collection of one is empty */
	void *there = *(void *const *)((const char *)object + offset);
	if (there && (!o->expired || o->state != OBJECT_PERSISTENT)) {
		const amph_relation *r = amph__relation_at(o->extent->mapper, offset, NULL);
		if (r && amph__relation_is_list(r))
			amph__relation_hand_out(o, r);
		return;
	}
	if (o->state != OBJECT_PERSISTENT)
		return;
	amph_session *s = o->extent->session;
	if (!amph__session_may_run(s, &err) ||
	    !amph__link_path_of(s, o->extent->mapper, offset, &link, &err) ||
	    (o->expired && !amph__object_is_modified(o) && !renew_rows(o, &err))) {
		amph__session_error(s, &err);
		return;
	}
	there = *amph__relation_member(o, link.relation);
	if (there && amph__relation_is_list(link.relation))
		amph__relation_hand_out(o, link.relation);
	if (there)
		return;
	if ((link.relation->kind == AMPH_REL_ONE &&
	     amph__key_has_null(&link.path, object)) ||
	    amph__absent_is(o, link.relation))
		return;
	if (!may_touch(o, &link, &err)) {
		amph__session_error(s, &err);
		return;
	}
	objects = amph__alloc(s->allocator, SIBLINGS_MOST * sizeof(amph_object *));
	bool ok = objects ? amph__relation_load(s, &link, objects, siblings(o, link.relation, objects), &err)
			  : amph__error_nomem(&err);
	amph__free(s->allocator, objects);
	if (!ok)
		amph__session_error(s, &err);
}

bool amph_touch(const void *object, size_t offset)
{
	if (object && amph__is_object(amph__object_of(object)))
		touch(object, offset);
	return object != NULL;
}
