/* FROM: tables, subqueries, functions, row sets and what they make visible. */
#include "../names.h"
#include "resolve.h"
#include <string.h>

/* ---- lists of items ---- */

sql_item **amph__items_end(sql_item **list)
{
	while (*list)
		list = &(*list)->next;
	return list;
}

void amph__items_lateral(sql_item *list, bool lateral, bool forbidden)
{
	for (; list; list = list->next) {
		list->lateral = lateral;
		list->forbidden = forbidden;
	}
}

bool amph__items_distinct(sql_resolver *r, const sql_item *list, const sql_item *more)
{
	for (; list; list = list->next)
		for (const sql_item *m = more; m; m = m->next)
			if (list->alias && m->alias && list->by_name && m->by_name &&
			    !strcmp(list->alias, m->alias))
				return amph__resolve_fail(
					r, m->range ? m->range->location : -1, "42712",
					"table name \"%s\" specified more than once", m->alias);
	return true;
}

/* ---- names of columns ---- */

/* names with the first of them replaced by the range's column aliases. */
const char *const *amph__alias_columns(sql_resolver *r, const sql_range *range,
				       const char *const *names, size_t n)
{
	const char **own;

	if (range->n_column_aliases == 0)
		return names;
	if (range->n_column_aliases > n) {
		amph__resolve_fail(
			r, range->location, "42P10",
			"table \"%s\" has %zu columns available but %zu columns specified",
			range->alias ? range->alias : "", n, range->n_column_aliases);
		return NULL;
	}
	own = AMPH_NEWS(r->arena, const char *, n + 1);
	if (!own) {
		amph__resolve_nomem(r);
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		own[i] = i < range->n_column_aliases ? range->column_aliases[i] : names[i];
	return own;
}

bool amph__name_in(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (names[i] && !strcmp(names[i], name))
			return true;
	return false;
}

/* What columns are called in the written text: each its own name. */
const char *const *amph__unique_names(sql_resolver *r, const char *const *names, size_t n)
{
	const char **own = AMPH_NEWS(r->arena, const char *, n + 1);

	for (size_t i = 0; own && i < n; i++) {
		own[i] = names[i];
		for (size_t k = i + 1; amph__name_in((const char *const *)own, i, own[i]); k++) {
			own[i] = amph__arena_printf(r->arena, "%s_%zu", names[i], k);
			if (!own[i])
				return NULL;
		}
	}
	return own;
}

sql_item *amph__new_item(sql_resolver *r, sql_range *range, const char *const *visible)
{
	sql_item *item = visible ? AMPH_NEW(r->arena, sql_item) : NULL;

	if (!item) {
		if (visible)
			amph__resolve_nomem(r);
		return NULL;
	}
	*item = (sql_item){ .alias = range->alias,
			    .range = range,
			    .n = range->n_columns,
			    .names = visible,
			    .by_name = range->alias != NULL,
			    .by_column = true };
	return item;
}

/* ---- tables ---- */

bool amph__resolve_table(sql_resolver *r, sql_range *range)
{
	const char *dot = range->schema ? "." : "";

	if (!range->table && r->names && r->names->table)
		range->table = r->names->table(r->names->ctx, range->schema, range->name);
	if (range->table)
		return true;
	if (amph__is_catalog(range->schema, range->name))
		return amph__resolve_refuse(r, range->location,
					    "a table of PostgreSQL's own catalogue");
	return amph__resolve_fail(r, range->location, "42P01", "relation \"%s%s%s\" does not exist",
				  range->schema ? range->schema : "", dot, range->name);
}

/* ---- subqueries, row sets, functions ---- */

static bool copy_columns(sql_resolver *r, sql_range *range, const amph_result_column *columns,
			 size_t n)
{
	const char **names = AMPH_NEWS(r->arena, const char *, n + 1);
	amph_sqltype *types = AMPH_NEWS(r->arena, amph_sqltype, n + 1);

	if (!names || !types)
		return amph__resolve_nomem(r);
	for (size_t i = 0; i < n; i++) {
		names[i] = columns[i].name;
		types[i] = columns[i].type;
	}
	range->names = names;
	range->types = types;
	range->n_columns = n;
	return true;
}

static sql_item *subquery_item(sql_resolver *r, sql_range *range)
{
	const char *const *visible;
	sql_clause clause = r->scope->clause;
	bool ok;

	r->scope->lateral = range->lateral;
	r->scope->clause = SQL_CLAUSE_FROM_FUNCTION;
	ok = amph__resolve_select(r, range->select);
	r->scope->lateral = false;
	r->scope->clause = clause;
	if (!ok || !copy_columns(r, range, range->select->columns, range->select->n_columns))
		return NULL;
	visible = amph__alias_columns(r, range, range->names, range->n_columns);
	if (!visible)
		return NULL;
	range->names = amph__unique_names(r, visible, range->n_columns);
	if (!range->names) {
		amph__resolve_nomem(r);
		return NULL;
	}
	return amph__new_item(r, range, visible);
}

/* ---- tables, views, WITH queries ---- */

/* A view is its query, with the columns that it had when it was made. */
static sql_item *view_item(sql_resolver *r, sql_range *range, const sql_view *view)
{
	sql_expr *e = amph__parse_expr(r->arena, view->query, r->err);
	const char **aliases = AMPH_NEWS(r->arena, const char *, view->n + range->n_column_aliases + 1);
	sql_item *item;

	if (!e || !e->select || !aliases)
		return NULL;
	for (size_t i = 0; i < view->n; i++)
		aliases[i] = i < range->n_column_aliases ? range->column_aliases[i] : view->names[i];
	if (range->n_column_aliases > view->n) {
		amph__resolve_fail(r, range->location, "42P10", "view \"%s\" has %zu columns available "
				   "but %zu columns specified", range->name, view->n,
				   range->n_column_aliases);
		return NULL;
	}
	range->kind = SQL_SUBQUERY;
	range->select = e->select;
	range->select->closed = true;
	range->alias = range->alias ? range->alias : range->name;
	range->column_aliases = (const char *const *)aliases;
	range->n_column_aliases = view->n;
	item = subquery_item(r, range);
	if (item && range->n_columns != view->n) {
		amph__resolve_refuse(r, range->location, "a view (its tables have got more columns)");
		return NULL;
	}
	return item;
}

static bool find_view(sql_resolver *r, const sql_range *range, sql_view *view)
{
	bool plain = !range->schema || !strcmp(range->schema, "public") || !strcmp(range->schema, "pg_temp");

	return plain && !range->table && r->names && r->names->view &&
	       r->names->view(r->names->ctx, range->name, view);
}

static sql_item *table_item(sql_resolver *r, sql_range *range)
{
	sql_item *item;

	if (!amph__resolve_table(r, range))
		return NULL;
	item = amph__item_of_table(r, range);
	if (item)
		item->names = amph__alias_columns(r, range, item->names, item->n);
	return item && item->names ? item : NULL;
}

static sql_item *named_item(sql_resolver *r, sql_range *range)
{
	sql_scope *scope = NULL;
	sql_cte_entry *c = NULL;
	sql_view view;

	if (!range->schema && !range->table)
		c = amph__find_cte(r, range->name, &scope);
	if (c)
		return amph__cte_item(r, range, c, scope);
	range->kind = SQL_TABLE;
	return find_view(r, range, &view) ? view_item(r, range, &view) : table_item(r, range);
}

static sql_item *rows_item(sql_resolver *r, sql_range *range)
{
	const amph_param *p =
		r->stmt && range->param < r->stmt->n_params ? &r->stmt->params[range->param] : NULL;

	if (!p || p->kind != AMPH_PARAM_ROWS || p->n_types < range->n_columns) {
		amph__error_misuse(r->err, "Parameter %zu is no row set of %zu columns",
				   range->param + 1, range->n_columns);
		return NULL;
	}
	range->types = p->types;
	return amph__new_item(r, range, range->names);
}

static size_t result_columns(const sql_expr *f, const amph_catalog_columns **c)
{
	*c = f->kind == SQL_CALL && f->row ? amph__catalog_columns_of(f->row) : NULL;
	return *c ? (*c)->n : 1;
}

static void name_result(sql_range *range, const sql_expr *f, const char **names, amph_sqltype *types)
{
	const amph_catalog_columns *c;
	size_t n = result_columns(f, &c);
	const char *own = range->others.n ? amph__figure_name(f) : range->alias;

	for (size_t i = 0; i < n; i++) {
		names[i] = c ? c->names[i] : own;
		types[i] = c ? amph__plain_type(c->types[i]) : f->type;
		types[i].nullable = true;
	}
}

/* The columns of a function's result; one that has no names is called as the range, or, of several
 * side by side, as its function. */
static bool function_columns(sql_resolver *r, sql_range *range)
{
	const amph_catalog_columns *c;
	size_t n = result_columns(range->function, &c), at = n, total;
	const char **names;
	amph_sqltype *types;

	for (size_t i = 0; i < range->others.n; i++)
		n += result_columns(range->others.items[i], &c);
	total = n + range->with_ordinality;
	names = AMPH_NEWS(r->arena, const char *, total + 1);
	types = AMPH_NEWS(r->arena, amph_sqltype, total + 1);
	if (!names || !types)
		return amph__resolve_nomem(r);
	name_result(range, range->function, names, types);
	for (size_t i = 0; i < range->others.n; i++) {
		name_result(range, range->others.items[i], names + at, types + at);
		at += result_columns(range->others.items[i], &c);
	}
	if (range->with_ordinality) {
		names[n] = "ordinality";
		types[n] = amph__plain_type(AMPH_T_INT64);
	}
	range->names = names;
	range->types = types;
	range->n_columns = total;
	return true;
}

/* unnest(a, b) is unnest(a) and unnest(b) side by side. */
static bool split_unnest(sql_resolver *r, sql_range *range)
{
	sql_expr *f = range->function;
	sql_expr **items;

	if (f->kind != SQL_CALL || f->args.n < 2 || f->is_operator || strcmp(f->name, "unnest"))
		return true;
	if (range->others.n)
		return amph__resolve_refuse(r, range->location, "unnest of several arrays in ROWS FROM");
	items = AMPH_NEWS(r->arena, sql_expr *, f->args.n);
	if (!items)
		return amph__resolve_nomem(r);
	for (size_t i = 1; i < f->args.n; i++) {
		items[i - 1] = sql_call(r->arena, "unnest", 1, &f->args.items[i]);
		if (!items[i - 1])
			return amph__resolve_nomem(r);
		items[i - 1]->location = f->location;
	}
	range->others = (sql_list){ items, f->args.n - 1 };
	f->args.n = 1;
	return true;
}

static bool resolve_functions(sql_resolver *r, sql_range *range)
{
	bool ok = amph__resolve_in(r, &range->function, SQL_CLAUSE_FROM_FUNCTION) &&
		  amph__coerce_unknown_to_text(r, &range->function);

	for (size_t i = 0; ok && i < range->others.n; i++)
		ok = amph__resolve_in(r, &range->others.items[i], SQL_CLAUSE_FROM_FUNCTION) &&
		     amph__coerce_unknown_to_text(r, &range->others.items[i]);
	return ok;
}

static sql_item *function_item(sql_resolver *r, sql_range *range)
{
	const char *name = amph__figure_name(range->function);
	const char *const *visible;
	sql_call_frame *frame = r->frame;
	bool ok;

	if (!split_unnest(r, range))
		return NULL;
	r->scope->lateral = true;
	r->frame = NULL;
	ok = resolve_functions(r, range);
	r->frame = frame;
	r->scope->lateral = false;
	if (!ok)
		return NULL;
	if (!range->alias)
		range->alias = name;
	if (!function_columns(r, range))
		return NULL;
	visible = amph__alias_columns(r, range, range->names, range->n_columns);
	if (!visible)
		return NULL;
	range->names = visible;
	return amph__new_item(r, range, visible);
}

bool amph__range_items(sql_resolver *r, sql_range *range, sql_item **list)
{
	if (!range)
		return amph__resolve_nomem(r);
	if (++r->depth > AMPH_RESOLVE_MAX_DEPTH)
		return amph__resolve_fail(r, range->location, "54001",
					  "the joins are nested too deeply (limit %d)",
					  AMPH_RESOLVE_MAX_DEPTH);
	switch (range->kind) {
	case SQL_TABLE:
	case SQL_CTE:
		*list = named_item(r, range);
		break;
	case SQL_SUBQUERY:
		*list = subquery_item(r, range);
		break;
	case SQL_FUNCTION:
		*list = function_item(r, range);
		break;
	case SQL_ROWS:
		*list = rows_item(r, range);
		break;
	case SQL_JOIN:
		r->depth--;
		return amph__join_items(r, range, list);
	}
	r->depth--;
	return *list != NULL;
}

/* What stands there before is the target of UPDATE or DELETE, which LATERAL may not name. */
bool amph__resolve_from(sql_resolver *r, sql_range *from)
{
	sql_item *target = r->scope->items, *all = target;

	for (sql_range *range = from; range; range = range->next) {
		sql_item *list = NULL;

		amph__items_lateral(all, true, false);
		if (target)
			target->forbidden = true;
		r->scope->items = all;
		if (!amph__range_items(r, range, &list) || !amph__items_distinct(r, all, list))
			return false;
		*amph__items_end(&all) = list;
	}
	amph__items_lateral(all, false, false);
	r->scope->items = all;
	return true;
}
