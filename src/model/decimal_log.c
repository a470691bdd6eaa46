/* Exponentials, logarithms and powers of decimals, with the scales that PostgreSQL gives them. Series are
 * summed with eight digits more than the result has, so that its last digit is right. */
#include "decimal_math.h"
#include <limits.h>
#include <math.h>

#define LOG10_E 0.434294481903252
#define LOG10_2 0.301029995663981
#define GUARD 8
#define RESULT_SCALE_MAX 2000

static amph_decimal small_int(int64_t n, int16_t digits[AMPH_DECIMAL_SMALL])
{
	return amph__decimal_from_int64(n, digits);
}

static int at_least(int64_t a, int b)
{
	return a < b ? b : a > INT_MAX ? INT_MAX : (int)a;
}

/* 1 + x + x^2/2 + ..., for small x. */
static bool exp_series(const amph_decimal *x, int scale, amph_decimal *out, amph_arena *arena)
{
	int16_t digits[AMPH_DECIMAL_SMALL];
	amph_decimal one = small_int(1, digits), term = *x, product, sum;
	if (!amph__decimal_add(&one, x, &sum, arena))
		return false;
	for (int n = 2; term.n_digits > 0; n++) {
		int16_t n_digits[AMPH_DECIMAL_SMALL];
		amph_decimal divisor = small_int(n, n_digits), next;
		if (!amph__decimal_mul(&term, x, scale, &product, arena) ||
		    !amph__decimal_div(&product, &divisor, scale, &term, arena) ||
		    !amph__decimal_add(&sum, &term, &next, arena))
			return false;
		sum = next;
	}
	*out = sum;
	return true;
}

/* e^x to scale digits after the point: x is halved until the series is quick, the result squared as
 * often. *too_large: no numeric holds it. */
static bool exponential(const amph_decimal *x, int scale, bool *too_large, amph_decimal *out,
			amph_arena *arena)
{
	double value = amph__decimal_to_double(x);
	*too_large = false;
	if (fabs(value) >= RESULT_SCALE_MAX * 3) {
		*too_large = value > 0;
		*out = (amph_decimal){ .dscale = scale };
		return true;
	}
	int halvings = 0;
	for (double rest = value; fabs(rest) > 0.01; rest /= 2)
		halvings++;
	int digits = 1 + (int)(value * LOG10_E) + scale + (int)(halvings * LOG10_2);
	digits = at_least(digits, 0) + GUARD;
	int16_t divisor_digits[AMPH_DECIMAL_SMALL];
	amph_decimal divisor = small_int(INT64_C(1) << halvings, divisor_digits), reduced, square;
	int exact = x->dscale + halvings;
	if (!amph__decimal_div(x, &divisor, exact > digits ? exact : digits, &reduced, arena) ||
	    !exp_series(&reduced, digits - 1, out, arena))
		return false;
	for (; halvings > 0; halvings--) {
		int64_t local = digits - (int64_t)out->weight * 2 * AMPH_DECIMAL_GROUP;
		if (!amph__decimal_mul(out, out, at_least(local, 0), &square, arena))
			return false;
		*out = square;
	}
	return amph__decimal_round(out, scale, arena);
}

/* 2 (z + z^3/3 + z^5/5 ...) with z = (x - 1) / (x + 1), for x near 1. */
static bool log_series(const amph_decimal *x, int scale, amph_decimal *out, amph_arena *arena)
{
	int16_t digits[AMPH_DECIMAL_SMALL];
	amph_decimal one = small_int(1, digits), below, above, z, square, power, term, sum;
	if (!amph__decimal_sub(x, &one, &below, arena) ||
	    !amph__decimal_add(x, &one, &above, arena) ||
	    !amph__decimal_div(&below, &above, scale, &z, arena) ||
	    !amph__decimal_mul(&z, &z, scale, &square, arena))
		return false;
	sum = power = term = z;
	for (int n = 3; term.n_digits > 0; n += 2) {
		int16_t n_digits[AMPH_DECIMAL_SMALL];
		amph_decimal divisor = small_int(n, n_digits), next;
		if (!amph__decimal_mul(&power, &square, scale, &next, arena))
			return false;
		power = next;
		if (!amph__decimal_div(&power, &divisor, scale, &term, arena) ||
		    !amph__decimal_add(&sum, &term, &next, arena))
			return false;
		sum = next;
	}
	return amph__decimal_add(&sum, &sum, out, arena);
}

