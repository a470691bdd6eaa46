/* Calls of functions, aggregates and window functions, and the functions that are written
 * without parentheses. */
#include "parse.h"
#include <string.h>

/* USING < is ASC, USING > is DESC. */
static bool set_direction(sql_parser *p, const PgQuery__SortBy *s, sql_order *o)
{
	const char *op;

	if (s->sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_DESC)
		o->direction = SQL_DESC;
	if (s->sortby_dir != PG_QUERY__SORT_BY_DIR__SORTBY_USING)
		return true;
	op = amph__parse_system_name(p, s->n_use_op, s->use_op, s->location);
	if (!op)
		return false;
	if (strcmp(op, "<") && strcmp(op, ">"))
		return amph__parse_refuse(p, s->location, "ORDER BY ... USING with this operator");
	o->direction = op[0] == '>' ? SQL_DESC : SQL_ASC;
	return true;
}

sql_order *amph__parse_order(sql_parser *p, size_t n, pg_node *const *items)
{
	sql_order *first = NULL, **next = &first;

	for (size_t i = 0; i < n && !p->failed; i++) {
		const PgQuery__SortBy *s = items[i]->sort_by;
		sql_order *o = AMPH_NEW(p->arena, sql_order);

		if (!o)
			return NULL;
		if (!set_direction(p, s, o))
			return NULL;
		o->expr = amph__parse_node(p, s->node);
		if (s->sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST)
			o->nulls = SQL_NULLS_FIRST;
		if (s->sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST)
			o->nulls = SQL_NULLS_LAST;
		*next = o;
		next = &o->next;
	}
	return first;
}

/* ---- windows: the bits of frame_options are those of PostgreSQL's parsenodes.h ---- */

enum {
	FRAME_GIVEN = 0x1, FRAME_RANGE = 0x2, FRAME_ROWS = 0x4, FRAME_GROUPS = 0x8,
	FRAME_EXCLUDE_CURRENT = 0x8000, FRAME_EXCLUDE_GROUP = 0x10000, FRAME_EXCLUDE_TIES = 0x20000
};

static const struct { int start, end; sql_bound_kind bound; } frame_bounds[] = {
	{ 0x20, 0x40, SQL_UNBOUNDED_PRECEDING },
	{ 0x80, 0x100, SQL_UNBOUNDED_FOLLOWING },
	{ 0x200, 0x400, SQL_CURRENT_ROW },
	{ 0x800, 0x1000, SQL_PRECEDING },
	{ 0x2000, 0x4000, SQL_FOLLOWING }
};

static void set_frame(sql_parser *p, const PgQuery__WindowDef *def, sql_window *w)
{
	int options = def->frame_options;

	if (!(options & FRAME_GIVEN))
		return;
	w->unit = options & FRAME_ROWS ? SQL_FRAME_ROWS
		: options & FRAME_GROUPS ? SQL_FRAME_GROUPS : SQL_FRAME_RANGE;
	for (size_t i = 0; i < sizeof(frame_bounds) / sizeof(frame_bounds[0]); i++) {
		if (options & frame_bounds[i].start)
			w->start = frame_bounds[i].bound;
		if (options & frame_bounds[i].end)
			w->end = frame_bounds[i].bound;
	}
	w->start_offset = amph__parse_node(p, def->start_offset);
	w->end_offset = amph__parse_node(p, def->end_offset);
	w->exclude = options & FRAME_EXCLUDE_CURRENT ? SQL_EXCLUDE_CURRENT
		: options & FRAME_EXCLUDE_GROUP ? SQL_EXCLUDE_GROUP
		: options & FRAME_EXCLUDE_TIES ? SQL_EXCLUDE_TIES : SQL_EXCLUDE_NONE;
}

sql_window *amph__parse_window(sql_parser *p, const PgQuery__WindowDef *def)
{
	sql_window *w = AMPH_NEW(p->arena, sql_window);

	if (!w)
		return NULL;
	if (def->refname && *def->refname)
		w->base = amph__parse_text(p, def->refname);
	w->name = amph__parse_text(p, def->name);
	amph__parse_list(p, def->n_partition_clause, def->partition_clause, &w->partition);
	w->order = amph__parse_order(p, def->n_order_clause, def->order_clause);
	set_frame(p, def, w);
	return w;
}

/* ---- calls ---- */

static bool has_names(const PgQuery__FuncCall *f)
{
	for (size_t i = 0; i < f->n_args; i++)
		if (f->args[i]->node_case == PG_QUERY__NODE__NODE_NAMED_ARG_EXPR)
			return true;
	return false;
}

/* f(1, b => 2): the names beside the arguments. */
static void set_named_arguments(sql_parser *p, const PgQuery__FuncCall *f, sql_expr *e)
{
	const char **names = AMPH_NEWS(p->arena, const char *, f->n_args);
	sql_expr **items = AMPH_NEWS(p->arena, sql_expr *, f->n_args);

	if (!names || !items)
		return;
	for (size_t i = 0; i < f->n_args && !p->failed; i++) {
		const pg_node *n = f->args[i];
		bool named = n->node_case == PG_QUERY__NODE__NODE_NAMED_ARG_EXPR;

		if (named)
			names[i] = amph__parse_text(p, n->named_arg_expr->name);
		else if (i && names[i - 1])
			amph__parse_fail(p, f->location, "42601",
					 "positional argument cannot follow named argument");
		items[i] = amph__parse_node(p, named ? n->named_arg_expr->arg : n);
	}
	e->args = (sql_list){ items, f->n_args };
	e->arg_names = names;
}

