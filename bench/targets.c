/* The targets of each workload. */
#include "targets.h"
#include <string.h>

static const bench_target targets[] = {
	{ "W1 get", POSTGRESQL, NULL, .naive = 0.60, .good = 1.05, .best = 1.05, .tolerance = 0.05,
	  .allocations = 5, .round_trips = 1 },
	{ "W1 many", POSTGRESQL, NULL, .naive = 0.13, .good = 0.22, .best = 1.30, .tolerance = 0.05,
	  .round_trips = 0.01 },
	{ "W1 hit", POSTGRESQL, NULL, .tolerance = 0.05, .usec = 0.08 },
	{ "W1 hit", SQLITE, NULL, .tolerance = 0.05, .usec = 0.08 },
	{ "W1 get", SQLITE, NULL, .naive = 0.16, .good = 0.36, .best = 1.25, .tolerance = 0.05 },
	{ "W2", POSTGRESQL, NULL, .naive = 0.23, .good = 0.25, .best = 1.20, .other = 0.55, .tolerance = 0.10,
	  .allocations = 0.1 },
	{ "W2", SQLITE, NULL, .naive = 0.27, .good = 0.92, .best = 1.15, .tolerance = 0.10 },
	{ "W3", POSTGRESQL, NULL, .naive = 0.22, .best = 1.08, .tolerance = 0.05 },
	{ "W3", SQLITE, NULL, .naive = 0.31, .good = 0.91, .best = 1.10, .tolerance = 0.05 },
	{ "W4", POSTGRESQL, "tracked", .naive = 1.00, .good = 1.05, .best = 1.20, .tolerance = 0.05,
	  .allocations = 0.05 },
	{ "W4", POSTGRESQL, NULL, .naive = 0.90, .good = 0.95, .best = 1.08, .tolerance = 0.05 },
	{ "W4", SQLITE, "tracked", .naive = 1.15, .good = 1.15, .best = 1.40, .tolerance = 0.05 },
	{ "W4", SQLITE, NULL, .naive = 0.90, .good = 0.90, .best = 1.10, .tolerance = 0.05 },
	{ "W5", POSTGRESQL, NULL, .naive = 0.36, .good = 0.50, .best = 1.12, .tolerance = 0.10 },
	{ "W5", SQLITE, NULL, .naive = 0.75, .good = 1.25, .best = 1.25, .tolerance = 0.10 },
	{ "W6", POSTGRESQL, NULL, .naive = 0.62, .best = 1.20, .tolerance = 0.05 },
	{ "W6", SQLITE, NULL, .naive = 0.53, .best = 1.25, .tolerance = 0.05 },
	{ "W7 like", POSTGRESQL, NULL, .naive = 1.01, .good = 1.01, .best = 1.01, .tolerance = 0.05 },
	{ "W7 like", SQLITE, NULL, .naive = 1.01, .good = 1.01, .best = 1.01, .tolerance = 0.05 },
	{ "W7 jsonb", POSTGRESQL, NULL, .naive = 0.95, .good = 1.05, .best = 1.05, .tolerance = 0.05 },
	{ "W8 2/2", POSTGRESQL, NULL, .naive = 0.45, .best = 1.10, .tolerance = 0.10 },
	{ "W8 8/8", POSTGRESQL, NULL, .naive = 0.78, .best = 1.10, .tolerance = 0.10 },
	{ "W8 32/8", POSTGRESQL, NULL, .naive = 0.60, .best = 0.80, .tolerance = 0.10 },
	{ "W8 8/8", SQLITE, NULL, .best = 1.15, .tolerance = 0.10 }
};

const bench_target *bench_find_target(const bench_case *c)
{
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
		const bench_target *t = &targets[i];

		if (!strcmp(t->workload, c->workload) && t->backend == c->backend &&
		    (!t->name || !strcmp(t->name, c->name)))
			return t;
	}
	return NULL;
}
