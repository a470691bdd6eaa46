/* Models that the queries of the compile budget are about. */
#ifndef TESTS_BUDGET_SHOP_H
#define TESTS_BUDGET_SHOP_H
#include <amphora.h>
#include <amphora/short.h>

typedef struct User User;
typedef struct Category Category;
typedef struct Product Product;
typedef struct Order Order;
AMPH_DECLARE(User);
AMPH_DECLARE(Category);
AMPH_DECLARE(Product);
AMPH_DECLARE(Order);

struct User {
	int64_t id;
	const char *username, *email;
	bool is_active;
	amph_timestamptz created_at;
	amph_opt_int64 manager_id;
	AMPH_MANY(Order) orders;
};
struct Category {
	int64_t id;
	const char *name;
	AMPH_MANY(Product) products;
};
struct Product {
	int64_t id;
	const char *name, *description;
	amph_numeric price;
	int32_t stock_quantity;
	int64_t category_id;
	Category *category;
};
struct Order {
	amph_uuid id;
	int64_t user_id;
	const char *status;
	amph_json meta;
	amph_numeric total_amount;
	amph_opt_timestamptz deleted_at;
	User *user;
};
typedef struct { const char *name; int64_t product_count; } CategoryCount;
typedef struct { amph_opt_numeric worth; amph_opt_int64 pieces; amph_opt_numeric dearest; } Stock;
#endif
