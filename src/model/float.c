/* Floating point and text. Short numbers take a path of exact machine arithmetic; what is left is
 * done with natural numbers, so that each result is the exact one. */
#include "float.h"
#include "bignum.h"
#include "type.h"
#include <math.h>

#define MAX_DIGITS 800          /* significant digits of input that can decide a rounding */

typedef struct binary_format {
	const char *type;
	int bits;                       /* of the mantissa, the hidden one included */
	int min_exponent;               /* of the lowest bit of the least numbers */
	int fixed_below;                /* a decimal exponent from here on is written with e */
} binary_format;
static const binary_format double_format = { "double precision", 53, -1074, 15 };
static const binary_format float_format = { "real", 24, -149, 6 };

/* m * 2^e, with m below 2^bits */
typedef struct binary { uint64_t m; int e; } binary;

/* The bits of numbers from 0 on, taken as integers, are in the order of the numbers. */
static binary split(const binary_format *f, uint64_t bits)
{
	uint64_t hidden = UINT64_C(1) << (f->bits - 1);
	int field = (int)(bits >> (f->bits - 1));
	if (field == 0)
		return (binary){ bits, f->min_exponent };
	return (binary){ (bits & (hidden - 1)) | hidden, field - 1 + f->min_exponent };
}

static uint64_t bits_of(double value)
{
	uint64_t bits;
	memcpy(&bits, &value, sizeof(bits));
	return bits;
}

static uint32_t bits_of_float(float value)
{
	uint32_t bits;
	memcpy(&bits, &value, sizeof(bits));
	return bits;
}

/* Significant digits d[0].d[1]d[2]... * 10^exponent */
typedef struct decimal_digits {
	int n, exponent;
	char digit[20];
} decimal_digits;

/* value = r / s; low and high are half the gaps to the neighbours, over s too. */
typedef struct ratio { amph_bignum r, s, low, high; } ratio;

/* The decimal exponent of m * 2^e, or one less. */
static int estimate_exponent(binary b)
{
	int top = b.e + 63 - __builtin_clzll(b.m);
	return (int)floor(top * 0.30102999566398114 - 1e-9);
}

/* Sets value / 10^k, all over a common denominator, for the k that leaves one digit before the
 * point; returns k. */
static int set_ratio(ratio *q, const binary_format *f, binary b)
{
	int k = estimate_exponent(b);
	bool edge = b.m == UINT64_C(1) << (f->bits - 1) && b.e > f->min_exponent;
	unsigned up = b.e > 0 ? (unsigned)b.e : 0, down = b.e < 0 ? (unsigned)-b.e : 0;
	amph__bignum_set(&q->r, b.m);
	amph__bignum_shift(&q->r, up + 2);      /* quarters: at a power of two the gap below is half */
	amph__bignum_set(&q->low, edge ? 1 : 2);
	amph__bignum_shift(&q->low, up);
	amph__bignum_set(&q->high, 2);
	amph__bignum_shift(&q->high, up);
	amph__bignum_set(&q->s, 4);
	amph__bignum_shift(&q->s, down);
	if (k >= 0) {
		amph__bignum_mul_pow5(&q->s, (unsigned)k);
		amph__bignum_shift(&q->s, (unsigned)k);
	} else {
		amph_bignum *parts[] = { &q->r, &q->low, &q->high };
		for (int i = 0; i < 3; i++) {
			amph__bignum_mul_pow5(parts[i], (unsigned)-k);
			amph__bignum_shift(parts[i], (unsigned)-k);
		}
	}
	amph_bignum ten;
	amph__bignum_copy(&ten, &q->s);
	amph__bignum_mul_add(&ten, 10, 0);
	if (amph__bignum_compare(&q->r, &ten) < 0)
		return k;
	amph__bignum_copy(&q->s, &ten);         /* the estimate was one too low */
	return k + 1;
}

static int next_digit(ratio *q)
{
	int digit = 0;
	while (amph__bignum_compare(&q->r, &q->s) >= 0) {
		amph__bignum_sub(&q->r, &q->s);
		digit++;
	}
	return digit;
}

