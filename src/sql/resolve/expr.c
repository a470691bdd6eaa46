/* Expressions: one function for each kind of node, arguments first. */
#include "resolve.h"
#include <string.h>

typedef bool resolve_fn(sql_resolver *r, sql_expr **e);

static const amph_sqltype boolean = { .type = AMPH_T_BOOL };

bool amph__resolve_list(sql_resolver *r, sql_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (!amph__resolve_node(r, &list->items[i]))
			return false;
	return true;
}

bool amph__resolve_in(sql_resolver *r, sql_expr **e, sql_clause clause)
{
	sql_clause before = r->scope->clause;
	bool ok;

	r->scope->clause = clause;
	ok = amph__resolve_node(r, e);
	r->scope->clause = before;
	return ok;
}

bool amph__resolve_condition(sql_resolver *r, sql_expr **e, sql_clause clause)
{
	const char *what = clause == SQL_CLAUSE_JOIN_ON ? "JOIN/ON" : amph__clause_name(clause);

	return !*e || (amph__resolve_in(r, e, clause) && amph__coerce_boolean(r, e, what));
}

static bool any_nullable(const sql_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i]->type.nullable)
			return true;
	return false;
}

static bool all_nullable(const sql_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (!list->items[i]->type.nullable)
			return false;
	return true;
}

/* ---- leaves ---- */

static bool resolve_star(sql_resolver *r, sql_expr **e)
{
	if ((*e)->range && !amph__find_row(r, *e))
		return amph__resolve_fail(r, (*e)->location, "42P01",
					  "missing FROM-clause entry for table \"%s\"", (*e)->range);
	if ((*e)->range)
		return amph__resolve_refuse(r, (*e)->location, "a whole row as a value");
	return amph__resolve_fail(r, (*e)->location, "42601", "* is not allowed in this place");
}

static bool resolve_default(sql_resolver *r, sql_expr **e)
{
	return amph__resolve_fail(r, (*e)->location, "42601",
				  "DEFAULT is not allowed in this context");
}

static bool resolve_param(sql_resolver *r, sql_expr **e)
{
	sql_expr *p = *e;
	amph_param *param;

	if (!r->stmt || p->param >= r->stmt->n_params)
		return amph__resolve_fail(r, p->location, "42P02", "there is no parameter $%zu",
					  p->param + 1);
	param = &r->stmt->params[p->param];
	if (param->types[0].type != AMPH_T_NONE) {
		p->type = param->types[0];
		return true;
	}
	if (p->type.type == AMPH_T_NONE) {
		sql_param_use *use = AMPH_NEW(r->arena, sql_param_use);

		if (!use)
			return amph__resolve_nomem(r);
		*use = (sql_param_use){ p, r->untyped };
		r->untyped = use;
		return true;
	}
	param->types = amph__arena_copy(r->arena, &p->type, sizeof(p->type));
	return param->types || amph__resolve_nomem(r);
}

/* Constants with a type of their own get the text that the type prints. */
static bool resolve_const(sql_resolver *r, sql_expr **e)
{
	sql_expr *c = *e;
	amph_sqltype type = c->type;

	c->type.nullable = !c->text;
	if (type.type == AMPH_T_NONE || type.type == AMPH_T_TEXT || !c->text)
		return true;
	c->type.type = AMPH_T_NONE;
	return amph__coerce(r, e, &type);
}

static bool is_ambiguous(const sql_scope *s, const sql_item *excluded)
{
	for (const sql_item *item = s->items; item; item = item->next)
		if (item != excluded && item->by_name && item->alias && !strcmp(item->alias, "excluded"))
			return true;
	return false;
}

