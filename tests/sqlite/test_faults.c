/* Failing allocations, disks and processes under the SQLite driver: what it says of a
 * transaction's outcome is what a later reader of the files finds. */
#include "harness.h"
#include "src/base/error.h"
#include "tests/support/failing_alloc.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- faults ---- */

/* The next write to, or sync of, a log fails with this after so many that do not. */
static int write_errno, sync_errno, writes_before;

static bool is_log(int fd)
{
	char link[64], path[256];

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof path - 1);
	return n > 4 && !memcmp(path + n - 4, "-wal", 4);
}

/* These stand before the C library's, also for SQLite. */
int fdatasync(int fd)
{
	if (sync_errno && is_log(fd)) {
		errno = sync_errno;
		return -1;
	}
	return 0;
}

int fsync(int fd)
{
	return fdatasync(fd);
}

typedef ssize_t pwrite_fn(int fd, const void *data, size_t n, off_t at);

ssize_t pwrite64(int fd, const void *data, size_t n, off_t at)
{
	static pwrite_fn *next;

	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "pwrite64");
	if (write_errno && is_log(fd) && writes_before-- <= 0) {
		errno = write_errno;
		return -1;
	}
	return next(fd, data, n, at);
}

ssize_t pwrite(int fd, const void *data, size_t n, off_t at)
{
	return pwrite64(fd, data, n, at);
}

static sqlite3_mem_methods plain_memory;
static int memory_calls, memory_fail_at;
static bool memory_keeps_failing;

static bool memory_fails(void)
{
	memory_calls++;
	return memory_fail_at && (memory_calls == memory_fail_at ||
				  (memory_keeps_failing && memory_calls > memory_fail_at));
}

static void *failing_malloc(int n)
{
	return memory_fails() ? NULL : plain_memory.xMalloc(n);
}

static void *failing_realloc(void *p, int n)
{
	return memory_fails() ? NULL : plain_memory.xRealloc(p, n);
}

static void no_faults(void)
{
	write_errno = sync_errno = writes_before = memory_fail_at = 0;
	memory_keeps_failing = false;
}

static void setup(void)
{
	sqlite3_mem_methods m;

	no_faults();
	if (plain_memory.xMalloc)
		return;
	sqlite3_shutdown();
	ck_assert(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &plain_memory) == SQLITE_OK);
	m = plain_memory;
	m.xMalloc = failing_malloc;
	m.xRealloc = failing_realloc;
	ck_assert(sqlite3_config(SQLITE_CONFIG_MALLOC, &m) == SQLITE_OK);
}

static void teardown(void)
{
	temp_remove();
}

/* ---- a bank ---- */

static amph_driver_engine *engine;
static amph_conn *conn;

static void bank_open(void)
{
	engine = db_open(temp_path("a.db"), NULL);
	conn = conn_open(engine);
	run_sql(conn, "CREATE TABLE account (id INTEGER PRIMARY KEY, v INT NOT NULL)");
	run_sql(conn, "INSERT INTO account VALUES (1, 100000), (2, 0)");
}

static void bank_close(void)
{
	conn_close(conn);
	db_close(engine);
}

static bool transfer(amph_error *err)
{
	return try_sql(conn, "BEGIN IMMEDIATE", err) &&
	       try_sql(conn, "UPDATE account SET v = v - 10 WHERE id = 1", err) &&
	       try_sql(conn, "UPDATE account SET v = v + 10 WHERE id = 2", err) &&
	       try_sql(conn, "COMMIT", err);
}

static void copy_file(const char *ending)
{
	char from[128], command[400];

	snprintf(from, sizeof from, "%s", temp_path("a.db"));
	snprintf(command, sizeof command, "cp %s%s %s%s", from, ending, temp_path("b.db"), ending);
	ck_assert(!system(command));
}

