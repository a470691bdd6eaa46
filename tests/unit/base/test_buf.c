/* src/base/buf.c */
#include "src/base/buf.h"
#include "tests/support/failing_alloc.h"
#include "tests/support/suite.h"
#include <stdint.h>
#include <string.h>

static amph_buf buf;

static void setup(void)
{
	amph__buf_init(&buf, &amph__libc_allocator);
}

static void teardown(void)
{
	amph__buf_clear(&buf);
}

START_TEST(empty_is_an_empty_text)
{
	ck_assert_str_eq(amph__buf_text(&buf), "");
	amph__buf_reset(&buf);
	ck_assert_str_eq(amph__buf_text(&buf), "");
	amph__buf_add(&buf, NULL, 0);
	ck_assert_str_eq(amph__buf_text(&buf), "");
	ck_assert(!buf.failed);
}
END_TEST

START_TEST(appends_in_order)
{
	amph__buf_puts(&buf, "SELECT ");
	amph__buf_putc(&buf, '"');
	amph__buf_add(&buf, "größexxx", 7);
	amph__buf_putc(&buf, '"');
	amph__buf_printf(&buf, " LIMIT %d", 20);
	ck_assert_str_eq(amph__buf_text(&buf), "SELECT \"größe\" LIMIT 20");
	ck_assert_uint_eq(buf.len, strlen(buf.text));
}
END_TEST

START_TEST(a_nul_is_a_byte_like_others)
{
	amph__buf_add(&buf, "a\0b", 3);
	ck_assert_uint_eq(buf.len, 3);
	ck_assert_mem_eq(buf.text, "a\0b", 4);
}
END_TEST

START_TEST(printf_grows_where_it_must)
{
	for (int i = 1; i <= 300; i++) {
		amph__buf_reset(&buf);
		amph__buf_puts(&buf, "x");
		amph__buf_printf(&buf, "%*d", i, 7);
		ck_assert_uint_eq(buf.len, (size_t)i + 1);
		ck_assert_int_eq(buf.text[i], '7');
		ck_assert_int_eq(buf.text[i + 1], '\0');
	}
}
END_TEST

START_TEST(never_exceeds_its_maximum)
{
	buf.max = 100;
	for (int i = 0; i < 100; i++)
		amph__buf_putc(&buf, 'x');
	ck_assert(!buf.failed);
	amph__buf_putc(&buf, 'y');
	ck_assert(buf.failed);
	ck_assert_uint_eq(buf.len, 100);
	amph__buf_reset(&buf);
	amph__buf_printf(&buf, "%100d", 1);
	ck_assert(!buf.failed);
	amph__buf_printf(&buf, "%d", 1);
	ck_assert(buf.failed);
	ck_assert_uint_eq(strlen(buf.text), 100);
	amph__buf_reset(&buf);
	amph__buf_printf(&buf, "%101d", 1);
	ck_assert(buf.failed);
	ck_assert_str_eq(amph__buf_text(&buf), "");
	amph__buf_reset(&buf);
	ck_assert_ptr_null(amph__buf_reserve(&buf, SIZE_MAX));
	amph__buf_clear(&buf);
	ck_assert_uint_eq(buf.max, 100);
}
END_TEST

START_TEST(failure_is_sticky)
{
	failing_alloc f;
	failing_alloc_init(&f, 2);
	amph_buf b;
	amph__buf_init(&b, &f.allocator);
	amph__buf_puts(&b, "kept");
	amph__buf_printf(&b, "%1000d", 1);
	ck_assert(b.failed);
	amph__buf_puts(&b, " lost");
	ck_assert_str_eq(amph__buf_text(&b), "kept");
	amph__buf_reset(&b);
	amph__buf_puts(&b, "again");
	ck_assert_str_eq(amph__buf_text(&b), "again");
	amph__buf_clear(&b);
	ck_assert_uint_eq(f.live, 0);
}
END_TEST

START_TEST(reserve_gives_room_to_write)
{
	amph__buf_puts(&buf, "ab");
	char *at = amph__buf_reserve(&buf, 500);
	ck_assert_ptr_nonnull(at);
	memset(at, 'c', 500);
	buf.len += 500;
	ck_assert_uint_eq(strlen(amph__buf_text(&buf)), 502);
	ck_assert_ptr_nonnull(amph__buf_reserve(&buf, 0));
	ck_assert_uint_eq(strlen(amph__buf_text(&buf)), 502);
}
END_TEST

START_TEST(quotes_are_doubled)
{
	amph__buf_quote(&buf, "größe", '"');
	amph__buf_quote(&buf, "\"a\"\"b", '"');
	amph__buf_quote(&buf, "it's", '\'');
	amph__buf_quote(&buf, "", '\'');
	ck_assert_str_eq(amph__buf_text(&buf), "\"größe\"" "\"\"\"a\"\"\"\"b\"" "'it''s'" "''");
}
END_TEST

START_TEST(quotes_and_backslashes_are_escaped)
{
	amph__buf_escape(&buf, "a\\b\"");
	amph__buf_escape(&buf, "it's");
	amph__buf_escape(&buf, "");
	ck_assert_str_eq(amph__buf_text(&buf), "\"a\\\\b\\\"\"" "\"it's\"" "\"\"");
}
END_TEST

static bool build(const amph_allocator *a, void *ctx)
{
	(void)ctx;
	amph_buf b;
	amph__buf_init(&b, a);
	for (int i = 0; i < 2000; i++)
		amph__buf_printf(&b, "%d,", i);
	bool ok = !b.failed;
	ck_assert(!ok || b.len == 8890);
	amph__buf_clear(&b);
	return ok;
}

START_TEST(survives_each_failure)
{
	ck_assert_uint_gt(failing_alloc_sweep(build, NULL), 5);
}
END_TEST

SUITE_MAIN_WITH("buf", setup, teardown, empty_is_an_empty_text, appends_in_order,
		a_nul_is_a_byte_like_others, printf_grows_where_it_must, never_exceeds_its_maximum,
		failure_is_sticky, reserve_gives_room_to_write, quotes_are_doubled,
		quotes_and_backslashes_are_escaped, survives_each_failure)
