/* A query in two layers, for databases that do not compute the parts of one in PostgreSQL's order:
 * groups, then windows, then functions that return sets, then DISTINCT, the order and the limit. The
 * lower one gives what the upper one is made of. */
#include "../walk.h"
#include "write.h"
#include <string.h>

static bool find_set(void *ctx, sql_expr *e)
{
	*(bool *)ctx |= amph__is_set(e);
	return e->select || amph__expr_children(e, find_set, ctx);
}

/* A set within what a set is made of. */
static bool has_set(const sql_expr *e)
{
	bool found = false;

	amph__expr_children(e, find_set, &found);
	return found;
}

typedef struct splitter {
	amph_writer *w;
	amph_layer layer;
	sql_select *lower;
	sql_range *range;               /* the lower one, in FROM of the upper one */
	sql_target **tail;
	bool found;
} splitter;

/* Whether e is computed above: keys of groups never are. */
static bool find_upper(void *ctx, sql_expr *e)
{
	splitter *s = ctx;

	if (amph__is_group_key(s->lower, e))
		return true;
	s->found |= s->layer == AMPH_LAYER_WINDOWS  ? e->over != NULL
		    : s->layer == AMPH_LAYER_SETS || s->layer == AMPH_LAYER_AFTER ? amph__is_set(e)
		    : s->layer == AMPH_LAYER_NESTED ? amph__is_set(e) && has_set(e)
						    : false;
	return !s->found && (e->select || amph__expr_children(e, find_upper, s));
}

static bool is_upper(splitter *s, sql_expr *e)
{
	s->found = false;
	find_upper(s, e);
	return s->found;
}

/* A column of the lower query that is e. */
static sql_expr *column_of(splitter *s, sql_expr *e)
{
	sql_expr *column;
	sql_target *t = s->lower->targets;
	size_t i = 0;

	for (; t && !amph__expr_equal(t->expr, e); t = t->next)
		i++;
	if (!t) {
		t = AMPH_NEW(s->w->arena, sql_target);
		if (!t)
			return NULL;
		*t = (sql_target){ .expr = e, .name = amph__arena_printf(s->w->arena, "c%zu", i) };
		*s->tail = t;
		s->tail = &t->next;
	}
	column = t->name ? sql_column(s->w->arena, s->range->alias, t->name) : NULL;
	if (!column)
		return NULL;
	column->source = s->range;
	column->column = i;
	column->type = e->type;
	return column;
}

static sql_expr *lift(splitter *s, sql_expr *e);

static bool lift_list(splitter *s, sql_list *list)
{
	sql_expr **items = AMPH_NEWS(s->w->arena, sql_expr *, list->n + 1);

	for (size_t i = 0; items && i < list->n; i++) {
		items[i] = list->items[i] ? lift(s, list->items[i]) : NULL;
		if (list->items[i] && !items[i])
			return false;
	}
	list->items = items;
	return items != NULL;
}

static bool lift_order(splitter *s, sql_order **order)
{
	for (; *order; order = &(*order)->next) {
		*order = amph__arena_copy(s->w->arena, *order, sizeof **order);
		if (!*order || !((*order)->expr = lift(s, (*order)->expr)))
			return false;
	}
	return true;
}

static bool lift_window(splitter *s, sql_window **window)
{
	sql_window *w = amph__arena_copy(s->w->arena, *window, sizeof *w);

	*window = w;
	return w && lift_list(s, &w->partition) && lift_order(s, &w->order);
}

static sql_expr *lift(splitter *s, sql_expr *e)
{
	if (e->kind == SQL_CONST || e->kind == SQL_PARAM)
		return e;
	if (!is_upper(s, e))
		return column_of(s, e);
	if (e->select) {
		amph_write_refuse(s->w, e->location, "A query beside what is computed after groups");
		return NULL;
	}
	e = amph__arena_copy(s->w->arena, e, sizeof *e);
	if (!e || !lift_list(s, &e->args) || !lift_order(s, &e->order) ||
	    (e->over && !lift_window(s, &e->over)))
		return NULL;
	if ((e->filter && !(e->filter = lift(s, e->filter))) ||
	    (e->operand && !(e->operand = lift(s, e->operand))))
		return NULL;
	return e;
}

static bool lift_targets(splitter *s, sql_target **targets)
{
	for (; *targets; targets = &(*targets)->next) {
		*targets = amph__arena_copy(s->w->arena, *targets, sizeof **targets);
		if (!*targets || !((*targets)->expr = lift(s, (*targets)->expr)))
			return false;
	}
	return true;
}

static bool lift_windows(splitter *s, sql_window **windows)
{
	for (; *windows; windows = &(*windows)->next)
		if (!lift_window(s, windows))
			return false;
	return true;
}

