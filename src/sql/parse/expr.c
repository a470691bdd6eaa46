/* Scalar expressions: one function for each kind of node, found in a table. */
#include "parse.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

typedef sql_expr *parse_fn(sql_parser *p, const pg_node *n);

sql_expr *amph__parse_at(sql_parser *p, sql_expr *e, int location)
{
	if (e)
		e->location = amph__parse_location(p, location);
	return e;
}

void amph__parse_list(sql_parser *p, size_t n, pg_node *const *nodes, sql_list *out)
{
	*out = (sql_list){ 0 };
	if (n == 0 || p->failed)
		return;
	out->items = AMPH_NEWS(p->arena, sql_expr *, n);
	if (!out->items)
		return;
	out->n = n;
	for (size_t i = 0; i < n; i++)
		out->items[i] = amph__parse_node(p, nodes[i]);
}

/* ---- names and constants ---- */

static const char *field_name(const pg_node *n)
{
	return n->node_case == PG_QUERY__NODE__NODE_STRING ? n->string->sval : NULL;
}

static sql_expr *parse_column(sql_parser *p, const pg_node *n)
{
	const PgQuery__ColumnRef *c = n->column_ref;
	const char *last = field_name(c->fields[c->n_fields - 1]);
	const char *range = NULL;
	sql_expr *e;

	if (c->n_fields > 3 ||
	    (c->n_fields == 3 && (!last || strcmp(field_name(c->fields[0]), "public") != 0)))
		return amph__parse_refuse(p, c->location, "a column's name with a schema");
	if (c->n_fields >= 2)
		range = amph__parse_text(p, field_name(c->fields[c->n_fields - 2]));
	if (last && range && c->n_fields == 2 && p->in_conflict && !strcmp(range, "excluded")) {
		e = sql_new(p->arena, SQL_EXCLUDED, 0);
		if (e)
			e->name = amph__parse_text(p, last);
	} else if (last) {
		e = sql_column(p->arena, range, amph__parse_text(p, last));
		if (e)
			e->in_schema = c->n_fields == 3;
	} else {
		e = sql_new(p->arena, SQL_STAR, 0);
		if (e)
			e->range = range;
	}
	return amph__parse_at(p, e, c->location);
}

static sql_expr *given_constant(sql_parser *p, size_t number, int location)
{
	const sql_expr *value = p->given->items[number];
	sql_expr *e;

	if (p->taken[number] && value->type.type == AMPH_T_NONE)
		return amph__parse_refuse(p, location, "a parameter without a type that is there twice");
	p->taken[number] = true;
	e = amph__arena_copy(p->arena, value, sizeof *value);
	return amph__parse_at(p, e, location);
}

static sql_expr *parse_param(sql_parser *p, const pg_node *n)
{
	const PgQuery__ParamRef *r = n->param_ref;
	const amph_sqltype unknown = { .nullable = true };

	if (r->number < 1 || r->number > UINT16_MAX)
		return amph__parse_fail(p, r->location, "42P02", "there is no parameter $%d", r->number);
	if ((size_t)r->number > p->n_params)
		p->n_params = (size_t)r->number;
	if (p->given && (size_t)r->number <= p->given->n)
		return given_constant(p, (size_t)r->number - 1, r->location);
	return amph__parse_at(p, sql_param(p->arena, (size_t)r->number - 1, unknown), r->location);
}

/* A number that the grammar has as text: the narrowest integer that holds it, else numeric. A minus
 * before it is part of the constant. */
static amph_type type_of_number(const char *text)
{
	const char *digits = text + (text[0] == '-');
	long long value;

	if (digits[strspn(digits, "0123456789")])
		return AMPH_T_NUMERIC;
	errno = 0;
	value = strtoll(text, NULL, 10);
	if (errno == ERANGE)
		return AMPH_T_NUMERIC;
	return value >= INT32_MIN && value <= INT32_MAX ? AMPH_T_INT32 : AMPH_T_INT64;
}