static void set_arguments(sql_parser *p, const PgQuery__FuncCall *f, sql_expr *e)
{
	if (!f->agg_star && has_names(f)) {
		set_named_arguments(p, f, e);
		return;
	}
	if (!f->agg_star) {
		amph__parse_list(p, f->n_args, f->args, &e->args);
		return;
	}
	e->args.items = AMPH_NEWS(p->arena, sql_expr *, 1);
	if (e->args.items) {
		e->args.n = 1;
		e->args.items[0] = amph__parse_at(p, sql_new(p->arena, SQL_STAR, 0), f->location);
	}
}

/* nextval('name'::regclass): names of relations are constants only, and of one type. */
static bool names_sequence(const PgQuery__FuncCall *f)
{
	static const char *const names[] = { "nextval", "currval", "setval" };
	const char *name = f->n_funcname ? f->funcname[f->n_funcname - 1]->string->sval : "";

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], name))
			return f->n_args > 0 && f->args[0]->node_case == PG_QUERY__NODE__NODE_TYPE_CAST;
	return false;
}

static const pg_node *sequence_name(const PgQuery__FuncCall *f)
{
	const PgQuery__TypeCast *c = f->args[0]->type_cast;
	const PgQuery__TypeName *t = c->type_name;
	bool constant = c->arg->node_case == PG_QUERY__NODE__NODE_A_CONST;

	return constant && t->n_names && !t->n_array_bounds &&
	       !strcmp(t->names[t->n_names - 1]->string->sval, "regclass") ? c->arg : f->args[0];
}

static void set_sequence_arguments(sql_parser *p, const PgQuery__FuncCall *f, sql_expr *e)
{
	e->args.items = AMPH_NEWS(p->arena, sql_expr *, f->n_args);
	for (size_t i = 0; e->args.items && i < f->n_args; i++)
		e->args.items[e->args.n++] = amph__parse_node(p, i ? f->args[i] : sequence_name(f));
}

sql_expr *amph__parse_call(sql_parser *p, const pg_node *n)
{
	const PgQuery__FuncCall *f = n->func_call;
	const char *name = amph__parse_system_name(p, f->n_funcname, f->funcname, f->location);
	sql_expr *e = name ? sql_call(p->arena, name, 0, NULL) : NULL;

	if (!e)
		return NULL;
	e->variadic = f->func_variadic;
	if (names_sequence(f))
		set_sequence_arguments(p, f, e);
	else
		set_arguments(p, f, e);
	e->distinct = f->agg_distinct;
	e->order = amph__parse_order(p, f->n_agg_order, f->agg_order);
	e->within_group = f->agg_within_group;
	e->filter = amph__parse_node(p, f->agg_filter);
	e->over = f->over ? amph__parse_window(p, f->over) : NULL;
	return amph__parse_at(p, e, f->location);
}

/* Times are those of now(), which is the transaction's, in the session's zone. */
typedef struct value_function {
	const char *name;
	amph_type type;                 /* NONE: not supported */
	bool precision;                 /* the form that has one */
} value_function;

static const value_function value_functions[] = {
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE] = { "current_date", AMPH_T_DATE, false },
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME] = { "current_time", AMPH_T_NONE, false },
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME_N] = { "current_time", AMPH_T_NONE, true },
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP] =
		{ "current_timestamp", AMPH_T_TIMESTAMPTZ, false },
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP_N] =
		{ "current_timestamp", AMPH_T_TIMESTAMPTZ, true },
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME] = { "localtime", AMPH_T_TIME, false },
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME_N] = { "localtime", AMPH_T_TIME, true },
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP] =
		{ "localtimestamp", AMPH_T_TIMESTAMP, false },
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP_N] =
		{ "localtimestamp", AMPH_T_TIMESTAMP, true },
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_ROLE] = { "current_role", AMPH_T_NONE, false },
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_USER] = { "current_user", AMPH_T_NONE, false },
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_USER] = { "user", AMPH_T_NONE, false },
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_SESSION_USER] = { "session_user", AMPH_T_NONE, false },
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_CATALOG] =
		{ "current_catalog", AMPH_T_NONE, false },
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_SCHEMA] =
		{ "current_schema", AMPH_T_NONE, false }
};

const char *amph__parse_value_function_name(const pg_node *n)
{
	return value_functions[n->sqlvalue_function->op].name;
}

sql_expr *amph__parse_value_function(sql_parser *p, const pg_node *n)
{
	const PgQuery__SQLValueFunction *f = n->sqlvalue_function;
	const value_function *v = &value_functions[f->op];
	sql_expr *e;

	if (v->type == AMPH_T_NONE)
		return amph__parse_refuse(p, f->location, v->name);
	e = amph__parse_at(p, sql_call(p->arena, "now", 0, NULL), f->location);
	int32_t length = v->precision && f->typmod < 6 ? f->typmod + 1 : 0;

	if (!e || (v->type == AMPH_T_TIMESTAMPTZ && !length))
		return e;
	e = sql_cast(p->arena, e, (amph_sqltype){ .type = (uint8_t)v->type, .length = length });
	if (e)
		e->explicit_cast = true;
	return amph__parse_at(p, e, f->location);
}