/* The lower query keeps what is computed before, and its columns are what was found to be one. */
static bool close_lower(splitter *s)
{
	size_t n = 0, i = 0;
	const char **names;
	amph_sqltype *types;
	amph_result_column *columns;

	if (!s->lower->targets && !column_of(s, sql_const(s->w->arena, AMPH_T_INT32, "0")))
		return false;
	for (const sql_target *t = s->lower->targets; t; t = t->next)
		n++;
	names = AMPH_NEWS(s->w->arena, const char *, n + 1);
	types = AMPH_NEWS(s->w->arena, amph_sqltype, n + 1);
	columns = AMPH_NEWS(s->w->arena, amph_result_column, n + 1);
	if (!names || !types || !columns)
		return false;
	for (const sql_target *t = s->lower->targets; t; t = t->next, i++) {
		names[i] = t->name;
		types[i] = t->expr->type;
		columns[i] = (amph_result_column){ .name = t->name, .type = t->expr->type };
	}
	s->range->names = names;
	s->range->types = types;
	s->range->n_columns = s->lower->n_columns = n;
	s->lower->columns = columns;
	return true;
}

sql_select *amph__write_split(amph_writer *w, const sql_select *s, amph_layer layer)
{
	sql_select *upper = amph__arena_copy(w->arena, s, sizeof *s);
	splitter split = { .w = w, .layer = layer, .lower = amph__arena_copy(w->arena, s, sizeof *s),
			   .range = AMPH_NEW(w->arena, sql_range) };

	if (!upper || !split.lower || !split.range)
		return NULL;
	*split.range = (sql_range){ .kind = SQL_SUBQUERY, .location = -1, .alias = "lower",
				    .select = split.lower };
	split.lower->with = upper->with = NULL;
	split.lower->targets = NULL;
	split.lower->with_ties = false;
	if (layer == AMPH_LAYER_TIES || layer == AMPH_LAYER_AFTER) {
		upper->distinct = false;
		upper->distinct_on.n = 0;
	} else {
		split.lower->distinct = false;
		split.lower->distinct_on.n = 0;
	}
	if (!split.lower->distinct_on.n)
		split.lower->order = NULL;
	split.lower->limit = split.lower->offset = NULL;
	split.lower->lock = SQL_LOCK_NONE;
	split.tail = &split.lower->targets;
	upper->from = split.range;
	upper->where = upper->having = NULL;
	upper->group_by.n = 0;
	upper->group_sets = NULL;
	if (layer == AMPH_LAYER_WINDOWS)
		split.lower->windows = NULL;
	else
		upper->windows = NULL;
	if (lift_targets(&split, &upper->targets) && lift_order(&split, &upper->order) &&
	    lift_list(&split, &upper->distinct_on) && lift_windows(&split, &upper->windows) &&
	    close_lower(&split))
		return upper;
	w->buf.failed |= !w->failed;
	return NULL;
}

/* ---- which layer is to be taken off ---- */

typedef struct contents {
	const sql_select *select;
	bool aggregates, windows, sets, nested;
	bool within;                    /* a set is where PostgreSQL allows none */
	bool in_call;
} contents;

static bool find_contents(void *ctx, sql_expr *e)
{
	contents *c = ctx;
	bool around = c->in_call, aggregate = e->kind == SQL_CALL && e->row &&
		      e->row->kind == AMPH_CAT_AGGREGATE && !e->over;

	if (e->select || amph__is_group_key(c->select, e))
		return true;
	c->windows |= e->over != NULL;
	c->aggregates |= aggregate;
	c->sets |= amph__is_set(e);
	c->within |= amph__is_set(e) && around;
	c->nested |= amph__is_set(e) && has_set(e);
	c->in_call |= aggregate || e->over;
	amph__expr_children(e, find_contents, c);
	c->in_call = around;
	return true;
}

static void find_in_order(contents *c, const sql_order *o)
{
	for (; o; o = o->next)
		find_contents(c, o->expr);
}

/* DISTINCT ON whose rows are sorted, by nothing that is a set, chooses them before there are sets. */
static bool chooses_before(const sql_select *s)
{
	contents c = { .select = s };

	find_in_order(&c, s->order);
	for (size_t i = 0; i < s->distinct_on.n; i++)
		find_contents(&c, s->distinct_on.items[i]);
	return s->distinct_on.n && s->order && !c.sets;
}

amph_layer amph__write_layer(const amph_writer *w, const sql_select *s)
{
	contents c = { .select = s };
	bool grouped = s->group_by.n || s->having || s->group_sets;

	if (amph__dialect_has(w, AMPH_DIALECT_NATIVE_TEXT) || s->set_op != SQL_SET_NONE || s->n_values)
		return AMPH_LAYER_NONE;
	for (const sql_target *t = s->targets; t; t = t->next)
		find_contents(&c, t->expr);
	find_in_order(&c, s->order);
	if (c.within)
		return AMPH_LAYER_NONE;
	if (c.sets && chooses_before(s))
		return AMPH_LAYER_AFTER;
	if (c.sets && (grouped || c.aggregates || c.windows))
		return AMPH_LAYER_SETS;
	if (c.nested)
		return AMPH_LAYER_NESTED;
	if (s->group_sets && c.windows)
		return AMPH_LAYER_WINDOWS;
	if (s->group_sets && (s->distinct || s->distinct_on.n || s->with_ties))
		return AMPH_LAYER_DISTINCT;
	return s->with_ties && (s->distinct || s->distinct_on.n) ? AMPH_LAYER_TIES : AMPH_LAYER_NONE;
}
