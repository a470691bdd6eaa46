/* Runs of a flush: works of one kind become one statement each, statements go out in flights. */
#include "flush.h"
#include <string.h>

#define ROWS_MOST 1000          /* of a statement; beyond it the server's planner gets slower */
#define LOAD_LEAST 20           /* rows from which COPY pays */
#define PART_MOST 65536         /* of a COPY, and ids at once: beyond it only memory is more */

typedef struct run_list { amph_run *items; size_t n, cap; } run_list;

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

static size_t slots_of(const amph_flusher *f, const amph_run *r, amph_slot *slots)
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

static bool bind_run(amph_flusher *f, amph_run *r)
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
		r->args[0] = (amph_arg){ .n_slots = n, .n_rows = r->n, .slots = slots, .rows = rows,
					 .checked = r->key.op == AMPH_DML_INSERT };
		if (r->key.op == AMPH_DML_INSERT)
			amph__name_identity(m, &r->key.columns, r->args);
		return true;
	}
	for (size_t i = 0; i < n; i++)
		r->args[i] = (amph_arg){ .n_slots = 1, .n_rows = 1, .slots = &slots[i],
					 .base = rows[0] };
	return true;
}

/* ---- before a statement ---- */

static bool check_row(amph_flusher *f, const amph_mapped_column *const *columns, amph_object *o)
{
	void *members = amph__members(o);

	for (; *columns; columns++) {
		const amph_mapped_column *c = *columns;

		if (amph__slot_is_plain(&c->slot, &c->type, members))
			continue;
		if (!amph__slot_check(&c->slot, &c->type, members, o->extent->mapper->table->name, c->name,
				      f->err))
			return amph__error_of_member(c, f->err);
		/* the object keeps it also where the flush fails */
		if (amph__slot_needs_fit(&c->slot, &c->type) &&
		    !amph__slot_fit(&c->slot, &c->type, members, &f->s->text_arena, f->err)) {
			f->s->text_arena.failed = false;
			return false;
		}
	}
	return true;
}

/* As an update refuses it: what the program says of a computed column is not heard. */
static bool check_computed(amph_flusher *f, const amph_run *r, const amph_mapped_column *c)
{
	for (size_t i = 0; i < r->n; i++) {
		const amph_object *o = r->first[i].object;

		if (r->key.op == AMPH_DML_INSERT && !amph__is_unset(c, amph__members(o)))
			return amph__refuse_change(o, c, "a computed column cannot be assigned", f->err);
	}
	return true;
}

static bool check_run(amph_flusher *f, const amph_run *r)
{
	const amph_mapper *m = r->mapper;

	for (size_t i = 0; i < m->n_columns; i++)
		if (m->columns[i].computed && !check_computed(f, r, &m->columns[i]))
			return false;
	const amph_mapped_column **columns =
		AMPH_NEWS(f->arena, const amph_mapped_column *, m->n_checked + 1);
	size_t n = 0;

	if (!columns)
		return amph__error_nomem(f->err);
	for (size_t i = 0; i < m->n_checked && r->key.op != AMPH_DML_DELETE; i++)
		if (amph__set_has(&r->key.columns, m->checked[i]))
			columns[n++] = &m->columns[m->checked[i]];
	for (size_t i = 0; n && i < r->n; i++)
		if (!check_row(f, columns, r->first[i].object))
			return false;
	return true;
}

/* Columns that the database fills: read back, with the key that tells which row it is. */
static void returned_columns(amph_run *r)
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

/* A default of the database is part of the key: after a rollback it is the database's to give again. */
static bool has_made_key(const amph_mapper *m)
{
	for (size_t i = 0; i < m->n_keys; i++)
		if (m->columns[m->keys[i]].server_default)
			return true;
	return false;
}

static bool note(amph_flusher *f, const amph_run *r, amph_object *o)
{
	const amph_mapper *m = r->mapper;
	bool has_key = m->identity >= 0 && amph__set_has(&r->key.columns, (size_t)m->identity);

	return r->key.op == AMPH_DML_INSERT && !m->relations && !has_made_key(m)
		? amph__journal_note_new(o, has_key, f->err) : amph__journal_note(o, f->err);
}

