/* Which of several violated unique keys PostgreSQL would report: the one created first. SQLite
 * reports the one that it checks last.
 *
 * For each key created before the reported one, an INSERT is run again, made to update a row that
 * violates this key and to do nothing about one that violates another, with its rows up to the
 * one that failed: an update then tells. An UPDATE is run again as UPDATE OR REPLACE: what becomes of
 * the row that failed is looked for among the others. */
#include "constraint.h"
#include "../../src/base/ascii.h"
#include "words.h"
#include <string.h>

enum { SL_KEY_MAX = 32 };       /* columns of an index, in PostgreSQL */

/* ---- INSERT ---- */

typedef struct watch {
	int64_t inserts;
	bool updated;
} watch;

static void note(void *ctx, int op, const char *schema, const char *table, sqlite3_int64 rowid)
{
	watch *w = ctx;

	(void)schema, (void)table, (void)rowid;
	w->inserts += op == SQLITE_INSERT;
	w->updated |= op == SQLITE_UPDATE;
}

/* INSERT INTO t (a) | VALUES (1), (2) | ON CONFLICT ... RETURNING ... */
typedef struct insert_parts {
	const char *source, *conflict, *returning, *end;
} insert_parts;

static bool split_insert(const amph_code *code, insert_parts *out)
{
	static const char *const insert[] = { "INSERT" }, *const source[] = { "VALUES", "SELECT", "WITH" },
		*const tail[] = { "RETURNING", "CONFLICT" };
	size_t which = 0;
	const char *at = amph__sl_find_word(code->sql, insert, 1, NULL);

	out->end = code->sql + code->sql_len;
	while (out->end > code->sql && (amph__is_space(out->end[-1]) || out->end[-1] == ';'))
		out->end--;
	out->source = at ? amph__sl_find_word(at, source, 3, NULL) : NULL;
	if (!out->source)
		return false;
	at = amph__sl_find_word(out->source, tail, 2, &which);
	out->conflict = out->returning = at ? at : out->end;
	if (at && which == 1) {
		/* ON stands before it */
		out->conflict = memrchr(out->source, 'N', (size_t)(at - out->source));
		out->conflict = out->conflict ? out->conflict - 1 : at;
		at = amph__sl_find_word(at, tail, 1, NULL);
		out->returning = at ? at : out->end;
	}
	return true;
}

static sqlite3_stmt *prepare_probe(sl_conn *conn, const sl_stmt *stmt,
				   const amph_constraint_name *key, int64_t rows)
{
	const char *sql = stmt->base.code->sql;
	sqlite3_stmt *native = NULL;
	insert_parts p;

	if (!split_insert(stmt->base.code, &p))
		return NULL;
	/* what a clause of its own skips or updates is not in the count */
	if (p.conflict != p.returning)
		rows = -1;
	sqlite3_str *out = sqlite3_str_new(conn->db);
	sqlite3_str_append(out, sql, (int)(p.source - sql));
	sqlite3_str_appendf(out, "SELECT * FROM (%.*s) LIMIT %lld ", (int)(p.conflict - p.source),
			    p.source, (long long)rows);
	sqlite3_str_append(out, p.conflict, (int)(p.returning - p.conflict));
	sqlite3_str_appendall(out, " ON CONFLICT (");
	for (const char *const *c = key->columns; *c; c++)
		sqlite3_str_appendf(out, "%s\"%w\"", c == key->columns ? "" : ", ", *c);
	sqlite3_str_appendf(out, ") DO UPDATE SET \"%w\" = \"%w\" ON CONFLICT DO NOTHING %.*s",
			    key->columns[0], key->columns[0], (int)(p.end - p.returning),
			    p.returning);
	char *text = sqlite3_str_finish(out);
	if (text)
		sqlite3_prepare_v2(conn->db, text, -1, &native, NULL);
	sqlite3_free(text);
	return native;
}

static bool insert_violates(sl_conn *conn, sl_stmt *stmt, const amph_constraint_name *key,
			    int64_t rows)
{
	watch w = { 0, false };
	sqlite3_stmt *native = prepare_probe(conn, stmt, key, rows);

	if (native && amph__sl_rebind(stmt, native) == SQLITE_OK) {
		amph__sl_probe(conn, native, note, &w);
		amph__sl_probe_end(conn);
	}
	sqlite3_finalize(native);
	return w.updated;
}

/* ---- UPDATE ---- */

/* The row that an UPDATE failed at, as it would have become. */
typedef struct new_row {
	int64_t updates_before;
	int64_t rowid;
	bool found;
} new_row;

static void count_update(void *ctx, int op, const char *schema, const char *table,
			 sqlite3_int64 rowid)
{
	(void)schema, (void)table, (void)rowid;
	*(int64_t *)ctx += op == SQLITE_UPDATE;
}

static void note_row(void *ctx, int op, const char *schema, const char *table, sqlite3_int64 rowid)
{
	new_row *row = ctx;

	(void)schema, (void)table;
	if (op == SQLITE_UPDATE && row->updates_before-- == 0) {
		row->rowid = rowid;
		row->found = true;
	}
}

static sqlite3_stmt *prepare_replace(sl_conn *conn, const sl_stmt *stmt)
{
	static const char *const update[] = { "UPDATE" };
	const char *sql = stmt->base.code->sql;
	const char *at = amph__sl_find_word(sql, update, 1, NULL);
	sqlite3_stmt *native = NULL;
	char *text = at ? sqlite3_mprintf("%.*sUPDATE OR REPLACE%s", (int)(at - sql), sql, at + 6) : NULL;

	if (text)
		sqlite3_prepare_v2(conn->db, text, -1, &native, NULL);
	sqlite3_free(text);
	return native;
}

