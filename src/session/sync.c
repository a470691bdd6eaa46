/* Objects of the session whose rows a statement has updated or deleted. */
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

/* The rows of n objects, by their keys, into them. */
static bool read_rows(amph_session *s, const amph_mapper *m, amph_object **items, size_t n,
		      amph_error *err)
{
	amph_dml_key key = { .mapper = m->ordinal, .op = AMPH_DML_SELECT, .rows = 1 };
	amph_slot *slots = AMPH_NEWS(&s->scratch, amph_slot, m->n_keys + 1);
	const void **rows = AMPH_NEWS(&s->scratch, const void *, n + 1);
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
	if (!code || !amph__execute(s->conn, code, &arg, &result, err))
		return false;
	s->overwrite = true;
	void **list = amph__hydrate(s, m, &m->shape, &result, &found, err);
	s->overwrite = false;
	amph__finish(s->conn, &result);
	amph_release(s, list);
	for (size_t i = 0; list && i < n; i++)
		amph__relations_unload(items[i]);
	return list;
}

static bool refresh(amph_session *s, const amph_mapper *m, const amph_synced *taken, amph_error *err)
{
	for (size_t i = 0; i < taken->n; i++)
		if (!amph__journal_note(taken->items[i], err))
			return false;
	for (size_t at = 0; at < taken->n; at += ROWS_MOST) {
		size_t some = taken->n - at < ROWS_MOST ? taken->n - at : ROWS_MOST;

		amph__arena_reset(&s->scratch);
		if (!read_rows(s, m, taken->items + at, some, err))
			return false;
	}
	return true;
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
	return ok;
}
