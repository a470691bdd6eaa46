/* A test program in few lines: tests with START_TEST and END_TEST, then
 *
 *	SUITE_MAIN("arena", arena_aligns, arena_survives_failure)
 *
 * Each test runs in a process of its own, so that a crash fails one test. Arguments: --nofork
 * runs all in one (also CK_FORK=no), --list prints the names, others are parts of names of the
 * tests to run. */
#ifndef TESTS_SUPPORT_SUITE_H
#define TESTS_SUPPORT_SUITE_H
#include <check.h>
#include <stddef.h>

typedef struct suite {
	const char *name;
	const TTest *const *tests;
	size_t n_tests;
	SFun setup, teardown;           /* of each test; may be NULL */
	SFun at_end;                    /* once, whatever became of the tests; may be NULL */
} suite;

/* Runs the tests that argv asks for; the exit status of main. */
int suite_run(const suite *suites, size_t n_suites, int argc, char **argv);

#define SUITE_MAIN(title, ...) SUITE_MAIN_WITH(title, NULL, NULL, __VA_ARGS__)
#define SUITE_MAIN_WITH(title, before, after, ...)                                        \
	SUITE_MAIN_AT_END(title, before, after, NULL, __VA_ARGS__)
#define SUITE_MAIN_AT_END(title, before, after, end, ...)                                 \
	int main(int argc, char **argv)                                                   \
	{                                                                                 \
		const TTest *const tests_[] = { __VA_ARGS__ };                            \
		const suite suite_ = { .name = (title), .tests = tests_,                  \
				       .n_tests = sizeof(tests_) / sizeof(tests_[0]),     \
				       .setup = (before), .teardown = (after),            \
				       .at_end = (end) };                                 \
		return suite_run(&suite_, 1, argc, argv);                                 \
	}
#endif
