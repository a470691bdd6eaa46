/* Division of decimals, and the five operators with PostgreSQL's scales and special values. */
#include "decimal.h"

/* |a| by one digit; returns the remainder. q has n digits. */
static int32_t divide_short(const int32_t *a, size_t n, int32_t b, int16_t *q)
{
	int32_t rest = 0;
	for (size_t i = 0; i < n; i++) {
		rest = rest * AMPH_DECIMAL_BASE + a[i];
		q[i] = (int16_t)(rest / b);
		rest %= b;
	}
	return rest;
}

/* Takes q times the n digits of b off the n + 1 digits from a on; gives back what was too much. */
static int32_t take_off(int32_t *a, const int32_t *b, size_t n, int32_t q)
{
	int32_t carry = 0;
	for (size_t i = n; i-- > 0; ) {
		int32_t x = a[i + 1] - q * b[i] + carry;
		carry = x < 0 ? -((-x + AMPH_DECIMAL_BASE - 1) / AMPH_DECIMAL_BASE)
			      : x / AMPH_DECIMAL_BASE;
		a[i + 1] = x - carry * AMPH_DECIMAL_BASE;
	}
	a[0] += carry;
	while (a[0] < 0) {
		carry = 0;
		for (size_t i = n; i-- > 0; ) {
			int32_t x = a[i + 1] + b[i] + carry;
			carry = x >= AMPH_DECIMAL_BASE;
			a[i + 1] = x - carry * AMPH_DECIMAL_BASE;
		}
		a[0] += carry;
		q--;
	}
	return q;
}

/* Long division (Knuth's algorithm D). a has n_a digits and a free one before them, b has
 * n_b >= 2, the first not zero; q has n_a - n_b + 1. Both are scaled by the same factor, so that
 * the estimate of each digit is at most two too large. */
static void divide_long(int32_t *a, size_t n_a, int32_t *b, size_t n_b, int16_t *q)
{
	int32_t factor = AMPH_DECIMAL_BASE / (b[0] + 1);
	int32_t carry = 0;
	for (size_t i = n_b; i-- > 0; ) {
		carry += b[i] * factor;
		b[i] = carry % AMPH_DECIMAL_BASE;
		carry /= AMPH_DECIMAL_BASE;
	}
	carry = 0;
	for (size_t i = n_a + 1; i-- > 0; ) {
		carry += a[i] * factor;
		a[i] = carry % AMPH_DECIMAL_BASE;
		carry /= AMPH_DECIMAL_BASE;
	}
	for (size_t i = 0; i + n_b <= n_a; i++) {
		int32_t top = a[i] * AMPH_DECIMAL_BASE + a[i + 1];
		int32_t guess = top / b[0];
		if (guess >= AMPH_DECIMAL_BASE)
			guess = AMPH_DECIMAL_BASE - 1;
		q[i] = (int16_t)(guess == 0 ? 0 : take_off(a + i, b, n_b, guess));
	}
}

static void spread(int32_t *to, const int16_t *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = from[i];
}

/* The quotient of absolute values, cut off after n_frac digits of the base behind the point, with
 * no digit more than that needed where a is long. b is not zero. */
static bool divide(const amph_decimal *a, const amph_decimal *b, int64_t n_frac,
		   amph_decimal *out, amph_arena *arena)
{
	int64_t low_a = (int64_t)a->weight - (int64_t)a->n_digits + 1;
	int64_t low_b = (int64_t)b->weight - (int64_t)b->n_digits + 1;
	int64_t shift = low_a - low_b + n_frac;
	if (shift < 0 && (uint64_t)-shift >= a->n_digits)
		return amph__decimal_new(out, 0, arena);
	size_t used = shift < 0 ? a->n_digits - (size_t)-shift : a->n_digits;
	size_t n_a = shift < 0 ? used : used + (size_t)shift;
	size_t n_b = b->n_digits;
	if (n_a < n_b)
		return amph__decimal_new(out, 0, arena);
	int32_t *x = amph__arena_array(arena, n_a + n_b + 1, sizeof(int32_t));
	if (x == NULL || !amph__decimal_new(out, n_a - n_b + 1, arena))
		return false;
	int32_t *y = x + n_a + 1;
	spread(x + 1, a->digits, used);
	spread(y, b->digits, n_b);
	if (n_b == 1)
		divide_short(x + 1, n_a, y[0], out->digits);
	else
		divide_long(x, n_a, y, n_b, out->digits);
	out->weight = (int32_t)((int64_t)(n_a - n_b) - n_frac);
	return true;
}

