/* 32 threads on a pool of 8 connections, which on PostgreSQL are ended from outside meanwhile: each
 * answer is right, each confirmed commit is there, nothing is left behind, nobody waits for ever.
 *
 *	pool_storm [SECONDS]
 *
 * On SQLite in memory and in a file; on the PostgreSQL of DATABASE_URL too, where that is set. */
#include "fault.h"
#include <amphora.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct Counter {
	int64_t id;
	int64_t value;
} Counter;
typedef struct Step {
	int64_t counter_id, number;
} Step;
typedef struct Fact {
	int64_t id;
	const char *text;
} Fact;
AMPH_DECLARE(Counter);
AMPH_DECLARE(Step);
AMPH_DECLARE(Fact);
AMPH_MODEL(Counter, "counters",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Counter, id, .primary_key = true, .identity = AMPH_IDENTITY_NONE),
		AMPH_COLUMN(Counter, value)));
AMPH_MODEL(Step, "steps",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Step, counter_id, .primary_key = true, .references = AMPH_REF(Counter, id)),
		AMPH_COLUMN(Step, number, .primary_key = true)));
AMPH_MODEL(Fact, "facts",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Fact, id, .primary_key = true, .identity = AMPH_IDENTITY_NONE),
		AMPH_COLUMN(Fact, text, .length = 40, .not_null = true)));
static const amph_model *const models[] = {
	&amph_model_Counter, &amph_model_Step, &amph_model_Fact, NULL
};

enum { N_THREADS = 32, POOL_SIZE = 8, N_FACTS = 100, HANG_SECONDS = 120 };

static amph_engine *db;
static atomic_bool stop;
static atomic_int wrong;
static atomic_size_t confirmed, refused, unknown, reads, terminated;

typedef struct worker {
	pthread_t thread;
	int64_t id;
	int64_t value;          /* the last that was confirmed */
	bool doubtful;          /* or one more: the last commit's outcome is not known */
} worker;

static void complain(const worker *w, const char *what, const amph_error *err)
{
	atomic_fetch_add(&wrong, 1);
	printf("thread %lld: %s: %s (%d) %s\n", (long long)w->id, what, err->sqlstate, err->native_code,
	       err->message);
}

static void fact_text(char *out, size_t size, int64_t id)
{
	snprintf(out, size, "the square of %lld is %lld", (long long)id, (long long)(id * id));
}

/* A failure that comes of ended connections, or on SQLite of another's write since the snapshot;
 * anything else is wrong. */
static void check_failure(const worker *w, const char *what, const amph_error *err)
{
	if (err->status != AMPH_E_CONNECTION && err->status != AMPH_E_SERIALIZATION)
		complain(w, what, err);
}

static void read_fact(worker *w)
{
	amph_session *s = amph_session_open(db);
	int64_t id = fault_random() % N_FACTS + 1;
	const Fact *f = s ? amph_require(s, Fact, id) : NULL;
	char text[40];

	fact_text(text, sizeof text, id);
	if (!f)
		check_failure(w, "reading a fact", amph_session_error(s));
	else if (f->id != id || strcmp(f->text, text) != 0)
		complain(w, "a fact is another", amph_session_error(s));
	else
		atomic_fetch_add(&reads, 1);
	amph_session_close(s);
}

static bool take_step(worker *w, amph_session *s)
{
	/* every other time without the lock that on SQLite begins a writing transaction at once */
	Counter *c = amph_one(s, Counter, .where = amph_eq(amph_col(Counter, id), w->id),
			      .for_update = w->value % 2 == 0);

	if (!c)
		return false;
	if (c->value != w->value && !(w->doubtful && c->value == w->value + 1))
		complain(w, "the counter is not what it was set to", amph_session_error(s));
	w->value = c->value;
	w->doubtful = false;
	c->value++;
	amph_new(s, Step, .counter_id = w->id, .number = c->value);
	return amph_commit(s);
}

static void step(worker *w)
{
	amph_session *s = amph_session_open(db);

	if (s && take_step(w, s)) {
		w->value++;
		atomic_fetch_add(&confirmed, 1);
	} else if (amph_session_error(s)->outcome == AMPH_UNKNOWN) {
		w->doubtful = true;
		atomic_fetch_add(&unknown, 1);
	} else {
		check_failure(w, "a step", amph_session_error(s));
		atomic_fetch_add(&refused, 1);
	}
	amph_session_close(s);
}

static void *work(void *arg)
{
	worker *w = arg;

	while (!atomic_load(&stop)) {
		step(w);
		read_fact(w);
		read_fact(w);
	}
	return NULL;
}

static void *terminate(void *url)
{
	fault_database *d = fault_database_open(url);

	while (!atomic_load(&stop)) {
		int64_t n = fault_database_number(d,
			"SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity "
			"WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() "
			"LIMIT 1) victim");

		atomic_fetch_add(&terminated, (size_t)n);
		fault_sleep_usec(2000 + fault_random() % 20000);
	}
	fault_database_close(d);
	return NULL;
}