static bool note_run(amph_flusher *f, const amph_run *r)
{
	/* new ones mostly share an entry */
	if ((r->key.op != AMPH_DML_INSERT || r->mapper->relations) && !amph__journal_reserve(f->s, r->n))
		return amph__error_nomem(f->err);
	for (size_t i = 0; i < r->n; i++)
		if (!note(f, r, r->first[i].object) ||
		    (r->first[i].change->replaces &&
		     !amph__journal_note(r->first[i].change->replaces, f->err)))
			return false;
	return true;
}

/* ---- flights ---- */

static bool stale(const amph_run *r, int64_t affected, amph_error *err)
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

static bool collect_run(amph_flusher *f, amph_run *r)
{
	amph_result result;
	size_t n_rows = 0;

	if (!amph__flight_collect(f->conn, &result, f->err))
		return false;
	bool returning = !amph__set_is_empty(&r->key.returning);
	bool ok = !returning || amph__run_take(f, r, &result, &n_rows);
	int64_t affected = returning ? (int64_t)n_rows : result.affected;
	amph__finish(f->conn, &result);
	if (ok && affected != (int64_t)r->n)
		ok = stale(r, affected, f->err);
	return ok && amph__run_settle(f, r);
}

static bool blame(amph_flusher *f, const amph_run *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (amph__error_blame(f->s, r->mapper, &r->key.columns, amph__members(r->first[i].object),
				      f->err))
			break;
	return false;
}

/* Sends what is queued in one flight and takes all results. */
static bool fly(amph_flusher *f)
{
	size_t n = f->n_flight;
	bool ok = true;

	f->n_flight = 0;
	for (size_t i = 0; i < n && ok; i++)
		ok = amph__flight_add(f->conn, f->flight[i].code, f->flight[i].args, i + 1 < n, f->err);
	for (size_t i = 0; i < n && ok; i++)
		ok = collect_run(f, &f->flight[i]) || blame(f, &f->flight[i]);
	if (!ok)
		amph__flight_drain(f->conn);
	return ok;
}

static bool queue_run(amph_flusher *f, amph_run *r)
{
	if (f->n_flight == AMPH_FLIGHT_MOST && !fly(f))
		return false;
	if (!bind_run(f, r))
		return false;
	r->code = amph__dml_code_in(f->s, &r->key, f->arena, f->err);
	if (!r->code)
		return false;
	f->flight[f->n_flight++] = *r;
	return true;
}

typedef struct load_target {
	const char *table, **columns;
	amph_sqltype *types;
} load_target;

static bool load_part(amph_flusher *f, amph_run *r, const load_target *to, bool *done)
{
	amph_arena *whole = f->arena, own;
	int64_t affected = 0;

	amph__arena_init(&own, f->s->allocator);
	f->arena = &own;
	bool ok = bind_run(f, r) && (amph__load(f->conn, to->table, to->columns, to->types, r->args, done,
						&affected, f->err) || blame(f, r));
	f->arena = whole;
	amph__arena_clear(&own);
	return ok && (!*done || amph__run_settle(f, r));
}

/* COPY and its like, where it may and pays. *done false: the plain way has to, for what is left. */
static bool load_run(amph_flusher *f, amph_run *r, bool *done)
{
	const amph_mapper *m = r->mapper;
	load_target load = { .columns = AMPH_NEWS(f->arena, const char *, m->n_columns + 1),
			     .types = AMPH_NEWS(f->arena, amph_sqltype, m->n_columns) };
	size_t n = 0;

	*done = false;
	if (r->key.op != AMPH_DML_INSERT || r->n < LOAD_LEAST ||
	    !(f->conn->caps & AMPH_CAP_LOAD) || !amph__set_is_empty(&r->key.returning))
		return true;
	load.table = amph__table_name(f->arena, m);
	if (!load.columns || !load.types || !load.table)
		return amph__error_nomem(f->err);
	for (size_t i = 0; i < m->n_columns; i++) {
		if (!amph__set_has(&r->key.columns, i))
			continue;
		load.columns[n] = m->columns[i].name;
		load.types[n++] = m->columns[i].type;
	}
	r->rows = true;
	for (*done = true; *done && r->n;) {
		amph_run part = *r;

		part.n = r->n < PART_MOST ? r->n : PART_MOST;
		if (!load_part(f, &part, &load, done))
			return false;
		if (*done) {
			r->first += part.n;
			r->n -= part.n;
		}
	}
	return true;
}

