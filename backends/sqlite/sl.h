/* What the files of the SQLite backend share.
 *
 * A connection is one sqlite3 handle in the multi-thread mode (no mutex of its own: one thread
 * at a time uses it). The connections of an engine share one file, the lock of its single
 * writer, and its sequences. README.md tells why things are as they are. */
#ifndef AMPH_SQLITE_SL_H
#define AMPH_SQLITE_SL_H
#include "../../src/base/arena.h"
#include "../../src/base/buf.h"
#include "../../src/base/clock.h"
#include "../../src/base/error.h"
#include "amphora/sys/driver.h"
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct sl_conn sl_conn;
typedef struct sl_stmt sl_stmt;

/* The pattern that LIKE was last called with, as what is looked for (functions/like.c). */
enum { SL_PATTERN_MOST = 32 };
typedef struct sl_pattern {
	uint8_t kind, fold, source_len, len;    /* len: of literal */
	char source[SL_PATTERN_MOST], literal[SL_PATTERN_MOST];
} sl_pattern;

/* What the registered functions may know of their connection. In the loadable extension there
 * is no connection, only one of these. */
typedef struct sl_env {
	const amph_allocator *allocator;
	const amph_clock *clock;
	/* now(): one for the whole transaction, microseconds from 1970. 0: not yet asked for, the
	 * first who asks takes it from the clock and leaves it here; the driver sets it to 0. */
	int64_t now_usec;
	sl_pattern like;
} sl_env;

/* Registers all functions and collations (functions/). An SQLite result code; env outlives db.
 * A function reports an error with a known SQLSTATE as the text "22012:division by zero". */
int amph__sl_register(sqlite3 *db, sl_env *env);
extern const amph_dialect amph__sl_dialect;

/* ---- values on their way between structs and SQLite ---- */
typedef struct sl_cell {
	uint8_t kind;                   /* SQLITE_INTEGER, _FLOAT, _TEXT, _BLOB, _NULL */
	bool in_scratch;                /* text is at v.at of a buffer that may still move */
	bool ended;                     /* by a NUL, which SQLite would make a copy for else */
	union {
		int64_t integer;
		double real;
		const char *text;
		size_t at;
	} v;
	size_t len;                     /* of text and blob */
} sl_cell;

/* An array's elements between the two passes over a row. */
typedef struct sl_row_scratch {
	amph_arena arena;
	const void **parsed;            /* of each column that is an array; NULL: none */
	size_t cap;
} sl_row_scratch;

/* The value at base + slot->offset as SQLite stores it. Text that has to be made is appended to
 * scratch; with copy all text is. writes: -0.0 would be stored as 0.0 and is refused. */
typedef struct sl_encoder {
	amph_buf *scratch;
	bool copy, writes;
} sl_encoder;
bool amph__sl_encode(const sl_encoder *to, const amph_slot *slot, const void *base, sl_cell *out,
		     amph_error *err);
/* After the last encode: text in scratch has its final place. */
static inline void amph__sl_settle(sl_cell *cell, const amph_buf *scratch)
{
	if (cell->in_scratch)
		cell->v.text = scratch->text + cell->v.at;
	cell->in_scratch = false;
}

/* Decodes a row of cells to the struct at dest. All that it points to is one allocation. */
bool amph__sl_decode_row(const sl_cell *cells, size_t n_cells, const amph_result_column *columns,
			 const amph_code *code, const amph_shape *shape, void *dest,
			 const amph_store *store, sl_row_scratch *scratch, amph_error *err);
/* A row of usual values only, read where it is. OTHER: not such a row, nothing was taken. */
typedef enum sl_read { SL_READ_DONE, SL_READ_OTHER, SL_READ_NOMEM } sl_read;
sl_read amph__sl_read_row(sqlite3_stmt *native, const amph_shape *shape, char *dest,
			  const amph_store *store);
/* false: no memory. */
bool amph__sl_load_row(sqlite3_stmt *native, size_t n, sl_cell *out);

/* Of each type, what gives its values as results where they are of the usual kind; false: nothing was
 * given. No result at all is NULL. checked: as amph_arg.checked. */
typedef bool sl_give_fn(sqlite3_context *ctx, const void *value, bool checked);
extern sl_give_fn *const amph__sl_givers[AMPH_T_COUNT];

/* ---- rows at the end of a table (append.c) ---- */
/* Where a cursor over a row set is with its numbers. */
typedef struct sl_append {
	int64_t highest;
	size_t decided;                 /* the row that skips is about; SIZE_MAX: none */
	bool skips;
} sl_append;

