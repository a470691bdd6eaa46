/* Relationships: loading without N+1, both sides in step, links, orphans, cascades. */
#include "conformance.h"
#include <stdio.h>

#define COUNT(list) ((int)amph_length(list))

static Author *new_author(const char *name)
{
	Author *a = amph_new(s, Author, .name = name);

	ck_assert_ptr_nonnull(a);
	return a;
}

static void library(int authors, int books)
{
	static char names[64][32], titles[64][64][32];

	for (int i = 0; i < authors; i++) {
		snprintf(names[i], sizeof names[i], "author %d", i);
		Author *a = new_author(names[i]);

		for (int k = 0; k < books; k++) {
			snprintf(titles[i][k], sizeof titles[i][k], "book %d.%d", i, k);
			amph_new(s, Book, .title = titles[i][k], .author = a);
		}
	}
	DO(amph_commit(s));
	amph_session_clear(s);
}

START_TEST(a_parent_that_is_assigned_gives_the_key)
{
	Author *a = new_author("ann");
	Book *b = amph_new(s, Book, .title = "first", .author = a);

	DO(amph_commit(s));
	ck_assert_int_ne(a->id, 0);
	ck_assert_int_eq(b->author_id.value, a->id);
	Author *other = new_author("bob");
	b->author = other;
	DO(amph_commit(s));
	ck_assert_int_eq(b->author_id.value, other->id);
	ck_assert_int_eq(amph_count(s, Book, .where = eq(col(Book, author_id), other->id)), 1);
}
END_TEST

static void note_parameters(void *ctx, const amph_trace *statement)
{
	char *text = ctx;

	for (size_t i = 0; i < statement->n_params; i++)
		snprintf(text, 100, "%s", statement->params[i] ? statement->params[i] : "NULL");
}

START_TEST(the_trace_shows_what_a_relationship_was_read_by)
{
	char text[100] = "";
	amph_error err;
	const amph_model *const own[] = { &amph_model_Author, &amph_model_Book, &amph_model_Label,
					  &amph_model_BookLabel, NULL };
	amph_engine *traced = amph_open(test_url(), AMPH_OPTIONS(.models = own, .trace = note_parameters,
								 .trace_ctx = text, .trace_values = true),
					&err);

	ck_assert_msg(traced && amph_create_all(traced, &err), "%s", err.message);
	amph_session *other = amph_session_open(traced);
	Author *a = amph_new(other, Author, .name = "ann");
	amph_new(other, Book, .title = "first", .author = a);
	ck_assert(amph_flush(other));
	amph_session_clear(other);
	a = amph_first(other, Author);
	ck_assert_uint_eq(amph_length(amph_rel(a, books)), 1);
	ck_assert_str_eq(text, "1");
	/* those of all authors too: many more books may have none, and are not read */
	text[0] = '\0';
	amph_session_clear(other);
	Author **all = amph_all(other, Author, .load = with(selectin(Author, books)));
	ck_assert(all && COUNT(all) == 1 && COUNT(all[0]->books) == 1);
	ck_assert_str_eq(text, "1");
	amph_session_close(other);
	amph_close(traced);
}
END_TEST

START_TEST(touching_in_a_loop_takes_one_statement)
{
	int n = 0, own = 0;

	library(20, 5);
	Book **books = amph_all(s, Book, .order_by = by(col(Book, id)));
	ck_assert_int_eq(COUNT(books), 100);
	amph_expect_statements(s, 1);
	amph_each(Book, b, books)
		n += amph_rel(b, author) && amph_rel(b, author)->id == b->author_id.value;
	ck_assert_int_eq(n, 100);
	DO(!amph_failed(s));
	amph_expect_statements(s, 1);
	Author **authors = amph_all(s, Author, .order_by = by(col(Author, id)));
	amph_expect_statements(s, 1);
	amph_each(Author, a, authors)
		amph_each(Book, b, amph_rel(a, books))
			own += b->author == a;
	DO(!amph_failed(s));
	ck_assert_int_eq(own, 100);
}
END_TEST

