/* src/model/datetime*.c, calendar.c */
#include "amphora/value.h"
#include "src/model/calendar.h"
#include "tests/unit/model/texts.h"

START_TEST(dates)
{
	CHECK_PAIRS(AMPH_T_DATE, { "2024-01-02", "2024-01-02" }, { "Jan 2, 2024", "2024-01-02" },
		    { "2 january 2024", "2024-01-02" }, { "1/2/2024", "2024-01-02" },
		    { "20240102", "2024-01-02" }, { "240102", "2024-01-02" },
		    { "2024-jan-02", "2024-01-02" }, { "2024.033", "2024-02-02" },
		    { "J2451187", "1999-01-08" }, { "y2024m01d02", "2024-01-02" },
		    { "0044-03-15 BC", "0044-03-15 BC" }, { "1/2/69", "2069-01-02" },
		    { "1/2/70", "1970-01-02" }, { "5874897-12-31", "5874897-12-31" },
		    { "4714-11-24 BC", "4714-11-24 BC" }, { "infinity", "infinity" },
		    { "-infinity", "-infinity" }, { "epoch", "1970-01-01" },
		    { "2024-01-02 25:00", "22008" }, { "2024-02-29", "2024-02-29" },
		    { "Tuesday, 2 Jan 2024", "2024-01-02" });
	CHECK_PAIRS(AMPH_T_DATE, { "2023-02-29", "22008" }, { "2024-13-01", "22008" },
		    { "2024-00-01", "22008" }, { "0000-01-01", "22008" }, { "99-1-2", "22008" },
		    { "5874898-01-01", "22008" }, { "4714-11-23 BC", "22008" }, { "", "22007" },
		    { "x", "22007" }, { "2024-01", "22007" }, { "2024-01-02 foo", "22007" },
		    { "now", "0A000" }, { "today", "0A000" }, { "Y012024-01-02", "22007" },
		    { "/9955-03-15 BC", "22008" }, { "2024-01-02é", "22007" });
}
END_TEST

START_TEST(timestamps)
{
	CHECK_PAIRS(AMPH_T_TIMESTAMP, { "2024-01-02 03:04:05", "2024-01-02 03:04:05" },
		    { "2024-1-2 3:4", "2024-01-02 03:04:00" },
		    { "2024-01-02T03:04:05Z", "2024-01-02 03:04:05" },
		    { "20240102t030405", "2024-01-02 03:04:05" },
		    { "2024-01-02 24:00", "2024-01-03 00:00:00" },
		    { "2024-12-31 23:59:60", "2025-01-01 00:00:00" },
		    { "2024-01-01 00:00:00.1234565", "2024-01-01 00:00:00.123456" },
		    { "2024-01-01 00:00:00.1234575", "2024-01-01 00:00:00.123458" },
		    { "2024-01-01 00:00:00.9999999", "2024-01-01 00:00:01" },
		    { "2024-01-02 3:04 PM", "2024-01-02 15:04:00" },
		    { "2024-01-02 12:04 am", "2024-01-02 00:04:00" },
		    { "2024-01-02 03:04:05+05:30", "2024-01-02 03:04:05" },
		    { "0044-03-15 00:00:00 BC", "0044-03-15 00:00:00 BC" },
		    { "12024-01-02 00:00", "12024-01-02 00:00:00" },
		    { "infinity", "infinity" }, { "epoch", "1970-01-01 00:00:00" },
		    { "2024-01-02 25:00", "22008" }, { "2024-01-02 13:00 pm", "22008" },
		    { "2024-01-02 10:60", "22008" }, { "10:00", "22007" },
		    { "2024-01-02 10:00 11:00", "22007" }, { "2024-01-02 10:00:00:00", "22007" },
		    { "295000-01-01", "22008" }, { "4714-11-23 BC", "22008" });
}
END_TEST

