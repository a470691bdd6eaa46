/* Reading from PostgreSQL by hand: W1 (one key, many keys), W4, W6, W7. */
#include "pg.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SELECT_USERS "SELECT " USER_LIST " FROM users"

static void *open_get(const bench_case *c)
{
	pg_state *s = pg_open_state(c);

	pg_prepare(s->conn, "get", SELECT_USERS " WHERE id = $1::bigint");
	pg_prepare(s->conn, "many", SELECT_USERS " WHERE id = ANY($1::bigint[])");
	pg_prepare(s->conn, "all", SELECT_USERS);
	pg_prepare(s->conn, "like",
		   SELECT_USERS " WHERE username ILIKE $1 ORDER BY created_at DESC LIMIT 20");
	pg_prepare(s->conn, "json", SELECT_USERS " WHERE profile @> $1::jsonb");
	return s;
}

static void forget(void *state)
{
	pg_free_users(state);
}

static PGresult *ask_binary(PGconn *conn, const char *name, const char *value, int len)
{
	const int format = 1;

	return pg_check(conn, PQexecPrepared(conn, name, 1, &value, &len, &format, 1), PGRES_TUPLES_OK);
}

/* ---- W1 ---- */

static PGresult *get_binary(PGconn *conn, int64_t key)
{
	char id[8];

	pg_put64(id, key);
	return ask_binary(conn, "get", id, 8);
}

static void get_best(void *state, bench_work *work)
{
	pg_state *s = state;

	work->ops = env.size.gets;
	for (size_t i = 0; i < work->ops; i++) {
		PGresult *r = get_binary(s->conn, env.keys[i]);
		User u;

		pg_read_user(r, 0, &u);
		work->sum += bench_fold_user(pg_user_in_arena(&s->arena, &u));
		PQclear(r);
	}
}

static void get_good(void *state, bench_work *work)
{
	pg_state *s = state;

	work->ops = env.size.gets;
	s->n = work->ops;
	s->users = bench_alloc(s->n, sizeof *s->users);
	for (size_t i = 0; i < work->ops; i++) {
		PGresult *r = get_binary(s->conn, env.keys[i]);
		User u;

		pg_read_user(r, 0, &u);
		s->users[i] = pg_user_block(&u);
		work->sum += bench_fold_user(s->users[i]);
		PQclear(r);
	}
}

static PGresult *get_text(PGconn *conn, int64_t key)
{
	char id[24];
	const char *value = id;

	snprintf(id, sizeof id, "%lld", (long long)key);
	return pg_check(
		conn,
		PQexecParams(conn, SELECT_USERS " WHERE id = $1", 1, NULL, &value, NULL, NULL, 0),
		PGRES_TUPLES_OK);
}

static void get_naive(void *state, bench_work *work)
{
	pg_state *s = state;

	work->ops = env.size.gets;
	s->n = work->ops;
	s->users = bench_alloc(s->n, sizeof *s->users);
	for (size_t i = 0; i < work->ops; i++) {
		PGresult *r = get_text(s->conn, env.keys[i]);
		User u;

		pg_read_user_text(r, 0, &u);
		s->users[i] = pg_user_block(&u);
		work->sum += bench_fold_user(s->users[i]);
		PQclear(r);
	}
}

/* An array of bigint in binary form; its length. */
static int put_keys(char *buf, const int64_t *keys, int n)
{
	enum { INT8OID = 20 };
	char *p = pg_put32(pg_put32(pg_put32(buf, 1), 0), INT8OID);

	p = pg_put32(pg_put32(p, n), 1);
	for (int i = 0; i < n; i++)
		p = pg_put64(pg_put32(p, 8), keys[i]);
	return (int)(p - buf);
}

static void many_best(void *state, bench_work *work)
{
	pg_state *s = state;
	char buf[20 + 12 * KEYS_AT_ONCE];

	work->ops = env.size.gets;
	for (size_t i = 0; i < work->ops; i += KEYS_AT_ONCE) {
		int len = put_keys(buf, env.keys + i, KEYS_AT_ONCE);
		PGresult *r = ask_binary(s->conn, "many", buf, len);

		for (int row = 0; row < PQntuples(r); row++) {
			User u;

			pg_read_user(r, row, &u);
			work->sum += bench_fold_user(pg_user_in_arena(&s->arena, &u));
		}
		PQclear(r);
	}
}

/* ---- W4 ---- */

static const char *copy_text(const char **at)
{
	int32_t len = pg_get32(*at);
	const char *text = *at + 4;

	*at = text + len;
	return text;
}

