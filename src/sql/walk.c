/* Going through resolved trees: children of a node, equality of two. */
#include "walk.h"
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
	return (!r->function || visit(ctx, r->function)) && visit_list(&r->others, visit, ctx) &&
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
	if (s->set_op != SQL_SET_NONE &&
	    !(amph__select_exprs(s->left, visit, ctx) && amph__select_exprs(s->right, visit, ctx)))
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

/* Two ranges that stand in the same place of two queries that are compared. */
typedef struct pair {
	const sql_range *a, *b;
	const struct pair *outer;
} pair;

static bool exprs_equal(const sql_expr *a, const sql_expr *b, const pair *pairs);
static bool selects_equal(const sql_select *a, const sql_select *b, const pair *pairs);

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_source(const sql_range *a, const sql_range *b, const pair *pairs)
{
	for (; pairs; pairs = pairs->outer)
		if (pairs->a == a || pairs->b == b)
			return pairs->a == a && pairs->b == b;
	return a == b;
}

static bool lists_equal(const sql_list *a, const sql_list *b, const pair *pairs)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!exprs_equal(a->items[i], b->items[i], pairs))
			return false;
	return true;
}

static bool orders_equal(const sql_order *a, const sql_order *b, const pair *pairs)
{
	for (; a && b; a = a->next, b = b->next)
		if (a->direction != b->direction || a->nulls != b->nulls ||
		    !exprs_equal(a->expr, b->expr, pairs))
			return false;
	return !a && !b;
}

static bool windows_equal(const sql_window *a, const sql_window *b, const pair *pairs)
{
	if (!a || !b)
		return a == b;
	return same_text(a->name, b->name) && a->unit == b->unit && a->start == b->start &&
	       a->end == b->end && a->exclude == b->exclude &&
	       lists_equal(&a->partition, &b->partition, pairs) &&
	       orders_equal(a->order, b->order, pairs) &&
	       exprs_equal(a->start_offset, b->start_offset, pairs) &&
	       exprs_equal(a->end_offset, b->end_offset, pairs);
}

static bool targets_equal(const sql_target *a, const sql_target *b, const pair *pairs)
{
	for (; a && b; a = a->next, b = b->next)
		if (!exprs_equal(a->expr, b->expr, pairs))
			return false;
	return !a && !b;
}

static bool clauses_equal(const sql_select *a, const sql_select *b, const pair *pairs)
{
	return !a->group_sets && !b->group_sets &&
	       a->distinct == b->distinct && a->with_ties == b->with_ties &&
	       targets_equal(a->targets, b->targets, pairs) &&
	       exprs_equal(a->where, b->where, pairs) && exprs_equal(a->having, b->having, pairs) &&
	       lists_equal(&a->group_by, &b->group_by, pairs) &&
	       lists_equal(&a->distinct_on, &b->distinct_on, pairs) &&
	       orders_equal(a->order, b->order, pairs) && exprs_equal(a->limit, b->limit, pairs) &&
	       exprs_equal(a->offset, b->offset, pairs);
}

static bool ranges_alike(const sql_range *a, const sql_range *b)
{
	return a->kind == b->kind && a->table == b->table && same_text(a->name, b->name) &&
	       a->n_columns == b->n_columns && a->param == b->param && a->join == b->join &&
	       a->with_ordinality == b->with_ordinality;
}

typedef struct equal_rest {
	const sql_select *a, *b; /* whose clauses come after their ranges */
} equal_rest;

static bool from_equal(const sql_range *a, const sql_range *b, const equal_rest *rest,
		       const pair *pairs);

/* Joins are compared as far as they are one of tables and the like; two that hold joins in turn
 * are taken for different. */
