/* tsquery: reading and writing it, order, and the functions that make one of others. */
#include "textsearch.h"
#include "../text/ctype.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 4000 };

sl_query *amph__sl_query_node(amph_arena *arena, sl_query_kind kind, sl_query *left, sl_query *right)
{
	sl_query *q = AMPH_NEW(arena, sl_query);

	if (q)
		*q = (sl_query){ .kind = kind, .left = left, .right = right,
				 .distance = kind == SL_QUERY_PHRASE };
	return q;
}

size_t amph__sl_query_count(const sl_query *q)
{
	return q ? 1 + amph__sl_query_count(q->left) + amph__sl_query_count(q->right) : 0;
}

/* ---- reading ---- */

typedef struct pending {
	sl_query_kind kind;
	unsigned distance;
} pending;

/* A part between parentheses: operands that wait for their operator, operators for their right
 * operand. */
typedef struct level {
	sl_query_source *s;
	sl_query **operands;
	pending *operators;
	size_t n_operands, n_operators, cap;
} level;

static bool fail_syntax(sl_query_source *s)
{
	amph__sl_raise(s->c, "42601", "syntax error in tsquery: \"%s\"", s->text);
	s->failed = true;
	return false;
}

static int strength(sl_query_kind kind)
{
	static const int of[] = { 0, 0, 4, 2, 1, 3 };

	return of[kind];
}

static bool reserve(level *l)
{
	size_t cap = l->cap ? l->cap * 2 : 8;
	sl_query **operands;
	pending *operators;

	if (l->n_operands < l->cap && l->n_operators < l->cap)
		return true;
	operands = AMPH_NEWS(l->s->c->arena, sl_query *, cap);
	operators = AMPH_NEWS(l->s->c->arena, pending, cap);
	if (!operands || !operators)
		return false;
	if (l->cap) {
		memcpy(operands, l->operands, l->n_operands * sizeof(*operands));
		memcpy(operators, l->operators, l->n_operators * sizeof(*operators));
	}
	l->operands = operands;
	l->operators = operators;
	l->cap = cap;
	return true;
}

static bool push_operand(level *l, sl_query *q)
{
	if (!q || !reserve(l))
		return false;
	l->operands[l->n_operands++] = q;
	return true;
}

static bool join_top(level *l)
{
	pending p = l->operators[--l->n_operators];
	sl_query *right, *q;

	if (l->n_operands < (p.kind == SL_QUERY_NOT ? 1u : 2u))
		return fail_syntax(l->s);
	right = l->operands[--l->n_operands];
	q = amph__sl_query_node(l->s->c->arena, p.kind,
				p.kind == SL_QUERY_NOT ? NULL : l->operands[--l->n_operands], right);
	if (!q)
		return false;
	q->distance = p.distance;
	return push_operand(l, q);
}

/* Joins what binds as strong as the operator that comes; NOT waits for what is after it. */
static bool join_stronger(level *l, sl_query_kind kind)
{
	while (l->n_operators) {
		int top = strength(l->operators[l->n_operators - 1].kind);

		if (kind == SL_QUERY_NOT ? strength(kind) >= top : strength(kind) > top)
			return true;
		if (!join_top(l))
			return false;
	}
	return true;
}

static bool push_operator(level *l, sl_query_kind kind, unsigned distance)
{
	if (!join_stronger(l, kind) || !reserve(l))
		return false;
	l->operators[l->n_operators++] = (pending){ kind, distance };
	return true;
}

/* <-> and <2>; false: it is neither, or its distance is not possible. */
static bool read_distance(sl_query_source *s, unsigned *out)
{
	char *end;
	long n = 1;

	if (s->at[1] == '-') {
		end = (char *)(uintptr_t)s->at + 2;
	} else {
		if (s->at[1] < '0' || s->at[1] > '9')
			return fail_syntax(s);
		errno = 0;
		n = strtol(s->at + 1, &end, 10);
		if (errno || n > SL_TS_DISTANCE_MAX) {
			amph__sl_raise(s->c, "22023", "distance in phrase operator must be an integer value "
				       "between zero and %d inclusive", SL_TS_DISTANCE_MAX);
			s->failed = true;
			return false;
		}
	}
	if (*end != '>')
		return fail_syntax(s);
	*out = (unsigned)n;
	s->at = end + 1;
	return true;
}

