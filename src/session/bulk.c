/* Inserting an array of structs: straight from the program's memory where every column comes
 * from it; through copies, block by block, where defaults are to be filled in. */
#include "state.h"
#include <string.h>

#define BLOCK_ROWS 1000

typedef struct bulk {
	amph_session *s;
	const amph_mapper *m;
	amph_column_set given;          /* named, or all */
	amph_column_set columns;        /* sent */
	bool copies;                    /* rows are copied first, to be completed */
	const amph_row_filter *filter;
	bool ids;                       /* the library numbers the rows */
	amph_error *err;
} bulk;

static bool named_columns(bulk *b, const amph_node *only)
{
	for (; only->op != AMPH_OP_NONE; only++) {
		const amph_mapped_column *c =
			only->op == AMPH_OP_COLUMN ? amph__column_at(b->m, only->n) : NULL;
		const amph_mapper *m = only->op == AMPH_OP_COLUMN
			? amph__mapper_of(b->s->engine->registry, only->of.model, b->err) : NULL;

		if (!c || m != b->m)
			return amph__error_misuse(b->err, "amph_insert_many of %s: .only takes columns of "
						  "that model", b->m->model->name);
		amph__set_add(&b->given, c->number);
	}
	return true;
}

static bool has_default(const amph_mapped_column *c)
{
	return c->decl->default_fn || c->decl->default_value.type != AMPH_T_NONE;
}

/* Whether a numeric has to be brought to the scale of its column. */
static bool any_unfit(const bulk *b, const char *rows, size_t n)
{
	const amph_mapper *m = b->m;

	for (size_t c = 0; c < m->n_columns; c++) {
		const amph_mapped_column *column = &m->columns[c];

		if (!amph__set_has(&b->columns, c) || !amph__slot_needs_fit(&column->slot, &column->type))
			continue;
		for (size_t i = 0; i < n; i++)
			if (!amph__slot_is_fit(&column->slot, &column->type, rows + i * m->size))
				return true;
	}
	return false;
}

/* Which columns are sent, and whether rows must be completed first. */
static void plan(bulk *b, const char *rows, size_t n)
{
	const amph_mapper *m = b->m;

	for (size_t i = 0; i < m->n_columns; i++) {
		const amph_mapped_column *c = &m->columns[i];
		bool given = amph__set_has(&b->given, i);

		if (c->computed)
			continue;
		if (given) {
			amph__set_add(&b->columns, i);
		} else if (has_default(c) || (b->filter && amph__set_has(&b->filter->columns, i))) {
			amph__set_add(&b->columns, i);
			b->copies = true;
		} else if (c->identity && !(b->s->conn->caps & AMPH_CAP_SERVER_IDS)) {
			amph__set_add(&b->columns, i);
			b->copies = b->ids = true;
		}
	}
	b->copies |= amph__has_event(b->s, m, AMPH_BEFORE_INSERT);
	b->copies = b->copies || any_unfit(b, rows, n);
}

static bool check_row(const bulk *b, const char *row)
{
	const amph_mapper *m = b->m;

	if (!amph__validate(b->s, m, &b->columns, row, AMPH_BEFORE_INSERT, b->err) ||
	    (b->filter && !amph__filter_allows(b->s, m, row, b->err)))
		return false;

	for (size_t c = 0; c < m->n_columns; c++)
		if (amph__set_has(&b->columns, c) && amph__slot_needs_check(&m->columns[c].slot) &&
		    !amph__slot_check(&m->columns[c].slot, &m->columns[c].type, row, m->table->name,
				      m->columns[c].name, b->err))
			return false;
	return true;
}

static bool check_rows(const bulk *b, const char *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!check_row(b, rows + i * b->m->size))
			return false;
	return true;
}

static bool fit_row(const bulk *b, char *row)
{
	const amph_mapper *m = b->m;

	for (size_t c = 0; c < m->n_columns; c++)
		if (amph__set_has(&b->columns, c) &&
		    !amph__slot_fit(&m->columns[c].slot, &m->columns[c].type, row, &b->s->flush_arena,
				    b->err))
			return false;
	return true;
}

static bool complete(bulk *b, char *rows, size_t n)
{
	const amph_mapper *m = b->m;
	int64_t *ids = b->ids ? AMPH_NEWS(&b->s->flush_arena, int64_t, n) : NULL;

	const char *table = amph__table_name(&b->s->flush_arena, m);

	if ((b->ids && !ids) || !table)
		return amph__error_nomem(b->err);
	if (b->ids && !amph__take_ids(b->s->conn, table, m->columns[m->identity].name, n, ids,
				      b->err))
		return false;
	for (size_t i = 0; i < n; i++) {
		char *row = rows + i * m->size;

		if (!amph__apply_defaults(b->s, m, &b->given, row, b->err) ||
		    !amph__filter_fill(b->s, m, &b->given, row, b->err))
			return false;
		if (b->ids && !amph__write_integer(&m->columns[m->identity].slot, row, ids[i]))
			return amph__error(b->err, "22003", "the sequence of \"%s\" is beyond the "
					   "column's type", m->table->name);
		if (!amph__run_bulk_event(b->s, m, AMPH_BEFORE_INSERT, row, b->err) ||
		    !check_row(b, row) || !fit_row(b, row))
			return false;
	}
	return true;
}

