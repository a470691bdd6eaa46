/* Exact arithmetic on decimals in base 10000, with PostgreSQL's result scales. Written here
 * because the libraries that have it abort on a failed allocation, or lack NaN, the infinities
 * and these scales. */
#include "decimal.h"
#include <string.h>

bool amph__decimal_new(amph_decimal *d, size_t n_digits, amph_arena *arena)
{
	*d = (amph_decimal){ .n_digits = n_digits };
	d->digits = amph__arena_array(arena, n_digits > 0 ? n_digits : 1, sizeof(int16_t));
	return d->digits != NULL;
}

void amph__decimal_normalize(amph_decimal *d)
{
	while (d->n_digits > 0 && d->digits[0] == 0) {
		d->digits++;
		d->n_digits--;
		d->weight--;
	}
	while (d->n_digits > 0 && d->digits[d->n_digits - 1] == 0)
		d->n_digits--;
	if (d->n_digits == 0 && d->kind == AMPH_DECIMAL_FINITE) {
		d->weight = 0;
		d->sign = 0;
	}
}

bool amph__decimal_finish(amph_decimal *d, amph_error *err)
{
	amph__decimal_normalize(d);
	if (d->weight > AMPH_DECIMAL_WEIGHT_MAX || d->dscale > AMPH_DECIMAL_SCALE_MAX)
		return amph__error(err, "22003", "value overflows numeric format");
	return true;
}

