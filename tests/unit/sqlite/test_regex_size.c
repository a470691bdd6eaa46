/* backends/sqlite/functions/regex/regex_size.c: PostgreSQL 15 takes so many parts, and one more is "too
 * complex"; the numbers are those at which it gives up. */
#include "backends/sqlite/functions/regex/regex.h"
#include "tests/support/suite.h"
#include <string.h>

static bool is_taken(const char *part, size_t n)
{
	amph_arena a;
	amph_error err = { 0 };
	size_t len = strlen(part);

	amph__arena_init(&a, &amph__libc_allocator);
	char *pattern = amph__arena_alloc(&a, len * n);
	for (size_t i = 0; i < n; i++)
		memcpy(pattern + i * len, part, len);
	bool taken = amph__regex_parse(pattern, len * n, "", &a, &err);

	ck_assert_msg(taken || (!strcmp(err.sqlstate, "2201B") && strstr(err.message, "too complex")), "%s",
		      err.message);
	amph__arena_clear(&a);
	return taken;
}

START_TEST(the_limit_is_postgresqls)
{
	ck_assert(is_taken("x?", 1543));
	ck_assert(!is_taken("x?", 1544));
	ck_assert(is_taken("x*", 1542));
	ck_assert(!is_taken("x*", 1544));
}
END_TEST

START_TEST(what_is_only_long_is_taken)
{
	ck_assert(is_taken("x", 20000));
	ck_assert(is_taken("(x)", 200));
}
END_TEST

SUITE_MAIN("regex_size", the_limit_is_postgresqls, what_is_only_long_is_taken)
