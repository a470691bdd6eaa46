/* Sequences: what CREATE SEQUENCE means, and how the catalogue keeps it. */
#include "ddl.h"
#include "../sql/names.h"
#include "../sql/walk.h"
#include <stdio.h>
#include <string.h>

bool amph__sequence_complete(sql_sequence *q, int64_t least, int64_t greatest, amph_error *err)
{
	bool up = q->increment > 0;

	if (!q->increment)
		return amph__error(err, "22023", "INCREMENT must not be zero");
	if (!q->has_max)
		q->max = up ? greatest : -1;
	if (!q->has_min)
		q->min = up ? 1 : least;
	if (q->max > greatest || q->max < least)
		return amph__error(err, "22023", "MAXVALUE (%lld) is out of range for the sequence's data "
				   "type", (long long)q->max);
	if (q->min > greatest || q->min < least)
		return amph__error(err, "22023", "MINVALUE (%lld) is out of range for the sequence's data "
				   "type", (long long)q->min);
	if (q->min >= q->max)
		return amph__error(err, "22023", "MINVALUE (%lld) must be less than MAXVALUE (%lld)",
				   (long long)q->min, (long long)q->max);
	if (!q->has_start)
		q->start = up ? q->min : q->max;
	if (q->start < q->min)
		return amph__error(err, "22023", "START value (%lld) cannot be less than MINVALUE (%lld)",
				   (long long)q->start, (long long)q->min);
	if (q->start > q->max)
		return amph__error(err, "22023", "START value (%lld) cannot be greater than MAXVALUE (%lld)",
				   (long long)q->start, (long long)q->max);
	if (up ? q->start < INT64_MIN + q->increment : q->start > INT64_MAX + q->increment)
		return amph__error(err, "0A000", "a sequence that starts at the end of all numbers is not "
				   "supported");
	q->has_max = q->has_min = q->has_start = true;
	return true;
}

const char *amph__sequence_text(amph_arena *arena, const sql_sequence *q)
{
	return amph__arena_printf(arena, "START WITH %lld INCREMENT BY %lld MINVALUE %lld MAXVALUE %lld%s",
				  (long long)q->start, (long long)q->increment, (long long)q->min,
				  (long long)q->max, q->cycle ? " CYCLE" : " NO CYCLE");
}

bool amph__sequence_parse(const char *text, sql_sequence *q)
{
	long long start, increment, min, max;

	*q = (sql_sequence){ .increment = 1 };
	if (sscanf(text, "START WITH %lld INCREMENT BY %lld MINVALUE %lld MAXVALUE %lld", &start,
		   &increment, &min, &max) != 4)
		return false;
	q->start = start;
	q->increment = increment;
	q->min = min;
	q->max = max;
	q->has_min = q->has_max = q->has_start = true;
	q->cycle = !strstr(text, "NO CYCLE");
	return true;
}

/* ---- statements ---- */

static void plan_restart(ddl_run *r, sql_stmt_kind kind, sql_sequence *q)
{
	sql_stmt *stmt = amph__plan_add(&r->plan, kind);

	if (stmt)
		stmt->sequence = q;
}

/* Numbers that are not kept with the table's own (see backends): nothing is left of them. */
void amph__ddl_restart(ddl_run *r, const sql_table *table, size_t column, bool any)
{
	const sql_column_def *c = &table->columns[column];
	sql_sequence *q = c->identity && (any || c->sequence || table->temporary)
		? AMPH_NEW(r->arena, sql_sequence) : NULL;

	if (q && amph__sequence_of_column(r->arena, table, column, q))
		plan_restart(r, SQL_STMT_CREATE_SEQUENCE, q);
}

/* That a sequence goes with a column is not kept. */
static bool may_be_owned(ddl_run *r, const sql_sequence *q)
{
	const sql_table *t = q->owner ? r->names->names.table(r->names, NULL, q->owner) : NULL;

	if (!q->owner)
		return true;
	if (!t && !amph__ddl_is_known(r, q->owner))
		return amph__ddl_missing(r, "relation", NULL, q->owner);
	for (size_t i = 0; t && i < t->n_columns; i++)
		if (!strcmp(t->columns[i].name, q->owner_column))
			return amph__error(r->err, "0A000", "OWNED BY is not supported");
	return t ? amph__error(r->err, "42703", "column \"%s\" of relation \"%s\" does not exist",
			       q->owner_column, q->owner)
		 : amph__error(r->err, "0A000", "OWNED BY of what is no table is not supported");
}

