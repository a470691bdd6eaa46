/* ALTER TABLE and ALTER VIEW, new names among them. */
#include "parse.h"
#include <string.h>

#define AT(name) PG_QUERY__ALTER_TABLE_TYPE__AT_##name
static const struct { PgQuery__AlterTableType from; sql_alter_kind to; } alters[] = {
	{ AT(AddColumn), SQL_ADD_COLUMN }, { AT(DropColumn), SQL_DROP_COLUMN },
	{ AT(AlterColumnType), SQL_COLUMN_TYPE }, { AT(ColumnDefault), SQL_SET_DEFAULT },
	{ AT(SetNotNull), SQL_SET_NOT_NULL }, { AT(DropNotNull), SQL_DROP_NOT_NULL },
	{ AT(AddConstraint), SQL_ADD_CONSTRAINT }, { AT(DropConstraint), SQL_DROP_CONSTRAINT },
	{ AT(SetStorage), SQL_ALTER_NOTHING }, { AT(SetStatistics), SQL_ALTER_NOTHING },
	{ AT(SetRelOptions), SQL_ALTER_NOTHING }, { AT(ResetRelOptions), SQL_ALTER_NOTHING },
	{ AT(SetCompression), SQL_ALTER_NOTHING }, { AT(DropCluster), SQL_ALTER_NOTHING },
	{ AT(ValidateConstraint), SQL_VALIDATE }, { AT(AddIdentity), SQL_ADD_IDENTITY },
	{ AT(SetIdentity), SQL_SET_IDENTITY }, { AT(DropIdentity), SQL_DROP_IDENTITY },
	{ AT(DropExpression), SQL_DROP_EXPRESSION }
};

static bool set_alter_kind(sql_parser *p, const PgQuery__AlterTableCmd *c, sql_alter *a)
{
	for (size_t i = 0; i < sizeof(alters) / sizeof(alters[0]); i++) {
		if (alters[i].from != c->subtype)
			continue;
		a->kind = alters[i].to;
		return true;
	}
	return amph__parse_refuse(p, -1, "this form of ALTER TABLE");
}

static bool set_alter_column(sql_parser *p, const PgQuery__AlterTableCmd *c, const char *table,
			     sql_alter *a)
{
	sql_constraint **next = &a->constraints;
	const PgQuery__ColumnDef *d;

	a->column = AMPH_NEW(p->arena, sql_column_def);
	if (!a->column)
		return false;
	if (a->kind == SQL_SET_DEFAULT) {
		a->column->default_sql = amph__parse_deparse(p, c->def);
		return !p->failed;
	}
	d = c->def->column_def;
	if (a->kind == SQL_COLUMN_TYPE && d->raw_default)
		a->using_sql = amph__parse_deparse(p, d->raw_default);
	return amph__parse_column(p, d, table, a->column, &next);
}

static bool set_added_identity(sql_parser *p, const PgQuery__Constraint *c, sql_alter *a)
{
	a->column = AMPH_NEW(p->arena, sql_column_def);
	if (!a->column)
		return false;
	if (c->n_options) {
		a->column->sequence = amph__parse_sequence(p, c->n_options, c->options);
		if (!a->column->sequence)
			return false;
	}
	a->column->identity = true;
	a->column->identity_always = c->generated_when && *c->generated_when == 'a';
	return true;
}

static bool set_identity(sql_parser *p, const PgQuery__List *options, sql_alter *a)
{
	a->always = -1;
	for (size_t i = 0; i < options->n_items; i++) {
		const PgQuery__DefElem *o = options->items[i]->def_elem;

		if (!strcmp(o->defname, "generated") && o->arg)
			a->always = o->arg->integer->ival == 'a';
		else if (!strcmp(o->defname, "restart") && !o->arg)
			a->restart = true;
		else
			return amph__parse_refuse(p, o->location, "another option of an identity");
	}
	return true;
}

static sql_alter *set_view_options(sql_parser *p, const PgQuery__List *options, bool reset, sql_alter *a)
{
	a->kind = SQL_VIEW_CHECK;
	a->check = SQL_CHECK_KEPT;
	if (!reset)
		a->problem = amph__parse_view_options(p, options->n_items, options->items, &a->check);
	for (size_t i = 0; reset && i < options->n_items; i++)
		if (!strcmp(options->items[i]->def_elem->defname, "check_option"))
			a->check = SQL_CHECK_NONE;
	return a;
}

