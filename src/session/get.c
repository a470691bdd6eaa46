/* Objects by primary key: the identity map first, then statements that are made once for each
 * model. */
#include "state.h"
#include <string.h>

/* A statement of a model that need not be looked for: of any row, and of those not softly deleted. */
static _Atomic(const amph_code *) *known_code(amph_session *s, const amph_mapper *m,
					      const amph_key_filter *f, bool follows)
{
	bool soft = f && m->soft_delete >= 0 && amph__set_has(&f->nulls, (size_t)m->soft_delete);

	if (f && (f->n_equal || f->n_nulls != soft))
		return NULL;
	return &s->engine->selects[4u * m->ordinal + 2u * soft + follows];
}

/* What a transaction begins with may be all that it does. */
static const amph_code *select_code(amph_session *s, const amph_mapper *m, const amph_key_filter *f,
				    amph_error *err)
{
	bool follows = s->conn->caps & AMPH_CAP_NEXT && amph__tx_is_sent(s->conn);
	_Atomic(const amph_code *) *known = known_code(s, m, f, follows);
	const amph_code *code = known ? atomic_load_explicit(known, memory_order_acquire) : NULL;
	amph_dml_key key;

	if (code)
		return code;
	memset(&key, 0, sizeof key);
	key.mapper = m->ordinal;
	key.op = AMPH_DML_SELECT;
	key.rows = follows ? KEY_BY_KEY : 0;
	if (f) {
		key.beside = f->equal;
		key.nulls = f->nulls;
	}
	code = amph__dml_code(s->engine, &key, err);
	if (known)
		atomic_store_explicit(known, code, memory_order_release);
	return code;
}

/* Those of the key, then those that the filter compares. */
static size_t select_slots(const amph_mapper *m, const amph_key_filter *f, amph_slot *slots)
{
	size_t n = 0;

	for (; n < m->n_keys; n++)
		slots[n] = m->columns[m->keys[n]].slot;
	for (size_t i = 0; f && f->n_equal && i < m->n_columns; i++)
		if (amph__set_has(&f->equal, i))
			slots[n++] = m->columns[i].slot;
	return n;
}

static bool select_row(amph_session *s, const amph_mapper *m, const void *values,
		       const amph_key_filter *f, amph_object **out, amph_error *err)
{
	amph_arg key_args[AMPH_KEY_COLUMNS_MAX], *args = key_args;
	amph_slot key_slots[AMPH_KEY_COLUMNS_MAX], *slots = key_slots;
	amph_result result;
	const amph_code *code = amph__session_conn(s, err) ? select_code(s, m, f, err) : NULL;

	if (!code)
		return false;
	if (f && f->n_equal) {
		args = AMPH_NEWS(&s->scratch, amph_arg, m->n_keys + f->n_equal);
		slots = AMPH_NEWS(&s->scratch, amph_slot, m->n_keys + f->n_equal);
		if (!args || !slots)
			return amph__error_nomem(err);
	}
	size_t n = select_slots(m, f, slots);
	for (size_t i = 0; i < n; i++)
		args[i] = (amph_arg){ .n_slots = 1, .n_rows = 1, .base = values, .slots = &slots[i] };
	if (code->flags & AMPH_CODE_NEXT)
		args[0].n_slots = n;
	if (!amph__execute(s->conn, code, args, &result, err))
		return false;
	bool ok = amph__hydrate_one(s, m, amph__read_shape(m), &result, out, err);
	amph__finish(s->conn, &result);
	return ok;
}

/* A row whose new key is not flushed yet is found by it, as by a query. */
static bool has_changed_key(amph_extent *e, const void *values)
{
	const amph_mapper *m = e->mapper;
	amph_chunk *chunk = NULL;
	uint32_t slot;
	amph_object *o;

	while (e->slab.live && (o = amph__object_next(e, &chunk, &slot))) {
		bool same = o->state == OBJECT_PERSISTENT;

		for (size_t i = 0; i < m->n_keys && same; i++)
			same = amph__slot_equal(&m->columns[m->keys[i]].slot, amph__members(o), values);
		if (same)
			return true;
	}
	return false;
}

static bool select_or_flush(amph_session *s, amph_extent *e, const void *values,
			    const amph_key_filter *f, amph_object **out, amph_error *err)
{
	if (!select_row(s, e->mapper, values, f, out, err))
		return false;
	if (*out || s->no_autoflush || s->in_flush || !has_changed_key(e, values))
		return true;
	if (!amph__autoflush(s, &e->mapper, 1, err))
		return false;
	*out = amph__identity_find(e, values);
	return true;
}

static bool has_pending(const amph_session *s, const amph_mapper *m)
{
	for (size_t i = 0; i < m->n_kinds; i++)
		if (s->extents[m->kinds[i]->ordinal].n_pending)
			return true;
	return false;
}