static void fill(void)
{
	static char texts[N_FACTS + 1][40];
	amph_session *s = amph_session_open(db);
	amph_error err;

	if (!amph_drop_all(db, &err) || !amph_create_all(db, &err))
		fault_die("%s %s", err.sqlstate, err.message);
	for (int64_t i = 1; i <= N_FACTS; i++) {
		fact_text(texts[i], sizeof texts[i], i);
		amph_new(s, Fact, .id = i, .text = texts[i]);
	}
	for (int64_t i = 1; i <= N_THREADS; i++)
		amph_new(s, Counter, .id = i, .value = 0);
	if (!amph_commit(s))
		fault_die("%s", amph_session_error(s)->message);
	amph_session_close(s);
}

/* Each counter, and exactly the steps up to it. */
static void check_all(worker *workers)
{
	amph_session *s = amph_session_open(db);

	for (int i = 0; i < N_THREADS; i++) {
		worker *w = &workers[i];
		const Counter *c = NULL;

		/* the pool may still hold connections that were ended */
		for (int attempt = 0; attempt < 2 * POOL_SIZE && !c; attempt++) {
			amph_rollback(s);
			c = amph_require(s, Counter, w->id);
		}
		if (!c) {
			complain(w, "the counter cannot be read", amph_session_error(s));
			continue;
		}
		int64_t steps = amph_count(s, Step, .where = amph_eq(amph_col(Step, counter_id), w->id));
		if (c->value < w->value || c->value > w->value + w->doubtful || steps != c->value)
			complain(w, "the counter or its steps are wrong", amph_session_error(s));
	}
	amph_session_close(s);
}

static void check_pool(void)
{
	amph_pool_stats stats = amph_engine_pool_stats(db);

	printf("  pool: %d connections, %llu opened, %llu checkouts, longest wait %lld us\n", stats.size,
	       (unsigned long long)stats.opened, (unsigned long long)stats.checkouts,
	       (long long)stats.longest_wait_usec);
	if (stats.size > POOL_SIZE || stats.in_use || stats.waiting || stats.timeouts)
		atomic_fetch_add(&wrong, printf("  the pool: size %d, in use %d, waiting %d, timeouts %llu\n",
						stats.size, stats.in_use, stats.waiting,
						(unsigned long long)stats.timeouts) > 0);
}

static void open_engine(const char *url, const amph_allocator *allocator)
{
	amph_error err;

	db = amph_open(url, AMPH_OPTIONS(.models = models, .pool_size = POOL_SIZE,
			.max_overflow = AMPH_NO_OVERFLOW,
					 .allocator = allocator), &err);
	if (!db)
		fault_die("%s %s", err.sqlstate, err.message);
}

/* Counts the blocks that are out. */
static void *resize(void *ctx, void *p, size_t size)
{
	void *block = realloc(p, size);

	if (block && !p)
		atomic_fetch_add((atomic_size_t *)ctx, 1);
	return block;
}

static void release(void *ctx, void *p)
{
	if (p)
		atomic_fetch_sub((atomic_size_t *)ctx, 1);
	free(p);
}

static void storm(char *url, double seconds)
{
	bool on_server = !strncmp(url, "postgres", 8);
	worker workers[N_THREADS];
	pthread_t terminator;
	atomic_size_t live = 0;
	const amph_allocator heap = { .resize = resize, .release = release, .ctx = &live };

	stop = false;
	confirmed = refused = unknown = reads = terminated = 0;
	open_engine(url, &heap);
	fill();
	for (int i = 0; i < N_THREADS; i++) {
		workers[i] = (worker){ .id = i + 1 };
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			fault_die("a thread cannot be started");
	}
	if (on_server && pthread_create(&terminator, NULL, terminate, url))
		fault_die("a thread cannot be started");
	fault_sleep_usec((int64_t)(seconds * 1e6));
	stop = true;
	for (int i = 0; i < N_THREADS; i++)
		pthread_join(workers[i].thread, NULL);
	if (on_server)
		pthread_join(terminator, NULL);
	check_all(workers);
	printf("%.10s: %zu steps confirmed, %zu refused, %zu unknown, %zu reads, %zu connections "
	       "ended\n",
	       url, confirmed, refused, unknown, reads, terminated);
	check_pool();
	amph_close(db);
	if (live)
		atomic_fetch_add(&wrong, printf("  %zu blocks were not given back\n", (size_t)live) > 0);
	if (!confirmed || !reads || (on_server && !terminated))
		atomic_fetch_add(&wrong, printf("  nothing was done\n") > 0);
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? strtod(argv[1], NULL) : 2;
	char file[] = "/tmp/amphora-storm.XXXXXX", url[64];
	char memory[] = "sqlite::memory:";
	char *server = getenv("DATABASE_URL");

	alarm(HANG_SECONDS);
	storm(memory, seconds);
	int fd = mkstemp(file);
	if (fd < 0)
		fault_die("no file can be made");
	close(fd);
	snprintf(url, sizeof url, "sqlite:///%s", file);
	storm(url, seconds);
	fault_database *d = fault_database_open(url);
	fault_database_empty(d);
	fault_database_close(d);
	if (server)
		storm(server, seconds);
	printf("wrong: %d\n", (int)wrong);
	return wrong != 0;
}