/* One digit of the base more than asked for is enough to round by: what is cut off behind it
 * cannot turn a half up into a half down. */
bool amph__decimal_div(const amph_decimal *a, const amph_decimal *b, int scale, amph_decimal *out,
		       amph_arena *arena)
{
	int64_t n_frac = scale / AMPH_DECIMAL_GROUP + 2;
	if (a->n_digits == 0) {
		*out = (amph_decimal){ .dscale = scale };
		return true;
	}
	if (!divide(a, b, n_frac, out, arena))
		return false;
	out->sign = a->sign != b->sign;
	amph__decimal_normalize(out);
	return amph__decimal_round(out, scale, arena);
}

static bool truncated_quotient(const amph_decimal *a, const amph_decimal *b, amph_decimal *out,
			       amph_arena *arena)
{
	*out = (amph_decimal){ .dscale = 0 };
	if (a->n_digits == 0)
		return true;
	if (!divide(a, b, 0, out, arena))
		return false;
	out->sign = a->sign != b->sign;
	amph__decimal_normalize(out);
	return true;
}

/* At least 16 significant digits, and no fewer after the point than either operand shows. The
 * weight of the quotient is guessed from the first digits as PostgreSQL guesses it. */
static int quotient_scale(const amph_decimal *a, const amph_decimal *b)
{
	int weight_a = a->n_digits > 0 ? a->weight : 0, weight_b = b->weight;
	int first_a = a->n_digits > 0 ? a->digits[0] : 0, first_b = b->digits[0];
	int weight = weight_a - weight_b - (first_a <= first_b);
	int scale = 16 - weight * AMPH_DECIMAL_GROUP;
	if (scale < a->dscale)
		scale = a->dscale;
	if (scale < b->dscale)
		scale = b->dscale;
	return scale < 0 ? 0 : scale > 1000 ? 1000 : scale;
}

static bool out_of_memory(bool ok, amph_error *err)
{
	return ok || amph__error_nomem(err);
}

static bool do_add(const amph_decimal *a, const amph_decimal *b, amph_decimal *out,
		   amph_arena *arena, amph_error *err)
{
	return out_of_memory(amph__decimal_add(a, b, out, arena), err);
}

static bool do_sub(const amph_decimal *a, const amph_decimal *b, amph_decimal *out,
		   amph_arena *arena, amph_error *err)
{
	return out_of_memory(amph__decimal_sub(a, b, out, arena), err);
}

static bool do_mul(const amph_decimal *a, const amph_decimal *b, amph_decimal *out,
		   amph_arena *arena, amph_error *err)
{
	return out_of_memory(amph__decimal_mul(a, b, AMPH_DECIMAL_SCALE_MAX, out, arena), err);
}

static bool do_div(const amph_decimal *a, const amph_decimal *b, amph_decimal *out,
		   amph_arena *arena, amph_error *err)
{
	if (b->n_digits == 0)
		return amph__error(err, "22012", "division by zero");
	return out_of_memory(amph__decimal_div(a, b, quotient_scale(a, b), out, arena), err);
}

