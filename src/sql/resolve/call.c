/* Operators, functions, aggregates, window functions: which row of the catalogue they are, and
 * whether they may stand where they stand. */
#include "../names.h"
#include "resolve.h"
#include <string.h>

bool amph__result_nullable(const amph_catalog_row *row, sql_expr *const *args, size_t n)
{
	if (row->flags & AMPH_CAT_NULLABLE)
		return true;
	for (size_t i = 0; i < n && !(row->flags & AMPH_CAT_NULL_SAFE); i++)
		if (args[i]->type.nullable)
			return true;
	return false;
}

static bool takes_any(const amph_catalog_row *row, size_t i)
{
	return row->args[i < row->n_args ? i : row->n_args - 1u] == AMPH_T_ANY;
}

/* In JSON a row has names, which one that is a value has lost. */
static bool check_rows_in_json(sql_resolver *r, const sql_expr *e, const sql_match *m)
{
	for (size_t i = 0; i < e->args.n; i++)
		if ((e->args.items[i]->type.type & ~AMPH_T_ARRAY) == AMPH_T_ROW_VALUE &&
		    strstr(m->row->impl, "json"))
			return amph__resolve_refuse(r, e->location,
						    "JSON of rows that SEARCH or CYCLE makes");
	return true;
}

static bool apply(sql_resolver *r, sql_expr *e, const sql_match *m)
{
	if (!check_rows_in_json(r, e, m))
		return false;
	for (size_t i = 0; i < e->args.n; i++) {
		sql_expr **arg = &e->args.items[i];

		/* a parameter for "any" gets no type from it */
		if ((*arg)->kind == SQL_PARAM && amph__is_unknown(*arg) && takes_any(m->row, i))
			continue;
		if ((*arg)->kind == SQL_CONST && amph__is_unknown(*arg) && m->row->result == AMPH_T_REGTYPE)
			continue;
		/* PostgreSQL's text of a path is not always that path: a function reads its own */
		if (m->args[i].type == AMPH_T_JSONPATH && amph__is_unknown(*arg) && (*arg)->kind == SQL_CONST)
			continue;
		if (!amph__coerce(r, arg, &m->args[i]))
			return false;
	}
	e->row = m->row;
	e->type = m->result;
	e->type.nullable = amph__result_nullable(m->row, e->args.items, e->args.n);
	return true;
}

/* ---- operators ---- */

