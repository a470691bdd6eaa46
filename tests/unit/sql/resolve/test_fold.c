/* src/sql/resolve/fold.c: what is known of constants before a statement runs. The errors are PostgreSQL's
 * of the same statement over an empty table; the trees are what is left to compute. */
#include "tests/support/failing_alloc.h"
#include "tests/support/suite.h"
#include "schema.h"
#include "../tree_text.h"
#include <stdlib.h>
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

/* The statement resolved and folded; NULL: err has why not. */
static sql_stmt *folded(const char *sql, amph_error *err)
{
	sql_stmt *stmt = amph__parse_stmt(&arena, sql, err);

	ck_assert_msg(stmt && amph__resolve(&arena, stmt, &resolve_names, err), "%s: %s", sql, err->message);
	return amph__fold(&arena, stmt, err) ? stmt : NULL;
}

/* What becomes of an expression over the table of users, or the SQLSTATE. */
static const char *left_of(const char *expr)
{
	amph_error err = { 0 };
	const sql_stmt *stmt = folded(amph__arena_printf(&arena, "SELECT %s FROM users", expr), &err);

	if (!stmt)
		return amph__arena_printf(&arena, "%s", err.sqlstate);
	char *text = tree_text_expr(stmt->select->targets->expr);
	const char *out = amph__arena_printf(&arena, "%s", text);
	free(text);
	return out;
}

typedef struct fold_case { const char *expr, *left; } fold_case;

static void check(const fold_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *left = left_of(cases[i].expr);

		ck_assert_msg(!strcmp(left, cases[i].left), "%s: %s, expected %s", cases[i].expr, left,
			      cases[i].left);
	}
}
#define CHECK(cases) check(cases, sizeof(cases) / sizeof(cases[0]))

START_TEST(divisions_of_constants_by_zero_fail)
{
	static const fold_case cases[] = {
		{ "1 / 0", "22012" },
		{ "1 % 0", "22012" },
		{ "1.5 / 0.0", "22012" },
		{ "1.0 / 0", "22012" },
		{ "'1'::float8 / 0", "22012" },
		{ "abs(-2) / 0", "22012" },
		{ "(SELECT 1 / 0)", "22012" },
		{ "sum(1 / 0)", "22012" },
		{ "ARRAY[1, 1 / 0]", "22012" },
		{ "nullif(age, 1 / 0)", "22012" },
	};
	CHECK(cases);
}
END_TEST

START_TEST(others_are_left_to_the_database)
{
	static const fold_case cases[] = {
		{ "age / 0", "(/ users.age '0':int4)" },
		{ "age / (2 - 2)", "(/ users.age (- '2':int4 '2':int4))" },
		{ "'NaN'::numeric / 0", "(/ 'NaN':numeric '0':numeric)" },
		{ "'NaN'::float8 / 0", "(/ 'NaN':float8 '0':float8)" },
		{ "abs(-1.5) / 0", "(/ (abs() '-1.5':numeric) '0':numeric)" },
		{ "age + 1", "(+ users.age '1':int4)" },
		{ "age IS NULL", "(is-null users.age)" },
		{ "concat(NULL, 'a')", "(concat() NULL:text 'a':text)" },
		{ "EXISTS (SELECT 1 / 0)", "(exists [select (/ '1':int4 '0':int4) as ?column?])" },
		{ "nullif(1, 2)", "(nullif '1':int4 '2':int4)" },
	};
	CHECK(cases);
}
END_TEST

START_TEST(sums_have_ranges)
{
	static const fold_case cases[] = {
		{ "2147483647 + 1", "22003" },
		{ "'32767'::int2 + '1'::int2", "22003" },
		{ "9223372036854775807 + 1", "22003" },
		{ "(-9223372036854775808) / (-1)", "22003" },
		{ "(-9223372036854775808) % (-1)", "(% '-9223372036854775808':int8 '-1':int8)" },
		{ "-(-2147483648)", "'2147483648':int8" },
	};
	CHECK(cases);
}
END_TEST

START_TEST(null_makes_null)
{
	static const fold_case cases[] = {
		{ "NULL + age", "NULL:int4" },
		{ "NULL::int4 = age", "NULL:bool" },
		{ "random() + NULL", "NULL:float8" },
		{ "nullif(1, 1)", "NULL:int4" },
		{ "2 NOT IN (1, NULL)", "NULL:bool" },
		{ "NOT NULL", "NULL:bool" },
		{ "CASE WHEN NULL THEN 1 END", "NULL:int4" },
	};
	CHECK(cases);
}
END_TEST

