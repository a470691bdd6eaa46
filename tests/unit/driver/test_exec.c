/* Statements, transactions and their outcomes over a scripted driver. */
#include "../../../src/base/clock.h"
#include "../../../src/driver/driver.h"
#include "../../support/fake_driver.h"
#include "../../support/suite.h"
#include <string.h>

static fake_script script;
static amph_driver_engine *engine;
static amph_conn *conn;
static amph_error err;

static const amph_code read_code = { .sql = "SELECT 1", .sql_len = 8, .flags = AMPH_CODE_ROWS };
static const amph_code write_code = { .sql = "UPDATE t", .sql_len = 8, .flags = AMPH_CODE_WRITES,
				      .table = "t" };
static const char *const mark[] = { "mark-7" };

static void set_up(void)
{
	static const amph_address address = { .scheme = "fake", .url = "fake:", .display = "fake:" };
	const amph_driver_options options = { .prepare = true, .fast_paths = true };
	const amph_conn_config config = { .max_statements = 4 };

	fake_reset(&script);
	engine = amph__driver_engine_open(fake_drivers(&script)[0], &amph__libc_allocator,
					  &amph__system_clock, &address, &options, NULL, &err);
	ck_assert_ptr_nonnull(engine);
	conn = amph__conn_open(engine, &config, AMPH_NO_DEADLINE, &err);
	ck_assert_ptr_nonnull(conn);
}

static void tear_down(void)
{
	amph__conn_close(conn, false);
	amph__driver_engine_close(engine);
	ck_assert_int_eq(script.opened, script.closed);
	ck_assert_int_eq(script.prepared, script.finalized);
}

static bool run(const amph_code *code)
{
	return amph__run(conn, code, NULL, NULL, &err);
}

static void write_with_mark(void)
{
	fake_expect(&script, (fake_answer){ .sql = "SELECT mark", .texts = mark, .n_rows = 1 });
	amph__tx_begin(conn, AMPH_BEGIN_READ);
	ck_assert(run(&write_code));
}

START_TEST(begin_rides_along)
{
	amph__tx_begin(conn, AMPH_BEGIN_READ);
	ck_assert_str_eq(script.log, "");
	ck_assert(run(&read_code));
	ck_assert(run(&read_code));
	ck_assert(amph__tx_commit(conn, &err));
	ck_assert_str_eq(script.log, "BEGIN\nSELECT 1\nSELECT 1\nCOMMIT\n");
	ck_assert_uint_eq(amph__conn_stats(conn).statements, 2);
}
END_TEST

START_TEST(a_first_write_begins_a_writing_transaction)
{
	write_with_mark();
	ck_assert(run(&write_code));
	ck_assert(amph__tx_commit(conn, &err));
	ck_assert_str_eq(script.log, "BEGIN WRITE\nUPDATE t\nSELECT mark\nUPDATE t\nCOMMIT\n");
}
END_TEST

START_TEST(nothing_done_is_nothing_sent)
{
	amph__tx_begin(conn, AMPH_BEGIN_READ);
	ck_assert(amph__tx_commit(conn, &err));
	amph__tx_begin(conn, AMPH_BEGIN_READ);
	ck_assert(amph__tx_rollback(conn, &err));
	ck_assert_str_eq(script.log, "");
}
END_TEST

START_TEST(a_failure_fails_the_transaction)
{
	amph__tx_begin(conn, AMPH_BEGIN_READ);
	fake_expect(&script, (fake_answer){ .sql = "SELECT 1", .sqlstate = "42P01" });
	ck_assert(!run(&read_code));
	ck_assert_str_eq(err.sqlstate, "42P01");
	ck_assert(!run(&read_code));
	ck_assert_str_eq(err.sqlstate, "25P02");
	ck_assert(!amph__tx_commit(conn, &err));
	ck_assert_str_eq(script.log, "BEGIN\nSELECT 1\nROLLBACK\n");
	amph__tx_begin(conn, AMPH_BEGIN_READ);
	ck_assert(run(&read_code));
}
END_TEST

