/* src/model/decimal*.c: values and scales as PostgreSQL 15 answers them. */
#include "src/model/decimal.h"
#include "tests/support/failing_alloc.h"
#include "tests/unit/model/texts.h"

static amph_decimal made(const char *text)
{
	amph_decimal d;
	ck_assert_msg(amph__decimal_parse(text, strlen(text), &d, &arena, &error), "%s", text);
	return d;
}

static const char *shown(const amph_decimal *d)
{
	amph__buf_reset(&printed);
	amph__decimal_format(d, &printed);
	return amph__buf_text(&printed);
}

static const char *done(amph_decimal_op op, const char *a, const char *b)
{
	amph_decimal x = made(a), y = made(b), z;
	if (!amph__decimal_do(op, &x, &y, &z, &arena, &error))
		return error.sqlstate;
	return shown(&z);
}

typedef struct triple { const char *a, *b, *out; } triple;
static void check_triples(amph_decimal_op op, const triple *t, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *out = done(op, t[i].a, t[i].b);
		ck_assert_msg(strcmp(out, t[i].out) == 0, "%s, %s: %s, not %s", t[i].a, t[i].b, out,
			      t[i].out);
	}
}
#define CHECK_TRIPLES(op, ...)                                                                 \
	do {                                                                                   \
		const triple t_[] = { __VA_ARGS__ };                                           \
		check_triples(op, t_, sizeof(t_) / sizeof(t_[0]));                             \
	} while (0)

START_TEST(sums_and_differences)
{
	CHECK_TRIPLES(AMPH_DEC_ADD, { "0.1", "0.2", "0.3" }, { "1.10", "2.2", "3.30" },
		      { "9999", "1", "10000" }, { "-5", "5.00", "0.00" },
		      { "99999999999999999999", "0.00000000000000000001",
			"99999999999999999999.00000000000000000001" },
		      { "NaN", "1", "NaN" }, { "Infinity", "1", "Infinity" },
		      { "Infinity", "-Infinity", "NaN" });
	CHECK_TRIPLES(AMPH_DEC_SUB, { "1", "0.9", "0.1" }, { "10000", "1", "9999" },
		      { "1", "10000", "-9999" }, { "0", "5.0", "-5.0" },
		      { "Infinity", "Infinity", "NaN" }, { "1", "Infinity", "-Infinity" });
}
END_TEST

START_TEST(products)
{
	CHECK_TRIPLES(AMPH_DEC_MUL, { "1.10", "1.10", "1.2100" }, { "0", "5.00", "0.00" },
		      { "-3", "0.5", "-1.5" }, { "99999999", "99999999", "9999999800000001" },
		      { "0", "Infinity", "NaN" }, { "-2", "Infinity", "-Infinity" },
		      { "NaN", "0", "NaN" }, { "1e100000", "1e40000", "22003" });
}
END_TEST

START_TEST(quotients_have_sixteen_digits_or_more)
{
	CHECK_TRIPLES(AMPH_DEC_DIV, { "1", "3.0", "0.33333333333333333333" },
		      { "10", "4.0", "2.5000000000000000" }, { "100", "7", "14.2857142857142857" },
		      { "2", "3", "0.66666666666666666667" }, { "7", "2.0", "3.5000000000000000" },
		      { "0", "7", "0.00000000000000000000" },
		      { "1e20", "1", "100000000000000000000" },
		      { "1", "1e-20", "100000000000000000000.00000000000000000000" },
		      { "-1", "3", "-0.33333333333333333333" }, { "1", "0", "22012" },
		      { "Infinity", "0", "22012" }, { "NaN", "0", "NaN" }, { "5", "Infinity", "0" },
		      { "Infinity", "Infinity", "NaN" },
		      { "123456789012345678901234567890", "98765432109876543210",
			"1249999988.60937500" });
}
END_TEST

START_TEST(remainders_have_the_sign_of_the_first)
{
	CHECK_TRIPLES(AMPH_DEC_MOD, { "5.5", "2", "1.5" }, { "-7", "3", "-1" }, { "7", "-3", "1" },
		      { "1", "0.3", "0.1" }, { "0", "3.00", "0.00" }, { "1", "0", "22012" },
		      { "5", "Infinity", "5" }, { "Infinity", "5", "NaN" });
}
END_TEST

