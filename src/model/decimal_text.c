/* Decimals and their text. */
#include "decimal.h"
#include "type.h"

#define EXPONENT_MAX (INT32_MAX / 2)

static amph_numeral_state scan_special(const char *at, size_t len, amph_numeral *out)
{
	if (amph__text_is(at, len, "nan")) {
		*out = (amph_numeral){ .kind = AMPH_DECIMAL_NAN };
		return AMPH_NUMERAL_OK;
	}
	bool minus = len > 0 && *at == '-';
	if (len > 0 && (*at == '-' || *at == '+')) {
		at++;
		len--;
	}
	if (!amph__text_is(at, len, "infinity") && !amph__text_is(at, len, "inf"))
		return AMPH_NUMERAL_SYNTAX;
	*out = (amph_numeral){ .kind = AMPH_DECIMAL_INFINITE, .minus = minus };
	return AMPH_NUMERAL_OK;
}

/* What follows the e: white space may come before it, as strtol reads it on the server. */
static amph_numeral_state scan_exponent(const char *at, const char *end, int64_t *out)
{
	while (at < end && amph__is_space(*at))
		at++;
	bool minus = at < end && *at == '-';
	if (at < end && (*at == '-' || *at == '+'))
		at++;
	if (at == end || !amph__is_digit(*at))
		return AMPH_NUMERAL_SYNTAX;
	int64_t n = 0;
	for (; at < end && amph__is_digit(*at); at++) {
		if (n < EXPONENT_MAX)
			n = n * 10 + (*at - '0');
	}
	*out = minus ? -n : n;
	if (n >= EXPONENT_MAX)          /* whatever follows it */
		return AMPH_NUMERAL_RANGE;
	return at == end ? AMPH_NUMERAL_OK : AMPH_NUMERAL_SYNTAX;
}

static size_t count_digits(const char *at, const char *end)
{
	const char *start = at;
	while (at < end && amph__is_digit(*at))
		at++;
	return (size_t)(at - start);
}

amph_numeral_state amph__numeral_scan(const char *text, size_t len, amph_numeral *out)
{
	amph__trim(&text, &len);
	const char *at = text, *end = text + len;
	amph_numeral n = { .kind = AMPH_DECIMAL_FINITE, .minus = len > 0 && *at == '-' };
	if (len > 0 && (*at == '-' || *at == '+'))
		at++;
	n.whole = at;
	n.n_whole = count_digits(at, end);
	at += n.n_whole;
	if (at < end && *at == '.') {
		n.frac = ++at;
		n.n_frac = count_digits(at, end);
		at += n.n_frac;
	}
	if (n.n_whole + n.n_frac == 0)
		return scan_special(text, len, out);
	amph_numeral_state state = AMPH_NUMERAL_OK;
	if (at < end)
		state = amph__ascii_lower(*at) == 'e' ? scan_exponent(at + 1, end, &n.exponent)
						: AMPH_NUMERAL_SYNTAX;
	*out = n;
	return state;
}

static bool overflow(amph_error *err)
{
	return amph__error(err, "22003", "value overflows numeric format");
}

/* Groups the digits from the first that is not zero by four, counted from the point. */
static bool group_digits(const amph_numeral *n, amph_decimal *out, amph_arena *arena,
			 amph_error *err)
{
	static const int16_t unit[4] = { 1000, 100, 10, 1 };
	size_t total = n->n_whole + n->n_frac, first = 0;
	while (first < total && amph__numeral_digit(n, first) == '0')
		first++;
	while (total > first && amph__numeral_digit(n, total - 1) == '0')
		total--;
	if (first == total)
		return true;
	int64_t point = (int64_t)n->n_whole + n->exponent - (int64_t)first;
	int64_t groups = point > 0 ? (point + 3) / 4 : -(-point / 4);
	if (groups - 1 > AMPH_DECIMAL_WEIGHT_MAX)
		return overflow(err);
	size_t pad = (size_t)(groups * 4 - point);
	if (!amph__decimal_new(out, (pad + total - first + 3) / 4, arena))
		return amph__error_nomem(err);
	for (size_t i = first, at = pad; i < total; i++, at++) {
		int digit = amph__numeral_digit(n, i) - '0';
		out->digits[at / 4] = (int16_t)(out->digits[at / 4] + digit * unit[at % 4]);
	}
	out->weight = (int32_t)groups - 1;
	out->sign = n->minus;
	return true;
}

static bool numeral_to_decimal(const amph_numeral *n, amph_decimal *out, amph_arena *arena,
			       amph_error *err)
{
	*out = (amph_decimal){ .kind = n->kind };
	if (n->kind != AMPH_DECIMAL_FINITE) {
		out->sign = n->minus;
		return true;
	}
	int64_t dscale = (int64_t)n->n_frac - n->exponent;
	if (dscale > AMPH_DECIMAL_SCALE_MAX)
		return overflow(err);
	if (!group_digits(n, out, arena, err))
		return false;
	out->dscale = dscale > 0 ? (int32_t)dscale : 0;
	return amph__decimal_finish(out, err);
}

