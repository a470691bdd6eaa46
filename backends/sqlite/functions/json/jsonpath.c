/* Reading SQL/JSON paths: their grammar, over the words of jsonpathlex.c. */
#include "jsonpathlex.h"
#include "../../../../src/model/decimal.h"
#include "../regex/regex.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_char(const sl_path_parser *p, char ch)
{
	return p->token == SL_T_CHAR && p->ch == ch;
}

static bool is_word(const sl_path_parser *p, const char *word)
{
	bool exact = !strcmp(word, "null") || !strcmp(word, "true") || !strcmp(word, "false");

	if (p->token != SL_T_NAME || p->len != strlen(word))
		return false;
	return exact ? !strncmp(p->value, word, p->len) : amph__ascii_begins(p->value, word, p->len);
}

static bool expect(sl_path_parser *p, char ch)
{
	if (!is_char(p, ch))
		return amph__sl_path_syntax(p, "syntax error") != NULL;
	return amph__sl_path_next(p);
}

static sl_path *parse_condition(sl_path_parser *p, int strength);

/* Conditions that steps follow are values: true, false or null. */
static bool is_value(const sl_path *p)
{
	return p && (!amph__sl_path_is_condition(p) || p->next);
}

static bool is_predicate(const sl_path *p)
{
	return p && amph__sl_path_is_condition(p) && !p->next;
}

static sl_path *node(sl_path_parser *p, sl_path_kind kind, sl_path *left, sl_path *right)
{
	sl_path *out = p->failed ? NULL : AMPH_NEW(p->c->arena, sl_path);

	if (out)
		*out = (sl_path){ .kind = kind, .left = left, .right = right };
	return out;
}

static sl_path *literal(sl_path_parser *p, const char *text, size_t len)
{
	sl_path *out = node(p, SL_PATH_LITERAL, NULL, NULL);

	if (out)
		out->value = (sl_json){ text, len };
	return out;
}

static sl_path *string_literal(sl_path_parser *p)
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

static sl_path *number_literal(sl_path_parser *p)
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

static sl_path *named(sl_path_parser *p, sl_path_kind kind)
{
	sl_path *out = node(p, kind, NULL, NULL);

	if (out) {
		out->text = amph__arena_text(p->c->arena, p->value, p->len);
		out->len = p->len;
	}
	return out;
}

static sl_path *parse_name(sl_path_parser *p)
{
	if (is_word(p, "null") || is_word(p, "true") || is_word(p, "false"))
		return literal(p, p->value, p->len);
	if (!is_word(p, "last"))
		return amph__sl_path_syntax(p, "syntax error");
	if (!p->subscripts)
		return amph__sl_path_syntax(p, "LAST is allowed only in array subscripts");
	return node(p, SL_PATH_LAST, NULL, NULL);
}

static sl_path *parse_primary(sl_path_parser *p)
{
	sl_path *out;

	switch (p->token) {
	case SL_T_STRING: out = string_literal(p); break;
	case SL_T_NUMBER: out = number_literal(p); break;
	case SL_T_VARIABLE: out = named(p, SL_PATH_VARIABLE); break;
	case SL_T_NAME: out = parse_name(p); break;
	default:
		if (is_char(p, '@') && !p->filters)
			return amph__sl_path_syntax(p, "@ is not allowed in root expressions");
		if (!is_char(p, '$') && !is_char(p, '@'))
			return amph__sl_path_syntax(p, "syntax error");
		out = node(p, p->ch == '$' ? SL_PATH_ROOT : SL_PATH_CURRENT, NULL, NULL);
	}
	return out && amph__sl_path_next(p) ? out : NULL;
}

static bool parse_level(sl_path_parser *p, uint32_t *out)
{
	if (is_word(p, "last")) {
		*out = UINT32_MAX;
	} else if (p->token == SL_T_NUMBER && p->integer) {
		unsigned long level = strtoul(p->value, NULL, 10);

		if (level > INT32_MAX) {
			amph__sl_raise(p->c, "22003", "value \"%.*s\" is out of range for type integer",
				       (int)p->len, p->value);
			p->failed = true;
			return false;
		}
		*out = (uint32_t)level;
	} else {
		return amph__sl_path_syntax(p, "syntax error") != NULL;
	}
	return amph__sl_path_next(p);
}

