/* Joins: what each side sees, conditions, USING and NATURAL, aliases of joins. */
#include "resolve.h"
#include <string.h>

typedef struct merged {
	const char **names;
	sql_expr **exprs;
	size_t n, room;
} merged;

/* The one column of that name in a side of a join. */
static bool find_common(sql_resolver *r, const sql_range *join, sql_item *side, const char *name,
			const char *which, sql_expr **out)
{
	*out = NULL;
	for (sql_item *item = side; item; item = item->next)
		for (size_t i = 0; item->by_column && i < item->n; i++) {
			if (strcmp(item->names[i], name))
				continue;
			if (*out)
				return amph__resolve_fail(r, join->location, "42702",
							  "common column name \"%s\" appears more "
							  "than once in %s table",
							  name, which);
			*out = amph__item_column(r, item, i, join->location);
			if (!*out)
				return amph__resolve_nomem(r);
		}
	return *out ||
	       amph__resolve_fail(r, join->location, "42703",
				  "column \"%s\" specified in USING clause does not exist in "
				  "%s table",
				  name, which);
}

static bool side_has(const sql_item *side, const char *name)
{
	for (; side; side = side->next)
		for (size_t i = 0; side->by_column && i < side->n; i++)
			if (!strcmp(side->names[i], name))
				return true;
	return false;
}

static size_t count_columns(const sql_item *side)
{
	size_t n = 0;

	for (; side; side = side->next)
		n += side->by_column ? side->n : 0;
	return n;
}

/* The columns that both sides have, in the order of the left one. */
static bool natural_columns(sql_resolver *r, sql_range *join, sql_item *left, sql_item *right)
{
	const char **names = AMPH_NEWS(r->arena, const char *, count_columns(left) + 1);
	size_t n = 0;

	if (!names)
		return amph__resolve_nomem(r);
	for (sql_item *item = left; item; item = item->next)
		for (size_t i = 0; item->by_column && i < item->n; i++)
			if (side_has(right, item->names[i]) &&
			    !amph__name_in((const char *const *)names, n, item->names[i]))
				names[n++] = item->names[i];
	join->using_columns = names;
	return true;
}

/* What a column that is merged by USING stands for. */
static bool merge_column(sql_resolver *r, const sql_range *join, sql_expr *left, sql_expr *right,
			 sql_expr **out)
{
	sql_expr *both[2] = { left, right }, *e;
	amph_sqltype common;

	if (!amph__common_type(r, both, 2, "JOIN/USING", &common))
		return false;
	if (join->join == SQL_FULL) {
		e = sql_new(r->arena, SQL_COALESCE, 2);
		if (!e)
			return amph__resolve_nomem(r);
		if (!amph__coerce_all(r, both, 2, "JOIN/USING", &common))
			return false;
		e->args.items[0] = both[0];
		e->args.items[1] = both[1];
		e->type = common;
		e->type.nullable = true;
		*out = e;
		return true;
	}
	e = join->join == SQL_RIGHT ||
			    (join->join == SQL_INNER && !amph__type_same(&left->type, &common) &&
			     amph__type_same(&right->type, &common))
		    ? right
		    : left;
	*out = e;
	return amph__coerce(r, out, &common);
}

static void add_merged(merged *m, const char *name, sql_expr *e)
{
	m->names[m->n] = name;
	m->exprs[m->n++] = e;
}

static bool add_rest(sql_resolver *r, merged *m, const sql_range *join, sql_item *side)
{
	for (sql_item *item = side; item; item = item->next)
		for (size_t i = 0; item->by_column && i < item->n; i++) {
			size_t u = 0;
			sql_expr *e;

			while (join->using_columns && join->using_columns[u] &&
			       strcmp(join->using_columns[u], item->names[i]))
				u++;
			if (join->using_columns && join->using_columns[u])
				continue;
			e = amph__item_column(r, item, i, join->location);
			if (!e)
				return amph__resolve_nomem(r);
			add_merged(m, item->names[i], e);
		}
	return true;
}

