/* An arena: allocations that all go at once. Every arena has a named lifetime (registry,
 * connection, session, statement, result) and is passed explicitly.
 *
 * Memory is aligned for any type. A failed allocation returns NULL and sets failed, so that
 * a builder may check once at its end. AMPH_ARENA_DEBUG builds take each item from the
 * allocator by itself, for the sanitizers to see its bounds. */
#ifndef AMPH_BASE_ARENA_H
#define AMPH_BASE_ARENA_H
#include "alloc.h"

typedef struct amph_arena_block amph_arena_block;
typedef struct amph_arena {
	const amph_allocator *allocator;
	amph_arena_block *blocks;       /* newest first */
	amph_arena_block *first;        /* in memory that is not the arena's own; or NULL */
	char *at, *end;                 /* free space of the newest block */
	size_t used;                    /* bytes handed out since the last reset */
	bool failed;
} amph_arena;

void amph__arena_init(amph_arena *arena, const amph_allocator *allocator);
/* The same with memory of the caller's, aligned for any type, that is used before the allocator is
 * asked, and again after each reset and clear. */
void amph__arena_init_in(amph_arena *arena, const amph_allocator *allocator, void *memory, size_t size);
void *amph__arena_alloc(amph_arena *arena, size_t size);
void *amph__arena_zero(amph_arena *arena, size_t size);
void *amph__arena_array(amph_arena *arena, size_t n, size_t size);      /* zeroed; checks n * size */
void *amph__arena_copy(amph_arena *arena, const void *data, size_t size);
char *amph__arena_text(amph_arena *arena, const char *text, size_t len);        /* adds the NUL */
char *amph__arena_printf(amph_arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Forgets all allocations; keeps one block of moderate size for the next use. */
void amph__arena_reset(amph_arena *arena);
void amph__arena_clear(amph_arena *arena);      /* gives all back; usable again as after init */

#define AMPH_NEW(arena, T) ((T *)amph__arena_zero((arena), sizeof(T)))
#define AMPH_NEWS(arena, T, n) ((T *)amph__arena_array((arena), (n), sizeof(T)))
#endif
