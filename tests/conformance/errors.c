/* Errors: the same SQLSTATE, constraint, table and column on every backend. */
#include "conformance.h"
#include <stdio.h>
#include <string.h>

/* The flush must fail with all of these; NULL is not compared. */
static void flush_fails(const char *state, const char *constraint, const char *table,
			const char *column)
{
	ck_assert_msg(!amph_flush(s), "the flush succeeded");
	const amph_error *e = amph_session_error(s);
	ck_assert_msg(!strcmp(e->sqlstate, state), "%s %s", e->sqlstate, e->message);
	if (constraint)
		ck_assert_str_eq(e->constraint, constraint);
	if (table)
		ck_assert_str_eq(e->table, table);
	if (column)
		ck_assert_str_eq(e->column, column);
	ck_assert_int_eq(e->outcome, AMPH_NOT_APPLIED);
	amph_rollback(s);
}

START_TEST(unique)
{
	new_person("a");
	DO(amph_commit(s));
	new_person("a");
	flush_fails("23505", "people_username_key", "people", NULL);
	amph_new(s, Person, .username = "b", .email = "x");
	amph_new(s, Person, .username = "c", .email = "x");
	flush_fails("23505", "ix_people_email", "people", NULL);
	amph_new(s, Person, .id = 1, .username = "z");
	flush_fails("23505", "people_pkey", "people", NULL);
	amph_new(s, Seat, .row = "A", .number = 1);
	DO(amph_flush(s));
	amph_new(s, Seat, .row = "A", .number = 1);
	flush_fails("23505", "seats_pkey", "seats", NULL);
}
END_TEST

START_TEST(foreign_keys)
{
	amph_new(s, Item, .name = "i", .price = amph_dec(1), .section_id = 99);
	flush_fails("23503", "items_section_id_fkey", "items", NULL);
	Person *boss = new_person("boss");
	DO(amph_flush(s));
	amph_new(s, Person, .username = "worker", .boss_id = AMPH_SOME(boss->id));
	DO(amph_commit(s));
	DO(amph_delete(s, boss));
	flush_fails("23503", "people_boss_id_fkey", "people", NULL);
	ck_assert_int_eq(amph_count(s, Person), 2);
}
END_TEST

START_TEST(checks)
{
	amph_new(s, Person, .username = "a", .age = -1);
	flush_fails("23514", "people_age_check", "people", NULL);
	Section *c = new_section("s");
	amph_new(s, Item, .name = "i", .price = amph_dec(-0.01), .section_id = c->id);
	flush_fails("23514", "items_price_positive", "items", NULL);
	amph_new(s, Account, .code = "x", .balance = amph_dec(-1));
	flush_fails("23514", "accounts_balance_check", "accounts", NULL);
}
END_TEST

START_TEST(not_null)
{
	amph_new(s, Person, .email = "nobody");
	flush_fails("23502", NULL, "people", "username");
	new_person("a");
	DO(amph_flush(s));
	FAILS("23502", amph_update(s, Person, .all_rows = true,
				   .set = sets(set_null(Person, username))) >= 0);
	ck_assert_str_eq(amph_session_error(s)->column, "username");
	amph_rollback(s);
}
END_TEST

START_TEST(lengths_and_ranges)
{
	new_person("a name of twenty-one.");
	flush_fails("22001", NULL, NULL, NULL);
	new_person("twenty characters é!");
	DO(amph_flush(s));
	amph_rollback(s);
	Section *c = new_section("s");
	amph_new(s, Item, .name = "i", .price = amph_dec(123456789.00), .section_id = c->id);
	flush_fails("22003", NULL, NULL, NULL);
}
END_TEST

START_TEST(too_long_by_query)
{
	new_person("a");
	DO(amph_flush(s));
	FAILS("22001", amph_update(s, Person, .all_rows = true,
				   .set = sets(set(Person, username, "a name of twenty-one."))) >= 0);
	amph_rollback(s);
	new_person("a");
	DO(amph_flush(s));
	FAILS("22003", amph_update(s, Person, .all_rows = true,
				   .set = sets(set(Person, age, mul(col(Person, age), 2000000000)))) >= 0);
	amph_rollback(s);
}
END_TEST

START_TEST(bad_text)
{
	new_person("\xc3\x28");
	flush_fails("22021", NULL, NULL, NULL);
	amph_new(s, Ticket, .meta = { "{\"a\":" });
	flush_fails("22P02", NULL, NULL, NULL);
	amph_new(s, Ticket, .meta = { "\"\\u0000\"" });
	flush_fails("22P05", NULL, NULL, NULL);
	SAYS("22021", "Person.username", amph_first(s, Person, .where = eq(col(Person, username), "\xff")));
	SAYS("22021", "Person.email", amph_first(s, Person, .where = amph_any_of(gt(col(Person, age), 1),
		in(col(Person, email), texts("a", "\xff")))));
	amph_first(s, Person, .where = contains(col(Person, username), "\xff"));
	ck_assert_str_eq(amph_session_error(s)->column, "username");
	ck_assert_str_eq(amph_session_error(s)->table, "people");
	amph_rollback(s);
}
END_TEST