/* NOT LIKE and its like are operators of their own. */
static void positive_to_negative(sql_resolver *r, sql_expr *e)
{
	static const struct {
		const char *is, *not ;
	} pairs[] = { { "~~", "!~~" }, { "~~*", "!~~*" }, { "~", "!~" }, { "~*", "!~*" } };

	(void)r;
	for (size_t i = 0; e->negated && i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (!strcmp(e->name, pairs[i].is)) {
			e->name = pairs[i].not ;
			e->negated = false;
		}
}

/* Beside character(n) a literal or a varchar is one, too: spaces behind it do not count. */
bool amph__strip_beside(sql_resolver *r, const amph_sqltype *other, sql_expr **at)
{
	sql_expr *e = *at;
	size_t len;
	char *text;

	if (amph__is_bpchar(other) && e->type.type == AMPH_T_TEXT && e->type.length)
		return amph__strip_spaces(r, at);
	if (!amph__is_bpchar(other) || e->kind != SQL_CONST || !amph__is_unknown(e) || !e->text)
		return true;
	len = strlen(e->text);
	while (len && e->text[len - 1] == ' ')
		len--;
	text = amph__arena_text(r->arena, e->text, len);
	if (!text)
		return amph__resolve_nomem(r);
	e->text = text;
	return true;
}

bool amph__resolve_operator(sql_resolver *r, sql_expr **e)
{
	sql_expr *op = *e;
	bool prefix = op->args.n == 1;
	sql_expr *left = prefix ? NULL : op->args.items[0];
	sql_expr *right = op->args.items[prefix ? 0 : 1];
	sql_match m;

	if (!strcmp(op->name, "!="))
		op->name = "<>";
	if (!amph__rows_as_operands(r, op))
		return false;
	left = prefix ? NULL : op->args.items[0];
	right = op->args.items[prefix ? 0 : 1];
	if (right->type.type == AMPH_T_RECORD || (left && left->type.type == AMPH_T_RECORD))
		return amph__resolve_comparison(r, e);
	positive_to_negative(r, op);
	if (left && amph__is_comparison(op->name)) {
		const amph_sqltype was = left->type;

		if (!amph__strip_beside(r, &right->type, &op->args.items[0]) ||
		    !amph__strip_beside(r, &was, &op->args.items[1]))
			return false;
		left = op->args.items[0];
		right = op->args.items[1];
	}
	return amph__match_operator(r, op->name, left ? &left->type : NULL, &right->type,
				    op->location, &m) &&
	       apply(r, op, &m);
}

/* ---- where aggregates, window functions and sets may stand ---- */

bool amph__clause_allows_aggregate(sql_clause clause)
{
	return clause == SQL_CLAUSE_TARGET || clause == SQL_CLAUSE_HAVING ||
	       clause == SQL_CLAUSE_ORDER_BY || clause == SQL_CLAUSE_DISTINCT_ON ||
	       clause == SQL_CLAUSE_WINDOW_PARTITION || clause == SQL_CLAUSE_WINDOW_ORDER;
}

static bool allows_window(sql_clause clause)
{
	return clause == SQL_CLAUSE_TARGET || clause == SQL_CLAUSE_ORDER_BY ||
	       clause == SQL_CLAUSE_DISTINCT_ON;
}

static bool allows_set(sql_clause clause)
{
	return clause == SQL_CLAUSE_TARGET || clause == SQL_CLAUSE_ORDER_BY ||
	       clause == SQL_CLAUSE_DISTINCT_ON || clause == SQL_CLAUSE_GROUP_BY ||
	       clause == SQL_CLAUSE_FROM_FUNCTION || clause == SQL_CLAUSE_VALUES ||
	       clause == SQL_CLAUSE_INSERT_TARGET || clause == SQL_CLAUSE_WINDOW_PARTITION ||
	       clause == SQL_CLAUSE_WINDOW_ORDER;
}

static sql_scope *scope_at(sql_resolver *r, int depth)
{
	sql_scope *s = r->scope;

	while (s->depth > depth)
		s = s->outer;
	return s;
}

static void note_aggregate(sql_resolver *r, int depth)
{
	for (sql_call_frame *f = r->frame; f; f = f->outer)
		if (depth <= f->depth && depth > f->aggregate_depth)
			f->aggregate_depth = depth;
}

typedef struct cte_search {
	sql_resolver *r;
	int level;
	bool found;
} cte_search;

static void find_in_ranges(cte_search *s, const sql_range *range)
{
	sql_scope *where = NULL;

	if (!range)
		return;
	if (range->kind == SQL_CTE && amph__find_cte(s->r, range->name, &where))
		s->found |= where->depth > s->level;
	find_in_ranges(s, range->left);
	find_in_ranges(s, range->right);
	find_in_ranges(s, range->next);
}

static bool find_cte(void *ctx, sql_expr *e)
{
	cte_search *s = ctx;

	if (e->select)
		find_in_ranges(s, e->select->from);
	return !s->found && amph__expr_children(e, find_cte, s);
}

/* An aggregate of a query around would have to know a WITH query that this does not. */
static bool check_ctes(sql_resolver *r, sql_expr *e, int level)
{
	cte_search s = { .r = r, .level = level };

	amph__expr_children(e, find_cte, &s);
	return !s.found || amph__resolve_fail(r, e->location, "0A000",
					      "outer-level aggregate cannot use a nested CTE");
}

/* The aggregate belongs to the innermost query that its arguments refer to. */
static bool place_aggregate(sql_resolver *r, sql_expr *e, const sql_call_frame *f)
{
	int level = f->var_depth > f->aggregate_depth ? f->var_depth : f->aggregate_depth;
	sql_scope *owner;
	sql_aggregate *a;

	if (level < 0)
		level = f->depth;
	if (f->aggregate_depth == level)
		return amph__resolve_fail(r, e->location, "42803",
					  "aggregate function calls cannot be nested");
	if (f->window)
		return amph__resolve_fail(
			r, e->location, "42803",
			"aggregate function calls cannot contain window function calls");
	if (f->set)
		return amph__resolve_fail(
			r, e->location, "0A000",
			"aggregate function calls cannot contain set-returning function calls");
	owner = scope_at(r, level);
	if (level < r->scope->depth && !check_ctes(r, e, level))
		return false;
	if (!amph__clause_allows_aggregate(owner->clause))
		return amph__resolve_fail(r, e->location, "42803",
					  "aggregate functions are not allowed in %s",
					  amph__clause_name(owner->clause));
	a = AMPH_NEW(r->arena, sql_aggregate);
	if (!a)
		return amph__resolve_nomem(r);
	a->call = e;
	a->next = owner->aggregates;
	owner->aggregates = a;
	note_aggregate(r, level);
	return true;
}

static bool place_window(sql_resolver *r, sql_expr *e, const sql_call_frame *f)
{
	if (f->window)
		return amph__resolve_fail(r, e->location, "42P20",
					  "window function calls cannot be nested");
	if (!allows_window(r->scope->clause))
		return amph__resolve_fail(r, e->location, "42P20",
					  "window functions are not allowed in %s",
					  amph__clause_name(r->scope->clause));
	for (sql_call_frame *o = r->frame; o; o = o->outer)
		if (o->depth == f->depth)
			o->window = true;
	r->scope->has_windows = true;
	return amph__resolve_over(r, e);
}

static bool place_set(sql_resolver *r, sql_expr *e, const sql_call_frame *f)
{
	if (!allows_set(r->scope->clause))
		return amph__resolve_fail(r, e->location, "0A000",
					  "set-returning functions are not allowed in %s",
					  amph__clause_name(r->scope->clause));
	if (r->no_sets)
		return amph__resolve_fail(r, e->location, "0A000",
					  "set-returning functions are not allowed in %s",
					  r->no_sets);
	if (r->scope->clause == SQL_CLAUSE_FROM_FUNCTION && r->frame)
		return amph__resolve_fail(
			r, e->location, "0A000",
			"set-returning functions must appear at top level of FROM");
	for (sql_call_frame *o = r->frame; o; o = o->outer)
		if (o->depth == f->depth)
			o->set = true;
	return true;
}

/* before and after stand around the function's name. */
static bool fail_kind(sql_resolver *r, const sql_expr *e, const char *before, const char *after)
{
	return amph__resolve_fail(r, e->location, "42809", "%s%s%s", before, e->name, after);
}

static bool check_plain(sql_resolver *r, const sql_expr *e)
{
	if (e->over)
		return fail_kind(r, e, "OVER specified, but ",
				 " is not a window function nor an aggregate function");
	if (e->distinct)
		return fail_kind(r, e, "DISTINCT specified, but ", " is not an aggregate function");
	if (e->filter)
		return fail_kind(r, e, "FILTER specified, but ", " is not an aggregate function");
	if (e->within_group)
		return fail_kind(r, e, "WITHIN GROUP specified, but ",
				 " is not an aggregate function");
	if (e->order)
		return fail_kind(r, e, "ORDER BY specified, but ", " is not an aggregate function");
	return true;
}

static bool check_window(sql_resolver *r, const sql_expr *e)
{
	if (!e->over)
		return fail_kind(r, e, "window function ", " requires an OVER clause");
	if (e->distinct)
		return amph__resolve_fail(r, e->location, "0A000",
					  "DISTINCT is not supported for window functions");
	if (e->order)
		return amph__resolve_fail(
			r, e->location, "0A000",
			"aggregate ORDER BY is not supported for window functions");
	if (e->filter && e->row->kind == AMPH_CAT_WINDOW)
		return amph__resolve_fail(
			r, e->location, "0A000",
			"FILTER is not supported for non-aggregate window functions");
	return true;
}

/* An aggregate's sort keys with DISTINCT are its arguments. */
static bool check_aggregate_order(sql_resolver *r, const sql_expr *e)
{
	if (!e->distinct || e->within_group)
		return true;
	for (const sql_order *o = e->order; o; o = o->next) {
		bool found = false;

		for (size_t i = 0; i < e->args.n && !found; i++)
			found = amph__expr_equal(o->expr, e->args.items[i]);
		if (!found)
			return amph__resolve_fail(r, o->expr->location, "42P10",
						  "in an aggregate with DISTINCT, ORDER BY "
						  "expressions must appear in argument list");
	}
	return true;
}

static bool place(sql_resolver *r, sql_expr *e, const sql_call_frame *f)
{
	switch ((amph_catalog_kind)e->row->kind) {
	case AMPH_CAT_AGGREGATE:
		if (e->over)
			return check_window(r, e) && place_window(r, e, f);
		return check_aggregate_order(r, e) && place_aggregate(r, e, f);
	case AMPH_CAT_WINDOW:
		return check_window(r, e) && place_window(r, e, f);
	case AMPH_CAT_SET:
		return check_plain(r, e) && place_set(r, e, f);
	case AMPH_CAT_OPERATOR:
	case AMPH_CAT_FUNCTION:
		break;
	}
	return check_plain(r, e);
}

/* ---- functions ---- */

static bool is_star_call(const sql_expr *e)
{
	return e->args.n == 1 && e->args.items[0] && e->args.items[0]->kind == SQL_STAR &&
	       !e->args.items[0]->range;
}

static const char *call_text(sql_resolver *r, const sql_expr *e, const amph_sqltype *args, size_t n)
{
	const char *text = amph__arena_printf(r->arena, "%s(", e->name);

	for (size_t i = 0; i < n && text; i++)
		text = amph__arena_printf(r->arena, "%s%s%s", text, i ? ", " : "",
					  amph__type_text(r, &args[i]));
	return text ? text : e->name;
}

static bool fail_function(sql_resolver *r, const sql_expr *e, const amph_sqltype *args, size_t n)
{
	sql_match m;

	if (!amph__match_function(r, e->name, args, n, !e->within_group, e->location, &m))
		return false;
	if (m.row)
		return e->within_group
			       ? fail_kind(r, e, "", " is not an ordered-set aggregate, so it cannot "
						     "have WITHIN GROUP")
			       : fail_kind(r, e, "WITHIN GROUP is required for ordered-set aggregate ",
					   "");
	if (amph__catalog_is_foreign(e->name, false))
		return amph__resolve_refuse(
			r, e->location, amph__arena_printf(r->arena, "the function %s", e->name));
	return amph__resolve_fail(r, e->location, "42883", "function %s) does not exist",
				  call_text(r, e, args, n));
}

/* float8('1.5') is a cast. */
static bool call_as_cast(sql_resolver *r, sql_expr **e, bool *done)
{
	static const struct {
		const char *name;
		int type;
	} types[] = { { "bool", AMPH_T_BOOL },
		      { "int2", AMPH_T_INT16 },
		      { "int4", AMPH_T_INT32 },
		      { "int8", AMPH_T_INT64 },
		      { "float4", AMPH_T_FLOAT },
		      { "float8", AMPH_T_DOUBLE },
		      { "numeric", AMPH_T_NUMERIC },
		      { "text", AMPH_T_TEXT },
		      { "bytea", AMPH_T_BYTES },
		      { "uuid", AMPH_T_UUID },
		      { "jsonb", AMPH_T_JSON },
		      { "date", AMPH_T_DATE },
		      { "time", AMPH_T_TIME },
		      { "timestamp", AMPH_T_TIMESTAMP },
		      { "timestamptz", AMPH_T_TIMESTAMPTZ },
		      { "interval", AMPH_T_INTERVAL },
		      { "tsvector", AMPH_T_TSVECTOR },
		      { "tsquery", AMPH_T_TSQUERY },
		      { "json", AMPH_T_PLAIN_JSON },
		      { "jsonpath", AMPH_T_JSONPATH } };
	sql_expr *call = *e, *cast;

	*done = false;
	if (call->args.n != 1 || call->over || call->order || call->filter || call->distinct)
		return true;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		amph_sqltype type = amph__plain_type(types[i].type);

		if (strcmp(types[i].name, call->name) ||
		    !amph__can_coerce(&call->args.items[0]->type, &type, AMPH_CAST_EXPLICIT))
			continue;
		*done = true;
		if (amph__is_unknown(call->args.items[0])) {
			*e = call->args.items[0];
			return amph__coerce(r, e, &type);
		}
		cast = sql_cast(r->arena, call->args.items[0], type);
		if (!cast)
			return amph__resolve_nomem(r);
		cast->explicit_cast = true;
		cast->location = call->location;
		cast->type.nullable = call->args.items[0]->type.nullable;
		*e = cast;
		return true;
	}
	return true;
}

