/* Sums, averages and the like, with PostgreSQL's types and scales of results. An aggregate over no
 * row is NULL. Statistics are in statistics.c, texts, arrays and JSON in collect.c. */
#include "aggregate.h"
#include <math.h>
#include <string.h>

/* ---- integers ---- */

/* SQLite's memory for the state of an aggregate is aligned to eight bytes. */
typedef struct __attribute__((packed, aligned(8))) int_sum {
	__extension__ __int128 sum;
	int64_t n;
} int_sum;

static void int_step(sl_call *c, void *state)
{
	int_sum *s = state;

	s->sum += amph__sl_int(c, 0);
	s->n++;
}

static void int_inverse(sl_call *c, void *state)
{
	int_sum *s = state;

	s->sum -= amph__sl_int(c, 0);
	s->n--;
}

static void int_sum_int8(sl_call *c, void *state)
{
	const int_sum *s = state;

	if (!s || !s->n)
		return;
	if (s->sum > INT64_MAX || s->sum < INT64_MIN)
		amph__sl_raise(c, "22003", "bigint out of range");
	else
		amph__sl_result_int(c, (int64_t)s->sum);
}

__extension__ static void print_int128(__int128 n, char *out)
{
	char digits[48];
	int i = 0;
	unsigned __int128 m = n < 0 ? -(unsigned __int128)n : (unsigned __int128)n;

	do
		digits[i++] = (char)('0' + (int)(m % 10));
	while ((m /= 10) != 0);
	if (n < 0)
		digits[i++] = '-';
	while (i > 0)
		*out++ = digits[--i];
	*out = '\0';
}

static void int_sum_numeric(sl_call *c, void *state)
{
	const int_sum *s = state;
	char text[48];

	if (!s || !s->n)
		return;
	print_int128(s->sum, text);
	amph__sl_result_text(c, text, strlen(text));
}

static bool decimal_of_int(sl_call *c, int64_t n, amph_decimal *out)
{
	char text[48];
	amph_error err;

	print_int128(n, text);
	if (amph__decimal_parse(text, strlen(text), out, c->arena, &err))
		return true;
	amph__sl_raise_error(c, &err);
	return false;
}

static void put_quotient(sl_call *c, const amph_decimal *sum, int64_t n)
{
	amph_decimal count, out;
	amph_error err;

	if (!decimal_of_int(c, n, &count))
		return;
	if (amph__decimal_do(AMPH_DEC_DIV, sum, &count, &out, c->arena, &err))
		amph__sl_result_decimal(c, &out);
	else
		amph__sl_raise_error(c, &err);
}

static void int_avg(sl_call *c, void *state)
{
	const int_sum *s = state;
	amph_decimal sum;
	amph_error err;
	char text[48];

	if (!s || !s->n)
		return;
	print_int128(s->sum, text);
	if (amph__decimal_parse(text, strlen(text), &sum, c->arena, &err))
		put_quotient(c, &sum, s->n);
	else
		amph__sl_raise_error(c, &err);
}

/* ---- numeric ---- */

/* The digits after the point of a sum are those of the value that has the most, also once that
 * value has left the frame of a window: so all are counted. */
typedef struct numeric_sum {
	amph_decimal sum;
	size_t cap;                     /* of sum.digits */
	int64_t n, nan, inf, neg_inf;
	int64_t *scales;                /* values with so many digits after the point */
	size_t n_scales;
} numeric_sum;

/* Keeps d, whose digits are the call's. */
static bool keep_sum(sl_call *c, numeric_sum *s, const amph_decimal *d)
{
	void *digits = s->sum.digits;

	if (d->n_digits > s->cap && !amph__grow(c->env->allocator, &digits, &s->cap, d->n_digits,
						 sizeof(*s->sum.digits))) {
		amph__sl_raise_nomem(c);
		return false;
	}
	s->sum = *d;
	s->sum.digits = digits;
	if (d->n_digits)
		memcpy(digits, d->digits, d->n_digits * sizeof(*d->digits));
	return true;
}

static bool count_scale(sl_call *c, numeric_sum *s, int32_t scale, int by)
{
	void *scales = s->scales;
	size_t old = s->n_scales, need = (size_t)scale + 1;

	if (need > old) {
		if (!amph__grow(c->env->allocator, &scales, &s->n_scales, need, sizeof(int64_t))) {
			amph__sl_raise_nomem(c);
			return false;
		}
		s->scales = scales;
		memset(s->scales + old, 0, (s->n_scales - old) * sizeof(int64_t));
	}
	s->scales[scale] += by;
	return true;
}

