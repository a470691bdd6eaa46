/* Aggregates over sorted rows, which SQLite of the day does not have:
 *
 *	ordered(base, distinct, n, n arguments ..., spec, key, spec, key ...)
 *
 * keeps the rows, sorts them by the keys, and gives them to the aggregate base. A spec is "a" or
 * "d", "f" or "l" for NULLS FIRST or LAST, and the type of the key. WITHIN GROUP is here too. */
#include "aggregate.h"
#include "compare.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct sort_key {
	bool desc, nulls_first;
	sl_comparer by;
} sort_key;

typedef struct row {
	sqlite3_value **values;         /* arguments, then keys */
	size_t number;
} row;

typedef struct ordered {
	amph_arena arena;               /* of keys */
	char base[64];
	bool started, distinct;
	size_t n_args, n_keys;
	sort_key *keys;
	row *rows;
	size_t n, cap;
} ordered;

static bool begin(sl_call *c, ordered *s)
{
	size_t len;
	const char *base = amph__sl_text(c, 0, &len);
	sl_call own = *c;

	s->started = true;
	amph__arena_init(&s->arena, c->env->allocator);
	snprintf(s->base, sizeof(s->base), "%s", base);
	s->distinct = amph__sl_int(c, 1) != 0;
	s->n_args = (size_t)amph__sl_int(c, 2);
	s->n_keys = ((size_t)c->argc - 3 - s->n_args) / 2;
	s->keys = AMPH_NEWS(&s->arena, sort_key, s->n_keys + 1);
	own.arena = &s->arena;
	for (size_t i = 0; s->keys && i < s->n_keys; i++) {
		const char *spec = amph__sl_text(c, (int)(3 + s->n_args + 2 * i), &len);

		s->keys[i].desc = spec[0] == 'd';
		s->keys[i].nulls_first = spec[1] == 'f';
		if (!amph__sl_comparer_of(&own, spec + 2, len - 2, &s->keys[i].by))
			return false;
	}
	if (!s->keys)
		amph__sl_raise_nomem(c);
	return s->keys != NULL;
}

static void free_values(sqlite3_value **values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sqlite3_value_free(values[i]);
}

static void step(sl_call *c, void *state)
{
	ordered *s = state;
	void *rows;
	size_t n;
	row *r;

	if (!s->started && !begin(c, s))
		return;
	n = s->n_args + s->n_keys;
	rows = s->rows;
	if (s->n == s->cap && !amph__grow(c->env->allocator, &rows, &s->cap, s->n + 1, sizeof(*s->rows))) {
		amph__sl_raise_nomem(c);
		return;
	}
	s->rows = rows;
	r = &s->rows[s->n];
	*r = (row){ AMPH_NEWS(&s->arena, sqlite3_value *, n + 1), s->n };
	for (size_t i = 0; r->values && i < n; i++) {
		size_t at = i < s->n_args ? 3 + i : 3 + s->n_args + 2 * (i - s->n_args) + 1;

		r->values[i] = sqlite3_value_dup(c->argv[at]);
		if (r->values[i])
			continue;
		free_values(r->values, i);
		r->values = NULL;
	}
	if (r->values)
		s->n++;
	else
		amph__sl_raise_nomem(c);
}

static bool is_null(sqlite3_value *v)
{
	return sqlite3_value_type(v) == SQLITE_NULL;
}

static int compare_keys(const ordered *s, const row *a, const row *b)
{
	for (size_t i = 0; i < s->n_keys; i++) {
		sqlite3_value *x = a->values[s->n_args + i], *y = b->values[s->n_args + i];
		const sort_key *k = &s->keys[i];
		int order;

		if (is_null(x) || is_null(y)) {
			order = is_null(x) - is_null(y);
			order = k->nulls_first ? -order : order;
		} else {
			order = amph__sl_compare_values(&k->by, x, y);
			order = k->desc ? -order : order;
		}
		if (order)
			return order;
	}
	return 0;
}

static int compare_rows(const void *a, const void *b, void *ctx)
{
	const row *x = a, *y = b;
	int order = compare_keys(ctx, x, y);

	return order ? order : (x->number > y->number) - (x->number < y->number);
}

/* ---- WITHIN GROUP: of the first key, NULLs left out ---- */

static size_t known_rows(ordered *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		row r = s->rows[i];

		if (is_null(r.values[s->n_args]))
			continue;
		s->rows[i] = s->rows[n];
		s->rows[n++] = r;
	}
	return n;
}

