/* Reading from SQLite by hand: W1 (one key, many keys), W4, W6, W7. */
#include "lite.h"
#include <stdlib.h>
#include <string.h>

#define SELECT_USERS "SELECT " USER_LIST " FROM users"
#define SELECT_LIKE SELECT_USERS " WHERE username LIKE '%john%' ORDER BY created_at DESC LIMIT 20"

static void *open_with(const bench_case *c, const char *sql)
{
	lite_state *s = lite_open_state(c);

	s->stmt = lite_prepare(s->db, sql);
	return s;
}

static void *open_get(const bench_case *c)
{
	return open_with(c, SELECT_USERS " WHERE id = ?1");
}

static void *open_all(const bench_case *c)
{
	return open_with(c, SELECT_USERS);
}

static void *open_like(const bench_case *c)
{
	return open_with(c, SELECT_LIKE);
}

static void forget(void *state)
{
	lite_free_users(state);
}

/* ---- W1 ---- */

static void get_best(void *state, bench_work *work)
{
	lite_state *s = state;

	work->ops = env.size.gets;
	lite_do(s->db, "BEGIN");
	for (size_t i = 0; i < work->ops; i++) {
		sqlite3_bind_int64(s->stmt, 1, env.keys[i]);
		lite_check(s->db, sqlite3_step(s->stmt) == SQLITE_ROW);
		work->sum += bench_fold_user(lite_user_in_arena(&s->arena, s->stmt));
		sqlite3_reset(s->stmt);
	}
	lite_do(s->db, "COMMIT");
}

static void prepare_blocks(lite_state *s, size_t n)
{
	s->n = n;
	s->users = bench_alloc(n, sizeof *s->users);
}

static void get_good(void *state, bench_work *work)
{
	lite_state *s = state;

	work->ops = env.size.gets;
	prepare_blocks(s, work->ops);
	for (size_t i = 0; i < work->ops; i++) {
		sqlite3_bind_int64(s->stmt, 1, env.keys[i]);
		lite_check(s->db, sqlite3_step(s->stmt) == SQLITE_ROW);
		s->users[i] = lite_user_block(s->stmt);
		work->sum += bench_fold_user(s->users[i]);
		sqlite3_reset(s->stmt);
	}
}

static void get_naive(void *state, bench_work *work)
{
	lite_state *s = state;

	work->ops = env.size.gets;
	prepare_blocks(s, work->ops);
	for (size_t i = 0; i < work->ops; i++) {
		sqlite3_stmt *stmt = NULL;

		lite_check(s->db, sqlite3_prepare_v2(s->db, SELECT_USERS " WHERE id = ?1", -1, &stmt, NULL)
			   == SQLITE_OK);
		sqlite3_bind_int64(stmt, 1, env.keys[i]);
		lite_check(s->db, sqlite3_step(stmt) == SQLITE_ROW);
		s->users[i] = lite_user_block(stmt);
		work->sum += bench_fold_user(s->users[i]);
		sqlite3_finalize(stmt);
	}
}

/* ---- W4 ---- */

static void all_best(void *state, bench_work *work)
{
	lite_state *s = state;
	User **users = NULL;
	size_t n = 0, cap = 0;

	while (sqlite3_step(s->stmt) == SQLITE_ROW) {
		if (n == cap) {
			cap = cap ? 2 * cap : 1024;
			users = realloc(users, cap * sizeof *users);
			if (!users)
				bench_fail("out of memory");
		}
		users[n++] = lite_user_in_arena(&s->arena, s->stmt);
	}
	lite_check(s->db, sqlite3_reset(s->stmt) == SQLITE_OK);
	work->ops = n;
	for (size_t i = 0; i < n; i++)
		work->sum += bench_fold_user(users[i]);
	free(users);
}

static void take_all(lite_state *s, sqlite3_stmt *stmt, bench_work *work)
{
	size_t cap = 0;

	s->n = 0;
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		if (s->n == cap) {
			cap = cap ? 2 * cap : 1024;
			s->users = realloc(s->users, cap * sizeof *s->users);
			if (!s->users)
				bench_fail("out of memory");
		}
		s->users[s->n++] = lite_user_block(stmt);
	}
	work->ops = s->n;
	for (size_t i = 0; i < s->n; i++)
		work->sum += bench_fold_user(s->users[i]);
}

