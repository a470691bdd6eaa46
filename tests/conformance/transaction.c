/* Transactions: commit, rollback, savepoints, the first error, functions that are run again. */
#include "conformance.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

START_TEST(rollback_restores_objects)
{
	Person *p = new_person("kept");

	DO(amph_commit(s));
	p->age = 33;
	Person *fresh = new_person("fresh");
	DO(amph_flush(s));
	ck_assert_int_ne(fresh->id, 0);
	p->age = 44;
	amph_rollback(s);
	ck_assert_int_eq(p->age, 18);
	ck_assert_str_eq(p->username, "kept");
	ck_assert_int_eq(amph_state(s, p), AMPH_OBJECT_PERSISTENT);
	ck_assert_int_eq(amph_state(s, fresh), AMPH_OBJECT_EXPUNGED);
	ck_assert_int_eq(fresh->id, 0);
	ck_assert_str_eq(fresh->username, "fresh");
	ck_assert_int_eq(amph_count(s, Person), 1);
	DO(amph_attach(s, fresh));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Person), 2);
}
END_TEST

START_TEST(rollback_brings_deleted_objects_back)
{
	Person *p = new_person("back");

	DO(amph_commit(s));
	DO(amph_delete(s, p));
	DO(amph_flush(s));
	ck_assert_ptr_null(amph_get(s, Person, 1));
	amph_rollback(s);
	ck_assert_int_eq(amph_state(s, p), AMPH_OBJECT_PERSISTENT);
	ck_assert_ptr_eq(amph_get(s, Person, 1), p);
}
END_TEST

/* Whatever became of it in between: inserted, refused, inserted and deleted and attached again. */
START_TEST(new_objects_are_new_again_after_rollback)
{
	Person *p = new_person("p"), *q, *many[40];
	char names[40][20];

	DO(amph_flush(s));
	p->age = 50;
	DO(amph_flush(s) && amph_delete(s, p) && amph_flush(s) && amph_attach(s, p));
	p->username = "again";
	amph_rollback(s);
	ck_assert_str_eq(p->username, "again");
	ck_assert_int_eq(p->id, 0);
	DO(amph_attach(s, p) && amph_commit(s));
	ck_assert_int_ne(p->id, 0);
	DO(amph_savepoint(s));
	q = amph_new(s, Person, .id = 77, .username = "q");
	for (int i = 0; i < 40; i++) {
		snprintf(names[i], sizeof names[i], "many%d", i);
		many[i] = new_person(names[i]);
	}
	DO(amph_flush(s) && amph_rollback_to(s));
	ck_assert_int_eq(q->id, 77);
	ck_assert_int_eq(many[39]->id, 0);
	DO(amph_attach(s, q));
	for (int i = 0; i < 40; i++)
		DO(amph_attach(s, many[i]));
	many[39]->username = "again";
	FAILS("23505", amph_flush(s));
	amph_rollback(s);
	ck_assert_int_eq(q->id, 77);
	ck_assert_str_eq(q->username, "q");
	for (int i = 0; i < 40; i++)
		ck_assert_int_eq(many[i]->id, 0);
	ck_assert_str_eq(many[38]->username, "many38");
	ck_assert_int_eq(amph_state(s, q), AMPH_OBJECT_EXPUNGED);
	ck_assert_int_eq(amph_count(s, Person), 1);
	many[39]->username = "other";
	for (int i = 0; i < 40; i++)
		DO(amph_attach(s, many[i]));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Person), 41);
}
END_TEST

/* New objects are remembered together; each may be changed, deleted, expunged before all is undone. */
START_TEST(new_objects_go_separate_ways_before_a_rollback)
{
	Person *many[40];
	char names[40][20];

	for (int i = 0; i < 40; i++) {
		snprintf(names[i], sizeof names[i], "ways%d", i);
		many[i] = i / 10 == 2 ? amph_new(s, Person, .id = 100 + i, .username = names[i])
				      : new_person(names[i]);
	}
	DO(amph_flush(s) && amph_savepoint(s));
	many[3]->age = 77;
	many[4]->username = "changed";
	DO(amph_delete(s, many[5]) && amph_delete(s, many[25]) && amph_flush(s));
	DO(amph_expunge(s, many[7]) && amph_release_savepoint(s));
	DO(amph_savepoint(s) && amph_delete(s, many[6]) && amph_flush(s) && amph_rollback_to(s));
	ck_assert_int_eq(amph_state(s, many[6]), AMPH_OBJECT_PERSISTENT);
	many[4]->username = "changed again";
	DO(amph_flush(s));
	ck_assert_int_eq(amph_count(s, Person), 38);
	amph_rollback(s);
	ck_assert_int_eq(amph_count(s, Person), 0);
	for (int i = 0; i < 40; i++) {
		ck_assert_int_eq(amph_state(s, many[i]), AMPH_OBJECT_EXPUNGED);
		if (i == 7)
			continue;
		ck_assert_int_eq(many[i]->id, i / 10 == 2 ? 100 + i : 0);
		ck_assert_str_eq(many[i]->username, i == 4 ? "changed again" : names[i]);
		DO(amph_attach(s, many[i]));
	}
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Person), 39);
	many[8]->age = 5;
	amph_rollback(s);
	ck_assert_int_eq(many[8]->age, 18);
}
END_TEST

