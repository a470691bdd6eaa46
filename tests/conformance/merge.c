/* MERGE of raw SQL beside the rest of a session: transactions, savepoints, objects, failures. What its
 * clauses mean is in tests/parity. */
#include "conformance.h"

#define INTO "MERGE INTO sections s USING (VALUES "
#define ON ") v (id, name) ON s.id = v.id "
#define EITHER "WHEN MATCHED THEN UPDATE SET name = v.name WHEN NOT MATCHED THEN INSERT VALUES (v.id, v.name)"

/* Rows that it wrote; -1: failure. */
static int64_t merge(const char *sql)
{
	amph_rows *r = amph_sql(s, sql);

	if (r)
		ck_assert_str_eq(amph_rows_command(r), "MERGE");
	int64_t n = r ? amph_rows_affected(r) : -1;
	return amph_rows_close(r) ? n : -1;
}

static int64_t named(const char *name)
{
	return amph_count(s, Section, .where = eq(col(Section, name), name));
}

static void begin(void)
{
	DO(amph_new(s, Section, .id = 1, .name = "one") && amph_new(s, Section, .id = 2, .name = "two"));
	DO(amph_commit(s));
}

START_TEST(merge_flushes_before_it_and_counts_rows)
{
	begin();
	DO(amph_new(s, Section, .id = 3, .name = "three") != NULL);
	WRITES(3, merge(INTO "(2, 'b'), (3, 'c'), (4, 'd')" ON EITHER));
	WRITES(0, merge(INTO "(1, 'x')" ON "WHEN MATCHED AND s.name = 'nobody' THEN DELETE"));
	WRITES(1, merge(INTO "(1, 'x'), (9, 'y')" ON "WHEN MATCHED THEN DELETE"));
	ck_assert_int_eq(amph_count(s, Section), 3);
	ck_assert_int_eq(named("c"), 1);
	DO(amph_commit(s));
	ck_assert_int_eq(named("d"), 1);
}
END_TEST

START_TEST(a_merge_that_fails_leaves_nothing_behind)
{
	begin();
	/* the second row of the source is the one that it may not change again */
	FAILS("21000", merge(INTO "(1, 'a'), (1, 'b'), (5, 'e')" ON EITHER) >= 0);
	ck_assert(amph_failed(s));
	FAILS("21000", merge(INTO "(1, 'a')" ON EITHER) >= 0);  /* the first failure stays */
	amph_rollback(s);
	ck_assert_int_eq(named("one"), 1);
	ck_assert_int_eq(amph_count(s, Section), 2);
	/* what was there for the while of it is not in the way of the next */
	WRITES(2, merge(INTO "(1, 'a'), (5, 'e')" ON EITHER));
	WRITES(1, merge(INTO "(5, 'f')" ON EITHER));
	DO(amph_commit(s));
	ck_assert_int_eq(named("f"), 1);
}
END_TEST

START_TEST(a_merge_goes_with_its_savepoint)
{
	begin();
	WRITES(1, merge(INTO "(1, 'a')" ON EITHER));
	DO(amph_savepoint(s));
	WRITES(2, merge(INTO "(1, 'b'), (7, 'g')" ON EITHER));
	DO(amph_rollback_to(s));
	ck_assert_int_eq(named("a"), 1);
	ck_assert_int_eq(named("g"), 0);
	DO(amph_savepoint(s));
	FAILS("23505", merge(INTO "(8, 'h')" ON "WHEN NOT MATCHED THEN INSERT VALUES (1, v.name)") >= 0);
	DO(amph_rollback_to(s));
	WRITES(1, merge(INTO "(8, 'h')" ON EITHER));
	DO(amph_commit(s));
	ck_assert_int_eq(named("a"), 1);
	ck_assert_int_eq(named("h"), 1);
}
END_TEST

/* Constraints are those of the table, whichever clause breaks them. */
START_TEST(a_merge_is_held_to_constraints)
{
	begin();
	FAILS("23505", merge(INTO "(1, 'one')" ON "WHEN MATCHED THEN UPDATE SET id = 2") >= 0);
	ck_assert_str_eq(amph_session_error(s)->constraint, "sections_pkey");
	amph_rollback(s);
	DO(amph_script(s, "CREATE TABLE merge_referrer (id bigint REFERENCES sections); "
		       "INSERT INTO merge_referrer VALUES (1)") && amph_commit(s));
	FAILS("23503", merge(INTO "(1, 'one')" ON "WHEN MATCHED THEN DELETE") >= 0);
	ck_assert_str_eq(amph_session_error(s)->constraint, "merge_referrer_id_fkey");
	amph_rollback(s);
	ck_assert_int_eq(amph_count(s, Section), 2);
	DO(amph_script(s, "DROP TABLE merge_referrer") && amph_commit(s));
}
END_TEST

START_TEST(a_merge_of_no_source_and_of_no_table_is_told)
{
	begin();
	WRITES(0, merge("MERGE INTO sections s USING (SELECT 1 AS id WHERE false) v ON s.id = v.id "
			"WHEN NOT MATCHED THEN INSERT VALUES (v.id, 'x')"));
	SAYS("42P01", "nowhere", merge("MERGE INTO nowhere n USING sections s ON n.id = s.id "
				       "WHEN MATCHED THEN DELETE") >= 0);
	SAYS("42703", "nothing", merge(INTO "(1, 'x')" ON "WHEN MATCHED THEN UPDATE SET nothing = 1") >= 0);
	SAYS("42601", "", merge(INTO "(1, 'x')" ON) >= 0);
	ck_assert_int_eq(amph_count(s, Section), 2);
}
END_TEST

SUITE(merge_suite, "MERGE", merge_flushes_before_it_and_counts_rows, a_merge_that_fails_leaves_nothing_behind,
      a_merge_goes_with_its_savepoint, a_merge_is_held_to_constraints,
      a_merge_of_no_source_and_of_no_table_is_told)
