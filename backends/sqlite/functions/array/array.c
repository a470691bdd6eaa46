/* Functions and operators of arrays (matrix.c has those that ask for dimensions). Types are
 * arguments, as $d of the dialect's templates. */
#include "matrix.h"
#include <stdio.h>
#include <string.h>

bool amph__sl_array_arg(sl_call *c, int i, amph_text_array *out)
{
	amph_error err;
	size_t len;
	const char *text = amph__sl_text(c, i, &len);

	if (amph__array_parse(AMPH_T_TEXT, NULL, text, len, out, c->arena, &err))
		return true;
	amph__sl_raise_error(c, &err);
	return false;
}

bool amph__sl_items_arg(sl_call *c, int i, amph_text_array *out)
{
	amph_matrix m;

	if (!amph__sl_matrix_arg(c, i, &m))
		return false;
	*out = (amph_text_array){ m.items, m.n };
	return true;
}

void amph__sl_array_put(const char *const *items, size_t n, amph_buf *out)
{
	static const char *const none[1];
	const amph_text_array array = { n ? items : none, n };
	const amph_slot slot = { .type = AMPH_T_TEXT | AMPH_T_ARRAY };

	amph__slot_format(&slot, &array, out);
}

void amph__sl_array_result(sl_call *c, const char *const *items, size_t n)
{
	amph_buf b;

	amph__buf_init(&b, c->env->allocator);
	amph__sl_array_put(items, n, &b);
	amph__sl_result_buf(c, &b);
}

static const char *formatted(sl_call *c, int type, const void *value)
{
	const char *text;
	amph_buf b;

	amph__buf_init(&b, c->env->allocator);
	amph__types[type].format(value, &b);
	text = b.failed ? NULL : amph__arena_text(c->arena, amph__buf_text(&b), b.len);
	c->arena->failed |= !text;
	amph__buf_clear(&b);
	return text;
}

const char *amph__sl_element_text(sl_call *c, const char *type, size_t len, sqlite3_value *v)
{
	int base, kind = sqlite3_value_type(v);
	const char *text;
	size_t text_len;
	char plain[64];

	if (kind == SQLITE_NULL)
		return NULL;
	if (len > 2 && !memcmp(type + len - 2, "[]", 2))
		len -= 2;
	base = amph__sl_type_named(type, len);
	if (base == AMPH_T_BOOL)
		return sqlite3_value_int(v) ? "t" : "f";
	if (kind == SQLITE_FLOAT) {
		double d = sqlite3_value_double(v);
		float f = (float)d;

		return base == AMPH_T_FLOAT ? formatted(c, base, &f) : formatted(c, AMPH_T_DOUBLE, &d);
	}
	if (kind == SQLITE_BLOB) {
		const void *data = sqlite3_value_blob(v);
		amph_bytes bytes = { data ? data : "", (size_t)sqlite3_value_bytes(v) };

		return formatted(c, AMPH_T_BYTES, &bytes);
	}
	text = (const char *)sqlite3_value_text(v);
	text_len = (size_t)sqlite3_value_bytes(v);
	if (!text) {
		c->arena->failed = true;
		return NULL;
	}
	text = amph__sl_plain_text(base, text, &text_len, plain);
	return amph__arena_text(c->arena, text, text_len);
}

/* The type is argument i, the value i + 1. */
static const char *element_arg(sl_call *c, int i)
{
	size_t len;
	const char *type = amph__sl_text(c, i, &len);

	return amph__sl_element_text(c, type, len, c->argv[i + 1]);
}

static bool comparer_arg(sl_call *c, int i, sl_comparer *out)
{
	size_t len;
	const char *type = amph__sl_text(c, i, &len);

	return amph__sl_comparer_of(c, type, len, out);
}

static bool same(const sl_comparer *by, const char *a, const char *b)
{
	if (!a || !b)
		return !a && !b;
	return amph__sl_compare_texts(by, a, strlen(a), b, strlen(b)) == 0;
}

