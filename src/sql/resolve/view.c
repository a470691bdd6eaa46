/* Writing to a view of one table: the statement is about that table, whose columns have the view's
 * names, and the view's condition holds for the rows that it changes. */
#include "resolve.h"
#include <string.h>

static const char *verb_of(const sql_stmt *stmt)
{
	return stmt->kind == SQL_STMT_INSERT ? "insert into"
	     : stmt->kind == SQL_STMT_UPDATE ? "update" : "delete from";
}

static bool is_simple(const sql_select *s)
{
	const sql_range *from = s->from;

	return from && !from->next && from->kind == SQL_TABLE && !s->with && !s->distinct &&
	       !s->distinct_on.n && !s->group_by.n && !s->having && !s->windows && !s->limit && !s->offset &&
	       s->set_op == SQL_SET_NONE && !s->n_values;
}

static bool find_special(void *ctx, sql_expr *e)
{
	bool *found = ctx;

	*found |= e->over || (e->kind == SQL_CALL && e->row &&
			      (e->row->kind == AMPH_CAT_AGGREGATE || e->row->kind == AMPH_CAT_SET));
	return e->select || amph__expr_children(e, find_special, ctx);
}

static bool refuse_view(sql_resolver *r, const sql_stmt *stmt)
{
	return amph__resolve_fail(r, stmt->target->location, "55000", "cannot %s view \"%s\"", verb_of(stmt),
				  stmt->target->name);
}

/* A view's defaults are for the table's columns; those of a view of it come before. */
static bool take_defaults(sql_resolver *r, sql_stmt *stmt, const sql_view *view, sql_expr *const *exprs)
{
	for (size_t i = 0; i < view->n && view->defaults; i++) {
		if (!view->defaults[i])
			continue;
		if (exprs[i]->kind != SQL_COLUMN) {
			stmt->view_computed = view->names[i];
			continue;
		}
		if (!stmt->view_defaults)
			stmt->view_defaults = AMPH_NEWS(r->arena, const char *,
							stmt->target->table->n_columns + 1);
		if (!stmt->view_defaults)
			return amph__resolve_nomem(r);
		stmt->view_defaults[exprs[i]->column] = view->defaults[i];
	}
	return true;
}

/* What the view's columns are, as expressions over the table's. */
static bool take_columns(sql_resolver *r, sql_stmt *stmt, sql_select *s, const sql_view *view,
			 sql_item *item)
{
	sql_expr **exprs = AMPH_NEWS(r->arena, sql_expr *, view->n + 1);
	bool special = false;
	size_t n = 0;

	if (!exprs)
		return amph__resolve_nomem(r);
	for (sql_target *t = s->targets; t; t = t->next, n++) {
		if (n < view->n)
			exprs[n] = t->expr;
		find_special(&special, t->expr);
	}
	if (special)
		return refuse_view(r, stmt);
	if (n != view->n)
		return amph__resolve_refuse(r, stmt->target->location,
					    "a view (its tables have got more columns)");
	item->n = view->n;
	item->names = view->names;
	item->exprs = exprs;
	return take_defaults(r, stmt, view, exprs);
}

static bool also(sql_resolver *r, sql_expr **where, sql_expr *more)
{
	if (!more)
		return true;
	*where = *where ? sql_and(r->arena, *where, more) : more;
	if (!*where)
		return amph__resolve_nomem(r);
	(*where)->type = (amph_sqltype){ .type = AMPH_T_BOOL, .nullable = true };
	return true;
}

static sql_item *open_query(sql_resolver *r, sql_stmt *stmt, const sql_view *view, bool cascaded);

/* What the query of a view reads: the table that is written to, or another view of it. */
static sql_item *open_source(sql_resolver *r, sql_stmt *stmt, const sql_range *from, bool cascaded)
{
	sql_range *target = stmt->target;
	sql_view inner;

	target->table = r->names->table(r->names->ctx, from->schema, from->name);
	if (!target->table && r->names->view(r->names->ctx, from->name, &inner))
		return open_query(r, stmt, &inner, cascaded);
	if (!target->table) {
		amph__resolve_refuse(r, target->location, "writing to a view of this");
		return NULL;
	}
	target->alias = target->alias ? target->alias : target->name;
	return amph__item_of_table(r, target);
}