static sql_expr *parse_const(sql_parser *p, const pg_node *n)
{
	const PgQuery__AConst *c = n->a_const;
	sql_expr *e = NULL;

	switch (c->val_case) {
	case PG_QUERY__A__CONST__VAL_IVAL:
		e = sql_const(p->arena, AMPH_T_INT32,
			      amph__arena_printf(p->arena, "%d", c->ival->ival));
		break;
	case PG_QUERY__A__CONST__VAL_FVAL:
		e = sql_const(p->arena, type_of_number(c->fval->fval),
			      amph__parse_text(p, c->fval->fval));
		break;
	case PG_QUERY__A__CONST__VAL_BOOLVAL:
		e = sql_const(p->arena, AMPH_T_BOOL, c->boolval->boolval ? "true" : "false");
		break;
	case PG_QUERY__A__CONST__VAL_SVAL:
		e = sql_const(p->arena, AMPH_T_NONE,
			      amph__arena_text(p->arena, c->sval->sval, strlen(c->sval->sval)));
		break;
	case PG_QUERY__A__CONST__VAL_BSVAL:
		return amph__parse_refuse(p, c->location, "a bit string");
	default:
		e = sql_const(p->arena, AMPH_T_NONE, NULL);
	}
	return amph__parse_at(p, e, c->location);
}

/* ---- operators ---- */

static sql_expr *pair(sql_parser *p, sql_kind kind, const pg_node *left, const pg_node *right)
{
	sql_expr *e = sql_new(p->arena, kind, 2);

	if (e) {
		e->args.items[0] = amph__parse_node(p, left);
		e->args.items[1] = amph__parse_node(p, right);
	}
	return e;
}

static sql_expr *single(sql_parser *p, sql_kind kind, const pg_node *arg)
{
	sql_expr *e = sql_new(p->arena, kind, 1);

	if (e)
		e->args.items[0] = amph__parse_node(p, arg);
	return e;
}

/* (a, b) = (SELECT ...): a row of the query's columns. */
static sql_expr *row_of_select(sql_parser *p, const pg_node *n, size_t columns)
{
	sql_expr *row = sql_new(p->arena, SQL_ROW, columns);

	for (size_t i = 0; row && i < columns; i++)
		row->args.items[i] = amph__parse_select_column(p, n->sub_link, (int)columns, (int)i + 1,
							       "subquery has the wrong number of columns");
	return row && !p->failed ? amph__parse_at(p, row, n->sub_link->location) : NULL;
}

static bool is_row_and_select(const PgQuery__AExpr *a)
{
	return a->lexpr && a->rexpr && a->lexpr->node_case == PG_QUERY__NODE__NODE_ROW_EXPR &&
	       a->rexpr->node_case == PG_QUERY__NODE__NODE_SUB_LINK &&
	       a->rexpr->sub_link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK;
}

static sql_expr *parse_operator(sql_parser *p, const PgQuery__AExpr *a, const char *op)
{
	sql_expr *left = a->lexpr ? amph__parse_node(p, a->lexpr) : NULL;

	if (is_row_and_select(a) && left)
		return sql_op(p->arena, op, left, row_of_select(p, a->rexpr, left->args.n));
	sql_expr *right = amph__parse_node(p, a->rexpr);

	if (p->failed)
		return NULL;
	return sql_op(p->arena, !strcmp(op, "!=") ? "<>" : op, left, right);
}

/* NOT LIKE is an operator of its own to PostgreSQL; to us it is LIKE, negated. */
static sql_expr *parse_like(sql_parser *p, const PgQuery__AExpr *a, const char *op)
{
	bool negated = op[0] == '!';
	sql_expr *e = parse_operator(p, a, op + negated);

	if (e)
		e->negated = negated;
	return e;
}

static sql_expr *parse_quantified(sql_parser *p, const PgQuery__AExpr *a, const char *op)
{
	sql_expr *e = pair(p, SQL_QUANTIFIED, a->lexpr, a->rexpr);

	if (e) {
		e->name = op;
		e->all = a->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL;
	}
	return e;
}

static sql_expr *parse_in(sql_parser *p, const PgQuery__AExpr *a, const char *op)
{
	const PgQuery__List *list = a->rexpr->list;
	sql_expr *e = sql_new(p->arena, SQL_IN_LIST, list->n_items + 1);

	if (!e)
		return NULL;
	e->negated = !strcmp(op, "<>");
	e->args.items[0] = amph__parse_node(p, a->lexpr);
	for (size_t i = 0; i < list->n_items; i++)
		e->args.items[i + 1] = amph__parse_node(p, list->items[i]);
	return e;
}

