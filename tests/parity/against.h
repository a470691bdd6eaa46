/* Two databases beside each other, for tests/parity/run --against. */
#ifndef TESTS_PARITY_AGAINST_H
#define TESTS_PARITY_AGAINST_H
#include <stdbool.h>
#include <stdio.h>

/* Runs the statements of in on url and on other; prints where they differ. */
bool run_against(const char *url, const char *other, const char *file, FILE *in);
#endif