START_TEST(arithmetic)
{
	new_person("a");
	DO(amph_flush(s));
	FAILS("22012", amph_first(s, Person, .where = eq(amph_div(col(Person, age), 0), 1)));
	amph_rollback(s);
	new_person("a");
	DO(amph_flush(s));
	FAILS("22003", amph_first(s, Person, .where = gt(add(col(Person, age), 2147483647), 0)));
	amph_rollback(s);
}
END_TEST

START_TEST(no_password_in_messages)
{
	amph_error err;
	const char *const urls[] = {
		"postgresql://user:sEcReT@127.0.0.1:1/db?connect_timeout=1",
		"postgresql://user:sEcReT@127.0.0.1:1/db?nosuch=1",
		"postgresql://user@127.0.0.1:1/db?password=sEcReT&connect_timeout=1",
		"nosuch://user:sEcReT@host/db",
		"postgresql://user:sEcReT%zz@127.0.0.1:1/db",
	};

	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		amph_engine *e = amph_open(urls[i], NULL, &err);

		ck_assert_ptr_null(e);
		ck_assert_str_ne(err.message, "");
		ck_assert_msg(!strstr(err.message, "sEcReT"), "%s", err.message);
		ck_assert_msg(!strstr(err.detail, "sEcReT"), "%s", err.detail);
	}
}
END_TEST

START_TEST(unknown_urls_name_the_known)
{
	amph_error err;
	char url[512];

	snprintf(url, sizeof url, "%s%cnonsense_of_a_key=1", test_url(), strchr(test_url(), '?') ? '&' : '?');
	ck_assert_ptr_null(amph_open(url, NULL, &err));
	ck_assert_str_eq(err.sqlstate, "HV00D");
	ck_assert_ptr_nonnull(strstr(err.message, "\"nonsense_of_a_key\""));
	ck_assert_ptr_nonnull(strstr(err.message, "pool_size,"));
	ck_assert_ptr_null(amph_open("mysql://x/y", NULL, &err));
	ck_assert_ptr_nonnull(strstr(err.message, "sqlite"));
	ck_assert_ptr_null(amph_open("sqlite::memory:?pool_sizes=3", NULL, &err));
	ck_assert_ptr_nonnull(strstr(err.message, "pool_size,"));
	ck_assert_ptr_nonnull(strstr(err.message, "pool_sizes"));
	ck_assert_ptr_null(amph_open("sqlite::memory:?pool_size=many", NULL, &err));
	ck_assert_ptr_null(amph_open("", NULL, &err));
	ck_assert_ptr_null(amph_open(NULL, NULL, &err));
}
END_TEST

START_TEST(the_pool_says_who_holds_its_connections)
{
	amph_error err;
	char url[512];

	snprintf(url, sizeof url, "%s%cpool_size=1&max_overflow=0&pool_timeout=0", test_url(),
		 strchr(test_url(), '?') ? '&' : '?');
	amph_engine *e = amph_open(url, NULL, &err);
	ck_assert_msg(e != NULL, "%s", err.message);
	amph_session *one = amph_session_open(e), *two = amph_session_open(e);
	OK_(one, amph_savepoint(one));
	ck_assert(!amph_savepoint(two));
	ck_assert_int_eq(amph_session_error(two)->status, AMPH_E_TIMEOUT);
	ck_assert_ptr_nonnull(strstr(amph_session_error(two)->message, "held by a session"));
	amph_session_close(one);
	amph_rollback(two);
	OK_(two, amph_savepoint(two));
	amph_session_close(two);
	ck_assert_uint_eq(amph_engine_pool_stats(e).timeouts, 1);
	amph_close(e);
}
END_TEST

START_TEST(sessions_go_on_after_their_engine_is_closed)
{
	const amph_model *const models[] = { &amph_model_Person, NULL };
	amph_error err;
	amph_engine *e = amph_open(test_url(), AMPH_OPTIONS(.models = models, .schema = "closed"), &err);

	ck_assert_msg(e != NULL && amph_drop_all(e, &err) && amph_create_all(e, &err), "%s", err.message);
	amph_session *one = amph_session_open(e), *two = amph_session_open(e);
	Person *p = amph_new(one, Person, .username = "x", .age = 1);
	OK_(one, amph_flush(one));
	amph_close(e);
	p->age = 2;
	OK_(one, amph_commit(one));
	ck_assert_int_eq(amph_count(one, Person, .where = eq(col(Person, age), 2)), 1);
	OK_(one, amph_delete_where(one, Person, .all_rows = true) == 1 && amph_commit(one));
	amph_session_close(one);
	/* its first statement is sent after all that */
	ck_assert_int_eq(amph_count(two, Person), 0);
	amph_session_close(two);
}
END_TEST

