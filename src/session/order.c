/* The order of a flush. Models come in the order of their foreign keys; within models that
 * refer to each other, and to themselves, rows do. Unique values that are used again are freed
 * first, and where two rows swap theirs one of them steps aside. */
#include "state.h"
#include <stdlib.h>
#include <string.h>

/* Rows by the values of some columns: text of the values as the key. */
typedef struct key_index {
	amph_map map;
	amph_arena *arena;
} key_index;

typedef struct columns { const uint16_t *numbers; size_t n; } columns;

/* The values of columns as bytes that are equal where the values are; *len 0 where one is NULL. */
static const char *key_of(amph_arena *arena, const amph_mapper *m, columns c, const void *base,
			  uint32_t tag, size_t *len)
{
	amph_buf b;
	const char *key = "";

	*len = 0;
	amph__buf_init(&b, arena->allocator);
	amph__buf_add(&b, (const char *)&tag, sizeof tag);
	for (size_t i = 0; i < c.n; i++) {
		const amph_slot *slot = &m->columns[c.numbers[i]].slot;

		if (amph__slot_is_null(slot, base)) {
			amph__buf_clear(&b);
			return key;
		}
		size_t before = b.len;
		amph__slot_format(slot, base, &b);
		uint32_t size = (uint32_t)(b.len - before);
		amph__buf_add(&b, (const char *)&size, sizeof size);
	}
	key = b.failed ? NULL : amph__arena_copy(arena, b.text, b.len);
	if (key)
		*len = b.len;
	amph__buf_clear(&b);
	return key;
}

static bool index_put(key_index *index, const char *key, size_t len, const void *value)
{
	return key && (!len || amph__map_put(&index->map, key, len, (void *)(uintptr_t)value));
}

/* ---- levels: a row comes after those that it depends on ---- */

typedef struct leveller {
	amph_work_list *work;
	key_index rows;         /* work by the key that others refer to */
	bool inserts;           /* else deletes: the same levels, taken the other way round */
	size_t first_later;     /* works from here on set what was postponed */
	amph_arena *arena;
	bool failed;
} leveller;

static uint32_t tag_of(const amph_mapper *m, size_t reference_target)
{
	return (uint32_t)m->ordinal << 16 | (uint32_t)(reference_target & 0xffff);
}

/* A tag for the columns of the target that a reference names. */
static uint32_t target_tag(const amph_mapped_reference *r)
{
	uint32_t h = 0;

	for (size_t i = 0; i < r->n; i++)
		h = h * 31 + r->target_columns[i] + 1;
	return tag_of(r->target, h);
}

static const void *values_of(const leveller *l, const amph_work *w)
{
	return l->inserts ? amph__members(w->object) : amph__snapshot(w->object);
}

static amph_work *parent_of(leveller *l, const amph_work *w, const amph_mapped_reference *r)
{
	size_t len;
	const char *key = key_of(l->arena, w->object->extent->mapper, (columns){ r->columns, r->n },
				 values_of(l, w), target_tag(r), &len);

	if (!key)
		l->failed = true;
	return key && len ? amph__map_get(&l->rows.map, key, len) : NULL;
}

enum { MARK_NEW, MARK_OPEN, MARK_DONE };

/* A nullable reference that closes a circle is left out of the insert and set
 * by an update after it; of rows that are deleted it is made NULL before. */
static void postpone(leveller *l, amph_work *w, const amph_mapped_reference *r)
{
	amph_work later = { .object = w->object, .op = AMPH_DML_UPDATE, .phase = PHASE_UPDATE,
			    .order = (uint32_t)l->work->n, .mark = MARK_DONE, .partial = true };
	amph_column_set now = w->change->set, then = { { 0 } };

	if (!l->inserts)
		later.phase = PHASE_PARK;
	for (size_t i = 0; i < r->n; i++) {
		amph__set_remove(&now, r->columns[i]);
		amph__set_add(&then, r->columns[i]);
	}
	later.change = amph__change_of(l->work, &later, &then);
	const amph_change_of_row *change = amph__change_of(l->work, w, &now);
	if (!later.change || !change) {
		l->failed = true;
		return;
	}
	w->change = change;
	/* the list has room: see make_room */
	l->work->items[l->work->n++] = later;
	w->postponed = true;
}

