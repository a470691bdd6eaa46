/* Values, results and COPY of PostgreSQL, by hand. */
#include "pg.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

PGresult *pg_check(PGconn *conn, PGresult *r, ExecStatusType status)
{
	if (PQresultStatus(r) != status)
		bench_fail("libpq: %s", PQerrorMessage(conn));
	return r;
}

void pg_do(PGconn *conn, const char *sql)
{
	PGresult *r = PQexec(conn, sql);

	if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
		bench_fail("%s: %s", sql, PQerrorMessage(conn));
	PQclear(r);
}

void pg_prepare(PGconn *conn, const char *name, const char *sql)
{
	PQclear(pg_check(conn, PQprepare(conn, name, sql, 0, NULL), PGRES_COMMAND_OK));
}

void *pg_open_state(const bench_case *c)
{
	pg_state *s = bench_alloc(1, sizeof *s);

	(void)c;
	s->conn = PQconnectdb(env.conninfo);
	if (PQstatus(s->conn) != CONNECTION_OK)
		bench_fail("libpq: %s", PQerrorMessage(s->conn));
	pg_do(s->conn, "SET timezone = 'UTC'");
	return s;
}

void pg_free_users(pg_state *s)
{
	for (size_t i = 0; s->users && i < s->n; i++)
		free(s->users[i]);
	free(s->users);
	s->users = NULL;
	bench_arena_reset(&s->arena);
}

void pg_close_state(void *state)
{
	pg_state *s = state;

	pg_free_users(s);
	bench_arena_free(&s->arena);
	PQfinish(s->conn);
	free(s->rows);
	free(s->buf);
	free(s);
}

void pg_reserve(pg_state *s, size_t bytes)
{
	if (bytes <= s->cap)
		return;
	free(s->buf);
	s->buf = bench_alloc(1, bytes);
	s->cap = bytes;
}

void pg_copy_input(pg_state *s, size_t n)
{
	if (!s->rows)
		s->rows = bench_alloc(n, sizeof *s->rows);
	memcpy(s->rows, env.users, n * sizeof *s->rows);
	for (size_t i = 0; i < n; i++)
		s->rows[i].id = 0;
	s->n = n;
}

/* ---- binary forms ---- */

char *pg_put16(char *p, int v)
{
	p[0] = (char)(v >> 8);
	p[1] = (char)v;
	return p + 2;
}

char *pg_put32(char *p, int32_t v)
{
	uint32_t big = __builtin_bswap32((uint32_t)v);

	memcpy(p, &big, 4);
	return p + 4;
}

char *pg_put64(char *p, int64_t v)
{
	uint64_t big = __builtin_bswap64((uint64_t)v);

	memcpy(p, &big, 8);
	return p + 8;
}

int32_t pg_get32(const char *p)
{
	uint32_t big;

	memcpy(&big, p, 4);
	return (int32_t)__builtin_bswap32(big);
}

int64_t pg_get64(const char *p)
{
	uint64_t big;

	memcpy(&big, p, 8);
	return (int64_t)__builtin_bswap64(big);
}

static int get16(const char *p)
{
	return (int16_t)((unsigned char)p[0] << 8 | (unsigned char)p[1]);
}

/* Digits to the base of 10,000 around the point; zeros at the end are left out. */
char *pg_put_cents(char *p, int64_t cents)
{
	int digits[8];
	int n = 0, weight = -1;
	uint64_t u = (uint64_t)(cents < 0 ? -cents : cents);

	for (uint64_t whole = u / 100, base = 1000000000000u; base; base /= 10000) {
		int digit = (int)(whole / base % 10000);

		if (n || digit) {
			digits[n++] = digit;
			weight++;
		}
	}
	digits[n++] = (int)(u % 100) * 100;
	while (n && !digits[n - 1])
		n--;
	p = pg_put16(p, n);
	p = pg_put16(p, n ? weight : 0);
	p = pg_put16(p, cents < 0 ? 0x4000 : 0);
	p = pg_put16(p, 2);
	for (int i = 0; i < n; i++)
		p = pg_put16(p, digits[i]);
	return p;
}

int64_t pg_get_cents(const char *p)
{
	int n = get16(p), weight = get16(p + 2);
	int64_t cents = 0;

	for (int i = 0; i <= weight + 1; i++) {
		int digit = i < n ? get16(p + 8 + 2 * i) : 0;

		cents = i <= weight ? cents * 10000 + digit : cents * 100 + digit / 100;
	}
	return get16(p + 4) == 0x4000 ? -cents : cents;
}

char *pg_put_json(char *p, const char *text)
{
	size_t len = strlen(text);

	*p = 1;
	memcpy(p + 1, text, len);
	return p + 1 + len;
}

static char *put_text(char *p, const char *text)
{
	size_t len = strlen(text);

	p = pg_put32(p, (int32_t)len);
	memcpy(p, text, len);
	return p + len;
}