static sl_path *parse_deep(sl_path_parser *p)
{
	sl_path *out = node(p, SL_PATH_DEEP, NULL, NULL);

	if (!out || !amph__sl_path_next(p))
		return NULL;
	out->last = UINT32_MAX;
	if (!is_char(p, '{'))
		return out;
	if (!amph__sl_path_next(p) || !parse_level(p, &out->first))
		return NULL;
	out->last = out->first;
	if (is_word(p, "to") && (!amph__sl_path_next(p) || !parse_level(p, &out->last)))
		return NULL;
	return expect(p, '}') ? out : NULL;
}

static bool parse_range(sl_path_parser *p, sl_path_range *out)
{
	out->from = parse_condition(p, 3);
	if (!is_value(out->from))
		return amph__sl_path_syntax(p, "syntax error") != NULL;
	if (!is_word(p, "to"))
		return true;
	if (!amph__sl_path_next(p))
		return false;
	out->to = parse_condition(p, 3);
	return is_value(out->to) ? true : amph__sl_path_syntax(p, "syntax error") != NULL;
}

static bool add_range(sl_path_parser *p, sl_path *out)
{
	sl_path_range *ranges = AMPH_NEWS(p->c->arena, sl_path_range, out->n_ranges + 1);

	if (!ranges)
		return false;
	if (out->n_ranges)
		memcpy(ranges, out->ranges, out->n_ranges * sizeof(*ranges));
	out->ranges = ranges;
	return parse_range(p, &ranges[out->n_ranges++]);
}

static sl_path *parse_subscripts(sl_path_parser *p)
{
	sl_path *out = node(p, SL_PATH_SUBSCRIPTS, NULL, NULL);

	if (!out || !amph__sl_path_next(p))
		return NULL;
	if (is_char(p, '*')) {
		out->kind = SL_PATH_ANY_ELEMENT;
		return amph__sl_path_next(p) && expect(p, ']') ? out : NULL;
	}
	p->subscripts++;
	do
		if (!add_range(p, out))
			return NULL;
	while (is_char(p, ',') && amph__sl_path_next(p));
	p->subscripts--;
	return expect(p, ']') ? out : NULL;
}

static sl_path *parse_filter(sl_path_parser *p)
{
	sl_path *out = node(p, SL_PATH_FILTER, NULL, NULL);

	if (!out || !amph__sl_path_next(p) || !expect(p, '('))
		return NULL;
	p->filters++;
	out->left = parse_condition(p, 0);
	p->filters--;
	if (!out->left)
		return NULL;
	if (!is_predicate(out->left))
		return amph__sl_path_syntax(p, "syntax error");
	return expect(p, ')') ? out : NULL;
}

static bool find_method(const sl_path_parser *p, sl_path_kind *kind)
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
static sl_path *parse_member(sl_path_parser *p)
{
	sl_path_kind kind = SL_PATH_KEY;
	bool method = p->token == SL_T_NAME && find_method(p, &kind);
	sl_path *out = named(p, SL_PATH_KEY);

	if (!out || !amph__sl_path_next(p) || !is_char(p, '('))
		return p->failed ? NULL : out;
	if (!method)
		return amph__sl_path_syntax(p, "syntax error");
	out->kind = kind;
	out->text = NULL;
	if (!amph__sl_path_next(p))
		return NULL;
	if (kind == SL_PATH_DATETIME && p->token == SL_T_STRING) {
		out->text = amph__arena_text(p->c->arena, p->value, p->len);
		out->len = p->len;
		if (!out->text || !amph__sl_path_next(p))
			return NULL;
	}
	return expect(p, ')') ? out : NULL;
}

