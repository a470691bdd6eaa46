/* to_char of numbers. */
#include "numbertemplate.h"
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct printer {
	sl_number_shape s;
	amph_buf b;
	const char *number;             /* digits and a point, no sign */
	const char *at;                 /* the digit that is next */
	const char *last_relevant;      /* FM: what follows is left away; NULL: nothing is */
	int spaces;                     /* digits of the template before the number's first */
	int count, current;
	char sign;
	bool sign_done, in_number;
	bool no_ordinal;                /* TH of what is no number */
} printer;

/* The last digit after the point that is not zero, or the point. */
static const char *last_relevant(const char *number)
{
	const char *p = strchr(number, '.'), *out = p;

	for (; p && *p; p++)
		if (*p != '.' && *p != '0')
			out = p;
	return out;
}

static void prepare_sign(printer *p, char sign)
{
	sl_number_shape *s = &p->s;

	p->sign = s->roman ? 0 : sign;
	if (s->roman) {
		*s = (sl_number_shape){ .roman = true, .fill = s->fill };
		return;
	}
	if (s->plus || s->minus) {
		p->sign_done = !s->plus || s->minus;
		return;
	}
	if (sign != '-' && s->fill)
		s->bracket = false;
	p->sign_done = sign == '+' && s->fill && !s->sign;
	if (s->sign == SL_SIGN_BEFORE && s->pre == s->sign_pre)
		s->sign = SL_SIGN_AFTER;
}

static void prepare_count(printer *p, int spaces)
{
	const char *zero;
	sl_number_shape *s = &p->s;

	if (s->zero_start)
		s->zero_start--;
	p->count = s->post + s->pre - 1;
	p->spaces = s->roman ? 0 : spaces;
	if (s->fill && s->decimal) {
		p->last_relevant = last_relevant(p->number);
		if (p->last_relevant && s->zero_end > p->spaces) {
			int last = (int)strlen(p->number) - 1;

			last = last < s->zero_end - p->spaces ? last : s->zero_end - p->spaces;
			zero = p->number + last;
			p->last_relevant = p->last_relevant < zero ? zero : p->last_relevant;
		}
	}
	p->count += !p->sign_done && !p->spaces;
}

/* "9.9" shows no zero before the point. */
static bool hides_zero(const printer *p)
{
	return !p->s.zero && p->at == p->number && *p->number == '0' && p->s.post != 0;
}

static bool ends_at_point(const printer *p)
{
	return p->last_relevant && *p->last_relevant == '.';
}

static void put_sign(printer *p)
{
	const sl_number_shape *s = &p->s;

	if (p->sign_done || !(p->current >= p->spaces || (s->zero && s->zero_start == p->current)) ||
	    (hides_zero(p) && !ends_at_point(p)))
		return;
	if (s->sign) {
		if (s->sign != SL_SIGN_BEFORE)
			return;
		amph__buf_putc(&p->b, p->sign == '-' ? '-' : '+');
	} else if (s->bracket) {
		amph__buf_putc(&p->b, p->sign == '+' ? ' ' : '<');
	} else if (p->sign == '-') {
		amph__buf_putc(&p->b, '-');
	} else if (p->sign != '+') {
		return;
	} else if (!s->fill) {
		amph__buf_putc(&p->b, ' ');
	}
	p->sign_done = true;
}

static void put_digit(printer *p, sl_field f)
{
	if (*p->at == '.') {
		if (!ends_at_point(p) || p->s.fill)
			amph__buf_putc(&p->b, '.');
	} else if (p->last_relevant && p->at > p->last_relevant && f != SL_F_ZERO) {
		;
	} else if (hides_zero(p)) {
		if (!p->s.fill)
			amph__buf_putc(&p->b, ' ');
		else if (ends_at_point(p))
			amph__buf_putc(&p->b, '0');
	} else {
		amph__buf_putc(&p->b, *p->at);
		p->in_number = true;
	}
	p->at += *p->at != '\0';
}

