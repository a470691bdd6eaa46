/* INSERT, UPDATE, DELETE as text. */
#include "write.h"
#include <string.h>

/* The first value that is returned, or NULL, passes through what looks at the row. */
static void write_checked(amph_writer *w, const sql_stmt *stmt)
{
	const sql_target *first = stmt->returning;

	amph_write_text(w, "amph_checked(");
	amph_write_expr(w, stmt->view_check);
	amph_write_text(w, ", ");
	amph_write_literal(w, stmt->target->name);
	amph_write_text(w, ", ");
	if (first)
		amph_write_expr(w, first->expr);
	amph_write_text(w, first ? ")" : "NULL)");
	if (!first || !first->next)
		return;
	amph_write_text(w, ", ");
	amph__write_targets(w, first->next, false, NULL, 0);
}

static void write_returning(amph_writer *w, const sql_stmt *stmt)
{
	bool bare = w->bare_columns;
	bool checks = stmt->view_check && amph__dialect_has(w, AMPH_DIALECT_CATALOG_TABLE);

	if (!stmt->returning && !checks)
		return;
	w->bare_columns = w->returns = amph__dialect_has(w, AMPH_DIALECT_BARE_RETURNING);
	amph_write_text(w, " RETURNING ");
	if (checks)
		write_checked(w, stmt);
	else
		amph__write_targets(w, stmt->returning, false, NULL, 0);
	w->bare_columns = bare;
	w->returns = false;
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

/* A key that numbers itself would take NULL for a number to be found. */
static void write_value_of(amph_writer *w, const sql_table *table, const char *column,
			   const sql_expr *value)
{
	size_t i = table ? column_number(table, column) : 0;

	if (!value || !value->type.nullable || !table || i == table->n_columns ||
	    !table->columns[i].identity || !amph__dialect_has(w, AMPH_DIALECT_CATALOG_TABLE)) {
		amph_write_expr(w, value);
		return;
	}
	amph_write_text(w, "amph_not_null(");
	amph_write_expr(w, value);
	amph_write_text(w, ", ");
	amph_write_literal(w, column);
	amph_write_text(w, ", ");
	amph_write_literal(w, table->name);
	amph_write_text(w, ")");
}

/* The word DEFAULT, or what it stands for. */
static void write_assigned(amph_writer *w, const sql_stmt *stmt, const char *column,
			   const sql_expr *value)
{
	const sql_table *table = stmt->target->table;

	if (!value || value->kind != SQL_DEFAULT || amph__dialect_has(w, AMPH_DIALECT_DEFAULT_WORD))
		write_value_of(w, table, column, value);
	else
		amph__write_default(w, table, column_number(table, column));
}

/* A generated column, which only the word DEFAULT can have been given. */
static bool is_computed(const amph_writer *w, const sql_stmt *stmt, const char *name)
{
	const sql_table *t = stmt->target->table;
	size_t i = column_number(t, name);

	return t && i < t->n_columns && t->columns[i].computed_sql &&
	       !amph__dialect_has(w, AMPH_DIALECT_DEFAULT_WORD);
}

/* Where only generated columns were set, to DEFAULT. */
static void write_nothing_new(amph_writer *w, const sql_stmt *stmt)
{
	const sql_table *t = stmt->target->table;

	for (size_t i = 0; i < t->n_columns; i++) {
		if (t->columns[i].computed_sql)
			continue;
		amph_write_text(w, " SET ");
		amph_write_name(w, t->columns[i].name);
		amph_write_text(w, " = ");
		amph_write_name(w, t->columns[i].name);
		return;
	}
}

static void write_set(amph_writer *w, const sql_stmt *stmt, const sql_assign *set)
{
	const char *separator = " SET ";

	for (const sql_assign *a = set; a && !w->failed; a = a->next) {
		if (is_computed(w, stmt, a->column))
			continue;
		amph_write_text(w, separator);
		separator = ", ";
		amph_write_name(w, a->column);
		amph_write_text(w, " = ");
		write_assigned(w, stmt, a->column, a->value);
	}
	if (strcmp(separator, ", ") != 0)
		write_nothing_new(w, stmt);
}

static void write_where(amph_writer *w, const sql_expr *where)
{
	if (!where)
		return;
	amph_write_text(w, " WHERE ");
	amph_write_expr(w, where);
}

/* ---- INSERT ---- */

static bool is_written(const sql_stmt *stmt, const char *name)
{
	for (size_t i = 0; stmt->columns && stmt->columns[i]; i++)
		if (!strcmp(stmt->columns[i], name))
			return true;
	return false;
}

/* The columns that take numbers of sequences and are not written: behind the others. */
static bool next_taken(const amph_writer *w, const sql_stmt *stmt, size_t *i)
{
	const sql_table *t = stmt->target->table;

	for (; t && *i < t->n_columns; ++*i)
		if (amph__takes_numbers(w, &t->columns[*i]) && !is_written(stmt, t->columns[*i].name))
			return true;
	return false;
}

static void write_taken(amph_writer *w, const sql_stmt *stmt, const char *separator, bool names)
{
	for (size_t i = 0; next_taken(w, stmt, &i) && !w->failed; i++) {
		amph_write_text(w, separator);
		separator = ", ";
		if (names)
			amph_write_name(w, stmt->target->table->columns[i].name);
		else
			amph__write_next_number(w, stmt->target->table, i);
	}
}

static bool write_values_row(amph_writer *w, const sql_stmt *stmt, const sql_list *row)
{
	const char *separator = "";

	amph_write_text(w, "(");
	for (size_t k = 0; k < row->n; k++) {
		if (stmt->columns && is_computed(w, stmt, stmt->columns[k]))
			continue;
		amph_write_text(w, separator);
		separator = ", ";
		write_assigned(w, stmt, stmt->columns ? stmt->columns[k] : "", row->items[k]);
	}
	write_taken(w, stmt, separator, false);
	amph_write_text(w, ")");
	return !w->failed;
}

static void write_values_rows(amph_writer *w, const sql_stmt *stmt)
{
	const sql_select *s = stmt->select;

	amph_write_text(w, " VALUES ");
	for (size_t i = 0; i < s->n_values; i++) {
		amph_write_text(w, i ? ", " : "");
		if (!write_values_row(w, stmt, &s->values[i]))
			return;
	}
}

static void write_columns(amph_writer *w, const sql_stmt *stmt)
{
	const char *separator = " (";
	size_t first = 0;
	bool any = next_taken(w, stmt, &first);

	for (size_t i = 0; stmt->columns && stmt->columns[i]; i++) {
		if (is_computed(w, stmt, stmt->columns[i]))
			continue;
		amph_write_text(w, separator);
		separator = ", ";
		amph_write_name(w, stmt->columns[i]);
		any = true;
	}
	write_taken(w, stmt, separator, true);
	if (any)
		amph_write_text(w, ")");
}

static bool is_values(const sql_select *s)
{
	return s->n_values && !s->with && !s->order && !s->limit && !s->offset && !s->set_op;
}

/* Whether a query gives a column that numbers itself what may be NULL. */
static bool guards_key(const amph_writer *w, const sql_stmt *stmt, size_t k)
{
	const sql_table *t = stmt->target->table;
	const sql_select *s = stmt->select;
	size_t i = t && stmt->columns && stmt->columns[k] ? column_number(t, stmt->columns[k]) : 0;

	return t && stmt->columns && k < s->n_columns && i < t->n_columns && t->columns[i].identity &&
	       s->columns[k].type.nullable && !(s->from && s->from->kind == SQL_ROWS) &&
	       amph__dialect_has(w, AMPH_DIALECT_CATALOG_TABLE);
}

static bool guards_keys(const amph_writer *w, const sql_stmt *stmt)
{
	for (size_t k = 0; stmt->columns && stmt->columns[k]; k++)
		if (guards_key(w, stmt, k))
			return true;
	return false;
}

static void write_guarded(amph_writer *w, const sql_stmt *stmt)
{
	const sql_select *s = stmt->select;
	const char **names = AMPH_NEWS(w->arena, const char *, s->n_columns + 1);

	amph_write_text(w, " SELECT ");
	for (size_t k = 0; names && k < s->n_columns; k++) {
		names[k] = amph__arena_printf(w->arena, "v%zu", k);
		if (!guards_key(w, stmt, k)) {
			amph_write_format(w, "%s\"v%zu\"", k ? ", " : "", k);
			continue;
		}
		amph_write_format(w, "%samph_not_null(\"v%zu\", ", k ? ", " : "", k);
		amph_write_literal(w, stmt->columns[k]);
		amph_write_text(w, ", ");
		amph_write_literal(w, stmt->target->table->name);
		amph_write_text(w, ")");
	}
	write_taken(w, stmt, ", ", false);
	amph_write_text(w, " FROM (");
	if (names)
		amph__write_select(w, s, names, s->n_columns);
	if (s->order && !s->limit && !s->offset)
		amph_write_text(w, " LIMIT -1");
	amph_write_text(w, ") AS \"source\" WHERE TRUE");
}

/* ON after a FROM would be read as that of a join unless a WHERE stands between them. */
static void write_source(amph_writer *w, const sql_stmt *stmt)
{
	const sql_select *s = stmt->select;
	size_t first = 0;
	bool taken = next_taken(w, stmt, &first);

	if (!s && taken) {
		amph_write_text(w, " VALUES ");
		write_values_row(w, stmt, &(const sql_list){ .n = 0 });
	} else if (!s) {
		amph_write_text(w, " DEFAULT VALUES");
	} else if (!is_values(s) && guards_keys(w, stmt)) {
		write_guarded(w, stmt);
	} else if (taken && !is_values(s)) {
		/* the rows are sorted before they get their numbers */
		amph_write_text(w, " SELECT *");
		write_taken(w, stmt, ", ", false);
		amph_write_text(w, " FROM (");
		amph__write_select(w, s, NULL, 0);
		if (s->order && !s->limit && !s->offset)
			amph_write_text(w, " LIMIT -1");
		amph_write_text(w, ") AS \"source\" WHERE TRUE");
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
	if (table->primary_name && !strcmp(table->primary_name, name))
		return table->primary_key;
	for (size_t i = 0; table->unique_names && table->uniques[i]; i++)
		if (!strcmp(table->unique_names[i], name))
			return table->uniques[i];
	if (table->unique_names)
		return NULL;
	if (table->primary_key && is_named_after(w, table, NULL, "pkey", name))
		return table->primary_key;
	for (size_t i = 0; table->uniques && table->uniques[i]; i++)
		if (is_named_after(w, table, table->uniques[i], "key", name))
			return table->uniques[i];
	return NULL;
}

static void write_bare_where(amph_writer *w, const sql_expr *where)
{
	bool bare = w->bare_columns;

	w->bare_columns = true;
	write_where(w, where);
	w->bare_columns = bare;
}

/* An index by what it was made of, which is how the database finds it again. */
static void write_arbiter(amph_writer *w, const sql_table *table, const sql_index *index)
{
	bool bare = w->bare_columns;

	w->bare_columns = true;
	amph_write_text(w, " (");
	for (size_t i = 0; i < index->n_keys; i++) {
		if (i)
			amph_write_text(w, ", ");
		amph__write_index_key(w, table, &index->keys[i]);
	}
	amph_write_text(w, ")");
	if (index->where_sql) {
		amph_write_text(w, " WHERE ");
		amph__write_native(w, table, index->where_sql, NULL);
	}
	w->bare_columns = bare;
}

static void write_conflict_target(amph_writer *w, const sql_stmt *stmt)
{
	const sql_conflict *c = stmt->conflict;
	const char *const *columns = c->columns;

	if (c->arbiter) {
		write_arbiter(w, stmt->target->table, c->arbiter);
		return;
	}
	if (c->constraint && amph__dialect_has(w, AMPH_DIALECT_NAMED_CONFLICTS)) {
		amph_write_text(w, " ON CONSTRAINT ");
		amph_write_name(w, c->constraint);
		return;
	}
	if (c->constraint) {
		columns = constraint_columns(w, stmt->target->table, c->constraint);
		if (!columns && stmt->target->table && stmt->target->table->unique_names) {
			w->failed = true;
			amph__error(w->err, "42704", "constraint \"%s\" for table \"%s\" does not exist",
				    c->constraint, stmt->target->table->name);
			return;
		}
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
	write_bare_where(w, c->columns_where);
}

static void write_row_id(amph_writer *w, const sql_range *target)
{
	amph_write_name(w, target->alias ? target->alias
			   : target->table ? target->table->name : target->name);
	amph_write_text(w, ".");
	amph_write_text(w, w->dialect->row_id);
}

static bool is_one_row(const sql_stmt *stmt)
{
	return !stmt->select || (is_values(stmt->select) && stmt->select->n_values == 1);
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
	if (is_one_row(stmt) || !amph__dialect_has(w, AMPH_DIALECT_CATALOG_TABLE)) {
		write_where(w, c->where);
		return;
	}
	w->upserts = true;
	amph_write_text(w, " WHERE amph_once(");
	write_row_id(w, stmt->target);
	amph_write_text(w, ")");
	if (c->where) {
		amph_write_text(w, " AND ");
		amph_write_expr(w, c->where);
	}
}

/* One row of values is to PostgreSQL a query, in which functions may return sets. */
static sql_select *query_of_sets(amph_writer *w, const sql_select *s)
{
	sql_select *out = AMPH_NEW(w->arena, sql_select);
	sql_target **next = out ? &out->targets : NULL;

	if (!out)
		return NULL;
	*out = *s;
	out->values = NULL;
	out->n_values = 0;
	for (size_t i = 0; i < s->values[0].n; i++) {
		sql_target *t = AMPH_NEW(w->arena, sql_target);

		if (!t || s->values[0].items[i]->kind == SQL_DEFAULT)
			return NULL;
		t->expr = s->values[0].items[i];
		t->name = amph__arena_printf(w->arena, "v%zu", i);
		*next = t;
		next = &t->next;
	}
	return amph__write_find_sets(w, out) ? out : NULL;
}

void amph__write_insert(amph_writer *w, const sql_stmt *stmt)
{
	sql_select *sets = stmt->select && stmt->select->n_values == 1 && is_values(stmt->select)
				   ? query_of_sets(w, stmt->select) : NULL;
	sql_stmt source = *stmt;

	if (sets)
		source.select = sets;
	amph__write_with(w, stmt->with, stmt->with_recursive);
	amph_write_text(w, "INSERT INTO ");
	write_target(w, stmt);
	write_columns(w, stmt);
	if (amph__dialect_has(w, AMPH_DIALECT_NATIVE_TEXT))
		amph_write_text(w, stmt->overriding_system ? " OVERRIDING SYSTEM VALUE"
				   : stmt->overriding_user ? " OVERRIDING USER VALUE" : "");
	write_source(w, &source);
	write_conflict(w, &source);
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

/* Without USING: the rows that the join finds. An EXISTS would look at every row of the table. */
static void write_delete_where(amph_writer *w, const sql_stmt *stmt)
{
	bool joined = stmt->from && !amph__dialect_has(w, AMPH_DIALECT_DELETE_USING);

	if (joined && !w->dialect->row_id) {
		amph_write_refuse(w, stmt->location, "DELETE with joins");
	} else if (joined) {
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
