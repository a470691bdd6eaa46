/* What can be known of a transaction after the server crashed: on a server of the test's own, which is
 * started and killed through tests/support/postgres.sh. */
#include "harness.h"
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[64], url[512];
static amph_driver_engine *engine;
static amph_conn *conn, *bystander;

static FILE *run_script(const char *what)
{
	char command[512];
	const char *top = getenv("AMPH_SRCDIR");

	snprintf(command, sizeof command, "'%s/tests/support/postgres.sh' %s '%s' 2>/dev/null",
		 top ? top : ".", what, dir);
	return popen(command, "r");
}

static void script(const char *what)
{
	FILE *out = run_script(what);
	if (fgets(url, sizeof url, out))
		url[strcspn(url, "\n")] = '\0';
	ck_assert_int_eq(pclose(out), 0);
}

/* As soon as the server takes connections again. */
static amph_conn *connect_again(void)
{
	for (int i = 0; i < 200; i++) {
		amph_conn *c = conn_try(engine, AMPH_NO_DEADLINE);

		if (c)
			return c;
		ck_assert_int_eq(err.status, AMPH_E_CONNECTION);
		usleep(50000);
	}
	ck_abort_msg("%s %s", err.sqlstate, err.message);
	return NULL;
}

static void start(void)
{
	live_blocks = 0;
	ck_assert_int_eq(mkdir(dir, 0700), 0);
	script("start");
	engine = engine_with(url, (amph_driver_options){ .prepare = true, .fast_paths = true });
	OK(engine->driver->engine_open(engine, &err));
	conn = conn_new(engine);
	bystander = conn_new(engine);
	run(conn, "CREATE TABLE things(id int)");
	run(conn, "CHECKPOINT");
	run(conn, "SET synchronous_commit = on");
}

/* The process that runs the tests says where, so that it can stop what a failed one has left. */
__attribute__((constructor)) static void choose_dir(void)
{
	snprintf(dir, sizeof dir, "/tmp/amph_restart_%ld", (long)getpid());
}

static void stop_left(void)
{
	FILE *out = access(dir, F_OK) ? NULL : run_script("stop");

	if (out)
		pclose(out);
}

static void stop(void)
{
	conn_free(conn);
	conn_free(bystander);
	engine_free(engine);
	ck_assert_int_eq(live_blocks, 0);
	script("stop");
}

static amph_tx_mark mark_of(amph_conn *c)
{
	amph_tx_mark mark;

	snprintf(mark.text, sizeof mark.text, "%s", text_of(c, c->driver->tx_mark_sql));
	return mark;
}

/* All that is known is known to a new connection. */
static amph_outcome outcome_of(const amph_tx_mark *mark)
{
	amph_conn *c = connect_again();
	amph_outcome outcome;

	c->deadline_usec = amph__monotonic_usec() + 5000000;
	err.message[0] = '\0';
	ck_assert_msg(c->driver->tx_outcome(c, mark, &outcome, &err), "%s", err.message);
	conn_free(c);
	return outcome;
}

/* The server restarts all its processes when one of them dies so. */
static void crash(void)
{
	pid_t pid = (pid_t)strtol(text_of(bystander, "SELECT pg_backend_pid()"), NULL, 10);

	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	for (int i = 0; i < 100 && try_run(conn, "SELECT 1", AMPH_CODE_ONCE, NULL, NULL); i++)
		usleep(10000);
	ck_assert(conn->broken);
}

static void all_connect_again(void)
{
	conn_free(conn);
	conn_free(bystander);
	conn = connect_again();
	bystander = connect_again();
}

static void insert_one(void)
{
	control(conn, "BEGIN");
	run(conn, "INSERT INTO things VALUES (1)");
}

/* That a number has committed says nothing of whose it was. */
START_TEST(a_commit_before_a_crash_stays_unknown)
{
	insert_one();
	amph_tx_mark mark = mark_of(conn);
	control(conn, "COMMIT");
	ck_assert_int_eq(outcome_of(&mark), AMPH_APPLIED);
	crash();
	ck_assert_int_eq(outcome_of(&mark), AMPH_UNKNOWN);
	ck_assert_ptr_nonnull(strstr(err.message, "restarted"));
	amph_conn *c = connect_again();
	ck_assert_str_eq(text_of(c, "SELECT count(*) FROM things"), "1");
	conn_free(c);
}
END_TEST

START_TEST(an_open_transaction_dies_in_a_crash)
{
	insert_one();
	amph_tx_mark mark = mark_of(conn);
	run(conn, "SELECT pg_sleep(1)");
	crash();
	ck_assert_int_eq(outcome_of(&mark), AMPH_NOT_APPLIED);
}
END_TEST

/* Nothing of the transaction was written, so that its number is given to the next. */
START_TEST(a_number_given_out_again_is_not_ours)
{
	bool reused = false;
	amph_tx_mark mark;

	for (int i = 0; i < 20 && !reused; i++) {
		if (conn->broken)
			all_connect_again();
		insert_one();
		mark = mark_of(conn);
		crash();
		ck_assert_int_eq(outcome_of(&mark), AMPH_NOT_APPLIED);
		amph_conn *c = connect_again();
		run(c, "SET synchronous_commit = on");
		control(c, "BEGIN");
		run(c, "INSERT INTO things VALUES (2)");
		amph_tx_mark other = mark_of(c);
		control(c, "COMMIT");
		/* the number stands before the last slash */
		const char *a = strrchr(mark.text, '/'), *b = strrchr(other.text, '/');
		while (a > mark.text && a[-1] != '/')
			a--;
		while (b > other.text && b[-1] != '/')
			b--;
		reused = !strncmp(a, b, strcspn(a, "/") + 1);
		ck_assert_int_eq(outcome_of(&mark), reused ? AMPH_UNKNOWN : AMPH_NOT_APPLIED);
		ck_assert_int_eq(outcome_of(&other), AMPH_APPLIED);
		conn_free(c);
		if (reused) {
			/* nothing tells that there were two crashes, and another owner between them */
			all_connect_again();
			crash();
			ck_assert_int_eq(outcome_of(&mark), AMPH_UNKNOWN);
		}
	}
	ck_assert_msg(reused, "no number was given out again in 20 crashes");
}
END_TEST

START_TEST(a_server_killed_and_started_again_is_another)
{
	insert_one();
	amph_tx_mark mark = mark_of(conn);
	control(conn, "COMMIT");
	FILE *f;
	char path[128];
	long pid = 0;
	snprintf(path, sizeof path, "%s/data/postmaster.pid", dir);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fscanf(f, "%ld", &pid), 1);
	fclose(f);
	ck_assert_int_eq(kill((pid_t)pid, SIGKILL), 0);
	usleep(300000);
	ck_assert_ptr_null(conn_try(engine, AMPH_NO_DEADLINE));
	script("restart");
	ck_assert_int_eq(outcome_of(&mark), AMPH_UNKNOWN);
}
END_TEST

SUITE_MAIN_AT_END("pg restart", start, stop, stop_left, a_commit_before_a_crash_stays_unknown,
		an_open_transaction_dies_in_a_crash, a_number_given_out_again_is_not_ours,
		a_server_killed_and_started_again_is_another)
