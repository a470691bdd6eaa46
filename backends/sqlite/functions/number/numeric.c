/* Exact numbers: operators and functions on decimal text. */
#include "../../../../src/model/decimal.h"
#include "../functions.h"
#include <stdio.h>

static void fail(sl_call *c, const amph_error *err)
{
	amph__sl_raise_error(c, err);
}

static void operate(sl_call *c)
{
	amph_decimal a, b, out;
	amph_error err;

	if (!amph__sl_decimal(c, 0, &a) || !amph__sl_decimal(c, 1, &b))
		return;
	if (amph__decimal_do((amph_decimal_op)c->arg, &a, &b, &out, c->arena, &err))
		amph__sl_result_decimal(c, &out);
	else
		fail(c, &err);
}

static bool is_special(const amph_decimal *d)
{
	return d->kind != 0;
}

static void negate(sl_call *c)
{
	amph_decimal d;

	if (!amph__sl_decimal(c, 0, &d))
		return;
	if (d.kind != 1 && (d.n_digits || is_special(&d)))
		d.sign = !d.sign;
	amph__sl_result_decimal(c, &d);
}

static void absolute(sl_call *c)
{
	amph_decimal d;

	if (!amph__sl_decimal(c, 0, &d))
		return;
	d.sign = 0;
	amph__sl_result_decimal(c, &d);
}

static void sign(sl_call *c)
{
	amph_decimal d;

	if (!amph__sl_decimal(c, 0, &d))
		return;
	if (d.kind == 1)
		amph__sl_result_text(c, "NaN", 3);
	else if (!d.n_digits && !is_special(&d))
		amph__sl_result_text(c, "0", 1);
	else
		amph__sl_result_text(c, d.sign ? "-1" : "1", d.sign ? 2 : 1);
}

enum { ROUND, TRUNC };

/* No number has more digits on either side; one that rounds up may have one more before the point. */
static int clamp_scale(int64_t scale, bool round)
{
	int64_t low = -((int64_t)AMPH_DECIMAL_WEIGHT_MAX + 1) * AMPH_DECIMAL_GROUP - round;

	return (int)(scale > AMPH_DECIMAL_SCALE_MAX ? AMPH_DECIMAL_SCALE_MAX : scale < low ? low : scale);
}

static void round_to(sl_call *c)
{
	bool round = c->arg == ROUND;
	amph_decimal d;
	amph_error err;
	int scale = c->argc > 1 ? clamp_scale(amph__sl_int(c, 1), round) : 0;

	if (!amph__sl_decimal(c, 0, &d))
		return;
	if (!is_special(&d) && !(round ? amph__decimal_round(&d, scale, c->arena)
				       : amph__decimal_trunc(&d, scale, c->arena)))
		amph__sl_raise_nomem(c);
	else if (!amph__decimal_finish(&d, &err))
		fail(c, &err);
	else
		amph__sl_result_decimal(c, &d);
}

static bool one(amph_decimal *out, amph_arena *arena)
{
	return amph__decimal_parse("1", 1, out, arena, NULL);
}

/* Truncates, then moves away from zero by one where digits were cut: up for ceil of a positive
 * number, down for floor of a negative one. */
static void ceil_or_floor(sl_call *c)
{
	amph_decimal d, whole, unit, out;
	amph_error err;
	bool down = c->arg != 0;

	if (!amph__sl_decimal(c, 0, &d) || !amph__sl_decimal(c, 0, &whole))
		return;
	if (is_special(&d)) {
		amph__sl_result_decimal(c, &d);
		return;
	}
	if (!amph__decimal_trunc(&whole, 0, c->arena) || !one(&unit, c->arena)) {
		amph__sl_raise_nomem(c);
		return;
	}
	out = whole;
	if (amph__decimal_compare(&d, &whole) != 0 && (d.sign != 0) == down &&
	    !amph__decimal_do(down ? AMPH_DEC_SUB : AMPH_DEC_ADD, &whole, &unit, &out, c->arena, &err))
		fail(c, &err);
	else
		amph__sl_result_decimal(c, &out);
}

