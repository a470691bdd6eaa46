/* Slots of objects, and the blocks that their text lives in. Blocks come in size classes and
 * are used again, so that a session that refreshes for ever stays flat. */
#include "../base/mapped.h"
#include "../relation/relation.h"
#include <string.h>

#define CHUNK_FIRST 4u
#define CHUNK_MOST 1024u

static size_t round_up(size_t n)
{
	return (n + 15) & ~(size_t)15;
}

static void set_sizes(amph_slab *slab, const amph_mapper *mapper)
{
	slab->snapshot_at = sizeof(amph_object) + ((mapper->size + 7) & ~(size_t)7);
	slab->slot_size = round_up(slab->snapshot_at + mapper->size);
}

static amph_object *slot_at(const amph_slab *slab, amph_chunk *chunk, uint32_t i)
{
	return (amph_object *)(void *)((char *)chunk + round_up(sizeof *chunk) + i * slab->slot_size);
}

void amph__slab_clear(amph_slab *slab, const amph_allocator *a)
{
	for (amph_chunk *c = slab->first, *next; c; c = next) {
		next = c->next;
		if (c != slab->first)
			amph__free(a, c);
	}
	slab->first = slab->last = NULL;
	slab->free = NULL;
	slab->live = 0;
}

/* The first is with the text, whose room a session has from its start. */
static amph_chunk *chunk_alloc(amph_session *s, const amph_slab *slab, size_t size)
{
	if (slab->first)
		return amph__alloc(s->allocator, size);
	amph_chunk *c = amph__arena_alloc(&s->text_arena, size);
	s->text_arena.failed = false;
	return c;
}

static bool add_chunk(amph_session *s, amph_slab *slab, const amph_mapper *mapper)
{
	uint32_t n = slab->last ? slab->last->n_slots * 2 : CHUNK_FIRST;
	size_t size;

	set_sizes(slab, mapper);
	if (n > CHUNK_MOST)
		n = CHUNK_MOST;
	if (!amph__size_mul(n, slab->slot_size, &size) ||
	    !amph__size_add(size, round_up(sizeof(amph_chunk)), &size))
		return false;
	amph_chunk *c = chunk_alloc(s, slab, size);
	if (!c)
		return false;
	*c = (amph_chunk){ .n_slots = n };
	*(slab->last ? &slab->last->next : &slab->first) = c;
	slab->last = c;
	return true;
}

amph_object *amph__object_take(amph_session *s, const amph_mapper *m)
{
	amph_slab *slab = &s->extents[m->ordinal].slab;
	amph_object *o = slab->free;

	if (o) {
		slab->free = (amph_object *)(void *)o->group;
	} else {
		if ((!slab->last || slab->last->used == slab->last->n_slots) &&
		    !add_chunk(s, slab, m))
			return NULL;
		o = slot_at(slab, slab->last, slab->last->used++);
	}
	*o = (amph_object){ .extent = &s->extents[m->ordinal], .state = OBJECT_TRANSIENT };
	o->seal = amph__object_seal(o, o->extent);
	return o;
}

uint8_t amph__object_seal(const amph_object *o, const amph_extent *e)
{
	uint64_t h = ((uint64_t)(uintptr_t)o ^ (uint64_t)(uintptr_t)e << 7) * 0x9e3779b97f4a7c15u;

	return (uint8_t)(h >> 56) | 1;
}

/* The bytes before a struct of the program's are not the library's to read: sanitizers are told that it
 * means to. They hold the last bytes of whatever is there, which has to pass for a state, for flags that
 * are not set, and for the seal: no pointer, and no small number does. */
#ifdef __GNUC__
__attribute__((no_sanitize_address))
#endif
bool amph__is_object(const amph_object *o)
{
	return amph__mapped_before(o + 1, sizeof *o) && o->extent &&
	       (uintptr_t)o->extent % _Alignof(amph_extent) == 0 && o->state <= OBJECT_ROW &&
	       o->seal == amph__object_seal(o, o->extent);
}

bool amph__is_object_of(const amph_object *o, const amph_session *s)
{
	if (!amph__is_object(o))
		return false;
	uintptr_t first = (uintptr_t)s->extents, at = (uintptr_t)o->extent;

	return at >= first && (at - first) / sizeof *s->extents <= s->engine->registry->n_mappers;
}

