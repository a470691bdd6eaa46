/* Carrying out a flush: runs of rows of one kind become one statement each, statements go out in
 * flights, and what comes back is put into the objects. */
#include "../base/clock.h"
#include "../relation/relation.h"
#include <string.h>

#define ROWS_MOST 1000          /* of a statement; beyond it the server's planner gets slower */
#define LOAD_LEAST 20           /* rows from which COPY pays */
#define FLIGHT_MOST 32
#define FLUSHES_MOST 100        /* of a commit, one for the work of the other's events */

/* Consecutive works of one statement. */
typedef struct run {
	amph_work *first;
	size_t n;
	const amph_mapper *mapper;
	amph_dml_key key;
	bool rows;              /* a row set, else a single row */
	bool collected;
	const amph_code *code;
	amph_arg *args;
} run;

typedef struct run_list { run *items; size_t n, cap; } run_list;

typedef struct flusher {
	amph_session *s;
	amph_conn *conn;
	amph_arena *arena;
	amph_error *err;
	run flight[FLIGHT_MOST];
	size_t n_flight;
	uint64_t parked_from, n_parked;
} flusher;

/* ---- binding: slots over members and snapshots ---- */

/* The snapshot is at a fixed distance from the members, so one base serves both. */
static amph_slot slot_of(const amph_mapper *m, const amph_session *s, size_t column, bool snapshot)
{
	amph_slot slot = m->columns[column].slot;

	if (snapshot)
		slot.offset += (uint32_t)(s->extents[m->ordinal].slab.snapshot_at -
					  sizeof(amph_object));
	return slot;
}

static size_t slots_of(const flusher *f, const run *r, amph_slot *slots)
{
	const amph_mapper *m = r->mapper;
	size_t n = 0;

	for (size_t i = 0; i < m->n_columns; i++)
		if (amph__set_has(&r->key.columns, i))
			slots[n++] = slot_of(m, f->s, i, false);
	if (r->key.op == AMPH_DML_INSERT)
		return n;
	for (size_t i = 0; i < m->n_keys; i++)
		slots[n++] = slot_of(m, f->s, m->keys[i], true);
	if (m->version >= 0 && r->key.op != AMPH_DML_SELECT)
		slots[n++] = slot_of(m, f->s, (size_t)m->version, true);
	return n;
}

static bool bind_run(flusher *f, run *r)
{
	const amph_mapper *m = r->mapper;
	amph_slot *slots = AMPH_NEWS(f->arena, amph_slot, m->n_columns + m->n_keys + 1);

	if (!slots)
		return amph__error_nomem(f->err);
	size_t n = slots_of(f, r, slots);
	r->args = AMPH_NEWS(f->arena, amph_arg, r->rows ? 1 : n + 1);
	const void **rows = AMPH_NEWS(f->arena, const void *, r->n);
	if (!r->args || !rows)
		return amph__error_nomem(f->err);
	for (size_t i = 0; i < r->n; i++)
		rows[i] = amph__members(r->first[i].object);
	if (r->rows) {
		r->args[0] = (amph_arg){ .n_slots = n, .n_rows = r->n, .slots = slots, .rows = rows };
		return true;
	}
	for (size_t i = 0; i < n; i++)
		r->args[i] = (amph_arg){ .n_slots = 1, .n_rows = 1, .slots = &slots[i],
					 .base = rows[0] };
	return true;
}

/* ---- before a statement ---- */

static bool check_row(flusher *f, const amph_mapped_column *const *columns, amph_object *o)
{
	void *members = amph__members(o);

	for (; *columns; columns++) {
		const amph_mapped_column *c = *columns;

		if (!amph__slot_check(&c->slot, &c->type, members, o->extent->mapper->table->name, c->name,
				      f->err) ||
		    !amph__slot_fit(&c->slot, &c->type, members, f->arena, f->err))
			return false;
	}
	return true;
}