START_TEST(what_is_decided_is_not_computed)
{
	static const fold_case cases[] = {
		{ "false AND 1 / 0 = 1", "'false':bool" },
		{ "true OR 1 / 0 = 1", "'true':bool" },
		{ "active AND false", "'false':bool" },
		{ "active OR true", "'true':bool" },
		{ "active OR NULL", "(or users.active NULL:bool)" },
		{ "coalesce(NULL, age)", "users.age" },
		{ "coalesce(1, 1 / 0)", "'1':int4" },
		{ "1 BETWEEN 2 AND 1 / 0", "'false':bool" },
		{ "1 IN (1, NULL)", "'true':bool" },
		{ "NOT (1 = 2)", "'true':bool" },
		{ "NULL IS NULL", "'true':bool" },
		{ "1 IS NOT NULL", "'true':bool" },
		{ "CASE WHEN false THEN 1 / 0 ELSE age END", "users.age" },
		{ "CASE WHEN true THEN 1 ELSE 1 / 0 END", "'1':int4" },
		{ "CASE 1 WHEN 2 THEN 1 / 0 ELSE 2 END", "'2':int4" },
	};
	CHECK(cases);
}
END_TEST

START_TEST(what_is_not_decided_is_looked_into)
{
	static const fold_case cases[] = {
		{ "1 / 0 = 1 AND false", "22012" },
		{ "active AND 1 / 0 = 1", "22012" },
		{ "coalesce(age, 1 / 0)", "22012" },
		{ "3 BETWEEN 2 AND 1 / 0", "22012" },
		{ "CASE WHEN active THEN 1 / 0 END", "22012" },
		{ "CASE age WHEN 1 THEN 1 / 0 ELSE 2 END", "22012" },
		{ "EXISTS (SELECT 1 WHERE 1 / 0 = 1)", "22012" },
	};
	CHECK(cases);
}
END_TEST

/* An aggregate makes one row of none: it stays, whatever becomes of it. */
START_TEST(aggregates_stay)
{
	static const fold_case cases[] = {
		{ "count(*) + NULL", "(+ (count() *) NULL:int8)" },
		{ "count(NULL)", "(count() NULL:text)" },
	};
	CHECK(cases);
}
END_TEST

START_TEST(reals_are_known_as_far_as_they_are_exact)
{
	static const fold_case cases[] = {
		{ "'2'::float8 = 2", "(= '2':float8 '2':float8)" },
		{ "'16777217'::float4 = '16777216'::float4",
		  "(= '1.6777216e+07':float4 '1.6777216e+07':float4)" },
		{ "'0.1'::float4 = 0.1", "(= '0.1':float4 '0.1':float8)" },
	};
	CHECK(cases);
}
END_TEST

START_TEST(every_part_of_a_statement_is_looked_at)
{
	static const char *const bad[] = {
		"SELECT 1 FROM users WHERE 1 / 0 = 1",
		"SELECT age FROM users GROUP BY age HAVING 1 / 0 = 1",
		"SELECT 1 FROM users ORDER BY age, 1 / 0 + age * 0, (SELECT 1 / 0)",
		"SELECT 1 FROM users LIMIT 1 / 0",
		"SELECT 1 FROM users OFFSET 1 / 0",
		"SELECT 1 FROM users u JOIN orders o ON 1 / 0 = 1",
		"SELECT 1 UNION ALL SELECT 1 / 0",
		"VALUES (1), (1 / 0)",
		"UPDATE users SET age = 1 / 0",
		"DELETE FROM users WHERE age = 1 / 0",
		"DELETE FROM users RETURNING 1 / 0",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		amph_error err = { 0 };

		ck_assert_msg(!folded(bad[i], &err), "%s", bad[i]);
		ck_assert_str_eq(err.sqlstate, "22012");
		ck_assert_str_eq(err.message, "division by zero");
	}
}
END_TEST

static bool fold_all(const amph_allocator *a, void *ctx)
{
	amph_arena own;
	amph_error err = { 0 };

	amph__arena_init(&own, a);
	sql_stmt *stmt = amph__parse_stmt(&own, ctx, &err);
	bool ok = stmt && amph__resolve(&own, stmt, &resolve_names, &err) && amph__fold(&own, stmt, &err) &&
		  !own.failed;
	amph__arena_clear(&own);
	return ok;
}

START_TEST(survives_each_failed_allocation)
{
	char sql[] = "SELECT CASE WHEN active THEN coalesce(age, NULL, 1) WHEN false THEN 1 / 0 ELSE 2 END "
		     "FROM users WHERE 1 IN (1, NULL)";

	ck_assert_uint_gt(failing_alloc_sweep(fold_all, sql), 1);
}
END_TEST

SUITE_MAIN_WITH("fold", setup, teardown, divisions_of_constants_by_zero_fail,
		others_are_left_to_the_database, sums_have_ranges, null_makes_null,
		what_is_decided_is_not_computed, what_is_not_decided_is_looked_into,
		aggregates_stay, reals_are_known_as_far_as_they_are_exact,
		every_part_of_a_statement_is_looked_at, survives_each_failed_allocation)
