/* The unit of work at its edges: values that go round, events that make work, rollbacks of what
 * collections hold, changes that are taken back. */
#include "conformance.h"
#include <stdio.h>
#include <string.h>

static Author *author_with_books(const char *name, int n)
{
	static const char *const titles[] = { "b0", "b1", "b2", "b3" };
	Author *a = amph_new(s, Author, .name = name);

	for (int i = 0; i < n; i++)
		DO(amph_append(a, books, amph_new(s, Book, .title = titles[i])));
	DO(amph_commit(s));
	return a;
}

/* ---- unique values ---- */

START_TEST(a_chain_that_an_insert_starts)
{
	Person *a = new_person("a"), *b = new_person("b");

	DO(amph_commit(s));
	new_person("a");
	a->username = "b";
	b->username = "c";
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Person), 3);
}
END_TEST

START_TEST(many_rows_swap_all_their_unique_values)
{
	enum { N = 3000 };
	static char name[N][16], email[N][16];
	static Person *p[N];

	for (int i = 0; i < N; i++) {
		snprintf(name[i], sizeof name[i], "n%d", i);
		snprintf(email[i], sizeof email[i], "e%d", i);
		p[i] = amph_new(s, Person, .username = name[i], .email = email[i]);
	}
	DO(amph_commit(s));
	for (int i = 0; i < N; i += 2) {
		int64_t id = p[i]->id;

		p[i]->id = p[i + 1]->id;
		p[i + 1]->id = id;
		p[i]->username = name[i + 1];
		p[i]->email = email[i + 1];
		p[i + 1]->username = name[i];
		p[i + 1]->email = email[i];
	}
	DO(amph_commit(s));
	ck_assert_ptr_eq(amph_get(s, Person, 2), p[0]);
	ck_assert_str_eq(p[0]->username, "n1");
	amph_session_clear(s);
	ck_assert_str_eq(((Person *)amph_get(s, Person, 2))->username, "n1");
}
END_TEST

/* What one object points to is assigned to the other, after enough changes that text is packed. */
START_TEST(a_swap_of_the_strings_themselves)
{
	static const char *const notes[] = { "n0", "n1", "n2", "n3", "n4", "n5", "n6" };
	Person *a = amph_new(s, Person, .username = "aaaaaaaaaaaa", .email = "a");
	Person *b = amph_new(s, Person, .username = "bbbbbbbbbbbb", .email = "b");

	DO(amph_commit(s));
	for (int i = 0; i < 7; i++) {
		a->email = notes[i];
		b->email = notes[6 - i];
		if (i == 3)
			b->email = "x";
		DO(amph_flush(s));
		const char *name = a->username;
		a->username = b->username;
		b->username = name;
		DO(amph_flush(s));
		ck_assert_str_eq(a->username, i % 2 ? "aaaaaaaaaaaa" : "bbbbbbbbbbbb");
		ck_assert_str_eq(b->username, i % 2 ? "bbbbbbbbbbbb" : "aaaaaaaaaaaa");
	}
	DO(amph_commit(s));
	DO(amph_refresh(s, a));
	ck_assert_str_eq(a->username, "bbbbbbbbbbbb");
	ck_assert_str_eq(a->email, "n6");
}
END_TEST

START_TEST(texts_taken_from_another_object)
{
	enum { N = 12 };
	Person *p[N];
	char name[32];

	for (int i = 0; i < N; i++) {
		snprintf(name, sizeof name, "name %d", i);
		p[i] = new_person(name);
		DO(amph_flush(s));
	}
	for (int round = 0; round < 20; round++) {
		for (int i = 0; i < N; i++)
			p[i]->email = p[(i + round) % N]->username;
		DO(amph_flush(s));
		for (int i = 0; i < N; i++) {
			snprintf(name, sizeof name, "name %d", (i + round) % N);
			ck_assert_str_eq(p[i]->email, name);
			p[i]->email = NULL;
		}
		DO(amph_flush(s));
	}
	for (int i = 0; i < N; i++) {
		snprintf(name, sizeof name, "name %d", i);
		ck_assert_str_eq(p[i]->username, name);
	}
}
END_TEST

START_TEST(rows_move_to_the_new_row_of_an_old_name)
{
	Section *old = new_section("tools");
	Item *item = amph_new(s, Item, .name = "saw", .price = amph_dec(1), .section_id = old->id);

	DO(amph_commit(s));
	amph_new(s, Section, .id = 90, .name = "tools");
	item->section_id = 90;
	DO(amph_delete(s, old));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Item, .where = eq(col(Item, section_id), 90)), 1);
	ck_assert_int_eq(amph_count(s, Section), 1);
}
END_TEST

