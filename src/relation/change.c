/* Collections as programs change them: what they append and remove is in memory at once, on both sides, and
 * is noted for the flush. */
#include "change.h"

static bool note_change(amph_session *s, amph_change_op op, amph_object *owner, size_t offset,
			amph_object *item, amph_error *err)
{
	if (!amph__grow(s->allocator, (void **)&s->changes, &s->changes_cap, s->n_changes + 1,
			sizeof *s->changes))
		return amph__error_nomem(err);
	s->changes[s->n_changes++] = (amph_change){ owner, item, offset, op, false, false, NULL };
	return true;
}

void amph__relations_drop(const amph_object *o)
{
	amph_session *s = o->extent->session;
	size_t kept = 0;

	for (size_t i = 0; i < s->n_changes; i++) {
		amph_change *c = &s->changes[i];

		if (c->owner == o || c->item == o)
			c->owner = NULL;
		else if (!s->in_flush)
			s->changes[kept++] = *c;
	}
	if (!s->in_flush)
		s->n_changes = kept;
}

void amph__relations_forget(amph_session *s)
{
	s->n_changes = 0;
	amph__absent_forget(s);
}

/* ---- collections in memory ---- */

/* The collection at owner is known: loaded, or of a new object, whose collection starts empty. */
static bool is_known(const amph_object *owner, const amph_relation *r)
{
	return *amph__relation_member(owner, r) || owner->state == OBJECT_PENDING;
}

/* The other side of a change: the item's parent, or its own collection. */
static bool change_back(const amph_link_path *l, amph_change_op op, amph_object *owner, amph_object *item,
			amph_error *err)
{
	const amph_relation *back = amph__relation_back(l);
	void *members = amph__members(owner);

	if (!back)
		return true;
	if (back->kind == AMPH_REL_ONE) {
		void **parent = amph__relation_member(item, back);

		if (op == AMPH_CHANGE_REMOVE) {
			if (*parent == members)
				*parent = NULL;
			return true;
		}
		if (*parent && *parent != members &&
		    !amph__list_without(amph__object_of(*parent), l->relation, amph__members(item), err))
			return false;
		*parent = members;
		return true;
	}
	if (!is_known(item, back))
		return true;
	return op == AMPH_CHANGE_ADD ? amph__list_with(item, back, members, err)
				: amph__list_without(item, back, members, err);
}

static amph_object *checked(amph_session *s, const void *p, const char *what, amph_error *err)
{
	amph_object *o = amph__session_object(s, p);

	if (o)
		return o;
	if (!p)
		amph__error_misuse(err, "the %s is NULL", what);
	else
		amph__error_misuse(err, "the %s is not an object of this session: amph_get or amph_merge "
				   "gives the one that is", what);
	return NULL;
}

void amph__relations_cut(amph_object *o)
{
	amph_session *s = o->extent->session;
	amph_link_path l;
	amph_error ignored;     /* without memory a collection keeps what was in it */

	for (size_t i = 0; i < s->n_changes; i++) {
		const amph_change *c = &s->changes[i];

		if (!c->owner || c->op != AMPH_CHANGE_ADD || (c->owner != o && c->item != o) ||
		    !amph__link_path_of(s, c->owner->extent->mapper, c->offset, &l, &ignored))
			continue;
		if (c->item == o)
			amph__list_without(c->owner, l.relation, amph__members(o), &ignored);
		else
			change_back(&l, AMPH_CHANGE_REMOVE, o, c->item, &ignored);
	}
	amph__relations_drop(o);
}

/* The other side was told that it leaves. */
static bool left_already(const amph_session *s, const amph_object *owner, const amph_object *item)
{
	for (size_t i = s->n_changes; i-- > 0;)
		if (s->changes[i].owner == item && s->changes[i].item == owner)
			return s->changes[i].op == AMPH_CHANGE_REMOVE;
	return false;
}

/* What is in no collection that is known in full, and does not say that it is, cannot be taken out. */
static bool may_leave(const amph_link_path *l, amph_object *owner, amph_object *item, amph_error *err)
{
	const amph_relation *back = amph__relation_back(l);
	void **list = *amph__relation_member(owner, l->relation);
	amph_key_pair pairs[AMPH_KEY_PAIRS_MAX];

	if (!is_known(owner, l->relation) || amph__list_is_filtered(list) ||
	    amph__list_has(owner->extent->session, list, amph__members(item)) ||
	    left_already(owner->extent->session, owner, item))
		return true;
	if (back && back->kind == AMPH_REL_ONE && *amph__relation_member(item, back) == amph__members(owner))
		return true;
	amph__turn_pairs(l->path.pairs, l->path.n, pairs);
	return (!l->path.link && amph__refers_to(item, amph__members(item), owner, pairs, l->path.n)) ||
	       amph__error_misuse(err, "amph_remove: the %s is not in %s.%s",
				  item->extent->mapper->model->name, owner->extent->mapper->model->name,
				  l->relation->member);
}

