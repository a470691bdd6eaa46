/* The workloads with the library: the same code for both databases. */
#include "bench.h"
#include "counters.h"
#include "threads.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct ours_state {
	amph_engine *db;
	amph_session *s;
	bench_backend backend;
	bool own_engine;
	int threads;
	size_t n;
	User **users;
	NewUser *rows;
	int64_t total;
	bool two_queries;               /* relationships cannot be loaded yet */
} ours_state;

static _Noreturn void failed(const amph_session *s)
{
	const amph_error *err = amph_session_error(s);

	bench_fail("amphora: %s %s", err->sqlstate, err->message);
}

static void must(const ours_state *o, bool ok)
{
	if (!ok)
		failed(o->s);
}

static void *open_ours(const bench_case *c)
{
	ours_state *o = bench_alloc(1, sizeof *o);

	o->db = env.engine[c->backend];
	o->backend = c->backend;
	o->s = amph_session_open(o->db);
	if (!o->s)
		bench_fail("out of memory");
	return o;
}

static void *open_read_only(const bench_case *c)
{
	ours_state *o = open_ours(c);

	amph_session_close(o->s);
	o->s = amph_session_open_with(o->db, AMPH_SESSION_OPTIONS(.read_only = true));
	if (!o->s)
		bench_fail("out of memory");
	return o;
}

static void close_ours(void *state)
{
	ours_state *o = state;

	amph_session_close(o->s);
	if (o->own_engine)
		amph_close(o->db);
	free(o->users);
	free(o->rows);
	free(o);
}

static void forget(void *state)
{
	ours_state *o = state;

	amph_rollback(o->s);
	amph_session_clear(o->s);
}

/* Outside a transaction, so that a snapshot does not hold back VACUUM and checkpoints. */
static void leave(void *state, bench_work *work)
{
	ours_state *o = state;

	(void)work;
	amph_rollback(o->s);
}

static User *found(const ours_state *o, User *u)
{
	must(o, u != NULL);
	return u;
}

/* ---- W1 ---- */

static void get(void *state, bench_work *work)
{
	ours_state *o = state;

	work->ops = env.size.gets;
	for (size_t i = 0; i < work->ops; i++)
		work->sum += bench_fold_user(found(o, amph_get(o->s, User, env.keys[i])));
}

static void get_many(void *state, bench_work *work)
{
	ours_state *o = state;

	work->ops = env.size.gets;
	for (size_t i = 0; i < work->ops; i += KEYS_AT_ONCE) {
		User **users = amph_all(o->s, User,
					.where = amph_in(amph_col(User, id),
							 amph_ints_of(env.keys + i, KEYS_AT_ONCE)));

		must(o, users != NULL);
		amph_each(User, u, users)
			work->sum += bench_fold_user(u);
		amph_release(o->s, users);
	}
}

enum { HIT_KEYS = 1000 };

static void load_hits(void *state)
{
	ours_state *o = state;

	forget(o);
	for (size_t i = 0; i < HIT_KEYS; i++)
		found(o, amph_get(o->s, User, env.keys[i]));
}

static void get_hits(void *state, bench_work *work)
{
	ours_state *o = state;

	work->ops = env.size.gets;
	for (size_t i = 0; i < work->ops; i++)
		work->sum += (uint64_t)found(o, amph_get(o->s, User, env.keys[i % HIT_KEYS]))
				     ->balance.v.units;
}

/* ---- W2, W3 ---- */

static void empty_table(void *state)
{
	ours_state *o = state;

	forget(o);
	if (o->backend == POSTGRESQL) {
		bench_pg_command("TRUNCATE new_users RESTART IDENTITY");
	} else {
		bench_sqlite_command("DELETE FROM new_users");
		bench_sqlite_command("PRAGMA wal_checkpoint(TRUNCATE)");
	}
	if (!o->users)
		o->users = bench_alloc(env.size.inserts, sizeof *o->users);
}

static void insert(void *state, bench_work *work)
{
	ours_state *o = state;

	work->ops = env.size.inserts;
	for (size_t i = 0; i < work->ops; i++) {
		const User *u = &env.users[i];

		o->users[i] = amph_new(o->s, NewUser, .username = u->username, .email = u->email,
				       .is_active = u->is_active, .balance = u->balance,
				       .created_at = u->created_at, .profile = u->profile);
	}
	bench_counts_reset_peak();      /* the objects are the input */
	must(o, amph_commit(o->s));
}

