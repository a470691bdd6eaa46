/* Updating and deleting the rows that an array has the keys of. */
#include "bulk.h"
#include <string.h>

static amph_dml_key key_of(const amph_bulk *b, amph_dml op)
{
	amph_dml_key key = { .mapper = b->m->ordinal, .op = (uint8_t)op, .match = b->match,
			     .counts = b->m->parent ? AMPH_DML_OF_KIND : 0 };

	key.columns = b->columns;
	key.rows = (b->s->conn->caps & AMPH_CAP_SET_UPDATE) != 0;
	if (op == AMPH_DML_UPDATE && b->m->version >= 0)
		key.counts |= AMPH_DML_COUNTS;
	return key;
}

/* As the statement has them: what is set, the key, what it must match, the version. */
static amph_slot *slots_of(const amph_bulk *b, const amph_dml_key *key, size_t *n)
{
	const amph_mapper *m = b->m;
	amph_slot *slots = AMPH_NEWS(&b->s->flush_arena, amph_slot, m->n_columns * 2 + m->n_keys + 1);

	*n = 0;
	for (size_t i = 0; slots && i < m->n_columns; i++)
		if (key->op == AMPH_DML_UPDATE && amph__set_has(&key->columns, i))
			slots[(*n)++] = m->columns[i].slot;
	for (size_t i = 0; slots && i < m->n_keys; i++)
		slots[(*n)++] = m->columns[m->keys[i]].slot;
	for (size_t i = 0; slots && i < m->n_columns; i++)
		if (amph__set_has(&key->match, i))
			slots[(*n)++] = m->columns[i].slot;
	if (slots && m->version >= 0)
		slots[(*n)++] = m->columns[m->version].slot;
	return slots;
}

static bool run_each(amph_bulk *b, const amph_code *code, const amph_slot *slots, size_t n_slots,
		     const char *rows, size_t n)
{
	amph_arg *args = AMPH_NEWS(&b->s->flush_arena, amph_arg, n_slots + 1);

	if (!args)
		return amph__error_nomem(b->err);
	for (size_t i = 0; i < n; i++) {
		int64_t affected = 0;

		for (size_t k = 0; k < n_slots; k++)
			args[k] = (amph_arg){ .n_slots = 1, .n_rows = 1, .slots = &slots[k],
					      .base = rows + i * b->m->size };
		if (!amph__run(b->s->conn, code, args, &affected, b->err))
			return false;
		b->affected += affected;
	}
	return true;
}

static bool run_rows(amph_bulk *b, amph_dml op, const char *rows, size_t n)
{
	amph_dml_key key = key_of(b, op);
	size_t n_slots;
	amph_slot *slots = slots_of(b, &key, &n_slots);
	int64_t affected = 0;

	if (!slots)
		return amph__error_nomem(b->err);
	const amph_code *code = amph__dml_code(b->s->engine, &key, b->err);
	if (!code)
		return false;
	if (!key.rows)
		return run_each(b, code, slots, n_slots, rows, n);
	amph_arg arg = { .n_slots = n_slots, .n_rows = n, .stride = b->m->size, .slots = slots,
			 .base = rows };
	if (!amph__run(b->s->conn, code, &arg, &affected, b->err))
		return false;
	b->affected += affected;
	return true;
}

static bool keys_differ(amph_bulk *b, const char *rows, size_t n)
{
	amph_column_set keys = { { 0 } };

	for (size_t i = 0; i < b->m->n_keys; i++)
		amph__set_add(&keys, b->m->keys[i]);
	return amph__bulk_differ(b, &keys, rows, n);
}

/* Filters are matched by their values, which the copies get. */
static bool fill_filter(amph_bulk *b, char *row)
{
	amph_column_set none = { { 0 } };

	return !b->filter || amph__filter_fill(b->s, b->m, &none, row, b->err);
}

static void plan_filter(amph_bulk *b)
{
	for (size_t i = 0; b->filter && i < b->m->n_columns; i++)
		if (amph__set_has(&b->filter->columns, i))
			amph__set_add(&b->match, i);
	b->copies = b->copies || b->filter;
}

