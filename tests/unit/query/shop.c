/* The models of the tests of queries, and a dialect that spells all as PostgreSQL does. */
#include "tests/unit/query/shop.h"
#include "src/sql/sql.h"
#include "tests/support/suite.h"
#include <string.h>

#define STATES "new", "paid", "sent"

static bool stamp(amph_session *s, void *member)
{
	(void)s;
	*(amph_opt_timestamptz *)member = (amph_opt_timestamptz){ { 1000000 }, true };
	return true;
}

AMPH_MODEL(User, "users",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(User, id, .primary_key = true),
		AMPH_COLUMN(User, name, .length = 80, .not_null = true),
		AMPH_COLUMN(User, email),
		AMPH_COLUMN(User, is_active, .default_value = AMPH_DEFAULT_BOOL(true)),
		AMPH_COLUMN(User, created_at, .server_default = "now()"),
		AMPH_COLUMN(User, manager_id, .references = AMPH_REF(User, id))),
	.relations = AMPH_RELATIONS(
		AMPH_BELONGS_TO(User, manager, User, manager_id),
		AMPH_HAS_MANY(User, orders, Order, user_id, .back = AMPH_MEMBER(Order, user),
			      .cascade = AMPH_CASCADE_DELETE)));
AMPH_MODEL(Order, "orders",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Order, id, .primary_key = true),
		AMPH_COLUMN(Order, user_id, .references = AMPH_REF(User, id)),
		AMPH_COLUMN(Order, total, .precision = 10, .scale = 2),
		AMPH_COLUMN(Order, data),
		AMPH_COLUMN(Order, state, .labels = AMPH_LABELS(STATES), .enum_name = "state"),
		AMPH_COLUMN(Order, revision, .version = true),
		AMPH_COLUMN(Order, updated_at, .on_update = stamp),
		AMPH_COLUMN(Order, deleted_at)),
	.relations = AMPH_RELATIONS(
		AMPH_BELONGS_TO(Order, user, User, user_id, .back = AMPH_MEMBER(User, orders)),
		AMPH_HAS_MANY(Order, lines, Line, order_id, .cascade = AMPH_CASCADE_DELETE),
		AMPH_MANY_TO_MANY(Order, tags, Tag, OrderTag, order_id, tag_id)),
	.soft_delete = AMPH_MEMBER(Order, deleted_at));
AMPH_MODEL(Line, "lines",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Line, order_id, .primary_key = true, .references = AMPH_REF(Order, id)),
		AMPH_COLUMN(Line, number, .primary_key = true),
		AMPH_COLUMN(Line, quantity),
		AMPH_COLUMN(Line, text, .length = 5)),
	.relations = AMPH_RELATIONS(AMPH_BELONGS_TO(Line, order, Order, order_id)));
AMPH_MODEL(Tag, "tags",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Tag, id, .primary_key = true),
		AMPH_COLUMN(Tag, name)));
AMPH_MODEL(OrderTag, "order_tags",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(OrderTag, order_id, .primary_key = true, .references = AMPH_REF(Order, id)),
		AMPH_COLUMN(OrderTag, tag_id, .primary_key = true, .references = AMPH_REF(Tag, id))));
AMPH_MODEL(All, "everything",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(All, id, .primary_key = true),
		AMPH_COLUMN(All, small), AMPH_COLUMN(All, normal), AMPH_COLUMN(All, big),
		AMPH_COLUMN(All, real), AMPH_COLUMN(All, wide), AMPH_COLUMN(All, number),
		AMPH_COLUMN(All, text), AMPH_COLUMN(All, bytes), AMPH_COLUMN(All, uuid),
		AMPH_COLUMN(All, json), AMPH_COLUMN(All, day), AMPH_COLUMN(All, time),
		AMPH_COLUMN(All, stamp), AMPH_COLUMN(All, instant), AMPH_COLUMN(All, span),
		AMPH_COLUMN(All, state, .labels = AMPH_LABELS(STATES), .enum_name = "state"),
		AMPH_COLUMN(All, flag), AMPH_COLUMN(All, words), AMPH_COLUMN(All, opt_small)));

