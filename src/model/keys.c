/* Primary key, unique constraints, indexes and checks of a table, their names, and how the mapper
 * has them in the end. Names are given in PostgreSQL's order: checks, primary key, unique
 * constraints, foreign keys; indexes last. */
#include "compile.h"
#include "../base/ascii.h"
#include "../base/buf.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_KEY_COLUMNS = 32 };

const char *const *amph__column_names(amph_compiler *c, const amph_draft *d, size_t n,
				      const uint16_t *columns)
{
	const char **names = AMPH_NEWS(c->arena, const char *, n + 1);

	if (!names) {
		c->failed = true;
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		names[i] = d->columns[columns[i]].name;
	return names;
}

/* ---- lists of members ---- */

static bool is_model_of(const amph_draft *d, const amph_model *m)
{
	return m == d->model || (m && m->alias_of == d->model);
}

static size_t count_members(amph_compiler *c, amph_draft *d, const amph_member *on,
			    const char *what)
{
	size_t n = 0;

	while (on && on[n].model)
		n++;
	if (n <= MAX_KEY_COLUMNS)
		return n;
	amph__mistake(c, d, NULL, "54011", "%s has more than %d columns", what, (int)MAX_KEY_COLUMNS);
	return SIZE_MAX;
}

const uint16_t *amph__member_columns(amph_compiler *c, amph_draft *d, const amph_draft *of,
				     const amph_member *on, const char *what, size_t *n)
{
	size_t count = count_members(c, d, on, what);
	uint16_t *columns = count == SIZE_MAX ? NULL : AMPH_NEWS(c->arena, uint16_t, count + 1);

	*n = 0;
	if (!columns) {
		c->failed |= count != SIZE_MAX;
		return NULL;
	}
	for (size_t i = 0; i < count; i++) {
		const amph_mapped_column *col = is_model_of(of, on[i].model)
			? amph__column_at(of->mapper, on[i].offset) : NULL;

		if (!col) {
			amph__mistake(c, d, NULL, "42703", "%s is on a member that is no column of "
				      "model \"%s\": number %zu of its list", what, of->model->name, i + 1);
			return NULL;
		}
		columns[i] = col->number;
	}
	*n = count;
	return columns;
}

static bool has_twins(amph_compiler *c, amph_draft *d, const char *what, size_t n,
		      const uint16_t *columns)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (columns[i] == columns[k]) {
				amph__mistake(c, d, d->columns[columns[i]].name, "42701",
					      "is twice in %s", what);
				return true;
			}
	return false;
}

/* ---- collecting ---- */

static void append_key(amph_draft_key **list, amph_draft_key *key)
{
	while (*list)
		list = &(*list)->next;
	*list = key;
}

static amph_draft_key *new_key(amph_compiler *c, char kind, const char *name, size_t n,
			       const uint16_t *columns)
{
	amph_draft_key *key = AMPH_NEW(c->arena, amph_draft_key);

	if (!key) {
		c->failed = true;
		return NULL;
	}
	*key = (amph_draft_key){ .kind = kind, .unique = kind != 'i', .name = name, .n = n,
				 .columns = columns };
	return key;
}

/* One key for several declarations of it, as PostgreSQL has it: the first, with the first name. */
static void add_key(amph_compiler *c, amph_draft *d, char kind, const char *name, size_t n,
		    const uint16_t *columns)
{
	amph_draft_key *key;

	for (key = d->keys; key; key = key->next)
		if (key->n == n && !memcmp(key->columns, columns, n * sizeof(*columns))) {
			key->name = key->name ? key->name : name;
			return;
		}
	key = new_key(c, kind, name, n, columns);
	if (key)
		append_key(&d->keys, key);
}

static const uint16_t *one_column(amph_compiler *c, size_t number)
{
	uint16_t *columns = AMPH_NEWS(c->arena, uint16_t, 1);

	if (columns)
		columns[0] = (uint16_t)number;
	else
		c->failed = true;
	return columns;
}

/* unique is a constraint; index an index; both are one unique index, as SQLAlchemy has it. */
static void column_keys(amph_compiler *c, amph_draft *d)
{
	for (size_t i = 0; i < d->mapper->n_columns && !c->failed; i++) {
		const amph_column *decl = d->columns[i].decl;
		const uint16_t *columns = decl->unique || decl->index ? one_column(c, i) : NULL;
		amph_draft_key *key;

		if (!columns)
			continue;
		if (!decl->index) {
			add_key(c, d, 'u', NULL, 1, columns);
			continue;
		}
		key = new_key(c, 'i', NULL, 1, columns);
		if (!key)
			return;
		key->unique = decl->unique;
		append_key(&d->indexes, key);
	}
}

static void listed_uniques(amph_compiler *c, amph_draft *d)
{
	const amph_unique *u = d->model->uniques;
	size_t n;

	for (; u && u->on && !c->failed; u++) {
		const uint16_t *columns = amph__member_columns(c, d, d, u->on, "a unique constraint", &n);

		if (!columns || has_twins(c, d, "a unique constraint", n, columns))
			continue;
		if (n == 0)
			amph__mistake(c, d, NULL, "42P16", "a unique constraint is on no members");
		else
			add_key(c, d, 'u', u->name, n, columns);
	}
}

