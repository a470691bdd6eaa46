/* One connection: opened with every setting that the meaning of statements depends on, waits
 * that end in time, and an end that a forked process cannot turn into damage. */
#include "sl.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	PROGRESS_OPS = 2000,            /* between looks at the clock: well under a millisecond */
	LONGEST_SLEEP_USEC = 25000
};

/* ---- waiting ---- */

int64_t amph__sl_wait_until(sl_conn *conn, sl_stop *why)
{
	int timeout = conn->base.engine->options.lock_timeout_ms;

	if (!conn->lock_deadline)
		conn->lock_deadline = timeout ? amph__monotonic_usec() + (int64_t)timeout * 1000
					      : AMPH_NO_DEADLINE;
	if (conn->base.deadline_usec <= conn->lock_deadline) {
		*why = SL_STOP_DEADLINE;
		return conn->base.deadline_usec;
	}
	*why = SL_STOP_LOCK;
	return conn->lock_deadline;
}

bool amph__sl_stop_error(const sl_conn *conn, amph_error *err)
{
	switch (conn->stop) {
	case SL_STOP_LOCK:
	case SL_GO_ON:
		break;
	case SL_STOP_DEADLINE:
		return amph__error(err, "57014", "canceling statement due to statement timeout");
	case SL_STOP_CANCEL:
		return amph__error(err, "57014", "canceling statement due to user request");
	case SL_STOP_SELF:
		return amph__error(err, "55006", "writing would wait for ever: another session of this "
				   "thread has written, and SQLite has one writer at a time; commit, "
				   "roll back or close that one first");
	}
	return amph__error(err, "55P03", "canceling statement due to lock timeout: another "
			   "connection is writing to the database");
}

/* Another process holds a lock of the file. The sleeps grow, but stay short beside a deadline. */
bool amph__sl_wait_busy(sl_conn *conn, int count)
{
	sl_stop why;
	int64_t sleep = count < 8 ? INT64_C(200) << count : LONGEST_SLEEP_USEC;

	if (conn->no_wait)
		return false;
	int64_t left = amph__sl_wait_until(conn, &why) - amph__monotonic_usec();
	if (atomic_load(&conn->cancelled))
		why = SL_STOP_CANCEL;
	if (left <= 0 || why == SL_STOP_CANCEL) {
		conn->stop = why;
		return false;
	}
	if (sleep > LONGEST_SLEEP_USEC)
		sleep = LONGEST_SLEEP_USEC;
	if (sleep > left)
		sleep = left;
	nanosleep(&(struct timespec){ .tv_nsec = (long)sleep * 1000 }, NULL);
	return true;
}

static int on_busy(void *ctx, int count)
{
	return amph__sl_wait_busy(ctx, count);
}

static int on_progress(void *ctx)
{
	sl_conn *conn = ctx;

	if (atomic_load(&conn->cancelled))
		conn->stop = SL_STOP_CANCEL;
	else if (conn->base.deadline_usec != AMPH_NO_DEADLINE &&
		 amph__monotonic_usec() >= conn->base.deadline_usec)
		conn->stop = SL_STOP_DEADLINE;
	return conn->stop != SL_GO_ON;
}

void amph__sl_begin_statement(sl_conn *conn)
{
	conn->lock_deadline = 0;
	conn->known = NULL;
	conn->n_given = 0;
	conn->stop = SL_GO_ON;
	/* SQLite forgets that it was interrupted when none of its statements is under way. One that
	 * holds the snapshot is left: better that what follows is cancelled than that it sees another. */
	if (conn->in_tx && atomic_load_explicit(&conn->cancelled, memory_order_relaxed))
		amph__sl_stop_going(conn);
	atomic_store_explicit(&conn->cancelled, false, memory_order_relaxed);
}

void amph__sl_watch(sl_conn *conn)
{
	sqlite3_progress_handler(conn->db, PROGRESS_OPS, on_progress, conn);
}

static int on_commit(void *ctx, sqlite3 *db, const char *schema, int pages)
{
	(void)db, (void)schema;
	((sl_conn *)ctx)->wal_pages = pages;
	return SQLITE_OK;
}

bool amph__sl_cancel(amph_conn *base, amph_error *err)
{
	sl_conn *conn = (sl_conn *)base;
	sl_engine *engine = (sl_engine *)base->engine;

	if (!amph__sl_same_process(engine))
		return amph__sl_wrong_process(err);
	atomic_store(&conn->cancelled, true);
	sqlite3_interrupt(conn->db);
	pthread_mutex_lock(&engine->lock);
	pthread_cond_signal(&conn->waiter.wake);
	pthread_mutex_unlock(&engine->lock);
	return true;
}

