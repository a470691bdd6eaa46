/* src/model/names.c: the expected names are those that PostgreSQL 15 chose for the same tables. */
#include "src/model/model.h"
#include "tests/support/failing_alloc.h"
#include "tests/support/suite.h"
#include <string.h>

#define T60 "t23456789012345678901234567890123456789012345678901234567890"
#define C60 "c23456789012345678901234567890123456789012345678901234567890"
#define D39 "d23456789012345678901234567890123456789"
#define UMLAUTS "ääääääääääääääääääääääääääääää"

static const struct name_case {
	const char *table, *columns[5], *suffix, *name;
} cases[] = {
	{ "users", { NULL }, "pkey", "users_pkey" },
	{ "users", { "username" }, "key", "users_username_key" },
	{ "orders", { "user_id" }, "fkey", "orders_user_id_fkey" },
	{ "orders", { "a", "b", "c" }, "key", "orders_a_b_c_key" },
	{ "Weird Table", { "x\"y" }, "check", "Weird Table_x\"y_check" },
	{ "users", { "mood" }, NULL, "users_mood" },
	{ T60, { NULL }, "pkey",
	  "t234567890123456789012345678901234567890123456789012345678_pkey" },
	{ T60, { C60 }, "key",
	  "t2345678901234567890123456789_c2345678901234567890123456789_key" },
	{ T60, { "c" }, "check",
	  "t234567890123456789012345678901234567890123456789012345_c_check" },
	{ "t", { D39 "a", D39 "b", D39 "c", D39 "d" }, "key",
	  "t_d23456789012345678901234567890123456789a_d234567890123456_key" },
	{ UMLAUTS, { UMLAUTS }, "key",
	  "ääääääääääääää_ääääääääääääää_key" },
	{ UMLAUTS "x", { "y" UMLAUTS }, "key",
	  "ääääääääääääää_yääääääääääääää_key" },
	{ "t", { UMLAUTS "ä", "b" }, "key",
	  "t_ääääääääääääääääääääääääääää_key" }
};

START_TEST(names_are_those_of_postgresql)
{
	amph_arena arena;

	amph__arena_init(&arena, &amph__libc_allocator);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct name_case *c = &cases[i];

		ck_assert_str_eq(amph__object_name(&arena, c->table, c->columns, c->suffix), c->name);
	}
	ck_assert_str_eq(amph__object_name(&arena, "users", NULL, "pkey"), "users_pkey");
	amph__arena_clear(&arena);
}
END_TEST

START_TEST(indexes_have_a_prefix_within_the_limit)
{
	static const char *const two[] = { "a", "b", NULL }, *const long_one[] = { C60, NULL };
	amph_arena arena;
	const char *name;

	amph__arena_init(&arena, &amph__libc_allocator);
	ck_assert_str_eq(amph__index_name(&arena, "users", two), "ix_users_a_b");
	name = amph__index_name(&arena, T60, long_one);
	ck_assert_uint_eq(strlen(name), 63);
	ck_assert_str_eq(name, "ix_t23456789012345678901234567890_"
			 "c2345678901234567890123456789");
	amph__arena_clear(&arena);
}
END_TEST

START_TEST(a_suffix_longer_than_a_name_leaves_no_name)
{
	amph_arena arena;

	amph__arena_init(&arena, &amph__libc_allocator);
	ck_assert_ptr_nonnull(amph__object_name(&arena, "users", NULL, T60 C60));
	amph__arena_clear(&arena);
}
END_TEST

static bool name_with(const amph_allocator *a, void *ctx)
{
	static const char *const columns[] = { "a", NULL };
	amph_arena arena;
	bool ok;

	(void)ctx;
	amph__arena_init(&arena, a);
	ok = amph__object_name(&arena, "users", columns, "key") != NULL;
	amph__arena_clear(&arena);
	return ok;
}

START_TEST(memory_may_run_out)
{
	failing_alloc_sweep(name_with, NULL);
}
END_TEST

SUITE_MAIN("names", names_are_those_of_postgresql, indexes_have_a_prefix_within_the_limit,
	   a_suffix_longer_than_a_name_leaves_no_name, memory_may_run_out)