static void all_good(void *state, bench_work *work)
{
	lite_state *s = state;

	take_all(s, s->stmt, work);
	lite_check(s->db, sqlite3_reset(s->stmt) == SQLITE_OK);
}

/* A copy of each text. */
static void all_naive(void *state, bench_work *work)
{
	lite_state *s = state;
	sqlite3_stmt *stmt = NULL;

	lite_check(s->db, sqlite3_prepare_v2(s->db, SELECT_USERS, -1, &stmt, NULL) == SQLITE_OK);
	prepare_blocks(s, env.size.users);
	s->n = 0;
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		User *u = bench_alloc(1, sizeof *u);

		lite_read_user(stmt, u);
		u->username = strdup(u->username);
		u->email = strdup(u->email);
		u->profile.text = strdup(u->profile.text);
		s->users[s->n++] = u;
		work->sum += bench_fold_user(u);
	}
	work->ops = s->n;
	sqlite3_finalize(stmt);
}

static void free_strdups(void *state)
{
	lite_state *s = state;

	for (size_t i = 0; s->users && i < s->n; i++) {
		free((char *)(uintptr_t)s->users[i]->username);
		free((char *)(uintptr_t)s->users[i]->email);
		free((char *)(uintptr_t)s->users[i]->profile.text);
	}
	lite_free_users(s);
}

static void close_strdups(void *state)
{
	free_strdups(state);
	lite_close_state(state);
}

/* ---- W6 ---- */

typedef struct parent { Category category; Product *products; size_t n; } parent;

static const char *text_in_arena(bench_arena *a, sqlite3_stmt *stmt, int column)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	return bench_arena_text(a, text, (size_t)sqlite3_column_bytes(stmt, column));
}