/* ---- own statements ---- */

static const char *const own_sql[SL_OWN_COUNT] = {
	[SL_BEGIN] = "BEGIN",
	[SL_BEGIN_IMMEDIATE] = "BEGIN IMMEDIATE",
	[SL_COMMIT] = "COMMIT",
	[SL_ROLLBACK] = "ROLLBACK",
	/* reads the file, however little */
	[SL_PING] = "SELECT count(*) FROM (SELECT 1 FROM sqlite_schema LIMIT 1)",
	[SL_SEQUENCE_READ] = "SELECT last FROM main.amphora_sequence WHERE name = ?1",
	[SL_SEQUENCE_WRITE] = ("INSERT INTO main.amphora_sequence (name, last) VALUES (?1, ?2) "
			       "ON CONFLICT (name) DO UPDATE SET last = max(last, excluded.last)"),
};

int amph__sl_own_prepare(sl_conn *conn, sl_own which, sqlite3_stmt **out)
{
	sqlite3_stmt **stmt = &conn->own[which];
	int rc = SQLITE_OK;

	if (!*stmt)
		rc = sqlite3_prepare_v3(conn->db, own_sql[which], -1, SQLITE_PREPARE_PERSISTENT, stmt,
					NULL);
	*out = *stmt;
	return rc;
}

int amph__sl_own(sl_conn *conn, sl_own which)
{
	sqlite3_stmt *stmt;
	int rc = amph__sl_own_prepare(conn, which, &stmt);

	if (rc != SQLITE_OK)
		return rc;
	while (sqlite3_step(stmt) == SQLITE_ROW)
		continue;
	return sqlite3_reset(stmt);
}

int amph__sl_run(sl_conn *conn, const char *sql)
{
	return sqlite3_exec(conn->db, sql, NULL, NULL, NULL);
}

/* ---- opening ---- */

/* A new file belongs to its user alone from the first moment on. It is made under another name
 * and linked to its own, so that no descriptor of it is ever closed while SQLite has it open:
 * that would drop the locks of the whole process. */
static bool create_file(const char *path, const amph_allocator *a, amph_error *err)
{
	size_t size = strlen(path) + 8;
	char *temp = access(path, F_OK) ? amph__alloc(a, size) : NULL;
	int fd = -1;

	if (!access(path, F_OK))
		goto done;
	if (!temp)
		return amph__error_nomem(err);
	snprintf(temp, size, "%s.XXXXXX", path);
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	if (fd >= 0 && link(temp, path) && errno != EEXIST)
		/* a file system without links */
		renameat2(AT_FDCWD, temp, AT_FDCWD, path, RENAME_NOREPLACE);
	if (fd >= 0)
		unlink(temp);
done:
	amph__free(a, temp);
	return true;
}

static bool open_file(sl_conn *conn, amph_error *err)
{
	const sl_engine *engine = (const sl_engine *)conn->base.engine;
	bool read_only = engine->base.options.read_only && engine->base.address.path;
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE |
		    (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);

	if (!read_only && !create_file(engine->path, engine->base.allocator, err))
		return false;
	int rc = sqlite3_open_v2(engine->path, &conn->db, flags, NULL);
	if (rc == SQLITE_OK)
		return true;
	if (!conn->db)
		return amph__error_nomem(err);
	int system_errno = sqlite3_system_errno(conn->db);
	amph__sl_error(conn, rc, NULL, err);
	if (rc == SQLITE_CANTOPEN || (rc & 0xff) == SQLITE_CANTOPEN)
		amph__error(err, "08001", "cannot open \"%s\": %s", engine->path,
			    strerror(system_errno ? system_errno : ENOENT));
	return false;
}

typedef struct switch_row { int option, value; const char *name; } switch_row;
static const switch_row switches[] = {
	{ SQLITE_DBCONFIG_ENABLE_FKEY, 1, "foreign keys" },
	{ SQLITE_DBCONFIG_DQS_DML, 0, "double-quoted strings" },
	{ SQLITE_DBCONFIG_DQS_DDL, 0, "double-quoted strings" },
	{ SQLITE_DBCONFIG_DEFENSIVE, 1, "defensive mode" },
	{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, "trusted schemas" },
	{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, "extensions" },
	{ SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0, "writable schemas" },
	{ SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, 0, "the old ALTER TABLE" },
};

