/* src/base/ascii.c and ascii.h */
#include "src/base/ascii.h"
#include "tests/support/suite.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* The C locale is that of a program that calls no setlocale. */
START_TEST(agrees_with_the_c_locale_on_every_byte)
{
	for (int i = -128; i < 256; i++) {
		char c = (char)i;
		int byte = (unsigned char)c;

		ck_assert_int_eq(amph__is_digit(c), isdigit(byte) != 0);
		ck_assert_int_eq(amph__is_space(c), isspace(byte) != 0);
		ck_assert_int_eq(amph__is_alpha(c), isalpha(byte) != 0);
		ck_assert_int_eq((unsigned char)amph__ascii_lower(c), tolower(byte));
		ck_assert_int_eq(amph__hex_of(c) >= 0, isxdigit(byte) != 0);
	}
}
END_TEST

START_TEST(hexadecimal_digits_have_their_values)
{
	const char *lower = "0123456789abcdef", *upper = "0123456789ABCDEF";

	for (int i = 0; i < 16; i++) {
		ck_assert_int_eq(amph__hex_of(lower[i]), i);
		ck_assert_int_eq(amph__hex_of(upper[i]), i);
	}
	ck_assert_int_eq(amph__hex_of('g'), -1);
	ck_assert_int_eq(amph__hex_of('\0'), -1);
	ck_assert_int_eq(amph__hex_of('\x10'), -1);     /* '0' without a bit */
}
END_TEST

START_TEST(words_are_compared_but_for_case)
{
	ck_assert(amph__ascii_same("INSERT", "insert"));
	ck_assert(amph__ascii_same("", ""));
	ck_assert(!amph__ascii_same("insert", "inser"));
	ck_assert(!amph__ascii_same("inser", "insert"));
	ck_assert(!amph__ascii_same("[", "{"));         /* as far apart as a letter and its capital */
	ck_assert(!amph__ascii_same("Ä", "ä"));
	ck_assert(amph__ascii_begins("BEGIN WORK", "begin", 5));
	ck_assert(amph__ascii_begins("be", "BE", 5));
	ck_assert(amph__ascii_begins("x", "y", 0));
	ck_assert(!amph__ascii_begins("be", "begin", 5));
	ck_assert(!amph__ascii_begins("begin", "be", 5));
}
END_TEST

START_TEST(a_number_has_a_point_in_any_locale)
{
	static const char *const cases[][2] = {
		{ "1,5", "1.5" }, { "-1.25e+03", "-1.25e+03" }, { "+0\xd9\xab" "5", "+0.5" }, { "7", "7" },
		{ "", "" }, { "-inf", "-inf" }, { ",5", ".5" }, { "5,", "5." },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[32];

		snprintf(text, sizeof(text), "%s", cases[i][0]);
		ck_assert_uint_eq(amph__ascii_point(text), strlen(cases[i][1]));
		ck_assert_str_eq(text, cases[i][1]);
	}
}
END_TEST

SUITE_MAIN("ascii", agrees_with_the_c_locale_on_every_byte, hexadecimal_digits_have_their_values,
	   words_are_compared_but_for_case, a_number_has_a_point_in_any_locale)
