/* Whether a document fits a query, phrases included. */
#include "textsearch.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { BOTH = 1, LEFT_ONLY = 2, RIGHT_ONLY = 4 };

/* Positions that are in both, or in one only, each side moved; out NULL: whether there are any. */
static sl_found combine(sl_matcher *m, const sl_positions *l, const sl_positions *r, int emit,
			const unsigned by[2], sl_positions *out)
{
	size_t i = 0, k = 0;

	out->n = 0;
	out->items = AMPH_NEWS(m->arena, unsigned, l->n + r->n + 1);
	if (!out->items)
		return SL_FOUND_NO;
	while (i < l->n || k < r->n) {
		unsigned left = i < l->n ? l->items[i] + by[0] : UINT_MAX;
		unsigned right = k < r->n ? r->items[k] + by[1] : UINT_MAX;
		int which = left == right ? BOTH : left < right ? LEFT_ONLY : RIGHT_ONLY;
		unsigned at = left < right ? left : right;

		i += left <= right;
		k += right <= left;
		if (emit & which && at > 0)
			out->items[out->n++] = at;
	}
	return out->n ? SL_FOUND_YES : SL_FOUND_NO;
}

static sl_found find_phrase(sl_matcher *m, const sl_query *q, sl_positions *out);

static sl_found find_not(sl_matcher *m, const sl_query *q, sl_positions *out)
{
	switch (find_phrase(m, q->right, out)) {
	case SL_FOUND_NO:
		*out = (sl_positions){ .negated = true };
		return SL_FOUND_YES;
	case SL_FOUND_YES:
		if (out->n || !out->negated) {
			out->negated = !out->negated;
			return SL_FOUND_YES;
		}
		out->negated = false;
		return SL_FOUND_NO;
	default:
		return SL_FOUND_MAYBE;
	}
}

static sl_found find_both(sl_matcher *m, const sl_query *q, sl_positions *out)
{
	sl_positions l = { 0 }, r = { 0 };
	unsigned by[2] = { 0, 0 }, width;
	sl_found left = find_phrase(m, q->left, &l), right;

	if (left == SL_FOUND_NO)
		return SL_FOUND_NO;
	right = find_phrase(m, q->right, &r);
	if (right == SL_FOUND_NO)
		return SL_FOUND_NO;
	if (left == SL_FOUND_MAYBE || right == SL_FOUND_MAYBE)
		return SL_FOUND_MAYBE;
	if (q->kind == SL_QUERY_PHRASE) {
		by[0] = q->distance + r.width;
		width = q->distance + l.width + r.width;
	} else {
		width = l.width > r.width ? l.width : r.width;
		by[0] = width - l.width;
		by[1] = width - r.width;
	}
	*out = (sl_positions){ .width = width };
	if (l.negated && r.negated) {
		combine(m, &l, &r, BOTH | LEFT_ONLY | RIGHT_ONLY, by, out);
		out->negated = true;
		return SL_FOUND_YES;
	}
	return combine(m, &l, &r, l.negated ? RIGHT_ONLY : r.negated ? LEFT_ONLY : BOTH, by, out);
}

static sl_found find_either(sl_matcher *m, const sl_query *q, sl_positions *out)
{
	sl_positions l = { 0 }, r = { 0 };
	sl_found left = find_phrase(m, q->left, &l), right = find_phrase(m, q->right, &r);
	unsigned by[2], width;

	if (left == SL_FOUND_NO && right == SL_FOUND_NO)
		return SL_FOUND_NO;
	if (left == SL_FOUND_MAYBE || right == SL_FOUND_MAYBE)
		return SL_FOUND_MAYBE;
	if (left == SL_FOUND_NO)
		l.width = 0;
	if (right == SL_FOUND_NO)
		r.width = 0;
	width = l.width > r.width ? l.width : r.width;
	by[0] = width - l.width;
	by[1] = width - r.width;
	*out = (sl_positions){ .width = width, .negated = l.negated || r.negated };
	if (!out->negated)
		return combine(m, &l, &r, BOTH | LEFT_ONLY | RIGHT_ONLY, by, out);
	combine(m, &l, &r, l.negated && r.negated ? BOTH : l.negated ? LEFT_ONLY : RIGHT_ONLY, by, out);
	return SL_FOUND_YES;
}

/* Where the last word of what fits q is. */
static sl_found find_phrase(sl_matcher *m, const sl_query *q, sl_positions *out)
{
	switch (q->kind) {
	case SL_QUERY_WORD:
		return m->find(m, q, out);
	case SL_QUERY_NOT:
		return find_not(m, q, out);
	case SL_QUERY_OR:
		return find_either(m, q, out);
	default:
		return find_both(m, q, out);
	}
}

