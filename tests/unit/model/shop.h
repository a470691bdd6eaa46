/* Models that the tests of registries and schemas share: every kind of thing once. */
#ifndef TESTS_UNIT_MODEL_SHOP_H
#define TESTS_UNIT_MODEL_SHOP_H
#include "amphora/model.h"

typedef struct User User;
typedef struct Order Order;
typedef struct Tag Tag;
typedef struct OrderTag OrderTag;
typedef struct Chicken Chicken;
typedef struct Egg Egg;
AMPH_DECLARE(User);
AMPH_DECLARE(Order);
AMPH_DECLARE(Tag);
AMPH_DECLARE(OrderTag);
AMPH_DECLARE(Chicken);
AMPH_DECLARE(Egg);

struct User {
	int64_t id;
	const char *username, *email;
	bool is_active;
	amph_timestamptz created_at;
	amph_opt_int64 manager_id;
	unsigned mood;
	amph_numeric balance;
	const char *lower_email;
	User *manager;
	AMPH_MANY(Order) orders;
};
struct Order {
	amph_uuid id;
	int64_t user_id;
	const char *status;
	int32_t version;
	amph_opt_timestamptz deleted_at;
	amph_json meta;
	User *user;
	AMPH_MANY(Tag) tags;
};
struct Tag {
	int32_t id;
	const char *name;
	amph_text_array synonyms;
	AMPH_MANY(Order) orders;
};
struct OrderTag {
	amph_uuid order_id;
	int32_t tag_id;
	int16_t place;
};
/* A cycle. */
struct Chicken {
	int64_t id, egg_id;
};
struct Egg {
	int64_t id;
	amph_opt_int64 chicken_id;
};

extern const amph_model *const shop_models[];   /* children before parents */
#endif
