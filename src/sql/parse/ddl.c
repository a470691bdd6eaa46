/* Statements about indexes, types and sequences, DROP and TRUNCATE. */
#include "parse.h"
#include <stdlib.h>
#include <string.h>

/* ---- DROP, TRUNCATE ---- */

static sql_object *new_object(sql_parser *p, const char *schema, const char *name)
{
	sql_object *o = AMPH_NEW(p->arena, sql_object);

	if (o)
		*o = (sql_object){ amph__parse_text(p, schema), amph__parse_text(p, name), -1, NULL };
	return o;
}

static const char *last_name(pg_node *const *names, size_t n, size_t from_end)
{
	return n > from_end && names[n - 1 - from_end]->node_case == PG_QUERY__NODE__NODE_STRING
		? names[n - 1 - from_end]->string->sval : NULL;
}

static sql_object *dropped_object(sql_parser *p, const pg_node *n)
{
	if (n->node_case == PG_QUERY__NODE__NODE_LIST)
		return new_object(p, last_name(n->list->items, n->list->n_items, 1),
				  last_name(n->list->items, n->list->n_items, 0));
	if (n->node_case == PG_QUERY__NODE__NODE_TYPE_NAME)
		return new_object(p, last_name(n->type_name->names, n->type_name->n_names, 1),
				  last_name(n->type_name->names, n->type_name->n_names, 0));
	if (n->node_case == PG_QUERY__NODE__NODE_STRING)
		return new_object(p, NULL, n->string->sval);
	return amph__parse_refuse_node(p, n);
}

static const struct { PgQuery__ObjectType type; sql_stmt_kind kind; } drops[] = {
	{ PG_QUERY__OBJECT_TYPE__OBJECT_TABLE, SQL_STMT_DROP_TABLE },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_INDEX, SQL_STMT_DROP_INDEX },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_TYPE, SQL_STMT_DROP_ENUM },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN, SQL_STMT_DROP_DOMAIN },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE, SQL_STMT_DROP_SEQUENCE },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_VIEW, SQL_STMT_DROP_VIEW }
};

static sql_stmt *parse_drop(sql_parser *p, const pg_node *n)
{
	const PgQuery__DropStmt *d = n->drop_stmt;
	sql_stmt *s = NULL;
	const sql_object **next;

	for (size_t i = 0; i < sizeof(drops) / sizeof(drops[0]); i++)
		if (drops[i].type == d->remove_type)
			s = amph__parse_new_stmt(p, drops[i].kind);
	if (!s)
		return NULL;
	s->if_exists = d->missing_ok;
	s->concurrently = d->concurrent;
	if (d->concurrent && d->n_objects > 1)
		return amph__parse_refuse(p, -1, "DROP INDEX CONCURRENTLY of several");
	s->cascade = d->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
	next = &s->objects;
	for (size_t i = 0; i < d->n_objects; i++) {
		sql_object *o = dropped_object(p, d->objects[i]);

		if (!o)
			return NULL;
		*next = o;
		next = (const sql_object **)&o->next;
	}
	return s;
}

static sql_stmt *parse_truncate(sql_parser *p, const pg_node *n)
{
	const PgQuery__TruncateStmt *t = n->truncate_stmt;
	sql_stmt *s = amph__parse_new_stmt(p, SQL_STMT_TRUNCATE);
	const sql_object **next = s ? &s->objects : NULL;

	for (size_t i = 0; s && i < t->n_relations; i++) {
		const PgQuery__RangeVar *v = t->relations[i]->range_var;
		sql_object *o = new_object(p, v->schemaname, v->relname);

		if (!o)
			return NULL;
		o->location = amph__parse_location(p, v->location);
		*next = o;
		next = (const sql_object **)&o->next;
	}
	if (s)
		s->restart = t->restart_seqs;
	if (s)
		s->cascade = t->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
	return s;
}

/* ---- CREATE INDEX ---- */

static bool set_index_key(sql_parser *p, const PgQuery__IndexElem *e, sql_index_key *key)
{
	const char *collation = e->n_collation
		? amph__parse_system_name(p, e->n_collation, e->collation, -1) : NULL;

	if (e->n_opclassopts)
		return amph__parse_refuse(p, -1, "an option of an operator class");
	if (e->n_collation && (!collation || (strcmp(collation, "C") && strcmp(collation, "POSIX") &&
					      strcmp(collation, "default"))))
		return p->failed ? NULL
			: amph__parse_refuse(p, -1, "a collation of an index that is not \"C\"");
	key->collated = collation != NULL;
	key->column = amph__parse_text(p, e->name);
	if (e->expr)
		key->expr_sql = amph__parse_deparse(p, e->expr);
	key->desc = e->ordering == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
	key->opclass = amph__parse_text(p, last_name(e->opclass, e->n_opclass, 0));
	return key->column || key->expr_sql;
}

