/* Square roots and powers of decimals, with the scales that PostgreSQL gives them. */
#include "decimal_math.h"
#include <limits.h>
#include <math.h>

int amph__decimal_clamp_scale(int64_t scale, const amph_decimal *a, const amph_decimal *b)
{
	if (scale < a->dscale)
		scale = a->dscale;
	if (b != NULL && scale < b->dscale)
		scale = b->dscale;
	return scale < 0 ? 0 : scale > 1000 ? 1000 : (int)scale;
}

amph_decimal amph__decimal_special(uint8_t kind, bool minus)
{
	return (amph_decimal){ .kind = kind, .sign = minus };
}

double amph__decimal_to_double(const amph_decimal *d)
{
	double value = 0;
	int at = d->weight;
	for (size_t i = 0; i < d->n_digits && i < 6; i++, at--)
		value = value * AMPH_DECIMAL_BASE + d->digits[i];
	if (value == 0)
		return 0;
	value *= pow(AMPH_DECIMAL_BASE, (double)at + 1);
	return d->sign ? -value : value;
}

bool amph__decimal_overflow(amph_error *err)
{
	return amph__error(err, "22003", "value overflows numeric format");
}

/* |a| <= |b| of numbers not below zero */
static bool is_at_most(const amph_decimal *a, const amph_decimal *b)
{
	return amph__decimal_compare(a, b) <= 0;
}

/* Ten to a power, as a decimal whose digit is in *digit. */
static amph_decimal power_of_ten(int exponent, int16_t *digit)
{
	static const int16_t powers[] = { 1, 10, 100, 1000 };
	int weight = exponent >= 0 ? exponent / 4 : -((3 - exponent) / 4);
	*digit = powers[exponent - weight * 4];
	return (amph_decimal){ .weight = weight, .dscale = exponent < 0 ? -exponent : 0,
			       .n_digits = 1, .digits = digit };
}

/* A first guess of the root, right to about 15 digits. */
static bool guess_root(const amph_decimal *d, amph_decimal *out, amph_arena *arena)
{
	double lead = d->digits[0];
	for (size_t i = 1; i < 4; i++)
		lead = lead * AMPH_DECIMAL_BASE + (i < d->n_digits ? d->digits[i] : 0);
	int weight = d->weight - 3;             /* of the last digit taken */
	if (weight % 2 != 0) {
		lead *= AMPH_DECIMAL_BASE;
		weight--;
	}
	uint64_t root = (uint64_t)(sqrt(lead) * 1e6);   /* below 10^16 */
	int16_t digits[AMPH_DECIMAL_SMALL];
	*out = amph__decimal_from_int64((int64_t)root, digits);
	int16_t shift;
	amph_decimal micro = power_of_ten(-6, &shift), guess = *out;
	if (!amph__decimal_mul(&guess, &micro, INT_MAX, out, arena))
		return false;
	out->weight += weight / 2;
	out->dscale = out->dscale > weight * 2 ? out->dscale - weight * 2 : 0;
	return true;
}

/* Newton's method: each step doubles the digits that are right. */
static bool improve_root(const amph_decimal *d, int scale, amph_decimal *root, amph_arena *arena)
{
	int16_t half_digit = 5000;
	const amph_decimal half = { .weight = -1, .dscale = 1, .n_digits = 1, .digits = &half_digit };
	int64_t need = scale + 8 + ((int64_t)root->weight + 1) * AMPH_DECIMAL_GROUP;
	for (int64_t have = 12; have < need; have *= 2) {
		amph_decimal quotient, sum, next;
		if (!amph__decimal_div(d, root, scale + 4, &quotient, arena) ||
		    !amph__decimal_add(root, &quotient, &sum, arena) ||
		    !amph__decimal_mul(&sum, &half, scale + 4, &next, arena))
			return false;
		*root = next;
	}
	return amph__decimal_trunc(root, scale, arena);
}

/* The root cut off after scale digits: what Newton's method leaves may be off by the last one. */
static bool settle_root(const amph_decimal *d, int scale, amph_decimal *root, amph_arena *arena)
{
	int16_t digit;
	amph_decimal unit = power_of_ten(-scale, &digit), square, more;
	for (;;) {
		if (!amph__decimal_mul(root, root, INT_MAX, &square, arena))
			return false;
		if (is_at_most(&square, d))
			break;
		more = *root;
		if (!amph__decimal_sub(&more, &unit, root, arena))
			return false;
	}
	for (;;) {
		if (!amph__decimal_add(root, &unit, &more, arena) ||
		    !amph__decimal_mul(&more, &more, INT_MAX, &square, arena))
			return false;
		if (!is_at_most(&square, d))
			return true;
		*root = more;
	}
}

bool amph__decimal_root(const amph_decimal *d, int scale, amph_decimal *out, amph_arena *arena)
{
	if (d->n_digits == 0) {
		*out = (amph_decimal){ .dscale = scale };
		return true;
	}
	return guess_root(d, out, arena) && improve_root(d, scale + 1, out, arena) &&
	       settle_root(d, scale + 1, out, arena) && amph__decimal_round(out, scale, arena);
}

