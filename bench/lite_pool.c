/* W8 on SQLite by hand: threads, and connections with a cached statement each. */
#include "lite.h"
#include "threads.h"
#include <stdlib.h>

#define GET "SELECT " USER_LIST " FROM users WHERE id = ?1"

typedef struct lite_conn { sqlite3 *db; sqlite3_stmt *get; } lite_conn;

static void *open_pool(const bench_case *c)
{
	bench_pool *pool = bench_alloc(1, sizeof *pool);

	bench_pool_init(pool, c->threads);
	for (int i = 0; i < c->connections; i++) {
		lite_conn *conn = bench_alloc(1, sizeof *conn);

		conn->db = lite_open_db();
		conn->get = lite_prepare(conn->db, GET);
		pool->conns[pool->n++] = conn;
	}
	return pool;
}

static void close_pool(void *state)
{
	bench_pool *pool = state;

	while (pool->n) {
		lite_conn *conn = pool->conns[--pool->n];

		sqlite3_finalize(conn->get);
		sqlite3_close(conn->db);
		free(conn);
	}
	free(pool);
}

static uint64_t get_one(sqlite3 *db, sqlite3_stmt *stmt, int64_t key)
{
	sqlite3_bind_int64(stmt, 1, key);
	lite_check(db, sqlite3_step(stmt) == SQLITE_ROW);
	User *u = lite_user_block(stmt);
	uint64_t sum = bench_fold_user(u);
	free(u);
	sqlite3_reset(stmt);
	return sum;
}

static uint64_t all_cached(void *ctx, const int64_t *keys, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		lite_conn *conn = bench_pool_take(ctx);

		sum += get_one(conn->db, conn->get, keys[i]);
		bench_pool_give(ctx, conn);
	}
	return sum;
}

static uint64_t all_prepared(void *ctx, const int64_t *keys, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		lite_conn *conn = bench_pool_take(ctx);
		sqlite3_stmt *stmt = NULL;

		lite_check(conn->db, sqlite3_prepare_v2(conn->db, GET, -1, &stmt, NULL) == SQLITE_OK);
		sum += get_one(conn->db, stmt, keys[i]);
		sqlite3_finalize(stmt);
		bench_pool_give(ctx, conn);
	}
	return sum;
}

static void run_cached(void *state, bench_work *work)
{
	work->ops = env.size.shared;
	work->sum = bench_run_threads(((bench_pool *)state)->threads, all_cached, state);
}

static void run_prepared(void *state, bench_work *work)
{
	work->ops = env.size.shared;
	work->sum = bench_run_threads(((bench_pool *)state)->threads, all_prepared, state);
}

#define CASES(w, t, c)                                                                           \
	{ .workload = w, .backend = SQLITE, .side = SIDE_BEST, .name = "mutex, cached statements", \
	  .open = open_pool, .run = run_cached, .close = close_pool, .threads = t, .connections = c }, \
	{ .workload = w, .backend = SQLITE, .side = SIDE_NAIVE, .name = "mutex, prepared for each use", \
	  .open = open_pool, .run = run_prepared, .close = close_pool, .threads = t, .connections = c }
static const bench_case cases[] = {
	CASES("W8 2/2", 2, 2), CASES("W8 8/8", 8, 8), CASES("W8 32/8", 32, 8)
};
const bench_list bench_sqlite_pool = { cases, sizeof cases / sizeof *cases };