static int32_t max_of(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

static int compare_absolute(const amph_decimal *a, const amph_decimal *b)
{
	if (a->n_digits == 0 || b->n_digits == 0)
		return (a->n_digits > 0) - (b->n_digits > 0);
	if (a->weight != b->weight)
		return a->weight < b->weight ? -1 : 1;
	size_t n = a->n_digits < b->n_digits ? a->n_digits : b->n_digits;
	for (size_t i = 0; i < n; i++) {
		if (a->digits[i] != b->digits[i])
			return a->digits[i] < b->digits[i] ? -1 : 1;
	}
	return (a->n_digits > n) - (b->n_digits > n);
}

/* -infinity, finite numbers, infinity, NaN. */
static int rank_of(const amph_decimal *d)
{
	if (d->kind == AMPH_DECIMAL_FINITE)
		return 0;
	if (d->kind == AMPH_DECIMAL_NAN)
		return 2;
	return d->sign ? -1 : 1;
}

int amph__decimal_compare(const amph_decimal *a, const amph_decimal *b)
{
	int x = rank_of(a), y = rank_of(b);
	if (x != 0 || y != 0)
		return (x > y) - (x < y);
	if (a->sign != b->sign)
		return a->sign ? -1 : 1;
	return a->sign ? compare_absolute(b, a) : compare_absolute(a, b);
}

/* |a| + factor * |b|, where that is not below zero. */
static bool combine(const amph_decimal *a, const amph_decimal *b, int factor, amph_decimal *out,
		    amph_arena *arena)
{
	int64_t low_a = (int64_t)a->weight - (int64_t)a->n_digits;
	int64_t low_b = (int64_t)b->weight - (int64_t)b->n_digits;
	int64_t low = low_a < low_b ? low_a : low_b;    /* below the last digit */
	int32_t high = max_of(a->weight, b->weight) + 1;
	if (!amph__decimal_new(out, (size_t)(high - low), arena))
		return false;
	int carry = 0;
	for (int64_t at = low + 1; at <= high; at++) {
		int64_t i = a->weight - at, j = b->weight - at;
		int sum = carry;
		if (i >= 0 && i < (int64_t)a->n_digits)
			sum += a->digits[i];
		if (j >= 0 && j < (int64_t)b->n_digits)
			sum += factor * b->digits[j];
		carry = sum < 0 ? -1 : sum >= AMPH_DECIMAL_BASE;
		out->digits[high - at] = (int16_t)(sum - carry * AMPH_DECIMAL_BASE);
	}
	out->weight = high;
	return true;
}

static bool add_signed(const amph_decimal *a, const amph_decimal *b, bool flip, amph_decimal *out,
		       amph_arena *arena)
{
	bool b_sign = (b->sign != 0) != flip;
	int32_t dscale = max_of(a->dscale, b->dscale);
	bool sign = a->sign != 0, ok;
	if (sign == b_sign) {
		ok = combine(a, b, 1, out, arena);
	} else if (compare_absolute(a, b) >= 0) {
		ok = combine(a, b, -1, out, arena);
	} else {
		sign = b_sign;
		ok = combine(b, a, -1, out, arena);
	}
	if (!ok)
		return false;
	out->dscale = dscale;
	out->sign = sign;
	amph__decimal_normalize(out);
	return true;
}

bool amph__decimal_add(const amph_decimal *a, const amph_decimal *b, amph_decimal *out,
		       amph_arena *arena)
{
	return add_signed(a, b, false, out, arena);
}

bool amph__decimal_sub(const amph_decimal *a, const amph_decimal *b, amph_decimal *out,
		       amph_arena *arena)
{
	return add_signed(a, b, true, out, arena);
}

/* Columns are summed first and carried once: 32,769 products below 10^8 fit 64 bits. */
bool amph__decimal_mul(const amph_decimal *a, const amph_decimal *b, int scale, amph_decimal *out,
		       amph_arena *arena)
{
	size_t n = a->n_digits + b->n_digits;
	if (!amph__decimal_new(out, n, arena))
		return false;
	uint64_t few[32] = { 0 };
	uint64_t *columns = n <= 32 ? few : amph__arena_array(arena, n, sizeof(uint64_t));
	if (columns == NULL)
		return false;
	for (size_t i = 0; i < a->n_digits; i++) {
		uint64_t digit = (uint64_t)a->digits[i];
		for (size_t j = 0; digit != 0 && j < b->n_digits; j++)
			columns[i + j + 1] += digit * (uint64_t)b->digits[j];
	}
	uint64_t carry = 0;
	for (size_t i = n; i-- > 0; ) {
		carry += columns[i];
		out->digits[i] = (int16_t)(carry % AMPH_DECIMAL_BASE);
		carry /= AMPH_DECIMAL_BASE;
	}
	out->weight = a->weight + b->weight + 1;
	out->dscale = a->dscale + b->dscale;
	out->sign = a->sign != b->sign;
	amph__decimal_normalize(out);
	return scale >= out->dscale || amph__decimal_round(out, scale, arena);
}

/* Adds one at digit n - 1 of digits[-1], digits[0] ...; true: it went to digits[-1]. */
static bool carry_up(int16_t *digits, size_t n, int16_t unit)
{
	while (n > 0) {
		digits[n - 1] = (int16_t)(digits[n - 1] + unit);
		if (digits[n - 1] < AMPH_DECIMAL_BASE)
			return false;
		digits[n - 1] = (int16_t)(digits[n - 1] - AMPH_DECIMAL_BASE);
		unit = 1;
		n--;
	}
	digits[-1] = 1;
	return true;
}

static bool set_scale(amph_decimal *d, int scale, bool round, amph_arena *arena)
{
	static const int16_t units[4] = { 1, 1000, 100, 10 };
	if (d->kind != AMPH_DECIMAL_FINITE)
		return true;
	d->dscale = max_of(scale, 0);
	int64_t keep = ((int64_t)d->weight + 1) * AMPH_DECIMAL_GROUP + scale;
	if (d->n_digits == 0 || keep >= (int64_t)d->n_digits * AMPH_DECIMAL_GROUP)
		return true;
	if (keep < 0) {
		d->n_digits = 0;
		amph__decimal_normalize(d);
		return true;
	}
	size_t n = ((size_t)keep + 3) / AMPH_DECIMAL_GROUP;
	int16_t unit = units[keep % AMPH_DECIMAL_GROUP], rest = 0;
	int16_t *digits = amph__arena_array(arena, n + 1, sizeof(int16_t));
	if (digits == NULL)
		return false;
	digits++;
	memcpy(digits, d->digits, n * sizeof(int16_t));
	bool up = unit == 1 ? d->digits[n] >= AMPH_DECIMAL_BASE / 2 : false;
	if (unit > 1) {
		rest = (int16_t)(digits[n - 1] % unit);
		digits[n - 1] = (int16_t)(digits[n - 1] - rest);
		up = rest >= unit / 2;
	}
	d->n_digits = n;
	d->digits = digits;
	if (round && up && carry_up(digits, n, unit)) {
		d->digits--;
		d->n_digits++;
		d->weight++;
	}
	amph__decimal_normalize(d);
	return true;
}

bool amph__decimal_round(amph_decimal *d, int scale, amph_arena *arena)
{
	return set_scale(d, scale, true, arena);
}

bool amph__decimal_trunc(amph_decimal *d, int scale, amph_arena *arena)
{
	return set_scale(d, scale, false, arena);
}

/* Digits before the point; below zero by the zeros after it. */
static int64_t count_whole_digits(const amph_decimal *d)
{
	int16_t first = d->digits[0];
	return (int64_t)d->weight * AMPH_DECIMAL_GROUP + 1 + (first >= 10) + (first >= 100) +
	       (first >= 1000);
}

bool amph__decimal_fit(amph_decimal *d, int precision, int scale, amph_arena *arena,
		       amph_error *err)
{
	if (precision == 0 || d->kind == AMPH_DECIMAL_NAN)
		return true;
	if (d->kind == AMPH_DECIMAL_INFINITE)
		return amph__error(err, "22003", "numeric field overflow: numeric(%d,%d) cannot hold "
				   "an infinite value", precision, scale);
	if (!amph__decimal_round(d, scale, arena))
		return amph__error_nomem(err);
	if (d->n_digits > 0 && count_whole_digits(d) > precision - scale)
		return amph__error(err, "22003", "numeric field overflow: numeric(%d,%d) holds "
				   "absolute values below 10^%d", precision, scale,
				   precision - scale);
	return true;
}

bool amph__decimal_floor(const amph_decimal *d, amph_decimal *out, amph_arena *arena)
{
	int16_t digits[AMPH_DECIMAL_SMALL];
	*out = *d;
	if (!amph__decimal_trunc(out, 0, arena))
		return false;
	bool below = d->kind == AMPH_DECIMAL_FINITE && d->sign && !amph__decimal_is_integral(d);
	if (!below)
		return true;
	amph_decimal whole = *out, one = amph__decimal_from_int64(1, digits);
	return amph__decimal_sub(&whole, &one, out, arena);
}

bool amph__decimal_ceil(const amph_decimal *d, amph_decimal *out, amph_arena *arena)
{
	amph_decimal negative = *d;
	amph__decimal_negate(&negative);
	if (!amph__decimal_floor(&negative, out, arena))
		return false;
	amph__decimal_negate(out);
	return true;
}
