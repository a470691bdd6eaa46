/* src/query/expr.c, copy.c: what an expression points to must be as it was when it was made. */
#include "tests/support/suite.h"
#include "tests/unit/query/shop.h"
#include <string.h>

static void misused(amph_bool_expr e)
{
	shop_refused("HV010", AMPH_QUERY_SELECT, Q(User, .where = e));
	ck_assert_int_eq(shop_error.status, AMPH_E_MISUSE);
	ck_assert_ptr_nonnull(strstr(shop_error.message, "amph_keep"));
}

START_TEST(node_is_of_32_bytes)
{
	ck_assert_uint_eq(sizeof(amph_node), 32);
	ck_assert_uint_eq(sizeof(amph_bool_expr), 32);
}
END_TEST

START_TEST(changed_argument_is_misuse)
{
	amph_node args[2] = { col(User, name).n, amph_v_text("john") };
	amph_bool_expr e = amph_make_bool(AMPH_OP_EQ, 2, args);

	shop_shape(AMPH_QUERY_SELECT, Q(User, .where = e));
	args[1] = amph_v_text("mary");
	misused(e);
}
END_TEST

START_TEST(changed_argument_far_below_is_misuse)
{
	amph_node args[2] = { col(User, name).n, amph_v_text("john") };
	amph_bool_expr e = amph_make_bool(AMPH_OP_EQ, 2, args);
	amph_bool_expr all = all_of(eq(col(User, is_active), true), none_of(any_of(e, e)));

	shop_shape(AMPH_QUERY_SELECT, Q(User, .where = all));
	args[0] = col(User, email).n;
	misused(all);
}
END_TEST

/* The literal of a loop's body is the same memory each time around. */
START_TEST(expression_tied_to_itself_is_misuse)
{
	amph_bool_expr list[3] = { [2] = { .n = { .op = AMPH_OP_LAST } } };
	amph_bool_expr e = eq(col(User, id), 1);

	for (int i = 0; i < 3; i++) {
		list[0] = e;
		list[1] = eq(col(User, id), 2);
		e = amph_junction(AMPH_OP_ANY, list);
	}
	misused(e);
}
END_TEST

START_TEST(changed_list_is_misuse)
{
	int64_t ids[] = { 1, 2, 3 };
	amph_bool_expr e = in(col(User, id), amph_ints_of(ids, 3));

	shop_shape(AMPH_QUERY_SELECT, Q(User, .where = e));
	ids[2] = 4;
	misused(e);
}
END_TEST

START_TEST(changed_window_is_misuse)
{
	amph_window window = { .abi = AMPH_ABI, .order_by = by(col(User, id)) };
	amph_node args[2] = { fn_rank().n, amph_window_node(&window) };
	amph_bool_expr e = gt(amph_make_int(AMPH_OP_OVER, 2, args), 1);
	amph_query *q;

	shop_shape(AMPH_QUERY_PROJECT, Q(User, .fields = fields(as("x", e))));
	window.frame.unit = AMPH_FRAME_ROWS;
	misused(e);
	window.frame.unit = AMPH_FRAME_NONE;
	window.order_by = by(col(User, name));
	misused(e);
	args[1] = amph_v_int(1);
	misused(gt(amph_make_int(AMPH_OP_OVER, 2, args), 1));
	q = NULL;
	ck_assert_int_eq(amph_keep(q, e).n.op, AMPH_OP_NONE);
}
END_TEST

START_TEST(changed_order_of_an_aggregate_is_misuse)
{
	amph_node list[2] = { col(User, id).n, { .op = AMPH_OP_NONE } };
	amph_bool_expr e = eq(agg_order(fn_string_agg(col(User, name), ","), amph_nodes_of(list)), "x");

	shop_shape(AMPH_QUERY_PROJECT, Q(User, .fields = fields(as("x", e))));
	list[0] = col(User, name).n;
	misused(e);
}
END_TEST

