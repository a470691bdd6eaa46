/* Deletes and what depends on them: children first, rows of links; and the other cascades. All
 * objects of one model are looked after together, so that a statement serves many. */
#include "keys.h"
#include <string.h>

/* What the database does with the rows that refer to one that goes. */
static amph_on_delete on_delete_of(const amph_mapper *child, const amph_key_pair *pairs,
				   const amph_mapper *parent)
{
	for (size_t i = 0; i < child->n_references; i++) {
		const amph_mapped_reference *r = &child->references[i];

		for (size_t k = 0; k < r->n && amph__is_kind_of(parent, r->target); k++)
			if (r->columns[k] == pairs[0].from)
				return r->on_delete;
	}
	return AMPH_NO_ACTION;
}

/* ---- links ---- */

/* A key that restricts says that the object stays while it is linked: the database refuses it. */
static bool links_restrict(const amph_link_path *l, const amph_mapper *owner)
{
	amph_key_pair pairs[AMPH_KEY_PAIRS_MAX];

	amph__turn_pairs(l->path.pairs, l->path.n, pairs);
	return on_delete_of(l->path.link, pairs, owner) == AMPH_RESTRICT;
}

static bool delete_links(amph_session *s, const amph_link_path *l, amph_object **objects, size_t n,
			 amph_error *err)
{
	const amph_relation *back = amph__relation_back(l);
	amph_path up = { .from = l->path.link, .to = l->path.from, .n = l->path.n };
	amph_path down = { .from = l->path.link, .to = l->path.to, .n = l->path.n_link };
	const void **rows = AMPH_NEWS(&s->flush_arena, const void *, n);
	amph_error ignored;     /* without memory a collection keeps what was in it */
	void **list;

	if (!rows)
		return amph__error_nomem(err);
	for (size_t i = 0; i < n; i++)
		rows[i] = amph__members(objects[i]);
	if (!amph__links_of(s, l, (amph_keyed){ rows, n }, &list, err))
		return false;
	amph__turn_pairs(l->path.pairs, l->path.n, up.pairs);
	memcpy(down.pairs, l->path.link_pairs, sizeof down.pairs);
	bool ok = true;
	for (size_t i = 0; list[i] && ok; i++) {
		amph_object *link = amph__object_of(list[i]);
		amph_object *owner = amph__parent_by_key(link, list[i], &up);
		amph_object *item = back && owner ? amph__parent_by_key(link, list[i], &down) : NULL;

		if (item && *amph__relation_member(item, back))
			amph__list_without(item, back, amph__members(owner), &ignored);
		ok = amph__object_delete(link, err);
	}
	amph_release(s, list);
	return ok;
}

/* ---- children ---- */

static bool cascade_child(amph_object *c, const amph_object *o, const amph_link_path *l,
			  amph_error *err)
{
	const amph_relation *back = amph__relation_back(l);
	amph_key_pair pairs[AMPH_KEY_PAIRS_MAX];

	amph__turn_pairs(l->path.pairs, l->path.n, pairs);
	if (!amph__refers_to(c, amph__members(c), o, pairs, l->path.n))
		return true;    /* a collection may be older than an assignment that took it away */
	if (c->state != OBJECT_PERSISTENT && c->state != OBJECT_PENDING)
		return true;
	bool nullable = amph__key_can_be_null(c->extent->mapper, pairs, l->path.n);
	bool passive = !nullable || l->relation->cascade & AMPH_PASSIVE_DELETES;
	if (l->relation->cascade & (AMPH_CASCADE_DELETE | AMPH_DELETE_ORPHAN) ||
	    (passive && on_delete_of(c->extent->mapper, pairs, o->extent->mapper) == AMPH_CASCADE))
		return amph__object_delete(c, err);
	/* one that restricts says that the parent stays: the database refuses it */
	if (!nullable || on_delete_of(c->extent->mapper, pairs, o->extent->mapper) == AMPH_RESTRICT)
		return true;
	if (back && *amph__relation_member(c, back) == amph__members(o))
		*amph__relation_member(c, back) = NULL;
	return amph__key_set(c->extent->mapper, amph__members(c), NULL, pairs, l->path.n, err);
}

/* Children whose rows do not say so yet: new ones, and those with another key than their row. */
typedef struct comers {
	amph_object_list list;
	size_t *next;                   /* of each, from 1, another with the same key */
	amph_key_table by_key;          /* the first, from 1 */
} comers;

static bool comers_of(amph_session *s, amph_extent *e, comers *c, amph_error *err)
{
	amph_chunk *chunk = NULL;
	uint32_t slot;
	amph_object *o;

	while ((e->slab.live || e->n_pending) && (o = amph__object_next(e, &chunk, &slot)))
		if ((o->state == OBJECT_PENDING ||
		     (o->state == OBJECT_PERSISTENT && amph__object_is_modified(o))) &&
		    !amph__list_push(s, &c->list, o))
			return amph__error_nomem(err);
	return true;
}

