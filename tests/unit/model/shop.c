/* The models of shop.h. */
#include "tests/unit/model/shop.h"

AMPH_MODEL(User, "users", .comment = "Who may log in",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(User, id, .primary_key = true),
		AMPH_COLUMN(User, username, .length = 80, .not_null = true, .unique = true, .index = true),
		AMPH_COLUMN(User, email, .length = 120, .not_null = true, .unique = true,
			.check = "position('@' in email) > 1", .comment = "It's where mail goes"),
		AMPH_COLUMN(User, is_active, .default_value = AMPH_DEFAULT_BOOL(true)),
		AMPH_COLUMN(User, created_at, .server_default = "now()"),
		AMPH_COLUMN(User, manager_id, .references = AMPH_REF(User, id), .on_delete = AMPH_SET_NULL),
		AMPH_COLUMN(User, mood, .labels = AMPH_LABELS("sad", "ok", "happy"),
			.server_default = "'ok' -- most are"),
		AMPH_COLUMN(User, balance, .precision = 10, .scale = 2, .check = "balance >= 0",
			.default_value = AMPH_DEFAULT_NUMERIC(0.00)),
		AMPH_COLUMN(User, lower_email, .computed = "lower(email)")),
	.checks = AMPH_CHECKS(
		AMPH_CHECK(NULL, "username <> email"),
		AMPH_CHECK("users_sane", "balance < 1000000")),
	.indexes = AMPH_INDEXES(
		AMPH_INDEX("idx_user_created", AMPH_DESC(User, created_at), AMPH_MEMBER(User, id)),
		AMPH_INDEX_WITH(NULL, NULL, .expression = "lower(username)", .unique = true,
			.where = "is_active")),
	.relations = AMPH_RELATIONS(
		AMPH_BELONGS_TO(User, manager, User, manager_id),
		AMPH_HAS_MANY(User, orders, Order, user_id, .back = AMPH_MEMBER(Order, user))));

AMPH_MODEL(Order, "orders",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Order, id, .primary_key = true, .default_fn = amph_uuid_v4),
		AMPH_COLUMN(Order, user_id, .references = AMPH_REF(User, id), .on_delete = AMPH_CASCADE,
			.on_key_update = AMPH_CASCADE, .deferred = true, .index = true),
		AMPH_COLUMN(Order, status, .length = 20, .default_value = AMPH_DEFAULT_TEXT("new"),
			.choices = AMPH_CHOICES("new", "it's paid")),
		AMPH_COLUMN(Order, version, .version = true),
		AMPH_COLUMN(Order, deleted_at),
		AMPH_COLUMN(Order, meta, .name = "metadata", .default_value = AMPH_DEFAULT_JSON({"a": [1]}))),
	.indexes = AMPH_INDEXES(
		AMPH_INDEX_WITH("ix_orders_meta", AMPH_ON(AMPH_MEMBER(Order, meta)), .method = "gin")),
	.soft_delete = AMPH_MEMBER(Order, deleted_at),
	.relations = AMPH_RELATIONS(
		AMPH_BELONGS_TO(Order, user, User, user_id, .back = AMPH_MEMBER(User, orders)),
		AMPH_MANY_TO_MANY(Order, tags, Tag, OrderTag, order_id, tag_id)));

AMPH_MODEL(Tag, "tags",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Tag, id, .primary_key = true, .identity = AMPH_IDENTITY_ALWAYS),
		AMPH_COLUMN(Tag, name, .length = 50, .not_null = true),
		AMPH_COLUMN(Tag, synonyms)),
	.uniques = AMPH_UNIQUES(AMPH_UNIQUE(NULL, AMPH_MEMBER(Tag, name))),
	.relations = AMPH_RELATIONS(AMPH_MANY_TO_MANY(Tag, orders, Order, OrderTag, tag_id, order_id)));

AMPH_MODEL(OrderTag, "order_tags",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(OrderTag, order_id, .primary_key = true, .references = AMPH_REF(Order, id)),
		AMPH_COLUMN(OrderTag, tag_id, .primary_key = true, .references = AMPH_REF(Tag, id)),
		AMPH_COLUMN(OrderTag, place)),
	.uniques = AMPH_UNIQUES(AMPH_UNIQUE("uq_place", AMPH_MEMBER(OrderTag, order_id),
					    AMPH_MEMBER(OrderTag, place))));

AMPH_MODEL(Chicken, "chickens", .columns = AMPH_COLUMNS(
	AMPH_COLUMN(Chicken, id, .primary_key = true),
	AMPH_COLUMN(Chicken, egg_id, .references = AMPH_REF(Egg, id))));
AMPH_MODEL(Egg, "eggs", .columns = AMPH_COLUMNS(
	AMPH_COLUMN(Egg, id, .primary_key = true),
	AMPH_COLUMN(Egg, chicken_id, .references = AMPH_REF(Chicken, id))));

const amph_model *const shop_models[] = {
	&amph_model_OrderTag, &amph_model_Tag, &amph_model_Order, &amph_model_Chicken, &amph_model_Egg,
	&amph_model_User, NULL
};
