/* backends/sqlite/functions/regex/regex_parse.c: what is no regular expression, in the words of PostgreSQL
 * 15; and how many groups one has. */
#include "backends/sqlite/functions/regex/regex.h"
#include "tests/support/failing_alloc.h"
#include "tests/support/suite.h"
#include <string.h>

static amph_arena arena;
static amph_error err;

static void setup(void)
{
	amph__arena_init(&arena, &amph__libc_allocator);
}

static void teardown(void)
{
	amph__arena_clear(&arena);
}

static amph_regex *parse(const char *pattern, const char *flags)
{
	err = (amph_error){ 0 };
	return amph__regex_parse(pattern, strlen(pattern), flags, &arena, &err);
}

START_TEST(mistakes_are_told_as_postgresql_does)
{
	static const struct { const char *pattern, *message; } wrong[] = {
		{ "(", "parentheses () not balanced" },
		{ "a)", "parentheses () not balanced" },
		{ "[a", "brackets [] not balanced" },
		{ "[b-a]", "invalid character range" },
		{ "a{2,1}", "invalid repetition count(s)" },
		{ "a{256}", "invalid repetition count(s)" },
		{ "a**", "quantifier operand invalid" },
		{ "*a", "quantifier operand invalid" },
		{ "+a", "quantifier operand invalid" },
		{ "(?z)a", "invalid embedded option" },
		{ "(?<n>a)", "quantifier operand invalid" },
		{ "[[:foo:]]", "invalid character class" },
		{ "\\", "invalid escape \\ sequence" },
		{ "a{1", "braces {} not balanced" }, { "a{1,", "braces {} not balanced" },
		{ "a{300", "braces {} not balanced" }, { "a{2,1", "braces {} not balanced" },
		{ "a{1x", "invalid repetition count(s)" }, { "a{1,x", "invalid repetition count(s)" },
		{ "[\\d-z]", "invalid character range" }, { "[a-b-c]", "invalid character range" },
		{ "[a-[=b=]]", "invalid character range" }, { "[[=b=]-d]", "invalid character range" },
		{ "[a--]", "invalid character range" }, { "[a-b--]", "invalid character range" },
		{ "[[.hyphen", "brackets [] not balanced" }, { "[[..]]", "invalid collating element" },
		{ "[[::]]", "invalid character class" }, { "[[.Hyphen.]]", "invalid collating element" },
		{ "[[.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.]]", "invalid collating element" },
		{ "[[:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:]]", "invalid character class" },
		{ "\\1", "invalid backreference number" },
		{ "(a)\\2", "invalid backreference number" },
		{ "[[.foo.]]", "invalid collating element" },
		{ "a{1,2}{3}", "quantifier operand invalid" },
		{ "\\u12", "invalid escape \\ sequence" },
		{ "(?=a", "parentheses () not balanced" },
		{ "[a-\\d]", "invalid character range" },
		{ "(?", "quantifier operand invalid" },
		{ "a?\??", "quantifier operand invalid" },
		{ "***?a", "invalid regexp (reg version 0.8)" },
		{ "(?i", "invalid embedded option" },
		{ "[[=", "brackets [] not balanced" },
		{ "\\x", "invalid escape \\ sequence" },
		{ "\\q", "invalid escape \\ sequence" },
		{ "(?<=a)*", "quantifier operand invalid" },
		{ "^*", "quantifier operand invalid" },
		{ "(*a)", "quantifier operand invalid" },
		{ "[[:alpha:]-z]", "invalid character range" },
		{ "a\\", "invalid escape \\ sequence" },
	};

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		ck_assert_msg(!parse(wrong[i].pattern, ""), "%s is taken", wrong[i].pattern);
		ck_assert_msg(!strcmp(err.sqlstate, "2201B") && strstr(err.message, wrong[i].message),
			      "%s: %s %s", wrong[i].pattern, err.sqlstate, err.message);
	}
}
END_TEST

START_TEST(what_looks_like_a_mistake_and_is_none)
{
	static const struct { const char *pattern; int groups; } right[] = {
		{ "a{x}", 0 }, { "()", 1 }, { "\\cA", 0 }, { "x{0,255}", 0 }, { "a{,3}", 0 }, { "]", 0 },
		{ "{", 0 },
		{ "[+--a]", 0 }, { "[---]", 0 }, { "[]-a]", 0 }, { "[[:alpha:]-]", 0 }, { "[a-c-]", 0 },
		{ "a|", 0 }, { "((a)(b(c)))", 4 }, { "(?:a)(b)", 1 }, { "[(]", 0 }, { "\\(", 0 },
		{ "***=(((", 0 }
	};

	for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
		const amph_regex *re = parse(right[i].pattern, NULL);

		ck_assert_msg(re != NULL, "%s: %s", right[i].pattern, err.message);
		ck_assert_msg(re->n_groups == right[i].groups, "%s: %d", right[i].pattern, re->n_groups);
	}
}
END_TEST

START_TEST(flags_are_known_or_refused)
{
	ck_assert_ptr_nonnull(parse("a", "icnpwstxq"));
	ck_assert_ptr_null(parse("a", "z"));
	ck_assert_str_eq(err.sqlstate, "22023");
	ck_assert_str_eq(err.message, "invalid regular expression option: \"z\"");
	ck_assert_ptr_null(parse("\\(a\\)", "b"));
	ck_assert_str_eq(err.sqlstate, "0A000");
}
END_TEST

/* A group in a group ten thousand times is refused or parsed, but does not overflow the stack. */
START_TEST(deep_nesting_ends)
{
	static char deep[20002];

	memset(deep, '(', 10000);
	deep[10000] = 'a';
	memset(deep + 10001, ')', 10000);
	ck_assert(parse(deep, "") || !strcmp(err.sqlstate, "2201B") || !strcmp(err.sqlstate, "54001"));
}
END_TEST

static bool build(const amph_allocator *allocator, void *ctx)
{
	static const char pattern[] = "(?i)(a|[b-d[:digit:]])+?\\1{2,3}(?!x)\\yé";
	amph_arena a;
	amph_error e = { 0 };

	(void)ctx;
	amph__arena_init(&a, allocator);
	const amph_regex *re = amph__regex_parse(pattern, strlen(pattern), "n", &a, &e);
	bool ok = re != NULL;

	ck_assert(ok ? re->n_groups == 1 : !strcmp(e.sqlstate, "53200"));
	amph__arena_clear(&a);
	return ok;
}

START_TEST(parsing_survives_failed_allocations)
{
	ck_assert_uint_gt(failing_alloc_sweep(build, NULL), 1);
}
END_TEST

SUITE_MAIN_WITH("regex_parse", setup, teardown, mistakes_are_told_as_postgresql_does,
		what_looks_like_a_mistake_and_is_none, flags_are_known_or_refused, deep_nesting_ends,
		parsing_survives_failed_allocations)
