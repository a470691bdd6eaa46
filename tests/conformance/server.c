/* What the database makes of the values of rows: keys of its own, sequences, text that is cut; and what is
 * refused of them. */
#include "conformance.h"

typedef struct Parcel { amph_uuid id; const char *name; } Parcel;
typedef struct Slot { int32_t shelf; amph_uuid mark; const char *name; } Slot;
typedef struct Stub { int64_t id; int64_t parent_id; const char *name; } Stub;
typedef struct Short { const char *code; int32_t n; const char *word; } Short;
typedef struct Counted { int64_t id, no; } Counted;
typedef struct Land { int64_t id; const char *code; } Land;
typedef struct Town { int64_t id; const char *land_code; Land *land; } Town;
typedef struct Papers { int64_t id; amph_json_array js; } Papers;
typedef struct Holder Holder;
typedef struct Hold { int64_t id; amph_opt_int64 holder_id; Holder *holder; } Hold;
typedef struct Held { int64_t id; amph_opt_int64 holder_id; Holder *holder; } Held;
struct Holder { int64_t id; AMPH_MANY(Held) held; AMPH_MANY(Hold) holds; };
AMPH_DECLARE(Holder);
AMPH_DECLARE(Hold);
AMPH_DECLARE(Held);
AMPH_DECLARE(Parcel);
AMPH_DECLARE(Slot);
AMPH_DECLARE(Stub);
AMPH_DECLARE(Short);
AMPH_DECLARE(Counted);
AMPH_DECLARE(Land);
AMPH_DECLARE(Town);
AMPH_DECLARE(Papers);
AMPH_MODEL(Parcel, "server_parcels", .columns = AMPH_COLUMNS(
	AMPH_COLUMN(Parcel, id, .primary_key = true, .server_default = "gen_random_uuid()"),
	AMPH_COLUMN(Parcel, name)));
AMPH_MODEL(Slot, "server_slots", .columns = AMPH_COLUMNS(
	AMPH_COLUMN(Slot, shelf, .primary_key = true),
	AMPH_COLUMN(Slot, mark, .primary_key = true, .server_default = "gen_random_uuid()"),
	AMPH_COLUMN(Slot, name)));
AMPH_MODEL(Stub, "server_stubs", .columns = AMPH_COLUMNS(
	AMPH_COLUMN(Stub, id, .primary_key = true, .identity = AMPH_IDENTITY_ALWAYS),
	AMPH_COLUMN(Stub, parent_id), AMPH_COLUMN(Stub, name)));
AMPH_MODEL(Short, "server_shorts", .columns = AMPH_COLUMNS(
	AMPH_COLUMN(Short, code, .primary_key = true, .length = 3), AMPH_COLUMN(Short, n),
	AMPH_COLUMN(Short, word, .length = 3)));
AMPH_MODEL(Land, "server_lands", .columns = AMPH_COLUMNS(
	AMPH_COLUMN(Land, id, .primary_key = true),
	AMPH_COLUMN(Land, code, .not_null = true, .unique = true)));
AMPH_MODEL(Town, "server_towns",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Town, id, .primary_key = true),
		AMPH_COLUMN(Town, land_code, .references = AMPH_REF(Land, code))),
	.relations = AMPH_RELATIONS(AMPH_BELONGS_TO(Town, land, Land, land_code)));
AMPH_MODEL(Counted, "server_counted", .columns = AMPH_COLUMNS(
	AMPH_COLUMN(Counted, id, .primary_key = true),
	AMPH_COLUMN(Counted, no, .server_default = "nextval('server_numbers')")));
AMPH_MODEL(Papers, "server_papers", .columns = AMPH_COLUMNS(
	AMPH_COLUMN(Papers, id, .primary_key = true), AMPH_COLUMN(Papers, js)));