static void times_ten(ratio *q)
{
	amph__bignum_mul_add(&q->r, 10, 0);
	amph__bignum_mul_add(&q->low, 10, 0);
	amph__bignum_mul_add(&q->high, 10, 0);
}

/* Adds one to the last digit. */
static void round_up(decimal_digits *d)
{
	int i = d->n;
	while (i > 0 && d->digit[i - 1] == 9)
		i--;
	d->n = i;
	if (i == 0) {
		d->digit[0] = 0;
		d->n = 1;
		d->exponent++;
	}
	d->digit[d->n - 1]++;
}

static bool rounds_up(const ratio *q, int digit)
{
	int half = amph__bignum_compare_sum(&q->r, &q->r, &q->s);
	return half > 0 || (half == 0 && digit % 2 == 1);
}

/* The shortest digits strictly between the neighbours' halves, and of these the nearest: what
 * PostgreSQL writes. A tie goes to the even digit. */
static void shortest_digits(const binary_format *f, binary b, decimal_digits *out)
{
	ratio q;
	*out = (decimal_digits){ .exponent = set_ratio(&q, f, b) };
	for (;;) {
		int digit = next_digit(&q);
		bool low = amph__bignum_compare(&q.r, &q.low) < 0;
		bool high = amph__bignum_compare_sum(&q.r, &q.high, &q.s) > 0;
		out->digit[out->n++] = (char)digit;
		if (low || high) {
			if (high && (!low || rounds_up(&q, digit)))
				round_up(out);
			return;
		}
		times_ten(&q);
	}
}

static void rounded_digits(const binary_format *f, binary b, int n, decimal_digits *out)
{
	ratio q;
	*out = (decimal_digits){ .exponent = set_ratio(&q, f, b) };
	while (out->n < n) {
		if (out->n > 0)
			amph__bignum_mul_add(&q.r, 10, 0);
		out->digit[out->n++] = (char)next_digit(&q);
	}
	if (rounds_up(&q, out->digit[n - 1]))
		round_up(out);
	while (out->n > 1 && out->digit[out->n - 1] == 0)
		out->n--;
}

/* Most numbers in use have few digits: m / 10^k with m below 2^53 and k at most 22 is rounded but
 * once by the machine, so if that gives value, these digits are its own. At most 15 of them, no
 * two texts of which are the same double. */
static bool few_digits(double value, decimal_digits *out)
{
	if (!(value >= 1e-5 && value < 1e15))
		return false;
	double scaled = value;
	for (int k = 0; k <= 15; k++, scaled = value * (double)amph__pow10[k]) {
		if (scaled >= 1e15)
			return false;
		uint64_t m = (uint64_t)(scaled + 0.5);
		if (m == 0 || (double)m / (double)amph__pow10[k] != value)
			continue;
		char text[24];
		int n = (int)(amph__put_uint(text, m) - text);
		*out = (decimal_digits){ .exponent = n - 1 - k, .n = n };
		for (int i = 0; i < n; i++)
			out->digit[i] = (char)(text[i] - '0');
		while (out->n > 1 && out->digit[out->n - 1] == 0)
			out->n--;
		return true;
	}
	return false;
}

static char *put_digits(char *at, const decimal_digits *d, int from, int to)
{
	for (int i = from; i < to; i++)
		*at++ = (char)('0' + (i >= 0 && i < d->n ? d->digit[i] : 0));
	return at;
}

/* Fixed from 10^-4 up to fixed_below digits before the point, else with an exponent. */
static char *put_decimal(char *at, const decimal_digits *d, int fixed_below)
{
	if (d->exponent < -4 || d->exponent >= fixed_below) {
		at = put_digits(at, d, 0, 1);
		if (d->n > 1)
			*at++ = '.';
		at = put_digits(at, d, 1, d->n);
		*at++ = 'e';
		*at++ = d->exponent < 0 ? '-' : '+';
		unsigned e = (unsigned)(d->exponent < 0 ? -d->exponent : d->exponent);
		return e < 100 ? amph__put_2(at, e) : amph__put_uint(at, e);
	}
	int whole = d->exponent + 1;
	at = whole > 0 ? put_digits(at, d, 0, whole) : put_digits(at, d, -1, 0);
	if (d->n > whole) {
		*at++ = '.';
		at = put_digits(at, d, whole, d->n);
	}
	return at;
}

