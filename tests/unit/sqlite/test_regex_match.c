/* backends/sqlite/functions/regex/regex_match.c: where a match and its parentheses begin and end. The places
 * are those of PostgreSQL 15, by regexp_instr, counted from 0. */
#include "backends/sqlite/functions/regex/regex.h"
#include "tests/support/failing_alloc.h"
#include "tests/support/suite.h"
#include <string.h>

#define NOWHERE { -1, -1 }

static const struct {
	const char *pattern, *flags, *text;
	amph_re_span spans[4];          /* the whole, then each group; NOWHERE first: no match */
} cases[] = {
	{ "a", "", "banana", { { 1, 2 } } },
	{ "a+", "", "caaat", { { 1, 4 } } },
	{ "a+?", "", "caaat", { { 1, 2 } } },
	{ "(a+)(b*)", "", "xaabb", { { 1, 5 }, { 1, 3 }, { 3, 5 } } },
	{ "(a*)(ab)*(b*)", "", "abb", { { 0, 3 }, { 0, 1 }, NOWHERE, { 1, 3 } } },
	{ "(a|ab)(c|bcd)(d*)", "", "abcd", { { 0, 4 }, { 0, 2 }, { 2, 3 }, { 3, 4 } } },
	{ "(a|ab)(bcd|c)(d*)?", "", "abcd", { { 0, 4 }, { 0, 2 }, { 2, 3 }, { 3, 4 } } },
	{ "x*", "", "aaa", { { 0, 0 } } },
	{ "", "", "abc", { { 0, 0 } } },
	{ "^", "", "abc", { { 0, 0 } } },
	{ "$", "", "abc", { { 3, 3 } } },
	{ "^b", "", "a\nb", { NOWHERE } },
	{ "^b", "n", "a\nb", { { 2, 3 } } },
	{ "a$", "n", "a\nb", { { 0, 1 } } },
	{ "a.b", "", "a\nb", { { 0, 3 } } },
	{ "a.b", "n", "a\nb", { NOWHERE } },
	{ "a.b", "s", "a\nb", { { 0, 3 } } },
	{ "[^x]b", "n", "\nb", { NOWHERE } },
	{ "^b", "w", "a\nb", { { 2, 3 } } },
	{ "a.b", "w", "a\nb", { { 0, 3 } } },
	{ "a.b", "p", "a\nb", { NOWHERE } },
	{ "^b", "p", "a\nb", { NOWHERE } },
	{ "ABC", "i", "xabc", { { 1, 4 } } },
	{ "[A-C]+", "i", "xabcz", { { 1, 4 } } },
	{ "stra\303\237e", "i", "STRASSE STRA\303\237E", { { 8, 14 } } },
	{ "\303\211", "i", "x\303\251", { { 1, 2 } } },
	{ "\\d+", "", "ab123c", { { 2, 5 } } },
	{ "\\w+", "", "--h\303\251\303\251_9!", { { 2, 7 } } },
	{ "\\s+", "", "a \t\nb", { { 1, 4 } } },
	{ "\\D\\W\\S", "", "1a-b", { { 1, 4 } } },
	{ "[[:alpha:]]+", "", "12ab3", { { 2, 4 } } },
	{ "[[:digit:][:space:]]+", "", "a1 2b", { { 1, 4 } } },
	{ "[^[:punct:]]+", "", "!!ab.c", { { 2, 4 } } },
	{ "\\mfoo", "", "xfoo foo", { { 5, 8 } } },
	{ "foo\\M", "", "foox foo", { { 5, 8 } } },
	{ "\\yfoo\\y", "", "xfoo foo", { { 5, 8 } } },
	{ "\\Yoo", "", "oo foo", { { 4, 6 } } },
	{ "[[:<:]]b[[:>:]]", "", "ab b", { { 3, 4 } } },
	{ "\\Aa", "n", "b\na", { NOWHERE } },
	{ "a\\Z", "n", "a\nb", { NOWHERE } },
	{ "(\\w)\\1", "", "hello", { { 2, 4 }, { 2, 3 } } },
	{ "(a*)b\\1", "", "aabaa", { { 0, 5 }, { 0, 2 } } },
	{ "(.)(.)\\2\\1", "", "xabbay", { { 1, 5 }, { 1, 2 }, { 2, 3 } } },
	{ "([abc])\\1*", "", "abbbc", { { 0, 1 }, { 0, 1 } } },
	{ "^(x+)\\1$", "", "xxxxxx", { { 0, 6 }, { 0, 3 } } },
	{ "a{2}", "", "aaaa", { { 0, 2 } } },
	{ "a{2,3}", "", "aaaa", { { 0, 3 } } },
	{ "a{2,3}?", "", "aaaa", { { 0, 2 } } },
	{ "a{0}", "", "a", { { 0, 0 } } },
	{ "(ab){2,}", "", "xababab", { { 1, 7 }, { 5, 7 } } },
	{ "a{,3}", "", "a{,3}", { { 0, 5 } } },
	{ "(a{1,2}){2}", "", "aaaa", { { 0, 4 }, { 2, 4 } } },
	{ "a(?=b)", "", "acab", { { 2, 3 } } },
	{ "a(?!b)", "", "abac", { { 2, 3 } } },
	{ "(?<=a)b", "", "bab", { { 2, 3 } } },
	{ "(?<!a)b", "", "abcb", { { 3, 4 } } },
	{ "(?:ab)+", "", "xabab", { { 1, 5 } } },
	{ "(?i)ABC", "", "xabc", { { 1, 4 } } },
	{ "(?x) a b # c\n c", "", "abc", { { 0, 3 } } },
	{ "***=a.c", "", "abc a.c", { { 4, 7 } } },
	{ "***:a.c", "", "abc", { { 0, 3 } } },
	{ "a\\.b", "", "axb a.b", { { 4, 7 } } },
	{ "\\x41", "", "A", { { 0, 1 } } },
	{ "\\u00e9", "", "\303\251", { { 0, 1 } } },
	{ "\\t", "", "a\tb", { { 1, 2 } } },
	{ "[\\d-]+", "", "a1-2", { { 1, 4 } } },
	{ "[]a]+", "", "x]a", { { 1, 3 } } },
	{ "[^]a]+", "", "]ax", { { 2, 3 } } },
	{ "[a\\]]+", "", "x]a", { { 1, 3 } } },
	{ "[-a]", "", "b-", { { 1, 2 } } },
	{ "[\303\251-\303\274]+", "", "x\303\251\303\266\303\274z", { { 1, 4 } } },
	{ "a|b|", "", "c", { { 0, 0 } } },
	{ "|a", "", "a", { { 0, 1 } } },
	{ "(|a)+", "", "aaa", { { 0, 3 }, { 3, 3 } } },
	{ "(a|b)*?c", "", "ababc", { { 0, 5 }, { 3, 4 } } },
	{ "(a*)*", "", "aab", { { 0, 2 }, { 0, 2 } } },
	{ "(a*)+", "", "b", { { 0, 0 }, { 0, 0 } } },
	{ "(a?)*?b", "", "aab", { { 0, 3 }, { 1, 2 } } },
	{ "(a|aa)*?$", "", "aaaa", { { 0, 4 }, { 2, 4 } } },
	{ "(a+?)(a*)", "", "aaa", { { 0, 1 }, { 0, 1 }, { 1, 1 } } },
	{ "(a+)(a*?)", "", "aaa", { { 0, 3 }, { 0, 3 }, { 3, 3 } } },
	{ "(?:a+?)a*", "", "aaa", { { 0, 1 } } },
	{ "\\B", "", "a", { NOWHERE } },
	{ "[[.hyphen.]]", "", "a-b", { { 1, 2 } } },
	{ "[[=hyphen=]]", "", "b-", { { 1, 2 } } },
	{ "[[.hyphen.]-[.right-brace.]]+", "", "\002-}~", { { 1, 3 } } },
	{ "[[=e=]]", "", "xe", { { 1, 2 } } },
	{ "b.*?d", "", "abcdbcd", { { 1, 4 } } },
	{ "b.*d", "", "abcdbcd", { { 1, 7 } } },
	{ "(b.*?)(d*)", "", "abcdd", { { 1, 2 }, { 1, 2 }, { 2, 2 } } },
	{ "a+", "q", "aa a+", { { 3, 5 } } },
	{ "\346\227\245\346\234\254", "", "x\346\227\245\346\234\254y", { { 1, 3 } } },
	{ "(\360\237\230\200)+", "", "a\360\237\230\200\360\237\230\200", { { 1, 3 }, { 2, 3 } } },
	{ "ab$", "", "ab\n", { NOWHERE } },
	{ ".$", "", "\303\251", { { 0, 1 } } },
	{ "[[:upper:]]+", "i", "abC", { { 0, 3 } } },
	{ "\\w{3}", "", "\303\251\303\240\303\274", { { 0, 3 } } },
};

