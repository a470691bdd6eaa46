/* Statements that write beside a query that has their rows. */
#include "conformance.h"

typedef struct Gone { int64_t id; const char *name; int32_t age; } Gone;
AMPH_ROW(Gone);
AMPH_ALIAS(Boss, Person);

static bool on_sqlite(void)
{
	return strncmp(test_url(), "sqlite", 6) == 0;
}

static Person *ann, *bob;
static void people(void)
{
	ann = amph_new(s, Person, .username = "ann", .age = 20);
	bob = amph_new(s, Person, .username = "bob", .age = 30);
	amph_new(s, Person, .username = "cid", .age = 40);
	DO(amph_commit(s));
}

#define ROWS .returning = fields(into(Gone, id, col(Person, id)), into(Gone, name, col(Person, username)), \
				 into(Gone, age, col(Person, age)))
#define READ Gone, .order_by = by(col(Gone, id)), .fields = fields(into(Gone, id, col(Gone, id)),  \
	into(Gone, name, col(Gone, name)), into(Gone, age, col(Gone, age)))

START_TEST(rows_are_moved_elsewhere)
{
	people();
	WRITES(2, amph_insert_from(s, Section, Gone,
		.ctes = ctes(cte_delete(Gone, Person, .where = gt(col(Person, age), 25), ROWS)),
		.fields = fields(into(Section, name, col(Gone, name)))));
	ck_assert_int_eq(amph_count(s, Person), 1);
	ck_assert_int_eq(amph_count(s, Section, .where = in(col(Section, name), texts("bob", "cid"))), 2);
	/* the objects know it when they are met */
	ck_assert_ptr_null(amph_get(s, Person, bob->id));
	amph_rollback(s);
	ck_assert_int_eq(amph_count(s, Person), 3);
	ck_assert_int_eq(amph_count(s, Section), 0);
}
END_TEST

START_TEST(rows_are_updated_and_read)
{
	people();
	ann->email = "a@x";
	Gone *rows = amph_project(s, Gone, READ, .where = gt(col(Gone, age), 21),
		.ctes = ctes(cte_update(Gone, Person, .where = lt(col(Person, age), 35), ROWS,
			.set = sets(set(Person, age, add(col(Person, age), 5)),
				    set(Person, username, fn_upper(col(Person, username)))))));
	DO(rows != NULL);
	ck_assert_uint_eq(amph_length(rows), 2);
	ck_assert_str_eq(rows[0].name, "ANN");
	ck_assert_int_eq(rows[1].age, 35);
	/* what waited was written first, and the objects are read anew */
	ck_assert_ptr_eq(amph_get(s, Person, ann->id), ann);
	ck_assert_int_eq(ann->age, 25);
	ck_assert_str_eq(ann->email, "a@x");
	DO(amph_commit(s));
	/* once more with other values, joined to its own table as it was before */
	rows = amph_project(s, Gone, Gone,
		.joins = joins(join_on(Person, eq(col(Person, id), col(Gone, id)))),
		.fields = fields(into(Gone, age, col(Person, age))), .ctes = ctes(cte_update(Gone, Person,
		.where = eq(col(Person, id), ann->id), .set = sets(set(Person, age, 77)), ROWS)));
	DO(rows != NULL);
	ck_assert_int_eq(rows[0].age, 25);
	ck_assert_int_eq(amph_count(s, Person, .where = eq(col(Person, age), 77)), 1);
}
END_TEST

START_TEST(a_dynamic_query_writes_beside_itself)
{
	people();
	amph_query *q = amph_query_new(s, &amph_model_Gone), *w = amph_query_new(s, &amph_model_Person);
	amph_where(w, gt(col(Person, age), 25));
	amph_set_add(w, set(Person, age, 9));
	amph_returning_add(w, into(Gone, age, col(Person, age)));
	amph_cte_add(q, AMPH_CTE_UPDATE, &amph_model_Gone, w);
	amph_query_free(w);
	amph_field_add(q, into(Gone, age, col(Gone, age)));
	Gone *rows = amph_query_project(q, sizeof(Gone));
	DO(rows != NULL);
	ck_assert_uint_eq(amph_length(rows), 2);
	ck_assert_int_eq(rows[0].age, 9);
	amph_query_free(q);
}
END_TEST

