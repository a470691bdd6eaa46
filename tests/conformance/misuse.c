/* What programs do wrong, or may take for wrong, and what they are told. */
#include "conformance.h"
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static void says(const char *state, const char *table, const char *column)
{
	const amph_error *e = amph_session_error(s);

	ck_assert_msg(!strcmp(e->sqlstate, state), "%s %s", e->sqlstate, e->message);
	ck_assert_msg(!strcmp(e->table, table) && !strcmp(e->column, column), "\"%s\".\"%s\" of %s",
		      e->table, e->column, e->message);
	amph_rollback(s);
}

START_TEST(a_member_that_is_no_column_is_the_program_s)
{
	Noted *n = amph_new(s, Noted, .name = "a", .loads = 7);

	ck_assert_int_eq(n->loads, 7);
	DO(amph_commit(s));
	ck_assert_int_eq(n->loads, 7);
	DO(amph_refresh(s, n));
	ck_assert_int_eq(n->loads, 8);
	n->loads = 99;
	ck_assert(!amph_is_modified(s, n));
	n->name = "b";
	DO(amph_flush(s));
	amph_rollback(s);
	ck_assert_str_eq(n->name, "a");
	ck_assert_int_eq(n->loads, 99);
	Noted *other = amph_new(s, Noted, .name = "c");
	DO(amph_flush(s));
	other->loads = 5;
	amph_rollback(s);
	ck_assert_int_eq(other->loads, 5);
	ck_assert_str_eq(other->name, "c");
}
END_TEST

/* As PostgreSQL cuts it; the object has what its row has, also where the flush fails. */
START_TEST(spaces_beyond_a_length_are_cut_off)
{
	char long_name[400], shown[400];

	memset(long_name, ' ', sizeof long_name - 1);
	memcpy(long_name, "\xc3\xa4", 2);
	long_name[sizeof long_name - 1] = '\0';
	Person *p = new_person("p"), *q = new_person(long_name);
	DO(amph_flush(s));
	size_t n = strlen(q->username);
	ck_assert_uint_lt(n, 300);
	memcpy(shown, q->username, n + 1);
	DO(amph_refresh(s, q));
	ck_assert_str_eq(q->username, shown);
	p->username = long_name;
	FAILS("23505", amph_flush(s));
	amph_rollback(s);
	Person rows[2] = { { .username = "r" }, { .username = long_name } };
	DO(amph_insert_many(s, Person, rows, 2, .only = by(col(Person, username))) == 2);
	WRITES(1, amph_update(s, Person, .where = eq(col(Person, username), "r"),
				   .set = sets(set(Person, email, "e"))));
	WRITES(1, amph_delete_where(s, Person, .where = eq(col(Person, username), shown)));
	WRITES(1, amph_update(s, Person, .where = eq(col(Person, username), "r"),
				   .set = sets(set(Person, username, long_name))));
	ck_assert_int_eq(amph_count(s, Person, .where = eq(col(Person, username), shown)), 1);
	long_name[sizeof long_name - 2] = 'x';
	FAILS("22001", new_person(long_name) && amph_flush(s));
}
END_TEST

/* A table that was made before its model got a column. */
typedef struct TorchOnce { int64_t id; const char *name; } TorchOnce;
typedef struct Torch { int64_t id; const char *name, *colour; } Torch;
AMPH_DECLARE(TorchOnce);
AMPH_DECLARE(Torch);
AMPH_MODEL(TorchOnce, "m_torches",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(TorchOnce, id, .primary_key = true),
				AMPH_COLUMN(TorchOnce, name)));
AMPH_MODEL(Torch, "m_torches",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Torch, id, .primary_key = true), AMPH_COLUMN(Torch, name),
				AMPH_COLUMN(Torch, colour)));

static void lacks_colour(amph_session *session)
{
	const amph_error *e = amph_session_error(session);

	ck_assert_str_eq(e->sqlstate, "42703");
	ck_assert_str_eq(e->table, "m_torches");
	ck_assert_str_eq(e->column, "colour");
	ck_assert_msg(strstr(e->message, "does not exist: the table is older than its model"), "%s",
		      e->message);
	amph_rollback(session);
}

