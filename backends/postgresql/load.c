/* Fast paths for many rows: COPY in binary from the caller's structs, where the catalogue shows
 * that it does what INSERT would, and numbers from the sequence of a column. */
#include "pg.h"
#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 64 * 1024, IDS_AT_ONCE = 8192 };

/* A name in double quotes. */
static void add_name(amph_buf *b, const char *name, size_t len)
{
	amph__buf_putc(b, '"');
	for (size_t i = 0; i < len; i++) {
		if (name[i] == '"')
			amph__buf_putc(b, '"');
		amph__buf_putc(b, name[i]);
	}
	amph__buf_putc(b, '"');
}

/* The two things that a table's name may mean: a name, and a schema's with a name. */
typedef struct pg_table_names {
	const char *plain, *qualified;
	amph_buf both;
} pg_table_names;

static bool make_names(pg_conn *c, const char *table, pg_table_names *out, amph_error *err)
{
	const char *dot = strchr(table, '.');
	amph_buf *b = &out->both;

	amph__buf_init(b, c->base.engine->allocator);
	add_name(b, table, strlen(table));
	size_t split = b->len + 1;
	amph__buf_add(b, "", 1);
	if (dot) {
		add_name(b, table, (size_t)(dot - table));
		amph__buf_putc(b, '.');
		table = dot + 1;
	}
	add_name(b, table, strlen(table));
	if (b->failed) {
		amph__buf_clear(b);
		return amph__error_nomem(err);
	}
	out->plain = b->text;
	out->qualified = b->text + split;
	return true;
}

/* ---- load ---- */

/* $1 and $2 the names, $3 columns, $4 their types, 0 for an enum's. The name to copy to, or NULL
 * where COPY is not allowed, or would not do what INSERT does. */
static const char check_sql[] =
	"SELECT CASE WHEN c.relkind = 'r' AND NOT c.relrowsecurity"
	" AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t"
	"  WHERE t.tgrelid = c.oid AND NOT t.tgisinternal)"
	" AND NOT EXISTS (SELECT FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid)"
	" AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a"
	"  WHERE a.attrelid = c.oid AND a.attgenerated <> '' AND NOT a.attisdropped)"
	" AND pg_catalog.has_table_privilege(c.oid, 'INSERT')"
	" AND (SELECT pg_catalog.count(*)"
	"  FROM ROWS FROM (pg_catalog.unnest($3::pg_catalog.text[]),"
	"   pg_catalog.unnest($4::pg_catalog.oid[])) AS q(name, type)"
	"  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = q.name"
	"   AND a.attnum > 0 AND NOT a.attisdropped AND a.attidentity <> 'a'"
	"  JOIN pg_catalog.pg_type y ON y.oid = a.atttypid"
	"  CROSS JOIN LATERAL (SELECT CASE WHEN y.typtype = 'd' THEN y.typbasetype ELSE y.oid END) AS b(oid)"
	"  WHERE b.oid = q.type OR q.type = 25 AND b.oid = 1043 OR q.type = 0 AND y.typtype = 'e')"
	" = pg_catalog.cardinality($3::pg_catalog.text[])"
	" THEN c.oid::pg_catalog.regclass::pg_catalog.text END"
	" FROM pg_catalog.pg_class c"
	" WHERE c.oid = coalesce(pg_catalog.to_regclass($1), pg_catalog.to_regclass($2))";

/* The columns as text of two arrays, names and types; together they are the table's key. */
static bool column_arrays(const char *const *columns, const amph_sqltype *types, size_t n,
			  amph_buf *names, amph_buf *oids)
{
	amph__buf_putc(names, '{');
	amph__buf_putc(oids, '{');
	for (size_t i = 0; i < n; i++) {
		int type = types[i].type & ~AMPH_T_NULLABLE & ~AMPH_T_ARRAY;
		const pg_type *t = &amph__pg_types[type];
		bool array = types[i].type & AMPH_T_ARRAY;

		if (i) {
			amph__buf_putc(names, ',');
			amph__buf_putc(oids, ',');
		}
		amph__buf_escape(names, columns[i]);
		/* an array of an enum has items whose type only the server knows: no column matches */
		amph__buf_printf(oids, "%u", array && type == AMPH_T_ENUM ? 1u :
				 array ? t->array_oid : t->oid);
	}
	amph__buf_putc(names, '}');
	amph__buf_putc(oids, '}');
	return !names->failed && !oids->failed;
}

