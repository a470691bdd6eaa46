/* amph_numeric: up to 18 digits in the struct, more as text. Nothing here allocates but the
 * reader of numbers that are long. */
#include "decimal.h"
#include "float.h"
#include "type.h"

#define SMALL_DIGITS 18
#define SMALL_TEXT_MAX AMPH_NUMERIC_SMALL_MAX

/* false: does not fit 18 digits. */
static bool numeral_to_small(const amph_numeral *n, amph_numeric *out)
{
	if (n->kind != AMPH_DECIMAL_FINITE) {
		*out = (amph_numeric){ .kind = n->kind == AMPH_DECIMAL_NAN ? AMPH_NUMERIC_NAN
				       : n->minus ? AMPH_NUMERIC_NEG_INFINITY
				       : AMPH_NUMERIC_INFINITY };
		return true;
	}
	size_t total = n->n_whole + n->n_frac, i = 0;
	while (i < total && amph__numeral_digit(n, i) == '0')
		i++;
	int64_t scale = (int64_t)n->n_frac - n->exponent;
	if (total - i > SMALL_DIGITS || scale > SMALL_DIGITS)
		return false;
	bool zero = i == total;
	size_t zeros = scale < 0 && !zero ? (size_t)-scale : 0;
	if (zeros > SMALL_DIGITS - (total - i))
		return false;
	uint64_t units = 0;
	for (; i < total; i++)
		units = units * 10 + (unsigned)(amph__numeral_digit(n, i) - '0');
	units *= amph__pow10[zeros];
	*out = (amph_numeric){ .v.units = n->minus ? -(int64_t)units : (int64_t)units,
			       .scale = (int16_t)(scale > 0 ? scale : 0) };
	return true;
}

/* Within what PostgreSQL holds, and written without an exponent. */
static bool is_plain(const amph_numeral *n, const char *text, size_t len)
{
	size_t whole = n->n_whole;
	for (size_t i = 0; i < n->n_whole && n->whole[i] == '0'; i++)
		whole--;
	return memchr(text, 'e', len) == NULL && memchr(text, 'E', len) == NULL &&
	       whole <= ((size_t)AMPH_DECIMAL_WEIGHT_MAX + 1) * AMPH_DECIMAL_GROUP &&
	       n->n_frac <= AMPH_DECIMAL_SCALE_MAX;
}

amph_numeric amph_numeric_parse(const char *text)
{
	amph_numeric invalid = { .kind = AMPH_NUMERIC_INVALID }, out;
	amph_numeral n;
	if (text == NULL)
		return invalid;
	size_t len = strlen(text);
	if (amph__numeral_scan(text, len, &n) != AMPH_NUMERAL_OK)
		return invalid;
	if (numeral_to_small(&n, &out))
		return out;
	amph__trim(&text, &len);
	if (*text == '+') {
		text++;
		len--;
	}
	if (!is_plain(&n, text, len))
		return invalid;
	return (amph_numeric){ .v.digits = text, .scale = (int16_t)n.n_frac,
			       .kind = AMPH_NUMERIC_DIGITS, .n_digits = (uint32_t)len };
}

amph_numeric amph_numeric_from_int64(int64_t n)
{
	return (amph_numeric){ .v.units = n };
}

/* Digits up to the first other byte, added to what units has. */
static const char *take_digits(const char *at, const char *end, int64_t *units)
{
	for (unsigned digit; at < end && (digit = (unsigned)*at - '0') <= 9; at++)
		*units = *units * 10 + digit;
	return at;
}

/* What nearly all are: digits, perhaps a point between them, few enough to be small for sure. */
bool amph__numeric_read_usual(const char *text, size_t len, amph_numeric *out)
{
	const char *end = text + len, *start = text + (len > 0 && *text == '-');
	int64_t units = 0;
	int16_t scale = 0;
	if (len > SMALL_DIGITS)
		return false;
	const char *at = take_digits(start, end, &units);
	if (at == start)
		return false;
	if (at < end) {
		const char *fraction = at + 1;
		if (*at != '.' || fraction == end || take_digits(fraction, end, &units) != end)
			return false;
		scale = (int16_t)(end - fraction);
	}
	*out = (amph_numeric){ .v.units = *text == '-' ? -units : units, .scale = scale };
	return true;
}

bool amph__numeric_read(const char *text, size_t len, void *out, amph_arena *arena,
			amph_error *err)
{
	amph_numeral n;
	amph_decimal d;
	if (amph__numeric_read_usual(text, len, out))
		return true;
	if (amph__numeral_scan(text, len, &n) == AMPH_NUMERAL_OK && numeral_to_small(&n, out))
		return true;
	if (!amph__decimal_parse(text, len, &d, arena, err))
		return false;
	return amph__decimal_to_numeric(&d, out, arena) || amph__error_nomem(err);
}

