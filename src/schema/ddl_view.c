/* Views of text: the catalogue keeps the query and the names of its columns, and a query that names
 * the view has it in FROM. What another statement would take away from a view is found by looking
 * whether the view could still be made. */
#include "ddl.h"
#include "../base/buf.h"
#include <string.h>

/* ---- what the catalogue keeps: a line for each name, each followed by its default behind a tab; a
 * line of what is checked behind a tab; an empty line; the query in parentheses ---- */

enum { COLUMNS_MAX = 1600 };

static const char *const checks[] = { "", "LOCAL", "CASCADED" };

const char *amph__view_text(ddl_run *r, const sql_view *view)
{
	const char *text = NULL;
	amph_buf b;

	amph__buf_init(&b, r->arena->allocator);
	for (size_t i = 0; i < view->n; i++) {
		amph__buf_puts(&b, view->names[i]);
		amph__buf_putc(&b, '\n');
		if (view->defaults && view->defaults[i])
			amph__buf_printf(&b, "\t%s\n", view->defaults[i]);
	}
	if (view->check)
		amph__buf_printf(&b, "\tCHECK %s\n", checks[view->check]);
	amph__buf_putc(&b, '\n');
	amph__buf_puts(&b, view->query);
	if (!b.failed)
		text = amph__arena_text(r->arena, b.text, b.len);
	amph__buf_clear(&b);
	if (!text)
		amph__error_nomem(r->err);
	return text;
}

/* A line behind a tab. */
static void read_note(amph_arena *arena, const char *text, size_t len, sql_view *out, const char **defaults)
{
	if (len > 6 && !strncmp(text, "CHECK ", 6))
		out->check = text[6] == 'L' ? SQL_CHECK_LOCAL : SQL_CHECK_CASCADED;
	else if (out->n)
		defaults[out->n - 1] = amph__arena_text(arena, text, len);
}

bool amph__view_read(amph_arena *arena, const char *text, sql_view *out)
{
	const char *names[COLUMNS_MAX + 1] = { NULL }, *defaults[COLUMNS_MAX + 1] = { NULL };

	*out = (sql_view){ .query = NULL };
	while (*text && *text != '\n' && out->n < COLUMNS_MAX) {
		size_t len = strcspn(text, "\n");

		if (*text == '\t')
			read_note(arena, text + 1, len - 1, out, defaults);
		else
			names[out->n++] = amph__arena_text(arena, text, len);
		text += len + (text[len] == '\n');
	}
	out->names = amph__arena_copy(arena, names, (out->n + 1) * sizeof *names);
	out->defaults = amph__arena_copy(arena, defaults, (out->n + 1) * sizeof *defaults);
	out->query = *text ? amph__arena_text(arena, text + 1, strlen(text + 1)) : NULL;
	return !arena->failed && out->query;
}

/* ---- whether a view can be made ---- */

/* Names as they will be: one table is another, or is gone. */
typedef struct changed_names {
	sql_names names;
	const sql_names *now;
	const char *name;
	const sql_table *table;
} changed_names;

static const sql_table *changed_table(void *ctx, const char *schema, const char *name)
{
	const changed_names *c = ctx;

	return strcmp(name, c->name) ? c->now->table(c->now->ctx, schema, name) : c->table;
}

static const amph_enum_type *same_enumeration(void *ctx, const char *name)
{
	const changed_names *c = ctx;

	return c->now->enumeration(c->now->ctx, name);
}

static bool same_extension(void *ctx, const char *name)
{
	const changed_names *c = ctx;

	return c->now->extension(c->now->ctx, name);
}

static bool same_sequence(void *ctx, const char *name, sql_sequence *out)
{
	const changed_names *c = ctx;

	return c->now->sequence(c->now->ctx, name, out);
}

static bool changed_view(void *ctx, const char *name, sql_view *out)
{
	const changed_names *c = ctx;

	return (c->table || strcmp(name, c->name) != 0) && c->now->view(c->now->ctx, name, out);
}

static const sql_stmt *same_domain(void *ctx, const char *name)
{
	const changed_names *c = ctx;

	return c->now->domain(c->now->ctx, name);
}

static sql_select *resolve_view(ddl_run *r, const char *query, const sql_names *names, amph_error *err)
{
	sql_expr *e = amph__parse_expr(r->arena, query, err);
	sql_stmt *stmt = e && e->select ? AMPH_NEW(r->arena, sql_stmt) : NULL;

	if (!stmt)
		return NULL;
	stmt->kind = SQL_STMT_SELECT;
	stmt->location = -1;
	stmt->select = e->select;
	return amph__resolve(r->arena, stmt, names, err) ? stmt->select : NULL;
}