static sl_path *parse_dot(sl_path_parser *p)
{
	sl_path *out;

	if (!amph__sl_path_next(p))
		return NULL;
	if (is_char(p, '*')) {
		out = node(p, SL_PATH_ANY_KEY, NULL, NULL);
		return out && amph__sl_path_next(p) ? out : NULL;
	}
	if (p->token == SL_T_DEEP)
		return parse_deep(p);
	if (p->token != SL_T_NAME && p->token != SL_T_STRING)
		return amph__sl_path_syntax(p, "syntax error");
	return parse_member(p);
}

static sl_path *parse_accessors(sl_path_parser *p, sl_path *first)
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

static sl_path *parse_parenthesis(sl_path_parser *p)
{
	sl_path *out;

	if (!amph__sl_path_next(p))
		return NULL;
	out = parse_condition(p, 0);
	if (!out || !expect(p, ')'))
		return NULL;
	if (is_word(p, "is") && is_predicate(out)) {
		if (!amph__sl_path_next(p) || !is_word(p, "unknown"))
			return amph__sl_path_syntax(p, "syntax error");
		out = node(p, SL_PATH_UNKNOWN, out, NULL);
		return out && amph__sl_path_next(p) ? out : NULL;
	}
	return parse_accessors(p, out);
}

static sl_path *parse_exists(sl_path_parser *p)
{
	sl_path *value;

	if (!amph__sl_path_next(p) || !expect(p, '('))
		return NULL;
	value = parse_condition(p, 0);
	if (!is_value(value))
		return amph__sl_path_syntax(p, "syntax error");
	return expect(p, ')') ? node(p, SL_PATH_EXISTS, value, NULL) : NULL;
}

static sl_path *parse_unary(sl_path_parser *p);

static sl_path *parse_not(sl_path_parser *p)
{
	sl_path *operand = NULL;

	if (!amph__sl_path_next(p))
		return NULL;
	if (is_char(p, '(') || is_word(p, "exists"))
		operand = parse_unary(p);
	return is_predicate(operand) ? node(p, SL_PATH_NOT, operand, NULL)
				     : amph__sl_path_syntax(p, "syntax error");
}

static bool is_plain_number(const sl_path *p)
{
	return p->kind == SL_PATH_LITERAL && !p->next && amph__sl_json_kind(p->value) == SL_JSON_NUMBER;
}

/* A sign before a number is part of it. */
static sl_path *signed_number(sl_path_parser *p, sl_path_kind kind, sl_path *number)
{
	sl_json v = number->value;

	if (kind == SL_PATH_PLUS || (v.len == 1 && *v.at == '0'))
		return number;
	if (*v.at == '-')
		return literal(p, v.at + 1, v.len - 1);
	v.at = amph__arena_printf(p->c->arena, "-%.*s", (int)v.len, v.at);
	return v.at ? literal(p, v.at, v.len + 1) : NULL;
}

static sl_path *parse_operand(sl_path_parser *p)
{
	sl_path *operand;
	sl_path_kind kind;

	if (p->token == SL_T_NOT)
		return parse_not(p);
	if (is_char(p, '+') || is_char(p, '-')) {
		kind = p->ch == '+' ? SL_PATH_PLUS : SL_PATH_MINUS;
		if (!amph__sl_path_next(p))
			return NULL;
		operand = parse_unary(p);
		if (is_value(operand) && is_plain_number(operand))
			return signed_number(p, kind, operand);
		return is_value(operand) ? node(p, kind, operand, NULL)
					 : amph__sl_path_syntax(p, "syntax error");
	}
	if (is_word(p, "exists"))
		return parse_exists(p);
	if (is_char(p, '('))
		return parse_parenthesis(p);
	operand = parse_primary(p);
	return operand ? parse_accessors(p, operand) : NULL;
}

static sl_path *parse_unary(sl_path_parser *p)
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

static bool set_flags(sl_path_parser *p, sl_path *regex)
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

