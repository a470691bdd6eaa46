/* What the tests of expressions share: one row that has a value of each type and one that is NULL
 * but for its key, and the value and SQL type of an expression over either. */
#ifndef TESTS_CONFORMANCE_EXPR_H
#define TESTS_CONFORMANCE_EXPR_H
#include "conformance.h"

#define FULL 1
#define EMPTY 2
#define C(f) col(Maybe, f)

void add_maybes(void);
/* expected NULL: the value must be NULL; type NULL: any */
void check_cell(amph_rows *r, const char *expected, const char *type, const char *what, int line);
void check_lacking(amph_rows *r, const char *expected, const char *type, const char *name,
		   const char *what, int line);
/* The failure must have this state, and a message with these parts, divided by "|". */
void check_refusal(amph_rows *r, const char *sqlstate, const char *parts, const char *what, int line);

#define OF_ROW(row, x)                                                                           \
	amph_rows_of(s, Maybe, .fields = fields(as("x", x)), .where = eq(col(Maybe, id), row))
#define IS(expected, type, x) check_cell(OF_ROW(FULL, x), expected, type, #x, __LINE__)
#define IS_NULL_(type, x) check_cell(OF_ROW(EMPTY, x), NULL, type, #x, __LINE__)
#define REFUSED(sqlstate, parts, x)                                                              \
	check_refusal(OF_ROW(FULL, x), sqlstate, parts, #x, __LINE__)
/* What SQLite may lack: then it says so, with this name. */
#define IS_OR_LACKS(expected, type, name, x)                                                     \
	check_lacking(OF_ROW(FULL, x), expected, type, name, #x, __LINE__)
#endif
