/* src/query/shape.c, shape_expr.c, bind.c: keys and values of queries. */
#include "src/model/value.h"
#include "tests/support/failing_alloc.h"
#include "tests/support/suite.h"
#include "tests/unit/query/shop.h"
#include <string.h>

AMPH_ALIAS(Boss, User);

static struct { char bytes[512]; size_t len; } kept;

static void keep_key(amph_query_op op, const amph_select *q)
{
	shop_shape(op, q);
	ck_assert_uint_le(shop_buf.key.len, sizeof(kept.bytes));
	memcpy(kept.bytes, shop_buf.key.text, shop_buf.key.len);
	kept.len = shop_buf.key.len;
}

static bool has_kept_key(amph_query_op op, const amph_select *q)
{
	shop_shape(op, q);
	return shop_buf.key.len == kept.len && !memcmp(shop_buf.key.text, kept.bytes, kept.len);
}
#define SAME(...) ck_assert(has_kept_key(AMPH_QUERY_SELECT, Q(__VA_ARGS__)))
#define OTHER(...) ck_assert(!has_kept_key(AMPH_QUERY_SELECT, Q(__VA_ARGS__)))
#define KEEP(...) keep_key(AMPH_QUERY_SELECT, Q(__VA_ARGS__))

/* The only value of a condition on All: its type and where it is. */
static const void *value_of(amph_bool_expr e, unsigned type)
{
	shop_shape(AMPH_QUERY_SELECT, Q(All, .where = e));
	ck_assert_uint_eq(shop_buf.n_args, 1);
	ck_assert_uint_eq(shop_buf.args[0].n_slots, 1);
	ck_assert_uint_eq(shop_buf.args[0].n_rows, 1);
	ck_assert_uint_eq(shop_buf.args[0].slots->type, type);
	return (const char *)shop_buf.args[0].base + shop_buf.args[0].slots->offset;
}
#define VALUE(T, name, e) (*(const T *)value_of((e), AMPH_T_##name))

START_TEST(key_is_of_the_shape_alone)
{
	char name[] = "john";

	KEEP(User, .where = all_of(eq(col(User, name), "mary"), gt(col(User, id), 7)), .limit = 5);
	SAME(User, .where = all_of(eq(col(User, name), name), gt(col(User, id), INT64_MAX)),
	     .limit = 1);
	OTHER(User, .where = all_of(eq(col(User, name), name), gt(col(User, id), 7)));
	OTHER(User, .where = all_of(eq(col(User, name), name), ge(col(User, id), 7)), .limit = 5);
	OTHER(User, .where = all_of(eq(col(User, email), name), gt(col(User, id), 7)), .limit = 5);
	OTHER(User, .where = any_of(eq(col(User, name), name), gt(col(User, id), 7)), .limit = 5);
	OTHER(User, .where = all_of(gt(col(User, id), 7), eq(col(User, name), name)), .limit = 5);
	OTHER(User, .where = all_of(eq(col(User, name), name), gt(col(User, id), 7)), .limit = 5,
	      .offset = 1);
	OTHER(User, .where = all_of(eq(col(User, name), name), gt(col(User, id), 7)), .limit = 5,
	      .distinct = true);
	ck_assert(!has_kept_key(AMPH_QUERY_COUNT,
		Q(User, .where = all_of(eq(col(User, name), name), gt(col(User, id), 7)), .limit = 5)));
}
END_TEST

START_TEST(lists_of_all_lengths_have_one_key)
{
	int64_t many[5000] = { 0 };

	KEEP(User, .where = in(col(User, id), ints(1, 2, 3)));
	SAME(User, .where = in(col(User, id), ints(1)));
	SAME(User, .where = in(col(User, id), amph_ints_of(NULL, 0)));
	ck_assert_uint_eq(shop_buf.args[0].n_rows, 0);
	ck_assert_ptr_nonnull(shop_buf.args[0].base);
	SAME(User, .where = in(col(User, id), amph_ints_of(many, 5000)));
	ck_assert_uint_eq(shop_buf.args[0].n_rows, 5000);
	ck_assert_uint_eq(shop_buf.args[0].stride, 8);
	ck_assert_ptr_eq(shop_buf.args[0].base, many);
	OTHER(User, .where = not_in(col(User, id), ints(1)));
}
END_TEST

