/* Forms that have an operator inside: BETWEEN, IN, ANY and ALL, CASE, comparisons of rows. Where
 * one operator does for all their parts the form stays; else it is written out. */
#include "resolve.h"
#include <string.h>

static const amph_sqltype boolean = { .type = AMPH_T_BOOL };

sql_expr *amph__make_op(sql_resolver *r, const char *op, sql_expr *left, sql_expr *right,
			int location)
{
	sql_expr *e = sql_op(r->arena, op, left, right);

	if (!e) {
		amph__resolve_nomem(r);
		return NULL;
	}
	e->location = location;
	return amph__resolve_operator(r, &e) ? e : NULL;
}

static void set_boolean(sql_expr *e)
{
	e->type = boolean;
	for (size_t i = 0; i < e->args.n; i++)
		e->type.nullable |= e->args.items[i]->type.nullable;
}

static bool same_args(const sql_match *a, const sql_match *b)
{
	return amph__type_same(&a->args[0], &b->args[0]) &&
	       amph__type_same(&a->args[1], &b->args[1]);
}

/* An operand that is written out more than once: a literal takes another type in each place. */
static sql_expr *again(sql_resolver *r, sql_expr *e)
{
	if (e->kind != SQL_CONST || !amph__is_unknown(e))
		return e;
	return amph__arena_copy(r->arena, e, sizeof(*e));
}

static sql_expr *compare_again(sql_resolver *r, const char *op, sql_expr *left, sql_expr *right,
			       int location)
{
	left = again(r, left);
	if (left)
		return amph__make_op(r, op, left, right, location);
	amph__resolve_nomem(r);
	return NULL;
}

/* ---- BETWEEN ---- */

static bool write_out_between(sql_resolver *r, sql_expr **e)
{
	sql_expr *b = *e, **args = b->args.items;
	sql_expr *both = sql_new(r->arena, b->negated ? SQL_OR : SQL_AND, 2);

	if (!both)
		return amph__resolve_nomem(r);
	both->location = b->location;
	both->args.items[0] =
		compare_again(r, b->negated ? "<" : ">=", args[0], args[1], b->location);
	if (!both->args.items[0])
		return false;
	both->args.items[1] =
		compare_again(r, b->negated ? ">" : "<=", args[0], args[2], b->location);
	if (!both->args.items[1])
		return false;
	set_boolean(both);
	*e = both;
	return true;
}

static bool resolve_limit(sql_resolver *r, sql_expr *b, size_t i, sql_match *m)
{
	sql_expr **args = b->args.items;
	const char *op = i == 1 ? ">=" : "<=";
	sql_expr *left;

	if (!amph__resolve_node(r, &args[i]))
		return false;
	if (args[0]->type.type == AMPH_T_RECORD)
		return true;
	if (!amph__strip_beside(r, &args[0]->type, &args[i]) ||
	    !amph__match_operator(r, op, &args[0]->type, &args[i]->type, b->location, m) ||
	    !amph__coerce(r, &args[i], &m->args[1]))
		return false;
	left = again(r, args[0]);
	if (!left)
		return amph__resolve_nomem(r);
	/* a literal is checked against each limit, in its turn */
	return left == args[0] || amph__coerce(r, &left, &m->args[0]);
}

bool amph__resolve_between(sql_resolver *r, sql_expr **e)
{
	sql_expr *b = *e, **args = b->args.items;
	sql_match low, high;

	if (!amph__resolve_node(r, &args[0]) || !resolve_limit(r, b, 1, &low) ||
	    !resolve_limit(r, b, 2, &high))
		return false;
	if (args[0]->type.type == AMPH_T_RECORD || !same_args(&low, &high))
		return write_out_between(r, e);
	b->row = low.row;
	if (!amph__coerce(r, &args[0], &low.args[0]))
		return false;
	set_boolean(b);
	return true;
}

/* ---- IN ---- */

static bool has_column(void *ctx, sql_expr *e)
{
	bool *found = ctx;

	if (e->kind == SQL_COLUMN || e->kind == SQL_EXCLUDED || e->select)
		*found = true;
	return !*found && amph__expr_children(e, has_column, ctx);
}

static bool is_constant(sql_expr *e)
{
	bool found = false;

	has_column(&found, e);
	return !found;
}

static bool write_out_in(sql_resolver *r, sql_expr **e)
{
	sql_expr *in = *e;
	sql_expr *any = sql_new(r->arena, in->negated ? SQL_AND : SQL_OR, in->args.n - 1);

	if (!any)
		return amph__resolve_nomem(r);
	any->location = in->location;
	for (size_t i = 1; i < in->args.n; i++) {
		any->args.items[i - 1] =
			compare_again(r, in->negated ? "<>" : "=", in->args.items[0],
				      in->args.items[i], in->location);
		if (!any->args.items[i - 1])
			return false;
	}
	set_boolean(any);
	*e = any;
	return true;
}