bool amph__decimal_parse(const char *text, size_t len, amph_decimal *out, amph_arena *arena,
			 amph_error *err)
{
	amph_numeral n;
	switch (amph__numeral_scan(text, len, &n)) {
	case AMPH_NUMERAL_OK:
		return numeral_to_decimal(&n, out, arena, err);
	case AMPH_NUMERAL_RANGE:
		return overflow(err);
	case AMPH_NUMERAL_SYNTAX:
		break;
	}
	return amph__syntax_error(err, "22P02", "numeric", text, len);
}

/* Groups of whole, then of frac / 10^scale. */
static amph_decimal split_units(uint64_t whole, uint64_t frac, int scale, int16_t *digits)
{
	int16_t groups[5];
	size_t n = 0, n_whole;
	for (; whole > 0; whole /= AMPH_DECIMAL_BASE)
		groups[n++] = (int16_t)(whole % AMPH_DECIMAL_BASE);
	n_whole = n;
	for (size_t i = 0; i < n; i++)
		digits[i] = groups[n - 1 - i];
	amph_decimal d = { .weight = (int32_t)n_whole - 1, .dscale = scale, .digits = digits };
	for (int left = scale; left > 0; left -= AMPH_DECIMAL_GROUP) {
		uint64_t unit = amph__pow10[left > 4 ? left - 4 : 0];
		uint64_t digit = left > 4 ? frac / unit : frac * amph__pow10[4 - left];
		digits[n++] = (int16_t)digit;
		frac = left > 4 ? frac % unit : 0;
	}
	d.n_digits = n;
	amph__decimal_normalize(&d);
	return d;
}

amph_decimal amph__decimal_from_int64(int64_t n, int16_t digits[AMPH_DECIMAL_SMALL])
{
	amph_decimal d = split_units(n < 0 ? 0 - (uint64_t)n : (uint64_t)n, 0, 0, digits);
	d.sign = n < 0;
	return d;
}

bool amph__numeric_to_decimal(amph_numeric n, int16_t digits[AMPH_DECIMAL_SMALL], amph_decimal *out)
{
	switch (n.kind) {
	case AMPH_NUMERIC_SMALL:
		break;
	case AMPH_NUMERIC_NAN:
		*out = (amph_decimal){ .kind = AMPH_DECIMAL_NAN };
		return true;
	case AMPH_NUMERIC_INFINITY:
	case AMPH_NUMERIC_NEG_INFINITY:
		*out = (amph_decimal){ .kind = AMPH_DECIMAL_INFINITE,
				       .sign = n.kind == AMPH_NUMERIC_NEG_INFINITY };
		return true;
	default:
		return false;
	}
	if (n.scale < 0 || n.scale > 18)
		return false;
	bool minus = n.v.units < 0;
	uint64_t units = minus ? 0 - (uint64_t)n.v.units : (uint64_t)n.v.units;
	uint64_t one = amph__pow10[n.scale];
	*out = split_units(units / one, units % one, n.scale, digits);
	out->sign = minus;
	return true;
}

bool amph__decimal_of(amph_numeric n, amph_decimal *out, amph_arena *arena, amph_error *err)
{
	int16_t digits[AMPH_DECIMAL_SMALL];
	if (n.kind == AMPH_NUMERIC_DIGITS)
		return amph__decimal_parse(n.v.digits, n.n_digits, out, arena, err);
	if (!amph__numeric_to_decimal(n, digits, out))
		return amph__error(err, "22P02", "invalid input syntax for type numeric");
	if (out->n_digits == 0)
		return true;
	out->digits = amph__arena_copy(arena, out->digits, out->n_digits * sizeof(int16_t));
	return out->digits != NULL || amph__error_nomem(err);
}

/* The digit of weight at. */
static unsigned group_at(const amph_decimal *d, int32_t at)
{
	int64_t i = (int64_t)d->weight - at;
	return i >= 0 && (uint64_t)i < d->n_digits ? (unsigned)d->digits[i] : 0;
}

bool amph__decimal_small(const amph_decimal *d, amph_numeric *out)
{
	*out = (amph_numeric){ .scale = 0 };
	if (d->kind != AMPH_DECIMAL_FINITE) {
		out->kind = d->kind == AMPH_DECIMAL_NAN ? AMPH_NUMERIC_NAN
			    : d->sign ? AMPH_NUMERIC_NEG_INFINITY : AMPH_NUMERIC_INFINITY;
		return true;
	}
	if (d->dscale > 18 || d->weight > 4)
		return false;
	uint64_t units = 0;
	int32_t at = d->n_digits > 0 ? d->weight : -1;
	for (; at >= 0; at--) {
		if (units >= amph__pow10[14])
			return false;
		units = units * AMPH_DECIMAL_BASE + group_at(d, at);
	}
	at = -1;
	for (int left = d->dscale; left > 0; left -= AMPH_DECIMAL_GROUP, at--) {
		int take = left < AMPH_DECIMAL_GROUP ? left : AMPH_DECIMAL_GROUP;
		if (units >= amph__pow10[18 - take])
			return false;
		units = units * amph__pow10[take] + group_at(d, at) / (unsigned)amph__pow10[4 - take];
	}
	out->v.units = d->sign ? -(int64_t)units : (int64_t)units;
	out->scale = (int16_t)d->dscale;
	return true;
}

