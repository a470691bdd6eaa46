/* json, as it was written: what jsontext.h says of jsonb's normal form holds but for the space between
 * tokens, keys that come twice and characters written as \u. */
#include "../array/array.h"
#include "jsontext.h"
#include <string.h>

/* ---- reading ---- */

static bool is_jsonb(amph_arena *arena, const char *text, size_t len, amph_error *err)
{
	amph_buf b;
	bool ok;

	amph__buf_init(&b, arena->allocator);
	ok = amph__json_normalize(text, len, &b, err);
	amph__buf_clear(&b);
	return ok;
}

/* u and four digits. */
static bool is_code(const char *p)
{
	if (*p != 'u')
		return false;
	for (int i = 1; i <= 4; i++)
		if (amph__hex_of(p[i]) < 0)
			return false;
	return true;
}

/* Which character \u means is of no interest to the type, only that it has four digits. */
bool amph__sl_plain_check(amph_arena *arena, const char *text, size_t len, amph_error *err)
{
	char *copy = amph__arena_text(arena, text, len);

	for (size_t i = 0; copy && i + 5 < len; i++) {
		if (copy[i] != '\\')
			continue;
		if (is_code(copy + i + 1)) {
			memset(copy + i, 'x', 6);
			i += 5;
		} else {
			i++;
		}
	}
	return copy ? is_jsonb(arena, copy, len, err) : amph__error_nomem(err);
}

sl_json amph__sl_plain_arg(const sl_call *c, int i)
{
	sl_json v = amph__sl_json_arg(c, i);

	for (; v.len && amph__sl_json_is_space(*v.at); v.len--)
		v.at++;
	while (v.len && amph__sl_json_is_space(v.at[v.len - 1]))
		v.len--;
	return v;
}

/* For what reads strings: each \u has to mean a character. */
bool amph__sl_plain_readable(sl_call *c, sl_json v)
{
	amph_error err;

	if (!memmem(v.at, v.len, "\\u", 2) || is_jsonb(c->arena, v.at, v.len, &err))
		return true;
	amph__sl_raise_error(c, &err);
	return false;
}

static void input(sl_call *c)
{
	amph_error err;
	size_t len;
	const char *text = amph__sl_text(c, 0, &len);

	if (amph__sl_plain_check(c->arena, text, len, &err))
		amph__sl_result_text(c, text, len);
	else
		amph__sl_raise_error(c, &err);
}

/* ---- access ---- */

void amph__sl_plain_value(sl_call *c, sl_json v, bool as_text)
{
	sl_json_kind kind = amph__sl_json_kind(v);
	amph_buf b;

	if (as_text && kind == SL_JSON_NULL)
		return;
	if (!as_text || kind != SL_JSON_STRING) {
		amph__sl_result_text(c, v.at, v.len);
		return;
	}
	amph__buf_init(&b, c->env->allocator);
	amph__sl_json_unquote(v, &b);
	amph__sl_result_buf(c, &b);
}

/* The last of the values at the path, where keys come twice. */
static bool find(sl_json v, const char *const *path, size_t n, sl_json *out)
{
	sl_json_iter it = amph__sl_json_begin(v);
	bool found = false;
	int64_t i;
	sl_json element;

	if (n == 0) {
		*out = v;
		return true;
	}
	if (amph__sl_json_kind(v) == SL_JSON_ARRAY)
		return amph__sl_json_index(*path, &i) && amph__sl_json_element(v, i, &element) &&
		       find(element, path + 1, n - 1, out);
	while (it.object && amph__sl_json_next(&it))
		if (amph__sl_json_is_text(it.key, *path, strlen(*path)))
			found |= find(it.value, path + 1, n - 1, out);
	return found;
}

static void get(sl_call *c, const char *const *path, size_t n)
{
	sl_json v = amph__sl_plain_arg(c, 0), out;

	if (amph__sl_plain_readable(c, v) && find(v, path, n, &out))
		amph__sl_plain_value(c, out, c->arg != 0);
}

