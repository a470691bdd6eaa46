/* What programs do with objects: make, delete, refresh, take out, merge, look at. */
#include "../base/clock.h"
#include "../relation/relation.h"
#include <string.h>

/* ---- defaults ---- */

bool amph_now(amph_session *s, void *member)
{
	*(int64_t *)member = amph__session_now(s);
	return true;
}

bool amph_uuid_v4(amph_session *s, void *member)
{
	amph_uuid *u = member;

	if (!s->engine->clock.random(s->engine->clock.ctx, u->byte, sizeof u->byte))
		return false;
	u->byte[6] = (uint8_t)((u->byte[6] & 0x0f) | 0x40);
	u->byte[8] = (uint8_t)((u->byte[8] & 0x3f) | 0x80);
	return true;
}

/* RFC 9562: 48 bits of milliseconds, then random; those of one millisecond count on in the
 * twelve bits after the version, so that a session's keys ascend. */
bool amph_uuid_v7(amph_session *s, void *member)
{
	amph_uuid *u = member;
	uint64_t ms = (uint64_t)(s->engine->clock.now_usec(s->engine->clock.ctx) / 1000);

	if (!s->engine->clock.random(s->engine->clock.ctx, u->byte, sizeof u->byte))
		return false;
	if (ms <= s->uuid_ms) {
		s->uuid_count++;
		if (s->uuid_count > 0xfff) {
			s->uuid_count = 0;
			s->uuid_ms++;
		}
	} else {
		s->uuid_ms = ms;
		s->uuid_count = (u->byte[6] & 0x03u) << 8 | u->byte[7];
	}
	ms = s->uuid_ms;
	for (int i = 0; i < 6; i++)
		u->byte[i] = (uint8_t)(ms >> (40 - 8 * i));
	u->byte[6] = (uint8_t)(0x70 | s->uuid_count >> 8);
	u->byte[7] = (uint8_t)s->uuid_count;
	u->byte[8] = (uint8_t)((u->byte[8] & 0x3f) | 0x80);
	return true;
}

static bool is_set(const amph_slot *slot, const void *members)
{
	static const char zeros[64];

	return memcmp((const char *)members + slot->offset, zeros,
		      amph_type_size(slot->type, false)) != 0;
}

static void set_has(const amph_slot *slot, void *members)
{
	if (slot->nullable)
		*(bool *)((char *)members + slot->offset + amph_type_has_offset(slot->type)) = true;
}

static bool apply_default(amph_session *s, const amph_mapped_column *c, void *members,
			  amph_error *err)
{
	const amph_value *v = &c->decl->default_value;
	void *at = (char *)members + c->slot.offset;
	int type = (int)v->type;
	bool ok = true;

	if (c->decl->default_fn) {
		/* beside the struct: one that writes more than the member has harms no other */
		union { char bytes[64]; max_align_t align; } value = { { 0 } };

		if (!c->decl->default_fn(s, &value))
			return amph__error(err, "45000", "the default of member \"%s\" failed",
					   c->decl->member);
		memcpy(at, &value, amph_type_size(c->slot.type, c->slot.nullable));
		if (is_set(&c->slot, members))
			set_has(&c->slot, members);
		return true;
	}
	if (type == AMPH_T_NONE)
		return true;
	/* JSON is brought into its normal form by whoever reads it */
	if (type == AMPH_T_TEXT && c->slot.type == AMPH_T_JSON)
		memcpy(at, &v->v.s, sizeof v->v.s);
	else
		ok = amph__default_read(c, at, &s->text_arena, err);
	if (!ok) {
		amph__error_context(err, "default of member \"%s\"", c->decl->member);
		return false;
	}
	set_has(&c->slot, members);
	return true;
}

bool amph__apply_defaults(amph_session *s, const amph_mapper *m, const amph_column_set *given,
			  void *members, amph_error *err)
{
	for (size_t i = 0; i < m->n_defaults; i++)
		if (!amph__set_has(given, m->defaults[i]) &&
		    !apply_default(s, &m->columns[m->defaults[i]], members, err))
			return false;
	return true;
}

/* ---- new ---- */

