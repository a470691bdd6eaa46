/* LIKE and ILIKE: backslash escapes by default, case by Unicode's simple lower-case mapping. */
#include "ctype.h"
#include "../functions.h"
#include <string.h>

typedef struct pattern {
	bool fold;              /* compare lower-case forms */
	bool bytes;             /* of bytea: no characters */
} pattern;

static size_t next(const pattern *p, const char *text, uint32_t *c)
{
	if (p->bytes) {
		*c = (unsigned char)*text;
		return 1;
	}
	return amph__utf8_next(text, c);
}

static bool same(const pattern *p, uint32_t a, uint32_t b)
{
	if (a == b)
		return true;
	return p->fold && amph__to_lower(a) == amph__to_lower(b);
}

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/* Whether the byte stands for itself and is a character of its own. */
static bool is_literal(char c)
{
	return (unsigned char)c < 0x80 && c != '%' && c != '_' && c != '\\';
}

#define EACH_BYTE(x) (UINT64_C(0x0101010101010101) * (x))

/* Eight bytes: whether one of them is no ASCII, or is wanted once the bits of fold are set. */
static bool has_any(const char *text, unsigned char wanted, unsigned char fold)
{
	uint64_t w;

	memcpy(&w, text, sizeof w);
	uint64_t differs = (w | EACH_BYTE(fold)) ^ EACH_BYTE(wanted);
	return ((((differs - EACH_BYTE(1)) & ~differs) | w) & EACH_BYTE(0x80)) != 0;
}

/* To the next place where a pattern that begins with literal may begin to fit: other characters
 * than those of ASCII may have it as their lower-case form. */
static const char *skip(const pattern *p, const char *text, const char *end, char literal)
{
	if (!p->fold) {
		const char *found = memchr(text, literal, (size_t)(end - text));

		return found ? found : end;
	}
	unsigned char wanted = lower(literal), fold = wanted >= 'a' && wanted <= 'z' ? 0x20 : 0;
	const char *start = text;
	while (end - text >= 8 && !has_any(text, wanted, fold))
		text += 8;
	/* the last bytes together with some that were looked at */
	if (end - text < 8 && text != start && !has_any(end - 8, wanted, fold))
		return end;
	while (text < end && (unsigned char)*text < 0x80 && lower(*text) != wanted)
		text++;
	return text;
}

/* Where matching continues if what follows the last % does not fit. */
typedef struct retry { const char *text, *like; } retry;

static bool is_escaped(const char *start, const char *at)
{
	const char *first = at;

	while (first > start && first[-1] == '\\')
		first--;
	return (at - first) % 2;
}

/* Whether before end stands a % and after it at least one _, and nothing but those: PostgreSQL goes
 * over all of them before it asks whether any text is left. */
static bool ends_in_wildcards(const char *start, const char *end)
{
	bool one = false;

	for (; end > start && (end[-1] == '%' || end[-1] == '_') && !is_escaped(start, end - 1); end--) {
		if (end[-1] == '_')
			one = true;
		else if (one)
			return true;
	}
	return false;
}

/* 1 match, 0 none, -1 the pattern ends in its escape character. A mismatch after a % is tried
 * again one character later; of several % only the last matters, so that is all there is to
 * remember. */
static int match(const pattern *p, const char *text, size_t text_len, const char *like,
		 size_t like_len)
{
	const char *text_end = text + text_len, *like_end = like + like_len, *start = like;
	retry again = { NULL, NULL };
	uint32_t a, b;

	while (text < text_end || like < like_end) {
		if (like < like_end && *like == '%') {
			again = (retry){ text, ++like };
			if (text < text_end && like + 1 == like_end && *like == '\\')
				return -1;
			if (like == like_end)
				return 1;
			if (is_literal(*like))
				text = again.text = skip(p, text, text_end, *like);
			continue;
		}
		if (like < like_end && *like == '\\' && like + 1 == like_end)
			return text < text_end || ends_in_wildcards(start, like) ? -1 : 0;
		if (like < like_end && text < text_end && is_literal(*like) &&
		    (unsigned char)*text < 0x80) {
			if (*text == *like || (p->fold && lower(*text) == lower(*like))) {
				text++;
				like++;
				continue;
			}
		} else if (like < like_end && text < text_end) {
			bool escaped = *like == '\\';
			size_t n = next(p, text, &a), m = next(p, like + escaped, &b);

			if ((!escaped && b == '_') || same(p, a, b)) {
				text += n;
				like += m + escaped;
				continue;
			}
		}
		if (!again.like || again.text >= text_end)
			return 0;
		again.text += next(p, again.text, &a);
		if (is_literal(*again.like))
			again.text = skip(p, again.text, text_end, *again.like);
		text = again.text;
		like = again.like;
	}
	return 1;
}

int amph__sl_like(const char *text, size_t text_len, const char *pat, size_t pat_len, bool fold)
{
	const pattern p = { .fold = fold };

	return match(&p, text, text_len, pat, pat_len);
}

static void like(sl_call *c)
{
	const pattern p = { .fold = c->arg == 'i', .bytes = c->arg == 'b' };
	size_t text_len, like_len;
	const char *text = amph__sl_text(c, 0, &text_len);
	const char *pat = amph__sl_text(c, 1, &like_len);
	int result = match(&p, text, text_len, pat, like_len);

	if (result < 0)
		amph__sl_raise(c, "22025", "LIKE pattern must not end with escape character");
	else
		amph__sl_result_bool(c, result == 1);
}

/* A pattern with another escape character, or none, as one with a backslash. */
static void like_escape(sl_call *c)
{
	size_t like_len, escape_len;
	const char *pat = amph__sl_text(c, 0, &like_len);
	const char *escape = amph__sl_text(c, 1, &escape_len);
	const char *end = pat + like_len;
	size_t one = c->arg == 'b' ? escape_len : amph__utf8_count(escape, escape_len);
	amph_buf b;

	if (one > 1) {
		amph__sl_raise(c, "22025", "invalid escape string");
		return;
	}
	amph__buf_init(&b, c->env->allocator);
	while (pat < end) {
		bool escapes = escape_len && (size_t)(end - pat) >= escape_len &&
			       !memcmp(pat, escape, escape_len);
		uint32_t ignored;

		if (escapes) {
			pat += escape_len;
			amph__buf_putc(&b, '\\');
			if (pat == end)
				break;
		} else if (*pat == '\\') {
			amph__buf_putc(&b, '\\');
		}
		size_t n = c->arg == 'b' ? 1 : amph__utf8_next(pat, &ignored);

		amph__buf_add(&b, pat, n);
		pat += n;
	}
	if (c->arg != 'b') {
		amph__sl_result_buf(c, &b);
		return;
	}
	amph__sl_result_bytes(c, b.text, b.len);
	amph__buf_clear(&b);
}

static void starts_with(sl_call *c)
{
	size_t len, prefix_len;
	const char *text = amph__sl_text(c, 0, &len), *prefix = amph__sl_text(c, 1, &prefix_len);

	amph__sl_result_bool(c, len >= prefix_len && !memcmp(text, prefix, prefix_len));
}

static const sl_function rows[] = {
	{ "bytealike", 2, 0, like, 'b' },
	{ "like_escape_bytea_bytea", 2, 0, like_escape, 'b' },
	{ "like_escape_text_text", 2, 0, like_escape, 't' },
	{ "starts_with", 2, 0, starts_with, 0 },
	{ "texticlike", 2, 0, like, 'i' },
	{ "textlike", 2, 0, like, 't' }
};
const sl_functions amph__sl_like_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
