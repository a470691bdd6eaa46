/* src/sql/parse/params.c: named parameters by PostgreSQL's lexical rules. */
#include "src/sql/parse/params.h"
#include "tests/support/failing_alloc.h"
#include "tests/support/suite.h"
#include <stdio.h>
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

/* "text | name name", or the SQLSTATE. */
static const char *found(const char *text)
{
	amph_text_params out;
	amph_error err = { 0 };

	if (!amph__params_of(&arena, text, &out, &err))
		return amph__arena_printf(&arena, "%s", err.sqlstate);
	const char *all = amph__arena_printf(&arena, "%s |", out.sql);
	for (size_t i = 0; i < out.n; i++)
		all = amph__arena_printf(&arena, "%s %s", all, out.names ? out.names[i] : "-");
	return all;
}

static void check(const char *const (*cases)[2], size_t n)
{
	for (size_t i = 0; i < n; i++)
		ck_assert_msg(!strcmp(found(cases[i][0]), cases[i][1]), "%s: %s", cases[i][0],
			      found(cases[i][0]));
}
#define CHECK(cases) check(cases, sizeof(cases) / sizeof(cases[0]))

START_TEST(names_become_numbers)
{
	static const char *const cases[][2] = {
		{ "", " |" },
		{ "SELECT 1", "SELECT 1 |" },
		{ "SELECT :a", "SELECT $1 | a" },
		{ "SELECT :a, :b, :a", "SELECT $1, $2, $1 | a b" },
		{ "SELECT :größe+:x_1", "SELECT $1+$2 | größe x_1" },
		{ "SELECT :a::int", "SELECT $1::int | a" },
		{ "SELECT (:a)", "SELECT ($1) | a" },
		{ "SELECT $2, $1", "SELECT $2, $1 | - -" },
		{ "SELECT $3", "SELECT $3 | - - -" },
	};
	CHECK(cases);
}
END_TEST

START_TEST(what_is_quoted_is_left_alone)
{
	static const char *const cases[][2] = {
		{ "SELECT ':a', \":b\"", "SELECT ':a', \":b\" |" },
		{ "SELECT 'it''s :a', :b", "SELECT 'it''s :a', $1 | b" },
		{ "SELECT '\\', :b", "SELECT '\\', $1 | b" },
		{ "SELECT E'\\':a', :b", "SELECT E'\\':a', $1 | b" },
		{ "SELECT $$:a$$, :b", "SELECT $$:a$$, $1 | b" },
		{ "SELECT $x$:a$$$x$, :b", "SELECT $x$:a$$$x$, $1 | b" },
		{ "SELECT 1 -- :a\n, :b", "SELECT 1 -- :a\n, $1 | b" },
		{ "SELECT /* :a /* :c */ :d */ :b", "SELECT /* :a /* :c */ :d */ $1 | b" },
		{ "SELECT x::int, a[1:2], y := 3", "SELECT x::int, a[1:2], y := 3 |" },
		{ "SELECT ':a", "SELECT ':a |" },       /* the parser says what is wrong */
		{ "SELECT /* :a", "SELECT /* :a |" },
		{ "SELECT a$1", "SELECT a$1 |" },
	};
	CHECK(cases);
}
END_TEST

START_TEST(both_forms_in_one_text_are_misuse)
{
	amph_text_params out;
	amph_error err = { 0 };

	ck_assert(!amph__params_of(&arena, "SELECT :a, $1", &out, &err));
	ck_assert_int_eq(err.status, AMPH_E_MISUSE);
	ck_assert(!amph__params_of(&arena, "SELECT $1, :a", &out, &err));
	ck_assert_int_eq(err.status, AMPH_E_MISUSE);
}
END_TEST

START_TEST(numbers_have_a_limit)
{
	amph_text_params out;
	amph_error err = { 0 };

	ck_assert(amph__params_of(&arena, "SELECT $65535", &out, &err));
	ck_assert_uint_eq(out.n, 65535);
	ck_assert_str_eq(found("SELECT $0"), "42P02");
	ck_assert_str_eq(found("SELECT $65536"), "42P02");
	ck_assert_str_eq(found("SELECT $99999999999999999999"), "42P02");
}
END_TEST

START_TEST(many_names_keep_their_numbers)
{
	enum { MANY = 3000 };
	enum { ROOM = MANY * 24 };
	char *text = calloc(1, ROOM);
	int at = 0;

	for (int i = 0; i < MANY; i++)
		at += snprintf(text + at, (size_t)(ROOM - at), "%s:n%d, :n%d", i ? ", " : "SELECT ", i, i);
	amph_text_params out;
	amph_error err;
	ck_assert(amph__params_of(&arena, text, &out, &err));
	ck_assert_uint_eq(out.n, MANY);
	ck_assert_str_eq(out.names[MANY - 1], "n2999");
	ck_assert_ptr_nonnull(strstr(out.sql, "$3000, $3000"));
	free(text);
}
END_TEST

START_TEST(a_comment_is_skipped_to_its_end)
{
	ck_assert_str_eq(amph__skip_comment("/* a /* b */ c */d"), "d");
	ck_assert_str_eq(amph__skip_comment("/* a"), "");
	ck_assert_str_eq(amph__skip_comment("/**/d"), "d");
}
END_TEST

static bool find(const amph_allocator *a, void *ctx)
{
	amph_arena own;
	amph_text_params out;
	amph_error err = { 0 };

	amph__arena_init(&own, a);
	bool ok = amph__params_of(&own, ctx, &out, &err);
	ck_assert(ok || !strcmp(err.sqlstate, "53200"));
	amph__arena_clear(&own);
	return ok;
}

START_TEST(survives_each_failed_allocation)
{
	char sql[] = "SELECT :a, :b, :c, :d, :e, :f, :g, :h, :i, :j";

	ck_assert_uint_gt(failing_alloc_sweep(find, sql), 1);
}
END_TEST

SUITE_MAIN_WITH("params", setup, teardown, names_become_numbers, what_is_quoted_is_left_alone,
		both_forms_in_one_text_are_misuse, numbers_have_a_limit, many_names_keep_their_numbers,
		a_comment_is_skipped_to_its_end, survives_each_failed_allocation)
