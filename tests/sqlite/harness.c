/* See harness.h. */
#include "harness.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

amph_driver_engine *db_engine(const db_options *o, amph_error *err)
{
	const amph_allocator *a = o->allocator ? o->allocator : &amph__libc_allocator;
	amph_driver_engine *engine = amph__alloc_zero(a, amph__sl_driver.engine_size);

	if (!engine) {
		amph__error_nomem(err);
		return NULL;
	}
	engine->driver = &amph__sl_driver;
	engine->allocator = a;
	engine->clock = &amph__system_clock;
	engine->address = (amph_address){ .scheme = "sqlite", .path = o->path, .n_params = o->n_params,
					  .params = o->params };
	engine->options = (amph_driver_options){ .lock_timeout_ms = o->lock_timeout_ms,
						 .read_only = o->read_only };
	engine->schema = o->schema;
	if (amph__sl_driver.engine_open(engine, err))
		return engine;
	db_close(engine);
	return NULL;
}

amph_driver_engine *db_open(const char *path, const amph_schema *schema)
{
	amph_error err;
	amph_driver_engine *engine = db_engine(&(db_options){ .path = path, .schema = schema,
							      .lock_timeout_ms = 10000 }, &err);

	ck_assert_msg(engine != NULL, "%s", engine ? "" : err.message);
	return engine;
}

void db_close(amph_driver_engine *engine)
{
	const amph_allocator *a = engine->allocator;

	amph__sl_driver.engine_close(engine);
	amph__free(a, engine);
}

amph_conn *conn_new(amph_driver_engine *engine, amph_error *err)
{
	amph_conn *conn = amph__alloc_zero(engine->allocator, amph__sl_driver.conn_size);

	if (!conn) {
		amph__error_nomem(err);
		return NULL;
	}
	conn->driver = &amph__sl_driver;
	conn->engine = engine;
	conn->caps = amph__sl_driver.caps;
	conn->deadline_usec = amph__monotonic_usec() + 20000000;
	bool ok = amph__sl_driver.open(conn, err);
	conn->deadline_usec = AMPH_NO_DEADLINE;
	if (ok)
		return conn;
	conn_close(conn);
	return NULL;
}

amph_conn *conn_open(amph_driver_engine *engine)
{
	amph_error err;
	amph_conn *conn = conn_new(engine, &err);

	ck_assert_msg(conn != NULL, "%s", conn ? "" : err.message);
	return conn;
}

void conn_close(amph_conn *conn)
{
	const amph_allocator *a = conn->engine->allocator;

	amph__sl_driver.close(conn, false);
	amph__free(a, conn);
}

amph_stmt *stmt_new(amph_conn *conn, const amph_code *code)
{
	amph_stmt *stmt = amph__alloc_zero(conn->engine->allocator, amph__sl_driver.stmt_size);
	amph_error err;

	ck_assert(stmt != NULL);
	stmt->conn = conn;
	stmt->code = code;
	ck_assert_msg(amph__sl_driver.prepare(stmt, &err), "%s", err.message);
	return stmt;
}

void stmt_free(amph_stmt *stmt)
{
	const amph_allocator *a = stmt->conn->engine->allocator;

	amph__sl_driver.finalize(stmt);
	amph__free(a, stmt);
}

amph_code code_of(const char *sql, const amph_param *params, size_t n_params, uint32_t flags)
{
	static const char *const control[] = { "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE" };
	bool rows = !strncasecmp(sql, "SELECT", 6) || !strncasecmp(sql, "WITH", 4) ||
		    strstr(sql, " RETURNING ") || !strncasecmp(sql, "VALUES", 6);

	for (size_t i = 0; i < sizeof control / sizeof *control; i++)
		if (!strncasecmp(sql, control[i], strlen(control[i])))
			flags |= AMPH_CODE_CONTROL;
	if (rows)
		flags |= AMPH_CODE_ROWS | AMPH_CODE_DESCRIBE;
	if (!rows || strstr(sql, " RETURNING "))
		flags |= AMPH_CODE_WRITES;
	return (amph_code){ .sql = sql, .sql_len = strlen(sql), .flags = flags, .params = params,
			    .n_params = n_params };
}

bool run_code(amph_conn *conn, const amph_code *code, const amph_arg *args, int64_t *affected,
	      amph_error *err)
{
	amph_stmt *stmt = stmt_new(conn, code);
	amph_result result = { 0 };
	bool ok = amph__sl_driver.submit(stmt, args, false, err) &&
		  amph__sl_driver.collect(conn, &result, err);

	if (ok && affected)
		*affected = result.affected;
	if (ok)
		amph__sl_driver.finish(conn, &result);
	stmt_free(stmt);
	return ok;
}

