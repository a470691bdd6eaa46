/* SEARCH and CYCLE of a recursive query: columns that each row gets from the row that it came from. The
 * first of both terms begins them, the other goes on with those of the row of the query itself. */
#include "../../base/buf.h"
#include "../../model/value.h"
#include "resolve.h"
#include <string.h>

enum { EXTRAS_MAX = 3 };

static const amph_catalog_row calls[] = {
	{ "record among", "record_among", AMPH_CAT_FUNCTION, 1, { AMPH_T_ANY }, AMPH_T_BOOL,
	  AMPH_CAT_NULL_SAFE | AMPH_CAT_VARIADIC | AMPH_CAT_STABLE },
	{ "record append", "record_append", AMPH_CAT_FUNCTION, 1, { AMPH_T_ANY }, AMPH_T_ANYARRAY,
	  AMPH_CAT_NULL_SAFE | AMPH_CAT_VARIADIC | AMPH_CAT_STABLE },
	{ "record array", "record_array", AMPH_CAT_FUNCTION, 1, { AMPH_T_ANY }, AMPH_T_ANYARRAY,
	  AMPH_CAT_NULL_SAFE | AMPH_CAT_VARIADIC | AMPH_CAT_STABLE },
	{ "record first", "record_first", AMPH_CAT_FUNCTION, 1, { AMPH_T_ANY }, AMPH_T_RECORD,
	  AMPH_CAT_NULL_SAFE | AMPH_CAT_VARIADIC | AMPH_CAT_STABLE },
	{ "record next", "record_next", AMPH_CAT_FUNCTION, 1, { AMPH_T_ANY }, AMPH_T_RECORD,
	  AMPH_CAT_NULL_SAFE | AMPH_CAT_VARIADIC | AMPH_CAT_STABLE }
};
enum { AMONG, APPEND, ARRAY, FIRST, NEXT };

/* ---- what is asked for ---- */

static size_t number_of(const sql_cte_entry *c, const char *name)
{
	size_t i = 0;

	while (i < c->n && strcmp(c->names[i], name) != 0)
		i++;
	return i;
}

static bool check_columns(sql_resolver *r, const sql_cte_entry *c, const char *const *names,
			  const char *what)
{
	int at = c->cte->stmt->location;

	for (size_t i = 0; names && names[i]; i++) {
		if (number_of(c, names[i]) == c->n)
			return amph__resolve_fail(r, at, "42601", "%s column \"%s\" not in WITH query column "
						  "list", what, names[i]);
		for (size_t k = 0; k < i; k++)
			if (!strcmp(names[k], names[i]))
				return amph__resolve_fail(r, at, "42701", "%s column \"%s\" specified more "
							  "than once", what, names[i]);
	}
	return true;
}

/* Each of the new columns has a name of its own. */
static bool check_new(sql_resolver *r, const sql_cte_entry *c, const char *const *extras, size_t n)
{
	int at = c->cte->stmt->location;

	for (size_t i = 0; i < n; i++) {
		if (number_of(c, extras[i]) < c->n)
			return amph__resolve_fail(r, at, "42601",
						  "the column name \"%s\" of SEARCH or CYCLE is already used "
						  "in the WITH query column list", extras[i]);
		for (size_t k = 0; k < i; k++)
			if (!strcmp(extras[k], extras[i]))
				return amph__resolve_fail(r, at, "42601",
							  "two columns of SEARCH and CYCLE have the name "
							  "\"%s\"", extras[i]);
	}
	return true;
}

static bool is_term(const sql_select *s)
{
	return s && s->set_op == SQL_SET_NONE;
}

static bool check_terms(sql_resolver *r, const sql_select *s)
{
	const char *side = !is_term(s->left) ? "left" : !is_term(s->right) ? "right" : NULL;

	if (side)
		return amph__resolve_fail(r, s->location, "0A000",
					  "with a SEARCH or CYCLE clause, the %s side of the UNION must be a "
					  "SELECT", side);
	return !s->right->distinct ||
	       amph__resolve_refuse(r, s->location, "DISTINCT in a query with SEARCH or CYCLE");
}

static size_t list_extras(const sql_search *search, const char **out)
{
	size_t n = 0;

	if (search->columns)
		out[n++] = search->sequence;
	if (search->cycle) {
		out[n++] = search->mark;
		out[n++] = search->path;
	}
	return n;
}

/* ---- rows as values ---- */

static bool set_row_type(sql_resolver *r, sql_expr *call, size_t from)
{
	amph_enum_type *columns = AMPH_NEW(r->arena, amph_enum_type);
	bool array = call->row->result == AMPH_T_ANYARRAY, first = from == 0;

	call->type = amph__plain_type(AMPH_T_ROW_VALUE | (array ? AMPH_T_ARRAY : 0));
	if (!first) {
		call->type.enumeration = call->args.items[0]->type.enumeration;
		return true;
	}
	if (columns)
		columns->name = amph__row_descriptor(r, &call->args, !array);
	call->type.enumeration = columns;
	return (columns && columns->name) || amph__resolve_nomem(r);
}

