/* Windows: OVER and WINDOW, frames and their offsets. */
#include "resolve.h"
#include <string.h>

static bool fail(sql_resolver *r, const sql_window *w, const char *message)
{
	const sql_expr *at = w->start_offset ? w->start_offset : w->end_offset;

	return amph__resolve_fail(r, at ? at->location : -1, "42P20", "%s", message);
}

static bool check_bounds(sql_resolver *r, const sql_window *w)
{
	if (w->unit == SQL_FRAME_NONE)
		return true;
	if (w->start == SQL_UNBOUNDED_FOLLOWING)
		return fail(r, w, "frame start cannot be UNBOUNDED FOLLOWING");
	if (w->end == SQL_UNBOUNDED_PRECEDING)
		return fail(r, w, "frame end cannot be UNBOUNDED PRECEDING");
	if (w->start == SQL_CURRENT_ROW && w->end == SQL_PRECEDING)
		return fail(r, w, "frame starting from current row cannot have preceding rows");
	if (w->start == SQL_FOLLOWING && w->end == SQL_PRECEDING)
		return fail(r, w, "frame starting from following row cannot have preceding rows");
	if (w->start == SQL_FOLLOWING && w->end == SQL_CURRENT_ROW)
		return fail(r, w, "frame starting from following row cannot end with current row");
	if (w->unit == SQL_FRAME_GROUPS && !w->order)
		return fail(r, w, "GROUPS mode requires an ORDER BY clause");
	if (w->unit == SQL_FRAME_RANGE && (w->start_offset || w->end_offset) &&
	    (!w->order || w->order->next))
		return fail(r, w,
			    "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY "
			    "column");
	return true;
}

/* The type of the offset over a sort key: itself for numbers, an interval for times. */
static bool range_offset(const amph_sqltype *key, const amph_sqltype *given, amph_sqltype *out)
{
	static const struct {
		int key, offset;
	} rows[] = { { AMPH_T_INT16, AMPH_T_INT64 },        { AMPH_T_INT32, AMPH_T_INT64 },
		     { AMPH_T_INT64, AMPH_T_INT64 },        { AMPH_T_FLOAT, AMPH_T_DOUBLE },
		     { AMPH_T_DOUBLE, AMPH_T_DOUBLE },      { AMPH_T_NUMERIC, AMPH_T_NUMERIC },
		     { AMPH_T_DATE, AMPH_T_INTERVAL },      { AMPH_T_TIME, AMPH_T_INTERVAL },
		     { AMPH_T_TIMESTAMP, AMPH_T_INTERVAL }, { AMPH_T_TIMESTAMPTZ, AMPH_T_INTERVAL },
		     { AMPH_T_INTERVAL, AMPH_T_INTERVAL } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].key == key->type) {
			*out = amph__plain_type(rows[i].offset);
			if (out->type == AMPH_T_INT64 &&
			    (given->type == AMPH_T_INT32 || given->type == AMPH_T_INT16))
				*out = *given;
			return true;
		}
	return false;
}

static bool resolve_offset(sql_resolver *r, const sql_window *w, sql_expr **e)
{
	amph_sqltype to = { .type = AMPH_T_INT64 };
	const char *unit = w->unit == SQL_FRAME_GROUPS  ? "GROUPS"
			   : w->unit == SQL_FRAME_RANGE ? "RANGE"
							: "ROWS";
	bool possible;

	if (!*e)
		return true;
	if (!amph__resolve_in(r, e, SQL_CLAUSE_WINDOW_FRAME))
		return false;
	if (amph__names_input(r->scope, *e))
		return amph__resolve_fail(r, (*e)->location, "42P10",
					  "argument of %s must not contain variables", unit);
	if (w->unit == SQL_FRAME_RANGE && !range_offset(&w->order->expr->type, &(*e)->type, &to))
		return amph__resolve_fail(
			r, (*e)->location, "0A000",
			"RANGE with offset PRECEDING/FOLLOWING is not supported for "
			"column type %s",
			amph__type_text(r, &w->order->expr->type));
	if (!amph__coerce_assign(r, e, &to,
				 w->unit == SQL_FRAME_RANGE ? AMPH_CAST_IMPLICIT
							    : AMPH_CAST_ASSIGNMENT,
				 &possible))
		return false;
	if (possible)
		return true;
	if (w->unit == SQL_FRAME_RANGE)
		return amph__resolve_fail(
			r, (*e)->location, "0A000",
			"RANGE with offset PRECEDING/FOLLOWING is not supported for "
			"column type %s and offset type %s",
			amph__type_text(r, &w->order->expr->type), amph__type_text(r, &(*e)->type));
	return amph__resolve_fail(r, (*e)->location, "42804",
				  "argument of %s must be type bigint, not type %s", unit,
				  amph__type_text(r, &(*e)->type));
}

