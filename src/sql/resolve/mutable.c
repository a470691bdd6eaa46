/* Whether an expression gives the same at any time, as PostgreSQL's functions and casts say of
 * themselves: what checks, indexes and computed columns may have. */
#include "resolve.h"
#include <string.h>

typedef bool visit_fn(const sql_expr *e);

static bool any(const sql_expr *e, visit_fn *is)
{
	if (!e)
		return false;
	if (is(e) || any(e->operand, is))
		return true;
	for (size_t i = 0; i < e->args.n; i++)
		if (any(e->args.items[i], is))
			return true;
	return false;
}

static bool is_volatile(const sql_expr *e)
{
	return e->row && (e->row->flags & AMPH_CAT_VOLATILE);
}

/* Casts that PostgreSQL calls stable: by the zone, by DateStyle, by the labels of an enum. */
static bool is_stable_cast(int from, int to)
{
	static const uint32_t by_text = 1u << AMPH_T_DATE | 1u << AMPH_T_TIMESTAMP |
		1u << AMPH_T_TIMESTAMPTZ | 1u << AMPH_T_INTERVAL | 1u << AMPH_T_ENUM;

	if ((from | to) & AMPH_T_ARRAY)
		return (from ^ to) & AMPH_T_ARRAY || is_stable_cast(from & ~AMPH_T_ARRAY, to & ~AMPH_T_ARRAY);
	if ((from == AMPH_T_TIMESTAMPTZ) != (to == AMPH_T_TIMESTAMPTZ))
		return true;
	if (to == AMPH_T_TEXT)
		return (by_text >> from) & 1;
	return from == AMPH_T_TEXT && (to == AMPH_T_TIME || ((by_text >> to) & 1));
}

static bool is_mutable(const sql_expr *e)
{
	const sql_expr *arg = e->kind == SQL_CAST ? e->args.items[0] : NULL;

	/* || with a text is what the other's cast to text is */
	if (e->row && (!strcmp(e->row->impl, "anytextcat") || !strcmp(e->row->impl, "textanycat")))
		return is_stable_cast(e->args.items[e->row->impl[0] == 't']->type.type, AMPH_T_TEXT);
	if (e->row && (e->row->flags & (AMPH_CAT_VOLATILE | AMPH_CAT_STABLE)))
		return true;
	return arg && arg->kind != SQL_CONST && is_stable_cast(arg->type.type, e->type.type);
}

bool amph__expr_is_volatile(const sql_expr *e)
{
	return any(e, is_volatile);
}

bool amph__expr_is_mutable(const sql_expr *e)
{
	return any(e, is_mutable);
}
