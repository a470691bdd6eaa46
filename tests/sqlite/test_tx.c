/* Transactions, the writer's lock, deadlines, threads and sequences of the SQLite driver. */
#include "one.h"
#include "src/base/clock.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- transactions ---- */

START_TEST(a_failed_statement_aborts_the_transaction)
{
	amph_error err;
	amph_code commit = code_of("COMMIT", NULL, 0, 0);
	amph_stmt *stmt = stmt_new(conn, &commit);
	amph_result result = { 0 };

	run_sql(conn, "CREATE TABLE t (a PRIMARY KEY)");
	run_sql(conn, "BEGIN");
	run_sql(conn, "INSERT INTO t VALUES (1)");
	fail_sql(conn, "INSERT INTO t VALUES (1)", "23505");
	fail_sql(conn, "SELECT 1", "25P02");
	fail_sql(conn, "SAVEPOINT a", "25P02");
	ck_assert(amph__sl_driver.submit(stmt, NULL, false, &err));
	ck_assert(amph__sl_driver.collect(conn, &result, &err));
	ck_assert_str_eq(result.tag, "ROLLBACK");
	stmt_free(stmt);
	ck_assert_int_eq(amph__sl_driver.tx_status(conn), AMPH_TX_IDLE);
	ck_assert_int_eq(int_of(conn, "SELECT count(*) FROM t"), 0);
	run_sql(conn, "BEGIN");
	fail_sql(conn, "SELEC", "42601");
	fail_sql(conn, "SELECT 1", "25P02");
	run_sql(conn, "ROLLBACK");
}
END_TEST

START_TEST(savepoints)
{
	run_sql(conn, "CREATE TABLE t (a PRIMARY KEY)");
	fail_sql(conn, "SAVEPOINT a", "25P01");
	run_sql(conn, "BEGIN");
	run_sql(conn, "INSERT INTO t VALUES (1)");
	run_sql(conn, "SAVEPOINT a");
	run_sql(conn, "INSERT INTO t VALUES (2)");
	fail_sql(conn, "INSERT INTO t VALUES (2)", "23505");
	run_sql(conn, "ROLLBACK TO a");
	run_sql(conn, "INSERT INTO t VALUES (3)");
	run_sql(conn, "RELEASE a");
	fail_sql(conn, "RELEASE a", "3B001");
	run_sql(conn, "ROLLBACK");
	run_sql(conn, "BEGIN");
	for (int i = 0; i < 1000; i++) {
		char sql[64];

		snprintf(sql, sizeof sql, "SAVEPOINT amph_%d", i);
		run_sql(conn, sql);
	}
	run_sql(conn, "INSERT INTO t VALUES (4)");
	run_sql(conn, "RELEASE amph_0");
	run_sql(conn, "COMMIT");
	ck_assert_str_eq(text_of(conn, "SELECT group_concat(a) FROM t"), "4");
}
END_TEST

START_TEST(a_read_only_transaction)
{
	run_sql(conn, "CREATE TABLE t (a)");
	run_sql(conn, "BEGIN READ ONLY");
	run_sql(conn, "SELECT * FROM t");
	fail_sql(conn, "INSERT INTO t VALUES (1)", "25006");
	run_sql(conn, "ROLLBACK");
	run_sql(conn, "INSERT INTO t VALUES (1)");
	use_file();
	run_sql(conn, "CREATE TABLE t (a)");
	amph_error err;
	amph_driver_engine *e = db_engine(&(db_options){ .path = temp_path("a.db"), .read_only = true },
					  &err);
	amph_conn *c = conn_open(e);
	ck_assert_int_eq(int_of(c, "SELECT count(*) FROM t"), 0);
	fail_sql(c, "INSERT INTO t VALUES (1)", "25006");
	conn_close(c);
	db_close(e);
}
END_TEST

START_TEST(nested_begin_and_idle_commit_are_no_errors)
{
	run_sql(conn, "COMMIT");
	run_sql(conn, "ROLLBACK");
	run_sql(conn, "BEGIN");
	run_sql(conn, "BEGIN");
	run_sql(conn, "COMMIT");
	ck_assert_int_eq(amph__sl_driver.tx_status(conn), AMPH_TX_IDLE);
	fail_sql(conn, "BEGINNING", "42601");
}
END_TEST

