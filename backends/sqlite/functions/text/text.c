/* Functions of text, counted in characters. */
#include "ctype.h"
#include "span.h"
#include <string.h>

static void put_char(amph_buf *b, uint32_t ch)
{
	char bytes[4];

	amph__buf_add(b, bytes, amph__utf8_put(bytes, ch));
}

/* ---- case ---- */

static void lower(sl_call *c)
{
	span s = arg_span(c, 0);
	amph_buf b;
	uint32_t ch;

	amph__buf_init(&b, c->env->allocator);
	for (; s.at < s.end && !b.failed; put_char(&b, amph__to_lower(ch)))
		s.at += amph__utf8_next(s.at, &ch);
	amph__sl_result_buf(c, &b);
}

static void upper(sl_call *c)
{
	span s = arg_span(c, 0);
	amph_buf b;
	uint32_t ch;

	amph__buf_init(&b, c->env->allocator);
	for (; s.at < s.end && !b.failed; put_char(&b, amph__to_upper(ch)))
		s.at += amph__utf8_next(s.at, &ch);
	amph__sl_result_buf(c, &b);
}

static void initcap(sl_call *c)
{
	span s = arg_span(c, 0);
	bool within = false;
	amph_buf b;
	uint32_t ch;

	amph__buf_init(&b, c->env->allocator);
	while (s.at < s.end && !b.failed) {
		s.at += amph__utf8_next(s.at, &ch);
		ch = within ? amph__to_lower(ch) : amph__to_upper(ch);
		put_char(&b, ch);
		within = amph__is_alnum(ch);
	}
	amph__sl_result_buf(c, &b);
}

/* ---- codes ---- */

static void ascii(sl_call *c)
{
	span s = arg_span(c, 0);
	uint32_t ch = 0;

	if (s.at < s.end)
		amph__utf8_next(s.at, &ch);
	amph__sl_result_int(c, ch);
}

static void chr(sl_call *c)
{
	int64_t n = amph__sl_int(c, 0);
	char text[4];

	if (n < 0)
		amph__sl_raise(c, "22023", "character number must be positive");
	else if (n == 0)
		amph__sl_raise(c, "54000", "null character not permitted");
	else if (n > 0x10ffff)
		amph__sl_raise(c, "54000", "requested character too large for encoding: %lld",
			       (long long)n);
	else if (n >= 0xd800 && n <= 0xdfff)
		amph__sl_raise(c, "54000", "requested character not valid for encoding: %lld",
			       (long long)n);
	else
		amph__sl_result_text(c, text, amph__utf8_put(text, (uint32_t)n));
}

static void octets(sl_call *c)
{
	size_t len;

	amph__sl_text(c, 0, &len);
	amph__sl_result_int(c, (int64_t)len * c->arg);
}

/* ---- trimming ---- */

enum { LEFT = 1, RIGHT = 2 };

static bool contains(span set, const char *ch, size_t len)
{
	for (; set.at < set.end; set.at += char_len(set.at))
		if (char_len(set.at) == len && !memcmp(set.at, ch, len))
			return true;
	return false;
}

static const char *last_char(span s)
{
	const char *p = s.end - 1;

	while (p > s.at && ((unsigned char)*p & 0xc0) == 0x80)
		p--;
	return p;
}

static void trim(sl_call *c)
{
	static const char space[] = " ";
	span s = arg_span(c, 0), set = { space, space + 1 };

	if (c->argc > 1)
		set = arg_span(c, 1);
	while ((c->arg & LEFT) && s.at < s.end && contains(set, s.at, char_len(s.at)))
		s.at += char_len(s.at);
	while ((c->arg & RIGHT) && s.at < s.end) {
		const char *p = last_char(s);

		if (!contains(set, p, (size_t)(s.end - p)))
			break;
		s.end = p;
	}
	put_span(c, s.at, s.end);
}

/* ---- parts ---- */

static void left(sl_call *c)
{
	span s = arg_span(c, 0);
	int64_t n = amph__sl_int(c, 1);

	put_span(c, s.at, skip(s, n < 0 ? count(s) + n : n));
}

static void right(sl_call *c)
{
	span s = arg_span(c, 0);
	int64_t n = amph__sl_int(c, 1);

	put_span(c, skip(s, n < 0 ? -n : count(s) - n), s.end);
}

static void substring(sl_call *c)
{
	span s = arg_span(c, 0);
	int64_t start = amph__sl_int(c, 1), end = INT64_MAX;

	if (c->argc > 2) {
		int64_t n = amph__sl_int(c, 2);

		if (n < 0) {
			amph__sl_raise(c, "22011", "negative substring length not allowed");
			return;
		}
		end = start + n;        /* both are int4 */
	}
	s.at = skip(s, start - 1);
	if (start < 1)
		start = 1;
	put_span(c, s.at, end > start ? skip(s, end - start) : s.at);
}

