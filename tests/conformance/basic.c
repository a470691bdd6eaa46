/* Objects: made, read, changed, deleted; the identity map; what is known of them. */
#include "conformance.h"
#include <string.h>

START_TEST(a_new_object_gets_defaults_and_an_id)
{
	Person *p = amph_new(s, Person, .username = "john", .email = "john@example.com");

	ck_assert_ptr_nonnull(p);
	ck_assert(p->is_active);
	ck_assert_int_eq(p->age, 18);
	ck_assert_int_ne(p->created_at.usec, 0);
	ck_assert(!p->updated_at.has);
	ck_assert_int_eq(p->id, 0);
	ck_assert_int_eq(amph_state(s, p), AMPH_OBJECT_NEW);
	DO(amph_commit(s));
	ck_assert_int_eq(p->id, 1);
	ck_assert_int_eq(amph_state(s, p), AMPH_OBJECT_PERSISTENT);
}
END_TEST

START_TEST(a_named_zero_is_not_a_default)
{
	Person *p = amph_new(s, Person, .username = "zoe", .is_active = false, .age = 0);

	DO(amph_commit(s));
	amph_session_clear(s);
	p = amph_get(s, Person, 1);
	ck_assert_ptr_nonnull(p);
	ck_assert(!p->is_active);
	ck_assert_int_eq(p->age, 0);
}
END_TEST

START_TEST(a_row_is_one_object)
{
	Person *p = new_person("ann");

	DO(amph_commit(s));
	amph_expect_statements(s, 0);
	ck_assert_ptr_eq(amph_get(s, Person, p->id), p);
	amph_expect_statements(s, -1);
	ck_assert_ptr_eq(amph_first(s, Person, .where = eq(col(Person, username), "ann")), p);
}
END_TEST

START_TEST(an_absent_row_is_null_and_no_failure)
{
	ck_assert_ptr_null(amph_get(s, Person, 12345));
	ck_assert_int_eq(amph_session_error(s)->status, AMPH_OK);
	ck_assert_ptr_null(amph_require(s, Person, 12345));
	ck_assert_int_eq(amph_session_error(s)->status, AMPH_E_NOTFOUND);
	ck_assert(!amph_failed(s));
	new_person("after");
	DO(amph_commit(s));
}
END_TEST

START_TEST(a_changed_member_is_written_alone)
{
	Person *p = new_person("kim");

	DO(amph_commit(s));
	p->email = "kim@example.com";
	ck_assert(amph_is_modified(s, p));
	ck_assert(amph_member_is_modified(s, p, email));
	ck_assert(!amph_member_is_modified(s, p, age));
	DO(amph_commit(s));
	ck_assert(!amph_is_modified(s, p));
	ck_assert(p->updated_at.has);
	amph_session_clear(s);
	p = amph_get(s, Person, 1);
	ck_assert_str_eq(p->email, "kim@example.com");
	ck_assert_str_eq(p->username, "kim");
}
END_TEST

START_TEST(equal_content_behind_another_pointer_is_no_change)
{
	char same[] = "lee";
	Person *p = new_person("lee");

	DO(amph_commit(s));
	p->username = same;
	ck_assert(!amph_is_modified(s, p));
	amph_expect_statements(s, 0);
	DO(amph_commit(s));
}
END_TEST

START_TEST(what_was_assigned_belongs_to_the_session_after_the_flush)
{
	char name[16] = "temporary";
	Person *p = amph_new(s, Person, .username = name);

	DO(amph_flush(s));
	memset(name, 'x', sizeof name - 1);
	ck_assert_str_eq(p->username, "temporary");
	DO(amph_commit(s));
}
END_TEST

START_TEST(a_deleted_object_has_no_row)
{
	Person *p = new_person("gone");

	DO(amph_commit(s));
	int64_t id = p->id;
	DO(amph_delete(s, p));
	ck_assert_int_eq(amph_state(s, p), AMPH_OBJECT_DELETED);
	DO(amph_commit(s));
	ck_assert_ptr_null(amph_get(s, Person, id));
	ck_assert_int_eq(amph_count(s, Person), 0);
}
END_TEST

