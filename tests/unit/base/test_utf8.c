/* src/base/utf8.c */
#include "src/base/utf8.h"
#include "tests/support/suite.h"
#include <string.h>

static bool valid(const char *text)
{
	return amph__utf8_valid(text, strlen(text));
}

START_TEST(valid_text_is_valid)
{
	ck_assert(amph__utf8_valid(NULL, 0));
	ck_assert(valid(""));
	ck_assert(valid("plain text of more than eight bytes"));
	ck_assert(valid("größer als 😀 und € und ͸"));
	ck_assert(valid("\xC2\x80"));
	ck_assert(valid("\xDF\xBF"));
	ck_assert(valid("\xE0\xA0\x80"));
	ck_assert(valid("\xED\x9F\xBF"));
	ck_assert(valid("\xEE\x80\x80"));
	ck_assert(valid("\xEF\xBF\xBF"));
	ck_assert(valid("\xF0\x90\x80\x80"));
	ck_assert(valid("\xF4\x8F\xBF\xBF"));
}
END_TEST

START_TEST(invalid_text_is_refused_at_each_place)
{
	static const char *const bad[] = {
		"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2x", "\xE0\x9F\xBF",
		"\xE2\x82", "\xE2\x82x", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF",
		"\xF0\x9F\x98", "\xF0\x9F\x98x", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF",
		"\xFE", "\xF8\x88\x80\x80\x80",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		for (size_t before = 0; before < 20; before++) {
			char text[64];
			size_t len = strlen(bad[i]);
			memset(text, 'a', sizeof(text));
			memcpy(text + before, bad[i], len);
			ck_assert_msg(!amph__utf8_valid(text, before + len), "%zu after %zu", i,
				      before);
			ck_assert_msg(!amph__utf8_valid(text, sizeof(text)), "%zu within", i);
		}
	}
}
END_TEST

START_TEST(a_nul_is_refused)
{
	for (size_t at = 0; at < 30; at++) {
		char text[30];
		memset(text, 'a', sizeof(text));
		text[at] = '\0';
		ck_assert(!amph__utf8_valid(text, sizeof(text)));
		ck_assert(amph__utf8_valid(text, at));
	}
	ck_assert(!amph__utf8_valid("\x01\0\x01\x01\x01\x01\x01\x01", 8));
	ck_assert(amph__utf8_valid("\x01\x01\x01\x01\x01\x01\x01\x01", 8));
}
END_TEST

START_TEST(characters_are_counted)
{
	ck_assert_uint_eq(amph__utf8_count("", 0), 0);
	ck_assert_uint_eq(amph__utf8_count("abc", 3), 3);
	ck_assert_uint_eq(amph__utf8_count("aé€😀", 10), 4);
}
END_TEST

/* Every character there is, there and back. */
START_TEST(put_and_next_are_inverse)
{
	for (uint32_t c = 1; c <= 0x10FFFF; c++) {
		if (c == 0xD800)
			c = 0xE000;
		char text[4];
		uint32_t back = 0;
		size_t n = amph__utf8_put(text, c);
		if (!amph__utf8_valid(text, n) || amph__utf8_next(text, &back) != n || back != c)
			ck_abort_msg("U+%04X came back as U+%04X", c, back);
	}
}
END_TEST

SUITE_MAIN("utf8", valid_text_is_valid, invalid_text_is_refused_at_each_place, a_nul_is_refused,
	   characters_are_counted, put_and_next_are_inverse)
