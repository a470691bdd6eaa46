/* The PostgreSQL driver in use: results, flights, preparation, COPY, ids, reset, inspection. */
#include "conns.h"

START_TEST(statements_give_tags_and_counts)
{
	static const struct { const char *sql, *tag; int64_t affected; } rows[] = {
		{ "INSERT INTO things SELECT i, i, 1 FROM generate_series(1, 10) i", "INSERT", 10 },
		{ "UPDATE things SET n = 2 WHERE id > 5", "UPDATE", 5 },
		{ "DELETE FROM things WHERE id > 8", "DELETE", 2 },
		{ "CREATE TABLE more()", "CREATE TABLE", -1 },
		{ "SELECT 1", "SELECT", -1 },
		{ "", "", -1 },
		{ "SET work_mem = '5MB'", "SET", -1 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t affected = -9;
		char tag[24];

		if (!try_run(conn, rows[i].sql, AMPH_CODE_ONCE, &affected, tag))
			ck_abort_msg("%s: %s", rows[i].sql, err.message);
		ck_assert_str_eq(tag, rows[i].tag);
		ck_assert_int_eq(affected, rows[i].affected);
	}
}
END_TEST

START_TEST(errors_say_where_and_what)
{
	run(conn, "INSERT INTO things VALUES (1, 'a', 1)");
	FAILS("23505", try_run(conn, "INSERT INTO things VALUES (2, 'a', 1)", AMPH_CODE_ONCE, NULL, NULL));
	ck_assert_int_eq(err.status, AMPH_E_UNIQUE);
	ck_assert_str_eq(err.constraint, "things_name_key");
	ck_assert_str_eq(err.table, "things");
	ck_assert_str_eq(err.detail, "Key (name)=(a) already exists.");
	FAILS("23514", try_run(conn, "INSERT INTO things VALUES (2, 'b', 0)", AMPH_CODE_ONCE, NULL, NULL));
	ck_assert_str_eq(err.constraint, "things_n_check");
	FAILS("23502", try_run(conn, "INSERT INTO things VALUES (NULL)", AMPH_CODE_ONCE, NULL, NULL));
	ck_assert_str_eq(err.column, "id");
	FAILS("42601", try_run(conn, "SELECT 'ä', FROM x", AMPH_CODE_ONCE, NULL, NULL));
	ck_assert_int_eq(err.position, 13);
	FAILS("42703", try_run(conn, "SELECT nothing FROM things", AMPH_CODE_ONCE, NULL, NULL));
	FAILS("0A000", try_run(conn, "COPY things TO STDOUT", AMPH_CODE_ONCE, NULL, NULL));
	ck_assert(conn->broken);
}
END_TEST

/* ---- flights ---- */

START_TEST(a_flight_gives_results_in_order)
{
	amph_code begin = code_of("BEGIN", AMPH_CODE_CONTROL, 0, NULL, 0, NULL);
	amph_code code = code_of("SELECT $1 * 10", AMPH_CODE_ROWS, 1, &int8_param, 1, &int8_column);
	amph_stmt *b = stmt_new(conn, &begin), *s = stmt_new(conn, &code);
	int64_t values[20];
	amph_arg args[20];
	amph_result r;

	OK(conn->driver->submit(b, NULL, true, &err));
	for (int i = 0; i < 20; i++) {
		values[i] = i;
		args[i] = value_arg(&int8_slot, &values[i]);
		OK(conn->driver->submit(s, &args[i], i < 19, &err));
	}
	OK(conn->driver->collect(conn, &r, &err));
	ck_assert_str_eq(r.tag, "BEGIN");
	conn->driver->finish(conn, &r);
	for (int i = 0; i < 20; i++) {
		OK(conn->driver->collect(conn, &r, &err));
		ck_assert_int_eq(take_int(conn, &r), i * 10);
	}
	ck_assert_int_eq(conn->driver->tx_status(conn), AMPH_TX_OPEN);
	FAILS("HV010", conn->driver->collect(conn, &r, &err));
	/* alone, and several without waiting for each */
	ck_assert_int_eq(call(s, 7), 70);
	OK(conn->driver->submit(s, &args[1], false, &err));
	OK(conn->driver->submit(s, &args[2], false, &err));
	OK(conn->driver->submit(s, &args[3], true, &err));
	for (int i = 1; i < 4; i++) {
		OK(conn->driver->collect(conn, &r, &err));
		ck_assert_int_eq(take_int(conn, &r), i * 10);
	}
	control(conn, "COMMIT");
	ck_assert_int_eq(conn->driver->tx_status(conn), AMPH_TX_IDLE);
	stmt_free(b);
	stmt_free(s);
}
END_TEST

START_TEST(a_failure_aborts_the_rest_of_a_flight)
{
	amph_code good = code_of("SELECT $1", AMPH_CODE_ROWS, 1, &int8_param, 1, &int8_column);
	amph_code bad = code_of("SELECT 10 / $1", AMPH_CODE_ROWS, 1, &int8_param, 1, &int8_column);
	amph_code late = code_of("SELECT $1 + 1", AMPH_CODE_ROWS, 1, &int8_param, 1, &int8_column);
	amph_stmt *g = stmt_new(conn, &good), *b = stmt_new(conn, &bad), *l = stmt_new(conn, &late);
	int64_t zero = 0;
	amph_arg arg = value_arg(&int8_slot, &zero);
	amph_result r;

	for (int in_tx = 0; in_tx < 2; in_tx++) {
		if (in_tx)
			control(conn, "BEGIN");
		OK(conn->driver->submit(g, &arg, true, &err));
		OK(conn->driver->submit(b, &arg, true, &err));
		OK(conn->driver->submit(g, &arg, true, &err));
		OK(conn->driver->submit(l, &arg, false, &err));
		OK(conn->driver->collect(conn, &r, &err));
		ck_assert_int_eq(take_int(conn, &r), 0);
		FAILS("22012", conn->driver->collect(conn, &r, &err));
		FAILS("25P02", conn->driver->collect(conn, &r, &err));
		FAILS("25P02", conn->driver->collect(conn, &r, &err));
		ck_assert_int_eq(conn->driver->tx_status(conn), in_tx ? AMPH_TX_FAILED : AMPH_TX_IDLE);
		if (in_tx) {
			char tag[24];

			OK(try_run(conn, "COMMIT", AMPH_CODE_CONTROL, NULL, tag));
			ck_assert_str_eq(tag, "ROLLBACK");
		}
		ck_assert_int_eq(call(l, 5), 6);
	}
	stmt_free(g);
	stmt_free(b);
	stmt_free(l);
}
END_TEST

START_TEST(a_value_refused_within_a_flight_leaves_the_others)
{
	amph_param p = { AMPH_PARAM_VALUE, 1, &text_type };
	amph_slot slot = { .type = AMPH_T_TEXT, .name = "t" };
	amph_code code = code_of("SELECT length($1)::int8", AMPH_CODE_ROWS, 1, &p, 1, &int8_column);
	amph_stmt *s = stmt_new(conn, &code);
	const char *good = "abc", *bad = "\xff";
	amph_arg a = value_arg(&slot, &good), b = value_arg(&slot, &bad);
	amph_result r;

	OK(conn->driver->submit(s, &a, true, &err));
	FAILS("22021", conn->driver->submit(s, &b, false, &err));
	OK(conn->driver->collect(conn, &r, &err));
	ck_assert_int_eq(take_int(conn, &r), 3);
	ck_assert_int_eq(conn->driver->tx_status(conn), AMPH_TX_IDLE);
	stmt_free(s);
}
END_TEST

START_TEST(a_failing_commit_of_one_statement_is_told)
{
	run(conn, "CREATE TABLE late(id int8 REFERENCES things DEFERRABLE INITIALLY DEFERRED)");
	FAILS("23503", try_run(conn, "INSERT INTO late VALUES (99)", AMPH_CODE_ONCE | AMPH_CODE_WRITES, NULL,
			       NULL));
	ck_assert_str_eq(err.constraint, "late_id_fkey");
	control(conn, "BEGIN");
	run(conn, "INSERT INTO late VALUES (99)");
	FAILS("23503", try_run(conn, "COMMIT", AMPH_CODE_CONTROL, NULL, NULL));
	ck_assert_int_eq(conn->driver->tx_status(conn), AMPH_TX_IDLE);
	amph_code code = code_of("INSERT INTO late VALUES ($1) RETURNING id",
				 AMPH_CODE_WRITES | AMPH_CODE_ROWS, 1, &int8_param, 1, &int8_column);
	amph_stmt *s = stmt_new(conn, &code);
	int64_t id = 98;
	amph_arg arg = value_arg(&int8_slot, &id);
	amph_result r;
	OK(conn->driver->submit(s, &arg, true, &err));
	OK(conn->driver->submit(s, &arg, false, &err));
	OK(conn->driver->collect(conn, &r, &err));
	conn->driver->finish(conn, &r);
	FAILS("23503", conn->driver->collect(conn, &r, &err));
	ck_assert(!conn->broken);
	ck_assert_str_eq(text_of(conn, "SELECT count(*) FROM late"), "0");
	stmt_free(s);
}
END_TEST

/* ---- preparation ---- */

static const char *prepared(amph_conn *c)
{
	return text_of(c, "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'amph%' AND"
		       " statement LIKE '%things%'");
}

START_TEST(what_the_server_forgot_is_prepared_again)
{
	static const char *const forgets[] = {
		"DEALLOCATE ALL", "DISCARD ALL", "SELECT 1",
		("DO 'DECLARE n text; BEGIN FOR n IN SELECT name FROM pg_prepared_statements"
		 " WHERE statement LIKE ''%things%'' LOOP EXECUTE ''DEALLOCATE '' || n; END LOOP; END'")
	};
	amph_code code = things_code();
	amph_stmt *s = stmt_new(conn, &code);

	call(s, 0);
	for (size_t i = 0; i < COUNT(forgets); i++) {
		run(conn, forgets[i]);
		ck_assert_int_eq(call(s, 0), 0);
		ck_assert_str_eq(prepared(conn), "1");
		/* first of its transaction, which is begun again */
		control(conn, "BEGIN ISOLATION LEVEL SERIALIZABLE");
		ck_assert_int_eq(call(s, 0), 0);
		ck_assert_str_eq(text_of(conn, "SHOW transaction_isolation"), "serializable");
		control(conn, "COMMIT");
	}
	/* behind our back, and within a transaction that has done something: it must be run again */
	run(conn, forgets[3]);
	control(conn, "BEGIN");
	run(conn, "SELECT 1");
	amph_result r;
	int64_t zero = 0;
	amph_arg arg = value_arg(&int8_slot, &zero);
	FAILS("26000", execute(s, &arg, &r));
	ck_assert(err.retryable);
	control(conn, "ROLLBACK");
	ck_assert_int_eq(call(s, 0), 0);
	stmt_free(s);
}
END_TEST

START_TEST(a_plan_that_changed_is_made_again)
{
	static const amph_sqltype int4 = { .type = AMPH_T_INT64 };
	amph_result_column columns[] = { { "id", int4 }, { "n", int4 } };
	amph_slot slots[] = { { .type = AMPH_T_INT64, .name = "id" },
			      { .type = AMPH_T_INT64, .offset = 8, .name = "n" } };
	amph_shape shape = { 2, slots };
	amph_code code = code_of("SELECT id, n FROM things WHERE id = $1", AMPH_CODE_ROWS, 1, &int8_param, 2,
				 columns);
	amph_stmt *s = stmt_new(conn, &code);
	int64_t id = 1, row[2];
	amph_arg arg = value_arg(&int8_slot, &id);
	amph_result r;
	size_t n;

	run(conn, "INSERT INTO things VALUES (1, 'a', 5)");
	for (int round = 0; round < 3; round++) {
		bool in_tx = round == 2;

		run(other, round % 2 ? "ALTER TABLE things ALTER n TYPE int4"
				     : "ALTER TABLE things ALTER n TYPE int8");
		if (in_tx) {
			/* BEGIN in the same flight, another statement behind */
			amph_code begin = code_of("BEGIN", AMPH_CODE_CONTROL, 0, NULL, 0, NULL);
			amph_stmt *b = stmt_new(conn, &begin);
			OK(conn->driver->submit(b, NULL, true, &err));
			OK(conn->driver->submit(s, &arg, true, &err));
			OK(conn->driver->submit(s, &arg, false, &err));
			OK(conn->driver->collect(conn, &r, &err));
			conn->driver->finish(conn, &r);
			OK(conn->driver->collect(conn, &r, &err));
			conn->driver->finish(conn, &r);
			OK(conn->driver->collect(conn, &r, &err));
			stmt_free(b);
		} else {
			OK(execute(s, &arg, &r));
		}
		OK(conn->driver->fetch(conn, &r, &shape, row, sizeof row, 1, NULL, &n, &err));
		ck_assert_int_eq(row[1], 5);
		conn->driver->finish(conn, &r);
		if (in_tx)
			control(conn, "COMMIT");
	}
	run(other, "ALTER TABLE things ALTER n TYPE int4");
	control(conn, "BEGIN");
	run(conn, "SELECT 1");
	FAILS("0A000", execute(s, &arg, &r));
	ck_assert(err.retryable);
	control(conn, "ROLLBACK");
	OK(execute(s, &arg, &r));
	conn->driver->finish(conn, &r);
	run(other, "DROP TABLE things");
	run(other, "CREATE TABLE things(id int8, n int4)");
	OK(execute(s, &arg, &r));
	conn->driver->finish(conn, &r);
	run(other, "DROP TABLE things");
	FAILS("42P01", execute(s, &arg, &r));
	stmt_free(s);
}
END_TEST

START_TEST(a_name_that_is_there_already_is_used)
{
	amph_code code = things_code();
	char sql[256];

	snprintf(sql, sizeof sql, "PREPARE amph_%016llx%016llx(int8) AS %s", (unsigned long long)code.hash[0],
		 (unsigned long long)code.hash[1], code.sql);
	run(conn, sql);
	amph_stmt *s = stmt_new(conn, &code);
	ck_assert_int_eq(call(s, 0), 0);
	ck_assert_int_eq(call(s, 0), 0);
	stmt_free(s);
}
END_TEST

START_TEST(names_are_shared_and_given_back)
{
	amph_code code = things_code();
	amph_stmt *a = stmt_new(conn, &code), *b = stmt_new(conn, &code);

	call(a, 0);
	call(b, 0);
	ck_assert_str_eq(prepared(conn), "1");
	stmt_free(a);
	call(b, 0);
	stmt_free(b);
	a = stmt_new(conn, &code);
	call(a, 0);
	ck_assert_str_eq(prepared(conn), "1");
	stmt_free(a);
	for (int i = 0; i < 40; i++) {
		char sql[96];

		snprintf(sql, sizeof sql, "SELECT count(*) + %d FROM things WHERE id > $1", i);
		amph_code one = code_of(sql, AMPH_CODE_ROWS, 1, &int8_param, 1, &int8_column);
		a = stmt_new(conn, &one);
		ck_assert_int_eq(call(a, 0), i);
		stmt_free(a);
	}
	ck_assert_int_le(strtol(prepared(conn), NULL, 10), 16);
}
END_TEST

START_TEST(without_names_nothing_stays_prepared)
{
	amph_driver_engine *plain = engine_with(test_url(), (amph_driver_options){ .prepare = false });
	OK(plain->driver->engine_open(plain, &err));
	amph_conn *c = conn_new(plain);
	amph_code code = things_code();
	amph_stmt *s = stmt_new(c, &code);

	ck_assert_int_eq(call(s, 0), 0);
	ck_assert_int_eq(call(s, 0), 0);
	ck_assert_str_eq(text_of(c, "SELECT count(*) FROM pg_prepared_statements"), "0");
	stmt_free(s);
	conn_free(c);
	engine_free(plain);
}
END_TEST

/* ---- load and ids ---- */

typedef struct thing { int64_t id; const char *name; amph_opt_int32 n; amph_opt_numeric price; } thing;
static const amph_slot thing_slots[] = {
	{ AMPH_T_INT64, false, offsetof(thing, id), NULL, "id" },
	{ AMPH_T_TEXT, false, offsetof(thing, name), NULL, "name" },
	{ AMPH_T_INT32, true, offsetof(thing, n), NULL, "n" },
	{ AMPH_T_NUMERIC, true, offsetof(thing, price), NULL, "price" }
};
static const amph_sqltype thing_types[] = {
	{ .type = AMPH_T_INT64 }, { .type = AMPH_T_TEXT }, { .type = AMPH_T_INT32 },
	{ .type = AMPH_T_NUMERIC }
};
static const char *const thing_columns[] = { "id", "name", "n", "pri\"ce" };

static bool load(const char *table, const thing *rows, size_t n, bool *done, int64_t *affected)
{
	amph_arg arg = { COUNT(thing_slots), n, sizeof *rows, thing_slots, rows, NULL };

	return conn->driver->load(conn, table, thing_columns, thing_types, &arg, done, affected, &err);
}

START_TEST(load_copies_rows)
{
	enum { N = 20000 };
	thing *rows = calloc(N, sizeof *rows);
	int64_t affected;
	bool done;

	for (int i = 0; i < N; i++)
		rows[i] = (thing){ .id = i, .name = i % 3 ? "näme" : NULL, .n = { i + 1, i % 2 },
				   .price = { { .v.units = i * 7, .scale = 2 }, i % 5 != 0 } };
	run(conn, "CREATE TABLE goods(id int8 PRIMARY KEY, name varchar(10), n int4 CHECK (n <> 5),"
	    " \"pri\"\"ce\" numeric(12,2), extra int DEFAULT 9)");
	OK(load("goods", rows, 4, &done, &affected));
	ck_assert(done);
	ck_assert_int_eq(affected, 4);
	FAILS("23505", load("goods", rows, 1, &done, &affected));
	ck_assert_str_eq(err.constraint, "goods_pkey");
	ck_assert_str_eq(err.table, "goods");
	rows[5].n = (amph_opt_int32){ 5, true };
	FAILS("23514", load("goods", rows + 5, 1, &done, &affected));
	ck_assert_str_eq(err.constraint, "goods_n_check");
	rows[5].n.value = 6;
	rows[5].name = "more than ten";
	FAILS("22001", load("goods", rows + 5, 1, &done, &affected));
	rows[N - 1].name = "\xff";
	rows[5].name = "x";
	FAILS("22021", load("goods", rows, N, &done, &affected));
	ck_assert(!conn->broken);
	rows[N - 1].name = "last";
	run(conn, "TRUNCATE goods");
	control(conn, "BEGIN");
	OK(load("public.goods", rows, N, &done, &affected));
	ck_assert(done);
	ck_assert_int_eq(affected, N);
	OK(load("goods", rows, 0, &done, &affected));
	ck_assert(done && affected == 0);
	control(conn, "COMMIT");
	ck_assert_str_eq(text_of(conn, "SELECT (count(*), count(name), count(n),"
				 " sum(\"pri\"\"ce\"), sum(extra))"
				 " FROM goods"), "(20000,13333,10000,11200000.00,180000)");
	free(rows);
}
END_TEST

START_TEST(load_declines_what_is_not_a_plain_insert)
{
	static const struct { const char *what, *undo; } rows[] = {
		{ "CREATE TRIGGER t BEFORE INSERT ON goods FOR EACH ROW EXECUTE FUNCTION f()",
		  "DROP TRIGGER t ON goods" },
		{ "ALTER TABLE goods ENABLE ROW LEVEL SECURITY",
		  "ALTER TABLE goods DISABLE ROW LEVEL SECURITY" },
		{ "CREATE RULE r AS ON INSERT TO goods DO ALSO SELECT 1", "DROP RULE r ON goods" },
		{ "ALTER TABLE goods ADD g int GENERATED ALWAYS AS (n + 1) STORED",
		  "ALTER TABLE goods DROP g" },
		{ "ALTER TABLE goods ALTER n TYPE int8", "ALTER TABLE goods ALTER n TYPE int4" },
		{ "ALTER TABLE goods ALTER id ADD GENERATED ALWAYS AS IDENTITY",
		  "ALTER TABLE goods ALTER id DROP IDENTITY" },
	};
	thing row = { .id = 1, .name = "x" };
	int64_t affected;
	bool done;

	run(conn, "CREATE TABLE goods(id int8 NOT NULL, name text, n int4, \"pri\"\"ce\" numeric(12,2))");
	run(conn, "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'");
	OK(load("goods", &row, 1, &done, &affected));
	ck_assert(done);
	for (size_t i = 0; i < COUNT(rows); i++) {
		run(conn, rows[i].what);
		OK(load("goods", &row, 1, &done, &affected));
		ck_assert_msg(!done, "%s", rows[i].what);
		run(conn, rows[i].undo);
		OK(load("goods", &row, 1, &done, &affected));
		ck_assert_msg(done, "%s", rows[i].undo);
	}
	run(conn, "DROP ROLE IF EXISTS poor");
	run(conn, "CREATE ROLE poor");
	run(conn, "GRANT SELECT ON goods TO poor");
	run(conn, "SET ROLE poor");
	OK(load("goods", &row, 1, &done, &affected));
	ck_assert(!done);
	run(conn, "RESET ROLE");
	run(conn, "DROP OWNED BY poor");
	run(conn, "DROP ROLE poor");
	FAILS("42P01", (load("no_such", &row, 1, &done, &affected) && !done) ?
	      amph__error(&err, "42P01", "declined") : true);
	engine->options.fast_paths = false;
	OK(load("goods", &row, 1, &done, &affected));
	ck_assert(!done);
}
END_TEST

START_TEST(ids_are_taken_from_the_sequence)
{
	enum { N = 20000 };
	int64_t *ids = calloc(N, sizeof *ids);

	run(conn, "CREATE TABLE \"Odd name\"(\"I d\" int8 GENERATED BY DEFAULT AS IDENTITY,"
	    " s serial, x int)");
	OK(conn->driver->take_ids(conn, "Odd name", "I d", 3, ids, &err));
	ck_assert(ids[0] == 1 && ids[1] == 2 && ids[2] == 3);
	OK(conn->driver->take_ids(conn, "public.Odd name", "I d", N, ids, &err));
	for (int i = 0; i < N; i++)
		ck_assert_int_eq(ids[i], i + 4);
	OK(conn->driver->take_ids(conn, "Odd name", "s", 1, ids, &err));
	ck_assert_int_eq(ids[0], 1);
	OK(conn->driver->take_ids(conn, "Odd name", "s", 0, ids, &err));
	control(conn, "BEGIN");
	FAILS("42501", conn->driver->take_ids(conn, "Odd name", "x", 1, ids, &err));
	FAILS("42501", conn->driver->take_ids(conn, "nothing", "x", 1, ids, &err));
	ck_assert_int_eq(conn->driver->tx_status(conn), AMPH_TX_OPEN);
	control(conn, "ROLLBACK");
	free(ids);
}
END_TEST

/* ---- reset, fork, inspect ---- */

START_TEST(reset_leaves_nothing_behind)
{
	static const struct { const char *leave, *look, *clean; } rows[] = {
		{ "SET work_mem = '7MB'", "SHOW work_mem", "4MB" },
		{ "SELECT set_config('work_mem', '7MB', false)", "SHOW work_mem", "4MB" },
		{ "CREATE TEMP TABLE left_over()", "SELECT to_regclass('left_over')", "NULL" },
		{ "SELECT pg_advisory_lock(5)",
		  "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND"
		  " pid = pg_backend_pid()", "0" },
		{ "LISTEN x", "SELECT count(*) FROM pg_listening_channels()", "0" },
		{ "PREPARE mine AS SELECT 1",
		  "SELECT count(*) FROM pg_prepared_statements WHERE name = 'mine'",
		  "0" },
		{ "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
		  "SELECT count(*) FROM pg_cursors WHERE name = 'c'", "0" },
		{ "BEGIN", "SELECT pg_current_xact_id_if_assigned()", "NULL" },
		{ "SET ROLE pg_monitor", "SELECT current_user", "postgres" },
	};
	amph_code code = things_code();
	amph_stmt *s = stmt_new(conn, &code);

	call(s, 0);
	OK(conn->driver->reset(conn, &err));
	ck_assert_str_eq(prepared(conn), "1");
	for (size_t i = 0; i < COUNT(rows); i++) {
		run(conn, rows[i].leave);
		OK(conn->driver->reset(conn, &err));
		ck_assert_msg(!strcmp(text_of(conn, rows[i].look), rows[i].clean), "%s", rows[i].leave);
		ck_assert_int_eq(conn->driver->tx_status(conn), AMPH_TX_IDLE);
		ck_assert_int_eq(call(s, 0), 0);
	}
	control(conn, "BEGIN");
	ck_assert(!try_run(conn, "SELECT 1/0", AMPH_CODE_ONCE, NULL, NULL));
	OK(conn->driver->reset(conn, &err));
	ck_assert_int_eq(conn->driver->tx_status(conn), AMPH_TX_IDLE);
	amph_arg arg = value_arg(&int8_slot, &(int64_t){ 0 });
	OK(conn->driver->submit(s, &arg, true, &err));
	OK(conn->driver->submit(s, &arg, true, &err));
	OK(conn->driver->reset(conn, &err));
	ck_assert_int_eq(call(s, 0), 0);
	stmt_free(s);
}
END_TEST

static bool collect_object(void *ctx, const amph_inspected *o)
{
	amph_buf *b = ctx;

	if (o->schema)
		amph__buf_printf(b, "in %s: ", o->schema);
	amph__buf_printf(b, "%d %s.%s %s [%s]%s%s%s %c\n", o->kind, o->table ? o->table : "-", o->name,
			 o->type ? o->type : "-", o->definition ? o->definition : "-",
			 o->not_null ? " not null" : "", o->identity ? " identity" : "",
			 o->unique ? " unique" : "", o->constraint_kind ? o->constraint_kind : '-');
	return true;
}

static bool stop_at_once(void *ctx, const amph_inspected *o)
{
	(void)o;
	++*(int *)ctx;
	return false;
}

START_TEST(the_schema_is_inspected)
{
	static const char *const want[] = {
		"4 -.mood - [sad\nok] -\n",
		"0 pets.pets - [-] -\n",
		"1 pets.id bigint [-] not null identity -\n",
		"1 pets.name character varying(20) ['x'::character varying] -\n",
		"1 pets.twice integer [GENERATED ALWAYS AS ((age * 2)) STORED] -\n",
		"2 pets.pets_pkey - [PRIMARY KEY (id)] unique p\n",
		"2 pets.pets_name_key - [UNIQUE (name)] unique u\n",
		"2 pets.pets_thing_fkey - [FOREIGN KEY (thing) REFERENCES things(id) ON DELETE CASCADE] f\n",
		"2 pets.pets_age_check - [CHECK ((age > 0))] c\n",
		("3 pets.ix_pets - [CREATE UNIQUE INDEX ix_pets ON public.pets USING btree"
		 " (lower((name)::text)) WHERE (age > 3)] unique i\n"),
		"5 pets.pets_id_seq bigint [id] identity -\n",
		"in elsewhere: 0 pets.pets - [-] -\n",
		"in elsewhere: 1 pets.id integer [-] -\n",
		"in elsewhere: 4 -.mood - [other] -\n",
	};
	amph_buf b;
	int calls = 0;

	run(conn, "CREATE TYPE mood AS ENUM ('sad', 'ok')");
	run(conn, "CREATE TABLE pets(id int8 GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, name varchar(20) "
	    "DEFAULT 'x' UNIQUE, age int CHECK (age > 0), thing int8 REFERENCES things ON DELETE CASCADE,"
	    " twice int GENERATED ALWAYS AS (age * 2) STORED)");
	run(conn, "CREATE UNIQUE INDEX ix_pets ON pets (lower(name)) WHERE age > 3");
	run(conn, "DROP SCHEMA IF EXISTS elsewhere CASCADE");
	run(conn, "CREATE SCHEMA elsewhere");
	run(conn, "CREATE TABLE elsewhere.pets(id int)");
	run(conn, "CREATE TYPE elsewhere.mood AS ENUM ('other')");
	amph__buf_init(&b, &counting);
	OK(conn->driver->inspect(conn, collect_object, &b, &err));
	for (size_t i = 0; i < COUNT(want); i++)
		ck_assert_msg(strstr(b.text, want[i]) != NULL, "%s missing in\n%s", want[i], b.text);
	amph__buf_clear(&b);
	OK(conn->driver->inspect(conn, stop_at_once, &calls, &err));
	ck_assert_int_eq(calls, 1);
}
END_TEST

SUITE_MAIN_AT_END("pg driver", open_conns, close_conns, clean_schemas, statements_give_tags_and_counts,
		errors_say_where_and_what, a_flight_gives_results_in_order,
		a_failure_aborts_the_rest_of_a_flight,
		a_value_refused_within_a_flight_leaves_the_others,
		a_failing_commit_of_one_statement_is_told,
		what_the_server_forgot_is_prepared_again, a_plan_that_changed_is_made_again,
		a_name_that_is_there_already_is_used, names_are_shared_and_given_back,
		without_names_nothing_stays_prepared, load_copies_rows,
		load_declines_what_is_not_a_plain_insert, ids_are_taken_from_the_sequence,
		reset_leaves_nothing_behind, the_schema_is_inspected)
