/* Running regular expressions. */
#include "regex.h"
#include <string.h>

enum { PROGRAM_MAX = 200000 };

typedef enum op { OP_CHAR, OP_SET, OP_ANY, OP_SPLIT, OP_JUMP, OP_TEST, OP_ACCEPT } op;
typedef struct instruction {
	op op;
	const amph_re_node *node;       /* CHAR, SET, ANY, TEST */
	uint32_t a, b;                  /* SPLIT, JUMP */
} instruction;

typedef struct amph_re_program {
	instruction *code;
	size_t n, cap;
	/* sets of states, for a run */
	uint32_t *now, *then, *stack;
	uint64_t *seen;
	uint64_t generation;
} amph_re_program;

typedef struct matcher {
	amph_regex *re;
	const amph_re_text *text;
	amph_arena *scratch;
	bool failed;                    /* memory, or the pattern is too large */
	bool loose;                     /* compiling what a back reference may be: without conditions */
} matcher;

/* ---- characters and places ---- */

static bool in_set(const amph_re_set *s, uint32_t c)
{
	for (size_t i = 0; i < s->n_ranges; i++)
		if (c >= s->ranges[i].first && c <= s->ranges[i].last)
			return true;
	for (size_t i = 0; i < s->n_classes; i++)
		if (s->classes[i](c) != s->class_negated[i])
			return true;
	return false;
}

static bool matches_char(const amph_regex *re, const amph_re_node *n, uint32_t c)
{
	if (n->kind == RE_ANY)
		return re->dot_newline || c != '\n';
	if (n->kind == RE_CHAR)
		return n->c == c || (re->fold && amph__to_lower(n->c) == amph__to_lower(c));
	if (!re->fold)
		return in_set(n->set, c) != n->set->negated;
	return (in_set(n->set, c) || in_set(n->set, amph__to_lower(c)) ||
		in_set(n->set, amph__to_upper(c))) != n->set->negated;
}

static bool is_word_at(const amph_re_text *text, int64_t i)
{
	return i >= 0 && i < text->n && (text->at[i] == '_' || amph__is_alnum(text->at[i]));
}

static int64_t run(matcher *m, amph_re_node *n, int64_t from, int64_t limit, bool longest, bool *ends);

static bool holds(matcher *m, const amph_re_node *n, int64_t i)
{
	const amph_re_text *t = m->text;
	bool before = is_word_at(t, i - 1), after = is_word_at(t, i), found = false;

	switch (n->kind) {
	case RE_TEXT_START:
		return i == 0;
	case RE_TEXT_END:
		return i == t->n;
	case RE_LINE_START:
		return i == 0 || t->at[i - 1] == '\n';
	case RE_LINE_END:
		return i == t->n || t->at[i] == '\n';
	case RE_WORD_START:
		return !before && after;
	case RE_WORD_END:
		return before && !after;
	case RE_WORD_EDGE:
		return before != after;
	case RE_NOT_WORD_EDGE:
		return before == after;
	default:
		break;
	}
	if (!n->behind)
		found = run(m, n->left, i, t->n, false, NULL) >= 0;
	for (int64_t start = i; n->behind && start >= 0 && !found; start--)
		found = run(m, n->left, start, i, true, NULL) == i;
	return found != n->negated;
}

/* ---- programs ---- */

static uint32_t emit(matcher *m, amph_re_program *p, op o, const amph_re_node *n)
{
	if (p->n == p->cap) {
		size_t cap = p->cap ? p->cap * 2 : 16;
		instruction *code = cap <= PROGRAM_MAX ? AMPH_NEWS(m->re->arena, instruction, cap) : NULL;

		if (!code) {
			m->failed = true;
			return 0;
		}
		if (p->n)
			memcpy(code, p->code, p->n * sizeof(*code));
		p->code = code;
		p->cap = cap;
	}
	p->code[p->n] = (instruction){ .op = o, .node = n };
	return (uint32_t)p->n++;
}

static void compile(matcher *m, amph_re_program *p, const amph_re_node *n);

