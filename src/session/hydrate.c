/* From rows to objects: each row is decoded straight into a slot; the identity map says whether
 * the slot becomes an object or is used again for the next row. */
#include "../relation/relation.h"
#include <string.h>

#define LIST_MAGIC 0x616d70686c697374u

/* Of n + 1 items behind the head: lists of pointers end in NULL. */
static void start_list(amph_session *s, amph_list_head *head, size_t n, size_t item_size)
{
	*head = (amph_list_head){ .next = s->lists, .n = n, .cap = n, .magic = LIST_MAGIC,
				  .self = head + 1 };
	if (s->lists)
		s->lists->prev = head;
	s->lists = head;
	memset((char *)(head + 1) + n * item_size, 0, item_size);
}

static amph_list_head *new_list(amph_session *s, size_t n, size_t item_size)
{
	size_t bytes;

	if (!amph__size_mul(n + 1, item_size, &bytes) ||
	    !amph__size_add(bytes, sizeof(amph_list_head), &bytes))
		return NULL;
	amph_list_head *head = amph__alloc(s->allocator, bytes);
	if (head)
		start_list(s, head, n, item_size);
	return head;
}

void amph__list_free(amph_session *s, amph_list_head *head)
{
	*(head->prev ? &head->prev->next : &s->lists) = head->next;
	if (head->next)
		head->next->prev = head->prev;
	head->magic = 0;
	if (head->noted)
		amph__map_remove(&s->own_lists, &head->self, sizeof head->self);
	if (head->collection && !head->retired) {
		s->n_collections--;
		s->n_items -= head->cap;
	}
	amph__text_give(s, head->text);
	amph__free(s->allocator, (void *)head->set);
	amph__free(s->allocator, head);
}

void *amph__collection_new(amph_session *s, size_t n)
{
	amph_list_head *head = new_list(s, n, sizeof(void *));

	if (!head)
		return NULL;
	head->collection = true;
	s->n_collections++;
	s->n_items += n;
	return head + 1;
}

/* As a result, which the program may release. */
static void *enter_list(amph_session *s, amph_list_head *head)
{
	if (amph__map_put(&s->results, &head->self, sizeof head->self, head))
		return head + 1;
	amph__list_free(s, head);
	return NULL;
}

void *amph__list_new_with(amph_session *s, size_t n, size_t item_size, amph_text_block *text)
{
	amph_list_head *head = new_list(s, n, item_size);
	void *list = head ? enter_list(s, head) : NULL;

	if (list)
		head->text = text;
	return list;
}

void *amph__list_new(amph_session *s, size_t n, size_t item_size)
{
	return amph__list_new_with(s, n, item_size, NULL);
}

size_t amph_length(const void *list)
{
	const amph_list_head *head = list ? (const amph_list_head *)list - 1 : NULL;

	return head && head->magic == LIST_MAGIC ? head->n : 0;
}

void amph__collection_note(amph_session *s, amph_list_head *head)
{
	if (!head->noted)
		head->noted = amph__map_put(&s->own_lists, &head->self, sizeof head->self, head);
}

amph_list_head *amph__collection_find(amph_session *s, const void *list)
{
	amph_list_head *head = amph__map_get(&s->own_lists, &list, sizeof list);

	if (head)
		return head;
	for (head = s->lists; head && (head->self != list || !head->collection); head = head->next)
		;
	if (head)
		amph__collection_note(s, head);
	return head;
}

void amph_release(amph_session *s, void *list)
{
	const void *self = list;
	/* by address alone: what was released already must not be looked at */
	amph_list_head *head = s && list ? amph__map_remove(&s->results, &self, sizeof self) : NULL;

	if (head)
		amph__list_free(s, head);
}

/* Rows as they are fetched, several at once: each decoded into a struct, whose members that are no
 * columns stay zero, with the text that it points to. */
