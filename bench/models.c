/* The tables of the workloads. */
#include "bench.h"

#define USER_COLUMNS(T)                                                                          \
	AMPH_COLUMNS(                                                                            \
		AMPH_COLUMN(T, id, .primary_key = true),                                         \
		AMPH_COLUMN(T, username, .length = 80, .unique = true, .not_null = true),        \
		AMPH_COLUMN(T, email, .length = 120, .not_null = true),                          \
		AMPH_COLUMN(T, is_active),                                                       \
		AMPH_COLUMN(T, balance, .precision = 10, .scale = 2),                            \
		AMPH_COLUMN(T, created_at),                                                      \
		AMPH_COLUMN(T, profile))

AMPH_MODEL(User, "users",
	.columns = USER_COLUMNS(User),
	.indexes = AMPH_INDEXES(
		AMPH_INDEX_WITH(NULL, AMPH_ON(AMPH_MEMBER(User, profile)), .method = "gin")));
AMPH_MODEL(NewUser, "new_users", .columns = USER_COLUMNS(NewUser));
AMPH_MODEL(FlushUser, "flush_users", .columns = USER_COLUMNS(FlushUser));

AMPH_MODEL(Category, "categories",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Category, id, .primary_key = true),
		AMPH_COLUMN(Category, name, .length = 100, .not_null = true)),
	.relations = AMPH_RELATIONS(AMPH_HAS_MANY(Category, products, Product, category_id,
						  .cascade = AMPH_CASCADE_DELETE)));
AMPH_MODEL(Product, "products",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Product, id, .primary_key = true),
		AMPH_COLUMN(Product, name, .length = 200, .not_null = true),
		AMPH_COLUMN(Product, price, .precision = 10, .scale = 2),
		AMPH_COLUMN(Product, stock),
		AMPH_COLUMN(Product, category_id, .references = AMPH_REF(Category, id), .index = true)));

const amph_model *const bench_models[] = {
	&amph_model_User, &amph_model_NewUser, &amph_model_FlushUser, &amph_model_Category,
	&amph_model_Product, NULL
};