static void object_field(sl_call *c)
{
	size_t len;
	const char *key = amph__sl_text(c, 1, &len);

	if (amph__sl_json_kind(amph__sl_plain_arg(c, 0)) == SL_JSON_OBJECT)
		get(c, &key, 1);
	else
		amph__sl_plain_readable(c, amph__sl_plain_arg(c, 0));
}

static void array_element(sl_call *c)
{
	sl_json v = amph__sl_plain_arg(c, 0), out;

	if (amph__sl_plain_readable(c, v) && amph__sl_json_element(v, amph__sl_int(c, 1), &out))
		amph__sl_plain_value(c, out, c->arg != 0);
}

static void extract_path(sl_call *c)
{
	amph_text_array path;

	if (!amph__sl_array_arg(c, 1, &path))
		return;
	for (size_t i = 0; i < path.n; i++)
		if (!path.items[i])
			return;
	get(c, path.items, path.n);
}

static void extract_steps(sl_call *c)
{
	size_t n = (size_t)c->argc - 1, len;
	const char **items = AMPH_NEWS(c->arena, const char *, n + 1);

	for (size_t i = 0; items && i < n; i++)
		items[i] = amph__sl_text(c, (int)i + 1, &len);
	if (items)
		get(c, items, n);
}

/* ---- without NULL members ---- */

static void put_again(sl_json string, amph_buf *out)
{
	amph_buf b;

	amph__buf_init(&b, out->allocator);
	amph__sl_json_unquote(string, &b);
	amph__sl_json_quote(amph__buf_text(&b), b.len, out);
	out->failed |= b.failed;
	amph__buf_clear(&b);
}

static void strip(sl_json v, amph_buf *out)
{
	sl_json_iter it = amph__sl_json_begin(v);
	sl_json_kind kind = amph__sl_json_kind(v);
	bool first = true;

	if (kind == SL_JSON_STRING)
		put_again(v, out);
	else if (kind < SL_JSON_ARRAY)
		amph__buf_add(out, v.at, v.len);
	if (kind < SL_JSON_ARRAY)
		return;
	amph__buf_putc(out, it.object ? '{' : '[');
	while (amph__sl_json_next(&it)) {
		if (it.object && amph__sl_json_kind(it.value) == SL_JSON_NULL)
			continue;
		amph__buf_puts(out, first ? "" : ",");
		first = false;
		if (it.object) {
			put_again(it.key, out);
			amph__buf_putc(out, ':');
		}
		strip(it.value, out);
	}
	amph__buf_putc(out, it.object ? '}' : ']');
}

static void strip_nulls(sl_call *c)
{
	sl_json v = amph__sl_plain_arg(c, 0);
	amph_buf b;

	if (!amph__sl_plain_readable(c, v))
		return;
	amph__buf_init(&b, c->env->allocator);
	strip(v, &b);
	amph__sl_result_buf(c, &b);
}

static const sl_function rows[] = {
	{ "json_array_element", 2, 0, array_element, 0 },
	{ "json_array_element_text", 2, 0, array_element, 1 },
	{ "json_array_length_json", 1, 0, amph__sl_json_length, 0 },
	{ "json_extract_path", 2, 0, extract_path, 0 },
	{ "json_extract_path_json_text_array", -1, 0, extract_steps, 0 },
	{ "json_extract_path_text", 2, 0, extract_path, 1 },
	{ "json_extract_path_text_json_text_array", -1, 0, extract_steps, 1 },
	{ "json_in", 1, 0, input, 0 },
	{ "json_object_field", 2, 0, object_field, 0 },
	{ "json_object_field_text", 2, 0, object_field, 1 },
	{ "json_strip_nulls_json", 1, 0, strip_nulls, 0 },
	{ "json_typeof_json", 1, 0, amph__sl_json_type_of, 0 }
};
const sl_functions amph__sl_jsonplain_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
