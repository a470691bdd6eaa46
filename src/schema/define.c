/* What a CREATE TABLE of text means: types and keys found, constraints named as PostgreSQL names
 * them, and what it would refuse refused. */
#include "names.h"
#include "../base/ascii.h"
#include "../base/buf.h"
#include "../model/value.h"
#include "../sql/names.h"
#include "../sql/walk.h"
#include <string.h>

enum { NAME_MAX_BYTES = 63 };

typedef struct definition {
	amph_arena *arena;
	sql_stmt *stmt;
	sql_table *table;
	sql_column_def *columns;
	const sql_names *names;
	amph_error *err;
} definition;

static sql_column_def *column_of(const definition *d, const char *name)
{
	for (size_t i = 0; i < d->table->n_columns; i++)
		if (!strcmp(d->columns[i].name, name))
			return &d->columns[i];
	return NULL;
}

static size_t count(const char *const *names)
{
	size_t n = 0;

	while (names && names[n])
		n++;
	return n;
}

/* ---- columns ---- */

static int64_t least_of(int type)
{
	return type == AMPH_T_INT16 ? INT16_MIN : type == AMPH_T_INT32 ? INT32_MIN : INT64_MIN;
}

static int64_t greatest_of(int type)
{
	return type == AMPH_T_INT16 ? INT16_MAX : type == AMPH_T_INT32 ? INT32_MAX : INT64_MAX;
}

static bool define_column(definition *d, size_t i)
{
	sql_column_def *c = &d->columns[i];
	const char *domain = c->domain ? c->domain
		: c->type.enumeration && (c->type.type & ~AMPH_T_ARRAY) == AMPH_T_ENUM
		? c->type.enumeration->name : NULL;
	const sql_stmt *of = domain && d->names->domain ? d->names->domain(d->names->ctx, domain) : NULL;

	if (of && !amph__define_domain(c, of, d->err))
		return false;
	if (amph__is_system_column(c->name))
		return amph__error(d->err, "42701", "column name \"%s\" conflicts with a system column name",
				   c->name);
	for (size_t k = 0; k < i; k++) {
		if (!strcmp(d->columns[k].name, c->name))
			return amph__error(d->err, "42701", "column \"%s\" specified more than once",
					   c->name);
		if (amph__ascii_same(d->columns[k].name, c->name))
			return amph__error(d->err, "0A000", "columns whose names differ only in case "
					   "(\"%s\", \"%s\") are not supported", d->columns[k].name, c->name);
	}
	if (c->identity && c->default_sql)
		return amph__error(d->err, "42601", "both default and identity specified for column "
				   "\"%s\" of table \"%s\"", c->name, d->table->name);
	if (c->identity && (c->type.type < AMPH_T_INT16 || c->type.type > AMPH_T_INT64))
		return amph__error(d->err, "22023", "identity column type must be smallint, integer, or "
				   "bigint");
	if (c->sequence && !amph__sequence_complete(c->sequence, least_of(c->type.type),
						    greatest_of(c->type.type), d->err))
		return false;
	if (c->computed_sql && c->identity)
		return amph__error(d->err, "42601", "both identity and generation expression specified "
				   "for column \"%s\" of table \"%s\"", c->name, d->table->name);
	if (c->computed_sql && c->default_sql)
		return amph__error(d->err, "42601", "both default and generation expression specified "
				   "for column \"%s\" of table \"%s\"", c->name, d->table->name);
	if ((c->type.type & ~AMPH_T_ARRAY) != AMPH_T_ENUM)
		return true;
	const amph_enum_type *e = d->names->enumeration(d->names->ctx, c->type.enumeration->name);
	if (!e && d->names->table(d->names->ctx, NULL, c->type.enumeration->name))
		return amph__error(d->err, "0A000", "a column of the rows of a table (\"%s\") is not "
				   "supported",
				   c->type.enumeration->name);
	if (!e)
		return amph__error(d->err, "42704", "type \"%s\" does not exist",
				   c->type.enumeration->name);
	c->type.enumeration = e;
	return true;
}

/* ---- expressions ---- */

typedef struct references {
	const definition *d;
	const sql_column_def *first;
	size_t n;                       /* different columns */
	bool query, generated, unknown;
	bool seen[1600];
} references;

static bool note_reference(void *ctx, sql_expr *e)
{
	references *r = ctx;
	const sql_column_def *c;

	r->query |= e->select != NULL;
	if (e->kind != SQL_COLUMN)
		return amph__expr_children(e, note_reference, ctx);
	c = column_of(r->d, e->name);
	if (!c) {
		r->unknown = true;
		return true;
	}
	size_t at = (size_t)(c - r->d->columns);
	if (at < sizeof r->seen / sizeof *r->seen && !r->seen[at]) {
		r->seen[at] = true;
		r->n++;
		r->first = c;
	}
	r->generated |= c->computed_sql != NULL;
	return true;
}

