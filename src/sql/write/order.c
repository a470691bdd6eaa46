/* Keys of ORDER BY and GROUP BY, and windows. */
#include "../../model/value.h"
#include "write.h"
#include <string.h>

static void write_nulls(amph_writer *w, const sql_order *o)
{
	bool first = o->nulls == SQL_NULLS_DEFAULT ? o->direction == SQL_DESC
						   : o->nulls == SQL_NULLS_FIRST;

	if (o->nulls == SQL_NULLS_DEFAULT && !amph__dialect_has(w, AMPH_DIALECT_WRITE_NULLS))
		return;
	amph_write_text(w, first ? " NULLS FIRST" : " NULLS LAST");
}

/* A constant does not sort, and its text could be taken for the number of a column. */
static bool is_constant_key(const sql_expr *e)
{
	while (e && e->args.n == 1 &&
	       (e->kind == SQL_CAST || e->kind == SQL_COALESCE || (e->kind == SQL_CALL && e->is_operator)))
		e = e->args.items[0];
	return e && (e->kind == SQL_CONST || e->kind == SQL_PARAM);
}

void amph__write_check_order(amph_writer *w, const sql_expr *e, const char *what)
{
	int base = e->type.type & ~AMPH_T_ARRAY;
	amph_error err;
	char name[64];

	if (base != AMPH_T_PLAIN_JSON && base != AMPH_T_JSONPATH)
		return;
	amph__error(&err, "42883", "could not identify %s for type %s", what,
		    amph__type_name(e->type, name, sizeof(name)));
	amph_write_fail(w, &err);
}

void amph__write_order(amph_writer *w, const sql_order *order)
{
	for (const sql_order *o = order; o && !w->failed; o = o->next) {
		amph__write_check_order(w, o->expr, "an ordering operator");
		if (o->expr->type.type == AMPH_T_REGTYPE)
			amph_write_refuse(w, o->expr->location, "Sorting types");
		if (o != order)
			amph_write_text(w, ", ");
		if (is_constant_key(o->expr))
			amph_write_text(w, "(SELECT 0)");
		else
			amph__write_operand(w, o->expr, AMPH_USE_ORDER);
		if (o->direction == SQL_DESC)
			amph_write_text(w, " DESC");
		write_nulls(w, o);
	}
}

void amph__write_group_keys(amph_writer *w, const sql_list *keys)
{
	for (size_t i = 0; i < keys->n && !w->failed; i++) {
		amph__write_check_order(w, keys->items[i], "an equality operator");
		if (i)
			amph_write_text(w, ", ");
		if (is_constant_key(keys->items[i]))
			amph_write_text(w, "(SELECT 0)");
		else
			amph__write_operand(w, keys->items[i], AMPH_USE_EQUAL);
	}
}

static bool is_number(int type)
{
	return type >= AMPH_T_INT16 && type <= AMPH_T_DOUBLE;
}

/* A cast of a number that fits for sure: of four digits every one into every integer. */
static bool is_same_number(const sql_expr *e)
{
	const sql_expr *from = e->kind == SQL_CAST ? e->args.items[0] : e;

	if (from == e || e->type.type > AMPH_T_INT64 || !is_number(e->type.type) ||
	    !is_number(from->type.type) || from->type.type > AMPH_T_INT64)
		return false;
	return from->type.type <= e->type.type ||
	       (from->kind == SQL_CONST && from->text && strlen(from->text) <= 4);
}

/* Where functions are no constants, the offset is a number or a parameter, without its casts. */
static void write_offset(amph_writer *w, const sql_expr *e)
{
	if (amph__dialect_has(w, AMPH_DIALECT_NATIVE_TEXT)) {
		amph_write_expr(w, e);
		return;
	}
	while (is_same_number(e))
		e = e->args.items[0];
	if ((is_number(e->type.type) && e->kind == SQL_CONST) || e->kind == SQL_PARAM)
		amph_write_expr(w, e);
	else
		amph_write_refuse(w, e->location, is_number(e->type.type)
				  ? "An offset of a frame that is no plain number"
				  : "An offset of a frame in this type");
}

/* ---- RANGE over times: of keys and offsets in microseconds ---- */

/* The function that makes a number of a key, where the database sorts times by their text. */
static const char *moment_of(const amph_writer *w, const sql_window *window)
{
	static const char *const functions[AMPH_T_COUNT] = {
		[AMPH_T_DATE] = "moment_date", [AMPH_T_TIME] = "moment_time",
		[AMPH_T_TIMESTAMP] = "moment_timestamp", [AMPH_T_TIMESTAMPTZ] = "moment_timestamptz",
		[AMPH_T_INTERVAL] = "moment_interval"
	};

	if (window->unit != SQL_FRAME_RANGE || (!window->start_offset && !window->end_offset) ||
	    amph__dialect_has(w, AMPH_DIALECT_NATIVE_TEXT) || !window->order ||
	    window->order->expr->type.type >= AMPH_T_COUNT)
		return NULL;
	return functions[window->order->expr->type.type];
}