static bool find_comers(amph_session *s, const amph_link_path *l, comers *c, amph_error *err)
{
	const amph_key_side side = { l->path.to, l->path.pairs, l->path.n, true };
	void *first;

	for (size_t i = 0; i < s->engine->registry->n_mappers; i++)
		if (amph__is_kind_of(s->extents[i].mapper, l->path.to) &&
		    !comers_of(s, &s->extents[i], c, err))
			return false;
	c->next = AMPH_NEWS(&s->flush_arena, size_t, c->list.n + 1);
	if (!c->next)
		return amph__error_nomem(err);
	for (size_t i = 0; i < c->list.n; i++) {
		const void *members = amph__members(c->list.items[i]);

		if (!amph__keys_find(&c->by_key, &side, members, &first) ||
		    !amph__keys_add(&c->by_key, &side, members, (void *)(uintptr_t)(i + 1)))
			return amph__error_nomem(err);
		c->next[i] = (size_t)(uintptr_t)first;
	}
	return true;
}

static bool cascade_comers(amph_session *s, const amph_link_path *l, amph_object **objects, size_t n,
			   amph_error *err)
{
	const amph_key_side side = { l->path.from, l->path.pairs, l->path.n, false };
	comers c = { .list = { 0 } };
	void *first;

	amph__keys_init(&c.by_key, s->allocator, &side);
	bool ok = find_comers(s, l, &c, err);
	for (size_t i = 0; i < n && ok && c.list.n; i++) {
		ok = amph__keys_find(&c.by_key, &side, amph__members(objects[i]), &first) ||
		     amph__error_nomem(err);
		for (size_t at = ok ? (uintptr_t)first : 0; at && ok; at = c.next[at - 1])
			ok = cascade_child(c.list.items[at - 1], objects[i], l, err);
	}
	amph__keys_clear(&c.by_key);
	amph__free(s->allocator, c.list.items);
	return ok;
}

static bool cascade_loaded(const amph_link_path *l, amph_object *o, amph_error *err)
{
	void *member = *amph__relation_member(o, l->relation);

	if (!member || l->relation->kind == AMPH_REL_HAS_ONE)
		return !member || cascade_child(amph__object_of(member), o, l, err);
	for (void *const *child = member; *child; child++)
		if (!cascade_child(amph__object_of(*child), o, l, err))
			return false;
	return true;
}

static bool cascade_along(amph_session *s, const amph_relation *r, amph_object **objects, size_t n,
			  amph_error *err)
{
	amph_link_path l;

	if (r->kind == AMPH_REL_ONE)
		return true;
	if (!amph__link_path_of(s, objects[0]->extent->mapper, r->offset, &l, err))
		return false;
	if (l.path.link)
		return links_restrict(&l, objects[0]->extent->mapper) || delete_links(s, &l, objects, n, err);
	for (size_t i = 0; i < n; i++)
		if (r->kind == AMPH_REL_MANY && amph__list_is_filtered(*amph__relation_member(objects[i], r)))
			*amph__relation_member(objects[i], r) = *amph__relation_before(objects[i], r) = NULL;
	if (!(r->cascade & AMPH_PASSIVE_DELETES) && !amph__relation_load(s, &l, objects, n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!cascade_loaded(&l, objects[i], err))
			return false;
	return cascade_comers(s, &l, objects, n, err);
}

/* ---- waves: children have children ---- */

static bool cascade_model(amph_session *s, const amph_mapper *m, size_t from, size_t until,
			  amph_error *err)
{
	amph_object **objects = AMPH_NEWS(&s->flush_arena, amph_object *, until - from);
	size_t n = 0;

	if (!objects)
		return amph__error_nomem(err);
	for (size_t i = from; i < until; i++) {
		amph_object *o = s->deleted.items[i];

		if (o->extent->mapper != m || o->cascaded)
			continue;
		if (!amph__lists_are_own(o, err))
			return false;
		o->cascaded = true;
		objects[n++] = o;
	}
	for (const amph_relation *r = m->relations; n && r && r->member; r++)
		if (!cascade_along(s, r, objects, n, err))
			return false;
	return true;
}

bool amph__cascade_deletes(amph_session *s, amph_error *err)
{
	for (size_t at = 0, until; at < s->deleted.n; at = until) {
		until = s->deleted.n;
		for (size_t i = 0; i < s->engine->registry->n_mappers; i++)
			if (s->extents[i].n_deleted && s->extents[i].mapper->relations &&
			    !cascade_model(s, s->extents[i].mapper, at, until, err))
				return false;
	}
	return true;
}

/* ---- the other cascades ---- */

static bool reach(amph_session *s, void *members, amph_object_list *out)
{
	amph_object *o = amph__object_of(members);

	if (o->marked)
		return true;
	o->marked = true;
	return amph__list_push(s, out, o);
}

bool amph__cascade_reach(amph_object *o, uint32_t cascade, amph_object_list *out, amph_error *err)
{
	amph_session *s = o->extent->session;
	bool ok = reach(s, amph__members(o), out);

	for (size_t i = 0; i < out->n && ok; i++) {
		const amph_object *at = out->items[i];

		for (const amph_relation *r = at->extent->mapper->relations; r && r->member && ok; r++) {
			void *member = *amph__relation_member(at, r);

			if (!(r->cascade & cascade) || !member)
				continue;
			if (!amph__relation_is_list(r)) {
				ok = reach(s, member, out);
				continue;
			}
			for (void *const *item = member; *item && ok; item++)
				ok = reach(s, *item, out);
		}
	}
	for (size_t i = 0; i < out->n; i++)
		out->items[i]->marked = false;
	return ok || amph__error_nomem(err);
}
