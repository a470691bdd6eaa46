/* What stands in FROM. Whether a name is a table or a common table expression is the resolver's
 * to find out. */
#include "parse.h"

static bool set_alias(sql_parser *p, sql_range *r, const PgQuery__Alias *alias)
{
	if (!alias)
		return true;
	r->alias = amph__parse_text(p, alias->aliasname);
	r->column_aliases = amph__parse_names(p, alias->n_colnames, alias->colnames);
	r->n_column_aliases = alias->n_colnames;
	return r->alias && (!r->n_column_aliases || r->column_aliases);
}

static sql_range *new_range(sql_parser *p, sql_range_kind kind, int location)
{
	sql_range *r = AMPH_NEW(p->arena, sql_range);

	if (r) {
		r->kind = kind;
		r->location = amph__parse_location(p, location);
	}
	return r;
}

sql_range *amph__parse_table(sql_parser *p, const PgQuery__RangeVar *v)
{
	sql_range *r;

	if (v->catalogname && *v->catalogname)
		return amph__parse_refuse(p, v->location, "a table's name with a database");
	r = new_range(p, SQL_TABLE, v->location);
	if (!r)
		return NULL;
	r->schema = amph__parse_text(p, v->schemaname);
	r->name = amph__parse_text(p, v->relname);
	return set_alias(p, r, v->alias) ? r : NULL;
}

static sql_range *parse_table(sql_parser *p, const pg_node *n)
{
	return amph__parse_table(p, n->range_var);
}

static sql_range *parse_subselect(sql_parser *p, const pg_node *n)
{
	const PgQuery__RangeSubselect *s = n->range_subselect;
	sql_range *r = new_range(p, SQL_SUBQUERY, -1);

	if (!r)
		return NULL;
	r->lateral = s->lateral;
	r->select = amph__parse_select_node(p, s->subquery);
	return set_alias(p, r, s->alias) ? r : NULL;
}

static sql_range *parse_function(sql_parser *p, const pg_node *n)
{
	const PgQuery__RangeFunction *f = n->range_function;
	const pg_node *call = f->functions[0]->list->items[0];
	sql_range *r = new_range(p, SQL_FUNCTION, -1);

	if (!r)
		return NULL;
	for (size_t i = 0; i < f->n_functions; i++)
		if (f->functions[i]->list->n_items > 1 &&
		    f->functions[i]->list->items[1]->node_case != PG_QUERY__NODE__NODE__NOT_SET)
			return amph__parse_refuse(p, -1, "a list of column definitions");
	r->lateral = f->lateral;
	r->with_ordinality = f->ordinality;
	r->function = amph__parse_node(p, call);
	if (r->function)
		r->location = r->function->location;
	if (f->n_functions > 1)
		r->others.items = AMPH_NEWS(p->arena, sql_expr *, f->n_functions);
	for (size_t i = 1; r->others.items && i < f->n_functions; i++)
		r->others.items[r->others.n++] = amph__parse_node(p, f->functions[i]->list->items[0]);
	if (p->failed || !set_alias(p, r, f->alias))
		return NULL;
	return !f->n_coldeflist || amph__parse_record(p, f, r) ? r : NULL;
}

static sql_range *parse_node(sql_parser *p, const pg_node *n);

static bool join_kind(const PgQuery__JoinExpr *j, sql_join_kind *kind)
{
	switch (j->jointype) {
	case PG_QUERY__JOIN_TYPE__JOIN_INNER:
		*kind = j->quals || j->n_using_clause || j->is_natural ? SQL_INNER : SQL_CROSS;
		return true;
	case PG_QUERY__JOIN_TYPE__JOIN_LEFT:
		*kind = SQL_LEFT;
		return true;
	case PG_QUERY__JOIN_TYPE__JOIN_RIGHT:
		*kind = SQL_RIGHT;
		return true;
	case PG_QUERY__JOIN_TYPE__JOIN_FULL:
		*kind = SQL_FULL;
		return true;
	default:
		return false;
	}
}

static sql_range *parse_join(sql_parser *p, const pg_node *n)
{
	const PgQuery__JoinExpr *j = n->join_expr;
	sql_range *r = new_range(p, SQL_JOIN, -1);

	if (!r)
		return NULL;
	if (!join_kind(j, &r->join))
		return amph__parse_refuse_node(p, n);
	r->left = parse_node(p, j->larg);
	r->right = parse_node(p, j->rarg);
	r->on = amph__parse_node(p, j->quals);
	r->natural = j->is_natural;
	r->using_columns = amph__parse_names(p, j->n_using_clause, j->using_clause);
	if (j->join_using_alias)
		r->using_alias = amph__parse_text(p, j->join_using_alias->aliasname);
	if (r->right)
		r->location = r->right->location;
	return set_alias(p, r, j->alias) ? r : NULL;
}

static sql_range *parse_node(sql_parser *p, const pg_node *n)
{
	if (p->failed || p->arena->failed)
		return NULL;
	switch (n->node_case) {
	case PG_QUERY__NODE__NODE_RANGE_VAR:
		return parse_table(p, n);
	case PG_QUERY__NODE__NODE_RANGE_SUBSELECT:
		return parse_subselect(p, n);
	case PG_QUERY__NODE__NODE_RANGE_FUNCTION:
		return parse_function(p, n);
	case PG_QUERY__NODE__NODE_JOIN_EXPR:
		return parse_join(p, n);
	default:
		return amph__parse_refuse_node(p, n);
	}
}

sql_range *amph__parse_from(sql_parser *p, size_t n, pg_node *const *items)
{
	sql_range *first = NULL, **next = &first;

	for (size_t i = 0; i < n; i++) {
		sql_range *r = parse_node(p, items[i]);

		if (!r)
			return NULL;
		*next = r;
		next = &r->next;
	}
	return first;
}