START_TEST(an_eager_load_takes_two_statements)
{
	library(10, 4);
	amph_expect_statements(s, 2);
	Author **authors = amph_all(s, Author, .load = with(selectin(Author, books)),
				    .order_by = by(col(Author, id)));
	DO(authors != NULL);
	amph_expect_statements(s, 0);
	ck_assert_int_eq(COUNT(authors[3]->books), 4);
	ck_assert_ptr_eq(authors[3]->books[0]->author, authors[3]);
	ck_assert_str_eq(authors[3]->books[0]->title, "book 3.0");
	ck_assert(!amph_failed(s));
}
END_TEST

START_TEST(limits_count_parents)
{
	library(5, 3);
	Author **authors = amph_all(s, Author, .load = with(joined(Author, books)),
				    .order_by = by(desc(col(Author, id))), .limit = 2);
	DO(authors != NULL);
	ck_assert_int_eq(COUNT(authors), 2);
	ck_assert_int_eq(COUNT(authors[0]->books), 3);
}
END_TEST

START_TEST(nested_loads)
{
	Author *a = new_author("ann");
	Label *l = amph_new(s, Label, .name = "heavy");

	for (int i = 0; i < 3; i++) {
		Book *b = amph_new(s, Book, .title = "t", .author = a);
		DO(amph_append(b, labels, l));
	}
	DO(amph_commit(s));
	amph_session_clear(s);
	Author **authors = amph_all(s, Author,
				    .load = with(subquery(Author, books, selectin(Book, labels))));
	DO(authors != NULL);
	amph_expect_statements(s, 0);
	ck_assert_int_eq(COUNT(authors[0]->books), 3);
	ck_assert_int_eq(COUNT(authors[0]->books[2]->labels), 1);
	ck_assert_str_eq(authors[0]->books[2]->labels[0]->name, "heavy");
}
END_TEST

START_TEST(an_empty_collection_is_loaded_too)
{
	new_author("alone");
	DO(amph_commit(s));
	amph_session_clear(s);
	Author *a = amph_first(s, Author);
	ck_assert_ptr_null(a->books);
	ck_assert_int_eq(COUNT(amph_rel(a, books)), 0);
	ck_assert_ptr_nonnull(a->books);
	amph_expect_statements(s, 0);
	ck_assert_int_eq(COUNT(amph_rel(a, books)), 0);
	ck_assert(!amph_failed(s));
}
END_TEST

START_TEST(a_parent_that_is_null)
{
	Book *b = amph_new(s, Book, .title = "anonymous");

	amph_new(s, Book, .title = "sequel", .previous = b);
	DO(amph_commit(s));
	amph_session_clear(s);
	Book **books = amph_all(s, Book, .order_by = by(col(Book, id)));
	ck_assert_ptr_null(amph_rel(books[0], previous));
	ck_assert_ptr_eq(amph_rel(books[1], previous), books[0]);
	books[1]->previous = NULL;
	DO(amph_commit(s));
	ck_assert(!books[1]->previous_id.has);
}
END_TEST

START_TEST(append_and_remove_keep_both_sides_in_step)
{
	Author *a = new_author("ann"), *b = new_author("bob");
	Book *book = amph_new(s, Book, .title = "t");

	DO(amph_append(a, books, book));
	ck_assert_ptr_eq(book->author, a);
	ck_assert_int_eq(COUNT(a->books), 1);
	DO(amph_commit(s));
	ck_assert_int_eq(book->author_id.value, a->id);
	DO(amph_append(b, books, book));
	ck_assert_ptr_eq(book->author, b);
	ck_assert_int_eq(COUNT(amph_rel(a, books)), 0);
	DO(amph_commit(s));
	ck_assert_int_eq(book->author_id.value, b->id);
	ck_assert_int_eq(amph_count(s, Book), 1);
	amph_session_clear(s);
	ck_assert_int_eq(COUNT(amph_rel((Author *)amph_get(s, Author, 2), books)), 1);
}
END_TEST

