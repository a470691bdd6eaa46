/* Variances, deviations, covariances, regressions. */
#include "../../../../src/model/decimal.h"
#include "aggregate.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- of numeric and integers: exact sums of values and squares ---- */

typedef struct exact {
	int64_t n, special;
	int64_t longest;                /* values with as many digits after the point as the sum */
	amph_decimal sum, squares;
	size_t sum_cap, squares_cap;
} exact;

static bool keep(sl_call *c, amph_decimal *to, size_t *cap, const amph_decimal *d)
{
	void *digits = to->digits;

	if (d->n_digits > *cap &&
	    !amph__grow(c->env->allocator, &digits, cap, d->n_digits, sizeof(*to->digits))) {
		amph__sl_raise_nomem(c);
		return false;
	}
	*to = *d;
	to->digits = digits;
	if (d->n_digits)
		memcpy(digits, d->digits, d->n_digits * sizeof(*d->digits));
	return true;
}

/* One more value, or one less. */
static void exact_take(sl_call *c, exact *s, const amph_decimal *x,
		       bool (*take)(const amph_decimal *, const amph_decimal *, amph_decimal *, amph_arena *))
{
	amph_decimal square, sum;

	if (!take(&s->sum, x, &sum, c->arena) || !keep(c, &s->sum, &s->sum_cap, &sum) ||
	    !amph__decimal_mul(x, x, x->dscale * 2, &square, c->arena) ||
	    !take(&s->squares, &square, &sum, c->arena))
		amph__sl_raise_nomem(c);
	else
		keep(c, &s->squares, &s->squares_cap, &sum);
}

static void exact_step(sl_call *c, void *state)
{
	exact *s = state;
	amph_decimal x;

	if (!amph__sl_decimal(c, 0, &x))
		return;
	s->n++;
	if (x.kind != 0) {
		s->special++;
		return;
	}
	s->longest = x.dscale > s->sum.dscale ? 1 : s->longest + (x.dscale == s->sum.dscale);
	exact_take(c, s, &x, amph__decimal_add);
}

/* Digits after the point that no value has any more would stay in the result. */
static void exact_inverse(sl_call *c, void *state)
{
	exact *s = state;
	amph_decimal x;

	if (!amph__sl_decimal(c, 0, &x))
		return;
	s->n--;
	if (x.kind != 0) {
		s->special--;
		return;
	}
	s->longest -= x.dscale == s->sum.dscale;
	if (!s->longest && x.dscale && s->n)
		amph__sl_raise(c, "0A000", "a variance over a window frame that the value of the most "
					   "digits has left is not supported on SQLite");
	else
		exact_take(c, s, &x, amph__decimal_sub);
	if (!s->n)
		s->sum.dscale = s->squares.dscale = 0;
}

static bool of_int(int64_t n, amph_decimal *out, amph_arena *arena, amph_error *err)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%lld", (long long)n);

	return amph__decimal_parse(text, (size_t)len, out, arena, err);
}

enum { POP = 0, SAMPLE = 1, DEVIATION = 2 };

/* (n * squares - sum * sum) / (n * (n - 1)), or / (n * n) for the whole population. */
static bool variance(sl_call *c, const exact *s, amph_decimal *out, amph_error *err)
{
	amph_decimal n, m, a, b, d;
	amph_arena *arena = c->arena;
	bool sample = (c->arg & SAMPLE) != 0;

	if (!of_int(s->n, &n, arena, err) || !of_int(s->n - sample, &m, arena, err))
		return false;
	/* what lies between may be larger or smaller than a number on its own */
	if (!amph__decimal_mul(&n, &s->squares, s->squares.dscale, &a, arena) ||
	    !amph__decimal_mul(&s->sum, &s->sum, s->sum.dscale * 2, &b, arena) ||
	    !amph__decimal_sub(&a, &b, &d, arena))
		return amph__error_nomem(err);
	if (d.sign || !d.n_digits)
		return amph__decimal_parse("0", 1, out, arena, err);
	return amph__decimal_do(AMPH_DEC_MUL, &n, &m, &a, arena, err) &&
	       amph__decimal_do(AMPH_DEC_DIV, &d, &a, out, arena, err);
}