START_TEST(a_value_of_c_is_no_condition)
{
	ck_assert_ptr_null(amph_all(s, Person, .where = { { true } }));
	ck_assert_str_eq(amph_session_error(s)->sqlstate, "HV010");
	ck_assert_ptr_nonnull(strstr(amph_session_error(s)->message, "leave .where out"));
	amph_rollback(s);
	ck_assert_int_eq(amph_delete_where(s, Person, .where = { { true } }), -1);
	ck_assert_str_eq(amph_session_error(s)->sqlstate, "HV010");
	amph_rollback(s);
}
END_TEST

START_TEST(a_list_is_bound_to_any)
{
	const amph_opt_int64 items[] = { AMPH_SOME(1), AMPH_SOME(3) };
	const amph_int64_array ids = { .items = items, .n = 2 };
	amph_rows *r = amph_sql(s, "SELECT count(*) AS n FROM generate_series(1, 5) AS g (i) "
				"WHERE i = ANY(:ids)", amph_bind("ids", amph_array(ids)));

	ck_assert(amph_next(r) && amph_cell_int64(r, "n") == 2 && amph_rows_close(r));
	r = amph_sql(s, "SELECT count(*) AS n FROM people WHERE id IN (:ids)",
		     amph_bind("ids", amph_array(ids)));
	ck_assert(!amph_rows_close(r));
	ck_assert_str_eq(amph_session_error(s)->sqlstate, "42883");
	ck_assert_ptr_nonnull(strstr(amph_session_error(s)->message, "= ANY(:list)"));
	amph_rollback(s);
}
END_TEST

/* How many sessions of eight get a connection of a pool of one. */
static int served(const char *query, int max_overflow)
{
	amph_session *sessions[8];
	amph_error err;
	char url[512];
	int n = 0;

	snprintf(url, sizeof url, "%s%cpool_timeout=0%s", test_url(), strchr(test_url(), '?') ? '&' : '?',
		 query);
	amph_engine *e = amph_open(url, AMPH_OPTIONS(.pool_size = 1, .max_overflow = max_overflow), &err);
	ck_assert_msg(e != NULL, "%s", err.message);
	for (int i = 0; i < 8; i++) {
		sessions[i] = amph_session_open(e);
		n += amph_savepoint(sessions[i]);
	}
	for (int i = 0; i < 8; i++)
		amph_session_close(sessions[i]);
	amph_close(e);
	return n;
}

START_TEST(overflow_means_the_same_in_url_and_options)
{
	ck_assert_int_eq(served("", AMPH_NO_OVERFLOW), 1);
	ck_assert_int_eq(served("", 2), 3);
	ck_assert_int_eq(served("", -1), 8);
	ck_assert_int_eq(served("", 0), 8);
	ck_assert_int_eq(served("&max_overflow=0", 5), 1);
	ck_assert_int_eq(served("&max_overflow=2", 5), 3);
	ck_assert_int_eq(served("&max_overflow=-1", AMPH_NO_OVERFLOW), 8);
}
END_TEST

static bool four_bytes_too_many(amph_session *session, void *member)
{
	(void)session;
	memset(member, 1, 8);
	return true;
}
typedef struct Wide { int64_t id; int32_t a, b; amph_uuid u; } Wide;
AMPH_DECLARE(Wide);
AMPH_MODEL(Wide, "wides",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Wide, id, .primary_key = true),
				AMPH_COLUMN(Wide, a, .default_fn = four_bytes_too_many),
				AMPH_COLUMN(Wide, b)));
AMPH_DECLARE(Now);
typedef Wide Now;
AMPH_MODEL(Now, "wides",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Now, id, .primary_key = true),
				AMPH_COLUMN(Now, a, .default_fn = amph_now),
				AMPH_COLUMN(Now, b, .on_update = amph_now),
				AMPH_COLUMN(Now, u, .default_fn = amph_uuid_v7)));