static size_t count_order(const sql_order *o)
{
	size_t n = 0;

	for (; o; o = o->next)
		n++;
	return n;
}

/* The types of the arguments; of an ordered-set aggregate its sort keys are the last of them. */
static amph_sqltype *argument_types(sql_resolver *r, const sql_expr *e, size_t *n)
{
	amph_sqltype *types;
	size_t k = 0;

	*n = is_star_call(e) ? 0 : e->args.n + (e->within_group ? count_order(e->order) : 0);
	types = AMPH_NEWS(r->arena, amph_sqltype, *n ? *n : 1);
	if (!types) {
		amph__resolve_nomem(r);
		return NULL;
	}
	for (size_t i = 0; i < e->args.n && !is_star_call(e); i++)
		types[k++] = e->args.items[i]->type;
	for (const sql_order *o = e->order; o && e->within_group; o = o->next)
		types[k++] = o->expr->type;
	return types;
}

/* rank(3) WITHIN GROUP (ORDER BY x): each argument stands beside a sort key, as one more row. */
static bool apply_hypothetical(sql_resolver *r, sql_expr *e, const sql_match *m)
{
	sql_order *o = e->order;

	if (e->args.n != count_order(e->order))
		return amph__resolve_fail(r, e->location, "42883",
					  "function %s has to have as many arguments as there are "
					  "columns in ORDER BY",
					  e->name);
	for (size_t i = 0; i < e->args.n; i++, o = o->next) {
		sql_expr *pair[] = { e->args.items[i], o->expr };
		amph_sqltype common;

		if (!amph__common_type(r, pair, 2, "WITHIN GROUP", &common) ||
		    !amph__coerce_all(r, pair, 2, "WITHIN GROUP", &common))
			return false;
		e->args.items[i] = pair[0];
		o->expr = pair[1];
	}
	e->row = m->row;
	e->type = m->result;
	return true;
}

