/* backends/sqlite/functions/json/jsonplain.c: json keeps the text that it was given. */
#include "backends/sqlite/functions/json/jsontext.h"
#include "tests/support/failing_alloc.h"
#include "tests/support/suite.h"
#include "call.h"
#include <stdlib.h>
#include <string.h>

typedef struct expected { const char *sql, *answer; } expected;

static void answer(const expected *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *got = call(cases[i].sql);

		ck_assert_msg(!strcmp(got, cases[i].answer), "%s: %s, expected %s", cases[i].sql, got,
			      cases[i].answer);
	}
}
#define ANSWER(cases) answer(cases, sizeof(cases) / sizeof(cases[0]))

static const char *check(const char *text, size_t len)
{
	amph_error err = { 0 };

	return amph__sl_plain_check(&call_arena, text, len, &err) ? "" :
	       amph__arena_printf(&call_arena, "%s", err.sqlstate);
}

START_TEST(what_is_json_is_taken_as_it_is)
{
	static const char *const good[] = { "null", " [1 , 2] ", "{\"a\":1, \"a\" : 2}", "\"\\ud800\"",
					    "\"\\udc00x\"", "\"\\u0000\"", "\"größe\"", "-0.0e+10",
					    "\"\\\\u12\"" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_msg(!*check(good[i], strlen(good[i])), "%s", good[i]);
	ck_assert_str_eq(call("SELECT amph_json_in(' {\"b\" : 1, \"a\":2, \"b\":3} ')"),
			 " {\"b\" : 1, \"a\":2, \"b\":3} ");
}
END_TEST

START_TEST(what_is_no_json_is_refused)
{
	static const char *const bad[] = { "", " ", "{\"a\":}", "[1,]", "nul", "01", "\"\\u12\"",
					   "\"\\u12g4\"", "\"\\x\"", "\"a", "[", "1 2", "'a'", "\"\n\"" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!strcmp(check(bad[i], strlen(bad[i])), "22P02"), "%s: %s", bad[i],
			      check(bad[i], strlen(bad[i])));
	ck_assert_str_eq(call("SELECT amph_json_in('{')"), "ERR 22P02");
	ck_assert_str_eq(call("SELECT amph_json_in(NULL)"), "<NULL>");
}
END_TEST

/* Half a character stays where nobody reads it. */
START_TEST(reading_wants_characters)
{
	static const expected cases[] = {
		{ "SELECT amph_json_array_element('[\"\\ud800\"]', 0)", "ERR 22P02" },
		{ "SELECT amph_json_object_field_text('{\"a\":1,\"b\":\"\\udc00\"}', 'a')", "ERR 22P02" },
		{ "SELECT amph_json_array_element_text('[1,\"x\\u00e9\"]', 1)", "xé" },
		{ "SELECT amph_json_array_element('[1,\"x\\u00e9\"]', 1)", "\"x\\u00e9\"" },
		{ "SELECT amph_json_typeof_json('\"\\ud800\"')", "string" },
	};
	ANSWER(cases);
}
END_TEST

START_TEST(parts_are_found)
{
	static const expected cases[] = {
		{ "SELECT amph_json_object_field(' {\"b\" : 1, \"a\":2, \"b\":3} ', 'b')", "3" },
		{ "SELECT amph_json_object_field('{\"a\":1}', 'b')", "<NULL>" },
		{ "SELECT amph_json_object_field('[1]', 'a')", "<NULL>" },
		{ "SELECT amph_json_array_element('[1,\"x\",null]', 2)", "null" },
		{ "SELECT amph_json_array_element_text('[1,\"x\",null]', 2)", "<NULL>" },
		{ "SELECT amph_json_array_element('[1,\"x\",null]', -3)", "1" },
		{ "SELECT amph_json_array_element('[1,\"x\",null]', 3)", "<NULL>" },
		{ "SELECT amph_json_extract_path('{\"a\":{\"b\":[10,20]}}', '{a,b,-1}')", "20" },
		{ "SELECT amph_json_extract_path('{\"a\":{\"b\":[10,20]}}', '{a,b,x}')", "<NULL>" },
		{ "SELECT amph_json_extract_path('{\"a\":{\"b\":[10,20]}}', '{a,NULL}')", "<NULL>" },
		{ "SELECT amph_json_extract_path('{\"a\":{\"b\":[10,20]}}', '{}')",
		  "{\"a\":{\"b\":[10,20]}}" },
		{ "SELECT amph_json_extract_path('{\"a\":1,\"a\":{\"b\":2},\"a\":{\"c\":3}}', '{a,b}')",
		  "2" },
		{ "SELECT amph_json_array_length_json(' [1 , {\"a\":[2,3]}] ')", "2" },
		{ "SELECT amph_json_array_length_json('{}')", "ERR 22023" },
		{ "SELECT amph_json_typeof_json(' [1] ')", "array" },
	};
	ANSWER(cases);
}
END_TEST

START_TEST(null_members_go_and_null_elements_stay)
{
	static const expected cases[] = {
		{ "SELECT amph_json_strip_nulls_json(' {\"a\" : null, \"b\": [1, null, {\"c\":null}], "
		  "\"d\" : \"x\\u00e9\"} ')", "{\"b\":[1,null,{}],\"d\":\"xé\"}" },
		{ "SELECT amph_json_strip_nulls_json('null')", "null" },
		{ "SELECT amph_json_strip_nulls_json('[]')", "[]" },
		{ "SELECT amph_json_strip_nulls_json('[\"\\ud800\"]')", "ERR 22P02" },
	};
	ANSWER(cases);
}
END_TEST

static bool read_twice(const amph_allocator *a, void *ctx)
{
	amph_arena arena;
	amph_error err = { 0 };
	const char *text = ctx;

	amph__arena_init(&arena, a);
	bool ok = amph__sl_plain_check(&arena, text, strlen(text), &err);
	ck_assert(ok || !strcmp(err.sqlstate, "53200"));
	amph__arena_clear(&arena);
	return ok;
}

START_TEST(survives_each_failed_allocation)
{
	enum { LEN = 20000 };
	char *text = malloc(LEN + 3);

	memset(text, ' ', LEN + 2);
	text[0] = '[';
	text[LEN + 1] = ']';
	text[LEN + 2] = '\0';
	ck_assert_uint_gt(failing_alloc_sweep(read_twice, text), 1);
	free(text);
}
END_TEST

SUITE_MAIN_WITH("json as it was written", call_setup, call_teardown, what_is_json_is_taken_as_it_is,
		what_is_no_json_is_refused, reading_wants_characters, parts_are_found,
		null_members_go_and_null_elements_stay, survives_each_failed_allocation)