static char *put_word(char *at, const char *word)
{
	size_t len = strlen(word);
	memcpy(at, word, len);
	return at + len;
}

/* What needs no digits: NaN, infinity, zero. NULL: it does. */
static char *put_special(char *at, double value)
{
	if (isnan(value))
		return put_word(at, "NaN");
	if (isinf(value))
		return put_word(at, "Infinity");
	return value == 0 ? put_word(at, "0") : NULL;
}

size_t amph__double_put(double value, char out[AMPH_FLOAT_TEXT_MAX])
{
	decimal_digits d;
	char *at = out;
	if (signbit(value) && !isnan(value))
		*at++ = '-';
	value = fabs(value);
	char *end = put_special(at, value);
	if (end == NULL) {
		if (!few_digits(value, &d))
			shortest_digits(&double_format, split(&double_format, bits_of(value)), &d);
		end = put_decimal(at, &d, double_format.fixed_below);
	}
	return (size_t)(end - out);
}

size_t amph__float_put(float value, char out[AMPH_FLOAT_TEXT_MAX])
{
	decimal_digits d;
	char *at = out;
	if (signbit(value) && !isnan(value))
		*at++ = '-';
	value = fabsf(value);
	char *end = put_special(at, (double)value);
	if (end == NULL) {
		shortest_digits(&float_format, split(&float_format, bits_of_float(value)), &d);
		end = put_decimal(at, &d, float_format.fixed_below);
	}
	return (size_t)(end - out);
}

size_t amph__double_put_rounded(double value, int n_digits, char out[AMPH_FLOAT_TEXT_MAX])
{
	decimal_digits d;
	char *at = out;
	if (signbit(value))
		*at++ = '-';
	value = fabs(value);
	if (value == 0)
		return (size_t)(put_word(at, "0") - out);
	rounded_digits(&double_format, split(&double_format, bits_of(value)), n_digits, &d);
	return (size_t)(put_decimal(at, &d, n_digits) - out);
}

/* The digits of a text as one natural number: digits * 10^exponent. */
typedef struct scaled {
	amph_bignum digits;
	int exponent;
	double estimate;                /* within some units of the last place */
} scaled;

/* Digits beyond MAX_DIGITS matter only by not being zero. */
static void scale_numeral(const amph_numeral *n, size_t first, size_t total, scaled *out)
{
	uint64_t lead = 0;
	size_t count = 0, n_lead = 0;
	amph__bignum_set(&out->digits, 0);
	for (size_t i = first; i < total && count < MAX_DIGITS; i++, count++) {
		uint32_t digit = (uint32_t)(amph__numeral_digit(n, i) - '0');
		amph__bignum_mul_add(&out->digits, 10, digit);
		if (n_lead < 17) {
			lead = lead * 10 + digit;
			n_lead++;
		}
	}
	int64_t point = (int64_t)n->n_whole + n->exponent - (int64_t)first;
	if (first + count < total) {
		amph__bignum_mul_add(&out->digits, 10, 1);
		count++;
	}
	out->exponent = (int)(point - (int64_t)count);
	out->estimate = (double)lead;
	int left = (int)(point - (int64_t)n_lead);
	for (; left >= 19; left -= 19)
		out->estimate *= 1e19;
	for (; left <= -19; left += 19)
		out->estimate /= 1e19;
	out->estimate = left >= 0 ? out->estimate * (double)amph__pow10[left]
				  : out->estimate / (double)amph__pow10[-left];
}