/* Rows that get defaults, versions and keys as those of amph_insert_from do, and are read with them. */
START_TEST(rows_are_inserted_and_read)
{
	people();
#define COPIED cte_insert(Gone, Section, Person, .where = gt(col(Person, age), 25),                      \
	.fields = fields(into(Section, name, col(Person, username))),                                    \
	.returning = fields(into(Gone, id, col(Section, id)), into(Gone, name, col(Section, name))))
#define NEW_ROWS Gone, .order_by = by(col(Gone, name)), .fields = fields(into(Gone, id, col(Gone, id)),  \
	into(Gone, name, col(Gone, name))), .ctes = ctes(COPIED)
	Gone *rows = amph_project(s, Gone, NEW_ROWS);
	DO(rows != NULL);
	ck_assert_uint_eq(amph_length(rows), 2);
	ck_assert_str_eq(rows[0].name, "bob");
	ck_assert_int_gt(rows[0].id, 0);
	ck_assert_int_eq(amph_count(s, Section), 2);
	/* the same again is refused by the key, or left out */
	SAYS("23505", "", amph_project(s, Gone, NEW_ROWS));
	amph_rollback(s);
	ck_assert_int_eq(amph_count(s, Section), 0);
}
END_TEST

START_TEST(two_inserts_stand_beside_each_other)
{
	people();
	/* into another table what went into the first, each with the defaults of its own model */
	WRITES(2, amph_insert_from(s, Person, Gone, .ctes = ctes(COPIED),
		.fields = fields(into(Person, username, amph_concat(col(Gone, name), "'s")),
				 into(Person, age, 1))));
	ck_assert_int_eq(amph_count(s, Section), 2);
	ck_assert_int_eq(amph_count(s, Person, .where = amph_ends_with(col(Person, username), "'s")), 2);
	ck_assert_int_eq(amph_count(s, Person), 5);
}
END_TEST

/* One table that two statements write: which comes first would matter. */
START_TEST(a_table_is_written_once)
{
	people();
	if (on_sqlite())
		SAYS("0A000", "two statements", amph_insert_from(s, Section, Gone, .ctes = ctes(COPIED),
			.fields = fields(into(Section, name, col(Gone, name)))) >= 0);
	else
		SAYS("23505", "", amph_insert_from(s, Section, Gone, .ctes = ctes(COPIED),
			.fields = fields(into(Section, name, col(Gone, name)))) >= 0);
	amph_rollback(s);
	ck_assert_int_eq(amph_count(s, Section), 0);
}
END_TEST

/* What foreign keys and sequences do is seen by none of the statements, or by all: in what order they
 * run would be seen. */
static void keyed_tables(void)
{
	DO(amph_script(s, "create temp table wp (id int primary key); create temp sequence ws;"
			  "create temp table wc (id int primary key, v int, pid int references wp "
			  "on delete cascade); insert into wp values (1); insert into wc values (7, 5, 1)"));
}

START_TEST(what_depends_on_order_is_refused)
{
	const char *cascade = "with d as (delete from wp where id = 1 returning id) "
			      "update wc set v = v + 1 where pid = 1";
	const char *numbers = "with a as (insert into wc (id, v) values (8, nextval('ws'))) "
			      "insert into wp values (nextval('ws'))";

	if (on_sqlite()) {
		keyed_tables();
		SAYS("0A000", "foreign keys change rows of \"wc\"", amph_script(s, cascade));
		keyed_tables();
		SAYS("0A000", "Numbers of sequences", amph_script(s, numbers));
	}
	/* the other way around nothing is lost */
	keyed_tables();
	DO(amph_script(s, "with u as (update wc set v = 6 where id < 7) delete from wp"));
}
END_TEST

