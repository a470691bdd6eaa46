/* Rows that are read cell by cell, of raw SQL and of queries without a struct. All rows are
 * taken at once, so that the session may go on with other statements while they are read. */
#include "rows.h"
#include <string.h>

#define BLOCK_ROWS 64

static void *store_text(void *ctx, size_t size)
{
	return amph__arena_alloc(ctx, size);
}

/* Types that have no C form are read as their text; so are the arrays of raw SQL, which cells have no
 * other form for, whatever their dimensions. */
static uint8_t cell_type(const amph_sqltype *t, bool raw)
{
	int element = t->type & ~AMPH_T_ARRAY;

	if ((raw && t->type & AMPH_T_ARRAY) || element == AMPH_T_NONE || element >= AMPH_T_TSVECTOR ||
	    (element == AMPH_T_ENUM && !t->enumeration))
		return AMPH_T_TEXT;
	return t->type;
}

static bool lay_out(amph_rows *r, const amph_result *result, bool raw, amph_error *err)
{
	size_t at = 0;

	r->n_columns = result->n_columns;
	r->columns = AMPH_NEWS(&r->arena, amph_result_column, r->n_columns + 1);
	r->slots = AMPH_NEWS(&r->arena, amph_slot, r->n_columns + 1);
	if (!r->columns || !r->slots)
		return amph__error_nomem(err);
	for (size_t i = 0; i < r->n_columns; i++) {
		const amph_result_column *c = &result->columns[i];
		uint8_t type = cell_type(&c->type, raw);

		r->columns[i] = *c;
		r->columns[i].name = amph__arena_text(&r->arena, c->name, strlen(c->name));
		if (!r->columns[i].name)
			return amph__error_nomem(err);
		r->slots[i] = (amph_slot){ .type = type, .nullable = true, .offset = (uint32_t)at,
					   .enumeration = c->type.enumeration,
					   .name = r->columns[i].name };
		at += (amph_type_size(type, true) + 15) & ~(size_t)15;
	}
	r->row_size = at ? at : 16;
	return true;
}

static bool read_all(amph_rows *r, amph_result *result, amph_error *err)
{
	amph_shape shape = { r->n_columns, r->slots };
	amph_store store = { store_text, &r->arena };
	size_t cap = 0, got = 1;

	while (got) {
		if (!amph__grow(r->session->allocator, (void **)&r->rows, &cap, r->n + BLOCK_ROWS,
				r->row_size))
			return amph__error_nomem(err);
		memset(r->rows + r->n * r->row_size, 0, BLOCK_ROWS * r->row_size);
		if (!amph__fetch(r->session->conn, result, &shape, r->rows + r->n * r->row_size,
				 r->row_size, BLOCK_ROWS, &store, &got, err))
			return false;
		r->n += got;
	}
	return true;
}

amph_rows *amph__rows_new(amph_session *s, amph_error *err)
{
	amph_rows *r = amph__alloc_zero(s->allocator, sizeof *r);

	if (!r) {
		amph__error_nomem(err);
		return NULL;
	}
	r->session = s;
	r->affected = -1;
	amph__arena_init(&r->arena, s->allocator);
	amph__arena_init(&r->cells, s->allocator);
	r->next = s->rows;
	if (s->rows)
		s->rows->prev = r;
	s->rows = r;
	return r;
}

bool amph__rows_take(amph_rows *r, amph_result *result, bool raw, amph_error *err)
{
	r->affected = result->affected;
	amph__copy_text(r->command, sizeof r->command, result->tag);
	return !result->has_rows || (lay_out(r, result, raw, err) && read_all(r, result, err));
}

void amph__rows_free(amph_rows *r)
{
	if (!r)
		return;
	*(r->prev ? &r->prev->next : &r->session->rows) = r->next;
	if (r->next)
		r->next->prev = r->prev;
	amph__arena_clear(&r->arena);
	amph__arena_clear(&r->cells);
	amph__free(r->session->allocator, r->rows);
	amph__free(r->session->allocator, r);
}

amph_rows *amph__query_rows(amph_session *s, amph_query_op op, const amph_select *q, amph_error *err)
{
	const amph_compiled *c;
	amph_result result;
	amph_rows *r = amph__session_may_run(s, err) ? amph__rows_new(s, err) : NULL;

	if (!r || !amph__query_start(s, op, q, &c, &result, err)) {
		amph__rows_free(r);
		return NULL;
	}
	bool ok = amph__rows_take(r, &result, false, err);
	amph__query_done(s, c, &result);
	if (ok)
		return r;
	amph__rows_free(r);
	return NULL;
}