amph_object *amph__session_object(const amph_session *s, const void *p)
{
	amph_object *o = p ? amph__object_of(p) : NULL;

	return o && amph__is_object_of(o, s) && o->state != OBJECT_FREE && o->state != OBJECT_ROW ? o : NULL;
}

amph_object *amph__object_new(amph_session *s, const amph_mapper *m)
{
	amph_object *o = amph__object_take(s, m);

	if (o)
		memset(o + 1, 0, s->extents[m->ordinal].slab.slot_size - sizeof *o);
	return o;
}

void amph__object_free(amph_object *o)
{
	amph_slab *slab = &amph__extent_of(o)->slab;

	amph__text_give(o->extent->session, o->text);
	o->text = NULL;
	o->state = OBJECT_FREE;
	o->group = (struct amph_group *)(void *)slab->free;
	slab->free = o;
}

amph_object *amph__object_next(amph_extent *e, amph_chunk **chunk, uint32_t *slot)
{
	if (!*chunk) {
		*chunk = e->slab.first;
		*slot = 0;
	}
	for (; *chunk; *chunk = (*chunk)->next, *slot = 0) {
		while (*slot < (*chunk)->used) {
			amph_object *o = slot_at(&e->slab, *chunk, (*slot)++);

			if (o->state != OBJECT_FREE)
				return o;
		}
	}
	return NULL;
}

/* Far enough ahead for memory to answer, as a walk waits for little else. */
#define SLOTS_AHEAD 6
#define LINE 64

static void fetch_ahead(const char *slot, size_t slot_size)
{
	const char *from = slot + SLOTS_AHEAD * slot_size;

	for (size_t i = 0; i < slot_size; i += LINE)
		__builtin_prefetch(from + i);
}

amph_object *amph__object_next_touched(amph_extent *e, amph_chunk **chunk, uint32_t *slot)
{
	const size_t size = e->mapper->size, snapshot_at = e->slab.snapshot_at;

	if (!*chunk) {
		*chunk = e->slab.live ? e->slab.first : NULL;
		*slot = 0;
	}
	for (; *chunk; *chunk = (*chunk)->next, *slot = 0) {
		while (*slot < (*chunk)->used) {
			amph_object *o = slot_at(&e->slab, *chunk, (*slot)++);
			const char *at = (const char *)o;

			fetch_ahead(at, e->slab.slot_size);
			if (o->state == OBJECT_PERSISTENT &&
			    memcmp(at + sizeof *o, at + snapshot_at, size))
				return o;
		}
	}
	return NULL;
}

#define TEXT_CLASSES 28

/* What was given back, to be used again: few sessions have any. */
typedef struct amph_plain { struct amph_plain *next; } amph_plain;
typedef struct amph_free_text {
	amph_text_block *blocks[TEXT_CLASSES];
	amph_plain *plain[AMPH_PLAIN_MOST / 8];
} amph_free_text;

/* Without memory for it nothing is used again. */
static amph_free_text *free_text_of(amph_session *s)
{
	if (!s->free_text)
		s->free_text = amph__arena_zero(&s->text_arena, sizeof *s->free_text);
	s->text_arena.failed = false;
	return s->free_text;
}

/* Classes of 16 to 256 bytes in steps of 16, then half steps of powers of two to 16 KiB. */
static unsigned class_of(size_t size, uint32_t *rounded)
{
	unsigned class = 16;
	uint32_t at = 384;

	if (size <= 256) {
		unsigned i = size ? (unsigned)((size - 1) / 16) : 0;

		*rounded = (i + 1) * 16;
		return i;
	}
	while (class < TEXT_CLASSES && at < size) {
		at = class % 2 ? at + at / 2 : at + at / 3;
		class++;
	}
	*rounded = at;
	return class;
}

