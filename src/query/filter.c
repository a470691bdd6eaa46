/* Filters: columns of a model whose value a session, or an engine, has settled. */
#include "filter.h"
#include "../model/value.h"
#include "shape.h"

/* ---- setting ---- */

static bool can_filter(const amph_mapped_column *c)
{
	static const uint32_t types = 1u << AMPH_T_BOOL | 1u << AMPH_T_INT16 | 1u << AMPH_T_INT32 |
		1u << AMPH_T_INT64 | 1u << AMPH_T_TEXT | 1u << AMPH_T_UUID | 1u << AMPH_T_DATE |
		1u << AMPH_T_TIME | 1u << AMPH_T_TIMESTAMP | 1u << AMPH_T_TIMESTAMPTZ | 1u << AMPH_T_ENUM;

	return !(c->slot.type & AMPH_T_ARRAY) && types >> c->slot.type & 1;
}

static bool is_null(const amph_node *node)
{
	return (node->type & ~AMPH_T_NULLABLE) == AMPH_T_NONE || node->flags & AMPH_NODE_NULL;
}

static void set_remove(amph_column_set *set, size_t i)
{
	set->bits[i / 64] &= ~((uint64_t)1 << i % 64);
}

static amph_row_filter *filter_at(amph_filters *f, const amph_mapper *m)
{
	amph_row_filter *row = f->rows[m->ordinal];

	if (row)
		return row;
	row = AMPH_NEW(&f->arena, amph_row_filter);
	if (row)
		row->values = amph__arena_zero(&f->arena, m->size);
	if (!row || !row->values)
		return NULL;
	f->rows[m->ordinal] = row;
	return row;
}

/* The same text as before is not copied again: a session that says its tenant for every request
 * stays as it is. */
static bool own_text(amph_filters *f, const amph_mapped_column *c, void *values, const char *before)
{
	const char **text = (const char **)(void *)((char *)values + c->slot.offset);

	if (c->slot.type != AMPH_T_TEXT || !*text)
		return true;
	*text = before && !strcmp(before, *text) ? before
						: amph__arena_text(&f->arena, *text, strlen(*text));
	return *text != NULL;
}

static bool set_value(amph_filters *f, amph_query_buf *b, const amph_mapper *m,
		      const amph_mapped_column *c, const amph_node *value, amph_error *err)
{
	amph_row_filter *row = filter_at(f, m);
	const char *before = NULL;

	if (!can_filter(c))
		return amph__error(err, "0A000", "\"%s.%s\": rows cannot be filtered by a column of this "
				   "type", m->model->name, c->decl->member);
	if (!row)
		return amph__error_nomem(err);
	char *at = (char *)row->values + c->slot.offset;
	amph__set_add(&row->columns, c->number);
	if (value->op == AMPH_OP_NONE) {
		amph__set_add(&row->missing, c->number);
		amph__set_add(&row->required, c->number);
		return true;
	}
	if (c->slot.type == AMPH_T_TEXT)
		memcpy(&before, at, sizeof before);
	set_remove(&row->nulls, c->number);
	set_remove(&row->missing, c->number);
	if (is_null(value)) {
		memset(at, 0, amph_type_size(c->slot.type, c->slot.nullable));
		amph__set_add(&row->nulls, c->number);
		return true;
	}
	amph__arena_reset(&b->values);
	if (!amph__node_store(b, value, c, row->values, err)) {
		amph__set_add(&row->missing, c->number);
		return false;
	}
	return own_text(f, c, row->values, before) || amph__error_nomem(err);
}

static void drop_value(amph_filters *f, const amph_mapper *m, const amph_mapped_column *c)
{
	amph_row_filter *row = f->rows[m->ordinal];

	if (!row)
		return;
	set_remove(&row->nulls, c->number);
	if (amph__set_has(&row->required, c->number))
		amph__set_add(&row->missing, c->number);
	else
		set_remove(&row->columns, c->number);
}

static const amph_mapped_column *column_named(const amph_mapper *m, const char *name)
{
	for (size_t i = 0; i < m->n_columns; i++)
		if (!strcmp(m->columns[i].name, name))
			return &m->columns[i];
	return NULL;
}

/* What stands at an offset that is no column's; NULL: nothing with a name. */
static const char *member_at(const amph_mapper *m, size_t offset)
{
	const amph_mapped_column *hybrid = amph__hybrid_at(m, offset);

	for (const amph_relation *r = m->relations; r && r->member; r++)
		if (r->offset == offset)
			return r->member;
	return hybrid ? hybrid->slot.name : NULL;
}