static bool use_excluded(sql_resolver *r, const sql_scope *s, const sql_item *item, size_t i, sql_expr **e)
{
	int location = (*e)->location;

	if (is_ambiguous(s, item))
		return amph__resolve_fail(r, location, "42P09", "table reference \"excluded\" is ambiguous");
	if (item->exprs && item->exprs[i]->kind != SQL_COLUMN)
		return amph__resolve_refuse(r, location, "this column of a view as excluded");
	*e = amph__item_column(r, item, i, location);
	return *e || amph__resolve_nomem(r);
}

static const sql_item *find_excluded(const sql_scope *s, const char *name, size_t *i)
{
	for (const sql_item *item = s->items; item; item = item->next)
		for (*i = 0; item->excluded && *i < item->n; (*i)++)
			if (!strcmp(item->names[*i], name))
				return item;
	return NULL;
}

static bool resolve_excluded(sql_resolver *r, sql_expr **e)
{
	const sql_expr *x = *e;
	const sql_item *item;
	size_t i;

	for (const sql_scope *s = r->scope; s; s = s->outer)
		if ((item = find_excluded(s, x->name, &i)))
			return use_excluded(r, s, item, i, e);
	return amph__resolve_fail(r, x->location, "42703", "column excluded.%s does not exist",
				  x->name);
}

/* ---- casts ---- */

static bool find_enum(sql_resolver *r, sql_expr *cast)
{
	if ((cast->type.type & ~AMPH_T_ARRAY) != AMPH_T_ENUM || cast->type.enumeration)
		return true;
	if (r->names && r->names->enumeration && cast->name)
		cast->type.enumeration = r->names->enumeration(r->names->ctx, cast->name);
	if (!cast->type.enumeration && cast->name && r->names && r->names->table &&
	    r->names->table(r->names->ctx, NULL, cast->name))
		return amph__resolve_refuse(r, cast->location, "the row type of a table");
	return cast->type.enumeration ||
	       amph__resolve_fail(r, cast->location, "42704", "type \"%s\" does not exist",
				  cast->name ? cast->name : "");
}

/* ARRAY[...] that is cast gets its elements cast, and may be empty. */
static bool cast_array(sql_resolver *r, sql_expr **e)
{
	sql_expr *cast = *e, *array = cast->args.items[0];
	amph_sqltype element = amph__element_type(cast->type);

	for (size_t i = 0; i < array->args.n; i++) {
		sql_expr **item = &array->args.items[i];
		sql_expr *inner = sql_cast(r->arena, *item,
					   (*item)->kind == SQL_ARRAY ? cast->type : element);

		if (!inner)
			return amph__resolve_nomem(r);
		inner->location = (*item)->location;
		inner->explicit_cast = true;
		*item = inner;
		if (!amph__resolve_node(r, item))
			return false;
	}
	array->type = cast->type;
	array->type.nullable = false;
	*e = array;
	return true;
}

static bool cast_unknown(sql_resolver *r, sql_expr **e)
{
	sql_expr *cast = *e;
	bool possible;

	if (!amph__coerce_assign(r, &cast->args.items[0], &cast->type, AMPH_CAST_EXPLICIT,
				 &possible))
		return false;
	*e = cast->args.items[0];
	(*e)->location = cast->location;
	if ((*e)->kind == SQL_CAST)
		(*e)->explicit_cast = cast->explicit_cast;
	return true;
}

/* Names, and numbers, which nothing here has. */
static bool is_name_of_type(int type)
{
	return type == AMPH_T_TEXT || type == AMPH_T_INT16 || type == AMPH_T_INT32 || type == AMPH_T_INT64;
}

