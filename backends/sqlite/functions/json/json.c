/* Operators of jsonb: access, containment, existence, deletion, concatenation. */
#include "../array/array.h"
#include "jsontext.h"
#include <string.h>

static bool is_scalar(sl_json v)
{
	return amph__sl_json_kind(v) < SL_JSON_ARRAY;
}

static void put_json(sl_call *c, sl_json v)
{
	amph__sl_result_text(c, v.at, v.len);
}

/* ->> gives a string's text, and NULL for null. */
static void put_value(sl_call *c, sl_json v, bool as_text)
{
	sl_json_kind kind = amph__sl_json_kind(v);
	amph_buf b;

	if (!as_text || (kind != SL_JSON_STRING && kind != SL_JSON_NULL)) {
		put_json(c, v);
		return;
	}
	if (kind == SL_JSON_NULL)
		return;
	amph__buf_init(&b, c->env->allocator);
	amph__sl_json_unquote(v, &b);
	amph__sl_result_buf(c, &b);
}

/* ---- access ---- */

static void object_field(sl_call *c)
{
	size_t len;
	const char *key = amph__sl_text(c, 1, &len);
	sl_json v;

	if (amph__sl_json_field(amph__sl_json_arg(c, 0), key, len, &v))
		put_value(c, v, c->arg != 0);
}

/* A scalar is an array of itself to this operator. */
static void array_element(sl_call *c)
{
	sl_json v = amph__sl_json_arg(c, 0), out;
	int64_t i = amph__sl_int(c, 1);

	if (is_scalar(v) && (i == 0 || i == -1))
		put_value(c, v, c->arg != 0);
	else if (amph__sl_json_element(v, i, &out))
		put_value(c, out, c->arg != 0);
}

static bool walk_path(sl_json v, const amph_text_array *path, sl_json *out)
{
	int64_t i;

	for (size_t at = 0; at < path->n; at++) {
		const char *step = path->items[at];

		if (amph__sl_json_kind(v) == SL_JSON_OBJECT) {
			if (!amph__sl_json_field(v, step, strlen(step), &v))
				return false;
		} else if (!amph__sl_json_index(step, &i) || !amph__sl_json_element(v, i, &v)) {
			return false;
		}
	}
	*out = v;
	return true;
}

static bool has_null(const amph_text_array *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (!a->items[i])
			return true;
	return false;
}

/* The same with the path as arguments. */
static void extract_steps(sl_call *c)
{
	size_t n = (size_t)c->argc - 1, len;
	const char **items = AMPH_NEWS(c->arena, const char *, n + 1);
	sl_json v;

	for (size_t i = 0; items && i < n; i++)
		items[i] = amph__sl_text(c, (int)i + 1, &len);
	if (items && walk_path(amph__sl_json_arg(c, 0), &(amph_text_array){ items, n }, &v))
		put_value(c, v, c->arg != 0);
}

static void extract_path(sl_call *c)
{
	amph_text_array path;
	sl_json v;

	if (!amph__sl_array_arg(c, 1, &path) || has_null(&path))
		return;
	if (walk_path(amph__sl_json_arg(c, 0), &path, &v))
		put_value(c, v, c->arg != 0);
}

/* ---- questions ---- */

static void contains(sl_call *c)
{
	sl_json a = amph__sl_json_arg(c, c->arg ? 1 : 0), b = amph__sl_json_arg(c, c->arg ? 0 : 1);
	bool found = false;

	/* only at the top an array contains a scalar that is its element */
	if (amph__sl_json_kind(a) == SL_JSON_ARRAY && is_scalar(b)) {
		sl_json_iter it = amph__sl_json_begin(a);

		while (!found && amph__sl_json_next(&it))
			found = is_scalar(it.value) && amph__sl_json_equal(it.value, b);
	} else {
		found = amph__sl_json_contains(a, b);
	}
	amph__sl_result_bool(c, found);
}

static bool has_key(sl_json v, const char *key, size_t len)
{
	sl_json_kind kind = amph__sl_json_kind(v);
	sl_json_iter it = amph__sl_json_begin(v);
	sl_json ignored;

	if (kind == SL_JSON_OBJECT)
		return amph__sl_json_field(v, key, len, &ignored);
	if (kind == SL_JSON_STRING)
		return amph__sl_json_is_text(v, key, len);
	while (amph__sl_json_next(&it))
		if (amph__sl_json_kind(it.value) == SL_JSON_STRING &&
		    amph__sl_json_is_text(it.value, key, len))
			return true;
	return false;
}

