/* CREATE TABLE: columns and constraints. Which names they get that have none is not decided here. */
#include "parse.h"
#include <string.h>

/* ---- constraints ---- */

static const char *action_of(const char *code)
{
	switch (code && *code ? *code : 'a') {
	case 'c': return "CASCADE";
	case 'n': return "SET NULL";
	case 'd': return "SET DEFAULT";
	case 'r': return "RESTRICT";
	default: return NULL;
	}
}

static const char *const *one_name(sql_parser *p, const char *name)
{
	const char **names = AMPH_NEWS(p->arena, const char *, 2);

	if (names)
		names[0] = amph__parse_text(p, name);
	return names;
}

static const char *const *columns_of(sql_parser *p, size_t n, pg_node *const *names,
				     const char *column)
{
	return n ? amph__parse_names(p, n, names) : column ? one_name(p, column) : NULL;
}

static bool set_foreign_key(sql_parser *p, const PgQuery__Constraint *c, sql_constraint *k,
			    const char *column)
{
	if (c->n_fk_del_set_cols)
		return amph__parse_refuse(p, c->location, "a list of columns of ON DELETE");
	if (c->pktable->schemaname && *c->pktable->schemaname &&
	    strcmp(c->pktable->schemaname, "public") != 0)
		return amph__parse_refuse(p, c->location, "a schema in REFERENCES");
	k->columns = columns_of(p, c->n_fk_attrs, c->fk_attrs, column);
	k->target = amph__parse_text(p, c->pktable->relname);
	k->target_columns = amph__parse_names(p, c->n_pk_attrs, c->pk_attrs);
	k->on_delete = action_of(c->fk_del_action);
	k->on_update = action_of(c->fk_upd_action);
	k->match_full = c->fk_matchtype && *c->fk_matchtype == 'f';
	if (c->fk_matchtype && *c->fk_matchtype == 'p')
		return amph__parse_refuse(p, c->location, "MATCH PARTIAL");
	k->not_valid = c->skip_validation && !c->initially_valid;
	return true;
}

static bool set_key(sql_parser *p, const PgQuery__Constraint *c, sql_constraint *k, const char *column)
{
	if (c->n_including || c->nulls_not_distinct || (c->indexname && *c->indexname))
		return amph__parse_refuse(p, c->location, c->n_including ? "INCLUDE"
					  : c->nulls_not_distinct ? "NULLS NOT DISTINCT"
					  : "a constraint USING INDEX");
	k->columns = columns_of(p, c->n_keys, c->keys, column);
	return true;
}

sql_constraint *amph__parse_constraint(sql_parser *p, const PgQuery__Constraint *c, const char *column)
{
	sql_constraint *k = AMPH_NEW(p->arena, sql_constraint);
	bool ok = k != NULL;

	if (!k)
		return NULL;
	k->name = amph__parse_text(p, c->conname);
	k->deferrable = c->deferrable;
	k->deferred = c->initdeferred;
	switch (c->contype) {
	case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK:
		k->kind = 'c';
		k->check_sql = amph__parse_deparse(p, c->raw_expr);
		k->not_valid = c->skip_validation && !c->initially_valid;
		break;
	case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY:
	case PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE:
		k->kind = c->contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY ? 'p' : 'u';
		ok = set_key(p, c, k, column);
		break;
	case PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN:
		k->kind = 'f';
		ok = set_foreign_key(p, c, k, column);
		break;
	default:
		return amph__parse_refuse(p, c->location, "this kind of constraint");
	}
	return ok && !p->failed ? k : NULL;
}

/* ---- columns ---- */

static const struct { const char *name; amph_type type; } serials[] = {
	{ "serial", AMPH_T_INT32 }, { "serial4", AMPH_T_INT32 }, { "bigserial", AMPH_T_INT64 },
	{ "serial8", AMPH_T_INT64 }, { "smallserial", AMPH_T_INT16 }, { "serial2", AMPH_T_INT16 }
};

static bool set_serial(const PgQuery__TypeName *t, sql_column_def *column)
{
	for (size_t i = 0; i < sizeof(serials) / sizeof(serials[0]); i++) {
		if (t->n_names != 1 || strcmp(t->names[0]->string->sval, serials[i].name) != 0)
			continue;
		column->type = (amph_sqltype){ .type = (uint8_t)serials[i].type };
		column->identity = column->serial = true;
		return true;
	}
	return false;
}