static size_t text_size(const char *cell)
{
	return (size_t)pg_get32(cell - 4);
}

/* A row as COPY sends it, from behind its count of columns. */
static User *row_in_arena(bench_arena *a, const char *at)
{
	User *u = bench_arena_take(a, sizeof *u);
	const char *cell;

	u->id = pg_get64(copy_text(&at));
	cell = copy_text(&at);
	u->username = bench_arena_text(a, cell, text_size(cell));
	cell = copy_text(&at);
	u->email = bench_arena_text(a, cell, text_size(cell));
	u->is_active = *copy_text(&at);
	u->balance = (amph_numeric){ .v = { .units = pg_get_cents(copy_text(&at)) }, .scale = 2 };
	u->created_at.usec = pg_get64(copy_text(&at)) + PG_EPOCH_USEC;
	cell = copy_text(&at);
	u->profile.text = bench_arena_text(a, cell + 1, text_size(cell) - 1);
	return u;
}

static User **more_room(User **users, size_t n)
{
	if (n & (n - 1))
		return users;
	User **more = realloc(users, (n ? 2 * n : 1) * sizeof *users);
	if (!more)
		bench_fail("out of memory");
	return more;
}

static void all_best(void *state, bench_work *work)
{
	enum { HEADER = 19 };
	pg_state *s = state;
	User **users = NULL;
	size_t n = 0;
	char *data;
	int len;
	bool first = true;

	PQclear(pg_check(s->conn, PQexec(s->conn, "COPY users TO STDOUT (FORMAT binary)"), PGRES_COPY_OUT));
	while ((len = PQgetCopyData(s->conn, &data, 0)) > 0) {
		const char *at = data + (first ? HEADER : 0);

		first = false;
		if (len - (at - data) > 2) {
			users = more_room(users, n);
			users[n++] = row_in_arena(&s->arena, at + 2);
		}
		PQfreemem(data);
	}
	PQclear(pg_check(s->conn, PQgetResult(s->conn), PGRES_COMMAND_OK));
	work->ops = n;
	for (size_t i = 0; i < n; i++)
		work->sum += bench_fold_user(users[i]);
	free(users);
}

static void all_good(void *state, bench_work *work)
{
	pg_state *s = state;
	PGresult *r = pg_check(s->conn, PQexecPrepared(s->conn, "all", 0, NULL, NULL, NULL, 1),
			       PGRES_TUPLES_OK);

	work->ops = s->n = (size_t)PQntuples(r);
	s->users = bench_alloc(s->n, sizeof *s->users);
	for (size_t i = 0; i < s->n; i++) {
		User u;

		pg_read_user(r, (int)i, &u);
		s->users[i] = pg_user_block(&u);
		work->sum += bench_fold_user(s->users[i]);
	}
	PQclear(r);
}

/* Three copies of texts and one struct for each row. */
static User *strdup_user(const User *u)
{
	User *copy = malloc(sizeof *copy);

	if (!copy)
		bench_fail("out of memory");
	*copy = *u;
	copy->username = strdup(u->username);
	copy->email = strdup(u->email);
	copy->profile.text = strdup(u->profile.text);
	return copy;
}

static void free_strdups(void *state)
{
	pg_state *s = state;

	for (size_t i = 0; s->users && i < s->n; i++) {
		free((char *)(uintptr_t)s->users[i]->username);
		free((char *)(uintptr_t)s->users[i]->email);
		free((char *)(uintptr_t)s->users[i]->profile.text);
	}
	pg_free_users(s);
}

static void close_strdups(void *state)
{
	free_strdups(state);
	pg_close_state(state);
}

static void all_naive(void *state, bench_work *work)
{
	pg_state *s = state;
	PGresult *r = pg_check(s->conn, PQexec(s->conn, SELECT_USERS), PGRES_TUPLES_OK);

	work->ops = s->n = (size_t)PQntuples(r);
	s->users = bench_alloc(s->n, sizeof *s->users);
	for (size_t i = 0; i < s->n; i++) {
		User u;

		pg_read_user_text(r, (int)i, &u);
		s->users[i] = strdup_user(&u);
		work->sum += bench_fold_user(s->users[i]);
	}
	PQclear(r);
}

/* ---- W6 ---- */

typedef struct parent { Category category; Product *products; size_t n; } parent;

