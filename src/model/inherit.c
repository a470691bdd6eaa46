/* Models derived from another: one table for all of them, with a column that says of which model a
 * row is. The base's draft is compiled with the columns of all, those of derived models at places
 * behind its struct, so that the table, its keys and its indexes are made as ever; in the end each
 * mapper is left with its own. */
#include "compile.h"
#include "value.h"
#include <string.h>

static size_t count(const amph_column *columns)
{
	size_t n = 0;

	while (columns && columns[n].member)
		n++;
	return n;
}

static bool is_below(const amph_draft *d, const amph_draft *of)
{
	for (; d; d = d->parent)
		if (d == of)
			return true;
	return false;
}

/* ---- before the columns ---- */

void amph__draft_parents(amph_compiler *c)
{
	for (size_t i = 0; i < c->n; i++) {
		amph_draft *d = &c->drafts[i];

		d->root = d;
		if (!d->model->base)
			continue;
		d->parent = amph__draft_of(c, d->model->base);
		if (!d->parent)
			amph__mistake(c, d, NULL, "42P01", "is derived from model \"%s\", which is not among "
				      "the models given: add it to .models",
				      d->model->base->name ? d->model->base->name : "?");
	}
	for (size_t i = 0; i < c->n; i++) {
		amph_draft *d = &c->drafts[i];

		while (d->root->parent)
			d->root = d->root->parent;
		d->table = d->root->table;
		d->mapper->table = d->table;
	}
}

static size_t up(size_t size)
{
	return (size + 15) & ~(size_t)15;
}

/* A column of a derived model in its base's table: other rows have none. */
static const amph_column *moved(amph_compiler *c, amph_draft *root, const amph_column *decl)
{
	amph_column *copy = AMPH_NEW(c->arena, amph_column);

	if (!copy)
		return NULL;
	*copy = *decl;
	copy->type |= AMPH_T_NULLABLE;
	copy->not_null = copy->primary_key = copy->version = false;
	copy->default_value = (amph_value){ .type = AMPH_T_NONE };
	copy->default_fn = copy->on_update = NULL;
	copy->validate = NULL;
	copy->offset = (uint32_t)up(root->mapper->size);
	root->mapper->size = copy->offset + amph_type_size(copy->type & ~AMPH_T_NULLABLE, true);
	return copy;
}

static void own_columns(amph_compiler *c, amph_draft *d, const amph_draft *of)
{
	const amph_column *decl = of->model->columns;

	for (; decl && decl->member && !c->failed; decl++) {
		if (d == d->root && of != d)
			d->decls[d->n_decls] = moved(c, d, decl);
		else
			d->decls[d->n_decls] = decl;
		c->failed |= !d->decls[d->n_decls++];
	}
}

static void columns_above(amph_compiler *c, amph_draft *d, const amph_draft *of)
{
	if (!of)
		return;
	columns_above(c, d, of->parent);
	own_columns(c, d, of);
}

bool amph__draft_decls(amph_compiler *c, amph_draft *d)
{
	size_t most = 0;

	for (size_t i = 0; i < c->n; i++)
		if (c->drafts[i].root == d->root)
			most += count(c->drafts[i].model->columns);
	d->decls = AMPH_NEWS(c->arena, const amph_column *, most + 1);
	if (!d->decls) {
		c->failed = true;
		return false;
	}
	columns_above(c, d, d);
	for (size_t i = 0; i < c->n && d->root == d; i++)
		if (c->drafts[i].root == d && &c->drafts[i] != d)
			own_columns(c, d, &c->drafts[i]);
	return !c->failed;
}

/* ---- what can be wrong ---- */

static void check_kind(amph_compiler *c, amph_draft *d)
{
	if (d->parent && !d->model->kind)
		amph__mistake(c, d, NULL, "42P16", "is derived and has no .kind, the text that its rows are "
			      "told by");
	for (size_t i = 0; d->model->kind && &c->drafts[i] != d; i++) {
		const amph_draft *other = &c->drafts[i];

		if (other->root == d->root && other->model->kind &&
		    !strcmp(other->model->kind, d->model->kind))
			amph__mistake(c, d, NULL, "42710", "its rows are told by \"%s\" as those of model "
				      "\"%s\" are: choose another .kind", d->model->kind,
				      other->model->name);
	}
}