START_TEST(a_failed_begin_fails_what_rides_with_it)
{
	amph__tx_begin(conn, AMPH_BEGIN_READ);
	fake_expect(&script, (fake_answer){ .sql = "BEGIN", .sqlstate = "57P03" });
	ck_assert(!run(&read_code));
	ck_assert_str_eq(err.sqlstate, "57P03");
	ck_assert_str_eq(script.log, "BEGIN\n");
}
END_TEST

START_TEST(the_first_failure_of_a_flight_is_told)
{
	amph_result result;

	amph__tx_begin(conn, AMPH_BEGIN_READ);
	fake_expect(&script, (fake_answer){ .sql = "UPDATE t", .sqlstate = "23505" });
	ck_assert(amph__flight_add(conn, &read_code, NULL, true, &err));
	ck_assert(amph__flight_add(conn, &write_code, NULL, true, &err));
	ck_assert(amph__flight_add(conn, &read_code, NULL, false, &err));
	ck_assert(amph__flight_collect(conn, &result, &err));
	amph__finish(conn, &result);
	ck_assert(!amph__flight_collect(conn, &result, &err));
	ck_assert_str_eq(err.sqlstate, "23505");
	ck_assert_str_eq(err.table, "t");
	amph__flight_drain(conn);
	ck_assert(amph__tx_rollback(conn, &err));
}
END_TEST

START_TEST(a_submit_that_fails_leaves_nothing_behind)
{
	amph__tx_begin(conn, AMPH_BEGIN_READ);
	fake_expect(&script, (fake_answer){ .sql = "SELECT 1", .sqlstate = "54000", .on_submit = true });
	ck_assert(!run(&read_code));
	ck_assert_str_eq(err.sqlstate, "54000");
	ck_assert(amph__tx_rollback(conn, &err));
	ck_assert(run(&read_code));
}
END_TEST

START_TEST(commit_answered_by_rollback_is_an_error)
{
	write_with_mark();
	fake_expect(&script, (fake_answer){ .sql = "COMMIT", .tag = "ROLLBACK" });
	ck_assert(!amph__tx_commit(conn, &err));
	ck_assert_str_eq(err.sqlstate, "40000");
	ck_assert_int_eq(err.outcome, AMPH_NOT_APPLIED);
}
END_TEST

START_TEST(a_commit_that_was_lost_is_asked_for)
{
	static const struct { amph_outcome outcome; bool applied; const char *state; } cases[] = {
		{ AMPH_APPLIED, true, "" }, { AMPH_NOT_APPLIED, false, "08006" },
		{ AMPH_UNKNOWN, false, "08007" }
	};

	for (size_t i = 0; i < 3; i++) {
		script.outcome = cases[i].outcome;
		write_with_mark();
		fake_expect(&script, (fake_answer){ .sql = "COMMIT", .sqlstate = "08006", .breaks = true });
		ck_assert_int_eq(amph__tx_commit(conn, &err), cases[i].applied);
		if (!cases[i].applied) {
			ck_assert_str_eq(err.sqlstate, cases[i].state);
			ck_assert_int_eq(err.outcome, cases[i].outcome);
		}
		ck_assert(!run(&read_code));
		ck_assert_str_eq(err.sqlstate, "08003");
		conn->broken = false;
	}
}
END_TEST

START_TEST(a_lost_commit_without_a_mark_is_unknown)
{
	amph__tx_begin(conn, AMPH_BEGIN_READ);
	ck_assert(run(&write_code));
	fake_expect(&script, (fake_answer){ .sql = "COMMIT", .sqlstate = "08006", .breaks = true });
	ck_assert(!amph__tx_commit(conn, &err));
	ck_assert_str_eq(err.sqlstate, "08007");
	ck_assert_int_eq(err.outcome, AMPH_UNKNOWN);
	conn->broken = false;
}
END_TEST

