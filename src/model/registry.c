/* The models of one engine: compiled in passes over all of them, then only read. */
#include "compile.h"
#include "../base/buf.h"
#include <string.h>

/* ---- looking up ---- */

static const sql_table *find_table(void *ctx, const char *schema, const char *name)
{
	const amph_registry *r = ctx;
	char key[2 * 64 + 1];
	size_t n = schema ? strlen(schema) : 0, len = strlen(name);

	if (n > 63 || len > 63)
		return NULL;
	memcpy(key, schema ? schema : "", n);
	key[n] = '.';
	memcpy(key + n + 1, name, len);
	return amph__map_get(&r->by_table, key, n + 1 + len);
}

static const amph_enum_type *find_enum(void *ctx, const char *name)
{
	const amph_registry *r = ctx;

	return amph__map_get(&r->by_enum, name, strlen(name));
}

const amph_mapper *amph__mapper_of(const amph_registry *r, const amph_model *model, amph_error *err)
{
	const amph_model *base = model && model->alias_of ? model->alias_of : model;
	const amph_mapper *m = base ? amph__map_get(&r->by_model, &base, sizeof(base)) : NULL;

	if (!m)
		amph__error_misuse(err, "model \"%s\" was not given to amph_open in .models",
				   base && base->name ? base->name : "?");
	return m;
}