static void exists(sl_call *c)
{
	size_t len;
	const char *key = amph__sl_text(c, 1, &len);

	amph__sl_result_bool(c, has_key(amph__sl_json_arg(c, 0), key, len));
}

/* arg: whether all of them, or any. */
static void exists_many(sl_call *c)
{
	sl_json v = amph__sl_json_arg(c, 0);
	amph_text_array keys;
	bool all = c->arg != 0, result = all;

	if (!amph__sl_array_arg(c, 1, &keys))
		return;
	for (size_t i = 0; i < keys.n && result == all; i++)
		if (keys.items[i])
			result = has_key(v, keys.items[i], strlen(keys.items[i]));
	amph__sl_result_bool(c, result);
}

void amph__sl_json_type_of(sl_call *c)
{
	static const char *const names[] = { "null", "boolean", "number", "string", "array", "object" };
	const char *name = names[amph__sl_json_kind(amph__sl_plain_arg(c, 0))];

	amph__sl_result_text(c, name, strlen(name));
}

void amph__sl_json_length(sl_call *c)
{
	sl_json v = amph__sl_plain_arg(c, 0);
	sl_json_kind kind = amph__sl_json_kind(v);

	if (kind == SL_JSON_ARRAY)
		amph__sl_result_int(c, (int64_t)amph__sl_json_count(v));
	else
		amph__sl_raise(c, "22023", "cannot get array length of a %s",
			       kind == SL_JSON_OBJECT ? "non-array" : "scalar");
}

/* ---- deletion ---- */

typedef struct writer {
	amph_buf *b;
	bool object, first;
} writer;

static writer open_like(amph_buf *b, sl_json v)
{
	writer w = { .b = b, .object = amph__sl_json_kind(v) == SL_JSON_OBJECT, .first = true };

	amph__buf_putc(b, w.object ? '{' : '[');
	return w;
}

static void add_member(writer *w, sl_json key, sl_json value)
{
	if (!w->first)
		amph__buf_puts(w->b, ", ");
	w->first = false;
	if (w->object) {
		amph__buf_add(w->b, key.at, key.len);
		amph__buf_puts(w->b, ": ");
	}
	amph__buf_add(w->b, value.at, value.len);
}

static void close_like(writer *w)
{
	amph__buf_putc(w->b, w->object ? '}' : ']');
}

static bool is_named(const sl_json_iter *it, const amph_text_array *keys)
{
	sl_json name = it->object ? it->key : it->value;

	if (!it->object && amph__sl_json_kind(it->value) != SL_JSON_STRING)
		return false;
	for (size_t i = 0; i < keys->n; i++)
		if (keys->items[i] &&
		    amph__sl_json_is_text(name, keys->items[i], strlen(keys->items[i])))
			return true;
	return false;
}

static void delete_keys(sl_call *c, const amph_text_array *keys)
{
	sl_json v = amph__sl_json_arg(c, 0);
	sl_json_iter it = amph__sl_json_begin(v);
	amph_buf b;

	if (is_scalar(v)) {
		amph__sl_raise(c, "22023", "cannot delete from scalar");
		return;
	}
	amph__buf_init(&b, c->env->allocator);
	writer w = open_like(&b, v);

	while (amph__sl_json_next(&it))
		if (!is_named(&it, keys))
			add_member(&w, it.key, it.value);
	close_like(&w);
	amph__sl_result_buf(c, &b);
}

static void delete_text(sl_call *c)
{
	size_t len;
	const char *const key = amph__sl_text(c, 1, &len);
	const amph_text_array keys = { &key, 1 };

	delete_keys(c, &keys);
}

