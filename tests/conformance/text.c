/* SQL text that every PostgreSQL user writes: domains, SEARCH and CYCLE, frames of days, comments; with
 * parameters, and what is refused of it. */
#include "conformance.h"
#include <stdio.h>

static const char *one(const char *sql, const char *column, const amph_bound *binds)
{
	amph_rows *r = amph_do_sql(s, sql, binds);
	static char out[200];

	DO(r != NULL && amph_next(r));
	const char *cell = amph_cell_text(r, column);
	snprintf(out, sizeof out, "%s", cell ? cell : "NULL");
	amph_rows_close(r);
	return out;
}

static bool says(const char *sql, const amph_bound *binds)
{
	amph_rows *r = amph_do_sql(s, sql, binds);

	return amph_rows_close(r);
}

#define BINDS(...) ((const amph_bound[]){ __VA_ARGS__, { .name = NULL } })

static void clear(void)
{
	DO(amph_script(s, "DROP TABLE IF EXISTS text_users; DROP DOMAIN IF EXISTS text_email; "
			  "DROP DOMAIN IF EXISTS text_small") && amph_commit(s));
}

static void users(void)
{
	clear();
	DO(amph_script(s, "CREATE DOMAIN text_email AS text CHECK (VALUE ~ '@'); "
			  "CREATE DOMAIN text_small AS int NOT NULL DEFAULT 3 CHECK (VALUE BETWEEN 1 AND 9); "
			  "CREATE TABLE text_users (id int PRIMARY KEY, email text_email, size text_small); "
			  "COMMENT ON TABLE text_users IS 'who'; "
			  "COMMENT ON COLUMN text_users.id IS 'which'") &&
	   amph_commit(s));
}

START_TEST(columns_of_domains_are_checked)
{
	users();
	DO(says("INSERT INTO text_users (id, email) VALUES (1, $1)", BINDS(amph_bind("e", "a@b"))) &&
	   amph_commit(s));
	ck_assert_str_eq(one("SELECT email || size AS x FROM text_users", "x", NULL), "a@b3");
	FAILS("23514", says("INSERT INTO text_users (id, email) VALUES (2, $1)",
			    BINDS(amph_bind("e", "none"))));
	ck_assert_str_eq(amph_session_error(s)->constraint, "text_email_check");
	amph_rollback(s);
	SAYS("23514", "text_small", says("UPDATE text_users SET size = 10", NULL));
	SAYS("23502", "", says("INSERT INTO text_users VALUES (2, NULL, NULL)", NULL));
	SAYS("2BP01", "text_email", amph_script(s, "DROP DOMAIN text_email"));
	clear();
}
END_TEST

START_TEST(casts_to_domains_are_checked)
{
	users();
	ck_assert_str_eq(one("SELECT $1::text_email AS e", "e", BINDS(amph_bind("e", "x@y"))), "x@y");
	ck_assert_str_eq(one("SELECT NULL::text_email AS e", "e", NULL), "NULL");
	FAILS("23514", says("SELECT $1::text_email", BINDS(amph_bind("e", "xy"))));
	ck_assert_str_eq(amph_session_error(s)->constraint, "text_email_check");
	amph_rollback(s);
	SAYS("23502", "text_small", says("SELECT NULL::text_small", NULL));
	SAYS("22P02", "", says("SELECT 'a'::text_small", NULL));
	SAYS("42704", "text_none", says("SELECT 'a'::text_none", NULL));
	clear();
}
END_TEST

#define TREE "WITH RECURSIVE t (id, parent) AS (SELECT 1, 0 UNION ALL SELECT g, t.id FROM t, " \
	     "generate_series(2, 4) AS g WHERE g / 2 = t.id) "
#define RING "WITH RECURSIVE r (n) AS (SELECT $1::int UNION ALL SELECT n % 3 + 1 FROM r) "
START_TEST(recursion_is_searched_and_ends_in_cycles)
{
	ck_assert_str_eq(one(TREE "SEARCH DEPTH FIRST BY id SET o, x AS (SELECT * FROM t ORDER BY o) "
			     "SELECT string_agg(id::text, ',') AS ids FROM x", "ids", NULL), "1,2,4,3");
	ck_assert_str_eq(one(TREE "SEARCH BREADTH FIRST BY id SET o SELECT o::text AS o FROM t "
			     "ORDER BY o DESC LIMIT 1", "o", NULL), "(2,4)");
	ck_assert_str_eq(one(RING "CYCLE n SET is_cycle USING path SELECT path::text AS p FROM r "
			     "WHERE is_cycle",
			     "p", BINDS(amph_bind("n", 2))), "{(2),(3),(1),(2)}");
	SAYS("42601", "\"m\"", says(TREE "SEARCH DEPTH FIRST BY m SET o SELECT * FROM t", NULL));
	SAYS("42701", "\"id\"", says(TREE "SEARCH DEPTH FIRST BY id, id SET o SELECT * FROM t", NULL));
	SAYS("42601", "", says("WITH t (id) AS (SELECT 1) SEARCH DEPTH FIRST BY id SET o "
			       "SELECT * FROM t", NULL));
}
END_TEST

#define WEEK "SELECT sum(n) OVER (ORDER BY d RANGE BETWEEN "
#define DAYS " AND CURRENT ROW) AS x FROM (VALUES (1, date '2024-01-01'), (2, date '2024-01-05'), " \
	     "(4, date '2024-01-09')) AS v (n, d) ORDER BY d DESC LIMIT 1"
START_TEST(frames_reach_over_days)
{
	ck_assert_str_eq(one(WEEK "interval '4 days' PRECEDING" DAYS, "x", NULL), "6");
	ck_assert_str_eq(one(WEEK "'95:59:59.999999' PRECEDING" DAYS, "x", NULL), "4");
	SAYS("22013", "", says(WEEK "interval '-1 day' PRECEDING" DAYS, NULL));
	SAYS("0A000", "", says(WEEK "1 PRECEDING" DAYS, NULL));
	ck_assert_str_eq(one("SELECT pg_typeof(sum(n))::text AS x FROM (VALUES (1)) AS v (n)", "x", NULL),
			 "bigint");
}
END_TEST

SUITE(text_suite, "text", columns_of_domains_are_checked, casts_to_domains_are_checked,
      recursion_is_searched_and_ends_in_cycles, frames_reach_over_days)
