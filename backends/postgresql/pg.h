/* What the files of the PostgreSQL backend share.
 *
 *	engine   the parsed URL, with the settings that every connection sends in its startup packet
 *	conn     a PGconn without blocking calls, the statements in flight, names of prepared ones
 *	stmt     how one code is sent (name, types of parameters) and read (a plan for a shape)
 *
 * A flight is either one statement in libpq's plain mode, or any number in its pipeline mode; the
 * pending entries are in the order of submission and leave when their result was read. */
#ifndef AMPH_BACKEND_PG_H
#define AMPH_BACKEND_PG_H
#include "../../src/base/arena.h"
#include "../../src/base/buf.h"
#include "../../src/base/clock.h"
#include "../../src/base/error.h"
#include "../../src/base/map.h"
#include "../../src/base/process.h"
#include "../../src/base/utf8.h"
#include "../../src/model/value.h"
#include "amphora/sys/driver.h"
#include <libpq-fe.h>
#include <stdatomic.h>

typedef struct pg_engine {
	amph_driver_engine base;
	PQconninfoOption *parsed;       /* the URL's own values; they live as long as the engine */
	const char **keys;              /* NULL-terminated */
	const char **values;            /* with our settings in "options" */
	const char **plain_values;      /* without: for poolers that refuse them */
	char *options, *search_path;
	int connect_timeout_ms;         /* the URL's; 0 is none */
	atomic_bool plain;              /* settings in the startup packet were refused once */
} pg_engine;

/* A prepared statement's name, shared by the statements of one hash. Known to the server where
 * generation is the connection's. */
typedef struct pg_name {
	uint64_t hash[2];
	unsigned refs;
	unsigned serial;                /* counts the plans that the server would not use any more */
	uint32_t generation;
	uint32_t parses;                /* counts them: results may be other ones after each */
	bool mapped;                    /* in conn->names */
	struct pg_name *next;           /* in conn->idle_names */
	char text[56];
} pg_name;

/* How one column of a result comes into a struct. Fixed: get writes the value. Else room says how
 * much of the row's store the value takes, and fill writes it there. */
typedef struct pg_column pg_column;
typedef bool pg_get_fn(const pg_column *col, const char *data, size_t len, void *out);
typedef bool pg_room_fn(pg_column *col, const char *data, size_t len, size_t *room, amph_error *err);
typedef char *pg_fill_fn(const pg_column *col, const char *data, size_t len, void *out, char *store);
typedef struct pg_reader {
	uint8_t type;
	uint32_t oid;
	pg_get_fn *get;
	pg_room_fn *room;
	pg_fill_fn *fill;
} pg_reader;
struct pg_column {
	pg_reader reader;
	uint32_t oid;
	bool text;
	bool is_null;
	uint8_t value_size;             /* of the C value, without has */
	uint8_t has_offset;             /* of nullable scalars; 0: NULL is in the value, or refused */
	amph_slot slot;
	const char *name;               /* of the result column; for errors */
	const char *data;               /* of the row at hand */
	size_t len;
	const struct pg_column *element;        /* of an array */
	uint8_t item_size;
	amph_arena *scratch;            /* for what was parsed from text, until the row is done */
	struct { const void *items; size_t n; } parsed;
};

typedef struct pg_stmt {
	amph_stmt base;
	pg_name *name;                  /* NULL: sent unnamed, with its text */
	size_t n_values;                /* placeholders */
	Oid *oids;
	bool described;                 /* what it returns is the server's to say */
	bool text;                      /* results come as text */
	bool leaves_state;              /* its text may change the session */
	bool many;                      /* its last result had so many rows that COPY pays */
	amph_result_column *columns;    /* described */
	size_t columns_cap;
	pg_column *plan;                /* of the last shape, twice as many: the elements of arrays */
	size_t n_plan, plan_cap;
	uint32_t plan_parses;           /* as of the plan */
} pg_stmt;

typedef struct pg_pending {
	pg_stmt *stmt;
	const amph_arg *args;
	bool parse;                     /* its Parse precedes it */
	bool copy;                      /* to be run by COPY: it was only described so far */
	bool sync;                      /* a sync follows it */
	bool first;                     /* of its flight */
	bool ended;                     /* the NULL behind its results was read */
	bool retried;
} pg_pending;

/* One parameter as encoded: at in conn->out, or direct in the caller's memory. */
typedef struct pg_value {
	const char *direct;
	size_t at;
	int len;                        /* -1: NULL */
	int format;
} pg_value;

/* What is known of a table for load, until something in the schema changes. */
typedef struct pg_table {
	char *key;                      /* name, columns and types asked for */
	char *copy_sql;                 /* NULL: COPY may not be used */
	struct pg_table *next;
} pg_table;

