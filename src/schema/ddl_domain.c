/* CREATE DOMAIN, DROP DOMAIN. The catalogue keeps the statement that would make it; columns of the domain
 * are of the type below, with its default, NOT NULL and checks. */
#include "ddl.h"
#include "../base/buf.h"
#include <string.h>

static bool is_named(const sql_constraint *all, const sql_constraint *but, const char *name)
{
	for (; all; all = all->next)
		if (all != but && all->name && !strcmp(all->name, name))
			return true;
	return false;
}

/* domain_check, with a number where that is taken. */
static bool name_checks(ddl_run *r, const char *name, sql_constraint *all)
{
	for (sql_constraint *k = all; k; k = k->next) {

		if (k->name && is_named(all, k, k->name))
			return amph__error(r->err, "42710", "constraint \"%s\" for domain %s already exists",
					   k->name, name);
		if (!k->name)
			k->name = amph__arena_printf(r->arena, "%s_check", name);
		for (unsigned n = 1; k->name && is_named(all, k, k->name); n++)
			k->name = amph__arena_printf(r->arena, "%s_check%u", name, n);
		if (!k->name)
			return amph__error_nomem(r->err);
	}
	return true;
}

static const char *text_of(ddl_run *r, const sql_stmt *domain)
{
	const sql_column_def *c = &domain->table->columns[0];
	const char *type = amph__catalog_type(&r->plan, &c->type), *text;
	amph_buf b;

	amph__buf_init(&b, r->arena->allocator);
	amph__buf_puts(&b, "CREATE DOMAIN ");
	amph__buf_quote(&b, domain->table->name, '"');
	amph__buf_printf(&b, " AS %s", type ? type : "");
	if (c->default_sql)
		amph__buf_printf(&b, " DEFAULT (%s)", c->default_sql);
	if (!c->type.nullable)
		amph__buf_puts(&b, " NOT NULL");
	for (const sql_constraint *k = domain->constraints; k; k = k->next) {
		amph__buf_puts(&b, " CONSTRAINT ");
		amph__buf_quote(&b, k->name, '"');
		amph__buf_printf(&b, " CHECK (%s)", k->check_sql);
	}
	text = b.failed ? NULL : amph__arena_text(r->arena, b.text, b.len);
	amph__buf_clear(&b);
	if (!text)
		amph__error_nomem(r->err);
	return text;
}

static bool check_base(ddl_run *r, const sql_column_def *c)
{
	const char *name = c->type.enumeration ? c->type.enumeration->name : NULL;

	if (!name)
		return true;
	if (r->names->names.enumeration(r->names, name) || r->names->names.domain(r->names, name))
		return amph__error(r->err, "0A000", "a domain over an enum or over another domain is not "
				   "supported");
	return amph__error(r->err, "42704", "type \"%s\" does not exist", name);
}

bool amph__ddl_create_domain(ddl_run *r)
{
	const sql_table *table = r->stmt->table;
	const char *text;

	if (table->schema && strcmp(table->schema, "public") != 0)
		return amph__error(r->err, "0A000", "a domain in a schema is not supported");
	if (r->names->names.enumeration(r->names, table->name) ||
	    r->names->names.domain(r->names, table->name) || amph__ddl_is_known(r, table->name))
		return amph__error(r->err, "42710", "type \"%s\" already exists", table->name);
	if (!check_base(r, &table->columns[0]) || !name_checks(r, table->name, r->stmt->constraints) ||
	    !amph__define_texts(r, r->stmt))
		return false;
	text = text_of(r, r->stmt);
	if (!text)
		return false;
	amph__catalog_create_for(&r->plan, NULL);
	amph__catalog_add_other(&r->plan, &(const sql_table){ .name = NULL }, "domain", table->name, text);
	return amph__ddl_touch(r);
}

static bool is_of_domain(ddl_run *r, const amph_known_row *row, const char *name)
{
	(void)r;
	return !strcmp(row->kind, "column") && row->text && !strcmp(row->text, name);
}

static bool may_mention(const amph_known_table *t, const char *name)
{
	for (const amph_known_row *row = t->rows; row; row = row->next)
		if (strcmp(row->kind, "column") != 0 && strcmp(row->kind, "comment") != 0 && row->text &&
		    strstr(row->text, name))
			return true;
	return false;
}

/* Whether a text of a table or view may have a cast to it. */
static const char *mentioned_by(ddl_run *r, const char *name)
{
	const amph_map *const maps[] = { &r->names->tables, &r->names->temporary };
	const amph_known_sequence *v;
	const amph_known_table *t;

	for (size_t i = 0; (v = amph__map_next(&r->names->views, &i)); )
		if (strstr(v->text, name))
			return v->name;
	for (size_t m = 0; m < 2; m++)
		for (size_t i = 0; (t = amph__map_next(maps[m], &i)); )
			if (may_mention(t, name))
				return t->name;
	return NULL;
}

bool amph__ddl_drop_domain(ddl_run *r, const sql_object *o)
{
	const amph_known_table *user = amph__ddl_user(r, is_of_domain, o->name);
	const char *other = mentioned_by(r, o->name);

	if (user)
		return amph__error(r->err, r->stmt->cascade ? "0A000" : "2BP01", "cannot drop type "
				   "%s because table %s has a column of it", o->name, user->name);
	if (other)
		return amph__error(r->err, "0A000", "DROP DOMAIN of what \"%s\" may use is not supported",
				   other);
	amph__catalog_remove(&r->plan, "domain", NULL, o->name);
	return true;
}

