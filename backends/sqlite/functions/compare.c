/* One order for each type. */
#include "compare.h"
#include <string.h>

int amph__sl_type_named(const char *name, size_t len)
{
	for (int i = 1; i < AMPH_T_COUNT; i++)
		if (strlen(amph__types[i].short_name) == len && !memcmp(amph__types[i].short_name, name, len))
			return i;
	return AMPH_T_NONE;
}

bool amph__sl_comparer_of(sl_call *c, const char *type, size_t len, sl_comparer *out)
{
	amph_error err;
	bool array = len > 2 && !memcmp(type + len - 2, "[]", 2);

	if (array)
		len -= 2;
	*out = (sl_comparer){ .type = amph__sl_type_named(type, len), .array = array,
			      .allocator = c->env->allocator };
	if (out->type != AMPH_T_NONE)
		return true;
	out->type = AMPH_T_TEXT;
	out->padded = len == strlen("bpchar") && !memcmp(type, "bpchar", len);
	if (len > 2 && type[0] == '(') {
		out->type = AMPH_T_ROW_VALUE;
		return amph__sl_columns_of(c, type + 1, len - 2, out);
	}
	if (!len || type[0] != '{')
		return true;
	out->type = AMPH_T_ENUM;
	if (amph__array_parse(AMPH_T_TEXT, NULL, type, len, &out->labels, c->arena, &err))
		return true;
	amph__sl_raise_error(c, &err);
	return false;
}

static int compare_bytes(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t n = a_len < b_len ? a_len : b_len;
	int order = n ? memcmp(a, b, n) : 0;

	return order ? order : (a_len > b_len) - (a_len < b_len);
}

static size_t bare_length(const char *text, size_t len)
{
	while (len && text[len - 1] == ' ')
		len--;
	return len;
}

static size_t label_number(const sl_comparer *by, const char *text, size_t len)
{
	size_t i = 0;

	while (i < by->labels.n && (strlen(by->labels.items[i]) != len ||
				    memcmp(by->labels.items[i], text, len)))
		i++;
	return i;
}

static int compare_labels(const sl_comparer *by, const char *a, size_t a_len, const char *b,
			  size_t b_len)
{
	size_t x = label_number(by, a, a_len), y = label_number(by, b, b_len);

	return (x > y) - (x < y);
}

/* Values whose text has to be read; what cannot be read sorts last. */
static int compare_parsed(int type, const char *a, size_t a_len, const char *b, size_t b_len)
{
	union { amph_interval i; double d; float f; int64_t l; int32_t n; int16_t s; bool b; } x, y;
	bool ok_a = amph__types[type].parse(a, a_len, &x, NULL, NULL);
	bool ok_b = amph__types[type].parse(b, b_len, &y, NULL, NULL);

	if (ok_a && ok_b)
		return amph__types[type].compare(&x, &y);
	return ok_a == ok_b ? compare_bytes(a, a_len, b, b_len) : ok_a ? -1 : 1;
}

int amph__sl_compare_texts(const sl_comparer *by, const char *a, size_t a_len, const char *b,
			   size_t b_len)
{
	switch (by->type) {
	case AMPH_T_NUMERIC:
		return amph__decimal_compare_text(a, a_len, b, b_len);
	case AMPH_T_JSON:
		return amph__json_compare(a, a_len, b, b_len);
	case AMPH_T_ROW_VALUE:
		return amph__sl_compare_records(by, a, a_len, b, b_len);
	case AMPH_T_ENUM:
		return compare_labels(by, a, a_len, b, b_len);
	case AMPH_T_BOOL:
	case AMPH_T_INT16:
	case AMPH_T_INT32:
	case AMPH_T_INT64:
	case AMPH_T_FLOAT:
	case AMPH_T_DOUBLE:
	case AMPH_T_INTERVAL:
	case AMPH_T_DATE:
	case AMPH_T_TIMESTAMP:
	case AMPH_T_TIMESTAMPTZ:
		return compare_parsed(by->type, a, a_len, b, b_len);
	default:
		return by->padded ? compare_bytes(a, bare_length(a, a_len), b, bare_length(b, b_len))
				  : compare_bytes(a, a_len, b, b_len);
	}
}