START_TEST(a_default_of_another_type_harms_nothing)
{
	const amph_model *const wide[] = { &amph_model_Wide, NULL }, *const now[] = { &amph_model_Now, NULL };
	amph_error err;
	amph_engine *e = amph_open("sqlite::memory:", AMPH_OPTIONS(.models = wide), &err);

	ck_assert_msg(e != NULL, "%s", err.message);
	amph_session *w = amph_session_open(e);
	Wide *row = amph_new(w, Wide, .b = 7);
	ck_assert_ptr_nonnull(row);
	ck_assert_int_eq(row->a, 0x01010101);
	ck_assert_int_eq(row->b, 7);
	amph_session_close(w);
	amph_close(e);
	ck_assert_ptr_null(amph_open("sqlite::memory:", AMPH_OPTIONS(.models = now), &err));
	ck_assert_str_eq(err.sqlstate, "42804");
	ck_assert_ptr_nonnull(strstr(err.message, "model \"Now\": column \"a\": default_fn: "
			"amph_now is for"));
	ck_assert_ptr_nonnull(strstr(err.detail, "column \"b\": on_update: amph_now is for"));
	ck_assert_ptr_null(strstr(err.message, "column \"u\""));
}
END_TEST

START_TEST(a_later_row_that_fails_names_the_table)
{
	new_person("a");
	amph_new(s, Person, .username = "b", .age = INT32_MAX);
	DO(amph_flush(s));
	amph_rows *r = amph_rows_of(s, Person, .fields = fields(as("n", add(col(Person, age), 1))),
				    .order_by = by(col(Person, id)));

	while (amph_next(r))
		;
	ck_assert(!amph_rows_close(r));
	ck_assert_str_eq(amph_session_error(s)->sqlstate, "22003");
	ck_assert_str_eq(amph_session_error(s)->table, "people");
	amph_rollback(s);
}
END_TEST

START_TEST(of_several_foreign_keys_the_first_row_s_is_named)
{
	Book books[] = { { .id = 1, .title = "a", .previous_id = AMPH_SOME(98) },
			 { .id = 2, .title = "b", .author_id = AMPH_SOME(99) } };
	Book both = { .id = 3, .title = "c", .author_id = AMPH_SOME(99), .previous_id = AMPH_SOME(98) };

	FAILS("23503", amph_insert_many(s, Book, books, 2) >= 0);
	ck_assert_str_eq(amph_session_error(s)->constraint, "books_previous_id_fkey");
	amph_rollback(s);
	FAILS("23503", amph_insert_many(s, Book, &both, 1) >= 0);
	ck_assert_str_eq(amph_session_error(s)->constraint, "books_author_id_fkey");
	amph_rollback(s);
}
END_TEST

/* PostgreSQL checks the rows of the statement first, the keys of each as they were created, and then what
 * actions did. */
#define SET_NULL_                                                                                   \
	"CREATE TABLE fk_k (id int PRIMARY KEY); CREATE TABLE fk_l (id int PRIMARY KEY, "            \
	"head int REFERENCES fk_k ON DELETE SET NULL); CREATE TABLE fk_b (id int PRIMARY KEY, "      \
	"light int REFERENCES fk_l); CREATE TABLE fk_w (id int PRIMARY KEY, keeper int "             \
	"REFERENCES fk_k); INSERT INTO fk_k VALUES (1), (2); INSERT INTO fk_l VALUES (1, 1), (2, 2); "
#define CASCADE_                                                                                    \
	"CREATE TABLE fk_k (id int PRIMARY KEY); CREATE TABLE fk_l (id int PRIMARY KEY, "            \
	"head int REFERENCES fk_k ON DELETE CASCADE); CREATE TABLE fk_b (id int PRIMARY KEY, "       \
	"light int REFERENCES fk_l); CREATE TABLE fk_w (id int PRIMARY KEY, keeper int "             \
	"REFERENCES fk_k); INSERT INTO fk_k VALUES (1), (2); INSERT INTO fk_l VALUES (1, 1), (2, 2); "
