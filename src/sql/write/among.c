/* IN, EXISTS, ANY and ALL, and queries that are values: one, or all of theirs as an array. */
#include "../names.h"
#include "write.h"
#include <string.h>

static void write_left(amph_writer *w, const sql_expr *left)
{
	if (left->kind == SQL_ROW)
		amph_write_expr(w, left);
	else
		amph__write_operand(w, left, AMPH_USE_EQUAL);
}

void amph__write_in_list(amph_writer *w, const sql_expr *e)
{
	if (e->args.n == 1) {
		amph_write_text(w, e->negated ? "TRUE" : "FALSE");
		return;
	}
	amph_write_text(w, "(");
	write_left(w, e->args.items[0]);
	amph_write_text(w, e->negated ? " NOT IN (" : " IN (");
	for (size_t i = 1; i < e->args.n; i++) {
		if (i > 1)
			amph_write_text(w, ", ");
		amph_write_expr(w, e->args.items[i]);
	}
	amph_write_text(w, "))");
}

void amph__write_in_rows(amph_writer *w, const sql_expr *e)
{
	if (w->failed)
		return;
	if (w->dialect->write_in_rows) {
		w->dialect->write_in_rows(w, e->args.items[0], e->param, e->negated);
		return;
	}
	amph_write_text(w, "(");
	amph_write_expr(w, e->args.items[0]);
	amph_write_text(w, e->negated ? " <> ALL (" : " = ANY (");
	amph_write_placeholder(w, e->param, 0);
	amph_write_text(w, "))");
}

void amph__write_in_select(amph_writer *w, const sql_expr *e)
{
	amph_write_text(w, "(");
	write_left(w, e->args.items[0]);
	amph_write_text(w, e->negated ? " NOT IN " : " IN ");
	amph__write_subselect(w, e->select);
	amph_write_text(w, ")");
}

void amph__write_exists(amph_writer *w, const sql_expr *e)
{
	amph_write_text(w, e->negated ? "(NOT EXISTS " : "(EXISTS ");
	amph__write_subselect(w, e->select);
	amph_write_text(w, ")");
}

static bool is_one(const sql_expr *limit)
{
	return limit && limit->kind == SQL_CONST && limit->text &&
	       (!strcmp(limit->text, "0") || !strcmp(limit->text, "1"));
}

static bool has_aggregate(const sql_select *s)
{
	if (s->group_sets)
		return false;
	for (const sql_target *t = s->targets; t; t = t->next)
		if (t->expr && t->expr->kind == SQL_CALL && t->expr->row && !t->expr->over &&
		    t->expr->row->kind == AMPH_CAT_AGGREGATE)
			return true;
	return false;
}

/* Whether a query cannot give more than one row, whatever is in the tables. */
static bool is_single(const sql_select *s)
{
	if (is_one(s->limit) && !s->with_ties)
		return true;
	if (s->set_op != SQL_SET_NONE || s->group_by.n)
		return false;
	if (s->n_values)
		return s->n_values == 1;
	return has_aggregate(s);
}

/* Where the database takes the first of several rows, a function that refuses the second. */
void amph__write_scalar(amph_writer *w, const sql_expr *e)
{
	static const char *const name = "value";
	bool listed, bare = w->bare_columns;
	const char *single = amph__spelling_find(w->dialect, "single", &listed);

	if (!single || is_single(e->select)) {
		amph__write_subselect(w, e->select);
		return;
	}
	w->bare_columns = false;
	amph_write_format(w, "(SELECT %s(\"value\") FROM (", single);
	amph__write_select(w, e->select, &name, 1);
	amph_write_text(w, ") AS \"single\")");
	w->bare_columns = bare;
}

/* By an aggregate over the query, whose order it keeps. */
static void write_collected(amph_writer *w, const sql_expr *e)
{
	static const char *const name = "value";
	amph_sqltype element = e->type;
	bool bare = w->bare_columns;
	bool nested = e->select->n_columns && (e->select->columns[0].type.type & AMPH_T_ARRAY);

	element.type &= (uint8_t)~AMPH_T_ARRAY;
	w->bare_columns = false;
	amph_write_format(w, nested ? "COALESCE((SELECT %sarray_nest(" : "COALESCE((SELECT %sarray_agg(",
			  w->dialect->function_prefix);
	if (!nested) {
		amph_write_literal(w, amph__write_descriptor(w, &element));
		amph_write_text(w, ", ");
	}
	amph_write_text(w, "\"value\") FROM (");
	amph__write_select(w, e->select, &name, 1);
	amph_write_text(w, ") AS \"array\"), '{}')");
	w->bare_columns = bare;
}

void amph__write_array_select(amph_writer *w, const sql_expr *e)
{
	if (!amph__dialect_has(w, AMPH_DIALECT_ARRAYS)) {
		write_collected(w, e);
		return;
	}
	amph_write_text(w, "ARRAY");
	amph__write_subselect(w, e->select);
}

/* x = ANY (select) is x IN (select), x <> ALL (select) is x NOT IN (select). */
static bool write_quantified_in(amph_writer *w, const sql_expr *e)
{
	bool equal = !strcmp(e->name, "="), unequal = !strcmp(e->name, "<>");
	sql_expr in = { .kind = SQL_IN_SELECT, .location = e->location, .args = e->args,
			.select = e->select, .negated = unequal };

	if (!(equal && !e->all) && !(unequal && e->all))
		return false;
	amph__write_in_select(w, &in);
	return true;
}

void amph__write_quantified(amph_writer *w, const sql_expr *e)
{
	const amph_template t = { .args = &e->args, .type = &e->args.items[0]->type, .op = e->name };

	if (e->select && write_quantified_in(w, e))
		return;
	if (e->select && !amph__dialect_has(w, AMPH_DIALECT_ARRAYS)) {
		amph__write_quantified_query(w, e);
		return;
	}
	if (!e->select && amph__write_form(w, e->all ? "all" : "any", &t, e->location,
				     "ANY or ALL of an array"))
		return;
	amph_write_text(w, "(");
	amph__write_operand(w, e->args.items[0],
			    amph__is_comparison(e->name) ? amph__use_of(e->name) : AMPH_USE_EQUAL);
	amph_write_format(w, " %s %s ", e->name, e->all ? "ALL" : "ANY");
	if (e->select) {
		amph__write_subselect(w, e->select);
	} else {
		amph_write_text(w, "(");
		amph_write_expr(w, e->args.items[1]);
		amph_write_text(w, ")");
	}
	amph_write_text(w, ")");
}
