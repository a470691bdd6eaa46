/* Unicode: escapes in text, normal forms; and the parts of a qualified name. */
#include "../array/array.h"
#include "ctype.h"
#include <string.h>

/* ---- unistr ---- */

static bool read_hex(const char *at, const char *end, int n, uint32_t *out)
{
	*out = 0;
	if (end - at < n)
		return false;
	for (int i = 0; i < n; i++) {
		char ch = (char)(at[i] | 32);

		if (amph__is_digit(at[i]))
			*out = *out * 16 + (uint32_t)(at[i] - '0');
		else if (ch >= 'a' && ch <= 'f')
			*out = *out * 16 + (uint32_t)(ch - 'a' + 10);
		else
			return false;
	}
	return true;
}

/* \0061 \u0061 \+000061 \U00000061: the bytes that the escape takes; 0: it is none. */
static size_t read_escape(const char *at, const char *end, uint32_t *out)
{
	static const struct { char letter; int digits; } forms[] = { { 'u', 4 }, { '+', 6 }, { 'U', 8 } };

	if (read_hex(at + 1, end, 4, out))
		return 5;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]) && at + 1 < end; i++)
		if (at[1] == forms[i].letter && read_hex(at + 2, end, forms[i].digits, out))
			return (size_t)forms[i].digits + 2;
	return 0;
}

static bool is_first_half(uint32_t c)
{
	return c >= 0xd800 && c < 0xdc00;
}

static bool is_second_half(uint32_t c)
{
	return c >= 0xdc00 && c < 0xe000;
}

static void fail_pair(sl_call *c)
{
	amph__sl_raise(c, "42601", "invalid Unicode surrogate pair");
}

/* Puts a code, or keeps it as the first half of a pair. */
static bool put_code(sl_call *c, uint32_t code, uint32_t *first, char *out, size_t *n)
{
	if (code == 0 || code > 0x10ffff) {
		amph__sl_raise(c, "22023", "invalid Unicode code point: %04X", code);
		return false;
	}
	if ((*first != 0) != is_second_half(code)) {
		fail_pair(c);
		return false;
	}
	if (is_first_half(code)) {
		*first = code;
		return true;
	}
	if (*first)
		code = 0x10000 + ((*first - 0xd800) << 10) + (code - 0xdc00);
	*first = 0;
	*n += amph__utf8_put(out + *n, code);
	return true;
}

static void unistr(sl_call *c)
{
	size_t len, n = 0;
	const char *at = amph__sl_text(c, 0, &len), *end = at + len;
	char *out = amph__arena_alloc(c->arena, len + 5);
	uint32_t first = 0, code;

	while (out && at < end) {
		bool plain = *at != '\\' || (at + 1 < end && at[1] == '\\');
		size_t taken = plain ? 0 : read_escape(at, end, &code);

		if (!plain && !taken) {
			amph__sl_raise(c, "42601", "invalid Unicode escape");
			return;
		}
		if (taken && !put_code(c, code, &first, out, &n))
			return;
		if (plain && first) {
			fail_pair(c);
			return;
		}
		if (plain) {
			taken = *at == '\\' ? 2 : 1;
			out[n++] = *at;
		}
		at += taken;
	}
	if (out && first)
		fail_pair(c);
	else if (out)
		amph__sl_result_text(c, out, n);
}

/* ---- normal forms ---- */

static bool form_arg(sl_call *c, int i, utf8proc_option_t *out)
{
	static const struct { const char *name; int options; } forms[] = {
		{ "NFC", UTF8PROC_COMPOSE }, { "NFD", UTF8PROC_DECOMPOSE },
		{ "NFKC", UTF8PROC_COMPOSE | UTF8PROC_COMPAT },
		{ "NFKD", UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT }
	};
	size_t len;
	const char *name = amph__sl_text(c, i, &len);

	for (size_t k = 0; k < sizeof(forms) / sizeof(forms[0]); k++)
		if (amph__ascii_same(forms[k].name, name)) {
			*out = (utf8proc_option_t)(forms[k].options | UTF8PROC_STABLE);
			return true;
		}
	amph__sl_raise(c, "22023", "invalid normalization form: %s", name);
	return false;
}

