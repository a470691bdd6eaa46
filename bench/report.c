/* The table that people read. */
#include "report.h"
#include "targets.h"
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double bench_median(const double *values, int n)
{
	double sorted[MAX_ROUNDS];

	memcpy(sorted, values, (size_t)n * sizeof *sorted);
	qsort(sorted, (size_t)n, sizeof *sorted, compare);
	return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

double bench_ratio(const bench_result *ours, const bench_result *other, int rounds)
{
	double ratios[MAX_ROUNDS];

	if (!other)
		return 0;
	for (int i = 0; i < rounds; i++)
		ratios[i] = ours->usec[i] / other->usec[i];
	return bench_median(ratios, rounds);
}

const bench_result *bench_side_of(const bench_result *all, size_t n, const bench_case *like, bench_side side)
{
	for (size_t i = 0; i < n; i++)
		if (all[i].c->side == side && all[i].c->backend == like->backend &&
		    !strcmp(all[i].c->workload, like->workload))
			return &all[i];
	return NULL;
}

typedef struct tally { int met, missed; char missing[200]; } tally;

/* A figure with its target: met, or by how much not. */
static void judge(tally *t, const char *what, double value, double target, double tolerance)
{
	size_t used = strlen(t->missing);

	if (target <= 0 || value <= 0)
		return;
	if (value <= target * (1 + tolerance)) {
		t->met++;
		return;
	}
	t->missed++;
	snprintf(t->missing + used, sizeof t->missing - used, "%s%s %.2f > %.2f (+%.0f %%)", used ? ", " : "",
		 what, value, target, (value / target - 1) * 100);
}

static void put_cell(double value, int digits)
{
	if (value > 0)
		printf(" %8.*f", digits, value);
	else
		printf(" %8s", "-");
}

static void print_ours(const bench_report *r, const bench_result *ours, tally *sum)
{
	const bench_side sides[] = { SIDE_BEST, SIDE_GOOD, SIDE_NAIVE, SIDE_OTHER };
	const char *const names[] = { "best", "good", "naive", "pipelined" };
	const bench_target *t = bench_find_target(ours->c);
	double ratio[4], usec = bench_median(ours->usec, r->rounds);
	tally own = { 0 };

	for (int i = 0; i < 4; i++)
		ratio[i] = bench_ratio(ours, bench_side_of(r->results, r->n, ours->c, sides[i]), r->rounds);
	printf("%-10s %-9s %-22s %9.3f %9.3f", bench_backend_names[ours->c->backend], ours->c->workload,
	       ours->c->name, usec, bench_median(ours->cpu, r->rounds));
	for (int i = 0; i < 3; i++)
		put_cell(ratio[i], 2);
	printf(" %8.2f %7.3f  ", ours->allocations, ours->round_trips);
	if (t) {
		const double limits[] = { t->best, t->good, t->naive, t->other };

		for (int i = 0; i < 4; i++)
			judge(&own, names[i], ratio[i], limits[i], t->tolerance);
		judge(&own, "us", usec, t->usec, t->tolerance);
		judge(&own, "allocations", ours->allocations, t->allocations, 0.05);
		judge(&own, "round trips", ours->round_trips, t->round_trips, 0.05);
	}
	printf("%s\n", !t ? "" : own.missed ? own.missing : "met");
	sum->met += own.met;
	sum->missed += own.missed;
}

static void print_hand_written(const bench_report *r)
{
	printf("\nHand-written code: microseconds of an operation, of them this process; "
	       "allocations, round trips\n");
	for (size_t i = 0; i < r->n; i++) {
		const bench_result *x = &r->results[i];
		const char *const sides[] = { "best", "good", "naive", "other" };

		if (x->c->side == SIDE_OURS)
			continue;
		printf("%-10s %-9s %-6s %-42s %9.3f %9.3f %8.2f %7.3f\n", bench_backend_names[x->c->backend],
		       x->c->workload, sides[x->c->side], x->c->name, bench_median(x->usec, r->rounds),
		       bench_median(x->cpu, r->rounds), x->allocations, x->round_trips);
	}
}

static const bench_growth *growth_of(const bench_report *r, const bench_growth *like, size_t rows)
{
	for (size_t i = 0; i < r->n_growth; i++) {
		const bench_growth *g = &r->growth[i];

		if (g->rows == rows && g->backend == like->backend && g->side == like->side &&
		    !strcmp(g->workload, like->workload) && !strcmp(g->name, like->name))
			return g;
	}
	return NULL;
}

static void judge_growth(const bench_report *r, const bench_growth *g, size_t most, tally *t)
{
	const bench_growth *small = growth_of(r, g, 10000);

	if (g->side != SIDE_OURS || g->rows != most)
		return;
	if (small && most > 10000)
		judge(t, "us against 10k", g->usec / small->usec, TARGET_GROWTH, 0.05);
	if (!strcmp(g->workload, "W2") && g->backend == POSTGRESQL)
		judge(t, "MB", g->peak_bytes / 1e6, TARGET_INSERT_BYTES / 1e6, 0);
	else if (!strcmp(g->name, "stream"))
		judge(t, "MB", g->peak_bytes / 1e6, TARGET_STREAM_BYTES / 1e6, 0);
	else if (!strcmp(g->name, "tracked") && g->backend == POSTGRESQL)
		judge(t, "bytes a row", g->peak_bytes / (double)g->rows, TARGET_TRACKED_BYTES, 0.05);
}

static void print_growth(const bench_report *r, tally *sum)
{
	const char *const sides[] = { "best", "good", "naive", "other", "ours" };
	size_t most = 0;

	for (size_t i = 0; i < r->n_growth; i++)
		most = r->growth[i].rows > most ? r->growth[i].rows : most;
	printf("\nW9: rows, microseconds and peak bytes for a row\n");
	for (size_t i = 0; i < r->n_growth; i++) {
		const bench_growth *g = &r->growth[i];
		tally own = { 0 };

		judge_growth(r, g, most, &own);
		printf("%-10s %-3s %-6s %-32s %9zu %8.3f %8.1f  %s\n", bench_backend_names[g->backend],
		       g->workload, sides[g->side], g->name, g->rows, g->usec,
		       g->peak_bytes / (double)g->rows, own.missed ? own.missing : own.met ? "met" : "");
		sum->met += own.met;
		sum->missed += own.missed;
	}
}

void bench_print(const bench_report *r)
{
	tally sum = { 0 };

	printf("%-10s %-9s %-22s %9s %9s %8s %8s %8s %8s %7s  %s\n", "", "workload", "ours",
	       "us/op", "cpu", "/best", "/good", "/naive", "allocs", "trips", "targets");
	for (size_t i = 0; i < r->n; i++)
		if (r->results[i].c->side == SIDE_OURS)
			print_ours(r, &r->results[i], &sum);
	print_hand_written(r);
	if (r->n_growth)
		print_growth(r, &sum);
	printf("\ntargets met: %d, missed: %d\n", sum.met, sum.missed);
}