START_TEST(patterns_share_the_key_of_like)
{
	KEEP(User, .where = like(col(User, name), "j%"));
	SAME(User, .where = starts_with(col(User, name), "j"));
	SAME(User, .where = contains(col(User, name), "j"));
	SAME(User, .where = ends_with(col(User, name), "j"));
	OTHER(User, .where = icontains(col(User, name), "j"));
	OTHER(User, .where = contains(col(User, name), col(User, email)));
}
END_TEST

START_TEST(first_and_page_share_the_key_of_a_limit)
{
	KEEP(User, .limit = 10);
	ck_assert(has_kept_key(AMPH_QUERY_FIRST, Q(User)));
	ck_assert_int_eq(*(const int64_t *)shop_buf.args[0].base, 1);
	ck_assert(has_kept_key(AMPH_QUERY_ONE, Q(User)));
	ck_assert_int_eq(*(const int64_t *)shop_buf.args[0].base, 2);
	ck_assert(has_kept_key(AMPH_QUERY_ONE, Q(User, .limit = 1)));
	ck_assert_int_eq(*(const int64_t *)shop_buf.args[0].base, 1);
	ck_assert(has_kept_key(AMPH_QUERY_PAGE, Q(User)));
	ck_assert_int_eq(*(const int64_t *)shop_buf.args[0].base, 20);
	KEEP(User, .limit = 10, .offset = 10);
	ck_assert(has_kept_key(AMPH_QUERY_PAGE, Q(User, .page = 3, .per_page = 7)));
	ck_assert_int_eq(*(const int64_t *)shop_buf.args[0].base, 7);
	ck_assert_int_eq(*(const int64_t *)shop_buf.args[1].base, 14);
	shop_shape(AMPH_QUERY_PAGE, Q(User, .page = INT32_MAX, .per_page = INT32_MAX));
	ck_assert_int_eq(*(const int64_t *)shop_buf.args[1].base,
			 ((int64_t)INT32_MAX - 1) * INT32_MAX);
}
END_TEST

START_TEST(only_is_a_set_with_the_key)
{
	KEEP(Order, .only = by(col(Order, total), col(Order, data)));
	SAME(Order, .only = by(col(Order, data), col(Order, total)));
	SAME(Order, .only = by(col(Order, id), col(Order, data), col(Order, total), col(Order, data)));
	OTHER(Order, .only = by(col(Order, data)));
	shop_refused("HV010", AMPH_QUERY_SELECT, Q(User, .only = by(fn_lower(col(User, name)))));
	shop_refused("42P01", AMPH_QUERY_SELECT, Q(User, .only = by(col(Order, id))));
	shop_refused("HV010", AMPH_QUERY_SELECT, Q(User, .joins = joins(join(User, orders)),
						   .only = by(col(Order, id))));
}
END_TEST

START_TEST(integer_takes_the_type_of_its_column)
{
	ck_assert_int_eq(VALUE(int16_t, INT16, eq(col(All, small), -7)), -7);
	ck_assert_int_eq(VALUE(int16_t, INT16, eq(col(All, opt_small), INT16_MAX)), INT16_MAX);
	ck_assert_int_eq(VALUE(int32_t, INT32, eq(col(All, normal), INT32_MIN)), INT32_MIN);
	ck_assert_int_eq(VALUE(int64_t, INT64, eq(col(All, big), INT64_MAX)), INT64_MAX);
	ck_assert_int_eq(VALUE(int64_t, INT64, eq(col(All, big), 7u)), 7);
	ck_assert_double_eq(VALUE(double, DOUBLE, eq(col(All, wide), 3)), 3);
	ck_assert_float_eq(VALUE(float, FLOAT, eq(col(All, real), 3)), 3);
	ck_assert_int_eq(VALUE(amph_numeric, NUMERIC, eq(col(All, number), 3)).v.units, 3);
	ck_assert_uint_eq(VALUE(unsigned, ENUM, eq(col(All, state), 2)), 2);
	ck_assert(VALUE(bool, BOOL, eq(col(All, flag), true)));
	ck_assert(!VALUE(bool, BOOL, eq(col(All, flag), 0)));
}
END_TEST

