/* Connections: made, waited for, reset, closed. No call here blocks but through amph__pg_wait,
 * which has the deadline. (Resolving a host's name is the exception: libpq does that itself.) */
#include "dialect.h"
#include "pg.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { OLDEST_SERVER = 130000, IDLE_NAMES_KEPT = 16 };

static bool deadline_passed(pg_conn *c, amph_error *err)
{
	c->base.broken = true;
	return amph__error(err, "57014", "the deadline passed before the server answered; "
			   "the connection is given up");
}

/* Milliseconds to the deadline, for poll; -1 is for ever. */
static int time_left(const pg_conn *c, bool *passed)
{
	if (c->base.deadline_usec == AMPH_NO_DEADLINE)
		return -1;
	int64_t left = c->base.deadline_usec - amph__monotonic_usec();

	*passed = left <= 0;
	if (left <= 0)
		return 0;
	return left > 3600000000 ? 3600000 : (int)((left + 999) / 1000);
}

/* at_most: milliseconds after which the caller looks again, -1 for none; *idle: it came to that. */
static bool wait_for(pg_conn *c, short events, int at_most, bool *idle, amph_error *err)
{
	struct pollfd p = { .fd = PQsocket(c->pq), .events = events };

	if (p.fd < 0)
		return amph__pg_error_lost(c, err);
	for (;;) {
		bool passed = false;
		int left = time_left(c, &passed);
		int n = poll(&p, 1, at_most >= 0 && (left < 0 || left > at_most) ? at_most : left);

		if (n > 0)
			return true;
		if (n < 0 && errno != EINTR && errno != EAGAIN) {
			c->base.broken = true;
			return amph__error(err, "08006", "cannot wait for the server: %m");
		}
		if (passed)
			return deadline_passed(c, err);
		*idle = n == 0 && at_most >= 0;
		if (*idle)
			return true;
	}
}

bool amph__pg_wait(pg_conn *c, short events, amph_error *err)
{
	bool idle;

	return wait_for(c, events, -1, &idle, err);
}

/* A server that cannot send will not read: both directions are served. */
bool amph__pg_flush(pg_conn *c, amph_error *err)
{
	for (;;) {
		int left = PQflush(c->pq);

		if (left == 0)
			return true;
		if (left < 0)
			return amph__pg_error_lost(c, err);
		if (!amph__pg_wait(c, POLLIN | POLLOUT, err))
			return false;
		if (!PQconsumeInput(c->pq))
			return amph__pg_error_lost(c, err);
	}
}

static bool out_of_memory(pg_conn *c, amph_error *err)
{
	void *probe = amph__alloc(c->base.engine->allocator, 4096);

	amph__free(c->base.engine->allocator, probe);
	if (probe)
		return false;
	c->base.broken = true;
	amph__error_nomem(err);
	return true;
}

/* Where libpq has no memory for a result it may say so in the connection's message only, and be busy
 * for ever: a message that grows without a result ends the wait. Or it says nothing, but reads the
 * same bytes again when it is asked again: that happens once a second. */
bool amph__pg_next(pg_conn *c, PGresult **res, amph_error *err)
{
	size_t said = strlen(PQerrorMessage(c->pq));
	int at_most = -1;               /* before anything came there is nothing to read again */
	bool idle = false;

	*res = NULL;
	if (!amph__pg_flush(c, err))
		return false;
	/* what is lost is reported by the result that libpq makes of it */
	while (PQisBusy(c->pq)) {
		if (strlen(PQerrorMessage(c->pq)) > said)
			return amph__pg_error_lost(c, err);
		if (!wait_for(c, POLLIN, at_most, &idle, err) || (idle && out_of_memory(c, err)))
			return false;
		if (!PQconsumeInput(c->pq))
			break;
		at_most = 1000;
	}
	*res = PQgetResult(c->pq);
	return true;
}

bool amph__pg_same_process(const pg_conn *c)
{
	return amph__process_is_same(&c->process);
}

