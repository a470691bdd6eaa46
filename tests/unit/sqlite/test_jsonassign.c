/* backends/sqlite/functions/json/jsonassign.c: amph_jsonb_assign(what NULL begins as, value, document,
 * step, ...). The answers are PostgreSQL's to UPDATE t SET j[step]... = value. */
#include "tests/support/failing_alloc.h"
#include "tests/support/suite.h"
#include "call.h"
#include <stdio.h>
#include <string.h>

#define DOC "'{\"a\": [1, 2], \"b\": {\"c\": true}}'"

typedef struct assigned { const char *args, *answer; } assigned;

static void answer(const assigned *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *sql = amph__arena_printf(&call_arena, "SELECT amph_jsonb_assign(%s)",
						     cases[i].args);
		const char *got = call(sql);

		ck_assert_msg(!strcmp(got, cases[i].answer), "%s: %s, expected %s", sql, got,
			      cases[i].answer);
	}
}
#define ANSWER(cases) answer(cases, sizeof(cases) / sizeof(cases[0]))

START_TEST(what_is_there_is_replaced)
{
	static const assigned cases[] = {
		{ "'{}', '\"x\"', " DOC ", 'a', '1'", "{\"a\": [1, \"x\"], \"b\": {\"c\": true}}" },
		{ "'{}', '0', " DOC ", 'a', '-1'", "{\"a\": [1, 0], \"b\": {\"c\": true}}" },
		{ "'{}', '[]', " DOC ", 'b'", "{\"a\": [1, 2], \"b\": []}" },
		{ "'{}', NULL, " DOC ", 'b', 'c'", "{\"a\": [1, 2], \"b\": {\"c\": null}}" },
	};
	ANSWER(cases);
}
END_TEST

START_TEST(what_lies_on_the_way_is_made)
{
	static const assigned cases[] = {
		{ "'{}', 'null', " DOC ", 'a', '5'",
		  "{\"a\": [1, 2, null, null, null, null], \"b\": {\"c\": true}}" },
		{ "'{}', '7', " DOC ", 'n', '2', 'k'",
		  "{\"a\": [1, 2], \"b\": {\"c\": true}, \"n\": [null, null, {\"k\": 7}]}" },
		{ "'{}', '1', " DOC ", 'ä'", "{\"a\": [1, 2], \"b\": {\"c\": true}, \"ä\": 1}" },
		{ "'{}', '1', '{}', 'a\"\\'", "{\"a\\\"\\\\\": 1}" },
		{ "'{}', '1', NULL, 'a'", "{\"a\": 1}" },
		{ "'{}', '1', NULL, '1'", "{\"1\": 1}" },
		{ "'[]', '1', NULL, '1'", "[null, 1]" },
		{ "'[]', '1', '[]', '0'", "[1]" },
	};
	ANSWER(cases);
}
END_TEST

START_TEST(steps_that_lead_nowhere_are_errors)
{
	static const assigned cases[] = {
		{ "'{}', '0', " DOC ", 'a', '-9'", "ERR 22023" },
		{ "'{}', '0', " DOC ", 'a', 'x'", "ERR 22P02" },
		{ "'{}', '0', " DOC ", 'a', ''", "ERR 22P02" },
		{ "'{}', '0', " DOC ", 'b', 'c', 'd'", "ERR 22023" },
		{ "'{}', '1', '\"s\"', 'a'", "ERR 22023" },
		{ "'{}', '1', '[]', '99999999999'", "ERR 22P02" },
		{ "'{}', '1', " DOC ", NULL", "ERR 22004" },
		{ "'{}', '1', " DOC ", 'a', NULL", "ERR 22004" },
	};
	ANSWER(cases);
}
END_TEST

static bool use(const amph_allocator *a, void *ctx)
{
	sl_env own = { .allocator = a, .clock = &amph__system_clock };
	sqlite3 *handle;

	ck_assert_int_eq(sqlite3_open(":memory:", &handle), SQLITE_OK);
	int rc = amph__sl_register(handle, &own);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(handle, ctx, NULL, NULL, NULL);
	ck_assert_msg(rc == SQLITE_OK || rc == SQLITE_NOMEM, "%s", sqlite3_errmsg(handle));
	ck_assert_int_eq(sqlite3_close(handle), SQLITE_OK);
	return rc == SQLITE_OK;
}

START_TEST(survives_each_failed_allocation)
{
	char sql[] = "SELECT amph_jsonb_assign('{}', '7', " DOC ", 'n', '300', 'k')";

	ck_assert_uint_gt(failing_alloc_sweep(use, sql), 2);
}
END_TEST

SUITE_MAIN_WITH("assignment to parts of jsonb", call_setup, call_teardown, what_is_there_is_replaced,
		what_lies_on_the_way_is_made, steps_that_lead_nowhere_are_errors,
		survives_each_failed_allocation)
