/* Events: functions of the program around the writing and reading of objects. */
#include "conformance.h"

START_TEST(before_events_change_and_refuse)
{
	Noted *n = amph_new(s, Noted, .name = "one");

	DO(amph_flush(s));
	ck_assert_int_eq(n->inserts, 1);
	n->name = "two";
	DO(amph_flush(s));
	ck_assert_int_eq(n->updates, 1);
	n->name = "refused";
	FAILS("45000", amph_flush(s));
	ck_assert_int_eq(amph_session_error(s)->status, AMPH_E_REFUSED);
	ck_assert_str_eq(amph_session_error(s)->message, "this name is refused");
	ck_assert_str_eq(amph_session_error(s)->table, "noted");
	ck_assert_str_eq(amph_session_error(s)->column, "");
	amph_rollback(s);
	ck_assert_int_eq(amph_count(s, Noted), 0);
}
END_TEST

START_TEST(events_run_once_for_an_object_of_a_flush)
{
	Noted *n = amph_new(s, Noted, .name = "one");

	DO(amph_commit(s));
	ck_assert_int_eq(n->inserts, 1);
	ck_assert_int_eq(n->updates, 0);
	DO(amph_commit(s));
	ck_assert_int_eq(n->updates, 0);
}
END_TEST

START_TEST(bulk_rows_are_validated_too)
{
	const Noted rows[] = { { .name = "a" }, { .name = "refused" } };

	FAILS("45000", amph_insert_many(s, Noted, rows, 2, .only = by(col(Noted, name))) >= 0);
	amph_rollback(s);
	DO(amph_insert_many(s, Noted, rows, 1, .only = by(col(Noted, name))) >= 0);
	DO(amph_commit(s));
	ck_assert_int_eq(((Noted *)amph_first(s, Noted))->inserts, 1);
}
END_TEST

START_TEST(after_load_sees_every_object_once)
{
	amph_new(s, Noted, .name = "a");
	amph_new(s, Noted, .name = "b");
	DO(amph_commit(s));
	amph_session_clear(s);
	Noted **list = amph_all(s, Noted, .order_by = by(col(Noted, id)));
	DO(list != NULL);
	ck_assert_int_eq(list[0]->loads, 1);
	ck_assert_int_eq(list[1]->loads, 1);
	amph_all(s, Noted);
	ck_assert_int_eq(list[0]->loads, 1);
	DO(amph_refresh(s, list[0]));
	ck_assert_int_eq(list[0]->loads, 2);
	amph_expect_statements(s, 0);
	DO(amph_commit(s));
}
END_TEST

/* Of the object that came before. */
static bool touch_another(amph_event *event, void *object)
{
	Author **before = amph_event_ctx(event);
	Author *a = *before;

	*before = object;
	if (a)
		amph_touch(a, offsetof(Author, books));
	return true;
}

START_TEST(after_load_cannot_query)
{
	Author *before = NULL;

	for (int i = 0; i < 3; i++) {
		Author *a = amph_new(s, Author, .name = i == 0 ? "a" : i == 1 ? "b" : "c");
		DO(amph_append(a, books, amph_new(s, Book, .title = "t")));
	}
	DO(amph_commit(s));
	amph_session_clear(s);
	DO(amph_listen(s, AMPH_AFTER_LOAD, &amph_model_Author, touch_another, &before));
	amph_all(s, Author, .order_by = by(col(Author, id)));
	ck_assert_str_eq(amph_session_error(s)->sqlstate, "HV010");
	DO(amph_unlisten(s, AMPH_AFTER_LOAD, &amph_model_Author, touch_another, &before));
	amph_rollback(s);
	ck_assert_uint_eq(amph_length(amph_all(s, Author)), 3);
}
END_TEST

START_TEST(a_deleted_object_tells_before)
{
	Noted *n = amph_new(s, Noted, .name = "keep");

	DO(amph_commit(s));
	DO(amph_delete(s, n));
	FAILS("45000", amph_commit(s));
	amph_rollback(s);
	ck_assert_int_eq(amph_count(s, Noted), 1);
}
END_TEST

/* ---- added while the program runs ---- */

typedef struct heard { int n; amph_event_kind kinds[32]; const char *refuse; } heard;

