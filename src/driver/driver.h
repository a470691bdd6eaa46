/* The only callers of driver slots. A connection here is a driver's connection with its cache of
 * prepared statements, its transaction state, its trace. */
#ifndef AMPH_DRIVER_DRIVER_H
#define AMPH_DRIVER_DRIVER_H
#include "../base/arena.h"
#include "../base/error.h"
#include "amphora/sys/driver.h"
#include "url.h"

/* What a trace is told after each statement; the hook of amph_options. */
typedef struct amph_trace_event {
	const char *sql;
	const amph_code *code;
	const amph_arg *args;           /* to be printed only where the program asked for values */
	int64_t rows, duration_usec;
	const amph_error *err;          /* NULL: success */
} amph_trace_event;
typedef void amph_trace_fn(void *ctx, const amph_trace_event *event);

typedef struct amph_link amph_link;
typedef struct amph_link_stats { uint64_t statements, round_trips, prepared, cache_hits; } amph_link_stats;

/* The drivers that were built in; NULL-terminated. */
const amph_driver *const *amph__drivers(void);

amph_driver_engine *amph__driver_engine_open(const amph_driver *driver, const amph_allocator *a,
					     const struct amph_clock *clock,
					     const amph_address *address,
					     const amph_driver_options *options,
					     const amph_schema *schema, amph_error *err);
void amph__driver_engine_close(amph_driver_engine *engine);

typedef struct amph_conn_config {
	amph_trace_fn *trace;
	void *trace_ctx;
	size_t max_statements;          /* prepared ones kept; the least recently used goes */
	int statement_timeout_ms;       /* 0 is none */
} amph_conn_config;
amph_conn *amph__conn_open(amph_driver_engine *engine, const amph_conn_config *config,
			   int64_t deadline_usec, amph_error *err);
void amph__conn_close(amph_conn *conn, bool discard);
bool amph__conn_ping(amph_conn *conn, amph_error *err);
bool amph__conn_reset(amph_conn *conn, amph_error *err);
bool amph__conn_cancel(amph_conn *conn, amph_error *err);
amph_link_stats amph__conn_stats(const amph_conn *conn);
/* From now on n statements may be sent and the next fails, AMPH_E_MISUSE; -1: any number. */
void amph__conn_allow(amph_conn *conn, int64_t n);
int64_t amph__conn_allowed(const amph_conn *conn);

/* ---- transactions ---- */
typedef enum amph_begin {
	AMPH_BEGIN_READ,
	AMPH_BEGIN_WRITE,
	AMPH_BEGIN_SERIALIZABLE,
	AMPH_BEGIN_READ_ONLY,
	AMPH_BEGIN_REPEATABLE,
	AMPH_BEGIN_COMMITTED
} amph_begin;
/* Notes that a transaction starts; BEGIN rides along with the first statement. */
void amph__tx_begin(amph_conn *conn, amph_begin how);
bool amph__tx_is_open(const amph_conn *conn);           /* begun, whether or not sent */
bool amph__tx_is_sent(const amph_conn *conn);
/* The outcome of COMMIT: true is applied. false: err->outcome says NOT_APPLIED, or UNKNOWN where
 * not even asking the server again told it. */
bool amph__tx_commit(amph_conn *conn, amph_error *err);
/* The connection is idle or broken after it. */
bool amph__tx_rollback(amph_conn *conn, amph_error *err);
bool amph__tx_savepoint(amph_conn *conn, unsigned level, amph_error *err);
bool amph__tx_release(amph_conn *conn, unsigned level, amph_error *err);
bool amph__tx_rollback_to(amph_conn *conn, unsigned level, amph_error *err);

/* ---- statements ----
 * One statement at a time: execute, fetch until *n is 0, finish. Arguments live until then, for the
 * trace. A failed statement fails the transaction: until rollback (or to a savepoint) everything is
 * 25P02, on every driver. */
bool amph__execute(amph_conn *conn, const amph_code *code, const amph_arg *args,
		   amph_result *result, amph_error *err);
bool amph__fetch(amph_conn *conn, amph_result *result, const amph_shape *shape, void *dest,
		 size_t stride, size_t max, const amph_store *store, size_t *n, amph_error *err);
void amph__finish(amph_conn *conn, amph_result *result);
/* Executes and drops rows; *affected may be NULL. */
bool amph__run(amph_conn *conn, const amph_code *code, const amph_arg *args, int64_t *affected,
	       amph_error *err);
bool amph__run_text(amph_conn *conn, const char *sql, amph_error *err); /* no parameters, no rows */
bool amph__run_setting(amph_conn *conn, const char *sql, amph_error *err);      /* of SET */

/* Many statements in one flight. add does not wait where the driver pipelines; collect gives the
 * results in order. After a failure the rest of the flight is drained by finish_flight. */
bool amph__flight_add(amph_conn *conn, const amph_code *code, const amph_arg *args, bool more,
		      amph_error *err);
bool amph__flight_collect(amph_conn *conn, amph_result *result, amph_error *err);
void amph__flight_drain(amph_conn *conn);

/* A plain insert of rows by the fastest way: load where it may, else code. */
bool amph__load(amph_conn *conn, const char *table, const char *const *columns,
		const amph_sqltype *types, const amph_arg *rows, bool *done, int64_t *affected,
		amph_error *err);
bool amph__take_ids(amph_conn *conn, const char *table, const char *column, size_t n, int64_t *ids,
		    amph_error *err);
/* See catalog of amph_driver; writes: the statement it is for does. */
bool amph__catalog_read(amph_conn *conn, bool writes, uint64_t *version, bool *changed,
			amph_catalog_fn *each, void *ctx, amph_error *err);
bool amph__inspect(amph_conn *conn, amph_inspect_fn *each, void *ctx, amph_error *err);
#endif