/* Without the view of this name, or with another definition of the table: what is left that resolves? */
static void names_without(changed_names *c, ddl_run *r, const char *name, const sql_table *table)
{
	*c = (changed_names){ .now = &r->names->names, .name = name, .table = table };
	c->names = (sql_names){ changed_table, same_enumeration, same_extension, same_sequence,
				changed_view, same_domain, c };
}

const char *amph__view_broken(ddl_run *r, const char *name, const sql_table *table)
{
	const amph_known_sequence *v;
	changed_names c;

	names_without(&c, r, name, table);
	for (size_t i = 0; (v = amph__map_next(&r->names->views, &i)); ) {
		const amph_error kept = r->names->error;
		amph_error ignored;
		const sql_select *s;
		sql_view view;

		if (!strcmp(v->name, name) || !amph__view_read(r->arena, v->text, &view))
			continue;
		s = resolve_view(r, view.query, &c.names, &ignored);
		r->names->error = kept;
		if (!s || s->n_columns < view.n)
			return v->name;
	}
	return NULL;
}

/* ---- CREATE VIEW ---- */

static bool set_names(ddl_run *r, sql_select *s)
{
	amph_result_column *columns = amph__arena_copy(r->arena, s->columns,
						       (s->n_columns + 1) * sizeof *columns);
	size_t n = 0;

	if (!columns)
		return amph__error_nomem(r->err);
	for (; r->stmt->columns && r->stmt->columns[n]; n++) {
		if (n == s->n_columns)
			return amph__error(r->err, "42601", "too many column names were specified");
		columns[n].name = r->stmt->columns[n];
	}
	for (size_t i = 0; i < s->n_columns; i++) {
		for (size_t k = 0; k < i; k++)
			if (!strcmp(columns[i].name, columns[k].name))
				return amph__error(r->err, "42701", "column \"%s\" specified more than once",
						   columns[i].name);
		if (strpbrk(columns[i].name, "\n\t") || !columns[i].name[0])
			return amph__error(r->err, "0A000", "a column of a view with such a name is not "
					   "supported");
	}
	s->columns = columns;
	return true;
}

static const char *collation_of(const sql_select *s, size_t i)
{
	const sql_target *t = s->targets;

	while (t && i--)
		t = t->next;
	return t && t->expr->kind == SQL_COLLATE ? t->expr->text : NULL;
}

/* Which collation a column has is only known where it is written. */
static bool same_collation(ddl_run *r, const sql_select *was, const sql_select *s, size_t i)
{
	const char *old = collation_of(was, i), *new = collation_of(s, i);

	if (old == new || (old && new && !strcmp(old, new)))
		return true;
	return old && new
		? amph__error(r->err, "42P16", "cannot change collation of view column \"%s\" from \"%s\" to "
			      "\"%s\"", s->columns[i].name, old, new)
		: amph__error(r->err, "0A000", "COLLATE of a column of a view that is replaced is not "
			      "supported");
}

/* A view may be replaced by one that has its columns first. PostgreSQL takes one that selects from
 * itself too, and refuses each use of it. */
static bool may_replace(ddl_run *r, const sql_view *view, const sql_select *s)
{
	const char *name = r->stmt->target->name;
	const amph_error kept = r->names->error;
	const sql_view old = *view;
	changed_names c;
	amph_error missing;
	const sql_select *was;

	names_without(&c, r, name, NULL);
	if (!resolve_view(r, r->stmt->comment, &c.names, &missing)) {
		r->names->error = kept;
		return amph__error(r->err, "0A000", "view \"%s\" would select from itself, which is not "
				   "supported", name);
	}
	was = resolve_view(r, old.query, &r->names->names, r->err);
	if (!was)
		return false;
	if (s->n_columns < old.n)
		return amph__error(r->err, "42P16", "cannot drop columns from view");
	for (size_t i = 0; i < old.n && i < was->n_columns; i++) {
		if (strcmp(old.names[i], s->columns[i].name) != 0)
			return amph__error(r->err, "42P16", "cannot change name of view column \"%s\" to "
					   "\"%s\"", old.names[i], s->columns[i].name);
		if (was->columns[i].type.type != s->columns[i].type.type ||
		    was->columns[i].type.length != s->columns[i].type.length ||
		    was->columns[i].type.scale != s->columns[i].type.scale)
			return amph__error(r->err, "42P16", "cannot change data type of view column \"%s\"",
					   old.names[i]);
		if (!same_collation(r, was, s, i))
			return false;
	}
	return true;
}