START_TEST(changed_inner_query_is_misuse)
{
	amph_select q = { .abi = AMPH_ABI, .model = &amph_model_Order };
	amph_bool_expr e = amph_exists_expr(&q);

	shop_shape(AMPH_QUERY_SELECT, Q(User, .where = e));
	q.with_deleted = true;
	misused(e);
	q.with_deleted = false;
	shop_shape(AMPH_QUERY_SELECT, Q(User, .where = e));
	q.where = eq(col(Order, user_id), 1);
	misused(e);
}
END_TEST

/* Lists are literals too: one that is changed, or has lost its end, is found. */
START_TEST(changed_lists_of_a_query_are_misuse)
{
	amph_node nodes[3] = { col(User, id).n, col(User, name).n, { .op = AMPH_OP_NONE } };
	amph_join_item items[2] = { join(User, orders), { .kind = AMPH_JOIN_NONE } };
	amph_load_item loads[2] = { selectin(User, orders), { .how = 0 } };
	amph_assign sets[2] = { set(User, name, "x"), { .member = NULL } };
	amph_field fields[2] = { as("name", col(User, name)), { .member = NULL } };
	amph_select q = { .abi = AMPH_ABI, .model = &amph_model_User };
	amph_select update = q, project = q;

	q.order_by = q.only = amph_nodes_of(nodes);
	q.joins = amph_joins_of(items);
	q.load = amph_loads_of(loads);
	shop_shape(AMPH_QUERY_SELECT, &q);
	nodes[1] = col(User, email).n;
	shop_refused("HV010", AMPH_QUERY_SELECT, &q);
	nodes[1] = col(User, name).n;
	nodes[2].v.u = 0;
	shop_refused("HV010", AMPH_QUERY_SELECT, &q);
	amph_nodes_of(nodes);
	items[0].kind = AMPH_JOIN_LEFT;
	shop_refused("HV010", AMPH_QUERY_SELECT, &q);
	amph_joins_of(items);
	loads[0].how = AMPH_LOAD_JOINED;
	shop_refused("HV010", AMPH_QUERY_SELECT, &q);
	update.set = amph_sets_of(sets);
	update.all_rows = true;
	shop_shape(AMPH_QUERY_UPDATE, &update);
	sets[0].value = amph_v_text("y");
	shop_refused("HV010", AMPH_QUERY_UPDATE, &update);
	project.fields = amph_fields_of(fields);
	shop_shape(AMPH_QUERY_PROJECT, &project);
	fields[0].offset = 8;
	shop_refused("HV010", AMPH_QUERY_PROJECT, &project);
}
END_TEST

START_TEST(garbage_is_misuse)
{
	amph_bool_expr e;

	memset(&e, 0xa5, sizeof(e));
	e.n.args = NULL;
	shop_refused("HV010", AMPH_QUERY_SELECT, Q(User, .where = e));
	e = eq(col(User, id), 1);
	e.n.op = AMPH_OP_NOT_IN;
	shop_refused("HV010", AMPH_QUERY_SELECT, Q(User, .where = e));
	e = amph_make_bool(AMPH_OP_LIST, 0, NULL);
	shop_refused("HV010", AMPH_QUERY_SELECT, Q(User, .where = e));
}
END_TEST

START_TEST(wrong_number_of_arguments_is_misuse)
{
	amph_node args[2] = { col(User, id).n, amph_v_int(1) };

	shop_refused("HV010", AMPH_QUERY_SELECT,
		     Q(User, .where = amph_make_bool(AMPH_OP_EQ, 1, args)));
	shop_refused("HV010", AMPH_QUERY_SELECT,
		     Q(User, .where = amph_make_bool(AMPH_OP_IS_NULL, 2, args)));
	shop_refused("HV010", AMPH_QUERY_SELECT,
		     Q(User, .where = amph_make_bool(AMPH_OP_IN, 2, args)));
}
END_TEST

START_TEST(missing_conditions_are_left_out)
{
	amph_bool_expr none = { { 0 } };
	amph_select empty = { .abi = AMPH_ABI, .model = &amph_model_User };

	ck_assert_int_eq(all_of(none, none).n.op, AMPH_OP_NONE);
	ck_assert_int_eq(any_of(none, all_of(none)).n.op, AMPH_OP_NONE);
	empty.where = all_of(none);
	shop_refused("HV010", AMPH_QUERY_DELETE, &empty);
	shop_shape(AMPH_QUERY_SELECT, Q(User, .where = all_of(none, eq(col(User, id), 1), none,
							      eq(col(User, id), 2))));
	ck_assert_uint_eq(shop_buf.n_args, 2);
}
END_TEST

