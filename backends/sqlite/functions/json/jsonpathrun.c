/* Running SQL/JSON paths: jsonb_path_query and its relatives. */
#include "../../../../src/model/decimal.h"
#include "jsonpath.h"
#include "../time/moment.h"
#include "../regex/regex.h"
#include "../tables.h"
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum outcome { OK, NOT_FOUND, FAILED } outcome;
typedef enum truth { NO, YES, UNKNOWN } truth;

typedef struct item item;
struct item {
	sl_json v;
	item *next;
};
typedef struct items {
	item *first, *last;
	size_t n;
} items;

/* What .datetime() gave: its text is that of the item at the same address. */
typedef struct dated dated;
struct dated {
	const char *at;
	sl_moment moment;
	dated *next;
};

typedef struct run {
	sl_call *c;
	dated *dates;
	bool zones;                     /* moments without a zone have the session's */
	sl_json root, vars, current;
	bool has_vars, strict, lenient;         /* lenient: what is not there is no error */
	bool throws;
	bool raised;                    /* an error is with the caller; all ends */
	int64_t size;                   /* of the array in whose subscripts we are */
	int depth;
} run;

/* Gives up: raises the error, or says only that there was one. */
static outcome fail(run *r, const char *sqlstate, const char *message)
{
	if (r->throws && !r->raised) {
		amph__sl_raise(r->c, sqlstate, "%s", message);
		r->raised = true;
	}
	return FAILED;
}

static bool add(run *r, items *out, sl_json v)
{
	item *i = AMPH_NEW(r->c->arena, item);

	if (!i) {
		r->raised = true;
		return false;
	}
	i->v = v;
	if (out->last)
		out->last->next = i;
	else
		out->first = i;
	out->last = i;
	out->n++;
	return true;
}

static bool is_container(sl_json v)
{
	return amph__sl_json_kind(v) >= SL_JSON_ARRAY;
}

static bool is_array(sl_json v)
{
	return amph__sl_json_kind(v) == SL_JSON_ARRAY;
}

static const sl_moment *moment_of(const run *r, sl_json v)
{
	for (const dated *d = r->dates; d; d = d->next)
		if (d->at == v.at)
			return &d->moment;
	return NULL;
}

static bool is_string(const run *r, sl_json v)
{
	return amph__sl_json_kind(v) == SL_JSON_STRING && !moment_of(r, v);
}

static sl_json json_of(const char *text)
{
	return (sl_json){ text, strlen(text) };
}

static outcome run_item(run *r, const sl_path *p, sl_json v, items *found, bool unwrap);
static truth run_condition(run *r, const sl_path *p, sl_json v);

/* What follows p gets v; at the end it is a result. */
static outcome go_on(run *r, const sl_path *p, sl_json v, items *found)
{
	if (p->next)
		return run_item(r, p->next, v, found, !r->strict);
	if (found && !add(r, found, v))
		return FAILED;
	return OK;
}

/* Elements of arrays and values of objects, from a level to another; p NULL: they are the result. */
static outcome run_members(run *r, const sl_path *p, sl_json v, items *found, uint32_t level,
			   const sl_path *bounds, bool unwrap)
{
	uint32_t first = bounds ? bounds->first : 1, last = bounds ? bounds->last : 1;
	sl_json_iter it = amph__sl_json_begin(v);
	outcome o = NOT_FOUND;

	if (level > last)
		return o;
	while (amph__sl_json_next(&it)) {
		bool leaf = first == UINT32_MAX && last == UINT32_MAX && !is_container(it.value);

		if (level >= first || leaf) {
			bool lenient = r->lenient;

			if (!p && !found)
				return OK;
			r->lenient |= bounds != NULL;
			if (p)
				o = run_item(r, p, it.value, found, unwrap);
			else
				o = add(r, found, it.value) ? OK : FAILED;
			r->lenient = lenient;
			if (o == FAILED || (o == OK && !found))
				return o;
		}
		if (level < last && is_container(it.value)) {
			o = run_members(r, p, it.value, found, level + 1, bounds, unwrap);
			if (o == FAILED || (o == OK && !found))
				return o;
		}
	}
	return o;
}