static sl_found negated(sl_found f)
{
	return f == SL_FOUND_NO ? SL_FOUND_YES : f == SL_FOUND_YES ? SL_FOUND_NO : f;
}

static sl_found find_query(sl_matcher *m, const sl_query *q)
{
	sl_positions out = { 0 };
	sl_found left, right;

	switch (q->kind) {
	case SL_QUERY_WORD:
		return m->find(m, q, NULL);
	case SL_QUERY_NOT:
		return m->skip_not ? SL_FOUND_YES : negated(find_query(m, q->right));
	case SL_QUERY_AND:
		left = find_query(m, q->left);
		right = left == SL_FOUND_NO ? left : find_query(m, q->right);
		return right == SL_FOUND_NO ? right : left == SL_FOUND_MAYBE ? left : right;
	case SL_QUERY_OR:
		left = find_query(m, q->left);
		right = left == SL_FOUND_YES ? left : find_query(m, q->right);
		return right == SL_FOUND_YES ? right : left == SL_FOUND_MAYBE ? left : right;
	default:
		return find_phrase(m, q, &out) == SL_FOUND_YES ? SL_FOUND_YES : SL_FOUND_NO;
	}
}

bool amph__sl_query_matches(sl_matcher *m, const sl_query *q)
{
	return q && find_query(m, q) != SL_FOUND_NO;
}

/* ---- in a vector ---- */

static bool takes(const sl_query *word, sl_place p)
{
	return !word->weights || word->weights & 1 << amph__sl_weight(p);
}

/* Adds the positions of one lexeme that have a weight that is looked for. */
static sl_found check_lexeme(sl_matcher *m, const sl_query *word, const sl_lexeme *l, sl_positions *out)
{
	size_t n = 0;

	if (!l->n_places)
		return out ? SL_FOUND_MAYBE : SL_FOUND_YES;
	if (!out) {
		for (size_t i = 0; i < l->n_places; i++)
			if (takes(word, l->places[i]))
				return SL_FOUND_YES;
		return SL_FOUND_NO;
	}
	out->items = AMPH_NEWS(m->arena, unsigned, l->n_places);
	if (!out->items)
		return SL_FOUND_NO;
	for (size_t i = 0; i < l->n_places; i++)
		if (takes(word, l->places[i]))
			out->items[n++] = amph__sl_pos(l->places[i]);
	out->n = n;
	return n ? SL_FOUND_YES : SL_FOUND_NO;
}

static size_t lower_bound(const sl_vector *v, const sl_query *word)
{
	size_t lo = 0, hi = v->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (amph__sl_word_compare(v->items[mid].text, v->items[mid].len, word->text, word->len) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool begins(const sl_lexeme *l, const sl_query *word)
{
	return l->len >= word->len && !memcmp(l->text, word->text, word->len);
}

static sl_found find_prefix(sl_matcher *m, const sl_query *word, size_t at, sl_positions *out)
{
	const sl_vector *v = m->data;
	const unsigned by[2] = { 0, 0 };
	sl_found found = SL_FOUND_NO;

	for (; at < v->n && begins(&v->items[at], word); at++) {
		sl_positions more = { 0 }, all;
		sl_found f = check_lexeme(m, word, &v->items[at], out ? &more : NULL);

		if (f == SL_FOUND_YES && !out)
			return f;
		if (f == SL_FOUND_MAYBE && found == SL_FOUND_NO)
			found = f;
		if (f != SL_FOUND_YES)
			continue;
		all = *out;
		combine(m, out, &more, BOTH | LEFT_ONLY | RIGHT_ONLY, by, &all);
		*out = all;
		found = f;
	}
	return found;
}

sl_found amph__sl_vector_find(sl_matcher *m, const sl_query *word, sl_positions *out)
{
	const sl_vector *v = m->data;
	size_t at = lower_bound(v, word);

	if (out)
		*out = (sl_positions){ 0 };
	if (word->prefix)
		return find_prefix(m, word, at, out);
	if (at == v->n || v->items[at].len != word->len || !begins(&v->items[at], word))
		return SL_FOUND_NO;
	return check_lexeme(m, word, &v->items[at], out);
}

static void match(sl_call *c)
{
	sl_vector v;
	sl_query *q;
	sl_matcher m = { .arena = c->arena, .find = amph__sl_vector_find, .data = &v };

	if (amph__sl_vector_arg(c, (int)c->arg, &v) && amph__sl_query_arg(c, !c->arg, &q))
		amph__sl_result_bool(c, amph__sl_query_matches(&m, q));
}

static const sl_function rows[] = {
	{ "ts_match_qv", 2, 0, match, 1 },
	{ "ts_match_vq", 2, 0, match, 0 }
};
const sl_functions amph__sl_tsmatch_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
