/* Connections, statements, results, inspection of the SQLite driver. */
#include "one.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

START_TEST(settings)
{
	ck_assert_int_eq(int_of(conn, "SELECT foreign_keys FROM pragma_foreign_keys"), 1);
	ck_assert_int_eq(int_of(conn, "SELECT trusted_schema FROM pragma_trusted_schema"), 0);
	ck_assert_str_eq(text_of(conn, "SELECT journal_mode FROM pragma_journal_mode"), "wal");
	ck_assert_int_eq(int_of(conn, "SELECT synchronous FROM pragma_synchronous"), 0);
	fail_sql(conn, "SELECT \"nosuch\"", "42703");
	fail_sql(conn, "SELECT load_extension('x')", "42501");
	fail_sql(conn, "UPDATE sqlite_schema SET sql = ''", "42501");
	use_file();
	ck_assert_int_eq(int_of(conn, "SELECT synchronous FROM pragma_synchronous"), 2);
	ck_assert_str_eq(text_of(conn, "SELECT journal_mode FROM pragma_journal_mode"), "wal");
}
END_TEST

START_TEST(options_of_the_url)
{
	amph_address_param params[] = { { "synchronous", "normal" }, { "cache_mb", "2" } };
	db_options o = { .path = temp_path("b.db"), .params = params, .n_params = 2 };
	amph_error err;

	amph_driver_engine *e = db_engine(&o, &err);
	ck_assert(e != NULL);
	amph_conn *c = conn_open(e);
	ck_assert_int_eq(int_of(c, "SELECT synchronous FROM pragma_synchronous"), 1);
	ck_assert_int_eq(int_of(c, "SELECT cache_size FROM pragma_cache_size"), -2048);
	conn_close(c);
	db_close(e);
	params[0].value = "sometimes";
	ck_assert(db_engine(&o, &err) == NULL);
	ck_assert_str_eq(err.sqlstate, "HV00D");
	params[0] = (amph_address_param){ "cache_mb", "-1" };
	ck_assert(db_engine(&o, &err) == NULL);
	params[0] = (amph_address_param){ "journal", "off" };
	ck_assert(db_engine(&o, &err) == NULL);
	ck_assert(strstr(err.message, "synchronous, cache_mb, mmap_mb") != NULL);
}
END_TEST

static unsigned mode_of(const char *path)
{
	struct stat st;

	ck_assert_msg(!stat(path, &st), "%s", path);
	return st.st_mode & 0777;
}

START_TEST(files_belong_to_their_user)
{
	char path[256];

	umask(0);
	use_file();
	run_sql(conn, "CREATE TABLE t (a)");
	snprintf(path, sizeof path, "%s", temp_path("a.db"));
	ck_assert_uint_eq(mode_of(path), 0600);
	snprintf(path, sizeof path, "%s-wal", temp_path("a.db"));
	ck_assert_uint_eq(mode_of(path), 0600);
	snprintf(path, sizeof path, "%s-shm", temp_path("a.db"));
	ck_assert_uint_eq(mode_of(path), 0600);
}
END_TEST

START_TEST(what_cannot_be_opened)
{
	amph_error err;
	amph_driver_engine *e = db_open("/nowhere/at/all/x.db", NULL);

	ck_assert(conn_new(e, &err) == NULL);
	ck_assert_str_eq(err.sqlstate, "08001");
	ck_assert(strstr(err.message, "No such file") != NULL);
	db_close(e);
	e = db_open("/tmp", NULL);
	ck_assert(conn_new(e, &err) == NULL);
	ck_assert_str_eq(err.sqlstate, "08001");
	db_close(e);
	e = db_engine(&(db_options){ .path = temp_path("b.db"), .read_only = true }, &err);
	ck_assert(conn_new(e, &err) == NULL);
	ck_assert_str_eq(err.sqlstate, "08001");
	db_close(e);
}
END_TEST

START_TEST(a_file_that_is_no_database)
{
	amph_error err;
	FILE *f = fopen(temp_path("b.db"), "w");

	for (int i = 0; i < 1000; i++)
		fputs("this is not it. ", f);
	fclose(f);
	amph_driver_engine *e = db_open(temp_path("b.db"), NULL);
	ck_assert(conn_new(e, &err) == NULL);
	ck_assert_str_eq(err.sqlstate, "XX001");
	ck_assert_int_eq(err.status, AMPH_E_CORRUPT);
	db_close(e);
}
END_TEST