typedef struct pg_conn {
	amph_conn base;
	PGconn *pq;
	PGcancel *canceller;
	amph_process process;

	pg_pending *pending;
	size_t first, n_pending, pending_cap;
	size_t n_syncs;                 /* sent and not yet answered */
	bool pipeline, unsynced;
	bool streaming;                 /* rows of the first pending entry are being read one by one */
	PGresult *held;                 /* the result of a plain statement that had to make room */
	PGresult *stream_head;          /* its columns' names are borrowed until finish */
	size_t streamed;                /* rows, of a stream in libpq's single-row mode */
	bool copying;                   /* the rows come by COPY; streaming as well */
	size_t copied;                  /* rows so far */
	char *copy_data;                /* of the row at hand, libpq's */

	amph_buf out;                   /* encoded parameters */
	amph_arena scratch;
	pg_value *params;
	const char **values;
	int *lengths, *formats;
	size_t params_cap;

	amph_map names;
	pg_name *idle_names;            /* no statement uses them: to be deallocated */
	size_t n_idle_names;
	uint32_t generation;            /* counts the times that the server forgot all names */

	char begin[64];                 /* the text that began the transaction */
	bool tx_used;                   /* it has done something since */
	bool tx_open;                   /* as of the last submit */
	bool dirty;                     /* DISCARD ALL before somebody else gets it */
	bool unsettled;                 /* our settings were lost with a DISCARD or RESET */
	bool listening;
	char fatal[6];                  /* SQLSTATE of a FATAL that came without being asked for */

	pg_table *tables;
	amph_code ids_code;             /* of take_ids */
	pg_stmt ids_stmt;
} pg_conn;

static inline pg_conn *amph__pg_conn_of(amph_conn *conn)
{
	return (pg_conn *)(void *)conn;
}
static inline pg_engine *amph__pg_engine_of(amph_driver_engine *engine)
{
	return (pg_engine *)(void *)engine;
}

static inline pg_pending *amph__pg_head(pg_conn *c)
{
	return &c->pending[c->first];
}

/* Room for n more bytes in c->out, to be counted by the caller; NULL on failure. */
static inline char *amph__pg_room(pg_conn *c, size_t n)
{
	amph_buf *b = &c->out;

	if (b->cap > b->len && n < b->cap - b->len && !b->failed)
		return b->text + b->len;
	return amph__buf_reserve(b, n);
}

#define PG_VALUE_MAX (((size_t)1 << 30) - ((size_t)64 << 10))

/* ---- conn.c ---- */
bool amph__pg_open(amph_conn *conn, amph_error *err);
void amph__pg_close(amph_conn *conn, bool discard);
bool amph__pg_ping(amph_conn *conn, amph_error *err);
amph_tx_status amph__pg_tx_status(const amph_conn *conn);
bool amph__pg_cancel(amph_conn *conn, amph_error *err);
bool amph__pg_reset(amph_conn *conn, amph_error *err);
/* Not so in a child after fork. */
bool amph__pg_same_process(const pg_conn *c);
/* Whether anything may be sent at all: not after a fork, on a lost connection, within a stream. */
bool amph__pg_usable(pg_conn *c, amph_error *err);
bool amph__pg_wait(pg_conn *c, short events, amph_error *err);
bool amph__pg_flush(pg_conn *c, amph_error *err);       /* until all is sent */
/* The next result of PQgetResult, which may be NULL; waits for it. */
bool amph__pg_next(pg_conn *c, PGresult **res, amph_error *err);
/* Runs text outside of any flight; the last result, to be cleared. NULL: err says why. */
PGresult *amph__pg_run(pg_conn *c, const char *sql, amph_error *err);
PGresult *amph__pg_query(pg_conn *c, const char *sql, int n, const char *const *values,
			 amph_error *err);
/* What was put off until no transaction is open. */
bool amph__pg_settle(pg_conn *c, amph_error *err);
/* Notes what the done command may have left in the session. */
void amph__pg_note_tag(pg_conn *c, const char *tag);

/* ---- stmt.c ---- */
bool amph__pg_prepare(amph_stmt *stmt, amph_error *err);
void amph__pg_finalize(amph_stmt *stmt);
static inline bool amph__pg_is_parsed(const pg_conn *c, const pg_name *name)
{
	return name->generation == c->generation;
}
void amph__pg_retire_plan(pg_conn *c, pg_name *name);
void amph__pg_deallocate(pg_conn *c);
void amph__pg_names_clear(pg_conn *c);

/* ---- flight.c ---- */
bool amph__pg_submit(amph_stmt *stmt, const amph_arg *args, bool more, amph_error *err);
bool amph__pg_collect(amph_conn *conn, amph_result *result, amph_error *err);
void amph__pg_finish(amph_conn *conn, amph_result *result);
/* The rows of a stream: the next result, or *res NULL at its end. */
bool amph__pg_stream_next(pg_conn *c, PGresult **res, amph_error *err);
void amph__pg_forget_flight(pg_conn *c);
void amph__pg_pop(pg_conn *c);
/* Takes the first entry from the queue, reading what is still to come of it: the NULL behind its
 * results, and the sync where one follows. false also where the commit of a statement outside of
 * a transaction failed, which is told behind its success. */