static bool load(bulk *b, const amph_arg *arg, bool *done)
{
	const amph_mapper *m = b->m;
	const char **names = AMPH_NEWS(&b->s->flush_arena, const char *, m->n_columns + 1);
	amph_sqltype *types = AMPH_NEWS(&b->s->flush_arena, amph_sqltype, m->n_columns);
	int64_t affected;
	size_t n = 0;

	*done = false;
	if (arg->n_rows < 20)
		return true;
	const char *table = amph__table_name(&b->s->flush_arena, m);
	if (!names || !types || !table)
		return amph__error_nomem(b->err);
	for (size_t i = 0; i < m->n_columns; i++) {
		if (!amph__set_has(&b->columns, i))
			continue;
		names[n] = m->columns[i].name;
		types[n++] = m->columns[i].type;
	}
	return amph__load(b->s->conn, table, names, types, arg, done, &affected, b->err);
}

static bool insert_rows(bulk *b, const char *rows, size_t n)
{
	const amph_mapper *m = b->m;
	amph_slot *slots = AMPH_NEWS(&b->s->flush_arena, amph_slot, m->n_columns);
	amph_arg arg = { .n_rows = n, .stride = m->size, .slots = slots, .base = rows };
	amph_dml_key key;
	bool done;

	if (!slots)
		return amph__error_nomem(b->err);
	for (size_t i = 0; i < m->n_columns; i++)
		if (amph__set_has(&b->columns, i))
			slots[arg.n_slots++] = m->columns[i].slot;
	if ((!b->copies && !check_rows(b, rows, n)) || !load(b, &arg, &done))
		return false;
	if (done)
		return true;
	memset(&key, 0, sizeof key);
	key.mapper = m->ordinal;
	key.op = AMPH_DML_INSERT;
	key.rows = 1;
	key.columns = b->columns;
	const amph_code *code = amph__dml_code(b->s->engine, &key, b->err);
	return code && amph__run(b->s->conn, code, &arg, NULL, b->err);
}

static bool insert_copies(bulk *b, const char *rows, size_t n)
{
	const amph_mapper *m = b->m;
	char *copy = amph__alloc(b->s->allocator, BLOCK_ROWS * m->size);
	bool ok = copy || amph__error_nomem(b->err);

	for (size_t at = 0; ok && at < n; at += BLOCK_ROWS) {
		size_t some = n - at < BLOCK_ROWS ? n - at : BLOCK_ROWS;

		memcpy(copy, rows + at * m->size, some * m->size);
		ok = complete(b, copy, some) && insert_rows(b, copy, some);
		amph__arena_reset(&b->s->flush_arena);
	}
	amph__free(b->s->allocator, copy);
	return ok;
}

/* As they are, in chunks that one statement may have; COPY takes all at once. */
static bool insert_straight(bulk *b, const char *rows, size_t n)
{
	bool chunks = b->s->conn->caps & AMPH_CAP_PIPELINE && !(b->s->conn->caps & AMPH_CAP_LOAD);
	size_t most = chunks ? BLOCK_ROWS : n;

	for (size_t at = 0; at < n; at += most) {
		size_t some = n - at < most ? n - at : most;

		if (!insert_rows(b, rows + at * b->m->size, some))
			return false;
		amph__arena_reset(&b->s->flush_arena);
	}
	return true;
}

static bool insert_many(amph_session *s, const amph_model *model, const void *rows, size_t n,
			const amph_select *how, amph_error *err)
{
	if (!amph__session_may_run(s, err))
		return false;
	bulk b = { .s = s, .m = amph__mapper_of(s->engine->registry, model, err), .err = err };
	if (!b.m || !amph__filter_of(&s->query, b.m, &b.filter, err))
		return false;
	if (how && how->only) {
		if (!named_columns(&b, how->only))
			return false;
	} else {
		for (size_t i = 0; i < b.m->n_columns; i++)
			amph__set_add(&b.given, i);
	}
	/* rows that wait may be those that these refer to */
	if (!n || !amph__run_bulk_event(s, b.m, AMPH_BEFORE_BULK_INSERT, NULL, err) ||
	    !amph__flush(s, err) || !amph__session_conn(s, err))
		return !n;
	plan(&b, rows, n);
	if (amph__set_is_empty(&b.columns))
		return amph__error_misuse(err, "amph_insert_many of %s: no column is given", model->name);
	s->wrote = true;
	bool ok = (b.copies ? insert_copies(&b, rows, n) : insert_straight(&b, rows, n)) &&
		  amph__run_bulk_event(s, b.m, AMPH_AFTER_BULK_INSERT, NULL, err);
	amph__arena_reset(&s->flush_arena);
	return ok;
}

bool amph_do_insert_many(amph_session *s, const amph_model *m, const void *rows, size_t n,
			 const amph_select *how)
{
	amph_error err;

	return insert_many(s, m, rows, n, how, &err) || amph__session_error(s, &err);
}