START_TEST(a_damaged_page)
{
	amph_error err;
	char path[128], junk[4096];

	use_file();
	run_sql(conn, "CREATE TABLE t (a PRIMARY KEY, b)");
	run_sql(conn, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT 2000) "
		"INSERT INTO t SELECT i, zeroblob(100) FROM n");
	conn_close(conn);
	db_close(engine);
	conn = NULL;
	engine = NULL;
	snprintf(path, sizeof path, "%s", temp_path("a.db"));
	memset(junk, 0xa5, sizeof junk);
	int fd = open(path, O_WRONLY);
	for (int page = 3; page < 40; page++)
		ck_assert(pwrite(fd, junk, sizeof junk, page * 4096) == sizeof junk);
	close(fd);
	engine = db_open(path, NULL);
	conn = conn_open(engine);
	ck_assert(!try_sql(conn, "DELETE FROM t WHERE b IS NULL", &err));
	ck_assert_str_eq(err.sqlstate, "XX001");
}
END_TEST

START_TEST(paths_are_what_they_say)
{
	char cwd[4096], old[4096];
	static const char *const names[] = { "a.db", "file:a.db?mode=memory", ":memory:" };

	ck_assert(getcwd(old, sizeof old) != NULL);
	snprintf(cwd, sizeof cwd, "%s", temp_path("x"));
	*strrchr(cwd, '/') = '\0';
	ck_assert(!chdir(cwd));
	for (int i = 0; i < 3; i++) {
		amph_driver_engine *e = db_open(names[i], NULL);
		ck_assert(!chdir("/"));
		amph_conn *c = conn_open(e);
		run_sql(c, "CREATE TABLE t (a)");
		conn_close(c);
		db_close(e);
		ck_assert(!chdir(cwd));
		ck_assert(!unlink(names[i]));
	}
	ck_assert(!chdir(old));
}
END_TEST

START_TEST(memory_is_gone_with_the_engine)
{
	char dir[4096];

	snprintf(dir, sizeof dir, "%s", text_of(conn, "SELECT file FROM pragma_database_list"));
	*strrchr(dir, '/') = '\0';
	ck_assert_uint_eq(mode_of(dir), 0700);
	ck_assert(strstr(dir, "/amphora-") != NULL);
	teardown();
	conn = NULL;
	engine = NULL;
	ck_assert(access(dir, F_OK));
}
END_TEST

START_TEST(what_a_dead_process_left_is_removed)
{
	char dir[] = "/dev/shm/amphora-dead01", file[64];
	struct timespec old[2] = { { 1000000000, 0 }, { 1000000000, 0 } };

	rmdir(dir);
	ck_assert(!mkdir(dir, 0700));
	snprintf(file, sizeof file, "%s/db", dir);
	close(open(file, O_CREAT | O_WRONLY, 0600));
	amph_driver_engine *e = db_open(NULL, NULL);
	ck_assert_msg(!access(dir, F_OK), "a young one may be another's");
	db_close(e);
	ck_assert(!utimensat(AT_FDCWD, dir, old, 0));
	e = db_open(NULL, NULL);
	ck_assert(access(dir, F_OK));
	db_close(e);
}
END_TEST

START_TEST(tags_and_counts)
{
	static const char *const pairs[][2] = {
		{ "CREATE TABLE t (a INTEGER PRIMARY KEY, b)", "CREATE TABLE" },
		{ "CREATE UNIQUE INDEX i ON t (b)", "CREATE INDEX" },
		{ "INSERT INTO t VALUES (1, 2), (2, 3)", "INSERT" },
		{ "update t set b = b", "UPDATE" },
		{ "WITH x AS (SELECT ')' AS \"(\") DELETE FROM t WHERE a = 1", "DELETE" },
		{ "SELECT 1", "SELECT" },
		{ "DROP TABLE IF EXISTS t", "DROP TABLE" },
	};
	static const int64_t counts[] = { -1, -1, 2, 2, 1, -1, -1 };

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		amph_code code = code_of(pairs[i][0], NULL, 0, 0);
		amph_stmt *stmt = stmt_new(conn, &code);
		amph_result result = { 0 };
		amph_error err;

		ck_assert(amph__sl_driver.submit(stmt, NULL, false, &err));
		ck_assert_msg(amph__sl_driver.collect(conn, &result, &err), "%s", err.message);
		ck_assert_str_eq(result.tag, pairs[i][1]);
		ck_assert_int_eq(result.affected, counts[i]);
		amph__sl_driver.finish(conn, &result);
		stmt_free(stmt);
	}
}
END_TEST

