/* Reading SQL/JSON paths. */
#include "jsonpath.h"
#include "../../../../src/model/decimal.h"
#include "../regex/regex.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef enum token {
	T_END, T_NAME, T_STRING, T_VARIABLE, T_NUMBER, T_AND, T_OR, T_NOT, T_EQ, T_NE, T_LT, T_LE, T_GT, T_GE,
	T_DEEP, T_CHAR
} token;

typedef struct parser {
	sl_call *c;
	const char *text, *at, *end;
	token token;                    /* the one at hand, and its text */
	char ch;                        /* of T_CHAR */
	const char *value;
	size_t len;
	bool integer;                   /* of T_NUMBER: no point and no exponent */
	int depth, subscripts, filters; /* how deep in what */
	bool failed;
} parser;

static void *fail(parser *p, const char *what)
{
	if (!p->failed && !p->c->arena->failed)
		amph__sl_raise(p->c, "42601", "%s%s jsonpath input", what, p->token == T_END ? " at end of"
											      : " of");
	p->failed = true;
	return NULL;
}

/* ---- words ---- */

static bool is_blank(char ch)
{
	return ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r' || ch == '\f';
}

static bool is_digit(char ch)
{
	return ch >= '0' && ch <= '9';
}

static bool is_special(char ch)
{
	return strchr("?%$.[]{}()|&!=<>@#,*:-+/", ch) != NULL;
}

