/* The PostgreSQL driver in use and in trouble: flights, preparation, deadlines, lost connections,
 * streams, COPY, cancelling, reset, fork, inspection. */
#include "harness.h"
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static amph_driver_engine *engine;
static amph_conn *conn, *other;

static void open_conns(void)
{
	live_blocks = 0;
	engine = engine_new();
	conn = conn_new(engine);
	other = conn_new(engine);
	run(other, "DROP SCHEMA public CASCADE");
	run(other, "CREATE SCHEMA public");
	run(other, "CREATE TABLE things(id int8 PRIMARY KEY, name text UNIQUE, n int4 CHECK (n > 0))");
}

static void close_conns(void)
{
	if (conn)
		conn_free(conn);
	if (other)
		conn_free(other);
	engine_free(engine);
	ck_assert_int_eq(live_blocks, 0);
}

static const amph_sqltype int8_type = { .type = AMPH_T_INT64 }, text_type = { .type = AMPH_T_TEXT };
static const amph_param int8_param = { AMPH_PARAM_VALUE, 1, &int8_type };
static const amph_result_column int8_column = { "n", { .type = AMPH_T_INT64 } };
static const amph_slot int8_slot = { .type = AMPH_T_INT64, .name = "n" };
static const amph_shape int8_shape = { 1, &int8_slot };

static int64_t soon(int ms)
{
	return amph__monotonic_usec() + (int64_t)ms * 1000;
}

/* The int8 that a collected result has in its first row. */
static int64_t take_int(amph_conn *c, amph_result *r)
{
	int64_t out = -1;
	size_t n;

	OK(c->driver->fetch(c, r, &int8_shape, &out, sizeof out, 1, NULL, &n, &err));
	ck_assert_uint_eq(n, 1);
	c->driver->finish(c, r);
	return out;
}

static int64_t call(amph_stmt *s, int64_t value)
{
	amph_arg arg = value_arg(&int8_slot, &value);
	amph_result r;

	OK(execute(s, &arg, &r));
	return take_int(s->conn, &r);
}

