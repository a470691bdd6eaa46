/* Sessions: their connection, their transaction, their first error. */
#include "../base/clock.h"
#include "../relation/relation.h"
#include "../schema/names.h"
#include "rows.h"
#include <pthread.h>
#include <stdalign.h>
#include <string.h>

/* ---- errors ---- */

bool amph__session_error(amph_session *s, const amph_error *err)
{
	if (!s || (s->failed && !s->autocommit))
		return false;
	s->error = *err;
	/* of a transaction that had not come to its COMMIT nothing is left */
	if (err->status == AMPH_E_CONNECTION && err->outcome == AMPH_NOT_APPLIED && s->conn &&
	    s->conn->broken && !s->autocommit)
		s->error.retryable = true;
	amph__error_advise(&s->error, s->engine->registry);
	s->failed |= err->status != AMPH_E_NOTFOUND && err->status != AMPH_E_MANY;
	return false;
}

bool amph__session_take_error(amph_session *s, amph_error *err)
{
	*err = s->error;
	s->failed = false;
	return false;
}

const amph_error *amph_session_error(const amph_session *s)
{
	static const amph_error none = {
		.status = AMPH_E_MISUSE, .sqlstate = "HV010",
		.message = "the session is NULL: it was not opened" };

	return s ? &s->error : &none;
}

bool amph_failed(const amph_session *s)
{
	return !s || s->failed;
}

bool amph__session_is_own(const amph_session *s, amph_error *err)
{
	if (!s)
		return amph__error_misuse(err, "the session is NULL: it was not opened");
	return pthread_equal((pthread_t)s->owner, pthread_self()) ||
	       amph__error_misuse(err, "a session belongs to the thread that first used it");
}

bool amph__session_may_run(amph_session *s, amph_error *err)
{
	if (!amph__session_is_own(s, err))
		return false;
	if (s->failed)
		return amph__error(err, "25P02", "current transaction is aborted, commands are ignored "
				   "until it is rolled back");
	if (s->streaming)
		return amph__error_misuse(err, "a stream or rows of this session are still open; "
					  "close them first");
	if (s->error.status != AMPH_OK)
		s->error = (amph_error){ 0 };
	return true;
}

const amph_mapper *amph__session_mapper(amph_session *s, const amph_model *model, amph_error *err)
{
	if (!s->last_mapper || s->last_mapper->model != model) {
		const amph_mapper *m = amph__mapper_of(s->engine->registry, model, err);

		if (!m || m->model != model)
			return m;
		s->last_mapper = m;
	}
	return s->last_mapper;
}

/* ---- the connection ---- */

amph_conn *amph__session_link(amph_session *s, amph_error *err)
{
	if (s->conn)
		return s->conn;
	s->conn = amph__pool_take(s->engine->pool, s->site, err);
	if (!s->conn)
		return NULL;
	s->seen = amph__conn_stats(s->conn);
	amph__conn_allow(s->conn, s->statements_allowed);
	return s->conn;
}

amph_conn *amph__session_conn(amph_session *s, amph_error *err)
{
	if (!amph__session_link(s, err))
		return NULL;
	if (s->level == 0) {
		amph__tx_begin(s->conn, s->begin);
		s->level = 1;
	}
	return s->conn;
}

static void add_stats(amph_session_stats *to, const amph_session *s)
{
	if (!s->conn)
		return;
	amph_link_stats now = amph__conn_stats(s->conn);

	to->statements += now.statements - s->seen.statements;
	to->round_trips += now.round_trips - s->seen.round_trips;
}

static void transaction_is_over(amph_session *s)
{
	s->level = 0;
	s->now_usec = 0;
	s->n_savepoints = 0;
	s->in_block = false;
}

static void give_conn(amph_session *s)
{
	transaction_is_over(s);
	if (!s->conn)
		return;
	add_stats(&s->stats, s);
	s->statements_allowed = amph__conn_allowed(s->conn);
	amph__conn_allow(s->conn, -1);
	amph__pool_give(s->engine->pool, s->conn);
	s->conn = NULL;
}

/* After a transaction. */
static void let_go(amph_session *s)
{
	transaction_is_over(s);
	s->transactions++;
	if (!s->autocommit || (s->conn && s->conn->broken))
		give_conn(s);
}