static void numeric_change(sl_call *c, numeric_sum *s, int by)
{
	amph_decimal d, sum;
	amph_error err;

	if (!amph__sl_decimal(c, 0, &d))
		return;
	s->n += by;
	if (d.kind == 1) {
		s->nan += by;
	} else if (d.kind == 2) {
		*(d.sign ? &s->neg_inf : &s->inf) += by;
	} else if (!amph__decimal_do(by > 0 ? AMPH_DEC_ADD : AMPH_DEC_SUB, &s->sum, &d, &sum,
				     c->arena, &err)) {
		amph__sl_raise_error(c, &err);
	} else if (count_scale(c, s, d.dscale, by)) {
		keep_sum(c, s, &sum);
	}
}

static void numeric_step(sl_call *c, void *state)
{
	numeric_change(c, state, 1);
}

static void numeric_inverse(sl_call *c, void *state)
{
	numeric_change(c, state, -1);
}

/* false: the result is NULL, or has been given, not being finite. */
static bool finite_sum(sl_call *c, numeric_sum *s, amph_decimal *out)
{
	if (!s || !s->n)
		return false;
	if (s->nan || (s->inf && s->neg_inf)) {
		amph__sl_result_text(c, "NaN", 3);
		return false;
	}
	if (s->inf || s->neg_inf) {
		amph__sl_result_text(c, s->inf ? "Infinity" : "-Infinity", s->inf ? 8 : 9);
		return false;
	}
	*out = s->sum;
	out->dscale = 0;
	for (size_t i = 0; i < s->n_scales; i++)
		if (s->scales[i] > 0)
			out->dscale = (int32_t)i;
	return true;
}

static void numeric_total(sl_call *c, void *state)
{
	amph_decimal d;

	if (finite_sum(c, state, &d))
		amph__sl_result_decimal(c, &d);
}

static void numeric_avg(sl_call *c, void *state)
{
	amph_decimal d;

	if (finite_sum(c, state, &d))
		put_quotient(c, &d, ((numeric_sum *)state)->n);
}

static void numeric_clear(sl_call *c, void *state)
{
	numeric_sum *s = state;

	amph__free(c->env->allocator, s->sum.digits);
	amph__free(c->env->allocator, s->scales);
}

/* ---- floating point ---- */

typedef struct real_sum {
	double sum;
	int64_t n;
	bool infinite;                  /* an argument was: the sum may be */
} real_sum;

static void real_step(sl_call *c, void *state)
{
	real_sum *s = state;
	double x = amph__sl_real(c, 0);

	s->sum = c->arg == 4 ? (double)((float)s->sum + (float)x) : s->sum + x;
	s->infinite |= isinf(x) != 0;
	s->n++;
	if (isinf(s->sum) && !s->infinite)
		amph__sl_raise(c, "22003", "value out of range: overflow");
}

static void real_total(sl_call *c, void *state)
{
	const real_sum *s = state;

	if (s && s->n)
		amph__sl_result_real(c, s->sum);
}

/* ---- intervals ---- */

typedef struct interval_sum {
	amph_interval sum;
	int64_t n;
} interval_sum;

static bool add_intervals(amph_interval *to, const amph_interval *x, int by)
{
	if (by > 0)
		return !__builtin_add_overflow(to->months, x->months, &to->months) &&
		       !__builtin_add_overflow(to->days, x->days, &to->days) &&
		       !__builtin_add_overflow(to->usec, x->usec, &to->usec);
	return !__builtin_sub_overflow(to->months, x->months, &to->months) &&
	       !__builtin_sub_overflow(to->days, x->days, &to->days) &&
	       !__builtin_sub_overflow(to->usec, x->usec, &to->usec);
}

static void interval_change(sl_call *c, interval_sum *s, int by)
{
	amph_interval x;

	if (!amph__sl_arg(c, 0, AMPH_T_INTERVAL, &x))
		return;
	s->n += by;
	if (!add_intervals(&s->sum, &x, by))
		amph__sl_raise(c, "22008", "interval out of range");
}

static void interval_step(sl_call *c, void *state)
{
	interval_change(c, state, 1);
}

static void interval_inverse(sl_call *c, void *state)
{
	interval_change(c, state, -1);
}

static void interval_total(sl_call *c, void *state)
{
	const interval_sum *s = state;

	if (s && s->n)
		amph__sl_result_of(c, AMPH_T_INTERVAL, &s->sum);
}

static void interval_avg(sl_call *c, void *state)
{
	const interval_sum *s = state;
	amph_interval out;

	if (!s || !s->n)
		return;
	if (amph__sl_interval_scale(&s->sum, (double)s->n, true, &out))
		amph__sl_result_of(c, AMPH_T_INTERVAL, &out);
	else
		amph__sl_raise(c, "22008", "interval out of range");
}

/* ---- bits and booleans ---- */

typedef struct bit_state {
	int64_t bits, n, n_true;
} bit_state;

enum { AND, OR, XOR };