static bool do_mod(const amph_decimal *a, const amph_decimal *b, amph_decimal *out,
		   amph_arena *arena, amph_error *err)
{
	amph_decimal q, product;
	if (b->n_digits == 0)
		return amph__error(err, "22012", "division by zero");
	int32_t dscale = a->dscale > b->dscale ? a->dscale : b->dscale;
	bool ok = truncated_quotient(a, b, &q, arena) &&
		  amph__decimal_mul(&q, b, AMPH_DECIMAL_SCALE_MAX, &product, arena) &&
		  amph__decimal_sub(a, &product, out, arena);
	out->dscale = dscale;
	return out_of_memory(ok, err);
}

static const amph_decimal not_a_number = { .kind = AMPH_DECIMAL_NAN };

static amph_decimal infinite(bool minus)
{
	return (amph_decimal){ .kind = AMPH_DECIMAL_INFINITE, .sign = minus };
}

/* One of the operands is infinite, none is NaN. */
static bool do_infinite(amph_decimal_op op, const amph_decimal *a, const amph_decimal *b,
			amph_decimal *out, amph_error *err)
{
	bool both = a->kind == AMPH_DECIMAL_INFINITE && b->kind == AMPH_DECIMAL_INFINITE;
	bool minus = a->kind == AMPH_DECIMAL_INFINITE ? a->sign : b->sign;
	*out = not_a_number;
	if ((op == AMPH_DEC_DIV || op == AMPH_DEC_MOD) && amph__decimal_is_zero(b))
		return amph__error(err, "22012", "division by zero");
	switch (op) {
	case AMPH_DEC_ADD:
		if (!both || a->sign == b->sign)
			*out = infinite(minus);
		return true;
	case AMPH_DEC_SUB:
		if (!both || a->sign != b->sign)
			*out = infinite(a->kind == AMPH_DECIMAL_INFINITE ? a->sign : !b->sign);
		return true;
	case AMPH_DEC_MUL:
		if (!amph__decimal_is_zero(a) && !amph__decimal_is_zero(b))
			*out = infinite(a->sign != b->sign);
		return true;
	case AMPH_DEC_DIV:
		if (a->kind == AMPH_DECIMAL_FINITE)
			*out = (amph_decimal){ .dscale = 0 };
		else if (!both)
			*out = infinite(a->sign != b->sign);
		return true;
	case AMPH_DEC_MOD:
		if (a->kind == AMPH_DECIMAL_FINITE)
			*out = *a;
		return true;
	}
	return true;
}

bool amph__decimal_do(amph_decimal_op op, const amph_decimal *a, const amph_decimal *b,
		      amph_decimal *out, amph_arena *arena, amph_error *err)
{
	static bool (*const operators[])(const amph_decimal *, const amph_decimal *,
					 amph_decimal *, amph_arena *, amph_error *) = {
		[AMPH_DEC_ADD] = do_add, [AMPH_DEC_SUB] = do_sub, [AMPH_DEC_MUL] = do_mul,
		[AMPH_DEC_DIV] = do_div, [AMPH_DEC_MOD] = do_mod,
	};
	if (a->kind == AMPH_DECIMAL_NAN || b->kind == AMPH_DECIMAL_NAN) {
		*out = not_a_number;
		return true;
	}
	if (a->kind == AMPH_DECIMAL_INFINITE || b->kind == AMPH_DECIMAL_INFINITE)
		return do_infinite(op, a, b, out, err);
	return operators[op](a, b, out, arena, err) && amph__decimal_finish(out, err);
}

/* Infinite operands behave as in a division, but for the scale. */
bool amph__decimal_quotient(const amph_decimal *a, const amph_decimal *b, amph_decimal *out,
			    amph_arena *arena, amph_error *err)
{
	if (a->kind != AMPH_DECIMAL_FINITE || b->kind != AMPH_DECIMAL_FINITE)
		return amph__decimal_do(AMPH_DEC_DIV, a, b, out, arena, err);
	if (b->n_digits == 0)
		return amph__error(err, "22012", "division by zero");
	return out_of_memory(truncated_quotient(a, b, out, arena), err);
}
