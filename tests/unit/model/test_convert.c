/* src/model/convert.c */
#include "amphora/value.h"
#include "tests/support/failing_alloc.h"
#include "tests/unit/model/texts.h"

static const char *converted(int from, const char *text, int to)
{
	any in = { .integer = 0 }, out = { .integer = 0 };
	amph_slot slot = { .type = (uint8_t)to };
	amph__buf_reset(&printed);
	ck_assert(amph__types[from].parse(text, strlen(text), &in, &arena, &error));
	if (!amph__convert(from, &in, to, &out, &arena, &error))
		return error.sqlstate;
	amph__slot_format(&slot, &out, &printed);
	return amph__buf_text(&printed);
}

typedef struct conversion { int from; const char *text; int to; const char *out; } conversion;
static void check_all(const conversion *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *out = converted(c[i].from, c[i].text, c[i].to);
		ck_assert_msg(strcmp(out, c[i].out) == 0, "%s %s to %s: %s, not %s",
			      amph__types[c[i].from].name, c[i].text, amph__types[c[i].to].name, out,
			      c[i].out);
	}
}
#define CHECK_ALL(...)                                                                         \
	do {                                                                                   \
		const conversion c_[] = { __VA_ARGS__ };                                       \
		check_all(c_, sizeof(c_) / sizeof(c_[0]));                                     \
	} while (0)

START_TEST(numbers)
{
	CHECK_ALL({ AMPH_T_INT64, "32767", AMPH_T_INT16, "32767" },
		  { AMPH_T_INT64, "32768", AMPH_T_INT16, "22003" },
		  { AMPH_T_INT64, "-2147483649", AMPH_T_INT32, "22003" },
		  { AMPH_T_INT16, "-5", AMPH_T_INT64, "-5" },
		  { AMPH_T_INT32, "7", AMPH_T_NUMERIC, "7" }, { AMPH_T_INT64, "7", AMPH_T_DOUBLE, "7" },
		  { AMPH_T_INT64, "9223372036854775807", AMPH_T_FLOAT, "9.223372e+18" },
		  { AMPH_T_DOUBLE, "2.5", AMPH_T_INT32, "2" }, { AMPH_T_DOUBLE, "3.5", AMPH_T_INT32, "4" },
		  { AMPH_T_DOUBLE, "-2.5", AMPH_T_INT64, "-2" },
		  { AMPH_T_DOUBLE, "NaN", AMPH_T_INT64, "22003" },
		  { AMPH_T_DOUBLE, "9223372036854775808", AMPH_T_INT64, "22003" },
		  { AMPH_T_DOUBLE, "-9223372036854775808", AMPH_T_INT64, "-9223372036854775808" },
		  { AMPH_T_DOUBLE, "0.1", AMPH_T_FLOAT, "0.1" },
		  { AMPH_T_DOUBLE, "1e308", AMPH_T_FLOAT, "22003" },
		  { AMPH_T_DOUBLE, "1e-60", AMPH_T_FLOAT, "22003" },
		  { AMPH_T_FLOAT, "0.1", AMPH_T_DOUBLE, "0.10000000149011612" },
		  { AMPH_T_DOUBLE, "0.30000000000000004", AMPH_T_NUMERIC, "0.3" },
		  { AMPH_T_FLOAT, "0.1", AMPH_T_NUMERIC, "0.1" },
		  { AMPH_T_DOUBLE, "-Infinity", AMPH_T_NUMERIC, "-Infinity" },
		  { AMPH_T_NUMERIC, "2.5", AMPH_T_INT32, "3" },
		  { AMPH_T_NUMERIC, "40000", AMPH_T_INT16, "22003" },
		  { AMPH_T_NUMERIC, "NaN", AMPH_T_INT64, "0A000" },
		  { AMPH_T_NUMERIC, "0.1", AMPH_T_DOUBLE, "0.1" },
		  { AMPH_T_NUMERIC, "1e400", AMPH_T_DOUBLE, "22003" },
		  { AMPH_T_NUMERIC, "NaN", AMPH_T_FLOAT, "NaN" });
}
END_TEST

