/* Whole statements: INSERT, UPDATE, DELETE around the clauses of the other files. */
#include "parse.h"

sql_stmt *amph__parse_new_stmt(sql_parser *p, sql_stmt_kind kind)
{
	sql_stmt *s = AMPH_NEW(p->arena, sql_stmt);

	if (s) {
		s->kind = kind;
		s->location = -1;
	}
	return s;
}

static const char *column_of(sql_parser *p, const PgQuery__ResTarget *t)
{
	if (t->n_indirection)
		return amph__parse_refuse(p, t->location, "an assignment to a part of a column");
	return amph__parse_text(p, t->name);
}

/* ---- SET ---- */

static bool is_star(const pg_node *n)
{
	const PgQuery__ColumnRef *c = n->node_case == PG_QUERY__NODE__NODE_COLUMN_REF ? n->column_ref : NULL;

	return c && c->n_fields && c->fields[c->n_fields - 1]->node_case == PG_QUERY__NODE__NODE_A_STAR;
}

/* (a, b) = (1, 2): the value of the column that this target names. */
static const pg_node *multiple_value(sql_parser *p, const pg_node *n)
{
	const PgQuery__MultiAssignRef *m = n->multi_assign_ref;
	const PgQuery__RowExpr *row;

	if (m->source->node_case != PG_QUERY__NODE__NODE_ROW_EXPR)
		return amph__parse_refuse_node(p, n);
	row = m->source->row_expr;
	for (size_t i = 0; i < row->n_args; i++)
		if (is_star(row->args[i]))
			return amph__parse_refuse(p, row->location, "all columns of a row as values");
	if ((int)row->n_args != m->ncolumns)
		return amph__parse_fail(p, row->location, "42601",
					"number of columns does not match number of values");
	return row->args[m->colno - 1];
}

static sql_expr *multiple_select(sql_parser *p, const PgQuery__MultiAssignRef *m)
{
	return amph__parse_select_column(p, m->source->sub_link, m->ncolumns, m->colno,
					 "number of columns does not match number of values");
}

static bool is_select(const pg_node *value)
{
	const pg_node *source = value->node_case == PG_QUERY__NODE__NODE_MULTI_ASSIGN_REF
					? value->multi_assign_ref->source : NULL;

	return source && source->node_case == PG_QUERY__NODE__NODE_SUB_LINK &&
	       source->sub_link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK;
}

static sql_assign *parse_assignment(sql_parser *p, const PgQuery__ResTarget *t)
{
	sql_assign *a = AMPH_NEW(p->arena, sql_assign);
	const pg_node *value = t->val;

	if (!a)
		return NULL;
	a->location = amph__parse_location(p, t->location);
	a->column = t->n_indirection ? amph__parse_text(p, t->name) : column_of(p, t);
	if (t->n_indirection)
		a->subscript = amph__parse_at(p, amph__parse_subscript(p, NULL, t->n_indirection,
								       t->indirection), t->location);
	if (value && is_select(value)) {
		a->value = multiple_select(p, value->multi_assign_ref);
		return p->failed ? NULL : a;
	}
	if (value && value->node_case == PG_QUERY__NODE__NODE_MULTI_ASSIGN_REF)
		value = multiple_value(p, value);
	a->value = amph__parse_node(p, value);
	return p->failed ? NULL : a;
}

sql_assign *amph__parse_set(sql_parser *p, size_t n, pg_node *const *items)
{
	sql_assign *first = NULL, **next = &first;

	for (size_t i = 0; i < n; i++) {
		sql_assign *a = parse_assignment(p, items[i]->res_target);

		if (!a)
			return NULL;
		*next = a;
		next = &a->next;
	}
	return first;
}

/* ---- ON CONFLICT ---- */

static bool conflict_keys(sql_parser *p, const PgQuery__InferClause *infer, sql_conflict *c)
{
	size_t n = infer->n_index_elems, columns = 0;
	const char **names = n ? AMPH_NEWS(p->arena, const char *, n + 1) : NULL;

	c->exprs.items = n ? AMPH_NEWS(p->arena, sql_expr *, n) : NULL;
	for (size_t i = 0; names && c->exprs.items && i < n; i++) {
		const PgQuery__IndexElem *e = infer->index_elems[i]->index_elem;

		if (e->n_collation || e->n_opclass)
			return amph__parse_refuse(p, infer->location, "a collation or operator class in "
						  "ON CONFLICT");
		if (e->expr)
			c->exprs.items[c->exprs.n++] = amph__parse_node(p, e->expr);
		else
			names[columns++] = amph__parse_text(p, e->name);
	}
	c->columns = names;
	return !p->failed;
}

static void set_infer(sql_parser *p, const PgQuery__InferClause *infer, sql_conflict *c)
{
	if (!infer || !conflict_keys(p, infer, c))
		return;
	c->constraint = amph__parse_text(p, infer->conname);
	c->columns_where = amph__parse_node(p, infer->where_clause);
}

static sql_conflict *parse_conflict(sql_parser *p, const PgQuery__OnConflictClause *o)
{
	sql_conflict *c = o ? AMPH_NEW(p->arena, sql_conflict) : NULL;

	if (!c)
		return NULL;
	set_infer(p, o->infer, c);
	if (o->action != PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE)
		return c;
	if (!o->infer)
		return amph__parse_fail(p, o->location, "42601", "ON CONFLICT DO UPDATE requires "
					"inference specification or constraint name");
	p->in_conflict = true;
	c->set = amph__parse_set(p, o->n_target_list, o->target_list);
	c->where = amph__parse_node(p, o->where_clause);
	p->in_conflict = false;
	return c;
}

/* ---- the statements ---- */