static void check_inserts(void *state, bench_work *work)
{
	ours_state *o = state;

	work->sum = bench_check_new_objects(o->backend, o->users, work->ops);
}

static void prepare_bulk(void *state)
{
	ours_state *o = state;

	empty_table(o);
	if (!o->rows)
		o->rows = bench_alloc(env.size.bulk, sizeof *o->rows);
	memcpy(o->rows, env.users, env.size.bulk * sizeof *o->rows);
}

static void bulk(void *state, bench_work *work)
{
	ours_state *o = state;

	work->ops = env.size.bulk;
	must(o, amph_insert_many(o->s, NewUser, o->rows, work->ops,
				 .only = amph_by(amph_col(NewUser, username), amph_col(NewUser, email),
						 amph_col(NewUser, is_active), amph_col(NewUser, balance),
						 amph_col(NewUser, created_at), amph_col(NewUser, profile)))
			>= 0);
	must(o, amph_commit(o->s));
}

static void check_bulk(void *state, bench_work *work)
{
	ours_state *o = state;

	work->sum = bench_check_new(o->backend, o->rows, work->ops, false);
}

/* ---- W4 ---- */

static void all(void *state, bench_work *work)
{
	ours_state *o = state;
	User **users = amph_all(o->s, User);

	must(o, users != NULL);
	work->ops = amph_length(users);
	amph_each(User, u, users)
		work->sum += bench_fold_user(u);
}

static void stream(void *state, bench_work *work)
{
	ours_state *o = state;
	amph_stream *stream = amph_stream_open(o->s, User);

	must(o, stream != NULL);
	for (const User *u; (u = amph_stream_next(stream)); work->ops++)
		work->sum += bench_fold_user(u);
	must(o, amph_stream_close(stream));
}

/* ---- W5 ---- */

static void load_flush(void *state)
{
	ours_state *o = state;

	forget(o);
	if (o->backend == POSTGRESQL)
		bench_pg_command("VACUUM flush_users");
	else
		bench_sqlite_command("PRAGMA wal_checkpoint(TRUNCATE)");
	FlushUser **users = amph_all(o->s, FlushUser);
	must(o, users != NULL);
	o->n = amph_length(users);
	free(o->users);
	o->users = bench_alloc(o->n, sizeof *o->users);
	memcpy(o->users, users, o->n * sizeof *o->users);
	must(o, amph_commit(o->s));
	o->total = bench_flush_total(o->backend);
}

static void flush(void *state, bench_work *work)
{
	ours_state *o = state;

	work->ops = o->n;
	for (size_t i = 0; i < o->n; i += FLUSH_EVERY)
		o->users[i]->balance.v.units++;
	must(o, amph_commit(o->s));
}

static void check_flush(void *state, bench_work *work)
{
	ours_state *o = state;

	work->sum = (uint64_t)(bench_flush_total(o->backend) - o->total);
}

/* ---- W6 ---- */

static uint64_t fold_categories(Category *const *categories)
{
	uint64_t sum = 0;

	amph_each(Category, c, categories) {
		sum += (uint64_t)c->id * strlen(c->name);
		amph_each(Product, p, c->products)
			sum += bench_fold_product(p);
	}
	return sum;
}

static void *open_eager(const bench_case *c)
{
	ours_state *o = open_ours(c);

	o->two_queries = !amph_all(o->s, Category, .load = amph_with(amph_selectin(Category, products)),
				   .limit = 1);
	if (o->two_queries)
		fprintf(stderr, "bench: W6 by two queries and no collection: %s\n",
			amph_session_error(o->s)->message);
	return o;
}

static void two_queries(ours_state *o, bench_work *work)
{
	Category **categories = amph_all(o->s, Category);
	must(o, categories != NULL);
	work->ops = amph_length(categories);
	int64_t *ids = bench_alloc(work->ops, sizeof *ids);
	for (size_t i = 0; i < work->ops; i++) {
		ids[i] = categories[i]->id;
		work->sum += (uint64_t)ids[i] * strlen(categories[i]->name);
	}
	Product **products = amph_all(o->s, Product, .where = amph_in(amph_col(Product, category_id),
								      amph_ints_of(ids, work->ops)));
	must(o, products != NULL);
	amph_each(Product, p, products)
		work->sum += bench_fold_product(p);
	free(ids);
}

