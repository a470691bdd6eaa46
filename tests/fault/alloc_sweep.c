/* The life of a session, again and again, each time with another allocation of the process that
 * fails: the library's, libpq's, SQLite's, the C library's. What failed is tried once more, and must
 * then succeed; nothing may crash, hang, stay allocated, or be half done.
 *
 *	alloc_sweep URL [--from N] [--to N] [--step N] [--show]
 *
 * Each life is a child of its own; two run side by side. In the URL, %d becomes the number of the
 * worker, which has a database or file to itself. --show tells where what is left was made. */
#include "fault.h"
#include "interpose.h"
#include <amphora.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct Account Account;
typedef struct Entry Entry;
struct Account {
	int64_t id;
	const char *name;
	amph_numeric balance;
	AMPH_MANY(Entry) entries;
};
struct Entry {
	int64_t id;
	int64_t account_id;
	amph_numeric amount;
	const char *note;
	amph_timestamptz made_at;
	Account *account;
};
AMPH_DECLARE(Account);
AMPH_DECLARE(Entry);
AMPH_MODEL(Account, "accounts",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Account, id, .primary_key = true),
		AMPH_COLUMN(Account, name, .length = 20, .not_null = true, .unique = true),
		AMPH_COLUMN(Account, balance, .precision = 10, .scale = 2, .check = "balance >= 0")),
	.relations = AMPH_RELATIONS(
		AMPH_HAS_MANY(Account, entries, Entry, account_id, .back = AMPH_MEMBER(Entry, account),
			      .cascade = AMPH_CASCADE_ALL | AMPH_DELETE_ORPHAN)));
AMPH_MODEL(Entry, "entries",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Entry, id, .primary_key = true),
		AMPH_COLUMN(Entry, account_id, .references = AMPH_REF(Account, id), .index = true),
		AMPH_COLUMN(Entry, amount, .precision = 10, .scale = 2),
		AMPH_COLUMN(Entry, note),
		AMPH_COLUMN(Entry, made_at, .default_fn = amph_now)),
	.relations = AMPH_RELATIONS(AMPH_BELONGS_TO(Entry, account, Account, account_id,
						    .back = AMPH_MEMBER(Account, entries))));
static const amph_model *const models[] = { &amph_model_Account, &amph_model_Entry, NULL };

enum { N_ACCOUNTS = 24, N_WORKERS = 2, ATTEMPTS = 2, LIFE_SECONDS = 30 };

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

static bool insert(amph_session *s)
{
	static char names[N_ACCOUNTS][24];
	Account *accounts[N_ACCOUNTS];

	for (int i = 0; i < N_ACCOUNTS; i++) {
		snprintf(names[i], sizeof names[i], "account %d", i);
		accounts[i] = amph_new(s, Account, .name = names[i], .balance = amph_numeric_from_int64(100));
	}
	if (!amph_flush(s))
		return false;
	for (int i = 0; i < N_ACCOUNTS; i++)
		amph_new(s, Entry, .account_id = accounts[i]->id, .amount = amph_numeric_from_int64(100),
			 .note = "opened");
	return amph_commit(s);
}

typedef struct Total { int64_t account_id; amph_opt_numeric sum; } Total;
AMPH_ROW(Total);

/* Statements of several parts, which leave all as it is. */
static bool ask(amph_session *s, Account *first)
{
	Account again[] = { *first };
	Total *totals = amph_project(s, Total, Total,
		.ctes = amph_ctes(amph_cte(Total, Entry, .group_by = amph_by(amph_col(Entry, account_id)),
			.fields = amph_fields(amph_into(Total, account_id, amph_col(Entry, account_id)),
					      amph_into(Total, sum, amph_fn_sum(amph_col(Entry, amount)))))),
		.combine = amph_combine(amph_union(Account, .fields = amph_fields(
			amph_into(Total, account_id, amph_col(Account, id)),
			amph_into(Total, sum, amph_col(Account, balance))))),
		.fields = amph_fields(amph_into(Total, account_id, amph_col(Total, account_id)),
				      amph_into(Total, sum, amph_col(Total, sum))));

	return totals && amph_all(s, Account, .keyset = amph_after(Account, first), .limit = 2) &&
	       amph_upsert_many(s, Account, again, 1, .write_back = again) == 1 &&
	       amph_update_many(s, Account, again, 1) == 1 && amph_json_of(s, Account) &&
	       amph_update(s, Account, .where = amph_eq(amph_col(Account, id), first->id),
			   .set = amph_sets(amph_set(Account, balance, first->balance)),
			   .sync = AMPH_SYNC_REFRESH) == 1;
}

