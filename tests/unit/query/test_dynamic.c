/* src/query/dynamic.c, twin.c: queries put together at run time are those of the macros. */
#include "src/session/state.h"
#include "tests/support/failing_alloc.h"
#include "tests/support/suite.h"
#include "tests/unit/query/shop.h"
#include "src/query/dynamic.h"
#include <string.h>

AMPH_ALIAS(Boss, User);

/* As much of a session as a query asks of it. */
static amph_engine engine;
static amph_session session;

static void setup(void)
{
	shop_setup();
	engine = (amph_engine){ .registry = shop_registry, .allocator = &amph__libc_allocator };
	session = (amph_session){ .engine = &engine, .allocator = &amph__libc_allocator };
}

static struct { char bytes[512]; size_t len; } expected;

/* The key of what q has become is that of the macros' query, values included in number. */
static void same(amph_query *q, amph_query_op op, const amph_select *macros)
{
	size_t n_args;

	shop_shape(op, macros);
	memcpy(expected.bytes, shop_buf.key.text, shop_buf.key.len);
	expected.len = shop_buf.key.len;
	n_args = shop_buf.n_args;
	ck_assert_msg(amph__query_finish(q), "%s", q->error.message);
	shop_shape(op, &q->select);
	ck_assert_uint_eq(shop_buf.n_args, n_args);
	ck_assert_uint_eq(shop_buf.key.len, expected.len);
	ck_assert_mem_eq(shop_buf.key.text, expected.bytes, expected.len);
	amph_query_free(q);
}
#define SAME(...) same(q, AMPH_QUERY_SELECT, Q(__VA_ARGS__))

static const amph_expr *text_value(amph_query *q, const char *text)
{
	return amph_expr_value(q, (amph_value){ .type = AMPH_T_TEXT, .v = { .s = text } });
}

static const amph_expr *int_value(amph_query *q, int64_t i)
{
	return amph_expr_value(q, (amph_value){ .type = AMPH_T_INT64, .v = { .i = i } });
}

static const amph_expr *call2(amph_query *q, const char *op, const amph_expr *a, const amph_expr *b)
{
	return amph_expr_call(q, op, (const amph_expr *[]){ a, b }, 2);
}

START_TEST(clauses_of_macros_are_copied)
{
	amph_query *q = amph_query_new(&session, &amph_model_User);
	amph_bool_expr anyone = { { 0 } };
	char pattern[8];

	for (int i = 0; i < 3; i++) {
		memcpy(pattern, "%0%", 4);
		pattern[1] = (char)('0' + i);
		anyone = amph_keep(q, any_of(anyone, ilike(col(User, name), pattern)));
	}
	memset(pattern, 'x', sizeof(pattern));
	amph_where(q, anyone);
	amph_where(q, eq(col(User, is_active), true));
	amph_where(q, all_of(anyone));
	amph_order_by(q, desc(col(User, created_at)));
	amph_order_by(q, asc(col(User, id)));
	amph_limit(q, 20);
	amph_offset(q, 5);
	ck_assert(amph__query_finish(q));
	shop_shape(AMPH_QUERY_SELECT, &q->select);
	ck_assert_uint_eq(shop_buf.n_args, 9);
	ck_assert_str_eq(*(const char *const *)shop_buf.args[0].base, "%0%");
	ck_assert_str_eq(*(const char *const *)shop_buf.args[2].base, "%2%");
	amph_query_free(q);
}
END_TEST

START_TEST(every_clause)
{
	amph_query *q = amph_query_new(&session, &amph_model_User);

	amph_join_with(q, join(User, orders));
	amph_where(q, gt(col(Order, total), 5));
	amph_group_by(q, col(User, name).n);
	amph_having(q, gt(fn_count_all(), 1));
	amph_field_add(q, as("name", col(User, name)));
	amph_query_flag_set(q, AMPH_DISTINCT, true);
	amph_query_flag_set(q, AMPH_WITH_DELETED, true);
	amph_query_flag_set(q, AMPH_FOR_UPDATE, true);
	amph_query_flag_set(q, AMPH_SKIP_LOCKED, true);
	same(q, AMPH_QUERY_PROJECT, Q(User, .joins = joins(join(User, orders)),
		.where = gt(col(Order, total), 5), .group_by = by(col(User, name)),
		.having = gt(fn_count_all(), 1), .fields = fields(as("name", col(User, name))),
		.distinct = true, .with_deleted = true, .for_update = true, .skip_locked = true));
	q = amph_query_new(&session, &amph_model_Order);
	amph_only(q, col(Order, total).n);
	amph_load_with(q, selectin(Order, lines, selectin(Line, order)));
	ck_assert(amph__query_finish(q));
	ck_assert_int_eq(q->select.load[0].how, AMPH_LOAD_SELECTIN);
	ck_assert_uint_eq(q->select.load[0].then[0].member.offset, offsetof(Line, order));
	SAME(Order, .only = by(col(Order, total)));
	q = amph_query_new(&session, &amph_model_Tag);
	amph_set_add(q, set(Tag, name, "x"));
	amph_query_flag_set(q, AMPH_ALL_ROWS, true);
	same(q, AMPH_QUERY_UPDATE, Q(Tag, .all_rows = true, .set = sets(set(Tag, name, "x"))));
}
END_TEST