static bool resolve_cast(sql_resolver *r, sql_expr **e)
{
	sql_expr *cast = *e;
	sql_expr **arg = &cast->args.items[0];

	if (amph__is_own(cast))
		return amph__fail_own(r, cast);
	if ((cast->type.type & ~AMPH_T_ARRAY) == AMPH_T_ENUM && !cast->type.enumeration &&
	    amph__find_domain(r, cast->name))
		return amph__cast_to_domain(r, e, amph__find_domain(r, cast->name));
	if (!find_enum(r, cast))
		return false;
	if (amph__is_own(*arg)) {
		cast->type.nullable = true;
		return amph__resolve_own(r, *arg);
	}
	if ((*arg)->kind == SQL_ARRAY && (cast->type.type & AMPH_T_ARRAY))
		return cast_array(r, e);
	if (cast->type.type == AMPH_T_TEXT && !amph__row_as_text(r, arg))
		return false;
	if (!amph__resolve_node(r, arg))
		return false;
	if (amph__is_unknown(*arg) && ((*arg)->kind == SQL_CONST || (*arg)->kind == SQL_PARAM))
		return cast_unknown(r, e);
	if (cast->type.type == AMPH_T_REGTYPE && is_name_of_type((*arg)->type.type))
		return amph__resolve_refuse(r, cast->location, "regtype of what is no literal");
	if (!amph__can_coerce(&(*arg)->type, &cast->type, AMPH_CAST_EXPLICIT))
		return amph__resolve_fail(r, cast->location, "42846", "cannot cast type %s to %s",
					  amph__type_text(r, &(*arg)->type),
					  amph__type_text(r, &cast->type));
	cast->type.nullable = (*arg)->type.nullable;
	if (cast->type.type == AMPH_T_TEXT && (*arg)->type.type == AMPH_T_TEXT &&
	    (*arg)->kind == SQL_COLUMN && !cast->type.length && !(*arg)->type.length &&
	    !cast->type.scale && !(*arg)->type.scale) {
		*e = *arg;
		return true;
	}
	if (amph__is_bpchar(&(*arg)->type) && cast->type.type == AMPH_T_TEXT &&
	    !amph__is_bpchar(&cast->type))
		return amph__strip_spaces(r, arg);
	return true;
}

static bool is_known_collation(const char *name)
{
	static const char *const names[] = { "C",         "POSIX",   "default",
					     "ucs_basic", "C.UTF-8", "C.utf8" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], name))
			return true;
	return strlen(name) > 6 && !strcmp(name + strlen(name) - 6, "-x-icu");
}

static bool resolve_collate(sql_resolver *r, sql_expr **e)
{
	sql_expr *c = *e;

	if (!is_known_collation(c->text))
		return amph__resolve_fail(r, c->location, "42704",
					  "collation \"%s\" for encoding \"UTF8\" does not exist",
					  c->text);
	/* whether two of them meet is not looked at */
	if (r->collation && strcmp(r->collation, c->text))
		return amph__resolve_refuse(r, c->location, "a second collation in a statement");
	r->collation = c->text;
	if (!amph__resolve_node(r, &c->args.items[0]) ||
	    !amph__coerce_unknown_to_text(r, &c->args.items[0]))
		return false;
	c->type = c->args.items[0]->type;
	return (c->type.type & ~AMPH_T_ARRAY) == AMPH_T_TEXT ||
	       amph__resolve_fail(r, c->location, "42804",
				  "collations are not supported by type %s",
				  amph__type_text(r, &c->type));
}

/* ---- logic ---- */

static bool resolve_logic(sql_resolver *r, sql_expr **e)
{
	sql_expr *x = *e;
	const char *what = x->kind == SQL_AND ? "AND" : x->kind == SQL_OR ? "OR" : "NOT";

	for (size_t i = 0; i < x->args.n; i++)
		if (!amph__resolve_node(r, &x->args.items[i]) ||
		    !amph__coerce_boolean(r, &x->args.items[i], what))
			return false;
	x->type = boolean;
	x->type.nullable = any_nullable(&x->args);
	return true;
}