/* ---- update ---- */

static bool is_filtered(const amph_bulk *b, size_t column)
{
	return b->filter && amph__set_has(&b->filter->columns, column);
}

static bool may_set(amph_bulk *b, const amph_mapped_column *c)
{
	const char *why = c->computed ? "is computed by the database"
			: c->primary_key ? "is of the key, by which the row is found"
			: c->version ? "counts the updates itself"
			: is_filtered(b, c->number) ? "is what the session is filtered by" : NULL;

	return !why || amph__error(b->err, "428C9", "%s of %s: \"%s\" %s", b->call, b->m->model->name,
				   c->decl->member, why);
}

static bool plan_update(amph_bulk *b, const char *rows, size_t n)
{
	const amph_mapper *m = b->m;
	bool named = b->how->only;

	for (size_t i = 0; i < m->n_columns; i++) {
		const amph_mapped_column *c = &m->columns[i];
		bool own = c->computed || c->primary_key || c->version || is_filtered(b, i);

		if (named && amph__set_has(&b->given, i) && !may_set(b, c))
			return false;
		if (!own && (amph__set_has(&b->given, i) || c->decl->on_update))
			amph__set_add(&b->columns, i);
		if (!own && c->decl->on_update && !(named && amph__set_has(&b->given, i))) {
			amph__set_add(&b->back, i);
			b->copies = true;
		}
	}
	if (amph__set_is_empty(&b->columns))
		return amph__error_misuse(b->err, "%s of %s: no column is given", b->call, m->model->name);
	plan_filter(b);
	b->copies = b->copies || amph__bulk_unfit(b, rows, n);
	return true;
}

static bool generate(amph_bulk *b, char *row)
{
	const amph_mapper *m = b->m;

	for (size_t i = 0; i < m->n_columns; i++) {
		const amph_mapped_column *c = &m->columns[i];
		char *member = row + c->slot.offset;

		if (!amph__set_has(&b->back, i))
			continue;
		memset(member, 0, amph_type_size(c->slot.type, c->slot.nullable));
		if (!c->decl->on_update(b->s, member))
			return amph__error(b->err, "45000", "%s.%s: on_update failed", m->model->name,
					   c->decl->member);
		if (c->slot.nullable)
			*((bool *)member + amph_type_has_offset(c->slot.type)) = true;
	}
	return true;
}

static bool update_copies(amph_bulk *b, char *rows, size_t n, size_t at)
{
	for (size_t i = 0; i < n; i++) {
		char *row = rows + i * b->m->size;

		if (!generate(b, row) || !fill_filter(b, row) ||
		    !amph__bulk_take(b, row, AMPH_BEFORE_UPDATE))
			return false;
	}
	if (!run_rows(b, AMPH_DML_UPDATE, rows, n))
		return false;
	amph__bulk_back(b, rows, n, at);
	return true;
}

static bool update_straight(amph_bulk *b, const char *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!amph__bulk_check(b, rows + i * b->m->size, AMPH_BEFORE_UPDATE))
			return false;
	for (size_t at = 0; at < n; at += AMPH_BULK_ROWS) {
		size_t some = n - at < AMPH_BULK_ROWS ? n - at : AMPH_BULK_ROWS;

		if (!run_rows(b, AMPH_DML_UPDATE, rows + at * b->m->size, some))
			return false;
		amph__arena_reset(&b->s->flush_arena);
	}
	return true;
}

static bool all_found(const amph_bulk *b, size_t n)
{
	if (b->m->version < 0 || b->affected == (int64_t)n)
		return true;
	amph__error(b->err, "40001", "%s of %s: %lld of %zu rows were found with the key and version that "
		    "the array has", b->call, b->m->model->name, (long long)b->affected, n);
	if (b->err)
		b->err->status = AMPH_E_STALE;
	amph__error_names(b->err, b->m->table->name, NULL, NULL);
	return false;
}

