/* The database guide as one program: its parts have the headings of the guide. It works in a schema of
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

/* ==== Creating Models ==== */
/* ---- Basic Model; Model with Relationships ---- */
typedef struct User User;
typedef struct Category Category;
typedef struct Product Product;
typedef struct Tag Tag;
typedef struct Order Order;
typedef struct OrderItem OrderItem;

struct User {
	int64_t id;
	const char *username;
	const char *email;
	const char *password_hash;
	bool is_active;
	amph_timestamptz created_at;
	amph_opt_timestamptz updated_at;
	amph_opt_int64 manager_id;
	AMPH_MANY(Order) orders;
};

struct Category {
	int64_t id;
	const char *name;
	const char *description;
	AMPH_MANY(Product) products;
};

struct Product {
	int64_t id;
	const char *name;
	const char *description;
	amph_numeric price;
	int32_t stock_quantity;
	int64_t category_id;
	amph_timestamptz created_at;
	Category *category;
	AMPH_MANY(Tag) tags;
};

struct Tag {
	int64_t id;
	const char *name;
	AMPH_MANY(Product) products;
};

/* the link between the two has columns of its own */
typedef struct ProductTag {
	int64_t product_id, tag_id;
	amph_timestamptz created_at;
} ProductTag;

struct Order {
	amph_uuid id;
	int64_t user_id;
	const char *status;
	amph_json meta;                 /* the column is called metadata */
	amph_numeric total_amount;
	amph_timestamptz created_at;
	amph_opt_timestamptz updated_at;
	amph_opt_timestamptz deleted_at;
	User *user;
	AMPH_MANY(OrderItem) items;
};

struct OrderItem {
	int64_t id;
	amph_uuid order_id;
	int64_t product_id;
	int32_t quantity;
	amph_numeric unit_price;
	Product *product;
};

AMPH_DECLARE(User);
AMPH_DECLARE(Category);
AMPH_DECLARE(Product);
AMPH_DECLARE(Tag);
AMPH_DECLARE(ProductTag);
AMPH_DECLARE(Order);
AMPH_DECLARE(OrderItem);

AMPH_MODEL(User, "users",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(User, id, .primary_key = true),
		AMPH_COLUMN(User, username, .length = 80, .not_null = true, .unique = true),
		AMPH_COLUMN(User, email, .length = 120, .not_null = true, .unique = true),
		AMPH_COLUMN(User, password_hash, .length = 255),
		AMPH_COLUMN(User, is_active, .default_value = AMPH_DEFAULT_BOOL(true)),
		AMPH_COLUMN(User, created_at, .default_fn = amph_now),
		AMPH_COLUMN(User, updated_at, .default_fn = amph_now, .on_update = amph_now),
		AMPH_COLUMN(User, manager_id, .references = AMPH_REF(User, id), .on_delete = AMPH_SET_NULL)),
	.relations = AMPH_RELATIONS(
		AMPH_HAS_MANY(User, orders, Order, user_id, .back = AMPH_MEMBER(Order, user))),
	/* Performance Optimization: Indexes */
	.indexes = AMPH_INDEXES(
		AMPH_INDEX("idx_user_email_username", AMPH_MEMBER(User, email),
			   AMPH_MEMBER(User, username)),
		AMPH_INDEX("idx_user_created", AMPH_DESC(User, created_at))));

AMPH_MODEL(Category, "categories",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Category, id, .primary_key = true),
		AMPH_COLUMN(Category, name, .length = 100, .unique = true, .not_null = true),
		AMPH_COLUMN(Category, description)),
	.relations = AMPH_RELATIONS(
		AMPH_HAS_MANY(Category, products, Product, category_id,
			      .back = AMPH_MEMBER(Product, category),
			      .cascade = AMPH_CASCADE_ALL | AMPH_DELETE_ORPHAN)));

