/* Whole rows, t or t.* or ROW(...), where they are no values of their own: as objects of JSON, as
 * text, as what a row test looks at. What the database then sees are their columns. */
#include "resolve.h"
#include <string.h>

/* ---- which columns ---- */

/* The columns of a row, and their names; false with *is_row false: e is none. */
typedef struct row_columns {
	bool is_row;
	sql_list values;
	const char *const *names;       /* NULL: f1, f2 ... */
} row_columns;

/* A row of a table is of the table's type, however its columns are called here. */
static const char *const *type_names(sql_resolver *r, const sql_item *item)
{
	const sql_table *t = item->range && item->range->kind == SQL_TABLE ? item->range->table : NULL;
	const char **names;

	if (!t || !item->range->n_column_aliases || t->n_columns < item->n)
		return item->names;
	names = AMPH_NEWS(r->arena, const char *, item->n + 1);
	for (size_t i = 0; names && i < item->n; i++)
		names[i] = t->columns[i].name;
	return names;
}

/* parts: it is the columns that matter, not whether the row is there. */
static bool columns_of_item(sql_resolver *r, const sql_expr *e, const sql_item *item, bool parts,
			    row_columns *out)
{
	sql_expr **items = AMPH_NEWS(r->arena, sql_expr *, item->n + 1);

	/* a row that an outer join has put in is NULL as a whole; columns of a join are expressions */
	if ((item->nullable && !parts) || item->exprs || item->excluded)
		return amph__resolve_refuse(r, e->location, "a whole row as a value");
	if (!items)
		return amph__resolve_nomem(r);
	for (size_t i = 0; i < item->n; i++) {
		items[i] = amph__item_column(r, item, i, e->location);
		if (!items[i])
			return amph__resolve_nomem(r);
	}
	*out = (row_columns){ true, { items, item->n }, type_names(r, item) };
	return out->names || amph__resolve_nomem(r);
}

static bool columns_of(sql_resolver *r, const sql_expr *e, bool parts, row_columns *out)
{
	const sql_item *item;

	*out = (row_columns){ .is_row = false };
	if (e->kind == SQL_ROW) {
		if (!amph__spread_rows(r, (sql_expr *)(uintptr_t)e))
			return false;
		*out = (row_columns){ true, e->args, NULL };
		return true;
	}
	item = amph__find_row(r, e);
	return !item || columns_of_item(r, e, item, parts, out);
}

/* ---- as an object ---- */

/* Names and values, behind room for one item more. */
static sql_expr **members_of(sql_resolver *r, const row_columns *row)
{
	size_t n = row->values.n;
	sql_expr **items = AMPH_NEWS(r->arena, sql_expr *, 2 * n + 1);

	for (size_t i = 0; items && i < n; i++) {
		const char *name = row->names ? row->names[i]
					      : amph__arena_printf(r->arena, "f%zu", i + 1);

		items[2 * i + 1] = name ? sql_const(r->arena, AMPH_T_TEXT, name) : NULL;
		items[2 * i + 2] = row->values.items[i];
		if (!items[2 * i + 1])
			return NULL;
	}
	return items;
}

static sql_expr *object_of(sql_resolver *r, const row_columns *row, int location)
{
	sql_expr **items = members_of(r, row), *call;

	call = items ? sql_call(r->arena, "jsonb_build_object", 2 * row->values.n, items + 1) : NULL;
	if (call)
		call->location = location;
	return call;
}

/* The call that makes json of a row; lines: each member on a line of its own. */
static bool make_plain(sql_resolver *r, const row_columns *row, const char *lines, sql_expr *call)
{
	sql_expr **items = members_of(r, row);

	if (items)
		items[0] = sql_const(r->arena, AMPH_T_BOOL, lines);
	if (!items || !items[0])
		return amph__resolve_nomem(r);
	call->name = AMPH_ROW_TO_JSON;
	call->args = (sql_list){ items, 2 * row->values.n + 1 };
	return true;
}

