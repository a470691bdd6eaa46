/* Running SQL/JSON paths: the walk, from each step to what it leads to. */
#include "jsonpathrun.h"
#include <stdlib.h>
#include <string.h>

sl_outcome amph__sl_path_fail(sl_run *r, const char *sqlstate, const char *message)
{
	if (r->throws && !r->raised) {
		amph__sl_raise(r->c, sqlstate, "%s", message);
		r->raised = true;
	}
	return SL_FAILED;
}

bool amph__sl_path_found(sl_run *r, sl_items *found, sl_json v)
{
	sl_item *i = AMPH_NEW(r->c->arena, sl_item);

	if (!i) {
		r->raised = true;
		return false;
	}
	i->v = v;
	if (found->last)
		found->last->next = i;
	else
		found->first = i;
	found->last = i;
	found->n++;
	return true;
}

static bool is_container(sl_json v)
{
	return amph__sl_json_kind(v) >= SL_JSON_ARRAY;
}

bool amph__sl_path_is_array(sl_json v)
{
	return amph__sl_json_kind(v) == SL_JSON_ARRAY;
}

const sl_moment *amph__sl_path_moment(const sl_run *r, sl_json v)
{
	for (const sl_dated *d = r->dates; d; d = d->next)
		if (d->at == v.at)
			return &d->moment;
	return NULL;
}

bool amph__sl_path_is_string(const sl_run *r, sl_json v)
{
	return amph__sl_json_kind(v) == SL_JSON_STRING && !amph__sl_path_moment(r, v);
}

sl_json amph__sl_path_json(const char *text)
{
	return (sl_json){ text, strlen(text) };
}

sl_outcome amph__sl_path_go_on(sl_run *r, const sl_path *p, sl_json v, sl_items *found)
{
	if (p->next)
		return amph__sl_path_item(r, p->next, v, found, !r->strict);
	if (found && !amph__sl_path_found(r, found, v))
		return SL_FAILED;
	return SL_OK;
}

/* One member for p; p NULL: it is a result. */
static sl_outcome run_member(sl_run *r, const sl_path *p, sl_json v, sl_items *found, bool unwrap)
{
	if (p)
		return amph__sl_path_item(r, p, v, found, unwrap);
	return !found || amph__sl_path_found(r, found, v) ? SL_OK : SL_FAILED;
}

/* Elements of an array, values of an object. */
static sl_outcome run_members(sl_run *r, const sl_path *p, sl_json v, sl_items *found, bool unwrap)
{
	sl_json_iter it = amph__sl_json_begin(v);
	sl_outcome o = SL_NONE;

	while (amph__sl_json_next(&it)) {
		o = run_member(r, p, it.value, found, unwrap);
		if (o == SL_FAILED || (o == SL_OK && !found))
			return o;
	}
	return o;
}

/* The same from a level to another, as .** says; a last one of UINT32_MAX is that of the leaves. */
static sl_outcome run_levels(sl_run *r, const sl_path *deep, sl_json v, sl_items *found, uint32_t level)
{
	sl_json_iter it = amph__sl_json_begin(v);
	sl_outcome o = SL_NONE;

	if (level > deep->last)
		return o;
	while (amph__sl_json_next(&it)) {
		bool leaves = deep->first == UINT32_MAX && deep->last == UINT32_MAX;

		if (level >= deep->first || (leaves && !is_container(it.value))) {
			bool lenient = r->lenient;

			r->lenient = true;
			o = run_member(r, deep->next, it.value, found, !r->strict);
			r->lenient = lenient;
			if (o == SL_FAILED || (o == SL_OK && !found))
				return o;
		}
		if (level < deep->last && is_container(it.value)) {
			o = run_levels(r, deep, it.value, found, level + 1);
			if (o == SL_FAILED || (o == SL_OK && !found))
				return o;
		}
	}
	return o;
}

sl_outcome amph__sl_path_all(sl_run *r, const sl_path *p, sl_json v, bool unwrap, sl_items *found)
{
	sl_items list = { 0 };
	sl_outcome o;

	if (!unwrap || r->strict)
		return amph__sl_path_item(r, p, v, found, !r->strict);
	o = amph__sl_path_item(r, p, v, &list, !r->strict);
	if (o == SL_FAILED)
		return o;
	for (sl_item *i = list.first; i; i = i->next)
		if (amph__sl_path_is_array(i->v))
			run_members(r, NULL, i->v, found, false);
		else if (found && !amph__sl_path_found(r, found, i->v))
			return SL_FAILED;
	return SL_OK;
}