START_TEST(twins_are_the_macros)
{
	amph_query *q = amph_query_new(&session, &amph_model_User);

	amph_query_where(q, call2(q, "=", amph_expr_column(q, "name"), text_value(q, "john")));
	SAME(User, .where = eq(col(User, name), "john"));
	q = amph_query_new(&session, &amph_model_User);
	amph_query_where(q, call2(q, "or",
		call2(q, "icontains", amph_expr_column(q, "name"), text_value(q, "x")),
		amph_expr_call(q, "not", (const amph_expr *[]){ amph_expr_column(q, "is_active") }, 1)));
	SAME(User, .where = any_of(icontains(col(User, name), "x"), none_of(col(User, is_active))));
	q = amph_query_new(&session, &amph_model_User);
	amph_query_where(q, call2(q, "not in", amph_expr_column(q, "id"),
				  amph_expr_list(q, AMPH_T_INT64, (const int64_t[]){ 1, 2 }, 2)));
	SAME(User, .where = not_in(col(User, id), ints(1)));
	q = amph_query_new(&session, &amph_model_All);
	amph_query_where(q, call2(q, "!=", call2(q, "+", amph_expr_column(q, "small"), int_value(q, 1)),
				  int_value(q, 5)));
	SAME(All, .where = ne(add(col(All, small), 1), 5));
}
END_TEST

START_TEST(twins_of_clauses)
{
	amph_query *q = amph_query_new(&session, &amph_model_User);
	const amph_expr *count, *id;

	ck_assert(amph_query_join(q, AMPH_JOIN_INNER, "orders"));
	ck_assert(amph_query_join(q, AMPH_JOIN_LEFT, "Order.tags"));
	id = amph_expr_column(q, "Order.id");
	count = amph_expr_call(q, "count distinct", &id, 1);
	ck_assert(amph_query_field(q, "name", 0, 0, amph_expr_column(q, "User.name")));
	ck_assert(amph_query_field(q, "n", 0, 0, count));
	ck_assert(amph_query_group_by(q, amph_expr_column(q, "name")));
	ck_assert(amph_query_having(q, call2(q, ">", amph_expr_call(q, "count", NULL, 0),
					     int_value(q, 1))));
	ck_assert(amph_query_order_by(q, amph_expr_label(q, "n"),
				      AMPH_NODE_DESC | AMPH_NODE_NULLS_LAST));
	same(q, AMPH_QUERY_PROJECT, Q(User,
		.joins = joins(join(User, orders), left_join(Order, tags)),
		.fields = fields(as("name", col(User, name)), as("n", fn_count_distinct(col(Order, id)))),
		.group_by = by(col(User, name)), .having = gt(fn_count_all(), 1),
		.order_by = by((amph_order){ amph_order_of(amph_label_node("n"),
			AMPH_NODE_DESC | AMPH_NODE_NULLS_LAST).n })));
	q = amph_query_new(&session, &amph_model_Order);
	ck_assert(amph_query_only(q, amph_expr_column(q, "data")));
	ck_assert(amph_query_load(q, AMPH_LOAD_SELECTIN, "lines"));
	SAME(Order, .only = by(col(Order, data)));
	q = amph_query_new(&session, &amph_model_Tag);
	ck_assert(amph_query_set(q, "name", amph_expr_value(q, (amph_value){ .type = AMPH_T_NONE })));
	amph_query_where(q, call2(q, "=", amph_expr_column(q, "id"), int_value(q, 1)));
	same(q, AMPH_QUERY_UPDATE, Q(Tag, .where = eq(col(Tag, id), 1),
				     .set = sets(set_null(Tag, name))));
}
END_TEST