START_TEST(a_failed_statement_fails_the_transaction)
{
	new_person("twice");
	DO(amph_flush(s));
	new_person("twice");
	FAILS("23505", amph_flush(s));
	ck_assert(amph_failed(s));
	/* the first error stays, whatever else is tried */
	ck_assert_int_eq(amph_count(s, Person), -1);
	ck_assert_ptr_null(amph_first(s, Person));
	ck_assert(!amph_commit(s));
	ck_assert_str_eq(amph_session_error(s)->sqlstate, "23505");
	amph_rollback(s);
	ck_assert_int_eq(amph_session_error(s)->status, AMPH_OK);
	ck_assert_int_eq(amph_count(s, Person), 0);
}
END_TEST

START_TEST(ids_are_not_given_twice)
{
	new_person("a");
	DO(amph_flush(s));
	amph_rollback(s);
	Person *p = new_person("b");
	DO(amph_commit(s));
	ck_assert_int_eq(p->id, 2);
	DO(amph_delete(s, p));
	DO(amph_commit(s));
	p = new_person("c");
	DO(amph_commit(s));
	ck_assert_int_eq(p->id, 3);
}
END_TEST

START_TEST(savepoints)
{
	Person *p = new_person("outer");

	DO(amph_flush(s));
	DO(amph_savepoint(s));
	p->age = 60;
	new_person("inner");
	DO(amph_flush(s));
	DO(amph_savepoint(s));
	p->age = 70;
	DO(amph_flush(s));
	DO(amph_rollback_to(s));
	ck_assert_int_eq(p->age, 60);
	DO(amph_release_savepoint(s));
	ck_assert_int_eq(amph_count(s, Person), 2);
	DO(amph_savepoint(s));
	p->age = 80;
	DO(amph_rollback_to(s));
	ck_assert_int_eq(p->age, 60);
	DO(amph_commit(s));
	amph_session_clear(s);
	ck_assert_int_eq(((Person *)amph_get(s, Person, 1))->age, 60);
}
END_TEST

START_TEST(an_error_within_a_savepoint_leaves_the_outer_work)
{
	new_person("outer");
	DO(amph_flush(s));
	DO(amph_savepoint(s));
	new_person("outer");
	FAILS("23505", amph_flush(s));
	DO(amph_rollback_to(s));
	ck_assert(!amph_failed(s));
	new_person("after");
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Person), 2);
}
END_TEST

START_TEST(a_savepoint_that_is_not_there)
{
	FAILS("3B001", amph_release_savepoint(s));
	amph_rollback(s);
	FAILS("3B001", amph_rollback_to(s));
	amph_rollback(s);
}
END_TEST

START_TEST(uncommitted_work_is_invisible_and_readers_do_not_wait)
{
	amph_session *reader = amph_session_open(db);

	new_person("seen");
	DO(amph_commit(s));
	OK_(reader, amph_count(reader, Person) == 1);
	new_person("unseen");
	DO(amph_flush(s));
	OK_(reader, amph_count(reader, Person) == 1);
	OK_(reader, amph_commit(reader));
	DO(amph_commit(s));
	OK_(reader, amph_count(reader, Person) == 2);
	amph_session_close(reader);
}
END_TEST

START_TEST(closing_a_session_rolls_back)
{
	amph_session *other = amph_session_open(db);

	amph_new(other, Person, .username = "lost");
	OK_(other, amph_flush(other));
	amph_session_close(other);
	ck_assert_int_eq(amph_count(s, Person), 0);
}
END_TEST

static bool two_people(amph_session *session, void *ctx)
{
	(void)ctx;
	amph_new(session, Person, .username = "one");
	amph_new(session, Person, .username = "two");
	return true;
}

