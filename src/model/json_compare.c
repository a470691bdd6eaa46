/* jsonb's order, on texts in normal form and without memory: it is a collation of SQLite. While two
 * texts are equal their tokens come in step, so that no stack is needed. */
#include "json.h"
#include "type.h"

typedef struct cursor { const char *at, *end; } cursor;

static amph_json_kind kind_of(char c)
{
	switch (c) {
	case '{':
		return AMPH_JSON_OBJECT;
	case '[':
		return AMPH_JSON_ARRAY;
	case 't':
	case 'f':
		return AMPH_JSON_BOOL;
	case '"':
		return AMPH_JSON_STRING;
	case 'n':
		return AMPH_JSON_NULL;
	default:
		return AMPH_JSON_NUMBER;
	}
}

static const char *string_end(const char *at, const char *end)
{
	for (at++; at < end && *at != '"'; at++) {
		if (*at == '\\' && at + 1 < end)
			at++;
	}
	return at < end ? at + 1 : end;
}

/* Elements or members of the container that begins at at. */
static size_t count_items(const char *at, const char *end)
{
	size_t depth = 0, commas = 0;
	bool empty = at + 1 < end && (at[1] == ']' || at[1] == '}');
	while (at < end) {
		char c = *at;
		if (c == '"') {
			at = string_end(at, end);
			continue;
		}
		depth += c == '[' || c == '{';
		depth -= c == ']' || c == '}';
		commas += c == ',' && depth == 1;
		at++;
		if (depth == 0)
			break;
	}
	return empty ? 0 : commas + 1;
}

/* The next byte of a string's value; -1: its end. */
static int next_byte(cursor *s)
{
	static const char names[] = "bfnrt", values[] = "\b\f\n\r\t";
	if (s->at >= s->end || *s->at == '"')
		return -1;
	char c = *s->at++;
	if (c != '\\' || s->at >= s->end)
		return (unsigned char)c;
	c = *s->at++;
	if (c == 'u' && s->end - s->at >= 4) {
		s->at += 4;
		return amph__hex_of(s->at[-2]) << 4 | amph__hex_of(s->at[-1]);
	}
	const char *found = c != '\0' ? strchr(names, c) : NULL;
	return found != NULL ? values[found - names] : (unsigned char)c;
}

static int compare_strings(cursor *a, cursor *b)
{
	int x, y;
	a->at++;
	b->at++;
	do {
		x = next_byte(a);
		y = next_byte(b);
	} while (x == y && x >= 0);
	a->at++;
	b->at++;
	return AMPH_ORDER_(x, y);
}

static size_t scalar_len(const cursor *c)
{
	const char *at = c->at;
	while (at < c->end && *at != ',' && *at != ']' && *at != '}' && *at != ' ')
		at++;
	return (size_t)(at - c->at);
}

static int compare_scalars(amph_json_kind kind, cursor *a, cursor *b)
{
	int order = 0;
	if (kind == AMPH_JSON_STRING)
		return compare_strings(a, b);
	size_t n = scalar_len(a), m = scalar_len(b);
	if (kind == AMPH_JSON_NUMBER)
		order = amph__decimal_compare_text(a->at, n, b->at, m);
	else if (kind == AMPH_JSON_BOOL)
		order = AMPH_ORDER_(*a->at, *b->at);    /* 'f' is before 't' */
	a->at += n;
	b->at += m;
	return order;
}

/* A scalar by itself counts as an array of one element, and is the lesser of two of one. */
static int compare_scalar_with_array(const cursor *array)
{
	return count_items(array->at, array->end) == 0 ? 1 : -1;
}

static void skip_delimiters(cursor *c)
{
	while (c->at < c->end && (*c->at == ' ' || *c->at == ',' || *c->at == ':' || *c->at == ']' ||
				  *c->at == '}'))
		c->at++;
}

int amph__json_compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	cursor x = { a, a + a_len }, y = { b, b + b_len };
	if (a_len == b_len && memcmp(a, b, a_len) == 0)
		return 0;
	for (bool top = true;; top = false) {
		skip_delimiters(&x);
		skip_delimiters(&y);
		if (x.at == x.end || y.at == y.end)
			return AMPH_ORDER_(x.end - x.at, y.end - y.at);
		amph_json_kind k = kind_of(*x.at), l = kind_of(*y.at);
		if (top && k < AMPH_JSON_ARRAY && l == AMPH_JSON_ARRAY)
			return compare_scalar_with_array(&y);
		if (top && l < AMPH_JSON_ARRAY && k == AMPH_JSON_ARRAY)
			return -compare_scalar_with_array(&x);
		if (k != l)
			return k < l ? -1 : 1;
		int order;
		if (k >= AMPH_JSON_ARRAY) {
			size_t n = count_items(x.at, x.end), m = count_items(y.at, y.end);
			order = AMPH_ORDER_(n, m);
			x.at++;
			y.at++;
		} else {
			order = compare_scalars(k, &x, &y);
		}
		if (order != 0)
			return order;
	}
}
