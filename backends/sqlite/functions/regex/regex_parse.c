/* The syntax of regular expressions. */
#include "regex.h"
#include <stdlib.h>
#include <string.h>

enum { REPEAT_MAX = 255, DEPTH_MAX = 500, LENGTH_MAX = 20000 };

typedef struct parser {
	amph_regex *re;
	amph_arena *arena;
	const uint32_t *at, *end;
	amph_error *err;
	bool failed, expanded, literal, basic, in_look;
	int depth, length;
} parser;

static void *fail(parser *p, const char *message)
{
	if (!p->failed)
		amph__error(p->err, "2201B", "invalid regular expression: %s", message);
	p->failed = true;
	return NULL;
}

static amph_re_node *node(parser *p, amph_re_kind kind)
{
	amph_re_node *n = p->failed ? NULL : AMPH_NEW(p->arena, amph_re_node);

	if (!n && !p->failed) {
		amph__error_nomem(p->err);
		p->failed = true;
	}
	if (n)
		n->kind = kind;
	return n;
}

static amph_re_node *character(parser *p, uint32_t c)
{
	amph_re_node *n = node(p, RE_CHAR);

	if (n)
		n->c = c;
	return n;
}

static bool more(const parser *p)
{
	return p->at < p->end;
}

static bool next_is(const parser *p, uint32_t c)
{
	return more(p) && *p->at == c;
}

static bool take(parser *p, uint32_t c)
{
	if (!next_is(p, c))
		return false;
	p->at++;
	return true;
}

/* ---- sets ---- */

static void add_range(parser *p, amph_re_set *s, uint32_t first, uint32_t last)
{
	if (s->n_ranges % 8 == 0) {
		amph_re_range *more_ranges = AMPH_NEWS(p->arena, amph_re_range, s->n_ranges + 8);

		if (!more_ranges) {
			p->failed = true;
			return;
		}
		if (s->n_ranges)
			memcpy(more_ranges, s->ranges, s->n_ranges * sizeof(*s->ranges));
		s->ranges = more_ranges;
	}
	s->ranges[s->n_ranges++] = (amph_re_range){ first, last };
}

static void add_class(parser *p, amph_re_set *s, const char *name, bool negated)
{
	amph_class_fn *fn = amph__class_named(name, strlen(name)), **classes;
	bool *flags;

	if (!fn) {
		fail(p, "invalid character class");
		return;
	}
	classes = AMPH_NEWS(p->arena, amph_class_fn *, s->n_classes + 1);
	flags = AMPH_NEWS(p->arena, bool, s->n_classes + 1);
	if (!classes || !flags) {
		p->failed = true;
		return;
	}
	for (size_t i = 0; i < s->n_classes; i++) {
		classes[i] = s->classes[i];
		flags[i] = s->class_negated[i];
	}
	classes[s->n_classes] = fn;
	flags[s->n_classes++] = negated;
	s->classes = classes;
	s->class_negated = flags;
}

static const char *shorthand(uint32_t c)
{
	switch (c | 32) {
	case 'd':
		return "digit";
	case 's':
		return "space";
	case 'w':
		return "word";
	default:
		return NULL;
	}
}

static amph_re_node *class_node(parser *p, uint32_t c)
{
	amph_re_set *s = AMPH_NEW(p->arena, amph_re_set);
	amph_re_node *n = node(p, RE_SET);

	if (!s || !n)
		return NULL;
	add_class(p, s, shorthand(c), c < 'a');
	n->set = s;
	return n;
}

/* ---- escapes ---- */

static int hex_value(uint32_t c)
{
	return c >= '0' && c <= '9' ? (int)c - '0'
				    : (c | 32) >= 'a' && (c | 32) <= 'f' ? (int)(c | 32) - 'a' + 10 : -1;
}

