/* src/base/map.c */
#include "src/base/map.h"
#include "tests/support/failing_alloc.h"
#include "tests/support/suite.h"
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { N = 5000 };
static amph_map map;
static char keys[N][16];
static int values[N];

static void setup(void)
{
	amph__map_init(&map, &amph__libc_allocator, 12345);
	for (int i = 0; i < N; i++) {
		snprintf(keys[i], sizeof(keys[i]), "key %d", i);
		values[i] = i;
	}
}

static void teardown(void)
{
	amph__map_clear(&map);
}

static bool put(int i)
{
	return amph__map_put(&map, keys[i], strlen(keys[i]), &values[i]);
}

static const int *get(int i)
{
	return amph__map_get(&map, keys[i], strlen(keys[i]));
}

static const int *take(int i)
{
	return amph__map_remove(&map, keys[i], strlen(keys[i]));
}

START_TEST(empty_map_has_nothing)
{
	size_t i = 0;
	ck_assert_ptr_null(get(0));
	ck_assert_ptr_null(take(0));
	ck_assert_ptr_null(amph__map_next(&map, &i));
	ck_assert_ptr_null(amph__map_get(&map, NULL, 0));
}
END_TEST

START_TEST(what_was_put_is_found)
{
	for (int i = 0; i < N; i++)
		ck_assert(put(i));
	ck_assert_uint_eq(map.count, N);
	for (int i = 0; i < N; i++)
		ck_assert_ptr_eq(get(i), &values[i]);
	ck_assert_ptr_null(amph__map_get(&map, "key 1x", 6));
	ck_assert_ptr_eq(amph__map_get(&map, "key 1x", 5), &values[1]);
}
END_TEST

START_TEST(put_replaces)
{
	char other[] = "key 7";
	int seven = 70;
	ck_assert(put(7));
	ck_assert(amph__map_put(&map, other, 5, &seven));
	ck_assert_uint_eq(map.count, 1);
	memset(keys[7], 'x', sizeof(keys[7]));
	ck_assert_ptr_eq(amph__map_get(&map, "key 7", 5), &seven);
}
END_TEST

START_TEST(empty_and_binary_keys_are_keys)
{
	ck_assert(amph__map_put(&map, NULL, 0, &values[1]));
	ck_assert(amph__map_put(&map, "a\0b", 3, &values[2]));
	ck_assert(amph__map_put(&map, "a\0c", 3, &values[3]));
	ck_assert_ptr_eq(amph__map_get(&map, "", 0), &values[1]);
	ck_assert_ptr_eq(amph__map_get(&map, "a\0b", 3), &values[2]);
	ck_assert_ptr_eq(amph__map_get(&map, "a\0c", 3), &values[3]);
	ck_assert_ptr_null(amph__map_get(&map, "a", 1));
	ck_assert_ptr_eq(amph__map_remove(&map, "x", 0), &values[1]);
	ck_assert_ptr_null(amph__map_get(&map, NULL, 0));
}
END_TEST

START_TEST(removed_is_gone_and_others_stay)
{
	for (int i = 0; i < N; i++)
		ck_assert(put(i));
	for (int i = 0; i < N; i += 2)
		ck_assert_ptr_eq(take(i), &values[i]);
	ck_assert_uint_eq(map.count, N / 2);
	for (int i = 0; i < N; i++)
		ck_assert_ptr_eq(get(i), i % 2 == 0 ? NULL : &values[i]);
	ck_assert_ptr_null(take(0));
	for (int i = 1; i < N; i += 2)
		ck_assert_ptr_eq(take(i), &values[i]);
	ck_assert_uint_eq(map.count, 0);
	ck_assert(put(3));
	ck_assert_ptr_eq(get(3), &values[3]);
}
END_TEST

START_TEST(coming_and_going_does_not_grow)
{
	for (int i = 0; i < 100; i++)
		ck_assert(put(i));
	size_t cap = map.cap;
	for (int round = 0; round < 20000; round++) {
		int i = round % N;
		ck_assert(put(i));
		take((i + N - 100) % N);
		ck_assert_uint_le(map.used, map.cap / 4 * 3);
	}
	ck_assert_uint_le(map.cap, cap * 2);
}
END_TEST

START_TEST(next_visits_each_once)
{
	static unsigned char seen[N];
	memset(seen, 0, sizeof(seen));
	for (int i = 0; i < 1000; i++)
		ck_assert(put(i));
	const int *v;
	for (size_t i = 0; (v = amph__map_next(&map, &i)) != NULL;) {
		seen[*v]++;
		if (*v % 3 == 0)
			ck_assert_ptr_eq(take(*v), v);
	}
	for (int i = 0; i < 1000; i++)
		ck_assert_uint_eq(seen[i], 1);
}
END_TEST

START_TEST(reserve_means_no_growth)
{
	failing_alloc f;
	failing_alloc_init(&f, 2);
	amph_map own;
	amph__map_init(&own, &f.allocator, 0);
	ck_assert(amph__map_reserve(&own, N));
	for (int i = 0; i < N; i++)
		ck_assert(amph__map_put(&own, keys[i], strlen(keys[i]), &values[i]));
	ck_assert_uint_eq(f.calls, 1);
	ck_assert(!amph__map_reserve(&own, SIZE_MAX));
	ck_assert(!amph__map_reserve(&own, SIZE_MAX / 64));
	ck_assert_uint_eq(own.count, N);
	amph__map_clear(&own);
	ck_assert_uint_eq(f.live, 0);
}
END_TEST

static bool build(const amph_allocator *a, void *ctx)
{
	(void)ctx;
	amph_map own;
	amph__map_init(&own, a, 1);
	int put_count = 0;
	while (put_count < 300 &&
	       amph__map_put(&own, keys[put_count], strlen(keys[put_count]), &values[put_count]))
		put_count++;
	ck_assert_uint_eq(own.count, (size_t)put_count);
	for (int i = 0; i < put_count; i++)
		ck_assert_ptr_eq(amph__map_get(&own, keys[i], strlen(keys[i])), &values[i]);
	amph__map_clear(&own);
	return put_count == 300;
}

START_TEST(failed_growth_leaves_the_map)
{
	ck_assert_uint_gt(failing_alloc_sweep(build, NULL), 3);
}
END_TEST

/* The digests name prepared statements and migrations: they may never change. */
START_TEST(hashes_are_xxh3)
{
	ck_assert(amph__hash64("", 0, 0) == UINT64_C(0x2D06800538D394C2));
	amph_hash128 h = amph__hash128("", 0);
	ck_assert(h.hi == UINT64_C(0x99AA06D3014798D8));
	ck_assert(h.lo == UINT64_C(0x6001C324468D497F));
	ck_assert(amph__hash64("abc", 3, 0) != amph__hash64("abc", 3, 1));
	ck_assert(amph__hash64("abc", 3, 0) == UINT64_C(0x78AF5F94892F3950));
}
END_TEST

SUITE_MAIN_WITH("map", setup, teardown, empty_map_has_nothing, what_was_put_is_found, put_replaces,
		empty_and_binary_keys_are_keys, removed_is_gone_and_others_stay,
		coming_and_going_does_not_grow, next_visits_each_once, reserve_means_no_growth,
		failed_growth_leaves_the_map, hashes_are_xxh3)
