/* Flights: sending, the order of results, and the second try of a statement whose preparation the
 * server has forgotten or given up. */
#include "pg.h"
#include "../../src/base/ascii.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- sending ---- */

static bool reserve_pending(pg_conn *c, amph_error *err)
{
	void *items = c->pending;

	if (!c->n_pending)
		c->first = 0;
	if (!amph__grow(c->base.engine->allocator, &items, &c->pending_cap,
			c->first + c->n_pending + 1, sizeof *c->pending))
		return amph__error_nomem(err);
	c->pending = items;
	return true;
}

void amph__pg_pop(pg_conn *c)
{
	c->first++;
	c->n_pending--;
}

void amph__pg_forget_flight(pg_conn *c)
{
	PQclear(c->held);
	PQclear(c->stream_head);
	amph__pg_forget_copy(c);
	c->held = c->stream_head = NULL;
	c->n_pending = c->first = c->n_syncs = 0;
	c->streaming = c->unsynced = c->pipeline = false;
}

static bool send_execute(pg_conn *c, const pg_stmt *s)
{
	int n = (int)s->n_values, format = !s->text;

	if (s->name)
		return PQsendQueryPrepared(c->pq, s->name->text, n, c->values, c->lengths, c->formats,
					   format);
	return PQsendQueryParams(c->pq, s->base.code->sql, n, s->oids, c->values, c->lengths,
				 c->formats, format);
}

/* What libpq could not queue leaves a flight that cannot be trusted. */
static bool send(pg_conn *c, pg_stmt *s, bool parse, amph_error *err)
{
	if (parse) {
		if (!PQsendPrepare(c->pq, s->name->text, s->base.code->sql, (int)s->n_values, s->oids))
			return amph__pg_error_lost(c, err);
		s->name->generation = c->generation;
		s->name->parses++;
	}
	return send_execute(c, s) || amph__pg_error_lost(c, err);
}

static bool send_sync(pg_conn *c, amph_error *err)
{
	if (!PQpipelineSync(c->pq))
		return amph__pg_error_lost(c, err);
	c->pending[c->first + c->n_pending - 1].sync = true;
	c->n_syncs++;
	c->unsynced = false;
	return amph__pg_flush(c, err);
}

/* libpq cannot queue behind a statement of its plain mode: that one's result is fetched now. Of
 * several the last counts: an error of the commit comes behind the statement's success. */
static bool finish_plain(pg_conn *c, amph_error *err)
{
	PGresult *res;

	if (c->n_pending && c->pending[c->first + c->n_pending - 1].copy)
		return amph__error_misuse(err, "a large result is still to be read; collect and finish "
					  "it first");
	if (!c->n_pending || c->pipeline || c->held)
		return true;
	for (;;) {
		if (!amph__pg_next(c, &res, err))
			return false;
		if (!res)
			break;
		PQclear(c->held);
		c->held = res;
	}
	amph__pg_head(c)->ended = true;
	return true;
}

static bool enter_pipeline(pg_conn *c, amph_error *err)
{
	if (c->pipeline)
		return true;
	if (!PQenterPipelineMode(c->pq))
		return amph__pg_error_lost(c, err);
	c->pipeline = true;
	return true;
}

static bool is_begin(const amph_code *code)
{
	return code->flags & AMPH_CODE_CONTROL &&
	       (amph__ascii_begins(code->sql, "BEGIN", 5) || amph__ascii_begins(code->sql, "START", 5));
}

/* Whether nothing but BEGIN precedes the next entry in its flight. */
static bool comes_first(const pg_conn *c)
{
	for (size_t i = c->n_pending; i-- > 0;) {
		const pg_pending *p = &c->pending[c->first + i];

		if (p->sync)
			return true;
		if (!is_begin(p->stmt->base.code))
			return false;
	}
	return true;
}

static void push(pg_conn *c, pg_stmt *s, const amph_arg *args, bool parse)
{
	bool first = comes_first(c);

	c->pending[c->first + c->n_pending++] = (pg_pending){
		.stmt = s, .args = args, .parse = parse, .first = first };
	c->tx_open |= is_begin(s->base.code);
	c->dirty |= s->leaves_state;
}

/* COPY follows when the answer is there: nothing but BEGIN may stand before it. */
static bool queue_description(pg_conn *c, pg_stmt *s, const amph_arg *args, amph_error *err)
{
	if (!enter_pipeline(c, err))
		return false;
	if (!PQsendDescribePrepared(c->pq, s->name->text))
		return amph__pg_error_lost(c, err);
	push(c, s, args, false);
	c->pending[c->first + c->n_pending - 1].copy = true;
	return send_sync(c, err);
}

