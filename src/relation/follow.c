/* After a flush, or when columns were read anew: members follow what the columns say, collections
 * in memory what became of their items. */
#include "relation.h"
#include <string.h>

/* The other side at a parent, with or without o: a collection that is loaded, or a single child.
 * Without memory it is as it was. */
static void update_parent(void *parent, const amph_link_path *l, amph_object *o, bool with)
{
	const amph_relation *back = parent ? amph__relation_back(l) : NULL;
	amph_error ignored;

	if (!back)
		return;
	amph_object *owner = amph__object_of(parent);
	void **member = amph__relation_member(owner, back);
	if (back->kind == AMPH_REL_HAS_ONE) {
		if (with)
			*member = amph__members(o);
		else if (*member == amph__members(o))
			*member = NULL;
		return;
	}
	if (!*member)
		return;
	if (with)
		amph__list_with(owner, back, amph__members(o), &ignored);
	else
		amph__list_without(owner, back, amph__members(o), &ignored);
}

void amph__relations_follow_keys(amph_object *o)
{
	amph_link_path l;
	amph_error ignored;

	for (const amph_relation *r = o->extent->mapper->relations; r && r->member; r++) {
		void **member = amph__relation_member(o, r);

		if (r->kind != AMPH_REL_ONE || *member != *amph__relation_before(o, r) ||
		    !amph__link_path_of(o->extent->session, o->extent->mapper, r->offset, &l, &ignored))
			continue;
		if (*member && amph__refers_to(o, amph__members(o), amph__object_of(*member),
					       l.path.pairs, l.path.n))
			continue;
		update_parent(*member, &l, o, false);
		amph_object *parent = amph__parent_by_key(o, amph__members(o), &l.path);
		if (parent && amph__is_hidden(o->extent->session, parent))
			parent = NULL;
		*member = *amph__relation_before(o, r) = parent ? amph__members(parent) : NULL;
		update_parent(*member, &l, o, true);
	}
}

void amph__relations_expire(amph_object *o)
{
	for (const amph_relation *r = o->extent->mapper->relations; r && r->member; r++)
		if (r->kind != AMPH_REL_ONE)
			*amph__relation_member(o, r) = *amph__relation_before(o, r) = NULL;
}

void amph__relations_unload(amph_object *o)
{
	amph_key_pair pairs[AMPH_KEY_PAIRS_MAX];
	amph_link_path l;
	amph_error ignored;

	for (const amph_relation *r = o->extent->mapper->relations; r && r->member; r++) {
		void **member = amph__relation_member(o, r), **before = amph__relation_before(o, r);

		if (amph__relation_is_list(r))
			*before = NULL;
		*member = *before;
		if (r->kind != AMPH_REL_HAS_ONE || !*before ||
		    !amph__link_path_of(o->extent->session, o->extent->mapper, r->offset, &l, &ignored))
			continue;
		amph_object *child = amph__object_of(*before);
		amph__turn_pairs(l.path.pairs, l.path.n, pairs);
		if (!amph__refers_to(child, amph__members(child), o, pairs, l.path.n))
			*member = *before = NULL;
	}
	if (o->extent->mapper->relations)
		amph__relations_follow_keys(o);
	amph__absent_forget(o->extent->session);
}

/* A parent that was assigned, not appended to: what it has in memory follows. */
static void follow_parents(amph_object *o)
{
	amph_link_path l;
	amph_error ignored;

	for (const amph_relation *r = o->extent->mapper->relations; r->member; r++) {
		void *now = *amph__relation_member(o, r), *before = *amph__relation_before(o, r);

		if (r->kind != AMPH_REL_ONE || now == before ||
		    !amph__link_path_of(o->extent->session, o->extent->mapper, r->offset, &l, &ignored))
			continue;
		update_parent(before, &l, o, false);
		update_parent(now, &l, o, true);
	}
}

void amph__relations_leave(amph_object *o)
{
	amph_link_path l;
	amph_error ignored;

	for (const amph_relation *r = o->extent->mapper->relations; r && r->member; r++) {
		void *parent = *amph__relation_member(o, r), *before = *amph__relation_before(o, r);

		if (r->kind != AMPH_REL_ONE ||
		    !amph__link_path_of(o->extent->session, o->extent->mapper, r->offset, &l, &ignored))
			continue;
		amph_object *known = before ? NULL : amph__parent_by_key(o, amph__snapshot(o), &l.path);
		/* one that it would have had as well: both were told */
		update_parent(known ? amph__members(known) : before, &l, o, false);
		if (parent != before)
			update_parent(parent, &l, o, false);
	}
}