START_TEST(twins_of_joins_on_conditions)
{
	amph_query *q = amph_query_new(&session, &amph_model_User);

	ck_assert(amph_query_join_on(q, AMPH_JOIN_LEFT, &amph_model_Boss,
		call2(q, "=", amph_expr_column(q, "manager_id"),
		      amph_expr_column_of(q, &amph_model_Boss, "id"))));
	amph_query_where(q, call2(q, "=", amph_expr_column(q, "Boss.name"), text_value(q, "x")));
	SAME(User, .joins = joins(left_join_on(Boss, eq(col(User, manager_id), col(Boss, id)))),
	     .where = eq(col(Boss, name), "x"));
}
END_TEST

START_TEST(twins_of_json_and_calls)
{
	amph_query *q = amph_query_new(&session, &amph_model_Order);

	amph_query_where(q, call2(q, "=", call2(q, "#>>", amph_expr_column(q, "data"),
		amph_expr_path(q, (const char *const[]){ "a", "b" }, 2)), text_value(q, "x")));
	SAME(Order, .where = eq(json_text(col(Order, data), "a", "b"), "x"));
	q = amph_query_new(&session, &amph_model_Tag);
	amph_query_where(q, call2(q, "=",
		call2(q, "left", amph_expr_column(q, "name"), int_value(q, 2)), text_value(q, "ab")));
	ck_assert(amph__query_finish(q));
	ck_assert_ptr_nonnull(strstr(shop_sql(AMPH_QUERY_SELECT, &q->select), "left"));
	amph_query_free(q);
}
END_TEST

START_TEST(exists_outlives_its_query)
{
	amph_query *q = amph_query_new(&session, &amph_model_User);
	amph_query *inner = amph_query_new(&session, &amph_model_Order);

	amph_query_where(inner, call2(inner, "=", amph_expr_column(inner, "user_id"),
				      amph_expr_column_of(inner, &amph_model_User, "id")));
	amph_query_where(q, amph_expr_exists(q, inner));
	amph_query_free(inner);
	SAME(User, .where = exists(Order, .where = eq(col(Order, user_id), col(User, id))));
}
END_TEST

/* As PostgreSQL reads an unknown literal beside a typed operand. */
START_TEST(text_beside_another_type_is_read_as_it)
{
	static const struct { const char *column, *good, *bad; } cases[] = {
		{ "small", "-7", "x" }, { "number", "1.50", "1.5.0" }, { "flag", "yes", "maybe" },
		{ "day", "2024-02-29", "2023-02-29" }, { "state", "paid", "gone" },
		{ "uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0ee" }, { "wide", "1e3", "e" }
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		amph_query *q = amph_query_new(&session, &amph_model_All);
		amph_query_where(q, call2(q, "=", amph_expr_column(q, cases[i].column),
					  text_value(q, cases[i].good)));
		ck_assert(amph__query_finish(q));
		shop_shape(AMPH_QUERY_SELECT, &q->select);
		ck_assert_uint_ne(shop_buf.args[0].slots->type, AMPH_T_TEXT);
		amph_query_free(q);
		q = amph_query_new(&session, &amph_model_All);
		amph_query_where(q, call2(q, "=", amph_expr_column(q, cases[i].column),
					  text_value(q, cases[i].bad)));
		ck_assert(amph__query_finish(q));
		ck_assert(!amph__shape_of(&shop_buf, AMPH_QUERY_SELECT, &q->select, &shop_error));
		ck_assert_int_eq(shop_error.status, AMPH_E_DATA);
		amph_query_free(q);
	}
}
END_TEST

static void failed_with(amph_query *q, const char *sqlstate)
{
	ck_assert(!amph__query_finish(q));
	ck_assert_str_eq(q->error.sqlstate, sqlstate);
	ck_assert_ptr_null(amph_query_all(q));
	ck_assert_str_eq(amph_session_error(&session)->sqlstate, sqlstate);
	amph_query_free(q);
	session.error = (amph_error){ 0 };
	session.failed = false;
}

START_TEST(first_failure_stays)
{
	amph_query *q = amph_query_new(&session, &amph_model_User);

	ck_assert_ptr_null(amph_expr_column(q, "nmae"));
	ck_assert_ptr_null(amph_expr_column(q, "name"));
	ck_assert(!amph_query_where(q, NULL));
	amph_where(q, eq(col(User, id), 1));
	failed_with(q, "42703");
	q = amph_query_new(&session, &amph_model_User);
	ck_assert_ptr_null(amph_expr_column(q, "Nobody.name"));
	failed_with(q, "42P01");
	q = amph_query_new(&session, &amph_model_User);
	ck_assert(!amph_query_join(q, AMPH_JOIN_INNER, "name"));
	failed_with(q, "42703");
	q = amph_query_new(&session, &amph_model_User);
	ck_assert_ptr_null(amph_expr_value(q, (amph_value){ .type = AMPH_T_TSVECTOR }));
	failed_with(q, "HV010");
	q = amph_query_new(&session, &amph_model_User);
	ck_assert_ptr_null(amph_expr_list(q, AMPH_T_TSQUERY, "", 1));
	failed_with(q, "HV010");
}
END_TEST

