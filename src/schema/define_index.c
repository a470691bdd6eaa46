/* What a CREATE INDEX of text means: its access method, the types of its keys and their operator
 * classes, as PostgreSQL has them. */
#include "ddl.h"
#include "../model/opclass.h"
#include "../model/value.h"
#include "../sql/names.h"
#include <string.h>

enum {
	BTREE = AMPH_BTREE, HASH = AMPH_HASH, GIN = AMPH_GIN, GIST = AMPH_GIST, SPGIST = AMPH_SPGIST,
	BRIN = AMPH_BRIN
};
enum { ANY_ARRAY = AMPH_T_ARRAY, ANY_CHAR = AMPH_T_COUNT };

/* By name; ANY_CHAR is character(n). Classes for types that are not ours take none. */
static const struct { const char *name; unsigned methods; int type; } classes[] = {
	{ "array_ops", BTREE | HASH | GIN, ANY_ARRAY }, { "bool_ops", BTREE | HASH, AMPH_T_BOOL },
	{ "bpchar_ops", BTREE | HASH, ANY_CHAR }, { "bpchar_pattern_ops", BTREE | HASH, ANY_CHAR },
	{ "bytea_ops", BTREE | HASH, AMPH_T_BYTES }, { "date_ops", BTREE | HASH, AMPH_T_DATE },
	{ "enum_ops", BTREE | HASH, AMPH_T_ENUM }, { "float4_ops", BTREE | HASH, AMPH_T_FLOAT },
	{ "float8_ops", BTREE | HASH, AMPH_T_DOUBLE }, { "gin_trgm_ops", GIN, AMPH_T_TEXT },
	{ "gist_trgm_ops", GIST, AMPH_T_TEXT }, { "int2_ops", BTREE | HASH, AMPH_T_INT16 },
	{ "int4_ops", BTREE | HASH, AMPH_T_INT32 }, { "int8_ops", BTREE | HASH, AMPH_T_INT64 },
	{ "interval_ops", BTREE | HASH, AMPH_T_INTERVAL }, { "jsonb_ops", BTREE | HASH | GIN, AMPH_T_JSON },
	{ "jsonb_path_ops", GIN, AMPH_T_JSON }, { "name_ops", BTREE | HASH, AMPH_T_NONE },
	{ "numeric_ops", BTREE | HASH, AMPH_T_NUMERIC }, { "text_ops", BTREE | HASH | SPGIST, AMPH_T_TEXT },
	{ "text_pattern_ops", BTREE | HASH, AMPH_T_TEXT }, { "time_ops", BTREE | HASH, AMPH_T_TIME },
	{ "timestamp_ops", BTREE | HASH, AMPH_T_TIMESTAMP },
	{ "timestamptz_ops", BTREE | HASH, AMPH_T_TIMESTAMPTZ },
	{ "tsquery_ops", BTREE | GIST, AMPH_T_TSQUERY },
	{ "tsvector_ops", BTREE | GIN | GIST, AMPH_T_TSVECTOR },
	{ "uuid_ops", BTREE | HASH, AMPH_T_UUID }, { "varchar_ops", BTREE | HASH, AMPH_T_TEXT },
	{ "varchar_pattern_ops", BTREE | HASH, AMPH_T_TEXT }
};

typedef struct index_draft {
	ddl_run *run;
	const sql_table *table;
	const sql_index *index;
	unsigned method;
	const char *method_name;
} index_draft;

static bool takes(int class_type, const amph_sqltype *type)
{
	if (class_type == ANY_ARRAY || type->type & AMPH_T_ARRAY)
		return class_type == ANY_ARRAY && type->type & AMPH_T_ARRAY;
	return class_type == ANY_CHAR || class_type == AMPH_T_TEXT
		? type->type == AMPH_T_TEXT && amph__is_char(type) == (class_type == ANY_CHAR)
		: class_type == type->type;
}

static bool is_here(const index_draft *d, const char *class_name)
{
	const sql_names *names = &d->run->names->names;

	return !strstr(class_name, "_trgm_") || names->extension(names->ctx, "pg_trgm");
}