/* All of them, with arrays among them taken apart in lax mode. */
static outcome run_all(run *r, const sl_path *p, sl_json v, bool unwrap, items *found)
{
	items list = { 0 };
	outcome o;

	if (!unwrap || r->strict)
		return run_item(r, p, v, found, !r->strict);
	o = run_item(r, p, v, &list, !r->strict);
	if (o == FAILED)
		return o;
	for (item *i = list.first; i; i = i->next)
		if (is_array(i->v))
			run_members(r, NULL, i->v, found, 1, NULL, false);
		else if (found && !add(r, found, i->v))
			return FAILED;
	return OK;
}

static outcome run_quietly(run *r, const sl_path *p, sl_json v, bool unwrap, items *found)
{
	bool throws = r->throws;
	outcome o;

	r->throws = false;
	o = run_all(r, p, v, unwrap, found);
	r->throws = throws;
	return o;
}

/* ---- numbers ---- */

static bool number_of(run *r, sl_json v, amph_decimal *out)
{
	amph_error err;

	return amph__sl_json_kind(v) == SL_JSON_NUMBER &&
	       amph__decimal_parse(v.at, v.len, out, r->c->arena, &err);
}

static sl_json json_of_number(run *r, const amph_decimal *d)
{
	char *text = amph__arena_alloc(r->c->arena, amph__decimal_text_max(d) + 1);
	size_t len = text ? amph__decimal_put(d, text) : 0;

	if (!text) {
		r->raised = true;
		return json_of("0");
	}
	text[len] = '\0';
	return (sl_json){ text, len };
}

static outcome run_binary(run *r, const sl_path *p, sl_json v, items *found)
{
	static const amph_decimal_op ops[] = { AMPH_DEC_ADD, AMPH_DEC_SUB, AMPH_DEC_MUL, AMPH_DEC_DIV,
					       AMPH_DEC_MOD };
	static const char signs[] = "+-*/%";
	amph_decimal a, b, out;
	amph_error err;
	char message[90];
	items left = { 0 }, right = { 0 };
	int op = (int)(p->kind - SL_PATH_ADD);

	if (run_all(r, p->left, v, true, &left) == FAILED || run_all(r, p->right, v, true, &right) == FAILED)
		return FAILED;
	snprintf(message, sizeof(message),
		 "left operand of jsonpath operator %c is not a single numeric value", signs[op]);
	if (left.n != 1 || !number_of(r, left.first->v, &a))
		return fail(r, "22038", message);
	if (right.n != 1 || !number_of(r, right.first->v, &b)) {
		snprintf(message, sizeof(message),
			 "right operand of jsonpath operator %c is not a single numeric value", signs[op]);
		return fail(r, "22038", message);
	}
	if (!amph__decimal_do(ops[op], &a, &b, &out, r->c->arena, &err))
		return fail(r, err.sqlstate, err.message);
	if (!p->next && !found)
		return OK;
	return go_on(r, p, json_of_number(r, &out), found);
}

