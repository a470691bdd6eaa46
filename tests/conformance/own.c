/* Functions and types of the program's own, in a schema of its database. */
#include "conformance.h"

typedef struct Area { int64_t id; int32_t area; const char *name; } Area;
AMPH_ROW(Area);

static bool on_sqlite(void)
{
	return strncmp(test_url(), "sqlite", 6) == 0;
}

static void begin(void)
{
	if (!on_sqlite())
		DO(amph_script(s, "DROP SCHEMA IF EXISTS own_things CASCADE; CREATE SCHEMA own_things; "
			"CREATE TYPE own_things.\"Tone\" AS ENUM ('low', 'high'); "
			"CREATE FUNCTION own_things.area(a integer, b bigint) RETURNS bigint "
			"LANGUAGE SQL IMMUTABLE RETURN a * b; "
			"CREATE FUNCTION own_things.shout(t text) RETURNS varchar "
			"LANGUAGE SQL IMMUTABLE RETURN upper(t) || '!'; "
			"CREATE FUNCTION own_things.is_high(t own_things.\"Tone\") RETURNS boolean "
			"LANGUAGE SQL IMMUTABLE RETURN t = 'high'"));
	amph_new(s, Person, .username = "ann", .email = "low", .age = 20);
	amph_new(s, Person, .username = "bob", .email = "high", .age = 30);
	DO(amph_commit(s));
}

static void end(void)
{
	amph_rollback(s);
	if (!on_sqlite())
		DO(amph_script(s, "DROP SCHEMA own_things CASCADE") && amph_commit(s));
}

#define AREA(n) call(int, "own_things.area", col(Person, age), amph_cast(int, n))
#define SHOUT call(text, "own_things.shout", col(Person, username))

START_TEST(own_functions_are_called)
{
	begin();
	if (on_sqlite()) {
		SAYS("0A000", "own_things.area", amph_count(s, Person, .where = gt(AREA(2), 40)) >= 0);
		SAYS("0A000", "own_things.shout", amph_project(s, Area, Person,
			.fields = fields(into(Area, name, SHOUT))));
		end();
		return;
	}
	ck_assert_int_eq(amph_count(s, Person, .where = gt(AREA(2), 40)), 1);
	/* a member says which type it is, too; one of another stands within the first */
	Area *rows = amph_project(s, Area, Person, .order_by = by(desc(AREA(3))),
		.fields = fields(into(Area, area, AREA(3)), into(Area, name, SHOUT),
				 into(Area, id, call(int, "own_things.area", col(Person, age), AREA(2)))));
	DO(rows != NULL);
	ck_assert_uint_eq(amph_length(rows), 2);
	ck_assert_int_eq(rows[0].area, 90);
	ck_assert_str_eq(rows[0].name, "BOB!");
	ck_assert_int_eq(rows[0].id, 1800);
	WRITES(2, amph_update(s, Person, .all_rows = true, .set = sets(set(Person, username,
		SHOUT))));
	/* the rows of a group, and equal calls of two clauses */
	rows = amph_project(s, Area, Person, .group_by = by(SHOUT), .limit = 1,
		.order_by = by(SHOUT), .fields = fields(into(Area, name, SHOUT)));
	DO(rows != NULL);
	ck_assert_str_eq(rows->name, "ANN!!");
	end();
}
END_TEST

START_TEST(own_types_are_cast_to)
{
	begin();
#define TONE cast_as(text, "own_things.\"Tone\"", col(Person, email))
	if (on_sqlite()) {
		SAYS("0A000", "own_things.Tone", amph_count(s, Person,
			.where = eq(cast(text, TONE), "low")) >= 0);
		end();
		return;
	}
	ck_assert_int_eq(amph_count(s, Person, .where = eq(cast(text, TONE), "low")), 1);
	ck_assert_int_eq(amph_count(s, Person, .where = call(bool, "own_things.is_high", TONE)), 1);
	SAYS("22P02", "Tone", amph_count(s, Person, .where = eq(cast(text, cast_as(text,
		"own_things.\"Tone\"", col(Person, username))), "low")) >= 0);
	amph_rollback(s);
	end();
}
END_TEST

START_TEST(what_own_functions_give_is_to_be_said)
{
	begin();
	SAYS("42804", "own_things.arrays", amph_rows_of(s, Person, .fields = fields(as("x",
		call(array, "own_things.arrays", col(Person, age))))));
	amph_query *q = amph_query_new(s, &amph_model_Person);
	const amph_expr *username = amph_expr_column(q, "username");
	const amph_expr *shout = amph_expr_call(q, "own_things.shout", &username, 1);
	amph_query_field(q, "x", 0, 0, shout);
	SAYS("42804", "own_things.shout", amph_query_rows(q));
	amph_query_free(q);
	q = amph_query_new(s, &amph_model_Person);
	username = amph_expr_column(q, "username");
	shout = amph_expr_call(q, "own_things.shout", &username, 1);
	amph_query_where(q, amph_expr_call(q, "=", (const amph_expr *[]){
		amph_expr_raw(q, "CAST($1 AS text)", &shout, 1),
		amph_expr_value(q, (amph_value){ .type = AMPH_T_TEXT, .v = { .s = "ANN!" } }) }, 2));
	if (on_sqlite())
		SAYS("0A000", "own_things.shout", amph_query_count(q) >= 0);
	else
		ck_assert_int_eq(amph_query_count(q), 1);
	amph_query_free(q);
	SAYS("0A000", "own_things.Tone", amph_count(s, Person, .where = eq(TONE, "low")) >= 0);
	SAYS("0A000", "own_things.area", amph_project(s, Area, Area,
		.fields = fields(into(Area, id, col(Area, id))), .ctes = ctes(set_of(Area,
			call(int, "own_things.area", amph_raw(int, "1"), 2), given(Area, id)))));
	SAYS("42883", "nowhere", amph_count(s, Person,
		.where = gt(call(int, "nowhere", col(Person, age)), 1)) >= 0);
	if (!on_sqlite()) {
		SAYS("42883", "own_things.none", amph_count(s, Person,
			.where = gt(call(int, "own_things.none", col(Person, age)), 1)) >= 0);
		SAYS("3F000", "no_schema", amph_count(s, Person,
			.where = gt(call(int, "no_schema.f", col(Person, age)), 1)) >= 0);
		/* parts of a name are names, and no SQL */
		SAYS("42883", "x(); --", amph_count(s, Person,
			.where = gt(call(int, "own_things.x(); --", col(Person, age)), 1)) >= 0);
	}
	end();
}
END_TEST

SUITE(own_suite, "functions and types of one's own", own_functions_are_called, own_types_are_cast_to,
      what_own_functions_give_is_to_be_said)