START_TEST(statements_give_tags_and_counts)
{
	static const struct { const char *sql, *tag; int64_t affected; } rows[] = {
		{ "INSERT INTO things SELECT i, i, 1 FROM generate_series(1, 10) i", "INSERT", 10 },
		{ "UPDATE things SET n = 2 WHERE id > 5", "UPDATE", 5 },
		{ "DELETE FROM things WHERE id > 8", "DELETE", 2 },
		{ "CREATE TABLE more()", "CREATE TABLE", -1 },
		{ "SELECT 1", "SELECT", -1 },
		{ "", "", -1 },
		{ "SET work_mem = '5MB'", "SET", -1 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t affected = -9;
		char tag[24];

		if (!try_run(conn, rows[i].sql, AMPH_CODE_ONCE, &affected, tag))
			ck_abort_msg("%s: %s", rows[i].sql, err.message);
		ck_assert_str_eq(tag, rows[i].tag);
		ck_assert_int_eq(affected, rows[i].affected);
	}
}
END_TEST

START_TEST(errors_say_where_and_what)
{
	run(conn, "INSERT INTO things VALUES (1, 'a', 1)");
	FAILS("23505", try_run(conn, "INSERT INTO things VALUES (2, 'a', 1)", AMPH_CODE_ONCE, NULL, NULL));
	ck_assert_int_eq(err.status, AMPH_E_UNIQUE);
	ck_assert_str_eq(err.constraint, "things_name_key");
	ck_assert_str_eq(err.table, "things");
	ck_assert_str_eq(err.detail, "Key (name)=(a) already exists.");
	FAILS("23514", try_run(conn, "INSERT INTO things VALUES (2, 'b', 0)", AMPH_CODE_ONCE, NULL, NULL));
	ck_assert_str_eq(err.constraint, "things_n_check");
	FAILS("23502", try_run(conn, "INSERT INTO things VALUES (NULL)", AMPH_CODE_ONCE, NULL, NULL));
	ck_assert_str_eq(err.column, "id");
	FAILS("42601", try_run(conn, "SELECT 'ä', FROM x", AMPH_CODE_ONCE, NULL, NULL));
	ck_assert_int_eq(err.position, 13);
	FAILS("42703", try_run(conn, "SELECT nothing FROM things", AMPH_CODE_ONCE, NULL, NULL));
	FAILS("0A000", try_run(conn, "COPY things TO STDOUT", AMPH_CODE_ONCE, NULL, NULL));
	ck_assert(conn->broken);
}
END_TEST

/* ---- flights ---- */

START_TEST(a_flight_gives_results_in_order)
{
	amph_code begin = code_of("BEGIN", AMPH_CODE_CONTROL, 0, NULL, 0, NULL);
	amph_code code = code_of("SELECT $1 * 10", AMPH_CODE_ROWS, 1, &int8_param, 1, &int8_column);
	amph_stmt *b = stmt_new(conn, &begin), *s = stmt_new(conn, &code);
	int64_t values[20];
	amph_arg args[20];
	amph_result r;

	OK(conn->driver->submit(b, NULL, true, &err));
	for (int i = 0; i < 20; i++) {
		values[i] = i;
		args[i] = value_arg(&int8_slot, &values[i]);
		OK(conn->driver->submit(s, &args[i], i < 19, &err));
	}
	OK(conn->driver->collect(conn, &r, &err));
	ck_assert_str_eq(r.tag, "BEGIN");
	conn->driver->finish(conn, &r);
	for (int i = 0; i < 20; i++) {
		OK(conn->driver->collect(conn, &r, &err));
		ck_assert_int_eq(take_int(conn, &r), i * 10);
	}
	ck_assert_int_eq(conn->driver->tx_status(conn), AMPH_TX_OPEN);
	FAILS("HV010", conn->driver->collect(conn, &r, &err));
	/* alone, and several without waiting for each */
	ck_assert_int_eq(call(s, 7), 70);
	OK(conn->driver->submit(s, &args[1], false, &err));
	OK(conn->driver->submit(s, &args[2], false, &err));
	OK(conn->driver->submit(s, &args[3], true, &err));
	for (int i = 1; i < 4; i++) {
		OK(conn->driver->collect(conn, &r, &err));
		ck_assert_int_eq(take_int(conn, &r), i * 10);
	}
	control(conn, "COMMIT");
	ck_assert_int_eq(conn->driver->tx_status(conn), AMPH_TX_IDLE);
	stmt_free(b);
	stmt_free(s);
}
END_TEST

START_TEST(a_failure_aborts_the_rest_of_a_flight)
{
	amph_code good = code_of("SELECT $1", AMPH_CODE_ROWS, 1, &int8_param, 1, &int8_column);
	amph_code bad = code_of("SELECT 10 / $1", AMPH_CODE_ROWS, 1, &int8_param, 1, &int8_column);
	amph_code late = code_of("SELECT $1 + 1", AMPH_CODE_ROWS, 1, &int8_param, 1, &int8_column);
	amph_stmt *g = stmt_new(conn, &good), *b = stmt_new(conn, &bad), *l = stmt_new(conn, &late);
	int64_t zero = 0;
	amph_arg arg = value_arg(&int8_slot, &zero);
	amph_result r;

	for (int in_tx = 0; in_tx < 2; in_tx++) {
		if (in_tx)
			control(conn, "BEGIN");
		OK(conn->driver->submit(g, &arg, true, &err));
		OK(conn->driver->submit(b, &arg, true, &err));
		OK(conn->driver->submit(g, &arg, true, &err));
		OK(conn->driver->submit(l, &arg, false, &err));
		OK(conn->driver->collect(conn, &r, &err));
		ck_assert_int_eq(take_int(conn, &r), 0);
		FAILS("22012", conn->driver->collect(conn, &r, &err));
		FAILS("25P02", conn->driver->collect(conn, &r, &err));
		FAILS("25P02", conn->driver->collect(conn, &r, &err));
		ck_assert_int_eq(conn->driver->tx_status(conn), in_tx ? AMPH_TX_FAILED : AMPH_TX_IDLE);
		if (in_tx) {
			char tag[24];

			OK(try_run(conn, "COMMIT", AMPH_CODE_CONTROL, NULL, tag));
			ck_assert_str_eq(tag, "ROLLBACK");
		}
		ck_assert_int_eq(call(l, 5), 6);
	}
	stmt_free(g);
	stmt_free(b);
	stmt_free(l);
}
END_TEST

START_TEST(a_value_refused_within_a_flight_leaves_the_others)
{
	amph_param p = { AMPH_PARAM_VALUE, 1, &text_type };
	amph_slot slot = { .type = AMPH_T_TEXT, .name = "t" };
	amph_code code = code_of("SELECT length($1)::int8", AMPH_CODE_ROWS, 1, &p, 1, &int8_column);
	amph_stmt *s = stmt_new(conn, &code);
	const char *good = "abc", *bad = "\xff";
	amph_arg a = value_arg(&slot, &good), b = value_arg(&slot, &bad);
	amph_result r;

	OK(conn->driver->submit(s, &a, true, &err));
	FAILS("22021", conn->driver->submit(s, &b, false, &err));
	OK(conn->driver->collect(conn, &r, &err));
	ck_assert_int_eq(take_int(conn, &r), 3);
	ck_assert_int_eq(conn->driver->tx_status(conn), AMPH_TX_IDLE);
	stmt_free(s);
}
END_TEST

START_TEST(a_failing_commit_of_one_statement_is_told)
{
	run(conn, "CREATE TABLE late(id int8 REFERENCES things DEFERRABLE INITIALLY DEFERRED)");
	FAILS("23503", try_run(conn, "INSERT INTO late VALUES (99)", AMPH_CODE_ONCE | AMPH_CODE_WRITES, NULL,
			       NULL));
	ck_assert_str_eq(err.constraint, "late_id_fkey");
	control(conn, "BEGIN");
	run(conn, "INSERT INTO late VALUES (99)");
	FAILS("23503", try_run(conn, "COMMIT", AMPH_CODE_CONTROL, NULL, NULL));
	ck_assert_int_eq(conn->driver->tx_status(conn), AMPH_TX_IDLE);
	amph_code code = code_of("INSERT INTO late VALUES ($1) RETURNING id", AMPH_CODE_WRITES | AMPH_CODE_ROWS,
				 1, &int8_param, 1, &int8_column);
	amph_stmt *s = stmt_new(conn, &code);
	int64_t id = 98;
	amph_arg arg = value_arg(&int8_slot, &id);
	amph_result r;
	OK(conn->driver->submit(s, &arg, true, &err));
	OK(conn->driver->submit(s, &arg, false, &err));
	OK(conn->driver->collect(conn, &r, &err));
	conn->driver->finish(conn, &r);
	FAILS("23503", conn->driver->collect(conn, &r, &err));
	ck_assert(!conn->broken);
	ck_assert_str_eq(text_of(conn, "SELECT count(*) FROM late"), "0");
	stmt_free(s);
}
END_TEST

/* ---- preparation ---- */

static amph_code things_code(void)
{
	return code_of("SELECT count(*) FROM things WHERE id > $1", AMPH_CODE_ROWS, 1, &int8_param, 1,
		       &int8_column);
}

static const char *prepared(amph_conn *c)
{
	return text_of(c, "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'amph%' AND"
		       " statement LIKE '%things%'");
}

START_TEST(what_the_server_forgot_is_prepared_again)
{
	static const char *const forgets[] = {
		"DEALLOCATE ALL", "DISCARD ALL", "SELECT 1",
		("DO 'DECLARE n text; BEGIN FOR n IN SELECT name FROM pg_prepared_statements"
		 " WHERE statement LIKE ''%things%'' LOOP EXECUTE ''DEALLOCATE '' || n; END LOOP; END'")
	};
	amph_code code = things_code();
	amph_stmt *s = stmt_new(conn, &code);

	call(s, 0);
	for (size_t i = 0; i < COUNT(forgets); i++) {
		run(conn, forgets[i]);
		ck_assert_int_eq(call(s, 0), 0);
		ck_assert_str_eq(prepared(conn), "1");
		/* first of its transaction, which is begun again */
		control(conn, "BEGIN ISOLATION LEVEL SERIALIZABLE");
		ck_assert_int_eq(call(s, 0), 0);
		ck_assert_str_eq(text_of(conn, "SHOW transaction_isolation"), "serializable");
		control(conn, "COMMIT");
	}
	/* behind our back, and within a transaction that has done something: it must be run again */
	run(conn, forgets[3]);
	control(conn, "BEGIN");
	run(conn, "SELECT 1");
	amph_result r;
	int64_t zero = 0;
	amph_arg arg = value_arg(&int8_slot, &zero);
	FAILS("26000", execute(s, &arg, &r));
	ck_assert(err.retryable);
	control(conn, "ROLLBACK");
	ck_assert_int_eq(call(s, 0), 0);
	stmt_free(s);
}
END_TEST

START_TEST(a_plan_that_changed_is_made_again)
{
	static const amph_sqltype int4 = { .type = AMPH_T_INT64 };
	amph_result_column columns[] = { { "id", int4 }, { "n", int4 } };
	amph_slot slots[] = { { .type = AMPH_T_INT64, .name = "id" },
			      { .type = AMPH_T_INT64, .offset = 8, .name = "n" } };
	amph_shape shape = { 2, slots };
	amph_code code = code_of("SELECT id, n FROM things WHERE id = $1", AMPH_CODE_ROWS, 1, &int8_param, 2,
				 columns);
	amph_stmt *s = stmt_new(conn, &code);
	int64_t id = 1, row[2];
	amph_arg arg = value_arg(&int8_slot, &id);
	amph_result r;
	size_t n;

	run(conn, "INSERT INTO things VALUES (1, 'a', 5)");
	for (int round = 0; round < 3; round++) {
		bool in_tx = round == 2;

		run(other, round % 2 ? "ALTER TABLE things ALTER n TYPE int4"
				     : "ALTER TABLE things ALTER n TYPE int8");
		if (in_tx) {
			/* BEGIN in the same flight, another statement behind */
			amph_code begin = code_of("BEGIN", AMPH_CODE_CONTROL, 0, NULL, 0, NULL);
			amph_stmt *b = stmt_new(conn, &begin);
			OK(conn->driver->submit(b, NULL, true, &err));
			OK(conn->driver->submit(s, &arg, true, &err));
			OK(conn->driver->submit(s, &arg, false, &err));
			OK(conn->driver->collect(conn, &r, &err));
			conn->driver->finish(conn, &r);
			OK(conn->driver->collect(conn, &r, &err));
			conn->driver->finish(conn, &r);
			OK(conn->driver->collect(conn, &r, &err));
			stmt_free(b);
		} else {
			OK(execute(s, &arg, &r));
		}
		OK(conn->driver->fetch(conn, &r, &shape, row, sizeof row, 1, NULL, &n, &err));
		ck_assert_int_eq(row[1], 5);
		conn->driver->finish(conn, &r);
		if (in_tx)
			control(conn, "COMMIT");
	}
	run(other, "ALTER TABLE things ALTER n TYPE int4");
	control(conn, "BEGIN");
	run(conn, "SELECT 1");
	FAILS("0A000", execute(s, &arg, &r));
	ck_assert(err.retryable);
	control(conn, "ROLLBACK");
	OK(execute(s, &arg, &r));
	conn->driver->finish(conn, &r);
	run(other, "DROP TABLE things");
	run(other, "CREATE TABLE things(id int8, n int4)");
	OK(execute(s, &arg, &r));
	conn->driver->finish(conn, &r);
	run(other, "DROP TABLE things");
	FAILS("42P01", execute(s, &arg, &r));
	stmt_free(s);
}
END_TEST

START_TEST(a_name_that_is_there_already_is_used)
{
	amph_code code = things_code();
	char sql[256];

	snprintf(sql, sizeof sql, "PREPARE amph_%016llx%016llx(int8) AS %s", (unsigned long long)code.hash[0],
		 (unsigned long long)code.hash[1], code.sql);
	run(conn, sql);
	amph_stmt *s = stmt_new(conn, &code);
	ck_assert_int_eq(call(s, 0), 0);
	ck_assert_int_eq(call(s, 0), 0);
	stmt_free(s);
}
END_TEST

START_TEST(names_are_shared_and_given_back)
{
	amph_code code = things_code();
	amph_stmt *a = stmt_new(conn, &code), *b = stmt_new(conn, &code);

	call(a, 0);
	call(b, 0);
	ck_assert_str_eq(prepared(conn), "1");
	stmt_free(a);
	call(b, 0);
	stmt_free(b);
	a = stmt_new(conn, &code);
	call(a, 0);
	ck_assert_str_eq(prepared(conn), "1");
	stmt_free(a);
	for (int i = 0; i < 40; i++) {
		char sql[96];

		snprintf(sql, sizeof sql, "SELECT count(*) + %d FROM things WHERE id > $1", i);
		amph_code one = code_of(sql, AMPH_CODE_ROWS, 1, &int8_param, 1, &int8_column);
		a = stmt_new(conn, &one);
		ck_assert_int_eq(call(a, 0), i);
		stmt_free(a);
	}
	ck_assert_int_le(atoi(prepared(conn)), 16);
}
END_TEST

START_TEST(without_names_nothing_stays_prepared)
{
	amph_driver_engine *plain = engine_with(test_url(), (amph_driver_options){ .prepare = false });
	OK(plain->driver->engine_open(plain, &err));
	amph_conn *c = conn_new(plain);
	amph_code code = things_code();
	amph_stmt *s = stmt_new(c, &code);

	ck_assert_int_eq(call(s, 0), 0);
	ck_assert_int_eq(call(s, 0), 0);
	ck_assert_str_eq(text_of(c, "SELECT count(*) FROM pg_prepared_statements"), "0");
	stmt_free(s);
	conn_free(c);
	engine_free(plain);
}
END_TEST

/* ---- time and loss ---- */

START_TEST(a_deadline_bounds_every_wait)
{
	int64_t start = amph__monotonic_usec();

	conn->deadline_usec = soon(200);
	FAILS("57014", try_run(conn, "SELECT pg_sleep(30)", AMPH_CODE_ONCE, NULL, NULL));
	ck_assert_int_lt(amph__monotonic_usec() - start, 350000);
	ck_assert_int_eq(err.status, AMPH_E_TIMEOUT);
	ck_assert(conn->broken);
	FAILS("08003", conn->driver->ping(conn, &err));
	conn_free(conn);
	conn = NULL;
	/* the server notices that nobody waits any more */
	for (int i = 0; i < 50; i++) {
		if (!strcmp(text_of(other, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE"
				    " 'SELECT pg_sleep%' AND datname = current_database()"), "0"))
			return;
		usleep(100000);
	}
	ck_abort_msg("the statement still runs on the server");
}
END_TEST

START_TEST(a_write_that_timed_out_alone_is_unknown)
{
	conn->deadline_usec = soon(100);
	FAILS("57014", try_run(conn, "INSERT INTO things SELECT 5, pg_sleep(3)::text, 1",
			       AMPH_CODE_ONCE | AMPH_CODE_WRITES, NULL, NULL));
	ck_assert_int_eq(err.outcome, AMPH_UNKNOWN);
}
END_TEST

static void terminate(amph_conn *victim)
{
	char pid[32], sql[96];

	snprintf(pid, sizeof pid, "%s", text_of(victim, "SELECT pg_backend_pid()"));
	snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%s, 5000)", pid);
	ck_assert_str_eq(text_of(other, sql), "t");
}

