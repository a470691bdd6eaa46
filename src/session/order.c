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

static bool index_put(key_index *index, const char *key, size_t len, void *value)
{
	return key && (!len || amph__map_put(&index->map, key, len, value));
}

/* ---- levels: a row comes after those that it depends on ---- */

typedef struct leveller {
	amph_work_list *work;
	key_index rows;         /* work by the key that others refer to */
	bool inserts;           /* else deletes: the same levels, taken the other way round */
	amph_arena *arena;
	amph_error *err;
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
	const char *key = key_of(l->arena, w->object->mapper, (columns){ r->columns, r->n },
				 values_of(l, w), target_tag(r), &len);

	if (!key)
		l->failed = true;
	return key && len ? amph__map_get(&l->rows.map, key, len) : NULL;
}

enum { MARK_NEW, MARK_OPEN, MARK_DONE };

/* A nullable reference that closes a circle is left out of the insert and set
 * by an update after it. */
static bool postpone(leveller *l, amph_work *w, const amph_mapped_reference *r)
{
	amph_work later = { .object = w->object, .op = AMPH_DML_UPDATE, .phase = PHASE_UPDATE,
			    .order = l->work->n, .mark = MARK_DONE, .partial = true };

	for (size_t i = 0; i < r->n; i++) {
		w->set.bits[r->columns[i] / 64] &= ~((uint64_t)1 << r->columns[i] % 64);
		amph__set_add(&later.set, r->columns[i]);
	}
	/* the list has room: see make_room */
	l->work->items[l->work->n++] = later;
	return true;
}

/* Depth first. A circle of references that cannot be NULL has no order: the database refuses it. */
static void visit(leveller *l, amph_work *w, uint32_t depth)
{
	const amph_mapper *m = w->object->mapper;

	if (depth > 10000) {
		l->failed = true;
		amph__error(l->err, "54001", "rows of \"%s\" refer to each other more than 10000 deep",
			    m->table->name);
		return;
	}
	w->mark = MARK_OPEN;
	for (size_t i = 0; i < m->n_references && !l->failed; i++) {
		const amph_mapped_reference *r = &m->references[i];

		if (r->target->flush_rank != m->flush_rank)
			continue;
		amph_work *parent = parent_of(l, w, r);
		if (!parent || parent == w)
			continue;
		if (parent->mark == MARK_NEW)
			visit(l, parent, depth + 1);
		if (parent->mark == MARK_DONE) {
			if (w->level <= parent->level)
				w->level = parent->level + 1;
		} else if (l->inserts && r->nullable) {
			postpone(l, w, r);
		}
	}
	w->mark = MARK_DONE;
}

static bool has_peer_references(const amph_mapper *m)
{
	for (size_t i = 0; i < m->n_references; i++)
		if (m->references[i].target->flush_rank == m->flush_rank)
			return true;
	return false;
}

