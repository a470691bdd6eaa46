/* SELECT: its clauses in PostgreSQL's order, and what ORDER BY and GROUP BY may name. */
#include "resolve.h"
#include <string.h>

/* ---- names and positions of output columns ---- */

static bool is_bare_name(const sql_expr *e)
{
	return e->kind == SQL_COLUMN && !e->range && !e->source;
}

static bool names_input(const sql_scope *scope, const char *name)
{
	for (const sql_item *item = scope->items; item; item = item->next)
		for (size_t i = 0; item->by_column && i < item->n; i++)
			if (!strcmp(item->names[i], name))
				return true;
	return false;
}

/* The target of that name; NULL: none, or after an error with *ok false. */
static sql_target *target_named(sql_resolver *r, sql_target *targets, const sql_expr *e,
				sql_clause clause, bool *ok)
{
	sql_target *found = NULL;

	for (sql_target *t = targets; t; t = t->next) {
		if (!t->name || strcmp(t->name, e->name))
			continue;
		if (found && !amph__expr_equal(found->expr, t->expr)) {
			*ok = amph__resolve_fail(r, e->location, "42702", "%s \"%s\" is ambiguous",
						 amph__clause_name(clause), e->name);
			return NULL;
		}
		if (!found)
			found = t;
	}
	return found;
}

static sql_target *target_numbered(sql_resolver *r, sql_target *targets, const sql_expr *e,
				   sql_clause clause, bool *ok)
{
	const char *digits = e->text ? e->text + (e->text[0] == '-') : "";
	size_t at = 0;

	if (e->type.type != AMPH_T_INT32 || !digits[0]) {
		*ok = amph__resolve_fail(r, e->location, "42601", "non-integer constant in %s",
					 amph__clause_name(clause));
		return NULL;
	}
	for (const char *p = digits; *p >= '0' && *p <= '9' && at < 100000; p++)
		at = at * 10 + (size_t)(*p - '0');
	if (digits == e->text)
		for (sql_target *t = targets; t; t = t->next)
			if (at && --at == 0)
				return t;
	*ok = amph__resolve_fail(r, e->location, "42P10", "%s position %s is not in select list",
				 amph__clause_name(clause), e->text);
	return NULL;
}

/* A key of ORDER BY, GROUP BY, DISTINCT ON: an output column by name or number, else an expression.
 * *target is the output column that it is, if any. */
static bool resolve_key(sql_resolver *r, sql_expr **e, sql_target *targets, sql_clause clause,
			sql_target **target)
{
	bool ok = true;
	sql_target *t = NULL;

	if (!*e)
		return amph__resolve_nomem(r);
	if (is_bare_name(*e) &&
	    !(clause == SQL_CLAUSE_GROUP_BY && names_input(r->scope, (*e)->name)))
		t = target_named(r, targets, *e, clause, &ok);
	else if ((*e)->kind == SQL_CONST)
		t = target_numbered(r, targets, *e, clause, &ok);
	if (!ok)
		return false;
	if (!t) {
		if (!amph__resolve_in(r, e, clause))
			return false;
		for (t = targets; t && !amph__expr_equal(t->expr, *e); t = t->next)
			;
	}
	if (t && !amph__coerce_unknown_to_text(r, &t->expr))
		return false;
	*target = t;
	if (t) {
		(*e)->type = t->expr->type; /* of a parameter: it has one now */
		*e = t->expr;
	}
	return amph__coerce_unknown_to_text(r, e);
}

static bool refuse_row(sql_resolver *r, const sql_expr *e)
{
	return e->type.type != AMPH_T_RECORD ||
	       amph__resolve_refuse(r, e->location, "a row as a sort or group key");
}

static bool resolve_order(sql_resolver *r, sql_select *s)
{
	for (sql_order *o = s->order; o; o = o->next) {
		sql_target *t;

		if (!resolve_key(r, &o->expr, s->targets, SQL_CLAUSE_ORDER_BY, &t) ||
		    !refuse_row(r, o->expr))
			return false;
	}
	return true;
}

static bool is_target(const sql_select *s, const sql_expr *e)
{
	for (const sql_target *t = s->targets; t; t = t->next)
		if (amph__expr_equal(t->expr, e))
			return true;
	return false;
}

