/* Columns of other tables in RETURNING of UPDATE ... FROM and DELETE ... USING, for databases whose
 * RETURNING knows the target's columns only: the join is looked up once more for the row at hand.
 *
 * That gives the same row where the row is found as it was before: nothing in the condition is
 * changed by the statement, and no other range reads the table that it changes. */
#include "../walk.h"
#include "write.h"
#include <string.h>

typedef struct search { const sql_stmt *stmt; bool found; } search;

static bool is_set(const sql_stmt *stmt, const char *column)
{
	for (const sql_assign *a = stmt->set; a; a = a->next)
		if (!strcmp(a->column, column))
			return true;
	return false;
}

static bool find_change(void *ctx, sql_expr *e)
{
	search *s = ctx;
	const sql_table *t = s->stmt->target->table;

	s->found |= e->select != NULL ||
		    (e->kind == SQL_COLUMN && e->source == s->stmt->target && t && e->column < t->n_columns &&
		     is_set(s->stmt, t->columns[e->column].name));
	return e->select || amph__expr_children(e, find_change, ctx);
}

static bool changes(const sql_stmt *stmt, const sql_expr *e)
{
	search s = { .stmt = stmt };

	if (!e)
		return false;
	find_change(&s, (sql_expr *)(uintptr_t)e);
	return s.found || amph__expr_is_volatile(e);
}

/* Whether a range is the same for the row that was written as it was for the row before. */
static bool stays(const sql_stmt *stmt, const sql_range *r)
{
	const char *target = stmt->target->table->name;

	if (r->alias && !strcmp(r->alias, target))
		return false;
	switch (r->kind) {
	case SQL_TABLE:
		return r->table && strcmp(r->table->name, target) != 0;
	case SQL_JOIN:
		return stays(stmt, r->left) && stays(stmt, r->right) && !changes(stmt, r->on);
	case SQL_SUBQUERY:
		return r->select->n_values && !r->lateral;
	case SQL_ROWS:
		return true;
	default:
		return false;
	}
}

static bool can_be_found(const sql_stmt *stmt)
{
	if (!stmt->from || !stmt->target->table || changes(stmt, stmt->where))
		return false;
	for (const sql_range *r = stmt->from; r; r = r->next)
		if (!stays(stmt, r))
			return false;
	return true;
}

static bool contains(const sql_range *of, const sql_range *r)
{
	return of == r || (of->kind == SQL_JOIN && (contains(of->left, r) || contains(of->right, r)));
}

bool amph__is_joined(const sql_stmt *stmt, const sql_range *r)
{
	for (const sql_range *of = stmt->from; of; of = of->next)
		if (contains(of, r))
			return true;
	return false;
}

void amph__write_joined(amph_writer *w, const sql_expr *column)
{
	if (!can_be_found(w->stmt)) {
		amph_write_refuse(w, column->location, "A column of another table in RETURNING");
		return;
	}
	w->bare_columns = false;
	amph_write_text(w, "(SELECT amph_sole(");
	amph_write_expr(w, column);
	amph_write_text(w, ") FROM ");
	amph__write_from(w, w->stmt->from);
	if (w->stmt->where) {
		amph_write_text(w, " WHERE ");
		amph_write_expr(w, w->stmt->where);
	}
	amph_write_text(w, ")");
	w->bare_columns = true;
}
