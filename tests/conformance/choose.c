/* Collections that a query loads in part, or in an order of its own. */
#include "conformance.h"
#include <stdio.h>

#define COUNT(list) ((int)amph_length(list))

/* ann has a1 a2 a3, bob has b1 b2, cid none; labels red (a1 a3 b1), blue (a3) */
static void library(void)
{
	static const char *const names[] = { "ann", "bob", "cid" };
	static const Book books[] = {
		{ .title = "a1", .author_id = AMPH_SOME(1) }, { .title = "a2", .author_id = AMPH_SOME(1) },
		{ .title = "a3", .author_id = AMPH_SOME(1) }, { .title = "b1", .author_id = AMPH_SOME(2) },
		{ .title = "b2", .author_id = AMPH_SOME(2) }
	};

	for (int i = 0; i < 3; i++) {
		amph_new(s, Author, .name = names[i]);
		DO(amph_flush(s));
	}
	for (int i = 0; i < 5; i++) {
		amph_new(s, Book, .title = books[i].title, .author_id = books[i].author_id);
		DO(amph_flush(s));
	}
	amph_new(s, Label, .name = "red");
	DO(amph_flush(s));
	amph_new(s, Label, .name = "blue");
	DO(amph_flush(s));
	static const int64_t links[][2] = { { 1, 1 }, { 3, 1 }, { 3, 2 }, { 4, 1 } };
	for (int i = 0; i < 4; i++)
		amph_new(s, BookLabel, .book_id = links[i][0], .label_id = links[i][1]);
	DO(amph_commit(s));
	amph_session_clear(s);
}

/* "a1 a3" */
static const char *titles(Book *const *books)
{
	static char text[200];
	size_t n = 0;

	text[0] = '\0';
	amph_each(Book, b, books)
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", n ? " " : "", b->title);
	return text;
}

START_TEST(a_condition_and_an_order)
{
	library();
	amph_expect_statements(s, 2);
	Author **list = amph_all(s, Author, .order_by = by(col(Author, id)),
				 .load = with(selectin_of(Author, books,
					.where = in(col(Book, title), texts("a1", "a3", "b2")),
					.order_by = by(desc(col(Book, title))))));
	DO(list != NULL);
	ck_assert_str_eq(titles(list[0]->books), "a3 a1");
	ck_assert_str_eq(titles(list[1]->books), "b2");
	ck_assert_ptr_nonnull(list[2]->books);
	ck_assert_int_eq(COUNT(list[2]->books), 0);
	/* what it brought knows its parent; a touch takes the list for loaded */
	ck_assert_ptr_eq(list[0]->books[0]->author, list[0]);
	ck_assert_str_eq(titles(amph_rel(list[0], books)), "a3 a1");
	DO(!amph_failed(s));
	amph_expect_statements(s, -1);
	/* equal in its order: by key */
	list = amph_all(s, Author, .order_by = by(col(Author, id)), .load = with(selectin_of(Author, books,
				.order_by = by(desc(fn_length(col(Book, title)))))));
	DO(list != NULL);
	ck_assert_str_eq(titles(list[0]->books), "a1 a2 a3");
}
END_TEST

/* red is of a1 a3 b1, blue of a3; a3 got its labels in the order blue, red. */
START_TEST(links_have_conditions_and_orders)
{
	library();
	const amph_timestamptz early = { .usec = 1 };
	ck_assert_int_eq(amph_update(s, BookLabel, .set = sets(set(BookLabel, since, early)),
				     .where = amph_all_of(eq(col(BookLabel, book_id), 3),
							  eq(col(BookLabel, label_id), 2))), 1);
	amph_expect_statements(s, 3);
	Book **list = amph_all(s, Book, .order_by = by(col(Book, id)), .load = with(selectin_of(Book, labels,
			       .order_by = by(col(BookLabel, since)))));
	DO(list != NULL);
	ck_assert_int_eq(COUNT(list[2]->labels), 2);
	ck_assert_str_eq(list[2]->labels[0]->name, "blue");
	ck_assert_str_eq(list[2]->labels[1]->name, "red");
	ck_assert_int_eq(COUNT(list[1]->labels), 0);
	amph_expect_statements(s, -1);
	list = amph_all(s, Book, .order_by = by(col(Book, id)), .load = with(selectin_of(Book, labels,
			.order_by = by(desc(col(BookLabel, since)), col(Label, name)))));
	DO(list != NULL);
	ck_assert_str_eq(list[2]->labels[0]->name, "red");
	/* a condition of both */
	Label **labels = amph_all(s, Label, .order_by = by(col(Label, id)),
		.load = with(selectin_of(Label, books,
		.where = amph_any_of(eq(col(BookLabel, since), early), eq(col(Book, title), "b1")),
		.order_by = by(desc(col(BookLabel, book_id))))));
	DO(labels != NULL);
	ck_assert_str_eq(titles(labels[0]->books), "b1");
	ck_assert_str_eq(titles(labels[1]->books), "a3");
	labels = amph_all(s, Label, .order_by = by(col(Label, id)), .load = with(selectin_of(Label, books,
		.order_by = by(desc(col(BookLabel, book_id))))));
	DO(labels != NULL);
	ck_assert_str_eq(titles(labels[0]->books), "b1 a3 a1");
	/* no other links are part of it */
	SAYS("42P01", "BookLabel", amph_all(s, Author, .load = with(selectin_of(Author, books,
		.where = eq(col(BookLabel, label_id), 1)))));
}
END_TEST

