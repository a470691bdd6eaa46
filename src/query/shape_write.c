/* The key of what is written: assignments, the columns of inserts, rows in conflict. */
#include "filter.h"
#include "shape.h"
#include <string.h>
#include "../model/json.h"
#include "../model/value.h"

/* The numeric as the column keeps it, in a copy. */
static bool fit_arg(amph_shaper *w, const amph_sqltype *type, amph_arg *arg)
{
	amph_slot *slot;
	void *value;

	if (!amph__slot_needs_fit(arg->slots, type) || amph__slot_is_null(arg->slots, arg->base))
		return true;
	slot = amph__arena_copy(&w->b->values, arg->slots, sizeof(*slot));
	value = amph__arena_copy(&w->b->values, amph__slot_value(arg->slots, arg->base),
				 amph_type_size(arg->slots->type, arg->slots->nullable));
	if (!slot || !value)
		return amph__error_nomem(w->err);
	slot->offset = 0;
	arg->slots = slot;
	arg->base = value;
	return amph__slot_fit(slot, type, value, &w->b->values, w->err);
}

/* The argument that was bound last is what a column is set to. */
static bool note_set(amph_shaper *w, const amph_mapped_column *column)
{
	if (w->b->sets)
		w->b->sets[column->number] = w->b->args[w->b->n_args - 1];
	return true;
}

/* A server would not say which column it is meant for. */
static bool check_json(amph_shaper *w, const amph_mapped_column *column, const amph_arg *arg)
{
	if (column->slot.type != AMPH_T_JSON || amph__slot_is_null(arg->slots, arg->base))
		return true;
	const char *text = *(const char *const *)amph__slot_value(arg->slots, arg->base);
	if (amph__json_parse(text, strlen(text), &w->b->values, w->err))
		return true;
	amph__error_names(w->err, w->b->ranges[0].mapper->table->name, column->name, NULL);
	return false;
}

static bool put_assigned_value(amph_shaper *w, const amph_mapped_column *column,
			       const amph_node *node)
{
	const amph_mapper *m = w->b->ranges[0].mapper;
	amph_sqltype type;
	amph_arg arg;

	if (node->op != AMPH_OP_VALUE || node->type == AMPH_T_NONE)
		return amph__shape_expr(w, node, &column->type);
	if (!amph__bind_value(w->b, node, &column->type, &arg, &type, w->err)) {
		amph__error_names(w->err, m->table->name, column->name, NULL);
		return false;
	}
	if (type.type != column->type.type)
		return amph__shape_expr(w, node, &column->type);
	type = column->type;
	type.nullable = true;
	key_byte(&w->b->key, KEY_PARAM_OF);
	key_number(&w->b->key, column->number);
	return amph__slot_check(arg.slots, &type, arg.base, m->table->name, column->name, w->err) &&
	       check_json(w, column, &arg) && fit_arg(w, &type, &arg) &&
	       amph__bind_add(w->b, &arg, w->err) && note_set(w, column);
}

/* A row must not go where the session would not see it. */
static bool may_assign(amph_shaper *w, const amph_mapper *m, const amph_mapped_column *column)
{
	const amph_row_filter *row;

	if (!amph__filter_of(w->b, m, &row, w->err))
		return false;
	if (m->discriminator == column->number)
		return amph__error(w->err, "428C9", "\"%s.%s\" cannot be set: it says of which model a row "
				   "is", m->model->name, column->decl->member);
	if (!row || !amph__set_has(&row->columns, column->number))
		return true;
	return amph__error(w->err, "42501", "\"%s.%s\" cannot be set: the session is filtered by it",
			   m->model->name, column->decl->member);
}

static bool put_assignment(amph_shaper *w, const amph_assign *set, bool *assigned)
{
	const amph_mapper *m = w->b->ranges[0].mapper;
	const amph_mapped_column *column = amph__column_at(m, set->offset);

	if (!column)
		return amph__error(w->err, "42703", "\"%s.%s\" is no column", m->model->name, set->member);
	if (!amph__is_member(column, set->member))
		return amph__error(w->err, "42703", "\"%s\" is no member of %s: it was set for another "
				   "model", set->member, m->model->name);
	if (assigned[column->number])
		return amph__error(w->err, "42601", "\"%s.%s\" is set twice", m->model->name, set->member);
	if (column->computed)
		return amph__error(w->err, "428C9", "\"%s.%s\" is computed by the database",
				   m->model->name, set->member);
	assigned[column->number] = true;
	if (w->in_conflict && column->decl->validate)
		return amph__error(w->err, "0A000", "\"%s.%s\" has a validator, which does not look at rows "
				   "in conflict: name it in .update", m->model->name, set->member);
	if (!may_assign(w, m, column))
		return false;
	key_number(&w->b->key, column->number);
	return put_assigned_value(w, column, &set->value);
}

