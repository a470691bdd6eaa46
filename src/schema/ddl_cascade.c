/* What goes with CASCADE: foreign keys of other tables to what is dropped, defaults that take numbers of
 * a sequence, columns of a type. Each is an ALTER TABLE of its own, done before. */
#include "ddl.h"
#include <string.h>

/* The names go with what is known of the tables, as soon as one is altered. */
static bool drop_key(ddl_run *r, const amph_known_table *of, const sql_constraint *k)
{
	const char *table = amph__arena_text(r->arena, of->name, strlen(of->name));
	sql_alter *alter = AMPH_NEW(r->arena, sql_alter);

	if (!table || !alter)
		return amph__error_nomem(r->err);
	*alter = (sql_alter){ .kind = SQL_DROP_CONSTRAINT, .location = -1 };
	alter->name = amph__arena_text(r->arena, k->name, strlen(k->name));
	return alter->name ? amph__alter_other(r, table, alter) : amph__error_nomem(r->err);
}

bool amph__cascade_tables(ddl_run *r)
{
	const amph_known_table *of;
	const sql_constraint *k;

	for (const sql_object *o = r->stmt->objects; o; o = o->next) {
		const amph_known_table *t = amph__names_known(r->names, o->schema, o->name);

		while (t && !t->temporary &&
		       (k = amph__ddl_referrer(r, o->name, r->stmt->objects, &of)) != NULL) {
			if (!drop_key(r, of, k))
				return false;
			t = amph__names_known(r->names, o->schema, o->name);
		}
	}
	return true;
}

static bool has_name(const char *const *names, const char *name)
{
	for (size_t i = 0; names && names[i]; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

static bool goes(const sql_constraint *k, const sql_alter *c)
{
	if (k->kind != 'p' && k->kind != 'u')
		return false;
	return c->kind == SQL_DROP_CONSTRAINT ? k->name && !strcmp(k->name, c->name)
					      : c->kind == SQL_DROP_COLUMN && has_name(k->columns, c->name);
}

/* A foreign key of another table to a key that goes; NULL: none. */
static const sql_constraint *find_user(ddl_run *r, const sql_stmt *old, const sql_alter *c,
				       const amph_known_table **of)
{
	for (const sql_constraint *k = old->constraints; k; k = k->next) {
		const sql_constraint *user = goes(k, c)
			? amph__ddl_key_user(r, old->table->name, k->columns, old->table->name, of) : NULL;

		if (user)
			return user;
	}
	return NULL;
}

bool amph__cascade_keys(ddl_run *r, const char *schema, const char *name)
{
	const amph_known_table *of;
	const sql_constraint *user;

	for (const sql_alter *c = r->stmt->alters; c; c = c->next) {
		amph_known_table *known = amph__names_known(r->names, schema, name);

		while (c->cascade && known && !known->temporary) {
			const sql_stmt *old = amph__names_definition(r->names, known, r->err);

			if (!old)
				return false;
			user = find_user(r, old, c, &of);
			if (!user)
				break;
			if (!drop_key(r, of, user))
				return false;
			known = amph__names_known(r->names, schema, name);
		}
	}
	return true;
}

/* Changes of the columns of a table that is() says something of. */
static bool alter_columns(ddl_run *r, const amph_known_table *of, sql_alter_kind kind, const char *name,
			  bool (*is)(ddl_run *r, const sql_column_def *c, const char *name))
{
	const sql_stmt *old = amph__names_definition(r->names, (amph_known_table *)(uintptr_t)of, r->err);
	const char *table = amph__arena_text(r->arena, of->name, strlen(of->name));
	sql_alter *first = NULL, **next = &first;

	for (size_t i = 0; old && i < old->table->n_columns; i++) {
		const sql_column_def *c = &old->table->columns[i];
		sql_alter *alter = is(r, c, name) ? AMPH_NEW(r->arena, sql_alter) : NULL;

		if (!is(r, c, name))
			continue;
		if (!alter)
			return amph__error_nomem(r->err);
		*alter = (sql_alter){ .kind = kind, .location = -1, .cascade = true };
		alter->name = amph__arena_text(r->arena, c->name, strlen(c->name));
		alter->column = AMPH_NEW(r->arena, sql_column_def);
		if (!alter->name || !alter->column)
			return amph__error_nomem(r->err);
		*next = alter;
		next = &alter->next;
	}
	if (!old || !table)
		return old ? amph__error_nomem(r->err) : false;
	return amph__alter_other(r, table, first);
}

static bool takes_numbers(ddl_run *r, const sql_column_def *c, const char *sequence)
{
	return amph__takes_numbers_of(r, c->default_sql, sequence);
}

bool amph__cascade_default(ddl_run *r, const amph_known_table *of, const char *sequence)
{
	return alter_columns(r, of, SQL_SET_DEFAULT, sequence, takes_numbers);
}

static bool is_of_type(ddl_run *r, const sql_column_def *c, const char *type)
{
	(void)r;
	return (c->type.type & ~(AMPH_T_ARRAY | AMPH_T_NULLABLE)) == AMPH_T_ENUM && c->type.enumeration &&
	       !strcmp(c->type.enumeration->name, type);
}

bool amph__cascade_type(ddl_run *r, const amph_known_table *of, const char *type)
{
	return alter_columns(r, of, SQL_DROP_COLUMN, type, is_of_type);
}
