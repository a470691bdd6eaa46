/* Statements: how each is sent, and the names of those that stay prepared on the server. */
#include "pg.h"
#include <stdio.h>
#include <string.h>

/* ---- names ---- */

static void name_text(pg_name *n)
{
	int len = snprintf(n->text, sizeof n->text, "amph_%016llx%016llx",
			   (unsigned long long)n->hash[0], (unsigned long long)n->hash[1]);

	if (n->serial)
		snprintf(n->text + len, sizeof n->text - (size_t)len, "_%u", n->serial);
}

static void unlink_idle(pg_conn *c, pg_name *name)
{
	for (pg_name **p = &c->idle_names; *p; p = &(*p)->next) {
		if (*p != name)
			continue;
		*p = name->next;
		name->next = NULL;
		c->n_idle_names--;
		return;
	}
}

static void push_idle(pg_conn *c, pg_name *name)
{
	name->next = c->idle_names;
	c->idle_names = name;
	c->n_idle_names++;
}

/* Statements of one hash have the same text and types, so that they may share a name; so may those
 * of another client behind the same pooler. */
static pg_name *take_name(pg_conn *c, const amph_code *code)
{
	pg_name *name = amph__map_get(&c->names, code->hash, sizeof code->hash);

	if (name) {
		if (!name->refs++)
			unlink_idle(c, name);
		return name;
	}
	name = amph__alloc_zero(c->base.engine->allocator, sizeof *name);
	if (!name)
		return NULL;
	memcpy(name->hash, code->hash, sizeof name->hash);
	name->refs = 1;
	name->mapped = true;
	name_text(name);
	if (!amph__map_put(&c->names, name->hash, sizeof name->hash, name)) {
		amph__free(c->base.engine->allocator, name);
		return NULL;
	}
	return name;
}

/* The server keeps a plan under the old name that it will not use: the next Parse takes another. */
void amph__pg_retire_plan(pg_conn *c, pg_name *name)
{
	pg_name *old = amph__alloc_zero(c->base.engine->allocator, sizeof *old);

	/* for want of memory the server keeps one plan too many, until the connection ends */
	if (old) {
		old->generation = name->generation;
		memcpy(old->text, name->text, sizeof old->text);
		push_idle(c, old);
	}
	name->serial++;
	name->generation = 0;
	name_text(name);
}

/* Outside of a transaction, where a name that is not there does no harm. */
void amph__pg_deallocate(pg_conn *c)
{
	amph_buf b;
	amph_error ignored;     /* what matters, that the connection is lost, is in it already */

	amph__buf_init(&b, c->base.engine->allocator);
	while (c->idle_names) {
		pg_name *name = c->idle_names;

		c->idle_names = name->next;
		if (amph__pg_is_parsed(c, name))
			amph__buf_printf(&b, "DEALLOCATE %s;", name->text);
		if (name->mapped)
			amph__map_remove(&c->names, name->hash, sizeof name->hash);
		amph__free(c->base.engine->allocator, name);
	}
	c->n_idle_names = 0;
	if (b.len && !b.failed)
		PQclear(amph__pg_run(c, b.text, &ignored));
	amph__buf_clear(&b);
}

void amph__pg_names_clear(pg_conn *c)
{
	pg_name *name;

	for (size_t i = 0; (name = amph__map_next(&c->names, &i));)
		if (name->refs)
			amph__free(c->base.engine->allocator, name);
	while ((name = c->idle_names)) {
		c->idle_names = name->next;
		amph__free(c->base.engine->allocator, name);
	}
	amph__map_clear(&c->names);
}

/* ---- statements ---- */

/* Whether text that the library did not write may change the session in a way that its command tag
 * does not show. */
static bool leaves_state(const amph_code *code)
{
	static const char *const words[] = {
		"set_config", "advisory_lock", "temp ", "temporary ", "pg_temp", "dblink", "lo_import"
	};

	if (code->flags & AMPH_CODE_CONTROL ||
	    !(code->flags & (AMPH_CODE_DESCRIBE | AMPH_CODE_ONCE)))
		return false;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcasestr(code->sql, words[i]))
			return true;
	return false;
}

/* Columns that have no binary form here make the whole result come as text. */
static bool wants_text(const amph_code *code)
{
	for (size_t i = 0; i < code->n_columns; i++) {
		int type = code->columns[i].type.type & ~AMPH_T_NULLABLE & ~AMPH_T_ARRAY;

		if (type >= AMPH_T_TSVECTOR && type < AMPH_T_COUNT)
			return true;
		/* an array of an enum has an element type that only the server knows */
		if (type == AMPH_T_ENUM && code->columns[i].type.type & AMPH_T_ARRAY)
			return true;
	}
	return false;
}

bool amph__pg_prepare(amph_stmt *stmt, amph_error *err)
{
	pg_stmt *s = (pg_stmt *)(void *)stmt;
	pg_conn *c = amph__pg_conn_of(stmt->conn);
	const amph_code *code = stmt->code;
	const amph_allocator *a = stmt->conn->engine->allocator;

	s->n_values = amph__pg_placeholders(code);
	if (s->n_values > 65535)
		return amph__error(err, "54000", "a statement has at most 65535 parameters, this one has "
				   "%zu", s->n_values);
	if (s->n_values) {
		s->oids = amph__alloc_zero(a, s->n_values * sizeof *s->oids);
		if (!s->oids)
			return amph__error_nomem(err);
		amph__pg_placeholder_oids(code, s->oids);
	}
	s->described = code->flags & AMPH_CODE_DESCRIBE || !code->n_columns;
	/* what comes is known after the first time; until then text is what all types have */
	s->text = s->described || wants_text(code);
	s->leaves_state = leaves_state(code);
	bool named = c->base.engine->options.prepare &&
		     !(code->flags & (AMPH_CODE_ONCE | AMPH_CODE_CONTROL));
	if (!named)
		return true;
	s->name = take_name(c, code);
	return s->name || amph__error_nomem(err);
}

void amph__pg_finalize(amph_stmt *stmt)
{
	pg_stmt *s = (pg_stmt *)(void *)stmt;
	pg_conn *c = amph__pg_conn_of(stmt->conn);
	const amph_allocator *a = stmt->conn->engine->allocator;

	if (s->name && !--s->name->refs)
		push_idle(c, s->name);
	amph__free(a, s->oids);
	amph__free(a, s->columns);
	amph__free(a, s->plan);
	s->name = NULL;
	s->oids = NULL;
	s->columns = NULL;
	s->plan = NULL;
}
