/* Before one row refers to another: the other is part of the session and has its key. */
#include "change.h"

/* New objects that others refer to need their ids before the first insert: all of one model at once. */
static bool give_ids(amph_session *s, const amph_mapper *m, amph_error *err)
{
	amph_object **need = AMPH_NEWS(&s->flush_arena, amph_object *, s->pending.n + 1);
	size_t n = 0;

	if (!need)
		return amph__error_nomem(err);
	const amph_slot *slot = &m->columns[m->identity].slot;
	for (size_t i = 0; i < s->pending.n; i++) {
		amph_object *o = s->pending.items[i];

		if (amph__is_kind_of(o->extent->mapper, m) && !amph__read_integer(slot, amph__members(o)))
			need[n++] = o;
	}
	if (!n)
		return true;
	int64_t *ids = AMPH_NEWS(&s->flush_arena, int64_t, n);
	const char *table = amph__table_name(&s->flush_arena, m);
	if (!ids || !table)
		return amph__error_nomem(err);
	if (!amph__session_conn(s, err) ||
	    !amph__take_ids(s->conn, table, m->columns[m->identity].name, n, ids, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!amph__journal_note(need[i], err) ||
		    !amph__put_id(m, amph__members(need[i]), ids[i], err))
			return false;
		need[i]->numbered = true;
	}
	return true;
}

/* ---- keys that defaults of the database make ---- */

static bool is_of_key(const amph_mapper *m, uint16_t column)
{
	if (m->columns[column].primary_key)
		return true;
	for (size_t i = 0; i < m->n_uniques; i++)
		for (size_t k = 1; k <= m->uniques[i][0]; k++)
			if (m->uniques[i][k] == column)
				return true;
	return false;
}

/* Column i of those that the database fills where an insert leaves them out: it would of this one. */
static bool is_left_out(const amph_object *o, size_t i)
{
	const amph_mapper *m = o->extent->mapper;

	return o->state == OBJECT_PENDING && !(o->given >> i % 64 & 1) &&
	       amph__is_unset(&m->columns[m->filled[i]], amph__members(o));
}

/* A key that o needs is made for all new objects of its model at once. */
static bool give_defaults(amph_session *s, const amph_object *o, size_t i, amph_error *err)
{
	const amph_mapper *m = o->extent->mapper;
	void **need = AMPH_NEWS(&s->flush_arena, void *, s->pending.n + 1);
	size_t n = 0;

	if (!need)
		return amph__error_nomem(err);
	for (size_t k = 0; k < s->pending.n; k++) {
		amph_object *other = s->pending.items[k];

		if (other->extent->mapper != m || !is_left_out(other, i))
			continue;
		if (!amph__journal_note(other, err))
			return false;
		need[n++] = amph__members(other);
	}
	return amph__take_defaults(s, &m->columns[m->filled[i]], need, n, err);
}

static bool give_keys(amph_object *o, amph_error *err)
{
	const amph_mapper *m = o->extent->mapper;

	for (size_t i = 0; i < m->n_filled && o->state == OBJECT_PENDING; i++)
		if (m->columns[m->filled[i]].server_default && is_left_out(o, i) &&
		    is_of_key(m, m->filled[i]) && !give_defaults(o->extent->session, o, i, err))
			return false;
	return true;
}

bool amph__object_ready(amph_object *o, amph_error *err)
{
	if (o->detached)
		return true;    /* its row is there, and so is its key */
	if (o->state == OBJECT_TRANSIENT && (o->deleted || o->expunged))
		return amph__error_misuse(err, "an object of %s that was %s is part of a relationship: "
					  "attach it again, or take it out",
					  o->extent->mapper->model->name,
					  o->deleted ? "deleted" : "expunged");
	if (o->state == OBJECT_TRANSIENT && !amph__object_attach(o, err))
		return false;
	const amph_mapper *m = o->extent->mapper;
	/* ids are taken for all new objects of a model at once: mostly it is there */
	if (o->state == OBJECT_PENDING && m->identity >= 0 &&
	    !amph__read_integer(&m->columns[m->identity].slot, amph__members(o)) &&
	    !give_ids(o->extent->session, m, err))
		return false;
	return give_keys(o, err);
}

bool amph__cannot_be_alone(const amph_mapper *owner, const amph_relation *r, const amph_mapper *child,
			    const amph_mapped_column *c, amph_error *err)
{
	amph__error(err, "23502", "a %s was taken out of %s.%s, but %s.%s cannot be NULL: delete the %s, "
		    "or say AMPH_DELETE_ORPHAN", child->model->name, owner->model->name, r->member,
		    child->model->name, c->decl->member, child->model->name);
	amph__error_names(err, child->table->name, c->name, NULL);
	return false;
}