static sql_alter *parse_command(sql_parser *p, const PgQuery__AlterTableCmd *c, const sql_stmt *s)
{
	sql_alter *a = AMPH_NEW(p->arena, sql_alter);

	if (!a || !set_alter_kind(p, c, a))
		return NULL;
	a->name = amph__parse_text(p, c->name);
	a->missing_ok = c->missing_ok;
	a->cascade = c->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
	a->location = -1;
	switch (a->kind) {
	case SQL_ADD_COLUMN:
	case SQL_COLUMN_TYPE:
	case SQL_SET_DEFAULT:
		return set_alter_column(p, c, s->target ? s->target->name : "", a) ? a : NULL;
	case SQL_ADD_IDENTITY:
		return set_added_identity(p, c->def->constraint, a) ? a : NULL;
	case SQL_SET_IDENTITY:
		return set_identity(p, c->def->list, a) ? a : NULL;
	case SQL_ADD_CONSTRAINT:
		a->constraints = amph__parse_constraint(p, c->def->constraint, NULL);
		return a->constraints ? a : NULL;
	case SQL_ALTER_NOTHING:
		if (!s->of_view || !c->def || c->def->node_case != PG_QUERY__NODE__NODE_LIST)
			return a;
		return set_view_options(p, c->def->list, c->subtype == AT(ResetRelOptions), a);
	default:
		return a;
	}
}

sql_stmt *amph__parse_alter(sql_parser *p, const PgQuery__AlterTableStmt *t)
{
	sql_stmt *s = amph__parse_new_stmt(p, SQL_STMT_ALTER_TABLE);
	sql_alter **next = s ? &s->alters : NULL;

	if (!s)
		return NULL;
	s->of_view = t->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_VIEW;
	if (!s->of_view && t->objtype != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE)
		return amph__parse_refuse(p, t->relation->location, "ALTER of anything but a table or view");
	s->target = amph__parse_table(p, t->relation);
	s->if_exists = t->missing_ok;
	for (size_t i = 0; i < t->n_cmds; i++) {
		*next = parse_command(p, t->cmds[i]->alter_table_cmd, s);
		if (!*next)
			return NULL;
		next = &(*next)->next;
	}
	return s;
}

/* What a new name may be of; columns are those of tables and views. */
static const struct { PgQuery__ObjectType type; sql_alter_kind kind; } renames[] = {
	{ PG_QUERY__OBJECT_TYPE__OBJECT_TABLE, SQL_RENAME_TABLE },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_VIEW, SQL_RENAME_TABLE },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_INDEX, SQL_RENAME_TABLE },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_TABCONSTRAINT, SQL_RENAME_CONSTRAINT },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN, SQL_RENAME_COLUMN }
};

sql_stmt *amph__parse_rename(sql_parser *p, const PgQuery__RenameStmt *r)
{
	bool column = r->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN;
	PgQuery__ObjectType of = column ? r->relation_type : r->rename_type;
	sql_stmt *s = amph__parse_new_stmt(p, SQL_STMT_ALTER_TABLE);
	sql_alter *a = AMPH_NEW(p->arena, sql_alter);
	size_t i = 0;

	if (!s || !a)
		return NULL;
	while (i < sizeof renames / sizeof *renames && renames[i].type != r->rename_type)
		i++;
	s->of_view = of == PG_QUERY__OBJECT_TYPE__OBJECT_VIEW;
	s->of_index = of == PG_QUERY__OBJECT_TYPE__OBJECT_INDEX;
	if (!r->relation || i == sizeof renames / sizeof *renames ||
	    (column && !s->of_view && of != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE))
		return amph__parse_refuse(p, -1, "RENAME of anything but a table, a view, an index, or their "
					  "columns and constraints");
	*a = (sql_alter){ .kind = renames[i].kind, .location = -1,
			  .name = amph__parse_text(p, r->subname),
			  .new_name = amph__parse_text(p, r->newname) };
	s->target = amph__parse_table(p, r->relation);
	s->if_exists = r->missing_ok;
	s->alters = a;
	return s;
}