bool amph__ddl_drop_domains(ddl_run *r)
{
	for (const sql_object *o = r->stmt->objects; o; o = o->next) {
		bool is_enum = r->names->names.enumeration(r->names, o->name) != NULL;

		if (is_enum)
			return amph__error(r->err, "42809", "\"%s\" is not a domain", o->name);
		if (!r->names->names.domain(r->names, o->name)) {
			if (r->stmt->if_exists)
				continue;
			return amph__ddl_missing(r, "type", o->schema, o->name);
		}
		if (!amph__ddl_drop_domain(r, o))
			return false;
	}
	return amph__ddl_touch(r);
}

/* ---- ALTER DOMAIN: the tables that have columns of it are made anew ---- */

typedef struct user {
	struct user *next;
	const char *schema, *name;
} user;

static bool note_users(ddl_run *r, const amph_map *map, const char *domain, user **first)
{
	amph_known_table *t;

	for (size_t i = 0; (t = amph__map_next(map, &i)); ) {
		bool uses = false;
		user *u;

		for (const amph_known_row *row = t->rows; row; row = row->next)
			uses |= is_of_domain(r, row, domain);
		if (!uses)
			continue;
		u = AMPH_NEW(r->arena, user);
		if (!u || !(u->name = amph__arena_text(r->arena, t->name, strlen(t->name))))
			return amph__error_nomem(r->err);
		u->schema = t->temporary ? "pg_temp" : "public";
		u->next = *first;
		*first = u;
	}
	return true;
}

/* The statement that would make it, in the arena of the run. */
static sql_stmt *copy_of(ddl_run *r, const sql_stmt *old)
{
	const char *text = text_of(r, old);

	return text ? amph__parse_stmt(r->arena, text, r->err) : NULL;
}

static bool drop_check(ddl_run *r, sql_stmt *domain, const sql_alter *a)
{
	sql_constraint **k = &domain->constraints;

	while (*k && strcmp((*k)->name, a->name) != 0)
		k = &(*k)->next;
	if (!*k)
		return a->missing_ok ||
		       amph__error(r->err, "42704", "constraint \"%s\" of domain \"%s\" does not exist",
				   a->name, domain->table->name);
	*k = (*k)->next;
	return true;
}

static bool change(ddl_run *r, sql_stmt *domain, const sql_alter *a)
{
	sql_column_def *value = (sql_column_def *)(uintptr_t)&domain->table->columns[0];
	sql_constraint **end = &domain->constraints;

	switch (a->kind) {
	case SQL_SET_DEFAULT:
		value->default_sql = a->column->default_sql;
		return true;
	case SQL_SET_NOT_NULL:
	case SQL_DROP_NOT_NULL:
		value->type.nullable = a->kind == SQL_DROP_NOT_NULL;
		return true;
	case SQL_DROP_CONSTRAINT:
		return drop_check(r, domain, a);
	default:
		while (*end)
			end = &(*end)->next;
		*end = a->constraints;
		return name_checks(r, domain->table->name, domain->constraints);
	}
}

/* What a row that is there violates has no name yet. */
static bool fail_values(ddl_run *r, const char *table)
{
	if (!r->err || strcmp(r->err->sqlstate, "23514") != 0)
		return false;
	return amph__error(r->err, "23514", "a column of table \"%s\" contains values that violate the new "
			   "constraint", table);
}

bool amph__ddl_alter_domain(ddl_run *r)
{
	const char *name = r->stmt->objects->name;
	const sql_stmt *old = r->names->names.domain(r->names, name);
	sql_stmt *domain;
	const char *text;
	user *users = NULL;

	if (!old)
		return r->names->names.enumeration(r->names, name)
			? amph__error(r->err, "42809", "\"%s\" is not a domain", name)
			: amph__ddl_missing(r, "type", r->stmt->objects->schema, name);
	domain = copy_of(r, old);
	if (!domain || !change(r, domain, r->stmt->alters) || !amph__define_texts(r, domain) ||
	    !(text = text_of(r, domain)) || !note_users(r, &r->names->tables, name, &users) ||
	    !note_users(r, &r->names->temporary, name, &users))
		return false;
	amph__catalog_remove(&r->plan, "domain", NULL, name);
	amph__catalog_add_other(&r->plan, &(const sql_table){ .name = NULL }, "domain", name, text);
	if (!amph__ddl_touch(r))
		return false;
	amph__names_forget(r->names);
	if (!amph__names_refresh(r->names, r->conn, true, r->err))
		return false;
	for (const user *u = users; u; u = u->next) {
		amph_known_table *known = amph__names_known(r->names, u->schema, u->name);

		if (known && !amph__alter_nothing(r, known))
			return fail_values(r, u->name);
	}
	return true;
}

/* ---- columns ---- */

/* What the domain gives to a column that is of it, where the column does not say so itself. */
bool amph__define_domain(sql_column_def *c, const sql_stmt *domain, amph_error *err)
{
	const sql_column_def *value = &domain->table->columns[0];

	if (c->type.type & AMPH_T_ARRAY && !c->domain)
		return amph__error(err, "0A000", "an array of a domain is not supported");
	if (c->identity)
		return amph__error(err, "0A000", "an identity column of a domain is not supported");
	if (c->domain_not_null)
		c->type.nullable = true;
	c->domain_not_null = c->type.nullable && !value->type.nullable;
	c->domain = domain->table->name;
	c->checks = domain->constraints;
	bool nullable = c->type.nullable && !c->domain_not_null;
	c->type = value->type;
	c->type.nullable = nullable;
	if (!c->default_sql && !c->computed_sql) {
		c->default_sql = value->default_sql;
		c->domain_default = value->default_sql != NULL;
	}
	return true;
}
