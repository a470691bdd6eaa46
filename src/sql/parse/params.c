/* Finds :name and $n in PostgreSQL's text, by its lexical rules (manual, section 4.1). */
#include "params.h"
#include "../../base/buf.h"
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 65535

typedef struct scanner {
	amph_arena *arena;
	amph_buf out;
	const char **names;
	size_t n_names, cap;
	size_t highest;         /* of $n */
	amph_error *err;
	bool failed;
} scanner;

static bool starts_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool in_name(char c)
{
	return starts_name(c) || (c >= '0' && c <= '9');
}

static const char *skip_quoted(const char *p, bool backslashes)
{
	char quote = *p++;

	while (*p) {
		if (backslashes && *p == '\\' && p[1])
			p += 2;
		else if (*p == quote && p[1] == quote)
			p += 2;
		else if (*p++ == quote)
			break;
	}
	return p;
}

const char *amph__skip_comment(const char *p)
{
	int depth = 0;

	do {
		if (p[0] == '/' && p[1] == '*') {
			depth++;
			p += 2;
		} else if (p[0] == '*' && p[1] == '/') {
			depth--;
			p += 2;
		} else {
			p++;
		}
	} while (*p && depth > 0);
	return p;
}

/* A dollar quote that starts at p, or p itself where none does. */
static const char *skip_dollars(const char *p)
{
	const char *tag = p + 1;
	size_t len = 0;

	if (*tag != '$' && !starts_name(*tag))
		return p;
	while (in_name(tag[len]))
		len++;
	if (tag[len] != '$')
		return p;
	for (const char *end = tag + len + 1; (end = strchr(end, '$')); end++)
		if (!strncmp(end + 1, tag, len) && end[1 + len] == '$')
			return end + len + 2;
	return p + strlen(p);
}

/* The end of what must be left alone at p; p where nothing of the kind starts. */
static const char *skip_alone(const char *p, bool after_name)
{
	if (*p == '\'')
		return skip_quoted(p, false);
	if ((*p == 'e' || *p == 'E') && p[1] == '\'' && !after_name)
		return skip_quoted(p + 1, true);
	if (*p == '"')
		return skip_quoted(p, false);
	if (p[0] == '-' && p[1] == '-')
		return p + strcspn(p, "\n");
	if (p[0] == '/' && p[1] == '*')
		return amph__skip_comment(p);
	if (*p == '$' && !after_name)
		return skip_dollars(p);
	if (p[0] == ':' && (p[1] == ':' || p[1] == '='))
		return p + 2;
	return p;
}

static size_t number_of(scanner *s, const char *name, size_t len)
{
	for (size_t i = 0; i < s->n_names; i++)
		if (strlen(s->names[i]) == len && !memcmp(s->names[i], name, len))
			return i + 1;
	if (s->n_names == NAMES_MAX) {
		s->failed = true;
		amph__error(s->err, "54000", "more than %d parameters in one statement", NAMES_MAX);
		return 0;
	}
	if (s->n_names == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 8;
		const char **names = AMPH_NEWS(s->arena, const char *, cap);

		if (names && s->n_names)
			memcpy(names, s->names, s->n_names * sizeof *names);
		s->names = names;
		s->cap = names ? cap : 0;
	}
	char *copy = s->names ? amph__arena_text(s->arena, name, len) : NULL;
	if (!copy) {
		s->failed = true;
		amph__error_nomem(s->err);
		return 0;
	}
	s->names[s->n_names++] = copy;
	return s->n_names;
}

static const char *named(scanner *s, const char *p)
{
	const char *name = p + 1;
	size_t len = 0;

	while (in_name(name[len]))
		len++;
	amph__buf_printf(&s->out, "$%zu", number_of(s, name, len));
	return name + len;
}

static const char *numbered(scanner *s, const char *p)
{
	char *end;
	unsigned long n = strtoul(p + 1, &end, 10);

	if (n == 0 || n > NAMES_MAX) {
		s->failed = true;
		amph__error(s->err, "42P02", "there is no parameter $%lu", n);
	} else if (n > s->highest) {
		s->highest = n;
	}
	amph__buf_add(&s->out, p, (size_t)(end - p));
	return end;
}

static void scan(scanner *s, const char *p)
{
	const char *start = p;
	int brackets = 0;

	while (*p && !s->failed) {
		bool after_name = p > start && in_name(p[-1]);
		/* the colon of a slice: a[1:n] */
		bool slices = brackets > 0 && (after_name || strchr(")]\"'", p[-1]));
		const char *alone = skip_alone(p, after_name);

		if (alone != p) {
			amph__buf_add(&s->out, p, (size_t)(alone - p));
			p = alone;
		} else if (*p == ':' && starts_name(p[1]) && !slices) {
			p = named(s, p);
		} else if (*p == '$' && !after_name && p[1] >= '0' && p[1] <= '9') {
			p = numbered(s, p);
		} else {
			brackets += (*p == '[') - (*p == ']');
			amph__buf_putc(&s->out, *p++);
		}
	}
}

bool amph__params_of(amph_arena *arena, const char *text, amph_text_params *out, amph_error *err)
{
	scanner s = { .arena = arena, .err = err };

	*out = (amph_text_params){ 0 };
	amph__buf_init(&s.out, arena->allocator);
	scan(&s, text);
	if (!s.failed && s.n_names && s.highest)
		s.failed = !amph__error_misuse(err, "a statement has parameters as $1 or as :name, "
					       "not both");
	if (!s.failed) {
		out->sql = s.out.failed ? NULL
			   : amph__arena_text(arena, amph__buf_text(&s.out), s.out.len);
		out->n = s.n_names ? s.n_names : s.highest;
		out->names = s.n_names ? s.names : NULL;
		if (!out->sql)
			s.failed = !amph__error_nomem(err);
	}
	amph__buf_clear(&s.out);
	return !s.failed;
}
