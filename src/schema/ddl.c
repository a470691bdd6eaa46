/* DDL as text, for databases that do not speak PostgreSQL: checked against the catalogue, done by
 * the same statements that models are made with, and noted in the catalogue, all in the running
 * transaction. */
#include "ddl.h"
#include "../base/ascii.h"
#include "../sql/names.h"
#include <string.h>

bool amph__ddl_do(ddl_run *r)
{
	if (r->plan.failed)
		return amph__error_nomem(r->err);
	for (size_t i = 0; i < r->plan.n; i++) {
		amph_code *code = amph__compile(r->arena, r->dialect, r->plan.stmts[i],
						&r->names->names, r->err);

		if (code)
			code->flags |= AMPH_CODE_ONCE;  /* it goes with the arena */
		if (!code || !amph__run(r->conn, code, NULL, NULL, r->err))
			return false;
	}
	r->plan.n = 0;
	return true;
}

bool amph__ddl_touch(ddl_run *r)
{
	if (!amph__ddl_do(r))
		return false;
	for (size_t i = 0; i < 2 && r->dialect->touch_schema[i]; i++)
		if (!amph__run_text(r->conn, r->dialect->touch_schema[i], r->err))
			return false;
	return true;
}

/* ---- names ---- */

static amph_known_table *with_key(const amph_map *tables, const char *name)
{
	amph_known_table *t;

	for (size_t i = 0; (t = amph__map_next(tables, &i)); )
		for (const amph_known_row *row = t->rows; row; row = row->next)
			if ((!strcmp(row->kind, "p") || !strcmp(row->kind, "u")) && !strcmp(row->name, name))
				return t;
	return NULL;
}

amph_known_table *amph__ddl_with_key(const ddl_run *r, const char *name)
{
	amph_known_table *t = with_key(&r->names->temporary, name);

	return t ? t : with_key(&r->names->tables, name);
}

bool amph__ddl_is_known(const ddl_run *r, const char *name)
{
	size_t len = strlen(name);

	return with_key(&r->names->tables, name) || amph__map_get(&r->names->temporary, name, len) ||
	       amph__map_get(&r->names->tables, name, len) ||
	       amph__map_get(&r->names->indexes, name, len) ||
	       amph__map_get(&r->names->sequences, name, len) ||
	       amph__map_get(&r->names->views, name, len);
}

/* The database folds case, PostgreSQL does not. */
bool amph__ddl_is_clear(const ddl_run *r, const char *name)
{
	const amph_map *const maps[] = { &r->names->tables, &r->names->temporary, &r->names->indexes };

	if (amph__ascii_begins(name, "sqlite_", 7) || amph__ascii_begins(name, "amphora_", 8))
		return amph__error(r->err, "0A000", "the name \"%s\" is not supported: it begins as "
				   "those of the database's own tables do", name);
	for (size_t m = 0; m < sizeof maps / sizeof *maps; m++) {
		const void *v;

		for (size_t i = 0; (v = amph__map_next(maps[m], &i)); ) {
			const char *other = m == 2 ? ((const amph_known_index *)v)->name
						   : ((const amph_known_table *)v)->name;

			if (amph__ascii_same(other, name) && strcmp(other, name) != 0)
				return amph__error(r->err, "0A000", "names that differ only in case "
						   "(\"%s\", \"%s\") are not supported", other, name);
		}
	}
	return true;
}

static bool has_schema(const ddl_run *r, const char *schema)
{
	static const char *const always[] = { "public", "pg_temp", "pg_catalog", "information_schema" };
	size_t len = strlen(schema);
	const amph_known_table *t;

	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		if (!strcmp(always[i], schema))
			return true;
	for (size_t i = 0; (t = amph__map_next(&r->names->tables, &i)); )
		if (!strncmp(t->name, schema, len) && t->name[len] == '.')
			return true;
	return false;
}