static bool count_versions(const amph_bulk *b, size_t n)
{
	const amph_slot *slot;

	if (!b->how->write_back || b->m->version < 0)
		return true;
	slot = &b->m->columns[b->m->version].slot;
	for (size_t i = 0; i < n; i++) {
		char *row = (char *)b->how->write_back + i * b->m->size;

		if (!amph__write_integer(slot, row, amph__read_integer(slot, row) + 1))
			return amph__error(b->err, "22003", "%s: the version of a row is at its end",
					   b->m->model->name);
	}
	return true;
}

static bool start(amph_bulk *b, amph_event_kind before)
{
	return amph__run_bulk_event(b->s, b->m, before, NULL, b->err) && amph__flush(b->s, b->err) &&
	       amph__session_conn(b->s, b->err);
}

static bool finish(amph_bulk *b, size_t n, amph_event_kind after)
{
	b->s->wrote = true;
	amph__expire_model(b->s, b->m);
	return all_found(b, n) && amph__run_bulk_event(b->s, b->m, after, NULL, b->err);
}

static bool update_many(amph_bulk *b, const char *rows, size_t n)
{
	bool ok;

	if (!n)
		return true;
	if (!start(b, AMPH_BEFORE_BULK_UPDATE) || !plan_update(b, rows, n) || !keys_differ(b, rows, n))
		return false;
	ok = b->copies ? amph__bulk_copies(b, rows, n, update_copies) : update_straight(b, rows, n);
	return ok && finish(b, n, AMPH_AFTER_BULK_UPDATE) && count_versions(b, n);
}

/* ---- delete ---- */

static bool marks(const amph_bulk *b)
{
	return b->m->soft_delete >= 0 && !b->how->with_deleted;
}

static bool delete_copies(amph_bulk *b, char *rows, size_t n, size_t at)
{
	(void)at;
	for (size_t i = 0; i < n; i++) {
		char *row = rows + i * b->m->size;

		if (!fill_filter(b, row))
			return false;
		if (marks(b)) {
			amph_opt_timestamptz now = { { amph__session_now(b->s) }, true };
			memcpy(row + b->m->columns[b->m->soft_delete].slot.offset, &now, sizeof now);
		}
	}
	return run_rows(b, marks(b) ? AMPH_DML_UPDATE : AMPH_DML_DELETE, rows, n);
}

static bool delete_many(amph_bulk *b, const char *rows, size_t n)
{
	if (!n)
		return true;
	if (b->how->only || b->how->write_back)
		return amph__error_misuse(b->err, "%s has no use for .%s", b->call,
					  b->how->only ? "only" : "write_back");
	if (!start(b, AMPH_BEFORE_BULK_DELETE) || !keys_differ(b, rows, n))
		return false;
	plan_filter(b);
	if (marks(b))
		amph__set_add(&b->columns, (size_t)b->m->soft_delete);
	return amph__bulk_copies(b, rows, n, delete_copies) && finish(b, n, AMPH_AFTER_BULK_DELETE);
}

/* ---- calls ---- */

static const amph_select nothing = { .abi = AMPH_ABI };

static int64_t write_many(amph_bulk *b, const amph_model *m, const void *rows, size_t n,
			  bool (*work)(amph_bulk *, const char *, size_t))
{
	amph_error err;
	bool ok = amph__bulk_open(b, m, rows, n, &err);

	if (ok && b->how->on_conflict)
		ok = amph__error_misuse(&err, "%s has no use for .on_conflict", b->call);
	ok = ok && work(b, rows, n);
	if (b->m)
		amph__arena_reset(&b->s->flush_arena);
	if (ok)
		return b->affected;
	amph__session_error(b->s, &err);
	return -1;
}

int64_t amph_do_update_many(amph_session *s, const amph_model *m, const void *rows, size_t n,
			    const amph_select *how)
{
	amph_bulk b = { .s = s, .how = how ? how : &nothing, .call = "amph_update_many" };

	return write_many(&b, m, rows, n, update_many);
}

int64_t amph_do_delete_many(amph_session *s, const amph_model *m, const void *rows, size_t n,
			    const amph_select *how)
{
	amph_bulk b = { .s = s, .how = how ? how : &nothing, .call = "amph_delete_many" };

	return write_many(&b, m, rows, n, delete_many);
}