/* div(): the whole part of the quotient. */
static void divide_whole(sl_call *c)
{
	amph_decimal a, b, rest, whole, out;
	amph_error err;

	if (!amph__sl_decimal(c, 0, &a) || !amph__sl_decimal(c, 1, &b))
		return;
	if (is_special(&a) || is_special(&b)) {
		if (!amph__decimal_do(AMPH_DEC_DIV, &a, &b, &out, c->arena, &err))
			fail(c, &err);
		else
			amph__sl_result_decimal(c, &out);
		return;
	}
	/* (a - a % b) / b is exact */
	if (!amph__decimal_do(AMPH_DEC_MOD, &a, &b, &rest, c->arena, &err) ||
	    !amph__decimal_do(AMPH_DEC_SUB, &a, &rest, &whole, c->arena, &err) ||
	    !amph__decimal_do(AMPH_DEC_DIV, &whole, &b, &out, c->arena, &err)) {
		fail(c, &err);
		return;
	}
	if (!amph__decimal_round(&out, 0, c->arena))
		amph__sl_raise_nomem(c);
	else
		amph__sl_result_decimal(c, &out);
}

/* The digits after the point that are shown, or that are needed. */
static int32_t needed_scale(const amph_decimal *d)
{
	int32_t scale;
	int last;

	if (!d->n_digits)
		return 0;
	scale = ((int32_t)d->n_digits - d->weight - 1) * 4;
	if (scale <= 0)
		return 0;
	for (last = d->digits[d->n_digits - 1]; last % 10 == 0; last /= 10)
		scale--;
	return scale;
}

static void scale(sl_call *c)
{
	amph_decimal d;

	if (amph__sl_decimal(c, 0, &d) && !is_special(&d))
		amph__sl_result_int(c, c->arg ? needed_scale(&d) : d.dscale);
}

static void trim_scale(sl_call *c)
{
	amph_decimal d;

	if (!amph__sl_decimal(c, 0, &d))
		return;
	if (!is_special(&d))
		d.dscale = needed_scale(&d);
	amph__sl_result_decimal(c, &d);
}

static void greatest_divisor(sl_call *c, amph_decimal *a, amph_decimal *b, amph_decimal *out)
{
	amph_error err;

	while (b->n_digits) {
		amph_decimal rest;

		if (!amph__decimal_do(AMPH_DEC_MOD, a, b, &rest, c->arena, &err)) {
			fail(c, &err);
			out->kind = 1;
			return;
		}
		*a = *b;
		*b = rest;
	}
	*out = *a;
	out->sign = 0;
}

static void gcd(sl_call *c)
{
	amph_decimal a, b, out = { 0 };
	int32_t shown;

	if (!amph__sl_decimal(c, 0, &a) || !amph__sl_decimal(c, 1, &b))
		return;
	if (is_special(&a) || is_special(&b)) {
		amph__sl_result_text(c, "NaN", 3);
		return;
	}
	shown = a.dscale > b.dscale ? a.dscale : b.dscale;
	greatest_divisor(c, &a, &b, &out);
	out.dscale = shown;
	if (out.kind == 0)
		amph__sl_result_decimal(c, &out);
}

static void lcm(sl_call *c)
{
	amph_decimal a, b, x, y, divisor = { 0 }, part, out;
	amph_error err;
	int32_t shown;

	if (!amph__sl_decimal(c, 0, &a) || !amph__sl_decimal(c, 1, &b))
		return;
	if (is_special(&a) || is_special(&b)) {
		amph__sl_result_text(c, "NaN", 3);
		return;
	}
	shown = a.dscale > b.dscale ? a.dscale : b.dscale;
	out = a.n_digits ? b : a;
	if (a.n_digits && b.n_digits) {
		x = a;
		y = b;
		greatest_divisor(c, &x, &y, &divisor);
		if (divisor.kind != 0)
			return;
		if (!amph__decimal_do(AMPH_DEC_DIV, &a, &divisor, &part, c->arena, &err) ||
		    !amph__decimal_round(&part, 0, c->arena) ||
		    !amph__decimal_do(AMPH_DEC_MUL, &part, &b, &out, c->arena, &err)) {
			fail(c, &err);
			return;
		}
	}
	out.sign = 0;
	out.dscale = shown;
	amph__sl_result_decimal(c, &out);
}