/* USING becomes ON: the database then needs no rule for the merged columns. */
static bool merge_using(sql_resolver *r, sql_range *join, sql_item *left, sql_item *right,
			merged *m)
{
	for (size_t i = 0; join->using_columns && join->using_columns[i]; i++) {
		const char *name = join->using_columns[i];
		sql_expr *a, *b, *equal, *column;

		if (!find_common(r, join, left, name, "left", &a) ||
		    !find_common(r, join, right, name, "right", &b))
			return false;
		equal = amph__make_op(r, "=", a, b, join->location);
		if (!equal)
			return false;
		join->on = sql_and(r->arena, join->on, equal);
		if (!join->on)
			return amph__resolve_nomem(r);
		join->on->type = (amph_sqltype){ .type = AMPH_T_BOOL, .nullable = true };
		if (!merge_column(r, join, a, b, &column))
			return false;
		add_merged(m, name, column);
	}
	return true;
}

static void hide_columns(sql_item *list, bool names_too)
{
	for (; list; list = list->next) {
		list->by_column = false;
		if (names_too)
			list->by_name = false;
	}
}

static void set_nullable(sql_item *list)
{
	for (; list; list = list->next)
		list->nullable = true;
}

static void apply_outer(sql_join_kind kind, sql_item *left, sql_item *right)
{
	if (kind == SQL_LEFT || kind == SQL_FULL)
		set_nullable(right);
	if (kind == SQL_RIGHT || kind == SQL_FULL)
		set_nullable(left);
}

/* USING (...) AS x: the merged columns, the first n, under a name of their own. */
static bool add_using_item(sql_resolver *r, const sql_range *join, const merged *m, size_t n,
			   sql_item **out)
{
	sql_item *item = AMPH_NEW(r->arena, sql_item);

	if (!item)
		return amph__resolve_nomem(r);
	*item = (sql_item){ .alias = join->using_alias,
			    .n = n,
			    .names = (const char *const *)m->names,
			    .exprs = m->exprs,
			    .by_name = !join->alias };
	*out = item;
	return true;
}

/* A join with USING, or an alias, has columns of its own that stand before those of its sides. */
static sql_item *joined_item(sql_resolver *r, sql_range *join, sql_item *left, sql_item *right)
{
	size_t room = count_columns(left) + count_columns(right) + 1;
	merged m = { .names = AMPH_NEWS(r->arena, const char *, room),
		     .exprs = AMPH_NEWS(r->arena, sql_expr *, room),
		     .room = room };
	sql_item *item = AMPH_NEW(r->arena, sql_item);
	const char *const *visible;
	size_t n_using;

	if (!m.names || !m.exprs || !item) {
		amph__resolve_nomem(r);
		return NULL;
	}
	if (!merge_using(r, join, left, right, &m))
		return NULL;
	/* NATURAL without a common column joins everything */
	if (!join->on && join->natural) {
		join->on = sql_const(r->arena, AMPH_T_BOOL, "t");
		if (!join->on) {
			amph__resolve_nomem(r);
			return NULL;
		}
	}
	n_using = m.n;
	apply_outer(join->join, left, right);
	if (!add_rest(r, &m, join, left) || !add_rest(r, &m, join, right))
		return NULL;
	visible = amph__alias_columns(r, join, (const char *const *)m.names, m.n);
	if (!visible)
		return NULL;
	*item = (sql_item){ .alias = join->alias,
			    .n = m.n,
			    .names = visible,
			    .exprs = m.exprs,
			    .by_name = join->alias != NULL,
			    .by_column = true };
	if (join->using_alias && !add_using_item(r, join, &m, n_using, &item->next))
		return NULL;
	if (!amph__items_distinct(r, left, item->next) || !amph__items_distinct(r, right, item->next))
		return NULL;
	hide_columns(left, join->alias != NULL);
	hide_columns(right, join->alias != NULL);
	join->using_columns = NULL;
	join->natural = false;
	return item;
}

