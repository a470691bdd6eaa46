/* src/model/json*.c */
#include "src/model/json.h"
#include "amphora/value.h"
#include "tests/support/failing_alloc.h"
#include "tests/unit/model/texts.h"
#include <stdio.h>
#include <stdlib.h>

START_TEST(members_are_in_order_and_once)
{
	CHECK_PAIRS(AMPH_T_JSON,
		    { "{\"bb\":1,\"a\":2,\"bb\":3, \"c\" :[1, 2]}", "{\"a\": 2, \"c\": [1, 2], \"bb\": 3}" },
		    { "{\"b\":1,\"aa\":2,\"a\":3}", "{\"a\": 3, \"b\": 1, \"aa\": 2}" },
		    { "{\"\":1,\"\\u0061\":2,\"a\":3}", "{\"\": 1, \"a\": 3}" },
		    { "{\"a\":{\"b\":1,\"a\":[{}]},\"a\":[]}", "{\"a\": []}" },
		    { "{\"é\":1,\"zz\":2,\"z\":3}", "{\"z\": 3, \"zz\": 2, \"é\": 1}" },
		    { "[]", "[]" }, { "{}", "{}" }, { " [ ] ", "[]" }, { "[[],{}]", "[[], {}]" });
}
END_TEST

START_TEST(numbers_are_numerics)
{
	CHECK_PAIRS(AMPH_T_JSON, { "1.0", "1.0" }, { "1e3", "1000" }, { "-0", "0" }, { "-0.00", "0.00" },
		    { "100000000000000000000.5", "100000000000000000000.5" }, { "[1E-2]", "[0.01]" },
		    { "1e400000", "22003" }, { "1e-20000", "22003" }, { "01", "22P02" },
		    { "1.", "22P02" }, { ".5", "22P02" }, { "+1", "22P02" }, { "-", "22P02" },
		    { "1e", "22P02" }, { "NaN", "22P02" }, { "0x10", "22P02" });
}
END_TEST

START_TEST(strings_are_decoded_and_escaped_again)
{
	CHECK_PAIRS(AMPH_T_JSON, { "\"\\u00e9\\ud83d\\ude00\\n\"", "\"é😀\\n\"" }, { "\"\\/\"", "\"/\"" },
		    { "\"\\u001f\\u007f\\b\\f\\r\\t\"", "\"\\u001f\x7f\\b\\f\\r\\t\"" },
		    { "\"\\\"\\\\\"", "\"\\\"\\\\\"" }, { "\"\\u0000\"", "22P05" },
		    { "\"\\ud800\"", "22P02" }, { "\"\\udc00\"", "22P02" },
		    { "\"\\ud83d\\u0041\"", "22P02" }, { "\"\\x\"", "22P02" },
		    { "\"\\u12g4\"", "22P02" }, { "\"\\u12\"", "22P02" }, { "\"\\", "22P02" },
		    { "\"a", "22P02" }, { "\"\n\"", "22P02" }, { "\"\xff\"", "22021" });
	ck_assert_str_eq(through_text(AMPH_T_JSON, "\"a\0\"", 4), "22021");
}
END_TEST

START_TEST(grammar)
{
	CHECK_PAIRS(AMPH_T_JSON, { "true", "true" }, { " null\n", "null" }, { "", "22P02" },
		    { " ", "22P02" }, { "tru", "22P02" }, { "truex", "22P02" }, { "[1,]", "22P02" },
		    { "[1 2]", "22P02" }, { "[,1]", "22P02" }, { "{\"a\"}", "22P02" },
		    { "{\"a\":}", "22P02" }, { "{a:1}", "22P02" }, { "{\"a\":1,}", "22P02" },
		    { "[1", "22P02" }, { "{\"a\":1", "22P02" }, { "[1}", "22P02" }, { "1 1", "22P02" },
		    { "]", "22P02" }, { "[]]", "22P02" }, { "{1:2}", "22P02" });
}
END_TEST

static char *nested(size_t depth, const char *open, char close)
{
	size_t width = strlen(open);
	char *text = malloc(depth * (width + 1) + 1);
	ck_assert_ptr_nonnull(text);
	for (size_t i = 0; i < depth; i++)
		memcpy(text + i * width, open, width);
	memset(text + depth * width, close, depth);
	text[depth * (width + 1)] = '\0';
	return text;
}