static const char *refused_part(const PgQuery__IndexStmt *i)
{
	if (i->nulls_not_distinct)
		return "NULLS NOT DISTINCT";
	if (amph__parse_is_elsewhere(i->table_space))
		return "TABLESPACE";
	return i->n_exclude_op_names ? "EXCLUDE" : NULL;
}

static bool set_included(sql_parser *p, const PgQuery__IndexStmt *i, sql_index *index)
{
	size_t n = i->n_index_including_params;
	const char **names = n ? AMPH_NEWS(p->arena, const char *, n + 1) : NULL;

	index->included = names;
	for (size_t k = 0; names && k < n; k++) {
		const PgQuery__IndexElem *e = i->index_including_params[k]->index_elem;

		if (e->expr)
			return amph__parse_fail(p, -1, "0A000",
						"expressions are not supported in included columns");
		names[k] = amph__parse_text(p, e->name);
	}
	return !n || names;
}

static sql_stmt *parse_index(sql_parser *p, const pg_node *n)
{
	const PgQuery__IndexStmt *i = n->index_stmt;
	sql_stmt *s = amph__parse_new_stmt(p, SQL_STMT_CREATE_INDEX);
	sql_index *index = AMPH_NEW(p->arena, sql_index);
	sql_index_key *keys = AMPH_NEWS(p->arena, sql_index_key, i->n_index_params + 1);

	if (!s || !index || !keys)
		return NULL;
	if (refused_part(i))
		return amph__parse_refuse(p, -1, refused_part(i));
	s->target = amph__parse_table(p, i->relation);
	for (size_t k = 0; k < i->n_index_params; k++)
		if (!set_index_key(p, i->index_params[k]->index_elem, &keys[k]))
			return NULL;
	*index = (sql_index){ .name = amph__parse_text(p, i->idxname), .unique = i->unique,
			      .method = amph__parse_text(p, i->access_method), .keys = keys,
			      .n_keys = i->n_index_params,
			      .where_sql = amph__parse_deparse(p, i->where_clause) };
	if (!set_included(p, i, index))
		return NULL;
	s->index = index;
	s->concurrently = i->concurrent;
	s->if_not_exists = i->if_not_exists;
	return s;
}

/* ---- CREATE TYPE ... AS ENUM ---- */

static sql_stmt *parse_enum(sql_parser *p, const pg_node *n)
{
	const PgQuery__CreateEnumStmt *c = n->create_enum_stmt;
	sql_stmt *s = amph__parse_new_stmt(p, SQL_STMT_CREATE_ENUM);
	amph_enum_type *e = AMPH_NEW(p->arena, amph_enum_type);

	if (!s || !e)
		return NULL;
	s->schema = amph__parse_text(p, last_name(c->type_name, c->n_type_name, 1));
	e->name = amph__parse_text(p, last_name(c->type_name, c->n_type_name, 0));
	e->labels = amph__parse_names(p, c->n_vals, c->vals);
	e->n_labels = c->n_vals;
	s->enumeration = e;
	return s;
}

/* ---- CREATE EXTENSION ---- */

static sql_stmt *parse_extension(sql_parser *p, const pg_node *n)
{
	const PgQuery__CreateExtensionStmt *c = n->create_extension_stmt;
	sql_stmt *s = amph__parse_new_stmt(p, SQL_STMT_CREATE_EXTENSION);

	for (size_t i = 0; s && i < c->n_options; i++)
		if (strcmp(c->options[i]->def_elem->defname, "cascade") != 0)
			return amph__parse_refuse(p, -1, "an option of CREATE EXTENSION");
	if (!s)
		return NULL;
	s->objects = new_object(p, NULL, c->extname);
	s->if_not_exists = c->if_not_exists;
	return s->objects ? s : NULL;
}