static sql_expr *between(sql_parser *p, const PgQuery__AExpr *a, size_t low, bool negated)
{
	pg_node *const *limits = a->rexpr->list->items;
	sql_expr *e = sql_new(p->arena, SQL_BETWEEN, 3);

	if (!e)
		return NULL;
	e->negated = negated;
	e->args.items[0] = amph__parse_node(p, a->lexpr);
	e->args.items[1] = amph__parse_node(p, limits[low]);
	e->args.items[2] = amph__parse_node(p, limits[1 - low]);
	return amph__parse_at(p, e, a->location);
}

static sql_expr *parse_between(sql_parser *p, const PgQuery__AExpr *a, const char *op)
{
	(void)op;
	return between(p, a, 0, a->kind == PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN);
}

/* Between the limits in either order, as PostgreSQL itself has it. */
static sql_expr *parse_between_symmetric(sql_parser *p, const PgQuery__AExpr *a, const char *op)
{
	bool negated = a->kind == PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM;
	sql_expr *e = sql_new(p->arena, negated ? SQL_AND : SQL_OR, 2);

	(void)op;
	for (size_t i = 0; e && i < 2; i++)
		e->args.items[i] = between(p, a, i, negated);
	return e;
}

static sql_expr *parse_distinct(sql_parser *p, const PgQuery__AExpr *a, const char *op)
{
	(void)op;
	return pair(p, a->kind == PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT
		    ? SQL_DISTINCT_FROM : SQL_NOT_DISTINCT_FROM, a->lexpr, a->rexpr);
}

static sql_expr *parse_nullif(sql_parser *p, const PgQuery__AExpr *a, const char *op)
{
	(void)op;
	return pair(p, SQL_NULLIF, a->lexpr, a->rexpr);
}

static sql_expr *parse_a_expr(sql_parser *p, const pg_node *n)
{
	static sql_expr *(*const forms[])(sql_parser *, const PgQuery__AExpr *, const char *) = {
		[PG_QUERY__A__EXPR__KIND__AEXPR_OP] = parse_operator,
		[PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY] = parse_quantified,
		[PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL] = parse_quantified,
		[PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT] = parse_distinct,
		[PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT] = parse_distinct,
		[PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF] = parse_nullif,
		[PG_QUERY__A__EXPR__KIND__AEXPR_IN] = parse_in,
		[PG_QUERY__A__EXPR__KIND__AEXPR_LIKE] = parse_like,
		[PG_QUERY__A__EXPR__KIND__AEXPR_ILIKE] = parse_like,
		[PG_QUERY__A__EXPR__KIND__AEXPR_SIMILAR] = parse_like,
		[PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN] = parse_between,
		[PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN] = parse_between,
		[PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN_SYM] = parse_between_symmetric,
		[PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM] = parse_between_symmetric
	};
	const PgQuery__AExpr *a = n->a_expr;
	const char *op = amph__parse_system_name(p, a->n_name, a->name, a->location);

	if (!op)
		return NULL;
	if ((size_t)a->kind >= sizeof(forms) / sizeof(forms[0]) || !forms[a->kind])
		return amph__parse_refuse_node(p, n);
	return amph__parse_at(p, forms[a->kind](p, a, op), a->location);
}

static sql_expr *parse_bool(sql_parser *p, const pg_node *n)
{
	const PgQuery__BoolExpr *b = n->bool_expr;
	sql_kind kind = b->boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR ? SQL_AND
		: b->boolop == PG_QUERY__BOOL_EXPR_TYPE__OR_EXPR ? SQL_OR : SQL_NOT;
	sql_expr *e = sql_new(p->arena, kind, 0);

	if (e)
		amph__parse_list(p, b->n_args, b->args, &e->args);
	return amph__parse_at(p, e, b->location);
}

static sql_expr *parse_null_test(sql_parser *p, const pg_node *n)
{
	const PgQuery__NullTest *t = n->null_test;
	bool is_null = t->nulltesttype == PG_QUERY__NULL_TEST_TYPE__IS_NULL;

	return amph__parse_at(p, single(p, is_null ? SQL_IS_NULL : SQL_IS_NOT_NULL, t->arg),
			      t->location);
}

