/* Arenas: blocks that double in size, items cut from the newest. An item that is large beside
 * the blocks gets one of its own behind the newest, whose free space stays in use. */
#include "arena.h"
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
	ITEM_ALIGN = alignof(max_align_t),
	FIRST_BLOCK = 1008,             /* with its head what malloc keeps at hand for each thread */
	LARGEST_BLOCK = 64 * 1024       /* also the most that a reset keeps */
};

struct amph_arena_block {
	amph_arena_block *next;         /* older */
	size_t size;                    /* of data */
	alignas(max_align_t) char data[];
};

void amph__arena_init(amph_arena *arena, const amph_allocator *allocator)
{
	*arena = (amph_arena){ .allocator = allocator };
}

static void use_block(amph_arena *arena, amph_arena_block *block)
{
	block->next = arena->blocks;
	arena->blocks = block;
	arena->at = block->data;
	arena->end = block->data + block->size;
}

void amph__arena_init_in(amph_arena *arena, const amph_allocator *allocator, void *memory, size_t size)
{
	amph__arena_init(arena, allocator);
#ifndef AMPH_ARENA_DEBUG
	if (size <= sizeof(amph_arena_block))
		return;
	arena->first = memory;
	arena->first->size = size - sizeof(amph_arena_block);
	use_block(arena, arena->first);
#else
	(void)memory;
	(void)size;
#endif
}

static amph_arena_block *block_new(amph_arena *arena, size_t size)
{
	size_t total;
	if (!amph__size_add(sizeof(amph_arena_block), size, &total))
		return NULL;
	amph_arena_block *block = amph__alloc(arena->allocator, total);
	if (block != NULL)
		block->size = size;
	return block;
}

#ifndef AMPH_ARENA_DEBUG
static size_t next_block_size(const amph_arena *arena)
{
	size_t size = arena->blocks == NULL ? FIRST_BLOCK : arena->blocks->size * 2;
	return size < LARGEST_BLOCK ? size : LARGEST_BLOCK;
}
#endif

/* size is a multiple of ITEM_ALIGN that the newest block has no room for. */
static void *alloc_slow(amph_arena *arena, size_t size)
{
#ifndef AMPH_ARENA_DEBUG
	size_t block_size = next_block_size(arena);
	if (size <= block_size / 4) {
		amph_arena_block *block = block_new(arena, block_size);
		if (block == NULL)
			return NULL;
		use_block(arena, block);
		arena->at += size;
		return block->data;
	}
#endif
	amph_arena_block *own = block_new(arena, size);
	if (own == NULL)
		return NULL;
	if (arena->blocks == NULL) {
		use_block(arena, own);
		arena->at = arena->end;
	} else {
		own->next = arena->blocks->next;
		arena->blocks->next = own;
	}
	return own->data;
}

void *amph__arena_alloc(amph_arena *arena, size_t size)
{
	size_t rounded;
	if (size == 0)
		size = 1;
	if (!amph__size_add(size, ITEM_ALIGN - 1, &rounded)) {
		arena->failed = true;
		return NULL;
	}
	rounded &= ~(size_t)(ITEM_ALIGN - 1);
	void *p;
	if ((size_t)(arena->end - arena->at) >= rounded) {
		p = arena->at;
		arena->at += rounded;
	} else {
#ifdef AMPH_ARENA_DEBUG
		rounded = size;
#endif
		p = alloc_slow(arena, rounded);
	}
	if (p == NULL)
		arena->failed = true;
	else
		arena->used += rounded;
	return p;
}

void *amph__arena_zero(amph_arena *arena, size_t size)
{
	void *p = amph__arena_alloc(arena, size);
	if (p != NULL)
		memset(p, 0, size);
	return p;
}

void *amph__arena_array(amph_arena *arena, size_t n, size_t size)
{
	size_t total;
	if (!amph__size_mul(n, size, &total)) {
		arena->failed = true;
		return NULL;
	}
	return amph__arena_zero(arena, total);
}

void *amph__arena_copy(amph_arena *arena, const void *data, size_t size)
{
	void *p = amph__arena_alloc(arena, size);
	if (p != NULL && size > 0)
		memcpy(p, data, size);
	return p;
}

char *amph__arena_text(amph_arena *arena, const char *text, size_t len)
{
	size_t size;
	if (!amph__size_add(len, 1, &size)) {
		arena->failed = true;
		return NULL;
	}
	char *p = amph__arena_alloc(arena, size);
	if (p == NULL)
		return NULL;
	if (len > 0)
		memcpy(p, text, len);
	p[len] = '\0';
	return p;
}

char *amph__arena_printf(amph_arena *arena, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	char *p = NULL;
	int len = vsnprintf(NULL, 0, format, args);
	if (len < 0)
		arena->failed = true;
	else
		p = amph__arena_alloc(arena, (size_t)len + 1);
	if (p != NULL)
		vsnprintf(p, (size_t)len + 1, format, again);
	va_end(again);
	va_end(args);
	return p;
}

/* Of the blocks not larger than LARGEST_BLOCK, the largest: the next use then rarely allocates. */
static amph_arena_block *block_to_keep(const amph_arena *arena)
{
	amph_arena_block *keep = NULL;
#ifndef AMPH_ARENA_DEBUG
	for (amph_arena_block *b = arena->blocks; b != NULL; b = b->next) {
		if (b->size <= LARGEST_BLOCK && (keep == NULL || b->size > keep->size))
			keep = b;
	}
#else
	(void)arena;
#endif
	return keep;
}

/* Mostly there is nothing to free: false: there is. */
static bool rewind_to(amph_arena *arena, amph_arena_block *block)
{
	if (arena->blocks != block || (block != NULL && block->next != NULL))
		return false;
	arena->at = block != NULL ? block->data : NULL;
	arena->used = 0;
	arena->failed = false;
	return true;
}

static void clear_but(amph_arena *arena, amph_arena_block *keep)
{
	amph_arena_block *next, *first = arena->first;
	for (amph_arena_block *b = arena->blocks; b != NULL; b = next) {
		next = b->next;
		if (b != keep && b != first)
			amph__free(arena->allocator, b);
	}
	amph__arena_init(arena, arena->allocator);
	arena->first = first;
	if (keep == NULL)
		keep = first;
	if (keep != NULL)
		use_block(arena, keep);
}

void amph__arena_reset(amph_arena *arena)
{
	amph_arena_block *keep = block_to_keep(arena);

	if (!rewind_to(arena, keep != NULL ? keep : arena->first))
		clear_but(arena, keep);
}

void amph__arena_clear(amph_arena *arena)
{
	if (!rewind_to(arena, arena->first))
		clear_but(arena, NULL);
}
