/* The functions of the C library's allocator, with a set of the blocks that they gave out. */
#include "interpose.h"
#include <errno.h>
#include <execinfo.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define REAL(name) __interceptor_##name
#define REAL_MEMALIGN __interceptor_memalign
#else
#define REAL(name) __libc_##name
#define REAL_MEMALIGN __libc_memalign
#endif
extern void *REAL(malloc)(size_t size);
extern void *REAL(calloc)(size_t n, size_t size);
extern void *REAL(realloc)(void *p, size_t size);
extern void REAL(free)(void *p);
extern void *REAL_MEMALIGN(size_t alignment, size_t size);

/* Small, for each child of a sweep touches pages of its own; a life holds some thousand blocks. */
enum { SLOT_BITS = 15, SLOTS = 1 << SLOT_BITS, MOST_LIVE = SLOTS / 4 * 3, FRAMES = 24 };

typedef struct slot { void *block; size_t number, size; } slot;
static slot slots[SLOTS];
static void *places[SLOTS][FRAMES];
static void *failed_place[FRAMES];
static struct {
	bool on, busy, with_places, failed;
	size_t fail_at, count, live;
} state;

void interpose_start(size_t fail_at, bool with_places)
{
	void *warm_up[2];

	backtrace(warm_up, 2);          /* loads a library when it is first called */
	memset(&state, 0, sizeof state);
	state.fail_at = fail_at;
	state.with_places = with_places;
	state.on = true;
}

void interpose_stop(void)
{
	state.on = false;
}

size_t interpose_count(void)
{
	return state.count;
}

bool interpose_failed(void)
{
	return state.failed;
}

size_t interpose_live(void)
{
	return state.live;
}

static size_t place_of(const void *p)
{
	return (size_t)((uint64_t)(uintptr_t)p * 0x9E3779B97F4A7C15u >> (64 - SLOT_BITS));
}

static void remember(void *p, size_t size)
{
	size_t at = place_of(p);

	if (!state.on || !p)
		return;
	if (state.live == MOST_LIVE) {
		dprintf(STDERR_FILENO, "more than %d blocks at a time\n", MOST_LIVE);
		_exit(3);
	}
	while (slots[at].block)
		at = (at + 1) % SLOTS;
	slots[at] = (slot){ .block = p, .number = state.count, .size = size };
	state.live++;
	if (state.with_places && !state.busy) {
		state.busy = true;
		memset(places[at], 0, sizeof places[at]);
		backtrace(places[at], FRAMES);
		state.busy = false;
	}
}

/* Empties a slot; those behind it that looked for a place from here or before move up. */
static void vacate(size_t at)
{
	for (size_t next = (at + 1) % SLOTS; slots[next].block; next = (next + 1) % SLOTS) {
		size_t distance = (next - place_of(slots[next].block)) % SLOTS;

		if (distance < (next - at) % SLOTS)
			continue;
		slots[at] = slots[next];
		if (state.with_places)
			memcpy(places[at], places[next], sizeof places[at]);
		at = next;
	}
	slots[at].block = NULL;
}

static void forget(const void *p)
{
	if (!p || !state.live)
		return;
	for (size_t at = place_of(p); slots[at].block; at = (at + 1) % SLOTS)
		if (slots[at].block == p) {
			vacate(at);
			state.live--;
			return;
		}
}

static void print_place(int fd, void *const *place)
{
	int n = 0;

	while (n < FRAMES && place[n])
		n++;
	backtrace_symbols_fd(place + 2, n > 2 ? n - 2 : 0, fd);
}

/* Whether this allocation is the one that fails. */
static bool must_fail(void)
{
	if (!state.on || state.busy || ++state.count != state.fail_at)
		return false;
	state.failed = true;
	state.busy = true;
	if (state.with_places) {
		backtrace(failed_place, FRAMES);
		dprintf(STDOUT_FILENO, "allocation %zu fails, asked for by\n", state.count);
		print_place(STDOUT_FILENO, failed_place);
	}
	state.busy = false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	if (must_fail())
		return NULL;
	void *p = REAL(malloc)(size);
	remember(p, size);
	return p;
}

void *calloc(size_t n, size_t size)
{
	if (must_fail())
		return NULL;
	void *p = REAL(calloc)(n, size);
	remember(p, n * size);
	return p;
}

void *realloc(void *old, size_t size)
{
	if (size && must_fail())
		return NULL;
	forget(old);
	void *p = REAL(realloc)(old, size);
	remember(p, size);
	return p;
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
	if (must_fail())
		return ENOMEM;
	void *p = REAL_MEMALIGN(alignment, size);
	if (!p)
		return ENOMEM;
	remember(p, size);
	*out = p;
	return 0;
}

void *aligned_alloc(size_t alignment, size_t size)
{
	void *p = NULL;
	int error = posix_memalign(&p, alignment, size);

	errno = error ? error : errno;
	return p;
}

void free(void *p)
{
	forget(p);
	REAL(free)(p);
}

void interpose_print(int fd)
{
	state.on = false;
	for (size_t i = 0; i < SLOTS; i++)
		if (slots[i].block) {
			dprintf(fd, "not given back: %zu bytes of allocation %zu, made by\n", slots[i].size,
				slots[i].number);
			print_place(fd, places[i]);
		}
}
