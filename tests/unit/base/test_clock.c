/* src/base/clock.c */
#include "src/base/clock.h"
#include "tests/support/suite.h"
#include <string.h>
#include <time.h>

START_TEST(now_is_the_time_of_day)
{
	int64_t before = (int64_t)time(NULL);
	int64_t now = amph__system_clock.now_usec(amph__system_clock.ctx);
	int64_t after = (int64_t)time(NULL) + 1;
	ck_assert_int_ge(now, (before - 1) * 1000000);
	ck_assert_int_le(now, after * 1000000);
}
END_TEST

START_TEST(monotonic_does_not_go_back)
{
	int64_t last = amph__monotonic_usec();
	for (int i = 0; i < 1000; i++) {
		int64_t now = amph__monotonic_usec();
		ck_assert_int_ge(now, last);
		last = now;
	}
}
END_TEST

START_TEST(random_fills_every_byte)
{
	unsigned char seen[1000] = { 0 };
	for (int round = 0; round < 20; round++) {
		unsigned char bytes[1000];
		ck_assert(amph__system_clock.random(amph__system_clock.ctx, bytes, sizeof(bytes)));
		for (size_t i = 0; i < sizeof(bytes); i++)
			seen[i] |= bytes[i];
	}
	for (size_t i = 0; i < sizeof(seen); i++)
		ck_assert_uint_ne(seen[i], 0);
	ck_assert(amph__system_clock.random(amph__system_clock.ctx, NULL, 0));
}
END_TEST

SUITE_MAIN("clock", now_is_the_time_of_day, monotonic_does_not_go_back, random_fills_every_byte)
