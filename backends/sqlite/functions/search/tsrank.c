/* How well a document fits a query: ts_rank by how often and how near words are, ts_rank_cd by the
 * density of the places that cover the query. Numbers are of the precision that PostgreSQL uses. */
#include "../array/array.h"
#include "textsearch.h"
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	BY_LOG_LENGTH = 1, BY_LENGTH = 2, BY_EXTENT = 4, BY_WORDS = 8, BY_LOG_WORDS = 16, BY_ITSELF = 32
};

static const float usual_weights[4] = { 0.1f, 0.2f, 0.4f, 1.0f };

typedef struct ranking {
	sl_call *c;
	const float *weights;
	sl_vector v;
	sl_query *q;
	int64_t method;
	const sl_query **words;         /* of the query, each once and by text (ts_rank) */
	size_t n_words;
} ranking;

/* ---- words ---- */

static size_t collect(const sl_query *q, const sl_query **out, size_t n)
{
	if (!q)
		return n;
	if (q->kind == SL_QUERY_WORD) {
		out[n] = q;
		return n + 1;
	}
	n = collect(q->right, out, n);
	return collect(q->left, out, n);
}

static int by_text(const void *a, const void *b)
{
	const sl_query *x = *(const sl_query *const *)a, *y = *(const sl_query *const *)b;

	return amph__sl_word_compare(x->text, x->len, y->text, y->len);
}

static bool collect_words(ranking *r)
{
	size_t n, kept = 0;

	r->words = AMPH_NEWS(r->c->arena, const sl_query *, amph__sl_query_count(r->q) + 1);
	if (!r->words)
		return false;
	n = collect(r->q, r->words, 0);
	qsort(r->words, n, sizeof(*r->words), by_text);
	for (size_t i = 0; i < n; i++)
		if (!kept || by_text(&r->words[i], &r->words[kept - 1]))
			r->words[kept++] = r->words[i];
	r->n_words = kept;
	return true;
}

/* The lexemes that a word stands for: more than one of a prefix. */
static const sl_lexeme *find(const sl_vector *v, const sl_query *word, size_t *n)
{
	const sl_lexeme *first = NULL;

	*n = 0;
	for (size_t i = 0; i < v->n; i++) {
		const sl_lexeme *l = &v->items[i];

		if (l->len < word->len || memcmp(l->text, word->text, word->len) ||
		    (!word->prefix && l->len != word->len))
			continue;
		first = first ? first : l;
		++*n;
	}
	return first;
}

static const sl_place nowhere[] = { SL_TS_POS_MAX };

static const sl_place *places_of(const sl_lexeme *l, size_t *n)
{
	*n = l->n_places ? l->n_places : 1;
	return l->n_places ? l->places : nowhere;
}

static float weight_at(const ranking *r, sl_place p)
{
	return r->weights[amph__sl_weight(p)];
}

/* ---- ts_rank ---- */

static float rank_of_lexeme(const ranking *r, const sl_lexeme *l, float rank)
{
	float sum = 0, best = -1;
	size_t n, at = 0;
	const sl_place *p = places_of(l, &n);

	for (size_t i = 0; i < n; i++) {
		float w = weight_at(r, p[i]);

		sum = sum + w / (float)((i + 1) * (i + 1));
		if (w > best) {
			best = w;
			at = i;
		}
	}
	return (float)((double)rank +
		       (double)(best + sum - best / (float)((at + 1) * (at + 1))) / 1.64493406685);
}

static float rank_any(const ranking *r)
{
	float rank = 0;

	for (size_t i = 0; i < r->n_words; i++) {
		size_t n;
		const sl_lexeme *l = find(&r->v, r->words[i], &n);

		for (size_t k = 0; k < n; k++)
			rank = rank_of_lexeme(r, &l[k], rank);
	}
	return r->n_words ? rank / (float)r->n_words : rank;
}

static float nearness(unsigned distance)
{
	if (distance > 100)
		return 1e-30f;
	return (float)(1.0 / (1.005 + 0.05 * exp((double)(float)distance / 1.5 - 2)));
}