/* -1: no memory; or whether there is a match. */
static int search(amph_arena *a, const char *pattern, const char *flags, const char *text, size_t from,
		  amph_re_span **spans)
{
	amph_error err = { 0 };
	amph_re_text t;
	amph_regex *re = amph__regex_parse(pattern, strlen(pattern), flags, a, &err);

	if (!re || !amph__re_text(text, strlen(text), &t, a)) {
		ck_assert_msg(re || !strcmp(err.sqlstate, "53200"), "%s: %s", pattern, err.message);
		return -1;
	}
	*spans = AMPH_NEWS(a, amph_re_span, (size_t)re->n_groups + 1);
	return *spans ? amph__regex_search(re, &t, (int64_t)from, *spans, a) : -1;
}

START_TEST(matches_and_groups_are_where_postgresql_has_them)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		amph_arena a;
		amph_re_span *spans;
		const amph_re_span *want = cases[i].spans;

		amph__arena_init(&a, &amph__libc_allocator);
		int found = search(&a, cases[i].pattern, cases[i].flags, cases[i].text, 0, &spans);

		ck_assert_msg(found == (want[0].start >= 0), "%s over %s: %d", cases[i].pattern,
			      cases[i].text, found);
		for (size_t k = 0; found && k < 4 && (k == 0 || want[k].end); k++)
			ck_assert_msg(spans[k].start == want[k].start && spans[k].end == want[k].end,
				      "%s over %s: group %zu is %d to %d", cases[i].pattern, cases[i].text, k,
				      (int)spans[k].start, (int)spans[k].end);
		amph__arena_clear(&a);
	}
}
END_TEST