static void readers_and_writers(void)
{
	amph_conn *reader = conn_open(engine);

	run_sql(conn, "CREATE TABLE t (a)");
	run_sql(conn, "INSERT INTO t VALUES (1)");
	run_sql(conn, "BEGIN IMMEDIATE");
	run_sql(conn, "INSERT INTO t VALUES (2)");
	ck_assert_int_eq(int_of(reader, "SELECT count(*) FROM t"), 1);
	run_sql(reader, "BEGIN");
	ck_assert_int_eq(int_of(reader, "SELECT count(*) FROM t"), 1);
	run_sql(conn, "COMMIT");
	ck_assert_int_eq(int_of(reader, "SELECT count(*) FROM t"), 1);
	fail_sql(reader, "INSERT INTO t VALUES (3)", "40001");
	run_sql(reader, "ROLLBACK");
	ck_assert_int_eq(int_of(reader, "SELECT count(*) FROM t"), 2);
	conn_close(reader);
}

START_TEST(readers_are_never_locked_out)
{
	readers_and_writers();
	use_file();
	readers_and_writers();
}
END_TEST

START_TEST(a_snapshot_conflict_can_be_retried)
{
	amph_conn *other = conn_open(engine);
	amph_error err;

	run_sql(conn, "CREATE TABLE t (a)");
	run_sql(conn, "BEGIN");
	run_sql(conn, "SELECT * FROM t");
	run_sql(other, "INSERT INTO t VALUES (1)");
	ck_assert(!try_sql(conn, "INSERT INTO t VALUES (2)", &err));
	ck_assert_str_eq(err.sqlstate, "40001");
	ck_assert(err.retryable && err.native_code == 517);
	run_sql(conn, "ROLLBACK");
	conn_close(other);
}
END_TEST

START_TEST(a_busy_writer)
{
	amph_error err;
	amph_driver_engine *e = db_engine(&(db_options){ .path = temp_path("a.db"),
							 .lock_timeout_ms = 150 }, &err);
	amph_conn *a = conn_open(e), *b = conn_open(e);
	int64_t before;

	run_sql(a, "CREATE TABLE t (a)");
	run_sql(a, "BEGIN IMMEDIATE");
	before = amph__monotonic_usec();
	fail_sql(b, "INSERT INTO t VALUES (1)", "55P03");
	fail_sql(b, "BEGIN IMMEDIATE", "55P03");
	ck_assert_int_ge(amph__monotonic_usec() - before, 300000);
	ck_assert_int_lt(amph__monotonic_usec() - before, 700000);
	b->deadline_usec = amph__monotonic_usec() + 50000;
	fail_sql(b, "INSERT INTO t VALUES (1)", "57014");
	ck_assert_int_eq(amph__sl_driver.tx_status(b), AMPH_TX_IDLE);
	run_sql(a, "COMMIT");
	b->deadline_usec = AMPH_NO_DEADLINE;
	run_sql(b, "INSERT INTO t VALUES (1)");
	conn_close(a);
	conn_close(b);
	db_close(e);
}
END_TEST

/* Another engine stands for another process: they only meet at the file. */
START_TEST(a_busy_other_process)
{
	amph_error err;
	db_options o = { .path = temp_path("a.db"), .lock_timeout_ms = 150 };
	amph_driver_engine *e1 = db_engine(&o, &err), *e2 = db_engine(&o, &err);
	amph_conn *a = conn_open(e1), *b = conn_open(e2);
	int64_t before;

	run_sql(a, "CREATE TABLE t (a)");
	run_sql(a, "BEGIN IMMEDIATE");
	before = amph__monotonic_usec();
	fail_sql(b, "BEGIN IMMEDIATE", "55P03");
	ck_assert_int_ge(amph__monotonic_usec() - before, 145000);
	ck_assert_int_lt(amph__monotonic_usec() - before, 400000);
	b->deadline_usec = before = amph__monotonic_usec();
	b->deadline_usec += 60000;
	fail_sql(b, "INSERT INTO t VALUES (1)", "57014");
	ck_assert_int_lt(amph__monotonic_usec() - before, 160000);
	run_sql(a, "COMMIT");
	b->deadline_usec = AMPH_NO_DEADLINE;
	run_sql(b, "INSERT INTO t VALUES (1)");
	conn_close(a);
	conn_close(b);
	db_close(e1);
	db_close(e2);
}
END_TEST

typedef struct holder { amph_conn *conn; pthread_t thread; } holder;