static bool is_near_one(const amph_decimal *x)
{
	double value = amph__decimal_to_double(x);
	return value >= 0.9 && value <= 1.1;
}

/* ln of 1 <= x < 10000, or of x near 1: roots are taken until the series is quick. */
static bool log_of_lead(const amph_decimal *x, int scale, amph_decimal *out, amph_arena *arena)
{
	amph_decimal near = *x, root;
	int roots = 0, local = scale + GUARD;
	while (!is_near_one(&near)) {
		if (!amph__decimal_root(&near, local, &root, arena))
			return false;
		near = root;
		roots++;
	}
	int16_t digits[AMPH_DECIMAL_SMALL];
	amph_decimal factor = small_int(INT64_C(1) << roots, digits), sum;
	return log_series(&near, local, &sum, arena) &&
	       amph__decimal_mul(&sum, &factor, local, out, arena);
}

/* ln x, x > 0, to scale digits: that of its digits, and of the power of 10000 they stand for. */
static bool logarithm(const amph_decimal *x, int scale, amph_decimal *out, amph_arena *arena)
{
	if (is_near_one(x))
		return log_of_lead(x, scale, out, arena) && amph__decimal_round(out, scale, arena);
	int local = scale + GUARD;
	amph_decimal lead = *x, of_lead, of_base, product;
	lead.weight = 0;
	lead.dscale = (int32_t)x->n_digits * AMPH_DECIMAL_GROUP;
	int16_t base_digits[AMPH_DECIMAL_SMALL], weight_digits[AMPH_DECIMAL_SMALL];
	amph_decimal base = small_int(AMPH_DECIMAL_BASE, base_digits);
	amph_decimal weight = small_int(x->weight, weight_digits);
	return log_of_lead(&lead, local, &of_lead, arena) &&
	       log_of_lead(&base, local, &of_base, arena) &&
	       amph__decimal_mul(&of_base, &weight, local, &product, arena) &&
	       amph__decimal_add(&of_lead, &product, out, arena) &&
	       amph__decimal_round(out, scale, arena);
}

/* The decimal exponent of ln x, about, as PostgreSQL guesses it. */
static int log_weight(const amph_decimal *x, amph_arena *arena)
{
	int16_t low_digit = 9000, tenth_digit = 1000, digits[AMPH_DECIMAL_SMALL];
	amph_decimal low = { .weight = -1, .dscale = 1, .n_digits = 1, .digits = &low_digit };
	int16_t high_digits[2] = { 1, tenth_digit };
	amph_decimal high = { .dscale = 1, .n_digits = 2, .digits = high_digits };
	amph_decimal one = small_int(1, digits), rest;
	if (x->n_digits == 0)
		return 0;
	if (amph__decimal_compare(x, &low) >= 0 && amph__decimal_compare(x, &high) <= 0) {
		if (!amph__decimal_sub(x, &one, &rest, arena) || rest.n_digits == 0)
			return 0;
		return rest.weight * AMPH_DECIMAL_GROUP + (int)log10(rest.digits[0]);
	}
	double lead = x->digits[0];
	int weight = x->weight * AMPH_DECIMAL_GROUP;
	if (x->n_digits > 1) {
		lead = lead * AMPH_DECIMAL_BASE + x->digits[1];
		weight -= AMPH_DECIMAL_GROUP;
	}
	return (int)log10(fabs(log(lead) + weight * 2.302585092994046));
}

bool amph__decimal_exp(const amph_decimal *d, amph_decimal *out, amph_arena *arena,
		       amph_error *err)
{
	bool too_large;
	*out = *d;
	if (d->kind == AMPH_DECIMAL_INFINITE && d->sign)
		*out = (amph_decimal){ .dscale = 0 };
	if (d->kind != AMPH_DECIMAL_FINITE)
		return true;
	double value = amph__decimal_to_double(d) * LOG10_E;
	value = value < -RESULT_SCALE_MAX ? -RESULT_SCALE_MAX
		: value > RESULT_SCALE_MAX ? RESULT_SCALE_MAX : value;
	int scale = amph__decimal_clamp_scale(16 - (int)value, d, NULL);
	if (!exponential(d, scale, &too_large, out, arena))
		return amph__error_nomem(err);
	return !too_large || amph__decimal_overflow(err);
}

