/* What to do about a failure, put behind its message: for those that many programs meet, in one place for
 * all calls and backends. Drivers say what happened, this what helps. */
#include "../model/json.h"
#include "state.h"
#include <stdio.h>
#include <string.h>

/* For errors with this SQLSTATE whose message has this in it; the first that fits. */
static const struct advice {
	const char *state, *part, *hint;
} advices[] = {
	{ "40001", "", "run the transaction again, as amph_transaction does" },
	{ "40P01", "", "run the transaction again, as amph_transaction does" },
	{ "22007", "for type date", "a date is written 2026-11-23" },
	{ "22007", "for type timestamp with time zone", "it is written 2026-11-23 10:30:00+01" },
	{ "22007", "for type timestamp", "it is written 2026-11-23 10:30:00" },
	{ "22007", "for type time", "it is written 10:30:00" },
	{ "22007", "for type interval", "it is written 1 day 02:30:00" },
	{ "22008", "date/time field value", "there is no such day, or it is not written "
	  "year-month-day, as in 2026-11-23" },
	{ "42883", "function ifnull(", "in PostgreSQL's dialect that is coalesce" },
	{ "42883", "function nvl(", "in PostgreSQL's dialect that is coalesce" },
	{ "42883", "function group_concat(", "in PostgreSQL's dialect that is string_agg(text, ',')" },
	{ "42883", "function strftime(", "in PostgreSQL's dialect that is to_char" },
	{ "428C9", "cannot insert a non-DEFAULT value",
		"the database numbers it: leave it 0, or declare it without AMPH_IDENTITY_ALWAYS" },
	{ "42809", "ANY/ALL", "bind a list as amph_array of an amph_int64_array or the like" },
};

/* The first name in quotes. */
static bool quoted(const char *message, char *name, size_t size)
{
	const char *from = strchr(message, '"'), *to = from ? strchr(from + 1, '"') : NULL;
	size_t n = to ? (size_t)(to - from) - 1 : 0;

	if (!n || n >= size)
		return false;
	memcpy(name, from + 1, n);
	name[n] = '\0';
	return true;
}

/* Tables of models are found by "schema.table", or ".table". */
static const sql_table *table_named(const amph_registry *r, const char *name)
{
	char key[160] = ".";
	size_t at = strchr(name, '.') ? 0 : 1, n = strlen(name);

	if (!n || at + n >= sizeof key)
		return NULL;
	memcpy(key + at, name, n);
	return amph__map_get(&r->by_table, key, at + n);
}

/* An error may come by twice: that of a call within a call. */
static void advise(amph_error *err, const char *hint)
{
	if (!strstr(err->message, hint))
		amph__error_hint(err, hint);
}

static void advise_table(amph_error *err, const amph_registry *r)
{
	char name[140];

	if (!strstr(err->message, "does not exist") || !quoted(err->message, name, sizeof name) ||
	    !table_named(r, name))
		return;
	amph__error_names(err, name, NULL, NULL);
	advise(err, "amph_create_all makes the tables of the models");
}

/* A column of a model that its table does not have. */
static void advise_column(amph_error *err, const amph_registry *r)
{
	const sql_table *t = table_named(r, err->table);

	for (size_t i = 0; t && i < t->n_columns; i++) {
		const char *name = t->columns[i].name, *at = strstr(err->message, name);
		size_t n = strlen(name);

		if (at && at > err->message && strchr("\".", at[-1]) && strchr("\" ", at[n])) {
			amph__error_names(err, NULL, name, NULL);
			advise(err, "the table is older than its model; amph_create_all changes no table");
			return;
		}
	}
}

/* The check of .choices tells nothing but its name: of which column, and what may be in it. */
static void advise_choices(amph_error *err, const amph_registry *r)
{
	for (size_t i = 0; i < r->n_mappers; i++) {
		const amph_mapper *m = r->mappers[i];

		for (size_t k = 0; k < m->n_columns && !strcmp(m->table->name, err->table); k++) {
			const char *const *choice = m->columns[k].decl->choices;
			char name[160], hint[200];

			(void)snprintf(name, sizeof name, "%s_%s_check", err->table, m->columns[k].name);
			if (!choice || strcmp(name, err->constraint) != 0)
				continue;
			int at = snprintf(hint, sizeof hint, "\"%s\" is one of", m->columns[k].name);
			for (; *choice && at >= 0 && (size_t)at < sizeof hint; choice++)
				at += snprintf(hint + at, sizeof hint - (size_t)at, " '%s'%s", *choice,
					       choice[1] ? "," : "");
			amph__error_names(err, NULL, m->columns[k].name, NULL);
			advise(err, hint);
			return;
		}
	}
}