static bool check_run(flusher *f, const run *r)
{
	const amph_mapper *m = r->mapper;
	const amph_mapped_column **columns =
		AMPH_NEWS(f->arena, const amph_mapped_column *, m->n_columns + 1);
	size_t n = 0;

	if (!columns)
		return amph__error_nomem(f->err);
	for (size_t i = 0; i < m->n_columns && r->key.op != AMPH_DML_DELETE; i++)
		if (amph__set_has(&r->key.columns, i) && amph__slot_needs_check(&m->columns[i].slot))
			columns[n++] = &m->columns[i];
	for (size_t i = 0; n && i < r->n; i++)
		if (!check_row(f, columns, r->first[i].object))
			return false;
	return true;
}

/* Columns that the database fills: read back, with the key that tells which row it is. */
static void returned_columns(run *r)
{
	const amph_mapper *m = r->mapper;
	bool any = false;

	for (size_t i = 0; i < m->n_columns && r->key.op != AMPH_DML_DELETE; i++) {
		const amph_mapped_column *c = &m->columns[i];
		bool left_out = r->key.op == AMPH_DML_INSERT && !amph__set_has(&r->key.columns, i);

		if (!c->computed && !(left_out && (c->identity || c->server_default)))
			continue;
		amph__set_add(&r->key.returning, i);
		any = true;
	}
	for (size_t i = 0; any && i < m->n_keys; i++)
		amph__set_add(&r->key.returning, m->keys[i]);
}

static bool note_run(flusher *f, const run *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (!amph__journal_note(r->first[i].object, f->err) ||
		    (r->first[i].replaces && !amph__journal_note(r->first[i].replaces, f->err)))
			return false;
	return true;
}

/* ---- after a statement ---- */

static bool has_row(const amph_object *o)
{
	return o->state == OBJECT_PERSISTENT || o->state == OBJECT_DELETED;
}

static bool place_in_map(flusher *f, amph_object *o)
{
	return amph__identity_add(amph__extent_of(o), f->s->allocator, o) ||
	       amph__error_nomem(f->err);
}

/* Relationships of the snapshot stay as they were until all of the flush is done. */
static void keep_columns(amph_object *o)
{
	const amph_shape *shape = &o->extent->mapper->shape;

	if (!o->extent->mapper->relations) {
		memcpy(amph__snapshot(o), amph__members(o), o->extent->mapper->size);
		return;
	}
	for (size_t i = 0; i < shape->n_slots; i++) {
		const amph_slot *slot = &shape->slots[i];

		memcpy((char *)amph__snapshot(o) + slot->offset,
		       (const char *)amph__members(o) + slot->offset,
		       amph_type_size(slot->type, slot->nullable));
	}
}

/* The object is as its row is now. */
static bool settle(flusher *f, amph_object *o)
{
	amph_extent *e = amph__extent_of(o);

	bool known = has_row(o), moves = !known || !amph__identity_is_same(e, o);

	if (!amph__object_own_text(o, f->err))
		return false;
	if (known && moves)
		amph__identity_remove(e, o);
	if (!known) {
		o->group = NULL;
		o->state = OBJECT_PERSISTENT;
		e->n_pending--;
		e->slab.live++;
	}
	keep_columns(o);
	return !moves || place_in_map(f, o);
}

static void settle_deleted(amph_object *o)
{
	amph_extent *e = amph__extent_of(o);

	amph__identity_remove(e, o);
	e->slab.live--;
	e->n_deleted--;
	o->state = OBJECT_TRANSIENT;
	o->deleted = true;
	o->replaced = false;
}

static void copy_columns(const amph_mapper *m, const amph_column_set *set, void *to,
			 const void *from)
{
	for (size_t i = 0; i < m->n_columns; i++) {
		const amph_slot *slot = &m->columns[i].slot;

		if (amph__set_has(set, i))
			memcpy((char *)to + slot->offset, (const char *)from + slot->offset,
			       amph_type_size(slot->type, slot->nullable));
	}
}

/* Only the columns of a partial update (parked values, postponed references) are in the row. */
static bool settle_some(flusher *f, amph_object *o, const amph_column_set *set)
{
	if (!amph__object_own_text(o, f->err))
		return false;
	amph__identity_remove(amph__extent_of(o), o);
	copy_columns(o->extent->mapper, set, amph__snapshot(o), amph__members(o));
	return place_in_map(f, o);
}