START_TEST(bad_statements)
{
	amph_error err;

	fail_sql(conn, "", "42601");
	fail_sql(conn, "SELEC 1", "42601");
	fail_sql(conn, "SELECT 1; SELECT 2", "42601");
	fail_sql(conn, "SELECT (", "42601");
	fail_sql(conn, "SELECT ?1", "07001");
	fail_sql(conn, "SELECT * FROM nope", "42P01");
	fail_sql(conn, "SELECT nofunc(1)", "42883");
	fail_sql(conn, "INSERT INTO nope VALUES (1)", "42P01");
	run_sql(conn, "CREATE TABLE t (a)");
	fail_sql(conn, "CREATE TABLE t (a)", "42P07");
	fail_sql(conn, "INSERT INTO t (b) VALUES (1)", "42703");
	fail_sql(conn, "SELECT sum(9223372036854775807) FROM (SELECT 1 UNION ALL SELECT 2)", "22003");
	fail_sql(conn, "SELECT * FROM amph_rows", "HV010");
	fail_sql(conn, "SELECT * FROM amph_rows(1)", "HV010");
	ck_assert(!try_sql(conn, "SELECT 'ä', nope FROM t", &err));
	ck_assert_int_eq(err.position, 13);
	run_sql(conn, "SELECT 1 ; ");
}
END_TEST

/* ---- flights ---- */

START_TEST(a_flight_fails_from_the_first_failure_on)
{
	static const char *const sql[] = { "BEGIN", "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (1)",
					   "INSERT INTO t VALUES (2)", "SELECT 1" };
	static const char *const states[] = { "", "", "23505", "25P02", "25P02" };
	amph_code codes[5];
	amph_stmt *stmts[5];
	amph_error err;

	run_sql(conn, "CREATE TABLE t (a PRIMARY KEY)");
	for (int i = 0; i < 5; i++) {
		codes[i] = code_of(sql[i], NULL, 0, 0);
		stmts[i] = stmt_new(conn, &codes[i]);
		ck_assert(amph__sl_driver.submit(stmts[i], NULL, i < 4, &err));
	}
	for (int i = 0; i < 5; i++) {
		amph_result result = { 0 };
		bool ok = amph__sl_driver.collect(conn, &result, &err);

		ck_assert_str_eq(ok ? "" : err.sqlstate, states[i]);
		if (ok)
			amph__sl_driver.finish(conn, &result);
		stmt_free(stmts[i]);
	}
	ck_assert_int_eq(amph__sl_driver.tx_status(conn), AMPH_TX_FAILED);
	fail_sql(conn, "SELECT 1", "25P02");
	run_sql(conn, "ROLLBACK");
	ck_assert_int_eq(int_of(conn, "SELECT count(*) FROM t"), 0);
	ck_assert(!amph__sl_driver.collect(conn, &(amph_result){ 0 }, &err));
}
END_TEST

START_TEST(one_statement_many_times_in_a_flight)
{
	static const amph_sqltype type = { .type = AMPH_T_INT64 };
	static const amph_param param = { AMPH_PARAM_VALUE, 1, &type };
	static const amph_slot slot = { .type = AMPH_T_INT64 };
	amph_code code = code_of("INSERT INTO t VALUES (?1)", &param, 1, 0);
	int64_t values[100];
	amph_arg args[100];
	amph_error err;

	run_sql(conn, "CREATE TABLE t (a PRIMARY KEY)");
	amph_stmt *stmt = stmt_new(conn, &code);
	for (int i = 0; i < 100; i++) {
		values[i] = i;
		args[i] = (amph_arg){ .n_slots = 1, .n_rows = 1, .slots = &slot, .base = &values[i] };
		ck_assert(amph__sl_driver.submit(stmt, &args[i], true, &err));
	}
	for (int i = 0; i < 100; i++) {
		amph_result result = { 0 };

		ck_assert(amph__sl_driver.collect(conn, &result, &err));
		amph__sl_driver.finish(conn, &result);
	}
	stmt_free(stmt);
	ck_assert_int_eq(int_of(conn, "SELECT sum(a) FROM t"), 4950);
}
END_TEST

/* ---- the log ---- */