#define BLOCK_ROWS 32
typedef struct row_block {
	amph_session *session;
	const amph_mapper *mapper;
	const amph_shape *shape;
	char *rows, *one;               /* one: a row as a struct of its own kind, where there are several */
	size_t size;                    /* of a row */
	size_t n, at;                   /* rows; of the next that gets text */
	amph_text_block *text[BLOCK_ROWS];
	void *plain[BLOCK_ROWS];        /* or so, if it is short */
	uint16_t plain_size[BLOCK_ROWS];
	uint32_t hash[BLOCK_ROWS];
	bool told;                      /* somebody wants to know of what is loaded */
	bool scattered;                 /* the map, when the hashes were taken */
} row_block;

/* How many of the members are hybrids: all of the model's, at the end, or none. */
static size_t n_hybrids_of(const amph_shape *shape, const amph_mapper *m)
{
	bool any = m->n_hybrids && shape->n_slots &&
		   amph__hybrid_at(m, shape->slots[shape->n_slots - 1].offset);

	return any ? m->n_hybrids : 0;
}

static void clear_slot(amph_object *o, const amph_slot *slot)
{
	size_t size = amph_type_size(slot->type, slot->nullable);

	memset((char *)amph__members(o) + slot->offset, 0, size);
	memset((char *)amph__snapshot(o) + slot->offset, 0, size);
}

/* The row is that of an object which is there: an expired one takes it over. Relationship members
 * are not columns, so they stay. */
static bool take_over(amph_object *known, const amph_shape *shape, const char *row,
		      amph_text_block **text, amph_error *err)
{
	const amph_mapper *m = known->extent->mapper;
	bool whole = shape->n_slots - n_hybrids_of(shape, m) == m->n_columns;

	if (!known->expired)
		return true;
	if (!amph__journal_note(known, err))
		return false;
	if (whole)
		amph__object_drop_text(known);
	/* they are of the row before */
	for (size_t i = 0; i < m->n_hybrids; i++)
		clear_slot(known, &m->hybrids[i].slot);
	for (size_t i = 0; i < shape->n_slots; i++) {
		const amph_slot *slot = &shape->slots[i];

		memcpy((char *)amph__members(known) + slot->offset,
		       row + slot->offset,
		       amph_type_size(slot->type, slot->nullable));
	}
	for (size_t i = 0; i < shape->n_slots; i++)
		memcpy((char *)amph__snapshot(known) + shape->slots[i].offset,
		       (const char *)amph__members(known) + shape->slots[i].offset,
		       amph_type_size(shape->slots[i].type, shape->slots[i].nullable));
	if (*text) {
		(*text)->next = known->text;
		known->text = *text;
		*text = NULL;
	}
	if (known->extent->mapper->relations)
		amph__relations_follow_keys(known);
	known->expired = !whole;
	known->hybrids = n_hybrids_of(shape, m) > 0;
	if (whole)
		known->part = false;
	return true;
}

/* An object that has a part of its columns gets the others, and keeps what the program assigned. */
static bool complete(amph_object *known, const amph_shape *shape, const char *row,
		     amph_text_block **text, amph_error *err)
{
	if (!amph__journal_note(known, err))
		return false;
	for (size_t i = 0; i < shape->n_slots; i++) {
		const amph_slot *slot = &shape->slots[i];
		size_t size = amph_type_size(slot->type, slot->nullable);

		if (amph__slot_equal(slot, amph__members(known), amph__snapshot(known)))
			memcpy((char *)amph__members(known) + slot->offset, row + slot->offset, size);
		memcpy((char *)amph__snapshot(known) + slot->offset, row + slot->offset, size);
	}
	if (*text) {
		(*text)->next = known->text;
		known->text = *text;
		*text = NULL;
	}
	known->part = false;
	if (known->extent->mapper->relations)
		amph__relations_follow_keys(known);
	return true;
}

/* A row as its own model has it: of which kind it is, and the members of that at their places. */
typedef struct kind_row {
	const amph_mapper *mapper;
	const amph_shape *shape;
	const char *row;
} kind_row;