START_TEST(the_next_load_renews_it)
{
	library();
	Author *ann = amph_first(s, Author, .load = with(selectin_of(Author, books,
							 .where = eq(col(Book, title), "a2"))));
	ck_assert_str_eq(titles(ann->books), "a2");
	ann = amph_first(s, Author, .where = eq(col(Author, name), "ann"),
			 .load = with(selectin_of(Author, books, .where = ne(col(Book, title), "a2"))));
	ck_assert_str_eq(titles(ann->books), "a1 a3");
	ann = amph_first(s, Author, .load = with(selectin(Author, books)));
	ck_assert_str_eq(titles(ann->books), "a1 a2 a3");
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Book), 5);
}
END_TEST

START_TEST(a_part_is_appended_to_and_the_rest_stays)
{
	library();
	Author *ann = amph_first(s, Author, .load = with(selectin_of(Author, books,
							 .where = eq(col(Book, title), "a2"))));
	DO(amph_append(ann, books, amph_new(s, Book, .title = "a4")));
	ck_assert_str_eq(titles(ann->books), "a2 a4");
	DO(amph_remove(ann, books, ann->books[0]));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Book, .where = eq(col(Book, author_id), 1)), 3);
	/* a delete reaches those that were not chosen */
	DO(amph_delete(s, ann));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Book, .where = eq(col(Book, author_id), 1)), 0);
	ck_assert_int_eq(amph_count(s, Book), 2);
}
END_TEST

START_TEST(changes_that_wait_are_not_lost)
{
	library();
	amph_session *own = amph_session_open_with(db, AMPH_SESSION_OPTIONS(.autoflush_off = true));
	Author *ann = amph_first(own, Author, .load = with(selectin(Author, books)));
	OK_(own, amph_append(ann, books, amph_new(own, Book, .title = "a4")));
	ann = amph_first(own, Author, .load = with(selectin_of(Author, books,
							       .where = eq(col(Book, title), "a2"))));
	OK_(own, ann != NULL);
	ck_assert_str_eq(titles(ann->books), "a1 a2 a3 a4");
	OK_(own, amph_commit(own));
	ann = amph_first(own, Author, .load = with(selectin_of(Author, books,
							       .where = eq(col(Book, title), "a4"))));
	ck_assert_str_eq(titles(ann->books), "a4");
	amph_session_close(own);
}
END_TEST

START_TEST(links_are_chosen_by_what_they_lead_to)
{
	library();
	amph_expect_statements(s, 3);
	Label **labels = amph_all(s, Label, .order_by = by(col(Label, id)),
				  .load = with(selectin_of(Label, books, .where = ne(col(Book, title), "b1"),
							   .order_by = by(desc(col(Book, id))))));
	DO(labels != NULL);
	ck_assert_str_eq(titles(labels[0]->books), "a3 a1");
	ck_assert_str_eq(titles(labels[1]->books), "a3");
	amph_expect_statements(s, -1);
	/* a link is not lost for being out of sight, nor made twice */
	Book *b1 = amph_first(s, Book, .where = eq(col(Book, title), "b1"));
	DO(amph_append(labels[0], books, b1));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, BookLabel), 4);
}
END_TEST