/* GROUP BY (a, b) is GROUP BY a, b. */
static bool flatten_groups(sql_resolver *r, sql_list *groups)
{
	size_t n = 0, k = 0;
	sql_expr **items;

	for (size_t i = 0; i < groups->n; i++)
		n += groups->items[i] && groups->items[i]->kind == SQL_ROW
			     ? groups->items[i]->args.n
			     : 1;
	if (n == groups->n)
		return true;
	items = AMPH_NEWS(r->arena, sql_expr *, n + 1);
	if (!items)
		return amph__resolve_nomem(r);
	for (size_t i = 0; i < groups->n; i++) {
		const sql_expr *e = groups->items[i];

		if (!e || e->kind != SQL_ROW)
			items[k++] = groups->items[i];
		for (size_t m = 0; e && e->kind == SQL_ROW && m < e->args.n; m++)
			items[k++] = e->args.items[m];
	}
	*groups = (sql_list){ items, n };
	return true;
}

static bool contains(const sql_list *list, const sql_expr *e)
{
	for (size_t i = 0; i < list->n; i++)
		if (amph__expr_equal(list->items[i], e))
			return true;
	return false;
}

static bool contains_all(const sql_list *list, const sql_list *of)
{
	for (size_t i = 0; i < of->n; i++)
		if (!contains(list, of->items[i]))
			return false;
	return true;
}

static sql_list keys_of(const sql_select *s, size_t i)
{
	return (sql_list){ s->group_by.items + s->group_sets[i].first, s->group_sets[i].n };
}

/* GROUP BY DISTINCT: of sets with the same keys the first. */
static bool leave_out_sets(sql_resolver *r, sql_select *s)
{
	sql_group_set *sets = AMPH_NEWS(r->arena, sql_group_set, s->n_group_sets + 1);
	size_t n = 0;

	if (!sets)
		return amph__resolve_nomem(r);
	for (size_t i = 0; i < s->n_group_sets; i++) {
		sql_list keys = keys_of(s, i);
		bool again = false;

		for (size_t k = 0; k < i; k++) {
			sql_list before = keys_of(s, k);

			again |= contains_all(&keys, &before) && contains_all(&before, &keys);
		}
		if (!again)
			sets[n++] = s->group_sets[i];
	}
	s->group_sets = sets;
	s->n_group_sets = n;
	return true;
}

/* To PostgreSQL two output columns are two keys, be they the same expression: one may group without
 * the other. */
static bool refuse_twice(sql_resolver *r, const sql_list *keys, sql_target *const *targets)
{
	for (size_t i = 0; i < keys->n; i++)
		for (size_t k = 0; k < i; k++)
			if (targets[i] && targets[k] && targets[i] != targets[k] &&
			    amph__expr_equal(keys->items[i], keys->items[k]))
				return amph__resolve_refuse(r, keys->items[i]->location,
							    "one expression of two output columns among "
							    "GROUPING SETS");
	return true;
}

static bool resolve_groups(sql_resolver *r, sql_select *s)
{
	sql_target **targets;

	if (!flatten_groups(r, &s->group_by))
		return false;
	targets = AMPH_NEWS(r->arena, sql_target *, s->group_by.n + 1);
	if (!targets)
		return amph__resolve_nomem(r);
	for (size_t i = 0; i < s->group_by.n; i++) {
		sql_expr **e = &s->group_by.items[i];

		if (!resolve_key(r, e, s->targets, SQL_CLAUSE_GROUP_BY, &targets[i]) || !refuse_row(r, *e))
			return false;
	}
	if (s->group_distinct && s->group_sets && !leave_out_sets(r, s))
		return false;
	return !s->group_sets || refuse_twice(r, &s->group_by, targets);
}

static bool fail_distinct_on(sql_resolver *r, const sql_expr *e)
{
	return amph__resolve_fail(r, e->location, "42P10",
				  "SELECT DISTINCT ON expressions must match initial ORDER BY "
				  "expressions");
}

static size_t count_distinct(const sql_list *list)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++) {
		sql_list before = { list->items, i };

		n += !contains(&before, list->items[i]);
	}
	return n;
}

