/* The SQLite driver driven by hand: its table of slots and codes made in the test, none of the
 * layers above it. */
#ifndef TESTS_SQLITE_HARNESS_H
#define TESTS_SQLITE_HARNESS_H
#include "amphora/sys/driver.h"
#include "src/base/arena.h"
#include "tests/support/suite.h"

extern const amph_driver amph__sl_driver;

typedef struct db_options {
	const char *path;               /* NULL: memory */
	const amph_schema *schema;
	const amph_allocator *allocator;
	int lock_timeout_ms;
	bool read_only;
	const amph_address_param *params;
	size_t n_params;
} db_options;

/* All end the test where they fail, but for those that return a bool. */
amph_driver_engine *db_engine(const db_options *options, amph_error *err);      /* or NULL */
amph_driver_engine *db_open(const char *path, const amph_schema *schema);
void db_close(amph_driver_engine *engine);
amph_conn *conn_new(amph_driver_engine *engine, amph_error *err);               /* or NULL */
amph_conn *conn_open(amph_driver_engine *engine);
void conn_close(amph_conn *conn);

amph_stmt *stmt_new(amph_conn *conn, const amph_code *code);
void stmt_free(amph_stmt *stmt);

/* One statement without parameters. */
bool try_sql(amph_conn *conn, const char *sql, amph_error *err);
void run_sql(amph_conn *conn, const char *sql);
int64_t affected_by(amph_conn *conn, const char *sql);
/* Expects it to fail so. */
void fail_sql(amph_conn *conn, const char *sql, const char *sqlstate);
int64_t int_of(amph_conn *conn, const char *sql);
/* The text of one value, "NULL" for none; until the next call. */
const char *text_of(amph_conn *conn, const char *sql);

/* A code with parameters. flags besides WRITES and ROWS, which sql tells. */
amph_code code_of(const char *sql, const amph_param *params, size_t n_params, uint32_t flags);
bool run_code(amph_conn *conn, const amph_code *code, const amph_arg *args, int64_t *affected,
	      amph_error *err);
/* Fetches up to max rows by shape, strings into arena. */
bool fetch_code(amph_conn *conn, const amph_code *code, const amph_arg *args,
		const amph_shape *shape, void *dest, size_t stride, size_t max, size_t *n,
		amph_arena *arena, amph_error *err);
amph_store store_of(amph_arena *arena);

/* A new file in a directory of this test's own. */
const char *temp_path(const char *name);
void temp_remove(void);

#endif
