/* What SQL/JSON paths compute: operators of numbers, methods. */
#include "jsonpathrun.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

bool amph__sl_path_number(sl_run *r, sl_json v, amph_decimal *out)
{
	amph_error err;

	return amph__sl_json_kind(v) == SL_JSON_NUMBER &&
	       amph__decimal_parse(v.at, v.len, out, r->c->arena, &err);
}

sl_json amph__sl_path_put_number(sl_run *r, const amph_decimal *d)
{
	char *text = amph__arena_alloc(r->c->arena, amph__decimal_text_max(d) + 1);
	size_t len = text ? amph__decimal_put(d, text) : 0;

	if (!text) {
		r->raised = true;
		return amph__sl_path_json("0");
	}
	text[len] = '\0';
	return (sl_json){ text, len };
}

sl_outcome amph__sl_path_binary(sl_run *r, const sl_path *p, sl_json v, sl_items *found)
{
	static const amph_decimal_op ops[] = { AMPH_DEC_ADD, AMPH_DEC_SUB, AMPH_DEC_MUL, AMPH_DEC_DIV,
					       AMPH_DEC_MOD };
	static const char signs[] = "+-*/%";
	amph_decimal a, b, out;
	amph_error err;
	char message[90];
	sl_items left = { 0 }, right = { 0 };
	int op = (int)(p->kind - SL_PATH_ADD);

	if (amph__sl_path_all(r, p->left, v, true, &left) == SL_FAILED ||
	    amph__sl_path_all(r, p->right, v, true, &right) == SL_FAILED)
		return SL_FAILED;
	snprintf(message, sizeof(message),
		 "left operand of jsonpath operator %c is not a single numeric value", signs[op]);
	if (left.n != 1 || !amph__sl_path_number(r, left.first->v, &a))
		return amph__sl_path_fail(r, "22038", message);
	if (right.n != 1 || !amph__sl_path_number(r, right.first->v, &b)) {
		snprintf(message, sizeof(message),
			 "right operand of jsonpath operator %c is not a single numeric value", signs[op]);
		return amph__sl_path_fail(r, "22038", message);
	}
	if (!amph__decimal_do(ops[op], &a, &b, &out, r->c->arena, &err))
		return amph__sl_path_fail(r, err.sqlstate, err.message);
	if (!p->next && !found)
		return SL_OK;
	return amph__sl_path_go_on(r, p, amph__sl_path_put_number(r, &out), found);
}

sl_outcome amph__sl_path_sign(sl_run *r, const sl_path *p, sl_json v, sl_items *found)
{
	sl_items list = { 0 };
	sl_outcome o = amph__sl_path_all(r, p->left, v, true, &list), all = SL_NONE;
	amph_decimal d;

	if (o == SL_FAILED)
		return o;
	for (sl_item *i = list.first; i; i = i->next) {
		bool number = amph__sl_path_number(r, i->v, &d);

		if (!found && !p->next) {
			if (number)
				return SL_OK;
			continue;
		}
		if (!number)
			return amph__sl_path_fail(r, "2203B", p->kind == SL_PATH_MINUS
				    ? "operand of unary jsonpath operator - is not a numeric value"
				    : "operand of unary jsonpath operator + is not a numeric value");
		if (p->kind == SL_PATH_MINUS && d.n_digits)
			d.sign = !d.sign;
		o = amph__sl_path_go_on(r, p, amph__sl_path_put_number(r, &d), found);
		if (o == SL_FAILED || (o == SL_OK && !found))
			return o;
		all = o == SL_OK ? SL_OK : all;
	}
	return all;
}

static const char *method_name(sl_path_kind kind)
{
	switch (kind) {
	case SL_PATH_SIZE: return "size";
	case SL_PATH_ABS: return "abs";
	case SL_PATH_FLOOR: return "floor";
	case SL_PATH_CEILING: return "ceiling";
	case SL_PATH_DOUBLE: return "double";
	case SL_PATH_DATETIME: return "datetime";
	default: return "keyvalue";
	}
}

