/* Running statements: BEGIN that rides along, one failure that fails the transaction, results in
 * the order of submission, what a trace is told. */
#include "../base/clock.h"
#include "link.h"
#include <string.h>

static void set_deadline(amph_conn *conn)
{
	int ms = conn->link->config.statement_timeout_ms;

	conn->deadline_usec = ms ? amph__monotonic_usec() + (int64_t)ms * 1000 : AMPH_NO_DEADLINE;
}

static void trace(amph_conn *conn, const amph_in_flight *f, int64_t rows, const amph_error *err)
{
	const amph_conn_config *config = &conn->link->config;

	if (!config->trace)
		return;
	config->trace(config->trace_ctx, &(amph_trace_event){
		.sql = f->entry->code->sql, .code = f->entry->code, .args = f->args, .rows = rows,
		.duration_usec = amph__monotonic_usec() - f->started_usec, .err = err });
}

static amph_in_flight *flight_at(amph_link *link, size_t i)
{
	return &link->flight[(link->flight_first + i) % AMPH_FLIGHT_MAX];
}

static void flight_pop(amph_conn *conn)
{
	amph_link *link = conn->link;

	amph__stmt_give(conn, flight_at(link, 0)->entry);
	link->flight_first = (link->flight_first + 1) % AMPH_FLIGHT_MAX;
	link->flight_count--;
}

static bool submit(amph_conn *conn, const amph_code *code, const amph_arg *args, bool more,
		   amph_error *err)
{
	amph_link *link = conn->link;

	if (link->flight_count == AMPH_FLIGHT_MAX)
		return amph__error_misuse(err, "more than %d statements in one flight",
					  AMPH_FLIGHT_MAX);
	bool counts = !(code->flags & AMPH_CODE_CONTROL) && code != &link->mark_code;
	if (counts && link->allowed == 0)
		return amph__error_misuse(err, "one statement more than amph_expect_statements "
					  "allows: %.120s", code->sql);
	amph_cached_stmt *e = amph__stmt_take(conn, code, err);
	if (!e)
		return false;
	if (!conn->driver->submit(e->stmt, args, more, err)) {
		amph__stmt_give(conn, e);
		return false;
	}
	*flight_at(link, link->flight_count++) = (amph_in_flight){
		.entry = e, .args = args,
		.started_usec = link->config.trace ? amph__monotonic_usec() : 0 };
	link->stats.statements += counts;
	link->allowed -= counts && link->allowed > 0;
	return true;
}

void amph__tx_failed(amph_conn *conn)
{
	if (conn->link->tx != LINK_IDLE)
		conn->link->tx = LINK_FAILED;
}

static void *store_in_arena(void *ctx, size_t size)
{
	return size ? amph__arena_alloc(ctx, size) : NULL;
}

/* Reads the transaction's mark, whose statement is the last of the flight. */
static void collect_mark(amph_conn *conn)
{
	static const amph_slot slot = { .type = AMPH_T_TEXT, .name = "mark" };
	static const amph_shape shape = { 1, &slot };
	amph_link *link = conn->link;
	amph_result result;
	amph_error err;
	const char *text = NULL;
	size_t n = 0;

	link->mark_due = false;
	if (!conn->driver->collect(conn, &result, &err)) {
		flight_pop(conn);
		return;
	}
	amph_arena arena;
	amph__arena_init(&arena, conn->engine->allocator);
	amph_store store = { .alloc = store_in_arena, .ctx = &arena };
	if (conn->driver->fetch(conn, &result, &shape, &text, sizeof text, 1, &store, &n, &err) &&
	    n && text) {
		amph__copy_text(link->mark.text, sizeof link->mark.text, text);
		link->has_mark = true;
	}
	conn->driver->finish(conn, &result);
	amph__arena_clear(&arena);
	flight_pop(conn);
}

/* An error names the statement's table where the database names none. */
static void name_table(amph_link *link, amph_error *err)
{
	const char *table = flight_at(link, 0)->entry->code->table;

	if (err && !*err->table && table)
		amph__copy_text(err->table, sizeof err->table, table);
}

