/* What the measurements share: the data, the two databases, the cases and what they count.
 *
 * A case does one workload in one way: the library's, or one of hand-written code's. Cases of
 * the same workload and backend are visited in every round in another order; the sums that they
 * make of the rows must be equal. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H
#include <amphora.h>
#include <sys/types.h>

typedef struct User {
	int64_t id;
	const char *username;
	const char *email;
	bool is_active;
	amph_numeric balance;           /* numeric(10,2): v.units are cents */
	amph_timestamptz created_at;
	amph_json profile;
} User;
typedef User NewUser;                   /* the same in an empty table, for inserts */
typedef User FlushUser;                 /* and in a small one, for updates */
typedef struct Product Product;
typedef struct Category {
	int64_t id;
	const char *name;
	AMPH_MANY(Product) products;
} Category;
struct Product {
	int64_t id;
	const char *name;
	amph_numeric price;
	int32_t stock;
	int64_t category_id;
};
AMPH_DECLARE(User);
AMPH_DECLARE(NewUser);
AMPH_DECLARE(FlushUser);
AMPH_DECLARE(Category);
AMPH_DECLARE(Product);
extern const amph_model *const bench_models[];

typedef enum bench_backend { POSTGRESQL, SQLITE, N_BACKENDS } bench_backend;
extern const char *const bench_backend_names[N_BACKENDS];

typedef struct bench_sizes {
	size_t users, gets, inserts, bulk, flush, categories, likes, jsons, shared, growth;
} bench_sizes;
enum { PRODUCTS_EACH = 20, KEYS_AT_ONCE = 100, FLUSH_EVERY = 10, USERS_IN_GROUP = 20, PAGE_ROWS = 20 };

/* One for the whole program; nothing changes once the rounds have begun. */
typedef struct bench_env {
	bench_sizes size;
	User *users;                    /* ids from 1, in order */
	size_t n_users;
	int64_t *keys;                  /* ids of users, shuffled */
	char conninfo[512];             /* of libpq */
	char sqlite_path[256];
	amph_engine *engine[N_BACKENDS];
	char url[N_BACKENDS][512];
} bench_env;
extern bench_env env;

/* Ends the program: a measurement that went wrong is worth nothing. */
_Noreturn void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
void *bench_alloc(size_t n, size_t size);

/* ---- cases ---- */
typedef enum bench_side { SIDE_BEST, SIDE_GOOD, SIDE_NAIVE, SIDE_OTHER, SIDE_OURS } bench_side;

typedef struct bench_work {
	size_t ops;                     /* what a time is divided by */
	uint64_t sum;                   /* of the rows, by bench_fold */
} bench_work;

typedef struct bench_case bench_case;
struct bench_case {
	const char *workload;           /* "W1 get" */
	bench_backend backend;
	bench_side side;
	const char *name;               /* technique */
	void *(*open)(const bench_case *c);
	void (*before)(void *state);    /* of each round, not timed; may be NULL */
	void (*run)(void *state, bench_work *work);     /* timed */
	void (*after)(void *state, bench_work *work);   /* not timed; may be NULL */
	void (*close)(void *state);
	int threads, connections;       /* of W8 */
};

typedef struct bench_list { const bench_case *cases; size_t n; } bench_list;
extern const bench_list bench_ours, bench_pg_read, bench_pg_write, bench_pg_pool, bench_sqlite_read,
	bench_sqlite_write, bench_sqlite_pool;

/* Cheap enough to be made while the clock runs, and the same for everybody. */
uint64_t bench_fold_user(const User *u);
uint64_t bench_fold_product(const Product *p);
double bench_now_usec(void);
double bench_cpu_usec(void);            /* of this process, all threads */

/* ---- an arena, which the best of the hand-written code uses ---- */
typedef struct bench_arena { struct bench_chunk *chunks; char *at, *end; } bench_arena;
void *bench_arena_take(bench_arena *a, size_t size);
const char *bench_arena_text(bench_arena *a, const char *text, size_t len);
void bench_arena_reset(bench_arena *a);         /* the objects are gone, a chunk is kept */
void bench_arena_free(bench_arena *a);

/* ---- the two databases ---- */
void bench_start_server(void);          /* fsync on; sets env.conninfo */
void bench_stop_server(void);
void bench_pin(bool to_one_core);       /* this program, and the server's next processes */
void bench_make_data(void);
void bench_load(void);                  /* opens the engines, makes the tables, fills them */
void bench_add_users(size_t n);         /* table users grows to n rows */
void bench_pg_command(const char *sql);
void bench_sqlite_command(const char *sql);
/* new_users has exactly these rows: with the objects' ids where ids is set. Their sum. */
uint64_t bench_check_new(bench_backend backend, const User *rows, size_t n, bool ids);
uint64_t bench_check_new_objects(bench_backend backend, User *const *rows, size_t n);
int64_t bench_flush_total(bench_backend backend);       /* of flush_users.balance, in cents */

/* ---- growth, W9 ---- */
typedef struct bench_growth {
	const char *workload;
	bench_backend backend;
	bench_side side;
	const char *name;
	size_t rows;
	double usec;                    /* per row */
	double peak_bytes;              /* beyond the input, of the whole run */
} bench_growth;
enum { MAX_GROWTH = 128 };
size_t bench_run_growth(bench_growth *out);     /* at most MAX_GROWTH */
#endif
