/* Objects of updates and deletes that are evaluated in memory: as the database has done it. */
#include "conformance.h"
#include <math.h>
#include <stdlib.h>

static Person *ann, *bob;
static void two_people(void)
{
	ann = amph_new(s, Person, .username = "ann", .age = 30);
	bob = amph_new(s, Person, .username = "bob", .age = 40);
	DO(amph_commit(s));
}
#define EVALUATED .sync = AMPH_SYNC_EVALUATE

START_TEST(objects_are_as_the_statement_leaves_them)
{
	two_people();
	amph_expect_statements(s, 1);
	WRITES(1, amph_update(s, Person, .where = gt(col(Person, age), 35), EVALUATED,
			      .set = sets(set(Person, age, 7), set(Person, email, "b@x"),
					  set(Person, is_active, false))));
	ck_assert_int_eq(bob->age, 7);
	ck_assert_str_eq(bob->email, "b@x");
	ck_assert(!bob->is_active && bob->updated_at.has);
	ck_assert_int_eq(ann->age, 30);
	ck_assert(!ann->updated_at.has && !amph_is_modified(s, bob));
	amph_expect_statements(s, -1);
	amph_opt_timestamptz at = bob->updated_at;
	DO(amph_refresh(s, bob));
	ck_assert(bob->age == 7 && bob->updated_at.value.usec == at.value.usec);
	ck_assert_str_eq(bob->email, "b@x");
	amph_rollback(s);
	ck_assert_int_eq(bob->age, 40);
	ck_assert_ptr_null(bob->email);
	ck_assert(bob->is_active);
	WRITES(2, amph_update(s, Person, .all_rows = true, EVALUATED, .set = sets(set_null(Person, email))));
	/* what is changed afterwards goes beside it */
	bob->age = 50;
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Person, .where = eq(col(Person, age), 50)), 1);
}
END_TEST

START_TEST(deleted_objects_go)
{
	two_people();
	WRITES(1, amph_delete_where(s, Person, .where = eq(col(Person, username), "bob"), EVALUATED));
	ck_assert_int_eq(amph_state(s, ann), AMPH_OBJECT_PERSISTENT);
	ck_assert_int_eq(amph_state(s, bob), AMPH_OBJECT_EXPUNGED);
	amph_rollback(s);
	ck_assert_int_eq(amph_state(s, bob), AMPH_OBJECT_PERSISTENT);
	DO(amph_refresh(s, bob));
	Person *gone = amph_delete_returning(s, Person, Person, .where = eq(col(Person, username), "bob"),
		EVALUATED, .returning = fields(into(Person, age, col(Person, age))));
	DO(gone != NULL);
	ck_assert_int_eq(gone->age, 40);
	ck_assert_int_eq(amph_state(s, bob), AMPH_OBJECT_EXPUNGED);
	amph_rollback(s);
	DO(amph_refresh(s, bob) && amph_refresh(s, ann));
	/* what waits to be written is written before it is judged */
	ann->age = 60;
	Person *cid = amph_new(s, Person, .username = "cid", .age = 61);
	WRITES(2, amph_delete_where(s, Person, .where = ge(col(Person, age), 60), EVALUATED));
	ck_assert_int_eq(amph_state(s, ann), AMPH_OBJECT_EXPUNGED);
	ck_assert_int_eq(amph_state(s, cid), AMPH_OBJECT_EXPUNGED);
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Person), 1);
}
END_TEST

START_TEST(versions_count_up)
{
	Seat *a = amph_new(s, Seat, .row = "A", .number = 1);
	Seat *b = amph_new(s, Seat, .row = "A", .number = 2);

	DO(amph_commit(s));
	int64_t before = a->version;
	WRITES(1, amph_update(s, Seat, .where = eq(col(Seat, number), 1), EVALUATED,
			      .set = sets(set(Seat, holder, "x"))));
	ck_assert_int_eq(a->version, before + 1);
	ck_assert_int_eq(b->version, before);
	a->holder = "y";
	b->holder = "z";
	DO(amph_commit(s));
}
END_TEST

START_TEST(foreign_keys_move_parents)
{
	Author *x = amph_new(s, Author, .name = "x"), *y = amph_new(s, Author, .name = "y");
	Book *b = amph_new(s, Book, .title = "b", .author = x);

	DO(amph_commit(s));
	WRITES(1, amph_update(s, Book, .where = eq(col(Book, title), "b"), EVALUATED,
			      .set = sets(set(Book, author_id, y->id))));
	ck_assert_ptr_eq(amph_rel(b, author), y);
}
END_TEST

