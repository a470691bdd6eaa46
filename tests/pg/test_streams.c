/* Streams through the PostgreSQL driver. */
#include "conns.h"
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#elif defined(__has_feature)
enum { SANITIZED = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) };
#else
enum { SANITIZED = 0 };
#endif

static long resident_kb(void)
{
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	ck_assert_int_eq(fscanf(f, "%*d %ld", &pages), 1);
	fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

START_TEST(a_stream_takes_constant_memory)
{
	amph_result_column columns[] = { { "i", int8_type }, { "t", text_type } };
	amph_slot slots[] = { { .type = AMPH_T_INT64, .name = "i" },
			      { .type = AMPH_T_TEXT, .offset = 8, .name = "t" } };
	amph_shape shape = { 2, slots };
	amph_code code = code_of("SELECT i, repeat('x', 50) FROM generate_series(1::int8, $1) i",
				 AMPH_CODE_ROWS | AMPH_CODE_STREAM, 1, &int8_param, 2, columns);
	amph_stmt *s = stmt_new(conn, &code);
	struct { int64_t i; const char *t; } rows[100];
	int64_t want = 1000000, seen = 0;
	amph_arg arg = value_arg(&int8_slot, &want);
	amph_arena arena;
	amph_result r;
	size_t n;

	amph__arena_init(&arena, &counting);
	OK(execute(s, &arg, &r));
	FAILS("HV010", conn->driver->submit(s, &arg, false, &err));
	FAILS("HV010", conn->driver->ping(conn, &err));
	long before = 0;
	do {
		OK(conn->driver->fetch(conn, &r, &shape, rows, sizeof rows[0], 100,
				       &(amph_store){ store_malloc, &arena }, &n, &err));
		for (size_t i = 0; i < n; i++)
			ck_assert_int_eq(rows[i].i, ++seen);
		ck_assert(n == 0 || strlen(rows[n - 1].t) == 50);
		amph__arena_reset(&arena);
		if (seen == 10000)
			before = resident_kb();
	} while (n);
	ck_assert_int_eq(seen, want);
	if (!SANITIZED)                 /* which keep freed memory for a while */
		ck_assert_int_lt(resident_kb() - before, 1024);
	conn->driver->finish(conn, &r);
	/* none, one, given up in the middle, failing in the middle */
	want = 0;
	OK(execute(s, &arg, &r));
	OK(conn->driver->fetch(conn, &r, &shape, rows, 16, 5,
			    &(amph_store){ store_malloc, &arena }, &n, &err));
	ck_assert_uint_eq(n, 0);
	conn->driver->finish(conn, &r);
	want = 100000;
	OK(execute(s, &arg, &r));
	OK(conn->driver->fetch(conn, &r, &shape, rows, 16, 5,
			    &(amph_store){ store_malloc, &arena }, &n, &err));
	ck_assert_uint_eq(n, 5);
	conn->driver->finish(conn, &r);
	ck_assert_str_eq(text_of(conn, "SELECT 1"), "1");
	stmt_free(s);
	amph__arena_clear(&arena);
}
END_TEST

START_TEST(a_stream_may_fail_on_its_way)
{
	amph_code code = code_of("SELECT 1000 / (10 - i) FROM generate_series(1::int8, $1) i",
				 AMPH_CODE_ROWS | AMPH_CODE_STREAM, 1, &int8_param, 1, &int8_column);
	amph_stmt *s = stmt_new(conn, &code);
	int64_t want = 20, got[20];
	amph_arg arg = value_arg(&int8_slot, &want);
	amph_result r;
	size_t n;

	for (int in_tx = 0; in_tx < 2; in_tx++) {
		if (in_tx)
			control(conn, "BEGIN");
		OK(execute(s, &arg, &r));
		FAILS("22012", conn->driver->fetch(conn, &r, &int8_shape, got, 8, 20, NULL, &n, &err));
		ck_assert_uint_eq(n, 9);
		conn->driver->finish(conn, &r);
		ck_assert_int_eq(conn->driver->tx_status(conn), in_tx ? AMPH_TX_FAILED : AMPH_TX_IDLE);
	}
	control(conn, "ROLLBACK");
	OK(execute(s, &arg, &r));
	OK(conn->driver->fetch(conn, &r, &int8_shape, got, 8, 3, NULL, &n, &err));
	conn->deadline_usec = AMPH_NO_DEADLINE;
	OK(conn->driver->reset(conn, &err));
	conn->driver->finish(conn, &r);
	ck_assert_str_eq(text_of(conn, "SELECT 1"), "1");
	stmt_free(s);
}
END_TEST

/* ---- large results, which come by COPY the second time ---- */

enum { LARGE = 12000 };

/* Reads all rows, which are the numbers from 1 on; how many. */
static int64_t count_rows(amph_result *r)
{
	int64_t got[100], seen = 0;
	size_t n;

	do {
		OK(conn->driver->fetch(conn, r, &int8_shape, got, 8, 100, NULL, &n, &err));
		for (size_t i = 0; i < n; i++)
			ck_assert_int_eq(got[i], ++seen);
	} while (n);
	conn->driver->finish(conn, r);
	return seen;
}

static void fill_large(void)
{
	run(other, "CREATE TABLE large(id int4)");
	run(other, "INSERT INTO large SELECT generate_series(1, 12000)");
}

static amph_code large_code(const char *sql)
{
	return code_of(sql, AMPH_CODE_ROWS, 0, NULL, 1, &int8_column);
}

START_TEST(a_large_result_comes_by_copy)
{
	amph_code code = large_code("SELECT id FROM large");
	amph_code begin = code_of("BEGIN", AMPH_CODE_CONTROL, 0, NULL, 0, NULL);
	int64_t got[5];
	amph_result r;
	size_t n;

	fill_large();
	amph_stmt *s = stmt_new(conn, &code), *b = stmt_new(conn, &begin);
	for (int i = 0; i < 2; i++) {
		OK(execute(s, NULL, &r));
		ck_assert_uint_eq(r.more_trips, 0);     /* outside of a transaction nothing is locked */
		ck_assert_int_eq(count_rows(&r), LARGE);
	}
	OK(conn->driver->submit(b, NULL, true, &err));
	OK(conn->driver->submit(s, NULL, false, &err));
	FAILS("HV010", conn->driver->submit(s, NULL, false, &err));
	OK(conn->driver->collect(conn, &r, &err));
	conn->driver->finish(conn, &r);
	OK(conn->driver->collect(conn, &r, &err));
	ck_assert_uint_eq(r.more_trips, 1);
	ck_assert_str_eq(r.tag, "SELECT");
	FAILS("HV010", conn->driver->submit(s, NULL, false, &err));
	ck_assert_int_eq(count_rows(&r), LARGE);
	/* given up in the middle */
	OK(execute(s, NULL, &r));
	ck_assert_uint_eq(r.more_trips, 1);
	OK(conn->driver->fetch(conn, &r, &int8_shape, got, 8, 5, NULL, &n, &err));
	ck_assert_int_eq(got[4], 5);
	conn->driver->finish(conn, &r);
	run(conn, "DELETE FROM large WHERE id > 3");
	OK(execute(s, NULL, &r));
	ck_assert_uint_eq(r.more_trips, 1);
	ck_assert_int_eq(count_rows(&r), 3);
	OK(execute(s, NULL, &r));
	ck_assert_uint_eq(r.more_trips, 0);             /* few rows again */
	ck_assert_int_eq(count_rows(&r), 3);
	run(conn, "DELETE FROM large");
	OK(execute(s, NULL, &r));
	ck_assert_int_eq(count_rows(&r), 0);
	control(conn, "ROLLBACK");
	ck_assert_str_eq(text_of(conn, "SELECT count(*)::text FROM large"), "12000");
	stmt_free(b);
	stmt_free(s);
}
END_TEST

START_TEST(a_table_may_change_before_its_copy)
{
	amph_code code = large_code("SELECT id FROM large");
	amph_result r;

	fill_large();
	amph_stmt *s = stmt_new(conn, &code);
	OK(execute(s, NULL, &r));
	ck_assert_int_eq(count_rows(&r), LARGE);
	run(other, "ALTER TABLE large ALTER id TYPE int8");
	control(conn, "BEGIN");
	OK(execute(s, NULL, &r));                       /* prepared anew */
	ck_assert_uint_eq(r.more_trips, 0);
	ck_assert_int_eq(count_rows(&r), LARGE);
	OK(execute(s, NULL, &r));
	ck_assert_uint_eq(r.more_trips, 1);
	ck_assert_int_eq(count_rows(&r), LARGE);
	control(conn, "ROLLBACK");
	run(other, "DROP TABLE large");
	control(conn, "BEGIN");
	FAILS("42P01", execute(s, NULL, &r));
	control(conn, "ROLLBACK");
	ck_assert_str_eq(text_of(conn, "SELECT 1"), "1");
	stmt_free(s);
}
END_TEST

START_TEST(a_large_result_may_fail_on_its_way)
{
	amph_code code = large_code("SELECT id FROM large WHERE id <= 10000");
	amph_result r;
	int64_t got[100];
	size_t n;
	bool ok;

	fill_large();
	amph_stmt *s = stmt_new(conn, &code);
	OK(execute(s, NULL, &r));
	ck_assert_int_eq(count_rows(&r), 10000);
	run(other, "CREATE OR REPLACE FUNCTION boom(int4) RETURNS bool LANGUAGE plpgsql AS "
	    "'BEGIN RETURN 1 / (9000 - $1) > 7; END'");
	run(other, "ALTER TABLE large ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY");
	run(other, "CREATE POLICY p ON large USING (NOT boom(id))");
	run(conn, "CREATE ROLE copy_reader");
	run(conn, "GRANT USAGE ON SCHEMA public TO copy_reader");
	run(conn, "GRANT SELECT ON large TO copy_reader");
	control(conn, "BEGIN");
	run(conn, "SET LOCAL ROLE copy_reader");
	OK(execute(s, NULL, &r));
	ck_assert_uint_eq(r.more_trips, 1);
	do {
		ok = conn->driver->fetch(conn, &r, &int8_shape, got, 8, 100, NULL, &n, &err);
	} while (ok && n);
	ck_assert(!ok);
	ck_assert_str_eq(err.sqlstate, "22012");
	conn->driver->finish(conn, &r);
	ck_assert_int_eq(conn->driver->tx_status(conn), AMPH_TX_FAILED);
	control(conn, "ROLLBACK");
	run(conn, "DROP OWNED BY copy_reader");
	run(conn, "DROP ROLE copy_reader");
	OK(execute(s, NULL, &r));
	ck_assert_int_eq(count_rows(&r), 10000);
	stmt_free(s);
}
END_TEST

SUITE_MAIN_AT_END("pg streams", open_conns, close_conns, clean_schemas, a_stream_takes_constant_memory,
		a_stream_may_fail_on_its_way, a_large_result_comes_by_copy,
		a_table_may_change_before_its_copy, a_large_result_may_fail_on_its_way)