static bool resolve_null_test(sql_resolver *r, sql_expr **e)
{
	if (!amph__row_as_list(r, &(*e)->args.items[0]) ||
	    !amph__resolve_node(r, &(*e)->args.items[0]))
		return false;
	(*e)->type = boolean;
	/* its fields are asked, not itself */
	if ((*e)->args.items[0]->type.type == AMPH_T_ROW_VALUE)
		return amph__resolve_refuse(r, (*e)->location, "whether a row that is a value is NULL");
	/* a parameter gets no type from it */
	return (*e)->args.items[0]->kind == SQL_PARAM ||
	       amph__coerce_unknown_to_text(r, &(*e)->args.items[0]);
}

static bool resolve_truth_test(sql_resolver *r, sql_expr **e)
{
	static const char *const names[] = {
		[SQL_IS_TRUE] = "IS TRUE",       [SQL_IS_NOT_TRUE] = "IS NOT TRUE",
		[SQL_IS_FALSE] = "IS FALSE",     [SQL_IS_NOT_FALSE] = "IS NOT FALSE",
		[SQL_IS_UNKNOWN] = "IS UNKNOWN", [SQL_IS_NOT_UNKNOWN] = "IS NOT UNKNOWN"
	};
	const char *what = names[(*e)->kind];

	(*e)->type = boolean;
	return amph__resolve_node(r, &(*e)->args.items[0]) &&
	       amph__coerce_boolean(r, &(*e)->args.items[0], what);
}

/* Two operands of an operator that the form has inside: = of IS DISTINCT FROM and NULLIF. */
static bool compare_inside(sql_resolver *r, sql_expr *e)
{
	sql_match m;

	if (!amph__resolve_list(r, &e->args))
		return false;
	if (e->args.items[0]->type.type == AMPH_T_RECORD ||
	    e->args.items[1]->type.type == AMPH_T_RECORD)
		return amph__resolve_refuse(r, e->location, "this comparison of rows");
	const amph_sqltype was = e->args.items[0]->type;
	/* NULLIF gives the first as it is */
	if ((e->kind != SQL_NULLIF && !amph__strip_beside(r, &e->args.items[1]->type, &e->args.items[0])) ||
	    !amph__strip_beside(r, &was, &e->args.items[1]))
		return false;
	if (!amph__match_operator(r, "=", &e->args.items[0]->type, &e->args.items[1]->type,
				  e->location, &m))
		return false;
	e->row = m.row;
	return amph__coerce(r, &e->args.items[0], &m.args[0]) &&
	       amph__coerce(r, &e->args.items[1], &m.args[1]);
}

/* (a, b) IS DISTINCT FROM (c, d): a from c, or b from d. */
static bool distinct_rows(sql_resolver *r, sql_expr **e)
{
	const sql_list *a = &(*e)->args.items[0]->args, *b = &(*e)->args.items[1]->args;
	bool differs = (*e)->kind == SQL_DISTINCT_FROM;
	sql_expr *all = sql_new(r->arena, differs ? SQL_OR : SQL_AND, a->n);

	if (a->n != b->n || !a->n)
		return amph__resolve_fail(r, (*e)->location, "42601", "unequal number of entries in row "
					  "expressions");
	if (!all)
		return amph__resolve_nomem(r);
	all->location = (*e)->location;
	for (size_t i = 0; i < a->n; i++) {
		sql_expr *one = sql_new(r->arena, (*e)->kind, 2);

		if (!one)
			return amph__resolve_nomem(r);
		one->location = (*e)->location;
		one->args.items[0] = a->items[i];
		one->args.items[1] = b->items[i];
		all->args.items[i] = one;
	}
	*e = all;
	return amph__resolve_node(r, e);
}

static bool resolve_distinct(sql_resolver *r, sql_expr **e)
{
	sql_expr **args = (*e)->args.items;

	if (args[0]->kind == SQL_ROW && args[1]->kind == SQL_ROW && amph__spread_rows(r, args[0]) &&
	    amph__spread_rows(r, args[1]))
		return distinct_rows(r, e);
	(*e)->type = boolean;
	return compare_inside(r, *e);
}

