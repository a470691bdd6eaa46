/* Writing to PostgreSQL by hand: W2, W3, W5. */
#include "pg.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define INSERT_TEXT "INSERT INTO new_users (" USER_LIST_NO_ID ") VALUES ($1, $2, $3, $4, $5, $6)"
#define INSERT_TYPED                                                                               \
	"INSERT INTO new_users (" USER_LIST_NO_ID ") VALUES ($1::varchar, $2::varchar, $3::bool, " \
	"$4::numeric, $5::timestamptz, $6::jsonb)"
#define COPY_IDS "COPY new_users (" USER_LIST ") FROM STDIN (FORMAT binary)"
#define COPY_NO_IDS "COPY new_users (" USER_LIST_NO_ID ") FROM STDIN (FORMAT binary)"

static void *open_insert(const bench_case *c)
{
	pg_state *s = pg_open_state(c);

	pg_prepare(s->conn, "ids", "SELECT nextval('new_users_id_seq') FROM generate_series(1, $1::int)");
	pg_prepare(s->conn, "insert", INSERT_TYPED " RETURNING id");
	pg_prepare(s->conn, "insert_text", INSERT_TEXT " RETURNING id");
	pg_prepare(s->conn, "bulk_text", INSERT_TEXT);
	return s;
}

static void empty_table(void *state)
{
	pg_state *s = state;

	pg_do(s->conn, "TRUNCATE new_users RESTART IDENTITY");
	pg_copy_input(s, env.size.inserts > env.size.bulk ? env.size.inserts : env.size.bulk);
	s->n = 0;
}

/* ---- W2 ---- */

static void insert_best(void *state, bench_work *work)
{
	pg_state *s = state;
	const int len = 4, format = 1;
	char count[4];
	const char *value = count;

	work->ops = env.size.inserts;
	pg_do(s->conn, "BEGIN");
	pg_put32(count, (int32_t)work->ops);
	PGresult *r = pg_check(s->conn, PQexecPrepared(s->conn, "ids", 1, &value, &len, &format, 1),
			       PGRES_TUPLES_OK);
	for (size_t i = 0; i < work->ops; i++)
		s->rows[i].id = pg_get64(PQgetvalue(r, (int)i, 0));
	PQclear(r);
	pg_copy_in(s, COPY_IDS, s->rows, work->ops, true);
	pg_do(s->conn, "COMMIT");
}

/* Parameters of one row, in binary form. */
typedef struct row_params {
	const char *values[6];
	int lengths[6];
	char active, balance[24], created[8], profile[160];
} row_params;
static const int binary6[6] = { 1, 1, 1, 1, 1, 1 };

static void set_params(row_params *p, const User *u)
{
	p->active = u->is_active;
	p->values[0] = u->username;
	p->lengths[0] = (int)strlen(u->username);
	p->values[1] = u->email;
	p->lengths[1] = (int)strlen(u->email);
	p->values[2] = &p->active;
	p->lengths[2] = 1;
	p->values[3] = p->balance;
	p->lengths[3] = (int)(pg_put_cents(p->balance, u->balance.v.units) - p->balance);
	p->values[4] = p->created;
	p->lengths[4] = (int)(pg_put64(p->created, u->created_at.usec - PG_EPOCH_USEC) - p->created);
	p->values[5] = p->profile;
	p->lengths[5] = (int)(pg_put_json(p->profile, u->profile.text) - p->profile);
}

static void insert_good(void *state, bench_work *work)
{
	pg_state *s = state;
	row_params p;

	work->ops = env.size.inserts;
	pg_do(s->conn, "BEGIN");
	for (size_t i = 0; i < work->ops; i++) {
		set_params(&p, &s->rows[i]);
		PGresult *r = pg_check(
			s->conn,
			PQexecPrepared(s->conn, "insert", 6, p.values, p.lengths, binary6, 1),
			PGRES_TUPLES_OK);
		s->rows[i].id = pg_get64(PQgetvalue(r, 0, 0));
		PQclear(r);
	}
	pg_do(s->conn, "COMMIT");
}

static void take_piped_ids(pg_state *s, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++) {
		PGresult *r = pg_check(s->conn, PQgetResult(s->conn), PGRES_TUPLES_OK);

		s->rows[i].id = pg_get64(PQgetvalue(r, 0, 0));
		PQclear(r);
		PQgetResult(s->conn);
	}
	PQclear(pg_check(s->conn, PQgetResult(s->conn), PGRES_PIPELINE_SYNC));
}