static void *let_go(void *ctx)
{
	holder *h = ctx;

	nanosleep(&(struct timespec){ .tv_nsec = 80000000 }, NULL);
	run_sql(h->conn, "ROLLBACK");
	return NULL;
}

/* SQLite itself would not wait here. */
START_TEST(a_reader_that_begins_to_write_waits)
{
	amph_error err;
	db_options o = { .path = temp_path("a.db") };
	amph_driver_engine *e1 = db_engine(&o, &err), *e2 = db_engine(&o, &err);
	amph_conn *a = conn_open(e1), *b = conn_open(e2);
	holder h = { .conn = a };

	run_sql(a, "CREATE TABLE t (a)");
	run_sql(b, "BEGIN");
	ck_assert_int_eq(int_of(b, "SELECT count(*) FROM t"), 0);
	run_sql(a, "BEGIN IMMEDIATE");
	ck_assert(!pthread_create(&h.thread, NULL, let_go, &h));
	run_sql(b, "INSERT INTO t VALUES (1)");
	run_sql(b, "COMMIT");
	pthread_join(h.thread, NULL);
	run_sql(a, "BEGIN IMMEDIATE");
	run_sql(b, "BEGIN");
	ck_assert_int_eq(int_of(b, "SELECT count(*) FROM t"), 1);
	b->deadline_usec = amph__monotonic_usec() + 50000;
	fail_sql(b, "INSERT INTO t VALUES (2)", "57014");
	b->deadline_usec = AMPH_NO_DEADLINE;
	run_sql(b, "ROLLBACK");
	run_sql(a, "ROLLBACK");
	conn_close(a);
	conn_close(b);
	db_close(e1);
	db_close(e2);
}
END_TEST

/* A read that is left under way, without BEGIN. */
static amph_stmt *read_alone(amph_conn *c, const amph_code *code, int64_t expected)
{
	static const amph_slot slot = { .type = AMPH_T_INT64 };
	const amph_shape shape = { 1, &slot };
	amph_stmt *stmt = stmt_new(c, code);
	amph_result result = { 0 };
	amph_error err;
	int64_t value = -1;
	size_t n = 0;

	ck_assert(amph__sl_driver.submit(stmt, NULL, false, &err));
	ck_assert(amph__sl_driver.collect(c, &result, &err));
	ck_assert(amph__sl_driver.fetch(c, &result, &shape, &value, sizeof value, 1, NULL, &n, &err));
	amph__sl_driver.finish(c, &result);
	ck_assert_int_eq(value, expected);
	return stmt;
}

START_TEST(a_lone_read_holds_its_snapshot)
{
	amph_error err;
	db_options o = { .path = temp_path("a.db") };
	amph_driver_engine *e1 = db_engine(&o, &err), *e2 = db_engine(&o, &err);
	amph_conn *a = conn_open(e1), *b = conn_open(e2);
	amph_code code = code_of("SELECT count(*) FROM t", NULL, 0, AMPH_CODE_ALONE);
	holder h = { .conn = a };

	run_sql(a, "CREATE TABLE t (a)");
	e2->options.fast_paths = true;
	amph_stmt *stmt = read_alone(b, &code, 0);
	ck_assert_int_eq(amph__sl_driver.tx_status(b), AMPH_TX_IDLE);
	run_sql(a, "INSERT INTO t VALUES (1)");
	run_sql(b, "BEGIN");
	ck_assert_int_eq(int_of(b, "SELECT count(*) FROM t"), 0);
	run_sql(b, "ROLLBACK");
	stmt_free(stmt);
	/* one that begins to write waits for another process, which may have been faster */
	stmt = read_alone(b, &code, 1);
	run_sql(a, "BEGIN IMMEDIATE");
	ck_assert(!pthread_create(&h.thread, NULL, let_go, &h));
	run_sql(b, "BEGIN IMMEDIATE");
	pthread_join(h.thread, NULL);
	run_sql(b, "INSERT INTO t VALUES (2)");
	run_sql(b, "COMMIT");
	stmt_free(stmt);
	stmt = read_alone(b, &code, 2);
	run_sql(a, "INSERT INTO t VALUES (3)");
	fail_sql(b, "BEGIN IMMEDIATE", "40001");
	stmt_free(stmt);
	/* a cancel before BEGIN may end it, but not change what it sees */
	stmt = read_alone(b, &code, 3);
	run_sql(a, "INSERT INTO t VALUES (4)");
	ck_assert(amph__sl_driver.cancel(b, &err));
	if (try_sql(b, "BEGIN", &err))
		ck_assert_int_eq(int_of(b, "SELECT count(*) FROM t"), 3);
	else
		ck_assert_str_eq(err.sqlstate, "57014");
	run_sql(b, "ROLLBACK");
	ck_assert_int_eq(int_of(b, "SELECT count(*) FROM t"), 4);
	stmt_free(stmt);
	conn_close(a);
	conn_close(b);
	db_close(e1);
	db_close(e2);
}
END_TEST

