/* An allocator that fails where a test wants it to, and knows what was not given back.
 *
 *	static bool build(const amph_allocator *a, void *ctx) { ... }
 *	failing_alloc_sweep(build, NULL);
 *
 * runs build again and again, failing the first allocation, the second, ... until it succeeds;
 * build returns false where it failed, and has given everything back either way. */
#ifndef TESTS_SUPPORT_FAILING_ALLOC_H
#define TESTS_SUPPORT_FAILING_ALLOC_H
#include "amphora/sys/alloc.h"
#include <stdatomic.h>
#include <stdbool.h>

typedef struct failing_alloc {
	amph_allocator allocator;       /* hand out its address */
	size_t fail_at;                 /* from 1; 0: never */
	bool keep_failing;              /* all from there on, not only that one */
	atomic_size_t calls;            /* of resize */
	atomic_size_t live;             /* blocks not yet released */
} failing_alloc;

void failing_alloc_init(failing_alloc *f, size_t fail_at);

typedef bool failing_alloc_fn(const amph_allocator *a, void *ctx);
/* Fails the running test on a leak, and where fn reports success although an allocation failed
 * unless it may do without. Returns how many allocations the run that succeeded made. */
size_t failing_alloc_sweep(failing_alloc_fn *fn, void *ctx);
#endif
