/* src/sql/refers.c: which statements of a WITH are named, and where. */
#include "src/sql/refers.h"
#include "src/sql/sql.h"
#include "tests/support/suite.h"
#include <string.h>

static amph_arena arena;

static void setup(void)
{
	amph__arena_init(&arena, &amph__libc_allocator);
}

static void teardown(void)
{
	amph__arena_clear(&arena);
}

static sql_stmt *parse(const char *text)
{
	amph_error err = { 0 };
	sql_stmt *stmt = amph__parse_stmt(&arena, text, &err);

	ck_assert_msg(stmt != NULL, "%s: %s", text, err.message);
	return stmt;
}

START_TEST(a_name_is_found_wherever_a_table_may_stand)
{
	static const char *const there[] = {
		"SELECT 1 FROM w", "SELECT (SELECT max(a) FROM w)", "SELECT 1 FROM x JOIN w ON true",
		"SELECT 1 FROM x WHERE EXISTS (SELECT FROM w)", "SELECT 1 UNION SELECT 2 FROM w",
		"SELECT 1 FROM (SELECT * FROM w) s", "WITH v AS (SELECT * FROM w) SELECT * FROM v",
		"SELECT 1 ORDER BY (SELECT 1 FROM w)", "SELECT 1 LIMIT (SELECT 1 FROM w)",
		"INSERT INTO x SELECT * FROM w", "UPDATE x SET a = (SELECT 1 FROM w)",
		"UPDATE x SET a = 1 FROM w",
		"DELETE FROM x USING w", "DELETE FROM x WHERE a IN (SELECT 1 FROM w)",
		"DELETE FROM x RETURNING (SELECT 1 FROM w)",
		"SELECT 1 FROM generate_series(1, (SELECT 2 FROM w)) g"
	};

	for (size_t i = 0; i < sizeof there / sizeof *there; i++)
		ck_assert_msg(amph__stmt_refers(parse(there[i]), "w"), "%s", there[i]);
}
END_TEST

START_TEST(other_names_and_hidden_ones_are_not)
{
	static const char *const none[] = {
		"SELECT 1 FROM w2", "SELECT w FROM x", "SELECT 1 FROM public.w", "SELECT 'w'",
		"SELECT 1 FROM x AS w",
		"WITH w AS (SELECT 1) SELECT * FROM w", "SELECT (WITH w AS (SELECT 1) SELECT * FROM w)",
		"WITH w AS (SELECT 1), v AS (SELECT * FROM w) SELECT * FROM v",
		"WITH RECURSIVE v AS (SELECT * FROM w), w AS (SELECT 1) SELECT * FROM v"
	};

	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		ck_assert_msg(!amph__stmt_refers(parse(none[i]), "w"), "%s", none[i]);
	/* without RECURSIVE a query sees only those before it */
	ck_assert(amph__stmt_refers(parse("WITH v AS (SELECT * FROM w), w AS (SELECT 1) SELECT * FROM v"),
				    "w"));
}
END_TEST

typedef struct places { sql_place at[8]; size_t n, most; } places;

static bool note(void *ctx, const sql_range *range, sql_place at)
{
	places *p = ctx;

	ck_assert_str_eq(range->name, "w");
	p->at[p->n++] = at;
	return p->n < p->most;
}

static places places_of(const char *query, size_t most)
{
	places p = { .most = most };
	sql_cte cte = { .name = "w", .stmt = parse(query) };

	amph__recursive_references(&cte, note, &p);
	return p;
}

START_TEST(places_of_a_recursive_query_are_told)
{
	static const struct { const char *query; sql_place at; } cases[] = {
		{ "SELECT 1 UNION SELECT * FROM w", SQL_PLACE_TERM },
		{ "SELECT * FROM w UNION SELECT 1", SQL_PLACE_FIRST_TERM },
		{ "SELECT 1 UNION SELECT (SELECT 1 FROM w)", SQL_PLACE_SUBQUERY },
		{ "SELECT 1 UNION SELECT 1 FROM x LEFT JOIN w ON true", SQL_PLACE_OUTER_JOIN },
		{ "SELECT 1 UNION SELECT 1 FROM w LEFT JOIN x ON true", SQL_PLACE_TERM },
		{ "SELECT 1 UNION SELECT 1 FROM w FULL JOIN x ON true", SQL_PLACE_OUTER_JOIN },
		{ "SELECT 1 UNION (SELECT 2 EXCEPT SELECT * FROM w)", SQL_PLACE_EXCEPT },
		{ "SELECT 1 UNION (SELECT 2 INTERSECT ALL SELECT * FROM w)", SQL_PLACE_INTERSECT },
		{ "WITH v AS (SELECT * FROM w) SELECT 1 UNION SELECT 2", SQL_PLACE_SUBQUERY }
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		places p = places_of(cases[i].query, 8);

		ck_assert_msg(p.n == 1 && p.at[0] == cases[i].at, "%s: %zu at %d", cases[i].query, p.n,
			      (int)p.at[0]);
	}
	ck_assert_uint_eq(places_of("SELECT 1 UNION SELECT 2", 8).n, 0);
}
END_TEST

START_TEST(a_search_ends_when_it_is_told)
{
	static const char query[] = "SELECT 1 UNION SELECT 1 FROM w, w b, w c WHERE EXISTS (SELECT FROM w)";

	ck_assert_uint_eq(places_of(query, 8).n, 4);
	ck_assert_uint_eq(places_of(query, 1).n, 1);
	ck_assert_uint_eq(places_of(query, 2).n, 2);
}
END_TEST

SUITE_MAIN_WITH("refers", setup, teardown, a_name_is_found_wherever_a_table_may_stand,
		other_names_and_hidden_ones_are_not, places_of_a_recursive_query_are_told,
		a_search_ends_when_it_is_told)