static const char endless[] =
	"SELECT count(*) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) "
	"SELECT i FROM n)";

START_TEST(deadlines)
{
	int64_t before = amph__monotonic_usec();
	amph_error err;

	conn->deadline_usec = before + 50000;
	ck_assert(!try_sql(conn, endless, &err));
	ck_assert_str_eq(err.sqlstate, "57014");
	ck_assert(strstr(err.message, "statement timeout") != NULL);
	ck_assert_int_lt(amph__monotonic_usec() - before, 150000);
	ck_assert(!conn->broken);
	/* a deadline in the past */
	ck_assert(!try_sql(conn, endless, &err));
	conn->deadline_usec = AMPH_NO_DEADLINE;
	ck_assert_int_eq(int_of(conn, "SELECT 1"), 1);
	/* SQLite rolls the transaction of an interrupted writer back, PostgreSQL aborts it */
	run_sql(conn, "CREATE TABLE t (a)");
	run_sql(conn, "BEGIN");
	run_sql(conn, "SAVEPOINT a");
	run_sql(conn, "INSERT INTO t VALUES (1)");
	conn->deadline_usec = amph__monotonic_usec() + 30000;
	fail_sql(conn, "INSERT INTO t SELECT * FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 "
		 "FROM n) SELECT i FROM n)", "57014");
	conn->deadline_usec = AMPH_NO_DEADLINE;
	ck_assert_int_eq(amph__sl_driver.tx_status(conn), AMPH_TX_FAILED);
	fail_sql(conn, "SELECT 1", "25P02");
	fail_sql(conn, "ROLLBACK TO a", "25P02");
	run_sql(conn, "ROLLBACK");
	ck_assert_int_eq(int_of(conn, "SELECT count(*) FROM t"), 0);
}
END_TEST

static void *cancel_later(void *arg)
{
	usleep(50000);
	amph__sl_driver.cancel(arg, NULL);
	return NULL;
}

START_TEST(cancel_from_another_thread)
{
	pthread_t thread;
	amph_error err;
	amph_conn *other = conn_open(engine);

	pthread_create(&thread, NULL, cancel_later, conn);
	ck_assert(!try_sql(conn, endless, &err));
	pthread_join(thread, NULL);
	ck_assert_str_eq(err.sqlstate, "57014");
	ck_assert(strstr(err.message, "user request") != NULL);
	/* one that waits for the writer */
	run_sql(other, "BEGIN IMMEDIATE");
	pthread_create(&thread, NULL, cancel_later, conn);
	ck_assert(!try_sql(conn, "CREATE TABLE t (a)", &err));
	pthread_join(thread, NULL);
	ck_assert_str_eq(err.sqlstate, "57014");
	run_sql(other, "ROLLBACK");
	run_sql(conn, "CREATE TABLE t (a)");
	conn_close(other);
}
END_TEST

/* ---- threads ---- */

enum { THREADS = 8, ROUNDS = 40 };
typedef struct worker {
	pthread_t thread;
	int64_t longest_usec;
	int failures;
} worker;

static void *write_often(void *arg)
{
	worker *w = arg;
	amph_error err;
	amph_conn *c = conn_new(engine, &err);

	for (int i = 0; c && i < ROUNDS; i++) {
		int64_t before = amph__monotonic_usec(), waited;
		bool ok = try_sql(c, "BEGIN IMMEDIATE", &err);

		waited = amph__monotonic_usec() - before;
		if (waited > w->longest_usec)
			w->longest_usec = waited;
		ok = ok && try_sql(c, "UPDATE t SET a = a + 1", &err);
		usleep(500);
		ok = ok && try_sql(c, "COMMIT", &err);
		w->failures += !ok;
		if (!ok)
			try_sql(c, "ROLLBACK", &err);
	}
	if (c)
		conn_close(c);
	else
		w->failures = -1;
	return NULL;
}