static sql_expr *parse_boolean_test(sql_parser *p, const pg_node *n)
{
	static const sql_kind kinds[] = {
		[PG_QUERY__BOOL_TEST_TYPE__IS_TRUE] = SQL_IS_TRUE,
		[PG_QUERY__BOOL_TEST_TYPE__IS_NOT_TRUE] = SQL_IS_NOT_TRUE,
		[PG_QUERY__BOOL_TEST_TYPE__IS_FALSE] = SQL_IS_FALSE,
		[PG_QUERY__BOOL_TEST_TYPE__IS_NOT_FALSE] = SQL_IS_NOT_FALSE,
		[PG_QUERY__BOOL_TEST_TYPE__IS_UNKNOWN] = SQL_IS_UNKNOWN,
		[PG_QUERY__BOOL_TEST_TYPE__IS_NOT_UNKNOWN] = SQL_IS_NOT_UNKNOWN
	};
	const PgQuery__BooleanTest *t = n->boolean_test;

	return amph__parse_at(p, single(p, kinds[t->booltesttype], t->arg), t->location);
}

/* ---- forms ---- */

/* A type of a schema, which the program has made: resolve/own.c. */
static bool is_own_type(const PgQuery__TypeName *t)
{
	return t->n_names == 2 && !t->n_typmods && !t->n_array_bounds && !t->setof && !t->pct_type &&
	       t->names[0]->node_case == PG_QUERY__NODE__NODE_STRING &&
	       strcmp(t->names[0]->string->sval, "pg_catalog") != 0;
}

static sql_expr *parse_own_cast(sql_parser *p, const PgQuery__TypeCast *c, sql_expr *arg)
{
	pg_node *const *names = c->type_name->names;
	sql_expr *e = sql_cast(p->arena, arg, (amph_sqltype){ .type = AMPH_T_NONE, .nullable = true });

	if (e) {
		e->explicit_cast = true;
		e->name = amph__arena_printf(p->arena, "%s.%s", names[0]->string->sval,
					     names[1]->string->sval);
	}
	return amph__parse_at(p, e, c->location);
}

/* regtype is the type of no column, but what a name of a type may be cast to. */
static bool is_type_name(sql_parser *p, const PgQuery__TypeName *t)
{
	const char *name = t->n_array_bounds || t->setof
		? NULL : amph__parse_system_name(p, t->n_names, t->names, t->location);

	return name && !strcmp(name, "regtype");
}

static sql_expr *parse_cast(sql_parser *p, const pg_node *n)
{
	const PgQuery__TypeCast *c = n->type_cast;
	const char *enum_name;
	amph_sqltype type;
	sql_expr *e, *arg = amph__parse_node(p, c->arg);

	if (!p->failed && is_own_type(c->type_name))
		return parse_own_cast(p, c, arg);
	if (!p->failed && is_type_name(p, c->type_name)) {
		enum_name = NULL;
		type = (amph_sqltype){ .type = AMPH_T_REGTYPE, .nullable = true };
	} else if (p->failed || !amph__parse_type(p, c->type_name, &type, &enum_name)) {
		return NULL;
	}
	e = sql_cast(p->arena, arg, type);
	if (e) {
		e->explicit_cast = true;
		e->name = enum_name ? enum_name : amph__array_type_name(p, c->type_name);
	}
	return amph__parse_at(p, e, c->location);
}

static sql_expr *parse_case(sql_parser *p, const pg_node *n)
{
	const PgQuery__CaseExpr *c = n->case_expr;
	sql_expr *e = sql_new(p->arena, SQL_CASE, c->n_args * 2 + (c->defresult ? 1 : 0));

	if (!e)
		return NULL;
	e->operand = amph__parse_node(p, c->arg);
	for (size_t i = 0; i < c->n_args; i++) {
		const PgQuery__CaseWhen *w = c->args[i]->case_when;

		e->args.items[i * 2] = amph__parse_node(p, w->expr);
		e->args.items[i * 2 + 1] = amph__parse_node(p, w->result);
	}
	if (c->defresult)
		e->args.items[c->n_args * 2] = amph__parse_node(p, c->defresult);
	return amph__parse_at(p, e, c->location);
}