bool amph__ddl_missing(ddl_run *r, const char *what, const char *schema, const char *name)
{
	bool relation = strcmp(what, "index") != 0 && strcmp(what, "type") != 0;

	if (schema && !has_schema(r, schema))
		return amph__error(r->err, "3F000", "schema \"%s\" does not exist", schema);
	if (relation && amph__is_catalog(schema, name))
		return amph__error(r->err, "0A000", "a change of PostgreSQL's own catalogue (\"%s\") is not "
				   "supported", name);
	return amph__error(r->err, relation ? "42P01" : "42704", "%s \"%s\" does not exist", what, name);
}

bool amph__ddl_table(ddl_run *r, const char *schema, const char *name, bool missing_ok,
		     amph_known_table **out)
{
	*out = amph__names_known(r->names, schema, name);
	if (*out || missing_ok)
		return true;
	return amph__ddl_missing(r, "relation", schema, name);
}

static bool is_listed(const sql_object *list, const char *name)
{
	for (; list; list = list->next)
		if (!strcmp(list->name, name))
			return true;
	return false;
}

const sql_constraint *amph__ddl_referrer(ddl_run *r, const char *name, const sql_object *but,
					 const amph_known_table **of)
{
	amph_known_table *t;

	for (size_t i = 0; (t = amph__map_next(&r->names->tables, &i)); ) {
		amph_error ignored;     /* of a table that only others can read */
		const sql_stmt *stmt;

		if (!strcmp(t->name, name) || is_listed(but, t->name))
			continue;
		stmt = amph__names_definition(r->names, t, &ignored);
		for (const sql_constraint *k = stmt ? stmt->constraints : NULL; k; k = k->next) {
			if (k->kind != 'f' || strcmp(k->target, name) != 0)
				continue;
			*of = t;
			return k;
		}
	}
	return NULL;
}

static bool same_names(const char *const *a, const char *const *b)
{
	size_t n = 0, k = 0;

	for (; a && a[n]; n++) {
		for (k = 0; b && b[k] && strcmp(a[n], b[k]) != 0; k++)
			continue;
		if (!b || !b[k])
			return false;
	}
	for (k = 0; b && b[k]; k++)
		continue;
	return n == k;
}

const sql_constraint *amph__ddl_key_user(ddl_run *r, const char *name, const char *const *columns,
					 const char *but, const amph_known_table **of)
{
	amph_known_table *t;

	for (size_t i = 0; (t = amph__map_next(&r->names->tables, &i)); ) {
		amph_error ignored;
		const sql_stmt *stmt = but && !strcmp(t->name, but)
			? NULL : amph__names_definition(r->names, t, &ignored);

		for (const sql_constraint *k = stmt ? stmt->constraints : NULL; k; k = k->next) {
			if (k->kind != 'f' || strcmp(k->target, name) != 0 ||
			    !same_names(k->target_columns, columns))
				continue;
			*of = t;
			return k;
		}
	}
	return NULL;
}

/* ---- CREATE TABLE ---- */

static bool create_table(ddl_run *r)
{
	sql_table *table = (sql_table *)(uintptr_t)r->stmt->table;
	sql_stmt *stmt;

	if (table->schema && !strcmp(table->schema, "pg_temp"))
		table->temporary = true;
	if (table->schema && !table->temporary && strcmp(table->schema, "public") != 0)
		return amph__error(r->err, "0A000", "a table in a schema (\"%s\") is not supported",
				   table->schema);
	table->schema = NULL;
	if (amph__map_get(table->temporary ? &r->names->temporary : &r->names->tables, table->name,
			  strlen(table->name)) ||
	    (!table->temporary && amph__ddl_is_known(r, table->name) &&
	     !amph__map_get(&r->names->temporary, table->name, strlen(table->name))))
		return r->stmt->if_not_exists ||
		       amph__error(r->err, "42P07", "relation \"%s\" already exists", table->name);
	if (!amph__ddl_is_clear(r, table->name) || !amph__define_likes(r) ||
	    !amph__define_table(r->arena, r->stmt, &r->names->names, r->err) ||
	    !amph__define_texts(r, r->stmt))
		return false;
	stmt = amph__plan_add(&r->plan, SQL_STMT_CREATE_TABLE);
	if (stmt)
		*stmt = *r->stmt;
	for (size_t i = 0; i < table->n_columns; i++)
		amph__ddl_restart(r, table, i, false);
	amph__catalog_create_for(&r->plan, table);
	amph__catalog_add_definition(&r->plan, r->stmt);
	return amph__ddl_do(r);
}