START_TEST(a_killed_idle_backend_breaks_the_connection)
{
	terminate(conn);
	ck_assert(!try_run(conn, "SELECT 1", AMPH_CODE_ONCE, NULL, NULL));
	ck_assert_int_eq(err.status, AMPH_E_CONNECTION);
	ck_assert(conn->broken);
	FAILS("08003", try_run(conn, "SELECT 1", AMPH_CODE_ONCE, NULL, NULL));
	FAILS("08003", conn->driver->ping(conn, &err));
	FAILS("08003", conn->driver->reset(conn, &err));
	conn_free(conn);
	conn = conn_new(engine);
	terminate(conn);
	ck_assert(!conn->driver->ping(conn, &err));
	ck_assert(conn->broken);
}
END_TEST

START_TEST(a_killed_backend_in_a_transaction_breaks_the_flight)
{
	amph_code code = things_code();
	amph_stmt *s = stmt_new(conn, &code);
	int64_t zero = 0;
	amph_arg arg = value_arg(&int8_slot, &zero);
	amph_result r;

	control(conn, "BEGIN");
	call(s, 0);
	terminate(conn);
	bool sent = conn->driver->submit(s, &arg, true, &err) && conn->driver->submit(s, &arg, false, &err);
	for (int i = 0; sent && i < 2; i++) {
		ck_assert(!conn->driver->collect(conn, &r, &err));
		ck_assert_int_eq(err.status, AMPH_E_CONNECTION);
		ck_assert_int_eq(err.outcome, AMPH_NOT_APPLIED);
	}
	ck_assert(conn->broken);
	stmt_free(s);
}
END_TEST