const amph_model *const shop_models[] = {
	&amph_model_User, &amph_model_Order, &amph_model_Line, &amph_model_Tag,
	&amph_model_OrderTag, &amph_model_All, NULL
};

static const amph_type_spelling types[AMPH_T_COUNT] = {
	[AMPH_T_BOOL] = { .name = "boolean" }, [AMPH_T_INT16] = { .name = "smallint" },
	[AMPH_T_INT32] = { .name = "integer" }, [AMPH_T_INT64] = { .name = "bigint" },
	[AMPH_T_FLOAT] = { .name = "real" }, [AMPH_T_DOUBLE] = { .name = "double precision" },
	[AMPH_T_NUMERIC] = { .name = "numeric" }, [AMPH_T_TEXT] = { .name = "text" },
	[AMPH_T_BYTES] = { .name = "bytea" }, [AMPH_T_UUID] = { .name = "uuid" },
	[AMPH_T_JSON] = { .name = "jsonb" }, [AMPH_T_DATE] = { .name = "date" },
	[AMPH_T_TIME] = { .name = "time" }, [AMPH_T_TIMESTAMP] = { .name = "timestamp" },
	[AMPH_T_TIMESTAMPTZ] = { .name = "timestamptz" }, [AMPH_T_INTERVAL] = { .name = "interval" },
	[AMPH_T_ENUM] = { .name = "%s" }, [AMPH_T_TSVECTOR] = { .name = "tsvector" },
	[AMPH_T_TSQUERY] = { .name = "tsquery" }, [AMPH_T_PLAIN_JSON] = { .name = "json" },
	[AMPH_T_JSONPATH] = { .name = "jsonpath" }
};
static const amph_dialect dialect = {
	.name = "test", .flags = AMPH_DIALECT_FOR_UPDATE | AMPH_DIALECT_TYPED_PARAMS,
	.max_params = 65535, .types = types
};

amph_registry *shop_registry;
amph_query_buf shop_buf;
amph_query_cache shop_cache;
amph_error shop_error;

void shop_setup(void)
{
	shop_registry = amph__registry_open(&amph__libc_allocator, shop_models, &shop_error);
	ck_assert_msg(shop_registry != NULL, "%s", shop_error.message);
	amph__query_buf_init(&shop_buf, shop_registry, NULL, &amph__libc_allocator);
	ck_assert(amph__query_cache_init(&shop_cache, shop_registry, &dialect, &amph__libc_allocator,
					 AMPH_CACHE_MAX, &shop_error));
}

void shop_teardown(void)
{
	amph__query_cache_clear(&shop_cache);
	amph__query_buf_clear(&shop_buf);
	amph__registry_close(shop_registry);
}

void shop_shape(amph_query_op op, const amph_select *q)
{
	bool ok = amph__shape_of(&shop_buf, op, q, &shop_error);

	ck_assert_msg(ok, "%s: %s", shop_error.sqlstate, shop_error.message);
}

const char *shop_sql(amph_query_op op, const amph_select *q)
{
	const amph_compiled *c;

	shop_shape(op, q);
	c = amph__query_compile(&shop_cache, &shop_buf, NULL, &shop_error);
	ck_assert_msg(c != NULL, "%s: %s", shop_error.sqlstate, shop_error.message);
	return c->code->sql;
}

void shop_refused(const char *sqlstate, amph_query_op op, const amph_select *q)
{
	memset(&shop_error, 0, sizeof(shop_error));
	if (amph__shape_of(&shop_buf, op, q, &shop_error))
		ck_assert_ptr_null(amph__query_compile(&shop_cache, &shop_buf, NULL, &shop_error));
	ck_assert_str_eq(shop_error.sqlstate, sqlstate);
	ck_assert_str_ne(shop_error.message, "");
}