/* A month is no certain time, but that an interval compares with another as if it had 30 days; to a
 * time of day its days do not matter. */
static bool length_of(const amph_interval *v, int key, int64_t *usec)
{
	int64_t days = v->days + (key == AMPH_T_INTERVAL ? (int64_t)v->months * 30 : 0);
	bool dated = key != AMPH_T_TIME;

	if (dated && key != AMPH_T_INTERVAL && v->months)
		return false;
	return !__builtin_mul_overflow(dated ? days : 0, INT64_C(86400000000), usec) &&
	       !__builtin_add_overflow(*usec, v->usec, usec);
}

static void write_length(amph_writer *w, const sql_expr *e, int key)
{
	amph_interval v;
	int64_t usec = 0;
	amph_error err;

	if (e->kind != SQL_CONST || !e->text) {
		amph_write_refuse(w, e->location, "An offset of a frame that is no plain interval");
		return;
	}
	if (!amph__types[AMPH_T_INTERVAL].parse(e->text, strlen(e->text), &v, NULL, &err)) {
		amph_write_fail(w, &err);
		return;
	}
	if (!length_of(&v, key, &usec))
		amph_write_refuse(w, e->location, "A frame of months");
	else
		amph_write_format(w, usec < 0 ? "(%lld)" : "%lld", (long long)usec);
}

static void write_moment_order(amph_writer *w, const sql_order *o, const char *function)
{
	amph_write_format(w, "%s%s(", w->dialect->function_prefix, function);
	amph_write_expr(w, o->expr);
	amph_write_text(w, o->direction == SQL_DESC ? ") DESC" : ")");
	write_nulls(w, o);
}

static void write_bound(amph_writer *w, const sql_window *window, sql_bound_kind kind, const sql_expr *offset)
{
	static const char *const words[] = {
		[SQL_UNBOUNDED_PRECEDING] = "UNBOUNDED PRECEDING", [SQL_PRECEDING] = " PRECEDING",
		[SQL_CURRENT_ROW] = "CURRENT ROW", [SQL_FOLLOWING] = " FOLLOWING",
		[SQL_UNBOUNDED_FOLLOWING] = "UNBOUNDED FOLLOWING"
	};

	if ((kind == SQL_PRECEDING || kind == SQL_FOLLOWING) && moment_of(w, window))
		write_length(w, offset, window->order->expr->type.type);
	else if (kind == SQL_PRECEDING || kind == SQL_FOLLOWING)
		write_offset(w, offset);
	amph_write_text(w, words[kind]);
}

static void write_frame(amph_writer *w, const sql_window *window)
{
	static const char *const units[] = {
		[SQL_FRAME_NONE] = "", [SQL_FRAME_ROWS] = " ROWS", [SQL_FRAME_RANGE] = " RANGE",
		[SQL_FRAME_GROUPS] = " GROUPS"
	};
	static const char *const exclude[] = {
		[SQL_EXCLUDE_NONE] = "", [SQL_EXCLUDE_CURRENT] = " EXCLUDE CURRENT ROW",
		[SQL_EXCLUDE_GROUP] = " EXCLUDE GROUP", [SQL_EXCLUDE_TIES] = " EXCLUDE TIES"
	};

	if (window->unit == SQL_FRAME_NONE)
		return;
	amph_write_text(w, units[window->unit]);
	amph_write_text(w, " BETWEEN ");
	write_bound(w, window, window->start, window->start_offset);
	amph_write_text(w, " AND ");
	write_bound(w, window, window->end, window->end_offset);
	amph_write_text(w, exclude[window->exclude]);
}

void amph__write_window(amph_writer *w, const sql_window *window)
{
	bool plain = window->partition.n == 0 && !window->order && window->unit == SQL_FRAME_NONE;

	if (window->name && plain) {
		amph_write_name(w, window->name);
		return;
	}
	amph_write_text(w, "(");
	if (window->name) {
		amph_write_name(w, window->name);
		amph_write_text(w, " ");
	}
	if (window->partition.n) {
		amph_write_text(w, "PARTITION BY ");
		amph__write_group_keys(w, &window->partition);
	}
	if (window->order) {
		amph_write_text(w, window->partition.n ? " ORDER BY " : "ORDER BY ");
		if (moment_of(w, window))
			write_moment_order(w, window->order, moment_of(w, window));
		else
			amph__write_order(w, window->order);
	}
	write_frame(w, window);
	amph_write_text(w, ")");
}