static bool nobody(amph_session *session, void *ctx)
{
	(void)ctx;
	amph_new(session, Person, .username = "one");
	return false;
}

static bool clash(amph_session *session, void *ctx)
{
	++*(int *)ctx;
	amph_new(session, Person, .username = "one");
	return true;
}

START_TEST(transactions_as_functions)
{
	amph_error err;
	int calls = 0;

	ck_assert_msg(amph_transaction(db, two_people, NULL, &err), "%s", err.message);
	ck_assert_int_eq(amph_count(s, Person), 2);
	ck_assert(!amph_transaction(db, nobody, NULL, &err));
	ck_assert_int_eq(err.status, AMPH_E_REFUSED);
	ck_assert(!amph_transaction(db, clash, &calls, &err));
	ck_assert_str_eq(err.sqlstate, "23505");
	ck_assert_int_eq(calls, 1);
	amph_rollback(s);
	ck_assert_int_eq(amph_count(s, Person), 2);
}
END_TEST

static bool one_person(amph_session *session, void *name)
{
	return amph_new(session, Person, .username = name);
}

/* PostgreSQL locks rows, SQLite the database: there nobody else could ever end the wait. */
START_TEST(a_thread_that_writes_in_two_sessions_does_not_wait_for_itself)
{
	bool one_writer = !strncmp(test_url(), "sqlite", 6);
	amph_session *other = amph_session_open(db);
	amph_error err;

	new_person("first");
	DO(amph_flush(s));
	amph_new(other, Person, .username = "second");
	if (!one_writer) {
		OK_(other, amph_commit(other));
		ck_assert_msg(amph_transaction(db, one_person, (char[]){ "third" }, &err), "%s", err.message);
	} else {
		ck_assert(!amph_commit(other));
		ck_assert_str_eq(amph_session_error(other)->sqlstate, "55006");
		ck_assert_ptr_nonnull(strstr(amph_session_error(other)->message, "commit, roll back"));
		ck_assert(!amph_session_error(other)->retryable);
		amph_rollback(other);
		ck_assert(!amph_transaction(db, one_person, (char[]){ "third" }, &err));
		ck_assert_str_eq(err.sqlstate, "55006");
		/* who only reads is not in the way */
		OK_(other, amph_count(other, Person) == 0);
		amph_rollback(other);
	}
	DO(amph_commit(s));
	if (one_writer) {
		amph_new(other, Person, .username = "second");
		OK_(other, amph_commit(other));
		ck_assert_msg(amph_transaction(db, one_person, (char[]){ "third" }, &err), "%s", err.message);
	}
	ck_assert_int_eq(amph_count(s, Person), 3);
	amph_session_close(other);
}
END_TEST

static void *writes(void *name)
{
	amph_error err;

	return amph_transaction(db, one_person, name, &err) ? name : NULL;
}

/* Another thread's session is waited for, and so is the first in a line of others. */
START_TEST(a_thread_waits_for_another_s_session)
{
	pthread_t threads[3];
	char names[3][2] = { "a", "b", "c" };
	void *wrote;

	new_person("mine");
	DO(amph_flush(s));
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, writes, names[i]), 0);
	nanosleep(&(struct timespec){ .tv_nsec = 50 * 1000000 }, NULL);
	DO(amph_commit(s));
	for (int i = 0; i < 3; i++) {
		pthread_join(threads[i], &wrote);
		ck_assert_ptr_nonnull(wrote);
	}
	ck_assert_int_eq(amph_count(s, Person), 4);
}
END_TEST

/* What the server ends in the midst of a transaction is rolled back, and may be run again. */
static bool loses_its_connection(amph_session *session, void *ctx)
{
	int *calls = ctx;
	amph_new(session, Person, .username = "once");
	amph_rows *r = amph_sql(session, "SELECT pg_backend_pid() AS pid");
	int64_t pid = r && amph_next(r) ? amph_cell_int64(r, "pid") : 0;

	amph_rows_close(r);
	if (++*calls == 1) {
		amph_session *other = amph_session_open(db);

		amph_rows_close(amph_sql(other, "SELECT pg_terminate_backend(:pid, 5000)",
					 amph_bind("pid", (int32_t)pid)));
		amph_session_close(other);
	}
	return amph_count(session, Person) == 1;
}