static const struct { const char *made, *done, *constraint, *says; } key_cases[] = {
	{ SET_NULL_ "INSERT INTO fk_w VALUES (1, 1)", "DELETE FROM fk_k", "fk_w_keeper_fkey",
	  "or delete on table \"fk_k\"" },
	{ SET_NULL_ "INSERT INTO fk_w VALUES (1, 1); INSERT INTO fk_b VALUES (1, 1)", "DELETE FROM fk_k",
	  "fk_w_keeper_fkey", "on table \"fk_w\"" },
	{ CASCADE_ "INSERT INTO fk_b VALUES (1, 1)", "DELETE FROM fk_k", "fk_b_light_fkey",
	  "or delete on table \"fk_l\"" },
	{ CASCADE_ "INSERT INTO fk_w VALUES (1, 1); INSERT INTO fk_b VALUES (1, 1)", "DELETE FROM fk_k",
	  "fk_w_keeper_fkey", "" },
	{ CASCADE_ "INSERT INTO fk_w VALUES (1, 2); INSERT INTO fk_b VALUES (1, 1)", "DELETE FROM fk_k",
	  "fk_w_keeper_fkey", "" },
	{ "CREATE TABLE fk_k (id int PRIMARY KEY); CREATE TABLE fk_w (a int REFERENCES fk_k, "
	  "b int REFERENCES "
	  "fk_k); INSERT INTO fk_k VALUES (1), (2); INSERT INTO fk_w VALUES (NULL, 1)",
	  "DELETE FROM fk_k WHERE id = 1", "fk_w_b_fkey", "" },
	{ "CREATE TABLE fk_k (id int PRIMARY KEY); CREATE TABLE fk_w (a int REFERENCES fk_k, "
	  "b int REFERENCES "
	  "fk_k); INSERT INTO fk_k VALUES (1), (2); INSERT INTO fk_w VALUES (2, 1)",
	  "DELETE FROM fk_k", "fk_w_b_fkey", "" },
	{ "CREATE TABLE fk_k (id int PRIMARY KEY); CREATE TABLE fk_w (a int "
	  "REFERENCES fk_k ON UPDATE CASCADE, "
	  "b int REFERENCES fk_k); INSERT INTO fk_k VALUES (1), (2); INSERT INTO fk_w VALUES (1, 1)",
	  "UPDATE fk_k SET id = 5 WHERE id = 1", "fk_w_b_fkey", "or delete on table \"fk_k\"" },
	{ "CREATE TABLE fk_t (id int PRIMARY KEY, up int REFERENCES fk_t ON DELETE SET NULL, "
	  "other int "
	  "REFERENCES fk_t); INSERT INTO fk_t VALUES (1, NULL, NULL), (2, 1, 1), (3, NULL, 1), (4, NULL, 2)",
	  "DELETE FROM fk_t WHERE id = 1", "fk_t_other_fkey", "or delete on" },
	{ "CREATE TABLE fk_k (id int PRIMARY KEY); CREATE TABLE fk_w (a int DEFAULT 9 "
	  "REFERENCES fk_k ON DELETE "
	  "SET DEFAULT, b int REFERENCES fk_k ON DELETE SET NULL); INSERT INTO fk_k VALUES (1); "
	  "INSERT INTO fk_w VALUES (1, 1)", "DELETE FROM fk_k", "fk_w_a_fkey", "insert or" },
	{ "CREATE TABLE fk_k (id int PRIMARY KEY, a int UNIQUE, b int UNIQUE); CREATE TABLE fk_w (a int "
	  "REFERENCES fk_k (a), b int REFERENCES fk_k (b)); INSERT INTO fk_k VALUES (1, 1, 1); "
	  "INSERT INTO fk_w VALUES (1, 1)", "UPDATE fk_k SET b = 2", "fk_w_b_fkey", "or delete on" },
};

START_TEST(the_foreign_key_that_is_violated_is_named)
{
	for (size_t i = 0; i < sizeof key_cases / sizeof *key_cases; i++) {
		const amph_error *e = amph_session_error(s);

		DO(amph_script(s, key_cases[i].made));
		ck_assert(!amph_rows_close(amph_sql(s, key_cases[i].done)));
		ck_assert_str_eq(e->sqlstate, "23503");
		ck_assert_msg(!strcmp(e->constraint, key_cases[i].constraint), "%zu: %s", i, e->message);
		ck_assert_msg(strstr(e->message, key_cases[i].says) != NULL, "%zu: %s", i, e->message);
		amph_rollback(s);
	}
}
END_TEST

static void withholds(const char *state, const char *sql)
{
	const amph_error *e = amph_session_error(s);
	amph_rows *r = strstr(sql, " :t") || strstr(sql, "(:t") ? amph_sql(s, sql, amph_bind("t", "Hordeum"))
								: amph_sql(s, sql);

	while (amph_next(r))
		;
	ck_assert_msg(!amph_rows_close(r), "%s", sql);
	ck_assert_msg(!strcmp(e->sqlstate, state), "%s: %s %s", sql, e->sqlstate, e->message);
	ck_assert_msg(!strstr(e->message, "Hordeum"), "%s: %s", sql, e->message);
	ck_assert_msg(*e->message != '\0', "%s", sql);
	amph_rollback(s);
}

START_TEST(messages_hold_no_values)
{
	static const struct { const char *state, *sql; } cases[] = {
		{ "22P02", "SELECT CAST(username AS mood) FROM people" },
		{ "22P02", "SELECT CAST(username AS mood[]) FROM people" },
		{ "22P02", "SELECT CAST(CAST(:t AS text) AS mood)" },
		{ "22P02", "SELECT 1 FROM things WHERE mood = :t" },
		{ "22P02", "SELECT 'Hordeum'::mood" },
		{ "22P02", "SELECT username::integer FROM people" },
		{ "22P02", "SELECT username::boolean FROM people" },
		{ "22P02", "SELECT username::uuid FROM people" },
		{ "22P02", "SELECT username::integer[] FROM people" },
		{ "22P02", "SELECT username::double precision FROM people" },
		{ "22P02", "SELECT username::numeric FROM people" },
		{ "22007", "SELECT username::date FROM people" },
		{ "22007", "SELECT username::interval FROM people" },
		{ "22007", "SELECT to_date(username, 'YYYY-MM-DD') FROM people" },
		{ "42601", "SELECT (username || ' &')::tsquery FROM people" },
		{ "42601", "SELECT to_tsquery(username || ' ( b') FROM people" },
	};

	new_person("Hordeum");
	DO(amph_commit(s));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		withholds(cases[i].state, cases[i].sql);
	SAYS("22P02", "for enum mood", amph_rows_close(amph_sql(s,
		"SELECT CAST(username AS mood) FROM people")));
}
END_TEST