static void eager(void *state, bench_work *work)
{
	ours_state *o = state;

	if (o->two_queries) {
		two_queries(o, work);
		return;
	}
	Category **categories =
		amph_all(o->s, Category, .load = amph_with(amph_selectin(Category, products)));
	must(o, categories != NULL);
	work->ops = amph_length(categories);
	work->sum = fold_categories(categories);
}

/* ---- W7 ---- */

static void like(void *state, bench_work *work)
{
	ours_state *o = state;

	work->ops = env.size.likes;
	for (size_t i = 0; i < work->ops; i++) {
		User **users = amph_all(o->s, User, .where = amph_ilike(amph_col(User, username), "%john%"),
					.order_by = amph_by(amph_desc(amph_col(User, created_at))),
					.limit = PAGE_ROWS);

		must(o, users != NULL);
		amph_each(User, u, users)
			work->sum += bench_fold_user(u);
	}
}

static void jsonb(void *state, bench_work *work)
{
	ours_state *o = state;
	char text[40];

	work->ops = env.size.jsons;
	for (size_t i = 0; i < work->ops; i++) {
		snprintf(text, sizeof text, "{\"grp\": %zu}", i);
		User **users = amph_all(o->s, User, .where = amph_json_contains(amph_col(User, profile),
										amph_json_text(text)));

		must(o, users != NULL);
		amph_each(User, u, users)
			work->sum += bench_fold_user(u);
	}
}

/* ---- W8 ---- */

static void *open_shared(const bench_case *c)
{
	ours_state *o = bench_alloc(1, sizeof *o);
	amph_error err;

	o->threads = c->threads;
	o->own_engine = true;
	bench_pin(false);
	o->db = amph_open(env.url[c->backend],
			  AMPH_OPTIONS(.models = bench_models, .pool_size = c->connections,
				       .max_overflow = AMPH_NO_OVERFLOW),
			  &err);
	if (!o->db)
		bench_fail("amph_open: %s %s", err.sqlstate, err.message);
	bench_pin(true);
	return o;
}

static uint64_t get_shared(void *ctx, const int64_t *keys, size_t n)
{
	ours_state *o = ctx;
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		amph_session *s = amph_session_open(o->db);
		const User *u = s ? amph_get(s, User, keys[i]) : NULL;

		if (!u)
			failed(s);
		sum += bench_fold_user(u);
		amph_session_close(s);
	}
	return sum;
}

static void shared(void *state, bench_work *work)
{
	ours_state *o = state;

	work->ops = env.size.shared;
	work->sum = bench_run_threads(o->threads, get_shared, o);
}

#define CASE(w, backend_, name_, open_, before_, run_, after_)                                   \
	{ .workload = w, .backend = backend_, .side = SIDE_OURS, .name = name_, .open = open_,   \
	  .before = before_, .run = run_, .after = after_, .close = close_ours }
#define SHARED(w, b, t, c)                                                                       \
	{ .workload = w, .backend = b, .side = SIDE_OURS, .name = "session", .open = open_shared, \
	  .run = shared, .close = close_ours, .threads = t, .connections = c }
#define BOTH(b)                                                                                  \
	CASE("W1 get", b, "amph_get", open_ours, forget, get, leave),                            \
	CASE("W1 hit", b, "amph_get, identity map", open_ours, load_hits, get_hits, leave),      \
	CASE("W2", b, "amph_new, amph_commit", open_ours, empty_table, insert, check_inserts),   \
	CASE("W3", b, "amph_insert_many", open_ours, prepare_bulk, bulk, check_bulk),            \
	CASE("W4", b, "tracked", open_ours, forget, all, leave),                                 \
	CASE("W4", b, "read-only", open_read_only, forget, all, leave),                          \
	CASE("W4", b, "stream", open_ours, forget, stream, leave),                               \
	CASE("W5", b, "amph_commit", open_ours, load_flush, flush, check_flush),                 \
	CASE("W6", b, "selectin", open_eager, forget, eager, leave),                             \
	CASE("W7 like", b, "ilike", open_ours, forget, like, leave),                             \
	SHARED("W8 2/2", b, 2, 2), SHARED("W8 8/8", b, 8, 8), SHARED("W8 32/8", b, 32, 8)
static const bench_case cases[] = {
	BOTH(POSTGRESQL),
	CASE("W1 many", POSTGRESQL, "in", open_ours, forget, get_many, leave),
	CASE("W7 jsonb", POSTGRESQL, "json_contains", open_ours, forget, jsonb, leave),
	BOTH(SQLITE)
};
const bench_list bench_ours = { cases, sizeof cases / sizeof *cases };