bool amph__ddl_create_sequence(ddl_run *r)
{
	sql_sequence *q = r->stmt->sequence;
	const sql_table owner = { .temporary = q->temporary };
	const char *text;

	if (strchr(q->name, '.'))
		return amph__error(r->err, "0A000", "a sequence whose name has a dot is not supported");
	if (amph__ddl_is_known(r, q->name))
		return r->stmt->if_not_exists ||
		       amph__error(r->err, "42P07", "relation \"%s\" already exists", q->name);
	if (!amph__sequence_complete(q, q->least, q->greatest, r->err) || !may_be_owned(r, q))
		return false;
	q->key = q->temporary ? amph__arena_printf(r->arena, "pg_temp.%s", q->name) : q->name;
	text = amph__sequence_text(r->arena, q);
	if (!q->key || !text)
		return amph__error_nomem(r->err);
	plan_restart(r, SQL_STMT_CREATE_SEQUENCE, q);
	amph__catalog_create_for(&r->plan, &owner);
	amph__catalog_add_other(&r->plan, &owner, "sequence", q->name, text);
	return amph__ddl_do(r);
}

/* A sequence that is looked for among the calls of a default. */
typedef struct wanted {
	amph_arena *arena;
	const char *name;
	bool found;
} wanted;

/* By a name that is fixed when the default is made; nextval('name'::text) looks it up each time. */
static bool find_call(void *ctx, sql_expr *e)
{
	static const char *const calls[] = { "nextval", "currval", "setval" };
	const sql_expr *arg = e->kind == SQL_CALL && e->args.n ? e->args.items[0] : NULL;
	wanted *w = ctx;

	for (size_t i = 0; arg && arg->kind == SQL_CONST && arg->text && i < 3; i++) {
		if (!strcmp(e->name, calls[i])) {
			const char *name = amph__relation_name(w->arena, arg->text);

			w->found |= name && !strcmp(name, w->name);
		}
	}
	return !w->found && amph__expr_children(e, find_call, w);
}

bool amph__takes_numbers_of(ddl_run *r, const char *text, const char *sequence)
{
	wanted w = { .arena = r->arena, .name = sequence };
	amph_error ignored = { .status = AMPH_OK };
	sql_expr *e = text && strstr(text, "val(") ? amph__parse_expr(r->arena, text, &ignored) : NULL;

	if (e)
		find_call(&w, e);
	return w.found;
}

static bool takes_numbers(ddl_run *r, const amph_known_row *row, const char *sequence)
{
	return !strcmp(row->kind, "default") && amph__takes_numbers_of(r, row->text, sequence);
}

static bool drop_sequence(ddl_run *r, const sql_object *o)
{
	const amph_known_sequence *known = amph__map_get(&r->names->sequences, o->name, strlen(o->name));
	const amph_known_table *user = amph__ddl_user(r, takes_numbers, o->name);
	sql_sequence *q;

	if (r->arena->failed)
		return amph__error_nomem(r->err);
	if (!known && r->names->names.sequence(r->names, o->name, &(sql_sequence){ .name = NULL }))
		return amph__error(r->err, "2BP01", "cannot drop sequence %s because a column of a table "
				   "requires it", o->name);
	if (!known)
		return r->stmt->if_exists || amph__ddl_missing(r, "sequence", o->schema, o->name);
	if (user && !r->stmt->cascade)
		return amph__error(r->err, "2BP01", "cannot drop sequence %s because a default value of "
				   "table %s depends on it", o->name, user->name);
	for (; user; user = amph__ddl_user(r, takes_numbers, o->name))
		if (!amph__cascade_default(r, user, o->name))
			return false;
	known = amph__map_get(&r->names->sequences, o->name, strlen(o->name));
	if (!known)
		return amph__error_nomem(r->err);
	q = AMPH_NEW(r->arena, sql_sequence);
	if (!q)
		return amph__error_nomem(r->err);
	q->name = known->name;
	q->key = known->temporary ? amph__arena_printf(r->arena, "pg_temp.%s", known->name) : known->name;
	if (!q->key)
		return amph__error_nomem(r->err);
	plan_restart(r, SQL_STMT_DROP_SEQUENCE, q);
	amph__catalog_remove_for(&r->plan, &(const sql_table){ .temporary = known->temporary }, "sequence",
				 NULL, known->name);
	return true;
}

bool amph__ddl_drop_sequences(ddl_run *r)
{
	for (const sql_object *o = r->stmt->objects; o; o = o->next)
		if (!drop_sequence(r, o))
			return false;
	return amph__ddl_touch(r);
}