static void put_number_part(printer *p, sl_field f)
{
	const sl_number_shape *s = &p->s;
	int end;

	if (s->roman)
		return;
	p->in_number = false;
	put_sign(p);
	if (p->current < p->spaces && (!s->zero || s->zero_start > p->current)) {
		if (!s->fill)
			amph__buf_putc(&p->b, ' ');
	} else if (s->zero && p->current < p->spaces) {
		amph__buf_putc(&p->b, '0');
		p->in_number = true;
	} else {
		put_digit(p, f);
	}
	end = p->count + (p->spaces ? 1 : 0) + (s->decimal ? 1 : 0);
	if (p->last_relevant && p->last_relevant == p->at)
		end = p->current;
	if (p->current + 1 == end) {
		if (p->sign_done && s->bracket)
			amph__buf_putc(&p->b, p->sign == '+' ? ' ' : '>');
		else if (s->sign == SL_SIGN_AFTER)
			amph__buf_putc(&p->b, p->sign == '-' ? '-' : '+');
	}
	p->current++;
}

static void put_roman(printer *p, bool lower)
{
	size_t from = p->b.len;

	amph__buf_printf(&p->b, p->s.fill ? "%s" : "%15s", p->at);
	for (size_t i = from; lower && i < p->b.len && !p->b.failed; i++)
		if (p->b.text[i] >= 'A' && p->b.text[i] <= 'Z')
			p->b.text[i] = (char)(p->b.text[i] + 32);
}

static void put_mark(printer *p, bool shown, char mark)
{
	if (shown)
		amph__buf_putc(&p->b, mark);
	else if (!p->s.fill)
		amph__buf_putc(&p->b, ' ');
}

static void put_field(printer *p, const sl_node *n)
{
	const char *th;

	switch (n->field) {
	case SL_F_NINE: case SL_F_ZERO: case SL_F_POINT: case SL_F_D:
		put_number_part(p, n->field);
		break;
	case SL_F_COMMA: case SL_F_GROUP:
		put_mark(p, p->in_number, ',');
		break;
	case SL_F_CURRENCY: amph__buf_putc(&p->b, ' '); break;
	case SL_F_ROMAN: put_roman(p, n->letters == SL_LOWER); break;
	case SL_F_TH:
		if (p->s.roman || *p->number == '#' || p->sign == '-' || p->s.decimal)
			break;
		th = amph__sl_ordinal(p->number, strlen(p->number), n->letters == SL_UPPER);
		amph__buf_puts(&p->b, th ? th : "");
		p->no_ordinal |= !th;
		break;
	case SL_F_MI: put_mark(p, p->sign == '-', '-'); break;
	case SL_F_PL: put_mark(p, p->sign == '+', '+'); break;
	case SL_F_SG:
		amph__buf_putc(&p->b, p->sign);
		break;
	default: break;
	}
}

static void print(sl_call *c, const sl_template *t, const sl_number_shape *s, const char *number, char sign,
		  int spaces)
{
	printer p = { .s = *s, .number = number, .at = number };

	amph__buf_init(&p.b, c->env->allocator);
	amph__buf_add(&p.b, "", 0);
	if (s->exponent) {
		amph__buf_puts(&p.b, number);
		amph__sl_result_buf(c, &p.b);
		return;
	}
	prepare_sign(&p, sign);
	prepare_count(&p, spaces);
	for (size_t i = 0; i < t->n; i++)
		if (t->nodes[i].kind == SL_NODE_FIELD)
			put_field(&p, &t->nodes[i]);
		else
			amph__buf_add(&p.b, t->nodes[i].text, t->nodes[i].len);
	if (p.no_ordinal) {
		amph__buf_clear(&p.b);
		amph__sl_raise(c, "22P02", "\"%s\" is not a number", number);
		return;
	}
	/* where digits are missing PostgreSQL's text ends */
	p.b.len = p.b.failed ? 0 : strlen(p.b.text);
	amph__sl_result_buf(c, &p.b);
}

/* ---- the number's digits ---- */

static char *hashes(sl_call *c, const sl_number_shape *s, bool exponent)
{
	size_t n = (size_t)(s->pre + s->post) + (exponent ? 6 : 1);
	char *out = amph__arena_alloc(c->arena, n + 1);

	if (!out)
		return NULL;
	memset(out, '#', n);
	out[n] = '\0';
	if (exponent)
		out[0] = ' ';
	out[s->pre + exponent] = '.';
	return out;
}

/* The digits as they are, or hashes where there are more of them than the template has. */
static void print_fitting(sl_call *c, const sl_template *t, const sl_number_shape *s, const char *text)
{
	char sign = *text == '-' ? '-' : '+';
	const char *number = text + (*text == '-');
	int pre = (int)strcspn(number, ".");

	if (pre > s->pre)
		number = hashes(c, s, false);
	if (number)
		print(c, t, s, number, sign, pre < s->pre ? s->pre - pre : 0);
}

