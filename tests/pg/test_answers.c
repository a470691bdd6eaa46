/* The answers that the functions of SQLite are tested with (tests/unit/sqlite/answers.inc) are those
 * of a PostgreSQL server: each expression is asked there. DATABASE_URL says where. */
#include "tests/support/suite.h"
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *expr, *answer;
} answers[] = {
#include "../unit/sqlite/answers.inc"
};

static void run(PGconn *conn, const char *sql)
{
	PGresult *r = PQexec(conn, sql);

	ck_assert_msg(PQresultStatus(r) == PGRES_COMMAND_OK, "%s: %s", sql, PQerrorMessage(conn));
	PQclear(r);
}

static void answer(PGconn *conn, const char *expr, char *out, size_t size)
{
	char sql[2048];
	PGresult *r;

	snprintf(sql, sizeof(sql), "SELECT (%s)::text", expr);
	run(conn, "SAVEPOINT one");
	r = PQexec(conn, sql);
	if (PQresultStatus(r) != PGRES_TUPLES_OK)
		snprintf(out, size, "ERR %s", PQresultErrorField(r, PG_DIAG_SQLSTATE));
	else
		snprintf(out, size, "%s", PQgetisnull(r, 0, 0) ? "<NULL>" : PQgetvalue(r, 0, 0));
	PQclear(r);
	run(conn, "ROLLBACK TO one");
}

START_TEST(a_server_gives_the_same_answers)
{
	const char *url = getenv("DATABASE_URL");
	PGconn *conn = PQconnectdb(url ? url : "");
	size_t n = sizeof(answers) / sizeof(answers[0]);
	char got[4096];

	ck_assert_msg(PQstatus(conn) == CONNECTION_OK, "%s", PQerrorMessage(conn));
	run(conn, "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, MDY'; SET IntervalStyle = 'postgres'; "
		  "SET extra_float_digits = 1; SET client_min_messages = 'error'; "
		  "BEGIN; CREATE SCHEMA amph_answers; SET search_path = amph_answers, public; "
		  "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')");
	for (size_t i = 0; i < n; i++) {
		answer(conn, answers[i].expr, got, sizeof(got));
		ck_assert_msg(!strcmp(got, answers[i].answer), "%s: %s, expected %s", answers[i].expr, got,
			      answers[i].answer);
	}
	PQfinish(conn);
	printf("%zu answers\n", n);
}
END_TEST

SUITE_MAIN("answers", a_server_gives_the_same_answers)
