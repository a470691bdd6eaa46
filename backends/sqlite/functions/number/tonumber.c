/* to_number: reading a number by a template. */
#include "numbertemplate.h"
#include <string.h>

typedef struct scanner {
	sl_number_shape s;
	const char *at, *end;
	char *out;                      /* the sign or a space, then digits and a point */
	size_t n;
	int pre, post;
	bool point;
} scanner;

static bool is_digit(const scanner *p, const char *at)
{
	return at < p->end && amph__is_digit(*at);
}

static void read_sign_before(scanner *p)
{
	char ch = *p->at;

	if (p->out[0] != ' ' || p->pre + p->post > 0)
		return;
	if (p->s.sign == SL_SIGN_BEFORE) {
		if (ch != '-' && ch != '+')
			return;
	} else if (ch == '<' && p->s.bracket) {
		ch = '-';
	} else if (ch != '-' && ch != '+') {
		return;
	}
	p->out[0] = ch;
	p->at++;
}

static void read_sign_after(scanner *p, bool read)
{
	if (p->out[0] != ' ' || p->pre + p->post == 0)
		return;
	if (p->s.sign && read && p->at + 1 < p->end && !is_digit(p, p->at + 1)) {
		if (p->at[1] == '-' || p->at[1] == '+')
			p->out[0] = *++p->at;
	} else if (!read && !p->s.sign && (p->s.plus || p->s.minus) && (*p->at == '-' || *p->at == '+')) {
		p->out[0] = *p->at;
	}
}

static void read_number_part(scanner *p, sl_field f)
{
	bool read = false;

	if (*p->at == ' ')
		p->at++;
	if (p->at >= p->end)
		return;
	if (f == SL_F_ZERO || f == SL_F_NINE)
		read_sign_before(p);
	if (p->at >= p->end)
		return;
	if (is_digit(p, p->at)) {
		if (p->point && p->post == p->s.post)
			return;
		p->out[p->n++] = *p->at;
		if (p->point)
			p->post++;
		else
			p->pre++;
		read = true;
	} else if (p->s.decimal && !p->point && *p->at == '.') {
		p->out[p->n++] = '.';
		p->point = read = true;
	}
	read_sign_after(p, read);
}

/* Skips what is no part of a number. */
static void skip_chars(scanner *p, int n)
{
	uint32_t ch;

	while (n-- > 0 && p->at < p->end && !strchr("0123456789.,+-", *p->at))
		p->at += amph__utf8_next(p->at, &ch);
}

/* true: one character of the text was the field. */
static bool read_mark(scanner *p, sl_field f)
{
	char ch = *p->at;

	if ((ch == '-' && f != SL_F_PL) || (ch == '+' && f != SL_F_MI)) {
		p->out[0] = ch;
		return true;
	}
	skip_chars(p, 1);
	return false;
}

static bool read_field(scanner *p, const sl_node *n)
{
	switch (n->field) {
	case SL_F_NINE: case SL_F_ZERO: case SL_F_POINT: case SL_F_D:
		read_number_part(p, n->field);
		return true;
	case SL_F_COMMA: case SL_F_GROUP:
		return !p->s.fill && *p->at == ',';
	case SL_F_CURRENCY:
		skip_chars(p, 1);
		return false;
	case SL_F_TH:
		if (!p->s.decimal && p->out[0] != '#')
			skip_chars(p, 2);
		return false;
	case SL_F_MI: case SL_F_PL: case SL_F_SG: return read_mark(p, n->field);
	default: return false;
	}
}

static bool scan(sl_call *c, const sl_template *t, scanner *p)
{
	uint32_t ch;
	size_t len;

	if (p->s.exponent || p->s.roman) {
		amph__sl_raise(c, "0A000", "\"%s\" not supported for input", p->s.exponent ? "EEEE" : "RN");
		return false;
	}
	p->at = amph__sl_text(c, 0, &len);
	p->end = p->at + len;
	p->out = amph__arena_alloc(c->arena, t->n + 8);
	if (!p->out)
		return false;
	p->out[0] = ' ';
	p->n = 1;
	for (size_t i = 0; i < t->n && p->at < p->end; i++)
		if (t->nodes[i].kind != SL_NODE_FIELD)
			p->at += amph__utf8_next(p->at, &ch);
		else
			p->at += read_field(p, &t->nodes[i]);
	if (p->out[p->n - 1] == '.')
		p->n--;
	return true;
}

static void to_number(sl_call *c)
{
	sl_template t;
	scanner p = { .n = 0 };
	amph_decimal d;
	amph_error err;
	size_t len;
	int precision;

	amph__sl_text(c, 1, &len);
	if (!len || !amph__sl_number_template(c, &t, &p.s) || !scan(c, &t, &p))
		return;
	precision = p.s.pre + p.s.multi + p.post;
	if (!amph__decimal_parse(p.out, p.n, &d, c->arena, &err) ||
	    !amph__decimal_fit(&d, precision, p.post, c->arena, &err) ||
	    (!precision && d.n_digits && !amph__error(&err, "22003", "numeric field overflow"))) {
		amph__sl_raise_error(c, &err);
		return;
	}
	if (p.s.multiply && !amph__sl_number_shift(c, &d, -p.s.multi))
		return;
	amph__sl_result_decimal(c, &d);
}

static const sl_function rows[] = { { "to_number_text_text", 2, 0, to_number, 0 } };
const sl_functions amph__sl_tonumber_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