/* bigint = bigint[]: IN of one bind that is a list. Two lists are another matter. */
static bool compares_with_list(const char *message)
{
	const char *operator = strstr(message, "operator does not exist: ");
	const char *equals = operator ? strstr(operator, " = ") : NULL;

	return equals && strstr(equals, "[]") && (equals - operator < 2 || memcmp(equals - 2, "[]", 2) != 0);
}

void amph__error_advise(amph_error *err, const amph_registry *r)
{
	if (!strcmp(err->sqlstate, "42P01")) {
		advise_table(err, r);
		return;
	}
	if (!strcmp(err->sqlstate, "42703")) {
		advise_column(err, r);
		return;
	}
	if (!strcmp(err->sqlstate, "23514")) {
		advise_choices(err, r);
		return;
	}
	if (!strcmp(err->sqlstate, "42883") && compares_with_list(err->message)) {
		advise(err, "a list is compared by column = ANY(:list)");
		return;
	}
	/* a lost race of versions says itself what to do */
	if (err->status == AMPH_E_STALE)
		return;
	for (size_t i = 0; i < sizeof advices / sizeof *advices; i++)
		if (!strcmp(advices[i].state, err->sqlstate) && strstr(err->message, advices[i].part)) {
			advise(err, advices[i].hint);
			return;
		}
}

static bool is_bad_json(amph_session *s, const amph_slot *slot, const void *members)
{
	amph_arena arena;
	amph_error ignored;

	if (slot->type != AMPH_T_JSON || amph__slot_is_null(slot, members))
		return false;
	const char *text = *(const char *const *)amph__slot_value(slot, members);
	amph__arena_init(&arena, s->allocator);
	bool bad = !amph__json_parse(text, strlen(text), &arena, &ignored) && !arena.failed;
	amph__arena_clear(&arena);
	return bad;
}

bool amph__error_of_member(const amph_mapped_column *c, amph_error *err)
{
	if (err && !strncmp(err->sqlstate, "22", 2) && strncmp(err->message, "member ", 7) != 0)
		amph__error_context(err, "member \"%s\"", c->decl->member);
	return false;
}

/* A foreign key of numbers that are 0 is one that the program has not set. */
static bool blame_unset(const amph_mapper *m, const amph_column_set *columns, const void *members,
			amph_error *err)
{
	for (size_t i = 0; i < m->n_references; i++) {
		const amph_mapped_reference *r = &m->references[i];
		const amph_mapped_column *c = &m->columns[r->columns[0]];

		if (r->n != 1 || strcmp(r->name, err->constraint) != 0 ||
		    !amph__set_has(columns, c->number) ||
		    strncmp(err->message, "insert or update", 16) != 0 ||
		    amph__slot_is_null(&c->slot, members) || !amph__is_unset(c, members))
			continue;
		char hint[160];
		(void)snprintf(hint, sizeof hint, "\"%s\" of a row is 0: it was not set", c->decl->member);
		advise(err, hint);
		return true;
	}
	return false;
}

bool amph__error_blame(amph_session *s, const amph_mapper *m, const amph_column_set *columns,
		       const void *members, amph_error *err)
{
	if (!strcmp(err->sqlstate, "23503"))
		return blame_unset(m, columns, members, err);
	if ((strcmp(err->sqlstate, "22P02") && strcmp(err->sqlstate, "22P05")) || *err->column)
		return false;
	for (size_t i = 0; i < m->n_columns; i++) {
		const amph_mapped_column *c = &m->columns[i];

		if (!amph__set_has(columns, i) || !is_bad_json(s, &c->slot, members))
			continue;
		amph__error_of_member(c, err);
		amph__error_names(err, m->table->name, c->name, NULL);
		return true;
	}
	return false;
}
