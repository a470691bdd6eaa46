/* From drafts to what the layers read: constraints and indexes as DDL has them, keys as sets of
 * columns, and the names that errors are translated by. */
#include "compile.h"
#include <stdlib.h>
#include <string.h>

static void *item(amph_compiler *c, size_t n, size_t size)
{
	void *p = amph__arena_array(c->arena, n, size);

	c->failed |= !p;
	return p;
}

/* SQL text that is written between parentheses: a comment at its end must not swallow one. */
static const char *enclosed(amph_compiler *c, const char *sql)
{
	const char *text = sql && strstr(sql, "--") ? amph__arena_printf(c->arena, "%s\n", sql) : sql;

	c->failed |= sql && !text;
	return text;
}

/* ---- constraints ---- */

static int order_of_checks(const void *a, const void *b)
{
	const sql_constraint *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

/* PostgreSQL tries checks in the order of their names; databases that try them in the order of
 * declaration are given that one. */
static sql_constraint *sorted_checks(amph_compiler *c, const amph_draft *d, sql_constraint **last)
{
	sql_constraint **sorted, *first = NULL;
	size_t n = 0, i = 0;

	for (const amph_draft_check *check = d->checks; check; check = check->next)
		n++;
	sorted = item(c, n + 1, sizeof(*sorted));
	for (const amph_draft_check *check = d->checks; check && !c->failed; check = check->next) {
		sql_constraint *k = item(c, 1, sizeof(*k));

		if (!k)
			return NULL;
		k->kind = 'c';
		k->name = check->name;
		k->check_sql = enclosed(c, check->sql);
		sorted[i++] = k;
	}
	if (c->failed || n == 0)
		return NULL;
	qsort(sorted, n, sizeof(*sorted), order_of_checks);
	for (i = 0; i + 1 < n; i++)
		sorted[i]->next = sorted[i + 1];
	first = sorted[0];
	*last = sorted[n - 1];
	return first;
}

static sql_constraint *key_constraint(amph_compiler *c, const amph_draft *d,
				      const amph_draft_key *key)
{
	sql_constraint *k = item(c, 1, sizeof(*k));

	if (!k)
		return NULL;
	k->kind = key->kind;
	k->name = key->name;
	k->columns = amph__column_names(c, d, key->n, key->columns);
	return k;
}

static const char *action_text(amph_on_delete action)
{
	static const char *const texts[] = {
		[AMPH_NO_ACTION] = NULL, [AMPH_CASCADE] = "CASCADE", [AMPH_SET_NULL] = "SET NULL",
		[AMPH_RESTRICT] = "RESTRICT", [AMPH_SET_DEFAULT] = "SET DEFAULT"
	};

	return (size_t)action < sizeof(texts) / sizeof(texts[0]) ? texts[action] : NULL;
}

static sql_constraint *reference_constraint(amph_compiler *c, const amph_draft *d,
					    const amph_draft_reference *r)
{
	const amph_mapped_reference *ref = &r->reference;
	const amph_draft *target = amph__draft_of(c, ref->target->model);
	sql_constraint *k = item(c, 1, sizeof(*k));

	if (!k)
		return NULL;
	k->kind = 'f';
	k->name = r->name;
	k->columns = amph__column_names(c, d, ref->n, ref->columns);
	k->target = target->table->name;
	k->target_schema = target->table->schema;
	k->target_columns = amph__column_names(c, target, ref->n, ref->target_columns);
	k->on_delete = action_text(ref->on_delete);
	k->on_update = action_text(ref->on_update);
	k->deferrable = k->deferred = r->deferred;
	return k;
}

static void set_constraints(amph_compiler *c, amph_draft *d)
{
	sql_constraint *first = NULL, *last = NULL, **next = &first;

	for (const amph_draft_key *key = d->keys; key && !c->failed; key = key->next) {
		*next = key_constraint(c, d, key);
		next = *next ? &(*next)->next : next;
	}
	if (!c->failed)
		*next = sorted_checks(c, d, &last);
	next = last ? &last->next : next;
	for (const amph_draft_reference *r = d->references; r && !c->failed; r = r->next) {
		*next = reference_constraint(c, d, r);
		next = *next ? &(*next)->next : next;
	}
	d->mapper->constraints = first;
}

static void set_references(amph_compiler *c, amph_draft *d)
{
	amph_mapped_reference *list;
	size_t n = 0;

	for (const amph_draft_reference *r = d->references; r; r = r->next)
		n++;
	list = item(c, n + 1, sizeof(*list));
	if (!list)
		return;
	for (const amph_draft_reference *r = d->references; r; r = r->next)
		list[d->mapper->n_references++] = r->reference;
	d->mapper->references = list;
}

/* ---- indexes ---- */

static bool set_index(amph_compiler *c, const amph_draft *d, const amph_draft_key *key,
		      sql_index *index)
{
	sql_index_key *keys = item(c, key->n + 1, sizeof(*keys));

	if (!keys)
		return false;
	*index = (sql_index){ .name = key->name, .unique = key->unique, .keys = keys,
			      .n_keys = key->n };
	for (size_t i = 0; i < key->n; i++) {
		keys[i].column = d->columns[key->columns[i]].name;
		keys[i].desc = key->decl && (key->decl->on[i].flags & AMPH_MEMBER_DESC);
	}
	if (!key->decl)
		return true;
	index->method = key->decl->method;
	index->where_sql = enclosed(c, key->decl->where);
	if (key->decl->expression)
		keys[index->n_keys++].expr_sql = enclosed(c, key->decl->expression);
	return true;
}

static void set_indexes(amph_compiler *c, amph_draft *d)
{
	sql_index *list;
	size_t n = 0;

	for (const amph_draft_key *key = d->indexes; key; key = key->next)
		n++;
	list = item(c, n + 1, sizeof(*list));
	n = 0;
	for (const amph_draft_key *key = d->indexes; list && key && !c->failed; key = key->next)
		set_index(c, d, key, &list[n++]);
	d->mapper->n_indexes = n;
	d->mapper->indexes = list;
}

/* ---- uniques ---- */

static size_t count_uniques(const amph_draft_key *key)
{
	size_t n = 0;

	for (; key; key = key->next)
		n += key->unique && !key->expression;
	return n;
}

static void add_unique(amph_compiler *c, const amph_draft *d, const amph_draft_key *key,
		       const uint16_t **uniques, const char *const **names)
{
	uint16_t *list = item(c, key->n + 1, sizeof(*list));

	if (!list)
		return;
	list[0] = (uint16_t)key->n;
	memcpy(list + 1, key->columns, key->n * sizeof(*list));
	*uniques = list;
	if (names)
		*names = amph__column_names(c, d, key->n, key->columns);
}

/* The mapper has all keys but the primary, for what a flush may run into; the table those that
 * ON CONFLICT may name. */
static void set_uniques(amph_compiler *c, amph_draft *d)
{
	size_t max = count_uniques(d->keys) + count_uniques(d->indexes), n = 0, n_names = 0;
	const uint16_t **uniques = item(c, max + 1, sizeof(*uniques));
	const char *const **names = item(c, max + 1, sizeof(*names));
	const amph_draft_key *const lists[] = { d->keys, d->indexes };

	for (size_t i = 0; i < 2; i++) {
		for (const amph_draft_key *key = lists[i]; key && !c->failed; key = key->next) {
			if (!key->unique || key->expression || key->kind == 'p')
				continue;
			add_unique(c, d, key, &uniques[n++],
				   key->partial ? NULL : &names[n_names++]);
		}
	}
	d->mapper->n_uniques = n;
	d->mapper->uniques = uniques;
	d->table->uniques = names;
}

void amph__draft_finish(amph_compiler *c, amph_draft *d)
{
	for (size_t i = 0; i < d->mapper->n_columns; i++) {
		d->defs[i].default_sql = enclosed(c, d->defs[i].default_sql);
		d->defs[i].computed_sql = enclosed(c, d->defs[i].computed_sql);
	}
	set_references(c, d);
	set_constraints(c, d);
	set_indexes(c, d);
	set_uniques(c, d);
	d->mapper->table = d->table;
}

/* ---- names for errors ---- */

static size_t count_names(const amph_mapper *m)
{
	size_t n = 0;

	for (const sql_constraint *k = m->constraints; k; k = k->next)
		n++;
	for (size_t i = 0; i < m->n_indexes; i++)
		n += m->indexes[i].unique;
	return n;
}

static const char *const *index_columns(amph_compiler *c, const sql_index *index)
{
	const char **names = item(c, index->n_keys + 1, sizeof(*names));
	size_t n = 0;

	for (size_t i = 0; names && i < index->n_keys; i++)
		if (index->keys[i].column)
			names[n++] = index->keys[i].column;
	return names;
}

static size_t add_names(amph_compiler *c, const amph_mapper *m, amph_constraint_name *out)
{
	size_t n = 0;

	for (const sql_constraint *k = m->constraints; k; k = k->next)
		out[n++] = (amph_constraint_name){
			.kind = k->kind, .table = m->table->name, .schema = m->table->schema,
			.name = k->name, .columns = k->columns, .target = k->target,
			.target_columns = k->target_columns, .target_schema = k->target_schema
		};
	for (size_t i = 0; i < m->n_indexes; i++)
		if (m->indexes[i].unique)
			out[n++] = (amph_constraint_name){
				.kind = 'i', .table = m->table->name, .schema = m->table->schema,
				.name = m->indexes[i].name,
				.columns = index_columns(c, &m->indexes[i])
			};
	return n;
}

bool amph__schema_finish(amph_compiler *c)
{
	amph_registry *r = c->registry;
	amph_constraint_name *names;
	size_t n = 0;

	for (size_t i = 0; i < r->n_mappers; i++)
		n += count_names(r->by_rank[i]);
	names = item(c, n + 1, sizeof(*names));
	if (!names)
		return false;
	for (size_t i = 0; i < r->n_mappers; i++)
		r->schema.n += add_names(c, r->by_rank[i], names + r->schema.n);
	r->schema.constraints = names;
	return !c->failed;
}