START_TEST(a_name_used_again_beside_a_move_to_a_new_row)
{
	Section *first = new_section("first");
	Item *item = amph_new(s, Item, .name = "saw", .price = amph_dec(1), .section_id = first->id);
	Person *p = new_person("p");

	DO(amph_commit(s));
	DO(amph_delete(s, p));
	new_person("p");
	amph_new(s, Section, .id = 91, .name = "second");
	item->section_id = 91;
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Item, .where = eq(col(Item, section_id), 91)), 1);
}
END_TEST

START_TEST(a_row_gives_its_name_to_its_new_boss)
{
	Person *p = new_person("chief");

	DO(amph_commit(s));
	p->username = "deputy";
	p->boss_id = (amph_opt_int64)AMPH_SOME(77);
	amph_new(s, Person, .id = 77, .username = "chief");
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Person, .where = eq(col(Person, boss_id), 77)), 1);
}
END_TEST

/* ---- circles ---- */

START_TEST(a_circle_is_deleted)
{
	Person *a = amph_new(s, Person, .id = 1, .username = "a", .boss_id = AMPH_SOME(2));
	Person *b = amph_new(s, Person, .id = 2, .username = "b", .boss_id = AMPH_SOME(1));

	DO(amph_commit(s));
	DO(amph_delete(s, a));
	DO(amph_delete(s, b));
	DO(amph_flush(s));
	amph_rollback(s);
	ck_assert_int_eq(a->boss_id.value, 2);
	ck_assert_int_eq(amph_count(s, Person, .where = not_null(col(Person, boss_id))), 2);
	DO(amph_delete(s, a));
	DO(amph_delete(s, b));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Person), 0);
}
END_TEST

START_TEST(a_new_circle_beside_an_old_row)
{
	Book *old = amph_new(s, Book, .title = "old");

	DO(amph_commit(s));
	amph_new(s, Book, .id = 51, .title = "a", .previous_id = AMPH_SOME(52));
	amph_new(s, Book, .id = 52, .title = "b", .previous_id = AMPH_SOME(51));
	old->previous_id = (amph_opt_int64)AMPH_SOME(51);
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Book, .where = not_null(col(Book, previous_id))), 3);
}
END_TEST

/* ---- events ---- */

START_TEST(a_refused_change_is_refused_again)
{
	Noted *n = amph_new(s, Noted, .name = "one");

	DO(amph_commit(s));
	for (int i = 0; i < 2; i++) {
		n->name = "refused";
		FAILS("45000", amph_commit(s));
		amph_rollback(s);
		ck_assert_str_eq(n->name, "one");
	}
	n->name = "keep";
	DO(amph_commit(s));
	for (int i = 0; i < 2; i++) {
		DO(amph_delete(s, n));
		FAILS("45000", amph_commit(s));
		amph_rollback(s);
	}
	Noted *other = amph_new(s, Noted, .name = "refused");
	FAILS("45000", amph_commit(s));
	amph_rollback(s);
	DO(amph_attach(s, other));
	FAILS("45000", amph_commit(s));
	amph_rollback(s);
}
END_TEST

START_TEST(after_events_make_work)
{
	Traced *t = amph_new(s, Traced, .name = "one");

	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Trail), 1);
	t->name = "two";
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Trail), 2);
	DO(amph_delete(s, t));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Trail), 3);
	amph_session_clear(s);
	Trail **trails = amph_all(s, Trail, .order_by = by(col(Trail, id)));
	DO(trails);
	ck_assert_str_eq(trails[0]->what, "insert");
	ck_assert_str_eq(trails[1]->what, "update");
	ck_assert_str_eq(trails[2]->what, "delete");
	ck_assert_str_eq(trails[0]->name, "one");
	ck_assert_str_eq(trails[2]->name, "two");
}
END_TEST

START_TEST(events_that_never_rest)
{
	amph_new(s, Traced, .name = "again");
	FAILS("54001", amph_commit(s));
	amph_rollback(s);
	ck_assert_int_eq(amph_count(s, Traced), 0);
}
END_TEST

/* ---- rollback ---- */

START_TEST(a_cascade_that_was_rolled_back_runs_again)
{
	Author *a = author_with_books("ann", 2);

	new_person("same");
	DO(amph_commit(s));
	DO(amph_delete(s, a));
	new_person("same");
	FAILS("23505", amph_commit(s));
	amph_rollback(s);
	DO(amph_delete(s, a));
	DO(amph_flush(s));
	amph_rollback(s);
	ck_assert_uint_eq(amph_length(a->books), 2);
	DO(amph_delete(s, a));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Author), 0);
	ck_assert_int_eq(amph_count(s, Book), 0);
}
END_TEST