/* What .on_update gives, as a flush would set it. */
static bool put_on_update(amph_shaper *w, const amph_mapped_column *column)
{
	amph_query_buf *b = w->b;
	size_t size = amph_type_size(column->slot.type, column->slot.nullable);
	amph_slot *slot = AMPH_NEW(&b->values, amph_slot);
	void *value = amph__arena_zero(&b->values, size);
	amph_arg arg = { .n_slots = 1, .n_rows = 1, .base = value, .slots = slot };

	if (!slot || !value)
		return amph__error_nomem(w->err);
	*slot = column->slot;
	slot->offset = 0;
	if (!column->decl->on_update(b->session, value))
		return amph__error(w->err, "P0001", "the .on_update of \"%s\" failed", column->name);
	if (slot->nullable)
		*((bool *)value + amph_type_has_offset(slot->type)) = true;
	key_number(&b->key, column->number);
	key_byte(&b->key, KEY_PARAM_OF);
	key_number(&b->key, column->number);
	return amph__slot_check(slot, &column->type, value, b->ranges[0].mapper->table->name,
				column->name, w->err) &&
	       amph__bind_add(b, &arg, w->err) && note_set(w, column);
}

/* The column takes the value that the new row has. */
static bool put_proposed(amph_shaper *w, const amph_node *node, bool *assigned)
{
	const amph_mapper *m = w->b->ranges[0].mapper;
	const amph_mapped_column *column;
	size_t range;

	if (node->op != AMPH_OP_COLUMN)
		return amph__error_misuse(w->err, ".update takes columns");
	column = amph__shape_find_column(w, node, &range);
	if (!column)
		return false;
	if (assigned[column->number])
		return amph__error(w->err, "42601", "\"%s.%s\" is set twice", m->model->name,
				   column->decl->member);
	assigned[column->number] = true;
	if (!may_assign(w, m, column))
		return false;
	key_number(&w->b->key, column->number);
	key_byte(&w->b->key, AMPH_OP_EXCLUDED);
	key_number(&w->b->key, column->number);
	return true;
}

bool amph__shape_assignments(amph_shaper *w, const amph_assign *set, const amph_node *update)
{
	const amph_mapper *m = w->b->ranges[0].mapper;
	bool assigned[AMPH_COLUMNS_MAX] = { false };
	size_t n = 0, n_update = 0, total;

	while (set && set[n].member)
		n++;
	while (update && update[n_update].op != AMPH_OP_NONE)
		n_update++;
	total = n + n_update;
	if (total == 0)
		return amph__error_misuse(w->err, "amph_update needs .set");
	for (size_t i = 0; i < n_update; i++) {
		const amph_mapped_column *column = amph__column_at(m, update[i].n);
		if (column)
			assigned[column->number] = true;
	}
	for (size_t i = 0; i < n; i++) {
		const amph_mapped_column *column = amph__column_at(m, set[i].offset);
		if (column)
			assigned[column->number] = true;
	}
	for (size_t i = 0; i < m->n_columns; i++)
		total += m->columns[i].decl->on_update && !assigned[i];
	key_number(&w->b->key, total);
	memset(assigned, 0, sizeof(assigned));
	for (size_t i = 0; i < n; i++) {
		if (!put_assignment(w, &set[i], assigned))
			return false;
	}
	for (size_t i = 0; i < n_update; i++) {
		if (!put_proposed(w, &update[i], assigned))
			return false;
	}
	for (size_t i = 0; i < m->n_columns; i++) {
		if (m->columns[i].decl->on_update && !assigned[i] && !put_on_update(w, &m->columns[i]))
			return false;
	}
	return true;
}

/* ---- inserts ---- */
static bool may_insert(amph_shaper *w, const amph_field *f, const amph_mapped_column *column,
		       const amph_column_set *given)
{
	const amph_mapper *m = w->target;

	if (!column || !amph__is_member(column, f->member))
		return amph__error(w->err, "42703", "\"%s\" is no column of \"%s\", into which rows go",
				   f->member, m->model->name);
	if (amph__set_has(given, column->number))
		return amph__error(w->err, "42701", "\"%s.%s\" is given twice", m->model->name, f->member);
	if (column->computed)
		return amph__error(w->err, "428C9", "\"%s.%s\" is computed by the database",
				   m->model->name, f->member);
	if (column->decl->validate)
		return amph__error(w->err, "0A000", "\"%s.%s\" has a validator, which cannot look at what "
				   "the database computes", m->model->name, f->member);
	return may_assign(w, m, column);
}