static bool fraction(sl_call *c, const ordered *s, double *out)
{
	if (!s->n || is_null(s->rows[0].values[0]))
		return false;
	*out = sqlite3_value_double(s->rows[0].values[0]);
	if (*out >= 0 && *out <= 1)
		return true;
	amph__sl_raise(c, "22003", "percentile value %g is not between 0 and 1", *out);
	return false;
}

static void percentile_cont(sl_call *c, ordered *s, size_t n)
{
	double f, at, low, high;
	size_t i;

	if (!fraction(c, s, &f) || !n)
		return;
	at = f * (double)(n - 1);
	i = (size_t)floor(at);
	low = sqlite3_value_double(s->rows[i].values[s->n_args]);
	high = sqlite3_value_double(s->rows[i + 1 < n ? i + 1 : i].values[s->n_args]);
	at -= floor(at);
	amph__sl_result_real(c, low + at * (high - low));
}

static void percentile_disc(sl_call *c, ordered *s, size_t n)
{
	double f;
	size_t i;

	if (!fraction(c, s, &f) || !n)
		return;
	i = (size_t)ceil(f * (double)n);
	sqlite3_result_value(c->ctx, s->rows[i ? i - 1 : 0].values[s->n_args]);
}

static void mode(sl_call *c, ordered *s, size_t n)
{
	size_t best = 0, best_n = 0, start = 0;

	for (size_t i = 1; i <= n; i++) {
		if (i < n && compare_keys(s, &s->rows[start], &s->rows[i]) == 0)
			continue;
		if (i - start > best_n) {
			best = start;
			best_n = i - start;
		}
		start = i;
	}
	if (n)
		sqlite3_result_value(c->ctx, s->rows[best].values[s->n_args]);
}

static const struct {
	const char *name;
	void (*run)(sl_call *c, ordered *s, size_t n);
} within[] = {
	{ "within_mode_anyelement", mode },
	{ "within_percentile_cont_float8_float8", percentile_cont },
	{ "within_percentile_disc_float8_anyelement", percentile_disc }
};

bool amph__sl_is_within(const char *name)
{
	for (size_t i = 0; i < sizeof(within) / sizeof(within[0]); i++)
		if (!strcmp(within[i].name, name))
			return true;
	return false;
}

/* ---- any other aggregate ---- */

static void run_base(sl_call *c, const ordered *s, const sl_aggregate *base)
{
	void *memory = amph__alloc_zero(c->env->allocator, base->size);
	size_t used = 0;

	if (!memory) {
		amph__sl_raise_nomem(c);
		return;
	}
	c->arg = base->arg;
	for (size_t i = 0; i < s->n && !c->nomem; i++) {
		if (s->distinct && i && compare_keys(s, &s->rows[i - 1], &s->rows[i]) == 0)
			continue;
		c->argc = (int)s->n_args;
		c->argv = s->rows[i].values;
		if (!(base->flags & SL_FN_NULLS) && s->n_args && is_null(c->argv[0]))
			continue;
		base->step(c, memory);
		used++;
	}
	if (!c->nomem)
		base->value(c, used ? memory : NULL);
	if (base->clear)
		base->clear(c, memory);
	amph__free(c->env->allocator, memory);
}

static void value(sl_call *c, void *state)
{
	ordered *s = state;
	const sl_aggregate *base;

	if (!s || !s->n)
		return;
	qsort_r(s->rows, s->n, sizeof(*s->rows), compare_rows, s);
	for (size_t i = 0; i < sizeof(within) / sizeof(within[0]); i++) {
		if (strcmp(within[i].name, s->base))
			continue;
		within[i].run(c, s, known_rows(s));
		return;
	}
	base = amph__sl_aggregate_named(s->base);
	if (base)
		run_base(c, s, base);
	else
		amph__sl_raise(c, "0A000", "%s with an order is not supported on SQLite", s->base);
}

static void clear(sl_call *c, void *state)
{
	ordered *s = state;

	for (size_t i = 0; i < s->n; i++)
		free_values(s->rows[i].values, s->n_args + s->n_keys);
	amph__free(c->env->allocator, s->rows);
	if (s->started)
		amph__arena_clear(&s->arena);
}

const sl_aggregate amph__sl_sorters[] = {
	{ "ordered", -1, SL_FN_NULLS, sizeof(ordered), step, NULL, value, clear, 0 }
};
const size_t amph__sl_n_sorters = sizeof(amph__sl_sorters) / sizeof(amph__sl_sorters[0]);
