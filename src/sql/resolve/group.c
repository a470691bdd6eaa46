/* What a grouped query may still name: its keys, what depends on them, and aggregates. */
#include "resolve.h"
#include <string.h>

typedef struct group_check {
	sql_resolver *r;
	const sql_select *select;
	const sql_scope *scope;
	bool inside; /* of a subquery */
	bool failed;
} group_check;

static bool is_aggregate(const sql_scope *scope, const sql_expr *e)
{
	for (const sql_aggregate *a = scope->aggregates; a; a = a->next)
		if (a->call == e)
			return true;
	return false;
}

static bool is_ours(const sql_scope *scope, const sql_expr *column)
{
	for (const sql_item *item = scope->items; item; item = item->next)
		if (item->range && item->range == column->source)
			return true;
	return false;
}

static bool groups_by_column(const sql_select *s, const sql_range *range, const char *name)
{
	for (size_t i = 0; i < s->group_by.n; i++) {
		const sql_expr *key = s->group_by.items[i];

		if (key->kind == SQL_COLUMN && key->source == range && range->table &&
		    !strcmp(range->table->columns[key->column].name, name))
			return true;
	}
	return false;
}

/* All columns of a table depend on its primary key. */
static bool depends_on_key(const sql_select *s, const sql_range *range)
{
	const char *const *key = range->table ? range->table->primary_key : NULL;

	if (!key || !*key)
		return false;
	for (; *key; key++)
		if (!groups_by_column(s, range, *key))
			return false;
	return true;
}

static bool check_grouping(group_check *c, const sql_expr *e)
{
	for (size_t i = 0; i < e->args.n; i++)
		if (!amph__is_group_key(c->select, e->args.items[i])) {
			c->failed = true;
			return amph__resolve_fail(c->r, e->args.items[i]->location, "42803",
						  "arguments to GROUPING must be grouping expressions "
						  "of the associated query level");
		}
	return true;
}

static bool find_column(void *ctx, sql_expr *e)
{
	*(bool *)ctx |= e->kind == SQL_COLUMN;
	return e->select || amph__expr_children(e, find_column, ctx);
}

/* Of this query, and not of one around or within. */
static bool is_own_grouping(const group_check *c, sql_expr *e)
{
	bool columns = false;

	find_column(&columns, e);
	return columns ? amph__names_input(c->scope, e) : !c->inside;
}

static bool check(void *ctx, sql_expr *e);

/* What stands before WITHIN GROUP is one for the whole group. */
static bool check_aggregate(group_check *c, const sql_expr *e)
{
	for (size_t i = 0; i < e->args.n && e->within_group; i++)
		if (!check(c, e->args.items[i]))
			return false;
	return true;
}

static bool check(void *ctx, sql_expr *e)
{
	group_check *c = ctx;
	bool inside = c->inside;

	if (e->kind == SQL_GROUPING)
		return !is_own_grouping(c, e) || check_grouping(c, e);
	if (amph__is_group_key(c->select, e))
		return true;
	if (is_aggregate(c->scope, e))
		return check_aggregate(c, e);
	if (e->kind == SQL_COLUMN && e->source && is_ours(c->scope, e) &&
	    (c->select->group_sets || !depends_on_key(c->select, e->source))) {
		c->failed = true;
		if (c->select->group_sets && depends_on_key(c->select, e->source))
			return amph__resolve_refuse(c->r, e->location, "a column that depends on a key of "
						    "GROUPING SETS, ROLLUP or CUBE");
		return amph__resolve_fail(c->r, e->location, "42803",
					  c->inside
						  ? "subquery uses ungrouped column \"%s.%s\" from "
						    "outer query"
						  : "column \"%s.%s\" must appear in the GROUP BY "
						    "clause or be used in an aggregate function",
					  e->source->alias ? e->source->alias : "", e->name);
	}
	c->inside |= e->select != NULL;
	amph__expr_children(e, check, ctx);
	c->inside = inside;
	return !c->failed;
}

static bool check_windows(const sql_window *windows, group_check *c)
{
	for (const sql_window *w = windows; w; w = w->next) {
		for (size_t i = 0; i < w->partition.n; i++)
			if (!check(c, w->partition.items[i]))
				return false;
		for (const sql_order *o = w->order; o; o = o->next)
			if (!check(c, o->expr))
				return false;
	}
	return true;
}

typedef struct key_check {
	sql_resolver *r;
	bool failed;
} key_check;

/* A key that is an output column by number may turn out to hold an aggregate. */
static bool check_key(void *ctx, sql_expr *e)
{
	key_check *c = ctx;

	if (is_aggregate(c->r->scope, e)) {
		c->failed = true;
		return amph__resolve_fail(c->r, e->location, "42803",
					  "aggregate functions are not allowed in GROUP BY");
	}
	if (e->kind == SQL_CALL && e->over) {
		c->failed = true;
		return amph__resolve_fail(c->r, e->location, "42P20",
					  "window functions are not allowed in GROUP BY");
	}
	return amph__expr_children(e, check_key, ctx) && !c->failed;
}

/* Rows of a recursion come one by one: there is nothing to take together. */
static bool check_recursion(sql_resolver *r, const sql_select *s)
{
	for (const sql_item *item = r->scope->items; item && r->scope->aggregates; item = item->next)
		if (item->recursive)
			return amph__resolve_fail(r, s->location, "42P19",
						  "aggregate functions are not allowed in a recursive "
						  "query's recursive term");
	return true;
}

bool amph__check_groups(sql_resolver *r, sql_select *s)
{
	group_check c = { .r = r, .select = s, .scope = r->scope };
	key_check keys = { .r = r };

	if (!s->group_by.n && !s->having && !r->scope->aggregates && !r->scope->has_grouping &&
	    !s->group_sets)
		return true;
	for (size_t i = 0; i < s->group_by.n && s->group_sets; i++)
		if (s->group_by.items[i]->kind == SQL_CONST || s->group_by.items[i]->kind == SQL_PARAM)
			return amph__resolve_refuse(r, s->location, "a constant among GROUPING SETS");
	for (size_t i = 0; i < s->group_by.n; i++)
		if (!check_key(&keys, s->group_by.items[i]))
			return false;
	for (const sql_target *t = s->targets; t; t = t->next)
		if (!check(&c, t->expr))
			return false;
	if (s->having && !check(&c, s->having))
		return false;
	for (const sql_order *o = s->order; o; o = o->next)
		if (!check(&c, o->expr))
			return false;
	for (size_t i = 0; i < s->distinct_on.n; i++)
		if (!check(&c, s->distinct_on.items[i]))
			return false;
	return check_windows(s->windows, &c) && check_recursion(r, s);
}