AMPH_MODEL(Product, "products",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Product, id, .primary_key = true),
		AMPH_COLUMN(Product, name, .length = 200, .not_null = true, .index = true),
		AMPH_COLUMN(Product, description),
		AMPH_COLUMN(Product, price, .precision = 10, .scale = 2, .check = "price >= 0"),
		AMPH_COLUMN(Product, stock_quantity, .default_value = AMPH_DEFAULT_INT(0)),
		AMPH_COLUMN(Product, category_id, .references = AMPH_REF(Category, id),
			    .on_delete = AMPH_CASCADE),
		AMPH_COLUMN(Product, created_at, .default_fn = amph_now)),
	.relations = AMPH_RELATIONS(
		AMPH_BELONGS_TO(Product, category, Category, category_id,
				.back = AMPH_MEMBER(Category, products)),
		AMPH_MANY_TO_MANY(Product, tags, Tag, ProductTag, product_id, tag_id)));

AMPH_MODEL(Tag, "tags",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Tag, id, .primary_key = true),
		AMPH_COLUMN(Tag, name, .length = 50, .unique = true, .not_null = true)),
	.relations = AMPH_RELATIONS(
		AMPH_MANY_TO_MANY(Tag, products, Product, ProductTag, tag_id, product_id)));

AMPH_MODEL(ProductTag, "product_tags",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(ProductTag, product_id, .primary_key = true,
			    .references = AMPH_REF(Product, id), .on_delete = AMPH_CASCADE),
		AMPH_COLUMN(ProductTag, tag_id, .primary_key = true,
			    .references = AMPH_REF(Tag, id), .on_delete = AMPH_CASCADE),
		AMPH_COLUMN(ProductTag, created_at, .default_fn = amph_now)));

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
		AMPH_COLUMN(Order, user_id, .references = AMPH_REF(User, id),
			    .on_delete = AMPH_RESTRICT),
		AMPH_COLUMN(Order, status, .length = 20, .default_value = AMPH_DEFAULT_TEXT("pending"),
			    .choices = AMPH_CHOICES("pending", "processing", "shipped", "delivered",
						    "cancelled")),
		AMPH_COLUMN(Order, meta, .name = "metadata", .default_value = AMPH_DEFAULT_JSON({})),
		AMPH_COLUMN(Order, total_amount, .precision = 10, .scale = 2),
		AMPH_COLUMN(Order, created_at, .default_fn = amph_now),
		AMPH_COLUMN(Order, updated_at, .default_fn = amph_now, .on_update = amph_now),
		AMPH_COLUMN(Order, deleted_at)),
	.relations = AMPH_RELATIONS(
		AMPH_BELONGS_TO(Order, user, User, user_id, .back = AMPH_MEMBER(User, orders)),
		AMPH_HAS_MANY(Order, items, OrderItem, order_id,
			      .cascade = AMPH_CASCADE_ALL | AMPH_DELETE_ORPHAN)),
	.soft_delete = AMPH_MEMBER(Order, deleted_at),
	.before_insert = validate_order, .before_update = validate_order);

AMPH_MODEL(OrderItem, "order_items",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(OrderItem, id, .primary_key = true),
		AMPH_COLUMN(OrderItem, order_id, .references = AMPH_REF(Order, id),
			    .on_delete = AMPH_CASCADE),
		AMPH_COLUMN(OrderItem, product_id, .references = AMPH_REF(Product, id)),
		AMPH_COLUMN(OrderItem, quantity, .check = "quantity > 0"),
		AMPH_COLUMN(OrderItem, unit_price, .precision = 10, .scale = 2)),
	.relations = AMPH_RELATIONS(AMPH_BELONGS_TO(OrderItem, product, Product, product_id)));