static sql_expr *listed(sql_parser *p, sql_kind kind, size_t n, pg_node *const *items, int location)
{
	sql_expr *e = sql_new(p->arena, kind, 0);

	if (e)
		amph__parse_list(p, n, items, &e->args);
	return amph__parse_at(p, e, location);
}

static sql_expr *parse_coalesce(sql_parser *p, const pg_node *n)
{
	const PgQuery__CoalesceExpr *c = n->coalesce_expr;

	return listed(p, SQL_COALESCE, c->n_args, c->args, c->location);
}

static sql_expr *parse_min_max(sql_parser *p, const pg_node *n)
{
	const PgQuery__MinMaxExpr *m = n->min_max_expr;
	bool greatest = m->op == PG_QUERY__MIN_MAX_OP__IS_GREATEST;

	return listed(p, greatest ? SQL_GREATEST : SQL_LEAST, m->n_args, m->args, m->location);
}

static sql_expr *parse_row(sql_parser *p, const pg_node *n)
{
	return listed(p, SQL_ROW, n->row_expr->n_args, n->row_expr->args, n->row_expr->location);
}

static sql_expr *parse_array(sql_parser *p, const pg_node *n)
{
	const PgQuery__AArrayExpr *a = n->a_array_expr;

	return listed(p, SQL_ARRAY, a->n_elements, a->elements, a->location);
}

static sql_expr *limit_of_slice(sql_parser *p, const pg_node *given, int otherwise)
{
	if (given)
		return amph__parse_node(p, given);
	return sql_const(p->arena, AMPH_T_INT32, amph__arena_printf(p->arena, "%d", otherwise));
}

/* A slice is cut to the array's bounds, so a limit left out is one beyond all bounds. Beside a slice
 * [n] is [1:n]. */
sql_expr *amph__parse_subscript(sql_parser *p, sql_expr *array, size_t n, pg_node *const *items)
{
	bool slice = false;
	sql_expr *e;

	for (size_t i = 0; i < n; i++) {
		if (items[i]->node_case != PG_QUERY__NODE__NODE_A_INDICES)
			return amph__parse_refuse(p, -1, "a field of a row");
		slice |= items[i]->a_indices->is_slice;
	}
	e = sql_new(p->arena, SQL_SUBSCRIPT, 1 + (slice ? n * 2 : n));
	if (!e)
		return NULL;
	e->all = slice;
	e->args.items[0] = array;
	for (size_t i = 0; i < n; i++) {
		const PgQuery__AIndices *x = items[i]->a_indices;

		if (slice) {
			e->args.items[1 + i * 2] = limit_of_slice(p, x->lidx, x->is_slice ? INT_MIN : 1);
			e->args.items[2 + i * 2] = limit_of_slice(p, x->uidx, INT_MAX);
		} else {
			e->args.items[1 + i] = amph__parse_node(p, x->uidx);
		}
	}
	return e;
}

static sql_expr *parse_indirection(sql_parser *p, const pg_node *n)
{
	const PgQuery__AIndirection *a = n->a_indirection;
	sql_expr *e = amph__parse_node(p, a->arg);

	if (!e)
		return NULL;
	if (a->indirection[0]->node_case != PG_QUERY__NODE__NODE_A_INDICES)
		return amph__parse_refuse(p, e->location + (int)p->shift, "a field of a row");
	return amph__parse_at(p, amph__parse_subscript(p, e, a->n_indirection, a->indirection), e->location);
}

static sql_expr *parse_collate(sql_parser *p, const pg_node *n)
{
	const PgQuery__CollateClause *c = n->collate_clause;
	sql_expr *e = single(p, SQL_COLLATE, c->arg);

	if (e)
		e->text = amph__parse_system_name(p, c->n_collname, c->collname, c->location);
	return amph__parse_at(p, e, c->location);
}

/* ---- subqueries ---- */