static void compile_repeat(matcher *m, amph_re_program *p, const amph_re_node *n)
{
	uint32_t split;

	for (int i = 0; i < n->min && !m->failed; i++)
		compile(m, p, n->left);
	if (n->max < 0) {
		split = emit(m, p, OP_SPLIT, NULL);
		compile(m, p, n->left);
		uint32_t jump = emit(m, p, OP_JUMP, NULL);

		if (m->failed)
			return;
		p->code[jump].a = split;
		p->code[split].a = split + 1;
		p->code[split].b = (uint32_t)p->n;
	}
	for (int i = n->min; i < n->max && !m->failed; i++) {
		split = emit(m, p, OP_SPLIT, NULL);
		compile(m, p, n->left);
		if (m->failed)
			return;
		/* to the next one, which may be left out in its turn, and so to the end */
		p->code[split].a = split + 1;
		p->code[split].b = (uint32_t)p->n;
	}
}

static void compile_alternatives(matcher *m, amph_re_program *p, const amph_re_node *n)
{
	uint32_t split = emit(m, p, OP_SPLIT, NULL), jump;

	compile(m, p, n->left);
	jump = emit(m, p, OP_JUMP, NULL);
	if (m->failed)
		return;
	p->code[split].a = split + 1;
	p->code[split].b = (uint32_t)p->n;
	compile(m, p, n->right);
	if (!m->failed)
		p->code[jump].a = (uint32_t)p->n;
}

/* All that the group might have taken: which it was shows when the match is taken apart. */
static void compile_back(matcher *m, amph_re_program *p, const amph_re_node *n)
{
	bool loose = m->loose;

	m->loose = true;
	compile(m, p, n->left);
	m->loose = loose;
}

static void compile(matcher *m, amph_re_program *p, const amph_re_node *n)
{
	switch (n->kind) {
	case RE_EMPTY:
		break;
	case RE_CHAR:
		emit(m, p, OP_CHAR, n);
		break;
	case RE_SET:
		emit(m, p, OP_SET, n);
		break;
	case RE_ANY:
		emit(m, p, OP_ANY, n);
		break;
	case RE_CONCAT:
		compile(m, p, n->left);
		compile(m, p, n->right);
		break;
	case RE_ALT:
		compile_alternatives(m, p, n);
		break;
	case RE_REPEAT:
		compile_repeat(m, p, n);
		break;
	case RE_GROUP:
		compile(m, p, n->left);
		break;
	case RE_BACK:
		compile_back(m, p, n);
		break;
	default:
		if (!m->loose)
			emit(m, p, OP_TEST, n);
	}
}

static amph_re_program *program_of(matcher *m, amph_re_node *n)
{
	amph_arena *a = m->re->arena;
	amph_re_program *p;

	if (n->program)
		return n->program;
	p = AMPH_NEW(a, amph_re_program);
	if (p) {
		compile(m, p, n);
		emit(m, p, OP_ACCEPT, NULL);
		p->now = AMPH_NEWS(a, uint32_t, p->n + 1);
		p->then = AMPH_NEWS(a, uint32_t, p->n + 1);
		p->stack = AMPH_NEWS(a, uint32_t, 2 * p->n + 2);
		p->seen = AMPH_NEWS(a, uint64_t, p->n + 1);
	}
	if (!p || a->failed)
		m->failed = true;
	if (m->failed)
		return NULL;
	n->program = p;
	return p;
}

/* Adds a state and all that it leads to without a character; true where the end is among them. */
static bool add_state(matcher *m, amph_re_program *p, uint32_t first, int64_t at, uint32_t *list, size_t *n)
{
	size_t top = 0;
	bool accepts = false;

	p->stack[top++] = first;
	while (top > 0) {
		uint32_t pc = p->stack[--top];
		const instruction *in = &p->code[pc];

		if (p->seen[pc] == p->generation)
			continue;
		p->seen[pc] = p->generation;
		if (in->op == OP_JUMP) {
			p->stack[top++] = in->a;
		} else if (in->op == OP_SPLIT) {
			p->stack[top++] = in->b;
			p->stack[top++] = in->a;
		} else if (in->op == OP_TEST) {
			if (holds(m, in->node, at))
				p->stack[top++] = pc + 1;
		} else if (in->op == OP_ACCEPT) {
			accepts = true;
		} else {
			list[(*n)++] = pc;
		}
	}
	return accepts;
}

/* Where a match of n that starts at from ends, no further than limit: the furthest or the nearest
 * end, -1 for none. ends, where given, is filled with all of them, from 0 for from. */
