/* What the database made of the rows of an array, read back into them. */
#include "bulk.h"
#include <string.h>

typedef struct back {
	amph_bulk *b;
	const amph_column_set *match;
	amph_shape shape;
	char *rows;
	size_t n, from;                 /* where the last one was found */
} back;

static bool same(const back *r, const char *a, const char *b)
{
	const amph_mapper *m = r->b->m;

	for (size_t i = 0; i < m->n_columns; i++)
		if (amph__set_has(r->match, i) && !amph__slot_equal(&m->columns[i].slot, a, b))
			return false;
	return true;
}

/* Rows mostly come in the order of the array. */
static char *row_of(back *r, const char *fresh)
{
	for (size_t i = 0; i < r->n; i++) {
		size_t at = (r->from + i) % r->n;

		if (!same(r, r->rows + at * r->b->m->size, fresh))
			continue;
		r->from = at + 1;
		return r->rows + at * r->b->m->size;
	}
	return NULL;
}

/* Texts stay with the session. */
static void *store(void *ctx, size_t size)
{
	return size ? amph__arena_alloc(ctx, size) : NULL;
}

static bool fetch_rows(back *r, amph_result *result, char *fresh)
{
	amph_session *s = r->b->s;
	amph_store texts = { store, &s->text_arena };
	size_t got;

	for (;;) {
		memset(fresh, 0, r->b->m->size);
		if (!amph__fetch(s->conn, result, &r->shape, fresh, r->b->m->size, 1, &texts, &got,
				 r->b->err))
			return false;
		if (!got)
			return true;
		char *row = row_of(r, fresh);
		for (size_t i = 0; row && i < r->shape.n_slots; i++) {
			const amph_slot *slot = &r->shape.slots[i];

			memcpy(row + slot->offset, fresh + slot->offset,
			       amph_type_size(slot->type, slot->nullable));
		}
	}
}

static amph_shape shape_of(amph_bulk *b, const amph_column_set *columns)
{
	amph_slot *slots = AMPH_NEWS(&b->s->flush_arena, amph_slot, b->m->n_columns);
	amph_shape shape = { 0, slots };

	for (size_t i = 0; slots && i < b->m->n_columns; i++)
		if (amph__set_has(columns, i))
			slots[shape.n_slots++] = b->m->columns[i].slot;
	return shape;
}

bool amph__bulk_read(amph_bulk *b, char *rows, size_t n, const amph_column_set *wanted)
{
	amph_dml_key key = { .mapper = b->m->ordinal, .op = AMPH_DML_SELECT, .rows = 1, .returning = *wanted,
			     .match = b->match };
	back r = { .b = b, .rows = rows, .n = n, .match = &key.match };
	char *fresh = amph__arena_zero(&b->s->flush_arena, b->m->size);
	amph_result result;
	bool ok;

	for (size_t i = 0; amph__set_is_empty(&b->match) && i < b->m->n_keys; i++)
		amph__set_add(&key.match, b->m->keys[i]);
	for (size_t i = 0; i < b->m->n_columns; i++)
		if (amph__set_has(&key.match, i))
			amph__set_add(&key.returning, i);
	amph_shape sent = shape_of(b, &key.match);
	amph_arg arg = { .n_slots = sent.n_slots, .n_rows = n, .stride = b->m->size, .slots = sent.slots,
			 .base = rows };
	r.shape = shape_of(b, &key.returning);
	if (!sent.slots || !r.shape.slots || !fresh)
		return amph__error_nomem(b->err);
	const amph_code *code = amph__dml_code(b->s->engine, &key, b->err);
	if (!code || !amph__execute(b->s->conn, code, &arg, &result, b->err))
		return false;
	ok = fetch_rows(&r, &result, fresh);
	amph__finish(b->s->conn, &result);
	return ok;
}

static bool make_one(back *r, const amph_code *code, const amph_arg *args, char *row)
{
	amph_session *s = r->b->s;
	amph_store texts = { store, &s->text_arena };
	amph_result result;
	size_t got = 0;

	if (!amph__execute(s->conn, code, args, &result, r->b->err))
		return false;
	bool ok = amph__fetch(s->conn, &result, &r->shape, row, r->b->m->size, 1, &texts, &got, r->b->err);
	amph__finish(s->conn, &result);
	return ok && (got || amph__error(r->b->err, "XX000", "a row of \"%s\" did not come back",
					 r->b->m->table->name));
}

bool amph__bulk_make(amph_bulk *b, char *rows, size_t n, const amph_column_set *wanted)
{
	amph_dml_key key = { .mapper = b->m->ordinal, .op = AMPH_DML_INSERT, .columns = b->columns,
			     .returning = *wanted };
	amph_shape sent = shape_of(b, &b->columns);
	back r = { .b = b, .shape = shape_of(b, wanted) };
	amph_arg *args = AMPH_NEWS(&b->s->flush_arena, amph_arg, sent.n_slots + 1);

	if (!sent.slots || !r.shape.slots || !args)
		return amph__error_nomem(b->err);
	const amph_code *code = amph__dml_code_in(b->s, &key, &b->s->flush_arena, b->err);
	for (size_t i = 0; code && i < n; i++) {
		char *row = rows + i * b->m->size;

		for (size_t k = 0; k < sent.n_slots; k++)
			args[k] = (amph_arg){ .n_slots = 1, .n_rows = 1, .slots = &sent.slots[k],
					      .base = row };
		if (!make_one(&r, code, args, row))
			return false;
	}
	return code != NULL;
}