static sl_outcome fail_method(sl_run *r, const sl_path *p, const char *sqlstate, const char *what)
{
	char message[120];

	snprintf(message, sizeof(message), "jsonpath item method .%s() can only be applied to %s",
		 method_name(p->kind), what);
	return amph__sl_path_fail(r, sqlstate, message);
}

static sl_outcome run_rounding(sl_run *r, const sl_path *p, sl_json v, sl_items *found)
{
	amph_decimal d, out;
	bool ok = true;

	if (!amph__sl_path_number(r, v, &d))
		return fail_method(r, p, "22036", "a numeric value");
	out = d;
	if (p->kind == SL_PATH_ABS)
		out.sign = 0;
	else if (p->kind == SL_PATH_FLOOR)
		ok = amph__decimal_floor(&d, &out, r->c->arena);
	else
		ok = amph__decimal_ceil(&d, &out, r->c->arena);
	r->raised |= !ok;
	return !p->next && !found ? SL_OK
				  : amph__sl_path_go_on(r, p, amph__sl_path_put_number(r, &out), found);
}

static sl_outcome run_double(sl_run *r, const sl_path *p, sl_json v, sl_items *found)
{
	sl_json_kind kind = amph__sl_json_kind(v);
	amph_buf b;
	amph_error err;
	double d = 0;
	bool ok;
	char text[40];
	amph_decimal out;

	if (kind != SL_JSON_NUMBER && !amph__sl_path_is_string(r, v))
		return fail_method(r, p, "22036", "a string or numeric value");
	amph__buf_init(&b, r->c->arena->allocator);
	if (kind == SL_JSON_STRING)
		amph__sl_json_unquote(v, &b);
	else
		amph__buf_add(&b, v.at, v.len);
	ok = !b.failed &&
	     amph__types[AMPH_T_DOUBLE].parse(amph__buf_text(&b), b.len, &d, r->c->arena, &err) &&
	     isfinite(d);
	amph__buf_clear(&b);
	if (!ok)
		return amph__sl_path_fail(r, "22036", kind == SL_JSON_STRING
			    ? "string argument of jsonpath item method .double() is not a valid "
			      "representation of a double precision number"
			    : "numeric argument of jsonpath item method .double() is out of range for "
			      "type double precision");
	if (kind == SL_JSON_STRING) {
		snprintf(text, sizeof(text), "%.15g", d);
		amph__ascii_point(text);
		if (!amph__decimal_parse(text, strlen(text), &out, r->c->arena, &err))
			return amph__sl_path_fail(r, err.sqlstate, err.message);
		v = amph__sl_path_put_number(r, &out);
	}
	return amph__sl_path_go_on(r, p, v, found);
}

static sl_outcome run_moment(sl_run *r, const sl_path *p, const sl_moment *m, sl_items *found)
{
	sl_dated *d = AMPH_NEW(r->c->arena, sl_dated);
	amph_buf b;

	amph__buf_init(&b, r->c->arena->allocator);
	amph__sl_moment_put(m, &b);
	if (d)
		*d = (sl_dated){ b.failed ? NULL : amph__arena_text(r->c->arena, amph__buf_text(&b), b.len),
				 *m, r->dates };
	amph__buf_clear(&b);
	if (!d || !d->at) {
		r->raised = true;
		return SL_FAILED;
	}
	r->dates = d;
	return amph__sl_path_go_on(r, p, amph__sl_path_json(d->at), found);
}

