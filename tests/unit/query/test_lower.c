/* src/query/lower.c, lower_expr.c, path.c: the SQL tree of a key, as the text of tree_text.h. */
#include "tests/support/suite.h"
#include "tests/unit/query/shop.h"
#include "tests/unit/sql/tree_text.h"
#include <stdlib.h>
#include <string.h>

AMPH_ALIAS(Boss, User);
AMPH_ALIAS(Other, Order);

#define USER "users.id users.name users.email users.is_active users.created_at users.manager_id"
#define ORDER "orders.id orders.user_id orders.total orders.data orders.state orders.revision " \
	      "orders.updated_at orders.deleted_at"
#define ALIVE "(is-null orders.deleted_at)"

static amph_arena arena;
static sql_stmt *stmt;
static char *text;

/* As an assertion of Check would print the arguments after preprocessing: kilobytes. */
static void is(const char *actual, const char *expected)
{
	ck_assert_str_eq(actual, expected);
}

static void setup(void)
{
	shop_setup();
	amph__arena_init(&arena, &amph__libc_allocator);
}

static void teardown(void)
{
	free(text);
	text = NULL;
	amph__arena_clear(&arena);
	shop_teardown();
}

static const char *lowered(amph_query_op op, const amph_select *q)
{
	amph_compiled c = { .cached = false };

	shop_shape(op, q);
	amph__arena_reset(&arena);
	ck_assert_msg(amph__lower(&arena, shop_registry, shop_buf.key.text, shop_buf.key.len, &stmt,
				  &c, &shop_error), "%s", shop_error.message);
	ck_assert_uint_eq(stmt->n_params, shop_buf.n_args);
	for (size_t i = 0; i < stmt->n_params; i++)
		ck_assert_uint_eq(stmt->params[i].types[0].type, shop_buf.args[i].slots->type);
	free(text);
	text = tree_text_stmt(stmt);
	return text;
}
#define SELECT(...) lowered(AMPH_QUERY_SELECT, Q(__VA_ARGS__))

/* What stands behind WHERE in a select of users. */
static const char *condition(amph_bool_expr e)
{
	static const char start[] = "[select " USER " from users as users where ";
	const char *all = SELECT(User, .where = e);
	size_t len = strlen(all);

	ck_assert_mem_eq(all, start, sizeof(start) - 1);
	text[len - 1] = '\0';
	return all + sizeof(start) - 1;
}

START_TEST(plain_select)
{
	is(SELECT(User), "[select " USER " from users as users]");
	is(SELECT(User, .distinct = true),
			 "[select-distinct " USER " from users as users]");
	is(SELECT(User, .limit = 5, .offset = 1),
			 "[select " USER " from users as users limit $1 offset $2]");
	is(SELECT(User, .only = by(col(User, name))),
			 "[select users.id users.name from users as users]");
	is(SELECT(User, .for_update = true),
			 "[select " USER " from users as users for-update]");
}
END_TEST

START_TEST(order)
{
	is(SELECT(Tag, .order_by = by(desc(col(Tag, name)), col(Tag, id))),
			 "[select tags.id tags.name from tags as tags order tags.name desc tags.id]");
	is(SELECT(Tag, .order_by = by(nulls_first(desc(col(Tag, name))),
						    nulls_last(col(Tag, id)))),
			 "[select tags.id tags.name from tags as tags order tags.name desc "
			 "nulls-first tags.id nulls-last]");
}
END_TEST

START_TEST(conditions)
{
	is(condition(eq(col(User, id), 1)), "(= users.id $1)");
	is(condition(between(col(User, id), 1, 9)), "(between users.id $1 $2)");
	is(condition(none_of(is_null(col(User, email)), lt(col(User, id), 1))),
			 "(not (or (is-null users.email) (< users.id $1)))");
	is(condition(all_of(not_null(col(User, email)))), "(is-not-null users.email)");
	is(condition(not_in(col(User, id), ints(1))), "(in-rows negated users.id)");
	is(condition(icontains(col(User, name), "x")), "(~~* users.name $1)");
	is(condition(contains(col(User, name), col(User, email))),
			 "(> (strpos() users.name users.email) '0':int4)");
	is(condition(istarts_with(col(User, name), col(User, email))),
			 "(starts_with() (lower() users.name) (lower() users.email))");
	is(condition(ends_with(col(User, name), col(User, email))),
			 "(= (right() users.name (length() users.email)) users.email)");
}
END_TEST