bool amph__pg_usable(pg_conn *c, amph_error *err)
{
	if (!amph__pg_same_process(c))
		return amph__error(err, "08003", "a connection of the parent process cannot be used after "
				   "fork; open another");
	if (c->base.broken || !c->pq)
		return amph__error(err, "08003", "the connection was lost before");
	if (c->streaming)
		return amph__error_misuse(err, "a stream is still being read; finish it first");
	return true;
}

/* Only an error's or the last result is kept. */
static PGresult *last_result(pg_conn *c, amph_error *err)
{
	PGresult *last = NULL, *res;

	for (;;) {
		if (!amph__pg_next(c, &res, err)) {
			PQclear(last);
			return NULL;
		}
		if (!res)
			break;
		if (PQresultStatus(last) == PGRES_FATAL_ERROR && last) {
			PQclear(res);
			continue;
		}
		PQclear(last);
		last = res;
		if (PQstatus(c->pq) == CONNECTION_BAD)
			break;
	}
	ExecStatusType status = PQresultStatus(last);
	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY)
		return last;
	amph__pg_error_of(c, last, err);
	PQclear(last);
	return NULL;
}

PGresult *amph__pg_run(pg_conn *c, const char *sql, amph_error *err)
{
	if (!PQsendQuery(c->pq, sql)) {
		amph__pg_error_lost(c, err);
		return NULL;
	}
	return last_result(c, err);
}

PGresult *amph__pg_query(pg_conn *c, const char *sql, int n, const char *const *values,
			 amph_error *err)
{
	if (!PQsendQueryParams(c->pq, sql, n, NULL, values, NULL, NULL, 0)) {
		amph__pg_error_lost(c, err);
		return NULL;
	}
	return last_result(c, err);
}

static bool run(pg_conn *c, const char *sql, amph_error *err)
{
	PGresult *res = amph__pg_run(c, sql, err);

	PQclear(res);
	return res != NULL;
}

/* Notices are nobody's; but a FATAL tells why the connection will be found closed. */
static void receive_notice(void *ctx, const PGresult *res)
{
	pg_conn *c = ctx;
	const char *severity = PQresultErrorField(res, PG_DIAG_SEVERITY_NONLOCALIZED);
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);

	if (severity && state && (!strcmp(severity, "FATAL") || !strcmp(severity, "PANIC")))
		snprintf(c->fatal, sizeof c->fatal, "%s", state);
}

/* Polls until connected. A failure leaves the PGconn, whose text says why. */
static bool connect_loop(pg_conn *c, bool *timed_out)
{
	PostgresPollingStatusType want = PGRES_POLLING_WRITING;
	amph_error waited;

	while (PQstatus(c->pq) != CONNECTION_BAD) {
		short events = want == PGRES_POLLING_READING ? POLLIN : POLLOUT;

		if (!amph__pg_wait(c, events, &waited)) {
			*timed_out = !strcmp(waited.sqlstate, "57014");
			return false;
		}
		want = PQconnectPoll(c->pq);
		if (want == PGRES_POLLING_OK)
			return true;
		if (want == PGRES_POLLING_FAILED)
			return false;
	}
	return false;
}

static bool connect_with(pg_conn *c, const char **values, amph_error *err)
{
	const pg_engine *e = amph__pg_engine_of(c->base.engine);
	bool timed_out = false;

	c->base.broken = false;
	c->pq = PQconnectStartParams((const char *const *)e->keys, values, 0);
	if (!c->pq)
		return amph__error_nomem(err);
	PQsetErrorVerbosity(c->pq, PQERRORS_VERBOSE);
	PQsetNoticeReceiver(c->pq, receive_notice, c);
	bool ok = connect_loop(c, &timed_out);
	if (ok)
		return true;
	if (!timed_out)
		amph__pg_error_connect(e, c->pq, err);
	else
		amph__error(err, "08001", "cannot connect: no answer in time from %.150s",
			    e->base.address.display);
	PQfinish(c->pq);
	c->pq = NULL;
	return false;
}

/* A pooler takes few settings in the startup packet, and a server may not know one of ours, or not be
 * able to do it: these get them by SET. */