START_TEST(what_does_not_fit_is_refused)
{
	shop_refused("22003", AMPH_QUERY_SELECT, Q(All, .where = eq(col(All, small), 32768)));
	shop_refused("22003", AMPH_QUERY_SELECT, Q(All, .where = eq(col(All, normal), INT64_MIN)));
	shop_refused("22003", AMPH_QUERY_SELECT, Q(All, .where = eq(col(All, big), UINT64_MAX)));
	shop_refused("22003", AMPH_QUERY_SELECT, Q(All, .where = eq(col(All, real), 1e300)));
	shop_refused("22P02", AMPH_QUERY_SELECT, Q(All, .where = eq(col(All, state), 3)));
	shop_refused("22P02", AMPH_QUERY_SELECT, Q(All, .where = eq(col(All, state), -1)));
	shop_refused("42804", AMPH_QUERY_SELECT, Q(All, .where = eq(col(All, flag), 2)));
	shop_refused("22P02", AMPH_QUERY_SELECT,
		     Q(All, .where = eq(col(All, number), amph_numeric_parse("no"))));
	shop_refused("22021", AMPH_QUERY_SELECT, Q(All, .where = eq(col(All, text), "\xff")));
	shop_refused("22021", AMPH_QUERY_SELECT, Q(All, .where = contains(col(All, text), "\xc3")));
	shop_refused("22021", AMPH_QUERY_SELECT, Q(All, .where = in(col(All, text), texts("a", "\xff"))));
}
END_TEST

START_TEST(unsigned_beyond_bigint_is_numeric)
{
	amph_numeric n = VALUE(amph_numeric, NUMERIC, eq(col(All, number), UINT64_MAX));
	char text[32];

	amph_numeric_format(n, text, sizeof(text));
	ck_assert_str_eq(text, "18446744073709551615");
}
END_TEST

START_TEST(values_of_every_type)
{
	amph_uuid uuid = { { 1, [15] = 16 } };
	amph_interval span = { 1, 2, 3 };
	amph_bytes bytes = { "a\0b", 3 };

	ck_assert_double_eq(VALUE(double, DOUBLE, eq(col(All, wide), 0.5)), 0.5);
	ck_assert_float_eq(VALUE(float, FLOAT, eq(col(All, real), 0.1)), 0.1f);
	ck_assert_int_eq(VALUE(amph_numeric, NUMERIC, eq(col(All, number), dec(1.50))).v.units, 150);
	ck_assert_str_eq(VALUE(char *, TEXT, eq(col(All, text), "é")), "é");
	ck_assert_mem_eq(VALUE(amph_bytes, BYTES, eq(col(All, bytes), bytes)).data, "a\0b", 3);
	ck_assert_mem_eq(value_of(eq(col(All, uuid), uuid), AMPH_T_UUID), &uuid, 16);
	ck_assert_str_eq(VALUE(char *, JSON, eq(col(All, json), json({"a": 1}))), "{\"a\": 1}");
	ck_assert_int_eq(VALUE(int32_t, DATE, eq(col(All, day), (amph_date){ -5 })), -5);
	ck_assert_int_eq(VALUE(int64_t, TIME, eq(col(All, time), (amph_time){ 5 })), 5);
	ck_assert_int_eq(VALUE(int64_t, TIMESTAMP, eq(col(All, stamp), (amph_timestamp){ 5 })), 5);
	ck_assert_int_eq(VALUE(int64_t, TIMESTAMPTZ, eq(col(All, instant), (amph_timestamptz){ 5 })), 5);
	ck_assert_mem_eq(value_of(eq(col(All, span), span), AMPH_T_INTERVAL), &span, sizeof(span));
}
END_TEST

