/* Changing relationships: collections in memory, kept in step with their other side, and what a
 * flush makes of it: foreign keys, rows of links, orphans, cascades of deletes. */
#include "relation.h"
#include <string.h>

typedef enum change_op { CHANGE_ADD, CHANGE_REMOVE } change_op;

/* A member that came to or left a collection, until the flush. */
typedef struct amph_change {
	change_op op;
	uint32_t relation_offset;
	amph_object *owner, *item;
	bool done;
} amph_change;

static bool note_change(amph_session *s, change_op op, amph_object *owner, uint32_t offset,
			amph_object *item, amph_error *err)
{
	if (!amph__grow(s->allocator, (void **)&s->changes, &s->changes_cap, s->n_changes + 1,
			sizeof *s->changes))
		return amph__error_nomem(err);
	s->changes[s->n_changes++] = (amph_change){ op, offset, owner, item, false };
	return true;
}

void amph__relations_drop(const amph_object *o)
{
	amph_session *s = o->session;
	size_t kept = 0;

	for (size_t i = 0; i < s->n_changes; i++)
		if (s->changes[i].owner != o && s->changes[i].item != o)
			s->changes[kept++] = s->changes[i];
	s->n_changes = kept;
}

void amph__relations_forget(amph_session *s)
{
	s->n_changes = 0;
}

/* ---- collections in memory ---- */

static size_t find_item(void *const *list, const void *item)
{
	size_t i = 0;

	while (list && list[i] && list[i] != item)
		i++;
	return list && list[i] ? i : SIZE_MAX;
}

/* What was loaded is never changed in place: it tells which items are new, and a program may be
 * walking over it. Later items go to a longer copy, which grows by halves. */
static bool list_with(amph_object *owner, const amph_relation *r, void *item, amph_error *err)
{
	void **member = amph__relation_member(owner, r);
	void **old = *member;
	amph_list_head *head = old ? (amph_list_head *)(void *)old - 1 : NULL;
	size_t n = head ? head->n : 0;

	if (find_item(old, item) != SIZE_MAX)
		return true;
	if (head && old != *amph__relation_before(owner, r) && n < head->cap) {
		old[n + 1] = NULL;
		old[n] = item;
		head->n++;
		return true;
	}
	void **list = amph__collection_new(owner->session, n + 1 + n / 2);
	if (!list)
		return amph__error_nomem(err);
	if (n)
		memcpy(list, old, n * sizeof(void *));
	list[n] = item;
	list[n + 1] = NULL;
	((amph_list_head *)(void *)list - 1)->n = n + 1;
	*member = list;
	return true;
}

static bool list_without(amph_object *owner, const amph_relation *r, void *item, amph_error *err)
{
	void **member = amph__relation_member(owner, r);
	void **old = *member;
	size_t at = find_item(old, item), n = at == SIZE_MAX ? 0 : amph_length(old) - 1;

	if (at == SIZE_MAX)
		return true;
	void **list = amph__collection_new(owner->session, n);
	if (!list)
		return amph__error_nomem(err);
	memcpy(list, old, at * sizeof(void *));
	memcpy(list + at, old + at + 1, (n - at) * sizeof(void *));
	*member = list;
	return true;
}

/* The collection at owner is known: loaded, or of a new object, whose collection starts empty. */
static bool is_known(const amph_object *owner, const amph_relation *r)
{
	return *amph__relation_member(owner, r) || owner->state == OBJECT_PENDING;
}

static const amph_relation *back_of(const amph_link_path *l)
{
	amph_error ignored;     /* the declaration was checked with the model */

	return l->relation->back.model
		? amph__relation_at(l->path.to, l->relation->back.offset, &ignored) : NULL;
}

/* The other side of a change: the item's parent, or its own collection. */
static bool change_back(const amph_link_path *l, change_op op, amph_object *owner, amph_object *item,
			amph_error *err)
{
	const amph_relation *back = back_of(l);
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
		    !list_without(amph__object_of(*parent), l->relation, amph__members(item), err))
			return false;
		*parent = members;
		return true;
	}
	if (!is_known(item, back))
		return true;
	return op == CHANGE_ADD ? list_with(item, back, members, err)
				: list_without(item, back, members, err);
}