static void check_discriminator(amph_compiler *c, amph_draft *d)
{
	const amph_model *m = d->model;
	const amph_mapped_column *col = m->discriminator.model == m && d->mapper->by_offset
		? amph__column_at(d->mapper, m->discriminator.offset) : NULL;

	if (!col || col->number >= count(m->columns))
		amph__mistake(c, d, NULL, "42703", "discriminator is no column of the model");
	else if (col->slot.type != AMPH_T_TEXT || !col->decl->not_null || col->primary_key)
		amph__mistake(c, d, col->name, "42804", "a discriminator is a text that is .not_null and no "
			      "key");
	else
		d->mapper->discriminator = col->number;
}

/* What a derived model cannot have, since its table is its base's. */
static void check_derived(amph_compiler *c, amph_draft *d)
{
	const amph_model *m = d->model;
	const amph_column *decl = m->columns;

	if (m->table || m->schema)
		amph__mistake(c, d, NULL, "42P16", "is derived and has a table: its rows are in its base's");
	if (m->indexes || m->uniques || m->checks || m->foreign_keys)
		amph__mistake(c, d, NULL, "0A000", "indexes, unique constraints, checks and foreign "
				"keys of a "
			      "derived model: declare them with its columns, or with its base");
	if (m->soft_delete.model || m->discriminator.model)
		amph__mistake(c, d, NULL, "42P16", "soft_delete and discriminator are declared with "
				"the base");
	for (; decl && decl->member; decl++) {
		const char *name = decl->name ? decl->name : decl->member;

		if (decl->offset < m->base->size)
			amph__mistake(c, d, name, "42P16", "is a member of the base: declare it there");
		if (decl->primary_key || decl->version || decl->identity)
			amph__mistake(c, d, name, "42P16", "the primary key and the version are the base's");
	}
}

void amph__check_inheritance(amph_compiler *c, amph_draft *d)
{
	bool derived = d->parent != NULL, base = d->model->discriminator.model != NULL;

	for (size_t i = 0; i < c->n; i++)
		base |= c->drafts[i].parent == d && d->root == d;
	if (derived)
		check_derived(c, d);
	if (d->root == d && base && !d->model->discriminator.model)
		amph__mistake(c, d, NULL, "42P16", "others are derived from it: name the column "
				"that tells their "
			      "rows in .discriminator");
	else if (d->root == d && base)
		check_discriminator(c, d);
	if (d->root == d && d->model->kind && !base)
		amph__mistake(c, d, NULL, "42P16", "has a .kind and no .discriminator");
	if (derived || base)
		check_kind(c, d);
}

/* ---- mappers in the end ---- */

static int number_of(const amph_mapper *m, const char *name)
{
	for (size_t i = 0; i < m->n_columns; i++)
		if (!strcmp(m->columns[i].name, name))
			return (int)i;
	return -1;
}

/* Numbers of the root's columns as those of m; NULL where m has not all of them. */
static const uint16_t *renumber(amph_compiler *c, const amph_mapper *m, const amph_draft *root, size_t n,
				const uint16_t *columns, size_t skip)
{
	uint16_t *out = AMPH_NEWS(c->arena, uint16_t, n + skip + 1);

	c->failed |= !out;
	for (size_t i = 0; out && i < n; i++) {
		int number = number_of(m, root->columns[columns[i]].name);

		if (number < 0)
			return NULL;
		out[i + skip] = (uint16_t)number;
	}
	if (out && skip)
		out[0] = (uint16_t)n;
	return out;
}

static void take_references(amph_compiler *c, amph_mapper *m, const amph_draft *root,
			    const amph_mapped_reference *all, size_t n)
{
	amph_mapped_reference *list = AMPH_NEWS(c->arena, amph_mapped_reference, n + 1);

	c->failed |= !list;
	m->n_references = 0;
	m->references = list;
	for (size_t i = 0; list && i < n; i++) {
		const uint16_t *columns = renumber(c, m, root, all[i].n, all[i].columns, 0);

		if (!columns)
			continue;
		list[m->n_references] = all[i];
		list[m->n_references++].columns = columns;
	}
}

static void take_uniques(amph_compiler *c, amph_mapper *m, const amph_draft *root,
			 const uint16_t *const *all, size_t n)
{
	const uint16_t **list = AMPH_NEWS(c->arena, const uint16_t *, n + 1);

	c->failed |= !list;
	m->n_uniques = 0;
	m->uniques = list;
	for (size_t i = 0; list && i < n; i++) {
		const uint16_t *unique = renumber(c, m, root, all[i][0], all[i] + 1, 1);

		if (unique)
			list[m->n_uniques++] = unique;
	}
}