START_TEST(misuse_is_found_where_it_is_given)
{
	amph_node args[2] = { col(User, id).n, amph_v_int(1) };
	amph_query *q = amph_query_new(&session, &amph_model_User);
	amph_bool_expr e = amph_make_bool(AMPH_OP_EQ, 2, args);

	args[0] = col(User, manager_id).n;
	amph_where(q, e);
	failed_with(q, "HV010");
}
END_TEST

START_TEST(nothing_is_no_query)
{
	amph_where(NULL, eq(col(User, id), 1));
	amph_having(NULL, eq(col(User, id), 1));
	amph_order_by(NULL, asc(col(User, id)));
	amph_limit(NULL, 1);
	amph_offset(NULL, 1);
	amph_query_flag_set(NULL, AMPH_DISTINCT, true);
	ck_assert_int_eq(amph_keep(NULL, eq(col(User, id), 1)).n.op, AMPH_OP_NONE);
	ck_assert_ptr_null(amph_expr_column(NULL, "id"));
	ck_assert(!amph_query_where(NULL, NULL));
	ck_assert(!amph_query_join(NULL, AMPH_JOIN_INNER, "orders"));
	ck_assert_ptr_null(amph_query_all(NULL));
	ck_assert_ptr_null(amph_query_first(NULL));
	ck_assert_ptr_null(amph_query_one(NULL));
	ck_assert_ptr_null(amph_query_paginate(NULL, 1, 20));
	ck_assert_int_eq(amph_query_count(NULL), -1);
	ck_assert_int_eq(amph_query_update(NULL), -1);
	ck_assert_int_eq(amph_query_delete(NULL), -1);
	ck_assert(!amph_query_exists(NULL));
	ck_assert_ptr_null(amph_query_stream(NULL));
	amph_query_free(NULL);
}
END_TEST

static void build_modifiers(amph_query *q)
{
	const amph_expr *name = amph_expr_column(q, "name");
	const amph_expr *args[2] = { name, amph_expr_constant(q, "x") };
	amph_window window = { .abi = AMPH_ABI, .order_by = amph_expr_by(q, &name, NULL, 1),
			       .frame = rows_between(preceding(1), current_row()) };
	const amph_expr *list = amph_expr_call(q, "string_agg", args, 2);

	list = amph_expr_agg_order(q, list, amph_expr_by(q, args, NULL, 2), false);
	amph_query_order_by(q, amph_expr_over(q, list, &window), 0);
	amph_query_order_by(q, amph_expr_raw(q, "$1 || $2", args, 2), 0);
	amph_order_by(q, asc(over(agg_filter(fn_count_all(), col(User, is_active)),
				  .partition_by = by(fn_lower(col(User, name))))));
}

static bool build(const amph_allocator *a, void *ctx)
{
	amph_query *q;
	bool ok;

	(void)ctx;
	session.allocator = a;
	q = amph_query_new(&session, &amph_model_User);
	for (int i = 0; i < 40; i++)
		amph_where(q, any_of(ilike(col(User, name), "x"), in(col(User, email), texts("a", "b"))));
	amph_query_where(q, call2(q, "f", amph_expr_column(q, "id"), text_value(q, "a")));
	build_modifiers(q);
	amph_query_join(q, AMPH_JOIN_INNER, "orders");
	ok = q && amph__query_finish(q);
	ck_assert(ok || !q || q->error.status == AMPH_E_NOMEM);
	amph_query_free(q);
	return ok;
}

START_TEST(survives_failing_allocations)
{
	failing_alloc_sweep(build, NULL);
}
END_TEST

SUITE_MAIN_WITH("dynamic queries", setup, shop_teardown, clauses_of_macros_are_copied, every_clause,
		twins_are_the_macros, twins_of_clauses, twins_of_joins_on_conditions,
		twins_of_json_and_calls, exists_outlives_its_query,
		text_beside_another_type_is_read_as_it, first_failure_stays,
		misuse_is_found_where_it_is_given, nothing_is_no_query, survives_failing_allocations)