static bool is_zero(const amph_slot *slot, const void *members)
{
	static const char zeros[64];

	return !memcmp((const char *)members + slot->offset, zeros,
		       amph_type_size(slot->type, slot->nullable));
}

/* The row has another value than the object had when the program assigned one. What .only left out it
 * did not have. */
static bool collides(const amph_object *o, const amph_slot *slot, const char *row)
{
	const void *now = amph__members(o), *before = amph__snapshot(o);

	return !amph__slot_equal(slot, now, before) && !amph__slot_equal(slot, row, before) &&
	       !amph__slot_equal(slot, row, now) && !(o->part && is_zero(slot, before));
}

/* An expired object that the program changed gets its row beneath the changes. A version that went on
 * is told as any other. */
static bool rebase(amph_object *o, const kind_row *kind, amph_text_block **text, amph_error *err)
{
	const amph_mapper *m = o->extent->mapper;

	for (size_t i = 0; i < kind->shape->n_slots; i++) {
		const amph_slot *slot = &kind->shape->slots[i];
		const amph_mapped_column *c = amph__column_at(m, slot->offset);

		if (!collides(o, slot, kind->row) &&
		    (!c || !c->version || amph__slot_equal(slot, kind->row, amph__snapshot(o))))
			continue;
		amph__error(err, "40001", "update of \"%s\": member \"%s\" of the row has changed since the "
			    "object was read: refresh objects before changing them that a statement may have "
			    "written, or that a commit expired", m->table->name, slot->name);
		if (err)
			err->status = AMPH_E_STALE;
		amph__error_names(err, m->table->name, c ? c->name : NULL, NULL);
		return false;
	}
	if (!complete(o, kind->shape, kind->row, text, err))
		return false;
	o->expired = false;
	return true;
}

/* A list in the making: its head comes before the items. */
enum { HEAD_ITEMS = sizeof(amph_list_head) / sizeof(void *) };
_Static_assert(HEAD_ITEMS * sizeof(void *) == sizeof(amph_list_head), "items follow the head");
typedef struct row_list {
	void **room;
	size_t n, cap;                  /* with the head */
	amph_group *group;              /* of those that this result brings in; NULL: not kept */
	amph_object_list members;       /* what will be in it */
} row_list;

/* Only objects that have relationships are asked for their siblings. Without memory for a group
 * each is alone. */
static void start_group(amph_session *s, const amph_mapper *m, row_list *rows)
{
	bool any = false;

	for (size_t i = 0; i < m->n_kinds; i++)
		any |= m->kinds[i]->relations != NULL;
	if (!any)
		return;
	rows->group = amph__arena_alloc(&s->text_arena, sizeof *rows->group);
	if (rows->group)
		*rows->group = (amph_group){ .raise = s->raise };
	else
		s->text_arena.failed = false;
}

/* While the object is in the cache. */
static void join_group(amph_session *s, row_list *rows, amph_object *o)
{
	if (rows->group && !o->group && amph__list_push(s, &rows->members, o))
		o->group = rows->group;
}

static void end_group(amph_session *s, row_list *rows)
{
	amph_object_list *l = &rows->members;
	amph_group *g = rows->group;

	if (g && l->n)
		g->objects = amph__arena_copy(&s->text_arena, l->items, l->n * sizeof *l->items);
	if (g && g->objects) {
		g->n = l->n;
	} else if (l->n) {
		s->text_arena.failed = false;
		for (size_t i = 0; i < l->n; i++)
			l->items[i]->group = NULL;
	}
	amph__free(s->allocator, l->items);
}

static void *store_row(void *ctx, size_t size)
{
	row_block *b = ctx;
	size_t i = b->at++;

	b->text[i] = NULL;
	b->plain[i] = NULL;
	if (!size)
		return NULL;
	if (size <= AMPH_PLAIN_MOST) {
		b->plain_size[i] = (uint16_t)size;
		return b->plain[i] = amph__plain_take(b->session, size);
	}
	b->text[i] = amph__text_take(b->session, size);
	return b->text[i] ? b->text[i] + 1 : NULL;
}