static void read_product(bench_arena *a, const PGresult *r, int row, int first, Product *p)
{
	p->id = pg_get64(PQgetvalue(r, row, first));
	p->name = bench_arena_text(a, PQgetvalue(r, row, first + 1),
				   (size_t)PQgetlength(r, row, first + 1));
	p->price = (amph_numeric){ .v = { .units = pg_get_cents(PQgetvalue(r, row, first + 2)) },
				   .scale = 2 };
	p->stock = pg_get32(PQgetvalue(r, row, first + 3));
	p->category_id = pg_get64(PQgetvalue(r, row, first + 4));
}

static uint64_t fold_parents(const parent *parents, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		sum += (uint64_t)parents[i].category.id * strlen(parents[i].category.name);
		for (size_t j = 0; j < parents[i].n; j++)
			sum += bench_fold_product(&parents[i].products[j]);
	}
	return sum;
}

/* Ids of categories to parents, open addressing. */
typedef struct table { parent **slots; size_t mask; } table;

static parent **slot_of(const table *t, int64_t id)
{
	size_t at = (size_t)((uint64_t)id * 0x9E3779B97F4A7C15u >> 20) & t->mask;

	while (t->slots[at] && t->slots[at]->category.id != id)
		at = (at + 1) & t->mask;
	return &t->slots[at];
}

static void *open_eager(const bench_case *c)
{
	pg_state *s = pg_open_state(c);

	pg_prepare(s->conn, "categories", "SELECT id, name FROM categories");
	pg_prepare(s->conn, "products", "SELECT id, name, price, stock, category_id FROM products "
		   "WHERE category_id = ANY($1::bigint[])");
	pg_prepare(s->conn, "joined", "SELECT c.id, c.name, p.id, p.name, p.price, p.stock, p.category_id "
		   "FROM categories c JOIN products p ON p.category_id = c.id ORDER BY c.id");
	return s;
}

static void add_product(bench_arena *a, parent *p, const PGresult *r, int row, int first)
{
	if (!p->products)
		p->products = bench_arena_take(a, PRODUCTS_EACH * sizeof *p->products);
	read_product(a, r, row, first, &p->products[p->n++]);
}

static void eager_best(void *state, bench_work *work)
{
	pg_state *s = state;
	PGresult *r = pg_check(s->conn, PQexecPrepared(s->conn, "categories", 0, NULL, NULL, NULL, 1),
			       PGRES_TUPLES_OK);
	size_t n = (size_t)PQntuples(r), cap = 1;
	parent *parents = bench_alloc(n, sizeof *parents);
	int64_t *ids = bench_alloc(n, sizeof *ids);

	while (cap < 2 * n)
		cap *= 2;
	table t = { bench_alloc(cap, sizeof(parent *)), cap - 1 };
	for (size_t i = 0; i < n; i++) {
		parents[i].category.id = ids[i] = pg_get64(PQgetvalue(r, (int)i, 0));
		parents[i].category.name = bench_arena_text(&s->arena, PQgetvalue(r, (int)i, 1),
							    (size_t)PQgetlength(r, (int)i, 1));
		*slot_of(&t, ids[i]) = &parents[i];
	}
	PQclear(r);
	pg_reserve(s, 20 + 12 * n);
	r = ask_binary(s->conn, "products", s->buf, put_keys(s->buf, ids, (int)n));
	for (int row = 0; row < PQntuples(r); row++)
		add_product(&s->arena, *slot_of(&t, pg_get64(PQgetvalue(r, row, 4))), r, row, 0);
	PQclear(r);
	work->ops = n;
	work->sum = fold_parents(parents, n);
	free(parents);
	free(ids);
	free(t.slots);
}

static void eager_joined(void *state, bench_work *work)
{
	pg_state *s = state;
	PGresult *r = pg_check(s->conn, PQexecPrepared(s->conn, "joined", 0, NULL, NULL, NULL, 1),
			       PGRES_TUPLES_OK);
	parent *parents = bench_alloc(env.size.categories, sizeof *parents);
	parent *p = parents - 1;

	for (int row = 0; row < PQntuples(r); row++) {
		int64_t id = pg_get64(PQgetvalue(r, row, 0));

		if (!row || p->category.id != id) {
			(++p)->category.id = id;
			p->category.name = bench_arena_text(&s->arena, PQgetvalue(r, row, 1),
							    (size_t)PQgetlength(r, row, 1));
		}
		add_product(&s->arena, p, r, row, 2);
	}
	PQclear(r);
	work->ops = (size_t)(p + 1 - parents);
	work->sum = fold_parents(parents, work->ops);
	free(parents);
}

/* ---- W7 ---- */

