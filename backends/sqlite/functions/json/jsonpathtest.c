/* Conditions of SQL/JSON paths: comparisons, regular expressions, existence. An error within one makes it
 * unknown. */
#include "../regex/regex.h"
#include "jsonpathrun.h"
#include <string.h>

static sl_outcome all_quietly(sl_run *r, const sl_path *p, sl_json v, bool unwrap, sl_items *found)
{
	bool throws = r->throws;
	sl_outcome o;

	r->throws = false;
	o = amph__sl_path_all(r, p, v, unwrap, found);
	r->throws = throws;
	return o;
}

static sl_truth truth_of(sl_path_kind op, int order)
{
	switch (op) {
	case SL_PATH_EQ: return order == 0 ? SL_YES : SL_NO;
	case SL_PATH_NE: return order != 0 ? SL_YES : SL_NO;
	case SL_PATH_LT: return order < 0 ? SL_YES : SL_NO;
	case SL_PATH_LE: return order <= 0 ? SL_YES : SL_NO;
	case SL_PATH_GT: return order > 0 ? SL_YES : SL_NO;
	default: return order >= 0 ? SL_YES : SL_NO;
	}
}

static sl_truth compare_moments(sl_run *r, sl_path_kind op, const sl_moment *a, const sl_moment *b)
{
	bool needs_zone = false;
	int order = 0;

	if (!amph__sl_moment_compare(a, b, &order, &needs_zone))
		return SL_UNKNOWN;
	if (needs_zone && !r->zones) {
		const sl_moment *from = a->zoned ? b : a, *to = a->zoned ? a : b;

		amph__sl_raise(r->c, "0A000", "cannot convert value from %s to %s without time zone usage",
			       amph__types[from->type].short_name,
			       to->type == AMPH_T_TIME ? "timetz" : amph__types[to->type].short_name);
		r->raised = true;
		return SL_UNKNOWN;
	}
	return truth_of(op, order);
}

static sl_truth compare(sl_run *r, sl_path_kind op, sl_json a, sl_json b)
{
	const sl_moment *m = amph__sl_path_moment(r, a), *n = amph__sl_path_moment(r, b);
	sl_json_kind kind = amph__sl_json_kind(a), other = amph__sl_json_kind(b);
	amph_buf x, y;
	int order;

	if (m && n)
		return compare_moments(r, op, m, n);
	if (kind != other) {
		if (kind == SL_JSON_NULL || other == SL_JSON_NULL)
			return op == SL_PATH_NE ? SL_YES : SL_NO;
		return SL_UNKNOWN;
	}
	if (kind >= SL_JSON_ARRAY || m || n)
		return SL_UNKNOWN;
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

static sl_truth starts_with(sl_run *r, sl_json a, sl_json b)
{
	amph_buf x, y;
	bool yes;

	if (!amph__sl_path_is_string(r, a) || !amph__sl_path_is_string(r, b))
		return SL_UNKNOWN;
	amph__buf_init(&x, r->c->arena->allocator);
	amph__buf_init(&y, r->c->arena->allocator);
	amph__sl_json_unquote(a, &x);
	amph__sl_json_unquote(b, &y);
	yes = x.len >= y.len && !memcmp(amph__buf_text(&x), amph__buf_text(&y), y.len);
	amph__buf_clear(&x);
	amph__buf_clear(&y);
	return yes ? SL_YES : SL_NO;
}

static sl_truth fits_regex(sl_run *r, const sl_path *p, sl_json a)
{
	amph_error err;
	amph_regex *re;
	amph_re_text text;
	amph_re_span *spans;
	amph_buf b;
	int found = -1;

	if (!amph__sl_path_is_string(r, a))
		return SL_UNKNOWN;
	re = amph__regex_parse(p->text, p->len, p->flags, r->c->arena, &err);
	spans = re ? AMPH_NEWS(r->c->arena, amph_re_span, (size_t)re->n_groups + 1) : NULL;
	amph__buf_init(&b, r->c->arena->allocator);
	amph__sl_json_unquote(a, &b);
	if (spans && !b.failed && amph__re_text(amph__buf_text(&b), b.len, &text, r->c->arena))
		found = amph__regex_search(re, &text, 0, spans, r->c->arena);
	amph__buf_clear(&b);
	r->raised |= found < 0;
	return found > 0 ? SL_YES : SL_NO;
}

static sl_truth test_pair(sl_run *r, const sl_path *p, sl_json a, sl_json b)
{
	if (p->kind == SL_PATH_STARTS)
		return starts_with(r, a, b);
	return p->kind == SL_PATH_REGEX ? fits_regex(r, p, a) : compare(r, p->kind, a, b);
}

/* True of any two of what both sides give. */
static sl_truth run_predicate(sl_run *r, const sl_path *p, sl_json v)
{
	sl_items left = { 0 }, right = { 0 };
	bool unknown = false, yes = false, pairs = p->right != NULL;

	if (all_quietly(r, p->left, v, true, &left) == SL_FAILED)
		return SL_UNKNOWN;
	if (pairs && all_quietly(r, p->right, v, p->kind != SL_PATH_STARTS, &right) == SL_FAILED)
		return SL_UNKNOWN;
	for (sl_item *i = left.first; i; i = i->next) {
		sl_item *k = right.first;

		for (bool once = !pairs; once || k; once = false) {
			sl_truth t = test_pair(r, p, i->v, k ? k->v : i->v);

			if (t != SL_NO && r->strict && t == SL_UNKNOWN)
				return SL_UNKNOWN;
			if (t == SL_YES && !r->strict)
				return SL_YES;
			unknown |= t == SL_UNKNOWN;
			yes |= t == SL_YES;
			k = k ? k->next : NULL;
		}
	}
	return yes ? SL_YES : unknown ? SL_UNKNOWN : SL_NO;
}

static sl_truth run_exists(sl_run *r, const sl_path *p, sl_json v)
{
	sl_items list = { 0 };
	sl_outcome o = all_quietly(r, p->left, v, false, r->strict ? &list : NULL);

	if (o == SL_FAILED)
		return SL_UNKNOWN;
	return r->strict ? list.n ? SL_YES : SL_NO : o == SL_OK ? SL_YES : SL_NO;
}

sl_truth amph__sl_path_condition(sl_run *r, const sl_path *p, sl_json v)
{
	sl_truth a, b;

	switch (p->kind) {
	case SL_PATH_AND:
		a = amph__sl_path_condition(r, p->left, v);
		if (a == SL_NO)
			return SL_NO;
		b = amph__sl_path_condition(r, p->right, v);
		return b == SL_YES ? a : b;
	case SL_PATH_OR:
		a = amph__sl_path_condition(r, p->left, v);
		if (a == SL_YES)
			return SL_YES;
		b = amph__sl_path_condition(r, p->right, v);
		return b == SL_NO ? a : b;
	case SL_PATH_NOT:
		a = amph__sl_path_condition(r, p->left, v);
		return a == SL_UNKNOWN ? a : a == SL_YES ? SL_NO : SL_YES;
	case SL_PATH_UNKNOWN: return amph__sl_path_condition(r, p->left, v) == SL_UNKNOWN ? SL_YES : SL_NO;
	case SL_PATH_EXISTS: return run_exists(r, p, v);
	default: return run_predicate(r, p, v);
	}
}