START_TEST(nothing_is_null)
{
	amph_opt_int16 none = { 0 };
	amph_opt_uuid no_uuid = { 0 };
	const char *no_text = NULL;

	value_of(eq(col(All, small), none), AMPH_T_INT16);
	ck_assert(amph__slot_is_null(shop_buf.args[0].slots, shop_buf.args[0].base));
	value_of(eq(col(All, uuid), no_uuid), AMPH_T_UUID);
	ck_assert(amph__slot_is_null(shop_buf.args[0].slots, shop_buf.args[0].base));
	value_of(eq(col(All, text), no_text), AMPH_T_TEXT);
	ck_assert(amph__slot_is_null(shop_buf.args[0].slots, shop_buf.args[0].base));
	value_of(contains(col(All, text), no_text), AMPH_T_TEXT);
	ck_assert(amph__slot_is_null(shop_buf.args[0].slots, shop_buf.args[0].base));
}
END_TEST

START_TEST(optional_values_share_the_key_of_plain_ones)
{
	amph_opt_int64 some = AMPH_SOME(7), none = { 0 };

	KEEP(User, .where = eq(col(User, manager_id), 7));
	SAME(User, .where = eq(col(User, manager_id), some));
	ck_assert_int_eq(*(const int64_t *)shop_buf.args[0].base, 7);
	SAME(User, .where = eq(col(User, manager_id), none));
}
END_TEST

START_TEST(value_takes_the_type_of_the_nearest_expression)
{
	ck_assert_int_eq(VALUE(int16_t, INT16, eq(add(col(All, small), col(All, small)), 5)), 5);
	ck_assert_int_eq(VALUE(int64_t, INT64, eq(add(col(All, small), col(All, big)), 5)), 5);
	ck_assert_int_eq(VALUE(int64_t, INT64, eq(fn_sum(col(All, normal)), 5)), 5);
	ck_assert_int_eq(VALUE(amph_numeric, NUMERIC, eq(fn_sum(col(All, big)), 5)).v.units, 5);
	ck_assert_int_eq(VALUE(amph_numeric, NUMERIC, eq(fn_avg(col(All, small)), 5)).v.units, 5);
	ck_assert_int_eq(VALUE(int32_t, INT32, eq(fn_max(col(All, normal)), 5)), 5);
	ck_assert_int_eq(VALUE(int64_t, INT64, eq(fn_count(col(All, small)), 5)), 5);
	ck_assert_int_eq(VALUE(int32_t, INT32, eq(fn_length(col(All, text)), 5)), 5);
	ck_assert_double_eq(VALUE(double, DOUBLE, eq(fn_avg(col(All, real)), 5)), 5);
}
END_TEST

START_TEST(binds_come_in_the_order_of_the_text)
{
	static const int64_t expected[] = { 1, 2, 3, 4, 5, 6, 7 };

	shop_shape(AMPH_QUERY_PROJECT, Q(User,
		.fields = fields(as("x", add(col(User, id), 4))),
		.joins = joins(join_on(Boss, eq(col(Boss, id), 1))),
		.where = eq(col(User, id), 2), .group_by = by(add(col(User, id), 3)),
		.having = between(fn_count_all(), 4, 5), .order_by = by(add(col(User, id), 5)),
		.limit = 6, .offset = 7));
	ck_assert_uint_eq(shop_buf.n_args, 9);
	ck_assert_int_eq(*(const int64_t *)shop_buf.args[0].base, expected[0]);
	ck_assert_int_eq(*(const int64_t *)shop_buf.args[1].base, expected[1]);
	ck_assert_int_eq(*(const int64_t *)shop_buf.args[2].base, expected[2]);
	ck_assert_int_eq(*(const int64_t *)shop_buf.args[7].base, expected[5]);
	ck_assert_int_eq(*(const int64_t *)shop_buf.args[8].base, expected[6]);
}
END_TEST