/* ---- DROP TABLE, TRUNCATE ---- */

static bool may_drop(ddl_run *r, const sql_object *o, const amph_known_table *t)
{
	const amph_known_table *of;
	const sql_constraint *k = t->temporary ? NULL
		: amph__ddl_referrer(r, o->name, r->stmt->objects, &of);

	if (!k)
		return true;
	return amph__error(r->err, "2BP01", "cannot drop table %s because other objects depend on it: "
			   "constraint %s on table %s", o->name, k->name, of->name);
}

static bool drop_table(ddl_run *r, const sql_object *o)
{
	amph_known_table *t;
	const sql_stmt *definition;
	sql_stmt *stmt;

	t = amph__names_known(r->names, o->schema, o->name);
	if (!t && amph__map_get(&r->names->views, o->name, strlen(o->name)))
		return amph__error(r->err, "42809", "\"%s\" is not a table", o->name);
	if (!t)
		return r->stmt->if_exists || amph__ddl_missing(r, "table", o->schema, o->name);
	definition = amph__names_definition(r->names, t, r->err);
	if (!definition || !may_drop(r, o, t) || !amph__ddl_drop_users(r, "table", t->name))
		return false;
	stmt = amph__plan_add(&r->plan, SQL_STMT_DROP_TABLE);
	if (stmt)
		stmt->table = definition->table;
	amph__catalog_remove_for(&r->plan, definition->table, NULL, NULL, t->name);
	return true;
}

static bool drop_tables(ddl_run *r)
{
	if (r->stmt->cascade && !amph__cascade_tables(r))
		return false;
	if (r->stmt->objects && r->stmt->objects->next && r->dialect->defer_foreign_keys &&
	    !amph__run_text(r->conn, r->dialect->defer_foreign_keys, r->err))
		return false;
	for (const sql_object *o = r->stmt->objects; o; o = o->next)
		if (!drop_table(r, o))
			return false;
	return amph__ddl_do(r);
}

/* With CASCADE the tables that refer to those of the list are at its end. */
static bool add_referrers(ddl_run *r)
{
	const sql_object **end = &r->stmt->objects;

	while (*end)
		end = (const sql_object **)(uintptr_t)&(*end)->next;
	for (const sql_object *o = r->stmt->objects; o; o = o->next) {
		const amph_known_table *of;

		while (amph__ddl_referrer(r, o->name, r->stmt->objects, &of)) {
			sql_object *more = AMPH_NEW(r->arena, sql_object);

			if (!more)
				return amph__error_nomem(r->err);
			*more = (sql_object){ .name = of->name, .location = -1 };
			*end = more;
			end = (const sql_object **)&more->next;
		}
	}
	return true;
}

static bool truncate_table(ddl_run *r, const sql_object *o)
{
	const sql_table *table = r->names->names.table(r->names, o->schema, o->name);
	const amph_known_table *of;
	sql_stmt *stmt;

	if (!table && amph__map_get(&r->names->views, o->name, strlen(o->name)))
		return amph__error(r->err, "42809", "\"%s\" is not a table", o->name);
	if (!table)
		return amph__ddl_missing(r, "relation", o->schema, o->name);
	if (amph__ddl_referrer(r, o->name, r->stmt->objects, &of))
		return amph__error(r->err, "0A000", "cannot truncate a table referenced in a foreign key "
				   "constraint: table \"%s\" references \"%s\"", of->name, o->name);
	stmt = amph__plan_add(&r->plan, SQL_STMT_DELETE);
	if (stmt)
		stmt->target = sql_range_table(r->arena, table, NULL);
	for (size_t i = 0; r->stmt->restart && i < table->n_columns; i++)
		amph__ddl_restart(r, table, i, true);
	return true;
}

static bool truncate(ddl_run *r)
{
	if (r->stmt->cascade && !add_referrers(r))
		return false;
	for (const sql_object *o = r->stmt->objects; o; o = o->next)
		if (!truncate_table(r, o))
			return false;
	if (r->stmt->objects->next && r->dialect->defer_foreign_keys &&
	    !amph__run_text(r->conn, r->dialect->defer_foreign_keys, r->err))
		return false;
	return amph__ddl_do(r);
}

