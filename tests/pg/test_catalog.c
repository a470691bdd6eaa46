/* The catalogue against the server's: every row is there with the same arguments, result and
 * volatility, every cast in the same context, and no row is missing. */
#include "../support/suite.h"
#include "src/model/value.h"
#include "src/sql/catalog/catalog.h"
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static PGconn *conn;

static void run(const char *sql)
{
	PGresult *r = PQexec(conn, sql);

	ck_assert_msg(PQresultStatus(r) == PGRES_COMMAND_OK, "%s: %s", sql, PQerrorMessage(conn));
	PQclear(r);
}

static void open_conn(void)
{
	conn = PQconnectdb(getenv("DATABASE_URL"));
	ck_assert_msg(PQstatus(conn) == CONNECTION_OK, "%s", PQerrorMessage(conn));
	run("SET client_min_messages = error");
	run("BEGIN");
	run("CREATE EXTENSION IF NOT EXISTS pg_trgm");
}

static void close_conn(void)
{
	PQfinish(conn);
}

static PGresult *ask(const char *sql, int n, const char *const *values)
{
	PGresult *r = PQexecParams(conn, sql, n, NULL, values, NULL, NULL, 0);

	ck_assert_msg(PQresultStatus(r) == PGRES_TUPLES_OK, "%s: %s", sql, PQerrorMessage(conn));
	return r;
}

static const char *type_name(int type)
{
	static const char *const others[] = { "any",
					      "anyelement",
					      "anyarray",
					      "anyenum",
					      "anynonarray",
					      "anycompatible",
					      "anycompatiblearray",
					      "anycompatiblenonarray",
					      "record",
					      "regconfig",
					      "regclass",
					      "char",
					      "bit",
					      "xid",
					      "macaddr",
					      "anyrange",
					      "anymultirange",
					      "record",
					      "regtype" };
	int base = type & ~AMPH_T_ARRAY;

	return base < AMPH_T_COUNT ? amph__types[base].short_name : others[base - AMPH_T_ANY];
}

/* Names as pg_type has them: _int4 of an array. */
static void add_name(char *out, size_t size, int type)
{
	size_t len = strlen(out);

	snprintf(out + len, size - len, "%s%s%s", len ? "," : "", type & AMPH_T_ARRAY ? "_" : "",
		 type_name(type));
}

static void arguments(const amph_catalog_row *row, char *out, size_t size)
{
	out[0] = '\0';
	for (size_t i = 0; i < row->n_args; i++)
		add_name(out, size, row->args[i]);
}

/* ---- rows ---- */

static const char operator_sql[] =
	"SELECT p.provolatile, t.typname FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode "
	"JOIN "
	"pg_type t ON t.oid = o.oprresult LEFT JOIN pg_type a ON a.oid = o.oprleft JOIN pg_type b "
	"ON "
	"b.oid = o.oprright WHERE o.oprname = $1 AND concat_ws(',', a.typname, b.typname) = $2";
/* The library knows names as text and object ids as integers. */
static const char function_sql[] =
	"SELECT p.provolatile, t.typname FROM pg_proc p JOIN pg_type t ON t.oid = p.prorettype "
	"LEFT JOIN "
	"pg_aggregate g ON g.aggfnoid = p.oid WHERE p.proname = $1 AND "
	"$2 IN (SELECT unnest(ARRAY[a, regexp_replace(regexp_replace(a, '\\mname\\M', 'text'), "
	"'\\moid\\M', 'int4')]) FROM array_to_string(ARRAY(SELECT typname FROM "
	"unnest(p.proargtypes::oid[]) WITH ORDINALITY u(o, n) JOIN pg_type ON oid = o ORDER BY n), "
	"',') AS a) AND p.prokind = $3 AND p.proretset = $4::bool AND (p.provariadic <> 0) = "
	"$5::bool AND coalesce(g.aggkind <> 'n', false) = $6::bool ORDER BY 'name'::regtype = "
	"ANY (p.proargtypes) OR 'oid'::regtype = ANY (p.proargtypes) LIMIT 1";

