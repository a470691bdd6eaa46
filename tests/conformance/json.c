/* Objects as JSON with the relationships that a program names. */
#include "conformance.h"

static void library(void)
{
	Author *ann = amph_new(s, Author, .name = "ann");
	DO(amph_flush(s));
	Book *one = amph_new(s, Book, .title = "one", .author = ann);
	DO(amph_flush(s));
	Book *two = amph_new(s, Book, .title = "two", .author = ann, .previous = one);
	DO(amph_flush(s));
	Label *red = amph_new(s, Label, .name = "red");
	DO(amph_append(two, labels, red));
	amph_new(s, Author, .name = "bob");
	DO(amph_commit(s));
	amph_session_clear(s);
}

START_TEST(relationships_that_are_named)
{
	library();
	Author *ann = amph_first(s, Author, .order_by = by(col(Author, id)));
	amph_expect_statements(s, 1);
	const char *json = amph_to_json_with(s, ann, with(selectin(Author, books)));
	DO(json != NULL);
	ck_assert_str_eq(json, "{\"id\": 1, \"name\": \"ann\", \"books\": ["
			 "{\"id\": 1, \"title\": \"one\", \"author_id\": 1, \"previous_id\": null}, "
			 "{\"id\": 2, \"title\": \"two\", \"author_id\": 1, \"previous_id\": 1}]}");
	/* what is loaded is not asked for again */
	json = amph_to_json_with(s, ann, with(selectin(Author, books)));
	DO(json != NULL);
	amph_expect_statements(s, -1);
	/* a circle is as long as it is named; parts, orders and links */
	json = amph_to_json_with(s, ann, with(selectin_of(Author, books, .where = eq(col(Book, title), "two"),
		.then = with(selectin(Book, author), selectin(Book, previous), selectin(Book, labels)))));
	DO(json != NULL);
	ck_assert_str_eq(json, "{\"id\": 1, \"name\": \"ann\", \"books\": ["
			 "{\"id\": 2, \"title\": \"two\", \"author_id\": 1, \"previous_id\": 1, "
			 "\"author\": {\"id\": 1, \"name\": \"ann\"}, "
			 "\"previous\": {\"id\": 1, \"title\": \"one\", \"author_id\": 1, "
			 "\"previous_id\": null}, \"labels\": [{\"id\": 1, \"name\": \"red\"}]}]}");
}
END_TEST

START_TEST(nobody_and_nothing)
{
	library();
	Author *bob = amph_first(s, Author, .where = eq(col(Author, name), "bob"));
	ck_assert_str_eq(amph_to_json_with(s, bob, with(selectin(Author, books))),
			 "{\"id\": 2, \"name\": \"bob\", \"books\": []}");
	ck_assert_str_eq(amph_to_json_with(s, bob, NULL), "{\"id\": 2, \"name\": \"bob\"}");
	Book *alone = amph_new(s, Book, .title = "alone");
	const char *json = amph_to_json_with(s, alone, with(selectin(Book, author), selectin(Book, labels)));
	DO(json != NULL);
	ck_assert_ptr_nonnull(strstr(json, "\"previous_id\": null, \"author\": null, \"labels\": []}"));
}
END_TEST

START_TEST(lists_of_objects)
{
	library();
	amph_expect_statements(s, 2);
	const char *json = amph_json_of(s, Author, .load = with(selectin(Author, books)),
					.order_by = by(desc(col(Author, id))));
	DO(json != NULL);
	ck_assert_str_eq(json, "[{\"id\": 2, \"name\": \"bob\", \"books\": []}, "
			 "{\"id\": 1, \"name\": \"ann\", \"books\": ["
			 "{\"id\": 1, \"title\": \"one\", \"author_id\": 1, \"previous_id\": null}, "
			 "{\"id\": 2, \"title\": \"two\", \"author_id\": 1, \"previous_id\": 1}]}]");
	amph_expect_statements(s, -1);
	ck_assert_str_eq(amph_json_of(s, Author, .where = gt(col(Author, id), 9),
				      .load = with(selectin(Author, books))), "[]");
	SAYS("HV010", ".only", amph_json_of(s, Author, .load = with(selectin(Author, books)),
					    .only = by(col(Author, id))));
}
END_TEST

/* Which would else look like those of an object that has none. */
START_TEST(rows_of_a_stream_have_no_relationships)
{
	library();
	amph_stream *stream = amph_stream_open(s, Author, .order_by = by(col(Author, id)));
	const void *row = amph_stream_next(stream);
	DO(row != NULL);
	ck_assert_str_eq(amph_to_json(s, row), "{\"id\": 1, \"name\": \"ann\"}");
	SAYS("HV010", "stream", amph_to_json_with(s, row, with(selectin(Author, books))));
	amph_stream_close(stream);
	amph_rollback(s);
}
END_TEST

START_TEST(kinds_have_what_they_have)
{
	Car *car = amph_new(s, Car, .plate = "A 1");
	Office *o = amph_new(s, Office, .name = "north");
	DO(amph_flush(s));
	amph_new(s, Employee, .name = "ann", .office_id = AMPH_SOME(o->id));
	amph_new(s, Manager, .base = { .name = "bob", .office_id = AMPH_SOME(o->id) },
		 .car_id = AMPH_SOME(car->id));
	DO(amph_commit(s));
	amph_session_clear(s);
	o = amph_first(s, Office);
	const char *json = amph_to_json_with(s, o, with(selectin_of(Office, staff,
		.order_by = by(col(Employee, name)), .then = with(selectin(Manager, car)))));
	DO(json != NULL);
	ck_assert_ptr_nonnull(strstr(json, "\"name\": \"ann\", \"office_id\": 1, \"boss_id\": null, "
				     "\"left_at\": null}, {"));
	ck_assert_ptr_nonnull(strstr(json, "\"car_id\": 1, \"car\": {\"id\": 1, \"plate\": \"A 1\"}}]}"));
}
END_TEST

START_TEST(what_cannot_be_written_is_refused)
{
	library();
	Author *ann = amph_first(s, Author, .order_by = by(col(Author, id)));
	SAYS("HV010", "Author.books", amph_to_json_with(s, ann, with(raises(Author, books))));
	SAYS("HV010", "the object is NULL", amph_to_json_with(s, NULL, NULL));
	const amph_load_item *kept;
	{
		amph_load_item list[] = { selectin(Author, books), { .how = 0 } };
		kept = amph_loads_of(list);
		list[0].how = AMPH_LOAD_JOINED;
		SAYS("HV010", "block", amph_to_json_with(s, ann, kept));
	}
	/* a part of a row is completed; one whose row is gone cannot be */
	amph_session_clear(s);
	Book *book = amph_first(s, Book, .only = by(col(Book, author_id)), .order_by = by(col(Book, id)));
	const char *json = amph_to_json_with(s, book, with(selectin(Book, author)));
	DO(json != NULL);
	ck_assert_str_eq(json, "{\"id\": 1, \"title\": \"one\", \"author_id\": 1, \"previous_id\": null, "
			 "\"author\": {\"id\": 1, \"name\": \"ann\"}}");
}
END_TEST

SUITE(json_suite, "json of objects", rows_of_a_stream_have_no_relationships,
      relationships_that_are_named, nobody_and_nothing, lists_of_objects,
      kinds_have_what_they_have, what_cannot_be_written_is_refused)
