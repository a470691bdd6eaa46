/* Transactions: begun late, ended with an outcome that is never guessed. */
#include "../base/clock.h"
#include "link.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

void amph__tx_begin(amph_conn *conn, amph_begin how)
{
	amph_link *link = conn->link;

	if (link->tx != LINK_IDLE && link->tx != LINK_BEGUN)
		return;
	link->has_read = link->tx == LINK_BEGUN && link->has_read;
	link->tx = LINK_BEGUN;
	/* a database without levels to choose from has one that is stronger */
	if (how == AMPH_BEGIN_COMMITTED && !link->begin_codes[how].sql)
		how = AMPH_BEGIN_READ;
	link->begin = how;
	link->wrote = link->has_mark = false;
}

bool amph__tx_is_open(const amph_conn *conn)
{
	return conn->link->tx != LINK_IDLE;
}

bool amph__tx_is_sent(const amph_conn *conn)
{
	const amph_link *link = conn->link;

	return link->tx != LINK_IDLE && (link->tx != LINK_BEGUN || link->has_read);
}

static void ended(amph_link *link)
{
	link->tx = LINK_IDLE;
	link->wrote = link->has_mark = false;
}

/* Control statements run whatever the state: they are what ends it. */
static bool control(amph_conn *conn, const amph_code *code, amph_result *result, amph_error *err)
{
	amph_link *link = conn->link;
	int ms = link->config.statement_timeout_ms;

	amph__flight_drain(conn);
	conn->deadline_usec = ms ? amph__monotonic_usec() + (int64_t)ms * 1000 : AMPH_NO_DEADLINE;
	amph_cached_stmt *e = amph__stmt_take(conn, code, err);
	if (!e)
		return false;
	*result = (amph_result){ .affected = -1 };
	link->stats.round_trips++;
	bool ok = conn->driver->submit(e->stmt, NULL, false, err) &&
		  conn->driver->collect(conn, result, err);
	if (ok)
		conn->driver->finish(conn, result);
	amph__stmt_give(conn, e);
	return ok;
}

/* Of a transaction that was not sent: what it has read is held no longer. */
static bool let_go(amph_conn *conn, amph_error *err)
{
	amph_link *link = conn->link;
	bool holds = link->tx == LINK_BEGUN && link->has_read && conn->caps & AMPH_CAP_HOLDS;
	amph_result result;

	ended(link);
	if (!holds || conn->broken || control(conn, &link->rollback_code, &result, err))
		return true;
	conn->broken = true;
	return false;
}

#define RESOLVE_TIMEOUT_USEC ((int64_t)10 * 1000 * 1000)

#define RESOLVE_WAIT_USEC ((int64_t)200 * 1000)

/* One attempt; false: there was nobody to ask, or the answer was lost. */
static bool ask(amph_conn *conn, int64_t deadline, amph_outcome *outcome, amph_error *why)
{
	amph_conn_config config = { .max_statements = 1 };
	amph_conn *other = amph__conn_open(conn->engine, &config, deadline, why);

	if (!other)
		return false;
	other->deadline_usec = deadline;
	bool answered = other->driver->tx_outcome(other, &conn->link->mark, outcome, why);
	amph__conn_close(other, false);
	return answered;
}

/* A server that restarts refuses connections for a while: within the deadline it is asked again. */
static amph_outcome ask_until(amph_conn *conn, int64_t deadline, amph_error *why)
{
	amph_outcome outcome = AMPH_UNKNOWN;

	while (!ask(conn, deadline, &outcome, why)) {
		outcome = AMPH_UNKNOWN;
		if (amph__monotonic_usec() + RESOLVE_WAIT_USEC >= deadline)
			break;
		nanosleep(&(struct timespec){ .tv_nsec = RESOLVE_WAIT_USEC * 1000 }, NULL);
	}
	return outcome;
}

/* The connection broke while COMMIT was under way: a new one asks the same server what became
 * of the transaction. */
static bool resolve(amph_conn *conn, amph_error *err)
{
	amph_link *link = conn->link;
	amph_outcome outcome = AMPH_UNKNOWN;
	amph_error why = { 0 };

	if (!(conn->driver->caps & AMPH_CAP_XACT_STATUS) || !link->has_mark)
		amph__error(&why, "08007", "the transaction has no id to ask for");
	if (link->has_mark)
		outcome = ask_until(conn, amph__monotonic_usec() + RESOLVE_TIMEOUT_USEC, &why);
	if (outcome == AMPH_APPLIED)
		return true;
	if (outcome == AMPH_NOT_APPLIED) {
		amph__error(err, "08006", "the connection was lost during COMMIT; the server says that "
			    "the transaction was rolled back");
		if (err)
			err->retryable = true;
		return false;
	}
	amph__error(err, "08007", "the connection was lost during COMMIT and the outcome cannot be "
		    "known: %s", why.message);
	if (err)
		err->outcome = AMPH_UNKNOWN;
	return false;
}