/* With CASCADED a view of this one asks for its condition too. */
static sql_item *open_query(sql_resolver *r, sql_stmt *stmt, const sql_view *view, bool cascaded)
{
	bool checked = (view->check || cascaded) && stmt->kind != SQL_STMT_DELETE;
	sql_expr *e = amph__parse_expr(r->arena, view->query, r->err);
	sql_select *s = e ? e->select : NULL;
	sql_item *items = r->scope->items, *item;
	bool ok;

	if (!s)
		return NULL;
	if (!is_simple(s)) {
		refuse_view(r, stmt);
		return NULL;
	}
	item = open_source(r, stmt, s->from, cascaded || view->check == SQL_CHECK_CASCADED);
	if (!item)
		return NULL;
	item->alias = s->from->alias ? s->from->alias : s->from->name;
	r->scope->items = item;
	ok = amph__resolve_targets(r, &s->targets, SQL_CLAUSE_TARGET) &&
	     amph__resolve_condition(r, &s->where, SQL_CLAUSE_WHERE) &&
	     take_columns(r, stmt, s, view, item) && also(r, &stmt->view_where, s->where) &&
	     (!checked || also(r, &stmt->view_check, s->where));
	r->scope->items = items;
	return ok ? item : NULL;
}

/* To PostgreSQL a view has no defaults but its own. */
static bool take_updates(sql_resolver *r, sql_stmt *stmt, const sql_view *view, const sql_item *item)
{
	stmt->view_updates = AMPH_NEWS(r->arena, const char *, stmt->target->table->n_columns + 1);
	if (!stmt->view_updates)
		return amph__resolve_nomem(r);
	for (size_t i = 0; i < view->n; i++)
		if (item->exprs[i]->kind == SQL_COLUMN)
			stmt->view_updates[item->exprs[i]->column] =
				view->defaults && view->defaults[i] ? view->defaults[i] : "NULL";
	return true;
}

sql_item *amph__open_view(sql_resolver *r, sql_stmt *stmt, const sql_view *view)
{
	sql_item *item;

	if (stmt->kind == SQL_STMT_INSERT && !stmt->columns && stmt->select && stmt->select->n_values &&
	    stmt->select->values[0].n > view->n) {
		amph__resolve_fail(r, stmt->location, "42601", "INSERT has more expressions "
				   "than target columns");
		return NULL;
	}
	item = open_query(r, stmt, view, false);
	if (!item || !take_updates(r, stmt, view, item))
		return NULL;
	item->alias = stmt->target->alias;
	stmt->view_item = item;
	return item;
}

bool amph__view_column(sql_resolver *r, const sql_stmt *stmt, const char **name, int location)
{
	const sql_item *item = stmt->view_item;
	size_t i = 0;

	if (!item)
		return true;
	while (i < item->n && strcmp(item->names[i], *name) != 0)
		i++;
	if (i == item->n)
		return amph__resolve_fail(r, location, "42703", "column \"%s\" of relation \"%s\" does not "
					  "exist", *name, stmt->target->name);
	if (item->exprs[i]->kind != SQL_COLUMN)
		return amph__resolve_fail(r, location, "0A000", "cannot %s column \"%s\" of view \"%s\"",
					  stmt->kind == SQL_STMT_INSERT ? "insert into" : "update", *name,
					  stmt->target->name);
	*name = stmt->target->table->columns[item->exprs[i]->column].name;
	return true;
}

/* ---- defaults ---- */

bool amph__view_default(sql_resolver *r, const sql_stmt *stmt, size_t column, bool insert, sql_expr **value)
{
	const char **defaults = insert ? stmt->view_defaults : stmt->view_updates;
	const char *text = defaults ? defaults[column] : NULL;

	if (!text || (*value)->kind != SQL_DEFAULT)
		return true;
	*value = amph__parse_expr(r->arena, text, r->err);
	return *value != NULL;
}

