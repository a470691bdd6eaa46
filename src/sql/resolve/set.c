/* UNION, INTERSECT, EXCEPT and VALUES: columns of one type out of several rows or queries. */
#include "resolve.h"

static const char *op_name(const sql_select *s)
{
	return s->set_op == SQL_UNION       ? "UNION"
	       : s->set_op == SQL_INTERSECT ? "INTERSECT"
					    : "EXCEPT";
}

/* Both sides agree on the type of each column. */
static bool common_columns(sql_resolver *r, const sql_select *s, amph_sqltype *types, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const amph_sqltype *b = &s->right->columns[i].type;
		amph_sqltype common = s->left->columns[i].type;
		bool nullable = common.nullable || b->nullable;

		if (!amph__common_step(&common, b))
			return amph__resolve_fail(r, s->right->location, "42804",
						  "%s types %s and %s cannot be matched",
						  op_name(s), amph__type_text(r, &common),
						  amph__type_text(r, b));
		if (common.type == AMPH_T_NONE)
			common.type = AMPH_T_TEXT;
		if ((common.type & ~AMPH_T_ARRAY) == AMPH_T_ROW_VALUE && !amph__type_same(&common, b))
			return amph__resolve_refuse(r, s->right->location,
						    "rows of different columns together");
		if ((s->set_op != SQL_UNION || !s->set_all) &&
		    !amph__rows_ordered(r, &common, s->right->location))
			return false;
		if (!amph__can_coerce(&s->left->columns[i].type, &common, AMPH_CAST_IMPLICIT) ||
		    !amph__can_coerce(b, &common, AMPH_CAST_IMPLICIT))
			return amph__resolve_fail(r, s->right->location, "42846",
						  "%s could not convert type %s to %s", op_name(s),
						  amph__type_text(r, b),
						  amph__type_text(r, &common));
		/* which of the equal ones stays would show in its spaces */
		if (amph__is_bpchar(&common) && !s->set_all && common.length < 0 &&
		    (s->left->columns[i].type.length > 0 || b->length > 0))
			return amph__resolve_refuse(r, s->right->location,
						    "a set of character(n) of different lengths");
		common.nullable = s->set_op == SQL_UNION ? nullable : common.nullable;
		types[i] = common;
	}
	return true;
}

static bool resolve_sides(sql_resolver *r, sql_select *s)
{
	sql_clause clause = r->scope->clause;
	bool ok;

	r->scope->clause = SQL_CLAUSE_FROM_FUNCTION;
	ok = amph__resolve_select_as(r, s->left, true) &&
	     amph__resolve_select_as(r, s->right, true);
	r->scope->clause = clause;
	if (!ok)
		return false;
	return s->left->n_columns == s->right->n_columns ||
	       amph__resolve_fail(r, s->right->location, "42601",
				  "each %s query must have the same number of columns", op_name(s));
}

bool amph__resolve_set(sql_resolver *r, sql_select *s)
{
	amph_result_column *columns;
	amph_sqltype *types;
	size_t n;

	if (!resolve_sides(r, s))
		return false;
	n = s->left->n_columns;
	columns = AMPH_NEWS(r->arena, amph_result_column, n + 1);
	types = AMPH_NEWS(r->arena, amph_sqltype, n + 1);
	if (!columns || !types)
		return amph__resolve_nomem(r);
	if (!common_columns(r, s, types, n) || !amph__coerce_output(r, &s->left, types, n) ||
	    !amph__coerce_output(r, &s->right, types, n))
		return false;
	for (size_t i = 0; i < n; i++) {
		columns[i].name = s->left->columns[i].name;
		columns[i].type = types[i];
	}
	s->columns = columns;
	s->n_columns = n;
	return true;
}

/* ---- VALUES ---- */

static bool resolve_rows(sql_resolver *r, sql_select *s)
{
	r->scope->clause = SQL_CLAUSE_VALUES;
	for (size_t i = 0; i < s->n_values; i++) {
		if (s->values[i].n != s->values[0].n)
			return amph__resolve_fail(r, s->location, "42601",
						  "VALUES lists must all be the same length");
		if (!amph__resolve_list(r, &s->values[i]))
			return false;
	}
	return true;
}

static bool unify_column(sql_resolver *r, sql_select *s, size_t k, amph_sqltype *out)
{
	sql_expr **items = AMPH_NEWS(r->arena, sql_expr *, s->n_values);

	if (!items)
		return amph__resolve_nomem(r);
	for (size_t i = 0; i < s->n_values; i++)
		items[i] = s->values[i].items[k];
	const sql_list column = { items, s->n_values };
	if (!amph__rows_alike(r, &column) || !amph__common_type(r, items, s->n_values, "VALUES", out) ||
	    !amph__coerce_all(r, items, s->n_values, "VALUES", out))
		return false;
	for (size_t i = 0; i < s->n_values; i++) {
		s->values[i].items[k] = items[i];
		out->nullable |= items[i]->type.nullable;
	}
	return true;
}

bool amph__resolve_values(sql_resolver *r, sql_select *s)
{
	size_t n = s->values[0].n;
	amph_result_column *columns = AMPH_NEWS(r->arena, amph_result_column, n + 1);

	if (!columns)
		return amph__resolve_nomem(r);
	if (!resolve_rows(r, s))
		return false;
	for (size_t k = 0; k < n; k++) {
		columns[k].name = amph__arena_printf(r->arena, "column%zu", k + 1);
		if (!columns[k].name)
			return amph__resolve_nomem(r);
		if (!unify_column(r, s, k, &columns[k].type))
			return false;
	}
	s->columns = columns;
	s->n_columns = n;
	return true;
}
