/* COMMENT ON TABLE and COLUMN, which the catalogue keeps. */
#include "ddl.h"
#include <string.h>

static bool has_column(const sql_table *table, const char *name)
{
	for (size_t i = 0; i < table->n_columns; i++)
		if (!strcmp(table->columns[i].name, name))
			return true;
	return false;
}

static bool fail_kind(ddl_run *r, const sql_range *target)
{
	if (amph__map_get(&r->names->views, target->name, strlen(target->name)))
		return r->stmt->columns
			? amph__error(r->err, "0A000", "a comment on a column of a view is not supported")
			: amph__error(r->err, "42809", "\"%s\" is not a table", target->name);
	if (r->names->names.table(r->names, target->schema, target->name))
		return amph__error(r->err, "0A000", "a comment on a table of the models (\"%s\") is not "
				   "supported: the model has it", target->name);
	return amph__ddl_missing(r, "relation", target->schema, target->name);
}

bool amph__ddl_comment(ddl_run *r)
{
	const sql_range *target = r->stmt->target;
	const char *column = r->stmt->columns ? r->stmt->columns[0] : NULL;
	amph_known_table *known = amph__names_known(r->names, target->schema, target->name);
	const sql_stmt *stmt = known ? amph__names_definition(r->names, known, r->err) : NULL;

	if (!known)
		return fail_kind(r, target);
	if (!stmt)
		return false;
	if (column && !has_column(stmt->table, column))
		return amph__error(r->err, "42703", "column \"%s\" of relation \"%s\" does not exist", column,
				   target->name);
	amph__catalog_remove_row(&r->plan, stmt->table, column ? "comment" : "table",
				 column ? column : stmt->table->name);
	if (!column || r->stmt->comment)
		amph__catalog_add_row(&r->plan, stmt->table, column ? "comment" : "table",
				      column ? column : stmt->table->name, r->stmt->comment);
	return amph__ddl_touch(r);
}