static const char *find(span s, span what)
{
	return span_len(what) ? memmem(s.at, span_len(s), what.at, span_len(what)) : s.at;
}

static void position(sl_call *c)
{
	span s = arg_span(c, 0);
	const char *at = find(s, arg_span(c, 1));

	amph__sl_result_int(c, at ? count((span){ s.at, at }) + 1 : 0);
}

static int64_t count_fields(span s, span separator)
{
	int64_t n = 1;
	const char *at;

	for (; (at = find(s, separator)) != NULL; n++)
		s.at = at + span_len(separator);
	return n;
}

static void split_part(sl_call *c)
{
	span s = arg_span(c, 0), separator = arg_span(c, 1);
	int64_t n = amph__sl_int(c, 2);
	const char *at;

	if (n == 0) {
		amph__sl_raise(c, "22023", "field position must not be zero");
		return;
	}
	if (s.at == s.end) {
		amph__sl_result_text(c, "", 0);
		return;
	}
	if (!span_len(separator)) {
		amph__sl_result_text(c, s.at, n == 1 || n == -1 ? span_len(s) : 0);
		return;
	}
	if (n < 0)
		n += count_fields(s, separator) + 1;
	if (n <= 0) {
		amph__sl_result_text(c, "", 0);
		return;
	}
	while (--n > 0) {
		at = find(s, separator);
		if (!at) {
			amph__sl_result_text(c, "", 0);
			return;
		}
		s.at = at + span_len(separator);
	}
	at = find(s, separator);
	put_span(c, s.at, at ? at : s.end);
}

/* ---- made texts ---- */

static bool check_size(sl_call *c, int64_t n)
{
	if (n <= (int64_t)AMPH_BUF_MAX / 4)
		return true;
	amph__sl_raise(c, "54000", "requested length too large");
	return false;
}

/* Adds n characters of fill, over and over. */
static void fill(amph_buf *b, span with, int64_t n)
{
	const char *at = with.at;

	for (; n > 0 && !b->failed; n--) {
		if (at == with.end)
			at = with.at;
		amph__buf_add(b, at, char_len(at));
		at += char_len(at);
	}
}

static void pad(sl_call *c)
{
	static const char space[] = " ";
	span s = arg_span(c, 0), with = { space, space + 1 };
	int64_t n = amph__sl_int(c, 1), missing;
	amph_buf b;

	if (c->argc > 2)
		with = arg_span(c, 2);
	if (n < 0)
		n = 0;
	if (!check_size(c, n))
		return;
	missing = with.at < with.end ? n - count(s) : 0;
	amph__buf_init(&b, c->env->allocator);
	if (c->arg == LEFT)
		fill(&b, with, missing);
	amph__buf_add(&b, s.at, (size_t)(skip(s, n) - s.at));
	if (c->arg == RIGHT)
		fill(&b, with, missing);
	amph__sl_result_buf(c, &b);
}

static void repeat(sl_call *c)
{
	span s = arg_span(c, 0);
	int64_t n = amph__sl_int(c, 1);
	amph_buf b;

	if (n < 0 || s.at == s.end)
		n = 0;
	if (n > 0 && !check_size(c, n > INT32_MAX ? INT64_MAX : n * (int64_t)span_len(s)))
		return;
	amph__buf_init(&b, c->env->allocator);
	for (; n > 0 && !b.failed; n--)
		amph__buf_add(&b, s.at, span_len(s));
	amph__sl_result_buf(c, &b);
}

static void replace(sl_call *c)
{
	span s = arg_span(c, 0), from = arg_span(c, 1), to = arg_span(c, 2);
	const char *at;
	amph_buf b;

	amph__buf_init(&b, c->env->allocator);
	while (span_len(from) && (at = find(s, from)) != NULL && !b.failed) {
		amph__buf_add(&b, s.at, (size_t)(at - s.at));
		amph__buf_add(&b, to.at, span_len(to));
		s.at = at + span_len(from);
	}
	amph__buf_add(&b, s.at, span_len(s));
	amph__sl_result_buf(c, &b);
}

static void reverse(sl_call *c)
{
	span s = arg_span(c, 0);
	char *out = amph__arena_alloc(c->arena, span_len(s) + 1), *to;

	if (!out)
		return;
	to = out + span_len(s);
	for (; s.at < s.end; s.at += char_len(s.at)) {
		to -= char_len(s.at);
		memcpy(to, s.at, char_len(s.at));
	}
	put_span(c, out, out + (s.end - arg_span(c, 0).at));
}

