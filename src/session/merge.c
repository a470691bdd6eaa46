/* Merging: structs from elsewhere become the session's objects, with what they lead to where the
 * relationship says so. */
#include "../relation/relation.h"
#include <string.h>

typedef struct merger {
	amph_session *s;
	amph_map done;                  /* structs that were merged, to their objects */
	amph_arena keys;
	amph_error *err;
} merger;

/* The version of a row that is there is its own. */
static void copy_members(const amph_mapper *m, void *to, const void *from, bool fresh)
{
	for (size_t i = 0; i < m->n_columns; i++) {
		const amph_slot *slot = &m->columns[i].slot;

		if (!m->columns[i].computed && (fresh || !m->columns[i].version))
			memcpy((char *)to + slot->offset, (const char *)from + slot->offset,
			       amph_type_size(slot->type, slot->nullable));
	}
}

/* Values that were read at another version of the row would overwrite what was written since. */
static bool same_version(const amph_object *o, const void *values, amph_error *err)
{
	const amph_mapper *m = o->extent->mapper;

	if (m->version < 0)
		return true;
	const amph_mapped_column *c = &m->columns[m->version];
	int64_t theirs = amph__slot_is_null(&c->slot, values) ? 0 : amph__read_integer(&c->slot, values);
	int64_t ours = amph__read_integer(&c->slot, amph__snapshot(o));

	if (theirs == ours || o->state != OBJECT_PERSISTENT)
		return true;
	amph__error(err, "40001", "merge into \"%s\": the values are of version %lld, the row is at "
		    "%lld: another transaction changed it", m->table->name, (long long)theirs,
		    (long long)ours);
	if (err)
		err->status = AMPH_E_STALE;
	amph__error_names(err, m->table->name, c->name, NULL);
	return false;
}

static amph_object *merge_row(amph_session *s, const amph_mapper *m, const void *values,
			      amph_error *err)
{
	amph_object *o = NULL;

	if (!amph__load_by_key(s, m, values, NULL, &o, err))
		return NULL;
	if (o) {
		if (!same_version(o, values, err))
			return NULL;
		copy_members(m, amph__members(o), values, false);
		return amph__set_kind(o->extent->mapper, false, amph__members(o), err) ? o : NULL;
	}
	o = amph__object_new(s, m);
	if (!o) {
		amph__error_nomem(err);
		return NULL;
	}
	copy_members(m, amph__members(o), values, true);
	if (!amph__set_kind(m, false, amph__members(o), err) || !amph__object_pend(o, err)) {
		amph__object_free(o);
		return NULL;
	}
	o->given = amph__given_of(m, values);
	return o;
}

static amph_object *merge(merger *g, const amph_mapper *m, const void *values);

/* The collection becomes what the values have: others leave it. */
static bool merge_list(merger *g, amph_object *o, const amph_link_path *l, void *const *values)
{
	amph_object_list list = { 0 };
	bool ok = amph__lists_are_own(o, g->err) &&
		  (o->state != OBJECT_PERSISTENT || amph__relation_load(g->s, l, &o, 1, g->err));

	for (; ok && *values; values++) {
		amph_object *item = merge(g, l->path.to, *values);

		ok = item && (amph__list_push(g->s, &list, item) || amph__error_nomem(g->err));
		if (ok)
			item->marked = true;
	}
	for (void *const *item = *amph__relation_member(o, l->relation); ok && item && *item; item++)
		if (!amph__object_of(*item)->marked)
			ok = amph__relation_change(o, l->relation, *item, false, g->err);
	for (size_t i = 0; i < list.n; i++) {
		amph_object *item = list.items[i];

		/* also a child that is there already: its values may have another key, or none */
		if (ok && item->marked &&
		    (!l->path.link || !amph__list_has(g->s, *amph__relation_member(o, l->relation),
						      amph__members(item))))
			ok = amph__relation_change(o, l->relation, amph__members(item), true, g->err);
		item->marked = false;
	}
	amph__free(g->s->allocator, list.items);
	return ok;
}

static bool merge_relations(merger *g, amph_object *o, const void *values)
{
	amph_link_path l;

	for (const amph_relation *r = o->extent->mapper->relations; r && r->member; r++) {
		void *theirs;

		memcpy(&theirs, (const char *)values + r->offset, sizeof theirs);
		if (!(r->cascade & AMPH_CASCADE_MERGE) || !theirs)
			continue;
		if (!amph__link_path_of(g->s, o->extent->mapper, r->offset, &l, g->err))
			return false;
		if (amph__relation_is_list(r)) {
			if (!merge_list(g, o, &l, theirs))
				return false;
			continue;
		}
		amph_object *other = merge(g, l.path.to, theirs);
		if (!other)
			return false;
		*amph__relation_member(o, r) = amph__members(other);
	}
	return true;
}

static amph_object *merge(merger *g, const amph_mapper *m, const void *values)
{
	const void **key;
	amph_object *o = amph__map_get(&g->done, &values, sizeof values);

	if (o)
		return o;
	o = merge_row(g->s, m, values, g->err);
	if (!o)
		return NULL;
	key = AMPH_NEW(&g->keys, const void *);
	if (key)
		*key = values;
	if (!key || !amph__map_put(&g->done, key, sizeof *key, o)) {
		amph__error_nomem(g->err);
		return NULL;
	}
	return merge_relations(g, o, values) ? o : NULL;
}

static amph_object *merge_all(amph_session *s, const amph_model *model, const void *values,
			      amph_error *err)
{
	merger g = { .s = s, .err = err };
	const amph_mapper *m = amph__mapper_of(s->engine->registry, model, err);

	if (!m)
		return NULL;
	if (!values) {
		amph__error_misuse(err, "amph_merge of %s: the values are NULL", model->name);
		return NULL;
	}
	amph__map_init(&g.done, s->allocator, (uint64_t)(uintptr_t)s);
	amph__arena_init(&g.keys, s->allocator);
	amph_object *o = merge(&g, m, values);
	amph__map_clear(&g.done);
	amph__arena_clear(&g.keys);
	return o;
}

void *amph_do_merge(amph_session *s, const amph_model *m, const void *values)
{
	amph_error err;
	amph_object *o = amph__session_may_run(s, &err) ? merge_all(s, m, values, &err) : NULL;

	if (o)
		return amph__members(o);
	amph__session_error(s, &err);
	return NULL;
}