START_TEST(what_a_column_may_hold_is_said)
{
	amph_new(s, Ticket, .status = "nonsense");
	SAYS("23514", "\"status\" is one of '", amph_flush(s));
	amph_new(s, Item, .name = "i", .price = amph_dec(1));
	SAYS("23503", "\"section_id\" of a row is 0: it was not set", amph_flush(s));
	amph_new(s, Item, .name = "i", .price = amph_dec(1), .section_id = 99);
	ck_assert(!amph_flush(s));
	ck_assert_ptr_null(strstr(amph_session_error(s)->message, "not set"));
	amph_rollback(s);
	amph_new(s, Account, .code = "x", .balance = amph_dec(1), .twice = amph_dec(3));
	SAYS("428C9", "a computed column cannot be assigned", amph_flush(s));
	Account *a = amph_new(s, Account, .code = "x", .balance = amph_dec(1));
	DO(amph_flush(s));
	amph_rollback(s);
	DO(amph_attach(s, a) && amph_commit(s));
}
END_TEST

START_TEST(a_read_only_engine_refuses_by_the_statement_s_name)
{
	amph_error err;
	const amph_model *const models[] = { &amph_model_Person, NULL };
	amph_engine *e = amph_open(test_url(), AMPH_OPTIONS(.models = models, .read_only = true), &err);

	ck_assert_msg(e != NULL, "%s", err.message);
	amph_session *own = amph_session_open(e);
	amph_new(own, Person, .username = "x");
	ck_assert(!amph_flush(own));
	ck_assert_str_eq(amph_session_error(own)->sqlstate, "25006");
	ck_assert_ptr_null(strstr(amph_session_error(own)->message, "BEGIN"));
	amph_session_close(own);
	amph_close(e);
}
END_TEST

START_TEST(text_of_no_statement_does_nothing)
{
	static const char *const texts[] = { "", " \n", ";", " ; -- nothing", "/* a /* b */ c */" };

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		amph_rows *r = amph_sql(s, texts[i]);

		ck_assert_msg(r != NULL, "%s: %s", texts[i], amph_session_error(s)->message);
		DO(amph_rows_close(r));
	}
	FAILS("42601", amph_sql(s, "-- nothing\n x"));
	amph_rollback(s);
}
END_TEST

/* What the README says that SQLite refuses; PostgreSQL does it. */
START_TEST(what_sqlite_lacks_is_refused_by_name)
{
	static const struct { const char *sql, *named; } cases[] = {
		{ "SELECT ts_headline('a b', 'a'::tsquery)", "ts_headline" },
		{ "SELECT '<a/>'::xml", "\"xml\"" },
		{ "SELECT unnest(ARRAY[1]) AS g, count(*) GROUP BY ROLLUP (g)", "returns a set" },
		{ "SELECT t FROM (VALUES (1)) t(a)", "whole row" },
		{ "SELECT a AS b, a AS c FROM (VALUES (1)) t(a) GROUP BY b, ROLLUP (c)", "GROUPING SETS" },
		{ "SELECT rank(a) WITHIN GROUP (ORDER BY b) FROM (VALUES (1, 2)) t(a, b) GROUP BY ROLLUP (a)",
		  "direct argument" },
		{ "WITH d AS (DELETE FROM books RETURNING id), e AS (DELETE FROM books) SELECT 1", "WITH" },
		{ "UPDATE books b SET id = 1 FROM authors a WHERE a.id = b.id RETURNING a.id", "RETURNING" },
		{ "INSERT INTO maybes (id, f64) VALUES (1, round(-0.2::float8))", "-0.0" },
		{ "INSERT INTO maybes (id, f32) SELECT 2, x FROM (VALUES ('-0'::real)) v (x)", "-0.0" },
		{ "MERGE INTO books b USING (authors a JOIN authors c ON true) ON a.id = b.id "
		  "WHEN MATCHED THEN DELETE", "MERGE" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		amph_rows *r = amph_sql(s, cases[i].sql);

		if (r) {
			ck_assert_msg(strncmp(test_url(), "sqlite", 6) != 0, "%s", cases[i].sql);
			DO(amph_rows_close(r));
			continue;
		}
		const amph_error *e = amph_session_error(s);
		ck_assert_msg(strcmp(e->sqlstate, "0A000") == 0 && strstr(e->message, cases[i].named),
			      "%s: %s %s", cases[i].sql, e->sqlstate, e->message);
		ck_assert_msg(strncmp(test_url(), "sqlite", 6) == 0, "%s", e->message);
		amph_rollback(s);
	}
}
END_TEST

/* Programs log messages: a text that is no value of its type is in detail only. */
START_TEST(texts_that_are_no_values_are_not_in_messages)
{
	static const char *const types[] = {
		"int", "bigint", "numeric", "float8", "boolean", "uuid", "date", "time", "timestamptz",
		"interval"
	};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		char sql[80];

		snprintf(sql, sizeof sql, "SELECT 'sEcReT'::%s", types[i]);
		ck_assert_msg(!amph_sql(s, sql), "%s", sql);
		const amph_error *e = amph_session_error(s);
		ck_assert_msg(!strncmp(e->sqlstate, "22", 2) && !strstr(e->message, "sEcReT") &&
			      strstr(e->message, "invalid input syntax for type ") &&
			      !strcmp(e->detail, "the text is \"sEcReT\""),
			      "%s: %s %s (%s)", sql, e->sqlstate, e->message, e->detail);
		amph_rollback(s);
	}
	FAILS("22003", amph_sql(s, "SELECT '99999999999'::int"));
	ck_assert_str_eq(amph_session_error(s)->message, "value is out of range for type integer");
	ck_assert_str_eq(amph_session_error(s)->detail, "the text is \"99999999999\"");
	amph_rollback(s);
	amph_rows *r = amph_sql(s, "VALUES (1), (2)");
	ck_assert_str_eq(amph_rows_command(r), "SELECT");
	DO(amph_rows_close(r));
}
END_TEST