static int64_t run(matcher *m, amph_re_node *n, int64_t from, int64_t limit, bool longest, bool *ends)
{
	amph_re_program *p = program_of(m, n);
	size_t count = 0;
	int64_t found = -1;

	if (!p)
		return -1;
	p->generation++;
	if (add_state(m, p, 0, from, p->now, &count)) {
		found = from;
		if (ends)
			ends[0] = true;
	}
	for (int64_t i = from; i < limit && count && (longest || found < 0); i++) {
		size_t next = 0;
		bool accepts = false;
		uint32_t *swap = p->now;

		p->generation++;
		for (size_t k = 0; k < count; k++)
			if (matches_char(m->re, p->code[p->now[k]].node, m->text->at[i]))
				accepts |= add_state(m, p, p->now[k] + 1, i + 1, p->then, &next);
		if (accepts) {
			found = i + 1;
			if (ends)
				ends[i + 1 - from] = true;
		}
		p->now = p->then;
		p->then = swap;
		count = next;
	}
	return found;
}

/* ---- taking a match apart ---- */

static bool fits(matcher *m, amph_re_node *n, int64_t from, int64_t to)
{
	return run(m, n, from, to, true, NULL) == to;
}

static bool dissect(matcher *m, amph_re_node *n, int64_t from, int64_t to, amph_re_span *spans);

static bool *ends_of(matcher *m, amph_re_node *n, int64_t from, int64_t to)
{
	bool *ends = AMPH_NEWS(m->scratch, bool, (size_t)(to - from) + 1);

	if (ends)
		run(m, n, from, to, true, ends);
	m->failed |= !ends;
	return m->failed ? NULL : ends;
}

/* The kth place between 0 and n to try: the furthest first, or the nearest. */
static int64_t choice(int64_t k, int64_t n, int preference)
{
	return preference < 0 ? k : n - k;
}

/* Parentheses keep what they took the last time alone. */
static void forget(const amph_re_node *n, amph_re_span *spans)
{
	if (!n || !n->has_groups || n->kind == RE_BACK)
		return;
	if (n->kind == RE_GROUP)
		spans[n->group] = (amph_re_span){ -1, -1 };
	forget(n->left, spans);
	forget(n->right, spans);
}

static bool dissect_concat(matcher *m, amph_re_node *n, int64_t from, int64_t to, amph_re_span *spans)
{
	bool *ends = ends_of(m, n->left, from, to);

	for (int64_t k = 0; ends && k <= to - from && !m->failed; k++) {
		int64_t at = choice(k, to - from, n->left->preference);

		if (!ends[at] || !fits(m, n->right, from + at, to))
			continue;
		if (dissect(m, n->left, from, from + at, spans) && dissect(m, n->right, from + at, to, spans))
			return true;
		forget(n, spans);
	}
	return false;
}

static uint32_t folded(const matcher *m, int64_t at)
{
	return m->re->fold ? amph__to_lower(m->text->at[at]) : m->text->at[at];
}

/* Whether the text is what the group took, min to max times (-1: without limit). */
static bool is_back(matcher *m, const amph_re_node *back, int min, int max, int64_t from, int64_t to,
		    const amph_re_span *spans)
{
	amph_re_span s = spans[back->group];
	int64_t len = s.end - s.start, times;

	if (s.start < 0)
		return false;
	if (len == 0 || from == to)
		return from == to && (len == 0 || min == 0);
	times = (to - from) / len;
	if ((to - from) % len || times < min || (max >= 0 && times > max))
		return false;
	for (int64_t i = from; i < to; i++)
		if (folded(m, i) != folded(m, s.start + (i - from) % len))
			return false;
	return true;
}

/* count repetitions are behind us. Each takes what it prefers as long as the rest can be made of
 * more of them; none is empty while something is left. */