AMPH_MODEL(Holder, "server_holders", .columns = AMPH_COLUMNS(AMPH_COLUMN(Holder, id, .primary_key = true)),
	.relations = AMPH_RELATIONS(AMPH_HAS_MANY(Holder, held, Held, holder_id,
		.back = AMPH_MEMBER(Held, holder)),
		AMPH_HAS_MANY(Holder, holds, Hold, holder_id, .back = AMPH_MEMBER(Hold, holder))));
AMPH_MODEL(Held, "server_held", .columns = AMPH_COLUMNS(
	AMPH_COLUMN(Held, id, .primary_key = true),
	AMPH_COLUMN(Held, holder_id, .references = AMPH_REF(Holder, id), .on_delete = AMPH_RESTRICT)),
	.relations = AMPH_RELATIONS(AMPH_BELONGS_TO(Held, holder, Holder, holder_id,
		.back = AMPH_MEMBER(Holder, held))));

AMPH_MODEL(Hold, "server_holds", .columns = AMPH_COLUMNS(AMPH_COLUMN(Hold, id, .primary_key = true),
	AMPH_COLUMN(Hold, holder_id, .references = AMPH_REF(Holder, id))),
	.relations = AMPH_RELATIONS(AMPH_BELONGS_TO(Hold, holder, Holder, holder_id,
		.back = AMPH_MEMBER(Holder, holds))));
static const amph_model *const kept[] = {
	&amph_model_Holder, &amph_model_Held, &amph_model_Hold, NULL
};
static const amph_model *const models[] = { &amph_model_Parcel, &amph_model_Slot, &amph_model_Stub,
					    &amph_model_Short, &amph_model_Papers, NULL };

static void start(const amph_model *const *list)
{
	end_with_none();
	begin_with(list);
}

START_TEST(keys_of_the_database_come_back_to_their_objects)
{
	const char *const names[] = { "a", "b", "c" };
	Parcel *p[3];
	Slot *at[3];

	start(models);
	for (int i = 0; i < 3; i++) {
		p[i] = amph_new(s, Parcel, .name = names[i]);
		at[i] = amph_new(s, Slot, .shelf = 1, .name = names[i]);
	}
	DO(amph_commit(s));
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(amph_count(s, Parcel, .where = all_of(eq(col(Parcel, id), p[i]->id),
								    eq(col(Parcel, name), names[i]))), 1);
		ck_assert_int_eq(amph_count(s, Slot, .where = all_of(eq(col(Slot, mark), at[i]->mark),
								  eq(col(Slot, name), names[i]))), 1);
	}
	p[1]->name = "changed";
	DO(amph_commit(s));
	amph_session_clear(s);
	ck_assert_int_eq(amph_count(s, Parcel, .where = eq(col(Parcel, name), "changed")), 1);
	Parcel many[] = { { .name = "x" }, { .name = "y" } };
	WRITES(2, amph_insert_many(s, Parcel, many, 2, .only = by(col(Parcel, name)), .write_back = many));
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(amph_count(s, Parcel, .where = all_of(eq(col(Parcel, id), many[i].id),
			eq(col(Parcel, name), many[i].name))), 1);
}
END_TEST

START_TEST(ids_that_are_always_the_database_s)
{
	Stub many[25] = { { .name = "a" } };

	start(models);
	for (int i = 1; i < 25; i++)
		many[i].name = "m";
	DO(amph_new(s, Stub, .name = "one") && amph_commit(s));
	Stub *two = amph_new(s, Stub, .name = "two"), *three = amph_new(s, Stub, .name = "three");
	DO(amph_commit(s));
	ck_assert_int_eq(two->id, 2);
	ck_assert_int_eq(three->id, 3);
	for (int i = 0; i < 25; i++)
		amph_new(s, Stub, .name = "of many");
	DO(amph_commit(s));
	WRITES(2, amph_insert_many(s, Stub, many, 2));
	WRITES(25, amph_insert_many(s, Stub, many, 25, .write_back = many));
	ck_assert_int_eq(many[0].id, 31);
	ck_assert_int_eq(many[24].id, 55);
	DO(amph_commit(s));
	/* one that the program gives is not taken */
	amph_new(s, Stub, .id = 90, .name = "own");
	SAYS("428C9", "\"id\"", amph_flush(s));
	for (int i = 0; i < 25; i++)
		amph_new(s, Stub, .id = 90 + i, .name = "own");
	SAYS("428C9", "\"id\"", amph_flush(s));
	SAYS("428C9", "\"id\"", amph_insert_many(s, Stub, many, 25) >= 0);
	SAYS("428C9", "\"id\"", amph_insert_many(s, Stub, many, 1, .only = by(col(Stub, id),
		col(Stub, parent_id))) >= 0);
	two = amph_get(s, Stub, 2);
	two->id = 91;
	SAYS("428C9", "\"id\"", amph_flush(s));
	ck_assert_int_eq(amph_count(s, Stub), 55);
}
END_TEST