static sql_expr *with_select(sql_parser *p, const PgQuery__SubLink *s, sql_kind kind)
{
	sql_expr *e = sql_new(p->arena, kind, s->testexpr ? 1 : 0);

	if (!e)
		return NULL;
	if (s->testexpr)
		e->args.items[0] = amph__parse_node(p, s->testexpr);
	e->select = amph__parse_select_node(p, s->subselect);
	return e;
}

static sql_expr *quantified_select(sql_parser *p, const PgQuery__SubLink *s)
{
	sql_expr *e = with_select(p, s, SQL_QUANTIFIED);

	if (e) {
		e->name = amph__parse_system_name(p, s->n_oper_name, s->oper_name, s->location);
		e->all = s->sub_link_type == PG_QUERY__SUB_LINK_TYPE__ALL_SUBLINK;
	}
	return e;
}

static sql_expr *parse_sub_link(sql_parser *p, const pg_node *n)
{
	const PgQuery__SubLink *s = n->sub_link;
	sql_expr *e;

	switch (s->sub_link_type) {
	case PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK:
		e = with_select(p, s, SQL_EXISTS);
		break;
	case PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK:
		e = with_select(p, s, SQL_SCALAR);
		break;
	case PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK:
		e = with_select(p, s, SQL_ARRAY_SELECT);
		break;
	case PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK:
		e = s->n_oper_name ? quantified_select(p, s) : with_select(p, s, SQL_IN_SELECT);
		break;
	case PG_QUERY__SUB_LINK_TYPE__ALL_SUBLINK:
		e = quantified_select(p, s);
		break;
	default:
		return amph__parse_refuse_node(p, n);
	}
	return amph__parse_at(p, e, s->location);
}

static sql_expr *parse_grouping(sql_parser *p, const pg_node *n)
{
	const PgQuery__GroupingFunc *g = n->grouping_func;

	return listed(p, SQL_GROUPING, g->n_args, g->args, g->location);
}

static sql_expr *parse_default_word(sql_parser *p, const pg_node *n)
{
	return amph__parse_at(p, sql_new(p->arena, SQL_DEFAULT, 0), n->set_to_default->location);
}

sql_expr *amph__parse_node(sql_parser *p, const pg_node *n)
{
	static parse_fn *const parsers[] = {
		[PG_QUERY__NODE__NODE_A_ARRAY_EXPR] = parse_array,
		[PG_QUERY__NODE__NODE_A_CONST] = parse_const,
		[PG_QUERY__NODE__NODE_A_EXPR] = parse_a_expr,
		[PG_QUERY__NODE__NODE_A_INDIRECTION] = parse_indirection,
		[PG_QUERY__NODE__NODE_BOOL_EXPR] = parse_bool,
		[PG_QUERY__NODE__NODE_BOOLEAN_TEST] = parse_boolean_test,
		[PG_QUERY__NODE__NODE_CASE_EXPR] = parse_case,
		[PG_QUERY__NODE__NODE_COALESCE_EXPR] = parse_coalesce,
		[PG_QUERY__NODE__NODE_COLLATE_CLAUSE] = parse_collate,
		[PG_QUERY__NODE__NODE_COLUMN_REF] = parse_column,
		[PG_QUERY__NODE__NODE_FUNC_CALL] = amph__parse_call,
		[PG_QUERY__NODE__NODE_GROUPING_FUNC] = parse_grouping,
		[PG_QUERY__NODE__NODE_MIN_MAX_EXPR] = parse_min_max,
		[PG_QUERY__NODE__NODE_NULL_TEST] = parse_null_test,
		[PG_QUERY__NODE__NODE_PARAM_REF] = parse_param,
		[PG_QUERY__NODE__NODE_ROW_EXPR] = parse_row,
		[PG_QUERY__NODE__NODE_SET_TO_DEFAULT] = parse_default_word,
		[PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION] = amph__parse_value_function,
		[PG_QUERY__NODE__NODE_SUB_LINK] = parse_sub_link,
		[PG_QUERY__NODE__NODE_TYPE_CAST] = parse_cast
	};

	if (!n || p->failed || p->arena->failed)
		return NULL;
	if ((size_t)n->node_case >= sizeof(parsers) / sizeof(parsers[0]) || !parsers[n->node_case])
		return amph__parse_refuse_node(p, n);
	return parsers[n->node_case](p, n);
}
