/* Statements of text on SQLite, run again and again in one session, each time with another allocation of the
 * library that fails: what failed says so and leaves what was there, what succeeded is done. */
#ifndef TESTS_UNIT_SCHEMA_SWEPT_H
#define TESTS_UNIT_SCHEMA_SWEPT_H
#include <stddef.h>

typedef struct swept {
	const char *sql;
	const char *question;           /* a query of one text, asked before and after */
	const char *before, *after;     /* its answer; "!" and the SQLSTATE of a failure */
} swept;

/* In a database that begin has made. */
void sweep_statements(const char *begin, const swept *statements, size_t n);
#endif