START_TEST(orphans_are_deleted)
{
	Author *a = new_author("ann");
	Book *one = amph_new(s, Book, .title = "one"), *two = amph_new(s, Book, .title = "two");

	DO(amph_append(a, books, one));
	DO(amph_append(a, books, two));
	DO(amph_commit(s));
	DO(amph_remove(a, books, one));
	DO(amph_remove(a, books, two));
	DO(amph_append(a, books, two));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Book), 1);
	ck_assert_str_eq(((Book *)amph_first(s, Book))->title, "two");
	ck_assert_int_eq(COUNT(amph_rel(a, books)), 1);
}
END_TEST

START_TEST(a_deleted_parent_takes_its_children_along)
{
	library(2, 3);
	Author *a = amph_get(s, Author, 1);
	DO(amph_delete(s, a));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Author), 1);
	ck_assert_int_eq(amph_count(s, Book), 3);
}
END_TEST

START_TEST(links_come_and_go)
{
	Label *red = amph_new(s, Label, .name = "red"), *blue = amph_new(s, Label, .name = "blue");
	Author *a = new_author("ann");
	Book *book = amph_new(s, Book, .title = "t", .author = a);

	DO(amph_append(book, labels, red));
	DO(amph_append(book, labels, blue));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, BookLabel), 2);
	ck_assert_int_ne(((BookLabel *)amph_first(s, BookLabel))->since.usec, 0);
	DO(amph_remove(book, labels, red));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, BookLabel), 1);
	amph_session_clear(s);
	blue = amph_first(s, Label, .where = eq(col(Label, name), "blue"));
	ck_assert_int_eq(COUNT(amph_rel(blue, books)), 1);
	DO(amph_delete(s, blue));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, BookLabel), 0);
	ck_assert_int_eq(amph_count(s, Book), 1);
}
END_TEST

START_TEST(rollback_restores_relationships)
{
	Author *a = new_author("ann"), *b = new_author("bob");
	Book *book = amph_new(s, Book, .title = "t", .author = a);

	DO(amph_commit(s));
	book->author = b;
	amph_rollback(s);
	ck_assert_ptr_eq(book->author, a);
	book->author = b;
	DO(amph_flush(s));
	amph_rollback(s);
	ck_assert_ptr_eq(book->author, a);
	ck_assert_int_eq(book->author_id.value, a->id);
}
END_TEST

START_TEST(a_query_over_a_collection)
{
	library(2, 5);
	Author *a = amph_get(s, Author, 2);
	ck_assert_int_eq(amph_count(s, Book, .of = children(Author, a, books)), 5);
	Book **few = amph_all(s, Book, .of = children(Author, a, books),
			      .where = like(col(Book, title), "%.3"));
	ck_assert_int_eq(COUNT(few), 1);
	ck_assert_str_eq(few[0]->title, "book 1.3");
}
END_TEST

typedef struct AuthorCount { const char *name; int64_t n; } AuthorCount;

START_TEST(joins_along_relationships)
{
	library(3, 4);
	ck_assert_int_eq(COUNT(amph_all(s, Book, .joins = joins(join(Book, author)),
					.where = eq(col(Author, name), "author 1"))), 4);
	AuthorCount *counts = amph_project(s, AuthorCount, Author,
		.fields = fields(into(AuthorCount, name, col(Author, name)),
				 into(AuthorCount, n, fn_count(col(Book, id)))),
		.joins = joins(left_join(Author, books)),
		.group_by = by(col(Author, name)), .having = gt(fn_count(col(Book, id)), 3),
		.order_by = by(desc(col(Author, name))));
	DO(counts != NULL);
	ck_assert_int_eq(COUNT(counts), 3);
	ck_assert_str_eq(counts[0].name, "author 2");
	ck_assert_int_eq(counts[0].n, 4);
}
END_TEST

