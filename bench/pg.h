/* What the hand-written code for libpq shares: values of users in binary form, results, COPY. */
#ifndef BENCH_PG_H
#define BENCH_PG_H
#include "bench.h"
#include <libpq-fe.h>

typedef struct pg_state {
	PGconn *conn;
	bench_arena arena;
	User **users;                   /* one block each, or NULL */
	User *rows;                     /* one array */
	size_t n;
	char *buf;                      /* room for messages */
	size_t cap;
	int64_t total;                  /* of the balances, before */
} pg_state;

enum { USER_OUT_MAX = 512 };            /* a user in binary form is shorter */

void *pg_open_state(const bench_case *c);
void pg_close_state(void *state);
void pg_free_users(pg_state *s);
/* Room for n users in s->buf. */
void pg_reserve(pg_state *s, size_t bytes);
/* s->rows becomes a copy of n users without ids. */
void pg_copy_input(pg_state *s, size_t n);

PGresult *pg_check(PGconn *conn, PGresult *r, ExecStatusType status);
void pg_do(PGconn *conn, const char *sql);
void pg_prepare(PGconn *conn, const char *name, const char *sql);

/* Each returns the byte after what it wrote. */
char *pg_put16(char *p, int v);
char *pg_put32(char *p, int32_t v);
char *pg_put64(char *p, int64_t v);
char *pg_put_cents(char *p, int64_t cents);             /* numeric, without the length */
char *pg_put_json(char *p, const char *text);           /* jsonb, without the length */
char *pg_put_user(char *p, const User *u, bool id);     /* columns in order, each with its length */
int32_t pg_get32(const char *p);
int64_t pg_get64(const char *p);
int64_t pg_get_cents(const char *p);
#define PG_EPOCH_USEC (INT64_C(946684800) * 1000000)

/* A row of SELECT id, username, ... in binary form; texts stay in the result. */
void pg_read_user(const PGresult *r, int row, User *u);
/* In text form; texts stay in the result. */
void pg_read_user_text(const PGresult *r, int row, User *u);
/* One block: the struct and its texts behind it. */
User *pg_user_block(const User *u);
User *pg_user_in_arena(bench_arena *a, const User *u);

/* Between BEGIN and COMMIT: COPY table FROM STDIN, rows with or without their ids. */
void pg_copy_in(pg_state *s, const char *sql, const User *rows, size_t n, bool ids);

#define USER_LIST "id, username, email, is_active, balance, created_at, profile"
#define USER_LIST_NO_ID "username, email, is_active, balance, created_at, profile"
#endif
