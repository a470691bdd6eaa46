/* The unit of work: order, batches, values that are used again, versions, events. */
#include "conformance.h"
#include <stdio.h>
#include <string.h>

START_TEST(many_new_objects_get_ids_in_their_order)
{
	enum { N = 1500 };
	static Person *people[N];
	static char name[N][16];

	for (int i = 0; i < N; i++) {
		snprintf(name[i], sizeof name[i], "p%d", i);
		people[i] = new_person(name[i]);
	}
	DO(amph_commit(s));
	for (int i = 0; i < N; i++)
		ck_assert_int_eq(people[i]->id, i + 1);
	ck_assert_int_eq(amph_count(s, Person), N);
	ck_assert_str_eq(((Person *)amph_first(s, Person, .where = eq(col(Person, id), 777)))->username,
			 "p776");
	for (int i = 0; i < N; i++)
		people[i]->age = i % 7;
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Person, .where = eq(col(Person, age), 3)), 214);
	for (int i = 0; i < N; i += 2)
		DO(amph_delete(s, people[i]));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Person), N / 2);
}
END_TEST

START_TEST(parents_before_children_and_the_other_way_round)
{
	Section *c = amph_new(s, Section, .id = 50, .name = "fifty");
	Item *item = amph_new(s, Item, .name = "x", .price = amph_dec(1), .section_id = 50);

	DO(amph_flush(s));
	DO(amph_delete(s, c));
	DO(amph_delete(s, item));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Item), 0);
	ck_assert_int_eq(amph_count(s, Section), 0);
}
END_TEST

START_TEST(rows_that_refer_to_rows_of_their_own_table)
{
	amph_new(s, Person, .id = 30, .username = "worker", .boss_id = AMPH_SOME(20));
	amph_new(s, Person, .id = 10, .username = "chief");
	amph_new(s, Person, .id = 20, .username = "boss", .boss_id = AMPH_SOME(10));
	DO(amph_commit(s));
	DO(amph_delete(s, amph_get(s, Person, 10)));
	DO(amph_delete(s, amph_get(s, Person, 20)));
	DO(amph_delete(s, amph_get(s, Person, 30)));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Person), 0);
}
END_TEST

START_TEST(a_circle_in_one_table)
{
	amph_new(s, Person, .id = 1, .username = "a", .boss_id = AMPH_SOME(2));
	amph_new(s, Person, .id = 2, .username = "b", .boss_id = AMPH_SOME(1));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Person, .where = not_null(col(Person, boss_id))), 2);
}
END_TEST

START_TEST(a_unique_value_of_a_deleted_row_is_free)
{
	Person *old = new_person("name");

	DO(amph_commit(s));
	DO(amph_delete(s, old));
	Person *p = new_person("name");
	DO(amph_commit(s));
	ck_assert_int_eq(p->id, 2);
	ck_assert_int_eq(amph_count(s, Person), 1);
}
END_TEST

START_TEST(a_unique_value_of_a_changed_row_is_free)
{
	Person *old = new_person("name");

	DO(amph_commit(s));
	old->username = "other";
	new_person("name");
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Person), 2);
}
END_TEST

START_TEST(two_rows_swap_their_unique_values)
{
	Person *a = amph_new(s, Person, .username = "a", .email = "a@x");
	Person *b = amph_new(s, Person, .username = "b", .email = "b@x");

	DO(amph_commit(s));
	a->username = "b";
	a->email = "b@x";
	b->username = "a";
	b->email = "a@x";
	DO(amph_commit(s));
	amph_session_clear(s);
	a = amph_get(s, Person, 1);
	ck_assert_str_eq(a->username, "b");
	ck_assert_str_eq(a->email, "b@x");
}
END_TEST

START_TEST(unique_values_move_along_a_chain)
{
	Person *p[4];
	const char *const names[] = { "n0", "n1", "n2", "n3", "n4" };

	for (int i = 0; i < 4; i++)
		p[i] = new_person(names[i]);
	DO(amph_commit(s));
	for (int i = 0; i < 4; i++)
		p[i]->username = names[i + 1];
	DO(amph_commit(s));
	for (int i = 0; i < 4; i++)
		p[i]->username = names[(i + 1) % 4];
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Person, .where = eq(col(Person, username), "n0")), 1);
}
END_TEST

