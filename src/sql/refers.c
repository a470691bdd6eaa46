/* Where the statements of a WITH are named within others: by name, since this is asked before anything is
 * resolved as well, and not where a query of an inner WITH hides the name. */
#include "refers.h"
#include "walk.h"
#include <string.h>

/* Queries of an inner WITH, which hide others of their names: first up to, without, end. */
typedef struct hiding {
	const sql_cte *first, *end;
	const struct hiding *outer;
} hiding;

typedef struct search {
	const char *name;
	const hiding *hidden;
	sql_place at;
	sql_seen_fn *seen;
	void *ctx;
	bool stopped;
} search;

static void find_in_select(search *f, const sql_select *s);
static void find_in_stmt(search *f, const sql_stmt *stmt);

static bool is_hidden(const search *f)
{
	for (const hiding *h = f->hidden; h; h = h->outer)
		for (const sql_cte *c = h->first; c && c != h->end; c = c->next)
			if (!strcmp(c->name, f->name))
				return true;
	return false;
}

static void find_name(search *f, const sql_range *range)
{
	if (range->schema || !range->name || strcmp(range->name, f->name) || is_hidden(f))
		return;
	f->stopped = f->stopped || !f->seen(f->ctx, range, f->at);
}

static bool find_in_expr(void *ctx, sql_expr *e)
{
	search *f = ctx;
	sql_expr flat = *e;
	sql_place before = f->at;

	flat.select = NULL;
	amph__expr_children(&flat, find_in_expr, f);
	if (e->select) {
		f->at = SQL_PLACE_SUBQUERY;
		find_in_select(f, e->select);
		f->at = before;
	}
	return !f->stopped;
}

static void find_in_range(search *f, const sql_range *range);

static void find_in_side(search *f, const sql_range *range, bool outer)
{
	sql_place before = f->at;

	if (outer && f->at == SQL_PLACE_TERM)
		f->at = SQL_PLACE_OUTER_JOIN;
	find_in_range(f, range);
	f->at = before;
}

static void find_in_range(search *f, const sql_range *range)
{
	if (!range || f->stopped)
		return;
	if (range->kind == SQL_TABLE || range->kind == SQL_CTE)
		find_name(f, range);
	if (range->select)
		find_in_select(f, range->select);
	if (range->function)
		find_in_expr(f, range->function);
	for (size_t i = 0; i < range->others.n; i++)
		find_in_expr(f, range->others.items[i]);
	find_in_side(f, range->left, range->join == SQL_RIGHT || range->join == SQL_FULL);
	find_in_side(f, range->right, range->join == SQL_LEFT || range->join == SQL_FULL);
	if (range->on)
		find_in_expr(f, range->on);
}

static void find_in_set(search *f, const sql_select *s)
{
	sql_place before = f->at;

	if (s->set_op == SQL_INTERSECT && s->set_all)
		f->at = SQL_PLACE_INTERSECT;
	if (s->set_op == SQL_EXCEPT && s->set_all)
		f->at = SQL_PLACE_EXCEPT;
	find_in_select(f, s->left);
	if (s->set_op == SQL_EXCEPT)
		f->at = SQL_PLACE_EXCEPT;
	find_in_select(f, s->right);
	f->at = before;
}

static void find_in_with(search *f, hiding *h, bool recursive)
{
	h->outer = f->hidden;
	f->hidden = h;
	for (const sql_cte *c = h->first; c && !f->stopped; c = c->next) {
		h->end = recursive ? NULL : c;
		find_in_stmt(f, c->stmt);
	}
	h->end = NULL;
}

static void find_in_select(search *f, const sql_select *s)
{
	hiding own = { .first = s ? s->with : NULL };
	sql_select clauses;

	if (!s || s->closed || f->stopped)
		return;
	find_in_with(f, &own, s->with_recursive);
	if (s->set_op != SQL_SET_NONE)
		find_in_set(f, s);
	for (const sql_range *range = s->from; range; range = range->next)
		find_in_range(f, range);
	clauses = *s;
	clauses.with = NULL;
	clauses.from = NULL;
	clauses.set_op = SQL_SET_NONE;
	amph__select_exprs(&clauses, find_in_expr, f);
	f->hidden = own.outer;
}

static void find_in_list(search *f, const sql_target *targets)
{
	for (; targets; targets = targets->next)
		if (targets->expr)
			find_in_expr(f, targets->expr);
}

static void find_in_stmt(search *f, const sql_stmt *stmt)
{
	hiding own = { .first = stmt->with };

	find_in_with(f, &own, stmt->with_recursive);
	find_in_select(f, stmt->select);
	for (const sql_range *range = stmt->from; range; range = range->next)
		find_in_range(f, range);
	if (stmt->where)
		find_in_expr(f, stmt->where);
	for (const sql_assign *a = stmt->set; a; a = a->next)
		if (a->value)
			find_in_expr(f, a->value);
	find_in_list(f, stmt->returning);
	f->hidden = own.outer;
}

static bool found(void *ctx, const sql_range *range, sql_place at)
{
	(void)range;
	(void)at;
	*(bool *)ctx = true;
	return false;
}

bool amph__stmt_refers(const sql_stmt *stmt, const char *name)
{
	bool is = false;
	search f = { .name = name, .seen = found, .ctx = &is };

	find_in_stmt(&f, stmt);
	return is;
}

void amph__recursive_references(const sql_cte *cte, sql_seen_fn *seen, void *ctx)
{
	const sql_select *s = cte->stmt->select;
	search f = { .name = cte->name, .seen = seen, .ctx = ctx, .at = SQL_PLACE_SUBQUERY };
	hiding own = { .first = s->with };

	find_in_with(&f, &own, s->with_recursive);
	f.at = SQL_PLACE_FIRST_TERM;
	find_in_select(&f, s->left);
	f.at = SQL_PLACE_TERM;
	find_in_select(&f, s->right);
}
