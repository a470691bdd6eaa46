/* The answers that the resolver's tests expect are the server's own: each statement is prepared
 * there and its description compared. */
#include "../support/suite.h"
#include "../unit/sql/resolve/schema.h"
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static PGconn *conn;

static void run(const char *sql)
{
	PGresult *r = PQexec(conn, sql);
	ExecStatusType status = PQresultStatus(r);

	ck_assert_msg(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK, "%s: %s", sql,
		      PQerrorMessage(conn));
	PQclear(r);
}

static void open_conn(void)
{
	conn = PQconnectdb(getenv("DATABASE_URL"));
	ck_assert_msg(PQstatus(conn) == CONNECTION_OK, "%s", PQerrorMessage(conn));
	run("SET client_min_messages = error");
	run("SET standard_conforming_strings = on");
	run("BEGIN");
	run("CREATE SCHEMA resolve_test");
	run("SET search_path = resolve_test, public");
	run("CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA resolve_test");
	run(resolve_ddl);
}

static void close_conn(void)
{
	PQfinish(conn);
}

static size_t add_type(char *out, size_t size, Oid type, const char *format, const char *name,
		       int i)
{
	char sql[64];
	PGresult *r;
	int len;

	snprintf(sql, sizeof(sql), "SELECT format_type(%u, NULL)", type);
	r = PQexec(conn, sql);
	ck_assert_int_eq(PQresultStatus(r), PGRES_TUPLES_OK);
	len = name ? snprintf(out, size, "%s%s %s", format, name, PQgetvalue(r, 0, 0))
		   : snprintf(out, size, "%s%d %s", format, i, PQgetvalue(r, 0, 0));
	PQclear(r);
	return (size_t)len;
}

static void describe(char *out, size_t size)
{
	PGresult *r = PQdescribePrepared(conn, "");
	size_t len = 0;

	out[0] = '\0';
	for (int i = 0; i < PQnfields(r); i++)
		len += add_type(out + len, size - len, PQftype(r, i), i ? ", " : "", PQfname(r, i),
				0);
	for (int i = 0; i < PQnparams(r); i++)
		len += add_type(out + len, size - len, PQparamtype(r, i), " $", NULL, i + 1);
	PQclear(r);
}

static void server_answer(const char *sql, char *out, size_t size)
{
	PGresult *r;

	run("SAVEPOINT one");
	r = PQprepare(conn, "", sql, 0, NULL);
	if (PQresultStatus(r) == PGRES_COMMAND_OK)
		describe(out, size);
	else
		snprintf(out, size, "%s", PQresultErrorField(r, PG_DIAG_SQLSTATE));
	PQclear(r);
	run("ROLLBACK TO one");
}

static void compare(const resolve_case *cases, size_t n)
{
	char answer[4096];
	size_t wrong = 0;

	for (size_t i = 0; i < n; i++) {
		server_answer(cases[i].sql, answer, sizeof(answer));
		if (!strcmp(answer, cases[i].answer))
			continue;
		fprintf(stderr, "%s\n\tserver   %s\n\texpected %s\n", cases[i].sql, answer,
			cases[i].answer);
		wrong++;
	}
	ck_assert_msg(wrong == 0, "%zu of %zu statements", wrong, n);
}

START_TEST(scalars_are_the_servers)
{
	compare(resolve_cases_scalar, resolve_cases_scalar_count);
}
END_TEST

START_TEST(selects_are_the_servers)
{
	compare(resolve_cases_select, resolve_cases_select_count);
}
END_TEST

START_TEST(queries_are_the_servers)
{
	compare(resolve_cases_query, resolve_cases_query_count);
}
END_TEST

START_TEST(writes_are_the_servers)
{
	compare(resolve_cases_write, resolve_cases_write_count);
}
END_TEST

SUITE_MAIN_WITH("resolve against PostgreSQL", open_conn, close_conn, scalars_are_the_servers,
		selects_are_the_servers, queries_are_the_servers, writes_are_the_servers)