int64_t amph__session_now(amph_session *s)
{
	if (!s->now_usec)
		s->now_usec = s->engine->clock.now_usec(s->engine->clock.ctx);
	return s->now_usec;
}

void amph_expect_statements(amph_session *s, int64_t n)
{
	if (!s)
		return;
	s->statements_allowed = n < 0 ? -1 : n;
	if (s->conn)
		amph__conn_allow(s->conn, s->statements_allowed);
}

amph_session_stats amph_session_statistics(const amph_session *s)
{
	amph_session_stats stats = s ? s->stats : (amph_session_stats){ 0 };

	if (!s)
		return stats;

	add_stats(&stats, s);
	return stats;
}

/* ---- opening and closing ---- */

static amph_begin begin_of(const amph_session_options *o)
{
	if (!o)
		return AMPH_BEGIN_READ;
	if (o->read_only)
		return AMPH_BEGIN_READ_ONLY;
	return o->isolation == AMPH_SERIALIZABLE ? AMPH_BEGIN_SERIALIZABLE
	       : o->isolation == AMPH_REPEATABLE_READ ? AMPH_BEGIN_REPEATABLE
	       : o->isolation == AMPH_READ_COMMITTED ? AMPH_BEGIN_COMMITTED : AMPH_BEGIN_READ;
}

amph_session *amph_session_open(amph_engine *db)
{
	return amph_session_open_with(db, NULL);
}

/* What a session that reads some rows needs, in its own allocation. */
#define TEXT_ROOM 2048
#define SCRATCH_ROOM 512

/* A session with its extents and rooms behind it; all zero but for error, query and rooms. */
static amph_session *session_new(const amph_allocator *a, size_t n_extents)
{
	const size_t align = alignof(max_align_t), head = (sizeof(amph_session) + align - 1) & ~(align - 1);
	size_t extents, size;

	if (!amph__size_mul(n_extents, sizeof(amph_extent), &extents) ||
	    !amph__size_add(head + TEXT_ROOM + SCRATCH_ROOM, extents, &size))
		return NULL;
	amph_session *s = amph__alloc(a, size);
	if (!s)
		return NULL;
	char *rooms = (char *)s + head;
	memset(s, 0, offsetof(amph_session, error));
	amph__error_clear(&s->error);
	amph__arena_init_in(&s->text_arena, a, rooms, TEXT_ROOM);
	amph__arena_init_in(&s->scratch, a, rooms + TEXT_ROOM, SCRATCH_ROOM);
	s->extents = (amph_extent *)(void *)(rooms + TEXT_ROOM + SCRATCH_ROOM);
	memset(s->extents, 0, extents);
	return s;
}

amph_session *amph_session_open_with(amph_engine *db, const amph_session_options *options)
{
	if (!db || (options && options->abi != AMPH_ABI))
		return NULL;
	const amph_allocator *a = db->allocator;
	size_t n = db->registry->n_mappers;
	amph_session *s = session_new(a, n + 1);

	if (!s)
		return NULL;
	amph_extent *extents = s->extents;
	amph__engine_use(db);
	s->engine = db;
	s->allocator = a;
	s->begin = begin_of(options);
	s->no_autoflush = options && options->autoflush_off;
	s->autocommit = options && options->autocommit;
	s->raise_on_touch = options && options->raise_on_touch;
	s->expire_on_commit = db->expire_on_commit || (options && options->expire_on_commit);
	s->statements_allowed = -1;
	s->owner = (unsigned long)pthread_self();
	s->site = "a session";
	amph__arena_init(&s->flush_arena, a);
	amph__arena_init(&s->given_arena, a);
	amph__query_buf_init(&s->query, db->registry, s, a);
	s->query.filters = db->filters.rows ? &db->filters : NULL;
	amph__buf_init(&s->json, a);
	amph__buf_init(&s->repr, a);
	amph__map_init(&s->given, a, (uint64_t)(uintptr_t)s);
	amph__map_init(&s->results, a, (uint64_t)(uintptr_t)s);
	amph__map_init(&s->absent, a, (uint64_t)(uintptr_t)s);
	amph__arena_init(&s->absent_arena, a);
	amph__map_init(&s->own_lists, a, (uint64_t)(uintptr_t)s);
	amph__map_init(&s->retired, a, (uint64_t)(uintptr_t)s);
	amph__arena_init(&s->retired_arena, a);
	for (size_t i = 0; i <= n; i++)
		extents[i].session = s;
	for (size_t i = 0; i < n; i++) {
		extents[i].mapper = db->registry->mappers[i];
		extents[i].root = &extents[extents[i].mapper->root->ordinal];
	}
	return s;
}