static bool join_condition(sql_resolver *r, sql_range *join, sql_item *both)
{
	sql_item *around = r->scope->items;
	bool ok;

	r->scope->items = both;
	ok = amph__resolve_condition(r, &join->on, SQL_CLAUSE_JOIN_ON);
	r->scope->items = around;
	return ok;
}

/* The right side sees the left one where it is LATERAL. */
static bool right_items(sql_resolver *r, sql_range *join, sql_item *left, sql_item **right)
{
	sql_item *around = r->scope->items, **end = amph__items_end(&left);
	bool ok;

	amph__items_lateral(left, true, join->join == SQL_RIGHT || join->join == SQL_FULL);
	*end = around;
	r->scope->items = left ? left : around;
	ok = amph__range_items(r, join->right, right);
	r->scope->items = around;
	*end = NULL;
	amph__items_lateral(left, false, false);
	return ok && amph__items_distinct(r, left, *right);
}

/* ---- FULL JOIN: PostgreSQL makes one by comparing what is equal on both sides ---- */

typedef struct sides {
	const sql_range *join;
	bool left, right;
} sides;

static bool has_range(const sql_range *in, const sql_range *range)
{
	if (!in || !range)
		return false;
	return in == range ||
	       (in->kind == SQL_JOIN && (has_range(in->left, range) || has_range(in->right, range)));
}

static bool note_sides(void *ctx, sql_expr *e)
{
	sides *s = ctx;

	if (e->kind == SQL_COLUMN) {
		s->left |= has_range(s->join->left, e->source);
		s->right |= has_range(s->join->right, e->source);
	}
	return amph__expr_children(e, note_sides, ctx);
}

static bool divides_sides(const sql_range *join, const sql_expr *e)
{
	sides a = { .join = join }, b = { .join = join };

	if (e->kind == SQL_AND) {
		for (size_t i = 0; i < e->args.n; i++)
			if (divides_sides(join, e->args.items[i]))
				return true;
		return false;
	}
	if (e->kind != SQL_CALL || e->args.n != 2 || !e->is_operator || strcmp(e->name, "="))
		return false;
	note_sides(&a, e->args.items[0]);
	note_sides(&b, e->args.items[1]);
	return (a.left && !a.right && b.right && !b.left) || (a.right && !a.left && b.left && !b.right);
}

static bool full_join_has_a_key(sql_resolver *r, const sql_range *join)
{
	sides all = { .join = join };

	if (join->join != SQL_FULL || !join->on || divides_sides(join, join->on))
		return true;
	note_sides(&all, join->on);
	return (!all.left && !all.right) ||
	       amph__resolve_fail(r, join->location, "0A000", "FULL JOIN is only supported with "
				  "merge-joinable or hash-joinable join conditions: it needs an "
				  "equality between its two sides");
}

bool amph__join_items(sql_resolver *r, sql_range *join, sql_item **list)
{
	sql_item *left = NULL, *right = NULL, *own = NULL;
	bool merges;

	if (!amph__range_items(r, join->left, &left) || !right_items(r, join, left, &right))
		return false;
	if (join->natural && !natural_columns(r, join, left, right))
		return false;
	merges = join->using_columns != NULL || join->alias != NULL;
	if (merges && join->using_columns) {
		own = joined_item(r, join, left, right);
		if (!own)
			return false;
	}
	*amph__items_end(&left) = right;
	if (!own && (!join_condition(r, join, left) || !full_join_has_a_key(r, join)))
		return false;
	if (!own) {
		sql_item **end = &left;

		while (*end != right)
			end = &(*end)->next;
		*end = NULL;
		apply_outer(join->join, left, right);
		own = merges ? joined_item(r, join, left, right) : NULL;
		if (merges && !own)
			return false;
		*amph__items_end(&left) = right;
	}
	if (own)
		*amph__items_end(&own) = left;
	*list = own ? own : left;
	return true;
}
