/* A reader of JSON: recursive descent, one tree, UTF-8 in and out. */
#include "json.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct reader {
	const char *at;
	bool failed;
	int depth;
} reader;

enum { DEPTH_MAX = 100 };

static json *read_value(reader *r);

static void skip_space(reader *r)
{
	r->at += strspn(r->at, " \t\r\n");
}

static bool take(reader *r, char c)
{
	skip_space(r);
	if (*r->at != c)
		return false;
	r->at++;
	return true;
}

static void *fail(reader *r)
{
	r->failed = true;
	return NULL;
}

/* ---- strings ---- */

static unsigned hex4(reader *r)
{
	unsigned value = 0;

	for (int i = 0; i < 4; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *d = *r->at ? strchr(digits, *r->at | 0x20) : NULL;

		if (!d) {
			r->failed = true;
			return 0;
		}
		value = value * 16 + (unsigned)(d - digits);
		r->at++;
	}
	return value;
}

static char *put_utf8(char *out, unsigned c)
{
	if (c < 0x80) {
		*out++ = (char)c;
		return out;
	}
	if (c >= 0x10000)
		*out++ = (char)(0xf0 | c >> 18);
	if (c >= 0x800)
		*out++ = (char)(c >= 0x10000 ? 0x80 | (c >> 12 & 0x3f) : 0xe0 | c >> 12);
	*out++ = (char)(c >= 0x800 ? 0x80 | (c >> 6 & 0x3f) : 0xc0 | c >> 6);
	*out++ = (char)(0x80 | (c & 0x3f));
	return out;
}

/* A character beyond the first plane is two escapes. */
static char *read_unicode(reader *r, char *out)
{
	unsigned c = hex4(r), low;

	if (c < 0xd800 || c > 0xdfff)
		return put_utf8(out, c);
	if (c > 0xdbff || strncmp(r->at, "\\u", 2)) {
		r->failed = true;
		return out;
	}
	r->at += 2;
	low = hex4(r);
	if (low < 0xdc00 || low > 0xdfff)
		r->failed = true;
	return put_utf8(out, 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00));
}

static char *read_escape(reader *r, char *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *known = *r->at ? strchr(from, *r->at) : NULL;

	if (*r->at == 'u') {
		r->at++;
		return read_unicode(r, out);
	}
	if (!known) {
		r->failed = true;
		return out;
	}
	r->at++;
	*out++ = to[known - from];
	return out;
}

/* The opening quote is behind us. What is read is never longer than what is written. */
static char *read_string(reader *r)
{
	char *text = malloc(strlen(r->at) + 1), *out = text;

	if (!text)
		return fail(r);
	while (*r->at && *r->at != '"' && !r->failed) {
		if (*r->at == '\\') {
			r->at++;
			out = read_escape(r, out);
		} else {
			*out++ = *r->at++;
		}
	}
	*out = '\0';
	if (*r->at++ == '"' && !r->failed) {
		char *fit = realloc(text, (size_t)(out - text) + 1);

		return fit ? fit : text;
	}
	r->at--;
	free(text);
	return fail(r);
}

/* ---- values ---- */

static json *new_value(reader *r, json_kind kind)
{
	json *j = calloc(1, sizeof *j);

	if (!j)
		return fail(r);
	j->kind = kind;
	return j;
}

static json *read_word(reader *r)
{
	static const struct { const char *word; json_kind kind; } words[] = {
		{ "null", JSON_NULL }, { "false", JSON_FALSE }, { "true", JSON_TRUE }
	};
	size_t len;
	json *j;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		len = strlen(words[i].word);
		if (strncmp(r->at, words[i].word, len))
			continue;
		r->at += len;
		return new_value(r, words[i].kind);
	}
	len = strspn(r->at, "+-.0123456789eE");
	j = len ? new_value(r, JSON_NUMBER) : fail(r);
	if (j && !(j->text = strndup(r->at, len)))
		r->failed = true;
	r->at += len;
	return j;
}

static void read_items(reader *r, json *list, char end)
{
	json **next = &list->first;

	if (take(r, end))
		return;
	do {
		char *name = NULL;

		if (end == '}') {
			name = take(r, '"') ? read_string(r) : fail(r);
			if (name && !take(r, ':'))
				r->failed = true;
		}
		json *item = r->failed ? NULL : read_value(r);
		if (!item) {
			free(name);
			r->failed = true;
			return;
		}
		item->name = name;
		*next = item;
		next = &item->next;
	} while (take(r, ','));
	if (!take(r, end))
		r->failed = true;
}

static json *read_value(reader *r)
{
	json *j;

	if (++r->depth > DEPTH_MAX)
		return fail(r);
	if (take(r, '"')) {
		j = new_value(r, JSON_STRING);
		if (j)
			j->text = read_string(r);
	} else if (take(r, '[')) {
		j = new_value(r, JSON_ARRAY);
		if (j)
			read_items(r, j, ']');
	} else if (take(r, '{')) {
		j = new_value(r, JSON_OBJECT);
		if (j)
			read_items(r, j, '}');
	} else {
		j = read_word(r);
	}
	r->depth--;
	return j;
}

json *json_read(const char *text)
{
	reader r = { .at = text };
	json *j = read_value(&r);

	skip_space(&r);
	if (!r.failed && !*r.at)
		return j;
	json_free(j);
	return NULL;
}

void json_free(json *j)
{
	while (j) {
		json *next = j->next;

		json_free(j->first);
		free(j->name);
		free(j->text);
		free(j);
		j = next;
	}
}

/* ---- looking ---- */

const json *json_get(const json *object, const char *name)
{
	for (const json *j = object ? object->first : NULL; j; j = j->next)
		if (j->name && !strcmp(j->name, name))
			return j;
	return NULL;
}

const char *json_text(const json *object, const char *name)
{
	const json *j = json_get(object, name);

	return j && j->kind == JSON_STRING ? j->text : NULL;
}

bool json_true(const json *object, const char *name)
{
	const json *j = json_get(object, name);

	return j && j->kind == JSON_TRUE;
}

size_t json_length(const json *j)
{
	size_t n = 0;

	for (const json *item = j ? j->first : NULL; item; item = item->next)
		n++;
	return n;
}
