/* INSERT, UPDATE, DELETE as text. */
#include "write.h"
#include <string.h>

static void write_returning(amph_writer *w, const sql_stmt *stmt)
{
	bool bare = w->bare_columns;

	if (!stmt->returning)
		return;
	w->bare_columns = amph__dialect_has(w, AMPH_DIALECT_BARE_RETURNING);
	amph_write_text(w, " RETURNING ");
	amph__write_targets(w, stmt->returning, false, NULL, 0);
	w->bare_columns = bare;
}

static void write_target(amph_writer *w, const sql_stmt *stmt)
{
	const sql_range *t = stmt->target;
	const char *name = t->table ? t->table->name : t->name;
	const char *schema = t->table ? t->table->schema : t->schema;

	amph__write_object(w, schema, name);
	if (t->alias && (schema || strcmp(t->alias, name))) {
		amph_write_text(w, " AS ");
		amph_write_name(w, t->alias);
	}
}

static size_t column_number(const sql_table *table, const char *name)
{
	size_t i = 0;

	while (table && i < table->n_columns && strcmp(table->columns[i].name, name))
		i++;
	return i;
}

/* The word DEFAULT, or what it stands for. */
static void write_assigned(amph_writer *w, const sql_stmt *stmt, const char *column,
			   const sql_expr *value)
{
	const sql_table *table = stmt->target->table;

	if (!value || value->kind != SQL_DEFAULT || amph__dialect_has(w, AMPH_DIALECT_DEFAULT_WORD))
		amph_write_expr(w, value);
	else
		amph__write_default(w, table, column_number(table, column));
}

static void write_set(amph_writer *w, const sql_stmt *stmt, const sql_assign *set)
{
	amph_write_text(w, " SET ");
	for (const sql_assign *a = set; a && !w->failed; a = a->next) {
		if (a != set)
			amph_write_text(w, ", ");
		amph_write_name(w, a->column);
		amph_write_text(w, " = ");
		write_assigned(w, stmt, a->column, a->value);
	}
}

static void write_where(amph_writer *w, const sql_expr *where)
{
	if (!where)
		return;
	amph_write_text(w, " WHERE ");
	amph_write_expr(w, where);
}

/* ---- INSERT ---- */

static void write_values_rows(amph_writer *w, const sql_stmt *stmt)
{
	const sql_select *s = stmt->select;

	amph_write_text(w, " VALUES ");
	for (size_t i = 0; i < s->n_values && !w->failed; i++) {
		amph_write_text(w, i ? ", (" : "(");
		for (size_t k = 0; k < s->values[i].n; k++) {
			if (k)
				amph_write_text(w, ", ");
			write_assigned(w, stmt, stmt->columns ? stmt->columns[k] : "",
				       s->values[i].items[k]);
		}
		amph_write_text(w, ")");
	}
}

static bool is_values(const sql_select *s)
{
	return s->n_values && !s->with && !s->order && !s->limit && !s->offset && !s->set_op;
}

/* ON after a FROM would be read as that of a join unless a WHERE stands between them. */
static void write_source(amph_writer *w, const sql_stmt *stmt)
{
	const sql_select *s = stmt->select;

	if (!s) {
		amph_write_text(w, " DEFAULT VALUES");
	} else if (is_values(s)) {
		write_values_rows(w, stmt);
	} else if (stmt->conflict && (s->set_op || !s->where || s->with)) {
		amph_write_text(w, " SELECT * FROM (");
		amph__write_select(w, s, NULL, 0);
		amph_write_text(w, ") AS \"source\" WHERE TRUE");
	} else {
		amph_write_text(w, " ");
		amph__write_select(w, s, NULL, 0);
	}
}

/* Whether name is what PostgreSQL calls a constraint of the columns: table_a_b_suffix. */
static bool is_named_after(amph_writer *w, const sql_table *table, const char *const *columns,
			   const char *suffix, const char *name)
{
	const char *made = table->name;

	for (size_t i = 0; columns && columns[i] && made; i++)
		made = amph__arena_printf(w->arena, "%s_%s", made, columns[i]);
	made = made ? amph__arena_printf(w->arena, "%s_%s", made, suffix) : NULL;
	return made && !strcmp(made, name);
}

