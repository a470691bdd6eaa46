/* Queries beside queries: ANY and ALL of one, rows that are kept as often as they are there, queries
 * that are carried out once. */
#include "conformance.h"

typedef struct Row { int64_t n; const char *text; } Row;
typedef struct Older { int32_t age; const char *name; } Older;
AMPH_ROW(Older);
AMPH_ALIAS(Again, Older);

static void people(void)
{
	static const struct { const char *name; int32_t age; } rows[] = {
		{ "ann", 20 }, { "bob", 30 }, { "cid", 30 }, { "dan", 40 }
	};

	for (int i = 0; i < 4; i++) {
		amph_new(s, Person, .username = rows[i].name, .age = rows[i].age);
		amph_new(s, Section, .name = rows[i].name);
	}
	DO(amph_commit(s));
}

AMPH_ALIAS(Peer, Person);
#define ANY_AGE(op, ...) any_select(op, col(Person, age), col(Peer, age), Peer, __VA_ARGS__)
#define EVERY_AGE(op, ...) every_select(op, col(Person, age), col(Peer, age), Peer, __VA_ARGS__)
#define PEOPLE(...) amph_count(s, Person, .where = __VA_ARGS__)

START_TEST(any_and_all_of_a_query)
{
	people();
	ck_assert_int_eq(PEOPLE(any_select("<", col(Person, age), col(Peer, age), Peer)), 3);
	ck_assert_int_eq(PEOPLE(every_select(">=", col(Person, age), col(Peer, age), Peer)), 1);
	ck_assert_int_eq(PEOPLE(ANY_AGE("=", .where = eq(col(Peer, username), "bob"))), 2);
	/* correlated; of no rows; NULLs; of texts */
	ck_assert_int_eq(PEOPLE(EVERY_AGE("<>", .where = ne(col(Peer, id), col(Person, id)))), 2);
	ck_assert_int_eq(PEOPLE(ANY_AGE("=", .where = gt(col(Peer, age), 99))), 0);
	ck_assert_int_eq(PEOPLE(EVERY_AGE("=", .where = gt(col(Peer, age), 99))), 4);
	ck_assert_int_eq(PEOPLE(any_of(any_select("=", col(Person, email), col(Peer, email), Peer),
		not_(every_select("=", col(Person, email), col(Peer, email), Peer)))), 0);
	ck_assert_int_eq(PEOPLE(any_select("~~", col(Person, username), concat(col(Peer, username), "%"),
					   Peer, .where = lt(col(Peer, age), 25))), 1);
	SAYS("42883", "=>", PEOPLE(ANY_AGE("=>", .limit = 1)) >= 0);
	SAYS("42883", "; drop", PEOPLE(ANY_AGE("; drop", .limit = 1)) >= 0);
}
END_TEST

START_TEST(dynamic_any_and_all)
{
	people();
	amph_query *inner = amph_query_new(s, &amph_model_Peer);
	amph_query *q = amph_query_new(s, &amph_model_Person);
	amph_query_field(inner, "age", 0, 0, amph_expr_column_of(inner, &amph_model_Peer, "age"));
	const amph_expr *args[] = { amph_expr_column(q, "age"), amph_expr_select(q, inner) };
	amph_query_where(q, amph_expr_call(q, ">= all", args, 2));
	ck_assert_int_eq(amph_query_count(q), 1);
	amph_query_free(q);
	q = amph_query_new(s, &amph_model_Person);
	const amph_expr *other[] = { amph_expr_column(q, "age"), amph_expr_select(q, inner) };
	amph_query_where(q, amph_expr_call(q, "< any", other, 2));
	ck_assert_int_eq(amph_query_count(q), 3);
	amph_query_free(q);
	amph_query_free(inner);
}
END_TEST

/* Columns of a row struct, by their place; what the query's own sources fill, by name. */
START_TEST(dynamic_columns_of_row_structs)
{
	people();
	amph_query *older = amph_query_new(s, &amph_model_Person), *q = amph_query_new(s, &amph_model_Older);
	amph_field_add(older, into(Older, age, col(Person, age)));
	amph_field_add(older, into(Older, name, col(Person, username)));
	amph_cte_add(q, AMPH_CTE, &amph_model_Older, older);
	amph_query_free(older);
	const amph_expr *given = amph_expr_given(q, &amph_model_Older, given(Older, age));
	const amph_value age = { .type = AMPH_T_INT64, .v = { .i = 25 } };
	const amph_expr *of[] = { given, amph_expr_value(q, age) };
	amph_query_where(q, amph_expr_call(q, ">", of, 2));
	amph_query_order_by(q, amph_expr_column_of(q, &amph_model_Older, "name"), AMPH_NODE_DESC);
	amph_query_field(q, "name", offsetof(Older, name), AMPH_TYPE_OF_(Older, name),
			 amph_expr_column(q, "name"));
	Older *rows = amph_query_project(q, sizeof *rows);
	DO(rows != NULL);
	ck_assert_uint_eq(amph_length(rows), 3);
	ck_assert_str_eq(rows->name, "dan");
	ck_assert_ptr_null(amph_expr_column_of(q, &amph_model_Older, "nothing"));
	SAYS("42703", "nothing", amph_query_project(q, sizeof *rows));
	amph_query_free(q);
	q = amph_query_new(s, &amph_model_Person);
	amph_query_where(q, amph_expr_call(q, "is null", (const amph_expr *[]){
		amph_expr_given(q, &amph_model_Older, (amph_field)given(Older, age)) }, 1));
	SAYS("42P01", "Older", amph_query_count(q) >= 0);
	amph_query_free(q);
}
END_TEST

