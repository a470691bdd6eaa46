/* The database guide as one program: each function is a section of it. It works in a schema of
 * its own, or in memory, leaves the database as it found it, and prints the same on every
 * backend:
 *
 *	shop                                            SQLite, in memory
 *	DATABASE_URL=postgresql://... shop              PostgreSQL */
#include <amphora.h>
#include <amphora/short.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Creating Models ---- */
typedef struct User {
	int64_t id;
	const char *username;
	const char *email;
	const char *password_hash;
	bool is_active;
	amph_timestamptz created_at;
	amph_opt_timestamptz updated_at;
} User;

typedef struct Category {
	int64_t id;
	const char *name;
	const char *description;
} Category;

typedef struct Product {
	int64_t id;
	const char *name;
	const char *description;
	amph_numeric price;
	int32_t stock_quantity;
	int64_t category_id;
	amph_timestamptz created_at;
} Product;

typedef struct Order {
	amph_uuid id;
	int64_t user_id;
	const char *status;
	amph_json meta;                 /* the column is called metadata */
	amph_numeric total_amount;
	amph_timestamptz created_at;
	amph_opt_timestamptz updated_at;
	amph_opt_timestamptz deleted_at;
} Order;

AMPH_DECLARE(User);
AMPH_DECLARE(Category);
AMPH_DECLARE(Product);
AMPH_DECLARE(Order);

AMPH_MODEL(User, "users",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(User, id, .primary_key = true),
		AMPH_COLUMN(User, username, .length = 80, .not_null = true, .unique = true),
		AMPH_COLUMN(User, email, .length = 120, .not_null = true, .unique = true),
		AMPH_COLUMN(User, password_hash, .length = 255),
		AMPH_COLUMN(User, is_active, .default_value = AMPH_DEFAULT_BOOL(true)),
		AMPH_COLUMN(User, created_at, .default_fn = amph_now),
		AMPH_COLUMN(User, updated_at, .default_fn = amph_now, .on_update = amph_now)),
	.indexes = AMPH_INDEXES(
		AMPH_INDEX("idx_user_email_username", AMPH_MEMBER(User, email),
			   AMPH_MEMBER(User, username)),
		AMPH_INDEX("idx_user_created", AMPH_DESC(User, created_at))));

AMPH_MODEL(Category, "categories",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Category, id, .primary_key = true),
		AMPH_COLUMN(Category, name, .length = 100, .unique = true, .not_null = true),
		AMPH_COLUMN(Category, description)));

AMPH_MODEL(Product, "products",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Product, id, .primary_key = true),
		AMPH_COLUMN(Product, name, .length = 200, .not_null = true, .index = true),
		AMPH_COLUMN(Product, description),
		AMPH_COLUMN(Product, price, .precision = 10, .scale = 2, .check = "price >= 0"),
		AMPH_COLUMN(Product, stock_quantity, .default_value = AMPH_DEFAULT_INT(0)),
		AMPH_COLUMN(Product, category_id, .references = AMPH_REF(Category, id),
			    .on_delete = AMPH_CASCADE),
		AMPH_COLUMN(Product, created_at, .default_fn = amph_now)));

/* ---- Advanced Model Features ---- */
static bool validate_order(amph_event *event, void *object)
{
	const Order *order = object;

	if (amph_numeric_compare(order->total_amount, amph_dec(0)) < 0)
		return amph_refuse(event, "the total of an order must not be negative");
	return true;
}