static bool fail_member(const amph_mapper *m, size_t offset, amph_error *err)
{
	const char *member = member_at(m, offset);

	if (member)
		return amph__error(err, "42703", "\"%s.%s\" is no column, which rows could be filtered by",
				   m->model->name, member);
	return amph__error(err, "42703", "a member of \"%s\" that is no column of the model", m->model->name);
}

bool amph__filters_change(amph_filters *f, amph_query_buf *b, const amph_filter *filter, bool drop,
			  amph_error *err)
{
	const amph_registry *r = b->registry;
	bool any = false;

	if (!filter->model && !filter->column)
		return amph__error_misuse(err, "a filter that no macro of the library made");
	const amph_mapper *only = filter->model ? amph__mapper_of(r, filter->model, err) : NULL;
	if (filter->model && !only)
		return false;
	for (size_t i = 0; i < r->n_mappers; i++) {
		const amph_mapper *m = r->mappers[i];
		const amph_mapped_column *c = only && amph__is_kind_of(m,
				only) ? amph__column_at(m, filter->offset)
					    : only ? NULL : column_named(m, filter->column);

		if (!c)
			continue;
		any = true;
		if (drop)
			drop_value(f, m, c);
		else if (!set_value(f, b, m, c, &filter->value, err))
			return false;
	}
	if (any)
		return true;
	if (only)
		return fail_member(only, filter->offset, err);
	return amph__error(err, "42703", "no model has a column \"%s\" to be filtered by", filter->column);
}

bool amph__filters_init(amph_filters *f, const amph_registry *r, const amph_allocator *a)
{
	amph__arena_init(&f->arena, a);
	f->rows = AMPH_NEWS(&f->arena, amph_row_filter *, r->n_mappers + 1);
	return f->rows != NULL;
}

bool amph__filters_copy(amph_filters *to, const amph_filters *from, const amph_registry *r)
{
	for (size_t i = 0; from->rows && i < r->n_mappers; i++) {
		const amph_mapper *m = r->mappers[i];
		amph_row_filter *row = from->rows[i] ? filter_at(to, m) : NULL;

		if (from->rows[i] && !row)
			return false;
		if (!row)
			continue;
		void *values = row->values;
		*row = *from->rows[i];
		row->values = memcpy(values, from->rows[i]->values, m->size);
	}
	return true;
}

/* ---- in force ---- */

bool amph__filter_of(const amph_query_buf *b, const amph_mapper *m, const amph_row_filter **out,
		     amph_error *err)
{
	const amph_row_filter *row = amph__has_filters(b) ? b->filters->rows[m->ordinal] : NULL;

	*out = row && !amph__set_is_empty(&row->columns) ? row : NULL;
	for (size_t i = 0; row && i < m->n_columns; i++)
		if (amph__set_has(&row->missing, i))
			return amph__error(err, "42501", "\"%s\" is filtered by \"%s\": say by "
					   "amph_filter_every of which value, or lift the filters",
					   m->model->name, m->columns[i].name);
	return true;
}

bool amph__filter_has(const amph_row_filter *row, const amph_mapper *m, const void *members)
{
	for (size_t i = 0; i < m->n_columns; i++) {
		const amph_slot *slot = &m->columns[i].slot;

		if (!amph__set_has(&row->columns, i))
			continue;
		if (amph__set_has(&row->nulls, i) ? !amph__slot_is_null(slot, members)
						 : !amph__slot_equal(slot, members, row->values))
			return false;
	}
	return true;
}

/* How many columns, then each by its number, those that are NULL with the lowest bit set. */
bool amph__shape_filter(amph_shaper *w, const amph_mapper *m)
{
	const amph_row_filter *row;
	size_t n = 0;

	if (!amph__filter_of(w->b, m, &row, w->err))
		return false;
	for (size_t i = 0; row && i < m->n_columns; i++)
		n += amph__set_has(&row->columns, i);
	key_number(&w->b->key, n);
	for (size_t i = 0; n && i < m->n_columns; i++) {
		bool null = amph__set_has(&row->nulls, i);
		amph_arg arg = { .n_slots = 1, .n_rows = 1, .base = row->values,
				 .slots = &m->columns[i].slot };

		if (!amph__set_has(&row->columns, i))
			continue;
		key_number(&w->b->key, i << 1 | null);
		if (!null && !amph__bind_add(w->b, &arg, w->err))
			return false;
	}
	return true;
}