static pg_table *find_table(pg_conn *c, const char *key)
{
	for (pg_table *t = c->tables; t; t = t->next)
		if (!strcmp(t->key, key))
			return t;
	return NULL;
}

static void table_free(const amph_allocator *a, pg_table *t)
{
	if (!t)
		return;
	amph__free(a, t->key);
	amph__free(a, t->copy_sql);
	amph__free(a, t);
}

void amph__pg_tables_clear(pg_conn *c)
{
	while (c->tables) {
		pg_table *t = c->tables;

		c->tables = t->next;
		table_free(c->base.engine->allocator, t);
	}
}

static char *copy_text(pg_conn *c, const char *table, const char *const *columns, size_t n)
{
	amph_buf b;

	amph__buf_init(&b, c->base.engine->allocator);
	amph__buf_printf(&b, "COPY %s (", table);
	for (size_t i = 0; i < n; i++) {
		if (i)
			amph__buf_puts(&b, ", ");
		add_name(&b, columns[i], strlen(columns[i]));
	}
	amph__buf_puts(&b, ") FROM STDIN (FORMAT binary)");
	char *text = b.failed ? NULL : amph__strdup(c->base.engine->allocator, b.text);
	amph__buf_clear(&b);
	return text;
}

static pg_table *new_table(pg_conn *c, const char *key, const PGresult *res,
			   const char *const *columns, size_t n)
{
	const amph_allocator *a = c->base.engine->allocator;
	bool allowed = PQntuples(res) == 1 && !PQgetisnull(res, 0, 0);
	pg_table *t = amph__alloc_zero(a, sizeof *t);

	if (!t)
		return NULL;
	t->key = amph__strdup(a, key);
	t->copy_sql = allowed ? copy_text(c, PQgetvalue(res, 0, 0), columns, n) : NULL;
	if (!t->key || (allowed && !t->copy_sql)) {
		table_free(a, t);
		return NULL;
	}
	t->next = c->tables;
	c->tables = t;
	return t;
}

static pg_table *ask_table(pg_conn *c, const char *table, const char *const *columns, size_t n,
			   const char *key, const char *const arrays[2], amph_error *err)
{
	pg_table_names names;
	PGresult *res;

	if (!make_names(c, table, &names, err))
		return NULL;
	const char *values[4] = { names.plain, names.qualified, arrays[0], arrays[1] };
	res = amph__pg_query(c, check_sql, 4, values, err);
	amph__buf_clear(&names.both);
	if (!res)
		return NULL;
	pg_table *t = new_table(c, key, res, columns, n);
	PQclear(res);
	if (!t)
		amph__error_nomem(err);
	return t;
}

/* What is known of the table, or found out now and kept. */
static pg_table *look_up(pg_conn *c, const char *table, const char *const *columns,
			 const amph_sqltype *types, size_t n, amph_error *err)
{
	amph_buf names, oids, key;
	pg_table *t = NULL;

	amph__buf_init(&names, c->base.engine->allocator);
	amph__buf_init(&oids, c->base.engine->allocator);
	amph__buf_init(&key, c->base.engine->allocator);
	if (!column_arrays(columns, types, n, &names, &oids)) {
		amph__error_nomem(err);
		goto done;
	}
	amph__buf_printf(&key, "%s\n%s\n%s", table, names.text, oids.text);
	if (key.failed) {
		amph__error_nomem(err);
		goto done;
	}
	t = find_table(c, key.text);
	if (!t)
		t = ask_table(c, table, columns, n, key.text,
			      (const char *const[]){ names.text, oids.text }, err);
done:
	amph__buf_clear(&names);
	amph__buf_clear(&oids);
	amph__buf_clear(&key);
	return t;
}

/* Sends what is in c->out. All of it: libpq would keep whatever a server that is slow does not take yet. */
static bool put_data(pg_conn *c, amph_error *err)
{
	int put;

	while (c->out.len &&
	       (put = PQputCopyData(c->pq, c->out.text, (int)c->out.len)) != 1) {
		if (put < 0)
			return amph__pg_error_lost(c, err);
		if (!amph__pg_wait(c, POLLIN | POLLOUT, err))
			return false;
		if (!PQconsumeInput(c->pq))
			return amph__pg_error_lost(c, err);
	}
	amph__buf_reset(&c->out);
	return amph__pg_flush(c, err);
}

