/* Aggregates that collect: texts, arrays, JSON. */
#include "aggregate.h"
#include "../array/matrix.h"
#include "../json/jsontext.h"
#include <string.h>

/* What has been collected so far, as text. */
typedef struct collected {
	amph_buf b;
	int64_t n;
} collected;

static amph_buf *begin(sl_call *c, collected *s)
{
	if (!s->b.allocator)
		amph__buf_init(&s->b, c->env->allocator);
	return &s->b;
}

static void check(sl_call *c, const collected *s)
{
	if (s->b.failed)
		amph__sl_raise_nomem(c);
}

static void clear(sl_call *c, void *state)
{
	collected *s = state;

	(void)c;
	if (s->b.allocator)
		amph__buf_clear(&s->b);
}

/* ---- string_agg: the separator of the first value is not used ---- */

static void text_step(sl_call *c, void *state)
{
	collected *s = state;
	amph_buf *b = begin(c, s);
	size_t len;
	const char *text;

	if (s->n++ > 0 && !amph__sl_is_null(c, 1)) {
		text = amph__sl_text(c, 1, &len);
		amph__buf_add(b, text, len);
	}
	text = amph__sl_text(c, 0, &len);
	amph__buf_add(b, text, len);
	check(c, s);
}

static void text_value(sl_call *c, void *state)
{
	const collected *s = state;

	if (!s || !s->n)
		return;
	if (c->arg)
		amph__sl_result_bytes(c, s->b.text, s->b.len);
	else
		amph__sl_result_text(c, amph__buf_text(&s->b), s->b.len);
}

/* ---- array_agg(type, value) ---- */

static void array_step(sl_call *c, void *state)
{
	collected *s = state;
	amph_buf *b = begin(c, s);
	size_t len, start;
	const char *type = amph__sl_text(c, 0, &len);
	const char *item = amph__sl_element_text(c, type, len, c->argv[1]);
	amph_buf one;

	/* the array of the one element, without its braces */
	amph__buf_init(&one, c->env->allocator);
	amph__sl_array_put(&item, 1, &one);
	amph__buf_puts(b, s->n++ ? "," : "");
	start = one.len >= 2 ? 1 : 0;
	amph__buf_add(b, amph__buf_text(&one) + start, one.len >= 2 ? one.len - 2 : 0);
	b->failed |= one.failed;
	amph__buf_clear(&one);
	check(c, s);
}

static void put_enclosed(sl_call *c, const collected *s, const char *open, const char *close,
			 bool normalize)
{
	amph_buf out;

	amph__buf_init(&out, c->env->allocator);
	amph__buf_puts(&out, open);
	amph__buf_add(&out, amph__buf_text(&s->b), s->b.len);
	amph__buf_puts(&out, close);
	if (normalize)
		amph__sl_json_result(c, &out);
	else
		amph__sl_result_buf(c, &out);
}

static void array_value(sl_call *c, void *state)
{
	const collected *s = state;

	if (s && s->n)
		put_enclosed(c, s, "{", "}", false);
}

/* ---- array_nest(array): array_agg of arrays ---- */

typedef struct nested {
	collected all;
	amph_buf bounds;                /* of each */
} nested;

static void nest_step(sl_call *c, void *state)
{
	nested *s = state;
	amph_buf *b = begin(c, &s->all), bounds;
	amph_matrix m;

	if (amph__sl_is_null(c, 0)) {
		amph__sl_raise(c, "22004", "cannot accumulate null arrays");
		return;
	}
	if (!amph__sl_matrix_arg(c, 0, &m))
		return;
	amph__buf_init(&bounds, c->env->allocator);
	amph__matrix_bounds(&m, &bounds);
	if (m.n_dims == 0)
		amph__sl_raise(c, "2202E", "cannot accumulate empty arrays");
	else if (m.n_dims == AMPH_MATRIX_DIMS)
		amph__sl_raise(c, "54000", "number of array dimensions (%d) exceeds the maximum allowed (%d)",
			       AMPH_MATRIX_DIMS + 1, AMPH_MATRIX_DIMS);
	else if (s->all.n && strcmp(amph__buf_text(&bounds), amph__buf_text(&s->bounds)) != 0)
		amph__sl_raise(c, "2202E", "cannot accumulate arrays of different dimensionality");
	amph__buf_puts(b, s->all.n ? "," : "");
	for (int i = 0; i < m.n_dims; i++)
		m.lower[i] = 1;
	amph__matrix_format(&m, b);
	b->failed |= bounds.failed;
	if (s->all.n++)
		amph__buf_clear(&bounds);
	else
		s->bounds = bounds;
	check(c, &s->all);
}

static bool begin_at_one(const char *bounds)
{
	for (; (bounds = strchr(bounds, '[')) != NULL; bounds++)
		if (strncmp(bounds, "[1:", 3) != 0)
			return false;
	return true;
}