static bool find_references(definition *d, const char *text, references *r)
{
	sql_expr *e = amph__parse_expr(d->arena, text, d->err);

	*r = (references){ .d = d };
	return e && note_reference(r, e);
}

static bool check_expressions(definition *d)
{
	references *r = AMPH_NEW(d->arena, references);

	if (!r)
		return amph__error_nomem(d->err);
	for (size_t i = 0; i < d->table->n_columns; i++) {
		const sql_column_def *c = &d->columns[i];
		const char *text = c->default_sql ? c->default_sql : c->computed_sql;

		if (!text)
			continue;
		if (!find_references(d, text, r))
			return false;
		if (c->default_sql && (r->n || r->unknown))
			return amph__error(d->err, "0A000", "cannot use column reference in DEFAULT "
					   "expression");
		if (r->query)
			return amph__error(d->err, "0A000", "cannot use subquery in %s expression",
					   c->default_sql ? "DEFAULT" : "column generation");
		if (c->computed_sql && r->generated)
			return amph__error(d->err, "42P17", "cannot use generated column in column "
					   "generation expression");
	}
	return true;
}

/* ---- names ---- */

static bool is_taken(const definition *d, const sql_constraint *but, const char *name)
{
	for (const sql_constraint *k = d->stmt->constraints; k; k = k->next)
		if (k != but && k->name && !strcmp(k->name, name))
			return true;
	return false;
}

static const sql_constraint *named_before(const definition *d, const sql_constraint *k, const char *name)
{
	for (const sql_constraint *o = d->stmt->constraints; o != k; o = o->next)
		if (o->name && !strcmp(o->name, name))
			return o;
	return NULL;
}

static bool is_key(const sql_constraint *k)
{
	return k->kind == 'p' || k->kind == 'u';
}

/* table_a_b_suffix, with a number where that is taken. */
static const char *choose_name(definition *d, const sql_constraint *k, const char *const *columns,
			       const char *suffix)
{
	const char *name = NULL, *chosen;
	amph_buf b;

	amph__buf_init(&b, d->arena->allocator);
	amph__buf_puts(&b, d->table->name);
	for (size_t i = 0; columns && columns[i]; i++)
		amph__buf_printf(&b, "_%s", columns[i]);
	amph__buf_printf(&b, "_%s", suffix);
	if (!b.failed)
		name = amph__arena_text(d->arena, b.text, b.len);
	amph__buf_clear(&b);
	chosen = name;
	for (unsigned n = 1; chosen && is_taken(d, k, chosen); n++)
		chosen = amph__arena_printf(d->arena, "%s%u", name, n);
	if (!chosen) {
		amph__error_nomem(d->err);
		return NULL;
	}
	if (strlen(chosen) <= NAME_MAX_BYTES)
		return chosen;
	amph__error(d->err, "0A000", "a constraint whose name would be longer than %d bytes (\"%s\") "
		    "is not supported; name it", (int)NAME_MAX_BYTES, chosen);
	return NULL;
}

static const char *name_of_check(definition *d, const sql_constraint *k)
{
	const char *columns[2] = { NULL, NULL };
	references *r = AMPH_NEW(d->arena, references);

	if (!r || !find_references(d, k->check_sql, r))
		return NULL;
	if (r->n == 1)
		columns[0] = r->first->name;
	return choose_name(d, k, columns, "check");
}

static bool name_constraint(definition *d, sql_constraint *k)
{
	const sql_constraint *other = k->name ? named_before(d, k, k->name) : NULL;

	if (other)
		return is_key(k) && is_key(other)
			? amph__error(d->err, "42P07", "relation \"%s\" already exists", k->name)
			: amph__error(d->err, "42710", "constraint \"%s\" for relation \"%s\" already "
				      "exists", k->name, d->table->name);
	if (!k->name)
		k->name = k->kind == 'c' ? name_of_check(d, k)
			: choose_name(d, k, k->kind == 'p' ? NULL : k->columns,
				      k->kind == 'p' ? "pkey" : k->kind == 'u' ? "key" : "fkey");
	return k->name != NULL;
}

/* ---- keys ---- */