START_TEST(depth_does_not_need_a_stack)
{
	char *text = nested(AMPH_JSON_DEPTH_MAX, "[", ']');
	ck_assert_str_eq(through_text(AMPH_T_JSON, text, strlen(text)), text);
	ck_assert_int_eq(amph__json_compare(text, strlen(text), text, strlen(text)), 0);
	free(text);
	text = nested(AMPH_JSON_DEPTH_MAX + 1, "[", ']');
	ck_assert_str_eq(through_text(AMPH_T_JSON, text, strlen(text)), "54001");
	free(text);
	text = nested(1000000, "[", ']');
	ck_assert_str_eq(through_text(AMPH_T_JSON, text, strlen(text)), "54001");
	free(text);
	text = nested(1000000, "{\"a\":", '}');
	ck_assert_str_eq(through_text(AMPH_T_JSON, text, strlen(text)), "54001");
	free(text);
}
END_TEST

START_TEST(many_members_are_sorted)
{
	static char text[200000];
	size_t len = 1;
	text[0] = '{';
	for (unsigned i = 0; i < 10000; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s\"%u\":%u", i > 0 ? "," : "",
					i * 7919 % 5000, i);
	text[len++] = '}';
	const char *out = through_text(AMPH_T_JSON, text, len);
	ck_assert_int_eq(strncmp(out, "{\"0\": 5000, \"1\": 7679, ", 22), 0);
	size_t colons = 0;
	for (; *out != '\0'; out++)
		colons += *out == ':';
	ck_assert_uint_eq(colons, 5000);
}
END_TEST

START_TEST(order_of_jsonb)
{
	static const char *const ascending[] = {
		"[]", "null", "\"\"", "\"a\"", "\"aa\"", "\"b\"", "\"é\"", "-1", "1", "9", "10", "false",
		"true", "[null]", "[\"a\"]", "[3]", "[[]]", "[{}]", "[1, 2]", "[1, 3]", "{}",
		"{\"a\": 1}", "{\"a\": 2}", "{\"b\": 1}", "{\"a\": 1, \"b\": 1}",
		"{\"a\": 1, \"c\": []}",
	};
	size_t n = sizeof(ascending) / sizeof(ascending[0]);
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < n; j++) {
			int order = amph__json_compare(ascending[i], strlen(ascending[i]), ascending[j],
						       strlen(ascending[j]));
			ck_assert_msg((order > 0) - (order < 0) == (i > j) - (i < j), "%s, %s",
				      ascending[i], ascending[j]);
		}
	}
	ck_assert_int_eq(amph__json_compare("[1.0]", 5, "[1.00]", 6), 0);
	ck_assert_int_lt(amph__json_compare("\"\\n\"", 4, "\"a\"", 3), 0);
	ck_assert_int_lt(amph__json_compare("\"\\u001f\"", 8, "\" \"", 3), 0);
}
END_TEST

START_TEST(order_survives_what_is_not_normal)
{
	static const char *const texts[] = { "", "[", "{", "\"", "\"\\", "[1", "]", "\"\\u1", ",", "[[[" };
	size_t n = sizeof(texts) / sizeof(texts[0]);
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < n; j++)
			amph__json_compare(texts[i], strlen(texts[i]), texts[j], strlen(texts[j]));
	}
}
END_TEST

START_TEST(written_in_c)
{
	amph_json json = AMPH_JSON({"priority": "high", "n": [1, 2]});
	amph__buf_reset(&printed);
	amph__json_write(&json, &printed);
	ck_assert_str_eq(printed.text, "{\"n\": [1, 2], \"priority\": \"high\"}");
	json = amph_json_text("{broken");
	amph__buf_reset(&printed);
	amph__json_write(&json, &printed);
	ck_assert_str_eq(printed.text, "{broken");
}
END_TEST