START_TEST(a_table_that_is_older_than_its_model)
{
	static const amph_model *const old[] = { &amph_model_TorchOnce, NULL };
	static const amph_model *const new[] = { &amph_model_Torch, NULL };
	char url[4096], name[64];
	amph_error err;
	bool sqlite = !strncmp(test_url(), "sqlite", 6);

	snprintf(url, sizeof url, "%s", test_url());
	if (sqlite) {
		snprintf(name, sizeof name, "older-than-its-model-%ld.db", (long)getpid());
		remove(name);
		snprintf(url, sizeof url, "sqlite:///%s", name);
	}
	amph_engine *was = amph_open(url, AMPH_OPTIONS(.models = old), &err);
	ck_assert_msg(was && amph_create_all(was, &err), "%s", err.message);
	amph_engine *is = amph_open(url, AMPH_OPTIONS(.models = new), &err);
	ck_assert_msg(is && amph_create_all(is, &err), "%s", err.message);
	amph_session *t = amph_session_open(is);
	amph_new(t, Torch, .name = "x", .colour = "red");
	ck_assert(!amph_commit(t));
	lacks_colour(t);
	ck_assert_ptr_null(amph_all(t, Torch));
	lacks_colour(t);
	amph_session_close(t);
	amph_close(is);
	ck_assert_msg(amph_drop_all(was, &err), "%s", err.message);
	amph_close(was);
	if (sqlite)
		remove(name);
}
END_TEST

START_TEST(functions_of_other_dialects_have_another_name)
{
	static const char *const calls[][2] = {
		{ "SELECT ifnull(1, 2)", "coalesce" }, { "SELECT nvl(1, 2)", "coalesce" },
		{ "SELECT group_concat(username) FROM people", "string_agg" },
		{ "SELECT strftime('%Y', created_at) FROM people", "to_char" },
	};

	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		FAILS("42883", amph_sql(s, calls[i][0]));
		ck_assert_msg(strstr(amph_session_error(s)->message, calls[i][1]), "%s",
			      amph_session_error(s)->message);
		amph_rollback(s);
	}
	FAILS("22008", amph_sql(s, "SELECT date '2023-02-29'"));
	ck_assert_msg(strstr(amph_session_error(s)->message, "no such day"), "%s",
		      amph_session_error(s)->message);
	amph_rollback(s);
}
END_TEST

/* A hint is for what it is about. */
START_TEST(hints_are_for_their_errors)
{
	ck_assert_ptr_null(amph_sql(s, "select people.id from (select 1) x"));
	ck_assert_str_eq(amph_session_error(s)->sqlstate, "42P01");
	ck_assert_ptr_null(strstr(amph_session_error(s)->message, "amph_create_all"));
	ck_assert_str_eq(amph_session_error(s)->table, "");
	amph_rollback(s);
	Ticket *t = amph_new(s, Ticket, .status = "open", .meta = { "{\"a\": \"\\u0000\"}" });
	ck_assert(!(t && amph_flush(s)));
	says("22P05", "tickets", "metadata");
}
END_TEST

START_TEST(what_has_no_row_cannot_be_deleted)
{
	Person *gone = new_person("gone"), *kept = new_person("kept");

	DO(amph_flush(s));
	amph_rollback(s);
	SAYS("HV010", "has no row that could be deleted", amph_delete(s, gone));
	DO(amph_attach(s, gone) && amph_attach(s, kept) && amph_commit(s));
	DO(amph_delete(s, gone) && amph_delete(s, gone));
	/* a query flushes, which the program need not know */
	ck_assert_int_eq(amph_count(s, Person), 1);
	DO(amph_delete(s, gone) && amph_commit(s));
	SAYS("HV010", "has no row that could be deleted", amph_delete(s, gone));
	Person *never = new_person("never");
	DO(amph_delete(s, never));
	SAYS("HV010", "has no row that could be deleted", amph_delete(s, never));
}
END_TEST

