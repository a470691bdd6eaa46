/* Calls on arrays of structs: upserts, updates and deletes by key, what comes back, what becomes of
 * versions, objects, events and filters. */
#include "conformance.h"
#include <stdio.h>

START_TEST(ids_and_defaults_come_back)
{
	Person people[] = { { .username = "ann" }, { .username = "bob", .age = 5 }, { .username = "cid" } };

	DO(amph_insert_many(s, Person, people, 3, .write_back = people,
			    .only = by(col(Person, username))) >= 0);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(people[i].id, i + 1);
		ck_assert_int_eq(people[i].age, 18);
		ck_assert(people[i].is_active);
		ck_assert_str_eq(((Person *)amph_get(s, Person, people[i].id))->username, people[i].username);
	}
}
END_TEST

START_TEST(what_the_database_fills_comes_back)
{
	enum { N = 1500 };
	static Account accounts[N];
	static char codes[N][8];

	for (int i = 0; i < N; i++) {
		snprintf(codes[i], sizeof codes[i], "c%d", i);
		accounts[i] = (Account){ .code = codes[i], .balance = amph_numeric_from_int64(i) };
	}
	DO(amph_insert_many(s, Account, accounts, N, .write_back = accounts,
			    .only = by(col(Account, code), col(Account, balance))) >= 0);
	for (int i = 0; i < N; i++) {
		ck_assert_int_eq(accounts[i].id, i + 1);
		ck_assert_int_eq(accounts[i].rank, 7);
		ck_assert_int_eq(amph_numeric_compare(accounts[i].twice, amph_numeric_from_int64(2 * i)), 0);
	}
	SAYS("HV010", ".write_back", amph_insert_many(s, Account, accounts, 1,
				.write_back = accounts + 1) >= 0);
}
END_TEST

START_TEST(rows_in_conflict_are_left_or_updated)
{
	Section first[] = { { .name = "a" }, { .name = "b" } };
	Section more[] = { { .name = "c" }, { .name = "a" }, { .name = "d" } };

	DO(amph_insert_many(s, Section, first, 2, .only = by(col(Section, name)), .write_back = first) >= 0);
	SAYS("23505", "", amph_insert_many(s, Section, more, 3, .only = by(col(Section, name))) >= 0);
	DO(amph_insert_many(s, Section, first, 2, .only = by(col(Section, name)), .write_back = first) >= 0);
	DO(amph_insert_many(s, Section, more, 3, .only = by(col(Section, name)),
			    .on_conflict = do_nothing()) >= 0);
	ck_assert_int_eq(amph_count(s, Section), 4);
	/* those that were there come back with the key that they have */
	DO(amph_insert_many(s, Section, more, 3, .only = by(col(Section, name)), .write_back = more,
			    .on_conflict = on_conflict(.on = by(col(Section, name)))) >= 0);
	ck_assert_int_eq(more[1].id, first[0].id);
	for (int i = 0; i < 3; i++)
		ck_assert_str_eq(((Section *)amph_get(s, Section, more[i].id))->name, more[i].name);
	SAYS("HV010", ".on", amph_insert_many(s, Section, more, 3, .only = by(col(Section, name)),
			.write_back = more, .on_conflict = do_nothing()) >= 0);
}
END_TEST

START_TEST(upserts_update_what_is_given)
{
	Seat seats[] = { { "A", 1, "ann", 1 }, { "A", 2, "bob", 1 } };
	Seat next[] = { { "A", 2, "cid", 1 }, { "A", 3, "dan", 1 } };

	DO(amph_insert_many(s, Seat, seats, 2) >= 0);
	Seat *known = amph_get(s, Seat, "A", 2);
	ck_assert_str_eq(known->holder, "bob");
	WRITES(2, amph_upsert_many(s, Seat, next, 2));
	ck_assert_int_eq(amph_count(s, Seat), 3);
	ck_assert_ptr_eq(amph_one(s, Seat, .where = eq(col(Seat, holder), "cid")), known);
	/* objects are read anew; the version has counted up */
	ck_assert_str_eq(known->holder, "cid");
	ck_assert_int_eq(known->version, 2);
	/* by another key, with a value of its own, where it may */
	WRITES(1, amph_upsert_many(s, Seat, ((Seat[]){ { "B", 9, "ann", 5 } }), 1,
		.on_conflict = on_conflict(.on = by(col(Seat, holder)),
			.set = sets(set(Seat, holder, fn_upper(excluded(Seat, holder)))))));
	ck_assert_int_eq(amph_count(s, Seat, .where = eq(col(Seat, holder), "ANN")), 1);
	WRITES(0, amph_upsert_many(s, Seat, ((Seat[]){ { "A", 3, "eve", 5 } }), 1,
		.on_conflict = on_conflict(.update = by(col(Seat, holder)),
			.where = gt(col(Seat, version), 7))));
	Seat twice[] = { { "C", 1, "x", 1 }, { "C", 1, "y", 1 } };
	SAYS("21000", "Seat", amph_upsert_many(s, Seat, twice, 2) != -1);
	SAYS("HV010", "\"id\"", amph_upsert_many(s, Section, ((Section[]){ { .name = "x" } }), 1,
						 .only = by(col(Section, name))) != -1);
}
END_TEST

