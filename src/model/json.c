/* Reading JSON, without recursion: a text may nest deeper than the stack is. */
#include "json.h"
#include "../base/utf8.h"
#include "decimal.h"
#include "type.h"

#define STRING_MAX 0x0FFFFFFF   /* of jsonb */

typedef struct parser {
	const char *at, *end;
	const char *text;
	amph_arena *arena;
	amph_error *err;
} parser;

static bool bad_json(parser *p)
{
	return amph__syntax_error(p->err, "22P02", "json", p->text, (size_t)(p->end - p->text));
}

static bool read_string(parser *p, amph_json_string *out);

static void skip_space(parser *p)
{
	while (p->at < p->end && (*p->at == ' ' || *p->at == '\n' || *p->at == '\t' || *p->at == '\r'))
		p->at++;
}

static bool is_next(const parser *p, char c)
{
	return p->at < p->end && *p->at == c;
}

/* What comes next is out of place; but a string must be well formed by itself first. */
static bool unexpected(parser *p)
{
	amph_json_string s;
	if (is_next(p, '"') && !read_string(p, &s))
		return false;
	return bad_json(p);
}

/* The four digits after \u; -1: they are not. */
static int32_t read_hex(parser *p)
{
	int32_t code = 0;
	if (p->end - p->at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = amph__ascii_lower(*p->at++);
		if (!amph__is_digit(c) && (c < 'a' || c > 'f'))
			return -1;
		code = code * 16 + (amph__is_digit(c) ? c - '0' : c - 'a' + 10);
	}
	return code;
}

/* Behind \u: one character, or the two halves of one. */
static bool read_unicode(parser *p, char **put)
{
	int32_t code = read_hex(p);
	if (code == 0) {
		amph__error(p->err, "22P05", "unsupported Unicode escape sequence in json: \\u0000 "
			    "cannot be converted to text");
		return false;
	}
	if (code < 0 || (code >= 0xDC00 && code <= 0xDFFF))
		return bad_json(p);
	if (code >= 0xD800 && code <= 0xDBFF) {
		if (p->end - p->at < 6 || p->at[0] != '\\' || p->at[1] != 'u')
			return bad_json(p);
		p->at += 2;
		int32_t low = read_hex(p);
		if (low < 0xDC00 || low > 0xDFFF)
			return bad_json(p);
		code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
	}
	*put += amph__utf8_put(*put, (uint32_t)code);
	return true;
}

static bool read_escape(parser *p, char **put)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	if (p->at == p->end)
		return bad_json(p);
	char c = *p->at++;
	if (c == 'u')
		return read_unicode(p, put);
	const char *found = c != '\0' ? strchr(names, c) : NULL;
	if (found == NULL)
		return bad_json(p);
	*(*put)++ = values[found - names];
	return true;
}

static bool needs_escape(char c)
{
	return (unsigned char)c < ' ' || c == '"' || c == '\\';
}

/* A string with escapes in it, from its first one on. */
static bool decode_string(parser *p, const char *start, amph_json_string *out)
{
	const char *close = p->at;
	while (close < p->end && *close != '"')
		close += *close == '\\' && p->end - close > 1 ? 2 : 1;
	char *copy = amph__arena_alloc(p->arena, (size_t)(close - start) + 4), *put = copy;
	if (copy == NULL)
		return amph__error_nomem(p->err);
	memcpy(put, start, (size_t)(p->at - start));
	put += p->at - start;
	while (p->at < p->end && *p->at != '"') {
		if ((unsigned char)*p->at < ' ')
			return bad_json(p);
		if (*p->at != '\\') {
			*put++ = *p->at++;
			continue;
		}
		p->at++;
		if (!read_escape(p, &put))
			return false;
		out->escaped = out->escaped || needs_escape(put[-1]);
	}
	out->text = copy;
	out->len = (size_t)(put - copy);
	return true;
}

static bool read_string(parser *p, amph_json_string *out)
{
	const char *start = ++p->at;
	while (p->at < p->end && (unsigned char)*p->at >= ' ' && *p->at != '"' && *p->at != '\\')
		p->at++;
	*out = (amph_json_string){ .text = start, .len = (size_t)(p->at - start) };
	if (is_next(p, '\\') && !decode_string(p, start, out))
		return false;
	if (!is_next(p, '"'))
		return bad_json(p);
	p->at++;
	if (out->len > STRING_MAX)
		return amph__error(p->err, "54000", "string too long to represent as jsonb string");
	return true;
}

static size_t skip_digits(parser *p)
{
	const char *start = p->at;
	while (p->at < p->end && amph__is_digit(*p->at))
		p->at++;
	return (size_t)(p->at - start);
}

/* JSON's grammar of numbers. */
static bool skip_number(parser *p, bool *exponent)
{
	p->at += *p->at == '-';
	bool zero = is_next(p, '0');
	size_t whole = skip_digits(p);
	if (whole == 0 || (zero && whole > 1))
		return false;
	if (is_next(p, '.')) {
		p->at++;
		if (skip_digits(p) == 0)
			return false;
	}
	*exponent = is_next(p, 'e') || is_next(p, 'E');
	if (!*exponent)
		return true;
	p->at++;
	if (is_next(p, '-') || is_next(p, '+'))
		p->at++;
	return skip_digits(p) > 0;
}