static bool resolve_nullif(sql_resolver *r, sql_expr **e)
{
	if (!compare_inside(r, *e))
		return false;
	const sql_expr *first = (*e)->args.items[0];
	/* what is not equal stays as it was, with its spaces */
	if (first->kind == SQL_CALL && first->args.n == 1 && amph__is_bpchar(&first->args.items[0]->type)) {
		(*e)->args.items[0] = first->args.items[0];
		(*e)->type = amph__without_length((*e)->args.items[0]->type);
		(*e)->type.nullable = true;
		return true;
	}
	(*e)->type = first->type;
	(*e)->type.nullable = true;
	/* = makes text of varchar */
	if ((*e)->type.type == AMPH_T_TEXT)
		(*e)->type.length = 0, (*e)->type.scale = 0;
	return true;
}

/* ---- forms of several values of one type ---- */

static bool resolve_alike(sql_resolver *r, sql_expr *e, const char *what)
{
	amph_sqltype common;

	if (!amph__resolve_list(r, &e->args) || !amph__rows_alike(r, &e->args) ||
	    !amph__common_type(r, e->args.items, e->args.n, what, &common) ||
	    !amph__coerce_all(r, e->args.items, e->args.n, what, &common))
		return false;
	e->type = common;
	e->type.nullable = all_nullable(&e->args);
	return true;
}

static bool resolve_coalesce(sql_resolver *r, sql_expr **e)
{
	const char *around = r->no_sets;
	bool ok;

	r->no_sets = "COALESCE";
	ok = resolve_alike(r, *e, "COALESCE");
	r->no_sets = around;
	return ok;
}

static bool resolve_extreme(sql_resolver *r, sql_expr **e)
{
	return resolve_alike(r, *e, (*e)->kind == SQL_GREATEST ? "GREATEST" : "LEAST") &&
	       amph__rows_ordered(r, &(*e)->type, (*e)->location);
}

static bool resolve_array(sql_resolver *r, sql_expr **e)
{
	sql_expr *a = *e;
	bool nested = a->args.n > 0 && a->args.items[0]->kind == SQL_ARRAY;

	if (a->args.n == 0)
		return amph__resolve_fail(r, a->location, "42P18",
					  "cannot determine type of empty array; cast it, "
					  "as in ARRAY[]::integer[]");
	if (!resolve_alike(r, a, "ARRAY"))
		return false;
	if (a->type.type == AMPH_T_RECORD)
		return amph__resolve_refuse(r, a->location, "an array of rows");
	if (!nested && !(a->type.type & AMPH_T_ARRAY))
		a->type = amph__array_type(a->type);
	a->type = amph__without_length(a->type);
	a->type.nullable = false;
	return true;
}

static bool resolve_row(sql_resolver *r, sql_expr **e)
{
	(*e)->type = amph__plain_type(AMPH_T_RECORD);
	return amph__spread_rows(r, *e) && amph__resolve_list(r, &(*e)->args);
}

/* ---- subscripts ---- */

enum { MAX_DIMENSIONS = 6 };

static bool subscript_array(sql_resolver *r, sql_expr *e)
{
	const amph_sqltype integer = { .type = AMPH_T_INT32 };
	amph_sqltype array = e->args.items[0]->type;
	size_t n_dims = (e->args.n - 1) / (e->all ? 2 : 1);

	if (n_dims > MAX_DIMENSIONS)
		return amph__resolve_fail(r, e->location, "54000", "number of array dimensions (%zu) exceeds "
					  "the maximum allowed (%d)", n_dims, MAX_DIMENSIONS);
	for (size_t i = 1; i < e->args.n; i++) {
		bool possible;

		if (!amph__coerce_assign(r, &e->args.items[i], &integer, AMPH_CAST_ASSIGNMENT,
					 &possible))
			return false;
		if (!possible)
			return amph__resolve_fail(r, e->args.items[i]->location, "42804",
						  "array subscript must have type integer");
	}
	e->type = e->all ? array : amph__element_type(array);
	e->type.nullable = true;
	return true;
}