AMPH_MODEL(Order, "orders",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Order, id, .primary_key = true, .default_fn = amph_uuid_v4),
		AMPH_COLUMN(Order, user_id, .references = AMPH_REF(User, id)),
		AMPH_COLUMN(Order, status, .length = 20, .default_value = AMPH_DEFAULT_TEXT("pending"),
			    .choices = AMPH_CHOICES("pending", "processing", "shipped", "delivered",
						    "cancelled")),
		AMPH_COLUMN(Order, meta, .name = "metadata", .default_value = AMPH_DEFAULT_JSON({})),
		AMPH_COLUMN(Order, total_amount, .precision = 10, .scale = 2),
		AMPH_COLUMN(Order, created_at, .default_fn = amph_now),
		AMPH_COLUMN(Order, updated_at, .default_fn = amph_now, .on_update = amph_now),
		AMPH_COLUMN(Order, deleted_at)),
	.soft_delete = AMPH_MEMBER(Order, deleted_at),
	.before_insert = validate_order, .before_update = validate_order);

static const amph_model *const shop_models[] = {
	&amph_model_User, &amph_model_Category, &amph_model_Product, &amph_model_Order, NULL
};

/* ---- what the program prints with ---- */
static void check(amph_session *s, bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s: %s %s\n", what, amph_session_error(s)->sqlstate,
		amph_session_error(s)->message);
	exit(EXIT_FAILURE);
}
#define MUST(call) check(s, (call), #call)

static const char *money(amph_opt_numeric n)
{
	static char text[64];

	if (!n.has)
		return "nothing";
	amph_numeric_format(n.value, text, sizeof text);
	return text;
}

static void print_users(const char *title, User **users)
{
	printf("%s:", title);
	amph_each(User, u, users)
		printf(" %s", u->username);
	printf("%s\n", amph_length(users) ? "" : " nobody");
}

/* ---- Database Operations: Creating Records ---- */
static void creating_records(amph_session *s)
{
	User *john = amph_new(s, User, .username = "john", .email = "john@example.com");

	MUST(amph_commit(s));
	printf("created user %" PRId64 " %s, %s\n", john->id, john->username,
	       john->is_active ? "active" : "inactive");

	amph_new(s, User, .username = "joan", .email = "joan@example.com", .is_active = false);
	User *jane = amph_new(s, User);
	jane->username = "jane";
	jane->email = "jane@example.org";
	MUST(amph_commit(s));

	const User bulk[] = {
		{ .username = "user1", .email = "user1@example.com" },
		{ .username = "user2", .email = "user2@example.com" },
	};
	MUST(amph_insert_many(s, User, bulk, 2, .only = by(col(User, username), col(User, email))));
	MUST(amph_commit(s));
	printf("users after the bulk insert: %" PRId64 "\n", amph_count(s, User));

	Category *books = amph_new(s, Category, .name = "Books");
	Category *tools = amph_new(s, Category, .name = "Tools", .description = "for the garden");
	MUST(amph_flush(s));
	amph_new(s, Product, .name = "Atlas", .price = dec(39.90), .stock_quantity = 3,
		 .category_id = books->id);
	amph_new(s, Product, .name = "Novel", .price = dec(9.99), .stock_quantity = 20,
		 .category_id = books->id);
	amph_new(s, Product, .name = "Spade", .price = dec(24.50), .category_id = tools->id);
	amph_new(s, Order, .user_id = john->id, .total_amount = dec(49.89),
		 .meta = json({"priority": "high", "items": 2}));
	MUST(amph_commit(s));
}

/* ---- Querying Data: Basic Queries ---- */
static void basic_queries(amph_session *s)
{
	print_users("all users", amph_all(s, User, .order_by = by(col(User, id))));

	User *first = amph_first(s, User, .order_by = by(col(User, id)));
	printf("first: %s; user 3: %s\n", first->username, amph_get(s, User, 3)->username);
	if (!amph_require(s, User, 4711) && amph_session_error(s)->status == AMPH_E_NOTFOUND)
		puts("user 4711: 404");

	print_users("active", amph_all(s, User, .where = eq(col(User, is_active), true),
				       .order_by = by(col(User, username))));
	User *john = amph_first(s, User, .where = eq(col(User, username), "john"));
	printf("filter: %s\n", john->email);
	print_users("and", amph_all(s, User,
		.where = all_of(eq(col(User, is_active), true),
				gt(col(User, created_at), amph_timestamptz_utc(2025, 1, 1, 0, 0, 0))),
		.order_by = by(col(User, id))));
	print_users("or", amph_all(s, User,
		.where = any_of(eq(col(User, username), "john"), eq(col(User, email), "jane@example.org")),
		.order_by = by(col(User, id))));
}