/* Of equal elements the one with fewer dimensions, or of smaller ones, is less. */
static int compare_shapes(const amph_matrix *a, const amph_matrix *b)
{
	if (a->n_dims != b->n_dims)
		return a->n_dims < b->n_dims ? -1 : 1;
	for (int i = 0; i < a->n_dims; i++)
		if (a->size[i] != b->size[i])
			return a->size[i] < b->size[i] ? -1 : 1;
	for (int i = 0; i < a->n_dims; i++)
		if (a->lower[i] != b->lower[i])
			return a->lower[i] < b->lower[i] ? -1 : 1;
	return 0;
}

static int compare_items(const sl_comparer *by, const amph_matrix *a, const amph_matrix *b)
{
	/* NULLs are equal, and greater than all else */
	for (size_t i = 0; i < a->n && i < b->n; i++) {
		const char *x = a->items[i], *y = b->items[i];
		int order;

		if (!x || !y)
			order = (x == NULL) - (y == NULL);
		else
			order = amph__sl_compare_texts(by, x, strlen(x), y, strlen(y));
		if (order)
			return order;
	}
	return a->n == b->n ? compare_shapes(a, b) : a->n > b->n ? 1 : -1;
}

int amph__sl_compare_arrays(const sl_comparer *by, const char *a, size_t a_len, const char *b,
			    size_t b_len)
{
	amph_arena arena;
	amph_matrix x, y;
	bool ok_a, ok_b;
	int order;

	amph__arena_init(&arena, by->allocator);
	ok_a = amph__matrix_parse(a, a_len, &x, &arena, NULL);
	ok_b = amph__matrix_parse(b, b_len, &y, &arena, NULL);
	if (ok_a && ok_b)
		order = compare_items(by, &x, &y);
	else
		order = ok_a == ok_b ? compare_bytes(a, a_len, b, b_len) : ok_a ? -1 : 1;
	amph__arena_clear(&arena);
	return order;
}

/* Dates sort as they are stored. */
static int compare_stored(const sl_comparer *by, sqlite3_value *a, sqlite3_value *b)
{
	const char *x = sqlite3_value_type(a) == SQLITE_BLOB ? sqlite3_value_blob(a)
							     : (const char *)sqlite3_value_text(a);
	const char *y = sqlite3_value_type(b) == SQLITE_BLOB ? sqlite3_value_blob(b)
							     : (const char *)sqlite3_value_text(b);
	size_t x_len = (size_t)sqlite3_value_bytes(a), y_len = (size_t)sqlite3_value_bytes(b);
	bool as_bytes = by->type == AMPH_T_DATE || by->type == AMPH_T_TIMESTAMP ||
			by->type == AMPH_T_TIMESTAMPTZ;

	if (!x || !y)
		return (x != NULL) - (y != NULL);
	if (by->array)
		return amph__sl_compare_arrays(by, x, x_len, y, y_len);
	if (as_bytes)
		return compare_bytes(x, x_len, y, y_len);
	return amph__sl_compare_texts(by, x, x_len, y, y_len);
}

int amph__sl_compare_values(const sl_comparer *by, sqlite3_value *a, sqlite3_value *b)
{
	int type = sqlite3_value_type(a);

	if (type == SQLITE_INTEGER) {
		int64_t x = sqlite3_value_int64(a), y = sqlite3_value_int64(b);

		return (x > y) - (x < y);
	}
	if (type == SQLITE_FLOAT || sqlite3_value_type(b) == SQLITE_FLOAT) {
		double x = amph__sl_real_of(a), y = amph__sl_real_of(b);

		return amph__types[AMPH_T_DOUBLE].compare(&x, &y);
	}
	return compare_stored(by, a, b);
}
