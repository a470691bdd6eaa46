/* The models that the refused programs use. */
#ifndef TESTS_REFUSED_SHOP_H
#define TESTS_REFUSED_SHOP_H
#include <amphora.h>

typedef struct User User;
typedef struct Order Order;
struct User {
	int64_t id;
	const char *name;
	bool is_active;
	amph_timestamptz created_at;
	amph_opt_int64 manager_id;
	double score;
	AMPH_MANY(Order) orders;
};
struct Order {
	int64_t id;
	int64_t user_id;
	amph_numeric total;
	amph_uuid token;
	amph_date day;
	unsigned state;
	User *user;
};
AMPH_DECLARE(User);
AMPH_DECLARE(Order);
#endif
