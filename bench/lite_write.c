/* Writing to SQLite by hand: W2, W3, W5. */
#include "lite.h"
#include <stdlib.h>

#define INSERT "INSERT INTO new_users (" USER_LIST_NO_ID ") VALUES (?1, ?2, ?3, ?4, ?5, ?6)"

static void *open_insert(const bench_case *c)
{
	lite_state *s = lite_open_state(c);

	s->stmt = lite_prepare(s->db, INSERT);
	return s;
}

static void *open_rows(const bench_case *c)
{
	lite_state *s = lite_open_state(c);

	lite_check(s->db, lite_register_rows(s->db));
	s->stmt = lite_prepare(s->db, "INSERT INTO new_users (" USER_LIST_NO_ID ") SELECT " USER_LIST_NO_ID
			       " FROM bench_users(?1, ?2)");
	return s;
}

static void empty_table(void *state)
{
	lite_state *s = state;

	bench_sqlite_command("DELETE FROM new_users");
	bench_sqlite_command("PRAGMA wal_checkpoint(TRUNCATE)");
	lite_copy_input(s, env.size.inserts > env.size.bulk ? env.size.inserts : env.size.bulk);
}

static void insert_rows(lite_state *s, size_t n)
{
	lite_do(s->db, "BEGIN IMMEDIATE");
	sqlite3_bind_pointer(s->stmt, 1, s->rows, "bench_users", NULL);
	sqlite3_bind_int64(s->stmt, 2, (sqlite3_int64)n);
	lite_check(s->db, sqlite3_step(s->stmt) == SQLITE_DONE);
	sqlite3_reset(s->stmt);
}

/* The ids of one statement's rows follow each other: nobody else writes meanwhile. */
static void insert_best(void *state, bench_work *work)
{
	lite_state *s = state;

	work->ops = env.size.inserts;
	insert_rows(s, work->ops);
	int64_t last = sqlite3_last_insert_rowid(s->db);
	for (size_t i = 0; i < work->ops; i++)
		s->rows[i].id = last - (int64_t)(work->ops - 1 - i);
	lite_do(s->db, "COMMIT");
}

static void insert_cached(lite_state *s, size_t n)
{
	lite_do(s->db, "BEGIN IMMEDIATE");
	for (size_t i = 0; i < n; i++) {
		lite_bind_user(s->stmt, 1, &s->rows[i]);
		lite_check(s->db, sqlite3_step(s->stmt) == SQLITE_DONE);
		s->rows[i].id = sqlite3_last_insert_rowid(s->db);
		sqlite3_reset(s->stmt);
	}
	lite_do(s->db, "COMMIT");
}

static void insert_good(void *state, bench_work *work)
{
	work->ops = env.size.inserts;
	insert_cached(state, work->ops);
}

static void insert_each(lite_state *s, size_t n)
{
	lite_do(s->db, "BEGIN");
	for (size_t i = 0; i < n; i++) {
		sqlite3_stmt *stmt = NULL;

		lite_check(s->db, sqlite3_prepare_v2(s->db, INSERT, -1, &stmt, NULL) == SQLITE_OK);
		lite_bind_user(stmt, 1, &s->rows[i]);
		lite_check(s->db, sqlite3_step(stmt) == SQLITE_DONE);
		s->rows[i].id = sqlite3_last_insert_rowid(s->db);
		sqlite3_finalize(stmt);
	}
	lite_do(s->db, "COMMIT");
}

static void insert_naive(void *state, bench_work *work)
{
	work->ops = env.size.inserts;
	insert_each(state, work->ops);
}

static void check_inserts(void *state, bench_work *work)
{
	lite_state *s = state;

	work->sum = bench_check_new(SQLITE, s->rows, work->ops, true);
}

static void bulk_best(void *state, bench_work *work)
{
	lite_state *s = state;

	work->ops = env.size.bulk;
	insert_rows(s, work->ops);
	lite_do(s->db, "COMMIT");
}

static void bulk_good(void *state, bench_work *work)
{
	work->ops = env.size.bulk;
	insert_cached(state, work->ops);
}

static void bulk_naive(void *state, bench_work *work)
{
	work->ops = env.size.bulk;
	insert_each(state, work->ops);
}