/* abandon: the reason why the server is to forget all rows; NULL: they were all. */
static bool put_end(pg_conn *c, const char *abandon, amph_error *err)
{
	int put;

	while ((put = PQputCopyEnd(c->pq, abandon)) == 0)
		if (!amph__pg_wait(c, POLLIN | POLLOUT, err) || !PQconsumeInput(c->pq))
			return c->base.broken ? false : amph__pg_error_lost(c, err);
	return put > 0 || amph__pg_error_lost(c, err);
}

static bool put_row(pg_conn *c, const amph_arg *rows, const char *row, amph_error *err)
{
	char head[2] = { (char)(rows->n_slots >> 8), (char)rows->n_slots };

	amph__buf_add(&c->out, head, sizeof head);
	for (size_t i = 0; i < rows->n_slots; i++)
		if (!amph__pg_append(c, &rows->slots[i], row, err))
			return false;
	return !c->out.failed || amph__error_nomem(err);
}

static bool put_rows(pg_conn *c, const amph_arg *rows, amph_error *err)
{
	static const char head[19] = "PGCOPY\n\377\r\n";        /* no flags, no extension */

	amph__buf_reset(&c->out);
	amph__buf_add(&c->out, head, sizeof head);
	for (size_t i = 0; i < rows->n_rows; i++) {
		const char *row = rows->rows ? rows->rows[i]
					     : (const char *)rows->base + i * rows->stride;

		if (!put_row(c, rows, row, err))
			return false;
		if (c->out.len >= CHUNK && !put_data(c, err))
			return false;
		/* digits of large numerics */
		if (c->scratch.used > CHUNK)
			amph__arena_reset(&c->scratch);
	}
	amph__buf_add(&c->out, "\377\377", 2);
	if (c->out.failed)
		return amph__error_nomem(err);
	return put_data(c, err);
}

/* The answer to a COPY that ended. */
static bool read_answer(pg_conn *c, int64_t *affected, amph_error *err)
{
	PGresult *res;
	bool ok = true;

	for (;;) {
		if (!amph__pg_next(c, &res, err))
			return false;
		if (!res)
			return ok;
		if (PQresultStatus(res) == PGRES_COMMAND_OK)
			*affected = strtoll(PQcmdTuples(res), NULL, 10);
		else if (ok)
			ok = amph__pg_error_of(c, res, err);
		PQclear(res);
		if (PQstatus(c->pq) == CONNECTION_BAD)
			return ok && amph__pg_error_lost(c, err);
	}
}

static bool copy_rows(pg_conn *c, const pg_table *t, const amph_arg *rows, int64_t *affected,
		      amph_error *err)
{
	PGresult *res;
	amph_error after;       /* the first error is the one to tell */

	if (!PQsendQuery(c->pq, t->copy_sql))
		return amph__pg_error_lost(c, err);
	if (!amph__pg_next(c, &res, err))
		return false;
	if (PQresultStatus(res) != PGRES_COPY_IN) {
		amph__pg_error_of(c, res, err);
		PQclear(res);
		read_answer(c, affected, &after);
		return false;
	}
	PQclear(res);
	if (put_rows(c, rows, err))
		return put_end(c, NULL, err) && read_answer(c, affected, err);
	if (!c->base.broken && put_end(c, "a value cannot be sent", &after))
		read_answer(c, affected, &after);
	return false;
}

bool amph__pg_load(amph_conn *conn, const char *table, const char *const *columns,
		   const amph_sqltype *types, const amph_arg *rows, bool *done, int64_t *affected,
		   amph_error *err)
{
	pg_conn *c = amph__pg_conn_of(conn);

	*done = false;
	*affected = 0;
	if (!conn->engine->options.fast_paths || !rows->n_slots)
		return true;
	if (!amph__pg_usable(c, err))
		return false;
	if (c->n_pending)
		return amph__error_misuse(err, "rows loaded within a flight");
	c->tx_open = PQtransactionStatus(c->pq) != PQTRANS_IDLE;
	pg_table *t = look_up(c, table, columns, types, rows->n_slots, err);
	if (!t)
		return false;
	if (!t->copy_sql)
		return true;
	c->tx_used = true;
	if (copy_rows(c, t, rows, affected, err)) {
		*done = true;
		return true;
	}
	if (err && conn->broken && !c->tx_open)
		err->outcome = AMPH_UNKNOWN;
	return false;
}

