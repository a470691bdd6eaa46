/* Values and statements of SQLite, by hand. */
#include "lite.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

void lite_check(sqlite3 *db, bool ok)
{
	if (!ok)
		bench_fail("sqlite: %s", sqlite3_errmsg(db));
}

void lite_do(sqlite3 *db, const char *sql)
{
	lite_check(db, sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
}

sqlite3_stmt *lite_prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;

	lite_check(db, sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) == SQLITE_OK);
	return stmt;
}

sqlite3 *lite_open_db(void)
{
	sqlite3 *db = NULL;

	lite_check(db,
		   sqlite3_open_v2(env.sqlite_path, &db,
				   SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK);
	sqlite3_busy_timeout(db, 10000);
	lite_do(db, "PRAGMA synchronous=NORMAL; PRAGMA mmap_size=268435456; PRAGMA cache_size=-65536; "
		"PRAGMA foreign_keys=ON");
	return db;
}

void *lite_open_state(const bench_case *c)
{
	lite_state *s = bench_alloc(1, sizeof *s);

	(void)c;
	s->db = lite_open_db();
	return s;
}

void lite_free_users(lite_state *s)
{
	for (size_t i = 0; s->users && i < s->n; i++)
		free(s->users[i]);
	free(s->users);
	s->users = NULL;
	bench_arena_reset(&s->arena);
}

void lite_close_state(void *state)
{
	lite_state *s = state;

	lite_free_users(s);
	bench_arena_free(&s->arena);
	sqlite3_finalize(s->stmt);
	sqlite3_finalize(s->other);
	sqlite3_close(s->db);
	free(s->rows);
	free(s);
}

void lite_copy_input(lite_state *s, size_t n)
{
	if (!s->rows)
		s->rows = bench_alloc(n, sizeof *s->rows);
	memcpy(s->rows, env.users, n * sizeof *s->rows);
	for (size_t i = 0; i < n; i++)
		s->rows[i].id = 0;
}

/* ---- texts ---- */

static char *put_digits(char *p, uint64_t v, int at_least)
{
	char digits[24];
	int n = 0;

	do {
		digits[n++] = (char)('0' + v % 10);
		v /= 10;
	} while (v || n < at_least);
	while (n)
		*p++ = digits[--n];
	return p;
}

int lite_put_cents(char *out, int64_t cents)
{
	uint64_t u = (uint64_t)(cents < 0 ? -cents : cents);
	char *p = out;

	if (cents < 0)
		*p++ = '-';
	p = put_digits(p, u / 100, 1);
	*p++ = '.';
	p = put_digits(p, u % 100, 2);
	*p = '\0';
	return (int)(p - out);
}

int64_t lite_get_cents(const char *text)
{
	bool negative = *text == '-';
	int64_t v = 0;

	for (text += negative; *text; text++)
		if (*text != '.')
			v = v * 10 + (*text - '0');
	return negative ? -v : v;
}

/* Days from 1970 to a day of the calendar and back, in eras of 400 years from March on. */
static int64_t days_of(int y, int m, int d)
{
	y -= m <= 2;
	int era = y / 400, yoe = y - era * 400;
	int doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;

	return (int64_t)era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static char *put_day(char *p, int64_t days)
{
	int64_t z = days + 719468;
	int64_t era = z / 146097, doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	int64_t m = mp + (mp < 10 ? 3 : -9);

	p = put_digits(p, (uint64_t)(yoe + era * 400 + (m <= 2)), 4);
	*p++ = '-';
	p = put_digits(p, (uint64_t)m, 2);
	*p++ = '-';
	return put_digits(p, (uint64_t)(doy - (153 * mp + 2) / 5 + 1), 2);
}

int lite_put_time(char *out, int64_t usec)
{
	enum { DAY = 86400 };
	int64_t seconds = usec / 1000000, part = usec % 1000000;
	char *p = put_day(out, seconds / DAY);

	*p++ = ' ';
	p = put_digits(p, (uint64_t)(seconds % DAY / 3600), 2);
	*p++ = ':';
	p = put_digits(p, (uint64_t)(seconds % 3600 / 60), 2);
	*p++ = ':';
	p = put_digits(p, (uint64_t)(seconds % 60), 2);
	if (part) {
		*p++ = '.';
		p = put_digits(p, (uint64_t)part, 6);
		while (p[-1] == '0')
			p--;
	}
	memcpy(p, "+00", 4);
	return (int)(p + 3 - out);
}

static int two(const char *p)
{
	return (p[0] - '0') * 10 + p[1] - '0';
}

/* "2025-01-01 00:00:37.001003+00": years have four digits here, the zone is UTC */
int64_t lite_get_time(const char *t)
{
	int64_t days = days_of(two(t) * 100 + two(t + 2), two(t + 5), two(t + 8));
	int64_t usec = 0, unit = 100000;

	if (t[19] == '.')
		for (const char *p = t + 20; *p >= '0' && *p <= '9'; p++, unit /= 10)
			usec += (*p - '0') * unit;
	return ((days * 24 + two(t + 11)) * 3600 + two(t + 14) * 60 + two(t + 17)) * 1000000 + usec;
}

/* ---- rows ---- */

static const char *text_of(sqlite3_stmt *stmt, int column)
{
	return (const char *)sqlite3_column_text(stmt, column);
}

void lite_read_user(sqlite3_stmt *stmt, User *u)
{
	u->id = sqlite3_column_int64(stmt, 0);
	u->username = text_of(stmt, 1);
	u->email = text_of(stmt, 2);
	u->is_active = sqlite3_column_int(stmt, 3);
	u->balance = (amph_numeric){ .v = { .units = lite_get_cents(text_of(stmt, 4)) }, .scale = 2 };
	u->created_at.usec = lite_get_time(text_of(stmt, 5));
	u->profile.text = text_of(stmt, 6);
}

static void take_texts(sqlite3_stmt *stmt, User *u, char *at, const size_t sizes[3])
{
	u->username = memcpy(at, u->username, sizes[0]);
	u->email = memcpy(at + sizes[0], u->email, sizes[1]);
	u->profile.text = memcpy(at + sizes[0] + sizes[1], u->profile.text, sizes[2]);
	(void)stmt;
}

static size_t text_sizes(sqlite3_stmt *stmt, size_t sizes[3])
{
	sizes[0] = (size_t)sqlite3_column_bytes(stmt, 1) + 1;
	sizes[1] = (size_t)sqlite3_column_bytes(stmt, 2) + 1;
	sizes[2] = (size_t)sqlite3_column_bytes(stmt, 6) + 1;
	return sizes[0] + sizes[1] + sizes[2];
}

User *lite_user_block(sqlite3_stmt *stmt)
{
	size_t sizes[3];
	User u;

	lite_read_user(stmt, &u);
	User *copy = malloc(sizeof *copy + text_sizes(stmt, sizes));
	if (!copy)
		bench_fail("out of memory");
	*copy = u;
	take_texts(stmt, copy, (char *)(copy + 1), sizes);
	return copy;
}

User *lite_user_in_arena(bench_arena *a, sqlite3_stmt *stmt)
{
	size_t sizes[3];
	User u;

	lite_read_user(stmt, &u);
	User *copy = bench_arena_take(a, sizeof *copy + text_sizes(stmt, sizes));
	*copy = u;
	take_texts(stmt, copy, (char *)(copy + 1), sizes);
	return copy;
}

void lite_bind_user(sqlite3_stmt *stmt, int first, const User *u)
{
	char balance[LITE_CENTS_MAX], created[LITE_TIME_MAX];

	sqlite3_bind_text(stmt, first, u->username, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, first + 1, u->email, -1, SQLITE_STATIC);
	sqlite3_bind_int(stmt, first + 2, u->is_active);
	sqlite3_bind_text(stmt, first + 3, balance, lite_put_cents(balance, u->balance.v.units),
			  SQLITE_TRANSIENT);
	sqlite3_bind_text(stmt, first + 4, created, lite_put_time(created, u->created_at.usec),
			  SQLITE_TRANSIENT);
	sqlite3_bind_text(stmt, first + 5, u->profile.text, -1, SQLITE_STATIC);
}
