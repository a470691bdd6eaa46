/* Transfers of money by several processes while they, the server's processes, or the server itself
 * are killed: what was confirmed is there, what was refused is not, and no money comes or goes.
 *
 *	kill_bank URL [--rounds N] [--server DIR]
 *
 * A round kills one victim while the transfers go on: a client, and with --server, the folder of
 * a server that postgres.sh started, in turn a client, a server process, the postmaster. */
#include "fault.h"
#include <amphora.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct Account {
	int64_t id;
	amph_numeric balance;
} Account;
typedef struct Transfer {
	int64_t worker, number;
	int64_t from_id, to_id;
	amph_numeric amount;
} Transfer;
AMPH_DECLARE(Account);
AMPH_DECLARE(Transfer);
AMPH_MODEL(Account, "accounts",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Account, id, .primary_key = true, .identity = AMPH_IDENTITY_NONE),
		AMPH_COLUMN(Account, balance, .precision = 12, .scale = 2)));
AMPH_MODEL(Transfer, "transfers",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Transfer, worker, .primary_key = true),
		AMPH_COLUMN(Transfer, number, .primary_key = true),
		AMPH_COLUMN(Transfer, from_id, .references = AMPH_REF(Account, id)),
		AMPH_COLUMN(Transfer, to_id, .references = AMPH_REF(Account, id)),
		AMPH_COLUMN(Transfer, amount, .precision = 12, .scale = 2)));
static const amph_model *const models[] = { &amph_model_Account, &amph_model_Transfer, NULL };

enum { N_ACCOUNTS = 6, N_WORKERS = 4, START_BALANCE = 1000, MAX_TRANSFERS = 400000 };

typedef enum outcome { NOT_TRIED, STARTED, CONFIRMED, REFUSED, UNKNOWN, N_OUTCOMES } outcome;

/* What each worker believes; written before and after each COMMIT, outlives the worker. */
typedef struct ledger {
	atomic_uint next;
	_Atomic unsigned char state[MAX_TRANSFERS];
	char wrong[300];        /* what an error was that should not be */
	char unknown[300];      /* the last reason why an outcome could not be known */
} ledger;
static ledger *ledgers;
static atomic_bool *stop;

typedef struct options { const char *url, *server; int rounds; } options;

/* ---- a worker ---- */

static bool transfer(amph_session *s, int worker, unsigned number)
{
	int64_t from = (int64_t)(fault_random() % N_ACCOUNTS) + 1;
	int64_t to = from % N_ACCOUNTS + 1;
	/* in the order of their keys, so that no two wait for each other */
	Account *first = amph_one(s, Account, .where = amph_eq(amph_col(Account, id), from < to ? from : to),
				  .for_update = true);
	Account *second = first ? amph_one(s, Account,
					   .where = amph_eq(amph_col(Account, id), from < to ? to : from),
					   .for_update = true) : NULL;

	if (!second)
		return false;
	Account *a = first->id == from ? first : second, *b = a == first ? second : first;
	int64_t amount = (int64_t)(fault_random() % 10) + 1;
	a->balance.v.units -= amount * 100;
	b->balance.v.units += amount * 100;
	amph_new(s, Transfer, .worker = worker, .number = number, .from_id = from, .to_id = to,
		 .amount = { .v = { .units = amount * 100 }, .scale = 2 });
	return true;
}

static bool is_expected(const amph_error *err)
{
	return err->status == AMPH_E_CONNECTION || err->status == AMPH_E_UNKNOWN_OUTCOME ||
	       err->status == AMPH_E_BUSY || err->retryable || !strncmp(err->sqlstate, "57P", 3);
}

static outcome outcome_of(ledger *own, const amph_error *err)
{
	if (err->outcome == AMPH_UNKNOWN) {
		snprintf(own->unknown, sizeof own->unknown, "%s %s", err->sqlstate, err->message);
		if (strcmp(err->sqlstate, "08007") != 0 || !err->message[0])
			snprintf(own->wrong, sizeof own->wrong, "unknown, but not 08007: %s %s",
				 err->sqlstate, err->message);
		return UNKNOWN;
	}
	if (err->outcome == AMPH_APPLIED)
		return CONFIRMED;
	if (!is_expected(err))
		snprintf(own->wrong, sizeof own->wrong, "%s %s", err->sqlstate, err->message);
	return REFUSED;
}

