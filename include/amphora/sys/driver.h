/* The driver seam: what a backend gives to the library. For authors of backends.
 *
 * A backend is one static const amph_driver. The library calls its slots only through
 * src/driver, which checks state, keeps statistics, traces, and adds the name of the
 * statement to errors. A driver never sees a model or a tree: it gets finished text, values
 * in memory that are described by slots, and shapes to decode rows into.
 *
 *	open -> submit -> collect -> fetch ... -> finish -> close
 *
 * Memory: the library allocates a connection and a statement with the driver's sizes, zeroed,
 * the base struct first; what the driver allocates inside comes from engine->allocator and goes
 * in close and finalize. Threads: one thread at a time uses a connection (cancel excepted), many
 * threads use an engine; the driver locks what it shares there.
 * Waiting: every slot that may wait honours conn->deadline_usec (CLOCK_MONOTONIC, microseconds;
 * INT64_MAX is none) within 100 ms, fails with 57014 or 08006, and leaves a connection that it
 * cannot prove to be in step with conn->broken set. */
#ifndef AMPHORA_SYS_DRIVER_H
#define AMPHORA_SYS_DRIVER_H
#include "../error.h"
#include "../types.h"
#include "alloc.h"
#ifdef __cplusplus
extern "C" {
#endif

#define AMPH_DRIVER_VERSION 1

typedef struct amph_driver amph_driver;
typedef struct amph_dialect amph_dialect;
typedef struct amph_conn amph_conn;
typedef struct amph_stmt amph_stmt;

/* ---- types and values ---- */

/* An enum type: the C value of a member is an index into labels. */
typedef struct amph_enum_type {
	const char *name;
	const char *const *labels;
	size_t n_labels;
} amph_enum_type;

/* Values of SQL text that no column holds and C has no form for: a row, of PostgreSQL's type record, as
 * SEARCH and CYCLE make them, whose columns the name of its enumeration lists; and the name of a type, as
 * pg_typeof gives it. Numbers behind those of the catalogue (src/sql/sql.h). */
enum { AMPH_T_ROW_VALUE = 0x31, AMPH_T_REGTYPE };

/* A SQL type as columns, parameters and nodes of the tree have it. */
typedef struct amph_sqltype {
	uint8_t type;                   /* amph_type, perhaps with AMPH_T_ARRAY */
	bool nullable;
	int16_t scale;                  /* of numeric(p,s) */
	int32_t length;                 /* of varchar(n), -1: varchar; or the precision of numeric; 0: none */
	const amph_enum_type *enumeration;      /* of AMPH_T_ENUM and its arrays */
} amph_sqltype;

/* Where one value of a struct is. A nullable scalar is an amph_opt_*: its has follows the value
 * as in that struct. Text, bytes, JSON and arrays say NULL by their pointer. */
typedef struct amph_slot {
	uint8_t type;                   /* as amph_sqltype.type */
	bool nullable;                  /* of a scalar: it is an amph_opt_* */
	uint32_t offset;
	const amph_enum_type *enumeration;
	const char *name;               /* of the member, for errors; may be NULL */
} amph_slot;
typedef struct amph_shape {
	size_t n_slots;                 /* slot i takes result column i */
	const amph_slot *slots;
} amph_shape;

/* A parameter as the text wants it. VALUE is one value. ROWS is a table of values, one column
 * for each type: "a row set is a bind". */
typedef enum amph_param_kind { AMPH_PARAM_VALUE, AMPH_PARAM_ROWS } amph_param_kind;
typedef struct amph_param {
	amph_param_kind kind;
	size_t n_types;                 /* 1 for VALUE */
	const amph_sqltype *types;
} amph_param;

/* What is bound to it: slots over n_rows structs, stride bytes apart, from base on. Types are
 * those of the parameter. A VALUE has one slot and one row. Borrowed until collect returns. */
typedef struct amph_arg {
	size_t n_slots, n_rows, stride;
	const amph_slot *slots;
	const void *base;
	const void *const *rows;        /* instead of base and stride: a pointer to each row */
	const char *identity;           /* of a plain insert: the column of the table's sole key, numbers,
					 * which is in slot identity_slot; NULL: nothing is known of it */
	size_t identity_slot;
	bool checked;                   /* values passed the checks of their columns: texts are UTF-8 */
} amph_arg;

/* ---- statements and results ---- */
typedef struct amph_result_column {
	const char *name;
	amph_sqltype type;
	uint32_t native_type;           /* the driver's number of a type that type does not name; or 0 */
} amph_result_column;

enum {
	AMPH_CODE_WRITES = 1,           /* changes data or schema */
	AMPH_CODE_ROWS = 2,             /* gives rows */
	AMPH_CODE_ONCE = 4,             /* not worth keeping prepared: DDL, BEGIN, raw text used once */
	AMPH_CODE_DESCRIBE = 8,         /* types of result columns are the server's: raw SQL */
	AMPH_CODE_CONTROL = 16,         /* BEGIN, COMMIT, SAVEPOINT and their like */
	AMPH_CODE_STREAM = 32,          /* rows one by one, in constant memory */
	AMPH_CODE_WRITTEN = 256,        /* from PostgreSQL's text, whose names are known: what the database
					 * cannot read of it is refused (0A000) */
	AMPH_CODE_UPSERT = 128,         /* updates rows that are in the way, none of them twice */
	AMPH_CODE_NUMBERS = 64,         /* takes numbers of sequences; with AMPH_CODE_WRITES */
	AMPH_CODE_ALONE = 512,          /* a read that asks for nothing of its transaction */
	AMPH_CODE_SETTING = 2048,       /* SET or SHOW: no query, with which the snapshot is taken */
	AMPH_CODE_NEXT = 1024           /* reads the row of a key, which is a row set of one: within the
					 * transaction it may go on with the next key where it is */
};

/* A statement that is run before another, with the same parameters. */
typedef struct amph_code_step {
	const struct amph_code *code;
	const char *into;               /* a statement that takes each row of it; NULL: it gives none */
	char changes;                   /* what foreign keys may act on: 'u' rows change, 'd' they go; 0 */
} amph_code_step;

/* A compiled statement: immutable, owned by the library, outlives all statements made of it. */
typedef struct amph_code {
	const char *sql;
	size_t sql_len;
	uint64_t hash[2];               /* XXH3-128 of text and parameter types */
	uint32_t flags;
	size_t n_params;
	const amph_param *params;
	size_t n_columns;               /* 0 with AMPH_CODE_DESCRIBE */
	const amph_result_column *columns;
	const char *table;              /* the table it is about, for errors; may be NULL */
	/* Of a dialect without AMPH_DIALECT_WRITING_CTES: what is run before it, with text of several
	 * statements, without parameters, before and after all. */
	size_t n_steps;
	const amph_code_step *steps;
	const char *setup, *cleanup;    /* NULL: nothing is */
} amph_code;

/* The base of a driver's prepared statement. */
struct amph_stmt {
	amph_conn *conn;
	const amph_code *code;
};

/* The outcome of one submitted statement, between collect and finish. */
typedef struct amph_result {
	amph_stmt *stmt;
	int64_t affected;               /* rows inserted, updated, deleted; -1 where not known */
	bool has_rows;
	unsigned more_trips;            /* to the server, beyond that of the statement */
	char tag[24];                   /* the command that was done: "INSERT", "ROLLBACK"; no counts */
	size_t n_columns;
	const amph_result_column *columns;      /* of rows; until finish */
	void *native;                   /* the driver's */
	size_t at, n;                   /* the driver's */
	int64_t at_rows;                /* the library's: rows fetched so far */
} amph_result;

/* Where fetch puts what a row points to. alloc is called once for each row, in their order, for
 * all of its text, bytes, JSON, digits and array items together; 8-aligned; NULL on failure, and
 * where size is 0: the row points to nothing. No store at all: no row does. */
typedef struct amph_store {
	void *(*alloc)(void *ctx, size_t size);
	void *ctx;
} amph_store;

/* ---- connections ---- */

/* An address: the URL of the engine without the library's own options. */
typedef struct amph_address_param { const char *key, *value; } amph_address_param;
typedef struct amph_address {
	const char *scheme;             /* as in the URL */
	const char *url;                /* with the password: never for a message */
	const char *display;            /* without it */
	const char *path;               /* sqlite: the file, or NULL for memory */
	size_t n_params;                /* what else stood in the query, decoded */
	const amph_address_param *params;
} amph_address;

typedef struct amph_driver_options {
	bool prepare;                   /* false: no prepared statements of a name (poolers) */
	bool fast_paths;                /* false: COPY and its like are not used */
	bool read_only;
	int connect_timeout_ms, lock_timeout_ms;        /* 0 is none */
	const char *schema;             /* search_path on PostgreSQL; NULL is its default */
	const char *time_zone;          /* NULL is UTC */
} amph_driver_options;

/* What the connections of one engine share; the base of the driver's. */
typedef struct amph_driver_engine {
	const amph_driver *driver;
	const amph_allocator *allocator;
	const struct amph_clock *clock;
	amph_address address;
	amph_driver_options options;
	const struct amph_schema *schema;       /* names of constraints, for errors; may be NULL */
	bool is_committed;              /* a plain BEGIN is read committed: a snapshot for each statement.
	                                 * dialect_of says so, when the engine opens */
} amph_driver_engine;

typedef enum amph_tx_status { AMPH_TX_IDLE, AMPH_TX_OPEN, AMPH_TX_FAILED } amph_tx_status;

/* Where tables, columns, constraints of a statement's error are looked up: the schema of the
 * engine, as flat as an error needs it. */
typedef struct amph_constraint_name {
	char kind;                      /* p primary key, u unique, f foreign key, c check, i unique index */
	const char *table, *name;
	const char *const *columns;     /* NULL-terminated; NULL for checks */
	const char *target;             /* f: the referenced table */
	const char *const *target_columns;
	const char *schema, *target_schema;     /* of the tables; NULL is the default */
} amph_constraint_name;
typedef struct amph_schema {
	size_t n;
	const amph_constraint_name *constraints;        /* in the order of creation */
} amph_schema;

struct amph_conn {
	const amph_driver *driver;
	amph_driver_engine *engine;
	uint32_t caps;                  /* of driver->caps, what this server really has */
	int64_t deadline_usec;
	bool broken;                    /* not to be used again but for close */
	struct amph_link *link;         /* the library's: cache, trace, statistics */
	void *owner;                    /* the pool's */
	unsigned long holder;           /* the thread (pthread_t) that alone uses it until it gives it back
	                                 * to the pool; 0: not known, as of one that no pool has */
};

/* ---- capabilities ---- */
enum {
	AMPH_CAP_PIPELINE = 1,          /* submit does not wait: many statements, one flight */
	AMPH_CAP_LOAD = 2,              /* the slot load */
	AMPH_CAP_CANCEL = 4,
	AMPH_CAP_STREAM = 8,
	AMPH_CAP_XACT_STATUS = 16,      /* the slots tx_mark and tx_outcome */
	AMPH_CAP_ROW_LOCKS = 32,
	AMPH_CAP_SERVER_IDS = 64,       /* a row that comes without identity gets one from the server */
	AMPH_CAP_SET_UPDATE = 128,      /* one UPDATE or DELETE over a row set beats one for each row */
	AMPH_CAP_NEXT = 256,            /* AMPH_CODE_NEXT is less than a statement for each key */
	AMPH_CAP_HOLDS = 512            /* outside of a transaction what AMPH_CODE_ALONE has read stays
					 * as it was: BEGIN takes its snapshot over, ROLLBACK ends it */
};

/* What inspect reports, one at a time, tables before what hangs on them. Texts are borrowed
 * until the callback returns. */
typedef enum amph_inspected_kind {
	AMPH_INSPECTED_TABLE, AMPH_INSPECTED_COLUMN, AMPH_INSPECTED_CONSTRAINT, AMPH_INSPECTED_INDEX,
	AMPH_INSPECTED_ENUM, AMPH_INSPECTED_SEQUENCE
} amph_inspected_kind;
typedef struct amph_inspected {
	amph_inspected_kind kind;
	const char *table;              /* that it belongs to; NULL for enums */
	const char *name;
	const char *type;               /* column: the type as PostgreSQL's format_type writes it */
	const char *definition;         /* default, constraint, index: text; enum: labels, one a line */
	bool not_null, identity, unique;
	char constraint_kind;           /* as amph_constraint_name.kind */
	const char *schema;             /* of the table; NULL where it is that of the connection */
} amph_inspected;
typedef bool amph_inspect_fn(void *ctx, const amph_inspected *object);  /* false stops */

/* A row of the table amphora_catalog, for dialects with AMPH_DIALECT_CATALOG_TABLE. */
typedef struct amph_catalog_entry {
	const char *kind, *table, *name, *text; /* table and text may be NULL */
	bool temporary;                 /* of the connection's own tables */
} amph_catalog_entry;
typedef bool amph_catalog_fn(void *ctx, const amph_catalog_entry *entry);       /* false stops */

/* An opaque mark of the running transaction, to ask for its fate later. */
typedef struct amph_tx_mark { char text[96]; } amph_tx_mark;

/* ---- the slots ----
 * All but those marked optional are required. Each returns false and fills err on failure. */
struct amph_driver {
	unsigned version;               /* AMPH_DRIVER_VERSION */
	const char *name;               /* "postgresql" */
	const char *const *schemes;     /* of URLs, NULL-terminated */
	/* Keys of its own in a URL's query, NULL-terminated, of a URL that names a file. NULL: the URL
	 * names a server, and knows_key (else optional, as NULL that takes any) says what is a key. */
	const char *const *url_keys;
	bool (*knows_key)(const char *key);
	/* Optional: those that knows_key knows, for the one that was meant; a key lives until each
	 * returns. */
	void (*each_key)(void (*each)(void *ctx, const char *key), void *ctx);
	uint32_t caps;
	const amph_dialect *dialect;
	size_t engine_size, conn_size, stmt_size;

	/* Checks the address as far as it can be without connecting; 08001 and HV00N. Base filled. */
	bool (*engine_open)(amph_driver_engine *engine, amph_error *err);
	void (*engine_close)(amph_driver_engine *engine);       /* accepts one half open */

	/* Connects and makes every setting that the meaning of values depends on. */
	bool (*open)(amph_conn *conn, amph_error *err);
	/* Cannot fail; accepts a connection half open. discard: as after fork, give back what is
	 * this process's without a word to the server and without touching the file. */
	void (*close)(amph_conn *conn, bool discard);
	bool (*ping)(amph_conn *conn, amph_error *err);         /* a round trip, not a look at a flag */
	amph_tx_status (*tx_status)(const amph_conn *conn);
	bool (*cancel)(amph_conn *conn, amph_error *err);       /* optional; from any thread */
	/* Leaves the connection as just opened: rolls back, undoes what session code left. */
	bool (*reset)(amph_conn *conn, amph_error *err);

	/* Makes stmt (base filled) ready for submit. May be lazy; may not make a round trip of its
	 * own where submit can carry it. */
	bool (*prepare)(amph_stmt *stmt, amph_error *err);
	void (*finalize)(amph_stmt *stmt);

	/* Queues stmt with its arguments. With AMPH_CAP_PIPELINE several may be queued before the
	 * first collect; without it the library still may, and the driver runs each at its collect.
	 * more: another submit follows at once, so do not flush. */
	bool (*submit)(amph_stmt *stmt, const amph_arg *args, bool more, amph_error *err);
	/* The result of the earliest statement not yet collected. After a failure the results of
	 * the others queued fail with 25P02 and must be collected as well. */
	bool (*collect)(amph_conn *conn, amph_result *result, amph_error *err);
	/* Decodes up to max rows to dest, dest + stride, ... by shape; *n_rows is how many. 0 is the
	 * end. A NULL for a slot that cannot hold one is 22002 and names the slot. */
	bool (*fetch)(amph_conn *conn, amph_result *result, const amph_shape *shape, void *dest,
		      size_t stride, size_t max, const amph_store *store, size_t *n_rows,
		      amph_error *err);
	void (*finish)(amph_conn *conn, amph_result *result);   /* drains what was not fetched */

	/* Optional (AMPH_CAP_LOAD): does a plain insert of one row set, no RETURNING, no conflict
	 * clause, faster than submit would; result.affected as from it. *done false: it cannot for
	 * this table (trigger, row security, privilege); nothing was done. */
	bool (*load)(amph_conn *conn, const char *table, const char *const *columns,
		     const amph_sqltype *types, const amph_arg *rows, bool *done, int64_t *affected,
		     amph_error *err);

	/* Optional (AMPH_CAP_XACT_STATUS). tx_mark: the text of a statement of one text column that
	 * gives the mark of the running transaction. tx_outcome: asked on a new connection, what
	 * became of it; AMPH_UNKNOWN, with the reason in err, where that cannot be known. */
	const char *tx_mark_sql;
	bool (*tx_outcome)(amph_conn *conn, const amph_tx_mark *mark, amph_outcome *outcome,
			   amph_error *err);

	/* The next n values of the sequence behind an identity column, consecutive or not. Does not
	 * roll back. A table of another schema is "schema.table", here as in load. */
	bool (*take_ids)(amph_conn *conn, const char *table, const char *column, size_t n,
			 int64_t *ids, amph_error *err);

	bool (*inspect)(amph_conn *conn, amph_inspect_fn *each, void *ctx, amph_error *err);

	/* Optional: the dialect that fits this server and database, asked once, on the engine's
	 * first connection; else it is dialect. NULL on failure. */
	const amph_dialect *(*dialect_of)(amph_conn *conn, amph_error *err);

	/* Optional: the rows of the catalogue table, unless the schema is still of the version given,
	 * which is then left as it is. Within the running transaction. */
	bool (*catalog)(amph_conn *conn, uint64_t *version, bool *changed, amph_catalog_fn *each,
			void *ctx, amph_error *err);

	/* Optional: a statement of one text column, the name of the type whose native_type is $1, an
	 * int64. */
	const char *type_name_sql;
};

/* Bytes of a value of a type in memory, with its has where nullable; and of has within it. */
size_t amph_type_size(int type, bool nullable);
size_t amph_type_has_offset(int type);

#ifdef __cplusplus
}
#endif
#endif