/* ---- the row-set table, amph_rows(?) and amph_rows_wide(?) ---- */
#define SL_ROWS_TYPE "amph_arg"         /* of the pointer that is bound, to an sl_rowset */
#define SL_ROWS_COLUMNS 64
#define SL_ROWS_WIDE_COLUMNS 1600       /* PostgreSQL's limit of columns */
typedef struct sl_rowset {
	const amph_arg *arg;
	const sl_cell *cells;           /* instead: a copy, n_rows times arg->n_slots of them */
	size_t n_rows, n_slots;
	const amph_allocator *allocator;
	bool writes;
	bool appends;                   /* to a table whose highest number this is */
	int64_t highest;
	bool straight;                  /* usual values go straight from the structs (give.c): no copy */
	bool anew;                      /* after the row at hand comes the first again: another key */
} sl_rowset;
/* Sees whether the set appends. Whether the number of a row is left out. At the end, whether the last row
 * got its number. */
void amph__sl_append_plan(sl_stmt *stmt, sl_rowset *set);
bool amph__sl_append_skips(sl_append *a, const sl_rowset *set, size_t row, const void *at);
bool amph__sl_append_held(const sl_stmt *stmt, const sl_rowset *set, amph_error *err);
int amph__sl_rows_register(sqlite3 *db);

/* ---- engine ---- */
typedef struct sl_waiter {
	pthread_cond_t wake;
	sl_conn *conn;
	struct sl_waiter *next;
	bool granted;
} sl_waiter;

typedef struct sl_sequence {
	struct sl_sequence *next;
	int64_t last;                   /* the highest that was given out, rolled back or not */
	size_t table_len;
	char name[];                    /* "table.column" */
} sl_sequence;

/* A sequence that is no column's, or what a connection last saw of one (nextval.c). */
typedef struct sl_number {
	struct sl_number *next;
	int64_t last, set_from;         /* set_from: what the file had when last was set */
	bool known, was_set;
	char name[];
} sl_number;

/* Rows of one table that the running statement has touched: a set. */
typedef struct sl_rows_seen {
	const char *table;
	int64_t *rowids;
	bool *used, failed;
	size_t n, cap;
} sl_rows_seen;

enum { SL_SYNC_OFF, SL_SYNC_NORMAL, SL_SYNC_FULL, SL_SYNC_EXTRA };    /* as PRAGMA synchronous */
enum { SL_CHECKPOINT_PAGES = 1000 };    /* in the log, before they go to the database */

typedef struct sl_engine {
	amph_driver_engine base;
	char *path;                     /* absolute */
	char *directory;                /* of an engine in memory; NULL */
	int directory_fd;               /* locked while the engine lives */
	bool has_lock, has_directory;
	int synchronous, cache_mb, mmap_mb;
	/* One page that a fork does not inherit: 0 in the child. */
	volatile uint32_t *own_process;
	pid_t pid;                      /* where there is no such page */

	pthread_mutex_t lock;           /* guards all below; never held while SQLite works */
	sl_conn *writer;                /* who may write */
	sl_waiter *first, *last;        /* who wants to, oldest first */
	sl_sequence *sequences;
	sl_number *numbers;
	int checkpoint_at;              /* pages of the WAL */
} sl_engine;

bool amph__sl_engine_open(amph_driver_engine *engine, amph_error *err);
void amph__sl_engine_close(amph_driver_engine *engine);
/* false in a process that was forked from the engine's. */
bool amph__sl_same_process(const sl_engine *engine);

/* The engine's single writer, first come first served. Waits until the connection's deadline or
 * lock_timeout; false: conn->stop says which, or that it was cancelled or is no use. */
bool amph__sl_writer_take(sl_conn *conn);
void amph__sl_writer_give(sl_conn *conn);

/* ---- connection ---- */
typedef enum sl_own {
	SL_BEGIN, SL_BEGIN_IMMEDIATE, SL_COMMIT, SL_ROLLBACK, SL_PING,
	SL_SEQUENCE_READ, SL_SEQUENCE_WRITE, SL_OWN_COUNT
} sl_own;

/* Why waiting or running was ended from outside. */
typedef enum sl_stop {
	SL_GO_ON, SL_STOP_LOCK, SL_STOP_DEADLINE, SL_STOP_CANCEL,
	SL_STOP_SELF                    /* the wait would be for the thread that waits */
} sl_stop;

typedef struct sl_queued { sl_stmt *stmt; const amph_arg *args; } sl_queued;

/* A sequence as the running transaction has it. */
typedef struct sl_taken {
	struct sl_taken *next;
	sl_sequence *sequence;
	int64_t last;
	bool known;                     /* last is right: it was read, and written, here */
	bool fresh;                     /* its table was dropped here: what is in memory is void */
	bool dirty;                     /* to be written before COMMIT */
} sl_taken;

