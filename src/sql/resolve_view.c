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
	return true;
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

static sql_item *open_query(sql_resolver *r, sql_stmt *stmt, const sql_view *view);

/* What the query of a view reads: the table that is written to, or another view of it. */
static sql_item *open_source(sql_resolver *r, sql_stmt *stmt, const sql_range *from)
{
	sql_range *target = stmt->target;
	sql_view inner;

	target->table = r->names->table(r->names->ctx, from->schema, from->name);
	if (!target->table && r->names->view(r->names->ctx, from->name, &inner))
		return open_query(r, stmt, &inner);
	if (!target->table) {
		amph__resolve_refuse(r, target->location, "writing to a view of this");
		return NULL;
	}
	target->alias = target->alias ? target->alias : target->name;
	return amph__item_of_table(r, target);
}

static sql_item *open_query(sql_resolver *r, sql_stmt *stmt, const sql_view *view)
{
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
	item = open_source(r, stmt, s->from);
	if (!item)
		return NULL;
	item->alias = s->from->alias ? s->from->alias : s->from->name;
	r->scope->items = item;
	ok = amph__resolve_targets(r, &s->targets, SQL_CLAUSE_TARGET) &&
	     amph__resolve_condition(r, &s->where, SQL_CLAUSE_WHERE) &&
	     take_columns(r, stmt, s, view, item) && also(r, &stmt->view_where, s->where);
	r->scope->items = items;
	return ok ? item : NULL;
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
	item = open_query(r, stmt, view);
	if (!item)
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

bool amph__view_columns(sql_resolver *r, sql_stmt *stmt)
{
	const sql_item *item = stmt->view_item;
	bool given = stmt->columns != NULL;
	const char **names;
	size_t n = 0;

	if (!item)
		return true;
	while (given && stmt->columns[n])
		n++;
	n = given ? n : stmt->select && stmt->select->n_values && stmt->select->values[0].n < item->n
		? stmt->select->values[0].n : item->n;
	if (!given && !stmt->select)
		n = 0;
	names = AMPH_NEWS(r->arena, const char *, n + 1);
	if (!names)
		return amph__resolve_nomem(r);
	for (size_t i = 0; i < n; i++) {
		names[i] = given ? stmt->columns[i] : item->names[i];
		if (!amph__view_column(r, stmt, &names[i], stmt->location))
			return false;
	}
	stmt->view_names = stmt->columns;
	stmt->columns = n || given ? (const char *const *)names : NULL;
	return true;
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
