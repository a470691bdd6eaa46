/* bench/run: the library beside hand-written code for libpq and SQLite, in one run.
 *
 *	bench/run [--json FILE] [--quick] [--only W] [--ours] [--rounds N]
 *
 * --only takes the beginning of a workload's name, with the backend's before it if that is meant:
 * W4, "W1 get", sqlite:W5; growth is measured with all, and by W9. --ours leaves the hand-written
 * code out, for a profiler. --quick is a tenth of the rows and 3 rounds. Times are of both client
 * and server on one core, but for W8; each round visits the cases of a workload in another order,
 * ratios are paired by round, and what each case did is checked every time. */
#include "counters.h"
#include "report.h"
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_CASES = 128 };

typedef struct options { const char *json, *only; bool quick, ours; int rounds; } options;

static void parse(options *o, int argc, char **argv)
{
	static const struct option known[] = {
		{ "json", required_argument, NULL, 'j' }, { "quick", no_argument, NULL, 'q' },
		{ "only", required_argument, NULL, 'o' }, { "ours", no_argument, NULL, 'u' },
		{ "rounds", required_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 }
	};
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c == 'j')
			o->json = optarg;
		else if (c == 'q')
			o->quick = true;
		else if (c == 'u')
			o->ours = true;
		else if (c == 'o')
			o->only = optarg;
		else if (c == 'r')
			o->rounds = (int)strtol(optarg, NULL, 10);
		else
			exit(2);
	}
	if (!o->rounds)
		o->rounds = o->quick ? 3 : 5;
	if (o->rounds < 1 || o->rounds > MAX_ROUNDS || optind < argc)
		bench_fail("usage: run [--json FILE] [--quick] [--only W] [--ours] [--rounds 1 to %d]",
			   MAX_ROUNDS);
}

static bool wanted(const options *o, bench_backend backend, const char *workload)
{
	const char *only = o->only;
	size_t len = strlen(bench_backend_names[backend]);

	if (!only)
		return true;
	const char *colon = strchr(only, ':');
	if (colon && ((size_t)(colon - only) != len || strncmp(only, bench_backend_names[backend], len)))
		return false;
	only = colon ? colon + 1 : only;
	return !strncmp(workload, only, strlen(only));
}

static size_t collect(const options *o, bench_result *results)
{
	const bench_list *lists[] = { &bench_ours, &bench_pg_read, &bench_pg_write, &bench_pg_pool,
				      &bench_sqlite_read, &bench_sqlite_write, &bench_sqlite_pool };
	size_t n = 0;

	for (size_t l = 0; l < sizeof lists / sizeof *lists; l++)
		for (size_t i = 0; i < lists[l]->n && n < MAX_CASES; i++)
			if ((!o->ours || lists[l]->cases[i].side == SIDE_OURS) &&
			    wanted(o, lists[l]->cases[i].backend, lists[l]->cases[i].workload))
				results[n++].c = &lists[l]->cases[i];
	return n;
}

static uint64_t run_case(bench_result *r, void *state, int round)
{
	bench_work work = { 0 };

	if (r->c->before)
		r->c->before(state);
	bench_counts before = bench_counts_now();
	double start = bench_now_usec(), cpu = bench_cpu_usec();
	r->c->run(state, &work);
	double usec = bench_now_usec() - start;
	cpu = bench_cpu_usec() - cpu;
	bench_counts after = bench_counts_now();
	double ops = (double)work.ops;
	if (round >= 0) {
		r->usec[round] = usec / ops;
		r->cpu[round] = cpu / ops;
	}
	r->allocations = (double)(after.allocations - before.allocations) / ops;
	r->round_trips = (double)(after.round_trips - before.round_trips) / ops;
	r->bytes_out = (double)(after.bytes_out - before.bytes_out) / ops;
	r->bytes_in = (double)(after.bytes_in - before.bytes_in) / ops;
	if (r->c->after)
		r->c->after(state, &work);
	return work.sum;
}

static void shuffle(size_t *order, size_t n)
{
	static uint64_t seed = 0x2545F4914F6CDD1D;

	for (size_t i = n; i > 1; i--) {
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		size_t j = (size_t)(seed % i), other = order[i - 1];
		order[i - 1] = order[j];
		order[j] = other;
	}
}

/* All cases of one workload and backend: a round to warm up, then those that count. */
static void run_group(bench_result **group, size_t n, int rounds)
{
	void *states[MAX_CASES];
	size_t order[MAX_CASES];

	for (size_t i = 0; i < n; i++) {
		states[i] = group[i]->c->open(group[i]->c);
		order[i] = i;
	}
	for (int round = -1; round < rounds; round++) {
		uint64_t sum = 0;

		shuffle(order, n);
		for (size_t i = 0; i < n; i++) {
			uint64_t own = run_case(group[order[i]], states[order[i]], round);

			if (i && own != sum)
				bench_fail("%s: \"%s\" did not do what the others did", group[0]->c->workload,
					   group[order[i]]->c->name);
			sum = own;
		}
	}
	for (size_t i = 0; i < n; i++)
		group[i]->c->close(states[i]);
}

static void run_groups(bench_result *results, size_t n, int rounds)
{
	bool done[MAX_CASES] = { false };

	for (size_t i = 0; i < n; i++) {
		bench_result *group[MAX_CASES];
		size_t members = 0;

		for (size_t j = i; j < n; j++) {
			if (done[j] || results[j].c->backend != results[i].c->backend ||
			    strcmp(results[j].c->workload, results[i].c->workload) != 0)
				continue;
			done[j] = true;
			group[members++] = &results[j];
		}
		if (!members)
			continue;
		fprintf(stderr, "%s %s\n", bench_backend_names[group[0]->c->backend], group[0]->c->workload);
		run_group(group, members, rounds);
	}
}

/* In a child, so that the server is stopped whatever becomes of it. */
static void measure(const options *o)
{
	static bench_result results[MAX_CASES];
	static bench_growth growth[MAX_GROWTH];

	bench_make_data();
	bench_load();
	bench_report report = { .results = results, .n = collect(o, results), .rounds = o->rounds,
				.growth = growth };
	run_groups(results, report.n, o->rounds);
	if (!o->only || !strcmp(o->only, "W9"))
		report.n_growth = bench_run_growth(growth);
	bench_print(&report);
	if (o->json && !bench_write_json(&report, o->json))
		bench_fail("%s cannot be written", o->json);
	amph_close(env.engine[POSTGRESQL]);
	amph_close(env.engine[SQLITE]);
	exit(0);
}

int main(int argc, char **argv)
{
	options o = { 0 };
	int status = 0;

	parse(&o, argc, argv);
	env.size = (bench_sizes){ .users = 100000, .gets = 50000, .inserts = 10000, .bulk = 100000,
				  .flush = 10000, .categories = 1000, .likes = 3, .jsons = 500,
				  .shared = 50000, .growth = 1000000 };
	if (o.quick)
		env.size = (bench_sizes){ .users = 10000, .gets = 5000, .inserts = 2000, .bulk = 10000,
					  .flush = 2000, .categories = 100, .likes = 3, .jsons = 100,
					  .shared = 5000, .growth = 10000 };
	bench_pin(true);
	bench_start_server();
	fflush(NULL);
	pid_t pid = fork();
	if (!pid)
		measure(&o);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		status = 1;
	bench_stop_server();
	if (WIFSIGNALED(status))
		fprintf(stderr, "bench: ended by signal %d\n", WTERMSIG(status));
	return status != 0;
}