#define AGE_ROWS .fields = fields(into(Row, n, col(Person, age)))
static int64_t total(const Row *rows)
{
	int64_t sum = 0;

	DO(rows != NULL);
	for (size_t i = 0; i < amph_length(rows); i++)
		sum = sum * 100 + rows[i].n;
	return sum;
}

/* 20 30 30 40 with 30 30 30: PostgreSQL keeps the smaller, takes away as many */
START_TEST(rows_as_often_as_they_are_there)
{
	people();
	amph_new(s, Person, .username = "eve", .age = 30);
	DO(amph_commit(s));
	ck_assert_int_eq(total(amph_project(s, Row, Person, AGE_ROWS,
		.where = ne(col(Person, username), "eve"),
		.combine = combine(intersect_all_of(Person, AGE_ROWS, .where = eq(col(Person, age), 30))),
		.order_by = by(label(Row, n)))), 3030);
	ck_assert_int_eq(total(amph_project(s, Row, Person, AGE_ROWS,
		.combine = combine(except_all_of(Person, AGE_ROWS,
						 .where = eq(col(Person, username), "bob"))),
		.order_by = by(label(Row, n)))), 20303040);
	ck_assert_int_eq(total(amph_project(s, Row, Person, AGE_ROWS,
		.combine = combine(amph_intersect(Person, AGE_ROWS), amph_except(Person, AGE_ROWS,
			.where = eq(col(Person, age), 20))), .order_by = by(label(Row, n)))), 3040);
	/* objects, and the same by a query of run time */
	Person **list = amph_all(s, Person, .combine = combine(except_all_of(Person,
		.where = eq(col(Person, age), 30))), .order_by = by(col(Person, age)));
	DO(list != NULL);
	ck_assert_uint_eq(amph_length(list), 2);
	amph_query *q = amph_query_new(s, &amph_model_Person), *less = amph_query_new(s, &amph_model_Person);
	amph_where(less, eq(col(Person, age), 30));
	amph_combine_with(q, AMPH_EXCEPT_ALL, less);
	ck_assert_int_eq(amph_query_count(q), 2);
	amph_query_free(less);
	amph_query_free(q);
}
END_TEST

#define OLDER_ROWS(age_) Person, .where = gt(col(Person, age), age_), .fields = fields(             \
	into(Older, age, col(Person, age)), into(Older, name, col(Person, username)))
START_TEST(a_query_that_is_carried_out_once)
{
	people();
	ck_assert_int_eq(amph_count(s, Older, .ctes = ctes(materialized(Older, OLDER_ROWS(25)))), 3);
	Row *rows = amph_project(s, Row, Older, .ctes = ctes(materialized(Older, OLDER_ROWS(25))),
		.joins = joins(join_on(Again, lt(col(Older, age), col(Again, age)))),
		.order_by = by(col(Older, name)),
		.fields = fields(into(Row, n, col(Again, age)), into(Row, text, col(Older, name))));
	DO(rows != NULL);
	ck_assert_uint_eq(amph_length(rows), 2);
	ck_assert_str_eq(rows[0].text, "bob");
	ck_assert_int_eq(rows[1].n, 40);
	amph_query *q = amph_query_new(s, &amph_model_Older), *from = amph_query_new(s, &amph_model_Person);
	amph_field_add(from, into(Older, age, col(Person, age)));
	amph_cte_add(q, AMPH_CTE_MATERIALIZED, &amph_model_Older, from);
	ck_assert_int_eq(amph_query_count(q), 4);
	amph_query_free(from);
	amph_query_free(q);
}
END_TEST

typedef struct Mooded { int64_t n; unsigned mood; amph_opt_enum other; } Mooded;
AMPH_ROW(Mooded);

