/* What is in the database, in PostgreSQL's words. SQLite knows tables, columns, keys; what it has
 * no place for (types, names of constraints, PostgreSQL's text of defaults and checks, enums) is
 * in the table amphora_catalog, whose rows README.md lists. A table that is not mentioned there
 * came from elsewhere: its types and names are the nearest that PostgreSQL has. */
#include "sl.h"
#include <string.h>

#define CATALOG "WITH cat AS (SELECT kind, tbl, name, text, rowid AS n FROM main.amphora_catalog), "
#define NO_CATALOG "WITH cat AS (SELECT NULL AS kind, NULL AS tbl, NULL AS name, NULL AS text, " \
	"0 AS n WHERE 0), "
#define TABLES "tab AS (SELECT name, rowid AS n FROM main.sqlite_schema WHERE type = 'table' AND " \
	"substr(name, 1, 7) <> 'sqlite_' AND substr(name, 1, 8) <> 'amphora_') "
#define IDENT(x) "CASE WHEN " x " GLOB '[a-z_]*' AND " x " NOT GLOB '*[^a-z0-9_]*' THEN " x \
	" ELSE printf('\"%w\"', " x ") END"
#define UNKNOWN_TABLE "tab.name NOT IN (SELECT tbl FROM cat WHERE tbl IS NOT NULL) "

/* Columns of each: table, name, type, definition, not null, identity, unique, constraint's kind. */
typedef struct inspect_query {
	amph_inspected_kind kind;
	const char *sql;
} inspect_query;
static const inspect_query queries[] = {
	{ AMPH_INSPECTED_ENUM,
	  "SELECT NULL, name, NULL, text, 0, 0, 0, NULL FROM cat WHERE kind = 'enum' ORDER BY n" },
	{ AMPH_INSPECTED_TABLE,
	  "SELECT name, name, NULL, NULL, 0, 0, 0, NULL FROM tab ORDER BY n" },
	{ AMPH_INSPECTED_COLUMN,
	  "SELECT tab.name, x.name, coalesce((SELECT text FROM cat WHERE kind = 'column' AND "
	  "tbl = tab.name AND cat.name = x.name), CASE upper(x.type) WHEN 'INT' THEN 'bigint' "
	  "WHEN 'INTEGER' THEN 'bigint' WHEN 'REAL' THEN 'double precision' WHEN 'BLOB' THEN 'bytea' "
	  "WHEN '' THEN 'bytea' ELSE lower(x.type) END), coalesce((SELECT text FROM cat WHERE kind IN "
	  "('default', 'computed') AND tbl = tab.name AND cat.name = x.name), x.dflt_value), "
	  "x.\"notnull\" OR x.pk > 0, x.pk = 1 AND upper(x.type) = 'INTEGER' AND (SELECT count(*) FROM "
	  "pragma_table_xinfo(tab.name) o WHERE o.pk > 0) = 1, 0, NULL "
	  "FROM tab, pragma_table_xinfo(tab.name) x ORDER BY tab.n, x.cid" },
	{ AMPH_INSPECTED_CONSTRAINT,
	  "SELECT tbl, name, NULL, text, 0, 0, kind IN ('p', 'u'), kind FROM cat "
	  "WHERE kind IN ('p', 'u', 'f', 'c') AND tbl IN (SELECT name FROM tab) ORDER BY n" },
	{ AMPH_INSPECTED_CONSTRAINT,
	  "SELECT tab.name, tab.name || '_pkey', NULL, 'PRIMARY KEY (' || (SELECT group_concat(c, ', ') "
	  "FROM (SELECT " IDENT("x.name") " AS c FROM pragma_table_xinfo(tab.name) x WHERE x.pk > 0 "
	  "ORDER BY x.pk)) || ')', 0, 0, 1, 'p' FROM tab WHERE EXISTS (SELECT 1 FROM "
	  "pragma_table_xinfo(tab.name) x WHERE x.pk > 0) AND " UNKNOWN_TABLE "ORDER BY tab.n" },
	{ AMPH_INSPECTED_CONSTRAINT,
	  "SELECT tab.name, tab.name || '_' || (SELECT group_concat(ii.name, '_') FROM "
	  "pragma_index_info(il.name) ii) || '_key', NULL, 'UNIQUE (' || (SELECT group_concat("
	  IDENT("ii.name") ", ', ') FROM pragma_index_info(il.name) ii) || ')', 0, 0, 1, 'u' "
	  "FROM tab, pragma_index_list(tab.name) il WHERE il.origin = 'u' AND " UNKNOWN_TABLE
	  "ORDER BY tab.n, il.seq DESC" },
	{ AMPH_INSPECTED_CONSTRAINT,
	  "SELECT t, t || '_' || group_concat(f, '_') || '_fkey', NULL, 'FOREIGN KEY (' || "
	  "group_concat(" IDENT("f") ", ', ') || ') REFERENCES ' || max(" IDENT("target") ") || '(' || "
	  "group_concat(" IDENT("o") ", ', ') || ')' || "
	  "CASE max(u) WHEN 'NO ACTION' THEN '' ELSE ' ON UPDATE ' || max(u) END || "
	  "CASE max(d) WHEN 'NO ACTION' THEN '' ELSE ' ON DELETE ' || max(d) END, 0, 0, 0, 'f' FROM "
	  "(SELECT tab.name AS t, tab.n AS n, k.id AS id, k.\"from\" AS f, k.\"table\" AS target, "
	  "coalesce(k.\"to\", (SELECT p.name FROM pragma_table_info(k.\"table\") p WHERE p.pk = k.seq + 1)) "
	  "AS o, k.on_update AS u, k.on_delete AS d FROM tab, pragma_foreign_key_list(tab.name) k WHERE "
	  UNKNOWN_TABLE "ORDER BY tab.n, k.id DESC, k.seq) GROUP BY t, id ORDER BY min(n), id DESC" },
	{ AMPH_INSPECTED_INDEX,
	  "SELECT m.tbl_name, m.name, NULL, coalesce((SELECT text FROM cat WHERE kind = 'index' AND "
	  "cat.name = m.name), m.sql), 0, 0, (SELECT il.\"unique\" FROM pragma_index_list(m.tbl_name) il "
	  "WHERE il.name = m.name), NULL FROM main.sqlite_schema m, tab WHERE m.type = 'index' AND "
	  "m.sql IS NOT NULL AND tab.name = m.tbl_name ORDER BY tab.n, m.rowid" },
	{ AMPH_INSPECTED_SEQUENCE,
	  "SELECT tab.name, s.name, NULL, s.last, 0, 0, 0, NULL FROM tab, main.amphora_sequence s WHERE "
	  "substr(s.name, 1, length(tab.name) + 1) = tab.name || '.' AND "
	  "instr(substr(s.name, length(tab.name) + 2), '.') = 0 ORDER BY tab.n" },
};