/* Indexes the rows of one operation under every key that their model is referred to by. */
static bool index_targets(leveller *l, amph_work *w, const amph_registry *registry)
{
	const amph_mapper *m = w->object->mapper;

	for (size_t i = 0; i < registry->n_mappers; i++) {
		const amph_mapper *from = registry->mappers[i];

		if (from->flush_rank != m->flush_rank)
			continue;
		for (size_t k = 0; k < from->n_references; k++) {
			const amph_mapped_reference *r = &from->references[k];
			size_t len;

			if (r->target != m)
				continue;
			const char *key = key_of(l->arena, m, (columns){ r->target_columns, r->n },
						 values_of(l, w), target_tag(r), &len);
			if (!index_put(&l->rows, key, len, w))
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
			most += work->items[i].object->mapper->n_references;
	return amph__grow(work->session->allocator, (void **)&work->items, &work->cap, most,
			  sizeof *work->items);
}

static bool level_rows(amph_work_list *work, amph_dml op, amph_arena *arena, amph_error *err)
{
	leveller l = { .work = work, .inserts = op == AMPH_DML_INSERT, .arena = arena, .err = err };
	size_t n = work->n;
	bool ok = make_room(work, op);

	amph__map_init(&l.rows.map, work->session->allocator, 0);
	l.rows.arena = arena;
	for (size_t i = 0; ok && i < n; i++)
		if (work->items[i].op == op && has_peer_references(work->items[i].object->mapper))
			ok = index_targets(&l, &work->items[i], work->session->engine->registry);
	if (!ok)
		amph__error_nomem(err);
	for (size_t i = 0; ok && i < n && l.rows.map.count; i++)
		if (work->items[i].op == op && work->items[i].mark == MARK_NEW)
			visit(&l, &work->items[i], 0);
	if (l.failed && ok && err && !*err->sqlstate)
		amph__error_nomem(err);
	amph__map_clear(&l.rows.map);
	return ok && !l.failed;
}

/* ---- unique values that are used again ---- */

typedef struct uniqueness {
	amph_work_list *work;
	amph_arena *arena;
	key_index freed;        /* values that a delete or an update gives up, to its work */
	bool found;
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
	return (uint32_t)m->ordinal << 16 | (uint32_t)i;
}

static bool note_freed(uniqueness *u, amph_work *w)
{
	const amph_mapper *m = w->object->mapper;

	for (size_t i = 0; i <= m->n_uniques; i++) {
		columns c = unique_at(m, i);
		size_t len;

		if (w->op == AMPH_DML_INSERT || (w->op == AMPH_DML_UPDATE && !touches(&w->set, c)))
			continue;
		const char *key = key_of(u->arena, m, c, amph__snapshot(w->object),
					 unique_tag(m, i), &len);
		if (!index_put(&u->freed, key, len, w))
			return false;
	}
	return true;
}

static bool give_level(uniqueness *u, amph_work *taker, amph_work *giver);

/* Follows the chain of updates that wait for each other's values. */
static bool chain(uniqueness *u, amph_work *w)
{
	const amph_mapper *m = w->object->mapper;

	w->mark = MARK_OPEN;
	for (size_t i = 0; i <= m->n_uniques; i++) {
		columns c = unique_at(m, i);
		size_t len;

		if (w->op == AMPH_DML_UPDATE && !touches(&w->set, c))
			continue;
		const char *key = key_of(u->arena, m, c, amph__members(w->object),
					 unique_tag(m, i), &len);
		if (!key)
			return false;
		amph_work *giver = len ? amph__map_get(&u->freed.map, key, len) : NULL;
		if (giver && giver != w && !give_level(u, w, giver))
			return false;
	}
	w->mark = MARK_DONE;
	return true;
}

static void unique_columns(const amph_work *w, amph_column_set *set)
{
	const amph_mapper *m = w->object->mapper;

	for (size_t i = 0; i <= m->n_uniques; i++) {
		columns c = unique_at(m, i);

		for (size_t k = 0; k < c.n; k++)
			if (amph__set_has(&w->set, c.numbers[k]))
				amph__set_add(set, c.numbers[k]);
	}
}

static bool give_level(uniqueness *u, amph_work *taker, amph_work *giver)
{
	u->found = true;
	if (giver->op == AMPH_DML_DELETE) {
		giver->phase = PHASE_EARLY_DELETE;
		return true;
	}
	if (giver->mark == MARK_NEW && !chain(u, giver))
		return false;
	if (giver->mark == MARK_OPEN) {
		/* a circle: the giver steps aside first, so that the taker may go */
		amph_work park = { .object = giver->object, .op = AMPH_DML_UPDATE,
				   .phase = PHASE_PARK, .mark = MARK_DONE, .partial = true,
				   .order = u->work->n };

		unique_columns(giver, &park.set);
		u->work->items[u->work->n++] = park;
		return true;
	}
	if (taker->op == AMPH_DML_INSERT)
		giver->phase = PHASE_FREE;
	else if (taker->level <= giver->level)
		taker->level = giver->level + 1;
	return true;
}

/* Deleted rows may be referred to by rows that go, or point elsewhere, in the same flush. */
static void advance_others(amph_work_list *work)
{
	for (size_t i = 0; i < work->n; i++) {
		amph_work *w = &work->items[i];
		const amph_mapper *m = w->object->mapper;

		if (w->phase == PHASE_DELETE)
			w->phase = PHASE_EARLY_DELETE;
		for (size_t r = 0; w->phase == PHASE_UPDATE && r < m->n_references; r++)
			if (touches(&w->set, (columns){ m->references[r].columns,
							m->references[r].n }))
				w->phase = PHASE_REPOINT;
	}
}

static bool may_collide(const amph_work_list *work)
{
	size_t givers = 0, takers = 0;

	for (size_t i = 0; i < work->n; i++) {
		const amph_work *w = &work->items[i];
		const amph_mapper *m = w->object->mapper;
		bool unique = false;

		for (size_t k = 0; k <= m->n_uniques && w->op == AMPH_DML_UPDATE && !unique; k++)
			unique = touches(&w->set, unique_at(m, k));
		givers += w->op == AMPH_DML_DELETE || unique;
		takers += w->op == AMPH_DML_INSERT || unique;
	}
	return givers && takers && givers + takers > 1;
}

static bool order_uniques(amph_work_list *work, amph_arena *arena, amph_error *err)
{
	uniqueness u = { .work = work, .arena = arena };
	size_t n = work->n;
	bool early = false;
	bool ok = true;

	if (!may_collide(work))
		return true;
	/* each update can be parked once */
	ok = amph__grow(work->session->allocator, (void **)&work->items, &work->cap, n * 2,
			sizeof *work->items);
	amph__map_init(&u.freed.map, work->session->allocator, 0);
	for (size_t i = 0; ok && i < n; i++) {
		work->items[i].mark = MARK_NEW;
		ok = note_freed(&u, &work->items[i]);
	}
	for (size_t i = 0; ok && i < n; i++)
		if (work->items[i].op != AMPH_DML_DELETE && work->items[i].mark == MARK_NEW)
			ok = chain(&u, &work->items[i]);
	for (size_t i = 0; i < work->n; i++)
		early |= work->items[i].phase == PHASE_EARLY_DELETE;
	if (early)
		advance_others(work);
	amph__map_clear(&u.freed.map);
	return ok ? true : amph__error_nomem(err);
}

/* ---- the order ---- */

static int compare_work(const void *a, const void *b)
{
	const amph_work *x = a, *y = b;
	const amph_mapper *mx = x->object->mapper, *my = y->object->mapper;

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
	if (mx != my)
		return mx->ordinal < my->ordinal ? -1 : 1;
	int sets = memcmp(&x->set, &y->set, sizeof x->set);
	if (sets)
		return sets;
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
