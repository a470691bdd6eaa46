/* Models for the tests of queries: every type, every kind of relationship. */
#ifndef TESTS_UNIT_QUERY_SHOP_H
#define TESTS_UNIT_QUERY_SHOP_H
#include "src/query/query.h"
#include <amphora.h>
#include <amphora/short.h>

typedef struct User User;
typedef struct Order Order;
typedef struct Line Line;
typedef struct Tag Tag;
typedef struct OrderTag OrderTag;
typedef struct All All;
AMPH_DECLARE(User);
AMPH_DECLARE(Order);
AMPH_DECLARE(Line);
AMPH_DECLARE(Tag);
AMPH_DECLARE(OrderTag);
AMPH_DECLARE(All);

struct User {
	int64_t id;
	const char *name;
	const char *email;
	bool is_active;
	amph_timestamptz created_at;
	amph_opt_int64 manager_id;
	User *manager;
	AMPH_MANY(Order) orders;
};
/* Marked when deleted, counted when changed, stamped when updated. */
struct Order {
	amph_uuid id;
	int64_t user_id;
	amph_numeric total;
	amph_json data;
	unsigned state;
	int32_t revision;
	amph_opt_timestamptz updated_at, deleted_at;
	User *user;
	AMPH_MANY(Line) lines;
	AMPH_MANY(Tag) tags;
};
/* Its key is of two columns. */
struct Line {
	amph_uuid order_id;
	int16_t number;
	int32_t quantity;
	const char *text;
	Order *order;
};
struct Tag {
	int64_t id;
	const char *name;
};
struct OrderTag {
	amph_uuid order_id;
	int64_t tag_id;
};
struct All {
	int64_t id;
	int16_t small;
	int32_t normal;
	int64_t big;
	float real;
	double wide;
	amph_numeric number;
	const char *text;
	amph_bytes bytes;
	amph_uuid uuid;
	amph_json json;
	amph_date day;
	amph_time time;
	amph_timestamp stamp;
	amph_timestamptz instant;
	amph_interval span;
	unsigned state;
	bool flag;
	amph_text_array words;
	amph_opt_int16 opt_small;
};
extern const amph_model *const shop_models[];

/* A registry of them, a buffer and a cache; setup and teardown of each test. */
extern amph_registry *shop_registry;
extern amph_query_buf shop_buf;
extern amph_query_cache shop_cache;
extern amph_error shop_error;
void shop_setup(void);
void shop_teardown(void);

/* The key of a query, which must be one. */
void shop_shape(amph_query_op op, const amph_select *q);
/* The statement of a query as PostgreSQL's text; it must compile. */
const char *shop_sql(amph_query_op op, const amph_select *q);
/* The query must be refused with this SQLSTATE, by shape or when it is compiled. */
void shop_refused(const char *sqlstate, amph_query_op op, const amph_select *q);

#define Q(...) AMPH_SELECT_(__VA_ARGS__)
#define SELECT_SQL(...) shop_sql(AMPH_QUERY_SELECT, Q(__VA_ARGS__))
#endif