static void drop_text(row_block *b)
{
	for (size_t i = 0; i < b->at; i++) {
		amph__text_give(b->session, b->text[i]);
		if (b->plain[i])
			amph__plain_give(b->session, b->plain[i], b->plain_size[i]);
	}
	b->at = 0;
}

/* Of a row for an object that is there: it may get others, and gives back what it does not need. */
static bool in_block(row_block *b, size_t i, const kind_row *kind, amph_error *err)
{
	return !b->plain[i] || amph__row_own_text(b->session, kind->shape, (char *)(uintptr_t)kind->row,
						  &b->text[i], err);
}

static bool fetch_block(row_block *b, amph_result *result, size_t most, amph_error *err)
{
	amph_store store = { store_row, b };

	b->at = b->n = 0;
	if (amph__fetch(b->session->conn, result, b->shape, b->rows, b->size, most, &store,
			&b->n, err))
		return true;
	drop_text(b);
	return false;
}

static const amph_mapper *kind_of(const amph_mapper *m, const char *row, amph_error *err)
{
	const amph_slot *slot = &m->root->wide[m->discriminator].slot;
	const char *kind = *(const char *const *)amph__slot_value(slot, row);

	for (size_t i = 0; i < m->n_kinds && kind; i++)
		if (m->kinds[i]->kind && !strcmp(m->kinds[i]->kind, kind))
			return m->kinds[i];
	amph__error(err, "22023", "a row of \"%s\" is of kind \"%.60s\", which is of no model",
		    m->table->name, kind ? kind : "");
	amph__error_names(err, m->table->name, m->root->wide[m->discriminator].name, NULL);
	return NULL;
}

/* From the place of a column among those of all kinds to its own; a member that has no form of NULL
 * cannot have it. */
static bool move_column(const amph_mapper *m, size_t i, const char *row, char *to, amph_error *err)
{
	const amph_slot *from = &m->root->wide[m->to_wide[i]].slot, *slot = &m->columns[i].slot;

	memcpy(to + slot->offset, row + from->offset, amph_type_size(slot->type, false));
	if (slot->nullable == from->nullable) {
		memcpy(to + slot->offset, row + from->offset, amph_type_size(slot->type, slot->nullable));
		return true;
	}
	return !amph__slot_is_null(from, row) ||
	       amph__error(err, "22002", "member \"%s\" of %s has no form of NULL, which its row has",
			   slot->name, m->model->name);
}

static bool as_kind(const row_block *b, kind_row *out, amph_error *err)
{
	const amph_mapper *m = b->mapper;
	const char *row = out->row;

	out->mapper = kind_of(m, row, err);
	if (!out->mapper)
		return false;
	memset(b->one, 0, m->root->most_size);
	out->row = b->one;
	if (b->shape->n_slots != m->root->n_wide) {
		/* columns of the base only */
		memcpy(b->one, row, m->size);
		return true;
	}
	out->shape = &out->mapper->shape;
	for (size_t c = 0; c < out->mapper->n_columns; c++)
		if (!move_column(out->mapper, c, row, b->one, err))
			return false;
	return true;
}

/* The row as its own model has it, of which kind that is. */
static bool kind_at(const row_block *b, size_t i, kind_row *out, amph_error *err)
{
	*out = (kind_row){ b->mapper, b->shape, b->rows + i * b->size };
	return b->mapper->n_kinds < 2 || as_kind(b, out, err);
}

/* An event may have loaded others, whose keys made the map change the hashes. */
static uint32_t hash_of(row_block *b, const amph_extent *e, size_t i)
{
	if (e->root->identity.scattered != b->scattered)
		b->hash[i] = amph__identity_hash(e, b->rows + i * b->size);
	return b->hash[i];
}

