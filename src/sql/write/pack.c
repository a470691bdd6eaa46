/* LATERAL queries, and functions that return sets side by side, where only table functions may refer
 * to what stands before them: an aggregate makes one value of the rows, a table function rows of it. */
#include "../catalog/catalog.h"
#include "write.h"

enum { COLUMNS_MAX = 63, CALLS_MAX = 6 };

static void write_columns(amph_writer *w, char prefix, size_t n)
{
	amph_write_format(w, "(SELECT %spack(", w->dialect->function_prefix);
	for (size_t i = 0; i < n; i++)
		amph_write_format(w, i ? ", \"%c%zu\"" : "\"%c%zu\"", prefix, i);
	amph_write_text(w, ") FROM ");
}

static bool is_values(const sql_select *s)
{
	return s->n_values && !s->with && !s->order && !s->limit && !s->offset && s->set_op == SQL_SET_NONE;
}

/* VALUES that refers to other tables has no columns by name. */
static void write_rows(amph_writer *w, const sql_select *s)
{
	for (size_t i = 0; i < s->n_values && !w->failed; i++) {
		amph_write_text(w, i ? " UNION ALL SELECT " : "SELECT ");
		for (size_t k = 0; k < s->values[i].n; k++) {
			amph_write_text(w, k ? ", " : "");
			amph_write_expr(w, s->values[i].items[k]);
			amph_write_format(w, " AS \"s%zu\"", k);
		}
	}
}

void amph__write_packed_query(amph_writer *w, const sql_select *s)
{
	const char **names = AMPH_NEWS(w->arena, const char *, s->n_columns + 1);

	if (s->n_columns > COLUMNS_MAX || s->n_columns == 0) {
		amph_write_refuse(w, s->location, s->n_columns ? "LATERAL of so many columns"
							       : "LATERAL without columns");
		return;
	}
	for (size_t i = 0; names && i < s->n_columns; i++)
		names[i] = amph__arena_printf(w->arena, "s%zu", i);
	if (!names)
		return;
	amph_write_format(w, "%sunpack1('%zu', ", w->dialect->function_prefix, s->n_columns);
	write_columns(w, 's', s->n_columns);
	amph_write_text(w, "(");
	if (is_values(s))
		write_rows(w, s);
	else
		amph__write_select(w, s, names, s->n_columns);
	amph_write_text(w, ") AS \"lateral\"))");
}

static size_t column_count(const sql_expr *call)
{
	const amph_catalog_columns *c = call->kind == SQL_CALL && call->row
		? amph__catalog_columns_of(call->row) : NULL;

	return c ? c->n : 1;
}

bool amph__is_set(const sql_expr *e)
{
	return e->kind == SQL_CALL && e->row && e->row->kind == AMPH_CAT_SET;
}

/* What is no set is one row of its value. */
static void write_pack(amph_writer *w, const sql_expr *call)
{
	write_columns(w, 'c', column_count(call));
	if (amph__is_set(call)) {
		amph__write_table_call(w, call);
	} else {
		amph_write_text(w, "(SELECT ");
		amph_write_expr(w, call);
		amph_write_text(w, " AS \"c0\")");
	}
	amph_write_text(w, ")");
}

void amph__write_packed_calls(amph_writer *w, const sql_list *calls)
{
	size_t total = 0;

	for (size_t i = 0; i < calls->n; i++)
		total += column_count(calls->items[i]);
	if (calls->n > CALLS_MAX || total > COLUMNS_MAX) {
		amph_write_refuse(w, calls->items[0]->location, "So many functions that return sets at once");
		return;
	}
	amph_write_format(w, "%sunpack%zu('", w->dialect->function_prefix, calls->n);
	for (size_t i = 0; i < calls->n; i++)
		amph_write_format(w, i ? ",%zu" : "%zu", column_count(calls->items[i]));
	amph_write_text(w, "'");
	for (size_t i = 0; i < calls->n && !w->failed; i++) {
		amph_write_text(w, ", ");
		write_pack(w, calls->items[i]);
	}
	amph_write_text(w, ")");
}