/* What another process would find if this one died now. */
static int64_t balance_after_crash(void)
{
	amph_driver_engine *e;

	no_faults();
	copy_file("");
	copy_file("-wal");
	e = db_open(temp_path("b.db"), NULL);
	amph_conn *c = conn_open(e);
	ck_assert_str_eq(text_of(c, "SELECT quick_check FROM pragma_quick_check"), "ok");
	ck_assert_int_eq(int_of(c, "SELECT sum(v) FROM account"), 100000);
	int64_t v = int_of(c, "SELECT v FROM account WHERE id = 2");
	conn_close(c);
	db_close(e);
	return v;
}

/* Checks what was said of a transfer. */
static void check_outcome(bool ok, const amph_error *err, int64_t before)
{
	int64_t after = balance_after_crash();

	if (ok)
		ck_assert_int_eq(after, before + 10);
	else if (err->outcome == AMPH_NOT_APPLIED)
		ck_assert_msg(after == before, "%s %s", err->sqlstate, err->message);
	else
		ck_assert(after == before || after == before + 10);
	if (amph__sl_driver.tx_status(conn) != AMPH_TX_IDLE)
		run_sql(conn, "ROLLBACK");
}

START_TEST(a_sync_that_fails_leaves_the_outcome_unknown)
{
	amph_error err = { 0 };

	bank_open();
	sync_errno = EIO;
	ck_assert(!transfer(&err));
	ck_assert_str_eq(err.sqlstate, "08007");
	ck_assert_int_eq(err.status, AMPH_E_UNKNOWN_OUTCOME);
	ck_assert_int_eq(err.outcome, AMPH_UNKNOWN);
	ck_assert_int_eq(amph__sl_driver.tx_status(conn), AMPH_TX_IDLE);
	ck_assert_int_eq(int_of(conn, "SELECT v FROM account WHERE id = 2"), 0);
	/* a statement of its own is no better off */
	ck_assert(!try_sql(conn, "UPDATE account SET v = v + 1", &err));
	ck_assert_int_eq(err.outcome, AMPH_UNKNOWN);
	no_faults();
	ck_assert(transfer(&err));
	bank_close();
}
END_TEST

START_TEST(a_full_disk)
{
	amph_error err = { 0 };
	int failures = 0;
	int64_t before = 0;

	bank_open();
	for (int n = 0; n < 12; n++) {
		write_errno = ENOSPC;
		writes_before = n;
		bool ok = transfer(&err);

		failures += !ok;
		if (!ok)
			ck_assert_str_eq(err.sqlstate, "53100");
		if (!ok)
			ck_assert_int_eq(err.outcome, AMPH_NOT_APPLIED);
		check_outcome(ok, &err, before);
		before += ok ? 10 : 0;
	}
	ck_assert_int_ge(failures, 2);
	bank_close();
}
END_TEST

START_TEST(a_disk_that_fails)
{
	amph_error err = { 0 };
	int64_t before = 0;

	bank_open();
	for (int n = 0; n < 12; n++) {
		write_errno = EIO;
		writes_before = n;
		bool ok = transfer(&err);

		if (!ok)
			ck_assert(!strcmp(err.sqlstate, "08007") || !strcmp(err.sqlstate, "58030"));
		check_outcome(ok, &err, before);
		before = int_of(conn, "SELECT v FROM account WHERE id = 2");
	}
	bank_close();
}
END_TEST

static void out_of_memory(bool keeps)
{
	amph_error err = { 0 };
	int64_t before;
	int n = 1, unknown = 0;
	bool ok = false;

	bank_open();
	for (; !ok; n += keeps ? 3 : 1) {
		/* what is cached is as at the start of a session */
		conn_close(conn);
		conn = conn_open(engine);
		before = int_of(conn, "SELECT v FROM account WHERE id = 2");
		memory_calls = 0;
		memory_keeps_failing = keeps;
		memory_fail_at = n;
		ok = transfer(&err);
		bool reached = memory_calls >= n;
		memory_fail_at = 0;
		unknown += !ok && err.outcome == AMPH_UNKNOWN;
		if (!ok)
			ck_assert_msg(!strcmp(err.sqlstate, "53200") || !strcmp(err.sqlstate, "08007") ||
				      !strcmp(err.sqlstate, "25P02"), "%s %s", err.sqlstate, err.message);
		check_outcome(ok, &err, before);
		/* SQLite may do without some of them */
		ok = ok && !reached;
	}
	ck_assert_int_gt(n, 20);
	if (!keeps)
		ck_assert_int_eq(unknown, 0);
	bank_close();
}