static amph_object *checked(amph_session *s, const void *p, const char *what, amph_error *err)
{
	amph_object *o = p ? amph__object_of(p) : NULL;

	if (o && o->session == s && o->state != OBJECT_FREE && o->state != OBJECT_ROW)
		return o;
	amph__error_misuse(err, "the %s is not an object of this session", what);
	return NULL;
}

void amph__relations_cut(amph_object *o)
{
	amph_session *s = o->session;
	amph_link_path l;
	amph_error ignored;     /* without memory a collection keeps what was in it */

	for (size_t i = 0; i < s->n_changes; i++) {
		const amph_change *c = &s->changes[i];

		if (c->op != CHANGE_ADD || (c->owner != o && c->item != o) ||
		    !amph__link_path_of(s, c->owner->mapper, c->relation_offset, &l, &ignored))
			continue;
		if (c->item == o)
			list_without(c->owner, l.relation, amph__members(o), &ignored);
		else
			change_back(&l, CHANGE_REMOVE, o, c->item, &ignored);
	}
	amph__relations_drop(o);
}

void amph__relations_unload(amph_object *o)
{
	for (const amph_relation *r = o->mapper->relations; r && r->member; r++) {
		if (r->kind == AMPH_REL_ONE)
			*amph__relation_member(o, r) = *amph__relation_before(o, r);
		else
			*amph__relation_member(o, r) = *amph__relation_before(o, r) = NULL;
	}
	if (o->mapper->relations)
		amph__relations_follow_keys(o);
}

static bool change(void *object, size_t offset, void *item, change_op op)
{
	amph_object *owner = amph__object_of(object), *other;
	amph_session *s = owner->session;
	amph_link_path link;
	amph_error err;

	if (!amph__session_may_run(s, &err) || !checked(s, object, "owner", &err) ||
	    !(other = checked(s, item, "item", &err)) ||
	    !amph__link_path_of(s, owner->mapper, offset, &link, &err))
		return amph__session_error(s, &err);
	if (link.relation->kind == AMPH_REL_ONE || !amph__is_kind_of(other->mapper, link.path.to)) {
		amph__error_misuse(&err, "%s.%s is no collection of %s", owner->mapper->model->name,
				   link.relation->member, other->mapper->model->name);
		return amph__session_error(s, &err);
	}
	bool ok = note_change(s, op, owner, (uint32_t)offset, other, &err);
	if (ok && op == CHANGE_ADD)
		ok = change_back(&link, op, owner, other, &err) &&
		     (!is_known(owner, link.relation) || list_with(owner, link.relation, item, &err));
	else if (ok)
		ok = change_back(&link, op, owner, other, &err) &&
		     list_without(owner, link.relation, item, &err);
	return ok || amph__session_error(s, &err);
}

bool amph_do_append(void *object, size_t offset, void *item)
{
	return object && change(object, offset, item, CHANGE_ADD);
}

bool amph_do_remove(void *object, size_t offset, void *item)
{
	return object && change(object, offset, item, CHANGE_REMOVE);
}

/* ---- at the flush ---- */

static bool has_row(const amph_object *o)
{
	return o->state == OBJECT_PERSISTENT || o->state == OBJECT_DELETED;
}

/* The child's foreign key: that of parent, or NULL. */
static void set_key(amph_object *child, const amph_mapper *m, const amph_object *parent,
		    const amph_key_pair *pairs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const amph_slot *to = &m->columns[pairs[i].from].slot;
		char *at = (char *)amph__members(child) + to->offset;

		if (!parent) {
			memset(at, 0, amph_type_size(to->type, to->nullable));
			continue;
		}
		const amph_slot *from = &parent->mapper->columns[pairs[i].to].slot;
		memcpy(at, (const char *)amph__members(parent) + from->offset,
		       amph_type_size(from->type, false));
		if (to->nullable)
			at[amph_type_has_offset(to->type)] = 1;
	}
}

static void turn_pairs(const amph_key_pair *pairs, size_t n, amph_key_pair *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (amph_key_pair){ pairs[i].to, pairs[i].from };
}

