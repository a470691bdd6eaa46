/* When a session flushes, and what is around it: events, and objects that are settled for the next. What
 * is written is found by unit.c and ordered by order.c; run.c writes it. */
#include "../relation/relation.h"
#include "flush.h"
#include <stdalign.h>

#define FLUSHES_MOST 100        /* of a commit, one for the work of the other's events */

/* What was one statement were a delete and an insert for the program. */
static bool replaced_events(const amph_work *w, amph_error *err)
{
	return amph__run_event(w->change->replaces, AMPH_AFTER_DELETE, err) &&
	       amph__run_event(w->object, AMPH_AFTER_INSERT, err);
}

static bool run_after_events(amph_session *s, const amph_work_list *work, amph_error *err)
{
	static const amph_event_kind kinds[] = { AMPH_AFTER_INSERT, AMPH_AFTER_UPDATE,
						 AMPH_AFTER_DELETE };
	const amph_mapper *unheard = NULL;      /* nobody listens for what was done to objects of this */
	uint8_t op = 0;

	for (size_t i = 0; i < work->n; i++) {
		const amph_work *w = &work->items[i];
		const amph_mapper *m = w->object->extent->mapper;

		if (w->partial || (!w->change->replaces && m == unheard && w->op == op))
			continue;
		if (!w->change->replaces && !amph__has_event(s, m, kinds[w->op])) {
			unheard = m;
			op = w->op;
			continue;
		}
		unheard = NULL;
		s->woken = true;
		if (w->change->replaces ? !replaced_events(w, err)
				: !amph__run_event(w->object, kinds[w->op], err))
			return false;
	}
	return true;
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
			if (amph__object_is_modified(o) || !amph__lists_are_own(o, NULL))
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
	alignas(max_align_t) char room[256];
	amph_work_list work = { .session = s };

	if (s && s->in_flush)
		return amph__error_misuse(err, "a flush is under way: an event handler must not flush");
	if (!amph__session_may_run(s, err))
		return false;
	if (nothing_to_do(s))
		return true;
	amph__arena_init_in(&work.changes, s->allocator, room, sizeof room);
	s->in_flush = true;
	s->stats.flushes++;
	bool ok = amph__run_session_event(s, AMPH_BEFORE_FLUSH, err) &&
		  amph__unit_collect(s, &work, err) && amph__unit_order(&work, err) &&
		  amph__runs_write(s, &work, err);
	ok = settle_all(s, &work, ok, err) && run_after_events(s, &work, err) &&
	     after_flush(s, err);
	s->in_flush = false;
	amph__text_give(s, s->dropped);
	s->dropped = NULL;
	amph__free(s->allocator, work.items);
	amph__arena_clear(&work.changes);
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
