/* src/model/wire.c */
#include "src/model/calendar.h"
#include "src/model/wire.h"
#include "tests/support/suite.h"
#include <string.h>

static const char *stored(int64_t usec, bool tz)
{
	static char text[AMPH_STORED_TIME_MAX + 1];
	text[amph__timestamp_store(usec, tz, text)] = '\0';
	return text;
}

static const char *stored_date(int32_t days)
{
	static char text[AMPH_STORED_TIME_MAX + 1];
	text[amph__date_store(days, text)] = '\0';
	return text;
}

static int64_t usec_of(int64_t year, unsigned month, unsigned day)
{
	return amph__days_of(year, month, day) * AMPH_USEC_DAY;
}

START_TEST(common_years_are_postgresql_text)
{
	int64_t t = usec_of(2024, 1, 2) + 3 * AMPH_USEC_HOUR + 4 * AMPH_USEC_MINUTE +
		    5 * AMPH_USEC_SECOND;
	ck_assert_str_eq(stored(t, false), "2024-01-02 03:04:05");
	ck_assert_str_eq(stored(t + 500000, true), "2024-01-02 03:04:05.5+00");
	ck_assert_str_eq(stored(t + 1, false), "2024-01-02 03:04:05.000001");
	ck_assert_str_eq(stored(usec_of(1, 1, 1), false), "0001-01-01 00:00:00");
	ck_assert_str_eq(stored(-1, false), "1969-12-31 23:59:59.999999");
	ck_assert_str_eq(stored_date((int32_t)amph__days_of(9999, 12, 31)), "9999-12-31");
}
END_TEST

START_TEST(other_years_sort_as_bytes)
{
	ck_assert_str_eq(stored(usec_of(12024, 1, 2), true), "Y012024-01-02 00:00:00+00");
	ck_assert_str_eq(stored(usec_of(-43, 3, 15), true), "/9955-03-15 00:00:00+00 BC");
	ck_assert_str_eq(stored(usec_of(0, 12, 31), false), "/9998-12-31 00:00:00 BC");
	ck_assert_str_eq(stored(INT64_MAX, true), "infinity");
	ck_assert_str_eq(stored(INT64_MIN, false), "-infinity");
	ck_assert_str_eq(stored_date(AMPH_DATE_MAX), "Z5874897-12-31");
	ck_assert_str_eq(stored_date(AMPH_DATE_MIN), "/5285-11-24 BC");
}
END_TEST

START_TEST(order_of_text_is_order_of_time)
{
	int64_t at[] = {
		INT64_MIN, AMPH_TIMESTAMP_MIN, usec_of(-43, 3, 15), usec_of(-43, 3, 15) + 1,
		usec_of(-43, 3, 15) + AMPH_USEC_SECOND, usec_of(0, 12, 31), usec_of(1, 1, 1), -1, 0,
		1, 100000, 450000, 500000, AMPH_USEC_SECOND, usec_of(2024, 2, 29), usec_of(9999, 12, 31),
		usec_of(10000, 1, 1), usec_of(12024, 1, 2), usec_of(294246, 1, 1), AMPH_TIMESTAMP_MAX,
		INT64_MAX,
	};
	char before[AMPH_STORED_TIME_MAX + 1];
	for (int tz = 0; tz < 2; tz++) {
		for (size_t i = 1; i < sizeof(at) / sizeof(at[0]); i++) {
			memcpy(before, stored(at[i - 1], tz), sizeof(before));
			ck_assert_str_lt(before, stored(at[i], tz));
		}
	}
}
END_TEST

START_TEST(what_is_stored_is_loaded)
{
	uint64_t seed = 42;
	for (int i = 0; i < 100000; i++) {
		seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		int64_t t = (int64_t)seed, back = 0;
		if (t < AMPH_TIMESTAMP_MIN)
			t = -t;
		char text[AMPH_STORED_TIME_MAX];
		size_t len = amph__timestamp_store(t, i % 2, text);
		ck_assert(amph__timestamp_load(text, len, &back));
		ck_assert_int_eq(back, t);
		int32_t days = (int32_t)(seed % AMPH_DATE_MAX), day_back = 0;
		len = amph__date_store(days, text);
		ck_assert(amph__date_load(text, len, &day_back));
		ck_assert_int_eq(day_back, days);
		int64_t time = (int64_t)(seed % (uint64_t)(AMPH_USEC_DAY + 1)), time_back = 0;
		len = amph__time_store(time, text);
		ck_assert(amph__time_load(text, len, &time_back));
		ck_assert_int_eq(time_back, time);
	}
}
END_TEST

START_TEST(other_texts_are_refused)
{
	static const char *const texts[] = {
		"", "2024", "2024-01-02", "2024-13-02 00:00:00", "2024-02-30 00:00:00",
		"2024-01-02 24:00:01", "2024-01-02 00:60:00", "2024-01-02 00:00:60",
		"2024-01-02 00:00:00.", "2024-01-02 00:00:00.1234567", "2024-01-02 00:00:00+01",
		"2024-01-02 00:00:00 BC", "/9955-03-15 00:00:00", "2024-01-02T00:00:00",
		"0000-01-01 00:00:00", "Y12024-01-02 00:00:00", "X012024-01-02 00:00:00",
		"/9999-01-02 00:00:00 BC", "Y999999-01-01 00:00:00", "Infinity", "20a4-01-02 00:00:00",
		"2024-01-02 00:00:00 ",
	};
	int64_t usec;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_msg(!amph__timestamp_load(texts[i], strlen(texts[i]), &usec), "%s", texts[i]);
	int32_t days;
	ck_assert(!amph__date_load("2024-01-02 ", 11, &days));
	ck_assert(!amph__date_load("Z9999999-01-01", 14, &days));
	ck_assert(!amph__date_load("4714-11-23 BC", 13, &days));
	ck_assert(!amph__time_load("24:00:00.000001", 15, &usec));
	ck_assert(!amph__time_load("1:00:00", 7, &usec));
}
END_TEST

SUITE_MAIN("wire", common_years_are_postgresql_text, other_years_sort_as_bytes,
	   order_of_text_is_order_of_time, what_is_stored_is_loaded, other_texts_are_refused)
