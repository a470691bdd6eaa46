/* Valid text as a place and an end, counted in characters. */
#ifndef AMPH_SQLITE_SPAN_H
#define AMPH_SQLITE_SPAN_H
#include "../functions.h"

/* Valid text and where it ends. */
typedef struct span { const char *at, *end; } span;

static inline span arg_span(const sl_call *c, int i)
{
	size_t len;
	const char *text = amph__sl_text(c, i, &len);

	return (span){ text, text + len };
}

static inline size_t span_len(span s)
{
	return (size_t)(s.end - s.at);
}

static inline size_t char_len(const char *at)
{
	unsigned char b = (unsigned char)*at;

	return b < 0x80 ? 1 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;
}

/* The place after n characters, or the end. */
static inline const char *skip(span s, int64_t n)
{
	for (; n > 0 && s.at < s.end; n--)
		s.at += char_len(s.at);
	return s.at;
}

static inline int64_t count(span s)
{
	return (int64_t)amph__utf8_count(s.at, span_len(s));
}

static inline void put_span(sl_call *c, const char *from, const char *to)
{
	amph__sl_result_text(c, from, (size_t)(to - from));
}
#endif
