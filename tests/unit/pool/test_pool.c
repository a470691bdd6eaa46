/* The pool over a scripted driver: limits, waiting in order, dead connections, fork. */
#include "../../../src/base/clock.h"
#include "../../../src/pool/pool.h"
#include "../../support/fake_driver.h"
#include "../../support/suite.h"
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static fake_script script;
static amph_driver_engine *engine;
static amph_pool *pool;
static amph_error err;
static amph_url_options options;

static void open_pool(void)
{
	const amph_conn_config config = { .max_statements = 4 };

	pool = amph__pool_open(engine, &config, &options, &err);
	ck_assert_ptr_nonnull(pool);
}

static void set_up(void)
{
	static const amph_address address = { .scheme = "fake", .url = "fake:", .display = "fake:" };
	const amph_driver_options driver = { .prepare = true };

	fake_reset(&script);
	engine = amph__driver_engine_open(fake_drivers(&script)[0], &amph__libc_allocator,
					  &amph__system_clock, &address, &driver, NULL, &err);
	ck_assert_ptr_nonnull(engine);
	options = (amph_url_options){ .pool_size = 2, .max_overflow = 1, .pool_timeout_ms = 50,
				      .pool_recycle_s = -1 };
}

static void tear_down(void)
{
	amph__pool_close(pool);
	amph__driver_engine_close(engine);
	ck_assert_int_eq(script.opened, script.closed);
}

static amph_conn *take(void)
{
	return amph__pool_take(pool, "a test", &err);
}

START_TEST(connections_are_used_again)
{
	open_pool();
	amph_conn *c = take();
	amph__pool_give(pool, c);
	ck_assert_ptr_eq(take(), c);
	amph__pool_give(pool, c);
	ck_assert_int_eq(script.opened, 1);
}
END_TEST

START_TEST(overflow_is_closed_on_return)
{
	amph_pool_stats stats;

	open_pool();
	amph_conn *c[3] = { take(), take(), take() };
	ck_assert(c[0] && c[1] && c[2]);
	for (int i = 0; i < 3; i++)
		amph__pool_give(pool, c[i]);
	amph__pool_stats(pool, &stats);
	ck_assert_int_eq(stats.idle, 2);
	ck_assert_int_eq(stats.in_use, 0);
	ck_assert_uint_eq(stats.checkouts, 3);
	ck_assert_int_eq(script.closed, 1);
}
END_TEST

START_TEST(a_timeout_names_the_holders)
{
	open_pool();
	amph_conn *c[3];
	for (int i = 0; i < 3; i++)
		c[i] = amph__pool_take(pool, i ? "another" : "the shop", &err);
	ck_assert_ptr_null(take());
	ck_assert_int_eq(err.status, AMPH_E_TIMEOUT);
	ck_assert_ptr_nonnull(strstr(err.message, "the shop for"));
	ck_assert_ptr_nonnull(strstr(err.message, "pool_size 2"));
	for (int i = 0; i < 3; i++)
		amph__pool_give(pool, c[i]);
}
END_TEST

START_TEST(a_broken_connection_invalidates_the_older_ones)
{
	open_pool();
	amph_conn *a = take(), *b = take();
	amph__pool_give(pool, a);
	b->broken = true;
	amph__pool_give(pool, b);
	amph_conn *c = take();
	ck_assert_ptr_nonnull(c);
	ck_assert_int_eq(script.opened, 3);
	amph__pool_give(pool, c);
}
END_TEST

START_TEST(a_ping_that_fails_gets_another_connection)
{
	options.pool_pre_ping = true;
	open_pool();
	amph__pool_give(pool, take());
	script.refuse_ping = true;
	amph_conn *c = take();
	ck_assert_ptr_nonnull(c);
	ck_assert_int_eq(script.pings, 1);
	ck_assert_int_eq(script.opened, 2);
	amph__pool_give(pool, c);
}
END_TEST

START_TEST(a_failed_connect_leaves_its_place)
{
	options.max_overflow = 0;
	options.pool_size = 1;
	open_pool();
	script.refuse_open = true;
	ck_assert_ptr_null(take());
	ck_assert_str_eq(err.sqlstate, "08001");
	script.refuse_open = false;
	amph_conn *c = take();
	ck_assert_ptr_nonnull(c);
	amph__pool_give(pool, c);
	script.closed--;        /* the refused one was never opened */
}
END_TEST