START_TEST(no_memory_for_sqlite)
{
	out_of_memory(false);
}
END_TEST

START_TEST(no_more_memory_for_sqlite)
{
	out_of_memory(true);
}
END_TEST

/* ---- the engine's own memory ---- */

static const amph_constraint_name constraints[] = {
	{ .kind = 'p', .table = "t", .name = "t_pkey", .columns = (const char *const[]){ "id", NULL } },
	{ .kind = 'u', .table = "t", .name = "t_s_key", .columns = (const char *const[]){ "s", NULL } },
};
static const amph_schema schema = { 2, constraints };

/* Runs what must succeed; false where memory failed, and then nothing else may have. */
static bool step(amph_conn *c, const char *sql)
{
	amph_code code = code_of(sql, NULL, 0, AMPH_CODE_ONCE);
	amph_stmt *stmt = amph__alloc_zero(c->engine->allocator, amph__sl_driver.stmt_size);
	amph_result result = { 0 };
	amph_error err = { 0 };

	if (!stmt)
		return false;
	stmt->conn = c;
	stmt->code = &code;
	bool ok = amph__sl_driver.prepare(stmt, &err) &&
		  amph__sl_driver.submit(stmt, NULL, false, &err) &&
		  amph__sl_driver.collect(c, &result, &err);
	if (ok)
		amph__sl_driver.finish(c, &result);
	else
		ck_assert_msg(!strcmp(err.sqlstate, "53200") || !strcmp(err.sqlstate, "25P02") ||
			      !strcmp(err.sqlstate, "23505"), "%s: %s %s", sql, err.sqlstate, err.message);
	stmt_free(stmt);
	return ok;
}

static bool read_arrays(amph_conn *c)
{
	static const amph_slot slots[] = { { AMPH_T_ARRAY | AMPH_T_INT32, false, 0, NULL, "a" },
					   { AMPH_T_TEXT, false, 16, NULL, "t" } };
	static const amph_shape shape = { 2, slots };
	struct { amph_int32_array a; const char *t; } out[2];
	amph_code code = code_of("SELECT '{1,2,NULL}', 'text' UNION ALL SELECT NULL, s FROM t", NULL, 0, 0);
	amph_arena arena;
	amph_store store = store_of(&arena);
	amph_stmt *stmt = amph__alloc_zero(c->engine->allocator, amph__sl_driver.stmt_size);
	amph_result result = { 0 };
	amph_error err = { 0 };
	size_t n = 0;

	if (!stmt)
		return false;
	amph__arena_init(&arena, c->engine->allocator);
	stmt->conn = c;
	stmt->code = &code;
	bool ok = amph__sl_driver.prepare(stmt, &err) &&
		  amph__sl_driver.submit(stmt, NULL, false, &err) &&
		  amph__sl_driver.collect(c, &result, &err);
	if (ok) {
		ok = amph__sl_driver.fetch(c, &result, &shape, out, sizeof *out, 2, &store, &n, &err);
		amph__sl_driver.finish(c, &result);
	}
	ck_assert(ok || !strcmp(err.sqlstate, "53200"));
	ck_assert(!ok || (n == 2 && out[0].a.n == 3));
	stmt_free(stmt);
	amph__arena_clear(&arena);
	return ok;
}

static bool count_objects(void *ctx, const amph_inspected *o)
{
	(void)o;
	++*(int *)ctx;
	return true;
}