static bool settle_run(flusher *f, const run *r)
{
	amph_extent *e = &f->s->extents[r->mapper->ordinal];

	if (r->key.op == AMPH_DML_INSERT &&
	    !amph__identity_reserve(e, f->s->allocator, e->root->identity.count + r->n))
		return amph__error_nomem(f->err);
	for (size_t i = 0; i < r->n; i++) {
		amph_work *w = &r->first[i];
		bool ok = true;

		if (w->replaces)
			settle_deleted(w->replaces);
		if (w->op == AMPH_DML_DELETE)
			settle_deleted(w->object);
		else if (w->partial)
			ok = settle_some(f, w->object, &w->set);
		else
			ok = settle(f, w->object);
		if (!ok)
			return false;
	}
	return true;
}

/* ---- rows that come back ---- */

static bool same_key(const amph_object *a, const amph_object *b)
{
	const amph_mapper *m = a->extent->mapper;

	for (size_t k = 0; k < m->n_keys; k++)
		if (!amph__slot_equal(&m->columns[m->keys[k]].slot, amph__members(a),
				      amph__members(b)))
			return false;
	return true;
}

/* The object of a run whose row came back: that with the same key. Rows mostly return in the
 * order in which they went out, so the search begins where the last one was found. */
static amph_object *returned_object(const run *r, const amph_object *fresh, size_t *from)
{
	if (r->n == 1)
		return r->first[0].object;
	for (size_t i = 0; i < r->n; i++) {
		amph_object *o = r->first[(*from + i) % r->n].object;

		if (same_key(o, fresh)) {
			*from = (*from + i + 1) % r->n;
			return o;
		}
	}
	return NULL;
}

static void move_text(amph_object *to, amph_object *from)
{
	amph_text_block *last = from->text;

	if (!last)
		return;
	while (last->next)
		last = last->next;
	last->next = to->text;
	to->text = from->text;
	from->text = NULL;
}

static bool read_returned(flusher *f, const run *r, amph_result *result, const amph_shape *shape,
			  amph_object *fresh, size_t *n_rows)
{
	amph_store store = { amph__text_store, &fresh };
	size_t from = 0, n;

	for (;;) {
		if (!amph__fetch(f->conn, result, shape, amph__members(fresh), r->mapper->size, 1,
				 &store, &n, f->err))
			return false;
		if (!n)
			return true;
		amph_object *o = returned_object(r, fresh, &from);
		if (!o)
			return amph__error(f->err, "XX000", "a row of \"%s\" came back with a key "
					   "that was not sent", r->mapper->table->name);
		copy_columns(r->mapper, &r->key.returning, amph__members(o), amph__members(fresh));
		move_text(o, fresh);
		++*n_rows;
	}
}

static bool take_returned(flusher *f, const run *r, amph_result *result, size_t *n_rows)
{
	const amph_mapper *m = r->mapper;
	amph_slot *slots = AMPH_NEWS(f->arena, amph_slot, m->n_columns);
	amph_object *fresh = amph__object_new(f->s, m);
	amph_shape shape = { 0, slots };

	for (size_t i = 0; slots && i < m->n_columns; i++)
		if (amph__set_has(&r->key.returning, i))
			slots[shape.n_slots++] = m->columns[i].slot;
	bool ok = slots && fresh ? read_returned(f, r, result, &shape, fresh, n_rows)
				 : amph__error_nomem(f->err);
	if (fresh)
		amph__object_free(fresh);
	return ok;
}

/* ---- flights ---- */

static bool stale(const run *r, int64_t affected, amph_error *err)
{
	const amph_mapper *m = r->mapper;

	amph__error(err, "40001", "%s of \"%s\": %lld of %zu rows were found with the key%s that was "
		    "read: the others were changed or deleted by another transaction, or by a "
		    "query of this one",
		    r->key.op == AMPH_DML_DELETE ? "delete" : "update", m->table->name,
		    (long long)affected, r->n, m->version >= 0 ? " and version" : "");
	if (err)
		err->status = AMPH_E_STALE;
	amph__error_names(err, m->table->name, NULL, NULL);
	return false;
}