static bool check_method(amph_compiler *c, amph_draft *d, const amph_index *index, size_t n)
{
	static const struct { const char *name; bool unique, sorted, many; } methods[] = {
		{ "btree", true, true, true }, { "hash", false, false, false },
		{ "gin", false, false, true }, { "gist", false, false, true },
		{ "brin", false, false, true }, { "spgist", false, false, false },
		{ "gin_trgm", false, false, true }, { "gist_trgm", false, false, true }
	};
	const char *method = index->method ? index->method : "btree";
	const char *what = NULL;
	size_t i = 0;

	while (i < sizeof(methods) / sizeof(methods[0]) && strcmp(methods[i].name, method) != 0)
		i++;
	if (i == sizeof(methods) / sizeof(methods[0])) {
		amph__mistake(c, d, NULL, "42704", "access method \"%s\" does not exist", method);
		return false;
	}
	if (index->unique && !methods[i].unique)
		what = "unique indexes";
	for (size_t k = 0; k < n && !methods[i].sorted; k++)
		if (index->on[k].flags & AMPH_MEMBER_DESC)
			what = "ASC/DESC options";
	if (!methods[i].many && n + (index->expression != NULL) > 1)
		what = "multicolumn indexes";
	if (what)
		amph__mistake(c, d, NULL, "0A000", "access method \"%s\" does not support %s", method,
			      what);
	return !what;
}

static void listed_indexes(amph_compiler *c, amph_draft *d)
{
	const amph_index *index = d->model->indexes;

	for (; index && (index->on || index->expression) && !c->failed; index++) {
		size_t n = 0;
		char what[96] = "an index";

		if (index->name)
			(void)snprintf(what, sizeof what, "index \"%s\"", index->name);
		const uint16_t *columns = amph__member_columns(c, d, d, index->on, what, &n);
		amph_draft_key *key;

		if (!columns || !check_method(c, d, index, n))
			continue;
		if (n == 0 && !index->expression) {
			amph__mistake(c, d, NULL, "42P16", "index \"%s\" is on no members",
				      index->name ? index->name : "");
			continue;
		}
		key = new_key(c, 'i', index->name, n, columns);
		if (!key)
			return;
		key->unique = index->unique;
		key->partial = index->where != NULL;
		key->expression = index->expression != NULL;
		key->decl = index;
		append_key(&d->indexes, key);
	}
}

/* ---- checks ---- */

static void add_check(amph_compiler *c, amph_draft *d, const char *name, const char *sql,
		      const char *column)
{
	amph_draft_check *check = AMPH_NEW(c->arena, amph_draft_check), **next = &d->checks;

	if (!check || !sql) {
		c->failed = true;
		return;
	}
	*check = (amph_draft_check){ .name = name, .sql = sql, .column = column };
	while (*next)
		next = &(*next)->next;
	*next = check;
}

static void choices_check(amph_compiler *c, amph_draft *d, const amph_mapped_column *col)
{
	const char *const *choices = col->decl->choices;
	amph_buf b;

	if (!choices || !choices[0])
		return;
	amph__buf_init(&b, c->arena->allocator);
	amph__buf_quote(&b, col->name, '"');
	for (size_t i = 0; choices[i]; i++) {
		amph__buf_puts(&b, i ? ", " : " IN (");
		amph__buf_quote(&b, choices[i], '\'');
	}
	amph__buf_putc(&b, ')');
	add_check(c, d, NULL, b.failed ? NULL : amph__arena_text(c->arena, b.text, b.len), col->name);
	amph__buf_clear(&b);
}

static void collect_checks(amph_compiler *c, amph_draft *d)
{
	const amph_check *check = d->model->checks;

	for (size_t i = 0; i < d->mapper->n_columns && !c->failed; i++) {
		choices_check(c, d, &d->columns[i]);
		if (d->columns[i].decl->check)
			add_check(c, d, NULL, d->columns[i].decl->check, d->columns[i].name);
	}
	for (; check && check->sql && !c->failed; check++)
		add_check(c, d, check->name, check->sql, NULL);
}

/* ---- names ---- */

/* Tables and indexes of a schema share their names, which SQLite compares without case. */
static char *relation_key(amph_compiler *c, const amph_draft *d, const char *name)
{
	char *key = amph__arena_printf(c->arena, "%s.%s", d->model->schema ? d->model->schema : "",
				       name);

	for (char *p = key; p && *p; p++)
		*p = amph__ascii_lower(*p);
	c->failed |= !key;
	return key;
}

/* Whose table or index it is; NULL: nobody's. */
static const amph_draft *relation_owner(amph_compiler *c, const amph_draft *d, const char *name)
{
	const char *key = relation_key(c, d, name);

	return key ? amph__map_get(&c->relations, key, strlen(key)) : NULL;
}

static void take_relation(amph_compiler *c, amph_draft *d, const char *what, const char *name)
{
	const char *key = relation_key(c, d, name);
	const amph_draft *owner = key ? amph__map_get(&c->relations, key, strlen(key)) : NULL;

	if (owner)
		amph__mistake(c, d, NULL, "42P07",
			      "%s \"%s\" has the name of a table or index of model \"%s\"", what, name,
			      owner->model->name);
	else if (key)
		c->failed |= !amph__map_put(&c->relations, key, strlen(key), d);
}

