/* Creating and dropping what the models say; models that are wrong. */
#include "conformance.h"
#include <string.h>
#include <time.h>

START_TEST(what_exists_is_left_alone)
{
	amph_error err;

	new_person("kept");
	DO(amph_commit(s));
	ck_assert_msg(amph_create_all(db, &err), "%s", err.message);
	ck_assert_int_eq(amph_count(s, Person), 1);
}
END_TEST

START_TEST(dropping_twice_is_dropping_once)
{
	amph_error err;

	ck_assert_msg(amph_drop_all(db, &err), "%s", err.message);
	ck_assert_msg(amph_drop_all(db, &err), "%s", err.message);
	FAILS("42P01", amph_all(s, Person));
	amph_rollback(s);
	ck_assert_msg(amph_create_all(db, &err), "%s", err.message);
	ck_assert_int_eq(amph_count(s, Person), 0);
}
END_TEST

/* A database that drops a table row by row looks for what refers to each: 20,000 rows took seconds. */
START_TEST(a_table_that_refers_to_itself_is_dropped_at_once)
{
	amph_error err;
	struct timespec from, to;
	amph_rows *r = amph_sql(s, "INSERT INTO people (username, is_active, age, created_at) "
				"SELECT 'p' || i, true, 1, now() FROM generate_series(1, 20000) i");

	DO(r && amph_rows_close(r));
	r = amph_sql(s, "UPDATE people SET boss_id = id - 1 WHERE id > (SELECT min(id) FROM people)");
	DO(r && amph_rows_close(r) && amph_commit(s));
	clock_gettime(CLOCK_MONOTONIC, &from);
	ck_assert_msg(amph_drop_all(db, &err), "%s", err.message);
	clock_gettime(CLOCK_MONOTONIC, &to);
	ck_assert_int_lt(to.tv_sec - from.tv_sec, 5);
	ck_assert_msg(amph_create_all(db, &err), "%s", err.message);
}
END_TEST

/* Who made it cannot be told. */
START_TEST(schemas_are_not_dropped)
{
	amph_error err;
	const amph_model *const models[] = { &amph_model_Person, NULL };
	amph_engine *e = amph_open(test_url(), AMPH_OPTIONS(.models = models, .schema = "kept_schema"), &err);

	if (!strcmp(amph_engine_backend(db), "postgresql"))
		DO(amph_script(s, "CREATE SCHEMA kept_schema") && amph_commit(s));
	ck_assert_msg(e && amph_create_all(e, &err) && amph_drop_all(e, &err), "%s", err.message);
	if (!strcmp(amph_engine_backend(db), "postgresql"))
		DO(amph_script(s, "DROP SCHEMA kept_schema") && amph_commit(s));
	amph_close(e);
}
END_TEST

typedef struct Bad { int64_t id; const char *name; int32_t n; } Bad;
AMPH_DECLARE(Bad);
AMPH_MODEL(Bad, "bads",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Bad, id, .primary_key = true),
				AMPH_COLUMN(Bad, name, .check = "nosuch > 0"),
				AMPH_COLUMN(Bad, n, .length = 5)));
typedef struct Keyless { const char *name; } Keyless;
AMPH_DECLARE(Keyless);
AMPH_MODEL(Keyless, "keyless", .columns = AMPH_COLUMNS(AMPH_COLUMN(Keyless, name)));

START_TEST(wrong_models_are_told_by_name)
{
	amph_error err;
	const amph_model *const bad[] = { &amph_model_Bad, NULL };
	const amph_model *const keyless[] = { &amph_model_Keyless, NULL };

	ck_assert_ptr_null(amph_open("sqlite::memory:", AMPH_OPTIONS(.models = bad), &err));
	ck_assert_msg(strstr(err.message, "Bad") != NULL, "%s", err.message);
	ck_assert_ptr_null(amph_open("sqlite::memory:", AMPH_OPTIONS(.models = keyless), &err));
	ck_assert_msg(strstr(err.message, "Keyless") && strstr(err.message, "primary key"), "%s",
		      err.message);
}
END_TEST

START_TEST(a_model_that_was_not_given_is_told_by_name)
{
	FAILS("HV010", amph_all(s, Keyless));
	ck_assert_ptr_nonnull(strstr(amph_session_error(s)->message, "Keyless"));
	amph_rollback(s);
}
END_TEST

SUITE(schema_suite, "schema", schemas_are_not_dropped,
      what_exists_is_left_alone, dropping_twice_is_dropping_once,
      a_table_that_refers_to_itself_is_dropped_at_once,
      wrong_models_are_told_by_name, a_model_that_was_not_given_is_told_by_name)