static const char *normal(sl_call *c, const char *text, size_t len, utf8proc_option_t form, size_t *out_len)
{
	utf8proc_ssize_t n = utf8proc_decompose((const uint8_t *)text, (utf8proc_ssize_t)len, NULL, 0, form);
	int32_t *codes = n < 0 ? NULL : amph__arena_alloc(c->arena, ((size_t)n + 1) * sizeof(*codes));

	if (!codes)
		return NULL;
	n = utf8proc_decompose((const uint8_t *)text, (utf8proc_ssize_t)len, codes, n, form);
	n = n < 0 ? n : utf8proc_reencode(codes, n, form);
	*out_len = n < 0 ? 0 : (size_t)n;
	return n < 0 ? NULL : (const char *)codes;
}

static void normalize(sl_call *c)
{
	size_t len, out_len = 0;
	const char *text = amph__sl_text(c, 0, &len);
	utf8proc_option_t form;

	if (!form_arg(c, 1, &form))
		return;
	const char *out = normal(c, text, len, form, &out_len);

	if (!out)
		amph__sl_raise_nomem(c);
	else if (c->arg)
		amph__sl_result_bool(c, out_len == len && !memcmp(out, text, len));
	else
		amph__sl_result_text(c, out, out_len);
}

/* ---- parse_ident ---- */

typedef struct names {
	sl_call *c;
	const char *text, *at;
	const char **items;
	size_t n;
} names;

static void skip_spaces(names *p)
{
	while (*p->at && strchr(" \t\n\r\f", *p->at))
		p->at++;
}

static bool fail_name(names *p)
{
	amph__sl_raise(p->c, "22023", "string is not a valid identifier: \"%s\"", p->text);
	return false;
}

static bool read_quoted_name(names *p, char *out, size_t *n)
{
	for (p->at++; *p->at; p->at++) {
		if (*p->at == '"' && p->at[1] != '"') {
			p->at++;
			return *n ? true : fail_name(p);
		}
		p->at += *p->at == '"';
		out[(*n)++] = *p->at;
	}
	return fail_name(p);
}

static bool is_name_char(char ch, bool first)
{
	return ch == '_' || (unsigned char)ch >= 128 || ((ch | 32) >= 'a' && (ch | 32) <= 'z') ||
	       (!first && ((ch >= '0' && ch <= '9') || ch == '$'));
}

static bool read_name(names *p)
{
	char *out = amph__arena_alloc(p->c->arena, strlen(p->at) + 1);
	size_t n = 0;

	if (!out)
		return false;
	if (*p->at == '"') {
		if (!read_quoted_name(p, out, &n))
			return false;
	} else {
		for (; *p->at && is_name_char(*p->at, n == 0); p->at++)
			out[n++] = *p->at >= 'A' && *p->at <= 'Z' ? (char)(*p->at + 32) : *p->at;
		if (!n)
			return fail_name(p);
	}
	out[n] = '\0';
	p->items[p->n++] = out;
	return true;
}

static void parse_ident(sl_call *c)
{
	size_t len;
	const char *text = amph__sl_text(c, 0, &len);
	names p = { .c = c, .text = amph__arena_text(c->arena, text, len) };

	p.at = p.text;
	p.items = AMPH_NEWS(c->arena, const char *, len + 1);
	if (!p.text || !p.items)
		return;
	for (skip_spaces(&p);;) {
		if (!read_name(&p))
			return;
		skip_spaces(&p);
		if (*p.at != '.')
			break;
		p.at++;
		skip_spaces(&p);
	}
	if (*p.at && amph__sl_int(c, 1))
		fail_name(&p);
	else
		amph__sl_array_result(c, p.items, p.n);
}

static const sl_function rows[] = {
	{ "is_normalized_text_text", 2, 0, normalize, 1 },
	{ "normalize_text_text", 2, 0, normalize, 0 },
	{ "parse_ident_text_bool", 2, 0, parse_ident, 0 },
	{ "unistr_text", 1, 0, unistr, 0 }
};
const sl_functions amph__sl_unicode_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