static void check_bulk(void *state, bench_work *work)
{
	lite_state *s = state;

	work->sum = bench_check_new(SQLITE, s->rows, work->ops, false);
}

/* ---- W5 ---- */

#define UPDATE "UPDATE flush_users SET balance = ?2 WHERE id = ?1"

static void *open_flush(const bench_case *c)
{
	lite_state *s = lite_open_state(c);

	s->stmt = lite_prepare(s->db, UPDATE);
	s->other = lite_prepare(s->db, "SELECT " USER_LIST " FROM flush_users");
	return s;
}

static void load_flush(void *state)
{
	lite_state *s = state;

	bench_sqlite_command("PRAGMA wal_checkpoint(TRUNCATE)");
	lite_free_users(s);
	s->users = bench_alloc(env.size.flush, sizeof *s->users);
	s->n = 0;
	while (sqlite3_step(s->other) == SQLITE_ROW)
		s->users[s->n++] = lite_user_block(s->other);
	sqlite3_reset(s->other);
	s->total = bench_flush_total(SQLITE);
}

static void check_flush(void *state, bench_work *work)
{
	lite_state *s = state;

	work->sum = (uint64_t)(bench_flush_total(SQLITE) - s->total);
}

static void flush_one(sqlite3 *db, sqlite3_stmt *stmt, User *u)
{
	char balance[LITE_CENTS_MAX];

	sqlite3_bind_int64(stmt, 1, u->id);
	sqlite3_bind_text(stmt, 2, balance, lite_put_cents(balance, ++u->balance.v.units), SQLITE_STATIC);
	lite_check(db, sqlite3_step(stmt) == SQLITE_DONE);
	sqlite3_reset(stmt);
}

static void flush_best(void *state, bench_work *work)
{
	lite_state *s = state;

	work->ops = s->n;
	lite_do(s->db, "BEGIN IMMEDIATE");
	for (size_t i = 0; i < s->n; i += FLUSH_EVERY)
		flush_one(s->db, s->stmt, s->users[i]);
	lite_do(s->db, "COMMIT");
}

static void flush_naive(void *state, bench_work *work)
{
	lite_state *s = state;

	work->ops = s->n;
	lite_do(s->db, "BEGIN");
	for (size_t i = 0; i < s->n; i += FLUSH_EVERY) {
		sqlite3_stmt *stmt = NULL;

		lite_check(s->db, sqlite3_prepare_v2(s->db, UPDATE, -1, &stmt, NULL) == SQLITE_OK);
		flush_one(s->db, stmt, s->users[i]);
		sqlite3_finalize(stmt);
	}
	lite_do(s->db, "COMMIT");
}

#define CASE(w, side_, name_, open_, before_, run_, after_)                                      \
	{ .workload = w, .backend = SQLITE, .side = side_, .name = name_, .open = open_,         \
	  .before = before_, .run = run_, .after = after_, .close = lite_close_state }
static const bench_case cases[] = {
	CASE("W2", SIDE_BEST, "table-valued function", open_rows, empty_table, insert_best,
	     check_inserts),
	CASE("W2", SIDE_GOOD, "cached statement", open_insert, empty_table, insert_good,
	     check_inserts),
	CASE("W2", SIDE_NAIVE, "prepared for each use", open_insert, empty_table, insert_naive,
	     check_inserts),
	CASE("W3", SIDE_BEST, "table-valued function", open_rows, empty_table, bulk_best,
	     check_bulk),
	CASE("W3", SIDE_GOOD, "cached statement", open_insert, empty_table, bulk_good, check_bulk),
	CASE("W3", SIDE_NAIVE, "prepared for each use", open_insert, empty_table, bulk_naive,
	     check_bulk),
	CASE("W5", SIDE_BEST, "cached statement", open_flush, load_flush, flush_best, check_flush),
	CASE("W5", SIDE_GOOD, "cached statement", open_flush, load_flush, flush_best, check_flush),
	CASE("W5", SIDE_NAIVE, "prepared for each use", open_flush, load_flush, flush_naive,
	     check_flush)
};
const bench_list bench_sqlite_write = { cases, sizeof cases / sizeof *cases };
