/* Transactions: PostgreSQL's rules (a failed statement aborts the transaction, COMMIT then rolls
 * back) over SQLite's, the single writer, checkpoints, and a COMMIT whose outcome is told as it
 * is. */
#include "sl.h"
#include <string.h>

amph_tx_status amph__sl_tx_status(const amph_conn *base)
{
	const sl_conn *conn = (const sl_conn *)base;

	return !conn->in_tx ? AMPH_TX_IDLE : conn->failed ? AMPH_TX_FAILED : AMPH_TX_OPEN;
}

/* SQLite has rolled the transaction back by itself: out of memory, disk full, interrupted. */
static bool is_gone(const sl_conn *conn)
{
	return conn->in_tx && sqlite3_get_autocommit(conn->db);
}

/* Only the engine's writer comes here, in its transaction's end, so that no commit or restart of
 * the log in this process can run beside the checkpoint; FULL takes the file's write lock against
 * other processes too. Up to SQLite 3.51.2 that race loses commits:
 * https://sqlite.org/wal.html#walresetbug */
static void checkpoint(sl_conn *conn)
{
	sl_engine *engine = (sl_engine *)conn->base.engine;
	int pages = 0, done = 0;

	if (conn->wal_pages < engine->checkpoint_at)
		return;
	conn->wal_pages = 0;
	conn->no_wait = true;
	int rc = sqlite3_wal_checkpoint_v2(conn->db, "main", SQLITE_CHECKPOINT_FULL, &pages, &done);
	conn->no_wait = false;
	/* a reader of an old snapshot holds it up: asking again at each commit would not help */
	bool whole = rc == SQLITE_OK && pages == done;
	engine->checkpoint_at = SL_CHECKPOINT_PAGES + (whole || pages < 0 ? 0 : pages);
}

static void ended(sl_conn *conn)
{
	conn->in_tx = conn->failed = conn->read_only_tx = false;
	conn->env.now_usec = 0;
	amph__sl_writer_give(conn);
}

void amph__sl_autocommitted(sl_conn *conn)
{
	if (conn->in_tx || !conn->is_writer)
		return;
	checkpoint(conn);
	amph__sl_writer_give(conn);
}

void amph__sl_fail(sl_conn *conn)
{
	if (conn->references_off)
		amph__sl_set_references(conn, true);
	if (conn->in_tx)
		conn->failed = true;
	else
		amph__sl_writer_give(conn);
}

bool amph__sl_rollback(sl_conn *conn, amph_error *err)
{
	if (conn->references_off)
		amph__sl_set_references(conn, true);
	int rc = sqlite3_get_autocommit(conn->db) ? SQLITE_OK : amph__sl_own(conn, SL_ROLLBACK);

	if (!sqlite3_get_autocommit(conn->db)) {
		conn->base.broken = true;
		return amph__sl_error(conn, rc, NULL, err);
	}
	amph__sl_sequences_rolled_back(conn);
	ended(conn);
	return true;
}

/* Writes a page of no meaning over what the failed COMMIT left in the log, so that no recovery
 * can find it there. */