START_TEST(arrays)
{
	const char *const words[] = { "a", NULL };
	amph_text_array some = { words, 2 }, none = { 0 };
	const amph_text_array *bound;

	shop_shape(AMPH_QUERY_SELECT, Q(All, .where = eq(amph_array_col(All, words), amph_array(some))));
	ck_assert_uint_eq(shop_buf.args[0].slots->type, AMPH_T_TEXT | AMPH_T_ARRAY);
	bound = shop_buf.args[0].base;
	ck_assert_uint_eq(bound->n, 2);
	ck_assert_ptr_eq(bound->items, words);
	shop_shape(AMPH_QUERY_UPDATE,
		   Q(All, .all_rows = true, .set = sets(set(All, words, amph_array(none)))));
	ck_assert(amph__slot_is_null(shop_buf.args[0].slots, shop_buf.args[0].base));
	shop_refused("42883", AMPH_QUERY_SELECT,
		     Q(All, .where = eq(amph_array_col(All, words), amph_array((amph_int64_array){ 0 }))));
}
END_TEST

START_TEST(lists_of_every_type)
{
	const double doubles[] = { 0.1, 0.2 };

	shop_shape(AMPH_QUERY_SELECT, Q(All, .where = in(col(All, real), amph_doubles_of(doubles, 2))));
	ck_assert_uint_eq(shop_buf.args[0].slots->type, AMPH_T_FLOAT);
	ck_assert_float_eq(((const float *)shop_buf.args[0].base)[1], 0.2f);
	shop_shape(AMPH_QUERY_SELECT, Q(All, .where = in(col(All, wide), amph_doubles_of(doubles, 2))));
	ck_assert_ptr_eq(shop_buf.args[0].base, doubles);
	shop_shape(AMPH_QUERY_SELECT, Q(All, .where = in(col(All, state), amph_enums(0, 2))));
	ck_assert_uint_eq(shop_buf.args[0].slots->type, AMPH_T_ENUM);
	ck_assert_ptr_nonnull(shop_buf.args[0].slots->enumeration);
	shop_shape(AMPH_QUERY_SELECT, Q(All, .where = all_of(
		in(col(All, flag), amph_bools(true)), in(col(All, number), amph_numerics(dec(1))),
		in(col(All, text), texts("a", NULL)), in(col(All, uuid), uuids((amph_uuid){ { 1 } })),
		in(col(All, day), amph_dates((amph_date){ 1 })),
		in(col(All, time), amph_times((amph_time){ 1 })),
		in(col(All, stamp), amph_timestamps((amph_timestamp){ 1 })),
		in(col(All, instant), amph_timestamptzs((amph_timestamptz){ 1 })),
		in(col(All, span), amph_intervals((amph_interval){ 1, 0, 0 })),
		in(col(All, bytes), amph_byteas((amph_bytes){ "x", 1 })),
		in(col(All, json), amph_jsons(json([1]))))));
	ck_assert_uint_eq(shop_buf.n_args, 11);
	for (size_t i = 0; i < shop_buf.n_args; i++)
		ck_assert_uint_eq(shop_buf.args[i].stride,
				  amph_type_size(shop_buf.args[i].slots->type, false));
}
END_TEST

START_TEST(patterns_escape)
{
	ck_assert_str_eq(VALUE(char *, TEXT, contains(col(All, text), "50%_\\")), "%50\\%\\_\\\\%");
	ck_assert_str_eq(VALUE(char *, TEXT, starts_with(col(All, text), "%")), "\\%%");
	ck_assert_str_eq(VALUE(char *, TEXT, iends_with(col(All, text), "É")), "%É");
	ck_assert_str_eq(VALUE(char *, TEXT, icontains(col(All, text), "")), "%%");
	ck_assert_str_eq(VALUE(char *, TEXT, istarts_with(col(All, text), "")), "%");
}
END_TEST