START_TEST(functions)
{
	is(condition(gt(fn_length(fn_upper(col(User, name))), 3)),
			 "(> (length() (upper() users.name)) $1)");
	is(condition(eq(fn_coalesce(col(User, manager_id), 0), 1)),
			 "(= (coalesce users.manager_id $1) $2)");
	is(condition(eq(case_when(col(User, is_active), col(User, id), 0), 1)),
			 "(= (case users.is_active users.id $1) $2)");
	is(condition(gt(amph_div(sub(col(User, id), 1), col(User, manager_id)), 2)),
			 "(> (/ (- users.id $1) users.manager_id) $2)");
	is(condition(match(fn_to_tsvector("english", col(User, name)),
					 fn_plainto_tsquery("english", "cat"))),
			 "(@@ (to_tsvector() 'english':unknown users.name) "
			 "(plainto_tsquery() 'english':unknown $1))");
}
END_TEST

START_TEST(fragments_modifiers_and_choices)
{
	is(condition(raw(bool, "$2 < $1 AND $1 = 5", col(User, id), 7)),
			 "(and (< $1 users.id) (= users.id '5':int4))");
	is(condition(gt(agg_filter(agg_distinct(fn_count(col(User, name))), col(User, is_active)), 1)),
			 "(> (count() distinct users.name filter users.is_active) $1)");
	is(condition(eq(case_of(int, when(col(User, is_active), 1), otherwise(2)), 3)),
			 "(= (case users.is_active $1 $2) $3)");
	is(condition(is_distinct_from(nullif(col(User, id), 1), greatest(col(User, id), 2))),
			 "(distinct-from (nullif users.id $1) (greatest users.id $2))");
	is(condition(raw(bool, "$1 = $1", add(col(User, id), 4))),
			 "(= (+ users.id $1) (+ users.id $1))");
}
END_TEST

START_TEST(an_expression_of_two_clauses_has_its_parameters_once)
{
	is(lowered(AMPH_QUERY_PROJECT, Q(User, .group_by = by(fn_left(col(User, name), 1)),
			.fields = fields(as("x", fn_left(col(User, name), 1)),
					 as("y", fn_left(col(User, name), 2))),
			.order_by = by(desc(fn_left(col(User, name), 1))))),
	   "[select (left() users.name $1) as x (left() users.name $2) as y from users as users "
	   "group (left() users.name $1) order (left() users.name $1) desc]");
}
END_TEST