START_TEST(many_upserts_with_their_keys)
{
	enum { N = 2500 };
	static Section sections[N];
	static char names[N][8];

	for (int i = 0; i < N; i++) {
		snprintf(names[i], sizeof names[i], "n%d", i);
		sections[i].name = names[i];
	}
	DO(amph_insert_many(s, Section, sections + 1000, 500, .only = by(col(Section, name))) >= 0);
	WRITES(N, amph_upsert_many(s, Section, sections, N, .only = by(col(Section, name)),
		.write_back = sections, .on_conflict = on_conflict(.on = by(col(Section, name)),
			.update = by(col(Section, name)))));
	ck_assert_int_eq(amph_count(s, Section), N);
	for (int i = 0; i < N; i += 100)
		ck_assert_str_eq(((Section *)amph_get(s, Section, sections[i].id))->name, names[i]);
}
END_TEST

static Person *people_of(int n)
{
	static Person people[3000];
	static char names[3000][8];

	for (int i = 0; i < n; i++) {
		snprintf(names[i], sizeof names[i], "p%d", i);
		people[i] = (Person){ .username = names[i] };
	}
	DO(amph_insert_many(s, Person, people, (size_t)n, .write_back = people,
			    .only = by(col(Person, username))) >= 0);
	DO(amph_commit(s));
	return people;
}

START_TEST(rows_are_updated_by_their_keys)
{
	enum { N = 2200 };
	Person *people = people_of(N), *known = amph_get(s, Person, 7);

	for (int i = 0; i < N; i++)
		people[i].age = i;
	people[3].id = 99999;
	WRITES(N - 1, amph_update_many(s, Person, people, N, .only = by(col(Person, age)),
				       .write_back = people));
	WRITES(N - 1, amph_count(s, Person, .where = eq(col(Person, age), sub(col(Person, id), 1))));
	ck_assert_int_ne(people[5].updated_at.has, 0);
	ck_assert_int_eq(amph_count(s, Person, .where = not_null(col(Person, updated_at))), N - 1);
	ck_assert_int_eq(known->age, 18);
	ck_assert_ptr_eq(amph_get(s, Person, 7), known);
	ck_assert_int_eq(known->age, 6);
	people[3].id = 4;
	people[3].username = "all of it";
	WRITES(N, amph_update_many(s, Person, people, N));
	ck_assert_int_eq(amph_count(s, Person, .where = eq(col(Person, username), "all of it")), 1);
	people[3].id = 5;
	SAYS("21000", "Person", amph_update_many(s, Person, people, N) != -1);
	SAYS("428C9", "\"id\"", amph_update_many(s, Person, people, 1, .only = by(col(Person, id))) != -1);
	people[0].age = -1;
	SAYS("23514", "", amph_update_many(s, Person, people, 1, .only = by(col(Person, age))) != -1);
	people[0].username = "a name that is far too long";
	SAYS("22001", "", amph_update_many(s, Person, people, 1, .only = by(col(Person, username))) != -1);
	WRITES(0, amph_update_many(s, Person, people, 0));
}
END_TEST

