/* Walking over JSON text. */
#include "jsontext.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

sl_json_kind amph__sl_json_kind(sl_json v)
{
	switch (v.len ? v.at[0] : 'n') {
	case '{':
		return SL_JSON_OBJECT;
	case '[':
		return SL_JSON_ARRAY;
	case '"':
		return SL_JSON_STRING;
	case 't':
	case 'f':
		return SL_JSON_BOOL;
	case 'n':
		return SL_JSON_NULL;
	default:
		return SL_JSON_NUMBER;
	}
}

static const char *end_of_string(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		if (*p == '\\')
			p++;
	return p < end ? p + 1 : end;
}

static const char *end_of_value(const char *p, const char *end)
{
	int depth = 0;

	if (p < end && *p == '"')
		return end_of_string(p, end);
	while (p < end) {
		if (*p == '"') {
			p = end_of_string(p, end);
			continue;
		}
		if (depth == 0 && (*p == ',' || *p == ']' || *p == '}' || amph__sl_json_is_space(*p)))
			return p;
		if (*p == '{' || *p == '[')
			depth++;
		else if ((*p == '}' || *p == ']') && --depth == 0)
			return p + 1;
		p++;
	}
	return p;
}

static const char *skip_space(const char *p, const char *end)
{
	while (p < end && (amph__sl_json_is_space(*p) || *p == ',' || *p == ':'))
		p++;
	return p;
}

sl_json_iter amph__sl_json_begin(sl_json v)
{
	sl_json_kind kind = amph__sl_json_kind(v);
	sl_json_iter it = { .at = v.at, .end = v.at, .object = kind == SL_JSON_OBJECT };

	if (kind >= SL_JSON_ARRAY && v.len >= 2) {
		it.at = v.at + 1;
		it.end = v.at + v.len - 1;
	}
	return it;
}

bool amph__sl_json_next(sl_json_iter *it)
{
	const char *p = skip_space(it->at, it->end), *stop;

	if (p >= it->end)
		return false;
	if (it->object) {
		stop = end_of_string(p, it->end);
		it->key = (sl_json){ p, (size_t)(stop - p) };
		p = skip_space(stop, it->end);
	}
	stop = end_of_value(p, it->end);
	it->value = (sl_json){ p, (size_t)(stop - p) };
	it->at = stop;
	return true;
}

size_t amph__sl_json_count(sl_json v)
{
	sl_json_iter it = amph__sl_json_begin(v);
	size_t n = 0;

	while (amph__sl_json_next(&it))
		n++;
	return n;
}

/* ---- strings ---- */