/* A slot for a row that is in no map yet. */
static amph_object *adopt(row_block *b, size_t i, const kind_row *kind)
{
	const amph_mapper *m = kind->mapper;
	amph_extent *e = &b->session->extents[m->ordinal];
	const char *row = kind->row;
	amph_object *o = amph__object_take(b->session, m);

	if (!o)
		return NULL;
	memcpy(amph__members(o), row, m->size);
	memcpy((char *)o + e->slab.snapshot_at, row, m->size);
	o->text = b->text[i];
	b->text[i] = NULL;
	b->plain[i] = NULL;
	o->state = OBJECT_PERSISTENT;
	size_t n_hybrids = n_hybrids_of(kind->shape, m);
	o->hybrids = n_hybrids > 0;
	o->part = kind->shape->n_slots - n_hybrids != m->n_columns;
	e->slab.live++;
	amph__identity_put(e, hash_of(b, e, i), o);
	return o;
}

/* Whether somebody wants to know of what is loaded, of any kind. */
static bool is_told(const row_block *b)
{
	const amph_mapper *m = b->mapper;
	bool told = false;

	for (size_t i = 0; i < m->n_kinds && !told; i++)
		told = amph__has_event(b->session, m->kinds[i], AMPH_AFTER_LOAD);
	return told;
}

/* What is told may listen to more, or to less. */
static bool tell(row_block *b, amph_object *o, amph_error *err)
{
	bool ok = amph__run_event(o, AMPH_AFTER_LOAD, err);

	b->told = is_told(b);
	return ok;
}

static bool place_new(row_block *b, size_t i, const kind_row *kind, amph_object **out, amph_error *err)
{
	amph_extent *e = &b->session->extents[b->mapper->ordinal];

	/* the event of a row before may have loaded others of the model */
	if (b->told && !amph__identity_reserve(e, e->root->identity.count + 1))
		return amph__error_nomem(err);
	*out = adopt(b, i, kind);
	if (!*out)
		return amph__error_nomem(err);
	return !b->told || tell(b, *out, err);
}

/* The row is that of an object which is there. */
static bool place_known(row_block *b, size_t i, kind_row *kind, amph_object *known, amph_error *err)
{
	const amph_mapper *m = known->extent->mapper;
	bool persistent = known->state == OBJECT_PERSISTENT;
	bool all = m == kind->mapper && kind->shape->n_slots == m->n_columns && persistent;

	if (persistent && (b->session->overwrite || n_hybrids_of(kind->shape, kind->mapper) > 0))
		known->expired = true;
	if ((known->part || known->expired) && !in_block(b, i, kind, err))
		return false;
	if (known->part && !known->expired && all &&
	    !complete(known, kind->shape, kind->row, &b->text[i], err))
		return false;
	if (known->expired && b->session->rebase && all && amph__object_is_modified(known))
		return rebase(known, kind, &b->text[i], err);
	/* what a program assigned is not lost to a query that could not flush it first */
	if (!known->expired || amph__object_is_modified(known))
		return true;
	if (m != kind->mapper)
		return amph__error(err, "0A000", "a row of \"%s\" is of another kind now than its object",
				   m->table->name);
	return take_over(known, kind->shape, kind->row, &b->text[i], err) &&
	       (!b->told || tell(b, known, err));
}

/* From a row to its object, new or known. */
static bool place_row(row_block *b, size_t i, amph_object **out, amph_error *err)
{
	amph_extent *e = &b->session->extents[b->mapper->ordinal];
	kind_row kind;

	if (!kind_at(b, i, &kind, err))
		return false;
	*out = amph__identity_at(e, hash_of(b, e, i), kind.row);
	return *out ? place_known(b, i, &kind, *out, err) : place_new(b, i, &kind, out, err);
}

/* Room in the identity map, and its places on their way into the cache. */
static bool prepare_map(row_block *b, amph_error *err)
{
	amph_extent *e = &b->session->extents[b->mapper->ordinal];

	if (!amph__identity_reserve(e, e->root->identity.count + b->n))
		return amph__error_nomem(err);
	b->told = is_told(b);
	b->scattered = e->root->identity.scattered;
	amph__identity_hashes(e, b->rows, b->size, b->n, b->hash);
	return true;
}