START_TEST(an_expunged_object_can_be_deleted)
{
	Person *p = new_person("p");

	DO(amph_commit(s) && amph_expunge(s, p) && amph_delete(s, p));
	ck_assert_int_eq(amph_state(s, p), AMPH_OBJECT_DELETED);
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Person), 0);
	p = new_person("q");
	DO(amph_commit(s) && amph_expunge(s, p));
	ck_assert_ptr_ne(amph_get(s, Person, p->id), p);
	SAYS("HV010", "another object for this row", amph_delete(s, p));
}
END_TEST

START_TEST(cells_without_a_row)
{
	new_person("p");
	amph_rows *r = amph_sql(s, "SELECT id, username FROM people");

	ck_assert_int_eq(amph_cell_int64(r, "id"), 0);
	ck_assert(!amph_ok(r));
	ck_assert_ptr_nonnull(strstr(amph_session_error(s)->message, "call amph_next first"));
	ck_assert(!amph_next(r));
	ck_assert(!amph_rows_close(r));
	r = amph_sql(s, "SELECT id, username FROM people");
	ck_assert(amph_next(r) && !amph_next(r) && amph_ok(r));
	ck_assert_ptr_null(amph_cell_text_at(r, 0));
	ck_assert(!amph_rows_close(r));
	ck_assert_ptr_nonnull(strstr(amph_session_error(s)->message, "amph_next was false"));
	/* the transaction goes on */
	ck_assert_int_eq(amph_count(s, Person), 1);
	ck_assert(amph_cell_is_null(NULL, "id"));
}
END_TEST

START_TEST(labels_by_name)
{
	ck_assert_str_eq(amph_enum_label(Thing, mood, HAPPY), "happy");
	ck_assert_int_eq(amph_enum_number(Maybe, mood, "ok"), OK);
	ck_assert_ptr_null(amph_enum_label(Thing, mood, 3));
	ck_assert_int_eq(amph_enum_number(Thing, mood, "angry"), -1);
	ck_assert_int_eq(amph_enum_number(Thing, mood, NULL), -1);
	ck_assert_int_eq(amph_enum_number(Thing, text, "ok"), -1);
	ck_assert_ptr_null(amph_enum_label(Thing, text, 0));
	ck_assert_ptr_null(amph_do_enum_label(NULL, 0, 0));
}
END_TEST

START_TEST(structs_of_no_session)
{
	/* what is read before the second is of the first */
	Author strays[2] = { { .name = "ann" }, { .name = "bob", .books = NULL } }, *stray = &strays[1];
	Book *book = amph_new(s, Book, .title = "Ur");
	Book loose[2] = { { 0 }, { .title = "loose", .author = stray } };

	ck_assert(!amph_append(stray, books, book));
	says("HV010", "", "");
	ck_assert(!amph_append(stray, books, &loose[1]) && !amph_remove(stray, books, &loose[1]));
	ck_assert_ptr_null(amph_rel(stray, books));
	ck_assert_ptr_eq(amph_rel(&loose[1], author), stray);
	ck_assert_ptr_null(amph_model_of(stray));
	ck_assert_ptr_null(amph_object_as(Author, stray));
	ck_assert_int_eq(amph_state(s, stray), AMPH_OBJECT_UNKNOWN);
	Author *author = amph_new(s, Author, .name = "eve");
	SAYS("HV010", "the item is not an object of this session", amph_append(author, books, &loose[1]));
	SAYS("HV010", "not one of this session", amph_delete(s, stray));
}
END_TEST

/* As the first of many in an array, which may lie where memory starts. */
START_TEST(a_struct_with_nothing_before_it)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *room = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	Book *book = amph_new(s, Book, .title = "Ur");

	ck_assert(room != MAP_FAILED && munmap(room, page) == 0);
	Author *stray = (Author *)(void *)(room + page);
	SAYS("HV010", "not one of this session", amph_delete(s, stray));
	SAYS("HV010", "not one of this session", amph_refresh(s, stray));
	SAYS("HV010", "not an object", amph_append(stray, books, book));
	ck_assert_ptr_null(amph_rel(stray, books));
	ck_assert_int_eq(amph_state(s, stray), AMPH_OBJECT_UNKNOWN);
	munmap(room + page, page);
}
END_TEST

