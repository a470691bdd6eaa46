/* src/model/array.c */
#include "tests/support/failing_alloc.h"
#include "tests/unit/model/texts.h"

static const char *through_array(int element, const amph_enum_type *e, const char *text)
{
	amph_text_array out = { 0 };
	amph_slot slot = { .type = (uint8_t)(element | AMPH_T_ARRAY), .enumeration = e };
	amph__buf_reset(&printed);
	if (!amph__array_parse(element, e, text, strlen(text), &out, &arena, &error))
		return error.sqlstate;
	ck_assert(!amph__slot_is_null(&slot, &out));
	amph__slot_format(&slot, &out, &printed);
	return amph__buf_text(&printed);
}

static void check_arrays(int element, const pair *pairs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *out = through_array(element, NULL, pairs[i].in);
		ck_assert_msg(strcmp(out, pairs[i].out) == 0, "%s: %s, not %s", pairs[i].in, out,
			      pairs[i].out);
	}
}
#define CHECK_ARRAYS(type, ...)                                                                \
	do {                                                                                   \
		const pair pairs_[] = { __VA_ARGS__ };                                         \
		check_arrays(type, pairs_, sizeof(pairs_) / sizeof(pairs_[0]));                \
	} while (0)

START_TEST(integers_and_nulls)
{
	CHECK_ARRAYS(AMPH_T_INT32, { "{1,2,3}", "{1,2,3}" }, { " { 1 , NULL , \"3\" } ", "{1,NULL,3}" },
		     { "{}", "{}" }, { "{ }", "{}" }, { "[1:2]={1,2}", "{1,2}" }, { "{nUlL}", "{NULL}" },
		     { "{1,x}", "22P02" }, { "{1,}", "22P02" }, { "{,1}", "22P02" }, { "{1", "22P02" },
		     { "1", "22P02" }, { "", "22P02" }, { "{1}}", "22P02" }, { "{1} x", "22P02" },
		     { "{\"NULL\"}", "22P02" }, { "{99999999999}", "22003" },
		     { "[1:3]={1,2}", "22P02" }, { "[2:1]={}", "2202E" }, { "[1:2={1,2}", "22P02" });
}
END_TEST

START_TEST(one_dimension_from_one_on)
{
	CHECK_ARRAYS(AMPH_T_INT32, { "{{1,2},{3,4}}", "0A000" }, { "[0:1]={1,2}", "0A000" },
		     { "[1:1][1:1]={{1}}", "0A000" });
}
END_TEST

START_TEST(texts_of_any_dimensions)
{
	static const struct { const char *text, *want; } cases[] = {
		{ "{{1, 2},{03,NULL}}", "{{1,2},{3,NULL}}" }, { "[0:1]={1,2}", "[0:1]={1,2}" },
		{ "[1:1][-1:0]={{1,2}}", "[1:1][-1:0]={{1,2}}" }, { "[1:2]={1,2}", "{1,2}" }, { "{}", "{}" },
		{ "{{{{{{7}}}}}}", "{{{{{{7}}}}}}" }, { "{{{{{{{7}}}}}}}", "54000" },
		{ "[1:1][1:1][1:1][1:1][1:1][1:1][1:1]={}", "54000" }, { "{{1},{2,3}}", "22P02" },
		{ "{{1},2}", "22P02" }, { "{1,{2}}", "22P02" }, { "{{}}", "22P02" }, { "{{1}", "22P02" },
		{ "{{1}}}", "22P02" }, { "{{x}}", "22P02" }, { "[1:2]={{1,2}}", "22P02" },
		{ "[2:1]={1}", "2202E" }, { "", "22P02" }, { "{{1},}", "22P02" }, { "{{1} {2}}", "22P02" }
	};
	const amph_sqltype type = { .type = AMPH_T_INT32 | AMPH_T_ARRAY };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		amph_error err = { .status = AMPH_OK };
		amph_buf out;

		amph__buf_init(&out, &amph__libc_allocator);
		bool ok = amph__matrix_normal(&type, cases[i].text, strlen(cases[i].text), &out, &arena,
					      &err);
		ck_assert_str_eq(ok ? amph__buf_text(&out) : err.sqlstate, cases[i].want);
		amph__buf_clear(&out);
	}
}
END_TEST

