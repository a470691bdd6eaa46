/* src/model/calendar.c: days, months and years as PostgreSQL 15 counts them; year 0 is 1 BC. */
#include "src/model/calendar.h"
#include "tests/support/suite.h"
#include <string.h>

static const struct {
	int32_t days, year;
	unsigned month, day;
} dates[] = {
	{ -2440588, -4713, 11, 24 }, { -2440550, -4712, 1, 1 }, { -865567, -400, 2, 28 },
	{ -720930, -4, 2, 29 }, { -719163, 0, 12, 31 }, { -719162, 1, 1, 1 },
	{ -718008, 4, 2, 29 }, { -141427, 1582, 10, 15 }, { -135081, 1600, 2, 29 },
	{ -98616, 1699, 12, 31 }, { -25509, 1900, 2, 28 }, { -25508, 1900, 3, 1 },
	{ -1, 1969, 12, 31 }, { 0, 1970, 1, 1 }, { 11016, 2000, 2, 29 }, { 20088, 2024, 12, 31 },
	{ 47541, 2100, 3, 1 }, { 2932896, 9999, 12, 31 }, { 2932897, 10000, 1, 1 },
	{ 106762939, 294276, 12, 31 }, { 2145042905, 5874897, 12, 31 }
};

START_TEST(dates_are_so_many_days_from_1970)
{
	for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
		amph_civil c = amph__civil_of(dates[i].days);

		ck_assert_int_eq(amph__days_of(dates[i].year, dates[i].month, dates[i].day), dates[i].days);
		ck_assert_msg(c.year == dates[i].year && c.month == dates[i].month && c.day == dates[i].day,
			      "%d is %d-%u-%u", dates[i].days, c.year, c.month, c.day);
	}
}
END_TEST

/* A day after another, through 800 years around year 0 and 1,000 around today. */
static void walk(int32_t from, int32_t to)
{
	amph_civil before = amph__civil_of(from);

	for (int32_t d = from + 1; d <= to; d++) {
		amph_civil c = amph__civil_of(d);
		bool next_month = before.day == amph__days_in_month(before.year, before.month);
		bool next_year = next_month && before.month == 12;

		ck_assert_uint_eq(c.day, next_month ? 1 : before.day + 1);
		ck_assert_uint_eq(c.month, next_year ? 1 : before.month + next_month);
		ck_assert_int_eq(c.year, before.year + next_year);
		ck_assert_int_eq(amph__days_of(c.year, c.month, c.day), d);
		before = c;
	}
}

START_TEST(days_follow_each_other)
{
	walk(-866000, -573000);
	walk(-182000, 183000);
	walk(AMPH_DATE_MIN, AMPH_DATE_MIN + 1000);
	walk(AMPH_DATE_MAX - 1000, AMPH_DATE_MAX);
}
END_TEST

START_TEST(leap_years)
{
	static const struct { int64_t year; unsigned february; } years[] = {
		{ 2023, 28 }, { 2024, 29 }, { 1900, 28 }, { 2000, 29 }, { 0, 29 }, { -4, 29 },
		{ -100, 28 }, { -400, 29 }
	};

	for (size_t i = 0; i < sizeof years / sizeof *years; i++)
		ck_assert_uint_eq(amph__days_in_month(years[i].year, 2), years[i].february);
	ck_assert_uint_eq(amph__days_in_month(2024, 12), 31);
	ck_assert_uint_eq(amph__days_in_month(2024, 4), 30);
}
END_TEST

START_TEST(moments_are_split_downwards)
{
	static const struct { int64_t usec; int32_t day; int64_t of_day; } moments[] = {
		{ 0, 0, 0 }, { -1, -1, AMPH_USEC_DAY - 1 }, { AMPH_USEC_DAY, 1, 0 },
		{ -AMPH_USEC_DAY, -1, 0 }, { AMPH_TIMESTAMP_MIN, AMPH_DATE_MIN, 0 },
		{ AMPH_TIMESTAMP_MAX, 106751991, INT64_C(14454775806) }
	};

	for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
		int64_t of_day;

		ck_assert_int_eq(amph__split_moment(moments[i].usec, &of_day), moments[i].day);
		ck_assert_int_eq(of_day, moments[i].of_day);
	}
}
END_TEST

START_TEST(times_are_written_without_zeros_behind)
{
	static const struct { int64_t of_day; const char *text; } times[] = {
		{ 0, "00:00:00" }, { 1, "00:00:00.000001" }, { 100000, "00:00:00.1" },
		{ 10000, "00:00:00.01" },
		{ 11045006789, "03:04:05.006789" }, { AMPH_USEC_DAY - 1, "23:59:59.999999" },
		{ AMPH_USEC_DAY, "24:00:00" }
	};
	char out[32];

	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		*amph__put_time(out, times[i].of_day) = '\0';
		ck_assert_str_eq(out, times[i].text);
	}
	*amph__put_month_day(out, &(amph_civil){ .month = 1, .day = 9 }) = '\0';
	ck_assert_str_eq(out, "-01-09");
}
END_TEST

SUITE_MAIN("calendar", dates_are_so_many_days_from_1970, days_follow_each_other, leap_years,
	   moments_are_split_downwards, times_are_written_without_zeros_behind)