START_TEST(a_lost_connection_is_retryable_before_commit)
{
	amph_error err;
	int calls = 0;

	if (!strncmp(test_url(), "sqlite", 6))
		return;
	ck_assert(!loses_its_connection(s, &calls));
	err = *amph_session_error(s);
	ck_assert_int_eq(err.status, AMPH_E_CONNECTION);
	ck_assert_int_eq(err.outcome, AMPH_NOT_APPLIED);
	ck_assert(err.retryable);
	amph_rollback(s);
	calls = 0;
	ck_assert_msg(amph_transaction(db, loses_its_connection, &calls, &err), "%s %s", err.sqlstate,
		      err.message);
	ck_assert_int_eq(calls, 2);
	ck_assert_int_eq(amph_count(s, Person), 1);
}
END_TEST

static bool lost_update(amph_session *session, void *ctx)
{
	int *calls = ctx;
	Person *p = amph_get(session, Person, 1);

	if (!p)
		return false;
	if (++*calls == 1) {
		/* another transaction comes between reading and writing */
		amph_session *other = amph_session_open(db);

		amph_update(other, Person, .all_rows = true, .set = sets(set(Person, age, 50)));
		amph_commit(other);
		amph_session_close(other);
	}
	p->age += 1;
	return true;
}

START_TEST(serialization_failures_are_run_again)
{
	amph_error err;
	int calls = 0;

	new_person("p");
	DO(amph_commit(s));
	ck_assert_msg(amph_transaction_with(db, AMPH_TRANSACTION(.isolation = AMPH_REPEATABLE_READ),
					    lost_update, &calls, &err), "%s %s", err.sqlstate,
		      err.message);
	ck_assert_int_eq(calls, 2);
	amph_session_clear(s);
	ck_assert_int_eq(((Person *)amph_get(s, Person, 1))->age, 51);
}
END_TEST

START_TEST(a_read_only_session_writes_nothing)
{
	amph_session *r = amph_session_open_with(db, AMPH_SESSION_OPTIONS(.read_only = true));

	OK_(r, amph_count(r, Person) == 0);
	amph_new(r, Person, .username = "no");
	ck_assert(!amph_commit(r));
	ck_assert_str_eq(amph_session_error(r)->sqlstate, "25006");
	amph_session_close(r);
}
END_TEST

START_TEST(read_committed_is_so_whatever_the_server_thinks)
{
	amph_session_options options[] = { { .abi = AMPH_ABI },
					   { .abi = AMPH_ABI, .isolation = AMPH_READ_COMMITTED } };
	const char *levels[] = { "serializable", "read committed" };
	amph_error err;
	char url[512];

	if (strcmp(amph_engine_backend(db), "postgresql"))
		return;
	snprintf(url, sizeof url, "%s%coptions=-c%%20default_transaction_isolation%%3Dserializable",
		 test_url(), strchr(test_url(), '?') ? '&' : '?');
	amph_engine *e = amph_open(url, NULL, &err);
	ck_assert_msg(e != NULL, "%s", err.message);
	for (int i = 0; i < 2; i++) {
		amph_session *o = amph_session_open_with(e, &options[i]);
		amph_rows *r = amph_sql(o, "SELECT current_setting('transaction_isolation') AS level");

		OK_(o, amph_next(r));
		ck_assert_str_eq(amph_cell_text(r, "level"), levels[i]);
		amph_rows_close(r);
		amph_session_close(o);
	}
	amph_close(e);
	/* and is a level on every backend */
	amph_session *o = amph_session_open_with(db, &options[1]);
	amph_new(o, Person, .username = "c");
	OK_(o, amph_commit(o));
	amph_session_close(o);
}
END_TEST

START_TEST(now_is_the_transactions)
{
	Person *a = new_person("a");

	DO(amph_flush(s));
	Person *b = new_person("b");
	DO(amph_commit(s));
	ck_assert_int_eq(a->created_at.usec, b->created_at.usec);
}
END_TEST

START_TEST(expire_on_commit_reads_again)
{
	amph_session *e = amph_session_open_with(db, AMPH_SESSION_OPTIONS(.expire_on_commit = true));
	Person *p = amph_new(e, Person, .username = "e");

	OK_(e, amph_commit(e));
	amph_update(s, Person, .all_rows = true, .set = sets(set(Person, age, 90)));
	DO(amph_commit(s));
	ck_assert_int_eq(p->age, 18);
	ck_assert_ptr_eq(amph_get(e, Person, 1), p);
	ck_assert_int_eq(p->age, 90);
	amph_session_close(e);
}
END_TEST

