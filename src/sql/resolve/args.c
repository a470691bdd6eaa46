/* Arguments of calls that are not simply listed: by name, left out, VARIADIC. */
#include "../../model/value.h"
#include "resolve.h"
#include <string.h>

static size_t named_index(const amph_catalog_args *args, const char *name)
{
	size_t i = 0;

	while (args->names && args->names[i] && strcmp(args->names[i], name))
		i++;
	return args->names && args->names[i] ? i : SIZE_MAX;
}

/* Puts the arguments into the order of row; false where they do not fit. */
static bool order_for(const amph_catalog_row *row, const sql_expr *e, sql_expr **items)
{
	const amph_catalog_args *args = amph__catalog_args_of(row);

	if (!args)
		return false;
	for (size_t i = 0; i < row->n_args; i++)
		items[i] = NULL;
	for (size_t i = 0; i < e->args.n; i++) {
		size_t at = e->arg_names[i] ? named_index(args, e->arg_names[i]) : i;

		if (at >= row->n_args || items[at])
			return false;
		items[at] = e->args.items[i];
	}
	for (size_t i = 0; i < row->n_args; i++)
		if (!items[i] && i + args->n_defaults < row->n_args)
			return false;
	return true;
}

static bool use_order(sql_resolver *r, sql_expr *e, const amph_catalog_row *row, sql_expr **items)
{
	const amph_catalog_args *args = amph__catalog_args_of(row);

	for (size_t i = 0; i < row->n_args; i++)
		if (!items[i]) {
			items[i] = sql_const(r->arena, AMPH_T_NONE,
					     args->defaults[args->n_defaults - (row->n_args - i)]);
			if (!items[i])
				return amph__resolve_nomem(r);
		}
	e->args = (sql_list){ items, row->n_args };
	e->arg_names = NULL;
	return true;
}

static bool check_names(sql_resolver *r, const sql_expr *e)
{
	for (size_t i = 0; i < e->args.n; i++)
		for (size_t k = 0; k < i && e->arg_names[i]; k++)
			if (e->arg_names[k] && !strcmp(e->arg_names[i], e->arg_names[k]))
				return amph__resolve_fail(r, e->location, "42601",
							  "argument name \"%s\" used more than once",
							  e->arg_names[i]);
	return true;
}

bool amph__order_named(sql_resolver *r, sql_expr *e)
{
	amph_catalog_found found;
	sql_expr **items = AMPH_NEWS(r->arena, sql_expr *, AMPH_CAT_MAX_ARGS);

	if (!items)
		return amph__resolve_nomem(r);
	if (!check_names(r, e))
		return false;
	if (!amph__find_functions(e->name, &found))
		found.n_runs = 0;
	for (size_t k = 0; k < found.n_runs; k++)
		for (size_t i = 0; i < found.runs[k].n; i++)
			if (order_for(&found.runs[k].rows[i], e, items))
				return use_order(r, e, &found.runs[k].rows[i], items);
	if (amph__catalog_is_foreign(e->name, false))
		return amph__resolve_refuse(
			r, e->location, amph__arena_printf(r->arena, "the function %s", e->name));
	return amph__resolve_fail(r, e->location, "42883",
				  "function %s with arguments of these names does not exist",
				  e->name);
}

/* Defaults of the last arguments that are not given. */
bool amph__add_defaults(sql_resolver *r, sql_expr *e, const amph_catalog_row *row)
{
	const amph_catalog_args *args = amph__catalog_args_of(row);
	size_t given = e->args.n;
	sql_expr **items;

	if (!args || given >= row->n_args)
		return true;
	items = AMPH_NEWS(r->arena, sql_expr *, row->n_args);
	if (!items)
		return amph__resolve_nomem(r);
	for (size_t i = 0; i < row->n_args; i++) {
		size_t from_end = row->n_args - i;
		amph_sqltype type = amph__plain_type(row->args[i]);

		items[i] = i < given ? e->args.items[i]
				     : sql_const(r->arena, AMPH_T_NONE,
						 args->defaults[args->n_defaults - from_end]);
		if (!items[i])
			return amph__resolve_nomem(r);
		if (i >= given && !amph__coerce(r, &items[i], &type))
			return false;
	}
	e->args = (sql_list){ items, row->n_args };
	return true;
}

/* The row of that name that takes any number of arguments; NULL: there is none. */
static const amph_catalog_row *find_variadic(const char *name)
{
	amph_catalog_found found;

	if (!amph__find_functions(name, &found))
		return NULL;
	for (size_t k = 0; k < found.n_runs; k++)
		for (size_t i = 0; i < found.runs[k].n; i++)
			if (found.runs[k].rows[i].flags & AMPH_CAT_VARIADIC)
				return &found.runs[k].rows[i];
	return NULL;
}

