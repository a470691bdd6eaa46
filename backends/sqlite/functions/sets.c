/* Functions that return sets: series, elements of arrays and of JSON, parts of texts. */
#include "../../../src/model/decimal.h"
#include "array/matrix.h"
#include "time/datetime.h"
#include "json/jsontext.h"
#include "tables.h"
#include <string.h>

/* ---- generate_series ---- */

static bool check_step(sl_call *c, bool zero)
{
	if (zero)
		amph__sl_raise(c, "22023", "step size cannot equal zero");
	return !zero;
}

static void int_series(sl_call *c, sl_set *set)
{
	int64_t first = amph__sl_int(c, 0), last = amph__sl_int(c, 1), step = amph__sl_int(c, 2);
	uint64_t distance;

	if (!check_step(c, step == 0))
		return;
	set->counts = true;
	set->first = first;
	set->step = step;
	set->n_counted = 0;
	if (step > 0 ? first > last : first < last)
		return;
	distance = step > 0 ? (uint64_t)last - (uint64_t)first : (uint64_t)first - (uint64_t)last;
	set->n_counted = (int64_t)(distance / (step > 0 ? (uint64_t)step : 0 - (uint64_t)step)) + 1;
}

static void add_decimal(sl_call *c, sl_set *set, const amph_decimal *d)
{
	amph_buf b;

	amph__buf_init(&b, c->env->allocator);
	amph__decimal_format(d, &b);
	amph__sl_set_text(c, set, amph__buf_text(&b), b.len);
	c->nomem |= b.failed;
	amph__buf_clear(&b);
}

static bool check_finite(sl_call *c, const amph_decimal *d, const char *what)
{
	if (d->kind != 0)
		amph__sl_raise(c, "22023", "%s cannot be %s", what, d->kind == 1 ? "NaN" : "infinity");
	return d->kind == 0;
}

static void numeric_series(sl_call *c, sl_set *set)
{
	amph_decimal at, last, step, next;

	if (!amph__sl_decimal(c, 0, &at) || !amph__sl_decimal(c, 1, &last) ||
	    !amph__sl_decimal(c, 2, &step))
		return;
	if (!check_finite(c, &at, "start value") || !check_finite(c, &last, "stop value") ||
	    !check_finite(c, &step, "step size") || !check_step(c, step.n_digits == 0))
		return;
	while (!c->nomem && (step.sign ? amph__decimal_compare(&at, &last) >= 0
				       : amph__decimal_compare(&at, &last) <= 0)) {
		add_decimal(c, set, &at);
		if (!amph__decimal_add(&at, &step, &next, c->arena)) {
			amph__sl_raise_nomem(c);
			return;
		}
		at = next;
	}
}

static bool is_in_series(const sl_set *set)
{
	return set->series.sign > 0 ? set->series.at <= set->series.last
				    : set->series.at >= set->series.last;
}

static void add_time(sl_call *c, sl_set *set)
{
	const amph_timestamp t = { set->series.at };
	amph_buf b;

	amph__buf_init(&b, c->env->allocator);
	amph__types[set->series.type].format(&t, &b);
	amph__sl_store_text(set->series.type, &b, 0);
	amph__sl_set_text(c, set, amph__buf_text(&b), b.len);
	c->nomem |= b.failed;
	amph__buf_clear(&b);
}

static void next_time(sl_call *c, sl_set *set)
{
	if (amph__sl_add_interval(c, set->series.at, &set->series.step, 1, &set->series.at) &&
	    is_in_series(set))
		add_time(c, set);
}

/* Up to infinity they go on as long as somebody reads. */
static void time_series(sl_call *c, sl_set *set)
{
	static const amph_interval zero;

	if (!amph__sl_arg_usec(c, 0, (int)c->arg, &set->series.at) ||
	    !amph__sl_arg_usec(c, 1, (int)c->arg, &set->series.last) ||
	    !amph__sl_arg(c, 2, AMPH_T_INTERVAL, &set->series.step))
		return;
	set->series.sign = amph__types[AMPH_T_INTERVAL].compare(&set->series.step, &zero);
	set->series.type = (int)c->arg;
	if (!check_step(c, set->series.sign == 0) || !is_in_series(set))
		return;
	if (amph__sl_is_infinite(set->series.at)) {
		amph__sl_raise(c, "0A000", "generate_series from infinity is not supported on SQLite");
		return;
	}
	set->next = next_time;
	add_time(c, set);
}

/* ---- arrays ---- */

/* unnest(type, array) */
static void unnest(sl_call *c, sl_set *set)
{
	size_t len;
	const char *type = amph__sl_text(c, 0, &len);
	sl_comparer element;
	amph_text_array a;
	amph_error err;

	if (!amph__sl_comparer_of(c, type, len, &element) || !amph__sl_items_arg(c, 1, &a))
		return;
	for (size_t i = 0; i < a.n && !c->nomem; i++) {
		const amph_sqltype t = { .type = (uint8_t)element.type };
		sl_stored v = { .kind = SQLITE_NULL };

		if (a.items[i] && element.type == AMPH_T_ENUM)
			v = (sl_stored){ .kind = SQLITE_TEXT, .text = a.items[i],
					 .len = strlen(a.items[i]) };
		else if (a.items[i] && !amph__sl_store(c->arena, &t, a.items[i], strlen(a.items[i]), &v,
						       &err)) {
			amph__sl_raise_error(c, &err);
			return;
		}
		amph__sl_set_value(c, set, &v);
	}
}