static uint32_t read_hex(parser *p, int min, int max)
{
	uint32_t value = 0;
	int n = 0;

	for (; n < max && more(p) && hex_value(*p->at) >= 0; n++)
		value = value * 16 + (uint32_t)hex_value(*p->at++);
	if (n < min || value > 0x10ffff)
		fail(p, "invalid escape \\ sequence");
	return value;
}

/* An escape that stands for one character; p->at is after its letter. false: it does not. */
static bool escaped_character(parser *p, uint32_t c, uint32_t *out)
{
	static const char letters[] = "abBefnrtv", values[] = "\a\b\\\033\f\n\r\t\v";
	const char *at = c && c < 128 ? strchr(letters, (int)c) : NULL;

	if (at) {
		*out = (unsigned char)values[at - letters];
	} else if (c == 'c') {
		*out = more(p) ? *p->at++ & 31 : 0;
	} else if (c == 'u') {
		*out = read_hex(p, 4, 4);
	} else if (c == 'U') {
		*out = read_hex(p, 8, 8);
	} else if (c == 'x') {
		*out = read_hex(p, 1, 255);
	} else if (c == '0') {
		*out = 0;
		for (int i = 0; i < 2 && more(p) && *p->at >= '0' && *p->at <= '7'; i++)
			*out = *out * 8 + *p->at++ - '0';
	} else if (c >= '1' && c <= '7') {
		*out = c - '0';
		for (int i = 0; i < 2 && more(p) && *p->at >= '0' && *p->at <= '7'; i++)
			*out = *out * 8 + *p->at++ - '0';
	} else if (!amph__is_alnum(c)) {
		*out = c;
	} else {
		return false;
	}
	return true;
}

/* One digit is a back reference, more are where there are as many groups, else they are octal. */
static bool back_number(parser *p, uint32_t first, int *out)
{
	const uint32_t *at = p->at;
	int n = (int)(first - '0');

	for (; at < p->end && *at >= '0' && *at <= '9' && n <= AMPH_RE_BACK_MAX; at++)
		n = n * 10 + (int)(*at - '0');
	if (at > p->at && (n > AMPH_RE_BACK_MAX || n > p->re->n_groups))
		return false;
	p->at = at;
	*out = n;
	return true;
}

static amph_re_node *back_reference(parser *p, int number)
{
	amph_re_node *n = node(p, RE_BACK);

	if (p->in_look || !p->re->groups[number])
		return fail(p, "invalid backreference number");
	if (n) {
		n->group = number;
		n->left = p->re->groups[number];
		n->has_groups = n->has_backs = true;
	}
	return n;
}

static amph_re_node *escape(parser *p)
{
	static const struct {
		uint32_t c;
		amph_re_kind kind;
	} constraints[] = {
		{ 'A', RE_TEXT_START }, { 'Z', RE_TEXT_END }, { 'm', RE_WORD_START },
		{ 'M', RE_WORD_END }, { 'y', RE_WORD_EDGE }, { 'Y', RE_NOT_WORD_EDGE }
	};
	uint32_t c, value;
	int number;

	if (!more(p))
		return fail(p, "invalid escape \\ sequence");
	c = *p->at++;
	if (shorthand(c) && (c | 32) < 128 && amph__is_letter(c))
		return class_node(p, c);
	for (size_t i = 0; i < sizeof(constraints) / sizeof(constraints[0]); i++)
		if (constraints[i].c == c)
			return node(p, constraints[i].kind);
	if (c >= '1' && c <= '9' && back_number(p, c, &number))
		return back_reference(p, number);
	if (!escaped_character(p, c, &value))
		return fail(p, "invalid escape \\ sequence");
	return character(p, value);
}

/* ---- bracket expressions ---- */