static outcome run_sign(run *r, const sl_path *p, sl_json v, items *found)
{
	items list = { 0 };
	outcome o = run_all(r, p->left, v, true, &list), all = NOT_FOUND;
	amph_decimal d;

	if (o == FAILED)
		return o;
	for (item *i = list.first; i; i = i->next) {
		bool number = number_of(r, i->v, &d);

		if (!found && !p->next) {
			if (number)
				return OK;
			continue;
		}
		if (!number)
			return fail(r, "2203B", p->kind == SL_PATH_MINUS
				    ? "operand of unary jsonpath operator - is not a numeric value"
				    : "operand of unary jsonpath operator + is not a numeric value");
		if (p->kind == SL_PATH_MINUS && d.n_digits)
			d.sign = !d.sign;
		o = go_on(r, p, json_of_number(r, &d), found);
		if (o == FAILED || (o == OK && !found))
			return o;
		all = o == OK ? OK : all;
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

static outcome fail_method(run *r, const sl_path *p, const char *sqlstate, const char *what)
{
	char message[120];

	snprintf(message, sizeof(message), "jsonpath item method .%s() can only be applied to %s",
		 method_name(p->kind), what);
	return fail(r, sqlstate, message);
}

static outcome run_rounding(run *r, const sl_path *p, sl_json v, items *found)
{
	amph_decimal d, out;
	bool ok = true;

	if (!number_of(r, v, &d))
		return fail_method(r, p, "22036", "a numeric value");
	out = d;
	if (p->kind == SL_PATH_ABS)
		out.sign = 0;
	else if (p->kind == SL_PATH_FLOOR)
		ok = amph__decimal_floor(&d, &out, r->c->arena);
	else
		ok = amph__decimal_ceil(&d, &out, r->c->arena);
	r->raised |= !ok;
	return !p->next && !found ? OK : go_on(r, p, json_of_number(r, &out), found);
}

static outcome run_double(run *r, const sl_path *p, sl_json v, items *found)
{
	sl_json_kind kind = amph__sl_json_kind(v);
	amph_buf b;
	amph_error err;
	double d = 0;
	bool ok;
	char text[40];
	amph_decimal out;

	if (kind != SL_JSON_NUMBER && !is_string(r, v))
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
		return fail(r, "22036", kind == SL_JSON_STRING
			    ? "string argument of jsonpath item method .double() is not a valid "
			      "representation of a double precision number"
			    : "numeric argument of jsonpath item method .double() is out of range for "
			      "type double precision");
	if (kind == SL_JSON_STRING) {
		snprintf(text, sizeof(text), "%.15g", d);
		if (!amph__decimal_parse(text, strlen(text), &out, r->c->arena, &err))
			return fail(r, err.sqlstate, err.message);
		v = json_of_number(r, &out);
	}
	return go_on(r, p, v, found);
}

/* ---- dates and times ---- */

static outcome run_moment(run *r, const sl_path *p, const sl_moment *m, items *found)
{
	dated *d = AMPH_NEW(r->c->arena, dated);
	amph_buf b;

	amph__buf_init(&b, r->c->arena->allocator);
	amph__sl_moment_put(m, &b);
	if (d)
		*d = (dated){ b.failed ? NULL : amph__arena_text(r->c->arena, amph__buf_text(&b), b.len), *m,
			      r->dates };
	amph__buf_clear(&b);
	if (!d || !d->at) {
		r->raised = true;
		return FAILED;
	}
	r->dates = d;
	return go_on(r, p, json_of(d->at), found);
}

static outcome run_datetime(run *r, const sl_path *p, sl_json v, items *found)
{
	amph_error err;
	sl_moment m;
	amph_buf b;
	const char *text;
	bool ok;

	if (!is_string(r, v))
		return fail_method(r, p, "22031", "a string");
	amph__buf_init(&b, r->c->arena->allocator);
	amph__sl_json_unquote(v, &b);
	text = b.failed ? NULL : amph__arena_text(r->c->arena, amph__buf_text(&b), b.len);
	amph__buf_clear(&b);
	ok = text && (p->text ? amph__sl_moment_read(r->c, text, p->text, p->len, &m, &err)
			      : amph__sl_moment_read_iso(r->c, text, &m, &err));
	if (ok)
		return !p->next && !found ? OK : run_moment(r, p, &m, found);
	if (!text || !*err.sqlstate) {
		r->raised = true;
		return FAILED;
	}
	return fail(r, err.sqlstate, err.message);
}

/* ---- steps ---- */

static outcome run_key(run *r, const sl_path *p, sl_json v, items *found, bool unwrap)
{
	sl_json member;

	if (amph__sl_json_kind(v) == SL_JSON_OBJECT) {
		if (amph__sl_json_field(v, p->text, p->len, &member))
			return go_on(r, p, member, found);
		if (r->lenient)
			return NOT_FOUND;
		return r->throws ? fail(r, "2203A", amph__arena_printf(r->c->arena,
								"JSON object does not contain key \"%.200s\"",
								p->text)) : FAILED;
	}
	if (unwrap && is_array(v))
		return run_members(r, p, v, found, 1, NULL, false);
	if (r->lenient)
		return NOT_FOUND;
	return fail(r, "2203A", "jsonpath member accessor can only be applied to an object");
}

static outcome run_any_key(run *r, const sl_path *p, sl_json v, items *found, bool unwrap)
{
	if (amph__sl_json_kind(v) == SL_JSON_OBJECT)
		return run_members(r, p->next, v, found, 1, NULL, !r->strict);
	if (unwrap && is_array(v))
		return run_members(r, p, v, found, 1, NULL, false);
	if (r->lenient)
		return NOT_FOUND;
	return fail(r, "2203C", "jsonpath wildcard member accessor can only be applied to an object");
}

static outcome run_any_element(run *r, const sl_path *p, sl_json v, items *found)
{
	if (is_array(v))
		return run_members(r, p->next, v, found, 1, NULL, !r->strict);
	if (!r->strict)
		return go_on(r, p, v, found);
	if (r->lenient)
		return NOT_FOUND;
	return fail(r, "22039", "jsonpath wildcard array accessor can only be applied to an array");
}

static outcome read_subscript(run *r, const sl_path *p, sl_json v, int64_t *out)
{
	items list = { 0 };
	amph_decimal d;
	sl_json n;

	if (run_item(r, p, v, &list, !r->strict) == FAILED)
		return FAILED;
	if (list.n != 1 || !number_of(r, list.first->v, &d))
		return fail(r, "22033", "jsonpath array subscript is not a single numeric value");
	if (!amph__decimal_trunc(&d, 0, r->c->arena)) {
		r->raised = true;
		return FAILED;
	}
	n = json_of_number(r, &d);
	*out = n.len > 12 ? INT64_MAX : strtoll(n.at, NULL, 10);
	if (*out < INT32_MIN || *out > INT32_MAX)
		return fail(r, "22033", "jsonpath array subscript is out of integer range");
	return OK;
}

static outcome run_range(run *r, const sl_path *p, const sl_path_range *range, sl_json v, items *found)
{
	bool single = !is_array(v);
	int64_t size = single ? 1 : (int64_t)amph__sl_json_count(v), from, to;
	outcome o = NOT_FOUND;
	sl_json element = v;

	if (read_subscript(r, range->from, v, &from) == FAILED)
		return FAILED;
	to = from;
	if (range->to && read_subscript(r, range->to, v, &to) == FAILED)
		return FAILED;
	if (!r->lenient && (from < 0 || from > to || to >= size))
		return fail(r, "22033", "jsonpath array subscript is out of bounds");
	from = from < 0 ? 0 : from;
	to = to >= size ? size - 1 : to;
	for (int64_t i = from; i <= to; i++) {
		if (!single && !amph__sl_json_element(v, i, &element))
			continue;
		if (!p->next && !found)
			return OK;
		o = go_on(r, p, element, found);
		if (o == FAILED || (o == OK && !found))
			return o;
	}
	return o;
}

static outcome run_subscripts(run *r, const sl_path *p, sl_json v, items *found)
{
	int64_t size = r->size;
	outcome o = NOT_FOUND;

	if (!is_array(v) && r->strict && r->lenient)
		return NOT_FOUND;
	if (!is_array(v) && r->strict)
		return fail(r, "22039", "jsonpath array accessor can only be applied to an array");
	r->size = is_array(v) ? (int64_t)amph__sl_json_count(v) : 1;
	for (size_t i = 0; i < p->n_ranges; i++) {
		int64_t own = r->size;

		o = run_range(r, p, &p->ranges[i], v, found);
		r->size = own;
		if (o == FAILED || (o == OK && !found))
			break;
	}
	r->size = size;
	return o;
}

static outcome run_deep(run *r, const sl_path *p, sl_json v, items *found)
{
	outcome o = NOT_FOUND;
	bool lenient = r->lenient;

	if (p->first == 0) {
		r->lenient = true;
		o = go_on(r, p, v, found);
		r->lenient = lenient;
		if (o == OK && !found)
			return o;
	}
	return is_container(v) ? run_members(r, p->next, v, found, 1, p, !r->strict) : o;
}

static outcome run_filter(run *r, const sl_path *p, sl_json v, items *found, bool unwrap)
{
	sl_json current = r->current;
	truth t;

	if (unwrap && is_array(v))
		return run_members(r, p, v, found, 1, NULL, false);
	r->current = v;
	t = run_condition(r, p->left, v);
	r->current = current;
	return t == YES ? go_on(r, p, v, found) : NOT_FOUND;
}

static outcome run_variable(run *r, const sl_path *p, items *found)
{
	sl_json v;

	if (!r->has_vars || !amph__sl_json_field(r->vars, p->text, p->len, &v)) {
		amph__sl_raise(r->c, "42704", "could not find jsonpath variable \"%s\"", p->text);
		r->raised = true;
		return FAILED;
	}
	return go_on(r, p, v, found);
}

static outcome run_size(run *r, const sl_path *p, sl_json v, items *found)
{
	const char *text;

	if (!is_array(v) && r->strict)
		return r->lenient ? NOT_FOUND : fail_method(r, p, "22039", "an array");
	text = amph__arena_printf(r->c->arena, "%zu", is_array(v) ? amph__sl_json_count(v) : (size_t)1);
	r->raised |= !text;
	return text ? go_on(r, p, json_of(text), found) : FAILED;
}

static outcome run_type(run *r, const sl_path *p, sl_json v, items *found)
{
	static const char *const names[] = { "\"null\"", "\"boolean\"", "\"number\"", "\"string\"",
					     "\"array\"", "\"object\"" };
	const sl_moment *m = moment_of(r, v);

	if (m) {
		const char *text = amph__arena_printf(r->c->arena, "\"%s\"", amph__sl_moment_type(m));

		r->raised |= !text;
		return text ? go_on(r, p, json_of(text), found) : FAILED;
	}
	return go_on(r, p, json_of(names[amph__sl_json_kind(v)]), found);
}

/* The id says where in PostgreSQL's storage the object is; only of the root it is known here. */
static outcome run_keyvalue(run *r, const sl_path *p, sl_json v, items *found)
{
	sl_json_iter it = amph__sl_json_begin(v);
	outcome o = NOT_FOUND;

	if (amph__sl_json_kind(v) != SL_JSON_OBJECT)
		return fail_method(r, p, "2203C", "an object");
	if (v.at != r->root.at) {
		amph__sl_raise(r->c, "0A000", "jsonpath method .keyvalue() of an object within others is not "
			       "supported on SQLite");
		r->raised = true;
		return FAILED;
	}
	while (amph__sl_json_next(&it)) {
		const char *text = amph__arena_printf(r->c->arena,
						      "{\"id\": 0, \"key\": %.*s, \"value\": %.*s}",
						      (int)it.key.len, it.key.at, (int)it.value.len,
						      it.value.at);

		r->raised |= !text;
		if (!p->next && !found)
			return OK;
		o = text ? go_on(r, p, json_of(text), found) : FAILED;
		if (o == FAILED || (o == OK && !found))
			return o;
	}
	return o;
}

static outcome run_value(run *r, const sl_path *p, sl_json v, items *found)
{
	const char *text;

	switch (p->kind) {
	case SL_PATH_LITERAL: return p->next || found ? go_on(r, p, p->value, found) : OK;
	case SL_PATH_VARIABLE: return run_variable(r, p, found);
	case SL_PATH_ROOT: return go_on(r, p, r->root, found);
	case SL_PATH_CURRENT: return go_on(r, p, r->current, found);
	case SL_PATH_LAST:
		if (!p->next && !found)
			return OK;
		text = amph__arena_printf(r->c->arena, "%lld", (long long)r->size - 1);
		r->raised |= !text;
		return text ? go_on(r, p, json_of(text), found) : FAILED;
	case SL_PATH_ANY_ELEMENT: return run_any_element(r, p, v, found);
	case SL_PATH_SUBSCRIPTS: return run_subscripts(r, p, v, found);
	case SL_PATH_DEEP: return run_deep(r, p, v, found);
	case SL_PATH_TYPE: return run_type(r, p, v, found);
	case SL_PATH_SIZE: return run_size(r, p, v, found);
	case SL_PATH_PLUS:
	case SL_PATH_MINUS: return run_sign(r, p, v, found);
	default: return run_binary(r, p, v, found);
	}
}

static outcome run_truth(run *r, const sl_path *p, sl_json v, items *found)
{
	static const char *const texts[] = { "false", "true", "null" };
	truth t = run_condition(r, p, v);

	if (!p->next && !found)
		return OK;
	return go_on(r, p, json_of(texts[t]), found);
}

static outcome run_step(run *r, const sl_path *p, sl_json v, items *found, bool unwrap)
{
	switch (p->kind) {
	case SL_PATH_KEY: return run_key(r, p, v, found, unwrap);
	case SL_PATH_ANY_KEY: return run_any_key(r, p, v, found, unwrap);
	case SL_PATH_FILTER: return run_filter(r, p, v, found, unwrap);
	case SL_PATH_ABS: case SL_PATH_FLOOR: case SL_PATH_CEILING: case SL_PATH_DOUBLE:
	case SL_PATH_KEYVALUE: case SL_PATH_DATETIME:
		if (unwrap && is_array(v))
			return run_members(r, p, v, found, 1, NULL, false);
		if (p->kind == SL_PATH_DOUBLE)
			return run_double(r, p, v, found);
		if (p->kind == SL_PATH_DATETIME)
			return run_datetime(r, p, v, found);
		return p->kind == SL_PATH_KEYVALUE ? run_keyvalue(r, p, v, found)
						   : run_rounding(r, p, v, found);
	default:
		return amph__sl_path_is_condition(p) ? run_truth(r, p, v, found) : run_value(r, p, v, found);
	}
}

static outcome run_item(run *r, const sl_path *p, sl_json v, items *found, bool unwrap)
{
	outcome o;

	if (r->raised || r->c->arena->failed)
		return FAILED;
	if (++r->depth > SL_PATH_DEPTH_MAX * 4) {
		amph__sl_raise(r->c, "54001", "stack depth limit exceeded");
		r->raised = true;
	}
	o = r->raised ? FAILED : run_step(r, p, v, found, unwrap);
	r->depth--;
	return r->raised ? FAILED : o;
}

/* ---- conditions ---- */

static truth truth_of(sl_path_kind op, int order)
{
	switch (op) {
	case SL_PATH_EQ: return order == 0 ? YES : NO;
	case SL_PATH_NE: return order != 0 ? YES : NO;
	case SL_PATH_LT: return order < 0 ? YES : NO;
	case SL_PATH_LE: return order <= 0 ? YES : NO;
	case SL_PATH_GT: return order > 0 ? YES : NO;
	default: return order >= 0 ? YES : NO;
	}
}

static truth compare_moments(run *r, sl_path_kind op, const sl_moment *a, const sl_moment *b)
{
	bool needs_zone = false;
	int order = 0;

	if (!amph__sl_moment_compare(a, b, &order, &needs_zone))
		return UNKNOWN;
	if (needs_zone && !r->zones) {
		const sl_moment *from = a->zoned ? b : a, *to = a->zoned ? a : b;

		amph__sl_raise(r->c, "0A000", "cannot convert value from %s to %s without time zone usage",
			       amph__types[from->type].short_name,
			       to->type == AMPH_T_TIME ? "timetz" : amph__types[to->type].short_name);
		r->raised = true;
		return UNKNOWN;
	}
	return truth_of(op, order);
}

static truth compare(run *r, sl_path_kind op, sl_json a, sl_json b)
{
	const sl_moment *m = moment_of(r, a), *n = moment_of(r, b);
	sl_json_kind kind = amph__sl_json_kind(a), other = amph__sl_json_kind(b);
	amph_buf x, y;
	int order;

	if (m && n)
		return compare_moments(r, op, m, n);
	if (kind != other) {
		if (kind == SL_JSON_NULL || other == SL_JSON_NULL)
			return op == SL_PATH_NE ? YES : NO;
		return UNKNOWN;
	}
	if (kind >= SL_JSON_ARRAY || m || n)
		return UNKNOWN;
	if (kind == SL_JSON_STRING) {
		amph__buf_init(&x, r->c->arena->allocator);
		amph__buf_init(&y, r->c->arena->allocator);
		amph__sl_json_unquote(a, &x);
		amph__sl_json_unquote(b, &y);
		order = memcmp(amph__buf_text(&x), amph__buf_text(&y), x.len < y.len ? x.len : y.len);
		if (!order)
			order = x.len == y.len ? 0 : x.len < y.len ? -1 : 1;
		amph__buf_clear(&x);
		amph__buf_clear(&y);
	} else {
		order = kind == SL_JSON_NULL ? 0 : kind == SL_JSON_BOOL
			? (*a.at == 't') - (*b.at == 't') : amph__json_compare(a.at, a.len, b.at, b.len);
	}
	return truth_of(op, order);
}

static truth starts_with(run *r, sl_json a, sl_json b)
{
	amph_buf x, y;
	bool yes;

	if (!is_string(r, a) || !is_string(r, b))
		return UNKNOWN;
	amph__buf_init(&x, r->c->arena->allocator);
	amph__buf_init(&y, r->c->arena->allocator);
	amph__sl_json_unquote(a, &x);
	amph__sl_json_unquote(b, &y);
	yes = x.len >= y.len && !memcmp(amph__buf_text(&x), amph__buf_text(&y), y.len);
	amph__buf_clear(&x);
	amph__buf_clear(&y);
	return yes ? YES : NO;
}

static truth fits_regex(run *r, const sl_path *p, sl_json a)
{
	amph_error err;
	amph_regex *re;
	amph_re_text text;
	amph_re_span *spans;
	amph_buf b;
	int found = -1;

	if (!is_string(r, a))
		return UNKNOWN;
	re = amph__regex_parse(p->text, p->len, p->flags, r->c->arena, &err);
	spans = re ? AMPH_NEWS(r->c->arena, amph_re_span, (size_t)re->n_groups + 1) : NULL;
	amph__buf_init(&b, r->c->arena->allocator);
	amph__sl_json_unquote(a, &b);
	if (spans && !b.failed && amph__re_text(amph__buf_text(&b), b.len, &text, r->c->arena))
		found = amph__regex_search(re, &text, 0, spans, r->c->arena);
	amph__buf_clear(&b);
	r->raised |= found < 0;
	return found > 0 ? YES : NO;
}

static truth test_pair(run *r, const sl_path *p, sl_json a, sl_json b)
{
	if (p->kind == SL_PATH_STARTS)
		return starts_with(r, a, b);
	return p->kind == SL_PATH_REGEX ? fits_regex(r, p, a) : compare(r, p->kind, a, b);
}

/* True of any two of what both sides give. */
static truth run_predicate(run *r, const sl_path *p, sl_json v)
{
	items left = { 0 }, right = { 0 };
	bool unknown = false, yes = false, pairs = p->right != NULL;

	if (run_quietly(r, p->left, v, true, &left) == FAILED)
		return UNKNOWN;
	if (pairs && run_quietly(r, p->right, v, p->kind != SL_PATH_STARTS, &right) == FAILED)
		return UNKNOWN;
	for (item *i = left.first; i; i = i->next) {
		item *k = right.first;

		for (bool once = !pairs; once || k; once = false) {
			truth t = test_pair(r, p, i->v, k ? k->v : i->v);

			if (t != NO && r->strict && t == UNKNOWN)
				return UNKNOWN;
			if (t == YES && !r->strict)
				return YES;
			unknown |= t == UNKNOWN;
			yes |= t == YES;
			k = k ? k->next : NULL;
		}
	}
	return yes ? YES : unknown ? UNKNOWN : NO;
}

static truth run_exists(run *r, const sl_path *p, sl_json v)
{
	items list = { 0 };
	outcome o = run_quietly(r, p->left, v, false, r->strict ? &list : NULL);

	if (o == FAILED)
		return UNKNOWN;
	return r->strict ? list.n ? YES : NO : o == OK ? YES : NO;
}

static truth run_condition(run *r, const sl_path *p, sl_json v)
{
	truth a, b;

	switch (p->kind) {
	case SL_PATH_AND:
		a = run_condition(r, p->left, v);
		if (a == NO)
			return NO;
		b = run_condition(r, p->right, v);
		return b == YES ? a : b;
	case SL_PATH_OR:
		a = run_condition(r, p->left, v);
		if (a == YES)
			return YES;
		b = run_condition(r, p->right, v);
		return b == NO ? a : b;
	case SL_PATH_NOT:
		a = run_condition(r, p->left, v);
		return a == UNKNOWN ? a : a == YES ? NO : YES;
	case SL_PATH_UNKNOWN: return run_condition(r, p->left, v) == UNKNOWN ? YES : NO;
	case SL_PATH_EXISTS: return run_exists(r, p, v);
	default: return run_predicate(r, p, v);
	}
}

/* ---- functions ---- */

/* (target, path), or with vars and silent. found NULL: only whether there is anything. */
static bool run_path(sl_call *c, items *found, bool *silent, outcome *out)
{
	run r = { .c = c, .zones = c->arg != 0, .size = -1, .throws = true };
	const sl_path *p;
	items all = { 0 };
	size_t len;
	const char *text = amph__sl_text(c, 1, &len);

	*silent = c->argc < 4 || amph__sl_int(c, 3);
	text = amph__arena_text(c->arena, text, len);
	p = text ? amph__sl_path_read(c, text, len, &r.strict) : NULL;
	if (!p)
		return false;
	r.root = r.current = amph__sl_json_arg(c, 0);
	r.lenient = !r.strict;
	r.throws = !*silent;
	if (c->argc > 2) {
		r.vars = amph__sl_json_arg(c, 2);
		r.has_vars = true;
		if (amph__sl_json_kind(r.vars) != SL_JSON_OBJECT) {
			amph__sl_raise(c, "22023", "\"vars\" argument is not an object");
			return false;
		}
	}
	if (!found && r.strict)
		found = &all;
	*out = run_item(&r, p, r.root, found, !r.strict);
	if (found == &all && *out != FAILED)
		*out = all.n ? OK : NOT_FOUND;
	return !r.raised && !c->arena->failed;
}

static void path_exists(sl_call *c)
{
	bool silent;
	outcome o;

	if (run_path(c, NULL, &silent, &o) && o != FAILED)
		amph__sl_result_bool(c, o == OK);
}

static void path_match(sl_call *c)
{
	items found = { 0 };
	bool silent;
	outcome o;

	if (!run_path(c, &found, &silent, &o))
		return;
	if (found.n == 1 && amph__sl_json_kind(found.first->v) == SL_JSON_BOOL)
		amph__sl_result_bool(c, *found.first->v.at == 't');
	else if (!silent && (found.n != 1 || amph__sl_json_kind(found.first->v) != SL_JSON_NULL))
		amph__sl_raise(c, "22038", "single boolean result is expected");
}

static void path_query_array(sl_call *c)
{
	items found = { 0 };
	bool silent;
	outcome o;
	amph_buf b;

	if (!run_path(c, &found, &silent, &o))
		return;
	amph__buf_init(&b, c->env->allocator);
	amph__buf_putc(&b, '[');
	for (item *i = found.first; i; i = i->next) {
		amph__buf_puts(&b, i == found.first ? "" : ", ");
		amph__buf_add(&b, i->v.at, i->v.len);
	}
	amph__buf_putc(&b, ']');
	amph__sl_result_buf(c, &b);
}

static void path_query_first(sl_call *c)
{
	items found = { 0 };
	bool silent;
	outcome o;

	if (run_path(c, &found, &silent, &o) && found.n)
		amph__sl_result_text(c, found.first->v.at, found.first->v.len);
}

void amph__sl_path_query(sl_call *c, sl_set *set)
{
	items found = { 0 };
	bool silent;
	outcome o;

	if (!run_path(c, &found, &silent, &o))
		return;
	for (item *i = found.first; i && !c->nomem; i = i->next)
		amph__sl_set_text(c, set, i->v.at, i->v.len);
}

static void path_in(sl_call *c)
{
	amph_buf b;
	size_t len;
	const char *text = amph__sl_text(c, 0, &len);

	amph__buf_init(&b, c->env->allocator);
	text = amph__arena_text(c->arena, text, len);
	if (text && amph__sl_path_format(c, text, len, &b))
		amph__sl_result_buf(c, &b);
	else
		amph__buf_clear(&b);
}

static const sl_function rows[] = {
	{ "jsonb_path_exists_jsonb_jsonpath_jsonb_bool", 4, 0, path_exists, 0 },
	{ "jsonb_path_exists_opr", 2, 0, path_exists, 0 },
	{ "jsonb_path_exists_tz_jsonb_jsonpath_jsonb_bool", 4, 0, path_exists, 1 },
	{ "jsonb_path_match_jsonb_jsonpath_jsonb_bool", 4, 0, path_match, 0 },
	{ "jsonb_path_match_opr", 2, 0, path_match, 0 },
	{ "jsonb_path_match_tz_jsonb_jsonpath_jsonb_bool", 4, 0, path_match, 1 },
	{ "jsonb_path_query_array_jsonb_jsonpath_jsonb_bool", 4, 0, path_query_array, 0 },
	{ "jsonb_path_query_array_tz_jsonb_jsonpath_jsonb_bool", 4, 0, path_query_array, 1 },
	{ "jsonb_path_query_first_jsonb_jsonpath_jsonb_bool", 4, 0, path_query_first, 0 },
	{ "jsonb_path_query_first_tz_jsonb_jsonpath_jsonb_bool", 4, 0, path_query_first, 1 },
	{ "jsonpath_in", 1, 0, path_in, 0 }
};
const sl_functions amph__sl_jsonpath_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