static char *put_small(char *out, int64_t n, int scale)
{
	uint64_t units = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
	if (n < 0)
		*out++ = '-';
	if (scale <= 0 || scale > SMALL_DIGITS)
		return amph__put_uint(out, units);
	uint64_t one = amph__pow10[scale];
	out = amph__put_uint(out, units / one);
	*out++ = '.';
	return amph__put_padded(out, units % one, (unsigned)scale);
}

size_t amph__numeric_put_small(amph_numeric n, char out[AMPH_NUMERIC_SMALL_MAX])
{
	return (size_t)(put_small(out, n.v.units, n.scale) - out);
}

/* The text of all kinds but DIGITS. */
static size_t put_short(amph_numeric n, char out[SMALL_TEXT_MAX])
{
	static const char *const names[] = {
		[AMPH_NUMERIC_NAN] = "NaN", [AMPH_NUMERIC_INFINITY] = "Infinity",
		[AMPH_NUMERIC_NEG_INFINITY] = "-Infinity", [AMPH_NUMERIC_INVALID] = "invalid",
	};
	if (n.kind == AMPH_NUMERIC_SMALL)
		return amph__numeric_put_small(n, out);
	const char *name = names[n.kind < AMPH_NUMERIC_INVALID ? n.kind : AMPH_NUMERIC_INVALID];
	size_t len = strlen(name);
	memcpy(out, name, len);
	return len;
}

static amph_numeral_state numeral_of(amph_numeric n, char text[SMALL_TEXT_MAX], amph_numeral *out)
{
	if (n.kind == AMPH_NUMERIC_DIGITS)
		return amph__numeral_scan(n.v.digits, n.n_digits, out);
	return amph__numeral_scan(text, put_short(n, text), out);
}

/* The parts of the text of DIGITS as PostgreSQL writes it: no zeros in front, no bare point, no
 * sign before zero. */
typedef struct part { const char *text; size_t len; } part;
static size_t split_digits(amph_numeric n, part parts[4])
{
	amph_numeral d;
	size_t count = 0, zeros = 0;
	if (amph__numeral_scan(n.v.digits, n.n_digits, &d) != AMPH_NUMERAL_OK || d.exponent != 0 ||
	    d.kind != AMPH_DECIMAL_FINITE) {
		parts[0] = (part){ "invalid", 7 };
		return 1;
	}
	while (zeros < d.n_whole + d.n_frac && amph__numeral_digit(&d, zeros) == '0')
		zeros++;
	if (d.minus && zeros < d.n_whole + d.n_frac)
		parts[count++] = (part){ "-", 1 };
	parts[count++] = zeros < d.n_whole ? (part){ d.whole + zeros, d.n_whole - zeros }
					   : (part){ "0", 1 };
	if (d.n_frac > 0) {
		parts[count++] = (part){ ".", 1 };
		parts[count++] = (part){ d.frac, d.n_frac };
	}
	return count;
}

size_t amph_numeric_format(amph_numeric n, char *buf, size_t size)
{
	char text[SMALL_TEXT_MAX];
	part parts[4];
	if (n.kind != AMPH_NUMERIC_DIGITS)
		return amph__copy_out(buf, size, text, put_short(n, text));
	size_t len = 0, count = split_digits(n, parts);
	for (size_t i = 0; i < count; i++) {
		size_t room = len < size ? size - len : 0;
		len += amph__copy_out(buf + (len < size ? len : 0), room, parts[i].text,
				      parts[i].len);
	}
	return len;
}

void amph__numeric_write(const void *value, amph_buf *out)
{
	const amph_numeric *n = value;
	part parts[4];
	if (n->kind == AMPH_NUMERIC_DIGITS) {
		size_t count = split_digits(*n, parts);
		for (size_t i = 0; i < count; i++)
			amph__buf_add(out, parts[i].text, parts[i].len);
		return;
	}
	char *at = amph__buf_reserve(out, SMALL_TEXT_MAX);
	if (at == NULL)
		return;
	out->len += put_short(*n, at);
	out->text[out->len] = '\0';
}

static int compare_small(amph_numeric a, amph_numeric b)
{
	if (a.scale == b.scale)
		return AMPH_ORDER_(a.v.units, b.v.units);
	__int128 x = a.v.units, y = b.v.units;
	if (a.scale < b.scale)
		x *= (int64_t)amph__pow10[b.scale - a.scale];
	else
		y *= (int64_t)amph__pow10[a.scale - b.scale];
	return AMPH_ORDER_(x, y);
}

static bool is_small(amph_numeric n)
{
	return n.kind == AMPH_NUMERIC_SMALL && n.scale >= 0 && n.scale <= SMALL_DIGITS;
}

int amph_numeric_compare(amph_numeric a, amph_numeric b)
{
	char x[SMALL_TEXT_MAX], y[SMALL_TEXT_MAX];
	if (is_small(a) && is_small(b))
		return compare_small(a, b);
	const char *left = x, *right = y;
	size_t n = a.n_digits, m = b.n_digits;
	if (a.kind == AMPH_NUMERIC_DIGITS)
		left = a.v.digits;
	else
		n = put_short(a, x);
	if (b.kind == AMPH_NUMERIC_DIGITS)
		right = b.v.digits;
	else
		m = put_short(b, y);
	return amph__decimal_compare_text(left, n, right, m);
}