/* What stands before the place is still seen: by ^, \\m, and by what looks behind. */
START_TEST(a_search_goes_on_from_a_place)
{
	static const struct { const char *pattern, *text; size_t from; int start; } from[] = {
		{ "a", "aba", 1, 2 }, { "^a", "aa", 1, -1 }, { "\\ma", "aa a", 1, 3 },
		{ "(?<=a)b", "ab", 1, 1 },
		{ "x*", "aax", 1, 1 }, { "$", "ab", 2, 2 }, { "a", "a", 1, -1 }, { "", "", 0, 0 }
	};

	for (size_t i = 0; i < sizeof from / sizeof *from; i++) {
		amph_arena a;
		amph_re_span *spans;

		amph__arena_init(&a, &amph__libc_allocator);
		int found = search(&a, from[i].pattern, "", from[i].text, from[i].from, &spans);

		ck_assert_msg((found ? (int)spans[0].start : -1) == from[i].start, "%s in %s from %zu",
			      from[i].pattern, from[i].text, from[i].from);
		amph__arena_clear(&a);
	}
}
END_TEST

/* What would take for ever by trying each way: none of these may. */
START_TEST(nested_repetitions_end)
{
	static const char *const patterns[] = { "(a*)*b", "(a|aa)+$", "(a|a?)+b", "((a+)+)+c",
						"(a*)*(a*)*(a*)*x" };
	char text[3001];
	amph_arena a;
	amph_re_span *spans;

	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
		amph__arena_init(&a, &amph__libc_allocator);
		ck_assert_int_eq(search(&a, patterns[i], "", text, 0, &spans), i == 1);
		amph__arena_clear(&a);
	}
}
END_TEST

static bool match(const amph_allocator *allocator, void *ctx)
{
	amph_arena a;
	amph_re_span *spans;

	(void)ctx;
	amph__arena_init(&a, allocator);
	int found = search(&a, "(a|b)*?(\\w)\\2(?=[[:digit:]])", "i", "xabAcc1", 0, &spans);

	ck_assert(found < 0 || (found == 1 && spans[2].start == 4 && spans[0].end == 6));
	amph__arena_clear(&a);
	return found == 1;
}

START_TEST(a_search_survives_failed_allocations)
{
	ck_assert_uint_ge(failing_alloc_sweep(match, NULL), 3);
}
END_TEST

SUITE_MAIN("regex_match", matches_and_groups_are_where_postgresql_has_them, a_search_goes_on_from_a_place,
	   nested_repetitions_end, a_search_survives_failed_allocations)
