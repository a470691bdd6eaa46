/* Rows: which reader each column needs, kept with the statement for as long as the shape is the
 * same, and decoding straight into structs with one allocation for all that a row points to. */
#include "pg.h"
#include <endian.h>
#include <string.h>

enum { TYPMOD_HEADER = 4, NUMERIC_OID = 1700, VARCHAR_OID = 1043,
       VARCHAR_ARRAY_OID = 1015 };

/* Whether the type as we have it has the same name there. */
static bool is_named(uint32_t oid)
{
	int type = amph__pg_type_of_oid(oid);
	const pg_type *t = &amph__pg_types[type & ~AMPH_T_ARRAY];

	return oid == VARCHAR_OID || oid == VARCHAR_ARRAY_OID ||
	       (type != AMPH_T_NONE && (type & AMPH_T_ARRAY ? t->array_oid : t->oid) == oid);
}

static amph_sqltype described_type(const PGresult *res, int i)
{
	uint32_t oid = PQftype(res, i);
	int type = amph__pg_type_of_oid(oid), mod = PQfmod(res, i) - TYPMOD_HEADER;
	amph_sqltype out = { .type = (uint8_t)(type == AMPH_T_NONE ? AMPH_T_TEXT : type),
			     .nullable = true };

	if (oid == VARCHAR_OID || oid == VARCHAR_ARRAY_OID)
		out.length = mod > 0 ? mod : -1;
	if (oid == NUMERIC_OID && mod > 0) {
		out.length = mod >> 16;
		/* eleven bits with a sign */
		out.scale = (int16_t)(((mod & 0x7FF) ^ 1024) - 1024);
	}
	return out;
}

/* Columns that the server describes. Next time they come in binary, if all have a form in C: an array
 * may have dimensions that C has none for. */
static bool describe(pg_stmt *s, const PGresult *res, amph_result *result, amph_error *err)
{
	int n = PQnfields(res);
	bool known = true;
	void *columns = s->columns;

	if (!amph__grow(s->base.conn->engine->allocator, &columns, &s->columns_cap,
			n > 0 ? (size_t)n : 1, sizeof *s->columns))
		return amph__error_nomem(err);
	s->columns = columns;
	for (int i = 0; i < n; i++) {
		uint32_t oid = PQftype(res, i);

		known &= amph__pg_type_of_oid(oid) != AMPH_T_NONE &&
			 !(amph__pg_type_of_oid(oid) & AMPH_T_ARRAY);
		s->columns[i] = (amph_result_column){ .name = PQfname(res, i),
						      .type = described_type(res, i),
						      .native_type = is_named(oid) ? 0 : oid };
	}
	if (s->name)
		s->text = !known;
	result->n_columns = (size_t)n;
	result->columns = s->columns;
	return true;
}

bool amph__pg_describe(pg_stmt *s, const PGresult *res, amph_result *result, amph_error *err)
{
	const amph_code *code = s->base.code;

	if (s->described)
		return describe(s, res, result, err);
	if ((size_t)PQnfields(res) != code->n_columns)
		return amph__error(err, "42804", "the statement gave %d columns, %zu were expected; the "
				   "tables are not as the models say", PQnfields(res), code->n_columns);
	result->n_columns = code->n_columns;
	result->columns = code->columns;
	return true;
}

/* ---- plans ---- */

static bool same_slot(const amph_slot *a, const amph_slot *b)
{
	return a->type == b->type && a->nullable == b->nullable && a->offset == b->offset &&
	       a->enumeration == b->enumeration;
}

static bool same_slots(const pg_stmt *s, const amph_shape *shape)
{
	if (s->n_plan != shape->n_slots)
		return false;
	for (size_t i = 0; i < s->n_plan; i++)
		if (!same_slot(&s->plan[i].slot, &shape->slots[i]))
			return false;
	return true;
}

/* Names are those of the result at hand: the plan outlives it. */
static bool same_columns(pg_stmt *s, const PGresult *res)
{
	for (size_t i = 0; i < s->n_plan; i++) {
		pg_column *col = &s->plan[i];

		if (col->oid != PQftype(res, (int)i) || col->text == (PQfformat(res, (int)i) != 0))
			return false;
		if (s->described)
			col->name = PQfname(res, (int)i);
	}
	return true;
}

/* What a prepared statement gives stays as it is until it is prepared again. */
static bool plan_fits(pg_stmt *s, const PGresult *res, const amph_shape *shape)
{
	bool settled = s->name && !s->described && s->name->parses == s->plan_parses;

	return same_slots(s, shape) && (settled || same_columns(s, res));
}