/* [:class:], [=c=] or [.c.] after its bracket; true where it was a class, which ends no range. */
static bool bracket_item(parser *p, amph_re_set *s, uint32_t *out)
{
	uint32_t kind = *p->at++;
	char name[32];
	size_t n = 0;

	while (more(p) && !(*p->at == kind && p->at + 1 < p->end && p->at[1] == ']')) {
		if (n + 5 > sizeof(name)) {
			fail(p, kind == ':' ? "invalid character class" : "invalid collating element");
			return true;
		}
		n += amph__utf8_put(name + n, *p->at);
		*out = *p->at++;
	}
	if (!more(p)) {
		fail(p, "brackets [] not balanced");
		return true;
	}
	p->at += 2;
	name[n] = '\0';
	if (kind == ':') {
		add_class(p, s, name, false);
		return true;
	}
	if (amph__utf8_count(name, n) != 1 && !amph__re_named(name, out))
		fail(p, "invalid collating element");
	if (kind == '=')
		add_range(p, s, *out, *out);
	return kind == '=';
}

/* One end of a range or a character; true where it was a class instead. */
static bool bracket_char(parser *p, amph_re_set *s, uint32_t *out)
{
	uint32_t c;

	if (next_is(p, '[') && p->at + 1 < p->end && p->at[1] < 128 && strchr(":=.", (int)p->at[1])) {
		p->at++;
		return bracket_item(p, s, out);
	}
	c = *p->at++;
	if (c != '\\') {
		*out = c;
		return false;
	}
	if (!more(p)) {
		fail(p, "invalid escape \\ sequence");
		return true;
	}
	c = *p->at++;
	if (shorthand(c) && (c | 32) < 128 && amph__is_letter(c)) {
		add_class(p, s, shorthand(c), c < 'a');
		return true;
	}
	if (!escaped_character(p, c, out))
		fail(p, "invalid escape \\ sequence");
	return false;
}

/* At a hyphen that is neither the first nor the last within brackets. */
static bool is_range(const parser *p)
{
	return next_is(p, '-') && p->at + 1 < p->end && p->at[1] != ']';
}

static amph_re_node *bracket(parser *p)
{
	amph_re_set *s = AMPH_NEW(p->arena, amph_re_set);
	amph_re_node *n = node(p, RE_SET);
	bool first = true;

	if (!s || !n)
		return NULL;
	s->negated = take(p, '^');
	for (; !p->failed && more(p) && (first || !next_is(p, ']')); first = false) {
		uint32_t low, high;

		if (!first && is_range(p))
			return fail(p, "invalid character range");
		if (bracket_char(p, s, &low))
			continue;
		high = low;
		if (is_range(p)) {
			p->at++;
			if (bracket_char(p, s, &high) || high < low)
				return fail(p, "invalid character range");
		}
		add_range(p, s, low, high);
	}
	if (!take(p, ']'))
		return fail(p, "brackets [] not balanced");
	if (s->negated && !p->re->dot_newline)
		add_range(p, s, '\n', '\n');
	n->set = s;
	return n;
}

/* [[:<:]] and [[:>:]] are the edges of words. */
static amph_re_node *word_bracket(parser *p)
{
	static const uint32_t start[] = { '[', ':', '<', ':', ']', ']' };

	if (p->end - p->at < 6)
		return NULL;
	for (int i = 0; i < 6; i++)
		if (p->at[i] != start[i] && !(i == 2 && p->at[i] == '>'))
			return NULL;
	p->at += 6;
	return node(p, p->at[-4] == '<' ? RE_WORD_START : RE_WORD_END);
}

/* ---- the grammar ---- */

static amph_re_node *alternatives(parser *p);

static void skip_comments(parser *p)
{
	while (!p->failed && more(p)) {
		if (p->expanded && amph__class_named("space", 5)(*p->at)) {
			p->at++;
		} else if (p->expanded && *p->at == '#') {
			while (more(p) && *p->at != '\n')
				p->at++;
		} else if (p->end - p->at > 2 && p->at[0] == '(' && p->at[1] == '?' && p->at[2] == '#') {
			while (more(p) && *p->at != ')')
				p->at++;
			take(p, ')');
		} else {
			return;
		}
	}
}