/* The mark rides behind a write whose success was told; what breaks there is no outcome to ask for. */
START_TEST(what_is_lost_before_commit_is_not_applied)
{
	amph__tx_begin(conn, AMPH_BEGIN_READ);
	fake_expect(&script, (fake_answer){ .sql = "SELECT mark", .sqlstate = "57P01", .breaks = true });
	ck_assert(run(&write_code));
	ck_assert(!amph__tx_commit(conn, &err));
	ck_assert_str_eq(err.sqlstate, "08006");
	ck_assert_int_eq(err.outcome, AMPH_NOT_APPLIED);
	ck_assert(err.retryable);
	ck_assert_ptr_null(strstr(script.log, "COMMIT"));
	conn->broken = false;
}
END_TEST

START_TEST(a_server_that_cannot_be_reached_again_leaves_it_unknown)
{
	write_with_mark();
	script.refuse_open = true;
	script.outcome = AMPH_APPLIED;
	fake_expect(&script, (fake_answer){ .sql = "COMMIT", .sqlstate = "08006", .breaks = true });
	ck_assert(!amph__tx_commit(conn, &err));
	ck_assert_int_eq(err.outcome, AMPH_UNKNOWN);
	conn->broken = false;
	script.closed = script.opened - 1;      /* those that were refused were never opened */
}
END_TEST

static bool commit_is_lost(void)
{
	write_with_mark();
	fake_expect(&script, (fake_answer){ .sql = "COMMIT", .sqlstate = "08006", .breaks = true });
	bool ok = amph__tx_commit(conn, &err);
	conn->broken = false;
	return ok;
}

START_TEST(a_server_that_restarts_is_asked_again)
{
	script.outcome = AMPH_APPLIED;
	script.refused_opens = 2;
	ck_assert(commit_is_lost());
	ck_assert_int_eq(script.asks, 1);
	script.closed -= 2;             /* those that were refused were never opened */
	/* connected, and lost again before it answered */
	script.unanswered = 1;
	ck_assert(commit_is_lost());
	ck_assert_int_eq(script.asks, 3);
	script.outcome = AMPH_NOT_APPLIED;
	script.unanswered = 1;
	ck_assert(!commit_is_lost());
	ck_assert_str_eq(err.sqlstate, "08006");
	ck_assert_int_eq(err.outcome, AMPH_NOT_APPLIED);
	ck_assert(err.retryable);
	ck_assert_int_eq(script.asks, 5);
}
END_TEST

START_TEST(a_question_that_is_never_answered_ends)
{
	int64_t from = amph__monotonic_usec();

	script.outcome = AMPH_APPLIED;
	script.unanswered = 1000000;
	ck_assert(!commit_is_lost());
	ck_assert_str_eq(err.sqlstate, "08007");
	ck_assert_int_eq(err.outcome, AMPH_UNKNOWN);
	ck_assert(!err.retryable);
	ck_assert_ptr_nonnull(strstr(err.message, "scripted failure 08006"));
	ck_assert_int_gt(script.asks, 2);
	ck_assert_int_lt(amph__monotonic_usec() - from, 20 * 1000 * 1000);
}
END_TEST

/* Another server, or another timeline of it, answers that it does not know: it is not asked again. */
START_TEST(what_the_server_cannot_know_is_not_asked_again)
{
	script.outcome = AMPH_UNKNOWN;
	script.unanswered = 1;
	ck_assert(!commit_is_lost());
	ck_assert_str_eq(err.sqlstate, "08007");
	ck_assert_int_eq(err.outcome, AMPH_UNKNOWN);
	ck_assert_int_eq(script.asks, 2);
	ck_assert_ptr_nonnull(strstr(err.message, "scripted failure 08007"));
}
END_TEST

START_TEST(a_lost_commit_of_reads_matters_to_nobody)
{
	amph__tx_begin(conn, AMPH_BEGIN_READ);
	ck_assert(run(&read_code));
	fake_expect(&script, (fake_answer){ .sql = "COMMIT", .sqlstate = "08006", .breaks = true });
	ck_assert(amph__tx_commit(conn, &err));
	conn->broken = false;
}
END_TEST