static bool work(amph_conn *c)
{
	int64_t ids[2];
	int objects = 0;
	amph_error err;

	return step(c, "CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT UNIQUE)") && step(c, "BEGIN") &&
	       amph__sl_driver.take_ids(c, "t", "id", 2, ids, &err) &&
	       step(c, "INSERT INTO t VALUES (1, 'a') RETURNING id") && step(c, "SAVEPOINT s") &&
	       /* fails, and looks for the key */
	       !step(c, "INSERT INTO t VALUES (1, 'a')") && step(c, "ROLLBACK TO s") &&
	       read_arrays(c) && step(c, "COMMIT") && step(c, "DROP TABLE t") &&
	       amph__sl_driver.inspect(c, count_objects, &objects, &err) && objects == 0;
}

static bool life(const amph_allocator *a, void *ctx)
{
	amph_error err = { 0 };
	amph_driver_engine *e = db_engine(&(db_options){ .allocator = a, .schema = &schema }, &err);
	amph_conn *c = e ? conn_new(e, &err) : NULL;
	bool ok = c && work(c);

	(void)ctx;
	ck_assert(c || !strcmp(err.sqlstate, "53200"));
	if (c)
		conn_close(c);
	if (e)
		db_close(e);
	return ok;
}

START_TEST(no_memory_for_the_driver)
{
	ck_assert_uint_gt(failing_alloc_sweep(life, NULL), 10);
}
END_TEST

/* Where an instrument makes it slow, ever fewer of them. */
#ifdef AMPH_ARENA_DEBUG
enum { SLOW = 1 };
#else
enum { SLOW = 0 };
#endif

START_TEST(no_memory_for_sqlite_in_a_whole_life)
{
	int n = 1;
	bool reached = true;

	for (; reached; n += 1 + (SLOW ? n / 100 : 0)) {
		memory_calls = 0;
		memory_fail_at = n;
		bool ok = life(&amph__libc_allocator, NULL);
		reached = memory_calls >= n;
		memory_fail_at = 0;
		ck_assert(ok || reached);
	}
	ck_assert_int_gt(n, 200);
}
END_TEST

/* ---- death ---- */

START_TEST(every_confirmed_commit_survives_a_kill)
{
	int64_t total = 0;

	temp_path("a.db");
	for (int round = 0; round < 8; round++) {
		int pipe_fd[2], confirmed = 0;
		char c;

		ck_assert(!pipe(pipe_fd));
		pid_t pid = fork();
		if (!pid) {
			amph_error err;

			if (!round)
				bank_open();
			else
				conn = conn_open(engine = db_open(temp_path("a.db"), NULL));
			while (transfer(&err) && write(pipe_fd[1], "x", 1) == 1)
				continue;
			_exit(1);
		}
		close(pipe_fd[1]);
		for (int i = 0; i < 40 + round * 7 && read(pipe_fd[0], &c, 1) == 1; i++)
			confirmed++;
		kill(pid, SIGKILL);
		while (read(pipe_fd[0], &c, 1) == 1)
			confirmed++;
		close(pipe_fd[0]);
		ck_assert(waitpid(pid, NULL, 0) == pid);
		engine = db_open(temp_path("a.db"), NULL);
		conn = conn_open(engine);
		int64_t v = int_of(conn, "SELECT v FROM account WHERE id = 2");
		ck_assert_int_eq(int_of(conn, "SELECT sum(v) FROM account"), 100000);
		/* one more may have been committed and not told */
		ck_assert_msg(v == total + confirmed * 10 || v == total + confirmed * 10 + 10,
			      "%d confirmed, %d found", confirmed, (int)(v - total) / 10);
		total = v;
		bank_close();
	}
}
END_TEST

SUITE_MAIN_WITH("sqlite faults", setup, teardown, a_sync_that_fails_leaves_the_outcome_unknown,
		a_full_disk, a_disk_that_fails, no_memory_for_sqlite, no_more_memory_for_sqlite,
		no_memory_for_the_driver, no_memory_for_sqlite_in_a_whole_life,
		every_confirmed_commit_survives_a_kill)