static PGresult *find_row(const amph_catalog_row *row)
{
	char args[256];
	const char *values[6] = { row->name, args, "f", "f", "f", "f" };

	arguments(row, args, sizeof(args));
	if (row->kind == AMPH_CAT_OPERATOR)
		return ask(operator_sql, 2, values);
	values[2] = row->kind == AMPH_CAT_AGGREGATE ? "a"
		    : row->kind == AMPH_CAT_WINDOW  ? "w"
						    : "f";
	values[3] = row->kind == AMPH_CAT_SET ? "t" : "f";
	values[4] = row->flags & AMPH_CAT_VARIADIC ? "t" : "f";
	values[5] = row->flags & AMPH_CAT_WITHIN_GROUP ? "t" : "f";
	return ask(function_sql, 6, values);
}

static bool row_is_right(const amph_catalog_row *row)
{
	PGresult *r = find_row(row);
	char result[64] = "";
	char volatility = row->flags & AMPH_CAT_VOLATILE ? 'v'
			  : row->flags & AMPH_CAT_STABLE ? 's'
							 : 'i';
	bool ok;

	add_name(result, sizeof(result), row->result);
	ok = PQntuples(r) == 1 && PQgetvalue(r, 0, 0)[0] == volatility &&
	     !strcmp(PQgetvalue(r, 0, 1), result);
	if (!ok)
		fprintf(stderr, "%s (%s): %d found, %s, result %s\n", row->name, row->impl,
			PQntuples(r), PQntuples(r) ? PQgetvalue(r, 0, 0) : "",
			PQntuples(r) ? PQgetvalue(r, 0, 1) : "");
	PQclear(r);
	return ok;
}

START_TEST(every_row_is_the_servers)
{
	size_t n, wrong = 0, rows = 0;
	const amph_catalog_area *areas = amph__catalog_areas(&n);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < *areas[i].n_rows; k++, rows++)
			/* a name that no text can say is the library's own */
			wrong += !strchr(areas[i].rows[k].name, ' ') && !row_is_right(&areas[i].rows[k]);
	ck_assert_msg(wrong == 0, "%zu of %zu rows", wrong, rows);
}
END_TEST

/* ---- nothing is missing ---- */

static const char ours_sql[] = "CREATE TEMP TABLE ours AS SELECT oid FROM pg_type WHERE "
			       "typnamespace = 'pg_catalog'::regnamespace "
			       "AND typname IN ('bool', 'int2', 'int4', 'int8', 'float4', "
			       "'float8', 'numeric', 'text', 'bytea', "
			       "'uuid', 'jsonb', 'date', 'time', 'timestamp', 'timestamptz', "
			       "'interval', 'tsvector', 'tsquery', "
			       "'anyelement', 'anyarray', 'anyenum', 'anynonarray', "
			       "'anycompatible', 'anycompatiblearray', "
			       "'anycompatiblenonarray', '_text', '_int4')";
static const char all_operators_sql[] =
	"SELECT o.oprname, concat_ws(',', a.typname, b.typname) FROM pg_operator o LEFT JOIN "
	"pg_type a ON "
	"a.oid = o.oprleft JOIN pg_type b ON b.oid = o.oprright WHERE (oprleft = 0 OR oprleft IN "
	"(TABLE "
	"ours)) AND oprright IN (TABLE ours) AND oprresult IN (TABLE ours)";

static bool have_operator(const char *name, const char *args)
{
	amph_catalog_found found;
	char text[256];

	if (!amph__find_operators(name, &found))
		return false;
	for (size_t i = 0; i < found.runs[0].n; i++) {
		arguments(&found.runs[0].rows[i], text, sizeof(text));
		if (!strcmp(text, args))
			return true;
	}
	return false;
}

START_TEST(no_operator_is_missing)
{
	PGresult *r;
	size_t missing = 0;

	run(ours_sql);
	r = ask(all_operators_sql, 0, NULL);
	ck_assert_int_gt(PQntuples(r), 350);
	for (int i = 0; i < PQntuples(r); i++)
		if (!have_operator(PQgetvalue(r, i, 0), PQgetvalue(r, i, 1))) {
			fprintf(stderr, "%s (%s)\n", PQgetvalue(r, i, 0), PQgetvalue(r, i, 1));
			missing++;
		}
	ck_assert_uint_eq(missing, 0);
	PQclear(r);
}
END_TEST

