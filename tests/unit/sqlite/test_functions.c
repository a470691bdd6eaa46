/* backends/sqlite/functions: expressions in PostgreSQL's SQL, written for SQLite and run there, give
 * the text that PostgreSQL gives (answers.inc); and what no expression shows. */
#include "src/sql/sql.h"
#include "tests/support/failing_alloc.h"
#include "tests/support/suite.h"
#include "call.h"
#include <locale.h>
#include <stdio.h>
#include <string.h>

static const char *const labels[] = { "sad", "ok", "happy" };
static const amph_enum_type mood = { "mood", labels, 3 };

static const sql_table *find_table(void *ctx, const char *schema, const char *name)
{
	(void)ctx, (void)schema, (void)name;
	return NULL;
}

static const amph_enum_type *find_enum(void *ctx, const char *name)
{
	(void)ctx;
	return !strcmp(name, "mood") ? &mood : NULL;
}

static const sql_names names = { .table = find_table, .enumeration = find_enum };

static const struct {
	const char *expr, *answer;
} answers[] = {
#include "answers.inc"
};

static const char *answer(const char *expr)
{
	amph_error err = { 0 };
	const char *text = amph__arena_printf(&call_arena, "SELECT (%s)::text", expr);
	sql_stmt *stmt = amph__parse_stmt(&call_arena, text, &err);
	amph_code *code = stmt ? amph__compile(&call_arena, &amph__sl_dialect, stmt, &names, &err) : NULL;

	return code ? call(code->sql) : amph__arena_printf(&call_arena, "ERR %s", err.sqlstate);
}

START_TEST(expressions_answer_as_on_postgresql)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		const char *got = answer(answers[i].expr);

		ck_assert_msg(!strcmp(got, answers[i].answer), "%s: %s, expected %s", answers[i].expr, got,
			      answers[i].answer);
		amph__arena_reset(&call_arena);
	}
}
END_TEST

START_TEST(now_is_that_of_the_transaction)
{
	call_env.now_usec = INT64_C(1704067200123456);
	ck_assert_str_eq(call("SELECT amph_now()"), "2024-01-01 00:00:00.123456+00");
	call_env.now_usec = 0;
	ck_assert_str_eq(call("SELECT amph_now() = amph_now()"), "1");
	ck_assert(call_env.now_usec > INT64_C(1704067200000000));
}
END_TEST

/* Years beside 1 to 9999 are stored so that bytes sort as moments do. */
START_TEST(dates_are_stored_in_their_order)
{
	static const char *const dates[] = { "-infinity", "4713-01-01 BC", "0044-03-15 BC", "0044-03-16 BC",
					     "0001-12-31 BC", "0001-01-01", "2024-02-29", "9999-12-31",
					     "10000-01-01", "123456-07-08", "infinity" };
	char last[64] = "";

	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		char sql[128];
		const char *stored;

		snprintf(sql, sizeof(sql), "SELECT amph_date_in('%s')", dates[i]);
		stored = call(sql);
		ck_assert_msg(strcmp(last, stored) < 0, "%s is not before %s", last, stored);
		snprintf(last, sizeof(last), "%s", stored);
		snprintf(sql, sizeof(sql), "SELECT amph_date_out('%s')", stored);
		ck_assert_str_eq(call(sql), dates[i]);
	}
}
END_TEST

START_TEST(collations_order_by_value)
{
	ck_assert_str_eq(call("SELECT '10' < '9' COLLATE amph_numeric"), "0");
	ck_assert_str_eq(call("SELECT '1.0' = '1.00' COLLATE amph_numeric"), "1");
	ck_assert_str_eq(call("SELECT '1 mon' = '30 days' COLLATE amph_interval"), "1");
	ck_assert_str_eq(call("SELECT '{10}' < '{9}' COLLATE amph_array_int"), "0");
	ck_assert_str_eq(call("SELECT '[]' < 'null' COLLATE amph_jsonb"), "1");
	/* not values of the type: sorted last, by bytes */
	ck_assert_str_eq(call("SELECT '9' < 'x' COLLATE amph_numeric"), "1");
	ck_assert_str_eq(call("SELECT 'y' > 'x' COLLATE amph_interval"), "1");
}
END_TEST