/* Whether d has a logarithm. */
static bool check_positive(const amph_decimal *d, amph_error *err)
{
	int sign = amph__decimal_sign(d);
	if (sign > 0)
		return true;
	return amph__error(err, "2201E", "cannot take logarithm of %s",
			   sign == 0 ? "zero" : "a negative number");
}

bool amph__decimal_ln(const amph_decimal *d, amph_decimal *out, amph_arena *arena,
		      amph_error *err)
{
	if (!check_positive(d, err))
		return false;
	*out = *d;
	if (d->kind != AMPH_DECIMAL_FINITE)
		return true;
	int scale = amph__decimal_clamp_scale(16 - log_weight(d, arena), d, NULL);
	return logarithm(d, scale, out, arena) || amph__error_nomem(err);
}

static bool log_special(const amph_decimal *base, const amph_decimal *d, amph_decimal *out)
{
	if (base->kind == AMPH_DECIMAL_FINITE)
		*out = *d;
	else
		*out = d->kind == AMPH_DECIMAL_FINITE ? (amph_decimal){ .dscale = 0 }
						      : amph__decimal_special(AMPH_DECIMAL_NAN, false);
	return true;
}

bool amph__decimal_log(const amph_decimal *base, const amph_decimal *d, amph_decimal *out,
		       amph_arena *arena, amph_error *err)
{
	if (base->kind == AMPH_DECIMAL_NAN || d->kind == AMPH_DECIMAL_NAN) {
		*out = amph__decimal_special(AMPH_DECIMAL_NAN, false);
		return true;
	}
	if (!check_positive(base, err) || !check_positive(d, err))
		return false;
	if (base->kind != AMPH_DECIMAL_FINITE || d->kind != AMPH_DECIMAL_FINITE)
		return log_special(base, d, out);
	int base_weight = log_weight(base, arena), weight = log_weight(d, arena) - base_weight;
	int scale = amph__decimal_clamp_scale(16 - weight, base, d);
	amph_decimal of_base, of_d;
	int base_scale = at_least((int64_t)scale + weight - base_weight + GUARD, 0);
	int d_scale = at_least((int64_t)scale + weight - log_weight(d, arena) + GUARD, 0);
	if (!logarithm(base, base_scale, &of_base, arena) || !logarithm(d, d_scale, &of_d, arena))
		return amph__error_nomem(err);
	if (of_base.n_digits == 0)
		return amph__error(err, "22012", "division by zero");
	return amph__decimal_div(&of_d, &of_base, scale, out, arena) || amph__error_nomem(err);
}

static bool is_one(const amph_decimal *d, bool minus)
{
	return d->kind == AMPH_DECIMAL_FINITE && d->n_digits == 1 && d->weight == 0 &&
	       d->digits[0] == 1 && (d->sign != 0) == minus;
}

static bool is_odd(const amph_decimal *d)
{
	return d->n_digits > 0 && (int64_t)d->n_digits == (int64_t)d->weight + 1 &&
	       d->digits[d->n_digits - 1] % 2 == 1;
}

static bool set_int(amph_decimal *out, int n, amph_arena *arena, amph_error *err)
{
	int16_t digits[AMPH_DECIMAL_SMALL];
	*out = small_int(n, digits);
	if (n == 0)
		return true;
	out->digits = amph__arena_copy(arena, out->digits, sizeof(int16_t));
	return out->digits != NULL || amph__error_nomem(err);
}

