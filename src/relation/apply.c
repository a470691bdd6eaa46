/* What a flush makes of changes of collections: rows of links, foreign keys of children, orphans. */
#include "change.h"

/* ---- changes by what they are about ---- */

typedef struct pair_key { const void *owner, *item; uint64_t of; } pair_key;
typedef struct amph_change_pair {
	pair_key key;
	size_t last;                    /* of the changes of this pair */
	bool removed;                   /* by one of them */
	bool linked;                    /* by a link that is new: another relationship may say the same */
} pair_info;
typedef struct change_index {
	amph_map pairs;                 /* of owner and item, of a link whichever side was told */
	amph_map joins;                 /* of the owner's model and item: who joined which owner last */
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

/* A link has two sides, either of which may be told of it: whose column comes first in the link tells them
 * apart, also where both are of one model. */
static pair_key key_of(const amph_link_path *l, const amph_change *c)
{
	size_t from = l->path.link ? l->path.pairs[0].to : 0;
	size_t to = l->path.link ? l->path.link_pairs[0].from : 0;
	bool turned = from > to;

	if (!l->path.link)
		return (pair_key){ c->owner, c->item, c->offset };
	return (pair_key){ turned ? c->item : c->owner, turned ? c->owner : c->item,
			   (uint64_t)l->path.link->ordinal << 32 |
				   (turned ? to << 16 | from : from << 16 | to) };
}

static bool index_changes(amph_session *s, change_index *index, amph_error *err)
{
	amph_link_path l;

	for (size_t i = 0; i < s->n_changes; i++) {
		amph_change *c = &s->changes[i];

		if (!c->owner)
			continue;
		if (!amph__link_path_of(s, c->owner->extent->mapper, c->offset, &l, err))
			return false;
		pair_info *pair = info_of(&index->pairs, &s->flush_arena, key_of(&l, c));
		if (!pair)
			return amph__error_nomem(err);
		c->pair = pair;
		pair->last = i;
		pair->removed |= c->op == AMPH_CHANGE_REMOVE;
		if (c->op == AMPH_CHANGE_REMOVE)
			continue;
		pair_info *join = info_of(&index->joins, &s->flush_arena,
					  (pair_key){ c->owner->extent->mapper->root, c->item, c->offset });
		if (!join)
			return amph__error_nomem(err);
		join->last = i;
	}
	return true;
}

/* A later change of the same pair undoes this one; so does one of another owner, of a child. */
static bool is_undone(const amph_change *c, size_t at)
{
	return c->pair->last > at;
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

	if (!row || !amph__links_like(s, l, (amph_keyed){ &row, 1 }, &list, err))
		return false;
	*has = list[0] != NULL;
	amph_release(s, list);
	return true;
}

/* Whether the pair has a link already. One that is only appended is taken for new where the
 * collection is not loaded; one that was removed as well is looked for. */
static bool has_link(amph_session *s, const amph_link_path *l, const amph_change *c, bool *has,
		     amph_error *err)
{
	*has = false;
	if (!amph__has_row(c->owner) || !amph__has_row(c->item))
		return true;
	void *before = *amph__relation_before(c->owner, l->relation);
	if (before && amph__list_has(s, before, amph__members(c->item)))
		*has = true;
	if (*has || (before && !amph__list_is_filtered(before)))
		return true;
	return (!before && !c->pair->removed) || find_link(s, l, c, has, err);
}

static bool add_link(amph_session *s, const amph_link_path *l, const amph_change *c, amph_error *err)
{
	amph_key_pair pairs[AMPH_KEY_PAIRS_MAX];
	bool linked;

	if (!has_link(s, l, c, &linked, err) || linked)
		return linked;
	if (c->pair->linked)
		return true;
	c->pair->linked = true;
	if (!amph__object_ready(c->owner, err) || !amph__object_ready(c->item, err))
		return false;
	void *made = amph_do_new(s, l->path.link->model, NULL, NULL);
	if (!made)
		return amph__session_take_error(s, err);
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
static bool remove_links(amph_session *s, const amph_link_path *l, size_t at, amph_error *err)
{
	const amph_change first = s->changes[at];
	const void **rows = AMPH_NEWS(&s->flush_arena, const void *, s->n_changes - at);
	size_t n = 0;
	void **list;

	if (!rows)
		return amph__error_nomem(err);
	for (size_t i = at; i < s->n_changes; i++) {
		amph_change *c = &s->changes[i];

		if (!c->owner || (c->done && i > at) || c->op != AMPH_CHANGE_REMOVE ||
		    c->offset != first.offset || c->owner->extent->mapper != first.owner->extent->mapper ||
		    is_undone(c, i))
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
	if (!amph__links_like(s, l, (amph_keyed){ rows, n }, &list, err))
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

/* Whose child it is now, by assignment, has it in memory: nothing else tells where that is no change. */
static bool joins_again(const amph_link_path *l, amph_object *item, void *parent, amph_error *err)
{
	amph_object *owner = parent ? amph__session_object(item->extent->session, parent) : NULL;

	return !owner || !amph__is_kind_of(owner->extent->mapper, l->path.from) ||
	       !*amph__relation_member(owner, l->relation) ||
	       amph__list_with(owner, l->relation, amph__members(item), err);
}

/* The parent that was assigned to a child after it had been appended; *is false: none was. */
static bool went_elsewhere(const amph_link_path *l, const amph_change *c, bool *is, amph_error *err)
{
	const amph_relation *back = amph__relation_back(l);
	void *parent = back ? *amph__relation_member(c->item, back) : NULL;

	*is = back && parent != amph__members(c->owner);
	return !*is || (amph__list_without(c->owner, l->relation, amph__members(c->item), err) &&
			joins_again(l, c->item, parent, err));
}

/* A child that left its parent: deleted where the relationship says so, else without parent. */
static bool leave_parent(const amph_link_path *l, const amph_change *c, bool joined, amph_error *err)
{
	const amph_relation *back = amph__relation_back(l);
	amph_key_pair pairs[AMPH_KEY_PAIRS_MAX];

	amph__turn_pairs(l->path.pairs, l->path.n, pairs);
	if (joined || (!is_child(c, pairs, l->path.n) && c->item->state != OBJECT_PENDING))
		return true;
	/* it was given another parent by assignment, or this one again */
	if (back && *amph__relation_member(c->item, back))
		return joins_again(l, c->item, *amph__relation_member(c->item, back), err);
	if (l->relation->cascade & AMPH_DELETE_ORPHAN)
		return amph__object_delete(c->item, err);
	if (!amph__key_can_be_null(c->item->extent->mapper, pairs, l->path.n))
		return amph__cannot_be_alone(c->owner->extent->mapper, l->relation, c->item->extent->mapper,
				       &c->item->extent->mapper->columns[pairs[0].from], err);
	return amph__key_set(c->item->extent->mapper, amph__members(c->item), NULL, pairs, l->path.n, err);
}

/* The parent that the row of a child has, where the child does not know: its collection may be in memory. */
static bool leave_former(const amph_link_path *l, const amph_change *c, amph_error *err)
{
	amph_path up = { .from = l->path.to, .to = l->path.from, .n = l->path.n };

	amph__turn_pairs(l->path.pairs, l->path.n, up.pairs);
	amph_object *former = amph__has_row(c->item)
		? amph__parent_by_key(c->item, amph__snapshot(c->item), &up) : NULL;
	return !former || former == c->owner || !*amph__relation_member(former, l->relation) ||
	       amph__list_without(former, l->relation, amph__members(c->item), err);
}

static bool apply_change(amph_session *s, change_index *index, size_t at, amph_error *err)
{
	const amph_change c = s->changes[at];
	amph_key_pair pairs[AMPH_KEY_PAIRS_MAX];
	amph_link_path l;
	bool elsewhere;

	if (!c.owner || c.done || is_undone(&c, at))
		return true;
	s->changes[at].done = true;
	if (!amph__link_path_of(s, c.owner->extent->mapper, c.offset, &l, err))
		return false;
	if (l.path.link)
		return c.op == AMPH_CHANGE_ADD ? add_link(s, &l, &c, err) : remove_links(s, &l, at, err);
	if (c.op == AMPH_CHANGE_REMOVE)
		return leave_parent(&l, &c, joined_another(index, &c, at), err);
	if (!went_elsewhere(&l, &c, &elsewhere, err) || elsewhere)
		return elsewhere;
	if (!amph__object_ready(c.owner, err) || !amph__object_ready(c.item, err) ||
	    !leave_former(&l, &c, err))
		return false;
	s->changes[at].joined = true;
	amph__turn_pairs(l.path.pairs, l.path.n, pairs);
	return amph__key_set(c.item->extent->mapper, amph__members(c.item), c.owner, pairs, l.path.n, err);
}

/* Keys of parents may be made of their own parents', who may have joined later. */
static bool join_again(amph_session *s, bool *again, amph_error *err)
{
	amph_key_pair pairs[AMPH_KEY_PAIRS_MAX];
	amph_link_path l;

	for (size_t i = 0; i < s->n_changes; i++) {
		const amph_change *c = &s->changes[i];

		if (!c->owner || !c->joined || c->item->state == OBJECT_TRANSIENT)
			continue;
		if (!amph__link_path_of(s, c->owner->extent->mapper, c->offset, &l, err))
			return false;
		const amph_relation *back = amph__relation_back(&l);
		amph__turn_pairs(l.path.pairs, l.path.n, pairs);
		if (!back || *amph__relation_member(c->item, back) != amph__members(c->owner) ||
		    amph__refers_to(c->item, amph__members(c->item), c->owner, pairs, l.path.n))
			continue;
		*again = true;
		if (!amph__key_set(c->item->extent->mapper, amph__members(c->item), c->owner, pairs,
				   l.path.n, err))
			return false;
	}
	return true;
}

static bool settle_keys(amph_session *s, amph_error *err)
{
	bool again = true;

	for (size_t i = 0; again && i < s->engine->registry->n_mappers; i++) {
		again = false;
		if (!join_again(s, &again, err) || !amph__assigned_again(s, &again, err))
			return false;
	}
	return true;
}

static bool apply_changes(amph_session *s, amph_error *err)
{
	change_index index = { { 0 } };
	bool ok = true;

	amph__map_init(&index.pairs, s->allocator, (uint64_t)(uintptr_t)s);
	amph__map_init(&index.joins, s->allocator, (uint64_t)(uintptr_t)s);
	if (s->n_changes)
		ok = index_changes(s, &index, err);
	for (size_t i = 0; ok && i < s->n_changes; i++)
		ok = apply_change(s, &index, i, err);
	amph__map_clear(&index.pairs);
	amph__map_clear(&index.joins);
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
	       (apply_changes(s, err) && amph__assigned_apply(s, err) && settle_keys(s, err) &&
		amph__cascade_deletes(s, err));
}