static sl_path *parse_regex(sl_path_parser *p, sl_path *value)
{
	sl_path *out;
	amph_error err;

	if (!amph__sl_path_next(p) || p->token != SL_T_STRING)
		return amph__sl_path_syntax(p, "syntax error");
	out = named(p, SL_PATH_REGEX);
	if (!out)
		return NULL;
	out->left = value;
	out->flags = "p";
	out->flags_written = "";
	if (!amph__sl_path_next(p))
		return NULL;
	if (is_word(p, "flag")) {
		if (!amph__sl_path_next(p) || p->token != SL_T_STRING)
			return amph__sl_path_syntax(p, "syntax error");
		if (!set_flags(p, out) || !amph__sl_path_next(p))
			return NULL;
	}
	if (!amph__regex_parse(out->text, out->len, out->flags, p->c->arena, &err)) {
		amph__sl_raise_error(p->c, &err);
		p->failed = true;
		return NULL;
	}
	return out;
}

static sl_path *parse_starts(sl_path_parser *p, sl_path *value)
{
	sl_path *right;

	if (!amph__sl_path_next(p) || !is_word(p, "with"))
		return amph__sl_path_syntax(p, "syntax error");
	if (!amph__sl_path_next(p) || (p->token != SL_T_STRING && p->token != SL_T_VARIABLE))
		return amph__sl_path_syntax(p, "syntax error");
	right = p->token == SL_T_STRING ? string_literal(p) : named(p, SL_PATH_VARIABLE);
	return right && amph__sl_path_next(p) ? node(p, SL_PATH_STARTS, value, right) : NULL;
}

/* How strong the operator at hand binds; 0: it is none. */
static int operator_of(const sl_path_parser *p, sl_path_kind *kind)
{
	static const sl_path_kind comparisons[] = { SL_PATH_EQ, SL_PATH_NE, SL_PATH_LT,
						    SL_PATH_LE, SL_PATH_GT, SL_PATH_GE };

	if (p->token == SL_T_OR || p->token == SL_T_AND) {
		*kind = p->token == SL_T_OR ? SL_PATH_OR : SL_PATH_AND;
		return p->token == SL_T_OR ? 1 : 2;
	}
	if (p->token >= SL_T_EQ && p->token <= SL_T_GE) {
		*kind = comparisons[p->token - SL_T_EQ];
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
static sl_path *parse_condition(sl_path_parser *p, int strength)
{
	sl_path *left = parse_unary(p), *right;
	sl_path_kind kind = SL_PATH_OR;

	while (left && !p->failed) {
		int own = operator_of(p, &kind);

		if (strength < 3 && (is_word(p, "starts") || is_word(p, "like_regex"))) {
			if (!is_value(left))
				return amph__sl_path_syntax(p, "syntax error");
			left = is_word(p, "starts") ? parse_starts(p, left) : parse_regex(p, left);
			continue;
		}
		if (own <= strength || !amph__sl_path_next(p))
			break;
		right = parse_condition(p, own);
		if (own < 3 ? !is_predicate(left) || !is_predicate(right)
			    : !is_value(left) || !is_value(right))
			return amph__sl_path_syntax(p, "syntax error");
		left = node(p, kind, left, right);
	}
	return p->failed ? NULL : left;
}

sl_path *amph__sl_path_read(sl_call *c, const char *text, size_t len, bool *strict)
{
	sl_path_parser p = { .c = c, .text = text, .at = text, .end = text + len };
	sl_path *out;

	*strict = false;
	if (!amph__sl_path_next(&p))
		return NULL;
	if (p.token == SL_T_END) {
		amph__sl_raise(c, "22P02", "invalid input syntax for type jsonpath: \"%s\"", text);
		return NULL;
	}
	if (is_word(&p, "strict") || is_word(&p, "lax")) {
		*strict = is_word(&p, "strict");
		if (!amph__sl_path_next(&p))
			return NULL;
	}
	out = parse_condition(&p, 0);
	if (out && p.token != SL_T_END)
		return amph__sl_path_syntax(&p, "syntax error");
	return p.failed ? NULL : out;
}
