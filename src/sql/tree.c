/* Constructors of the SQL tree, and what follows from a table. They take their memory from the arena of the
 * statement and give NULL once an allocation there has failed, so that a builder may check once at its
 * end. */
#include "tree.h"
#include "../model/value.h"

static sql_expr *node(amph_arena *a, sql_kind kind)
{
	sql_expr *e = a->failed ? NULL : AMPH_NEW(a, sql_expr);

	if (!e)
		return NULL;
	e->kind = kind;
	e->location = -1;
	e->type.nullable = true;
	return e;
}

sql_expr *sql_new(amph_arena *a, sql_kind kind, size_t n_args)
{
	sql_expr *e = node(a, kind);

	if (!e || n_args == 0)
		return e;
	e->args.items = AMPH_NEWS(a, sql_expr *, n_args);
	if (!e->args.items)
		return NULL;
	e->args.n = n_args;
	return e;
}

sql_expr *sql_column(amph_arena *a, const char *range, const char *name)
{
	sql_expr *e = node(a, SQL_COLUMN);

	if (e) {
		e->range = range;
		e->name = name;
	}
	return e;
}

sql_expr *sql_param(amph_arena *a, size_t number, amph_sqltype type)
{
	sql_expr *e = node(a, SQL_PARAM);

	if (e) {
		e->param = number;
		e->type = type;
	}
	return e;
}

sql_expr *sql_const(amph_arena *a, amph_type type, const char *text)
{
	sql_expr *e = node(a, SQL_CONST);

	if (e) {
		e->type.type = (uint8_t)type;
		e->type.nullable = !text;
		e->text = text;
	}
	return e;
}

sql_expr *sql_call(amph_arena *a, const char *name, size_t n, sql_expr *const *args)
{
	sql_expr *e = sql_new(a, SQL_CALL, n);

	if (!e)
		return NULL;
	e->name = name;
	for (size_t i = 0; i < n; i++)
		e->args.items[i] = args[i];
	return e;
}

sql_expr *sql_op(amph_arena *a, const char *op, sql_expr *left, sql_expr *right)
{
	sql_expr *const both[] = { left, right };
	sql_expr *e = left ? sql_call(a, op, 2, both) : sql_call(a, op, 1, both + 1);

	if (e)
		e->is_operator = true;
	return e;
}

/* A conjunction made here notes in param how many arguments its array has room for. The next one
 * shares the array where its place there is free, else takes a copy of twice the size. */
static sql_expr *and_more(amph_arena *a, const sql_expr *left)
{
	sql_expr *e = node(a, SQL_AND);
	size_t n = left->args.n;

	if (!e)
		return NULL;
	e->args = left->args;
	e->param = left->param;
	e->args.n = n + 1;
	if (n < left->param && !left->args.items[n])
		return e;
	e->param = (n + 1) * 2;
	e->args.items = AMPH_NEWS(a, sql_expr *, e->param);
	if (!e->args.items)
		return NULL;
	for (size_t i = 0; i < n; i++)
		e->args.items[i] = left->args.items[i];
	return e;
}

/* One flat node for any number of conditions: a chain of thousands must not be thousands deep. */
sql_expr *sql_and(amph_arena *a, sql_expr *left, sql_expr *right)
{
	sql_expr *e;

	if (a->failed || !right)
		return NULL;
	if (!left)
		return right;
	if (left->kind == SQL_AND) {
		e = and_more(a, left);
		if (e)
			e->args.items[left->args.n] = right;
		return e;
	}
	e = sql_new(a, SQL_AND, 2);
	if (e) {
		e->args.items[0] = left;
		e->args.items[1] = right;
	}
	return e;
}

sql_expr *sql_cast(amph_arena *a, sql_expr *e, amph_sqltype type)
{
	sql_expr *cast = e ? sql_new(a, SQL_CAST, 1) : NULL;

	if (cast) {
		cast->args.items[0] = e;
		cast->type = type;
	}
	return cast;
}

sql_range *sql_range_table(amph_arena *a, const sql_table *table, const char *alias)
{
	sql_range *r = a->failed ? NULL : AMPH_NEW(a, sql_range);

	if (!r)
		return NULL;
	r->kind = SQL_TABLE;
	r->location = -1;
	r->schema = table->schema;
	r->name = table->name;
	r->alias = alias;
	r->table = table;
	return r;
}

sql_range *sql_range_rows(amph_arena *a, size_t param, const char *alias, const char *const *names,
			  size_t n)
{
	sql_range *r = a->failed ? NULL : AMPH_NEW(a, sql_range);

	if (!r)
		return NULL;
	r->kind = SQL_ROWS;
	r->location = -1;
	r->alias = alias;
	r->param = param;
	r->names = names;
	r->n_columns = n;
	return r;
}

static int64_t greatest_of(int type)
{
	switch (type) {
	case AMPH_T_INT16: return INT16_MAX;
	case AMPH_T_INT32: return INT32_MAX;
	default: return INT64_MAX;
	}
}

bool amph__sequence_of_column(amph_arena *arena, const sql_table *table, size_t column,
			      sql_sequence *out)
{
	const sql_column_def *c = &table->columns[column];

	if (!c->identity)
		return false;
	if (c->sequence)
		*out = *c->sequence;
	else
		*out = (sql_sequence){ .increment = 1, .min = 1, .max = greatest_of(c->type.type),
				       .start = 1 };
	out->temporary = table->temporary;
	out->name = amph__arena_printf(arena, "%s_%s_seq", table->name, c->name);
	if (table->temporary || !table->schema)
		out->key = amph__arena_printf(arena, "%s%s.%s", table->temporary ? "pg_temp." : "",
					      table->name, c->name);
	else
		out->key = amph__arena_printf(arena, "%s.%s.%s", table->schema, table->name, c->name);
	return out->key != NULL && out->name != NULL;
}

/* " hour to second(2)" of an interval: the precision is that of seconds. */
void amph__interval_fields(amph_buf *b, const amph_sqltype *type)
{
	static const struct { int field; const char *name; } fields[] = {
		{ AMPH_INTERVAL_YEAR, "year" }, { AMPH_INTERVAL_MONTH, "month" },
		{ AMPH_INTERVAL_DAY, "day" }, { AMPH_INTERVAL_HOUR, "hour" },
		{ AMPH_INTERVAL_MINUTE, "minute" }, { AMPH_INTERVAL_SECOND, "second" }
	};
	const char *first = NULL, *last = NULL;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (!(type->scale & fields[i].field))
			continue;
		first = first ? first : fields[i].name;
		last = fields[i].name;
	}
	if (first)
		amph__buf_printf(b, " %s", first);
	if (first != last)
		amph__buf_printf(b, " to %s", last);
	if (!first || (type->scale & AMPH_INTERVAL_SECOND))
		amph__buf_printf(b, "(%d)", (int)type->length - 1);
}