START_TEST(a_child_has_connections_of_its_own)
{
	int status;

	open_pool();
	amph_conn *held = take();
	amph__pool_give(pool, take());
	pid_t child = fork();
	if (child == 0) {
		amph_conn *c = take();
		bool ok = c && c != held && script.opened == 3;

		if (c)
			amph__pool_give(pool, c);
		_exit(ok ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	amph__pool_give(pool, held);
	ck_assert_int_eq(script.opened, 2);
}
END_TEST

enum { CHILDREN = 40, AT_ONCE = 8 };
static pthread_barrier_t start_line;

static void *take_once(void *ctx)
{
	amph_error own;

	(void)ctx;
	pthread_barrier_wait(&start_line);
	amph_conn *c = amph__pool_take(pool, "a thread of a child", &own);
	pthread_barrier_wait(&start_line);
	if (c)
		amph__pool_give(pool, c);
	return c;
}

/* The first that a child does with the pool may be done by several threads at once. */
static bool take_by_threads(void)
{
	pthread_t threads[AT_ONCE];
	amph_pool_stats stats;
	bool ok = true;
	void *taken;

	pthread_barrier_init(&start_line, NULL, AT_ONCE);
	for (int i = 0; i < AT_ONCE; i++)
		ok = !pthread_create(&threads[i], NULL, take_once, NULL) && ok;
	for (int i = 0; i < AT_ONCE && ok; i++)
		ok = !pthread_join(threads[i], &taken) && taken;
	amph__pool_stats(pool, &stats);
	return ok && stats.in_use == 0 && stats.idle == AT_ONCE;
}

START_TEST(threads_of_a_child_share_its_pool)
{
	int status = -1;

	options.pool_size = AT_ONCE;
	open_pool();
	amph__pool_give(pool, take());
	for (int i = 0; i < CHILDREN; i++) {
		pid_t child = fork();
		if (child == 0) {
			alarm(20);
			_exit(take_by_threads() ? 0 : 1);
		}
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "child %d: %x", i, status);
	}
}
END_TEST

/* Another thread may have held the lock when the process forked. */
START_TEST(a_child_may_ask_before_it_takes)
{
	amph_pool_stats stats;
	char site[8];
	int status = -1;

	open_pool();
	amph_conn *held = take();
	pid_t child = fork();
	if (child == 0) {
		amph__pool_stats(pool, &stats);
		_exit(stats.size || amph__pool_is_held(pool, site, sizeof site));
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	amph__pool_give(pool, held);
}
END_TEST

enum { THREADS = 16, ROUNDS = 500 };
static int owners;

static void *work(void *ctx)
{
	amph_error own;

	(void)ctx;
	for (int i = 0; i < ROUNDS; i++) {
		amph_conn *c = amph__pool_take(pool, "a thread", &own);

		if (!c)
			return (void *)1;
		if (__atomic_add_fetch(&owners, 1, __ATOMIC_SEQ_CST) > 3)
			return (void *)2;
		if (i % 50 == 7)
			c->broken = true;
		__atomic_sub_fetch(&owners, 1, __ATOMIC_SEQ_CST);
		amph__pool_give(pool, c);
	}
	return NULL;
}

START_TEST(many_threads_never_exceed_the_limit)
{
	pthread_t threads[THREADS];
	void *result;
	amph_pool_stats stats;

	options.pool_timeout_ms = 20000;
	open_pool();
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, work, NULL), 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &result);
		ck_assert_ptr_null(result);
	}
	amph__pool_stats(pool, &stats);
	ck_assert_int_eq(stats.in_use, 0);
	ck_assert_int_eq(stats.waiting, 0);
	ck_assert_uint_eq(stats.checkouts, THREADS * ROUNDS);
	ck_assert_uint_eq(stats.timeouts, 0);
}
END_TEST

static int stop_hogging;

/* Gives a connection back only to take it again at once. */
static void *hog(void *ctx)
{
	amph_error own;

	(void)ctx;
	while (!__atomic_load_n(&stop_hogging, __ATOMIC_SEQ_CST)) {
		amph_conn *c = amph__pool_take(pool, "a hog", &own);

		if (!c)
			return (void *)1;
		amph__pool_give(pool, c);
	}
	return NULL;
}

START_TEST(who_waits_gets_a_turn)
{
	enum { HOGS = 4, TURNS = 20 };
	pthread_t threads[HOGS];
	void *result;

	options.pool_timeout_ms = 5000;
	open_pool();
	__atomic_store_n(&stop_hogging, 0, __ATOMIC_SEQ_CST);
	for (int i = 0; i < HOGS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, hog, NULL), 0);
	for (int i = 0; i < TURNS; i++)
		amph__pool_give(pool, take());
	__atomic_store_n(&stop_hogging, 1, __ATOMIC_SEQ_CST);
	for (int i = 0; i < HOGS; i++) {
		pthread_join(threads[i], &result);
		ck_assert_ptr_null(result);
	}
}
END_TEST

static void *wait_once(void *ctx)
{
	amph_error own;
	int64_t *usec = ctx, start = amph__monotonic_usec();
	amph_conn *c = amph__pool_take(pool, "who waits", &own);

	if (!c)
		return (void *)1;
	*usec = amph__monotonic_usec() - start;
	amph__pool_give(pool, c);
	return NULL;
}

/* Whoever ran has called in vain so often that the last connection to become idle calls nobody. */
START_TEST(nobody_waits_beside_an_idle_connection)
{
	enum { ROUNDS_OF_WAITING = 30, LONG_USEC = 2000000 };
	pthread_t thread;
	void *result;
	int64_t usec = 0;

	options.pool_size = 1;
	options.max_overflow = 0;
	options.pool_timeout_ms = 10000;
	open_pool();
	for (int round = 0; round < ROUNDS_OF_WAITING; round++) {
		amph_conn *c = take();

		ck_assert_int_eq(pthread_create(&thread, NULL, wait_once, &usec), 0);
		for (int i = 0; c && i < 20 + round * 37; i++) {
			amph__pool_give(pool, c);
			c = take();
		}
		ck_assert_ptr_nonnull(c);
		amph__pool_give(pool, c);
		ck_assert_int_eq(pthread_join(thread, &result), 0);
		ck_assert_ptr_null(result);
		ck_assert_int_lt(usec, LONG_USEC);
	}
}
END_TEST

SUITE_MAIN_WITH("pool", set_up, tear_down, connections_are_used_again, overflow_is_closed_on_return,
		a_timeout_names_the_holders, a_broken_connection_invalidates_the_older_ones,
		a_ping_that_fails_gets_another_connection, a_failed_connect_leaves_its_place,
		a_child_has_connections_of_its_own, threads_of_a_child_share_its_pool,
		a_child_may_ask_before_it_takes, many_threads_never_exceed_the_limit,
		who_waits_gets_a_turn, nobody_waits_beside_an_idle_connection)