static void fill(void)
{
	ck_assert_int_eq(sqlite3_exec(call_db, "CREATE TABLE t (i, n, r, s, e);"
				      "INSERT INTO t VALUES (1, '1.10', 0.5, 'a', 2),"
				      "(2, '2.2', 1.5, 'b', 0),"
				      "(NULL, NULL, NULL, NULL, NULL), (6, '-3', 2.5, 'c', 1)", NULL, NULL,
				      NULL), SQLITE_OK);
}

START_TEST(aggregates_have_types_of_postgresql)
{
	static const char labels_text[] = "'{\"sad\",\"ok\",\"happy\"}'";
	static const struct {
		const char *sql, *answer;
	} cases[] = {
		{ "amph_sum_int4(i)", "9" }, { "amph_avg_int4(i)", "3.0000000000000000" },
		{ "amph_sum_numeric(n)", "0.30" }, { "amph_avg_numeric(n)", "0.10000000000000000000" },
		{ "amph_sum_float8(r)", "4.5" }, { "amph_avg_float8(r)", "1.5" },
		{ "amph_string_agg_text_text(s, ', ')", "a, b, c" },
		{ "amph_array_agg('text', s)", "{a,b,NULL,c}" },
		{ "amph_jsonb_agg('int4', i)", "[1, 2, null, 6]" },
		{ "amph_bool_and_bool(i > 0)", "1" }, { "amph_bit_or_int4(i)", "7" },
		{ "amph_var_pop_int4(i)", "4.6666666666666667" },
		{ "amph_stddev_samp_int4(i)", "2.6457513110645906" },
		{ "amph_stddev_pop_float8(r)", "0.816496580927726" },
		{ "amph_corr_float8_float8(r, i)", "0.944911182523068" },
		{ "amph_regr_count_float8_float8(r, i)", "3" }
	};
	char sql[200];

	fill();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(sql, sizeof(sql), "SELECT CAST(%s AS TEXT) FROM t", cases[i].sql);
		ck_assert_msg(!strcmp(call(sql), cases[i].answer), "%s: %s", cases[i].sql, call(sql));
		snprintf(sql, sizeof(sql), "SELECT %s FROM t WHERE i > 100", cases[i].sql);
		ck_assert_str_eq(call(sql), strstr(sql, "regr_count") ? "0" : "<NULL>");
	}
	snprintf(sql, sizeof(sql), "SELECT amph_max_anyenum(e, %s) FROM t", labels_text);
	ck_assert_str_eq(call(sql), "happy");
	ck_assert_str_eq(call("SELECT amph_sum_int8(x) FROM (SELECT 9223372036854775807 AS x UNION ALL "
			     "SELECT 1)"), "9223372036854775808");
}
END_TEST

START_TEST(sums_move_with_a_window)
{
	fill();
	ck_assert_str_eq(call("SELECT group_concat(x, ' ') FROM (SELECT amph_sum_numeric(n) OVER (ORDER BY i "
			     "ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS x FROM t WHERE i > 0 ORDER BY i)"),
			 "1.10 3.30 -0.8");
	ck_assert_str_eq(call("SELECT group_concat(x) FROM (SELECT amph_sum_int4(i) OVER (ORDER BY i ROWS "
			     "BETWEEN 1 PRECEDING AND CURRENT ROW) AS x FROM t WHERE i > 0 ORDER BY i)"),
			 "1,3,8");
}
END_TEST