static amph_timestamptz at(int64_t usec)
{
	return (amph_timestamptz){ usec };
}

#define SOME_OF(v) { .has = true, .value = v }
static void rows_of_every_kind(void)
{
	static const char *const spans[] = { "1 mon", "30 days", "29 days 24:00:00", "-1 day", "5 min" };
	static const double reals[] = { 0.0, -1e-30, -INFINITY, INFINITY, 0.1 };
	static const char *const texts[] = { "a", "A", "", "a ", "\xc3\xa9" };
	static const char *const nums[] = { "1", "1.00", "-0.5", "999.999", "NaN" };

	for (int i = 0; i < 5; i++) {
		amph_interval span;
		amph_uuid uuid = { { (uint8_t)i, 200 } };
		amph_interval_parse(spans[i], &span, NULL);
		amph_new(s, Maybe, .b = SOME_OF(i % 2 == 0), .i16 = SOME_OF((int16_t)i),
			 .i32 = SOME_OF(i * 1000), .i64 = SOME_OF((int64_t)i << 40),
			 .f32 = SOME_OF((float)reals[i]), .f64 = SOME_OF(reals[i]), .text = texts[i],
			 .num = SOME_OF(amph_numeric_parse(nums[i])), .uuid = SOME_OF(uuid),
			 .bytes = { .data = "\x00\x01\xff\x02\x03", .size = (size_t)i },
			 .date = SOME_OF(amph_date_ymd(2024, 1, i + 1)),
			 .time = SOME_OF(amph_time_hms(i, 0, 0)), .span = SOME_OF(span),
			 .ts = SOME_OF(amph_timestamp_at(2024, 1, 1, i, 0, 0)),
			 .tstz = SOME_OF(at(i * 1000)), .mood = SOME_OF((unsigned)i % 3));
	}
	amph_new(s, Maybe);
	DO(amph_commit(s));
}

typedef struct Marked { int64_t id; amph_opt_int16 i16; } Marked;

/* The objects are as the rows, and the condition is evaluated at all. */
static void agrees(const char *what, amph_bool_expr condition)
{
	DO(amph_update(s, Maybe, .all_rows = true, EVALUATED, .set = sets(set(Maybe, i16, 0))) == 6);
	int64_t n = amph_update(s, Maybe, .where = condition, EVALUATED, .set = sets(set(Maybe, i16, 7)));
	ck_assert_msg(n >= 0, "%s: %s", what, amph_session_error(s)->message);
	Maybe **objects = amph_all(s, Maybe, .order_by = by(col(Maybe, id)));
	Marked *rows = amph_project(s, Marked, Maybe, .order_by = by(col(Maybe, id)), .fields = fields(
		into(Marked, id, col(Maybe, id)), into(Marked, i16, col(Maybe, i16))));
	DO(objects && rows);
	for (int i = 0; i < 6; i++) {
		n -= objects[i]->i16.value == 7;
		ck_assert_msg(objects[i]->i16.value == rows[i].i16.value, "%s: row %d has %d, object %d",
			      what, i + 1, rows[i].i16.value, objects[i]->i16.value);
	}
	ck_assert_msg(n == 0, "%s: another number", what);
	amph_release(s, rows);
	amph_release(s, objects);
}
#define AGREES(...) agrees(#__VA_ARGS__, __VA_ARGS__)

