/* FROM: tables, subqueries, functions, row sets, joins and what they make visible, and WITH. */
#include "resolve.h"
#include <string.h>

/* ---- lists of items ---- */

static sql_item **tail_of(sql_item **list)
{
	while (*list)
		list = &(*list)->next;
	return list;
}

static void set_lateral(sql_item *list, bool lateral, bool forbidden)
{
	for (; list; list = list->next) {
		list->lateral = lateral;
		list->forbidden = forbidden;
	}
}

static bool check_alias(sql_resolver *r, const sql_item *list, const sql_item *more)
{
	for (; list; list = list->next)
		for (const sql_item *m = more; m; m = m->next)
			if (list->alias && m->alias && list->by_name && m->by_name &&
			    !strcmp(list->alias, m->alias))
				return amph__resolve_fail(r, m->range ? m->range->location : -1, "42712",
							  "table name \"%s\" specified more than once",
							  m->alias);
	return true;
}

/* ---- names of columns ---- */

/* names with the first of them replaced by the range's column aliases. */
static const char *const *alias_columns(sql_resolver *r, const sql_range *range,
					const char *const *names, size_t n)
{
	const char **own;

	if (range->n_column_aliases == 0)
		return names;
	if (range->n_column_aliases > n) {
		amph__resolve_fail(r, range->location, "42P10",
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

static bool is_taken(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (names[i] && !strcmp(names[i], name))
			return true;
	return false;
}

/* What columns are called in the written text: each its own name. */
static const char *const *unique_names(sql_resolver *r, const char *const *names, size_t n)
{
	const char **own = AMPH_NEWS(r->arena, const char *, n + 1);

	for (size_t i = 0; own && i < n; i++) {
		own[i] = names[i];
		for (size_t k = i + 1; is_taken((const char *const *)own, i, own[i]); k++) {
			own[i] = amph__arena_printf(r->arena, "%s_%zu", names[i], k);
			if (!own[i])
				return NULL;
		}
	}
	return own;
}

static sql_item *new_item(sql_resolver *r, sql_range *range, const char *const *visible)
{
	sql_item *item = visible ? AMPH_NEW(r->arena, sql_item) : NULL;

	if (!item) {
		if (visible)
			amph__resolve_nomem(r);
		return NULL;
	}
	*item = (sql_item){ .alias = range->alias, .range = range, .n = range->n_columns,
			    .names = visible, .by_name = range->alias != NULL, .by_column = true };
	return item;
}

/* ---- tables ---- */

static bool is_catalog(const char *schema, const char *name)
{
	if (schema)
		return !strcmp(schema, "pg_catalog") || !strcmp(schema, "information_schema");
	return !strncmp(name, "pg_", 3);
}

bool amph__resolve_table(sql_resolver *r, sql_range *range)
{
	const char *dot = range->schema ? "." : "";

	if (!range->table && r->names && r->names->table)
		range->table = r->names->table(r->names->ctx, range->schema, range->name);
	if (range->table)
		return true;
	if (is_catalog(range->schema, range->name))
		return amph__resolve_refuse(r, range->location, "a table of PostgreSQL's own catalogue");
	return amph__resolve_fail(r, range->location, "42P01",
				  "relation \"%s%s%s\" does not exist",
				  range->schema ? range->schema : "", dot, range->name);
}

static sql_item *table_item(sql_resolver *r, sql_range *range)
{
	sql_item *item;

	if (!amph__resolve_table(r, range))
		return NULL;
	item = amph__item_of_table(r, range);
	if (item)
		item->names = alias_columns(r, range, item->names, item->n);
	return item && item->names ? item : NULL;
}

/* ---- common table expressions ---- */

static bool resolve_cte(sql_resolver *r, sql_scope *scope, sql_cte_entry *c);

static sql_item *cte_item(sql_resolver *r, sql_range *range, sql_cte_entry *c, sql_scope *scope)
{
	if (c->state == SQL_CTE_NEW && !resolve_cte(r, scope, c))
		return NULL;
	if (c->state == SQL_CTE_BUSY) {
		amph__resolve_fail(r, range->location, "42P19",
				   "recursive reference to query \"%s\" must not appear within its "
				   "non-recursive term", c->cte->name);
		return NULL;
	}
	if (c->n == 0) {
		amph__resolve_fail(r, range->location, "0A000",
				   "WITH query \"%s\" does not have a RETURNING clause", c->cte->name);
		return NULL;
	}
	c->referenced = true;
	range->kind = SQL_CTE;
	if (!range->alias)
		range->alias = range->name;
	range->names = c->written;
	range->types = c->types;
	range->n_columns = c->n;
	return new_item(r, range, alias_columns(r, range, c->names, c->n));
}

static sql_item *named_item(sql_resolver *r, sql_range *range)
{
	sql_scope *scope = NULL;
	sql_cte_entry *c = NULL;

	if (!range->schema && !range->table)
		c = amph__find_cte(r, range->name, &scope);
	if (c)
		return cte_item(r, range, c, scope);
	range->kind = SQL_TABLE;
	return table_item(r, range);
}

/* ---- subqueries, row sets, functions ---- */

static bool copy_columns(sql_resolver *r, sql_range *range, const amph_result_column *columns, size_t n)
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
	visible = alias_columns(r, range, range->names, range->n_columns);
	if (!visible)
		return NULL;
	range->names = unique_names(r, visible, range->n_columns);
	if (!range->names) {
		amph__resolve_nomem(r);
		return NULL;
	}
	return new_item(r, range, visible);
}

static sql_item *rows_item(sql_resolver *r, sql_range *range)
{
	const amph_param *p = r->stmt && range->param < r->stmt->n_params
				      ? &r->stmt->params[range->param] : NULL;

	if (!p || p->kind != AMPH_PARAM_ROWS || p->n_types < range->n_columns) {
		amph__error_misuse(r->err, "Parameter %zu is no row set of %zu columns",
				   range->param + 1, range->n_columns);
		return NULL;
	}
	range->types = p->types;
	return new_item(r, range, range->names);
}

/* The columns of a function's result; one that has no names is called as the range. */
static bool function_columns(sql_resolver *r, sql_range *range)
{
	const sql_expr *f = range->function;
	const amph_catalog_columns *c = f->kind == SQL_CALL && f->row ? amph__catalog_columns_of(f->row)
								      : NULL;
	size_t n = c ? c->n : 1, total = n + range->with_ordinality;
	const char **names = AMPH_NEWS(r->arena, const char *, total + 1);
	amph_sqltype *types = AMPH_NEWS(r->arena, amph_sqltype, total + 1);

	if (!names || !types)
		return amph__resolve_nomem(r);
	for (size_t i = 0; i < n; i++) {
		names[i] = c ? c->names[i] : range->alias;
		types[i] = c ? amph__plain_type(c->types[i]) : f->type;
		types[i].nullable = true;
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

static sql_item *function_item(sql_resolver *r, sql_range *range)
{
	const char *name = amph__figure_name(range->function);
	const char *const *visible;
	sql_call_frame *frame = r->frame;
	bool ok;

	if (range->function->kind == SQL_CALL && range->function->args.n > 1 && !range->function->is_operator &&
	    !strcmp(range->function->name, "unnest")) {
		amph__resolve_refuse(r, range->location, "unnest of several arrays");
		return NULL;
	}
	r->scope->lateral = true;
	r->frame = NULL;
	ok = amph__resolve_in(r, &range->function, SQL_CLAUSE_FROM_FUNCTION) &&
	     amph__coerce_unknown_to_text(r, &range->function);
	r->frame = frame;
	r->scope->lateral = false;
	if (!ok)
		return NULL;
	if (!range->alias)
		range->alias = name;
	if (!function_columns(r, range))
		return NULL;
	visible = alias_columns(r, range, range->names, range->n_columns);
	if (!visible)
		return NULL;
	range->names = visible;
	return new_item(r, range, visible);
}

/* ---- joins ---- */

static bool range_items(sql_resolver *r, sql_range *range, sql_item **list);

typedef struct merged {
	const char **names;
	sql_expr **exprs;
	size_t n, room;
} merged;

/* The one column of that name in a side of a join. */
static bool find_common(sql_resolver *r, const sql_range *join, sql_item *side, const char *name,
			const char *which, sql_expr **out)
{
	*out = NULL;
	for (sql_item *item = side; item; item = item->next)
		for (size_t i = 0; item->by_column && i < item->n; i++) {
			if (strcmp(item->names[i], name))
				continue;
			if (*out)
				return amph__resolve_fail(r, join->location, "42702",
							  "common column name \"%s\" appears more "
							  "than once in %s table", name, which);
			*out = amph__item_column(r, item, i, join->location);
			if (!*out)
				return amph__resolve_nomem(r);
		}
	return *out || amph__resolve_fail(r, join->location, "42703",
					  "column \"%s\" specified in USING clause does not exist in "
					  "%s table", name, which);
}

static bool side_has(const sql_item *side, const char *name)
{
	for (; side; side = side->next)
		for (size_t i = 0; side->by_column && i < side->n; i++)
			if (!strcmp(side->names[i], name))
				return true;
	return false;
}

static size_t count_columns(const sql_item *side)
{
	size_t n = 0;

	for (; side; side = side->next)
		n += side->by_column ? side->n : 0;
	return n;
}

/* The columns that both sides have, in the order of the left one. */
static bool natural_columns(sql_resolver *r, sql_range *join, sql_item *left, sql_item *right)
{
	const char **names = AMPH_NEWS(r->arena, const char *, count_columns(left) + 1);
	size_t n = 0;

	if (!names)
		return amph__resolve_nomem(r);
	for (sql_item *item = left; item; item = item->next)
		for (size_t i = 0; item->by_column && i < item->n; i++)
			if (side_has(right, item->names[i]) &&
			    !is_taken((const char *const *)names, n, item->names[i]))
				names[n++] = item->names[i];
	join->using_columns = names;
	return true;
}

/* What a column that is merged by USING stands for. */
static bool merge_column(sql_resolver *r, const sql_range *join, sql_expr *left, sql_expr *right,
			 sql_expr **out)
{
	sql_expr *both[2] = { left, right }, *e;
	amph_sqltype common;

	if (!amph__common_type(r, both, 2, "JOIN/USING", &common))
		return false;
	if (join->join == SQL_FULL) {
		e = sql_new(r->arena, SQL_COALESCE, 2);
		if (!e)
			return amph__resolve_nomem(r);
		if (!amph__coerce_all(r, both, 2, "JOIN/USING", &common))
			return false;
		e->args.items[0] = both[0];
		e->args.items[1] = both[1];
		e->type = common;
		e->type.nullable = true;
		*out = e;
		return true;
	}
	e = join->join == SQL_RIGHT || (join->join == SQL_INNER && !amph__type_same(&left->type, &common) &&
					amph__type_same(&right->type, &common)) ? right : left;
	*out = e;
	return amph__coerce(r, out, &common);
}

static void add_merged(merged *m, const char *name, sql_expr *e)
{
	m->names[m->n] = name;
	m->exprs[m->n++] = e;
}

static bool add_rest(sql_resolver *r, merged *m, const sql_range *join, sql_item *side)
{
	for (sql_item *item = side; item; item = item->next)
		for (size_t i = 0; item->by_column && i < item->n; i++) {
			size_t u = 0;
			sql_expr *e;

			while (join->using_columns && join->using_columns[u] &&
			       strcmp(join->using_columns[u], item->names[i]))
				u++;
			if (join->using_columns && join->using_columns[u])
				continue;
			e = amph__item_column(r, item, i, join->location);
			if (!e)
				return amph__resolve_nomem(r);
			add_merged(m, item->names[i], e);
		}
	return true;
}

/* USING becomes ON: the database then needs no rule for the merged columns. */
static bool merge_using(sql_resolver *r, sql_range *join, sql_item *left, sql_item *right, merged *m)
{
	for (size_t i = 0; join->using_columns && join->using_columns[i]; i++) {
		const char *name = join->using_columns[i];
		sql_expr *a, *b, *equal, *column;

		if (!find_common(r, join, left, name, "left", &a) ||
		    !find_common(r, join, right, name, "right", &b))
			return false;
		equal = amph__make_op(r, "=", a, b, join->location);
		if (!equal)
			return false;
		join->on = sql_and(r->arena, join->on, equal);
		if (!join->on)
			return amph__resolve_nomem(r);
		join->on->type = (amph_sqltype){ .type = AMPH_T_BOOL, .nullable = true };
		if (!merge_column(r, join, a, b, &column))
			return false;
		add_merged(m, name, column);
	}
	return true;
}

static void hide_columns(sql_item *list, bool names_too)
{
	for (; list; list = list->next) {
		list->by_column = false;
		if (names_too)
			list->by_name = false;
	}
}

static void set_nullable(sql_item *list)
{
	for (; list; list = list->next)
		list->nullable = true;
}

static void apply_outer(sql_join_kind kind, sql_item *left, sql_item *right)
{
	if (kind == SQL_LEFT || kind == SQL_FULL)
		set_nullable(right);
	if (kind == SQL_RIGHT || kind == SQL_FULL)
		set_nullable(left);
}

/* A join with USING, or an alias, has columns of its own that stand before those of its sides. */
static sql_item *joined_item(sql_resolver *r, sql_range *join, sql_item *left, sql_item *right)
{
	size_t room = count_columns(left) + count_columns(right) + 1;
	merged m = { .names = AMPH_NEWS(r->arena, const char *, room),
		     .exprs = AMPH_NEWS(r->arena, sql_expr *, room), .room = room };
	sql_item *item = AMPH_NEW(r->arena, sql_item);
	const char *const *visible;

	if (!m.names || !m.exprs || !item) {
		amph__resolve_nomem(r);
		return NULL;
	}
	if (!merge_using(r, join, left, right, &m))
		return NULL;
	apply_outer(join->join, left, right);
	if (!add_rest(r, &m, join, left) || !add_rest(r, &m, join, right))
		return NULL;
	visible = alias_columns(r, join, (const char *const *)m.names, m.n);
	if (!visible)
		return NULL;
	*item = (sql_item){ .alias = join->alias, .n = m.n, .names = visible, .exprs = m.exprs,
			    .by_name = join->alias != NULL, .by_column = true };
	hide_columns(left, join->alias != NULL);
	hide_columns(right, join->alias != NULL);
	join->using_columns = NULL;
	join->natural = false;
	return item;
}

static bool join_condition(sql_resolver *r, sql_range *join, sql_item *both)
{
	sql_item *around = r->scope->items;
	bool ok;

	r->scope->items = both;
	ok = amph__resolve_condition(r, &join->on, SQL_CLAUSE_JOIN_ON);
	r->scope->items = around;
	return ok;
}

/* The right side sees the left one where it is LATERAL. */
static bool right_items(sql_resolver *r, sql_range *join, sql_item *left, sql_item **right)
{
	sql_item *around = r->scope->items, **end = tail_of(&left);
	bool ok;

	set_lateral(left, true, join->join == SQL_RIGHT || join->join == SQL_FULL);
	*end = around;
	r->scope->items = left ? left : around;
	ok = range_items(r, join->right, right);
	r->scope->items = around;
	*end = NULL;
	set_lateral(left, false, false);
	return ok && check_alias(r, left, *right);
}

static bool join_items(sql_resolver *r, sql_range *join, sql_item **list)
{
	sql_item *left = NULL, *right = NULL, *own = NULL;
	bool merges;

	if (!range_items(r, join->left, &left) || !right_items(r, join, left, &right))
		return false;
	if (join->natural && !natural_columns(r, join, left, right))
		return false;
	merges = join->using_columns != NULL || join->alias != NULL;
	if (merges && join->using_columns) {
		own = joined_item(r, join, left, right);
		if (!own)
			return false;
	}
	*tail_of(&left) = right;
	if (!own && !join_condition(r, join, left))
		return false;
	if (!own) {
		sql_item **end = &left;

		while (*end != right)
			end = &(*end)->next;
		*end = NULL;
		apply_outer(join->join, left, right);
		own = merges ? joined_item(r, join, left, right) : NULL;
		if (merges && !own)
			return false;
		*tail_of(&left) = right;
	}
	if (own)
		own->next = left;
	*list = own ? own : left;
	return true;
}

static bool range_items(sql_resolver *r, sql_range *range, sql_item **list)
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
		return join_items(r, range, list);
	}
	r->depth--;
	return *list != NULL;
}

bool amph__resolve_from(sql_resolver *r, sql_range *from)
{
	sql_item *all = r->scope->items;

	for (sql_range *range = from; range; range = range->next) {
		sql_item *list = NULL;

		set_lateral(all, true, false);
		r->scope->items = all;
		if (!range_items(r, range, &list) || !check_alias(r, all, list))
			return false;
		*tail_of(&all) = list;
	}
	set_lateral(all, false, false);
	r->scope->items = all;
	return true;
}

/* ---- WITH ---- */

static bool name_columns(sql_resolver *r, sql_cte_entry *c, const amph_result_column *columns, size_t n)
{
	sql_cte *cte = c->cte;
	const char **names = AMPH_NEWS(r->arena, const char *, n + 1);

	c->types = AMPH_NEWS(r->arena, amph_sqltype, n + 1);
	if (!names || !c->types)
		return amph__resolve_nomem(r);
	if (cte->n_column_names > n)
		return amph__resolve_fail(r, cte->stmt->location, "42P10",
					  "WITH query \"%s\" has %zu columns available but %zu "
					  "columns specified", cte->name, n, cte->n_column_names);
	for (size_t i = 0; i < n; i++) {
		names[i] = i < cte->n_column_names ? cte->column_names[i] : columns[i].name;
		c->types[i] = columns[i].type;
	}
	c->n = n;
	c->names = (const char *const *)names;
	c->written = unique_names(r, c->names, n);
	if (!c->written)
		return amph__resolve_nomem(r);
	cte->column_names = c->written;
	cte->n_column_names = n;
	return true;
}

/* The recursive term has to have the types that the first one gave to the columns. */
static bool check_recursion(sql_resolver *r, const sql_cte_entry *c, const sql_select *s)
{
	for (size_t i = 0; i < c->n; i++) {
		const amph_sqltype *first = &c->types[i], *all = &s->columns[i].type;

		if (!amph__type_same(first, all) ||
		    (first->length > 0 && (first->length != all->length || first->scale != all->scale)))
			return amph__resolve_fail(r, s->location, "42804",
						  "recursive query \"%s\" column %zu has type %s in "
						  "non-recursive term but type %s overall",
						  c->cte->name, i + 1, amph__type_text(r, first),
						  amph__type_text(r, all));
	}
	return true;
}

static bool resolve_recursive(sql_resolver *r, sql_cte_entry *c)
{
	sql_select *s = c->cte->stmt->select;

	if (!amph__resolve_select(r, s->left) ||
	    !name_columns(r, c, s->left->columns, s->left->n_columns))
		return false;
	for (size_t i = 0; i < c->n; i++)
		c->types[i].nullable = true;
	c->state = SQL_CTE_READY;
	return amph__resolve_select(r, s) && check_recursion(r, c, s);
}

static bool refers_to(const sql_range *range, const char *name)
{
	if (!range)
		return false;
	if ((range->kind == SQL_TABLE || range->kind == SQL_CTE) && !range->schema && !range->table)
		return !strcmp(range->name, name);
	return refers_to(range->left, name) || refers_to(range->right, name);
}

static bool select_refers(const sql_select *s, const char *name)
{
	if (!s)
		return false;
	for (const sql_range *range = s->from; range; range = range->next)
		if (refers_to(range, name) ||
		    (range->kind == SQL_SUBQUERY && select_refers(range->select, name)))
			return true;
	return select_refers(s->left, name) || select_refers(s->right, name);
}

static bool resolve_cte(sql_resolver *r, sql_scope *scope, sql_cte_entry *c)
{
	sql_stmt *stmt = c->cte->stmt;
	sql_scope *before = r->scope;
	sql_call_frame *frame = r->frame;
	bool recursive = scope->ctes_recursive && stmt->kind == SQL_STMT_SELECT &&
			 select_refers(stmt->select, c->cte->name);
	bool ok;

	if (recursive && (stmt->select->set_op != SQL_UNION || stmt->select->with))
		return amph__resolve_fail(r, stmt->location, "42P19",
					  "recursive query \"%s\" does not have the form "
					  "non-recursive-term UNION [ALL] recursive-term", c->cte->name);
	c->state = SQL_CTE_BUSY;
	r->scope = scope;
	r->frame = NULL;
	if (recursive) {
		ok = resolve_recursive(r, c);
	} else {
		ok = amph__resolve_stmt(r, stmt) &&
		     (stmt->kind == SQL_STMT_SELECT
			      ? name_columns(r, c, stmt->select->columns, stmt->select->n_columns)
			      : name_columns(r, c, stmt->result, stmt->n_result));
	}
	r->scope = before;
	r->frame = frame;
	c->state = SQL_CTE_DONE;
	return ok;
}

static sql_cte_entry *add_cte(sql_resolver *r, sql_cte *cte)
{
	sql_cte_entry *c;

	for (c = r->scope->ctes; c; c = c->next)
		if (!strcmp(c->cte->name, cte->name)) {
			amph__resolve_fail(r, cte->stmt->location, "42712",
					   "WITH query name \"%s\" specified more than once", cte->name);
			return NULL;
		}
	c = AMPH_NEW(r->arena, sql_cte_entry);
	if (!c) {
		amph__resolve_nomem(r);
		return NULL;
	}
	c->cte = cte;
	c->next = r->scope->ctes;
	r->scope->ctes = c;
	return c;
}

/* In WITH RECURSIVE all queries see all; else each sees those before it. */
bool amph__resolve_with(sql_resolver *r, sql_cte *with, bool recursive)
{
	r->scope->ctes_recursive = recursive;
	for (sql_cte *cte = with; cte && recursive; cte = cte->next)
		if (!add_cte(r, cte))
			return false;
	for (sql_cte *cte = with; cte; cte = cte->next) {
		sql_cte_entry *c;

		if (!recursive) {
			sql_cte_entry *before = r->scope->ctes;
			c = add_cte(r, cte);
			if (!c)
				return false;
			r->scope->ctes = before;
			if (!resolve_cte(r, r->scope, c))
				return false;
			r->scope->ctes = c;
			continue;
		}
		for (c = r->scope->ctes; c->cte != cte; c = c->next)
			;
		if (c->state == SQL_CTE_NEW && !resolve_cte(r, r->scope, c))
			return false;
	}
	return true;
}