static bool has_name(const char *const *names, const char *name)
{
	for (; names && *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

static bool add_to_rows(sql_resolver *r, sql_select *s, const char *text)
{
	for (size_t i = 0; i < s->n_values; i++) {
		sql_list *row = &s->values[i];
		sql_expr **items = AMPH_NEWS(r->arena, sql_expr *, row->n + 1);

		if (!items)
			return amph__resolve_nomem(r);
		if (row->n)
			memcpy(items, row->items, row->n * sizeof *items);
		items[row->n] = amph__parse_expr(r->arena, text, r->err);
		if (!items[row->n])
			return false;
		row->items = items;
		row->n++;
	}
	return true;
}

static bool add_to_targets(sql_resolver *r, sql_stmt *stmt, const char *text)
{
	sql_select *s = stmt->select;
	sql_target **end = &s->targets, *t = AMPH_NEW(r->arena, sql_target);

	if (s->set_op != SQL_SET_NONE || s->distinct || s->distinct_on.n)
		return amph__resolve_refuse(r, stmt->location, "a default of a view where the rows are of "
					    "such a query");
	while (*end)
		end = &(*end)->next;
	*end = t;
	if (!t || !(t->expr = amph__parse_expr(r->arena, text, r->err)))
		return t ? false : amph__resolve_nomem(r);
	return true;
}

static bool add_default(sql_resolver *r, sql_stmt *stmt, const char *text)
{
	if (!stmt->select) {
		stmt->select = AMPH_NEW(r->arena, sql_select);
		if (!stmt->select || !(stmt->select->values = AMPH_NEW(r->arena, sql_list)))
			return amph__resolve_nomem(r);
		stmt->select->location = -1;
		stmt->select->n_values = 1;
	}
	return stmt->select->n_values ? add_to_rows(r, stmt->select, text) : add_to_targets(r, stmt, text);
}

/* Columns that are not named get the defaults of the view where it has any. */
static bool add_defaults(sql_resolver *r, sql_stmt *stmt, const char **names, size_t n)
{
	const sql_table *t = stmt->target->table;

	if (stmt->view_computed)
		return amph__resolve_fail(r, stmt->location, "0A000", "cannot insert into column \"%s\" of "
					  "view \"%s\"", stmt->view_computed, stmt->target->name);
	for (size_t i = 0; stmt->view_defaults && i < t->n_columns; i++) {
		if (!stmt->view_defaults[i] || has_name((const char *const *)names, t->columns[i].name))
			continue;
		if (!add_default(r, stmt, stmt->view_defaults[i]))
			return false;
		names[n++] = t->columns[i].name;
		stmt->columns = (const char *const *)names;
	}
	return true;
}

/* Of how many columns the rows are; false: that is not known yet. */
static bool count_values(const sql_select *s, size_t *n)
{
	*n = 0;
	while (s && s->set_op != SQL_SET_NONE)
		s = s->left;
	if (s && s->n_values)
		*n = s->values[0].n;
	for (const sql_target *t = s && !s->n_values ? s->targets : NULL; t; t = t->next, ++*n)
		if (!t->expr || t->expr->kind == SQL_STAR)
			return false;
	return true;
}

static bool count_columns(sql_resolver *r, const sql_stmt *stmt, size_t *n)
{
	size_t given = 0;

	while (stmt->columns && stmt->columns[given])
		given++;
	*n = given;
	if (stmt->columns || count_values(stmt->select, n)) {
		if (!stmt->columns && *n > stmt->view_item->n)
			*n = stmt->view_item->n;
		return true;
	}
	*n = stmt->view_item->n;
	return !stmt->view_defaults ||
	       amph__resolve_refuse(r, stmt->location, "a view with defaults where the rows are of such a "
				    "query");
}

bool amph__view_columns(sql_resolver *r, sql_stmt *stmt)
{
	const sql_item *item = stmt->view_item;
	bool given = stmt->columns != NULL;
	const char **names;
	size_t n = 0;

	if (!item)
		return true;
	if (!count_columns(r, stmt, &n))
		return false;
	names = AMPH_NEWS(r->arena, const char *, n + stmt->target->table->n_columns + 1);
	if (!names)
		return amph__resolve_nomem(r);
	for (size_t i = 0; i < n; i++) {
		names[i] = given ? stmt->columns[i] : item->names[i];
		if (!amph__view_column(r, stmt, &names[i], stmt->location))
			return false;
	}
	stmt->view_names = stmt->columns;
	stmt->columns = n || given ? (const char *const *)names : NULL;
	return add_defaults(r, stmt, names, n);
}

bool amph__view_condition(sql_resolver *r, sql_stmt *stmt)
{
	sql_expr *where = stmt->view_where;

	if (!where)
		return true;
	if (!also(r, &where, stmt->where))
		return false;
	stmt->where = where;
	return true;
}

bool amph__view_has_columns(const sql_stmt *stmt)
{
	for (size_t i = 0; stmt->view_item && i < stmt->view_item->n; i++)
		if (stmt->view_item->exprs[i]->kind == SQL_COLUMN)
			return true;
	return false;
}
