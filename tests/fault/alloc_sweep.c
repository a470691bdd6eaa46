/* The life of a session, again and again, each time with another allocation of the process that
 * fails: the library's, libpq's, SQLite's, the C library's. What failed is tried once more, and must
 * then succeed; nothing may crash, hang, stay allocated, or be half done.
 *
 *	alloc_sweep URL [--from N] [--to N] [--step N] [--show]
 *
 * Each life is a child of its own; two run side by side. In the URL, %d becomes the number of the
 * worker, which has a database or file to itself. --show tells where what is left was made. */
#include "alloc_life.h"
#include "fault.h"
#include "interpose.h"
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { N_WORKERS = 2, ATTEMPTS = 2, LIFE_SECONDS = 30 };

/* What a child tells its parent; shared memory. */
typedef struct report {
	size_t allocations, live;
	bool failed, done;
	char what[400];
} report;

typedef struct options { const char *url; size_t from, to, step; bool show; } options;

/* ---- the life ---- */

static void complain(report *r, const char *step, const amph_error *err)
{
	if (!r->what[0])
		snprintf(r->what, sizeof r->what, "%s: %s %s", step, err->sqlstate, err->message);
}

/* A failure must say what it is. */
static bool is_reported(report *r, const char *step, const amph_error *err)
{
	if (err->status != AMPH_OK && err->message[0] && strlen(err->sqlstate) == 5)
		return true;
	snprintf(r->what, sizeof r->what, "%s failed without an error", step);
	return false;
}

/* In one session, whose objects must be usable again after the rollback. */
static bool transact(amph_engine *db, report *r, const life_part *part)
{
	amph_session *s = NULL;
	bool ok = false;

	for (int i = 0; i < ATTEMPTS && !s; i++)
		s = amph_session_open(db);
	for (int i = 0; s && i < ATTEMPTS && !ok; i++) {
		ok = part->work(s);
		if (ok)
			break;
		amph_error err = *amph_session_error(s);
		if (!is_reported(r, part->name, &err))
			break;
		if (err.outcome == AMPH_UNKNOWN)
			ok = life_was_applied(db, part->note);
		if (i == ATTEMPTS - 1 && !ok)
			complain(r, part->name, &err);
		amph_rollback(s);
	}
	amph_session_close(s);
	return ok;
}

static bool create(amph_engine *db, report *r)
{
	amph_error err;

	for (int i = 0; i < ATTEMPTS; i++) {
		if (amph_create_all(db, &err))
			return true;
		if (!is_reported(r, "amph_create_all", &err))
			return false;
	}
	complain(r, "amph_create_all", &err);
	return false;
}

static amph_engine *open_engine(const char *url, report *r)
{
	amph_error err;

	for (int i = 0; i < ATTEMPTS; i++) {
		amph_engine *db = amph_open(url, AMPH_OPTIONS(.models = life_models), &err);

		if (db)
			return db;
		if (!is_reported(r, "amph_open", &err))
			return NULL;
	}
	complain(r, "amph_open", &err);
	return NULL;
}

static void live(const char *url, report *r)
{
	amph_engine *db = open_engine(url, r);

	if (!db)
		return;
	r->done = create(db, r);
	for (const life_part *part = life_parts; part->name && r->done; part++)
		r->done = transact(db, r, part);
	amph_close(db);
	if (!r->done && !r->what[0])
		snprintf(r->what, sizeof r->what, "a step failed and said nothing");
}

/* ---- one child for each allocation ---- */

static void be_child(const char *url, size_t fail_at, bool show, report *r)
{
	alarm(LIFE_SECONDS);
	interpose_start(fail_at, show);
	live(url, r);
	interpose_stop();
	r->allocations = interpose_count();
	r->live = interpose_live();
	r->failed = interpose_failed();
	if (show)
		interpose_print(STDOUT_FILENO);
	_exit(0);
}