static bool coerce_step(sql_resolver *r, sql_expr **at)
{
	const amph_sqltype integer = { .type = AMPH_T_INT32 };

	if ((*at)->type.type == AMPH_T_NONE || (*at)->type.type == AMPH_T_TEXT)
		return amph__coerce_unknown_to_text(r, at);
	if (!amph__can_coerce(&(*at)->type, &integer, AMPH_CAST_IMPLICIT))
		return amph__resolve_fail(r, (*at)->location, "42804",
					  "subscript type %s is not supported",
					  amph__type_text(r, &(*at)->type));
	return amph__coerce(r, at, &integer);
}

bool amph__subscript_json(sql_resolver *r, sql_expr *e)
{
	if (e->all)
		return amph__resolve_fail(r, e->location, "42804",
					  "jsonb subscript does not support slices");
	e->type = amph__plain_type(AMPH_T_JSON);
	e->type.nullable = true;
	for (size_t i = 1; i < e->args.n; i++)
		if (!coerce_step(r, &e->args.items[i]))
			return false;
	return true;
}

/* Each subscript but the last gives a document for the next. */
static bool nest_subscripts(sql_resolver *r, sql_expr *e)
{
	while (e->args.n > 2) {
		sql_expr *inner = sql_new(r->arena, SQL_SUBSCRIPT, 2);

		if (!inner)
			return amph__resolve_nomem(r);
		inner->location = e->location;
		inner->args.items[0] = e->args.items[0];
		inner->args.items[1] = e->args.items[1];
		if (!amph__subscript_json(r, inner))
			return false;
		e->args.items++;
		e->args.n--;
		e->args.items[0] = inner;
	}
	return amph__subscript_json(r, e);
}

static bool resolve_subscript(sql_resolver *r, sql_expr **e)
{
	amph_sqltype *of;

	if (!amph__resolve_list(r, &(*e)->args))
		return false;
	if ((*e)->args.items[0]->type.type == AMPH_T_JSON && !(*e)->all && (*e)->args.n > 2)
		return nest_subscripts(r, *e);
	of = &(*e)->args.items[0]->type;
	if (of->type & AMPH_T_ARRAY)
		return subscript_array(r, *e);
	if (of->type == AMPH_T_JSON)
		return amph__subscript_json(r, *e);
	return amph__resolve_fail(
		r, (*e)->location, "42804",
		"cannot subscript type %s because it does not support subscripting",
		amph__type_text(r, of));
}

/* ---- subqueries ---- */

static bool sub_select(sql_resolver *r, sql_expr *e)
{
	sql_clause clause = r->scope->clause;

	if (!r->stmt || clause >= SQL_CLAUSE_CHECK)
		return amph__resolve_no_subquery(r, e->location);
	return amph__resolve_select(r, e->select);
}

static bool resolve_exists(sql_resolver *r, sql_expr **e)
{
	(*e)->type = boolean;
	return sub_select(r, *e);
}

static bool resolve_scalar(sql_resolver *r, sql_expr **e)
{
	sql_expr *s = *e;

	if (!sub_select(r, s))
		return false;
	if (s->select->n_columns != 1)
		return amph__resolve_fail(r, s->location, "42601",
					  "subquery must return only one column");
	s->type = s->select->columns[0].type;
	s->type.nullable = true;
	if (s->kind == SQL_ARRAY_SELECT) {
		s->type.nullable = false;
		s->type = amph__array_type(amph__without_length(s->type));
	}
	return true;
}

/* GROUPING is of the innermost query whose columns are among its arguments. */
static sql_scope *owner_of(sql_resolver *r, sql_expr *grouping)
{
	for (sql_scope *s = r->scope; s; s = s->outer)
		if (amph__names_input(s, grouping))
			return s;
	return r->scope;
}

