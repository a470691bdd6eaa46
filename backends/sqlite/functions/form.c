/* Forms of the grammar that are functions here: GREATEST, LEAST, op ANY, op ALL, casts to enums. */
#include "array/array.h"
#include "compare.h"
#include <string.h>

/* GREATEST and LEAST leave NULLs out. The first argument is the type. */
static void extreme(sl_call *c)
{
	size_t len;
	const char *type = amph__sl_text(c, 0, &len);
	sl_comparer by;
	int best = 0;

	if (!amph__sl_comparer_of(c, type, len, &by))
		return;
	for (int i = 1; i < c->argc; i++) {
		if (amph__sl_is_null(c, i))
			continue;
		if (!best || amph__sl_compare_values(&by, c->argv[i], c->argv[best]) * c->arg > 0)
			best = i;
	}
	if (best)
		sqlite3_result_value(c->ctx, c->argv[best]);
}

/* A label of an enum, whose labels are the text of an array; then its name. */
static void enum_in(sl_call *c)
{
	size_t len, labels_len;
	const char *text = amph__sl_text(c, 0, &len), *all = amph__sl_text(c, 1, &labels_len);
	amph_text_array labels;
	amph_error err;

	if (!amph__array_parse(AMPH_T_TEXT, NULL, all, labels_len, &labels, c->arena, &err)) {
		amph__sl_raise_error(c, &err);
		return;
	}
	for (size_t i = 0; i < labels.n; i++) {
		if (strlen(labels.items[i]) != len || memcmp(labels.items[i], text, len))
			continue;
		amph__sl_result_text(c, text, len);
		return;
	}
	amph__sl_raise(c, "22P02", "invalid input value for enum %s: \"%s\"", amph__sl_text(c, 2, &len),
		       text);
}

static size_t label_at(sl_call *c, int i, const amph_text_array *labels, size_t none)
{
	size_t len, at = 0;
	const char *text;

	if (c->argc <= i || amph__sl_is_null(c, i))
		return none;
	text = amph__sl_text(c, i, &len);
	while (at < labels->n &&
	       (strlen(labels->items[at]) != len || memcmp(labels->items[at], text, len) != 0))
		at++;
	return at;
}

/* enum_range(type, from, to), where NULL is no limit. */
static void enum_range(sl_call *c)
{
	size_t len, from, to;
	const char *type = amph__sl_text(c, 0, &len);
	sl_comparer by;

	if (!amph__sl_comparer_of(c, type, len, &by))
		return;
	from = label_at(c, 1, &by.labels, 0);
	to = label_at(c, 2, &by.labels, by.labels.n - 1);
	amph__sl_array_result(c, (const char *const *)by.labels.items + from,
			      from > to ? 0 : to - from + 1);
}

/* The first or last label of a type. */
static void enum_end(sl_call *c)
{
	size_t len, at;
	const char *type = amph__sl_text(c, 0, &len);
	sl_comparer by;

	if (!amph__sl_comparer_of(c, type, len, &by) || !by.labels.n)
		return;
	at = c->arg ? by.labels.n - 1 : 0;
	amph__sl_result_text(c, by.labels.items[at], strlen(by.labels.items[at]));
}

static void count_nulls(sl_call *c)
{
	int64_t n = 0;

	for (int i = 0; i < c->argc; i++)
		n += amph__sl_is_null(c, i) == (c->arg != 0);
	amph__sl_result_int(c, n);
}

/* Of the elements of an array. */
static void count_null_items(sl_call *c)
{
	amph_text_array array;
	int64_t n = 0;

	if (!amph__sl_items_arg(c, 0, &array))
		return;
	for (size_t i = 0; i < array.n; i++)
		n += (array.items[i] == NULL) == (c->arg != 0);
	amph__sl_result_int(c, n);
}

static const sl_function rows[] = {
	{ "enum_first", 1, 0, enum_end, 0 },
	{ "enum_in", 3, 0, enum_in, 0 },
	{ "enum_last", 1, 0, enum_end, 1 },
	{ "enum_range", 3, SL_FN_NULLS, enum_range, 0 },
	{ "greatest", -1, SL_FN_NULLS, extreme, 1 },
	{ "least", -1, SL_FN_NULLS, extreme, -1 },
	{ "num_nonnulls", -1, SL_FN_NULLS, count_nulls, 0 },
	{ "num_nonnulls_variadic", 1, 0, count_null_items, 0 },
	{ "num_nulls", -1, SL_FN_NULLS, count_nulls, 1 },
	{ "num_nulls_variadic", 1, 0, count_null_items, 1 }
};
const sl_functions amph__sl_form_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