static bool settings_refused(const amph_error *err)
{
	return (!strcmp(err->sqlstate, "08P01") && strstr(err->message, "startup parameter")) ||
	       !strcmp(err->sqlstate, "42704") || !strcmp(err->sqlstate, "22023");
}

static bool connect_any(pg_conn *c, amph_error *err)
{
	pg_engine *e = amph__pg_engine_of(c->base.engine);
	amph_error own;

	if (!err)
		err = &own;
	if (atomic_load(&e->plain))
		return connect_with(c, e->plain_values, err);
	if (connect_with(c, e->values, err))
		return true;
	if (!settings_refused(err) || !connect_with(c, e->plain_values, err))
		return false;
	atomic_store(&e->plain, true);
	return true;
}

/* The same settings as in driver.c, as statements. */
static bool set_by_statement(pg_conn *c, amph_error *err)
{
	const amph_driver_options *o = &c->base.engine->options;
	const pg_engine *e = amph__pg_engine_of(c->base.engine);
	char *zone = PQescapeLiteral(c->pq, o->time_zone ? o->time_zone : "UTC",
				     strlen(o->time_zone ? o->time_zone : "UTC"));
	amph_buf b;

	amph__buf_init(&b, c->base.engine->allocator);
	amph__buf_puts(&b, "SET datestyle TO ISO, MDY; SET intervalstyle TO postgres; "
		       "SET extra_float_digits TO 1; SET standard_conforming_strings TO on; "
		       "SET bytea_output TO hex; SET array_nulls TO on; "
		       "SET transform_null_equals TO off");
	if (zone)
		amph__buf_printf(&b, "; SET timezone TO %s", zone);
	if (e->search_path)
		amph__buf_printf(&b, "; SET search_path TO %s", e->search_path);
	if (o->read_only)
		amph__buf_puts(&b, "; SET default_transaction_read_only TO on");
	if (o->lock_timeout_ms > 0)
		amph__buf_printf(&b, "; SET lock_timeout TO %d", o->lock_timeout_ms);
	bool ok = zone && !b.failed ? run(c, b.text, err) : amph__error_nomem(err);
	PQfreemem(zone);
	amph__buf_clear(&b);
	return ok;
}

/* Not every server can look after its clients. */
static bool set_check_interval(pg_conn *c, amph_error *err)
{
	amph_error own;

	if (PQserverVersion(c->pq) < 140000 ||
	    run(c, "SET client_connection_check_interval TO 1000", &own) || !c->base.broken)
		return true;
	if (err)
		*err = own;
	return false;
}

/* What a fresh session needs, and one after DISCARD ALL. */
static bool settle_session(pg_conn *c, amph_error *err)
{
	if (atomic_load(&amph__pg_engine_of(c->base.engine)->plain) &&
	    !(set_by_statement(c, err) && set_check_interval(c, err)))
		return false;
	c->unsettled = false;
	return amph__pg_identify(c, err);
}

static bool check_server(pg_conn *c, amph_error *err)
{
	const char *encoding = PQparameterStatus(c->pq, "server_encoding");

	if (PQserverVersion(c->pq) < OLDEST_SERVER)
		return amph__error(err, "0A000", "the server is PostgreSQL %d; 13 is the oldest that works",
				   PQserverVersion(c->pq) / 10000);
	if (encoding && !strcmp(encoding, "SQL_ASCII"))
		return amph__error(err, "0A000", "the database has the encoding SQL_ASCII, so that its text "
				   "need not be text; create it with UTF8");
	return true;
}

