/* Objects of the session whose rows a statement has updated or deleted, and expired ones. */
#include "../relation/relation.h"
#include <string.h>

enum { ROWS_MOST = 1000 };

static void *store_key(void *ctx, size_t size)
{
	return size ? amph__arena_alloc(ctx, size) : NULL;
}

static bool keep(amph_session *s, amph_synced *out, amph_object *o, amph_error *err)
{
	if (!amph__grow(s->allocator, (void **)&out->items, &out->cap, out->n + 1, sizeof(*out->items)))
		return amph__error_nomem(err);
	out->items[out->n++] = o;
	return true;
}

bool amph__sync_take(amph_session *s, const amph_mapper *m, const amph_shape *keys, amph_result *result,
		     amph_synced *out, amph_error *err)
{
	amph_extent *e = &s->extents[m->ordinal];
	char *row = amph__alloc_zero(s->allocator, m->size);
	amph_store store = { store_key, &s->scratch };
	size_t got = 1;
	bool ok = row || amph__error_nomem(err);

	while (ok && got) {
		amph__arena_reset(&s->scratch);
		ok = amph__fetch(s->conn, result, keys, row, m->size, 1, &store, &got, err);
		if (!ok || !got)
			break;
		amph_object *o = amph__identity_find(e, row);
		out->rows++;
		ok = !o || keep(s, out, o, err);
	}
	amph__free(s->allocator, row);
	return ok;
}

static bool read_some(amph_session *s, const amph_mapper *m, amph_object *const *items, size_t n,
		      amph_arena *arena, amph_error *err)
{
	amph_dml_key key = { .mapper = m->ordinal, .op = AMPH_DML_SELECT, .rows = 1 };
	amph_slot *slots = AMPH_NEWS(arena, amph_slot, m->n_keys + 1);
	const void **rows = AMPH_NEWS(arena, const void *, n + 1);
	amph_result result;
	size_t found;

	if (!slots || !rows)
		return amph__error_nomem(err);
	for (size_t i = 0; i < m->n_keys; i++)
		slots[i] = m->columns[m->keys[i]].slot;
	for (size_t i = 0; i < n; i++)
		rows[i] = amph__snapshot(items[i]);
	amph_arg arg = { .n_slots = m->n_keys, .n_rows = n, .slots = slots, .rows = rows };
	const amph_code *code = amph__dml_code(s->engine, &key, err);
	if (!code || !amph__session_conn(s, err) || !amph__execute(s->conn, code, &arg, &result, err))
		return false;
	void **list = amph__hydrate(s, m, amph__read_shape(m), &result, &found, err);
	amph__finish(s->conn, &result);
	amph_release(s, list);
	return list;
}

bool amph__objects_read(amph_session *s, const amph_mapper *m, amph_object *const *items, size_t n,
			amph_arena *arena, amph_error *err)
{
	for (size_t at = 0; at < n; at += ROWS_MOST)
		if (!read_some(s, m, items + at, n - at < ROWS_MOST ? n - at : ROWS_MOST, arena, err))
			return false;
	return true;
}

/* ---- what a program changed in objects that are older than their rows ---- */

static bool rebase_model(amph_session *s, amph_extent *e, bool *any, amph_error *err)
{
	amph_object_list list = { 0 };
	amph_chunk *chunk = NULL;
	uint32_t slot;
	amph_object *o;
	bool ok = true;

	while (e->slab.live && ok && (o = amph__object_next(e, &chunk, &slot))) {
		if (o->state != OBJECT_PERSISTENT || !o->expired)
			continue;
		*any = true;
		if (amph__object_is_modified(o))
			ok = amph__list_push(s, &list, o) || amph__error_nomem(err);
	}
	s->rebase = true;
	ok = ok && amph__objects_read(s, e->mapper, list.items, list.n, &s->flush_arena, err);
	s->rebase = false;
	amph__free(s->allocator, list.items);
	return ok;
}

bool amph__rebase_changes(amph_session *s, amph_error *err)
{
	bool any = false;

	if (!s->any_expired)
		return true;
	for (size_t i = 0; i < s->engine->registry->n_mappers; i++)
		if (!rebase_model(s, &s->extents[i], &any, err))
			return false;
	s->any_expired = any;
	return true;
}

/* ---- objects of rows that a statement wrote ---- */

/* What could not be read, or has changes that wait for a flush, is read at the next occasion. */
static bool refresh(amph_session *s, const amph_mapper *m, const amph_synced *taken, amph_error *err)
{
	for (size_t i = 0; i < taken->n; i++) {
		if (!amph__journal_note(taken->items[i], err))
			return false;
		taken->items[i]->expired = true;
	}
	s->any_expired |= taken->n > 0;
	amph__arena_reset(&s->scratch);
	s->overwrite = true;
	bool ok = amph__objects_read(s, m, taken->items, taken->n, &s->scratch, err);
	s->overwrite = false;
	return ok;
}

/* As after a flush that deletes them. */
bool amph__sync_forget(amph_object *const *items, size_t n, amph_error *err)
{
	for (size_t i = 0; i < n; i++) {
		amph_object *o = items[i];

		if (!amph__journal_note(o, err))
			return false;
		amph__relations_drop(o);
		amph__object_leave(o);
		o->deleted = true;
		o->replaced = false;
	}
	return true;
}

bool amph__sync_apply(amph_session *s, const amph_mapper *m, const amph_select *q, amph_synced *taken,
		      amph_error *err)
{
	bool deletes = !q->set && (m->soft_delete < 0 || q->with_deleted);
	bool ok = true;

	if (q->sync == AMPH_SYNC_EXPUNGE) {
		for (size_t i = 0; i < taken->n && ok; i++)
			ok = amph_expunge(s, amph__members(taken->items[i]));
		if (!ok && err)
			*err = s->error;
	} else {
		ok = deletes ? amph__sync_forget(taken->items, taken->n, err) : refresh(s, m, taken, err);
	}
	for (size_t i = 0; ok && q->sync == AMPH_SYNC_REFRESH && !deletes && i < taken->n; i++)
		amph__relations_unload(taken->items[i]);
	return ok;
}
