/* backends/sqlite/words.c: what the text of a statement says, with quotes and parentheses minded. */
#include "backends/sqlite/words.h"
#include "tests/support/failing_alloc.h"
#include "tests/support/suite.h"
#include <string.h>

START_TEST(verbs_are_whole_words)
{
	static const struct { const char *sql; sl_verb verb; } cases[] = {
		{ "BEGIN", SL_VERB_BEGIN }, { "begin", SL_VERB_BEGIN },
		{ "BEGIN IMMEDIATE", SL_VERB_BEGIN_WRITE },
		{ "BEGIN READ ONLY", SL_VERB_BEGIN_READ_ONLY }, { "COMMIT", SL_VERB_COMMIT },
		{ "ROLLBACK", SL_VERB_ROLLBACK }, { "ROLLBACK TO \"a\"", SL_VERB_ROLLBACK_TO },
		{ "SAVEPOINT s", SL_VERB_SAVEPOINT }, { "RELEASE s", SL_VERB_RELEASE },
		{ "BEGINNING", SL_VERB_NONE }, { "ROLLBACK TOO", SL_VERB_ROLLBACK },
		{ "COMMI", SL_VERB_NONE },
		{ "SELECT 'COMMIT'", SL_VERB_NONE }, { "", SL_VERB_NONE }
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_msg(amph__sl_verb(cases[i].sql) == cases[i].verb, "%s", cases[i].sql);
}
END_TEST

START_TEST(words_and_quoted_names_follow_each_other)
{
	const char *at = "  one \"two \"\"2\"\"\"three_3,(é";
	static const struct { const char *text; size_t len; } want[] = {
		{ "one", 3 }, { "\"two \"\"2\"\"\"", 11 }, { "three_3", 7 }, { ",", 0 }
	};
	size_t len;

	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		at = amph__sl_next_word(at, &len);
		ck_assert_uint_eq(len, want[i].len);
		ck_assert_int_eq(memcmp(at, want[i].text, len ? len : 1), 0);
		at += len;
	}
	amph__sl_next_word("", &len);
	ck_assert_uint_eq(len, 0);
	amph__sl_next_word("\"open", &len);
	ck_assert_uint_eq(len, 5);
	ck_assert(amph__sl_word_is("Select", 6, "SELECT"));
	ck_assert(!amph__sl_word_is("Selects", 7, "SELECT"));
	ck_assert(!amph__sl_word_is("Sel", 3, "SELECT"));
}
END_TEST

START_TEST(a_word_is_found_outside_of_quotes_and_parentheses)
{
	static const char *const words[] = { "FROM", "WHERE" };
	static const char sql[] = "SELECT 'FROM', \"FROM\", (SELECT 1 FROM x), 'it''s FROM' where y";
	size_t which = 7;

	ck_assert_str_eq(amph__sl_find_word(sql, words, 2, &which), "where y");
	ck_assert_uint_eq(which, 1);
	ck_assert_ptr_null(amph__sl_find_word("SELECT (1 FROM 'x", words, 2, &which));
	ck_assert_ptr_null(amph__sl_find_word("", words, 2, NULL));
	ck_assert_ptr_null(amph__sl_find_word("FROMAGE 'FROM", words, 2, NULL));
}
END_TEST

START_TEST(tags_are_the_commands)
{
	static const struct { const char *sql, *tag; } cases[] = {
		{ "insert into t", "INSERT" }, { "CREATE TABLE t", "CREATE TABLE" },
		{ "CREATE UNIQUE INDEX i", "CREATE INDEX" }, { "CREATE TEMP TABLE t", "CREATE TABLE" },
		{ "DROP VIEW v", "DROP VIEW" }, { "ALTER TABLE t", "ALTER TABLE" },
		{ "VALUES (1)", "SELECT" }, { "WITH a AS (SELECT 1) DELETE FROM b", "DELETE" },
		{ "WITH a AS (DELETE FROM b RETURNING 1) SELECT 2", "SELECT" }, { "", "" }
	};
	char out[24];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		amph__sl_tag(cases[i].sql, out, sizeof out);
		ck_assert_str_eq(out, cases[i].tag);
	}
	amph__sl_tag("CREATE TABLE t", out, 8);         /* what does not fit is left out */
	ck_assert_str_eq(out, "CREATE");
}
END_TEST

static bool drop(const amph_allocator *a, void *ctx)
{
	const char *const *sql = ctx;
	char *name = amph__sl_dropped_table(a, sql[0]);

	if (!name)
		return false;
	ck_assert_str_eq(name, sql[1]);
	amph__free(a, name);
	return true;
}

START_TEST(a_dropped_table_is_named_without_quotes)
{
	static const char *const cases[][2] = {
		{ "DROP TABLE t", "t" }, { "drop table if exists \"a \"\"b\"\" é\"", "a \"b\" é" },
		{ "DROP TABLE \"IF\"", "IF" }, { "DROP TABLE", "" }
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_uint_eq(failing_alloc_sweep(drop, (void *)(uintptr_t)cases[i]), 1);
}
END_TEST

SUITE_MAIN("words", verbs_are_whole_words, words_and_quoted_names_follow_each_other,
	   a_word_is_found_outside_of_quotes_and_parentheses, tags_are_the_commands,
	   a_dropped_table_is_named_without_quotes)
