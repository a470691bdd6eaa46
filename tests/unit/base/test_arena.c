/* src/base/arena.c */
#include "src/base/arena.h"
#include "tests/support/failing_alloc.h"
#include "tests/support/suite.h"
#include <stdint.h>
#include <string.h>

static failing_alloc memory;
static amph_arena arena;

static void setup(void)
{
	failing_alloc_init(&memory, 0);
	amph__arena_init(&arena, &memory.allocator);
}

static void teardown(void)
{
	amph__arena_clear(&arena);
	ck_assert_uint_eq(memory.live, 0);
}

START_TEST(items_are_aligned_and_apart)
{
	unsigned char *items[200];
	for (size_t i = 0; i < 200; i++) {
		items[i] = amph__arena_alloc(&arena, i);
		ck_assert_ptr_nonnull(items[i]);
		ck_assert_uint_eq((uintptr_t)items[i] % _Alignof(max_align_t), 0);
		memset(items[i], (int)i, i);
	}
	for (size_t i = 0; i < 200; i++) {
		for (size_t k = 0; k < i; k++)
			ck_assert_uint_eq(items[i][k], i);
	}
	ck_assert(!arena.failed);
}
END_TEST

START_TEST(large_items_leave_the_block_in_use)
{
	char *first = amph__arena_text(&arena, "first", 5);
	char *large = amph__arena_zero(&arena, 1 << 20);
	char *second = amph__arena_text(&arena, "second", 6);
	ck_assert_ptr_nonnull(large);
	ck_assert_int_eq(large[(1 << 20) - 1], 0);
	ck_assert_str_eq(first, "first");
	ck_assert_str_eq(second, "second");
#ifndef AMPH_ARENA_DEBUG
	ck_assert_uint_eq(memory.live, 2);
#endif
}
END_TEST

START_TEST(memory_of_the_caller_is_used_first_and_again)
{
	_Alignas(max_align_t) char room[256];
	amph_arena in;

	amph__arena_init_in(&in, &memory.allocator, room, sizeof room);
	for (int i = 0; i < 3; i++) {
		char *small = amph__arena_text(&in, "in it", 5);
		ck_assert_str_eq(small, "in it");
#ifndef AMPH_ARENA_DEBUG
		ck_assert(small >= room && small < room + sizeof room);
		ck_assert_uint_eq(memory.live, 0);
#endif
		ck_assert_ptr_nonnull(amph__arena_zero(&in, 1000));
		ck_assert_ptr_nonnull(amph__arena_zero(&in, 100000));
		ck_assert_str_eq(small, "in it");
		if (i == 1)
			amph__arena_reset(&in);
		amph__arena_clear(&in);
		ck_assert_uint_eq(memory.live, 0);
	}
	amph__arena_init_in(&in, &memory.allocator, room, 1);
	ck_assert_ptr_nonnull(amph__arena_alloc(&in, 1));
	amph__arena_clear(&in);
}
END_TEST

START_TEST(large_item_may_be_the_first)
{
	char *large = amph__arena_zero(&arena, 1 << 20);
	char *small = amph__arena_text(&arena, "x", 1);
	ck_assert_ptr_nonnull(large);
	ck_assert_str_eq(small, "x");
	amph__arena_reset(&arena);
	ck_assert_uint_eq(arena.used, 0);
}
END_TEST

START_TEST(impossible_sizes_fail)
{
	ck_assert_ptr_null(amph__arena_alloc(&arena, SIZE_MAX));
	ck_assert(arena.failed);
	amph__arena_reset(&arena);
	ck_assert(!arena.failed);
	ck_assert_ptr_null(amph__arena_array(&arena, SIZE_MAX / 2, 3));
	ck_assert(arena.failed);
	amph__arena_reset(&arena);
	ck_assert_ptr_null(amph__arena_text(&arena, "", SIZE_MAX));
	ck_assert(arena.failed);
	ck_assert_uint_eq(memory.live, 0);
}
END_TEST

START_TEST(array_is_zeroed)
{
	int *numbers = AMPH_NEWS(&arena, int, 300);
	for (int i = 0; i < 300; i++)
		ck_assert_int_eq(numbers[i], 0);
	ck_assert_ptr_nonnull(AMPH_NEWS(&arena, int, 0));
}
END_TEST

START_TEST(copies_take_nothing_too)
{
	ck_assert_ptr_nonnull(amph__arena_copy(&arena, NULL, 0));
	ck_assert_str_eq(amph__arena_text(&arena, NULL, 0), "");
	ck_assert_str_eq(amph__arena_text(&arena, "naïve", 6), "naïve");
	ck_assert_mem_eq(amph__arena_copy(&arena, "a\0b", 3), "a\0b", 3);
}
END_TEST

START_TEST(printf_prints)
{
	ck_assert_str_eq(amph__arena_printf(&arena, "%s-%d", "x", 12), "x-12");
	ck_assert_str_eq(amph__arena_printf(&arena, "%s", ""), "");
	char *wide = amph__arena_printf(&arena, "%5000d", 1);
	ck_assert_uint_eq(strlen(wide), 5000);
}
END_TEST

START_TEST(reset_keeps_one_block)
{
	for (int i = 0; i < 1000; i++)
		ck_assert_ptr_nonnull(amph__arena_alloc(&arena, 100));
	ck_assert_uint_ge(arena.used, 100000);
	amph__arena_reset(&arena);
	ck_assert_uint_eq(arena.used, 0);
	ck_assert_uint_le(memory.live, 1);
#ifndef AMPH_ARENA_DEBUG
	size_t calls = memory.calls;
	ck_assert_ptr_nonnull(amph__arena_alloc(&arena, 10000));
	ck_assert_uint_eq(memory.calls, calls);
#endif
}
END_TEST

START_TEST(clear_gives_all_back)
{
	ck_assert_ptr_nonnull(amph__arena_alloc(&arena, 10));
	amph__arena_clear(&arena);
	ck_assert_uint_eq(memory.live, 0);
	ck_assert_str_eq(amph__arena_text(&arena, "again", 5), "again");
}
END_TEST

static bool build(const amph_allocator *a, void *ctx)
{
	(void)ctx;
	amph_arena own;
	amph__arena_init(&own, a);
	bool ok = true;
	for (int i = 1; i <= 40; i++) {
		ok &= amph__arena_printf(&own, "%*d", i * 50, i) != NULL;
		ok &= amph__arena_zero(&own, (size_t)i * 1000) != NULL;
	}
	ck_assert(ok == !own.failed);
	amph__arena_clear(&own);
	return ok;
}

START_TEST(failures_are_remembered)
{
	ck_assert_uint_gt(failing_alloc_sweep(build, NULL), 3);
}
END_TEST

SUITE_MAIN_WITH("arena", setup, teardown, items_are_aligned_and_apart,
		large_items_leave_the_block_in_use, memory_of_the_caller_is_used_first_and_again,
		large_item_may_be_the_first,
		impossible_sizes_fail, array_is_zeroed, copies_take_nothing_too, printf_prints,
		reset_keeps_one_block, clear_gives_all_back, failures_are_remembered)