START_TEST(collections_are_rolled_back)
{
	Author *a = author_with_books("ann", 2);
	Book *first = a->books[0];

	DO(amph_append(a, books, amph_new(s, Book, .title = "third")));
	DO(amph_flush(s));
	ck_assert_uint_eq(amph_length(a->books), 3);
	amph_rollback(s);
	ck_assert_uint_eq(amph_length(a->books), 2);

	DO(amph_delete(s, first));
	DO(amph_flush(s));
	ck_assert_uint_eq(amph_length(a->books), 1);
	amph_rollback(s);
	ck_assert_uint_eq(amph_length(a->books), 2);
	ck_assert_ptr_eq(first->author, a);

	DO(amph_remove(a, books, first));
	DO(amph_flush(s));
	amph_rollback(s);
	ck_assert_uint_eq(amph_length(a->books), 2);
	ck_assert_ptr_eq(first->author, a);
	ck_assert_int_eq(first->author_id.value, a->id);
}
END_TEST

START_TEST(collections_are_rolled_back_to_a_savepoint)
{
	Author *a = author_with_books("ann", 1), *b = author_with_books("bea", 1);
	Book *book = a->books[0];

	DO(amph_append(a, books, amph_new(s, Book, .title = "outer")));
	DO(amph_savepoint(s));
	DO(amph_append(b, books, book));
	DO(amph_append(b, books, amph_new(s, Book, .title = "inner")));
	DO(amph_flush(s));
	ck_assert_uint_eq(amph_length(a->books), 1);
	ck_assert_uint_eq(amph_length(b->books), 3);
	DO(amph_rollback_to(s));
	ck_assert_uint_eq(amph_length(a->books), 2);
	ck_assert_uint_eq(amph_length(b->books), 1);
	ck_assert_ptr_eq(book->author, a);
	DO(amph_commit(s));
	amph_session_clear(s);
	ck_assert_int_eq(amph_count(s, Book, .where = eq(col(Book, author_id), 1)), 2);
	ck_assert_int_eq(amph_count(s, Book), 3);
}
END_TEST

START_TEST(what_was_loaded_beside_undone_work)
{
	Author *a = amph_new(s, Author, .name = "ann");

	DO(amph_commit(s));
	amph_session_clear(s);
	a = amph_get(s, Author, 1);
	amph_new(s, Book, .title = "t", .author_id = AMPH_SOME(1));
	DO(amph_flush(s));
	ck_assert_uint_eq(amph_length(amph_rel(a, books)), 1);
	amph_rollback(s);
	ck_assert_uint_eq(amph_length(amph_rel(a, books)), 0);
}
END_TEST

START_TEST(new_objects_keep_their_text_after_rollback)
{
	char name[20] = "on the stack";
	Person *p = new_person(name);

	DO(amph_flush(s));
	memset(name, '?', sizeof name - 1);
	amph_rollback(s);
	ck_assert_str_eq(p->username, "on the stack");
	ck_assert_int_eq(p->id, 0);
	DO(amph_attach(s, p));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Person, .where = eq(col(Person, username), "on the stack")), 1);
}
END_TEST

START_TEST(undone_at_several_levels)
{
	Person *p = amph_new(s, Person, .username = "p", .age = 1);
	Person *q = amph_new(s, Person, .username = "q", .age = 1);

	DO(amph_commit(s));
	p->age = 2;
	p->username = "p2";
	DO(amph_savepoint(s));
	p->username = "p3";
	p->id = 70;
	DO(amph_delete(s, q));
	Person *r = new_person("q");
	DO(amph_savepoint(s));
	p->username = "p4";
	DO(amph_refresh(s, r));
	r->age = 44;
	DO(amph_delete(s, p));
	DO(amph_flush(s));
	DO(amph_attach(s, p));
	p->username = "p5";
	DO(amph_flush(s));
	DO(amph_release_savepoint(s));
	ck_assert_ptr_eq(amph_get(s, Person, 70), p);
	DO(amph_rollback_to(s));
	ck_assert_ptr_eq(amph_get(s, Person, 1), p);
	ck_assert_ptr_eq(amph_get(s, Person, 2), q);
	ck_assert_ptr_null(amph_get(s, Person, 70));
	ck_assert_str_eq(p->username, "p2");
	ck_assert_int_eq(p->age, 2);
	ck_assert_int_eq(amph_state(s, r), AMPH_OBJECT_EXPUNGED);
	ck_assert_int_eq(amph_count(s, Person), 2);
	amph_rollback(s);
	ck_assert_str_eq(p->username, "p");
	ck_assert_int_eq(p->age, 1);
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Person), 2);
}
END_TEST