int amph__numeric_order(const void *a, const void *b)
{
	return amph_numeric_compare(*(const amph_numeric *)a, *(const amph_numeric *)b);
}

double amph_numeric_to_double(amph_numeric n)
{
	char text[SMALL_TEXT_MAX];
	amph_numeral d;
	if (is_small(n) && n.v.units <= (1LL << 53) && n.v.units >= -(1LL << 53))
		return (double)n.v.units / (double)amph__pow10[n.scale];
	if (numeral_of(n, text, &d) != AMPH_NUMERAL_OK)
		d = (amph_numeral){ .kind = AMPH_DECIMAL_NAN };
	return amph__numeral_to_double(&d);
}

static bool integral_part(const amph_numeral *n, int64_t *out)
{
	uint64_t units = 0, limit = (uint64_t)INT64_MAX + n->minus;
	for (size_t i = 0; i < n->n_whole; i++) {
		unsigned digit = (unsigned)(n->whole[i] - '0');
		if (units > (limit - digit) / 10)
			return false;
		units = units * 10 + digit;
	}
	bool up = n->n_frac > 0 && n->frac[0] >= '5';
	if (up && units == limit)
		return false;
	units += up;
	*out = (int64_t)(n->minus ? 0 - units : units);
	return true;
}

bool amph_numeric_to_int64(amph_numeric n, int64_t *out, amph_error *err)
{
	char text[SMALL_TEXT_MAX];
	amph_numeral d;
	if (is_small(n) && n.scale == 0) {
		*out = n.v.units;
		return true;
	}
	if (numeral_of(n, text, &d) != AMPH_NUMERAL_OK || d.exponent != 0)
		return amph__error(err, "22P02", "invalid input syntax for type numeric");
	if (d.kind != AMPH_DECIMAL_FINITE)
		return amph__error(err, "0A000", "cannot convert %s to bigint",
				   d.kind == AMPH_DECIMAL_NAN ? "NaN" : "infinity");
	return integral_part(&d, out) || amph__error(err, "22003", "bigint out of range");
}

bool amph__numeric_is_valid(amph_numeric n)
{
	amph_numeral d;
	switch (n.kind) {
	case AMPH_NUMERIC_SMALL:
		return n.scale >= 0 && n.scale <= SMALL_DIGITS;
	case AMPH_NUMERIC_DIGITS:
		return n.v.digits != NULL &&
		       amph__numeral_scan(n.v.digits, n.n_digits, &d) == AMPH_NUMERAL_OK &&
		       d.kind == AMPH_DECIMAL_FINITE && is_plain(&d, n.v.digits, n.n_digits);
	case AMPH_NUMERIC_NAN:
	case AMPH_NUMERIC_INFINITY:
	case AMPH_NUMERIC_NEG_INFINITY:
		return true;
	default:
		return false;
	}
}

static bool small_fits(amph_numeric n, int precision, int scale)
{
	uint64_t units = n.v.units < 0 ? 0 - (uint64_t)n.v.units : (uint64_t)n.v.units;
	int more = n.scale - scale;             /* digits that rounding takes away */
	if (more <= 0) {
		int room = precision + more;
		return units == 0 || room > 19 || (room >= 0 && units < amph__pow10[room]);
	}
	if (more > 19)
		return true;
	uint64_t unit = amph__pow10[more], rest = units % unit;
	units = units / unit + (rest >= unit - rest);
	return precision > 19 || units < amph__pow10[precision];
}

/* Only a number of as many whole digits as the type has room for can be rounded to one more. */
static bool digits_fit(const amph_numeral *n, int precision, int scale)
{
	size_t total = n->n_whole + n->n_frac, first = 0;
	while (first < total && amph__numeral_digit(n, first) == '0')
		first++;
	int64_t whole = (int64_t)n->n_whole - (int64_t)first;
	if (first == total || whole != precision - scale)
		return first == total || whole < precision - scale;
	for (int i = 0; i < precision; i++, first++) {
		if (first >= total || amph__numeral_digit(n, first) != '9')
			return true;
	}
	return first >= total || amph__numeral_digit(n, first) < '5';
}

bool amph__numeric_fits(amph_numeric n, int precision, int scale)
{
	amph_numeral d;
	if (n.kind == AMPH_NUMERIC_SMALL)
		return small_fits(n, precision, scale);
	if (n.kind == AMPH_NUMERIC_DIGITS)
		return amph__numeral_scan(n.v.digits, n.n_digits, &d) == AMPH_NUMERAL_OK &&
		       digits_fit(&d, precision, scale);
	return n.kind == AMPH_NUMERIC_NAN;
}