static bool hear(amph_event *event, void *object)
{
	heard *h = amph_event_ctx(event);

	ck_assert_ptr_eq(amph_event_session(event), s);
	ck_assert((object != NULL) == (amph_event_kind_of(event) <= AMPH_AFTER_LOAD));
	ck_assert((amph_event_model(event) != NULL) == (amph_event_kind_of(event) < AMPH_BEFORE_FLUSH));
	if (h->n < 32)
		h->kinds[h->n++] = amph_event_kind_of(event);
	return !h->refuse || amph_refuse(event, "%s", h->refuse);
}

/* What was heard since the last look, as letters in the order of the kinds. */
static const char *heard_of(heard *h)
{
	static const char letters[] = "iIuUdDlmMnNoOfFcCrR";
	static char text[33];

	for (int i = 0; i < h->n; i++)
		text[i] = letters[h->kinds[i]];
	text[h->n] = '\0';
	h->n = 0;
	return text;
}

static void hear_all(heard *h, const amph_model *model, bool engine)
{
	for (int kind = AMPH_BEFORE_INSERT; kind <= AMPH_AFTER_ROLLBACK; kind++) {
		const amph_model *of = kind < AMPH_BEFORE_FLUSH ? model : NULL;

		ck_assert(engine ? amph_engine_listen(db, (amph_event_kind)kind, of, hear, h)
				 : amph_listen(s, (amph_event_kind)kind, of, hear, h));
	}
}

START_TEST(handlers_can_be_added_to_a_session)
{
	heard h = { 0 };

	hear_all(&h, NULL, false);
	Section *c = new_section("one");
	ck_assert_str_eq(heard_of(&h), "fiIF");
	c->name = "two";
	DO(amph_commit(s));
	ck_assert_str_eq(heard_of(&h), "cfuUFC");
	amph_session_clear(s);
	c = amph_first(s, Section);
	ck_assert_str_eq(heard_of(&h), "l");
	DO(amph_delete(s, c));
	DO(amph_commit(s));
	ck_assert_str_eq(heard_of(&h), "cfdDFC");
	amph_rollback(s);
	ck_assert_str_eq(heard_of(&h), "rR");
	for (int kind = AMPH_BEFORE_INSERT; kind <= AMPH_AFTER_ROLLBACK; kind++)
		ck_assert(amph_unlisten(s, (amph_event_kind)kind, NULL, hear, &h));
	ck_assert(!amph_unlisten(s, AMPH_BEFORE_INSERT, NULL, hear, &h));
	new_section("three");
	DO(amph_commit(s));
	ck_assert_str_eq(heard_of(&h), "");
}
END_TEST

START_TEST(handlers_of_an_engine_are_of_all_its_sessions)
{
	heard h = { 0 };

	ck_assert(amph_engine_listen(db, AMPH_BEFORE_INSERT, &amph_model_Section, hear, &h));
	new_section("one");
	new_person("somebody");
	DO(amph_commit(s));
	ck_assert_str_eq(heard_of(&h), "i");
	ck_assert(!amph_engine_unlisten(db, AMPH_BEFORE_INSERT, NULL, hear, &h));
	ck_assert(amph_engine_unlisten(db, AMPH_BEFORE_INSERT, &amph_model_Section, hear, &h));
	new_section("two");
	DO(amph_commit(s));
	ck_assert_str_eq(heard_of(&h), "");
	/* of one model only, and of the session's events */
	hear_all(&h, &amph_model_Section, true);
	new_person("another");
	DO(amph_commit(s));
	ck_assert_str_eq(heard_of(&h), "cfFC");
}
END_TEST

static const amph_model stranger = { .abi = AMPH_ABI, .name = "Stranger" };

START_TEST(what_cannot_be_listened_to_is_misuse)
{
	FAILS("HV010", amph_listen(s, AMPH_BEFORE_INSERT, &stranger, hear, NULL));
	amph_rollback(s);
	FAILS("HV010", amph_listen(s, AMPH_BEFORE_COMMIT, &amph_model_Section, hear, NULL));
	amph_rollback(s);
	FAILS("HV010", amph_listen(s, AMPH_BEFORE_INSERT, NULL, NULL, NULL));
	amph_rollback(s);
	ck_assert(!amph_engine_listen(db, AMPH_BEFORE_INSERT, &stranger, hear, NULL));
	ck_assert(!amph_engine_listen(db, (amph_event_kind)99, NULL, hear, NULL));
}
END_TEST