const amph_mapped_column *amph__column_at(const amph_mapper *m, size_t offset)
{
	size_t low = 0, high = m->by_offset ? m->n_columns : 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const amph_mapped_column *col = &m->columns[m->by_offset[middle]];

		if (col->slot.offset == offset)
			return col;
		if (col->slot.offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* ---- the hash of the declarations ---- */

static void hash_text(amph_buf *b, const char *text)
{
	amph__buf_puts(b, text ? text : "\1");
	amph__buf_putc(b, '\0');
}

static void hash_column(amph_buf *b, const amph_mapped_column *col)
{
	const amph_column *decl = col->decl;

	hash_text(b, col->name);
	amph__buf_printf(b, "%u %d %d %d %u %d %d", col->type.type, col->type.nullable, col->type.length,
			 col->type.scale, col->slot.offset, col->slot.nullable, col->primary_key);
	amph__buf_printf(b, "%d %d %d", col->identity, decl->identity, col->version);
	hash_text(b, decl->server_default);
	hash_text(b, decl->computed);
	hash_text(b, col->type.enumeration ? col->type.enumeration->name : NULL);
	for (size_t i = 0; col->type.enumeration && i < col->type.enumeration->n_labels; i++)
		hash_text(b, col->type.enumeration->labels[i]);
}

static void hash_mapper(amph_buf *b, const amph_mapper *m)
{
	hash_text(b, m->table->schema);
	hash_text(b, m->table->name);
	amph__buf_printf(b, "%zu %d %d", m->size, m->soft_delete, m->discriminator);
	hash_text(b, m->kind);
	for (size_t i = 0; i < m->n_columns; i++)
		hash_column(b, &m->columns[i]);
	for (const sql_constraint *k = m->constraints; k; k = k->next) {
		amph__buf_putc(b, k->kind);
		hash_text(b, k->name);
	}
}

static bool set_version(amph_registry *r)
{
	amph_buf b;
	bool ok;

	amph__buf_init(&b, r->arena.allocator);
	for (size_t i = 0; i < r->n_mappers; i++)
		hash_mapper(&b, r->mappers[i]);
	ok = !b.failed;
	r->version = amph__hash64(amph__buf_text(&b), b.len, 0);
	amph__buf_clear(&b);
	return ok;
}

/* ---- compiling ---- */

static bool new_draft(amph_compiler *c, amph_draft *d, const amph_model *model, size_t ordinal)
{
	d->model = model;
	d->mapper = AMPH_NEW(c->arena, amph_mapper);
	d->table = AMPH_NEW(c->arena, sql_table);
	d->last_mistake = &d->mistakes;
	if (!d->mapper || !d->table)
		return false;
	d->table->schema = model->schema;
	d->table->name = model->table ? model->table : "";
	d->mapper->model = model;
	d->mapper->ordinal = (uint16_t)ordinal;
	d->mapper->size = model->size;
	d->mapper->version = d->mapper->identity = d->mapper->soft_delete = -1;
	d->mapper->discriminator = -1;
	d->mapper->table = d->table;
	return amph__map_put(&c->registry->by_model, &d->mapper->model, sizeof(model), d->mapper);
}

static bool check_given(const amph_registry *r, const amph_model *m, amph_error *err)
{
	const char *name = m->name ? m->name : "?";

	if (m->abi != AMPH_ABI)
		return amph__error(err, "HV00L", "model \"%s\" was compiled for another version of the "
				   "library, or without AMPH_MODEL", name);
	if (m->alias_of)
		return amph__error(err, "42P16", "model \"%s\" is an alias; give the model that it is "
				   "an alias of", name);
	if (amph__map_get(&r->by_model, &m, sizeof(m)))
		return amph__error(err, "42710", "model \"%s\" is given twice", name);
	return true;
}

static bool new_drafts(amph_compiler *c, const amph_model *const *models, amph_error *err)
{
	const amph_mapper **mappers;

	while (models && models[c->n])
		c->n++;
	if (c->n >= UINT16_MAX)
		return amph__error(err, "54000", "more than %d models", UINT16_MAX - 1);
	c->drafts = AMPH_NEWS(c->arena, amph_draft, c->n + 1);
	mappers = AMPH_NEWS(c->arena, const amph_mapper *, c->n + 1);
	if (!c->drafts || !mappers)
		return amph__error_nomem(err);
	for (size_t i = 0; i < c->n; i++) {
		if (!check_given(c->registry, models[i], err))
			return false;
		if (!new_draft(c, &c->drafts[i], models[i], i))
			return amph__error_nomem(err);
		mappers[i] = c->drafts[i].mapper;
	}
	c->registry->mappers = mappers;
	c->registry->n_mappers = c->n;
	return true;
}

typedef void pass_fn(amph_compiler *c, amph_draft *d);

static void run_pass(amph_compiler *c, amph_draft *d, pass_fn *pass, pass_fn *const *of_derived, size_t n)
{
	bool run = !d->parent;

	for (size_t i = 0; i < n; i++)
		run |= of_derived[i] == pass;
	if (run)
		pass(c, d);
}

/* In each pass all drafts are where the one before has left them. */
static void run_passes(amph_compiler *c)
{
	/* a derived model has its table, and what belongs to that, from its base */
	static pass_fn *const of_derived[] = {
		amph__draft_columns, amph__check_model, amph__draft_hybrids, amph__check_relations
	};
	static pass_fn *const passes[] = {
		amph__draft_columns, amph__check_model, amph__draft_hybrids, amph__draft_keys,
				amph__draft_references,
		amph__check_relations, amph__draft_texts, amph__draft_names, amph__draft_finish
	};

	for (size_t p = 0; p < sizeof(passes) / sizeof(passes[0]); p++)
		for (size_t i = 0; i < c->n && !c->failed; i++)
			if (passes[p] == amph__draft_columns || passes[p] == amph__check_model ||
			    c->drafts[i].mapper->by_offset)
				run_pass(c, &c->drafts[i], passes[p], of_derived,
					 sizeof(of_derived) / sizeof(of_derived[0]));
}

static bool report(const amph_compiler *c, amph_error *err)
{
	if (c->failed || c->arena->failed)
		return amph__error_nomem(err);
	for (size_t i = 0; i < c->n; i++)
		if (c->drafts[i].mistakes)
			return amph__mistakes_report(&c->drafts[i], err);
	return true;
}

static bool set_tables(amph_compiler *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const sql_table *t = c->drafts[i].table;

		if (c->drafts[i].parent)
			continue;
		char *key = amph__arena_printf(c->arena, "%s.%s", t->schema ? t->schema : "", t->name);

		if (!key || !amph__map_put(&c->registry->by_table, key, strlen(key), c->drafts[i].table))
			return false;
	}
	return true;
}

static bool set_enums(amph_compiler *c)
{
	amph_registry *r = c->registry;
	const amph_enum_type **enums = AMPH_NEWS(c->arena, const amph_enum_type *, r->by_enum.count + 1);

	/* in the order of columns, which is the same in every run */
	for (size_t i = 0; enums && i < c->n; i++)
		for (size_t k = 0; k < c->drafts[i].mapper->n_columns; k++) {
			const amph_enum_type *e = c->drafts[i].columns[k].type.enumeration;
			size_t at = 0;

			while (e && at < r->n_enums && enums[at] != e)
				at++;
			if (e && at == r->n_enums)
				enums[r->n_enums++] = e;
		}
	r->enums = enums;
	return enums != NULL;
}

static bool compile(amph_compiler *c, const amph_model *const *models, amph_error *err)
{
	if (!new_drafts(c, models, err))
		return false;
	amph__draft_parents(c);
	if (!report(c, err))
		return false;
	run_passes(c);
	if (!report(c, err))
		return false;
	if (!amph__rank(c) || !set_tables(c) || !set_enums(c) || !amph__schema_finish(c) ||
	    !amph__inherit(c) || !set_version(c->registry))
		return amph__error_nomem(err);
	return true;
}

static void init_registry(amph_registry *r, const amph_allocator *a)
{
	amph__arena_init(&r->arena, a);
	amph__map_init(&r->by_model, a, 0);
	amph__map_init(&r->by_table, a, 0);
	amph__map_init(&r->by_enum, a, 0);
	r->names = (sql_names){ .table = find_table, .enumeration = find_enum, .ctx = r };
}

amph_registry *amph__registry_open(const amph_allocator *a, const amph_model *const *models,
				   amph_error *err)
{
	amph_registry *r = amph__alloc_zero(a, sizeof(*r));
	amph_compiler c = { .registry = r };
	bool ok;

	if (!r) {
		amph__error_nomem(err);
		return NULL;
	}
	init_registry(r, a);
	c.arena = &r->arena;
	amph__map_init(&c.relations, a, 0);
	ok = compile(&c, models, err);
	amph__map_clear(&c.relations);
	if (ok)
		return r;
	amph__registry_close(r);
	return NULL;
}

void amph__registry_close(amph_registry *r)
{
	const amph_allocator *a;

	if (!r)
		return;
	a = r->arena.allocator;
	amph__map_clear(&r->by_model);
	amph__map_clear(&r->by_table);
	amph__map_clear(&r->by_enum);
	amph__arena_clear(&r->arena);
	amph__free(a, r);
}