static void writers_take_turns(void)
{
	worker workers[THREADS] = { 0 };

	run_sql(conn, "CREATE TABLE t (a)");
	run_sql(conn, "INSERT INTO t VALUES (0)");
	int64_t before = amph__monotonic_usec();
	for (int i = 0; i < THREADS; i++)
		pthread_create(&workers[i].thread, NULL, write_often, &workers[i]);
	for (int i = 0; i < THREADS; i++)
		pthread_join(workers[i].thread, NULL);
	int64_t mean = (amph__monotonic_usec() - before) / (THREADS * ROUNDS);
	for (int i = 0; i < THREADS; i++) {
		ck_assert_int_eq(workers[i].failures, 0);
		/* in turn, nobody waits for much more than each of the others once */
		ck_assert_int_lt(workers[i].longest_usec, mean * THREADS * 10 + 50000);
	}
	ck_assert_int_eq(int_of(conn, "SELECT a FROM t"), THREADS * ROUNDS);
}

START_TEST(writers_come_in_order)
{
	writers_take_turns();
	use_file();
	writers_take_turns();
}
END_TEST

static void *open_and_close(void *arg)
{
	worker *w = arg;
	amph_error err;

	for (int i = 0; i < 5; i++) {
		amph_conn *c = conn_new(engine, &err);

		w->failures += !c || !try_sql(c, "CREATE TABLE IF NOT EXISTS t (a)", &err);
		if (c)
			conn_close(c);
	}
	return NULL;
}

START_TEST(a_new_database_is_opened_by_many_at_once)
{
	for (int file = 0; file < 2; file++) {
		worker workers[THREADS] = { 0 };

		teardown();
		engine = db_open(file ? temp_path("a.db") : NULL, NULL);
		conn = NULL;
		for (int i = 0; i < THREADS; i++)
			pthread_create(&workers[i].thread, NULL, open_and_close, &workers[i]);
		for (int i = 0; i < THREADS; i++)
			pthread_join(workers[i].thread, NULL);
		for (int i = 0; i < THREADS; i++)
			ck_assert_int_eq(workers[i].failures, 0);
	}
}
END_TEST

/* ---- sequences ---- */

static int64_t next_id(const char *table)
{
	int64_t id = -1;
	amph_error err;

	ck_assert_msg(amph__sl_driver.take_ids(conn, table, "id", 1, &id, &err), "%s", err.message);
	return id;
}

static void sequences(void)
{
	int64_t ids[3];

	run_sql(conn, "CREATE TABLE amphora_catalog (kind, tbl, name, text)");
	run_sql(conn, "INSERT INTO amphora_catalog VALUES ('table', 't', 't', '')");
	run_sql(conn, "CREATE TABLE t (id INTEGER PRIMARY KEY, a)");
	ck_assert_int_eq(next_id("t"), 1);
	run_sql(conn, "BEGIN");
	ck_assert(amph__sl_driver.take_ids(conn, "t", "id", 3, ids, NULL));
	ck_assert(ids[0] == 2 && ids[1] == 3 && ids[2] == 4);
	ck_assert_int_eq(next_id("t"), 5);
	run_sql(conn, "ROLLBACK");
	ck_assert_int_eq(next_id("t"), 6);
	/* numbers that a program chose are not the sequence's */
	run_sql(conn, "INSERT INTO t VALUES (7, 0)");
	ck_assert_int_eq(next_id("t"), 7);
	run_sql(conn, "BEGIN");
	run_sql(conn, "SAVEPOINT a");
	ck_assert_int_eq(next_id("t"), 8);
	run_sql(conn, "ROLLBACK TO a");
	ck_assert_int_eq(next_id("t"), 9);
	run_sql(conn, "COMMIT");
	ck_assert_int_eq(int_of(conn, "SELECT last FROM amphora_sequence WHERE name = 't.id'"), 9);
}

START_TEST(sequences_never_go_back)
{
	sequences();
	use_file();
	sequences();
	conn_close(conn);
	db_close(engine);
	engine = db_open(temp_path("a.db"), NULL);
	conn = conn_open(engine);
	ck_assert_int_eq(next_id("t"), 10);
}
END_TEST