START_TEST(every_event_before_can_refuse)
{
	heard h = { .refuse = "not now" };
	static const amph_event_kind kinds[] = { AMPH_BEFORE_INSERT, AMPH_AFTER_INSERT, AMPH_BEFORE_FLUSH,
						 AMPH_AFTER_FLUSH, AMPH_BEFORE_COMMIT };

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		DO(amph_listen(s, kinds[i], NULL, hear, &h));
		amph_new(s, Section, .name = "refused");
		FAILS("45000", amph_commit(s));
		ck_assert_int_eq(amph_session_error(s)->status, AMPH_E_REFUSED);
		ck_assert_str_eq(amph_session_error(s)->message, "not now");
		amph_rollback(s);
		ck_assert(amph_unlisten(s, kinds[i], NULL, hear, &h));
		ck_assert_int_eq(amph_count(s, Section), 0);
	}
	/* what is done is done */
	DO(amph_listen(s, AMPH_AFTER_COMMIT, NULL, hear, &h));
	DO(amph_listen(s, AMPH_BEFORE_ROLLBACK, NULL, hear, &h));
	DO(amph_listen(s, AMPH_AFTER_ROLLBACK, NULL, hear, &h));
	new_section("kept");
	DO(amph_commit(s));
	amph_rollback(s);
	ck_assert_int_eq(amph_count(s, Section), 1);
}
END_TEST

static bool take_away_itself(amph_event *event, void *object)
{
	(void)object;
	++*(int *)amph_event_ctx(event);
	return amph_unlisten(s, AMPH_BEFORE_FLUSH, NULL, take_away_itself, amph_event_ctx(event));
}

static bool add_a_section(amph_event *event, void *object)
{
	(void)object;
	return amph_new(amph_event_session(event), Section, .name = amph_event_ctx(event)) != NULL;
}

START_TEST(handlers_of_the_session_make_work)
{
	int n = 0;
	char before[] = "before", after[] = "after";

	DO(amph_listen(s, AMPH_BEFORE_FLUSH, NULL, take_away_itself, &n));
	DO(amph_listen(s, AMPH_BEFORE_FLUSH, NULL, add_a_section, before));
	new_person("p");
	DO(amph_flush(s));
	ck_assert_int_eq(n, 1);
	ck_assert(amph_unlisten(s, AMPH_BEFORE_FLUSH, NULL, add_a_section, before));
	ck_assert_int_eq(amph_count(s, Section, .where = eq(col(Section, name), "before")), 1);
	DO(amph_listen(s, AMPH_BEFORE_COMMIT, NULL, add_a_section, after));
	DO(amph_commit(s));
	ck_assert(amph_unlisten(s, AMPH_BEFORE_COMMIT, NULL, add_a_section, after));
	amph_rollback(s);
	ck_assert_int_eq(amph_count(s, Section), 2);
	ck_assert_int_eq(n, 1);
}
END_TEST

static bool end_it(amph_event *event, void *object)
{
	(void)object;
	if (amph_event_ctx(event))
		amph_rollback(amph_event_session(event));
	else
		amph_commit(amph_event_session(event));
	return true;
}

START_TEST(a_handler_must_not_end_the_transaction)
{
	static const amph_event_kind kinds[] = { AMPH_BEFORE_COMMIT, AMPH_BEFORE_FLUSH, AMPH_AFTER_UPDATE,
						 AMPH_AFTER_FLUSH };

	for (size_t i = 0; i < 8; i++) {
		void *how = i % 2 ? &db : NULL;

		Section *c = new_section("x");
		DO(amph_listen(s, kinds[i / 2], NULL, end_it, how));
		c->name = "y";
		FAILS("HV010", amph_commit(s));
		ck_assert(amph_unlisten(s, kinds[i / 2], NULL, end_it, how));
		amph_rollback(s);
		ck_assert_int_eq(amph_count(s, Section), 0);
	}
}
END_TEST