/* ---- objects ---- */

START_TEST(a_delete_that_is_taken_back)
{
	Person *p = new_person("p");

	DO(amph_commit(s));
	DO(amph_delete(s, p));
	DO(amph_attach(s, p));
	ck_assert_int_eq(amph_state(s, p), AMPH_OBJECT_PERSISTENT);
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Person), 1);
	DO(amph_delete(s, p));
	DO(amph_delete(s, p));
	DO(amph_flush(s));
	DO(amph_attach(s, p));
	DO(amph_attach(s, p));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Person), 1);
}
END_TEST

START_TEST(clearing_forgets_changes_of_collections)
{
	Author *a = author_with_books("ann", 1);

	DO(amph_append(a, books, amph_new(s, Book, .title = "x")));
	amph_session_clear(s);
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Book), 1);
}
END_TEST

/* ---- collections ---- */

START_TEST(what_is_no_member_is_not_removed)
{
	Author *a = author_with_books("ann", 1), *b = author_with_books("bea", 1);
	int64_t id = b->books[0]->id, first = a->id;

	amph_session_clear(s);
	a = amph_get(s, Author, first);
	DO(amph_remove(a, books, amph_get(s, Book, id)));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Book), 2);
	ck_assert_int_eq(amph_count(s, Book, .where = is_null(col(Book, author_id))), 0);
}
END_TEST

START_TEST(moves_in_every_order)
{
	Author *a = author_with_books("ann", 1), *b = author_with_books("bea", 0);
	Book *book = a->books[0];

	DO(amph_remove(a, books, book));
	DO(amph_append(b, books, book));
	DO(amph_commit(s));
	ck_assert_int_eq(book->author_id.value, b->id);
	DO(amph_append(a, books, book));
	DO(amph_remove(b, books, book));
	DO(amph_commit(s));
	ck_assert_int_eq(book->author_id.value, a->id);
	DO(amph_append(b, books, book));
	DO(amph_append(a, books, book));
	DO(amph_commit(s));
	ck_assert_int_eq(book->author_id.value, a->id);
	DO(amph_append(a, books, book));
	DO(amph_append(a, books, book));
	DO(amph_commit(s));
	ck_assert_uint_eq(amph_length(a->books), 1);
	book->author = b;
	DO(amph_commit(s));
	ck_assert_uint_eq(amph_length(a->books), 0);
	ck_assert_uint_eq(amph_length(amph_rel(b, books)), 1);
	ck_assert_int_eq(amph_count(s, Book), 1);
}
END_TEST

START_TEST(links_in_every_order)
{
	Book *book = amph_new(s, Book, .title = "t");
	Label *l = amph_new(s, Label, .name = "l");

	DO(amph_append(book, labels, l));
	DO(amph_append(book, labels, l));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, BookLabel), 1);
	DO(amph_remove(book, labels, l));
	DO(amph_append(book, labels, l));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, BookLabel), 1);
	amph_session_clear(s);
	book = amph_get(s, Book, 1);
	l = amph_get(s, Label, 1);
	DO(amph_remove(book, labels, l));
	DO(amph_append(book, labels, l));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, BookLabel), 1);
	amph_session_clear(s);
	book = amph_get(s, Book, 1);
	l = amph_get(s, Label, 1);
	DO(amph_append(book, labels, l));
	DO(amph_remove(book, labels, l));
	DO(amph_commit(s));
	DO(amph_remove(book, labels, l));
	DO(amph_append(book, labels, l));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, BookLabel), 1);
	DO(amph_delete(s, book));
	DO(amph_delete(s, l));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, BookLabel), 0);
}
END_TEST

START_TEST(a_parent_is_what_its_key_says)
{
	Author *a = author_with_books("ann", 1), *b = author_with_books("bea", 0);
	Book *book = a->books[0];

	ck_assert_ptr_eq(amph_rel(book, author), a);
	book->author_id.value = b->id;
	DO(amph_commit(s));
	ck_assert_ptr_eq(amph_rel(book, author), b);

	amph_session *other = amph_session_open(db);
	Book *theirs = amph_get(other, Book, book->id);
	theirs->author_id.value = a->id;
	OK_(other, amph_commit(other));
	amph_session_close(other);
	DO(amph_refresh(s, book));
	ck_assert_ptr_eq(amph_rel(book, author), a);
}
END_TEST