static bool is_postponed(const leveller *l, const amph_work *w, const amph_mapped_reference *r)
{
	for (size_t i = l->work->n; w->postponed && i-- > l->first_later;)
		if (l->work->items[i].object == w->object &&
		    amph__set_has(&l->work->items[i].change->set, r->columns[0]))
			return true;
	return false;
}

/* Walks go as deep as rows depend on each other, so they have a stack of their own. */
typedef struct step {
	amph_work *work, *other;        /* other: what it waits for by its reference or unique at */
	size_t at;
} step;
typedef struct steps {
	const amph_allocator *allocator;
	step *items;
	size_t n, cap;
} steps;

static bool go_down(steps *s, amph_work *w)
{
	if (!amph__grow(s->allocator, (void **)&s->items, &s->cap, s->n + 1, sizeof *s->items))
		return false;
	w->mark = MARK_OPEN;
	s->items[s->n++] = (step){ .work = w };
	return true;
}

/* The row of a reference: it was visited, or is being visited, which closes a circle. */
static void follow(leveller *l, amph_work *w, const amph_mapped_reference *r, amph_work *parent)
{
	if (parent->mark == MARK_DONE) {
		if (w->level <= parent->level)
			w->level = parent->level + 1;
	} else if (r->nullable) {
		postpone(l, w, r);
	}
}

/* The circle that the last step closes by a reference that cannot be NULL: the last one in it that can is
 * postponed, and what was gone down to behind it is visited again, later. */
static bool cut_circle(leveller *l, steps *s, const amph_work *parent)
{
	for (size_t i = s->n - 1; i-- > 0;) {
		step *at = &s->items[i];
		const amph_mapped_reference *r = &at->work->object->extent->mapper->references[at->at];

		if (r->nullable) {
			postpone(l, at->work, r);
			for (; s->n > i + 1; s->n--) {
				s->items[s->n - 1].work->mark = MARK_NEW;
				s->items[s->n - 1].work->level = 0;
			}
			at->other = NULL;
			at->at++;
			return true;
		}
		if (at->work == parent)
			break;
	}
	return false;
}

/* Depth first. A circle of references that cannot be NULL has no order: the database refuses it. */
static void visit(leveller *l, steps *s, amph_work *first)
{
	l->failed |= !go_down(s, first);
	while (s->n && !l->failed) {
		step *top = &s->items[s->n - 1];
		amph_work *w = top->work;
		const amph_mapper *m = w->object->extent->mapper;

		if (top->at == m->n_references) {
			w->mark = MARK_DONE;
			s->n--;
			continue;
		}
		const amph_mapped_reference *r = &m->references[top->at];
		if (!top->other && r->target->flush_rank == m->flush_rank && !is_postponed(l, w, r))
			top->other = parent_of(l, w, r);
		if (top->other && top->other->mark == MARK_NEW) {
			l->failed |= !go_down(s, top->other);
			continue;
		}
		if (top->other && top->other != w && top->other->mark == MARK_OPEN && !r->nullable &&
		    cut_circle(l, s, top->other))
			continue;
		if (top->other && top->other != w)
			follow(l, w, r, top->other);
		top->other = NULL;
		top->at++;
	}
}

static bool has_peer_references(const amph_mapper *m)
{
	for (size_t i = 0; i < m->n_references; i++)
		if (m->references[i].target->flush_rank == m->flush_rank)
			return true;
	return false;
}

/* Indexes a row under every key that its model is referred to by: of the models of its own
 * rank, or of all. */
static bool index_targets(key_index *index, const amph_work *w, const void *values, bool peers)
{
	const amph_mapper *m = w->object->extent->mapper;
	const amph_registry *registry = w->object->extent->session->engine->registry;

	for (size_t i = 0; i < registry->n_mappers; i++) {
		const amph_mapper *from = registry->mappers[i];

		if (peers && from->flush_rank != m->flush_rank)
			continue;
		for (size_t k = 0; k < from->n_references; k++) {
			const amph_mapped_reference *r = &from->references[k];
			size_t len;

			if (r->target != m->root)
				continue;
			const char *key = key_of(index->arena, m, (columns){ r->target_columns, r->n },
						 values, target_tag(r), &len);
			if (!index_put(index, key, len, w))
				return false;
		}
	}
	return true;
}

