/* What a flush makes of members that programs assigned: foreign keys of those who have a new parent, and of
 * children of one to one, whose parent has no key of them. */
#include "change.h"

/* What a member points to. */
static amph_object *checked_member(const amph_object *o, const amph_relation *r, const void *p,
				   amph_error *err)
{
	amph_object *found = amph__session_object(o->extent->session, p);

	if (!found)
		amph__error_misuse(err, "%s.%s is not an object of this session: amph_get or amph_merge "
				   "gives the one that is", o->extent->mapper->model->name, r->member);
	return found;
}

static bool cannot_be_null(const amph_mapper *m, const amph_relation *r, const amph_mapped_column *c,
			   amph_error *err)
{
	amph__error(err, "23502", "%s.%s is NULL, but column \"%s\" cannot be", m->model->name,
		    r->member, c->name);
	amph__error_names(err, m->table->name, c->name, NULL);
	return false;
}

/* A child whose parent is taken away by assignment goes where its collection says so. */
static bool orphans(const amph_link_path *l, const void *before)
{
	const amph_relation *back = before ? amph__relation_back(l) : NULL;

	return back && back->cascade & AMPH_DELETE_ORPHAN;
}

static bool apply_parent(amph_object *o, const amph_link_path *l, void *now, const void *before,
			 amph_error *err)
{
	amph_object *parent = now ? checked_member(o, l->relation, now, err) : NULL;

	if ((now && !parent) || (parent && !amph__object_ready(parent, err)))
		return false;
	if (parent && !amph__is_kind_of(parent->extent->mapper, l->path.to))
		return amph__error_misuse(err, "%s.%s is an object of another model",
					  o->extent->mapper->model->name, l->relation->member);
	if (!parent && orphans(l, before))
		return amph__object_delete(o, err);
	if (!parent && !amph__key_can_be_null(o->extent->mapper, l->path.pairs, l->path.n))
		return cannot_be_null(o->extent->mapper, l->relation,
				      &o->extent->mapper->columns[l->path.pairs[0].from], err);
	return amph__key_set(o->extent->mapper, amph__members(o), parent, l->path.pairs, l->path.n, err);
}

/* A member that points to another parent than before changes the foreign key. */
static bool apply_parents(amph_object *o, amph_error *err)
{
	amph_link_path l;

	if (!amph__lists_are_own(o, err))
		return false;
	for (const amph_relation *r = o->extent->mapper->relations; r && r->member; r++) {
		void *now = *amph__relation_member(o, r);
		void *before = o->state == OBJECT_PENDING ? NULL : *amph__relation_before(o, r);

		if (r->kind == AMPH_REL_ONE && now != before &&
		    (!amph__link_path_of(o->extent->session, o->extent->mapper, r->offset, &l, err) ||
		     !apply_parent(o, &l, now, before, err)))
			return false;
	}
	return true;
}

/* ---- one to one, from the side without the key ---- */

static const amph_relation *next_changed(const amph_object *o, const amph_relation *r)
{
	for (; r && r->member; r++)
		if (r->kind == AMPH_REL_HAS_ONE && *amph__relation_member(o, r) !=
		    (o->state == OBJECT_PENDING ? NULL : *amph__relation_before(o, r)))
			return r;
	return NULL;
}

/* Who is assigned to somebody is no orphan, whoever else lets it go. */
static bool claim(amph_object *o, amph_error *err)
{
	const amph_relation *r = o->extent->mapper->relations;

	for (; (r = next_changed(o, r)); r++) {
		void *now = *amph__relation_member(o, r);
		amph_object *child = now ? checked_member(o, r, now, err) : NULL;

		if (now && !child)
			return false;
		const amph_mapper *to = amph__mapper_of(o->extent->session->engine->registry, r->target, err);
		if (child && !amph__is_kind_of(child->extent->mapper, to))
			return amph__error_misuse(err, "%s.%s is an object of another model",
						  o->extent->mapper->model->name, r->member);
		if (child)
			child->marked = true;
	}
	return true;
}

/* The child of before, also where the program assigned another without looking. */
static bool former_child(amph_object *o, const amph_link_path *l, amph_object **out, amph_error *err)
{
	void **member = amph__relation_member(o, l->relation);
	void *now = *member;

	*out = NULL;
	if (o->state != OBJECT_PERSISTENT)
		return true;
	if (!*amph__relation_before(o, l->relation)) {
		*member = NULL;
		bool ok = amph__relation_load(o->extent->session, l, &o, 1, err);
		*member = now;
		if (!ok)
			return false;
	}
	void *before = *amph__relation_before(o, l->relation);
	*out = before && before != now ? amph__object_of(before) : NULL;
	return true;
}

static bool release_child(amph_object *o, const amph_link_path *l, amph_object *child, amph_error *err)
{
	const amph_relation *back = amph__relation_back(l);
	void **parent = back ? amph__relation_member(child, back) : NULL;
	amph_key_pair pairs[AMPH_KEY_PAIRS_MAX];

	amph__turn_pairs(l->path.pairs, l->path.n, pairs);
	if (child->marked || (parent && *parent && *parent != amph__members(o)) ||
	    !amph__refers_to(child, amph__members(child), o, pairs, l->path.n))
		return true;
	if (l->relation->cascade & AMPH_DELETE_ORPHAN)
		return amph__object_delete(child, err);
	if (!amph__key_can_be_null(child->extent->mapper, pairs, l->path.n))
		return amph__cannot_be_alone(o->extent->mapper, l->relation, child->extent->mapper,
				       &child->extent->mapper->columns[pairs[0].from], err);
	if (parent)
		*parent = NULL;
	return amph__key_set(child->extent->mapper, amph__members(child), NULL, pairs, l->path.n, err);
}

