/* What the library is to reach: ratios of times in the same run, and what it may ask for. */
#ifndef BENCH_TARGETS_H
#define BENCH_TARGETS_H
#include "bench.h"

typedef struct bench_target {
	const char *workload;
	bench_backend backend;
	const char *name;       /* of the library's case; NULL: all of the workload */
	double naive, good, best, other;        /* at most; 0: no target */
	double tolerance;
	double usec;            /* of an operation, at most */
	double allocations, round_trips;        /* of an operation, at most */
} bench_target;

const bench_target *bench_find_target(const bench_case *c);     /* NULL: none */

/* Of W9. */
#define TARGET_GROWTH 1.10                      /* time of a row: most rows against 10,000 */
#define TARGET_TRACKED_BYTES 245.0              /* of a row, W4 on PostgreSQL */
#define TARGET_INSERT_BYTES 4e6                 /* of all rows together */
#define TARGET_STREAM_BYTES 1e6
#endif
