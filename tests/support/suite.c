/* Runs suites of Check. */
#include "suite.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_SECONDS = 120 };

static bool is_wanted(const char *name, int argc, char **argv)
{
	bool named = false;
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] == '-')
			continue;
		if (strstr(name, argv[i]) != NULL)
			return true;
		named = true;
	}
	return !named;
}

static bool has_option(const char *option, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], option) == 0)
			return true;
	}
	return false;
}

/* A case for each test: CK_RUN_CASE chooses one, and a message names it. */
static Suite *suite_make(const suite *s, int argc, char **argv)
{
	Suite *made = suite_create(s->name);
	for (size_t i = 0; i < s->n_tests; i++) {
		if (!is_wanted(s->tests[i]->name, argc, argv))
			continue;
		TCase *one = tcase_create(s->tests[i]->name);
		tcase_set_timeout(one, TIMEOUT_SECONDS);
		if (s->setup != NULL || s->teardown != NULL)
			tcase_add_checked_fixture(one, s->setup, s->teardown);
		tcase_add_test(one, s->tests[i]);
		suite_add_tcase(made, one);
	}
	return made;
}

static void list(const suite *suites, size_t n_suites)
{
	for (size_t i = 0; i < n_suites; i++) {
		for (size_t k = 0; k < suites[i].n_tests; k++)
			printf("%s %s\n", suites[i].name, suites[i].tests[k]->name);
	}
}

int suite_run(const suite *suites, size_t n_suites, int argc, char **argv)
{
	if (has_option("--list", argc, argv)) {
		list(suites, n_suites);
		return EXIT_SUCCESS;
	}
	SRunner *runner = srunner_create(NULL);
	for (size_t i = 0; i < n_suites; i++)
		srunner_add_suite(runner, suite_make(&suites[i], argc, argv));
	if (has_option("--nofork", argc, argv))
		srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_ENV);
	for (size_t i = 0; i < n_suites; i++)
		if (suites[i].at_end)
			suites[i].at_end();
	int ran = srunner_ntests_run(runner);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	if (ran == 0)
		fprintf(stderr, "%s: no test has such a name; --list shows them\n", argv[0]);
	return ran > 0 && failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