static void fold_page(pg_state *s, PGresult *r, bool binary, bench_work *work)
{
	for (int row = 0; row < PQntuples(r); row++) {
		User u;

		(binary ? pg_read_user : pg_read_user_text)(r, row, &u);
		work->sum += bench_fold_user(pg_user_in_arena(&s->arena, &u));
	}
	PQclear(r);
}

static void like_prepared(void *state, bench_work *work)
{
	pg_state *s = state;

	work->ops = env.size.likes;
	for (size_t i = 0; i < work->ops; i++)
		fold_page(s, ask_binary(s->conn, "like", "%john%", 6), true, work);
}

static void like_naive(void *state, bench_work *work)
{
	pg_state *s = state;

	work->ops = env.size.likes;
	for (size_t i = 0; i < work->ops; i++)
		fold_page(s, pg_check(s->conn, PQexec(s->conn, SELECT_USERS " WHERE username ILIKE '%john%' "
						      "ORDER BY created_at DESC LIMIT 20"),
				      PGRES_TUPLES_OK), false, work);
}

static void json_prepared(void *state, bench_work *work)
{
	pg_state *s = state;
	char text[40], buf[48];

	work->ops = env.size.jsons;
	for (size_t i = 0; i < work->ops; i++) {
		snprintf(text, sizeof text, "{\"grp\": %zu}", i);
		fold_page(s, ask_binary(s->conn, "json", buf, (int)(pg_put_json(buf, text) - buf)),
			  true, work);
	}
}

static void json_naive(void *state, bench_work *work)
{
	pg_state *s = state;
	char text[40];
	const char *value = text;

	work->ops = env.size.jsons;
	for (size_t i = 0; i < work->ops; i++) {
		snprintf(text, sizeof text, "{\"grp\": %zu}", i);
		fold_page(s,
			  pg_check(s->conn,
				   PQexecParams(s->conn, SELECT_USERS " WHERE profile @> $1::jsonb",
						1, NULL, &value, NULL, NULL, 0),
				   PGRES_TUPLES_OK),
			  false, work);
	}
}

#define CASE(w, side_, name_, open_, run_, close_)                                               \
	{ .workload = w, .backend = POSTGRESQL, .side = side_, .name = name_, .open = open_,     \
	  .before = forget, .run = run_, .close = close_ }
static const bench_case cases[] = {
	CASE("W1 get", SIDE_BEST, "prepared, binary, arena", open_get, get_best, pg_close_state),
	CASE("W1 get", SIDE_GOOD, "prepared, binary, a block each", open_get, get_good, pg_close_state),
	CASE("W1 get", SIDE_NAIVE, "PQexecParams, text", open_get, get_naive, pg_close_state),
	CASE("W1 many", SIDE_BEST, "= ANY of 100 keys", open_get, many_best, pg_close_state),
	CASE("W1 many", SIDE_GOOD, "one by one, prepared, binary", open_get, get_good, pg_close_state),
	CASE("W1 many", SIDE_NAIVE, "one by one, PQexecParams, text", open_get, get_naive, pg_close_state),
	CASE("W4", SIDE_BEST, "COPY TO, binary, arena", open_get, all_best, pg_close_state),
	CASE("W4", SIDE_GOOD, "prepared, binary, a block each", open_get, all_good, pg_close_state),
	{ .workload = "W4", .backend = POSTGRESQL, .side = SIDE_NAIVE, .name = "PQexec, strdup",
	  .open = open_get, .before = free_strdups, .run = all_naive, .close = close_strdups },
	CASE("W6", SIDE_BEST, "two queries, = ANY, hash join", open_eager, eager_best, pg_close_state),
	CASE("W6", SIDE_NAIVE, "join", open_eager, eager_joined, pg_close_state),
	CASE("W7 like", SIDE_BEST, "prepared, binary", open_get, like_prepared, pg_close_state),
	CASE("W7 like", SIDE_GOOD, "prepared, binary", open_get, like_prepared, pg_close_state),
	CASE("W7 like", SIDE_NAIVE, "PQexec, text", open_get, like_naive, pg_close_state),
	CASE("W7 jsonb", SIDE_BEST, "prepared, binary", open_get, json_prepared, pg_close_state),
	CASE("W7 jsonb", SIDE_GOOD, "prepared, binary", open_get, json_prepared, pg_close_state),
	CASE("W7 jsonb", SIDE_NAIVE, "PQexecParams, text", open_get, json_naive, pg_close_state)
};
const bench_list bench_pg_read = { cases, sizeof cases / sizeof *cases };
