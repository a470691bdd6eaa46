/* Unique keys: their names, and which of several violated ones PostgreSQL would report. */
#include "constraint.h"
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

/* Whether SQLite would say "table.a, table.b" of these columns. */
static bool says_columns(const char *what, const char *table, const char *const *columns)
{
	size_t table_len = strlen(table);

	for (const char *const *c = columns; *c; c++) {
		size_t len = strlen(*c);

		if (strncmp(what, table, table_len) || what[table_len] != '.' ||
		    strncmp(what + table_len + 1, *c, len))
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

		if (is_key(c) && c->columns && *c->columns && says_columns(what, c->table, c->columns))
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
	char table[64], name[160], columns[128] = "";
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
		amph__sl_default_name(name, sizeof name, table, columns, primary ? "pkey" : "key");
	set_names(table, name, err);
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

/* ---- the first of several ---- */

/* Where ON CONFLICT may go: before RETURNING outside parentheses and quotes, else the end. */
static size_t conflict_place(const char *sql, size_t len)
{
	int depth = 0;
	char quote = 0;

	for (size_t i = 0; i < len; i++) {
		char c = sql[i];

		if (quote) {
			quote = c == quote ? 0 : quote;
			continue;
		}
		if (c == '\'' || c == '"')
			quote = c;
		depth += c == '(' ? 1 : c == ')' ? -1 : 0;
		if (!depth && isspace((unsigned char)c) && len - i > 10 &&
		    !sqlite3_strnicmp(sql + i + 1, "RETURNING ", 10))
			return i;
	}
	while (len && (isspace((unsigned char)sql[len - 1]) || sql[len - 1] == ';'))
		len--;
	return len;
}

/* The statement, made to update a row that violates the key and to do nothing about one that
 * violates another. SELECT without WHERE needs one, or ON would belong to its FROM. */
static sqlite3_stmt *prepare_probe(sl_conn *conn, const sl_stmt *stmt,
				   const amph_constraint_name *key, const char *where)
{
	const amph_code *code = stmt->base.code;
	size_t place = conflict_place(code->sql, code->sql_len);
	sqlite3_str *sql = sqlite3_str_new(conn->db);
	sqlite3_stmt *native = NULL;

	sqlite3_str_appendf(sql, "%.*s%s ON CONFLICT (", (int)place, code->sql, where);
	for (const char *const *c = key->columns; *c; c++)
		sqlite3_str_appendf(sql, "%s\"%w\"", c == key->columns ? "" : ", ", *c);
	sqlite3_str_appendf(sql, ") DO UPDATE SET \"%w\" = \"%w\" ON CONFLICT DO NOTHING%.*s",
			    key->columns[0], key->columns[0], (int)(code->sql_len - place),
			    code->sql + place);
	char *text = sqlite3_str_finish(sql);
	if (text)
		sqlite3_prepare_v2(conn->db, text, -1, &native, NULL);
	sqlite3_free(text);
	return native;
}

static void note_update(void *ctx, int op, const char *schema, const char *table,
			sqlite3_int64 rowid)
{
	(void)schema, (void)table, (void)rowid;
	if (op == SQLITE_UPDATE)
		*(bool *)ctx = true;
}

static bool violates(sl_conn *conn, sl_stmt *stmt, const amph_constraint_name *key)
{
	bool updated = false;
	sqlite3_stmt *native = prepare_probe(conn, stmt, key, " WHERE true");

	if (!native)
		native = prepare_probe(conn, stmt, key, "");
	if (native && amph__sl_rebind(stmt, native) == SQLITE_OK) {
		amph__sl_probe(conn, native, note_update, &updated);
		amph__sl_probe_end(conn);
	}
	sqlite3_finalize(native);
	return updated;
}

/* Rows behind the one that failed must not be looked at: their violations come later. */
static void cut_rowsets(sl_stmt *stmt)
{
	for (size_t i = 0; i < stmt->n_rowsets; i++)
		if (stmt->rowsets[i].n_rows > stmt->rowsets[i].last + 1)
			stmt->rowsets[i].n_rows = stmt->rowsets[i].last + 1;
}

void amph__sl_name_first_unique(sl_conn *conn, sl_stmt *stmt, amph_error *err)
{
	const amph_schema *schema = conn->base.engine->schema;
	int native_code = err->native_code;

	if (strcmp(stmt->tag, "INSERT") || !schema)
		return;
	cut_rowsets(stmt);
	for (size_t i = 0; i < schema->n; i++) {
		const amph_constraint_name *c = &schema->constraints[i];

		if (!is_key(c) || strcmp(c->table, err->table))
			continue;
		if (!strcmp(c->name, err->constraint))
			return;
		if (c->columns && *c->columns && violates(conn, stmt, c)) {
			set_names(c->table, c->name, err);
			err->native_code = native_code;
			return;
		}
	}
}