amph_text_block *amph__text_take(amph_session *s, size_t size)
{
	uint32_t rounded;
	unsigned class = class_of(size, &rounded);
	amph_text_block *b;

	if (class >= TEXT_CLASSES) {
		size_t all;

		b = size < UINT32_MAX && amph__size_add(size, sizeof *b, &all)
			? amph__alloc(s->allocator, all) : NULL;
		if (b)
			*b = (amph_text_block){ .size = (uint32_t)size };
		s->n_large_texts += b != NULL;
		return b;
	}
	b = s->free_text ? s->free_text->blocks[class] : NULL;
	if (b)
		s->free_text->blocks[class] = b->next;
	else
		b = amph__arena_alloc(&s->text_arena, sizeof *b + rounded);
	if (!b) {
		s->text_arena.failed = false;
		return NULL;
	}
	b->next = NULL;
	b->size = rounded;
	return b;
}

void amph__text_give(amph_session *s, amph_text_block *chain)
{
	for (amph_text_block *b = chain, *next; b; b = next) {
		uint32_t rounded;
		unsigned class = class_of(b->size, &rounded);

		next = b->next;
		if (class >= TEXT_CLASSES) {
			s->n_large_texts--;
			amph__free(s->allocator, b);
		} else if (free_text_of(s)) {
			b->next = s->free_text->blocks[class];
			s->free_text->blocks[class] = b;
		}
	}
}

/* ---- text without heads ---- */

/* A quarter of the arena's blocks, so that pieces share them. */
#define PIECE_FIRST 240u
#define PIECE_MOST (16u * 1024)

static size_t plain_size(size_t size)
{
	return (size + 7) & ~(size_t)7;
}

static bool next_piece(amph_session *s, size_t size)
{
	size_t piece = s->plain_piece ? s->plain_piece * 2 : PIECE_FIRST;

	piece = piece < PIECE_MOST ? piece : PIECE_MOST;
	piece = piece < size ? size : piece;
#ifdef AMPH_ARENA_DEBUG
	piece = size;
#endif
	s->plain = amph__arena_alloc(&s->text_arena, piece);
	s->text_arena.failed = false;
	s->plain_left = s->plain ? piece : 0;
	s->plain_piece = s->plain ? piece : s->plain_piece;
	return s->plain != NULL;
}

void *amph__plain_take(amph_session *s, size_t size)
{
	size = plain_size(size);
	amph_plain *p = s->free_text ? s->free_text->plain[size / 8 - 1] : NULL;

	if (p) {
		s->free_text->plain[size / 8 - 1] = p->next;
		return p;
	}
	if (s->plain_left < size && !next_piece(s, size))
		return NULL;
	s->plain_left -= size;
	s->plain += size;
	return s->plain - size;
}

void amph__plain_give(amph_session *s, void *plain, size_t size)
{
	amph_plain *p = plain;

	if (!free_text_of(s))
		return;
	p->next = s->free_text->plain[plain_size(size) / 8 - 1];
	s->free_text->plain[plain_size(size) / 8 - 1] = p;
}

void amph__text_free_large(amph_session *s)
{
	for (size_t i = 0; i < s->engine->registry->n_mappers && s->n_large_texts; i++) {
		amph_chunk *chunk = NULL;
		uint32_t slot;
		amph_object *o;

		while (s->n_large_texts && (o = amph__object_next(&s->extents[i], &chunk, &slot))) {
			amph__text_give(s, o->text);
			o->text = NULL;
		}
	}
}

void amph__text_forget(amph_session *s)
{
	s->free_text = NULL;
	s->plain = NULL;
	s->plain_left = s->plain_piece = 0;
	amph__arena_clear(&s->text_arena);
}

void *amph__text_store(void *ctx, size_t size)
{
	amph_object *o = *(amph_object **)ctx;
	amph_text_block *b = size ? amph__text_take(o->extent->session, size) : NULL;

	if (!b)
		return NULL;
	b->next = o->text;
	o->text = b;
	return b + 1;
}

/* ---- owning what a program assigned ---- */

typedef struct packer { char *at; size_t size; bool copy; } packer;

static void *pack(packer *p, const void *data, size_t size, size_t align)
{
	p->size = (p->size + align - 1) & ~(align - 1);
	void *to = p->copy ? p->at + p->size : NULL;

	if (p->copy && size)
		memcpy(to, data, size);
	p->size += size;
	return to;
}