START_TEST(dates_and_times)
{
	CHECK_ALL({ AMPH_T_DATE, "2024-01-02", AMPH_T_TIMESTAMP, "2024-01-02 00:00:00" },
		  { AMPH_T_DATE, "infinity", AMPH_T_TIMESTAMPTZ, "infinity" },
		  { AMPH_T_DATE, "500000-01-01", AMPH_T_TIMESTAMP, "22008" },
		  { AMPH_T_TIMESTAMP, "1969-12-31 23:00", AMPH_T_DATE, "1969-12-31" },
		  { AMPH_T_TIMESTAMPTZ, "-infinity", AMPH_T_DATE, "-infinity" },
		  { AMPH_T_TIMESTAMP, "1969-12-31 23:00", AMPH_T_TIME, "23:00:00" },
		  { AMPH_T_TIMESTAMP, "infinity", AMPH_T_TIME, "22008" },
		  { AMPH_T_TIMESTAMP, "2024-01-02 03:04", AMPH_T_TIMESTAMPTZ, "2024-01-02 03:04:00+00" },
		  { AMPH_T_TIME, "03:04", AMPH_T_INTERVAL, "03:04:00" },
		  { AMPH_T_INTERVAL, "1 day -1 hour", AMPH_T_TIME, "23:00:00" });
}
END_TEST

START_TEST(by_way_of_text)
{
	CHECK_ALL({ AMPH_T_BOOL, "t", AMPH_T_TEXT, "true" }, { AMPH_T_TEXT, "yes", AMPH_T_BOOL, "t" },
		  { AMPH_T_TEXT, "12", AMPH_T_INT32, "12" }, { AMPH_T_TEXT, "x", AMPH_T_INT32, "22P02" },
		  { AMPH_T_DOUBLE, "1e15", AMPH_T_TEXT, "1e+15" },
		  { AMPH_T_TEXT, "{\"b\":1}", AMPH_T_JSON, "{\"b\": 1}" },
		  { AMPH_T_BOOL, "t", AMPH_T_INT32, "1" }, { AMPH_T_INT32, "0", AMPH_T_BOOL, "f" },
		  { AMPH_T_UUID, "a0eebc999c0b4ef8bb6d6bb9bd380a11", AMPH_T_UUID,
		    "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11" });
}
END_TEST

START_TEST(what_there_is_not)
{
	CHECK_ALL({ AMPH_T_BOOL, "t", AMPH_T_INT64, "42846" },
		  { AMPH_T_DATE, "epoch", AMPH_T_INT32, "42846" },
		  { AMPH_T_DOUBLE, "1", AMPH_T_BOOL, "42846" },
		  { AMPH_T_INT32, "1", AMPH_T_DATE, "42846" });
	any in = { .integer = 0 }, out;
	ck_assert(!amph__convert(AMPH_T_NONE, &in, AMPH_T_INT32, &out, &arena, &error));
	ck_assert(!amph__convert(-1, &in, 99, &out, &arena, &error));
	ck_assert(!amph__convert(AMPH_T_ENUM, &in, AMPH_T_TEXT, &out, &arena, &error));
}
END_TEST

static bool work(const amph_allocator *a, void *ctx)
{
	amph_arena own;
	double number = 0.1;
	amph_numeric n = amph_dec(12345678901234567890.5);
	any out;
	(void)ctx;
	amph__arena_init(&own, a);
	bool ok = amph__convert(AMPH_T_DOUBLE, &number, AMPH_T_TEXT, &out, &own, NULL) &&
		  amph__convert(AMPH_T_NUMERIC, &n, AMPH_T_DOUBLE, &out, &own, NULL) &&
		  amph__convert(AMPH_T_NUMERIC, &n, AMPH_T_TEXT, &out, &own, NULL);
	amph__arena_clear(&own);
	return ok;
}

START_TEST(survives_each_failure)
{
	ck_assert_uint_gt(failing_alloc_sweep(work, NULL), 2);
}
END_TEST

SUITE_MAIN_WITH("convert", setup_texts, teardown_texts, numbers, dates_and_times, by_way_of_text,
		what_there_is_not, survives_each_failure)