START_TEST(enums_among_values)
{
	const Mooded rows[] = { { 1, HAPPY, AMPH_SOME(SAD) }, { 2, SAD, { .has = false } } };
	const Mooded wrong[] = { { 1, 77, AMPH_SOME(SAD) } };

	amph_new(s, Thing, .text = "t", .mood = HAPPY, .json = AMPH_JSON({}),
		 .bytes = { .data = "b", .size = 1 });
	DO(amph_commit(s));
#define GIVEN given(Mooded, n), given_as(Mooded, mood, Thing, mood), given_as(Mooded, other, Maybe, mood)
	Mooded *found = amph_project(s, Mooded, Mooded, .ctes = ctes(values(Mooded, rows, 2, GIVEN)),
		.joins = joins(join_on(Thing, eq(col(Thing, mood), col(Mooded, mood)))),
		.fields = fields(into(Mooded, n, col(Mooded, n)), into(Mooded, mood, col(Mooded, mood)),
				 into(Mooded, other, col(Mooded, other))));
	DO(found != NULL);
	ck_assert_uint_eq(amph_length(found), 1);
	ck_assert(found->n == 1 && found->mood == HAPPY && found->other.has && found->other.value == SAD);
	ck_assert_int_eq(amph_count(s, Mooded, .ctes = ctes(values(Mooded, rows, 2, GIVEN)),
				    .where = eq(col(Mooded, mood), SAD)), 1);
	ck_assert_int_eq(amph_count(s, Mooded, .ctes = ctes(values(Mooded, rows, 2, GIVEN)),
				    .where = is_null(col(Mooded, other))), 1);
	SAYS("22P02", "", amph_count(s, Mooded, .ctes = ctes(values(Mooded, wrong, 1, GIVEN))) >= 0);
	SAYS("42804", "Mooded.mood", amph_count(s, Mooded,
		.ctes = ctes(values(Mooded, rows, 2, given(Mooded, mood)))) >= 0);
}
END_TEST

START_TEST(dynamic_inserts)
{
	people();
	amph_query *q = amph_query_new(s, &amph_model_Person);
	amph_query_into(q, &amph_model_Section, "name", amph_expr_column(q, "username"));
	amph_where(q, gt(col(Person, age), 25));
	FAILS("23505", amph_query_insert_from(q, &amph_model_Section) >= 0);
	amph_rollback(s);
	{
		amph_conflict_set(q, on_conflict(.on = by(col(Section, name)),
			.set = sets(set(Section, name, concat(excluded(Section, name), "!")))));
	}
	WRITES(3, amph_query_insert_from(q, &amph_model_Section));
	ck_assert_int_eq(amph_count(s, Section, .where = ends_with(col(Section, name), "!")), 3);
	amph_returning_add(q, into(Row, text, col(Section, name)));
	Row *rows = amph_query_insert_from_returning(q, &amph_model_Section, sizeof(Row));
	DO(rows != NULL);
	ck_assert_uint_eq(amph_length(rows), 3);
	amph_query_free(q);
	/* from the program's own rows */
	const Older olds[] = { { 1, "x" }, { 2, "y" } };
	q = amph_query_new(s, &amph_model_Older);
	DO(amph_values_add(q, &amph_model_Older, olds, 2, fields(given(Older, age), given(Older, name))));
	amph_query_into(q, &amph_model_Section, "name", amph_expr_column_of(q, &amph_model_Older, "name"));
	WRITES(2, amph_query_insert_from(q, &amph_model_Section));
	amph_query_free(q);
	amph_rollback(s);
	q = amph_query_new(s, &amph_model_Older);
	DO(amph_values_add(q, &amph_model_Older, olds, 2, fields(given(Older, age), given(Older, name))));
	amph_field_add(q, into(Section, name, col(Older, name)));
	WRITES(2, amph_query_insert_from(q, &amph_model_Section));
	amph_query_free(q);
	q = amph_query_new(s, &amph_model_Person);
	ck_assert(!amph_query_into(q, &amph_model_Section, "nothing", amph_expr_column(q, "username")));
	SAYS("42703", "nothing", amph_query_insert_from(q, &amph_model_Section) >= 0);
	amph_query_free(q);
	ck_assert(!amph_source_add(NULL, AMPH_CTE_SET, &amph_model_Older, NULL, NULL));
	ck_assert(!amph_values_add(NULL, &amph_model_Older, olds, 2, NULL));
	amph_conflict_set(NULL, NULL);
}
END_TEST

SUITE(stmt_sets_suite, "statements: sets", any_and_all_of_a_query, dynamic_any_and_all,
      dynamic_columns_of_row_structs, rows_as_often_as_they_are_there, a_query_that_is_carried_out_once,
      enums_among_values, dynamic_inserts)