START_TEST(spaces_beyond_a_length_are_cut)
{
	start(models);
	Short *a = amph_new(s, Short, .code = "ab   ", .word = "\xc3\xa4\xc3\xb6\xc3\xbc  ");
	DO(amph_commit(s));
	ck_assert_str_eq(a->code, "ab ");
	ck_assert_str_eq(a->word, "\xc3\xa4\xc3\xb6\xc3\xbc");
	a->n = 2;
	a->word = "q    ";
	DO(amph_commit(s));
	ck_assert_str_eq(a->word, "q  ");
	ck_assert_ptr_eq(amph_first(s, Short, .where = eq(col(Short, word), a->word)), a);
	WRITES(1, amph_update(s, Short, .all_rows = true, .set = sets(set(Short, word, "xy    "))));
	DO(amph_refresh(s, a));
	ck_assert_str_eq(a->word, "xy ");
	Short many[] = { { .code = "cd    " }, { .code = "e", .word = "f     " } };
	WRITES(2, amph_insert_many(s, Short, many, 2));
	ck_assert_ptr_nonnull(amph_get(s, Short, "cd "));
	ck_assert_str_eq(amph_get(s, Short, "e")->word, "f  ");
	many[0].word = "g     ";
	many[0].code = "cd ";
	WRITES(1, amph_update_many(s, Short, many, 1, .only = by(col(Short, word))));
	DO(amph_commit(s));
	ck_assert_str_eq(amph_get(s, Short, "cd ")->word, "g  ");
	amph_new(s, Short, .code = "ab  c");
	FAILS("22001", amph_flush(s));
	amph_rollback(s);
}
END_TEST

START_TEST(lists_of_json_are_checked)
{
	const amph_json bad[] = { { "{bad" } }, empty[] = { { "" } }, utf8[] = { { "\"\xff\"" } },
			good[] = { { "{ \"b\":1,\"a\" : 2.50, \"a\": 3 }" }, { NULL } };
	const amph_json_array wrong[] = { { bad, 1 }, { empty, 1 } };

	start(models);
	for (int i = 0; i < 2; i++) {
		Papers p = { .js = wrong[i] };

		amph_new(s, Papers, .js = wrong[i]);
		SAYS("22P02", "json", amph_commit(s));
		SAYS("22P02", "json", amph_insert_many(s, Papers, &p, 1) >= 0);
	}
	amph_new(s, Papers, .js = { utf8, 1 });
	FAILS("22021", amph_commit(s));
	amph_rollback(s);
	Papers *p = amph_new(s, Papers, .js = { good, 2 });
	DO(amph_commit(s) && amph_refresh(s, p));
	ck_assert_str_eq(p->js.items[0].text, "{\"a\": 3, \"b\": 1}");
	ck_assert_int_eq(amph_count(s, Papers), 1);
}
END_TEST