/* ---- indexes ---- */

static const char *key_name(ddl_run *r, const sql_index_key *key)
{
	amph_error ignored;
	sql_expr *e;

	if (key->column)
		return key->column;
	e = amph__parse_expr(r->arena, key->expr_sql, &ignored);
	return e && e->kind == SQL_CALL && !e->is_operator ? e->name : "expr";
}

/* table_a_b_idx, with a number where that is taken. */
static const char *index_name(ddl_run *r, const sql_table *table, const sql_index *index)
{
	const char *name = table->name, *chosen;

	for (size_t i = 0; i < index->n_keys && name; i++)
		name = amph__arena_printf(r->arena, "%s_%s", name, key_name(r, &index->keys[i]));
	for (size_t i = 0; index->included && index->included[i] && name; i++)
		name = amph__arena_printf(r->arena, "%s_%s", name, index->included[i]);
	name = name ? amph__arena_printf(r->arena, "%s_idx", name) : NULL;
	chosen = name;
	for (unsigned n = 1; chosen && amph__ddl_is_known(r, chosen); n++)
		chosen = amph__arena_printf(r->arena, "%s%u", name, n);
	return chosen;
}

/* Rows that are there already are no violation of a key but a reason not to make it. */
static bool run_index(ddl_run *r, const char *name)
{
	if (amph__ddl_do(r))
		return true;
	if (r->err && !strcmp(r->err->sqlstate, "23505")) {
		char table[sizeof r->err->table];

		memcpy(table, r->err->table, sizeof table);
		amph__error(r->err, "23505", "could not create unique index \"%s\"", name);
		amph__error_names(r->err, table, NULL, name);
	}
	return false;
}

static bool create_index(ddl_run *r)
{
	sql_index *index = (sql_index *)(uintptr_t)r->stmt->index;
	const sql_range *target = r->stmt->target;
	const sql_table *table = r->names->names.table(r->names, target->schema, target->name);
	const amph_known_index *other;
	sql_stmt *stmt;

	if (!table && amph__map_get(&r->names->views, target->name, strlen(target->name)))
		return amph__error(r->err, "42809", "cannot create index on relation \"%s\"", target->name);
	if (!table)
		return amph__ddl_missing(r, "relation", target->schema, target->name);
	if (!index->name)
		index->name = index_name(r, table, index);
	if (!index->name)
		return amph__error_nomem(r->err);
	other = amph__map_get(&r->names->indexes, index->name, strlen(index->name));
	if (other && other->table->temporary != table->temporary)
		return amph__error(r->err, "0A000", "an index of a temporary table and one of another of the "
				   "same name (\"%s\") are not supported", index->name);
	if (amph__ddl_is_known(r, index->name))
		return r->stmt->if_not_exists ||
		       amph__error(r->err, "42P07", "relation \"%s\" already exists", index->name);
	if (!amph__ddl_is_clear(r, index->name) || !amph__define_index(r, table, index))
		return false;
	stmt = amph__plan_add(&r->plan, SQL_STMT_CREATE_INDEX);
	if (stmt) {
		stmt->table = table;
		stmt->index = index;
	}
	amph__catalog_create_for(&r->plan, table);
	amph__catalog_add_index(&r->plan, table, index);
	return run_index(r, index->name);
}

static bool drop_index(ddl_run *r, const sql_object *o)
{
	const amph_known_index *known = amph__map_get(&r->names->indexes, o->name, strlen(o->name));
	const amph_known_table *table = amph__ddl_with_key(r, o->name);
	sql_stmt *stmt;
	sql_index *index;

	if (!known && table)
		return amph__error(r->err, "2BP01", "cannot drop index %s because constraint %s on table "
				   "%s requires it", o->name, o->name, table->name);
	if (!known)
		return r->stmt->if_exists || amph__ddl_missing(r, "index", o->schema, o->name);
	stmt = amph__plan_add(&r->plan, SQL_STMT_DROP_INDEX);
	index = AMPH_NEW(r->arena, sql_index);
	if (!stmt || !index)
		return amph__error_nomem(r->err);
	index->name = known->name;
	stmt->index = index;
	/* one that would only be faster was not made */
	stmt->if_exists = true;
	amph__catalog_remove_for(&r->plan, &(const sql_table){ .temporary = known->table->temporary },
				 "index", NULL, known->name);
	return true;
}

