/* The undo journal: what objects were at the start of each savepoint level. */
#include "state.h"
#include <string.h>

bool amph__list_push(amph_session *s, amph_object_list *l, amph_object *o)
{
	if (!amph__grow(s->allocator, (void **)&l->items, &l->cap, l->n + 1, sizeof *l->items))
		return false;
	l->items[l->n++] = o;
	return true;
}

void amph__list_remove(amph_object_list *l, const amph_object *o)
{
	for (size_t i = l->n; i-- > 0;) {
		if (l->items[i] != o)
			continue;
		memmove(l->items + i, l->items + i + 1, (l->n - i - 1) * sizeof *l->items);
		l->n--;
		return;
	}
}

static amph_journal_entry *entry_of(const amph_object *o)
{
	return o->journal ? &o->extent->session->journal.items[o->journal - 1] : NULL;
}

static amph_object *object_at(const amph_journal_entry *e, size_t i)
{
	return (amph_object *)(void *)((char *)e->object + i * e->object->extent->slab.slot_size);
}

static bool has_row(uint8_t state)
{
	return state == OBJECT_PERSISTENT || state == OBJECT_DELETED;
}

static bool is_zero(const char *bytes, size_t n)
{
	return !n || (!*bytes && !memcmp(bytes, bytes + 1, n - 1));
}

bool amph__journal_reserve(amph_session *s, size_t n)
{
	amph_journal *j = &s->journal;

	return amph__grow(s->allocator, (void **)&j->items, &j->cap, j->n + n, sizeof *j->items);
}

static bool is_noted(const amph_object *o)
{
	return o->journal && entry_of(o)->level >= o->extent->session->level;
}

static bool is_blank(const amph_object *o)
{
	return !has_row(o->state) && is_zero(amph__snapshot(o), o->extent->mapper->size);
}

/* A new entry without copies, which becomes the object's; NULL: no memory. */
static amph_journal_entry *add_entry(amph_object *o, amph_error *err)
{
	amph_session *s = o->extent->session;
	amph_journal *j = &s->journal;

	if (!amph__journal_reserve(s, 1)) {
		amph__error_nomem(err);
		return NULL;
	}
	amph_journal_entry *e = &j->items[j->n++];
	*e = (amph_journal_entry){
		.object = o, .n = 1, .level = s->level, .older = o->journal, .state = o->state,
		.expired = o->expired, .part = o->part, .hybrids = o->hybrids, .numbered = o->numbered,
		.text = o->text };
	o->journal = (uint32_t)j->n;
	return e;
}

bool amph__journal_note(amph_object *o, amph_error *err)
{
	size_t size = o->extent->mapper->size;

	if (is_noted(o))
		return true;
	bool blank = is_blank(o);
	amph_text_block *copies = amph__text_take(o->extent->session, blank ? size : size * 2);
	if (!copies)
		return amph__error_nomem(err);
	char *copy = (char *)(copies + 1);
	memcpy(copy, amph__members(o), size);
	if (!blank)
		memcpy(copy + size, amph__snapshot(o), size);
	amph_journal_entry *e = add_entry(o, err);
	if (!e) {
		amph__text_give(o->extent->session, copies);
		return false;
	}
	e->blank = blank;
	e->copies = copies;
	return true;
}

/* The last entry takes one more: a new object that is as those it has, and behind them. */
static bool join_last(amph_object *o, bool has_key)
{
	amph_journal *j = &o->extent->session->journal;
	amph_journal_entry *e = j->n ? &j->items[j->n - 1] : NULL;

	if (!e || !e->in_snapshot || e->text || o->text || o->journal || e->older ||
	    e->level != o->extent->session->level || e->had_key != has_key || e->state != o->state ||
	    e->expired != o->expired || e->part != o->part || e->hybrids != o->hybrids ||
	    e->numbered != o->numbered || e->object->extent != o->extent || object_at(e, e->n) != o)
		return false;
	e->n++;
	o->journal = (uint32_t)j->n;
	return true;
}

bool amph__journal_note_new(amph_object *o, bool has_key, amph_error *err)
{
	bool noted = is_noted(o);

	if (o->state != OBJECT_PENDING || !is_blank(o) || (noted && !entry_of(o)->in_snapshot))
		return amph__journal_note(o, err);
	if (!noted && !join_last(o, has_key)) {
		amph_journal_entry *e = add_entry(o, err);

		if (!e)
			return false;
		e->blank = e->in_snapshot = true;
		e->had_key = has_key;
	}
	memcpy(amph__snapshot(o), amph__members(o), o->extent->mapper->size);
	return true;
}

/* Columns, hybrids and relationships: what else is in the struct is the program's, and stays. */
static void copy_mapped(const amph_mapper *m, void *to, const void *from)
{
	for (size_t i = 0; i < m->n_columns + m->n_hybrids; i++) {
		const amph_slot *slot = i < m->n_columns ? &m->columns[i].slot
							 : &m->hybrids[i - m->n_columns].slot;

		memcpy((char *)to + slot->offset, (const char *)from + slot->offset,
		       amph_type_size(slot->type, slot->nullable));
	}
	for (const amph_relation *r = m->relations; r && r->member; r++)
		memcpy((char *)to + r->offset, (const char *)from + r->offset, sizeof(void *));
}

/* A new object that had a row for a while: its members are as in that row, since what the
 * program assigned to them need not live any longer; but its key is the database's to give. */
