/* Sequences where the database has none: functions are told the options, and columns that take
 * numbers are among those that an INSERT writes. */
#include "../names.h"
#include "write.h"
#include <string.h>

static void write_number(amph_writer *w, int64_t n)
{
	/* the least cannot be written as a number with a sign before it */
	if (n == INT64_MIN)
		amph_write_text(w, ", (-9223372036854775807 - 1)");
	else
		amph_write_format(w, ", %lld", (long long)n);
}

static void write_rules(amph_writer *w, const sql_sequence *q)
{
	amph_write_literal(w, q->key);
	write_number(w, q->increment);
	write_number(w, q->min);
	write_number(w, q->max);
	write_number(w, q->start);
	amph_write_text(w, q->cycle ? ", 1" : ", 0");
}

/* ---- columns that take numbers ---- */

static bool names_sequence(const char *text)
{
	return text && (strstr(text, "nextval(") || strstr(text, "currval(") || strstr(text, "lastval("));
}

bool amph__takes_numbers(const amph_writer *w, const sql_column_def *c)
{
	return amph__dialect_has(w, AMPH_DIALECT_CATALOG_TABLE) &&
	       (c->identity || names_sequence(c->default_sql));
}

void amph__write_next_number(amph_writer *w, const sql_table *table, size_t column)
{
	sql_sequence q;

	if (!table->columns[column].identity) {
		amph__write_native(w, table, table->columns[column].default_sql,
				   &table->columns[column].type);
		return;
	}
	if (!amph__sequence_of_column(w->arena, table, column, &q)) {
		w->buf.failed = true;
		return;
	}
	w->takes_numbers = true;
	amph_write_text(w, "amph_nextval(");
	write_rules(w, &q);
	amph_write_text(w, ")");
}

/* ---- nextval('name') ---- */

static bool find_sequence(amph_writer *w, const sql_expr *e, sql_sequence *q)
{
	const sql_expr *arg = e->args.items[0];
	const char *name;

	if (arg->kind != SQL_CONST || !arg->text || !w->names || !w->names->sequence) {
		amph_write_refuse(w, e->location, "A sequence that is not named by a constant");
		return false;
	}
	name = amph__relation_name(w->arena, arg->text);
	if (!name) {
		w->buf.failed = true;
		return false;
	}
	if (w->names->sequence(w->names->ctx, name, q))
		return true;
	w->failed = true;
	amph__error(w->err, "42P01", "relation \"%s\" does not exist", name);
	return false;
}

bool amph__write_sequence_call(amph_writer *w, const sql_expr *e)
{
	static const char *const impls[] = { "nextval_regclass", "currval_regclass",
					     "setval_regclass_int8", "setval_regclass_int8_bool" };
	sql_sequence q;
	size_t i = 0;

	if (!e->row || !amph__dialect_has(w, AMPH_DIALECT_CATALOG_TABLE))
		return false;
	while (i < sizeof impls / sizeof *impls && strcmp(e->row->impl, impls[i]) != 0)
		i++;
	if (i == sizeof impls / sizeof *impls)
		return false;
	if (i != 1 && w->sorts)
		amph_write_refuse(w, e->location, "A number of a sequence for rows that are sorted");
	if (!find_sequence(w, e, &q))
		return true;
	w->takes_numbers |= i != 1;
	if (w->program)
		w->program->numbers = true;
	amph_write_format(w, "amph_%s(", e->name);
	if (i == 1)
		amph_write_literal(w, q.key);
	else
		write_rules(w, &q);
	for (size_t k = 1; k < e->args.n; k++) {
		amph_write_text(w, ", ");
		amph_write_expr(w, e->args.items[k]);
	}
	amph_write_text(w, i == 2 ? ", 1)" : ")");
	return true;
}

/* A sequence that is made or goes leaves nothing of one that had its name. */
void amph__write_sequence(amph_writer *w, const sql_stmt *stmt)
{
	amph_write_text(w, "SELECT amph_restart(");
	amph_write_literal(w, stmt->sequence->key);
	amph_write_text(w, ")");
}