static sql_stmt *parse_alter_enum(sql_parser *p, const pg_node *n)
{
	const PgQuery__AlterEnumStmt *c = n->alter_enum_stmt;
	sql_stmt *s = amph__parse_new_stmt(p, SQL_STMT_ALTER_ENUM);
	amph_enum_type *e = AMPH_NEW(p->arena, amph_enum_type);
	sql_alter *a = AMPH_NEW(p->arena, sql_alter);

	if (!s || !e || !a)
		return NULL;
	s->schema = amph__parse_text(p, last_name(c->type_name, c->n_type_name, 1));
	e->name = amph__parse_text(p, last_name(c->type_name, c->n_type_name, 0));
	*a = (sql_alter){ .location = -1, .name = amph__arena_text(p->arena, c->new_val, strlen(c->new_val)),
			  .new_name = amph__parse_text(p, c->new_val_neighbor),
			  .restart = c->new_val_is_after, .missing_ok = c->skip_if_new_val_exists };
	if (c->old_val && *c->old_val) {
		a->kind = SQL_RENAME_COLUMN;
		a->new_name = amph__parse_text(p, c->old_val);
	}
	s->enumeration = e;
	s->alters = a;
	return a->name && e->name ? s : NULL;
}

/* ---- ALTER DOMAIN ---- */

static bool set_domain_change(sql_parser *p, const PgQuery__AlterDomainStmt *d, sql_alter *a)
{
	switch (d->subtype && *d->subtype ? *d->subtype : 'V') {
	case 'T':
		a->kind = SQL_SET_DEFAULT;
		a->column = AMPH_NEW(p->arena, sql_column_def);
		if (a->column && d->def)
			a->column->default_sql = amph__parse_deparse(p, d->def);
		return a->column && !p->failed;
	case 'N':
		a->kind = SQL_DROP_NOT_NULL;
		return true;
	case 'O':
		a->kind = SQL_SET_NOT_NULL;
		return true;
	case 'C':
		a->kind = SQL_ADD_CONSTRAINT;
		if (!d->def || d->def->node_case != PG_QUERY__NODE__NODE_CONSTRAINT ||
		    d->def->constraint->contype != PG_QUERY__CONSTR_TYPE__CONSTR_CHECK)
			return amph__parse_refuse(p, -1, "this constraint of a domain");
		a->constraints = amph__parse_constraint(p, d->def->constraint, NULL);
		if (a->constraints && a->constraints->not_valid)
			return amph__parse_refuse(p, -1, "NOT VALID of a domain");
		return a->constraints != NULL;
	case 'X':
		a->kind = SQL_DROP_CONSTRAINT;
		a->name = amph__parse_text(p, d->name);
		a->missing_ok = d->missing_ok;
		return a->name != NULL;
	default:
		return amph__parse_refuse(p, -1, "this form of ALTER DOMAIN");
	}
}

static sql_stmt *parse_alter_domain(sql_parser *p, const pg_node *n)
{
	const PgQuery__AlterDomainStmt *d = n->alter_domain_stmt;
	sql_stmt *s = amph__parse_new_stmt(p, SQL_STMT_ALTER_DOMAIN);

	if (!s)
		return NULL;
	s->objects = new_object(p, last_name(d->type_name, d->n_type_name, 1),
				last_name(d->type_name, d->n_type_name, 0));
	s->alters = AMPH_NEW(p->arena, sql_alter);
	return s->objects && s->alters && set_domain_change(p, d, s->alters) ? s : NULL;
}

/* ---- COMMENT ON ---- */

static sql_stmt *parse_comment(sql_parser *p, const pg_node *n)
{
	const PgQuery__CommentStmt *c = n->comment_stmt;
	sql_stmt *s = amph__parse_new_stmt(p, SQL_STMT_COMMENT);
	bool column = c->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN;
	const PgQuery__List *names = c->object && c->object->node_case == PG_QUERY__NODE__NODE_LIST
		? c->object->list : NULL;
	const char **columns = AMPH_NEWS(p->arena, const char *, 2);

	if (!s || !columns)
		return NULL;
	if (!names || (!column && c->objtype != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE))
		return amph__parse_refuse(p, -1, "COMMENT ON what is no table and no column");
	s->target = AMPH_NEW(p->arena, sql_range);
	if (!s->target)
		return NULL;
	*s->target = (sql_range){ .kind = SQL_TABLE, .location = -1,
		.schema = amph__parse_text(p, last_name(names->items, names->n_items, column + 1u)),
		.name = amph__parse_text(p, last_name(names->items, names->n_items, column)) };
	columns[0] = column ? amph__parse_text(p, last_name(names->items, names->n_items, 0)) : NULL;
	s->columns = column ? columns : NULL;
	s->comment = amph__parse_text(p, c->comment);
	return s->target->name ? s : NULL;
}