/* Labels are not known here: an enum is its name. */
static bool set_type(sql_parser *p, const PgQuery__TypeName *t, sql_column_def *column)
{
	const char *enum_name;
	amph_enum_type *e;

	if (set_serial(t, column))
		return true;
	if (!amph__parse_type(p, t, &column->type, &enum_name))
		return false;
	if (!enum_name)
		return true;
	e = AMPH_NEW(p->arena, amph_enum_type);
	if (!e)
		return false;
	e->name = enum_name;
	column->type.enumeration = e;
	return true;
}

static bool is_plain_collation(const PgQuery__CollateClause *c)
{
	const char *name = c->n_collname ? c->collname[c->n_collname - 1]->string->sval : "";

	return !strcmp(name, "C") || !strcmp(name, "default");
}

/* Of columns there is only the one collation, lest two of them meet. */
static bool check_collation(sql_parser *p, const PgQuery__CollateClause *c, const amph_sqltype *type)
{
	int base = type->type & ~AMPH_T_ARRAY;

	if (c && base != AMPH_T_TEXT && base != AMPH_T_ENUM)
		return amph__parse_fail(p, c->location, "42804",
					"collations are not supported by this type");
	return !c || is_plain_collation(c) || amph__parse_refuse(p, c->location, "this collation");
}

/* What follows the constraint that it is about. */
static bool set_attribute(sql_constraint *last, PgQuery__ConstrType type)
{
	if (!last)
		return false;
	if (type == PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRABLE)
		last->deferrable = true;
	if (type == PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRED)
		last->deferrable = last->deferred = true;
	return true;
}

/* What a column may be said only once, and what its declarations may not be together. */
typedef struct declared {
	const char *table;              /* for messages */
	sql_constraint *last;
	bool null, not_null, given, computed, identity;
} declared;

static bool fail_twice(sql_parser *p, const declared *said, const sql_column_def *column, int location,
		       const char *what)
{
	amph__parse_fail(p, location, "42601", "%s for column \"%s\" of table \"%s\"", what, column->name,
			 said->table);
	return false;
}

static bool say_null(sql_parser *p, const PgQuery__Constraint *c, const sql_column_def *column,
		     declared *said, bool null)
{
	if (null ? said->not_null : said->null)
		return fail_twice(p, said, column, c->location, "conflicting NULL/NOT NULL declarations");
	*(null ? &said->null : &said->not_null) = true;
	return true;
}

static bool say_value(sql_parser *p, const PgQuery__Constraint *c, const sql_column_def *column,
		      bool *before, declared *said)
{
	const char *what = before == &said->given ? "multiple default values specified"
		: before == &said->computed ? "multiple generation clauses specified"
		: "multiple identity specifications";

	if (*before)
		return fail_twice(p, said, column, c->location, what);
	*before = true;
	if (said->given && said->identity)
		return fail_twice(p, said, column, c->location, "both default and identity specified");
	if (said->given && said->computed)
		return fail_twice(p, said, column, c->location,
				  "both default and generation expression specified");
	return !(said->identity && said->computed) ||
	       fail_twice(p, said, column, c->location,
			  "both identity and generation expression specified");
}

static bool say_identity(sql_parser *p, const PgQuery__Constraint *c, sql_column_def *column,
			 declared *said)
{
	if (!say_value(p, c, column, &said->identity, said) || !say_null(p, c, column, said, false))
		return false;
	if (c->n_options) {
		column->sequence = amph__parse_sequence(p, c->n_options, c->options);
		if (!column->sequence)
			return false;
	}
	column->identity = true;
	column->identity_always = c->generated_when && *c->generated_when == 'a';
	column->type.nullable = false;
	return true;
}

static bool column_constraint(sql_parser *p, const PgQuery__Constraint *c, sql_column_def *column,
			      sql_constraint ***next, declared *said)
{
	switch (c->contype) {
	case PG_QUERY__CONSTR_TYPE__CONSTR_NULL:
		return say_null(p, c, column, said, true);
	case PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL:
		column->type.nullable = false;
		return say_null(p, c, column, said, false);
	case PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT:
		column->default_sql = amph__parse_deparse(p, c->raw_expr);
		return column->default_sql && say_value(p, c, column, &said->given, said);
	case PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED:
		column->computed_sql = amph__parse_deparse(p, c->raw_expr);
		return column->computed_sql && say_value(p, c, column, &said->computed, said);
	case PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY:
		return say_identity(p, c, column, said);
	case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRABLE:
	case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_NOT_DEFERRABLE:
	case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRED:
	case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_IMMEDIATE:
		return set_attribute(said->last, c->contype) ||
		       amph__parse_fail(p, c->location, "42601", "misplaced DEFERRABLE clause");
	default:
		said->last = **next = amph__parse_constraint(p, c, column->name);
		if (!**next)
			return false;
		*next = &(**next)->next;
		return true;
	}
}