/* ---- ALTER SEQUENCE ---- */

static bool fail_restart(ddl_run *r, int64_t n, const sql_sequence *q)
{
	return amph__error(r->err, "22023", "RESTART value (%lld) cannot be %s VALUE (%lld)", (long long)n,
			   n < q->min ? "less than MIN" : "greater than MAX",
			   (long long)(n < q->min ? q->min : q->max));
}

/* What the number is now is not looked at: where that would matter the statement is refused. */
static bool may_change(ddl_run *r, const sql_sequence *old, const sql_sequence *q)
{
	bool of_type = old->max == INT16_MAX || old->max == INT32_MAX || old->min == INT16_MIN ||
		       old->min == INT32_MIN;

	if (of_type && (q->max > old->max || q->min < old->min))
		return amph__error(r->err, "0A000", "limits of a sequence beyond those that it had are not "
				   "supported");
	if (!q->restarts && (q->max < old->max || q->min > old->min || q->start != old->start))
		return amph__error(r->err, "0A000", "ALTER SEQUENCE of limits or the start without "
				   "RESTART is not supported");
	return true;
}

static bool merge_options(ddl_run *r, const sql_sequence *old, sql_sequence *q)
{
	const sql_sequence *given = r->stmt->sequence;

	*q = *old;
	q->has_max = q->has_min = q->has_start = true;
	q->restarts = given->restarts;
	q->increment = given->has_increment ? given->increment : old->increment;
	q->max = given->has_max ? given->max : old->max;
	q->min = given->has_min ? given->min : old->min;
	q->start = given->has_start ? given->start : old->start;
	q->cycle = given->has_cycle ? given->cycle : old->cycle;
	if (!amph__sequence_complete(q, INT64_MIN, INT64_MAX, r->err) || !may_change(r, old, q))
		return false;
	if (given->has_restart && (given->restart < q->min || given->restart > q->max))
		return fail_restart(r, given->restart, q);
	return true;
}

static bool set_number(ddl_run *r, const char *name)
{
	const char *text = amph__arena_printf(r->arena, "SELECT setval('\"%s\"', %lld, false)", name,
					      (long long)r->stmt->sequence->restart);
	sql_stmt *stmt = text ? amph__parse_stmt(r->arena, text, r->err) : NULL;

	if (!stmt)
		return text ? false : amph__error_nomem(r->err);
	amph__plan_add_stmt(&r->plan, stmt);
	return true;
}

static bool has_options(const sql_sequence *q)
{
	return q->has_increment || q->has_min || q->has_max || q->has_start || q->has_cycle;
}

static bool change_options(ddl_run *r, amph_known_sequence *known, const sql_sequence *q)
{
	const sql_table owner = { .temporary = known->temporary };
	const char *text = amph__sequence_text(&r->names->arena, q);

	if (!text)
		return amph__error_nomem(r->err);
	known->text = text;
	amph__catalog_remove_for(&r->plan, &owner, "sequence", NULL, known->name);
	amph__catalog_add_other(&r->plan, &owner, "sequence", known->name, text);
	return true;
}

bool amph__ddl_alter_sequence(ddl_run *r)
{
	const char *name = r->stmt->target->name;
	amph_known_sequence *known = amph__map_get(&r->names->sequences, name, strlen(name));
	const sql_sequence *given = r->stmt->sequence;
	sql_sequence old, *q = AMPH_NEW(r->arena, sql_sequence);

	if (!q)
		return amph__error_nomem(r->err);
	if (!r->names->names.sequence(r->names, name, &old)) {
		if (amph__ddl_is_known(r, name))
			return amph__error(r->err, "42809", "\"%s\" is not a sequence", name);
		return r->stmt->if_exists ||
		       amph__ddl_missing(r, "relation", r->stmt->target->schema, name);
	}
	if (!known && given->has_owner)
		return amph__error(r->err, "0A000", "cannot change ownership of identity sequence");
	if (!may_be_owned(r, given))
		return false;
	if (!known && has_options(given))
		return amph__error(r->err, "0A000", "other options of a column's sequence are not supported");
	if (!merge_options(r, &old, q) || (known && has_options(given) && !change_options(r, known, q)))
		return false;
	if (given->restarts && !given->has_restart)
		plan_restart(r, SQL_STMT_CREATE_SEQUENCE, q);
	if (given->has_restart && !set_number(r, name))
		return false;
	return amph__ddl_touch(r);
}