START_TEST(conditions_agree_with_the_database)
{
	amph_interval day = { .days = 30 };
	amph_opt_int64 none = { .has = false };
	amph_uuid two = { { 2, 200 } };
	amph_bytes bytes = { .data = "\x00\x01", .size = 2 };

	rows_of_every_kind();
	AGREES(col(Maybe, b));
	AGREES(not_(col(Maybe, b)));
	AGREES(eq(col(Maybe, b), true));
	AGREES(ne(col(Maybe, i32), 2000));
	AGREES(lt(col(Maybe, i32), 2147483647));
	AGREES(between(col(Maybe, i32), 1000, 3000));
	AGREES(not_(between(col(Maybe, i32), 1000, 3000)));
	AGREES(eq(col(Maybe, i64), none));
	AGREES(is_not_distinct_from(col(Maybe, i64), none));
	AGREES(is_distinct_from(col(Maybe, i64), none));
	AGREES(is_distinct_from(col(Maybe, i32), 2000));
	AGREES(gt(col(Maybe, i64), col(Maybe, i32)));
	AGREES(eq(col(Maybe, f64), 0.0));
	AGREES(lt(col(Maybe, f64), 0.0));
	AGREES(gt(col(Maybe, f64), 0.05));
	AGREES(ge(col(Maybe, f64), (double)INFINITY));
	AGREES(eq(col(Maybe, f32), 0.1));
	AGREES(lt(col(Maybe, f32), 0.1));
	AGREES(eq(col(Maybe, f32), col(Maybe, f64)));
	AGREES(eq(col(Maybe, num), dec(1.0)));
	AGREES(lt(col(Maybe, num), 1));
	AGREES(gt(col(Maybe, num), dec(999.998)));
	AGREES(eq(col(Maybe, text), "a"));
	AGREES(ne(col(Maybe, text), "a"));
	AGREES(in(col(Maybe, text), texts("\xc3\xa9", "", "b")));
	AGREES(not_in(col(Maybe, text), texts("a", NULL)));
	AGREES(in(col(Maybe, i64), amph_ints_of((const int64_t *)NULL, 0)));
	AGREES(not_in(col(Maybe, i64), amph_ints_of((const int64_t *)NULL, 0)));
	AGREES(not_in(col(Maybe, i64), ints(0)));
	AGREES(in(col(Maybe, num), amph_numerics(dec(1), dec(-0.50))));
	AGREES(in(col(Maybe, f64), amph_doubles(0.1, 7)));
	AGREES(eq(col(Maybe, bytes), bytes));
	AGREES(gt(col(Maybe, bytes), bytes));
	AGREES(le(col(Maybe, uuid), two));
	AGREES(ge(col(Maybe, date), amph_date_ymd(2024, 1, 3)));
	AGREES(lt(col(Maybe, time), amph_time_hms(3, 0, 0)));
	AGREES(le(col(Maybe, ts), amph_timestamp_at(2024, 1, 1, 2, 0, 0)));
	AGREES(gt(col(Maybe, tstz), at(1500)));
	AGREES(eq(col(Maybe, span), day));
	AGREES(lt(col(Maybe, span), day));
	AGREES(eq(col(Maybe, mood), HAPPY));
	AGREES(in(col(Maybe, mood), amph_enums(SAD, OK)));
	AGREES(is_null(col(Maybe, json)));
	AGREES(not_null(col(Maybe, text)));
	AGREES(any_of(eq(col(Maybe, i32), 1000), is_null(col(Maybe, f64)), eq(col(Maybe, i64), none)));
	AGREES(all_of(not_null(col(Maybe, id)), any_of(gt(col(Maybe, i32), 0), eq(col(Maybe, b), true))));
	AGREES(none_of(eq(col(Maybe, i32), 1000), eq(col(Maybe, b), false)));
	AGREES(not_(none_of(eq(col(Maybe, text), "a"))));
	AGREES(all_of((amph_bool_expr){ { 0 } }, eq(col(Maybe, i32), 0)));
}
END_TEST

START_TEST(values_are_set_as_the_database_has_them)
{
	amph_interval span = { .months = 1, .days = 2, .usec = 3 };
	amph_uuid uuid = { { 1, 2, 3 } };

	Maybe *m = amph_new(s, Maybe);
	Item *item = amph_new(s, Item, .name = "i", .section_id = new_section("s")->id);
	DO(amph_commit(s));
	WRITES(1, amph_update(s, Maybe, .all_rows = true, EVALUATED, .set = sets(
		set(Maybe, b, true), set(Maybe, i16, 3), set(Maybe, i64, 1), set(Maybe, f32, 0.1),
		set(Maybe, f64, 0.1), set(Maybe, num, dec(1.50)), set(Maybe, text, "t"),
		set(Maybe, bytes, ((amph_bytes){ .data = "ab", .size = 2 })), set(Maybe, uuid, uuid),
		set(Maybe, date, amph_date_ymd(2024, 2, 29)), set(Maybe, span, span),
		set(Maybe, tstz, at(5)), set(Maybe, mood, HAPPY))));
	WRITES(1, amph_update(s, Item, .all_rows = true, EVALUATED,
			      .set = sets(set(Item, price, dec(2.005)))));
	char *memory = strdup(amph_to_json(s, m)), *price = strdup(amph_to_json(s, item));
	DO(amph_commit(s));
	DO(amph_refresh(s, m) && amph_refresh(s, item));
	ck_assert_str_eq(memory, amph_to_json(s, m));
	ck_assert_str_eq(price, amph_to_json(s, item));
	free(memory);
	free(price);
	/* again and again: the texts of before go */
	for (int i = 0; i < 100; i++)
		WRITES(1, amph_update(s, Maybe, .all_rows = true, EVALUATED,
				      .set = sets(set(Maybe, text, i % 2 ? "odd" : "even"))));
	ck_assert_str_eq(m->text, "odd");
	DO(amph_commit(s));
}
END_TEST