static amph_re_node *look(parser *p)
{
	amph_re_node *n = node(p, RE_LOOK);

	if (!n)
		return NULL;
	n->behind = take(p, '<');
	n->negated = *p->at++ == '!';
	bool outer = p->in_look;
	p->in_look = true;
	n->left = alternatives(p);
	p->in_look = outer;
	if (!take(p, ')'))
		return fail(p, "parentheses () not balanced");
	return n;
}

static bool is_look(const parser *p)
{
	const uint32_t *at = p->at;

	if (at < p->end && *at == '<')
		at++;
	return at < p->end && (*at == '=' || *at == '!');
}

static amph_re_node *group(parser *p)
{
	amph_re_node *n, *inner;
	int number = 0;

	if (++p->depth > DEPTH_MAX)
		return fail(p, "regular expression is too complex");
	if (take(p, '?')) {
		if (is_look(p)) {
			n = look(p);
			p->depth--;
			return n;
		}
		if (!take(p, ':'))
			return fail(p, "quantifier operand invalid");
	} else if (!p->in_look) {
		number = ++p->re->n_groups;
	}
	inner = alternatives(p);
	p->depth--;
	if (!take(p, ')'))
		return fail(p, "parentheses () not balanced");
	if (!number || !inner)
		return inner;
	n = node(p, RE_GROUP);
	if (n) {
		n->left = inner;
		n->group = number;
		n->has_groups = true;
		n->has_backs = inner->has_backs;
		n->preference = inner->preference;
		if (number <= AMPH_RE_BACK_MAX)
			p->re->groups[number] = inner;
	}
	return n;
}

static amph_re_node *atom(parser *p)
{
	uint32_t c = *p->at++;
	amph_re_node *n;

	switch (c) {
	case '(':
		return group(p);
	case '[':
		n = word_bracket(p);
		return n ? n : bracket(p);
	case '.':
		return node(p, RE_ANY);
	case '^':
		return node(p, p->re->anchor_newline ? RE_LINE_START : RE_TEXT_START);
	case '$':
		return node(p, p->re->anchor_newline ? RE_LINE_END : RE_TEXT_END);
	case '\\':
		return escape(p);
	case '*':
	case '+':
	case '?':
		return fail(p, "quantifier operand invalid");
	case '{':
		if (more(p) && *p->at >= '0' && *p->at <= '9')
			return fail(p, "quantifier operand invalid");
		return character(p, c);
	default:
		return character(p, c);
	}
}

static bool read_number(parser *p, int *out)
{
	int n = 0;
	bool any = false;

	for (; more(p) && *p->at >= '0' && *p->at <= '9'; any = true) {
		n = n * 10 + (int)(*p->at++ - '0');
		if (n > REPEAT_MAX)
			n = REPEAT_MAX + 1;
	}
	*out = n;
	return any;
}

typedef struct bounds {
	int min, max;
	bool prefers;           /* {m} takes what its operand prefers, {m,m} does not */
} bounds;

/* {m}, {m,} or {m,n} after its brace. */
static bool read_bounds(parser *p, bounds *b)
{
	if (!read_number(p, &b->min))
		return false;
	b->max = b->min;
	b->prefers = take(p, ',');
	if (b->prefers && !read_number(p, &b->max))
		b->max = -1;
	if (!more(p)) {
		fail(p, "braces {} not balanced");
		return false;
	}
	if (!take(p, '}') || b->min > REPEAT_MAX || b->max > REPEAT_MAX || (b->max >= 0 && b->max < b->min)) {
		fail(p, "invalid repetition count(s)");
		return false;
	}
	return true;
}