/* Whether the child's columns have the values of the parent's. */
static bool refers_to(const amph_object *child, const amph_object *parent, const amph_key_pair *pairs,
		      size_t n)
{
	union { char bytes[64]; max_align_t align; } a, b;

	for (size_t i = 0; i < n; i++) {
		const amph_slot *from = &child->mapper->columns[pairs[i].from].slot;
		const amph_slot *to = &parent->mapper->columns[pairs[i].to].slot;
		amph_slot bare = { .type = from->type, .enumeration = from->enumeration };
		size_t size = amph_type_size(from->type, false);

		if (amph__slot_is_null(from, amph__members(child)) ||
		    amph__slot_is_null(to, amph__members(parent)))
			return false;
		memcpy(a.bytes, (const char *)amph__members(child) + from->offset, size);
		memcpy(b.bytes, (const char *)amph__members(parent) + to->offset, size);
		if (!amph__slot_equal(&bare, a.bytes, b.bytes))
			return false;
	}
	return true;
}

static bool can_be_null(const amph_mapper *m, const amph_key_pair *pairs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!m->columns[pairs[i].from].type.nullable)
			return false;
	return true;
}

static bool delete_object(amph_object *o, amph_error *err)
{
	amph_session *s = o->session;

	if (amph_delete(s, amph__members(o)))
		return true;
	*err = s->error;
	s->failed = false;
	return false;
}

/* New objects that others refer to need their ids before the first insert. */
static bool give_id(amph_object *o, amph_error *err)
{
	const amph_mapper *m = o->mapper;
	int64_t id;

	if (o->state != OBJECT_PENDING || m->identity < 0 ||
	    amph__read_integer(&m->columns[m->identity].slot, amph__members(o)))
		return true;
	const char *table = amph__table_name(&o->session->flush_arena, m);
	if (!table)
		return amph__error_nomem(err);
	if (!amph__session_conn(o->session, err) ||
	    !amph__take_ids(o->session->conn, table, m->columns[m->identity].name, 1, &id, err))
		return false;
	return amph__journal_note(o, err) &&
	       (amph__write_integer(&m->columns[m->identity].slot, amph__members(o), id) ||
		amph__error(err, "22003", "the sequence of \"%s\" is beyond the column's type",
			    m->table->name));
}

/* Ids of all new objects of one model at once. */
static bool give_ids(amph_session *s, const amph_mapper *m, amph_error *err)
{
	amph_object **need = AMPH_NEWS(&s->flush_arena, amph_object *, s->pending.n + 1);
	size_t n = 0;

	if (!need)
		return amph__error_nomem(err);
	if (m->identity < 0)
		return true;
	const amph_slot *slot = &m->columns[m->identity].slot;
	for (size_t i = 0; i < s->pending.n; i++) {
		amph_object *o = s->pending.items[i];

		if (amph__is_kind_of(o->mapper, m) && !amph__read_integer(slot, amph__members(o)))
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
		if (!amph__journal_note(need[i], err))
			return false;
		if (!amph__write_integer(slot, amph__members(need[i]), ids[i]))
			return amph__error(err, "22003", "the sequence of \"%s\" is beyond the column's "
					   "type", m->table->name);
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
					  parent->mapper->model->name,
					  parent->deleted ? "deleted" : "expunged");
	if (parent->state == OBJECT_TRANSIENT && !amph_attach(parent->session, amph__members(parent))) {
		*err = parent->session->error;
		parent->session->failed = false;
		return false;
	}
	if (parent->state != OBJECT_PENDING)
		return true;
	return give_ids(parent->session, parent->mapper, err) && give_id(parent, err);
}

/* A child whose parent is taken away by assignment goes where its collection says so. */
static bool orphans(const amph_link_path *l, const void *before)
{
	const amph_relation *back = before ? back_of(l) : NULL;

	return back && back->cascade & AMPH_DELETE_ORPHAN;
}