/* ---- making ---- */

static void make(sl_call *c)
{
	size_t len, n = (size_t)c->argc - 1;
	const char *type = amph__sl_text(c, 0, &len);
	const char **items = AMPH_NEWS(c->arena, const char *, n ? n : 1);

	for (size_t i = 0; items && i < n; i++)
		items[i] = amph__sl_element_text(c, type, len, c->argv[i + 1]);
	if (items && !c->arena->failed)
		amph__sl_array_result(c, items, n);
}

/* ---- casts ---- */

static void array_in(sl_call *c)
{
	size_t type_len, len;
	const char *type = amph__sl_text(c, 1, &type_len), *text = amph__sl_text(c, 0, &len);
	amph_sqltype target = { 0 };
	sl_comparer by;
	amph_enum_type labels = { 0 };
	sl_stored v;
	amph_error err;

	if (!amph__sl_comparer_of(c, type, type_len, &by))
		return;
	target.type = (uint8_t)(by.type | AMPH_T_ARRAY);
	if (by.type == AMPH_T_ENUM) {
		labels = (amph_enum_type){ "enum", by.labels.items, by.labels.n };
		target.enumeration = &labels;
	}
	if (amph__sl_store(c->arena, &target, text, len, &v, &err))
		amph__sl_result_text(c, v.text, v.len);
	else
		amph__sl_raise_error(c, &err);
}

/* An element of one numeric type as one of another: rounded first where it goes to an integer. */
static const char *convert_element(sl_call *c, int to, const char *text)
{
	union { int64_t l; double d; amph_numeric n; amph_interval i; amph_uuid u; amph_bytes b; } v;
	amph_decimal d;
	amph_error err;
	amph_buf b;

	if (to >= AMPH_T_INT16 && to <= AMPH_T_INT64) {
		if (!amph__decimal_parse(text, strlen(text), &d, c->arena, &err)) {
			amph__sl_raise_error(c, &err);
			return NULL;
		}
		if (d.kind == 0 && !amph__decimal_round(&d, 0, c->arena))
			return NULL;
		amph__buf_init(&b, c->env->allocator);
		amph__decimal_format(&d, &b);
		text = amph__arena_text(c->arena, amph__buf_text(&b), b.len);
		amph__buf_clear(&b);
	}
	if (to == AMPH_T_TEXT || to == AMPH_T_ENUM || to >= AMPH_T_COUNT || !text)
		return text;
	if (!amph__types[to].parse(text, strlen(text), &v, c->arena, &err)) {
		amph__sl_raise_error(c, &err);
		return NULL;
	}
	return formatted(c, to, &v);
}

/* character(n) as another text, without the spaces behind. */
static const char *without_spaces(sl_call *c, const char *text)
{
	size_t len = strlen(text);

	while (len && text[len - 1] == ' ')
		len--;
	return amph__arena_text(c->arena, text, len);
}

static void array_cast(sl_call *c)
{
	sl_comparer from, to;
	amph_matrix m;

	if (!comparer_arg(c, 0, &from) || !comparer_arg(c, 2, &to) || !amph__sl_matrix_arg(c, 1, &m))
		return;
	for (size_t i = 0; i < m.n; i++) {
		if (!m.items[i])
			continue;
		m.items[i] = from.padded && !to.padded ? without_spaces(c, m.items[i])
						       : convert_element(c, to.type, m.items[i]);
		if (!m.items[i])
			return;
	}
	amph__sl_matrix_result(c, &m);
}

/* ---- elements ---- */

