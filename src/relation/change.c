/* Changing relationships: what programs append, remove and assign, and what a flush makes of it:
 * foreign keys, rows of links, orphans. */
#include "relation.h"
#include <string.h>

typedef enum change_op { CHANGE_ADD, CHANGE_REMOVE } change_op;

/* A member that came to or left a collection, until the flush. */
typedef struct amph_change {
	amph_object *owner, *item;      /* owner NULL: dropped while a flush goes through them */
	size_t offset;                  /* of the relationship */
	change_op op;
	bool done;
} amph_change;

static bool note_change(amph_session *s, change_op op, amph_object *owner, size_t offset,
			amph_object *item, amph_error *err)
{
	if (!amph__grow(s->allocator, (void **)&s->changes, &s->changes_cap, s->n_changes + 1,
			sizeof *s->changes))
		return amph__error_nomem(err);
	s->changes[s->n_changes++] = (amph_change){ owner, item, offset, op, false };
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
static bool change_back(const amph_link_path *l, change_op op, amph_object *owner, amph_object *item,
			amph_error *err)
{
	const amph_relation *back = amph__relation_back(l);
	void *members = amph__members(owner);

	if (!back)
		return true;
	if (back->kind == AMPH_REL_ONE) {
		void **parent = amph__relation_member(item, back);

		if (op == CHANGE_REMOVE) {
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
	return op == CHANGE_ADD ? amph__list_with(item, back, members, err)
				: amph__list_without(item, back, members, err);
}

static amph_object *checked(amph_session *s, const void *p, const char *what, amph_error *err)
{
	amph_object *o = p ? amph__object_of(p) : NULL;

	if (o && amph__is_object_of(o, s) && o->state != OBJECT_FREE && o->state != OBJECT_ROW)
		return o;
	if (!p)
		amph__error_misuse(err, "the %s is NULL", what);
	else
		amph__error_misuse(err, "the %s is not an object of this session: amph_get or amph_merge "
				   "gives the one that is", what);
	return NULL;
}

/* What a member points to. */
static amph_object *checked_member(const amph_object *o, const amph_relation *r, const void *p,
				   amph_error *err)
{
	amph_object *found = checked(o->extent->session, p, "object", NULL);

	if (!found)
		amph__error_misuse(err, "%s.%s is not an object of this session: amph_get or amph_merge "
				   "gives the one that is", o->extent->mapper->model->name, r->member);
	return found;
}

void amph__relations_cut(amph_object *o)
{
	amph_session *s = o->extent->session;
	amph_link_path l;
	amph_error ignored;     /* without memory a collection keeps what was in it */

	for (size_t i = 0; i < s->n_changes; i++) {
		const amph_change *c = &s->changes[i];

		if (!c->owner || c->op != CHANGE_ADD || (c->owner != o && c->item != o) ||
		    !amph__link_path_of(s, c->owner->extent->mapper, c->offset, &l, &ignored))
			continue;
		if (c->item == o)
			amph__list_without(c->owner, l.relation, amph__members(o), &ignored);
		else
			change_back(&l, CHANGE_REMOVE, o, c->item, &ignored);
	}
	amph__relations_drop(o);
}

static bool change(amph_object *owner, size_t offset, void *item, change_op op, amph_error *err)
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
	if (!note_change(s, op, owner, offset, other, err) || !change_back(&l, op, owner, other, err))
		return false;
	if (op == CHANGE_REMOVE)
		return amph__list_without(owner, l.relation, item, err);
	return !is_known(owner, l.relation) || amph__list_with(owner, l.relation, item, err);
}

static bool call(void *object, size_t offset, void *item, change_op op)
{
	amph_object *owner = object ? amph__object_of(object) : NULL;
	amph_session *s = owner ? owner->extent->session : NULL;
	amph_error err;

	return s && ((amph__session_may_run(s, &err) && checked(s, object, "owner", &err) &&
		      change(owner, offset, item, op, &err)) ||
		     amph__session_error(s, &err));
}

bool amph_do_append(void *object, size_t offset, void *item)
{
	return call(object, offset, item, CHANGE_ADD);
}

bool amph_do_remove(void *object, size_t offset, void *item)
{
	return call(object, offset, item, CHANGE_REMOVE);
}

bool amph__relation_change(amph_object *owner, const amph_relation *r, void *item, bool add,
			   amph_error *err)
{
	return change(owner, r->offset, item, add ? CHANGE_ADD : CHANGE_REMOVE, err);
}

bool amph__relations_adopt(amph_object *o, amph_error *err)
{
	for (const amph_relation *r = o->extent->mapper->relations; r && r->member; r++) {
		void *const *items = *amph__relation_member(o, r);

		if (!amph__relation_is_list(r) || !items)
			continue;
		*amph__relation_member(o, r) = NULL;
		for (; *items; items++)
			if (!change(o, r->offset, *items, CHANGE_ADD, err))
				return false;
	}
	return true;
}

/* ---- at the flush ---- */

bool amph__object_delete(amph_object *o, amph_error *err)
{
	amph_session *s = o->extent->session;

	if (amph_delete(s, amph__members(o)))
		return true;
	*err = s->error;
	s->failed = false;
	return false;
}

/* New objects that others refer to need their ids before the first insert: all of one model at once. */
static bool give_ids(amph_session *s, const amph_mapper *m, amph_error *err)
{
	amph_object **need = AMPH_NEWS(&s->flush_arena, amph_object *, s->pending.n + 1);
	size_t n = 0;

	if (!need)
		return amph__error_nomem(err);
	const amph_slot *slot = &m->columns[m->identity].slot;
	for (size_t i = 0; i < s->pending.n; i++) {
		amph_object *o = s->pending.items[i];

		if (amph__is_kind_of(o->extent->mapper, m) && !amph__read_integer(slot, amph__members(o)))
			need[n++] = o;
	}
	if (!n)
		return true;
	int64_t *ids = AMPH_NEWS(&s->flush_arena, int64_t, n);
	const char *table = amph__table_name(&s->flush_arena, m);
	if (!ids || !table)
		return amph__error_nomem(err);
	if (!amph__session_conn(s, err) ||
	    !amph__take_ids(s->conn, table, m->columns[m->identity].name, n, ids, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!amph__journal_note(need[i], err) ||
		    !amph__put_id(m, amph__members(need[i]), ids[i], err))
			return false;
	}
	return true;
}

static bool ready(amph_object *parent, amph_error *err)
{
	if (parent->detached)
		return true;    /* its row is there, and so is its key */
	if (parent->state == OBJECT_TRANSIENT && (parent->deleted || parent->expunged))
		return amph__error_misuse(err, "an object of %s that was %s is part of a relationship: "
					  "attach it again, or take it out",
					  parent->extent->mapper->model->name,
					  parent->deleted ? "deleted" : "expunged");
	if (parent->state == OBJECT_TRANSIENT &&
	    !amph_attach(parent->extent->session, amph__members(parent))) {
		*err = parent->extent->session->error;
		parent->extent->session->failed = false;
		return false;
	}
	const amph_mapper *m = parent->extent->mapper;
	/* ids are taken for all new objects of a model at once: mostly it is there */
	return parent->state != OBJECT_PENDING || m->identity < 0 ||
	       amph__read_integer(&m->columns[m->identity].slot, amph__members(parent)) ||
	       give_ids(parent->extent->session, m, err);
}

/* ---- assigned parents ---- */

static bool cannot_be_null(const amph_mapper *m, const amph_relation *r, const amph_mapped_column *c,
			   amph_error *err)
{
	amph__error(err, "23502", "%s.%s is NULL, but column \"%s\" cannot be", m->model->name,
		    r->member, c->name);
	amph__error_names(err, m->table->name, c->name, NULL);
	return false;
}

static bool cannot_be_alone(const amph_mapper *owner, const amph_relation *r, const amph_mapper *child,
			    const amph_mapped_column *c, amph_error *err)
{
	amph__error(err, "23502", "a %s was taken out of %s.%s, but %s.%s cannot be NULL: delete the %s, "
		    "or say AMPH_DELETE_ORPHAN", child->model->name, owner->model->name, r->member,
		    child->model->name, c->decl->member, child->model->name);
	amph__error_names(err, child->table->name, c->name, NULL);
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

	if ((now && !parent) || (parent && !ready(parent, err)))
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

typedef bool each_fn(amph_object *o, amph_error *err);

/* Those that are new, and those that have a row. */
static bool for_each(amph_session *s, each_fn *fn, amph_error *err)
{
	for (size_t i = 0; i < s->pending.n; i++)
		if (!fn(s->pending.items[i], err))
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
		return cannot_be_alone(o->extent->mapper, l->relation, child->extent->mapper,
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
		    !ready(o, err) || !ready(child, err))
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

static bool apply_single_children(amph_session *s, amph_error *err)
{
	bool any = false;

	for (size_t i = 0; i < s->engine->registry->n_mappers && !any; i++)
		for (const amph_relation *r = s->engine->registry->mappers[i]->relations;
		     r && r->member; r++)
			any |= r->kind == AMPH_REL_HAS_ONE;
	return !any || (for_each(s, claim, err) && for_each(s, let_go, err) && for_each(s, take, err));
}

/* ---- changes by what they are about ---- */

typedef struct pair_key { const void *owner, *item; size_t offset; } pair_key;
typedef struct pair_info {
	pair_key key;
	size_t last;                    /* of the changes of this pair */
	bool removed;                   /* by one of them */
} pair_info;
typedef struct change_index {
	amph_map pairs;                 /* of owner and item */
	amph_map joins;                 /* of the owner's model and item: who joined which owner last */
	amph_map links;                 /* of the two that a new link is between, by its columns */
} change_index;

static pair_info *info_of(amph_map *map, amph_arena *arena, pair_key key)
{
	pair_info *info = amph__map_get(map, &key, sizeof key);

	if (info)
		return info;
	info = AMPH_NEW(arena, pair_info);
	if (!info)
		return NULL;
	info->key = key;
	return amph__map_put(map, &info->key, sizeof info->key, info) ? info : NULL;
}

static bool index_changes(amph_session *s, change_index *index)
{
	for (size_t i = 0; i < s->n_changes; i++) {
		const amph_change *c = &s->changes[i];

		if (!c->owner)
			continue;
		pair_info *pair = info_of(&index->pairs, &s->flush_arena,
					  (pair_key){ c->owner, c->item, c->offset });
		if (!pair)
			return false;
		pair->last = i;
		pair->removed |= c->op == CHANGE_REMOVE;
		if (c->op == CHANGE_REMOVE)
			continue;
		pair_info *join = info_of(&index->joins, &s->flush_arena,
					  (pair_key){ c->owner->extent->mapper->root, c->item, c->offset });
		if (!join)
			return false;
		join->last = i;
	}
	return true;
}

static pair_info *pair_of(const change_index *index, const amph_change *c)
{
	pair_key key = { c->owner, c->item, c->offset };

	return amph__map_get(&index->pairs, &key, sizeof key);
}

/* A later change of the same pair undoes this one; so does one of another owner, of a child. */
static bool is_undone(const change_index *index, const amph_change *c, size_t at)
{
	return pair_of(index, c)->last > at;
}

static bool joined_another(const change_index *index, const amph_change *c, size_t at)
{
	pair_key key = { c->owner->extent->mapper->root, c->item, c->offset };
	const pair_info *join = amph__map_get(&index->joins, &key, sizeof key);

	return join && join->last > at;
}

/* ---- links ---- */

/* A struct of the link's model with the keys of both sides. */
static void *link_values(amph_session *s, const amph_link_path *l, const amph_change *c,
			 amph_error *err)
{
	void *members = amph__arena_zero(&s->flush_arena, l->path.link->size);
	amph_key_pair pairs[AMPH_KEY_PAIRS_MAX];

	if (!members) {
		amph__error_nomem(err);
		return NULL;
	}
	amph__turn_pairs(l->path.pairs, l->path.n, pairs);
	return amph__key_set(l->path.link, members, c->owner, pairs, l->path.n, err) &&
	       amph__key_set(l->path.link, members, c->item, l->path.link_pairs, l->path.n_link, err)
		? members : NULL;
}

static bool find_link(amph_session *s, const amph_link_path *l, const amph_change *c, bool *has,
		      amph_error *err)
{
	const void *row = link_values(s, l, c, err);
	void **list;

	if (!row || !amph__links_load(s, l, &row, 1, true, &list, err))
		return false;
	*has = list[0] != NULL;
	amph_release(s, list);
	return true;
}

/* Whether the pair has a link already. One that is only appended is taken for new where the
 * collection is not loaded; one that was removed as well is looked for. */
static bool has_link(amph_session *s, const amph_link_path *l, const change_index *index,
		     const amph_change *c, bool *has, amph_error *err)
{
	*has = false;
	if (!amph__has_row(c->owner) || !amph__has_row(c->item))
		return true;
	void *before = *amph__relation_before(c->owner, l->relation);
	if (before && amph__list_has(s, before, amph__members(c->item)))
		*has = true;
	if (*has || (before && !amph__list_is_filtered(before)))
		return true;
	return (!before && !pair_of(index, c)->removed) || find_link(s, l, c, has, err);
}

/* Both sides may have been told of the same link: the first makes it. Whose column comes first in the
 * link tells its sides apart, also where both are of one model. */
static bool is_first(amph_session *s, const amph_link_path *l, change_index *index, const amph_change *c,
		     bool *first, amph_error *err)
{
	bool owner_first = l->path.pairs[0].to < l->path.link_pairs[0].from;
	pair_info *info = info_of(&index->links, &s->flush_arena,
				  (pair_key){ owner_first ? c->owner : c->item,
					      owner_first ? c->item : c->owner, l->path.link->ordinal });

	if (!info)
		return amph__error_nomem(err);
	*first = !info->last;
	info->last = 1;
	return true;
}

static bool add_link(amph_session *s, const amph_link_path *l, change_index *index, const amph_change *c,
		     amph_error *err)
{
	amph_key_pair pairs[AMPH_KEY_PAIRS_MAX];
	bool linked, first = false;

	if (!has_link(s, l, index, c, &linked, err) || linked)
		return linked;
	if (!is_first(s, l, index, c, &first, err))
		return false;
	if (!first)
		return true;
	if (!ready(c->owner, err) || !ready(c->item, err))
		return false;
	void *made = amph_do_new(s, l->path.link->model, NULL, NULL);
	if (!made) {
		*err = s->error;
		s->failed = false;
		return false;
	}
	amph__turn_pairs(l->path.pairs, l->path.n, pairs);
	return amph__key_set(l->path.link, made, c->owner, pairs, l->path.n, err) &&
	       amph__key_set(l->path.link, made, c->item, l->path.link_pairs, l->path.n_link, err);
}

/* Links that an event's work of this flush made. */
static bool drop_new_links(amph_session *s, const amph_link_path *l, const amph_change *c,
			   amph_error *err)
{
	amph_key_pair pairs[AMPH_KEY_PAIRS_MAX];

	amph__turn_pairs(l->path.pairs, l->path.n, pairs);
	for (size_t i = s->pending.n; s->extents[l->path.link->ordinal].n_pending && i-- > 0;) {
		amph_object *o = s->pending.items[i];

		if (o->extent->mapper == l->path.link &&
		    amph__refers_to(o, amph__members(o), c->owner, pairs, l->path.n) &&
		    amph__refers_to(o, amph__members(o), c->item, l->path.link_pairs, l->path.n_link) &&
		    !amph__object_delete(o, err))
			return false;
	}
	return true;
}

/* All removals from collections of this kind, in one statement. */
static bool remove_links(amph_session *s, const amph_link_path *l, const change_index *index, size_t at,
			 amph_error *err)
{
	const amph_change first = s->changes[at];
	const void **rows = AMPH_NEWS(&s->flush_arena, const void *, s->n_changes - at);
	size_t n = 0;
	void **list;

	if (!rows)
		return amph__error_nomem(err);
	for (size_t i = at; i < s->n_changes; i++) {
		amph_change *c = &s->changes[i];

		if (!c->owner || (c->done && i > at) || c->op != CHANGE_REMOVE ||
		    c->offset != first.offset || c->owner->extent->mapper != first.owner->extent->mapper ||
		    is_undone(index, c, i))
			continue;
		c->done = true;
		if (!amph__has_row(c->owner) || !amph__has_row(c->item))
			continue;
		rows[n] = link_values(s, l, c, err);
		if (!rows[n++] || !drop_new_links(s, l, c, err))
			return false;
	}
	if (!n)
		return true;
	if (!amph__links_load(s, l, rows, n, true, &list, err))
		return false;
	bool ok = true;
	for (size_t i = 0; list[i] && ok; i++)
		ok = amph__object_delete(amph__object_of(list[i]), err);
	amph_release(s, list);
	return ok;
}

/* ---- children ---- */

/* What never was a member does not lose its parent. */
static bool is_child(const amph_change *c, const amph_key_pair *pairs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (amph__slot_is_null(&c->item->extent->mapper->columns[pairs[i].from].slot,
				       amph__members(c->item)))
			return c->item->state == OBJECT_PENDING;
	return amph__refers_to(c->item, amph__members(c->item), c->owner, pairs, n);
}

/* A child that left its parent: deleted where the relationship says so, else without parent. */
static bool leave_parent(const amph_link_path *l, const amph_change *c, bool joined, amph_error *err)
{
	const amph_relation *back = amph__relation_back(l);
	amph_key_pair pairs[AMPH_KEY_PAIRS_MAX];

	amph__turn_pairs(l->path.pairs, l->path.n, pairs);
	if (joined || (!is_child(c, pairs, l->path.n) && c->item->state != OBJECT_PENDING))
		return true;
	if (back && *amph__relation_member(c->item, back))
		return true;    /* it was given another parent by assignment */
	if (l->relation->cascade & AMPH_DELETE_ORPHAN)
		return amph__object_delete(c->item, err);
	if (!amph__key_can_be_null(c->item->extent->mapper, pairs, l->path.n))
		return cannot_be_alone(c->owner->extent->mapper, l->relation, c->item->extent->mapper,
				       &c->item->extent->mapper->columns[pairs[0].from], err);
	return amph__key_set(c->item->extent->mapper, amph__members(c->item), NULL, pairs, l->path.n, err);
}

static bool apply_change(amph_session *s, change_index *index, size_t at, amph_error *err)
{
	const amph_change c = s->changes[at];
	amph_key_pair pairs[AMPH_KEY_PAIRS_MAX];
	amph_link_path l;

	if (!c.owner || c.done || is_undone(index, &c, at))
		return true;
	s->changes[at].done = true;
	if (!amph__link_path_of(s, c.owner->extent->mapper, c.offset, &l, err))
		return false;
	if (l.path.link)
		return c.op == CHANGE_ADD ? add_link(s, &l, index, &c, err)
					  : remove_links(s, &l, index, at, err);
	if (c.op == CHANGE_REMOVE)
		return leave_parent(&l, &c, joined_another(index, &c, at), err);
	if (!ready(c.owner, err) || !ready(c.item, err))
		return false;
	amph__turn_pairs(l.path.pairs, l.path.n, pairs);
	return amph__key_set(c.item->extent->mapper, amph__members(c.item), c.owner, pairs, l.path.n, err);
}

static bool apply_changes(amph_session *s, amph_error *err)
{
	change_index index = { { 0 } };
	bool ok = true;

	amph__map_init(&index.pairs, s->allocator, (uint64_t)(uintptr_t)s);
	amph__map_init(&index.joins, s->allocator, (uint64_t)(uintptr_t)s);
	amph__map_init(&index.links, s->allocator, (uint64_t)(uintptr_t)s);
	if (s->n_changes && !index_changes(s, &index))
		ok = amph__error_nomem(err);
	for (size_t i = 0; ok && i < s->n_changes; i++)
		ok = apply_change(s, &index, i, err);
	amph__map_clear(&index.pairs);
	amph__map_clear(&index.joins);
	amph__map_clear(&index.links);
	return ok;
}

bool amph__has_relations(const amph_session *s)
{
	for (size_t i = 0; i < s->engine->registry->n_mappers; i++)
		if (s->engine->registry->mappers[i]->relations)
			return true;
	return false;
}

bool amph__relations_before_flush(amph_session *s, amph_error *err)
{
	return !amph__has_relations(s) ||
	       (apply_changes(s, err) && apply_single_children(s, err) &&
		for_each(s, apply_parents, err) && amph__cascade_deletes(s, err));
}