static bool overwrite_log(sl_conn *conn)
{
	char sql[64];
	int version = -1;
	sqlite3_stmt *stmt = NULL;

	if (!sqlite3_get_autocommit(conn->db))
		amph__sl_own(conn, SL_ROLLBACK);
	if (sqlite3_prepare_v2(conn->db, "PRAGMA user_version", -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		version = sqlite3_column_int(stmt, 0);
	if (sqlite3_finalize(stmt) != SQLITE_OK)
		return false;
	sqlite3_snprintf(sizeof sql, sql, "PRAGMA user_version=%d", version);
	return amph__sl_run(conn, sql) == SQLITE_OK;
}

/* When writing or syncing the log fails, SQLite shows the transaction as rolled back; but the
 * frames may be on disk, and recovery after the death of the process would bring them back. */
static bool may_come_back(sl_conn *conn, int rc)
{
	bool no_memory = rc == SQLITE_NOMEM || rc == SQLITE_IOERR_NOMEM;

	return no_memory ? !overwrite_log(conn) : (rc & 0xff) == SQLITE_IOERR;
}

bool amph__sl_commit_failed(sl_conn *conn, int rc, amph_error *err)
{
	bool unknown = conn->is_writer && may_come_back(conn, rc);

	if (unknown && err) {
		char why[sizeof err->message];

		memcpy(why, err->message, sizeof why);
		amph__error(err, "08007", "the outcome of COMMIT is not known: %s", why);
		err->native_code = rc;
	}
	return false;
}

bool amph__sl_commit(sl_conn *conn, bool *rolled_back, amph_error *err)
{
	*rolled_back = conn->in_tx && (conn->failed || is_gone(conn));
	if (!conn->in_tx)
		return true;
	if (*rolled_back)
		return amph__sl_rollback(conn, err);
	int rc = amph__sl_sequences_write(conn);
	bool sent = rc == SQLITE_OK;
	if (sent)
		rc = amph__sl_own(conn, SL_COMMIT);
	if (rc == SQLITE_OK) {
		amph__sl_sequences_committed(conn);
		checkpoint(conn);
		ended(conn);
		return true;
	}
	amph__sl_error(conn, rc, NULL, err);
	if (rc == SQLITE_CONSTRAINT_FOREIGNKEY)
		amph__sl_name_deferred(conn, err);
	if (sent)
		amph__sl_commit_failed(conn, rc, err);
	/* PostgreSQL ends the transaction here, SQLite leaves it open */
	amph__sl_rollback(conn, NULL);
	return false;
}

/* Where a read holds the snapshot SQLite waits for no lock by itself, see first_step. */
static int own_begin(sl_conn *conn, sl_own which)
{
	int rc, count = 0;

	while ((rc = amph__sl_own(conn, which)) == SQLITE_BUSY && conn->going &&
	       conn->stop == SL_GO_ON && amph__sl_wait_busy(conn, count++))
		continue;
	return rc;
}

static bool begin(sl_conn *conn, sl_verb verb, amph_error *err)
{
	/* PostgreSQL warns and goes on */
	if (conn->in_tx)
		return true;
	/* where nothing may be written the statement that writes is refused, by its own name */
	const sl_engine *engine = (const sl_engine *)conn->base.engine;
	bool writes = verb == SL_VERB_BEGIN_WRITE && !engine->base.options.read_only;
	if (writes && !amph__sl_may_write(conn, "BEGIN", err))
		return false;
	int rc = own_begin(conn, writes ? SL_BEGIN_IMMEDIATE : SL_BEGIN);
	if (rc != SQLITE_OK) {
		amph__sl_error(conn, rc, NULL, err);
		amph__sl_writer_give(conn);
		return false;
	}
	conn->in_tx = true;
	conn->failed = false;
	conn->read_only_tx = verb == SL_VERB_BEGIN_READ_ONLY;
	conn->env.now_usec = conn->env.clock->now_usec(conn->env.clock->ctx);
	return true;
}

bool amph__sl_begin_read(sl_conn *conn, amph_error *err)
{
	return begin(conn, SL_VERB_BEGIN, err);
}

bool amph__sl_begin_write(sl_conn *conn, amph_error *err)
{
	return begin(conn, SL_VERB_BEGIN_WRITE, err);
}

static bool savepoint(sl_stmt *stmt, amph_error *err)
{
	sl_conn *conn = (sl_conn *)stmt->base.conn;
	bool back = stmt->verb == SL_VERB_ROLLBACK_TO;

	if (!conn->in_tx)
		return amph__error(err, "25P01", "%s can only be used in transaction blocks", stmt->tag);
	if (is_gone(conn))
		return amph__error(err, "25P02", "the failure before has rolled back the whole "
				   "transaction with its savepoints; roll back to go on");
	if (conn->failed && !back)
		return amph__error(err, "25P02", "current transaction is aborted, commands are ignored "
				   "until end of transaction block");
	int rc = amph__sl_run(conn, stmt->base.code->sql);
	if (rc != SQLITE_OK) {
		conn->failed = true;
		return amph__sl_error(conn, rc, stmt, err);
	}
	if (back) {
		if (conn->references_off)
			amph__sl_set_references(conn, true);
		conn->failed = false;
		amph__sl_sequences_touch(conn);
	}
	return true;
}

bool amph__sl_control(sl_stmt *stmt, const char **tag, amph_error *err)
{
	sl_conn *conn = (sl_conn *)stmt->base.conn;
	bool ok, rolled_back;

	*tag = stmt->tag;
	switch (stmt->verb) {
	case SL_VERB_NONE:
		break;
	case SL_VERB_BEGIN:
	case SL_VERB_BEGIN_WRITE:
	case SL_VERB_BEGIN_READ_ONLY:
		return begin(conn, stmt->verb, err);
	case SL_VERB_COMMIT:
		ok = amph__sl_commit(conn, &rolled_back, err);
		*tag = rolled_back ? "ROLLBACK" : "COMMIT";
		return ok;
	case SL_VERB_ROLLBACK:
		return amph__sl_rollback(conn, err);
	case SL_VERB_SAVEPOINT:
	case SL_VERB_RELEASE:
	case SL_VERB_ROLLBACK_TO:
		return savepoint(stmt, err);
	}
	return amph__error(err, "42601", "unknown statement of transaction control \"%s\"",
			   stmt->base.code->sql);
}

bool amph__sl_may_write(sl_conn *conn, const char *what, amph_error *err)
{
	const sl_engine *engine = (const sl_engine *)conn->base.engine;
	int moved = 0;

	if (conn->read_only_tx || engine->base.options.read_only)
		return amph__error(err, "25006", "cannot execute %s in a read-only transaction", what);
	if (conn->is_writer)
		return true;
	if (!amph__sl_writer_take(conn))
		return amph__sl_stop_error(conn, err);
	/* SQLite would write to a file that has no name any more, and call it success */
	if (!engine->directory &&
	    sqlite3_file_control(conn->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
	    moved) {
		amph__sl_writer_give(conn);
		conn->base.broken = true;
		return amph__error(err, "58030", "the file \"%s\" was removed or replaced while it was "
				   "open", engine->path);
	}
	return true;
}
