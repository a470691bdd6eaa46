/* Names of columns: which entry of FROM, of which query around, a name means. */
#include "../names.h"
#include "resolve.h"
#include <string.h>

static void note_variable(sql_resolver *r, int depth)
{
	for (sql_call_frame *f = r->frame; f; f = f->outer)
		if (depth <= f->depth && depth > f->var_depth)
			f->var_depth = depth;
}

sql_expr *amph__item_column(sql_resolver *r, const sql_item *item, size_t i, int location)
{
	sql_expr *e;

	if (item->exprs && item->excluded) {
		e = sql_new(r->arena, SQL_EXCLUDED, 0);
	} else if (item->exprs) {
		e = amph__arena_copy(r->arena, item->exprs[i], sizeof(*e));
	} else if (item->excluded) {
		e = sql_new(r->arena, SQL_EXCLUDED, 0);
	} else {
		e = sql_column(r->arena, item->range->alias, item->names[i]);
	}
	if (!e)
		return NULL;
	if (item->exprs && item->excluded) {
		i = item->exprs[i]->column;
		e->name = item->range->names[i];
		e->source = item->range;
		e->column = i;
		e->type = item->range->types[i];
	} else if (!item->exprs) {
		e->name = item->excluded ? item->range->names[i] : item->names[i];
		e->source = item->range;
		e->column = i;
		e->type = item->range->types[i];
	}
	e->location = location;
	e->type.nullable |= item->nullable || item->excluded;
	return e;
}

sql_item *amph__item_of_table(sql_resolver *r, sql_range *range)
{
	const sql_table *t = range->table;
	sql_item *item = AMPH_NEW(r->arena, sql_item);
	const char **names = AMPH_NEWS(r->arena, const char *, t->n_columns + 1);
	amph_sqltype *types = AMPH_NEWS(r->arena, amph_sqltype, t->n_columns + 1);

	if (!item || !names || !types) {
		amph__resolve_nomem(r);
		return NULL;
	}
	for (size_t i = 0; i < t->n_columns; i++) {
		names[i] = t->columns[i].name;
		types[i] = t->columns[i].type;
	}
	range->names = names;
	range->types = types;
	range->n_columns = t->n_columns;
	if (!range->alias)
		range->alias = t->name;
	*item = (sql_item){ .alias = range->alias,
			    .range = range,
			    .n = t->n_columns,
			    .names = names,
			    .by_name = true,
			    .by_column = true };
	return item;
}

/* ---- looking up ---- */

static bool is_visible(const sql_item *item, const sql_scope *scope)
{
	return !item->lateral || scope->lateral;
}

/* The column of this name in an item; n if none, *ambiguous if several. */
static size_t find_in_item(const sql_item *item, const char *name, bool *ambiguous)
{
	size_t found = item->n;

	for (size_t i = 0; i < item->n; i++) {
		if (strcmp(item->names[i], name))
			continue;
		if (found < item->n)
			*ambiguous = true;
		else
			found = i;
	}
	return found;
}

static bool fail_ambiguous(sql_resolver *r, const sql_expr *e)
{
	return amph__resolve_fail(r, e->location, "42702", "column reference \"%s\" is ambiguous",
				  e->name);
}

static bool use_column(sql_resolver *r, sql_expr **e, const sql_scope *scope, const sql_item *item,
		       size_t i)
{
	sql_expr *column = amph__item_column(r, item, i, (*e)->location);

	if (!column)
		return amph__resolve_nomem(r);
	if (item->forbidden)
		return amph__resolve_fail(r, (*e)->location, "42P10",
					  "invalid reference to FROM-clause entry for table \"%s\"",
					  item->alias ? item->alias : "");
	note_variable(r, scope->depth);
	*e = column;
	return true;
}

/* Looks in one scope; *found says whether *e was replaced. */
static bool find_unqualified(sql_resolver *r, sql_expr **e, const sql_scope *scope, bool *found)
{
	const sql_item *in = NULL;
	bool ambiguous = false;
	size_t at = 0;

	for (const sql_item *item = scope->items; item; item = item->next) {
		size_t i;

		if (!item->by_column || !is_visible(item, scope))
			continue;
		i = find_in_item(item, (*e)->name, &ambiguous);
		if (i == item->n)
			continue;
		if (in || ambiguous)
			return fail_ambiguous(r, *e);
		in = item;
		at = i;
	}
	*found = in != NULL;
	return !in || use_column(r, e, scope, in, at);
}

static const sql_item *item_named(const sql_resolver *r, const char *name, const sql_scope **where)
{
	for (const sql_scope *s = r->scope; s; s = s->outer)
		for (const sql_item *item = s->items; item; item = item->next)
			if (item->by_name && item->alias && is_visible(item, s) &&
			    !strcmp(item->alias, name)) {
				*where = s;
				return item;
			}
	return NULL;
}

static bool has_column(const sql_resolver *r, const char *name)
{
	for (const sql_scope *s = r->scope; s; s = s->outer)
		for (const sql_item *item = s->items; item; item = item->next)
			if (item->by_column && is_visible(item, s) &&
			    amph__name_in(item->names, item->n, name))
				return true;
	return false;
}

const sql_item *amph__find_row(sql_resolver *r, const sql_expr *e)
{
	const char *name = e->kind == SQL_STAR                   ? e->range
			   : e->kind == SQL_COLUMN && !e->range ? e->name
								 : NULL;
	const sql_scope *where = NULL;
	const sql_item *item;

	if (!name || e->source || (e->kind == SQL_COLUMN && has_column(r, name)))
		return NULL;
	item = item_named(r, name, &where);
	if (!item || (e->kind == SQL_COLUMN && item->range && item->range->kind == SQL_FUNCTION &&
		      item->n == 1))
		return NULL;
	note_variable(r, where->depth);
	return item;
}

