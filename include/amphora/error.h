/* What went wrong, in one struct of fixed size.
 *
 * A function that has a handle keeps its first error there (amph_session_error) until
 * rollback or commit; one without a handle takes an amph_error * last, which may be NULL.
 * Programs compare status or sqlstate, people read message. No text here holds a password
 * or a value of a row, but for detail, which repeats what the server said about the row (a PostgreSQL
 * whose lc_messages is not English may put a text that is no value of its type into message).
 *
 *	amph_error err;
 *	if (!amph_create_all(db, &err))
 *		fprintf(stderr, "%s: %s\n", err.sqlstate, err.message); */
#ifndef AMPHORA_ERROR_H
#define AMPHORA_ERROR_H
#include <stdbool.h>
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif

/* Classes of errors: 0 is success. The SQLSTATE says more. */
typedef enum amph_status {
	AMPH_OK = 0,
	AMPH_E_NOTFOUND = -1,           /* no such row; does not fail the transaction */
	AMPH_E_UNIQUE = -2,             /* 23505 */
	AMPH_E_FOREIGN_KEY = -3,        /* 23503 */
	AMPH_E_CHECK = -4,              /* 23514 */
	AMPH_E_NOT_NULL = -5,           /* 23502 */
	AMPH_E_DATA = -6,               /* class 22: a value is out of range, too long, malformed */
	AMPH_E_TYPE = -7,               /* types do not match, 42804 and its like */
	AMPH_E_SYNTAX = -8,             /* class 42: unknown name, bad statement, bad model */
	AMPH_E_UNSUPPORTED = -9,        /* 0A000 */
	AMPH_E_SERIALIZATION = -10,     /* 40001, 40P01: run the transaction again */
	AMPH_E_ABORTED = -11,           /* 25P02: an earlier failure; roll back first */
	AMPH_E_STALE = -12,             /* a row changed or went since it was read */
	AMPH_E_BUSY = -13,              /* 55P03: a lock was not to be had in time */
	AMPH_E_TIMEOUT = -14,           /* a deadline passed, 57014 */
	AMPH_E_CONNECTION = -15,        /* class 08, 57P0n: no connection, or it broke */
	AMPH_E_UNKNOWN_OUTCOME = -16,   /* 08007: whether COMMIT was applied is not known */
	AMPH_E_REFUSED = -17,           /* an event or a validator said no */
	AMPH_E_MISUSE = -18,            /* a program's mistake: expression used after its block ... */
	AMPH_E_NOMEM = -19,             /* 53200 */
	AMPH_E_RESOURCE = -20,          /* class 53 and 54 else: disk full, limit of the database */
	AMPH_E_READ_ONLY = -21,         /* 25006 */
	AMPH_E_CORRUPT = -22,           /* XX001, a file that is no database */
	AMPH_E_OTHER = -23,
	AMPH_E_MANY = -24               /* amph_one: several rows (P0003); does not fail the transaction */
} amph_status;

/* What became of the work that the failed call, or its transaction, had to do. */
typedef enum amph_outcome {
	AMPH_NOT_APPLIED,
	AMPH_APPLIED,
	AMPH_UNKNOWN
} amph_outcome;

typedef struct amph_error {
	amph_status status;
	amph_outcome outcome;
	int native_code;                /* of SQLite; 0 on PostgreSQL */
	int position;                   /* in the statement's text, from 1, in characters; 0 is none */
	/* The whole transaction may be run again as it is: a serialization failure, a deadlock, or a
	 * connection that was lost where the outcome is known to be AMPH_NOT_APPLIED. */
	bool retryable;
	char sqlstate[6];
	char constraint[64], table[64], column[64];
	char message[256];              /* one line, says what to do where that is known */
	char detail[256];               /* may name values of the row; keep it out of logs */
} amph_error;

/* The name of a status, "AMPH_E_UNIQUE"; static. */
const char *amph_status_name(amph_status status);

#ifdef __cplusplus
}
#endif
#endif