static bool apply_within_group(sql_resolver *r, sql_expr *e, const sql_match *m)
{
	size_t k = e->args.n;

	if (m->row->flags & AMPH_CAT_VARIADIC)
		return apply_hypothetical(r, e, m);
	if (!apply(r, e, m))
		return false;
	for (sql_order *o = e->order; o; o = o->next, k++)
		if (!amph__coerce(r, &o->expr, &m->args[k]))
			return false;
	return true;
}

static bool resolve_order_keys(sql_resolver *r, sql_order *order)
{
	for (sql_order *o = order; o; o = o->next)
		if (!amph__resolve_node(r, &o->expr))
			return false;
	return true;
}

/* What stands before WITHIN GROUP does not say whose the aggregate is. */
static bool resolve_sorted(sql_resolver *r, sql_expr *e)
{
	int direct = r->frame->var_depth, before = r->frame->aggregate_depth;

	if (before == r->frame->depth)
		return amph__resolve_fail(r, e->location, "42803",
					  "aggregate function calls cannot be nested");
	r->frame->var_depth = -1;
	if (!resolve_order_keys(r, e->order))
		return false;
	if (r->frame->var_depth >= 0 && direct > r->frame->var_depth)
		return amph__resolve_fail(r, e->location, "42803",
					  "outer-level aggregate cannot contain a lower-level variable "
					  "in its direct arguments");
	return true;
}