static void add_product(bench_arena *a, parent *to, sqlite3_stmt *stmt, int first)
{
	if (!to->products)
		to->products = bench_arena_take(a, PRODUCTS_EACH * sizeof *to->products);
	Product *p = &to->products[to->n++];
	p->id = sqlite3_column_int64(stmt, first);
	p->name = text_in_arena(a, stmt, first + 1);
	p->price = (amph_numeric){ .v = { .units = lite_get_cents((const char *)sqlite3_column_text(
						  stmt, first + 2)) },
				   .scale = 2 };
	p->stock = sqlite3_column_int(stmt, first + 3);
	p->category_id = sqlite3_column_int64(stmt, first + 4);
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

static void *open_eager(const bench_case *c)
{
	lite_state *s = open_with(c, "SELECT id, name FROM categories");

	s->other = lite_prepare(s->db, "SELECT id, name, price, stock, category_id FROM products");
	return s;
}

static void *open_joined(const bench_case *c)
{
	return open_with(c, "SELECT c.id, c.name, p.id, p.name, p.price, p.stock, p.category_id "
			    "FROM categories c "
			    "JOIN products p ON p.category_id = c.id ORDER BY c.id");
}

/* Ids of categories to their number, open addressing; 0 is free. */
typedef struct table { int64_t *ids; uint32_t *numbers; size_t mask; } table;

static size_t slot_of(const table *t, int64_t id)
{
	size_t at = (size_t)((uint64_t)id * 0x9E3779B97F4A7C15u >> 20) & t->mask;

	while (t->ids[at] && t->ids[at] != id)
		at = (at + 1) & t->mask;
	return at;
}

static void eager_best(void *state, bench_work *work)
{
	lite_state *s = state;
	size_t n = 0, cap = 1;
	parent *parents = bench_alloc(env.size.categories, sizeof *parents);

	while (cap < 2 * env.size.categories)
		cap *= 2;
	table t = { bench_alloc(cap, sizeof(int64_t)), bench_alloc(cap, sizeof(uint32_t)), cap - 1 };
	lite_do(s->db, "BEGIN");
	while (sqlite3_step(s->stmt) == SQLITE_ROW) {
		parents[n].category.id = sqlite3_column_int64(s->stmt, 0);
		parents[n].category.name = text_in_arena(&s->arena, s->stmt, 1);
		size_t at = slot_of(&t, parents[n].category.id);
		t.ids[at] = parents[n].category.id;
		t.numbers[at] = (uint32_t)n++;
	}
	sqlite3_reset(s->stmt);
	while (sqlite3_step(s->other) == SQLITE_ROW)
		add_product(&s->arena, &parents[t.numbers[slot_of(&t, sqlite3_column_int64(s->other, 4))]],
			    s->other, 0);
	sqlite3_reset(s->other);
	lite_do(s->db, "COMMIT");
	work->ops = n;
	work->sum = fold_parents(parents, n);
	free(parents);
	free(t.ids);
	free(t.numbers);
}

static void eager_joined(void *state, bench_work *work)
{
	lite_state *s = state;
	parent *parents = bench_alloc(env.size.categories, sizeof *parents);
	parent *p = parents - 1;

	while (sqlite3_step(s->stmt) == SQLITE_ROW) {
		int64_t id = sqlite3_column_int64(s->stmt, 0);

		if (p < parents || p->category.id != id) {
			(++p)->category.id = id;
			p->category.name = text_in_arena(&s->arena, s->stmt, 1);
		}
		add_product(&s->arena, p, s->stmt, 2);
	}
	sqlite3_reset(s->stmt);
	work->ops = (size_t)(p + 1 - parents);
	work->sum = fold_parents(parents, work->ops);
	free(parents);
}

/* ---- W7 ---- */

static void like_prepared(void *state, bench_work *work)
{
	lite_state *s = state;

	work->ops = env.size.likes;
	for (size_t i = 0; i < work->ops; i++) {
		while (sqlite3_step(s->stmt) == SQLITE_ROW)
			work->sum += bench_fold_user(lite_user_in_arena(&s->arena, s->stmt));
		sqlite3_reset(s->stmt);
	}
}

static void like_naive(void *state, bench_work *work)
{
	lite_state *s = state;

	work->ops = env.size.likes;
	for (size_t i = 0; i < work->ops; i++) {
		sqlite3_stmt *stmt = NULL;

		lite_check(s->db, sqlite3_prepare_v2(s->db, SELECT_LIKE, -1, &stmt, NULL) == SQLITE_OK);
		while (sqlite3_step(stmt) == SQLITE_ROW)
			work->sum += bench_fold_user(lite_user_in_arena(&s->arena, stmt));
		sqlite3_finalize(stmt);
	}
}

#define CASE(w, side_, name_, open_, run_)                                                       \
	{ .workload = w, .backend = SQLITE, .side = side_, .name = name_, .open = open_,         \
	  .before = forget, .run = run_, .close = lite_close_state }
static const bench_case cases[] = {
	CASE("W1 get", SIDE_BEST, "cached statement, open transaction, arena", open_get, get_best),
	CASE("W1 get", SIDE_GOOD, "cached statement, a block each", open_get, get_good),
	CASE("W1 get", SIDE_NAIVE, "prepared for each use", open_get, get_naive),
	CASE("W4", SIDE_BEST, "arena", open_all, all_best),
	CASE("W4", SIDE_GOOD, "a block each", open_all, all_good),
	{ .workload = "W4", .backend = SQLITE, .side = SIDE_NAIVE, .name = "strdup", .open = open_all,
	  .before = free_strdups, .run = all_naive, .close = close_strdups },
	CASE("W6", SIDE_BEST, "two scans, hash join", open_eager, eager_best),
	CASE("W6", SIDE_NAIVE, "join", open_joined, eager_joined),
	CASE("W7 like", SIDE_BEST, "cached statement", open_like, like_prepared),
	CASE("W7 like", SIDE_GOOD, "cached statement", open_like, like_prepared),
	CASE("W7 like", SIDE_NAIVE, "prepared for each use", open_like, like_naive)
};
const bench_list bench_sqlite_read = { cases, sizeof cases / sizeof *cases };