static bool join_equal(const sql_range *a, const sql_range *b, const equal_rest *rest,
		       const pair *pairs)
{
	const pair left = { a->left, b->left, pairs }, right = { a->right, b->right, &left };

	if (a->left->kind != SQL_TABLE || a->right->kind != SQL_TABLE ||
	    !ranges_alike(a->left, b->left) || !ranges_alike(a->right, b->right) ||
	    !exprs_equal(a->on, b->on, &right))
		return false;
	return from_equal(a->next, b->next, rest, &right);
}

static bool from_equal(const sql_range *a, const sql_range *b, const equal_rest *rest,
		       const pair *pairs)
{
	const pair here = { a, b, pairs };

	if (!a || !b)
		return !a && !b && clauses_equal(rest->a, rest->b, pairs);
	if (!ranges_alike(a, b) || a->kind == SQL_CTE)
		return false;
	if (a->kind == SQL_JOIN)
		return join_equal(a, b, rest, pairs);
	if (a->kind == SQL_SUBQUERY && !selects_equal(a->select, b->select, pairs))
		return false;
	if (a->kind == SQL_FUNCTION && (!exprs_equal(a->function, b->function, pairs) ||
					!lists_equal(&a->others, &b->others, pairs)))
		return false;
	return from_equal(a->next, b->next, rest, &here);
}

static bool selects_equal(const sql_select *a, const sql_select *b, const pair *pairs)
{
	const equal_rest rest = { .a = a, .b = b };

	if (a == b)
		return true;
	if (!a || !b || a->with || b->with || a->set_op || b->set_op || a->n_values ||
	    b->n_values || a->windows || b->windows || a->lock || b->lock)
		return false;
	return from_equal(a->from, b->from, &rest, pairs);
}

bool amph__type_same(const amph_sqltype *a, const amph_sqltype *b)
{
	int base = a->type & ~AMPH_T_ARRAY;

	if (a->type != b->type)
		return false;
	if ((base != AMPH_T_ENUM && base != AMPH_T_ROW_VALUE) || a->enumeration == b->enumeration)
		return true;
	return a->enumeration && b->enumeration &&
	       !strcmp(a->enumeration->name, b->enumeration->name);
}

static bool heads_equal(const sql_expr *a, const sql_expr *b)
{
	return a->kind == b->kind && amph__type_same(&a->type, &b->type) &&
	       a->type.length == b->type.length && a->type.scale == b->type.scale &&
	       a->negated == b->negated && a->is_operator == b->is_operator &&
	       a->distinct == b->distinct && a->all == b->all && a->row == b->row &&
	       a->column == b->column && a->param == b->param &&
	       a->within_group == b->within_group && a->variadic == b->variadic &&
	       same_text(a->text, b->text);
}

/* What nothing but its name tells apart. */
static bool is_by_name(const sql_expr *e)
{
	return e->kind == SQL_EXCLUDED || (e->kind == SQL_CALL && !e->row) ||
	       (e->kind == SQL_CAST && e->type.type == AMPH_T_NONE);
}

static bool exprs_equal(const sql_expr *a, const sql_expr *b, const pair *pairs)
{
	if (a == b && !pairs)
		return true;
	if (!a || !b)
		return a == b;
	if (!heads_equal(a, b) || !same_source(a->source, b->source, pairs) ||
	    !selects_equal(a->select, b->select, pairs))
		return false;
	if (is_by_name(a) && !same_text(a->name, b->name))
		return false;
	return lists_equal(&a->args, &b->args, pairs) && orders_equal(a->order, b->order, pairs) &&
	       exprs_equal(a->filter, b->filter, pairs) &&
	       exprs_equal(a->operand, b->operand, pairs) && windows_equal(a->over, b->over, pairs);
}

bool amph__expr_equal(const sql_expr *a, const sql_expr *b)
{
	return exprs_equal(a, b, NULL);
}

bool amph__is_group_key(const sql_select *s, const sql_expr *e)
{
	for (size_t i = 0; i < s->group_by.n; i++)
		if (amph__expr_equal(s->group_by.items[i], e))
			return true;
	return false;
}