START_TEST(an_item_that_was_rolled_back_is_appended)
{
	Author *a = author_with_books("ann", 0);
	Book *book = amph_new(s, Book, .title = "t");

	DO(amph_flush(s));
	amph_rollback(s);
	DO(amph_append(a, books, book));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Book, .where = eq(col(Book, author_id), a->id)), 1);
}
END_TEST

/* ---- objects that come and go within one transaction ---- */

START_TEST(a_delete_that_is_taken_back_and_rolled_back)
{
	Author *a = author_with_books("ann", 2);

	DO(amph_delete(s, a));
	DO(amph_flush(s));
	DO(amph_attach(s, a));
	amph_rollback(s);
	ck_assert_int_eq(amph_state(s, a), AMPH_OBJECT_PERSISTENT);
	ck_assert_ptr_eq(amph_get(s, Author, a->id), a);
	ck_assert_uint_eq(amph_length(amph_rel(a, books)), 2);
	a->name = "bea";
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Author, .where = eq(col(Author, name), "bea")), 1);
}
END_TEST

START_TEST(expunged_rows_that_were_undone)
{
	Person *p = new_person("p");

	DO(amph_flush(s));
	DO(amph_expunge(s, p));
	amph_rollback(s);
	/* its row is gone: attaching makes a new one */
	DO(amph_attach(s, p));
	ck_assert_int_eq(amph_state(s, p), AMPH_OBJECT_NEW);
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Person), 1);

	DO(amph_delete(s, p));
	DO(amph_flush(s));
	DO(amph_expunge(s, p));
	amph_rollback(s);
	/* its row is back, the object stays outside */
	ck_assert_int_eq(amph_state(s, p), AMPH_OBJECT_EXPUNGED);
	ck_assert_int_eq(amph_count(s, Person), 1);
	DO(amph_attach(s, p));
	ck_assert_int_eq(amph_state(s, p), AMPH_OBJECT_PERSISTENT);
	p->age = 55;
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Person, .where = eq(col(Person, age), 55)), 1);

	/* what was written of it was undone as well: it is not as its row when it comes back */
	for (int i = 0; i < 2; i++) {
		p->age = 66;
		DO(amph_flush(s) && amph_expunge(s, p));
		amph_rollback(s);
		if (i)
			DO(amph_commit(s));
		DO(amph_attach(s, p));
		ck_assert_ptr_eq(amph_get(s, Person, p->id), p);
		ck_assert_int_eq(p->age, 55);
		p->age = 66;
		DO(amph_commit(s));
		ck_assert_int_eq(amph_count(s, Person, .where = eq(col(Person, age), 66)), 1);
		p->age = 55;
		DO(amph_commit(s));
	}
}
END_TEST

START_TEST(expunged_and_attached_before_a_rollback)
{
	Person *p = new_person("p"), *q = new_person("q");

	DO(amph_commit(s));
	p->age = 33;
	q->age = 44;
	DO(amph_flush(s));
	DO(amph_expunge(s, p));
	DO(amph_expunge(s, q));
	DO(amph_attach(s, p));
	amph_rollback(s);
	ck_assert_int_eq(p->age, 18);
	ck_assert_int_eq(amph_state(s, p), AMPH_OBJECT_PERSISTENT);
	ck_assert_int_eq(amph_state(s, q), AMPH_OBJECT_EXPUNGED);
	ck_assert_ptr_eq(amph_get(s, Person, 1), p);
	ck_assert_ptr_ne(amph_get(s, Person, 2), q);
	FAILS("HV010", amph_attach(s, q));
	amph_rollback(s);
}
END_TEST

START_TEST(a_new_object_that_is_deleted_is_not_inserted)
{
	Author *a = author_with_books("ann", 1);
	Book *b = amph_new(s, Book, .title = "x");

	DO(amph_append(a, books, b));
	ck_assert_uint_eq(amph_length(a->books), 2);
	DO(amph_delete(s, b));
	ck_assert_uint_eq(amph_length(a->books), 1);
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Book), 1);

	Author *never = amph_new(s, Author, .name = "never");
	amph_new(s, Book, .title = "y", .author = never);
	DO(amph_delete(s, never));
	FAILS("HV010", amph_commit(s));
	amph_rollback(s);
	ck_assert_int_eq(amph_count(s, Author), 1);

	Author *gone = author_with_books("gone", 0);
	DO(amph_delete(s, gone));
	DO(amph_flush(s));
	FAILS("HV010", (amph_append(gone, books, a->books[0]), amph_flush(s)));
	amph_rollback(s);
}
END_TEST

