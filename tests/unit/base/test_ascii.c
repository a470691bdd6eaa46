/* src/base/ascii.h */
#include "src/base/ascii.h"
#include "tests/support/suite.h"
#include <ctype.h>

/* The C locale is that of a program that calls no setlocale. */
START_TEST(agrees_with_the_c_locale_on_every_byte)
{
	for (int i = -128; i < 256; i++) {
		char c = (char)i;
		int byte = (unsigned char)c;

		ck_assert_int_eq(amph__is_digit(c), isdigit(byte) != 0);
		ck_assert_int_eq(amph__is_space(c), isspace(byte) != 0);
		ck_assert_int_eq(amph__is_alpha(c), isalpha(byte) != 0);
		ck_assert_int_eq((unsigned char)amph__lower(c), tolower(byte));
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

SUITE_MAIN("ascii", agrees_with_the_c_locale_on_every_byte, hexadecimal_digits_have_their_values)