static void read_modifiers(sl_query_source *s, uint8_t *weights, bool *prefix)
{
	static const char letters[] = "dcbaDCBA";

	if (*s->at != ':')
		return;
	for (s->at++; *s->at; s->at++) {
		const char *letter = strchr(letters, *s->at);

		if (*s->at == '*')
			*prefix = true;
		else if (letter)
			*weights |= (uint8_t)(1 << ((letter - letters) % 4));
		else
			return;
	}
}

static bool push_word(level *l, const char *word, size_t len, uint8_t weights, bool prefix)
{
	return push_operand(l, l->s->push(l->s, word, len, weights, prefix));
}

static bool read_operand(level *l, bool first, bool *more)
{
	sl_query_source *s = l->s;
	sl_word_reader r = { .c = s->c, .start = s->text, .at = s->at, .query = true, .web = s->web };
	uint8_t weights = 0;
	bool prefix = false;

	if (!s->web && *s->at == ':')
		return fail_syntax(s);
	if (!amph__sl_word_read(&r)) {
		s->failed = true;
		return false;
	}
	s->at = r.at;
	*more = r.found;
	if (r.found) {
		if (!s->web)
			read_modifiers(s, &weights, &prefix);
		return push_word(l, r.text, r.len, weights, prefix);
	}
	if (first)
		return true;
	if (s->web)
		return push_operand(l, amph__sl_query_node(s->c->arena, SL_QUERY_STOP, NULL, NULL));
	amph__sl_raise(s->c, "42601", "no operand in tsquery: \"%s\"", s->text);
	s->failed = true;
	return false;
}

static bool read_level(sl_query_source *s, bool *first, sl_query **out);

static bool read_parenthesis(level *l, bool *first)
{
	sl_query *q = NULL;

	if (++l->s->depth > DEPTH_MAX) {
		amph__sl_raise(l->s->c, "54001", "stack depth limit exceeded");
		return false;
	}
	l->s->at++;
	if (!read_level(l->s, first, &q))
		return false;
	return !q || push_operand(l, q);
}

/* operand: what follows is one; else an operator, or the end. */
static bool read_standard(level *l, bool *operand, bool *first, bool *more)
{
	sl_query_source *s = l->s;
	unsigned distance = 1;

	while (amph__is_space(*s->at))
		s->at++;
	*more = true;
	if (*operand && *s->at == '!') {
		s->at++;
		*first = false;
		return push_operator(l, SL_QUERY_NOT, 0);
	}
	if (*operand && *s->at == '(') {
		bool opened = read_parenthesis(l, first);

		*operand = false;
		return opened;
	}
	if (*operand) {
		bool ok = read_operand(l, *first, more);

		*operand = *first = false;
		return ok;
	}
	if (*s->at == ')' && s->depth) {
		s->depth--;
		s->at++;
		*more = false;
		return true;
	}
	if (!*s->at) {
		*more = false;
		return s->depth ? fail_syntax(s) : true;
	}
	*operand = true;
	if (*s->at == '<')
		return read_distance(s, &distance) && push_operator(l, SL_QUERY_PHRASE, distance);
	if (*s->at != '&' && *s->at != '|')
		return fail_syntax(s);
	return push_operator(l, *s->at++ == '&' ? SL_QUERY_AND : SL_QUERY_OR, 0);
}

static bool read_level(sl_query_source *s, bool *first, sl_query **out)
{
	level l = { .s = s };
	bool operand = true, more = true;

	*out = NULL;
	while (more)
		if (!read_standard(&l, &operand, first, &more))
			return false;
	if (!join_stronger(&l, SL_QUERY_OR))
		return false;
	while (l.n_operators)
		if (!join_top(&l))
			return false;
	if (l.n_operands > 1)
		return fail_syntax(s);
	*out = l.n_operands ? l.operands[0] : NULL;
	return true;
}

/* ---- as people type it into a search field ---- */

static bool is_or(sl_query_source *s)
{
	const char *p = s->at + 2;
	uint32_t ch;

	if ((s->at[0] | 32) != 'o' || (s->at[1] | 32) != 'r' || !*p)
		return false;
	amph__utf8_next(p, &ch);
	if (*p == '-' || *p == '_' || amph__is_letter(ch) || (ch >= '0' && ch <= '9'))
		return false;
	do
		p += amph__utf8_next(p, &ch);
	while (*p && amph__is_space(*p));
	if (!*p)
		return false;
	s->at += 2;
	return true;
}

