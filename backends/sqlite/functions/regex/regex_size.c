/* How large a regular expression is, as PostgreSQL counts before it refuses one. */
#include "regex.h"

/* What a part adds to an automaton without empty steps: the characters that may come first, the
 * states that it may end in, all characters, and the steps from such a state over such a character.
 * Approximate, hence floating-point numbers, which do not wrap. */
typedef struct part {
	double first, last, chars, steps;
	bool nullable;
} part;

/* PostgreSQL 15 gives up where the steps of x?x?x?..., of x*x*x*... or of x*y*z*x*... reach this. */
static const double STEPS_MAX = 1191196;

static const part EMPTY = { .nullable = true };

static part size_of(const amph_re_node *n);

static part joined(part a, part b)
{
	return (part){
		.first = a.first + (a.nullable ? b.first : 0),
		.last = b.last + (b.nullable ? a.last : 0),
		.chars = a.chars + b.chars,
		.steps = a.steps + b.steps + a.last * b.first,
		.nullable = a.nullable && b.nullable
	};
}

/* The ends of alternatives are one state. */
static part either(part a, part b)
{
	double last = a.last + b.last - (a.last > 0 && b.last > 0);

	return (part){
		.first = a.first + b.first, .last = last, .chars = a.chars + b.chars,
		.steps = a.steps + b.steps, .nullable = a.nullable || b.nullable
	};
}

static part looped(part a)
{
	double all = a.chars * a.chars;

	a.steps += a.last * a.first;
	if (a.steps > all)
		a.steps = all;
	return a;
}

static part repeated(part one, int min, int max)
{
	part all = EMPTY, rest = EMPTY;

	for (int i = 0; i + 1 < min; i++)
		all = joined(all, one);
	if (max < 0) {
		one = looped(one);
		one.nullable |= min == 0;
		return joined(all, one);
	}
	if (min > 0)
		all = joined(all, one);
	for (int i = min; i < max; i++) {
		rest = joined(one, rest);
		rest.nullable = true;
	}
	return joined(all, rest);
}

/* A chain is nested to the right. */
static part chain(const amph_re_node *n)
{
	amph_re_kind kind = n->kind;
	part all = size_of(n->left);

	for (n = n->right; n->kind == kind; n = n->right)
		all = kind == RE_ALT ? either(all, size_of(n->left)) : joined(all, size_of(n->left));
	return kind == RE_ALT ? either(all, size_of(n)) : joined(all, size_of(n));
}

static part size_of(const amph_re_node *n)
{
	part p;

	switch (n->kind) {
	case RE_CHAR: case RE_SET: case RE_ANY:
		return (part){ .first = 1, .last = 1, .chars = 1 };
	case RE_CONCAT: case RE_ALT:
		return chain(n);
	case RE_REPEAT:
		return repeated(size_of(n->left), n->min, n->max);
	case RE_GROUP: case RE_BACK:
		return size_of(n->left);
	case RE_LOOK:
		p = EMPTY;
		p.steps = size_of(n->left).steps;
		return p;
	default:
		return EMPTY;
	}
}

bool amph__regex_is_too_large(const amph_re_node *root)
{
	return size_of(root).steps >= STEPS_MAX;
}