/* The text that the tree gives; false where there is none. */
static bool is_own_tree(const char *text, size_t len)
{
	amph__arena_reset(&arena);
	amph_json_node *root = amph__json_parse(text, len, &arena, &error);
	amph__buf_reset(&printed);
	if (root != NULL)
		amph__json_put(root, &printed);
	return root != NULL && printed.len == len && memcmp(printed.text, text, len) == 0;
}

static const char *const normal[] = {
	"{}", "[]", "1", "-1.50", "0", "0.0", "\"a\"", "true", "null", "[[], {}, [{}]]",
	"{\"a\": {\"b\": [1, 2.0, \"x\"], \"cc\": false}, \"zz\": null, \"é\": [-7]}",
	"[{\"a\": 1}, {\"a\": 2, \"b\": []}, \"\x7f\"]",
	"{\"seventy\": \"a text of more than eight bytes\", \"seventy 1\": \"größe\", \"seventy 2\": [0, 1]}",
	"\"größe of more than eight bytes\"", "[12345678901234567890.5]"
};

START_TEST(normal_form_is_seen)
{
	static const char *const others[] = {
		"", " ", "{\"b\": 1, \"a\": 2}", "{\"a\": 1, \"a\": 2}", "{\"a\":1}", "[1,2]", "[1, ]", "01",
		"-0", "1.", "1e5", "[1}", "{\"a\": 1]", "[1", "1 ", "\"\\n\"", "\"\t\"", "\"\xff\"", "nul",
		"\"a longer \\\" text\"", "\"a longer \x1f text\"", "\"a longer \xff text\"", "\"a longer",
		"{\"seventy b\": 1, \"seventy a\": 2}", "{\"bb\": 1, \"a\": 2}", "{1: 2}", "{\"a\"}",
		"]", "1, 2"
	};
	for (size_t i = 0; i < sizeof normal / sizeof *normal; i++) {
		ck_assert_msg(amph__json_is_normal(normal[i], strlen(normal[i])), "%s", normal[i]);
		ck_assert(is_own_tree(normal[i], strlen(normal[i])));
	}
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		ck_assert_msg(!amph__json_is_normal(others[i], strlen(others[i])), "%s", others[i]);
	ck_assert(!amph__json_is_normal("1\0", 2));
}
END_TEST

/* Whatever is changed in a text: what counts as normal is what the tree would give. */
START_TEST(normal_form_is_what_the_tree_gives)
{
	static const char bytes[] = "{}[]\":, 01-.etn\\a\n";
	unsigned seed = 1;
	for (int round = 0; round < 100000; round++) {
		char text[128];
		const char *from = normal[round % (int)(sizeof normal / sizeof *normal)];
		size_t len = strlen(from);
		memcpy(text, from, len);
		for (int k = 0; k < 1 + round % 3; k++) {
			seed = seed * 1103515245 + 12345;
			text[seed / 65536 % len] = bytes[seed / 7 % (sizeof bytes - 1)];
		}
		if (amph__json_is_normal(text, len))
			ck_assert_msg(is_own_tree(text, len), "%.*s", (int)len, text);
	}
}
END_TEST

static bool work(const amph_allocator *a, void *ctx)
{
	const char *text = ctx;
	amph_buf out;
	amph__buf_init(&out, a);
	bool ok = amph__json_normalize(text, strlen(text), &out, &error);
	if (!ok)
		ck_assert_str_eq(error.sqlstate, "53200");
	amph__buf_clear(&out);
	return ok;
}

START_TEST(survives_each_failure)
{
	static char text[8000] = "[";
	for (int i = 0; i < 90; i++)
		strncat(text, "{\"b\":\"\\u00e9\",\"a\":1e5,\"c\":[[]],\"a\":2.50}, ", 60);
	strncat(text, "1]", 3);
	ck_assert_uint_gt(failing_alloc_sweep(work, text), 3);
}
END_TEST

SUITE_MAIN_WITH("json", setup_texts, teardown_texts, members_are_in_order_and_once,
		numbers_are_numerics, strings_are_decoded_and_escaped_again, grammar,
		depth_does_not_need_a_stack, many_members_are_sorted, order_of_jsonb,
		order_survives_what_is_not_normal, written_in_c, normal_form_is_seen,
		normal_form_is_what_the_tree_gives, survives_each_failure)