static void subscripts(sl_call *c, sl_set *set)
{
	int64_t dim = amph__sl_int(c, 1);
	bool reverse = c->argc > 2 && amph__sl_int(c, 2), there;
	amph_matrix m;

	if (!amph__sl_matrix_arg(c, 0, &m))
		return;
	there = dim >= 1 && dim <= m.n_dims;
	set->counts = true;
	set->n_counted = there ? m.size[dim - 1] : 0;
	set->first = !there ? 1 : m.lower[dim - 1];
	if (there && reverse)
		set->first += m.size[dim - 1] - 1;
	set->step = reverse ? -1 : 1;
}

/* ---- JSON ---- */

static void add_json(sl_call *c, sl_set *set, sl_json v, bool as_text)
{
	sl_json_kind kind = amph__sl_json_kind(v);
	amph_buf b;

	if (!as_text || (kind != SL_JSON_STRING && kind != SL_JSON_NULL)) {
		amph__sl_set_text(c, set, v.at, v.len);
		return;
	}
	if (kind == SL_JSON_NULL) {
		amph__sl_set_text(c, set, NULL, 0);
		return;
	}
	amph__buf_init(&b, c->env->allocator);
	amph__sl_json_unquote(v, &b);
	amph__sl_set_text(c, set, amph__buf_text(&b), b.len);
	c->nomem |= b.failed;
	amph__buf_clear(&b);
}

enum { EACH, EACH_TEXT, KEYS, AS_TEXT = 1, PLAIN = 8 };

/* The argument, as jsonb or json; false: the error is raised. */
static bool json_arg(sl_call *c, bool strings, sl_json *out)
{
	*out = c->arg & PLAIN ? amph__sl_plain_arg(c, 0) : amph__sl_json_arg(c, 0);
	return !(c->arg & PLAIN) || !strings || amph__sl_plain_readable(c, *out);
}

static void json_elements(sl_call *c, sl_set *set)
{
	bool as_text = c->arg & AS_TEXT;
	sl_json v;

	if (!json_arg(c, as_text, &v))
		return;
	sl_json_iter it = amph__sl_json_begin(v);
	sl_json_kind kind = amph__sl_json_kind(v);

	if (kind != SL_JSON_ARRAY) {
		amph__sl_raise(c, "22023", kind == SL_JSON_OBJECT ? "cannot extract elements from an object"
								   : "cannot extract elements from a scalar");
		return;
	}
	while (!c->nomem && amph__sl_json_next(&it))
		add_json(c, set, it.value, as_text);
}

static void json_members(sl_call *c, sl_set *set)
{
	int what = (int)c->arg & ~PLAIN;
	const char *type = c->arg & PLAIN ? "json" : "jsonb";
	sl_json v;

	if (!json_arg(c, true, &v))
		return;
	sl_json_iter it = amph__sl_json_begin(v);
	sl_json_kind kind = amph__sl_json_kind(v);

	if (kind != SL_JSON_OBJECT) {
		if (what == KEYS)
			amph__sl_raise(c, "22023", "cannot call %s_object_keys on %s", type,
				       kind == SL_JSON_ARRAY ? "an array" : "a scalar");
		else
			amph__sl_raise(c, "22023", "cannot call %s_each%s on a non-object", type,
				       what == EACH_TEXT ? "_text" : "");
		return;
	}
	while (!c->nomem && amph__sl_json_next(&it)) {
		add_json(c, set, it.key, true);
		if (what != KEYS)
			add_json(c, set, it.value, what == EACH_TEXT);
	}
}

/* ---- texts ---- */

typedef struct parts {
	const char *text, *separator, *null;
	size_t len, separator_len, null_len;
	size_t at;
	bool done;
} parts;

/* The separator NULL gives every character, an empty one the whole text. */
static bool next_part(parts *p, const char **out, size_t *out_len)
{
	const char *from = p->text + p->at, *found;
	uint32_t ch;

	if (p->done || (p->len == 0 && p->at == 0)) {
		p->done = true;
		return false;
	}
	*out = from;
	if (!p->separator) {
		if (p->at >= p->len)
			return false;
		*out_len = amph__utf8_next(from, &ch);
		p->at += *out_len;
		return true;
	}
	found = p->separator_len ? memmem(from, p->len - p->at, p->separator, p->separator_len) : NULL;
	*out_len = found ? (size_t)(found - from) : p->len - p->at;
	p->done = !found;
	p->at += *out_len + (found ? p->separator_len : 0);
	return true;
}