static bool change(amph_object *owner, size_t offset, void *item, amph_change_op op, amph_error *err)
{
	amph_session *s = owner->extent->session;
	amph_object *other = checked(s, item, "item", err);
	amph_link_path l;

	if (!other || !amph__link_path_of(s, owner->extent->mapper, offset, &l, err))
		return false;
	if (!amph__relation_is_list(l.relation) || !amph__is_kind_of(other->extent->mapper, l.path.to))
		return amph__error_misuse(err, "%s.%s is no collection of %s",
					  owner->extent->mapper->model->name,
					  l.relation->member, other->extent->mapper->model->name);
	if (!amph__lists_are_own(owner, err) || !amph__lists_are_own(other, err))
		return false;
	if (op == AMPH_CHANGE_REMOVE && !may_leave(&l, owner, other, err))
		return false;
	if (!note_change(s, op, owner, offset, other, err) || !change_back(&l, op, owner, other, err))
		return false;
	if (op == AMPH_CHANGE_REMOVE)
		return amph__list_without(owner, l.relation, item, err);
	return !is_known(owner, l.relation) || amph__list_with(owner, l.relation, item, err);
}

static amph_session *session_of(const void *object)
{
	const amph_object *o = object ? amph__object_of(object) : NULL;

	return o && amph__is_object(o) ? o->extent->session : NULL;
}

static bool call(void *object, size_t offset, void *item, amph_change_op op)
{
	amph_object *owner = object ? amph__object_of(object) : NULL;
	amph_session *s = session_of(object);
	amph_error err;

	/* what is of no session has nobody to tell but the item's */
	s = s ? s : session_of(item);
	return s && ((amph__session_may_run(s, &err) && checked(s, object, "owner", &err) &&
		      change(owner, offset, item, op, &err)) ||
		     amph__session_error(s, &err));
}

bool amph__changes_merge(amph_session *s, const amph_link_path *l, amph_object *const *objects, size_t n,
			 amph_error *err)
{
	bool ok = true;

	for (size_t i = 0; i < n; i++)
		objects[i]->marked = true;
	for (size_t i = 0; i < s->n_changes && ok; i++) {
		const amph_change *c = &s->changes[i];

		if (!c->owner || !c->owner->marked || c->offset != l->relation->offset)
			continue;
		/* the load has made the owner the parent of all that it found */
		void *item = amph__members(c->item);
		ok = change_back(l, c->op, c->owner, c->item, err) &&
		     (c->op == AMPH_CHANGE_ADD ? amph__list_with(c->owner, l->relation, item, err)
					       : amph__list_without(c->owner, l->relation, item, err));
	}
	for (size_t i = 0; i < n; i++)
		objects[i]->marked = false;
	return ok;
}

bool amph_do_append(void *object, size_t offset, void *item)
{
	return call(object, offset, item, AMPH_CHANGE_ADD);
}

bool amph_do_remove(void *object, size_t offset, void *item)
{
	return call(object, offset, item, AMPH_CHANGE_REMOVE);
}

bool amph__relation_change(amph_object *owner, const amph_relation *r, void *item, bool add,
			   amph_error *err)
{
	return change(owner, r->offset, item, add ? AMPH_CHANGE_ADD : AMPH_CHANGE_REMOVE, err);
}

static bool gives_lists(const amph_object *o)
{
	for (const amph_relation *r = o->extent->mapper->relations; r && r->member; r++)
		if (amph__relation_is_list(r) && *amph__relation_member(o, r))
			return true;
	return false;
}

/* What the program gave is taken out of the members first: a change looks at all collections of both. */
static void *const **take_given(amph_object *o, size_t *n)
{
	const amph_relation *first = o->extent->mapper->relations, *r = first;

	while (r && r->member)
		r++;
	*n = (size_t)(r - first);
	void *const **given = amph__alloc_zero(o->extent->session->allocator, (*n + 1) * sizeof *given);
	for (size_t i = 0; given && i < *n; i++) {
		if (!amph__relation_is_list(&first[i]))
			continue;
		given[i] = *amph__relation_member(o, &first[i]);
		*amph__relation_member(o, &first[i]) = NULL;
	}
	return given;
}

bool amph__relations_adopt(amph_object *o, amph_error *err)
{
	const amph_relation *relations = o->extent->mapper->relations;
	const amph_allocator *a = o->extent->session->allocator;
	bool ok = true;
	size_t n;

	if (!gives_lists(o))
		return true;
	void *const **given = take_given(o, &n);
	if (!given)
		return amph__error_nomem(err);
	for (size_t i = 0; i < n; i++)
		for (void *const *item = given[i]; item && *item && ok; item++)
			ok = change(o, relations[i].offset, *item, AMPH_CHANGE_ADD, err);
	amph__free(a, given);
	return ok;
}