static bool change(amph_session *s)
{
	Account **accounts =
		amph_all(s, Account, .where = amph_starts_with(amph_col(Account, name), "account"),
			 .order_by = amph_by(amph_col(Account, id)));

	if (!accounts || amph_length(accounts) != N_ACCOUNTS)
		return false;
	for (size_t i = 0; i < N_ACCOUNTS; i += 2) {
		accounts[i]->balance = amph_numeric_from_int64(90);
		accounts[i + 1]->balance = amph_numeric_from_int64(110);
	}
	Entry *first = amph_first(s, Entry, .where = amph_eq(amph_col(Entry, account_id), accounts[0]->id));
	if (!first || !amph_delete(s, first))
		return false;
	amph_new(s, Entry, .account_id = accounts[0]->id, .amount = amph_numeric_from_int64(90),
		 .note = "moved");
	return ask(s, accounts[0]) &&
	       amph_update(s, Entry, .where = amph_eq(amph_col(Entry, account_id), accounts[1]->id),
			   .set = amph_sets(amph_set(Entry, note, "received"))) == 1 &&
	       amph_commit(s);
}

/* Relationships read eagerly and where they are touched. */
static bool read_related(amph_session *s)
{
	size_t n = 0;
	Account **accounts = amph_all(s, Account, .load = amph_with(amph_selectin(Account, entries)));

	if (!accounts)
		return false;
	amph_each(Account, a, accounts)
		n += amph_length(a->entries);
	amph_session_clear(s);
	Entry **entries = amph_all(s, Entry, .load = amph_with(amph_joined(Entry, account)),
				   .order_by = amph_by(amph_col(Entry, id)), .limit = 3);
	if (!entries)
		return false;
	amph_session_clear(s);
	entries = amph_all(s, Entry);
	if (!entries)
		return false;
	amph_each(Entry, e, entries) {
		if (!amph_rel(e, account))
			return false;
		n += amph_length(amph_rel(e->account, entries)) == 1;
		if (amph_failed(s))
			return false;
	}
	return n == 2 * N_ACCOUNTS;
}

static bool run_sql(amph_session *s)
{
	amph_rows *r = amph_sql(s, "UPDATE entries SET note = note WHERE note = :note",
				amph_bind("note", "moved"));

	if (!amph_rows_close(r))
		return false;
	r = amph_sql(s, "SELECT a.name, count(*) AS n, sum(e.amount) AS total FROM accounts a "
			"JOIN entries e ON e.account_id = a.id GROUP BY a.name HAVING count(*) > :least "
			"ORDER BY 1", amph_bind("least", 0));
	while (amph_next(r))
		;
	return amph_rows_close(r);
}

/* Relationships, SQL of the program's own, and a family in a savepoint that is rolled back: what it
 * leaves is what it found. */
static bool relate(amph_session *s)
{
	if (!read_related(s) || !run_sql(s) || !amph_savepoint(s))
		return false;
	Account *other = amph_first(s, Account, .where = amph_eq(amph_col(Account, name), "account 1"));
	Account *a = amph_new(s, Account, .name = "family", .balance = amph_numeric_from_int64(1));
	Entry *e = amph_new(s, Entry, .amount = amph_numeric_from_int64(1), .note = "child");
	if (!a || !e || !other || !amph_append(a, entries, e) || !amph_flush(s) ||
	    !amph_delete(s, other) || !amph_flush(s) || !amph_rollback_to(s))
		return false;
	return amph_commit(s);
}

/* Whether the transaction that ends in this many entries of that note was applied after all. */
static bool was_applied(amph_engine *db, const char *note)
{
	amph_session *s = amph_session_open(db);
	bool applied = s && amph_count(s, Entry, .where = amph_eq(amph_col(Entry, note), note)) > 0;

	amph_session_close(s);
	return applied;
}

typedef bool work_fn(amph_session *s);

/* In one session, whose objects must be usable again after the rollback. */
static bool transact(amph_engine *db, report *r, work_fn *work, const char *name, const char *note)
{
	amph_session *s = NULL;
	bool ok = false;

	for (int i = 0; i < ATTEMPTS && !s; i++)
		s = amph_session_open(db);
	for (int i = 0; s && i < ATTEMPTS && !ok; i++) {
		ok = work(s);
		if (ok)
			break;
		amph_error err = *amph_session_error(s);
		if (!is_reported(r, name, &err))
			break;
		if (err.outcome == AMPH_UNKNOWN)
			ok = was_applied(db, note);
		if (i == ATTEMPTS - 1 && !ok)
			complain(r, name, &err);
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
		amph_engine *db = amph_open(url, AMPH_OPTIONS(.models = models), &err);

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
	r->done = create(db, r) && transact(db, r, insert, "insert", "opened") &&
		  transact(db, r, change, "change", "moved") &&
		  transact(db, r, relate, "relationships", "moved");
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
	if (!fault_database_check(d, N_ACCOUNTS, why, sizeof why)) {
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
