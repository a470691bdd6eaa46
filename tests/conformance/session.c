/* The session as its users meet it: what statements write beside objects, collections that are loaded
 * again or walked over while they change, keys that are left out of arrays. */
#include "conformance.h"
#include <stdio.h>

/* ---- objects that are older than their rows ---- */

static Person *dan;
static void an_expired_person(void)
{
	dan = amph_new(s, Person, .username = "dan", .age = 30, .email = "old");
	DO(amph_commit(s));
	WRITES(1, amph_update(s, Person, .where = eq(col(Person, username), "dan"),
			      .set = sets(set(Person, age, 50), set(Person, email, "new")),
			      .sync = AMPH_SYNC_EXPIRE));
}

START_TEST(a_change_of_an_expired_object_keeps_what_the_statement_wrote)
{
	an_expired_person();
	dan->username = "dana";
	DO(amph_flush(s));
	ck_assert_int_eq(dan->age, 50);
	ck_assert_str_eq(dan->email, "new");
	DO(amph_commit(s));
	amph_session_clear(s);
	dan = amph_first(s, Person);
	ck_assert_str_eq(dan->username, "dana");
	ck_assert_int_eq(dan->age, 50);
	ck_assert_str_eq(dan->email, "new");
}
END_TEST

START_TEST(a_change_computed_from_an_old_value_is_refused)
{
	an_expired_person();
	dan->age += 1;
	SAYS("40001", "age", amph_flush(s));
	ck_assert_int_eq(dan->age, 30);
	/* the value that the row has already is none to write */
	WRITES(1, amph_update(s, Person, .all_rows = true, .set = sets(set(Person, age, 50)),
			      .sync = AMPH_SYNC_EXPIRE));
	dan->age = 50;
	dan->email = "mine";
	DO(amph_commit(s));
	DO(amph_refresh(s, dan));
	ck_assert_int_eq(dan->age, 50);
	ck_assert_str_eq(dan->email, "mine");
}
END_TEST

START_TEST(a_row_that_was_deleted_beside_its_object)
{
	an_expired_person();
	WRITES(1, amph_delete_where(s, Person, .all_rows = true));
	dan->age = 1;
	FAILS("40001", amph_flush(s));
	amph_rollback(s);
	ck_assert_int_eq(amph_count(s, Person), 1);
}
END_TEST

START_TEST(a_version_that_a_statement_counted)
{
	Seat *seat = amph_new(s, Seat, .row = "A", .number = 1, .holder = "x");

	DO(amph_commit(s));
	WRITES(1, amph_update(s, Seat, .all_rows = true, .set = sets(set(Seat, holder, "y"))));
	seat->holder = "z";
	DO(amph_commit(s));
	WRITES(1, amph_update(s, Seat, .all_rows = true, .set = sets(set(Seat, holder, "w")),
			      .sync = AMPH_SYNC_EXPIRE));
	seat->number = 2;
	FAILS("40001", amph_flush(s));
	ck_assert_int_eq(amph_session_error(s)->status, AMPH_E_STALE);
}
END_TEST

START_TEST(arrays_and_texts_beside_objects)
{
	Section *a = new_section("a"), *b = new_section("b");
	Section rows[] = { { a->id, "A" }, { b->id, "B" } };

	WRITES(2, amph_update_many(s, Section, rows, 2));
	a->name = "mine";
	SAYS("40001", "name", amph_flush(s));
	/* of an object in part, members that were not loaded may be assigned */
	new_person("p");
	DO(amph_commit(s));
	amph_session_clear(s);
	Person *p = amph_first(s, Person, .only = by(col(Person, username)));
	WRITES(1, amph_update(s, Person, .all_rows = true, .set = sets(set(Person, email, "e")),
			      .sync = AMPH_SYNC_EXPIRE));
	p->age = 9;
	DO(amph_commit(s));
	ck_assert_str_eq(p->email, "e");
	ck_assert_int_eq(amph_count(s, Person, .where = eq(col(Person, age), 9)), 1);
}
END_TEST

START_TEST(objects_of_every_kind_are_updated)
{
	Manager *m = amph_new(s, Manager, .base.name = "m", .reports = 3);
	Engineer *e = amph_new(s, Engineer, .base.name = "e", .language = "C");

	DO(amph_commit(s));
	WRITES(2, amph_update(s, Employee, .all_rows = true,
			      .set = sets(set(Employee, name, fn_upper(col(Employee, name))))));
	ck_assert_str_eq(m->base.name, "M");
	ck_assert_str_eq(e->base.name, "E");
	ck_assert_int_eq(m->reports, 3);
	WRITES(1, amph_update(s, Manager, .all_rows = true, .set = sets(set(Manager, reports, 4))));
	ck_assert_int_eq(m->reports, 4);
	m->reports++;
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Manager, .where = eq(col(Manager, reports), 5)), 1);
}
END_TEST

