/* The allocator of tests; takes its memory from the C library. */
#include "failing_alloc.h"
#include <check.h>
#include <stdlib.h>

static void *failing_resize(void *ctx, void *p, size_t size)
{
	failing_alloc *f = ctx;
	size_t call = atomic_fetch_add(&f->calls, 1) + 1;
	ck_assert_msg(size > 0, "resize was called with size 0");
	if (f->fail_at != 0 && (call == f->fail_at || (f->keep_failing && call > f->fail_at)))
		return NULL;
	void *block = realloc(p, size);
	if (block != NULL && p == NULL)
		atomic_fetch_add(&f->live, 1);
	return block;
}

static void failing_release(void *ctx, void *p)
{
	failing_alloc *f = ctx;
	if (p == NULL)
		return;
	ck_assert_msg(atomic_fetch_sub(&f->live, 1) > 0, "released more than was allocated");
	free(p);
}

void failing_alloc_init(failing_alloc *f, size_t fail_at)
{
	f->allocator = (amph_allocator){ failing_resize, failing_release, f };
	f->fail_at = fail_at;
	f->keep_failing = false;
	atomic_init(&f->calls, 0);
	atomic_init(&f->live, 0);
}

/* Every allocation; where each item of an arena is one of its own, and slow, every one of the first
 * 256 and ever fewer of the rest. */
static size_t next_to_fail(size_t fail_at)
{
#ifdef AMPH_ARENA_DEBUG
	return fail_at + 1 + fail_at / 256;
#else
	return fail_at + 1;
#endif
}

size_t failing_alloc_sweep(failing_alloc_fn *fn, void *ctx)
{
	for (size_t fail_at = 1; ; fail_at = next_to_fail(fail_at)) {
		failing_alloc f;
		failing_alloc_init(&f, fail_at);
		bool ok = fn(&f.allocator, ctx);
		size_t calls = atomic_load(&f.calls);
		ck_assert_msg(atomic_load(&f.live) == 0,
			      "%zu blocks leaked where allocation %zu failed",
			      atomic_load(&f.live), fail_at);
		ck_assert_msg(ok || calls >= fail_at, "failed without a failed allocation");
		if (calls < fail_at)
			return calls;
	}
}
