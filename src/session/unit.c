/* The unit of work: which objects are new, changed, to be deleted, and what of them. */
#include "../relation/relation.h"
#include <string.h>

/* ---- changes ---- */

void amph__changed_columns(const amph_object *o, amph_column_set *set)
{
	const amph_mapper *m = o->extent->mapper;
	const void *now = amph__members(o), *before = amph__snapshot(o);

	memset(set, 0, sizeof *set);
	for (size_t i = 0; i < m->n_columns; i++)
		if (!amph__slot_equal(&m->columns[i].slot, now, before))
			amph__set_add(set, i);
}

bool amph__object_is_modified(const amph_object *o)
{
	const amph_mapper *m = o->extent->mapper;
	const void *now = amph__members(o), *before = amph__snapshot(o);

	/* most objects are untouched to the byte */
	if (!memcmp(now, before, m->size))
		return false;
	for (size_t i = 0; i < m->n_columns; i++)
		if (!amph__slot_equal(&m->columns[i].slot, now, before))
			return true;
	for (const amph_relation *r = m->relations; r && r->member; r++)
		if (!amph__relation_is_list(r) &&
		    *amph__relation_member(o, r) != *amph__relation_before(o, r))
			return true;
	return false;
}

static bool is_zero(const amph_slot *slot, const void *members)
{
	static const char zeros[64];

	return !memcmp((const char *)members + slot->offset, zeros,
		       amph_type_size(slot->type, slot->nullable));
}

/* The columns of an insert: all, but for those that the database computes, and those that it
 * fills where the program gave nothing. */
static void inserted_columns(const amph_object *o, amph_column_set *set)
{
	const amph_mapper *m = o->extent->mapper;

	*set = m->written;
	for (size_t i = 0; i < m->n_filled; i++) {
		const amph_mapped_column *c = &m->columns[m->filled[i]];

		if (o->given >> i % 64 & 1 || !is_zero(&c->slot, amph__members(o)))
			amph__set_add(set, c->number);
	}
}

/* ---- before an update ---- */

bool amph__refuse_change(const amph_object *o, const amph_mapped_column *c, const char *why,
			 amph_error *err)
{
	amph__error(err, "428C9", "%s.%s: %s", o->extent->mapper->model->name, c->decl->member, why);
	amph__error_names(err, o->extent->mapper->table->name, c->name, NULL);
	return false;
}

static bool next_version(amph_object *o, amph_column_set *set, amph_error *err)
{
	const amph_mapper *m = o->extent->mapper;
	const amph_slot *slot = &m->columns[m->version].slot;
	int64_t next = 1 + amph__read_integer(slot, amph__snapshot(o));

	if (!amph__write_integer(slot, amph__members(o), next))
		return amph__error(err, "22003", "%s: the version of a row is at its end",
				   m->model->name);
	amph__set_add(set, (size_t)m->version);
	return true;
}

/* .has = false alone makes a value NULL: what is left beside it is the old one. Another one stays, for
 * the check of what is written to tell. */
static void settle_null(const amph_object *o, const amph_slot *slot)
{
	char *now = (char *)amph__members(o) + slot->offset;
	const char *before = (const char *)amph__snapshot(o) + slot->offset;
	size_t size = amph_type_size(slot->type, false);

	if (slot->nullable && !(slot->type & AMPH_T_ARRAY) && amph__slot_is_null(slot, amph__members(o)) &&
	    !amph__slot_is_null(slot, amph__snapshot(o)) && !memcmp(now, before, size))
		memset(now, 0, size);
}

/* Columns with on_update that the program did not set get their value, the version its next. */
static bool add_generated(amph_object *o, amph_column_set *set, amph_error *err)
{
	const amph_mapper *m = o->extent->mapper;

	for (size_t i = 0; i < m->n_columns; i++) {
		const amph_mapped_column *c = &m->columns[i];
		void *member = (char *)amph__members(o) + c->slot.offset;
		bool changed = amph__set_has(set, i);

		if (changed && (int)i == m->discriminator)
			return amph__refuse_change(o, c, "it says of which model the row is", err);
		if (changed && c->computed)
			return amph__refuse_change(o, c, "a computed column cannot be assigned", err);
		if (changed)
			settle_null(o, &c->slot);
		if (changed || !c->decl->on_update)
			continue;
		if (!c->decl->on_update(o->extent->session, member))
			return amph__error(err, "45000", "%s.%s: on_update failed", m->model->name,
					   c->decl->member);
		if (c->slot.nullable)
			*((bool *)member + amph_type_has_offset(c->slot.type)) = true;
		if (!amph__slot_equal(&c->slot, amph__members(o), amph__snapshot(o)))
			amph__set_add(set, i);
	}
	return m->version < 0 || next_version(o, set, err);
}