struct sl_conn {
	amph_conn base;
	sqlite3 *db;
	sqlite3_stmt *own[SL_OWN_COUNT];
	sl_env env;
	sl_queued *queue;
	size_t queue_first, queue_end, queue_cap;
	bool flight_failed;             /* what is queued still fails with 25P02 */
	bool in_tx, failed, read_only_tx;
	bool references_off;            /* a table is being made anew */
	bool is_writer;                 /* holds the engine's lock */
	int wal_pages;                  /* after the last commit of this connection */
	bool defined;                   /* has run a definition since it was last known to have nothing
	                                 * of its own */
	sl_stmt *going;                 /* those that may go on with the next key: see stmt.c */
	bool no_wait;                   /* the busy handler gives up at once */
	sl_taken *taken;
	sl_number *numbers, *temporary, *last_number;   /* currval; temporary sequences; lastval */
	sl_waiter waiter;
	bool has_waiter;
	atomic_bool cancelled;
	sl_stop stop;
	int64_t lock_deadline;          /* of the running statement; 0: it has not waited yet */
	bool probe_deferred;            /* foreign keys were put off before a probe did it */
	sl_row_scratch scratch;
	amph_arena known_arena;
	const amph_schema *known;       /* see amph__sl_schema; NULL: not looked at yet */
	int64_t *given;                 /* numbers that the statement took, for when it is run again */
	size_t n_given, cap_given, replayed;
	bool probing;
	sl_rows_seen seen;
};

/* References among tables: whether they are looked at, and follow a table that is renamed. */
void amph__sl_set_references(sl_conn *conn, bool on);
bool amph__sl_open(amph_conn *conn, amph_error *err);
bool amph__sl_catalog(amph_conn *conn, uint64_t *version, bool *changed, amph_catalog_fn *each,
		      void *ctx, amph_error *err);
bool amph__sl_has_temporary(sl_conn *conn);     /* tables of this connection alone */
void amph__sl_close(amph_conn *conn, bool discard);
bool amph__sl_ping(amph_conn *conn, amph_error *err);
bool amph__sl_cancel(amph_conn *conn, amph_error *err);
bool amph__sl_reset(amph_conn *conn, amph_error *err);
/* A statement starts: nothing has stopped it, and it has not waited. */
void amph__sl_begin_statement(sl_conn *conn);
/* Puts the watch over deadline and cancel in place. */
void amph__sl_watch(sl_conn *conn);
/* When a wait that starts now has to end, and what will have ended it then. */
int64_t amph__sl_wait_until(sl_conn *conn, sl_stop *why);
/* Sleeps a little, the longer the higher count is. false: the wait is over, conn->stop says why. */
bool amph__sl_wait_busy(sl_conn *conn, int count);
/* One of the connection's own statements, to be reset after use. An SQLite result code. */
int amph__sl_own_prepare(sl_conn *conn, sl_own which, sqlite3_stmt **out);
/* Runs it to its end. An SQLite result code. */
int amph__sl_own(sl_conn *conn, sl_own which);
/* Runs text without parameters or rows. An SQLite result code. */
int amph__sl_run(sl_conn *conn, const char *sql);
/* Whether a pragma has a value. An SQLite result code. */
int amph__sl_pragma_is(sl_conn *conn, const char *sql, const char *value, bool *is);
/* What conn->stop says. Returns false. */
bool amph__sl_stop_error(const sl_conn *conn, amph_error *err);

/* ---- transactions ---- */
amph_tx_status amph__sl_tx_status(const amph_conn *conn);
/* Does a statement of transaction control. tag: what was really done. */
bool amph__sl_control(sl_stmt *stmt, const char **tag, amph_error *err);
bool amph__sl_begin_read(sl_conn *conn, amph_error *err);
bool amph__sl_begin_write(sl_conn *conn, amph_error *err);
/* *rolled_back: COMMIT of a failed transaction, which is no error. */
bool amph__sl_commit(sl_conn *conn, bool *rolled_back, amph_error *err);
bool amph__sl_rollback(sl_conn *conn, amph_error *err);
/* After an error at the end of a transaction: makes of it what is known of the outcome. */
bool amph__sl_commit_failed(sl_conn *conn, int rc, amph_error *err);
/* Before a statement that may write: takes the writer's lock. */
bool amph__sl_may_write(sl_conn *conn, const char *what, amph_error *err);
/* After a statement outside a transaction: what COMMIT would do. */
void amph__sl_autocommitted(sl_conn *conn);
/* A statement failed: the transaction is aborted. */
void amph__sl_fail(sl_conn *conn);

/* ---- statements ---- */
typedef enum sl_verb {
	SL_VERB_NONE,           /* no transaction control */
	SL_VERB_BEGIN, SL_VERB_BEGIN_WRITE, SL_VERB_BEGIN_READ_ONLY, SL_VERB_COMMIT,
	SL_VERB_ROLLBACK, SL_VERB_SAVEPOINT, SL_VERB_RELEASE, SL_VERB_ROLLBACK_TO
} sl_verb;