START_TEST(collection_binds_the_parents_key_in_place)
{
	User u = { .id = 5 };
	Order o = { .user_id = 6 };

	shop_shape(AMPH_QUERY_SELECT, Q(Order, .of = children(User, &u, orders)));
	ck_assert_uint_eq(shop_buf.n_args, 1);
	u.id = 77;
	ck_assert_int_eq(*(const int64_t *)((const char *)shop_buf.args[0].base +
					    shop_buf.args[0].slots->offset), 77);
	ck_assert_uint_eq(shop_buf.n_mappers, 1);
	shop_shape(AMPH_QUERY_SELECT, Q(Tag, .of = children(Order, &o, tags)));
	ck_assert_uint_eq(shop_buf.n_mappers, 2);
	shop_refused("42809", AMPH_QUERY_SELECT, Q(Tag, .of = children(User, &u, orders)));
	/* of no object is not of all */
	shop_refused("HV010", AMPH_QUERY_SELECT, Q(Order, .of = children(User, NULL, orders)));
	shop_refused("HV010", AMPH_QUERY_DELETE, Q(Order, .of = children(User, NULL, orders)));
	shop_refused("HV010", AMPH_QUERY_SELECT,
		     Q(User, .where = exists(Order, .of = children(User, NULL, orders))));
}
END_TEST

START_TEST(models_that_are_read_are_listed)
{
	shop_shape(AMPH_QUERY_SELECT, Q(User, .joins = joins(join_as(User, manager, Boss)),
		.where = exists(Order, .joins = joins(join(Order, tags)))));
	ck_assert_uint_eq(shop_buf.n_mappers, 4);
	ck_assert_str_eq(shop_buf.mappers[0]->model->name, "User");
	ck_assert_str_eq(shop_buf.mappers[1]->model->name, "Order");
	ck_assert_str_eq(shop_buf.mappers[2]->model->name, "OrderTag");
	ck_assert_str_eq(shop_buf.mappers[3]->model->name, "Tag");
}
END_TEST

START_TEST(tables_must_be_in_the_query)
{
	shop_refused("42P01", AMPH_QUERY_SELECT, Q(User, .where = eq(col(Order, user_id), 1)));
	shop_refused("42P01", AMPH_QUERY_SELECT, Q(User, .joins = joins(join(Order, lines))));
	shop_refused("42712", AMPH_QUERY_SELECT, Q(User, .joins = joins(join(User, manager))));
	shop_refused("42712", AMPH_QUERY_SELECT, Q(User, .joins = joins(join(User, orders),
									join(User, orders))));
	shop_refused("42809", AMPH_QUERY_SELECT, Q(Order, .joins = joins(join_as(Order, lines, Boss))));
	/* what an inner query joins is not outside of it */
	shop_refused("42P01", AMPH_QUERY_SELECT,
		     Q(User, .where = all_of(exists(Order), eq(col(Order, user_id), 1))));
}
END_TEST

START_TEST(unknown_models_are_refused)
{
	static const amph_model stranger = { .abi = AMPH_ABI, .name = "Stranger" };
	amph_select q = { .abi = AMPH_ABI, .model = &stranger };

	shop_refused("HV010", AMPH_QUERY_SELECT, &q);
	q.model = NULL;
	shop_refused("HV010", AMPH_QUERY_SELECT, &q);
	q = (amph_select){ .model = &amph_model_User };
	shop_refused("HV010", AMPH_QUERY_SELECT, &q);
}
END_TEST