static bool quantifier(parser *p, bounds *b)
{
	*b = (bounds){ .max = -1, .prefers = true };
	if (take(p, '*'))
		return true;
	if (take(p, '+')) {
		b->min = 1;
		return true;
	}
	if (take(p, '?')) {
		b->max = 1;
		return true;
	}
	if (next_is(p, '{') && p->at + 1 < p->end && p->at[1] >= '0' && p->at[1] <= '9') {
		p->at++;
		return read_bounds(p, b);
	}
	return false;
}

static bool is_constraint(const amph_re_node *n)
{
	return n->kind >= RE_LINE_START;
}

static amph_re_node *pair(parser *p, amph_re_kind kind, amph_re_node *left, amph_re_node *right)
{
	amph_re_node *n = node(p, kind);

	if (!n || !left || !right)
		return NULL;
	n->left = left;
	n->right = right;
	n->has_groups = left->has_groups || right->has_groups;
	n->has_backs = left->has_backs || right->has_backs;
	n->preference = kind == RE_ALT ? 1 : left->preference ? left->preference : right->preference;
	return n;
}

/* Of what is repeated with parentheses only the last time counts: x{m,n} is x{m-1,n-1}x then, and
 * the first part takes all that it prefers. */
static amph_re_node *repeated(parser *p, amph_re_node *n, const bounds *b, int preference)
{
	amph_re_node *repeat = node(p, RE_REPEAT), *both;
	bool last = n->has_groups && !n->has_backs && b->min > 0;

	if (!repeat)
		return NULL;
	repeat->left = n;
	repeat->min = last ? b->min - 1 : b->min;
	repeat->max = last && b->max > 0 ? b->max - 1 : b->max;
	repeat->has_groups = n->has_groups && !last;
	repeat->has_backs = n->has_backs;
	repeat->preference = preference ? preference : n->preference;
	if (!last)
		return repeat;
	both = pair(p, RE_CONCAT, repeat, n);
	if (both)
		both->preference = repeat->preference;
	return both;
}

static amph_re_node *quantified(parser *p)
{
	const uint32_t *start = p->at;
	amph_re_node *n = atom(p);
	int preference;
	bool enclosed;
	bounds b;

	if (p->failed || !n)
		return NULL;
	enclosed = *start == '(' && (start[1] != '?' || start[2] == ':');
	skip_comments(p);
	if (!quantifier(p, &b))
		return p->failed ? NULL : n;
	if (is_constraint(n) && !enclosed)
		return fail(p, "quantifier operand invalid");
	preference = take(p, '?') ? -1 : 1;
	preference = b.prefers ? preference : 0;
	if (b.min == 1 && b.max == 1 && (!preference || !n->preference || preference == n->preference))
		return n;
	n = repeated(p, n, &b, preference);
	skip_comments(p);
	if (quantifier(p, &b))
		return fail(p, "quantifier operand invalid");
	return n;
}

/* A chain is nested to the right, so that each node's rest is a node as well. */
static amph_re_node *branch(parser *p)
{
	amph_re_node *first, *rest;

	skip_comments(p);
	if (!more(p) || next_is(p, '|') || (next_is(p, ')') && p->depth > 0))
		return node(p, RE_EMPTY);
	if (next_is(p, ')'))
		return fail(p, "parentheses () not balanced");
	first = quantified(p);
	skip_comments(p);
	if (p->failed || !more(p) || next_is(p, '|') || next_is(p, ')'))
		return first;
	if (++p->length > LENGTH_MAX)
		return fail(p, "regular expression is too complex");
	rest = branch(p);
	return pair(p, RE_CONCAT, first, rest);
}

static amph_re_node *alternatives(parser *p)
{
	amph_re_node *first = branch(p);

	if (p->failed || !take(p, '|'))
		return first;
	return pair(p, RE_ALT, first, alternatives(p));
}

/* ---- options and prefixes ---- */