bool amph__object_pend(amph_object *o, amph_error *err)
{
	amph_session *s = o->extent->session;

	if (!amph__list_push(s, &s->pending, o))
		return amph__error_nomem(err);
	o->state = OBJECT_PENDING;
	amph__extent_of(o)->n_pending++;
	return true;
}

static uint64_t given_to_database(const amph_mapper *m, const amph_column_set *given)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < m->n_filled; i++)
		bits |= (uint64_t)amph__set_has(given, m->filled[i]) << i % 64;
	return bits;
}

/* Of which model the row is, is not the program's to say. */
bool amph__set_kind(const amph_mapper *m, bool given, void *members, amph_error *err)
{
	const char **at;

	if (m->discriminator < 0)
		return true;
	at = (const char **)(void *)((char *)members + m->columns[m->discriminator].slot.offset);
	if (!m->kind)
		return amph__error_misuse(err, "%s has no rows of its own: make one of a model that is "
					  "derived from it", m->model->name);
	if (given && (!*at || strcmp(*at, m->kind)))
		return amph__error_misuse(err, "%s.%s is \"%s\" for each %s: leave it out", m->model->name,
					  m->columns[m->discriminator].decl->member, m->kind, m->model->name);
	*at = m->kind;
	return true;
}

bool amph__kind_fill(const amph_mapper *m, const amph_column_set *given, void *members, amph_error *err)
{
	return m->discriminator < 0 ||
	       amph__set_kind(m, amph__set_has(given, (size_t)m->discriminator), members, err);
}

const amph_model *amph_model_of(const void *object)
{
	return object && amph__is_object(amph__object_of(object)) ?
	       amph__object_of(object)->extent->mapper->model : NULL;
}

void *amph_do_object_as(const void *object, const amph_model *model)
{
	const amph_object *o = object ? amph__object_of(object) : NULL;
	const amph_mapper *m = NULL;

	if (o && amph__is_object(o))
		m = amph__mapper_of(o->extent->session->engine->registry, model, NULL);

	return m && amph__is_kind_of(o->extent->mapper, m) ? (void *)(uintptr_t)object : NULL;
}

/* A new object that will not be inserted after all. */
static void take_back(amph_object *o)
{
	amph_session *s = o->extent->session;

	amph__relations_cut(o);
	amph__list_remove(&s->pending, o);
	amph__extent_of(o)->n_pending--;
	o->group = NULL;
	o->in_flush = false;
	o->deleted = true;
	o->state = OBJECT_TRANSIENT;
}

static amph_object *new_object(amph_session *s, const amph_model *model, const void *values,
			       const char *text, amph_error *err)
{
	const amph_mapper *m = amph__session_mapper(s, model, err);
	const amph_column_set *given = m ? amph__given(s, m, text, err) : NULL;

	if (!given)
		return NULL;
	amph_object *o = amph__object_new(s, m);
	if (!o) {
		amph__error_nomem(err);
		return NULL;
	}
	/* members that are no columns come too: relationships */
	if (values)
		memcpy(amph__members(o), values, m->size);
	if (!amph__apply_defaults(s, m, given, amph__members(o), err) ||
	    !amph__kind_fill(m, given, amph__members(o), err) ||
	    !amph__filter_fill(s, m, given, amph__members(o), err) || !amph__object_pend(o, err)) {
		amph__object_free(o);
		return NULL;
	}
	o->given = given_to_database(m, given);
	if (amph__relations_adopt(o, err))
		return o;
	/* what it was given so far would bring it back where that is attached */
	take_back(o);
	return NULL;
}

void *amph_do_new(amph_session *s, const amph_model *m, const void *values, const char *given)
{
	amph_error err;
	amph_object *o = amph__session_may_run(s, &err) ? new_object(s, m, values, given, &err) : NULL;

	if (o)
		return amph__members(o);
	amph__session_error(s, &err);
	return NULL;
}

/* ---- the object of a struct, checked ---- */

