/* Columns of a model: their place in the struct, their SQL type, the primary key, and the table
 * as the resolver sees it. */
#include "compile.h"
#include "value.h"
#include "../base/ascii.h"
#include <string.h>

enum { MAX_KEY_COLUMNS = 32 };

static bool is_pointer(int base, bool array)
{
	return array || base == AMPH_T_TEXT || base == AMPH_T_BYTES || base == AMPH_T_JSON;
}

/* ---- enums ---- */

static bool same_labels(const amph_enum_type *e, const char *const *labels)
{
	size_t n = 0;

	for (; labels[n]; n++)
		if (n >= e->n_labels || strcmp(labels[n], e->labels[n]) != 0)
			return false;
	return n == e->n_labels;
}

static const amph_enum_type *new_enum(amph_compiler *c, const char *name, const char *const *labels)
{
	amph_enum_type *e = AMPH_NEW(c->arena, amph_enum_type);

	if (!e || !amph__map_put(&c->registry->by_enum, name, strlen(name), e)) {
		c->failed = true;
		return NULL;
	}
	e->name = name;
	e->labels = labels;
	while (labels[e->n_labels])
		e->n_labels++;
	return e;
}

/* Columns with the same enum_name share a type, and so must have the same labels. */
static const amph_enum_type *enum_of(amph_compiler *c, amph_draft *d, const amph_mapped_column *col)
{
	const char *const *labels = col->decl->labels;
	const char *const names[] = { col->name, NULL };
	const char *name = col->decl->enum_name;
	const amph_enum_type *known;

	if (!labels || !labels[0])
		return NULL;
	if (!name)
		name = amph__object_name(c->arena, d->table->name, names, NULL);
	if (!name) {
		c->failed = true;
		return NULL;
	}
	if (!amph__check_name(c, d, col->name, "enum", name))
		return NULL;
	known = amph__map_get(&c->registry->by_enum, name, strlen(name));
	if (!known)
		return new_enum(c, name, labels);
	if (!same_labels(known, labels))
		amph__mistake(c, d, col->name, "42710", "enum \"%s\" has other labels elsewhere", name);
	return known;
}

/* ---- columns ---- */

static void set_type(amph_compiler *c, amph_draft *d, amph_mapped_column *col)
{
	const amph_column *decl = col->decl;
	int base = decl->type & ~(AMPH_T_ARRAY | AMPH_T_NULLABLE);
	bool array = (decl->type & AMPH_T_ARRAY) != 0;
	bool pointer = is_pointer(base, array);
	bool may_be_null = pointer || (decl->type & AMPH_T_NULLABLE);

	col->slot.type = (uint8_t)(base | (array ? AMPH_T_ARRAY : 0));
	col->slot.nullable = !pointer && (decl->type & AMPH_T_NULLABLE);
	col->slot.offset = decl->offset;
	col->slot.name = decl->member;
	col->type.type = col->slot.type;
	col->type.nullable = may_be_null && !decl->not_null && !decl->primary_key;
	col->type.length = base == AMPH_T_NUMERIC ? decl->precision : decl->length;
	col->type.scale = (int16_t)decl->scale;
	if (base == AMPH_T_ENUM)
		col->type.enumeration = col->slot.enumeration = enum_of(c, d, col);
}

static void set_column(amph_compiler *c, amph_draft *d, size_t i)
{
	const amph_column *decl = d->decls[i];
	amph_mapped_column *col = &d->columns[i];

	col->decl = decl;
	col->name = decl->name ? decl->name : decl->member;
	col->number = (uint16_t)i;
	col->primary_key = decl->primary_key;
	col->computed = decl->computed != NULL;
	col->server_default = decl->server_default != NULL;
	col->version = decl->version;
	d->mapper->validates |= decl->validate != NULL;
	set_type(c, d, col);
	if (col->version && d->mapper->version >= 0)
		amph__mistake(c, d, col->name, "42P16", "is a second version column: a model has one");
	if (col->version)
		d->mapper->version = (int)i;
	if (d->root->model->soft_delete.model && d->root->model->soft_delete.offset == decl->offset)
		d->mapper->soft_delete = (int)i;
}

