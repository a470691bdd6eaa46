/* The PostgreSQL driver in trouble: deadlines, lost connections, cancelling, connecting, fork, and the
 * fate of transactions. */
#include "conns.h"
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

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

	snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%s)",
		 text_of(conn, "SELECT pg_backend_pid()"));
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
		ck_assert_msg(!strcmp(err.sqlstate, rows[i].state) ||
			      (i == 0 && !strncmp(err.sqlstate, "28", 2)),
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

		snprintf(command, sizeof command, "exec perl -MIO::Socket::UNIX -e '$s ="
			 " IO::Socket::UNIX->new("
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
		{ "postgresql://u:s3cret@h/d?nonsense=1", "08001", "malformed" },
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
	snprintf(url, sizeof url, "%s%coptions=-c%%20work_mem%%3D5MB%%20-c%%20datestyle%%3DSQL", test_url(),
		 strchr(test_url(), '?') ? '&' : '?');
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

SUITE_MAIN_AT_END("pg faults", open_conns, close_conns, clean_schemas, a_deadline_bounds_every_wait,
		a_write_that_timed_out_alone_is_unknown,
		a_killed_idle_backend_breaks_the_connection,
		a_killed_backend_in_a_transaction_breaks_the_flight,
		a_backend_killed_while_running_breaks_the_connection, another_thread_cancels,
		connecting_fails_with_the_servers_state, connecting_ends_at_the_deadline,
		urls_are_checked_and_keep_their_secrets, settings_come_with_the_connection,
		a_forked_child_does_no_harm, the_fate_of_a_transaction_can_be_asked_for,
		a_transaction_left_open_is_ended)