START_TEST(a_self_join_under_a_second_name)
{
	AMPH_ALIAS(Earlier, Book);
	Book *b = amph_new(s, Book, .title = "part one");

	amph_new(s, Book, .title = "part two", .previous = b);
	DO(amph_flush(s));
	Book **found = amph_all(s, Book,
		.joins = joins(join_on(Earlier, eq(col(Book, previous_id), col(Earlier, id)))),
		.where = eq(col(Earlier, title), "part one"));
	DO(found != NULL);
	ck_assert_int_eq(COUNT(found), 1);
	ck_assert_str_eq(found[0]->title, "part two");
}
END_TEST

START_TEST(an_item_of_another_session_is_misuse)
{
	amph_session *other = amph_session_open(db);
	Author *a = new_author("ann");
	Book *book = amph_new(other, Book, .title = "t");

	ck_assert(!amph_append(a, books, book));
	ck_assert_int_eq(amph_session_error(s)->status, AMPH_E_MISUSE);
	amph_rollback(s);
	amph_session_close(other);
}
END_TEST

START_TEST(clearing_a_session_forgets_its_changes)
{
	Author *a = new_author("ann");
	Book *b = amph_new(s, Book, .title = "t");

	DO(amph_commit(s));
	DO(amph_append(a, books, b));
	amph_session_clear(s);
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Book, .where = is_null(col(Book, author_id))), 1);
}
END_TEST

START_TEST(a_child_that_was_taken_away_survives_its_old_parent)
{
	Author *a = new_author("ann"), *other = new_author("bob");
	Book *b = amph_new(s, Book, .title = "t", .author = a);

	DO(amph_commit(s));
	ck_assert_uint_eq(amph_length(amph_rel(a, books)), 1);
	b->author = other;
	DO(amph_delete(s, a));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Book), 1);
	ck_assert_int_eq(b->author_id.value, other->id);
}
END_TEST

START_TEST(a_child_that_was_just_added_goes_with_its_parent)
{
	Author *a = new_author("ann"), *other = new_author("bob");
	Book *b = amph_new(s, Book, .title = "t", .author = a);

	DO(amph_commit(s));
	DO(amph_append(other, books, b));
	DO(amph_delete(s, other));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Book), 0);
	ck_assert_int_eq(amph_count(s, Author), 1);
}
END_TEST

START_TEST(an_expunged_parent_is_not_inserted_again)
{
	Author *a = new_author("ann");
	Book *b = amph_new(s, Book, .title = "t");

	DO(amph_commit(s));
	DO(amph_append(a, books, b));
	DO(amph_expunge(s, a));
	DO(amph_commit(s));
	ck_assert_int_eq(b->author_id.value, a->id);
	ck_assert_int_eq(amph_count(s, Author), 1);
}
END_TEST

/* Lists of the program's own, as amph_new takes them. */
START_TEST(a_graph_with_assigned_lists_is_attached)
{
	Author *a = amph_new(s, Author, .name = "a");
	Book *one = amph_new(s, Book, .title = "one"), *two = amph_new(s, Book, .title = "two");
	Label *red = amph_new(s, Label, .name = "red"), *blue = amph_new(s, Label, .name = "blue");
	DO(amph_flush(s));
	amph_rollback(s);
	Book *books[] = { one, two, NULL };
	Label *of_one[] = { red, blue, NULL }, *of_two[] = { blue, NULL };
	Book *of_blue[] = { two, NULL };
	a->books = books;
	one->labels = of_one;
	two->labels = of_two;
	blue->books = of_blue;
	DO(amph_attach(s, a));
	ck_assert_uint_eq(amph_length(a->books), 2);
	ck_assert(a->books != books);
	ck_assert_ptr_eq(one->author, a);
	ck_assert(blue->books != of_blue);
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, BookLabel), 3);
	ck_assert_int_eq(amph_count(s, Book, .where = eq(col(Book, author_id), a->id)), 2);
	amph_session_clear(s);
	ck_assert_uint_eq(amph_length(amph_rel(amph_first(s, Label, .where = eq(col(Label, name), "blue")),
					       books)), 2);
	/* of an object that has a row it stays a mistake; so is what is no object */
	a = amph_first(s, Author);
	DO(amph_expunge(s, a));
	one = amph_new(s, Book, .title = "three");
	a->books = (Book *[]){ one, NULL };
	FAILS("HV010", amph_attach(s, a) && amph_commit(s));
	amph_rollback(s);
}
END_TEST