const char *const *amph__parse_columns(sql_parser *p, size_t n, pg_node *const *items)
{
	const char **columns = n ? AMPH_NEWS(p->arena, const char *, n + 1) : NULL;

	for (size_t i = 0; columns && i < n; i++)
		columns[i] = column_of(p, items[i]->res_target);
	return columns;
}

/* INSERT INTO t (a[1], a[2], b) */
static void parse_inserted(sql_parser *p, const PgQuery__InsertStmt *i, sql_stmt *s)
{
	const char **columns = i->n_cols ? AMPH_NEWS(p->arena, const char *, i->n_cols + 1) : NULL;

	s->columns = columns;
	for (size_t k = 0; columns && k < i->n_cols && !p->failed; k++) {
		const PgQuery__ResTarget *t = i->cols[k]->res_target;

		columns[k] = amph__parse_text(p, t->name);
		if (t->n_indirection && !s->subscripts)
			s->subscripts = AMPH_NEWS(p->arena, sql_expr *, i->n_cols + 1);
		if (t->n_indirection && s->subscripts)
			s->subscripts[k] = amph__parse_at(p, amph__parse_subscript(p, NULL, t->n_indirection,
								t->indirection), t->location);
	}
}

static sql_stmt *parse_insert(sql_parser *p, const pg_node *n)
{
	const PgQuery__InsertStmt *i = n->insert_stmt;
	sql_stmt *s = amph__parse_new_stmt(p, SQL_STMT_INSERT);

	if (!s)
		return NULL;
	s->overriding_user = i->override == PG_QUERY__OVERRIDING_KIND__OVERRIDING_USER_VALUE;
	s->overriding_system = i->override == PG_QUERY__OVERRIDING_KIND__OVERRIDING_SYSTEM_VALUE;
	s->with = amph__parse_with(p, i->with_clause, &s->with_recursive);
	s->target = amph__parse_table(p, i->relation);
	parse_inserted(p, i, s);
	s->select = amph__parse_select_node(p, i->select_stmt);
	s->conflict = parse_conflict(p, i->on_conflict_clause);
	s->returning = amph__parse_targets(p, i->n_returning_list, i->returning_list);
	return s;
}

static sql_stmt *parse_update(sql_parser *p, const pg_node *n)
{
	const PgQuery__UpdateStmt *u = n->update_stmt;
	sql_stmt *s = amph__parse_new_stmt(p, SQL_STMT_UPDATE);

	if (!s)
		return NULL;
	s->with = amph__parse_with(p, u->with_clause, &s->with_recursive);
	s->target = amph__parse_table(p, u->relation);
	s->set = amph__parse_set(p, u->n_target_list, u->target_list);
	s->from = amph__parse_from(p, u->n_from_clause, u->from_clause);
	s->where = amph__parse_node(p, u->where_clause);
	s->returning = amph__parse_targets(p, u->n_returning_list, u->returning_list);
	return s;
}

static sql_stmt *parse_delete(sql_parser *p, const pg_node *n)
{
	const PgQuery__DeleteStmt *d = n->delete_stmt;
	sql_stmt *s = amph__parse_new_stmt(p, SQL_STMT_DELETE);

	if (!s)
		return NULL;
	s->with = amph__parse_with(p, d->with_clause, &s->with_recursive);
	s->target = amph__parse_table(p, d->relation);
	s->from = amph__parse_from(p, d->n_using_clause, d->using_clause);
	s->where = amph__parse_node(p, d->where_clause);
	s->returning = amph__parse_targets(p, d->n_returning_list, d->returning_list);
	return s;
}

static sql_stmt *parse_select(sql_parser *p, const pg_node *n)
{
	if (n->select_stmt->into_clause)
		return amph__parse_select_into(p, n->select_stmt);
	sql_stmt *s = amph__parse_new_stmt(p, SQL_STMT_SELECT);

	if (s)
		s->select = amph__parse_select(p, n->select_stmt);
	return s;
}

/* One parameter of unknown type for each number up to the greatest. */
void amph__parse_params(sql_parser *p, sql_stmt *s)
{
	amph_sqltype *types;

	s->params = p->n_params ? AMPH_NEWS(p->arena, amph_param, p->n_params) : NULL;
	types = p->n_params ? AMPH_NEWS(p->arena, amph_sqltype, p->n_params) : NULL;
	if (!s->params || !types)
		return;
	s->n_params = p->n_params;
	for (size_t i = 0; i < p->n_params; i++) {
		types[i].nullable = true;
		s->params[i] = (amph_param){ .kind = AMPH_PARAM_VALUE, .n_types = 1,
					     .types = &types[i] };
	}
}

sql_stmt *amph__parse_stmt_node(sql_parser *p, const pg_node *n)
{
	if (p->failed || p->arena->failed)
		return NULL;
	switch (n->node_case) {
	case PG_QUERY__NODE__NODE_SELECT_STMT:
		return parse_select(p, n);
	case PG_QUERY__NODE__NODE_INSERT_STMT:
		return parse_insert(p, n);
	case PG_QUERY__NODE__NODE_UPDATE_STMT:
		return parse_update(p, n);
	case PG_QUERY__NODE__NODE_DELETE_STMT:
		return parse_delete(p, n);
	case PG_QUERY__NODE__NODE_MERGE_STMT:
		return amph__parse_merge(p, n);
	case PG_QUERY__NODE__NODE_TRANSACTION_STMT:
		return amph__parse_control(p, n->transaction_stmt);
	case PG_QUERY__NODE__NODE_VARIABLE_SHOW_STMT:
		return amph__parse_show(p, n);
	case PG_QUERY__NODE__NODE_VARIABLE_SET_STMT:
		return amph__parse_set_setting(p, n);
	default:
		break;
	}
	sql_stmt *s = amph__parse_ddl(p, n);
	return s ? s : amph__parse_refuse_node(p, n);
}