START_TEST(parents_by_another_key_stay_when_more_are_loaded)
{
	static const amph_model *const lands[] = { &amph_model_Land, &amph_model_Town, NULL };
	amph_error err;

	end_with_none();
	db = amph_open(test_url(), AMPH_OPTIONS(.models = lands), &err);
	ck_assert_ptr_nonnull(db);
	ck_assert_msg(amph_drop_all(db, &err) && amph_create_all(db, &err), "%s", err.message);
	s = amph_session_open(db);
	amph_new(s, Land, .code = "de");
	amph_new(s, Land, .code = "fr");
	DO(amph_flush(s));
	amph_new(s, Town, .land_code = "de");
	amph_new(s, Town, .land_code = "fr");
	amph_new(s, Town);
	DO(amph_commit(s));
	amph_session_clear(s);
	Town *first = amph_first(s, Town, .order_by = by(col(Town, id)), .load = with(selectin(Town, land)));
	ck_assert_str_eq(first->land->code, "de");
	Town **all = amph_all(s, Town, .order_by = by(col(Town, id)), .load = with(selectin(Town, land)));
	ck_assert_ptr_eq(all[0], first);
	ck_assert_ptr_nonnull(first->land);
	ck_assert_str_eq(first->land->code, "de");
	ck_assert_str_eq(all[1]->land->code, "fr");
	ck_assert_ptr_null(all[2]->land);
	DO(amph_commit(s));
	ck_assert_msg(amph_drop_all(db, &err), "%s", err.message);
}
END_TEST

START_TEST(columns_take_numbers_of_a_sequence)
{
	static const amph_model *const counted[] = { &amph_model_Counted, NULL };
	amph_error err;

	end_with_none();
	db = amph_open(test_url(), AMPH_OPTIONS(.models = counted), &err);
	ck_assert_ptr_nonnull(db);
	s = amph_session_open(db);
	DO(amph_script(s, "DROP TABLE IF EXISTS server_counted; DROP SEQUENCE IF EXISTS server_numbers; "
		       "CREATE SEQUENCE server_numbers START 5") && amph_commit(s));
	ck_assert_msg(amph_create_all(db, &err), "%s", err.message);
	Counted *one = amph_new(s, Counted);
	DO(amph_commit(s));
	ck_assert_int_eq(one->no, 5);
	Counted *two = amph_new(s, Counted), *three = amph_new(s, Counted);
	Counted *own = amph_new(s, Counted, .no = 99);
	DO(amph_commit(s));
	ck_assert_int_eq(two->no + three->no, 13);
	ck_assert_int_eq(own->no, 99);
	ck_assert_int_eq(amph_count(s, Counted, .where = eq(col(Counted, no), two->no)), 1);
	DO(amph_commit(s));
	ck_assert_msg(amph_drop_all(db, &err), "%s", err.message);
	DO(amph_script(s, "DROP SEQUENCE server_numbers") && amph_commit(s));
}
END_TEST

START_TEST(a_sequence_goes_whose_name_is_part_of_anothers)
{
	DO(amph_script(s, "DROP TABLE IF EXISTS server_numbered; "
		       "DROP SEQUENCE IF EXISTS server_no, server_no_2; "
		       "CREATE SEQUENCE server_no; CREATE SEQUENCE server_no_2; CREATE TABLE server_numbered "
		       "(no int DEFAULT nextval('public.Server_No_2'), "
		       "other int DEFAULT nextval('server_no_2'), "
		       "late int DEFAULT nextval('server_no'::text))") && amph_commit(s));
	SAYS("2BP01", "server_no_2", amph_script(s, "DROP SEQUENCE server_no_2"));
	amph_rollback(s);
	DO(amph_script(s, "DROP SEQUENCE server_no") && amph_commit(s));
	DO(amph_script(s, "DROP TABLE server_numbered; DROP SEQUENCE server_no_2") && amph_commit(s));
}
END_TEST