/* ---- runs ---- */

static bool take_ids(amph_flusher *f, amph_run *r)
{
	const amph_mapper *m = r->mapper;
	int id = m->identity;

	if (r->key.op != AMPH_DML_INSERT || id < 0 || amph__set_has(&r->key.columns, (size_t)id) ||
	    (r->n == 1 && f->conn->caps & AMPH_CAP_SERVER_IDS))
		return true;
	size_t most = r->n < PART_MOST ? r->n : PART_MOST;
	int64_t *ids = AMPH_NEWS(f->arena, int64_t, most);
	const char *table = amph__table_name(f->arena, m);
	if (!ids || !table)
		return amph__error_nomem(f->err);
	for (size_t i = 0; i < r->n; i++) {
		size_t left = r->n - i;

		if (i % most == 0 && !amph__take_ids(f->conn, table, m->columns[id].name,
						     left < most ? left : most, ids, f->err))
			return false;
		if (!amph__put_id(m, amph__members(r->first[i].object), ids[i % most], f->err))
			return false;
	}
	amph__set_add(&r->key.columns, (size_t)id);
	return true;
}

static bool has_own_ids(const amph_mapper *m, const amph_column_set *set)
{
	return m->identity >= 0 && m->columns[m->identity].decl->identity == AMPH_IDENTITY_ALWAYS &&
	       amph__set_has(set, (size_t)m->identity);
}

/* Numbers that are the database's alone are refused here: COPY would take them. */
static bool check_ids(amph_flusher *f, const amph_run *r)
{
	const amph_mapper *m = r->mapper;

	if (r->key.op != AMPH_DML_INSERT || !has_own_ids(m, &r->key.columns))
		return true;
	for (size_t i = 0; i < r->n; i++)
		if (!r->first[i].object->numbered)
			return amph__refuse_id(m, f->err);
	return true;
}

static bool same_run(const amph_work *a, const amph_work *b)
{
	return a->object->extent == b->object->extent && a->phase == b->phase && a->op == b->op &&
	       a->level == b->level && amph__same_columns(a, b);
}

/* Whether the database makes keys that no sequence tells beforehand: rows that come back are told apart by
 * their keys, so that each is inserted by a statement of its own. */
static bool makes_keys(const amph_work *w)
{
	const amph_mapper *m = w->object->extent->mapper;

	for (size_t i = 0; w->op == AMPH_DML_INSERT && i < m->n_keys; i++)
		if ((int)m->keys[i] != m->identity && !amph__set_has(&w->change->set, m->keys[i]))
			return true;
	return false;
}

/* How many works from first on one statement may take. */
static size_t run_length(const amph_flusher *f, const amph_work *first, size_t left)
{
	size_t n = 1, most = left;
	bool insert = first->op == AMPH_DML_INSERT;

	if (insert ? makes_keys(first) : !(f->conn->caps & AMPH_CAP_SET_UPDATE))
		most = 1;
	else if (!insert && most > ROWS_MOST)
		most = ROWS_MOST;
	while (n < most && same_run(first, first + n))
		n++;
	return n;
}

/* An insert of many rows that COPY cannot take goes in chunks. */
static bool queue_chunks(amph_flusher *f, const amph_run *whole)
{
	size_t most = f->conn->caps & AMPH_CAP_PIPELINE ? ROWS_MOST : whole->n;

	for (size_t at = 0; at < whole->n; at += most) {
		amph_run r = *whole;

		r.first += at;
		r.n = whole->n - at < most ? whole->n - at : most;
		r.rows = r.n > 1;
		r.key.rows = r.rows;
		if (!queue_run(f, &r))
			return false;
	}
	return true;
}