START_TEST(a_new_object_that_is_deleted_was_never_there)
{
	DO(amph_delete(s, new_person("never")));
	amph_expect_statements(s, 0);
	DO(amph_commit(s));
	amph_expect_statements(s, -1);
	ck_assert_int_eq(amph_count(s, Person), 0);
}
END_TEST

START_TEST(refresh_reads_the_row_again)
{
	Person *p = new_person("ray");

	DO(amph_commit(s));
	p->age = 99;
	DO(amph_refresh(s, p));
	ck_assert_int_eq(p->age, 18);
	ck_assert(!amph_is_modified(s, p));
}
END_TEST

START_TEST(refreshing_for_ever_stays_flat)
{
	Person *p = amph_new(s, Person, .username = "flat", .email = "a longer text than any other");

	DO(amph_commit(s));
	for (int i = 0; i < 20000; i++)
		DO(amph_refresh(s, p));
	ck_assert_str_eq(p->email, "a longer text than any other");
}
END_TEST

START_TEST(an_expunged_object_is_not_watched)
{
	Person *p = new_person("free");

	DO(amph_commit(s));
	DO(amph_expunge(s, p));
	p->age = 50;
	amph_expect_statements(s, 0);
	DO(amph_commit(s));
	amph_expect_statements(s, -1);
	Person *other = amph_get(s, Person, 1);
	ck_assert_ptr_ne(other, p);
	ck_assert_int_eq(other->age, 18);
}
END_TEST

START_TEST(merge_writes_over_the_row_with_the_key)
{
	new_person("old");
	DO(amph_commit(s));
	const Person given = { .id = 1, .username = "merged", .age = 3, .is_active = true };
	Person *p = amph_merge(s, Person, &given);
	ck_assert_ptr_eq(p, amph_get(s, Person, 1));
	DO(amph_commit(s));
	amph_session_clear(s);
	ck_assert_str_eq(((Person *)amph_get(s, Person, 1))->username, "merged");
	const Person absent = { .username = "made", .age = 4 };
	p = amph_merge(s, Person, &absent);
	DO(amph_commit(s));
	ck_assert_int_eq(p->id, 2);
}
END_TEST

START_TEST(a_key_of_two_columns_finds_its_row)
{
	amph_new(s, Seat, .row = "A", .number = 7, .holder = "ann");
	amph_new(s, Seat, .row = "B", .number = 7, .holder = "bob");
	DO(amph_commit(s));
	amph_session_clear(s);
	Seat *seat = amph_get(s, Seat, "B", 7);
	ck_assert_ptr_nonnull(seat);
	ck_assert_str_eq(seat->holder, "bob");
	ck_assert_ptr_eq(amph_get(s, Seat, "B", 7), seat);
	ck_assert_ptr_null(amph_get(s, Seat, "C", 7));
	FAILS("HV010", amph_get(s, Seat, "B"));
	ck_assert_int_eq(amph_session_error(s)->status, AMPH_E_MISUSE);
}
END_TEST

START_TEST(uuid_keys_are_made_by_the_library)
{
	Ticket *t = amph_new(s, Ticket);
	char text[64];

	DO(amph_commit(s));
	amph_uuid_format(t->id, text, sizeof text);
	ck_assert_int_eq(text[14], '4');
	amph_uuid id = t->id;
	amph_session_clear(s);
	t = amph_get(s, Ticket, id);
	ck_assert_ptr_nonnull(t);
	ck_assert_str_eq(t->status, "open");
	ck_assert_str_eq(t->meta.text, "{}");
}
END_TEST