static bool queue(pg_conn *c, pg_stmt *s, const amph_arg *args, bool more, amph_error *err)
{
	bool parse = s->name && !amph__pg_is_parsed(c, s->name);
	/* libpq forgets that it gives row by row when it goes on to the next of a pipeline, and when
	 * a plain statement is sent; not when a pipeline begins after a plain statement */
	bool row_by_row = s->base.code->flags & AMPH_CODE_STREAM;
	bool plain = !more && !parse && !row_by_row && !c->pipeline && !c->n_pending;
	bool first = c->n_pending == 0 ? !c->pipeline
				       : c->pipeline && c->n_pending == 1 &&
					 is_begin(amph__pg_head(c)->stmt->base.code);

	if (!more && !parse && first && amph__pg_may_copy(c, s))
		return queue_description(c, s, args, err);
	if (!plain && !enter_pipeline(c, err))
		return false;
	if (!send(c, s, parse, err))
		return false;
	push(c, s, args, parse);
	if (plain)
		return amph__pg_flush(c, err);
	c->unsynced = true;
	return more || send_sync(c, err);
}

bool amph__pg_submit(amph_stmt *stmt, const amph_arg *args, bool more, amph_error *err)
{
	pg_stmt *s = (pg_stmt *)(void *)stmt;
	pg_conn *c = amph__pg_conn_of(stmt->conn);

	if (!amph__pg_usable(c, err))
		return false;
	if (!c->n_pending) {
		if ((c->unsettled || c->n_idle_names) && !amph__pg_settle(c, err))
			return false;
		c->tx_open = PQtransactionStatus(c->pq) != PQTRANS_IDLE;
	}
	return finish_plain(c, err) && reserve_pending(c, err) &&
	       amph__pg_encode(c, s, args, err) && queue(c, s, args, more, err);
}

/* ---- reading ---- */

/* Reads on until the answer to a sync. An error before it is that of the implicit commit. */
static bool read_sync(pg_conn *c, amph_error *err)
{
	PGresult *res;
	bool found = false, ok = true;

	while (!found) {
		if (!amph__pg_next(c, &res, err))
			return false;
		found = res && PQresultStatus(res) == PGRES_PIPELINE_SYNC;
		if (res && PQresultStatus(res) == PGRES_FATAL_ERROR)
			ok = amph__pg_error_of(c, res, err);
		PQclear(res);
		if (!found && PQstatus(c->pq) == CONNECTION_BAD)
			return amph__pg_error_lost(c, err);
	}
	c->n_syncs--;
	return ok;
}

static bool leave_pipeline(pg_conn *c, amph_error *err)
{
	if (c->n_pending || !c->pipeline)
		return true;
	if (!PQexitPipelineMode(c->pq))
		return amph__pg_error_lost(c, err);
	c->pipeline = false;
	return true;
}

bool amph__pg_leave_head(pg_conn *c, amph_error *err)
{
	pg_pending p = *amph__pg_head(c);
	PGresult *res;
	bool ok = true;

	amph__pg_pop(c);
	if (c->base.broken)
		return false;
	while (!p.ended) {
		if (!amph__pg_next(c, &res, err))
			return false;
		p.ended = !res;
		if (res && PQresultStatus(res) == PGRES_FATAL_ERROR)
			ok = amph__pg_error_of(c, res, err);
		PQclear(res);
	}
	if (p.sync && !read_sync(c, err))
		ok = false;
	return (c->base.broken || leave_pipeline(c, err)) && ok;
}

/* The result of the Parse that precedes the first entry's own, if that failed; the entry itself
 * was then not run. */
static bool read_parse(pg_conn *c, PGresult **failed, amph_error *err)
{
	pg_pending *p = amph__pg_head(c);
	PGresult *res, *skipped;

	*failed = NULL;
	p->parse = false;
	if (!amph__pg_next(c, &res, err))
		return false;
	bool ok = PQresultStatus(res) == PGRES_COMMAND_OK;
	if (ok) {
		PQclear(res);
		return amph__pg_next(c, &skipped, err);
	}
	p->stmt->name->generation = 0;
	if (!res || PQstatus(c->pq) == CONNECTION_BAD) {
		*failed = res;
		return res || amph__pg_error_lost(c, err);
	}
	for (int i = 0; i < 2; i++) {
		if (!amph__pg_next(c, &skipped, err)) {
			PQclear(res);
			return false;
		}
		PQclear(skipped);
	}
	*failed = res;
	return true;
}