/* ---- many rows at once ---- */

START_TEST(calls_on_many_rows_have_events_of_their_own)
{
	const Section rows[] = { { .name = "a" }, { .name = "b" } };
	heard h = { 0 };

	hear_all(&h, &amph_model_Section, false);
	DO(amph_insert_many(s, Section, rows, 2, .only = by(col(Section, name))) >= 0);
	ck_assert_str_eq(heard_of(&h), "miiM");
	ck_assert_int_eq(amph_update(s, Section, .all_rows = true, .set = sets(set_null(Section, name))),
			 -1);
	ck_assert_str_eq(heard_of(&h), "n");
	amph_rollback(s);
	heard_of(&h);
	DO(amph_insert_many(s, Section, rows, 2, .only = by(col(Section, name))) >= 0);
	heard_of(&h);
	ck_assert_int_eq(amph_update(s, Section, .where = eq(col(Section, name), "a"),
				     .set = sets(set(Section, name, "c"))), 1);
	ck_assert_str_eq(heard_of(&h), "nN");
	ck_assert_int_eq(amph_delete_where(s, Section, .all_rows = true), 2);
	ck_assert_str_eq(heard_of(&h), "oO");
	h.refuse = "read only";
	FAILS("45000", amph_insert_many(s, Section, rows, 2, .only = by(col(Section, name))) >= 0);
	amph_rollback(s);
	FAILS("45000", amph_update(s, Section, .all_rows = true, .set = sets(set(Section, name, "c"))) >= 0);
	amph_rollback(s);
	FAILS("45000", amph_delete_where(s, Section, .all_rows = true) >= 0);
	amph_rollback(s);
}
END_TEST

START_TEST(validators_see_every_value_that_is_written)
{
	const Noted rows[] = { { .name = "a", .grade = AMPH_SOME(1) },
			       { .name = "b", .grade = AMPH_SOME(9) } };
	Noted *n = amph_new(s, Noted, .name = "n", .grade = AMPH_SOME(7));

	FAILS("45000", amph_commit(s));
	ck_assert_int_eq(amph_session_error(s)->status, AMPH_E_REFUSED);
	ck_assert_str_eq(amph_session_error(s)->message, "7 is no grade");
	ck_assert_str_eq(amph_session_error(s)->table, "noted");
	ck_assert_str_eq(amph_session_error(s)->column, "grade");
	amph_rollback(s);
	n = amph_new(s, Noted, .name = "n", .grade = AMPH_SOME(6));
	DO(amph_commit(s));
	n->grade = (amph_opt_int32)AMPH_SOME(0);
	FAILS("45000", amph_flush(s));
	amph_rollback(s);
	FAILS("45000", amph_insert_many(s, Noted, rows, 2,
					.only = by(col(Noted, name), col(Noted, grade))) >= 0);
	amph_rollback(s);
	FAILS("45000", amph_update(s, Noted, .all_rows = true, .set = sets(set(Noted, grade, 8))) >= 0);
	ck_assert_str_eq(amph_session_error(s)->message, "8 is no grade");
	ck_assert_str_eq(amph_session_error(s)->table, "noted");
	ck_assert_str_eq(amph_session_error(s)->column, "grade");
	amph_rollback(s);
	FAILS("0A000", amph_update(s, Noted, .all_rows = true,
				   .set = sets(set(Noted, grade, add(col(Noted, grade), 1)))) >= 0);
	amph_rollback(s);
	ck_assert_int_eq(amph_update(s, Noted, .all_rows = true, .set = sets(set(Noted, grade, 5))), 1);
	ck_assert_int_eq(amph_update(s, Noted, .all_rows = true, .set = sets(set_null(Noted, grade))), 1);
	DO(amph_insert_many(s, Noted, rows, 1, .only = by(col(Noted, name), col(Noted, grade))) >= 0);
	DO(amph_commit(s));
}
END_TEST