START_TEST(values_that_do_not_fit_name_the_column)
{
	amph_new(s, Thing, .text = "t", .bytes = { "b", 1 }, .json = AMPH_JSON({}));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_update(s, Thing, .all_rows = true, .set = sets(set(Thing, i16, 40000))), -1);
	says("22003", "things", "i16");
	ck_assert_int_eq(amph_update(s, Thing, .all_rows = true,
				     .set = sets(set(Thing, i32, 1LL << 40))), -1);
	says("22003", "things", "i32");
	ck_assert_int_eq(amph_update(s, Thing, .all_rows = true,
				     .set = sets(set(Thing, json, ((amph_json){ "{bad" })))), -1);
	says("22P02", "things", "json");
}
END_TEST

/* Fields and message, of a row alone, of several and of many. */
START_TEST(values_of_a_flush_name_their_member)
{
	static const struct { Thing row; const char *state, *member; } wrong[] = {
		{ { .text = "\xc3\x28" }, "22021", "text" },
		{ { .num = { .kind = 77 } }, "22P02", "num" },
		{ { .mood = 9 }, "22P02", "mood" },
		{ { .date = { INT32_MAX - 5 } }, "22008", "date" },
		{ { .time = { -1 } }, "22008", "time" },
		{ { .json = { "\xff" } }, "22021", "json" },
	};
	static const int counts[] = { 1, 2, 30 };
	static Person many[30];

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		for (size_t k = 0; k < 3; k++) {
			for (int n = 0; n < counts[k]; n++) {
				Thing *t = amph_new(s, Thing, .text = "t", .bytes = { "b", 1 },
						    .json = AMPH_JSON({}));
				const Thing *row = &wrong[i].row;

				if (n + 1 < counts[k])
					continue;
				t->text = row->text ? row->text : t->text;
				t->json = row->json.text ? row->json : t->json;
				t->num = row->num;
				t->mood = row->mood;
				t->date = row->date;
				t->time = row->time;
			}
			char begin[40];
			snprintf(begin, sizeof begin, "member \"%s\": ", wrong[i].member);
			ck_assert(!amph_flush(s));
			ck_assert_msg(!strncmp(amph_session_error(s)->message, begin, strlen(begin)), "%s",
				      amph_session_error(s)->message);
			says(wrong[i].state, "things", wrong[i].member);
		}
	}
	for (int i = 0; i < 30; i++)
		many[i].username = i == 25 ? "a name that is longer than twenty" : "short";
	ck_assert_int_eq(amph_insert_many(s, Person, many, 30, .only = by(col(Person, username))), -1);
	ck_assert_ptr_nonnull(strstr(amph_session_error(s)->message, "member \"username\": value too long"));
	says("22001", "people", "username");
	Person *p = new_person("fine");
	DO(amph_flush(s));
	p->username = many[25].username;
	ck_assert(!amph_flush(s));
	ck_assert_ptr_nonnull(strstr(amph_session_error(s)->message, "member \"username\": value too long"));
	says("22001", "people", "username");
}
END_TEST

START_TEST(json_that_is_none_names_the_column)
{
	const Ticket rows[] = { { .meta = { "{}" } }, { .meta = { "{bad" } } };
	static Ticket many[1200];

	amph_new(s, Ticket, .meta = { "{bad" });
	ck_assert(!amph_commit(s));
	ck_assert_ptr_nonnull(strstr(amph_session_error(s)->message, "member \"meta\": "));
	says("22P02", "tickets", "metadata");
	amph_new(s, Ticket, .meta = { "[]" });
	Ticket *later = amph_new(s, Ticket, .meta = { "[" });
	ck_assert(!amph_flush(s));
	says("22P02", "tickets", "metadata");
	later->meta = AMPH_JSON([1]);
	DO(amph_attach(s, later) && amph_commit(s));
	later->meta = (amph_json){ "[1" };
	ck_assert(!amph_flush(s));
	says("22P02", "tickets", "metadata");
	ck_assert_int_eq(amph_insert_many(s, Ticket, rows, 2, .only = by(col(Ticket, meta))), -1);
	says("22P02", "tickets", "metadata");
	for (size_t i = 0; i < 1200; i++)
		many[i].meta.text = i == 1100 ? "nul" : "null";
	ck_assert_int_eq(amph_insert_many(s, Ticket, many, 1200, .only = by(col(Ticket, meta))), -1);
	says("22P02", "tickets", "metadata");
}
END_TEST

