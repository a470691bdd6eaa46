/* Defaults, checks, computed columns and keys of indexes as text: what PostgreSQL would say of them
 * when they are made, not when they are first evaluated. */
#include "ddl.h"
#include <string.h>

static const amph_sqltype boolean = { .type = AMPH_T_BOOL, .nullable = true };

/* What a text is for, and what it may not be then. */
typedef struct text_use {
	sql_text_kind kind;
	const char *what;
	bool (*forbids)(const sql_expr *e);
	const char *sqlstate, *message;
} text_use;

static const text_use check_use = {
	SQL_TEXT_CHECK, "check", amph__expr_is_volatile, "0A000",
	"a volatile function in a check is not supported"
};
static const text_use default_use = { SQL_TEXT_DEFAULT, "default", NULL, NULL, NULL };
static const text_use computed_use = {
	SQL_TEXT_COMPUTED, "generation expression", amph__expr_is_mutable, "42P17",
	"generation expression is not immutable"
};
static const text_use key_use = {
	SQL_TEXT_INDEX, "key of an index", amph__expr_is_mutable, "42P17",
	"functions in index expression must be marked IMMUTABLE"
};
static const text_use where_use = {
	SQL_TEXT_PREDICATE, "index predicate", amph__expr_is_mutable, "42P17",
	"functions in index predicate must be marked IMMUTABLE"
};

/* NULL after an error. */
static const sql_expr *define(ddl_run *r, const text_use *use, const sql_table *table, const char *text,
			      const amph_sqltype *want)
{
	sql_expr *e = amph__parse_expr(r->arena, text, r->err);

	if (!e)
		return NULL;
	const sql_text how = { .kind = use->kind, .table = table, .names = &r->names->names, .want = want };
	if (!amph__resolve_text(r->arena, &e, &how, r->err)) {
		amph__error_context(r->err, "In %s \"%s\" of table \"%s\"", use->what, text, table->name);
		return NULL;
	}
	if (use->forbids && use->forbids(e)) {
		amph__error(r->err, use->sqlstate, "%s", use->message);
		return NULL;
	}
	return e;
}

static bool define_column(ddl_run *r, const sql_table *table, const sql_column_def *c)
{
	const sql_table none = { .name = table->name };

	if (c->default_sql && !strstr(c->default_sql, "val(") &&
	    !define(r, &default_use, &none, c->default_sql, &c->type))
		return false;
	return !c->computed_sql || define(r, &computed_use, table, c->computed_sql, &c->type);
}

bool amph__define_texts(ddl_run *r, const sql_stmt *create)
{
	for (size_t i = 0; i < create->table->n_columns; i++)
		if (!define_column(r, create->table, &create->table->columns[i]))
			return false;
	for (const sql_constraint *k = create->constraints; k; k = k->next)
		if (k->kind == 'c' && !define(r, &check_use, create->table, k->check_sql, &boolean))
			return false;
	return true;
}

bool amph__define_key(ddl_run *r, const sql_table *table, const char *text, amph_sqltype *type)
{
	const sql_expr *e = define(r, &key_use, table, text, NULL);

	if (e)
		*type = e->type;
	return e != NULL;
}

bool amph__define_predicate(ddl_run *r, const sql_table *table, const char *text)
{
	return define(r, &where_use, table, text, &boolean) != NULL;
}