/* The number against the middle between the one with these bits and the next above it. */
static int compare_middle(const scaled *n, const binary_format *f, uint64_t bits)
{
	binary b = split(f, bits);
	amph_bignum left, right;
	int e = b.e - 1;
	amph__bignum_copy(&left, &n->digits);
	amph__bignum_set(&right, 2 * b.m + 1);
	if (n->exponent >= 0)
		amph__bignum_mul_pow5(&left, (unsigned)n->exponent);
	else
		amph__bignum_mul_pow5(&right, (unsigned)-n->exponent);
	if (n->exponent > e)
		amph__bignum_shift(&left, (unsigned)(n->exponent - e));
	else
		amph__bignum_shift(&right, (unsigned)(e - n->exponent));
	return amph__bignum_compare(&left, &right);
}

/* From an estimate to the nearest, ties to even; the bits after the greatest are of infinity. */
static uint64_t nearest(const scaled *n, const binary_format *f, uint64_t bits, uint64_t infinity)
{
	for (;;) {
		int up = bits < infinity ? compare_middle(n, f, bits) : -1;
		if (up > 0 || (up == 0 && bits % 2 == 1)) {
			bits++;
			continue;
		}
		int down = bits > 0 ? compare_middle(n, f, bits - 1) : 1;
		if (down > 0 || (down == 0 && bits % 2 == 0))
			return bits;
		bits--;
	}
}

/* Strips zeros; the digits from *first to *total are left, and the point stands *point after the
 * first. */
static void measure(const amph_numeral *n, size_t *first, size_t *total, int64_t *point)
{
	*total = n->n_whole + n->n_frac;
	*first = 0;
	while (*first < *total && amph__numeral_digit(n, *first) == '0')
		++*first;
	while (*total > *first && amph__numeral_digit(n, *total - 1) == '0')
		--*total;
	*point = (int64_t)n->n_whole + n->exponent - (int64_t)*first;
}

/* Up to 15 digits times or by a power of ten that a double has exactly: rounded once. */
static bool by_machine(const amph_numeral *n, size_t first, size_t total, int64_t point,
		       double *out)
{
	int64_t exponent = point - (int64_t)(total - first);
	if (total - first > 15 || exponent < -19 || exponent > 19)
		return false;
	uint64_t m = 0;
	for (size_t i = first; i < total; i++)
		m = m * 10 + (unsigned)(amph__numeral_digit(n, i) - '0');
	*out = exponent >= 0 ? (double)m * (double)amph__pow10[exponent]
			     : (double)m / (double)amph__pow10[-exponent];
	return true;
}

static double absolute(const amph_numeral *n)
{
	size_t first, total;
	int64_t point;
	double value;
	if (n->kind != AMPH_DECIMAL_FINITE)
		return n->kind == AMPH_DECIMAL_NAN ? (double)NAN : (double)INFINITY;
	measure(n, &first, &total, &point);
	if (first == total || point < -350)
		return 0;
	if (point > 320)
		return (double)INFINITY;
	if (by_machine(n, first, total, point, &value))
		return value;
	scaled s;
	scale_numeral(n, first, total, &s);
	uint64_t bits = nearest(&s, &double_format, bits_of(s.estimate), bits_of((double)INFINITY));
	memcpy(&value, &bits, sizeof(value));
	return value;
}

static float absolute_float(const amph_numeral *n)
{
	size_t first, total;
	int64_t point;
	if (n->kind != AMPH_DECIMAL_FINITE)
		return n->kind == AMPH_DECIMAL_NAN ? NAN : INFINITY;
	measure(n, &first, &total, &point);
	if (first == total || point < -60)
		return 0;
	if (point > 60)
		return INFINITY;
	scaled s;
	scale_numeral(n, first, total, &s);
	float value = (float)s.estimate;
	uint32_t bits = (uint32_t)nearest(&s, &float_format, bits_of_float(value),
					  bits_of_float(INFINITY));
	memcpy(&value, &bits, sizeof(value));
	return value;
}

double amph__numeral_to_double(const amph_numeral *n)
{
	return n->minus ? -absolute(n) : absolute(n);
}

float amph__numeral_to_float(const amph_numeral *n)
{
	return n->minus ? -absolute_float(n) : absolute_float(n);
}