/* Several constants are one array to PostgreSQL: they and the left side have a common type. */
static bool unify_constants(sql_resolver *r, sql_expr *in)
{
	amph_sqltype common = in->args.items[0]->type;
	size_t n = 0;

	for (size_t i = 1; i < in->args.n; i++)
		n += is_constant(in->args.items[i]);
	if (n < 2)
		return true;
	for (size_t i = 1; i < in->args.n; i++)
		if (is_constant(in->args.items[i]) &&
		    !amph__common_step(&common, &in->args.items[i]->type))
			return true;
	if (common.type == AMPH_T_NONE)
		common.type = AMPH_T_TEXT;
	if (common.type == AMPH_T_RECORD)
		return true;
	common.length = 0;
	common.scale = 0;
	for (size_t i = 1; i < in->args.n; i++)
		if (is_constant(in->args.items[i]) &&
		    !amph__can_coerce(&in->args.items[i]->type, &common, AMPH_CAST_IMPLICIT))
			return true;
	for (size_t i = 1; i < in->args.n; i++)
		if (is_constant(in->args.items[i]) && !amph__coerce(r, &in->args.items[i], &common))
			return false;
	return true;
}

/* Each item in turn gets its operator and the type that this wants; *same says whether one operator
 * does for all, *m is that. */
static bool match_items(sql_resolver *r, sql_expr *in, sql_match *m, bool *same)
{
	const amph_sqltype *left = &in->args.items[0]->type;
	amph_sqltype last = { 0 };

	*same = true;
	for (size_t i = 1; i < in->args.n; i++) {
		sql_expr **item = &in->args.items[i];
		sql_match next = *m;

		if (i == 1 || !amph__type_same(&last, &(*item)->type)) {
			last = (*item)->type;
			if (!amph__match_operator(r, "=", left, &last, in->location, &next))
				return false;
		}
		if (i > 1 && !same_args(m, &next))
			*same = false;
		if (!amph__coerce(r, item, &next.args[1]))
			return false;
		*m = next;
	}
	return true;
}

bool amph__resolve_in_list(sql_resolver *r, sql_expr **e)
{
	sql_expr *in = *e;
	sql_match m = { 0 };
	bool same;

	if (!amph__resolve_list(r, &in->args))
		return false;
	in->type = boolean;
	if (in->args.n == 1)
		return amph__coerce_unknown_to_text(r, &in->args.items[0]);
	if (in->args.items[0]->type.type == AMPH_T_RECORD)
		return write_out_in(r, e);
	for (size_t i = 1; i < in->args.n; i++)
		if (!amph__strip_beside(r, &in->args.items[0]->type, &in->args.items[i]))
			return false;
	if (!unify_constants(r, in) || !match_items(r, in, &m, &same))
		return false;
	if (!same)
		return write_out_in(r, e);
	in->row = m.row;
	if (!amph__coerce(r, &in->args.items[0], &m.args[0]))
		return false;
	set_boolean(in);
	return true;
}

bool amph__resolve_in_rows(sql_resolver *r, sql_expr **e)
{
	sql_expr *in = *e;
	const amph_param *p;
	sql_match m;

	if (!amph__resolve_list(r, &in->args))
		return false;
	p = r->stmt && in->param < r->stmt->n_params ? &r->stmt->params[in->param] : NULL;
	if (!p || p->kind != AMPH_PARAM_ROWS)
		return amph__error_misuse(r->err, "Parameter %zu is no row set", in->param + 1);
	if (!amph__match_operator(r, "=", &in->args.items[0]->type, &p->types[0], in->location, &m))
		return false;
	in->row = m.row;
	in->type = boolean;
	in->type.nullable = in->args.items[0]->type.nullable || p->types[0].nullable;
	return amph__coerce(r, &in->args.items[0], &m.args[0]);
}

/* ---- ANY, ALL, IN (select) ---- */

static bool fail_columns(sql_resolver *r, const sql_expr *e, size_t left, size_t right)
{
	return amph__resolve_fail(r, e->location, "42601", "subquery has too %s columns",
				  right < left ? "few" : "many");
}

