/* SELECT, VALUES, set operations and WITH. */
#include "parse.h"
#include <string.h>

/* ---- targets ---- */

/* As PostgreSQL names a column that has no AS, where the node no longer tells it: the functions
 * that are written without parentheses have become casts of now(). */
static const char *target_name(sql_parser *p, const PgQuery__ResTarget *t)
{
	if (t->name && *t->name)
		return amph__parse_text(p, t->name);
	if (t->val && t->val->node_case == PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION)
		return amph__parse_value_function_name(t->val);
	return NULL;
}

sql_target *amph__parse_targets(sql_parser *p, size_t n, pg_node *const *items)
{
	sql_target *first = NULL, **next = &first;

	for (size_t i = 0; i < n && !p->failed; i++) {
		sql_target *t = AMPH_NEW(p->arena, sql_target);

		if (!t)
			return NULL;
		t->expr = amph__parse_node(p, items[i]->res_target->val);
		t->name = target_name(p, items[i]->res_target);
		*next = t;
		next = &t->next;
	}
	return first;
}

/* ---- clauses ---- */

static void set_distinct(sql_parser *p, const PgQuery__SelectStmt *s, sql_select *out)
{
	if (s->n_distinct_clause == 0)
		return;
	/* DISTINCT without ON is a list of one empty node */
	if (s->distinct_clause[0]->node_case == PG_QUERY__NODE__NODE__NOT_SET)
		out->distinct = true;
	else
		amph__parse_list(p, s->n_distinct_clause, s->distinct_clause, &out->distinct_on);
}

static bool is_null_const(const pg_node *n)
{
	return n && n->node_case == PG_QUERY__NODE__NODE_A_CONST && n->a_const->isnull;
}

static void set_limit(sql_parser *p, const PgQuery__SelectStmt *s, sql_select *out)
{
	/* LIMIT ALL is LIMIT NULL */
	if (!is_null_const(s->limit_count))
		out->limit = amph__parse_node(p, s->limit_count);
	if (!is_null_const(s->limit_offset))
		out->offset = amph__parse_node(p, s->limit_offset);
	out->with_ties = s->limit_option == PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_WITH_TIES;
}

static bool lock_strength(sql_parser *p, const PgQuery__LockingClause *c, sql_select *out)
{
	switch (c->strength) {
	case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORUPDATE:
	case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORNOKEYUPDATE:
		out->lock = SQL_LOCK_UPDATE;
		return true;
	case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORSHARE:
	case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORKEYSHARE:
		out->lock = SQL_LOCK_SHARE;
		return true;
	default:
		return amph__parse_refuse(p, -1, "FOR NO KEY UPDATE or FOR KEY SHARE");
	}
}

static void set_lock(sql_parser *p, const PgQuery__SelectStmt *s, sql_select *out)
{
	const PgQuery__LockingClause *c;

	if (s->n_locking_clause == 0)
		return;
	c = s->locking_clause[0]->locking_clause;
	if (s->n_locking_clause > 1 || c->n_locked_rels > 1) {
		amph__parse_refuse(p, -1, "a lock of several tables");
		return;
	}
	if (!lock_strength(p, c, out))
		return;
	if (c->wait_policy == PG_QUERY__LOCK_WAIT_POLICY__LockWaitSkip)
		out->lock_wait = SQL_LOCK_SKIP;
	if (c->wait_policy == PG_QUERY__LOCK_WAIT_POLICY__LockWaitError)
		out->lock_wait = SQL_LOCK_NOWAIT;
	if (c->n_locked_rels)
		out->lock_of = amph__parse_text(p, c->locked_rels[0]->range_var->relname);
}

static void set_windows(sql_parser *p, const PgQuery__SelectStmt *s, sql_select *out)
{
	sql_window **next = &out->windows;

	for (size_t i = 0; i < s->n_window_clause; i++) {
		sql_window *w = amph__parse_window(p, s->window_clause[i]->window_def);

		if (!w)
			return;
		*next = w;
		next = &w->next;
	}
}