static void pack_numeric(packer *p, amph_numeric *n)
{
	if (n->kind != AMPH_NUMERIC_DIGITS)
		return;
	const char *to = pack(p, n->v.digits, n->n_digits, 1);
	if (p->copy)
		n->v.digits = to;
}

/* Elements of arrays that point somewhere themselves. */
static void pack_element(packer *p, int type, void *item)
{
	if (type == AMPH_T_TEXT || type == AMPH_T_JSON) {
		const char **text = item;
		const char *to = *text ? pack(p, *text, strlen(*text) + 1, 1) : NULL;

		if (p->copy)
			*text = to;
	} else if (type == AMPH_T_BYTES) {
		amph_bytes *b = item;
		const void *to = b->data ? pack(p, b->data, b->size, 1) : NULL;

		if (p->copy)
			b->data = to;
	} else if (type == AMPH_T_NUMERIC) {
		amph_opt_numeric *n = item;

		if (n->has)
			pack_numeric(p, &n->value);
	}
}

typedef struct any_array { const void *items; size_t n; } any_array;

static void pack_array(packer *p, int element, any_array *array)
{
	size_t size = amph_type_size(element, true);

	if (!array->items)
		return;
	char *items = pack(p, array->items, array->n * size, 8);
	for (size_t i = 0; i < array->n; i++) {
		/* measuring reads the program's items; copying works on the copies */
		if (p->copy) {
			pack_element(p, element, items + i * size);
		} else {
			union { char bytes[64]; max_align_t align; } item;

			memcpy(&item, (const char *)array->items + i * size, size);
			pack_element(p, element, &item);
		}
	}
	if (p->copy)
		array->items = items;
}

static void pack_slot(packer *p, const amph_slot *slot, void *members)
{
	void *at = (char *)members + slot->offset;

	if (slot->type & AMPH_T_ARRAY)
		pack_array(p, slot->type & ~AMPH_T_ARRAY, at);
	else if (slot->type != AMPH_T_NUMERIC)
		pack_element(p, slot->type, at);
	else if (!amph__slot_is_null(slot, members))
		pack_numeric(p, at);
}

static void pack_row(packer *p, const amph_shape *shape, void *row)
{
	for (size_t i = 0; i < shape->n_slots; i++)
		pack_slot(p, &shape->slots[i], row);
}

bool amph__row_own_text(amph_session *s, const amph_shape *shape, void *row, amph_text_block **out,
			amph_error *err)
{
	packer p = { 0 };

	pack_row(&p, shape, row);
	*out = p.size ? amph__text_take(s, p.size) : NULL;
	if (!*out)
		return !p.size || amph__error_nomem(err);
	p = (packer){ .at = (char *)(*out + 1), .copy = true };
	pack_row(&p, shape, row);
	return true;
}

/* Whether the member points where the snapshot does: then the text is its own already. */
static bool is_shared(const amph_object *o, const amph_slot *slot)
{
	size_t size = amph_type_size(slot->type, false);

	return !memcmp((const char *)amph__members(o) + slot->offset,
		       (const char *)amph__snapshot(o) + slot->offset, size);
}

#define BLOCKS_MOST 4

static const amph_text_block *kept_text(const amph_object *o)
{
	return o->journal ? o->extent->session->journal.items[o->journal - 1].text : NULL;
}

/* During a flush other objects may have been assigned what a block holds, and are written, or
 * copy it, later: it is used again only after the flush. */
void amph__object_drop_text_to(amph_object *o, const amph_text_block *kept)
{
	amph_session *s = o->extent->session;

	while (o->text && o->text != kept) {
		amph_text_block *b = o->text;

		o->text = b->next;
		b->next = s->in_flush ? s->dropped : NULL;
		if (s->in_flush)
			s->dropped = b;
		else
			amph__text_give(s, b);
	}
}

void amph__object_drop_text(amph_object *o)
{
	amph__object_drop_text_to(o, kept_text(o));
	if (o->journal)
		o->extent->session->journal.items[o->journal - 1].replaced = true;
}