static void factorial(sl_call *c)
{
	int64_t n = amph__sl_int(c, 0);
	amph_decimal out, factor, product;
	amph_error err;
	char text[24];

	if (n < 0) {
		amph__sl_raise(c, "22003", "factorial of a negative number is undefined");
		return;
	}
	if (n > 32177) {
		amph__sl_raise(c, "22003", "value overflows numeric format");
		return;
	}
	if (!one(&out, c->arena))
		return;
	for (int64_t i = 2; i <= n; i++) {
		int len = snprintf(text, sizeof(text), "%lld", (long long)i);

		if (!amph__decimal_parse(text, (size_t)len, &factor, c->arena, &err) ||
		    !amph__decimal_do(AMPH_DEC_MUL, &out, &factor, &product, c->arena, &err)) {
			fail(c, &err);
			return;
		}
		out = product;
	}
	amph__sl_result_decimal(c, &out);
}

/* ---- roots, powers, logarithms ---- */

typedef bool unary_fn(const amph_decimal *d, amph_decimal *out, amph_arena *arena, amph_error *err);
enum { SQRT, EXP, LN };

static void call_unary(sl_call *c)
{
	static unary_fn *const functions[] = { amph__decimal_sqrt, amph__decimal_exp, amph__decimal_ln };
	amph_decimal d, out;
	amph_error err;

	if (!amph__sl_decimal(c, 0, &d))
		return;
	if (functions[c->arg](&d, &out, c->arena, &err))
		amph__sl_result_decimal(c, &out);
	else
		fail(c, &err);
}

/* log(x) is that to the base of ten. */
static void logarithm(sl_call *c)
{
	amph_decimal base, d, out;
	amph_error err;
	bool ok = c->argc > 1 ? amph__sl_decimal(c, 0, &base)
			      : amph__decimal_parse("10", 2, &base, c->arena, &err);

	if (!ok || !amph__sl_decimal(c, c->argc - 1, &d))
		return;
	if (amph__decimal_log(&base, &d, &out, c->arena, &err))
		amph__sl_result_decimal(c, &out);
	else
		fail(c, &err);
}

static void power(sl_call *c)
{
	amph_decimal base, exponent, out;
	amph_error err;

	if (!amph__sl_decimal(c, 0, &base) || !amph__sl_decimal(c, 1, &exponent))
		return;
	if (amph__decimal_power(&base, &exponent, &out, c->arena, &err))
		amph__sl_result_decimal(c, &out);
	else
		fail(c, &err);
}

static const sl_function rows[] = {
	{ "abs_numeric", 1, 0, absolute, 0 },
	{ "ceil_numeric", 1, 0, ceil_or_floor, 0 },
	{ "div_numeric_numeric", 2, 0, divide_whole, 0 },
	{ "exp_numeric", 1, 0, call_unary, EXP },
	{ "factorial_int8", 1, 0, factorial, 0 },
	{ "floor_numeric", 1, 0, ceil_or_floor, 1 },
	{ "gcd_numeric_numeric", 2, 0, gcd, 0 },
	{ "lcm_numeric_numeric", 2, 0, lcm, 0 },
	{ "ln_numeric", 1, 0, call_unary, LN },
	{ "log10_numeric", 1, 0, logarithm, 0 },
	{ "log_numeric", 1, 0, logarithm, 0 },
	{ "log_numeric_numeric", 2, 0, logarithm, 0 },
	{ "min_scale_numeric", 1, 0, scale, 1 },
	{ "mod_numeric_numeric", 2, 0, operate, AMPH_DEC_MOD },
	{ "numeric_abs", 1, 0, absolute, 0 },
	{ "numeric_add", 2, 0, operate, AMPH_DEC_ADD },
	{ "numeric_div", 2, 0, operate, AMPH_DEC_DIV },
	{ "numeric_mod", 2, 0, operate, AMPH_DEC_MOD },
	{ "numeric_mul", 2, 0, operate, AMPH_DEC_MUL },
	{ "numeric_power", 2, 0, power, 0 },
	{ "numeric_sub", 2, 0, operate, AMPH_DEC_SUB },
	{ "numeric_uminus", 1, 0, negate, 0 },
	{ "power_numeric_numeric", 2, 0, power, 0 },
	{ "round_numeric", 1, 0, round_to, ROUND },
	{ "round_numeric_int4", 2, 0, round_to, ROUND },
	{ "scale_numeric", 1, 0, scale, 0 },
	{ "sign_numeric", 1, 0, sign, 0 },
	{ "sqrt_numeric", 1, 0, call_unary, SQRT },
	{ "trim_scale_numeric", 1, 0, trim_scale, 0 },
	{ "trunc_numeric", 1, 0, round_to, TRUNC },
	{ "trunc_numeric_int4", 2, 0, round_to, TRUNC }
};
const sl_functions amph__sl_numeric_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