START_TEST(members_without_use_are_refused)
{
	amph_query_op op = AMPH_QUERY_UPDATE;

	shop_refused("HV010", op, Q(User, .set = sets(set(User, name, "x"))));
	ck_assert_ptr_nonnull(strstr(shop_error.message, ".all_rows"));
	shop_refused("HV010", op, Q(User, .all_rows = true));
	shop_refused("HV010", op, Q(User, .all_rows = true, .limit = 1, .set = sets(set(User, name, "x"))));
	ck_assert_str_eq(shop_error.message, "amph_update has no use for .limit");
	shop_refused("HV010", AMPH_QUERY_DELETE, Q(User));
	shop_refused("0A000", AMPH_QUERY_DELETE,
		     Q(User, .all_rows = true, .joins = joins(left_join(User, orders))));
	shop_refused("HV010", AMPH_QUERY_COUNT, Q(User, .returning = fields(as("n", col(User, id)))));
	shop_refused("HV010", AMPH_QUERY_SELECT, Q(User, .sync = AMPH_SYNC_NONE));
	shop_refused("HV010", AMPH_QUERY_INSERT, Q(User, .fields = fields(as("n", col(User, id)))));
	shop_refused("HV010", AMPH_QUERY_SELECT, Q(User, .all_rows = true));
	shop_refused("HV010", AMPH_QUERY_SELECT, Q(User, .page = 1));
	shop_refused("HV010", AMPH_QUERY_PAGE, Q(User, .limit = 1));
	shop_refused("HV010", AMPH_QUERY_PROJECT, Q(User));
	shop_refused("HV010", AMPH_QUERY_SUM, Q(User));
	shop_refused("HV010", AMPH_QUERY_SELECT, Q(User, .skip_locked = true));
	shop_refused("2201W", AMPH_QUERY_SELECT, Q(User, .limit = -1));
	shop_refused("2201X", AMPH_QUERY_SELECT, Q(User, .offset = -1));
	shop_refused("22023", AMPH_QUERY_PAGE, Q(User, .page = -1));
}
END_TEST

START_TEST(assignments_are_checked)
{
	amph_query_op op = AMPH_QUERY_UPDATE;

	shop_shape(op, Q(Line, .all_rows = true, .set = sets(set(Line, text, "12345"))));
	shop_refused("22001", op, Q(Line, .all_rows = true, .set = sets(set(Line, text, "123456"))));
	ck_assert_str_eq(shop_error.column, "text");
	shop_refused("22003", op, Q(Order, .all_rows = true, .set = sets(set(Order, total, dec(123456789)))));
	shop_refused("22003", op, Q(Line, .all_rows = true, .set = sets(set(Line, number, 40000))));
	shop_refused("42601", op, Q(Line, .all_rows = true,
				    .set = sets(set(Line, quantity, 1), set(Line, quantity, 2))));
	shop_shape(op, Q(Order, .all_rows = true, .set = sets(set(Order, state, 1))));
	ck_assert_uint_eq(shop_buf.n_args, 2);
	ck_assert_int_eq(((const amph_opt_timestamptz *)shop_buf.args[1].base)->value.usec, 1000000);
	shop_shape(op, Q(Order, .all_rows = true, .set = sets(set_null(Order, updated_at))));
	ck_assert_uint_eq(shop_buf.n_args, 0);
}
END_TEST

static const amph_select *typical(void)
{
	static amph_node where_args[2], order[2];
	static amph_select q;

	where_args[0] = col(User, name).n;
	where_args[1] = amph_v_text("john");
	order[0] = desc(col(User, created_at)).n;
	q = (amph_select){ .abi = AMPH_ABI, .model = &amph_model_User, .limit = 10,
			   .order_by = amph_nodes_of(order),
			   .where = amph_make_bool(AMPH_OP_CONTAINS, 2, where_args) };
	return &q;
}