static size_t count_blocks(const amph_object *o)
{
	const amph_text_block *kept = kept_text(o);
	size_t n = 0;

	for (const amph_text_block *b = o->text; b && b != kept; b = b->next)
		n++;
	return n;
}

/* Packs what is not its own yet, or everything. */
static void pack_object(packer *p, amph_object *o, bool all)
{
	const amph_shape *shape = &o->extent->mapper->pointing;

	all |= o->state != OBJECT_PERSISTENT && o->state != OBJECT_DELETED;
	for (size_t i = 0; i < shape->n_slots; i++)
		if (all || !is_shared(o, &shape->slots[i]))
			pack_slot(p, &shape->slots[i], amph__members(o));
}

/* ---- the text of a new object, which is as that of a row that was read ---- */

#define MEASURED_MOST 32

/* Bytes of each slot's value with its NUL; false: one is more than a text. */
static bool measure(const amph_shape *shape, const void *members, size_t *sizes, size_t *all)
{
	*all = 0;
	if (shape->n_slots > MEASURED_MOST)
		return false;
	for (size_t i = 0; i < shape->n_slots; i++) {
		const amph_slot *slot = &shape->slots[i];
		const void *value = amph__slot_value(slot, members);

		sizes[i] = 0;
		if (slot->type == AMPH_T_TEXT || slot->type == AMPH_T_JSON) {
			const char *text = *(const char *const *)value;

			sizes[i] = text ? strlen(text) + 1 : 0;
			*all += sizes[i];
		} else if (slot->type != AMPH_T_NUMERIC ||
			   ((const amph_numeric *)value)->kind == AMPH_NUMERIC_DIGITS) {
			return false;
		}
	}
	return true;
}

static void move_texts(const amph_shape *shape, void *members, const size_t *sizes, char *to)
{
	for (size_t i = 0; i < shape->n_slots; i++) {
		const char **text = (const char **)(void *)((char *)members + shape->slots[i].offset);

		if (!sizes[i])
			continue;
		*text = memcpy(to, *text, sizes[i]);
		to += sizes[i];
	}
}

static bool own_first_text(amph_object *o, size_t size, const size_t *sizes, amph_error *err)
{
	char *to = amph__plain_take(o->extent->session, size);

	if (!to)
		return amph__error_nomem(err);
	if (sizes) {
		move_texts(&o->extent->mapper->pointing, amph__members(o), sizes, to);
	} else {
		packer p = { .at = to, .copy = true };

		pack_object(&p, o, true);
	}
	o->settled = true;
	return true;
}

bool amph__object_own_text(amph_object *o, amph_error *err)
{
	bool first = !amph__has_row(o) && !o->settled && !o->text;
	size_t sizes[MEASURED_MOST], size;

	if (first && measure(&o->extent->mapper->pointing, amph__members(o), sizes, &size) &&
	    size <= AMPH_PLAIN_MOST)
		return !size || own_first_text(o, size, sizes, err);
	/* many changes of one object make a chain of blocks: then all of its text moves into a
	 * single one, and those that rollback does not need are given back */
	bool all = count_blocks(o) >= BLOCKS_MOST;
	packer p = { 0 };

	pack_object(&p, o, all);
	if (!p.size)
		return true;
	if (first && p.size <= AMPH_PLAIN_MOST)
		return own_first_text(o, p.size, NULL, err);
	amph_text_block *b = amph__text_take(o->extent->session, p.size);
	if (!b)
		return amph__error_nomem(err);
	p = (packer){ .at = (char *)(b + 1), .copy = true };
	pack_object(&p, o, all);
	if (all)
		amph__object_drop_text(o);
	b->next = o->text;
	o->text = b;
	return true;
}

void amph__restore_members(amph_object *o)
{
	const amph_shape *shape = &o->extent->mapper->shape;

	for (size_t i = 0; i < shape->n_slots; i++) {
		const amph_slot *slot = &shape->slots[i];

		memcpy((char *)amph__members(o) + slot->offset,
		       (const char *)amph__snapshot(o) + slot->offset,
		       amph_type_size(slot->type, slot->nullable));
	}
	for (const amph_relation *r = o->extent->mapper->relations; r && r->member; r++)
		*amph__relation_member(o, r) = *amph__relation_before(o, r);
}