START_TEST(sequences_begin_anew_with_their_table)
{
	sequences();
	run_sql(conn, "CREATE TABLE \"t.x\" (id INTEGER PRIMARY KEY)");
	ck_assert_int_eq(next_id("t.x"), 1);
	run_sql(conn, "BEGIN");
	run_sql(conn, "DROP TABLE t");
	run_sql(conn, "ROLLBACK");
	ck_assert_int_eq(next_id("t"), 10);
	run_sql(conn, "BEGIN");
	run_sql(conn, "DROP TABLE t");
	run_sql(conn, "CREATE TABLE t (id INTEGER PRIMARY KEY, a)");
	ck_assert_int_eq(next_id("t"), 1);
	run_sql(conn, "ROLLBACK");
	ck_assert_int_eq(next_id("t"), 11);
	run_sql(conn, "DROP TABLE IF EXISTS \"t\"");
	run_sql(conn, "CREATE TABLE t (id INTEGER PRIMARY KEY, a)");
	ck_assert_int_eq(next_id("t"), 1);
	ck_assert_int_eq(next_id("t.x"), 2);
}
END_TEST

START_TEST(sequences_of_tables_from_elsewhere)
{
	amph_error err;
	int64_t id;

	run_sql(conn, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
	run_sql(conn, "INSERT INTO t VALUES (41)");
	ck_assert_int_eq(next_id("t"), 42);
	ck_assert(!amph__sl_driver.take_ids(conn, "nope", "id", 1, &id, &err));
	ck_assert_str_eq(err.sqlstate, "42P01");
	ck_assert(amph__sl_driver.take_ids(conn, "t", "id", 0, &id, &err));
	run_sql(conn, "UPDATE amphora_sequence SET last = 9223372036854775806");
	ck_assert_int_eq(next_id("t"), INT64_MAX);
	ck_assert(!amph__sl_driver.take_ids(conn, "t", "id", 1, &id, &err));
	ck_assert_str_eq(err.sqlstate, "2200H");
	run_sql(conn, "BEGIN READ ONLY");
	ck_assert(!amph__sl_driver.take_ids(conn, "t", "id", 1, &id, &err));
	ck_assert_str_eq(err.sqlstate, "25006");
	ck_assert(!amph__sl_driver.take_ids(conn, "t", "id", 1, &id, &err));
	ck_assert_str_eq(err.sqlstate, "25P02");
	run_sql(conn, "ROLLBACK");
}
END_TEST

static void *take_many(void *arg)
{
	worker *w = arg;
	amph_error err;
	amph_conn *c = conn_new(engine, &err);

	for (int i = 0; c && i < ROUNDS; i++) {
		char sql[64];
		int64_t id;
		bool ok = try_sql(c, "BEGIN", &err) &&
			  amph__sl_driver.take_ids(c, "t", "id", 1, &id, &err);

		snprintf(sql, sizeof sql, "INSERT INTO t VALUES (%d)", ok ? (int)id : 0);
		ok = ok && try_sql(c, sql, &err) && try_sql(c, i % 4 ? "COMMIT" : "ROLLBACK", &err);
		w->failures += !ok;
	}
	if (c)
		conn_close(c);
	return NULL;
}

START_TEST(sequences_of_many_threads)
{
	worker workers[THREADS] = { 0 };

	run_sql(conn, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
	for (int i = 0; i < THREADS; i++)
		pthread_create(&workers[i].thread, NULL, take_many, &workers[i]);
	for (int i = 0; i < THREADS; i++)
		pthread_join(workers[i].thread, NULL);
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(workers[i].failures, 0);
	ck_assert_int_eq(int_of(conn, "SELECT count(*) FROM t"), THREADS * ROUNDS * 3 / 4);
	ck_assert_int_eq(next_id("t"), THREADS * ROUNDS + 1);
}
END_TEST

SUITE_MAIN_WITH("sqlite transactions", setup, teardown,
		a_failed_statement_aborts_the_transaction, savepoints, a_read_only_transaction,
		nested_begin_and_idle_commit_are_no_errors, readers_are_never_locked_out,
		a_snapshot_conflict_can_be_retried, a_busy_writer, a_busy_other_process,
		a_reader_that_begins_to_write_waits, deadlines,
		a_lone_read_holds_its_snapshot, cancel_from_another_thread, writers_come_in_order,
		a_new_database_is_opened_by_many_at_once, sequences_never_go_back,
		sequences_begin_anew_with_their_table, sequences_of_tables_from_elsewhere,
		sequences_of_many_threads)
