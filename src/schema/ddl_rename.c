/* New names of indexes: the index is made anew. */
#include "ddl.h"
#include <string.h>

static bool plan_drop(ddl_run *r, const amph_known_index *known)
{
	sql_stmt *drop = amph__plan_add(&r->plan, SQL_STMT_DROP_INDEX);
	sql_index *index = AMPH_NEW(r->arena, sql_index);

	if (!drop || !index)
		return amph__error_nomem(r->err);
	index->name = known->name;
	drop->index = index;
	drop->if_exists = true;         /* one that would only be faster was not made */
	amph__catalog_remove_for(&r->plan, &(const sql_table){ .temporary = known->table->temporary },
				 "index", NULL, known->name);
	return true;
}

bool amph__ddl_rename_index(ddl_run *r, const amph_known_index *known, const char *to)
{
	const sql_stmt *table = amph__names_definition(r->names, known->table, r->err);
	sql_stmt *old = table ? amph__parse_stmt(r->arena, known->text, r->err) : NULL;
	sql_stmt *create;
	sql_index *index;

	if (amph__ddl_is_known(r, to))
		return amph__error(r->err, "42P07", "relation \"%s\" already exists", to);
	if (!old || !amph__ddl_is_clear(r, to) || !plan_drop(r, known))
		return false;
	create = amph__plan_add(&r->plan, SQL_STMT_CREATE_INDEX);
	index = amph__arena_copy(r->arena, old->index, sizeof *index);
	if (!create || !index)
		return amph__error_nomem(r->err);
	index->name = to;
	create->table = table->table;
	create->index = index;
	amph__catalog_add_index(&r->plan, table->table, index);
	return amph__ddl_touch(r);
}