/* References may be postponed, each at most once: the list must not move while it is walked. */
static bool make_room(amph_work_list *work, size_t from_op)
{
	size_t most = work->n;

	for (size_t i = 0; i < work->n; i++)
		if (work->items[i].op == from_op)
			most += work->items[i].object->extent->mapper->n_references;
	return amph__grow(work->session->allocator, (void **)&work->items, &work->cap, most,
			  sizeof *work->items);
}

static bool level_rows(amph_work_list *work, amph_dml op, amph_arena *arena, amph_error *err)
{
	leveller l = { .work = work, .inserts = op == AMPH_DML_INSERT, .first_later = work->n,
		       .arena = arena };
	steps s = { .allocator = work->session->allocator };
	size_t n = work->n;
	bool ok = make_room(work, op);

	amph__map_init(&l.rows.map, work->session->allocator, 0);
	l.rows.arena = arena;
	for (size_t i = 0; ok && i < n; i++)
		if (work->items[i].op == op && has_peer_references(work->items[i].object->extent->mapper))
			ok = index_targets(&l.rows, &work->items[i], values_of(&l, &work->items[i]), true);
	for (size_t i = 0; ok && i < n && l.rows.map.count && !l.failed; i++)
		if (work->items[i].op == op && work->items[i].mark == MARK_NEW)
			visit(&l, &s, &work->items[i]);
	amph__map_clear(&l.rows.map);
	amph__free(work->session->allocator, s.items);
	return (ok && !l.failed) || amph__error_nomem(err);
}

/* ---- unique values that are used again ---- */

typedef struct uniqueness {
	amph_work_list *work;
	amph_arena *arena;
	key_index freed;        /* values that a delete or an update gives up, to its work */
	key_index made, gone;   /* rows that are inserted and deleted, by what refers to them */
	amph_column_set *taken; /* of each work: the unique columns whose values others take */
	steps waiting, early;
	bool failed;
} uniqueness;

static columns unique_at(const amph_mapper *m, size_t i)
{
	if (i == 0)
		return (columns){ m->keys, m->n_keys };
	return (columns){ m->uniques[i - 1] + 1, m->uniques[i - 1][0] };
}

static bool touches(const amph_column_set *set, columns c)
{
	for (size_t i = 0; i < c.n; i++)
		if (amph__set_has(set, c.numbers[i]))
			return true;
	return false;
}

static uint32_t unique_tag(const amph_mapper *m, size_t i)
{
	/* those of the base are the same for all kinds */
	uint32_t ordinal = i <= m->root->n_uniques ? m->root->ordinal : m->ordinal;

	return ordinal << 16 | (uint32_t)i;
}

static bool note_freed(uniqueness *u, amph_work *w)
{
	const amph_mapper *m = w->object->extent->mapper;

	for (size_t i = 0; i <= m->n_uniques; i++) {
		columns c = unique_at(m, i);
		size_t len;

		if (w->partial || w->op == AMPH_DML_INSERT ||
		    (w->op == AMPH_DML_UPDATE && !touches(&w->change->set, c)))
			continue;
		const char *key = key_of(u->arena, m, c, amph__snapshot(w->object),
					 unique_tag(m, i), &len);
		if (!index_put(&u->freed, key, len, w))
			return false;
	}
	return true;
}

/* The work that gives up the value of unique i that w takes; NULL: none. */
static amph_work *giver_of(uniqueness *u, const amph_work *w, size_t i)
{
	const amph_mapper *m = w->object->extent->mapper;
	columns c = unique_at(m, i);
	size_t len;

	if (w->op == AMPH_DML_UPDATE && !touches(&w->change->set, c))
		return NULL;
	const char *key = key_of(u->arena, m, c, amph__members(w->object), unique_tag(m, i), &len);
	if (!key)
		u->failed = true;
	amph_work *giver = key && len ? amph__map_get(&u->freed.map, key, len) : NULL;
	return giver == w ? NULL : giver;
}

/* Whether reference r of an object has the key of a row in index. */
static bool refers_to(uniqueness *u, const key_index *index, const amph_mapped_reference *r,
		      const amph_mapper *m, const void *values)
{
	size_t len;
	const char *key = key_of(u->arena, m, (columns){ r->columns, r->n }, values, target_tag(r),
				 &len);

	if (!key)
		u->failed = true;
	return key && len && amph__map_get(&index->map, key, len) != NULL;
}

