/* Aggregates over sorted rows, which SQLite of the day does not have:
 *
 *	ordered(base, distinct, n, n arguments ..., spec, key, spec, key ...)
 *
 * keeps the rows, sorts them by the keys, and gives them to the aggregate base. A spec is "a" or
 * "d", "f" or "l" for NULLS FIRST or LAST, and the type of the key. WITHIN GROUP is here too. */
#include "aggregate.h"
#include "../array/array.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct sort_key {
	bool desc, nulls_first;
	sl_comparer by;
	const char *type;               /* as $d has it */
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
		s->keys[i].type = amph__arena_text(&s->arena, spec + 2, len - 2);
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

static bool is_fraction(sl_call *c, double f)
{
	if (f >= 0 && f <= 1)
		return true;
	amph__sl_raise(c, "22003", "percentile value %g is not between 0 and 1", f);
	return false;
}

static bool fraction(sl_call *c, const ordered *s, double *out)
{
	if (!s->n || is_null(s->rows[0].values[0]))
		return false;
	*out = amph__sl_real_of(s->rows[0].values[0]);
	return is_fraction(c, *out);
}

static sqlite3_value *key_at(const ordered *s, size_t i)
{
	return s->rows[i].values[s->n_args];
}

static double cont_at(const ordered *s, size_t n, double f)
{
	double at = f * (double)(n - 1), low, high;
	size_t i = (size_t)floor(at);

	low = amph__sl_real_of(key_at(s, i));
	high = amph__sl_real_of(key_at(s, i + 1 < n ? i + 1 : i));
	return low + (at - floor(at)) * (high - low);
}

static sqlite3_value *disc_at(const ordered *s, size_t n, double f)
{
	size_t i = (size_t)ceil(f * (double)n);

	return key_at(s, i ? i - 1 : 0);
}

static void percentile_cont(sl_call *c, ordered *s, size_t n)
{
	double f;

	if (fraction(c, s, &f) && n)
		amph__sl_result_real(c, cont_at(s, n, f));
}

static void percentile_disc(sl_call *c, ordered *s, size_t n)
{
	double f;

	if (fraction(c, s, &f) && n)
		sqlite3_result_value(c->ctx, disc_at(s, n, f));
}

static bool interval_of(sl_call *c, sqlite3_value *v, amph_interval *out)
{
	amph_error err;

	if (amph__types[AMPH_T_INTERVAL].parse((const char *)sqlite3_value_text(v),
					       (size_t)sqlite3_value_bytes(v), out, c->arena, &err))
		return true;
	amph__sl_raise_error(c, &err);
	return false;
}

/* Between two intervals lies the lower and the share of the difference. */
static bool cont_interval_at(sl_call *c, const ordered *s, size_t n, double f, amph_interval *out)
{
	double at = f * (double)(n - 1);
	size_t i = (size_t)floor(at);
	amph_interval high, more;

	if (!interval_of(c, key_at(s, i), out))
		return false;
	if (i + 1 >= n || at == floor(at))
		return true;
	if (!interval_of(c, key_at(s, i + 1), &high))
		return false;
	high.months -= out->months;
	high.days -= out->days;
	high.usec -= out->usec;
	if (!amph__sl_interval_scale(&high, at - floor(at), false, &more)) {
		amph__sl_raise(c, "22008", "interval out of range");
		return false;
	}
	out->months += more.months;
	out->days += more.days;
	out->usec += more.usec;
	return true;
}

static void percentile_cont_interval(sl_call *c, ordered *s, size_t n)
{
	amph_interval x;
	double f;

	if (fraction(c, s, &f) && n && cont_interval_at(c, s, n, f, &x))
		amph__sl_result_of(c, AMPH_T_INTERVAL, &x);
}

/* The element of the result for one fraction; NULL: memory, or the error is raised. */
static const char *percentile_text(sl_call *c, ordered *s, size_t n, double f)
{
	const sort_key *k = &s->keys[0];
	amph_buf b;
	const char *out;
	amph_interval x;
	double d;

	if (!strncmp(s->base, "within_percentile_disc", 22))
		return amph__sl_element_text(c, k->type, strlen(k->type), disc_at(s, n, f));
	amph__buf_init(&b, c->env->allocator);
	if (k->by.type == AMPH_T_INTERVAL) {
		if (!cont_interval_at(c, s, n, f, &x))
			return NULL;
		amph__types[AMPH_T_INTERVAL].format(&x, &b);
	} else {
		d = cont_at(s, n, f);
		amph__types[AMPH_T_DOUBLE].format(&d, &b);
	}
	out = b.failed ? NULL : amph__arena_text(c->arena, amph__buf_text(&b), b.len);
	amph__buf_clear(&b);
	return out;
}

