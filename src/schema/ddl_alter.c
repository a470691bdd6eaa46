/* ALTER TABLE: what the table is to be is worked out first. Then the old table steps aside, the new
 * one is made under its name and takes the rows over, and the old one goes: so that every constraint
 * and default is looked at as if the rows were new, and errors name the table. */
#include "ddl_alter.h"
#include "../sql/catalog/catalog.h"
#include "../sql/names.h"
#include "../base/buf.h"
#include <string.h>

enum { COLUMNS_MAX = 1600 };

sql_column_def *amph__alter_column(alteration *a, const char *name)
{
	for (size_t i = 0; i < a->n; i++)
		if (!strcmp(a->columns[i].name, name))
			return &a->columns[i];
	return NULL;
}

static bool no_column(alteration *a, const char *name)
{
	if (amph__is_system_column(name))
		return amph__error(a->run->err, "0A000", "cannot alter system column \"%s\"", name);
	amph__error(a->run->err, "42703", "column \"%s\" of relation \"%s\" does not exist", name,
		    a->table.name);
	return false;
}

static bool has_name(const char *const *names, const char *name)
{
	for (size_t i = 0; names && names[i]; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* ---- as it was ---- */

static sql_constraint *copy_constraint(amph_arena *arena, const sql_constraint *k)
{
	sql_constraint *copy = AMPH_NEW(arena, sql_constraint);

	if (copy)
		*copy = *k;
	return copy;
}

static bool copy_definition(alteration *a, const sql_stmt *old)
{
	amph_arena *arena = a->run->arena;
	size_t cap = old->table->n_columns, i = 0;
	sql_constraint **next = &a->constraints;

	for (const sql_alter *c = a->run->stmt->alters; c; c = c->next)
		cap += c->kind == SQL_ADD_COLUMN;
	a->old = old->table;
	a->table = *old->table;
	a->columns = AMPH_NEWS(arena, sql_column_def, cap + 1);
	a->values = AMPH_NEWS(arena, alter_value, cap + 1);
	if (!a->columns || !a->values)
		return amph__error_nomem(a->run->err);
	for (; i < old->table->n_columns; i++) {
		a->columns[i] = old->table->columns[i];
		a->values[i].from = a->columns[i].name;
	}
	a->n = i;
	for (const sql_constraint *k = old->constraints; k; k = k->next) {
		*next = copy_constraint(arena, k);
		if (!*next)
			return amph__error_nomem(a->run->err);
		(*next)->next = NULL;
		next = &(*next)->next;
	}
	return true;
}

/* Whether a view needs the table, or its column: those do not follow. */
static bool is_viewed(alteration *a, const char *column)
{
	sql_column_def *columns = AMPH_NEWS(a->run->arena, sql_column_def, a->old->n_columns + 1);
	sql_table without = *a->old;
	const char *view;

	without.columns = columns;
	without.n_columns = 0;
	for (size_t i = 0; columns && i < a->old->n_columns; i++)
		if (!column || strcmp(a->old->columns[i].name, column) != 0)
			columns[without.n_columns++] = a->old->columns[i];
	view = amph__view_broken(a->run, a->old->name, column ? &without : NULL);
	if (view)
		amph__error(a->run->err, "0A000", "a change of what a view (\"%s\") uses is not supported",
			    view);
	return view != NULL;
}

/* ---- columns ---- */

static void append_constraints(alteration *a, sql_constraint *more)
{
	sql_constraint **end = &a->constraints;

	while (*end)
		end = &(*end)->next;
	*end = more;
}

static bool add_column(alteration *a, const sql_alter *c)
{
	if (amph__alter_column(a, c->column->name)) {
		if (c->missing_ok)
			return true;
		return amph__error(a->run->err, "42701", "column \"%s\" of relation \"%s\" already exists",
				   c->column->name, a->table.name);
	}
	if (a->n >= COLUMNS_MAX)
		return amph__error(a->run->err, "54011", "tables can have at most %d columns",
				   (int)COLUMNS_MAX);
	a->columns[a->n] = *c->column;
	a->values[a->n++] = (alter_value){ .from = NULL };
	append_constraints(a, c->constraints);
	a->rewrites = true;
	return true;
}

/* Whether a text over the columns of the table names one; -1: it cannot be read. */
static int mentions(alteration *a, const char *text, const char *column)
{
	bool found = false;

	if (!text)
		return 0;
	return amph__expr_mentions(a->run->arena, text, column, &found, a->run->err) ? found : -1;
}

static bool key_is_needed(alteration *a, const sql_constraint *k, const sql_alter *c)
{
	const amph_known_table *of;
	const sql_constraint *user = NULL;

	if ((k->kind == 'p' || k->kind == 'u') && !a->table.temporary)
		user = amph__ddl_key_user(a->run, a->old->name, k->columns, NULL, &of);
	/* with CASCADE those of other tables have gone before */
	if (!user || c->cascade)
		return false;
	amph__error(a->run->err, "2BP01", "cannot drop constraint %s on table %s because other objects "
		    "depend on it: constraint %s on table %s", k->name, a->table.name, user->name, of->name);
	return true;
}

static bool column_is_in(alteration *a, const sql_constraint *k, const char *name, bool *is)
{
	int mentioned = k->kind == 'c' ? mentions(a, k->check_sql, name) : 0;

	*is = mentioned > 0 || has_name(k->columns, name) ||
	      (k->kind == 'f' && !strcmp(k->target, a->table.name) && has_name(k->target_columns, name));
	return mentioned >= 0;
}

static bool drop_constraints_of(alteration *a, const sql_alter *c)
{
	sql_constraint **next = &a->constraints;

	while (*next) {
		bool is;

		if (!column_is_in(a, *next, c->name, &is))
			return false;
		if (!is) {
			next = &(*next)->next;
			continue;
		}
		if (key_is_needed(a, *next, c))
			return false;
		*next = (*next)->next;
	}
	return true;
}

static bool drop_column(alteration *a, const sql_alter *c);

/* Columns that are computed from one that goes: with CASCADE they go as well. */
static bool drop_computed(alteration *a, const sql_alter *c)
{
	for (size_t i = 0; i < a->n; i++) {
		bool own = !strcmp(a->columns[i].name, c->name);
		int uses = own ? 0 : mentions(a, a->columns[i].computed_sql, c->name);
		sql_alter also = *c;

		if (uses > 0 && !c->cascade)
			return amph__error(a->run->err, "2BP01", "cannot drop column %s of table %s because "
					   "generated column %s depends on it", c->name, a->table.name,
					   a->columns[i].name);
		if (uses < 0)
			return false;
		if (!uses)
			continue;
		also.name = a->columns[i].name;
		if (!drop_column(a, &also))
			return false;
		i--;
	}
	return true;
}

static bool drop_column(alteration *a, const sql_alter *c)
{
	sql_column_def *column = amph__alter_column(a, c->name);
	size_t at;

	if (!column)
		return c->missing_ok || no_column(a, c->name);
	if (!drop_computed(a, c))
		return false;
	column = amph__alter_column(a, c->name);
	at = (size_t)(column - a->columns);
	if (a->n == 1)
		return amph__error(a->run->err, "0A000", "a table without columns is not supported");
	if (!drop_constraints_of(a, c))
		return false;
	memmove(column, column + 1, (a->n - at - 1) * sizeof *column);
	memmove(&a->values[at], &a->values[at + 1], (a->n - at - 1) * sizeof *a->values);
	a->n--;
	return true;
}

/* Whether columns of table, which k is a foreign key of, may refer to the column name, were it of type. */
static bool key_fits(const sql_table *table, const sql_constraint *k, const char *name,
		     const amph_sqltype *type)
{
	for (size_t c = 0; k->columns[c]; c++)
		for (size_t n = 0; !strcmp(k->target_columns[c], name) && n < table->n_columns; n++)
			if (!strcmp(table->columns[n].name, k->columns[c]) &&
			    !amph__fkey_fits(&table->columns[n].type, type))
				return false;
	return true;
}

/* Foreign keys of other tables stay as they are. */
static bool keys_fit(alteration *a, const char *name, const amph_sqltype *type)
{
	amph_known_table *t;

	for (size_t i = 0; !a->table.temporary && (t = amph__map_next(&a->run->names->tables, &i)); ) {
		amph_error ignored;
		const sql_stmt *stmt = strcmp(t->name, a->old->name)
			? amph__names_definition(a->run->names, t, &ignored) : NULL;

		for (const sql_constraint *k = stmt ? stmt->constraints : NULL; k; k = k->next)
			if (k->kind == 'f' && !strcmp(k->target, a->old->name) &&
			    !key_fits(stmt->table, k, name, type))
				return amph__error(a->run->err, "42804", "foreign key constraint \"%s\" "
						   "cannot be implemented", k->name);
	}
	return true;
}

/* A default is of the column's type before, unless it is NULL or one is given as well. */
static bool default_fits(alteration *a, const sql_column_def *column, const amph_sqltype *to)
{
	amph_error ignored;
	sql_expr *e = amph__parse_expr(a->run->arena, column->default_sql, &ignored);

	for (const sql_alter *c = a->run->stmt->alters; c; c = c->next)
		if (c->kind == SQL_SET_DEFAULT && !strcmp(c->name, column->name) && !c->column->default_sql)
			return true;
	return !e || (e->kind == SQL_CONST && !e->text) || to->type == AMPH_T_ENUM ||
	       amph__can_coerce(&column->type, to, AMPH_CAST_ASSIGNMENT);
}

/* What the column has of its domain would have to be told from what is its own. */
static bool is_plain(alteration *a, const sql_column_def *column)
{
	return !column->domain ||
	       amph__error(a->run->err, "0A000", "another type, default or NOT NULL of a column of a domain "
			   "(\"%s\") is not supported", column->name);
}

static bool is_domain(const alteration *a, const amph_sqltype *type)
{
	return type->type == AMPH_T_ENUM && type->enumeration &&
	       a->run->names->names.domain(a->run->names, type->enumeration->name);
}

static bool change_type(alteration *a, const sql_alter *c)
{
	sql_column_def *column = amph__alter_column(a, c->name);
	bool identity;

	if (!column)
		return no_column(a, c->name);
	if (!is_plain(a, column))
		return false;
	if (is_domain(a, &c->column->type))
		return amph__error(a->run->err, "0A000", "a column that becomes one of a domain (\"%s\") is "
				   "not supported", c->name);
	for (size_t i = 0; i < a->n; i++) {
		int uses = mentions(a, a->columns[i].computed_sql, c->name);

		if (uses > 0)
			return amph__error(a->run->err, "0A000", "cannot alter type of a column used by a "
					   "generated column");
		if (uses < 0)
			return false;
	}
	if (!c->using_sql && c->column->type.type != AMPH_T_ENUM &&
	    !amph__can_coerce(&column->type, &c->column->type, AMPH_CAST_ASSIGNMENT))
		return amph__error(a->run->err, "42804", "column \"%s\" cannot be cast automatically to "
				   "another type; say how with USING", c->name);
	identity = column->identity;
	if (is_viewed(a, c->name) || !keys_fit(a, c->name, &c->column->type))
		return false;
	if (column->computed_sql || identity)
		return amph__error(a->run->err, "0A000", "another type of a column with its own values "
				   "(\"%s\") is not supported", c->name);
	if (column->default_sql && !default_fits(a, column, &c->column->type))
		return amph__error(a->run->err, "42804", "default for column \"%s\" cannot be cast "
				   "automatically to another type", c->name);
	c->column->type.nullable = column->type.nullable;
	column->type = c->column->type;
	a->values[column - a->columns].using_sql = c->using_sql;
	a->rewrites = true;
	return true;
}

static bool set_default(alteration *a, const sql_alter *c)
{
	sql_column_def *column = amph__alter_column(a, c->name);

	if (!column)
		return no_column(a, c->name);
	if (!is_plain(a, column))
		return false;
	if (column->identity && !column->serial)
		return amph__error(a->run->err, "42601", "column \"%s\" of relation \"%s\" is an identity "
				   "column", c->name, a->table.name);
	if (column->computed_sql)
		return amph__error(a->run->err, "42601", "column \"%s\" of relation \"%s\" is a generated "
				   "column", c->name, a->table.name);
	if (column->serial)
		column->identity = column->serial = false;
	column->default_sql = c->column->default_sql;
	return true;
}

static bool set_not_null(alteration *a, const sql_alter *c)
{
	sql_column_def *column = amph__alter_column(a, c->name);

	if (!column)
		return no_column(a, c->name);
	if (!is_plain(a, column))
		return false;
	if (c->kind == SQL_DROP_NOT_NULL && column->identity && !column->serial)
		return amph__error(a->run->err, "42601", "column \"%s\" of relation \"%s\" is an identity "
				   "column", c->name, a->table.name);
	for (const sql_constraint *k = a->constraints; k && c->kind == SQL_DROP_NOT_NULL; k = k->next)
		if (k->kind == 'p' && has_name(k->columns, c->name))
			return amph__error(a->run->err, "42P16", "column \"%s\" is in a primary key",
					   c->name);
	column->type.nullable = c->kind == SQL_DROP_NOT_NULL;
	return true;
}

/* ---- columns that get their values by themselves ---- */

static bool fail_identity(alteration *a, const sql_alter *c, const char *what)
{
	return amph__error(a->run->err, "55000", "column \"%s\" of relation \"%s\" %s", c->name,
			   a->table.name, what);
}

static bool add_identity(alteration *a, const sql_alter *c)
{
	sql_column_def *column = amph__alter_column(a, c->name);

	if (!column)
		return no_column(a, c->name);
	if (column->type.type < AMPH_T_INT16 || column->type.type > AMPH_T_INT64)
		return amph__error(a->run->err, "22023", "identity column type must be smallint, integer, or "
				   "bigint");
	if (column->type.nullable)
		return fail_identity(a, c, "must be declared NOT NULL before identity can be added");
	if (column->identity && !column->serial)
		return fail_identity(a, c, "is already an identity column");
	if (column->default_sql || column->serial)
		return fail_identity(a, c, "already has a default value");
	if (column->computed_sql)
		return fail_identity(a, c, "is a generated column");
	if (!a->values[column - a->columns].from)
		return amph__error(a->run->err, "0A000", "a column that is new and numbers itself then "
				   "(\"%s\") is not supported", c->name);
	column->identity = true;
	column->identity_always = c->column->identity_always;
	column->sequence = c->column->sequence;
	amph__ddl_restart(a->run, a->old, (size_t)(column - a->columns), true);
	return true;
}

static bool set_identity(alteration *a, const sql_alter *c)
{
	sql_column_def *column = amph__alter_column(a, c->name);

	if (!column)
		return no_column(a, c->name);
	if (!column->identity || column->serial)
		return fail_identity(a, c, "is not an identity column");
	if (c->always >= 0)
		column->identity_always = c->always;
	for (size_t i = 0; i < a->old->n_columns && c->restart; i++)
		if (!strcmp(a->old->columns[i].name, c->name))
			amph__ddl_restart(a->run, a->old, i, true);
	return true;
}

static bool drop_identity(alteration *a, const sql_alter *c)
{
	sql_column_def *column = amph__alter_column(a, c->name);

	if (!column)
		return no_column(a, c->name);
	if (!column->identity || column->serial)
		return c->missing_ok || fail_identity(a, c, "is not an identity column");
	column->identity = column->identity_always = false;
	column->sequence = NULL;
	return true;
}

static bool drop_expression(alteration *a, const sql_alter *c)
{
	sql_column_def *column = amph__alter_column(a, c->name);

	if (!column)
		return no_column(a, c->name);
	if (!column->computed_sql)
		return c->missing_ok || fail_identity(a, c, "is not a stored generated column");
	column->computed_sql = NULL;
	return true;
}

/* ---- constraints ---- */

static bool validate(alteration *a, const sql_alter *c)
{
	const sql_constraint *k = a->constraints;

	while (k && strcmp(k->name ? k->name : "", c->name) != 0)
		k = k->next;
	if (!k)
		return amph__error(a->run->err, "42704", "constraint \"%s\" of relation \"%s\" does not "
				   "exist", c->name, a->table.name);
	return k->kind == 'c' || k->kind == 'f' ||
	       amph__error(a->run->err, "42809", "constraint \"%s\" of relation \"%s\" is not a foreign key "
			   "or check constraint", c->name, a->table.name);
}

static bool add_constraint(alteration *a, const sql_alter *c)
{
	const sql_constraint *k = c->constraints;

	if (k->name && k->kind != 'c' && k->kind != 'f' && amph__ddl_is_known(a->run, k->name))
		return amph__error(a->run->err, "42P07", "relation \"%s\" already exists", k->name);
	append_constraints(a, c->constraints);
	return true;
}

static bool same_names(const char *const *a, const char *const *b)
{
	size_t n = 0, k = 0;

	for (; a && a[n]; n++)
		if (!has_name(b, a[n]))
			return false;
	while (b && b[k])
		k++;
	return n == k;
}

/* Foreign keys of the table to a key of its own. */
static void drop_own_users(alteration *a, const char *const *columns)
{
	for (sql_constraint **next = &a->constraints; *next;)
		if ((*next)->kind == 'f' && !strcmp((*next)->target, a->old->name) &&
		    same_names((*next)->target_columns, columns))
			*next = (*next)->next;
		else
			next = &(*next)->next;
}

static bool drop_constraint(alteration *a, const sql_alter *c)
{
	sql_constraint **next = &a->constraints;

	while (*next && strcmp((*next)->name ? (*next)->name : "", c->name) != 0)
		next = &(*next)->next;
	if (!*next)
		return c->missing_ok ||
		       amph__error(a->run->err, "42704", "constraint \"%s\" of relation \"%s\" does not "
				   "exist", c->name, a->table.name);
	if (key_is_needed(a, *next, c))
		return false;
	if (c->cascade && (*next)->kind != 'f' && (*next)->kind != 'c')
		drop_own_users(a, (*next)->columns);
	for (next = &a->constraints; strcmp((*next)->name ? (*next)->name : "", c->name) != 0;)
		next = &(*next)->next;
	*next = (*next)->next;
	return true;
}

/* ---- names ---- */

static bool rename_constraint(alteration *a, const sql_alter *c)
{
	sql_constraint *k = a->constraints;

	while (k && strcmp(k->name ? k->name : "", c->name) != 0)
		k = k->next;
	if (!k)
		return amph__error(a->run->err, "42704", "constraint \"%s\" for table \"%s\" does not exist",
				   c->name, a->table.name);
	if ((k->kind == 'p' || k->kind == 'u') && amph__ddl_is_known(a->run, c->new_name))
		return amph__error(a->run->err, "42P07", "relation \"%s\" already exists", c->new_name);
	for (const sql_constraint *other = a->constraints; other; other = other->next)
		if (!strcmp(other->name ? other->name : "", c->new_name))
			return amph__error(a->run->err, "42710",
					   "constraint \"%s\" for relation \"%s\" already exists",
					   c->new_name, a->table.name);
	k->name = c->new_name;
	return true;
}

static bool is_referred_to(alteration *a)
{
	const amph_known_table *of;
	const sql_constraint *k = a->table.temporary ? NULL
		: amph__ddl_referrer(a->run, a->old->name, NULL, &of);

	if (k)
		amph__error(a->run->err, "0A000", "a new name where another table refers to (\"%s\") is not "
			    "supported", of->name);
	return k != NULL;
}

static bool rename_table(alteration *a, const sql_alter *c)
{
	if (amph__ddl_is_known(a->run, c->new_name))
		return amph__error(a->run->err, "42P07", "relation \"%s\" already exists", c->new_name);
	if (!amph__ddl_is_clear(a->run, c->new_name) || is_referred_to(a) || is_viewed(a, NULL))
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->columns[i].identity)
			return amph__error(a->run->err, "0A000", "a new name of a table whose columns "
					   "number themselves is not supported");
	for (sql_constraint *k = a->constraints; k; k = k->next)
		if (k->kind == 'f' && !strcmp(k->target, a->table.name))
			k->target = c->new_name;
	a->table.name = c->new_name;
	return true;
}

static const char *const *renamed_list(alteration *a, const char *const *names, const sql_alter *c)
{
	const char **list;
	size_t n = 0;

	while (names && names[n])
		n++;
	if (!names || !has_name(names, c->name))
		return names;
	list = AMPH_NEWS(a->run->arena, const char *, n + 1);
	for (size_t i = 0; list && i < n; i++)
		list[i] = strcmp(names[i], c->name) ? names[i] : c->new_name;
	return list;
}

static bool rename_in(alteration *a, const char **text, const sql_alter *c)
{
	return !*text || amph__expr_rename(a->run->arena, text, c->name, c->new_name, a->run->err);
}

static bool rename_column(alteration *a, const sql_alter *c)
{
	sql_column_def *column = amph__alter_column(a, c->name);

	if (!column && amph__is_system_column(c->name))
		return no_column(a, c->name);
	if (!column)
		return amph__error(a->run->err, "42703", "column \"%s\" does not exist", c->name);
	if (amph__alter_column(a, c->new_name))
		return amph__error(a->run->err, "42701", "column \"%s\" of relation \"%s\" already exists",
				   c->new_name, a->table.name);
	if (is_referred_to(a) || is_viewed(a, c->name))
		return false;
	if (column->identity)
		return amph__error(a->run->err, "0A000", "a new name of a column that numbers itself is "
				   "not supported");
	column->name = c->new_name;
	for (size_t i = 0; i < a->n; i++)
		if (!rename_in(a, &a->columns[i].computed_sql, c))
			return false;
	for (sql_constraint *k = a->constraints; k; k = k->next) {
		k->columns = renamed_list(a, k->columns, c);
		if (k->kind == 'f' && !strcmp(k->target, a->table.name))
			k->target_columns = renamed_list(a, k->target_columns, c);
		if (!rename_in(a, &k->check_sql, c))
			return false;
	}
	a->renamed = c->name;
	a->new_name = c->new_name;
	return true;
}

/* ---- what is no table ---- */

static bool alter_table(ddl_run *r, amph_known_table *known);

/* The index of a key has the key's name. */
static bool rename_key(ddl_run *r, amph_known_table *known, const char *name)
{
	sql_alter to = *r->stmt->alters;

	to.kind = SQL_RENAME_CONSTRAINT;
	to.name = name;
	to.next = NULL;
	r->stmt->alters = amph__arena_copy(r->arena, &to, sizeof to);
	return r->stmt->alters ? alter_table(r, known) : amph__error_nomem(r->err);
}

static bool rename_index(ddl_run *r, const char *name, bool *ok)
{
	amph_known_index *known = amph__map_get(&r->names->indexes, name, strlen(name));
	amph_known_table *table = amph__ddl_with_key(r, name);

	if (known)
		*ok = amph__ddl_rename_index(r, known, r->stmt->alters->new_name);
	else if (table)
		*ok = rename_key(r, table, name);
	else
		return false;
	return true;
}

/* Of sequences and indexes ALTER TABLE may change little, and that is not done here. */
static bool alter_other(ddl_run *r, bool *ok)
{
	const char *name = r->stmt->target->name;
	amph_known_sequence *view = amph__map_get(&r->names->views, name, strlen(name));
	sql_sequence q;

	*ok = false;
	if (view) {
		*ok = amph__ddl_alter_view(r, view);
		return true;
	}
	if (r->stmt->alters->kind == SQL_RENAME_TABLE && rename_index(r, name, ok))
		return true;
	if (!amph__map_get(&r->names->indexes, name, strlen(name)) &&
	    !r->names->names.sequence(r->names, name, &q))
		return false;
	if (r->stmt->alters->kind == SQL_RENAME_TABLE)
		amph__error(r->err, "0A000", "ALTER TABLE of a sequence (\"%s\") is not supported", name);
	else
		amph__error(r->err, "42809", "\"%s\" is not a table", name);
	return true;
}

static bool nothing(alteration *a, const sql_alter *c)
{
	return !c->name || amph__alter_column(a, c->name) || no_column(a, c->name);
}

static bool apply(alteration *a)
{
	static bool (*const kinds[])(alteration *, const sql_alter *) = {
		[SQL_ADD_COLUMN] = add_column, [SQL_DROP_COLUMN] = drop_column,
		[SQL_RENAME_COLUMN] = rename_column, [SQL_COLUMN_TYPE] = change_type,
		[SQL_SET_DEFAULT] = set_default, [SQL_SET_NOT_NULL] = set_not_null,
		[SQL_DROP_NOT_NULL] = set_not_null, [SQL_ADD_CONSTRAINT] = add_constraint,
		[SQL_DROP_CONSTRAINT] = drop_constraint, [SQL_RENAME_TABLE] = rename_table,
		[SQL_VALIDATE] = validate, [SQL_ADD_IDENTITY] = add_identity,
		[SQL_SET_IDENTITY] = set_identity, [SQL_DROP_IDENTITY] = drop_identity,
		[SQL_DROP_EXPRESSION] = drop_expression, [SQL_RENAME_CONSTRAINT] = rename_constraint,
		[SQL_ALTER_NOTHING] = nothing
	};
	/* as PostgreSQL does it: what goes, types, what comes, constraints */
	static const sql_alter_kind passes[][4] = {
		{ SQL_DROP_COLUMN, SQL_DROP_CONSTRAINT, SQL_RENAME_COLUMN, SQL_RENAME_TABLE },
		{ SQL_COLUMN_TYPE, SQL_DROP_NOT_NULL, SQL_DROP_IDENTITY, SQL_DROP_EXPRESSION },
		{ SQL_ADD_COLUMN, SQL_SET_DEFAULT, SQL_ADD_COLUMN, SQL_SET_DEFAULT },
		{ SQL_SET_NOT_NULL, SQL_ADD_CONSTRAINT, SQL_ADD_IDENTITY, SQL_SET_IDENTITY },
		{ SQL_VALIDATE, SQL_ALTER_NOTHING, SQL_RENAME_CONSTRAINT, SQL_ALTER_NOTHING }
	};

	for (size_t p = 0; p < sizeof passes / sizeof *passes; p++)
		for (const sql_alter *c = a->run->stmt->alters; c; c = c->next) {
			bool in = false;

			for (size_t i = 0; i < 4; i++)
				in |= passes[p][i] == c->kind;
			if (in && !kinds[c->kind](a, c))
				return false;
		}
	return true;
}

/* NOT VALID lets rows be that violate the constraint; here none are. */
static bool refuse_invalid(ddl_run *r)
{
	const char *state = r->err ? r->err->sqlstate : "";

	for (const sql_alter *c = r->stmt->alters; c; c = c->next)
		for (const sql_constraint *k = c->constraints; k; k = k->next)
			if (k->not_valid && (!strcmp(state, "23514") || !strcmp(state, "23503")))
				return amph__error(r->err, "0A000", "a constraint that is NOT VALID and that "
						   "rows violate is not supported");
	return false;
}

bool amph__alter_nothing(ddl_run *r, const amph_known_table *known)
{
	const sql_stmt *old = amph__names_definition(r->names, (amph_known_table *)(uintptr_t)known, r->err);
	sql_stmt *stmt = r->stmt, none = { .kind = SQL_STMT_ALTER_TABLE, .location = -1 };
	alteration a = { .run = r };
	bool ok;

	if (!old)
		return false;
	r->stmt = &none;
	ok = copy_definition(&a, old) && amph__alter_rebuild(&a, known);
	r->stmt = stmt;
	return ok;
}

/* What a column with one label is with the other. */
static const char *label_text(alteration *a, const sql_column_def *c, const char *from, const char *to)
{
	bool array = c->type.type & AMPH_T_ARRAY;
	const char *text = NULL;
	amph_buf b;

	amph__buf_init(&b, a->run->arena->allocator);
	amph__buf_puts(&b, array ? "array_replace(" : "CASE ");
	amph__buf_quote(&b, c->name, '"');
	amph__buf_puts(&b, array ? "::text[]" : "::text");
	amph__buf_puts(&b, array ? ", " : " WHEN ");
	amph__buf_quote(&b, from, '\'');
	amph__buf_puts(&b, array ? ", " : " THEN ");
	amph__buf_quote(&b, to, '\'');
	if (!array) {
		amph__buf_puts(&b, " ELSE ");
		amph__buf_quote(&b, c->name, '"');
		amph__buf_puts(&b, "::text");
	}
	amph__buf_puts(&b, array ? ")::" : " END::");
	amph__buf_quote(&b, c->type.enumeration->name, '"');
	amph__buf_puts(&b, array ? "[]" : "");
	if (!b.failed)
		text = amph__arena_text(a->run->arena, b.text, b.len);
	amph__buf_clear(&b);
	return text;
}

bool amph__alter_label(ddl_run *r, const amph_known_table *known, const char *type, const char *from,
		       const char *to)
{
	const sql_stmt *old = amph__names_definition(r->names, (amph_known_table *)(uintptr_t)known, r->err);
	sql_stmt *stmt = r->stmt, none = { .kind = SQL_STMT_ALTER_TABLE, .location = -1 };
	alteration a = { .run = r };
	bool ok;

	if (!old)
		return false;
	r->stmt = &none;
	ok = copy_definition(&a, old);
	for (size_t i = 0; ok && i < a.n; i++) {
		const amph_sqltype *t = &a.columns[i].type;

		if ((t->type & ~AMPH_T_ARRAY) != AMPH_T_ENUM || !t->enumeration ||
		    strcmp(t->enumeration->name, type) != 0)
			continue;
		a.values[i].using_sql = label_text(&a, &a.columns[i], from, to);
		ok = a.values[i].using_sql != NULL || amph__error_nomem(r->err);
	}
	ok = ok && amph__alter_rebuild(&a, known);
	r->stmt = stmt;
	return ok;
}

static bool alter_table(ddl_run *r, amph_known_table *known)
{
	alteration a = { .run = r };
	const sql_stmt *old = amph__names_definition(r->names, known, r->err);

	if (!old || !copy_definition(&a, old) || !apply(&a))
		return false;
	return amph__alter_rebuild(&a, known) || refuse_invalid(r);
}

bool amph__alter_other(ddl_run *r, const char *table, sql_alter *alters)
{
	sql_stmt *stmt = r->stmt, other = { .kind = SQL_STMT_ALTER_TABLE, .location = -1, .alters = alters };
	amph_known_table *known = amph__names_known(r->names, NULL, table);
	bool ok;

	r->stmt = &other;
	ok = known && amph__cascade_keys(r, NULL, table) &&
	     (known = amph__names_known(r->names, NULL, table)) != NULL && alter_table(r, known);
	r->stmt = stmt;
	return ok;
}

bool amph__ddl_alter(ddl_run *r)
{
	const sql_range *target = r->stmt->target;
	amph_known_table *known;
	bool ok;

	if (r->stmt->of_view || r->stmt->of_index)
		r->command = r->stmt->of_view ? "ALTER VIEW" : "ALTER INDEX";
	if (!r->dialect->rebuild_begin)
		return amph__error(r->err, "0A000", "ALTER TABLE is not supported");
	if (!amph__names_known(r->names, target->schema, target->name) && alter_other(r, &ok))
		return ok;
	if (!amph__ddl_table(r, target->schema, target->name, r->stmt->if_exists, &known) || !known)
		return known == NULL && r->stmt->if_exists && (!r->err || !r->err->sqlstate[0]);
	if (r->stmt->of_view)
		return amph__error(r->err, "42809", "\"%s\" is not a view", known->name);
	if (!amph__cascade_keys(r, target->schema, target->name))
		return false;
	known = amph__names_known(r->names, target->schema, target->name);
	return known && alter_table(r, known);
}