static bool check_key_columns(definition *d, const sql_constraint *k)
{
	for (size_t i = 0; k->columns && k->columns[i]; i++) {
		sql_column_def *c = column_of(d, k->columns[i]);

		if (!c)
			return amph__error(d->err, "42703",
					   k->kind == 'f'
						   ? "column \"%s\" referenced in foreign key "
						     "constraint does not exist"
						   : "column \"%s\" named in key does not exist",
					   k->columns[i]);
		if (is_key(k) && (c->type.type == AMPH_T_PLAIN_JSON || c->type.type == AMPH_T_JSONPATH))
			return amph__error(d->err, "42704", "data type %s has no default operator class "
					   "for access method \"btree\"", amph__types[c->type.type].name);
		if (k->kind == 'p')
			c->type.nullable = false;
		for (size_t j = 0; j < i; j++)
			if (!strcmp(k->columns[j], k->columns[i]))
				return amph__error(d->err, k->kind == 'f' ? "42830" : "42701",
						   "column \"%s\" appears twice in a key", k->columns[i]);
	}
	return true;
}

static bool set_keys(definition *d)
{
	const char *const **uniques;
	size_t n = 0;

	for (const sql_constraint *k = d->stmt->constraints; k; k = k->next)
		n += k->kind == 'u';
	uniques = AMPH_NEWS(d->arena, const char *const *, n + 1);
	if (!uniques)
		return amph__error_nomem(d->err);
	n = 0;
	for (const sql_constraint *k = d->stmt->constraints; k; k = k->next) {
		if (k->kind != 'c' && k->kind != 'f' && !check_key_columns(d, k))
			return false;
		if (k->kind == 'p' && d->table->primary_key)
			return amph__error(d->err, "42P16", "multiple primary keys for table \"%s\" are "
					   "not allowed", d->table->name);
		if (k->kind == 'p')
			d->table->primary_key = k->columns;
		if (k->kind == 'u')
			uniques[n++] = k->columns;
	}
	d->table->uniques = uniques;
	return true;
}

/* As set_keys lists the keys. */
static bool set_key_names(definition *d)
{
	const char **names;
	size_t n = 0;

	for (const sql_constraint *k = d->stmt->constraints; k; k = k->next)
		n += k->kind == 'u';
	names = AMPH_NEWS(d->arena, const char *, n + 1);
	if (!names)
		return amph__error_nomem(d->err);
	n = 0;
	d->table->primary_name = NULL;
	for (const sql_constraint *k = d->stmt->constraints; k; k = k->next) {
		if (k->kind == 'u')
			names[n++] = k->name;
		if (k->kind == 'p')
			d->table->primary_name = k->name;
	}
	d->table->unique_names = (const char *const *)names;
	return true;
}

/* ---- foreign keys ---- */

static bool same_columns(const char *const *a, const char *const *b)
{
	if (count(a) != count(b))
		return false;
	for (size_t i = 0; a && a[i]; i++) {
		size_t k = 0;

		while (b[k] && strcmp(a[i], b[k]) != 0)
			k++;
		if (!b[k])
			return false;
	}
	return true;
}

/* A unique index that is no constraint has no name among them. */
static bool is_index(const sql_table *t, size_t i)
{
	return t->unique_names && !*t->unique_names[i];
}

static bool is_unique(const sql_table *t, const char *const *columns)
{
	if (t->primary_key && same_columns(t->primary_key, columns))
		return true;
	for (size_t i = 0; t->uniques && t->uniques[i]; i++)
		if (same_columns(t->uniques[i], columns) && !is_index(t, i))
			return true;
	return false;
}

static bool has_unique_index(const sql_table *t, const char *const *columns)
{
	for (size_t i = 0; t->uniques && t->uniques[i]; i++)
		if (same_columns(t->uniques[i], columns) && is_index(t, i))
			return true;
	return false;
}

/* Types that PostgreSQL compares with each other, though they are stored here in different ways. */
static int family_of(int type)
{
	switch (type) {
	case AMPH_T_INT16:
	case AMPH_T_INT32:
	case AMPH_T_INT64: return 1;
	case AMPH_T_FLOAT:
	case AMPH_T_DOUBLE: return 2;
	case AMPH_T_NUMERIC: return 3;
	case AMPH_T_DATE: return 11;
	case AMPH_T_TIMESTAMP: return 12;
	case AMPH_T_TIMESTAMPTZ: return 13;
	default: return 100 + type;
	}
}

bool amph__fkey_fits(const amph_sqltype *a, const amph_sqltype *b)
{
	bool text = a->type == AMPH_T_TEXT;

	return family_of(a->type) == family_of(b->type) && a->enumeration == b->enumeration &&
	       !(text && (a->scale == 1) != (b->scale == 1)) &&
	       !(text && a->scale == 1 && a->length != b->length);
}

