/* Rows as values, of PostgreSQL's type record: ROW(1, 'a') as a result, in an array, as an argument. Their
 * text is what PostgreSQL prints; what their columns are is in the type, for comparisons. */
#include "../../base/buf.h"
#include "../../model/value.h"
#include "resolve.h"
#include <string.h>

static const amph_catalog_row make_row = {
	"record make", "record_make", AMPH_CAT_FUNCTION, 1, { AMPH_T_ANY }, AMPH_T_RECORD,
	AMPH_CAT_NULL_SAFE | AMPH_CAT_VARIADIC | AMPH_CAT_STABLE
};

static const char *short_name(int type)
{
	return type == AMPH_T_NONE ? "unknown" : type < AMPH_T_COUNT ? amph__types[type].short_name : "text";
}

/* What columns a row has, as comparisons have it: an array of types and of the labels of enums. */
const char *amph__row_descriptor(sql_resolver *r, const sql_list *columns, bool numbered)
{
	sql_expr *const *items = columns->items;
	size_t n = columns->n;
	const char *out;
	amph_buf text, one;

	amph__buf_init(&text, r->arena->allocator);
	amph__buf_init(&one, r->arena->allocator);
	amph__buf_puts(&text, numbered ? "{int8" : "{");
	for (size_t i = 0; i < n; i++) {
		const amph_sqltype *type = &items[i]->type;
		int base = type->type & ~AMPH_T_ARRAY;

		const amph_enum_type *e = base == AMPH_T_ENUM ? type->enumeration : NULL;

		amph__buf_clear(&one);
		for (size_t k = 0; e && k < e->n_labels; k++) {
			amph__buf_putc(&one, k ? ',' : '{');
			amph__buf_escape(&one, e->labels[k]);
		}
		if (base == AMPH_T_ROW_VALUE)
			amph__buf_printf(&one, "(%s)", type->enumeration ? type->enumeration->name : "{}");
		else
			amph__buf_puts(&one, base == AMPH_T_ENUM ? "}" : short_name(base));
		amph__buf_puts(&one, type->type & AMPH_T_ARRAY ? "[]" : "");
		if (i || numbered)
			amph__buf_putc(&text, ',');
		amph__buf_escape(&text, amph__buf_text(&one));
	}
	amph__buf_putc(&text, '}');
	out = text.failed || one.failed ? NULL : amph__arena_text(r->arena, text.text, text.len);
	amph__buf_clear(&text);
	amph__buf_clear(&one);
	return out;
}

bool amph__row_as_value(sql_resolver *r, sql_expr **e)
{
	sql_expr *row = *e, *call;
	amph_enum_type *columns;

	if (row->kind != SQL_ROW || row->type.type != AMPH_T_RECORD)
		return true;
	columns = AMPH_NEW(r->arena, amph_enum_type);
	for (size_t i = 0; i < row->args.n; i++)
		if (!amph__row_as_value(r, &row->args.items[i]))
			return false;
	/* a literal stays of the type unknown, which has no order */
	if (columns)
		columns->name = amph__row_descriptor(r, &row->args, false);
	for (size_t i = 0; i < row->args.n; i++)
		if (!amph__coerce_unknown_to_text(r, &row->args.items[i]))
			return false;
	call = sql_call(r->arena, make_row.name, row->args.n, row->args.items);
	if (!call || !columns || !columns->name)
		return amph__resolve_nomem(r);
	call->row = &make_row;
	call->location = row->location;
	call->type = (amph_sqltype){ .type = AMPH_T_ROW_VALUE, .enumeration = columns };
	*e = call;
	return true;
}

/* Rows among values that are to be of one type; they are so if their columns are. */
bool amph__rows_alike(sql_resolver *r, const sql_list *list)
{
	const amph_sqltype *first = NULL;

	for (size_t i = 0; i < list->n; i++) {
		const amph_sqltype *type;

		if (!amph__row_as_value(r, &list->items[i]))
			return false;
		type = &list->items[i]->type;
		if (type->type != AMPH_T_ROW_VALUE)
			continue;
		if (first && !amph__type_same(first, type))
			return amph__resolve_refuse(r, list->items[i]->location,
						    "rows of different columns together");
		first = type;
	}
	return true;
}

/* PostgreSQL finds that only when it compares two. */
bool amph__rows_ordered(sql_resolver *r, const amph_sqltype *type, int location)
{
	bool row = (type->type & ~AMPH_T_ARRAY) == AMPH_T_ROW_VALUE && type->enumeration;

	return !row || !strstr(type->enumeration->name, "\"unknown\"") ||
	       amph__resolve_refuse(r, location, "comparing rows that have literals without a type");
}

static bool takes_rows(const char *name)
{
	static const char *const names[] = { "array_agg", "array_append", "array_position", "array_positions",
					     "array_prepend", "array_remove", "count", "pg_typeof" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

bool amph__rows_as_arguments(sql_resolver *r, sql_expr *call)
{
	for (size_t i = 0; i < call->args.n && takes_rows(call->name); i++)
		if (!amph__row_as_value(r, &call->args.items[i]) ||
		    ((strstr(call->name, "position") || strstr(call->name, "remove")) &&
		     !amph__rows_ordered(r, &call->args.items[i]->type, call->location)))
			return false;
	return true;
}

static bool has_rows(const sql_expr *e)
{
	return (e->type.type & ~AMPH_T_ARRAY) == AMPH_T_ROW_VALUE;
}

bool amph__rows_as_operands(sql_resolver *r, sql_expr *op)
{
	if (op->args.n != 2 || (!has_rows(op->args.items[0]) && !has_rows(op->args.items[1])))
		return true;
	return amph__row_as_value(r, &op->args.items[0]) && amph__row_as_value(r, &op->args.items[1]);
}
