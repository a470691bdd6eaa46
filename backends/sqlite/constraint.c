/* Unique keys: their names, and which of several violated ones PostgreSQL would report. */
#include "constraint.h"
#include "words.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* ---- running a statement again ----
 * Foreign keys are checked at its end in any case: what it would do is what matters here. */

int amph__sl_probe(sl_conn *conn, sqlite3_stmt *native, sl_touch_fn *hook, void *ctx)
{
	int rc = amph__sl_run(conn, "SAVEPOINT amphora_probe");

	if (rc != SQLITE_OK)
		return rc;
	/* SQLite then prepares the statement anew, with its arguments */
	rc = amph__sl_pragma_is(conn, "PRAGMA defer_foreign_keys", "1", &conn->probe_deferred);
	if (rc == SQLITE_OK)
		rc = amph__sl_run(conn, "PRAGMA defer_foreign_keys=ON");
	if (rc != SQLITE_OK)
		return rc;
	/* an interrupted statement would take the whole transaction with it */
	sqlite3_progress_handler(conn->db, 0, NULL, NULL);
	sqlite3_update_hook(conn->db, hook, ctx);
	while ((rc = sqlite3_step(native)) == SQLITE_ROW)
		continue;
	sqlite3_reset(native);
	sqlite3_update_hook(conn->db, NULL, NULL);
	amph__sl_watch(conn);
	return rc;
}

void amph__sl_probe_end(sl_conn *conn)
{
	if (!conn->probe_deferred)
		amph__sl_run(conn, "PRAGMA defer_foreign_keys=OFF");
	amph__sl_run(conn, "ROLLBACK TO amphora_probe; RELEASE amphora_probe");
}

/* ---- names ---- */

const char *amph__sl_plain_table(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot ? dot + 1 : name;
}

/* Bytes of the table's name at the start of text, 0 where it is another. */
static size_t table_at(const char *text, const char *schema, const char *table)
{
	size_t len = strlen(table), schema_len = schema ? strlen(schema) : 0;

	if (schema && (strncmp(text, schema, schema_len) || text[schema_len++] != '.'))
		return 0;
	return strncmp(text + schema_len, table, len) ? 0 : schema_len + len;
}

bool amph__sl_is_table(const char *name, const char *schema, const char *table)
{
	size_t len = table_at(name, schema, table);

	return len && !name[len];
}

/* Whether SQLite would say "table.a, table.b" of a key's columns. */
static bool says_columns(const char *what, const amph_constraint_name *key)
{
	for (const char *const *c = key->columns; *c; c++) {
		size_t table_len = table_at(what, key->schema, key->table), len = strlen(*c);

		if (!table_len || what[table_len] != '.' || strncmp(what + table_len + 1, *c, len))
			return false;
		what += table_len + 1 + len;
		if (c[1] && strncmp(what, ", ", 2))
			return false;
		what += c[1] ? 2 : 0;
	}
	return !*what;
}

static bool is_key(const amph_constraint_name *c)
{
	return c->kind == 'p' || c->kind == 'u' || c->kind == 'i';
}

static const amph_constraint_name *key_of(const amph_schema *schema, const char *what)
{
	for (size_t i = 0; schema && i < schema->n; i++) {
		const amph_constraint_name *c = &schema->constraints[i];

		if (is_key(c) && c->columns && *c->columns && says_columns(what, c))
			return c;
	}
	return NULL;
}

void amph__sl_default_name(char *out, size_t size, const char *table, const char *columns,
			   const char *suffix)
{
	snprintf(out, size, "%s%s%s_%s", table, *columns ? "_" : "", columns, suffix);
}

static void set_names(const char *table, const char *name, amph_error *err)
{
	amph__error(err, "23505", "duplicate key value violates unique constraint \"%s\"", name);
	amph__error_names(err, table, NULL, name);
}

/* An index that the database itself names and whose columns read as what. */
static const char index_sql[] =
	"SELECT il.name FROM pragma_index_list(?1) il WHERE il.origin = 'c' AND il.\"unique\" AND "
	"(SELECT group_concat(?1 || '.' || ii.name, ', ') FROM pragma_index_info(il.name) ii) = ?2";

static bool index_of(sl_conn *conn, const char *table, const char *what, char *out, size_t size)
{
	sqlite3_stmt *stmt = NULL;
	bool found = false;

	if (sqlite3_prepare_v2(conn->db, index_sql, -1, &stmt, NULL) != SQLITE_OK)
		return false;
	sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, what, -1, SQLITE_STATIC);
	if (sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_text(stmt, 0)) {
		amph__copy_text(out, size, (const char *)sqlite3_column_text(stmt, 0));
		found = true;
	}
	sqlite3_finalize(stmt);
	return found;
}

