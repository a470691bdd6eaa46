/* INSERT, UPDATE, DELETE: columns that are written, casts of assignments, RETURNING. */
#include "resolve.h"
#include <string.h>

static size_t find_column(const sql_table *t, const char *name)
{
	size_t i = 0;

	while (i < t->n_columns && strcmp(t->columns[i].name, name))
		i++;
	return i;
}

static bool fail_column(sql_resolver *r, const sql_table *t, const char *name, int location)
{
	amph__resolve_fail(r, location, "42703", "column \"%s\" of relation \"%s\" does not exist",
			   name, t->name);
	amph__error_names(r->err, t->name, name, NULL);
	return false;
}

/* The table that is written to, as the first entry of the scope. */
static sql_item *open_target(sql_resolver *r, sql_stmt *stmt)
{
	sql_range *range = stmt->target;
	sql_view view;
	sql_item *item;

	if (!range) {
		amph__resolve_nomem(r);
		return NULL;
	}
	if (r->names && r->names->view && !range->table &&
	    r->names->view(r->names->ctx, range->name, &view)) {
		item = amph__open_view(r, stmt, &view);
		r->scope->items = item;
		return item;
	}
	if (!amph__resolve_table(r, range))
		return NULL;
	item = amph__item_of_table(r, range);
	r->scope->items = item;
	return item;
}

/* ---- values for columns ---- */

static bool check_generated(sql_resolver *r, const sql_stmt *stmt, const sql_column_def *column,
			    bool insert, int location)
{
	if (column->computed_sql ||
	    (column->identity_always && !(insert && stmt->overriding_system)))
		return insert ? amph__resolve_fail(
					r, location, "428C9",
					"cannot insert a non-DEFAULT value into column \"%s\"",
					column->name)
			      : amph__resolve_fail(r, location, "428C9",
						   "column \"%s\" can only be updated to DEFAULT",
						   column->name);
	return true;
}

/* A resolved value becomes the column's, by an assignment cast. */
static bool assign(sql_resolver *r, sql_expr **value, const sql_table *t, size_t i)
{
	const sql_column_def *column = &t->columns[i];
	bool possible;

	if ((*value)->type.type == AMPH_T_RECORD)
		return amph__resolve_refuse(r, (*value)->location, "a row as a value");
	if (!amph__coerce_assign(r, value, &column->type, AMPH_CAST_ASSIGNMENT, &possible))
		return false;
	if (possible)
		return amph__coerce_stored(r, value);
	amph__resolve_fail(r, (*value)->location, "42804",
			   "column \"%s\" is of type %s but expression is of type %s", column->name,
			   amph__type_text(r, &column->type), amph__type_text(r, &(*value)->type));
	amph__error_names(r->err, t->name, column->name, NULL);
	return false;
}

static bool set_default(sql_expr *value, const sql_stmt *stmt, size_t i)
{
	value->source = stmt->target;
	value->column = i;
	value->type = stmt->target->table->columns[i].type;
	return true;
}

static bool resolve_value(sql_resolver *r, sql_expr **value, sql_clause clause)
{
	if (!*value)
		return amph__resolve_nomem(r);
	return (*value)->kind == SQL_DEFAULT || amph__resolve_in(r, value, clause);
}

/* A resolved value for column i. */
static bool assign_value(sql_resolver *r, sql_stmt *stmt, sql_expr **value, size_t i, bool insert)
{
	const sql_table *t = stmt->target->table;

	if (insert && stmt->overriding_user && t->columns[i].identity && (*value)->kind != SQL_DEFAULT) {
		/* its type is looked at all the same */
		if (!assign(r, value, t, i))
			return false;
		*value = sql_new(r->arena, SQL_DEFAULT, 0);
		if (!*value)
			return amph__resolve_nomem(r);
	}
	if ((*value)->kind == SQL_DEFAULT)
		return set_default(*value, stmt, i);
	return check_generated(r, stmt, &t->columns[i], insert, (*value)->location) &&
	       assign(r, value, t, i);
}

/* ---- INSERT ---- */

/* Two columns of a view may be one of its table, which only shows when that is written. */
static bool fail_twice(sql_resolver *r, const sql_stmt *stmt, size_t i, size_t k)
{
	if (stmt->view_item && (!stmt->view_names || strcmp(stmt->view_names[i], stmt->view_names[k]) != 0))
		return amph__resolve_fail(r, stmt->location, "42601", "multiple assignments to same column "
					  "\"%s\"", stmt->columns[i]);
	return amph__resolve_fail(r, stmt->location, "42701", "column \"%s\" specified more than once",
				  stmt->columns[i]);
}