/* Each member of left against a column of the select. */
static bool match_select(sql_resolver *r, sql_expr *e, const char *op, sql_expr **left, size_t n)
{
	amph_sqltype *to = AMPH_NEWS(r->arena, amph_sqltype, n);

	if (!to)
		return amph__resolve_nomem(r);
	if (n != e->select->n_columns)
		return fail_columns(r, e, n, e->select->n_columns);
	e->type = boolean;
	for (size_t i = 0; i < n; i++) {
		sql_match m;

		if (!amph__match_operator(r, op, &left[i]->type, &e->select->columns[i].type,
					  e->location, &m) ||
		    !amph__coerce(r, &left[i], &m.args[0]))
			return false;
		if (m.result.type != AMPH_T_BOOL)
			return amph__resolve_fail(r, e->location, "42804",
						  "op ANY/ALL requires operator to yield boolean");
		e->row = m.row;
		e->type.nullable |= left[i]->type.nullable || e->select->columns[i].type.nullable;
		to[i] = m.args[1];
	}
	return amph__coerce_output(r, &e->select, to, n);
}

static bool resolve_select_side(sql_resolver *r, sql_expr *e, const char *op)
{
	sql_expr **left = &e->args.items[0];

	if (!r->stmt || r->scope->clause >= SQL_CLAUSE_CHECK)
		return amph__resolve_no_subquery(r, e->location);
	if (!amph__resolve_select(r, e->select) || !amph__resolve_node(r, left))
		return false;
	if ((*left)->kind == SQL_ROW)
		return match_select(r, e, op, (*left)->args.items, (*left)->args.n);
	return match_select(r, e, op, left, 1);
}

bool amph__resolve_in_select(sql_resolver *r, sql_expr **e)
{
	return resolve_select_side(r, *e, "=");
}

static bool quantify_array(sql_resolver *r, sql_expr *q)
{
	sql_expr **left = &q->args.items[0], **right = &q->args.items[1];
	amph_sqltype element = amph__element_type((*right)->type), array;
	sql_match m;

	if (amph__is_unknown(*right))
		element.type = AMPH_T_NONE;
	else if (!((*right)->type.type & AMPH_T_ARRAY))
		return amph__resolve_fail(r, q->location, "42809",
					  "op ANY/ALL (array) requires array on right side");
	if (!amph__match_operator(r, q->name, &(*left)->type, &element, q->location, &m))
		return false;
	if (m.result.type != AMPH_T_BOOL)
		return amph__resolve_fail(r, q->location, "42809",
					  "op ANY/ALL (array) requires operator to yield boolean");
	q->row = m.row;
	q->type = boolean;
	q->type.nullable = true;
	array = amph__array_type(m.args[1]);
	return amph__coerce(r, left, &m.args[0]) && amph__coerce(r, right, &array);
}

bool amph__resolve_quantified(sql_resolver *r, sql_expr **e)
{
	sql_expr *q = *e;

	if (!strcmp(q->name, "!="))
		q->name = "<>";
	if (!q->select)
		return amph__resolve_list(r, &q->args) && amph__rows_as_operands(r, q) &&
		       quantify_array(r, q);
	return resolve_select_side(r, q, q->name);
}

/* ---- CASE ---- */

/* A WHEN: compared with the operand, or a condition. *same says whether the operator is that of
 * those before, *m. */
static bool resolve_when(sql_resolver *r, sql_expr *c, size_t i, sql_match *m, bool *same)
{
	sql_expr **when = &c->args.items[i];
	sql_match next;

	if (!amph__resolve_node(r, when))
		return false;
	if (!c->operand)
		return amph__coerce_boolean(r, when, "CASE/WHEN");
	if (!amph__strip_beside(r, &c->operand->type, when) ||
	    !amph__match_operator(r, "=", &c->operand->type, &(*when)->type, c->location, &next))
		return false;
	if (i > 0 && !same_args(m, &next))
		*same = false;
	*m = next;
	return amph__coerce(r, when, &next.args[1]);
}

static bool resolve_branches(sql_resolver *r, sql_expr *c)
{
	sql_match m = { 0 };
	bool same = true;
	size_t i = 0;

	for (; i + 1 < c->args.n; i += 2)
		if (!resolve_when(r, c, i, &m, &same) ||
		    !amph__resolve_node(r, &c->args.items[i + 1]))
			return false;
	if (i < c->args.n && !amph__resolve_node(r, &c->args.items[i]))
		return false;
	if (!c->operand)
		return true;
	if (same) {
		c->row = m.row;
		return amph__coerce(r, &c->operand, &m.args[0]);
	}
	for (i = 0; i + 1 < c->args.n; i += 2) {
		c->args.items[i] = compare_again(r, "=", c->operand, c->args.items[i], c->location);
		if (!c->args.items[i])
			return false;
	}
	c->operand = NULL;
	return true;
}