static void free_objects(amph_session *s)
{
	amph__journal_forget(s);
	amph__relations_forget(s);
	amph__text_free_large(s);
	for (size_t i = 0; i < s->engine->registry->n_mappers; i++) {
		amph_extent *e = &s->extents[i];

		if (e->identity.objects)
			amph__identity_clear(e);
		if (e->slab.first)
			amph__slab_clear(&e->slab, s->allocator);
		e->n_pending = e->n_deleted = 0;
	}
	while (s->lists)
		amph__list_free(s, s->lists);
	amph__map_clear(&s->own_lists);
	amph__map_clear(&s->results);
	amph__retired_forget(s);
	amph__absent_forget(s);
	s->pending.n = s->deleted.n = 0;
	amph__text_forget(s);
}

/* Event handlers may do much, but not take away what the call around them works on. */
static bool ends_within_event(amph_session *s, const char *what)
{
	amph_error err;

	if (!s->in_flush && !s->in_event)
		return false;
	amph__error_misuse(&err, "%s is under way: an event handler must not %s; it may refuse, so that "
			   "the call fails", s->in_flush ? "a flush" : "an event", what);
	amph__session_error(s, &err);
	return true;
}

void amph_session_clear(amph_session *s)
{
	if (s && !ends_within_event(s, "clear the session"))
		free_objects(s);
}

void amph_session_close(amph_session *s)
{
	if (!s || ends_within_event(s, "close the session"))
		return;
	amph__session_end_reading(s);
	while (s->rows)
		amph__rows_free(s->rows);
	give_conn(s);
	free_objects(s);
	amph__arena_clear(&s->scratch);
	amph__arena_clear(&s->flush_arena);
	amph__query_buf_clear(&s->query);
	amph__map_clear(&s->given);
	amph__arena_clear(&s->given_arena);
	amph__arena_clear(&s->absent_arena);
	amph__arena_clear(&s->retired_arena);
	amph__free(s->allocator, s->journal.items);
	amph__free(s->allocator, s->pending.items);
	amph__free(s->allocator, s->deleted.items);
	amph__buf_clear(&s->json);
	amph__buf_clear(&s->repr);
	amph__free(s->allocator, s->changes);
	amph__free(s->allocator, s->listeners.items);
	amph__filters_free(s);
	amph__free(s->allocator, s->savepoints);
	if (s->names)
		amph__names_clear(s->names);
	amph__free(s->allocator, s->names);
	amph_engine *engine = s->engine;
	amph__free(s->allocator, s);
	amph__engine_let_go(engine);
}

/* ---- transactions ---- */

static void expire_all(amph_session *s, bool relations)
{
	s->any_expired = true;
	for (size_t i = 0; i < s->engine->registry->n_mappers; i++) {
		amph_chunk *chunk = NULL;
		uint32_t slot;
		amph_object *o;

		while ((o = amph__object_next(&s->extents[i], &chunk, &slot))) {
			o->expired = o->state == OBJECT_PERSISTENT || (o->detached && o->expired);
			if (o->state == OBJECT_PERSISTENT && relations)
				amph__relations_expire(o);
		}
	}
}

bool amph_flush(amph_session *s)
{
	amph_error err;

	return amph__flush(s, &err) || amph__session_error(s, &err);
}

bool amph_commit(amph_session *s)
{
	amph_error err;

	if (!s || ends_within_event(s, "commit"))
		return false;
	if ((!s->failed && !amph__run_session_event(s, AMPH_BEFORE_COMMIT, &err)) ||
	    !amph__flush_all(s, &err))
		return amph__session_error(s, &err);
	if (s->conn && !amph__tx_commit(s->conn, &err)) {
		amph__session_error(s, &err);
		return false;
	}
	amph__journal_forget(s);
	amph__absent_forget(s);
	if (s->expire_on_commit)
		expire_all(s, true);
	amph__collections_sweep(s, 2);
	let_go(s);
	s->wrote = false;
	amph__run_session_event(s, AMPH_AFTER_COMMIT, NULL);
	return true;
}

