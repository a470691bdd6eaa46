/* Functions and types that a program has made in a schema of its own database: "app.area". What they
 * take and give nobody here knows, so that they stand within casts to types that are known, which the
 * database applies. */
#include "../names.h"
#include "resolve.h"

static bool is_own_call(const sql_expr *e)
{
	return e->kind == SQL_CALL && !e->is_operator && amph__is_own_name(e->name);
}

static bool is_own_cast(const sql_expr *e)
{
	return e->kind == SQL_CAST && e->type.type == AMPH_T_NONE && e->name;
}

bool amph__is_own(const sql_expr *e)
{
	return is_own_call(e) || is_own_cast(e);
}

static bool check_call(sql_resolver *r, const sql_expr *e)
{
	bool modified = e->over || e->order || e->filter || e->distinct || e->variadic || e->arg_names;

	return !modified || amph__resolve_refuse(r, e->location, amph__arena_printf(r->arena,
		"an aggregate, a window function or named arguments of \"%s\"", e->name));
}

bool amph__resolve_own(sql_resolver *r, sql_expr *e)
{
	if (is_own_call(e) && !check_call(r, e))
		return false;
	for (size_t i = 0; i < e->args.n; i++) {
		sql_expr **arg = &e->args.items[i];

		if (amph__is_own((*arg)) ? !amph__resolve_own(r, *arg) : !amph__resolve_node(r, arg))
			return false;
	}
	e->type.nullable = true;
	return true;
}

/* Where its type would have to be known. */
bool amph__fail_own(sql_resolver *r, const sql_expr *e)
{
	if (is_own_cast(e))
		return amph__resolve_refuse(r, e->location, amph__arena_printf(r->arena,
			"the type \"%s\" but in a cast or a function of a schema", e->name));
	if (r->scope->clause == SQL_CLAUSE_FROM_FUNCTION && !r->frame)
		return amph__resolve_refuse(r, e->location, amph__arena_printf(r->arena,
			"the function \"%s\" of a schema as a table", e->name));
	return amph__resolve_fail(r, e->location, "42804", "what \"%s\" gives is not known: put a cast to a "
				  "type around it", e->name);
}
