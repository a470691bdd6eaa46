/* What the hand-written code for SQLite shares. The tables are the library's: numeric, timestamps
 * and jsonb are text in the form that PostgreSQL prints. */
#ifndef BENCH_LITE_H
#define BENCH_LITE_H
#include "bench.h"
#include <sqlite3.h>

typedef struct lite_state {
	sqlite3 *db;
	sqlite3_stmt *stmt, *other;
	bench_arena arena;
	User **users;                   /* one block each, or NULL */
	User *rows;                     /* one array */
	size_t n;
	int64_t total;                  /* of the balances, before */
} lite_state;

sqlite3 *lite_open_db(void);
void *lite_open_state(const bench_case *c);
void lite_close_state(void *state);
void lite_free_users(lite_state *s);
void lite_copy_input(lite_state *s, size_t n);
sqlite3_stmt *lite_prepare(sqlite3 *db, const char *sql);
void lite_do(sqlite3 *db, const char *sql);
void lite_check(sqlite3 *db, bool ok);

enum { LITE_CENTS_MAX = 24, LITE_TIME_MAX = 40 };
/* Each returns the length, and ends the text with NUL. */
int lite_put_cents(char *out, int64_t cents);
int lite_put_time(char *out, int64_t usec);
int64_t lite_get_cents(const char *text);
int64_t lite_get_time(const char *text);

/* A row of SELECT id, username, ...; texts stay in the statement. */
void lite_read_user(sqlite3_stmt *stmt, User *u);
User *lite_user_block(sqlite3_stmt *stmt);      /* one block: the struct and its texts behind it */
User *lite_user_in_arena(bench_arena *a, sqlite3_stmt *stmt);
/* Parameters from first on: username, email, is_active, balance, created_at, profile. */
void lite_bind_user(sqlite3_stmt *stmt, int first, const User *u);

/* The table-valued function bench_users(pointer, n): rows of an array of User. */
bool lite_register_rows(sqlite3 *db);

#define USER_LIST "id, username, email, is_active, balance, created_at, profile"
#define USER_LIST_NO_ID "username, email, is_active, balance, created_at, profile"
#endif