/* Runs a statement whose only cell is this; NULL: it has none. */
static void shows(const char *sql, const char *cell)
{
	amph_rows *r = amph_sql(s, sql);

	ck_assert_msg(r != NULL, "%s: %s", sql, amph_session_error(s)->message);
	if (cell) {
		DO(amph_next(r));
		ck_assert_str_eq(amph_cell_text_at(r, 0), cell);
	}
	ck_assert(amph_rows_close(r));
}

START_TEST(the_mode_of_a_transaction_may_change_before_its_first_query)
{
	static const struct { const char *sql, *cell; } steps[] = {
		{ "BEGIN", NULL }, { "SET TRANSACTION READ ONLY", NULL },
		{ "SET TRANSACTION READ WRITE", NULL }, { "SET TRANSACTION DEFERRABLE", NULL },
		{ "SHOW transaction_read_only", "off" }, { "SHOW transaction_deferrable", "on" },
		{ "ROLLBACK", NULL }, { "SHOW transaction_deferrable", "off" }, { "ROLLBACK", NULL },
		{ "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE", NULL },
		{ "SHOW transaction_deferrable", "on" }, { "SHOW transaction_read_only", "on" },
		{ "SHOW transaction_isolation", "serializable" }, { "ROLLBACK", NULL },
		{ "BEGIN DEFERRABLE", NULL }, { "SHOW transaction_deferrable", "on" }, { "ROLLBACK", NULL },
		{ "SET TRANSACTION READ ONLY", NULL }, { "SHOW transaction_read_only", "on" },
		{ "ROLLBACK", NULL }, { "SHOW default_transaction_deferrable", "off" },
		{ "SHOW default_transaction_read_only", "off" }, { "ROLLBACK", NULL }
	};

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		shows(steps[i].sql, steps[i].cell);
	shows("BEGIN READ ONLY", NULL);
	shows("SELECT 1", "1");
	FAILS("25001", amph_sql(s, "SET TRANSACTION READ WRITE"));
	amph_rollback(s);
}
END_TEST

/* The least of all has a text that PostgreSQL does not read. */
START_TEST(the_least_interval_is_not_written_as_it_is_shown)
{
	shows("SELECT interval '-9223372036854775808 microseconds'", "-2562047788:00:54.775808");
	shows("SELECT interval '-2562047788:00:54.775807'", "-2562047788:00:54.775807");
	SAYS("22007", "interval", amph_sql(s, "SELECT interval '-2562047788:00:54.775808'"));
	SAYS("22007", "interval", amph_sql(s, "SELECT interval '1 day -2562047788:00:54.775808'"));
	SAYS("22015", "interval", amph_sql(s, "SELECT interval '2562047788:00:54.775808'"));
	amph_rows *r = amph_sql(s, "SELECT x::interval FROM (VALUES ('-2562047788:00:54.775808')) AS v(x)");
	ck_assert(!r || !amph_next(r));
	ck_assert_str_eq(amph_session_error(s)->sqlstate, "22007");
	if (r)
		amph_rows_close(r);
	amph_rollback(s);
	/* but it is kept */
	Thing *t = amph_new(s, Thing, .text = "t", .bytes = { "b", 1 }, .json = AMPH_JSON({}),
			    .span = { .usec = INT64_MIN });
	DO(amph_commit(s) && amph_refresh(s, t));
	ck_assert_int_eq(t->span.usec, INT64_MIN);
}
END_TEST

SUITE(transaction_suite, "transactions",
      rollback_restores_objects, rollback_brings_deleted_objects_back,
      new_objects_are_new_again_after_rollback, new_objects_go_separate_ways_before_a_rollback,
      a_failed_statement_fails_the_transaction, ids_are_not_given_twice, savepoints,
      an_error_within_a_savepoint_leaves_the_outer_work, a_savepoint_that_is_not_there,
      uncommitted_work_is_invisible_and_readers_do_not_wait, closing_a_session_rolls_back,
      transactions_as_functions, a_thread_that_writes_in_two_sessions_does_not_wait_for_itself,
      a_thread_waits_for_another_s_session, a_lost_connection_is_retryable_before_commit,
      serialization_failures_are_run_again,
      a_read_only_session_writes_nothing, now_is_the_transactions,
      read_committed_is_so_whatever_the_server_thinks,
      expire_on_commit_reads_again,
      the_mode_of_a_transaction_may_change_before_its_first_query,
      the_least_interval_is_not_written_as_it_is_shown)
