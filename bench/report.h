/* Results of the rounds, and how they are shown. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H
#include "bench.h"
#include <stdio.h>

enum { MAX_ROUNDS = 999 };

typedef struct bench_result {
	const bench_case *c;
	double usec[MAX_ROUNDS];        /* of an operation, for each round */
	double cpu[MAX_ROUNDS];         /* the same of this process's processor time */
	double allocations, round_trips, bytes_out, bytes_in;   /* of an operation, in the last round */
} bench_result;

/* The median over the rounds of the paired ratio; 0 where there is no other. */
double bench_ratio(const bench_result *ours, const bench_result *other, int rounds);
double bench_median(const double *values, int n);
/* The result of a side of the same workload and backend, NULL where there is none. */
const bench_result *bench_side_of(const bench_result *all, size_t n, const bench_case *like, bench_side side);

typedef struct bench_report {
	const bench_result *results;
	size_t n;
	int rounds;
	const bench_growth *growth;
	size_t n_growth;
} bench_report;

void bench_print(const bench_report *r);
bool bench_write_json(const bench_report *r, const char *path);
#endif