/* The call of a row's columns, behind what the row before has. They are given as they are; what the
 * query's columns are decides how they print. */
static sql_expr *make_call(sql_resolver *r, const sql_cte_entry *c, int which, sql_expr *before,
			   const char *const *names, const sql_target *values)
{
	size_t n = 0, at = before ? 1 : 0;

	while (names[n])
		n++;
	sql_expr *call = sql_new(r->arena, SQL_CALL, n + at);
	if (!call) {
		amph__resolve_nomem(r);
		return NULL;
	}
	call->name = calls[which].name;
	call->row = &calls[which];
	if (before)
		call->args.items[0] = before;
	for (size_t i = 0; i < n; i++) {
		size_t k = number_of(c, names[i]);
		const sql_target *t = values;

		for (size_t skip = k; skip && t; skip--)
			t = t->next;
		call->args.items[at + i] = t->expr;
		if (amph__can_coerce(&t->expr->type, &c->types[k], AMPH_CAST_IMPLICIT) &&
		    !amph__coerce(r, &call->args.items[at + i], &c->types[k]))
			return NULL;
	}
	if (calls[which].result == AMPH_T_BOOL)
		call->type = amph__plain_type(AMPH_T_BOOL);
	else if (!set_row_type(r, call, at))
		return NULL;
	return call;
}

/* CASE WHEN true THEN marked ELSE unmarked END, with its type, and then what it really asks. */
static sql_expr *make_mark(sql_resolver *r, const sql_search *search, size_t i, sql_expr *asked)
{
	sql_expr *e = sql_new(r->arena, SQL_CASE, 3);

	if (!e) {
		amph__resolve_nomem(r);
		return NULL;
	}
	e->args.items[0] = sql_const(r->arena, AMPH_T_BOOL, "false");
	e->args.items[1] = search->marked[i];
	e->args.items[2] = search->unmarked[i];
	if (!amph__resolve_node(r, &e))
		return NULL;
	if (asked)
		e->args.items[0] = asked;
	return e;
}

/* ---- the first term ---- */

static bool check_key(sql_resolver *r, const sql_cte_entry *c, const char *const *names)
{
	for (size_t i = 0; names && names[i]; i++) {
		const amph_sqltype *t = &c->types[number_of(c, names[i])];
		int base = t->type & ~AMPH_T_ARRAY;

		if (base == AMPH_T_PLAIN_JSON || base == AMPH_T_JSONPATH)
			return amph__resolve_fail(r, c->cte->stmt->location, "42883", "could not identify an "
						  "equality operator for type %s", amph__type_text(r, t));
		if (amph__is_bpchar(t) || base >= AMPH_T_TSVECTOR)
			return amph__resolve_refuse(r, c->cte->stmt->location, amph__arena_printf(r->arena,
				"SEARCH or CYCLE by a column of type %s", amph__type_text(r, t)));
	}
	return true;
}

static bool add_target(sql_resolver *r, sql_select *s, const char *name, sql_expr *e)
{
	sql_target *t = AMPH_NEW(r->arena, sql_target), **tail = &s->targets;

	if (!e)
		return false;
	if (!t)
		return amph__resolve_nomem(r);
	t->name = name;
	t->expr = e;
	while (*tail)
		tail = &(*tail)->next;
	*tail = t;
	return true;
}

static bool begin_extras(sql_resolver *r, const sql_cte_entry *c, sql_select *s)
{
	const sql_search *search = c->cte->search;
	const sql_target *values = s->targets;

	if (search->columns &&
	    !add_target(r, s, search->sequence, make_call(r, c, search->breadth ? FIRST : ARRAY, NULL,
							  search->columns, values)))
		return false;
	return !search->cycle ||
	       (add_target(r, s, search->mark, make_mark(r, search, 0, NULL)) &&
		add_target(r, s, search->path, make_call(r, c, ARRAY, NULL, search->cycle, values)));
}

/* The entry gets the columns of s behind its own. */
static bool add_columns(sql_resolver *r, sql_cte_entry *c, const sql_select *s, size_t n)
{
	const char **names = AMPH_NEWS(r->arena, const char *, c->n + n + 1);
	amph_sqltype *types = AMPH_NEWS(r->arena, amph_sqltype, c->n + n + 1);

	if (!names || !types)
		return amph__resolve_nomem(r);
	memcpy(names, c->names, c->n * sizeof *names);
	memcpy(types, c->types, c->n * sizeof *types);
	for (size_t i = c->n; i < c->n + n; i++) {
		names[i] = s->columns[i].name;
		types[i] = s->columns[i].type;
		types[i].nullable = true;
	}
	c->names = (const char *const *)names;
	c->types = types;
	c->n += n;
	c->n_extra = n;
	c->written = amph__unique_names(r, c->names, c->n);
	c->cte->column_names = c->written;
	c->cte->n_column_names = c->n;
	return c->written || amph__resolve_nomem(r);
}