bool amph__pg_open(amph_conn *conn, amph_error *err)
{
	pg_conn *c = amph__pg_conn_of(conn);
	const amph_allocator *a = conn->engine->allocator;
	int64_t deadline = conn->deadline_usec;
	int own = conn->engine->options.connect_timeout_ms;
	int url = amph__pg_engine_of(conn->engine)->connect_timeout_ms;
	int timeout_ms = own > 0 && (url <= 0 || own < url) ? own : url;

	amph__buf_init(&c->out, a);
	amph__arena_init(&c->scratch, a);
	amph__map_init(&c->names, a, (uint64_t)(uintptr_t)c);
	c->generation = 1;
	amph__process_note(&c->process);
	amph__pg_load_init(c);
	if (timeout_ms > 0) {
		int64_t limit = amph__monotonic_usec() + (int64_t)timeout_ms * 1000;
		if (limit < deadline)
			conn->deadline_usec = limit;
	}
	bool ok = connect_any(c, err) && check_server(c, err);
	if (ok) {
		PQsetErrorVerbosity(c->pq, PQERRORS_DEFAULT);
		PQsetnonblocking(c->pq, 1);
		c->canceller = PQgetCancel(c->pq);
		ok = c->canceller ? settle_session(c, err) : amph__error_nomem(err);
	}
	conn->deadline_usec = deadline;
	if (!ok)
		conn->broken = true;
	return ok;
}

/* PQfinish says goodbye to the server, and the socket is the parent's session: it is given
 * something else to speak to. Where even that cannot be had, the PGconn's memory is lost rather
 * than the parent's session. */
static void discard_socket(pg_conn *c)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null >= 0 && dup2(null, PQsocket(c->pq)) < 0) {
		close(PQsocket(c->pq));
		c->pq = NULL;
	} else if (null < 0) {
		close(PQsocket(c->pq));
		c->pq = NULL;
	}
	if (null >= 0)
		close(null);
}

void amph__pg_close(amph_conn *conn, bool discard)
{
	pg_conn *c = amph__pg_conn_of(conn);
	const amph_allocator *a = conn->engine->allocator;

	if (!c->process.pid)
		return;
	amph__pg_forget_flight(c);
	amph__pg_load_clear(c);
	amph__pg_names_clear(c);
	if (c->pq && (discard || !amph__pg_same_process(c)) && PQsocket(c->pq) >= 0)
		discard_socket(c);
	PQfinish(c->pq);
	PQfreeCancel(c->canceller);
	amph__free(a, c->pending);
	amph__free(a, c->params);
	amph__free(a, (void *)c->values);
	amph__free(a, c->lengths);
	amph__free(a, c->formats);
	amph__buf_clear(&c->out);
	amph__arena_clear(&c->scratch);
	c->pq = NULL;
	amph__process_forget(&c->process);
}

bool amph__pg_ping(amph_conn *conn, amph_error *err)
{
	pg_conn *c = amph__pg_conn_of(conn);

	if (!amph__pg_usable(c, err))
		return false;
	if (c->n_pending)
		return amph__error_misuse(err, "a ping within a flight");
	return run(c, "", err);
}

amph_tx_status amph__pg_tx_status(const amph_conn *conn)
{
	const pg_conn *c = (const pg_conn *)(const void *)conn;

	switch (PQtransactionStatus(c->pq)) {
	case PQTRANS_IDLE:
	case PQTRANS_UNKNOWN:
		return AMPH_TX_IDLE;
	case PQTRANS_INERROR:
		return AMPH_TX_FAILED;
	case PQTRANS_ACTIVE:
		return c->tx_open ? AMPH_TX_OPEN : AMPH_TX_IDLE;
	case PQTRANS_INTRANS:
		break;
	}
	return AMPH_TX_OPEN;
}

/* PQcancel makes a connection of its own and waits for it: the deadline of conn, which is another
 * thread's, does not bound it. */
bool amph__pg_cancel(amph_conn *conn, amph_error *err)
{
	pg_conn *c = amph__pg_conn_of(conn);
	char said[256] = "", text[200];

	if (PQcancel(c->canceller, said, (int)sizeof said))
		return true;
	amph__pg_scrub(amph__pg_engine_of(conn->engine), said, text, sizeof text);
	return amph__error(err, "08006", "cannot cancel: %s", text);
}