static bool dissect_repeat(matcher *m, amph_re_node *n, int64_t from, int64_t to, int count,
			   amph_re_span *spans)
{
	amph_re_node rest = *n;         /* its programs are made anew, and go with the regex */
	bool *ends;

	/* of nothing there is one repetition rather than none, where it prefers to be long */
	if (from == to && count >= n->min)
		return count || n->left->preference < 0 || !fits(m, n->left, from, to) ||
		       dissect(m, n->left, from, to, spans);
	ends = ends_of(m, n->left, from, to);
	for (int64_t k = 0; ends && k <= to - from; k++) {
		int64_t at = choice(k, to - from, n->left->preference);
		int left = n->max < 0 ? -1 : n->max - count - 1;

		if (!ends[at] || (at == 0 && from < to))
			continue;
		rest.program = NULL;
		rest.min = n->min > count + 1 ? n->min - count - 1 : 0;
		rest.max = left;
		if (left != 0 ? !fits(m, &rest, from + at, to) : from + at != to)
			continue;
		forget(n->left, spans);
		if (dissect(m, n->left, from, from + at, spans) &&
		    (from + at == to || dissect_repeat(m, n, from + at, to, count + 1, spans)))
			return true;
		if (!n->has_backs)
			return false;
	}
	return false;
}

static bool dissect(matcher *m, amph_re_node *n, int64_t from, int64_t to, amph_re_span *spans)
{
	if (m->failed || !n->has_groups)
		return !m->failed;
	switch (n->kind) {
	case RE_GROUP:
		if (!dissect(m, n->left, from, to, spans))
			return false;
		spans[n->group] = (amph_re_span){ from, to };
		return true;
	case RE_CONCAT:
		return dissect_concat(m, n, from, to, spans);
	case RE_ALT:
		if (fits(m, n->left, from, to) && dissect(m, n->left, from, to, spans))
			return true;
		forget(n->left, spans);
		return fits(m, n->right, from, to) && dissect(m, n->right, from, to, spans);
	case RE_BACK:
		return is_back(m, n, 1, 1, from, to, spans);
	case RE_REPEAT:
		if (n->left->kind == RE_BACK)
			return is_back(m, n->left, n->min, n->max, from, to, spans);
		return dissect_repeat(m, n, from, to, 0, spans);
	default:
		return true;
	}
}

/* The match that ends at the place preferred of those where it can be taken apart. */
static bool match_at(matcher *m, int64_t start, amph_re_span *spans)
{
	amph_re_node *root = m->re->root;
	int64_t n = m->text->n - start;
	bool *ends = ends_of(m, root, start, m->text->n);

	for (int64_t k = 0; ends && k <= n && !m->failed; k++) {
		int64_t at = choice(k, n, root->preference);

		if (!ends[at])
			continue;
		for (int i = 0; i <= m->re->n_groups; i++)
			spans[i] = (amph_re_span){ -1, -1 };
		spans[0] = (amph_re_span){ start, start + at };
		if (dissect(m, root, start, start + at, spans))
			return true;
	}
	return false;
}

static bool first_match_at(matcher *m, int64_t start, amph_re_span *spans)
{
	amph_re_node *root = m->re->root;
	int64_t end = run(m, root, start, m->text->n, root->preference >= 0, NULL);

	if (end < 0)
		return false;
	for (int i = 0; i <= m->re->n_groups; i++)
		spans[i] = (amph_re_span){ -1, -1 };
	spans[0] = (amph_re_span){ start, end };
	dissect(m, root, start, end, spans);
	return true;
}

/* Where the first match from a place on would end, were it not for back references; -1: nowhere. */
static int64_t first_end(matcher *m, int64_t from)
{
	int64_t first = -1;

	for (int64_t start = from; start <= (first < 0 ? m->text->n : first) && !m->failed; start++) {
		int64_t end = run(m, m->re->root, start, m->text->n, false, NULL);

		if (end >= 0 && (first < 0 || end < first))
			first = end;
	}
	return first;
}

/* PostgreSQL looks for where a match might end, then at what starts no later, then goes on behind it;
 * at the end of the text it does not look once more for an empty match. */
static bool search_backs(matcher *m, int64_t from, amph_re_span *spans)
{
	do {
		int64_t end = first_end(m, from);

		for (; from <= end && !m->failed; from++)
			if (match_at(m, from, spans))
				return true;
		if (end < 0 || m->failed)
			return false;
	} while (from < m->text->n);
	return false;
}

int amph__regex_search(amph_regex *re, const amph_re_text *text, int64_t from, amph_re_span *spans,
		       amph_arena *scratch)
{
	matcher m = { .re = re, .text = text, .scratch = scratch };
	bool found = false;

	if (re->root->has_backs)
		found = search_backs(&m, from, spans);
	for (; !re->root->has_backs && from <= text->n && !found && !m.failed; from++)
		found = first_match_at(&m, from, spans);
	return m.failed ? -1 : found;
}