static bool resolve_arguments(sql_resolver *r, sql_expr *e)
{
	if (!is_star_call(e) && (!amph__replace_rows(r, e) || !amph__resolve_list(r, &e->args)))
		return false;
	if (!is_star_call(e) && !amph__rows_as_arguments(r, e))
		return false;
	if ((e->arg_names && !amph__order_named(r, e)) ||
	    (e->variadic && !amph__expand_variadic(r, e)))
		return false;
	if (e->kind != SQL_CALL)
		return true;
	if (!(e->within_group ? resolve_sorted(r, e) : resolve_order_keys(r, e->order)))
		return false;
	return amph__resolve_condition(r, &e->filter, SQL_CLAUSE_FILTER);
}

static bool settle_order(sql_resolver *r, sql_expr *e)
{
	for (sql_order *o = e->order; o; o = o->next)
		if (!amph__coerce_unknown_to_text(r, &o->expr))
			return false;
	return true;
}

static bool match_call(sql_resolver *r, sql_expr **e, bool *cast)
{
	sql_expr *call = *e;
	size_t n;
	const amph_sqltype *types = argument_types(r, call, &n);
	sql_match m;

	*cast = false;
	if (!types)
		return false;
	if (!amph__match_function(r, call->name, types, n, call->within_group, call->location, &m))
		return false;
	if (!m.row) {
		if (!call_as_cast(r, e, cast))
			return false;
		return *cast || fail_function(r, call, types, n);
	}
	if (is_star_call(call)) {
		call->row = m.row;
		call->type = m.result;
		if (m.row->kind == AMPH_CAT_AGGREGATE)
			return true;
		return fail_kind(r, call, "", "(*) specified, but it is not an aggregate function");
	}
	if (n == 0 && m.row->kind == AMPH_CAT_AGGREGATE)
		return fail_kind(r, call, "",
				 "(*) must be used to call a parameterless aggregate function");
	if (call->within_group)
		return apply_within_group(r, call, &m);
	return apply(r, call, &m) && amph__add_defaults(r, call, m.row) && settle_order(r, call);
}

