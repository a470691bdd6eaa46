/* src/model/float.c, bignum.c */
#include "src/model/float.h"
#include "tests/unit/model/texts.h"
#include <locale.h>
#include <math.h>

START_TEST(doubles_print_as_short_as_they_can)
{
	CHECK_PAIRS(AMPH_T_DOUBLE, { "1e15", "1e+15" }, { "1e14", "100000000000000" },
		    { "0.1", "0.1" }, { "0.30000000000000004", "0.30000000000000004" },
		    { "100", "100" }, { "1e-5", "1e-05" }, { "0.0001", "0.0001" },
		    { "123456789012345680", "1.2345678901234568e+17" }, { "3.0", "3" },
		    { "-0", "-0" }, { "1e21", "1e+21" }, { "5e-324", "5e-324" },
		    { "1.7976931348623157e308", "1.7976931348623157e+308" },
		    { "2.2250738585072014e-308", "2.2250738585072014e-308" },
		    { "9007199254740993", "9.007199254740992e+15" },
		    { "999999999999999.9", "999999999999999.9" });
	CHECK_PAIRS(AMPH_T_FLOAT, { "1e6", "1e+06" }, { "100000", "100000" }, { "0.1", "0.1" },
		    { "16777217", "1.6777216e+07" }, { "1e-45", "1e-45" },
		    { "3.4028235e38", "3.4028235e+38" }, { "1e-50", "22003" }, { "1e39", "22003" });
}
END_TEST

/* At powers of two the gap below is half the gap above; a bound itself is not good enough. */
START_TEST(edges_of_the_shortest)
{
	CHECK_PAIRS(AMPH_T_DOUBLE, { "5.6843418860808015e-14", "5.684341886080802e-14" },
		    { "9.5367431640625e-07", "9.5367431640625e-07" },
		    { "2e23", "1.9999999999999998e+23" }, { "9.007199254740992e15", "9.007199254740992e+15" },
		    { "8.41e21", "8.409999999999999e+21" }, { "9.2e18", "9.2e+18" });
}
END_TEST

START_TEST(specials_and_spaces)
{
	CHECK_PAIRS(AMPH_T_DOUBLE, { "NaN", "NaN" }, { "-nan", "NaN" }, { "inf", "Infinity" },
		    { " -INFINITY ", "-Infinity" }, { "", "22P02" }, { "1e", "22P02" },
		    { "1e 5", "22P02" }, { "1 2", "22P02" }, { "1,5", "22P02" }, { "--1", "22P02" },
		    { ".", "22P02" }, { ".5", "0.5" }, { "5.", "5" }, { "0e999999999999", "0" },
		    { "1e400", "22003" }, { "-1e400", "22003" }, { "1e-400", "22003" },
		    { "0.0e-400", "0" });
}
END_TEST

START_TEST(input_is_rounded_once)
{
	/* one, half a unit more, and the least above that */
	CHECK_PAIRS(AMPH_T_DOUBLE,
		    { "1.00000000000000011102230246251565404236316680908203125", "1" },
		    { "1.00000000000000011102230246251565404236316680908203126",
		      "1.0000000000000002" },
		    { "2.4703282292062327e-324", "22003" },
		    { "2.4703282292062328e-324", "5e-324" },
		    { "1797693134862315807e290", "1.7976931348623157e+308" },
		    { "1797693134862315808e290", "22003" });
	/* to float directly, not by way of double */
	CHECK_PAIRS(AMPH_T_FLOAT, { "1.00000017881393421514957253748434595763683319091796875",
				    "1.0000001" },
		    { "1.00000017881393432617187500000000000000000000000001", "1.0000002" });
}
END_TEST

START_TEST(digits_without_end)
{
	static char text[200001];
	memset(text, '1', sizeof(text) - 1);
	text[1] = '.';
	ck_assert_str_eq(through_text(AMPH_T_DOUBLE, text, strlen(text)), "1.1111111111111112");
	memset(text, '9', sizeof(text) - 1);
	ck_assert_str_eq(through_text(AMPH_T_DOUBLE, text, strlen(text)), "22003");
}
END_TEST

START_TEST(rounded_to_fifteen_digits)
{
	static const struct { double value; const char *text; } cases[] = {
		{ 0.1, "0.1" }, { 0.30000000000000004, "0.3" }, { 123456789.123456789,
		"123456789.123457" }, { 1e20, "1e+20" }, { -2.5, "-2.5" }, { 0, "0" },
		{ 999999999999999.9, "1e+15" }, { 5e-324, "4.94065645841247e-324" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[AMPH_FLOAT_TEXT_MAX + 1];
		text[amph__double_put_rounded(cases[i].value, 15, text)] = '\0';
		ck_assert_str_eq(text, cases[i].text);
	}
}
END_TEST

START_TEST(all_bits_come_back)
{
	uint64_t bits = 1;
	for (int i = 0; i < 20000; i++) {
		bits = bits * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		double value, back;
		char text[AMPH_FLOAT_TEXT_MAX];
		memcpy(&value, &bits, sizeof(value));
		if (!isfinite(value))
			continue;
		size_t len = amph__double_put(value, text);
		ck_assert(amph__double_parse(text, len, &back, &error));
		ck_assert_mem_eq(&value, &back, sizeof(value));
	}
}
END_TEST

START_TEST(the_locale_does_not_matter)
{
	setlocale(LC_ALL, "de_DE.UTF-8");
	CHECK_PAIRS(AMPH_T_DOUBLE, { "1.5", "1.5" }, { "1,5", "22P02" });
	setlocale(LC_ALL, "C");
}
END_TEST

START_TEST(nan_is_the_greatest)
{
	double nan = NAN, inf = INFINITY, zero = 0, minus_zero = -0.0;
	ck_assert_int_gt(amph__double_order(&nan, &inf), 0);
	ck_assert_int_eq(amph__double_order(&nan, &nan), 0);
	ck_assert_int_lt(amph__double_order(&inf, &nan), 0);
	ck_assert_int_eq(amph__double_order(&zero, &minus_zero), 0);
}
END_TEST

SUITE_MAIN_WITH("float", setup_texts, teardown_texts, doubles_print_as_short_as_they_can,
		edges_of_the_shortest, specials_and_spaces, input_is_rounded_once,
		digits_without_end, rounded_to_fifteen_digits, all_bits_come_back,
		the_locale_does_not_matter, nan_is_the_greatest)