/* ---- collecting ---- */

static const amph_change_of_row *new_change(amph_work_list *work, const amph_column_set *set,
					    amph_object *replaces)
{
	return amph__arena_copy(&work->changes, &(amph_change_of_row){ *set, replaces },
				sizeof(amph_change_of_row));
}

const amph_change_of_row *amph__change_of(amph_work_list *work, const amph_work *w,
					  const amph_column_set *set)
{
	const amph_change_of_row **seen = &work->seen[set->bits[0] * 0x9e3779b97f4a7c15u >> 61];

	if (w->change && w->change->replaces)
		return new_change(work, set, w->change->replaces);
	if (!*seen || memcmp(&(*seen)->set, set, sizeof *set))
		*seen = new_change(work, set, NULL);
	return *seen;
}

static bool add_work(amph_work_list *work, amph_object *o, amph_dml op, amph_phase phase,
		     const amph_column_set *set, amph_error *err)
{
	amph_work w = { .object = o, .op = (uint8_t)op, .phase = (uint8_t)phase,
			.order = (uint32_t)work->n };

	w.change = amph__change_of(work, &w, set);
	if (!w.change || !amph__grow(work->session->allocator, (void **)&work->items, &work->cap,
				     work->n + 1, sizeof *work->items))
		return amph__error_nomem(err);
	work->items[work->n++] = w;
	return true;
}

/* A new row with the key of one that is deleted takes its place: others may refer to it. Not where
 * the database would have to fill in columns of the new one. */
static amph_object *replaced_object(const amph_object *o, const amph_column_set *set)
{
	const amph_mapper *m = o->extent->mapper;
	const amph_extent *e = amph__extent_of(o);
	amph_object *old = e->n_deleted ? amph__identity_find(e, amph__members(o)) : NULL;

	if (!old || old->state != OBJECT_DELETED || old->replaced)
		return NULL;
	for (size_t i = 0; i < m->n_filled; i++)
		if (!amph__set_has(set, m->filled[i]))
			return NULL;
	return old;
}

static bool replace_row(amph_work_list *work, amph_object *o, amph_object *old,
			const amph_column_set *written, amph_error *err)
{
	const amph_mapper *m = o->extent->mapper;
	amph_column_set set = { { 0 } };

	for (size_t i = 0; i < m->n_columns; i++) {
		const amph_slot *slot = &m->columns[i].slot;

		memcpy((char *)amph__snapshot(o) + slot->offset,
		       (const char *)amph__snapshot(old) + slot->offset,
		       amph_type_size(slot->type, slot->nullable));
		if (amph__set_has(written, i) &&
		    !amph__slot_equal(slot, amph__members(o), amph__snapshot(o)))
			amph__set_add(&set, i);
	}
	if (m->version >= 0 && !next_version(o, &set, err))
		return false;
	/* a statement in any case: the row must still be there */
	if (amph__set_is_empty(&set))
		amph__set_add(&set, m->keys[0]);
	if (!add_work(work, o, AMPH_DML_UPDATE, PHASE_UPDATE, &set, err))
		return false;
	amph_work *w = &work->items[work->n - 1];
	w->change = new_change(work, &set, old);
	old->replaced = w->change != NULL;
	return w->change || amph__error_nomem(err);
}

/* Runs the before-events of objects that had none yet; *more where one did. */
static bool before_events_of(amph_object_list *list, amph_event_kind kind, bool *more,
			     amph_error *err)
{
	const amph_mapper *unheard = NULL;      /* nobody listens for objects of this */

	/* a handler may add to the list, so it is read anew each time */
	for (size_t i = 0; i < list->n; i++) {
		amph_object *o = list->items[i];

		if (o->in_flush)
			continue;
		o->in_flush = true;
		*more = true;
		if (o->extent->mapper == unheard)
			continue;
		if (!amph__has_event(o->extent->session, o->extent->mapper, kind)) {
			unheard = o->extent->mapper;
			continue;
		}
		unheard = NULL;
		if (!amph__run_event(o, kind, err))
			return false;
	}
	return true;
}

