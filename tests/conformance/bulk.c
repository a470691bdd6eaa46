/* Arrays of structs in one call. */
#include "conformance.h"
#include <stdio.h>

START_TEST(all_columns_come_from_the_array)
{
	enum { N = 2500 };
	static Seat seats[N];
	static char rows[N][4];

	for (int i = 0; i < N; i++) {
		snprintf(rows[i], sizeof rows[i], "%c", 'A' + i % 20);
		seats[i] = (Seat){ .row = rows[i], .number = i, .version = 1 };
	}
	DO(amph_insert_many(s, Seat, seats, N) >= 0);
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Seat), N);
	Seat *seat = amph_get(s, Seat, "D", 3);
	ck_assert_ptr_nonnull(seat);
	ck_assert_ptr_null(seat->holder);
}
END_TEST

START_TEST(columns_that_are_not_named_get_their_defaults)
{
	const Person people[] = { { .username = "a", .email = "a@x" }, { .username = "b" } };

	DO(amph_insert_many(s, Person, people, 2,
				.only = by(col(Person, username), col(Person, email))) >= 0);
	DO(amph_commit(s));
	Person **list = amph_all(s, Person, .order_by = by(col(Person, id)));
	ck_assert_uint_eq(amph_length(list), 2);
	ck_assert_int_eq(list[0]->id, 1);
	ck_assert_int_eq(list[1]->id, 2);
	ck_assert(list[0]->is_active);
	ck_assert_int_eq(list[1]->age, 18);
	ck_assert_int_ne(list[1]->created_at.usec, 0);
	ck_assert_ptr_null(list[1]->email);
}
END_TEST

START_TEST(nothing_is_applied_where_one_row_is_wrong)
{
	enum { N = 3000 };
	static Person people[N];
	static char names[N][16];

	for (int i = 0; i < N; i++) {
		snprintf(names[i], sizeof names[i], "p%d", i == N - 1 ? 0 : i);
		people[i].username = names[i];
	}
	FAILS("23505", amph_insert_many(s, Person, people, N, .only = by(col(Person, username))) >= 0);
	ck_assert_str_eq(amph_session_error(s)->constraint, "people_username_key");
	amph_rollback(s);
	ck_assert_int_eq(amph_count(s, Person), 0);
	people[1500].username = "a name that is far too long";
	FAILS("22001", amph_insert_many(s, Person, people, N, .only = by(col(Person, username))) >= 0);
	amph_rollback(s);
}
END_TEST

START_TEST(no_rows_are_no_work)
{
	const Person none = { 0 };

	amph_expect_statements(s, 0);
	DO(amph_insert_many(s, Person, &none, 0) >= 0);
	DO(amph_commit(s));
}
END_TEST

START_TEST(uuids_are_made_for_each_row)
{
	const Ticket tickets[] = { { .status = "open" }, { .status = "closed" }, { .status = "open" } };

	DO(amph_insert_many(s, Ticket, tickets, 3, .only = by(col(Ticket, status))) >= 0);
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Ticket), 3);
	ck_assert_int_eq(amph_count(s, Ticket, .where = eq(col(Ticket, meta), AMPH_JSON({}))), 3);
}
END_TEST

START_TEST(another_models_column_is_misuse)
{
	const Person people[] = { { .username = "a" } };

	FAILS("HV010", amph_insert_many(s, Person, people, 1, .only = by(col(Section, name))) >= 0);
	amph_rollback(s);
}
END_TEST

START_TEST(versions_left_out_begin_at_zero)
{
	Seat seats[] = { { .row = "A", .number = 1, .version = 7 }, { .row = "A", .number = 2 } };

	DO(amph_insert_many(s, Seat, seats, 2, .only = by(col(Seat, row), col(Seat, number)),
			    .write_back = seats) == 2);
	ck_assert_int_eq(seats[0].version, 0);
	ck_assert_int_eq(amph_upsert_many(s, Seat, seats, 2, .only = by(col(Seat, row), col(Seat, number),
									col(Seat, holder))), 2);
	DO(amph_commit(s));
	Seat *seat = amph_get(s, Seat, "A", 1);
	ck_assert_int_eq(seat->version, 1);
	seat->holder = "ann";
	DO(amph_commit(s));
	/* no default is NULL, which is the database's to refuse */
	const Item items[] = { { .name = "pen" } };
	FAILS("23502", amph_insert_many(s, Item, items, 1, .only = by(col(Item, name))) >= 0);
	amph_rollback(s);
}
END_TEST

SUITE(bulk_suite, "bulk",
      all_columns_come_from_the_array, columns_that_are_not_named_get_their_defaults,
      nothing_is_applied_where_one_row_is_wrong, no_rows_are_no_work,
      uuids_are_made_for_each_row, another_models_column_is_misuse,
      versions_left_out_begin_at_zero)