/* For a table that is in no model: the index's name, or the one that PostgreSQL would give. */
static void set_unknown_key(sl_conn *conn, const char *what, bool primary, amph_error *err)
{
	char table[128], name[160], columns[128] = "";
	const char *dot = what + strcspn(what, ",");

	while (dot > what && *dot != '.')
		dot--;
	size_t len = (size_t)(dot - what) < sizeof table ? (size_t)(dot - what) : sizeof table - 1;
	memcpy(table, what, len);
	table[len] = '\0';
	for (const char *p = what; *p && !primary; ) {
		const char *end = p + strcspn(p, ",");
		size_t used = strlen(columns), skip = len + 1;

		snprintf(columns + used, sizeof columns - used, "%s%.*s", used ? "_" : "",
			 (size_t)(end - p) > skip ? (int)((size_t)(end - p) - skip) : 0, p + skip);
		p = *end ? end + 2 : end;
	}
	if (primary || !index_of(conn, table, what, name, sizeof name))
		amph__sl_default_name(name, sizeof name, amph__sl_plain_table(table), columns,
				      primary ? "pkey" : "key");
	set_names(amph__sl_plain_table(table), name, err);
}

void amph__sl_set_unique(sl_conn *conn, const char *what, amph_error *err)
{
	const amph_schema *schema = conn->base.engine->schema;
	char name[64];

	if (!strncmp(what, "index '", 7)) {
		amph__copy_text(name, sizeof name, what + 7);
		name[strcspn(name, "'")] = '\0';
		const char *table = NULL;
		for (size_t i = 0; schema && i < schema->n && !table; i++)
			if (!strcmp(schema->constraints[i].name, name))
				table = schema->constraints[i].table;
		set_names(table, name, err);
		return;
	}
	const amph_constraint_name *key = key_of(schema, what);
	if (key) {
		set_names(key->table, key->name, err);
		return;
	}
	int code = sqlite3_extended_errcode(conn->db);
	set_unknown_key(conn, what, code != SQLITE_CONSTRAINT_UNIQUE, err);
}

/* ---- the first of several ----
 * For each key created before the one that SQLite reports: the INSERT is run again, made to
 * update a row that violates this key and to do nothing about one that violates another, with
 * its rows up to the one that failed. An update then tells. */

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
	while (out->end > code->sql && (isspace((unsigned char)out->end[-1]) || out->end[-1] == ';'))
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

/* How many rows the statement reads up to the one that fails. */
static int64_t rows_to_failure(sl_conn *conn, sl_stmt *stmt)
{
	watch w = { 0, false };

	amph__sl_probe(conn, stmt->native, note, &w);
	amph__sl_probe_end(conn);
	return w.inserts + 1;
}

static bool violates(sl_conn *conn, sl_stmt *stmt, const amph_constraint_name *key, int64_t rows)
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

static const amph_constraint_name *reported_key(const amph_schema *schema, const amph_error *err)
{
	for (size_t i = 0; schema && i < schema->n; i++) {
		const amph_constraint_name *c = &schema->constraints[i];

		if (is_key(c) && !strcmp(c->name, err->constraint) && !strcmp(c->table, err->table))
			return c;
	}
	return NULL;
}

static bool same_table(const amph_constraint_name *a, const amph_constraint_name *b)
{
	return !strcmp(a->table, b->table) &&
	       (a->schema && b->schema ? !strcmp(a->schema, b->schema) : a->schema == b->schema);
}

void amph__sl_name_first_unique(sl_conn *conn, sl_stmt *stmt, amph_error *err)
{
	const amph_schema *schema = conn->base.engine->schema;
	const amph_constraint_name *reported = reported_key(schema, err);
	int native_code = err->native_code;
	int64_t rows = 0;

	if (!reported || strcmp(stmt->tag, "INSERT"))
		return;
	for (const amph_constraint_name *c = schema->constraints; c < reported; c++) {
		if (!is_key(c) || !c->columns || !*c->columns || !same_table(c, reported))
			continue;
		if (!rows)
			rows = rows_to_failure(conn, stmt);
		if (violates(conn, stmt, c, rows)) {
			set_names(c->table, c->name, err);
			err->native_code = native_code;
			return;
		}
	}
}