static const char *text_of(sqlite3_stmt *stmt, int i)
{
	return (const char *)sqlite3_column_text(stmt, i);
}

static bool report(sqlite3_stmt *stmt, amph_inspected_kind kind, amph_inspect_fn *each, void *ctx)
{
	const char *constraint = text_of(stmt, 7);
	const amph_inspected object = {
		.kind = kind,
		.table = text_of(stmt, 0),
		.name = text_of(stmt, 1),
		.type = text_of(stmt, 2),
		.definition = text_of(stmt, 3),
		.not_null = sqlite3_column_int(stmt, 4),
		.identity = sqlite3_column_int(stmt, 5),
		.unique = sqlite3_column_int(stmt, 6),
		.constraint_kind = constraint ? *constraint : 0,
	};

	return each(ctx, &object);
}

static int run_query(sl_conn *conn, const inspect_query *q, bool has_catalog, amph_inspect_fn *each,
		     void *ctx, bool *stopped)
{
	char *sql = sqlite3_mprintf("%s%s%s", has_catalog ? CATALOG : NO_CATALOG, TABLES,
				    q->sql);
	sqlite3_stmt *stmt = NULL;
	int rc = sql ? sqlite3_prepare_v2(conn->db, sql, -1, &stmt, NULL) : SQLITE_NOMEM;

	sqlite3_free(sql);
	if (rc != SQLITE_OK)
		return rc;
	while (!*stopped && sqlite3_step(stmt) == SQLITE_ROW)
		*stopped = !report(stmt, q->kind, each, ctx);
	rc = sqlite3_finalize(stmt);
	return *stopped ? SQLITE_OK : rc;
}