START_TEST(conflicts_that_cannot_be_take_no_ids)
{
	Section rows[] = { { .name = "a" } };
	Person people[] = { { .username = "u", .email = "e" } };

	DO(amph_new(s, Person, .username = "first") && amph_commit(s));
	SAYS("42P10", "ON CONFLICT", amph_upsert_many(s, Person, people, 1,
		.only = by(col(Person, username), col(Person, age)),
		.on_conflict = on_conflict(.on = by(col(Person, age)))) >= 0);
	SAYS("HV010", ".only", amph_upsert_many(s, Section, rows, 1, .only = by(col(Person, email))) >= 0);
	Person *next = new_person("next");
	DO(amph_commit(s));
	ck_assert_int_eq(next->id, 2);
}
END_TEST

START_TEST(what_is_not_in_a_collection_is_not_removed)
{
	Author *ann = amph_new(s, Author, .name = "ann"), *bob = amph_new(s, Author, .name = "bob");
	Book *one = amph_new(s, Book, .title = "one", .author = ann);
	Book *two = amph_new(s, Book, .title = "two");
	Label *red = amph_new(s, Label, .name = "red"), *blue = amph_new(s, Label, .name = "blue");

	DO(amph_append(one, labels, red) && amph_commit(s));
	SAYS("HV010", "Book.labels", amph_remove(one, labels, blue));
	ck_assert_uint_eq(amph_length(amph_rel(bob, books)), 0);
	SAYS("HV010", "Author.books", amph_remove(bob, books, one));
	ck_assert_uint_eq(amph_length(amph_rel(ann, books)), 1);
	SAYS("HV010", "Author.books", amph_remove(ann, books, two));
	/* what is, is */
	ck_assert_uint_eq(amph_length(amph_rel(one, labels)), 1);
	DO(amph_remove(one, labels, red) && amph_remove(ann, books, one) && amph_commit(s));
	ck_assert_int_eq(amph_count(s, BookLabel), 0);
	/* an orphan */
	ck_assert_int_eq(amph_count(s, Book), 1);
	/* a link of the program's own is not lost by it */
	amph_new(s, BookLabel, .book_id = two->id, .label_id = blue->id);
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, BookLabel), 1);
}
END_TEST

/* As query.h says of .only: a zero in a member that was not loaded is no change, until the rest is there. */
START_TEST(zeros_of_members_that_were_not_loaded)
{
	amph_new(s, Person, .username = "ann", .email = "e", .age = 7);
	DO(amph_commit(s));
	amph_session_clear(s);
	Person *p = amph_first(s, Person, .only = by(col(Person, username)));
	p->age = 0;
	p->email = NULL;
	ck_assert(!amph_is_modified(s, p));
	p->age = 8;
	ck_assert(amph_is_modified(s, p));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Person, .where = all_of(eq(col(Person, age), 8),
							       eq(col(Person, email), "e"))), 1);
	DO(amph_refresh(s, p));
	p->age = 0;
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Person, .where = eq(col(Person, age), 0)), 1);
}
END_TEST

START_TEST(a_collection_is_not_assigned)
{
	Author *ann = amph_new(s, Author, .name = "ann"), *bob = amph_new(s, Author, .name = "bob");
	Book *one = amph_new(s, Book, .title = "one", .author = ann);
	Book *list[] = { one, NULL };   /* nothing may be read before it */

	DO(amph_commit(s));
	bob->books = list;
	SAYS("HV010", "Author.books", amph_commit(s));
	bob->books = list;
	SAYS("HV010", "Author.books", amph_append(bob, books, one));
	ck_assert_uint_eq(amph_length(amph_rel(ann, books)), 1);
	bob->books = ann->books;
	SAYS("HV010", "amph_append", amph_commit(s));
	ck_assert_uint_eq(amph_length(amph_rel(bob, books)), 0);
	Book **all = amph_all(s, Book);
	bob->books = all;
	SAYS("HV010", "Author.books", amph_commit(s));
	/* of a new one it is what to append */
	Author *cy = amph_new(s, Author, .name = "cy", .books = list);
	DO(amph_commit(s) && amph_refresh(s, one));
	ck_assert_int_eq(one->author_id.value, cy->id);
}
END_TEST