static bool is_view_column(ddl_run *r, const amph_result_column *c)
{
	bool array = c->type.type & AMPH_T_ARRAY;

	return (c->type.type & ~AMPH_T_ARRAY) != AMPH_T_ROW_VALUE ||
	       amph__error(r->err, "42P16", "column \"%s\" has pseudo-type record%s", c->name,
			   array ? "[]" : "");
}

/* Defaults of columns that were there stay. */
static bool describe(ddl_run *r, const sql_select *s, const sql_view *old, sql_view *out)
{
	const char **names = AMPH_NEWS(r->arena, const char *, s->n_columns + 1);
	const char **defaults = AMPH_NEWS(r->arena, const char *, s->n_columns + 1);

	if (!names || !defaults)
		return amph__error_nomem(r->err);
	for (size_t i = 0; i < s->n_columns; i++) {
		if (!is_view_column(r, &s->columns[i]))
			return false;
		names[i] = s->columns[i].name;
		defaults[i] = i < old->n ? old->defaults[i] : NULL;
	}
	*out = (sql_view){ .query = r->stmt->comment, .names = names, .defaults = defaults,
			   .n = s->n_columns, .check = r->stmt->check };
	return true;
}

static bool fail_known(ddl_run *r, const amph_known_sequence *old)
{
	return amph__error(r->err, old || !r->stmt->restart ? "42P07" : "42809",
			   old || !r->stmt->restart ? "relation \"%s\" already exists"
						    : "\"%s\" is not a view", r->stmt->target->name);
}

bool amph__ddl_create_view(ddl_run *r)
{
	const sql_range *target = r->stmt->target;
	const amph_known_sequence *old = amph__map_get(&r->names->views, target->name, strlen(target->name));
	sql_table owner = { .temporary = r->stmt->temporary };
	sql_view was = { .n = 0 }, view;
	const char *text;
	sql_select *s;

	if (target->schema && strcmp(target->schema, "public") != 0 && strcmp(target->schema, "pg_temp") != 0)
		return amph__error(r->err, "0A000", "a view in a schema is not supported");
	owner.temporary |= target->schema && !strcmp(target->schema, "pg_temp");
	if (r->stmt->n_params)
		return amph__error(r->err, "42P02", "there is no parameter $1");
	s = resolve_view(r, r->stmt->comment, &r->names->names, r->err);
	if (!s || !set_names(r, s))
		return false;
	for (const sql_cte *c = s->with; c; c = c->next)
		if (c->stmt->kind != SQL_STMT_SELECT)
			return amph__error(r->err, "0A000", "views must not contain data-modifying "
					   "statements in WITH");
	if (old ? !r->stmt->restart : amph__ddl_is_known(r, target->name))
		return fail_known(r, old);
	if (old && !amph__view_read(r->arena, old->text, &was))
		return amph__error_nomem(r->err);
	if (!amph__ddl_is_clear(r, target->name) || (old && !may_replace(r, &was, s)) ||
	    !describe(r, s, &was, &view) || !(text = amph__view_text(r, &view)))
		return false;
	if (view.check && !amph__view_may_check(r, target->name, owner.temporary, text))
		return false;
	amph__catalog_create_for(&r->plan, &owner);
	amph__view_keep(r, old, &(const amph_known_sequence){ target->name, text, owner.temporary });
	return amph__ddl_touch(r);
}

/* ---- DROP VIEW ---- */

static void remove_view(ddl_run *r, const amph_known_sequence *v)
{
	amph__catalog_remove_for(&r->plan, &(const sql_table){ .temporary = v->temporary }, "view", NULL,
				 v->name);
	amph__map_remove(&r->names->views, v->name, strlen(v->name));
}

void amph__ddl_drop_view(ddl_run *r, const char *name)
{
	const amph_known_sequence *v = amph__map_get(&r->names->views, name, strlen(name));

	if (v)
		remove_view(r, v);
}

/* Views that need it go as well with CASCADE. */
bool amph__ddl_drop_users(ddl_run *r, const char *what, const char *name)
{
	const char *user;

	while ((user = amph__view_broken(r, name, NULL)) != NULL) {
		const amph_known_sequence *v = amph__map_get(&r->names->views, user, strlen(user));

		if (!r->stmt->cascade)
			return amph__error(r->err, "2BP01", "cannot drop %s %s because other objects depend "
					   "on it: view %s", what, name, user);
		if (!amph__ddl_drop_users(r, "view", user))
			return false;
		remove_view(r, v);
	}
	return true;
}