/* What two words add by every pair of their places. */
static float rank_pair(const ranking *r, const sl_lexeme *a, const sl_lexeme *b, float rank)
{
	size_t n, m;
	const sl_place *p = places_of(a, &n), *o = places_of(b, &m);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < m; k++) {
			unsigned x = amph__sl_pos(p[i]), y = amph__sl_pos(o[k]);
			unsigned distance = x > y ? x - y : y - x;
			float w;

			if (!distance && p != nowhere && o != nowhere)
				continue;
			distance = distance ? distance : SL_TS_POS_MAX + 1;
			w = weight_at(r, p[i]) * weight_at(r, o[k]) * nearness(distance);
			w = (float)sqrt((double)w);
			rank = rank < 0 ? w : (float)(1.0 - (1.0 - (double)rank) * (1.0 - (double)w));
		}
	return rank;
}

/* Of l, found for word i, with the last that was found for each word before. */
static float rank_pairs(const ranking *r, const sl_lexeme *l, const sl_lexeme *const *last, size_t i,
			float rank)
{
	for (size_t k = 0; k < i; k++)
		if (last[k])
			rank = rank_pair(r, l, last[k], rank);
	return rank;
}

static float rank_all(const ranking *r)
{
	const sl_lexeme **last = AMPH_NEWS(r->c->arena, const sl_lexeme *, r->n_words);
	float rank = -1;

	for (size_t i = 0; last && i < r->n_words; i++) {
		size_t n;
		const sl_lexeme *l = find(&r->v, r->words[i], &n);

		for (size_t e = 0; e < n; e++) {
			last[i] = &l[e];
			rank = rank_pairs(r, last[i], last, i, rank);
		}
	}
	return rank;
}

static size_t length_of(const sl_vector *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++)
		n += v->items[i].n_places ? v->items[i].n_places : 1;
	return n;
}

static float rank(ranking *r)
{
	bool all = r->q->kind == SL_QUERY_AND || r->q->kind == SL_QUERY_PHRASE;
	float res;

	if (!collect_words(r))
		return 0;
	res = all && r->n_words > 1 ? rank_all(r) : rank_any(r);
	if (res < 0)
		res = 1e-20f;
	if (r->method & BY_LOG_LENGTH)
		res = (float)((double)res / (log((double)(length_of(&r->v) + 1)) / log(2.0)));
	if (r->method & BY_LENGTH)
		res /= (float)length_of(&r->v);
	if (r->method & BY_WORDS)
		res /= (float)r->v.n;
	if (r->method & BY_LOG_WORDS)
		res = (float)((double)res / (log((double)(r->v.n + 1)) / log(2.0)));
	if (r->method & BY_ITSELF)
		res /= res + 1;
	return res;
}

/* ---- ts_rank_cd: extents that cover the query ---- */

/* One place of the document at which words of the query are. */
typedef struct spot {
	sl_place place;
	const sl_lexeme *lexeme;
	const sl_query *word;
} spot;

typedef struct cover {
	const ranking *r;
	spot *spots;                    /* by place; those of one place and lexeme follow each other */
	size_t n;
	size_t pos;                     /* where the next search begins */
	size_t begin, end;              /* spots of the extent, the first of its group */
	unsigned p, q;                  /* its positions */
	size_t from, to;                /* spots that are seen while it is looked for */
} cover;

static int by_place(const void *a, const void *b)
{
	const spot *x = a, *y = b;
	int order = (int)amph__sl_pos(x->place) - (int)amph__sl_pos(y->place);

	if (!order)
		order = (int)amph__sl_weight(x->place) - (int)amph__sl_weight(y->place);
	if (!order)
		order = x->lexeme == y->lexeme ? 0 : x->lexeme < y->lexeme ? -1 : 1;
	return order;
}