START_TEST(timestamps_with_time_zone)
{
	CHECK_PAIRS(AMPH_T_TIMESTAMPTZ,
		    { "2024-01-02T03:04:05.123456789Z", "2024-01-02 03:04:05.123457+00" },
		    { "2024-01-02 03:04:05+05:30", "2024-01-01 21:34:05+00" },
		    { "2024-01-02 03:04:05-0800", "2024-01-02 11:04:05+00" },
		    { "2024-01-02 03:04:05-5:30:15", "2024-01-02 08:34:20+00" },
		    { "2024-01-02 03:04 EST", "2024-01-02 08:04:00+00" },
		    { "2024-01-02 03:04 UTC", "2024-01-02 03:04:00+00" },
		    { "2024-01-02 03:04", "2024-01-02 03:04:00+00" },
		    { "2024-01-02T030405+05", "2024-01-01 22:04:05+00" },
		    { "0001-01-01 00:00+01", "0001-12-31 23:00:00+00 BC" },
		    { "2024-01-02 03:04+16", "22009" }, { "2024-01-02 03:04+05:60", "22009" },
		    { "2024-01-02 03:04 foo", "22007" }, { "2024-01-02 03:04 Foo/Bar", "22023" },
		    { "2024-01-02 03:04 Europe/Paris", "2024-01-02 02:04:00+00" },
		    { "2024-01-02 03:04 EST5EDT", "2024-01-02 08:04:00+00" },
		    { "2024-01-02 03:04 MSK", "2024-01-02 00:04:00+00" },
		    { "2024-07-02 03:04 foo8bar", "2024-07-02 10:04:00+00" },
		    { "2024-01-02 03:04 foo8bar9x", "22023" },
		    { "2024-01-02 03:04+05+05", "22007" });
}
END_TEST

START_TEST(times)
{
	CHECK_PAIRS(AMPH_T_TIME, { "03:04:05", "03:04:05" }, { "24:00", "24:00:00" },
		    { "23:59:60", "24:00:00" }, { "10:11:12.1234567", "10:11:12.123457" },
		    { "9:5 pm", "21:05:00" }, { "040506", "04:05:06" }, { "0405", "04:05:00" },
		    { "04:05:06-8", "04:05:06" }, { "2024-01-02 10:00", "10:00:00" },
		    { "T10:00", "10:00:00" }, { "allballs", "00:00:00" }, { "25:00", "22008" },
		    { "24:00:01", "22008" }, { "23:59:60.5", "22008" }, { "12", "22007" },
		    { "", "22007" }, { "-1:00", "22007" }, { "infinity", "22007" });
}
END_TEST

START_TEST(days_come_and_go)
{
	int64_t before = amph__days_of(-4713, 11, 23);
	ck_assert_int_eq(before, AMPH_DATE_MIN - 1);
	for (int32_t days = AMPH_DATE_MIN; days < 8000000; days += 37) {
		amph_civil c = amph__civil_of(days);
		ck_assert_int_eq(amph__days_of(c.year, c.month, c.day), days);
		ck_assert_uint_le(c.day, amph__days_in_month(c.year, c.month));
	}
	ck_assert_int_eq(amph__days_of(5874897, 12, 31), AMPH_DATE_MAX);
	ck_assert_int_eq(amph__days_of(1970, 1, 1), 0);
}
END_TEST

static const char *day(amph_date d)
{
	static char text[AMPH_DATE_TEXT_MAX];
	amph_date_format(d, text, sizeof(text));
	return text;
}

static const char *moment(amph_timestamptz t)
{
	static char text[AMPH_TIMESTAMP_TEXT_MAX];
	amph_timestamptz_format(t, text, sizeof(text));
	return text;
}

