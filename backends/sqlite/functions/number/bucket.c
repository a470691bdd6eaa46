/* width_bucket of exact numbers, and of any values by an array of thresholds. */
#include "../../../../src/model/decimal.h"
#include "../array/array.h"
#include <string.h>

static void put_bucket(sl_call *c, int64_t bucket)
{
	if (bucket > INT32_MAX)
		amph__sl_raise(c, "22003", "integer out of range");
	else
		amph__sl_result_int(c, bucket);
}

/* (x - low) * n / (high - low), from 1. */
static bool bucket_of(sl_call *c, const amph_decimal d[3], int64_t n, int64_t *out)
{
	int16_t digits[AMPH_DECIMAL_SMALL];
	amph_decimal count = amph__decimal_from_int64(n, digits), over, width, product, quotient;
	amph_error err;
	char text[24];
	size_t len;

	if (!amph__decimal_do(AMPH_DEC_SUB, &d[0], &d[1], &over, c->arena, &err) ||
	    !amph__decimal_do(AMPH_DEC_SUB, &d[2], &d[1], &width, c->arena, &err) ||
	    !amph__decimal_do(AMPH_DEC_MUL, &over, &count, &product, c->arena, &err) ||
	    !amph__decimal_quotient(&product, &width, &quotient, c->arena, &err)) {
		amph__sl_raise_error(c, &err);
		return false;
	}
	if (amph__decimal_text_max(&quotient) >= sizeof(text)) {
		*out = n;
		return true;
	}
	len = amph__decimal_put(&quotient, text);
	*out = 0;
	for (size_t i = 0; i < len && amph__is_digit(text[i]); i++)
		*out = *out * 10 + (text[i] - '0');
	*out = *out + 1 > n ? n : *out + 1;
	return true;
}

static void numeric_bucket(sl_call *c)
{
	amph_decimal d[3];
	int64_t n = amph__sl_int(c, 3), bucket = 0;
	bool up;

	for (int i = 0; i < 3; i++)
		if (!amph__sl_decimal(c, i, &d[i]))
			return;
	if (n <= 0) {
		amph__sl_raise(c, "2201G", "count must be greater than zero");
		return;
	}
	for (int i = 0; i < 3; i++)
		if (d[i].kind == AMPH_DECIMAL_NAN) {
			amph__sl_raise(c, "2201G", "operand, lower bound, and upper bound cannot be NaN");
			return;
		}
	if (d[1].kind || d[2].kind) {
		amph__sl_raise(c, "2201G", "lower and upper bounds must be finite");
		return;
	}
	if (!amph__decimal_compare(&d[1], &d[2])) {
		amph__sl_raise(c, "2201G", "lower bound cannot equal upper bound");
		return;
	}
	up = amph__decimal_compare(&d[1], &d[2]) < 0;
	if (up ? amph__decimal_compare(&d[0], &d[1]) < 0 : amph__decimal_compare(&d[0], &d[1]) > 0)
		put_bucket(c, 0);
	else if (up ? amph__decimal_compare(&d[0], &d[2]) >= 0 : amph__decimal_compare(&d[0], &d[2]) <= 0)
		put_bucket(c, n + 1);
	else if (bucket_of(c, d, n, &bucket))
		put_bucket(c, bucket);
}

/* (type, value, thresholds): how many of them are not greater. */
static void array_bucket(sl_call *c)
{
	size_t len, lo = 0, hi;
	const char *type = amph__sl_text(c, 0, &len), *text;
	sl_comparer by;
	amph_text_array a;

	if (!amph__sl_comparer_of(c, type, len, &by) || !amph__sl_array_arg(c, 2, &a))
		return;
	text = amph__sl_element_text(c, type, len, c->argv[1]);
	for (size_t i = 0; i < a.n; i++)
		if (!a.items[i]) {
			amph__sl_raise(c, "22004", "thresholds array must not contain NULLs");
			return;
		}
	if (!text)
		return;
	for (hi = a.n; lo < hi;) {
		size_t mid = lo + (hi - lo) / 2;

		if (amph__sl_compare_texts(&by, text, strlen(text), a.items[mid], strlen(a.items[mid])) < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	put_bucket(c, (int64_t)lo);
}

static const sl_function rows[] = {
	{ "width_bucket_array", 3, 0, array_bucket, 0 },
	{ "width_bucket_numeric_numeric_numeric_int4", 4, 0, numeric_bucket, 0 }
};
const sl_functions amph__sl_bucket_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