/* Reads what describes the first entry, which stands alone in its flight, and starts the COPY. */
static bool read_copy(pg_conn *c, PGresult **res, amph_error *err)
{
	pg_pending *p = amph__pg_head(c);
	PGresult *description, *end;

	p->copy = false;
	if (!amph__pg_next(c, res, err))
		return false;
	if (PQresultStatus(*res) != PGRES_COMMAND_OK)
		return *res || amph__pg_error_lost(c, err);
	description = *res;
	*res = NULL;
	p->sync = false;
	if (!amph__pg_next(c, &end, err) || !read_sync(c, err)) {
		PQclear(description);
		return false;
	}
	if (!PQexitPipelineMode(c->pq)) {
		PQclear(description);
		return amph__pg_error_lost(c, err);
	}
	c->pipeline = false;
	return amph__pg_start_copy(c, p->stmt, description, res, err) || *res;
}

/* The first result of the first entry; a failed Parse is its result as well. */
static bool read_head(pg_conn *c, PGresult **res, amph_error *err)
{
	*res = c->held;
	c->held = NULL;
	if (*res)
		return true;
	if (c->unsynced && !send_sync(c, err))
		return false;
	if (amph__pg_head(c)->copy)
		return read_copy(c, res, err);
	if (amph__pg_head(c)->parse && (!read_parse(c, res, err) || *res))
		return *res != NULL;
	if (amph__pg_head(c)->stmt->base.code->flags & AMPH_CODE_STREAM)
		PQsetSingleRowMode(c->pq);
	if (!amph__pg_next(c, res, err))
		return false;
	return *res || amph__pg_error_lost(c, err);
}

/* Which repair would let a failed statement run. */
typedef enum repair { REPAIR_NONE, REPAIR_PARSE, REPAIR_PLAN, REPAIR_KNOWN } repair;

static repair repair_for(const pg_stmt *s, const PGresult *res)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char *function = PQresultErrorField(res, PG_DIAG_SOURCE_FUNCTION);

	if (!s->name || !state)
		return REPAIR_NONE;
	if (!strcmp(state, "26000"))
		return REPAIR_PARSE;
	if (!strcmp(state, "42P05"))
		return REPAIR_KNOWN;
	if (!strcmp(state, "0A000") && function && !strcmp(function, "RevalidateCachedQuery"))
		return REPAIR_PLAN;
	return REPAIR_NONE;
}

static void do_repair(pg_conn *c, pg_stmt *s, repair r)
{
	if (r == REPAIR_PARSE)
		s->name->generation = 0;
	if (r == REPAIR_KNOWN)
		s->name->generation = c->generation;
	if (r == REPAIR_PLAN)
		amph__pg_retire_plan(c, s->name);
	s->text |= s->described;
}

/* Reads the end of a flight whose first statement failed: the others were not run, nor parsed. */
static bool drain_aborted(pg_conn *c, amph_error *err)
{
	PGresult *end;

	for (size_t i = 1; i < c->n_pending; i++)
		if (c->pending[c->first + i].parse)
			c->pending[c->first + i].stmt->name->generation = 0;
	if (!c->pipeline)
		return amph__pg_head(c)->ended || amph__pg_next(c, &end, err);
	if (!read_sync(c, err))
		return false;
	if (!PQexitPipelineMode(c->pq))
		return amph__pg_error_lost(c, err);
	c->pipeline = false;
	return true;
}

static bool begin_again(pg_conn *c, amph_error *err)
{
	char sql[sizeof c->begin + 16];

	if (PQtransactionStatus(c->pq) == PQTRANS_IDLE)
		return true;
	snprintf(sql, sizeof sql, "ROLLBACK;%s", c->begin);
	PGresult *res = amph__pg_run(c, sql, err);
	PQclear(res);
	return res != NULL;
}

/* Sends all entries of the flight a second time: the first of them failed before anything was
 * done, in a transaction that had done nothing. They are written over where they stood. */
static bool retry(pg_conn *c, amph_error *err)
{
	size_t n = c->n_pending;

	if (!drain_aborted(c, err) || !begin_again(c, err))
		return false;
	c->n_pending = 0;
	for (size_t i = 0; i < n; i++) {
		pg_pending p = c->pending[c->first + i];

		if (!amph__pg_encode(c, p.stmt, p.args, err) ||
		    !queue(c, p.stmt, p.args, i + 1 < n, err)) {
			c->base.broken = true;
			return false;
		}
	}
	amph__pg_head(c)->retried = true;
	return true;
}

/* The statement was the first of its transaction, and there is but one flight to repeat. */
static bool may_retry(const pg_conn *c, const pg_pending *p)
{
	if (p->retried || !p->first || c->n_syncs > 1 || c->base.broken)
		return false;
	return !c->tx_open || (!c->tx_used && c->begin[0]);
}

