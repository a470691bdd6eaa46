/* src/query/cache.c: one statement for each key, for all threads. */
#include "src/sql/sql.h"
#include "tests/support/failing_alloc.h"
#include "tests/support/suite.h"
#include "tests/unit/query/shop.h"
#include <pthread.h>
#include <string.h>

static const amph_compiled *compiled(const amph_select *q, bool *now)
{
	const amph_compiled *c;

	shop_shape(AMPH_QUERY_SELECT, q);
	c = amph__query_compile(&shop_cache, &shop_buf, now, &shop_error);
	ck_assert_msg(c != NULL, "%s", shop_error.message);
	return c;
}

START_TEST(one_key_is_compiled_once)
{
	const amph_compiled *first, *again, *other;
	bool now;

	first = compiled(Q(User, .where = eq(col(User, id), 1)), &now);
	ck_assert(now);
	again = compiled(Q(User, .where = eq(col(User, id), 2)), &now);
	ck_assert(!now);
	ck_assert_ptr_eq(again, first);
	other = compiled(Q(User, .where = ne(col(User, id), 2)), &now);
	ck_assert(now);
	ck_assert_ptr_ne(other, first);
	ck_assert(first->cached && !(first->code->flags & AMPH_CODE_ONCE));
}
END_TEST

START_TEST(stream_is_another_statement)
{
	const amph_compiled *c = compiled(Q(User), NULL);

	ck_assert(!(c->code->flags & AMPH_CODE_STREAM));
	shop_shape(AMPH_QUERY_STREAM, Q(User));
	c = amph__query_compile(&shop_cache, &shop_buf, NULL, &shop_error);
	ck_assert_ptr_nonnull(c);
	ck_assert(c->code->flags & AMPH_CODE_STREAM);
}
END_TEST

START_TEST(past_its_bound_it_keeps_no_more)
{
	const amph_compiled *c;
	bool now;

	shop_cache.max_per_shard = 0;
	c = compiled(Q(User), &now);
	ck_assert(now && !c->cached);
	ck_assert(c->code->flags & AMPH_CODE_ONCE);
	amph__query_release(c);
	shop_cache.max_per_shard = 1;
	c = compiled(Q(User), &now);
	ck_assert(now && c->cached);
	amph__query_release(c);
	ck_assert_ptr_eq(compiled(Q(User), &now), c);
	ck_assert(!now);
	amph__query_release(NULL);
}
END_TEST

START_TEST(shape_says_where_columns_go)
{
	typedef struct { amph_opt_numeric total; unsigned state; const char *name; } Row;
	const amph_compiled *c = compiled(Q(Order), NULL);

	ck_assert_ptr_null(c->columns);
	ck_assert_uint_eq(c->shape.n_slots, 8);
	c = compiled(Q(Order, .only = by(col(Order, total))), NULL);
	ck_assert_uint_eq(c->shape.n_slots, 4);
	ck_assert_uint_eq(c->columns[0], 0);
	ck_assert_uint_eq(c->columns[1], 2);
	ck_assert_uint_eq(c->columns[2], 5);
	ck_assert_str_eq(c->mapper->columns[c->columns[3]].name, "deleted_at");
	ck_assert_uint_eq(c->shape.slots[1].offset, offsetof(Order, total));
	shop_shape(AMPH_QUERY_PROJECT, Q(Order, .fields = fields(
		into(Row, state, col(Order, state)), into(Row, total, fn_max(col(Order, total))),
		into(Row, name, json_text(col(Order, data), "name"))),
		.group_by = by(col(Order, state), col(Order, data))));
	c = amph__query_compile(&shop_cache, &shop_buf, NULL, &shop_error);
	ck_assert_msg(c != NULL, "%s", shop_error.message);
	ck_assert_uint_eq(c->shape.n_slots, 3);
	ck_assert_ptr_nonnull(c->shape.slots[0].enumeration);
	ck_assert_uint_eq(c->shape.slots[1].offset, offsetof(Row, total));
	ck_assert(c->shape.slots[1].nullable && !c->shape.slots[2].nullable);
	ck_assert_uint_eq(c->shape.slots[2].type, AMPH_T_TEXT);
}
END_TEST

