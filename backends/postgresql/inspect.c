/* What is in the schema: tables, columns, constraints, indexes, enums, sequences, each as the server
 * prints it. */
#include "pg.h"
#include <string.h>

/* All queries have the same columns: table, name, type, definition, NOT NULL, identity, unique, kind
 * of constraint, schema. Of the user's schemas; the first of the search path is the connection's. */
#define NAMESPACE(oid) " JOIN pg_catalog.pg_namespace n ON n.oid = " oid                                  \
	" AND n.nspname NOT LIKE E'pg\\\\_%' AND n.nspname <> 'information_schema'"
#define SCHEMA "nullif(n.nspname, current_schema())"
#define NOTHING "false, false, false, '', " SCHEMA
#define ORDER " ORDER BY n.nspname <> current_schema(), n.nspname COLLATE \"C\", "

static const struct { amph_inspected_kind kind; const char *sql; } queries[] = {
	{ AMPH_INSPECTED_ENUM,
	  "SELECT NULL, t.typname, NULL, (SELECT pg_catalog.string_agg(e.enumlabel, E'\\n'"
	  " ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid), " NOTHING
	  " FROM pg_catalog.pg_type t" NAMESPACE("t.typnamespace") " WHERE t.typtype = 'e'"
	  ORDER "t.typname COLLATE \"C\"" },
	{ AMPH_INSPECTED_TABLE,
	  "SELECT c.relname, c.relname, NULL, NULL, " NOTHING " FROM pg_catalog.pg_class c"
	  NAMESPACE("c.relnamespace") " WHERE c.relkind IN ('r', 'p')" ORDER "c.relname COLLATE \"C\"" },
	{ AMPH_INSPECTED_COLUMN,
	  "SELECT c.relname, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),"
	  " CASE a.attgenerated WHEN 's' THEN 'GENERATED ALWAYS AS ('"
	  " || pg_catalog.pg_get_expr(d.adbin, d.adrelid) || ') STORED'"
	  " ELSE pg_catalog.pg_get_expr(d.adbin, d.adrelid) END,"
	  " a.attnotnull, a.attidentity <> '', false, '', " SCHEMA
	  " FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid"
	  NAMESPACE("c.relnamespace")
	  " LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
	  " WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p')"
	  ORDER "c.relname COLLATE \"C\", a.attnum" },
	{ AMPH_INSPECTED_CONSTRAINT,
	  "SELECT c.relname, k.conname, NULL, pg_catalog.pg_get_constraintdef(k.oid), false, false,"
	  " k.contype IN ('p', 'u'), k.contype, " SCHEMA
	  " FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid"
	  NAMESPACE("c.relnamespace")
	  " WHERE k.contype IN ('p', 'u', 'f', 'c') AND c.relkind IN ('r', 'p')"
	  ORDER "c.relname COLLATE \"C\","
	  " pg_catalog.strpos('pufc', k.contype::pg_catalog.text), k.conname COLLATE \"C\"" },
	{ AMPH_INSPECTED_INDEX,
	  "SELECT c.relname, i.relname, NULL, pg_catalog.pg_get_indexdef(i.oid), false, false,"
	  " x.indisunique, CASE WHEN x.indisunique THEN 'i' ELSE '' END, " SCHEMA
	  " FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class c ON c.oid = x.indrelid"
	  " JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid" NAMESPACE("c.relnamespace")
	  " WHERE c.relkind IN ('r', 'p') AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k"
	  "  WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x'))"
	  ORDER "c.relname COLLATE \"C\", i.relname COLLATE \"C\"" },
	{ AMPH_INSPECTED_SEQUENCE,
	  "SELECT t.relname, s.relname, pg_catalog.format_type(q.seqtypid, NULL), a.attname, false,"
	  " d.deptype IS NOT DISTINCT FROM 'i', false, '', " SCHEMA
	  " FROM pg_catalog.pg_sequence q JOIN pg_catalog.pg_class s ON s.oid = q.seqrelid"
	  NAMESPACE("s.relnamespace")
	  " LEFT JOIN pg_catalog.pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i')"
	  "  AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjsubid > 0"
	  " LEFT JOIN pg_catalog.pg_class t ON t.oid = d.refobjid"
	  " LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid"
	  ORDER "s.relname COLLATE \"C\"" },
};

static const char *text_at(const PGresult *res, int row, int column)
{
	return PQgetisnull(res, row, column) ? NULL : PQgetvalue(res, row, column);
}

static bool true_at(const PGresult *res, int row, int column)
{
	return *PQgetvalue(res, row, column) == 't';
}

/* false where the callback has had enough. */
static bool report(const PGresult *res, amph_inspected_kind kind, amph_inspect_fn *each, void *ctx)
{
	for (int row = 0; row < PQntuples(res); row++) {
		amph_inspected object = {
			.kind = kind, .table = text_at(res, row, 0), .name = text_at(res, row, 1),
			.type = text_at(res, row, 2), .definition = text_at(res, row, 3),
			.not_null = true_at(res, row, 4), .identity = true_at(res, row, 5),
			.unique = true_at(res, row, 6), .constraint_kind = *PQgetvalue(res, row, 7),
			.schema = PQnfields(res) > 8 ? text_at(res, row, 8) : NULL
		};

		if (!each(ctx, &object))
			return false;
	}
	return true;
}

bool amph__pg_inspect(amph_conn *conn, amph_inspect_fn *each, void *ctx, amph_error *err)
{
	pg_conn *c = amph__pg_conn_of(conn);

	if (!amph__pg_usable(c, err))
		return false;
	if (c->n_pending)
		return amph__error_misuse(err, "an inspection within a flight");
	for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
		PGresult *res = amph__pg_run(c, queries[i].sql, err);

		if (!res)
			return false;
		bool more = report(res, queries[i].kind, each, ctx);
		PQclear(res);
		if (!more)
			break;
	}
	return true;
}