static bool resolve_operand(sql_resolver *r, sql_expr *c)
{
	if (!c->operand)
		return true;
	if (!amph__resolve_node(r, &c->operand) || !amph__coerce_unknown_to_text(r, &c->operand))
		return false;
	return c->operand->type.type != AMPH_T_RECORD ||
	       amph__resolve_refuse(r, c->location, "CASE of a row");
}

/* ELSE counts first, as in PostgreSQL. */
static bool unify_results(sql_resolver *r, sql_expr *c)
{
	bool has_else = c->args.n % 2 == 1;
	size_t n = c->args.n / 2 + has_else, k = 0;
	sql_expr **results = AMPH_NEWS(r->arena, sql_expr *, n);
	amph_sqltype common;

	if (!results)
		return amph__resolve_nomem(r);
	if (has_else)
		results[k++] = c->args.items[c->args.n - 1];
	for (size_t i = 1; i < c->args.n; i += 2)
		results[k++] = c->args.items[i];
	if (!amph__common_type(r, results, n, "CASE", &common) ||
	    !amph__coerce_all(r, results, n, "CASE", &common))
		return false;
	c->type = common;
	c->type.nullable = !has_else;
	for (size_t i = 0; i < n; i++)
		c->type.nullable |= results[i]->type.nullable;
	k = 0;
	if (has_else)
		c->args.items[c->args.n - 1] = results[k++];
	for (size_t i = 1; i < c->args.n; i += 2)
		c->args.items[i] = results[k++];
	return true;
}

bool amph__resolve_case(sql_resolver *r, sql_expr **e)
{
	sql_expr *c = *e;
	const char *around = r->no_sets;
	bool ok;

	r->no_sets = "CASE";
	ok = resolve_operand(r, c) && resolve_branches(r, c);
	r->no_sets = around;
	return ok && unify_results(r, c);
}

/* ---- rows ---- */

/* (a, b) = (c, d) is a = c AND b = d. */
static bool compare_members(sql_resolver *r, sql_expr **e, const char *op)
{
	sql_expr *left = (*e)->args.items[0], *right = (*e)->args.items[1];
	size_t n = left->args.n;
	sql_expr *all = sql_new(r->arena, op[0] == '=' ? SQL_AND : SQL_OR, n);

	if (!all)
		return amph__resolve_nomem(r);
	all->location = (*e)->location;
	for (size_t i = 0; i < n; i++) {
		all->args.items[i] = amph__make_op(r, op, left->args.items[i], right->args.items[i],
						   (*e)->location);
		if (!all->args.items[i])
			return false;
	}
	set_boolean(all);
	*e = n == 1 ? all->args.items[0] : all;
	return true;
}

static bool order_members(sql_resolver *r, sql_expr *e)
{
	sql_expr *left = e->args.items[0], *right = e->args.items[1];

	e->type = boolean;
	for (size_t i = 0; i < left->args.n; i++) {
		sql_expr **a = &left->args.items[i], **b = &right->args.items[i];
		sql_match m;

		if (!amph__match_operator(r, e->name, &(*a)->type, &(*b)->type, e->location, &m) ||
		    !amph__coerce(r, a, &m.args[0]) || !amph__coerce(r, b, &m.args[1]))
			return false;
		e->type.nullable |= (*a)->type.nullable || (*b)->type.nullable;
	}
	return true;
}

bool amph__resolve_comparison(sql_resolver *r, sql_expr **e)
{
	static const char *const orders[] = { "<", "<=", ">", ">=" };
	sql_expr *left = (*e)->args.n == 2 ? (*e)->args.items[0] : NULL;
	sql_expr *right = left ? (*e)->args.items[1] : NULL;

	if (!left || left->kind != SQL_ROW || right->kind != SQL_ROW)
		return amph__resolve_refuse(r, (*e)->location, "this use of a row");
	if (left->args.n != right->args.n)
		return amph__resolve_fail(r, (*e)->location, "42601",
					  "unequal number of entries in row expressions");
	if (left->args.n == 0)
		return amph__resolve_fail(r, (*e)->location, "0A000",
					  "cannot compare rows of zero length");
	if (!strcmp((*e)->name, "=") || !strcmp((*e)->name, "<>"))
		return compare_members(r, e, (*e)->name);
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		if (!strcmp((*e)->name, orders[i]))
			return order_members(r, *e);
	return amph__resolve_fail(
		r, (*e)->location, "0A000",
		"could not determine interpretation of row comparison operator %s", (*e)->name);
}