bool amph__decimal_sqrt(const amph_decimal *d, amph_decimal *out, amph_arena *arena,
			amph_error *err)
{
	if (amph__decimal_sign(d) < 0)
		return amph__error(err, "2201F", "cannot take square root of a negative number");
	if (d->kind != AMPH_DECIMAL_FINITE) {
		*out = *d;
		return true;
	}
	int weight = (d->weight + 1) * AMPH_DECIMAL_GROUP / 2 - 1;
	int scale = amph__decimal_clamp_scale(16 - weight, d, NULL);
	return amph__decimal_root(d, scale, out, arena) || amph__error_nomem(err);
}

/* The decimal exponent of the result, about. */
static double estimate_power(const amph_decimal *base, int exponent)
{
	double lead = base->digits[0];
	int at = base->weight * AMPH_DECIMAL_GROUP;
	for (size_t i = 1; i < base->n_digits && i < 4; i++, at -= AMPH_DECIMAL_GROUP)
		lead = lead * AMPH_DECIMAL_BASE + base->digits[i];
	return exponent * (log10(lead) + at);
}

static int scale_for(int digits, int64_t weight, int64_t exact)
{
	int64_t scale = digits - weight * AMPH_DECIMAL_GROUP;
	if (scale > exact)
		scale = exact;
	return scale < 0 ? 0 : (int)scale;
}

/* By squaring; with as many digits as the result needs, and some for the errors of the steps. */
static bool multiply_out(const amph_decimal *base, unsigned exponent, int digits, bool *too_large,
			 amph_decimal *out, amph_arena *arena)
{
	int16_t one[AMPH_DECIMAL_SMALL];
	amph_decimal square = *base, product;
	amph_decimal result = (exponent & 1) != 0 ? *base : amph__decimal_from_int64(1, one);
	*too_large = false;
	while ((exponent >>= 1) > 0) {
		int scale = scale_for(digits, 2 * (int64_t)square.weight, 2 * (int64_t)square.dscale);
		if (!amph__decimal_mul(&square, &square, scale, &product, arena))
			return false;
		square = product;
		if ((exponent & 1) != 0) {
			scale = scale_for(digits, (int64_t)square.weight + result.weight,
					  (int64_t)square.dscale + result.dscale);
			if (!amph__decimal_mul(&square, &result, scale, &product, arena))
				return false;
			result = product;
		}
		if (square.weight > SHRT_MAX || result.weight > SHRT_MAX) {
			*too_large = true;
			return true;
		}
	}
	*out = result;
	out->digits = amph__arena_copy(arena, result.digits, result.n_digits * sizeof(int16_t));
	return out->digits != NULL;
}

/* Exponents that need no estimate. false: none of them. */
static bool power_simple(const amph_decimal *base, int exponent, int scale, amph_decimal *out,
			 amph_arena *arena, bool *ok)
{
	int16_t digits[AMPH_DECIMAL_SMALL];
	const amph_decimal one = amph__decimal_from_int64(1, digits);
	switch (exponent) {
	case 0:
		*ok = amph__decimal_add(&one, &(amph_decimal){ .dscale = scale }, out, arena);
		return true;
	case 1:
		*out = *base;
		*ok = amph__decimal_round(out, scale, arena);
		return true;
	case -1:
		*ok = amph__decimal_div(&one, base, scale, out, arena);
		return true;
	case 2:
		*ok = amph__decimal_mul(base, base, scale, out, arena) &&
		      amph__decimal_round(out, scale, arena);
		return true;
	default:
		return false;
	}
}

static bool set_zero(amph_decimal *out, int scale)
{
	*out = (amph_decimal){ .dscale = scale };
	return true;
}

bool amph__decimal_power_int(const amph_decimal *base, int exponent, amph_decimal *out,
			     amph_arena *arena, amph_error *err)
{
	int16_t one_digits[AMPH_DECIMAL_SMALL];
	const amph_decimal one = amph__decimal_from_int64(1, one_digits);
	int scale = amph__decimal_clamp_scale(16, base, NULL);
	bool ok, too_large;
	if (base->n_digits == 0 && exponent < 0)
		return amph__error(err, "22012", "division by zero");
	if (power_simple(base, exponent, scale, out, arena, &ok))
		return ok || amph__error_nomem(err);
	if (base->n_digits == 0)
		return set_zero(out, scale);
	double weight = estimate_power(base, exponent);
	if (weight > 3.0 * SHRT_MAX * AMPH_DECIMAL_GROUP)
		return amph__decimal_overflow(err);
	if (weight + 1 < -scale || weight + 1 < -1000)
		return set_zero(out, scale);
	int digits = 1 + scale + (int)weight + (int)log(fabs((double)exponent)) + 8;
	unsigned n = exponent < 0 ? 0u - (unsigned)exponent : (unsigned)exponent;
	if (!multiply_out(base, n, digits, &too_large, out, arena))
		return amph__error_nomem(err);
	if (too_large)
		return exponent > 0 ? amph__decimal_overflow(err) : set_zero(out, scale);
	amph_decimal result = *out;
	ok = exponent < 0 ? amph__decimal_div(&one, &result, scale, out, arena)
			  : amph__decimal_round(out, scale, arena);
	return ok || amph__error_nomem(err);
}