static bool set_option(parser *p, uint32_t c)
{
	amph_regex *re = p->re;

	switch (c) {
	case 'b':
		p->basic = true;
		return true;
	case 'c':
		re->fold = false;
		return true;
	case 'e':
	case 't':
		if (c == 't')
			p->expanded = false;
		return true;
	case 'i':
		re->fold = true;
		return true;
	case 'm':
	case 'n':
		re->dot_newline = false;
		re->anchor_newline = true;
		return true;
	case 'p':
		re->dot_newline = false;
		re->anchor_newline = false;
		return true;
	case 'q':
		p->literal = true;
		return true;
	case 's':
		re->dot_newline = true;
		re->anchor_newline = false;
		return true;
	case 'w':
		re->dot_newline = true;
		re->anchor_newline = true;
		return true;
	case 'x':
		p->expanded = true;
		return true;
	default:
		return false;
	}
}

static bool starts_with(const parser *p, const char *text)
{
	size_t n = strlen(text);

	if ((size_t)(p->end - p->at) < n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (p->at[i] != (unsigned char)text[i])
			return false;
	return true;
}

/* "***=" is literal text, "***:" says what is so anyway, "(?i)" sets options. */
static void prefixes(parser *p)
{
	if (p->literal)
		return;
	if (starts_with(p, "***=")) {
		p->literal = true;
		p->at += 4;
		return;
	}
	if (starts_with(p, "***:"))
		p->at += 4;
	else if (starts_with(p, "***"))
		fail(p, "invalid regexp (reg version 0.8)");
	if (!starts_with(p, "(?") || p->end - p->at < 3 || !amph__is_letter(p->at[2]))
		return;
	p->at += 2;
	while (more(p) && *p->at != ')')
		if (!set_option(p, *p->at++))
			fail(p, "invalid embedded option");
	if (!take(p, ')'))
		fail(p, "invalid embedded option");
}

static amph_re_node *literal(parser *p)
{
	amph_re_node *n = NULL;

	for (const uint32_t *c = p->end; c > p->at && !p->failed;) {
		amph_re_node *one = character(p, *--c);

		n = n ? pair(p, RE_CONCAT, one, n) : one;
	}
	return n ? n : node(p, RE_EMPTY);
}

bool amph__re_text(const char *text, size_t len, amph_re_text *out, amph_arena *arena)
{
	uint32_t *chars = AMPH_NEWS(arena, uint32_t, len + 1);
	const char *end = text + len;

	out->n = 0;
	out->at = chars;
	while (chars && text < end)
		text += amph__utf8_next(text, &chars[out->n++]);
	return chars != NULL;
}

amph_regex *amph__regex_parse(const char *pattern, size_t len, const char *flags, amph_arena *arena,
			      amph_error *err)
{
	amph_regex *re = AMPH_NEW(arena, amph_regex);
	amph_re_text text;
	parser p = { .re = re, .arena = arena, .err = err };

	if (!re || !amph__re_text(pattern, len, &text, arena)) {
		amph__error_nomem(err);
		return NULL;
	}
	re->arena = arena;
	re->dot_newline = true;
	p.at = text.at;
	p.end = text.at + text.n;
	for (; flags && *flags; flags++) {
		if (set_option(&p, (unsigned char)*flags))
			continue;
		amph__error(err, "22023", "invalid regular expression option: \"%c\"", *flags);
		return NULL;
	}
	prefixes(&p);
	if (p.basic && !p.failed) {
		amph__error(err, "0A000", "Basic regular expressions are not supported on SQLite");
		return NULL;
	}
	if (!p.failed)
		re->root = p.literal ? literal(&p) : alternatives(&p);
	if (!p.failed && p.at < p.end && !p.literal)
		fail(&p, "parentheses () not balanced");
	if (!p.failed && !arena->failed && re->root && amph__regex_is_too_large(re->root))
		fail(&p, "regular expression is too complex");
	if (arena->failed) {
		amph__error_nomem(err);
		return NULL;
	}
	return p.failed ? NULL : re;
}