static sl_outcome run_key(sl_run *r, const sl_path *p, sl_json v, sl_items *found, bool unwrap)
{
	sl_json member;

	if (amph__sl_json_kind(v) == SL_JSON_OBJECT) {
		if (amph__sl_json_field(v, p->text, p->len, &member))
			return amph__sl_path_go_on(r, p, member, found);
		if (r->lenient)
			return SL_NONE;
		return !r->throws ? SL_FAILED
			: amph__sl_path_fail(r, "2203A", amph__arena_printf(r->c->arena,
					     "JSON object does not contain key \"%.200s\"", p->text));
	}
	if (unwrap && amph__sl_path_is_array(v))
		return run_members(r, p, v, found, false);
	if (r->lenient)
		return SL_NONE;
	return amph__sl_path_fail(r, "2203A",
				  "jsonpath member accessor can only be applied to an object");
}

static sl_outcome run_any_key(sl_run *r, const sl_path *p, sl_json v, sl_items *found, bool unwrap)
{
	if (amph__sl_json_kind(v) == SL_JSON_OBJECT)
		return run_members(r, p->next, v, found, !r->strict);
	if (unwrap && amph__sl_path_is_array(v))
		return run_members(r, p, v, found, false);
	if (r->lenient)
		return SL_NONE;
	return amph__sl_path_fail(r, "2203C",
				  "jsonpath wildcard member accessor can only be applied to an object");
}

static sl_outcome run_any_element(sl_run *r, const sl_path *p, sl_json v, sl_items *found)
{
	if (amph__sl_path_is_array(v))
		return run_members(r, p->next, v, found, !r->strict);
	if (!r->strict)
		return amph__sl_path_go_on(r, p, v, found);
	if (r->lenient)
		return SL_NONE;
	return amph__sl_path_fail(r, "22039",
				  "jsonpath wildcard array accessor can only be applied to an array");
}

static sl_outcome read_subscript(sl_run *r, const sl_path *p, sl_json v, int64_t *out)
{
	sl_items list = { 0 };
	amph_decimal d;
	sl_json n;

	if (amph__sl_path_item(r, p, v, &list, !r->strict) == SL_FAILED)
		return SL_FAILED;
	if (list.n != 1 || !amph__sl_path_number(r, list.first->v, &d))
		return amph__sl_path_fail(r, "22033",
					  "jsonpath array subscript is not a single numeric value");
	if (!amph__decimal_trunc(&d, 0, r->c->arena)) {
		r->raised = true;
		return SL_FAILED;
	}
	n = amph__sl_path_put_number(r, &d);
	*out = n.len > 12 ? INT64_MAX : strtoll(n.at, NULL, 10);
	if (*out < INT32_MIN || *out > INT32_MAX)
		return amph__sl_path_fail(r, "22033",
					  "jsonpath array subscript is out of integer range");
	return SL_OK;
}

static sl_outcome run_range(sl_run *r, const sl_path *p, const sl_path_range *range, sl_json v,
			    sl_items *found)
{
	bool single = !amph__sl_path_is_array(v);
	int64_t size = single ? 1 : (int64_t)amph__sl_json_count(v), from, to;
	sl_outcome o = SL_NONE;
	sl_json element = v;

	if (read_subscript(r, range->from, v, &from) == SL_FAILED)
		return SL_FAILED;
	to = from;
	if (range->to && read_subscript(r, range->to, v, &to) == SL_FAILED)
		return SL_FAILED;
	if (!r->lenient && (from < 0 || from > to || to >= size))
		return amph__sl_path_fail(r, "22033", "jsonpath array subscript is out of bounds");
	from = from < 0 ? 0 : from;
	to = to >= size ? size - 1 : to;
	for (int64_t i = from; i <= to; i++) {
		if (!single && !amph__sl_json_element(v, i, &element))
			continue;
		if (!p->next && !found)
			return SL_OK;
		o = amph__sl_path_go_on(r, p, element, found);
		if (o == SL_FAILED || (o == SL_OK && !found))
			return o;
	}
	return o;
}

static sl_outcome run_subscripts(sl_run *r, const sl_path *p, sl_json v, sl_items *found)
{
	int64_t size = r->size;
	sl_outcome o = SL_NONE;

	if (!amph__sl_path_is_array(v) && r->strict && r->lenient)
		return SL_NONE;
	if (!amph__sl_path_is_array(v) && r->strict)
		return amph__sl_path_fail(r, "22039",
					  "jsonpath array accessor can only be applied to an array");
	r->size = amph__sl_path_is_array(v) ? (int64_t)amph__sl_json_count(v) : 1;
	for (size_t i = 0; i < p->n_ranges; i++) {
		int64_t own = r->size;

		o = run_range(r, p, &p->ranges[i], v, found);
		r->size = own;
		if (o == SL_FAILED || (o == SL_OK && !found))
			break;
	}
	r->size = size;
	return o;
}