/* A first guess by floating point, of the first digits alone lest the range end. */
static bool guess_root(const amph_decimal *d, amph_decimal *out, amph_arena *arena, amph_error *err)
{
	double lead = 0;
	int32_t weight = d->weight;
	char text[64];

	for (size_t i = 0; i < 5; i++)
		lead = lead * AMPH_DECIMAL_BASE + (i < d->n_digits ? d->digits[i] : 0);
	weight -= 4;
	if (weight % 2 != 0) {
		lead *= AMPH_DECIMAL_BASE;
		weight--;
	}
	snprintf(text, sizeof(text), "%.15ge%d", sqrt(lead), (int)(weight / 2 * AMPH_DECIMAL_GROUP));
	return amph__decimal_parse(text, amph__ascii_point(text), out, arena, err);
}

/* Newton's method, with more digits than are asked for. d is positive. */
static bool square_root(const amph_decimal *d, int scale, amph_decimal *out, amph_arena *arena,
			amph_error *err)
{
	amph_decimal x, y, sum, half;

	if (!guess_root(d, &x, arena, err) || !amph__decimal_parse("0.5", 3, &half, arena, err))
		return false;
	for (int i = 0; i < 20; i++) {
		if (!amph__decimal_div(d, &x, scale + 12, &y, arena) ||
		    !amph__decimal_add(&x, &y, &sum, arena) ||
		    !amph__decimal_mul(&sum, &half, scale + 12, &y, arena))
			return amph__error_nomem(err);
		if (amph__decimal_compare(&x, &y) == 0)
			break;
		x = y;
	}
	*out = x;
	return amph__decimal_round(out, scale, arena) ? true : amph__error_nomem(err);
}

static void exact_value(sl_call *c, void *state)
{
	const exact *s = state;
	amph_decimal out, root;
	amph_error err;

	if (!s || s->n < ((c->arg & SAMPLE) ? 2 : 1))
		return;
	if (s->special)
		amph__sl_result_text(c, "NaN", 3);
	else if (!variance(c, s, &out, &err))
		amph__sl_raise_error(c, &err);
	else if (!(c->arg & DEVIATION) || !out.n_digits)
		amph__sl_result_decimal(c, &out);
	else if (square_root(&out, out.dscale, &root, c->arena, &err))
		amph__sl_result_decimal(c, &root);
	else
		amph__sl_raise_error(c, &err);
}

static void exact_clear(sl_call *c, void *state)
{
	exact *s = state;

	amph__free(c->env->allocator, s->sum.digits);
	amph__free(c->env->allocator, s->squares.digits);
}

enum { CORR, COVAR_POP, COVAR_SAMP, AVGX, AVGY, COUNT, INTERCEPT, R2, SLOPE, SXX, SXY, SYY };

/* ---- of floating-point numbers: Youngs and Cramer's updating sums ---- */

typedef struct moments {
	double n, sx, sxx, sy, syy, sxy;
} moments;

static void one_step(sl_call *c, void *state)
{
	moments *s = state;
	double x = amph__sl_real(c, 0);

	bool known = !isinf(s->sx) && !isinf(x);

	s->n++;
	s->sx += x;
	if (s->n > 1) {
		double t = x * s->n - s->sx;

		s->sxx += t * t / (s->n * (s->n - 1));
	}
	if (known && (isinf(s->sx) || isinf(s->sxx)))
		amph__sl_raise(c, "22003", "value out of range: overflow");
	if (!known || isnan(x))
		s->sxx = (double)NAN;
}

static void one_value(sl_call *c, void *state)
{
	const moments *s = state;
	double v;

	if (!s || s->n < ((c->arg & SAMPLE) ? 2 : 1))
		return;
	v = s->sxx / ((c->arg & SAMPLE) ? s->n - 1 : s->n);
	amph__sl_result_real(c, (c->arg & DEVIATION) ? sqrt(v) : v);
}

static void mean_value(sl_call *c, void *state)
{
	const moments *s = state;

	if (s && s->n >= 1)
		amph__sl_result_real(c, s->sx / s->n);
}