START_TEST(the_log_is_kept_short)
{
	struct stat st;
	char path[256];

	use_file();
	run_sql(conn, "CREATE TABLE t (a)");
	for (int i = 0; i < 600; i++)
		run_sql(conn, "INSERT INTO t VALUES (zeroblob(20000))");
	snprintf(path, sizeof path, "%s-wal", temp_path("a.db"));
	ck_assert(!stat(path, &st));
	ck_assert_int_lt(st.st_size, 1100 * 4120);
	ck_assert_int_eq(int_of(conn, "SELECT count(*) FROM t"), 600);
}
END_TEST

START_TEST(a_file_that_was_replaced)
{
	amph_error err;

	use_file();
	run_sql(conn, "CREATE TABLE t (a)");
	unlink(temp_path("a.db"));
	ck_assert(!try_sql(conn, "INSERT INTO t VALUES (1)", &err));
	ck_assert_str_eq(err.sqlstate, "58030");
	ck_assert(conn->broken);
	conn->broken = false;
	ck_assert(!amph__sl_driver.ping(conn, &err));
	ck_assert(conn->broken);
}
END_TEST

/* ---- results ---- */

START_TEST(rows_in_portions_and_left_over)
{
	static const amph_slot slot = { .type = AMPH_T_INT64 };
	static const amph_shape shape = { 1, &slot };
	amph_code code = code_of("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT 10) "
				 "SELECT i FROM n", NULL, 0, AMPH_CODE_STREAM);
	amph_stmt *stmt = stmt_new(conn, &code);
	amph_result result;
	amph_error err;
	int64_t out[4];
	size_t n;

	for (int round = 0; round < 3; round++) {
		result = (amph_result){ 0 };
		ck_assert(amph__sl_driver.submit(stmt, NULL, false, &err));
		ck_assert(amph__sl_driver.collect(conn, &result, &err));
		ck_assert(result.has_rows && result.n_columns == 1);
		ck_assert_str_eq(result.columns[0].name, "i");
		for (int at = 0; at < (round ? 1 : 4); at++) {
			ck_assert(amph__sl_driver.fetch(conn, &result, &shape, out, sizeof *out, 4, NULL,
							&n, &err));
			ck_assert_uint_eq(n, at < 2 ? 4 : at == 2 ? 2 : 0);
			ck_assert(n == 0 || out[0] == at * 4 + 1);
		}
		amph__sl_driver.finish(conn, &result);
	}
	stmt_free(stmt);
}
END_TEST

START_TEST(returning_is_known_whole)
{
	static const amph_slot slots[] = { { AMPH_T_INT64, false, 0, NULL, "a" },
					   { AMPH_T_TEXT, false, 8, NULL, "b" } };
	static const amph_shape shape = { 2, slots };
	amph_code code = code_of("INSERT INTO t VALUES (1,'x'), (2,NULL), (3,'z') RETURNING a, b", NULL, 0,
				 0);
	struct { int64_t a; const char *b; } out[4];
	amph_arena arena;
	amph_store store = store_of(&arena);
	amph_stmt *stmt = stmt_new(conn, &code);
	amph_result result = { 0 };
	amph_error err;
	size_t n;

	amph__arena_init(&arena, &amph__libc_allocator);
	run_sql(conn, "CREATE TABLE t (a, b)");
	ck_assert(amph__sl_driver.submit(stmt, NULL, false, &err));
	ck_assert(amph__sl_driver.collect(conn, &result, &err));
	ck_assert_int_eq(result.affected, 3);
	ck_assert(amph__sl_driver.fetch(conn, &result, &shape, out, sizeof *out, 2, &store, &n, &err));
	ck_assert_uint_eq(n, 2);
	ck_assert_str_eq(out[0].b, "x");
	ck_assert(out[1].b == NULL && out[1].a == 2);
	ck_assert(amph__sl_driver.fetch(conn, &result, &shape, out, sizeof *out, 4, &store, &n, &err));
	ck_assert_uint_eq(n, 1);
	ck_assert_str_eq(out[0].b, "z");
	amph__sl_driver.finish(conn, &result);
	stmt_free(stmt);
	amph__arena_clear(&arena);
}
END_TEST