static void insert_pipelined(void *state, bench_work *work)
{
	enum { BLOCK = 250 };           /* what both sockets hold without either side waiting */
	pg_state *s = state;
	row_params p;

	work->ops = env.size.inserts;
	pg_do(s->conn, "BEGIN");
	PQenterPipelineMode(s->conn);
	for (size_t i = 0; i < work->ops; i += BLOCK) {
		size_t end = i + BLOCK < work->ops ? i + BLOCK : work->ops;

		for (size_t j = i; j < end; j++) {
			set_params(&p, &s->rows[j]);
			if (!PQsendQueryPrepared(s->conn, "insert", 6, p.values, p.lengths, binary6, 1))
				bench_fail("libpq: %s", PQerrorMessage(s->conn));
		}
		PQpipelineSync(s->conn);
		take_piped_ids(s, i, end);
	}
	PQexitPipelineMode(s->conn);
	pg_do(s->conn, "COMMIT");
}

static void set_text_params(const User *u, const char **values, char *balance, char *created)
{
	int64_t usec = u->created_at.usec;
	time_t seconds = (time_t)(usec / 1000000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	snprintf(created, 48, "%04d-%02d-%02d %02d:%02d:%02d.%06d+00", tm.tm_year + 1900, tm.tm_mon + 1,
		 tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(usec % 1000000));
	snprintf(balance, 32, "%lld.%02d", (long long)(u->balance.v.units / 100),
		 (int)(u->balance.v.units % 100));
	values[0] = u->username;
	values[1] = u->email;
	values[2] = u->is_active ? "t" : "f";
	values[3] = balance;
	values[4] = created;
	values[5] = u->profile.text;
}

static void insert_text(pg_state *s, const char *statement, size_t n, ExecStatusType status)
{
	char balance[32], created[48];
	const char *values[6];

	pg_do(s->conn, "BEGIN");
	for (size_t i = 0; i < n; i++) {
		set_text_params(&s->rows[i], values, balance, created);
		PGresult *r = pg_check(s->conn, PQexecPrepared(s->conn, statement, 6, values, NULL, NULL, 0),
				       status);
		if (status == PGRES_TUPLES_OK)
			s->rows[i].id = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
		PQclear(r);
	}
	pg_do(s->conn, "COMMIT");
}

static void insert_naive(void *state, bench_work *work)
{
	work->ops = env.size.inserts;
	insert_text(state, "insert_text", work->ops, PGRES_TUPLES_OK);
}

static void check_inserts(void *state, bench_work *work)
{
	pg_state *s = state;

	work->sum = bench_check_new(POSTGRESQL, s->rows, work->ops, true);
}

/* ---- W3 ---- */

static void bulk_best(void *state, bench_work *work)
{
	pg_state *s = state;

	work->ops = env.size.bulk;
	pg_do(s->conn, "BEGIN");
	pg_copy_in(s, COPY_NO_IDS, s->rows, work->ops, false);
	pg_do(s->conn, "COMMIT");
}

static void bulk_naive(void *state, bench_work *work)
{
	work->ops = env.size.bulk;
	insert_text(state, "bulk_text", work->ops, PGRES_COMMAND_OK);
}

static void check_bulk(void *state, bench_work *work)
{
	pg_state *s = state;

	work->sum = bench_check_new(POSTGRESQL, s->rows, work->ops, false);
}

/* ---- W5 ---- */

static void *open_flush(const bench_case *c)
{
	pg_state *s = pg_open_state(c);

	pg_prepare(s->conn, "set", "UPDATE flush_users t SET balance = v.b FROM unnest($1::bigint[], "
		   "$2::numeric[]) v(i, b) WHERE t.id = v.i");
	pg_prepare(s->conn, "one", "UPDATE flush_users SET balance = $2::numeric WHERE id = $1::bigint");
	pg_prepare(s->conn, "one_text", "UPDATE flush_users SET balance = $2 WHERE id = $1");
	pg_prepare(s->conn, "load", "SELECT " USER_LIST " FROM flush_users");
	return s;
}

static void load_flush(void *state)
{
	pg_state *s = state;

	pg_do(s->conn, "VACUUM flush_users");
	pg_free_users(s);
	PGresult *r = pg_check(s->conn, PQexecPrepared(s->conn, "load", 0, NULL, NULL, NULL, 1),
			       PGRES_TUPLES_OK);
	s->n = (size_t)PQntuples(r);
	s->users = bench_alloc(s->n, sizeof *s->users);
	for (size_t i = 0; i < s->n; i++) {
		User u;

		pg_read_user(r, (int)i, &u);
		s->users[i] = pg_user_block(&u);
	}
	PQclear(r);
	s->total = bench_flush_total(POSTGRESQL);
}

static void check_flush(void *state, bench_work *work)
{
	pg_state *s = state;

	work->sum = (uint64_t)(bench_flush_total(POSTGRESQL) - s->total);
}

static char *array_head(char *p, int type, size_t n)
{
	p = pg_put32(pg_put32(pg_put32(p, 1), 0), type);
	return pg_put32(pg_put32(p, (int32_t)n), 1);
}

static void flush_best(void *state, bench_work *work)
{
	enum { INT8OID = 20, NUMERICOID = 1700 };
	static const int formats[2] = { 1, 1 };
	pg_state *s = state;
	size_t n = (s->n + FLUSH_EVERY - 1) / FLUSH_EVERY;

	work->ops = s->n;
	pg_do(s->conn, "BEGIN");
	pg_reserve(s, 40 + n * 48);
	char *ids = array_head(s->buf, INT8OID, n);
	for (size_t i = 0; i < s->n; i += FLUSH_EVERY)
		ids = pg_put64(pg_put32(ids, 8), s->users[i]->id);
	char *balances = array_head(ids, NUMERICOID, n);
	for (size_t i = 0; i < s->n; i += FLUSH_EVERY) {
		char *end = pg_put_cents(balances + 4, ++s->users[i]->balance.v.units);

		pg_put32(balances, (int32_t)(end - balances - 4));
		balances = end;
	}
	const char *values[2] = { s->buf, ids };
	int lengths[2] = { (int)(ids - s->buf), (int)(balances - ids) };
	PQclear(pg_check(s->conn, PQexecPrepared(s->conn, "set", 2, values, lengths, formats, 1),
			 PGRES_COMMAND_OK));
	pg_do(s->conn, "COMMIT");
}

static void flush_good(void *state, bench_work *work)
{
	static const int formats[2] = { 1, 1 };
	pg_state *s = state;
	char id[8], balance[24];

	work->ops = s->n;
	pg_do(s->conn, "BEGIN");
	for (size_t i = 0; i < s->n; i += FLUSH_EVERY) {
		const char *values[2] = { id, balance };

		pg_put64(id, s->users[i]->id);
		char *end = pg_put_cents(balance, ++s->users[i]->balance.v.units);
		int lengths[2] = { 8, (int)(end - balance) };
		PQclear(pg_check(s->conn, PQexecPrepared(s->conn, "one", 2, values, lengths, formats, 1),
				 PGRES_COMMAND_OK));
	}
	pg_do(s->conn, "COMMIT");
}

static void flush_naive(void *state, bench_work *work)
{
	pg_state *s = state;
	char id[24], balance[32];

	work->ops = s->n;
	pg_do(s->conn, "BEGIN");
	for (size_t i = 0; i < s->n; i += FLUSH_EVERY) {
		const char *values[2] = { id, balance };
		int64_t cents = ++s->users[i]->balance.v.units;

		snprintf(id, sizeof id, "%lld", (long long)s->users[i]->id);
		snprintf(balance, sizeof balance, "%lld.%02d", (long long)(cents / 100), (int)(cents % 100));
		PQclear(pg_check(s->conn, PQexecPrepared(s->conn, "one_text", 2, values, NULL, NULL, 0),
				 PGRES_COMMAND_OK));
	}
	pg_do(s->conn, "COMMIT");
}

#define CASE(w, side_, name_, open_, before_, run_, after_)                                      \
	{ .workload = w, .backend = POSTGRESQL, .side = side_, .name = name_, .open = open_,     \
	  .before = before_, .run = run_, .after = after_, .close = pg_close_state }
static const bench_case cases[] = { CASE("W2", SIDE_BEST, "nextval + COPY, binary", open_insert,
					 empty_table, insert_best, check_inserts),
				    CASE("W2", SIDE_GOOD, "prepared, binary, row by row",
					 open_insert, empty_table, insert_good, check_inserts),
				    CASE("W2", SIDE_NAIVE, "prepared, text, row by row",
					 open_insert, empty_table, insert_naive, check_inserts),
				    CASE("W2", SIDE_OTHER, "prepared, binary, pipelined",
					 open_insert, empty_table, insert_pipelined, check_inserts),
				    CASE("W3", SIDE_BEST, "COPY, binary", open_insert, empty_table,
					 bulk_best, check_bulk),
				    CASE("W3", SIDE_NAIVE, "prepared, text, row by row",
					 open_insert, empty_table, bulk_naive, check_bulk),
				    CASE("W5", SIDE_BEST, "UPDATE FROM unnest", open_flush,
					 load_flush, flush_best, check_flush),
				    CASE("W5", SIDE_GOOD, "prepared, binary, row by row",
					 open_flush, load_flush, flush_good, check_flush),
				    CASE("W5", SIDE_NAIVE, "prepared, text, row by row", open_flush,
					 load_flush, flush_naive, check_flush) };
const bench_list bench_pg_write = { cases, sizeof cases / sizeof *cases };
