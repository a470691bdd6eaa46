/* CREATE TABLE (LIKE ...): the columns of the other table come before what the statement says. */
#include "ddl.h"
#include <string.h>

typedef struct drawing {
	ddl_run *run;
	sql_column_def *columns;
	size_t n;
	sql_constraint **end;           /* of the statement's constraints */
} drawing;

static bool draw_column(drawing *d, const sql_column_def *from, unsigned options)
{
	sql_column_def *c = &d->columns[d->n++];

	if (from->serial && options & SQL_LIKE_DEFAULTS)
		return amph__error(d->run->err, "0A000", "LIKE ... INCLUDING DEFAULTS of a serial column "
				   "(\"%s\") is not supported", from->name);
	*c = (sql_column_def){ .name = from->name, .type = from->type, .domain = from->domain,
			       .domain_not_null = from->domain_not_null };
	if (options & SQL_LIKE_DEFAULTS && !from->domain_default)
		c->default_sql = from->default_sql;
	if (options & SQL_LIKE_COMPUTED)
		c->computed_sql = from->computed_sql;
	if (options & SQL_LIKE_IDENTITY && !from->serial) {
		c->identity = from->identity;
		c->identity_always = from->identity_always;
		c->sequence = from->sequence;
	}
	return true;
}

/* A key gets a name of its own, a check keeps that which it has. */
static bool draw_constraint(drawing *d, const sql_constraint *k, unsigned options)
{
	bool key = k->kind == 'p' || k->kind == 'u';
	sql_constraint *copy;

	if (!(key && options & SQL_LIKE_KEYS) && !(k->kind == 'c' && options & SQL_LIKE_CHECKS))
		return true;
	copy = amph__arena_copy(d->run->arena, k, sizeof *k);
	if (!copy)
		return amph__error_nomem(d->run->err);
	copy->next = NULL;
	if (key)
		copy->name = NULL;
	*d->end = copy;
	d->end = &copy->next;
	return true;
}

static bool has_row(const amph_known_table *t, const char *kind)
{
	for (const amph_known_row *row = t->rows; row; row = row->next)
		if (!strcmp(row->kind, kind))
			return true;
	return false;
}

static const sql_stmt *find_source(ddl_run *r, const sql_like *like)
{
	amph_known_table *known = amph__names_known(r->names, like->schema, like->name);

	if (!known && amph__ddl_is_known(r, like->name)) {
		amph__error(r->err, "0A000", "LIKE of what is no table (\"%s\") is not supported",
			    like->name);
		return NULL;
	}
	if (!known) {
		amph__ddl_missing(r, "relation", like->schema, like->name);
		return NULL;
	}
	if ((like->options & SQL_LIKE_KEYS && has_row(known, "index")) ||
	    (like->options & SQL_LIKE_COMMENTS && has_row(known, "comment"))) {
		amph__error(r->err, "0A000", "LIKE of a table with indexes or comments (\"%s\") and all of "
			    "them is not supported", like->name);
		return NULL;
	}
	return amph__names_definition(r->names, known, r->err);
}

static bool draw(drawing *d, const sql_like *like)
{
	const sql_stmt *source = find_source(d->run, like);

	for (size_t i = 0; source && i < source->table->n_columns; i++)
		if (!draw_column(d, &source->table->columns[i], like->options))
			return false;
	for (const sql_constraint *k = source ? source->constraints : NULL; k; k = k->next)
		if (!draw_constraint(d, k, like->options))
			return false;
	return source != NULL;
}

static bool count_columns(ddl_run *r, size_t *n)
{
	*n = r->stmt->table->n_columns;
	for (const sql_like *like = r->stmt->likes; like; like = like->next) {
		const sql_stmt *source = find_source(r, like);

		if (!source)
			return false;
		*n += source->table->n_columns;
	}
	return true;
}

bool amph__define_likes(ddl_run *r)
{
	sql_table *table = (sql_table *)(uintptr_t)r->stmt->table;
	const sql_like *like = r->stmt->likes;
	drawing d = { .run = r, .end = &r->stmt->constraints };
	size_t n;

	if (!like)
		return true;
	while (*d.end)
		d.end = &(*d.end)->next;
	d.columns = count_columns(r, &n) ? AMPH_NEWS(r->arena, sql_column_def, n + 1) : NULL;
	if (!d.columns)
		return r->err && r->err->sqlstate[0] ? false : amph__error_nomem(r->err);
	for (size_t i = 0; i <= table->n_columns; i++) {
		for (; like && like->at == i; like = like->next)
			if (!draw(&d, like))
				return false;
		if (i < table->n_columns)
			d.columns[d.n++] = table->columns[i];
	}
	table->columns = d.columns;
	table->n_columns = d.n;
	return true;
}
