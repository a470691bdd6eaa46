/* ALTER TYPE ... ADD VALUE and RENAME VALUE. The labels of a type are in the checks of the tables that
 * have columns of it: those are made anew. */
#include "ddl_alter.h"
#include <string.h>

enum { LABEL_MAX = 63 };

typedef struct user {
	struct user *next;
	const char *schema, *name;
} user;

static size_t place_of(const amph_enum_type *e, const char *label)
{
	size_t i = 0;

	while (i < e->n_labels && strcmp(e->labels[i], label) != 0)
		i++;
	return i;
}

static bool is_of(const amph_known_table *t, const char *type)
{
	size_t len = strlen(type);

	for (const amph_known_row *row = t->rows; row; row = row->next)
		if (!strcmp(row->kind, "column") && row->text && !strncmp(row->text, type, len) &&
		    strchr("[", row->text[len]))
			return true;
	return false;
}

static bool find_users(ddl_run *r, const char *type, user **first)
{
	const amph_map *const maps[] = { &r->names->tables, &r->names->temporary };
	const amph_known_table *t;

	for (size_t m = 0; m < 2; m++)
		for (size_t i = 0; (t = amph__map_next(maps[m], &i)); ) {
			user *u = is_of(t, type) ? AMPH_NEW(r->arena, user) : NULL;

			if (!is_of(t, type))
				continue;
			if (!u || !(u->name = amph__arena_text(r->arena, t->name, strlen(t->name))))
				return amph__error_nomem(r->err);
			u->schema = t->temporary ? "pg_temp" : "public";
			u->next = *first;
			*first = u;
		}
	return true;
}

static bool with_label(ddl_run *r, const amph_enum_type *old, size_t at, const char *label,
		       amph_enum_type *out)
{
	const char **labels = AMPH_NEWS(r->arena, const char *, old->n_labels + 2);

	if (!labels)
		return amph__error_nomem(r->err);
	for (size_t i = 0, k = 0; i <= old->n_labels; i++)
		labels[i] = i == at ? label : old->labels[k++];
	*out = (amph_enum_type){ .name = amph__arena_text(r->arena, old->name, strlen(old->name)),
				 .labels = labels, .n_labels = old->n_labels + 1 };
	for (size_t i = 0; i < out->n_labels; i++)
		labels[i] = amph__arena_text(r->arena, labels[i], strlen(labels[i]));
	return !r->arena->failed || amph__error_nomem(r->err);
}

static bool with_name(ddl_run *r, const amph_enum_type *old, size_t at, const char *label,
		      amph_enum_type *out)
{
	const char **labels = AMPH_NEWS(r->arena, const char *, old->n_labels + 1);

	if (!labels)
		return amph__error_nomem(r->err);
	for (size_t i = 0; i < old->n_labels; i++)
		labels[i] = i == at ? label
				    : amph__arena_text(r->arena, old->labels[i], strlen(old->labels[i]));
	*out = (amph_enum_type){ .name = amph__arena_text(r->arena, old->name, strlen(old->name)),
				 .labels = labels, .n_labels = old->n_labels };
	return !r->arena->failed || amph__error_nomem(r->err);
}

static bool check_label(ddl_run *r, const char *label)
{
	if (strlen(label) > LABEL_MAX)
		return amph__error(r->err, "42602", "invalid enum label \"%s\"", label);
	return !strchr(label, '\n') ||
	       amph__error(r->err, "0A000", "a label with a line break is not supported");
}

/* Rows take the new label over; a default or check that names the old one cannot be read then. */
static bool rename_in_tables(ddl_run *r, const user *first, const char *type, const char *from,
			     const char *to)
{
	for (const user *u = first; u; u = u->next) {
		amph_known_table *known = amph__names_known(r->names, u->schema, u->name);

		if (!known || amph__alter_label(r, known, type, from, to))
			continue;
		return r->err && !strcmp(r->err->sqlstate, "22P02")
			? amph__error(r->err, "0A000", "RENAME VALUE of a label that a default or check of a "
				      "table (\"%s\") names is not supported", u->name)
			: false;
	}
	return true;
}

static bool rename_label(ddl_run *r, const amph_enum_type *old, amph_enum_type *e)
{
	const sql_alter *a = r->stmt->alters;
	size_t at = place_of(old, a->new_name);
	user *users = NULL;

	if (at == old->n_labels)
		return amph__error(r->err, "22023", "\"%s\" is not an existing enum label", a->new_name);
	if (place_of(old, a->name) < old->n_labels)
		return amph__error(r->err, "42710", "enum label \"%s\" already exists", a->name);
	if (!with_name(r, old, at, a->name, e) || !find_users(r, e->name, &users))
		return false;
	amph__catalog_remove(&r->plan, "enum", NULL, e->name);
	amph__catalog_add_enum(&r->plan, e);
	if (!amph__ddl_touch(r))
		return false;
	amph__names_forget(r->names);
	return amph__names_refresh(r->names, r->conn, true, r->err) &&
	       rename_in_tables(r, users, e->name, a->new_name, a->name);
}

static bool renew(ddl_run *r, const user *first)
{
	for (const user *u = first; u; u = u->next) {
		amph_known_table *known = amph__names_known(r->names, u->schema, u->name);

		if (known && !amph__alter_nothing(r, known))
			return false;
	}
	return true;
}

bool amph__ddl_alter_enum(ddl_run *r)
{
	const char *type = r->stmt->enumeration->name;
	const sql_alter *a = r->stmt->alters;
	const amph_enum_type *old = amph__map_get(&r->names->enums, type, strlen(type));
	amph_enum_type *e = AMPH_NEW(r->arena, amph_enum_type);
	size_t at;
	user *users = NULL;

	if (!e)
		return amph__error_nomem(r->err);
	if (!old && r->names->names.enumeration(r->names, type))
		return amph__error(r->err, "0A000", "a change of a type of the models is not supported");
	if (!old)
		return amph__ddl_missing(r, "type", r->stmt->schema, type);
	if (!check_label(r, a->name))
		return false;
	if (a->kind == SQL_RENAME_COLUMN)
		return rename_label(r, old, e);
	if (place_of(old, a->name) < old->n_labels)
		return a->missing_ok ||
		       amph__error(r->err, "42710", "enum label \"%s\" already exists", a->name);
	at = a->new_name ? place_of(old, a->new_name) : old->n_labels;
	if (a->new_name && at == old->n_labels)
		return amph__error(r->err, "22023", "\"%s\" is not an existing enum label", a->new_name);
	if (!with_label(r, old, at + (a->new_name && a->restart), a->name, e) || !find_users(r, type, &users))
		return false;
	amph__catalog_remove(&r->plan, "enum", NULL, e->name);
	amph__catalog_add_enum(&r->plan, e);
	if (!amph__ddl_touch(r))
		return false;
	amph__names_forget(r->names);
	return amph__names_refresh(r->names, r->conn, true, r->err) && renew(r, users);
}