/* ---- the other term ---- */

static const sql_range *find_self(const sql_range *range, const char *name)
{
	const sql_range *found = NULL;

	for (; range && !found; range = range->next) {
		if (range->kind == SQL_TABLE && !range->schema && !strcmp(range->name, name))
			found = range;
		else if (range->kind == SQL_JOIN && !(found = find_self(range->left, name)))
			found = find_self(range->right, name);
	}
	return found;
}

/* What the row has that this one comes from; a row in a cycle leads to no more. */
static bool ask_extras(sql_resolver *r, const sql_cte_entry *c, sql_select *s, const char *const *extras,
		       size_t n)
{
	const sql_search *search = c->cte->search;
	const sql_range *self = find_self(s->from, c->cte->name);
	const char *alias;

	for (const sql_cte *own = s->with; own; own = own->next)
		if (!strcmp(own->name, c->cte->name))
			self = NULL;
	if (!self)
		return amph__resolve_fail(r, s->location, "0A000",
					  "with a SEARCH or CYCLE clause, the recursive reference to WITH "
					  "query \"%s\" must be at the top level of its right-hand SELECT",
					  c->cte->name);
	alias = self->alias ? self->alias : self->name;
	for (size_t i = 0; i < n; i++) {
		sql_expr *column = sql_column(r->arena, alias, extras[i]);

		if (!column)
			return amph__resolve_nomem(r);
		if (!add_target(r, s, extras[i], column))
			return false;
	}
	if (!search->cycle)
		return true;
	s->where = sql_and(r->arena, s->where,
			   sql_op(r->arena, "<>", sql_column(r->arena, alias, search->mark),
				  search->marked[2]));
	return s->where || amph__resolve_nomem(r);
}

static bool is_volatile_key(const sql_cte_entry *c, const char *const *names, const sql_target *t)
{
	for (size_t k = 0; t && k < c->n; t = t->next, k++)
		for (size_t i = 0; names && names[i]; i++)
			if (!strcmp(names[i], c->names[k]) && amph__expr_is_volatile(t->expr))
				return true;
	return false;
}

static bool go_on(sql_resolver *r, const sql_cte_entry *c, sql_select *s)
{
	const sql_search *search = c->cte->search;
	sql_target *t = s->targets;

	if (is_volatile_key(c, search->columns, t) || is_volatile_key(c, search->cycle, t))
		return amph__resolve_refuse(r, s->location, "SEARCH or CYCLE by a volatile function");
	for (size_t i = 0; i + c->n_extra < c->n; i++)
		t = t->next;
	if (search->columns) {
		t->expr = make_call(r, c, search->breadth ? NEXT : APPEND, t->expr, search->columns,
				    s->targets);
		if (!t->expr)
			return false;
		t = t->next;
	}
	if (search->cycle) {
		sql_expr *among = make_call(r, c, AMONG, t->next->expr, search->cycle, s->targets);

		t->expr = among ? make_mark(r, search, 1, among) : NULL;
		t->next->expr = t->expr ? make_call(r, c, APPEND, t->next->expr, search->cycle, s->targets)
					: NULL;
		if (!t->next->expr)
			return false;
	}
	return amph__targets_to_columns(r, s->targets, &s->columns, &s->n_columns);
}

bool amph__begin_search(sql_resolver *r, sql_cte_entry *c)
{
	const sql_search *search = c->cte->search;
	sql_select *s = c->cte->stmt->select;
	const char *extras[EXTRAS_MAX];
	size_t n = search ? list_extras(search, extras) : 0;

	if (!search)
		return true;
	if (!check_terms(r, s) || !check_columns(r, c, search->columns, "search") ||
	    !check_columns(r, c, search->cycle, "cycle") || !check_new(r, c, extras, n) ||
	    !check_key(r, c, search->columns) || !check_key(r, c, search->cycle))
		return false;
	return amph__wrap_select(r, &s->left) && begin_extras(r, c, s->left) &&
	       amph__targets_to_columns(r, s->left->targets, &s->left->columns, &s->left->n_columns) &&
	       add_columns(r, c, s->left, n) && ask_extras(r, c, s->right, extras, n);
}

bool amph__end_search(sql_resolver *r, sql_cte_entry *c)
{
	sql_select *s = c->cte->stmt->select;
	sql_clause clause = r->scope->clause;
	bool ok;

	if (!c->cte->search)
		return true;
	r->scope->clause = SQL_CLAUSE_FROM_FUNCTION;
	ok = amph__resolve_select_as(r, s->right, true);
	r->scope->clause = clause;
	if (!ok)
		return false;
	/* other numbers of columns are told where both terms are compared */
	return s->right->n_columns != c->n || go_on(r, c, s->right);
}