static bool collect(amph_conn *conn, amph_result *result, amph_error *err)
{
	amph_link *link = conn->link;
	amph_error own;

	*result = (amph_result){ .affected = -1 };
	if (conn->driver->collect(conn, result, &own)) {
		link->stats.round_trips += result->more_trips;
		return true;
	}
	if (err)
		*err = own;
	name_table(link, err);
	trace(conn, flight_at(link, 0), -1, &own);
	flight_pop(conn);
	amph__tx_failed(conn);
	return false;
}

void amph__flight_drain(amph_conn *conn)
{
	amph_link *link = conn->link;
	amph_result result;
	amph_error ignored;     /* the first failure of the flight was reported */

	while (link->flight_count) {
		result = (amph_result){ 0 };
		if (conn->driver->collect(conn, &result, &ignored))
			conn->driver->finish(conn, &result);
		flight_pop(conn);
	}
	link->mark_due = false;
}

/* BEGIN goes before the first statement, in the same flight where the driver pipelines. One
 * that starts with a write is begun as a writing one. */
static bool submit_begin(amph_conn *conn, bool writes, amph_error *err)
{
	amph_link *link = conn->link;

	if (link->tx != LINK_BEGUN)
		return true;
	if (writes && link->begin == AMPH_BEGIN_READ)
		link->begin = AMPH_BEGIN_WRITE;
	if (!submit(conn, &link->begin_codes[link->begin], NULL, true, err))
		return false;
	link->tx = LINK_SENT;
	return true;
}

static bool collect_begin(amph_conn *conn, amph_error *err)
{
	amph_link *link = conn->link;
	amph_result result;

	if (link->tx != LINK_SENT)
		return true;
	if (!collect(conn, &result, err))
		return false;
	conn->driver->finish(conn, &result);
	flight_pop(conn);
	link->tx = LINK_OPEN;
	return true;
}

bool amph__tx_start(amph_conn *conn, bool writes, amph_error *err)
{
	if (conn->link->tx != LINK_BEGUN)
		return true;
	set_deadline(conn);
	conn->link->stats.round_trips++;
	if (submit_begin(conn, writes, err) && collect_begin(conn, err))
		return true;
	amph__flight_drain(conn);
	amph__tx_failed(conn);
	return false;
}

bool amph__may_run(amph_conn *conn, amph_error *err)
{
	if (conn->broken)
		return amph__error(err, "08003", "the connection is lost; roll back to go on with "
				   "another one");
	if (conn->link->tx == LINK_FAILED)
		return amph__error(err, "25P02", "current transaction is aborted, commands are ignored "
				   "until it is rolled back");
	return true;
}

/* Where each statement has a snapshot of its own, a transaction that has only read by key so far
 * need not be there: a session that does nothing else saves the round trip of its end. Nor where the
 * statement holds its snapshot until BEGIN, which must not take the statement's place in the cache. */
static bool runs_alone(const amph_conn *conn, const amph_code *code)
{
	const amph_link *link = conn->link;
	bool holds = conn->caps & AMPH_CAP_HOLDS && !link->has_read && link->config.max_statements > 1;

	return code->flags & AMPH_CODE_ALONE && link->tx == LINK_BEGUN && !link->flight_count &&
	       conn->engine->options.fast_paths && (conn->engine->is_committed || holds) &&
	       (link->begin == AMPH_BEGIN_READ || link->begin == AMPH_BEGIN_COMMITTED);
}

