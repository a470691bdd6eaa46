/* Whether a text is JSON in jsonb's normal form already, as what comes from a database and what
 * most programs write is: then nothing needs to be built to find it out. It only says yes where
 * it is sure; escapes, exponents and deep nesting are left to the tree. */
#include "json.h"
#include "../base/utf8.h"
#include "digits.h"
#include "value.h"

enum { DEPTH_MOST = 16, NUMBER_MOST = 400, TEXT_MOST = 1 << 20 };

/* Where a text is looked at, and the last key of each object around that. */
typedef struct scan {
	const char *at, *end;
	bool beyond_ascii;
	int depth;
	bool object[DEPTH_MOST];
	amph_json_string key[DEPTH_MOST];
} scan;

static inline bool skip(scan *s, const char *text, size_t len)
{
	if ((size_t)(s->end - s->at) < len || memcmp(s->at, text, len) != 0)
		return false;
	s->at += len;
	return true;
}

/* What a string cannot go on with: its end, an escape, a character that must be one. */
static const bool ends_string[256] = {
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	['"'] = 1, ['\\'] = 1
};

/* A string without escapes. */
static inline bool skip_string(scan *s, amph_json_string *out)
{
	const char *at = s->at, *end = s->end;
	unsigned char seen = 0;
	if (at == end || *at != '"')
		return false;
	const char *from = ++at;
	while (at < end && !ends_string[(unsigned char)*at])
		seen |= (unsigned char)*at++;
	s->beyond_ascii |= seen >= 0x80;
	*out = (amph_json_string){ .text = from, .len = (size_t)(at - from) };
	s->at = at + 1;
	return at < end && *at == '"';
}

/* The next member's key, behind that of the one before it. */
static bool skip_key(scan *s)
{
	amph_json_string key, *last = &s->key[s->depth - 1];
	if (!skip_string(s, &key) || !skip(s, ": ", 2) ||
	    (last->text != NULL && amph__json_key_order(last, &key) >= 0))
		return false;
	*last = key;
	return true;
}

static inline const char *digits_end(const scan *s, const char *at)
{
	while (at < s->end && amph__is_digit(*at))
		at++;
	return at;
}

/* Digits without a zero in front, a fraction; below zero from 1 on, since there is no -0. */
static bool skip_number(scan *s)
{
	bool minus = skip(s, "-", 1);
	const char *from = s->at, *at = digits_end(s, from);
	if (at == from || at - from > NUMBER_MOST || (*from == '0' && (at - from > 1 || minus)))
		return false;
	s->at = at;
	if (!skip(s, ".", 1))
		return true;
	s->at = digits_end(s, at + 1);
	return s->at > at + 1 && s->at - at - 1 <= NUMBER_MOST;
}

static inline bool skip_scalar(scan *s)
{
	amph_json_string ignored;
	switch (s->at < s->end ? *s->at : '\0') {
	case '"':
		return skip_string(s, &ignored);
	case 't':
		return skip(s, "true", 4);
	case 'f':
		return skip(s, "false", 5);
	case 'n':
		return skip(s, "null", 4);
	default:
		return skip_number(s);
	}
}

static bool is_open(const scan *s)
{
	return s->at < s->end && (*s->at == '{' || *s->at == '[');
}

/* Goes into a container; an empty one is left at once. */
static bool enter(scan *s)
{
	bool object = *s->at++ == '{';
	if (s->depth == DEPTH_MOST)
		return false;
	if (skip(s, object ? "}" : "]", 1))
		return true;
	s->object[s->depth] = object;
	s->key[s->depth++] = (amph_json_string){ 0 };
	if (object && !skip_key(s))
		return false;
	return is_open(s) ? enter(s) : skip_scalar(s);
}

/* Behind a value: on to the next one of its container, and out of those that end. */
static bool go_on(scan *s)
{
	while (s->depth > 0) {
		bool object = s->object[s->depth - 1];
		if (skip(s, ", ", 2))
			return !object || skip_key(s);
		if (!skip(s, object ? "}" : "]", 1))
			return false;
		s->depth--;
	}
	return true;
}

bool amph__json_is_normal(const char *text, size_t len)
{
	scan s;
	s.at = text;
	s.end = text + len;
	s.depth = 0;
	s.beyond_ascii = false;
	if (len > TEXT_MOST)
		return false;
	do {
		if (!(is_open(&s) ? enter(&s) : skip_scalar(&s)) || !go_on(&s))
			return false;
	} while (s.depth > 0);
	return s.at == s.end && (!s.beyond_ascii || amph__utf8_valid(text, len));
}