static void check_twins(amph_compiler *c, amph_draft *d, size_t i)
{
	const amph_mapped_column *col = &d->columns[i];

	for (size_t k = 0; k < i; k++) {
		const amph_mapped_column *other = &d->columns[k];

		if (!strcmp(other->name, col->name))
			amph__mistake(c, d, col->name, "42701", "is there twice");
		else if (amph__ascii_same(other->name, col->name))
			amph__mistake(c, d, col->name, "0A000",
				      "differs from \"%s\" by case only, which SQLite does not see",
				      other->name);
		else if (other->decl->offset == col->decl->offset)
			amph__mistake(c, d, col->name, "42701",
				      "is the same member as column \"%s\"", other->name);
	}
}

/* ---- keys ---- */

static void set_keys(amph_compiler *c, amph_draft *d)
{
	amph_mapper *m = d->mapper;
	uint16_t *keys = AMPH_NEWS(c->arena, uint16_t, m->n_columns + 1);

	if (!keys) {
		c->failed = true;
		return;
	}
	for (size_t i = 0; i < m->n_columns; i++)
		if (d->columns[i].primary_key)
			keys[m->n_keys++] = (uint16_t)i;
	m->keys = keys;
	if (m->n_keys > MAX_KEY_COLUMNS)
		amph__mistake(c, d, NULL, "54011", "has more than %d columns in its primary key",
			      (int)MAX_KEY_COLUMNS);
}

static bool refers(const amph_draft *d, const amph_column *decl)
{
	const amph_foreign_key *f = d->model->foreign_keys;

	if (decl->references.model)
		return true;
	for (; f && f->on; f++)
		for (const amph_member *on = f->on; on->model; on++)
			if (on->offset == decl->offset)
				return true;
	return false;
}

static bool is_identity(const amph_draft *d, const amph_mapped_column *col)
{
	const amph_column *decl = col->decl;
	bool integer = col->slot.type == AMPH_T_INT16 || col->slot.type == AMPH_T_INT32 ||
		col->slot.type == AMPH_T_INT64;

	if (!integer || decl->computed || decl->identity == AMPH_IDENTITY_NONE)
		return false;
	if (decl->identity != AMPH_IDENTITY_AUTO)
		return true;
	return decl->default_value.type == AMPH_T_NONE && !decl->default_fn &&
		!decl->server_default && !refers(d, decl);
}

static void set_identity(amph_compiler *c, amph_draft *d)
{
	amph_mapper *m = d->mapper;

	for (size_t i = 0; i < m->n_columns; i++) {
		amph_mapped_column *col = &d->columns[i];
		bool sole = m->n_keys == 1 && m->keys[0] == i;

		if (col->decl->identity != AMPH_IDENTITY_AUTO &&
		    col->decl->identity != AMPH_IDENTITY_NONE && !sole)
			amph__mistake(c, d, col->name, "0A000",
				      "only the sole column of a primary key can be an identity: "
				      "number it by a server_default");
		if (!sole || !is_identity(d, col))
			continue;
		col->identity = true;
		m->identity = (int)i;
	}
}

/* ---- the table ---- */

static void set_table(amph_compiler *c, amph_draft *d)
{
	const amph_mapper *m = d->mapper;
	sql_table *t = d->table;

	t->n_columns = m->n_columns;
	t->columns = d->defs;
	if (m->n_keys)
		t->primary_key = amph__column_names(c, d, m->n_keys, m->keys);
	for (size_t i = 0; i < m->n_columns; i++) {
		const amph_mapped_column *col = &d->columns[i];

		d->defs[i] = (sql_column_def){
			.name = col->name, .type = col->type,
			.default_sql = col->decl->server_default,
			.computed_sql = col->decl->computed,
			.identity = col->identity,
			.identity_always = col->decl->identity == AMPH_IDENTITY_ALWAYS,
			.comment = col->decl->comment
		};
	}
}