static bool place_block(row_block *b, row_list *rows, amph_error *err)
{
	amph_session *s = b->session;
	bool ok = prepare_map(b, err);
	amph_object *o;

	/* and NULL behind the last */
	if (ok && !amph__grow(s->allocator, (void **)&rows->room, &rows->cap, rows->n + b->n + 1,
			      sizeof(void *)))
		ok = amph__error_nomem(err);
	for (size_t i = 0; ok && i < b->n; i++) {
		ok = place_row(b, i, &o, err);
		if (!ok)
			break;
		join_group(s, rows, o);
		rows->room[rows->n++] = amph__members(o);
	}
	drop_text(b);
	return ok;
}

/* What was room for more rows is given back. */
static void **finish_list(amph_session *s, row_list *rows)
{
	void *head = amph__realloc(s->allocator, rows->room, (rows->n + 1) * sizeof(void *));

	if (!head)
		return NULL;
	rows->room = NULL;
	start_list(s, head, rows->n - HEAD_ITEMS, sizeof(void *));
	return enter_list(s, head);
}

void **amph__hydrate(amph_session *s, const amph_mapper *m, const amph_shape *shape,
		     amph_result *result, size_t *n, amph_error *err)
{
	size_t size = amph__read_size(m);
	row_block block = { .session = s, .mapper = m, .shape = shape, .size = size,
			    .rows = amph__alloc_zero(s->allocator, BLOCK_ROWS * size + m->root->most_size) };
	row_list rows = { .n = HEAD_ITEMS };
	void **list = NULL;
	bool ok = block.rows || amph__error_nomem(err);

	block.one = block.rows ? block.rows + BLOCK_ROWS * size : NULL;
	start_group(s, m, &rows);
	do {
		ok = ok && fetch_block(&block, result, BLOCK_ROWS, err) &&
		     place_block(&block, &rows, err);
	} while (ok && block.n);
	*n = rows.n - HEAD_ITEMS;
	if (ok && !(list = finish_list(s, &rows)))
		amph__error_nomem(err);
	end_group(s, &rows);
	amph__free(s->allocator, rows.room);
	amph__free(s->allocator, block.rows);
	return list;
}

/* A block of one row, in the scratch memory of the call. */
static bool fetch_one(row_block *b, amph_result *result, amph_error *err)
{
	b->size = amph__read_size(b->mapper);
	b->rows = amph__arena_zero(&b->session->scratch, b->size);
	b->one = b->mapper->n_kinds > 1
			 ? amph__arena_zero(&b->session->scratch, b->mapper->root->most_size) : NULL;
	if (!b->rows || (!b->one && b->mapper->n_kinds > 1)) {
		b->session->scratch.failed = false;
		return amph__error_nomem(err);
	}
	return fetch_block(b, result, 1, err);
}

bool amph__hydrate_one(amph_session *s, const amph_mapper *m, const amph_shape *shape,
		       amph_result *result, amph_object **out, amph_error *err)
{
	row_block block;

	block.session = s;
	block.mapper = m;
	block.shape = shape;
	*out = NULL;
	if (!fetch_one(&block, result, err))
		return false;
	bool ok = !block.n || (prepare_map(&block, err) && place_row(&block, 0, out, err));
	drop_text(&block);
	return ok;
}

bool amph__hydrate_into(amph_object *o, amph_result *result, bool *found, amph_error *err)
{
	row_block block = { .session = o->extent->session, .mapper = o->extent->mapper,
			    .shape = amph__read_shape(o->extent->mapper) };
	kind_row kind;

	*found = false;
	if (!fetch_one(&block, result, err))
		return false;
	if (!block.n)
		return true;
	o->expired = true;
	*found = kind_at(&block, 0, &kind, err) && kind.mapper == o->extent->mapper &&
		 in_block(&block, 0, &kind, err) &&
		 take_over(o, kind.shape, kind.row, &block.text[0], err) &&
		 amph__run_event(o, AMPH_AFTER_LOAD, err);
	drop_text(&block);
	return *found;
}