/* The numbers of the columns that get values; all columns where none are named. */
static bool insert_columns(sql_resolver *r, sql_stmt *stmt, size_t **numbers, size_t *n)
{
	const sql_table *t = stmt->target->table;
	size_t count = 0;

	while (stmt->columns && stmt->columns[count])
		count++;
	if (!stmt->columns)
		count = t->n_columns;
	*numbers = AMPH_NEWS(r->arena, size_t, count + 1);
	if (!*numbers)
		return amph__resolve_nomem(r);
	for (size_t i = 0; i < count; i++) {
		(*numbers)[i] = stmt->columns ? find_column(t, stmt->columns[i]) : i;
		if ((*numbers)[i] == t->n_columns)
			return fail_column(r, t, stmt->columns[i], stmt->location);
		for (size_t k = 0; k < i; k++)
			if ((*numbers)[k] == (*numbers)[i] && !amph__are_parts(stmt, i, k))
				return fail_twice(r, stmt, i, k);
	}
	*n = count;
	return true;
}

static bool name_columns(sql_resolver *r, sql_stmt *stmt, const size_t *numbers, size_t n)
{
	const char **names = AMPH_NEWS(r->arena, const char *, n + 1);
	size_t named = 0;

	if (!names)
		return amph__resolve_nomem(r);
	for (size_t i = 0; i < n; i++)
		if (amph__first_part(numbers, i) == i)
			names[named++] = stmt->target->table->columns[numbers[i]].name;
	stmt->columns = (const char *const *)names;
	return true;
}

static bool check_count(sql_resolver *r, const sql_stmt *stmt, size_t given, size_t n)
{
	if (given > n)
		return amph__resolve_fail(r, stmt->location, "42601",
					  "INSERT has more expressions than target columns");
	if (given < n && stmt->columns && (!stmt->view_item || stmt->view_names))
		return amph__resolve_fail(r, stmt->location, "42601",
					  "INSERT has more target columns than expressions");
	return true;
}

static bool is_plain_values(const sql_select *s)
{
	return s->n_values && !s->with && !s->order && !s->limit && !s->offset;
}

static bool insert_values(sql_resolver *r, sql_stmt *stmt, const size_t *numbers, size_t n)
{
	sql_select *s = stmt->select;
	size_t given = s->values[0].n;

	for (size_t i = 0; i < s->n_values; i++) {
		if (s->values[i].n != given)
			return amph__resolve_fail(r, s->location, "42601",
						  "VALUES lists must all be the same length");
		for (size_t k = 0; k < s->values[i].n; k++)
			if ((k < n && !amph__view_default(r, stmt, numbers[k], true,
							  &s->values[i].items[k])) ||
			    !resolve_value(r, &s->values[i].items[k],
					   s->n_values > 1 ? SQL_CLAUSE_VALUES
							   : SQL_CLAUSE_INSERT_TARGET))
				return false;
		if (!check_count(r, stmt, s->values[i].n, n))
			return false;
		for (size_t k = 0; k < s->values[i].n; k++)
			if (!amph__insert_part(r, stmt, k, numbers[k], &s->values[i].items[k]) ||
			    !assign_value(r, stmt, &s->values[i].items[k], numbers[k], true))
				return false;
		amph__join_values(stmt, numbers, &s->values[i]);
	}
	return name_columns(r, stmt, numbers, given);
}

/* Computed floats go through amph__coerce_stored. */
static bool fits_table(const sql_stmt *stmt, const size_t *numbers)
{
	const sql_select *s = stmt->select;

	for (size_t i = 0; i < s->n_columns; i++) {
		const amph_sqltype *from = &s->columns[i].type;
		const amph_sqltype *to = &stmt->target->table->columns[numbers[i]].type;

		if (!amph__type_same(from, to) || to->type == AMPH_T_FLOAT || to->type == AMPH_T_DOUBLE ||
		    (to->length > 0 && (from->length != to->length || from->scale != to->scale)))
			return false;
	}
	return true;
}

/* The columns of a query get the types of the table's; casts go into it where that is the same. */
static bool assign_select(sql_resolver *r, sql_stmt *stmt, const size_t *numbers)
{
	const sql_table *t = stmt->target->table;
	sql_select *s = stmt->select;
	size_t i = 0;

	for (size_t k = 0; stmt->overriding_user && k < s->n_columns; k++)
		if (t->columns[numbers[k]].identity)
			return amph__resolve_refuse(r, stmt->location, "OVERRIDING USER VALUE of a query");
	if (stmt->subscripts || s->set_op != SQL_SET_NONE || s->n_values || s->distinct ||
	    s->distinct_on.n) {
		if (!stmt->subscripts && fits_table(stmt, numbers))
			return true;
		if (!amph__wrap_select(r, &stmt->select))
			return false;
		s = stmt->select;
	}
	for (sql_target *target = s->targets; target; target = target->next, i++)
		if (!check_generated(r, stmt, &t->columns[numbers[i]], true,
				     target->expr->location) ||
		    !amph__insert_part(r, stmt, i, numbers[i], &target->expr) ||
		    !assign(r, &target->expr, t, numbers[i]))
			return false;
	amph__join_targets(stmt, numbers, &s->targets);
	return amph__targets_to_columns(r, s->targets, &s->columns, &s->n_columns);
}