static bool add_spot(cover *v, spot s, size_t *cap)
{
	if (v->n == *cap) {
		spot *more = AMPH_NEWS(v->r->c->arena, spot, *cap * 2 + 16);

		if (!more)
			return false;
		if (v->n)
			memcpy(more, v->spots, v->n * sizeof(*more));
		v->spots = more;
		*cap = *cap * 2 + 16;
	}
	v->spots[v->n++] = s;
	return true;
}

static bool add_spots(cover *v, const sl_query *word, size_t *cap)
{
	size_t n;
	const sl_lexeme *l = find(&v->r->v, word, &n);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < l[i].n_places; k++) {
			sl_place p = l[i].places[k];

			if (word->weights && !(word->weights & 1 << amph__sl_weight(p)))
				continue;
			if (!add_spot(v, (spot){ p, &l[i], word }, cap))
				return false;
		}
	return true;
}

static bool add_all_spots(cover *v, const sl_query *q, size_t *cap)
{
	if (!q)
		return true;
	if (q->kind == SL_QUERY_WORD)
		return add_spots(v, q, cap);
	return add_all_spots(v, q->left, cap) && add_all_spots(v, q->right, cap);
}

static sl_found find_in_cover(sl_matcher *m, const sl_query *word, sl_positions *out)
{
	const cover *v = m->data;
	size_t n = 0;

	if (out)
		*out = (sl_positions){ .items = AMPH_NEWS(m->arena, unsigned, v->to - v->from + 1) };
	if (out && !out->items)
		return SL_FOUND_NO;
	for (size_t i = v->from; i < v->to; i++) {
		unsigned at = amph__sl_pos(v->spots[i].place);

		if (v->spots[i].word != word)
			continue;
		if (!out)
			return SL_FOUND_YES;
		if (!n || out->items[n - 1] != at)
			out->items[n++] = at;
	}
	if (out)
		out->n = n;
	return n ? SL_FOUND_YES : SL_FOUND_NO;
}

static bool covers(cover *v, size_t from, size_t to)
{
	sl_matcher m = { .arena = v->r->c->arena, .find = find_in_cover, .data = v };

	v->from = from;
	v->to = to;
	return amph__sl_query_matches(&m, v->r->q);
}

/* The spots of one place and lexeme are seen together. */
static size_t group_end(const cover *v, size_t i)
{
	size_t end = i + 1;

	while (end < v->n && !by_place(&v->spots[i], &v->spots[end]))
		end++;
	return end;
}

static size_t group_begin(const cover *v, size_t i)
{
	while (i > 0 && !by_place(&v->spots[i], &v->spots[i - 1]))
		i--;
	return i;
}

static bool find_lower(cover *v)
{
	size_t at = group_begin(v, v->end - 1), to = v->end;

	for (;; at = group_begin(v, at - 1)) {
		if (covers(v, at, to)) {
			v->begin = at;
			v->p = amph__sl_pos(v->spots[at].place);
			v->pos = group_end(v, at);
			return true;
		}
		if (at <= v->pos)
			return false;
	}
}

static bool next_cover(cover *v)
{
	for (; v->pos < v->n; v->pos = group_end(v, v->pos)) {
		size_t end = v->pos;

		do
			end = group_end(v, end);
		while (!covers(v, v->pos, end) && end < v->n);
		if (!covers(v, v->pos, end))
			return false;
		v->end = end;
		v->q = amph__sl_pos(v->spots[end - 1].place);
		if (v->q == 0)
			return false;
		if (find_lower(v) && v->p <= v->q)
			return true;
	}
	return false;
}

typedef struct sums {
	double document, distance, last;
	int extents;
} sums;

static void add_cover(const cover *v, sums *s)
{
	double weights = 0, middle;
	int n = 0, noise;

	for (size_t i = v->begin; i < v->end; i = group_end(v, i), n++)
		weights += 1.0 / (double)v->r->weights[amph__sl_weight(v->spots[i].place)];
	noise = (int)(v->q - v->p) - (n - 1);
	if (noise < 0)
		noise = (n - 1) / 2;
	s->document += (double)n / weights / (double)(1 + noise);
	middle = (double)(v->q + v->p) / 2.0;
	if (s->extents > 0 && middle > s->last)
		s->distance += 1.0 / (middle - s->last);
	s->last = middle;
	s->extents++;
}