static bool rolled_back_instead(const amph_result *result)
{
	return !strcmp(result->tag, "ROLLBACK");
}

/* The id of a writing transaction must be known before COMMIT is sent. */
static void ensure_mark(amph_conn *conn)
{
	amph_link *link = conn->link;
	amph_result result;
	amph_error ignored;     /* without a mark an unknown outcome stays unknown */

	if (link->tx != LINK_OPEN || !link->wrote || link->has_mark ||
	    !(conn->caps & AMPH_CAP_XACT_STATUS))
		return;
	if (amph__execute(conn, &link->mark_code, NULL, &result, &ignored))
		amph__finish(conn, &result);
}

/* Nobody was told of it so far: the mark's statement was the last to be answered. */
static bool lost_before_commit(amph_link *link, amph_error *err)
{
	ended(link);
	amph__error(err, "08006", "the connection was lost before COMMIT was sent; the transaction was "
		    "rolled back");
	if (err)
		err->retryable = true;
	return false;
}

bool amph__tx_commit(amph_conn *conn, amph_error *err)
{
	amph_link *link = conn->link;
	amph_result result;
	amph_error own;

	if (link->tx == LINK_IDLE || link->tx == LINK_BEGUN)
		return let_go(conn, err);
	if (link->tx == LINK_FAILED) {
		amph__tx_rollback(conn, NULL);
		return amph__error(err, "25P02", "current transaction is aborted and was rolled back");
	}
	amph__flight_drain(conn);
	ensure_mark(conn);
	if (conn->broken)
		return lost_before_commit(link, err);
	bool wrote = link->wrote;
	bool ok = control(conn, &link->commit_code, &result, &own);
	if (ok && rolled_back_instead(&result)) {
		ended(link);
		return amph__error(err, "40000", "COMMIT was answered by ROLLBACK: the transaction had "
				   "failed before");
	}
	if (ok) {
		ended(link);
		return true;
	}
	if (conn->broken) {
		/* nothing was written: there is nothing whose fate could matter */
		bool applied = !wrote || resolve(conn, err);
		ended(link);
		return applied;
	}
	if (conn->driver->tx_status(conn) != AMPH_TX_IDLE)
		amph__tx_rollback(conn, NULL);
	ended(link);
	if (err)
		*err = own;
	return false;
}

bool amph__tx_rollback(amph_conn *conn, amph_error *err)
{
	amph_link *link = conn->link;
	amph_result result;
	amph_error own;

	amph__flight_drain(conn);
	if (link->tx == LINK_IDLE || link->tx == LINK_BEGUN)
		return let_go(conn, err);
	if (conn->broken ||
	    conn->driver->tx_status(conn) == AMPH_TX_IDLE) {
		ended(link);
		return true;
	}
	bool ok = control(conn, &link->rollback_code, &result, &own);
	ended(link);
	if (!ok) {
		/* what cannot be rolled back must not be used again; closing it rolls back */
		conn->broken = true;
		if (err)
			*err = own;
	}
	return ok;
}

static bool savepoint_control(amph_conn *conn, const char *format, unsigned level, bool anyway,
			      amph_error *err)
{
	char sql[64];
	amph_result result;

	if (!anyway && !amph__may_run(conn, err))
		return false;
	if (conn->broken)
		return amph__error(err, "08003", "the connection is lost; roll back the whole "
				   "transaction");
	if (!amph__tx_start(conn, false, err))
		return false;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	int len = snprintf(sql, sizeof sql, format, level);
#pragma GCC diagnostic pop
	amph_hash128 h = amph__hash128(sql, (size_t)len);
	amph_code code = { .sql = sql, .sql_len = (size_t)len, .hash = { h.lo, h.hi },
			   .flags = AMPH_CODE_CONTROL | AMPH_CODE_ONCE };
	if (control(conn, &code, &result, err))
		return true;
	amph__tx_failed(conn);
	return false;
}

bool amph__tx_savepoint(amph_conn *conn, unsigned level, amph_error *err)
{
	return savepoint_control(conn, conn->driver->dialect->savepoint, level, false, err);
}

bool amph__tx_release(amph_conn *conn, unsigned level, amph_error *err)
{
	return savepoint_control(conn, conn->driver->dialect->release, level, false, err);
}

bool amph__tx_rollback_to(amph_conn *conn, unsigned level, amph_error *err)
{
	if (!savepoint_control(conn, conn->driver->dialect->rollback_to, level, true, err))
		return false;
	conn->link->tx = LINK_OPEN;
	return true;
}
