/* Transactions whose COMMIT was lost: a mark that tells one from all others, and what became of it.
 *
 * A mark is system identifier / timeline / start of the server / reset of its statistics / xid8 /
 * process id. The first four are found out once for a connection and kept in the session, as the
 * parameter amphora.server: so the mark costs no more than the xid.
 *
 * Number and status of a transaction are enough as long as the server runs. After a crash the same
 * number may be given out again, if nothing of its first owner had been written: "aborted" is then
 * still right, and so is a number that was not given out yet, but "committed" may be said of somebody
 * else. Nothing in the server tells how often it has recovered, nor what it knew after the first time,
 * so that such an outcome stays unknown. The statistics are reset by a crash, and by nothing else but a
 * superuser's order. */
#include "pg.h"
#include <poll.h>
#include <stdio.h>
#include <string.h>

const char amph__pg_mark_sql[] =
	"SELECT coalesce(pg_catalog.current_setting('amphora.server', true), '') || '/' ||"
	" pg_catalog.pg_current_xact_id()::pg_catalog.text || '/' ||"
	" pg_catalog.pg_backend_pid()::pg_catalog.text";

/* A server in recovery has no timeline of its own yet. */
static const char identify_sql[] =
	"SELECT pg_catalog.set_config('amphora.server', CASE WHEN pg_catalog.pg_is_in_recovery() THEN ''"
	" ELSE s.system_identifier::pg_catalog.text || '/' ||"
	" pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8) || '/' ||"
	" pg_catalog.to_hex((extract(epoch FROM pg_catalog.pg_postmaster_start_time()) * 1000000)"
	"::pg_catalog.int8) || '/' ||"
	" pg_catalog.to_hex((extract(epoch FROM coalesce("
	"pg_catalog.pg_stat_get_bgwriter_stat_reset_time(), 'epoch')) * 1000000)::pg_catalog.int8)"
	" END, false) FROM pg_catalog.pg_control_system() AS s";

/* These functions are everybody's unless an administrator thought otherwise: then marks say less, and
 * an outcome that is asked for stays unknown. */
bool amph__pg_identify(pg_conn *c, amph_error *err)
{
	amph_error own;
	PGresult *res = amph__pg_run(c, identify_sql, &own);

	PQclear(res);
	if (res || !c->base.broken)
		return true;
	if (err)
		*err = own;
	return false;
}

typedef struct pg_mark {
	char server[32], timeline[16], started[24], reset[24], xid[24], pid[16];
} pg_mark;

/* Takes the text up to the next slash, or the end. */
static bool take_part(const char **at, char *out, size_t size)
{
	size_t len = strcspn(*at, "/");

	if (len == 0 || len >= size)
		return false;
	memcpy(out, *at, len);
	out[len] = '\0';
	*at += len + ((*at)[len] == '/');
	return true;
}

static bool read_server(const char **at, pg_mark *m)
{
	return take_part(at, m->server, sizeof m->server) &&
	       take_part(at, m->timeline, sizeof m->timeline) &&
	       take_part(at, m->started, sizeof m->started) &&
	       take_part(at, m->reset, sizeof m->reset);
}

static bool read_mark(const char *text, pg_mark *m)
{
	const char *at = text;

	return read_server(&at, m) && take_part(&at, m->xid, sizeof m->xid) &&
	       take_part(&at, m->pid, sizeof m->pid) && !*at;
}

/* One text of one row; false where the question failed. *is_null where it has no answer. */
static bool ask(pg_conn *c, const char *sql, int n, const char *const *values, char out[96],
		bool *is_null, amph_error *err)
{
	PGresult *res = amph__pg_query(c, sql, n, values, err);

	*out = '\0';
	if (!res)
		return false;
	*is_null = PQntuples(res) < 1 || PQgetisnull(res, 0, 0);
	if (!*is_null)
		snprintf(out, 96, "%s", PQgetvalue(res, 0, 0));
	PQclear(res);
	return true;
}

