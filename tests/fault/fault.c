/* Helpers of the tests of faults. */
#include "fault.h"
#include <libpq-fe.h>
#include <malloc.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct fault_database {
	char url[512];          /* of libpq, or the path of a file */
	PGconn *conn;
	sqlite3 *file;
};

void fault_die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

void *fault_shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		fault_die("no memory to share");
	return p;
}

void fault_worker_url(char *out, size_t size, const char *url, int worker)
{
	const char *mark = strstr(url, "%d");

	if (mark)
		snprintf(out, size, "%.*s%d%s", (int)(mark - url), url, worker, mark + 2);
	else
		snprintf(out, size, "%s", url);
}

int64_t fault_now_usec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void fault_sleep_usec(int64_t usec)
{
	struct timespec t = { .tv_sec = usec / 1000000, .tv_nsec = usec % 1000000 * 1000 };

	nanosleep(&t, NULL);
}

uint32_t fault_random(void)
{
	static _Thread_local uint64_t seed;

	if (!seed)
		seed = (uint64_t)fault_now_usec() * 0x9E3779B97F4A7C15u ^ (uint64_t)getpid() ^
		       (uint64_t)(uintptr_t)&seed;
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 32);
}

/* ---- memory ---- */

size_t fault_held;

void *fault_resize(void *ctx, void *p, size_t size)
{
	size_t old = p ? malloc_usable_size(p) : 0;
	void *more = realloc(p, size);

	(void)ctx;
	if (more)
		fault_held += malloc_usable_size(more) - old;
	return more;
}

void fault_release(void *ctx, void *p)
{
	(void)ctx;
	fault_held -= p ? malloc_usable_size(p) : 0;
	free(p);
}

/* ---- databases ---- */

bool fault_database_is_postgresql(const fault_database *d)
{
	return !strncmp(d->url, "postgres", 8);
}

bool fault_database_connect(fault_database *d)
{
	PQfinish(d->conn);
	d->conn = PQconnectdb(d->url);
	if (PQstatus(d->conn) != CONNECTION_OK)
		return false;
	PQclear(PQexec(d->conn, "SET client_min_messages = error"));
	return true;
}

/* From a connection to the database postgres of the same server. */
static void create_database(const fault_database *d)
{
	const char *slash = strrchr(d->url, '/');
	const char *name = slash ? slash + 1 : d->url;
	int len = (int)strcspn(name, "?");
	char url[512], sql[200];

	snprintf(url, sizeof url, "%.*spostgres%s", (int)(name - d->url), d->url, name + len);
	PGconn *conn = PQconnectdb(url);
	snprintf(sql, sizeof sql, "CREATE DATABASE \"%.*s\"", len, name);
	PGresult *r = PQexec(conn, sql);
	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		fault_die("%s: %s", sql, PQerrorMessage(conn));
	PQclear(r);
	PQfinish(conn);
}

fault_database *fault_database_open(const char *url)
{
	fault_database *d = calloc(1, sizeof *d);

	if (!d)
		fault_die("out of memory");
	if (!strncmp(url, "sqlite:///", 10)) {
		snprintf(d->url, sizeof d->url, "%.*s", (int)strcspn(url + 10, "?"), url + 10);
		return d;
	}
	snprintf(d->url, sizeof d->url, "%s", url);
	if (fault_database_connect(d))
		return d;
	create_database(d);
	if (!fault_database_connect(d))
		fault_die("%s", PQerrorMessage(d->conn));
	return d;
}

void fault_database_close(fault_database *d)
{
	PQfinish(d->conn);
	sqlite3_close(d->file);
	free(d);
}

static void empty_file(const char *path)
{
	const char *const ends[] = { "", "-wal", "-shm", "-journal" };
	char name[600];

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		snprintf(name, sizeof name, "%s%s", path, ends[i]);
		unlink(name);
	}
}

void fault_database_empty(fault_database *d)
{
	if (!fault_database_is_postgresql(d)) {
		sqlite3_close(d->file);
		d->file = NULL;
		empty_file(d->url);
		return;
	}
	PGresult *r = PQexec(d->conn, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		fault_die("%s", PQerrorMessage(d->conn));
	PQclear(r);
}

static int64_t sqlite_number(fault_database *d, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	int64_t n = 0;

	if (!d->file && (sqlite3_open_v2(d->url, &d->file, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
			 sqlite3_busy_timeout(d->file, 10000) != SQLITE_OK))
		fault_die("%s: %s", d->url, sqlite3_errmsg(d->file));
	if (sqlite3_prepare_v2(d->file, sql, -1, &stmt, NULL) != SQLITE_OK ||
	    sqlite3_step(stmt) != SQLITE_ROW)
		fault_die("%s: %s", sql, sqlite3_errmsg(d->file));
	n = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return n;
}

int64_t fault_database_number(fault_database *d, const char *sql)
{
	if (!fault_database_is_postgresql(d))
		return sqlite_number(d, sql);
	PGresult *r = PQexec(d->conn, sql);
	if (PQresultStatus(r) != PGRES_TUPLES_OK || !PQntuples(r))
		fault_die("%s: %s", sql, PQerrorMessage(d->conn));
	int64_t n = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
	PQclear(r);
	return n;
}

bool fault_database_check(fault_database *d, int n_accounts, char *why, size_t size)
{
	const struct { const char *sql; int64_t expected; } queries[] = {
		{ "SELECT count(*) FROM accounts", n_accounts },
		{ "SELECT count(*) FROM accounts WHERE (balance || '') = '90.00'", n_accounts / 2 },
		{ "SELECT count(*) FROM accounts WHERE (balance || '') = '110.00'", n_accounts / 2 },
		{ "SELECT count(*) FROM entries", n_accounts },
		{ "SELECT count(*) FROM entries WHERE note = 'moved'", 1 },
		{ "SELECT count(*) FROM entries WHERE note = 'received'", 1 },
		{ "SELECT count(DISTINCT account_id) FROM entries", n_accounts }
	};

	for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
		int64_t n = fault_database_number(d, queries[i].sql);

		if (n == queries[i].expected)
			continue;
		snprintf(why, size, "%s is %lld, not %lld", queries[i].sql, (long long)n,
			 (long long)queries[i].expected);
		return false;
	}
	return true;
}