static bool rows_of(const char *sql)
{
	amph_rows *r = amph_sql(s, sql);

	return r && amph_rows_close(r);
}

START_TEST(messages_say_what_to_do)
{
	amph_error err;

	SAYS("22007", "a date is written 2026-11-23", rows_of("SELECT 'soon'::date"));
	SAYS("22008", "year-month-day", rows_of("SELECT '2026-13-01'::date"));
	amph_rows *r = amph_sql(s, "SELECT 1 WHERE 1 = ANY(:ids)", amph_bind("ids", 1));
	SAYS("42809", "amph_array", r && amph_rows_close(r));
	SAYS("42883", "column = ANY(:list)", rows_of("SELECT 1 WHERE 1 = ARRAY[1, 2]"));
	ck_assert(!rows_of("SELECT 1 WHERE ARRAY[1::bigint] = ARRAY[1]"));
	ck_assert_str_eq(amph_session_error(s)->sqlstate, "42883");
	ck_assert_ptr_null(strstr(amph_session_error(s)->message, "ANY"));
	amph_rollback(s);
	const amph_opt_int64 ids[] = { AMPH_SOME(1), AMPH_SOME(2) };
	r = amph_sql(s, "SELECT 1 AS a WHERE 2 = ANY(:ids)",
		     amph_bind("ids", amph_array(((amph_int64_array){ ids, 2 }))));
	ck_assert(amph_next(r) && amph_cell_int64(r, "a") == 1 && amph_rows_close(r));
	SAYS("42P01", "relation \"nowhere\" does not exist", rows_of("SELECT * FROM nowhere"));
	ck_assert_ptr_null(strstr(amph_session_error(s)->message, "amph_create_all"));
	DO(amph_commit(s));
	ck_assert(amph_drop_all(db, &err));
	ck_assert_ptr_null(amph_all(s, Person));
	ck_assert_ptr_nonnull(strstr(amph_session_error(s)->message, ": amph_create_all makes the tables"));
	says("42P01", "people", "");
	amph_new(s, Person, .username = "p");
	ck_assert(!amph_commit(s));
	says("42P01", "people", "");
	SAYS("42P01", ": amph_create_all makes", rows_of("SELECT count(*) FROM people"));
	ck_assert(amph_create_all(db, &err));
}
END_TEST

START_TEST(what_is_refused_has_sql_s_words)
{
	static const struct { const char *sql, *words; } cases[] = {
		{ "GRANT SELECT ON people TO PUBLIC", "GRANT is" },
		{ "REVOKE SELECT ON people FROM PUBLIC", "REVOKE is" },
		{ "LISTEN x", "LISTEN is" }, { "CREATE ROLE x", "CREATE ROLE is" },
		{ "CREATE RULE r AS ON INSERT TO people DO NOTHING", "CREATE RULE is" },
		{ "DECLARE c CURSOR FOR SELECT 1", "DECLARE is" },
	};

	if (strcmp(amph_engine_backend(db), "sqlite"))
		return;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		SAYS("0A000", cases[i].words, rows_of(cases[i].sql));
}
END_TEST

static bool quiet(amph_event *event, void *object)
{
	(void)event, (void)object;
	return true;
}

/* What a query of NULL names gives once it is executed. */
#define OF_NULL(call)                                                                               \
	do {                                                                                        \
		amph_query *q = amph_query_new(s, &amph_model_Person);                              \
		(void)(call);                                                                       \
		SAYS("HV010", "NULL", amph_query_all(q));                                           \
		amph_query_free(q);                                                                 \
	} while (0)