START_TEST(a_parent_that_a_statement_gives)
{
	Author *a = amph_new(s, Author, .name = "a"), *b = amph_new(s, Author, .name = "b");
	Book *book = amph_new(s, Book, .title = "t");

	DO(amph_append(a, books, book) && amph_append(b, books, amph_new(s, Book, .title = "u")));
	DO(amph_commit(s));
	WRITES(1, amph_update(s, Book, .where = eq(col(Book, id), book->id),
			      .set = sets(set(Book, author_id, b->id))));
	ck_assert_ptr_eq(book->author, b);
	ck_assert_uint_eq(amph_length(amph_rel(a, books)), 0);
	ck_assert_uint_eq(amph_length(amph_rel(b, books)), 2);
}
END_TEST

/* ---- relationships that are loaded again ---- */

/* By another session, committed. */
static void elsewhere(const char *sql)
{
	amph_session *other = amph_session_open(db);

	amph_rows_close(amph_sql(other, sql));
	ck_assert_msg(amph_commit(other), "%s", amph_session_error(other)->message);
	amph_session_close(other);
}

static Author *author_with(int n)
{
	static const char *const titles[] = { "b0", "b1", "b2", "b3", "b4", "b5", "b6", "b7", "b8", "b9" };
	Author *a = amph_new(s, Author, .name = "a");

	for (int i = 0; i < n; i++)
		DO(amph_append(a, books, amph_new(s, Book, .title = titles[i % 10])));
	DO(amph_commit(s));
	return a;
}

START_TEST(loading_with_a_query_renews)
{
	Author *a = author_with(2);
	Book *const *before = amph_rel(a, books);
	ck_assert_uint_eq(amph_length(before), 2);
	amph_rollback(s);
	elsewhere("insert into books (title, author_id) values ('x', 1)");
	amph_all(s, Author);
	ck_assert_uint_eq(amph_length(amph_rel(a, books)), 2);
	amph_all(s, Author, .load = with(selectin(Author, books, joined(Book, author))));
	ck_assert_uint_eq(amph_length(a->books), 3);
	ck_assert_ptr_eq(a->books[2]->author, a);
	/* nothing new: the list stays */
	before = a->books;
	amph_all(s, Author, .load = with(selectin(Author, books)));
	ck_assert_ptr_eq(before, a->books);
	ck_assert(!amph_is_modified(s, a));
}
END_TEST

START_TEST(changes_of_a_collection_are_not_lost_to_a_load)
{
	amph_session_options o = { .abi = AMPH_ABI, .autoflush_off = true };
	Author *a = author_with(2);

	amph_session_close(s);
	s = amph_session_open_with(db, &o);
	a = amph_first(s, Author, .load = with(selectin(Author, books)));
	Book *gone = a->books[0];
	DO(amph_append(a, books, amph_new(s, Book, .title = "n")) && amph_remove(a, books, gone));
	elsewhere("select 1");
	amph_all(s, Author, .load = with(selectin(Author, books)));
	ck_assert_uint_eq(amph_length(a->books), 2);
	DO(amph_commit(s));
	ck_assert_uint_eq(amph_length(a->books), 2);
	ck_assert_int_eq(amph_count(s, Book, .where = eq(col(Book, author_id), a->id)), 2);
}
END_TEST

START_TEST(a_load_that_renews_is_rolled_back)
{
	Author *a = author_with(2);

	ck_assert_ptr_nonnull(amph_rel(a, books));
	WRITES(1, amph_update(s, Author, .all_rows = true, .set = sets(set(Author, name, "z"))));
	WRITES(1, amph_delete_where(s, Book, .where = eq(col(Book, title), "b0")));
	amph_all(s, Author, .load = with(selectin(Author, books)));
	ck_assert_uint_eq(amph_length(a->books), 1);
	amph_rollback(s);
	ck_assert_uint_eq(amph_length(amph_rel(a, books)), 2);
	ck_assert_str_eq(a->name, "a");
}
END_TEST