/* Gives an element as a value of its type, not as text. */
void amph__sl_element_result(sl_call *c, const sl_comparer *type, const char *text)
{
	const amph_sqltype element = { .type = (uint8_t)type->type };
	sl_stored v;
	amph_error err;

	if (!text)
		return;
	if (type->type == AMPH_T_ENUM || type->type == AMPH_T_TEXT) {
		amph__sl_result_text(c, text, strlen(text));
	} else if (!amph__sl_store(c->arena, &element, text, strlen(text), &v, &err)) {
		amph__sl_raise_error(c, &err);
	} else if (v.kind == SQLITE_INTEGER) {
		amph__sl_result_int(c, v.integer);
	} else if (v.kind == SQLITE_FLOAT) {
		amph__sl_result_real(c, v.real);
	} else if (v.kind == SQLITE_BLOB) {
		amph__sl_result_bytes(c, v.text, v.len);
	} else {
		amph__sl_result_text(c, v.text, v.len);
	}
}

static void trim_array(sl_call *c)
{
	amph_text_array a;
	int64_t n = amph__sl_int(c, 1);

	if (!amph__sl_array_arg(c, 0, &a))
		return;
	if (n < 0 || (uint64_t)n > a.n)
		amph__sl_raise(c, "2202E", "number of elements to trim must be between 0 and %zu", a.n);
	else
		amph__sl_array_result(c, a.items, a.n - (size_t)n);
}

/* An array of one dimension at most, as searching wants it. */
static bool vector_arg(sl_call *c, int i, amph_matrix *out)
{
	if (!amph__sl_matrix_arg(c, i, out))
		return false;
	if (out->n_dims > 1)
		amph__sl_raise(c, "0A000", "searching for elements in multidimensional arrays is not "
			       "supported");
	return out->n_dims <= 1;
}

static void position(sl_call *c)
{
	sl_comparer type;
	amph_matrix a;
	const char *what;
	size_t from = 0;

	if (amph__sl_is_null(c, 0) || !comparer_arg(c, 1, &type) || !vector_arg(c, 0, &a))
		return;
	if (c->argc > 3) {
		if (amph__sl_is_null(c, 3)) {
			amph__sl_raise(c, "22004", "initial position must not be null");
			return;
		}
		from = amph__sl_int(c, 3) > a.lower[0] ? (size_t)(amph__sl_int(c, 3) - a.lower[0]) : 0;
	}
	what = element_arg(c, 1);
	for (size_t i = from; i < a.n; i++) {
		if (!same(&type, a.items[i], what))
			continue;
		amph__sl_result_int(c, (int64_t)i + a.lower[0]);
		return;
	}
}

static void positions(sl_call *c)
{
	sl_comparer type;
	amph_matrix a;
	const char *what;
	bool any = false;
	amph_buf b;

	if (amph__sl_is_null(c, 0) || !comparer_arg(c, 1, &type) || !vector_arg(c, 0, &a))
		return;
	what = element_arg(c, 1);
	amph__buf_init(&b, c->env->allocator);
	amph__buf_putc(&b, '{');
	for (size_t i = 0; i < a.n; i++) {
		if (!same(&type, a.items[i], what))
			continue;
		amph__buf_printf(&b, any ? ",%lld" : "%lld", (long long)i + a.lower[0]);
		any = true;
	}
	amph__buf_putc(&b, '}');
	amph__sl_result_buf(c, &b);
}

/* remove(array, type, value), replace(array, type, value, with) */
static void replace(sl_call *c)
{
	sl_comparer type;
	amph_matrix a;
	const char *what, *with = NULL, **items;
	size_t n = 0;
	bool removes = c->argc == 3;

	if (amph__sl_is_null(c, 0) || !comparer_arg(c, 1, &type) || !amph__sl_matrix_arg(c, 0, &a))
		return;
	if (removes && a.n_dims > 1) {
		amph__sl_raise(c, "0A000", "removing elements from multidimensional arrays is not supported");
		return;
	}
	what = element_arg(c, 1);
	if (!removes) {
		size_t len;
		const char *name = amph__sl_text(c, 1, &len);

		with = amph__sl_element_text(c, name, len, c->argv[3]);
	}
	items = AMPH_NEWS(c->arena, const char *, a.n + 1);
	for (size_t i = 0; items && i < a.n; i++) {
		if (!same(&type, a.items[i], what))
			items[n++] = a.items[i];
		else if (!removes)
			items[n++] = with;
	}
	if (!items)
		return;
	a.items = items;
	if (removes && n != a.n)
		a = (amph_matrix){ .n_dims = n > 0, .lower = { a.lower[0] }, .size = { (int32_t)n },
				   .items = items, .n = n };
	amph__sl_matrix_result(c, &a);
}

