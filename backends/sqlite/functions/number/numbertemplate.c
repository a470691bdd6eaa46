/* Templates of numbers: which patterns go together, and what they say of the whole. */
#include "numbertemplate.h"
#include <stdio.h>
#include <string.h>

static bool fail(sl_call *c, const char *message)
{
	amph__sl_raise(c, "42601", "%s", message);
	return false;
}

static bool add_digit(sl_call *c, sl_number_shape *s, bool zero)
{
	if (s->bracket)
		return fail(c, zero ? "\"0\" must be ahead of \"PR\"" : "\"9\" must be ahead of \"PR\"");
	if (!zero && s->multiply) {
		s->multi++;
		return true;
	}
	if (zero && !s->zero && !s->decimal) {
		s->zero = true;
		s->zero_start = s->pre + 1;
	}
	if (s->decimal)
		s->post++;
	else
		s->pre++;
	if (zero)
		s->zero_end = s->pre + s->post;
	return true;
}

static bool add_sign(sl_call *c, sl_number_shape *s)
{
	if (s->sign)
		return fail(c, "cannot use \"S\" twice");
	if (s->plus || s->minus || s->bracket)
		return fail(c, "cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together");
	s->sign = s->decimal ? SL_SIGN_AFTER : SL_SIGN_BEFORE;
	s->sign_pre = s->pre;
	return true;
}

static bool add_mark(sl_call *c, sl_number_shape *s, sl_field f)
{
	static const char *const together[] = { "cannot use \"S\" and \"MI\" together",
						"cannot use \"S\" and \"PL\" together",
						"cannot use \"S\" and \"SG\" together" };

	if (f == SL_F_PR) {
		if (s->sign || s->plus || s->minus)
			return fail(c, "cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together");
		s->bracket = true;
		return true;
	}
	if (s->sign)
		return fail(c, together[f == SL_F_MI ? 0 : f == SL_F_PL ? 1 : 2]);
	s->minus |= f != SL_F_PL;
	s->plus |= f != SL_F_MI;
	return true;
}

static bool add_exponent(sl_call *c, sl_number_shape *s)
{
	if (s->exponent)
		return fail(c, "cannot use \"EEEE\" twice");
	if (s->blank || s->fill || s->sign || s->bracket || s->minus || s->plus || s->roman || s->multiply)
		return fail(c, "\"EEEE\" is incompatible with other formats");
	s->exponent = true;
	return true;
}

static bool add_field(sl_call *c, sl_number_shape *s, sl_field f)
{
	if (s->exponent && f != SL_F_EXPONENT)
		return fail(c, "\"EEEE\" must be the last pattern used");
	switch (f) {
	case SL_F_NINE: return add_digit(c, s, false);
	case SL_F_ZERO: return add_digit(c, s, true);
	case SL_F_BLANK:
		s->blank |= !s->pre && !s->post && !s->zero;
		return true;
	case SL_F_D:
	case SL_F_POINT:
		if (s->decimal)
			return fail(c, "multiple decimal points");
		if (s->multiply)
			return fail(c, "cannot use \"V\" and decimal point together");
		s->decimal = true;
		return true;
	case SL_F_FILL: s->fill = true; return true;
	case SL_F_S: return add_sign(c, s);
	case SL_F_MI: case SL_F_PL: case SL_F_SG: case SL_F_PR: return add_mark(c, s, f);
	case SL_F_ROMAN: s->roman = true; return true;
	case SL_F_V:
		if (s->decimal)
			return fail(c, "cannot use \"V\" and decimal point together");
		s->multiply = true;
		return true;
	case SL_F_EXPONENT: return add_exponent(c, s);
	default: return true;
	}
}

bool amph__sl_number_template(sl_call *c, sl_template *t, sl_number_shape *s)
{
	size_t len;
	const char *text = amph__sl_text(c, 1, &len);

	*s = (sl_number_shape){ 0 };
	if (!amph__sl_template_read(c, text, len, true, t))
		return false;
	for (size_t i = 0; i < t->n; i++)
		if (t->nodes[i].kind == SL_NODE_FIELD && !add_field(c, s, t->nodes[i].field))
			return false;
	return true;
}

bool amph__sl_number_shift(sl_call *c, amph_decimal *d, int power)
{
	char text[8] = "10";
	amph_decimal ten, exponent, factor, out;
	amph_error err;
	bool ok;

	ok = amph__decimal_parse(text, 2, &ten, c->arena, &err);
	snprintf(text, sizeof(text), "%d", power);
	ok = ok && amph__decimal_parse(text, strlen(text), &exponent, c->arena, &err) &&
	     amph__decimal_power(&ten, &exponent, &factor, c->arena, &err) &&
	     amph__decimal_do(AMPH_DEC_MUL, d, &factor, &out, c->arena, &err);
	if (ok)
		*d = out;
	else
		amph__sl_raise_error(c, &err);
	return ok;
}