/* Written out, and of one dimension. */
static bool is_written_out(const sql_expr *array)
{
	if (array->kind != SQL_ARRAY || !array->args.n)
		return false;
	for (size_t i = 0; i < array->args.n; i++)
		if (array->args.items[i]->kind == SQL_ARRAY)
			return false;
	return true;
}

static bool write_out(sql_resolver *r, sql_expr *e, const sql_expr *array)
{
	size_t n = e->args.n - 1;
	sql_expr **items = AMPH_NEWS(r->arena, sql_expr *, n + array->args.n);

	if (!items)
		return amph__resolve_nomem(r);
	for (size_t i = 0; i < n; i++)
		items[i] = e->args.items[i];
	for (size_t i = 0; i < array->args.n; i++)
		items[n + i] = array->args.items[i];
	e->args = (sql_list){ items, n + array->args.n };
	e->variadic = false;
	return true;
}

/* A constant as if it were written out: its elements, one after another whatever its dimensions. */
static bool write_constant_out(sql_resolver *r, sql_expr *e, const sql_expr *array)
{
	sql_expr written = *array;
	amph_matrix m;

	if (!amph__matrix_parse(array->text, strlen(array->text), &m, r->arena, r->err))
		return false;
	written.args = (sql_list){ AMPH_NEWS(r->arena, sql_expr *, m.n + 1), m.n };
	for (size_t i = 0; written.args.items && i < m.n; i++) {
		sql_expr *item = sql_const(r->arena, AMPH_T_NONE, m.items[i]);

		if (!item)
			return amph__resolve_nomem(r);
		item->location = array->location;
		item->type = amph__element_type(array->type);
		item->type.nullable = !m.items[i];
		written.args.items[i] = item;
	}
	return written.args.items ? write_out(r, e, &written) : amph__resolve_nomem(r);
}

/* concat(VARIADIC a) and concat_ws(s, VARIADIC a) are array_to_string(a, s). */
static bool join_elements(sql_resolver *r, sql_expr *e, sql_expr *array)
{
	sql_expr **items = AMPH_NEWS(r->arena, sql_expr *, 2);

	if (!items)
		return amph__resolve_nomem(r);
	items[0] = array;
	items[1] = e->args.n > 1 ? e->args.items[0] : sql_const(r->arena, AMPH_T_TEXT, "");
	if (!items[1])
		return amph__resolve_nomem(r);
	e->name = "array_to_string";
	e->args = (sql_list){ items, 2 };
	e->variadic = false;
	return true;
}

/* Those with a form of their own for one array. */
static bool takes_array(const char *name)
{
	return !strcmp(name, "format") || !strcmp(name, "num_nulls") || !strcmp(name, "num_nonnulls");
}

/* Of no array there is no result, of whatever else. */
static bool become_null(sql_expr *e, const amph_catalog_row *row)
{
	const amph_sqltype type = amph__plain_type(row->result);

	*e = (sql_expr){ .kind = SQL_CONST, .location = e->location, .type = type };
	e->type.nullable = true;
	return true;
}

/* The elements of a constructed array become arguments; another is an argument of its own. */
bool amph__expand_variadic(sql_resolver *r, sql_expr *e)
{
	const amph_catalog_row *row = find_variadic(e->name);
	sql_expr *array = e->args.items[e->args.n - 1];

	if (row && row->n_args != e->args.n)
		return amph__resolve_fail(r, e->location, "42883",
					  "function %s with these arguments does not exist", e->name);
	if (!(array->type.type & AMPH_T_ARRAY) && row && row->args[row->n_args - 1] == AMPH_T_ANY)
		return amph__resolve_fail(r, array->location, "42804",
					  "VARIADIC argument must be an array");
	if (is_written_out(array))
		return write_out(r, e, array);
	if (row && (!strcmp(row->name, "concat") || !strcmp(row->name, "concat_ws")))
		return join_elements(r, e, array);
	if (row && row->args[row->n_args - 1] == AMPH_T_ANY && array->kind == SQL_CONST && array->text &&
	    !takes_array(row->name))
		return write_constant_out(r, e, array);
	if (row && row->args[row->n_args - 1] == AMPH_T_ANY && array->kind == SQL_CONST && !array->text &&
	    !takes_array(row->name))
		return become_null(e, row);
	return (row && takes_array(row->name)) ||
	       amph__resolve_refuse(r, e->location, "VARIADIC of an array that is not written out as "
						    "ARRAY[...]");
}