START_TEST(many_rows_are_checked_as_objects_are)
{
	const Ticket choice[] = { { .status = "lost" } };
	const Person missing[] = { { .email = "x" } };
	const Person length[] = { { .username = "123456789012345678901" } };

	FAILS("23514", amph_insert_many(s, Ticket, choice, 1, .only = by(col(Ticket, status))) >= 0);
	amph_rollback(s);
	amph_new(s, Ticket, .status = "lost");
	FAILS("23514", amph_flush(s));
	amph_rollback(s);
	FAILS("23502", amph_insert_many(s, Person, missing, 1, .only = by(col(Person, email))) >= 0);
	amph_rollback(s);
	FAILS("22001", amph_insert_many(s, Person, length, 1, .only = by(col(Person, username))) >= 0);
	amph_rollback(s);
	amph_new(s, Ticket);
	new_person("p");
	DO(amph_flush(s));
	DO(amph_savepoint(s));
	FAILS("23514", amph_update(s, Ticket, .all_rows = true, .set = sets(set(Ticket, status, "x"))) >= 0);
	DO(amph_rollback_to(s));
	DO(amph_savepoint(s));
	FAILS("23502", amph_update(s, Person, .all_rows = true,
				   .set = sets(set_null(Person, username))) >= 0);
	DO(amph_rollback_to(s));
	FAILS("22001", amph_update(s, Person, .all_rows = true,
				   .set = sets(set(Person, username, "123456789012345678901"))) >= 0);
	amph_rollback(s);
}
END_TEST

static bool look_around(amph_event *event, void *object)
{
	amph_session *session = amph_event_session(event);
	Author *a = amph_get(session, Author, 1), *rows;

	(void)object;
	for (int i = 2; i < 9; i++)
		if (amph_get(session, Author, i))
			return false;
	rows = amph_project(session, Author, Author, .fields = fields(into(Author, name, col(Author, name))));
	return a && amph_length(rows) == 1 &&
	       amph_count(session, Author, .where = gt(col(Author, id), 0)) == 1;
}

static void person_with_defaults(const char *name)
{
	Person *p = amph_one(s, Person, .where = eq(col(Person, username), name));

	DO(p != NULL);
	ck_assert_int_eq(p->age, 18);
	ck_assert(p->is_active);
	ck_assert_int_gt(p->created_at.usec, 0);
}

/* What a handler reads is not mixed up with the call that runs it, whose query waits for the flush. */
START_TEST(handlers_read_within_other_calls)
{
	amph_new(s, Author, .id = 1, .name = "ann");
	DO(amph_commit(s));
	DO(amph_listen(s, AMPH_BEFORE_BULK_INSERT, &amph_model_Person, look_around, NULL));
	DO(amph_listen(s, AMPH_BEFORE_INSERT, &amph_model_Section, look_around, NULL));
	WRITES(1, amph_insert_from(s, Person, Author, .fields = fields(into(Person, username,
		col(Author, name)))));
	person_with_defaults("ann");
	amph_new(s, Section, .name = "x");
	WRITES(1, amph_insert_from(s, Person, Section, .fields = fields(into(Person, username,
		col(Section, name)))));
	person_with_defaults("x");
	Section *y = amph_new(s, Section, .name = "y");
	Section **found = amph_all(s, Section, .where = eq(col(Section, name), "y"));
	DO(found != NULL);
	ck_assert_uint_eq(amph_length(found), 1);
	ck_assert_ptr_eq(found[0], y);
	Section *z = amph_new(s, Section, .id = 77, .name = "z");
	ck_assert_ptr_eq(amph_get(s, Section, 77), z);
	amph_new(s, Section, .name = "w");
	WRITES(1, amph_update(s, Section, .where = eq(col(Section, name), "w"),
			      .set = sets(set(Section, name, "v"))));
}
END_TEST

SUITE(event_suite, "events", before_events_change_and_refuse, events_run_once_for_an_object_of_a_flush,
      handlers_read_within_other_calls, bulk_rows_are_validated_too,
      after_load_sees_every_object_once,
      after_load_cannot_query, a_deleted_object_tells_before,
      handlers_can_be_added_to_a_session, handlers_of_an_engine_are_of_all_its_sessions,
      what_cannot_be_listened_to_is_misuse, every_event_before_can_refuse,
      handlers_of_the_session_make_work, a_handler_must_not_end_the_transaction,
      calls_on_many_rows_have_events_of_their_own, validators_see_every_value_that_is_written,
      many_rows_are_checked_as_objects_are)