START_TEST(what_a_commit_expires_is_touched_again)
{
	amph_session_options o = { .abi = AMPH_ABI, .expire_on_commit = true };

	author_with(2);
	amph_new(s, Author, .name = "b");
	DO(amph_commit(s));
	amph_session_close(s);
	s = amph_session_open_with(db, &o);
	Author *a = amph_get(s, Author, 1);
	Book *first = amph_rel(a, books)[0];
	ck_assert_ptr_eq(amph_rel(first, author), a);
	DO(amph_commit(s));
	elsewhere("update books set author_id = 2 where title = 'b0';");
	elsewhere("insert into books (title, author_id) values ('x', 1), ('y', 1)");
	ck_assert_uint_eq(amph_length(amph_rel(a, books)), 3);
	ck_assert_str_eq(amph_rel(first, author)->name, "b");
	ck_assert_int_eq(first->author_id.value, 2);
	/* a change meanwhile is flushed beside what others wrote */
	DO(amph_commit(s));
	elsewhere("update books set title = 'changed' where id = 2");
	Book *second = amph_get(s, Book, 2);
	DO(amph_commit(s));
	elsewhere("update books set author_id = 2 where id = 2");
	second->title = "mine";
	DO(amph_flush(s));
	ck_assert_int_eq(second->author_id.value, 2);
	ck_assert_ptr_eq(amph_rel(second, author), amph_get(s, Author, 2));
}
END_TEST

/* ---- walks ---- */

START_TEST(a_walk_goes_on_whatever_becomes_of_the_collection)
{
	enum { N = 200 };
	Author *a = amph_new(s, Author, .name = "a");
	int seen = 0;

	for (int i = 0; i < N; i++)
		DO(amph_append(a, books, amph_new(s, Book, .title = "t")));
	DO(amph_commit(s));
	amph_each(Book, b, amph_rel(a, books)) {
		DO(amph_remove(a, books, b));
		seen++;
		switch (seen % 4) {
		case 0: DO(amph_commit(s)); break;
		case 1: DO(amph_flush(s)); break;
		case 2: DO(amph_commit(s) && amph_refresh(s, a)); break;
		default: ck_assert_uint_eq(amph_length(amph_rel(a, books)), (size_t)(N - seen));
		}
	}
	ck_assert_int_eq(seen, N);
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Book, .where = not_null(col(Book, author_id))), 0);
	ck_assert_uint_eq(amph_length(amph_rel(a, books)), 0);
}
END_TEST

START_TEST(walks_within_walks)
{
	int seen = 0;

	for (int i = 0; i < 12; i++)
		author_with(12);
	amph_session_clear(s);
	Author **all = amph_all(s, Author, .load = with(selectin(Author, books)));
	amph_each(Author, a, all) {
		amph_each(Book, b, a->books) {
			amph_each(Book, c, amph_rel(a, books))
				seen += c != b;
			DO(amph_append(a, books, amph_new(s, Book, .title = "n")));
			if (b->id % 3 == 0)
				amph_rollback(s);
			else
				DO(amph_commit(s));
			DO(amph_refresh(s, a));
		}
	}
	/* each author's twelve books, beside twelve and those that were committed before */
	int expected = 0;
	for (int i = 0, id = 1; i < 12; i++)
		for (int k = 0, n = 12; k < 12; k++, id++) {
			expected += n - 1;
			n += id % 3 != 0;
		}
	ck_assert_int_eq(seen, expected);
}
END_TEST

/* ---- arrays whose keys are left out ---- */

START_TEST(keys_of_0_are_numbered)
{
	Section many[] = { { .name = "a" }, { .name = "b" } }, more[] = { { .name = "f" }, { .name = "g" } };
	Section mixed[] = { { .name = "c" }, { 7, "d" }, { 0, "e" } }, asked = { 0, "zero" };

	WRITES(2, amph_insert_many(s, Section, many, 2));
	ck_assert_int_eq(many[0].id, 0);
	WRITES(2, amph_insert_many(s, Section, more, 2, .write_back = more));
	ck_assert_int_eq(more[0].id, 3);
	ck_assert_int_eq(more[1].id, 4);
	WRITES(3, amph_insert_many(s, Section, mixed, 3, .write_back = mixed));
	ck_assert_int_eq(mixed[0].id, 5);
	ck_assert_int_eq(mixed[1].id, 7);
	ck_assert_int_eq(mixed[2].id, 6);
	WRITES(1, amph_insert_many(s, Section, &asked, 1, .only = by(col(Section, id), col(Section, name))));
	ck_assert_str_eq(((Section *)amph_get(s, Section, 0))->name, "zero");
	ck_assert_int_eq(amph_count(s, Section), 8);
	WRITES(0, amph_insert_many(s, Section, many, 0));
	asked.name = "other";
	FAILS("23505", amph_insert_many(s, Section, &asked, 1,
					.only = by(col(Section, id), col(Section, name))) >= 0);
}
END_TEST