static const char *skip_digits(const char *at, const char *end)
{
	while (at < end && amph__is_digit(*at))
		at++;
	return at;
}

/* As much of text as strtod takes for a number in digits. */
static size_t count_number(const char *text, size_t len)
{
	const char *end = text + len, *at = text;
	if (at < end && (*at == '-' || *at == '+'))
		at++;
	const char *digits = at;
	at = skip_digits(at, end);
	bool any = at > digits;
	if (at < end && *at == '.') {
		const char *fraction = at + 1;
		at = skip_digits(fraction, end);
		any = any || at > fraction;
	}
	if (!any)
		return 0;
	if (at < end && amph__ascii_lower(*at) == 'e') {
		const char *exponent = at + 1;
		if (exponent < end && (*exponent == '-' || *exponent == '+'))
			exponent++;
		if (skip_digits(exponent, end) > exponent)
			at = skip_digits(exponent, end);
	}
	return (size_t)(at - text);
}

/* *rest: more follows the number, whose range is to be judged first. */
static bool scan_float(const char *text, size_t len, amph_numeral *out, bool *rest)
{
	amph__trim(&text, &len);
	size_t number = count_number(text, len);
	*rest = number > 0 && number < len;
	if (number > 0)
		return amph__numeral_scan(text, number, out) != AMPH_NUMERAL_SYNTAX;
	if (len == 4 && (*text == '-' || *text == '+') && amph__text_is(text + 1, 3, "nan")) {
		text++;
		len--;
	}
	return amph__numeral_scan(text, len, out) == AMPH_NUMERAL_OK;
}

/* Whether a finite text that is not zero became infinite or zero. */
static bool went_out_of_range(const amph_numeral *n, bool infinite, bool zero)
{
	size_t first, total;
	int64_t point;
	if (n->kind != AMPH_DECIMAL_FINITE)
		return false;
	measure(n, &first, &total, &point);
	return infinite || (zero && first < total);
}

bool amph__double_parse(const char *text, size_t len, double *out, amph_error *err)
{
	amph_numeral n;
	bool rest;
	if (!scan_float(text, len, &n, &rest))
		return amph__syntax_error(err, "22P02", double_format.type, text, len);
	double value = amph__numeral_to_double(&n);
	if (went_out_of_range(&n, isinf(value), value == 0))
		return amph__range_error(err, double_format.type, text, len);
	if (rest)
		return amph__syntax_error(err, "22P02", double_format.type, text, len);
	*out = value;
	return true;
}

bool amph__double_read(const char *text, size_t len, void *out, amph_arena *arena, amph_error *err)
{
	(void)arena;
	return amph__double_parse(text, len, out, err);
}

bool amph__float_read(const char *text, size_t len, void *out, amph_arena *arena, amph_error *err)
{
	amph_numeral n;
	bool rest;
	(void)arena;
	if (!scan_float(text, len, &n, &rest))
		return amph__syntax_error(err, "22P02", float_format.type, text, len);
	float value = amph__numeral_to_float(&n);
	if (went_out_of_range(&n, isinf(value), value == 0))
		return amph__range_error(err, float_format.type, text, len);
	if (rest)
		return amph__syntax_error(err, "22P02", float_format.type, text, len);
	*(float *)out = value;
	return true;
}

void amph__double_write(const void *value, amph_buf *out)
{
	char text[AMPH_FLOAT_TEXT_MAX];
	amph__buf_add(out, text, amph__double_put(*(const double *)value, text));
}

void amph__float_write(const void *value, amph_buf *out)
{
	char text[AMPH_FLOAT_TEXT_MAX];
	amph__buf_add(out, text, amph__float_put(*(const float *)value, text));
}

/* NaN is equal to itself and the greatest. */
int amph__double_order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return isnan(x) || isnan(y) ? !!isnan(x) - !!isnan(y) : AMPH_ORDER_(x, y);
}

int amph__float_order(const void *a, const void *b)
{
	double x = (double)*(const float *)a, y = (double)*(const float *)b;
	return amph__double_order(&x, &y);
}
