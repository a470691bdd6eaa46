/* A constant that cannot be computed: PostgreSQL computes constants before it looks at any row, also
 * in a branch of CASE that no row takes. Only what is computed for sure is looked at. */
#include "resolve.h"
#include <string.h>

static bool is_division(const sql_expr *e)
{
	return e->kind == SQL_CALL && e->is_operator && e->args.n == 2 &&
	       (!strcmp(e->name, "/") || !strcmp(e->name, "%"));
}

static bool is_constant(const sql_expr *e)
{
	bool computed = e->kind == SQL_CAST || (e->kind == SQL_CALL && e->is_operator) ||
			e->kind == SQL_AND || e->kind == SQL_OR || e->kind == SQL_NOT;

	for (size_t i = 0; i < e->args.n && computed; i++)
		computed = is_constant(e->args.items[i]);
	return e->kind == SQL_CONST || computed;
}

/* A number, and neither NULL nor NaN anywhere in it. */
static bool is_number(const sql_expr *e)
{
	if (e->type.type < AMPH_T_INT16 || e->type.type > AMPH_T_NUMERIC || !is_constant(e))
		return false;
	for (size_t i = 0; i < e->args.n; i++)
		if (!is_number(e->args.items[i]))
			return false;
	return e->kind != SQL_CONST || (e->text && !strpbrk(e->text, "nNiI"));
}

static bool is_zero(const sql_expr *e)
{
	while (e->kind == SQL_CAST)
		e = e->args.items[0];
	return e->kind == SQL_CONST && e->text && strchr(e->text, '0') &&
	       strspn(e->text, "-0.") == strlen(e->text);
}

static bool check_select(const sql_select *s, amph_error *err);
static bool check(const sql_expr *e, amph_error *err);

/* Until one decides for all that follow, as a constant may. */
static bool check_in_turn(const sql_list *list, amph_error *err)
{
	for (size_t i = 0; i < list->n; i++) {
		if (!check(list->items[i], err))
			return false;
		if (is_constant(list->items[i]))
			break;
	}
	return true;
}

static bool check_case(const sql_expr *e, amph_error *err)
{
	size_t i = 0;

	if (e->operand && is_constant(e->operand))
		return true;
	if (e->operand && !check(e->operand, err))
		return false;
	for (; i + 1 < e->args.n; i += 2) {
		if (!check(e->args.items[i], err))
			return false;
		if (is_constant(e->args.items[i]))
			return true;
		if (!check(e->args.items[i + 1], err))
			return false;
	}
	return i >= e->args.n || check(e->args.items[i], err);
}

static bool check(const sql_expr *e, amph_error *err)
{
	if (e->kind == SQL_CASE)
		return check_case(e, err);
	if (e->kind == SQL_COALESCE || e->kind == SQL_AND || e->kind == SQL_OR)
		return check_in_turn(&e->args, err);
	if (e->select)
		return e->kind != SQL_SCALAR || check_select(e->select, err);
	for (size_t i = 0; i < e->args.n; i++)
		if (!check(e->args.items[i], err))
			return false;
	if (is_division(e) && is_number(e->args.items[0]) && is_number(e->args.items[1]) &&
	    is_zero(e->args.items[1]))
		return amph__error(err, "22012", "division by zero");
	return true;
}

static bool check_select(const sql_select *s, amph_error *err)
{
	if (s->set_op != SQL_SET_NONE)
		return check_select(s->left, err) && check_select(s->right, err);
	for (const sql_target *t = s->targets; t; t = t->next)
		if (!check(t->expr, err))
			return false;
	return (!s->where || check(s->where, err)) && (!s->having || check(s->having, err));
}

bool amph__check_constants(const sql_stmt *stmt, amph_error *err)
{
	return stmt->kind != SQL_STMT_SELECT || check_select(stmt->select, err);
}
