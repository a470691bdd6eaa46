/* The two databases: made by the library, filled and looked at by hand. */
#include "lite.h"
#include "pg.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void bench_pg_command(const char *sql)
{
	PGconn *conn = PQconnectdb(env.conninfo);

	if (PQstatus(conn) != CONNECTION_OK)
		bench_fail("libpq: %s", PQerrorMessage(conn));
	pg_do(conn, sql);
	PQfinish(conn);
}

void bench_sqlite_command(const char *sql)
{
	sqlite3 *db = lite_open_db();

	lite_do(db, sql);
	sqlite3_close(db);
}

static void open_engine(bench_backend b)
{
	amph_error err;

	env.engine[b] = amph_open(env.url[b], AMPH_OPTIONS(.models = bench_models), &err);
	if (!env.engine[b])
		bench_fail("amph_open: %s %s", err.sqlstate, err.message);
	if (!amph_create_all(env.engine[b], &err))
		bench_fail("amph_create_all: %s %s", err.sqlstate, err.message);
}

static void category_name(char *out, size_t size, size_t i)
{
	snprintf(out, size, "category %zu", i);
}

static void product_values(size_t i, char name[32], int64_t *cents, int *stock)
{
	snprintf(name, 32, "product %zu", i);
	*cents = (int64_t)(i * 7919 % 100000);
	*stock = (int)(i * 31 % 1000);
}

/* ---- PostgreSQL ---- */

static void fill_pg_users(pg_state *s, const char *table, size_t from, size_t n)
{
	char sql[200];

	snprintf(sql, sizeof sql, "COPY %s (" USER_LIST ") FROM STDIN (FORMAT binary)", table);
	pg_copy_in(s, sql, env.users + from, n - from, true);
}

static void fill_pg_products(pg_state *s)
{
	char line[128], name[32];
	int64_t cents;
	int stock;

	PQclear(pg_check(s->conn, PQexec(s->conn, "COPY categories (id, name) FROM STDIN"), PGRES_COPY_IN));
	for (size_t i = 1; i <= env.size.categories; i++) {
		category_name(name, sizeof name, i);
		PQputCopyData(s->conn, line, snprintf(line, sizeof line, "%zu\t%s\n", i, name));
	}
	PQputCopyEnd(s->conn, NULL);
	PQclear(pg_check(s->conn, PQgetResult(s->conn), PGRES_COMMAND_OK));
	PQgetResult(s->conn);
	PQclear(pg_check(
		s->conn,
		PQexec(s->conn, "COPY products (id, name, price, stock, category_id) FROM STDIN"),
		PGRES_COPY_IN));
	for (size_t i = 0; i < env.size.categories * PRODUCTS_EACH; i++) {
		product_values(i, name, &cents, &stock);
		PQputCopyData(s->conn, line,
			      snprintf(line, sizeof line, "%zu\t%s\t%lld.%02d\t%d\t%zu\n", i + 1, name,
				       (long long)(cents / 100), (int)(cents % 100), stock,
				       i % env.size.categories + 1));
	}
	PQputCopyEnd(s->conn, NULL);
	PQclear(pg_check(s->conn, PQgetResult(s->conn), PGRES_COMMAND_OK));
	PQgetResult(s->conn);
}

static void fill_pg(void)
{
	pg_state *s = pg_open_state(NULL);

	fill_pg_users(s, "users", 0, env.size.users);
	fill_pg_users(s, "flush_users", 0, env.size.flush);
	fill_pg_products(s);
	pg_do(s->conn, "VACUUM ANALYZE");
	pg_do(s->conn, "CHECKPOINT");
	pg_close_state(s);
}

/* ---- SQLite ---- */