amph_rows *amph_do_rows(amph_session *s, const amph_select *q)
{
	amph_error err;
	amph_rows *r = amph__query_rows(s, AMPH_QUERY_PROJECT, q, &err);

	if (!r)
		amph__session_error(s, &err);
	return r;
}

/* ---- reading ---- */

bool amph_next(amph_rows *r)
{
	if (!r || r->failed)
		return false;
	amph__arena_reset(&r->cells);
	r->row = NULL;
	if (r->at >= r->n) {
		r->ended = true;
		return false;
	}
	r->row = r->rows + r->at++ * r->row_size;
	return true;
}

bool amph_ok(const amph_rows *r)
{
	return r && !r->failed;
}

bool amph_rows_close(amph_rows *r)
{
	bool ok = amph_ok(r);

	amph__rows_free(r);
	return ok;
}

int64_t amph_rows_affected(const amph_rows *r)
{
	return r ? r->affected : -1;
}

const char *amph_rows_command(const amph_rows *r)
{
	return r ? r->command : "";
}

size_t amph_rows_columns(const amph_rows *r)
{
	return r ? r->n_columns : 0;
}

const char *amph_rows_name(const amph_rows *r, size_t column)
{
	return r && column < r->n_columns ? r->columns[column].name : NULL;
}

amph_type amph_rows_type(const amph_rows *r, size_t column)
{
	if (!r || column >= r->n_columns)
		return AMPH_T_NONE;
	if (r->columns[column].type.type & AMPH_T_ARRAY &&
	    (r->columns[column].type.type & ~AMPH_T_ARRAY) < AMPH_T_COUNT)
		return (amph_type)r->columns[column].type.type;
	return (amph_type)r->slots[column].type;
}

const char *amph_rows_type_name(const amph_rows *rows, size_t column)
{
	amph_rows *r = (amph_rows *)(uintptr_t)rows;
	char name[160];

	if (!r || column >= r->n_columns)
		return NULL;
	if (r->columns[column].native_type && r->type_names)
		return r->type_names[column];
	amph_sqltype type = r->columns[column].type;
	bool varchar = (type.type & ~AMPH_T_ARRAY) == AMPH_T_TEXT && type.length;
	type.length = 0;
	const char *text = amph__type_name(type, name, sizeof name);
	if (varchar && type.scale == 1)
		text = type.type & AMPH_T_ARRAY ? "character[]" : "character";
	else if (varchar)
		text = type.type & AMPH_T_ARRAY ? "character varying[]" : "character varying";
	return amph__arena_text(&r->arena, text, strlen(text));
}

/* ---- cells ---- */

/* A wrong name or type is the reading program's mistake: it fails the rows, and is told by the
 * session, whose transaction goes on. */
static void fail_rows(const amph_rows *rows, const amph_error *err)
{
	amph_rows *r = (amph_rows *)(uintptr_t)rows;

	r->failed = true;
	if (!r->session->failed)
		r->session->error = *err;
}

/* Whether there is a row to read a cell of. */
static bool has_row(const amph_rows *r)
{
	amph_error err;

	if (!r || r->row || r->failed)
		return r && r->row;
	amph__error_misuse(&err, r->ended ? "there is no row: amph_next was false"
					  : "there is no row yet: call amph_next first");
	fail_rows(r, &err);
	return false;
}

/* The slot of a cell that is not NULL; NULL else. */
static const amph_slot *cell(const amph_rows *r, const char *column)
{
	amph_error err;

	if (!has_row(r))
		return NULL;
	for (size_t i = 0; column && i < r->n_columns; i++)
		if (!strcmp(r->columns[i].name, column))
			return amph__slot_is_null(&r->slots[i], r->row) ? NULL : &r->slots[i];
	if (column)
		amph__error(&err, "42703", "the rows have no column \"%s\"", column);
	else
		amph__error_misuse(&err, "the name of a column is NULL");
	fail_rows(r, &err);
	return NULL;
}

static void wrong_type(const amph_rows *r, const amph_slot *slot, const char *wanted)
{
	amph_error err;
	char name[64];

	amph__error(&err, "42804", "column \"%s\" is of type %s, not %s", slot->name,
		    amph__type_name((amph_sqltype){
			.type = (uint8_t)amph_rows_type(r, (size_t)(slot - r->slots)),
			.enumeration = slot->enumeration }, name, sizeof name), wanted);
	fail_rows(r, &err);
}

bool amph_cell_is_null(const amph_rows *r, const char *column)
{
	return !cell(r, column);
}