START_TEST(a_dynamic_query_inserts_beside_itself)
{
	people();
	amph_query *q = amph_query_new(s, &amph_model_Gone), *w = amph_query_new(s, &amph_model_Person);
	amph_where(w, gt(col(Person, age), 25));
	amph_field_add(w, into(Section, name, col(Person, username)));
	amph_conflict_set(w, amph_on_conflict(.on = by(col(Section, name)),
					      .set = sets(set(Section, name, amph_excluded(Section, name)))));
	amph_returning_add(w, into(Gone, name, col(Section, name)));
	amph_cte_insert_add(q, &amph_model_Gone, &amph_model_Section, w);
	amph_query_free(w);
	amph_field_add(q, into(Gone, name, col(Gone, name)));
	for (int i = 0; i < 2; i++) {
		Gone *rows = amph_query_project(q, sizeof(Gone));
		DO(rows != NULL);
		ck_assert_uint_eq(amph_length(rows), 2);
	}
	amph_query_free(q);
}
END_TEST

/* A query within a value of a query beside another fills nothing itself. */
START_TEST(values_of_queries_within)
{
	people();
	Gone *rows = amph_project(s, Gone, READ, .ctes = ctes(cte(Gone, Person, .fields = fields(
		into(Gone, id, amph_scalar(fn_max(col(Boss, id)), Boss)),
		into(Gone, age, col(Person, age)), into(Gone, name, col(Person, username))))),
		.where = gt(col(Gone, age), 30));
	DO(rows != NULL);
	ck_assert_uint_eq(amph_length(rows), 1);
	ck_assert_str_eq(rows->name, "cid");
	ck_assert_int_eq(rows->id, bob->id + 1);
}
END_TEST

START_TEST(where_nothing_may_be_written_beside)
{
	people();
	SAYS("0A000", "Gone", amph_count(s, Gone,
		.ctes = ctes(cte_delete(Gone, Person, .all_rows = true, ROWS))) >= 0);
	SAYS("0A000", "Gone", amph_all(s, Person, .where = in_select(col(Person, id), col(Gone, id), Gone,
		.ctes = ctes(cte_delete(Gone, Person, .all_rows = true, ROWS)))));
	SAYS("0A000", "Gone", amph_project(s, Gone, Person, .fields = fields(into(Gone, id, col(Person, id))),
		.where = in_select(col(Person, id), col(Gone, id), Gone,
			.ctes = ctes(cte_delete(Gone, Person, .all_rows = true, ROWS)))));
	SAYS("HV010", "needs .returning", amph_project(s, Gone, READ,
		.ctes = ctes(cte_delete(Gone, Person, .all_rows = true))));
	SAYS("HV010", "needs .where", amph_project(s, Gone, READ,
		.ctes = ctes(cte_delete(Gone, Person, ROWS))));
	SAYS("HV010", ".sync", amph_project(s, Gone, READ, .ctes = ctes(cte_delete(Gone, Person,
		.all_rows = true, ROWS, .sync = AMPH_SYNC_REFRESH))));
	SAYS("0A000", "Gone", amph_count(s, Gone, .ctes = ctes(COPIED)) >= 0);
	SAYS("HV010", "needs .returning", amph_project(s, Gone, READ, .ctes = ctes(cte_insert(Gone, Section,
		Person, .fields = fields(into(Section, name, col(Person, username)))))));
	SAYS("42703", "username", amph_project(s, Gone, READ, .ctes = ctes(cte_insert(Gone, Section,
		Person, .fields = fields(into(Person, username, col(Person, username))), ROWS))));
	/* a statement that writes stands beside the whole, not beside one that writes */
	SAYS("0A000", "Gone", amph_project(s, Gone, READ, .ctes = ctes(cte_insert(Gone, Section, Person,
		.fields = fields(into(Section, name, col(Person, username))), ROWS, .ctes = ctes(COPIED)))));
	ck_assert_int_eq(amph_count(s, Person), 3);
}
END_TEST