static bool check_class(const index_draft *d, const char *name, const amph_sqltype *type)
{
	bool known = false;
	char text[128];

	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
		if (strcmp(classes[i].name, name) != 0 || !(classes[i].methods & d->method) ||
		    !is_here(d, name))
			continue;
		known = true;
		if (takes(classes[i].type, type))
			return true;
	}
	if (d->method & (SPGIST | BRIN))
		return known || amph__error(d->run->err, "0A000", "an operator class of %s is not supported",
					    d->method_name);
	return known ? amph__error(d->run->err, "42804", "operator class \"%s\" does not accept data type %s",
				   name, amph__type_name(*type, text, sizeof text))
		     : amph__error(d->run->err, "42704", "operator class \"%s\" does not exist for access "
				   "method \"%s\"", name, d->method_name);
}

/* A class that is not named is the type's own: some methods have none. */
static bool check_key(const index_draft *d, const sql_index_key *key, const amph_sqltype *type)
{
	char text[128];

	if (type->type == AMPH_T_RECORD)
		return amph__error(d->run->err, "42P16", "column \"row\" has pseudo-type record");
	if (type->type == AMPH_T_NONE || !d->method)
		return true;
	if (key->collated && (type->type & ~AMPH_T_ARRAY) != AMPH_T_TEXT)
		return amph__error(d->run->err, "42804", "collations are not supported by type %s",
				   amph__type_name(*type, text, sizeof text));
	if (key->desc && !(d->method & BTREE))
		return amph__error(d->run->err, "0A000", "access method \"%s\" does not support ASC/DESC "
				   "options", d->method_name);
	if (key->opclass)
		return check_class(d, key->opclass, type);
	return amph__has_opclass(d->method, type) ||
	       amph__error(d->run->err, "42704", "data type %s has no default operator class for access "
			   "method \"%s\"", amph__type_name(*type, text, sizeof text), d->method_name);
}

static bool define_key(const index_draft *d, const sql_index_key *key)
{
	amph_sqltype type = { .type = AMPH_T_NONE };
	size_t k = 0;

	if (!key->column)
		return amph__define_key(d->run, d->table, key->expr_sql, &type) && check_key(d, key, &type);
	while (k < d->table->n_columns && strcmp(d->table->columns[k].name, key->column) != 0)
		k++;
	if (k == d->table->n_columns)
		return amph__error(d->run->err, amph__is_system_column(key->column) ? "0A000" : "42703",
				   "column \"%s\" does not exist", key->column);
	return check_key(d, key, &d->table->columns[k].type);
}

static bool find_method(index_draft *d)
{
	bool known = false;

	d->method = amph__access_method(d->method_name);
	for (size_t i = 0; i < d->run->dialect->n_methods; i++)
		known |= !strcmp(d->run->dialect->methods[i].method, d->method_name);
	return known || d->method ||
	       amph__error(d->run->err, "42704", "access method \"%s\" does not exist", d->method_name);
}

/* They only make reading faster; the index goes with one that goes. */
static bool define_included(const index_draft *d)
{
	const char *const *names = d->index->included;

	if (names && d->method & (HASH | GIN | BRIN))
		return amph__error(d->run->err, "0A000", "access method \"%s\" does not support included "
				   "columns", d->method_name);
	for (; names && *names; names++) {
		size_t k = 0;

		while (k < d->table->n_columns && strcmp(d->table->columns[k].name, *names) != 0)
			k++;
		if (k == d->table->n_columns)
			return amph__error(d->run->err, "42703", "column \"%s\" does not exist", *names);
	}
	return true;
}

bool amph__define_index(ddl_run *r, const sql_table *table, const sql_index *index)
{
	index_draft d = { .run = r, .table = table, .index = index,
			  .method_name = index->method ? index->method : "btree" };

	if (!find_method(&d))
		return false;
	if (index->unique && d.method && d.method != BTREE)
		return amph__error(r->err, "0A000", "access method \"%s\" does not support unique indexes",
				   d.method_name);
	if (index->n_keys > 1 && d.method & (HASH | SPGIST))
		return amph__error(r->err, "0A000", "access method \"%s\" does not support multicolumn "
				   "indexes", d.method_name);
	if (index->where_sql && !amph__define_predicate(r, table, index->where_sql))
		return false;
	for (size_t i = 0; i < index->n_keys; i++)
		if (!define_key(&d, &index->keys[i]))
			return false;
	return define_included(&d);
}
