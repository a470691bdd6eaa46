/* Counts by standing in for malloc and its family, and for send and recv, which libpq calls. */
#include "counters.h"
#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

static _Thread_local bench_counts counts;
static _Thread_local bool sent;

bench_counts bench_counts_now(void)
{
	return counts;
}

void bench_counts_reset_peak(void)
{
	counts.base = counts.peak = counts.live;
}

void bench_counts_add(const bench_counts *other)
{
	counts.allocations += other->allocations;
	counts.round_trips += other->round_trips;
	counts.bytes_out += other->bytes_out;
	counts.bytes_in += other->bytes_in;
	counts.live += other->live;
	if (counts.live > counts.peak)
		counts.peak = counts.live;
}

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *p);

static void *counted(void *p)
{
	counts.allocations++;
	if (p)
		counts.live += (int64_t)malloc_usable_size(p);
	if (counts.live > counts.peak)
		counts.peak = counts.live;
	return p;
}

void *malloc(size_t size)
{
	return counted(__libc_malloc(size));
}

void *calloc(size_t n, size_t size)
{
	return counted(__libc_calloc(n, size));
}

void *realloc(void *p, size_t size)
{
	if (p)
		counts.live -= (int64_t)malloc_usable_size(p);
	return counted(__libc_realloc(p, size));
}

void *memalign(size_t alignment, size_t size)
{
	return counted(__libc_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return counted(__libc_memalign(alignment, size));
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
	void *p = counted(__libc_memalign(alignment, size));

	if (!p)
		return ENOMEM;
	*out = p;
	return 0;
}

void free(void *p)
{
	if (p)
		counts.live -= (int64_t)malloc_usable_size(p);
	__libc_free(p);
}
#endif

ssize_t send(int fd, const void *data, size_t n, int flags)
{
	ssize_t done = sendto(fd, data, n, flags, NULL, 0);

	if (done > 0) {
		sent = true;
		counts.bytes_out += (uint64_t)done;
	}
	return done;
}

ssize_t recv(int fd, void *data, size_t n, int flags)
{
	ssize_t done = recvfrom(fd, data, n, flags, NULL, NULL);

	if (done > 0) {
		counts.round_trips += sent;
		sent = false;
		counts.bytes_in += (uint64_t)done;
	}
	return done;
}