static bool collect_run(flusher *f, run *r)
{
	amph_result result;
	size_t n_rows = 0;

	if (!amph__flight_collect(f->conn, &result, f->err))
		return false;
	bool returning = !amph__set_is_empty(&r->key.returning);
	bool ok = !returning || take_returned(f, r, &result, &n_rows);
	int64_t affected = returning ? (int64_t)n_rows : result.affected;
	amph__finish(f->conn, &result);
	if (ok && affected != (int64_t)r->n)
		ok = stale(r, affected, f->err);
	return ok && settle_run(f, r);
}

/* Sends what is queued in one flight and takes all results. */
static bool fly(flusher *f)
{
	size_t n = f->n_flight;
	bool ok = true;

	f->n_flight = 0;
	for (size_t i = 0; i < n && ok; i++)
		ok = amph__flight_add(f->conn, f->flight[i].code, f->flight[i].args, i + 1 < n, f->err);
	for (size_t i = 0; i < n && ok; i++)
		ok = collect_run(f, &f->flight[i]);
	if (!ok)
		amph__flight_drain(f->conn);
	return ok;
}

static bool queue_run(flusher *f, run *r)
{
	if (f->n_flight == FLIGHT_MOST && !fly(f))
		return false;
	if (!bind_run(f, r))
		return false;
	r->code = amph__dml_code(f->s->engine, &r->key, f->err);
	if (!r->code)
		return false;
	f->flight[f->n_flight++] = *r;
	return true;
}

/* COPY and its like, where it may and pays. *done false: the plain way has to. */
static bool load_run(flusher *f, run *r, bool *done)
{
	const amph_mapper *m = r->mapper;
	const char **columns = AMPH_NEWS(f->arena, const char *, m->n_columns + 1);
	amph_sqltype *types = AMPH_NEWS(f->arena, amph_sqltype, m->n_columns);
	int64_t affected = 0;
	size_t n = 0;

	*done = false;
	if (r->key.op != AMPH_DML_INSERT || r->n < LOAD_LEAST ||
	    !(f->conn->caps & AMPH_CAP_LOAD) || !amph__set_is_empty(&r->key.returning))
		return true;
	const char *table = amph__table_name(f->arena, m);
	if (!columns || !types || !table)
		return amph__error_nomem(f->err);
	for (size_t i = 0; i < m->n_columns; i++) {
		if (!amph__set_has(&r->key.columns, i))
			continue;
		columns[n] = m->columns[i].name;
		types[n++] = m->columns[i].type;
	}
	r->rows = true;
	if (!bind_run(f, r) ||
	    !amph__load(f->conn, table, columns, types, r->args, done, &affected, f->err))
		return false;
	return !*done || settle_run(f, r);
}

/* ---- runs ---- */

static bool take_ids(flusher *f, run *r)
{
	const amph_mapper *m = r->mapper;
	int id = m->identity;

	if (r->key.op != AMPH_DML_INSERT || id < 0 || amph__set_has(&r->key.columns, (size_t)id) ||
	    (r->n == 1 && f->conn->caps & AMPH_CAP_SERVER_IDS))
		return true;
	int64_t *ids = AMPH_NEWS(f->arena, int64_t, r->n);
	const char *table = amph__table_name(f->arena, m);
	if (!ids || !table)
		return amph__error_nomem(f->err);
	if (!amph__take_ids(f->conn, table, m->columns[id].name, r->n, ids, f->err))
		return false;
	for (size_t i = 0; i < r->n; i++)
		if (!amph__write_integer(&m->columns[id].slot, amph__members(r->first[i].object),
					 ids[i]))
			return amph__error(f->err, "22003", "the sequence of \"%s\".\"%s\" is beyond "
					   "the column's type", m->table->name, m->columns[id].name);
	amph__set_add(&r->key.columns, (size_t)id);
	return true;
}