START_TEST(a_referenced_row_is_deleted_and_made_again)
{
	Section *old = new_section("tools");
	int64_t id = old->id;
	Item *item = amph_new(s, Item, .name = "saw", .price = amph_dec(1), .section_id = id);
	Person *boss = new_person("boss"), *p = new_person("p");

	DO(amph_flush(s));
	p->boss_id = (amph_opt_int64)AMPH_SOME(boss->id);
	DO(amph_commit(s));
	DO(amph_delete(s, boss));
	Person *next = amph_new(s, Person, .id = 1, .username = "next", .email = "n");
	DO(amph_flush(s));
	ck_assert_int_eq(amph_state(s, next), AMPH_OBJECT_PERSISTENT);
	ck_assert_ptr_eq(amph_get(s, Person, 1), next);
	amph_rollback(s);
	ck_assert_ptr_eq(amph_get(s, Person, 1), boss);
	ck_assert_int_eq(amph_state(s, next), AMPH_OBJECT_EXPUNGED);
	ck_assert_str_eq(next->username, "next");
	ck_assert_int_eq(amph_count(s, Person, .where = eq(col(Person, username), "boss")), 1);
	DO(amph_delete(s, boss));
	DO(amph_attach(s, next));
	DO(amph_delete(s, old));
	amph_new(s, Section, .id = id, .name = "tools");
	DO(amph_commit(s));
	ck_assert_int_eq(amph_state(s, old), AMPH_OBJECT_EXPUNGED);
	amph_session_clear(s);
	ck_assert_str_eq(((Person *)amph_get(s, Person, 1))->username, "next");
	ck_assert_int_eq(((Person *)amph_get(s, Person, 2))->boss_id.value, 1);
	ck_assert_int_eq(amph_count(s, Item), 1);
	(void)item;
}
END_TEST

START_TEST(a_row_with_a_version_is_made_again)
{
	Seat *a = amph_new(s, Seat, .row = "A", .number = 1, .holder = "ann");

	DO(amph_commit(s));
	int64_t version = a->version;
	DO(amph_delete(s, a));
	Seat *b = amph_new(s, Seat, .row = "A", .number = 1, .holder = "bob");
	DO(amph_commit(s));
	ck_assert_int_eq(b->version, version + 1);
	b->holder = "cyd";
	DO(amph_commit(s));
	DO(amph_delete(s, b));
	amph_new(s, Seat, .row = "A", .number = 1, .holder = "cyd", .version = 7);
	amph_new(s, Seat, .row = "A", .number = 1, .holder = "two");
	FAILS("23505", amph_commit(s));
	amph_rollback(s);
	ck_assert_ptr_eq(amph_get(s, Seat, "A", 1), b);
}
END_TEST

START_TEST(a_long_chain_of_values_and_of_rows)
{
	enum { N = 3000 };
	static Book *books[N];
	Book *last = NULL;

	for (int i = 0; i < N; i++)
		books[i] = last = amph_new(s, Book, .title = "t", .previous = last);
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Book, .where = is_null(col(Book, previous_id))), 1);
	for (int i = 0; i < N; i++)
		DO(amph_delete(s, books[i]));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Book), 0);

	for (int32_t i = 0; i < N; i++)
		amph_new(s, Seat, .row = "A", .number = i);
	DO(amph_commit(s));
	Seat **seats = amph_all(s, Seat, .order_by = by(col(Seat, number)));
	amph_each(Seat, seat, seats)
		seat->number++;
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Seat, .where = eq(col(Seat, number), N)), 1);
	ck_assert_int_eq(amph_count(s, Seat, .where = eq(col(Seat, number), 0)), 0);
}
END_TEST

/* ---- looking up ---- */

START_TEST(a_changed_key_is_found_before_the_flush)
{
	Seat *seat = amph_new(s, Seat, .row = "A", .number = 1);

	DO(amph_commit(s));
	seat->number = 2;
	ck_assert_ptr_eq(amph_get(s, Seat, "A", 2), seat);
	ck_assert_ptr_null(amph_get(s, Seat, "A", 1));
	ck_assert_ptr_null(amph_require(s, Seat, "A", 3));
	ck_assert_int_eq(amph_session_error(s)->status, AMPH_E_NOTFOUND);
	DO(amph_commit(s));
}
END_TEST