/* The first sort keys are those of DISTINCT ON, in any order. */
static bool check_distinct_on(sql_resolver *r, const sql_select *s)
{
	size_t left = count_distinct(&s->distinct_on);
	sql_list seen = { AMPH_NEWS(r->arena, sql_expr *, s->distinct_on.n + 1), 0 };

	if (!seen.items)
		return amph__resolve_nomem(r);
	for (const sql_order *o = s->order; o && left > 0; o = o->next) {
		if (!contains(&s->distinct_on, o->expr))
			return fail_distinct_on(r, o->expr);
		if (contains(&seen, o->expr))
			continue;
		seen.items[seen.n++] = o->expr;
		left--;
	}
	return true;
}

static bool resolve_distinct(sql_resolver *r, sql_select *s)
{
	for (const sql_order *o = s->order; o && s->distinct && !s->distinct_on.n; o = o->next)
		if (!is_target(s, o->expr))
			return amph__resolve_fail(r, o->expr->location, "42P10",
						  "for SELECT DISTINCT, ORDER BY expressions must "
						  "appear in select list");
	for (size_t i = 0; i < s->distinct_on.n; i++) {
		sql_target *t;

		if (!resolve_key(r, &s->distinct_on.items[i], s->targets, SQL_CLAUSE_DISTINCT_ON,
				 &t))
			return false;
	}
	return !s->distinct_on.n || check_distinct_on(r, s);
}

/* ---- LIMIT and OFFSET ---- */

static bool refers_here(void *ctx, sql_expr *e)
{
	const sql_scope *scope = ctx;

	if (e->kind == SQL_COLUMN && e->source)
		for (const sql_item *item = scope->items; item; item = item->next)
			if (item->range == e->source)
				return false;
	return amph__expr_children(e, refers_here, ctx);
}

bool amph__names_input(const sql_scope *scope, sql_expr *e)
{
	return !refers_here((void *)(uintptr_t)scope, e);
}

static bool resolve_bound(sql_resolver *r, sql_expr **e, sql_clause clause)
{
	const amph_sqltype wanted = { .type = AMPH_T_INT64 };
	const char *what = amph__clause_name(clause);
	bool possible;

	if (!*e)
		return true;
	if (!amph__resolve_in(r, e, clause))
		return false;
	if (amph__names_input(r->scope, *e))
		return amph__resolve_fail(r, (*e)->location, "42P10",
					  "argument of %s must not contain variables", what);
	if (!amph__coerce_assign(r, e, &wanted, AMPH_CAST_ASSIGNMENT, &possible))
		return false;
	return possible || amph__resolve_fail(r, (*e)->location, "42804",
					      "argument of %s must be type bigint, not type %s",
					      what, amph__type_text(r, &(*e)->type));
}

static bool resolve_limits(sql_resolver *r, sql_select *s)
{
	return resolve_bound(r, &s->offset, SQL_CLAUSE_OFFSET) &&
	       resolve_bound(r, &s->limit, SQL_CLAUSE_LIMIT);
}

/* ---- FOR UPDATE ---- */

static bool check_lock(sql_resolver *r, const sql_select *s)
{
	const char *what = s->lock == SQL_LOCK_SHARE ? "FOR SHARE" : "FOR UPDATE";
	const char *with = s->set_op != SQL_SET_NONE         ? "UNION/INTERSECT/EXCEPT"
			   : s->distinct || s->distinct_on.n ? "DISTINCT clause"
			   : s->group_by.n                   ? "GROUP BY clause"
			   : s->having                       ? "HAVING clause"
			   : r->scope->aggregates            ? "aggregate functions"
			   : r->scope->has_windows           ? "window functions"
							     : NULL;

	if (s->lock == SQL_LOCK_NONE)
		return true;
	if (with)
		return amph__resolve_fail(r, s->location, "0A000", "%s is not allowed with %s",
					  what, with);
	for (const sql_item *item = r->scope->items; item && s->lock_of; item = item->next)
		if (item->alias && item->by_name && !strcmp(item->alias, s->lock_of))
			return item->range ||
			       amph__resolve_fail(r, s->location, "0A000",
						  "%s cannot be applied to a join", what);
	return !s->lock_of ||
	       amph__resolve_fail(r, s->location, "42P01",
				  "relation \"%s\" in %s clause not found in FROM clause",
				  s->lock_of, what);
}

/* ---- the whole ---- */