/* A member that points to another parent than before changes the foreign key. */
static bool apply_parents(amph_object *o, amph_error *err)
{
	const amph_relation *r = o->mapper->relations;
	amph_link_path l;

	for (; r && r->member; r++) {
		if (r->kind != AMPH_REL_ONE)
			continue;
		void *now = *amph__relation_member(o, r);
		void *before = o->state == OBJECT_PENDING ? NULL : *amph__relation_before(o, r);

		if (now == before)
			continue;
		if (!amph__link_path_of(o->session, o->mapper, r->offset, &l, err))
			return false;
		amph_object *parent = now ? checked(o->session, now, "parent", err) : NULL;
		if ((now && !parent) || (parent && !ready(parent, err)))
			return false;
		if (!parent && orphans(&l, before)) {
			if (!delete_object(o, err))
				return false;
			continue;
		}
		if (!parent && !can_be_null(o->mapper, l.path.pairs, l.path.n)) {
			const amph_mapped_column *c = &o->mapper->columns[l.path.pairs[0].from];

			amph__error(err, "23502", "%s.%s is NULL, but column \"%s\" cannot be",
				    o->mapper->model->name, r->member, c->name);
			amph__error_names(err, o->mapper->table->name, c->name, NULL);
			return false;
		}
		set_key(o, o->mapper, parent, l.path.pairs, l.path.n);
	}
	return true;
}

static bool apply_all_parents(amph_session *s, amph_error *err)
{
	for (size_t i = 0; i < s->pending.n; i++)
		if (!apply_parents(s->pending.items[i], err))
			return false;
	for (size_t m = 0; m < s->engine->registry->n_mappers; m++) {
		amph_extent *e = &s->extents[m];
		amph_chunk *chunk = NULL;
		uint32_t slot;
		amph_object *o;

		if (!e->mapper->relations || !e->slab.live)
			continue;
		while ((o = amph__object_next(e, &chunk, &slot)))
			if (o->state == OBJECT_PERSISTENT && !apply_parents(o, err))
				return false;
	}
	return true;
}

/* ---- links ---- */

/* A struct of the link's model with the keys of both sides. */
static void *link_values(amph_session *s, const amph_link_path *l, const amph_change *c)
{
	/* an object outside of the session, for set_key, which looks at members only */
	amph_object *o = amph__arena_zero(&s->flush_arena, sizeof *o + l->path.link->size);
	amph_key_pair pairs[AMPH_KEY_PAIRS_MAX];

	if (!o)
		return NULL;
	turn_pairs(l->path.pairs, l->path.n, pairs);
	set_key(o, l->path.link, c->owner, pairs, l->path.n);
	set_key(o, l->path.link, c->item, l->path.link_pairs, l->path.n_link);
	return amph__members(o);
}

static bool add_link(amph_session *s, const amph_link_path *l, const amph_change *c, amph_error *err)
{
	amph_key_pair pairs[AMPH_KEY_PAIRS_MAX];
	void *made;

	if (!ready(c->owner, err) || !ready(c->item, err))
		return false;
	made = amph_do_new(s, l->path.link->model, NULL, NULL);
	if (!made) {
		*err = s->error;
		s->failed = false;
		return false;
	}
	turn_pairs(l->path.pairs, l->path.n, pairs);
	set_key(amph__object_of(made), l->path.link, c->owner, pairs, l->path.n);
	set_key(amph__object_of(made), l->path.link, c->item, l->path.link_pairs, l->path.n_link);
	return true;
}

static bool remove_link(amph_session *s, const amph_link_path *l, const amph_change *c, amph_error *err)
{
	amph_object *link = NULL;
	void *row = link_values(s, l, c);

	if (!row)
		return amph__error_nomem(err);
	if (!has_row(c->owner) || !has_row(c->item))
		return true;
	if (!amph__load_by_key(s, l->path.link, row, &link, err))
		return false;
	return !link || delete_object(link, err);
}

/* A later change of the same pair undoes this one. */
static bool is_undone(const amph_session *s, size_t at)
{
	const amph_change *c = &s->changes[at];

	for (size_t i = at + 1; i < s->n_changes; i++)
		if (s->changes[i].owner == c->owner && s->changes[i].item == c->item &&
		    s->changes[i].relation_offset == c->relation_offset)
			return true;
	return false;
}

/* Whether the pair has a link already. One that is only appended is taken for new where the
 * collection is not loaded; one that was removed as well is looked for. */