START_TEST(rounds_half_away_from_zero)
{
	static const struct { const char *text; int scale; const char *rounded, *cut; } cases[] = {
		{ "1.255", 2, "1.26", "1.25" }, { "-1.005", 2, "-1.01", "-1.00" },
		{ "2.5", 0, "3", "2" }, { "-2.5", 0, "-3", "-2" }, { "9999.5", 0, "10000", "9999" },
		{ "1.5", 4, "1.5000", "1.5000" }, { "1550", -2, "1600", "1500" },
		{ "49", -2, "0", "0" }, { "50", -2, "100", "0" }, { "50", -3, "0", "0" },
		{ "0.00004999", 4, "0.0000", "0.0000" }, { "0.00005", 4, "0.0001", "0.0000" },
		{ "NaN", 2, "NaN", "NaN" }, { "-Infinity", 2, "-Infinity", "-Infinity" },
		{ "99999999.99999", 4, "100000000.0000", "99999999.9999" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		amph_decimal d = made(cases[i].text);
		ck_assert(amph__decimal_round(&d, cases[i].scale, &arena));
		ck_assert_str_eq(shown(&d), cases[i].rounded);
		d = made(cases[i].text);
		ck_assert(amph__decimal_trunc(&d, cases[i].scale, &arena));
		ck_assert_str_eq(shown(&d), cases[i].cut);
	}
}
END_TEST

START_TEST(fits_precision_and_scale)
{
	amph_decimal d = made("1.005");
	ck_assert(amph__decimal_fit(&d, 10, 2, &arena, &error));
	ck_assert_str_eq(shown(&d), "1.01");
	d = made("99.995");
	ck_assert(!amph__decimal_fit(&d, 4, 2, &arena, &error));
	ck_assert_str_eq(error.sqlstate, "22003");
	d = made("Infinity");
	ck_assert(!amph__decimal_fit(&d, 4, 2, &arena, &error));
	ck_assert(amph__decimal_fit(&d, 0, 0, &arena, &error));
}
END_TEST

START_TEST(floors_and_ceilings)
{
	static const struct { const char *text, *floor, *ceil; } cases[] = {
		{ "2.1", "2", "3" }, { "-2.1", "-3", "-2" }, { "2.00", "2", "2" },
		{ "-0.5", "-1", "0" }, { "0", "0", "0" }, { "-9999.5", "-10000", "-9999" },
		{ "NaN", "NaN", "NaN" }, { "-Infinity", "-Infinity", "-Infinity" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		amph_decimal d = made(cases[i].text), out;
		ck_assert(amph__decimal_floor(&d, &out, &arena));
		ck_assert_str_eq(shown(&out), cases[i].floor);
		ck_assert(amph__decimal_ceil(&d, &out, &arena));
		ck_assert_str_eq(shown(&out), cases[i].ceil);
	}
}
END_TEST

typedef bool function(const amph_decimal *, amph_decimal *, amph_arena *, amph_error *);
static void check_function(function *f, const pair *pairs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		amph_decimal d = made(pairs[i].in), out;
		const char *text = f(&d, &out, &arena, &error) ? shown(&out) : error.sqlstate;
		ck_assert_msg(strcmp(text, pairs[i].out) == 0, "%s: %s, not %s", pairs[i].in, text,
			      pairs[i].out);
	}
}

START_TEST(roots_and_logarithms)
{
	const pair roots[] = {
		{ "2", "1.414213562373095" }, { "0.0001", "0.01000000000000000" },
		{ "10000", "100.0000000000000" },
		{ "0", "0.000000000000000" }, { "-1", "2201F" }, { "Infinity", "Infinity" },
		{ "NaN", "NaN" }, { "-Infinity", "2201F" },
	};
	const pair logs[] = {
		{ "2.0", "0.6931471805599453" }, { "1", "0.0000000000000000" },
		{ "0", "2201E" }, { "-1", "2201E" },
		{ "NaN", "NaN" }, { "Infinity", "Infinity" }, { "-Infinity", "2201E" },
	};
	const pair exps[] = {
		{ "1", "2.7182818284590452" }, { "0", "1.0000000000000000" }, { "-Infinity", "0" },
		{ "Infinity", "Infinity" }, { "7000", "22003" }, { "NaN", "NaN" },
	};
	check_function(amph__decimal_sqrt, roots, sizeof(roots) / sizeof(roots[0]));
	check_function(amph__decimal_ln, logs, sizeof(logs) / sizeof(logs[0]));
	check_function(amph__decimal_exp, exps, sizeof(exps) / sizeof(exps[0]));
}
END_TEST

START_TEST(powers)
{
	const triple t[] = {
		{ "2.0", "3", "8.0000000000000000" }, { "4", "2", "16.0000000000000000" },
		{ "2", "-3", "0.1250000000000000" }, { "2", "0.5", "1.4142135623730950" },
		{ "0", "0", "1.0000000000000000" }, { "0", "-1", "2201F" }, { "-8", "0.5", "2201F" },
		{ "NaN", "0", "1" }, { "1", "NaN", "1" }, { "2", "NaN", "NaN" },
		{ "-Infinity", "3", "-Infinity" }, { "-Infinity", "2", "Infinity" },
		{ "0.5", "Infinity", "0" }, { "2", "-Infinity", "0" }, { "10", "200000", "22003" },
		{ "1e10", "-100", "0.0000000000000000" },
	};
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		amph_decimal a = made(t[i].a), b = made(t[i].b), out;
		bool ok = amph__decimal_power(&a, &b, &out, &arena, &error);
		ck_assert_str_eq(ok ? shown(&out) : error.sqlstate, t[i].out);
	}
}
END_TEST