int64_t amph_cell_int64(const amph_rows *r, const char *column)
{
	const amph_slot *slot = cell(r, column);
	int64_t n = 0;
	amph_error err;

	if (!slot)
		return 0;
	if (slot->type >= AMPH_T_INT16 && slot->type <= AMPH_T_INT64)
		return amph__read_integer(slot, r->row);
	if (slot->type != AMPH_T_NUMERIC) {
		wrong_type(r, slot, "an integer");
	} else if (!amph_numeric_to_int64(*(const amph_numeric *)amph__slot_value(slot, r->row), &n,
					  &err) ||
		   amph_numeric_compare(*(const amph_numeric *)amph__slot_value(slot, r->row),
					amph_numeric_from_int64(n))) {
		wrong_type(r, slot, "a whole number that fits");
		n = 0;
	}
	return n;
}

double amph_cell_double(const amph_rows *r, const char *column)
{
	const amph_slot *slot = cell(r, column);
	const void *at = slot ? amph__slot_value(slot, r->row) : NULL;

	if (!slot)
		return 0;
	switch (slot->type) {
	case AMPH_T_FLOAT: return (double)*(const float *)at;
	case AMPH_T_DOUBLE: return *(const double *)at;
	case AMPH_T_NUMERIC: return amph_numeric_to_double(*(const amph_numeric *)at);
	case AMPH_T_INT16:
	case AMPH_T_INT32:
	case AMPH_T_INT64: return (double)amph__read_integer(slot, r->row);
	default: wrong_type(r, slot, "a number");
	}
	return 0;
}

amph_numeric amph_cell_numeric(const amph_rows *r, const char *column)
{
	const amph_slot *slot = cell(r, column);

	if (slot && slot->type == AMPH_T_NUMERIC)
		return *(const amph_numeric *)amph__slot_value(slot, r->row);
	if (slot && slot->type >= AMPH_T_INT16 && slot->type <= AMPH_T_INT64)
		return amph_numeric_from_int64(amph__read_integer(slot, r->row));
	if (slot)
		wrong_type(r, slot, "numeric");
	return (amph_numeric){ 0 };
}

static const char *slot_text(amph_rows *r, const amph_slot *slot)
{
	amph_buf b;
	amph_error err;

	if (!slot)
		return NULL;
	if (slot->type == AMPH_T_TEXT || slot->type == AMPH_T_JSON)
		return *(const char *const *)amph__slot_value(slot, r->row);
	amph__buf_init(&b, r->session->allocator);
	amph__slot_format(slot, r->row, &b);
	const char *text = b.failed ? NULL : amph__arena_text(&r->cells, amph__buf_text(&b), b.len);
	amph__buf_clear(&b);
	if (!text) {
		amph__error_nomem(&err);
		fail_rows(r, &err);
	}
	return text;
}

const char *amph_cell_text(const amph_rows *rows, const char *column)
{
	return slot_text((amph_rows *)(uintptr_t)rows, cell(rows, column));
}

const char *amph_cell_text_at(const amph_rows *rows, size_t column)
{
	amph_rows *r = (amph_rows *)(uintptr_t)rows;
	amph_error err;

	if (!has_row(r))
		return NULL;
	if (column < r->n_columns)
		return amph__slot_is_null(&r->slots[column], r->row) ? NULL
			: slot_text(r, &r->slots[column]);
	amph__error(&err, "42703", "the rows have no column %zu", column);
	fail_rows(r, &err);
	return NULL;
}

#define CELL(name, ctype, id, wanted)                                                     \
	ctype amph_cell_##name(const amph_rows *r, const char *column)                    \
	{                                                                                 \
		const amph_slot *slot = cell(r, column);                                  \
		ctype none = { 0 };                                                       \
		if (slot && slot->type == (id))                                           \
			return *(const ctype *)amph__slot_value(slot, r->row);            \
		if (slot)                                                                 \
			wrong_type(r, slot, wanted);                                      \
		return none;                                                              \
	}
CELL(bool, bool, AMPH_T_BOOL, "boolean")
CELL(bytes, amph_bytes, AMPH_T_BYTES, "bytea")
CELL(json, amph_json, AMPH_T_JSON, "jsonb")
CELL(uuid, amph_uuid, AMPH_T_UUID, "uuid")
CELL(date, amph_date, AMPH_T_DATE, "date")
CELL(time, amph_time, AMPH_T_TIME, "time")
CELL(timestamp, amph_timestamp, AMPH_T_TIMESTAMP, "timestamp")
CELL(timestamptz, amph_timestamptz, AMPH_T_TIMESTAMPTZ, "timestamptz")
CELL(interval, amph_interval, AMPH_T_INTERVAL, "interval")