/* What is not known after a connection is lost: whether a COMMIT, or a statement outside of a
 * transaction, was done. */
static void set_outcome(const pg_conn *c, const amph_code *code, amph_error *err)
{
	bool ends = code->flags & AMPH_CODE_CONTROL &&
		    (amph__ascii_begins(code->sql, "COMMIT", 6) || amph__ascii_begins(code->sql, "END", 3));
	bool alone = !c->tx_open && code->flags & (AMPH_CODE_WRITES | AMPH_CODE_DESCRIBE);

	if (err && c->base.broken && (ends || alone))
		err->outcome = AMPH_UNKNOWN;
}

/* Fills err from what is no success. */
static void translate(pg_conn *c, const PGresult *res, amph_error *err)
{
	switch (PQresultStatus(res)) {
	case PGRES_PIPELINE_ABORTED:
		amph__error(err, "25P02", "an earlier statement of the same flight failed, so that this "
			    "one was not run");
		return;
	case PGRES_COPY_IN:
	case PGRES_COPY_OUT:
	case PGRES_COPY_BOTH:
		c->base.broken = true;
		amph__error(err, "0A000", "COPY from or to the client cannot be run as a statement");
		return;
	default:
		amph__pg_error_of(c, res, err);
	}
}

/* res, which is cleared, is not the result of a success. true: the statement is sent again. */
static bool failed_and_retried(pg_conn *c, PGresult *res, amph_error *err)
{
	pg_stmt *s = amph__pg_head(c)->stmt;
	repair r = repair_for(s, res);
	amph_error ignored;     /* a connection that is lost after its error was told is broken */

	translate(c, res, err);
	PQclear(res);
	bool again = r != REPAIR_NONE && may_retry(c, amph__pg_head(c));
	if (r != REPAIR_NONE) {
		do_repair(c, s, r);
		if (err)
			err->retryable = true;
	}
	if (again && retry(c, err))
		return true;
	c->tx_used = true;
	set_outcome(c, s->base.code, err);
	amph__pg_leave_head(c, &ignored);
	return false;
}

/* ---- results ---- */

static bool is_success(const PGresult *res)
{
	ExecStatusType status = PQresultStatus(res);

	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ||
	       status == PGRES_SINGLE_TUPLE || status == PGRES_EMPTY_QUERY;
}

/* "INSERT 0 5" is the tag INSERT and 5 rows. */
static void read_tag(PGresult *res, amph_result *result)
{
	static const char *const counted[] = { "INSERT", "UPDATE", "DELETE", "MERGE" };
	static const char select[] = "SELECT";
	const char *status = PQcmdStatus(res);
	size_t len = 0;

	result->affected = -1;
	if (!strncmp(status, "SELECT ", sizeof select)) {
		memcpy(result->tag, select, sizeof select);
		return;
	}
	while (status[len] && len < sizeof result->tag - 1 &&
	       !(status[len] == ' ' && amph__is_digit(status[len + 1])))
		len++;
	memcpy(result->tag, status, len);
	result->tag[len] = '\0';
	for (size_t i = 0; i < sizeof counted / sizeof *counted; i++)
		if (!strcmp(result->tag, counted[i]))
			result->affected = strtoll(PQcmdTuples(res), NULL, 10);
}

static void note_done(pg_conn *c, const amph_code *code, const char *tag)
{
	bool own = !(code->flags & (AMPH_CODE_CONTROL | AMPH_CODE_DESCRIBE | AMPH_CODE_ONCE));
	bool begins = !own && (!strcmp(tag, "BEGIN") || !strcmp(tag, "START TRANSACTION"));

	c->tx_used = !begins;
	if (begins) {
		bool fits = strlen(code->sql) < sizeof c->begin;
		snprintf(c->begin, sizeof c->begin, "%s", fits ? code->sql : "");
	}
	/* what the library writes itself leaves nothing behind, but for tables */
	if (code->flags & (AMPH_CODE_DESCRIBE | AMPH_CODE_ONCE))
		amph__pg_note_tag(c, tag);
}

/* The first row of a stream; the others are read by fetch. */
static bool accept_stream(pg_conn *c, PGresult *res, amph_result *result, amph_error *err)
{
	bool ok = amph__pg_describe(amph__pg_head(c)->stmt, res, result, err);

	c->streaming = true;
	c->streamed = 1;
	c->stream_head = res;
	result->native = res;
	if (!ok)
		amph__pg_finish(&c->base, result);
	return ok;
}

