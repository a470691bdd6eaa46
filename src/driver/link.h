/* What the library keeps beside a driver's connection. Private to src/driver. */
#ifndef AMPH_DRIVER_LINK_H
#define AMPH_DRIVER_LINK_H
#include "../base/map.h"
#include "amphora/sys/dialect.h"
#include "driver.h"

/* A prepared statement of the cache, in a list with the most recently used first. The driver's
 * statement follows in the same allocation. */
typedef struct amph_cached_stmt {
	const amph_code *code;          /* its address is the key */
	struct amph_cached_stmt *newer, *older;
	amph_stmt *stmt;
	unsigned in_use;                /* submitted and not yet finished */
} amph_cached_stmt;

typedef enum amph_link_tx {
	LINK_IDLE,
	LINK_BEGUN,             /* BEGIN is to be sent with the next statement */
	LINK_SENT,              /* BEGIN is in the flight */
	LINK_OPEN,
	LINK_FAILED             /* all is 25P02 until rollback, or rollback to a savepoint */
} amph_link_tx;

/* The statements submitted and not yet finished, oldest first. */
#define AMPH_FLIGHT_MAX 64
typedef struct amph_in_flight {
	amph_cached_stmt *entry;
	const amph_arg *args;
	int64_t started_usec;
} amph_in_flight;

struct amph_link {
	amph_conn_config config;
	amph_map statements;
	amph_cached_stmt *newest, *oldest;
	amph_link_tx tx;
	amph_begin begin;
	bool has_read;                  /* while BEGUN: something was read without waiting for BEGIN */
	bool wrote;                     /* the transaction has changed something, or may have */
	bool mark_due;                  /* a mark statement is the last of the flight */
	bool has_mark;
	amph_tx_mark mark;
	amph_in_flight flight[AMPH_FLIGHT_MAX];
	size_t flight_first, flight_count;
	amph_code begin_codes[6], commit_code, rollback_code, mark_code;
	amph_link_stats stats;
	int64_t allowed;                /* statements that may still be sent; -1: any number */
};

/* The prepared statement of a code, made where the cache has none; counted as in use. */
amph_cached_stmt *amph__stmt_take(amph_conn *conn, const amph_code *code, amph_error *err);
/* Not in use any more: goes now if its code is used once, else stays for the next time. */
void amph__stmt_give(amph_conn *conn, amph_cached_stmt *entry);
void amph__stmts_clear(amph_conn *conn);
/* Sends the BEGIN that is due and waits for it: before what cannot be part of a flight. */
bool amph__tx_start(amph_conn *conn, bool writes, amph_error *err);
/* Whether a statement may be sent at all: 25P02 in a failed transaction, 08003 on a lost one. */
bool amph__may_run(amph_conn *conn, amph_error *err);
void amph__tx_failed(amph_conn *conn);
#endif