static const amph_model *const shop_models[] = {
	&amph_model_User, &amph_model_Category, &amph_model_Product, &amph_model_Tag,
	&amph_model_ProductTag, &amph_model_Order, &amph_model_OrderItem, NULL
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
	MUST(amph_insert_many(s, User, bulk, 2, .only = by(col(User, username), col(User, email))) >= 0);
	MUST(amph_commit(s));
	printf("users after the bulk insert: %" PRId64 "\n", amph_count(s, User));

	Category *books = amph_new(s, Category, .name = "Books");
	Category *tools = amph_new(s, Category, .name = "Tools", .description = "for the garden");
	Product *atlas = amph_new(s, Product, .name = "Atlas", .price = dec(39.90), .stock_quantity = 3,
				  .description = "maps of all countries", .category = books);
	Product *novel = amph_new(s, Product, .name = "Novel", .price = dec(9.99), .stock_quantity = 20,
				  .description = "a story about maps", .category = books);
	amph_new(s, Product, .name = "Spade", .price = dec(24.50), .category = tools);
	Order *order = amph_new(s, Order, .user = john, .total_amount = dec(49.89),
				.meta = json({"priority": "high", "items": 2}));
	MUST(amph_append(order, items, amph_new(s, OrderItem, .product = atlas, .quantity = 1,
						.unit_price = dec(39.90))));
	MUST(amph_append(order, items, amph_new(s, OrderItem, .product = novel, .quantity = 1,
						.unit_price = dec(9.99))));
	jane->manager_id = (amph_opt_int64)AMPH_SOME(john->id);
	MUST(amph_commit(s));
}