static void translate(sl_call *c)
{
	span s = arg_span(c, 0), from = arg_span(c, 1), to = arg_span(c, 2);
	amph_buf b;

	amph__buf_init(&b, c->env->allocator);
	for (; s.at < s.end; s.at += char_len(s.at)) {
		size_t len = char_len(s.at);
		int64_t i = 0;
		span set = from;

		while (set.at < set.end && (char_len(set.at) != len || memcmp(set.at, s.at, len))) {
			set.at += char_len(set.at);
			i++;
		}
		const char *with = set.at < set.end ? skip(to, i) : s.at;

		if (set.at == set.end || with < to.end)
			amph__buf_add(&b, with, char_len(with));
	}
	amph__sl_result_buf(c, &b);
}

static void overlay(sl_call *c)
{
	span s = arg_span(c, 0), with = arg_span(c, 1);
	int64_t start = amph__sl_int(c, 2);
	int64_t n = c->argc > 3 ? amph__sl_int(c, 3) : count(with);
	const char *tail;
	amph_buf b;

	if (start <= 0) {
		amph__sl_raise(c, "22011", "negative substring length not allowed");
		return;
	}
	if (start + n > INT32_MAX) {
		amph__sl_raise(c, "22003", "integer out of range");
		return;
	}
	tail = skip(s, start + n - 1);
	amph__buf_init(&b, c->env->allocator);
	amph__buf_add(&b, s.at, (size_t)(skip(s, start - 1) - s.at));
	amph__buf_add(&b, with.at, span_len(with));
	amph__buf_add(&b, tail, (size_t)(s.end - tail));
	amph__sl_result_buf(c, &b);
}

static void concat(sl_call *c)
{
	amph_buf b;

	amph__buf_init(&b, c->env->allocator);
	for (int i = 0; i < c->argc; i++) {
		span s = arg_span(c, i);

		if (!amph__sl_is_null(c, i))
			amph__buf_add(&b, s.at, span_len(s));
	}
	amph__sl_result_buf(c, &b);
}

static void concat_ws(sl_call *c)
{
	span separator = arg_span(c, 0);
	bool first = true;
	amph_buf b;

	if (amph__sl_is_null(c, 0))
		return;
	amph__buf_init(&b, c->env->allocator);
	for (int i = 1; i < c->argc; i++) {
		span s = arg_span(c, i);

		if (amph__sl_is_null(c, i))
			continue;
		if (!first)
			amph__buf_add(&b, separator.at, span_len(separator));
		amph__buf_add(&b, s.at, span_len(s));
		first = false;
	}
	amph__sl_result_buf(c, &b);
}

static const sl_function rows[] = {
	{ "ascii_text", 1, 0, ascii, 0 },
	{ "bit_length_text", 1, 0, octets, 8 },
	{ "btrim_text", 1, 0, trim, LEFT | RIGHT },
	{ "btrim_text_text", 2, 0, trim, LEFT | RIGHT },
	{ "chr_int4", 1, 0, chr, 0 },
	{ "concat", -1, SL_FN_NULLS, concat, 0 },
	{ "concat_ws", -1, SL_FN_NULLS, concat_ws, 0 },
	{ "initcap_text", 1, 0, initcap, 0 },
	{ "left_text_int4", 2, 0, left, 0 },
	{ "lower_text", 1, 0, lower, 0 },
	{ "lpad_text_int4", 2, 0, pad, LEFT },
	{ "lpad_text_int4_text", 3, 0, pad, LEFT },
	{ "ltrim_text", 1, 0, trim, LEFT },
	{ "ltrim_text_text", 2, 0, trim, LEFT },
	{ "octet_length_text", 1, 0, octets, 1 },
	{ "overlay_text_text_int4", 3, 0, overlay, 0 },
	{ "overlay_text_text_int4_int4", 4, 0, overlay, 0 },
	{ "position_text_text", 2, 0, position, 0 },
	{ "repeat_text_int4", 2, 0, repeat, 0 },
	{ "replace_text_text_text", 3, 0, replace, 0 },
	{ "reverse_text", 1, 0, reverse, 0 },
	{ "right_text_int4", 2, 0, right, 0 },
	{ "rpad_text_int4", 2, 0, pad, RIGHT },
	{ "rpad_text_int4_text", 3, 0, pad, RIGHT },
	{ "rtrim_text", 1, 0, trim, RIGHT },
	{ "rtrim_text_text", 2, 0, trim, RIGHT },
	{ "split_part_text_text_int4", 3, 0, split_part, 0 },
	{ "strpos_text_text", 2, 0, position, 0 },
	{ "substr_text_int4", 2, 0, substring, 0 },
	{ "substr_text_int4_int4", 3, 0, substring, 0 },
	{ "substring_text_int4", 2, 0, substring, 0 },
	{ "substring_text_int4_int4", 3, 0, substring, 0 },
	{ "translate_text_text_text", 3, 0, translate, 0 },
	{ "upper_text", 1, 0, upper, 0 },
};
const sl_functions amph__sl_text_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
