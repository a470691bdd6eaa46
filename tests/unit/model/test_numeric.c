/* src/model/numeric.c */
#include "amphora/value.h"
#include "tests/unit/model/texts.h"
#include <math.h>

static const char *formatted(amph_numeric n)
{
	static char text[400];
	ck_assert_uint_lt(amph_numeric_format(n, text, sizeof(text)), sizeof(text));
	return text;
}

START_TEST(text_as_postgresql_writes_it)
{
	CHECK_PAIRS(AMPH_T_NUMERIC, { "1.500", "1.500" }, { "1e3", "1000" }, { "1.5e-3", "0.0015" },
		    { "-0", "0" }, { "-0.00", "0.00" }, { " 007 ", "7" }, { ".5", "0.5" },
		    { "5.", "5" }, { "+1", "1" }, { "NaN", "NaN" }, { "nan", "NaN" },
		    { "-inf", "-Infinity" }, { "Infinity", "Infinity" }, { "1e 5", "100000" },
		    { "12345678901234567890.123456789", "12345678901234567890.123456789" },
		    { "0000000000000000000000000.50", "0.50" }, { "+NaN", "22P02" },
		    { ".", "22P02" }, { "", "22P02" }, { "1e", "22P02" }, { "1.2.3", "22P02" },
		    { "- 5", "22P02" }, { "1_000", "22P02" }, { "1e131072", "22003" },
		    { "1e-16384", "22003" }, { "0e200000", "0" }, { "1e9999999999", "22003" });
}
END_TEST

START_TEST(eighteen_digits_are_small)
{
	amph_numeric n = amph_numeric_parse("999999999999999999");
	ck_assert_uint_eq(n.kind, AMPH_NUMERIC_SMALL);
	n = amph_numeric_parse("-0.000000000000000001");
	ck_assert_uint_eq(n.kind, AMPH_NUMERIC_SMALL);
	ck_assert_int_eq(n.v.units, -1);
	ck_assert_int_eq(n.scale, 18);
	n = amph_dec(9.50);
	ck_assert_int_eq(n.v.units, 950);
	ck_assert_int_eq(n.scale, 2);
	n = amph_dec(-1e3);
	ck_assert_int_eq(n.v.units, -1000);
	ck_assert_int_eq(n.scale, 0);
}
END_TEST

START_TEST(more_digits_stay_in_the_text)
{
	const char *text = "  +1234567890123456789.50 ";
	amph_numeric n = amph_numeric_parse(text);
	ck_assert_uint_eq(n.kind, AMPH_NUMERIC_DIGITS);
	ck_assert_ptr_eq(n.v.digits, text + 3);
	ck_assert_uint_eq(n.n_digits, 22);
	ck_assert_int_eq(n.scale, 2);
	ck_assert_str_eq(formatted(n), "1234567890123456789.50");
	n = amph_numeric_parse("-00000000000000000000000000012345678901234567890");
	ck_assert_str_eq(formatted(n), "-12345678901234567890");
	n = amph_numeric_parse("-0.0000000000000000000000");
	ck_assert_str_eq(formatted(n), "0.0000000000000000000000");
}
END_TEST

START_TEST(what_is_no_number_is_invalid)
{
	static const char *const texts[] = { "", "abc", "1e30", "1.5x", "12e-30", "--1" };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_uint_eq(amph_numeric_parse(texts[i]).kind, AMPH_NUMERIC_INVALID);
	ck_assert_uint_eq(amph_numeric_parse(NULL).kind, AMPH_NUMERIC_INVALID);
	static char text[131075];
	memset(text, '9', 131073);
	ck_assert_uint_eq(amph_numeric_parse(text).kind, AMPH_NUMERIC_INVALID);
	text[131072] = '\0';
	ck_assert_uint_eq(amph_numeric_parse(text).kind, AMPH_NUMERIC_DIGITS);
	memset(text, '0', 16386);
	text[1] = '.';
	text[16386] = '\0';
	ck_assert_uint_eq(amph_numeric_parse(text).kind, AMPH_NUMERIC_INVALID);
}
END_TEST

START_TEST(order_is_by_value)
{
	static const char *const ascending[] = {
		"-Infinity", "-123456789012345678901234567890", "-1.5", "-1.49", "-0.1", "0",
		"0.000000000000000001", "0.1", "1", "1.0000000000000000000000001", "9",
		"10", "123456789012345678901234567890", "123456789012345678901234567890.1",
		"Infinity", "NaN",
	};
	size_t n = sizeof(ascending) / sizeof(ascending[0]);
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < n; j++) {
			int order = amph_numeric_compare(amph_numeric_parse(ascending[i]),
							 amph_numeric_parse(ascending[j]));
			ck_assert_int_eq((order > 0) - (order < 0), (i > j) - (i < j));
		}
	}
	ck_assert_int_eq(amph_numeric_compare(amph_dec(1.0), amph_dec(1.00)), 0);
	ck_assert_int_eq(amph_numeric_compare(amph_dec(-0.0), amph_dec(0)), 0);
	ck_assert_int_eq(amph_numeric_compare(amph_dec(1), amph_dec(1.0000000000000000000000)), 0);
}
END_TEST