/* SQLite may have been built without one of these: what it did is asked, not assumed. */
static bool set_switches(sl_conn *conn, amph_error *err)
{
	const sl_engine *engine = (const sl_engine *)conn->base.engine;

	for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
		int is = -1;

		sqlite3_db_config(conn->db, switches[i].option, switches[i].value, &is);
		if (is != switches[i].value)
			return amph__error(err, "08001", "this SQLite cannot switch %s %s",
					   switches[i].name, switches[i].value ? "on" : "off");
	}
	if (engine->directory)
		sqlite3_db_config(conn->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	return true;
}

static void set_handlers(sl_conn *conn)
{
	sqlite3_busy_handler(conn->db, on_busy, conn);
	amph__sl_watch(conn);
	/* no checkpoint but ours: see checkpoint() */
	sqlite3_wal_autocheckpoint(conn->db, 0);
	sqlite3_wal_hook(conn->db, on_commit, conn);
}

int amph__sl_pragma_is(sl_conn *conn, const char *sql, const char *value, bool *is)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(conn->db, sql, -1, &stmt, NULL);

	*is = false;
	if (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(stmt, 0);

		*is = text && !strcmp(text, value);
	}
	int end = sqlite3_finalize(stmt);
	return rc != SQLITE_OK ? rc : end;
}

/* A file enters WAL mode once, for good. Two who find a new file at the same time queue. */
static bool enter_wal(sl_conn *conn, amph_error *err)
{
	bool is = false;
	int rc = amph__sl_pragma_is(conn, "PRAGMA journal_mode", "wal", &is);

	if (rc == SQLITE_OK && !is && !conn->base.engine->options.read_only) {
		if (!amph__sl_writer_take(conn))
			return amph__sl_stop_error(conn, err);
		rc = amph__sl_pragma_is(conn, "PRAGMA journal_mode=WAL", "wal", &is);
		amph__sl_writer_give(conn);
		if (rc == SQLITE_OK && !is)
			return amph__error(err, "08001", "the file system does not allow the WAL mode "
					   "of SQLite, which needs shared memory and locks");
	}
	return rc == SQLITE_OK ? true : amph__sl_error(conn, rc, NULL, err);
}

static bool set_pragmas(sl_conn *conn, amph_error *err)
{
	const sl_engine *engine = (const sl_engine *)conn->base.engine;
	char sql[256];
	bool utf8;
	int rc = amph__sl_pragma_is(conn, "PRAGMA encoding", "UTF-8", &utf8);

	if (rc == SQLITE_OK && !utf8)
		return amph__error(err, "08001", "the database is not encoded in UTF-8");
	if (rc != SQLITE_OK)
		return amph__sl_error(conn, rc, NULL, err);
	if (!enter_wal(conn, err))
		return false;
	/* a page of a mapped file would be checked at each look at it, not once */
	snprintf(sql, sizeof sql, "PRAGMA cell_size_check=%s; PRAGMA temp_store=MEMORY; "
		 "PRAGMA synchronous=%d; PRAGMA cache_size=-%d; PRAGMA mmap_size=%lld",
		 engine->mmap_mb ? "OFF" : "ON", engine->synchronous,
		 engine->cache_mb * 1024, (long long)engine->mmap_mb << 20);
	rc = amph__sl_run(conn, sql);
	return rc == SQLITE_OK ? true : amph__sl_error(conn, rc, NULL, err);
}

static bool init_waiter(sl_conn *conn, amph_error *err)
{
	pthread_condattr_t attr;
	bool ok = !pthread_condattr_init(&attr);

	if (ok) {
		ok = !pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) &&
		     !pthread_cond_init(&conn->waiter.wake, &attr);
		pthread_condattr_destroy(&attr);
	}
	conn->waiter.conn = conn;
	conn->has_waiter = ok;
	return ok ? true : amph__error_nomem(err);
}

void amph__sl_set_references(sl_conn *conn, bool on)
{
	sqlite3_db_config(conn->db, SQLITE_DBCONFIG_ENABLE_FKEY, on, NULL);
	sqlite3_db_config(conn->db, SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, !on, NULL);
	conn->references_off = !on;
}

/* references(on), between the statements that make a table anew. */
static void set_references(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void)argc;
	amph__sl_set_references(sqlite3_user_data(ctx), sqlite3_value_int(argv[0]) != 0);
}