static void *killer(void *sql)
{
	usleep(150000);
	text_of(other, sql);
	return NULL;
}

START_TEST(a_backend_killed_while_running_breaks_the_connection)
{
	char sql[96];
	pthread_t thread;

	snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%s)", text_of(conn, "SELECT pg_backend_pid()"));
	pthread_create(&thread, NULL, killer, sql);
	FAILS("57P01", try_run(conn, "SELECT pg_sleep(10)", AMPH_CODE_ONCE, NULL, NULL));
	pthread_join(thread, NULL);
	ck_assert(conn->broken);
	ck_assert_int_eq(err.status, AMPH_E_CONNECTION);
}
END_TEST

static void *canceller(void *c)
{
	amph_error mine;

	usleep(150000);
	ck_assert(((amph_conn *)c)->driver->cancel(c, &mine));
	return NULL;
}

START_TEST(another_thread_cancels)
{
	int64_t start = amph__monotonic_usec();
	pthread_t thread;

	pthread_create(&thread, NULL, canceller, conn);
	FAILS("57014", try_run(conn, "SELECT pg_sleep(10)", AMPH_CODE_ONCE, NULL, NULL));
	pthread_join(thread, NULL);
	ck_assert_int_lt(amph__monotonic_usec() - start, 2000000);
	ck_assert(!conn->broken);
	ck_assert_str_eq(text_of(conn, "SELECT 1"), "1");
}
END_TEST

START_TEST(connecting_fails_with_the_servers_state)
{
	static const struct { const char *url, *state; } rows[] = {
		{ "postgresql://nobody_here:s3cret@/postgres?host=%s&port=%s", "28000" },
		{ "postgresql://postgres:s3cret@/no_such_db?host=%s&port=%s", "3D000" },
		{ "postgresql://postgres:s3cret@127.0.0.1:1/x", "08001" },
		{ "postgresql://postgres:s3cret@/x?host=/nowhere/at/all", "08001" },
	};
	const char *host = text_of(conn, "SHOW unix_socket_directories"), *port = text_of(conn, "SHOW port");

	for (size_t i = 0; i < COUNT(rows); i++) {
		char url[256];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(url, sizeof url, rows[i].url, host, port);
#pragma GCC diagnostic pop
		amph_driver_engine *e = engine_with(url, (amph_driver_options){ .prepare = true });
		OK(e->driver->engine_open(e, &err));
		ck_assert_ptr_null(conn_try(e, AMPH_NO_DEADLINE));
		ck_assert_msg(!strcmp(err.sqlstate, rows[i].state) || (i == 0 && !strncmp(err.sqlstate, "28", 2)),
			      "%s %s", err.sqlstate, err.message);
		ck_assert_int_eq(err.status, AMPH_E_CONNECTION);
		ck_assert_ptr_null(strstr(err.message, "s3cret"));
		engine_free(e);
	}
}
END_TEST

