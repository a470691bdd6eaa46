/* src/model/interval*.c */
#include "amphora/value.h"
#include "tests/unit/model/texts.h"

START_TEST(verbose_forms)
{
	CHECK_PAIRS(AMPH_T_INTERVAL, { "1 day 2:03:04", "1 day 02:03:04" },
		    { "1.5 months", "1 mon 15 days" }, { "-1 day +2 hours", "-1 days +02:00:00" },
		    { "90 minutes", "01:30:00" }, { "@ 1 hour ago", "-01:00:00" },
		    { "36 hours", "36:00:00" }, { "1 week", "7 days" },
		    { "1 year 2 mons -3 days", "1 year 2 mons -3 days" }, { "0", "00:00:00" },
		    { "1-2 3 4:5:6.7", "1 year 2 mons 3 days 04:05:06.7" },
		    { "-1-2", "-1 years -2 mons" }, { "2:3.5", "00:02:03.5" }, { "5", "00:00:05" },
		    { "1 millennium 1 decade", "1010 years" }, { "0.5 day", "12:00:00" },
		    { "250 ms", "00:00:00.25" }, { "100000:00:00", "100000:00:00" },
		    { "-00:00:01", "-00:00:01" }, { "1 day -00:00:01", "1 day -00:00:01" },
		    { "1 mon -1 day 1us", "1 mon -1 days +00:00:00.000001" });
	CHECK_PAIRS(AMPH_T_INTERVAL, { "", "22007" }, { "day", "22007" }, { "1 foo", "22007" },
		    { "1 day 1 day", "22007" }, { "ago", "22007" }, { "1:2:3:4", "22007" },
		    { "infinity", "22007" }, { "1 quarter", "22007" },
		    { "9999999999 years", "22015" }, { "2147483647 years", "22008" },
		    { "1:99", "22015" });
}
END_TEST

START_TEST(iso_8601)
{
	CHECK_PAIRS(AMPH_T_INTERVAL, { "P1Y2M3DT4H5M6S", "1 year 2 mons 3 days 04:05:06" },
		    { "P-1Y2M", "-10 mons" }, { "PT0.5S", "00:00:00.5" }, { "P1W", "7 days" },
		    { "P0001-02-03T04:05:06", "1 year 2 mons 3 days 04:05:06" },
		    { "P00010203T040506", "1 year 2 mons 3 days 04:05:06" }, { "P1e3D", "1000 days" },
		    { "P", "22007" }, { "P1", "1 year" }, { "P1H", "22007" }, { "PT1D", "22007" },
		    { "P 1Y", "22007" }, { "P1Y-", "22007" }, { "P99999999999Y", "22015" });
}
END_TEST

START_TEST(order_takes_a_month_for_thirty_days)
{
	amph_interval month = { .months = 1 }, days = { .days = 30 }, hours = { 0 };
	amph_interval huge = { INT64_MAX, INT32_MAX, INT32_MAX };
	amph_interval least = { INT64_MIN, INT32_MIN, INT32_MIN };
	hours.usec = INT64_C(720) * 3600 * 1000000;
	ck_assert_int_eq(amph_interval_compare(month, days), 0);
	ck_assert_int_eq(amph_interval_compare(days, hours), 0);
	ck_assert_int_gt(amph_interval_compare(huge, month), 0);
	ck_assert_int_lt(amph_interval_compare(least, huge), 0);
	int64_t hi, lo;
	ck_assert(amph__interval_to_usec(&month, &hi, &lo));
	ck_assert_int_eq(lo, hours.usec);
	ck_assert_int_eq(hi, 0);
	ck_assert(!amph__interval_to_usec(&huge, &hi, &lo));
	ck_assert_int_gt(hi, 0);
	amph_slot slot = { .type = AMPH_T_INTERVAL };
	ck_assert(!amph__slot_equal(&slot, &month, &days));
}
END_TEST

START_TEST(extremes_print)
{
	amph_interval least = { INT64_MIN, INT32_MIN, INT32_MIN };
	char text[AMPH_INTERVAL_TEXT_MAX];
	ck_assert_uint_lt(amph_interval_format(least, text, sizeof(text)), sizeof(text));
	ck_assert_str_eq(text, "-178956970 years -8 mons -2147483648 days "
			 "-2562047788:00:54.775808");
	ck_assert_uint_eq(amph_interval_format(least, NULL, 0), strlen(text));
	ck_assert_uint_eq(amph_interval_format((amph_interval){ 0 }, text, 4), 8);
	ck_assert_str_eq(text, "00:");
	amph_interval i = { .days = 5 };
	ck_assert(!amph_interval_parse("nonsense", &i, &error));
	ck_assert_int_eq(i.days, 5);
}
END_TEST

SUITE_MAIN_WITH("interval", setup_texts, teardown_texts, verbose_forms, iso_8601,
		order_takes_a_month_for_thirty_days, extremes_print)