static bool same_run(const amph_work *a, const amph_work *b)
{
	return a->object->extent == b->object->extent && a->phase == b->phase && a->op == b->op &&
	       a->level == b->level && !memcmp(&a->set, &b->set, sizeof a->set);
}

/* How many works from first on one statement may take. */
static size_t run_length(const flusher *f, const amph_work *first, size_t left)
{
	size_t n = 1, most = left;
	bool insert = first->op == AMPH_DML_INSERT;

	if (!insert && !(f->conn->caps & AMPH_CAP_SET_UPDATE))
		most = 1;
	else if (!insert && most > ROWS_MOST)
		most = ROWS_MOST;
	while (n < most && same_run(first, first + n))
		n++;
	return n;
}

/* An insert of many rows that COPY cannot take goes in chunks. */
static bool queue_chunks(flusher *f, const run *whole)
{
	size_t most = f->conn->caps & AMPH_CAP_PIPELINE ? ROWS_MOST : whole->n;

	for (size_t at = 0; at < whole->n; at += most) {
		run r = *whole;

		r.first += at;
		r.n = whole->n - at < most ? whole->n - at : most;
		r.rows = r.n > 1;
		r.key.rows = r.rows;
		if (!queue_run(f, &r))
			return false;
	}
	return true;
}

/* Below zero, from a place drawn at random on: two of one flush are never the same. */
static int64_t parked_number(flusher *f, int type, const uint8_t random[16])
{
	uint64_t room = type == AMPH_T_INT16   ? INT16_MAX
			: type == AMPH_T_INT32 ? INT32_MAX
					       : INT64_MAX;

	if (!f->n_parked)
		memcpy(&f->parked_from, random, sizeof f->parked_from);
	return -(int64_t)((f->parked_from % room + f->n_parked++) % room) - 1;
}

/* Fills a unique column with a value that no row has, for the time of a swap. */
static bool park_value(flusher *f, const amph_mapped_column *c, amph_object *o)
{
	static const char digits[] = "0123456789abcdef";
	char *at = (char *)amph__members(o) + c->slot.offset;
	uint8_t random[16];
	char *text = amph__arena_zero(f->arena, sizeof random * 2 + 1);
	size_t n = c->type.length > 0 && c->type.length < 32 ? (size_t)c->type.length : 32;

	if (!text)
		return amph__error_nomem(f->err);
	if (!f->s->engine->clock.random(f->s->engine->clock.ctx, random, sizeof random))
		return amph__error(f->err, "58000", "no random bytes are to be had");
	if (c->type.nullable) {
		memset(at, 0, amph_type_size(c->slot.type, c->slot.nullable));
	} else if (c->slot.type == AMPH_T_TEXT) {
		for (size_t i = 0; i < n; i++)
			text[i] = digits[random[i / 2] >> (i & 1 ? 0 : 4) & 15];
		memcpy(at, &text, sizeof text);
	} else if (c->slot.type == AMPH_T_UUID) {
		memcpy(at, random, sizeof random);
	} else if (c->slot.type >= AMPH_T_INT16 && c->slot.type <= AMPH_T_INT64) {
		return amph__write_integer(&c->slot, amph__members(o),
					   parked_number(f, c->slot.type, random));
	} else {
		return amph__error(f->err, "0A000", "two rows of \"%s\" swap values of \"%s\", whose type "
				   "has no value to step aside to; flush in between",
				   o->extent->mapper->table->name, c->name);
	}
	return true;
}

static bool park_run(flusher *f, run *r)
{
	const amph_mapper *m = r->mapper;
	bool ok = true;

	for (size_t i = 0; i < r->n && ok; i++) {
		amph_object *o = r->first[i].object;
		run one = *r;
		void *members = amph__arena_copy(f->arena, amph__members(o), m->size);

		one.first += i;
		one.n = 1;
		one.rows = false;
		one.key.rows = 0;
		if (!members)
			return amph__error_nomem(f->err);
		for (size_t c = 0; c < m->n_columns && ok; c++)
			ok = !amph__set_has(&r->key.columns, c) || park_value(f, &m->columns[c], o);
		ok = ok && queue_run(f, &one) && fly(f);
		copy_columns(m, &r->key.columns, amph__members(o), members);
	}
	return ok;
}