/* PostgreSQL makes them, and refuses each use; SQLite must not fall into a hole. */
START_TEST(views_of_themselves)
{
	static const char *const turns[] = {
		"looped_b", "looped_a", "authors WHERE id IN (SELECT id FROM looped_b)"
	};

	for (size_t i = 0; i < sizeof turns / sizeof *turns; i++) {
		char sql[120];

		DO(amph_rows_close(amph_sql(s, "CREATE VIEW looped_a AS SELECT id FROM authors")));
		DO(amph_rows_close(amph_sql(s, "CREATE VIEW looped_b AS SELECT id FROM looped_a")));
		snprintf(sql, sizeof sql, "CREATE OR REPLACE VIEW looped_a AS SELECT id FROM %s", turns[i]);
		amph_rows *r = amph_sql(s, sql);
		if (r) {
			DO(amph_rows_close(r));
			ck_assert(!amph_sql(s, "SELECT * FROM looped_b"));
			ck_assert_str_eq(amph_session_error(s)->sqlstate, "42P17");
		} else {
			ck_assert_str_eq(amph_session_error(s)->sqlstate, "0A000");
			ck_assert_ptr_nonnull(strstr(amph_session_error(s)->message, "itself"));
			ck_assert(strncmp(test_url(), "sqlite", 6) == 0);
		}
		amph_rollback(s);
	}
}
END_TEST

/* Every spelling of a default that amph_open takes. */
typedef struct Lamp {
	int64_t id;
	unsigned colour, shade;
	amph_opt_enum mood;
	amph_text_array tags;
} Lamp;
AMPH_DECLARE(Lamp);
#define COLOURS .labels = AMPH_LABELS("red", "green", "blue")
AMPH_MODEL(Lamp, "lamps",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Lamp, id, .primary_key = true),
		AMPH_COLUMN(Lamp, colour, COLOURS, .default_value = AMPH_DEFAULT_TEXT("green")),
		AMPH_COLUMN(Lamp, shade, COLOURS, .default_value = AMPH_DEFAULT_INT(2)),
		AMPH_COLUMN(Lamp, mood, COLOURS, .default_value = AMPH_DEFAULT_TEXT("blue")),
		AMPH_COLUMN(Lamp, tags, .default_value = AMPH_DEFAULT_TEXT("{a,NULL}"))));

START_TEST(defaults_of_enums_and_arrays)
{
	const amph_model *const lamps[] = { &amph_model_Lamp, NULL };
	amph_error err;
	amph_engine *e = amph_open(test_url(), AMPH_OPTIONS(.models = lamps), &err);

	ck_assert_msg(e && amph_create_all(e, &err), "%s", err.message);
	amph_session *w = amph_session_open(e);
	Lamp *lamp = amph_new(w, Lamp);
	ck_assert_msg(lamp != NULL, "%s", amph_session_error(w)->message);
	ck_assert_uint_eq(lamp->colour, 1);
	ck_assert_msg(amph_commit(w) && amph_refresh(w, lamp), "%s", amph_session_error(w)->message);
	ck_assert_uint_eq(lamp->colour, 1);
	ck_assert_uint_eq(lamp->shade, 2);
	ck_assert(lamp->mood.has && lamp->mood.value == 2);
	ck_assert_uint_eq(lamp->tags.n, 2);
	ck_assert_str_eq(lamp->tags.items[0], "a");
	amph_session_close(w);
	ck_assert_msg(amph_drop_all(e, &err), "%s", err.message);
	amph_close(e);
}
END_TEST