static char *table_text(const amph_constraint_name *key)
{
	return key->schema ? sqlite3_mprintf("main.\"%w.%w\"", key->schema, key->table)
			   : sqlite3_mprintf("main.\"%w\"", key->table);
}

static sqlite3_stmt *prepare_text(sl_conn *conn, char *text)
{
	sqlite3_stmt *stmt = NULL;

	if (text)
		sqlite3_prepare_v2(conn->db, text, -1, &stmt, NULL);
	sqlite3_free(text);
	return stmt;
}

/* The key's values in the row, kept beyond the end of the probe. false: there are none. */
static bool keep_values(sl_conn *conn, const amph_constraint_name *key, int64_t rowid,
			sqlite3_value **values, size_t *n)
{
	char *table = table_text(key);
	sqlite3_str *sql = sqlite3_str_new(conn->db);
	bool ok = table != NULL;

	for (const char *const *c = key->columns; *c; c++)
		sqlite3_str_appendf(sql, "%s\"%w\"", c == key->columns ? "SELECT " : ", ", *c);
	sqlite3_str_appendf(sql, " FROM %s WHERE rowid = %lld", table ? table : "", (long long)rowid);
	sqlite3_free(table);
	sqlite3_stmt *stmt = prepare_text(conn, sqlite3_str_finish(sql));
	ok = ok && stmt && sqlite3_step(stmt) == SQLITE_ROW;
	for (*n = 0; ok && *n < SL_KEY_MAX && *n < (size_t)sqlite3_column_count(stmt); ++*n)
		values[*n] = sqlite3_value_dup(sqlite3_column_value(stmt, (int)*n));
	sqlite3_finalize(stmt);
	return ok;
}

static bool others_have(sl_conn *conn, const amph_constraint_name *key, int64_t rowid,
			sqlite3_value *const *values, size_t n)
{
	char *table = table_text(key);
	sqlite3_str *sql = sqlite3_str_new(conn->db);

	sqlite3_str_appendf(sql, "SELECT 1 FROM %s WHERE rowid <> %lld", table ? table : "",
			    (long long)rowid);
	for (size_t i = 0; i < n; i++)
		sqlite3_str_appendf(sql, " AND \"%w\" = ?%d", key->columns[i], (int)i + 1);
	sqlite3_free(table);
	sqlite3_stmt *stmt = prepare_text(conn, sqlite3_str_finish(sql));
	for (size_t i = 0; stmt && i < n; i++)
		sqlite3_bind_value(stmt, (int)i + 1, values[i]);
	bool found = stmt && sqlite3_step(stmt) == SQLITE_ROW;
	sqlite3_finalize(stmt);
	return found;
}

static bool update_violates(sl_conn *conn, sl_stmt *stmt, const amph_constraint_name *key,
			    int64_t updates_before)
{
	sqlite3_value *values[SL_KEY_MAX] = { NULL };
	new_row row = { .updates_before = updates_before };
	sqlite3_stmt *native = prepare_replace(conn, stmt);
	size_t n = 0;
	bool kept = false;

	if (native && amph__sl_rebind(stmt, native) == SQLITE_OK) {
		amph__sl_probe(conn, native, note_row, &row);
		kept = row.found && keep_values(conn, key, row.rowid, values, &n);
		amph__sl_probe_end(conn);
	}
	sqlite3_finalize(native);
	bool violated = kept && others_have(conn, key, row.rowid, values, n);
	for (size_t i = 0; i < n; i++)
		sqlite3_value_free(values[i]);
	return violated;
}

/* ---- both ---- */

static const amph_constraint_name *reported_key(const amph_schema *schema, const amph_error *err)
{
	for (size_t i = 0; schema && i < schema->n; i++) {
		const amph_constraint_name *c = &schema->constraints[i];

		if (amph__sl_is_key(c) && !strcmp(c->name, err->constraint) && !strcmp(c->table, err->table))
			return c;
	}
	return NULL;
}

static bool same_table(const amph_constraint_name *a, const amph_constraint_name *b)
{
	return !strcmp(a->table, b->table) &&
	       (a->schema && b->schema ? !strcmp(a->schema, b->schema) : a->schema == b->schema);
}

/* How many rows went well before the one that failed. */
static int64_t rows_before(sl_conn *conn, sl_stmt *stmt, bool is_insert)
{
	watch w = { 0, false };
	int64_t updates = 0;

	if (is_insert)
		amph__sl_probe(conn, stmt->native, note, &w);
	else
		amph__sl_probe(conn, stmt->native, count_update, &updates);
	amph__sl_probe_end(conn);
	return is_insert ? w.inserts : updates;
}

void amph__sl_name_first_unique(sl_conn *conn, sl_stmt *stmt, amph_error *err)
{
	const amph_schema *schema = amph__sl_schema(conn);
	const amph_constraint_name *reported = reported_key(schema, err);
	bool is_insert = !strcmp(stmt->tag, "INSERT");
	int native_code = err->native_code;
	int64_t before = -1;

	if (!reported || (!is_insert && strcmp(stmt->tag, "UPDATE")))
		return;
	for (const amph_constraint_name *c = schema->constraints; c < reported; c++) {
		if (!amph__sl_is_key(c) || !c->columns || !*c->columns || !same_table(c, reported))
			continue;
		if (before < 0)
			before = rows_before(conn, stmt, is_insert);
		if (is_insert ? insert_violates(conn, stmt, c, before + 1)
			      : update_violates(conn, stmt, c, before)) {
			amph__sl_set_key(c->table, c->name, err);
			err->native_code = native_code;
			return;
		}
	}
}