START_TEST(kinds_filters_and_parts)
{
	Employee *e = amph_new(s, Employee, .name = "ann");
	Manager *m = amph_new(s, Manager, .base = { .name = "bob" }, .motto = "go");

	DO(amph_commit(s));
	WRITES(2, amph_update(s, Employee, .all_rows = true, EVALUATED,
			      .set = sets(set(Employee, boss_id, e->id))));
	ck_assert_int_eq(e->boss_id.value, e->id);
	ck_assert_int_eq(m->base.boss_id.value, e->id);
	WRITES(1, amph_update(s, Manager, .where = eq(col(Employee, name), "bob"), EVALUATED,
			      .set = sets(set(Manager, motto, "stay"))));
	ck_assert_str_eq(m->motto, "stay");
	DO(amph_commit(s));
	two_people();
	amph_session_clear(s);
	/* a part is read anew */
	Person *p = amph_first(s, Person, .only = by(col(Person, username)), .order_by = by(col(Person, id)));
	WRITES(2, amph_update(s, Person, .all_rows = true, EVALUATED, .set = sets(set(Person, age, 9))));
	ck_assert_ptr_eq(amph_first(s, Person, .order_by = by(col(Person, id))), p);
	ck_assert_int_eq(p->age, 9);
}
END_TEST

#define REFUSED(what, ...)                                                                    \
	SAYS("0A000", what, amph_update(s, Person, EVALUATED, __VA_ARGS__) >= 0)
START_TEST(what_is_not_certain_is_refused)
{
	two_people();
	REFUSED("the order of texts", .where = gt(col(Person, username), "a"),
		.set = sets(set(Person, age, 1)));
	REFUSED("ilike", .where = ilike(col(Person, username), "A%"), .set = sets(set(Person, age, 1)));
	REFUSED("an expression", .where = eq(fn_lower(col(Person, username)), "ann"),
		.set = sets(set(Person, age, 1)));
	REFUSED("an expression that is set", .where = eq(col(Person, age), 30),
		.set = sets(set(Person, age, add(col(Person, age), 1))));
	REFUSED("a key that is set", .where = eq(col(Person, age), 30), .set = sets(set(Person, id, 77)));
	REFUSED("exists", .where = exists(Section), .set = sets(set(Person, age, 1)));
	SAYS("0A000", "soft delete", amph_delete_where(s, Ticket, .all_rows = true, EVALUATED) >= 0);
	SAYS("0A000", "computes", amph_update(s, Account, .all_rows = true, EVALUATED,
					      .set = sets(set(Account, code, "x"))) >= 0);
	SAYS("0A000", "JSON", amph_update(s, Maybe, .all_rows = true, EVALUATED,
					  .set = sets(set(Maybe, json, json({})))) >= 0);
	/* the database refuses: nothing has changed */
	SAYS("23505", "", amph_update(s, Person, .all_rows = true, EVALUATED,
				      .set = sets(set(Person, username, "same"))) >= 0);
	ck_assert_str_eq(ann->username, "ann");
	SAYS("23514", "", amph_update(s, Person, .where = eq(col(Person, age), 30), EVALUATED,
				      .set = sets(set(Person, age, -1))) >= 0);
	ck_assert_int_eq(ann->age, 30);
}
END_TEST

START_TEST(by_itself_it_asks_where_it_must)
{
	two_people();
	WRITES(1, amph_update(s, Person, .where = eq(col(Person, username), "ann"), .sync = AMPH_SYNC_AUTO,
			      .set = sets(set(Person, age, 31))));
	ck_assert_int_eq(ann->age, 31);
	WRITES(1, amph_update(s, Person, .where = gt(col(Person, username), "b"), .sync = AMPH_SYNC_AUTO,
			      .set = sets(set(Person, age, add(col(Person, age), 1)))));
	ck_assert_int_eq(bob->age, 41);
	SAYS("22003", "", amph_update(s, Person, .all_rows = true, .sync = AMPH_SYNC_AUTO,
				      .set = sets(set(Person, age, 5000000000))) >= 0);
}
END_TEST

SUITE(evaluate_suite, "evaluate", objects_are_as_the_statement_leaves_them, deleted_objects_go,
      versions_count_up, foreign_keys_move_parents, conditions_agree_with_the_database,
      values_are_set_as_the_database_has_them, kinds_filters_and_parts, what_is_not_certain_is_refused,
      by_itself_it_asks_where_it_must)
