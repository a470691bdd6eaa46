/* src/base/alloc.c */
#include "src/base/alloc.h"
#include "tests/support/failing_alloc.h"
#include "tests/support/suite.h"
#include <stdint.h>
#include <string.h>

START_TEST(size_mul_refuses_to_wrap)
{
	size_t out = 7;
	ck_assert(amph__size_mul(3, 5, &out));
	ck_assert_uint_eq(out, 15);
	ck_assert(amph__size_mul(SIZE_MAX, 1, &out));
	ck_assert(amph__size_mul(SIZE_MAX, 0, &out));
	ck_assert_uint_eq(out, 0);
	out = 7;
	ck_assert(!amph__size_mul(SIZE_MAX / 2 + 1, 2, &out));
	ck_assert_uint_eq(out, 7);
}
END_TEST

START_TEST(size_add_refuses_to_wrap)
{
	size_t out = 7;
	ck_assert(!amph__size_add(SIZE_MAX, 1, &out));
	ck_assert_uint_eq(out, 7);
	ck_assert(amph__size_add(SIZE_MAX, 0, &out));
	ck_assert_uint_eq(out, SIZE_MAX);
}
END_TEST

START_TEST(alloc_of_nothing_is_a_block)
{
	failing_alloc f;
	failing_alloc_init(&f, 0);
	void *p = amph__alloc(&f.allocator, 0);
	ck_assert_ptr_nonnull(p);
	p = amph__realloc(&f.allocator, p, 0);
	ck_assert_ptr_nonnull(p);
	amph__free(&f.allocator, p);
	amph__free(&f.allocator, NULL);
	ck_assert_uint_eq(f.live, 0);
}
END_TEST

START_TEST(alloc_refuses_huge_sizes_without_asking)
{
	failing_alloc f;
	failing_alloc_init(&f, 0);
	ck_assert_ptr_null(amph__alloc(&f.allocator, (size_t)PTRDIFF_MAX + 1));
	ck_assert_ptr_null(amph__alloc_zero(&f.allocator, SIZE_MAX));
	ck_assert_uint_eq(f.calls, 0);
}
END_TEST

START_TEST(alloc_zero_clears)
{
	unsigned char *p = amph__alloc_zero(&amph__libc_allocator, 100);
	ck_assert_ptr_nonnull(p);
	for (int i = 0; i < 100; i++)
		ck_assert_uint_eq(p[i], 0);
	amph__free(&amph__libc_allocator, p);
}
END_TEST

START_TEST(realloc_keeps_the_block_on_failure)
{
	failing_alloc f;
	failing_alloc_init(&f, 2);
	char *p = amph__strdup(&f.allocator, "kept");
	ck_assert_ptr_null(amph__realloc(&f.allocator, p, 100));
	ck_assert_str_eq(p, "kept");
	amph__free(&f.allocator, p);
	ck_assert_uint_eq(f.live, 0);
}
END_TEST

START_TEST(strdup_copies_or_fails)
{
	failing_alloc f;
	failing_alloc_init(&f, 3);
	char *empty = amph__strdup(&f.allocator, "");
	char *text = amph__strdup(&f.allocator, "größer");
	ck_assert_str_eq(empty, "");
	ck_assert_str_eq(text, "größer");
	ck_assert_ptr_null(amph__strdup(&f.allocator, "x"));
	amph__free(&f.allocator, empty);
	amph__free(&f.allocator, text);
}
END_TEST

START_TEST(grow_doubles)
{
	int *items = NULL;
	size_t cap = 0;
	for (size_t n = 1; n <= 1000; n++) {
		ck_assert(amph__grow(&amph__libc_allocator, (void **)&items, &cap, n, sizeof(*items)));
		ck_assert_uint_ge(cap, n);
		items[n - 1] = (int)n;
	}
	ck_assert_uint_lt(cap, 2048);
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(items[i], i + 1);
	size_t before = cap;
	ck_assert(amph__grow(&amph__libc_allocator, (void **)&items, &cap, 3, sizeof(*items)));
	ck_assert_uint_eq(cap, before);
	amph__free(&amph__libc_allocator, items);
}
END_TEST

START_TEST(grow_leaves_the_array_on_failure)
{
	failing_alloc f;
	failing_alloc_init(&f, 2);
	f.keep_failing = true;
	long *items = NULL;
	size_t cap = 0;
	ck_assert(amph__grow(&f.allocator, (void **)&items, &cap, 4, sizeof(*items)));
	long *before = items;
	size_t before_cap = cap;
	ck_assert(!amph__grow(&f.allocator, (void **)&items, &cap, 100, sizeof(*items)));
	ck_assert(!amph__grow(&f.allocator, (void **)&items, &cap, SIZE_MAX, sizeof(*items)));
	ck_assert(!amph__grow(&f.allocator, (void **)&items, &cap, SIZE_MAX / 2, 1));
	ck_assert_ptr_eq(items, before);
	ck_assert_uint_eq(cap, before_cap);
	amph__free(&f.allocator, items);
}
END_TEST

SUITE_MAIN("alloc", size_mul_refuses_to_wrap, size_add_refuses_to_wrap,
	   alloc_of_nothing_is_a_block, alloc_refuses_huge_sizes_without_asking, alloc_zero_clears,
	   realloc_keeps_the_block_on_failure, strdup_copies_or_fails, grow_doubles,
	   grow_leaves_the_array_on_failure)
