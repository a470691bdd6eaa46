/* The words of SQL/JSON paths: names and strings with their escapes, numbers, operators, comments. */
#include "jsonpathlex.h"
#include <string.h>

void *amph__sl_path_syntax(sl_path_parser *p, const char *what)
{
	if (!p->failed && !p->c->arena->failed)
		amph__sl_raise(p->c, "42601", "%s%s jsonpath input", what,
			       p->token == SL_T_END ? " at end of" : " of");
	p->failed = true;
	return NULL;
}

static bool is_blank(char ch)
{
	return ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r' || ch == '\f';
}

static bool is_special(char ch)
{
	return strchr("?%$.[]{}()|&!=<>@#,*:-+/", ch) != NULL;
}

static bool read_hex(sl_path_parser *p, int least, int most, uint32_t *out)
{
	int n = 0;

	for (*out = 0; n < most && p->at < p->end && amph__hex_of(*p->at) >= 0; n++)
		*out = *out * 16 + (uint32_t)amph__hex_of(*p->at++);
	return n >= least;
}

static bool read_code(sl_path_parser *p, uint32_t *out)
{
	bool braces = p->at < p->end && *p->at == '{';

	p->at += braces;
	if (!read_hex(p, braces ? 1 : 4, braces ? 6 : 4, out))
		return false;
	if (braces && (p->at >= p->end || *p->at++ != '}'))
		return false;
	return true;
}

/* Half a character. */
static bool fail_half(sl_path_parser *p)
{
	amph__sl_raise(p->c, "22P02", "invalid input syntax for type jsonpath");
	p->failed = true;
	return false;
}

/* \u and what may be its other half. */
static bool read_unicode(sl_path_parser *p, uint32_t *out)
{
	uint32_t low;

	if (!read_code(p, out))
		return false;
	if (*out >= 0xd800 && *out < 0xdc00) {
		if (p->end - p->at < 2 || p->at[0] != '\\' || p->at[1] != 'u')
			return fail_half(p);
		p->at += 2;
		if (!read_code(p, &low))
			return false;
		if (low < 0xdc00 || low > 0xdfff)
			return fail_half(p);
		*out = 0x10000 + ((*out - 0xd800) << 10) + (low - 0xdc00);
	} else if (*out >= 0xdc00 && *out < 0xe000) {
		return fail_half(p);
	}
	return *out <= 0x10ffff;
}

/* What follows a backslash; false: the error is raised. */
static bool read_escape(sl_path_parser *p, char *out, size_t *n)
{
	static const char letters[] = "bfnrtv", values[] = "\b\f\n\r\t\v";
	const char *letter;
	uint32_t code;
	char ch;

	if (p->at >= p->end)
		return amph__sl_path_syntax(p, "unexpected end after backslash") != NULL;
	ch = *p->at++;
	if (ch == 'u' || ch == 'x') {
		if (ch == 'u' ? !read_unicode(p, &code) : !read_hex(p, 2, 2, &code))
			return amph__sl_path_syntax(p, ch == 'u' ? "invalid Unicode escape sequence"
						 : "invalid hexadecimal character sequence") != NULL;
		if (!code) {
			amph__sl_raise(p->c, "22P05", "unsupported Unicode escape sequence");
			p->failed = true;
			return false;
		}
		*n += amph__utf8_put(out + *n, code);
		return true;
	}
	letter = strchr(letters, ch);
	out[(*n)++] = letter && ch ? values[letter - letters] : ch;
	return true;
}

static bool read_quoted(sl_path_parser *p, sl_path_token kind)
{
	char *out = amph__arena_alloc(p->c->arena, (size_t)(p->end - p->at) + 8);
	size_t n = 0;

	p->at++;
	while (out && p->at < p->end && *p->at != '"') {
		if (*p->at == '\\') {
			p->at++;
			if (!read_escape(p, out, &n))
				return false;
			continue;
		}
		out[n++] = *p->at++;
	}
	if (!out || p->at >= p->end)
		return amph__sl_path_syntax(p, "unterminated quoted string") != NULL;
	p->at++;
	p->token = kind;
	p->value = out;
	p->len = n;
	return true;
}

bool amph__sl_path_next(sl_path_parser *p);