static void fill_sqlite_users(sqlite3 *db, const char *table, size_t from, size_t n)
{
	char sql[200];

	snprintf(sql, sizeof sql,
		 "INSERT INTO %s (" USER_LIST ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", table);
	sqlite3_stmt *stmt = lite_prepare(db, sql);
	for (size_t i = from; i < n; i++) {
		sqlite3_bind_int64(stmt, 1, env.users[i].id);
		lite_bind_user(stmt, 2, &env.users[i]);
		lite_check(db, sqlite3_step(stmt) == SQLITE_DONE);
		sqlite3_reset(stmt);
	}
	sqlite3_finalize(stmt);
}

static void step_done(sqlite3 *db, sqlite3_stmt *stmt)
{
	lite_check(db, sqlite3_step(stmt) == SQLITE_DONE);
	sqlite3_reset(stmt);
}

static void fill_sqlite_products(sqlite3 *db)
{
	sqlite3_stmt *category = lite_prepare(db, "INSERT INTO categories (id, name) VALUES (?1, ?2)");
	sqlite3_stmt *product = lite_prepare(db, "INSERT INTO products (id, name, price, stock, category_id) "
					     "VALUES (?1, ?2, ?3, ?4, ?5)");
	char name[32], price[LITE_CENTS_MAX];
	int64_t cents;
	int stock;

	for (size_t i = 1; i <= env.size.categories; i++) {
		category_name(name, sizeof name, i);
		sqlite3_bind_int64(category, 1, (sqlite3_int64)i);
		sqlite3_bind_text(category, 2, name, -1, SQLITE_TRANSIENT);
		step_done(db, category);
	}
	for (size_t i = 0; i < env.size.categories * PRODUCTS_EACH; i++) {
		product_values(i, name, &cents, &stock);
		sqlite3_bind_int64(product, 1, (sqlite3_int64)i + 1);
		sqlite3_bind_text(product, 2, name, -1, SQLITE_TRANSIENT);
		sqlite3_bind_text(product, 3, price, lite_put_cents(price, cents), SQLITE_TRANSIENT);
		sqlite3_bind_int(product, 4, stock);
		sqlite3_bind_int64(product, 5, (sqlite3_int64)(i % env.size.categories + 1));
		step_done(db, product);
	}
	sqlite3_finalize(category);
	sqlite3_finalize(product);
}

static void fill_sqlite(void)
{
	sqlite3 *db = lite_open_db();

	lite_do(db, "BEGIN IMMEDIATE");
	fill_sqlite_users(db, "users", 0, env.size.users);
	fill_sqlite_users(db, "flush_users", 0, env.size.flush);
	fill_sqlite_products(db);
	lite_do(db, "COMMIT");
	lite_do(db, "PRAGMA wal_checkpoint(TRUNCATE)");
	sqlite3_close(db);
}

void bench_load(void)
{
	for (int b = 0; b < N_BACKENDS; b++)
		open_engine((bench_backend)b);
	fill_pg();
	fill_sqlite();
}

void bench_add_users(size_t n)
{
	sqlite3 *db = lite_open_db();
	pg_state *s = pg_open_state(NULL);

	pg_do(s->conn, "DROP INDEX IF EXISTS ix_users_profile");
	if (n > env.size.users) {
		fill_pg_users(s, "users", env.size.users, n);
		lite_do(db, "BEGIN IMMEDIATE");
		fill_sqlite_users(db, "users", env.size.users, n);
		lite_do(db, "COMMIT");
	}
	pg_close_state(s);
	sqlite3_close(db);
}

/* ---- what the tables hold afterwards ---- */

typedef struct checker {
	User *const *objects;
	const User *rows;
	size_t n, at;
	bool ids;
	uint64_t sum;
} checker;

static void check_row(checker *c, const User *found)
{
	if (c->at == c->n)
		bench_fail("new_users has more than the %zu rows that were inserted", c->n);
	const User *u = c->objects ? c->objects[c->at] : &c->rows[c->at];
	uint64_t sum = bench_fold_user(found);

	if ((c->ids && u->id != found->id) || strcmp(u->username, found->username) ||
	    sum != bench_fold_user(u))
		bench_fail("row %zu of new_users, id %lld, is not what was inserted", c->at,
			   (long long)found->id);
	c->sum += sum;
	c->at++;
}

static void check_pg(checker *c)
{
	pg_state *s = pg_open_state(NULL);
	PGresult *r =
		pg_check(s->conn,
			 PQexecParams(s->conn, "SELECT " USER_LIST " FROM new_users ORDER BY id", 0,
				      NULL, NULL, NULL, NULL, 1),
			 PGRES_TUPLES_OK);
	User u;

	for (int row = 0; row < PQntuples(r); row++) {
		pg_read_user(r, row, &u);
		check_row(c, &u);
	}
	PQclear(r);
	pg_close_state(s);
}

static void check_sqlite(checker *c)
{
	sqlite3 *db = lite_open_db();
	sqlite3_stmt *stmt = lite_prepare(db, "SELECT " USER_LIST " FROM new_users ORDER BY id");
	User u;

	while (sqlite3_step(stmt) == SQLITE_ROW) {
		lite_read_user(stmt, &u);
		check_row(c, &u);
	}
	sqlite3_finalize(stmt);
	sqlite3_close(db);
}

static uint64_t check(bench_backend backend, checker *c)
{
	(backend == POSTGRESQL ? check_pg : check_sqlite)(c);
	if (c->at != c->n)
		bench_fail("new_users has %zu of the %zu rows that were inserted", c->at, c->n);
	return c->sum;
}

uint64_t bench_check_new(bench_backend backend, const User *rows, size_t n, bool ids)
{
	return check(backend, &(checker){ .rows = rows, .n = n, .ids = ids });
}

uint64_t bench_check_new_objects(bench_backend backend, User *const *rows, size_t n)
{
	return check(backend, &(checker){ .objects = rows, .n = n, .ids = true });
}

static int64_t pg_total(void)
{
	pg_state *s = pg_open_state(NULL);
	PGresult *r = pg_check(
		s->conn, PQexec(s->conn, "SELECT (sum(balance) * 100)::bigint FROM flush_users"),
		PGRES_TUPLES_OK);
	int64_t total = strtoll(PQgetvalue(r, 0, 0), NULL, 10);

	PQclear(r);
	pg_close_state(s);
	return total;
}

static int64_t sqlite_total(void)
{
	sqlite3 *db = lite_open_db();
	sqlite3_stmt *stmt = lite_prepare(db, "SELECT balance FROM flush_users");
	int64_t total = 0;

	while (sqlite3_step(stmt) == SQLITE_ROW)
		total += lite_get_cents((const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return total;
}

int64_t bench_flush_total(bench_backend backend)
{
	return backend == POSTGRESQL ? pg_total() : sqlite_total();
}