static const char *const *constraint_columns(amph_writer *w, const sql_table *table,
					     const char *name)
{
	if (!table)
		return NULL;
	if (table->primary_key && is_named_after(w, table, NULL, "pkey", name))
		return table->primary_key;
	for (size_t i = 0; table->uniques && table->uniques[i]; i++)
		if (is_named_after(w, table, table->uniques[i], "key", name))
			return table->uniques[i];
	return NULL;
}

static void write_conflict_target(amph_writer *w, const sql_stmt *stmt)
{
	const sql_conflict *c = stmt->conflict;
	const char *const *columns = c->columns;

	if (c->constraint && amph__dialect_has(w, AMPH_DIALECT_NAMED_CONFLICTS)) {
		amph_write_text(w, " ON CONSTRAINT ");
		amph_write_name(w, c->constraint);
		return;
	}
	if (c->constraint) {
		columns = constraint_columns(w, stmt->target->table, c->constraint);
		if (!columns) {
			amph_write_refuse(w, stmt->location, "ON CONFLICT ON CONSTRAINT of this name");
			return;
		}
	}
	if (!columns)
		return;
	amph_write_text(w, " (");
	amph__write_names(w, columns);
	amph_write_text(w, ")");
	if (c->columns_where) {
		w->bare_columns = true;
		write_where(w, c->columns_where);
		w->bare_columns = false;
	}
}

static void write_conflict(amph_writer *w, const sql_stmt *stmt)
{
	const sql_conflict *c = stmt->conflict;

	if (!c)
		return;
	amph_write_text(w, " ON CONFLICT");
	write_conflict_target(w, stmt);
	if (!c->set) {
		amph_write_text(w, " DO NOTHING");
		return;
	}
	amph_write_text(w, " DO UPDATE");
	write_set(w, stmt, c->set);
	write_where(w, c->where);
}

void amph__write_insert(amph_writer *w, const sql_stmt *stmt)
{
	amph__write_with(w, stmt->with, stmt->with_recursive);
	amph_write_text(w, "INSERT INTO ");
	write_target(w, stmt);
	if (stmt->columns && stmt->columns[0]) {
		amph_write_text(w, " (");
		amph__write_names(w, stmt->columns);
		amph_write_text(w, ")");
	}
	if (stmt->overriding_system)
		amph_write_text(w, amph__dialect_has(w, AMPH_DIALECT_NATIVE_TEXT)
					   ? " OVERRIDING SYSTEM VALUE" : "");
	write_source(w, stmt);
	write_conflict(w, stmt);
	write_returning(w, stmt);
}

/* ---- UPDATE, DELETE ---- */

void amph__write_update(amph_writer *w, const sql_stmt *stmt)
{
	amph__write_with(w, stmt->with, stmt->with_recursive);
	amph_write_text(w, "UPDATE ");
	write_target(w, stmt);
	write_set(w, stmt, stmt->set);
	if (stmt->from) {
		amph_write_text(w, " FROM ");
		amph__write_from(w, stmt->from);
	}
	write_where(w, stmt->where);
	write_returning(w, stmt);
}

static void write_row_id(amph_writer *w, const sql_range *target)
{
	amph_write_name(w, target->alias ? target->alias
			   : target->table ? target->table->name : target->name);
	amph_write_text(w, ".");
	amph_write_text(w, w->dialect->row_id);
}

/* Without USING: the rows that the join finds. An EXISTS would look at every row of the table. */
static void write_delete_where(amph_writer *w, const sql_stmt *stmt)
{
	bool joined = stmt->from && !amph__dialect_has(w, AMPH_DIALECT_DELETE_USING);

	if (joined) {
		amph_write_text(w, " WHERE ");
		write_row_id(w, stmt->target);
		amph_write_text(w, " IN (SELECT ");
		write_row_id(w, stmt->target);
		amph_write_text(w, " FROM ");
		write_target(w, stmt);
		amph_write_text(w, ", ");
		amph__write_from(w, stmt->from);
	} else if (stmt->from) {
		amph_write_text(w, " USING ");
		amph__write_from(w, stmt->from);
	}
	write_where(w, stmt->where);
	if (joined)
		amph_write_text(w, ")");
}

void amph__write_delete(amph_writer *w, const sql_stmt *stmt)
{
	amph__write_with(w, stmt->with, stmt->with_recursive);
	amph_write_text(w, "DELETE FROM ");
	write_target(w, stmt);
	write_delete_where(w, stmt);
	write_returning(w, stmt);
}