static bool has_link(amph_session *s, const amph_link_path *l, size_t at, bool *has, amph_error *err)
{
	const amph_change *c = &s->changes[at];
	amph_object *link = NULL;

	*has = false;
	if (!has_row(c->owner) || !has_row(c->item))
		return true;
	void *const *before = *amph__relation_before(c->owner, l->relation);
	if (before) {
		*has = find_item(before, amph__members(c->item)) != SIZE_MAX;
		return true;
	}
	for (size_t i = 0; i < at; i++) {
		if (s->changes[i].owner != c->owner || s->changes[i].item != c->item ||
		    s->changes[i].relation_offset != c->relation_offset ||
		    s->changes[i].op != CHANGE_REMOVE)
			continue;
		void *row = link_values(s, l, c);
		if (!row)
			return amph__error_nomem(err);
		if (!amph__load_by_key(s, l->path.link, row, &link, err))
			return false;
		*has = link != NULL;
		break;
	}
	return true;
}

static bool joined_another(const amph_session *s, size_t at)
{
	const amph_change *c = &s->changes[at];

	for (size_t i = at + 1; i < s->n_changes; i++)
		if (s->changes[i].item == c->item && s->changes[i].op == CHANGE_ADD &&
		    s->changes[i].relation_offset == c->relation_offset &&
		    s->changes[i].owner->mapper == c->owner->mapper)
			return true;
	return false;
}

/* What never was a member does not lose its parent. */
static bool is_child(const amph_change *c, const amph_key_pair *pairs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (amph__slot_is_null(&c->item->mapper->columns[pairs[i].from].slot,
				       amph__members(c->item)))
			return c->item->state == OBJECT_PENDING;
	return refers_to(c->item, c->owner, pairs, n);
}

/* A child that left its parent: deleted where the relationship says so, else without parent. */
static bool leave_parent(amph_session *s, const amph_link_path *l, size_t at, amph_error *err)
{
	const amph_change *c = &s->changes[at];
	const amph_relation *back = back_of(l);
	amph_key_pair pairs[AMPH_KEY_PAIRS_MAX];

	turn_pairs(l->path.pairs, l->path.n, pairs);
	if (joined_another(s, at) || !is_child(c, pairs, l->path.n))
		return true;
	if (back && back->kind == AMPH_REL_ONE && *amph__relation_member(c->item, back))
		return true;    /* it was given another parent by assignment */
	if (l->relation->cascade & AMPH_DELETE_ORPHAN)
		return delete_object(c->item, err);
	set_key(c->item, c->item->mapper, NULL, pairs, l->path.n);
	return true;
}

static bool apply_change(amph_session *s, size_t at, amph_error *err)
{
	amph_change *c = &s->changes[at];
	amph_key_pair pairs[AMPH_KEY_PAIRS_MAX];
	amph_link_path l;
	bool linked;

	if (c->done || is_undone(s, at))
		return true;
	c->done = true;
	if (!amph__link_path_of(s, c->owner->mapper, c->relation_offset, &l, err))
		return false;
	if (l.path.link && c->op == CHANGE_ADD)
		return has_link(s, &l, at, &linked, err) && (linked || add_link(s, &l, c, err));
	if (l.path.link)
		return remove_link(s, &l, c, err);
	if (c->op == CHANGE_REMOVE)
		return leave_parent(s, &l, at, err);
	if (!ready(c->owner, err) || !ready(c->item, err))
		return false;
	turn_pairs(l.path.pairs, l.path.n, pairs);
	set_key(c->item, c->item->mapper, c->owner, pairs, l.path.n);
	return true;
}

/* ---- deletes ---- */

static bool delete_links(amph_session *s, amph_object *o, const amph_link_path *l, amph_error *err)
{
	void *const *items = *amph__relation_member(o, l->relation);

	for (; items && *items; items++) {
		amph_change gone = { CHANGE_REMOVE, l->relation->offset, o, amph__object_of(*items), true };

		if (!remove_link(s, l, &gone, err))
			return false;
	}
	return true;
}

static bool cascade_child(amph_object *c, const amph_object *o, const amph_link_path *l,
			  const amph_key_pair *pairs, amph_error *err)
{
	const amph_relation *back = back_of(l);

	if (l->relation->cascade & AMPH_CASCADE_ALL)
		return delete_object(c, err);
	if (c->state != OBJECT_PERSISTENT || !can_be_null(c->mapper, pairs, l->path.n))
		return true;
	set_key(c, c->mapper, NULL, pairs, l->path.n);
	if (back && *amph__relation_member(c, back) == amph__members(o))
		*amph__relation_member(c, back) = NULL;
	return true;
}