START_TEST(updates_and_deletes_heed_versions)
{
	Seat seats[] = { { "A", 1, "ann", 1 }, { "A", 2, "bob", 1 } };

	DO(amph_insert_many(s, Seat, seats, 2) >= 0 && amph_commit(s));
	seats[0].holder = "cid";
	seats[1].holder = "dan";
	WRITES(2, amph_update_many(s, Seat, seats, 2, .write_back = seats));
	DO(amph_commit(s));
	ck_assert_int_eq(seats[1].version, 2);
	ck_assert_int_eq(((Seat *)amph_get(s, Seat, "A", 2))->version, 2);
	seats[1].version = 1;
	SAYS("40001", "1 of 2 rows", amph_update_many(s, Seat, seats, 2) != -1);
	SAYS("40001", "Seat", amph_delete_many(s, Seat, seats, 2) != -1);
	ck_assert_int_eq(amph_count(s, Seat), 2);
	seats[1].version = 2;
	WRITES(2, amph_delete_many(s, Seat, seats, 2));
	ck_assert_int_eq(amph_count(s, Seat), 0);
}
END_TEST

START_TEST(rows_are_deleted_by_their_keys)
{
	enum { N = 1200 };
	Person *people = people_of(N), *known = amph_get(s, Person, 2);

	WRITES(N - 1, amph_delete_many(s, Person, people + 1, N - 1));
	ck_assert_int_eq(amph_count(s, Person), 1);
	ck_assert_ptr_nonnull(known);
	ck_assert_ptr_null(amph_get(s, Person, 2));
	WRITES(0, amph_delete_many(s, Person, people + 1, N - 1));
	SAYS("HV010", ".only", amph_delete_many(s, Person, people, 1, .only = by(col(Person, id))) != -1);
}
END_TEST

START_TEST(a_soft_delete_marks_the_rows)
{
	Ticket tickets[] = { { .status = "open" }, { .status = "closed" } };

	DO(amph_insert_many(s, Ticket, tickets, 2, .only = by(col(Ticket, status)),
			    .write_back = tickets) >= 0);
	WRITES(1, amph_delete_many(s, Ticket, tickets, 1));
	ck_assert_int_eq(amph_count(s, Ticket), 1);
	ck_assert_int_eq(amph_count(s, Ticket, .with_deleted = true), 2);
	WRITES(2, amph_delete_many(s, Ticket, tickets, 2, .with_deleted = true));
	ck_assert_int_eq(amph_count(s, Ticket, .with_deleted = true), 0);
	tickets[0].status = "unheard of";
	SAYS("23514", "", amph_insert_many(s, Ticket, tickets, 1, .only = by(col(Ticket, status))) >= 0);
}
END_TEST

static int calls;
static bool count_call(amph_event *event, void *object)
{
	ck_assert_ptr_nonnull(amph_event_model(event));
	ck_assert_ptr_null(object);
	calls++;
	return true;
}
static bool refuse_call(amph_event *event, void *object)
{
	(void)object;
	return amph_refuse(event, "not now");
}

START_TEST(events_are_of_the_call)
{
	Person *people = people_of(30);

	calls = 0;
	DO(amph_listen(s, AMPH_BEFORE_BULK_UPDATE, &amph_model_Person, count_call, NULL) &&
	   amph_listen(s, AMPH_AFTER_BULK_UPDATE, &amph_model_Person, count_call, NULL) &&
	   amph_listen(s, AMPH_BEFORE_BULK_DELETE, &amph_model_Person, refuse_call, NULL));
	WRITES(30, amph_update_many(s, Person, people, 30, .only = by(col(Person, age))));
	ck_assert_int_eq(calls, 2);
	SAYS("45000", "not now", amph_delete_many(s, Person, people, 30) != -1);
	ck_assert_int_eq(amph_count(s, Person), 30);
	/* before_insert of each row, as of an object */
	Noted noted[] = { { .name = "a" }, { .name = "b" } };
	DO(amph_insert_many(s, Noted, noted, 2, .only = by(col(Noted, name), col(Noted, inserts)),
			    .write_back = noted) >= 0);
	Noted *n = amph_get(s, Noted, noted[1].id);
	ck_assert_int_eq(n->inserts, 1);
}
END_TEST

SUITE(stmt_bulk_suite, "statements: arrays", ids_and_defaults_come_back,
      what_the_database_fills_comes_back, rows_in_conflict_are_left_or_updated,
      upserts_update_what_is_given, many_upserts_with_their_keys, rows_are_updated_by_their_keys,
      updates_and_deletes_heed_versions, rows_are_deleted_by_their_keys, a_soft_delete_marks_the_rows,
      events_are_of_the_call)