static bool read_name(sl_path_parser *p, sl_path_token kind)
{
	char *out = amph__arena_alloc(p->c->arena, (size_t)(p->end - p->at) + 8);
	size_t n = 0;

	while (out && p->at < p->end && !is_blank(*p->at) && !is_special(*p->at) && *p->at != '"') {
		if (*p->at == '\\') {
			p->at++;
			if (!read_escape(p, out, &n))
				return false;
			continue;
		}
		out[n++] = *p->at++;
	}
	if (!out)
		return false;
	/* PostgreSQL loses a name that a comment follows without a blank */
	if (p->end - p->at >= 2 && p->at[0] == '/' && p->at[1] == '*')
		return amph__sl_path_next(p);
	p->token = kind;
	p->value = out;
	p->len = n;
	return true;
}

static void skip_digits(sl_path_parser *p)
{
	while (p->at < p->end && amph__is_digit(*p->at))
		p->at++;
}

static bool read_number(sl_path_parser *p)
{
	const char *from = p->at;
	bool zero = *from == '0';

	p->integer = true;
	skip_digits(p);
	if (zero && p->at > from + 1)
		return amph__sl_path_syntax(p, "trailing junk after numeric literal") != NULL;
	if (p->at < p->end && *p->at == '.') {
		p->integer = false;
		p->at++;
		skip_digits(p);
	}
	if (p->at < p->end && (*p->at | 32) == 'e') {
		p->integer = false;
		p->at++;
		if (p->at < p->end && (*p->at == '+' || *p->at == '-'))
			p->at++;
		if (p->at >= p->end || !amph__is_digit(*p->at))
			return amph__sl_path_syntax(p, "invalid numeric literal") != NULL;
		skip_digits(p);
	}
	if (p->at < p->end && !is_blank(*p->at) && !is_special(*p->at) && *p->at != '"')
		return amph__sl_path_syntax(p, "trailing junk after numeric literal") != NULL;
	p->token = SL_T_NUMBER;
	p->value = from;
	p->len = (size_t)(p->at - from);
	return true;
}

static bool skip_blanks(sl_path_parser *p)
{
	for (;;) {
		const char *end;

		while (p->at < p->end && is_blank(*p->at))
			p->at++;
		if (p->end - p->at < 2 || p->at[0] != '/' || p->at[1] != '*')
			return true;
		end = memmem(p->at + 2, (size_t)(p->end - p->at - 2), "*/", 2);
		if (!end)
			return amph__sl_path_syntax(p, "unexpected end of comment") != NULL;
		p->at = end + 2;
	}
}

static bool read_operator(sl_path_parser *p)
{
	static const struct { const char *text; sl_path_token token; } pairs[] = {
		{ "&&", SL_T_AND }, { "||", SL_T_OR }, { "==", SL_T_EQ }, { "!=", SL_T_NE },
		{ "<>", SL_T_NE }, { "<=", SL_T_LE }, { ">=", SL_T_GE }, { "**", SL_T_DEEP },
		{ "<", SL_T_LT }, { ">", SL_T_GT }, { "!", SL_T_NOT }
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		size_t n = strlen(pairs[i].text);

		if ((size_t)(p->end - p->at) < n || memcmp(p->at, pairs[i].text, n))
			continue;
		p->at += n;
		p->token = pairs[i].token;
		return true;
	}
	p->token = SL_T_CHAR;
	p->ch = *p->at++;
	return true;
}

bool amph__sl_path_next(sl_path_parser *p)
{
	if (p->failed || !skip_blanks(p))
		return false;
	p->token = SL_T_END;
	p->ch = '\0';
	if (p->at >= p->end)
		return true;
	if (*p->at == '"')
		return read_quoted(p, SL_T_STRING);
	if (amph__is_digit(*p->at) || (*p->at == '.' && p->at + 1 < p->end && amph__is_digit(p->at[1])))
		return read_number(p);
	if (*p->at == '$' && p->at + 1 < p->end && p->at[1] == '"') {
		p->at++;
		return read_quoted(p, SL_T_VARIABLE);
	}
	if (*p->at == '$' && p->at + 1 < p->end && !is_blank(p->at[1]) && !is_special(p->at[1]) &&
	    p->at[1] != '\\') {
		p->at++;
		return read_name(p, SL_T_VARIABLE);
	}
	if (is_special(*p->at))
		return read_operator(p);
	return read_name(p, SL_T_NAME);
}