START_TEST(second_time_allocates_nothing)
{
	failing_alloc f;
	amph_query_buf b;
	size_t before;

	failing_alloc_init(&f, 0);
	amph__query_buf_init(&b, shop_registry, NULL, &f.allocator);
	ck_assert(amph__shape_of(&b, AMPH_QUERY_SELECT, typical(), &shop_error));
	ck_assert(amph__shape_of(&b, AMPH_QUERY_SELECT, typical(), &shop_error));
	before = f.calls;
	for (int i = 0; i < 100; i++)
		ck_assert(amph__shape_of(&b, AMPH_QUERY_SELECT, typical(), &shop_error));
#ifndef AMPH_ARENA_DEBUG
	ck_assert_uint_eq(f.calls, before);
#else
	ck_assert_uint_ge(f.calls, before);     /* arenas keep nothing there */
#endif
	amph__query_buf_clear(&b);
	ck_assert_uint_eq(f.live, 0);
}
END_TEST

static bool shape_with(const amph_allocator *a, void *ctx)
{
	amph_query_buf b;
	bool ok;

	(void)ctx;
	amph__query_buf_init(&b, shop_registry, NULL, a);
	ok = amph__shape_of(&b, AMPH_QUERY_SELECT, typical(), &shop_error);
	ck_assert(ok || shop_error.status == AMPH_E_NOMEM);
	amph__query_buf_clear(&b);
	return ok;
}

START_TEST(survives_failing_allocations)
{
	ck_assert_uint_gt(failing_alloc_sweep(shape_with, NULL), 1);
}
END_TEST

START_TEST(one_value_apart)
{
	amph_node node = amph_v_int(40000), text = amph_v_text("abc"), null = { .op = AMPH_OP_VALUE };
	const amph_mapper *m = shop_registry->mappers[5];
	amph_sqltype type;
	amph_arg arg;
	All all = { 0 };

	ck_assert(amph__node_arg(&shop_buf, &node, NULL, &arg, &type, &shop_error));
	ck_assert_uint_eq(type.type, AMPH_T_INT32);
	ck_assert(!amph__node_store(&shop_buf, &node, amph__column_at(m, offsetof(All, small)), &all,
				    &shop_error));
	ck_assert_str_eq(shop_error.sqlstate, "22003");
	ck_assert(amph__node_store(&shop_buf, &node, amph__column_at(m, offsetof(All, big)), &all,
				   &shop_error));
	ck_assert_int_eq(all.big, 40000);
	node = amph_v_int(5);
	ck_assert(amph__node_store(&shop_buf, &node, amph__column_at(m, offsetof(All, opt_small)), &all,
				   &shop_error));
	ck_assert(all.opt_small.has && all.opt_small.value == 5);
	ck_assert(amph__node_store(&shop_buf, &text, amph__column_at(m, offsetof(All, text)), &all,
				   &shop_error));
	ck_assert_str_eq(all.text, "abc");
	ck_assert(!amph__node_store(&shop_buf, &node, amph__column_at(m, offsetof(All, text)), &all,
				    &shop_error));
	ck_assert(!amph__node_store(&shop_buf, &null, amph__column_at(m, offsetof(All, big)), &all,
				    &shop_error));
	node = col(All, id).n;
	ck_assert(!amph__node_arg(&shop_buf, &node, NULL, &arg, &type, &shop_error));
}
END_TEST

SUITE_MAIN_WITH("shape", shop_setup, shop_teardown, key_is_of_the_shape_alone,
		lists_of_all_lengths_have_one_key, patterns_share_the_key_of_like,
		first_and_page_share_the_key_of_a_limit, only_is_a_set_with_the_key,
		integer_takes_the_type_of_its_column, what_does_not_fit_is_refused,
		unsigned_beyond_bigint_is_numeric, values_of_every_type, nothing_is_null,
		optional_values_share_the_key_of_plain_ones,
		value_takes_the_type_of_the_nearest_expression, binds_come_in_the_order_of_the_text,
		arrays, lists_of_every_type, patterns_escape, collection_binds_the_parents_key_in_place,
		models_that_are_read_are_listed, tables_must_be_in_the_query, unknown_models_are_refused,
		members_without_use_are_refused, assignments_are_checked, second_time_allocates_nothing,
		survives_failing_allocations, one_value_apart)