/* Whether the server here is the one of the mark. */
static bool same_server(pg_conn *c, const pg_mark *m, bool *restarted, amph_error *err)
{
	char here[96];
	const char *at = here;
	pg_mark now;
	bool is_null;

	if (!ask(c, "SELECT pg_catalog.current_setting('amphora.server', true)", 0, NULL, here, &is_null,
		 err))
		return false;
	if (is_null || !read_server(&at, &now))
		return amph__error(err, "08007", "the server does not tell who it is, or is a standby");
	if (strcmp(m->server, now.server))
		return amph__error(err, "08007", "another server answers now");
	if (strcmp(m->timeline, now.timeline))
		return amph__error(err, "08007", "the server is on another timeline now, after a failover "
				   "or a restore");
	*restarted = strcmp(m->started, now.started) || strcmp(m->reset, now.reset);
	return true;
}

/* The process that still has the transaction open waits for a client that is gone. */
static void end_old_process(pg_conn *c, const pg_mark *m)
{
	static const char sql[] =
		"SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_activity AS a"
		" WHERE a.pid = $1::pg_catalog.int4 AND a.usename = current_user"
		" AND a.backend_xid = ($2::pg_catalog.xid8)::pg_catalog.xid"
		" AND a.pid <> pg_catalog.pg_backend_pid()";
	const char *values[2] = { m->pid, m->xid };
	char answer[96];
	bool is_null;
	amph_error ignored;     /* it ends by itself some time */

	ask(c, sql, 2, values, answer, &is_null, &ignored);
}

enum { POLL_MS = 20, PATIENCE_MS = 200 };

/* There is no time to ask once more. */
static bool out_of_time(const pg_conn *c)
{
	return c->base.deadline_usec != AMPH_NO_DEADLINE &&
	       amph__monotonic_usec() + 2 * POLL_MS * 1000 >= c->base.deadline_usec;
}

static bool status_of(pg_conn *c, const pg_mark *m, char status[96], bool *is_null, amph_error *err)
{
	const char *values[1] = { m->xid };

	return ask(c, "SELECT pg_catalog.pg_xact_status($1::pg_catalog.xid8)", 1, values, status, is_null,
		   err);
}

static amph_outcome settle(pg_conn *c, const pg_mark *m, bool restarted, amph_error *err)
{
	char status[96];
	bool is_null;

	for (int waited = 0;; waited += POLL_MS) {
		amph_error own;

		if (!status_of(c, m, status, &is_null, &own)) {
			/* a number that the recovered server has not got to: nothing of it was kept */
			if (restarted && !strcmp(own.sqlstate, "22023"))
				return AMPH_NOT_APPLIED;
			if (err)
				*err = own;
			return AMPH_UNKNOWN;
		}
		if (is_null) {
			amph__error(err, "08007", "the transaction is so old that its status is gone");
			return AMPH_UNKNOWN;
		}
		/* what is in progress on a server that has restarted is somebody else's */
		if (!strcmp(status, "aborted") || (restarted && strcmp(status, "committed")))
			return AMPH_NOT_APPLIED;
		if (!strcmp(status, "committed") && !restarted)
			return AMPH_APPLIED;
		if (!strcmp(status, "committed")) {
			amph__error(err, "08007", "the server has restarted, and a transaction of this "
				    "number has committed, which need not be this one");
			return AMPH_UNKNOWN;
		}
		if (out_of_time(c)) {
			amph__error(err, "08007", "the transaction is still in progress on the server");
			return AMPH_UNKNOWN;
		}
		if (waited == PATIENCE_MS)
			end_old_process(c, m);
		poll(NULL, 0, POLL_MS);
	}
}

bool amph__pg_tx_outcome(amph_conn *conn, const amph_tx_mark *mark, amph_outcome *outcome,
			 amph_error *err)
{
	pg_conn *c = amph__pg_conn_of(conn);
	bool restarted = false;
	pg_mark m;

	*outcome = AMPH_UNKNOWN;
	if (!amph__pg_usable(c, err))
		return false;
	if (!read_mark(mark->text, &m)) {
		amph__error(err, "08007", "the server did not tell who it is when the transaction ran");
		return true;
	}
	if (same_server(c, &m, &restarted, err))
		*outcome = settle(c, &m, restarted, err);
	return !conn->broken;
}