/* ntile(NULL) is NULL; a database may refuse it. */
static bool settle_ntile(sql_resolver *r, sql_expr **e)
{
	const sql_expr *call = *e;

	if (call->kind != SQL_CALL || !call->row || strcmp(call->row->impl, "ntile_int4") ||
	    call->args.items[0]->kind != SQL_CONST || call->args.items[0]->text)
		return true;
	*e = sql_const(r->arena, AMPH_T_INT32, NULL);
	if (!*e)
		return amph__resolve_nomem(r);
	(*e)->type.nullable = true;
	return true;
}

static bool is_typeof(const sql_expr *e)
{
	return e->args.n == 1 && e->args.items[0] && !e->is_operator && !strcmp(e->name, "pg_typeof");
}

bool amph__resolve_call(sql_resolver *r, sql_expr **e)
{
	sql_call_frame frame = {
		.outer = r->frame, .depth = r->scope->depth, .var_depth = -1, .aggregate_depth = -1
	};
	bool cast, ok;

	if (amph__is_own(*e))
		return amph__fail_own(r, *e);
	if ((*e)->is_operator)
		return amph__resolve_list(r, &(*e)->args) && amph__resolve_operator(r, e);
	if (is_typeof(*e) && (*e)->args.items[0]->kind == SQL_CAST &&
	    amph__find_domain(r, (*e)->args.items[0]->name))
		return amph__resolve_refuse(r, (*e)->location, "pg_typeof of a domain");
	r->frame = &frame;
	ok = resolve_arguments(r, *e);
	if (ok && (*e)->kind == SQL_CALL && is_typeof(*e))
		ok = amph__check_domain_type(r, (*e)->args.items[0]);
	r->frame = frame.outer;
	if (!ok || (*e)->kind != SQL_CALL)
		return ok;
	return match_call(r, e, &cast) && (cast || place(r, *e, &frame)) && settle_ntile(r, e);
}
