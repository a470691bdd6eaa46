/* Which members a call of amph_new names: read from the text of its arguments, once for each
 * place in the program. It is found by the address of its text, where a library that was loaded
 * later may have another one. */
#include "state.h"
#include "../base/ascii.h"
#include <string.h>

/* The end of a string or character constant that starts at p. */
static const char *skip_quoted(const char *p)
{
	char quote = *p++;

	while (*p && *p != quote)
		p += *p == '\\' && p[1] ? 2 : 1;
	return *p ? p + 1 : p;
}

/* The start of the next argument: behind the comma that ends this one, or the end. */
static const char *skip_argument(const char *p)
{
	int depth = 0;

	while (*p) {
		if (*p == '"' || *p == '\'') {
			p = skip_quoted(p);
			continue;
		}
		if (*p == ',' && depth == 0)
			return p + 1;
		depth += strchr("([{", *p) != NULL;
		depth -= strchr(")]}", *p) != NULL;
		p++;
	}
	return p;
}

static bool add_name(const amph_mapper *m, const char *name, size_t len, amph_column_set *set)
{
	for (size_t i = 0; i < m->n_columns; i++) {
		const char *member = m->columns[i].decl->member;

		if (strlen(member) == len && !memcmp(member, name, len)) {
			amph__set_add(set, i);
			return true;
		}
	}
	/* a relationship, or a member that is no column */
	return false;
}

static bool parse(const amph_mapper *m, const char *text, amph_column_set *set, amph_error *err);

/* A member that is no relationship either is the base. */
static bool is_base(const amph_mapper *m, const char *name, size_t len)
{
	for (const amph_relation *r = m->relations; r && r->member; r++)
		if (strlen(r->member) == len && !memcmp(r->member, name, len))
			return false;
	return true;
}

/* The members of a base struct are named as .base.name, or all in one: .base = { .name = ... }. Of a
 * struct that comes as a value all are given. */
static bool add_base(const amph_mapper *m, const char *value, amph_column_set *set, amph_error *err)
{
	value += strspn(value, " \t\r\n=");
	for (size_t i = 0; m->parent && *value != '{' && i < m->parent->n_columns; i++)
		if ((int)i != m->discriminator)
			amph__set_add(set, i);
	if (!m->parent || *value != '{')
		return true;
	value += 1 + strspn(value + 1, " \t\r\n");
	return *value == '}' || parse(m, value, set, err);
}

static bool parse(const amph_mapper *m, const char *text, amph_column_set *set, amph_error *err)
{
	for (const char *p = text; *p; p = skip_argument(p)) {
		p += strspn(p, " \t\r\n");
		if (!*p || *p == '}')
			break;
		if (*p != '.')
			return amph__error_misuse(err, "amph_new of %s: name each member, as in .%s = ...",
						  m->model->name, m->columns[0].decl->member);
		p += 1 + strspn(p + 1, " \t");
		size_t len = 0;
		while (amph__ascii_is_alnum(p[len]) || p[len] == '_')
			len++;
		/* of a path, the last name counts */
		for (; p[len] == '.'; ) {
			p += len + 1;
			for (len = 0; amph__ascii_is_alnum(p[len]) || p[len] == '_'; )
				len++;
		}
		if (!add_name(m, p, len, set) && m->parent && is_base(m, p, len) &&
		    !add_base(m, p + len, set, err))
			return false;
	}
	return true;
}

struct amph_given {
	const char *text;               /* its address, and with mapper the key: first */
	const amph_mapper *mapper;
	const char *copy;
	amph_column_set set;
};

static bool is_of(const struct amph_given *e, const char *text)
{
	return e && (e->copy == text || (text && e->copy && !strcmp(e->copy, text)));
}

static bool copy_text(amph_session *s, struct amph_given *e, const char *text)
{
	e->copy = text ? amph__arena_text(&s->given_arena, text, strlen(text)) : NULL;
	if (e->copy || !text)
		return true;
	s->given_arena.failed = false;
	return false;
}

const amph_column_set *amph__given(amph_session *s, const amph_mapper *m, const char *text,
				   amph_error *err)
{
	struct { const char *text; const amph_mapper *mapper; } key = { text, m };
	struct amph_given *e = s->last_given;

	/* new objects mostly come from the same place as the one before */
	if (e && e->text == text && e->mapper == m && is_of(e, text))
		return &e->set;
	e = amph__map_get(&s->given, &key, sizeof key);
	if (is_of(e, text))
		return &(s->last_given = e)->set;
	e = AMPH_NEW(&s->given_arena, struct amph_given);
	if (!e) {
		s->given_arena.failed = false;
		amph__error_nomem(err);
		return NULL;
	}
	e->text = text;
	e->mapper = m;
	if (!copy_text(s, e, text)) {
		amph__error_nomem(err);
		return NULL;
	}
	if (text && !parse(m, text, &e->set, err))
		return NULL;
	if (!amph__map_put(&s->given, e, sizeof key, e)) {
		amph__error_nomem(err);
		return NULL;
	}
	return &e->set;
}