/* ---- CREATE SEQUENCE ---- */

static bool number_of(const pg_node *n, int64_t *out)
{
	const char *text;
	char *end;

	if (n && n->node_case == PG_QUERY__NODE__NODE_INTEGER) {
		*out = n->integer->ival;
		return true;
	}
	text = n && n->node_case == PG_QUERY__NODE__NODE_FLOAT ? n->float_->fval : "";
	*out = strtoll(text, &end, 10);
	return *text && !*end;
}

static bool set_sequence_type(sql_parser *p, const PgQuery__DefElem *o, sql_sequence *q)
{
	const char *enum_name;
	amph_sqltype type;

	if (!o->arg || o->arg->node_case != PG_QUERY__NODE__NODE_TYPE_NAME ||
	    !amph__parse_type(p, o->arg->type_name, &type, &enum_name))
		return false;
	if (enum_name)
		return amph__parse_fail(p, o->location, "42704", "type \"%s\" does not exist", enum_name);
	if (type.type < AMPH_T_INT16 || type.type > AMPH_T_INT64)
		return amph__parse_fail(p, o->location, "22023",
					"sequence type must be smallint, integer, or bigint");
	q->least = type.type == AMPH_T_INT16 ? INT16_MIN : type.type == AMPH_T_INT32 ? INT32_MIN : INT64_MIN;
	q->greatest = type.type == AMPH_T_INT16 ? INT16_MAX
		    : type.type == AMPH_T_INT32 ? INT32_MAX : INT64_MAX;
	return true;
}

/* OWNED BY NONE, or a column of a table. */
static bool set_owner(sql_parser *p, const PgQuery__DefElem *o, sql_sequence *q)
{
	const PgQuery__List *names = o->arg && o->arg->node_case == PG_QUERY__NODE__NODE_LIST ? o->arg->list
											     : NULL;
	size_t n = names ? names->n_items : 0;

	q->has_owner = true;
	if (n == 1 && !strcmp(names->items[0]->string->sval, "none"))
		return true;
	if (n < 2)
		return amph__parse_fail(p, o->location, "42601", "invalid OWNED BY option");
	if (n > 2)
		return amph__parse_refuse(p, o->location, "OWNED BY of a table in a schema");
	q->owner = amph__parse_text(p, names->items[0]->string->sval);
	q->owner_column = amph__parse_text(p, names->items[1]->string->sval);
	return q->owner && q->owner_column;
}

static bool set_option(sql_parser *p, const PgQuery__DefElem *o, sql_sequence *q)
{
	int64_t value = 0;
	bool given = o->arg && number_of(o->arg, &value);

	if (!strcmp(o->defname, "increment")) {
		q->has_increment = given;
		q->increment = value;
	} else if (!strcmp(o->defname, "minvalue")) {
		q->has_min = given;
		q->min = value;
	} else if (!strcmp(o->defname, "maxvalue")) {
		q->has_max = given;
		q->max = value;
	} else if (!strcmp(o->defname, "start")) {
		q->has_start = true;
		q->start = value;
	} else if (!strcmp(o->defname, "restart")) {
		q->restarts = true;
		q->has_restart = given;
		q->restart = value;
	} else if (!strcmp(o->defname, "cycle")) {
		q->has_cycle = true;
		q->cycle = o->arg && o->arg->node_case == PG_QUERY__NODE__NODE_BOOLEAN
				   ? o->arg->boolean->boolval : true;
	} else if (!strcmp(o->defname, "as")) {
		return set_sequence_type(p, o, q);
	} else if (!strcmp(o->defname, "owned_by")) {
		return set_owner(p, o, q);
	} else if (!strcmp(o->defname, "cache") && given && value <= 0) {
		return amph__parse_fail(p, o->location, "22023", "CACHE (%lld) must be greater than zero",
					(long long)value);
	} else if (strcmp(o->defname, "cache") != 0) {
		return amph__parse_refuse(p, o->location,
					  amph__arena_printf(p->arena, "the option \"%s\" of a sequence",
							     o->defname));
	}
	return true;
}