/* They may stand in checks, indexes and generated columns of a schema that is not trusted. */
START_TEST(functions_may_stand_in_a_schema)
{
	ck_assert_int_eq(sqlite3_db_config(call_db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(call_db, "CREATE TABLE s (a TEXT CHECK (amph_textlike(a, 'x%')), "
				      "b TEXT GENERATED ALWAYS AS (amph_upper_text(a)) STORED);"
				      "CREATE INDEX sx ON s (amph_lower_text(a));"
				      "INSERT INTO s (a) VALUES ('xy')", NULL, NULL, NULL), SQLITE_OK);
	ck_assert_str_eq(call("SELECT b FROM s WHERE amph_lower_text(a) = 'xy'"), "XY");
	ck_assert_int_eq(sqlite3_exec(call_db, "INSERT INTO s (a) VALUES ('y')", NULL, NULL, NULL),
			 SQLITE_CONSTRAINT);
}
END_TEST

START_TEST(random_values_are_what_they_are_called)
{
	ck_assert_str_eq(call("SELECT length(amph_gen_random_uuid()) = 36 AND "
			     "amph_gen_random_uuid() <> amph_gen_random_uuid()"), "1");
	ck_assert_str_eq(call("SELECT substr(amph_gen_random_uuid(), 15, 1)"), "4");
	ck_assert_str_eq(call("SELECT min(r) >= 0 AND max(r) < 1 AND count(DISTINCT r) > 1 FROM (SELECT "
			     "amph_random() AS r UNION ALL SELECT amph_random() UNION ALL SELECT "
			     "amph_random())"), "1");
}
END_TEST

enum { WORDS = 7, WORD_MOST = 4, TEXT_MOST = 24 };

/* The word of a number: its digits stand for characters, of which some have others of ASCII as
 * their lower-case form. */
static const char *word(const char *const chars[WORDS], unsigned n, char out[TEXT_MOST])
{
	out[0] = '\0';
	for (; n; n /= WORDS)
		snprintf(out + strlen(out), TEXT_MOST - strlen(out), "%s", chars[n % WORDS]);
	return out;
}

static int like_directly(sqlite3_stmt *stmt, const char *text, const char *pattern)
{
	sqlite3_bind_text(stmt, 1, text, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, pattern, -1, SQLITE_STATIC);
	int rc = sqlite3_step(stmt), result = rc == SQLITE_ROW ? sqlite3_column_int(stmt, 0) : -1;
	sqlite3_reset(stmt);
	return result;
}

/* Patterns of one literal are looked for at once: as the general way finds them. */
START_TEST(like_finds_literals_as_other_patterns)
{
	static const char *const in_text[WORDS] = { "a", "K", "i", "\u212A", "\u0130", "\u00E9",
						    "bcdefgh" };
	static const char *const in_pattern[WORDS] = { "a", "k", "I", "%", "\\", "\u00C9", "bcdefgH" };
	char text[TEXT_MOST * 4], pattern[TEXT_MOST * 4], odd[TEXT_MOST];
	unsigned most = 1;

	for (int i = 0; i < WORD_MOST; i++)
		most *= WORDS;
	for (int fold = 0; fold < 2; fold++) {
		const char *sql = fold ? "SELECT amph_texticlike(?1, ?2)" : "SELECT amph_textlike(?1, ?2)";
		sqlite3_stmt *stmt;

		ck_assert_int_eq(sqlite3_prepare_v2(call_db, sql, -1, &stmt, NULL), SQLITE_OK);
		for (unsigned t = 0; t < most; t += 3)
			for (unsigned p = t % 7; p < most; p += 7) {
				snprintf(text, sizeof text, "%s", word(in_text, t, odd));
				snprintf(pattern, sizeof pattern, "%s%s%s", p & 1 ? "%" : "",
					 word(in_pattern, p, odd), p & 2 ? "%" : "");
				ck_assert_msg(like_directly(stmt, text, pattern) ==
						      amph__sl_like(text, strlen(text), pattern,
								    strlen(pattern), fold),
					      "%s %s %s", text, fold ? "ilike" : "like", pattern);
			}
		sqlite3_finalize(stmt);
	}
	ck_assert_str_eq(call("SELECT amph_texticlike('the quick brown fox jumps over the lazy dog and on', "
			     "'%the lazy dog and on and more than that%')"), "0");
	ck_assert_str_eq(call("SELECT amph_textlike(NULL, '%a%') IS NULL AND "
			     "amph_textlike('a', NULL) IS NULL"), "1");
	ck_assert_str_eq(call("SELECT amph_textlike('ab', 'a\\')"), "ERR 22025");
}
END_TEST

START_TEST(tables_are_sorted)
{
	static const char *const known[] = { "int4pl", "textlike", "numeric_add", "jsonb_contains", "now",
					     "sum_numeric", "array_agg", "lower_text" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		ck_assert_msg(amph__sl_has_function(known[i]), "%s", known[i]);
	ck_assert(!amph__sl_has_function("no_such_function"));
	for (size_t i = 1; i < amph__sl_dialect.n_spellings; i++)
		ck_assert_str_lt(amph__sl_dialect.spellings[i - 1].impl,
				 amph__sl_dialect.spellings[i].impl);
}
END_TEST

/* A statement for each way in which functions take memory. */
static const char *const uses[] = {
	"SELECT amph_numeric_mul('1.5', '2'), amph_upper_text('abc'), amph_format('%s|%5s', 'a', 'b')",
	"SELECT amph_sum_numeric(x), amph_string_agg_text_text(x, ','), amph_array_agg('text', x), "
	"amph_jsonb_object_agg('text', x, 'int4', 1), amph_stddev_pop_numeric(x) "
	"FROM (SELECT '12.5' AS x UNION ALL SELECT '-3')",
	"SELECT amph_ordered('array_agg', 1, 2, 'int4', x, 'df{\"a\",\"b\"}', y) "
	"FROM (SELECT 1 AS x, 'b' AS y UNION ALL SELECT 2, 'a')",
	"SELECT amph_jsonb_concat('{\"a\":1}', '{\"b\":2}'), amph_array_append('{1}', 'int4', 2), "
	"amph_jsonb_set_jsonb_text_array_jsonb_bool('{\"a\":[1,2]}', '{a,1}', '3', 1), "
	"amph_jsonb_build_object('text', 'k', 'int4[]', '{1,2}')",
	"SELECT amph_regexp_replace_text_text_text_text('foobarbaz', '(b)(a.)+', '<\\1>', 'g'), "
	"amph_regexp_match_text_text('abc', '(a|b)*(c)')",
	"SELECT count(*) FROM amph_regexp_matches('a1b2', '[a-z](\\d)', 'g'), amph_unnest('int4[]', "
	"'{1,2,NULL}'), amph_jsonb_each('{\"a\":1}'), amph_generate_series_numeric('1', '3', '1')",
	"SELECT amph_any('=', 'text', 'a', '{a,b}'), amph_greatest('numeric', '1', '2'), "
	"amph_similarity_text_text('word', 'two words'), amph_sha256_bytea(x'00')",
	"SELECT x FROM (SELECT '{10}' AS x UNION SELECT '{9}') ORDER BY x COLLATE amph_array_int",
	"SELECT amph_timezone_text_timestamp('Europe/Berlin', '2024-07-01 12:00:00'), "
	"amph_extract_text_timestamp('julian', '2024-07-01 12:00:00'), "
	"amph_age_timestamp_timestamp('2024-07-01 12:00:00', '2000-01-01 00:00:00')"
};

/* Where the machine has such a locale: a comma in numbers, an i whose capital is another letter. */
START_TEST(the_locale_does_not_matter)
{
	static const char *const locales[] = { "de_DE.UTF-8", "fr_FR.UTF-8", "tr_TR.UTF-8" };

	for (size_t i = 0; i < sizeof(locales) / sizeof(locales[0]); i++) {
		setlocale(LC_ALL, locales[i]);
		ck_assert_str_eq(answer("60::float8 + 2.5::float8"), "62.5");
		ck_assert_str_eq(answer("2.5::float8::numeric"), "2.5");
		ck_assert_str_eq(answer("to_char(2.5::float8, '9.9EEEE')"), " 2.5e+00");
		ck_assert_str_eq(answer("to_char(2.25::float8, 'FM9.00')"), "2.25");
		ck_assert_str_eq(answer("jsonb_path_query_first('\"1.5\"', '$.DOUBLE()')"), "1.5");
		ck_assert_str_eq(answer("encode('a', 'HEX')"), "61");
	}
	setlocale(LC_ALL, "C");
}
END_TEST

static bool use(const amph_allocator *a, void *ctx)
{
	const char *sql = ctx;
	sl_env own = { .allocator = a, .clock = &amph__system_clock };
	sqlite3 *handle;
	int rc;

	ck_assert_int_eq(sqlite3_open(":memory:", &handle), SQLITE_OK);
	rc = amph__sl_register(handle, &own);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(handle, sql, NULL, NULL, NULL);
	ck_assert_msg(rc == SQLITE_OK || rc == SQLITE_NOMEM, "%s: %s", sql, sqlite3_errmsg(handle));
	ck_assert_int_eq(sqlite3_close(handle), SQLITE_OK);
	return rc == SQLITE_OK;
}

START_TEST(survive_each_failed_allocation)
{
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		char sql[512];

		snprintf(sql, sizeof(sql), "%s", uses[i]);
		ck_assert_uint_gt(failing_alloc_sweep(use, sql), 5);
	}
}
END_TEST

SUITE_MAIN_WITH("sqlite functions", call_setup, call_teardown, expressions_answer_as_on_postgresql,
		now_is_that_of_the_transaction, dates_are_stored_in_their_order,
		collations_order_by_value, aggregates_have_types_of_postgresql, sums_move_with_a_window,
		functions_may_stand_in_a_schema, random_values_are_what_they_are_called,
		like_finds_literals_as_other_patterns, tables_are_sorted, the_locale_does_not_matter,
		survive_each_failed_allocation)
