/* W9: inserts and reads of 1,000 to 1,000,000 rows, the time for a row and the most memory that is
 * held at once beyond the rows that go in. Hand-written code here is that of W2 and W4. */
#include "counters.h"
#include "bench.h"
#include <stdio.h>
#include <string.h>

static void run_once(const bench_case *c, bench_work *work, double *usec, double *peak)
{
	void *state = c->open(c);

	if (c->before)
		c->before(state);
	bench_counts_reset_peak();
	double start = bench_now_usec();
	c->run(state, work);
	*usec = bench_now_usec() - start;
	bench_counts counts = bench_counts_now();
	*peak = (double)(counts.peak - counts.base);
	if (c->after)
		c->after(state, work);
	c->close(state);
}

/* Once to fill the caches of the connection, which is no cost of the rows, then in a new session:
 * the cases of W2 take the count of rows from env.size.inserts, those of W4 from the table. */
static void measure(const bench_case *c, bench_growth *g)
{
	bench_work work = { 0 }, warm_up = { 0 };
	double usec, peak;

	run_once(c, &warm_up, &usec, &peak);
	run_once(c, &work, &usec, &peak);
	*g = (bench_growth){ .workload = c->workload, .backend = c->backend, .side = c->side,
			     .name = c->name, .rows = work.ops, .usec = usec / (double)work.ops,
			     .peak_bytes = peak };
}

/* Row by row takes a minute of a million rows and is linear. */
static bool is_measured(const bench_case *c, const char *workload)
{
	return !strcmp(c->workload, workload) && c->side != SIDE_NAIVE && c->side != SIDE_OTHER &&
	       !(c->side == SIDE_GOOD && env.size.inserts > 100000);
}

static void cut_users(size_t n)
{
	char sql[64];

	snprintf(sql, sizeof sql, "DELETE FROM users WHERE id > %zu", n);
	bench_pg_command(sql);
	bench_pg_command("VACUUM FULL ANALYZE users");
	bench_sqlite_command(sql);
	bench_sqlite_command("VACUUM");
	bench_sqlite_command("PRAGMA wal_checkpoint(TRUNCATE)");
}

static size_t measure_all(const char *workload, bench_growth *out)
{
	const bench_list *lists[] = { &bench_ours, &bench_pg_read, &bench_pg_write, &bench_sqlite_read,
				      &bench_sqlite_write };
	size_t n = 0;

	for (size_t l = 0; l < sizeof lists / sizeof *lists; l++)
		for (size_t i = 0; i < lists[l]->n; i++) {
			const bench_case *c = &lists[l]->cases[i];

			if (is_measured(c, workload))
				measure(c, &out[n++]);
		}
	return n;
}

size_t bench_run_growth(bench_growth *out)
{
	size_t n = 0, bulk = env.size.bulk;

	env.size.bulk = 0;
	for (size_t rows = 1000; rows <= env.size.growth; rows *= 10) {
		env.size.inserts = rows;
		n += measure_all("W2", out + n);
	}
	env.size.bulk = bulk;
	env.size.inserts = 0;
	bench_add_users(env.size.growth);
	for (size_t rows = env.size.growth; rows >= 1000; rows /= 10) {
		env.size.users = rows;
		cut_users(rows);
		n += measure_all("W4", out + n);
	}
	return n;
}