static amph_bool_expr nested(amph_arena *arena, unsigned depth)
{
	amph_bool_expr e = eq(col(User, id), 1), copy;

	ck_assert(amph__copy_node(arena, &e.n, &copy.n, &shop_error));
	for (unsigned i = 1; i < depth; i++) {
		amph_node *arg = amph__arena_copy(arena, &copy.n, sizeof(copy.n));
		copy = amph_make_bool(AMPH_OP_NONE_OF, 1, arg);
	}
	return copy;
}

START_TEST(too_deep_is_an_error)
{
	amph_arena arena;

	amph__arena_init(&arena, &amph__libc_allocator);
	shop_shape(AMPH_QUERY_SELECT, Q(User, .where = nested(&arena, AMPH_QUERY_DEPTH_MAX)));
	shop_refused("54001", AMPH_QUERY_SELECT,
		     Q(User, .where = nested(&arena, AMPH_QUERY_DEPTH_MAX + 1)));
	amph__arena_clear(&arena);
}
END_TEST

/* All that a copy points to is its own. */
START_TEST(copy_is_independent)
{
	char name[] = "john", path[] = "a";
	const char *names[] = { name, NULL };
	char digits[] = "12345678901234567890.5";
	amph_arena arena;
	amph_bool_expr copy;
	amph_bool_expr e = all_of(
		in(col(User, name), amph_texts_of(names, 2)), contains(col(User, email), name),
		exists(Order, .joins = joins(join(Order, lines)),
		       .where = all_of(eq(json_text(col(Order, data), path), name),
				       gt(col(Order, total), amph_numeric_parse(digits)))));

	amph__arena_init(&arena, &amph__libc_allocator);
	ck_assert(amph__copy_node(&arena, &e.n, &copy.n, &shop_error));
	memset(name, 'x', 4);
	memset(digits, '9', 3);
	path[0] = 'z';
	shop_shape(AMPH_QUERY_SELECT, Q(User, .where = copy));
	ck_assert_uint_eq(shop_buf.n_args, 4);
	ck_assert_uint_eq(shop_buf.args[0].n_rows, 2);
	ck_assert_str_eq(((const char *const *)shop_buf.args[0].base)[0], "john");
	ck_assert_ptr_null(((const char *const *)shop_buf.args[0].base)[1]);
	ck_assert_str_eq(*(const char *const *)shop_buf.args[1].base, "%john%");
	ck_assert_str_eq(*(const char *const *)shop_buf.args[2].base, "john");
	ck_assert_int_eq(((const amph_numeric *)shop_buf.args[3].base)->v.digits[0], '1');
	amph__arena_clear(&arena);
}
END_TEST

START_TEST(copy_of_misuse_is_refused)
{
	amph_node args[2] = { col(User, id).n, amph_v_int(1) }, copy;
	amph_bool_expr e = amph_make_bool(AMPH_OP_EQ, 2, args);
	amph_arena arena;

	args[1].v.i = 2;
	amph__arena_init(&arena, &amph__libc_allocator);
	ck_assert(!amph__copy_node(&arena, &e.n, &copy, &shop_error));
	ck_assert_int_eq(shop_error.status, AMPH_E_MISUSE);
	amph__arena_clear(&arena);
}
END_TEST

SUITE_MAIN_WITH("seals", shop_setup, shop_teardown, node_is_of_32_bytes, changed_argument_is_misuse,
		changed_argument_far_below_is_misuse, expression_tied_to_itself_is_misuse,
		changed_list_is_misuse, changed_window_is_misuse,
		changed_order_of_an_aggregate_is_misuse, changed_inner_query_is_misuse,
		changed_lists_of_a_query_are_misuse, garbage_is_misuse,
		wrong_number_of_arguments_is_misuse, missing_conditions_are_left_out,
		too_deep_is_an_error, copy_is_independent, copy_of_misuse_is_refused)
