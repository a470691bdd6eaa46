/* The same results for programs. */
#include "report.h"
#include "targets.h"
#include <sys/utsname.h>
#include <unistd.h>

static const char *const sides[] = { "best", "good", "naive", "other", "ours" };

static void put_ratio(FILE *out, const bench_report *r, const bench_result *x, bench_side side, double target)
{
	double ratio = bench_ratio(x, bench_side_of(r->results, r->n, x->c, side), r->rounds);

	if (ratio <= 0)
		return;
	fprintf(out, ", \"%s\": {\"ratio\": %.4f", sides[side], ratio);
	if (target > 0)
		fprintf(out, ", \"target\": %.2f", target);
	fputc('}', out);
}

static void put_result(FILE *out, const bench_report *r, const bench_result *x)
{
	const bench_target none = { .workload = NULL };
	const bench_target *t = bench_find_target(x->c);

	if (!t)
		t = &none;
	fprintf(out, "    {\"workload\": \"%s\", \"backend\": \"%s\", \"side\": \"%s\", \"case\": \"%s\", ",
		x->c->workload, bench_backend_names[x->c->backend], sides[x->c->side], x->c->name);
	fprintf(out, "\"us_per_op\": %.4f, \"cpu_us_per_op\": %.4f, \"rounds_us\": [",
		bench_median(x->usec, r->rounds), bench_median(x->cpu, r->rounds));
	for (int i = 0; i < r->rounds; i++)
		fprintf(out, "%s%.4f", i ? ", " : "", x->usec[i]);
	fprintf(out,
		"], \"allocations\": %.4f, \"round_trips\": %.4f, \"bytes_out\": %.1f, "
		"\"bytes_in\": %.1f",
		x->allocations, x->round_trips, x->bytes_out, x->bytes_in);
	if (x->c->side == SIDE_OURS) {
		put_ratio(out, r, x, SIDE_BEST, t->best);
		put_ratio(out, r, x, SIDE_GOOD, t->good);
		put_ratio(out, r, x, SIDE_NAIVE, t->naive);
		put_ratio(out, r, x, SIDE_OTHER, t->other);
		fprintf(out, ", \"tolerance\": %.2f", t->tolerance);
	}
	fputc('}', out);
}

static void put_growth(FILE *out, const bench_growth *g)
{
	fprintf(out, "    {\"workload\": \"%s\", \"backend\": \"%s\", \"side\": \"%s\", \"case\": \"%s\", "
		"\"rows\": %zu, \"us_per_row\": %.4f, \"peak_bytes\": %.0f}", g->workload,
		bench_backend_names[g->backend], sides[g->side], g->name, g->rows, g->usec, g->peak_bytes);
}

bool bench_write_json(const bench_report *r, const char *path)
{
	FILE *out = fopen(path, "w");
	struct utsname machine;

	if (!out)
		return false;
	uname(&machine);
	fprintf(out, "{\n  \"system\": \"%s %s\", \"cores\": %ld, \"rounds\": %d,\n  \"results\": [\n",
		machine.sysname, machine.machine, sysconf(_SC_NPROCESSORS_ONLN), r->rounds);
	for (size_t i = 0; i < r->n; i++) {
		put_result(out, r, &r->results[i]);
		fputs(i + 1 < r->n ? ",\n" : "\n", out);
	}
	fprintf(out, "  ],\n  \"growth\": [\n");
	for (size_t i = 0; i < r->n_growth; i++) {
		put_growth(out, &r->growth[i]);
		fputs(i + 1 < r->n_growth ? ",\n" : "\n", out);
	}
	fprintf(out, "  ]\n}\n");
	return !fclose(out);
}