void amph__pg_note_tag(pg_conn *c, const char *tag)
{
	static const struct { const char *tag; bool dirty, forgets, unsettles, tables; } rows[] = {
		{ "SET", true, false, false, true },
		{ "RESET", true, false, true, true },
		{ "DISCARD ALL", true, true, true, true },
		{ "DEALLOCATE ALL", false, true, false, false },
		{ "PREPARE", true, false, false, false },
		{ "DECLARE CURSOR", true, false, false, false },
		{ "LOAD", true, false, false, false },
		{ "DO", true, false, false, true },
		{ "CALL", true, false, false, true },
		{ "LISTEN", true, false, false, false },
		{ "CREATE", false, false, false, true },
		{ "ALTER", false, false, false, true },
		{ "DROP", false, false, false, true },
		{ "GRANT", false, false, false, true },
		{ "REVOKE", false, false, false, true },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		size_t len = strlen(rows[i].tag);

		if (strncmp(tag, rows[i].tag, len) || (tag[len] && tag[len] != ' '))
			continue;
		c->dirty |= rows[i].dirty;
		c->generation += rows[i].forgets;
		c->unsettled |= rows[i].unsettles;
		c->listening |= !strcmp(tag, "LISTEN");
		if (rows[i].tables)
			amph__pg_tables_clear(c);
		return;
	}
}

bool amph__pg_settle(pg_conn *c, amph_error *err)
{
	if (PQtransactionStatus(c->pq) != PQTRANS_IDLE)
		return true;
	if (c->n_idle_names >= IDLE_NAMES_KEPT)
		amph__pg_deallocate(c);
	if (c->unsettled && !c->base.broken)
		return settle_session(c, err);
	return !c->base.broken || amph__pg_error_lost(c, err);
}

static void drop_notifications(pg_conn *c)
{
	PGnotify *n;

	while ((n = PQnotifies(c->pq)))
		PQfreemem(n);
}

bool amph__pg_reset(amph_conn *conn, amph_error *err)
{
	pg_conn *c = amph__pg_conn_of(conn);
	amph_result result = { .affected = -1 };
	amph_error ignored;     /* of what is thrown away */

	while (c->n_pending && !conn->broken && amph__pg_same_process(c))
		if (c->streaming || amph__pg_collect(conn, &result, &ignored))
			amph__pg_finish(conn, &result);
	if (!amph__pg_usable(c, err))
		return false;
	if (PQtransactionStatus(c->pq) != PQTRANS_IDLE && !run(c, "ROLLBACK", err))
		return false;
	if (c->dirty) {
		if (!run(c, "DISCARD ALL", err))
			return false;
		amph__pg_note_tag(c, "DISCARD ALL");
		c->dirty = false;
	}
	if (c->listening) {
		drop_notifications(c);
		c->listening = false;
	}
	c->tx_open = false;
	return amph__pg_settle(c, err);
}

/* Text sorts by the bytes of its characters everywhere, which is what C, POSIX and C.UTF-8 do, and
 * letters are what Unicode says. A database with another collation gets COLLATE written: in what
 * compares, and for the columns of tables that are made, so that indexes, checks and raw SQL agree. */
const amph_dialect *amph__pg_dialect_of(amph_conn *conn, amph_error *err)
{
	static const char sql[] =
		"SELECT d.datcollate IN ('C', 'POSIX', 'C.UTF-8', 'C.utf8')"
		" AND coalesce(pg_catalog.to_jsonb(d) ->> 'datlocprovider', 'c') <> 'i',"
		" pg_catalog.current_setting('default_transaction_isolation') = 'read committed',"
		" coalesce((SELECT min(c.collname) FROM pg_catalog.pg_collation AS c"
		" WHERE c.collname IN ('pg_c_utf8', 'C.utf8', 'C.UTF-8')"
		" AND c.collencoding IN (-1, d.encoding)"
		" AND c.collnamespace = 'pg_catalog'::pg_catalog.regnamespace), '')"
		" FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database()";
	PGresult *res = amph__pg_run(amph__pg_conn_of(conn), sql, err);

	if (!res)
		return NULL;
	bool plain = PQntuples(res) == 1 && *PQgetvalue(res, 0, 0) == 't';
	conn->engine->is_committed = PQntuples(res) == 1 && *PQgetvalue(res, 0, 1) == 't';
	const amph_dialect *dialect = plain ? &amph__pg_dialect : amph__pg_dialect_with(
		PQntuples(res) == 1 ? PQgetvalue(res, 0, 2) : "");
	PQclear(res);
	return dialect;
}