static void delete_texts(sl_call *c)
{
	amph_text_array keys = { NULL, 0 };
	size_t n = (size_t)c->argc - 1, len;
	const char **items;

	if (n == 1 && (amph__sl_is_null(c, 0) || amph__sl_is_null(c, 1)))
		return;
	if (n == 1) {
		if (amph__sl_array_arg(c, 1, &keys))
			delete_keys(c, &keys);
		return;
	}
	items = AMPH_NEWS(c->arena, const char *, n + 1);
	for (size_t i = 0; items && i < n; i++)
		items[i] = amph__sl_is_null(c, (int)i + 1) ? NULL : amph__sl_text(c, (int)i + 1, &len);
	keys = (amph_text_array){ items, n };
	if (items && !amph__sl_is_null(c, 0))
		delete_keys(c, &keys);
}

static void delete_index(sl_call *c)
{
	sl_json v = amph__sl_json_arg(c, 0);
	sl_json_iter it = amph__sl_json_begin(v);
	int64_t skip = amph__sl_int(c, 1);
	amph_buf b;

	if (is_scalar(v)) {
		amph__sl_raise(c, "22023", "cannot delete from scalar");
		return;
	}
	if (it.object) {
		amph__sl_raise(c, "22023", "cannot delete from object using integer index");
		return;
	}
	if (skip < 0)
		skip += (int64_t)amph__sl_json_count(v);
	amph__buf_init(&b, c->env->allocator);
	writer w = open_like(&b, v);

	for (int64_t i = 0; amph__sl_json_next(&it); i++)
		if (i != skip)
			add_member(&w, it.key, it.value);
	close_like(&w);
	amph__sl_result_buf(c, &b);
}

/* ---- concatenation ---- */

/* What is no array is put in as an element, but for two objects. */
static void add_inside(writer *w, sl_json v)
{
	sl_json_iter it = amph__sl_json_begin(v);

	if (w->object || amph__sl_json_kind(v) == SL_JSON_ARRAY)
		while (amph__sl_json_next(&it))
			add_member(w, it.key, it.value);
	else
		add_member(w, v, v);
}

static void concat(sl_call *c)
{
	sl_json a = amph__sl_json_arg(c, 0), b = amph__sl_json_arg(c, 1);
	sl_json_kind x = amph__sl_json_kind(a), y = amph__sl_json_kind(b);
	amph_buf out;
	writer w = { .b = &out, .object = x == SL_JSON_OBJECT && y == SL_JSON_OBJECT, .first = true };

	amph__buf_init(&out, c->env->allocator);
	amph__buf_putc(&out, w.object ? '{' : '[');
	add_inside(&w, a);
	add_inside(&w, b);
	close_like(&w);
	if (w.object)
		amph__sl_json_result(c, &out);
	else
		amph__sl_result_buf(c, &out);
}

static const sl_function rows[] = {
	{ "jsonb_array_element", 2, 0, array_element, 0 },
	{ "jsonb_array_element_text", 2, 0, array_element, 1 },
	{ "jsonb_array_length_jsonb", 1, 0, amph__sl_json_length, 0 },
	{ "jsonb_concat", 2, 0, concat, 0 },
	{ "jsonb_contained", 2, 0, contains, 1 },
	{ "jsonb_contains", 2, 0, contains, 0 },
	{ "jsonb_delete_jsonb_int4", 2, 0, delete_index, 0 },
	{ "jsonb_delete_jsonb_text", 2, 0, delete_text, 0 },
	{ "jsonb_delete_jsonb_text_array", -1, SL_FN_NULLS, delete_texts, 0 },
	{ "jsonb_exists", 2, 0, exists, 0 },
	{ "jsonb_exists_all", 2, 0, exists_many, 1 },
	{ "jsonb_exists_any", 2, 0, exists_many, 0 },
	{ "jsonb_extract_path", 2, 0, extract_path, 0 },
	{ "jsonb_extract_path_jsonb_text_array", -1, 0, extract_steps, 0 },
	{ "jsonb_extract_path_text", 2, 0, extract_path, 1 },
	{ "jsonb_extract_path_text_jsonb_text_array", -1, 0, extract_steps, 1 },
	{ "jsonb_object_field", 2, 0, object_field, 0 },
	{ "jsonb_object_field_text", 2, 0, object_field, 1 },
	{ "jsonb_subscript", -1, 0, extract_steps, 0 },
	{ "jsonb_typeof_jsonb", 1, 0, amph__sl_json_type_of, 0 }
};
const sl_functions amph__sl_json_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