START_TEST(many_keys_of_0_are_numbered)
{
	enum { N = 2300 };
	static Section rows[N];
	static char names[N][8];

	for (int i = 0; i < N; i++) {
		snprintf(names[i], sizeof names[i], "n%d", i);
		rows[i] = (Section){ i % 5 == 4 ? 100000 + i : 0, names[i] };
	}
	WRITES(N, amph_insert_many(s, Section, rows, N, .write_back = rows));
	for (int i = 0; i < N; i++)
		ck_assert_int_eq(rows[i].id, i % 5 == 4 ? 100000 + i : i - i / 5 + 1);
	ck_assert_int_eq(amph_count(s, Section), N);
	ck_assert_str_eq(((Section *)amph_get(s, Section, rows[2298].id))->name, "n2298");
}
END_TEST

START_TEST(upserts_of_keys_of_0_insert)
{
	Section rows[] = { { 0, "a" }, { 0, "b" } };

	WRITES(2, amph_upsert_many(s, Section, rows, 2, .write_back = rows));
	ck_assert_int_eq(rows[1].id, 2);
	Section more[] = { { 0, "c" }, { 2, "B" }, { 0, "d" } };
	WRITES(3, amph_upsert_many(s, Section, more, 3, .write_back = more));
	ck_assert_int_eq(more[0].id, 3);
	ck_assert_int_eq(more[2].id, 4);
	ck_assert_int_eq(amph_count(s, Section), 4);
	ck_assert_str_eq(((Section *)amph_get(s, Section, 2))->name, "B");
	WRITES(0, amph_insert_many(s, Section, more + 1, 2,
				   .on_conflict = on_conflict(.on = by(col(Section, id)))));
}
END_TEST

/* ---- objects by their keys ---- */

enum { MANY_KEYS = 1200 };

/* Keys that follow each other, that end in the same bits, that differ in the high bits only, and that
 * lie beside others. */
static int64_t key_of(int i)
{
	switch (i % 6) {
	case 0: return 1 + i / 6;
	case 1: return (int64_t)(1 + i) << 16;
	case 2: return (int64_t)(1 + i) << 40;
	case 3: return -1 - (int64_t)i * 4096;
	case 4: return 1 + 2048 + i / 6;
	default: return INT64_MAX - i;
	}
}

START_TEST(objects_are_found_whatever_their_keys)
{
	static Section rows[MANY_KEYS];
	static char names[MANY_KEYS][8];
	Section *found[MANY_KEYS];

	for (int i = 0; i < MANY_KEYS; i++) {
		snprintf(names[i], sizeof names[i], "n%d", i);
		rows[i] = (Section){ key_of(i), names[i] };
	}
	WRITES(MANY_KEYS, amph_insert_many(s, Section, rows, MANY_KEYS));
	Section **all = amph_all(s, Section);
	ck_assert_uint_eq(amph_length(all), MANY_KEYS);
	amph_expect_statements(s, 0);
	for (int i = 0; i < MANY_KEYS; i++) {
		found[i] = amph_get(s, Section, rows[i].id);
		ck_assert_ptr_nonnull(found[i]);
		ck_assert_str_eq(found[i]->name, names[i]);
	}
	amph_expect_statements(s, -1);
	for (int i = 0; i < MANY_KEYS; i += 2)
		DO(amph_delete(s, found[i]));
	DO(amph_flush(s));
	for (int i = 0; i < 12; i++)
		ck_assert(i % 2 ? amph_get(s, Section, rows[i].id) == found[i]
				: !amph_get(s, Section, rows[i].id));
	ck_assert_ptr_null(amph_get(s, Section, 4097));
	amph_rollback(s);
}
END_TEST