bool amph__parse_column(sql_parser *p, const PgQuery__ColumnDef *d, const char *table,
			sql_column_def *column, sql_constraint ***constraints)
{
	declared said = { .table = table };

	column->name = amph__parse_text(p, d->colname);
	if (!set_type(p, d->type_name, column))
		return false;
	if (!check_collation(p, d->coll_clause, &column->type))
		return false;
	said.given = said.not_null = column->serial;
	for (size_t i = 0; i < d->n_constraints; i++)
		if (!column_constraint(p, d->constraints[i]->constraint, column, constraints, &said))
			return false;
	return true;
}

/* ---- domains: of one column, whose constraints are theirs ---- */

static bool domain_constraint(sql_parser *p, const PgQuery__Constraint *c, sql_column_def *column,
			      sql_constraint ***next, declared *said)
{
	switch (c->contype) {
	case PG_QUERY__CONSTR_TYPE__CONSTR_NULL:
	case PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL:
	case PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT:
	case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK:
		return column_constraint(p, c, column, next, said);
	default:
		return amph__parse_fail(p, c->location, "42601",
					"this constraint is not possible for domains");
	}
}

sql_stmt *amph__parse_domain(sql_parser *p, const PgQuery__CreateDomainStmt *c)
{
	sql_stmt *s = amph__parse_new_stmt(p, SQL_STMT_CREATE_DOMAIN);
	sql_table *table = AMPH_NEW(p->arena, sql_table);
	sql_column_def *column = AMPH_NEW(p->arena, sql_column_def);
	size_t n = c->n_domainname;

	if (!s || !table || !column || !n)
		return NULL;
	table->name = amph__parse_text(p, c->domainname[n - 1]->string->sval);
	table->schema = n > 1 ? amph__parse_text(p, c->domainname[n - 2]->string->sval) : NULL;
	table->columns = column;
	table->n_columns = 1;
	column->name = "value";
	declared said = { .table = table->name };
	sql_constraint **next = &s->constraints;
	if (!set_type(p, c->type_name, column) || !check_collation(p, c->coll_clause, &column->type))
		return NULL;
	if (column->serial)
		return amph__parse_fail(p, c->type_name->location, "42704", "type \"serial\" does not exist");
	for (size_t i = 0; i < c->n_constraints; i++)
		if (!domain_constraint(p, c->constraints[i]->constraint, column, &next, &said))
			return NULL;
	s->table = table;
	return s;
}

/* ---- tables ---- */

static size_t count_columns(const PgQuery__CreateStmt *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_table_elts; i++)
		n += c->table_elts[i]->node_case == PG_QUERY__NODE__NODE_COLUMN_DEF;
	return n;
}

/* PostgreSQL's bits. */
static const struct { unsigned bit, option; } like_options[] = {
	{ 1, SQL_LIKE_COMMENTS }, { 1 << 2, SQL_LIKE_CHECKS }, { 1 << 3, SQL_LIKE_DEFAULTS },
	{ 1 << 4, SQL_LIKE_COMPUTED }, { 1 << 5, SQL_LIKE_IDENTITY }, { 1 << 6, SQL_LIKE_KEYS }
};

static bool add_like(sql_parser *p, const PgQuery__TableLikeClause *c, size_t at, sql_like ***next)
{
	sql_like *like = AMPH_NEW(p->arena, sql_like);

	if (!like)
		return false;
	like->schema = amph__parse_text(p, c->relation->schemaname);
	like->name = amph__parse_text(p, c->relation->relname);
	like->at = at;
	for (size_t i = 0; i < sizeof like_options / sizeof *like_options; i++)
		if (c->options & like_options[i].bit)
			like->options |= like_options[i].option;
	**next = like;
	*next = &like->next;
	return true;
}

static bool table_elements(sql_parser *p, const PgQuery__CreateStmt *c, sql_table *table,
			   sql_stmt *s)
{
	sql_constraint **first = &s->constraints;
	sql_like **likes = &s->likes;
	sql_column_def *columns = AMPH_NEWS(p->arena, sql_column_def, count_columns(c) + 1);
	sql_constraint **next = first;

	if (!columns)
		return false;
	for (size_t i = 0; i < c->n_table_elts; i++) {
		const pg_node *n = c->table_elts[i];

		if (n->node_case == PG_QUERY__NODE__NODE_COLUMN_DEF) {
			if (!amph__parse_column(p, n->column_def, table->name,
						&columns[table->n_columns++], &next))
				return false;
		} else if (n->node_case == PG_QUERY__NODE__NODE_CONSTRAINT) {
			*next = amph__parse_constraint(p, n->constraint, NULL);
			if (!*next)
				return false;
			next = &(*next)->next;
		} else if (n->node_case == PG_QUERY__NODE__NODE_TABLE_LIKE_CLAUSE) {
			if (!add_like(p, n->table_like_clause, table->n_columns, &likes))
				return false;
		} else {
			return amph__parse_refuse_node(p, n);
		}
	}
	table->columns = columns;
	return true;
}