START_TEST(total_has_its_own_type)
{
	static const struct { size_t offset; unsigned sum, avg; } expected[] = {
		{ offsetof(All, small), AMPH_T_INT64, AMPH_T_NUMERIC },
		{ offsetof(All, normal), AMPH_T_INT64, AMPH_T_NUMERIC },
		{ offsetof(All, big), AMPH_T_NUMERIC, AMPH_T_NUMERIC },
		{ offsetof(All, number), AMPH_T_NUMERIC, AMPH_T_NUMERIC },
		{ offsetof(All, real), AMPH_T_DOUBLE, AMPH_T_DOUBLE },
		{ offsetof(All, wide), AMPH_T_DOUBLE, AMPH_T_DOUBLE }
	};
	const amph_compiled *c;

	for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
		amph_select q = { .abi = AMPH_ABI, .model = &amph_model_All };
		q.value = amph_c_int(&amph_model_All, expected[i].offset, NULL).n;
		shop_shape(AMPH_QUERY_SUM, &q);
		c = amph__query_compile(&shop_cache, &shop_buf, NULL, &shop_error);
		ck_assert_ptr_nonnull(c);
		ck_assert_uint_eq(c->shape.slots[0].type, expected[i].sum);
		ck_assert(c->shape.slots[0].nullable);
		shop_shape(AMPH_QUERY_AVG, &q);
		c = amph__query_compile(&shop_cache, &shop_buf, NULL, &shop_error);
		ck_assert_ptr_nonnull(c);
		ck_assert_uint_eq(c->shape.slots[0].type, expected[i].avg);
	}
}
END_TEST

/* Threads that all ask for the same shapes get the same statements. */
enum { N_THREADS = 4, N_SHAPES = 64, N_ROUNDS = 200 };
static const amph_compiled *found[N_THREADS][N_SHAPES];

static amph_select shape_number(unsigned i, amph_node *only)
{
	static const size_t places[] = {
		offsetof(All, small), offsetof(All, normal), offsetof(All, big),
		offsetof(All, real), offsetof(All, wide), offsetof(All, number)
	};
	amph_select q = { .abi = AMPH_ABI, .model = &amph_model_All };
	size_t n = 0;

	for (unsigned bit = 0; bit < 6; bit++) {
		if (i >> bit & 1)
			only[n++] = amph_c_int(&amph_model_All, places[bit], NULL).n;
	}
	only[n] = (amph_node){ .op = AMPH_OP_NONE };
	q.only = amph_nodes_of(only);
	return q;
}

static void *ask(void *arg)
{
	const amph_compiled **mine = arg;
	amph_node only[7];
	amph_query_buf b;
	amph_error err;

	amph__query_buf_init(&b, shop_registry, NULL, &amph__libc_allocator);
	for (unsigned i = 0; i < N_ROUNDS * N_SHAPES; i++) {
		amph_select q = shape_number(i % N_SHAPES, only);
		const amph_compiled *c = NULL;
		if (amph__shape_of(&b, AMPH_QUERY_SELECT, &q, &err))
			c = amph__query_compile(&shop_cache, &b, NULL, &err);
		if (!mine[i % N_SHAPES])
			mine[i % N_SHAPES] = c;
		if (!c || mine[i % N_SHAPES] != c)
			mine[0] = NULL;
	}
	amph__query_buf_clear(&b);
	return NULL;
}

START_TEST(threads_share_it)
{
	pthread_t threads[N_THREADS];

	for (int i = 0; i < N_THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, ask, found[i]), 0);
	for (int i = 0; i < N_THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < N_THREADS; i++) {
		for (int k = 0; k < N_SHAPES; k++) {
			ck_assert_ptr_nonnull(found[i][k]);
			ck_assert_ptr_eq(found[i][k], found[0][k]);
		}
	}
}
END_TEST

static bool compile_with(const amph_allocator *a, void *ctx)
{
	amph_query_cache cache;
	const amph_compiled *c = NULL;

	(void)ctx;
	if (amph__query_cache_init(&cache, shop_registry, shop_cache.dialect, a, 16, &shop_error))
		c = amph__query_compile(&cache, &shop_buf, NULL, &shop_error);
	ck_assert(c || shop_error.status == AMPH_E_NOMEM);
	amph__query_release(c);
	amph__query_cache_clear(&cache);
	return c;
}

START_TEST(survives_failing_allocations)
{
	shop_shape(AMPH_QUERY_SELECT, Q(Order, .joins = joins(join(Order, tags)),
		.where = all_of(eq(json_text(col(Order, data), "a", "b"), "x"),
				in(col(Tag, id), ints(1, 2)), exists(Line)), .limit = 3));
	failing_alloc_sweep(compile_with, NULL);
	shop_shape(AMPH_QUERY_PROJECT, Q(User, .group_by = by(fn_left(col(User, name), 1)),
		.fields = fields(as("x", raw(text, "upper($1) || $1", fn_left(col(User, name), 1))),
				 as("y", over(fn_count_all(), .order_by = by(fn_left(col(User, name),
					1)))))));
	failing_alloc_sweep(compile_with, NULL);
}
END_TEST

START_TEST(nothing_to_clear)
{
	amph_query_cache cache = { 0 };

	amph__query_cache_clear(&cache);
}
END_TEST

SUITE_MAIN_WITH("query cache", shop_setup, shop_teardown, one_key_is_compiled_once,
		stream_is_another_statement, past_its_bound_it_keeps_no_more,
		shape_says_where_columns_go, total_has_its_own_type, threads_share_it,
		survives_failing_allocations, nothing_to_clear)