static bool fail_base(sql_resolver *r, const char *format, const char *name)
{
	return amph__resolve_fail(r, -1, "42P20", "%s window \"%s\"", format, name);
}

static bool resolve_definition(sql_resolver *r, sql_window *w, sql_window *list);

/* OVER (w ...) and WINDOW v AS (w ...): the partition and order of w, which is one of list, but not
 * itself or one behind it. */
static bool take_base(sql_resolver *r, sql_window *w, sql_window *list)
{
	sql_window *base = list;

	while (base && base != w && strcmp(base->name, w->base))
		base = base->next;
	if (!base || base == w)
		return amph__resolve_fail(r, -1, "42704", "window \"%s\" does not exist", w->base);
	if (!resolve_definition(r, base, list))
		return false;
	if (w->partition.n)
		return fail_base(r, "cannot override PARTITION BY clause of", w->base);
	if (w->order && base->order)
		return fail_base(r, "cannot override ORDER BY clause of", w->base);
	if (base->unit != SQL_FRAME_NONE)
		return amph__resolve_fail(r, -1, "42P20", "cannot copy window \"%s\" because it has a "
					  "frame clause", w->base);
	w->partition = base->partition;
	if (base->order)
		w->order = base->order;
	w->base = NULL;
	return true;
}

static bool resolve_keys(sql_resolver *r, const sql_window *w)
{
	for (size_t i = 0; i < w->partition.n; i++)
		if (!amph__resolve_in(r, &w->partition.items[i], SQL_CLAUSE_WINDOW_PARTITION) ||
		    !amph__coerce_unknown_to_text(r, &w->partition.items[i]))
			return false;
	for (sql_order *o = w->order; o; o = o->next)
		if (!amph__resolve_in(r, &o->expr, SQL_CLAUSE_WINDOW_ORDER) ||
		    !amph__coerce_unknown_to_text(r, &o->expr))
			return false;
	return true;
}

/* list: the named windows that it may go on from. */
static bool resolve_definition(sql_resolver *r, sql_window *w, sql_window *list)
{
	sql_window own = *w;

	if (w->resolved)
		return true;
	w->resolved = true;
	if (!resolve_keys(r, &own) || (w->base && !take_base(r, w, list)))
		return false;
	return check_bounds(r, w) && resolve_offset(r, w, &w->start_offset) &&
	       resolve_offset(r, w, &w->end_offset);
}

bool amph__resolve_windows(sql_resolver *r, sql_select *s)
{
	for (sql_window *w = s->windows; w; w = w->next) {
		for (const sql_window *other = s->windows; other != w; other = other->next)
			if (!strcmp(other->name, w->name))
				return fail(r, w,
					    amph__arena_printf(r->arena,
							       "window \"%s\" is already defined",
							       w->name));
		if (!resolve_definition(r, w, s->windows))
			return false;
	}
	return true;
}

bool amph__resolve_over(sql_resolver *r, sql_expr *call)
{
	const sql_select *s = r->scope->select;
	const sql_window *w = NULL;
	sql_call_frame frame = {
		.outer = r->frame, .depth = r->scope->depth, .var_depth = -1, .aggregate_depth = -1
	};
	bool ok;

	if (call->over->name) {
		for (w = s ? s->windows : NULL; w && strcmp(w->name, call->over->name); w = w->next)
			;
		if (!w)
			return amph__resolve_fail(r, call->location, "42704",
						  "window \"%s\" does not exist", call->over->name);
		if (call->over->partition.n)
			return amph__resolve_fail(
				r, call->location, "42P20",
				"cannot override PARTITION BY clause of window \"%s\"", w->name);
	}
	r->frame = &frame;
	ok = resolve_definition(r, call->over, s ? s->windows : NULL);
	r->frame = frame.outer;
	return ok &&
	       (!frame.window || amph__resolve_fail(r, call->location, "42P20",
						    "window functions are not allowed in window "
						    "definitions"));
}