static bool drop_indexes(ddl_run *r)
{
	for (const sql_object *o = r->stmt->objects; o; o = o->next)
		if (!drop_index(r, o))
			return false;
	return amph__ddl_do(r);
}

/* ---- types ---- */

static bool create_enum(ddl_run *r)
{
	const amph_enum_type *e = r->stmt->enumeration;

	if (r->stmt->schema && strcmp(r->stmt->schema, "public") != 0)
		return amph__error(r->err, "0A000", "a type in a schema is not supported");
	if (r->names->names.enumeration(r->names, e->name) || r->names->names.domain(r->names, e->name) ||
	    amph__ddl_is_known(r, e->name))
		return amph__error(r->err, "42710", "type \"%s\" already exists", e->name);
	for (size_t i = 0; i < e->n_labels; i++)
		for (size_t k = 0; k < i; k++)
			if (!strcmp(e->labels[i], e->labels[k])) {
				amph__error(r->err, "23505", "the label \"%s\" occurs twice", e->labels[i]);
				amph__error_names(r->err, NULL, NULL, "pg_enum_typid_label_index");
				return false;
			}
	for (size_t i = 0; i < e->n_labels; i++)
		if (strchr(e->labels[i], '\n'))
			return amph__error(r->err, "0A000", "a label with a line break is not supported");
	amph__catalog_create_for(&r->plan, NULL);
	amph__catalog_add_enum(&r->plan, e);
	return amph__ddl_do(r);
}

/* Of the modules of PostgreSQL, those that the catalogue of functions has. */
static bool create_extension(ddl_run *r)
{
	const char *name = r->stmt->objects->name;

	if (strcmp(name, "pg_trgm") != 0)
		return amph__error(r->err, "0A000", "extension \"%s\" is not supported", name);
	if (r->names->names.extension(r->names, name))
		return r->stmt->if_not_exists ||
		       amph__error(r->err, "42710", "extension \"%s\" already exists", name);
	amph__catalog_create_for(&r->plan, NULL);
	amph__catalog_add_other(&r->plan, &(const sql_table){ .name = NULL }, "extension", name, "");
	return amph__ddl_touch(r);
}

static const amph_known_table *user_among(ddl_run *r, const amph_map *tables, amph__uses_fn *uses,
					  const char *name)
{
	const amph_known_table *t;

	for (size_t i = 0; (t = amph__map_next(tables, &i)); )
		for (const amph_known_row *row = t->rows; row; row = row->next)
			if (uses(r, row, name))
				return t;
	return NULL;
}

const amph_known_table *amph__ddl_user(ddl_run *r, amph__uses_fn *uses, const char *name)
{
	const amph_known_table *t = user_among(r, &r->names->tables, uses, name);

	return t ? t : user_among(r, &r->names->temporary, uses, name);
}

static bool is_of_type(ddl_run *r, const amph_known_row *row, const char *type)
{
	(void)r;
	return !strcmp(row->kind, "column") && row->text && !strncmp(row->text, type, strlen(type)) &&
	       strchr("[", row->text[strlen(type)]);
}

static bool drop_enums(ddl_run *r)
{
	for (const sql_object *o = r->stmt->objects; o; o = o->next) {
		const amph_known_table *user = amph__ddl_user(r, is_of_type, o->name);

		if (r->names->names.domain(r->names, o->name)) {
			if (!amph__ddl_drop_domain(r, o))
				return false;
			continue;
		}
		if (!amph__map_get(&r->names->enums, o->name, strlen(o->name))) {
			if (r->stmt->if_exists)
				continue;
			return amph__ddl_missing(r, "type", o->schema, o->name);
		}
		if (user && !r->stmt->cascade)
			return amph__error(r->err, "2BP01", "cannot drop type %s because table %s has a "
					   "column of it", o->name, user->name);
		for (; user; user = amph__ddl_user(r, is_of_type, o->name))
			if (!amph__cascade_type(r, user, o->name))
				return false;
		amph__catalog_remove(&r->plan, "enum", NULL, o->name);
	}
	return amph__ddl_touch(r);
}

