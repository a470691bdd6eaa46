/* PostgreSQL's regular expressions: the "advanced" ones, leftmost, and longest or shortest as the
 * quantifiers say.
 *
 * A pattern becomes a tree. To find where it ends, a node is run as an automaton over the text; to
 * find what its parentheses have taken, a match is taken apart node by node, the ones that start
 * earlier having first choice, as PostgreSQL does it. Where there are back references,
 * taking apart may fail, and goes on with the next place to part at, then the next end. */
#ifndef AMPH_SQLITE_REGEX_H
#define AMPH_SQLITE_REGEX_H
#include "../text/ctype.h"
#include "../functions.h"

typedef enum amph_re_kind {
	RE_EMPTY, RE_CHAR, RE_SET, RE_ANY, RE_CONCAT, RE_ALT, RE_REPEAT, RE_GROUP, RE_BACK,
	RE_LINE_START,
	RE_LINE_END, RE_TEXT_START, RE_TEXT_END, RE_WORD_START, RE_WORD_END, RE_WORD_EDGE,
	RE_NOT_WORD_EDGE, RE_LOOK
} amph_re_kind;

typedef struct amph_re_range { uint32_t first, last; } amph_re_range;
typedef struct amph_re_set {
	bool negated;
	size_t n_ranges, n_classes;
	amph_re_range *ranges;
	amph_class_fn **classes;
	bool *class_negated;
} amph_re_set;

typedef struct amph_re_node {
	amph_re_kind kind;
	uint32_t c;
	const amph_re_set *set;
	struct amph_re_node *left, *right;      /* CONCAT, ALT; left of the others; of BACK the group */
	int min, max;                   /* REPEAT; max -1: no limit */
	int preference;                 /* 1 longest, -1 shortest, 0 none */
	int group;                      /* GROUP, BACK */
	bool behind, negated;           /* LOOK */
	bool has_groups, has_backs;     /* there is something to take apart; what may fail */
	struct amph_re_program *program;        /* made when first run */
} amph_re_node;

#define AMPH_RE_BACK_MAX 255

typedef struct amph_regex {
	amph_arena *arena;
	amph_re_node *root;
	int n_groups;
	amph_re_node *groups[AMPH_RE_BACK_MAX + 1];     /* that have ended, by number */
	bool fold, dot_newline, anchor_newline;  /* i; . and [^] match newlines; ^ $ match at lines */
} amph_regex;

typedef struct amph_re_span { int64_t start, end; } amph_re_span;       /* -1: took no part */

/* Text as characters. */
typedef struct amph_re_text {
	const uint32_t *at;
	int64_t n;
} amph_re_text;
bool amph__re_text(const char *text, size_t len, amph_re_text *out, amph_arena *arena);

/* flags as in regexp_match: "i" ... NULL is none. 2201B where the pattern is wrong. "g" is not for
 * here. */
amph_regex *amph__regex_parse(const char *pattern, size_t len, const char *flags, amph_arena *arena,
			      amph_error *err);
/* regex_names.c: the character of a name ("hyphen"), or false. */
bool amph__re_named(const char *name, uint32_t *c);
/* Whether PostgreSQL refuses it as too complex. */
bool amph__regex_is_too_large(const amph_re_node *root);
/* The first match from a place on; spans has n_groups + 1 items, the whole first. -1: memory. */
int amph__regex_search(amph_regex *re, const amph_re_text *text, int64_t from, amph_re_span *spans,
		       amph_arena *scratch);
#endif
