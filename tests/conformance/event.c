/* Events: functions of the program around the writing and reading of objects. */
#include "conformance.h"

START_TEST(before_events_change_and_refuse)
{
	Noted *n = amph_new(s, Noted, .name = "one");

	DO(amph_flush(s));
	ck_assert_int_eq(n->inserts, 1);
	n->name = "two";
	DO(amph_flush(s));
	ck_assert_int_eq(n->updates, 1);
	n->name = "refused";
	FAILS("45000", amph_flush(s));
	ck_assert_int_eq(amph_session_error(s)->status, AMPH_E_REFUSED);
	ck_assert_str_eq(amph_session_error(s)->message, "Noted: this name is refused");
	amph_rollback(s);
	ck_assert_int_eq(amph_count(s, Noted), 0);
}
END_TEST

START_TEST(events_run_once_for_an_object_of_a_flush)
{
	Noted *n = amph_new(s, Noted, .name = "one");

	DO(amph_commit(s));
	ck_assert_int_eq(n->inserts, 1);
	ck_assert_int_eq(n->updates, 0);
	DO(amph_commit(s));
	ck_assert_int_eq(n->updates, 0);
}
END_TEST

START_TEST(bulk_rows_are_validated_too)
{
	const Noted rows[] = { { .name = "a" }, { .name = "refused" } };

	FAILS("45000", amph_insert_many(s, Noted, rows, 2, .only = by(col(Noted, name))));
	amph_rollback(s);
	DO(amph_insert_many(s, Noted, rows, 1, .only = by(col(Noted, name))));
	DO(amph_commit(s));
	ck_assert_int_eq(((Noted *)amph_first(s, Noted))->inserts, 1);
}
END_TEST

START_TEST(after_load_sees_every_object_once)
{
	amph_new(s, Noted, .name = "a");
	amph_new(s, Noted, .name = "b");
	DO(amph_commit(s));
	amph_session_clear(s);
	Noted **list = amph_all(s, Noted, .order_by = by(col(Noted, id)));
	DO(list != NULL);
	ck_assert_int_eq(list[0]->loads, 1);
	ck_assert_int_eq(list[1]->loads, 1);
	amph_all(s, Noted);
	ck_assert_int_eq(list[0]->loads, 1);
	DO(amph_refresh(s, list[0]));
	ck_assert_int_eq(list[0]->loads, 2);
	amph_expect_statements(s, 0);
	DO(amph_commit(s));
}
END_TEST

START_TEST(a_deleted_object_tells_before)
{
	Noted *n = amph_new(s, Noted, .name = "keep");

	DO(amph_commit(s));
	DO(amph_delete(s, n));
	FAILS("45000", amph_commit(s));
	amph_rollback(s);
	ck_assert_int_eq(amph_count(s, Noted), 1);
}
END_TEST

SUITE(event_suite, "events", before_events_change_and_refuse, events_run_once_for_an_object_of_a_flush,
      bulk_rows_are_validated_too, after_load_sees_every_object_once, a_deleted_object_tells_before)