static void set_values(sql_parser *p, const PgQuery__SelectStmt *s, sql_select *out)
{
	if (s->n_values_lists == 0)
		return;
	out->values = AMPH_NEWS(p->arena, sql_list, s->n_values_lists);
	if (!out->values)
		return;
	out->n_values = s->n_values_lists;
	for (size_t i = 0; i < s->n_values_lists; i++) {
		const PgQuery__List *row = s->values_lists[i]->list;

		amph__parse_list(p, row->n_items, row->items, &out->values[i]);
		if (out->values[i].n != out->values[0].n && !p->arena->failed)
			amph__parse_fail(p, -1, "42601", "VALUES lists must all be the same length");
	}
}

static void set_operation(sql_parser *p, const PgQuery__SelectStmt *s, sql_select *out)
{
	static const sql_set_op ops[] = {
		[PG_QUERY__SET_OPERATION__SETOP_UNION] = SQL_UNION,
		[PG_QUERY__SET_OPERATION__SETOP_INTERSECT] = SQL_INTERSECT,
		[PG_QUERY__SET_OPERATION__SETOP_EXCEPT] = SQL_EXCEPT
	};

	if (!s->larg)
		return;
	out->set_op = ops[s->op];
	out->set_all = s->all;
	out->left = amph__parse_select(p, s->larg);
	out->right = amph__parse_select(p, s->rarg);
}

/* ---- WITH ---- */

static const sql_search *parse_search(sql_parser *p, const PgQuery__CTESearchClause *search,
				      const PgQuery__CTECycleClause *cycle)
{
	sql_search *out = AMPH_NEW(p->arena, sql_search);

	if (!out)
		return NULL;
	if (search) {
		out->columns = amph__parse_names(p, search->n_search_col_list, search->search_col_list);
		out->sequence = amph__parse_text(p, search->search_seq_column);
		out->breadth = search->search_breadth_first;
	}
	if (!cycle)
		return out;
	out->cycle = amph__parse_names(p, cycle->n_cycle_col_list, cycle->cycle_col_list);
	out->mark = amph__parse_text(p, cycle->cycle_mark_column);
	out->path = amph__parse_text(p, cycle->cycle_path_column);
	for (size_t i = 0; i < 3; i++)
		out->marked[i] = amph__parse_node(p, cycle->cycle_mark_value);
	for (size_t i = 0; i < 2; i++)
		out->unmarked[i] = amph__parse_node(p, cycle->cycle_mark_default);
	return out;
}

static sql_cte *parse_cte(sql_parser *p, const PgQuery__CommonTableExpr *c, bool recursive)
{
	sql_cte *cte = AMPH_NEW(p->arena, sql_cte);

	if (!cte)
		return NULL;
	if (c->search_clause || c->cycle_clause)
		cte->search = parse_search(p, c->search_clause, c->cycle_clause);
	cte->name = amph__parse_text(p, c->ctename);
	cte->column_names = amph__parse_names(p, c->n_aliascolnames, c->aliascolnames);
	cte->n_column_names = c->n_aliascolnames;
	cte->recursive = recursive;
	cte->materialized = c->ctematerialized == PG_QUERY__CTEMATERIALIZE__CTEMaterializeAlways ? 1
		: c->ctematerialized == PG_QUERY__CTEMATERIALIZE__CTEMaterializeNever ? -1 : 0;
	cte->stmt = amph__parse_stmt_node(p, c->ctequery);
	return cte;
}

sql_cte *amph__parse_with(sql_parser *p, const PgQuery__WithClause *with, bool *recursive)
{
	sql_cte *first = NULL, **next = &first;

	if (!with)
		return NULL;
	*recursive = with->recursive;
	for (size_t i = 0; i < with->n_ctes && !p->failed; i++) {
		sql_cte *c = parse_cte(p, with->ctes[i]->common_table_expr, with->recursive);

		if (!c)
			return NULL;
		*next = c;
		next = &c->next;
	}
	return first;
}

/* ---- the statement ---- */