static float rank_cover(ranking *r)
{
	cover v = { .r = r };
	sums s = { 0 };
	size_t cap = 0;

	if (!add_all_spots(&v, r->q, &cap) || !v.n)
		return 0;
	qsort(v.spots, v.n, sizeof(*v.spots), by_place);
	while (next_cover(&v))
		add_cover(&v, &s);
	if (r->method & BY_LOG_LENGTH)
		s.document /= log((double)(length_of(&r->v) + 1));
	if (r->method & BY_LENGTH)
		s.document /= (double)length_of(&r->v);
	if (r->method & BY_EXTENT && s.extents > 0 && s.distance > 0)
		s.document /= (double)s.extents / s.distance;
	if (r->method & BY_WORDS)
		s.document /= (double)r->v.n;
	if (r->method & BY_LOG_WORDS)
		s.document /= log((double)(r->v.n + 1)) / log(2.0);
	if (r->method & BY_ITSELF)
		s.document /= s.document + 1;
	return (float)s.document;
}

/* ---- functions ---- */

static bool read_weights(sl_call *c, float out[4])
{
	amph_text_array a;
	amph_error err;

	if (!amph__sl_array_arg(c, 0, &a))
		return false;
	if (a.n < 4) {
		amph__sl_raise(c, "2202E", a.n ? "array of weight is too short"
					       : "array of weight must be one-dimensional");
		return false;
	}
	for (size_t i = 0; i < a.n; i++)
		if (!a.items[i]) {
			amph__sl_raise(c, "22004", "array of weight must not contain nulls");
			return false;
		}
	for (size_t i = 0; i < 4; i++) {
		float w;

		if (!amph__types[AMPH_T_FLOAT].parse(a.items[i], strlen(a.items[i]), &w, c->arena, &err)) {
			amph__sl_raise_error(c, &err);
			return false;
		}
		out[i] = w >= 0 ? w : usual_weights[i];
		if (out[i] > 1) {
			amph__sl_raise(c, "22023", "weight out of range");
			return false;
		}
	}
	return true;
}

enum { COVER = 1, WEIGHTS = 2, METHOD = 4 };

static void rank_call(sl_call *c)
{
	float weights[4];
	ranking r = { .c = c, .weights = usual_weights };
	int at = (c->arg & WEIGHTS) != 0;

	if (at && !read_weights(c, weights))
		return;
	if (at)
		r.weights = weights;
	if (!amph__sl_vector_arg(c, at, &r.v) || !amph__sl_query_arg(c, at + 1, &r.q))
		return;
	r.method = c->arg & METHOD ? amph__sl_int(c, at + 2) : 0;
	if (!r.v.n || !r.q)
		amph__sl_result_real(c, 0);
	else
		amph__sl_result_real(c, (double)(c->arg & COVER ? rank_cover(&r) : rank(&r)));
}

static const sl_function rows[] = {
	{ "ts_rank_cd_float4_array_tsvector_tsquery", 3, 0, rank_call, COVER | WEIGHTS },
	{ "ts_rank_cd_float4_array_tsvector_tsquery_int4", 4, 0, rank_call, COVER | WEIGHTS | METHOD },
	{ "ts_rank_cd_tsvector_tsquery", 2, 0, rank_call, COVER },
	{ "ts_rank_cd_tsvector_tsquery_int4", 3, 0, rank_call, COVER | METHOD },
	{ "ts_rank_float4_array_tsvector_tsquery", 3, 0, rank_call, WEIGHTS },
	{ "ts_rank_float4_array_tsvector_tsquery_int4", 4, 0, rank_call, WEIGHTS | METHOD },
	{ "ts_rank_tsvector_tsquery", 2, 0, rank_call, 0 },
	{ "ts_rank_tsvector_tsquery_int4", 3, 0, rank_call, METHOD }
};
const sl_functions amph__sl_tsrank_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