static void undo_insert(amph_object *o, const char *members)
{
	const amph_mapper *m = o->extent->mapper;

	copy_mapped(m, amph__members(o), amph__snapshot(o));
	for (size_t i = 0; i < m->n_keys; i++) {
		const amph_mapped_column *c = &m->columns[m->keys[i]];
		size_t size = amph_type_size(c->slot.type, c->slot.nullable);

		if (c->identity || (c->server_default && is_zero(members + c->slot.offset, size)))
			memcpy((char *)amph__members(o) + c->slot.offset, members + c->slot.offset, size);
	}
}

/* The same of one whose snapshot is what it was, or its row: both as the program made it, but for the key
 * where the database gave that. Blank: it was attached anew, and is the program's. */
static void undo_new(amph_object *o, const amph_journal_entry *e)
{
	const amph_mapper *m = o->extent->mapper;

	if (o->state == OBJECT_PENDING)
		amph__object_drop_text_to(o, e->text);
	if (!is_zero(amph__snapshot(o), m->size))
		copy_mapped(m, amph__members(o), amph__snapshot(o));
	memset(amph__snapshot(o), 0, m->size);
	if (m->identity >= 0 && !e->had_key) {
		const amph_slot *slot = &m->columns[m->identity].slot;

		memset((char *)amph__members(o) + slot->offset, 0,
		       amph_type_size(slot->type, slot->nullable));
	}
}

/* A new object that was inserted becomes transient again, one that was deleted comes back, and
 * the others get the members that they had. */
static void undo(amph_session *s, const amph_journal_entry *e, amph_object *o)
{
	size_t size = o->extent->mapper->size;
	amph_extent *extent = amph__extent_of(o);
	const char *members = e->copies ? (const char *)(e->copies + 1) : NULL;

	o->deleted = o->replaced = false;
	o->numbered = e->numbered;
	if (o->expunged) {
		/* out of the session it stays; but its row is as it was, not as the object is */
		o->detached = has_row(e->state);
		o->expired = o->detached;
		o->journal = e->older;
		return;
	}
	bool unwritten = o->state == OBJECT_PENDING;
	if (unwritten)
		o->group = NULL;
	if (has_row(o->state)) {
		amph__identity_remove(extent, o);
		extent->slab.live--;
	}
	if (e->in_snapshot) {
		undo_new(o, e);
	} else if (e->state == OBJECT_PENDING && !unwritten && !is_zero(amph__snapshot(o), size)) {
		undo_insert(o, members);
		memset(amph__snapshot(o), 0, size);
	} else {
		amph__object_drop_text_to(o, e->text);
		if (e->blank)
			memset(amph__snapshot(o), 0, size);
		else
			memcpy(amph__snapshot(o), members + size, size);
		/* as the database has it again */
		copy_mapped(o->extent->mapper, amph__members(o),
			    has_row(e->state) ? members + size : members);
	}
	o->cascaded = false;
	o->state = e->state == OBJECT_PENDING ? OBJECT_TRANSIENT : e->state;
	if (o->state == OBJECT_DELETED)
		o->state = OBJECT_PERSISTENT;
	o->expired = e->expired;
	s->any_expired |= o->expired;
	o->part = e->part;
	o->hybrids = e->hybrids;
	o->journal = e->older;
	if (has_row(o->state)) {
		/* its place in the table was free a moment ago, so this needs no memory */
		amph__identity_add(extent, o);
		extent->slab.live++;
	}
}

void amph__journal_undo(amph_session *s, uint32_t level)
{
	amph_journal *j = &s->journal;

	while (j->n && j->items[j->n - 1].level >= level) {
		amph_journal_entry *e = &j->items[--j->n];

		for (size_t i = e->n; i-- > 0;)
			undo(s, e, object_at(e, i));
		amph__text_give(s, e->copies);
	}
}

/* Blocks of e that are older than those of the level below are kept by that level's entry. An entry of
 * many objects has none. */
static void free_replaced(amph_session *s, const amph_journal_entry *e, const amph_text_block *until)
{
	amph_text_block **link = &e->object->text;

	while (*link && *link != e->text)
		link = &(*link)->next;
	while (*link && *link != until) {
		amph_text_block *b = *link;

		*link = b->next;
		b->next = NULL;
		amph__text_give(s, b);
	}
}

void amph__journal_merge(amph_session *s, uint32_t level)
{
	amph_journal *j = &s->journal;
	size_t kept = j->n;

	for (size_t i = j->n; i-- > 0 && j->items[i].level >= level;)
		kept = i;
	for (size_t i = kept; i < j->n; i++) {
		amph_journal_entry *e = &j->items[i];
		amph_journal_entry *older = e->older ? &j->items[e->older - 1] : NULL;

		if (older && older->level == level - 1) {
			if (e->replaced)
				free_replaced(s, e, older->text);
			older->replaced |= e->replaced;
			e->object->journal = e->older;
			amph__text_give(s, e->copies);
			continue;
		}
		e->level = level - 1;
		for (size_t o = 0; o < e->n; o++)
			object_at(e, o)->journal = (uint32_t)kept + 1;
		j->items[kept++] = *e;
	}
	j->n = kept;
}

void amph__journal_forget(amph_session *s)
{
	amph_journal *j = &s->journal;

	for (size_t i = j->n; i-- > 0;) {
		amph_journal_entry *e = &j->items[i];

		if (e->replaced)
			free_replaced(s, e, NULL);
		for (size_t o = 0; o < e->n; o++)
			object_at(e, o)->journal = 0;
		amph__text_give(s, e->copies);
	}
	j->n = 0;
}