static void take_relations(amph_compiler *c, amph_mapper *m)
{
	size_t n = 0;

	for (const amph_mapper *at = m; at; at = at->parent)
		for (const amph_relation *r = at->model->relations; r && r->member; r++)
			n++;
	m->relations = m->model->relations;
	if (!n || !m->parent)
		return;
	amph_relation *list = AMPH_NEWS(c->arena, amph_relation, n + 1);
	c->failed |= !list;
	m->relations = list;
	for (const amph_mapper *at = m; list && at; at = at->parent)
		for (const amph_relation *r = at->model->relations; r && r->member; r++)
			list[--n] = *r;
}

static void take_kinds(amph_compiler *c, const amph_draft *d)
{
	const amph_mapper **kinds = AMPH_NEWS(c->arena, const amph_mapper *, c->n + 1);
	amph_mapper *m = d->mapper;

	c->failed |= !kinds;
	if (!kinds)
		return;
	kinds[m->n_kinds++] = m;
	for (size_t i = 0; i < c->n; i++)
		if (&c->drafts[i] != d && is_below(&c->drafts[i], d))
			kinds[m->n_kinds++] = c->drafts[i].mapper;
	m->kinds = kinds;
}

static void number_wide(amph_compiler *c, amph_mapper *m, const amph_draft *root)
{
	uint16_t *wide = AMPH_NEWS(c->arena, uint16_t, m->n_columns + 1);

	c->failed |= !wide;
	m->to_wide = wide;
	for (size_t i = 0; wide && i < m->n_columns; i++)
		for (size_t k = 0; k < root->mapper->n_wide; k++)
			if (!strcmp(root->columns[k].name, m->columns[i].name))
				wide[i] = (uint16_t)k;
}

/* The base with its own columns only. */
static void narrow(amph_draft *d)
{
	amph_mapper *m = d->mapper;
	size_t n = count(d->model->columns), kept = 0;
	amph_slot *pointing = (amph_slot *)(uintptr_t)m->pointing.slots;

	m->n_columns = n;
	m->size = d->model->size;
	m->shape.n_slots = n;
	for (size_t i = 0; i < m->pointing.n_slots; i++)
		if (pointing[i].offset < m->size)
			pointing[kept++] = pointing[i];
	m->pointing.n_slots = kept;
	while (m->n_filled && m->filled[m->n_filled - 1] >= n)
		m->n_filled--;
	while (m->n_defaults && m->defaults[m->n_defaults - 1] >= n)
		m->n_defaults--;
	while (m->n_checked && m->checked[m->n_checked - 1] >= n)
		m->n_checked--;
	for (size_t i = n; i < AMPH_COLUMNS_MAX; i++)
		m->written.bits[i / 64] &= ~((uint64_t)1 << i % 64);
}

static void finish_root(amph_compiler *c, amph_draft *d)
{
	amph_mapper *m = d->mapper;
	const amph_mapped_reference *references = m->references;
	const uint16_t *const *uniques = m->uniques;
	size_t n_references = m->n_references, n_uniques = m->n_uniques;

	m->wide = d->columns;
	m->n_wide = m->n_columns;
	m->wide_shape = m->shape;
	m->wide_size = m->most_size = m->n_kinds > 1 ? up(m->size) : m->size;
	if (m->n_kinds > 1)
		narrow(d);
	for (size_t i = 0; i < m->n_kinds && !c->failed; i++) {
		amph_mapper *kind = (amph_mapper *)(uintptr_t)m->kinds[i];

		if (kind->size > m->most_size)
			m->most_size = kind->size;
		kind->flush_rank = m->flush_rank;
		kind->discriminator = m->discriminator;
		number_wide(c, kind, d);
		if (m->n_kinds == 1)
			continue;
		take_references(c, kind, d, references, n_references);
		take_uniques(c, kind, d, uniques, n_uniques);
	}
}

bool amph__inherit(amph_compiler *c)
{
	for (size_t i = 0; i < c->n; i++) {
		amph_draft *d = &c->drafts[i];

		d->mapper->root = d->root->mapper;
		d->mapper->parent = d->parent ? d->parent->mapper : NULL;
		d->mapper->kind = d->model->kind;
		take_kinds(c, d);
	}
	for (size_t i = 0; i < c->n && !c->failed; i++) {
		take_relations(c, c->drafts[i].mapper);
		if (c->drafts[i].root == &c->drafts[i])
			finish_root(c, &c->drafts[i]);
	}
	return !c->failed;
}
