/* Some people, and what a query of a name and a number gave, as a line. */
#ifndef TESTS_CONFORMANCE_COMPANY_H
#define TESTS_CONFORMANCE_COMPANY_H
#include "conformance.h"
#include <stdio.h>

typedef struct Line {
	const char *name;
	amph_opt_int64 n;
} Line;
AMPH_ROW(Line);
AMPH_ALIAS(Boss, Person);

static const char *lines(Line *list)
{
	static char text[512];
	size_t at = 0;

	ck_assert_msg(list != NULL, "%s %s", amph_session_error(s)->sqlstate,
		      amph_session_error(s)->message);
	text[0] = '\0';
	for (size_t i = 0; i < amph_length(list); i++) {
		at += (size_t)snprintf(text + at, sizeof text - at, "%s%s", i ? "," : "",
				       list[i].name ? list[i].name : "-");
		if (list[i].n.has)
			at += (size_t)snprintf(text + at, sizeof text - at, ":%lld",
					       (long long)list[i].n.value);
	}
	return text;
}

/* The text of a query after preprocessing is longer than a message of Check may be. */
#define IS(expected, ...)                                                                           \
	do {                                                                                        \
		const char *got_ = lines(amph_project(s, Line, __VA_ARGS__));                       \
		ck_assert_str_eq(got_, expected);                                                   \
	} while (0)

static Person *person(const char *name, int age, Person *boss)
{
	Person *p = amph_new(s, Person, .username = name, .age = age);

	ck_assert_ptr_nonnull(p);
	if (boss)
		p->boss_id = (amph_opt_int64){ boss->id, true };
	DO(amph_flush(s));
	return p;
}

/* ann leads bob and cid, bob leads dan; eve is alone */
static void company(void)
{
	Person *ann = person("ann", 60, NULL), *bob = person("bob", 50, ann);

	person("cid", 40, ann);
	person("dan", 30, bob);
	person("eve", 40, NULL);
}
#endif