START_TEST(made_of_numbers)
{
	ck_assert_str_eq(day(amph_date_ymd(2024, 2, 29)), "2024-02-29");
	ck_assert_str_eq(day(amph_date_ymd(2023, 2, 29)), "2023-03-01");
	ck_assert_str_eq(day(amph_date_ymd(2024, 13, 1)), "2025-01-01");
	ck_assert_str_eq(day(amph_date_ymd(2024, 0, 0)), "2023-11-30");
	ck_assert_str_eq(day(amph_date_ymd(2024, -11, 1)), "2023-01-01");
	ck_assert_str_eq(day(amph_date_ymd(0, 1, 1)), "0001-01-01 BC");
	ck_assert_str_eq(day(amph_date_ymd(INT32_MAX, 1, 1)), "infinity");
	ck_assert_str_eq(day(amph_date_ymd(INT32_MIN, 1, 1)), "-infinity");
	ck_assert_str_eq(moment(amph_timestamptz_utc(2024, 1, 2, 3, 4, 5.25)),
			 "2024-01-02 03:04:05.25+00");
	ck_assert_str_eq(moment(amph_timestamptz_utc(2024, 1, 1, 25, 61, -1)),
			 "2024-01-02 02:00:59+00");
	ck_assert_str_eq(moment(amph_timestamptz_utc(400000, 1, 1, 0, 0, 0)), "infinity");
	ck_assert_str_eq(moment(amph_timestamptz_utc(-5000, 1, 1, 0, 0, 0)), "-infinity");
	ck_assert_int_eq(amph_timestamp_at(1970, 1, 1, 0, 0, 1e-6).usec, 1);
	ck_assert_int_eq(amph_time_hms(23, 59, 60).usec, AMPH_USEC_DAY);
	ck_assert_int_eq(amph_time_hms(99, 0, 0).usec, AMPH_USEC_DAY);
	ck_assert_int_eq(amph_time_hms(0, 0, -1).usec, 0);
	int y, m, d;
	ck_assert(amph_date_split(amph_date_ymd(2024, 2, 29), &y, &m, &d));
	ck_assert_int_eq(y * 10000 + m * 100 + d, 20240229);
	ck_assert(amph_date_split(amph_date_ymd(2024, 2, 29), NULL, NULL, NULL));
	ck_assert(!amph_date_split(AMPH_INFINITY_DATE, &y, &m, &d));
}
END_TEST

START_TEST(public_parsers_leave_out_alone_on_failure)
{
	amph_date date = { 7 };
	amph_time time = { 7 };
	amph_timestamp stamp = { 7 };
	amph_timestamptz utc = { 7 };
	ck_assert(!amph_date_parse("2024-02-30", &date, &error));
	ck_assert_str_eq(error.sqlstate, "22008");
	ck_assert(!amph_date_parse("2024-01-02x", &date, NULL));
	ck_assert(!amph_time_parse("25:00", &time, NULL));
	ck_assert(!amph_time_parse("03:04:05x", &time, NULL));
	ck_assert(!amph_timestamp_parse("2024-01-02 03:04:05x", &stamp, NULL));
	ck_assert(!amph_timestamptz_parse("2024-01-02 03:04:05 Asia/Nowhere", &utc, &error));
	ck_assert_int_eq(date.days + time.usec + stamp.usec + utc.usec, 28);
	ck_assert(amph_timestamptz_parse("2024-01-02 03:04:05+01", &utc, &error));
	ck_assert_str_eq(moment(utc), "2024-01-02 02:04:05+00");
}
END_TEST

START_TEST(text_without_end)
{
	static char text[100000];
	memset(text, '1', sizeof(text) - 1);
	ck_assert_str_eq(through_text(AMPH_T_TIMESTAMP, text, strlen(text)), "22007");
	for (size_t i = 1; i < sizeof(text) - 1; i += 2)
		text[i] = ' ';
	ck_assert_str_eq(through_text(AMPH_T_TIMESTAMP, text, strlen(text)), "22007");
}
END_TEST

SUITE_MAIN_WITH("datetime", setup_texts, teardown_texts, dates, timestamps,
		timestamps_with_time_zone, times, days_come_and_go, made_of_numbers,
		public_parsers_leave_out_alone_on_failure, text_without_end)