amph_object *amph__own_object(amph_session *s, void *object, amph_error *err)
{
	if (!amph__session_may_run(s, err))
		return NULL;
	amph_object *o = amph__session_object(s, object);
	if (!o)
		amph__error_misuse(err, object ? "the object is not one of this session: amph_get or "
						 "amph_merge gives the one that is" : "the object is NULL");
	return o;
}

static void delete_softly(amph_object *o)
{
	const amph_slot *slot = &o->extent->mapper->columns[o->extent->mapper->soft_delete].slot;

	amph__write_integer(&(amph_slot){ .type = AMPH_T_INT64, .offset = slot->offset }, amph__members(o),
			    amph__session_now(o->extent->session));
	set_has(slot, amph__members(o));
}

bool amph__object_delete(amph_object *o, amph_error *err)
{
	amph_session *s = o->extent->session;

	if (o->state == OBJECT_PENDING)
		take_back(o);
	if (o->state != OBJECT_PERSISTENT)
		return true;
	if (o->extent->mapper->soft_delete >= 0) {
		delete_softly(o);
		return true;
	}
	if (!amph__list_push(s, &s->deleted, o))
		return amph__error_nomem(err);
	o->state = OBJECT_DELETED;
	amph__extent_of(o)->n_deleted++;
	return true;
}

/* One that was expunged still has its row; that of one deleted in this transaction may have gone by a
 * flush that the program did not ask for. */
static bool has_row_to_delete(amph_object *o, amph_error *err)
{
	if (o->state != OBJECT_TRANSIENT || (o->deleted && o->journal))
		return true;
	if (!o->detached)
		return amph__error_misuse(err, "%s: the object has no row that could be deleted: it was "
					  "rolled back, or is deleted", o->extent->mapper->model->name);
	return amph__object_attach(o, err);
}

bool amph_delete(amph_session *s, void *object)
{
	amph_error err;
	amph_object *o = amph__own_object(s, object, &err);

	return (o && has_row_to_delete(o, &err) && amph__object_delete(o, &err)) ||
	       amph__session_error(s, &err);
}

void amph__object_leave(amph_object *o)
{
	amph_session *s = o->extent->session;
	amph_extent *e = amph__extent_of(o);

	if (o->state == OBJECT_PENDING) {
		amph__list_remove(&s->pending, o);
		e->n_pending--;
	} else if (o->state == OBJECT_DELETED || o->state == OBJECT_PERSISTENT) {
		if (o->state == OBJECT_DELETED) {
			amph__list_remove(&s->deleted, o);
			e->n_deleted--;
		}
		amph__identity_remove(e, o);
		e->slab.live--;
	}
	o->group = NULL;
	o->cascaded = false;
	o->state = OBJECT_TRANSIENT;
}

/* A rollback does not bring it back into the session, but may undo its row. */
static void expunge(amph_object *o)
{
	o->detached = o->state == OBJECT_PERSISTENT || (o->state == OBJECT_TRANSIENT && o->detached);
	o->expunged = true;
	amph__relations_drop(o);
	amph__object_leave(o);
}

bool amph_expunge(amph_session *s, void *object)
{
	amph_error err;
	amph_object *o = amph__own_object(s, object, &err);

	if (!o)
		return amph__session_error(s, &err);
	amph_object_list list = { 0 };
	bool ok = amph__cascade_reach(o, AMPH_CASCADE_EXPUNGE, &list, &err);
	for (size_t i = 0; i < list.n && ok; i++)
		expunge(list.items[i]);
	amph__free(s->allocator, list.items);
	return ok || amph__session_error(s, &err);
}

amph_lifecycle amph_state(const amph_session *s, const void *object)
{
	const amph_object *o = s && object ? amph__object_of(object) : NULL;

	if (!o || !amph__is_object_of(o, s))
		return AMPH_OBJECT_UNKNOWN;
	switch (o->state) {
	case OBJECT_PENDING: return AMPH_OBJECT_NEW;
	case OBJECT_PERSISTENT: return AMPH_OBJECT_PERSISTENT;
	case OBJECT_DELETED: return AMPH_OBJECT_DELETED;
	case OBJECT_TRANSIENT: return AMPH_OBJECT_EXPUNGED;
	default: return AMPH_OBJECT_UNKNOWN;
	}
}