static const char *special_text(const amph_decimal *d)
{
	return d->kind == AMPH_DECIMAL_NAN ? "NaN" : d->sign ? "-Infinity" : "Infinity";
}

size_t amph__decimal_text_max(const amph_decimal *d)
{
	size_t whole = d->weight >= 0 ? ((size_t)d->weight + 1) * AMPH_DECIMAL_GROUP : 1;
	return whole + (size_t)d->dscale + 8;
}

size_t amph__decimal_put(const amph_decimal *d, char *out)
{
	char *at = out;
	if (d->kind != AMPH_DECIMAL_FINITE) {
		size_t len = strlen(special_text(d));
		memcpy(out, special_text(d), len);
		return len;
	}
	if (d->sign)
		*at++ = '-';
	if (d->n_digits == 0 || d->weight < 0)
		*at++ = '0';
	else
		at = amph__put_uint(at, group_at(d, d->weight));
	for (int32_t i = d->weight - 1; d->n_digits > 0 && i >= 0; i--)
		at = amph__put_4(at, group_at(d, i));
	if (d->dscale > 0) {
		*at++ = '.';
		char *end = at + d->dscale;
		for (int32_t i = -1; at < end; i--)
			at = amph__put_4(at, group_at(d, i));
		at = end;
	}
	return (size_t)(at - out);
}

void amph__decimal_format(const amph_decimal *d, amph_buf *out)
{
	char *at = amph__buf_reserve(out, amph__decimal_text_max(d));
	if (at == NULL)
		return;
	out->len += amph__decimal_put(d, at);
	out->text[out->len] = '\0';
}

bool amph__decimal_to_numeric(const amph_decimal *d, amph_numeric *out, amph_arena *arena)
{
	if (amph__decimal_small(d, out))
		return true;
	char *text = amph__arena_alloc(arena, amph__decimal_text_max(d));
	if (text == NULL)
		return false;
	size_t len = amph__decimal_put(d, text);
	*out = (amph_numeric){ .v.digits = text, .scale = (int16_t)d->dscale,
			       .kind = AMPH_NUMERIC_DIGITS, .n_digits = (uint32_t)len };
	return true;
}

/* Digits from the first that is not zero on, and how many of them are before the point. */
typedef struct magnitude {
	size_t first, total;
	int64_t point;
} magnitude;

static magnitude measure(const amph_numeral *n)
{
	magnitude m = { .total = n->n_whole + n->n_frac };
	while (m.first < m.total && amph__numeral_digit(n, m.first) == '0')
		m.first++;
	m.point = (int64_t)n->n_whole + n->exponent - (int64_t)m.first;
	return m;
}

static int compare_magnitudes(const amph_numeral *a, const magnitude *x, const amph_numeral *b,
			      const magnitude *y)
{
	if (x->point != y->point)
		return x->point < y->point ? -1 : 1;
	for (size_t i = x->first, j = y->first; i < x->total || j < y->total; i++, j++) {
		char p = i < x->total ? amph__numeral_digit(a, i) : '0';
		char q = j < y->total ? amph__numeral_digit(b, j) : '0';
		if (p != q)
			return p < q ? -1 : 1;
	}
	return 0;
}

/* -infinity, numbers below zero, zero, numbers above, infinity, NaN. */
static int rank_of(const amph_numeral *n, const magnitude *m)
{
	if (n->kind == AMPH_DECIMAL_NAN)
		return 3;
	if (n->kind == AMPH_DECIMAL_INFINITE)
		return n->minus ? -2 : 2;
	if (m->first == m->total)
		return 0;
	return n->minus ? -1 : 1;
}

static int compare_numerals(const amph_numeral *a, const amph_numeral *b)
{
	magnitude x = measure(a), y = measure(b);
	int left = rank_of(a, &x), right = rank_of(b, &y);
	if (left != right || (left != 1 && left != -1))
		return AMPH_ORDER_(left, right);
	return left * compare_magnitudes(a, &x, b, &y);
}

/* A collation must order whatever it meets: what is no number comes after all numbers. */
int amph__decimal_compare_text(const char *a, size_t a_len, const char *b, size_t b_len)
{
	amph_numeral x, y;
	bool bad = amph__numeral_scan(a, a_len, &x) == AMPH_NUMERAL_SYNTAX;
	bool bad_too = amph__numeral_scan(b, b_len, &y) == AMPH_NUMERAL_SYNTAX;
	if (!bad && !bad_too)
		return compare_numerals(&x, &y);
	if (bad != bad_too)
		return bad ? 1 : -1;
	int order = memcmp(a, b, a_len < b_len ? a_len : b_len);
	return order != 0 ? order : AMPH_ORDER_(a_len, b_len);
}
