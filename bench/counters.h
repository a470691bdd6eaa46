/* What this program asks of the C library while a case runs: blocks of memory, and messages to
 * and from the server. Counted for each thread, by functions of the same names that stand before
 * those of the C library. */
#ifndef BENCH_COUNTERS_H
#define BENCH_COUNTERS_H
#include <stdint.h>

typedef struct bench_counts {
	uint64_t allocations;           /* malloc, calloc, realloc and their like */
	uint64_t round_trips;           /* a read from a socket after something was sent */
	uint64_t bytes_out, bytes_in;
	int64_t live, base, peak;       /* bytes: now, when the peak was last reset, the most since */
} bench_counts;

bench_counts bench_counts_now(void);
void bench_counts_reset_peak(void);
/* What another thread counted, once it has ended: it is this one's from then on. */
void bench_counts_add(const bench_counts *other);
#endif