static void bit_step(sl_call *c, void *state)
{
	bit_state *s = state;
	int64_t x = amph__sl_int(c, 0);

	if (s->n++ == 0)
		s->bits = x;
	else if (c->arg == AND)
		s->bits &= x;
	else if (c->arg == OR)
		s->bits |= x;
	else
		s->bits ^= x;
}

static void bit_value(sl_call *c, void *state)
{
	const bit_state *s = state;

	if (s && s->n)
		amph__sl_result_int(c, s->bits);
}

static void bool_step(sl_call *c, void *state)
{
	bit_state *s = state;

	s->n++;
	s->n_true += amph__sl_int(c, 0) != 0;
}

static void bool_inverse(sl_call *c, void *state)
{
	bit_state *s = state;

	s->n--;
	s->n_true -= amph__sl_int(c, 0) != 0;
}

static void bool_value(sl_call *c, void *state)
{
	const bit_state *s = state;

	if (s && s->n)
		amph__sl_result_bool(c, c->arg == AND ? s->n_true == s->n : s->n_true > 0);
}

/* ---- enums: given is the number of the label, and all labels ---- */

typedef struct label_state {
	int64_t best, n;
	char *labels;
	size_t len;
} label_state;

static void label_step(sl_call *c, void *state)
{
	label_state *s = state;
	int64_t x = amph__sl_int(c, 0);

	if (s->n++ == 0) {
		const char *labels = amph__sl_text(c, 1, &s->len);

		s->labels = amph__strdup(c->env->allocator, labels);
		if (!s->labels)
			amph__sl_raise_nomem(c);
		s->best = x;
	}
	if (c->arg > 0 ? x > s->best : x < s->best)
		s->best = x;
}

static void label_value(sl_call *c, void *state)
{
	const label_state *s = state;
	amph_text_array labels;

	if (!s || !s->labels)
		return;
	if (amph__array_parse(AMPH_T_TEXT, NULL, s->labels, s->len, &labels, c->arena, NULL) &&
	    s->best >= 0 && (size_t)s->best < labels.n)
		amph__sl_result_text(c, labels.items[s->best], strlen(labels.items[s->best]));
}

static void label_clear(sl_call *c, void *state)
{
	amph__free(c->env->allocator, ((label_state *)state)->labels);
}

#define INTS(name, out, arg)                                                                  \
	{ name, 1, 0, sizeof(int_sum), int_step, int_inverse, out, NULL, arg }
#define BITS(name, op) { name, 1, 0, sizeof(bit_state), bit_step, NULL, bit_value, NULL, op }

const sl_aggregate amph__sl_sums[] = {
	INTS("avg_int2", int_avg, 0),
	INTS("avg_int4", int_avg, 0),
	INTS("avg_int8", int_avg, 0),
	{ "avg_interval", 1, 0, sizeof(interval_sum), interval_step, interval_inverse, interval_avg,
	  NULL, 0 },
	{ "avg_numeric", 1, 0, sizeof(numeric_sum), numeric_step, numeric_inverse, numeric_avg,
	  numeric_clear, 0 },
	BITS("bit_and_int2", AND),
	BITS("bit_and_int4", AND),
	BITS("bit_and_int8", AND),
	BITS("bit_or_int2", OR),
	BITS("bit_or_int4", OR),
	BITS("bit_or_int8", OR),
	BITS("bit_xor_int2", XOR),
	BITS("bit_xor_int4", XOR),
	BITS("bit_xor_int8", XOR),
	{ "bool_and_bool", 1, 0, sizeof(bit_state), bool_step, bool_inverse, bool_value, NULL, AND },
	{ "bool_or_bool", 1, 0, sizeof(bit_state), bool_step, bool_inverse, bool_value, NULL, OR },
	{ "max_anyenum", 2, 0, sizeof(label_state), label_step, NULL, label_value, label_clear, 1 },
	{ "min_anyenum", 2, 0, sizeof(label_state), label_step, NULL, label_value, label_clear, -1 },
	{ "sum_float4", 1, 0, sizeof(real_sum), real_step, NULL, real_total, NULL, 4 },
	{ "sum_float8", 1, 0, sizeof(real_sum), real_step, NULL, real_total, NULL, 8 },
	INTS("sum_int2", int_sum_int8, 0),
	INTS("sum_int4", int_sum_int8, 0),
	INTS("sum_int8", int_sum_numeric, 0),
	{ "sum_interval", 1, 0, sizeof(interval_sum), interval_step, interval_inverse,
	  interval_total, NULL, 0 },
	{ "sum_numeric", 1, 0, sizeof(numeric_sum), numeric_step, numeric_inverse, numeric_total,
	  numeric_clear, 0 }
};
const size_t amph__sl_n_sums = sizeof(amph__sl_sums) / sizeof(amph__sl_sums[0]);
