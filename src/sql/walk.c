/* Going through resolved trees: children of a node, equality of two. */
#include "resolve.h"
#include <string.h>

static bool visit_list(const sql_list *list, sql_visit_fn *visit, void *ctx)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i] && !visit(ctx, list->items[i]))
			return false;
	return true;
}

static bool visit_order(const sql_order *order, sql_visit_fn *visit, void *ctx)
{
	for (; order; order = order->next)
		if (!visit(ctx, order->expr))
			return false;
	return true;
}

static bool visit_window(const sql_window *w, sql_visit_fn *visit, void *ctx)
{
	return visit_list(&w->partition, visit, ctx) && visit_order(w->order, visit, ctx) &&
	       (!w->start_offset || visit(ctx, w->start_offset)) &&
	       (!w->end_offset || visit(ctx, w->end_offset));
}

static bool visit_targets(const sql_target *t, sql_visit_fn *visit, void *ctx)
{
	for (; t; t = t->next)
		if (!visit(ctx, t->expr))
			return false;
	return true;
}

static bool visit_range(const sql_range *r, sql_visit_fn *visit, void *ctx)
{
	if (!r)
		return true;
	return (!r->function || visit(ctx, r->function)) &&
	       (!r->select || amph__select_exprs(r->select, visit, ctx)) &&
	       visit_range(r->left, visit, ctx) && visit_range(r->right, visit, ctx) &&
	       (!r->on || visit(ctx, r->on));
}

static bool visit_ctes(const sql_cte *c, sql_visit_fn *visit, void *ctx)
{
	for (; c; c = c->next)
		if (c->stmt && c->stmt->select && !amph__select_exprs(c->stmt->select, visit, ctx))
			return false;
	return true;
}

bool amph__select_exprs(const sql_select *s, sql_visit_fn *visit, void *ctx)
{
	if (!visit_ctes(s->with, visit, ctx) || !visit_targets(s->targets, visit, ctx))
		return false;
	for (const sql_range *r = s->from; r; r = r->next)
		if (!visit_range(r, visit, ctx))
			return false;
	for (size_t i = 0; i < s->n_values; i++)
		if (!visit_list(&s->values[i], visit, ctx))
			return false;
	for (const sql_window *w = s->windows; w; w = w->next)
		if (!visit_window(w, visit, ctx))
			return false;
	if (s->set_op != SQL_SET_NONE && !(amph__select_exprs(s->left, visit, ctx) &&
					   amph__select_exprs(s->right, visit, ctx)))
		return false;
	return (!s->where || visit(ctx, s->where)) && (!s->having || visit(ctx, s->having)) &&
	       visit_list(&s->group_by, visit, ctx) && visit_list(&s->distinct_on, visit, ctx) &&
	       visit_order(s->order, visit, ctx) && (!s->limit || visit(ctx, s->limit)) &&
	       (!s->offset || visit(ctx, s->offset));
}

bool amph__expr_children(const sql_expr *e, sql_visit_fn *visit, void *ctx)
{
	return visit_list(&e->args, visit, ctx) && visit_order(e->order, visit, ctx) &&
	       (!e->filter || visit(ctx, e->filter)) && (!e->operand || visit(ctx, e->operand)) &&
	       (!e->over || visit_window(e->over, visit, ctx)) &&
	       (!e->select || amph__select_exprs(e->select, visit, ctx));
}

/* ---- equality ---- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool lists_equal(const sql_list *a, const sql_list *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!amph__expr_equal(a->items[i], b->items[i]))
			return false;
	return true;
}

static bool orders_equal(const sql_order *a, const sql_order *b)
{
	for (; a && b; a = a->next, b = b->next)
		if (a->direction != b->direction || a->nulls != b->nulls ||
		    !amph__expr_equal(a->expr, b->expr))
			return false;
	return !a && !b;
}

static bool windows_equal(const sql_window *a, const sql_window *b)
{
	if (!a || !b)
		return a == b;
	return same_text(a->name, b->name) && a->unit == b->unit && a->start == b->start &&
	       a->end == b->end && a->exclude == b->exclude &&
	       lists_equal(&a->partition, &b->partition) && orders_equal(a->order, b->order) &&
	       amph__expr_equal(a->start_offset, b->start_offset) &&
	       amph__expr_equal(a->end_offset, b->end_offset);
}

static bool heads_equal(const sql_expr *a, const sql_expr *b)
{
	return a->kind == b->kind && amph__type_same(&a->type, &b->type) &&
	       a->type.length == b->type.length && a->type.scale == b->type.scale &&
	       a->negated == b->negated && a->is_operator == b->is_operator &&
	       a->distinct == b->distinct && a->all == b->all && a->row == b->row &&
	       a->source == b->source && a->column == b->column && a->param == b->param &&
	       a->within_group == b->within_group && same_text(a->text, b->text);
}

/* Two subselects are equal only where they are the same one: a query that repeats one in GROUP BY
 * and in its targets is refused by no worse an error than PostgreSQL's own. */
bool amph__expr_equal(const sql_expr *a, const sql_expr *b)
{
	if (a == b)
		return true;
	if (!a || !b || !heads_equal(a, b) || a->select != b->select)
		return false;
	if (a->kind == SQL_EXCLUDED && !same_text(a->name, b->name))
		return false;
	return lists_equal(&a->args, &b->args) && orders_equal(a->order, b->order) &&
	       amph__expr_equal(a->filter, b->filter) && amph__expr_equal(a->operand, b->operand) &&
	       windows_equal(a->over, b->over);
}