START_TEST(savepoints_end_a_failure)
{
	write_with_mark();
	ck_assert(amph__tx_savepoint(conn, 2, &err));
	fake_expect(&script, (fake_answer){ .sql = "SELECT 1", .sqlstate = "22012" });
	ck_assert(!run(&read_code));
	ck_assert(!amph__tx_release(conn, 2, &err));
	ck_assert_str_eq(err.sqlstate, "25P02");
	ck_assert(amph__tx_rollback_to(conn, 2, &err));
	ck_assert(run(&read_code));
	ck_assert(amph__tx_commit(conn, &err));
}
END_TEST

START_TEST(a_rollback_that_fails_breaks_the_connection)
{
	amph__tx_begin(conn, AMPH_BEGIN_READ);
	ck_assert(run(&read_code));
	fake_expect(&script, (fake_answer){ .sql = "ROLLBACK", .sqlstate = "XX000" });
	ck_assert(!amph__tx_rollback(conn, &err));
	ck_assert(conn->broken);
}
END_TEST

START_TEST(statements_are_prepared_once_and_the_oldest_goes)
{
	amph_code codes[6];

	for (int i = 0; i < 6; i++)
		codes[i] = read_code;
	for (int round = 0; round < 3; round++)
		ck_assert(run(&codes[0]));
	ck_assert_int_eq(script.prepared, 1);
	for (int i = 1; i < 6; i++)
		ck_assert(run(&codes[i]));
	ck_assert_int_eq(script.prepared, 6);
	ck_assert_int_eq(script.finalized, 2);
	ck_assert(run(&codes[0]));
	ck_assert_int_eq(script.prepared, 7);
	codes[1].flags |= AMPH_CODE_ONCE;
	ck_assert(run(&codes[1]));
	ck_assert_int_eq(script.finalized, 4);
}
END_TEST

START_TEST(no_more_statements_than_allowed)
{
	amph__conn_allow(conn, 1);
	amph__tx_begin(conn, AMPH_BEGIN_READ);
	ck_assert(run(&read_code));
	ck_assert(!run(&read_code));
	ck_assert_int_eq(err.status, AMPH_E_MISUSE);
	amph__conn_allow(conn, -1);
	ck_assert(amph__tx_rollback(conn, &err));
}
END_TEST

static int traced;
static void count_trace(void *ctx, const amph_trace_event *event)
{
	ck_assert_ptr_eq(ctx, &traced);
	traced += event->err ? 100 : 1;
}

START_TEST(a_trace_sees_every_statement)
{
	const amph_conn_config config = { .trace = count_trace, .trace_ctx = &traced, .max_statements = 4 };
	amph_conn *other = amph__conn_open(engine, &config, AMPH_NO_DEADLINE, &err);

	traced = 0;
	ck_assert_ptr_nonnull(other);
	ck_assert(amph__run(other, &read_code, NULL, NULL, &err));
	fake_expect(&script, (fake_answer){ .sqlstate = "22012" });
	ck_assert(!amph__run(other, &read_code, NULL, NULL, &err));
	ck_assert_int_eq(traced, 101);
	amph__conn_close(other, false);
}
END_TEST

SUITE_MAIN_WITH("exec", set_up, tear_down, begin_rides_along,
		a_first_write_begins_a_writing_transaction, nothing_done_is_nothing_sent,
		a_failure_fails_the_transaction, a_failed_begin_fails_what_rides_with_it,
		the_first_failure_of_a_flight_is_told, a_submit_that_fails_leaves_nothing_behind,
		commit_answered_by_rollback_is_an_error, a_commit_that_was_lost_is_asked_for,
		a_lost_commit_without_a_mark_is_unknown,
		what_is_lost_before_commit_is_not_applied,
		a_server_that_cannot_be_reached_again_leaves_it_unknown,
		a_server_that_restarts_is_asked_again, a_question_that_is_never_answered_ends,
		what_the_server_cannot_know_is_not_asked_again, a_lost_commit_of_reads_matters_to_nobody,
		savepoints_end_a_failure,
		a_rollback_that_fails_breaks_the_connection,
		statements_are_prepared_once_and_the_oldest_goes, no_more_statements_than_allowed,
		a_trace_sees_every_statement)