bool amph__load_by_key(amph_session *s, const amph_mapper *m, const void *values,
		       const amph_key_filter *f, amph_object **out, amph_error *err)
{
	amph_extent *e = &s->extents[m->ordinal];
	bool found = true;

	*out = amph__identity_find(e, values);
	if (*out && (*out)->state == OBJECT_DELETED)
		*out = NULL;
	else if (!*out) {
		/* a new one may have this key */
		bool flush = has_pending(s, m);

		if (flush && !amph__autoflush(s, &m, 1, err))
			return false;
		*out = flush ? amph__identity_find(e, values) : NULL;
		if (!*out)
			return select_or_flush(s, e, values, f, out, err);
	}
	/* of another kind than was asked for */
	if (*out && !amph__is_kind_of((*out)->extent->mapper, m))
		*out = NULL;
	if (*out && (*out)->part && !(*out)->expired)
		return select_row(s, m, values, f, out, err);
	if (*out && (*out)->expired) {
		/* what the program assigned since is written before the row is read over it */
		if (amph__object_is_modified(*out) && !amph__autoflush(s, &m, 1, err))
			return false;
		if (!amph__object_reload(*out, &found, err))
			return false;
		if (!found)
			*out = NULL;
	}
	return true;
}

/* The key that a program wrote, as members of a struct. *null: part of it is NULL. */
static bool store_key(amph_session *s, const amph_mapper *m, const amph_node *key, void *values,
		      bool *null, amph_error *err)
{
	size_t n = 0;

	*null = false;
	while (key[n].op != AMPH_OP_NONE)
		n++;
	if (n != m->n_keys)
		return amph__error_misuse(err, "%s has a primary key of %zu column%s, %zu value%s given",
					  m->model->name, m->n_keys, m->n_keys == 1 ? "" : "s", n,
					  n == 1 ? " was" : "s were");
	for (size_t i = 0; i < n; i++) {
		const amph_mapped_column *c = &m->columns[m->keys[i]];

		if (key[i].op == AMPH_OP_VALUE && (key[i].type & 0x3f) == AMPH_T_NONE) {
			*null = true;
			return true;
		}
		if (!amph__node_store(&s->query, &key[i], c, values, err)) {
			amph__error_context(err, "key of %s", m->model->name);
			amph__error_names(err, m->table->name, c->name, NULL);
			return false;
		}
		*null |= amph__slot_is_null(&c->slot, values);
	}
	return true;
}

/* What hides rows becomes part of the statement, its values those of the struct. *never: the key has another
 * value than the filter. */
static bool filter_key(amph_session *s, const amph_mapper *m, bool with_deleted, void *values,
		       amph_key_filter *f, bool *never, amph_error *err)
{
	const amph_row_filter *row;

	*never = false;
	memset(f, 0, sizeof *f);
	if (!amph__filter_of(&s->query, m, &row, err))
		return false;
	for (size_t i = 0; row && i < m->n_columns; i++) {
		const amph_slot *slot = &m->columns[i].slot;
		bool null = amph__set_has(&row->nulls, i);

		if (!amph__set_has(&row->columns, i))
			continue;
		if (m->columns[i].primary_key) {
			*never |= null || !amph__slot_equal(slot, values, row->values);
			continue;
		}
		amph__set_add(null ? &f->nulls : &f->equal, i);
		f->n_equal += !null;
		f->n_nulls += null;
		memcpy((char *)values + slot->offset, (const char *)row->values + slot->offset,
		       amph_type_size(slot->type, slot->nullable));
	}
	if (!with_deleted && m->soft_delete >= 0 && !amph__set_has(&f->nulls, (size_t)m->soft_delete)) {
		amph__set_add(&f->nulls, (size_t)m->soft_delete);
		f->n_nulls++;
	}
	return true;
}

static bool get(amph_session *s, const amph_model *model, const amph_node *key, bool with_deleted,
		amph_object **out, amph_error *err)
{
	const amph_mapper *m = amph__session_mapper(s, model, err);
	bool null;

	*out = NULL;
	if (!m)
		return false;
	amph__arena_reset(&s->scratch);
	amph__arena_reset(&s->query.values);
	void *values = amph__arena_zero(&s->scratch, m->size);
	if (!values)
		return amph__error_nomem(err);
	if (!store_key(s, m, key, values, &null, err))
		return false;
	/* no row has a key that is NULL */
	if (null)
		return true;
	amph_key_filter filter;
	bool never;
	if (!filter_key(s, m, with_deleted, values, &filter, &never, err))
		return false;
	if (never)
		return true;
	if (!amph__load_by_key(s, m, values, filter.n_equal + filter.n_nulls ? &filter : NULL, out, err))
		return false;
	if (*out && (with_deleted ? amph__is_filtered(s, *out) : amph__is_hidden(s, *out)))
		*out = NULL;
	return true;
}

void *amph_do_get_any(amph_session *s, const amph_model *m, const amph_node *key)
{
	amph_error err;
	amph_object *o = NULL;

	if (amph__session_may_run(s, &err) && get(s, m, key, true, &o, &err))
		return o ? amph__members(o) : NULL;
	amph__session_error(s, &err);
	return NULL;
}

void *amph_do_get(amph_session *s, const amph_model *m, const amph_node *key, bool required)
{
	amph_error err;
	amph_object *o = NULL;

	if (!amph__session_may_run(s, &err) || !get(s, m, key, false, &o, &err)) {
		amph__session_error(s, &err);
		return NULL;
	}
	if (o)
		return amph__members(o);
	if (required) {
		amph__error(&err, "P0002", "%s: there is no row with this key", m->name);
		err.status = AMPH_E_NOTFOUND;
		amph__session_error(s, &err);
	}
	return NULL;
}
