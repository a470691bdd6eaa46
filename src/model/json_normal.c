/* Whether a text is JSON in jsonb's normal form already, as what comes from a database and what
 * most programs write is: then nothing needs to be built to find it out. It only says yes where
 * it is sure; escapes, exponents and deep nesting are left to the tree.
 *
 * Each function takes the place where something should begin, and returns the one behind it, or NULL. */
#include "../base/utf8.h"
#include "digits.h"
#include "value.h"
#include <endian.h>

enum { DEPTH_MOST = 16, NUMBER_MOST = 400, TEXT_MOST = 1 << 20 };
#define EACH_BYTE(x) (UINT64_C(0x0101010101010101) * (x))

typedef struct scan {
	const char *end;
	uint64_t seen;                  /* all bytes of strings, and a few more */
	size_t depth;
	/* of each container around: what ends it; the last key of an object, NULL where there is none */
	char closer[DEPTH_MOST];
	const char *key[DEPTH_MOST];
	size_t key_len[DEPTH_MOST];
} scan;

/* The high bits of bytes that a string cannot go on with: its end, an escape, a character that must be
 * one. Those above the first may be wrong. A quote without the bit of 2 is a space: with it, only what is
 * before a space, and the quote, is less than 0x21. */
static inline uint64_t stops(uint64_t w)
{
	uint64_t quote = w ^ EACH_BYTE(2), escape = w ^ EACH_BYTE('\\');

	return (((quote - EACH_BYTE(0x21)) & ~quote) | ((escape - EACH_BYTE(1)) & ~escape)) & EACH_BYTE(0x80);
}

/* From behind the first quote to the second. */
static inline const char *string_end(scan *s, const char *at)
{
	for (; s->end - at >= 8; at += 8) {
		uint64_t w;

		memcpy(&w, at, sizeof w);
		w = le64toh(w);
		s->seen |= w;
		uint64_t m = stops(w);
		if (m) {
			at += __builtin_ctzll(m) / 8;
			return *at == '"' ? at : NULL;
		}
	}
	for (; at < s->end && *at != '"'; at++) {
		if ((unsigned char)*at < 0x20 || *at == '\\')
			return NULL;
		s->seen |= (unsigned char)*at;
	}
	return at < s->end ? at : NULL;
}

static inline const char *after_string(scan *s, const char *at)
{
	const char *end = string_end(s, at + 1);

	return end ? end + 1 : NULL;
}

/* In jsonb's order: shorter ones first. */
static inline bool follows(const scan *s, const char *key, size_t len)
{
	size_t i = s->depth - 1;

	if (!s->key[i] || len != s->key_len[i])
		return !s->key[i] || len > s->key_len[i];
	return memcmp(s->key[i], key, len) < 0;
}

/* The next member's key, behind that of the one before it. */
static inline const char *after_key(scan *s, const char *at)
{
	if (at == s->end || *at != '"')
		return NULL;
	const char *key = at + 1, *end = string_end(s, key);
	if (!end || s->end - end < 3 || end[1] != ':' || end[2] != ' ')
		return NULL;
	size_t len = (size_t)(end - key);
	if (!follows(s, key, len))
		return NULL;
	s->key[s->depth - 1] = key;
	s->key_len[s->depth - 1] = len;
	return end + 3;
}

static inline const char *digits_end(const scan *s, const char *at)
{
	while (at < s->end && amph__is_digit(*at))
		at++;
	return at;
}

/* Digits without a zero in front, a fraction; below zero from 1 on, since there is no -0. */
static inline const char *after_number(const scan *s, const char *at)
{
	bool minus = *at == '-';
	const char *from = at + minus, *point = digits_end(s, from);

	if (point == from || point - from > NUMBER_MOST || (*from == '0' && (point - from > 1 || minus)))
		return NULL;
	if (point == s->end || *point != '.')
		return point;
	const char *end = digits_end(s, point + 1);
	return end > point + 1 && end - point - 1 <= NUMBER_MOST ? end : NULL;
}

static inline const char *after_word(const scan *s, const char *at, const char *word, size_t len)
{
	return (size_t)(s->end - at) >= len && !memcmp(at, word, len) ? at + len : NULL;
}

static inline const char *after_scalar(scan *s, const char *at)
{
	switch (*at) {
	case '"':
		return after_string(s, at);
	case 't':
		return after_word(s, at, "true", 4);
	case 'f':
		return after_word(s, at, "false", 5);
	case 'n':
		return after_word(s, at, "null", 4);
	default:
		return after_number(s, at);
	}
}

/* A value, or as much of a container as is before its first one: then *entered. */
static inline const char *after_value(scan *s, const char *at, bool *entered)
{
	*entered = false;
	if (*at != '{' && *at != '[')
		return after_scalar(s, at);
	char closer = *at++ == '{' ? '}' : ']';
	if (s->depth == DEPTH_MOST)
		return NULL;
	if (at < s->end && *at == closer)
		return at + 1;
	s->closer[s->depth] = closer;
	s->key[s->depth++] = NULL;
	*entered = true;
	return at;
}

/* Behind a value: on to the next one of its container, and out of those that end. */
static inline const char *to_next(scan *s, const char *at)
{
	for (; s->depth > 0; s->depth--, at++) {
		if (s->end - at >= 2 && at[0] == ',' && at[1] == ' ')
			return at + 2;
		if (at == s->end || *at != s->closer[s->depth - 1])
			return NULL;
	}
	return at;
}

bool amph__json_is_normal(const char *text, size_t len)
{
	const char *at = text;
	bool entered;
	scan s;

	s.end = text + len;
	s.seen = 0;
	s.depth = 0;
	if (len > TEXT_MOST)
		return false;
	do {
		if (s.depth > 0 && s.closer[s.depth - 1] == '}')
			at = after_key(&s, at);
		at = at && at < s.end ? after_value(&s, at, &entered) : NULL;
		if (at && !entered)
			at = to_next(&s, at);
	} while (at && s.depth > 0);
	return at && at == s.end && (!(s.seen & EACH_BYTE(0x80)) || amph__utf8_valid(text, len));
}