static bool settle_targets(sql_resolver *r, sql_select *s)
{
	bool keep = r->scope->keep_unknown && !s->distinct && !s->distinct_on.n;

	for (sql_target *t = s->targets; t && !keep; t = t->next)
		if (!amph__coerce_unknown_to_text(r, &t->expr))
			return false;
	return true;
}

static bool resolve_simple(sql_resolver *r, sql_select *s)
{
	return amph__resolve_from(r, s->from) &&
	       amph__resolve_targets(r, &s->targets, SQL_CLAUSE_TARGET) &&
	       amph__resolve_condition(r, &s->where, SQL_CLAUSE_WHERE) &&
	       amph__resolve_condition(r, &s->having, SQL_CLAUSE_HAVING) && resolve_order(r, s) &&
	       resolve_groups(r, s) && resolve_distinct(r, s) && resolve_limits(r, s) &&
	       amph__resolve_windows(r, s) && settle_targets(r, s) && amph__check_groups(r, s) &&
	       check_lock(r, s) &&
	       amph__targets_to_columns(r, s->targets, &s->columns, &s->n_columns);
}

/* The result of a set operation, and of VALUES, is sorted by its columns alone. */
static bool order_result(sql_resolver *r, sql_select *s)
{
	sql_range *range = AMPH_NEW(r->arena, sql_range);

	if (!range)
		return amph__resolve_nomem(r);
	for (sql_order *o = s->order; o; o = o->next) {
		sql_target *targets = NULL, **tail = &targets, *t;
		bool ok = true;

		for (size_t i = 0; i < s->n_columns; i++) {
			*tail = AMPH_NEW(r->arena, sql_target);
			if (!*tail)
				return amph__resolve_nomem(r);
			(*tail)->name = s->columns[i].name;
			(*tail)->expr = sql_column(r->arena, NULL, s->columns[i].name);
			if (!(*tail)->expr)
				return amph__resolve_nomem(r);
			(*tail)->expr->column = i;
			(*tail)->expr->type = s->columns[i].type;
			tail = &(*tail)->next;
		}
		if (!o->expr)
			return amph__resolve_nomem(r);
		t = is_bare_name(o->expr)
			    ? target_named(r, targets, o->expr, SQL_CLAUSE_ORDER_BY, &ok)
		    : o->expr->kind == SQL_CONST
			    ? target_numbered(r, targets, o->expr, SQL_CLAUSE_ORDER_BY, &ok)
			    : NULL;
		if (!ok)
			return false;
		if (!t && is_bare_name(o->expr))
			return amph__resolve_fail(r, o->expr->location, "42703",
						  "column \"%s\" does not exist", o->expr->name);
		if (!t)
			return amph__resolve_fail(r, o->expr->location, "0A000",
						  "invalid UNION/INTERSECT/EXCEPT ORDER BY clause; "
						  "only result column names can be used");
		o->expr = t->expr;
	}
	return true;
}

static bool resolve_body(sql_resolver *r, sql_select *s)
{
	if (!amph__resolve_with(r, s->with, s->with_recursive))
		return false;
	if (s->set_op != SQL_SET_NONE)
		return check_lock(r, s) && amph__resolve_set(r, s) && order_result(r, s) &&
		       resolve_limits(r, s);
	if (s->n_values)
		return amph__resolve_values(r, s) && order_result(r, s) && resolve_limits(r, s);
	return resolve_simple(r, s);
}

bool amph__resolve_select_as(sql_resolver *r, sql_select *s, bool keep_unknown)
{
	sql_scope scope = { .select = s, .keep_unknown = keep_unknown };
	sql_call_frame *frame = r->frame;
	const char *no_sets = r->no_sets;
	bool ok;

	if (!s)
		return amph__resolve_nomem(r);
	if (s->columns)
		return true;
	if (++r->depth > AMPH_RESOLVE_MAX_DEPTH)
		return amph__resolve_fail(r, s->location, "54001",
					  "the query is nested too deeply (limit %d)",
					  AMPH_RESOLVE_MAX_DEPTH);
	r->no_sets = NULL;
	amph__scope_push(r, &scope);
	ok = resolve_body(r, s);
	amph__scope_pop(r);
	r->no_sets = no_sets;
	r->frame = frame;
	r->depth--;
	return ok;
}

bool amph__resolve_select(sql_resolver *r, sql_select *s)
{
	return amph__resolve_select_as(r, s, false);
}