/* ---- Querying Data: String Queries ---- */
static void string_queries(amph_session *s)
{
	print_users("like 'jo%'", amph_all(s, User, .where = like(col(User, username), "jo%"),
					   .order_by = by(col(User, id))));
	print_users("ilike '%JO%'", amph_all(s, User, .where = ilike(col(User, username), "%JO%"),
					     .order_by = by(col(User, id))));
	print_users("in", amph_all(s, User, .where = in(col(User, id), ints(1, 2, 99)),
				   .order_by = by(col(User, id))));
	print_users("not in", amph_all(s, User, .where = not_in(col(User, id), ints(1, 2, 3)),
				       .order_by = by(col(User, id))));
	print_users("without password", amph_all(s, User, .where = is_null(col(User, password_hash)),
						 .order_by = by(col(User, id)), .limit = 2));
}

/* ---- Querying Data: Ordering and Limiting ---- */
static void ordering_and_limiting(amph_session *s)
{
	print_users("by name, descending", amph_all(s, User, .order_by = by(desc(col(User, username)))));
	print_users("by activity, then name", amph_all(s, User,
		.order_by = by(desc(col(User, is_active)), asc(col(User, username)))));
	print_users("second and third", amph_all(s, User, .order_by = by(col(User, id)), .offset = 1,
						 .limit = 2));

	const amph_page *page = amph_paginate(s, User, .page = 2, .per_page = 2,
					      .order_by = by(col(User, id)));
	MUST(page != NULL);
	printf("page %" PRId64 " of %" PRId64 ", %" PRId64 " in all, next %" PRId64 ":", page->page,
	       page->pages, page->total, page->next_num);
	amph_each(User, u, page->items)
		printf(" %s", u->username);
	puts("");
}

/* ---- Querying Data: Aggregation ---- */
typedef struct { const char *name; amph_numeric worth; } Worth;

static void aggregation(amph_session *s)
{
	printf("products: %" PRId64 "\n", amph_count(s, Product));
	printf("sum of prices: %s\n", money(amph_sum(s, Product, price)));
	printf("average price: %s\n", money(amph_avg(s, Product, price)));
	printf("sum above 1000: %s\n", money(amph_sum(s, Product, price,
						      .where = gt(col(Product, price), 1000))));

	Worth *stock = amph_project(s, Worth, Product,
		.fields = fields(into(Worth, name, col(Product, name)),
				 into(Worth, worth, mul(col(Product, price), col(Product, stock_quantity)))),
		.order_by = by(col(Product, name)));
	MUST(stock != NULL);
	for (size_t i = 0; i < amph_length(stock); i++)
		printf("%s in stock: %s\n", stock[i].name, money((amph_opt_numeric){ stock[i].worth, true }));
}

/* ---- Database Operations: Updating Records ---- */
static void updating_records(amph_session *s)
{
	User *user = amph_get(s, User, 1);

	user->email = "newemail@example.com";           /* plain assignment: found by the flush */
	MUST(amph_commit(s));
	printf("updated: %s\n", amph_get(s, User, 1)->email);

	int64_t n = amph_update(s, User, .where = eq(col(User, id), 1),
				.set = sets(set(User, email, "new@example.com")));
	printf("by query: %" PRId64 "\n", n);
	n = amph_update(s, User, .where = eq(col(User, is_active), false),
			.set = sets(set(User, is_active, true)));
	printf("activated: %" PRId64 "\n", n);
	n = amph_update(s, Product, .all_rows = true,
			.set = sets(set(Product, price, mul(col(Product, price), dec(1.05)))));
	printf("dearer: %" PRId64 ", now %s\n", n, money(amph_sum(s, Product, price)));
	MUST(amph_commit(s));
}