static int has_table(sl_conn *conn, const char *name, bool *has)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(conn->db, "SELECT 1 FROM main.sqlite_schema WHERE type = 'table' "
				    "AND name = ?1", -1, &stmt, NULL);

	*has = false;
	if (rc != SQLITE_OK)
		return rc;
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	*has = sqlite3_step(stmt) == SQLITE_ROW;
	return sqlite3_finalize(stmt);
}

/* ---- the catalogue as it is ---- */

static int read_version(sl_conn *conn, const char *sql, uint32_t *out)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(conn->db, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
		*out = (uint32_t)sqlite3_column_int64(stmt, 0);
	int end = sqlite3_finalize(stmt);
	return rc == SQLITE_OK ? end : rc;
}

static int read_entries(sl_conn *conn, const char *sql, bool temporary, amph_catalog_fn *each,
			void *ctx)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(conn->db, sql, -1, &stmt, NULL);
	bool go_on = true;

	while (rc == SQLITE_OK && go_on && sqlite3_step(stmt) == SQLITE_ROW)
		go_on = each(ctx, &(amph_catalog_entry){ .kind = text_of(stmt, 0),
							 .table = text_of(stmt, 1),
							 .name = text_of(stmt, 2),
							 .text = text_of(stmt, 3),
							 .temporary = temporary });
	int end = sqlite3_finalize(stmt);
	return rc == SQLITE_OK ? end : rc;
}

bool amph__sl_has_temporary(sl_conn *conn)
{
	return sqlite3_table_column_metadata(conn->db, "temp", "amphora_temp_catalog", NULL, NULL, NULL,
					     NULL, NULL, NULL) == SQLITE_OK;
}

bool amph__sl_catalog(amph_conn *base, uint64_t *version, bool *changed, amph_catalog_fn *each,
		      void *ctx, amph_error *err)
{
	sl_conn *conn = (sl_conn *)base;
	uint32_t main_version = 0, temp_version = 0;
	bool has_catalog = false;

	if (!amph__sl_same_process((const sl_engine *)base->engine))
		return amph__sl_wrong_process(err);
	amph__sl_begin_statement(conn);
	int rc = read_version(conn, "PRAGMA main.schema_version", &main_version);
	if (rc == SQLITE_OK)
		rc = read_version(conn, "PRAGMA temp.schema_version", &temp_version);
	uint64_t now = (uint64_t)temp_version << 32 | main_version;
	*changed = rc == SQLITE_OK && now != *version;
	if (*changed)
		rc = has_table(conn, "amphora_catalog", &has_catalog);
	if (rc == SQLITE_OK && *changed && has_catalog)
		rc = read_entries(conn, "SELECT kind, tbl, name, text FROM main.amphora_catalog "
				  "ORDER BY rowid", false, each, ctx);
	if (rc == SQLITE_OK && *changed && amph__sl_has_temporary(conn))
		rc = read_entries(conn, "SELECT kind, tbl, name, text FROM temp.amphora_temp_catalog "
				  "ORDER BY rowid", true, each, ctx);
	if (rc == SQLITE_OK)
		*version = now;
	return rc == SQLITE_OK ? true : amph__sl_error(conn, rc, NULL, err);
}

bool amph__sl_inspect(amph_conn *base, amph_inspect_fn *each, void *ctx, amph_error *err)
{
	sl_conn *conn = (sl_conn *)base;
	bool has_catalog, has_sequences, stopped = false;

	if (!amph__sl_same_process((const sl_engine *)base->engine))
		return amph__sl_wrong_process(err);
	amph__sl_begin_statement(conn);
	int rc = has_table(conn, "amphora_catalog", &has_catalog);
	if (rc == SQLITE_OK)
		rc = has_table(conn, "amphora_sequence", &has_sequences);
	for (size_t i = 0; rc == SQLITE_OK && i < sizeof queries / sizeof *queries && !stopped; i++)
		if (queries[i].kind != AMPH_INSPECTED_SEQUENCE || has_sequences)
			rc = run_query(conn, &queries[i], has_catalog, each, ctx, &stopped);
	return rc == SQLITE_OK ? true : amph__sl_error(conn, rc, NULL, err);
}