static void to_string(sl_call *c)
{
	amph_text_array a;
	size_t len, null_len = 0;
	const char *separator = amph__sl_text(c, 1, &len), *null = NULL;
	bool any = false;
	amph_buf b;

	if (amph__sl_is_null(c, 0) || amph__sl_is_null(c, 1) || !amph__sl_items_arg(c, 0, &a))
		return;
	if (c->argc > 2 && !amph__sl_is_null(c, 2))
		null = amph__sl_text(c, 2, &null_len);
	amph__buf_init(&b, c->env->allocator);
	for (size_t i = 0; i < a.n; i++) {
		const char *item = a.items[i] ? a.items[i] : null;

		if (!item)
			continue;
		if (any)
			amph__buf_add(&b, separator, len);
		amph__buf_puts(&b, item);
		any = true;
	}
	amph__sl_result_buf(c, &b);
}

/* ---- sets ---- */

static bool among(const sl_comparer *by, const amph_text_array *a, const char *what)
{
	for (size_t i = 0; what && i < a->n; i++)
		if (a->items[i] && same(by, a->items[i], what))
			return true;
	return false;
}

static bool contains_all(const sl_comparer *by, const amph_text_array *a, const amph_text_array *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (!among(by, a, b->items[i]))
			return false;
	return true;
}

enum { CONTAINS, CONTAINED, OVERLAPS };

static void compare_sets(sl_call *c)
{
	sl_comparer by;
	amph_text_array a, b;
	bool result = false;

	if (!comparer_arg(c, 0, &by) || !amph__sl_items_arg(c, 1, &a) || !amph__sl_items_arg(c, 2, &b))
		return;
	if (c->arg == CONTAINS)
		result = contains_all(&by, &a, &b);
	else if (c->arg == CONTAINED)
		result = contains_all(&by, &b, &a);
	else
		for (size_t i = 0; i < b.n && !result; i++)
			result = among(&by, &a, b.items[i]);
	amph__sl_result_bool(c, result);
}

static void extreme(sl_call *c)
{
	sl_comparer by;
	int order;

	if (!comparer_arg(c, 0, &by))
		return;
	order = amph__sl_compare_values(&by, c->argv[1], c->argv[2]);
	sqlite3_result_value(c->ctx, c->argv[order * c->arg >= 0 ? 1 : 2]);
}

static const sl_function rows[] = {
	{ "array", -1, SL_FN_NULLS, make, 0 },
	{ "array_cast", 3, 0, array_cast, 0 },
	{ "array_in", 2, 0, array_in, 0 },
	{ "array_larger", 3, 0, extreme, 1 },
	{ "array_position", -1, SL_FN_NULLS, position, 0 },
	{ "array_positions", 3, SL_FN_NULLS, positions, 0 },
	{ "array_remove", 3, SL_FN_NULLS, replace, 0 },
	{ "array_replace", 4, SL_FN_NULLS, replace, 0 },
	{ "array_smaller", 3, 0, extreme, -1 },
	{ "array_to_string_anyarray_text", 2, 0, to_string, 0 },
	{ "array_to_string_anyarray_text_text", 3, SL_FN_NULLS, to_string, 0 },
	{ "arraycontained", 3, 0, compare_sets, CONTAINED },
	{ "arraycontains", 3, 0, compare_sets, CONTAINS },
	{ "arrayoverlap", 3, 0, compare_sets, OVERLAPS },
	{ "trim_array_anyarray_int4", 2, 0, trim_array, 0 }
};
const sl_functions amph__sl_array_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