/* Columns that no field gives, but the program. */
static bool put_defaults(amph_shaper *w, const amph_column_set *given)
{
	const amph_mapper *m = w->target;

	for (size_t i = 0; i < m->n_columns && w->defaults; i++) {
		const amph_mapped_column *column = &m->columns[i];
		amph_arg arg = { .n_slots = 1, .n_rows = 1, .slots = &column->slot,
				 .base = w->defaults->members };
		amph_sqltype type = column->type;

		if (!amph__set_has(w->defaults->columns, i) || amph__set_has(given, i))
			continue;
		key_number(&w->b->key, i);
		type.nullable = true;
		if (!amph__shape_param(w, &arg, &type))
			return false;
	}
	return true;
}

static size_t count_defaults(const amph_shaper *w, const amph_column_set *given)
{
	size_t n = 0;

	for (size_t i = 0; i < w->target->n_columns && w->defaults; i++)
		n += amph__set_has(w->defaults->columns, i) && !amph__set_has(given, i);
	return n;
}

bool amph__shape_insert_fields(amph_shaper *w, const amph_select *q)
{
	amph_column_set given = { { 0 } };
	size_t n = 0;

	for (; q->fields && q->fields[n].member; n++) {
		const amph_mapped_column *column = amph__column_at(w->target, q->fields[n].offset);
		if (!may_insert(w, &q->fields[n], column, &given))
			return false;
		amph__set_add(&given, column->number);
	}
	if (n == 0)
		return amph__error_misuse(w->err, "amph_insert_from needs .fields");
	key_number(&w->b->key, n + count_defaults(w, &given));
	for (size_t i = 0; i < n; i++) {
		const amph_mapped_column *column = amph__column_at(w->target, q->fields[i].offset);
		key_number(&w->b->key, column->number);
		if (!amph__shape_expr(w, &q->fields[i].value, &column->type))
			return false;
	}
	return put_defaults(w, &given);
}

static bool put_conflict_columns(amph_shaper *w, const amph_node *on)
{
	size_t n = 0;

	while (on && on[n].op != AMPH_OP_NONE)
		n++;
	key_number(&w->b->key, n);
	for (size_t i = 0; i < n; i++) {
		const amph_mapped_column *column = NULL;
		if (on[i].op != AMPH_OP_COLUMN)
			return amph__error_misuse(w->err, ".on of a conflict takes columns");
		column = amph__shape_find_column(w, &on[i], NULL);
		if (!column)
			return false;
		key_number(&w->b->key, column->number);
	}
	return true;
}

static bool put_conflict(amph_shaper *w, const amph_conflict *c)
{
	bool update = c->update || c->set;

	key_byte(&w->b->key, update ? KEY_DO_UPDATE : KEY_DO_NOTHING);
	if (!put_conflict_columns(w, c->on) || !amph__shape_condition(w, &c->on_where.n))
		return false;
	if (!update && c->where.n.op != AMPH_OP_NONE)
		return amph__error_misuse(w->err, "a conflict of which nothing comes needs no .where");
	if (!update)
		return true;
	w->in_conflict = true;
	if (!amph__shape_assignments(w, c->set, c->update) || !amph__shape_condition(w, &c->where.n) ||
	    !amph__shape_filter(w, w->target))
		return false;
	w->in_conflict = false;
	return true;
}

bool amph__shape_insert(amph_shaper *w, const amph_select *q)
{
	const amph_insert_defaults *defaults = w->b->defaults;
	amph_source *filling = w->filling;

	w->target = q->target ? amph__mapper_of(w->b->registry, q->target, w->err) : NULL;
	if (!w->target)
		return q->target ? false : amph__error_misuse(w->err, "an insert without a model");
	while (defaults && defaults->of != q)
		defaults = defaults->next;
	w->defaults = defaults;
	key_number(&w->b->key, w->target->ordinal);
	key_byte(&w->b->key, KEY_FROM_SELECT);
	w->filling = NULL;
	if (!amph__shape_select(w, AMPH_QUERY_INSERT, q))
		return false;
	w->filling = filling;
	return amph__shape_insert_end(w, q);
}

static bool put_insert_returning(amph_shaper *w, const amph_select *q, amph_source *filling)
{
	w->filling = filling;
	return !q->returning || amph__shape_fields(w, q->returning);
}

bool amph__shape_insert_end(amph_shaper *w, const amph_select *q)
{
	amph_source *filling = w->filling;

	w->filling = NULL;
	w->b->n_ranges = 0;
	w->main = 0;
	key_number(&w->b->key, (q->on_conflict ? KEY_CONFLICT : 0u) | (q->returning ? KEY_RETURNING : 0u));
	return amph__shape_add_range(w, w->target->model, w->target) &&
	       (!q->on_conflict || put_conflict(w, q->on_conflict)) &&
	       put_insert_returning(w, q, filling);
}