static void print_roman(sl_call *c, const sl_template *t, const sl_number_shape *s, int64_t value)
{
	static const struct { int value; const char *text; } parts[] = {
		{ 1000, "M" }, { 900, "CM" }, { 500, "D" }, { 400, "CD" }, { 100, "C" }, { 90, "XC" },
		{ 50, "L" }, { 40, "XL" }, { 10, "X" }, { 9, "IX" }, { 5, "V" }, { 4, "IV" }, { 1, "I" }
	};
	char text[20] = "###############";
	size_t at = 0;

	if (value >= 1 && value <= 3999)
		for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
			for (; value >= parts[i].value; value -= parts[i].value)
				at += (size_t)snprintf(text + at, sizeof(text) - at, "%s", parts[i].text);
	print(c, t, s, text, '+', 0);
}

static const char *text_of(sl_call *c, const amph_decimal *d)
{
	char *out = amph__arena_alloc(c->arena, amph__decimal_text_max(d) + 1);

	if (out)
		out[amph__decimal_put(d, out)] = '\0';
	return out;
}

/* "1.20e+03", with a space where there is no sign. */
static const char *scientific(sl_call *c, const amph_decimal *d, int scale)
{
	static int16_t one_digit[1] = { 1 };
	amph_decimal power = { .n_digits = 1, .digits = one_digit }, mantissa;
	int exponent = 0, negative;
	const char *text;

	if (d->kind)
		return NULL;
	if (d->n_digits) {
		exponent = (d->weight + 1) * 4 - 4;
		for (int first = d->digits[0]; first >= 10; first /= 10)
			exponent++;
	}
	negative = exponent < 0 ? -exponent : exponent;
	power.dscale = exponent < 0 ? negative : 0;
	power.weight = exponent >= 0 ? exponent / 4 : -((negative + 3) / 4);
	for (int i = exponent - power.weight * 4, v = 1; i >= 0; i--, v *= 10)
		if (i == 0) {
			int16_t *digits = AMPH_NEWS(c->arena, int16_t, 1);

			if (!digits)
				return NULL;
			digits[0] = (int16_t)v;
			power.digits = digits;
		}
	if (!amph__decimal_div(d, &power, scale, &mantissa, c->arena))
		return NULL;
	text = text_of(c, &mantissa);
	if (!text)
		return NULL;
	return amph__arena_printf(c->arena, "%s%se%+03d", *text == '-' ? "" : " ", text, exponent);
}

static bool to_int32(sl_call *c, amph_decimal d, int64_t *out)
{
	const char *text;

	if (d.kind == AMPH_DECIMAL_NAN || d.kind == AMPH_DECIMAL_INFINITE) {
		amph__sl_raise(c, "0A000", "cannot convert %s to integer",
			       d.kind == AMPH_DECIMAL_NAN ? "NaN" : "infinity");
		return false;
	}
	if (!amph__decimal_round(&d, 0, c->arena))
		return false;
	text = text_of(c, &d);
	if (!text)
		return false;
	*out = strlen(text) > 12 ? INT64_MAX : strtoll(text, NULL, 10);
	if (*out >= INT32_MIN && *out <= INT32_MAX)
		return true;
	amph__sl_raise(c, "22003", "integer out of range");
	return false;
}

static void print_decimal(sl_call *c, const sl_template *t, sl_number_shape *s, amph_decimal d)
{
	const char *text;
	int64_t n;

	if (s->roman) {
		if (to_int32(c, d, &n))
			print_roman(c, t, s, n);
		return;
	}
	if (s->exponent) {
		text = d.kind ? hashes(c, s, true) : scientific(c, &d, s->post);
		if (text)
			print(c, t, s, text, 0, 0);
		return;
	}
	if (s->multiply) {
		if (!amph__sl_number_shift(c, &d, s->multi))
			return;
		s->pre += s->multi;
	}
	if (!amph__decimal_round(&d, s->post, c->arena))
		return;
	text = text_of(c, &d);
	if (text)
		print_fitting(c, t, s, text);
}

static bool begin(sl_call *c, sl_template *t, sl_number_shape *s)
{
	size_t len;

	amph__sl_text(c, 1, &len);
	if (!len) {
		amph__sl_result_text(c, "", 0);
		return false;
	}
	return amph__sl_number_template(c, t, s);
}

static void numeric_to_char(sl_call *c)
{
	sl_template t;
	sl_number_shape s;
	amph_decimal d;

	if (amph__sl_decimal(c, 0, &d) && begin(c, &t, &s))
		print_decimal(c, &t, &s, d);
}

