/* W9: inserts and reads of 1,000 to 1,000,000 rows, the time for a row and the most memory that is
 * held at once beyond the rows that go in. Hand-written code here is that of W2 and W4. */
#include "counters.h"
#include "bench.h"
#include <stdio.h>
#include <string.h>

/* The same run with another count of rows: the cases of W2 take it from env.size.inserts, those of
 * W4 from the table, which is cut to it. */
static void measure(const bench_case *c, bench_growth *g)
{
	bench_work work = { 0 };
	void *state = c->open(c);

	if (c->before)
		c->before(state);
	bench_counts_reset_peak();
	int64_t base = bench_counts_now().live;
	double start = bench_now_usec();
	c->run(state, &work);
	double usec = bench_now_usec() - start;
	*g = (bench_growth){ .workload = c->workload, .backend = c->backend, .side = c->side,
			     .name = c->name, .rows = work.ops, .usec = usec / (double)work.ops,
			     .peak_bytes = (double)(bench_counts_now().peak - base) };
	if (c->after)
		c->after(state, &work);
	c->close(state);
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

			if (!strcmp(c->workload, workload) && c->side != SIDE_NAIVE && c->side != SIDE_OTHER)
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
	bench_add_users(env.size.growth);
	for (size_t rows = env.size.growth; rows >= 1000; rows /= 10) {
		env.size.users = rows;
		cut_users(rows);
		n += measure_all("W4", out + n);
	}
	return n;
}