START_TEST(soft_delete_hides_the_row)
{
	Ticket *t = amph_new(s, Ticket);

	DO(amph_commit(s));
	DO(amph_delete(s, t));
	DO(amph_commit(s));
	ck_assert(t->deleted_at.has);
	ck_assert_int_eq(amph_count(s, Ticket), 0);
	ck_assert_int_eq(amph_count(s, Ticket, .with_deleted = true), 1);
	ck_assert_ptr_null(amph_first(s, Ticket));
	ck_assert_ptr_eq(amph_first(s, Ticket, .with_deleted = true), t);
}
END_TEST

START_TEST(what_the_database_fills_in_comes_back)
{
	Account *a = amph_new(s, Account, .code = "A1", .balance = amph_dec(12.50));
	char text[32];

	DO(amph_flush(s));
	ck_assert_int_eq(a->rank, 7);
	amph_numeric_format(a->twice, text, sizeof text);
	ck_assert_str_eq(text, "25.00");
	a->balance = amph_dec(1.25);
	DO(amph_flush(s));
	amph_numeric_format(a->twice, text, sizeof text);
	ck_assert_str_eq(text, "2.50");
	Account *b = amph_new(s, Account, .code = "A2", .balance = amph_dec(1), .rank = 0);
	amph_new(s, Account, .code = "A3", .balance = amph_dec(2));
	amph_new(s, Account, .code = "A4", .balance = amph_dec(3));
	DO(amph_commit(s));
	ck_assert_int_eq(b->rank, 0);
	ck_assert_int_eq(amph_count(s, Account, .where = eq(col(Account, rank), 7)), 3);
}
END_TEST

START_TEST(a_computed_column_cannot_be_assigned)
{
	Account *a = amph_new(s, Account, .code = "A1", .balance = amph_dec(1));

	DO(amph_commit(s));
	a->twice = amph_dec(5);
	FAILS("428C9", amph_commit(s));
	ck_assert_str_eq(amph_session_error(s)->column, "twice");
	amph_rollback(s);
}
END_TEST

START_TEST(another_sessions_object_is_misuse)
{
	amph_session *other = amph_session_open(db);
	Person *p = new_person("mine");

	ck_assert(!amph_delete(other, p));
	ck_assert_int_eq(amph_session_error(other)->status, AMPH_E_MISUSE);
	ck_assert_int_eq(amph_state(other, p), AMPH_OBJECT_UNKNOWN);
	amph_session_close(other);
}
END_TEST

START_TEST(objects_as_json)
{
	Ticket *t = amph_new(s, Ticket, .status = "open", .meta = AMPH_JSON({"b": "fnrt"}));
	amph_uuid_parse("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", &t->id, NULL);
	Person *p = amph_new(s, Person, .username = "b\"f\\n\r\tt", .age = 7);

	ck_assert_str_eq(amph_to_json(s, t), "{\"id\": \"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\", "
			 "\"status\": \"open\", \"metadata\": {\"b\": \"fnrt\"}, \"deleted_at\": null}");
	ck_assert_ptr_nonnull(strstr(amph_to_json(s, p), "\"username\": \"b\\\"f\\\\n\\r\\tt\""));
	ck_assert_str_eq(amph_repr(s, p), "<Person (new)>");
	DO(amph_commit(s));
	ck_assert_str_eq(amph_repr(s, p), "<Person 1>");
}
END_TEST

START_TEST(a_row_that_is_locked_is_read_anew)
{
	Person *p = new_person("p");

	DO(amph_commit(s));
	amph_session *other = amph_session_open(db);
	OK_(other, amph_update(other, Person, .all_rows = true, .set = sets(set(Person, age, 30))) == 1);
	OK_(other, amph_commit(other));
	amph_session_close(other);
	ck_assert_int_eq(p->age, 18);
	ck_assert_ptr_eq(amph_first(s, Person, .for_update = true), p);
	ck_assert_int_eq(p->age, 30);
}
END_TEST

START_TEST(members_of_another_model_are_refused)
{
	new_person("p");
	FAILS("42703", amph_update(s, Person, .all_rows = true, .set = sets(set(Section, name, "x"))) >= 0);
	amph_rollback(s);
}
END_TEST