static bool parts_of(sl_call *c, parts *p)
{
	*p = (parts){ 0 };
	if (amph__sl_is_null(c, 0))
		return false;
	p->text = amph__sl_text(c, 0, &p->len);
	if (!amph__sl_is_null(c, 1))
		p->separator = amph__sl_text(c, 1, &p->separator_len);
	if (c->argc > 2 && !amph__sl_is_null(c, 2))
		p->null = amph__sl_text(c, 2, &p->null_len);
	return true;
}

static bool is_null_part(const parts *p, const char *text, size_t len)
{
	return p->null && len == p->null_len && !memcmp(text, p->null, len);
}

static void string_to_table(sl_call *c, sl_set *set)
{
	parts p;
	const char *part;
	size_t len;

	if (!parts_of(c, &p))
		return;
	while (!c->nomem && next_part(&p, &part, &len))
		amph__sl_set_text(c, set, is_null_part(&p, part, len) ? NULL : part, len);
}

static void string_to_array(sl_call *c)
{
	parts p;
	const char *part, **items = NULL;
	size_t len, n = 0, cap = 0;

	if (!parts_of(c, &p))
		return;
	while (next_part(&p, &part, &len)) {
		if (n == cap) {
			const char **more = AMPH_NEWS(c->arena, const char *, cap * 2 + 8);

			if (!more)
				return;
			if (n)
				memcpy(more, items, n * sizeof(*items));
			items = more;
			cap = cap * 2 + 8;
		}
		items[n++] = is_null_part(&p, part, len) ? NULL : amph__arena_text(c->arena, part, len);
	}
	if (!c->arena->failed)
		amph__sl_array_result(c, items, n);
}

const sl_table_function amph__sl_table_functions[] = {
	{ "generate_series_int", 3, 1, false, int_series, 0 },
	{ "generate_series_numeric", 3, 1, false, numeric_series, 0 },
	{ "generate_series_timestamp", 3, 1, false, time_series, AMPH_T_TIMESTAMP },
	{ "generate_series_timestamptz", 3, 1, false, time_series, AMPH_T_TIMESTAMPTZ },
	{ "generate_subscripts", 2, 1, false, subscripts, 0 },
	{ "generate_subscripts_reverse", 3, 1, false, subscripts, 0 },
	{ "json_array_elements", 1, 1, false, json_elements, PLAIN },
	{ "json_array_elements_text", 1, 1, false, json_elements, PLAIN | AS_TEXT },
	{ "json_each", 1, 2, false, json_members, PLAIN | EACH },
	{ "json_each_text", 1, 2, false, json_members, PLAIN | EACH_TEXT },
	{ "json_object_keys", 1, 1, false, json_members, PLAIN | KEYS },
	{ "jsonb_array_elements", 1, 1, false, json_elements, 0 },
	{ "jsonb_array_elements_text", 1, 1, false, json_elements, AS_TEXT },
	{ "jsonb_each", 1, 2, false, json_members, EACH },
	{ "jsonb_each_text", 1, 2, false, json_members, EACH_TEXT },
	{ "jsonb_object_keys", 1, 1, false, json_members, KEYS },
	{ "jsonb_path_query", 4, 1, false, amph__sl_path_query, 0 },
	{ "jsonb_path_query_tz", 4, 1, false, amph__sl_path_query, 1 },
	{ "regexp_matches", 3, 1, false, amph__sl_regexp_matches, 0 },
	{ "regexp_split_to_table", 3, 1, false, amph__sl_regexp_split, 0 },
	{ "string_to_table", 2, 1, true, string_to_table, 0 },
	{ "string_to_table_null", 3, 1, true, string_to_table, 0 },
	{ "ts_parse", 2, 2, false, amph__sl_document_tokens, 0 },
	{ "unnest", 2, 1, false, unnest, 0 },
	{ "unnest_tsvector", 1, 3, false, amph__sl_vector_unnest, 0 },
	{ "unpack1", 2, SL_UNPACK_COLUMNS, true, amph__sl_unpack, 0 },
	{ "unpack2", 3, SL_UNPACK_COLUMNS, true, amph__sl_unpack, 0 },
	{ "unpack3", 4, SL_UNPACK_COLUMNS, true, amph__sl_unpack, 0 },
	{ "unpack4", 5, SL_UNPACK_COLUMNS, true, amph__sl_unpack, 0 },
	{ "unpack5", 6, SL_UNPACK_COLUMNS, true, amph__sl_unpack, 0 },
	{ "unpack6", 7, SL_UNPACK_COLUMNS, true, amph__sl_unpack, 0 }
};
const size_t amph__sl_n_table_functions = sizeof(amph__sl_table_functions) /
					  sizeof(amph__sl_table_functions[0]);

static const sl_function rows[] = {
	{ "string_to_array_text_text", 2, SL_FN_NULLS, string_to_array, 0 },
	{ "string_to_array_text_text_text", 3, SL_FN_NULLS, string_to_array, 0 }
};
const sl_functions amph__sl_sets_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