static bool read_web_quotes(level *l)
{
	const char *from = ++l->s->at;
	size_t len = strcspn(from, "\"");

	l->s->at += len + (from[len] == '"');
	return push_word(l, from, len, 0, false);
}

/* Operators of the standard notation have no meaning here. */
static bool is_web_noise(char ch)
{
	return ch && strchr("!&|()<", ch);
}

static bool read_web_operand(level *l, bool *operand, bool *first, bool *more)
{
	sl_query_source *s = l->s;

	for (; is_web_noise(*s->at); *first = false)
		s->at++;
	if (*s->at == '-') {
		s->at++;
		*first = false;
		return push_operator(l, SL_QUERY_NOT, 0);
	}
	if (amph__is_space(*s->at)) {
		s->at++;
		return true;
	}
	*operand = false;
	if (*s->at == '"') {
		*first = false;
		return read_web_quotes(l);
	}
	if (!read_operand(l, *first, more))
		return false;
	*first = false;
	return true;
}

static bool read_web(sl_query_source *s, sl_query **out)
{
	level l = { .s = s };
	bool operand = true, first = true, more = true;

	while (more) {
		if (operand) {
			if (!read_web_operand(&l, &operand, &first, &more))
				return false;
			continue;
		}
		if (amph__is_space(*s->at) || is_web_noise(*s->at)) {
			s->at++;
			continue;
		}
		operand = true;
		if (!*s->at)
			break;
		if (!push_operator(&l, *s->at != '"' && is_or(s) ? SL_QUERY_OR : SL_QUERY_AND, 0))
			return false;
	}
	while (l.n_operators)
		if (!join_top(&l))
			return false;
	*out = l.n_operands ? l.operands[0] : NULL;
	return true;
}

bool amph__sl_query_read(sl_query_source *s, sl_query **out)
{
	bool first = true;

	*out = NULL;
	s->at = s->text;
	return (s->web ? read_web(s, out) : read_level(s, &first, out)) && !s->c->arena->failed;
}

static sl_query *push_plain(sl_query_source *s, const char *word, size_t len, uint8_t weights,
			    bool prefix)
{
	sl_query *q;

	if (len > SL_TS_WORD_MAX) {
		amph__sl_raise(s->c, "54000", "word is too long in tsquery: \"%s\"", s->text);
		return NULL;
	}
	q = amph__sl_query_node(s->c->arena, SL_QUERY_WORD, NULL, NULL);
	if (!q)
		return NULL;
	q->text = word;
	q->len = len;
	q->weights = weights;
	q->prefix = prefix;
	return q;
}

bool amph__sl_query_of(sl_call *c, const char *text, size_t len, sl_query **out)
{
	sl_query_source s = { .c = c, .push = push_plain };

	s.text = amph__arena_text(c->arena, text, len);
	return s.text && amph__sl_query_read(&s, out);
}

bool amph__sl_query_arg(sl_call *c, int i, sl_query **out)
{
	size_t len;
	const char *text = amph__sl_text(c, i, &len);

	return amph__sl_query_of(c, text, len, out);
}

/* ---- writing ---- */

static void put_word(const sl_query *q, amph_buf *b)
{
	static const char letters[] = "ABCD";

	amph__buf_putc(b, '\'');
	for (size_t i = 0; i < q->len; i++) {
		if (q->text[i] == '\'' || q->text[i] == '\\')
			amph__buf_putc(b, q->text[i]);
		amph__buf_putc(b, q->text[i]);
	}
	amph__buf_puts(b, q->weights || q->prefix ? "':" : "'");
	if (q->prefix)
		amph__buf_putc(b, '*');
	for (int i = 0; i < 4; i++)
		if (q->weights & 8 >> i)
			amph__buf_putc(b, letters[i]);
}

static void put_query(const sl_query *q, int outer, bool right_of_phrase, amph_buf *b)
{
	bool enclosed;

	if (q->kind == SL_QUERY_WORD) {
		put_word(q, b);
		return;
	}
	enclosed = strength(q->kind) < outer || (q->kind == SL_QUERY_PHRASE && right_of_phrase);
	if (enclosed)
		amph__buf_puts(b, "( ");
	if (q->kind == SL_QUERY_NOT)
		amph__buf_putc(b, '!');
	else
		put_query(q->left, strength(q->kind), false, b);
	if (q->kind == SL_QUERY_PHRASE && q->distance != 1)
		amph__buf_printf(b, " <%u> ", q->distance);
	else if (q->kind != SL_QUERY_NOT)
		amph__buf_puts(b, q->kind == SL_QUERY_AND ? " & " : q->kind == SL_QUERY_OR ? " | " : " <-> ");
	put_query(q->right, strength(q->kind), q->kind == SL_QUERY_PHRASE, b);
	if (enclosed)
		amph__buf_puts(b, " )");
}