START_TEST(objects_as_json_have_every_type)
{
	const amph_opt_int64 ints[] = { { .has = true, .value = 1 }, { .has = false } };
	const char *const texts[] = { "a\"b", NULL, "\x01\xe2\x82\xac" };
	Maybe *none = amph_new(s, Maybe);
	Maybe *some = amph_new(s, Maybe, .b = AMPH_SOME(true), .i16 = AMPH_SOME(-3), .f64 = AMPH_SOME(0.5),
			       .num = { .has = true, .value = amph_dec(-1.250) }, .text = "t\x7f\\",
			       .bytes = { .data = "\x01\xff", .size = 2 },
					.json = AMPH_JSON({"k": [1, null]}),
			       .mood = AMPH_SOME(HAPPY));
	Lists *lists = amph_new(s, Lists, .ints = { .items = ints, .n = 2 },
			.texts = { .items = texts, .n = 3 },
				.bools = { .items = NULL, .n = 0 });
	Book *book = amph_new(s, Book, .title = "b", .author = amph_new(s, Author, .name = "a"));

	DO(amph_commit(s));
	const char *json = amph_to_json(s, none);
	ck_assert_ptr_nonnull(strstr(json, "\"b\": null, \"i16\": null"));
	ck_assert_ptr_nonnull(strstr(json, "\"mood\": null}"));
	json = amph_to_json(s, some);
	ck_assert_ptr_nonnull(strstr(json, "\"b\": true, \"i16\": -3, \"i32\": null"));
	ck_assert_ptr_nonnull(strstr(json, "\"f64\": 0.5, \"num\": -1.250, \"text\": \"t\x7f\\\\\""));
	ck_assert_ptr_nonnull(strstr(json, "\"bytes\": \"\\\\x01ff\""));
	ck_assert_ptr_nonnull(strstr(json, "\"json\": {\"k\": [1, null]}"));
	ck_assert_ptr_nonnull(strstr(json, "\"mood\": \"happy\"}"));
	json = amph_to_json(s, lists);
	ck_assert_ptr_nonnull(strstr(json, "\"ints\": [1, null]"));
	ck_assert_ptr_nonnull(strstr(json, "\"texts\": [\"a\\\"b\", null, \"\\u0001\xe2\x82\xac\"]"));
	/* what refers to each other ends */
	ck_assert_uint_eq(amph_length(amph_rel(book->author, books)), 1);
	ck_assert_str_eq(amph_to_json(s, book->author), "{\"id\": 1, \"name\": \"a\"}");
	ck_assert_str_eq(amph_to_json(s, book), "{\"id\": 1, \"title\": \"b\", \"author_id\": 1, "
						"\"previous_id\": null}");
	ck_assert_str_eq(amph_repr(s, book), "<Book 1>");
}
END_TEST

SUITE(basic_suite, "objects",
      a_new_object_gets_defaults_and_an_id, a_named_zero_is_not_a_default,
      a_row_is_one_object, an_absent_row_is_null_and_no_failure,
      a_changed_member_is_written_alone, equal_content_behind_another_pointer_is_no_change,
      what_was_assigned_belongs_to_the_session_after_the_flush, a_deleted_object_has_no_row,
      a_new_object_that_is_deleted_was_never_there, refresh_reads_the_row_again,
      refreshing_for_ever_stays_flat, an_expunged_object_is_not_watched,
      merge_writes_over_the_row_with_the_key, a_key_of_two_columns_finds_its_row,
      uuid_keys_are_made_by_the_library, soft_delete_hides_the_row,
      what_the_database_fills_in_comes_back, a_computed_column_cannot_be_assigned,
      another_sessions_object_is_misuse,
      objects_as_json, a_row_that_is_locked_is_read_anew, members_of_another_model_are_refused,
		objects_as_json_have_every_type)