/* VALUES in an order or of a limited number: a query of them, as not every database sorts them. */
static bool sort_values(sql_parser *p, sql_select *out)
{
	sql_select *values = AMPH_NEW(p->arena, sql_select);
	sql_range *range = AMPH_NEW(p->arena, sql_range);
	sql_target *all = AMPH_NEW(p->arena, sql_target);

	if (!values || !range || !all)
		return false;
	*values = (sql_select){ .location = out->location, .values = out->values, .n_values = out->n_values };
	*range = (sql_range){ .kind = SQL_SUBQUERY, .location = -1, .alias = "*VALUES*", .select = values };
	all->expr = sql_new(p->arena, SQL_STAR, 0);
	out->values = NULL;
	out->n_values = 0;
	out->targets = all;
	out->from = range;
	return all->expr != NULL;
}

sql_select *amph__parse_select(sql_parser *p, const PgQuery__SelectStmt *s)
{
	sql_select *out = p->failed ? NULL : AMPH_NEW(p->arena, sql_select);

	if (!out)
		return NULL;
	out->location = -1;
	if (s->into_clause)
		return amph__parse_refuse(p, -1, "SELECT INTO");
	out->with = amph__parse_with(p, s->with_clause, &out->with_recursive);
	set_distinct(p, s, out);
	out->targets = amph__parse_targets(p, s->n_target_list, s->target_list);
	out->from = amph__parse_from(p, s->n_from_clause, s->from_clause);
	out->where = amph__parse_node(p, s->where_clause);
	amph__parse_groups(p, s, out);
	out->having = amph__parse_node(p, s->having_clause);
	set_windows(p, s, out);
	set_operation(p, s, out);
	set_values(p, s, out);
	out->order = amph__parse_order(p, s->n_sort_clause, s->sort_clause);
	set_limit(p, s, out);
	if (out->n_values && (out->order || out->limit || out->offset) && !sort_values(p, out))
		return NULL;
	set_lock(p, s, out);
	return out;
}

sql_select *amph__parse_select_node(sql_parser *p, const pg_node *n)
{
	if (!n || p->failed)
		return NULL;
	if (n->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
		return amph__parse_refuse_node(p, n);
	return amph__parse_select(p, n->select_stmt);
}

/* ---- one column of a query, as a query of its own ---- */

static bool counts_columns(const sql_select *s, int n)
{
	int given = 0;

	if (s->set_op != SQL_SET_NONE || s->n_values)
		return true;
	for (const sql_target *t = s->targets; t; t = t->next, given++)
		if (t->expr && t->expr->kind == SQL_STAR)
			return true;
	return given == n;
}

static const char *const *numbered_names(sql_parser *p, int n)
{
	const char **names = AMPH_NEWS(p->arena, const char *, (size_t)n + 1);

	for (int i = 0; names && i < n; i++) {
		names[i] = amph__arena_printf(p->arena, "c%d", i + 1);
		if (!names[i])
			return NULL;
	}
	return names;
}

sql_expr *amph__parse_select_column(sql_parser *p, const PgQuery__SubLink *link, int n, int number,
				    const char *mismatch)
{
	sql_expr *e = sql_new(p->arena, SQL_SCALAR, 0);
	sql_range *range = AMPH_NEW(p->arena, sql_range);
	sql_target *target = AMPH_NEW(p->arena, sql_target);
	const char *const *names = numbered_names(p, n);

	if (!e || !range || !target || !names)
		return NULL;
	*range = (sql_range){ .kind = SQL_SUBQUERY, .location = -1, .alias = "assigned",
			      .column_aliases = names, .n_column_aliases = (size_t)n };
	range->select = amph__parse_select_node(p, link->subselect);
	if (!range->select)
		return NULL;
	if (!counts_columns(range->select, n))
		return amph__parse_fail(p, link->location, "42601", "%s", mismatch);
	target->expr = sql_column(p->arena, "assigned", names[number - 1]);
	e->select = AMPH_NEW(p->arena, sql_select);
	if (!e->select)
		return NULL;
	e->select->location = -1;
	e->select->from = range;
	e->select->targets = target;
	return amph__parse_at(p, e, link->location);
}