START_TEST(a_row_that_is_deleted_and_made_again_under_its_key)
{
	Seat *seat = amph_new(s, Seat, .row = "A", .number = 1, .holder = "ann");

	DO(amph_commit(s));
	DO(amph_delete(s, seat));
	amph_new(s, Seat, .row = "A", .number = 1, .holder = "ann");
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Seat), 1);
}
END_TEST

START_TEST(versions_count_and_tell_of_lost_races)
{
	Seat *seat = amph_new(s, Seat, .row = "A", .number = 1);

	DO(amph_commit(s));
	int64_t first = seat->version;
	seat->holder = "ann";
	DO(amph_commit(s));
	ck_assert_int_eq(seat->version, first + 1);

	amph_session *other = amph_session_open(db);
	Seat *theirs = amph_get(other, Seat, "A", 1);
	OK_(other, theirs != NULL);
	theirs->holder = "bob";
	OK_(other, amph_commit(other));
	amph_session_close(other);

	seat->holder = "cid";
	FAILS("40001", amph_commit(s));
	ck_assert_int_eq(amph_session_error(s)->status, AMPH_E_STALE);
	amph_rollback(s);
	ck_assert_str_eq(seat->holder, "ann");
	DO(amph_refresh(s, seat));
	ck_assert_str_eq(seat->holder, "bob");
}
END_TEST

START_TEST(a_row_that_went_is_stale)
{
	Person *p = new_person("p");

	DO(amph_commit(s));
	amph_session *other = amph_session_open(db);
	OK_(other, amph_delete_where(other, Person, .all_rows = true) == 1);
	OK_(other, amph_commit(other));
	amph_session_close(other);
	p->age = 5;
	ck_assert(!amph_commit(s));
	ck_assert_int_eq(amph_session_error(s)->status, AMPH_E_STALE);
	amph_rollback(s);
}
END_TEST

START_TEST(queries_flush_first)
{
	Person *p = new_person("p");

	ck_assert_int_eq(amph_count(s, Person), 1);
	p->age = 77;
	ck_assert_int_eq(amph_count(s, Person, .where = eq(col(Person, age), 77)), 1);
	amph_rollback(s);
	ck_assert_int_eq(amph_count(s, Person), 0);
}
END_TEST

START_TEST(choices_are_checked_before_and_by_the_database)
{
	amph_new(s, Ticket, .status = "weird");
	ck_assert(!amph_commit(s));
	ck_assert_int_eq(amph_session_error(s)->status, AMPH_E_CHECK);
	ck_assert_str_eq(amph_session_error(s)->table, "tickets");
	amph_rollback(s);
	amph_new(s, Ticket);
	DO(amph_flush(s));
	FAILS("23514", amph_update(s, Ticket, .all_rows = true,
				   .set = sets(set(Ticket, status, "weird"))) >= 0);
	amph_rollback(s);
}
END_TEST

START_TEST(a_key_that_changes)
{
	Seat *seat = amph_new(s, Seat, .row = "A", .number = 1, .holder = "ann");

	DO(amph_commit(s));
	seat->number = 2;
	DO(amph_commit(s));
	ck_assert_ptr_eq(amph_get(s, Seat, "A", 2), seat);
	ck_assert_ptr_null(amph_get(s, Seat, "A", 1));
}
END_TEST

SUITE(flush_suite, "flush",
      many_new_objects_get_ids_in_their_order,
      parents_before_children_and_the_other_way_round,
      rows_that_refer_to_rows_of_their_own_table, a_circle_in_one_table,
      a_unique_value_of_a_deleted_row_is_free, a_unique_value_of_a_changed_row_is_free,
      two_rows_swap_their_unique_values, unique_values_move_along_a_chain,
      a_row_that_is_deleted_and_made_again_under_its_key,
      versions_count_and_tell_of_lost_races, a_row_that_went_is_stale, queries_flush_first,
      choices_are_checked_before_and_by_the_database, a_key_that_changes)