static int hex(char c)
{
	return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

static uint32_t read_code(const char *p)
{
	uint32_t code = 0;

	for (int i = 2; i < 6; i++)
		code = code * 16 + (uint32_t)hex(p[i]);
	return code;
}

/* One character of a string at p, decoded to at most 4 bytes. */
static const char *next_char(const char *p, char *out, size_t *n)
{
	static const char escapes[] = "bfnrt", values[] = "\b\f\n\r\t";
	const char *at;
	uint32_t code = 0;

	*n = 1;
	out[0] = *p;
	if (*p != '\\')
		return p + 1;
	at = strchr(escapes, p[1]);
	if (p[1] == 'u') {
		code = read_code(p);
		if (code >= 0xd800 && code < 0xdc00 && p[6] == '\\' && p[7] == 'u') {
			code = 0x10000 + ((code - 0xd800) << 10) + (read_code(p + 6) - 0xdc00);
			p += 6;
		}
		*n = amph__utf8_put(out, code);
		return p + 6;
	}
	out[0] = at ? values[at - escapes] : p[1];
	return p + 2;
}

void amph__sl_json_unquote(sl_json string, amph_buf *out)
{
	const char *p = string.at + 1, *end = string.at + string.len - 1;
	char bytes[4];
	size_t n;

	while (p < end && !out->failed) {
		const char *plain = memchr(p, '\\', (size_t)(end - p));

		amph__buf_add(out, p, (size_t)((plain ? plain : end) - p));
		if (!plain)
			return;
		p = next_char(plain, bytes, &n);
		amph__buf_add(out, bytes, n);
	}
}

void amph__sl_json_quote(const char *text, size_t len, amph_buf *out)
{
	static const char letters[] = "bfnrt", values[] = "\b\f\n\r\t";

	amph__buf_putc(out, '"');
	for (const char *p = text, *end = text + len; p < end; p++) {
		unsigned char c = (unsigned char)*p;
		const char *at = c && c < 0x20 ? strchr(values, c) : NULL;

		if (at)
			amph__buf_printf(out, "\\%c", letters[at - values]);
		else if (c == '"' || c == '\\')
			amph__buf_printf(out, "\\%c", c);
		else if (c < 0x20)
			amph__buf_printf(out, "\\u%04x", c);
		else
			amph__buf_putc(out, *p);
	}
	amph__buf_putc(out, '"');
}

bool amph__sl_json_is_text(sl_json string, const char *text, size_t len)
{
	const char *p = string.at + 1, *end = string.at + string.len - 1, *stop = text + len;
	char bytes[4];
	size_t n;

	while (p < end) {
		p = next_char(p, bytes, &n);
		if ((size_t)(stop - text) < n || memcmp(text, bytes, n))
			return false;
		text += n;
	}
	return text == stop;
}

/* ---- members ---- */

bool amph__sl_json_field(sl_json object, const char *key, size_t len, sl_json *out)
{
	sl_json_iter it = amph__sl_json_begin(object);

	while (it.object && amph__sl_json_next(&it)) {
		if (!amph__sl_json_is_text(it.key, key, len))
			continue;
		*out = it.value;
		return true;
	}
	return false;
}

bool amph__sl_json_element(sl_json array, int64_t i, sl_json *out)
{
	sl_json_iter it = amph__sl_json_begin(array);

	if (amph__sl_json_kind(array) != SL_JSON_ARRAY)
		return false;
	if (i < 0)
		i += (int64_t)amph__sl_json_count(array);
	while (i >= 0 && amph__sl_json_next(&it)) {
		if (i-- > 0)
			continue;
		*out = it.value;
		return true;
	}
	return false;
}

bool amph__sl_json_equal(sl_json a, sl_json b)
{
	if (a.len == b.len && !memcmp(a.at, b.at, a.len))
		return true;
	return amph__json_compare(a.at, a.len, b.at, b.len) == 0;
}

/* In the normal form equal keys have equal text. */
static bool member(sl_json object, sl_json key, sl_json *out)
{
	sl_json_iter it = amph__sl_json_begin(object);

	while (amph__sl_json_next(&it)) {
		if (it.key.len != key.len || memcmp(it.key.at, key.at, key.len))
			continue;
		*out = it.value;
		return true;
	}
	return false;
}

static bool array_has(sl_json array, sl_json member)
{
	sl_json_iter it = amph__sl_json_begin(array);
	sl_json_kind kind = amph__sl_json_kind(member);

	while (amph__sl_json_next(&it)) {
		if (amph__sl_json_kind(it.value) != kind)
			continue;
		if (kind >= SL_JSON_ARRAY ? amph__sl_json_contains(it.value, member)
					  : amph__sl_json_equal(it.value, member))
			return true;
	}
	return false;
}

/* b's keys are among a's, with values that contain b's; b's elements are each in a. */
bool amph__sl_json_contains(sl_json a, sl_json b)
{
	sl_json_kind kind = amph__sl_json_kind(a);
	sl_json_iter it = amph__sl_json_begin(b);
	sl_json found;

	if (kind != amph__sl_json_kind(b))
		return false;
	if (kind < SL_JSON_ARRAY)
		return amph__sl_json_equal(a, b);
	while (amph__sl_json_next(&it)) {
		bool has = it.object ? member(a, it.key, &found) && amph__sl_json_contains(found, it.value)
				     : array_has(a, it.value);

		if (!has)
			return false;
	}
	return true;
}

/* ---- results and arguments ---- */

void amph__sl_json_result(sl_call *c, amph_buf *b)
{
	amph_buf out;
	amph_error err;

	amph__buf_init(&out, c->env->allocator);
	if (b->failed)
		amph__sl_raise_nomem(c);
	else if (amph__json_normalize(amph__buf_text(b), b->len, &out, &err))
		amph__sl_result_buf(c, &out);
	else
		amph__sl_raise_error(c, &err);
	amph__buf_clear(&out);
	amph__buf_clear(b);
}

bool amph__sl_json_index(const char *text, int64_t *out)
{
	char *end;

	errno = 0;
	*out = strtol(text, &end, 10);
	return end != text && !*end && !errno && *out == (int32_t)*out;
}