/* ---- Advanced Features: JSON Queries ---- */
static void json_queries(amph_session *s)
{
	printf("orders of high priority: %" PRId64 "\n",
	       amph_count(s, Order, .where = json_contains(col(Order, meta), json({"priority": "high"}))));
	printf("orders of two items: %" PRId64 "\n",
	       amph_count(s, Order, .where = eq(json_text(col(Order, meta), "items"), "2")));
}

/* ---- Database Operations: Deleting Records ---- */
static void deleting_records(amph_session *s)
{
	User *user = amph_first(s, User, .where = eq(col(User, username), "user1"));

	MUST(amph_delete(s, user));
	MUST(amph_commit(s));
	printf("deleted by query: %" PRId64 "\n",
	       amph_delete_where(s, User, .where = eq(col(User, username), "user2")));
	MUST(amph_commit(s));
	print_users("left", amph_all(s, User, .order_by = by(col(User, id))));

	Order *order = amph_first(s, Order);
	MUST(amph_delete(s, order));                    /* softly: the row stays */
	MUST(amph_commit(s));
	printf("orders: %" PRId64 ", with deleted ones: %" PRId64 "\n", amph_count(s, Order),
	       amph_count(s, Order, .with_deleted = true));
}

/* ---- Database Operations: Transactions ---- */
static bool john_and_a_product(amph_session *s, void *ctx)
{
	(void)ctx;
	amph_new(s, User, .username = "john", .email = "another@example.com");
	amph_new(s, Product, .name = "Test", .price = dec(99.99), .category_id = 1);
	return true;
}

static void transactions(amph_engine *db, amph_session *s)
{
	amph_error err;

	john_and_a_product(s, NULL);
	if (!amph_commit(s)) {
		const amph_error *e = amph_session_error(s);

		printf("not committed: %s, constraint %s\n", e->sqlstate, e->constraint);
		amph_rollback(s);
	}
	printf("products after the rollback: %" PRId64 "\n", amph_count(s, Product));

	if (!amph_transaction(db, john_and_a_product, NULL, &err))
		printf("as a function: %s, constraint %s\n", err.sqlstate, err.constraint);

	MUST(amph_savepoint(s));
	amph_new(s, Category, .name = "Books");
	if (!amph_flush(s)) {
		printf("within a savepoint: %s\n", amph_session_error(s)->constraint);
		MUST(amph_rollback_to(s));
	}
	amph_new(s, Category, .name = "Music");
	MUST(amph_commit(s));

	amph_new(s, Order, .user_id = 1, .total_amount = dec(-1));
	if (!amph_commit(s)) {
		printf("refused: %s\n", amph_session_error(s)->message);
		amph_rollback(s);
	}
	printf("categories: %" PRId64 "\n", amph_count(s, Category));
}

/* ---- Database Configuration ---- */
int main(void)
{
	const char *url = getenv("DATABASE_URL");
	amph_error err;
	amph_engine *db = amph_open(url && *url ? url : "sqlite::memory:", AMPH_OPTIONS(
		.models = shop_models, .pool_size = 10, .max_overflow = 20, .pool_recycle_s = 3600,
		.pool_pre_ping = true, .schema = "amphora_shop"), &err);

	if (!db || !amph_create_all(db, &err)) {
		fprintf(stderr, "%s: %s\n", err.sqlstate, err.message);
		amph_close(db);
		return EXIT_FAILURE;
	}
	amph_session *s = amph_session_open(db);
	creating_records(s);
	basic_queries(s);
	string_queries(s);
	ordering_and_limiting(s);
	aggregation(s);
	updating_records(s);
	json_queries(s);
	deleting_records(s);
	transactions(db, s);
	amph_session_close(s);
	if (!amph_drop_all(db, &err))
		fprintf(stderr, "%s: %s\n", err.sqlstate, err.message);
	amph_close(db);
	return EXIT_SUCCESS;
}