static bool wrong_type(const pg_column *col, amph_error *err)
{
	char want[64], have[64] = "of a type that no program can hold";
	int server = amph__pg_type_of_oid(col->oid);

	if (server != AMPH_T_NONE)
		amph__type_name((amph_sqltype){ .type = (uint8_t)server }, have, sizeof have);
	return amph__error(err, "42804", "column \"%s\" is %s, but the program wants %s", col->name, have,
			   amph__type_name((amph_sqltype){ .type = col->slot.type,
							   .enumeration = col->slot.enumeration },
					   want, sizeof want));
}

static bool plan_column(pg_stmt *s, const PGresult *res, const amph_shape *shape, size_t i,
			amph_error *err)
{
	pg_conn *c = amph__pg_conn_of(s->base.conn);
	pg_column *col = &s->plan[i];
	int type = shape->slots[i].type & ~AMPH_T_NULLABLE;
	const pg_type *t = &amph__pg_types[type & ~AMPH_T_ARRAY];

	*col = (pg_column){ .slot = shape->slots[i],
			    .name = s->described ? PQfname(res, (int)i) : s->base.code->columns[i].name,
			    .oid = PQftype(res, (int)i), .text = !c->copying && !PQfformat(res, (int)i),
			    .scratch = &c->scratch,
			    .value_size = t->size };
	if (type & AMPH_T_ARRAY)
		col->value_size = sizeof(amph_text_array);
	else if (!t->is_pointer && col->slot.nullable)
		col->has_offset = t->has_offset;
	col->reader = amph__pg_reader(type, col->oid, col->text);
	if (!col->reader.type)
		return wrong_type(col, err);
	if (type & AMPH_T_ARRAY && !amph__pg_set_up_array(col, &s->plan[shape->n_slots + i]))
		return wrong_type(col, err);
	return true;
}

static bool make_plan(pg_stmt *s, const PGresult *res, const amph_shape *shape, amph_error *err)
{
	void *plan = s->plan;
	size_t n = shape->n_slots;

	s->n_plan = 0;
	if (n > (size_t)PQnfields(res))
		return amph__error(err, "42804", "the result has %d columns, %zu were asked for",
				   PQnfields(res), n);
	if (n == 0)
		return true;
	if (!amph__grow(s->base.conn->engine->allocator, &plan, &s->plan_cap, 2 * n, sizeof *s->plan))
		return amph__error_nomem(err);
	s->plan = plan;
	for (size_t i = 0; i < n; i++)
		if (!plan_column(s, res, shape, i, err))
			return false;
	s->n_plan = n;
	s->plan_parses = s->name ? s->name->parses : 0;
	return true;
}

/* ---- rows ---- */

static bool refuse_null(const pg_column *col, amph_error *err)
{
	return amph__error(err, "22002", "column \"%s\" is NULL, which member \"%s\" cannot hold; give it "
			   "an amph_opt_ type", col->name, col->slot.name ? col->slot.name : col->name);
}

static bool is_pointer(const pg_column *col)
{
	int type = col->slot.type & ~AMPH_T_NULLABLE;

	return type & AMPH_T_ARRAY || amph__pg_types[type].is_pointer;
}

/* NULL is all-zero. */
static bool decode_null(const pg_column *col, char *out, amph_error *err)
{
	if (!col->has_offset && !is_pointer(col))
		return refuse_null(col, err);
	memset(out, 0, col->value_size);
	if (col->has_offset)
		*(bool *)(out + col->has_offset) = false;
	return true;
}

/* Notes where the row's values are. */
static void locate(pg_column *plan, size_t n, const PGresult *res, int row)
{
	for (size_t i = 0; i < n; i++) {
		pg_column *col = &plan[i];
		int len = PQgetlength(res, row, (int)i);

		col->is_null = len == 0 && PQgetisnull(res, row, (int)i);
		col->data = PQgetvalue(res, row, (int)i);
		col->len = (size_t)len;
	}
}

/* The same of the fields that COPY sends, each behind its length. */
static bool locate_copied(pg_column *plan, size_t n, const char *at, size_t left, amph_error *err)
{
	for (size_t i = 0; i < n; i++) {
		pg_column *col = &plan[i];
		uint32_t len;

		if (left < sizeof len)
			return amph__error(err, "08P01", "a row came with too few columns");
		memcpy(&len, at, sizeof len);
		len = be32toh(len);
		left -= sizeof len;
		col->data = at += sizeof len;
		col->is_null = len == UINT32_MAX;
		col->len = col->is_null ? 0 : len;
		if (col->len > left)
			return amph__error(err, "08P01", "column \"%s\" came in part", col->name);
		at += col->len;
		left -= col->len;
	}
	return true;
}