/* arg: the greatest number of the type. */
static bool multiply_int(sl_call *c, const sl_number_shape *s, int64_t *n)
{
	double factor = pow(10, s->multi);
	int32_t small = factor > INT_MAX ? INT_MIN : (int32_t)factor;

	if (c->arg == 4) {
		*n = (int32_t)(uint32_t)((uint64_t)*n * (uint64_t)(int64_t)small);
		return true;
	}
	if (factor >= 9.2e18 || __builtin_mul_overflow(*n, (int64_t)factor, n)) {
		amph__sl_raise(c, "22003", "bigint out of range");
		return false;
	}
	return true;
}

static void int_to_char(sl_call *c)
{
	sl_template t;
	sl_number_shape s;
	int64_t n = amph__sl_int(c, 0);
	int16_t digits[AMPH_DECIMAL_SMALL];
	amph_decimal d;
	char text[32];
	char *number;

	if (!begin(c, &t, &s))
		return;
	d = amph__decimal_from_int64(n, digits);
	if (s.exponent && c->arg == 4) {
		number = amph__arena_printf(c->arena, "%+.*e", s.post, (double)n);
		if (!number)
			return;
		amph__ascii_point(number);
		if (*number == '+')
			*number = ' ';
		print(c, &t, &s, number, 0, 0);
		return;
	}
	if (s.roman || s.exponent) {
		if (s.roman && n == (int32_t)n)
			print_roman(c, &t, &s, n);
		else
			print_decimal(c, &t, &s, d);
		return;
	}
	if (s.multiply) {
		if (!multiply_int(c, &s, &n))
			return;
		s.pre += s.multi;
	}
	snprintf(text, sizeof(text), "%lld", (long long)n);
	number = amph__arena_alloc(c->arena, strlen(text) + (size_t)s.post + 2);
	if (!number)
		return;
	memcpy(number, text, strlen(text) + 1);
	if (s.post) {
		size_t at = strlen(number);

		number[at++] = '.';
		memset(number + at, '0', (size_t)s.post);
		number[at + (size_t)s.post] = '\0';
	}
	print_fitting(c, &t, &s, number);
}

static void put_fixed(amph_buf *b, int digits, double d)
{
	size_t start = b->len;

	if (isfinite(d)) {
		amph__buf_printf(b, "%.*f", digits, d);
		b->len = b->failed ? b->len : start + amph__ascii_point(b->text + start);
	} else {
		amph__types[AMPH_T_DOUBLE].format(&d, b);
	}
}

static void real_to_char(sl_call *c)
{
	sl_template t;
	sl_number_shape s;
	double d = amph__sl_real(c, 0);
	int pre, most = (int)c->arg;
	amph_buf b;

	if (!begin(c, &t, &s))
		return;
	if (s.roman) {
		d = rint(d);
		print_roman(c, &t, &s, d >= 1 && d <= 3999 ? (int64_t)d : 0);
		return;
	}
	amph__buf_init(&b, c->env->allocator);
	if (s.exponent) {
		amph__buf_printf(&b, "%+.*e", s.post, d);
		if (!b.failed)
			b.len = amph__ascii_point(b.text);
		if (b.text && *b.text == '+')
			*b.text = ' ';
		if (!b.failed)
			print(c, &t, &s, !isfinite(d) ? hashes(c, &s, true) : b.text, 0, 0);
		amph__buf_clear(&b);
		return;
	}
	if (s.multiply) {
		d = most == 6 ? (double)((float)d * (float)pow(10, s.multi)) : d * pow(10, s.multi);
		s.pre += s.multi;
	}
	put_fixed(&b, 0, fabs(d));
	pre = (int)b.len;
	if (pre >= most)
		s.post = 0;
	else if (pre + s.post > most)
		s.post = most - pre;
	amph__buf_reset(&b);
	put_fixed(&b, s.post, d);
	if (!b.failed)
		print_fitting(c, &t, &s, b.text);
	amph__buf_clear(&b);
}

static const sl_function rows[] = {
	{ "to_char_float4_text", 2, 0, real_to_char, 6 },
	{ "to_char_float8_text", 2, 0, real_to_char, 15 },
	{ "to_char_int4_text", 2, 0, int_to_char, 4 },
	{ "to_char_int8_text", 2, 0, int_to_char, 8 },
	{ "to_char_numeric_text", 2, 0, numeric_to_char, 0 }
};
const sl_functions amph__sl_numbertochar_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