/* Rows that are still in the flight have no settled snapshot to find them by. */
static bool needs_settled(const run *r)
{
	if (r->key.op == AMPH_DML_INSERT)
		return false;
	for (size_t i = 0; i < r->n; i++)
		if (!has_row(r->first[i].object))
			return true;
	return false;
}

static bool write_run(flusher *f, run *r)
{
	bool done = false;
	bool alone = needs_settled(r) || r->first->phase == PHASE_PARK ||
		     (r->n >= LOAD_LEAST && f->conn->caps & AMPH_CAP_LOAD);

	if (alone && !fly(f))
		return false;
	if (r->first->phase == PHASE_PARK)
		return park_run(f, r);
	returned_columns(r);
	if (!load_run(f, r, &done))
		return false;
	return done || queue_chunks(f, r);
}

static void start_run(run *r, amph_work *first, size_t n)
{
	memset(r, 0, sizeof *r);
	r->first = first;
	r->n = n;
	r->mapper = first->object->extent->mapper;
	r->key.mapper = r->mapper->ordinal;
	r->key.op = first->op;
	r->key.columns = first->set;
}

/* All rows are checked before anything is sent: a flush that is refused takes no ids, on any database.
 * Ids come before the first statement: taking them is a statement of its own. */
static bool prepare_runs(flusher *f, amph_work_list *work, run_list *runs)
{
	for (size_t at = 0; at < work->n; at += runs->items[runs->n - 1].n) {
		if (!amph__grow(f->s->allocator, (void **)&runs->items, &runs->cap, runs->n + 1,
				sizeof *runs->items))
			return amph__error_nomem(f->err);
		run *r = &runs->items[runs->n++];
		start_run(r, &work->items[at], run_length(f, &work->items[at], work->n - at));
		if (!note_run(f, r) || (r->first->phase != PHASE_PARK && !check_run(f, r)))
			return false;
	}
	for (size_t i = 0; i < runs->n; i++)
		if (!take_ids(f, &runs->items[i]))
			return false;
	return true;
}

static bool write_runs(flusher *f, const run_list *runs)
{
	f->s->wrote = true;
	for (size_t i = 0; i < runs->n; i++)
		if (!write_run(f, &runs->items[i]))
			return false;
	return fly(f);
}

/* What was one statement were a delete and an insert for the program. */
static bool replaced_events(const amph_work *w, amph_error *err)
{
	return amph__run_event(w->replaces, AMPH_AFTER_DELETE, err) &&
	       amph__run_event(w->object, AMPH_AFTER_INSERT, err);
}

static bool run_after_events(amph_session *s, const amph_work_list *work, amph_error *err)
{
	static const amph_event_kind kinds[] = { AMPH_AFTER_INSERT, AMPH_AFTER_UPDATE,
						 AMPH_AFTER_DELETE };

	for (size_t i = 0; i < work->n; i++) {
		const amph_work *w = &work->items[i];

		if (w->partial ||
		    (!w->replaces && !amph__has_event(s, w->object->extent->mapper, kinds[w->op])))
			continue;
		s->woken = true;
		if (w->replaces ? !replaced_events(w, err)
				: !amph__run_event(w->object, kinds[w->op], err))
			return false;
	}
	return true;
}

static bool carry_out(amph_session *s, amph_work_list *work, amph_error *err)
{
	flusher f = { .s = s, .arena = &s->flush_arena, .err = err };
	run_list runs = { 0 };

	f.conn = amph__session_conn(s, err);
	bool ok = f.conn && prepare_runs(&f, work, &runs) && write_runs(&f, &runs);
	amph__free(s->allocator, runs.items);
	return ok;
}