/* The rows are read by fetch. */
static bool accept_copy(pg_conn *c, PGresult *res, amph_result *result, amph_error *err)
{
	pg_stmt *s = amph__pg_head(c)->stmt;
	bool ok = amph__pg_describe(s, c->stream_head, result, err);

	PQclear(res);
	c->streaming = true;
	memcpy(result->tag, "SELECT", sizeof "SELECT");
	result->stmt = &s->base;
	result->has_rows = true;
	result->more_trips = 1;
	result->native = c->stream_head;
	if (!ok)
		amph__pg_finish(&c->base, result);
	return ok;
}

/* Takes over res, a success. A connection that is lost behind it does not undo what a transaction
 * was told, nor a COMMIT; the commit of a statement outside of a transaction comes last. */
static bool accept(pg_conn *c, PGresult *res, amph_result *result, amph_error *err)
{
	pg_stmt *s = amph__pg_head(c)->stmt;
	const amph_code *code = s->base.code;
	amph_error after;

	if (c->copying)
		return accept_copy(c, res, result, err);
	result->stmt = &s->base;
	result->has_rows = PQresultStatus(res) != PGRES_COMMAND_OK && PQnfields(res) > 0;
	result->n = (size_t)PQntuples(res);
	if (PQresultStatus(res) == PGRES_SINGLE_TUPLE)
		return accept_stream(c, res, result, err);
	bool ok = !result->has_rows || amph__pg_describe(s, res, result, err);
	read_tag(res, result);
	note_done(c, code, result->tag);
	amph__pg_note_rows(s, result->n);
	if (!amph__pg_leave_head(c, &after) && ok &&
	    !(c->base.broken && (c->tx_open || code->flags & AMPH_CODE_CONTROL))) {
		ok = false;
		set_outcome(c, code, &after);
		if (err)
			*err = after;
	}
	if (ok && result->has_rows)
		result->native = res;
	else
		PQclear(res);
	return ok;
}

bool amph__pg_collect(amph_conn *conn, amph_result *result, amph_error *err)
{
	pg_conn *c = amph__pg_conn_of(conn);
	PGresult *res;

	*result = (amph_result){ .affected = -1 };
	if (!c->n_pending)
		return amph__error_misuse(err, "nothing was submitted that could be collected");
	if (!amph__pg_usable(c, err)) {
		if (!c->streaming)
			amph__pg_pop(c);
		return false;
	}
	for (;;) {
		if (!read_head(c, &res, err)) {
			set_outcome(c, amph__pg_head(c)->stmt->base.code, err);
			amph__pg_pop(c);
			return false;
		}
		if (is_success(res) || c->copying)
			break;
		if (!failed_and_retried(c, res, err))
			return false;
	}
	return accept(c, res, result, err);
}

static bool end_stream(pg_conn *c, amph_error *err)
{
	amph__pg_note_rows(amph__pg_head(c)->stmt, c->streamed);
	c->streaming = false;
	amph__pg_head(c)->ended = true;
	return amph__pg_leave_head(c, err);
}

bool amph__pg_stream_next(pg_conn *c, PGresult **res, amph_error *err)
{
	amph_error ignored;     /* of the end of a stream that had failed */
	amph_result end;

	for (;;) {
		if (!amph__pg_next(c, res, err)) {
			c->streaming = false;
			amph__pg_pop(c);
			return false;
		}
		if (!*res)
			return end_stream(c, err);
		if (PQresultStatus(*res) == PGRES_SINGLE_TUPLE) {
			c->streamed++;
			return true;
		}
		if (!is_success(*res))
			break;
		read_tag(*res, &end);
		note_done(c, amph__pg_head(c)->stmt->base.code, end.tag);
		PQclear(*res);
	}
	translate(c, *res, err);
	PQclear(*res);
	*res = NULL;
	c->tx_used = true;
	c->streaming = false;
	amph__pg_leave_head(c, &ignored);
	return false;
}

void amph__pg_finish(amph_conn *conn, amph_result *result)
{
	pg_conn *c = amph__pg_conn_of(conn);
	PGresult *res = result->native;
	bool stream = !result->stmt || result->stmt->code->flags & AMPH_CODE_STREAM ||
		      (res && res == c->stream_head);
	const char *row = "";
	size_t len;
	amph_error ignored;     /* a stream that is given up has no use for its end */

	if (res && res != c->stream_head)
		PQclear(res);
	result->native = NULL;
	if (!stream)
		return;
	while (c->copying && row && amph__pg_copy_next(c, &row, &len, &ignored))
		continue;
	while (c->streaming && amph__pg_stream_next(c, &res, &ignored) && res)
		PQclear(res);
	PQclear(c->stream_head);
	c->stream_head = NULL;
}
