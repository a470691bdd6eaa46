/* Memory of libpg_query. It takes a failed malloc badly: at its first use in a thread it ends the
 * process, and where it packs its results it writes through NULL. So the library is linked as a
 * copy of its own (see Makefile.inc) whose malloc, exit and so on are the functions below. They have
 * a reserve, taken before it is called: what malloc refuses comes from there, and once that is used
 * up too, the way out is back to the caller, not exit.
 *
 * Its state is one for each thread, and so is this. */
#include "parse.h"
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#ifdef AMPH_PRIVATE_PG_QUERY

enum { RESERVE = 64 * 1024, RESERVE_PER_BYTE = 16, HEADER = 16 };

static _Thread_local struct {
	sigjmp_buf *way_out;            /* NULL: libpg_query is not running */
	char *reserve;
	size_t size, used, live;        /* live: blocks that are not freed */
	bool lost;                      /* its state in this thread is not to be used again */
} memory;

static void drop_reserve(void)
{
	amph__free(&amph__libc_allocator, memory.reserve);
	memory.reserve = NULL;
	memory.size = memory.used = 0;
}

/* What lives on in an old reserve keeps it. */
static bool take_reserve(size_t text_len)
{
	size_t size;

	if (memory.reserve)
		return true;
	if (!amph__size_mul(text_len, RESERVE_PER_BYTE, &size) || !amph__size_add(size, RESERVE, &size))
		return false;
	memory.reserve = amph__alloc(&amph__libc_allocator, size);
	memory.size = memory.reserve ? size : 0;
	return memory.reserve != NULL;
}

bool amph__pg_query_call(amph__pg_query_fn *fn, void *ctx, size_t text_len)
{
	sigjmp_buf way_out;

	if (memory.lost || !take_reserve(text_len))
		return false;
	memory.way_out = &way_out;
	if (sigsetjmp(way_out, 0) == 0)
		fn(ctx);
	else
		memory.lost = true;
	memory.way_out = NULL;
	if (memory.live == 0)
		drop_reserve();
	return !memory.lost;
}

/* ---- what libpg_query calls instead of the C library ---- */

void *amph__pg_query_malloc(size_t size);
void *amph__pg_query_realloc(void *p, size_t size);
char *amph__pg_query_strdup(const char *text);
void amph__pg_query_free(void *p);
void amph__pg_query_exit(int status) __attribute__((noreturn));
void amph__pg_query_abort(void) __attribute__((noreturn));
size_t amph__pg_query_fwrite(const void *data, size_t size, size_t n, FILE *f);

static bool is_reserved(const void *p)
{
	const char *at = p;

	return memory.reserve && at >= memory.reserve && at < memory.reserve + memory.size;
}

static void *from_reserve(size_t size)
{
	size_t rounded, whole;
	char *p;

	if (!amph__size_add(size, HEADER - 1, &rounded))
		return NULL;
	rounded -= rounded % HEADER;
	if (!amph__size_add(rounded, HEADER, &whole) || whole > memory.size - memory.used)
		return NULL;
	p = memory.reserve + memory.used;
	memcpy(p, &size, sizeof(size));
	memory.used += whole;
	memory.live++;
	return p + HEADER;
}

void *amph__pg_query_malloc(size_t size)
{
	void *p = amph__alloc(&amph__libc_allocator, size);

	return p ? p : from_reserve(size);
}

void amph__pg_query_free(void *p)
{
	if (!is_reserved(p)) {
		amph__free(&amph__libc_allocator, p);
		return;
	}
	memory.live--;
	if (memory.live == 0 && !memory.way_out)
		drop_reserve();
}

void *amph__pg_query_realloc(void *p, size_t size)
{
	size_t old;
	void *moved;

	if (!is_reserved(p))
		return amph__realloc(&amph__libc_allocator, p, size);
	memcpy(&old, (char *)p - HEADER, sizeof(old));
	moved = amph__pg_query_malloc(size);
	if (!moved)
		return NULL;
	memcpy(moved, p, old < size ? old : size);
	amph__pg_query_free(p);
	return moved;
}

char *amph__pg_query_strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = amph__pg_query_malloc(size);

	return copy ? memcpy(copy, text, size) : NULL;
}

/* It ends the process only while it is called, since only then does it do anything. */
void amph__pg_query_exit(int status)
{
	(void)status;
	siglongjmp(*memory.way_out, 1);
}

void amph__pg_query_abort(void)
{
	siglongjmp(*memory.way_out, 1);
}

/* What it would print is of no use to a program. */
size_t amph__pg_query_fwrite(const void *data, size_t size, size_t n, FILE *f)
{
	(void)data;
	(void)size;
	(void)f;
	return n;
}

#else

bool amph__pg_query_call(amph__pg_query_fn *fn, void *ctx, size_t text_len)
{
	(void)text_len;
	fn(ctx);
	return true;
}

#endif