/* Texts that came with a row stay where they are; those that come later are the object's too. */
START_TEST(texts_of_rows_that_are_read_again)
{
	static char longer[3000];

	for (size_t i = 0; i < sizeof longer - 1; i++)
		longer[i] = (char)('a' + i % 26);
	const char *notes[] = { "one", longer, "", NULL };
	Section *home = new_section("home");
	for (int i = 0; i < 4; i++)
		ck_assert_ptr_nonnull(amph_new(s, Item, .name = "item", .note = notes[i],
						.section_id = home->id));
	DO(amph_commit(s));
	amph_session_clear(s);
	Item **first = amph_all(s, Item, .order_by = by(col(Item, id)));
	for (int i = 0; i < 40; i++) {
		const char *text = i % 2 ? longer + 26 * (i % 7) : "short";

		WRITES(1, amph_update(s, Item, .where = eq(col(Item, id), first[0]->id),
				      .set = sets(set(Item, note, text)), .sync = AMPH_SYNC_EXPIRE));
		Item **again = amph_all(s, Item, .order_by = by(col(Item, id)));
		ck_assert_ptr_eq(again[0], first[0]);
		ck_assert_str_eq(again[0]->note, text);
		ck_assert_str_eq(again[1]->note, longer);
		ck_assert_str_eq(again[2]->note, "");
		ck_assert_ptr_null(again[3]->note);
		amph_release(s, again);
	}
	amph_rollback(s);
	DO(amph_refresh(s, first[0]));
	ck_assert_str_eq(first[0]->note, "one");
	int64_t id = first[0]->id;
	first[0]->note = "mine";
	DO(amph_commit(s));
	amph_session_clear(s);
	ck_assert_str_eq(((Item *)amph_get(s, Item, id))->note, "mine");
}
END_TEST

/* A value beside .has = false is a mistake in an assignment as well as in amph_new; .has = false alone is
 * NULL, whatever was there. */
START_TEST(assignments_to_what_may_be_null)
{
	Maybe *m = amph_new(s, Maybe, .id = 1, .i64 = AMPH_SOME(7), .text = "a");

	DO(amph_commit(s));
	m->i32.value = 5;
	FAILS("HV010", amph_flush(s));
	ck_assert_ptr_nonnull(strstr(amph_session_error(s)->message, ".has is false"));
	amph_rollback(s);
	m->date = (amph_opt_date){ .value = amph_date_ymd(1990, 1, 2) };
	m->text = "b";
	FAILS("HV010", amph_commit(s));
	amph_rollback(s);
	m->i64.value = 8;
	m->i64.has = false;
	FAILS("HV010", amph_commit(s));
	amph_rollback(s);
	ck_assert(m->i64.has && m->i64.value == 7 && !m->i32.has && m->i32.value == 0);
	m->i64.has = false;
	m->date = (amph_opt_date)AMPH_SOME(amph_date_ymd(1990, 1, 2));
	DO(amph_commit(s));
	ck_assert(!m->i64.has && m->i64.value == 0);
	amph_session_clear(s);
	m = amph_get(s, Maybe, 1);
	ck_assert(!m->i64.has && m->date.has && !strcmp(m->text, "a"));
}
END_TEST

START_TEST(short_names_see_what_is_written)
{
	Maybe *m = amph_new(s, Maybe, .id = 1, .json = json({"yes": true, "no": false, "n": 1}));

	DO(amph_commit(s));
	DO(amph_refresh(s, m));
	ck_assert_str_eq(m->json.text, "{\"n\": 1, \"no\": false, \"yes\": true}");
	ck_assert(amph_exists(s, Maybe, .where = json_contains(col(Maybe, json), json({"yes": true}))));
	ck_assert(!amph_exists(s, Maybe, .where = json_contains(col(Maybe, json), json({"yes": 1}))));
}
END_TEST

/* What a failed amph_get gives has no relationships. */
START_TEST(no_object_has_no_relationships)
{
	Book *none = amph_get(s, Book, 77);

	ck_assert_ptr_null(none);
	ck_assert_ptr_null(amph_rel(none, author));
	DO(amph_commit(s));
}
END_TEST

SUITE(session_suite, "the session as its users meet it",
      assignments_to_what_may_be_null, short_names_see_what_is_written, no_object_has_no_relationships,
      a_change_of_an_expired_object_keeps_what_the_statement_wrote,
      a_change_computed_from_an_old_value_is_refused, a_row_that_was_deleted_beside_its_object,
      a_version_that_a_statement_counted, arrays_and_texts_beside_objects,
      objects_of_every_kind_are_updated, a_parent_that_a_statement_gives,
      loading_with_a_query_renews, changes_of_a_collection_are_not_lost_to_a_load,
      a_load_that_renews_is_rolled_back, what_a_commit_expires_is_touched_again,
      a_walk_goes_on_whatever_becomes_of_the_collection, walks_within_walks,
      keys_of_0_are_numbered, many_keys_of_0_are_numbered, upserts_of_keys_of_0_insert,
      objects_are_found_whatever_their_keys, texts_of_rows_that_are_read_again)