/* ---- Relationships at work: both sides in step, orphans, many to many ---- */
static void relationships(amph_session *s)
{
	Category *books = amph_first(s, Category, .where = eq(col(Category, name), "Books"));
	Tag *heavy = amph_new(s, Tag, .name = "heavy");

	/* all products of the category at once, then the tags of all of them at once */
	amph_each(Product, p, amph_rel(books, products))
		printf("%s in %s, %zu tags\n", p->name, p->category->name, amph_length(amph_rel(p, tags)));
	Product *atlas = books->products[0];
	MUST(amph_append(atlas, tags, heavy));
	MUST(amph_commit(s));
	amph_each(Product, p, amph_rel(heavy, products))
		printf("heavy: %s\n", p->name);

	Product *pamphlet = amph_new(s, Product, .name = "Pamphlet", .price = dec(1.00), .category = books);
	MUST(amph_commit(s));
	MUST(amph_remove(books, products, pamphlet));   /* an orphan: the flush deletes it */
	MUST(amph_commit(s));
	/* a query over one collection (lazy='dynamic' of the guide) */
	Product **cheap = amph_all(s, Product, .of = children(Category, books, products),
				   .where = lt(col(Product, price), dec(10.00)));
	printf("books below ten: %zu\n", amph_length(cheap));
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

/* ---- Querying Data: Joins ---- */
static void joins_section(amph_session *s)
{
	Product **products = amph_all(s, Product, .joins = joins(join(Product, category)),
		.where = eq(col(Category, name), "Books"), .order_by = by(col(Product, id)));
	printf("inner join: %zu, left join: %" PRId64 "\n", amph_length(products),
	       amph_count(s, Category, .joins = joins(left_join(Category, products))));

	Order **orders = amph_all(s, Order,
		.joins = joins(join(Order, user), join(Order, items), join(OrderItem, product)),
		.where = all_of(eq(col(User, username), "john"), eq(col(Product, name), "Atlas")));
	printf("orders of john with an atlas: %zu\n", amph_length(orders));

	AMPH_ALIAS(Manager, User);              /* a second name for the model: a self-join */
	print_users("managed by john", amph_all(s, User,
		.joins = joins(join_on(Manager, eq(col(User, manager_id), col(Manager, id)))),
		.where = eq(col(Manager, username), "john")));

	/* eager loading: no query in the loop */
	products = amph_all(s, Product, .load = with(joined(Product, category)),
			    .order_by = by(col(Product, name)));
	amph_expect_statements(s, 0);
	amph_each(Product, p, products)
		printf("%s is in %s\n", p->name, p->category->name);
	amph_expect_statements(s, -1);
}

/* ---- Querying Data: Aggregation ---- */
typedef struct { const char *name; amph_numeric worth; } Worth;
typedef struct { const char *name; int64_t products; amph_opt_numeric dearest; } CategoryCount;

static void grouped(amph_session *s, const char *title, int64_t more_than)
{
	CategoryCount *rows = amph_project(s, CategoryCount, Category,
		.fields = fields(into(CategoryCount, name, col(Category, name)),
				 into(CategoryCount, products, fn_count(col(Product, id))),
				 into(CategoryCount, dearest, fn_max(col(Product, price)))),
		.joins = joins(join(Category, products)),
		.group_by = by(col(Category, name)),
		.having = gt(fn_count(col(Product, id)), more_than),
		.order_by = by(desc(label(CategoryCount, products)), col(Category, name)));

	MUST(rows != NULL);
	printf("%s:", title);
	for (size_t i = 0; i < amph_length(rows); i++)
		printf(" %s %" PRId64 " up to %s", rows[i].name, rows[i].products, money(rows[i].dearest));
	puts("");
}

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
	grouped(s, "group by", 0);
	grouped(s, "having", 1);
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

/* ---- Advanced Features: Full-Text Search ---- */
static void full_text_search(amph_engine *db, amph_session *s)
{
	/* the guide's extension, wherever it is; on SQLite it is built in. Undone below with the rest of
	 * the transaction. */
	if (!strcmp(amph_engine_backend(db), "postgresql"))
		MUST(amph_script(s, "CREATE EXTENSION IF NOT EXISTS pg_trgm; "
				    "SET LOCAL search_path TO amphora_shop, public"));
	printf("names like 'atlass': %" PRId64 "\n",
	       amph_count(s, Product, .where = gt(fn_similarity(col(Product, name), "atlass"), 0.3)));
	Product **found = amph_all(s, Product, .order_by = by(col(Product, id)),
		.where = match(fn_to_tsvector("english", col(Product, description)),
			       fn_plainto_tsquery("english", "story map")));
	amph_each(Product, p, found)
		printf("about 'story map': %s\n", p->name);
	amph_rollback(s);
}

/* ---- Advanced Features: Raw SQL ---- */
static void raw_sql(amph_session *s)
{
	amph_rows *r = amph_sql(s, "SELECT id, username FROM users WHERE id = :id", amph_bind("id", 1));

	while (amph_next(r))
		printf("raw: %" PRId64 " %s\n", amph_cell_int64(r, "id"), amph_cell_text(r, "username"));
	MUST(amph_rows_close(r));
	/* the same dialect on both backends */
	r = amph_sql(s, "SELECT metadata->>'priority' AS priority, total_amount::text AS total FROM orders "
		     "WHERE metadata @> :want", amph_bind("want", json({"items": 2})));
	while (amph_next(r))
		printf("raw: %s, %s\n", amph_cell_text(r, "priority"), amph_cell_text(r, "total"));
	MUST(amph_rows_close(r));
}

/* ---- Performance Optimization: Query Optimization ---- */
typedef struct { int64_t id; const char *username; } UserName;

static void query_optimization(amph_session *s)
{
	/* collections of all rows in one statement each, nested too */
	Category **categories = amph_all(s, Category, .order_by = by(col(Category, id)),
		.load = with(selectin(Category, products, selectin(Product, tags))));
	size_t tags = 0;

	amph_expect_statements(s, 0);
	amph_each(Category, c, categories)
		amph_each(Product, p, c->products)
			tags += amph_length(p->tags);
	amph_expect_statements(s, -1);
	printf("categories: %zu, tags of their products: %zu\n", amph_length(categories), tags);
	/* only some columns: into a struct of one's own */
	UserName *names = amph_project(s, UserName, User, .order_by = by(col(User, id)), .limit = 2,
		.fields = fields(into(UserName, id, col(User, id)),
				 into(UserName, username, col(User, username))));
	for (size_t i = 0; i < amph_length(names); i++)
		printf("%" PRId64 " %s\n", names[i].id, names[i].username);
	amph_release(s, names);
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
	relationships(s);
	basic_queries(s);
	string_queries(s);
	ordering_and_limiting(s);
	joins_section(s);
	aggregation(s);
	updating_records(s);
	full_text_search(db, s);
	json_queries(s);
	raw_sql(s);
	query_optimization(s);
	deleting_records(s);
	transactions(db, s);
	amph_session_close(s);
	if (!amph_drop_all(db, &err))
		fprintf(stderr, "%s: %s\n", err.sqlstate, err.message);
	amph_close(db);
	return EXIT_SUCCESS;
}