void amph__sl_query_format(const sl_query *q, amph_buf *b)
{
	if (q)
		put_query(q, -1, false, b);
}

void amph__sl_query_result(sl_call *c, const sl_query *q)
{
	amph_buf b;

	if (c->arena->failed)
		return;
	amph__buf_init(&b, c->env->allocator);
	amph__buf_add(&b, "", 0);
	amph__sl_query_format(q, &b);
	amph__sl_result_buf(c, &b);
}

/* ---- without common words ---- */

/* What the distance of the operator to the left and right of a part grows by, since words at that end
 * of it are gone. */
typedef struct growth {
	unsigned left, right;
} growth;

static sl_query *clean_binary(sl_query *q, growth *out);

static sl_query *clean(sl_query *q, growth *out)
{
	*out = (growth){ 0, 0 };
	if (q->kind == SL_QUERY_WORD)
		return q;
	if (q->kind == SL_QUERY_STOP)
		return NULL;
	if (q->kind != SL_QUERY_NOT)
		return clean_binary(q, out);
	q->right = clean(q->right, out);
	return q->right ? q : NULL;
}

static sl_query *clean_binary(sl_query *q, growth *out)
{
	bool phrase = q->kind == SL_QUERY_PHRASE;
	unsigned own = phrase ? q->distance : 0;
	growth l, r;

	q->left = clean(q->left, &l);
	q->right = clean(q->right, &r);
	if (!q->left && !q->right) {
		out->left = out->right = phrase ? l.left + own + r.left : l.left > r.left ? l.left : r.left;
		return NULL;
	}
	if (!q->left) {
		*out = phrase ? (growth){ l.left + own + r.left, r.right } : r;
		return q->right;
	}
	if (!q->right) {
		*out = phrase ? (growth){ l.left, l.right + own + r.right } : l;
		return q->left;
	}
	if (phrase) {
		q->distance += l.right + r.left;
		*out = (growth){ l.left, r.right };
	}
	return q;
}

sl_query *amph__sl_query_clean(sl_query *q)
{
	growth g;

	return q ? clean(q, &g) : NULL;
}

sl_query *amph__sl_query_positive(sl_query *q)
{
	if (q->kind == SL_QUERY_WORD)
		return q;
	if (q->kind == SL_QUERY_NOT)
		return NULL;
	q->left = amph__sl_query_positive(q->left);
	if (!q->left && q->kind == SL_QUERY_OR)
		return NULL;
	q->right = amph__sl_query_positive(q->right);
	if (q->left && q->right)
		return q;
	return q->kind == SL_QUERY_OR ? NULL : q->left ? q->left : q->right;
}

/* ---- order ---- */

/* The checksum by which PostgreSQL compares words. */
static int32_t checksum(const char *text, size_t len)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < len; i++) {
		uint32_t row = (crc >> 24 ^ (uint8_t)text[i]) & 0xff;

		for (int bit = 0; bit < 8; bit++)
			row = row >> 1 ^ (row & 1 ? 0xedb88320 : 0);
		crc = row ^ crc << 8;
	}
	return (int32_t)(crc ^ 0xffffffff);
}

static int order_of(long a, long b)
{
	return a == b ? 0 : a < b ? -1 : 1;
}

static size_t text_size(const sl_query *q)
{
	if (!q)
		return 0;
	if (q->kind == SL_QUERY_WORD)
		return q->len + 1;
	return text_size(q->left) + text_size(q->right);
}

/* Greater kinds and sums come first. */
int amph__sl_query_order(const sl_query *a, const sl_query *b)
{
	int32_t x, y;
	int order = order_of(b->kind != SL_QUERY_WORD, a->kind != SL_QUERY_WORD);

	if (order)
		return order;
	if (a->kind == SL_QUERY_WORD) {
		x = checksum(a->text, a->len);
		y = checksum(b->text, b->len);
		return x != y ? order_of(y, x) : amph__sl_word_compare(a->text, a->len, b->text, b->len);
	}
	order = order_of((long)b->kind, (long)a->kind);
	if (!order)
		order = amph__sl_query_order(a->right, b->right);
	if (!order && a->kind != SL_QUERY_NOT)
		order = amph__sl_query_order(a->left, b->left);
	return order ? order : order_of((long)b->distance, (long)a->distance);
}