/* An event before an update may have left its object without one. */
static void forget_events(amph_session *s)
{
	for (size_t i = 0; i < s->engine->registry->n_mappers; i++) {
		amph_extent *e = &s->extents[i];
		amph_chunk *chunk = NULL;
		uint32_t slot;
		amph_object *o;

		if (!amph__has_event(s, e->mapper, AMPH_BEFORE_UPDATE))
			continue;
		while ((o = amph__object_next(e, &chunk, &slot)))
			o->in_flush = false;
	}
}

/* Objects are as their rows; what is new from now on is for the next flush. */
static bool settle_all(amph_session *s, const amph_work_list *work, bool ok, amph_error *err)
{
	for (size_t i = 0; i < s->pending.n; i++)
		s->pending.items[i]->in_flush = false;
	for (size_t i = 0; i < s->deleted.n; i++)
		s->deleted.items[i]->in_flush = false;
	forget_events(s);
	if (!ok)
		return false;
	s->pending.n = s->deleted.n = 0;
	return amph__relations_after_flush(s, work, err);
}

static bool nothing_to_do(amph_session *s)
{
	if (s->pending.n || s->deleted.n || s->n_changes)
		return false;
	for (size_t i = 0; i < s->engine->registry->n_mappers; i++) {
		amph_extent *e = &s->extents[i];
		amph_chunk *chunk = NULL;
		uint32_t slot;
		amph_object *o;

		while ((o = amph__object_next_touched(e, &chunk, &slot)))
			if (amph__object_is_modified(o))
				return false;
	}
	return true;
}

static bool after_flush(amph_session *s, amph_error *err)
{
	s->woken |= amph__has_event(s, NULL, AMPH_AFTER_FLUSH);
	return amph__run_session_event(s, AMPH_AFTER_FLUSH, err);
}

bool amph__flush(amph_session *s, amph_error *err)
{
	amph_work_list work = { .session = s };

	if (s && s->in_flush)
		return amph__error_misuse(err, "a flush is under way: an event handler must not flush");
	if (!amph__session_may_run(s, err))
		return false;
	if (nothing_to_do(s))
		return true;
	s->in_flush = true;
	s->stats.flushes++;
	bool ok = amph__run_session_event(s, AMPH_BEFORE_FLUSH, err) &&
		  amph__unit_collect(s, &work, err) && amph__unit_order(&work, err) &&
		  carry_out(s, &work, err);
	ok = settle_all(s, &work, ok, err) && run_after_events(s, &work, err) &&
	     after_flush(s, err);
	s->in_flush = false;
	amph__text_give(s, s->dropped);
	s->dropped = NULL;
	amph__free(s->allocator, work.items);
	amph__arena_reset(&s->flush_arena);
	amph__collections_sweep_long(s);
	return ok;
}

bool amph__flush_all(amph_session *s, amph_error *err)
{
	for (int i = 0; i < FLUSHES_MOST; i++) {
		if (s)
			s->woken = false;
		if (!amph__flush(s, err))
			return false;
		if (!s->woken)
			return true;
	}
	return amph__error(err, "54001", "after %d flushes events still make new work: an event handler "
			   "sets itself off", FLUSHES_MOST);
}

/* Whether objects of a model, or of one derived from it, are not as their rows. */
static bool has_changes(amph_session *s, const amph_mapper *m)
{
	bool found = false;

	for (size_t i = 0; i < m->n_kinds && !found; i++) {
		amph_extent *e = &s->extents[m->kinds[i]->ordinal];
		amph_chunk *chunk = NULL;
		uint32_t slot;
		amph_object *o;

		found = e->n_pending || e->n_deleted;
		while (!found && (o = amph__object_next_touched(e, &chunk, &slot)))
			found = amph__object_is_modified(o);
	}
	return found;
}

bool amph__autoflush(amph_session *s, const amph_mapper *const *mappers, size_t n, amph_error *err)
{
	bool needed = s->n_changes > 0; /* of a collection: it writes keys of any model, and links */

	if (s->no_autoflush || s->in_flush)
		return true;
	for (size_t i = 0; i < n && !needed; i++)
		needed = has_changes(s, mappers[i]);
	return !needed || amph__flush(s, err);
}