/* row_to_json(row), row_to_json(row, true) */
static bool make_row_to_json(sql_resolver *r, sql_expr *call)
{
	const sql_expr *lines = call->args.n == 2 ? call->args.items[1] : NULL;
	row_columns row;

	while (lines && lines->kind == SQL_CAST && lines->type.type == AMPH_T_BOOL)
		lines = lines->args.items[0];
	if (call->args.n < 1 || call->args.n > 2 || (lines && (lines->kind != SQL_CONST || !lines->text)))
		return true;
	return columns_of(r, call->args.items[0], false, &row) &&
	       (!row.is_row || make_plain(r, &row, lines ? lines->text : "false", call));
}

static bool make_plain_arg(sql_resolver *r, const row_columns *row, sql_expr **arg)
{
	int location = (*arg)->location;

	*arg = sql_call(r->arena, AMPH_RECORD_TO_JSON, 0, NULL);
	if (!*arg)
		return amph__resolve_nomem(r);
	(*arg)->location = location;
	if (!make_plain(r, row, "false", *arg))
		return false;
	(*arg)->name = AMPH_RECORD_TO_JSON;
	return true;
}

static bool makes_json(const char *name)
{
	static const char *const names[] = { "jsonb_agg", "jsonb_build_array", "jsonb_build_object",
					     "jsonb_object_agg", "to_jsonb" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

static bool makes_plain_json(const char *name)
{
	static const char *const names[] = { "json_agg", "json_build_array", "json_build_object",
					     "json_object_agg", "to_json" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* A row is never NULL. What says so is of the query that the row is of. */
static sql_expr *presence_of(sql_resolver *r, const row_columns *row)
{
	sql_expr *e = sql_new(r->arena, SQL_IS_NULL, 1);

	if (e)
		e->args.items[0] = row->values.items[0];
	return e;
}

bool amph__replace_rows(sql_resolver *r, sql_expr *call)
{
	bool counts = !strcmp(call->name, "count"), plain = makes_plain_json(call->name);

	if (!strcmp(call->name, "row_to_json"))
		return make_row_to_json(r, call);
	/* which rows are different, and their order, is not what it is of their objects */
	if (call->distinct || (!counts && !plain && !makes_json(call->name)))
		return true;
	for (size_t i = 0; i < call->args.n; i++) {
		sql_expr **arg = &call->args.items[i];
		row_columns row;

		if (!columns_of(r, *arg, false, &row))
			return false;
		if (!row.is_row || (counts && !row.values.n))
			continue;
		if (plain && !make_plain_arg(r, &row, arg))
			return false;
		if (plain)
			continue;
		*arg = counts ? presence_of(r, &row) : object_of(r, &row, (*arg)->location);
		if (!*arg)
			return amph__resolve_nomem(r);
	}
	return true;
}

/* ---- as text: (1,"a b",) ---- */

static sql_expr *call_of(sql_resolver *r, const char *name, sql_expr *a, const char *b, const char *c)
{
	sql_expr *args[3] = { a, b ? sql_const(r->arena, AMPH_T_TEXT, b) : NULL,
			      c ? sql_const(r->arena, AMPH_T_TEXT, c) : NULL };

	if (!a || (b && !args[1]) || (c && !args[2]))
		return NULL;
	return sql_call(r->arena, name, b ? c ? 3 : 2 : 1, args);
}

static sql_expr *copy(sql_resolver *r, const sql_expr *e)
{
	return amph__arena_copy(r->arena, e, sizeof(*e));
}

/* One column: nothing for NULL, in quotes where a reader needs them. */
static sql_expr *field_text(sql_resolver *r, const sql_expr *value)
{
	static const char special[] = "^$|[\"(),\\\\[:space:]]";
	sql_expr *plain = call_of(r, "concat", copy(r, value), NULL, NULL);
	sql_expr *quoted = call_of(r, "replace", call_of(r, "concat", copy(r, value), NULL, NULL),
				   "\\", "\\\\");
	sql_expr *test = sql_op(r->arena, "~", call_of(r, "concat", copy(r, value), NULL, NULL),
				sql_const(r->arena, AMPH_T_TEXT, special));
	sql_expr *known = sql_new(r->arena, SQL_IS_NULL, 1), *e = sql_new(r->arena, SQL_CASE, 5);

	quoted = call_of(r, "replace", quoted, "\"", "\"\"");
	quoted = sql_op(r->arena, "||", sql_const(r->arena, AMPH_T_TEXT, "\""), quoted);
	quoted = sql_op(r->arena, "||", quoted, sql_const(r->arena, AMPH_T_TEXT, "\""));
	if (!plain || !quoted || !test || !known || !e)
		return NULL;
	known->args.items[0] = copy(r, value);
	e->args.items[0] = known;
	e->args.items[1] = sql_const(r->arena, AMPH_T_TEXT, "");
	e->args.items[2] = test;
	e->args.items[3] = quoted;
	e->args.items[4] = plain;
	return known->args.items[0] && e->args.items[1] ? e : NULL;
}

/* It is written several times. */
static bool is_plain_value(const sql_expr *e)
{
	return e->kind == SQL_COLUMN || e->kind == SQL_CONST ||
	       (e->kind == SQL_CAST && e->args.items[0] && is_plain_value(e->args.items[0]));
}

bool amph__row_as_text(sql_resolver *r, sql_expr **e)
{
	sql_expr *out = NULL;
	row_columns row;

	if (!columns_of(r, *e, false, &row))
		return false;
	if (!row.is_row)
		return true;
	out = sql_const(r->arena, AMPH_T_TEXT, "(");
	for (size_t i = 0; out && i < row.values.n; i++) {
		if (!is_plain_value(row.values.items[i]))
			return amph__resolve_refuse(r, (*e)->location, "a row of expressions as text");
		if (i)
			out = sql_op(r->arena, "||", out, sql_const(r->arena, AMPH_T_TEXT, ","));
		out = sql_op(r->arena, "||", out, field_text(r, row.values.items[i]));
	}
	out = sql_op(r->arena, "||", out, sql_const(r->arena, AMPH_T_TEXT, ")"));
	*e = out;
	return out || amph__resolve_nomem(r);
}

/* ---- t IS NULL, ROW(t.*, 1) ---- */

bool amph__row_as_list(sql_resolver *r, sql_expr **e)
{
	row_columns row;

	if ((*e)->kind == SQL_ROW)
		return true;
	if (!columns_of(r, *e, true, &row))
		return false;
	if (!row.is_row)
		return true;
	*e = sql_new(r->arena, SQL_ROW, 0);
	if (!*e)
		return amph__resolve_nomem(r);
	(*e)->args = row.values;
	return true;
}

/* ROW(t.*, 1) has the columns of t. */
bool amph__spread_rows(sql_resolver *r, sql_expr *row)
{
	for (size_t i = 0; i < row->args.n; i++) {
		sql_expr *e = row->args.items[i], **items;
		row_columns part;
		size_t n;

		if (!e || e->kind != SQL_STAR || !e->range)
			continue;
		if (!columns_of(r, e, true, &part))
			return false;
		if (!part.is_row)
			continue;
		n = row->args.n - 1 + part.values.n;
		items = AMPH_NEWS(r->arena, sql_expr *, n + 1);
		if (!items)
			return amph__resolve_nomem(r);
		for (size_t k = 0; k < n; k++)
			items[k] = k < i                     ? row->args.items[k]
				   : k < i + part.values.n   ? part.values.items[k - i]
							     : row->args.items[k - part.values.n + 1];
		row->args = (sql_list){ items, n };
		i += part.values.n - 1;
	}
	return true;
}