START_TEST(texts_compare_without_memory)
{
	static const struct { const char *a, *b; int order; } cases[] = {
		{ "1.0", "1.00", 0 }, { "9", "10", -1 }, { "-9", "-10", 1 }, { "1e3", "1000", 0 },
		{ "0.001", "1e-3", 0 }, { "-0", "0.0", 0 }, { "NaN", "Infinity", 1 },
		{ "NaN", "NaN", 0 }, { "-Infinity", "-1e1000", -1 }, { "x", "NaN", 1 },
		{ "x", "y", -1 }, { "", "1", 1 }, { "00012", "12", 0 },
		{ "1e1000000000", "1e999999999", 1 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *a = cases[i].a, *b = cases[i].b;
		int order = amph__decimal_compare_text(a, strlen(a), b, strlen(b));
		ck_assert_msg((order > 0) - (order < 0) == cases[i].order, "%s, %s", a, b);
		order = amph__decimal_compare_text(b, strlen(b), a, strlen(a));
		ck_assert_int_eq((order > 0) - (order < 0), -cases[i].order);
	}
}
END_TEST

START_TEST(small_numerics_need_no_arena)
{
	static const char *const texts[] = { "0", "1", "-1", "12345.678", "0.00001",
		"999999999999999999", "-0.999999999999999999", "10000", "0.0001" };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		int16_t digits[AMPH_DECIMAL_SMALL];
		amph_decimal d, parsed = made(texts[i]);
		amph_numeric back;
		ck_assert(amph__numeric_to_decimal(amph_numeric_parse(texts[i]), digits, &d));
		ck_assert_str_eq(shown(&d), texts[i]);
		ck_assert_int_eq(amph__decimal_compare(&d, &parsed), 0);
		ck_assert_int_eq(d.weight, parsed.weight);
		ck_assert_uint_eq(d.n_digits, parsed.n_digits);
		ck_assert(amph__decimal_small(&d, &back));
		ck_assert_int_eq(amph_numeric_compare(back, amph_numeric_parse(texts[i])), 0);
		ck_assert_uint_eq(amph__decimal_put(&d, (char[64]){ 0 }), strlen(texts[i]));
	}
	int16_t digits[AMPH_DECIMAL_SMALL];
	amph_decimal least = amph__decimal_from_int64(INT64_MIN, digits);
	ck_assert_str_eq(shown(&least), "-9223372036854775808");
	amph_numeric out;
	ck_assert(!amph__decimal_small(&least, &out));
}
END_TEST

static bool work(const amph_allocator *a, void *ctx)
{
	(void)ctx;
	amph_arena own;
	amph_decimal x, y, z;
	amph_numeric n;
	amph__arena_init(&own, a);
	bool ok = true;
	for (int i = 0; ok && i < 40; i++)
		ok = amph__decimal_parse("123456789012345678901234567890.5", 32, &x, &own, NULL) &&
		     amph__decimal_parse("98765432109876543210.25", 23, &y, &own, NULL) &&
		     amph__decimal_do(AMPH_DEC_DIV, &x, &y, &z, &own, NULL) &&
		     amph__decimal_do(AMPH_DEC_MOD, &x, &y, &z, &own, NULL) &&
		     amph__decimal_sqrt(&x, &z, &own, NULL) && amph__decimal_ln(&x, &z, &own, NULL) &&
		     amph__decimal_to_numeric(&x, &n, &own);
	amph__arena_clear(&own);
	return ok;
}

START_TEST(survives_each_failure)
{
	ck_assert_uint_gt(failing_alloc_sweep(work, NULL), 2);
}
END_TEST

SUITE_MAIN_WITH("decimal", setup_texts, teardown_texts, sums_and_differences, products,
		quotients_have_sixteen_digits_or_more, remainders_have_the_sign_of_the_first,
		rounds_half_away_from_zero, fits_precision_and_scale, floors_and_ceilings,
		roots_and_logarithms, powers, texts_compare_without_memory,
		small_numerics_need_no_arena, survives_each_failure)