START_TEST(a_changed_schema_is_noticed)
{
	static const amph_slot slot = { .type = AMPH_T_INT64 };
	static const amph_shape shape = { 1, &slot };
	static const amph_result_column column = { "a", { .type = AMPH_T_INT64 } };
	amph_code code = code_of("SELECT * FROM t", NULL, 0, 0);
	amph_result result = { 0 };
	amph_error err;
	int64_t out;
	size_t n;

	code.n_columns = 1;
	code.columns = &column;
	run_sql(conn, "CREATE TABLE t (a)");
	run_sql(conn, "INSERT INTO t VALUES (1)");
	amph_stmt *stmt = stmt_new(conn, &code);
	ck_assert(amph__sl_driver.submit(stmt, NULL, false, &err));
	ck_assert(amph__sl_driver.collect(conn, &result, &err));
	ck_assert(amph__sl_driver.fetch(conn, &result, &shape, &out, 8, 1, NULL, &n, &err));
	amph__sl_driver.finish(conn, &result);
	run_sql(conn, "ALTER TABLE t ADD COLUMN b");
	ck_assert(amph__sl_driver.submit(stmt, NULL, false, &err));
	ck_assert(!amph__sl_driver.collect(conn, &result, &err));
	ck_assert_str_eq(err.sqlstate, "0A000");
	stmt_free(stmt);
}
END_TEST

START_TEST(reset_leaves_nothing_behind)
{
	static const amph_slot slot = { .type = AMPH_T_INT64 };
	static const amph_shape shape = { 1, &slot };
	amph_code code = code_of("SELECT a FROM t", NULL, 0, AMPH_CODE_STREAM);
	amph_conn *other = conn_open(engine);
	amph_result result = { 0 };
	amph_error err;
	int64_t out;
	size_t n;

	run_sql(conn, "CREATE TABLE t (a)");
	run_sql(conn, "INSERT INTO t VALUES (1), (2)");
	run_sql(conn, "BEGIN IMMEDIATE");
	run_sql(conn, "DELETE FROM t");
	run_sql(conn, "INSERT INTO t VALUES (1), (2)");
	amph_stmt *stmt = stmt_new(conn, &code);
	ck_assert(amph__sl_driver.submit(stmt, NULL, false, &err));
	ck_assert(amph__sl_driver.collect(conn, &result, &err));
	ck_assert(amph__sl_driver.fetch(conn, &result, &shape, &out, 8, 1, NULL, &n, &err));
	ck_assert(amph__sl_driver.submit(stmt, NULL, false, &err));
	ck_assert(amph__sl_driver.reset(conn, &err));
	ck_assert_int_eq(amph__sl_driver.tx_status(conn), AMPH_TX_IDLE);
	run_sql(other, "INSERT INTO t VALUES (3)");
	ck_assert(!amph__sl_driver.collect(conn, &result, &err));
	ck_assert(amph__sl_driver.ping(conn, &err));
	ck_assert_int_eq(int_of(conn, "SELECT count(*) FROM t"), 3);
	stmt_free(stmt);
	conn_close(other);
}
END_TEST

/* ---- fork ---- */