bool amph__flight_add(amph_conn *conn, const amph_code *code, const amph_arg *args, bool more,
		      amph_error *err)
{
	amph_link *link = conn->link;

	if (!amph__may_run(conn, err))
		return false;
	if (!link->flight_count)
		set_deadline(conn);
	bool writes = code->flags & (AMPH_CODE_WRITES | AMPH_CODE_DESCRIBE) &&
		      !(code->flags & AMPH_CODE_SETTING);
	link->wrote |= writes && link->tx != LINK_IDLE;
	bool mark = !more && link->wrote && !link->has_mark && link->tx != LINK_IDLE &&
		    conn->caps & AMPH_CAP_XACT_STATUS && !(code->flags & AMPH_CODE_STREAM);
	bool alone = !more && runs_alone(conn, code);
	link->has_read |= alone;
	if ((!alone && !submit_begin(conn, writes, err)) ||
	    !submit(conn, code, args, more || mark, err) ||
	    (mark && !submit(conn, &link->mark_code, NULL, false, err))) {
		amph__flight_drain(conn);
		amph__tx_failed(conn);
		return false;
	}
	link->mark_due = mark;
	link->stats.round_trips += !more || !(conn->caps & AMPH_CAP_PIPELINE);
	return true;
}

bool amph__flight_collect(amph_conn *conn, amph_result *result, amph_error *err)
{
	return collect_begin(conn, err) && collect(conn, result, err);
}

bool amph__execute(amph_conn *conn, const amph_code *code, const amph_arg *args,
		   amph_result *result, amph_error *err)
{
	*result = (amph_result){ .affected = -1 };
	if (conn->link->flight_count)
		return amph__error_misuse(err, "a result of this connection is still being read; "
					  "close the stream or the rows first");
	if (!amph__flight_add(conn, code, args, false, err))
		return false;
	if (!amph__flight_collect(conn, result, err)) {
		amph__flight_drain(conn);
		return false;
	}
	return true;
}

bool amph__fetch(amph_conn *conn, amph_result *result, const amph_shape *shape, void *dest,
		 size_t stride, size_t max, const amph_store *store, size_t *n, amph_error *err)
{
	if (conn->driver->fetch(conn, result, shape, dest, stride, max, store, n, err)) {
		result->at_rows += (int64_t)*n;
		return true;
	}
	name_table(conn->link, err);
	amph__tx_failed(conn);
	return false;
}

void amph__finish(amph_conn *conn, amph_result *result)
{
	amph_link *link = conn->link;

	trace(conn, flight_at(link, 0),
	      result->affected >= 0 ? result->affected : result->at_rows, NULL);
	conn->driver->finish(conn, result);
	flight_pop(conn);
	if (link->mark_due && link->flight_count == 1)
		collect_mark(conn);
}

bool amph__run(amph_conn *conn, const amph_code *code, const amph_arg *args, int64_t *affected,
	       amph_error *err)
{
	amph_result result;

	if (!amph__execute(conn, code, args, &result, err))
		return false;
	if (affected)
		*affected = result.affected;
	amph__finish(conn, &result);
	return true;
}

static bool run_text(amph_conn *conn, const char *sql, uint32_t flags, amph_error *err)
{
	amph_hash128 h = amph__hash128(sql, strlen(sql));
	amph_code code = { .sql = sql, .sql_len = strlen(sql), .hash = { h.lo, h.hi },
			   .flags = AMPH_CODE_ONCE | flags };

	return amph__run(conn, &code, NULL, NULL, err);
}

bool amph__run_text(amph_conn *conn, const char *sql, amph_error *err)
{
	return run_text(conn, sql, AMPH_CODE_WRITES, err);
}

bool amph__run_setting(amph_conn *conn, const char *sql, amph_error *err)
{
	return run_text(conn, sql, AMPH_CODE_SETTING, err);
}

bool amph__load(amph_conn *conn, const char *table, const char *const *columns,
		const amph_sqltype *types, const amph_arg *rows, bool *done, int64_t *affected,
		amph_error *err)
{
	amph_link *link = conn->link;

	*done = false;
	if (!(conn->caps & AMPH_CAP_LOAD))
		return true;
	if (!amph__may_run(conn, err))
		return false;
	if (!amph__tx_start(conn, true, err))
		return false;
	set_deadline(conn);
	if (!conn->driver->load(conn, table, columns, types, rows, done, affected, err)) {
		amph__tx_failed(conn);
		return false;
	}
	link->wrote |= *done;
	link->stats.statements += *done;
	link->stats.round_trips += 2u * *done;
	return true;
}
