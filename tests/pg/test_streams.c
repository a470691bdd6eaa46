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

SUITE_MAIN_WITH("pg streams", open_conns, close_conns, a_stream_takes_constant_memory,
		a_stream_may_fail_on_its_way)
