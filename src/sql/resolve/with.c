/* WITH: queries that have a name, and those that refer to themselves. */
#include "../refers.h"
#include "resolve.h"
#include <string.h>

static bool name_columns(sql_resolver *r, sql_cte_entry *c, const amph_result_column *columns,
			 size_t n)
{
	sql_cte *cte = c->cte;
	const char **names = AMPH_NEWS(r->arena, const char *, n + 1);

	c->types = AMPH_NEWS(r->arena, amph_sqltype, n + 1);
	if (!names || !c->types)
		return amph__resolve_nomem(r);
	if (cte->n_column_names > n)
		return amph__resolve_fail(r, cte->stmt->location, "42P10",
					  "WITH query \"%s\" has %zu columns available but %zu "
					  "columns specified",
					  cte->name, n, cte->n_column_names);
	for (size_t i = 0; i < n; i++) {
		names[i] = i < cte->n_column_names ? cte->column_names[i] : columns[i].name;
		c->types[i] = columns[i].type;
	}
	c->n = n;
	c->names = (const char *const *)names;
	c->written = amph__unique_names(r, c->names, n);
	if (!c->written)
		return amph__resolve_nomem(r);
	cte->column_names = c->written;
	cte->n_column_names = n;
	return true;
}

/* The recursive term has to have the types that the first one gave to the columns. */
static bool check_recursion(sql_resolver *r, const sql_cte_entry *c, const sql_select *s)
{
	for (size_t i = 0; i < c->n; i++) {
		const amph_sqltype *first = &c->types[i], *all = &s->columns[i].type;

		if (!amph__type_same(first, all) ||
		    (first->length > 0 &&
		     (first->length != all->length || first->scale != all->scale)))
			return amph__resolve_fail(
				r, s->location, "42804",
				"recursive query \"%s\" column %zu has type %s in "
				"non-recursive term but type %s overall",
				c->cte->name, i + 1, amph__type_text(r, first),
				amph__type_text(r, all));
	}
	return true;
}

static bool resolve_recursive(sql_resolver *r, sql_cte_entry *c)
{
	sql_select *s = c->cte->stmt->select;

	if (!amph__resolve_select(r, s->left) ||
	    !name_columns(r, c, s->left->columns, s->left->n_columns))
		return false;
	for (size_t i = 0; i < c->n; i++)
		c->types[i].nullable = true;
	if (!amph__begin_search(r, c))
		return false;
	c->state = SQL_CTE_READY;
	return amph__end_search(r, c) && amph__resolve_select(r, s) && check_recursion(r, c, s);
}

static bool resolve_cte(sql_resolver *r, sql_scope *scope, sql_cte_entry *c)
{
	sql_stmt *stmt = c->cte->stmt;
	sql_scope *before = r->scope;
	sql_call_frame *frame = r->frame;
	bool recursive = scope->ctes_recursive && stmt->kind == SQL_STMT_SELECT &&
			 amph__stmt_refers(c->cte->stmt, c->cte->name);
	bool ok;

	if (stmt->kind != SQL_STMT_SELECT && scope->outer)
		return amph__resolve_fail(r, stmt->location, "0A000", "WITH clause containing a "
					  "data-modifying statement must be at the top level");
	if (c->cte->search && !recursive)
		return amph__resolve_fail(r, stmt->location, "42601", "WITH query \"%s\" is not recursive",
					  c->cte->name);
	c->state = SQL_CTE_BUSY;
	r->scope = scope;
	r->frame = NULL;
	if (recursive) {
		ok = resolve_recursive(r, c);
	} else {
		ok = amph__resolve_stmt(r, stmt) &&
		     (stmt->kind == SQL_STMT_SELECT
			      ? name_columns(r, c, stmt->select->columns, stmt->select->n_columns)
			      : name_columns(r, c, stmt->result, stmt->n_result));
	}
	r->scope = before;
	r->frame = frame;
	c->state = SQL_CTE_DONE;
	return ok;
}

/* As an entry of FROM. */
sql_item *amph__cte_item(sql_resolver *r, sql_range *range, sql_cte_entry *c, sql_scope *scope)
{
	sql_item *item;

	if (c->state == SQL_CTE_NEW && !resolve_cte(r, scope, c))
		return NULL;
	if (c->state == SQL_CTE_BUSY) {
		amph__resolve_fail(r, range->location, "42P19",
				   "recursive reference to query \"%s\" must not appear within its "
				   "non-recursive term",
				   c->cte->name);
		return NULL;
	}
	if (c->n == 0) {
		amph__resolve_fail(r, range->location, "0A000",
				   "WITH query \"%s\" does not have a RETURNING clause",
				   c->cte->name);
		return NULL;
	}
	c->referenced = true;
	range->kind = SQL_CTE;
	if (!range->alias)
		range->alias = range->name;
	range->names = c->written;
	range->types = c->types;
	range->n_columns = c->n;
	item = amph__new_item(r, range, amph__alias_columns(r, range, c->names, c->n));
	if (item && r->scope != scope)
		item->n_hidden = c->n_extra;
	if (item)
		item->recursive = c->state == SQL_CTE_READY;
	return item;
}

static sql_cte_entry *add_cte(sql_resolver *r, sql_cte *cte)
{
	sql_cte_entry *c;

	for (c = r->scope->ctes; c; c = c->next)
		if (!strcmp(c->cte->name, cte->name)) {
			amph__resolve_fail(r, cte->stmt->location, "42712",
					   "WITH query name \"%s\" specified more than once",
					   cte->name);
			return NULL;
		}
	c = AMPH_NEW(r->arena, sql_cte_entry);
	if (!c) {
		amph__resolve_nomem(r);
		return NULL;
	}
	c->cte = cte;
	c->next = r->scope->ctes;
	r->scope->ctes = c;
	return c;
}

/* In WITH RECURSIVE all queries see all; else each sees those before it. */
bool amph__resolve_with(sql_resolver *r, sql_cte *with, bool recursive)
{
	r->scope->ctes_recursive = recursive;
	for (sql_cte *cte = with; cte && recursive; cte = cte->next)
		if (!add_cte(r, cte))
			return false;
	if (recursive && !amph__check_recursion(r, with))
		return false;
	for (sql_cte *cte = with; cte; cte = cte->next) {
		sql_cte_entry *c;

		if (!recursive) {
			sql_cte_entry *before = r->scope->ctes;
			c = add_cte(r, cte);
			if (!c)
				return false;
			r->scope->ctes = before;
			if (!resolve_cte(r, r->scope, c))
				return false;
			r->scope->ctes = c;
			continue;
		}
		for (c = r->scope->ctes; c->cte != cte; c = c->next)
			;
		if (c->state == SQL_CTE_NEW && !resolve_cte(r, r->scope, c))
			return false;
	}
	return true;
}