/* What was not flushed is undone too: members are as the database has them. */
static void restore_unflushed(amph_session *s)
{
	amph__relations_forget(s);
	for (size_t i = 0; i < s->pending.n; i++) {
		amph_object *o = s->pending.items[i];

		/* one whose delete was undone is persistent again already */
		if (o->state != OBJECT_PENDING)
			continue;
		o->state = OBJECT_TRANSIENT;
		o->group = NULL;
	}
	for (size_t i = 0; i < s->deleted.n; i++) {
		s->deleted.items[i]->cascaded = s->deleted.items[i]->replaced = false;
		if (s->deleted.items[i]->state == OBJECT_DELETED)
			s->deleted.items[i]->state = OBJECT_PERSISTENT;
	}
	s->pending.n = s->deleted.n = 0;
	for (size_t i = 0; i < s->engine->registry->n_mappers; i++) {
		amph_extent *e = &s->extents[i];
		amph_chunk *chunk = NULL;
		uint32_t slot;
		amph_object *o;

		e->n_pending = e->n_deleted = 0;
		while ((o = amph__object_next(e, &chunk, &slot))) {
			if (o->state != OBJECT_PERSISTENT)
				continue;
			if (memcmp(amph__members(o), amph__snapshot(o), e->mapper->size))
				amph__restore_members(o);
		}
	}
}

/* A number of the schema's version that was rolled back may come again for another schema. */
static void forget_names(amph_session *s)
{
	if (s->names)
		amph__names_forget(s->names);
}

/* Rows read after the transaction wrote may show what is undone now: they are read again. */
static void expire_since(amph_session *s)
{
	if (s->conn && s->wrote)
		expire_all(s, false);
}

void amph_rollback(amph_session *s)
{
	if (!s || ends_within_event(s, "roll back"))
		return;
	amph__run_session_event(s, AMPH_BEFORE_ROLLBACK, NULL);
	amph__session_end_reading(s);
	if (s->conn)
		amph__tx_rollback(s->conn, NULL);
	amph__journal_undo(s, 1);
	restore_unflushed(s);
	amph__relations_roll_back(s, 1);
	amph__collections_sweep(s, 2);
	expire_since(s);
	forget_names(s);
	let_go(s);
	s->wrote = false;
	s->failed = false;
	s->error = (amph_error){ 0 };
	amph__run_session_event(s, AMPH_AFTER_ROLLBACK, NULL);
}

bool amph_savepoint(amph_session *s)
{
	amph_error err;

	if (!amph__flush_all(s, &err) || !amph__session_conn(s, &err) ||
	    !amph__tx_savepoint(s->conn, s->level + 1, &err))
		return amph__session_error(s, &err);
	s->level++;
	return true;
}

bool amph_release_savepoint(amph_session *s)
{
	amph_error err;

	if (s && s->level < 2) {
		amph__error(&err, "3B001", "there is no savepoint to release");
		return amph__session_error(s, &err);
	}
	if (!amph__flush_all(s, &err) || !amph__tx_release(s->conn, s->level, &err))
		return amph__session_error(s, &err);
	amph__journal_merge(s, s->level);
	s->level--;
	return true;
}

bool amph_rollback_to(amph_session *s)
{
	amph_error err;

	if (!s)
		return false;
	if (s->level < 2) {
		amph__error(&err, "3B001", "there is no savepoint to roll back to");
		return amph__session_error(s, &err);
	}
	if (ends_within_event(s, "roll back"))
		return false;
	amph__session_end_reading(s);
	if (!amph__tx_rollback_to(s->conn, s->level, &err) ||
	    !amph__tx_release(s->conn, s->level, &err))
		return amph__session_error(s, &err);
	amph__journal_undo(s, s->level);
	restore_unflushed(s);
	amph__relations_roll_back(s, s->level);
	expire_since(s);
	forget_names(s);
	s->level--;
	s->failed = false;
	s->error = (amph_error){ 0 };
	return true;
}
