/* Filters of a session: setting them, and holding what it writes to them. */
#include "state.h"
#include <string.h>

/* A session has filters of its own from the first that it sets: those of the engine till then. */
static amph_filters *own_filters(amph_session *s, amph_error *err)
{
	if (s->filters)
		return s->filters;
	amph_filters *f = amph__alloc_zero(s->allocator, sizeof *f);
	if (!f) {
		amph__error_nomem(err);
		return NULL;
	}
	if (!amph__filters_init(f, s->engine->registry, s->allocator) ||
	    !amph__filters_copy(f, &s->engine->filters, s->engine->registry)) {
		amph__arena_clear(&f->arena);
		amph__free(s->allocator, f);
		amph__error_nomem(err);
		return NULL;
	}
	s->filters = f;
	s->query.filters = f;
	return f;
}

static bool change(amph_session *s, const amph_filter *filter, bool drop)
{
	amph_error err;
	amph_filters *f = amph__session_may_run(s, &err) ? own_filters(s, &err) : NULL;

	return (f && amph__filters_change(f, &s->query, filter, drop, &err)) ||
	       amph__session_error(s, &err);
}

bool amph_filter_set(amph_session *s, const amph_filter *filter)
{
	return change(s, filter, false);
}

bool amph_filter_drop(amph_session *s, const amph_filter *filter)
{
	return change(s, filter, true);
}

bool amph_lift_filters(amph_session *s, bool lifted)
{
	if (!s)
		return false;
	bool before = s->query.unfiltered;

	s->query.unfiltered = lifted;
	return before;
}

void amph__filters_free(amph_session *s)
{
	if (s->filters)
		amph__arena_clear(&s->filters->arena);
	amph__free(s->allocator, s->filters);
	s->filters = NULL;
}

/* ---- what is written ---- */

bool amph__filters_fill(amph_session *s, const amph_mapper *m, const amph_column_set *given,
		       void *members, amph_error *err)
{
	const amph_row_filter *row;

	if (!amph__filter_of(&s->query, m, &row, err))
		return false;
	for (size_t i = 0; row && i < m->n_columns; i++) {
		const amph_slot *slot = &m->columns[i].slot;

		if (amph__set_has(&row->columns, i) && !amph__set_has(given, i))
			memcpy((char *)members + slot->offset, (const char *)row->values + slot->offset,
			       amph_type_size(slot->type, slot->nullable));
	}
	return true;
}

bool amph__filters_allow(amph_session *s, const amph_mapper *m, const void *members, amph_error *err)
{
	const amph_row_filter *row;

	if (!amph__filter_of(&s->query, m, &row, err))
		return false;
	if (!row || amph__filter_has(row, m, members))
		return true;
	for (size_t i = 0; i < m->n_columns; i++) {
		amph_row_filter one = *row;

		memset(&one.columns, 0, sizeof one.columns);
		if (!amph__set_has(&row->columns, i))
			continue;
		amph__set_add(&one.columns, i);
		if (amph__filter_has(&one, m, members))
			continue;
		amph__error(err, "42501", "\"%s\": a row with another \"%s\" than the session's filter has "
			    "cannot be written", m->model->name, m->columns[i].name);
		amph__error_names(err, m->table->name, m->columns[i].name, NULL);
		break;
	}
	return false;
}

bool amph__is_filtered(const amph_session *s, const amph_object *o)
{
	const amph_row_filter *filter;

	return !amph__filter_of(&s->query, o->extent->mapper, &filter, NULL) ||
	       (filter && !amph__filter_has(filter, o->extent->mapper, amph__snapshot(o)));
}

/* Also where the delete is not flushed yet. */
bool amph__is_hidden(const amph_session *s, const amph_object *o)
{
	const amph_mapper *m = o->extent->mapper;

	return (m->soft_delete >= 0 &&
		!amph__slot_is_null(&m->columns[m->soft_delete].slot, amph__members(o))) ||
	       amph__is_filtered(s, o);
}