/* An update that refers to rows which are inserted must come after them. */
static bool waits_for_insert(uniqueness *u, const amph_work *w)
{
	const amph_mapper *m = w->object->extent->mapper;

	for (size_t i = 0; i < m->n_references; i++) {
		const amph_mapped_reference *r = &m->references[i];

		if (touches(&w->change->set, (columns){ r->columns, r->n }) &&
		    refers_to(u, &u->made, r, m, amph__members(w->object)))
			return true;
	}
	return false;
}

static bool leaves_deleted(uniqueness *u, const amph_work *w)
{
	const amph_mapper *m = w->object->extent->mapper;

	for (size_t i = 0; i < m->n_references; i++) {
		const amph_mapped_reference *r = &m->references[i];

		if (touches(&w->change->set, (columns){ r->columns, r->n }) &&
		    refers_to(u, &u->gone, r, m, amph__snapshot(w->object)))
			return true;
	}
	return false;
}

static bool is_none(const amph_column_set *set)
{
	static const amph_column_set none;

	return !memcmp(set, &none, sizeof none);
}

/* A key of another row cannot be a value that no row has, unless it may be NULL. */
static bool can_step_aside(const amph_mapper *m, size_t column)
{
	if (m->columns[column].type.nullable)
		return true;
	for (size_t i = 0; i < m->n_references; i++)
		for (size_t k = 0; k < m->references[i].n; k++)
			if (m->references[i].columns[k] == column)
				return false;
	return true;
}

/* The values in set step aside first, so that others may take them; where there is none that can, the
 * database says what is in the way. The list has room. */
static void park(uniqueness *u, amph_work *giver, const amph_column_set *set)
{
	if (giver->parked || is_none(set))
		return;
	amph_work parked = { .object = giver->object, .op = AMPH_DML_UPDATE, .phase = PHASE_PARK,
			     .partial = true, .mark = MARK_DONE, .order = (uint32_t)u->work->n };

	parked.change = amph__change_of(u->work, &parked, set);
	u->failed |= !parked.change;
	if (!parked.change)
		return;
	giver->parked = true;
	u->work->items[u->work->n++] = parked;
}

/* Of a unique key that w changes: those that it changes, or else one more, which it then writes back. */
static void add_parked(uniqueness *u, amph_work *w, columns c, bool is_primary, amph_column_set *set)
{
	const amph_mapper *m = w->object->extent->mapper;
	amph_column_set written = w->change->set;
	bool parked = false;

	for (size_t k = 0; k < c.n; k++)
		if (amph__set_has(&w->change->set, c.numbers[k]) && can_step_aside(m, c.numbers[k])) {
			amph__set_add(set, c.numbers[k]);
			parked = true;
		}
	for (size_t k = 0; k < c.n && !parked && !is_primary; k++)
		if (can_step_aside(m, c.numbers[k])) {
			amph__set_add(set, c.numbers[k]);
			amph__set_add(&written, c.numbers[k]);
			parked = true;
		}
	const amph_change_of_row *change = amph__change_of(u->work, w, &written);
	u->failed |= !change;
	w->change = change ? change : w->change;
}

static void unique_columns(uniqueness *u, amph_work *w, amph_column_set *set)
{
	const amph_mapper *m = w->object->extent->mapper;

	memset(set, 0, sizeof *set);
	for (size_t i = 0; i <= m->n_uniques; i++) {
		columns c = unique_at(m, i);

		if (touches(&w->change->set, c))
			add_parked(u, w, c, i == 0, set);
	}
}

/* An update goes before the inserts, and with it those whose values it takes itself. */
static void free_early(uniqueness *u, amph_work *first)
{
	amph_column_set set;

	u->failed |= !go_down(&u->early, first);
	while (u->early.n && !u->failed) {
		amph_work *giver = u->early.items[--u->early.n].work;

		giver->mark = MARK_DONE;
		if (giver->op != AMPH_DML_UPDATE || giver->phase == PHASE_FREE || giver->parked)
			continue;
		if (waits_for_insert(u, giver)) {
			unique_columns(u, giver, &set);
			park(u, giver, &set);
			continue;
		}
		giver->phase = PHASE_FREE;
		for (size_t i = 0; i <= giver->object->extent->mapper->n_uniques; i++) {
			amph_work *next = giver_of(u, giver, i);

			if (next)
				u->failed |= !go_down(&u->early, next);
		}
	}
}