static bool check_types(definition *d, const sql_constraint *k, const sql_column_def *from,
			const sql_column_def *to)
{
	int a = family_of(from->type.type), b = family_of(to->type.type);

	if (a == b && (from->type.scale == 1) != (to->type.scale == 1) && from->type.type == AMPH_T_TEXT)
		return amph__error(d->err, "0A000", "a foreign key between text and character(n) is not "
				   "supported");
	if (a == b && from->type.scale == 1 && from->type.type == AMPH_T_TEXT &&
	    from->type.length != to->type.length)
		return amph__error(d->err, "0A000", "a foreign key between character(n) of different "
				   "lengths is not supported");
	if (a == b && from->type.enumeration == to->type.enumeration)
		return true;
	if (a / 10 == b / 10 && a < 100 && b < 100)
		return amph__error(d->err, "0A000", "a foreign key between columns \"%s\" and \"%s\" of "
				   "different kinds of numbers or times is not supported", from->name,
				   to->name);
	return amph__error(d->err, "42804", "foreign key constraint \"%s\" cannot be implemented: key "
			   "columns \"%s\" and \"%s\" are of incompatible types", k->name, from->name,
			   to->name);
}

static const sql_column_def *column_in(const sql_table *t, const char *name)
{
	for (size_t i = 0; i < t->n_columns; i++)
		if (!strcmp(t->columns[i].name, name))
			return &t->columns[i];
	return NULL;
}

static bool check_target_columns(definition *d, const sql_constraint *k, const sql_table *target)
{
	if (count(k->columns) != count(k->target_columns))
		return amph__error(d->err, "42830", "number of referencing and referenced columns for "
				   "foreign key disagree");
	for (size_t i = 0; k->columns[i]; i++) {
		const sql_column_def *to = column_in(target, k->target_columns[i]);

		if (!to)
			return amph__error(d->err, "42703", "column \"%s\" referenced in foreign key "
					   "constraint does not exist", k->target_columns[i]);
	}
	if (!is_unique(target, k->target_columns) && has_unique_index(target, k->target_columns))
		return amph__error(d->err, "0A000", "a foreign key to columns of an index that is no "
				   "constraint is not supported");
	if (!is_unique(target, k->target_columns))
		return amph__error(d->err, "42830", "there is no unique constraint matching given keys for "
				   "referenced table \"%s\"", target->name);
	for (size_t i = 0; k->columns[i]; i++)
		if (!check_types(d, k, column_of(d, k->columns[i]), column_in(target, k->target_columns[i])))
			return false;
	return true;
}

static bool define_foreign_key(definition *d, sql_constraint *k)
{
	const sql_table *target = !strcmp(k->target, d->table->name) ? d->table
		: d->names->table(d->names->ctx, NULL, k->target);

	if (!target)
		return amph__error(d->err, "42P01", "relation \"%s\" does not exist", k->target);
	if (target->temporary != d->table->temporary)
		return amph__error(d->err, "42P16", d->table->temporary
				   ? "constraints on temporary tables may reference only temporary tables"
				   : "constraints on permanent tables may reference only permanent tables");
	if (!check_key_columns(d, k))
		return false;
	if (k->match_full && k->deferrable && count(k->columns) > 1)
		return amph__error(d->err, "0A000", "a deferrable MATCH FULL of several columns is not "
				   "supported");
	if (!k->target_columns && !target->primary_key)
		return amph__error(d->err, "42704", "there is no primary key for referenced table \"%s\"",
				   k->target);
	if (!k->target_columns)
		k->target_columns = target->primary_key;
	return check_target_columns(d, k, target);
}

bool amph__define_table(amph_arena *arena, sql_stmt *stmt, const sql_names *names, amph_error *err)
{
	definition d = { .arena = arena, .stmt = stmt, .names = names, .err = err,
			 .table = (sql_table *)(uintptr_t)stmt->table };

	d.columns = (sql_column_def *)(uintptr_t)d.table->columns;
	d.table->primary_key = NULL;
	for (size_t i = 0; i < d.table->n_columns; i++)
		if (!define_column(&d, i))
			return false;
	if (!set_keys(&d) || !check_expressions(&d))
		return false;
	for (sql_constraint *k = stmt->constraints; k; k = k->next)
		if (!name_constraint(&d, k))
			return false;
	if (!set_key_names(&d))
		return false;
	for (sql_constraint *k = stmt->constraints; k; k = k->next)
		if (k->kind == 'f' && !define_foreign_key(&d, k))
			return false;
	return true;
}
