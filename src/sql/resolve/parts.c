/* Assignments to parts of columns: SET a[1] = x is SET a = a with x in it, and the parts of a new row
 * go into nothing, one after the other. */
#include "resolve.h"
#include <string.h>

/* ---- what UPDATE and INSERT share ---- */

static bool resolve_steps(sql_resolver *r, sql_expr *e)
{
	for (size_t i = 0; i < e->args.n; i++)
		if (!amph__resolve_in(r, &e->args.items[i], SQL_CLAUSE_SET))
			return false;
	return amph__subscript_json(r, e);
}

/* base is what has the part before. */
static bool open_part(sql_resolver *r, sql_expr **subscript, const sql_column_def *column, sql_expr *base,
		      int location)
{
	sql_expr *e = *subscript;

	if (!(column->type.type & AMPH_T_ARRAY) && column->type.type != AMPH_T_JSON)
		return amph__resolve_fail(r, location, "42804", "cannot subscript type %s because it does "
					  "not support subscripting", amph__type_text(r, &column->type));
	if (column->computed_sql)
		return amph__resolve_refuse(r, location, "this assignment to a part of a column");
	e->args.items[0] = base;
	if (!base)
		return amph__resolve_nomem(r);
	if (!(column->type.type == AMPH_T_JSON ? resolve_steps(r, e)
					       : amph__resolve_in(r, subscript, SQL_CLAUSE_SET)))
		return false;
	(*subscript)->type = amph__without_length(column->type);
	(*subscript)->type.nullable = true;
	return true;
}

/* The value becomes what the part is of. */
static bool coerce_part(sql_resolver *r, const sql_expr *subscript, const sql_column_def *column,
			sql_expr **value)
{
	amph_sqltype want = column->type;
	bool possible;

	if (!subscript->all && want.type != AMPH_T_JSON)
		want = amph__element_type(want);
	if (!amph__coerce_assign(r, value, &want, AMPH_CAST_ASSIGNMENT, &possible))
		return false;
	return possible ||
	       amph__resolve_fail(r, (*value)->location, "42804", "subscripted assignment to \"%s\" requires "
				  "type %s but expression is of type %s", column->name,
				  amph__type_text(r, &want), amph__type_text(r, &(*value)->type));
}

/* ---- SET ---- */

bool amph__assign_part(sql_resolver *r, sql_stmt *stmt, sql_assign *a, size_t i)
{
	const sql_column_def *column = &stmt->target->table->columns[i];
	const char *of = stmt->target->alias ? stmt->target->alias : stmt->target->name;

	if (a->value->kind == SQL_DEFAULT)
		return amph__resolve_refuse(r, a->location, "this assignment to a part of a column");
	if (!open_part(r, &a->subscript, column, sql_column(r->arena, of, column->name), a->location) ||
	    !coerce_part(r, a->subscript, column, &a->value))
		return false;
	a->subscript->operand = a->value;
	a->value = a->subscript;
	return true;
}

/* Several parts of one column are set one after the other. */
bool amph__join_parts(sql_resolver *r, sql_assign *set)
{
	for (sql_assign *a = set; a; a = a->next)
		for (sql_assign **at = &a->next; *at;) {
			sql_assign *b = *at;

			if (strcmp(a->column, b->column) != 0) {
				at = &b->next;
				continue;
			}
			if (!a->subscript || !b->subscript)
				return amph__resolve_fail(r, b->location, "42601", "multiple assignments to "
							  "same column \"%s\"", a->column);
			b->subscript->args.items[0] = a->value;
			a->value = b->value;
			a->subscript = b->subscript;
			*at = b->next;
		}
	return true;
}

/* ---- INSERT ---- */

bool amph__are_parts(const sql_stmt *stmt, size_t i, size_t k)
{
	return stmt->subscripts && stmt->subscripts[i] && stmt->subscripts[k];
}

size_t amph__first_part(const size_t *numbers, size_t k)
{
	size_t i = 0;

	while (numbers[i] != numbers[k])
		i++;
	return i;
}

bool amph__open_parts(sql_resolver *r, sql_stmt *stmt, const size_t *numbers)
{
	sql_item *items = r->scope->items;
	bool ok = true;

	r->scope->items = NULL;
	for (size_t k = 0; stmt->subscripts && stmt->columns[k] && ok; k++) {
		const sql_column_def *column = &stmt->target->table->columns[numbers[k]];

		if (stmt->subscripts[k])
			ok = open_part(r, &stmt->subscripts[k], column,
				       sql_cast(r->arena, sql_const(r->arena, AMPH_T_NONE, NULL),
						column->type), stmt->location);
	}
	r->scope->items = items;
	return ok;
}

/* A value of a row becomes the column with the value in it. */
bool amph__insert_part(sql_resolver *r, const sql_stmt *stmt, size_t k, size_t column, sql_expr **value)
{
	const sql_expr *subscript = stmt->subscripts ? stmt->subscripts[k] : NULL;
	sql_expr *e;

	if (!subscript)
		return true;
	if ((*value)->kind == SQL_DEFAULT)
		return amph__resolve_refuse(r, stmt->location, "this assignment to a part of a column");
	if (!coerce_part(r, subscript, &stmt->target->table->columns[column], value))
		return false;
	e = amph__arena_copy(r->arena, subscript, sizeof *subscript);
	if (e)
		e->args.items = amph__arena_copy(r->arena, subscript->args.items,
						 subscript->args.n * sizeof *subscript->args.items);
	if (!e || !e->args.items)
		return amph__resolve_nomem(r);
	e->operand = *value;
	*value = e;
	return true;
}

/* The subscript among what assigning has put around it. */
static sql_expr *part_within(sql_expr *e)
{
	while (e->kind != SQL_SUBSCRIPT && e->args.n)
		e = e->args.items[0];
	return e;
}

/* Part k goes into the value that its column has already. */
static void join_part(sql_expr **first, sql_expr *more)
{
	part_within(more)->args.items[0] = part_within(*first);
	*first = more;
}

void amph__join_values(const sql_stmt *stmt, const size_t *numbers, sql_list *row)
{
	size_t n = 0;

	for (size_t k = 0; stmt->subscripts && k < row->n; k++) {
		size_t first = amph__first_part(numbers, k), at = 0;

		for (size_t i = 0; i < first; i++)
			at += amph__first_part(numbers, i) == i;
		if (first == k)
			row->items[n++] = row->items[k];
		else
			join_part(&row->items[at], row->items[k]);
	}
	if (stmt->subscripts)
		row->n = n;
}

static sql_target *target_number(sql_target *t, size_t at)
{
	while (at--)
		t = t->next;
	return t;
}

void amph__join_targets(const sql_stmt *stmt, const size_t *numbers, sql_target **targets)
{
	sql_target **next = targets;

	for (size_t k = 0; stmt->subscripts && *next; k++) {
		size_t first = amph__first_part(numbers, k), at = 0;

		for (size_t i = 0; i < first; i++)
			at += amph__first_part(numbers, i) == i;
		if (first == k) {
			next = &(*next)->next;
			continue;
		}
		join_part(&target_number(*targets, at)->expr, (*next)->expr);
		*next = (*next)->next;
	}
}