START_TEST(texts_are_quoted_where_they_must_be)
{
	const char *empty = "{\"\",NULL,\"NULL\",\"null\"}";
	const char *special = "{\"a b\",\"a\\\"b\",\"a\\\\b\",\"{x}\",\"a,b\"}";
	CHECK_ARRAYS(AMPH_T_TEXT, { "{a,b}", "{a,b}" }, { empty, empty }, { special, special },
		     { "{a b , c\\,d,\\NULL}", "{\"a b\",\"c,d\",\"NULL\"}" }, { "{a\\ }", "{\"a \"}" },
		     { "{größe,日本}", "{größe,日本}" }, { "{a\"b\"}", "22P02" }, { "{\"a\"b}", "22P02" },
		     { "{\"a}", "22P02" }, { "{a\\", "22P02" }, { "{\xff}", "22021" });
}
END_TEST

START_TEST(other_elements)
{
	CHECK_ARRAYS(AMPH_T_BYTES, { "{\"\\\\x01ff\",NULL,\"\\\\x\"}", "{\"\\\\x01ff\",NULL,\"\\\\x\"}" });
	CHECK_ARRAYS(AMPH_T_NUMERIC, { "{1.50,NaN,12345678901234567890.5}",
				       "{1.50,NaN,12345678901234567890.5}" });
	CHECK_ARRAYS(AMPH_T_TIMESTAMP, { "{\"2024-01-02 03:04:05\",infinity}",
					 "{\"2024-01-02 03:04:05\",infinity}" });
	CHECK_ARRAYS(AMPH_T_JSON, { "{\"{\\\"a\\\":1}\",1,NULL}", "{\"{\\\"a\\\": 1}\",1,NULL}" });
	CHECK_ARRAYS(AMPH_T_BOOL, { "{t,false,NULL}", "{t,f,NULL}" });
	CHECK_ARRAYS(AMPH_T_TSVECTOR, { "{a}", "0A000" });
	const char *const labels[] = { "sad", "so so" };
	const amph_enum_type mood = { "mood", labels, 2 };
	ck_assert_str_eq(through_array(AMPH_T_ENUM, &mood, "{\"so so\",sad,NULL}"),
			 "{\"so so\",sad,NULL}");
	ck_assert_str_eq(through_array(AMPH_T_ENUM, &mood, "{glad}"), "22P02");
	ck_assert_str_eq(through_array(AMPH_T_ENUM, NULL, "{sad}"), "0A000");
}
END_TEST

START_TEST(items_are_as_the_structs_say)
{
	amph_int32_array n;
	amph_text_array t;
	ck_assert(amph__array_parse(AMPH_T_INT32, NULL, "{7,NULL}", 8, &n, &arena, &error));
	ck_assert_uint_eq(n.n, 2);
	ck_assert(n.items[0].has && n.items[0].value == 7);
	ck_assert(!n.items[1].has && n.items[1].value == 0);
	ck_assert(amph__array_parse(AMPH_T_TEXT, NULL, "{a,NULL}", 8, &t, &arena, &error));
	ck_assert_str_eq(t.items[0], "a");
	ck_assert_ptr_null(t.items[1]);
	ck_assert(amph__array_parse(AMPH_T_TEXT, NULL, "{}", 2, &t, &arena, &error));
	ck_assert_uint_eq(t.n, 0);
	ck_assert_ptr_nonnull(t.items);
}
END_TEST

static bool work(const amph_allocator *a, void *ctx)
{
	const char *text = "{\"a b\",NULL,c,\"{\\\"x\\\"}\"}";
	amph_arena own;
	amph_buf out;
	amph_text_array array;
	amph_slot slot = { .type = AMPH_T_TEXT | AMPH_T_ARRAY };
	(void)ctx;
	amph__arena_init(&own, a);
	amph__buf_init(&out, a);
	bool ok = amph__array_parse(AMPH_T_TEXT, NULL, text, strlen(text), &array, &own, &error);
	if (ok)
		amph__slot_format(&slot, &array, &out);
	ok = ok && !out.failed;
	ck_assert(!ok || strcmp(out.text, text) == 0);
	amph__buf_clear(&out);
	amph__arena_clear(&own);
	return ok;
}

START_TEST(survives_each_failure)
{
	ck_assert_uint_gt(failing_alloc_sweep(work, NULL), 1);
}
END_TEST

SUITE_MAIN_WITH("array", setup_texts, teardown_texts, integers_and_nulls, one_dimension_from_one_on,
		texts_of_any_dimensions,
		texts_are_quoted_where_they_must_be, other_elements, items_are_as_the_structs_say,
		survives_each_failure)