/* ---- take_ids ---- */

/* A sequence that may not be used gives NULL: an error of the server would fail the transaction. */
static const char ids_sql[] =
	"SELECT CASE WHEN s.allowed THEN pg_catalog.nextval(s.seq) END"
	" FROM (SELECT q.seq, pg_catalog.has_sequence_privilege(q.seq, 'USAGE') AS allowed"
	"  FROM (SELECT pg_catalog.pg_get_serial_sequence("
	"   coalesce(pg_catalog.to_regclass($1), pg_catalog.to_regclass($2))::pg_catalog.text, $3"
	"   )::pg_catalog.regclass AS seq OFFSET 0) AS q OFFSET 0) AS s,"
	" pg_catalog.generate_series(1::pg_catalog.int8, $4)";

static const amph_sqltype text_type = { .type = AMPH_T_TEXT };
static const amph_sqltype int64_type = { .type = AMPH_T_INT64 };
static const amph_param ids_params[4] = {
	{ AMPH_PARAM_VALUE, 1, &text_type }, { AMPH_PARAM_VALUE, 1, &text_type },
	{ AMPH_PARAM_VALUE, 1, &text_type }, { AMPH_PARAM_VALUE, 1, &int64_type }
};
static const amph_result_column ids_column = { .name = "nextval", .type = { .type = AMPH_T_INT64 } };

void amph__pg_load_init(pg_conn *c)
{
	amph_hash128 h = amph__hash128(ids_sql, sizeof ids_sql - 1);

	c->ids_code = (amph_code){ .sql = ids_sql, .sql_len = sizeof ids_sql - 1,
				   .hash = { h.lo, h.hi }, .flags = AMPH_CODE_ROWS, .n_params = 4,
				   .params = ids_params, .n_columns = 1, .columns = &ids_column };
	c->ids_stmt.base.conn = &c->base;
	c->ids_stmt.base.code = &c->ids_code;
}

void amph__pg_load_clear(pg_conn *c)
{
	amph__pg_finalize(&c->ids_stmt.base);
	amph__pg_tables_clear(c);
}

static bool take_block(pg_conn *c, const amph_arg args[4], size_t n, int64_t *ids, amph_error *err)
{
	static const amph_slot slot = { .type = AMPH_T_INT64, .name = "id" };
	static const amph_shape shape = { 1, &slot };
	amph_result result;
	size_t got = 0;

	if (!amph__pg_submit(&c->ids_stmt.base, args, false, err) ||
	    !amph__pg_collect(&c->base, &result, err))
		return false;
	bool ok = amph__pg_fetch(&c->base, &result, &shape, ids, sizeof *ids, n, NULL, &got, err);
	amph__pg_finish(&c->base, &result);
	if (ok && got == n)
		return true;
	if (c->base.broken)
		return false;
	return amph__error(err, "42501", "there is no sequence behind the column, or no privilege to use it");
}

bool amph__pg_take_ids(amph_conn *conn, const char *table, const char *column, size_t n,
		       int64_t *ids, amph_error *err)
{
	static const amph_slot text = { .type = AMPH_T_TEXT, .name = "name" };
	static const amph_slot number = { .type = AMPH_T_INT64, .name = "number" };
	pg_conn *c = amph__pg_conn_of(conn);
	pg_table_names names;
	int64_t count;
	bool ok = true;

	if (!amph__pg_usable(c, err))
		return false;
	if (c->n_pending)
		return amph__error_misuse(err, "ids taken within a flight");
	if (!c->ids_stmt.oids && !amph__pg_prepare(&c->ids_stmt.base, err))
		return false;
	if (!make_names(c, table, &names, err))
		return false;
	const amph_arg args[4] = {
		{ 1, 1, 0, &text, &names.plain, NULL }, { 1, 1, 0, &text, &names.qualified, NULL },
		{ 1, 1, 0, &text, &column, NULL }, { 1, 1, 0, &number, &count, NULL }
	};
	for (size_t at = 0; ok && at < n; at += (size_t)count) {
		count = n - at < IDS_AT_ONCE ? (int64_t)(n - at) : IDS_AT_ONCE;
		ok = take_block(c, args, (size_t)count, ids + at, err);
	}
	amph__buf_clear(&names.both);
	if (!ok)
		amph__error_names(err, table, column, NULL);
	return ok;
}