static void give_level(uniqueness *u, amph_work *taker, amph_work *giver, size_t unique)
{
	columns c = unique_at(giver->object->extent->mapper, unique);
	amph_column_set set;

	for (size_t k = 0; k < c.n; k++)
		if (can_step_aside(giver->object->extent->mapper, c.numbers[k]))
			amph__set_add(&u->taken[giver - u->work->items], c.numbers[k]);
	if (giver->op == AMPH_DML_DELETE) {
		giver->phase = PHASE_EARLY_DELETE;
	} else if (giver->mark == MARK_OPEN) {
		/* a circle: the giver steps aside first, so that the taker may go */
		unique_columns(u, giver, &set);
		park(u, giver, &set);
	} else if (taker->op == AMPH_DML_INSERT) {
		free_early(u, giver);
	} else if (taker->level <= giver->level) {
		taker->level = giver->level + 1;
	}
}

/* Follows the chain of updates that wait for each other's values. */
static void chain(uniqueness *u, amph_work *first)
{
	u->failed |= !go_down(&u->waiting, first);
	while (u->waiting.n && !u->failed) {
		step *top = &u->waiting.items[u->waiting.n - 1];
		amph_work *w = top->work;

		if (top->at > w->object->extent->mapper->n_uniques) {
			w->mark = MARK_DONE;
			u->waiting.n--;
			continue;
		}
		if (!top->other)
			top->other = giver_of(u, w, top->at);
		if (top->other && top->other->op != AMPH_DML_DELETE && top->other->mark == MARK_NEW) {
			u->failed |= !go_down(&u->waiting, top->other);
			continue;
		}
		if (top->other)
			give_level(u, w, top->other, top->at);
		top->other = NULL;
		top->at++;
	}
}

static bool takes_deleted(uniqueness *u, const amph_work *w)
{
	for (size_t i = 0; i <= w->object->extent->mapper->n_uniques; i++) {
		const amph_work *giver = giver_of(u, w, i);

		if (giver && giver->op == AMPH_DML_DELETE)
			return true;
	}
	return false;
}

/* Rows that are deleted early must not be referred to any more. Where a row that refers to one
 * can be changed only after an insert, or only after the delete itself as it takes a value of a deleted
 * row (a link of a chain goes), the values that are used again step aside instead. */
static void park_deletes(uniqueness *u, size_t n)
{
	bool blocked = false;

	for (size_t i = 0; i < n && !blocked; i++) {
		const amph_work *w = &u->work->items[i];

		blocked = w->op == AMPH_DML_UPDATE && !w->partial && leaves_deleted(u, w) &&
			  (waits_for_insert(u, w) || takes_deleted(u, w));
	}
	for (size_t i = 0; i < n && blocked; i++) {
		amph_work *w = &u->work->items[i];

		if (w->phase != PHASE_EARLY_DELETE || is_none(&u->taken[i]) ||
		    touches(&u->taken[i], unique_at(w->object->extent->mapper, 0)))
			continue;
		w->phase = PHASE_DELETE;
		park(u, w, &u->taken[i]);
	}
}

/* Deleted rows may be referred to by rows that go, or point elsewhere, in the same flush. */
static void advance_others(uniqueness *u, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		amph_work *w = &u->work->items[i];

		if (w->phase == PHASE_DELETE && !w->parked)
			w->phase = PHASE_EARLY_DELETE;
		else if (w->phase == PHASE_UPDATE && !w->partial && leaves_deleted(u, w) &&
			 !waits_for_insert(u, w))
			w->phase = PHASE_REPOINT;
	}
}

static bool may_collide(const amph_work_list *work)
{
	size_t givers = 0, takers = 0;

	for (size_t i = 0; i < work->n; i++) {
		const amph_work *w = &work->items[i];
		const amph_mapper *m = w->object->extent->mapper;
		bool unique = false;

		for (size_t k = 0;
		     k <= m->n_uniques && w->op == AMPH_DML_UPDATE && !w->partial && !unique; k++)
			unique = touches(&w->change->set, unique_at(m, k));
		givers += w->op == AMPH_DML_DELETE || unique;
		takers += w->op == AMPH_DML_INSERT || unique;
	}
	return givers && takers && givers + takers > 1;
}