static bool points(const amph_slot *slot)
{
	return slot->type & AMPH_T_ARRAY || slot->type == AMPH_T_NUMERIC ||
	       slot->type == AMPH_T_TEXT || slot->type == AMPH_T_JSON || slot->type == AMPH_T_BYTES;
}

static void set_shape(amph_compiler *c, amph_draft *d)
{
	amph_mapper *m = d->mapper;
	amph_slot *slots = AMPH_NEWS(c->arena, amph_slot, m->n_columns);
	const amph_column *hybrid = d->model->hybrids;
	size_t n_hybrids = 0;

	while (hybrid && hybrid[n_hybrids].member)
		n_hybrids++;
	amph_slot *pointing = AMPH_NEWS(c->arena, amph_slot, m->n_columns + n_hybrids);
	uint16_t *by_offset = AMPH_NEWS(c->arena, uint16_t, m->n_columns);

	if (!slots || !pointing || !by_offset) {
		c->failed = true;
		return;
	}
	m->pointing.slots = pointing;
	for (size_t i = 0; i < m->n_columns; i++) {
		size_t at = i;

		slots[i] = d->columns[i].slot;
		for (; at > 0 && slots[by_offset[at - 1]].offset > slots[i].offset; at--)
			by_offset[at] = by_offset[at - 1];
		by_offset[at] = (uint16_t)i;
		if (points(&slots[i]))
			pointing[m->pointing.n_slots++] = slots[i];
	}
	m->shape = (amph_shape){ .n_slots = m->n_columns, .slots = slots };
	m->by_offset = by_offset;
}

static bool has_default(const amph_column *decl)
{
	return decl->default_fn || decl->default_value.type != AMPH_T_NONE;
}

/* Where the values of a new row come from. */
static void set_sources(amph_compiler *c, amph_draft *d)
{
	amph_mapper *m = d->mapper;
	uint16_t *filled = AMPH_NEWS(c->arena, uint16_t, 3 * m->n_columns);

	if (!filled) {
		c->failed = true;
		return;
	}
	uint16_t *defaults = filled + m->n_columns, *checked = defaults + m->n_columns;
	for (size_t i = 0; i < m->n_columns; i++) {
		const amph_mapped_column *col = &d->columns[i];

		if (amph__slot_needs_check(&col->slot))
			checked[m->n_checked++] = (uint16_t)i;
		if (col->computed)
			continue;
		if (col->identity || col->server_default)
			filled[m->n_filled++] = (uint16_t)i;
		else
			amph__set_add(&m->written, i);
		if (has_default(col->decl))
			defaults[m->n_defaults++] = (uint16_t)i;
	}
	m->filled = filled;
	m->defaults = defaults;
	m->checked = checked;
}

static bool count_columns(amph_compiler *c, amph_draft *d)
{
	size_t n = d->n_decls;

	if (n == 0)
		amph__mistake(c, d, NULL, "42P16", "has no columns: list them in .columns = "
				"AMPH_COLUMNS(...)");
	if (n > AMPH_COLUMNS_MAX)
		amph__mistake(c, d, NULL, "54011", "has more than %d columns", AMPH_COLUMNS_MAX);
	d->mapper->n_columns = n <= AMPH_COLUMNS_MAX ? n : 0;
	return d->mapper->n_columns > 0;
}

void amph__draft_columns(amph_compiler *c, amph_draft *d)
{
	amph_mapper *m = d->mapper;

	if (!amph__draft_decls(c, d) || !count_columns(c, d))
		return;
	d->columns = AMPH_NEWS(c->arena, amph_mapped_column, m->n_columns);
	d->defs = AMPH_NEWS(c->arena, sql_column_def, m->n_columns);
	if (!d->columns || !d->defs) {
		c->failed = true;
		return;
	}
	m->columns = d->columns;
	for (size_t i = 0; i < m->n_columns && !c->failed; i++) {
		set_column(c, d, i);
		amph__check_column(c, d, &d->columns[i]);
		check_twins(c, d, i);
	}
	set_keys(c, d);
	if (c->failed)
		return;
	set_identity(c, d);
	set_shape(c, d);
	set_sources(c, d);
	if (d->root == d)
		set_table(c, d);
}