START_TEST(integers_both_ways)
{
	int64_t n;
	ck_assert(amph_numeric_to_int64(amph_numeric_from_int64(INT64_MIN), &n, NULL));
	ck_assert_int_eq(n, INT64_MIN);
	ck_assert(amph_numeric_to_int64(amph_dec(2.5), &n, NULL));
	ck_assert_int_eq(n, 3);
	ck_assert(amph_numeric_to_int64(amph_dec(-2.5), &n, NULL));
	ck_assert_int_eq(n, -3);
	ck_assert(amph_numeric_to_int64(amph_dec(9223372036854775807.49), &n, NULL));
	ck_assert_int_eq(n, INT64_MAX);
	ck_assert(amph_numeric_to_int64(amph_dec(-9223372036854775808.4), &n, NULL));
	ck_assert_int_eq(n, INT64_MIN);
	ck_assert(!amph_numeric_to_int64(amph_dec(9223372036854775807.5), &n, &error));
	ck_assert_str_eq(error.sqlstate, "22003");
	ck_assert(!amph_numeric_to_int64(amph_dec(NaN), &n, &error));
	ck_assert_str_eq(error.sqlstate, "0A000");
	ck_assert(!amph_numeric_to_int64(amph_dec(nonsense), &n, &error));
	ck_assert_str_eq(error.sqlstate, "22P02");
}
END_TEST

START_TEST(doubles)
{
	ck_assert_double_eq(amph_numeric_to_double(amph_dec(0.1)), 0.1);
	ck_assert_double_eq(amph_numeric_to_double(amph_dec(123456789012345678)),
			    123456789012345678.0);
	ck_assert_double_eq(amph_numeric_to_double(amph_dec(-12345678901234567890.5)),
			    -12345678901234567890.5);
	ck_assert(isnan(amph_numeric_to_double(amph_dec(NaN))));
	ck_assert(isinf(amph_numeric_to_double(amph_dec(-Infinity))));
	ck_assert(isnan(amph_numeric_to_double(amph_dec(x))));
}
END_TEST

START_TEST(format_keeps_to_its_size)
{
	char text[8];
	ck_assert_uint_eq(amph_numeric_format(amph_dec(12345.678), text, sizeof(text)), 9);
	ck_assert_str_eq(text, "12345.6");
	ck_assert_uint_eq(amph_numeric_format(amph_dec(-12345678901234567890.5), text, sizeof(text)),
			  23);
	ck_assert_str_eq(text, "-123456");
	ck_assert_uint_eq(amph_numeric_format(amph_dec(-12345678901234567890.5), NULL, 0), 23);
	ck_assert_str_eq(formatted(amph_numeric_from_int64(INT64_MIN)), "-9223372036854775808");
	ck_assert_str_eq(formatted((amph_numeric){ .v.units = 5, .scale = 18 }),
			 "0.000000000000000005");
}
END_TEST

START_TEST(fits_its_column_after_rounding)
{
	static const struct { const char *text; int precision, scale; bool fits; } cases[] = {
		{ "99.99", 4, 2, true }, { "99.994", 4, 2, true }, { "99.995", 4, 2, false },
		{ "-99.995", 4, 2, false }, { "100", 4, 2, false }, { "0.0099", 2, 4, true },
		{ "0.00999", 2, 4, false },
		{ "0.01", 2, 4, false }, { "12345", 2, -3, true }, { "99500", 2, -3, false },
		{ "99499", 2, -3, true },
		{ "999999999999999999", 18, 0, true },
		{ "999999999999999999.5", 18, 0, false },
		{ "99999999999999999999", 20, 0, true },
		{ "99999999999999999999.4", 20, 0, true },
		{ "99999999999999999999.5", 20, 0, false },
		{ "NaN", 4, 2, true }, { "Infinity", 4, 2, false }, { "0", 1, 1, true },
		{ "0.0000000000000000000000001", 3, 2, true },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(amph__numeric_fits(amph_numeric_parse(cases[i].text),
						 cases[i].precision, cases[i].scale) ==
			      cases[i].fits, "%s", cases[i].text);
}
END_TEST

START_TEST(structs_made_by_hand_are_judged)
{
	ck_assert(amph__numeric_is_valid((amph_numeric){ 0 }));
	ck_assert(amph__numeric_is_valid((amph_numeric){ .v.units = INT64_MIN, .scale = 18 }));
	ck_assert(!amph__numeric_is_valid((amph_numeric){ .scale = 19 }));
	ck_assert(!amph__numeric_is_valid((amph_numeric){ .scale = -1 }));
	ck_assert(!amph__numeric_is_valid((amph_numeric){ .kind = 99 }));
	ck_assert(!amph__numeric_is_valid((amph_numeric){ .kind = AMPH_NUMERIC_DIGITS }));
	ck_assert(!amph__numeric_is_valid((amph_numeric){ .kind = AMPH_NUMERIC_DIGITS,
							  .v.digits = "1e5", .n_digits = 3 }));
	ck_assert_str_eq(formatted((amph_numeric){ .kind = AMPH_NUMERIC_DIGITS, .v.digits = "x",
						   .n_digits = 1 }), "invalid");
}
END_TEST

SUITE_MAIN_WITH("numeric", setup_texts, teardown_texts, text_as_postgresql_writes_it,
		eighteen_digits_are_small, more_digits_stay_in_the_text,
		what_is_no_number_is_invalid, order_is_by_value, integers_both_ways, doubles,
		format_keeps_to_its_size, fits_its_column_after_rounding,
		structs_made_by_hand_are_judged)