/* Children that came to the parent in this unit of work: no row of theirs says so yet. */
static bool cascade_to_new(amph_session *s, amph_object *o, const amph_link_path *l,
			   const amph_key_pair *pairs, amph_error *err)
{
	amph_extent *e = &s->extents[l->path.to->ordinal];
	amph_chunk *chunk = NULL;
	uint32_t slot;
	amph_object *c;

	while ((c = amph__object_next(e, &chunk, &slot)))
		if ((c->state == OBJECT_PERSISTENT || c->state == OBJECT_PENDING) &&
		    refers_to(c, o, pairs, l->path.n) &&
		    !cascade_child(c, o, l, pairs, err))
			return false;
	return true;
}

static bool cascade_to(amph_session *s, amph_object *o, const amph_relation *r, amph_error *err)
{
	amph_link_path l;
	amph_key_pair pairs[AMPH_KEY_PAIRS_MAX];

	if (r->kind == AMPH_REL_ONE || r->cascade & AMPH_PASSIVE_DELETES)
		return true;
	if (!amph__link_path_of(s, o->mapper, r->offset, &l, err) ||
	    !amph__relation_load(s, &l, &o, 1, err))
		return false;
	if (l.path.link)
		return delete_links(s, o, &l, err);
	turn_pairs(l.path.pairs, l.path.n, pairs);
	for (void *const *child = *amph__relation_member(o, r); child && *child; child++) {
		amph_object *c = amph__object_of(*child);

		/* a collection may be older than an assignment that took the child away */
		if (refers_to(c, o, pairs, l.path.n) && !cascade_child(c, o, &l, pairs, err))
			return false;
	}
	return cascade_to_new(s, o, &l, pairs, err);
}

/* The list grows while it is walked: children have children. */
static bool cascade_deletes(amph_session *s, amph_error *err)
{
	for (size_t i = 0; i < s->deleted.n; i++) {
		amph_object *o = s->deleted.items[i];

		if (o->cascaded)
			continue;
		o->cascaded = true;
		for (const amph_relation *r = o->mapper->relations; r && r->member; r++)
			if (!cascade_to(s, o, r, err))
				return false;
	}
	return true;
}

static bool has_relations(const amph_session *s)
{
	for (size_t i = 0; i < s->engine->registry->n_mappers; i++)
		if (s->engine->registry->mappers[i]->relations)
			return true;
	return false;
}

bool amph__relations_before_flush(amph_session *s, amph_error *err)
{
	if (!has_relations(s))
		return true;
	for (size_t i = 0; i < s->n_changes; i++)
		if (!apply_change(s, i, err))
			return false;
	return apply_all_parents(s, err) && cascade_deletes(s, err);
}

/* ---- after the flush ---- */

/* The object of the session that the columns of a many-to-one refer to by its primary key. */
static amph_object *parent_by_key(const amph_object *o, const amph_link_path *l)
{
	amph_session *s = o->session;
	const amph_mapper *to = l->path.to;

	if (l->path.n != to->n_keys || !s->extents[to->ordinal].root->identity.count)
		return NULL;
	amph_object *key = amph__alloc_zero(s->allocator, sizeof *key + to->size);
	if (!key)
		return NULL;
	for (size_t i = 0; i < l->path.n; i++) {
		const amph_slot *from = &o->mapper->columns[l->path.pairs[i].from].slot;
		const amph_slot *slot = &to->columns[l->path.pairs[i].to].slot;

		memcpy((char *)amph__members(key) + slot->offset,
		       (const char *)amph__members(o) + from->offset,
		       amph_type_size(from->type, false));
		if (slot->nullable)
			((char *)amph__members(key))[slot->offset + amph_type_has_offset(slot->type)] = 1;
	}
	amph_object *found = amph__identity_find(&s->extents[to->ordinal], amph__members(key));
	amph__free(s->allocator, key);
	return found && refers_to(o, found, l->path.pairs, l->path.n) ? found : NULL;
}

/* The collection of a parent, where it is loaded, with or without o. Without memory it is as it
 * was loaded. */