/* Other functions of a name that we have, over types that we have, would be chosen before ours. */
static const char overloads_sql[] =
	"SELECT array_to_string(ARRAY(SELECT typname FROM unnest(p.proargtypes::oid[]) WITH "
	"ORDINALITY "
	"u(o, n) JOIN pg_type ON oid = o ORDER BY n), ',') FROM pg_proc p WHERE p.proname = $1 AND "
	"NOT "
	"EXISTS (SELECT FROM unnest(p.proargtypes::oid[]) o WHERE o NOT IN (TABLE ours))";

static bool have_function(const char *name, const char *args)
{
	amph_catalog_found found;
	char text[256];

	amph__find_functions(name, &found);
	for (size_t i = 0; i < found.n_runs; i++)
		for (size_t k = 0; k < found.runs[i].n; k++) {
			arguments(&found.runs[i].rows[k], text, sizeof(text));
			if (!strcmp(text, args))
				return true;
		}
	return false;
}

static size_t missing_overloads(const char *name)
{
	PGresult *r = ask(overloads_sql, 1, &name);
	size_t missing = 0;

	for (int i = 0; i < PQntuples(r); i++)
		if (!have_function(name, PQgetvalue(r, i, 0))) {
			fprintf(stderr, "%s(%s)\n", name, PQgetvalue(r, i, 0));
			missing++;
		}
	PQclear(r);
	return missing;
}

START_TEST(no_overload_is_missing)
{
	size_t n, missing = 0;
	const amph_catalog_area *areas = amph__catalog_areas(&n);

	run(ours_sql);
	for (size_t i = 1; i < n; i++)
		for (size_t k = 0; k < *areas[i].n_rows; k++)
			if (k == 0 || strcmp(areas[i].rows[k].name, areas[i].rows[k - 1].name))
				missing += missing_overloads(areas[i].rows[k].name);
	ck_assert_uint_eq(missing, 0);
}
END_TEST

/* ---- casts ---- */

static amph_cast_context server_context(int from, int to)
{
	const char *values[2] = { type_name(from), type_name(to) };
	PGresult *r = ask(
		"SELECT castcontext FROM pg_cast WHERE castsource = $1::regtype AND casttarget = "
		"$2::regtype",
		2, values);
	char context = PQntuples(r) ? PQgetvalue(r, 0, 0)[0] : ' ';

	PQclear(r);
	if (context == ' ' && to == AMPH_T_TEXT)
		context = 'a';
	if (context == ' ' && from == AMPH_T_TEXT)
		context = 'e';
	return context == 'i'   ? AMPH_CAST_IMPLICIT
	       : context == 'a' ? AMPH_CAST_ASSIGNMENT
	       : context == 'e' ? AMPH_CAST_EXPLICIT
				: AMPH_CAST_NONE;
}

START_TEST(casts_are_the_servers)
{
	for (int from = AMPH_T_BOOL; from < AMPH_T_COUNT; from++)
		for (int to = AMPH_T_BOOL; to < AMPH_T_COUNT; to++) {
			if (from == to || from == AMPH_T_ENUM || to == AMPH_T_ENUM)
				continue;
			ck_assert_msg(amph__cast_context(from, to) == server_context(from, to),
				      "%s to %s", type_name(from), type_name(to));
		}
}
END_TEST

START_TEST(categories_are_the_servers)
{
	for (int type = AMPH_T_BOOL; type < AMPH_T_COUNT; type++) {
		const char *name = type_name(type);
		PGresult *r;

		if (type == AMPH_T_ENUM)
			continue;
		r = ask("SELECT typcategory, typispreferred FROM pg_type WHERE oid = $1::regtype",
			1, &name);
		ck_assert_int_eq(PQgetvalue(r, 0, 0)[0], amph__type_category(type));
		ck_assert_int_eq(PQgetvalue(r, 0, 1)[0] == 't', amph__type_is_preferred(type));
		PQclear(r);
	}
}
END_TEST

SUITE_MAIN_WITH("catalog against PostgreSQL", open_conn, close_conn, every_row_is_the_servers,
		no_operator_is_missing, no_overload_is_missing, casts_are_the_servers,
		categories_are_the_servers)