static bool park_run(amph_flusher *f, amph_run *r)
{
	const amph_mapper *m = r->mapper;
	bool ok = true;

	for (size_t i = 0; i < r->n && ok; i++) {
		amph_object *o = r->first[i].object;
		amph_run one = *r;
		void *members = amph__arena_copy(f->arena, amph__members(o), m->size);

		one.first += i;
		one.n = 1;
		one.rows = false;
		one.key.rows = 0;
		if (!members)
			return amph__error_nomem(f->err);
		ok = amph__park(f, &r->key.columns, o) && queue_run(f, &one) && fly(f);
		amph__columns_copy(m, &r->key.columns, amph__members(o), members);
	}
	return ok;
}

/* Rows that are still in the flight have no settled snapshot to find them by. */
static bool needs_settled(const amph_run *r)
{
	if (r->key.op == AMPH_DML_INSERT)
		return false;
	for (size_t i = 0; i < r->n; i++)
		if (!amph__has_row(r->first[i].object))
			return true;
	return false;
}

static bool write_run(amph_flusher *f, amph_run *r)
{
	bool done = false;
	bool alone = needs_settled(r) || r->first->phase == PHASE_PARK ||
		     (r->n >= LOAD_LEAST && f->conn->caps & AMPH_CAP_LOAD);

	if (alone && !fly(f))
		return false;
	if (r->first->phase == PHASE_PARK)
		return park_run(f, r);
	returned_columns(r);
	/* once for all parts */
	amph_extent *e = &f->s->extents[r->mapper->ordinal];
	if (r->key.op == AMPH_DML_INSERT && !amph__identity_reserve(e, e->root->identity.count + r->n))
		return amph__error_nomem(f->err);
	if (!load_run(f, r, &done))
		return false;
	return done || queue_chunks(f, r);
}

static void start_run(amph_run *r, amph_work *first, size_t n)
{
	memset(r, 0, sizeof *r);
	r->first = first;
	r->n = n;
	r->mapper = first->object->extent->mapper;
	r->key.mapper = r->mapper->ordinal;
	r->key.op = first->op;
	r->key.columns = first->change->set;
}

/* All rows are checked before anything is sent: a flush that is refused takes no ids, on any database.
 * Ids come before the first statement: taking them is a statement of its own. */
static bool prepare_runs(amph_flusher *f, amph_work_list *work, run_list *runs)
{
	for (size_t at = 0; at < work->n; at += runs->items[runs->n - 1].n) {
		if (!amph__grow(f->s->allocator, (void **)&runs->items, &runs->cap, runs->n + 1,
				sizeof *runs->items))
			return amph__error_nomem(f->err);
		amph_run *r = &runs->items[runs->n++];
		start_run(r, &work->items[at], run_length(f, &work->items[at], work->n - at));
		if (!note_run(f, r) || !check_ids(f, r) ||
		    (r->first->phase != PHASE_PARK && !check_run(f, r)))
			return false;
	}
	for (size_t i = 0; i < runs->n; i++) {
		amph_run *r = &runs->items[i];

		if (!take_ids(f, r))
			return false;
		if (r->key.op == AMPH_DML_INSERT && has_own_ids(r->mapper, &r->key.columns))
			r->key.counts |= AMPH_DML_NUMBERED;
	}
	return true;
}

static bool write_runs(amph_flusher *f, const run_list *runs)
{
	f->s->wrote = true;
	for (size_t i = 0; i < runs->n; i++)
		if (!write_run(f, &runs->items[i]))
			return false;
	return fly(f);
}

bool amph__runs_write(amph_session *s, amph_work_list *work, amph_error *err)
{
	amph_flusher f = { .s = s, .arena = &s->flush_arena, .err = err };
	run_list runs = { 0 };

	f.conn = amph__session_conn(s, err);
	bool ok = f.conn && prepare_runs(&f, work, &runs) && write_runs(&f, &runs);
	amph__free(s->allocator, runs.items);
	return ok;
}