static int hex_of(char ch)
{
	if (is_digit(ch))
		return ch - '0';
	ch |= 32;
	return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

static bool read_hex(parser *p, int least, int most, uint32_t *out)
{
	int n = 0;

	for (*out = 0; n < most && p->at < p->end && hex_of(*p->at) >= 0; n++)
		*out = *out * 16 + (uint32_t)hex_of(*p->at++);
	return n >= least;
}

static bool read_code(parser *p, uint32_t *out)
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
static bool fail_half(parser *p)
{
	amph__sl_raise(p->c, "22P02", "invalid input syntax for type jsonpath");
	p->failed = true;
	return false;
}

/* \u and what may be its other half. */
static bool read_unicode(parser *p, uint32_t *out)
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
static bool read_escape(parser *p, char *out, size_t *n)
{
	static const char letters[] = "bfnrtv", values[] = "\b\f\n\r\t\v";
	const char *letter;
	uint32_t code;
	char ch;

	if (p->at >= p->end)
		return fail(p, "unexpected end after backslash") != NULL;
	ch = *p->at++;
	if (ch == 'u' || ch == 'x') {
		if (ch == 'u' ? !read_unicode(p, &code) : !read_hex(p, 2, 2, &code))
			return fail(p, ch == 'u' ? "invalid Unicode escape sequence"
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

static bool read_quoted(parser *p, token kind)
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
		return fail(p, "unterminated quoted string") != NULL;
	p->at++;
	p->token = kind;
	p->value = out;
	p->len = n;
	return true;
}

static bool next(parser *p);

static bool read_name(parser *p, token kind)
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
		return next(p);
	p->token = kind;
	p->value = out;
	p->len = n;
	return true;
}

static void skip_digits(parser *p)
{
	while (p->at < p->end && is_digit(*p->at))
		p->at++;
}

static bool read_number(parser *p)
{
	const char *from = p->at;
	bool zero = *from == '0';

	p->integer = true;
	skip_digits(p);
	if (zero && p->at > from + 1)
		return fail(p, "trailing junk after numeric literal") != NULL;
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
		if (p->at >= p->end || !is_digit(*p->at))
			return fail(p, "invalid numeric literal") != NULL;
		skip_digits(p);
	}
	if (p->at < p->end && !is_blank(*p->at) && !is_special(*p->at) && *p->at != '"')
		return fail(p, "trailing junk after numeric literal") != NULL;
	p->token = T_NUMBER;
	p->value = from;
	p->len = (size_t)(p->at - from);
	return true;
}

static bool skip_blanks(parser *p)
{
	for (;;) {
		const char *end;

		while (p->at < p->end && is_blank(*p->at))
			p->at++;
		if (p->end - p->at < 2 || p->at[0] != '/' || p->at[1] != '*')
			return true;
		end = memmem(p->at + 2, (size_t)(p->end - p->at - 2), "*/", 2);
		if (!end)
			return fail(p, "unexpected end of comment") != NULL;
		p->at = end + 2;
	}
}

static bool read_operator(parser *p)
{
	static const struct { const char *text; token token; } pairs[] = {
		{ "&&", T_AND }, { "||", T_OR }, { "==", T_EQ }, { "!=", T_NE }, { "<>", T_NE },
		{ "<=", T_LE }, { ">=", T_GE }, { "**", T_DEEP }, { "<", T_LT }, { ">", T_GT }, { "!", T_NOT }
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		size_t n = strlen(pairs[i].text);

		if ((size_t)(p->end - p->at) < n || memcmp(p->at, pairs[i].text, n))
			continue;
		p->at += n;
		p->token = pairs[i].token;
		return true;
	}
	p->token = T_CHAR;
	p->ch = *p->at++;
	return true;
}

static bool next(parser *p)
{
	if (p->failed || !skip_blanks(p))
		return false;
	p->token = T_END;
	p->ch = '\0';
	if (p->at >= p->end)
		return true;
	if (*p->at == '"')
		return read_quoted(p, T_STRING);
	if (is_digit(*p->at) || (*p->at == '.' && p->at + 1 < p->end && is_digit(p->at[1])))
		return read_number(p);
	if (*p->at == '$' && p->at + 1 < p->end && p->at[1] == '"') {
		p->at++;
		return read_quoted(p, T_VARIABLE);
	}
	if (*p->at == '$' && p->at + 1 < p->end && !is_blank(p->at[1]) && !is_special(p->at[1]) &&
	    p->at[1] != '\\') {
		p->at++;
		return read_name(p, T_VARIABLE);
	}
	if (is_special(*p->at))
		return read_operator(p);
	return read_name(p, T_NAME);
}

static bool is_char(const parser *p, char ch)
{
	return p->token == T_CHAR && p->ch == ch;
}

static bool is_word(const parser *p, const char *word)
{
	bool exact = !strcmp(word, "null") || !strcmp(word, "true") || !strcmp(word, "false");

	if (p->token != T_NAME || p->len != strlen(word))
		return false;
	return !(exact ? strncmp(p->value, word, p->len) : strncasecmp(p->value, word, p->len));
}

static bool expect(parser *p, char ch)
{
	if (!is_char(p, ch))
		return fail(p, "syntax error") != NULL;
	return next(p);
}

/* ---- the grammar ---- */

static sl_path *parse_condition(parser *p, int strength);

/* Conditions that steps follow are values: true, false or null. */
static bool is_value(const sl_path *p)
{
	return p && (!amph__sl_path_is_condition(p) || p->next);
}

static bool is_predicate(const sl_path *p)
{
	return p && amph__sl_path_is_condition(p) && !p->next;
}

static sl_path *node(parser *p, sl_path_kind kind, sl_path *left, sl_path *right)
{
	sl_path *out = p->failed ? NULL : AMPH_NEW(p->c->arena, sl_path);

	if (out)
		*out = (sl_path){ .kind = kind, .left = left, .right = right };
	return out;
}

static sl_path *literal(parser *p, const char *text, size_t len)
{
	sl_path *out = node(p, SL_PATH_LITERAL, NULL, NULL);

	if (out)
		out->value = (sl_json){ text, len };
	return out;
}

static sl_path *string_literal(parser *p)
{
	amph_buf b;
	const char *text;
	size_t len;

	amph__buf_init(&b, p->c->arena->allocator);
	amph__sl_json_quote(p->value, p->len, &b);
	len = b.len;
	text = b.failed ? NULL : amph__arena_text(p->c->arena, amph__buf_text(&b), len);
	amph__buf_clear(&b);
	return text ? literal(p, text, len) : NULL;
}

static sl_path *number_literal(parser *p)
{
	amph_decimal d;
	amph_error err;
	char *text;
	size_t len;

	if (!amph__decimal_parse(p->value, p->len, &d, p->c->arena, &err)) {
		amph__sl_raise_error(p->c, &err);
		p->failed = true;
		return NULL;
	}
	text = amph__arena_alloc(p->c->arena, amph__decimal_text_max(&d) + 1);
	if (!text)
		return NULL;
	len = amph__decimal_put(&d, text);
	text[len] = '\0';
	return literal(p, text, len);
}

static sl_path *named(parser *p, sl_path_kind kind)
{
	sl_path *out = node(p, kind, NULL, NULL);

	if (out) {
		out->text = amph__arena_text(p->c->arena, p->value, p->len);
		out->len = p->len;
	}
	return out;
}

static sl_path *parse_name(parser *p)
{
	if (is_word(p, "null") || is_word(p, "true") || is_word(p, "false"))
		return literal(p, p->value, p->len);
	if (!is_word(p, "last"))
		return fail(p, "syntax error");
	if (!p->subscripts)
		return fail(p, "LAST is allowed only in array subscripts");
	return node(p, SL_PATH_LAST, NULL, NULL);
}

static sl_path *parse_primary(parser *p)
{
	sl_path *out;

	switch (p->token) {
	case T_STRING: out = string_literal(p); break;
	case T_NUMBER: out = number_literal(p); break;
	case T_VARIABLE: out = named(p, SL_PATH_VARIABLE); break;
	case T_NAME: out = parse_name(p); break;
	default:
		if (is_char(p, '@') && !p->filters)
			return fail(p, "@ is not allowed in root expressions");
		if (!is_char(p, '$') && !is_char(p, '@'))
			return fail(p, "syntax error");
		out = node(p, p->ch == '$' ? SL_PATH_ROOT : SL_PATH_CURRENT, NULL, NULL);
	}
	return out && next(p) ? out : NULL;
}

static bool parse_level(parser *p, uint32_t *out)
{
	if (is_word(p, "last")) {
		*out = UINT32_MAX;
	} else if (p->token == T_NUMBER && p->integer) {
		unsigned long level = strtoul(p->value, NULL, 10);

		if (level > INT32_MAX) {
			amph__sl_raise(p->c, "22003", "value \"%.*s\" is out of range for type integer",
				       (int)p->len, p->value);
			p->failed = true;
			return false;
		}
		*out = (uint32_t)level;
	} else {
		return fail(p, "syntax error") != NULL;
	}
	return next(p);
}

static sl_path *parse_deep(parser *p)
{
	sl_path *out = node(p, SL_PATH_DEEP, NULL, NULL);

	if (!out || !next(p))
		return NULL;
	out->last = UINT32_MAX;
	if (!is_char(p, '{'))
		return out;
	if (!next(p) || !parse_level(p, &out->first))
		return NULL;
	out->last = out->first;
	if (is_word(p, "to") && (!next(p) || !parse_level(p, &out->last)))
		return NULL;
	return expect(p, '}') ? out : NULL;
}

static bool parse_range(parser *p, sl_path_range *out)
{
	out->from = parse_condition(p, 3);
	if (!is_value(out->from))
		return fail(p, "syntax error") != NULL;
	if (!is_word(p, "to"))
		return true;
	if (!next(p))
		return false;
	out->to = parse_condition(p, 3);
	return is_value(out->to) ? true : fail(p, "syntax error") != NULL;
}

static bool add_range(parser *p, sl_path *out)
{
	sl_path_range *ranges = AMPH_NEWS(p->c->arena, sl_path_range, out->n_ranges + 1);

	if (!ranges)
		return false;
	if (out->n_ranges)
		memcpy(ranges, out->ranges, out->n_ranges * sizeof(*ranges));
	out->ranges = ranges;
	return parse_range(p, &ranges[out->n_ranges++]);
}

static sl_path *parse_subscripts(parser *p)
{
	sl_path *out = node(p, SL_PATH_SUBSCRIPTS, NULL, NULL);

	if (!out || !next(p))
		return NULL;
	if (is_char(p, '*')) {
		out->kind = SL_PATH_ANY_ELEMENT;
		return next(p) && expect(p, ']') ? out : NULL;
	}
	p->subscripts++;
	do
		if (!add_range(p, out))
			return NULL;
	while (is_char(p, ',') && next(p));
	p->subscripts--;
	return expect(p, ']') ? out : NULL;
}

static sl_path *parse_filter(parser *p)
{
	sl_path *out = node(p, SL_PATH_FILTER, NULL, NULL);

	if (!out || !next(p) || !expect(p, '('))
		return NULL;
	p->filters++;
	out->left = parse_condition(p, 0);
	p->filters--;
	if (!out->left)
		return NULL;
	if (!is_predicate(out->left))
		return fail(p, "syntax error");
	return expect(p, ')') ? out : NULL;
}

static bool find_method(const parser *p, sl_path_kind *kind)
{
	static const struct { const char *name; sl_path_kind kind; } methods[] = {
		{ "type", SL_PATH_TYPE }, { "size", SL_PATH_SIZE }, { "abs", SL_PATH_ABS },
		{ "floor", SL_PATH_FLOOR }, { "ceiling", SL_PATH_CEILING }, { "double", SL_PATH_DOUBLE },
		{ "keyvalue", SL_PATH_KEYVALUE }, { "datetime", SL_PATH_DATETIME }
	};

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (is_word(p, methods[i].name)) {
			*kind = methods[i].kind;
			return true;
		}
	return false;
}

/* After the point: a key, or a method where "(" follows. */
static sl_path *parse_member(parser *p)
{
	sl_path_kind kind = SL_PATH_KEY;
	bool method = p->token == T_NAME && find_method(p, &kind);
	sl_path *out = named(p, SL_PATH_KEY);

	if (!out || !next(p) || !is_char(p, '('))
		return p->failed ? NULL : out;
	if (!method)
		return fail(p, "syntax error");
	out->kind = kind;
	out->text = NULL;
	if (!next(p))
		return NULL;
	if (kind == SL_PATH_DATETIME && p->token == T_STRING) {
		out->text = amph__arena_text(p->c->arena, p->value, p->len);
		out->len = p->len;
		if (!out->text || !next(p))
			return NULL;
	}
	return expect(p, ')') ? out : NULL;
}

static sl_path *parse_dot(parser *p)
{
	sl_path *out;

	if (!next(p))
		return NULL;
	if (is_char(p, '*')) {
		out = node(p, SL_PATH_ANY_KEY, NULL, NULL);
		return out && next(p) ? out : NULL;
	}
	if (p->token == T_DEEP)
		return parse_deep(p);
	if (p->token != T_NAME && p->token != T_STRING)
		return fail(p, "syntax error");
	return parse_member(p);
}

static sl_path *parse_accessors(parser *p, sl_path *first)
{
	sl_path *last = first;

	while (last->next)
		last = last->next;
	while (is_char(p, '.') || is_char(p, '[') || is_char(p, '?')) {
		sl_path *step = is_char(p, '.') ? parse_dot(p) : is_char(p, '[') ? parse_subscripts(p)
										  : parse_filter(p);

		if (!step)
			return NULL;
		last = last->next = step;
	}
	return first;
}

static sl_path *parse_parenthesis(parser *p)
{
	sl_path *out;

	if (!next(p))
		return NULL;
	out = parse_condition(p, 0);
	if (!out || !expect(p, ')'))
		return NULL;
	if (is_word(p, "is") && is_predicate(out)) {
		if (!next(p) || !is_word(p, "unknown"))
			return fail(p, "syntax error");
		out = node(p, SL_PATH_UNKNOWN, out, NULL);
		return out && next(p) ? out : NULL;
	}
	return parse_accessors(p, out);
}

static sl_path *parse_exists(parser *p)
{
	sl_path *value;

	if (!next(p) || !expect(p, '('))
		return NULL;
	value = parse_condition(p, 0);
	if (!is_value(value))
		return fail(p, "syntax error");
	return expect(p, ')') ? node(p, SL_PATH_EXISTS, value, NULL) : NULL;
}

static sl_path *parse_unary(parser *p);

static sl_path *parse_not(parser *p)
{
	sl_path *operand = NULL;

	if (!next(p))
		return NULL;
	if (is_char(p, '(') || is_word(p, "exists"))
		operand = parse_unary(p);
	return is_predicate(operand) ? node(p, SL_PATH_NOT, operand, NULL) : fail(p, "syntax error");
}

static bool is_plain_number(const sl_path *p)
{
	return p->kind == SL_PATH_LITERAL && !p->next && amph__sl_json_kind(p->value) == SL_JSON_NUMBER;
}

/* A sign before a number is part of it. */
static sl_path *signed_number(parser *p, sl_path_kind kind, sl_path *number)
{
	sl_json v = number->value;

	if (kind == SL_PATH_PLUS || (v.len == 1 && *v.at == '0'))
		return number;
	if (*v.at == '-')
		return literal(p, v.at + 1, v.len - 1);
	v.at = amph__arena_printf(p->c->arena, "-%.*s", (int)v.len, v.at);
	return v.at ? literal(p, v.at, v.len + 1) : NULL;
}

static sl_path *parse_operand(parser *p)
{
	sl_path *operand;
	sl_path_kind kind;

	if (p->token == T_NOT)
		return parse_not(p);
	if (is_char(p, '+') || is_char(p, '-')) {
		kind = p->ch == '+' ? SL_PATH_PLUS : SL_PATH_MINUS;
		if (!next(p))
			return NULL;
		operand = parse_unary(p);
		if (is_value(operand) && is_plain_number(operand))
			return signed_number(p, kind, operand);
		return is_value(operand) ? node(p, kind, operand, NULL) : fail(p, "syntax error");
	}
	if (is_word(p, "exists"))
		return parse_exists(p);
	if (is_char(p, '('))
		return parse_parenthesis(p);
	operand = parse_primary(p);
	return operand ? parse_accessors(p, operand) : NULL;
}

static sl_path *parse_unary(parser *p)
{
	sl_path *out;

	if (++p->depth > SL_PATH_DEPTH_MAX) {
		amph__sl_raise(p->c, "54001", "stack depth limit exceeded");
		p->failed = true;
		return NULL;
	}
	out = parse_operand(p);
	p->depth--;
	return out;
}

static bool set_flags(parser *p, sl_path *regex)
{
	bool i = false, s = false, m = false, q = false;
	char *flags = amph__arena_alloc(p->c->arena, 4);
	size_t n = 0;

	for (size_t k = 0; k < p->len; k++) {
		i |= p->value[k] == 'i';
		s |= p->value[k] == 's';
		m |= p->value[k] == 'm';
		q |= p->value[k] == 'q';
		if (p->value[k] == 'x') {
			amph__sl_raise(p->c, "0A000", "XQuery \"x\" flag (expanded regular expressions) "
				       "is not supported");
			p->failed = true;
			return false;
		}
		if (!strchr("ismq", p->value[k])) {
			amph__sl_raise(p->c, "42601", "invalid input syntax for type jsonpath");
			p->failed = true;
			return false;
		}
	}
	if (!flags)
		return false;
	if (i)
		flags[n++] = 'i';
	flags[n++] = q ? 'q' : s && m ? 'w' : s ? 's' : m ? 'n' : 'p';
	flags[n] = '\0';
	regex->flags = flags;
	regex->flags_written = amph__arena_printf(p->c->arena, "%s%s%s%s", i ? "i" : "", s ? "s" : "",
						  m ? "m" : "", q ? "q" : "");
	return regex->flags_written != NULL;
}

static sl_path *parse_regex(parser *p, sl_path *value)
{
	sl_path *out;
	amph_error err;

	if (!next(p) || p->token != T_STRING)
		return fail(p, "syntax error");
	out = named(p, SL_PATH_REGEX);
	if (!out)
		return NULL;
	out->left = value;
	out->flags = "p";
	out->flags_written = "";
	if (!next(p))
		return NULL;
	if (is_word(p, "flag")) {
		if (!next(p) || p->token != T_STRING)
			return fail(p, "syntax error");
		if (!set_flags(p, out) || !next(p))
			return NULL;
	}
	if (!amph__regex_parse(out->text, out->len, out->flags, p->c->arena, &err)) {
		amph__sl_raise_error(p->c, &err);
		p->failed = true;
		return NULL;
	}
	return out;
}

static sl_path *parse_starts(parser *p, sl_path *value)
{
	sl_path *right;

	if (!next(p) || !is_word(p, "with"))
		return fail(p, "syntax error");
	if (!next(p) || (p->token != T_STRING && p->token != T_VARIABLE))
		return fail(p, "syntax error");
	right = p->token == T_STRING ? string_literal(p) : named(p, SL_PATH_VARIABLE);
	return right && next(p) ? node(p, SL_PATH_STARTS, value, right) : NULL;
}

/* How strong the operator at hand binds; 0: it is none. */
static int operator_of(const parser *p, sl_path_kind *kind)
{
	static const sl_path_kind comparisons[] = { SL_PATH_EQ, SL_PATH_NE, SL_PATH_LT,
						    SL_PATH_LE, SL_PATH_GT, SL_PATH_GE };

	if (p->token == T_OR || p->token == T_AND) {
		*kind = p->token == T_OR ? SL_PATH_OR : SL_PATH_AND;
		return p->token == T_OR ? 1 : 2;
	}
	if (p->token >= T_EQ && p->token <= T_GE) {
		*kind = comparisons[p->token - T_EQ];
		return 3;
	}
	if (is_char(p, '+') || is_char(p, '-')) {
		*kind = p->ch == '+' ? SL_PATH_ADD : SL_PATH_SUB;
		return 4;
	}
	if (is_char(p, '*') || is_char(p, '/') || is_char(p, '%')) {
		*kind = p->ch == '*' ? SL_PATH_MUL : p->ch == '/' ? SL_PATH_DIV : SL_PATH_MOD;
		return 5;
	}
	return 0;
}

/* Operators that bind more than strength. */
static sl_path *parse_condition(parser *p, int strength)
{
	sl_path *left = parse_unary(p), *right;
	sl_path_kind kind = SL_PATH_OR;

	while (left && !p->failed) {
		int own = operator_of(p, &kind);

		if (strength < 3 && (is_word(p, "starts") || is_word(p, "like_regex"))) {
			if (!is_value(left))
				return fail(p, "syntax error");
			left = is_word(p, "starts") ? parse_starts(p, left) : parse_regex(p, left);
			continue;
		}
		if (own <= strength || !next(p))
			break;
		right = parse_condition(p, own);
		if (own < 3 ? !is_predicate(left) || !is_predicate(right)
			    : !is_value(left) || !is_value(right))
			return fail(p, "syntax error");
		left = node(p, kind, left, right);
	}
	return p->failed ? NULL : left;
}

sl_path *amph__sl_path_read(sl_call *c, const char *text, size_t len, bool *strict)
{
	parser p = { .c = c, .text = text, .at = text, .end = text + len };
	sl_path *out;

	*strict = false;
	if (!next(&p))
		return NULL;
	if (p.token == T_END) {
		amph__sl_raise(c, "22P02", "invalid input syntax for type jsonpath: \"%s\"", text);
		return NULL;
	}
	if (is_word(&p, "strict") || is_word(&p, "lax")) {
		*strict = is_word(&p, "strict");
		if (!next(&p))
			return NULL;
	}
	out = parse_condition(&p, 0);
	if (out && p.token != T_END)
		return fail(&p, "syntax error");
	return p.failed ? NULL : out;
}