void amph__draft_keys(amph_compiler *c, amph_draft *d)
{
	take_relation(c, d, "table", d->table->name);
	if (d->mapper->n_keys)
		add_key(c, d, 'p', NULL, d->mapper->n_keys, d->mapper->keys);
	column_keys(c, d);
	listed_uniques(c, d);
	listed_indexes(c, d);
	collect_checks(c, d);
}

static bool is_taken(const amph_draft *d, const char *name)
{
	for (const char *const *n = d->constraint_names; *n; n++)
		if (!strcmp(*n, name))
			return true;
	return false;
}

static void take_name(amph_draft *d, const char *name)
{
	const char **n = d->constraint_names;

	while (*n)
		n++;
	*n = name;
}

/* A name that the program gave. */
static void take_given(amph_compiler *c, amph_draft *d, const char *what, const char *name)
{
	if (!name || !amph__check_name(c, d, NULL, what, name))
		return;
	if (is_taken(d, name))
		amph__mistake(c, d, NULL, "42710", "%s \"%s\" is there twice", what, name);
	else
		take_name(d, name);
}

/* PostgreSQL's choice, numbered where the table has it already: t_a_check, t_a_check1. */
static const char *choose_name(amph_compiler *c, amph_draft *d, const char *const *columns,
			       const char *label, bool relation)
{
	for (unsigned i = 0;; i++) {
		const char *suffix = i ? amph__arena_printf(c->arena, "%s%u", label, i) : label;
		const char *name = suffix ? amph__object_name(c->arena, d->table->name, columns, suffix)
			: NULL;

		if (!name) {
			c->failed = true;
			return NULL;
		}
		if (is_taken(d, name) || (relation && relation_owner(c, d, name) == d))
			continue;
		take_name(d, name);
		return name;
	}
}

static void name_checks(amph_compiler *c, amph_draft *d)
{
	for (amph_draft_check *check = d->checks; check && !c->failed; check = check->next) {
		int only = check->name ? -1 : amph__check_only_column(c, d, check->sql);
		const char *columns[] = { only < 0 ? NULL : d->columns[only].name, NULL };

		if (!check->name)
			check->name = choose_name(c, d, columns, "check", false);
	}
}

static void name_keys(amph_compiler *c, amph_draft *d)
{
	for (amph_draft_key *key = d->keys; key && !c->failed; key = key->next) {
		const char *const *columns = key->kind == 'p' ? NULL
			: amph__column_names(c, d, key->n, key->columns);

		if (!key->name)
			key->name = choose_name(c, d, columns, key->kind == 'p' ? "pkey" : "key", true);
		if (key->name)
			take_relation(c, d, "constraint", key->name);
	}
}

static void name_references(amph_compiler *c, amph_draft *d)
{
	for (amph_draft_reference *r = d->references; r && !c->failed; r = r->next) {
		const amph_mapped_reference *ref = &r->reference;
		const char *const *columns = amph__column_names(c, d, ref->n, ref->columns);

		if (!r->name && columns)
			r->name = choose_name(c, d, columns, "fkey", false);
		r->reference.name = r->name;
	}
}

static void name_indexes(amph_compiler *c, amph_draft *d)
{
	for (amph_draft_key *key = d->indexes; key && !c->failed; key = key->next) {
		size_t n = key->n;
		const char **columns = AMPH_NEWS(c->arena, const char *, n + 2);

		for (size_t i = 0; columns && i < n; i++)
			columns[i] = d->columns[key->columns[i]].name;
		if (columns && key->expression)
			columns[n] = "expr";
		if (columns && !key->name)
			key->name = amph__index_name(c->arena, d->table->name, columns);
		if (!columns || !key->name)
			c->failed = true;
		else if (amph__check_name(c, d, NULL, "index", key->name))
			take_relation(c, d, "index", key->name);
	}
}

static size_t count_constraints(const amph_draft *d)
{
	size_t n = 0;

	for (const amph_draft_check *check = d->checks; check; check = check->next)
		n++;
	for (const amph_draft_key *key = d->keys; key; key = key->next)
		n++;
	for (const amph_draft_reference *r = d->references; r; r = r->next)
		n++;
	return n;
}

void amph__draft_names(amph_compiler *c, amph_draft *d)
{
	d->constraint_names = AMPH_NEWS(c->arena, const char *, count_constraints(d) + 1);
	if (!d->constraint_names) {
		c->failed = true;
		return;
	}
	for (const amph_draft_check *check = d->checks; check; check = check->next)
		take_given(c, d, "check", check->name);
	for (const amph_draft_key *key = d->keys; key; key = key->next)
		take_given(c, d, "constraint", key->name);
	for (const amph_draft_reference *r = d->references; r; r = r->next)
		take_given(c, d, "foreign key", r->name);
	name_checks(c, d);
	name_keys(c, d);
	name_references(c, d);
	name_indexes(c, d);
}