/* What was loaded since shows rows that are gone, or lacks some that are back. */
START_TEST(collections_loaded_before_a_rollback_are_loaded_again)
{
	Author *a = amph_new(s, Author, .name = "a");
	Book *kept = amph_new(s, Book, .title = "kept", .author = a);

	DO(amph_commit(s));
	int64_t id = a->id, kept_id = kept->id;
	for (int i = 0; i < 3; i++) {
		amph_session_clear(s);
		a = amph_get(s, Author, id);
		kept = amph_get(s, Book, kept_id);
		DO(a && kept && amph_savepoint(s));
		Book *b = amph_new(s, Book, .title = "new");
		DO(amph_append(a, books, b) && amph_flush(s));
		if (i == 1)
			DO(amph_delete(s, kept) && amph_flush(s));
		if (i == 0)
			DO(amph_delete(s, a) && amph_flush(s));
		else
			ck_assert_uint_eq(amph_length(amph_rel(a, books)), i == 1 ? 1 : 2);
		if (i < 2)
			DO(amph_rollback_to(s));
		else
			amph_rollback(s);
		ck_assert_uint_eq(amph_length(amph_rel(a, books)), 1);
		ck_assert_ptr_eq(a->books[0], kept);
		ck_assert_ptr_eq(amph_rel(kept, author), a);
	}
}
END_TEST

/* The last word counts, whoever has it. */
START_TEST(what_is_appended_and_then_assigned_elsewhere)
{
	Author *a = amph_new(s, Author, .name = "a"), *b = amph_new(s, Author, .name = "b");
	Book *one = amph_new(s, Book, .title = "one"), *two = amph_new(s, Book, .title = "two", .author = b);

	DO(amph_commit(s));
	ck_assert_uint_eq(amph_length(amph_rel(b, books)), 1);
	DO(amph_append(a, books, one));
	one->author = NULL;
	DO(amph_append(a, books, two));
	two->author = b;
	DO(amph_commit(s));
	ck_assert(!one->author_id.has);
	ck_assert_int_eq(two->author_id.value, b->id);
	ck_assert_uint_eq(amph_length(a->books), 0);
	ck_assert_uint_eq(amph_length(b->books), 1);
	DO(amph_remove(b, books, two));
	two->author = b;
	DO(amph_commit(s));
	ck_assert_int_eq(two->author_id.value, b->id);
	ck_assert_uint_eq(amph_length(b->books), 1);
	DO(amph_append(a, books, one));
	one->author = b;
	DO(amph_commit(s));
	ck_assert_int_eq(one->author_id.value, b->id);
	ck_assert_uint_eq(amph_length(a->books) + 10 * amph_length(b->books), 20);
}
END_TEST

SUITE(relation_suite, "relationships",
      a_parent_that_is_assigned_gives_the_key, the_trace_shows_what_a_relationship_was_read_by,
      touching_in_a_loop_takes_one_statement,
      an_eager_load_takes_two_statements, limits_count_parents, nested_loads,
      an_empty_collection_is_loaded_too, a_parent_that_is_null,
      append_and_remove_keep_both_sides_in_step, orphans_are_deleted,
      a_deleted_parent_takes_its_children_along, links_come_and_go, rollback_restores_relationships,
      a_query_over_a_collection, joins_along_relationships, a_self_join_under_a_second_name,
      an_item_of_another_session_is_misuse, clearing_a_session_forgets_its_changes,
      a_child_that_was_taken_away_survives_its_old_parent,
      a_child_that_was_just_added_goes_with_its_parent, an_expunged_parent_is_not_inserted_again,
      a_graph_with_assigned_lists_is_attached,
      collections_loaded_before_a_rollback_are_loaded_again,
      what_is_appended_and_then_assigned_elsewhere)
