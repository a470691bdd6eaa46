/* W8 on PostgreSQL by hand: threads, and connections with a prepared statement each. */
#include "pg.h"
#include "threads.h"
#include <stdio.h>
#include <stdlib.h>

static void *open_pool(const bench_case *c)
{
	bench_pool *pool = bench_alloc(1, sizeof *pool);

	bench_pool_init(pool, c->threads);
	bench_pin(false);
	for (int i = 0; i < c->connections; i++) {
		PGconn *conn = PQconnectdb(env.conninfo);

		if (PQstatus(conn) != CONNECTION_OK)
			bench_fail("libpq: %s", PQerrorMessage(conn));
		pg_do(conn, "SET timezone = 'UTC'");
		pg_prepare(conn, "get", "SELECT " USER_LIST " FROM users WHERE id = $1::bigint");
		pool->conns[pool->n++] = conn;
	}
	bench_pin(true);
	return pool;
}

static void close_pool(void *state)
{
	bench_pool *pool = state;

	while (pool->n)
		PQfinish(pool->conns[--pool->n]);
	free(pool);
}

static uint64_t one_prepared(PGconn *conn, int64_t key)
{
	const int len = 8, format = 1;
	char id[8];
	const char *value = id;
	User u;

	pg_put64(id, key);
	PGresult *r = pg_check(conn, PQexecPrepared(conn, "get", 1, &value, &len, &format, 1),
			       PGRES_TUPLES_OK);
	pg_read_user(r, 0, &u);
	User *block = pg_user_block(&u);
	PQclear(r);
	uint64_t sum = bench_fold_user(block);
	free(block);
	return sum;
}

static uint64_t one_text(PGconn *conn, int64_t key)
{
	char id[24];
	const char *value = id;
	User u;

	snprintf(id, sizeof id, "%lld", (long long)key);
	PGresult *r = pg_check(conn,
			       PQexecParams(conn, "SELECT " USER_LIST " FROM users WHERE id = $1",
					    1, NULL, &value, NULL, NULL, 0),
			       PGRES_TUPLES_OK);
	pg_read_user_text(r, 0, &u);
	User *block = pg_user_block(&u);
	PQclear(r);
	uint64_t sum = bench_fold_user(block);
	free(block);
	return sum;
}

static uint64_t all_prepared(void *ctx, const int64_t *keys, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		PGconn *conn = bench_pool_take(ctx);

		sum += one_prepared(conn, keys[i]);
		bench_pool_give(ctx, conn);
	}
	return sum;
}

static uint64_t all_text(void *ctx, const int64_t *keys, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		PGconn *conn = bench_pool_take(ctx);

		sum += one_text(conn, keys[i]);
		bench_pool_give(ctx, conn);
	}
	return sum;
}

static void run_prepared(void *state, bench_work *work)
{
	work->ops = env.size.shared;
	work->sum = bench_run_threads(((bench_pool *)state)->threads, all_prepared, state);
}

static void run_text(void *state, bench_work *work)
{
	work->ops = env.size.shared;
	work->sum = bench_run_threads(((bench_pool *)state)->threads, all_text, state);
}

#define CASES(w, t, c)                                                                           \
	{ .workload = w, .backend = POSTGRESQL, .side = SIDE_BEST, .name = "mutex, kept statements", \
	  .open = open_pool, .run = run_prepared, .close = close_pool, .threads = t,             \
	  .connections = c },                                                                    \
	{ .workload = w, .backend = POSTGRESQL, .side = SIDE_NAIVE, .name = "mutex, PQexecParams, text", \
	  .open = open_pool, .run = run_text, .close = close_pool, .threads = t, .connections = c }
static const bench_case cases[] = {
	CASES("W8 2/2", 2, 2), CASES("W8 8/8", 8, 8), CASES("W8 32/8", 32, 8)
};
const bench_list bench_pg_pool = { cases, sizeof cases / sizeof *cases };