bool amph__sl_open(amph_conn *base, amph_error *err)
{
	sl_conn *conn = (sl_conn *)base;
	const sl_engine *engine = (const sl_engine *)base->engine;

	atomic_init(&conn->cancelled, false);
	conn->env = (sl_env){ .allocator = engine->base.allocator, .clock = engine->base.clock };
	amph__arena_init(&conn->scratch.arena, engine->base.allocator);
	amph__arena_init(&conn->known_arena, engine->base.allocator);
	if (!amph__sl_same_process(engine))
		return amph__sl_wrong_process(err);
	if (!init_waiter(conn, err) || !open_file(conn, err))
		return false;
	set_handlers(conn);
	if (!set_switches(conn, err) || !set_pragmas(conn, err)) {
		amph__error_context(err, "cannot open \"%s\"", engine->path);
		return false;
	}
	int rc = amph__sl_register(conn->db, &conn->env);
	if (rc == SQLITE_OK)
		rc = amph__sl_rows_register(conn->db);
	if (rc == SQLITE_OK)
		rc = amph__sl_numbers_register(conn);
	if (rc == SQLITE_OK)
		rc = amph__sl_seen_register(conn);
	if (rc == SQLITE_OK)
		rc = sqlite3_create_function_v2(conn->db, "amph_references", 1,
						SQLITE_UTF8 | SQLITE_DIRECTONLY, conn, set_references,
						NULL, NULL, NULL);
	return rc == SQLITE_OK ? true : amph__sl_error(conn, rc, NULL, err);
}

/* ---- the other slots ---- */

bool amph__sl_ping(amph_conn *base, amph_error *err)
{
	sl_conn *conn = (sl_conn *)base;
	int moved = 0;

	if (!amph__sl_same_process((const sl_engine *)base->engine))
		return amph__sl_wrong_process(err);
	amph__sl_begin_statement(conn);
	int rc = amph__sl_own(conn, SL_PING);
	if (rc != SQLITE_OK)
		return amph__sl_error(conn, rc, NULL, err);
	if (sqlite3_file_control(conn->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
	    moved) {
		base->broken = true;
		return amph__error(err, "08006", "the file of the database was removed or replaced");
	}
	return true;
}

static void reset_busy_statements(sl_conn *conn)
{
	for (sqlite3_stmt *s = NULL; (s = sqlite3_next_stmt(conn->db, s)); )
		if (sqlite3_stmt_busy(s))
			sqlite3_reset(s);
}

bool amph__sl_reset(amph_conn *base, amph_error *err)
{
	sl_conn *conn = (sl_conn *)base;

	if (!amph__sl_same_process((const sl_engine *)base->engine))
		return amph__sl_wrong_process(err);
	conn->queue_first = conn->queue_end = 0;
	conn->flight_failed = false;
	amph__sl_stop_going(conn);
	reset_busy_statements(conn);
	bool ok = amph__sl_rollback(conn, err);
	amph__sl_writer_give(conn);
	/* whose tables these are has gone; another would see them */
	if (conn->defined) {
		conn->defined = amph__sl_has_temporary(conn);
		base->broken |= conn->defined;
	}
	return ok;
}

/* A forked process gives back its memory only: even closing would touch the parent's file, its
 * shared memory and its transaction. */
void amph__sl_close(amph_conn *base, bool discard)
{
	sl_conn *conn = (sl_conn *)base;
	const amph_allocator *a = base->engine->allocator;
	bool ours = !discard && amph__sl_same_process((const sl_engine *)base->engine);

	if (ours && conn->db) {
		reset_busy_statements(conn);
		if (!sqlite3_get_autocommit(conn->db))
			amph__sl_own(conn, SL_ROLLBACK);
		for (int i = 0; i < SL_OWN_COUNT; i++)
			sqlite3_finalize(conn->own[i]);
		sqlite3_close_v2(conn->db);
	}
	if (ours)
		amph__sl_writer_give(conn);
	amph__sl_sequences_rolled_back(conn);
	if (conn->has_waiter && ours)
		pthread_cond_destroy(&conn->waiter.wake);
	amph__sl_numbers_free(a, &conn->numbers);
	amph__sl_numbers_free(a, &conn->temporary);
	amph__free(a, conn->queue);
	amph__free(a, conn->scratch.parsed);
	amph__arena_clear(&conn->scratch.arena);
	amph__arena_clear(&conn->known_arena);
	amph__free(a, conn->given);
	amph__sl_seen_free(conn);
}
