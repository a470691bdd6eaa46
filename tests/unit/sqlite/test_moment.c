/* backends/sqlite/functions/time/moment.c: what .datetime() of SQL/JSON paths reads, writes and compares. */
#include "backends/sqlite/functions/time/moment.h"
#include "tests/support/failing_alloc.h"
#include "tests/support/suite.h"
#include "call.h"
#include <string.h>

static char *message;

static sl_call here(void)
{
	return (sl_call){ .message = &message, .env = &call_env, .arena = &call_arena };
}

static sl_moment read_iso(const char *text)
{
	sl_call c = here();
	sl_moment m;
	amph_error err = { 0 };

	ck_assert_msg(amph__sl_moment_read_iso(&c, text, &m, &err), "%s: %s", text, err.message);
	return m;
}

static const char *written(const sl_moment *m)
{
	amph_buf b;

	amph__buf_init(&b, &amph__libc_allocator);
	amph__sl_moment_put(m, &b);
	const char *out = amph__arena_printf(&call_arena, "%s %s", amph__buf_text(&b),
					     amph__sl_moment_type(m));
	amph__buf_clear(&b);
	return out;
}

START_TEST(each_form_of_iso_8601_is_read_and_written)
{
	static const struct { const char *text, *written; } cases[] = {
		{ "2020-01-02", "\"2020-01-02\" date" },
		{ "12:34:56", "\"12:34:56\" time without time zone" },
		{ "03:04:05.25", "\"03:04:05.25\" time without time zone" },
		{ "12:34:56-01:30", "\"12:34:56-01:30\" time with time zone" },
		{ "12:34:56.5+02", "\"12:34:56.5+02:00\" time with time zone" },
		{ "2020-01-02 03:04:05", "\"2020-01-02T03:04:05\" timestamp without time zone" },
		{ "2020-01-02T03:04:05.6", "\"2020-01-02T03:04:05.6\" timestamp without time zone" },
		{ "2020-01-02 03:04:05-11:30", "\"2020-01-02T03:04:05-11:30\" timestamp with time zone" },
		{ "2020-01-02T03:04:05.6+02", "\"2020-01-02T03:04:05.6+02:00\" timestamp with time zone" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		sl_moment m = read_iso(cases[i].text);

		ck_assert_str_eq(written(&m), cases[i].written);
	}
}
END_TEST

START_TEST(whatever_else_is_22031)
{
	static const char *const bad[] = { "", " ", "yesterday", "2020-13-02", "2020-02-30", "24:00:00x",
					   "2020", "2020-01-02x", "größe",
					   "2020-01-02 03:04:05 Europe/Berlin" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		sl_call c = here();
		sl_moment m;
		amph_error err = { 0 };

		ck_assert_msg(!amph__sl_moment_read_iso(&c, bad[i], &m, &err), "%s", bad[i]);
		ck_assert_str_eq(err.sqlstate, "22031");
		ck_assert_ptr_null(message);
	}
}
END_TEST

START_TEST(a_template_is_read_to_the_letter)
{
	sl_call c = here();
	sl_moment m;
	amph_error err = { 0 };
	const char *bc = "YYYY-MM-DD HH24 BC TZH";

	ck_assert(amph__sl_moment_read(&c, "0044-03-15 10 BC +02", bc, strlen(bc), &m, &err));
	ck_assert_str_eq(written(&m), "\"0044-03-15T10:00:00+02:00 BC\" timestamp with time zone");
	ck_assert(!amph__sl_moment_read(&c, "0044-03-15", bc, strlen(bc), &m, &err));
	ck_assert_ptr_null(message);
}
END_TEST

/* "<", "=", ">", and "?" where a zone is wanted to tell; "none": they do not compare. */
static const char *compared(const char *a, const char *b)
{
	sl_moment x = read_iso(a), y = read_iso(b);
	bool needs_zone = false;
	int order = 0;

	if (!amph__sl_moment_compare(&x, &y, &order, &needs_zone))
		return "none";
	return amph__arena_printf(&call_arena, "%s%s", order < 0 ? "<" : order > 0 ? ">" : "=",
				  needs_zone ? "?" : "");
}

START_TEST(order_is_that_of_instants)
{
	ck_assert_str_eq(compared("2020-01-02", "2020-01-02"), "=");
	ck_assert_str_eq(compared("2020-01-02", "2020-01-02 00:00:00"), "=");
	ck_assert_str_eq(compared("2020-01-02", "2020-01-02 00:00:01"), "<");
	ck_assert_str_eq(compared("2020-01-02 00:00:01", "2020-01-02"), ">");
	ck_assert_str_eq(compared("2020-01-02 03:00:00+02", "2020-01-02 01:00:00+00"), "=");
	ck_assert_str_eq(compared("2020-01-02 03:00:00", "2020-01-02 01:00:00+00"), ">?");
	ck_assert_str_eq(compared("0001-01-01", "9999-12-31"), "<");
	ck_assert_str_eq(compared("10:00:00", "10:00:00.000001"), "<");
}
END_TEST

/* The same instant, written further in the east, is less, as in timetz. */
START_TEST(times_of_one_instant_are_told_by_their_zones)
{
	ck_assert_str_eq(compared("12:00:00+02", "10:00:00+00"), "<");
	ck_assert_str_eq(compared("12:00:00+02", "12:00:00+02:00"), "=");
	ck_assert_str_eq(compared("12:00:00+02", "11:00:00+00"), "<");
	ck_assert_str_eq(compared("12:00:00", "10:00:00+00"), ">?");
	ck_assert_str_eq(compared("12:00:00", "2020-01-01"), "none");
	ck_assert_str_eq(compared("2020-01-01 12:00:00", "12:00:00"), "none");
}
END_TEST

static bool put(const amph_allocator *a, void *ctx)
{
	amph_buf b;

	amph__buf_init(&b, a);
	amph__sl_moment_put(ctx, &b);
	bool ok = !b.failed;
	amph__buf_clear(&b);
	return ok;
}

START_TEST(survives_each_failed_allocation)
{
	sl_moment m = read_iso("2020-01-02T03:04:05.6+02");

	ck_assert_uint_gt(failing_alloc_sweep(put, &m), 1);
}
END_TEST

SUITE_MAIN_WITH("moments of JSON paths", call_setup, call_teardown, each_form_of_iso_8601_is_read_and_written,
		whatever_else_is_22031, a_template_is_read_to_the_letter, order_is_that_of_instants,
		times_of_one_instant_are_told_by_their_zones, survives_each_failed_allocation)