START_TEST(conditions_reach_other_models_and_nest)
{
	library();
	Author **list = amph_all(s, Author, .order_by = by(col(Author, id)),
				 .load = with(selectin_of(Author, books,
					.where = any(Book, labels, eq(col(Label, name), "red")),
					.then = with(selectin_of(Book, labels,
						.where = eq(col(Label, name), "blue"))))));
	DO(list != NULL);
	ck_assert_str_eq(titles(list[0]->books), "a1 a3");
	ck_assert_int_eq(COUNT(list[0]->books[0]->labels), 0);
	ck_assert_int_eq(COUNT(list[0]->books[1]->labels), 1);
	ck_assert_str_eq(titles(list[1]->books), "b1");
}
END_TEST

START_TEST(it_follows_filters_and_soft_deletes)
{
	Office *o = amph_new(s, Office, .name = "north");
	DO(amph_flush(s));
	amph_new(s, Employee, .name = "ann", .office_id = AMPH_SOME(o->id));
	amph_new(s, Manager, .base = { .name = "bob", .office_id = AMPH_SOME(o->id) });
	amph_new(s, Employee, .name = "cid", .office_id = AMPH_SOME(o->id));
	DO(amph_commit(s));
	WRITES(1, amph_delete_where(s, Employee, .where = eq(col(Employee, name), "cid")));
	DO(amph_commit(s));
	amph_session_clear(s);
	o = amph_first(s, Office, .load = with(selectin_of(Office, staff,
							   .order_by = by(desc(col(Employee, name))))));
	DO(o != NULL);
	ck_assert_int_eq(COUNT(o->staff), 2);
	ck_assert_str_eq(o->staff[0]->name, "bob");
	ck_assert_ptr_nonnull(amph_object_as(Manager, o->staff[0]));
}
END_TEST

START_TEST(a_rollback_takes_it_back)
{
	library();
	Author *ann = amph_first(s, Author, .load = with(selectin(Author, books)));
	DO(amph_savepoint(s));
	WRITES(1, amph_update(s, Author, .where = eq(col(Author, name), "bob"),
			      .set = sets(set(Author, name, "b"))));
	amph_first(s, Author, .where = eq(col(Author, name), "ann"),
		   .load = with(selectin_of(Author, books, .where = eq(col(Book, title), "a2"))));
	ck_assert_str_eq(titles(ann->books), "a2");
	DO(amph_rollback_to(s));
	ck_assert_str_eq(titles(ann->books), "a1 a2 a3");
}
END_TEST

START_TEST(what_cannot_be_chosen_is_refused)
{
	library();
	SAYS("0A000", "Book.author", amph_all(s, Book, .load = with(selectin_of(Book, author,
					.where = eq(col(Author, name), "ann")))));
	SAYS("42P01", "Label", amph_all(s, Author, .load = with(selectin_of(Author, books,
					.where = eq(col(Label, name), "red")))));
	SAYS("42P01", "Author", amph_all(s, Author, .load = with(selectin_of(Author, books,
					 .where = eq(col(Author, name), "ann")))));
	const amph_load_item *kept = NULL;
	{
		amph_load_item list[] = { selectin_of(Author, books, .where = eq(col(Book, title), "a1")),
					  { .how = 0 } };
		kept = amph_loads_of(list);
		list[0].where = eq(col(Book, title), "a2");
		SAYS("HV010", "block", amph_all(s, Author, .load = kept));
	}
}
END_TEST

START_TEST(dynamic_queries_choose_too)
{
	library();
	amph_query *q = amph_query_new(s, &amph_model_Author);
	amph_load_with(q, selectin_of(Author, books, .where = eq(col(Book, title), "a2"),
				      .order_by = by(col(Book, title))));
	Author **list = amph_query_all(q);
	DO(list != NULL);
	ck_assert_str_eq(titles(list[0]->books), "a2");
	amph_query_free(q);
}
END_TEST

SUITE(choose_suite, "choose", a_condition_and_an_order, links_have_conditions_and_orders,
      the_next_load_renews_it, a_part_is_appended_to_and_the_rest_stays, changes_that_wait_are_not_lost,
      links_are_chosen_by_what_they_lead_to, conditions_reach_other_models_and_nest,
      it_follows_filters_and_soft_deletes, a_rollback_takes_it_back, what_cannot_be_chosen_is_refused,
      dynamic_queries_choose_too)