static bool let_go(amph_object *o, amph_error *err)
{
	const amph_relation *r = o->extent->mapper->relations;
	amph_link_path l;
	amph_object *child;

	for (; (r = next_changed(o, r)); r++)
		if (!amph__link_path_of(o->extent->session, o->extent->mapper, r->offset, &l, err) ||
		    !former_child(o, &l, &child, err) || (child && !release_child(o, &l, child, err)))
			return false;
	return true;
}

/* The former parent of a child that moved does not have it any more. */
static void leave_former(const amph_object *o, const amph_link_path *l, amph_object *child)
{
	amph_path up = { .from = l->path.to, .to = l->path.from, .n = l->path.n };

	amph__turn_pairs(l->path.pairs, l->path.n, up.pairs);
	amph_object *former = amph__has_row(child) ? amph__parent_by_key(child, amph__snapshot(child), &up)
					     : NULL;
	if (former && former != o && *amph__relation_member(former, l->relation) == amph__members(child))
		*amph__relation_member(former, l->relation) = NULL;
}

static bool take(amph_object *o, amph_error *err)
{
	const amph_relation *r = o->extent->mapper->relations;
	amph_key_pair pairs[AMPH_KEY_PAIRS_MAX];
	amph_link_path l;

	for (; (r = next_changed(o, r)); r++) {
		void *now = *amph__relation_member(o, r);
		amph_object *child = now ? amph__object_of(now) : NULL;

		if (!child)
			continue;
		child->marked = false;
		if (!amph__link_path_of(o->extent->session, o->extent->mapper, r->offset, &l, err) ||
		    !amph__object_ready(o, err) || !amph__object_ready(child, err))
			return false;
		const amph_relation *back = amph__relation_back(&l);
		leave_former(o, &l, child);
		if (back)
			*amph__relation_member(child, back) = amph__members(o);
		amph__turn_pairs(l.path.pairs, l.path.n, pairs);
		if (!amph__key_set(child->extent->mapper, amph__members(child), o, pairs, l.path.n, err))
			return false;
	}
	return true;
}

/* ---- all of them ---- */

typedef bool each_fn(amph_object *o, amph_error *err);

/* Those that are new, and those that have a row; without relationships there is nothing to do. */
static bool for_each(amph_session *s, each_fn *fn, amph_error *err)
{
	for (size_t i = 0; i < s->pending.n; i++)
		if (s->pending.items[i]->extent->mapper->relations && !fn(s->pending.items[i], err))
			return false;
	for (size_t m = 0; m < s->engine->registry->n_mappers; m++) {
		amph_extent *e = &s->extents[m];
		amph_chunk *chunk = NULL;
		uint32_t slot;
		amph_object *o;

		if (!e->mapper->relations || !e->slab.live)
			continue;
		while ((o = amph__object_next(e, &chunk, &slot)))
			if (o->state == OBJECT_PERSISTENT && !fn(o, err))
				return false;
	}
	return true;
}

static bool apply_single_children(amph_session *s, amph_error *err)
{
	bool any = false;

	for (size_t i = 0; i < s->engine->registry->n_mappers && !any; i++)
		for (const amph_relation *r = s->engine->registry->mappers[i]->relations;
		     r && r->member; r++)
			any |= r->kind == AMPH_REL_HAS_ONE;
	return !any || (for_each(s, claim, err) && for_each(s, let_go, err) && for_each(s, take, err));
}

bool amph__assigned_apply(amph_session *s, amph_error *err)
{
	return apply_single_children(s, err) && for_each(s, apply_parents, err);
}

static bool follow_keys(amph_object *o, bool *again, amph_error *err)
{
	amph_link_path l;

	for (const amph_relation *r = o->extent->mapper->relations; r && r->member; r++) {
		void *now = *amph__relation_member(o, r);
		void *before = o->state == OBJECT_PENDING ? NULL : *amph__relation_before(o, r);
		amph_object *parent = r->kind == AMPH_REL_ONE && now && now != before
			? amph__session_object(o->extent->session, now) : NULL;

		if (!parent ||
		    !amph__link_path_of(o->extent->session, o->extent->mapper, r->offset, &l, err) ||
		    amph__refers_to(o, amph__members(o), parent, l.path.pairs, l.path.n))
			continue;
		*again = true;
		if (!amph__key_set(o->extent->mapper, amph__members(o), parent, l.path.pairs, l.path.n, err))
			return false;
	}
	return true;
}

bool amph__assigned_again(amph_session *s, bool *again, amph_error *err)
{
	for (size_t i = 0; i < s->pending.n; i++)
		if (!follow_keys(s->pending.items[i], again, err))
			return false;
	for (size_t m = 0; m < s->engine->registry->n_mappers; m++) {
		amph_extent *e = &s->extents[m];
		amph_chunk *chunk = NULL;
		uint32_t slot;
		amph_object *o;

		while (e->mapper->relations && e->slab.live &&
		       (o = amph__object_next_touched(e, &chunk, &slot)))
			if (!follow_keys(o, again, err))
				return false;
	}
	return true;
}