bool amph_do_is_modified(const amph_session *s, const void *object, size_t offset)
{
	const amph_object *o = s && object ? amph__object_of(object) : NULL;

	if (!o || !amph__is_object_of(o, s) || o->state == OBJECT_FREE)
		return false;
	if (o->state == OBJECT_PENDING)
		return true;
	if (o->state != OBJECT_PERSISTENT)
		return false;
	if (offset == SIZE_MAX)
		return amph__object_is_modified(o);
	const amph_mapped_column *c = amph__column_at(o->extent->mapper, offset);
	return c && !amph__slot_equal(&c->slot, object, amph__snapshot(o));
}

/* ---- reading again ---- */

static bool select_by_snapshot(amph_object *o, amph_result *result, amph_error *err)
{
	amph_session *s = o->extent->session;
	const amph_mapper *m = o->extent->mapper;
	amph_dml_key key;
	amph_arg *args = AMPH_NEWS(&s->scratch, amph_arg, m->n_keys);

	memset(&key, 0, sizeof key);
	key.mapper = m->ordinal;
	key.op = AMPH_DML_SELECT;
	if (!args)
		return amph__error_nomem(err);
	for (size_t i = 0; i < m->n_keys; i++)
		args[i] = (amph_arg){ .n_slots = 1, .n_rows = 1, .base = amph__snapshot(o),
				      .slots = &m->columns[m->keys[i]].slot };
	const amph_code *code = amph__dml_code(s->engine, &key, err);
	return code && amph__session_conn(s, err) &&
	       amph__execute(s->conn, code, args, result, err);
}

bool amph__object_reload(amph_object *o, bool *found, amph_error *err)
{
	amph_session *s = o->extent->session;
	amph_result result;

	amph__arena_reset(&s->scratch);
	if (!select_by_snapshot(o, &result, err))
		return false;
	bool ok = amph__hydrate_into(o, &result, found, err);
	amph__finish(s->conn, &result);
	return ok;
}

static bool reload_model(amph_session *s, const amph_mapper *m, const amph_object_list *list,
			 amph_error *err)
{
	amph_object **objects = amph__alloc(s->allocator, list->n * sizeof(amph_object *));
	size_t n = 0;

	if (!objects)
		return amph__error_nomem(err);
	/* the first was read already */
	for (size_t i = 1; i < list->n; i++)
		if (list->items[i]->extent->mapper == m && list->items[i]->state == OBJECT_PERSISTENT) {
			amph__restore_members(list->items[i]);
			objects[n++] = list->items[i];
		}
	bool ok = !n || amph__objects_reload(s, objects, n, err);
	amph__free(s->allocator, objects);
	return ok;
}

/* What the refresh cascades to; then collections are as not loaded. */
static bool refresh_others(amph_object *o, amph_error *err)
{
	amph_session *s = o->extent->session;
	amph_object_list list = { 0 };
	bool ok = amph__cascade_reach(o, AMPH_CASCADE_REFRESH, &list, err);

	for (size_t i = 0; i < s->engine->registry->n_mappers && ok && list.n > 1; i++)
		ok = reload_model(s, s->extents[i].mapper, &list, err);
	for (size_t i = 0; i < list.n && ok; i++)
		amph__relations_unload(list.items[i]);
	amph__free(s->allocator, list.items);
	return ok;
}

bool amph_refresh(amph_session *s, void *object)
{
	amph_error err;
	amph_object *o = amph__own_object(s, object, &err);
	bool found = false;

	if (!o)
		return amph__session_error(s, &err);
	if (o->state != OBJECT_PERSISTENT) {
		amph__error_misuse(&err, "%s: only an object that has a row can be refreshed",
				   o->extent->mapper->model->name);
		return amph__session_error(s, &err);
	}
	if (!amph__object_reload(o, &found, &err))
		return amph__session_error(s, &err);
	if (found && refresh_others(o, &err)) {
		amph__collections_sweep(s, 20);
		return true;
	}
	if (!found)
		amph__error(&err, "P0002", "%s: the row is not there any more",
			    o->extent->mapper->model->name);
	return amph__session_error(s, &err);
}