char *pg_put_user(char *p, const User *u, bool id)
{
	char *length;

	if (id)
		p = pg_put64(pg_put32(p, 8), u->id);
	p = put_text(p, u->username);
	p = put_text(p, u->email);
	p = pg_put32(p, 1);
	*p++ = u->is_active;
	length = p;
	p = pg_put_cents(p + 4, u->balance.v.units);
	pg_put32(length, (int32_t)(p - length - 4));
	p = pg_put64(pg_put32(p, 8), u->created_at.usec - PG_EPOCH_USEC);
	length = p;
	p = pg_put_json(p + 4, u->profile.text);
	pg_put32(length, (int32_t)(p - length - 4));
	return p;
}

/* ---- results ---- */

void pg_read_user(const PGresult *r, int row, User *u)
{
	u->id = pg_get64(PQgetvalue(r, row, 0));
	u->username = PQgetvalue(r, row, 1);
	u->email = PQgetvalue(r, row, 2);
	u->is_active = *PQgetvalue(r, row, 3);
	u->balance = (amph_numeric){ .v = { .units = pg_get_cents(PQgetvalue(r, row, 4)) }, .scale = 2 };
	u->created_at.usec = pg_get64(PQgetvalue(r, row, 5)) + PG_EPOCH_USEC;
	u->profile.text = PQgetvalue(r, row, 6) + 1;
}

static int64_t days_of(int y, int m, int d)
{
	int64_t era;
	int yoe, doy;

	y -= m <= 2;
	era = y / 400;
	yoe = y - (int)era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static int64_t read_time(const char *text)
{
	int y, mo, d, h, mi, s, n = 0;
	int64_t usec = 0;

	if (sscanf(text, "%d-%d-%d %d:%d:%d%n", &y, &mo, &d, &h, &mi, &s, &n) != 6)
		bench_fail("%s is no time", text);
	if (text[n] == '.')
		for (int64_t unit = 100000; text[++n] >= '0' && text[n] <= '9'; unit /= 10)
			usec += (text[n] - '0') * unit;
	return ((days_of(y, mo, d) * 24 + h) * 60 + mi) * 60000000 + s * INT64_C(1000000) + usec;
}

static int64_t read_cents(const char *text)
{
	const char *point = strchr(text, '.');
	int64_t whole = strtoll(text, NULL, 10);

	return whole * 100 + (point ? strtol(point + 1, NULL, 10) : 0);
}

void pg_read_user_text(const PGresult *r, int row, User *u)
{
	u->id = strtoll(PQgetvalue(r, row, 0), NULL, 10);
	u->username = PQgetvalue(r, row, 1);
	u->email = PQgetvalue(r, row, 2);
	u->is_active = *PQgetvalue(r, row, 3) == 't';
	u->balance = (amph_numeric){ .v = { .units = read_cents(PQgetvalue(r, row, 4)) }, .scale = 2 };
	u->created_at.usec = read_time(PQgetvalue(r, row, 5));
	u->profile.text = PQgetvalue(r, row, 6);
}

static User *fill(char *at, const User *u, size_t username, size_t email, size_t profile)
{
	User *copy = (User *)(void *)at;
	char *text = at + sizeof *copy;

	*copy = *u;
	copy->username = memcpy(text, u->username, username);
	copy->email = memcpy(text + username, u->email, email);
	copy->profile.text = memcpy(text + username + email, u->profile.text, profile);
	return copy;
}

User *pg_user_block(const User *u)
{
	size_t a = strlen(u->username) + 1, b = strlen(u->email) + 1, c = strlen(u->profile.text) + 1;
	char *at = malloc(sizeof *u + a + b + c);

	if (!at)
		bench_fail("out of memory");
	return fill(at, u, a, b, c);
}

User *pg_user_in_arena(bench_arena *arena, const User *u)
{
	size_t a = strlen(u->username) + 1, b = strlen(u->email) + 1, c = strlen(u->profile.text) + 1;

	return fill(bench_arena_take(arena, sizeof *u + a + b + c), u, a, b, c);
}

/* ---- COPY ---- */

static void put_copy(pg_state *s, size_t len)
{
	if (PQputCopyData(s->conn, s->buf, (int)len) != 1)
		bench_fail("COPY: %s", PQerrorMessage(s->conn));
}

void pg_copy_in(pg_state *s, const char *sql, const User *rows, size_t n, bool ids)
{
	enum { BLOCK = 65536 };
	static const char header[19] = "PGCOPY\n\377\r\n";

	pg_reserve(s, BLOCK + USER_OUT_MAX);
	PQclear(pg_check(s->conn, PQexec(s->conn, sql), PGRES_COPY_IN));
	char *p = s->buf;
	memcpy(p, header, sizeof header);
	p += sizeof header;
	for (size_t i = 0; i < n; i++) {
		p = pg_put_user(pg_put16(p, ids ? 7 : 6), &rows[i], ids);
		if (p - s->buf >= BLOCK) {
			put_copy(s, (size_t)(p - s->buf));
			p = s->buf;
		}
	}
	p = pg_put16(p, -1);
	put_copy(s, (size_t)(p - s->buf));
	if (PQputCopyEnd(s->conn, NULL) != 1)
		bench_fail("COPY: %s", PQerrorMessage(s->conn));
	PQclear(pg_check(s->conn, PQgetResult(s->conn), PGRES_COMMAND_OK));
	while (PQgetResult(s->conn))
		;
}