/* How much store the values need together. */
static bool measure(pg_column *plan, size_t n, size_t *need, amph_error *err)
{
	*need = 0;
	for (size_t i = 0; i < n; i++) {
		pg_column *col = &plan[i];
		size_t room;

		if (col->is_null || !col->reader.room)
			continue;
		if (!col->reader.room(col, col->data, col->len, &room, err))
			return false;
		if (!amph__size_add(*need, room, need))
			return amph__error_nomem(err);
	}
	return true;
}

static bool malformed(const pg_column *col, amph_error *err)
{
	if (col->reader.type == AMPH_T_ENUM)
		return amph__error(err, "22P02", "column \"%s\" has a label that enum \"%s\" of the program "
				   "does not have", col->name,
				   col->slot.enumeration ? col->slot.enumeration->name : "?");
	/* the last thirty years of PostgreSQL's calendar are beyond 64 bits counted from 1970 */
	if (col->reader.type == AMPH_T_TIMESTAMP || col->reader.type == AMPH_T_TIMESTAMPTZ)
		return amph__error(err, "22008", "column \"%s\" is later than a program can hold", col->name);
	return amph__error(err, "08P01", "column \"%s\" came in an unknown form", col->name);
}

static bool decode_row(const pg_column *plan, size_t n, char *dest, char *store, amph_error *err)
{
	for (size_t i = 0; i < n; i++) {
		const pg_column *col = &plan[i];
		char *out = dest + col->slot.offset;

		if (col->is_null) {
			if (!decode_null(col, out, err))
				return false;
			continue;
		}
		if (!col->reader.get)
			store = col->reader.fill(col, col->data, col->len, out, store);
		else if (!col->reader.get(col, col->data, col->len, out))
			return malformed(col, err);
		if (col->has_offset)
			*(bool *)(out + col->has_offset) = true;
	}
	return true;
}

/* The row whose values were located. */
static bool fetch_row(pg_stmt *s, char *dest, const amph_store *store, amph_error *err)
{
	size_t need;
	char *memory = NULL;

	if (!measure(s->plan, s->n_plan, &need, err))
		return false;
	if (store)
		memory = store->alloc(store->ctx, need);
	if (need && !memory)
		return amph__error_nomem(err);
	return decode_row(s->plan, s->n_plan, dest, memory, err);
}

/* The next row of a stream; result->native NULL at its end. */
static bool advance_stream(pg_conn *c, amph_result *result, amph_error *err)
{
	PGresult *next;
	bool ok = amph__pg_stream_next(c, &next, err);

	if (result->native != c->stream_head)
		PQclear(result->native);
	result->native = next;
	result->at = 0;
	result->n = next ? 1 : 0;
	return ok;
}

/* Locates the next row; *any false: there is none. */
static bool next_row(pg_conn *c, pg_stmt *s, amph_result *result, bool *any, amph_error *err)
{
	const char *row;
	size_t len;

	*any = false;
	if (c->copying) {
		if (!amph__pg_copy_next(c, &row, &len, err))
			return false;
		*any = row != NULL;
		return !row || locate_copied(s->plan, s->n_plan, row, len, err);
	}
	if (result->at == result->n && c->streaming && !advance_stream(c, result, err))
		return false;
	*any = result->at < result->n;
	if (*any)
		locate(s->plan, s->n_plan, result->native, (int)result->at++);
	return true;
}

static bool fetch_rows(pg_conn *c, amph_result *result, char *dest, size_t stride, size_t max,
		       const amph_store *store, size_t *n_rows, amph_error *err)
{
	pg_stmt *s = (pg_stmt *)(void *)result->stmt;
	bool any;

	for (; *n_rows < max; ++*n_rows) {
		if (!next_row(c, s, result, &any, err))
			return false;
		if (!any)
			return true;
		if (!fetch_row(s, dest + *n_rows * stride, store, err))
			return false;
		if (c->scratch.used || c->scratch.failed)
			amph__arena_reset(&c->scratch);
	}
	return true;
}

bool amph__pg_fetch(amph_conn *conn, amph_result *result, const amph_shape *shape, void *dest,
		    size_t stride, size_t max, const amph_store *store, size_t *n_rows,
		    amph_error *err)
{
	pg_conn *c = amph__pg_conn_of(conn);
	pg_stmt *s = (pg_stmt *)(void *)result->stmt;
	const PGresult *res = result->native;

	*n_rows = 0;
	if (c->streaming && !amph__pg_same_process(c))
		return amph__error(err, "08003", "a stream of the parent process cannot be read after fork");
	if (!result->has_rows)
		return amph__error_misuse(err, "the statement gives no rows that could be fetched");
	if (!res || !max)
		return true;
	if (!plan_fits(s, res, shape) && !make_plan(s, res, shape, err))
		return false;
	return fetch_rows(c, result, dest, stride, max, store, n_rows, err);
}