/* The first argument is y, the second x; rows with a NULL in either do not count. */
static void two_step(sl_call *c, void *state)
{
	moments *s = state;
	double y = amph__sl_real(c, 0), x = amph__sl_real(c, 1);
	bool known_x, known_y;

	if (amph__sl_is_null(c, 0) || amph__sl_is_null(c, 1))
		return;
	s->n++;
	if (c->arg == COUNT)
		return;
	known_x = !isinf(s->sx) && !isinf(x);
	known_y = !isinf(s->sy) && !isinf(y);
	s->sx += x;
	s->sy += y;
	if (s->n > 1) {
		double tx = x * s->n - s->sx, ty = y * s->n - s->sy, scale = 1 / (s->n * (s->n - 1));

		s->sxx += tx * tx * scale;
		s->syy += ty * ty * scale;
		s->sxy += tx * ty * scale;
	}
	if ((known_x && (isinf(s->sx) || isinf(s->sxx))) || (known_y && (isinf(s->sy) || isinf(s->syy))) ||
	    (known_x && known_y && isinf(s->sxy)))
		amph__sl_raise(c, "22003", "value out of range: overflow");
	if (!known_x || isnan(x))
		s->sxx = s->sxy = (double)NAN;
	if (!known_y || isnan(y))
		s->syy = s->sxy = (double)NAN;
}

/* false: NULL, there being no line. */
static bool regression(const moments *s, intptr_t what, double *out)
{
	switch (what) {
	case CORR: *out = s->sxy / sqrt(s->sxx * s->syy); return s->sxx != 0 && s->syy != 0;
	case COVAR_POP: *out = s->sxy / s->n; return true;
	case COVAR_SAMP: *out = s->sxy / (s->n - 1); return s->n > 1;
	case AVGX: *out = s->sx / s->n; return true;
	case AVGY: *out = s->sy / s->n; return true;
	case INTERCEPT: *out = (s->sy - s->sx * s->sxy / s->sxx) / s->n; return s->sxx != 0;
	case R2: *out = s->syy == 0 ? 1 : s->sxy * s->sxy / (s->sxx * s->syy); return s->sxx != 0;
	case SLOPE: *out = s->sxy / s->sxx; return s->sxx != 0;
	case SXX: *out = s->sxx; return true;
	case SXY: *out = s->sxy; return true;
	default: *out = s->syy; return true;
	}
}

static void two_value(sl_call *c, void *state)
{
	const moments *s = state;
	double out;

	if (c->arg == COUNT)
		amph__sl_result_int(c, s ? (int64_t)s->n : 0);
	else if (s && s->n >= 1 && regression(s, c->arg, &out))
		amph__sl_result_real(c, out);
}

#define EXACT(name, what)                                                                     \
	{ name, 1, 0, sizeof(exact), exact_step, exact_inverse, exact_value, exact_clear, what }
#define REAL(name, what) { name, 1, 0, sizeof(moments), one_step, NULL, one_value, NULL, what }
#define ALL_OF(name, what)                                                                    \
	REAL(name "_float4", what), REAL(name "_float8", what), EXACT(name "_int2", what),    \
	EXACT(name "_int4", what), EXACT(name "_int8", what), EXACT(name "_numeric", what)
#define TWO(name, what)                                                                       \
	{ name "_float8_float8", 2, SL_FN_NULLS, sizeof(moments), two_step, NULL, two_value, NULL, what }

const sl_aggregate amph__sl_statistics[] = {
	{ "avg_float4", 1, 0, sizeof(moments), one_step, NULL, mean_value, NULL, 0 },
	{ "avg_float8", 1, 0, sizeof(moments), one_step, NULL, mean_value, NULL, 0 },
	TWO("corr", CORR),
	TWO("covar_pop", COVAR_POP),
	TWO("covar_samp", COVAR_SAMP),
	TWO("regr_avgx", AVGX),
	TWO("regr_avgy", AVGY),
	TWO("regr_count", COUNT),
	TWO("regr_intercept", INTERCEPT),
	TWO("regr_r2", R2),
	TWO("regr_slope", SLOPE),
	TWO("regr_sxx", SXX),
	TWO("regr_sxy", SXY),
	TWO("regr_syy", SYY),
	ALL_OF("stddev_pop", POP | DEVIATION),
	ALL_OF("stddev_samp", SAMPLE | DEVIATION),
	ALL_OF("var_pop", POP),
	ALL_OF("var_samp", SAMPLE)
};
const size_t amph__sl_n_statistics = sizeof(amph__sl_statistics) / sizeof(amph__sl_statistics[0]);