sql_sequence *amph__parse_sequence(sql_parser *p, size_t n, pg_node *const *options)
{
	sql_sequence *q = AMPH_NEW(p->arena, sql_sequence);

	if (!q)
		return NULL;
	*q = (sql_sequence){ .increment = 1, .least = INT64_MIN, .greatest = INT64_MAX };
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < i; k++)
			if (!strcmp(options[i]->def_elem->defname, options[k]->def_elem->defname))
				return amph__parse_fail(p, options[i]->def_elem->location, "42601",
							"conflicting or redundant options");
		if (!set_option(p, options[i]->def_elem, q))
			return NULL;
	}
	return q;
}

static sql_stmt *parse_sequence(sql_parser *p, const pg_node *n)
{
	const PgQuery__CreateSeqStmt *c = n->create_seq_stmt;
	sql_stmt *s = amph__parse_new_stmt(p, SQL_STMT_CREATE_SEQUENCE);
	sql_sequence *q = amph__parse_sequence(p, c->n_options, c->options);

	if (!s || !q)
		return NULL;
	if (c->sequence->schemaname && *c->sequence->schemaname)
		return amph__parse_refuse(p, c->sequence->location, "a schema of a sequence");
	q->name = amph__parse_text(p, c->sequence->relname);
	q->temporary = c->sequence->relpersistence && *c->sequence->relpersistence == 't';
	s->sequence = q;
	s->if_not_exists = c->if_not_exists;
	return s;
}

/* The type of a sequence is not kept, nor what would be its own limits. */
static bool check_altered(sql_parser *p, const PgQuery__AlterSeqStmt *c)
{
	for (size_t i = 0; i < c->n_options; i++) {
		const PgQuery__DefElem *o = c->options[i]->def_elem;

		if (!strcmp(o->defname, "as") || (!o->arg && strstr(o->defname, "value")))
			return amph__parse_refuse(p, o->location, !strcmp(o->defname, "as")
						  ? "another type of a sequence"
						  : "NO MINVALUE or NO MAXVALUE of ALTER SEQUENCE");
	}
	return true;
}

static sql_stmt *parse_alter_sequence(sql_parser *p, const pg_node *n)
{
	const PgQuery__AlterSeqStmt *c = n->alter_seq_stmt;
	sql_stmt *s = amph__parse_new_stmt(p, SQL_STMT_ALTER_SEQUENCE);

	if (!s || !check_altered(p, c))
		return NULL;
	s->target = amph__parse_table(p, c->sequence);
	s->sequence = amph__parse_sequence(p, c->n_options, c->options);
	s->if_exists = c->missing_ok;
	return s->target && s->sequence ? s : NULL;
}

sql_stmt *amph__parse_ddl(sql_parser *p, const pg_node *n)
{
	switch (n->node_case) {
	case PG_QUERY__NODE__NODE_CREATE_STMT:
		return amph__parse_create_table(p, n->create_stmt);
	case PG_QUERY__NODE__NODE_DROP_STMT:
		return parse_drop(p, n);
	case PG_QUERY__NODE__NODE_TRUNCATE_STMT:
		return parse_truncate(p, n);
	case PG_QUERY__NODE__NODE_INDEX_STMT:
		return parse_index(p, n);
	case PG_QUERY__NODE__NODE_ALTER_DOMAIN_STMT:
		return parse_alter_domain(p, n);
	case PG_QUERY__NODE__NODE_COMMENT_STMT:
		return parse_comment(p, n);
	case PG_QUERY__NODE__NODE_CREATE_DOMAIN_STMT:
		return amph__parse_domain(p, n->create_domain_stmt);
	case PG_QUERY__NODE__NODE_CREATE_ENUM_STMT:
		return parse_enum(p, n);
	case PG_QUERY__NODE__NODE_CREATE_EXTENSION_STMT:
		return parse_extension(p, n);
	case PG_QUERY__NODE__NODE_CREATE_SEQ_STMT:
		return parse_sequence(p, n);
	case PG_QUERY__NODE__NODE_ALTER_ENUM_STMT:
		return parse_alter_enum(p, n);
	case PG_QUERY__NODE__NODE_ALTER_SEQ_STMT:
		return parse_alter_sequence(p, n);
	case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
		return amph__parse_alter(p, n->alter_table_stmt);
	case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
		return amph__parse_create_as(p, n);
	case PG_QUERY__NODE__NODE_VIEW_STMT:
		return amph__parse_view(p, n->view_stmt);
	case PG_QUERY__NODE__NODE_RENAME_STMT:
		return amph__parse_rename(p, n->rename_stmt);
	default:
		return NULL;
	}
}