int amph__sl_query_compare(const sl_query *a, const sl_query *b)
{
	size_t n = amph__sl_query_count(a), m = amph__sl_query_count(b);
	int order = order_of((long)n, (long)m);

	if (!order)
		order = order_of((long)text_size(a), (long)text_size(b));
	return order || !n ? order : amph__sl_query_order(a, b);
}

/* ---- functions ---- */

static void input(sl_call *c)
{
	sl_query *q;

	if (amph__sl_query_arg(c, 0, &q))
		amph__sl_query_result(c, q);
}

static void count(sl_call *c)
{
	sl_query *q;

	if (amph__sl_query_arg(c, 0, &q))
		amph__sl_result_int(c, (int64_t)amph__sl_query_count(q));
}

static void querytree(sl_call *c)
{
	sl_query *q;
	bool empty;

	if (!amph__sl_query_arg(c, 0, &q))
		return;
	empty = !q;
	q = q ? amph__sl_query_positive(q) : NULL;
	if (!q && !empty)
		amph__sl_result_text(c, "T", 1);
	else
		amph__sl_query_result(c, q);
}

static void negate(sl_call *c)
{
	sl_query *q;

	if (amph__sl_query_arg(c, 0, &q))
		amph__sl_query_result(c, q ? amph__sl_query_node(c->arena, SL_QUERY_NOT, NULL, q) : NULL);
}

static void join(sl_call *c)
{
	sl_query *a, *b, *q;
	int64_t distance = c->argc > 2 ? amph__sl_int(c, 2) : 1;

	if (distance < 0 || distance > SL_TS_DISTANCE_MAX) {
		amph__sl_raise(c, "22023", "distance in phrase operator must be an integer value "
			       "between zero and %d inclusive", SL_TS_DISTANCE_MAX);
		return;
	}
	if (!amph__sl_query_arg(c, 0, &a) || !amph__sl_query_arg(c, 1, &b))
		return;
	if (!a || !b) {
		amph__sl_query_result(c, a ? a : b);
		return;
	}
	q = amph__sl_query_node(c->arena, (sl_query_kind)c->arg, a, b);
	if (!q)
		return;
	q->distance = c->arg == SL_QUERY_PHRASE ? (unsigned)distance : 0;
	amph__sl_query_result(c, q);
}

static bool has_word(const sl_query *in, const sl_query *word)
{
	if (!in)
		return false;
	if (in->kind == SL_QUERY_WORD)
		return !amph__sl_word_compare(in->text, in->len, word->text, word->len);
	return has_word(in->left, word) || has_word(in->right, word);
}

static bool has_words_of(const sl_query *in, const sl_query *of)
{
	if (!of)
		return true;
	if (of->kind == SL_QUERY_WORD)
		return has_word(in, of);
	return has_words_of(in, of->left) && has_words_of(in, of->right);
}

static void contains(sl_call *c)
{
	sl_query *a, *b;

	if (amph__sl_query_arg(c, (int)c->arg, &a) && amph__sl_query_arg(c, !c->arg, &b))
		amph__sl_result_bool(c, has_words_of(a, b));
}

static const sl_function rows[] = {
	{ "numnode_tsquery", 1, 0, count, 0 },
	{ "querytree_tsquery", 1, 0, querytree, 0 },
	{ "tsq_mcontained", 2, 0, contains, 1 },
	{ "tsq_mcontains", 2, 0, contains, 0 },
	{ "tsquery_and", 2, 0, join, SL_QUERY_AND },
	{ "tsquery_in", 1, 0, input, 0 },
	{ "tsquery_not", 1, 0, negate, 0 },
	{ "tsquery_or", 2, 0, join, SL_QUERY_OR },
	{ "tsquery_phrase_tsquery_tsquery", 2, 0, join, SL_QUERY_PHRASE },
	{ "tsquery_phrase_tsquery_tsquery_int4", 3, 0, join, SL_QUERY_PHRASE }
};
const sl_functions amph__sl_tsquery_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