START_TEST(connecting_ends_at_the_deadline)
{
	/* a server that takes connections and says nothing */
	int fds[2];
	char url[128], dir[] = "/tmp/amph_silent_XXXXXX";
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(pipe(fds), 0);
	pid_t child = fork();
	if (!child) {
		char command[256];

		snprintf(command, sizeof command, "exec perl -MIO::Socket::UNIX -e '$s = IO::Socket::UNIX->new("
			 "Local => \"%s/.s.PGSQL.5432\", Listen => 5) or die; print \"x\"; close STDOUT;"
			 " sleep 20'", dir);
		dup2(fds[1], 1);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(1);
	}
	close(fds[1]);
	ck_assert_int_eq(read(fds[0], url, 1), 1);
	snprintf(url, sizeof url, "postgresql://u:pw12345@/x?host=%s", dir);
	for (int i = 0; i < 2; i++) {
		int64_t start = amph__monotonic_usec();
		amph_driver_engine *e = engine_with(url, (amph_driver_options){
			.prepare = true, .connect_timeout_ms = i ? 150 : 0 });

		OK(e->driver->engine_open(e, &err));
		ck_assert_ptr_null(conn_try(e, i ? AMPH_NO_DEADLINE : soon(150)));
		ck_assert_str_eq(err.sqlstate, "08001");
		ck_assert_int_lt(amph__monotonic_usec() - start, 400000);
		engine_free(e);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(fds[0]);
	snprintf(url, sizeof url, "%s/.s.PGSQL.5432", dir);
	unlink(url);
	rmdir(dir);
}
END_TEST

START_TEST(urls_are_checked_and_keep_their_secrets)
{
	static const struct { const char *url, *state, *says; } rows[] = {
		{ "postgresql://u:s3cret@h/d?nonsense=1", "HV00D", "\"nonsense\"" },
		{ "postgresql://u:s3cret%zz@h/d", "08001", "malformed" },
		{ "postgresql://u:s3cret@[::1/d", "08001", "malformed" },
		{ "postgresql://u:s3cret@h/d?sslmode", "08001", "malformed" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		amph_driver_engine *e = engine_with(rows[i].url, (amph_driver_options){ .prepare = true });

		FAILS(rows[i].state, e->driver->engine_open(e, &err));
		ck_assert_msg(strstr(err.message, rows[i].says) != NULL, "%s", err.message);
		ck_assert_msg(!strstr(err.message, "s3cret"), "%s", err.message);
		engine_free(e);
	}
}
END_TEST

START_TEST(settings_come_with_the_connection)
{
	static const struct { const char *name, *value; } rows[] = {
		{ "client_encoding", "UTF8" }, { "DateStyle", "ISO, MDY" }, { "TimeZone", "Europe/Berlin" },
		{ "IntervalStyle", "postgres" }, { "extra_float_digits", "1" },
		{ "standard_conforming_strings", "on" }, { "bytea_output", "hex" },
		{ "search_path", "\"we\"\"ird \\name\",\"public\"" }, { "lock_timeout", "1234ms" },
		{ "default_transaction_read_only", "on" }, { "application_name", "amphora" },
		{ "work_mem", "5MB" }, { "transform_null_equals", "off" }
	};
	char url[512];
	run(conn, "ALTER ROLE postgres SET datestyle = 'German'");
	run(conn, "ALTER ROLE postgres SET bytea_output = 'escape'");
	run(conn, "ALTER ROLE postgres SET standard_conforming_strings = off");
	snprintf(url, sizeof url, "%s&options=-c%%20work_mem%%3D5MB%%20-c%%20datestyle%%3DSQL", test_url());
	amph_driver_engine *e = engine_with(url, (amph_driver_options){
		.prepare = true, .read_only = true, .lock_timeout_ms = 1234, .time_zone = "Europe/Berlin",
		.schema = "we\"ird \\name, public" });
	OK(e->driver->engine_open(e, &err));
	amph_conn *c = conn_new(e);
	run(conn, "ALTER ROLE postgres RESET ALL");
	/* as they come, after a reset of what a user did, and where a pooler wants them by SET */
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < COUNT(rows); i++) {
			char sql[64];

			snprintf(sql, sizeof sql, "SHOW %s", rows[i].name);
			ck_assert_str_eq(text_of(c, sql), rows[i].value);
		}
		run(c, "SET datestyle = 'German'");
		run(c, "SET search_path = pg_catalog");
		OK(c->driver->reset(c, &err));
	}
	conn_free(c);
	engine_free(e);
}
END_TEST

/* ---- streams ---- */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#elif defined(__has_feature)
enum { SANITIZED = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) };
#else
enum { SANITIZED = 0 };
#endif

