/* ts_rewrite: a part of a query in the place of another. & and | are looked at with all their operands at
 * once, sorted, so that neither order nor parentheses matter; the result has PostgreSQL's order. */
#include "textsearch.h"
#include <stdlib.h>
#include <string.h>

/* A query with any number of operands; a word's is none. */
typedef struct node {
	const sl_query *query;
	struct node **child;
	size_t n;
	bool done;                      /* put in: not looked at again */
} node;

static bool is_word(const node *x)
{
	return x->query->kind == SL_QUERY_WORD;
}

static bool is_flat(const node *x)
{
	return x->query->kind == SL_QUERY_AND || x->query->kind == SL_QUERY_OR;
}

/* ---- from a query and back ---- */

/* The right operand comes first. NULL: no memory. */
static node *node_of(amph_arena *arena, const sl_query *q)
{
	node *x = AMPH_NEW(arena, node);

	if (!x)
		return NULL;
	x->query = q;
	if (is_word(x))
		return x;
	x->n = q->kind == SL_QUERY_NOT ? 1 : 2;
	x->child = AMPH_NEWS(arena, node *, 2);
	if (!x->child || !(x->child[0] = node_of(arena, q->right)))
		return NULL;
	return x->n == 1 || (x->child[1] = node_of(arena, q->left)) ? x : NULL;
}

static sl_query *query_of(amph_arena *arena, const node *x)
{
	sl_query *q = amph__arena_copy(arena, x->query, sizeof *q);
	size_t n = x->n;

	if (!q || is_word(x))
		return q;
	q->right = query_of(arena, x->child[0]);
	q->left = n > 1 ? query_of(arena, x->child[1]) : NULL;
	/* a, b, c, d: ((a, b), d), c */
	for (; n > 2 && q->left && q->right; n--) {
		sl_query *more = amph__arena_copy(arena, x->query, sizeof *more);

		if (!more)
			return NULL;
		more->right = q;
		more->left = query_of(arena, x->child[n - 1]);
		q = more;
	}
	return q->right && (x->n == 1 || q->left) ? q : NULL;
}

/* ---- in one form ---- */

static int compare(const node *a, const node *b)
{
	const sl_query *x = a->query, *y = b->query;

	if (is_word(a) != is_word(b))
		return is_word(a) ? 1 : -1;
	if (is_word(a))
		return amph__sl_query_order(x, y);
	if (x->kind != y->kind)
		return x->kind > y->kind ? -1 : 1;
	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	for (size_t i = 0; i < a->n; i++) {
		int order = compare(a->child[i], b->child[i]);

		if (order)
			return order;
	}
	if (x->kind == SL_QUERY_PHRASE && x->distance != y->distance)
		return x->distance > y->distance ? -1 : 1;
	return 0;
}

static int compare_places(const void *a, const void *b)
{
	return compare(*(node *const *)a, *(node *const *)b);
}

/* (a & b) & c is a & b & c. */
static bool flatten(amph_arena *arena, node *x)
{
	for (size_t i = 0; i < x->n; i++)
		if (!flatten(arena, x->child[i]))
			return false;
	for (size_t i = 0; is_flat(x) && i < x->n; i++) {
		const node *c = x->child[i];
		node **all;

		if (c->query->kind != x->query->kind)
			continue;
		all = AMPH_NEWS(arena, node *, x->n + c->n - 1);
		if (!all)
			return false;
		memcpy(all, x->child, i * sizeof(node *));
		memcpy(all + i, c->child, c->n * sizeof(node *));
		memcpy(all + i + c->n, x->child + i + 1, (x->n - i - 1) * sizeof(node *));
		x->child = all;
		x->n += c->n - 1;
		i += c->n - 1;
	}
	return true;
}

static void sort(node *x)
{
	for (size_t i = 0; i < x->n; i++)
		sort(x->child[i]);
	if (x->n > 1 && x->query->kind != SL_QUERY_PHRASE)
		qsort(x->child, x->n, sizeof(node *), compare_places);
}

static node *read(amph_arena *arena, const sl_query *q)
{
	node *x = node_of(arena, q);

	if (!x || !flatten(arena, x))
		return NULL;
	sort(x);
	return x;
}

/* ---- the search ---- */

typedef struct rewriting {
	amph_arena *arena;
	const node *target;
	const sl_query *substitute;     /* NULL: the part goes */
	bool failed;
} rewriting;

static node *put_in(rewriting *w)
{
	node *x = w->substitute ? node_of(w->arena, w->substitute) : NULL;

	w->failed |= w->substitute && !x;
	if (x)
		x->done = true;
	return x;
}

/* Some of the operands are all of the target's: those go, and the substitute is one more. */
static void take_operands(rewriting *w, node *x)
{
	const node *t = w->target;
	bool *matched = AMPH_NEWS(w->arena, bool, x->n);
	size_t n = 0, k = 0;

	w->failed |= !matched;
	for (size_t i = 0, j = 0; matched && i < x->n && j < t->n; i++) {
		int order = compare(x->child[i], t->child[j]);

		if (order > 0)
			break;
		matched[i] = order == 0;
		n += matched[i];
		j += matched[i];
	}
	if (n != t->n || !matched)
		return;
	for (size_t i = 0; i < x->n; i++)
		if (!matched[i])
			x->child[k++] = x->child[i];
	x->n = k;
	if (w->substitute) {
		x->child[x->n] = put_in(w);
		x->n += x->child[x->n] != NULL;
	}
	sort(x);
}

/* NULL: nothing is left of it. */
static node *rewrite(rewriting *w, node *x)
{
	size_t n = 0;

	if (w->failed || x->done)
		return x;
	if (!compare(x, w->target))
		return put_in(w);
	if (is_word(x))
		return x;
	if (is_flat(x) && x->query->kind == w->target->query->kind && x->n > w->target->n)
		take_operands(w, x);
	for (size_t i = 0; i < x->n; i++) {
		x->child[n] = rewrite(w, x->child[i]);
		n += x->child[n] != NULL;
	}
	x->n = n;
	if (!n)
		return NULL;
	return n == 1 && x->query->kind != SL_QUERY_NOT ? x->child[0] : x;
}

static void ts_rewrite(sl_call *c)
{
	sl_query *query, *target, *substitute, *out = NULL;
	rewriting w = { .arena = c->arena };
	node *x;

	if (!amph__sl_query_arg(c, 0, &query) || !amph__sl_query_arg(c, 1, &target) ||
	    !amph__sl_query_arg(c, 2, &substitute))
		return;
	if (!query || !target) {
		amph__sl_query_result(c, query);
		return;
	}
	x = read(c->arena, query);
	w.target = read(c->arena, target);
	w.substitute = substitute;
	if (!x || !w.target)
		return;
	x = rewrite(&w, x);
	if (x && !w.failed)
		out = query_of(c->arena, x);
	if (!w.failed && (!x || out))
		amph__sl_query_result(c, out);
}

static const sl_function rows[] = { { "ts_rewrite_tsquery_tsquery_tsquery", 3, 0, ts_rewrite, 0 } };
const sl_functions amph__sl_tsrewrite_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