/* As POSIX has it for pow(). One of the operands is infinite or NaN. */
static bool power_special(const amph_decimal *base, const amph_decimal *exponent,
			  amph_decimal *out, amph_arena *arena, amph_error *err)
{
	bool nan = base->kind == AMPH_DECIMAL_NAN || exponent->kind == AMPH_DECIMAL_NAN;
	bool up = amph__decimal_sign(exponent) > 0;
	*out = amph__decimal_special(nan ? AMPH_DECIMAL_NAN : AMPH_DECIMAL_INFINITE, false);
	if (is_one(base, false) || amph__decimal_is_zero(exponent))
		return set_int(out, 1, arena, err);
	if (nan)
		return true;
	if (amph__decimal_is_zero(base))
		return set_int(out, 0, arena, err);
	if (exponent->kind == AMPH_DECIMAL_INFINITE) {
		amph_decimal size = *base;
		size.sign = 0;
		if (is_one(&size, false))
			return set_int(out, 1, arena, err);
		bool large = base->kind == AMPH_DECIMAL_INFINITE ||
			     (size.n_digits > 0 && size.weight >= 0);
		return large == up || set_int(out, 0, arena, err);
	}
	if (!up)
		return set_int(out, 0, arena, err);
	out->sign = base->sign && is_odd(exponent);
	return true;
}

/* e^(exponent * ln base); a small estimate of it decides how many digits are needed. */
static bool power_by_log(const amph_decimal *base, const amph_decimal *exponent,
			 amph_decimal *out, amph_arena *arena, amph_error *err)
{
	amph_decimal log_base, product;
	bool too_large, minus = base->sign != 0;
	amph_decimal size = *base;
	size.sign = 0;
	int weight = log_weight(&size, arena);
	int local = at_least(8 - weight, 0);
	if (!logarithm(&size, local, &log_base, arena) ||
	    !amph__decimal_mul(&log_base, exponent, local, &product, arena))
		return amph__error_nomem(err);
	double value = amph__decimal_to_double(&product);
	if (fabs(value) > RESULT_SCALE_MAX * 3.01) {
		*out = (amph_decimal){ .dscale = 1000 };
		return value < 0 || amph__decimal_overflow(err);
	}
	value *= LOG10_E;
	int scale = amph__decimal_clamp_scale(16 - (int)value, base, exponent);
	int digits = at_least(scale + (int)value, 0);
	local = at_least((int64_t)digits - weight + GUARD, 0);
	if (!logarithm(&size, local, &log_base, arena) ||
	    !amph__decimal_mul(&log_base, exponent, local, &product, arena) ||
	    !exponential(&product, scale, &too_large, out, arena))
		return amph__error_nomem(err);
	if (minus && is_odd(exponent) && out->n_digits > 0)
		out->sign = 1;
	return !too_large || amph__decimal_overflow(err);
}

/* An exponent that is whole and fits an int. */
static bool to_int(const amph_decimal *d, int *out)
{
	int64_t n = 0;
	if (!amph__decimal_is_integral(d) || d->weight > 2)
		return false;
	for (int i = 0; i <= d->weight; i++)
		n = n * AMPH_DECIMAL_BASE + ((size_t)i < d->n_digits ? d->digits[i] : 0);
	n = d->sign ? -n : n;
	*out = (int)n;
	return n >= INT_MIN && n <= INT_MAX;
}

bool amph__decimal_power(const amph_decimal *base, const amph_decimal *exponent,
			 amph_decimal *out, amph_arena *arena, amph_error *err)
{
	int whole;
	int base_sign = amph__decimal_sign(base), exponent_sign = amph__decimal_sign(exponent);
	bool nan = base->kind == AMPH_DECIMAL_NAN || exponent->kind == AMPH_DECIMAL_NAN;
	if (!nan && base_sign == 0 && exponent_sign < 0)
		return amph__error(err, "2201F", "zero raised to a negative power is undefined");
	if (!nan && base_sign < 0 && exponent->kind == AMPH_DECIMAL_FINITE &&
	    !amph__decimal_is_integral(exponent))
		return amph__error(err, "2201F", "a negative number raised to a non-integer power "
				   "yields a complex result");
	if (base->kind != AMPH_DECIMAL_FINITE || exponent->kind != AMPH_DECIMAL_FINITE)
		return power_special(base, exponent, out, arena, err);
	if (to_int(exponent, &whole))
		return amph__decimal_power_int(base, whole, out, arena, err) &&
		       amph__decimal_finish(out, err);
	if (base_sign == 0) {
		*out = (amph_decimal){ .dscale = 16 };
		return true;
	}
	return power_by_log(base, exponent, out, arena, err) && amph__decimal_finish(out, err);
}
