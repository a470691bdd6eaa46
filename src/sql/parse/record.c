/* json_to_record(j) AS x(a int, b text) and json_to_recordset, of jsonb too: a query of the members of
 * each object, as the types that the list says. */
#include "parse.h"
#include <string.h>

typedef struct reader {
	const char *name, *fields, *items, *elements;
	bool set;
} reader;

static const reader readers[] = {
	{ "json_to_record", AMPH_JSON_FIELDS, AMPH_JSON_ITEMS, NULL, false },
	{ "json_to_recordset", AMPH_JSON_FIELDS, AMPH_JSON_ITEMS, "json_array_elements", true },
	{ "jsonb_to_record", "jsonb fields", "jsonb items", NULL, false },
	{ "jsonb_to_recordset", "jsonb fields", "jsonb items", "jsonb_array_elements", true }
};

static const reader *reader_of(const sql_expr *call)
{
	if (!call || call->kind != SQL_CALL || call->args.n != 1 || call->arg_names || call->over)
		return NULL;
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if (!strcmp(readers[i].name, call->name))
			return &readers[i];
	return NULL;
}

static bool is_json(int type)
{
	return type == AMPH_T_JSON || type == AMPH_T_PLAIN_JSON;
}

/* The member as a value of the type. NULL of JSON is NULL, of what type ever. */
static sql_expr *member_as(sql_parser *p, const reader *from, sql_expr *object, const char *name,
			   const amph_sqltype *type)
{
	sql_expr *key = sql_const(p->arena, AMPH_T_TEXT, name), *e, *known;

	if (!key)
		return NULL;
	if (type->type & AMPH_T_ARRAY) {
		e = sql_op(p->arena, "->", object, key);
		return e ? sql_call(p->arena, from->items, 1, &e) : NULL;
	}
	if (!is_json(type->type))
		return sql_op(p->arena, "->>", object, key);
	known = sql_new(p->arena, SQL_IS_NOT_NULL, 1);
	e = sql_new(p->arena, SQL_CASE, 2);
	if (!known || !e)
		return NULL;
	known->args.items[0] = sql_op(p->arena, "->>", object, key);
	object = amph__arena_copy(p->arena, object, sizeof *object);
	key = sql_const(p->arena, AMPH_T_TEXT, name);
	e->args.items[0] = known;
	e->args.items[1] = object && key ? sql_op(p->arena, "->", object, key) : NULL;
	return known->args.items[0] && e->args.items[1] ? e : NULL;
}

static sql_target *parse_column(sql_parser *p, const reader *from, const PgQuery__ColumnDef *def)
{
	sql_expr *object = sql_column(p->arena, "record", "value"), *e;
	sql_target *t = AMPH_NEW(p->arena, sql_target);
	const char *enum_name;
	amph_sqltype type;

	if (!t || !object || !amph__parse_type(p, def->type_name, &type, &enum_name))
		return NULL;
	if (type.type == AMPH_T_TEXT && type.length > 0)
		return amph__parse_refuse(p, def->location, "a limited length in a list of columns");
	if (type.type & AMPH_T_ARRAY && is_json(type.type & ~AMPH_T_ARRAY))
		return amph__parse_refuse(p, def->location, "an array of json in a list of columns");
	if (from->set)
		object = sql_call(p->arena, from->fields, 1, &object);
	t->name = amph__parse_text(p, def->colname);
	e = object && t->name ? member_as(p, from, object, t->name, &type) : NULL;
	t->expr = e ? sql_cast(p->arena, e, type) : NULL;
	if (!t->expr)
		return NULL;
	t->expr->explicit_cast = true;
	t->expr->name = enum_name;
	return t;
}

/* The objects as "value" of "record". */
static sql_range *objects_of(sql_parser *p, const reader *from, sql_expr *call)
{
	sql_range *r = AMPH_NEW(p->arena, sql_range);

	if (!r)
		return NULL;
	*r = (sql_range){ .kind = from->set ? SQL_FUNCTION : SQL_SUBQUERY, .location = call->location,
			  .alias = "record" };
	call->name = from->set ? from->elements : from->fields;
	if (from->set) {
		r->function = call;
		return r;
	}
	r->select = AMPH_NEW(p->arena, sql_select);
	if (!r->select || !(r->select->targets = AMPH_NEW(p->arena, sql_target)))
		return NULL;
	r->select->location = -1;
	*r->select->targets = (sql_target){ .expr = call, .name = "value" };
	return r;
}

bool amph__parse_record(sql_parser *p, const PgQuery__RangeFunction *f, sql_range *r)
{
	const reader *from = f->n_functions == 1 && !f->ordinality ? reader_of(r->function) : NULL;
	sql_select *s = AMPH_NEW(p->arena, sql_select);
	sql_target **next = s ? &s->targets : NULL;

	if (!from) {
		amph__parse_refuse(p, -1, "a list of column definitions");
		return false;
	}
	if (!s)
		return false;
	s->location = -1;
	s->from = objects_of(p, from, r->function);
	for (size_t i = 0; s->from && i < f->n_coldeflist; i++) {
		*next = parse_column(p, from, f->coldeflist[i]->column_def);
		if (!*next)
			return false;
		next = &(*next)->next;
	}
	r->alias = r->alias ? r->alias : from->name;
	r->kind = SQL_SUBQUERY;
	r->select = s;
	r->lateral = r->function->args.items[0] && r->function->args.items[0]->kind != SQL_CONST;
	r->function = NULL;
	return s->from != NULL;
}