/* The name of a range is its row; of a function that gives single values it is the value. */
static bool use_row(sql_resolver *r, sql_expr **e, const sql_scope *scope, const sql_item *item)
{
	if (item->range && item->range->kind == SQL_FUNCTION && item->n == 1)
		return use_column(r, e, scope, item, 0);
	return amph__resolve_refuse(r, (*e)->location, "a whole row as a value");
}

static bool has_table(const sql_resolver *r)
{
	for (const sql_scope *s = r->scope; s; s = s->outer)
		for (const sql_item *item = s->items; item; item = item->next)
			if (item->range && item->range->kind == SQL_TABLE)
				return true;
	return false;
}

static bool resolve_unqualified(sql_resolver *r, sql_expr **e)
{
	const sql_scope *where = NULL;
	const sql_item *item;
	bool found = false;

	for (const sql_scope *s = r->scope; s && !found; s = s->outer)
		if (!find_unqualified(r, e, s, &found))
			return false;
	if (found)
		return true;
	item = item_named(r, (*e)->name, &where);
	if (item)
		return use_row(r, e, where, item);
	if (amph__is_system_column((*e)->name) && has_table(r))
		return amph__resolve_refuse(r, (*e)->location, "a system column");
	return amph__resolve_fail(r, (*e)->location, "42703", "column \"%s\" does not exist",
				  (*e)->name);
}

/* Not of an alias, a name of WITH or the row that was to be inserted. */
static bool is_table_itself(const sql_item *item)
{
	const sql_range *range = item->range;

	return range && range->table && range->alias == range->table->name && !item->excluded;
}

/* The entry of that alias, nearest first; NULL after an error. */
static const sql_item *find_alias(sql_resolver *r, const sql_expr *e, const sql_scope **where)
{
	bool hidden = false;

	for (const sql_scope *s = r->scope; s; s = s->outer) {
		const sql_item *found = NULL;

		for (const sql_item *item = s->items; item; item = item->next) {
			if (!item->alias || strcmp(item->alias, e->range))
				continue;
			hidden = true;
			if (!item->by_name || !is_visible(item, s) ||
			    (e->in_schema && !is_table_itself(item)))
				continue;
			if (found) {
				amph__resolve_fail(r, e->location, "42P09",
						   "table reference \"%s\" is ambiguous", e->range);
				return NULL;
			}
			found = item;
		}
		*where = s;
		if (found)
			return found;
	}
	amph__resolve_fail(r, e->location, "42P01",
			   hidden ? "invalid reference to FROM-clause entry for table \"%s\""
				  : "missing FROM-clause entry for table \"%s\"",
			   e->range);
	return NULL;
}

static bool resolve_qualified(sql_resolver *r, sql_expr **e)
{
	const sql_scope *scope = NULL;
	const sql_item *item = find_alias(r, *e, &scope);
	bool ambiguous = false;
	size_t i;

	if (!item)
		return false;
	i = find_in_item(item, (*e)->name, &ambiguous);
	if (ambiguous)
		return fail_ambiguous(r, *e);
	if (i < item->n)
		return use_column(r, e, scope, item, i);
	if (amph__is_system_column((*e)->name) && item->range && item->range->kind == SQL_TABLE &&
	    !item->excluded)
		return amph__resolve_refuse(r, (*e)->location, "a system column");
	return amph__resolve_fail(r, (*e)->location, "42703", "column %s.%s does not exist",
				  (*e)->range, (*e)->name);
}

bool amph__resolve_column(sql_resolver *r, sql_expr **e)
{
	if ((*e)->source)
		return true;
	if (r->scope->clause == SQL_CLAUSE_DEFAULT)
		return amph__resolve_fail(r, (*e)->location, "0A000",
					  "cannot use column reference in DEFAULT expression");
	return (*e)->range ? resolve_qualified(r, e) : resolve_unqualified(r, e);
}

/* ---- * ---- */

static bool add_item(sql_resolver *r, const sql_item *item, const sql_scope *scope, int location,
		     sql_target ***tail)
{
	for (size_t i = 0; i + item->n_hidden < item->n; i++) {
		sql_target *t = AMPH_NEW(r->arena, sql_target);

		if (!t)
			return amph__resolve_nomem(r);
		t->expr = amph__item_column(r, item, i, location);
		t->name = item->names[i];
		if (!t->expr)
			return amph__resolve_nomem(r);
		**tail = t;
		*tail = &t->next;
	}
	if (item->n)
		note_variable(r, scope->depth);
	return true;
}

bool amph__expand_star(sql_resolver *r, const sql_expr *star, sql_target **first,
		       sql_target ***tail)
{
	const sql_scope *scope = r->scope;
	const sql_item *item;

	*first = NULL;
	*tail = first;
	if (star->range) {
		item = find_alias(r, star, &scope);
		return item && add_item(r, item, scope, star->location, tail);
	}
	for (item = scope->items; item; item = item->next)
		if (item->by_column && is_visible(item, scope) && !item->excluded &&
		    !add_item(r, item, scope, star->location, tail))
			return false;
	if (!*first)
		return amph__resolve_fail(r, star->location, "42601",
					  "SELECT * with no tables specified is not valid");
	return true;
}

/* ---- common table expressions ---- */

sql_cte_entry *amph__find_cte(sql_resolver *r, const char *name, sql_scope **where)
{
	for (sql_scope *s = r->scope; s; s = s->select && s->select->closed ? NULL : s->outer)
		for (sql_cte_entry *c = s->ctes; c; c = c->next)
			if (!strcmp(c->cte->name, name)) {
				*where = s;
				return c;
			}
	return NULL;
}