START_TEST(json_paths)
{
	static const char all[] = "[select orders.id orders.total orders.revision orders.deleted_at "
				  "from orders as orders "
				  "where (and (= ";
	struct { amph_text_expr e; const char *text; } cases[] = {
		{ json_text(col(Order, data), "a"), "(->> orders.data 'a':text)" },
		{ json_text(col(Order, data), "it's"), "(->> orders.data 'it's':text)" },
		{ json_text(col(Order, data), "0"), "(#>> orders.data '{\"0\"}':text[])" },
		{ json_text(col(Order, data), "a", "-1", "b\"\\"),
		  "(#>> orders.data '{\"a\",\"-1\",\"b\\\"\\\\\"}':text[])" },
		{ json_text(json_at(col(Order, data), "a"), "b"),
		  "(->> (-> orders.data 'a':text) 'b':text)" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *sql = SELECT(Order, .only = by(col(Order, total)),
					 .where = eq(cases[i].e, "x"));
		ck_assert_mem_eq(sql, all, sizeof(all) - 1);
		ck_assert_mem_eq(sql + sizeof(all) - 1, cases[i].text, strlen(cases[i].text));
	}
}
END_TEST

START_TEST(joins_along_relationships)
{
	is(SELECT(User, .joins = joins(join(User, orders))),
		"[select " USER " from (inner users as users orders as orders on "
		"(and (= users.id orders.user_id) " ALIVE "))]");
	is(SELECT(Line, .joins = joins(left_join(Line, order), join(Order, user)),
				.only = by(col(Line, text))),
		"[select lines.order_id lines.number lines.text from (inner (left lines as lines "
		"orders as orders on (and (= lines.order_id orders.id) " ALIVE ")) users as users on "
		"(= orders.user_id users.id))]");
	is(SELECT(Order, .joins = joins(left_join(Order, tags)), .with_deleted = true),
		"[select " ORDER " from (left orders as orders (inner order_tags as order_tags "
		"tags as tags on (= order_tags.tag_id tags.id)) on (= orders.id order_tags.order_id))]");
}
END_TEST

START_TEST(aliases)
{
	is(SELECT(User, .joins = joins(join_as(User, manager, Boss)),
				.where = eq(col(Boss, name), col(User, name))),
		"[select " USER " from (inner users as users users as users_2 on "
		"(= users.manager_id users_2.id)) where (= users_2.name users.name)]");
	is(SELECT(User, .joins = joins(left_join_on(Boss, lt(col(Boss, id), col(User, id))))),
		"[select " USER " from (left users as users users as users_2 on "
		"(< users_2.id users.id))]");
	is(SELECT(Boss, .joins = joins(join(Boss, orders))),
		"[select " USER " from (inner users as users orders as orders on "
		"(and (= users.id orders.user_id) " ALIVE "))]");
	is(SELECT(User, .where = exists(Boss, .where = eq(col(Boss, id),
									col(User, manager_id)))),
		"[select " USER " from users as users where (exists [select '1':int4 from "
		"users as users_2 where (= users_2.id users.manager_id)])]");
}
END_TEST

START_TEST(softly_deleted_rows_are_left_out)
{
	is(SELECT(Order), "[select " ORDER " from orders as orders where " ALIVE "]");
	is(SELECT(Order, .with_deleted = true), "[select " ORDER " from orders as orders]");
	is(condition(exists(Order, .where = eq(col(Order, user_id), col(User, id)))),
		"(exists [select '1':int4 from orders as orders where "
		"(and (= orders.user_id users.id) " ALIVE ")])");
	is(condition(exists(Other, .with_deleted = true)),
		"(exists [select '1':int4 from orders as orders])");
}
END_TEST

START_TEST(collections_of_an_object)
{
	User u = { .id = 1 };
	Order o = { .user_id = 1 };
	Line line = { .number = 1 };

	is(SELECT(Order, .of = children(User, &u, orders), .with_deleted = true,
				.where = lt(col(Order, total), 5)),
		"[select " ORDER " from orders as orders where "
		"(and (= orders.user_id $1) (< orders.total $2))]");
	is(SELECT(Tag, .of = children(Order, &o, tags)),
		"[select tags.id tags.name from (inner tags as tags order_tags as order_tags on "
		"(= order_tags.tag_id tags.id)) where (= order_tags.order_id $1)]");
	is(lowered(AMPH_QUERY_DELETE, Q(Tag, .of = children(Order, &o, tags))),
		"[delete tags as tags where (exists [select '1':int4 from order_tags as order_tags "
		"where (and (= order_tags.tag_id tags.id) (= order_tags.order_id $1))])]");
	is(SELECT(Order, .of = { .parent = &line, .member = AMPH_RELATION_(Line, order) },
				.only = by(col(Order, id))),
		"[select orders.id orders.revision orders.deleted_at from orders as orders where "
		"(and (= orders.id $1) " ALIVE ")]");
}
END_TEST

START_TEST(counts)
{
	is(lowered(AMPH_QUERY_COUNT, Q(User, .order_by = by(col(User, id)))),
			 "[select (count() *) from users as users]");
	is(lowered(AMPH_QUERY_COUNT, Q(User, .limit = 3)),
		"[select (count() *) from [select '1':int4 from users as users limit $1] as counted]");
	is(lowered(AMPH_QUERY_COUNT, Q(Tag, .distinct = true, .offset = 2)),
		"[select (count() *) from [select-distinct tags.id tags.name from tags as tags "
		"offset $1] as counted]");
	is(lowered(AMPH_QUERY_COUNT, Q(Tag, .group_by = by(col(Tag, name)),
						     .having = gt(fn_count_all(), 1))),
		"[select (count() *) from [select '1':int4 from tags as tags group tags.name "
		"having (> (count() *) $1)] as counted]");
	is(lowered(AMPH_QUERY_EXISTS, Q(Tag, .where = eq(col(Tag, id), 1))),
		"[select (exists [select '1':int4 from tags as tags where (= tags.id $1)])]");
}
END_TEST

typedef struct { const char *name; int64_t n; int32_t small; amph_opt_numeric total; double score; } Row;

START_TEST(projections)
{
	is(lowered(AMPH_QUERY_PROJECT, Q(User, .fields = fields(
			into(Row, name, col(User, name)), into(Row, n, fn_count(col(Order, id))),
			into(Row, total, fn_sum(col(Order, total)))),
		.joins = joins(join(User, orders)), .with_deleted = true, .group_by = by(col(User, name)),
		.having = gt(fn_count_distinct(col(Order, id)), 10),
		.order_by = by(desc(label(Row, n)), col(User, name)))),
		"[select users.name as name (count() orders.id) as n (sum() orders.total) as total "
		"from (inner users as users orders as orders on (= users.id orders.user_id)) "
		"group users.name having (> (count() distinct orders.id) $1) order n desc users.name]");
	is(lowered(AMPH_QUERY_PROJECT, Q(User, .distinct = true,
				 .fields = fields(as("a b", col(User, id)), as("b", 1)))),
		"[select-distinct users.id as a b $1 as b from users as users]");
}
END_TEST

/* A member that holds another type than the expression has gets it by a cast. */
START_TEST(fields_are_cast_to_their_members)
{
	is(lowered(AMPH_QUERY_PROJECT, Q(All, .fields = fields(
			into(Row, small, col(All, normal)), into(Row, n, col(All, normal)),
			into(Row, total, fn_sum(col(All, big))), into(Row, score, col(All, real))))),
		"[select everything.normal as small (cast int8 everything.normal) as n "
		"(sum() everything.big) as total (cast float8 everything.real) as score "
		"from everything as everything]");
}
END_TEST

START_TEST(totals)
{
	is(lowered(AMPH_QUERY_SUM, Q(Order, .value = col(Order, total).n)),
			 "[select (sum() orders.total) from orders as orders where " ALIVE "]");
	is(lowered(AMPH_QUERY_AVG, Q(All, .distinct = true, .value = col(All, small).n)),
			 "[select (avg() distinct everything.small) from everything as everything]");
}
END_TEST

START_TEST(updates)
{
	is(lowered(AMPH_QUERY_UPDATE, Q(Tag, .where = eq(col(Tag, id), 1),
						      .set = sets(set(Tag, name, "x")))),
			 "[update tags as tags set name=$2 where (= tags.id $1)]");
	is(lowered(AMPH_QUERY_UPDATE, Q(Order, .all_rows = true, .with_deleted = true,
			.set = sets(set(Order, total, mul(col(Order, total), dec(1.05))),
				    set_null(Order, data)))),
		"[update orders as orders set total=(* orders.total $1) data=NULL:unknown "
		"updated_at=$2 revision=(+ orders.revision '1':int2)]");
	is(lowered(AMPH_QUERY_UPDATE, Q(Order, .all_rows = true,
			.set = sets(set(Order, revision, 1), set_null(Order, updated_at)))),
		"[update orders as orders set revision=$1 updated_at=NULL:unknown where " ALIVE "]");
}
END_TEST

START_TEST(deletes)
{
	is(lowered(AMPH_QUERY_DELETE, Q(User, .all_rows = true)),
			 "[delete users as users]");
	is(lowered(AMPH_QUERY_DELETE, Q(Order, .all_rows = true)),
		"[update orders as orders set deleted_at=(now()) "
		"revision=(+ orders.revision '1':int2) where " ALIVE "]");
	is(lowered(AMPH_QUERY_DELETE, Q(Order, .with_deleted = true,
						      .where = not_null(col(Order, deleted_at)))),
			 "[delete orders as orders where (is-not-null orders.deleted_at)]");
}
END_TEST

static size_t pieces_of(const amph_select *q)
{
	amph_compiled c = { .cached = false };
	char key[256];
	size_t n = 0;

	shop_shape(AMPH_QUERY_SELECT, q);
	ck_assert_uint_lt(shop_buf.key.len, sizeof(key));
	for (size_t len = 0; len < shop_buf.key.len; len++) {
		amph__arena_reset(&arena);
		memcpy(key, shop_buf.key.text, len);
		n += amph__lower(&arena, shop_registry, key, len, &stmt, &c, &shop_error);
	}
	return n;
}

/* A key that is cut is an error, never another statement. */
START_TEST(key_that_is_cut_is_refused)
{
	ck_assert_uint_eq(pieces_of(Q(User)), 0);
	ck_assert_uint_eq(pieces_of(Q(Order, .joins = joins(join(Order, tags)),
		.where = all_of(eq(json_text(col(Order, data), "a", "b"), "x"), in(col(Tag, id), ints(1)),
				exists(Line, .where = eq(col(Line, order_id), col(Order, id)))),
		.order_by = by(desc(col(Tag, name))), .only = by(col(Order, total)), .limit = 1)), 0);
	ck_assert_uint_eq(pieces_of(Q(User,
		.where = all_of(raw(bool, "$1 < $2 or $1 > $2", col(User, id), add(col(User, id), 1)),
				eq(amph_case(int, amph_when(col(User, is_active), 1), amph_else(2)), 2)),
		.order_by = by(over(agg_filter(fn_count_all(), col(User, is_active)),
				    .partition_by = by(fn_left(col(User, name), 1)),
				    .order_by = by(desc(col(User, id))),
				    .frame = rows_between(preceding(1), following(2)))))), 0);
	is(shop_error.sqlstate, "XX000");
}
END_TEST

/* Nor does one with a wrong byte do any harm. */
START_TEST(key_that_is_damaged_does_no_harm)
{
	amph_compiled c = { .cached = false };
	uint32_t seed = 7;
	char key[256];
	size_t len;

	shop_shape(AMPH_QUERY_SELECT, Q(Order, .joins = joins(join(Order, tags), join(Order, user)),
		.where = all_of(eq(col(Order, state), 1), contains(col(Tag, name), col(User, name)),
				exists(Line)), .group_by = by(col(Order, id)), .limit = 1));
	len = shop_buf.key.len;
	ck_assert_uint_lt(len, sizeof(key));
	for (int i = 0; i < 20000; i++) {
		amph__arena_reset(&arena);
		memcpy(key, shop_buf.key.text, len);
		for (int k = 0; k < 2; k++) {
			seed = seed * 1664525u + 1013904223u;
			key[(seed >> 16) % len] = (char)(seed >> 8);
		}
		amph__lower(&arena, shop_registry, key, len, &stmt, &c, &shop_error);
	}
}
END_TEST

START_TEST(damaged_windows_and_fragments_do_no_harm)
{
	amph_compiled c = { .cached = false };
	uint32_t seed = 11;
	char key[256];
	size_t len;

	shop_shape(AMPH_QUERY_PROJECT, Q(User, .group_by = by(fn_left(col(User, name), 1)),
		.fields = fields(as("x", over(agg_order(agg_distinct(fn_string_agg(col(User, name), ",")),
							by(col(User, name))),
					      .frame = rows_between(preceding(1), current_row()))),
				 as("y", raw(int, "$1 + $1", nullif(col(User, id), 1)))),
		.order_by = by(fn_left(col(User, name), 1))));
	len = shop_buf.key.len;
	ck_assert_uint_lt(len, sizeof(key));
	for (int i = 0; i < 20000; i++) {
		amph__arena_reset(&arena);
		memcpy(key, shop_buf.key.text, len);
		seed = seed * 1664525u + 1013904223u;
		key[(seed >> 16) % len] = (char)(seed >> 8);
		amph__lower(&arena, shop_registry, key, len, &stmt, &c, &shop_error);
	}
}
END_TEST

START_TEST(it_becomes_sql)
{
	const char *sql = SELECT_SQL(Tag, .where = eq(col(Tag, id), 1));

	ck_assert_ptr_eq(strstr(sql, "SELECT \"tags\".\"id\""), sql);
	ck_assert_ptr_nonnull(strstr(sql, " WHERE (\"tags\".\"id\" = $1)"));
}
END_TEST

/* What neither the compiler nor the key can know is found by the resolver, with PostgreSQL's state. */
START_TEST(wrong_statements_are_refused)
{
	amph_select q = { .abi = AMPH_ABI, .model = &amph_model_Tag };
	amph_node args[2] = { col(Tag, name).n, amph_v_int(1) };

	q.value = col(Tag, name).n;
	shop_refused("42883", AMPH_QUERY_SUM, &q);
	q.value.op = AMPH_OP_NONE;
	q.where = amph_make_bool(AMPH_OP_ADD, 2, args);
	shop_refused("42883", AMPH_QUERY_SELECT, &q);
	shop_refused("42803", AMPH_QUERY_SELECT, Q(Tag, .where = gt(fn_count(col(Tag, id)), 1)));
	shop_refused("42803", AMPH_QUERY_PROJECT, Q(Tag, .fields = fields(as("n", col(Tag, name))),
						    .having = gt(fn_count_all(), 1)));
	shop_refused("42703", AMPH_QUERY_PROJECT, Q(User, .fields = fields(as("n", col(User, name))),
						    .order_by = by(label(Row, score))));
}
END_TEST

SUITE_MAIN_WITH("lower", setup, teardown, plain_select, order, conditions, functions,
		fragments_modifiers_and_choices, an_expression_of_two_clauses_has_its_parameters_once,
		json_paths,
		joins_along_relationships, aliases, softly_deleted_rows_are_left_out,
		collections_of_an_object, counts, projections, fields_are_cast_to_their_members, totals,
		updates, deletes, key_that_is_cut_is_refused, key_that_is_damaged_does_no_harm,
		damaged_windows_and_fragments_do_no_harm,
		it_becomes_sql, wrong_statements_are_refused)