static sl_outcome run_datetime(sl_run *r, const sl_path *p, sl_json v, sl_items *found)
{
	amph_error err;
	sl_moment m;
	amph_buf b;
	const char *text;
	bool ok;

	if (!amph__sl_path_is_string(r, v))
		return fail_method(r, p, "22031", "a string");
	amph__buf_init(&b, r->c->arena->allocator);
	amph__sl_json_unquote(v, &b);
	text = b.failed ? NULL : amph__arena_text(r->c->arena, amph__buf_text(&b), b.len);
	amph__buf_clear(&b);
	ok = text && (p->text ? amph__sl_moment_read(r->c, text, p->text, p->len, &m, &err)
			      : amph__sl_moment_read_iso(r->c, text, &m, &err));
	if (ok)
		return !p->next && !found ? SL_OK : run_moment(r, p, &m, found);
	if (!text || !*err.sqlstate) {
		r->raised = true;
		return SL_FAILED;
	}
	return amph__sl_path_fail(r, err.sqlstate, err.message);
}

static sl_outcome run_size(sl_run *r, const sl_path *p, sl_json v, sl_items *found)
{
	const char *text;

	if (!amph__sl_path_is_array(v) && r->strict)
		return r->lenient ? SL_NONE : fail_method(r, p, "22039", "an array");
	text = amph__arena_printf(r->c->arena, "%zu",
				  amph__sl_path_is_array(v) ? amph__sl_json_count(v) : (size_t)1);
	r->raised |= !text;
	return text ? amph__sl_path_go_on(r, p, amph__sl_path_json(text), found) : SL_FAILED;
}

static sl_outcome run_type(sl_run *r, const sl_path *p, sl_json v, sl_items *found)
{
	static const char *const names[] = { "\"null\"", "\"boolean\"", "\"number\"", "\"string\"",
					     "\"array\"", "\"object\"" };
	const sl_moment *m = amph__sl_path_moment(r, v);

	if (m) {
		const char *text = amph__arena_printf(r->c->arena, "\"%s\"", amph__sl_moment_type(m));

		r->raised |= !text;
		return text ? amph__sl_path_go_on(r, p, amph__sl_path_json(text), found) : SL_FAILED;
	}
	return amph__sl_path_go_on(r, p, amph__sl_path_json(names[amph__sl_json_kind(v)]), found);
}

/* The id says where in PostgreSQL's storage the object is; only of the root it is known here. */
static sl_outcome run_keyvalue(sl_run *r, const sl_path *p, sl_json v, sl_items *found)
{
	sl_json_iter it = amph__sl_json_begin(v);
	sl_outcome o = SL_NONE;

	if (amph__sl_json_kind(v) != SL_JSON_OBJECT)
		return fail_method(r, p, "2203C", "an object");
	if (v.at != r->root.at) {
		amph__sl_raise(r->c, "0A000", "jsonpath method .keyvalue() of an object within others is not "
			       "supported on SQLite");
		r->raised = true;
		return SL_FAILED;
	}
	while (amph__sl_json_next(&it)) {
		const char *text = amph__arena_printf(r->c->arena,
						      "{\"id\": 0, \"key\": %.*s, \"value\": %.*s}",
						      (int)it.key.len, it.key.at, (int)it.value.len,
						      it.value.at);

		r->raised |= !text;
		if (!p->next && !found)
			return SL_OK;
		o = text ? amph__sl_path_go_on(r, p, amph__sl_path_json(text), found) : SL_FAILED;
		if (o == SL_FAILED || (o == SL_OK && !found))
			return o;
	}
	return o;
}

sl_outcome amph__sl_path_method(sl_run *r, const sl_path *p, sl_json v, sl_items *found)
{
	switch (p->kind) {
	case SL_PATH_TYPE: return run_type(r, p, v, found);
	case SL_PATH_SIZE: return run_size(r, p, v, found);
	case SL_PATH_DOUBLE: return run_double(r, p, v, found);
	case SL_PATH_DATETIME: return run_datetime(r, p, v, found);
	case SL_PATH_KEYVALUE: return run_keyvalue(r, p, v, found);
	default: return run_rounding(r, p, v, found);
	}
}