/* false: something is wrong, and was said. */
static bool try_one(const options *o, fault_database *d, const char *url, size_t fail_at, report *r)
{
	char why[400];
	int status;

	memset(r, 0, sizeof *r);
	fault_database_empty(d);
	fflush(stdout);
	pid_t pid = fork();
	if (!pid)
		be_child(url, fail_at, o->show, r);
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		printf("a child cannot be started: %s\n", strerror(errno));
		return false;
	}
	if (WIFSIGNALED(status) || WEXITSTATUS(status)) {
		printf("allocation %zu: the child %s %d\n", fail_at,
		       WIFSIGNALED(status) ? "was ended by signal" : "ended with",
		       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
		return false;
	}
	if (!r->done) {
		printf("allocation %zu: %s\n", fail_at, r->what);
		return false;
	}
	if (!fault_database_check(d, LIFE_ACCOUNTS, why, sizeof why)) {
		printf("allocation %zu: %s\n", fail_at, why);
		return false;
	}
	return true;
}

typedef struct result { size_t lives, bad, not_failed; } result;

static void sweep(const options *o, int worker, const report *whole, result *out)
{
	char url[400];
	report *r = fault_shared(sizeof *r);
	size_t step = o->step ? o->step : 1;

	fault_worker_url(url, sizeof url, o->url, worker);
	fault_database *d = fault_database_open(url);
	for (size_t n = o->from + (size_t)worker * step; n <= o->to; n += N_WORKERS * step) {
		out->lives++;
		if (!try_one(o, d, url, n, r)) {
			out->bad++;
		} else if (r->live > whole->live) {
			printf("allocation %zu: %zu blocks were not given back, %zu without a "
			       "failure\n",
			       n, r->live, whole->live);
			out->bad++;
		} else if (!r->failed) {
			out->not_failed++;
		}
	}
	fault_database_close(d);
	fflush(stdout);
}

static options parse(int argc, char **argv)
{
	static const struct option known[] = {
		{ "from", required_argument, NULL, 'f' }, { "to", required_argument, NULL, 't' },
		{ "step", required_argument, NULL, 's' }, { "show", no_argument, NULL, 'w' },
		{ NULL, 0, NULL, 0 }
	};
	options o = { .from = 1 };
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c == 'f')
			o.from = strtoul(optarg, NULL, 10);
		else if (c == 't')
			o.to = strtoul(optarg, NULL, 10);
		else if (c == 's')
			o.step = strtoul(optarg, NULL, 10);
		else if (c == 'w')
			o.show = true;
		else
			exit(2);
	}
	o.url = optind < argc ? argv[optind] : NULL;
	return o;
}

int main(int argc, char **argv)
{
	options o = parse(argc, argv);
	report *whole = fault_shared(sizeof *whole);
	result *results = fault_shared(N_WORKERS * sizeof *results);
	result sum = { 0 };
	char url[400];

	if (!o.url) {
		fputs("usage: alloc_sweep URL [--from N] [--to N] [--step N] [--show]\n", stderr);
		return 2;
	}
	fault_worker_url(url, sizeof url, o.url, 0);
	fault_database *d = fault_database_open(url);
	options quiet = o;
	quiet.show = false;
	if (!try_one(&quiet, d, url, 0, whole))
		return 1;
	fault_database_close(d);
	if (!o.to)
		o.to = whole->allocations + whole->allocations / 50;
	for (int i = 0; i < N_WORKERS; i++)
		if (!fork()) {
			sweep(&o, i, whole, &results[i]);
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	for (int i = 0; i < N_WORKERS; i++) {
		sum.lives += results[i].lives;
		sum.bad += results[i].bad;
		sum.not_failed += results[i].not_failed;
	}
	printf("a life has %zu allocations, %zu of them stay with the process; lives: %zu, of them "
	       "without a "
	       "failure: %zu, bad: %zu\n",
	       whole->allocations, whole->live, sum.lives, sum.not_failed, sum.bad);
	return sum.bad || !sum.lives;
}