static sl_outcome run_deep(sl_run *r, const sl_path *p, sl_json v, sl_items *found)
{
	sl_outcome o = SL_NONE;
	bool lenient = r->lenient;

	if (p->first == 0) {
		r->lenient = true;
		o = amph__sl_path_go_on(r, p, v, found);
		r->lenient = lenient;
		if (o == SL_OK && !found)
			return o;
	}
	return is_container(v) ? run_levels(r, p, v, found, 1) : o;
}

static sl_outcome run_filter(sl_run *r, const sl_path *p, sl_json v, sl_items *found, bool unwrap)
{
	sl_json current = r->current;
	sl_truth t;

	if (unwrap && amph__sl_path_is_array(v))
		return run_members(r, p, v, found, false);
	r->current = v;
	t = amph__sl_path_condition(r, p->left, v);
	r->current = current;
	return t == SL_YES ? amph__sl_path_go_on(r, p, v, found) : SL_NONE;
}

static sl_outcome run_variable(sl_run *r, const sl_path *p, sl_items *found)
{
	sl_json v;

	if (!r->has_vars || !amph__sl_json_field(r->vars, p->text, p->len, &v)) {
		amph__sl_raise(r->c, "42704", "could not find jsonpath variable \"%s\"", p->text);
		r->raised = true;
		return SL_FAILED;
	}
	return amph__sl_path_go_on(r, p, v, found);
}

static sl_outcome run_value(sl_run *r, const sl_path *p, sl_json v, sl_items *found)
{
	const char *text;

	switch (p->kind) {
	case SL_PATH_LITERAL: return p->next || found ? amph__sl_path_go_on(r, p, p->value, found) : SL_OK;
	case SL_PATH_VARIABLE: return run_variable(r, p, found);
	case SL_PATH_ROOT: return amph__sl_path_go_on(r, p, r->root, found);
	case SL_PATH_CURRENT: return amph__sl_path_go_on(r, p, r->current, found);
	case SL_PATH_LAST:
		if (!p->next && !found)
			return SL_OK;
		text = amph__arena_printf(r->c->arena, "%lld", (long long)r->size - 1);
		r->raised |= !text;
		return text ? amph__sl_path_go_on(r, p, amph__sl_path_json(text), found) : SL_FAILED;
	case SL_PATH_ANY_ELEMENT: return run_any_element(r, p, v, found);
	case SL_PATH_SUBSCRIPTS: return run_subscripts(r, p, v, found);
	case SL_PATH_DEEP: return run_deep(r, p, v, found);
	case SL_PATH_TYPE:
	case SL_PATH_SIZE: return amph__sl_path_method(r, p, v, found);
	case SL_PATH_PLUS:
	case SL_PATH_MINUS: return amph__sl_path_sign(r, p, v, found);
	default: return amph__sl_path_binary(r, p, v, found);
	}
}

static sl_outcome run_truth(sl_run *r, const sl_path *p, sl_json v, sl_items *found)
{
	static const char *const texts[] = { "false", "true", "null" };
	sl_truth t = amph__sl_path_condition(r, p, v);

	if (!p->next && !found)
		return SL_OK;
	return amph__sl_path_go_on(r, p, amph__sl_path_json(texts[t]), found);
}

static sl_outcome run_step(sl_run *r, const sl_path *p, sl_json v, sl_items *found, bool unwrap)
{
	switch (p->kind) {
	case SL_PATH_KEY: return run_key(r, p, v, found, unwrap);
	case SL_PATH_ANY_KEY: return run_any_key(r, p, v, found, unwrap);
	case SL_PATH_FILTER: return run_filter(r, p, v, found, unwrap);
	case SL_PATH_ABS: case SL_PATH_FLOOR: case SL_PATH_CEILING: case SL_PATH_DOUBLE:
	case SL_PATH_KEYVALUE: case SL_PATH_DATETIME:
		if (unwrap && amph__sl_path_is_array(v))
			return run_members(r, p, v, found, false);
		return amph__sl_path_method(r, p, v, found);
	default:
		return amph__sl_path_is_condition(p) ? run_truth(r, p, v, found) : run_value(r, p, v, found);
	}
}

sl_outcome amph__sl_path_item(sl_run *r, const sl_path *p, sl_json v, sl_items *found, bool unwrap)
{
	sl_outcome o;

	if (r->raised || r->c->arena->failed)
		return SL_FAILED;
	if (++r->depth > SL_PATH_DEPTH_MAX * 4) {
		amph__sl_raise(r->c, "54001", "stack depth limit exceeded");
		r->raised = true;
	}
	o = r->raised ? SL_FAILED : run_step(r, p, v, found, unwrap);
	r->depth--;
	return r->raised ? SL_FAILED : o;
}