static void percentile_array(sl_call *c, ordered *s, size_t n)
{
	amph_text_array fractions;
	amph_error err;
	const char **items;
	sqlite3_value *v = s->n ? s->rows[0].values[0] : NULL;

	if (!v || !n || is_null(v))
		return;
	if (!amph__array_parse(AMPH_T_TEXT, NULL, (const char *)sqlite3_value_text(v),
			       (size_t)sqlite3_value_bytes(v), &fractions, c->arena, &err)) {
		amph__sl_raise_error(c, &err);
		return;
	}
	items = AMPH_NEWS(c->arena, const char *, fractions.n + 1);
	for (size_t i = 0; items && i < fractions.n; i++) {
		const char *item = fractions.items[i];
		double f = 0;

		if (item && !amph__types[AMPH_T_DOUBLE].parse(item, strlen(item), &f, c->arena, &err)) {
			amph__sl_raise_error(c, &err);
			return;
		}
		if (!is_fraction(c, f))
			return;
		if (fractions.items[i] && !(items[i] = percentile_text(c, s, n, f)))
			return;
	}
	if (items)
		amph__sl_array_result(c, items, fractions.n);
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

/* ---- the place of a row that is only supposed: the arguments of any row, as keys ---- */

typedef struct standing {
	size_t before, groups, with;    /* rows before it, groups of equal ones of them, rows up to it */
} standing;

static bool stand(sl_call *c, const ordered *s, standing *out)
{
	row supposed = { AMPH_NEWS(c->arena, sqlite3_value *, s->n_args + s->n_keys + 1), 0 };

	*out = (standing){ 0, 0, 0 };
	if (!supposed.values) {
		amph__sl_raise_nomem(c);
		return false;
	}
	for (size_t i = 0; i < s->n_keys; i++)
		supposed.values[s->n_args + i] = s->rows[0].values[i];
	for (size_t i = 0; i < s->n; i++) {
		int order = compare_keys(s, &s->rows[i], &supposed);

		out->before += order < 0;
		out->with += order <= 0;
		out->groups += order < 0 && (!i || compare_keys(s, &s->rows[i - 1], &s->rows[i]) != 0);
	}
	return true;
}

static void rank(sl_call *c, ordered *s)
{
	standing at;

	if (stand(c, s, &at))
		amph__sl_result_int(c, (int64_t)at.before + 1);
}

static void dense_rank(sl_call *c, ordered *s)
{
	standing at;

	if (stand(c, s, &at))
		amph__sl_result_int(c, (int64_t)at.groups + 1);
}

static void percent_rank(sl_call *c, ordered *s)
{
	standing at;

	if (stand(c, s, &at))
		amph__sl_result_real(c, (double)at.before / (double)s->n);
}

static void cume_dist(sl_call *c, ordered *s)
{
	standing at;

	if (stand(c, s, &at))
		amph__sl_result_real(c, (double)(at.with + 1) / (double)(s->n + 1));
}

static const struct {
	const char *name;
	void (*run)(sl_call *c, ordered *s, size_t n);
	void (*place)(sl_call *c, ordered *s);  /* of NULLs as well */
} within[] = {
	{ "within_cume_dist_any", NULL, cume_dist },
	{ "within_dense_rank_any", NULL, dense_rank },
	{ "within_mode_anyelement", mode, NULL },
	{ "within_percent_rank_any", NULL, percent_rank },
	{ "within_percentile_cont_float8_array_float8", percentile_array, NULL },
	{ "within_percentile_cont_float8_array_interval", percentile_array, NULL },
	{ "within_percentile_cont_float8_float8", percentile_cont, NULL },
	{ "within_percentile_cont_float8_interval", percentile_cont_interval, NULL },
	{ "within_percentile_disc_float8_anyelement", percentile_disc, NULL },
	{ "within_percentile_disc_float8_array_anyelement", percentile_array, NULL },
	{ "within_rank_any", NULL, rank }
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
	for (size_t i = 0; i < s->n && !c->nomem && !c->raised; i++) {
		if (s->distinct && i && compare_keys(s, &s->rows[i - 1], &s->rows[i]) == 0)
			continue;
		c->argc = (int)s->n_args;
		c->argv = s->rows[i].values;
		if (!(base->flags & SL_FN_NULLS) && s->n_args && is_null(c->argv[0]))
			continue;
		base->step(c, memory);
		used++;
	}
	if (!c->nomem && !c->raised)
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
		if (within[i].place)
			within[i].place(c, s);
		else
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
