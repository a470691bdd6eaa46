/* More of exact decimals: what the numeric functions and the hot paths of the backends need. */
#ifndef AMPH_MODEL_DECIMAL_H
#define AMPH_MODEL_DECIMAL_H
#include "value.h"

#define AMPH_DECIMAL_BASE 10000
#define AMPH_DECIMAL_GROUP 4            /* decimal digits in one digit of the base */
#define AMPH_DECIMAL_WEIGHT_MAX 32767   /* 131072 digits before the point */
#define AMPH_DECIMAL_SCALE_MAX 16383

/* amph_decimal.kind */
enum { AMPH_DECIMAL_FINITE, AMPH_DECIMAL_NAN, AMPH_DECIMAL_INFINITE };

/* A number as text has it; the digits stay where they are. */
typedef struct amph_numeral {
	uint8_t kind;
	bool minus;
	size_t n_whole, n_frac;
	const char *whole, *frac;
	int64_t exponent;
} amph_numeral;
typedef enum amph_numeral_state {
	AMPH_NUMERAL_OK,
	AMPH_NUMERAL_SYNTAX,    /* 22P02 */
	AMPH_NUMERAL_RANGE      /* 22003 */
} amph_numeral_state;
/* What numeric's input function accepts, white space around it included. */
amph_numeral_state amph__numeral_scan(const char *text, size_t len, amph_numeral *out);
static inline char amph__numeral_digit(const amph_numeral *n, size_t i)
{
	return i < n->n_whole ? n->whole[i] : n->frac[i - n->n_whole];
}

/* Removes zeros on either side; zero itself has no digits, weight 0 and no sign. */
void amph__decimal_normalize(amph_decimal *d);
bool amph__decimal_new(amph_decimal *d, size_t n_digits, amph_arena *arena);    /* zeroed digits */
amph_decimal amph__decimal_from_int64(int64_t n, int16_t digits[AMPH_DECIMAL_SMALL]);
/* Normalizes, and fails with 22003 where PostgreSQL could not hold it. */
bool amph__decimal_finish(amph_decimal *d, amph_error *err);

/* Products and quotients of finite numbers with a scale of the caller's, rounded. */
bool amph__decimal_mul(const amph_decimal *a, const amph_decimal *b, int scale, amph_decimal *out,
		       amph_arena *arena);
bool amph__decimal_div(const amph_decimal *a, const amph_decimal *b, int scale, amph_decimal *out,
		       amph_arena *arena);
bool amph__decimal_add(const amph_decimal *a, const amph_decimal *b, amph_decimal *out,
		       amph_arena *arena);
bool amph__decimal_sub(const amph_decimal *a, const amph_decimal *b, amph_decimal *out,
		       amph_arena *arena);

/* PostgreSQL's functions of these names, with its scales. Out of range is 22003; the logarithm
 * of zero or less 2201E; a root of a negative number and a power that is not real 2201F. */
bool amph__decimal_floor(const amph_decimal *d, amph_decimal *out, amph_arena *arena);
bool amph__decimal_ceil(const amph_decimal *d, amph_decimal *out, amph_arena *arena);
bool amph__decimal_quotient(const amph_decimal *a, const amph_decimal *b, amph_decimal *out,
			    amph_arena *arena, amph_error *err);        /* div() */
bool amph__decimal_sqrt(const amph_decimal *d, amph_decimal *out, amph_arena *arena,
			amph_error *err);
bool amph__decimal_exp(const amph_decimal *d, amph_decimal *out, amph_arena *arena,
		       amph_error *err);
bool amph__decimal_ln(const amph_decimal *d, amph_decimal *out, amph_arena *arena,
		      amph_error *err);
bool amph__decimal_log(const amph_decimal *base, const amph_decimal *d, amph_decimal *out,
		       amph_arena *arena, amph_error *err);
bool amph__decimal_power(const amph_decimal *base, const amph_decimal *exponent,
			 amph_decimal *out, amph_arena *arena, amph_error *err);

static inline bool amph__decimal_is_zero(const amph_decimal *d)
{
	return d->kind == AMPH_DECIMAL_FINITE && d->n_digits == 0;
}
static inline bool amph__decimal_is_integral(const amph_decimal *d)
{
	return d->kind == AMPH_DECIMAL_FINITE && (int64_t)d->n_digits <= (int64_t)d->weight + 1;
}
/* -1, 0, 1; of NaN 1, as it is the greatest. */
static inline int amph__decimal_sign(const amph_decimal *d)
{
	if (d->kind == AMPH_DECIMAL_FINITE && d->n_digits == 0)
		return 0;
	return d->sign && d->kind != AMPH_DECIMAL_NAN ? -1 : 1;
}
static inline void amph__decimal_negate(amph_decimal *d)
{
	if (d->kind == AMPH_DECIMAL_INFINITE || d->n_digits > 0)
		d->sign = !d->sign;
}
#endif