bool amph__parse_is_elsewhere(const char *tablespace)
{
	return tablespace && *tablespace && strcmp(tablespace, "pg_default") != 0;
}

static const char *refused_part(const PgQuery__CreateStmt *c)
{
	if (c->n_inh_relations)
		return c->partbound ? "PARTITION OF" : "INHERITS";
	if (c->partspec)
		return "PARTITION BY";
	if (c->of_typename)
		return "a table OF a type";
	if (c->oncommit == PG_QUERY__ON_COMMIT_ACTION__ONCOMMIT_DROP ||
	    c->oncommit == PG_QUERY__ON_COMMIT_ACTION__ONCOMMIT_DELETE_ROWS)
		return "ON COMMIT";
	return amph__parse_is_elsewhere(c->tablespacename) ? "TABLESPACE" : NULL;
}

/* Of storage, which there is nothing to say about here but that it is one of PostgreSQL's. */
static bool is_storage(const char *name)
{
	static const char *const names[] = {
		"fillfactor", "parallel_workers", "toast_tuple_target", "user_catalog_table",
		"vacuum_index_cleanup", "vacuum_truncate", "log_autovacuum_min_duration"
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], name))
			return true;
	return !strncmp(name, "autovacuum_", 11);
}

bool amph__parse_storage(sql_parser *p, size_t n, pg_node *const *options)
{
	for (size_t i = 0; i < n; i++) {
		const PgQuery__DefElem *o = options[i]->def_elem;
		bool off = o->arg && o->arg->node_case == PG_QUERY__NODE__NODE_STRING &&
			   !strcmp(o->arg->string->sval, "false");

		if (o->defnamespace && *o->defnamespace)
			continue;
		if (!strcmp(o->defname, "oids") && !off)
			return amph__parse_fail(p, o->location, "0A000",
						"tables declared WITH OIDS are not supported");
		if (strcmp(o->defname, "oids") != 0 && !is_storage(o->defname))
			return amph__parse_fail(p, o->location, "22023", "unrecognized parameter \"%s\"",
						o->defname);
		if (!strcmp(o->defname, "fillfactor") && o->arg &&
		    o->arg->node_case == PG_QUERY__NODE__NODE_INTEGER &&
		    (o->arg->integer->ival < 10 || o->arg->integer->ival > 100))
			return amph__parse_fail(p, o->location, "22023",
						"value %d out of bounds for option \"fillfactor\"",
						o->arg->integer->ival);
	}
	return true;
}

/* Temporary tables are in a schema of their own, and nothing else is. */
bool amph__parse_persistence(sql_parser *p, const PgQuery__RangeVar *v, bool *temporary)
{
	bool in_temp = v->schemaname && !strcmp(v->schemaname, "pg_temp");

	*temporary = in_temp || (v->relpersistence && *v->relpersistence == 't');
	if (in_temp && v->relpersistence && *v->relpersistence == 'u')
		return amph__parse_fail(p, v->location, "42P16", "only temporary relations may be created in "
					"temporary schemas");
	if (*temporary && !in_temp && v->schemaname && *v->schemaname)
		return amph__parse_fail(p, v->location, "42P16", "cannot create temporary relation in "
					"non-temporary schema");
	return true;
}

sql_stmt *amph__parse_create_table(sql_parser *p, const PgQuery__CreateStmt *c)
{
	sql_stmt *s = amph__parse_new_stmt(p, SQL_STMT_CREATE_TABLE);
	sql_range *name = amph__parse_table(p, c->relation);
	sql_table *table = AMPH_NEW(p->arena, sql_table);

	if (!s || !name || !table)
		return NULL;
	if (refused_part(c))
		return amph__parse_refuse(p, c->relation->location, refused_part(c));
	if (!c->n_table_elts)
		return amph__parse_refuse(p, c->relation->location, "a table without columns");
	if (!amph__parse_persistence(p, c->relation, &table->temporary) ||
	    !amph__parse_storage(p, c->n_options, c->options))
		return NULL;
	table->schema = name->schema;
	table->name = name->name;
	s->location = name->location;
	s->if_not_exists = c->if_not_exists;
	s->table = table;
	return table_elements(p, c, table, s) ? s : NULL;
}