bool amph__pg_leave_head(pg_conn *c, amph_error *err);

/* ---- copy.c ---- */
bool amph__pg_may_copy(const pg_conn *c, const pg_stmt *s);
void amph__pg_note_rows(pg_stmt *s, size_t n);  /* of a result, which tells whether COPY will pay */
/* Takes over what describes s. *res is the first result, or NULL; false: the rows do not follow. */
bool amph__pg_start_copy(pg_conn *c, const pg_stmt *s, PGresult *description, PGresult **res,
			 amph_error *err);
/* The fields of the next row, until the next call; *row NULL at the end. */
bool amph__pg_copy_next(pg_conn *c, const char **row, size_t *len, amph_error *err);
void amph__pg_forget_copy(pg_conn *c);

/* ---- type.c ---- */
typedef struct pg_type {
	uint32_t oid, array_oid;
	uint8_t fixed;                  /* at most so many bytes by put; 0: by append */
	uint8_t size, opt_size, has_offset;
	bool is_pointer;                /* NULL is in the value */
	size_t (*put)(char *at, const void *value);     /* without its length; 0: out of range */
	bool (*append)(pg_conn *c, const amph_slot *slot, const void *value, amph_error *err);
} pg_type;
extern const pg_type amph__pg_types[AMPH_T_COUNT];
/* The type of what the server calls oid; AMPH_T_NONE for one that has no C form. */
int amph__pg_type_of_oid(uint32_t oid);
const char *amph__pg_slot_name(const amph_slot *slot);
const char *amph__pg_label(const amph_slot *slot, const void *value, amph_error *err);
bool amph__pg_check_text(const amph_slot *slot, const char *text, size_t len, amph_error *err);
bool amph__pg_too_long(const amph_slot *slot, amph_error *err);

/* ---- params.c ---- */
size_t amph__pg_placeholders(const amph_code *code);
void amph__pg_placeholder_oids(const amph_code *code, Oid *oids);
bool amph__pg_encode(pg_conn *c, const pg_stmt *s, const amph_arg *args, amph_error *err);
/* One value of a row with its length before it, -1 for NULL, to c->out. */
bool amph__pg_append(pg_conn *c, const amph_slot *slot, const void *row, amph_error *err);

/* ---- decode.c ---- */
/* The reader of a column of oid into a slot of type; reader.type is 0 where there is none. */
pg_reader amph__pg_reader(int type, uint32_t oid, bool text);
pg_fill_fn amph__pg_fill_text, amph__pg_fill_bytes;
char *amph__pg_keep_digits(amph_numeric *n, char *store);

/* ---- array.c ---- */
pg_room_fn amph__pg_room_array, amph__pg_room_array_text;
pg_fill_fn amph__pg_fill_array, amph__pg_fill_array_text;
/* Makes element the column of col's items. */
bool amph__pg_set_up_array(pg_column *col, pg_column *element);

/* ---- rows.c ---- */
bool amph__pg_fetch(amph_conn *conn, amph_result *result, const amph_shape *shape, void *dest,
		    size_t stride, size_t max, const amph_store *store, size_t *n_rows,
		    amph_error *err);
/* Fills result from res, the first of a statement. */
bool amph__pg_describe(pg_stmt *s, const PGresult *res, amph_result *result, amph_error *err);

/* ---- load.c ---- */
bool amph__pg_load(amph_conn *conn, const char *table, const char *const *columns,
		   const amph_sqltype *types, const amph_arg *rows, bool *done, int64_t *affected,
		   amph_error *err);
const amph_dialect *amph__pg_dialect_of(amph_conn *conn, amph_error *err);
bool amph__pg_take_ids(amph_conn *conn, const char *table, const char *column, size_t n,
		       int64_t *ids, amph_error *err);
void amph__pg_load_init(pg_conn *c);
void amph__pg_load_clear(pg_conn *c);
void amph__pg_tables_clear(pg_conn *c);

/* ---- tx.c ---- */
extern const char amph__pg_mark_sql[];
bool amph__pg_tx_outcome(amph_conn *conn, const amph_tx_mark *mark, amph_outcome *outcome,
			 amph_error *err);
/* Notes in the session what tells its server from others. */
bool amph__pg_identify(pg_conn *c, amph_error *err);

/* ---- inspect.c ---- */
bool amph__pg_inspect(amph_conn *conn, amph_inspect_fn *each, void *ctx, amph_error *err);

/* ---- error.c: all return false ---- */
bool amph__pg_error_of(pg_conn *c, const PGresult *res, amph_error *err);
/* The connection gave no result, or broke. */
bool amph__pg_error_lost(pg_conn *c, amph_error *err);
bool amph__pg_error_connect(const pg_engine *e, PGconn *pq, amph_error *err);
/* Puts *** for the password, and the first line only, into out. */
void amph__pg_scrub(const pg_engine *e, const char *text, char *out, size_t size);
const char *amph__pg_conninfo(const pg_engine *e, const char *key);     /* of the URL, or NULL */
#endif