static void nest_value(sl_call *c, void *state)
{
	nested *s = state;
	amph_buf open;

	if (!s || !s->all.n)
		return;
	if (begin_at_one(amph__buf_text(&s->bounds))) {
		put_enclosed(c, &s->all, "{", "}", false);
		return;
	}
	amph__buf_init(&open, c->env->allocator);
	amph__buf_printf(&open, "[1:%lld]%s={", (long long)s->all.n, amph__buf_text(&s->bounds));
	put_enclosed(c, &s->all, amph__buf_text(&open), "}", false);
	amph__buf_clear(&open);
}

static void nest_clear(sl_call *c, void *state)
{
	nested *s = state;

	clear(c, &s->all);
	if (s->bounds.allocator)
		amph__buf_clear(&s->bounds);
}

/* ---- jsonb_agg(type, value), jsonb_object_agg(type, key, type, value), and of json ---- */

static void json_step(sl_call *c, void *state)
{
	collected *s = state;
	amph_buf *b = begin(c, s);
	size_t len;
	const char *type = amph__sl_text(c, 0, &len);

	amph__buf_puts(b, s->n++ ? ", " : "");
	/* arrays and rows begin lines in json */
	if (s->n > 1 && c->arg && ((len > 2 && !memcmp(type + len - 2, "[]", 2)) ||
				   (len == 6 && !memcmp(type, "record", 6))))
		amph__buf_puts(b, "\n ");
	amph__sl_json_of(c, type, len, c->argv[1], b);
	check(c, s);
}

static void json_value(sl_call *c, void *state)
{
	const collected *s = state;

	if (s && s->n)
		put_enclosed(c, s, "[", "]", !c->arg);
}

static void object_step(sl_call *c, void *state)
{
	collected *s = state;
	amph_buf *b = begin(c, s);
	size_t len;
	const char *type = amph__sl_text(c, 2, &len);

	if (amph__sl_is_null(c, 1)) {
		amph__sl_raise(c, "22023", "field name must not be null");
		return;
	}
	amph__buf_puts(b, s->n++ ? ", " : "");
	if (!amph__sl_json_add_key(c, 0, b))
		return;
	amph__buf_puts(b, " : ");
	amph__sl_json_of(c, type, len, c->argv[3], b);
	check(c, s);
}

static void object_value(sl_call *c, void *state)
{
	const collected *s = state;

	if (s && s->n)
		put_enclosed(c, s, c->arg ? "{ " : "{", c->arg ? " }" : "}", !c->arg);
}

/* ---- single(value): a query that has to give one row, as a value; sole(value): of the row that an UPDATE
 * or DELETE joins to one that it returns ---- */

typedef struct single { sqlite3_value *value; int64_t n; } single;

static void single_step(sl_call *c, void *state)
{
	single *s = state;

	if (s->n++ > 0) {
		if (c->arg)
			amph__sl_raise(c, "0A000", "columns of another table in RETURNING are not supported "
				       "where several of its rows are joined to one");
		else
			amph__sl_raise(c, "21000", "more than one row returned by a subquery used as an "
				       "expression");
		return;
	}
	s->value = sqlite3_value_dup(c->argv[0]);
	if (!s->value)
		amph__sl_raise_nomem(c);
}

static void single_value(sl_call *c, void *state)
{
	const single *s = state;

	if (s && s->value)
		sqlite3_result_value(c->ctx, s->value);
}

static void single_clear(sl_call *c, void *state)
{
	(void)c;
	sqlite3_value_free(((single *)state)->value);
}

const sl_aggregate amph__sl_collectors[] = {
	{ "array_agg", 2, SL_FN_NULLS, sizeof(collected), array_step, NULL, array_value, clear, 0 },
	{ "array_nest", 1, SL_FN_NULLS, sizeof(nested), nest_step, NULL, nest_value, nest_clear, 0 },
	{ "json_agg", 2, SL_FN_NULLS, sizeof(collected), json_step, NULL, json_value, clear, 1 },
	{ "json_object_agg", 4, SL_FN_NULLS, sizeof(collected), object_step, NULL, object_value, clear, 1 },
	{ "jsonb_agg", 2, SL_FN_NULLS, sizeof(collected), json_step, NULL, json_value, clear, 0 },
	{ "jsonb_object_agg", 4, SL_FN_NULLS, sizeof(collected), object_step, NULL, object_value,
	  clear, 0 },
	{ "single", 1, SL_FN_NULLS, sizeof(single), single_step, NULL, single_value, single_clear, 0 },
	{ "sole", 1, SL_FN_NULLS, sizeof(single), single_step, NULL, single_value, single_clear, 1 },
	{ "string_agg_bytea_bytea", 2, 0, sizeof(collected), text_step, NULL, text_value, clear, 1 },
	{ "string_agg_text_text", 2, 0, sizeof(collected), text_step, NULL, text_value, clear, 0 }
};
const size_t amph__sl_n_collectors = sizeof(amph__sl_collectors) / sizeof(amph__sl_collectors[0]);
