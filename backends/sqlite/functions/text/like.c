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

/* ---- patterns of one literal, which most are ---- */

enum { PATTERN_OTHER, PATTERN_EXACT, PATTERN_PREFIX, PATTERN_SUFFIX, PATTERN_INNER };

/* Whether a pattern is a literal with or without a % before and behind it: of ASCII alone where case
 * is folded, in lower case then. */
static uint8_t kind_of(sl_pattern *p, const char *at, const char *end)
{
	bool open = at < end && *at == '%';

	for (at += open; at < end && *at != '%'; at++) {
		if (*at == '_' || (p->fold && (unsigned char)*at >= 0x80) ||
		    (*at == '\\' && (++at == end || (unsigned char)*at >= 0x80)))
			return PATTERN_OTHER;
		p->literal[p->len++] = p->fold ? (char)lower(*at) : *at;
	}
	bool closed = at < end;
	if (!p->len || end - at > 1)
		return PATTERN_OTHER;
	if (open)
		return closed ? PATTERN_INNER : PATTERN_SUFFIX;
	return closed ? PATTERN_PREFIX : PATTERN_EXACT;
}

static const sl_pattern *pattern_of(sl_env *env, const char *like, size_t len, bool fold)
{
	static const sl_pattern other = { .kind = PATTERN_OTHER };
	sl_pattern *p = &env->like;

	if (len == p->source_len && fold == p->fold && !memcmp(like, p->source, len))
		return p;
	if (len > SL_PATTERN_MOST)
		return &other;
	*p = (sl_pattern){ .fold = fold, .source_len = (uint8_t)len };
	memcpy(p->source, like, len);
	p->kind = kind_of(p, like, like + len);
	return p;
}

/* Unknown where a character beyond ASCII stands against the literal. */
enum { FITS_NOT, FITS, FITS_UNKNOWN };

static inline int fits_at(const sl_pattern *p, const char *text, size_t i)
{
	if ((p->fold ? (char)lower(*text) : *text) == p->literal[i])
		return FITS;
	return p->fold && (unsigned char)*text >= 0x80 ? FITS_UNKNOWN : FITS_NOT;
}

static int begins(const sl_pattern *p, const char *text)
{
	int fits = FITS;

	for (size_t i = 0; i < p->len && fits == FITS; i++)
		fits = fits_at(p, text + i, i);
	return fits;
}

static int ends(const sl_pattern *p, const char *end)
{
	int fits = FITS;

	for (size_t i = p->len; i-- && fits == FITS;)
		fits = fits_at(p, --end, i);
	return fits;
}

static int contains(const sl_pattern *p, const char *text, size_t len)
{
	const pattern how = { .fold = p->fold };
	const char *end = text + len - p->len + 1;

	for (;; text++) {
		text = skip(&how, text, end, p->literal[0]);
		int fits = text < end ? begins(p, text) : FITS_NOT;
		if (fits != FITS_NOT || text == end)
			return fits;
	}
}

/* A match takes no fewer bytes than the literal has. */
static int fits_literal(const sl_pattern *p, const char *text, size_t len)
{
	int fits;

	if (len < p->len)
		return FITS_NOT;
	switch (p->kind) {
	case PATTERN_INNER:
		return contains(p, text, len);
	case PATTERN_SUFFIX:
		return ends(p, text + len);
	case PATTERN_PREFIX:
		return begins(p, text);
	case PATTERN_EXACT:
		fits = begins(p, text);
		return fits == FITS && len > p->len ? FITS_NOT : fits;
	default:
		return FITS_UNKNOWN;
	}
}

static void give_match(sqlite3_context *ctx, int match)
{
	if (match < 0)
		sqlite3_result_error(ctx, "22025:LIKE pattern must not end with escape character", -1);
	else
		sqlite3_result_int(ctx, match);
}

/* Of texts. */
static void like_text(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	const char *text = (const char *)sqlite3_value_text(argv[0]);
	const char *like = (const char *)sqlite3_value_text(argv[1]);
	sl_env *env;
	const pattern how = { .fold = amph__sl_direct(ctx, &env)->arg == 'i' };

	(void)argc;
	if (!text || !like) {
		if (sqlite3_value_type(argv[!text ? 0 : 1]) != SQLITE_NULL)
			sqlite3_result_error_nomem(ctx);
		return;
	}
	size_t len = (size_t)sqlite3_value_bytes(argv[0]), like_len = (size_t)sqlite3_value_bytes(argv[1]);
	int fits = fits_literal(pattern_of(env, like, like_len, how.fold), text, len);
	if (fits == FITS_UNKNOWN)
		give_match(ctx, match(&how, text, len, like, like_len));
	else
		sqlite3_result_int(ctx, fits);
}

static void like_bytes(sl_call *c)
{
	const pattern how = { .bytes = true };
	size_t text_len, like_len;
	const char *text = amph__sl_text(c, 0, &text_len);
	const char *like = amph__sl_text(c, 1, &like_len);

	give_match(c->ctx, match(&how, text, text_len, like, like_len));
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
	{ "bytealike", 2, 0, like_bytes, 0, NULL },
	{ "like_escape_bytea_bytea", 2, 0, like_escape, 'b', NULL },
	{ "like_escape_text_text", 2, 0, like_escape, 't', NULL },
	{ "starts_with", 2, 0, starts_with, 0, NULL },
	{ "texticlike", 2, 0, NULL, 'i', like_text },
	{ "textlike", 2, 0, NULL, 't', like_text }
};
const sl_functions amph__sl_like_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