static bool index_collisions(uniqueness *u, size_t n)
{
	bool ok = true;

	for (size_t i = 0; ok && i < n; i++) {
		amph_work *w = &u->work->items[i];

		w->mark = MARK_NEW;
		ok = note_freed(u, w);
		if (w->op == AMPH_DML_INSERT)
			ok = ok && index_targets(&u->made, w, amph__members(w->object), false);
		else if (w->op == AMPH_DML_DELETE)
			ok = ok && index_targets(&u->gone, w, amph__snapshot(w->object), false);
	}
	return ok;
}

static void arrange(uniqueness *u, size_t n)
{
	bool early = false;

	for (size_t i = 0; i < n; i++) {
		amph_work *w = &u->work->items[i];

		if (w->op != AMPH_DML_DELETE && w->mark == MARK_NEW && !w->partial)
			chain(u, w);
	}
	park_deletes(u, n);
	for (size_t i = 0; i < n; i++)
		early |= u->work->items[i].phase == PHASE_EARLY_DELETE;
	if (early)
		advance_others(u, n);
}

static bool order_uniques(amph_work_list *work, amph_arena *arena, amph_error *err)
{
	key_index none = { .arena = arena };
	const amph_allocator *a = work->session->allocator;
	uniqueness u = { .work = work, .arena = arena, .freed = none, .made = none, .gone = none,
			 .waiting = { .allocator = a }, .early = { .allocator = a } };
	size_t n = work->n;

	if (!may_collide(work))
		return true;
	/* each can be parked once */
	u.taken = AMPH_NEWS(arena, amph_column_set, n);
	bool ok = u.taken && amph__grow(work->session->allocator, (void **)&work->items, &work->cap,
					n * 2, sizeof *work->items);
	amph__map_init(&u.freed.map, work->session->allocator, 0);
	amph__map_init(&u.made.map, work->session->allocator, 0);
	amph__map_init(&u.gone.map, work->session->allocator, 0);
	ok = ok && index_collisions(&u, n);
	if (ok)
		arrange(&u, n);
	amph__map_clear(&u.freed.map);
	amph__map_clear(&u.made.map);
	amph__map_clear(&u.gone.map);
	amph__free(a, u.waiting.items);
	amph__free(a, u.early.items);
	return (ok && !u.failed) || amph__error_nomem(err);
}

/* ---- the order ---- */

static int compare_work(const void *a, const void *b)
{
	const amph_work *x = a, *y = b;
	const amph_mapper *mx = x->object->extent->mapper, *my = y->object->extent->mapper;

	if (x->phase != y->phase)
		return x->phase < y->phase ? -1 : 1;
	if (mx->flush_rank != my->flush_rank) {
		int up = mx->flush_rank < my->flush_rank ? -1 : 1;

		return x->op == AMPH_DML_DELETE ? -up : up;
	}
	if (x->level != y->level) {
		int up = x->level < y->level ? -1 : 1;

		return x->op == AMPH_DML_DELETE ? -up : up;
	}
	/* new rows of one table are numbered in the order in which they were made */
	bool made = x->phase == PHASE_INSERT;
	uint16_t tx = made ? mx->root->ordinal : mx->ordinal, ty = made ? my->root->ordinal : my->ordinal;
	if (tx != ty)
		return tx < ty ? -1 : 1;
	if (!made && !amph__same_columns(x, y))
		return memcmp(&x->change->set, &y->change->set, sizeof x->change->set);
	return x->order < y->order ? -1 : x->order > y->order;
}

bool amph__unit_order(amph_work_list *work, amph_error *err)
{
	amph_arena *arena = &work->session->flush_arena;

	if (work->n < 2)
		return true;
	if (!level_rows(work, AMPH_DML_INSERT, arena, err) ||
	    !level_rows(work, AMPH_DML_DELETE, arena, err) || !order_uniques(work, arena, err))
		return false;
	for (size_t i = 1; i < work->n; i++) {
		if (compare_work(&work->items[i - 1], &work->items[i]) <= 0)
			continue;
		qsort(work->items, work->n, sizeof *work->items, compare_work);
		break;
	}
	return true;
}