START_TEST(null_is_told_not_read)
{
	amph_query *none = NULL;
	amph_date date;

	ck_assert(!amph_listen(NULL, AMPH_AFTER_LOAD, NULL, quiet, NULL));
	ck_assert(!amph_unlisten(NULL, AMPH_AFTER_LOAD, NULL, quiet, NULL));
	ck_assert(!amph_engine_listen(NULL, AMPH_AFTER_LOAD, NULL, quiet, NULL));
	ck_assert(!amph_engine_unlisten(NULL, AMPH_AFTER_LOAD, NULL, quiet, NULL));
	ck_assert(!amph_lift_filters(NULL, true));
	ck_assert_ptr_null(amph_expr_column(none, NULL));
	OF_NULL(amph_expr_column(q, NULL));
	OF_NULL(amph_expr_column_of(q, NULL, "age"));
	OF_NULL(amph_expr_column_of(q, &amph_model_Person, NULL));
	OF_NULL(amph_expr_call(q, NULL, NULL, 0));
	OF_NULL(amph_expr_call(q, "=", NULL, 2));
	OF_NULL(amph_expr_raw(q, NULL, NULL, 0));
	OF_NULL(amph_expr_raw(q, "$1", NULL, 1));
	OF_NULL(amph_expr_constant(q, NULL));
	OF_NULL(amph_expr_label(q, NULL));
	OF_NULL(amph_expr_path(q, NULL, 1));
	OF_NULL(amph_expr_by(q, NULL, NULL, 1));
	OF_NULL(amph_expr_over(q, amph_expr_column(q, "age"), NULL));
	OF_NULL(amph_expr_related(q, NULL, NULL));
	OF_NULL(amph_query_join(q, AMPH_JOIN_INNER, NULL));
	OF_NULL(amph_query_join_on(q, AMPH_JOIN_INNER, NULL, amph_expr_column(q, "is_active")));
	OF_NULL(amph_query_load(q, AMPH_LOAD_SELECTIN, NULL));
	OF_NULL(amph_query_set(q, NULL, amph_expr_column(q, "age")));
	OF_NULL(amph_query_field(q, NULL, 0, 0, amph_expr_column(q, "age")));
	OF_NULL(amph_query_into(q, NULL, "age", amph_expr_column(q, "age")));
	SAYS("HV010", "NULL", amph_all(s, Person, .where = in(col(Person, id), amph_ints_of(NULL, 3))));
	DO(amph_all(s, Person, .where = in(col(Person, id), amph_ints_of(NULL, 0))));
	amph_rows *r = amph_sql(s, "SELECT 1 AS a");
	ck_assert(amph_next(r) && !amph_cell_text(r, NULL) && !amph_rows_close(r));
	amph_rollback(s);
	ck_assert(amph_date_parse("2020-01-01", NULL, NULL) && !amph_date_parse("x", NULL, NULL));
	ck_assert(amph_uuid_parse("00000000-0000-0000-0000-000000000001", NULL, NULL));
	ck_assert(amph_interval_parse("1 day", NULL, NULL) && amph_time_parse("10:00", NULL, NULL));
	ck_assert(amph_timestamp_parse("2020-01-01 10:00", NULL, NULL));
	ck_assert(amph_timestamptz_parse("2020-01-01 10:00+00", NULL, NULL));
	ck_assert(amph_date_parse("2020-01-01", &date, NULL));
}
END_TEST

SUITE(misuse_suite, "misuse", null_is_told_not_read, functions_of_other_dialects_have_another_name,
      a_table_that_is_older_than_its_model,
      a_member_that_is_no_column_is_the_program_s,
      spaces_beyond_a_length_are_cut_off, hints_are_for_their_errors,
      what_has_no_row_cannot_be_deleted, an_expunged_object_can_be_deleted, cells_without_a_row,
      labels_by_name, structs_of_no_session,
      a_struct_with_nothing_before_it, values_that_do_not_fit_name_the_column,
      json_that_is_none_names_the_column, values_of_a_flush_name_their_member,
      messages_say_what_to_do, what_is_refused_has_sql_s_words)