static bool changes_references(const amph_work *w)
{
	const amph_mapper *m = w->object->extent->mapper;

	for (size_t i = 0; i < m->n_references; i++)
		for (size_t k = 0; k < m->references[i].n; k++)
			if (amph__set_has(&w->change->set, m->references[i].columns[k]))
				return true;
	return false;
}

static bool went_softly(const amph_work *w)
{
	const amph_mapper *m = w->object->extent->mapper;

	return m->soft_delete >= 0 && amph__set_has(&w->change->set, (size_t)m->soft_delete) &&
	       !amph__slot_is_null(&m->columns[m->soft_delete].slot, amph__members(w->object));
}

static bool is_gone(const amph_object *o, const void *other)
{
	return amph__object_of(other)->extent->mapper->soft_delete >= 0 &&
	       amph__is_hidden(o->extent->session, amph__object_of(other));
}

static bool has_gone(const amph_object *o, const amph_relation *r)
{
	void *const *member = *amph__relation_member(o, r);

	if (!amph__relation_is_list(r))
		return member && is_gone(o, member);
	if (!amph__list_is_own(o, r, NULL))
		return false;
	while (member && *member && !is_gone(o, *member))
		member++;
	return member && *member;
}

/* What was softly deleted is not there any more for those that lead to it: they look anew. */
static bool leave_hidden(amph_object *o, amph_error *err)
{
	for (const amph_relation *r = o->extent->mapper->relations; r->member; r++) {
		if (!has_gone(o, r))
			continue;
		if (!amph__journal_note(o, err))
			return false;
		*amph__relation_member(o, r) = *amph__relation_before(o, r) = NULL;
	}
	return true;
}

/* Members become the snapshot's. An object that no statement wrote, since only its collections
 * changed, is remembered as it was. */
static bool keep_members(amph_object *o, amph_error *err)
{
	for (const amph_relation *r = o->extent->mapper->relations; r->member; r++) {
		if (*amph__relation_before(o, r) == *amph__relation_member(o, r))
			continue;
		if (!amph__journal_note(o, err))
			return false;
		*amph__relation_before(o, r) = *amph__relation_member(o, r);
	}
	return true;
}

static void follow_work(const amph_work *w)
{
	w->object->cascaded = false;
	if (w->change->replaces)
		amph__relations_leave(w->change->replaces);
	if (w->op == AMPH_DML_DELETE || went_softly(w)) {
		amph__relations_leave(w->object);
		return;
	}
	follow_parents(w->object);
	if (changes_references(w))
		amph__relations_follow_keys(w->object);
}

bool amph__relations_after_flush(amph_session *s, const amph_work_list *work, amph_error *err)
{
	bool softly = false;

	s->n_changes = 0;
	amph__absent_forget(s);
	if (!amph__has_relations(s))
		return true;
	for (size_t i = 0; i < work->n; i++) {
		softly |= went_softly(&work->items[i]);
		if (!work->items[i].partial && work->items[i].object->extent->mapper->relations)
			follow_work(&work->items[i]);
	}
	for (size_t m = 0; m < s->engine->registry->n_mappers; m++) {
		amph_extent *e = &s->extents[m];
		amph_chunk *chunk = NULL;
		uint32_t slot;
		amph_object *o;

		if (!e->mapper->relations)
			continue;
		while ((o = amph__object_next(e, &chunk, &slot)))
			if (o->state == OBJECT_PERSISTENT &&
			    (!keep_members(o, err) || (softly && !leave_hidden(o, err))))
				return false;
	}
	return true;
}

/* A list that was loaded, not changed: the journal has given back those that were. */
static bool is_undone(const amph_object *o, const amph_relation *r, uint32_t level)
{
	void *const *member = *amph__relation_member(o, r);

	if (!member || r->kind == AMPH_REL_ONE)
		return false;
	if (amph__relation_is_list(r))
		return amph__list_is_since(o->extent->session, member, level);
	const amph_object *child = amph__object_of(member);
	return child->state == OBJECT_TRANSIENT && !child->detached;
}

void amph__relations_roll_back(amph_session *s, uint32_t level)
{
	for (size_t m = 0; s->wrote && m < s->engine->registry->n_mappers; m++) {
		amph_extent *e = &s->extents[m];
		amph_chunk *chunk = NULL;
		uint32_t slot;
		amph_object *o;

		while (e->mapper->relations && (o = amph__object_next(e, &chunk, &slot)))
			for (const amph_relation *r = e->mapper->relations; r->member; r++)
				if (o->state == OBJECT_PERSISTENT && is_undone(o, r, level))
					*amph__relation_member(o, r) = *amph__relation_before(o, r) = NULL;
	}
}