START_TEST(columns_of_joined_tables_are_returned)
{
	people();
	bob->boss_id = (amph_opt_int64)AMPH_SOME(ann->id);
	DO(amph_commit(s));
#define BOSS .joins = joins(join_on(Boss, eq(col(Boss, id), col(Person, boss_id)))), .all_rows = true, \
	.returning = fields(into(Gone, name, col(Boss, username)), into(Gone, age, col(Person, age)))
	if (on_sqlite()) {
		SAYS("0A000", "RETURNING", amph_update_returning(s, Gone, Person, BOSS,
								 .set = sets(set(Person, age, 31))));
		return;
	}
	Gone *rows = amph_update_returning(s, Gone, Person, BOSS, .set = sets(set(Person, age, 31)));
	DO(rows != NULL);
	ck_assert_uint_eq(amph_length(rows), 1);
	ck_assert_str_eq(rows->name, "ann");
	ck_assert_int_eq(rows->age, 31);
	rows = amph_delete_returning(s, Gone, Person, BOSS);
	DO(rows != NULL);
	ck_assert_str_eq(rows->name, "ann");
	ck_assert_int_eq(amph_count(s, Person), 2);
}
END_TEST

START_TEST(pages_in_the_order_of_a_hybrid)
{
	static const int64_t nets[] = { 5, 3, 5, 1 };
	const amph_opt_numeric none = { .has = false };
	const amph_opt_numeric some = { .has = true, .value = amph_numeric_from_int64(1) };

	for (int i = 0; i < 4; i++)
		amph_new(s, Invoice, .first = "f", .last = "l", .net = amph_numeric_from_int64(nets[i]),
			 .tax = i == 3 ? none : some);
	DO(amph_commit(s));
	int64_t order = 0;
	Invoice *last = NULL;
	for (int i = 0; i < 4; i++) {
		last = amph_first(s, Invoice, .keyset = after(Invoice, last), .hybrids = true,
				  .order_by = by(desc(col(Invoice, gross))));
		DO(last != NULL);
		order = order * 10 + last->id;
	}
	/* NULL comes first where the order is falling; equal ones by their key, falling too */
	ck_assert_int_eq(order, 4312);
	ck_assert_ptr_null(amph_first(s, Invoice, .keyset = after(Invoice, last), .hybrids = true,
				      .order_by = by(desc(col(Invoice, gross)))));
	Invoice *before = amph_first(s, Invoice, .keyset = before(Invoice, last), .hybrids = true,
				     .order_by = by(desc(col(Invoice, gross))));
	DO(before != NULL);
	ck_assert_int_eq(before->id, 1);
	/* without its value the page would be a wrong one: it is said */
	amph_session_clear(s);
	Invoice *bare = amph_get(s, Invoice, 1);
	SAYS("HV010", "Invoice.gross", amph_all(s, Invoice, .keyset = after(Invoice, bare), .hybrids = true,
						.order_by = by(desc(col(Invoice, gross)))));
	ck_assert_ptr_nonnull(amph_all(s, Invoice, .keyset = after(Invoice, bare),
				       .order_by = by(desc(col(Invoice, net)))));
	DO(amph_first(s, Invoice, .where = eq(col(Invoice, id), 1), .hybrids = true) == bare);
	before = amph_first(s, Invoice, .keyset = before(Invoice, bare), .hybrids = true,
			    .order_by = by(desc(col(Invoice, gross))));
	DO(before != NULL);
	ck_assert_int_eq(before->id, 3);
	/* a struct of the program's own has what the program puts in */
	const Invoice own = { .id = 1, .gross = bare->gross };
	before = amph_first(s, Invoice, .keyset = before(Invoice, &own), .hybrids = true,
			    .order_by = by(desc(col(Invoice, gross))));
	DO(before != NULL);
	ck_assert_int_eq(before->id, 3);
}
END_TEST

SUITE(stmt_beside_suite, "statements: beside", rows_are_moved_elsewhere, rows_are_updated_and_read,
      rows_are_inserted_and_read, two_inserts_stand_beside_each_other,
      a_dynamic_query_inserts_beside_itself, a_table_is_written_once, what_depends_on_order_is_refused,
      values_of_queries_within, a_dynamic_query_writes_beside_itself, where_nothing_may_be_written_beside,
      columns_of_joined_tables_are_returned, pages_in_the_order_of_a_hybrid)