static void work(amph_engine *db, int worker)
{
	ledger *own = &ledgers[worker];

	while (!atomic_load(stop)) {
		unsigned number = atomic_fetch_add(&own->next, 1);
		if (number >= MAX_TRANSFERS)
			return;
		amph_session *s = amph_session_open(db);
		if (!s)
			_exit(1);
		own->state[number] = STARTED;
		bool ok = transfer(s, worker, number) && amph_commit(s);
		own->state[number] = (unsigned char)(ok ? CONFIRMED : outcome_of(own, amph_session_error(s)));
		amph_session_close(s);
		if (!ok)
			fault_sleep_usec(5000);
	}
}

static void be_worker(const options *o, int worker)
{
	amph_engine *db = NULL;
	amph_error err;

	while (!db && !atomic_load(stop)) {
		db = amph_open(o->url, AMPH_OPTIONS(.models = models, .pool_size = 1), &err);
		if (!db && !is_expected(&err))
			snprintf(ledgers[worker].wrong, sizeof ledgers[worker].wrong, "%s %s", err.sqlstate,
				 err.message);
		if (!db)
			fault_sleep_usec(20000);
	}
	if (db)
		work(db, worker);
	amph_close(db);
	_exit(0);
}

static pid_t start_worker(const options *o, int worker)
{
	fflush(NULL);
	pid_t pid = fork();

	if (pid < 0)
		fault_die("fork: %s", strerror(errno));
	if (!pid)
		be_worker(o, worker);
	return pid;
}

/* ---- the killer ---- */

static pid_t postmaster_of(const char *folder)
{
	char path[400];
	long pid = 0;

	snprintf(path, sizeof path, "%s/data/postmaster.pid", folder);
	FILE *in = fopen(path, "r");
	if (!in || fscanf(in, "%ld", &pid) != 1)
		fault_die("%s cannot be read", path);
	fclose(in);
	return (pid_t)pid;
}

static void restart_server(const options *o)
{
	char command[600];

	snprintf(command, sizeof command, "'%s/tests/support/postgres.sh' restart '%s' >/dev/null",
		 getenv("AMPH_SRCDIR") ? getenv("AMPH_SRCDIR") : ".", o->server);
	if (system(command))
		fault_die("the server cannot be started again");
}

static void wait_for_server(fault_database *d)
{
	int64_t until = fault_now_usec() + 60 * INT64_C(1000000);

	while (!fault_database_connect(d)) {
		if (fault_now_usec() > until)
			fault_die("the server does not come back");
		fault_sleep_usec(20000);
	}
}

enum { VICTIM_CLIENT, VICTIM_BACKEND, VICTIM_POSTMASTER, N_VICTIMS };
static const char *const victims[] = { "clients", "server processes", "postmasters" };

static void kill_backend(fault_database *d)
{
	int64_t pid = fault_database_number(d, "SELECT pid FROM pg_stat_activity WHERE datname = "
					    "current_database() AND pid <> pg_backend_pid() "
					    "UNION ALL SELECT 0 LIMIT 1");

	if (!pid)
		return;
	kill((pid_t)pid, SIGKILL);
	fault_sleep_usec(10000);
	wait_for_server(d);
}

static void kill_postmaster(const options *o, fault_database *d)
{
	kill(postmaster_of(o->server), SIGKILL);
	restart_server(o);
	wait_for_server(d);
}

static void kill_one(const options *o, fault_database *d, pid_t *pids, int victim)
{
	if (victim == VICTIM_CLIENT) {
		int worker = (int)(fault_random() % N_WORKERS);

		kill(pids[worker], SIGKILL);
		waitpid(pids[worker], NULL, 0);
		pids[worker] = start_worker(o, worker);
	} else if (victim == VICTIM_BACKEND) {
		kill_backend(d);
	} else {
		kill_postmaster(o, d);
	}
}

/* ---- what is left ---- */

static void create(const options *o)
{
	amph_error err;
	amph_engine *db = amph_open(o->url, AMPH_OPTIONS(.models = models), &err);
	amph_session *s;

	if (!db || !amph_create_all(db, &err))
		fault_die("%s %s", err.sqlstate, err.message);
	s = amph_session_open(db);
	for (int64_t i = 1; i <= N_ACCOUNTS; i++)
		amph_new(s, Account, .id = i, .balance = amph_numeric_from_int64(START_BALANCE));
	if (!amph_commit(s))
		fault_die("%s", amph_session_error(s)->message);
	amph_session_close(s);
	amph_close(db);
}

/* Of each transfer whether its row is there, by worker and number. */
typedef struct seen { unsigned char *there[N_WORKERS]; int64_t moved[N_ACCOUNTS + 1]; size_t rows; } seen;