START_TEST(restrict_keeps_the_parent)
{
	start(kept);
	Holder *h = amph_new(s, Holder);
	Held *child = amph_new(s, Held, .holder_id = AMPH_SOME(1));

	DO(amph_commit(s) && amph_delete(s, h));
	FAILS("23503", amph_commit(s));
	amph_rollback(s);
	DO(amph_refresh(s, child));
	ck_assert(child->holder_id.has);
	DO(amph_delete(s, h) && amph_delete(s, child) && amph_commit(s));
	ck_assert_int_eq(amph_count(s, Holder), 0);
}
END_TEST

/* An array of the program's has no head to read or write: it is found out where the object is deleted
 * or only read. */
START_TEST(an_assigned_collection_is_not_looked_before)
{
	Author *ann = amph_new(s, Author, .name = "ann"), *bob = amph_new(s, Author, .name = "bob");
	Book *one = amph_new(s, Book, .title = "one", .author = ann);
	struct { char before[256]; Book *list[2]; } own = { .list = { one, NULL } };
	static const char zeros[sizeof own.before];

	DO(amph_commit(s));
	bob->books = own.list;
	ck_assert(amph_rel(bob, books) == own.list);
	ck_assert_mem_eq(own.before, zeros, sizeof zeros);
	DO(amph_delete(s, bob));
	SAYS("HV010", "Author.books", amph_commit(s));
	ck_assert_mem_eq(own.before, zeros, sizeof zeros);
	ck_assert_uint_eq(amph_length(amph_rel(ann, books)), 1);
}
END_TEST

/* What was to be new is not, also where something that it was given comes back. */
START_TEST(a_new_object_that_failed_half_way_is_gone)
{
	Author *ann = amph_new(s, Author, .name = "ann");
	Book *one = amph_new(s, Book, .title = "one"), strange = { .title = "two" };

	SAYS("HV010", "not an object", amph_new(s, Author, .name = "bob",
						.books = (Book *[]){ one, &strange, NULL }));
	ck_assert_ptr_null(one->author);
	DO(amph_attach(s, one) && amph_attach(s, ann) && amph_commit(s));
	ck_assert_int_eq(amph_count(s, Author), 1);
	ck_assert_int_eq(amph_count(s, Book), 1);
}
END_TEST

/* Each list that amph_new is given is appended; one that another object was assigned is refused, also
 * where an item leaves it. */
START_TEST(a_new_object_takes_several_lists)
{
	start(kept);
	Held *a = amph_new(s, Held);
	Hold *b = amph_new(s, Hold);
	Holder *h = amph_new(s, Holder, .held = (Held *[]){ a, NULL }, .holds = (Hold *[]){ b, NULL });

	DO(h != NULL && amph_commit(s));
	ck_assert_ptr_eq(a->holder, h);
	ck_assert_int_eq(b->holder_id.value, h->id);
	Held *own[] = { a, NULL };
	Holder *other = amph_new(s, Holder);
	ck_assert_uint_eq(amph_length(amph_rel(h, held)), 1);
	h->held = own;
	SAYS("HV010", "Holder.held", amph_append(other, held, a));
}
END_TEST

SUITE(server_suite, "values of the server", keys_of_the_database_come_back_to_their_objects,
      ids_that_are_always_the_database_s, spaces_beyond_a_length_are_cut, lists_of_json_are_checked,
      parents_by_another_key_stay_when_more_are_loaded, columns_take_numbers_of_a_sequence,
      a_sequence_goes_whose_name_is_part_of_anothers, conflicts_that_cannot_be_take_no_ids,
      what_is_not_in_a_collection_is_not_removed, zeros_of_members_that_were_not_loaded,
      a_collection_is_not_assigned, restrict_keeps_the_parent, a_new_object_takes_several_lists,
      an_assigned_collection_is_not_looked_before, a_new_object_that_failed_half_way_is_gone)