static long resident_kb(void)
{
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	ck_assert_int_eq(fscanf(f, "%*d %ld", &pages), 1);
	fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

START_TEST(a_stream_takes_constant_memory)
{
	amph_result_column columns[] = { { "i", int8_type }, { "t", text_type } };
	amph_slot slots[] = { { .type = AMPH_T_INT64, .name = "i" },
			      { .type = AMPH_T_TEXT, .offset = 8, .name = "t" } };
	amph_shape shape = { 2, slots };
	amph_code code = code_of("SELECT i, repeat('x', 50) FROM generate_series(1::int8, $1) i",
				 AMPH_CODE_ROWS | AMPH_CODE_STREAM, 1, &int8_param, 2, columns);
	amph_stmt *s = stmt_new(conn, &code);
	struct { int64_t i; const char *t; } rows[100];
	int64_t want = 1000000, seen = 0;
	amph_arg arg = value_arg(&int8_slot, &want);
	amph_arena arena;
	amph_result r;
	size_t n;

	amph__arena_init(&arena, &counting);
	OK(execute(s, &arg, &r));
	FAILS("HV010", conn->driver->submit(s, &arg, false, &err));
	FAILS("HV010", conn->driver->ping(conn, &err));
	long before = 0;
	do {
		OK(conn->driver->fetch(conn, &r, &shape, rows, sizeof rows[0], 100,
				       &(amph_store){ store_malloc, &arena }, &n, &err));
		for (size_t i = 0; i < n; i++)
			ck_assert_int_eq(rows[i].i, ++seen);
		ck_assert(n == 0 || strlen(rows[n - 1].t) == 50);
		amph__arena_reset(&arena);
		if (seen == 10000)
			before = resident_kb();
	} while (n);
	ck_assert_int_eq(seen, want);
	if (!SANITIZED)                 /* which keep freed memory for a while */
		ck_assert_int_lt(resident_kb() - before, 1024);
	conn->driver->finish(conn, &r);
	/* none, one, given up in the middle, failing in the middle */
	want = 0;
	OK(execute(s, &arg, &r));
	OK(conn->driver->fetch(conn, &r, &shape, rows, 16, 5, &(amph_store){ store_malloc, &arena }, &n, &err));
	ck_assert_uint_eq(n, 0);
	conn->driver->finish(conn, &r);
	want = 100000;
	OK(execute(s, &arg, &r));
	OK(conn->driver->fetch(conn, &r, &shape, rows, 16, 5, &(amph_store){ store_malloc, &arena }, &n, &err));
	ck_assert_uint_eq(n, 5);
	conn->driver->finish(conn, &r);
	ck_assert_str_eq(text_of(conn, "SELECT 1"), "1");
	stmt_free(s);
	amph__arena_clear(&arena);
}
END_TEST

START_TEST(a_stream_may_fail_on_its_way)
{
	amph_code code = code_of("SELECT 1000 / (10 - i) FROM generate_series(1::int8, $1) i",
				 AMPH_CODE_ROWS | AMPH_CODE_STREAM, 1, &int8_param, 1, &int8_column);
	amph_stmt *s = stmt_new(conn, &code);
	int64_t want = 20, got[20];
	amph_arg arg = value_arg(&int8_slot, &want);
	amph_result r;
	size_t n;

	for (int in_tx = 0; in_tx < 2; in_tx++) {
		if (in_tx)
			control(conn, "BEGIN");
		OK(execute(s, &arg, &r));
		FAILS("22012", conn->driver->fetch(conn, &r, &int8_shape, got, 8, 20, NULL, &n, &err));
		ck_assert_uint_eq(n, 9);
		conn->driver->finish(conn, &r);
		ck_assert_int_eq(conn->driver->tx_status(conn), in_tx ? AMPH_TX_FAILED : AMPH_TX_IDLE);
	}
	control(conn, "ROLLBACK");
	OK(execute(s, &arg, &r));
	OK(conn->driver->fetch(conn, &r, &int8_shape, got, 8, 3, NULL, &n, &err));
	conn->deadline_usec = AMPH_NO_DEADLINE;
	OK(conn->driver->reset(conn, &err));
	conn->driver->finish(conn, &r);
	ck_assert_str_eq(text_of(conn, "SELECT 1"), "1");
	stmt_free(s);
}
END_TEST

/* ---- load and ids ---- */

typedef struct thing { int64_t id; const char *name; amph_opt_int32 n; amph_opt_numeric price; } thing;
static const amph_slot thing_slots[] = {
	{ AMPH_T_INT64, false, offsetof(thing, id), NULL, "id" },
	{ AMPH_T_TEXT, false, offsetof(thing, name), NULL, "name" },
	{ AMPH_T_INT32, true, offsetof(thing, n), NULL, "n" },
	{ AMPH_T_NUMERIC, true, offsetof(thing, price), NULL, "price" }
};
static const amph_sqltype thing_types[] = {
	{ .type = AMPH_T_INT64 }, { .type = AMPH_T_TEXT }, { .type = AMPH_T_INT32 }, { .type = AMPH_T_NUMERIC }
};
static const char *const thing_columns[] = { "id", "name", "n", "pri\"ce" };

static bool load(const char *table, const thing *rows, size_t n, bool *done, int64_t *affected)
{
	amph_arg arg = { COUNT(thing_slots), n, sizeof *rows, thing_slots, rows, NULL };

	return conn->driver->load(conn, table, thing_columns, thing_types, &arg, done, affected, &err);
}

START_TEST(load_copies_rows)
{
	enum { N = 20000 };
	thing *rows = calloc(N, sizeof *rows);
	int64_t affected;
	bool done;

	for (int i = 0; i < N; i++)
		rows[i] = (thing){ .id = i, .name = i % 3 ? "näme" : NULL, .n = { i + 1, i % 2 },
				   .price = { { .v.units = i * 7, .scale = 2 }, i % 5 != 0 } };
	run(conn, "CREATE TABLE goods(id int8 PRIMARY KEY, name varchar(10), n int4 CHECK (n <> 5),"
	    " \"pri\"\"ce\" numeric(12,2), extra int DEFAULT 9)");
	OK(load("goods", rows, 4, &done, &affected));
	ck_assert(done);
	ck_assert_int_eq(affected, 4);
	FAILS("23505", load("goods", rows, 1, &done, &affected));
	ck_assert_str_eq(err.constraint, "goods_pkey");
	ck_assert_str_eq(err.table, "goods");
	rows[5].n = (amph_opt_int32){ 5, true };
	FAILS("23514", load("goods", rows + 5, 1, &done, &affected));
	ck_assert_str_eq(err.constraint, "goods_n_check");
	rows[5].n.value = 6;
	rows[5].name = "more than ten";
	FAILS("22001", load("goods", rows + 5, 1, &done, &affected));
	rows[N - 1].name = "\xff";
	rows[5].name = "x";
	FAILS("22021", load("goods", rows, N, &done, &affected));
	ck_assert(!conn->broken);
	rows[N - 1].name = "last";
	run(conn, "TRUNCATE goods");
	control(conn, "BEGIN");
	OK(load("public.goods", rows, N, &done, &affected));
	ck_assert(done);
	ck_assert_int_eq(affected, N);
	OK(load("goods", rows, 0, &done, &affected));
	ck_assert(done && affected == 0);
	control(conn, "COMMIT");
	ck_assert_str_eq(text_of(conn, "SELECT (count(*), count(name), count(n), sum(\"pri\"\"ce\"), sum(extra))"
				 " FROM goods"), "(20000,13333,10000,11200000.00,180000)");
	free(rows);
}
END_TEST

START_TEST(load_declines_what_is_not_a_plain_insert)
{
	static const struct { const char *what, *undo; } rows[] = {
		{ "CREATE TRIGGER t BEFORE INSERT ON goods FOR EACH ROW EXECUTE FUNCTION f()",
		  "DROP TRIGGER t ON goods" },
		{ "ALTER TABLE goods ENABLE ROW LEVEL SECURITY", "ALTER TABLE goods DISABLE ROW LEVEL SECURITY" },
		{ "CREATE RULE r AS ON INSERT TO goods DO ALSO SELECT 1", "DROP RULE r ON goods" },
		{ "ALTER TABLE goods ADD g int GENERATED ALWAYS AS (n + 1) STORED",
		  "ALTER TABLE goods DROP g" },
		{ "ALTER TABLE goods ALTER n TYPE int8", "ALTER TABLE goods ALTER n TYPE int4" },
		{ "ALTER TABLE goods ALTER id ADD GENERATED ALWAYS AS IDENTITY",
		  "ALTER TABLE goods ALTER id DROP IDENTITY" },
	};
	thing row = { .id = 1, .name = "x" };
	int64_t affected;
	bool done;

	run(conn, "CREATE TABLE goods(id int8 NOT NULL, name text, n int4, \"pri\"\"ce\" numeric(12,2))");
	run(conn, "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'");
	OK(load("goods", &row, 1, &done, &affected));
	ck_assert(done);
	for (size_t i = 0; i < COUNT(rows); i++) {
		run(conn, rows[i].what);
		OK(load("goods", &row, 1, &done, &affected));
		ck_assert_msg(!done, "%s", rows[i].what);
		run(conn, rows[i].undo);
		OK(load("goods", &row, 1, &done, &affected));
		ck_assert_msg(done, "%s", rows[i].undo);
	}
	run(conn, "DROP ROLE IF EXISTS poor");
	run(conn, "CREATE ROLE poor");
	run(conn, "GRANT SELECT ON goods TO poor");
	run(conn, "SET ROLE poor");
	OK(load("goods", &row, 1, &done, &affected));
	ck_assert(!done);
	run(conn, "RESET ROLE");
	run(conn, "DROP OWNED BY poor");
	run(conn, "DROP ROLE poor");
	FAILS("42P01", (load("no_such", &row, 1, &done, &affected) && !done) ?
	      amph__error(&err, "42P01", "declined") : true);
	engine->options.fast_paths = false;
	OK(load("goods", &row, 1, &done, &affected));
	ck_assert(!done);
}
END_TEST

START_TEST(ids_are_taken_from_the_sequence)
{
	enum { N = 20000 };
	int64_t *ids = calloc(N, sizeof *ids);

	run(conn, "CREATE TABLE \"Odd name\"(\"I d\" int8 GENERATED BY DEFAULT AS IDENTITY, s serial, x int)");
	OK(conn->driver->take_ids(conn, "Odd name", "I d", 3, ids, &err));
	ck_assert(ids[0] == 1 && ids[1] == 2 && ids[2] == 3);
	OK(conn->driver->take_ids(conn, "public.Odd name", "I d", N, ids, &err));
	for (int i = 0; i < N; i++)
		ck_assert_int_eq(ids[i], i + 4);
	OK(conn->driver->take_ids(conn, "Odd name", "s", 1, ids, &err));
	ck_assert_int_eq(ids[0], 1);
	OK(conn->driver->take_ids(conn, "Odd name", "s", 0, ids, &err));
	control(conn, "BEGIN");
	FAILS("42501", conn->driver->take_ids(conn, "Odd name", "x", 1, ids, &err));
	FAILS("42501", conn->driver->take_ids(conn, "nothing", "x", 1, ids, &err));
	ck_assert_int_eq(conn->driver->tx_status(conn), AMPH_TX_OPEN);
	control(conn, "ROLLBACK");
	free(ids);
}
END_TEST

/* ---- reset, fork, inspect ---- */

START_TEST(reset_leaves_nothing_behind)
{
	static const struct { const char *leave, *look, *clean; } rows[] = {
		{ "SET work_mem = '7MB'", "SHOW work_mem", "4MB" },
		{ "SELECT set_config('work_mem', '7MB', false)", "SHOW work_mem", "4MB" },
		{ "CREATE TEMP TABLE left_over()", "SELECT to_regclass('left_over')", "NULL" },
		{ "SELECT pg_advisory_lock(5)", "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND"
		  " pid = pg_backend_pid()", "0" },
		{ "LISTEN x", "SELECT count(*) FROM pg_listening_channels()", "0" },
		{ "PREPARE mine AS SELECT 1", "SELECT count(*) FROM pg_prepared_statements WHERE name = 'mine'",
		  "0" },
		{ "DECLARE c CURSOR WITH HOLD FOR SELECT 1", "SELECT count(*) FROM pg_cursors WHERE name = 'c'", "0" },
		{ "BEGIN", "SELECT pg_current_xact_id_if_assigned()", "NULL" },
		{ "SET ROLE pg_monitor", "SELECT current_user", "postgres" },
	};
	amph_code code = things_code();
	amph_stmt *s = stmt_new(conn, &code);

	call(s, 0);
	OK(conn->driver->reset(conn, &err));
	ck_assert_str_eq(prepared(conn), "1");
	for (size_t i = 0; i < COUNT(rows); i++) {
		run(conn, rows[i].leave);
		OK(conn->driver->reset(conn, &err));
		ck_assert_msg(!strcmp(text_of(conn, rows[i].look), rows[i].clean), "%s", rows[i].leave);
		ck_assert_int_eq(conn->driver->tx_status(conn), AMPH_TX_IDLE);
		ck_assert_int_eq(call(s, 0), 0);
	}
	control(conn, "BEGIN");
	ck_assert(!try_run(conn, "SELECT 1/0", AMPH_CODE_ONCE, NULL, NULL));
	OK(conn->driver->reset(conn, &err));
	ck_assert_int_eq(conn->driver->tx_status(conn), AMPH_TX_IDLE);
	amph_arg arg = value_arg(&int8_slot, &(int64_t){ 0 });
	OK(conn->driver->submit(s, &arg, true, &err));
	OK(conn->driver->submit(s, &arg, true, &err));
	OK(conn->driver->reset(conn, &err));
	ck_assert_int_eq(call(s, 0), 0);
	stmt_free(s);
}
END_TEST

START_TEST(a_forked_child_does_no_harm)
{
	control(conn, "BEGIN");
	run(conn, "INSERT INTO things VALUES (1, 'a', 1)");
	pid_t child = fork();
	if (!child) {
		int failed = 0;

		failed |= conn->driver->ping(conn, &err) || strcmp(err.sqlstate, "08003") != 0;
		failed |= try_run(conn, "SELECT 1", AMPH_CODE_ONCE, NULL, NULL);
		failed |= conn->driver->reset(conn, &err);
		conn->driver->close(conn, true);
		other->driver->close(other, false);
		_exit(failed);
	}
	int status;
	waitpid(child, &status, 0);
	ck_assert_int_eq(status, 0);
	ck_assert_str_eq(text_of(conn, "SELECT count(*) FROM things"), "1");
	control(conn, "COMMIT");
	ck_assert_str_eq(text_of(other, "SELECT count(*) FROM things"), "1");
}
END_TEST

static bool collect_object(void *ctx, const amph_inspected *o)
{
	amph_buf *b = ctx;

	amph__buf_printf(b, "%d %s.%s %s [%s]%s%s%s %c\n", o->kind, o->table ? o->table : "-", o->name,
			 o->type ? o->type : "-", o->definition ? o->definition : "-",
			 o->not_null ? " not null" : "", o->identity ? " identity" : "",
			 o->unique ? " unique" : "", o->constraint_kind ? o->constraint_kind : '-');
	return true;
}

static bool stop_at_once(void *ctx, const amph_inspected *o)
{
	(void)o;
	++*(int *)ctx;
	return false;
}

START_TEST(the_schema_is_inspected)
{
	static const char *const want[] = {
		"4 -.mood - [sad\nok] -\n",
		"0 pets.pets - [-] -\n",
		"1 pets.id bigint [-] not null identity -\n",
		"1 pets.name character varying(20) ['x'::character varying] -\n",
		"1 pets.twice integer [GENERATED ALWAYS AS ((age * 2)) STORED] -\n",
		"2 pets.pets_pkey - [PRIMARY KEY (id)] unique p\n",
		"2 pets.pets_name_key - [UNIQUE (name)] unique u\n",
		"2 pets.pets_thing_fkey - [FOREIGN KEY (thing) REFERENCES things(id) ON DELETE CASCADE] f\n",
		"2 pets.pets_age_check - [CHECK ((age > 0))] c\n",
		("3 pets.ix_pets - [CREATE UNIQUE INDEX ix_pets ON public.pets USING btree"
		 " (lower((name)::text)) WHERE (age > 3)] unique i\n"),
		"5 pets.pets_id_seq bigint [id] identity -\n",
	};
	amph_buf b;
	int calls = 0;

	run(conn, "CREATE TYPE mood AS ENUM ('sad', 'ok')");
	run(conn, "CREATE TABLE pets(id int8 GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, name varchar(20) "
	    "DEFAULT 'x' UNIQUE, age int CHECK (age > 0), thing int8 REFERENCES things ON DELETE CASCADE,"
	    " twice int GENERATED ALWAYS AS (age * 2) STORED)");
	run(conn, "CREATE UNIQUE INDEX ix_pets ON pets (lower(name)) WHERE age > 3");
	amph__buf_init(&b, &counting);
	OK(conn->driver->inspect(conn, collect_object, &b, &err));
	for (size_t i = 0; i < COUNT(want); i++)
		ck_assert_msg(strstr(b.text, want[i]) != NULL, "%s missing in\n%s", want[i], b.text);
	amph__buf_clear(&b);
	OK(conn->driver->inspect(conn, stop_at_once, &calls, &err));
	ck_assert_int_eq(calls, 1);
}
END_TEST

/* ---- outcomes ---- */

static amph_tx_mark mark_of(amph_conn *c)
{
	amph_tx_mark mark;

	snprintf(mark.text, sizeof mark.text, "%s", text_of(c, c->driver->tx_mark_sql));
	return mark;
}

static amph_outcome outcome_of(const amph_tx_mark *mark, int ms)
{
	amph_outcome outcome;

	other->deadline_usec = soon(ms);
	OK(other->driver->tx_outcome(other, mark, &outcome, &err));
	other->deadline_usec = AMPH_NO_DEADLINE;
	return outcome;
}

START_TEST(the_fate_of_a_transaction_can_be_asked_for)
{
	control(conn, "BEGIN");
	run(conn, "INSERT INTO things VALUES (1, 'a', 1)");
	amph_tx_mark mark = mark_of(conn);
	ck_assert_uint_lt(strlen(mark.text), sizeof mark.text - 1);
	control(conn, "COMMIT");
	ck_assert_int_eq(outcome_of(&mark, 1000), AMPH_APPLIED);
	control(conn, "BEGIN");
	mark = mark_of(conn);
	control(conn, "ROLLBACK");
	ck_assert_int_eq(outcome_of(&mark, 1000), AMPH_NOT_APPLIED);
	/* another server, another timeline, no identity, nonsense */
	const char *slash = strchr(mark.text, '/');
	char bad[8][96];
	snprintf(bad[0], 96, "123%s", slash);
	snprintf(bad[1], 96, "%.*s/000000FF%s", (int)(slash - mark.text), mark.text, slash + 9);
	snprintf(bad[2], 96, "/%s", strrchr(mark.text, '/') - 3);
	snprintf(bad[3], 96, "what is this");
	snprintf(bad[4], 96, "%s", "");
	for (int i = 0; i < 5; i++) {
		amph_tx_mark wrong;

		memcpy(wrong.text, bad[i], sizeof wrong.text);
		err.message[0] = '\0';
		ck_assert_int_eq(outcome_of(&wrong, 1000), AMPH_UNKNOWN);
		ck_assert_str_ne(err.message, "");
	}
}
END_TEST

START_TEST(a_transaction_left_open_is_ended)
{
	control(conn, "BEGIN");
	run(conn, "INSERT INTO things VALUES (1, 'a', 1)");
	amph_tx_mark mark = mark_of(conn);
	/* too early to be ended by us: in progress */
	ck_assert_int_eq(outcome_of(&mark, 60), AMPH_UNKNOWN);
	ck_assert_int_eq(outcome_of(&mark, 3000), AMPH_NOT_APPLIED);
	ck_assert(!try_run(conn, "COMMIT", AMPH_CODE_CONTROL, NULL, NULL));
	ck_assert(conn->broken);
	ck_assert_int_eq(err.outcome, AMPH_UNKNOWN);
	ck_assert_str_eq(text_of(other, "SELECT count(*) FROM things"), "0");
}
END_TEST

SUITE_MAIN_WITH("pg driver", open_conns, close_conns, statements_give_tags_and_counts,
		errors_say_where_and_what, a_flight_gives_results_in_order,
		a_failure_aborts_the_rest_of_a_flight, a_value_refused_within_a_flight_leaves_the_others,
		a_failing_commit_of_one_statement_is_told, what_the_server_forgot_is_prepared_again,
		a_plan_that_changed_is_made_again, a_name_that_is_there_already_is_used,
		names_are_shared_and_given_back, without_names_nothing_stays_prepared,
		a_deadline_bounds_every_wait, a_write_that_timed_out_alone_is_unknown,
		a_killed_idle_backend_breaks_the_connection,
		a_killed_backend_in_a_transaction_breaks_the_flight,
		a_backend_killed_while_running_breaks_the_connection, another_thread_cancels,
		connecting_fails_with_the_servers_state, connecting_ends_at_the_deadline,
		urls_are_checked_and_keep_their_secrets, settings_come_with_the_connection,
		a_stream_takes_constant_memory, a_stream_may_fail_on_its_way, load_copies_rows,
		load_declines_what_is_not_a_plain_insert, ids_are_taken_from_the_sequence,
		reset_leaves_nothing_behind, a_forked_child_does_no_harm, the_schema_is_inspected,
		the_fate_of_a_transaction_can_be_asked_for, a_transaction_left_open_is_ended)