START_TEST(softly_deleted_rows_are_got_only_when_asked_for)
{
	Ticket *t = amph_new(s, Ticket);

	DO(amph_commit(s));
	amph_uuid id = t->id;
	ck_assert_ptr_eq(amph_get(s, Ticket, id), t);
	DO(amph_delete(s, t));
	ck_assert_ptr_null(amph_get(s, Ticket, id));
	ck_assert_ptr_eq(amph_get_deleted(s, Ticket, id), t);
	DO(amph_commit(s));
	ck_assert_ptr_null(amph_get(s, Ticket, id));
	amph_session_clear(s);
	ck_assert_ptr_null(amph_get(s, Ticket, id));
	ck_assert_ptr_null(amph_require(s, Ticket, id));
	ck_assert_str_eq(amph_session_error(s)->sqlstate, "P0002");
	t = amph_get_deleted(s, Ticket, id);
	ck_assert_ptr_nonnull(t);
	t->deleted_at.has = false;
	ck_assert_ptr_eq(amph_get(s, Ticket, id), t);
}
END_TEST

START_TEST(merging_an_older_version_is_stale)
{
	Seat *seat = amph_new(s, Seat, .row = "A", .number = 1, .holder = "ann");

	DO(amph_commit(s));
	Seat copy = *seat;
	copy.holder = "before";
	seat->holder = "now";
	DO(amph_commit(s));
	int64_t version = seat->version;
	ck_assert(copy.version != version);
	ck_assert_ptr_null(amph_merge(s, Seat, &copy));
	ck_assert_int_eq(amph_session_error(s)->status, AMPH_E_STALE);
	ck_assert_str_eq(amph_session_error(s)->sqlstate, "40001");
	amph_rollback(s);
	ck_assert_str_eq(seat->holder, "now");
	copy.version = version;
	copy.holder = "merged";
	ck_assert_ptr_eq(amph_merge(s, Seat, &copy), seat);
	DO(amph_commit(s));
	ck_assert_int_eq(seat->version, version + 1);
}
END_TEST

START_TEST(text_of_arguments_at_an_address_that_is_used_again)
{
	static char text[64];
	Person values = { .username = "p", .age = 7, .email = "e" };

	snprintf(text, sizeof text, "%s", ".username = x, .age = 7");
	Person *p = amph_do_new(s, &amph_model_Person, &values, text);
	DO(p != NULL);
	ck_assert_int_eq(p->age, 7);
	snprintf(text, sizeof text, "%s", ".username = x");
	values.username = "q";
	values.email = "f";
	p = amph_do_new(s, &amph_model_Person, &values, text);
	DO(p != NULL);
	ck_assert_int_eq(p->age, 18);
	snprintf(text, sizeof text, "%s", ".username = x, .age = 7");
	values.username = "r";
	values.email = "g";
	p = amph_do_new(s, &amph_model_Person, &values, text);
	ck_assert_int_eq(p->age, 7);
	DO(amph_commit(s));
}
END_TEST

START_TEST(lists_are_released_once)
{
	Author *a = author_with_books("ann", 2);
	Author **all = amph_all(s, Author);

	amph_release(s, all);
	amph_release(s, all);
	amph_release(s, NULL);
	amph_release(NULL, all);
	/* a collection is its object's */
	amph_release(s, (void *)(uintptr_t)a->books);
	ck_assert_uint_eq(amph_length(a->books), 2);
	ck_assert_str_eq(a->books[1]->title, "b1");
}
END_TEST