/* ---- */

typedef struct ddl_action {
	sql_stmt_kind kind;
	const char *command;
	bool (*run)(ddl_run *r);
} ddl_action;

static const ddl_action actions[] = {
	{ SQL_STMT_CREATE_TABLE, "CREATE TABLE", create_table },
	{ SQL_STMT_DROP_TABLE, "DROP TABLE", drop_tables },
	{ SQL_STMT_TRUNCATE, "TRUNCATE TABLE", truncate },
	{ SQL_STMT_CREATE_INDEX, "CREATE INDEX", create_index },
	{ SQL_STMT_DROP_INDEX, "DROP INDEX", drop_indexes },
	{ SQL_STMT_CREATE_ENUM, "CREATE TYPE", create_enum },
	{ SQL_STMT_DROP_ENUM, "DROP TYPE", drop_enums },
	{ SQL_STMT_COMMENT, "COMMENT", amph__ddl_comment },
	{ SQL_STMT_CREATE_DOMAIN, "CREATE DOMAIN", amph__ddl_create_domain },
	{ SQL_STMT_ALTER_DOMAIN, "ALTER DOMAIN", amph__ddl_alter_domain },
	{ SQL_STMT_DROP_DOMAIN, "DROP DOMAIN", amph__ddl_drop_domains },
	{ SQL_STMT_CREATE_EXTENSION, "CREATE EXTENSION", create_extension },
	{ SQL_STMT_CREATE_AS, "SELECT", amph__ddl_create_as },
	{ SQL_STMT_CREATE_VIEW, "CREATE VIEW", amph__ddl_create_view },
	{ SQL_STMT_DROP_VIEW, "DROP VIEW", amph__ddl_drop_views },
	{ SQL_STMT_CREATE_SEQUENCE, "CREATE SEQUENCE", amph__ddl_create_sequence },
	{ SQL_STMT_DROP_SEQUENCE, "DROP SEQUENCE", amph__ddl_drop_sequences },
	{ SQL_STMT_ALTER_TABLE, "ALTER TABLE", amph__ddl_alter },
	{ SQL_STMT_ALTER_SEQUENCE, "ALTER SEQUENCE", amph__ddl_alter_sequence },
	{ SQL_STMT_ALTER_ENUM, "ALTER TYPE", amph__ddl_alter_enum },
	{ SQL_STMT_MERGE, "MERGE", amph__ddl_merge }
};

static bool run_action(ddl_run *r, const ddl_action *action)
{
	amph_arena arena;
	bool ok;

	amph__arena_init(&arena, r->names->allocator);
	r->arena = &arena;
	r->plan = (amph_plan){ .arena = &arena, .dialect = r->dialect };
	ok = action->run(r);
	if (!ok && r->names->error.status != AMPH_OK && r->err)
		*r->err = r->names->error;
	/* what is missing for lack of memory may have been taken for something else */
	if (arena.failed || r->names->arena.failed)
		ok = amph__error_nomem(r->err);
	amph__arena_clear(&arena);
	r->arena = r->plan.arena = NULL;
	amph__names_forget(r->names);
	return ok;
}

bool amph__ddl_run(amph_names *n, amph_conn *conn, const amph_dialect *dialect, sql_stmt *stmt,
		   char *command, size_t size, int64_t *affected, amph_error *err)
{
	ddl_run r = { .names = n, .conn = conn, .dialect = dialect, .stmt = stmt, .err = err,
		      .affected = -1 };
	bool ok;

	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
		if (actions[i].kind != stmt->kind)
			continue;
		r.command = actions[i].command;
		ok = run_action(&r, &actions[i]);
		amph__copy_text(command, size, r.command);
		*affected = r.affected;
		return ok;
	}
	return amph__error(err, "0A000", "this statement is not supported");
}