static void update_collection(void *parent, const amph_relation *r, amph_object *o, bool with)
{
	amph_error ignored;

	if (!parent || !r->back.model)
		return;
	amph_object *owner = amph__object_of(parent);
	const amph_relation *back = amph__relation_at(owner->mapper, r->back.offset, &ignored);
	if (!back || back->kind != AMPH_REL_MANY || !*amph__relation_member(owner, back))
		return;
	if (with)
		list_with(owner, back, amph__members(o), &ignored);
	else
		list_without(owner, back, amph__members(o), &ignored);
}

void amph__relations_follow_keys(amph_object *o)
{
	amph_link_path l;
	amph_error ignored;

	for (const amph_relation *r = o->mapper->relations; r && r->member; r++) {
		void **member = amph__relation_member(o, r);

		if (r->kind != AMPH_REL_ONE || *member != *amph__relation_before(o, r) ||
		    !amph__link_path_of(o->session, o->mapper, r->offset, &l, &ignored))
			continue;
		if (*member && refers_to(o, amph__object_of(*member), l.path.pairs, l.path.n))
			continue;
		update_collection(*member, r, o, false);
		amph_object *parent = parent_by_key(o, &l);
		*member = *amph__relation_before(o, r) = parent ? amph__members(parent) : NULL;
		update_collection(*member, r, o, true);
	}
}

/* A parent that was assigned, not appended to: the collections that are loaded follow. */
static void follow_parents(amph_object *o)
{
	for (const amph_relation *r = o->mapper->relations; r->member; r++) {
		void *now = *amph__relation_member(o, r), *before = *amph__relation_before(o, r);

		if (r->kind != AMPH_REL_ONE || now == before)
			continue;
		update_collection(before, r, o, false);
		update_collection(now, r, o, true);
	}
}

static void leave_collections(amph_object *o)
{
	amph_link_path l;
	amph_error ignored;

	for (const amph_relation *r = o->mapper->relations; r->member; r++) {
		if (r->kind != AMPH_REL_ONE || !r->back.model)
			continue;
		void *parent = *amph__relation_member(o, r);
		amph_object *known = !parent &&
			amph__link_path_of(o->session, o->mapper, r->offset, &l, &ignored)
			? parent_by_key(o, &l) : NULL;

		update_collection(known ? amph__members(known) : parent, r, o, false);
	}
}

static bool changes_references(const amph_work *w)
{
	const amph_mapper *m = w->object->mapper;

	for (size_t i = 0; i < m->n_references; i++)
		for (size_t k = 0; k < m->references[i].n; k++)
			if (amph__set_has(&w->set, m->references[i].columns[k]))
				return true;
	return false;
}

/* Members become the snapshot's. An object that no statement wrote, since only its collections
 * changed, is remembered as it was. */
static bool keep_members(amph_object *o, amph_error *err)
{
	for (const amph_relation *r = o->mapper->relations; r->member; r++) {
		if (*amph__relation_before(o, r) == *amph__relation_member(o, r))
			continue;
		if (!amph__journal_note(o, err))
			return false;
		*amph__relation_before(o, r) = *amph__relation_member(o, r);
	}
	return true;
}

bool amph__relations_after_flush(amph_session *s, const amph_work_list *work, amph_error *err)
{
	s->n_changes = 0;
	if (!has_relations(s))
		return true;
	for (size_t i = 0; i < work->n; i++) {
		const amph_work *w = &work->items[i];

		if (w->partial || !w->object->mapper->relations)
			continue;
		w->object->cascaded = false;
		if (w->replaces)
			leave_collections(w->replaces);
		if (w->op == AMPH_DML_DELETE) {
			leave_collections(w->object);
			continue;
		}
		follow_parents(w->object);
		if (changes_references(w))
			amph__relations_follow_keys(w->object);
	}
	for (size_t m = 0; m < s->engine->registry->n_mappers; m++) {
		amph_extent *e = &s->extents[m];
		amph_chunk *chunk = NULL;
		uint32_t slot;
		amph_object *o;

		if (!e->mapper->relations)
			continue;
		while ((o = amph__object_next(e, &chunk, &slot)))
			if (o->state == OBJECT_PERSISTENT && !keep_members(o, err))
				return false;
	}
	return true;
}
