/* Running a statement again to see what it violates, and the names of unique keys. */
#include "constraint.h"
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
	conn->probing = true;
	conn->replayed = 0;
	while ((rc = sqlite3_step(native)) == SQLITE_ROW)
		continue;
	sqlite3_reset(native);
	conn->probing = false;
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

bool amph__sl_is_key(const amph_constraint_name *c)
{
	return c->kind == 'p' || c->kind == 'u' || c->kind == 'i';
}

static const amph_constraint_name *key_of(const amph_schema *schema, const char *what)
{
	for (size_t i = 0; schema && i < schema->n; i++) {
		const amph_constraint_name *c = &schema->constraints[i];

		if (amph__sl_is_key(c) && c->columns && *c->columns && says_columns(what, c))
			return c;
	}
	return NULL;
}

void amph__sl_default_name(char *out, size_t size, const char *table, const char *columns,
			   const char *suffix)
{
	snprintf(out, size, "%s%s%s_%s", table, *columns ? "_" : "", columns, suffix);
}

void amph__sl_set_key(const char *table, const char *name, amph_error *err)
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
	amph__sl_set_key(amph__sl_plain_table(table), name, err);
}

void amph__sl_set_unique(sl_conn *conn, int rc, const char *what, amph_error *err)
{
	const amph_schema *schema = amph__sl_schema(conn);
	char name[64];

	if (!strncmp(what, "index '", 7)) {
		amph__copy_text(name, sizeof name, what + 7);
		name[strcspn(name, "'")] = '\0';
		const char *table = NULL;
		for (size_t i = 0; schema && i < schema->n && !table; i++)
			if (!strcmp(schema->constraints[i].name, name))
				table = schema->constraints[i].table;
		amph__sl_set_key(table, name, err);
		return;
	}
	const amph_constraint_name *key = key_of(schema, what);
	if (key) {
		amph__sl_set_key(key->table, key->name, err);
		return;
	}
	set_unknown_key(conn, what, rc != SQLITE_CONSTRAINT_UNIQUE, err);
}