static bool twice_nothing(amph_session *own, void *ctx)
{
	return own && !ctx;
}

START_TEST(null_for_a_text_or_an_array_is_an_error)
{
	amph_error err;
	amph_date date;
	amph_uuid uuid;

	SAYS("HV010", "the text of the statement is NULL", amph_sql(s, NULL) != NULL);
	SAYS("HV010", "the text of the statement is NULL", amph_script(s, NULL));
	SAYS("HV010", "the array is NULL", amph_insert_many(s, Person, (Person *)NULL, 3) != -1);
	ck_assert_int_eq(amph_insert_many(s, Person, (Person *)NULL, 0), 0);
	ck_assert(!amph_date_parse(NULL, &date, &err));
	ck_assert_str_eq(err.sqlstate, "22004");
	ck_assert(!amph_uuid_parse(NULL, &uuid, &err));
	ck_assert_str_eq(err.sqlstate, "22004");
	ck_assert(!amph_transaction(db, NULL, NULL, &err));
	ck_assert_str_eq(err.sqlstate, "HV010");
	ck_assert(amph_transaction(db, twice_nothing, NULL, &err));
	ck_assert_str_eq(amph_engine_backend(NULL), "");
	ck_assert_int_eq(amph_engine_pool_stats(NULL).size, 0);
}
END_TEST

static bool runs(const char *sql)
{
	amph_rows *r = amph_sql(s, sql, amph_bind("id", 1));

	return r && amph_rows_close(r);
}

START_TEST(parameters_of_other_libraries_are_told)
{
	SAYS("42601", "a parameter is written :name or $1", runs("SELECT name FROM sections WHERE id = ?"));
	SAYS("42601", "a parameter is written :name or $1", runs("SELECT name FROM sections WHERE id = %s"));
	SAYS("07001", "1 value is bound to a statement of 0 parameters", runs("SELECT name FROM sections"));
	amph_rows *r = amph_sql(s, "SELECT 1; SELECT 2");
	SAYS("42601", "amph_script", r && amph_rows_close(r));
}
END_TEST

START_TEST(what_was_meant_is_named)
{
	Book *book = amph_new(s, Book, .title = "Ur", .author = amph_new(s, Author, .name = "ann"));

	DO(amph_commit(s));
	SAYS("42804", "key of Book: column \"id\" is of type bigint but the value is of type double",
	     amph_get(s, Book, 1.5));
	SAYS("HV010", "the object is NULL", amph_delete(s, NULL));
	SAYS("42703", "\"Employee.events\" is no column",
	     amph_all(s, Employee, .where = eq(col(Employee, events), 5)));
	amph_session *other = amph_session_open(db);
	Author *stray = on_memory() ? NULL : amph_new(other, Author, .name = "bob");
	if (stray) {
		book->author = stray;
		SAYS("HV010", "Book.author is not an object of this session: amph_get or amph_merge",
		     amph_commit(s));
	}
	amph_session_close(other);
	SAYS("HV010", "a relationship of Author cannot be loaded with objects of Section",
	     amph_all(s, Section, .load = with(selectin(Author, books))));
}
END_TEST

SUITE(errors_suite, "errors",
      defaults_of_enums_and_arrays, null_for_a_text_or_an_array_is_an_error,
      unique, foreign_keys, checks, not_null, lengths_and_ranges, too_long_by_query, bad_text,
      arithmetic, no_password_in_messages, unknown_urls_name_the_known,
      the_pool_says_who_holds_its_connections, sessions_go_on_after_their_engine_is_closed,
      a_value_of_c_is_no_condition, a_list_is_bound_to_any,
      overflow_means_the_same_in_url_and_options, a_default_of_another_type_harms_nothing,
		a_later_row_that_fails_names_the_table,
      of_several_foreign_keys_the_first_row_s_is_named,
      the_foreign_key_that_is_violated_is_named, messages_hold_no_values,
      what_a_column_may_hold_is_said, a_read_only_engine_refuses_by_the_statement_s_name,
      text_of_no_statement_does_nothing,
      what_sqlite_lacks_is_refused_by_name,
      views_of_themselves, texts_that_are_no_values_are_not_in_messages,
      parameters_of_other_libraries_are_told, what_was_meant_is_named)