START_TEST(a_forked_process_keeps_its_hands_off)
{
	use_file();
	run_sql(conn, "CREATE TABLE t (a)");
	run_sql(conn, "BEGIN IMMEDIATE");
	run_sql(conn, "INSERT INTO t VALUES (1)");
	pid_t pid = fork();
	if (!pid) {
		amph_error err;
		bool refused = !try_sql(conn, "SELECT 1", &err) && !strcmp(err.sqlstate, "HV010") &&
			       !amph__sl_driver.ping(conn, &err) && !amph__sl_driver.reset(conn, &err);

		amph__sl_driver.close(conn, true);
		db_close(engine);
		_exit(refused ? 0 : 1);
	}
	int status;
	ck_assert(waitpid(pid, &status, 0) == pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	run_sql(conn, "COMMIT");
	ck_assert_int_eq(int_of(conn, "SELECT count(*) FROM t"), 1);
}
END_TEST

START_TEST(a_forked_process_leaves_memory_alone)
{
	run_sql(conn, "CREATE TABLE t (a)");
	pid_t pid = fork();
	if (!pid) {
		conn_close(conn);
		db_close(engine);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	run_sql(conn, "INSERT INTO t VALUES (1)");
	amph_conn *other = conn_open(engine);
	ck_assert_int_eq(int_of(other, "SELECT count(*) FROM t"), 1);
	conn_close(other);
}
END_TEST

/* ---- inspection ---- */

static bool print_object(void *ctx, const amph_inspected *o)
{
	char *out = ctx;
	size_t at = strlen(out);

	snprintf(out + at, 4096 - at, "%d %s.%s %s %s%s%s%s%c\n", o->kind, o->table ? o->table : "",
		 o->name, o->type ? o->type : "", o->definition ? o->definition : "",
		 o->not_null ? " nn" : "", o->identity ? " id" : "", o->unique ? " un" : "",
		 o->constraint_kind ? o->constraint_kind : ' ');
	return true;
}

START_TEST(inspect_tables_from_elsewhere)
{
	char out[4096] = "";
	amph_error err;

	run_sql(conn, "CREATE TABLE p (id INTEGER PRIMARY KEY, \"Name\" TEXT NOT NULL DEFAULT 'x', "
		"UNIQUE (\"Name\", id))");
	run_sql(conn, "CREATE TABLE c (a INT, b INT REFERENCES p ON DELETE CASCADE, PRIMARY KEY (b, a))");
	run_sql(conn, "CREATE UNIQUE INDEX ci ON c (a)");
	ck_assert_msg(amph__sl_driver.inspect(conn, print_object, out, &err), "%s", err.message);
	ck_assert_str_eq(out, "0 p.p   \n0 c.c   \n"
			 "1 p.id bigint  nn id \n1 p.Name text 'x' nn \n"
			 "1 c.a bigint  nn \n1 c.b bigint  nn \n"
			 "2 p.p_pkey  PRIMARY KEY (id) unp\n2 c.c_pkey  PRIMARY KEY (b, a) unp\n"
			 "2 p.p_Name_id_key  UNIQUE (\"Name\", id) unu\n"
			 "2 c.c_b_fkey  FOREIGN KEY (b) REFERENCES p(id) ON DELETE CASCADEf\n"
			 "3 c.ci  CREATE UNIQUE INDEX ci ON c (a) un \n");
}
END_TEST

static bool stop_at_second(void *ctx, const amph_inspected *o)
{
	(void)o;
	return ++*(int *)ctx < 2;
}

START_TEST(inspect_with_the_catalogue)
{
	char out[4096] = "";
	amph_error err;
	int count = 0;

	run_sql(conn, "CREATE TABLE amphora_catalog (kind TEXT NOT NULL, tbl TEXT, "
		"name TEXT NOT NULL, text TEXT)");
	run_sql(conn, "CREATE TABLE t (id INTEGER PRIMARY KEY, m TEXT, v TEXT)");
	run_sql(conn, "INSERT INTO amphora_catalog VALUES ('enum', NULL, 'mood', 'sad' || char(10) || 'ok'), "
		"('column', 't', 'id', 'integer'), ('column', 't', 'm', 'mood'), "
		"('column', 't', 'v', 'character varying(10)'), ('default', 't', 'm', '''ok''::mood'), "
		"('p', 't', 't_pkey', 'PRIMARY KEY (id)'), "
		"('c', 't', 't_v_check', 'CHECK ((v <> ''''::text))')");
	int64_t id;
	ck_assert(amph__sl_driver.take_ids(conn, "t", "id", 1, &id, &err));
	ck_assert_msg(amph__sl_driver.inspect(conn, print_object, out, &err), "%s", err.message);
	ck_assert_str_eq(out, "4 .mood  sad\nok \n0 t.t   \n1 t.id integer  nn id \n"
			 "1 t.m mood 'ok'::mood \n1 t.v character varying(10)  \n"
			 "2 t.t_pkey  PRIMARY KEY (id) unp\n"
			 "2 t.t_v_check  CHECK ((v <> ''::text))c\n5 t.t.id  1 \n");
	ck_assert(amph__sl_driver.inspect(conn, stop_at_second, &count, &err));
	ck_assert_int_eq(count, 2);
}
END_TEST

SUITE_MAIN_WITH("sqlite driver", setup, teardown, settings, options_of_the_url,
		files_belong_to_their_user, what_cannot_be_opened, a_file_that_is_no_database,
		a_damaged_page, paths_are_what_they_say, memory_is_gone_with_the_engine,
		what_a_dead_process_left_is_removed, tags_and_counts, bad_statements,
		a_flight_fails_from_the_first_failure_on, one_statement_many_times_in_a_flight,
		the_log_is_kept_short, a_file_that_was_replaced, rows_in_portions_and_left_over,
		returning_is_known_whole, a_changed_schema_is_noticed, reset_leaves_nothing_behind,
		a_forked_process_keeps_its_hands_off, a_forked_process_leaves_memory_alone,
		inspect_tables_from_elsewhere, inspect_with_the_catalogue)