static bool insert_select(sql_resolver *r, sql_stmt *stmt, const size_t *numbers, size_t n)
{
	sql_item *items = r->scope->items;
	size_t given;
	bool ok;

	r->scope->items = NULL;
	ok = amph__resolve_select_as(r, stmt->select, true);
	r->scope->items = items;
	if (!ok)
		return false;
	given = stmt->select->n_columns;
	return check_count(r, stmt, given, n) && assign_select(r, stmt, numbers) &&
	       name_columns(r, stmt, numbers, given);
}

static bool insert_source(sql_resolver *r, sql_stmt *stmt)
{
	sql_item *items = r->scope->items;
	size_t *numbers = NULL, n = 0;
	bool ok;

	if (!amph__view_columns(r, stmt) || !insert_columns(r, stmt, &numbers, &n) ||
	    !amph__open_parts(r, stmt, numbers))
		return false;
	if (!stmt->select)
		return true;
	if (!is_plain_values(stmt->select))
		return insert_select(r, stmt, numbers, n);
	r->scope->items = NULL;
	ok = insert_values(r, stmt, numbers, n);
	r->scope->items = items;
	return ok;
}

/* ---- SET ---- */

bool amph__resolve_assignments(sql_resolver *r, sql_stmt *stmt, sql_assign *set)
{
	const sql_table *t = stmt->target->table;

	for (sql_assign *a = set; a; a = a->next)
		if (!resolve_value(r, &a->value, SQL_CLAUSE_SET))
			return false;
	for (sql_assign *a = set; a; a = a->next) {
		if (!amph__view_column(r, stmt, &a->column, a->location))
			return false;
		size_t i = find_column(t, a->column);

		if (i == t->n_columns)
			return fail_column(r, t, a->column, a->location);
		if (a->value->kind == SQL_DEFAULT &&
		    (!amph__view_default(r, stmt, i, false, &a->value) ||
		     !resolve_value(r, &a->value, SQL_CLAUSE_SET)))
			return false;
		if ((a->subscript && !amph__assign_part(r, stmt, a, i)) ||
		    !assign_value(r, stmt, &a->value, i, false))
			return false;
	}
	return amph__join_parts(r, set);
}

/* ---- RETURNING ---- */

static bool resolve_returning(sql_resolver *r, sql_stmt *stmt)
{
	if (!stmt->returning)
		return true;
	if (!amph__resolve_targets(r, &stmt->returning, SQL_CLAUSE_RETURNING))
		return false;
	for (sql_target *t = stmt->returning; t; t = t->next)
		if (!amph__coerce_unknown_to_text(r, &t->expr))
			return false;
	return amph__targets_to_columns(r, stmt->returning, &stmt->result, &stmt->n_result);
}

bool amph__resolve_insert(sql_resolver *r, sql_stmt *stmt)
{
	sql_scope scope = { .clause = SQL_CLAUSE_INSERT_TARGET };
	bool ok;

	amph__scope_push(r, &scope);
	ok = amph__resolve_with(r, stmt->with, stmt->with_recursive) && open_target(r, stmt) &&
	     insert_source(r, stmt) && amph__resolve_conflict(r, stmt) && resolve_returning(r, stmt) &&
	     amph__find_arbiter(r, stmt);
	amph__scope_pop(r);
	return ok;
}

/* ---- UPDATE, DELETE ---- */

/* The other tables stand beside the target; subqueries among them see it only to fail. */
static bool open_from(sql_resolver *r, sql_stmt *stmt)
{
	sql_item *target = r->scope->items;

	if (!amph__resolve_from(r, stmt->from))
		return false;
	for (const sql_item *item = target->next; item; item = item->next)
		if (item->alias && item->by_name && !strcmp(item->alias, target->alias))
			return amph__resolve_fail(
				r, item->range ? item->range->location : -1, "42712",
				"table name \"%s\" specified more than once", item->alias);
	return true;
}

bool amph__resolve_update(sql_resolver *r, sql_stmt *stmt)
{
	sql_scope scope = { .clause = SQL_CLAUSE_SET };
	bool ok;

	amph__scope_push(r, &scope);
	ok = amph__resolve_with(r, stmt->with, stmt->with_recursive) && open_target(r, stmt) &&
	     open_from(r, stmt) && amph__resolve_condition(r, &stmt->where, SQL_CLAUSE_WHERE) &&
	     amph__view_condition(r, stmt) && resolve_returning(r, stmt) &&
	     amph__resolve_assignments(r, stmt, stmt->set);
	amph__scope_pop(r);
	return ok;
}

bool amph__resolve_delete(sql_resolver *r, sql_stmt *stmt)
{
	sql_scope scope = { .clause = SQL_CLAUSE_WHERE };
	bool ok;

	amph__scope_push(r, &scope);
	ok = amph__resolve_with(r, stmt->with, stmt->with_recursive) && open_target(r, stmt) &&
	     open_from(r, stmt) && amph__resolve_condition(r, &stmt->where, SQL_CLAUSE_WHERE) &&
	     amph__view_condition(r, stmt) && resolve_returning(r, stmt);
	amph__scope_pop(r);
	return ok;
}