/* Whether its arguments are keys is asked when those are known, like the names of columns. */
static bool resolve_grouping(sql_resolver *r, sql_expr **e)
{
	sql_scope *owner;
	sql_clause clause;

	(*e)->type = amph__plain_type(AMPH_T_INT32);
	if (!amph__resolve_list(r, &(*e)->args))
		return false;
	owner = owner_of(r, *e);
	clause = owner->clause;
	if (!amph__clause_allows_aggregate(clause))
		return amph__resolve_fail(r, (*e)->location, "42803",
					  "grouping operations are not allowed in %s",
					  amph__clause_name(clause));
	if ((*e)->args.n > 31)
		return amph__resolve_fail(r, (*e)->location, "54023",
					  "GROUPING must have fewer than 32 arguments");
	owner->has_grouping = true;
	return true;
}

static resolve_fn *const resolvers[] = { [SQL_COLUMN] = amph__resolve_column,
					 [SQL_STAR] = resolve_star,
					 [SQL_PARAM] = resolve_param,
					 [SQL_CONST] = resolve_const,
					 [SQL_CALL] = amph__resolve_call,
					 [SQL_CAST] = resolve_cast,
					 [SQL_AND] = resolve_logic,
					 [SQL_OR] = resolve_logic,
					 [SQL_NOT] = resolve_logic,
					 [SQL_IS_NULL] = resolve_null_test,
					 [SQL_IS_NOT_NULL] = resolve_null_test,
					 [SQL_IS_TRUE] = resolve_truth_test,
					 [SQL_IS_NOT_TRUE] = resolve_truth_test,
					 [SQL_IS_FALSE] = resolve_truth_test,
					 [SQL_IS_NOT_FALSE] = resolve_truth_test,
					 [SQL_IS_UNKNOWN] = resolve_truth_test,
					 [SQL_IS_NOT_UNKNOWN] = resolve_truth_test,
					 [SQL_DISTINCT_FROM] = resolve_distinct,
					 [SQL_NOT_DISTINCT_FROM] = resolve_distinct,
					 [SQL_BETWEEN] = amph__resolve_between,
					 [SQL_CASE] = amph__resolve_case,
					 [SQL_COALESCE] = resolve_coalesce,
					 [SQL_NULLIF] = resolve_nullif,
					 [SQL_GREATEST] = resolve_extreme,
					 [SQL_LEAST] = resolve_extreme,
					 [SQL_IN_LIST] = amph__resolve_in_list,
					 [SQL_IN_ROWS] = amph__resolve_in_rows,
					 [SQL_IN_SELECT] = amph__resolve_in_select,
					 [SQL_EXISTS] = resolve_exists,
					 [SQL_SCALAR] = resolve_scalar,
					 [SQL_ARRAY_SELECT] = resolve_scalar,
					 [SQL_QUANTIFIED] = amph__resolve_quantified,
					 [SQL_ROW] = resolve_row,
					 [SQL_ARRAY] = resolve_array,
					 [SQL_SUBSCRIPT] = resolve_subscript,
					 [SQL_COLLATE] = resolve_collate,
					 [SQL_EXCLUDED] = resolve_excluded,
					 [SQL_GROUPING] = resolve_grouping,
					 [SQL_DEFAULT] = resolve_default };

bool amph__resolve_node(sql_resolver *r, sql_expr **e)
{
	const sql_expr *node = *e;
	bool ok;

	if (!node)
		return amph__resolve_nomem(r);
	if (++r->depth > AMPH_RESOLVE_MAX_DEPTH)
		return amph__resolve_fail(r, (*e)->location, "54001",
					  "the expression is nested too deeply (limit %d)",
					  AMPH_RESOLVE_MAX_DEPTH);
	ok = resolvers[node->kind](r, e);
	r->depth--;
	if (!ok && r->stmt && r->stmt->explains)
		amph__resolve_explain(r, node);
	return ok;
}
