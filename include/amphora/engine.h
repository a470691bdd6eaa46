/* The engine: a database at a URL, the models that live in it, a pool of connections.
 *
 *	sqlite::memory:   sqlite:///shop.db   sqlite:////var/lib/shop.db
 *	postgresql://user:password@host:5432/shop?sslmode=require&pool_pre_ping=1
 *
 *	amph_error err;
 *	amph_engine *db = amph_open(url, AMPH_OPTIONS(.models = shop_models), &err);
 *	if (!db || !amph_create_all(db, &err))
 *		fprintf(stderr, "%s\n", err.message);
 *
 * One engine serves all threads of a process; sessions belong to one thread each. After fork
 * the child opens an engine of its own and never touches, or closes, that of its parent. */
#ifndef AMPHORA_ENGINE_H
#define AMPHORA_ENGINE_H
#include "error.h"
#include "model.h"
#include "sys/alloc.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef struct amph_engine amph_engine;
typedef struct amph_filter amph_filter;
struct amph_driver;

/* What a trace is told after each statement. Texts are valid until it returns. */
typedef struct amph_trace {
	const char *sql;
	size_t n_params;
	const char *const *params;      /* as text, NULL for NULL; NULL without trace_values */
	int64_t rows;                   /* given or affected; -1: not known */
	int64_t duration_usec;
	const amph_error *error;        /* NULL: success */
} amph_trace;
/* Called in the thread that runs the statement; it must not use the session. */
typedef void amph_statement_fn(void *ctx, const amph_trace *statement);

/* Where time and random bytes come from, so that tests can set both. Called from any thread. */
typedef struct amph_clock_options {
	int64_t (*now_usec)(void *ctx);         /* microseconds from 1970, UTC */
	bool (*random)(void *ctx, void *out, size_t len);       /* false: no entropy */
	void *ctx;
} amph_clock_options;

/* Of max_overflow: not one more than pool_size, as max_overflow=0 in the URL says. In both -1 is any
 * number. */
#define AMPH_NO_OVERFLOW (-2)

/* All zeros are the defaults. Options in the URL go before these. */
typedef struct amph_options {
	uint32_t abi;                   /* put in by AMPH_OPTIONS */
	const amph_model *const *models;        /* NULL-terminated; must outlive the engine */
	int pool_size;                  /* connections that are kept; 0 is 5 */
	int max_overflow;               /* more, for a while; 0 is 10, -1 any number; AMPH_NO_OVERFLOW */
	int pool_timeout_ms;            /* how long to wait for one; 0 is 30,000, -1 not at all */
	int pool_recycle_s;             /* replace those older than that; 0 is never */
	bool pool_pre_ping;             /* ask whether it lives before giving one out */
	bool prepare_off;               /* no named prepared statements: some poolers */
	bool fast_paths_off;            /* no COPY and its like: for comparing */
	bool read_only;                 /* writing is 25006 */
	bool expire_on_commit;          /* objects are read again after COMMIT */
	bool trace_values;              /* the trace is shown parameters: they may be secret */
	const char *schema;             /* of tables without one; NULL is the database's default */
	int connect_timeout_ms;         /* 0 is 10,000 */
	int lock_timeout_ms;            /* 55P03 after it; 0 waits as the database does */
	amph_statement_fn *trace;
	void *trace_ctx;
	const amph_allocator *allocator;        /* NULL: malloc; must outlive the engine */
	const amph_clock_options *clock;        /* NULL: the system's; must outlive the engine */
	const struct amph_driver *const *drivers;       /* beside those built in; NULL-terminated */
	const amph_filter *filters;     /* AMPH_FILTERS(...), of all sessions; see filter.h */
} amph_options;
#ifndef __cplusplus
#define AMPH_OPTIONS(...) (&(const amph_options){ .abi = AMPH_ABI, __VA_ARGS__ })
#endif

/* Checks URL and models, connects once. options may be NULL. NULL on failure: 08001 and its
 * like, or what is wrong with which model. No message holds the URL's password. */
amph_engine *amph_open(const char *url, const amph_options *options, amph_error *err);
/* Closes all connections and frees the engine; db is not to be used any more. Where sessions of it
 * are still open they go on as they were, and the last that is closed does this. Waits for nothing.
 * NULL is fine. */
void amph_close(amph_engine *db);

/* Creates the schemas, tables, indexes, types of the engine's models that do not exist, those referred
 * to first, in one transaction; amph_drop_all drops those that do, but for schemas, of which it cannot
 * tell whose they are. Each waits for transactions of other
 * threads that use them, for lock_timeout_ms at most (55P03); one of the calling thread, which could
 * never end, is 55006. */
bool amph_create_all(amph_engine *db, amph_error *err);
bool amph_drop_all(amph_engine *db, amph_error *err);

const char *amph_engine_backend(const amph_engine *db); /* "postgresql", "sqlite"; static */

typedef struct amph_pool_stats {
	int size;                       /* connections that exist */
	int idle, in_use;
	int waiting;                    /* threads that wait for one */
	uint64_t opened, closed, invalidated, timeouts, checkouts;
	int64_t longest_wait_usec;
} amph_pool_stats;
amph_pool_stats amph_engine_pool_stats(amph_engine *db);

#ifdef __cplusplus
}
#endif
#endif