static void see(amph_session *s, seen *out)
{
	amph_stream *stream = amph_stream_open(s, Transfer);
	const Transfer *t;

	for (int i = 0; i < N_WORKERS; i++)
		out->there[i] = fault_shared(MAX_TRANSFERS);
	while ((t = amph_stream_next(stream))) {
		out->there[t->worker][t->number] = 1;
		out->moved[t->from_id] -= t->amount.v.units;
		out->moved[t->to_id] += t->amount.v.units;
		out->rows++;
	}
	if (!amph_stream_close(stream))
		fault_die("%s", amph_session_error(s)->message);
}

static int count_outcomes(const seen *rows, size_t *counts)
{
	int bad = 0;

	for (int w = 0; w < N_WORKERS; w++)
		for (unsigned i = 0; i < atomic_load(&ledgers[w].next) && i < MAX_TRANSFERS; i++) {
			outcome state = (outcome)ledgers[w].state[i];

			counts[state]++;
			if (state == CONFIRMED && !rows->there[w][i])
				bad += printf("transfer %u of worker %d was confirmed and is "
					      "lost\n",
					      i, w) > 0;
			if (state == REFUSED && rows->there[w][i])
				bad += printf("transfer %u of worker %d was refused and is there\n",
					      i, w) > 0;
		}
	return bad;
}

static int check_balances(amph_session *s, const seen *rows)
{
	Account **accounts = amph_all(s, Account);
	int64_t sum = 0;
	int bad = 0;

	amph_each(Account, a, accounts) {
		sum += a->balance.v.units;
		if (a->balance.v.units != START_BALANCE * 100 + rows->moved[a->id])
			bad += printf("account %lld is not what its transfers say\n", (long long)a->id) > 0;
	}
	if (amph_length(accounts) != N_ACCOUNTS || sum != N_ACCOUNTS * START_BALANCE * 100)
		bad += printf("the sum of all accounts is %lld\n", (long long)sum) > 0;
	return bad;
}

static int check(const options *o)
{
	amph_error err;
	amph_engine *db = amph_open(o->url, AMPH_OPTIONS(.models = models), &err);
	amph_session *s = db ? amph_session_open(db) : NULL;
	size_t counts[N_OUTCOMES] = { 0 };
	seen rows = { .rows = 0 };

	if (!s)
		fault_die("%s %s", err.sqlstate, err.message);
	see(s, &rows);
	int bad = count_outcomes(&rows, counts) + check_balances(s, &rows);
	for (int w = 0; w < N_WORKERS; w++) {
		if (ledgers[w].wrong[0])
			bad += printf("worker %d: %s\n", w, ledgers[w].wrong) > 0;
		if (ledgers[w].unknown[0])
			printf("an unknown outcome: %s\n", ledgers[w].unknown);
	}
	printf("transfers: %zu rows, %zu confirmed, %zu refused, %zu unknown, %zu of killed "
	       "clients; wrong: %d\n",
	       rows.rows, counts[CONFIRMED], counts[REFUSED], counts[UNKNOWN],
	       counts[STARTED] + counts[NOT_TRIED], bad);
	amph_session_close(s);
	amph_close(db);
	return bad || !counts[CONFIRMED];
}

static options parse(int argc, char **argv)
{
	static const struct option known[] = {
		{ "rounds", required_argument, NULL, 'r' }, { "server", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 }
	};
	options o = { .rounds = 12 };
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c == 'r')
			o.rounds = (int)strtol(optarg, NULL, 10);
		else if (c == 's')
			o.server = optarg;
		else
			exit(2);
	}
	if (optind == argc)
		fault_die("usage: kill_bank URL [--rounds N] [--server DIR]");
	o.url = argv[optind];
	return o;
}

int main(int argc, char **argv)
{
	options o = parse(argc, argv);
	int counts[N_VICTIMS] = { 0 };
	pid_t pids[N_WORKERS];

	ledgers = fault_shared(N_WORKERS * sizeof *ledgers);
	stop = fault_shared(sizeof *stop);
	fault_database *d = fault_database_open(o.url);
	fault_database_empty(d);
	create(&o);
	for (int i = 0; i < N_WORKERS; i++)
		pids[i] = start_worker(&o, i);
	for (int i = 0; i < o.rounds; i++) {
		int victim = o.server ? i % N_VICTIMS : VICTIM_CLIENT;

		fault_sleep_usec(60000 + fault_random() % 120000);
		kill_one(&o, d, pids, victim);
		counts[victim]++;
	}
	fault_sleep_usec(100000);
	atomic_store(stop, true);
	for (int i = 0; i < N_WORKERS; i++)
		waitpid(pids[i], NULL, 0);
	for (int i = 0; i < N_VICTIMS; i++)
		if (counts[i])
			printf("%s killed: %d\n", victims[i], counts[i]);
	int status = check(&o);
	fault_database_empty(d);
	fault_database_close(d);
	return status;
}