static bool is_listed(const sql_object *list, const char *name)
{
	for (; list; list = list->next)
		if (!strcmp(list->name, name))
			return true;
	return false;
}

bool amph__ddl_drop_views(ddl_run *r)
{
	for (const sql_object *o = r->stmt->objects; o; o = o->next) {
		const amph_known_sequence *v = amph__map_get(&r->names->views, o->name, strlen(o->name));
		const char *user = v ? amph__view_broken(r, o->name, NULL) : NULL;

		if (!v && amph__ddl_is_known(r, o->name))
			return amph__error(r->err, "42809", "\"%s\" is not a view", o->name);
		if (!v && r->stmt->if_exists)
			continue;
		if (!v)
			return amph__ddl_missing(r, "view", o->schema, o->name);
		if (user && !is_listed(r->stmt->objects, user) && !amph__ddl_drop_users(r, "view", o->name))
			return false;
		remove_view(r, v);
	}
	return amph__ddl_touch(r);
}

/* ---- CREATE TABLE AS ---- */

static bool is_table_column(ddl_run *r, const amph_result_column *c)
{
	return c->type.type != AMPH_T_REGTYPE ||
	       amph__error(r->err, "0A000", "column \"%s\": a column of type regtype is not supported",
			   c->name);
}

static bool define_from(ddl_run *r, const sql_select *s, sql_table *table)
{
	sql_column_def *columns = AMPH_NEWS(r->arena, sql_column_def, s->n_columns + 1);

	if (!columns)
		return amph__error_nomem(r->err);
	for (size_t i = 0; i < s->n_columns; i++) {
		columns[i].name = s->columns[i].name;
		columns[i].type = s->columns[i].type;
		columns[i].type.nullable = true;
		if (!is_view_column(r, &s->columns[i]) || !is_table_column(r, &s->columns[i]))
			return false;
	}
	table->columns = columns;
	table->n_columns = s->n_columns;
	return true;
}

static sql_stmt *insert_of(ddl_run *r, const sql_table *table)
{
	sql_stmt *stmt = AMPH_NEW(r->arena, sql_stmt);
	sql_expr *e = amph__parse_expr(r->arena, r->stmt->comment, r->err);

	if (!stmt || !e)
		return NULL;
	*stmt = (sql_stmt){ .kind = SQL_STMT_INSERT, .location = -1, .select = e->select,
			    .target = sql_range_table(r->arena, table, NULL) };
	return stmt->target ? stmt : NULL;
}

bool amph__ddl_create_as(ddl_run *r)
{
	const sql_range *target = r->stmt->target;
	sql_table *table = AMPH_NEW(r->arena, sql_table);
	sql_stmt *create = AMPH_NEW(r->arena, sql_stmt), *rows;
	sql_select *s;

	if (!table || !create)
		return amph__error_nomem(r->err);
	if (target->schema && strcmp(target->schema, "public") != 0)
		return amph__error(r->err, "0A000", "a table in a schema is not supported");
	if (!r->stmt->restart || amph__ddl_is_known(r, target->name))
		r->command = "CREATE TABLE AS";
	if (amph__ddl_is_known(r, target->name) && !r->stmt->temporary)
		return r->stmt->if_not_exists ||
		       amph__error(r->err, "42P07", "relation \"%s\" already exists", target->name);
	s = resolve_view(r, r->stmt->comment, &r->names->names, r->err);
	table->name = target->name;
	table->temporary = r->stmt->temporary;
	if (!s || !set_names(r, s) || !define_from(r, s, table) ||
	    !amph__ddl_is_clear(r, target->name))
		return false;
	*create = (sql_stmt){ .kind = SQL_STMT_CREATE_TABLE, .location = -1, .table = table };
	if (!amph__define_table(r->arena, create, &r->names->names, r->err))
		return false;
	amph__plan_add_stmt(&r->plan, create);
	amph__catalog_create_for(&r->plan, table);
	amph__catalog_add_definition(&r->plan, create);
	rows = r->stmt->restart ? insert_of(r, table) : NULL;
	if (rows)
		amph__plan_add_stmt(&r->plan, rows);
	else if (r->stmt->restart)
		return false;
	return amph__ddl_do(r);
}