static void *in_arena(void *ctx, size_t size)
{
	return amph__arena_alloc(ctx, size);
}

amph_store store_of(amph_arena *arena)
{
	return (amph_store){ in_arena, arena };
}

bool fetch_code(amph_conn *conn, const amph_code *code, const amph_arg *args,
		const amph_shape *shape, void *dest, size_t stride, size_t max, size_t *n,
		amph_arena *arena, amph_error *err)
{
	amph_stmt *stmt = stmt_new(conn, code);
	amph_result result = { 0 };
	amph_store store = store_of(arena);
	bool ok = amph__sl_driver.submit(stmt, args, false, err) &&
		  amph__sl_driver.collect(conn, &result, err);

	*n = 0;
	if (ok) {
		ok = amph__sl_driver.fetch(conn, &result, shape, dest, stride, max, &store, n, err);
		amph__sl_driver.finish(conn, &result);
	}
	stmt_free(stmt);
	return ok;
}

bool try_sql(amph_conn *conn, const char *sql, amph_error *err)
{
	amph_code code = code_of(sql, NULL, 0, AMPH_CODE_ONCE);

	return run_code(conn, &code, NULL, NULL, err);
}

void run_sql(amph_conn *conn, const char *sql)
{
	amph_error err;
	bool ok = try_sql(conn, sql, &err);

	ck_assert_msg(ok, "%s: %s %s", sql, ok ? "" : err.sqlstate, ok ? "" : err.message);
}

int64_t affected_by(amph_conn *conn, const char *sql)
{
	amph_code code = code_of(sql, NULL, 0, AMPH_CODE_ONCE);
	int64_t n = -2;
	amph_error err;

	ck_assert_msg(run_code(conn, &code, NULL, &n, &err), "%s: %s", sql, err.message);
	return n;
}

void fail_sql(amph_conn *conn, const char *sql, const char *sqlstate)
{
	amph_error err;

	ck_assert_msg(!try_sql(conn, sql, &err), "%s succeeded", sql);
	ck_assert_msg(!strcmp(err.sqlstate, sqlstate), "%s: %s %s", sql, err.sqlstate, err.message);
}

int64_t int_of(amph_conn *conn, const char *sql)
{
	static const amph_slot slot = { .type = AMPH_T_INT64, .name = "value" };
	static const amph_shape shape = { 1, &slot };
	amph_code code = code_of(sql, NULL, 0, AMPH_CODE_ONCE);
	amph_arena arena;
	amph_error err = { 0 };
	int64_t value = 0;
	size_t n;

	amph__arena_init(&arena, &amph__libc_allocator);
	bool ok = fetch_code(conn, &code, NULL, &shape, &value, sizeof value, 1, &n, &arena, &err);
	amph__arena_clear(&arena);
	ck_assert_msg(ok && n == 1, "%s: %s (%zu rows)", sql, err.message, n);
	return value;
}

const char *text_of(amph_conn *conn, const char *sql)
{
	static const amph_slot slot = { .type = AMPH_T_TEXT, .name = "value" };
	static const amph_shape shape = { 1, &slot };
	static char out[4096];
	amph_code code = code_of(sql, NULL, 0, AMPH_CODE_ONCE);
	amph_arena arena;
	amph_error err = { 0 };
	const char *value = NULL;
	size_t n;

	amph__arena_init(&arena, &amph__libc_allocator);
	bool ok = fetch_code(conn, &code, NULL, &shape, &value, sizeof value, 1, &n, &arena, &err);
	snprintf(out, sizeof out, "%s", value ? value : "NULL");
	amph__arena_clear(&arena);
	ck_assert_msg(ok && n == 1, "%s: %s (%zu rows)", sql, err.message, n);
	return out;
}

static char directory[64];

const char *temp_path(const char *name)
{
	static char path[128];

	if (!*directory) {
		snprintf(directory, sizeof directory, "/tmp/amphora-test-XXXXXX");
		ck_assert(mkdtemp(directory) != NULL);
	}
	snprintf(path, sizeof path, "%s/%s", directory, name);
	return path;
}

void temp_remove(void)
{
	static const char *const endings[] = { "", "-wal", "-shm", "-journal" };
	static const char *const names[] = { "a.db", "b.db" };
	char path[160];

	if (!*directory)
		return;
	for (size_t i = 0; i < 8; i++) {
		snprintf(path, sizeof path, "%s/%s%s", directory, names[i / 4], endings[i % 4]);
		unlink(path);
	}
	rmdir(directory);
	*directory = '\0';
}