struct sl_stmt {
	amph_stmt base;
	sqlite3_stmt *native;           /* NULL: not prepared yet */
	sl_verb verb;
	char tag[24];
	bool reads;                     /* changes nothing */
	bool active;                    /* has a row, or may have more */
	bool has_row;                   /* stepped to it, not yet decoded */
	bool goes_on;                   /* in the connection's list, between two keys */
	sl_stmt *next_going;
	char *dropped;                  /* the table that it drops; NULL */
	size_t n_columns;
	const amph_result_column *columns;
	amph_result_column *described;  /* columns, where SQLite says what they are */
	sl_cell *cells;                 /* of the row at hand */
	amph_buf scratch;               /* texts of arguments */
	sl_cell *bound;                 /* copies of row sets */
	sl_rowset *rowsets;
	sqlite3_stmt *highest;          /* of append.c; NULL: not asked yet */
	size_t n_rowsets;
	amph_arena rows;                /* results kept whole */
	struct sl_kept *kept, *kept_last;
};

/* A row of a result that is kept whole. */
struct sl_kept {
	struct sl_kept *next;
	sl_cell cells[];
};

/* steps.c: what a code has to be run before the statement itself, and after. */
bool amph__sl_run_steps(const sl_stmt *stmt, const amph_arg *args, amph_error *err);
bool amph__sl_clean_steps(const sl_stmt *stmt, amph_error *err);
int amph__sl_bind_cell(sqlite3_stmt *native, int at, const sl_cell *cell);
/* From arguments to result, whose rows it keeps where it writes. */
bool amph__sl_run_stmt(sl_stmt *stmt, const amph_arg *args, amph_result *result, amph_error *err);

bool amph__sl_prepare(amph_stmt *stmt, amph_error *err);
void amph__sl_finalize(amph_stmt *stmt);
void amph__sl_stop_going(sl_conn *conn);
bool amph__sl_submit(amph_stmt *stmt, const amph_arg *args, bool more, amph_error *err);
bool amph__sl_collect(amph_conn *conn, amph_result *result, amph_error *err);
bool amph__sl_fetch(amph_conn *conn, amph_result *result, const amph_shape *shape, void *dest,
		    size_t stride, size_t max, const amph_store *store, size_t *n_rows,
		    amph_error *err);
void amph__sl_finish(amph_conn *conn, amph_result *result);

/* ---- sequences ---- */
bool amph__sl_take_ids(amph_conn *conn, const char *table, const char *column, size_t n,
		       int64_t *ids, amph_error *err);
/* One more, within a statement that runs; none beyond max: 2200H. */
bool amph__sl_take_next(sl_conn *conn, const char *table, const char *column, int64_t max,
			int64_t *out, amph_error *err);
bool amph__sl_set_last(sl_conn *conn, const char *table, const char *column, int64_t last,
		       amph_error *err);
/* Makes the table of sequences where there is none. An SQLite result code. */
int amph__sl_sequences_prepare(sl_conn *conn);
int amph__sl_numbers_register(sl_conn *conn);
void amph__sl_numbers_free(const amph_allocator *a, sl_number **list);
/* Around a statement with AMPH_CODE_UPSERT (once.c). */
void amph__sl_seen_begin(sl_conn *conn, const char *table);
void amph__sl_seen_end(sl_conn *conn);
void amph__sl_seen_free(sl_conn *conn);
int amph__sl_seen_register(sl_conn *conn);
/* Writes what COMMIT is to make lasting. An SQLite result code. */
int amph__sl_sequences_write(sl_conn *conn);
void amph__sl_sequences_committed(sl_conn *conn);
void amph__sl_sequences_rolled_back(sl_conn *conn);
/* A savepoint was rolled back, and with it perhaps what was written of them. */
void amph__sl_sequences_touch(sl_conn *conn);
/* A table was dropped: its sequences start anew if it comes again. An SQLite result code. */
int amph__sl_sequences_drop(sl_conn *conn, const char *table);
void amph__sl_sequences_free(sl_engine *engine);

/* ---- errors ---- */
/* Translates rc and what the connection says of it. stmt may be NULL. Returns false. */
bool amph__sl_error(sl_conn *conn, int rc, const sl_stmt *stmt, amph_error *err);
/* The same, and finds the constraint where SQLite does not name it, by running the statement
 * again within a savepoint that is undone. stmt is reset, its arguments are still bound. */
bool amph__sl_stmt_error(sl_conn *conn, int rc, sl_stmt *stmt, amph_error *err);
/* Says which deferred foreign key is violated, before the transaction is rolled back. */
void amph__sl_name_deferred(sl_conn *conn, amph_error *err);
bool amph__sl_wrong_process(amph_error *err);

bool amph__sl_inspect(amph_conn *conn, amph_inspect_fn *each, void *ctx, amph_error *err);
#endif