static bool is_word_char(char c)
{
	return amph__is_alpha(c) || amph__is_digit(c) || c == '_' || (unsigned char)c >= 128;
}

/* The text of numeric: as it is, unless there is an exponent, a sign before zero, or it is long. */
static bool read_number(parser *p, amph_json_string *out)
{
	const char *start = p->at;
	bool exponent;
	amph_decimal d;
	if (!skip_number(p, &exponent) || (p->at < p->end && is_word_char(*p->at)))
		return bad_json(p);
	size_t len = (size_t)(p->at - start);
	*out = (amph_json_string){ .text = start, .len = len };
	if (!exponent && len < 1000 && !(start[0] == '-' && start[1] == '0'))
		return true;
	if (!amph__decimal_parse(start, len, &d, p->arena, p->err))
		return false;
	char *text = amph__arena_alloc(p->arena, amph__decimal_text_max(&d));
	if (text == NULL)
		return amph__error_nomem(p->err);
	out->text = text;
	out->len = amph__decimal_put(&d, text);
	return true;
}

static bool read_word(parser *p, const char *word)
{
	size_t len = strlen(word);
	if ((size_t)(p->end - p->at) < len || memcmp(p->at, word, len) != 0)
		return bad_json(p);
	p->at += len;
	return true;
}

/* A value without what it contains. */
static bool read_head(parser *p, amph_json_node *node)
{
	skip_space(p);
	if (p->at == p->end)
		return bad_json(p);
	switch (*p->at) {
	case '{':
	case '[':
		node->kind = *p->at++ == '{' ? AMPH_JSON_OBJECT : AMPH_JSON_ARRAY;
		return true;
	case '"':
		node->kind = AMPH_JSON_STRING;
		return read_string(p, &node->value);
	case 't':
	case 'f':
		node->kind = AMPH_JSON_BOOL;
		node->truth = *p->at == 't';
		return read_word(p, node->truth ? "true" : "false");
	case 'n':
		node->kind = AMPH_JSON_NULL;
		return read_word(p, "null");
	default:
		node->kind = AMPH_JSON_NUMBER;
		return (*p->at == '-' || amph__is_digit(*p->at)) ? read_number(p, &node->value)
								  : bad_json(p);
	}
}

/* Where the next node goes: behind the last child of its parent. */
typedef struct place {
	amph_json_node *parent;
	amph_json_node **link;
	size_t depth;
} place;

static amph_json_node *read_node(parser *p, place *to)
{
	amph_json_node *node = AMPH_NEW(p->arena, amph_json_node);
	if (node == NULL) {
		amph__error_nomem(p->err);
		return NULL;
	}
	node->parent = to->parent;
	if (to->parent != NULL && to->parent->kind == AMPH_JSON_OBJECT) {
		skip_space(p);
		if (!is_next(p, '"') ? !bad_json(p) : !read_string(p, &node->key))
			return NULL;
		skip_space(p);
		if (!is_next(p, ':')) {
			unexpected(p);
			return NULL;
		}
		p->at++;
	}
	if (!read_head(p, node))
		return NULL;
	if (to->parent != NULL)
		to->parent->count++;
	*to->link = node;
	to->link = &node->next;
	return node;
}

/* Goes into a container; true: there is something in it. */
static bool enter(parser *p, place *at, amph_json_node *node)
{
	skip_space(p);
	if (is_next(p, node->kind == AMPH_JSON_OBJECT ? '}' : ']')) {
		p->at++;
		return false;
	}
	at->parent = node;
	at->link = &node->first;
	at->depth++;
	return true;
}

/* Behind a value: closes what ends here. 1: another value is to come, 0: the text is read. */
static int leave(parser *p, place *at)
{
	while (at->parent != NULL) {
		amph_json_node *node = at->parent;
		skip_space(p);
		if (is_next(p, ',')) {
			p->at++;
			return 1;
		}
		if (!is_next(p, node->kind == AMPH_JSON_OBJECT ? '}' : ']')) {
			unexpected(p);
			return -1;
		}
		p->at++;
		if (node->kind == AMPH_JSON_OBJECT)
			amph__json_sort(node);
		at->parent = node->parent;
		at->link = &node->next;
		at->depth--;
	}
	skip_space(p);
	if (p->at == p->end)
		return 0;
	unexpected(p);
	return -1;
}

amph_json_node *amph__json_parse(const char *text, size_t len, amph_arena *arena, amph_error *err)
{
	parser p = { .at = text, .end = text + len, .text = text, .arena = arena, .err = err };
	amph_json_node *root = NULL;
	place at = { .link = &root };
	int more = 1;
	if (!amph__utf8_valid(text, len)) {
		amph__error(err, "22021", "invalid byte sequence for encoding \"UTF8\" in json");
		return NULL;
	}
	while (more > 0) {
		amph_json_node *node = read_node(&p, &at);
		if (node == NULL)
			return NULL;
		if (node->kind >= AMPH_JSON_ARRAY && at.depth == AMPH_JSON_DEPTH_MAX) {
			amph__error(err, "54001", "json is nested more than %d levels deep",
				    AMPH_JSON_DEPTH_MAX);
			return NULL;
		}
		if (node->kind < AMPH_JSON_ARRAY || !enter(&p, &at, node))
			more = leave(&p, &at);
	}
	return more == 0 ? root : NULL;
}