static bool before_updates(amph_session *s, amph_extent *e, bool *more, amph_error *err)
{
	amph_chunk *chunk = NULL;
	uint32_t slot;
	amph_object *o;

	if (!e->slab.live || !amph__has_event(s, e->mapper, AMPH_BEFORE_UPDATE))
		return true;
	while ((o = amph__object_next_touched(e, &chunk, &slot))) {
		if (o->in_flush || !amph__object_is_modified(o))
			continue;
		o->in_flush = true;
		*more = true;
		if (!amph__run_event(o, AMPH_BEFORE_UPDATE, err))
			return false;
	}
	return true;
}

/* What events do may change relationships, which may bring objects that had no event yet. */
static bool before_events(amph_session *s, amph_error *err)
{
	bool more = true;

	while (more) {
		more = false;
		if (!amph__relations_before_flush(s, err) ||
		    !before_events_of(&s->pending, AMPH_BEFORE_INSERT, &more, err) ||
		    !before_events_of(&s->deleted, AMPH_BEFORE_DELETE, &more, err))
			return false;
		for (size_t i = 0; i < s->engine->registry->n_mappers; i++)
			if (!before_updates(s, &s->extents[i], &more, err))
				return false;
	}
	return true;
}

static bool collect_updates(amph_work_list *work, amph_extent *e, amph_error *err)
{
	amph_chunk *chunk = NULL;
	uint32_t slot;
	amph_object *o;
	amph_column_set set;

	while ((o = amph__object_next_touched(e, &chunk, &slot))) {
		if (!amph__object_is_modified(o))
			continue;
		amph__changed_columns(o, &set);
		/* another parent with the same key changes nothing in the row */
		if (amph__set_is_empty(&set))
			continue;
		if (!amph__validate(o->extent->session, o->extent->mapper, &set, amph__members(o),
				    AMPH_BEFORE_UPDATE, err) ||
		    !amph__filter_allows(o->extent->session, o->extent->mapper, amph__members(o), err) ||
		    !amph__filter_allows(o->extent->session, o->extent->mapper, amph__snapshot(o), err) ||
		    !add_generated(o, &set, err) ||
		    !add_work(work, o, AMPH_DML_UPDATE, PHASE_UPDATE, &set, err))
			return false;
	}
	return true;
}

static bool collect_deletes(amph_work_list *work, amph_session *s, amph_error *err)
{
	static const amph_column_set none;

	for (size_t i = 0; i < s->deleted.n; i++)
		if (!s->deleted.items[i]->replaced &&
		    (!amph__filter_allows(s, s->deleted.items[i]->extent->mapper,
					  amph__snapshot(s->deleted.items[i]), err) ||
		     !add_work(work, s->deleted.items[i], AMPH_DML_DELETE, PHASE_DELETE, &none, err)))
			return false;
	return true;
}

bool amph__unit_collect(amph_session *s, amph_work_list *work, amph_error *err)
{
	amph_column_set set;

	/* also those that events, or what became of relationships, changed */
	if (!amph__rebase_changes(s, err) || !before_events(s, err) || !amph__rebase_changes(s, err))
		return false;
	/* as much as it will be, where doubling might take twice that */
	if (!amph__grow(s->allocator, (void **)&work->items, &work->cap, s->pending.n + s->deleted.n,
			sizeof *work->items))
		return amph__error_nomem(err);
	for (size_t i = 0; i < s->pending.n; i++) {
		amph_object *o = s->pending.items[i];
		const amph_mapper *m = o->extent->mapper;

		inserted_columns(o, &set);
		amph_object *old = replaced_object(o, &set);
		if ((m->validates &&
		     !amph__validate(s, m, &set, amph__members(o), AMPH_BEFORE_INSERT, err)) ||
		    !amph__filter_allows(s, m, amph__members(o), err) ||
		    (old && !amph__filter_allows(s, m, amph__snapshot(old), err)) ||
		    !(old ? replace_row(work, o, old, &set, err)
			  : add_work(work, o, AMPH_DML_INSERT, PHASE_INSERT, &set, err)))
			return false;
	}
	for (size_t i = 0; i < s->engine->registry->n_mappers; i++)
		if (!collect_updates(work, &s->extents[i], err))
			return false;
	return collect_deletes(work, s, err);
}