START_TEST(a_session_that_is_null_fails)
{
	Person p = { 0 };
	amph_error err;

	ck_assert_ptr_null(amph_session_open(NULL));
	ck_assert_int_eq(amph_session_error(NULL)->status, AMPH_E_MISUSE);
	ck_assert(amph_failed(NULL));
	ck_assert(!amph_flush(NULL) && !amph_commit(NULL) && !amph_savepoint(NULL));
	ck_assert(!amph_release_savepoint(NULL) && !amph_rollback_to(NULL));
	amph_rollback(NULL);
	amph_session_clear(NULL);
	amph_session_close(NULL);
	ck_assert_ptr_null(amph_new((amph_session *)NULL, Person, .username = "x"));
	ck_assert(!amph_attach(NULL, &p) && !amph_delete(NULL, &p) && !amph_expunge(NULL, &p));
	ck_assert(!amph_refresh(NULL, &p));
	ck_assert_ptr_null(amph_merge((amph_session *)NULL, Person, &p));
	ck_assert_ptr_null(amph_get((amph_session *)NULL, Person, 1));
	ck_assert_ptr_null(amph_all((amph_session *)NULL, Person));
	ck_assert_ptr_null(amph_first((amph_session *)NULL, Person));
	ck_assert_int_eq(amph_state(NULL, &p), AMPH_OBJECT_UNKNOWN);
	ck_assert(!amph_is_modified((amph_session *)NULL, &p));
	ck_assert_ptr_null(amph_to_json(NULL, &p));
	ck_assert_ptr_null(amph_repr(NULL, &p));
	amph_expect_statements(NULL, 1);
	ck_assert_uint_eq(amph_session_statistics(NULL).statements, 0);
	ck_assert_int_eq(amph_count((amph_session *)NULL, Person), -1);
	ck_assert(!amph_exists((amph_session *)NULL, Person));
	ck_assert(!amph_sum((amph_session *)NULL, Person, age).has);
	ck_assert_int_eq(amph_update((amph_session *)NULL, Person, .all_rows = true), -1);
	ck_assert_ptr_null(amph_paginate((amph_session *)NULL, Person));
	ck_assert_ptr_null(amph_stream_open((amph_session *)NULL, Person));
	ck_assert_ptr_null(amph_rows_of((amph_session *)NULL, Person));
	ck_assert(amph_insert_many((amph_session *)NULL, Person, &p, 1) < 0);
	ck_assert_ptr_null(amph_sql(NULL, "SELECT 1"));
	ck_assert(!amph_create_all(NULL, &err) && err.status == AMPH_E_MISUSE);
	ck_assert(!amph_drop_all(NULL, &err) && err.status == AMPH_E_MISUSE);
	ck_assert(!amph_delete(s, NULL));
	ck_assert_int_eq(amph_session_error(s)->status, AMPH_E_MISUSE);
	amph_rollback(s);
}
END_TEST

/* ---- memory ---- */

START_TEST(an_orphan_by_assignment)
{
	Author *a = author_with_books("ann", 2);
	Book *book = a->books[0];

	book->author = NULL;
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Book), 1);
	ck_assert_uint_eq(amph_length(amph_rel(a, books)), 1);
	ck_assert_int_eq(amph_state(s, book), AMPH_OBJECT_EXPUNGED);
}
END_TEST

START_TEST(a_refresh_loads_collections_anew)
{
	Author *a = author_with_books("ann", 2);
	amph_session *other = amph_session_open(db);

	amph_new(other, Book, .title = "theirs", .author_id = AMPH_SOME(a->id));
	OK_(other, amph_commit(other));
	amph_session_close(other);
	ck_assert_uint_eq(amph_length(amph_rel(a, books)), 2);
	DO(amph_refresh(s, a));
	ck_assert_uint_eq(amph_length(amph_rel(a, books)), 3);
	a->books[0]->author = NULL;
	DO(amph_refresh(s, a->books[0]));
	ck_assert_ptr_eq(a->books[0]->author, a);
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Book), 3);
}
END_TEST

SUITE(unit_suite, "unit of work", a_chain_that_an_insert_starts, many_rows_swap_all_their_unique_values,
      a_swap_of_the_strings_themselves, texts_taken_from_another_object,
      rows_move_to_the_new_row_of_an_old_name, a_name_used_again_beside_a_move_to_a_new_row,
      a_row_gives_its_name_to_its_new_boss, a_circle_is_deleted, a_new_circle_beside_an_old_row,
      a_refused_change_is_refused_again, after_events_make_work, events_that_never_rest,
      a_cascade_that_was_rolled_back_runs_again, collections_are_rolled_back,
      collections_are_rolled_back_to_a_savepoint, what_was_loaded_beside_undone_work,
      new_objects_keep_their_text_after_rollback, undone_at_several_levels,
      a_delete_that_is_taken_back, clearing_forgets_changes_of_collections,
      what_is_no_member_is_not_removed, moves_in_every_order, links_in_every_order,
      a_parent_is_what_its_key_says, an_item_that_was_rolled_back_is_appended,
      a_delete_that_is_taken_back_and_rolled_back, expunged_rows_that_were_undone,
      expunged_and_attached_before_a_rollback, a_new_object_that_is_deleted_is_not_inserted,
      a_referenced_row_is_deleted_and_made_again, a_row_with_a_version_is_made_again,
      a_long_chain_of_values_and_of_rows, a_changed_key_is_found_before_the_flush,
      softly_deleted_rows_are_got_only_when_asked_for, merging_an_older_version_is_stale,
      text_of_arguments_at_an_address_that_is_used_again, lists_are_released_once,
      a_session_that_is_null_fails, an_orphan_by_assignment, a_refresh_loads_collections_anew)
